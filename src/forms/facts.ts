/**
 * Tables to facts: takes the tables that were found, ties each figure to its row and column, and says what went nowhere. A
 * figure without a certain cell is reported; none is placed by position or count alone.
 */
import type { Anchor, Notice } from '../../parsers/document.ts'
import { searchBounds } from '../../parsers/limits.ts'
import type { Fact, ReadingNoticeCode, TableMatch } from '../model.ts'
import { rowOf } from './codes.ts'
import type { DecodedRow } from './decode.ts'
import { doubtBesideStray, doubtUnclaimed, type Hits } from './doubtedrows.ts'
import { areRowsProved, type EquationsOf } from './equations.ts'
import type { Header, HeaderColumn } from './header.ts'
import { noticeLeftOver } from './leftover.ts'
import { isBlank, isWords, type LineCell, type SourceLine, type SourceLines } from './lines.ts'
import { doubtLostMarks } from './lostmarks.ts'
import {
  type CellPiece,
  decodeOpenRows,
  hasLostBlanks,
  isLoose,
  isParted,
  mayBeBroken,
  type OpenRow,
  readingsOfLine,
  type Traces,
  tracesOf,
  unevenLines,
} from './openrows.ts'
import type { FormCell } from './registry.ts'
import { chooseBySums } from './rivals.ts'
import { isUnitIn, type PlacedSum, sumsAmong, type TableScope } from './scope.ts'
import { rowsDrawnTogether, shiftedRows } from './shifted.ts'
import { type RowHit, rowsFound, type TableReading } from './tables.ts'
import { type CellValue, isRowNumber, isUnit, markKey, readValue, unbelieved } from './values.ts'
import { type OpenLine, type PlacedLine, placeValues, provedLevels } from './window.ts'

/** What was matched, for facts and for a person who looks into a reading. */
export type Match = {
  readonly tables: readonly TableMatch[]
  readonly facts: readonly Fact[]
  readonly notices: readonly Notice<ReadingNoticeCode>[]
  /** Each line that was taken for a row of a form, with the columns read in it. */
  readonly rows: readonly MatchedRow[]
  /** Tables most of which was printed more than once. */
  readonly repeatedTables: readonly string[]
}

/** A printed line and the row of the form it was taken for. */
export type MatchedRow = {
  readonly grid: number
  readonly row: number
  readonly table: string
  readonly line: string
  readonly label: string
  /** Where its label stands, or its first cell. */
  readonly anchor: Anchor
}

/** What is known so far of one table: `facts` by the place of their cells in the scope. */
type Collected = {
  readonly facts: (Fact | null)[]
  readonly notices: Notice<ReadingNoticeCode>[]
  /** 1 for each cell, by its number, that went somewhere. */
  readonly used: Uint8Array
  /** Levels of rows that stand in a grid as its headers do. */
  readonly provedIn: (grid: number) => ReadonlySet<number>
  /** True where some line of the document has lost blanks. */
  readonly losesBlanks: () => boolean
  /** Rows that only sums can tell. */
  readonly left: OpenRow[]
}

