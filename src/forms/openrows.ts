/**
 * Rows of a table whose figures the layout gives to no column for sure: takes them as lines, with the facts of the rows
 * that are certain, gives for each what the sums of the table leave of its readings. What a line allows: figures in order
 * with columns left blank between them, where blanks leave no trace; figures that a space cut in two; a row of fields that
 * may begin in several places.
 */
import { searchBounds } from '../../parsers/limits.ts'
import type { Fact } from '../model.ts'
import { type DecodedRow, type DecodeRow, decodeRows, type Piece, type RowReading } from './decode.ts'
import { type EquationsOf, tableSums } from './equations.ts'
import type { HeaderColumn } from './headercolumn.ts'
import { isBlank, isWords, type LineCell } from './lines.ts'
import type { OpenLine, PlacedLine } from './openline.ts'
import { joinings, placements } from './readings.ts'
import type { RowHit } from './rowhits.ts'
import type { PlacedSum, TableScope } from './scope.ts'
import { readValue } from './values.ts'

/**
 * A cell that a reading gives to a column; null for a column of which the line prints nothing. `inferred`: the text alone
 * does not say so.
 */
export type CellPiece = Piece & { readonly cell: LineCell | null; readonly inferred: boolean }

/** A line left open: how far it was placed, and every reading of it, a piece for each printed column. */
export type OpenRow = {
  readonly hit: RowHit
  readonly open: OpenLine
  readonly placed: PlacedLine | null
  readonly readings: readonly RowReading<CellPiece>[]
  /** What no piece is given to is absent, not blank: its row has fewer cells than there are columns. */
  readonly short: boolean
}

/** What the lines of one build show: that blank cells leave no trace, and that spaces cut figures. */
export type Traces = { readonly dropsBlanks: boolean; readonly cutsFigures: boolean }

const nothing: CellPiece = { key: '', amount: 0, cell: null, inferred: true }

/**
 * What lines show by having fewer or more figures than there are columns, or figures that do not add up. `elsewhere`: other
 * lines of the document show that blanks were lost.
 */
export function tracesOf(
  lines: readonly OpenLine[],
  count: number,
  sums: () => readonly PlacedSum[],
  elsewhere: () => boolean,
): Traces {
  const rows = lines.map(looseFigures).filter((figures) => figures !== null && figures.length > 0)
  if (rows.length === 0) return { dropsBlanks: false, cutsFigures: false }
  const dropsBlanks = rows.some((figures) => figures!.length < count)
  // Where figures stand under one another, one that was cut would stand in two columns.
  const spaced = lines.filter(({ aligned }) => !aligned).flatMap((line) => [looseFigures(line) ?? []])
  if (spaced.some((figures) => figures.length > count)) return { dropsBlanks, cutsFigures: true }
  // `1 04`: what begins with a 0 is the end of a figure, so that there are fewer of them than it seems.
  if (spaced.some((figures) => figures.some(isFragment))) return { dropsBlanks: true, cutsFigures: true }
  // Between spaces a row that does not add up may have had a figure cut where a blank was lost.
  const cutsFigures =
    spaced.some((figures) => figures.some(({ doubtful }) => doubtful)) &&
    spaced.some((figures) => mayBeCut(figures, count, sums())) &&
    (dropsBlanks || elsewhere())
  return { dropsBlanks: dropsBlanks || cutsFigures, cutsFigures }
}

/** True for figures that add up in no way as they are, and of which two neighbours may be one. */
function mayBeCut(figures: readonly LineCell[], count: number, sums: readonly PlacedSum[]): boolean {
  return joinings(figures.map(textOf), 1).length > 0 && !canAddUp(figures, count, sums)
}

/**
 * True for a line of cells one behind another that does not add up, and of which two figures may be one: a narrow cell breaks
 * a figure over two lines, and makes up for a blank that was lost. `elsewhere`: other lines show that blanks were lost; else
 * all of several sums must be broken.
 */
