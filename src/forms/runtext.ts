/**
 * Where the rows of tables stand in text whose labels and cells were run together: takes the paragraphs of a document, gives
 * for each form's table the digits behind each of its labels, one table behind the other.
 */
import type { Anchor, Block } from '../../parsers/document.ts'
import type { Line } from '../model.ts'
import type { Form } from './registry.ts'
import { remembering } from './remember.ts'
import { sumsAmong, type TableScope } from './scope.ts'

/** Paragraphs one behind another as one text; a line break stands where one begins. */
export type RunningText = { readonly text: string; anchorAt(at: number): Anchor }

/** A row as located: its digits, whole, with `…` behind what is only a part of the row; none where its cells are blank. */
export type Located = {
  readonly line: number
  readonly label: string
  readonly digits: string
  /** Where its label stands in the text. */
  readonly at: number
}

/** `bare`: labels of further rows stand among these, without digits. */
export type LocatedTable = { readonly scope: TableScope; readonly rows: readonly Located[]; readonly bare: boolean }

const textCharactersMin = 120
/** Share of a table's rows that must be found one behind another. */
const rowsShareMin = 0.75
/** A block of so few rows under a heading is no list. */
const listRowsMax = 3
/** So many letters of a header may be none of its labels': a misprint, the unit. */
const strayLettersMax = 4

/** The texts of a document in which tables may stand, cells run together: all paragraphs between two grids are one. */
export function runningTexts(blocks: readonly Block[]): RunningText[] {
  const found: RunningText[] = []
  let parts: { readonly start: number; readonly anchor: Anchor }[] = []
  let text = ''
  let last = ''
  const end = (): void => {
    const starts = parts
    if (text.length >= textCharactersMin && /\d{3}/.test(text)) {
      found.push({ text, anchorAt: (at) => starts.findLast(({ start }) => start <= at)!.anchor })
    }
    parts = []
    text = ''
  }
  for (const block of blocks) {
    // Digits of a picture's running text were read once, by one model.
    if (block.kind === 'grid' || block.confidence !== undefined) {
      end()
      continue
    }
    const own = squeeze(block.text).trim()
    if (own === '') continue
    // The part alone: to look for the end of all the text at each part takes minutes where there are many.
    if (text !== '' && !(wordEnd.test(last) && wordBegin.test(own))) text += '\n'
    parts.push({ start: text.length, anchor: block.anchor })
    text += own
    last = own
  }
  end()
  return found
}

/** A label may be broken over lines, a figure is not. */
const wordEnd = /[\p{Script=Han}()、,]$/u
const wordBegin = /^[\p{Script=Han}()]/u

/**
 * True for a list of single figures: no sum tells in it where a figure ends and the number of the next row begins
 * (`数14453.政府网站`), so nothing of it is read from running text.
 */
export function isList({ valueRows, valueColumns }: TableScope): boolean {
  return valueColumns.length === 1 && valueRows.length > listRowsMax
}

/** The tables of the form of which most rows stand in a text, those of another form in their place where more of theirs do. */
export function locateTables(text: string, forms: readonly Form[], open: readonly TableScope[]): LocatedTable[] {
  let best: LocatedTable[] = []
  for (const form of forms) {
    const tables = locateForm(text, form, open)
    if (countRows(tables) > countRows(best)) best = tables
  }
  return best
}

function countRows(tables: readonly LocatedTable[]): number {
  return tables.reduce((sum, { rows }) => sum + rows.length, 0)
}

/** The tables of a form in the order of the text, each behind the one before. */
function locateForm(text: string, form: Form, open: readonly TableScope[]): LocatedTable[] {
  const own = open.filter((scope) => scope.form === form)
  const tables: LocatedTable[] = []
  /** Where the last table ends that is another form's. */
  const taken = new Map<Form, number>()
  let from = 0
  for (const [index, scope] of own.entries()) {
    const later = own.slice(index + 1)
    // A report may print one table of another form.
    const others = open.filter((other) => other.form !== form && other.table.code === scope.table.code)
    let found: { readonly scope: TableScope; readonly place: Place } | null = null
    for (const one of [scope, ...others]) {
      const place = locateTable(text, one, later, from)
      if (place !== null && (found === null || countFigured(place) > countFigured(found.place))) {
        found = { scope: one, place }
      }
    }
    if (found === null) continue
    tables.push({ scope: found.scope, rows: found.place.rows, bare: found.place.bare })
    from = found.place.end
    if (found.scope.form !== form) taken.set(found.scope.form, from)
  }
  const codes = new Set(own.map(({ table }) => table.code))
  for (const scope of open.filter((one) => taken.has(one.form) && !codes.has(one.table.code))) {
    const place = locateTable(text, scope, own, taken.get(scope.form)!)
    if (place !== null) tables.push({ scope, rows: place.rows, bare: place.bare })
  }
  return tables
}

/** Rows with figures and nothing unknown behind them: what a form has that is not printed is found in none. */
function countFigured({ rows }: Place): number {
  return rows.filter(({ digits }) => /^\d[\d ,.]*$/.test(digits)).length
}

