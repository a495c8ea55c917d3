/**
 * Lines to tables: finds the tables of the known forms among a document's lines. Each table is tried with each form that
 * has it, and the form that explains most of what is printed is taken, table by table, since real reports mix forms. What
 * the figures of a found row are worth is not known here.
 */
import { withColumnsBefore } from './columnsbefore.ts'
import { withCutRows } from './cutrows.ts'
import { type Header, readHeader, uncertainOrder, withGroupsBeside, withStrangersLast } from './header.ts'
import {
  continuesHeader,
  headingsAbove,
  isHeadedOtherwise,
  isHeaderLine,
  isHeading,
  isUnderOther,
  strangeHeader,
} from './headerlines.ts'
import type { LabelIndex } from './labels.ts'
import { lastWords, type SourceLine } from './lines.ts'
import { isFigureCell } from './openline.ts'
import { inEarlierOrder, inFormOrder } from './rivals.ts'
import { groupOf, isBehindUnread, likelyRows, type ReadSoFar, type RowHit, rowHit, unlabelledHit } from './rowhits.ts'
import type { TableScope } from './scope.ts'
import { dropSubtotals } from './subtotals.ts'

/**
 * A header with its lines. `rival`: another reading of it, see rivals.ts. Where it contradicts the order of the columns
 * before, which `header` has, that is what it says itself; where its labels are `displaced`, it is their order in the form;
 * where a column is a `stranger` to the form, that column's other place, and where it is `unnamed`, it is taken for the
 * column of the form that its label is like.
 */
export type PrintedHeader = {
  readonly lines: readonly SourceLine[]
  readonly header: Header
  readonly rival: Header | null
  readonly doubt: 'order' | 'displaced' | 'stranger' | 'unnamed' | null
}

/** A table as found: its rows, those printed again, and the headers over them. */
export type TableReading = {
  readonly scope: TableScope
  readonly rows: readonly RowHit[]
  readonly headers: readonly PrintedHeader[]
  readonly repeats: readonly RowHit[]
  readonly columns: ReadonlySet<number>
  /** The first line of a header under which no row was found, though no other header has its columns. */
  readonly bare: SourceLine | null
  readonly score: number
}

/** Share of a table's rows and columns that must be printed: the label of a single column says little of sixty rows. */
const shareMin = 0.15

/** The tables of the forms `scopes` that the lines print, each by the form that fits it best. */
export function findTables(
  lines: readonly SourceLine[],
  scopes: readonly TableScope[],
  find: LabelIndex['find'],
): TableReading[] {
  const named = linesByScope(lines, scopes.length)
  const print: Print = { lines, above: headingsAbove(lines), find }
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
        ? readTable(scope.unlabelledRow >= 0 ? lines : named[scope.id]!, print, scope)
        : { ...twin, scope }
    if (reading === null) continue
    if (reading.score > score) best.set(scope.table.code, [reading])
    else if (reading.score === score) others.push(reading)
  }
  const known = settleTies([...best.values()])
  const claimed = new Set<SourceLine>()
  for (const { rows, repeats } of known) {
    for (const { source } of rows) claimed.add(source)
    for (const { source } of repeats) claimed.add(source)
  }
  return known.filter((reading) => !isMostlyStrange(reading, claimed, lines))
}

/**
 * True where under the headers of a table more rows with figures are printed that no form has than rows and columns that
 * its form has: a local table in which some labels happen to be the form's.
 */
