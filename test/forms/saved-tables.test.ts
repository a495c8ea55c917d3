/**
 * Tables as programs save them that gather pages and data: numbers around a table, columns lined up by characters counted,
 * cells cut off or over several lines, a page in one field. Written by the tests from a real report's tables.
 */
import { describe, expect, it } from 'vitest'
import { detectKind } from '../../parsers/detect.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { report } from './table-3.ts'

const registry = loadRegistry()
const title = '2024年白河市人民政府政府信息公开工作年度报告'

function read(text: string): Promise<Reading> {
  return readReport(Buffer.from(text), { fileName: null }, registry)
}

function numbers({ facts }: Reading, table: string): Record<string, number | string> {
  const own = facts.filter(({ code }) => code.startsWith(table))
  return Object.fromEntries(own.map((one) => [one.code, one.state === 'number' ? one.value : one.state]))
}

const disclosure = [
  ['第二十条第（一）项', '第二十条第（一）项', '第二十条第（一）项', '第二十条第（一）项'],
  ['信息内容', '本年制发件数', '本年废止件数', '现行有效件数'],
  ['规章', '0', '', '2'],
  ['行政规范性文件', '7', '', '12'],
]
const cases = [
  [...Array<string>(5).fill('行政复议'), ...Array<string>(10).fill('行政诉讼')],
  [
    ...['结果维持', '结果纠正', '其他结果', '尚未审结', '总计'],
    ...Array<string>(5).fill('未经复议直接起诉'),
    ...Array<string>(5).fill('复议后起诉'),
  ],
  Array.from({ length: 3 }, () => ['结果维持', '结果纠正', '其他结果', '尚未审结', '总计']).flat(),
  ['', '2', '1', '', '3', ...Array<string>(9).fill('0'), ''],
]
const headings = ['二、主动公开政府信息情况', '四、政府信息公开行政复议、行政诉讼情况']
const told = { issued: 0, repealed: 'blank', in_force: 2 }

describe('numbers that a program puts around a table', () => {
  const numbered = (rows: readonly (readonly string[])[]): string =>
    [['', ...rows[0]!.keys()], ...rows.map((cells, row) => [row, ...cells])].map((cells) => cells.join(',')).join('\n')

  it('are no figures, whatever is blank beside them', async () => {
    const reading = await read([title, headings[0], numbered(disclosure), headings[1], numbered(cases)].join('\n\n'))
    expect(numbers(reading, 't2_art20_1.regulations')).toEqual(
      Object.fromEntries(Object.entries(told).map(([column, value]) => [`t2_art20_1.regulations.${column}`, value])),
    )
    expect(reading.facts.filter(({ code }) => code.startsWith('t4.cases.review')).map(({ text }) => text)).toEqual([
      '',
      '2',
      '1',
      '',
      '3',
    ])
    expect(reading.notices.filter(({ code }) => code === 'unplaced_figure')).toEqual([])
  })
})

describe('columns that a program lines up by counting characters', () => {
  it('are told by where their fields begin, though wide characters stand elsewhere', async () => {
    const lines = disclosure.slice(1).map((cells) =>
      cells
        .map((text) => text.padEnd(10))
        .join('')
        .trimEnd(),
    )
    const text = [title, headings[0], '第二十条第（一）项', ...lines, '', '本机关将继续做好政府信息公开工作。']
    const reading = await read(text.join('\n'))
    expect(numbers(reading, 't2_art20_1')).toEqual({
      't2_art20_1.regulations.issued': 0,
      't2_art20_1.regulations.repealed': 'blank',
      't2_art20_1.regulations.in_force': 2,
      't2_art20_1.normative_documents.issued': 7,
      't2_art20_1.normative_documents.repealed': 'blank',
      't2_art20_1.normative_documents.in_force': 12,
    })
  })
})

