/** Tables of another year or another body on the page of a report: told by their captions, and never taken for the report's. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { chapters, type Tables, tablesOf } from './sample-tables.ts'

const registry = loadRegistry()

const [own, others] = [tablesOf(1), tablesOf(2)]
const title = '<h1>宿城区市场监督管理局2023年政府信息公开工作年度报告</h1>'
const line = (text: string): string => `<p>${text}</p>`
const set = ({ tables }: Tables): string => tables.map((table, at) => line(chapters[at]!) + table).join('')
const paired = (first: Tables, second: Tables, caption: (at: number) => readonly [string, string]): string =>
  first.tables.map((table, at) => caption(at)[0] + table + caption(at)[1] + second.tables[at]!).join('')
const named = (table: string, text: string): string =>
  table.replace(/<table[^>]*>/, (tag) => `${tag}<caption>${text}</caption>`)
const within = (table: string, text: string): string =>
  table.replace(/<table[^>]*>/, (tag) => `${tag}<tr><td colspan="10">${text}</td></tr>`)

function read(body: string): Promise<Reading> {
  const page = `<html><body>${title}${body}</body></html>`
  return readReport(new TextEncoder().encode(page), { fileName: null }, registry)
}

function expectOwn(reading: Reading): void {
  const facts = new Map(reading.facts.map(({ code, state, value }) => [code, { state, value }]))
  for (const [code, { state, value }] of own.sample.rendering.expected) {
    expect([code, facts.get(code)]).toEqual([code, { state, value }])
  }
}

const codesOf = ({ notices }: Reading): string[] => [...new Set(notices.map(({ code }) => code))]

describe('two sets of tables on one page', () => {
  it.each([
    ['this year and then last year', `<h2>2023年情况</h2>${set(own)}<h2>2022年情况</h2>${set(others)}`],
    ['last year and then this year', `<h2>2022年情况</h2>${set(others)}<h2>2023年情况</h2>${set(own)}`],
    ['last year by its name alone', `${set(own)}<h2>上年度统计数据</h2>${set(others)}`],
    ['a sentence that points to last year', `${set(own)}${line('以下为2022年度的数据。')}${set(others)}`],
    [
      'sentences that point to each',
      `${line('下表为2023年的数据：')}${set(own)}${line('以下是2022年度的统计数据。')}${set(others)}`,
    ],
    ['a subordinate body', `${set(own)}${line('下属单位：区质量检验所')}${set(others)}`],
    ['a unit in an annex', `${set(own)}${line('附：区质量检验所统计表')}${set(others)}`],
    [
      'a unit and then the body itself',
      `${line('一、区质量检验所统计表')}${set(others)}${line('二、局机关统计表')}${set(own)}`,
    ],
    ['each table of both years', paired(own, others, (at) => chaptersOf(at, '2023年', '2022年'))],
    ['each table of both years, the last one first', paired(others, own, (at) => chaptersOf(at, '2022年', '2023年'))],
    ['captions within tables', own.tables.map((table, at) => table + named(others.tables[at]!, '2022年')).join('')],
    [
      'lines of titles in tables',
      own.tables.map((table, at) => table + within(others.tables[at]!, '2022年度')).join(''),
    ],
  ])('%s: those of the report are read', async (_, body) => {
    const reading = await read(body)
    expect(reading.status).toBe('ok')
    expectOwn(reading)
    expect(codesOf(reading)).toEqual(['table_of_others'])
  })

  it.each([
    ['last year', line('2022年度统计表') + set(others)],
    ['a unit', line('区质量检验所统计表') + set(others)],
    ['units', line('所属事业单位情况') + set(others)],
  ])('%s alone: nothing is taken for the report’s', async (_, body) => {
    const reading = await read(body)
    expect(reading).toMatchObject({ status: 'partial', reason: { code: 'tables_not_read' }, facts: [] })
  })

  it.each(['2022年收到和处理政府信息公开申请情况', '区质量检验所收到和处理政府信息公开申请情况'])(
    '%s: one table among the report’s own',
    async (caption) => {
      const body = own.tables[0]! + line(caption) + others.tables[1]! + line(chapters[2]!) + own.tables[2]!
      const reading = await read(body)
      expect(reading.facts.filter(({ code }) => code.startsWith('t3.'))).toEqual([])
      expect(reading.tables.map(({ table }) => table)).toContain('t4')
      expect(reading).toMatchObject({ status: 'partial', reason: { code: 'tables_not_read' } })
    },
  )
})

const small = '<table><tr><td>单位</td><td>数量</td></tr><tr><td>区教育局</td><td>112</td></tr></table>'
const first = '<h2>一、总体情况</h2><p>2023年，我局认真贯彻条例。</p>'
const last = '<h2>五、存在的主要问题及改进情况</h2><p>公开内容不够丰富。</p><h2>六、其他需要报告的事项</h2><p>无。</p>'

describe('what a caption in the first chapter holds', () => {
  it.each([
    ['a table of departments', line('各部门主动公开信息数量统计表') + small],
    ['last year’s main figures', line('<b>2022年主要数据</b>') + small],
    ['a numbered unit with prose', line('（三）区政务服务中心') + line('按要求公开。')],
    ['a numbered unit', line('1.区融媒体中心')],
    ['a unit in an annex', line('下属单位：区质量检验所') + small],
    ['last year', line('上年度情况') + line('主动公开812条。')],
  ])('%s: the report goes on with its next part', async (_, said) => {
    const reading = await read(first + said + set(own) + last)
    expect(reading.status).toBe('ok')
    expectOwn(reading)
    expect(codesOf(reading)).toEqual([])
  })

  it('a numbered unit in a part without a heading', async () => {
    const reading = await read(line('（三）区政务服务中心') + line('按要求公开。') + set(own) + last)
    expectOwn(reading)
    expect(codesOf(reading)).toEqual([])
  })

  it('parts that come again under a caption of this year are last year’s before', async () => {
    const body = `${first}<p>2022年数据</p><p>有关数据。</p>${set(others)}<p>2023年数据</p>${set(own)}${last}`
    const reading = await read(body)
    expectOwn(reading)
    expect(codesOf(reading)).toEqual(['table_of_others'])
  })

  it('a table of a town behind the report is not taken for its own', async () => {
    const annex = `<h2>附件</h2><p><b>王官集镇</b></p><p>2023年度政府信息公开统计表</p>${others.tables.join('')}`
    const reading = await read(first + line('各部门主动公开信息数量统计表') + small + set(own) + last + annex)
    expectOwn(reading)
    expect(codesOf(reading)).toEqual(['table_of_others'])
  })

  it('in one run of text the table ends at the heading of the next part', async () => {
    const row = (cells: readonly string[]): string => cells.join('\t')
    const page = [
      '宿城区市场监督管理局2023年政府信息公开工作年度报告',
      '一、总体情况',
      '上年数据：',
      row(['信息内容', '本年制发件数', '本年废止件数', '现行有效件数']),
      row(['规章', '1', '0', '3']),
      row(['行政规范性文件', '14', '9', '55']),
      '二、主动公开政府信息情况',
      '第二十条第（一）项',
      row(['信息内容', '本年制发件数', '本年废止件数', '现行有效件数']),
      row(['规章', '0', '0', '2']),
      row(['行政规范性文件', '4', '19', '59']),
      '五、存在的主要问题及改进情况',
      '公开内容不够丰富。',
      '',
    ]
    const reading = await readReport(new TextEncoder().encode(page.join('\n')), { fileName: null }, registry)
    expect(reading.facts.map(({ value }) => value)).toEqual([0, 0, 2, 4, 19, 59])
    expect(codesOf(reading)).toEqual(['table_of_others'])
  })

  it('parts numbered in digits go on too', async () => {
    const digits = (text: string): string =>
      text.replaceAll('二、主', '2.主').replaceAll('三、收', '3.收').replaceAll('四、因', '4.因')
    const said = '<h2>1.总体情况</h2><p>2022年主要数据</p>'
    const reading = await read(said + small + digits(set(own)))
    expectOwn(reading)
  })
})

describe('captions behind the report', () => {
  it.each([
    '王官集镇',
    '<b>区教育局</b>',
    '宿城经济开发区',
    '（王官集镇）',
    '附件1 王官集镇',
    '填报单位：王官集镇',
    '单位名称：区教育局 年度：2023年',
    '上年同期：',
    '去年同期数据如下：',
    '附2022年同期数据，供对比参考：',
    '2022年度数据对比',
    '二〇二二年度',
    '第一季度',
    '其中第四季度：',
    '2023年上半年',
    '2023年1—6月',
    '填报示例',
    '（样表）',
    '（征求意见稿）',
  ])('%s: set aside', async (caption) => {
    const reading = await read(set(own) + last + line(caption) + others.tables.join(''))
    expect(reading.status).toBe('ok')
    expectOwn(reading)
    expect(codesOf(reading)).toEqual(['table_of_others'])
  })

  it.each(['王官集镇', '填报单位：王官集镇', '2022年'])('%s in the first row of a table: set aside', async (text) => {
    const reading = await read(set(own) + others.tables.map((table) => within(table, text)).join(''))
    expectOwn(reading)
    expect(codesOf(reading)).toEqual(['table_of_others'])
  })

  it.each([
    '填报单位：区市场监管局',
    '填报单位（盖章）：宿城区市场监督管理局　填报日期：2024年1月15日',
    '填报时间：2024-01-15',
    '宿城区市场监督管理局',
    '本年度数据如下：',
    '单位：件',
  ])('%s: the tables are the report’s', async (caption) => {
    const reading = await read(chapters.map(line).join('') + line(caption) + own.tables.join(''))
    expectOwn(reading)
    expect(codesOf(reading)).toEqual([])
    const inTable = await read(chapters.map((text, at) => line(text) + within(own.tables[at]!, caption)).join(''))
    expectOwn(inTable)
  })

  it('a county is no town within it', async () => {
    const town = (body: string): Promise<Reading> =>
      readReport(
        new TextEncoder().encode(`<html><h1>宿城区王官集镇人民政府2023年政府信息公开工作年度报告</h1>${body}</html>`),
        { fileName: null },
        registry,
      )
    const reading = await town(set(own) + line('附：宿城区人民政府统计表') + others.tables.join(''))
    expectOwn(reading)
    expectOwn(await town(line('附：王官集镇政府统计表') + own.tables.join('')))
  })
})

/** Captions that are of a table's chapter and name a year. */
function chaptersOf(at: number, first: string, second: string): readonly [string, string] {
  const chapter = chapters[at]!.slice(2)
  return [line(first + chapter), line(second + chapter)]
}

describe('what names others and is no caption', () => {
  it.each([
    ['a sentence', line('2022年，全局共收到申请3件，较2021年增加1件。') + set(own)],
    ['a list of reports', line('2022年政府信息公开工作年度报告') + line('2021年政府信息公开工作年度报告') + set(own)],
    ['the page before', line('上一篇：2022年统计表') + set(own)],
    ['the agency by its short name', line('区市场监管局统计表') + set(own)],
    ['the whole of it', line('全区汇总表') + set(own)],
    ['names of offices', ['区教育局', '区民政局', '区财政局', '区司法局'].map(line).join('') + set(own)],
    ['who signed', line('宿城区政务服务中心') + set(own)],
    ['this year in a chapter', own.tables.map((table, at) => chaptersOf(at, '2023年', '')[0] + table).join('')],
  ])('%s: the tables are the report’s', async (_, body) => {
    const reading = await read(body)
    expect(reading.status).toBe('ok')
    expectOwn(reading)
  })
})
