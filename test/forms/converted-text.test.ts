/**
 * Tables as converters and text browsers write them, cut down to what matters: one cell a line, frames of characters, labels
 * and figures on lines of their own. What such text does not show for sure is not read.
 */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { columns } from './table-3.ts'

const registry = loadRegistry()
const title = '2024年白河市人民政府政府信息公开工作年度报告'

async function read(...lines: string[]): Promise<Reading> {
  return readReport(Buffer.from([title, '', ...lines].join('\n')), { fileName: null }, registry)
}

/** What was read of some cells: a figure, `_` for a blank, `?` for what is unreadable, nothing for what is absent. */
function cells({ facts }: Reading, row: string, names: readonly string[] = columns): string {
  const shown = { number: '', blank: '_', mark: '/', unreadable: '?', absent: '' }
  return names
    .map((name) => facts.find(({ code }) => code === `${row}.${name}`))
    .map((fact) => (fact === undefined ? '' : fact.state === 'number' ? String(fact.value) : shown[fact.state]))
    .join(' ')
}

const corner = '（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）'
const heading = '三、收到和处理政府信息公开申请情况'
const kinds = ['商业企业', '科研机构', '社会公益组织', '法律服务机构', '其他']
const rows = [
  ['一、本年新收政府信息公开申请数量', '4966', '2906', '2611', '5013', '1815', '5174', '22485'],
  ['二、上年结转政府信息公开申请数量', '', '', '2544', '7', '3836', '', '6387'],
  ['三、本年度办理结果', '（一）予以公开', '', '', '', '', '26', '', '26', ''],
  ['（二）部分公开（区分处理的，只计这一情形，不计其他情形）', '84', '', '4', '4854', '86', '', '5028', ''],
]

describe('one cell a line', () => {
  it('reads a header through the blank lines that merged cells leave in it', async () => {
    const header = [corner, '申请人情况', '', '自然人', '法人或其他组织', '总计', '', '', ...kinds, '']
    const reading = await read(heading, ...header, ...rows.flat())
    expect(cells(reading, 't3.new_received')).toBe('4966 2906 2611 5013 1815 5174 22485')
    expect(cells(reading, 't3.carried_over')).toBe('_ _ 2544 7 3836 _ 6387')
    expect(cells(reading, 't3.granted')).toBe('_ _ _ _ 26 _ 26')
    expect(cells(reading, 't3.partially_granted')).toBe('84 _ 4 4854 86 _ 5028')
  })

  it('reads rows under a header whose total stands beside the applicants by their own cells, not by places in its lines', async () => {
    const header = [corner, '申请人情况', '总计', '', '自然人', '法人或其他组织', '', '', '', ...kinds, '']
    const reading = await read(heading, ...header, ...rows.flat())
    expect(cells(reading, 't3.granted')).toBe('_ _ _ _ 26 _ 26')
    expect(cells(reading, 't3.partially_granted')).toBe('84 _ 4 4854 86 _ 5028')
  })

  it('reads no row of a table over whose first label figures stand: each row may have those of the one before', async () => {
    const header = [corner, '申请人情况', '自然人', '法人或其他组织', '总计', ...kinds]
    const figures = ['1', '2', '3', '4', '5', '6', '21']
    const shifted = ['本年新收政府信息公开申请数量', '上年结转政府信息公开申请数量', '（一）予以公开']
    const reading = await read(heading, ...header, ...figures, ...shifted.flatMap((label) => [label, ...figures]))
    expect(reading.status).toBe('partial')
    for (const row of ['new_received', 'carried_over', 'granted']) {
      expect(cells(reading, `t3.${row}`)).toBe('? ? ? ? ? ? ?')
    }
  })

  it('reads nothing under a header of which a label is broken and lacks a piece: the others stand over figures that are not theirs', async () => {
    const header = [
      corner,
      '申请人情',
      '况',
      '自然人',
      '法人或其他组织',
      '总计',
      ...kinds.slice(0, 3),
      '法律服',
      '务机',
    ]
    const reading = await read(heading, ...header, '其他', ...rows.flat().filter((text) => text !== ''))
    expect(reading.status).toBe('partial')
    expect(reading.facts.filter(({ code, state }) => code.startsWith('t3') && state === 'number')).toEqual([])
  })

  it('doubts the blank row before one with the figures of both', async () => {
    const head = [
      '第二十条第（五）项',
      '信息内容',
      '本年处理决定数量',
      '行政许可',
      '2704',
      '第二十条第（六）项',
      '信息内容',
    ]
    const reading = await read(...head, '本年处理决定数量', '行政处罚', '', '行政强制', '', '279', '', '29', '')
    expect(cells(reading, 't2_art20_6.penalties', ['decisions'])).toBe('?')
    expect(cells(reading, 't2_art20_6.compulsory_measures', ['decisions'])).toBe('?')
    expect(reading.status).toBe('partial')
  })
})

