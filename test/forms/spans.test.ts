/** Tables whose merged cells have spans that are not those of the form: figures stay in their rows and columns, or open. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const sample = readFileSync(new URL('../../samples/hongze-2023.html', import.meta.url))
const report = new TextDecoder('gb18030').decode(sample).replace('charset=gb2312', 'charset=utf-8')
const third = report.match(/<table[\s\S]*?<\/table>/g)!.find((one) => one.includes('结转下年度继续办理'))!
const read = (table: string) => readReport(Buffer.from(report.replace(third, table)), { fileName: null }, registry)
const valuesOf = ({ facts }: Awaited<ReturnType<typeof read>>) =>
  facts.map(({ code, state, value }) => `${code} ${state} ${value}`)

const groups = [...third.matchAll(/<td[^>]*rowspan="(\d+)"[^>]*>([^<]*)</g)]
  .map(([, span, label]) => ({ span: Number(span), label: label! }))
  .filter(({ label }) => /本年度办理结果|不予公开|无法提供|不予处理/.test(label))

describe('a group label over another number of rows', () => {
  it('is told apart from the labels under it', () => {
    expect(groups.length).toBe(3)
  })

  for (const { span, label } of groups) {
    for (const by of [-1, 1]) {
      it(`${label} over ${span + by} rows instead of ${span}`, async () => {
        const cell = third.match(new RegExp(`<td[^>]*>${label}`))![0]
        const moved = third.replace(cell, cell.replace(`rowspan="${span}"`, `rowspan="${span + by}"`))
        expect(moved).not.toBe(third)
        expect(valuesOf(await read(moved))).toEqual(valuesOf(await read(third)))
      })
    }
  }
})

describe('a header that stands one column beside its figures', () => {
  const pushed = third
    .replace('rowspan="3"', 'rowspan="3" data-corner')
    .replace(/colspan="3"([^>]*data-corner)/, 'colspan="4"$1')
  const withoutZeros = (table: string): string =>
    table.replace(/(<td[^>]*>(?:<p[^>]*>)?(?:<span[^>]*>)?)0((?:<\/span>)?(?:<\/p>)?<\/td>)/g, '$1$2')

  it('gives each figure to its column where all are filled', async () => {
    expect(pushed).not.toBe(third)
    expect(valuesOf(await read(pushed))).toEqual(valuesOf(await read(third)))
  })

  it('gives no figure to another column where most are blank', async () => {
    const right = new Set(valuesOf(await read(withoutZeros(third))))
    const { facts } = await read(withoutZeros(pushed))
    const told = facts
      .filter(({ state }) => state === 'number')
      .map(({ code, state, value }) => `${code} ${state} ${value}`)
    expect(told.filter((one) => !right.has(one))).toEqual([])
    expect(told.length).toBeGreaterThan(20)
  })
})
