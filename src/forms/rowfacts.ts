/**
 * The rows of one table to facts: takes the lines that were taken for rows under their headers, ties each figure to its
 * column, and leaves unreadable what layout and sums do not tell.
 */
import type { Notice } from '../../parsers/document.ts'
import { searchBounds } from '../../parsers/limits.ts'
import type { Fact, ReadingNoticeCode } from '../model.ts'
import { rowOf } from './codes.ts'
import type { DecodedRow } from './decode.ts'
import type { EquationsOf } from './equations.ts'
import type { HeaderColumn } from './headercolumn.ts'
import { groupByBuild, openLine } from './linebuild.ts'
import { isBlank, type LineCell } from './lines.ts'
import type { OpenLine, PlacedLine } from './openline.ts'
import {
  type CellPiece,
  decodeOpenRows,
  isLoose,
  isParted,
  mayBeBroken,
  type OpenRow,
  readingsOfLine,
  type Traces,
  tracesOf,
  unevenLines,
} from './openrows.ts'
import { valueInUnit } from './printedunits.ts'
import type { RowHit } from './rowhits.ts'
import { type PlacedSum, sumsAmong, type TableScope } from './scope.ts'
import type { TableReading } from './tables.ts'
import { unbelieved, unreadableNotice } from './unbelieved.ts'
import { type CellValue, isRowNumber, markKey, readValue, rowNumbersMax } from './values.ts'
import { placeValues } from './window.ts'

/** What is known so far of one table: `facts` by the place of their cells in the scope. */
export type TableFacts = {
  readonly facts: (Fact | null)[]
  readonly notices: Notice<ReadingNoticeCode>[]
  /** 1 for each cell, by its number, that went somewhere. */
  readonly used: Uint8Array
  /** Levels of rows that stand in a grid as its headers do. */
  readonly provedIn: (grid: number) => ReadonlySet<number>
  /** True where some line of the document has lost blanks. */
  readonly losesBlanks: () => boolean
}

/** No facts yet: a place for each cell of the table. */
export function noFacts({ cells }: TableScope): (Fact | null)[] {
  return new Array<Fact | null>(cells.length).fill(null)
}

/** Rows that only sums can tell. */
type Left = OpenRow[]

/** Adds the facts of some rows of a table: first those that are certain, then those that its sums tell. */
export function addRows(
  reading: Pick<TableReading, 'scope' | 'headers'>,
  hits: readonly RowHit[],
  into: TableFacts,
  equationsOf: EquationsOf,
): void {
  const left: Left = []
  addCertain(reading, hits, into, left)
  addLeft(reading.scope, left, into, equationsOf)
}

/** One row may be short of a cell by chance. */
const shortRowsMin = 2

function addCertain(
  { scope, headers }: Pick<TableReading, 'scope' | 'headers'>,
  hits: readonly RowHit[],
  into: TableFacts,
  left: Left,
): void {
  const headerGrid = new Map(headers.map(({ header, lines }) => [header, lines[0]!.grid]))
  for (const group of groupByBuild(hits, headerGrid)) {
    const { header, source } = group[0]!
    const open = group.map((hit) => openLine(hit, scope, headerGrid.get(hit.header)))
    const { columns, torn, guessed } = header
    const headerField = source.stream ? null : columns[0]!.start
    const missing = scope.valueColumns.filter((column) => !columns.some(({ line }) => line === column)).length
    const complete = missing === 0
    // More strange labels than columns are missing: pieces of labels, so that their number is not that of the columns.
    const pieced = !complete && columns.filter(({ line, numbers }) => line === null && !numbers).length > missing
    const provedBeside = (): ReadonlySet<number> => into.provedIn(source.grid)
    const sums = (): PlacedSum[] =>
      sumsAmong(columns.map(({ line }) => (line === null ? null : scope.table.columns[line]!)))
    // Of cells one behind another a figure before a label may be the number of that row.
    const lost = source.stream && header.numbered
    const placed = lost
      ? open.map(() => null)
      : placeValues(open, { columns, torn, guessed, complete, pieced, sums, headerField, provedBeside })
    // Where rows are short of cells without a trace, blank lines in others are the spacing of the text.
    const short = open.filter(({ rest }) => rest.length > 0 && rest.length < columns.length && !rest.some(isBlank))
    const losesCells = source.stream && short.length >= shortRowsMin
    const traces = lost ? null : tracesOf(open, columns.length, sums, into.losesBlanks)
    const uneven = unevenLines(open, columns)
    for (const [index, hit] of group.entries()) {
      const line = open[index]!
      if (line.trimmed !== 'no' && line.rest.length < columns.length) {
        const data = { table: scope.table.code, label: hit.label?.text ?? '' }
        into.notices.push({ code: 'fields_cut_off', anchor: hit.label?.anchor ?? null, data })
      }
      const readings = uneven.get(line)
      const isSpaced = losesCells && line.rest.length === columns.length && line.rest.some(isBlank)
      if (readings === undefined && (isSpaced || mayBeBroken(line, columns.length, sums, into.losesBlanks)))
        addRow(scope, hit, line, null, into)
      else if (readings === undefined) addOrLeave(scope, hit, line, placed[index]!, traces, into, left)
      else {
        const short = line.rest.some((cell) => cell.missing)
        left.push({ hit, open: line, placed: null, readings, short })
      }
    }
  }
}

