/**
 * Grids to facts: finds the tables of the known forms in a document, ties each figure to its row label and column
 * header, and says what went nowhere. Each table is tried with each form that has it, and the form that explains most
 * of what is printed is taken, table by table, since real reports mix forms. A figure without a certain cell is
 * reported; none is placed by position or count alone.
 */
import type { Anchor, Document, Grid, Notice } from '../../parsers/document.ts'
import type { Fact, ReadingNoticeCode, TableMatch } from '../model.ts'
import { type Header, type HeaderColumn, readHeader } from './header.ts'
import { type LabelIndex, labelSimilarity, makeLabelIndex } from './labels.ts'
import { isBlank, isWords, type LineCell, readLines, type SourceLine } from './lines.ts'
import type { Registry } from './registry.ts'
import { makeScopes, sumsAmong, type TableScope } from './scope.ts'
import { type CellValue, isFigure } from './values.ts'
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
}

/** A line taken for a row: `label` is the cell that named it, null in tables that print no row label. */
type RowHit = {
  readonly source: SourceLine
  readonly line: number
  readonly label: LineCell | null
  readonly exact: boolean
  readonly header: Header
}

type TableReading = {
  readonly scope: TableScope
  readonly rows: readonly RowHit[]
  readonly headers: readonly { readonly lines: readonly SourceLine[]; readonly header: Header }[]
  readonly repeats: readonly RowHit[]
  readonly columns: ReadonlySet<number>
  readonly score: number
}

const similarityMin = 0.5
const unlabelledFiguresMin = 3
type Prepared = { readonly scopes: readonly TableScope[]; readonly index: LabelIndex }
const prepared = new WeakMap<Registry, Prepared>()

/** The tables of all forms with their labels, worked out once a registry. */
export function prepare(registry: Registry): Prepared {
  let ready = prepared.get(registry)
  if (ready === undefined) {
    const scopes = makeScopes(registry)
    ready = { scopes, index: makeLabelIndex(scopes) }
    prepared.set(registry, ready)
  }
  return ready
}

/** The facts of a document with everything about its tables that is not certain. Pure. */
export function matchForms(document: Document, registry: Registry): Match {
  const ready = prepare(registry)
  const { lines, grids } = readLines(document.blocks, ready.index)
  const readings = chooseForms(lines, ready)
  return collect(lines, grids, readings)
}

function chooseForms(lines: readonly SourceLine[], { scopes, index }: Prepared): TableReading[] {
  const named = linesByScope(lines, scopes.length)
  const best = new Map<string, TableReading[]>()
  for (const scope of scopes) {
    if (named[scope.id]!.length === 0) continue
    const others = best.get(scope.table.code) ?? []
    const score = others[0]?.score ?? Number.NEGATIVE_INFINITY
    // Nothing that this table could explain would make it better than what was found.
    if (scope.valueRows.length + scope.valueColumns.length < score) continue
    const twin = others.find((other) => other.scope.shape === scope.shape)
    const reading =
      twin === undefined
        ? readTable(scope.unlabelledRow >= 0 ? lines : named[scope.id]!, lines, scope, index.find)
        : { ...twin, scope }
    if (reading === null) continue
    if (reading.score > score) best.set(scope.table.code, [reading])
    else if (reading.score === score) others.push(reading)
  }
  return settleTies([...best.values()])
}

/** For each scope the lines in which a label names a row or a column of it. */
function linesByScope(lines: readonly SourceLine[], count: number): readonly (readonly SourceLine[])[] {
  const named: SourceLine[][] = Array.from({ length: count }, () => [])
  for (const line of lines) {
    for (const { label } of line.cells) {
      if (label === null) continue
      for (const scope of label.scopes) {
        const found = named[scope]!
        if (found.at(-1) !== line) found.push(line)
      }
    }
  }
  return named
}

/** Tables that forms share fit several alike: they are of the form that the report's other tables follow. */
function settleTies(tied: readonly (readonly TableReading[])[]): TableReading[] {
  const tables = new Map<string, number>()
  for (const readings of tied) {
    if (readings.length > 1) continue
    const id = readings[0]!.scope.form.definition.id
    tables.set(id, (tables.get(id) ?? 0) + 1)
  }
  const weight = (reading: TableReading): number => tables.get(reading.scope.form.definition.id) ?? 0
  return tied.map((readings) => readings.reduce((best, one) => (weight(one) > weight(best) ? one : best)))
}

