/** Columns of a report's own between the labels of rows and those of the form: their figures are none of the form's. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { header4, readTables, valuesOf } from './small-pages.ts'

describe('a column before those of the form', () => {
  it.each(['上年处理决定数量', '历年累计', '代码', '计量'])(
    '%s keeps its figure where the form’s cell is blank',
    async (label) => {
      const rows = ['3x1 第二十条第（五）项', `信息内容|${label}|本年处理决定数量`, '行政许可|478|']
      expect(await valuesOf('t2_art20_5', rows)).toEqual(['blank'])
      const { notices } = await readTables(rows)
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
    expect(await valuesOf('t2_art20_1', rows)).toEqual(['blank', 'blank', 'blank', 88, 69, 'blank'])
  })

  it.each([
    ['年度', '2023'],
    ['序号', '1'],
  ])('%s before table 4 is no case', async (label, value) => {
    const values = await valuesOf('t4', [...header4(label), `${value}|||||||2|||2|||||`])
    expect(values).toEqual([...Array(6).fill('blank'), 2, 'blank', 'blank', 2, ...Array(5).fill('blank')])
  })

  it('without a label leaves open whose the figures are where a blank cell stands behind them', async () => {
    expect(await valuesOf('t4', [...header4(''), '1|||||||2|||2|||||'])).toEqual(Array(15).fill('unreadable'))
  })

  it('leaves open whose the figures are in a row that is short of a cell', async () => {
    const rows = ['3x1 第二十条第（五）项', '信息内容|上年处理决定数量|本年处理决定数量', '行政许可|478']
    expect(await valuesOf('t2_art20_5', rows)).toEqual(['unreadable'])
  })
})

describe('a column before those of the form, in text', () => {
  const title = '临江市教育局2023年政府信息公开工作年度报告'
  const registry = loadRegistry()
  const read = (rows: readonly (readonly string[])[], draw: (row: readonly string[]) => string, below: string) => {
    const [header, ...others] = rows.map(draw)
    const text = [
      title,
      '',
      '二、主动公开政府信息情况',
      '',
      `${header}${below}`,
      ...others,
      '',
      '以上为主动公开情况。',
    ].join('\n')
    return readReport(Buffer.from(text), { fileName: 'a.txt' }, registry)
  }
  const tabs = (row: readonly string[]): string => row.join('\t')
  const bars = (row: readonly string[]): string => `| ${row.join(' | ')} |`

  it.each([
    ['between tabs', tabs, ''],
    ['between bars', bars, '\n| --- | --- | --- |'],
  ])('%s it keeps its figure where the form’s cell is blank', async (_, draw, below) => {
    const { facts, status, notices } = await read(
      [
        ['信息内容', '历年累计', '本年处理决定数量'],
        ['行政许可', '20', ''],
      ],
      draw,
      below,
    )
    expect(facts.map(({ state }) => state)).toEqual(['blank'])
    expect(status).toBe('partial')
    expect(notices.map(({ code }) => code)).toEqual(expect.arrayContaining(['unknown_label', 'unplaced_figure']))
  })

  it.each([
    ['between tabs', tabs, ''],
    ['between bars', bars, '\n| --- | --- | --- | --- | --- |'],
  ])('%s it moves no figure of the form', async (_, draw, below) => {
    const rows = [
      ['信息内容', '上年', '上一年项目数量', '本年增/减', '处理决定数量'],
      ['行政许可', '82', '5', '-4', ''],
      ['其他对外管理服务事项', '1', '', '+1', '0'],
    ]
    const { facts, status } = await read(rows, draw, below)
    expect(facts.map(({ value, state }) => value ?? state)).toEqual([5, -4, 'blank', 'blank', 1, 0])
    expect(status).toBe('ok')
  })
})

describe('a column whose label says the opposite of the form’s', () => {
  it('is not the form’s, though its place is', async () => {
    const rows = [
      '4x1 第二十条第（一）项',
      '信息内容|本年制发件数|本年废止件数|现行失效件数',
      '规章|1|2|3',
      '行政规范性文件|4|5|6',
    ]
    expect(await valuesOf('t2_art20_1', rows)).toEqual([1, 2, 'absent', 4, 5, 'absent'])
    const { notices } = await readTables(rows)
    expect(notices.map(({ code }) => code)).toEqual(expect.arrayContaining(['unknown_label', 'unplaced_figure']))
  })
})
