/** Rows of other years and bodies within a table of the report: told by their labels, and never taken for its own. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const results = ['结果维持', '结果纠正', '其他结果', '尚未审结', '总计']
const kinds = ['商业企业', '科研机构', '社会公益组织', '法律服务机构', '其他']
const cell = (text: string, columns = 1, rows = 1): string => `<td colspan="${columns}" rowspan="${rows}">${text}</td>`
const row = (...cells: readonly string[]): string => `<tr>${cells.join('')}</tr>`
const plain = (texts: readonly (string | number)[]): string[] => texts.map((text) => cell(String(text)))

function read(agency: string, body: string): Promise<Reading> {
  const page = `<html><body><h1>${agency}2023年政府信息公开工作年度报告</h1>${body}</body></html>`
  return readReport(new TextEncoder().encode(page), { fileName: null }, registry)
}

const figuresOf = ({ facts }: Reading, table: string): (number | null)[] =>
  facts.flatMap(({ code, state, value }) => (code.startsWith(`${table}.`) && state === 'number' ? [value] : []))
const codesOf = ({ notices }: Reading): string[] => notices.map(({ code }) => code)

/** Table 4 with a column of labels before the figures. */
function disputes(rows: readonly (readonly [label: string, figures: readonly number[]])[]): string {
  const head = [
    row(cell('年度', 1, 3), cell('行政复议', 5), cell('行政诉讼', 10)),
    row(...results.map((text) => cell(text, 1, 2)), cell('未经复议直接起诉', 5), cell('复议后起诉', 5)),
    row(...plain([...results, ...results])),
  ]
  const lines = rows.map(([label, figures]) => row(...plain([label, ...figures])))
  return `<p>四、政府信息公开行政复议、行政诉讼情况</p><table>${[...head, ...lines].join('')}</table>`
}

const ours = [1, 0, 0, 0, 1, 2, 0, 0, 0, 2, 3, 0, 0, 0, 3]
const theirs = [4, 0, 0, 0, 4, 5, 0, 0, 0, 5, 6, 0, 0, 0, 6]

describe('labels of rows in table 4', () => {
  it.each([
    [
      'this year behind last year',
      '宿城区市场监督管理局',
      disputes([
        ['2022年', theirs],
        ['2023年', ours],
      ]),
    ],
    [
      'this year by its name',
      '宿城区市场监督管理局',
      disputes([
        ['本年', ours],
        ['上年', theirs],
      ]),
    ],
    [
      'the whole behind its parts',
      '宿城区人民政府',
      disputes([
        ['区教育局', theirs],
        ['全区合计', ours],
      ]),
    ],
  ])('%s: the report’s own row is read', async (_, agency, body) => {
    const reading = await read(agency, body)
    expect(figuresOf(reading, 't4')).toEqual(ours)
    expect(codesOf(reading)).toContain('table_of_others')
  })

  it.each(['2022年', '区质量检验所', '王官集镇'])('%s alone: nothing is taken', async (label) => {
    const reading = await read('宿城区市场监督管理局', disputes([[label, theirs]]))
    expect(figuresOf(reading, 't4')).toEqual([])
    expect(codesOf(reading)).toContain('table_of_others')
    expect(reading.status).toBe('partial')
  })
})

/** Table 3 with each row twice, told apart by a column behind its label. */
function requests(levels: readonly (readonly [label: string, figures: readonly number[]])[]): string {
  const head = [
    row(cell('（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）', 2, 3), cell('申请人情况', 7)),
    row(cell('自然人', 1, 2), cell('法人或其他组织', 5), cell('总计', 1, 2)),
    row(...plain(kinds)),
  ]
  const labels = ['一、本年新收政府信息公开申请数量', '二、上年结转政府信息公开申请数量', '四、结转下年度继续办理']
  const lines = labels.flatMap((label) =>
    levels.map(([level, figures], at) => row(...(at === 0 ? [cell(label, 1, 2)] : []), ...plain([level, ...figures]))),
  )
  return `<p>三、收到和处理政府信息公开申请情况</p><table>${[...head, ...lines].join('')}</table>`
}

