/**
 * Tables whose labels and figures were run together into one text, with nothing between them
 * (`…申请数量21710000218二、上年…` is 217, 1, 0, 0, 0, 0, 218). Where one figure ends and the next begins is not printed
 * there, but the form's sums are a code that corrects: every reading that the digits allow is tried, and read is
 * what the sums of the table leave of them (decode.ts). Such figures are marked as inferred. Where a sum cannot hold, nothing
 * is inferred: a wrong sum must never become a right one.
 */
import type { Anchor, Document, Notice } from '../../parsers/document.ts'
import { searchBounds } from '../../parsers/limits.ts'
import type { Fact, ReadingNoticeCode, TableMatch } from '../model.ts'
import { type DecodeRow, decodeRows, type Piece, type Range, type TableSums, type ZeroSum } from './decode.ts'
import { type EquationsOf, tableSums } from './equations.ts'
import { absentFact, type Match } from './facts.ts'
import { prepare } from './match.ts'
import { cuts, type StepBudget } from './readings.ts'
import type { Registry } from './registry.ts'
import {
  hasBareRows,
  isList,
  type Located,
  type LocatedTable,
  locateTables,
  type RunningText,
  runningTexts,
} from './runtext.ts'
import type { TableScope } from './scope.ts'

/** What was read of such texts. */
export type RunTogether = {
  readonly tables: readonly TableMatch[]
  readonly facts: readonly Fact[]
  readonly notices: readonly Notice<ReadingNoticeCode>[]
}

/** A reading of a row: a figure for each column, as printed. */
type Option = readonly string[]
/** `others`: see DecodeRow. */
type Row = Located & {
  readonly options: readonly Option[]
  readonly certain: boolean
  readonly others?: (ranges: readonly Range[]) => readonly Option[] | null
}

const digitsMax = 40

/** The tables of a document that stand in running text and were not found as tables. */
export function readRunTogether(
  document: Document,
  registry: Registry,
  match: Match,
  equationsOf: EquationsOf,
): RunTogether {
  const { scopes } = prepare(registry)
  const known = new Set(match.tables.map(({ table }) => table))
  // Where all tables of a form were found, no more are to be looked for.
  const whole = registry.forms.some(({ definition }) => definition.tables.every(({ code }) => known.has(code)))
  const into = { tables: [] as TableMatch[], facts: [] as Fact[], notices: [] as Notice<ReadingNoticeCode>[] }
  for (const running of whole ? [] : runningTexts(document.blocks)) {
    const open = scopes.filter((scope) => !known.has(scope.table.code) && !isList(scope))
    if (open.length === 0) break
    const tables = locateTables(running.text, registry.forms, open)
    const spaced = tables.reduce((sum, { scope, rows }) => sum + rows.filter((row) => isSpaced(row, scope)).length, 0)
    const reader = { equationsOf, spaced: spaced >= spacedRowsMin, running }
    const losing = new Set(tables.filter((table) => losesBlanks(table) || hasBareRows(running.text, table.scope)))
    for (const table of tables) {
      known.add(table.scope.table.code)
      // Where a table has rows enough, they show it by themselves.
      const blanks = losing.has(table) || (losing.size > 0 && table.rows.length <= shownRowsMin)
      readTable(table.scope, table.rows, { ...reader, blanks }, into)
    }
  }
  return into
}

/** Rows of a table that show whether its blank cells leave a trace. */
const shownRowsMin = 5
/** Spaces between the figures of one row may be there by chance. */
const spacedRowsMin = 2

/** True where spaces part a row's figures. */
function isSpaced({ digits }: Located, { valueColumns }: TableScope): boolean {
  return valueColumns.length > 1 && digits.split(' ').length === valueColumns.length
}

/** `blanks`: in this text blank cells leave no trace. `spaced`: spaces part the figures of its rows. */
type Reader = {
  readonly equationsOf: EquationsOf
  readonly blanks: boolean
  readonly spaced: boolean
  readonly running: RunningText
}

/** True where some row has fewer digits than columns, or none: then blank cells were printed, and no cut is certain. */
function losesBlanks({ scope: { valueColumns }, rows, bare }: LocatedTable): boolean {
  if (valueColumns.length === 1) return false
  if (bare) return true
  return rows.some(({ digits }) => !/[^\d]/.test(digits) && digits.length < valueColumns.length)
}

