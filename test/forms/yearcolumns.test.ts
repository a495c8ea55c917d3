/** This year's column and last year's beside one another, in a table of which the form has one column. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const [table] = registry.byId.get('ogi_2014')!.definition.tables
const name = '宿迁市商务局2017年政府信息公开工作年度报告'

const rows = table!.rows.map(({ labels, unit, abstract }, index) => ({
  start: [labels[0]!, unit ?? ''],
  own: abstract ? '' : String(index + 3),
  last: abstract ? '' : String(index + 203),
}))
const wanted = rows.flatMap(({ own }) => (own === '' ? [] : [Number(own)]))

type Column = 'own' | 'last' | 'change'
/** A table under these labels, each with what stands under it. */
function lines(columns: readonly (readonly [label: string, column: Column])[]): string[][] {
  const head = ['统计指标', '单位', ...columns.map(([label]) => label)]
  const cells = rows.map(({ start, own, last }) => [
    ...start,
    ...columns.map(([, column]) => (column === 'own' ? own : column === 'last' || own === '' ? last : '-200')),
  ])
  return [head, ...cells]
}

const markup = (texts: readonly (readonly string[])[]): string =>
  texts.map((row) => `<tr>${row.map((text) => `<td>${text}</td>`).join('')}</tr>`).join('')
const page = (texts: readonly (readonly string[])[]): string => `<h1>${name}</h1><table>${markup(texts)}</table>`

function read(text: string): Promise<Reading> {
  return readReport(new TextEncoder().encode(text), { fileName: null }, registry)
}

const figures = ({ facts }: Reading): (number | null)[] => facts.map(({ value }) => value)

describe('columns of several years', () => {
  const grouped = `<tr><td rowspan=2>统计指标</td><td rowspan=2>单位</td><td colspan=2>统计数</td></tr><tr><td>2016年</td><td>2017年</td></tr>`
  const both = lines([
    ['上年数', 'last'],
    ['本年数', 'own'],
  ])
  it.each([
    [
      '本年数 上年数',
      page(
        lines([
          ['本年数', 'own'],
          ['上年数', 'last'],
        ]),
      ),
    ],
    ['上年数 本年数', page(both)],
    [
      '2017年 2016年',
      page(
        lines([
          ['2017年', 'own'],
          ['2016年', 'last'],
        ]),
      ),
    ],
    [
      '2016年度 2017年度',
      page(
        lines([
          ['2016年度', 'last'],
          ['2017年度', 'own'],
        ]),
      ),
    ],
    [
      'years in brackets',
      page(
        lines([
          ['统计数（2016年）', 'last'],
          ['统计数（2017年）', 'own'],
        ]),
      ),
    ],
    [
      '统计数 上年数',
      page(
        lines([
          ['统计数', 'own'],
          ['上年数', 'last'],
        ]),
      ),
    ],
    [
      '上年数 统计数',
      page(
        lines([
          ['上年数', 'last'],
          ['统计数', 'own'],
        ]),
      ),
    ],
    [
      'three years',
      page(
        lines([
          ['2015年', 'last'],
          ['2016年', 'last'],
          ['2017年', 'own'],
        ]),
      ),
    ],
    [
      'what changed',
      page(
        lines([
          ['2017年', 'own'],
          ['2016年', 'last'],
          ['增减', 'change'],
        ]),
      ),
    ],
    ['a group over the years', `<h1>${name}</h1><table>${grouped}${markup(both.slice(1))}</table>`],
    ['the header again', page([...both.slice(0, 30), both[0]!, ...both.slice(30)])],
    ['lines of text', `${name}\n\n${both.map((row) => row.join('\t')).join('\n')}\n`],
  ])('%s: this year’s is read', async (_, text) => {
    const reading = await read(text)
    expect(figures(reading)).toEqual(wanted)
    expect(reading.status).toBe('ok')
    expect(reading.notices.map(({ code }) => code)).toContain('table_of_others')
  })

  it.each([
    ['another year in brackets', page(lines([['统计数（2016年）', 'last']]))],
    [
      'two other years',
      page(
        lines([
          ['2016年', 'last'],
          ['2015年', 'last'],
        ]),
      ),
    ],
    ['another year', page(lines([['2016年', 'last']]))],
  ])('%s alone: nothing is read', async (_, text) => {
    const reading = await read(text)
    expect(reading.facts).toEqual([])
    expect(reading.status).toBe('partial')
  })

  it('in another order further down: last year’s are not taken', async () => {
    const turned = lines([
      ['本年数', 'own'],
      ['上年数', 'last'],
    ])
    const reading = await read(page([...both.slice(0, 30), turned[0]!, ...turned.slice(30)]))
    for (const [index, fact] of reading.facts.entries()) {
      if (fact.state === 'number') expect([fact.code, fact.value]).toEqual([fact.code, wanted[index]])
    }
  })
})

describe('a count that looks like a year', () => {
  const third = registry.byId.get('ogi_2021')!.definition.tables.find(({ code }) => code === 't3')!
  const columns = third.columns.filter(({ abstract }) => !abstract)
  const all = third.rows.filter(({ abstract }) => !abstract)

  it.each(['/', ''])('in a row of totals, with %j where nothing happened, is a count', async (none) => {
    const counted = new Set(['new_received', 'granted', 'total_processed'])
    const texts = all.map(({ code, labels }) => {
      const cells = columns.map((column) =>
        counted.has(code) && /^(?:natural_person|total)$/.test(column.code) ? '2016' : none,
      )
      return [labels[0]!, ...cells]
    })
    const head = ['', ...columns.map(({ labels }) => labels[0]!)]
    const { facts } = await read(
      `<h1>某县人民政府2023年政府信息公开工作年度报告</h1><table>${markup([head, ...texts])}</table>`,
    )
    const found = facts.filter(({ code }) => code.startsWith('t3.')).map(({ text }) => text)
    expect(found).toEqual(texts.flatMap(([, ...cells]) => cells))
  })
})

describe('several tables in one grid', () => {
  it('a column of last year in one of them leaves the others their figures', async () => {
    const grid = [
      ['信息内容', '2016年', '上一年项目数量', '本年增/减', '处理决定数量'],
      ['行政许可', '55', '4', '+3', '68'],
      ['其他对外管理服务事项', '42', '7', '0', '1'],
      ['信息内容', '上一年项目数量', '本年增/减', '处理决定数量'],
      ['行政处罚', '5', '2', '9'],
      ['行政强制', '6', '1', '8'],
    ]
    expect(figures(await read(page(grid)))).toEqual([4, 3, 68, 7, 0, 1, 5, 2, 9, 6, 1, 8])
  })
})
