/**
 * Rows and cells that a page break cut in two, put together again: takes a grid that runs over pages, gives one in which a
 * row torn apart is one row and a merged label cell is one cell. Labels decide, since the lines are drawn anew at each
 * page: two pieces belong together where they make a label of a form and the lower one alone makes none. Figures are never
 * joined: where both pieces print one, they are two rows.
 */
import type { Cell, Grid, PictureReading } from '../../parsers/document.ts'
import { makePlacedGrid } from '../../parsers/grid.ts'
import type { LabelIndex } from './labels.ts'
import { readValue } from './values.ts'

/** A cell that can still change. */
type Piece = { -readonly [Key in keyof Cell]: Cell[Key] }

/** Rows of a header that may be printed again on the next page. */
const headerRowsMax = 5

/** The grid with what its page breaks cut put together; the same grid where they cut nothing. */
export function mendBreaks(grid: Grid, find: LabelIndex['find']): Grid {
  if (grid.pageBreaks.length === 0) return grid
  const known = (text: string): boolean => find(text).scopes.length > 0
  const cells: Piece[] = grid.cells.filter((cell) => !cell.filler).map((cell) => ({ ...cell }))
  let rowCount = grid.rowCount
  let changed = false
  // From the last break, so that rows taken out move no break that is still to come.
  for (const pageBreak of [...grid.pageBreaks].reverse()) {
    const header = repeatedHeader(cells, pageBreak)
    for (let count = 0; count < header; count++) takeOut(cells, pageBreak)
    rowCount -= header
    const upper = cells.filter((cell) => cell.row + cell.rowSpan === pageBreak)
    const lower = cells.filter((cell) => cell.row === pageBreak)
    if (isTorn(upper, lower, known)) {
      joinRows(cells, upper, lower)
      takeOut(cells, pageBreak)
      rowCount--
      changed = true
    } else {
      const joined = joinSpans(cells, upper, lower, known)
      const doubted = doubtBlanks(upper, lower, known)
      changed ||= joined || doubted
    }
    if (header > 0) changed = true
  }
  return changed ? makePlacedGrid(cells, rowCount, grid.anchor, []) : grid
}

/** How many rows from a break on are the table's first rows once more, with no figure in them. */
function repeatedHeader(cells: readonly Piece[], pageBreak: number): number {
  const rowOf = (row: number): readonly Piece[] => cells.filter((cell) => cell.row === row)
  const textOf = (row: readonly Piece[]): string =>
    row.map((cell) => `${cell.column} ${cell.rowSpan} ${compact(cell.text)}`).join('\n')
  let count = 0
  while (count < headerRowsMax && count < pageBreak) {
    const again = rowOf(pageBreak + count)
    if (again.length === 0 || !again.some(({ text }) => isWordsText(text))) break
    if (again.some(({ text }) => compact(text) !== '' && !isWordsText(text))) break
    if (textOf(rowOf(count)) !== textOf(again)) break
    count++
  }
  // A cell that reaches from the header into rows that are no header: then those are not told apart.
  const reaches = cells.some(
    ({ row, rowSpan }) => row >= pageBreak && row < pageBreak + count && row + rowSpan > pageBreak + count,
  )
  return reaches ? 0 : count
}

/** Takes a row out in which no cell begins that reaches further, but for those of a joined row. */
function takeOut(cells: Piece[], row: number): void {
  const kept = cells.filter((cell) => cell.row !== row)
  for (const cell of kept) {
    if (cell.row > row) cell.row--
    else if (cell.row + cell.rowSpan > row) cell.rowSpan--
  }
  cells.splice(0, cells.length, ...kept)
}

function compact(text: string): string {
  return text.replace(/\s+/g, '')
}

type Pair = { readonly upper: Piece; readonly lower: Piece }

function pairsOf(upper: readonly Piece[], lower: readonly Piece[]): Pair[] {
  const pairs: Pair[] = []
  for (const one of upper) {
    const other = lower.find(({ column, columnSpan }) => column === one.column && columnSpan === one.columnSpan)
    if (other !== undefined) pairs.push({ upper: one, lower: other })
  }
  return pairs
}