const figure = /^(?:0|[1-9]\d*)(?:\.\d+)?$/

/**
 * A row with the ways to cut its digits into as many figures as there are columns. Where the row has several sums, only
 * those that break one of them at most: the others are not compared.
 */
function readRow(
  row: Located,
  count: number,
  across: readonly ZeroSum[],
  { blanks: lost, spaced, shown }: { readonly blanks: boolean; readonly spaced: boolean; readonly shown: boolean },
  budget: StepBudget,
): Row {
  const { digits } = row
  if (digits === '') return { ...row, options: [Array<string>(count).fill('')], certain: true }
  // Separators of thousands tell a single figure; of several they leave open to which one digits belong.
  const grouped = count === 1 && /^\d{1,3}(?:,\d{3})+$/.test(digits)
  const pieces = grouped ? [digits.replaceAll(',', '')] : digits.split(' ')
  const nothing = { ...row, options: [], certain: false }
  // Signs and marks among the digits leave more to guess than sums can settle.
  if (!pieces.every((piece) => /^\d+(?:\.\d+)?$/.test(piece))) return nothing
  if (pieces.length > 1 || count === 1) {
    // Where no other row has spaces, and no sum tells, the last piece may be the number of a page.
    const isSure = count === 1 || spaced || across.length > 0
    const whole = isSure && pieces.length === count && pieces.every((piece) => figure.test(piece))
    return whole ? { ...row, options: [pieces], certain: true } : nothing
  }
  if (digits.length > digitsMax || digits.includes('.')) return nothing
  // As many digits as columns can be cut in one way only, unless cells are blank: that zeros are printed elsewhere says
  // nothing of this table.
  const single = digits.length === count && !lost
  const adds = across.length > 0 && brokenIn([...digits], 0, across) === 0
  if (single && (adds || (shown && across.length > 0))) return { ...row, options: [[...digits]], certain: true }
  if (across.length === 0) {
    const options = cuts(digits, count, true, () => true, budget) ?? []
    return { ...row, options, certain: options.length === 1 }
  }
  const blanks = lost || digits.length === count
  const most = across.length > 1 ? 1 : 0
  const options = cuts(digits, count, blanks, (cut, left) => brokenIn(cut, left, across) <= most, budget) ?? []
  if (across.length > 1) return { ...row, options, certain: false }
  const others = (ranges: readonly Range[]): string[][] | null =>
    cuts(
      digits,
      count,
      blanks,
      (cut, left) => outside(cut, left, ranges) < 2 && (left > 0 || brokenIn(cut, 0, across) > 0),
      budget,
    )
  return { ...row, options, certain: false, others }
}

/** How many sums do not hold, or cannot any more, of the figures behind the first `left` columns. */
function brokenIn(cut: Option, left: number, across: readonly ZeroSum[]): number {
  let broken = 0
  for (const sum of across) {
    let total = 0
    let adds = false
    let takes = false
    for (const [place, sign] of sum) {
      if (place >= left) total += sign * Number(cut[place - left])
      else if (sign > 0) adds = true
      else takes = true
    }
    if ((total > 0 && !takes) || (total < 0 && !adds)) broken++
  }
  return broken
}

function outside(cut: Option, left: number, ranges: readonly Range[]): number {
  let count = 0
  for (const [index, text] of cut.entries()) {
    const { least, most } = ranges[left + index]!
    if (Number(text) < least || Number(text) > most) count++
  }
  return count
}

type Into = { tables: TableMatch[]; facts: Fact[]; notices: Notice<ReadingNoticeCode>[] }

