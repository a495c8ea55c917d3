/** Labels that name the report's year, 2023, or the one before it in other words than the form. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { readTables, valuesOf } from './small-pages.ts'
import { report } from './table-3.ts'

const rows = ['规章|5|2|3', '行政规范性文件|6|7|8']

describe('years in the labels of columns', () => {
  it.each([
    '信息内容|2023年制发件数|2023年度废止件数|现行有效件数',
    '信息内容|今年制发件数|当年废止件数|现行有效件数',
    '信息内容|２０２３年制发件数|本年度废止件数|现行有效件数',
  ])('are the report’s own: %s', async (header) => {
    const { facts, notices } = await readTables([header, ...rows])
    expect(facts.map(({ value }) => value)).toEqual([5, 2, 3, 6, 7, 8])
    expect(notices).toEqual([])
  })

  it('are the year before where the form has a column of it', async () => {
    const header = '信息内容|2022年项目数量|2023年增/减|处理决定数量'
    expect(await valuesOf('t2_art20_5', [header, '行政许可|5|-2|3', '其他对外管理服务事项|6|7|8'])).toEqual([
      5, -2, 3, 6, 7, 8,
    ])
  })

  it('are nobody’s where the form has none, and told', async () => {
    const header = '信息内容|2022年制发件数|2023年制发件数|2023年废止件数|现行有效件数'
    const { facts, notices } = await readTables([header, '规章|9|5|2|3', '行政规范性文件|9|6|7|8'])
    expect(facts.map(({ value }) => value)).toEqual([5, 2, 3, 6, 7, 8])
    expect(notices.map(({ code }) => code)).toEqual(['unknown_label', 'unplaced_figure', 'unplaced_figure'])
  })

  it.each(['2021年', '2024年'])('are not read where they are of another year: %s', async (year) => {
    const header = `信息内容|${year}制发件数|${year}废止件数|现行有效件数`
    const { facts } = await readTables([header, ...rows])
    expect(facts.filter(({ code, state }) => /issued|repealed/.test(code) && state === 'number')).toEqual([])
  })
})

describe('years in the labels of rows', () => {
  const registry = loadRegistry()
  const read = async (text: string) => (await readReport(Buffer.from(text), { fileName: 'report.txt' }, registry)).facts

  it('are the form’s own words', async () => {
    const renamed = report
      .replace('一、本年新收', '一、2021年新收')
      .replace('二、上年结转', '二、2020年度结转')
      .replace('三、本年度办理结果', '三、2021年办理结果')
    const values = (facts: Awaited<ReturnType<typeof read>>) =>
      facts.map(({ code, state, value }) => [code, state, value])
    expect(values(await read(renamed))).toEqual(values(await read(report)))
  })

  it('are no rows of the form where they are other years', async () => {
    const facts = await read(report.replace('一、本年新收', '一、2019年新收'))
    const states = facts.flatMap(({ code, state }) => (code.startsWith('t3.new_received.') ? [state] : []))
    expect(new Set(states)).toEqual(new Set(['absent']))
  })
})