function isWordsText(text: string): boolean {
  const plain = compact(text)
  return plain !== '' && (readValue(text) === null || labelNumber.test(plain))
}

/** The number of a label that a break parted from it. */
const labelNumber = /^(?:\d{1,2}[.、．]|[（(][一二三四五六七八九十\d]{1,3}[）)])$/

/** Whether the row over a break and the one under it are one row. */
function isTorn(upper: readonly Piece[], lower: readonly Piece[], known: (text: string) => boolean): boolean {
  const pairs = pairsOf(upper, lower)
  const inRow = pairs.filter((pair) => pair.upper.rowSpan === 1 || pair.lower.rowSpan === 1)
  if (inRow.length < 2) return false
  const isAlone = (piece: Piece): boolean =>
    piece.rowSpan === 1 && !pairs.some((pair) => pair.lower === piece || pair.upper === piece)
  if (lower.some((one) => isAlone(one) && compact(one.text) !== '')) return false
  const both = inRow.filter((pair) => compact(pair.upper.text) !== '' && compact(pair.lower.text) !== '')
  if (isTornLabel(both, known)) return !upper.some((one) => isAlone(one) && compact(one.text) !== '')
  if (pairs.length < Math.min(upper.length, lower.length)) return false
  const words = (pieces: readonly Piece[]): number => pieces.filter(({ text }) => isWordsText(text)).length
  // A figure itself was cut: what is left of it stands in a row that nothing names. Joined it is no figure any more.
  const cut =
    both.length > 0 && both.every((pair) => isPartOfFigure(pair.upper.text) && isPartOfFigure(pair.lower.text))
  if (cut && words(lower) === 0 && !countsColumns(both.map((pair) => pair.upper.text))) return true
  if (both.some((pair) => !isWordsText(pair.upper.text) || !isWordsText(pair.lower.text))) return false
  const printed = (pieces: readonly Piece[]): number => pieces.filter(({ text }) => compact(text) !== '').length
  if (both.length === 0) {
    // The label stands over the break and its figures under it.
    const label = inRow.map((pair) => pair.upper).filter(({ text }) => compact(text) !== '')
    return words(lower) === 0 && printed(lower) > 0 && label.length === 1 && known(label[0]!.text)
  }
  if (both.some((pair) => known(pair.lower.text))) return false
  // A misprinted label in two pieces: neither is one, and only one of them has the figures.
  const unknown = both.every((pair) => !known(pair.upper.text) && !known(pair.lower.text))
  const figures = inRow.filter((pair) => !both.includes(pair))
  const above = figures.filter((pair) => compact(pair.upper.text) !== '').length
  const below = figures.filter((pair) => compact(pair.lower.text) !== '').length
  return unknown && above + below > 0 && Math.min(above, below) === 0
}

/** Whether what stands on both sides of a break is nothing but words, and some of them make a label of a form. */
function isTornLabel(both: readonly Pair[], known: (text: string) => boolean): boolean {
  const isLabel = ({ upper, lower }: Pair): boolean => known(upper.text + lower.text)
  const areWords = ({ upper, lower }: Pair): boolean =>
    isWordsText(lower.text) && (isWordsText(upper.text) || isNumberOf(upper.text, lower.text))
  return both.every((pair) => areWords(pair) && (isLabel(pair) || !known(pair.lower.text))) && both.some(isLabel)
}

/** The number of a label without the mark behind it, which begins the rest. */
function isNumberOf(upper: string, lower: string): boolean {
  return /^[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})$/.test(compact(upper)) && /^[.、．）)]/.test(compact(lower))
}

/**
 * Doubts the blanks of a row that a form knows where the row on the other side of a break has the figures and no form has
 * its label: they may be one row that the break tore. True where there are such.
 */