const first = [5, 1, 0, 0, 0, 0, 6]
const second = [7, 2, 0, 0, 0, 0, 9]

describe('a column behind the labels of table 3', () => {
  it.each([
    ['本年', '上年', first],
    ['上年', '本年', second],
    ['2022年', '2023年', second],
  ])('%s and %s: this year’s rows are read', async (one, other, own) => {
    const reading = await read(
      '宿城区市场监督管理局',
      requests([
        [one, first],
        [other, second],
      ]),
    )
    expect(figuresOf(reading, 't3')).toEqual([...own, ...own, ...own])
    expect(codesOf(reading)).toContain('table_of_others')
  })

  it('of the whole and its head neither is taken', async () => {
    const reading = await read(
      '宿城区人民政府',
      requests([
        ['全区', first],
        ['区本级', second],
      ]),
    )
    expect(figuresOf(reading, 't3')).toEqual([])
    expect(codesOf(reading)).toContain('table_of_others')
  })
})

it('columns of bodies side by side: neither is taken', async () => {
  const head = [
    row(
      cell('（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）', 1, 3),
      cell('全区', 7),
      cell('区本级', 7),
    ),
    row(...[0, 1].flatMap(() => [cell('自然人', 1, 2), cell('法人或其他组织', 5), cell('总计', 1, 2)])),
    row(...plain([...kinds, ...kinds])),
  ]
  const labels = ['一、本年新收政府信息公开申请数量', '二、上年结转政府信息公开申请数量', '四、结转下年度继续办理']
  const lines = labels.map((label) => row(...plain([label, ...first, ...second])))
  const reading = await read('宿城区人民政府', `<table>${[...head, ...lines].join('')}</table>`)
  expect(figuresOf(reading, 't3')).toEqual([])
  expect(reading.status).toBe('partial')
})

describe('rows of two under one label that is printed once, in copied lines', () => {
  const name = '宿城区市场监督管理局'
  const header = ['信息内容', '年度', '本年制发件数', '本年废止件数', '现行有效件数']
  const readLines = (lines: readonly (readonly (string | number)[])[], agency = name): Promise<Reading> => {
    const text = [[`${agency}2023年政府信息公开工作年度报告`], header, ...lines]
      .map((line) => `${line.join('\t')}\n`)
      .join('')
    return readReport(new TextEncoder().encode(text), { fileName: 'report.txt' }, registry)
  }
  const pair = (label: string, names: readonly string[], rows: readonly (readonly number[])[]) =>
    rows.map((figures, at) => [at === 0 ? label : '', names[at]!, ...figures])

  it.each([
    ['this year first', ['2023年', '2022年'], 0],
    ['last year first', ['2022年', '2023年'], 1],
    ['a body beneath first', ['市场监管所', '局机关'], 1],
  ])('takes the report’s own: %s', async (_, names, own) => {
    const rules = [
      [1, 2, 3],
      [4, 5, 6],
    ]
    const documents = [
      [7, 8, 9],
      [10, 11, 12],
    ]
    const reading = await readLines([...pair('规章', names, rules), ...pair('行政规范性文件', names, documents)])
    expect(figuresOf(reading, 't2_art20_1')).toEqual([...rules[own]!, ...documents[own]!])
    expect(codesOf(reading)).toContain('table_of_others')
  })

  it('takes neither the whole nor its head', async () => {
    const names = ['区本级', '全区']
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
    ]
    const reading = await readLines(
      [...pair('规章', names, rows), ...pair('行政规范性文件', names, rows)],
      '宿城区人民政府',
    )
    expect(figuresOf(reading, 't2_art20_1')).toEqual([])
    expect(codesOf(reading)).toContain('table_of_others')
  })

  it('leaves labels of each row where they are', async () => {
    const lines = ['规章', '行政规范性文件'].flatMap((label, at) => [
      [label, '2022年', 1 + at, 2 + at, 3 + at],
      [label, '2023年', 4 + at, 5 + at, 6 + at],
    ])
    expect(figuresOf(await readLines(lines), 't2_art20_1')).toEqual([4, 5, 6, 5, 6, 7])
  })
})
