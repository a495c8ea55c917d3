/** Pages of one report with small tables, written as rows of texts. */
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()

/** Cells stand between bars, spans before their text: `2x3 结果维持` is two wide and three high. */
export function tableOf(rows: readonly string[]): string {
  const cell = (text: string): string => {
    const [, wide, high, label] = /^(?:(\d+)x(\d+) )?(.*)$/.exec(text)!
    return `<td colspan="${wide ?? 1}" rowspan="${high ?? 1}">${label}</td>`
  }
  const lines = rows.map((row) => `<tr>${row.split('|').map(cell).join('')}</tr>`)
  return `<table border="1">${lines.join('')}</table>`
}

/** What is read of a page of so many tables. */
export async function readTables(...tables: readonly (readonly string[])[]) {
  const title = '临江市教育局2023年政府信息公开工作年度报告'
  const page = `<meta charset="utf-8"><h1>${title}</h1>${tables.map(tableOf).join('')}`
  return readReport(Buffer.from(page), { fileName: 'a.html' }, registry)
}

/** The values of a table on such a page, in the form's order; the state of those that are no figures. */
export async function valuesOf(table: string, ...tables: readonly (readonly string[])[]) {
  const { facts } = await readTables(...tables)
  return facts.filter(({ code }) => code.startsWith(`${table}.`)).map(({ state, value }) => value ?? state)
}

const results = '结果维持|结果纠正|其他结果|尚未审结|总计'

/** The header of table 4; `corner` is a label before it. */
export function header4(corner: string | null): string[] {
  const first = corner === null ? '' : `1x3 ${corner}|`
  return [
    `${first}5x1 行政复议|10x1 行政诉讼`,
    `${results.replace(/[^|]+/g, '1x2 $&')}|5x1 未经复议直接起诉|5x1 复议后起诉`,
    `${results}|${results}`,
  ]
}
