/**
 * Which cells of a line are its values, and of which column: takes the cells behind the row's label and the printed
 * columns, gives a cell for each column or says that more than one reading is left. Copied text moves its figures from
 * row to row, so neither position nor count alone decides: as many figures as columns are taken in order, aligned cells
 * by the header over them, and blanks at the edges by what the other lines of the same build show.
 */
import { isFilledUp } from './filledup.ts'
import type { HeaderColumn } from './header.ts'
import { isBlank, isWords, type LineCell, type Trimmed } from './lines.ts'
import type { PlacedSum } from './scope.ts'
import { readValue } from './values.ts'

/** One column's cell in a line: the cell, `absent` where the source has none, or what it could be. */
export type Placed =
  /** `copies` are further fields that repeat the cell's text. */
  | { readonly kind: 'cell'; readonly cell: LineCell; readonly copies?: readonly LineCell[] }
  | { readonly kind: 'absent' }
  | { readonly kind: 'ambiguous'; readonly cells: readonly LineCell[] }

/** A line to be read. */
export type OpenLine = {
  /** The cells behind its label. */
  readonly rest: readonly LineCell[]
  readonly aligned: boolean
  /** True where the source does not tell how many columns a cell covers. */
  readonly ragged: boolean
  /** True where cells were one behind another, so that their places in the line are no fields that another line has too. */
  readonly stream: boolean
  readonly trimmed: Trimmed
  /** How many fields the longest line beside it has more: so many may have been cut off. */
  readonly shorter: number
  /** Index in the line of the first cell of `rest`. */
  readonly offset: number
  /** Label columns that the official layout has behind this row's label: those its merged cell covers. */
  readonly coveredColumns: number
}

/** Where copying can have put the values of a line: a start relative to `rest`; null for lines it says nothing of. */
type CopyModel = (line: OpenLine) => number | null

/** The columns of some lines, as their header prints them. */
export type Columns = {
  readonly columns: readonly HeaderColumn[]
  /** Every column that the form has is printed. */
  readonly complete: boolean
  /** Some labels of the header are pieces of labels: how many columns it has is not known. */
  readonly pieced: boolean
  /** Its labels do not tell which column is whose: see Header. */
  readonly torn: boolean
  readonly guessed: boolean
  /** What the form says of the columns of one row; asked for where layout leaves a choice. */
  readonly sums: () => readonly PlacedSum[]
  /** The field in which the first column's label stands on its line, null where lines are not as printed. */
  readonly headerField: number | null
  /** Levels of rows (by `coveredColumns`) that lines of other tables in the same grid prove to stand as their headers do. */
  readonly provedBeside: () => ReadonlySet<number>
}

