/**
 * Tables whose labels and figures were run together into one text, with nothing between them
 * (`…申请数量21710000218二、上年…` is 217, 1, 0, 0, 0, 0, 218). Where one figure ends and the next begins is not printed
 * there, but the form's sums are a code that corrects: every reading that the digits allow is tried, and read is
 * what the sums of the table leave of them (decode.ts). Such figures are marked as inferred. Where a sum cannot hold, nothing
 * is inferred: a wrong sum must never become a right one.
 */
import type { Anchor, Document, Notice } from '../../parsers/document.ts'
import { searchBounds } from '../../parsers/limits.ts'
import type { Fact, Line, ReadingNoticeCode, TableMatch } from '../model.ts'
import { type DecodeRow, decodeRows, type Piece, type Range, type TableSums, type ZeroSum } from './decode.ts'
import { type EquationsOf, tableSums } from './equations.ts'
import { absentFact, type Match } from './facts.ts'
import { prepare } from './match.ts'
import { cuts, type StepBudget } from './readings.ts'
import type { Form, Registry } from './registry.ts'
import { remembering } from './remember.ts'
import { sumsAmong, type TableScope } from './scope.ts'

/** What was read of such texts. */
export type RunTogether = {
  readonly tables: readonly TableMatch[]
  readonly facts: readonly Fact[]
  readonly notices: readonly Notice<ReadingNoticeCode>[]
}

/** A row as located: its digits, whole; several pieces where spaces separate them. */
type Located = { readonly line: number; readonly label: string; readonly digits: string }
/** A reading of a row: a figure for each column, as printed. */
type Option = readonly string[]
/** `others`: see DecodeRow. */
type Row = Located & {
  readonly options: readonly Option[]
  readonly certain: boolean
  readonly others?: (ranges: readonly Range[]) => readonly Option[] | null
}

const textCharactersMin = 120
/** Share of a table's rows that must be found one behind another. */
const rowsShareMin = 0.75
/** A block of so few rows under a heading is no list. */
const listRowsMax = 3
/** So many letters of a header may be none of its labels': a misprint, the unit. */
const strayLettersMax = 4
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
  const blocks = whole ? [] : document.blocks
  const into = { tables: [] as TableMatch[], facts: [] as Fact[], notices: [] as Notice<ReadingNoticeCode>[] }
  for (const block of blocks) {
    if (block.kind !== 'paragraph' || block.text.length < textCharactersMin || !/\d{3}/.test(block.text)) continue
    // Digits of a picture's running text were read once, by one model.
    if (block.confidence !== undefined) continue
    const open = scopes.filter((scope) => !known.has(scope.table.code) && !isList(scope))
    if (open.length === 0) break
    const text = squeeze(block.text)
    const found = registry.forms.map((form) => ({ form, tables: locateTables(text, form, open) }))
    const best = found.reduce(
      (one, other) => (countRows(other.tables) > countRows(one.tables) ? other : one),
      found[0]!,
    )
    const blanks =
      best.tables.some(losesBlanks) || open.some((scope) => scope.form === best.form && hasBareRows(text, scope))
    for (const { scope, rows } of best.tables) {
      known.add(scope.table.code)
      readTable(scope, rows, block.anchor, { equationsOf, blanks }, into)
    }
  }
  return into
}

/**
 * True for a list of single figures: no sum tells in it where a figure ends and the number of the next row begins
 * (`数14453.政府网站`), so nothing of it is read from running text.
 */
function isList({ valueRows, valueColumns }: TableScope): boolean {
  return valueColumns.length === 1 && valueRows.length > listRowsMax
}

/** `bare`: labels of further rows stand among these, without digits. */
type LocatedTable = { readonly scope: TableScope; readonly rows: readonly Located[]; readonly bare: boolean }
/** `blanks`: in this text blank cells leave no trace. */
type Reader = { readonly equationsOf: EquationsOf; readonly blanks: boolean }

/** True where some row has fewer digits than columns, or none: then blank cells were printed, and no cut is certain. */
function losesBlanks({ scope: { valueColumns }, rows, bare }: LocatedTable): boolean {
  if (valueColumns.length === 1) return false
  if (bare) return true
  return rows.some(({ digits }) => !/[^\d]/.test(digits) && digits.length < valueColumns.length)
}

function countRows(tables: readonly LocatedTable[]): number {
  return tables.reduce((sum, { rows }) => sum + rows.length, 0)
}