describe('a label over several lines beside its figures', () => {
  const table = (...rows: string[]): Promise<Reading> => {
    const printed = ['信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数', '--- | --- | --- | ---', ...rows]
    const piped = printed.map((row) => `| ${row} |`)
    return read([title, headings[0], '', '第二十条第（一）项', '', ...piped].join('\n'))
  }

  it('is one label', async () => {
    const reading = await table('规章 | 0 | 1 | 2', '行政规范 | 7 | 3 | 12', '性文件 | | |')
    expect(Object.values(numbers(reading, 't2_art20_1'))).toEqual([0, 1, 2, 7, 3, 12])
  })

  it('leaves no row blank whose figures stand beside a number alone', async () => {
    const reading = await table('规章 | 0 | 1 | 2', '2. | 7 | 3 | 12', '行政规范文件 | | |')
    expect(Object.values(numbers(reading, 't2_art20_1.normative'))).not.toContain('blank')
    expect(reading.status).toBe('partial')
  })
})

it('blames nobody for rows whose labels a program cut off', async () => {
  const rows = [
    '第二十条… | | ',
    '信息内容 | 本年处理… | ',
    '行政处罚 | 5 | ',
    '行政强制 | 3 | ',
    '第二十条… | | ',
    '行政事业… | | ',
  ]
  const reading = await read(
    [report.split('\n')[0], ...report.split('\n').slice(1, 12), ...rows.map((row) => `| ${row}|`)].join('\n'),
  )
  expect(reading.notices.map(({ code }) => code)).toContain('cells_cut_off')
  expect(reading.status).not.toBe('ok')
  expect(
    reading.findings.filter(({ rule, fault }) => /complete|missing_cells/.test(rule) && fault === 'report'),
  ).toEqual([])
})

describe('a page in one field of a row', () => {
  it('is read like the page', async () => {
    const row = ['题目', '2024-01-20', `"${report.replaceAll('"', '""')}"`, 'http://a.example/1.html'].join(',')
    const [alone, within] = await Promise.all([read(report), read(`标题,时间,正文,网址\n${row}\n`)])
    expect(within.facts.map(({ code, text }) => [code, text])).toEqual(
      alone.facts.map(({ code, text }) => [code, text]),
    )
    expect(within.status).toBe(alone.status)
  })

  it('begins with brackets in JSON, as links of wikis do', () => {
    expect(detectKind(Buffer.from('[[/index.html][首页]]\n\n正文'))).toBe('text')
    expect(detectKind(Buffer.from('[{"标题":"年报"}]'))).toBe('json')
    expect(detectKind(Buffer.from('[["年报", 1]]'))).toBe('json')
  })
})

describe('figures that run together with other characters', () => {
  it('are not cut where a remark stands between the figures of a row', async () => {
    const text = `第二十条第（一）项信息内容本年制发件数本年废止件数现行有效件数规章000行政规范性文件106（其中修订19件）0106第二十条第（五）项信息内容本年处理决定数量行政许可15第二十条第（六）项信息内容本年处理决定数量行政处罚0行政强制4第二十条第（八）项信息内容本年收费金额（单位：万元）行政事业性收费0`
    const reading = await read(`${title}\n\n${headings[0]}\n\n${text}\n`)
    expect(numbers(reading, 't2_art20_1.normative_documents')).not.toHaveProperty(
      ['t2_art20_1.normative_documents.issued'],
      1,
    )
    expect(reading.status).toBe('partial')
  })

  it('are not believed anywhere in a text that lost what was struck out', async () => {
    const lines = [
      '信息内容\t本年制发件数\t本年废止件数\t现行有效件数',
      '规章\t12无\t无1\t797',
      '行政规范性文件\t72\t3\t12',
    ]
    const reading = await read([title, headings[0], '第二十条第（一）项', ...lines].join('\n'))
    expect(reading.facts.filter(({ state }) => state === 'number')).toEqual([])
    expect(reading.notices.map(({ code }) => code)).toContain('marks_lost')
  })
})