describe('columns by spaces', () => {
  it('doubts a row beside figures on a line of their own', async () => {
    const reading = await read(
      '      第二十条第（六）项',
      '      信息内容      本年处理决定数量',
      '      行政处罚      154938',
      '      行政强制',
      '      第二十条第（八）项',
      '      信息内容      本年收费金额（单位：万元）',
      '                          0.79',
      '      行政事业性收费',
    )
    expect(cells(reading, 't2_art20_8.administrative_fees', ['fee_amount'])).toBe('?')
  })

  it('gives figures to no columns by their number where the header lacks labels', async () => {
    const reading = await read(
      heading,
      '自然人 商业企业 社会',
      '公益组织 其他',
      '一、本年新收政府信息公开申请数量 4966 2906 2611 5013 1815 5174 22485',
      '二、上年结转政府信息公开申请数量 2544 7 3836 6387',
      '（一）予以公开 26 26',
    )
    expect(reading.facts.filter(({ code, state }) => code.startsWith('t3') && state === 'number')).toEqual([])
    expect(reading.status).toBe('partial')
  })
})

describe('frames drawn with characters', () => {
  const figures = [
    '├─────────────────────────────────────────┼────┼────┼────┼────┼────┼────┼─────┤',
    '│一、本年新收政府信息公开申请数量         │4966│2906│2611│5013│1815│5174│22485│',
    '├─────────────────────────────────────────┼────┼────┼────┼────┼────┼────┼─────┤',
    '│二、上年结转政府信息公开申请数量         │    │    │2544│7   │3836│    │6387 │',
    '├───────┬─────────────────────────────────┼────┼────┼────┼────┼────┼────┼─────┤',
    '│三、本 │（一）予以公开                   │    │    │    │    │26  │    │26   │',
    '│年度办 ├─────────────────────────────────┼────┼────┼────┼────┼────┼────┼─────┤',
    '│理结果 │（二）部分公开（区分处理的，只计 │84  │    │4   │4854│86  │    │5028 │',
    '│       │这一情形，不计其他情形）         │    │    │    │    │    │    │     │',
    '└───────┴─────────────────────────────────┴────┴────┴────┴────┴────┴────┴─────┘',
  ]
  const frame = [
    '┌─────────────────────────────────────────┬───────────────────────────────────┐',
    '│                                         │申请人情况                         │',
    '│                                         ├────┬────────────────────────┬─────┤',
    '│（本列数据的勾稽关系为：第一项加第二项之 │    │法人或其他组织          │     │',
    '│和，等于第三项加第四项之和）             │自然├────┬────┬────┬────┬────┤     │',
    '│                                         │人  │商业│科研│社会│法律│    │总计 │',
    '│                                         │    │企业│机构│公益│服务│其他│     │',
    '│                                         │    │    │    │组织│机构│    │     │',
    ...figures,
  ]
  // The same where each character counts as one column and rules are dashes.
  const dashes = [
    '+-----------------------------------------------------------------------+',
    '|                          |申请人情况                                    |',
    '|                          |----------------------------------------------|',
    '|（本列数据的勾稽关系为：第一项加第二项之和，等|    |法人或其他组织                      |     |',
    '|于第三项加第四项之和）               |自然人 |-----------------------------------|总计   |',
    '|                          |    |商业企业|科研机构|社会公益组织|法律服务机构|其他 |     |',
    '|--------------------------+----+----+----+------+------+---+-----|',
    '|二、上年结转政府信息公开申请数量          |    |    |2544|7     |3836  |   |6387 |',
    '|--------------------------+----+----+----+------+------+---+-----|',
    '|三、本年度办|（一）予以公开             |    |    |    |      |26    |   |26   |',
    '+-----------------------------------------------------------------+',
  ]

  it.each([
    ['as they are', frame],
    ['indented', frame.map((line) => `   ${line}`)],
    [
      'with quotes as wide as an author’s font drew them',
      frame.map((line) => line.replace('予以公开  ', '予以“公开”')),
    ],
  ])('reads merged cells and cells of several lines: %s', async (_name, lines) => {
    const reading = await read(heading, '', ...lines)
    expect(cells(reading, 't3.new_received')).toBe('4966 2906 2611 5013 1815 5174 22485')
    expect(cells(reading, 't3.carried_over')).toBe('_ _ 2544 7 3836 _ 6387')
    expect(cells(reading, 't3.granted')).toBe('_ _ _ _ 26 _ 26')
    expect(cells(reading, 't3.partially_granted')).toBe('84 _ 4 4854 86 _ 5028')
  })

  it('believes no order of columns that comes of labels on several lines of a frame that does not close', async () => {
    const broken = dashes.map((line) => line.replace('|----------------------------------------------|', '|      '))
    const reading = await read(heading, '', ...broken)
    const figuresRead = reading.facts.filter(({ code, state }) => code.startsWith('t3.carried') && state === 'number')
    for (const { code, value } of figuresRead)
      expect(`${code} ${value}`).toMatch(/research_institution 2544|welfare_org 7$|legal_service_org 3836|total 6387/)
  })
})