/** A text or label in one width, without what does not count in labels. */
function squeeze(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[“”"'‘’\u200B-\u200F\uFEFF]/g, '')
    .replace(/\s+/g, ' ')
}

/** The same for the labels of the forms, which are asked for with every text. */
const squeezeLabel = remembering(4_000, squeeze)

/** The tables of a form in the order of the text, each behind the one before. */
function locateTables(text: string, form: Form, scopes: readonly TableScope[]): LocatedTable[] {
  const tables: LocatedTable[] = []
  let from = 0
  for (const scope of scopes) {
    if (scope.form !== form) continue
    const located = scope.unlabelledRow >= 0 ? locateUnlabelled(text, scope, from) : locateRows(text, scope, from)
    if (located === null) continue
    tables.push({ scope, rows: located.rows, bare: located.bare })
    from = located.end
  }
  return tables
}

/** True where a row's label stands in the text, and nowhere with digits behind: its cells were blank and left no trace. */
function hasBareRows(text: string, { table, valueRows, valueColumns }: TableScope): boolean {
  if (valueColumns.length === 1) return false
  return valueRows.some((line) => {
    const printed = table.rows[line]!.labels.filter((label) => text.includes(core(label)))
    return printed.length > 0 && printed.every((label) => locateRow(text, label, 0, undefined) === null)
  })
}

type Place = { readonly rows: readonly Located[]; readonly end: number; readonly bare: boolean }

function locateRows(text: string, scope: TableScope, from: number): Place | null {
  const { table, valueRows } = scope
  const starts = [...table.headings, ...table.corners].map((label) => text.indexOf(squeezeLabel(label), from))
  const start = Math.min(...starts.filter((at) => at >= 0))
  const begin = Number.isFinite(start) ? start : from
  let at = begin
  let first = -1
  const rows: Located[] = []
  for (const [place, line] of valueRows.entries()) {
    const row = table.rows[line]!
    const next = table.rows[valueRows[place + 1] ?? -1]
    const hit = row.labels.map((label) => locateRow(text, label, at, next)).filter((one) => one !== null)
    const found = hit.sort((a, b) => a.at - b.at || b.label.length - a.label.length)[0]
    if (found === undefined) continue
    if (first < 0) first = found.at
    rows.push({ line, label: found.label, digits: found.digits })
    at = found.end
  }
  if (rows.length === 0 || rows.length < valueRows.length * rowsShareMin) return null
  if (!printsColumns(text.slice(begin, first), scope)) return null
  const printed = text.slice(first, at)
  const bare = valueRows.some(
    (line) =>
      rows.every((row) => row.line !== line) && table.rows[line]!.labels.some((one) => printed.includes(core(one))),
  )
  return { rows, end: at, bare }
}

/** True where a header prints this table's columns: forms share rows, not always columns. */
function printsColumns(header: string, scope: TableScope): boolean {
  const { table, valueColumns } = scope
  const text = compact(header)
  const printed = valueColumns.filter((column) =>
    table.columns[column]!.labels.some((label) => text.includes(compact(label).replace(/\(.*$/, ''))),
  )
  return printed.length >= valueColumns.length * rowsShareMin && !printsMore(text, scope)
}

/** Labels broken over lines in their cells keep a space there. */
function compact(label: string): string {
  return squeeze(label).replaceAll(' ', '')
}

/**
 * True where a header says more than the form has, and no sum among its columns would tell: then the figures behind a
 * label may be those of several columns, of another form (上一年项目数量本年增/减处理决定数量 is not 处理决定数量 alone).
 */
function printsMore(text: string, { table, valueColumns }: TableScope): boolean {
  if (sumsAmong(valueColumns.map((column) => table.columns[column]!)).length > 0) return false
  const known = [...table.headings, ...table.corners, ...table.columns.flatMap(({ labels }) => labels)]
  let rest = text
  for (const label of known.map(compact).sort((a, b) => b.length - a.length)) rest = rest.replaceAll(label, '')
  return (rest.replace(/\([^()]*\)/g, '').match(/\p{L}/gu)?.length ?? 0) > strayLettersMax
}

const enumerator = /^(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|\d{1,2}[.、])/

type Hit = { readonly at: number; readonly end: number; readonly label: string; readonly digits: string }

/** A label without its number. */
function core(label: string): string {
  return squeezeLabel(label).replace(enumerator, '')
}

/** A unit or a remark behind a figure, and behind it the row's next one: what was read of the row is a part of it. */
const goesOn = /^ ?(?:\([^()]{0,60}\)|[件项个条份]) ?(?:\d(?!\d?[.、])|[/—-])/

/** The first place from `from` on where digits stand right behind a label. */
function locateRow(text: string, label: string, from: number, next: Line | undefined): Hit | null {
  const words = core(label)
  for (let at = text.indexOf(words, from); at >= 0; at = text.indexOf(words, at + 1)) {
    const behind = text.slice(at + words.length, at + words.length + 200)
    const match = /^(?:\([^()]{0,60}\))? ?(\d(?:[\d ]|,(?=\d))*(?:\.\d+)?(?:[-+减增/—–]+[\d. ]*)*)/.exec(behind)
    if (match === null) continue
    const rest = behind.slice(match[0].length)
    const digits = withoutNextNumber(match[1]!, rest, next).trim()
    return { at, end: at + words.length + match[0].length, label, digits: goesOn.test(rest) ? `${digits}…` : digits }
  }
  return null
}

/** `00000002.其他…`: the number of the next label is no digit of this row. */
function withoutNextNumber(digits: string, behind: string, next: Line | undefined): string {
  const number = /^(\d{1,2})[.、．]/.exec(squeezeLabel(next?.labels[0] ?? ''))?.[1]
  if (number === undefined || !digits.endsWith(number) || !/^[.、．]/.test(behind)) return digits
  return digits.slice(0, -number.length)
}

/** The figures behind the last column label of a table without row labels. */
function locateUnlabelled(
  text: string,
  { table, valueColumns, unlabelledRow }: TableScope,
  from: number,
): Place | null {
  const labels = valueColumns.map((column) => squeezeLabel(table.columns[column]!.labels[0]!))
  const last = labels.at(-1)!
  for (let at = text.indexOf(last, from); at >= 0; at = text.indexOf(last, at + 1)) {
    const match = /^ ?(\d(?:[\d ]|,(?=\d))*)/.exec(text.slice(at + last.length, at + last.length + 100))
    if (match === null) continue
    // All the labels of its columns stand before them, one behind another.
    const head = text.slice(Math.max(0, at - 400), at + last.length)
    const seen = labels.filter((label) => head.includes(label)).length
    if (seen < labels.length * rowsShareMin || match[1]!.replace(/ /g, '').length < labels.length) continue
    const row = { line: unlabelledRow, label: '', digits: match[1]!.trim() }
    return { rows: [row], end: at + last.length + match[0].length, bare: false }
  }
  return null
}

const figure = /^(?:0|[1-9]\d*)(?:\.\d+)?$/

/**
 * A row with the ways to cut its digits into as many figures as there are columns. Where the row has several sums, only
 * those that break one of them at most: the others are not compared.
 */
function readRow(
  row: Located,
  { valueColumns }: TableScope,
  across: readonly ZeroSum[],
  blanks: boolean,
  budget: StepBudget,
): Row {
  const { digits } = row
  const count = valueColumns.length
  // Separators of thousands tell a single figure; of several they leave open to which one digits belong.
  const grouped = count === 1 && /^\d{1,3}(?:,\d{3})+$/.test(digits)
  const pieces = grouped ? [digits.replaceAll(',', '')] : digits.split(' ')
  const nothing = { ...row, options: [], certain: false }
  // Signs and marks among the digits leave more to guess than sums can settle.
  if (!pieces.every((piece) => /^\d+(?:\.\d+)?$/.test(piece))) return nothing
  if (pieces.length > 1 || count === 1) {
    const whole = pieces.length === count && pieces.every((piece) => figure.test(piece))
    return whole ? { ...row, options: [pieces], certain: true } : nothing
  }
  if (digits.length > digitsMax || digits.includes('.')) return nothing
  // As many digits as columns can be cut in one way only, whatever they add up to.
  if (!blanks && digits.length === count) return { ...row, options: [[...digits]], certain: true }
  if (across.length === 0)
    return { ...row, options: cuts(digits, count, blanks, () => true, budget) ?? [], certain: false }
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

function readTable(scope: TableScope, located: readonly Located[], anchor: Anchor, reader: Reader, into: Into): void {
  const { table, form, valueRows, valueColumns, cells, places } = scope
  const sums = tableSums(scope, reader.equationsOf)
  const budget = { steps: searchBounds.cuttingStepsMax }
  const rows = located.map((row) => readRow(row, scope, sums.across(row.line), reader.blanks, budget))
  const missing = valueRows.filter((line) => rows.every((row) => row.line !== line))
  const settled = settleRows(rows, missing, sums, valueColumns.length)
  into.tables.push({
    table: table.code,
    form: form.definition.id,
    anchor,
    rowsFound: rows.length,
    rowsExpected: valueRows.length,
    columnsFound: valueColumns.length,
    columnsExpected: valueColumns.length,
  })
  const read = new Set<number>()
  for (const [index, row] of rows.entries()) {
    const { figures, certain, possible } = settled[index]!
    for (const [place, column] of valueColumns.entries()) {
      const at = places[row.line]![column]!
      if (at < 0) continue
      read.add(at)
      into.facts.push(factOf(cells[at]!.code, figures[place] ?? null, row.digits, possible, place, !certain, anchor))
    }
    const data = { table: table.code, label: row.label, text: row.digits }
    if (figures.includes(null)) {
      // Figures of one row are mostly of like size: such readings are told first.
      const widest = (option: Option): number => Math.max(...option.map((text) => text.length))
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
