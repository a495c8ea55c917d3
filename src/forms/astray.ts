/**
 * Figures and marks that text prints on lines of their own: takes the lines of a document with the rows they were taken for,
 * gives the rows that are in doubt for them. A line of text is no row of a table: figures right under a row may be what its
 * own go on with, and a row without any may be the one whose figures stand above it, below it, or behind the labels that follow.
 */
import { isBlank, isWords, lastWords, type SourceLine } from './lines.ts'

/** What a line was taken for, as far as it counts here. */
export type RowOfLine = {
  readonly table: string
  /** It is named to the letter; null for a row without a label. */
  readonly exact: boolean | null
  /** How many its header has. */
  readonly columns: number
  /** The sums of its table show which figures are whose row's. */
  readonly isProved: () => boolean
  /** No figure of it was read. */
  readonly isUnread: () => boolean
}

/** What of a row is in doubt: all of it, or what seems blank in it. */
export type RowDoubt = 'row' | 'blanks'

/** The lines, those with figures that went to no cell, and the row that each was taken for. */
type Printed = {
  readonly lines: readonly SourceLine[]
  readonly stray: ReadonlySet<SourceLine>
  readonly rowOf: (line: SourceLine) => RowOfLine | null
}

/** The rows in doubt. `stray`: lines with figures that went to no cell; `rowOf`: the row that a line was taken for. */
export function rowsBesideStray(
  lines: readonly SourceLine[],
  stray: ReadonlySet<SourceLine>,
  rowOf: (line: SourceLine) => RowOfLine | null,
): ReadonlyMap<SourceLine, RowDoubt> {
  const printed: Printed = { lines, stray, rowOf }
  const doubts = new Map<SourceLine, RowDoubt>()
  for (const line of lines) if (hasDoubtfulBlanks(line, printed)) doubts.set(line, 'blanks')
  const whole = new Set<SourceLine>()
  addBeside(printed, whole)
  if (stray.size > 0) addBehindUnnamed(printed, whole)
  for (const line of whole) doubts.set(line, 'row')
  return doubts
}

/**
 * True for a row of text before a line of nothing but figures and marks, and for one without any behind a strange line, where
 * its label may be the rest of that line's.
 */
function hasDoubtfulBlanks(line: SourceLine, printed: Printed): boolean {
  const row = printed.rowOf(line)
  if (row === null || row.exact === null) return false
  const next = printed.lines[line.index + 1]
  const isOpen = !line.aligned || line.wraps
  if (isOpen && isStrange(next, line, printed) && !next.cells.some(isWords) && mayGoOn(line, next)) return true
  if (!line.filled && isText(line) && isStrange(next, line, printed) && printed.stray.has(next)) {
    // A label that is not whole goes on below, beside its figures.
    const rest = next.cells.find(isWords)?.text ?? ''
    if (!row.exact || isUnclosed(lastWords(line)?.text ?? '') || remark.test(rest)) return true
  }
  const above = printed.lines[line.index - 1]
  if (line.filled || !isStrange(above, line, printed) || (row.exact && !isNumbered(above))) return false
  return isOpen || isPiece(lastWords(above)?.text ?? '')
}

/** A bracket with more than a number in it. */
const remark = /^\s*[（(](?![一二三四五六七八九十\d]{1,3}[)）])/