/** Adds a row that is certain; one that layout leaves open waits until all certain rows of its table are known. */
function addOrLeave(
  scope: TableScope,
  hit: RowHit,
  open: OpenLine,
  certain: PlacedLine | null,
  traces: Traces | null,
  into: TableFacts,
  left: Left,
): void {
  const glued = holdsFigure(hit.label) && open.rest.some(({ doubtful }) => doubtful)
  const placed = glued || (traces !== null && isLoose(open, traces)) ? null : certain
  const isOpen = placed?.cells.some((one) => one.kind === 'ambiguous' || (one.kind === 'cell' && isParted(one.cell)))
  if (traces === null || isOpen === false) addRow(scope, hit, open, placed, into)
  else {
    const readings = glued ? [] : readingsOfLine(open, placed, hit.header.columns, traces, hit.exact)
    left.push({ hit, open, placed, readings, short: false })
  }
}

/** True for a label with a figure or a mark behind a space: it may be the row's first. */
function holdsFigure(label: LineCell | null): boolean {
  return label !== null && /\S\s+(?:[-—–/／无]|\d[\d,，.．]*)$/.test(label.text)
}

/** The rows left open, as far as the sums of the table tell them. */
function addLeft(scope: TableScope, left: Left, into: TableFacts, equationsOf: EquationsOf): void {
  if (left.length === 0) return
  const decoded = decodeOpenRows(scope, into.facts, left, equationsOf)
  for (const [index, row] of left.entries()) {
    const { hit, open, placed } = row
    const one = decoded[index] ?? null
    if (one?.cells.some((cell) => cell !== null)) addDecoded(scope, row, one, into)
    else addRow(scope, hit, open, placed, into, candidatesOf(one?.possible ?? row.readings))
  }
}

/** The readings of a row in words, as many as can be told; none where there is nothing to choose from. */
function candidatesOf(readings: readonly (readonly CellPiece[])[]): readonly string[] {
  const words = new Set(readings.map((reading) => reading.map(({ cell }) => cell?.text.trim() || '_').join(' ')))
  return words.size > 1 ? [...words].slice(0, searchBounds.candidatesToldMax) : []
}

