/** What a page marks and hides by style: raised marks of footnotes, sections and rows that are not shown. */
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

describe('a figure with a mark behind it that a style raises', () => {
  const mark = '<span style="font-size:8px;vertical-align: super">'
  const figures = (text: string): string => third.replace(/(\d+)(<\/span><\/p><\/td>)/g, `$1${text}$2`)

  it.each(['1', '[1]', '注2'])('%s is read without it', async (text) => {
    const marked = figures(`${mark}${text}</span>`)
    expect(marked).not.toBe(third)
    expect(valuesOf(await read(marked))).toEqual(valuesOf(await read(third)))
  })

  it('is not, where what is raised can be no mark', async () => {
    const { facts } = await read(figures(`${mark}123</span>`))
    expect(facts.find(({ code }) => code === 't3.new_received.total')?.text).toBe('21123')
  })
})

describe('a table that the page does not show', () => {
  const hide = ' style="display: none"'
  const told = async (table: string) => {
    const { status, notices, findings } = await read(table)
    const hidden = notices.flatMap(({ code, data }) => (code === 'hidden_content' ? [String(data.text)] : []))
    const lacking = findings.filter(({ rule }) => /tables_complete|missing_cells/.test(rule)).map(({ fault }) => fault)
    return { status, hidden, lacking }
  }

  it('is told, and no fault of the report, where it stands in a section to be opened', async () => {
    const { status, hidden, lacking } = await told(`<div${hide}>${third}</div>`)
    expect(status).toBe('partial')
    expect(hidden.length).toBe(1)
    expect(hidden[0]).toContain('自然人')
    expect(lacking).toEqual(['reading'])
  })

  it.each([
    ['rows', (table: string) => table.replace(/<tr>(?=<td[^>]*>2\.没有现成信息)/, `<tr${hide}>`)],
    ['a body', (table: string) => table.replace(/<tr>(?=<td[^>]*>四、结转)/, `</tbody><tbody${hide}><tr>`)],
  ])('is told of %s', async (_what, change) => {
    const changed = change(third)
    expect(changed).not.toBe(third)
    const { hidden, lacking } = await told(changed)
    expect(hidden.length).toBe(1)
    expect(lacking).toEqual(['undecided'])
  })

  it('is no matter where the same is shown', async () => {
    const old = third.replaceAll('>21<', '>20<')
    const reading = await read(`<div${hide}>${old}</div>${third}`)
    expect(valuesOf(reading)).toEqual(valuesOf(await read(third)))
    expect(reading.status).toBe((await read(third)).status)
  })
})