/** The facts of the tables found, in the form's order, and what could not be given to a cell. */
export function collectFacts(
  { lines, grids, cellCount }: SourceLines,
  readings: readonly TableReading[],
  equationsOf: EquationsOf,
): Match {
  const notices: Notice<ReadingNoticeCode>[] = []
  const used = new Uint8Array(cellCount)
  const provedIn = proofs(readings)
  const losesBlanks = (): boolean => readings.some(hasLostRows)
  const tables: TableMatch[] = []
  const facts = new Map<string, Fact[]>()
  const rows: MatchedRow[] = []
  const repeatedTables: string[] = []
  const claimed = new Map<SourceLine, string>()
  const hits: Hits = new Map()
  const proofOf = new Map<string, () => boolean>()
  for (const reading of readings) {
    const { scope } = reading
    const { code } = scope.table
    const into: Collected = { facts: noFacts(scope), notices, used, provedIn, losesBlanks, left: [] }
    const noticesBefore = notices.length
    tables.push(describe(reading))
    addRows(reading, reading.rows, into)
    addLeft(scope, into, equationsOf)
    const settled = reading.headers.some(({ rival }) => rival !== null)
      ? settleRivals(reading, into, noticesBefore, equationsOf)
      : null
    if (reading.repeats.length > 0) addRepeats(reading, into, repeatedTables, equationsOf)
    doubtShifted(reading, into, equationsOf)
    for (const { source, line, label, exact, header } of reading.rows) {
      claimed.set(source, code)
      const own = hits.get(source) ?? []
      own.push({ code: `${code}.${scope.table.rows[line]!.code}`, label, exact, columns: header.columns.length })
      hits.set(source, own)
      const { grid, row } = source
      const { anchor } = label ?? source.cells[0]!
      rows.push({ grid, row, table: code, line: scope.table.rows[line]!.code, label: label?.text ?? '', anchor })
    }
    facts.set(code, withAbsent(scope, into.facts))
    proofOf.set(code, () => areRowsProved(scope, into.facts, equationsOf))
    for (const { header, rival, doubt } of reading.headers) {
      noticeHeader(doubt === 'unnamed' && settled === 'second' ? rival! : header, scope, into)
    }
    if (reading.bare !== null) {
      const { anchor } = reading.bare.cells[0]!
      notices.push({ code: 'table_not_read', anchor, data: { table: code } })
    }
    for (const { header, lines: over } of reading.headers) passNumbers(header, over.at(-1)!, lines, into)
  }
  for (const reading of readings) doubtUnclaimed(reading, lines, claimed, facts, notices)
  const stray = noticeLeftOver({ lines, grids }, readings, claimed, { notices, used })
  doubtBesideStray(lines, stray, hits, (table) => proofOf.get(table)!(), facts, notices)
  tables.sort((a, b) => (a.table < b.table ? -1 : 1))
  const believed = doubtLostMarks(facts, notices)
  const all = ([] as Fact[]).concat(...tables.map(({ table }) => believed.get(table)!))
  return { tables, facts: all, notices, rows, repeatedTables }
}

function noFacts({ cells }: TableScope): (Fact | null)[] {
  return new Array<Fact | null>(cells.length).fill(null)
}

/** The facts in the form's order, with those of cells that the form has and the report does not. */
function withAbsent({ cells }: TableScope, facts: readonly (Fact | null)[]): Fact[] {
  const all: Fact[] = []
  for (let place = 0; place < cells.length; place++) {
    const { code, required } = cells[place]!
    const fact = facts[place] ?? (required ? absentFact(code) : null)
    if (fact !== null) all.push(fact)
  }
  return all
}

/** For each grid the levels of rows that lines of any of its tables prove to stand as their headers do; worked out once. */
function proofs(readings: readonly TableReading[]): (grid: number) => ReadonlySet<number> {
  const known = new Map<number, ReadonlySet<number>>()
  return (grid) => {
    let proved = known.get(grid)
    if (proved === undefined) {
      proved = new Set(readings.flatMap((reading) => levelsProvedBy(reading, grid)))
      known.set(grid, proved)
    }
    return proved
  }
}

function hasLostRows({ scope, rows }: TableReading): boolean {
  return rows.some((hit) => {
    const line = openLine(hit, scope, hit.source.grid)
    return !hit.source.aligned && hasLostBlanks(line, hit.header.columns.length)
  })
}

function levelsProvedBy({ scope, rows, headers }: TableReading, grid: number): number[] {
  return headers.flatMap(({ lines, header }) => {
    const first = header.columns[0]!.start
    if (first === null || lines[0]!.grid !== grid || lines[0]!.stream) return []
    const open = rows.filter((hit) => hit.header === header && hit.source.grid === grid)
    return provedLevels(
      open.map((hit) => openLine(hit, scope, grid)),
      header.columns,
      first,
    )
  })
}

function describe({ scope, rows, columns, headers }: TableReading): TableMatch {
  const anchor: Anchor =
    headers[0]!.lines[0]!.cells.find((cell) => !isBlank(cell))?.anchor ?? rows[0]!.source.cells[0]!.anchor
  return {
    table: scope.table.code,
    form: scope.form.definition.id,
    anchor,
    rowsFound: rowsFound(rows, scope),
    rowsExpected: scope.valueRows.length,
    columnsFound: columns.size,
    columnsExpected: scope.valueColumns.length,
  }
}

