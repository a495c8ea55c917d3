/**
 * Figures that text prints on lines of their own: takes the lines of a document with the rows they were taken for, gives the
 * rows that are in doubt for them. A line of text is no row of a table: figures right under a row may be what its own go on
 * with, and a row without any may be the one whose figures stand above it, below it, or behind the labels that follow.
 */
import { isBlank, isWords, lastWords, type SourceLine } from './lines.ts'
import type { RowHit } from './tables.ts'

/** What a line was taken for, as far as it counts here: how many columns its header has, and whether no figure of it was read. */
export type RowOfLine = { readonly columns: number; readonly isUnread: () => boolean }

/** The rows in doubt. `stray`: lines with figures that went to no cell; `rowOf`: the row that a line was taken for. */
export function rowsBesideStray(
  lines: readonly SourceLine[],
  stray: ReadonlySet<SourceLine>,
  rowOf: (line: SourceLine) => RowOfLine | null,
): ReadonlySet<SourceLine> {
  const doubtful = new Set<SourceLine>()
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
  if (overfull.size > 0) for (const line of lines) if (overfull.has(line.grid)) doubtBehindBlank(line)
  return doubtful

  /** Where figures follow the labels of several rows, a row without any says nothing, and neither does the one behind it. */
  function doubtBehindBlank(line: SourceLine): void {
    if (rowOf(line) === null || line.filled) return
    doubtful.add(line)
    const next = beside(line, 1)
    if (next !== null && rowOf(next) !== null) doubtful.add(next)
  }
}

/** True for a line whose columns no markup tells. */
function isText({ aligned, wraps, cells }: SourceLine): boolean {
  return !aligned || wraps || cells.some((cell) => cell.doubtful && !isBlank(cell))
}

/** Rows of text without a figure or mark, right before a line of nothing else, or not named to the letter right behind a strange line. */
export function blankRowsBesideStray(
  rows: readonly RowHit[],
  lines: readonly SourceLine[],
  claimed: ReadonlyMap<SourceLine, string>,
): RowHit[] {
  const isStray = (line: SourceLine | undefined, { grid }: SourceLine): line is SourceLine =>
    line !== undefined && line.grid === grid && line.filled && !line.numbering && !claimed.has(line)
  return rows.filter(({ source, label, exact }) => {
    if (label === null || (source.aligned && !source.wraps) || source.filled) return false
    const next = lines[source.index + 1]
    const isFollowed = isStray(next, source) && next.cells.every((cell) => !isWords(cell))
    const above = lines[source.index - 1]
    return isFollowed || (isStray(above, source) && (!exact || isNumbered(above)))
  })
}

/** True for a line whose label is a number alone: what it numbers may stand on the next line. */
function isNumbered(line: SourceLine): boolean {
  return /^\s*[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）、．.]?\s*$/.test(lastWords(line)?.text ?? '')
}