function isMostlyStrange(
  reading: TableReading,
  claimed: ReadonlySet<SourceLine>,
  lines: readonly SourceLine[],
): boolean {
  let strange = 0
  for (const { lines: header } of reading.headers) {
    for (let index = header.at(-1)!.index + 1; index < lines.length; index++) {
      const line = lines[index]!
      if (line.grid !== header[0]!.grid || isHeading(line)) break
      if (line.figureCount > 0 && !line.numbering && !claimed.has(line) && lastWords(line) !== null) strange++
    }
  }
  return strange > rowsFound(reading.rows, reading.scope) + reading.columns.size
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

/** All lines of a document, and for each the last header over it in its grid. */
type Print = {
  readonly lines: readonly SourceLine[]
  readonly above: Int32Array
  readonly find: LabelIndex['find']
}

/** One table of one form: `lines` are those to look at; null where too little of it is there. */
function readTable(lines: readonly SourceLine[], print: Print, scope: TableScope): TableReading | null {
  const into: Taken = { rows: [], repeats: [], byLine: new Map() }
  const { rows, repeats } = into
  const headers: PrintedHeader[] = []
  const strange: (readonly SourceLine[])[] = []
  let block: SourceLine[] = []
  let header = null as Header | null
  let unlabelledDue = false
  let seen = -1
  const read: ReadSoFar = { last: -1, order: new Map(), group: null }
  const unlabelled = scope.unlabelledRow
  const endBlock = (): void => {
    const printed = block.length === 0 ? null : readHeader(block, scope, print.find)
    seen = block.at(-1)?.index ?? seen
    if (printed === null && block.length > 0) strange.push(block)
    // A table cut between its columns begins again with the rest of them.
    const isRest = printed !== null && headers.every((one) => !sharesColumns(one.header, printed))
    const isFuller = header === null || (printed !== null && printed.found >= header.found) || block.length > 1
    if (printed !== null && (isRest || isFuller || standsElsewhere(printed, headers.at(-1), block))) {
      const kept = read.last < scope.valueRows.at(-1)! ? earlierOrder(printed, headers) : null
      if (isRest) read.last = -1
      headers.push(printedHeader(printed, kept, block, scope, headers.length === 0, print.find))
      header = headers.at(-1)!.header
      unlabelledDue = unlabelled >= 0
    } else if (header !== null && block.length === 1 && strangeHeader(block[0]!, scope, header) === 'others') {
      header = null
    }
    block = []
  }
  for (const line of lines) {
    if (isHeaderLine(line, scope) || continuesHeader(line, block, scope)) {
      if (block.length > 0 && (block[0]!.grid !== line.grid || block.at(-1)!.index !== line.index - 1)) endBlock()
      block.push(line)
      continue
    }
    if (block.length > 0) endBlock()
    if (line.numbering) continue
    const isOthers = header !== null && isHeadedOtherwise(line, seen, print, scope, header)
    const kind = isOthers ? 'others' : header && strangeHeader(line, scope, header)
    seen = line.index
    if (kind === 'others') header = null
    if (header === null || kind !== null) continue
    read.group = groupOf(line.cells, scope) ?? read.group
    const hit =
      (isUnderOther(line, headers.at(-1)!.lines, scope, print) ? null : rowHit(line, scope, header, read)) ??
      (unlabelledDue ? unlabelledHit(line, unlabelled, header, headers.at(-1)!.lines[0]!) : null)
    if (hit !== null && !isBehindUnread(hit, read, print.lines, scope)) take(hit, into, read)
  }
  endBlock()
  const passed = unlabelled < 0 ? [] : rows.filter((hit) => isPassedOver(hit, into, print.lines, scope))
  for (const hit of passed) rows.splice(rows.indexOf(hit), 1)
  dropSubtotals(rows, repeats, scope)
  if (rows.length < scope.valueRows.length) rows.push(...likelyRows(print.lines, rows, scope))
  if (unlabelled < 0 && headers.length > 0) {
    rows.splice(0, rows.length, ...withCutRows(rows, headers, print.lines, scope, print.find))
  }
  const reading = assess(scope, rows, repeats, headers, strange)
  return reading && withColumnsBefore(reading)
}

/** The rows of a table so far, those printed again, and all of them by the line of the form. */
type Taken = { readonly rows: RowHit[]; readonly repeats: RowHit[]; readonly byLine: Map<number, RowHit[]> }

/** Takes a row that was found, unless it is there and this one says nothing. */
function take(hit: RowHit, { rows, repeats, byLine }: Taken, read: ReadSoFar): void {
  const before = byLine.get(hit.line) ?? []
  const again = before.some((one) => sharesColumns(one.header, hit.header))
  if (again && isBlankLine(hit)) return
  read.last = hit.line
  read.order.set(hit.line, hit.source.index)
  // A blank line under a header is nothing where one with figures follows.
  const blank = hit.label === null ? before.find((one) => one.header === hit.header && isBlankLine(one)) : undefined
  if (blank !== undefined) {
    rows[rows.indexOf(blank)] = hit
    before[before.indexOf(blank)] = hit
  } else if (again) repeats.push(hit)
  else {
    byLine.set(hit.line, [...before, hit])
    rows.push(hit)
  }
}

/** True for a line without a label that prints no figure. */
function isBlankLine({ label, source }: RowHit): boolean {
  return label === null && !source.cells.some((cell) => isFigureCell(cell) && !cell.carried)
}

/**
 * True for a blank line without a label beside which, under the same header, one stands that prints figures and was not
 * taken: these are the row's, and whatever keeps them from being read makes no cell of it blank.
 */
function isPassedOver(hit: RowHit, { rows, repeats }: Taken, lines: readonly SourceLine[], scope: TableScope): boolean {
  if (!isBlankLine(hit)) return false
  const { columns } = hit.header
  const taken = new Set([...rows, ...repeats].map(({ source }) => source))
  const mayBeRow = (line: SourceLine): boolean =>
    !taken.has(line) &&
    !line.numbering &&
    line.cells.filter((cell) => isFigureCell(cell) && !cell.carried).length * 2 >= columns.length &&
    !line.cells.some(({ label }) => (label?.rows.size ?? 0) > 0)
  const isOwn = (line: SourceLine | undefined): line is SourceLine =>
    line !== undefined && line.grid === hit.source.grid && !isHeaderLine(line, scope) && !isHeading(line)
  for (const step of [-1, 1])
    for (let at = hit.source.index + step; isOwn(lines[at]); at += step) if (mayBeRow(lines[at]!)) return true
  return false
}

/**
 * The first line of a header without rows, where the table lacks columns that it prints. `strange`: headers that no column
 * was read of.
 */
function bareHeader(
  scope: TableScope,
  rows: readonly RowHit[],
  repeats: readonly RowHit[],
  headers: TableReading['headers'],
  strange: readonly (readonly SourceLine[])[],
): SourceLine | null {
  const used = new Set<Header>()
  for (const { header } of rows) used.add(header)
  for (const { header } of repeats) used.add(header)
  const covered = new Set<number | null>()
  for (const { columns } of used) for (const { line } of columns) covered.add(line)
  const lacks = (line: number): boolean => !scope.table.columns[line]!.abstract && !covered.has(line)
  if (!scope.valueColumns.some(lacks)) return null
  const unused = headers.find(
    ({ header }) => !used.has(header) && header.columns.some(({ line }) => line !== null && lacks(line)),
  )
  const unread = strange.find((lines) =>
    lines.some(({ cells }) => cells.some(({ label }) => label?.columns.get(scope.id)?.some(lacks))),
  )
  return unused?.lines[0] ?? unread?.[0] ?? null
}

/** A header as it is read first: in the order of an earlier one (`kept`), or with labels of which it is not certain what they are. */
function printedHeader(
  printed: Header,
  kept: Header | null,
  lines: readonly SourceLine[],
  scope: TableScope,
  isFirst: boolean,
  find: LabelIndex['find'],
): PrintedHeader {
  const uncertain = kept === null ? uncertainOrder(printed, lines, scope) : null
  if (uncertain === null)
    return { lines, header: kept ?? printed, ...rivalOf(printed, kept, lines, scope, isFirst, find) }
  const { header, rival, named } = uncertain
  return { lines, header, rival, doubt: named ? 'unnamed' : 'stranger' }
}

/** Another reading of a header: `kept` is that in the order of the one before it. */
function rivalOf(
  printed: Header,
  kept: Header | null,
  lines: readonly SourceLine[],
  scope: TableScope,
  isFirst: boolean,
  find: LabelIndex['find'],
): Pick<PrintedHeader, 'rival' | 'doubt'> {
  if (kept !== null) return { rival: printed, doubt: 'order' }
  const beside = isFirst ? withGroupsBeside(printed, lines, scope, find) : null
  if (beside !== null) return { rival: beside, doubt: 'displaced' }
  // Sums say the same of columns of one name in any order.
  if (printed.guessed) return { rival: null, doubt: null }
  const displaced = isFirst ? inFormOrder(printed, lines, scope) : null
  if (displaced !== null) return { rival: displaced, doubt: 'displaced' }
  const rival = withStrangersLast(printed, lines, scope)
  return { rival, doubt: rival === null ? null : 'stranger' }
}

/** A header within a table in the order of the last one over it, where it has another. */
function earlierOrder(printed: Header, headers: readonly PrintedHeader[]): Header | null {
  const before = headers.at(-1)?.header
  return before === undefined ? null : inEarlierOrder(printed, before)
}

/** True for a header within the grid of the last one that has columns of that one in other places: its rows are its own. */
function standsElsewhere(printed: Header, last: PrintedHeader | undefined, lines: readonly SourceLine[]): boolean {
  const [line] = lines
  if (last === undefined || line === undefined || last.lines[0]!.grid !== line.grid) return false
  // Fields of copied lines are counted alike where each header is one line of them.
  const keepsPlaces =
    !line.stream && lines.length + last.lines.length === 2 && !line.cells.some((cell) => cell.doubtful)
  if (!line.aligned && !keepsPlaces) return false
  const places = new Map(last.header.columns.map((column) => [column.line, column.start]))
  return printed.columns.some((one) => one.line !== null && places.has(one.line) && places.get(one.line) !== one.start)
}

function sharesColumns(one: Header, other: Header): boolean {
  return one === other || one.columns.some(({ line }) => line !== null && other.columns.some((it) => it.line === line))
}

function assess(
  scope: TableScope,
  rows: readonly RowHit[],
  repeats: readonly RowHit[],
  headers: TableReading['headers'],
  strange: readonly (readonly SourceLine[])[],
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
  if (valueRows + columns.size < (rowsExpected + columnsExpected) * shareMin) return null
  // What a form explains of the print speaks for it; what it lacks or does not know, against it.
  const inexact = rows.filter((row) => !row.exact).length
  const found = new Set(rows.map((row) => row.line)).size
  const explained = found - inexact / 2 + columns.size
  // Rows behind the last one may be on a page that is lost: they speak for no form.
  const last = Math.max(...rows.map((row) => row.line))
  const rowsBefore = scope.valueRows.filter((line) => line <= last).length
  const missing = rowsBefore - valueRows + columnsExpected - columns.size
  const subtotals = found - valueRows
  const score = explained - missing / 2 - unknown - subtotals
  return { scope, rows, repeats, headers, columns, score, bare: bareHeader(scope, rows, repeats, headers, strange) }
}

/** How many rows of the form, headings apart, were found. */
export function rowsFound(rows: readonly RowHit[], { table }: TableScope): number {
  const found = new Set<number>()
  for (const { line } of rows) if (!table.rows[line]!.abstract) found.add(line)
  return found.size
}