/** A line's cells by column. `bySums`: several readings were possible, and only this one adds up. */
export type PlacedLine = { readonly cells: readonly Placed[]; readonly bySums: boolean }

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
  if (!printed[0]!.aligned && examined.filter((one) => isUnfit(one, columns.length)).length >= unfitLinesMin) {
    return printed.map(() => null)
  }
  const settled = settleStarts(examined, header)
  const placed = examined.map(({ line, direct, starts }, index) => {
    const uncertain = line.aligned
      ? unlabelled && !isWhole(line, columns.length)
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

/** Among copied lines one may hold a page number; more of them show that the header lacks a label. */
const unfitLinesMin = 2

/** True for a line with cells enough whose figures reach over more of them than there are columns. */
function isUnfit(one: Examined, count: number): boolean {
  return one.direct === null && one.starts.length === 0 && one.line.rest.length > count && hasFigures(one.line)
}

/**
 * True where a figure is given to one column and stands under the label of another alone, beside one that reaches under two
 * labels: text that flows over the blank cell beside it is saved as a cell over both.
 */
function isAgainstHeader(cells: readonly Placed[], columns: readonly HeaderColumn[]): boolean {
  const over = cells.map((placed) => {
    if (placed.kind !== 'cell' || !isFigureCell(placed.cell)) return []
    const { start, end } = placed.cell
    return columns.flatMap((one, column) => (start < (one.end ?? 0) && end > (one.start ?? 0) ? [column] : []))
  })
  return (
    over.some(({ length }) => length > 1) &&
    over.some(([only, ...more], at) => more.length === 0 && (only ?? at) !== at)
  )
}

/**
 * Lines of a picture, or of a drawing without lines between columns: only what stands under one label alone is that
 * label's, since labels and figures may be unread, and neither count nor order can then be trusted.
 */
function placeUnderHeaders(line: OpenLine, columns: readonly HeaderColumn[]): readonly Placed[] {
  return columns.map((column): Placed => {
    const cells = line.aligned
      ? line.rest.filter((cell) => cell.start < column.end! && cell.end > column.start!)
      : line.rest
    const alone = columns.every(
      (other) => other === column || cells.every((cell) => cell.start >= other.end! || cell.end <= other.start!),
    )
    if (cells.length === 0) return { kind: 'absent' }
    return cells.length === 1 && alone ? cellPlaced(cells[0]!) : { kind: 'ambiguous', cells }
  })
}

/**
 * Cells between the very lines that their header's labels stand between; null where a column has none such. Whatever
 * else may be a column in the line, in front of them or between, is none of the header's.
 */
function placeBetweenLines({ rest, aligned }: OpenLine, columns: readonly HeaderColumn[]): readonly Placed[] | null {
  if (!aligned) return null
  const placed = columns.flatMap(
    (column) => rest.find((cell) => !cell.doubtful && cell.start === column.start && cell.end === column.end) ?? [],
  )
  if (placed.length < columns.length) return null
  const strange = rest.some((cell) => !isBlank(cell) && !placed.includes(cell))
  return strange ? null : placed.map(cellPlaced)
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

/** Levels of rows of which a line shows for certain that its values stand as the header's labels do; empty if any do not. */
export function provedLevels(
  printed: readonly OpenLine[],
  columns: readonly HeaderColumn[],
  headerField: number,
): number[] {
  const certain = examineLines(printed, columns, true).flatMap((one) => {
    const [start, ...others] = startsOf(one)
    return start === undefined || others.length > 0 ? [] : [{ line: one.line, start }]
  })
  const proved = certain.filter(({ line, start }) => line.offset + start === headerField)
  return proved.length === certain.length ? proved.map(({ line }) => line.coveredColumns) : []
}

/** A line with the reading that needs no other line, or else the starts that its values can have. */
type Examined = {
  readonly line: OpenLine
  readonly direct: readonly Placed[] | null
  readonly starts: readonly number[]
}

function examineLines(printed: readonly OpenLine[], columns: readonly HeaderColumn[], complete: boolean): Examined[] {
  const count = columns.length
  // Lines that all have just as many fields as there are columns have lost none.
  const whole = printed.length > 1 && printed.every(({ rest }) => rest.length === count)
  const lines = printed.map((one) => (whole ? one : restoreEnd(one, count)))
  const shown = shownBeside(lines, columns)
  const placed = lines.map((line) => {
    const places = shown.get(line.rest[0]?.start ?? -1)
    return places === undefined || isFull(line, count) ? placeDirectly(line, columns, complete) : placeAt(line, places)
  })
  // Where a figure stands under no header, blank cells beside it tell nothing of lines that begin in the same column.
  const astray = new Set(
    lines.flatMap((line, index) => (line.aligned && placed[index] === null ? [line.rest[0]?.start ?? -1] : [])),
  )
  return lines.map((line, index) => {
    const doubted = astray.has(line.rest[0]?.start ?? -1) && !isWhole(line, count) && hasFigures(line)
    const direct = doubted ? null : placed[index]!
    return { line, direct, starts: direct === null ? feasibleStarts(line.rest, count) : [] }
  })
}

/** The cells of a line without values that reach down from the line above by a span stated too long. */
function ownCells({ rest, aligned }: OpenLine): readonly LineCell[] {
  return rest.filter((cell) => !cell.filler && !(aligned && cell.carried && !isWords(cell)))
}

/** True where a line has a cell for each column and no more: then they stand in order. */
function isWhole(line: OpenLine, count: number): boolean {
  return ownCells(line).length === count
}

function hasFigures({ rest }: OpenLine): boolean {
  return rest.some(isFigureCell)
}

function isFigureCell(cell: LineCell): boolean {
  return !isWords(cell) && !isBlank(cell)
}

/** True where a figure stands between labels of columns, under none: one of them is missing, and the others may be pushed aside. */
function hasUnlabelled({ rest, aligned }: OpenLine, columns: readonly HeaderColumn[]): boolean {
  const [first, last] = [columns[0]!.start, columns.at(-1)!.end]
  if (!aligned || first === null || last === null) return false
  return rest.some(
    (cell) =>
      isFigureCell(cell) &&
      cell.start >= first &&
      cell.end <= last &&
      columns.every(({ start, end }) => cell.start >= end! || cell.end <= start!),
  )
}

function isFull({ rest }: OpenLine, count: number): boolean {
  const filled = rest.filter((cell) => !isBlank(cell))
  return filled.length === count && filled.every((cell) => !isWords(cell))
}

/**
 * Where lines with a figure for each column show that figures do not stand under their headers: by the place at which the
 * cells of such a line begin, the places of its figures; none where such lines differ.
 */
function shownBeside(
  lines: readonly OpenLine[],
  columns: readonly HeaderColumn[],
): ReadonlyMap<number, readonly number[]> {
  const shown = new Map<number, readonly number[]>()
  for (const line of lines) {
    if (!line.aligned || !isFull(line, columns.length)) continue
    const places = line.rest.filter((cell) => !isBlank(cell)).map(({ start }) => start)
    const start = line.rest[0]!.start
    const known = shown.get(start)
    shown.set(start, known === undefined || known.join() === places.join() ? places : [])
  }
  const under = (place: number, { start, end }: HeaderColumn): boolean =>
    start !== null && place >= start && place < end!
  for (const [start, places] of shown) {
    if (places.length > 0 && places.every((place, index) => under(place, columns[index]!))) shown.delete(start)
  }
  return shown
}

/**
 * The cells at these places, one for each; null where they are not all there or something is printed beside. In a row short
 * of a cell nothing tells whether it is the one that others have between their figures.
 */
function placeAt({ rest }: OpenLine, places: readonly number[]): readonly Placed[] | null {
  const cells = places.flatMap((place) => rest.find((cell) => cell.start === place) ?? [])
  if (places.length === 0 || cells.length < places.length) return null
  const figures = rest.filter(isFigureCell)
  if (figures.length > 0 && cells.some(({ missing }) => missing))
    return places.map(() => ({ kind: 'ambiguous', cells: figures }))
  return rest.every((cell) => isBlank(cell) || cells.includes(cell)) ? cells.map(cellPlaced) : null
}

function startsOf({ line, direct, starts }: Examined): readonly number[] {
  return direct ? startOfDirect(line, direct) : starts
}

/**
 * Lines whose columns only line up. Those with as many figures as columns are read in order, and show in which grid
 * column each figure stands; in the others a figure belongs to the column that they show, or else to the one label of
 * the header that stands over it. Where full lines and the header disagree, the header's places decide nothing.
 */
function placeByFullLines(
  lines: readonly OpenLine[],
  columns: readonly HeaderColumn[],
): readonly (readonly Placed[] | null)[] {
  const count = columns.length
  const known = columns.flatMap(({ line }) => (line === null ? [] : [line]))
  // Labels out of the form's order were taken from lines that do not line up with one another.
  if (known.some((line, index) => index > 0 && line <= known[index - 1]!)) return lines.map(() => null)
  const filled = lines.map((line) => line.rest.filter((cell) => !isBlank(cell) && !isWords(cell)))
  // With more figures in a line than labels over it, as many figures as labels are none for each.
  if (filled.some((cells) => cells.length > count)) return lines.map(() => null)
  const shown = new Map<number, number>()
  let steady = true
  for (const cells of filled) {
    if (cells.length !== count) continue
    for (const [column, cell] of cells.entries()) {
      if ((shown.get(cell.start) ?? column) !== column || cell.end - cell.start !== 1) steady = false
      shown.set(cell.start, column)
    }
  }
  const under = (place: number): number | null => {
    const over = columns.flatMap(({ start, end }, column) => (place >= start! && place < end! ? [column] : []))
    return over.length === 1 ? over[0]! : null
  }
  const agreed = lines[0]!.aligned && [...shown].every(([place, column]) => (under(place) ?? column) === column)
  const placeOf = (place: number): number | null => shown.get(place) ?? (agreed ? under(place) : null)
  return lines.map((line, index) => {
    const cells = filled[index]!
    if (line.rest.some((cell) => isWords(cell) && cell.start > (cells[0]?.start ?? cell.start))) return null
    if (cells.length === count) return cells.map(cellPlaced)
    const blank = line.rest.find(isBlank)
    if (cells.length === 0) return blank === undefined ? null : Array.from({ length: count }, () => cellPlaced(blank))
    // Beside a column that the form does not have, a blank may be any column's.
    if (!steady || blank === undefined || known.length < count) return null
    const found = new Map(cells.map((cell) => [cell.end - cell.start === 1 ? placeOf(cell.start) : null, cell]))
    if (found.size !== cells.length || found.has(null)) return null
    return Array.from({ length: count }, (_, column) => cellPlaced(found.get(column) ?? blank))
  })
}

/** The line with as many blank fields behind it as may have been cut off. */
function restoreEnd(line: OpenLine, count: number): OpenLine {
  const last = line.rest.at(-1)
  // Where nothing shows that blanks are kept, a line with fewer fields than columns may have lost any of them.
  const lost = Math.min(count - 1, Math.max(line.shorter, count - line.rest.length))
  if (last === undefined || lost === 0 || line.trimmed === 'no') return line
  if (line.trimmed === 'perhaps' && line.rest.length < count) return line
  const blank = { ...last, number: -1, text: '', label: null, value: readValue(''), filler: true }
  const missing = Array.from({ length: lost }, (_, index) => ({
    ...blank,
    start: last.end + index,
    end: last.end + index + 1,
  }))
  return { ...line, rest: [...line.rest, ...missing] }
}

/** A reading that needs no other line: one filled cell a column, or each cell under its own header. */
function placeDirectly(line: OpenLine, columns: readonly HeaderColumn[], complete: boolean): readonly Placed[] | null {
  const own = ownCells(line)
  if (own.length === columns.length && own.length < line.rest.filter((cell) => !cell.filler).length) {
    return own.some(isWords) ? null : own.map(cellPlaced)
  }
  const filled = line.rest.filter((cell) => !isBlank(cell))
  const byHeader = line.aligned ? placeByHeader(line.rest, columns) : null
  // A figure that stands under no header shows that the places of headers are not those of the figures.
  if (byHeader !== null && filled.every((cell) => isWords(cell) || byHeader.some((placed) => holds(placed, cell)))) {
    return isBeside(line, byHeader) ? null : byHeader
  }
  const inFields = line.ragged && !line.stream ? placeInFields(line.rest, columns) : null
  if (inFields !== null) return inFields
  // Where spans are known, nothing is repeated in their place.
  const repeated = line.ragged ? placeRepeated(line.rest, columns) : null
  if (repeated !== null) return repeated
  // Without a label for each column, as many figures as labels are none for each.
  if (line.aligned && !complete && !isWhole(line, columns.length)) return null
  if (filled.length === columns.length && filled.every((cell) => !isWords(cell))) return filled.map(cellPlaced)
  return null
}

/**
 * True where a line has as many cells as there are columns, one of which stands outside of the headers while a header has
 * none: a header whose labels were pushed aside says nothing of blank cells.
 */
function isBeside({ rest }: OpenLine, byHeader: readonly Placed[]): boolean {
  const cells = rest.filter((cell) => !cell.filler)
  return (
    cells.length === byHeader.length &&
    cells.every((cell) => !isWords(cell)) &&
    byHeader.some(({ kind }) => kind === 'absent')
  )
}

function holds(placed: Placed, cell: LineCell): boolean {
  return placed.kind === 'cell' && (placed.cell === cell || (placed.copies?.includes(cell) ?? false))
}

function cellPlaced(cell: LineCell): Placed {
  return cell.filler ? { kind: 'absent' } : { kind: 'cell', cell }
}

/** Each column's cell by the place of its header; null unless every column has a cell of its own. */
function placeByHeader(rest: readonly LineCell[], columns: readonly HeaderColumn[]): readonly Placed[] | null {
  const placed: Placed[] = []
  let previous: LineCell | null = null
  for (const column of columns) {
    const cells = rest.filter((cell) => cell.start < column.end! && cell.end > column.start!)
    const printed = cells.filter((cell) => !isBlank(cell))
    const cell: LineCell | undefined = printed.length > 0 ? printed[0] : cells[0]
    if (cell === undefined || cell === previous) return null
    if (printed.length > 1) {
      // Copies of one merged cell under copies of one label.
      if (column.copies !== cells.length || cells.some(({ text }) => text !== cell.text)) return null
      placed.push({ kind: 'cell', cell, copies: cells.slice(1) })
      previous = cells.at(-1)!
      continue
    }
    // A cell that reaches under a neighbour's header belongs to both, so place does not decide.
    if (
      !isBlank(cell) &&
      columns.some((other) => other !== column && cell.start < other.end! && cell.end > other.start!)
    ) {
      return null
    }
    placed.push(cellPlaced(cell))
    previous = cell
  }
  return placed
}

/** Merged cells copied as their text in every place: as many equal fields as the header's label has. */
function placeRepeated(rest: readonly LineCell[], columns: readonly HeaderColumn[]): readonly Placed[] | null {
  if (columns.every(({ start, end }) => (end ?? 0) - (start ?? 0) === 1)) return null
  const widths = columns.map(({ start, end }) => (end ?? 0) - (start ?? 0))
  // A column that no label places has no copies.
  if (widths.includes(0)) return null
  const total = widths.reduce((sum, width) => sum + width, 0)
  if (rest.length < total || !rest.slice(total).every(isBlank)) return null
  const placed: Placed[] = []
  let next = 0
  for (const width of widths) {
    const cells = rest.slice(next, next + width)
    if (cells.some((cell) => cell.text !== cells[0]!.text)) return null
    placed.push({ kind: 'cell', cell: cells[0]!, copies: cells.slice(1) })
    next += width
  }
  return placed
}

/** Where the values can begin, so that no figure is left outside: what stands before them and behind is words and blanks. */
function feasibleStarts(rest: readonly LineCell[], count: number): number[] {
  let first = rest.findIndex((cell) => !isBlank(cell) && !isWords(cell))
  if (first < 0) first = rest.length
  let last = rest.length - 1
  // Words behind the figures may be the heading of what follows in the same line, or what a cell says instead of a figure.
  while (last >= 0 && (isBlank(rest[last]!) || isWords(rest[last]!))) last--
  const starts: number[] = []
  for (let start = Math.max(0, last + 1 - count); start <= Math.min(first, rest.length - count); start++)
    starts.push(start)
  return starts
}

type Settled = { readonly start: number | null; readonly bySums: boolean }

/**
 * A start for each line that leaves several. Copying has three consistent ways: values begin at one field in all lines;
 * they follow each label at once; they follow as many blanks as the label's merged cell covered. Of these only the ways
 * that no line contradicts are believed, and only where they agree: real copies mix them from row to row. Where no way
 * is proved for a line, its own sums may still leave only one reading, and lines read so are proof for the rest.
 */
function settleStarts(examined: readonly Examined[], header: Columns): readonly Settled[] {
  const settled = examined.map(({ direct, starts }): Settled => {
    return { start: direct || starts.length > 1 ? null : (starts[0] ?? null), bySums: false }
  })
  const open = examined.flatMap(({ direct, starts }, index) => (direct || starts.length < 2 ? [] : [index]))
  if (open.length === 0) return settled
  const certain = examined.filter((one) => startsOf(one).length > 0)
  // Nothing but a line of the same level whose own start is certain proves a way for it.
  const copied = copiedStart(certain, header.headerField)
  const sums = header.sums()
  const filled = totalsAreFilled(examined, header.columns.length, sums)
  // Where each label of the header stands in a field of its own, no label column is there to move an unlabelled line.
  const unmoved = isContiguous(header.columns)
  for (const index of open) {
    const { line, starts } = examined[index]!
    const start = copied(
      line,
      (levels) =>
        levels.has(line.coveredColumns) ||
        (unmoved && line.offset === 0) ||
        header.provedBeside().has(line.coveredColumns),
    )
    if (start !== null) settled[index] = { start, bySums: false }
    else if (filled) {
      const adding = starts.filter((one) => addsUp(line.rest, one, sums))
      if (adding.length === 1) settled[index] = { start: adding[0]!, bySums: true }
    }
  }
  const settledToo = examined.map((one, index) => {
    const { start } = settled[index]!
    return start === null ? one : { ...one, starts: [start] }
  })
  const copiedToo = copiedStart(
    settledToo.filter((one) => startsOf(one).length > 0),
    header.headerField,
  )
  for (const index of open) {
    if (settled[index]!.start !== null) continue
    const { line } = examined[index]!
    const start = copiedToo(line, (levels) => levels.has(line.coveredColumns) || levels.size > 1)
    if (start !== null) settled[index] = { start, bySums: true }
  }
  return settled
}

/** The start that the ways of copying which no line contradicts agree on, where `proved` accepts the levels that show it. */
function copiedStart(
  lines: readonly Examined[],
  headerField: number | null,
): (line: OpenLine, proved: (levels: ReadonlySet<number>) => boolean) => number | null {
  const believed = copyModels(headerField).filter((model) =>
    lines.every((one) => model(one.line) === null || startsOf(one).includes(model(one.line)!)),
  )
  const shows = ({ line }: Examined): boolean => believed.some((model) => model(line) !== null)
  const levels = new Set(
    lines.flatMap((one) => (startsOf(one).length === 1 && shows(one) ? [one.line.coveredColumns] : [])),
  )
  return (line, proved) => {
    const [start, ...others] = new Set(believed.map((model) => model(line)))
    return start === undefined || others.length > 0 || !proved(levels) ? null : start
  }
}

function copyModels(headerField: number | null): CopyModel[] {
  // The header was copied the same way: each way says where its first label stands.
  const models: CopyModel[] = []
  if (headerField === null || headerField <= 1) models.push(() => 0)
  if (headerField === null || headerField === 0) models.push((line) => line.coveredColumns)
  if (headerField !== null && headerField > 0) {
    // A label that does not stand in its own label column was moved, and its figures perhaps with it.
    models.push((line) => (line.offset === headerField - line.coveredColumns ? line.coveredColumns : null))
  }
  return models
}

/** False where a line that is certain leaves a total blank beside figures: then the last figure need not be the total. */
function totalsAreFilled(examined: readonly Examined[], columnCount: number, sums: readonly PlacedSum[]): boolean {
  return examined.every((one) => {
    const [start, ...others] = startsOf(one)
    if (start === undefined || others.length > 0 || start + columnCount > one.line.rest.length) return true
    return sums.every(({ total, parts }) => {
      const cellOf = (column: number): LineCell => one.line.rest[start + column]!
      return cellOf(total).value?.state === 'number' || parts.every((part) => !amountOf(cellOf(part)))
    })
  })
}

/** True where all totals of a window are the sums of their parts, and at least one of them is not nothing. */
function addsUp(rest: readonly LineCell[], start: number, sums: readonly PlacedSum[]): boolean {
  let something = false
  for (const { total, parts } of sums) {
    const stated = amountOf(rest[start + total]!)
    const amounts = parts.map((part) => amountOf(rest[start + part]!))
    if (stated === null || amounts.includes(null)) return false
    if (stated !== amounts.reduce((sum: number, amount) => sum + amount!, 0)) return false
    something ||= stated !== 0
  }
  return something
}

/** What a cell adds to a sum: nothing where it is blank or a mark; null where it cannot be read. */
function amountOf(cell: LineCell): number | null {
  const state = cell.value?.state
  if (state === 'number') return cell.value!.value
  return state === 'blank' || state === 'mark' ? 0 : null
}

function startOfDirect(line: OpenLine, placed: readonly Placed[]): number[] {
  const [first] = placed
  if (first?.kind !== 'cell') return []
  const start = line.rest.indexOf(first.cell)
  const contiguous = placed.every((one, index) => one.kind === 'cell' && line.rest[start + index] === one.cell)
  return contiguous ? [start] : []
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

/** Ragged lines built like their header: the field under the label, where nothing is printed beside. */
function placeByFields(line: OpenLine, columns: readonly HeaderColumn[]): readonly Placed[] | null {
  if (!isContiguous(columns)) return null
  const placed = columns.map((column) => line.rest.find((cell) => cell.start === column.start))
  if (placed.some((cell) => cell === undefined)) return null
  const chosen = new Set(placed)
  if (line.rest.some((cell) => !isBlank(cell) && !chosen.has(cell))) return null
  return placed.map((cell) => cellPlaced(cell!))
}

/**
 * Ragged lines in which each figure stands in the field of a label, where labels are fields apart and some figures too:
 * merged cells that left their places blank in both. Null for all others.
 */
function placeInFields(rest: readonly LineCell[], columns: readonly HeaderColumn[]): readonly Placed[] | null {
  if (columns.length < 3 || rest.length <= columns.length || isContiguous(columns)) return null
  const places = new Map<number, number>()
  for (const [column, { start }] of columns.entries()) {
    if (start === null || (column > 0 && start <= columns[column - 1]!.start!)) return null
    places.set(start, column)
  }
  const filled = rest.filter((cell) => !isBlank(cell))
  if (filled.some((cell) => isWords(cell) || !places.has(cell.start))) return null
  const apart = filled.filter(({ start }) => start - columns[0]!.start! > places.get(start)!)
  if (apart.length < 2) return null
  const cells = columns.map(({ start }) => rest.find((cell) => cell.start === start))
  return cells.map((cell) => (cell === undefined ? { kind: 'absent' } : cellPlaced(cell)))
}

/** True where the header's labels stand in fields one behind another, on whatever line. */
function isContiguous(columns: readonly HeaderColumn[]): boolean {
  const first = columns[0]!.start
  return first !== null && columns.every((column, index) => column.start === first + index)
}

/** Aligned lines with cells missing: those that stand alone under one header; the rest are absent or ambiguous. */
function placePartly(line: OpenLine, columns: readonly HeaderColumn[]): readonly Placed[] | null {
  if (!line.aligned) return null
  const placed = columns.map((column): Placed => {
    const cells = line.rest.filter((cell) => !cell.filler && cell.start < column.end! && cell.end > column.start!)
    const alone = cells.filter((cell) =>
      columns.every((other) => other === column || cell.start >= other.end! || cell.end <= other.start!),
    )
    if (cells.length === 0) return { kind: 'absent' }
    return cells.length === 1 && alone.length === 1 ? { kind: 'cell', cell: cells[0]! } : { kind: 'ambiguous', cells }
  })
  if (placed.every((one) => one.kind === 'absent')) return null
  // Several figures under one label: one of those that say the same beside each other may be a copy that pushed them there.
  if (placed.some((one) => one.kind === 'ambiguous' && one.cells.filter(isFigureCell).length > 1)) {
    const copies = line.rest.filter((cell) => !cell.filler && isFigureCell(cell))
    return placed.map((one) => {
      if (one.kind !== 'cell' || !isFigureCell(one.cell)) return one
      const at = copies.indexOf(one.cell)
      const isCopy = copies[at - 1]?.text === one.cell.text || copies[at + 1]?.text === one.cell.text
      return isCopy ? { kind: 'ambiguous', cells: [one.cell] } : one
    })
  }
  // With a figure left over, a blank under a header may be that figure's place.
  const left = line.rest.filter((cell) => !isBlank(cell) && !isWords(cell) && !placed.some((one) => holds(one, cell)))
  if (left.length === 0) return placed
  // A figure behind the last header, or outside of them in a line with one for each, shows that figures stand elsewhere.
  const figures = line.rest.filter((cell) => !isBlank(cell) && !isWords(cell)).length
  const astray = figures === columns.length || left.some((cell) => columns.every(({ end }) => cell.start >= end!))
  return placed.map((one) => {
    if (one.kind !== 'cell' || isBlank(one.cell)) return { kind: 'ambiguous', cells: left }
    return astray ? { kind: 'ambiguous', cells: [one.cell, ...left] } : one
  })
}