export function mayBeBroken(
  line: OpenLine,
  count: number,
  sumsOf: () => readonly PlacedSum[],
  elsewhere: () => boolean,
): boolean {
  if (!line.stream) return false
  const sums = sumsOf()
  if (sums.length === 0) return false
  const figures = line.rest.filter((cell) => !isBlank(cell))
  if (figures.length !== count || figures.some((cell) => amountOf(cell) === null)) return false
  if (!mayBeCut(figures, count, sums)) return false
  const row = figures.map(pieceOf)
  return elsewhere() || (sums.length > 1 && !sums.some((sum) => holds(sum, row)))
}

/** True where a line has lost blanks: it has figures, and fewer than there are columns. */
export function hasLostBlanks(line: OpenLine, count: number): boolean {
  const figures = looseFigures(line)?.length ?? 0
  return figures > 0 && figures < count
}

/** True where some of the ways to put figures into columns makes all sums hold. */
function canAddUp(figures: readonly LineCell[], count: number, sums: readonly PlacedSum[]): boolean {
  return placements(figures.map(pieceOf), count, nothing).some((row) => sums.every((sum) => holds(sum, row)))
}

function holds({ total, parts }: PlacedSum, row: RowReading<CellPiece>): boolean {
  return row[total]!.amount === parts.reduce((sum, part) => sum + row[part]!.amount, 0)
}

function isFragment({ text, doubtful }: LineCell): boolean {
  return doubtful && /^0\d+$/.test(text.trim())
}

/** True for a line that reads in order only if no figure was cut and no blank lost, where other lines show both. */
export function isLoose(line: OpenLine, { dropsBlanks, cutsFigures }: Traces): boolean {
  return dropsBlanks && cutsFigures && !line.aligned && looseFigures(line) !== null
}

/**
 * The figures of a line that nothing but their order ties to columns; null for a line that keeps its blanks, whose columns
 * are fixed, or that holds words behind its figures.
 */
function looseFigures({ rest, aligned }: OpenLine): readonly LineCell[] | null {
  const doubtful = rest.some((cell) => cell.doubtful)
  if ((aligned && !doubtful) || rest.some((cell) => cell.reading !== undefined)) return null
  if (!doubtful && rest.some(isBlank)) return null
  const first = rest.findIndex((cell) => !isWords(cell) && !isBlank(cell))
  const figures = first < 0 ? [] : rest.slice(first).filter((cell) => !isBlank(cell))
  return figures.some((cell) => amountOf(cell) === null && !isFragment(cell)) ? null : figures
}

/** More cells than columns by so many are another build of rows. */
const strayCellsMax = 2

/**
 * The lines that have not as many cells as there are columns, beside whole ones, with every reading of them: fewer, so that
 * any of them may be the missing one though the page pushes the others together; or more, so that any blank cell may be the
 * one too many. Where most lines are so, it is their way of being whole.
 */
export function unevenLines(
  lines: readonly OpenLine[],
  columns: readonly HeaderColumn[],
): ReadonlyMap<OpenLine, readonly RowReading<CellPiece>[]> {
  const count = columns.length
  const [start, end] = [columns[0]!.start, columns.at(-1)!.end]
  const cells = lines.map(({ rest }) => rest.filter((cell) => !cell.filler))
  const found = new Map<OpenLine, readonly RowReading<CellPiece>[]>()
  const lacks = cells.flatMap((own) => (own.every(isBlank) ? [] : [count - own.length]))
  // All of them short by one may lack a column; by more, or by more and less, they lack cells, and so does the one row of a table.
  if (lacks.every((lack) => lack === 1) && lines.some(({ offset }) => offset > 0)) return found
  const areMostWhole = cells.filter((own) => own.length === count).length * 2 > cells.length
  for (const [index, line] of lines.entries()) {
    const own = cells[index]!
    const more = own.length - count
    if (more === 0 || own.every(isBlank) || own.some((cell) => isWords(cell) || cell.carried)) continue
    const pieces = own.map(pieceOf)
    const readable = pieces.every(({ amount }) => !Number.isNaN(amount))
    if (more < 0 && line.rest.some((cell) => cell.missing)) {
      found.set(line, readable ? placements(pieces, count, nothing) : [])
    } else if (more > 0 && more <= strayCellsMax && line.aligned && start !== null && own[0]!.start >= start) {
      // A line by itself is one cell too long where figures stand beyond the last label.
      const isBeyond = end !== null && own.some((cell) => !isBlank(cell) && cell.start >= end)
      if (!areMostWhole && !(lines.length === 1 && isBeyond)) continue
      const blanks = own.flatMap((cell, at) => (isBlank(cell) ? [at] : []))
      if (blanks.length >= more) found.set(line, readable ? without(pieces, blanks, more) : [])
    }
  }
  return found
}