function readTable(scope: TableScope, located: readonly Located[], reader: Reader, into: Into): void {
  const { table, form, valueRows, valueColumns, cells, places } = scope
  const sums = tableSums(scope, reader.equationsOf)
  const budget = { steps: searchBounds.cuttingStepsMax }
  const marks = { ...reader, shown: located.length > shownRowsMin }
  const rows = located.map((row) => readRow(row, valueColumns.length, sums.across(row.line), marks, budget))
  const missing = valueRows.filter((line) => rows.every((row) => row.line !== line))
  const settled = settleRows(rows, missing, sums, valueColumns.length)
  into.tables.push({
    table: table.code,
    form: form.definition.id,
    anchor: reader.running.anchorAt(located[0]!.at),
    rowsFound: rows.length,
    rowsExpected: valueRows.length,
    columnsFound: valueColumns.length,
    columnsExpected: valueColumns.length,
  })
  const read = new Set<number>()
  for (const [index, row] of rows.entries()) {
    const { figures, certain, possible } = settled[index]!
    const anchor = reader.running.anchorAt(row.at)
    for (const [place, column] of valueColumns.entries()) {
      const at = places[row.line]![column]!
      if (at < 0) continue
      read.add(at)
      into.facts.push(factOf(cells[at]!.code, figures[place] ?? null, row.digits, possible, place, !certain, anchor))
    }
    const data = { table: table.code, label: row.label, text: row.digits }
    if (figures.includes(null)) {
      // Figures of one row are mostly of like size, and few are blank beside them: such readings are told first.
      const widest = (option: Option): number => Math.max(...option.map((text) => text.length || digitsMax))
      const likely = [...possible].sort((a, b) => widest(a) - widest(b)).slice(0, searchBounds.candidatesToldMax)
      const candidates = likely.map((option) => option.map(inWords).join(' '))
      into.notices.push({ code: 'figures_run_together', anchor, data: { ...data, candidates } })
    } else if (!certain) {
      const reading = figures.map((text) => inWords(text!)).join(' ')
      into.notices.push({ code: 'settled_by_sums', anchor, data: { ...data, reading } })
    }
  }
  for (const [at, cell] of cells.entries()) if (cell.required && !read.has(at)) into.facts.push(absentFact(cell.code))
}

function inWords(text: string): string {
  return text === '' ? '_' : text
}

function factOf(
  code: string,
  text: string | null,
  digits: string,
  possible: readonly Option[],
  place: number,
  inferred: boolean,
  anchor: Anchor,
): Fact {
  // Written out in the order of all facts, not spread: rules read facts of one shape a third faster.
  const [unit, from] = [null, 'table'] as const
  if (text === '') return { code, state: 'blank', value: null, unit, text, from, inferred, anchor }
  if (text !== null) return { code, state: 'number', value: Number(text), unit, text, from, inferred, anchor }
  const told = [...new Set(possible.map((option) => option[place]!))].filter((one) => one !== '').map(Number)
  const candidates = told.length > searchBounds.candidatesToldMax ? [] : told
  return { code, state: 'unreadable', value: null, candidates, unit, text: digits, from, inferred: false, anchor }
}

/** A row's figures, null where several are possible. `certain`: its digits can be cut in one way only. */
type Settled = {
  readonly figures: readonly (string | null)[]
  readonly certain: boolean
  readonly possible: readonly Option[]
}

/** What is read of each row: all of one whose digits can be cut in one way only, whatever it adds up to; else what sums tell. */
function settleRows(rows: readonly Row[], missing: readonly number[], sums: TableSums, count: number): Settled[] {
  const open = rows.map(({ line, options, others }): DecodeRow<Piece> => {
    const readings = options.map((option) => option.map(pieceOf))
    if (others === undefined) return { line, readings }
    return { line, readings, others: (ranges) => others(ranges)?.map((option) => option.map(pieceOf)) ?? null }
  })
  // What was not found may be printed under another label.
  const unknown = missing.map((line): DecodeRow<Piece> => ({ line, readings: [] }))
  const decoded = rows.every(({ certain }) => certain) ? null : decodeRows([...open, ...unknown], sums)
  return rows.map((row, index): Settled => {
    if (row.certain) return { figures: row.options[0]!, certain: true, possible: row.options }
    const one = decoded?.[index]
    const figures = Array.from({ length: count }, (_, place) => one?.cells[place]?.key ?? null)
    const possible = one?.possible.map((reading) => reading.map(({ key }) => key)) ?? row.options
    return { figures, certain: false, possible }
  })
}

function pieceOf(text: string): Piece {
  return { key: text, amount: Number(text) }
}
