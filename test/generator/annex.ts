/**
 * The statistics table of 2014 as agencies print it: one long list of indicators with a unit and a figure each. Units
 * before or behind the figures or nowhere, rows numbered in front or behind the labels, labels at one indent or in a
 * column for each level, the list in one piece or in halves beside one another.
 */
import type { Line, TableDefinition } from '../../src/model.ts'
import type { PrintedCell } from './figures.ts'
import type { Labeler } from './labels.ts'
import { finish, type Layout, type LayoutCell } from './layout.ts'
import type { Random } from './random.ts'

type Column = 'number' | 'label' | 'unit' | 'line' | 'value'

/** The table in one of its builds. */
export function layoutAnnex(
  table: TableDefinition,
  cells: ReadonlyMap<string, PrintedCell>,
  label: Labeler,
  random: Random,
): Layout {
  const levels = random.chance(0.2) ? 3 : 1
  const columns = columnsOf(levels, random)
  const halves = levels === 1 && random.chance(0.2) ? 2 : 1
  const perHalf = Math.ceil(table.rows.length / halves)
  const ofWhich = random.chance(0.7)
  const made: LayoutCell[] = []
  for (let half = 0; half < halves; half++) {
    const left = half * columns.length
    made.push(...headerOf(table, columns, left, levels, random))
    for (let at = 0; at < perHalf; at++) {
      const index = half * perHalf + at
      const line = table.rows[index] ?? null
      made.push(...rowOf(table, line, index, columns, levels, cells, label, ofWhich, at + 1, left))
    }
  }
  const first = columns.indexOf('value')
  return finish({
    table: table.code,
    rowCount: perHalf + 1,
    columnCount: columns.length * halves,
    headerRows: 1,
    labelColumns: first,
    cells: made,
  })
}

function columnsOf(levels: number, random: Random): Column[] {
  const columns: Column[] = random.chance(0.2) ? ['number'] : []
  for (let level = 0; level < levels; level++) columns.push('label')
  const unit = random.pick(['before', 'before', 'before', 'behind', 'none'] as const)
  // Under labels of several columns a list of numbers is told from figures by its column alone, which text loses.
  const line = levels === 1 && random.chance(0.15)
  if (line && random.chance(0.5)) columns.push('line')
  if (unit === 'before') columns.push('unit')
  if (line && !columns.includes('line')) columns.push('line')
  columns.push('value')
  if (unit === 'behind') columns.push('unit')
  return columns
}

function headerOf(
  table: TableDefinition,
  columns: readonly Column[],
  left: number,
  levels: number,
  random: Random,
): LayoutCell[] {
  const first = columns.indexOf('label')
  return columns.flatMap((column, index): LayoutCell[] => {
    if (column === 'label' && index > first) return []
    const text = {
      number: '序号',
      label: table.corners[0]!,
      unit: random.pick(table.asides.units),
      line: '行次',
      value: table.columns[0]!.labels[0]!,
    }[column]
    const role = column === 'value' ? 'column' : 'corner'
    const columnSpan = column === 'label' ? levels : 1
    return [{ row: 0, column: left + index, rowSpan: 1, columnSpan, text, role, code: null }]
  })
}

function rowOf(
  table: TableDefinition,
  line: Line | null,
  index: number,
  columns: readonly Column[],
  levels: number,
  cells: ReadonlyMap<string, PrintedCell>,
  label: Labeler,
  ofWhich: boolean,
  row: number,
  left: number,
): LayoutCell[] {
  const own = Math.min(levels - 1, line === null ? 0 : depthOf(line, table.rows))
  const printed = line === null ? '' : label(line)
  const text = ofWhich ? printed : printed.replace(/^其中[:：]/, '')
  const code = line === null || line.abstract ? null : `${table.code}.${line.code}.${table.columns[0]!.code}`
  let level = 0
  return columns.map((column, place): LayoutCell => {
    const base = { row, column: left + place, rowSpan: 1, columnSpan: 1, code: null }
    if (column === 'label') return { ...base, text: level++ === own ? text : '', role: 'row' }
    if (column === 'unit') return { ...base, text: line?.unit ?? '', role: 'local' }
    if (column === 'value') {
      return { ...base, text: code === null ? '' : (cells.get(code)?.text ?? ''), role: code ? 'value' : 'empty', code }
    }
    return { ...base, text: line === null ? '' : String(index + 1), role: 'local' }
  })
}

function depthOf(line: Line, rows: readonly Line[]): number {
  const parent = rows.find(({ code }) => code === line.parent)
  return parent === undefined ? 0 : 1 + depthOf(parent, rows)
}
