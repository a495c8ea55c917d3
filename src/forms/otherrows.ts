/**
 * Rows of other years and bodies within a table (2022年 | 3 | 0, 区质量检验所 | 1 | 2): takes a grid and what a label says of
 * whose it is, gives the grid without them.
 */
import type { Cell, Grid } from '../../parsers/document.ts'
import type { Whose } from './captiontext.ts'
import type { LabelIndex } from './labels.ts'
import { type OwnGrid, rowsOf } from './owngrid.ts'

/** Longer texts name no row's year or body. */
const labelCharactersMax = 24
/** What rows of the report's own are called, since longer words may name other rows. */
const ownLabel = '本年'
/** A figure, or a mark in its place. */
const value = /^\s*(?:[\d０-９]+(?:[.．,，][\d０-９]+)*|[/／—–-]+|无)\s*$/

/** Null where no row of the grid is another's. `whoseRow` tells whose a label is. */
export function withOwnRows(grid: Grid, whoseRow: (label: string) => Whose, find: LabelIndex['find']): OwnGrid | null {
  const rows = rowsOf(grid)
  const labels = rows.map((cells) => levelOf(cells, find))
  const whose = labels.map((label) => (label === null ? null : whoseRow(label.text)))
  if (!whose.some((one) => one !== null)) return null
  const spans = grid.cells.flatMap(({ row, rowSpan, column }) =>
    rowSpan > 1 ? [{ row, end: row + rowSpan, column, isShared: true }] : [],
  )
  const runs = [...spans, ...runsOf(rows, labels, find)]
  for (const run of runs) openRivals(run, labels, whose)
  if (!whose.includes('other')) return null
  const moved = new Map<number, number>()
  for (const run of runs) exchange(run, labels, whose, moved)
  const cells = grid.cells.map((cell) => {
    const level = labels[cell.row]
    const isBehind = level !== null && level !== undefined && cell.column >= level.column
    const isShared = moved.has(cell.row) || (cell.rowSpan > 1 && !areOthers(cell, whose))
    const isLeft = whose[cell.row] === 'other' && (isBehind || !isShared)
    const isOwn = whose[cell.row] === 'own' && cell === level
    const own = isLeft ? { ...cell, text: '', filler: true } : isOwn ? { ...cell, text: ownLabel } : cell
    const row = moved.get(cell.row)
    return isBehind && row !== undefined ? { ...own, row } : own
  })
  cells.sort((a, b) => a.row - b.row || a.column - b.column)
  const left = labels.flatMap((label, row) => (label !== null && whose[row] === 'other' ? [label.text.trim()] : []))
  return { grid: { ...grid, cells }, labels: [...new Set(left)] }
}

/** Two rows of one label that are the report's own by different names, as of the whole and its head, leave neither to it. */
function openRivals({ row, end: below, column }: Run, labels: readonly (Cell | null)[], whose: Whose[]): void {
  const end = Math.min(below, labels.length)
  const names = new Set<string>()
  for (let at = row; at < end; at++) if (whose[at] === 'own' && labels[at]!.column > column) names.add(labels[at]!.text)
  if (names.size > 1) whose.fill('other', row, end)
}

/** Rows below one another of one label, which stands in that column and is shared or printed in each; ends exclusive. */
type Run = { readonly row: number; readonly end: number; readonly column: number; readonly isShared: boolean }

/** Runs of rows whose label, one of a form's, the first of them prints alone, or each. */
function runsOf(rows: readonly (readonly Cell[])[], labels: readonly (Cell | null)[], find: LabelIndex['find']): Run[] {
  const runs: Run[] = []
  const labelOf = (row: number): Cell | undefined => {
    const before = rows[row]!.filter(({ column }) => column < labels[row]!.column)
    return before.findLast(({ text }) => find(text).rows.size > 0)
  }
  for (let row = 0, end = 1; row < rows.length; row = end, end++) {
    const label = labels[row] === null ? undefined : labelOf(row)
    if (label === undefined) continue
    while (end < rows.length && labels[end] !== null && [undefined, label.text].includes(labelOf(end)?.text)) end++
    if (end > row + 1) runs.push({ row, end, column: label.column, isShared: labelOf(row + 1) === undefined })
  }
  return runs
}

/** True for a label all of whose rows are another's, as far as they say. */
function areOthers({ row, rowSpan }: Cell, whose: readonly Whose[]): boolean {
  return !whose.slice(row, row + rowSpan).some((one) => one !== 'other')
}

/** Under a label of rows of several years the report's own comes first, where the label stands. */
function exchange(
  { row, end: below, isShared }: Run,
  labels: readonly (Cell | null)[],
  whose: readonly Whose[],
  moved: Map<number, number>,
): void {
  if (!isShared || whose[row] !== 'other' || moved.has(row)) return
  const end = Math.min(below, labels.length)
  const own: number[] = []
  for (let at = row + 1; at < end; at++) if (whose[at] === 'own') own.push(at)
  if (own.length !== 1 || labels[own[0]!]!.column !== labels[row]!.column) return
  moved.set(row, own[0]!)
  moved.set(own[0]!, row)
}

/** The last words before the figures of a row, where they name no row or column of a form. */
function levelOf(cells: readonly Cell[], find: LabelIndex['find']): Cell | null {
  const first = cells.findIndex(({ text }) => value.test(text))
  const label = cells.slice(0, Math.max(first, 0)).findLast(({ text }) => text.trim() !== '')
  if (label === undefined || label.text.length > labelCharactersMax || label.rowSpan > 1) return null
  return find(label.text).scopes.length === 0 ? label : null
}

/**
 * The names over blocks of columns side by side, each of a body (全区 | 区本级); none where there are no such blocks. Which of
 * them are the report's, the grid does not say.
 */
export function blocksOfBodies(grid: Grid, whoseRow: (label: string) => Whose, find: LabelIndex['find']): string[] {
  const widths = new Map<string, number>()
  for (const { text, columnSpan } of grid.cells) {
    if (value.test(text)) break
    const name = text.trim()
    if (name === '' || name.length > labelCharactersMax || /[年期]/.test(name)) continue
    // What forms know of a label was found out before, and most labels are theirs.
    if (find(name).scopes.length > 0 || whoseRow(name) === null) continue
    widths.set(name, (widths.get(name) ?? 0) + columnSpan)
  }
  const names = [...widths].filter(([, width]) => width > 1 && width < grid.columnCount).map(([name]) => name)
  return names.length > 1 ? names : []
}
