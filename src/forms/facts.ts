/**
 * Tables to facts: takes the tables that were found, ties each figure to its row and column, and says what went nowhere. A
 * figure without a certain cell is reported; none is placed by position or count alone.
 */
import type { Anchor, Notice } from '../../parsers/document.ts'
import type { Fact, ReadingNoticeCode, TableMatch } from '../model.ts'
import { doubtBesideStray, doubtUnclaimed, type Hits } from './doubtedrows.ts'
import { areRowsProved, type EquationsOf } from './equations.ts'
import { doubtGroupings } from './groupings.ts'
import type { Header } from './header.ts'
import { noticeLeftOver } from './leftover.ts'
import { hasLostRows, provedLevelsOf } from './linebuild.ts'
import { isBlank, type SourceLine, type SourceLines } from './lines.ts'
import { doubtLostMarks } from './lostmarks.ts'
import { addRepeats, type UnlikePrint } from './repeats.ts'
import { settleRivals } from './rivalrows.ts'
import { addRows, noFacts, type TableFacts } from './rowfacts.ts'
import type { TableScope } from './scope.ts'
import { doubtShifted } from './shifted.ts'
import { rowsFound, type TableReading } from './tables.ts'
import { isRowNumber } from './values.ts'

/** What was matched, for facts and for a person who looks into a reading. */
export type Match = {
  readonly tables: readonly TableMatch[]
  readonly facts: readonly Fact[]
  readonly notices: readonly Notice<ReadingNoticeCode>[]
  /** Each line that was taken for a row of a form, with the columns read in it. */
  readonly rows: readonly MatchedRow[]
  /** Tables most of which was printed more than once. */
  readonly repeatedTables: readonly string[]
  /** Where tables were printed again that say other things the second time. */
  readonly unlikePrints: readonly UnlikePrint[]
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

/** The facts of the tables found, in the form's order, and what could not be given to a cell. */
export function collectFacts(
  { lines, grids, cellCount }: SourceLines,
  readings: readonly TableReading[],
  equationsOf: EquationsOf,
): Match {
  const notices: Notice<ReadingNoticeCode>[] = []
  const used = new Uint8Array(cellCount)
  const provedIn = provedLevelsOf(readings)
  const losesBlanks = (): boolean => readings.some(hasLostRows)
  const tables: TableMatch[] = []
  const facts = new Map<string, Fact[]>()
  const rows: MatchedRow[] = []
  const repeatedTables: string[] = []
  const unlikePrints: UnlikePrint[] = []
  const claimed = new Map<SourceLine, string>()
  const hits: Hits = new Map()
  const proofOf = new Map<string, () => boolean>()
  for (const reading of readings) {
    const { scope } = reading
    const { code } = scope.table
    const into: TableFacts = { facts: noFacts(scope), notices, used, provedIn, losesBlanks }
    const noticesBefore = notices.length
    tables.push(describe(reading))
    addRows(reading, reading.rows, into, equationsOf)
    const settled = reading.headers.some(({ rival }) => rival !== null)
      ? settleRivals(reading, into, noticesBefore, equationsOf)
      : null
    if (reading.repeats.length > 0) {
      const { mostly, unlike } = addRepeats(reading, into, equationsOf)
      if (mostly) repeatedTables.push(code)
      if (unlike !== null) unlikePrints.push(unlike)
    }
    doubtShifted(reading, into, equationsOf)
    noteRows(reading, claimed, hits, rows)
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
  const kinds = new Map(readings.flatMap(({ scope }) => scope.cells.map(({ code, kind }) => [code, kind])))
  const believed = doubtGroupings(doubtLostMarks(facts, notices), (code) => kinds.get(code), notices)
  const all = ([] as Fact[]).concat(...tables.map(({ table }) => believed.get(table)!))
  return { tables, facts: all, notices, rows, repeatedTables, unlikePrints }
}

/** Notes which lines were taken for rows of a table, and as what. */
function noteRows(reading: TableReading, claimed: Map<SourceLine, string>, hits: Hits, rows: MatchedRow[]): void {
  const { table } = reading.scope
  const { code } = table
  for (const { source, line, label, exact, header } of reading.rows) {
    claimed.set(source, code)
    const own = hits.get(source) ?? []
    own.push({ code: `${code}.${table.rows[line]!.code}`, label, exact, columns: header.columns.length })
    hits.set(source, own)
    const { grid, row } = source
    const { anchor } = label ?? source.cells[0]!
    rows.push({ grid, row, table: code, line: table.rows[line]!.code, label: label?.text ?? '', anchor })
  }
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

/** A cell that the form has and the report does not, in a table that was found. */
export function absentFact(code: string): Fact {
  return { code, state: 'absent', value: null, unit: null, text: '', from: 'table', inferred: false, anchor: null }
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

function noticeHeader(header: Header, scope: TableScope, into: TableFacts): void {
  for (const column of header.columns) {
    const data = { table: scope.table.code, label: column.label.slice(0, 80) }
    if (column.numbers || column.label === '') continue
    if (column.line === null) into.notices.push({ code: 'unknown_label', anchor: null, data })
    else if (!column.exact) {
      const taken = scope.table.columns[column.line]!.labels[0]!
      into.notices.push({ code: 'inexact_label', anchor: null, data: { ...data, taken_for: taken } })
    }
  }
}

/** The numbers of rows that have no figures: they stand in the column of numbers and are nothing else. */
function passNumbers({ columns }: Header, last: SourceLine, lines: readonly SourceLine[], into: TableFacts): void {
  for (const { numbers, start } of columns) {
    if (!numbers) continue
    for (let index = last.index + 1; lines[index]?.grid === last.grid; index++) {
      const cell = lines[index]!.cells.find((one) => one.start === start)
      if (cell !== undefined && isRowNumber(cell)) into.used[cell.number] = 1
    }
  }
}
