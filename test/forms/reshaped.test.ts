/** Tables 3 and 4 turned on their side, and table 4 with groups as rows: each figure goes to its own cell, or none is read. */
import { describe, expect, it } from 'vitest'
import type { Cell, Grid } from '../../parsers/document.ts'
import { parse } from '../../parsers/index.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Fact } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { makeSample, shapes } from '../generator/index.ts'

const registry = loadRegistry()
const shape = shapes.find(({ name }) => name === 'html a fragment')!

type Placed = Pick<Cell, 'row' | 'column' | 'rowSpan' | 'columnSpan' | 'text'>

function htmlOf(cells: readonly Placed[]): string {
  const escaped = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\n', '<br>')
  const rows = Math.max(...cells.map(({ row, rowSpan }) => row + rowSpan))
  const lines = Array.from({ length: rows }, (_, index) => {
    const own = cells.filter(({ row }) => row === index).sort((a, b) => a.column - b.column)
    return own
      .map((cell) => `<td rowspan="${cell.rowSpan}" colspan="${cell.columnSpan}">${escaped(cell.text)}</td>`)
      .join('')
  })
  return `<table>${lines.map((line) => `<tr>${line}</tr>`).join('\n')}</table>`
}

const turned = (cells: readonly Placed[]): Placed[] =>
  cells.map(({ row, column, rowSpan, columnSpan, text }) => {
    return { row: column, column: row, rowSpan: columnSpan, columnSpan: rowSpan, text }
  })

/** A generated page with one of its tables written anew, and what both say. */
async function rewrite(
  seed: number,
  table: string,
  write: (cells: readonly Placed[], facts: readonly Fact[]) => readonly Placed[],
) {
  const { rendering } = makeSample(shape, seed)
  const page = Buffer.from(rendering.bytes).toString('utf8')
  const before = await readReport(rendering.bytes, { fileName: null }, registry)
  const parsed = await parse(rendering.bytes, {})
  if (!parsed.ok) throw new Error(parsed.reason)
  const tables = page.match(/<table[\s\S]*?<\/table>/g)!
  const grids = parsed.document.blocks.filter((block): block is Grid => block.kind === 'grid')
  expect(grids.length).toBe(tables.length)
  const word = table === 't3' ? /自然人|商业企业|科研机构/ : /尚未审结|结果纠正/
  const at = grids.findLastIndex(({ cells }) => cells.some(({ text }) => word.test(text.replace(/\s/g, ''))))
  expect(at).toBeGreaterThanOrEqual(0)
  const again = page.replace(tables[at]!, () => htmlOf(write(grids[at]!.cells, before.facts)))
  const after = await readReport(Buffer.from(again), { fileName: null }, registry)
  const stated = (facts: readonly Fact[]): string[] =>
    facts.map(({ code, state, value }) => `${code} ${state} ${value}`)
  return { before: stated(before.facts), after: stated(after.facts), notices: after.notices }
}

const groups = [
  ['行政复议', 'review'],
  ['未经复议直接起诉', 'litigation_direct'],
  ['复议后起诉', 'litigation_after_review'],
] as const
const outcomes = [
  ['结果维持', 'upheld'],
  ['结果纠正', 'corrected'],
  ['其他结果', 'other'],
  ['尚未审结', 'pending'],
  ['总计', 'total'],
] as const

const cell = (row: number, column: number, text: string): Placed => ({ row, column, rowSpan: 1, columnSpan: 1, text })

function textOf(facts: readonly Fact[], group: string, outcome: string): string {
  return facts.find(({ code }) => code.startsWith('t4.') && code.endsWith(`.${group}_${outcome}`))!.text
}

/** Groups of table 4 as rows, its outcomes as columns. */
function groupsAsRows(facts: readonly Fact[], nameOf = (label: string) => label): Placed[] {
  return [
    cell(0, 0, '类别'),
    ...outcomes.map(([label], column) => cell(0, column + 1, label)),
    ...groups.flatMap(([label, group], row) => [
      cell(row + 1, 0, nameOf(label)),
      ...outcomes.map(([, outcome], column) => cell(row + 1, column + 1, textOf(facts, group, outcome))),
    ]),
  ]
}

