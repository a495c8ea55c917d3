/**
 * Tables whose labels and figures were run together: where one figure ends is told only where nothing else is possible or
 * the form's sums show it. Written by the tests from a real report that a crawler saved so.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const text = readFileSync(new URL('../../samples/pingtan-2023.txt', import.meta.url), 'utf8')

function read(changed: string): Promise<Reading> {
  return readReport(Buffer.from(changed), { fileName: null }, registry)
}

/** The states of a table's or a row's cells, figures as such. */
function cellsOf({ facts }: Reading, code: string): (number | string)[] {
  const own = facts.filter((fact) => fact.code.startsWith(`${code}.`))
  return own.map((fact) => (fact.state === 'number' ? fact.value : fact.state))
}

function replaced(from: string | RegExp, to: string): string {
  const changed = text.replace(from, to)
  expect(changed).not.toBe(text)
  return changed
}

const [begin, end] = ['二、主动公开政府信息情况', '三、收到和处理政府信息公开申请情况']
const older = [
  '第二十条第（一）项信息内容本年新制作数量本年新公开数量对外公开总数量规章000规范性文件77132470',
  '第二十条第（五）项信息内容上一年项目数量本年增/减处理决定数量行政许可000其他对外管理服务事项000',
  '第二十条第（六）项信息内容上一年项目数量本年增/减处理决定数量行政处罚000行政强制000',
  '第二十条第（八）项信息内容上一年项目数量本年增/减行政事业性收费FEE',
  '第二十条第（九）项信息内容采购项目数量采购总金额政府集中采购00',
].join('')

/** The report with table 2 of the form of 2019 and these figures in its row of fees. */
function withFees(fees: string): string {
  return text.slice(0, text.indexOf(begin)) + begin + older.replace('FEE', fees) + text.slice(text.indexOf(end))
}

describe('digits that no sum tells apart', () => {
  it('are read where they can be cut in one way only', async () => {
    const reading = await read(withFees('00'))
    expect(cellsOf(reading, 't2_art20_8')).toEqual([0, 0])
    expect(cellsOf(reading, 't2_art20_1.regulations')).toEqual([0, 0, 0])
  })

  it.each([
    '17',
    '17无',
    '17不变',
    '17（+2）',
    '17（减少2项）',
    '17项增加2项',
    '17↑2',
    '17*',
    '17与上年持平',
    '170 3 ',
  ])('are not read where a cell may be blank or hold more: %s', async (fees) => {
    const reading = await read(withFees(fees))
    expect(cellsOf(reading, 't2_art20_8')).toEqual(['unreadable', 'unreadable'])
    expect(
      reading.notices.some(({ code, data }) => code === 'figures_run_together' && data.table === 't2_art20_8'),
    ).toBe(true)
    // Table 3 stays as it was.
    expect(cellsOf(reading, 't3.new_received')).toEqual([80, 1, 0, 0, 0, 0, 81])
  })

  it('do not take in the number of the next part', async () => {
    const arabic = replaced(end, '3、收到和处理政府信息公开申请情况')
    expect(cellsOf(await read(arabic), 't2_art20_8')).toEqual(['unreadable'])
  })

  it('are not those of prose behind the table', async () => {
    const blank = `${replaced('行政强制54', '行政强制')}全年作出行政强制7件。`
    const reading = await read(blank)
    expect(cellsOf(reading, 't2_art20_6.compulsory_measures')).toEqual(['blank'])
    expect(cellsOf(reading, 't3.new_received')).toEqual([80, 1, 0, 0, 0, 0, 81])
  })
})

describe('the row of table 4', () => {
  const figures = '110024001510102'

  it('is read where each of its sums holds', async () => {
    expect(cellsOf(await read(text), 't4.cases')).toEqual([...figures].map(Number))
  })

  it('is not cut into single digits where its sums break: cells may be blank', async () => {
    const cells = cellsOf(await read(replaced(figures, '1021231212103141')), 't4.cases')
    const broken = cellsOf(await read(replaced(figures, '102123121210314')), 't4.cases')
    for (const states of [cells, broken]) expect(states).toEqual(Array<string>(15).fill('unreadable'))
  })
})

