/**
 * Tables whose labels and figures were run together into one text, with nothing between them
 * (`…申请数量21710000218二、上年…` is 217, 1, 0, 0, 0, 0, 218). Where one figure ends and the next begins is not printed
 * there, but the form's sums are a code that corrects: every reading that the digits allow is tried, and a row is read
 * only where exactly one is left that fits its own sums and the sums of its columns. Such figures are marked as inferred.
 * Where the sums of a table do not all hold, nothing is inferred in it: a wrong sum must never become a right one.
 */
import type { Anchor, Document, Notice } from '../../parsers/document.ts'
import type { Fact, Line, ReadingNoticeCode, TableMatch } from '../model.ts'
import { absentFact, type Match } from './facts.ts'
import { prepare } from './match.ts'
import type { Form, Registry } from './registry.ts'
import { type PlacedSum, sumsAmong, type TableScope } from './scope.ts'

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
type Row = Located & { readonly options: readonly Option[] }

const textCharactersMin = 120
/** Share of a table's rows that must be found one behind another. */
const rowsShareMin = 0.75
/** A block of so few rows under a heading is no list. */
const listRowsMax = 3
/** So many letters of a header may be none of its labels': a misprint, the unit. */
const strayLettersMax = 4
const digitsMax = 40
const optionsMax = 400
const stepsMax = 200_000
const candidatesShownMax = 12