/** Each figure of table 4 in a row of its own, with the label of its group in the first row of the group alone. */
function figuresAsRows(facts: readonly Fact[]): Placed[] {
  const lines = groups.flatMap(([label, group]) =>
    outcomes.map(([name, outcome], at) => [at === 0 ? label : '', name, textOf(facts, group, outcome)]),
  )
  return [['项目', '结果', '数量'], ...lines].flatMap((texts, row) =>
    texts.map((text, column) => cell(row, column, text)),
  )
}

const nested = (label: string) => (label === '行政复议' ? label : `行政诉讼（${label}）`)

describe('A table in another shape than the form has', () => {
  it.each([
    ['t3', 'turned on its side', (cells: readonly Placed[]) => turned(cells)],
    ['t4', 'turned on its side', (cells: readonly Placed[]) => turned(cells)],
    ['t4', 'with its groups as rows', (_: readonly Placed[], facts: readonly Fact[]) => groupsAsRows(facts)],
    [
      't4',
      'with the wider group around',
      (_: readonly Placed[], facts: readonly Fact[]) => groupsAsRows(facts, nested),
    ],
    ['t4', 'with a row for each figure', (_: readonly Placed[], facts: readonly Fact[]) => figuresAsRows(facts)],
    ['t4', 'with its groups as columns', (_: readonly Placed[], facts: readonly Fact[]) => turned(groupsAsRows(facts))],
  ] as const)('%s %s is read by its labels', async (table, _, write) => {
    let tried = 0
    for (let seed = 1; seed <= 20; seed++) {
      const { before, after, notices } = await rewrite(seed, table, write)
      const reshaped = notices.filter(({ code }) => code === 'table_reshaped').map(({ data }) => data.table)
      // With hardly a figure in it, or a label misprinted, a table is none that labels tell: then nothing of it is read.
      if (reshaped.length === 0) {
        expect(after, `seed ${seed}`).toEqual(before.filter((fact) => !fact.startsWith(`${table}.`)))
        continue
      }
      tried++
      expect(after, `seed ${seed}`).toEqual(before)
      expect(reshaped).toEqual([table])
    }
    expect(tried).toBeGreaterThan(6)
  })

  it('is not read where a label is no label of the form, or two figures would go to one cell', async () => {
    const changes = [
      (cells: Placed[]) => cells.map((cell) => (cell.text === '复议后起诉' ? { ...cell, text: '其他诉讼' } : cell)),
      (cells: Placed[]) =>
        cells.map((cell) => (cell.text === '复议后起诉' ? { ...cell, text: '未经复议直接起诉' } : cell)),
    ]
    for (const change of changes) {
      const { before, after, notices } = await rewrite(1, 't4', (_, facts) => change(groupsAsRows(facts)))
      expect(after.filter((fact) => / number /.test(fact) && !before.includes(fact))).toEqual([])
      expect(notices.map(({ code }) => code)).toContain('unknown_table')
    }
  })
})

describe('A table in another shape in copied lines', () => {
  const rows = [
    ['行政复议', 1, 2, 0, 1, 4],
    ['未经复议直接起诉', 0, 1, 2, 0, 3],
    ['复议后起诉', 1, 0, 0, 1, 2],
  ]
  const read = (lines: readonly (readonly (string | number)[])[], mark: string) => {
    const title = ['宿城区市场监督管理局2023年政府信息公开工作年度报告', '四、政府信息公开行政复议、行政诉讼情况']
    const table = lines.map((line) => line.join(mark)).join('\n')
    const text = [...title, table, '五、存在的主要问题及改进情况', '无。', ''].join('\n\n')
    return readReport(Buffer.from(text), { fileName: 'report.txt' }, registry)
  }
  const labels = outcomes.map(([label]) => label)

  it.each([
    ['tabs', '\t'],
    ['single spaces', ' '],
  ])('is read where each line has all fields: %s', async (_, mark) => {
    const { facts, notices } = await read([['类别', ...labels], ...rows], mark)
    expect(facts.map(({ value }) => value)).toEqual([1, 2, 0, 1, 4, 0, 1, 2, 0, 3, 1, 0, 0, 1, 2])
    expect(notices.map(({ code }) => code)).toContain('table_reshaped')
  })

  it('is not read where the header has no corner and each line has lost a field', async () => {
    const { facts, notices } = await read([labels, ...rows.map((row) => row.toSpliced(3, 1))], ' ')
    expect(facts.filter(({ state }) => state === 'number')).toEqual([])
    expect(notices.map(({ code }) => code)).toContain('table_not_read')
  })
})