/** A row of which sums tell the cells that all possible readings share; the others stay unreadable. */
function addDecoded(
  scope: TableScope,
  { hit, open, placed, readings, short }: OpenRow,
  { possible, cells }: DecodedRow<CellPiece>,
  into: TableFacts,
): void {
  beginRow(scope, hit, into)
  const { table, valueColumns } = scope
  const anchor = hit.label?.anchor ?? hit.source.cells[0]!.anchor
  const printed = open.rest.filter((cell) => !isBlank(cell))
  for (const cell of open.rest) into.used[cell.number] = 1
  const blank = { ...hit.source.cells[0]!, number: -1, text: '', value: readValue(''), anchor }
  const told = cells.map(() => '?')
  let settled = false
  for (const [index, column] of valueColumns.entries()) {
    const place = scope.places[hit.line]![column]!
    const piece = cells[index]!
    const printedAt = hit.header.columns.findIndex(({ line }) => line === column)
    if (piece === null) {
      const values = possible.flatMap((reading) => reading[index]!.cell?.value ?? [])
      const candidates = [...new Set(values.flatMap((one) => (one.state === 'number' ? [one.value] : [])))]
      const text = printed.map((cell) => cell.text).join(' ')
      into.facts[place] = makeFact(scope.cells[place]!.code, unsureOf(candidates), { text, anchor }, false)
      continue
    }
    // A field that was cut off behind the line is no blank cell.
    if (piece.cell === null && (placed !== null || short)) continue
    const inferred = piece.inferred || readings.some((reading) => reading[printedAt]!.key !== piece.key)
    addValue(scope, hit, place, piece.cell ?? blank, hit.header.columns[printedAt]!, inferred, into)
    told[index] = piece.cell?.text.trim().replace(/\s+/g, '') || '_'
    settled ||= piece.key !== ''
  }
  const data = { table: table.code, label: hit.label?.text ?? '' }
  if (settled) into.notices.push({ code: 'settled_by_sums', anchor, data: { ...data, reading: told.join(' ') } })
  if (cells.every((cell) => cell !== null)) return
  const text = printed.map((cell) => cell.text).join(' ')
  into.notices.push({ code: 'unplaced_figure', anchor, data: { ...data, text, candidates: candidatesOf(possible) } })
}

/** What is to be said of a row whatever its figures are. */
function beginRow(scope: TableScope, hit: RowHit, into: TableFacts): void {
  const row = scope.table.rows[hit.line]!
  if (!hit.exact) {
    const data = { table: scope.table.code, label: hit.label?.text ?? '', taken_for: row.labels[0] ?? row.code }
    into.notices.push({ code: 'inexact_label', anchor: hit.label!.anchor, data })
  }
  const { cells } = hit.source
  // A figure behind the label of another row is that row's, whatever became of it.
  const end = cells.findIndex((cell) => cell === hit.label || namesValueRow(cell, scope))
  const numbers = cells.slice(0, Math.max(end, 0)).filter(isRowNumber)
  if (numbers.length > rowNumbersMax) return
  for (const { number } of numbers) into.used[number] = 1
}

function namesValueRow({ label }: LineCell, { id, table }: TableScope): boolean {
  return label?.rows.get(id)?.some((line) => !table.rows[line]!.abstract) ?? false
}

function addRow(
  scope: TableScope,
  hit: RowHit,
  open: OpenLine,
  placed: PlacedLine | null,
  into: TableFacts,
  candidates: readonly string[] = [],
): void {
  beginRow(scope, hit, into)
  const label = hit.label?.text ?? ''
  const places = scope.places[hit.line]!
  const columns = hit.header.columns
  if (placed === null) {
    addUnplaced(scope, hit, open, candidates, into)
    return
  }
  let ambiguous = false
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index]!
    const one = placed.cells[index]!
    const place = column.line === null ? -1 : places[column.line]!
    if (one.kind === 'absent') continue
    if (one.kind === 'ambiguous') {
      ambiguous = true
      for (const cell of one.cells) into.used[cell.number] = 1
      if (place >= 0) addFact(scope, place, unsure(one.cells), one.cells[0]!, false, into)
      continue
    }
    if (column.numbers) into.used[one.cell.number] = 1
    if (place < 0) continue
    into.used[one.cell.number] = 1
    if (one.copies !== undefined) for (const copy of one.copies) into.used[copy.number] = 1
    addValue(scope, hit, place, one.cell, column, placed.bySums, into)
  }
  if (ambiguous || placed.bySums) {
    const data = { table: scope.table.code, label, ...(candidates.length > 0 ? { candidates } : {}) }
    const notice = ambiguous ? 'blank_edge_ambiguous' : 'settled_by_sums'
    into.notices.push({ code: notice, anchor: hit.label?.anchor ?? open.rest[0]!.anchor, data })
  }
}

/** What a cell states, in the unit that its row or column prints. */
function addValue(
  scope: TableScope,
  hit: RowHit,
  place: number,
  cell: LineCell,
  column: HeaderColumn,
  inferred: boolean,
  into: TableFacts,
): void {
  addFact(scope, place, valueInUnit(scope, hit, place, cell, column), cell, inferred, into)
}

