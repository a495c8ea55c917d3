/**
 * Numbers that programs put around a table of data: one before each of its lines, header lines too (0, 1, 2 ...), and one
 * over each of its columns. Takes the rows of a grid, gives them with those numbers as blank cells. They are told by
 * counting on from line to line, which no column of figures does that stands before the labels.
 */
import type { LineCell } from './lines.ts'
import { readValue } from './values.ts'

type Rows = readonly (readonly LineCell[])[]

/** So many lines that count on are numbered; in a document of which a table is, fewer. */
const linesMin = 3
const columnsMin = 3
const digits = /^\s*\d{1,4}\s*$/

/** The rows without the numbers of lines and columns. `known`: whether some table of the document has such lines. */
export function withoutLineNumbers(rows: Rows, known: { numbered: boolean }): Rows {
  const overColumns = countsColumns(rows[0] ?? [])
  const from = overColumns ? 1 : 0
  const first = rows.findIndex((cells, row) => row >= from && leading(cells) !== null)
  if (first < 0) return overColumns ? [blankNumbers(rows[0]!), ...rows.slice(1)] : rows
  const isNumbered = countsLines(rows, from, first, known.numbered ? 1 : linesMin)
  if (!isNumbered && !overColumns) return rows
  known.numbered ||= isNumbered
  return rows.map((cells, row) => {
    if (row < from) return blankNumbers(cells)
    return row >= first && isNumbered ? [blanked(cells[0]!), ...cells.slice(1)] : cells
  })
}

/** True where each line from `first` on begins with the next number, and those before it with a blank cell. */
function countsLines(rows: Rows, from: number, first: number, least: number): boolean {
  const start = leading(rows[first]!)!
  if (start > 1 || rows.length - first < least) return false
  // Only beside something else a number is a line's.
  if (rows.some((cells, row) => row >= from && cells.length < 2)) return false
  return rows.every((cells, row) => {
    if (row < from) return true
    return row < first ? isBlankCell(cells[0]!) : leading(cells) === start + row - first
  })
}

/** The number that a line begins with; null where it begins otherwise. */
function leading(cells: readonly LineCell[]): number | null {
  const [cell] = cells
  if (cell === undefined || cell.carried || cell.value?.state !== 'number' || !digits.test(cell.text)) return null
  return cell.value.value
}

/** True for 0, 1, 2 ... from the first cell that is not blank to the last. */
function countsColumns(cells: readonly LineCell[]): boolean {
  const first = cells.findIndex((cell) => !isBlankCell(cell))
  if (first < 0 || first > 1 || cells.length - first < columnsMin) return false
  return cells.every(
    ({ value }, place) => place < first || (value?.state === 'number' && value.value === place - first),
  )
}

function blankNumbers(cells: readonly LineCell[]): readonly LineCell[] {
  return cells.map(blanked)
}

function blanked(cell: LineCell): LineCell {
  return { ...cell, value: readValue(''), label: null }
}

function isBlankCell({ value }: LineCell): boolean {
  return value?.state === 'blank'
}