/** One table of one form: `lines` are those to look at, `all` the document's; null where too little of it is there. */
function readTable(
  lines: readonly SourceLine[],
  all: readonly SourceLine[],
  scope: TableScope,
  find: LabelIndex['find'],
): TableReading | null {
  const rows: RowHit[] = []
  const repeats: RowHit[] = []
  const headers: { lines: SourceLine[]; header: Header }[] = []
  const taken = new Map<number, RowHit[]>()
  let block: SourceLine[] = []
  let header: Header | null = null
  let unlabelledDue = false
  let last = -1
  const unlabelled = scope.unlabelledRow
  for (const line of lines) {
    if (isHeaderLine(line, scope)) {
      if (block.length > 0 && (block[0]!.grid !== line.grid || block.at(-1)!.index !== line.index - 1)) block = []
      block.push(line)
      const read = readHeader(block, scope, find)
      if (read !== null && (header === null || read.found >= header.found || block.length > 1)) {
        header = read
        if (headers.at(-1)?.lines === block) headers.pop()
        // A table cut between its columns begins again with the rest of them.
        if (headers.every((one) => !sharesColumns(one.header, read))) last = -1
        headers.push({ lines: block, header })
        unlabelledDue = unlabelled >= 0
      }
      continue
    }
    if (line.numbering) continue
    if (block.length > 0) block = []
    if (header === null) continue
    const hit =
      rowHit(line, scope, header, last) ??
      (unlabelledDue ? unlabelledHit(line, unlabelled, header, headers.at(-1)!.lines[0]!) : null)
    if (hit === null) continue
    const before = taken.get(hit.line) ?? []
    const again = before.some((one) => sharesColumns(one.header, hit.header))
    if (again && hit.label === null && !line.filled) continue
    if (again) repeats.push(hit)
    else {
      taken.set(hit.line, [...before, hit])
      rows.push(hit)
      last = hit.line
    }
  }
  if (rows.length < scope.valueRows.length) rows.push(...likelyRows(all, rows, scope))
  return assess(scope, rows, repeats, headers)
}

function sharesColumns(one: Header, other: Header): boolean {
  return one === other || one.columns.some(({ line }) => line !== null && other.columns.some((it) => it.line === line))
}

function assess(
  scope: TableScope,
  rows: readonly RowHit[],
  repeats: readonly RowHit[],
  headers: TableReading['headers'],
): TableReading | null {
  const columns = new Set<number>()
  let unknown = 0
  for (const { header } of headers) {
    unknown = Math.max(unknown, header.unknown)
    for (const column of header.columns) if (column.line !== null) columns.add(column.line)
  }
  const rowsExpected = scope.valueRows.length
  const columnsExpected = scope.valueColumns.length
  const valueRows = rowsFound(rows, scope)
  if (valueRows === 0 || columns.size * 2 < columnsExpected) return null
  // What a form explains of the print speaks for it; what it lacks or does not know, against it.
  const inexact = rows.filter((row) => !row.exact).length
  const found = new Set(rows.map((row) => row.line)).size
  const explained = found - inexact / 2 + columns.size
  const missing = rowsExpected - valueRows + columnsExpected - columns.size
  const subtotals = found - valueRows
  return { scope, rows, repeats, headers, columns, score: explained - missing / 2 - unknown - subtotals }
}

/** How many rows of the form, headings apart, were found. */
function rowsFound(rows: readonly RowHit[], { table }: TableScope): number {
  const found = new Set<number>()
  for (const { line } of rows) if (!table.rows[line]!.abstract) found.add(line)
  return found.size
}

/**
 * A line without figures that prints labels of columns, is not rather a row whose cells are all blank, and is not
 * rather the header of another table: 总计 and 其他 stand in several.
 */
function isHeaderLine(line: SourceLine, scope: TableScope): boolean {
  if (line.filled || line.columnWords <= line.rowWords) return false
  const own = line.columnHits.get(scope.table.code) ?? 0
  return own > 0 && own >= line.columnHitsMax
}

