/**
 * Which cells of a line are its values, and of which column: takes the cells behind the row's label and the printed
 * columns, gives a cell for each column or says that more than one reading is left. Copied text moves its figures from
 * row to row, so neither position nor count alone decides: as many figures as columns are taken in order, aligned cells
 * by the header over them, and blanks at the edges by what the other lines of the same build show.
 */
import { type Examined, examineLines, placeByFullLines, startsOf } from './besidelines.ts'
import { settleStarts } from './copiedstarts.ts'
import { isFilledUp } from './filledup.ts'
import type { HeaderColumn } from './headercolumn.ts'
import { isBlank, type LineCell } from './lines.ts'
import {
  type Columns,
  cellPlaced,
  hasFigures,
  holds,
  isFigureCell,
  isWhole,
  type OpenLine,
  ownCells,
  type Placed,
  type PlacedLine,
} from './openline.ts'
import {
  hasUnlabelled,
  isAgainstHeader,
  placeBetweenLines,
  placeByFields,
  placePartly,
  placeUnderHeaders,
} from './underlabels.ts'

/** For each line its cells by column; null where no cell of the line can be given to a column. */
export function placeValues(printed: readonly OpenLine[], header: Columns): readonly (PlacedLine | null)[] {
  const { columns } = header
  if (printed.some(({ rest }) => rest.some((cell) => cell.reading !== undefined || cell.parted))) {
    return printed.map((line) => ({ cells: withoutDoubtfulBlanks(line, columns), bySums: false }))
  }
  if (header.guessed) return printed.map(() => null)
  const isAligned = printed[0]!.aligned && !printed.some((line) => line.rest.some((cell) => cell.doubtful))
  const isUnsure = header.torn || (!header.complete && !areAllWhole(printed, header))
  if (isUnsure && !isAligned) return printed.map(() => null)
  if (printed.some((line) => line.rest.some((cell) => cell.doubtful))) {
    return placeByFullLines(printed, columns).map((full, index) => {
      const cells = placeBetweenLines(printed[index]!, columns) ?? full
      return cells && { cells, bySums: false }
    })
  }
  const examined = examineLines(printed, columns, header.complete)
  // A line with figures that no shift brings under its columns shows that blank cells stand between those of others too, and
  // where a label is missing, a shift may bring figures under labels that are not theirs.
  const isUneven =
    !header.complete ||
    examined.some(
      (one) => one.line.aligned && startsOf(one).length === 0 && one.direct === null && hasFigures(one.line),
    )
  const lacksLabels =
    !header.complete &&
    examined.some(
      (one) => !one.line.aligned && one.direct === null && startsOf(one).length === 0 && hasFigures(one.line),
    )
  const unlabelled = header.torn || printed.some((line) => hasUnlabelled(line, columns))
  const unfit = examined.filter((one) => !one.line.aligned && isUnfit(one, columns.length))
  const lacksLabel = unfit.length >= unfitLinesMin
  const settled = settleStarts(examined, header)
  const placed = examined.map(({ line, direct, starts }, index) => {
    if (lacksLabel && !line.aligned) return null
    const uncertain = line.aligned
      ? (unlabelled && !isWhole(line, columns.length)) || mayStandAside(line, columns)
      : header.pieced && line.rest.filter((cell) => !isBlank(cell)).length !== columns.length
    if (uncertain && hasFigures(line)) return anywhere(line, columns.length)
    // Beside a line with more figures than labels, a blank cell may stand under the label that is not there.
    if (!line.aligned && hasFigures(line) && (header.torn || (lacksLabels && line.rest.length > columns.length)))
      return null
    if (direct) return { cells: direct, bySums: false }
    if (starts.length === 0 || (isUneven && line.aligned)) {
      const cells = placeByFields(line, columns) ?? placePartly(line, columns)
      return cells && { cells, bySums: false }
    }
    const { start, bySums } = settled[index]!
    const cells = windowOf(line.rest, start === null ? starts : [start], columns.length)
    if (!line.aligned || isWhole(line, columns.length) || !isAgainstHeader(cells, columns)) return { cells, bySums }
    return anywhere(line, columns.length)
  })
  return withoutFilledUp(printed, placed, header)
}