describe('the same tables', () => {
  /** A line for each row. */
  const lined = text
    .replace(/(?=第二十条第|信息内容|规章0|行政规范性文件|行政许可|行政处罚|行政强制|行政事业性收费)/g, '\n')
    .replace(/(\d)(?=[一二三四]、|（[一二三四五六七]）)/g, '$1\n')

  it('with a line for each row say the same', async () => {
    const [whole, rows] = [await read(text), await read(lined)]
    for (const table of ['t2_art20_1', 't2_art20_5', 't2_art20_6', 't2_art20_8', 't3', 't4']) {
      expect(cellsOf(rows, table)).toEqual(cellsOf(whole, table))
    }
    const anchors = new Set(rows.facts.filter(({ code }) => code.startsWith('t2')).map(({ anchor }) => anchor?.path))
    expect(anchors.size).toBeGreaterThan(4)
  })

  it('with spaces within labels say the same', async () => {
    const reading = await read(replaced('行政强制54', '行政 强制54'))
    expect(cellsOf(reading, 't2_art20_6.compulsory_measures')).toEqual([54])
    expect(cellsOf(reading, 't2_art20_8')).toHaveLength(1)
  })

  it('are taken from the form that each of them is of', async () => {
    const reading = await read(withFees('00'))
    const forms = new Map(reading.tables.map(({ table, form }) => [table, form]))
    expect(forms.get('t2_art20_1')).toBe('ogi_2019')
    expect(forms.get('t3')).toBe('ogi_2021')
  })
})

describe('numbers of rows run together', () => {
  it('are no figures of the prose', async () => {
    const reading = await read(text.replace(/([1-8])\.(?=\p{Script=Han})/gu, '$1、'))
    expect(reading.findings.filter(({ rule }) => rule.includes('.narr_'))).toEqual([])
    expect(cellsOf(reading, 't3.new_received')).toEqual([80, 1, 0, 0, 0, 0, 81])
  })
})

describe('a label broken over lines', () => {
  it('leaves no blank cell where its figure stands beside the middle of it', async () => {
    const reading = await read(
      [
        '河口县水务局2015年政府信息公开工作年度报告',
        '政府信息公开情况统计表',
        '统计指标                    单位                        统计数',
        '一、主动公开情况',
        '（一）主动公开政府信息数（',
        '不同渠道和方式公开相同信息  条                          1157',
        '计1条）',
        '其中：主动公开规范性文件数  条                          2',
        '制发规范性文件总数          件                          2',
        '1.政府公报公开政府信息数    条                          10',
        '2.政府网站公开政府信息数    条                          59',
        '3.政务微博公开政府信息数    条                          4',
        '4.政务微信公开政府信息数    条                          1735',
        '5.其他方式公开政府信息数    条                          1887',
      ].join('\n'),
    )
    expect(cellsOf(reading, 't1.proactive_total')).toEqual(['unreadable'])
    expect(cellsOf(reading, 't1.channel_website')).toEqual([59])
  })

  it('is put together where its unit and figure stand on the second line', async () => {
    const reading = await read(
      [
        '河口县水务局2015年政府信息公开工作年度报告',
        '政府信息公开情况统计表',
        '统计指标 单位 统计数',
        ...['七、依申请公开信息收取的费用 万元 628.83', '（一）政府信息公开工作专门机构数 个 32'],
        ...['（二）设置政府信息公开查阅点数 个 25', '（三）从事政府信息公开工作人员数 人 83', '2.兼职人员数 人 29'],
        '（四）政府信息公开专项经费（不包括用于政府公报编辑管理及政府网站建设维护等方面的',
        '经费） 万元 471.39',
        ...['（一）召开政府信息公开工作会议或专题会议数 次 54', '（二）举办各类培训班数 次 54'],
      ].join('\n'),
    )
    expect(cellsOf(reading, 't1.dedicated_budget')).toEqual([471.39])
    expect(cellsOf(reading, 't1.staff_part_time')).toEqual([29])
  })
})
