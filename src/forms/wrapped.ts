/**
 * Labels that copying broken over lines of text: takes the lines of a table whose lines are not those of the page, gives
 * them with such labels put together. Which lines are one label only the forms tell: a line ends within a label where
 * what stands at its end and at the beginning of the next make a label to the letter that they do not make alone. Figures
 * are never joined, and no line that has one goes on.
 */
import type { LabelIndex } from './labels.ts'
import { isBlank, isWords, type LineCell } from './lines.ts'

/** Cells of a printed line, and the row of the grid that its figures stand in. */
export type WrappedLine = { readonly cells: readonly LineCell[]; readonly row: number }

/** A label written downwards has a line for each character. */
const piecesMax = 40

/** The lines with labels whole; the same lines where none is broken. */
export function joinWrapped(lines: readonly WrappedLine[], index: LabelIndex): readonly WrappedLine[] {
  let joined: WrappedLine[] | null = null
  for (let at = 0; at < lines.length; ) {
    let line = lines[at]!
    let next = at + 1
    for (let count = goesOn(lines, line, next, index); count > 0; count = goesOn(lines, line, next, index)) {
      joined ??= lines.slice(0, at)
      const pieces = lines.slice(next, next + count)
      line = joinLines(line, pieces, index)
      next += count
    }
    joined?.push(line)
    at = next
  }
  return joined ?? lines
}

/**
 * The lines with labels whole that go over several lines each in its own column, beside others that do or figures that
 * stand in the first one: the lines below hold nothing else.
 */
export function joinBelow(lines: readonly WrappedLine[], index: LabelIndex): readonly WrappedLine[] {
  let joined: WrappedLine[] | null = null
  for (let at = 0; at < lines.length; ) {
    const count = goesOnBelow(lines, at, index)
    if (count > 0) joined ??= lines.slice(0, at)
    joined?.push(count === 0 ? lines[at]! : joinColumns(lines.slice(at, at + count + 1), index))
    at += count + 1
  }
  return joined ?? lines
}

/** How many lines below one go on with its labels, column by column; 0 where it is whole. */
function goesOnBelow(lines: readonly WrappedLine[], at: number, { piece }: LabelIndex): number {
  const { cells } = lines[at]!
  if (cells.length < columnsMin) return 0
  const hasFigures = cells.some((cell) => !isWords(cell) && !isBlank(cell))
  const texts = new Map<LineCell, string>()
  for (let next = at + 1; next < lines.length && next <= at + piecesMax; next++) {
    for (const cell of lines[next]!.cells) {
      if (!isWords(cell)) {
        if (isBlank(cell)) continue
        return 0
      }
      const first = cellOver(cells, cell)
      if (first === undefined || !isWords(first)) return 0
      texts.set(first, (texts.get(first) ?? first.text) + cell.text)
    }
    if (texts.size < (hasFigures ? 1 : piecesBesideMin)) return 0
    const isWhole = [...texts].every(
      ([first, text]) => piece(text).whole && (!piece(first.text).whole || !/\p{L}/u.test(first.text)),
    )
    if (isWhole) return next - at
  }
  return 0
}

function cellOver(cells: readonly LineCell[], { start }: LineCell): LineCell | undefined {
  return cells.find((cell) => cell.start === start)
}

const columnsMin = 3
/** Beside no figure one label may go on by chance. */
const piecesBesideMin = 2

function joinColumns(lines: readonly WrappedLine[], { find }: LabelIndex): WrappedLine {
  const [{ cells, row }] = lines as readonly [WrappedLine]
  const joined = cells.map((cell) => {
    if (!isWords(cell)) return cell
    const text = lines.map((line) => cellOver(line.cells, cell)?.text ?? '').join('')
    return text === cell.text ? cell : { ...cell, text, label: find(text) }
  })
  return { cells: joined, row }
}

/** How many of the lines from `next` on go on with the last label of a line; 0 where it is whole. */
function goesOn(lines: readonly WrappedLine[], { cells }: WrappedLine, next: number, { piece }: LabelIndex): number {
  const last = cells.at(-1)
  if (last === undefined || !isWords(last) || cells.some((cell) => !isWords(cell) && !isBlank(cell))) return 0
  let text = last.text
  let whole = piece(text).whole
  let found = 0
  for (let at = next; at < lines.length && at < next + piecesMax && piece(text).begins; at++) {
    const own = lines[at]!.cells
    const first = own[0]
    if (first === undefined || !isWords(first)) break
    const isLabel = piece(first.text).whole
    text += first.text
    whole &&= isLabel
    if (piece(text).whole && !whole && !(isLabel && piece(text).key === piece(first.text).key)) found = at - next + 1
    if (own.length > 1) break
  }
  return found
}

function joinLines({ cells }: WrappedLine, pieces: readonly WrappedLine[], { find }: LabelIndex): WrappedLine {
  const last = cells.at(-1)!
  const text = last.text + pieces.map((line) => line.cells[0]!.text).join('')
  const own = pieces.at(-1)!
  return { cells: [...cells.slice(0, -1), { ...last, text, label: find(text) }, ...own.cells.slice(1)], row: own.row }
}
