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
  for (const cell of grid.cells) if (cell.rowSpan > 1) openRivals(cell, labels, whose)
  if (!whose.includes('other')) return null
  const moved = new Map<number, number>()
  for (const cell of grid.cells) if (cell.rowSpan > 1) exchange(cell, labels, whose, moved)
  const cells = grid.cells.map((cell) => {
    const level = labels[cell.row]
    const isBehind = level !== null && level !== undefined && cell.column >= level.column
    const isLeft = whose[cell.row] === 'other' && (isBehind || cell.rowSpan === 1 || areOthers(cell, whose))
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
function openRivals({ row, rowSpan, column }: Cell, labels: readonly (Cell | null)[], whose: Whose[]): void {
  const end = Math.min(row + rowSpan, labels.length)
  const names = new Set<string>()
  for (let at = row; at < end; at++) if (whose[at] === 'own' && labels[at]!.column > column) names.add(labels[at]!.text)
  if (names.size > 1) whose.fill('other', row, end)
}

/** True for a label all of whose rows are another's, as far as they say. */
function areOthers({ row, rowSpan }: Cell, whose: readonly Whose[]): boolean {
  return !whose.slice(row, row + rowSpan).some((one) => one !== 'other')
}

/** Under a label that reaches over rows of several years the report's own comes first, where the label stands. */
function exchange(
  { row, rowSpan }: Cell,
  labels: readonly (Cell | null)[],
  whose: readonly Whose[],
  moved: Map<number, number>,
): void {
  if (whose[row] !== 'other' || moved.has(row)) return
  const end = Math.min(row + rowSpan, labels.length)
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
