/** Headers of several lines in tab-delimited text, where no ruling line says what stands under what. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { columns, report as text } from './table-3.ts'

const registry = loadRegistry()

/** The report with other figures in every row of seven zeros: a row prints n+1, n+2 ... n+6 and their sum. */
function filled(source: string): { text: string; rows: number } {
  let rows = 0
  const made = source.replace(/\t0(?:\t0){6}(?=\t?\r?\n)/g, (zeros, at) => {
    if (at > source.indexOf('四、政府信息公开行政复议')) return zeros
    const figures = [1, 2, 3, 4, 5, 6].map((figure) => figure + rows)
    rows++
    return `\t${[...figures, figures.reduce((sum, figure) => sum + figure, 0)].join('\t')}`
  })
  return { text: made, rows }
}

async function rowsOf(source: string): Promise<Map<string, (number | null)[]>> {
  const { facts } = await readReport(Buffer.from(source), { fileName: null }, registry)
  const rows = new Map<string, (number | null)[]>()
  for (const { code, value } of facts) {
    const [table, row, column] = code.split('.')
    if (table !== 't3') continue
    if (!rows.has(row!))
      rows.set(
        row!,
        columns.map(() => null),
      )
    rows.get(row!)![columns.indexOf(column!)] = value
  }
  return rows
}

describe('the real header, whose total stands beside the applicants’ label, a line above their kinds', () => {
  const header = text.split('\n').find((line) => line.includes('申请人情况'))!

  it.each([
    ['as printed', (source: string) => source],
    ['without empty fields at the ends', (source: string) => source.replace(/\t+$/gm, '')],
    [
      'with empty fields lost in the header',
      (source: string) => source.replace(/申请人情况\t+总计/, '申请人情况\t总计'),
    ],
    [
      'with all empty fields lost in the header',
      (source: string) =>
        source
          .split('\n')
          .map((line) => (/申请人情况|法人或其他组织|商业企业/.test(line) ? line.replace(/\t+/g, '\t') : line))
          .join('\n'),
    ],
  ])('%s', async (_name, change) => {
    expect(header).toMatch(/申请人情况\t+总计/)
    const { text: source, rows: count } = filled(text)
    expect(count).toBe(25)
    const rows = await rowsOf(change(source))
    expect(
      [...rows.values()].every((row, index) => row.every((value, place) => place === 6 || value === index + place + 1)),
    ).toBe(true)
    expect([...rows.values()].map((row) => row[6])).toEqual([...rows].map((_, index) => 6 * index + 21))
  })
})

describe('a column of the report’s own, behind the kinds of organisations', () => {
  const withSubtotal = (source: string, label: string): string =>
    source
      .replace(/^(.*?)((?:\t\d+){6})(\t\d+\t*)$/gm, (line, front, parts: string, total, at) => {
        if (at > source.indexOf('四、政府信息公开行政复议')) return line
        const [, ...organisations] = parts.slice(1).split('\t').map(Number)
        return `${front}${parts}\t${organisations.reduce((sum, one) => sum + one, 0)}${total}`
      })
      .replace(/^(\t*商业企业.*其他)\t*$/m, `$1\t${label}`)

  it.each(['小计', '合计', '法人小计'])('%s is not the total of all applicants', async (label) => {
    const source = withSubtotal(filled(text).text, label)
    expect(source).toContain(`其他\t${label}`)
    expect([...(await rowsOf(source)).values()]).toEqual([...(await rowsOf(filled(text).text)).values()])
  })

  it('is not taken for it on account of one wrong figure', async () => {
    const wrong = withSubtotal(text, '小计').replace(/^(一、本年新收.*\t)0(\t*)$/m, '$15$2')
    const { facts, notices } = await readReport(Buffer.from(wrong), { fileName: null }, registry)
    const total = facts.find(({ code }) => code === 't3.new_received.total')!
    expect([total.state, total.value]).toEqual(['unreadable', null])
    expect(notices.map(({ code }) => code)).toContain('headers_contradict')
  })
})
