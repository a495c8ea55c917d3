/** Columns of one name for several years or bodies, told apart by what stands in brackets behind it. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const name = '宿城区市场监督管理局'
const labels = ['本年制发件数', '本年废止件数', '现行有效件数']
const rows = [
  ['规章', 0, 1, 2, 3, 4, 5],
  ['行政规范性文件', 28, 4, 8, 19, 233, 59],
]
const laterTable = [
  ['第二十条第（五）项', '', '', '', '', '', ''],
  ['信息内容', '本年处理决定数量', '', '', '', '', ''],
  ['行政许可', 7814, '', '', '', '', ''],
]

const laterFees = [
  ['第二十条第（八）项', '', '', '', '', '', ''],
  ['信息内容', '本年收费金额（单位：万元）', '', '', '', '', ''],
  ['行政事业性收费', 3, '', '', '', '', ''],
]

function table(brackets: readonly string[], more: readonly (readonly (string | number)[])[] = []) {
  const header = ['信息内容', ...labels.flatMap((label) => brackets.map((one) => label + one))]
  return [['第二十条第（一）项', '', '', '', '', '', ''], header, ...rows, ...more]
}

function read(texts: readonly (readonly (string | number)[])[], agency = name): Promise<Reading> {
  const body = texts.map((row) => `<tr>${row.map((text) => `<td>${text}</td>`).join('')}</tr>`).join('')
  const page = `<h1>${agency}2023年政府信息公开工作年度报告</h1><table>${body}</table>`
  return readReport(new TextEncoder().encode(page), { fileName: null }, registry)
}

const figures = ({ facts }: Reading) => facts.map(({ value }) => value)
const told = ({ notices }: Reading) => notices.map(({ code }) => code)

describe('columns of one name', () => {
  it.each([
    ['the report’s own year comes last', ['（2022年）', '（2023年）'], [1, 3, 5, 4, 19, 59]],
    ['the report’s own year comes first', ['(2023年度)', '(2022年度)'], [0, 2, 4, 28, 8, 233]],
    ['only last year’s has a bracket', ['', '（上年）'], [0, 2, 4, 28, 8, 233]],
    ['what has no bracket', ['', '（其中修订）'], [0, 2, 4, 28, 8, 233]],
    ['the whole and a part of it', ['（下属单位）', '（全局）'], [1, 3, 5, 4, 19, 59]],
  ])('takes the report’s own: %s', async (_, brackets, wanted) => {
    const reading = await read(table(brackets))
    expect(figures(reading)).toEqual(wanted)
    expect(told(reading)).toEqual(['table_of_others'])
  })

  it('takes none where two names are the report’s own', async () => {
    const reading = await read(table(['（区本级）', '（全区）']), '宿城区人民政府')
    expect(figures(reading)).toEqual([])
    expect(told(reading)).toContain('table_of_others')
  })

  it('leaves the tables below to themselves', async () => {
    expect(figures(await read(table(['（2022年）', '（2023年）'], laterTable)))).toEqual([1, 3, 5, 4, 19, 59, 7814])
  })

  it('takes neither of two blocks that nothing tells apart', async () => {
    const lines = [
      [`${name}2023年政府信息公开工作年度报告`],
      ['', '2022年', '2023年'],
      ['信息内容', ...labels, ...labels],
      ['规章', 0, 2, 4, 1, 3, 5],
      ['行政规范性文件', 28, 8, 233, 4, 19, 59],
    ]
    const text = lines.map((line) => line.join('\t')).join('\n')
    const reading = await readReport(new TextEncoder().encode(text), { fileName: 'report.txt' }, registry)
    expect(reading.facts.filter(({ state }) => state === 'number')).toEqual([])
    expect(told(reading)).toContain('unplaced_figure')
  })

  it.each([
    ['corrected figures', ['', '（更正）']],
    ['what counts the bodies beneath too', ['', '（含下属单位）']],
    ['sums of years beside last year’s', ['（上年）', '（累计）']],
    ['two words that nobody knows', ['（甲）', '（乙）']],
  ])('takes none: %s', async (_, brackets) => {
    const reading = await read(table(brackets))
    expect(reading.facts.filter(({ state }) => state === 'number')).toEqual([])
    expect(told(reading)).toContain('table_of_others')
  })

  it('takes no label of a row for that of a column', async () => {
    const others = ['其他（上年）', '/', '/', '/']
    const reading = await read([['信息内容', ...labels], ['规章', 1, 2, 3], others, ['行政规范性文件', 4, 5, 6]])
    expect(figures(reading)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('leaves the units of other columns where they are printed', async () => {
    const rowsOfFees = [
      ['信息内容', '本年收费金额（上年）', '本年收费金额（单位：元）'],
      ['行政事业性收费', 50000, 10000],
    ]
    const reading = await read(rowsOfFees)
    expect(figures(reading)).toEqual([10000])
    expect(reading.facts.map(({ unit }) => unit)).toEqual(['元'])
  })

  it('leaves a table of marks below to itself', async () => {
    const marks = laterTable.map((row) => row.map((text) => (text === 7814 ? '/' : text)))
    const reading = await read(table(['（2022年）', '（2023年）'], [...marks, ...laterFees]))
    expect(figures(reading)).toEqual([1, 3, 5, 4, 19, 59, null, 3])
  })

  it('counts no fields of lines that lack some', async () => {
    const header = ['信息内容', ...labels.flatMap((label) => [`${label}（2022年）`, `${label}（2023年）`])]
    const lines = [
      [`${name}2023年政府信息公开工作年度报告`],
      header,
      ['规章', 0, 1, 2, 3, 4, 5],
      ['行政规范性文件', 4, 19, 59],
    ]
    const text = lines.map((line) => line.join('\t')).join('\n')
    const reading = await readReport(new TextEncoder().encode(text), { fileName: 'report.txt' }, registry)
    expect(figures(reading).slice(3)).toEqual([null, null, null])
  })

  it('takes guidance in brackets for no name', async () => {
    const header = ['信息内容', ...labels.map((label) => `${label}（单位：件）`)]
    const reading = await read([header, ['规章', 1, 2, 3], ['行政规范性文件', 4, 5, 6]])
    expect(figures(reading)).toEqual([1, 2, 3, 4, 5, 6])
    expect(told(reading)).toEqual([])
  })
})