/** Lines that a bar seems to have filled up have lost the places of their figures. */
function withoutFilledUp(
  printed: readonly OpenLine[],
  placed: readonly (PlacedLine | null)[],
  { columns, sums }: Columns,
): readonly (PlacedLine | null)[] {
  if (!printed.some(({ rest }) => rest.at(-1)?.fills)) return placed
  const known = placed.flatMap((one) => (one === null ? [] : [one.cells]))
  return placed.map((one, index) => {
    return one !== null && isFilledUp(one.cells, known, sums()) ? anywhere(printed[index]!, columns.length) : one
  })
}

/**
 * True for a line with a figure under a label before the form's columns that is short of a cell, so that the figures may stand
 * further to the left than they were meant to; and under none, where a blank cell behind them may be what pushed them there.
 */
function mayStandAside(line: OpenLine, columns: readonly HeaderColumn[]): boolean {
  const over = columns.filter(({ before, start, end }) => {
    return before && line.rest.some((cell) => isFigureCell(cell) && cell.start >= start! && cell.end <= end!)
  })
  if (over.length === 0) return false
  const own = ownCells(line)
  return own.length < columns.length || (over.some(({ label }) => label === '') && isBlank(own.at(-1)!))
}

/** A line of which any figure may be any column's. */
function anywhere({ rest }: OpenLine, count: number): PlacedLine {
  const cells = rest.filter(isFigureCell)
  return { cells: Array.from({ length: count }, () => ({ kind: 'ambiguous', cells })), bySums: false }
}

/**
 * True where each line has a field for each label and no more. Where fields are counted or only line up, nothing else shows
 * that labels which a header lacks are not those of columns that its rows have.
 */
function areAllWhole(printed: readonly OpenLine[], { columns, headerField }: Columns): boolean {
  const keepsBlanks = headerField !== null && !printed.some(({ rest }) => rest.some(({ doubtful }) => doubtful))
  if (!keepsBlanks && printed.length < wholeLinesMin) return false
  return printed.every(({ rest }) => {
    const own = rest.filter((cell) => !cell.filler)
    return own.length === columns.length && (keepsBlanks || !own.some(isBlank))
  })
}

/** Where blanks leave no trace, as many figures as labels may be chance in fewer lines. */
const wholeLinesMin = 3

/** Among copied lines, or those of another grid, one may hold a page number; more of them show that the header lacks a label. */
const unfitLinesMin = 2

/** True for a line with cells enough whose figures reach over more of them than there are columns. */
function isUnfit(one: Examined, count: number): boolean {
  return one.direct === null && one.starts.length === 0 && one.line.rest.length > count && hasFigures(one.line)
}

/** Where white space alone parts columns, a figure under no known label may be that of a label that seems to have none. */
function withoutDoubtfulBlanks(line: OpenLine, columns: readonly HeaderColumn[]): readonly Placed[] {
  const placed = withoutDisorder(line, placeUnderHeaders(line, columns), columns)
  const known = placed.filter((_, index) => columns[index]!.line !== null)
  const left = line.rest.filter((cell) => cell.parted && !isBlank(cell) && !known.some((one) => holds(one, cell)))
  if (left.length === 0) return placed
  return placed.map((one) => (one.kind === 'cell' && isBlank(one.cell) ? { kind: 'ambiguous', cells: left } : one))
}

/**
 * Where white space alone parts columns, labels out of the form's order may be pieces of others: neither such a label nor
 * those that it stands on the wrong side of are believed.
 */
function withoutDisorder(
  { rest }: OpenLine,
  placed: readonly Placed[],
  columns: readonly HeaderColumn[],
): readonly Placed[] {
  if (!rest.some((cell) => cell.parted)) return placed
  return placed.map((one, index) => {
    const { line } = columns[index]!
    const isWrong = (other: HeaderColumn, place: number): boolean =>
      line !== null && other.line !== null && (place < index ? other.line > line : place > index && other.line < line)
    return one.kind === 'cell' && columns.some(isWrong) ? { kind: 'ambiguous', cells: [one.cell] } : one
  })
}

/** The cell of each column where all windows agree on what it says; ambiguous elsewhere. */
function windowOf(rest: readonly LineCell[], starts: readonly number[], count: number): Placed[] {
  return Array.from({ length: count }, (_, column) => {
    const cells = starts.map((start) => rest[start + column]!)
    const first = cells[0]!
    if (cells.every((cell) => cell === first || (isBlank(cell) && isBlank(first)))) return cellPlaced(first)
    return { kind: 'ambiguous', cells }
  })
}
