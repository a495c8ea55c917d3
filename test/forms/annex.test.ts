/** Lists of figures with a unit each: what units, row numbers and local tables make of the statistics table of 2014. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { unknownTables } from '../../src/forms/unknown.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const [table] = registry.byId.get('ogi_2014')!.definition.tables
const title = '<h1>宿迁市商务局2017年政府信息公开工作年度报告</h1>'

type Printed = { readonly label: string; readonly unit: string; readonly value: string }

/** The official rows, each value row with a figure of its own. */
const rows: Printed[] = table!.rows.map((row, index) => ({
  label: row.labels[0]!,
  unit: row.unit ?? '',
  value: row.abstract ? '' : String(index + 3),
}))

function read(text: string): Promise<Reading> {
  return readReport(new TextEncoder().encode(text), { fileName: null }, registry)
}

function page(cells: readonly (readonly string[])[]): string {
  const lines = cells.map((row) => `<tr>${row.map((text) => `<td>${text}</td>`).join('')}</tr>`)
  return `${title}<table>${lines.join('')}</table>`
}

function figures(reading: Reading): (number | null)[] {
  return reading.facts.map(({ value }) => value)
}

const wanted = rows.flatMap(({ value }) => (value === '' ? [] : [Number(value)]))

describe('the statistics table of 2014', () => {
  const head = ['统计指标', '单位', '统计数']
  it.each([
    ['as the form has it', page([head, ...rows.map((row) => [row.label, row.unit, row.value])])],
    [
      'rows numbered behind the labels',
      page([
        ['统计指标', '行次', '单位', '统计数'],
        ...rows.map((row, at) => [row.label, String(at + 1), row.unit, row.value]),
      ]),
    ],
    [
      'units behind the figures',
      page([['统计指标', '统计数', '计量单位'], ...rows.map((row) => [row.label, row.value, row.unit])]),
    ],
    ['no units', page([['统计指标', '统计数'], ...rows.map((row) => [row.label, row.value])])],
    [
      'columns counted on a line of their own',
      page([head, ['栏次', '', '1'], ...rows.map((row) => [row.label, row.unit, row.value])]),
    ],
    [
      'lines of text',
      `宿迁市商务局2017年政府信息公开工作年度报告\n\n${head.join(' ')}\n${rows.map((row) => `${row.label} ${row.unit} ${row.value}`.trimEnd()).join('\n')}\n`,
    ],
    [
      'paragraphs',
      `${title}<p>${head.join(' ')}</p>${rows.map((row) => `<p>${row.label} ${row.unit} ${row.value}</p>`).join('')}`,
    ],
  ])('%s', async (_, text) => {
    const reading = await read(text)
    expect(figures(reading)).toEqual(wanted)
    expect(reading.status).toBe('ok')
    expect(reading.form).toBe('ogi_2014')
    expect(reading.facts.every(({ unit }) => unit === null)).toBe(true)
  })

  it('a unit that is not the form’s is told, and sums of money are judged in it', async () => {
    const yuan = rows.map((row) => [row.label, row.unit === '万元' ? '元' : row.unit, row.value])
    const money = (await read(page([head, ...yuan]))).facts.filter(({ unit }) => unit !== null)
    expect(money.map(({ code, unit }) => [code, unit])).toEqual([
      ['t1.fees_collected.value', '元'],
      ['t1.dedicated_budget.value', '元'],
    ])
    const inLabel = rows.map((row) => [
      row.unit === '万元' ? `${row.label.replace(/（[^）]*经费）/, '')}（元）` : row.label,
      row.value,
    ])
    const labelled = await read(page([['统计指标', '统计数'], ...inLabel]))
    expect(labelled.facts.filter(({ unit }) => unit === '元').length).toBe(2)
    const other = rows.map((row) => [row.label, row.unit === '篇' ? '件' : row.unit, row.value])
    const counted = (await read(page([head, ...other]))).facts.filter(({ unit }) => unit !== null)
    expect(counted.map(({ code, unit }) => [code, unit])).toEqual([['t1.policy_articles.value', '件']])
  })

  it('a row whose label repeats goes with its neighbours, whatever is missing before it', async () => {
    const without = rows.filter(({ label }) => !/^四、|维持具体行政行为数$/.test(label))
    const reading = await read(page([head, ...without.map((row) => [row.label, row.unit, row.value])]))
    const at = (code: string) => reading.facts.find((fact) => fact.code === `t1.${code}.value`)?.value
    const printed = (code: string): number => Number(rows[table!.rows.findIndex((row) => row.code === code)]!.value)
    for (const code of ['litigation_upheld', 'litigation_corrected', 'litigation_other'])
      expect(at(code)).toBe(printed(code))
    expect([null, printed('review_corrected')]).toContain(at('review_corrected'))
  })

  it('a local table that shares some labels is kept as printed, and nothing of it gets a code', async () => {
    const shared = rows.filter(({ value }) => value !== '').slice(18, 28)
    const local = Array.from({ length: 24 }, (_, at) => [
      `${at + 1}.本地指标${'甲乙丙丁'[at % 4]}${at}`,
      '件',
      String(at + 40),
    ])
    const printed = [head, ...local, ...shared.map((row) => [row.label, row.unit, row.value])]
    const reading = await read(page(printed))
    expect(reading.facts).toEqual([])
    expect(reading.reason?.code).toBe('unknown_form')
    expect(unknownTables(reading.notices).map(({ rows: kept }) => kept)).toEqual([printed])
  })

  it('a figure between two labels on one line is never dropped', async () => {
    const merged = rows.map((row) => [row.label, row.unit, row.value])
    const at = rows.findIndex(({ label }) => label.includes('当面申请数'))
    merged.splice(at, 2, ['1.当面申请数', '件', '7', '2.传真申请数', '件', '8'])
    const reading = await read(page([head, ...merged]))
    const said = reading.notices.filter(({ code }) => code === 'unplaced_figure').map(({ data }) => String(data.text))
    const facts = ['received_in_person', 'received_fax'].map(
      (row) => reading.facts.find(({ code }) => code === `t1.${row}.value`)?.value,
    )
    for (const [index, figure] of ['7', '8'].entries()) {
      const told = facts[index] === Number(figure) || said.some((text) => text.split(' ').includes(figure))
      expect(told, figure).toBe(true)
    }
    expect(reading.status).toBe('partial')
  })

  it('figures run together with the numbers of the next rows are not read', async () => {
    const text = rows.map((row, at) => `${at + 1}${row.label}${row.unit}${row.value}`).join('')
    const reading = await read(`宿迁市商务局2017年政府信息公开工作年度报告\n\n统计指标单位统计数${text}\n`)
    expect(reading.facts).toEqual([])
    expect(reading.status).toBe('partial')
  })

  it('tells of a misprinted label that is taken for another row, though both hold the same', async () => {
    const damaged = rows.map(({ label, unit, value }) => {
      return [label.replace('不同意公开', '昰同意公开'), unit, value === '' ? '' : '0']
    })
    const { status, notices } = await read(page([head, ...damaged]))
    expect(status).toBe('partial')
    const told = notices.filter(({ code }) => code === 'unplaced_figure')
    expect(told.map(({ data }) => data)).toEqual([{ table: 't1', label: '4.昰同意公开答复数', text: '0' }])
  })

  it('a part whose header is not known is told, units between labels and figures or not, and nobody is blamed', async () => {
    const cut = rows.findIndex(({ label }) => label.startsWith('二、'))
    const part = (head: readonly string[], some: readonly Printed[]): string =>
      page([head, ...some.map((row) => [row.label, row.unit, row.value])]).replace(title, '')
    const strange = part(['事项', '单位', '甲栏'], rows.slice(0, cut))
    const { status, notices, findings } = await read(title + strange + part(head, rows.slice(cut)))
    expect(status).toBe('partial')
    const told = notices.filter(({ code }) => code === 'unplaced_figure').map(({ data }) => data.label)
    expect(told).toContain('制发规范性文件总数')
    expect(findings.filter(({ rule, fault }) => rule.endsWith('missing_cells') && fault === 'report')).toEqual([])
  })

  it('tables of the report’s own form are looked for, however large its annex is', async () => {
    const own = `<table><tr><td>信息内容</td><td>甲</td><td>乙</td><td>现行有效件数</td></tr>
      <tr><td>规章</td><td>—</td><td>—</td><td>—</td></tr><tr><td>行政规范性文件</td><td>2</td><td>—</td><td>36</td></tr></table>
      <table><tr><td>信息内容</td><td>本年处理决定数量</td></tr><tr><td>行政许可</td><td>4</td></tr></table>`
    const annex = page([head, ...rows.map((row) => [row.label, row.unit, row.value])]).replace(title, '')
    const chapter = '<p>二、主动公开政府信息情况</p>'
    const { form, status, notices } = await read(`${title}${chapter}${own}<p>三、附件</p>${annex}`)
    expect(form).toBe('ogi_2014')
    expect(status).toBe('partial')
    expect(unknownTables(notices).map(({ rows: kept }) => kept[0])).toEqual([['信息内容', '甲', '乙', '现行有效件数']])
  })

  it.each([
    ['a header of more columns that nobody knows', [['统计内容', '单位', '数目', '比往年增减']]],
    ['no header', []],
  ])('figures of a further column are not taken for those of a part that goes on under %s', async (_, over) => {
    const half = rows.findIndex(({ label }) => label.startsWith('三、'))
    const more = rows
      .slice(half)
      .map((row, at) => [row.label, row.unit, at % 3 === 0 ? row.value : '', String(at + 50)])
    const parts = [
      page([head, ...rows.slice(0, half).map((row) => [row.label, row.unit, row.value])]),
      page([...over, ...more]).replace(title, ''),
    ]
    const { facts, status } = await read(parts.join('<p></p>'))
    const printed = new Map(rows.map((row, at) => [`t1.${table!.rows[at]!.code}.value`, row.value]))
    for (const { code, state, value } of facts) {
      if (state === 'number') expect([code, String(value)]).toEqual([code, printed.get(code)])
    }
    expect(status).toBe('partial')
  })
})
