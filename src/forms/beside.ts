/**
 * Tables that were cut into halves which stand beside one another to save room (统计指标 单位 统计数 | 统计指标 单位 统计数):
 * takes the rows of a grid, gives them one half under the other, as the form has them. Such a table is told by its header,
 * which says the same words again from left to right.
 */
import { labelKey } from './labels.ts'
import type { LineCell } from './lines.ts'
import { remembering } from './remember.ts'
import { isRowNumber } from './values.ts'

/** A row of one half. */
export type HalfRow = { readonly row: number; readonly cells: readonly LineCell[] }

/** More halves than a page has room for are no halves. */
const halvesMax = 6

/** The rows of the grid in parts that are read one after another; null where nothing stands beside anything. */
export function besideOneAnother(rows: readonly (readonly LineCell[])[], aligned: boolean): HalfRow[][] | null {
  const parts: HalfRow[][] = []
  let from = 0
  let halves: Halves = { starts: [0], numbered: false }
  const end = (to: number): void => {
    for (const part of cutAt(rows, from, to, halves, aligned)) if (part.length > 0) parts.push(part)
    from = to
  }
  for (const [row, cells] of rows.entries()) {
    const found = halvesOf(cells)
    if (found === null) continue
    end(row)
    halves = found
  }
  if (parts.length === 0 && halves.starts.length === 1) return null
  end(rows.length)
  return parts
}

/** The fields in which the halves of a header begin, and whether each begins with the number of its row. */
type Halves = { readonly starts: readonly number[]; readonly numbered: boolean }

/** The halves of a header; null for any other line. */
function halvesOf(cells: readonly LineCell[]): Halves | null {
  // Most lines are told by this, which makes nothing.
  if (cells.length < 4 || cells.some(({ value }) => value !== null && value.state !== 'blank')) return null
  const words = cells.filter(({ value }) => value === null)
  if (words.length < 4 || !words.some((cell) => cell.label!.columns.size > 0)) return null
  const keys = words.map(headKey)
  for (let count = 2; count <= halvesMax; count++) {
    const width = words.length / count
    if (!Number.isInteger(width) || width < 2) continue
    if (keys.some((key, index) => key !== keys[index % width])) continue
    // Where columns alone repeat, groups of columns stand beside one another: only the rows' own column begins a half.
    if (words[0]!.label!.columns.size > 0) return null
    const starts = Array.from({ length: count }, (_, half) => words[half * width]!.start)
    return { starts, numbered: keys[0] === 'numbers' }
  }
  return null
}

/** The halves of one table may call their units one way and the other. */
function headKey({ text, label }: LineCell): string {
  if (label!.units.size > 0) return 'units'
  return label!.numbers.size > 0 ? 'numbers' : keyOf(text)
}

const keyOf = remembering(1_000, labelKey)

function cutAt(
  rows: readonly (readonly LineCell[])[],
  from: number,
  to: number,
  { starts, numbered }: Halves,
  aligned: boolean,
): HalfRow[][] {
  const halves: HalfRow[][] = starts.map(() => [])
  for (let row = from; row < to; row++) {
    const cells = rows[row]!
    const pieces =
      starts.length === 1
        ? [cells]
        : aligned || isBuiltSo(cells, starts, numbered)
          ? byPlace(cells, starts)
          : byLabel(cells, starts.length, numbered)
    for (const [half, piece] of pieces.entries())
      if (piece.length > 0 || starts.length === 1) halves[half]!.push({ row, cells: piece })
  }
  return halves
}

/** True where each half of a line begins with its number, words or nothing, as the header's do: then its fields stand as there. */
function isBuiltSo(cells: readonly LineCell[], starts: readonly number[], numbered: boolean): boolean {
  return starts.every((start) => {
    const cell = cells.find((one) => one.start === start)
    if (cell === undefined || cell.value?.state === 'blank' || isNumberOfRow(cell, cells)) return true
    return cell.value === null && !numbered
  })
}

/** A number with words right behind it: the number of a row. */
function isNumberOfRow(cell: LineCell, cells: readonly LineCell[]): boolean {
  return cell.value !== null && cells[cells.indexOf(cell) + 1]?.value === null
}

function byPlace(cells: readonly LineCell[], starts: readonly number[]): LineCell[][] {
  return starts.map((start, half) => {
    const end = starts[half + 1] ?? Number.POSITIVE_INFINITY
    return cells.filter((cell) => (cell.start >= start || half === 0) && cell.start < end)
  })
}

/** Where fields were lost only words tell: a label behind a figure begins the next half, with its number before it. */
function byLabel(cells: readonly LineCell[], count: number, numbered: boolean): (readonly LineCell[])[] {
  const pieces: LineCell[][] = [[]]
  let figure = false
  for (const cell of cells) {
    let piece = pieces.at(-1)!
    if (cell.value === null && figure && (cell.label?.rows.size ?? 0) > 0) {
      piece = numbered && isRowNumber(piece.at(-1)!) ? [piece.pop()!] : []
      pieces.push(piece)
      figure = false
    }
    const isFirst = numbered && piece.length === 0
    if (cell.value !== null && cell.value.state !== 'blank' && !isFirst) figure = true
    piece.push(cell)
  }
  return pieces.length <= count ? pieces : [cells]
}
