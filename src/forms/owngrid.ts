/** What is left of a grid that prints the columns or rows of other years and bodies beside the report's own. */
import type { Cell, Grid } from '../../parsers/document.ts'
import type { LabelIndex } from './labels.ts'

/** The grid with the report's own columns or rows alone; `labels`: those of what was left out. */
export type OwnGrid = { readonly grid: Grid; readonly labels: readonly string[] }

/** The cells of each row, without those that fill up what is merged. */
export function rowsOf(grid: Grid): Cell[][] {
  const rows = Array.from({ length: grid.rowCount }, (): Cell[] => [])
  for (const cell of grid.cells) if (!cell.filler) rows[cell.row]!.push(cell)
  return rows
}

/** True where each line with as many fields as make a row has them all: only then is a field's number worth something. */
export function areWhole(
  rows: readonly (readonly Cell[])[],
  header: readonly Cell[],
  isFigure: (cell: Cell) => boolean,
): boolean {
  return rows.every((cells) => !cells.some(isFigure) || cells.length === header.length)
}

/** Where the next header stands behind rows of a table: its columns are its own, and may be none of years. */
export function endOfTable(
  rows: readonly (readonly Cell[])[],
  header: number,
  find: LabelIndex['find'],
  isFigure: (cell: Cell) => boolean,
): number {
  let hasRows = false
  for (const cells of rows.slice(header + 1)) {
    const names = (axis: 'rows' | 'columns'): boolean => cells.some(({ text }) => find(text)[axis].size > 0)
    const hasFigures = cells.some(isFigure)
    // A header whose fields were not told apart is one all the same, and so is one with nothing known but its corner.
    const heads =
      names('columns') || cells.some(({ text }) => find(text).captions.size > 0 || isRunTogether(text, find))
    if (hasRows && !hasFigures && heads && !names('rows')) return cells[0]!.row
    hasRows ||= hasFigures || names('rows')
  }
  return Number.POSITIVE_INFINITY
}

function isRunTogether(text: string, find: LabelIndex['find']): boolean {
  const parts = text.length > runTogetherMax ? [] : text.trim().split(/\s+/)
  return parts.length > 1 && parts.some((part) => find(part).exact && find(part).columns.size > 0)
}

const runTogetherMax = 100