/** True for words that end within a bracket. */
function isUnclosed(text: string): boolean {
  return /[（(][^（）()]*$/.test(text)
}

/** True for a line whose label is a number alone: what it numbers may stand on the next line. */
function isNumbered(line: SourceLine): boolean {
  return /^\s*[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）、．.]?\s*$/.test(lastWords(line)?.text ?? '')
}

/** True for a row without any value, and for one whose last cell is blank, but not before the dash that some markup parts rows with. */
function mayGoOn(line: SourceLine, next: SourceLine): boolean {
  if (!line.filled) return true
  return isBlank(line.cells.at(-1)!) && !next.cells.every((cell) => isBlank(cell) || /^\s*-+\s*$/.test(cell.text))
}

/** True for a line of the same grid that prints something and is no row. */
function isStrange(line: SourceLine | undefined, { grid }: SourceLine, { rowOf }: Printed): line is SourceLine {
  return line !== undefined && line.grid === grid && line.filled && !line.numbering && rowOf(line) === null
}

/** Adds rows next to figures without a label, or to rows with more figures than columns. */
function addBeside({ lines, stray, rowOf }: Printed, doubtful: Set<SourceLine>): void {
  const overfull = new Set<number>()
  const beside = (line: SourceLine, step: 1 | -1): SourceLine | null => {
    const next = lines[line.index + step]
    return next !== undefined && next.grid === line.grid && isText(next) ? next : null
  }
  const doubtBlankRows = (from: SourceLine, step: 1 | -1): void => {
    for (let next = beside(from, step); next !== null && !next.filled; next = beside(next, step)) {
      // What was doubted has doubts behind it already.
      if (rowOf(next) === null || doubtful.has(next)) break
      doubtful.add(next)
    }
  }
  for (const line of lines) {
    if (!isText(line) || line.figureCount === 0) continue
    const row = rowOf(line)
    if (row !== null) {
      if (line.figureCount <= row.columns || !row.isUnread()) continue
      if (line.stream) overfull.add(line.grid)
      doubtBlankRows(line, -1)
      doubtBlankRows(line, 1)
    } else if (stray.has(line) && !line.cells.some(isWords)) {
      const [above, below] = [beside(line, -1), beside(line, 1)]
      // Words over the figures that are no row's are the rest of their own label.
      const isLabelled = above !== null && rowOf(above) === null && above.columnWords === 0 && above.cells.some(isWords)
      if (isLabelled) continue
      if (above?.filled) {
        const own = rowOf(above)
        if (own !== null) doubtful.add(above)
        // A row that lacks figures has them below it.
        if (own !== null && above.figureCount < own.columns) continue
      }
      if (below?.filled && rowOf(below) !== null) doubtful.add(below)
      doubtBlankRows(line, -1)
      doubtBlankRows(line, 1)
    }
  }
  if (overfull.size === 0) return
  // Where figures follow the labels of several rows, a row without any says nothing, and neither does the one behind it.
  for (const line of lines) {
    if (!overfull.has(line.grid) || rowOf(line) === null || line.filled) continue
    doubtful.add(line)
    const next = beside(line, 1)
    if (next !== null && rowOf(next) !== null) doubtful.add(next)
  }
}

/**
 * Adds the rows of a table over whose first one figures of cells one behind another stand that name no row: each of them may
 * have those of the row before.
 */
function addBehindUnnamed({ lines, stray, rowOf }: Printed, doubtful: Set<SourceLine>): void {
  let grid = -1
  let table: string | null = null
  let unnamed = false
  let doubted: string | null = null
  for (const line of lines) {
    if (line.grid !== grid) [grid, table, unnamed, doubted] = [line.grid, null, false, null]
    const row = rowOf(line)
    if (row === null) {
      const above = lines[line.index - 1]
      unnamed ||= line.stream && stray.has(line) && namesNoRow(line, above?.grid === grid ? above : undefined)
      continue
    }
    if (row.table !== table) doubted = unnamed && !row.isProved() ? row.table : null
    if (row.table === doubted) doubtful.add(line)
    table = row.table
    unnamed = false
  }
}

/** True for figures right behind words of a header, or a piece of a label: of cells in another order than that of their rows. */
function namesNoRow(line: SourceLine, above: SourceLine | undefined): boolean {
  const own = lastWords(line)
  if (own === null && above !== undefined && !above.filled && above.columnHitsMax > 1) return true
  const words = own ?? (above === undefined || above.filled ? null : lastWords(above))
  if (words === null || words.label === null) return false
  const { rows, columns, captions } = words.label
  return rows.size === 0 && (columns.size > 0 || captions.size > 0 || isPiece(words.text))
}

/** True for words too short for the label of a row of a report's own. */
function isPiece(text: string): boolean {
  return text.trim().length <= pieceCharactersMax
}

const pieceCharactersMax = 4

/** True for a line whose columns no markup tells. */
function isText({ aligned, wraps, cells }: SourceLine): boolean {
  return !aligned || wraps || cells.some((cell) => cell.doubtful && !isBlank(cell))
}
