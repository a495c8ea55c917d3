/**
 * Columns that stand between the labels of rows and the form's own columns (上年数, 代码, 年度): takes a table as found, gives it
 * with those of them that hold figures, or may be the form's under another name, among the columns of its headers. In a grid a figure under a strange label is that
 * label's and never another's, but only rows show whether such a label heads figures or the labels of rows.
 */
import type { Header } from './header.ts'
import type { HeaderColumn } from './headercolumn.ts'
import { isBlank, isWords, type LineCell } from './lines.ts'
import type { RowHit } from './rowhits.ts'
import type { PrintedHeader, TableReading } from './tables.ts'

/** The table with the columns that have figures before those of the form. */
export function withColumnsBefore(reading: TableReading): TableReading {
  const widened = new Map<Header, Header>()
  for (const { header, lines, rival } of reading.headers) {
    if (header.before.length === 0) continue
    const own = [...reading.rows, ...reading.repeats].filter(
      (hit) => hit.header === header && hit.source.grid === lines[0]!.grid && !hit.source.stream,
    )
    const lacks = header.found < reading.scope.valueColumns.length
    const before = header.before.filter(
      (column) =>
        headsFigures(column, own) ||
        (lacks && column.label !== '' && headsBlanks(column, own)) ||
        (!lines[0]!.aligned && headsFields(column, header, own)),
    )
    if (before.length === 0) continue
    widened.set(header, widen(header, before))
    if (rival !== null && rival.columns[0]!.start !== null) widened.set(rival, widen(rival, before))
  }
  if (widened.size === 0) return reading
  const wide = (header: Header): Header => widened.get(header) ?? header
  const wideHit = (hit: RowHit): RowHit => ({ ...hit, header: wide(hit.header) })
  const headers = reading.headers.map(
    (one): PrintedHeader => ({ ...one, header: wide(one.header), rival: one.rival && wide(one.rival) }),
  )
  return { ...reading, headers, rows: reading.rows.map(wideHit), repeats: reading.repeats.map(wideHit) }
}

function widen(header: Header, before: readonly HeaderColumn[]): Header {
  const columns = [...before, ...header.columns]
  const key = columns.map(({ line, start, end }) => `${line}:${start}:${end}`).join()
  return { ...header, columns, before: [], key }
}

/**
 * True where a figure of some row stands under the label, behind the row's own. Without a label only rows with more cells than
 * the form has columns show it: in others the cells of labels may have lost their spans.
 */
function headsFigures({ start, end, label }: HeaderColumn, rows: readonly RowHit[]): boolean {
  return rows.some(({ source: { cells }, label: own, header }) => {
    const behind = cells.filter((cell) => cell.start >= (own?.end ?? 0))
    if (behind.some(({ doubtful }) => doubtful)) return false
    const isUnder = (cell: LineCell): boolean => cell.start >= start! && cell.end <= end!
    const figures = behind.filter((cell) => isUnder(cell) && !isWords(cell) && !isBlank(cell) && !cell.carried)
    if (figures.length === 0) return false
    return label !== '' || behind.filter(({ filler }) => !filler).length > header.columns.length
  })
}

/** True where the label stands over a blank cell of each row, behind the row's own: a column of the form may be named so. */
function headsBlanks({ start, end }: HeaderColumn, rows: readonly RowHit[]): boolean {
  const isUnder = (cell: LineCell): boolean => cell.start === start && cell.end === end
  return (
    rows.length > 0 &&
    rows.every(({ source: { cells }, label: own }) =>
      cells.some(
        (cell) => cell.start >= (own?.end ?? 0) && isUnder(cell) && isBlank(cell) && !cell.carried && !cell.filler,
      ),
    )
  )
}

/** True where each row of copied lines has a field for each label, and one that is no label of the row's under this. */
function headsFields({ start }: HeaderColumn, { columns, before }: Header, rows: readonly RowHit[]): boolean {
  const count = columns.length + before.length
  return (
    rows.length > 0 &&
    rows.every(({ source: { cells }, label: own }) => {
      const behind = cells.filter((cell) => cell.start >= (own?.end ?? 0))
      return behind.length === count && behind.some((cell) => cell.start === start && !isWords(cell))
    })
  )
}
