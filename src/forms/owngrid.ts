/** What is left of a grid that prints the columns or rows of other years and bodies beside the report's own. */
import type { Cell, Grid } from '../../parsers/document.ts'

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
