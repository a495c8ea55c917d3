/** Cells that end in bars on lines of their own: which rows they make, and what is left where nothing tells the rows. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { barredTables } from '../../parsers/barred.ts'
import { parseText } from '../../parsers/text.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'

const rowsIn = (text: string) =>
  [...barredTables(text.split('\n'))].map(([first, { rows, end, columns }]) => ({
    lines: [first, end],
    columns,
    rows: rows.map((row) => row.map((cell) => cell.text.replaceAll('\n', '~')).join('/')),
  }))

const filledUp = [
  '二、主动公开政府信息情况',
  '第二十条第（一）项 |',
  '|||',
  '信息内容 |',
  '本年制',
  '发件数 |',
  '本年废止件数 |',
  '现行有效件数 |',
  '规章 |',
  '3 |',
  '|',
  '0 |',
  '第二十条第（五）项 |',
  '|||',
  '信息内容 |',
  '本年处理决定数量 |',
  '||',
  '行政许可 |',
  '7 |',
  '||',
]

describe('cells that end in bars', () => {
  it('make rows of as many bars as the first that was filled up has', () => {
    expect(rowsIn(filledUp.join('\n'))).toEqual([
      {
        lines: [1, 20],
        columns: 'ragged',
        rows: [
          '第二十条第（一）项',
          '信息内容/本年制~发件数/本年废止件数/现行有效件数',
          '规章/3//0',
          '第二十条第（五）项',
          '信息内容/本年处理决定数量',
          '行政许可/7',
        ],
      },
    ])
  })

  it('begin another table under a heading, or where rows are filled up otherwise', () => {
    const wider = [
      '申请人情况 |',
      '||||',
      '自然人 |',
      '其他 |',
      '总计 |',
      '||',
      '一、本年新收 |',
      '1 |',
      '2 |',
      '3 |',
      '|',
    ]
    for (const between of [['三、收到和处理政府信息公开申请情况'], []]) {
      const tables = rowsIn([...filledUp, ...between, ...wider].join('\n'))
      expect(tables.map(({ rows }) => rows.at(-1))).toEqual(['行政许可/7', '一、本年新收/1/2/3/'])
    }
  })

  it('make rows that none had to be filled up of: labels or numbers first, figures below words', () => {
    const cells = ['指标名称', '单位', '统计数', '主动公开数', '条', '2069', '其中：网站', '条', '', '公报', '条', '3']
    const written = (list: readonly string[]): string => list.map((text) => `${text} |`.trim()).join('\n')
    expect(rowsIn(written(cells))[0]!.rows).toEqual([
      '指标名称/单位/统计数',
      '主动公开数/条/2069',
      '其中：网站/条/',
      '公报/条/3',
    ])
    const numbered = ['序号', '1', '2', '3'].flatMap((number, row) => [number, ...cells.slice(row * 3, row * 3 + 3)])
    expect(rowsIn(written(numbered))[0]!.rows.at(-1)).toBe('3/公报/条/3')
  })

  it('end a row where the bar stands before each cell but the first', () => {
    const text =
      '概述\n指 标 名 称\n| 计量\n单位\n| 本期\n|\n主动公开数\n| 条\n|\n|\n其中\n| 条\n| 02\n|\n接待\n| 人次\n|\n|'
    expect(rowsIn(text)[0]!.rows).toEqual(['指 标 名 称/计量~单位/本期', '主动公开数/条/', '其中/条/02', '接待/人次/'])
  })

  it('may have a bar before each row, and the heading over the table is none of them', () => {
    const led = filledUp
      .slice(1)
      .join('\n')
      .replaceAll(/^(?=第|信|规|行)/gm, '|\n')
    const tables = rowsIn(`二、主动公开政府信息情况\n${led}`)
    expect(tables.map(({ lines }) => lines)).toEqual([[2, 26]])
    expect(tables[0]!.rows).toEqual(rowsIn(filledUp.join('\n'))[0]!.rows)
  })

  it('may each have the bar on the line below', () => {
    const below = filledUp.join('\n').replaceAll(' |', '\n|')
    expect(rowsIn(below)[0]!.rows).toEqual(rowsIn(filledUp.join('\n'))[0]!.rows)
  })

  it('keep what stands behind the last bar before another table', () => {
    const bars = '一、甲 |\n一、乙 |\n| 丙\n三、收到情况\n一、丁 |\n一、戊 |\n一、己 |\n一、庚 |'
    expect(rowsIn(bars).flatMap(({ rows }) => rows)).toContain('丙')
  })

  it('are the same whatever ends the lines', () => {
    const rows = (text: string) => parseText(text).blocks.map((block) => (block.kind === 'grid' ? block.rowCount : 0))
    const plain = rows(filledUp.join('\n'))
    for (const end of ['\r\n', ' \n', '\r']) expect(rows(filledUp.join(end))).toEqual(plain)
  })

  it('stand below one another where nothing tells the rows', () => {
    const text = ['结果 |', '总计 |', '5 |', '复议 |', '|', '6 |', '7 |', '诉讼 |'].join('\n')
    expect(rowsIn(text)).toEqual([
      { lines: [0, 8], columns: 'aligned', rows: ['结果', '总计', '5', '复议', '', '6', '7', '诉讼'] },
    ])
  })

  it('are none among lists, rules, marks of wikis and whole rows', () => {
    const bars = ['a |', 'b |', '1 |', 'c |', '2 |', 'd |', '3 |']
    for (const other of ['{| class="wikitable"', '|-', '|===', '|---|---|'])
      expect(rowsIn([other, ...bars].join('\n'))).toEqual([])
    expect(rowsIn('甲 | 1 | 2 |\n乙 | 3 | 4 |\n丙 | 5 | 6 |\n'.repeat(4))).toEqual([])
  })

  it('keep every character of the lines they take, whatever stands there', () => {
    const line = fc.constantFrom(
      '一、收到 |',
      '三、收到情况',
      '甲 |',
      '5 |',
      '|',
      '||',
      '|||',
      '| 乙',
      '乙 | 6 |',
      '丙',
      '',
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
        let behind = 0
        for (const [first, { rows, end }] of barredTables(lines)) {
          expect(first).toBeGreaterThanOrEqual(behind)
          const shown = rows.flat().map(({ text }) => text)
          expect(shown.join('').replaceAll('\n', '')).toBe(lines.slice(first, end).join('').replace(/[|\s]/g, ''))
          behind = end
        }
        parseText(lines.join('\n'))
      }),
      { numRuns: 3_000 },
    )
  })

  it('are read as the table that they were', async () => {
    const report = [
      '清平区教育局2023年政府信息公开工作年度报告',
      ...filledUp,
      '三、收到和处理政府信息公开申请情况',
      '本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和 |',
      '申请人情况 |',
      '||||||||',
      ...['自然人', '法人或其他组织', '总计'].map((label) => `${label} |`),
      '|||||||',
      ...['商业企业', '科研机构', '社会公益组织', '法律服务机构', '其他'].map((label) => `${label} |`),
      '|||||',
      '一、本年新收政府信息公开申请数量 |',
      ...['4', '', '', '1', '', '', '5'].map((figure) => `${figure} |`.trim()),
      '||',
    ]
    const { facts } = await readReport(Buffer.from(report.join('\n')), { fileName: null }, loadRegistry())
    const found = new Map(facts.map(({ code, value, state }) => [code, value ?? state]))
    expect(found.get('t2_art20_1.regulations.issued')).toBe(3)
    expect(found.get('t2_art20_1.regulations.repealed')).toBe('blank')
    expect(found.get('t3.new_received.natural_person')).toBe(4)
    expect(found.get('t3.new_received.commercial_enterprise')).toBe('blank')
    expect(found.get('t3.new_received.public_welfare_org')).toBe(1)
    expect(found.get('t3.new_received.total')).toBe(5)
  })

  it('are left open where one bar alone may fill up a row whose sums hold with a cell missing only', async () => {
    const labels = ['结果维持', '结果纠正', '其他结果', '尚未审结', '总计']
    const header = `行政复议 |\n行政诉讼 |\n${'|'.repeat(13)}\n${labels.map((one) => `${one} |`).join('\n')}
未经复议直接起诉 |\n复议后起诉 |\n${'|'.repeat(8)}\n${[...labels, ...labels].map((one) => `${one} |`).join('\n')}\n|||||`
    const states = async (figures: readonly string[]): Promise<readonly (number | string)[]> => {
      const cells = figures.map((figure) => `${figure} |`.trim()).join('\n')
      const text = `清平区教育局2023年政府信息公开工作年度报告\n四、因政府信息公开工作被申请行政复议、提起行政诉讼情况\n${header}\n${cells}`
      const { facts } = await readReport(Buffer.from(text), { fileName: null }, loadRegistry())
      return facts.flatMap(({ code, value, state }) => (code.startsWith('t4.') ? [value ?? state] : []))
    }
    const [one, two, three] = [
      ['1', '', '', '', '1'],
      ['', '', '2', '', '2'],
      ['', '', '', '', ''],
    ]
    const printed = [...one!, ...two!, ...three!]
    expect(await states(printed)).toEqual(printed.map((figure) => (figure === '' ? 'blank' : Number(figure))))
    expect(new Set(await states([...one!.slice(1), ...two!, ...three!, '']))).toEqual(new Set(['unreadable']))
  })

  it('keep their columns where the heading of what follows ends up in their last row', async () => {
    const headed = '三、收到和处理政府信息公开申请情况\n申请人情况\n|\n||||||||\n'
    const labels = [
      '自然人',
      '法人或其他组织',
      '总计',
      '|||||||',
      '商业企业',
      '科研机构',
      '社会公益组织',
      '法律服务机构',
      '其他',
    ]
    const first = ['一、本年新收政府信息公开申请数量', '5', '', '', '', '', '', '5']
    const last = [
      '四、结转下年度继续办理',
      '',
      '',
      '12',
      '',
      '',
      '',
      '12',
      '四、被申请行政复议、提起行政诉讼情况',
      '行政诉讼',
    ]
    const below = (cells: readonly string[]): string =>
      cells.map((text) => (text.startsWith('|') ? text : `${text}\n|`.trim())).join('\n')
    const text = `清平区教育局2023年政府信息公开工作年度报告\n${headed}${below(labels)}\n|||||\n${below(first)}\n||\n${below(last)}`
    const { facts } = await readReport(Buffer.from(text), { fileName: null }, loadRegistry())
    const read = facts.flatMap(({ code, value }) => (/^t3\.carried_forward/.test(code) && value !== null ? [code] : []))
    expect(read).toEqual(['t3.carried_forward.research_institution', 't3.carried_forward.total'])
  })

  it('are left open where value cells were merged: bars that fill a row up are no blank cells', async () => {
    const labels = ['商业企业', '科研机构', '社会公益组织', '法律服务机构', '其他']
    const table = [
      '本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和 | 申请人情况 | ||||||||',
      '自然人 | 法人或其他组织 | 总计 | |||||||',
      `${labels.join(' | ')} | |||||`,
      '一、本年新收政府信息公开申请数量 | | 21 | |||||||',
      '二、上年结转政府信息公开申请数量 | 3 | | | | | | 3 | ||',
    ]
    for (const lines of [
      table.map((line) => `| ${line}`),
      table.flatMap((line) => line.split(/(?<=\|)(?: |$)/).filter((one) => one !== '')),
    ]) {
      const text = ['清平区教育局2023年政府信息公开工作年度报告', '三、收到和处理政府信息公开申请情况', ...lines].join(
        '\n',
      )
      const { facts, status } = await readReport(Buffer.from(text), { fileName: null }, loadRegistry())
      const found = new Map(facts.map(({ code, value, state }) => [code, value ?? state]))
      expect(status).toBe('partial')
      for (const { code, state } of facts)
        if (code.startsWith('t3.new_received.')) expect(state, code).toBe('unreadable')
      expect(found.get('t3.carried_over.natural_person')).toBe(3)
      expect(found.get('t3.carried_over.total')).toBe(3)
    }
  })
})
