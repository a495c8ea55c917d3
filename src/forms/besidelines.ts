/**
 * What lines of one build tell of each other: where figures stand in those that have one for each column, and where the
 * values of the others may begin.
 */
import type { HeaderColumn } from './headercolumn.ts'
import { isBlank, isWords, type LineCell } from './lines.ts'
import { cellPlaced, hasFigures, isFigureCell, isFull, isWhole, type OpenLine, type Placed } from './openline.ts'
import { placeDirectly } from './underlabels.ts'
import { readValue } from './values.ts'

/** A line with the reading that needs no other line, or else the starts that its values can have. */
export type Examined = {
  readonly line: OpenLine
  readonly direct: readonly Placed[] | null
  readonly starts: readonly number[]
}

/** Lines of one build, each with what it tells by itself and with the others. */
export function examineLines(
  printed: readonly OpenLine[],
  columns: readonly HeaderColumn[],
  complete: boolean,
): Examined[] {
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

/** Where the values of a line may begin: places in `rest`. */
export function startsOf({ line, direct, starts }: Examined): readonly number[] {
  return direct ? startOfDirect(line, direct) : starts
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

/**
 * Lines whose columns only line up. Those with as many figures as columns are read in order, and show in which grid
 * column each figure stands; in the others a figure belongs to the column that they show, or else to the one label of
 * the header that stands over it. Where full lines and the header disagree, the header's places decide nothing.
 */
export function placeByFullLines(
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

function startOfDirect(line: OpenLine, placed: readonly Placed[]): number[] {
  const [first] = placed
  if (first?.kind !== 'cell') return []
  const start = line.rest.indexOf(first.cell)
  const contiguous = placed.every((one, index) => one.kind === 'cell' && line.rest[start + index] === one.cell)
  return contiguous ? [start] : []
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