function addRows({ scope, headers }: TableReading, hits: readonly RowHit[], into: Collected): void {
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
      else if (readings === undefined) addOrLeave(scope, hit, line, placed[index]!, traces, into)
      else {
        const short = line.rest.some((cell) => cell.missing)
        into.left.push({ hit, open: line, placed: null, readings, short })
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
  into: Collected,
): void {
  const glued = holdsFigure(hit.label) && open.rest.some(({ doubtful }) => doubtful)
  const placed = glued || (traces !== null && isLoose(open, traces)) ? null : certain
  const isOpen = placed?.cells.some((one) => one.kind === 'ambiguous' || (one.kind === 'cell' && isParted(one.cell)))
  if (traces === null || isOpen === false) addRow(scope, hit, open, placed, into)
  else {
    const readings = glued ? [] : readingsOfLine(open, placed, hit.header.columns, traces, hit.exact)
    into.left.push({ hit, open, placed, readings, short: false })
  }
}

/** True for a label with a figure or a mark behind a space: it may be the row's first. */
function holdsFigure(label: LineCell | null): boolean {
  return label !== null && /\S\s+(?:[-—–/／无]|\d[\d,，.．]*)$/.test(label.text)
}

/** The rows left open, as far as the sums of the table tell them. */
function addLeft(scope: TableScope, into: Collected, equationsOf: EquationsOf): void {
  if (into.left.length === 0) return
  const decoded = decodeOpenRows(scope, into.facts, into.left, equationsOf)
  for (const [index, row] of into.left.entries()) {
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
  into: Collected,
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

/** Rows of one header whose lines are built alike; a header printed again on the next page is the same header. */
function groupByBuild(hits: readonly RowHit[], headerGrid: ReadonlyMap<Header, number>): RowHit[][] {
  const groups: RowHit[][] = []
  const byHeader = new Map<string, Map<string, RowHit[]>>()
  for (const hit of hits) {
    const builds = byHeader.get(hit.header.key) ?? new Map<string, RowHit[]>()
    const build = buildOf(hit, headerGrid)
    const group = builds.get(build) ?? []
    if (group.length === 0) {
      groups.push(group)
      byHeader.set(hit.header.key, builds.set(build, group))
    }
    group.push(hit)
  }
  return groups
}

function buildOf({ source, header }: RowHit, headerGrid: ReadonlyMap<Header, number>): string {
  const { aligned, stream, cells, grid } = source
  // Columns that only line up are another matter in each grid.
  const own = cells.some((cell) => cell.doubtful) ? grid : ''
  return aligned ? `${headerGrid.get(header)} ${own} ${stream}` : stream ? 'stream' : 'ragged'
}

/** One row may be short of a cell by chance. */
const shortRowsMin = 2

/** `headerGrid` is the grid of the row's header: column numbers of another grid say nothing about this one's. */
function openLine(hit: RowHit, scope: TableScope, headerGrid: number | undefined): OpenLine {
  const { cells, grid, trimmed, shorter } = hit.source
  const offset = hit.label === null ? leadingWords(cells) : cells.indexOf(hit.label) + 1
  const coveredColumns = scope.labelColumnsBehind[hit.line]!
  return {
    rest: withoutUnits(cells.slice(offset), scope),
    aligned: hit.source.aligned && grid === headerGrid,
    ragged: !hit.source.aligned,
    stream: hit.source.stream,
    trimmed,
    shorter,
    offset,
    coveredColumns,
  }
}

function withoutUnits(cells: readonly LineCell[], scope: TableScope): readonly LineCell[] {
  return scope.table.asides.units.length === 0 ? cells : cells.filter((cell) => !isUnitCell(cell, scope))
}

function isUnitCell(cell: LineCell, scope: TableScope): boolean {
  return isWords(cell) && isUnitIn(scope, cell.text)
}

/** The unit that a line prints in a cell of its own; null where it prints none. */
function unitOfLine({ source, label }: RowHit, scope: TableScope): string | null {
  if (scope.table.asides.units.length === 0) return null
  const cell = source.cells.findLast((one) => isUnitCell(one, scope) && one !== label)
  return cell === undefined ? null : cell.text.replace(/\s+/g, isUnit(cell.text) ? '' : ' ').trim()
}

function leadingWords(cells: readonly LineCell[]): number {
  let count = 0
  while (count < cells.length && isWords(cells[count]!)) count++
  return count
}

/** What is to be said of a row whatever its figures are. */
function beginRow(scope: TableScope, hit: RowHit, into: Collected): void {
  const row = scope.table.rows[hit.line]!
  if (!hit.exact) {
    const data = { table: scope.table.code, label: hit.label?.text ?? '', taken_for: row.labels[0] ?? row.code }
    into.notices.push({ code: 'inexact_label', anchor: hit.label!.anchor, data })
  }
  for (const cell of hit.source.cells) {
    // A figure behind the label of another row is that row's, whatever became of it.
    if (cell === hit.label || namesValueRow(cell, scope)) break
    if (isRowNumber(cell)) into.used[cell.number] = 1
  }
}

function addRow(
  scope: TableScope,
  hit: RowHit,
  open: OpenLine,
  placed: PlacedLine | null,
  into: Collected,
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
  into: Collected,
): void {
  const { kind } = scope.cells[place]!
  const money = kind === 'money' ? moneyUnitIn(hit.label?.text ?? '', column.label) : null
  const unit = unitOfLine(hit, scope) ?? money
  addFact(scope, place, inUnit(unit, scope.cells[place]!, cell.value), cell, inferred, into)
}

/** A figure in the unit that is printed beside it, where that is not the form's: only of money can the label tell it. */
function inUnit(unit: string | null, cell: FormCell, value: CellValue | null): CellValue | null {
  if (unit === null || value === null || value.state !== 'number' || value.unit !== null) return value
  if (cell.unit === unit || (cell.kind === 'money') !== isMoneyUnit(unit)) return value
  return { ...value, unit }
}

/** The unit of money that the labels of a row and its column print. */
function moneyUnitIn(row: string, column: string): string | null {
  return ownUnit.exec(row)?.[1] ?? moneyUnit.exec(column)?.[1] ?? null
}

/** A row's label may speak of sums (50万元以上) without telling the unit of its figures. */
const ownUnit = /[(（](?:[^()（）]*单位[:：]?\s*)?([亿万千百]?元)(?:[,，;；、][^()（）]*)?[)）]/

function isMoneyUnit(unit: string): boolean {
  return /元$/.test(unit)
}

const moneyUnit = /[(（][^()（）]*?([亿万千百]?元)[^()（）]*[)）]/

function namesValueRow({ label }: LineCell, { id, table }: TableScope): boolean {
  return label?.rows.get(id)?.some((line) => !table.rows[line]!.abstract) ?? false
}

/** A row whose figures cannot be told apart by column: every cell is unreadable, and the figures are listed. */
function addUnplaced(
  scope: TableScope,
  hit: RowHit,
  open: OpenLine,
  candidates: readonly string[],
  into: Collected,
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
  into: Collected,
): void {
  const value = read === null || isMarkOfOthers(read, cell, scope) ? illegible : read
  const { code } = scope.cells[place]!
  into.facts[place] = makeFact(code, value, cell, inferred)
  const { text, anchor } = cell
  if (value.state === 'unreadable') {
    into.notices.push({ code: 'value_unreadable', anchor, data: { code, text: text.slice(0, 200) } })
  }
  if (value.remark !== null) into.notices.push({ code: 'remark_in_cell', anchor, data: { code, text } })
  if (cell.carried && value.state === 'number' && value.value !== 0) doubtMerged(place, into)
}

/** A figure in a cell that reaches over several rows is that of one of them, or of all together: nobody knows. */
function doubtMerged(place: number, { facts, notices }: Collected): void {
  const own = facts[place]!
  const row = rowOf(own.code)
  const over = facts.flatMap((fact, at) => {
    return fact !== null && fact.anchor === own.anchor && rowOf(fact.code) !== row ? [at] : []
  })
  for (const at of over.length > 0 ? [...over, place] : []) {
    const fact = facts[at]!
    if (fact.state !== 'number') continue
    facts[at] = unbelieved(fact)
    const data = { code: fact.code, text: fact.text.slice(0, 200) }
    notices.push({ code: 'value_unreadable', anchor: fact.anchor, data })
  }
}

/** True for a mark that only another form prints. */
function isMarkOfOthers({ state }: CellValue, { text }: LineCell, { form }: TableScope): boolean {
  if (state !== 'mark' || readValue(text)?.state === 'mark') return false
  return !form.definition.marks.some((own) => markKey(own) === markKey(text))
}

/**
 * Rows printed twice: harmless where both say the same. Where they differ no copy is believed.
 */
function addRepeats(reading: TableReading, into: Collected, repeatedTables: string[], equationsOf: EquationsOf): void {
  const { scope, repeats } = reading
  const again: Collected = { ...into, facts: noFacts(scope), notices: [], left: [] }
  addRows(reading, repeats, again)
  addLeft(scope, again, equationsOf)
  // A line that was taken for a row and states nothing of it, such as one of a header, is no copy of it.
  const stated = rowsStated(into.facts)
  const pairs = again.facts.flatMap((fact, place) => {
    const first = into.facts[place] ?? null
    if (first === null && fact !== null && !stated.has(rowOf(fact.code))) {
      into.facts[place] = fact
      return []
    }
    if (fact === null || first === null) return []
    if (isIllegible(fact)) {
      // What the second print has and cannot be read speaks against a row that states nothing in the first.
      if (first.state === 'blank' && !stated.has(rowOf(first.code))) into.facts[place] = fact
      return []
    }
    return [{ place, first, fact, differs: first.state !== fact.state || first.value !== fact.value }]
  })
  // Two tables of one kind, such as of the whole and of a part: then what they share is neither's for sure.
  const unlike = pairs.filter(({ differs }) => differs).length > scope.valueRows.length / 2
  for (const { place, first, fact, differs } of pairs) {
    if (!unlike && !differs) continue
    const candidates = [...new Set([first.value, fact.value].filter((value) => value !== null))]
    const text = `${first.text} | ${fact.text}`
    into.facts[place] = { ...first, state: 'unreadable', value: null, candidates, text } as Fact
    into.notices.push({ code: 'duplicate_cell', anchor: fact.anchor, data: { code: fact.code, text } })
  }
  // What is only like a row that was there before may be one that the table lacks.
  for (const { exact, label, source } of stated.size < scope.valueRows.length ? repeats : []) {
    const text = source.cells.find((cell) => cell !== label && cell.value !== null && !isBlank(cell))?.text
    if (exact || label === null || text === undefined) continue
    const data = { table: scope.table.code, label: label.text, text }
    into.notices.push({ code: 'unplaced_figure', anchor: label.anchor, data })
  }
  // Figures that no column can be told for speak against no cell, but went nowhere.
  into.notices.push(...again.notices.filter(({ code }) => code === 'unplaced_figure'))
  if (repeats.length * 2 > scope.valueRows.length) repeatedTables.push(scope.table.code)
}

/**
 * Figures under a header with two readings: in the order whose sums hold, which is given, or in none. `noticesBefore`: those
 * of the tables before.
 */
function settleRivals(
  reading: TableReading,
  into: Collected,
  noticesBefore: number,
  equationsOf: EquationsOf,
): 'first' | 'second' | null {
  const { scope } = reading
  const other: Collected = { ...into, facts: noFacts(scope), notices: [], used: into.used.slice(), left: [] }
  const rivals = new Map(reading.headers.flatMap(({ header, rival }) => (rival === null ? [] : [[header, rival]])))
  const headers = reading.headers.map((one) => ({ ...one, header: one.rival ?? one.header }))
  const rows = reading.rows.map((hit) => ({ ...hit, header: rivals.get(hit.header) ?? hit.header }))
  addRows({ ...reading, headers }, rows, other)
  addLeft(scope, other, equationsOf)
  const doubts = new Set(reading.headers.map(({ doubt }) => doubt))
  const displaced = doubts.has('displaced')
  const unnamed = doubts.has('unnamed')
  const chosen = chooseBySums(scope, into.facts, other.facts, equationsOf, displaced || unnamed)
  if (unnamed && chosen === 'second') {
    into.used.set(other.used)
    into.notices.splice(noticesBefore, into.notices.length, ...other.notices)
  }
  if (displaced) {
    // Where sums do not ask for the form's order, the printed one stands, if it can.
    if (chosen === 'first' || (chosen === null && !standsOverLabels(reading) && !lacksCells(reading))) return chosen
    into.used.set(other.used)
    into.notices.splice(noticesBefore, into.notices.length, ...other.notices)
  }
  let differing = 0
  for (const [place, first] of into.facts.entries()) {
    const second = other.facts[place] ?? null
    if (first?.state === second?.state && first?.value === second?.value) continue
    differing++
    const known = (chosen === 'second' ? second : first) ?? second
    if (known === null) continue
    const candidates = [first, second].flatMap((fact) => (fact?.state === 'number' ? [fact.value] : []))
    into.facts[place] =
      chosen === null ? { ...known, state: 'unreadable', value: null, candidates } : { ...known, inferred: true }
  }
  // Where a column of the report's own stands is no matter once the others are known.
  if (differing === 0 || (chosen !== null && !displaced && !doubts.has('order'))) return chosen
  const codes = {
    first: 'header_not_believed',
    second: displaced ? 'header_displaced' : 'header_order_changes',
  } as const
  const code = chosen === null ? 'headers_contradict' : codes[chosen]
  const anchor = reading.headers.find(({ rival }) => rival !== null)!.lines[0]!.cells[0]!.anchor
  const data = { table: scope.table.code, count: differing }
  into.notices.push({ code, anchor, data })
  return chosen
}

/** True where labels of columns stand over those of the rows: then they stand over the wrong figures too. */
function standsOverLabels({ rows }: TableReading): boolean {
  return rows.some(({ source, label, header }) => {
    if (label === null || !source.aligned) return false
    return header.columns.some(({ line, start, end }) => line !== null && start! < label.end && end! > label.start)
  })
}

/** True where a line of a header is short of cells, so that those behind the missing one were pushed aside. */
function lacksCells({ headers }: TableReading): boolean {
  return headers.some(({ doubt, lines }) => {
    return doubt === 'displaced' && lines.some(({ cells }) => cells.some(({ missing }) => missing))
  })
}

/** Figures that may stand one column off are not read. */
function doubtShifted({ scope, rows }: TableReading, into: Collected, equationsOf: EquationsOf): void {
  const drawn = rowsDrawnTogether(scope, into.facts, equationsOf)
  for (const { line, cells } of drawn.length > 0 ? drawn : shiftedRows(scope, into.facts, equationsOf)) {
    for (const { place, other } of cells) {
      const fact = into.facts[place]!
      const candidates = [...new Set([fact, other].flatMap(({ value }) => (value === null ? [] : [value])))]
      into.facts[place] = { ...fact, state: 'unreadable', value: null, candidates }
    }
    const label = rows.find((hit) => hit.line === line)?.label ?? null
    const data = { table: scope.table.code, label: label?.text ?? '' }
    into.notices.push({ code: 'row_shifted', anchor: label?.anchor ?? null, data })
  }
}

function rowsStated(facts: readonly (Fact | null)[]): ReadonlySet<string> {
  const rows = new Set<string>()
  for (const fact of facts) if (fact !== null) rows.add(rowOf(fact.code))
  return rows
}

function isIllegible(fact: Fact): boolean {
  return fact.state === 'unreadable' && fact.candidates.length === 0
}

/** A cell that the form has and the report does not, in a table that was found. */
export function absentFact(code: string): Fact {
  return { code, state: 'absent', value: null, unit: null, text: '', from: 'table', inferred: false, anchor: null }
}

/** The numbers of rows that have no figures: they stand in the column of numbers and are nothing else. */
function passNumbers({ columns }: Header, last: SourceLine, lines: readonly SourceLine[], into: Collected): void {
  for (const { numbers, start } of columns) {
    if (!numbers) continue
    for (let index = last.index + 1; lines[index]?.grid === last.grid; index++) {
      const cell = lines[index]!.cells.find((one) => one.start === start)
      if (cell !== undefined && isRowNumber(cell)) into.used[cell.number] = 1
    }
  }
}

function noticeHeader(header: Header, scope: TableScope, into: Collected): void {
  for (const column of header.columns) {
    const data = { table: scope.table.code, label: column.label.slice(0, 80) }
    if (column.numbers) continue
    if (column.line === null) into.notices.push({ code: 'unknown_label', anchor: null, data })
    else if (!column.exact) {
      const taken = scope.table.columns[column.line]!.labels[0]!
      into.notices.push({ code: 'inexact_label', anchor: null, data: { ...data, taken_for: taken } })
    }
  }
}