/** The pieces without so many of the blank ones, in every way; those that come to the same once. */
function without(pieces: readonly CellPiece[], blanks: readonly number[], count: number): RowReading<CellPiece>[] {
  if (count === 0) return [pieces]
  const found = new Map<string, RowReading<CellPiece>>()
  for (const [index, at] of blanks.entries()) {
    const others = [...pieces.slice(0, at), ...pieces.slice(at + 1)]
    const before = blanks.slice(0, index)
    for (const reading of without(others, before, count - 1))
      found.set(reading.map(({ key }) => key).join('|'), reading)
  }
  return [...found.values()]
}

/**
 * Every reading of a line for its printed columns; empty where it has none that could be compared. `exact`: its label is
 * the form's to the letter, so that no figure can have become a part of it.
 */
export function readingsOfLine(
  line: OpenLine,
  placed: PlacedLine | null,
  columns: readonly HeaderColumn[],
  traces: Traces,
  exact: boolean,
): readonly RowReading<CellPiece>[] {
  if (placed !== null) return readingsOfPlaced(line, placed)
  const figures = looseFigures(line)
  if (figures === null || (figures.length < columns.length && !traces.dropsBlanks)) return []
  if (figures.length === 0 && !exact) return []
  const count = columns.length
  const least = Math.max(0, figures.length - count)
  const most = traces.cutsFigures && traces.dropsBlanks ? least + 1 : least
  const texts = figures.map(textOf)
  const found: RowReading<CellPiece>[] = []
  for (let joins = least; joins <= most; joins++) {
    for (const sizes of joinings(texts, joins)) {
      const pieces = joinCells(figures, sizes)
      const rows = placements(pieces, count, nothing)
      if (rows.length === 0) return []
      found.push(...rows.filter((row) => !row.some(({ amount }) => Number.isNaN(amount))))
      if (found.length > searchBounds.rowReadingsMax) return []
    }
  }
  return found
}

function textOf({ text }: LineCell): string {
  return text.trim().normalize('NFKC')
}

/** The readings of a line that was placed but for where it begins, or for figures with a space inside. */
function readingsOfPlaced({ aligned, rest }: OpenLine, { cells }: PlacedLine): readonly RowReading<CellPiece>[] {
  if (rest.some((cell) => cell.reading !== undefined)) return []
  const counts = new Set(cells.flatMap((one) => (one.kind === 'ambiguous' ? [one.cells.length] : [])))
  if (counts.size > 1 || (counts.size === 1 && aligned)) return []
  const [count = 1] = counts
  return Array.from({ length: count }, (_, reading) =>
    cells.map((one): CellPiece => {
      if (one.kind === 'absent') return nothing
      if (one.kind === 'ambiguous') return pieceOf(one.cells[reading]!)
      return isParted(one.cell) ? joinedPiece(one.cell, one.cell.text.replace(/\s+/g, '')) : pieceOf(one.cell)
    }),
  )
}