/** The row of the form that a line's last row label names, if order leaves one. */
function rowHit(line: SourceLine, scope: TableScope, header: Header, last: number): RowHit | null {
  if (!line.filled && line.columnWords > line.rowWords) return null
  for (let index = line.firstFigure - 1; index >= 0; index--) {
    const cell = line.cells[index]!
    if (!isWords(cell)) continue
    const named = cell.label!.rows.get(scope.id)
    if (named === undefined) {
      if (isPassedOver(cell, line, header)) continue
      return null
    }
    // A group label that reaches down from a row above names this line only where nothing else does.
    if (cell.carried) return null
    const chosen = named.find((target) => target > last) ?? named[0]!
    const row = scope.table.rows[chosen]!
    if (row.abstract && !(row.optionalSubtotal && line.figureCount > 0)) return null
    return { source: line, line: chosen, label: cell, exact: cell.label!.exact, header }
  }
  return null
}

/** Words between a row's label and its figures that do not name another row: a unit, a repeated text, a value in words. */
function isPassedOver(cell: LineCell, line: SourceLine, header: Header): boolean {
  if (cell.label!.rows.size > 0) return false
  if (cell.text.length <= 3 || cell.carried) return true
  const first = header.columns[0]!.start
  return line.aligned && first !== null && cell.start >= first
}

/** The line of values in a table that prints no row label: the first behind its header with a cell for each column. */
function unlabelledHit(line: SourceLine, row: number, header: Header, headerLine: SourceLine): RowHit | null {
  if (line.grid !== headerLine.grid && line.figureCount === 0) return null
  const cells = line.cells.filter((cell) => !isWords(cell) && !cell.filler)
  const complete = cells.length >= header.columns.length || (line.trimmed !== 'no' && line.figureCount > 0)
  if (!complete || line.cells.some((cell) => (cell.label?.rows.size ?? 0) > 0)) return null
  return { source: line, line: row, label: null, exact: true, header }
}

/**
 * Lines with figures between two rows of the table whose labels no form has: where exactly as many rows of the form are
 * missing there, and each label is like the row's, they are those rows.
 */
function likelyRows(lines: readonly SourceLine[], rows: readonly RowHit[], scope: TableScope): RowHit[] {
  const found: RowHit[] = []
  const ordered = [...rows].sort((a, b) => a.source.index - b.source.index)
  for (let index = 0; index + 1 <= ordered.length; index++) {
    const before = ordered[index]
    const after = ordered[index + 1]
    if (before === undefined) continue
    const missing = scope.valueRows.filter((line) => line > before.line && (after === undefined || line < after.line))
    if (missing.length === 0 || missing.length > 4) continue
    const first = before.source.index + 1
    const end = after === undefined ? first + missing.length : after.source.index
    const between = lines.slice(first, end).filter((line) => hasUnknownLabel(line, scope))
    if (between.length !== missing.length) continue
    const hits = between.map((line, place) => likelyHit(line, missing[place]!, scope, before.header))
    if (hits.every((hit) => hit !== null)) found.push(...hits)
  }
  return found
}

function hasUnknownLabel(line: SourceLine, scope: TableScope): boolean {
  const label = lastWords(line)
  return label !== null && line.cells.length > 1 && !label.label!.rows.has(scope.id) && label.text.length <= 80
}

function lastWords(line: SourceLine): LineCell | null {
  for (let index = line.firstFigure - 1; index >= 0; index--) {
    const cell = line.cells[index]!
    if (isWords(cell) && !cell.carried) return cell
  }
  return null
}

function likelyHit(source: SourceLine, line: number, scope: TableScope, header: Header): RowHit | null {
  const label = lastWords(source)!
  const similar = Math.max(...scope.table.rows[line]!.labels.map((known) => labelSimilarity(known, label.text)))
  return similar < similarityMin ? null : { source, line, label, exact: false, header }
}

type Collected = {
  readonly facts: Map<string, Fact>
  readonly notices: Notice<ReadingNoticeCode>[]
  readonly used: Set<LineCell>
  /** Levels of rows that stand in a grid as its headers do. */
  readonly provedIn: (grid: number) => ReadonlySet<number>
}

