/**
 * What the labels over one line tell of its cells: takes the line and the columns of its header, gives a cell for each
 * column, or null where they do not tell.
 */
import type { HeaderColumn } from './headercolumn.ts'
import { isBlank, isWords, type LineCell } from './lines.ts'
import { cellPlaced, holds, isFigureCell, isWhole, type OpenLine, ownCells, type Placed } from './openline.ts'

/** A reading that needs no other line: one filled cell a column, or each cell under its own header. */
export function placeDirectly(
  line: OpenLine,
  columns: readonly HeaderColumn[],
  complete: boolean,
): readonly Placed[] | null {
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

/**
 * Lines of a picture, or of a drawing without lines between columns: only what stands under one label alone is that
 * label's, since labels and figures may be unread, and neither count nor order can then be trusted.
 */
export function placeUnderHeaders(line: OpenLine, columns: readonly HeaderColumn[]): readonly Placed[] {
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
export function placeBetweenLines(
  { rest, aligned }: OpenLine,
  columns: readonly HeaderColumn[],
): readonly Placed[] | null {
  if (!aligned) return null
  const placed = columns.flatMap(
    (column) => rest.find((cell) => !cell.doubtful && cell.start === column.start && cell.end === column.end) ?? [],
  )
  if (placed.length < columns.length) return null
  const strange = rest.some((cell) => !isBlank(cell) && !placed.includes(cell))
  return strange ? null : placed.map(cellPlaced)
}

/** Ragged lines built like their header: the field under the label, where nothing is printed beside. */
export function placeByFields(line: OpenLine, columns: readonly HeaderColumn[]): readonly Placed[] | null {
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

/** Aligned lines with cells missing: those that stand alone under one header; the rest are absent or ambiguous. */
export function placePartly(line: OpenLine, columns: readonly HeaderColumn[]): readonly Placed[] | null {
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

/** True where the header's labels stand in fields one behind another, on whatever line. */
export function isContiguous(columns: readonly HeaderColumn[]): boolean {
  const first = columns[0]!.start
  return first !== null && columns.every((column, index) => column.start === first + index)
}

/**
 * True where a figure is given to one column and stands under the label of another alone, beside one that reaches under two
 * labels: text that flows over the blank cell beside it is saved as a cell over both.
 */
export function isAgainstHeader(cells: readonly Placed[], columns: readonly HeaderColumn[]): boolean {
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

/** True where a figure stands between labels of columns, under none: one of them is missing, and the others may be pushed aside. */
export function hasUnlabelled({ rest, aligned }: OpenLine, columns: readonly HeaderColumn[]): boolean {
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
