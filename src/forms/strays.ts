/**
 * Lines of copied text that no label names though they hold figures or marks: takes rows and lines, says which rows they
 * may belong to, and what of them would go unnoticed. A row's figures may stand on a line of their own behind its label, or
 * before the last piece of a label that was cut in two: then the row's own cells only seem blank.
 */
import { isWords, type LineCell, type SourceLine } from './lines.ts'
import type { RowHit } from './tables.ts'

/** Rows of text without a figure or mark, right before a line of nothing else, or not named to the letter right behind a strange line. */
export function rowsBesideStrays(
  rows: readonly RowHit[],
  lines: readonly SourceLine[],
  claimed: ReadonlyMap<SourceLine, string>,
): RowHit[] {
  const isStray = (line: SourceLine | undefined, { grid }: SourceLine): line is SourceLine =>
    line !== undefined && line.grid === grid && line.filled && !line.numbering && !claimed.has(line)
  return rows.filter(({ source, label, exact }) => {
    if (label === null || source.aligned || source.filled) return false
    const next = lines[source.index + 1]
    const isFollowed = isStray(next, source) && next.cells.every((cell) => !isWords(cell))
    return isFollowed || (!exact && isStray(lines[source.index - 1], source))
  })
}

/** The marks behind the label of a line that has no figure; none where there is one by itself, as prose has. */
export function marksBehindLabel({ cells }: SourceLine): readonly LineCell[] {
  const last = cells.findLastIndex(isWords)
  const marks = cells.filter(({ value }, index) => index > last && value?.state === 'mark')
  return last < 0 || marks.length < marksMin ? [] : marks
}

const marksMin = 2
