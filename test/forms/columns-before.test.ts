/** Columns of a report's own between the labels of rows and those of the form: their figures are none of the form's. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()

/** A page with one table; cells between bars, a span before its label: `2x3 结果维持` is two wide and three high. */
const pageOf = (rows: readonly string[]): string => {
  const cell = (text: string): string => {
    const [, wide, high, label] = /^(?:(\d+)x(\d+) )?(.*)$/.exec(text)!
    return `<td colspan="${wide ?? 1}" rowspan="${high ?? 1}">${label}</td>`
  }
  const lines = rows.map((row) => `<tr>${row.split('|').map(cell).join('')}</tr>`)
  return `<h1>临江市教育局2023年政府信息公开工作年度报告</h1><table border="1">${lines.join('')}</table>`
}
const read = async (rows: readonly string[]) =>
  readReport(Buffer.from(`<meta charset="utf-8">${pageOf(rows)}`), { fileName: 'a.html' }, registry)
const valuesOf = async (rows: readonly string[], table: string) => {
  const { facts } = await read(rows)
  return facts.filter(({ code }) => code.startsWith(table)).map(({ state, value }) => value ?? state)
}

describe('a column before those of the form', () => {
  it.each(['上年处理决定数量', '历年累计', '代码', '计量'])(
    '%s keeps its figure where the form’s cell is blank',
    async (label) => {
      const rows = ['3x1 第二十条第（五）项', `信息内容|${label}|本年处理决定数量`, '行政许可|478|']
      expect(await valuesOf(rows, 't2_art20_5')).toEqual(['blank'])
      const { notices } = await read(rows)
      expect(notices.map(({ code }) => code)).toEqual(expect.arrayContaining(['unknown_label', 'unplaced_figure']))
    },
  )

  it('keeps its figures between the form’s own ones', async () => {
    const rows = [
      '7x1 第二十条第（一）项',
      '信息内容|去年制发件数|本年制发件数|去年废止件数|本年废止件数|去年有效件数|现行有效件数',
      '规章|478||346||893|',
      '行政规范性文件|481|88|887|69|853|',
    ]
    expect(await valuesOf(rows, 't2_art20_1')).toEqual(['blank', 'blank', 'blank', 88, 69, 'blank'])
  })

  const results = '结果维持|结果纠正|其他结果|尚未审结|总计'
  const blanks = '||||'
  const header = (label: string): string[] => [
    `1x3 ${label}|5x1 行政复议|10x1 行政诉讼`,
    `${results.replace(/[^|]+/g, '1x2 $&')}|5x1 未经复议直接起诉|5x1 复议后起诉`,
    `${results}|${results}`,
  ]

  it.each([
    ['年度', '2023'],
    ['序号', '1'],
  ])('%s before table 4 is no case', async (label, value) => {
    const values = await valuesOf([...header(label), `${value}|${blanks}||2|||2|${blanks}`], 't4.')
    expect(values).toEqual([...Array(6).fill('blank'), 2, 'blank', 'blank', 2, ...Array(5).fill('blank')])
  })

  it('without a label leaves open whose the figures are where a blank cell stands behind them', async () => {
    const values = await valuesOf([...header(''), `1|${blanks}||2|||2|${blanks}`], 't4.')
    expect(values).toEqual(Array(15).fill('unreadable'))
  })

  it('leaves open whose the figures are in a row that is short of a cell', async () => {
    const rows = ['3x1 第二十条第（五）项', '信息内容|上年处理决定数量|本年处理决定数量', '行政许可|478']
    expect(await valuesOf(rows, 't2_art20_5')).toEqual(['unreadable'])
  })
})