function locateTable(text: string, scope: TableScope, later: readonly TableScope[], from: number): Place | null {
  return scope.unlabelledRow >= 0 ? locateUnlabelled(text, scope, from) : locateRows(text, scope, later, from)
}

/** True where a row's label stands in the text, and nowhere with digits behind: its cells were blank and left no trace. */
export function hasBareRows(text: string, { table, valueRows, valueColumns }: TableScope): boolean {
  if (valueColumns.length === 1) return false
  return valueRows.some((line) => {
    const printed = table.rows[line]!.labels.filter((label) => text.includes(core(label)))
    return printed.length > 0 && printed.every((label) => locateRow(text, label, 0, undefined, null) === null)
  })
}

type Place = { readonly rows: readonly Located[]; readonly end: number; readonly bare: boolean }

function locateRows(text: string, scope: TableScope, later: readonly TableScope[], from: number): Place | null {
  const { table, valueRows } = scope
  const heading = firstOf(text, table.headings, from)
  const start = Number.isFinite(heading) ? heading : firstOf(text, table.corners, from)
  const begin = Number.isFinite(start) ? start : from
  const labels = sumsOf(scope).length > 0 ? null : labelsOf(scope.form)
  let at = begin
  // A label behind the next table's heading is no row of this one: its own is blank.
  let until = text.length
  const rows: (Located & { readonly end: number })[] = []
  for (const [place, line] of valueRows.entries()) {
    const row = table.rows[line]!
    const next = table.rows[valueRows[place + 1] ?? -1]
    const hit = row.labels.map((label) => locateRow(text, label, at, next, labels)).filter((one) => one !== null)
    const found = hit.sort((a, b) => a.at - b.at || b.label.length - a.label.length)[0]
    if (found === undefined || found.at >= until) continue
    if (rows.length === 0) {
      const beyond = later.flatMap(({ table: one }) => [...one.headings, ...one.corners])
      until = Math.min(text.length, firstOf(text, beyond, found.end))
    }
    rows.push({ line, ...found })
    at = found.end
  }
  if (rows.length === 0) return null
  const bare = bareRows(text, scope, rows, { begin, until })
  const all = [...rows, ...bare].sort((a, b) => a.at - b.at)
  if (all.length < valueRows.length * rowsShareMin || !printsColumns(text.slice(begin, all[0]!.at), scope)) return null
  return { rows: all, end: Math.max(at, all.at(-1)!.end), bare: bare.length > 0 }
}

/** Rows between those found, of which the label alone is printed: their cells are blank, or something else stands there. */
function bareRows(
  text: string,
  { table, valueRows, form }: TableScope,
  rows: readonly (Located & { readonly end: number })[],
  { begin, until }: { readonly begin: number; readonly until: number },
): (Located & { readonly end: number })[] {
  const found: (Located & { readonly end: number })[] = []
  let from = begin
  for (const line of valueRows) {
    const own = rows.find((row) => row.line === line)
    if (own !== undefined) {
      from = own.end
      continue
    }
    const to = rows.find((row) => row.line > line)?.at ?? until
    for (const label of table.rows[line]!.labels) {
      const words = core(label).length >= bareLabelMin ? core(label) : squeezeLabel(label)
      const at = text.indexOf(words, from)
      if (at < 0 || at >= to || isWithinOther(text, words, at, labelsOf(form))) continue
      const end = at + words.length
      // Figures, and the rest of a label, may stand on the next line.
      const rest = text.slice(end, end + aheadMax).trimStart()
      const digits = isEnd(enumerator.test(rest) ? rest.replace(enumerator, '') : rest, labelsOf(form)) ? '' : '…'
      found.push({ line, label, digits, at, end })
      from = end
      break
    }
  }
  return found
}

/** True where words are a part of a longer label: 其他 of 其他处理. */
function isWithinOther(text: string, words: string, at: number, labels: readonly string[]): boolean {
  return labels.some((label) => {
    const start = label.length > words.length ? label.indexOf(words) : -1
    return start >= 0 && at >= start && text.startsWith(label, at - start)
  })
}

/** Shorter labels are looked for with their number. */
const bareLabelMin = 4
/** Characters that are looked at behind a label. */
const aheadMax = 200

/** Where the first of some labels stands; infinite where none does. */
function firstOf(text: string, labels: readonly string[], from: number): number {
  let first = Number.POSITIVE_INFINITY
  for (const label of labels) {
    const at = text.indexOf(squeezeLabel(label), from)
    if (at >= 0 && at < first) first = at
  }
  return first
}

function sumsOf({ table, valueColumns }: TableScope): ReturnType<typeof sumsAmong> {
  return sumsAmong(valueColumns.map((column) => table.columns[column]!))
}

