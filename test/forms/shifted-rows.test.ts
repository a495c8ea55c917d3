/** Rows of table 3 that lost a cell and have a blank one elsewhere: as many cells as columns, and figures one column off. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { columns, report } from './table-3.ts'

const registry = loadRegistry()
type Row = readonly (number | '')[]

/** The report with these figures of requests received, granted and processed, and all others as they are. */
function read(received: Row, granted: Row, processed: Row): Promise<Reading> {
  const rows: readonly (readonly [RegExp, Row])[] = [
    [/^(一、本年新收政府信息公开申请数量\t\t)[\d\t]*$/m, received],
    [/^(三、本年度办理结果\t\(一\) 予以公开\t)[\d\t]*$/m, granted],
    [/^(\t+\(七\) 总计\t)[\d\t]*$/m, processed],
  ]
  let text = report.replaceAll('\r', '')
  for (const [row, figures] of rows) {
    expect(text).toMatch(row)
    text = text.replace(row, (_, label: string) => `${label}${figures.join('\t')}`)
  }
  return readReport(new TextEncoder().encode(text), { fileName: 'rundong-2021.txt' }, registry)
}

const received = ({ facts }: Reading): (number | string | null)[] =>
  columns.map((column) => {
    const fact = facts.find(({ code }) => code === `t3.new_received.${column}`)
    return fact?.state === 'number' ? fact.value : (fact?.state ?? null)
  })
const codesOf = ({ notices }: Reading): string[] => notices.map(({ code }) => code)
const right: Row = [5, 3, 0, 0, 0, 0, 8]

describe('a row that is short of a cell and has a blank one more', () => {
  it('is not read where its figures moved', async () => {
    const reading = await read(['', 5, 3, 0, 0, 0, 8], right, right)
    // Where among the noughts the blank belongs is not known either.
    const unread = new Array<string>(6).fill('unreadable')
    expect(received(reading)).toEqual([...unread, 8])
    expect(codesOf(reading)).toContain('row_shifted')
  })

  it('is read as printed where one figure alone stands beside its column, and nobody is blamed', async () => {
    const sparse: Row = ['', 3, '', '', '', '', 3]
    const reading = await read([3, '', '', '', '', '', 3], sparse, sparse)
    expect(received(reading)).toEqual([3, 'blank', 'blank', 'blank', 'blank', 'blank', 3])
    expect(codesOf(reading)).toContain('row_shifted')
    const broken = reading.findings.filter(({ rule }) => rule === 'ogi2021.t3_balance')
    expect(broken.length).toBeGreaterThan(1)
    expect(new Set(broken.map(({ fault }) => fault))).toEqual(new Set(['undecided']))
  })

  it.each([
    ['blanks and no broken sum', [5, 3, '', '', '', '', 8] as Row],
    ['a wrong figure', [5, 4, '', '', '', '', 8] as Row],
    ['two wrong figures', [4, 5, '', '', '', '', 8] as Row],
  ])('is no row with %s', async (_, row) => {
    const reading = await read(row, right, right)
    expect(received(reading)).toEqual(row.map((one) => (one === '' ? 'blank' : one)))
    expect(codesOf(reading)).not.toContain('row_shifted')
  })
})