/** `1 2` or `1` above `2` in one cell: one figure, if the sums ask for it. */
const parted = /^\s*[1-9]\d*(?:\s+\d+)+\s*$/

/** True for a cell whose only figure has white space inside. */
export function isParted({ value, text, reading, doubtful }: LineCell): boolean {
  if (value?.state !== 'unreadable' || reading !== undefined || doubtful) return false
  return value.candidates.length === 1 && parted.test(text.normalize('NFKC'))
}

function joinCells(cells: readonly LineCell[], sizes: readonly number[]): CellPiece[] {
  let next = 0
  return sizes.map((size) => {
    const parts = cells.slice(next, next + size)
    next += size
    if (size === 1) return pieceOf(parts[0]!)
    const texts = parts.map(({ text }) => text.trim())
    return joinedPiece({ ...parts[0]!, text: texts.join(' ') }, texts.join(''))
  })
}

function joinedPiece(cell: LineCell, text: string): CellPiece {
  return { ...pieceOf({ ...cell, value: readValue(text) }), inferred: true }
}

function pieceOf(cell: LineCell): CellPiece {
  if (isBlank(cell)) return { ...nothing, cell: cell.filler ? null : cell, inferred: false }
  const { value } = cell
  const key = value?.state === 'number' ? `${value.value} ${value.unit ?? ''}` : (value?.state ?? 'words')
  return { key, amount: amountOf(cell) ?? Number.NaN, cell, inferred: false }
}

/** What a cell adds to a sum; null where it is not known. */
function amountOf({ value }: LineCell): number | null {
  if (value?.state === 'number') return value.value
  return value?.state === 'blank' || value?.state === 'mark' ? 0 : null
}

/**
 * What the sums leave of each open row, in order; null for a row of which they say nothing. `facts` are those of the table
 * by place in its scope.
 */
export function decodeOpenRows(
  scope: TableScope,
  facts: readonly (Fact | null)[],
  rows: readonly OpenRow[],
  equationsOf: EquationsOf,
): readonly (DecodedRow<CellPiece> | null)[] {
  const nowhere = rows.map(() => null)
  const { valueColumns, valueRows, places } = scope
  const open = rows.map((row) => inFormOrder(row, scope))
  if (open.every((readings) => readings.length === 0)) return nowhere
  const lines = rows.map(({ hit }) => hit.line)
  // Two lines for one row: which of them the sums are about is not known.
  if (new Set(lines).size < lines.length) return nowhere
  const known = valueRows
    .filter((line) => !lines.includes(line))
    .flatMap((line): DecodeRow<CellPiece>[] => {
      const stated = valueColumns.map((column) => facts[places[line]![column]!] ?? null)
      if (stated.every((fact) => fact === null)) return []
      const readings = stated.some((fact) => fact?.state === 'unreadable') ? [] : [stated.map(pieceOfFact)]
      return [{ line, readings }]
    })
  const decoded = decodeRows(
    [...open.map((readings, index) => ({ line: lines[index]!, readings })), ...known],
    tableSums(scope, equationsOf),
  )
  return decoded === null ? nowhere : rows.map((_, index) => (open[index]!.length === 0 ? null : decoded[index]!))
}

function pieceOfFact(fact: Fact | null): CellPiece {
  return { ...nothing, amount: fact?.state === 'number' ? fact.value : 0 }
}

/** The readings with their pieces in the order of the form's columns; none where it prints others, or not all of them. */
function inFormOrder({ hit, readings }: OpenRow, { valueColumns, places }: TableScope): RowReading<CellPiece>[] {
  const printed = hit.header.columns.map(({ line }) => line)
  const order = valueColumns.map((column) => printed.indexOf(column))
  if (printed.length !== valueColumns.length || order.includes(-1)) return []
  if (valueColumns.some((column) => places[hit.line]![column]! < 0)) return []
  return readings.map((reading) => order.map((place) => reading[place]!))
}