function collect(
  lines: readonly SourceLine[],
  grids: readonly (Grid | null)[],
  readings: readonly TableReading[],
): Match {
  const into: Collected = { facts: new Map(), notices: [], used: new Set(), provedIn: proofs(readings) }
  const tables: TableMatch[] = []
  const rows: MatchedRow[] = []
  const repeatedTables: string[] = []
  const claimed = new Map<SourceLine, string>()
  for (const reading of readings) {
    const { scope } = reading
    tables.push(describe(reading))
    addRows(reading, reading.rows, into)
    if (reading.repeats.length > 0) addRepeats(reading, into, repeatedTables)
    for (const hit of reading.rows) {
      claimed.set(hit.source, scope.table.code)
      const line = scope.table.rows[hit.line]!.code
      rows.push({
        grid: hit.source.grid,
        row: hit.source.row,
        table: scope.table.code,
        line,
        label: hit.label?.text ?? '',
      })
    }
    addAbsent(reading, into)
    for (const { header } of reading.headers) noticeHeader(header, scope, into)
  }
  noticeLeftOver(lines, grids, readings, claimed, into)
  tables.sort((a, b) => (a.table < b.table ? -1 : 1))
  return { tables, facts: inFormOrder(into.facts, readings), notices: into.notices, rows, repeatedTables }
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
  const byHeader = new Map<string, RowHit[]>()
  for (const hit of hits) {
    const key = buildKey(hit, headerGrid)
    const group = byHeader.get(key)
    if (group === undefined) byHeader.set(key, [hit])
    else group.push(hit)
  }
  for (const group of byHeader.values()) {
    const { header, source } = group[0]!
    const open = group.map((hit) => openLine(hit, scope, headerGrid.get(hit.header)))
    const { columns } = header
    const headerField = source.stream ? null : columns[0]!.start
    const provedBeside = (): ReadonlySet<number> => into.provedIn(source.grid)
    const sums = sumsAmong(columns.map(({ line }) => (line === null ? null : scope.table.columns[line]!)))
    const placed = placeValues(open, { columns, sums, headerField, provedBeside })
    for (const [index, hit] of group.entries()) addRow(scope, hit, open[index]!, placed[index] ?? null, into)
  }
}

/** The same for rows whose lines prove one another's build; a header printed again on the next page is the same header. */
function buildKey({ source, header }: RowHit, headerGrid: ReadonlyMap<Header, number>): string {
  const { aligned, stream, cells, grid } = source
  // Columns that only line up are another matter in each grid.
  const own = cells.some((cell) => cell.doubtful) ? grid : ''
  return `${aligned ? `${headerGrid.get(header)} ${own}` : ''} ${stream} ${header.key}`
}

/** `headerGrid` is the grid of the row's header: column numbers of another grid say nothing about this one's. */
function openLine(hit: RowHit, scope: TableScope, headerGrid: number | undefined): OpenLine {
  const { cells, grid, trimmed, shorter } = hit.source
  const offset = hit.label === null ? leadingWords(cells) : cells.indexOf(hit.label) + 1
  const coveredColumns = scope.labelColumnsBehind[hit.line]!
  return {
    rest: cells.slice(offset),
    aligned: hit.source.aligned && grid === headerGrid,
    trimmed,
    shorter,
    offset,
    coveredColumns,
  }
}

function leadingWords(cells: readonly LineCell[]): number {
  let count = 0
  while (count < cells.length && isWords(cells[count]!)) count++
  return count
}

function addRow(scope: TableScope, hit: RowHit, open: OpenLine, placed: PlacedLine | null, into: Collected): void {
  const row = scope.table.rows[hit.line]!
  const label = hit.label?.text ?? ''
  const codes = scope.codes[hit.line]!
  if (!hit.exact) {
    const data = { table: scope.table.code, label, taken_for: row.labels[0] ?? row.code }
    into.notices.push({ code: 'inexact_label', anchor: hit.label!.anchor, data })
  }
  const columns = hit.header.columns
  for (const cell of hit.source.cells) {
    if (cell === hit.label) break
    if (isRowNumber(cell)) into.used.add(cell)
  }
  if (placed === null) {
    addUnplaced(scope, hit, open, into)
    return
  }
  let ambiguous = false
  for (const [index, column] of columns.entries()) {
    const one = placed.cells[index]!
    const code = column.line === null ? null : codes[column.line]!
    if (one.kind === 'absent') continue
    if (one.kind === 'ambiguous') {
      ambiguous = true
      for (const cell of one.cells) into.used.add(cell)
      if (code !== null) addFact(code, unsure(one.cells), one.cells[0]!, false, into)
      continue
    }
    if (code === null) continue
    into.used.add(one.cell)
    for (const copy of one.copies ?? []) into.used.add(copy)
    addFact(code, inUnitOf(column, code, one.cell.value, scope), one.cell, placed.bySums, into)
  }
  if (ambiguous || placed.bySums) {
    const data = { table: scope.table.code, label }
    const notice = ambiguous ? 'blank_edge_ambiguous' : 'settled_by_sums'
    into.notices.push({ code: notice, anchor: hit.label?.anchor ?? open.rest[0]!.anchor, data })
  }
}