/** The tables of a document that stand in running text and were not found as tables. */
export function readRunTogether(document: Document, registry: Registry, match: Match): RunTogether {
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
    for (const { scope, rows } of best.tables) {
      known.add(scope.table.code)
      readTable(scope, rows, block.anchor, into)
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

type LocatedTable = { readonly scope: TableScope; readonly rows: readonly Located[] }

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

/** The tables of a form in the order of the text, each behind the one before. */
function locateTables(text: string, form: Form, scopes: readonly TableScope[]): LocatedTable[] {
  const tables: LocatedTable[] = []
  let from = 0
  for (const scope of scopes) {
    if (scope.form !== form) continue
    const located = scope.unlabelledRow >= 0 ? locateUnlabelled(text, scope, from) : locateRows(text, scope, from)
    if (located === null) continue
    tables.push({ scope, rows: located.rows })
    from = located.end
  }
  return tables
}

type Place = { readonly rows: readonly Located[]; readonly end: number }

function locateRows(text: string, scope: TableScope, from: number): Place | null {
  const { table, valueRows } = scope
  const starts = [...table.headings, ...table.corners].map((label) => text.indexOf(squeeze(label), from))
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
  return printsColumns(text.slice(begin, first), scope) ? { rows, end: at } : null
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

/** The first place from `from` on where digits stand right behind a label. */
function locateRow(text: string, label: string, from: number, next: Line | undefined): Hit | null {
  const core = squeeze(label).replace(enumerator, '')
  for (let at = text.indexOf(core, from); at >= 0; at = text.indexOf(core, at + 1)) {
    const behind = text.slice(at + core.length, at + core.length + 200)
    const match = /^(?:\([^()]{0,60}\))? ?(\d[\d ]*(?:\.\d+)?(?:[-+减增/—–]+[\d. ]*)*)/.exec(behind)
    if (match === null) continue
    const digits = withoutNextNumber(match[1]!, behind.slice(match[0].length), next)
    return { at, end: at + core.length + match[0].length, label, digits: digits.trim() }
  }
  return null
}

/** `00000002.其他…`: the number of the next label is no digit of this row. */
function withoutNextNumber(digits: string, behind: string, next: Line | undefined): string {
  const number = /^(\d{1,2})[.、．]/.exec(squeeze(next?.labels[0] ?? ''))?.[1]
  if (number === undefined || !digits.endsWith(number) || !/^[.、．]/.test(behind)) return digits
  return digits.slice(0, -number.length)
}

/** The figures behind the last column label of a table without row labels. */
function locateUnlabelled(
  text: string,
  { table, valueColumns, unlabelledRow }: TableScope,
  from: number,
): Place | null {
  const labels = valueColumns.map((column) => squeeze(table.columns[column]!.labels[0]!))
  const last = labels.at(-1)!
  for (let at = text.indexOf(last, from); at >= 0; at = text.indexOf(last, at + 1)) {
    const match = /^ ?(\d[\d ]*)/.exec(text.slice(at + last.length, at + last.length + 100))
    if (match === null) continue
    // All the labels of its columns stand before them, one behind another.
    const head = text.slice(Math.max(0, at - 400), at + last.length)
    const seen = labels.filter((label) => head.includes(label)).length
    if (seen < labels.length * rowsShareMin || match[1]!.replace(/ /g, '').length < labels.length) continue
    const row = { line: unlabelledRow, label: '', digits: match[1]!.trim() }
    return { rows: [row], end: at + last.length + match[0].length }
  }
  return null
}

const figure = /^(?:0|[1-9]\d*)(?:\.\d+)?$/

/** Every way to cut digits into as many figures as there are columns, none with a leading zero, that fit the row's sums. */
function readingsOf(digits: string, scope: TableScope): Option[] {
  const { table, valueColumns } = scope
  const count = valueColumns.length
  const pieces = digits.split(' ')
  // Signs and marks among the digits leave more to guess than sums can settle.
  if (!pieces.every((piece) => /^\d+(?:\.\d+)?$/.test(piece))) return []
  if (pieces.length > 1 || count === 1) {
    return pieces.length === count && pieces.every((piece) => figure.test(piece)) ? [pieces] : []
  }
  if (digits.length > digitsMax || digits.includes('.')) return []
  const sums = sumsAmong(valueColumns.map((column) => table.columns[column]!))
  const options: Option[] = []
  let steps = 0
  const cut = (from: number, taken: string[]): void => {
    if (options.length > optionsMax || ++steps > stepsMax) return
    const left = count - taken.length
    if (left === 0) {
      if (from === digits.length) options.push([...taken])
      return
    }
    const most = digits[from] === '0' ? 1 : digits.length - from - (left - 1)
    for (let length = left === 1 ? digits.length - from : 1; length >= 1 && length <= most; length++) {
      taken.push(digits.slice(from, from + length))
      const place = taken.length - 1
      const sum = sums.find(({ total }) => total === place)
      const fits =
        sum === undefined ||
        Number(taken[place]) === sum.parts.reduce((total, part) => total + Number(taken[part] ?? Number.NaN), 0)
      if (fits) cut(from + length, taken)
      taken.pop()
    }
  }
  cut(0, [])
  return steps > stepsMax || options.length > optionsMax ? [] : options
}

function readTable(
  scope: TableScope,
  located: readonly Located[],
  anchor: Anchor,
  into: { tables: TableMatch[]; facts: Fact[]; notices: Notice<ReadingNoticeCode>[] },
): void {
  const { table, form, valueRows, valueColumns, cells, places } = scope
  const rows = located.map((row): Row => ({ ...row, options: readingsOf(row.digits, scope) }))
  const settled = settleColumns(rows, scope)
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
    const figures = settled[index]!
    // Digits that can be cut in one way only say so by themselves.
    const inferred =
      figures !== null && row.digits.replace(/ /g, '').length !== valueColumns.length && valueColumns.length > 1
    for (const [place, column] of valueColumns.entries()) {
      const at = places[row.line]![column]!
      if (at < 0) continue
      const { code } = cells[at]!
      read.add(at)
      const text = figures?.[place] ?? row.digits
      const rest = { unit: null, text, from: 'table', inferred, anchor } as const
      if (figures === null) into.facts.push({ code, state: 'unreadable', value: null, candidates: [], ...rest })
      else into.facts.push({ code, state: 'number', value: Number(text), ...rest })
    }
    const data = { table: table.code, label: row.label, text: row.digits }
    if (figures === null) {
      const candidates = row.options.slice(0, candidatesShownMax).map((option) => option.join(' '))
      into.notices.push({ code: 'figures_run_together', anchor, data: { ...data, candidates } })
    } else if (inferred) into.notices.push({ code: 'settled_by_sums', anchor, data })
  }
  for (const [at, cell] of cells.entries()) if (cell.required && !read.has(at)) into.facts.push(absentFact(cell.code))
}

/**
 * The one reading of each row, or null. A row of which only one reading is possible whatever the sums say keeps it; for
 * the others the sums of the columns must all hold, and of all ways to make them hold, the row must read the same in each.
 */
function settleColumns(rows: readonly Row[], scope: TableScope): readonly (Option | null)[] {
  const certain = rows.map(({ digits, options }) => {
    const compact = digits.replace(/ /g, '').length
    const [first = null] = options
    if (digits.includes(' ') || scope.valueColumns.length === 1) return first
    // As many digits as columns can be cut in one way only, whatever they add up to.
    return compact === scope.valueColumns.length && /^\d+$/.test(digits) ? [...digits] : null
  })
  if (certain.every((row) => row !== null)) return certain
  const totals = sumsAmong(rows.map(({ line }) => scope.table.rows[line]!))
  if (totals.length === 0) {
    // Without a total over the rows, one sum alone does not tell a right cut from one that happens to add up.
    const sums = scope.valueColumns.filter((column) => scope.table.columns[column]!.totalOf !== null).length
    return certain.map(
      (row, index) => row ?? (sums > 1 && rows[index]!.options.length === 1 ? rows[index]!.options[0]! : null),
    )
  }
  const choices = rows.map(({ options }, index) => {
    const only = certain[index]
    return only ? [only] : options
  })
  if (choices.some((options) => options.length === 0)) return certain
  const solutions = solve(choices, totals, scope.valueColumns.length)
  if (solutions === null) return certain
  return certain.map((row, index) => {
    if (row !== null) return row
    const readings = new Set(solutions.map((solution) => solution[index]!.join(' ')))
    return readings.size === 1 ? solutions[0]![index]! : null
  })
}

/** All ways to choose a reading for each row so that every total adds up in every column; null where there are none or too many. */
function solve(
  choices: readonly (readonly Option[])[],
  totals: readonly PlacedSum[],
  columns: number,
): Option[][] | null {
  // Rows with few readings first: most of a search is over before it begins.
  const order = choices.map((_, index) => index).sort((a, b) => choices[a]!.length - choices[b]!.length)
  const chosen: (Option | null)[] = choices.map(() => null)
  const solutions: Option[][] = []
  let steps = 0
  const possible = (): boolean =>
    totals.every(({ total, parts }) => {
      for (let column = 0; column < columns; column++) {
        const whole = chosen[total] === null ? null : Number(chosen[total]![column])
        let sum = 0
        let open = false
        for (const part of parts) {
          if (chosen[part] === null) open = true
          else sum += Number(chosen[part]![column])
        }
        if (whole !== null && (sum > whole || (!open && sum !== whole))) return false
      }
      return true
    })
  const choose = (place: number): boolean => {
    if (++steps > stepsMax || solutions.length > optionsMax) return false
    if (place === order.length) {
      solutions.push(chosen.map((option) => option!))
      return true
    }
    const index = order[place]!
    for (const option of choices[index]!) {
      chosen[index] = option
      if (possible() && !choose(place + 1)) return false
    }
    chosen[index] = null
    return true
  }
  return choose(0) && solutions.length > 0 ? solutions : null
}