/** A row whose figures cannot be told apart by column: every cell is unreadable, and the figures are listed. */
function addUnplaced(
  scope: TableScope,
  hit: RowHit,
  open: OpenLine,
  candidates: readonly string[],
  into: TableFacts,
): void {
  const printed = open.rest.filter((cell) => !isBlank(cell))
  const own = open.rest.filter((cell) => !cell.filler)
  const anchor = printed[0]?.anchor ?? hit.label?.anchor ?? own[0]?.anchor ?? null
  if (anchor === null) return
  // Blank cells of which it is not known whose they are: that cells are missing is then not the report's fault.
  if (printed.length === 0 && own.length === 0) return
  for (const cell of printed) into.used[cell.number] = 1
  const text = printed.map((cell) => cell.text).join(' ')
  for (const column of hit.header.columns) {
    const place = column.line === null ? -1 : scope.places[hit.line]![column.line]!
    if (place >= 0) into.facts[place] = makeFact(scope.cells[place]!.code, illegible, { text, anchor }, false)
  }
  const data = { table: scope.table.code, label: hit.label?.text ?? '' }
  if (printed.length === 0) into.notices.push({ code: 'blank_edge_ambiguous', anchor, data })
  else into.notices.push({ code: 'unplaced_figure', anchor, data: { ...data, text, candidates } })
}

function unsure(cells: readonly LineCell[]): CellValue {
  const candidates = [...new Set(cells.flatMap((cell) => (cell.value?.state === 'number' ? [cell.value.value] : [])))]
  return unsureOf(candidates)
}

function unsureOf(candidates: readonly number[]): CellValue {
  return { state: 'unreadable', value: null, candidates, unit: null, remark: null }
}

const illegible = unsureOf([])

function makeFact(
  code: string,
  value: CellValue,
  { text, anchor, reading }: Pick<LineCell, 'text' | 'anchor' | 'reading'>,
  inferred: boolean,
): Fact {
  if (reading !== undefined) {
    return { ...makeFact(code, value, { text, anchor }, inferred), confidence: reading.confidence }
  }
  // Written out and in one order, since a report makes two hundred of them: spreads cost more than all the rest.
  const { state, unit } = value
  if (state === 'number') return { code, state, value: value.value, unit, text, from: 'table', inferred, anchor }
  if (state !== 'unreadable') return { code, state, value: null, unit, text, from: 'table', inferred, anchor }
  const { candidates } = value
  return { code, state, value: null, unit, text, from: 'table', inferred, anchor, candidates }
}

function addFact(
  scope: TableScope,
  place: number,
  read: CellValue | null,
  cell: LineCell,
  inferred: boolean,
  into: TableFacts,
): void {
  const value = read === null || isMarkOfOthers(read, cell, scope) ? illegible : read
  const { code } = scope.cells[place]!
  into.facts[place] = makeFact(code, value, cell, inferred)
  const { text, anchor } = cell
  if (value.state === 'unreadable') into.notices.push(unreadableNotice({ code, text, anchor }))
  if (value.remark !== null) into.notices.push({ code: 'remark_in_cell', anchor, data: { code, text } })
  if (cell.carried && value.state === 'number' && value.value !== 0) doubtMerged(place, into)
}

/** A figure in a cell that reaches over several rows is that of one of them, or of all together: nobody knows. */
function doubtMerged(place: number, { facts, notices }: TableFacts): void {
  const own = facts[place]!
  const row = rowOf(own.code)
  const over = facts.flatMap((fact, at) => {
    return fact !== null && fact.anchor === own.anchor && rowOf(fact.code) !== row ? [at] : []
  })
  for (const at of over.length > 0 ? [...over, place] : []) {
    const fact = facts[at]!
    if (fact.state !== 'number') continue
    facts[at] = unbelieved(fact)
    notices.push(unreadableNotice(fact))
  }
}

/** True for a mark that only another form prints. */
function isMarkOfOthers({ state }: CellValue, { text }: LineCell, { form }: TableScope): boolean {
  if (state !== 'mark' || readValue(text)?.state === 'mark') return false
  return !form.definition.marks.some((own) => markKey(own) === markKey(text))
}