/** A sum of money in the unit that its column's label prints, where that is not the form's. */
function inUnitOf(column: HeaderColumn, code: string, value: CellValue | null, scope: TableScope): CellValue | null {
  if (value === null || value.state !== 'number' || value.unit !== null) return value
  const unit = moneyUnit.exec(column.label)?.[1]
  const cell = unit === undefined ? undefined : scope.cells.find((one) => one.code === code)
  return unit === undefined || cell?.kind !== 'money' || cell.unit === unit ? value : { ...value, unit }
}

const moneyUnit = /[(（][^()（）]*?([亿万千百]?元)[^()（）]*[)）]/

/** The number that some tables print before a row's label, in a cell of its own. */
function isRowNumber({ value }: LineCell): boolean {
  return value?.state === 'number' && Number.isInteger(value.value) && value.value >= 0 && value.value < 100
}

/** A row whose figures cannot be told apart by column: every cell is unreadable, and the figures are listed. */
function addUnplaced(scope: TableScope, hit: RowHit, open: OpenLine, into: Collected): void {
  const printed = open.rest.filter((cell) => !isBlank(cell))
  const anchor = printed[0]?.anchor ?? hit.label?.anchor ?? null
  if (printed.length === 0 || anchor === null) return
  for (const cell of printed) into.used.add(cell)
  const text = printed.map((cell) => cell.text).join(' ')
  for (const column of hit.header.columns) {
    const code = column.line === null ? null : scope.codes[hit.line]![column.line]!
    if (code === null) continue
    into.facts.set(code, makeFact(code, illegible, { text, anchor }, false))
  }
  const data = { table: scope.table.code, label: hit.label?.text ?? '', text }
  into.notices.push({ code: 'unplaced_figure', anchor, data })
}

function unsure(cells: readonly LineCell[]): CellValue {
  const candidates = [...new Set(cells.flatMap((cell) => (cell.value?.state === 'number' ? [cell.value.value] : [])))]
  return { state: 'unreadable', value: null, candidates, unit: null, remark: null }
}

const illegible: CellValue = { state: 'unreadable', value: null, candidates: [], unit: null, remark: null }

function makeFact(
  code: string,
  value: CellValue,
  { text, anchor }: Pick<LineCell, 'text' | 'anchor'>,
  inferred: boolean,
): Fact {
  // Written out and in one order, since a report makes two hundred of them: spreads cost more than all the rest.
  const { state, unit } = value
  if (state === 'number') return { code, state, value: value.value, unit, text, from: 'table', inferred, anchor }
  if (state !== 'unreadable') return { code, state, value: null, unit, text, from: 'table', inferred, anchor }
  const { candidates } = value
  return { code, state, value: null, unit, text, from: 'table', inferred, anchor, candidates }
}

function addFact(code: string, read: CellValue | null, cell: LineCell, inferred: boolean, into: Collected): void {
  const value = read ?? illegible
  into.facts.set(code, makeFact(code, value, cell, inferred))
  const { text, anchor } = cell
  if (value.state === 'unreadable') {
    into.notices.push({ code: 'value_unreadable', anchor, data: { code, text: text.slice(0, 200) } })
  }
  if (value.remark !== null) into.notices.push({ code: 'remark_in_cell', anchor, data: { code, text } })
}

/**
 * Rows printed twice: harmless where both say the same. Where they differ no copy is believed.
 */
function addRepeats(reading: TableReading, into: Collected, repeatedTables: string[]): void {
  const { scope, repeats } = reading
  const again: Collected = { ...into, facts: new Map(), notices: [] }
  addRows(reading, repeats, again)
  const differs = (code: string, fact: Fact): boolean => {
    const first = into.facts.get(code)
    return first !== undefined && (first.state !== fact.state || first.value !== fact.value)
  }
  const different = [...again.facts].filter(([code, fact]) => differs(code, fact)).length
  // Two tables of one kind, such as of the whole and of a part: then what they share is neither's for sure.
  const unlike = different > scope.valueRows.length / 2
  for (const [code, fact] of again.facts) {
    const first = into.facts.get(code)
    if (first === undefined || !(unlike || differs(code, fact))) continue
    const candidates = [...new Set([first.value, fact.value].filter((value) => value !== null))]
    const text = `${first.text} | ${fact.text}`
    into.facts.set(code, { ...first, state: 'unreadable', value: null, candidates, text } as Fact)
    if (differs(code, fact)) into.notices.push({ code: 'duplicate_cell', anchor: fact.anchor, data: { code, text } })
  }
  if (repeats.length * 2 > scope.valueRows.length) {
    repeatedTables.push(scope.table.code)
  }
}

