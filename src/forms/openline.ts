/**
 * A line of a row whose values are looked for: the cells behind its label, the columns of the header over it, and what is
 * found of each column.
 */
import type { HeaderColumn } from './headercolumn.ts'
import { isBlank, isWords, type LineCell, type Trimmed } from './lines.ts'
import type { PlacedSum } from './scope.ts'

/** One column's cell in a line: the cell, `absent` where the source has none, or what it could be. */
export type Placed =
  /** `copies` are further fields that repeat the cell's text. */
  | { readonly kind: 'cell'; readonly cell: LineCell; readonly copies?: readonly LineCell[] }
  | { readonly kind: 'absent' }
  | { readonly kind: 'ambiguous'; readonly cells: readonly LineCell[] }

/** A line to be read. */
export type OpenLine = {
  /** The cells behind its label. */
  readonly rest: readonly LineCell[]
  readonly aligned: boolean
  /** True where the source does not tell how many columns a cell covers. */
  readonly ragged: boolean
  /** True where cells were one behind another, so that their places in the line are no fields that another line has too. */
  readonly stream: boolean
  readonly trimmed: Trimmed
  /** How many fields the longest line beside it has more: so many may have been cut off. */
  readonly shorter: number
  /** Index in the line of the first cell of `rest`. */
  readonly offset: number
  /** Label columns that the official layout has behind this row's label: those its merged cell covers. */
  readonly coveredColumns: number
}

/** The columns of some lines, as their header prints them. */
export type Columns = {
  readonly columns: readonly HeaderColumn[]
  /** Every column that the form has is printed. */
  readonly complete: boolean
  /** Some labels of the header are pieces of labels: how many columns it has is not known. */
  readonly pieced: boolean
  /** Its labels do not tell which column is whose: see Header. */
  readonly torn: boolean
  readonly guessed: boolean
  /** What the form says of the columns of one row; asked for where layout leaves a choice. */
  readonly sums: () => readonly PlacedSum[]
  /** The field in which the first column's label stands on its line, null where lines are not as printed. */
  readonly headerField: number | null
  /** Levels of rows (by `coveredColumns`) that lines of other tables in the same grid prove to stand as their headers do. */
  readonly provedBeside: () => ReadonlySet<number>
}

/** A line's cells by column. `bySums`: several readings were possible, and only this one adds up. */
export type PlacedLine = { readonly cells: readonly Placed[]; readonly bySums: boolean }

/** The cells of a line without values that reach down from the line above by a span stated too long. */
export function ownCells({ rest, aligned }: OpenLine): readonly LineCell[] {
  return rest.filter((cell) => !cell.filler && !(aligned && cell.carried && !isWords(cell)))
}

/** True where a line has a cell for each column and no more: then they stand in order. */
export function isWhole(line: OpenLine, count: number): boolean {
  return ownCells(line).length === count
}

/** True where a line prints a figure, a mark or what may be one. */
export function hasFigures({ rest }: OpenLine): boolean {
  return rest.some(isFigureCell)
}

/** True for a cell with a figure, a mark or what may be one. */
export function isFigureCell(cell: LineCell): boolean {
  return !isWords(cell) && !isBlank(cell)
}

/** True where a line prints as many figures as there are columns, and nothing else. */
export function isFull({ rest }: OpenLine, count: number): boolean {
  const filled = rest.filter((cell) => !isBlank(cell))
  return filled.length === count && filled.every((cell) => !isWords(cell))
}

/** A cell as that of a column; absent where it stands for one that was cut off. */
export function cellPlaced(cell: LineCell): Placed {
  return cell.filler ? { kind: 'absent' } : { kind: 'cell', cell }
}

/** True where this very cell, or a copy of it, was given to a column. */
export function holds(placed: Placed, cell: LineCell): boolean {
  return placed.kind === 'cell' && (placed.cell === cell || (placed.copies?.includes(cell) ?? false))
}