/** All that a form prints around its figures. */
function labelsOf(form: Form): readonly string[] {
  const known = labelsOfForms.get(form)
  if (known !== undefined) return known
  const labels = form.definition.tables.flatMap(({ headings, corners, rows, columns }) => {
    return [...headings, ...corners, ...[...rows, ...columns].flatMap((line) => line.labels)].map(core)
  })
  labelsOfForms.set(form, labels)
  return labels
}

const labelsOfForms = new WeakMap<Form, readonly string[]>()

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
function printsMore(text: string, scope: TableScope): boolean {
  if (sumsOf(scope).length > 0) return false
  const { table } = scope
  const known = [...table.headings, ...table.corners, ...table.columns.flatMap(({ labels }) => labels)]
  let rest = text
  for (const label of known.map(compact).sort((a, b) => b.length - a.length)) rest = rest.replaceAll(label, '')
  return (rest.replace(/\([^()]*\)/g, '').match(/\p{L}/gu)?.length ?? 0) > strayLettersMax
}

const enumerator = /^(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|\d{1,2}[.、)])/

type Hit = { readonly at: number; readonly end: number; readonly label: string; readonly digits: string }

/** A label without its number. */
function core(label: string): string {
  return squeezeLabel(label).replace(enumerator, '')
}

/** A unit or a remark behind a figure, and behind it the row's next one: what was read of the row is a part of it. */
const goesOn = /^(?: ?(?:\([^()]{0,60}\)|[件项个条份]) ?(?:\d(?!\d?[.、)])|[/—-])|\n\d(?!\d?[.、)](?!\d)))/
/** What ends a row whatever stands behind it: the end of the text or its line, the number of a part. */
const rowEnd =
  /^\s*(?:$|\n|[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|第[一二三四五六七八九十]{1,4}条)/
/** The number of what follows (3、收到…) stood against the figure. */
const numberEnd = /^[.、)](?!\d)/

/**
 * The first place from `from` on where digits stand right behind a label. `labels`: all that may follow a row whose figures
 * no sum tells apart; null where sums do.
 */
function locateRow(
  text: string,
  label: string,
  from: number,
  next: Line | undefined,
  labels: readonly string[] | null,
): Hit | null {
  const words = core(label)
  for (let at = text.indexOf(words, from); at >= 0; at = text.indexOf(words, at + 1)) {
    const behind = text.slice(at + words.length, at + words.length + aheadMax)
    const match = /^(?:\([^()]{0,60}\))?:? ?(\d(?:[\d ]|,(?=\d))*(?:\.\d+)?(?:[-+减增/—–]+[\d. ]*)*)/.exec(behind)
    if (match === null) continue
    const rest = behind.slice(match[0].length)
    const own = withoutNextNumber(match[1]!, rest, next)
    // All that stands there is the number of what follows.
    if (own === '' || (own === match[1] && /^\d{1,2}$/.test(own) && numberEnd.test(rest))) continue
    const isPart =
      goesOn.test(rest) ||
      (own === match[1] && numberEnd.test(rest)) ||
      (labels !== null && !isEnd(own === match[1] ? rest : '', labels))
    const digits = own.trim()
    return { at, end: at + words.length + match[0].length, label, digits: isPart ? `${digits}…` : digits }
  }
  return null
}

/** True where a row ends, but for its unit: the next part begins, or what the form prints elsewhere. */
function isEnd(rest: string, labels: readonly string[]): boolean {
  const behind = rest.replace(/^ ?[件项个条份元] ?/, '').replace(/^ /, '')
  return rowEnd.test(behind) || labels.some((label) => label.length > 1 && behind.startsWith(label))
}

/** `00000002.其他…`: the number of the next label is no digit of this row. */
function withoutNextNumber(digits: string, behind: string, next: Line | undefined): string {
  const number = /^(\d{1,2})[.、)]/.exec(squeezeLabel(next?.labels[0] ?? ''))?.[1]
  if (number === undefined || !digits.endsWith(number) || !/^[.、)]/.test(behind)) return digits
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
    const match = /^\s?(\d(?:[\d ]|,(?=\d))*)/.exec(text.slice(at + last.length, at + last.length + 100))
    if (match === null) continue
    // All the labels of its columns stand before them, one behind another.
    const head = text.slice(Math.max(0, at - 400), at + last.length)
    const seen = labels.filter((label) => head.includes(label)).length
    if (seen < labels.length * rowsShareMin || match[1]!.replace(/ /g, '').length < labels.length) continue
    const row = { line: unlabelledRow, label: '', digits: match[1]!.trim(), at }
    return { rows: [row], end: at + last.length + match[0].length, bare: false }
  }
  return null
}

/** A text or label in one width, without what does not count in labels. */
function squeeze(text: string): string {
  return text
    .replace(/[①-⑳]/g, (number) => `${number.charCodeAt(0) - 0x245f}.`)
    .normalize('NFKC')
    .replace(/[“”"'‘’\u200B-\u200F\uFEFF]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/(?<=[\p{Script=Han}()]) (?=[\p{Script=Han}()])/gu, '')
}

/** The same for the labels of the forms, which are asked for with every text. */
const squeezeLabel = remembering(4_000, squeeze)