function addAbsent({ scope }: TableReading, into: Collected): void {
  for (const fact of absentFacts(scope, into.facts)) into.facts.set(fact.code, fact)
}

/** The cells that the form has and the report does not, in a table that was found. */
export function absentFacts({ cells }: TableScope, known: { has(code: string): boolean }): Fact[] {
  const rest = {
    state: 'absent',
    value: null,
    unit: null,
    text: '',
    from: 'table',
    inferred: false,
    anchor: null,
  } as const
  return cells.flatMap(({ code, required }) => (required && !known.has(code) ? [{ code, ...rest }] : []))
}

function noticeHeader(header: Header, scope: TableScope, into: Collected): void {
  for (const column of header.columns) {
    const data = { table: scope.table.code, label: column.label.slice(0, 80) }
    if (column.line === null) into.notices.push({ code: 'unknown_label', anchor: null, data })
    else if (!column.exact) {
      const taken = scope.table.columns[column.line]!.labels[0]!
      into.notices.push({ code: 'inexact_label', anchor: null, data: { ...data, taken_for: taken } })
    }
  }
}

/** Figures in grids that went to no cell: those of known tables one by one, those of unknown tables once a table. */
function noticeLeftOver(
  lines: readonly SourceLine[],
  grids: readonly (Grid | null)[],
  readings: readonly TableReading[],
  claimed: ReadonlyMap<SourceLine, string>,
  into: Collected,
): void {
  const known = new Map<number, string>()
  for (const { scope, rows, headers } of readings) {
    for (const hit of rows) known.set(hit.source.grid, scope.table.code)
    for (const header of headers) known.set(header.lines[0]!.grid, scope.table.code)
  }
  const strange = new Map<number, { figures: number; lines: number; anchor: Anchor; first: string }>()
  for (const line of lines) {
    const words = line.cells.findIndex(isWords)
    const left = line.cells.filter((cell, index) => {
      if (cell.carried || !isFigure(cell.value) || into.used.has(cell)) return false
      return index > words || !isRowNumber(cell)
    })
    if (left.length === 0) continue
    if (line.numbering && (claimed.get(line) ?? known.get(line.grid)) !== undefined) {
      into.notices.push({
        code: 'column_numbers',
        anchor: left[0]!.anchor,
        data: { table: known.get(line.grid) ?? '' },
      })
      continue
    }
    const label = lastWords(line)?.text.slice(0, 80) ?? ''
    const table = claimed.get(line) ?? known.get(line.grid)
    if (table !== undefined) {
      if (!claimed.has(line))
        into.notices.push({ code: 'unknown_label', anchor: left[0]!.anchor, data: { table, label } })
      for (const cell of left) {
        into.notices.push({
          code: 'unplaced_figure',
          anchor: cell.anchor,
          data: { table, label, text: cell.text.slice(0, 200) },
        })
      }
      continue
    }
    // A figure or two without any label are a page's own: counters, dates.
    if (label === '' && left.length < unlabelledFiguresMin) continue
    const seen = strange.get(line.grid)
    if (seen) {
      seen.figures += left.length
      seen.lines++
    } else strange.set(line.grid, { figures: left.length, lines: 1, anchor: left[0]!.anchor, first: label })
  }
  for (const [number, { figures, lines: count, anchor, first }] of strange) {
    // A date in a page's own table of particulars is no statistic; two labelled lines of figures are.
    if (figures < 3 || count < 2) continue
    into.notices.push({ code: 'unknown_table', anchor: grids[number]?.anchor ?? anchor, data: { first, figures } })
  }
}

function inFormOrder(facts: ReadonlyMap<string, Fact>, readings: readonly TableReading[]): Fact[] {
  const ordered: Fact[] = []
  const tables = [...readings].sort((a, b) => (a.scope.table.code < b.scope.table.code ? -1 : 1))
  for (const { scope } of tables) {
    for (const cell of scope.cells) {
      const fact = facts.get(cell.code)
      if (fact !== undefined) ordered.push(fact)
    }
  }
  return ordered
}