function doubtBlanks(upper: readonly Piece[], lower: readonly Piece[], known: (text: string) => boolean): boolean {
  const inRow = pairsOf(upper, lower).filter((pair) => pair.upper.rowSpan === 1 || pair.lower.rowSpan === 1)
  const isNamed = (pieces: readonly Piece[]): boolean =>
    pieces.some(({ text }) => isWordsText(text) && known(text)) && pieces.every(({ text }) => !isPartOfFigure(text))
  const [above, below] = [inRow.map((pair) => pair.upper), inRow.map((pair) => pair.lower)]
  for (const [blank, other, row] of [
    [below, above, upper],
    [above, below, lower],
  ] as const) {
    const hasFigures = other.some(({ text }) => compact(text) !== '' && !isWordsText(text))
    const hasLabel = row.some(({ text }) => isWordsText(text) && known(text))
    if (!isNamed(blank) || !hasFigures || hasLabel) continue
    const doubtful = blank.filter(({ text }) => compact(text) === '')
    for (const piece of doubtful) piece.doubt ??= 'cells_overlap'
    return doubtful.length > 0
  }
  return false
}

/** A dash or a slash is too short to be cut. */
function isPartOfFigure(text: string): boolean {
  return /\d/.test(text.normalize('NFKC')) && !isWordsText(text)
}

/** 1, 2, 3 and so on: the numbers of the columns, whose row says nothing of the one under it. */
function countsColumns(texts: readonly string[]): boolean {
  return texts.length > 2 && texts.every((text, index) => Number(compact(text).normalize('NFKC')) === index + 1)
}

/** Puts the pieces of the row under a break into those over it; that row is empty then. */
function joinRows(cells: Piece[], upper: readonly Piece[], lower: readonly Piece[]): void {
  const pairs = pairsOf(upper, lower)
  for (const pair of pairs) {
    joinText(pair)
    pair.upper.rowSpan += pair.lower.rowSpan
    cells.splice(cells.indexOf(pair.lower), 1)
  }
  // What has no partner over the break stays, from the next row on.
  for (const one of lower) {
    if (pairs.some((pair) => pair.lower === one)) continue
    if (one.rowSpan === 1) cells.splice(cells.indexOf(one), 1)
    else {
      one.row++
      one.rowSpan--
    }
  }
}

/** Makes one cell of label cells that span rows on both sides of a break. True where there were any. */
function joinSpans(
  cells: Piece[],
  upper: readonly Piece[],
  lower: readonly Piece[],
  known: (text: string) => boolean,
): boolean {
  let joined = false
  for (const pair of pairsOf(upper, lower)) {
    const { upper: one, lower: other } = pair
    if (one.rowSpan === 1 && other.rowSpan === 1) continue
    // A group's label stands before those of its rows; a column's has nothing but figures beside it.
    if (!lower.some(({ column, text }) => column > other.column && isWordsText(text))) continue
    const above = compact(one.text)
    const below = compact(other.text)
    if (readValue(one.text) !== null && above !== '') continue
    if (readValue(other.text) !== null && below !== '') continue
    const pieces = above !== '' && below !== '' && known(one.text + other.text) && !known(other.text)
    if (!pieces && (above === '') === (below === '')) continue
    joinText(pair)
    one.rowSpan += other.rowSpan
    cells.splice(cells.indexOf(other), 1)
    joined = true
  }
  return joined
}

function joinText({ upper, lower }: Pair): void {
  const reading = joinReadings(upper, lower)
  if (reading !== undefined) upper.reading = reading
  if (compact(upper.text) === '') {
    upper.text = lower.text
    upper.anchor = lower.anchor
  } else if (isWordsText(upper.text) || isWordsText(lower.text) || compact(lower.text) === '') upper.text += lower.text
  else upper.text += `\n${lower.text}`
  upper.doubt = [upper.doubt, lower.doubt].find((one) => one === 'reading_uncertain') ?? upper.doubt ?? lower.doubt
}

/** How sure the reader of pictures is of both pieces; what else they may say where one of them is all that is printed. */
function joinReadings(upper: Piece, lower: Piece): PictureReading | undefined {
  const [one, other] = [upper.reading, lower.reading]
  if (one === undefined || other === undefined) return one ?? other
  const confidence = Math.min(one.confidence, other.confidence)
  if (compact(upper.text) === '') return { confidence, candidates: other.candidates }
  return { confidence, candidates: compact(lower.text) === '' ? one.candidates : [] }
}