it('tells a line of many figures that no table has', async () => {
  const reading = await read(
    '|第二十条第（八）项 |',
    '|信息内容 |本年收费金额（单位：万元） |',
    '|行政事业性收费 |96171.6 |',
    '',
    '四、政府信息公开行政复议、行政诉讼情况',
    '',
    '结果 |尚未',
    '审结 |总计 | |72 |64 |178 |37 |351 |13 |4 |8 |1 |26 |12 |1 |1 |6 |20 | |',
  )
  expect(reading.status).toBe('partial')
  expect(reading.notices.map(({ code }) => code)).toContain('unknown_table')
})

describe('rows with a number before each, those of the header too', () => {
  it('takes it for no figure of a row without a label', async () => {
    const results = ['结果维持', '结果纠正', '其他结果', '尚未审结', '总计']
    const repeated = (text: string): string[] => results.map(() => text)
    const direct = '未经复议直接起诉'
    const header = [
      [...repeated('行政复议'), ...repeated('行政诉讼'), ...repeated('行政诉讼')],
      [...results, ...repeated(direct), ...repeated('复议后起诉')],
      [...results, ...results, ...results],
    ]
    const figures = ['', '2', '', '1', '3', '4', '', '', '', '4', '', '', '', '', '']
    const lines = [...header, figures].map((row, index) => `| ${index} | ${row.join(' | ')} |`)
    const reading = await read('四、政府信息公开行政复议、行政诉讼情况', ...lines)
    const names = ['upheld', 'corrected', 'other', 'pending', 'total'].map((name) => `review_${name}`)
    expect(cells(reading, 't4.cases', names)).toBe('_ 2 _ 1 3')
  })
})
