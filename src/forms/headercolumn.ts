/**
 * A column that a header prints, and what of its cells head none: what headers of grids and those of copied lines are read with.
 */
import { isWords, type LineCell, type SourceLine } from './lines.ts'
import type { TableScope } from './scope.ts'

/** One printed column. `line` is the form's column, null for one that the form does not have. */
export type HeaderColumn = {
  readonly line: number | null
  readonly label: string
  readonly exact: boolean
  /** The label names a column of some form, this one or another. */
  readonly named: boolean
  /** It numbers the rows and states nothing. */
  readonly numbers: boolean
  /** The form's column that it names as another of the header does, which is taken for it; null for all others. */
  readonly twin: number | null
  /** Grid columns covered (or fields, in ragged lines), end exclusive; null where the header does not tell. */
  readonly start: number | null
  readonly end: number | null
  /** In how many cells side by side its label stands, where it is more than one. */
  readonly copies?: number
  /** It stands behind the labels of rows and before all columns of the form. */
  readonly before?: true
}

const none: readonly number[] = []

/** The lines of a table's columns that a cell can stand for. */
export function columnsNamed(cell: LineCell, scope: TableScope): readonly number[] {
  return cell.label?.columns.get(scope.id) ?? none
}

/** True for headings, the text of the top left cell, and the head of a column of units: none of them heads figures. */
export function isCaption(cell: LineCell, scope: TableScope): boolean {
  if (cell.label === null) return false
  // What is left of a markup that is not known names no column.
  return cell.label.captions.has(scope.id) || cell.label.units.has(scope.id) || /^[()（）[\]{}<>]+$/.test(cell.text)
}

/** True for the head of a column that numbers rows. */
export function isNumbers(cell: LineCell, scope: TableScope): boolean {
  return cell.label?.numbers.has(scope.id) ?? false
}

/** Where the first words of a header stand that do not number rows: the rows' labels stand under them. */
export function firstLabel(lines: readonly SourceLine[], scope: TableScope): number {
  let first = Number.POSITIVE_INFINITY
  for (const { cells } of lines)
    for (const cell of cells) if (cell.start < first && isWords(cell) && !isNumbers(cell, scope)) first = cell.start
  return first
}

/**
 * Words before the first known column head the label columns, unless another form knows them as columns. Numbers of rows
 * that stand behind the labels are a column to be passed over; those before them are no matter.
 */
export function trimLabelColumns(columns: readonly HeaderColumn[], label: number): HeaderColumn[] {
  const first = columns.findIndex((column) => column.line !== null || column.named)
  if (first < 0) return []
  return columns.filter((column, index) => index >= first || (column.numbers && column.start! > label))
}
