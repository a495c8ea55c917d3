/**
 * Lines to tables: finds the tables of the known forms among a document's lines. Each table is tried with each form that
 * has it, and the form that explains most of what is printed is taken, table by table, since real reports mix forms. What
 * the figures of a found row are worth is not known here.
 */
import { withColumnsBefore } from './columnsbefore.ts'
import { withCutRows } from './cutrows.ts'
import { type Header, readHeader, uncertainOrder, withGroupsBeside, withStrangersLast } from './header.ts'
import { haveSameNumbers, type LabelIndex, labelKey, labelSimilarity } from './labels.ts'
import { isWords, type LineCell, lastWords, type SourceLine } from './lines.ts'
import { isFigureCell } from './openline.ts'
import { inEarlierOrder, inFormOrder } from './rivals.ts'
import { isUnitIn, type TableScope } from './scope.ts'
import { isUnit } from './values.ts'

/** A line taken for a row: `label` is the cell that named it, null in tables that print no row label. */
export type RowHit = {
  readonly source: SourceLine
  readonly line: number
  readonly label: LineCell | null
  readonly exact: boolean
  readonly header: Header
}

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
/** Labels so much alike are taken for one another where order leaves nothing else. */
const similarityMin = 0.5

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
  const read: ReadSoFar = { last: -1, order: new Map(), group: null }
  const unlabelled = scope.unlabelledRow
  const endBlock = (): void => {
    const printed = block.length === 0 ? null : readHeader(block, scope, print.find)
    if (printed === null && block.length > 0) strange.push(block)
    // A table cut between its columns begins again with the rest of them.
    const isRest = printed !== null && headers.every((one) => !sharesColumns(one.header, printed))
    if (printed !== null && (isRest || header === null || printed.found >= header.found || block.length > 1)) {
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
    if (header === null) continue
    const kind = strangeHeader(line, scope, header)
    if (kind !== null) {
      if (kind === 'others') header = null
      continue
    }
    read.group = groupOf(line.cells, scope) ?? read.group
    const hit =
      (isUnderOther(line, headers.at(-1)!.lines, scope, print) ? null : rowHit(line, scope, header, read)) ??
      (unlabelledDue ? unlabelledHit(line, unlabelled, header, headers.at(-1)!.lines[0]!) : null)
    if (hit !== null && !isBehindUnread(hit, read, print.lines, scope)) take(hit, into, read)
  }
  endBlock()
  const passed = unlabelled < 0 ? [] : rows.filter((hit) => isPassedOver(hit, into, print.lines, scope))
  for (const hit of passed) rows.splice(rows.indexOf(hit), 1)
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

/**
 * A line without figures that prints labels of columns, is not rather a row whose cells are all blank, and is not
 * rather the header of another table: 总计 and 其他 stand in several.
 */
function isHeaderLine(line: SourceLine, scope: TableScope): boolean {
  if (line.filled || line.columnWords === 0) return false
  const own = line.columnHits.get(scope.table.code) ?? 0
  if (own === 0 || own < line.columnHitsMax) return false
  return isHeading(line) || line.columnWords > rowWordsOf(line, scope)
}

/**
 * True for a line right behind those of a header that has words under their labels alone, each of them a column's: 总计 and
 * 其他 name rows too, but not where figures stand.
 */
function continuesHeader(line: SourceLine, block: readonly SourceLine[], { id }: TableScope): boolean {
  const last = block.at(-1)
  if (last === undefined || line.filled || last.grid !== line.grid || last.index !== line.index - 1) return false
  const words = line.cells.filter((cell) => isWords(cell) && !(line.aligned && cell.carried))
  if (words.length === 0 || words.some(({ label }) => !label!.columns.has(id))) return false
  const over = block.flatMap(({ cells }) => cells.filter(({ label }) => label?.columns.has(id)))
  return (
    Math.min(...words.map(({ start }) => start)) >= Math.min(...over.map(({ start }) => start)) && words[0]!.start > 0
  )
}

/** Words in a line that name a row of the form: another form may have a row of the name of a local column. */
function rowWordsOf({ cells }: SourceLine, { family }: TableScope): number {
  return cells.filter(({ label }) => label !== null && [...label.rows.keys()].some((id) => family.has(id))).length
}

/** True for a line that is the header of some table. */
function isHeading(line: SourceLine): boolean {
  return !line.filled && line.columnWords > line.rowWords
}

/** True for a row in whose grid the header of another table stands between it and the header of this one. */
function isUnderOther(
  line: SourceLine,
  header: readonly SourceLine[],
  scope: TableScope,
  { lines, above }: Print,
): boolean {
  const heading = above[line.index]!
  return heading > header.at(-1)!.index && !isHeaderLine(lines[heading]!, scope)
}

/** For each line the last line above it in its grid that is a header; -1 where there is none. */
function headingsAbove(lines: readonly SourceLine[]): Int32Array {
  const above = new Int32Array(lines.length).fill(-1)
  for (let index = 1; index < lines.length; index++) {
    const before = lines[index - 1]!
    if (before.grid === lines[index]!.grid) above[index] = isHeading(before) ? index - 1 : above[index - 1]!
  }
  return above
}

/** The row of the form that a line's last row label names, if order leaves one. */
function rowHit(line: SourceLine, scope: TableScope, header: Header, read: ReadSoFar): RowHit | null {
  if (!line.filled && line.columnWords > line.rowWords) return null
  let hasStrange = false
  for (let index = line.firstFigure - 1; index >= 0; index--) {
    const cell = line.cells[index]!
    if (!isWords(cell)) continue
    const named = cell.label!.rows.get(scope.id)
    if (named === undefined) {
      if (!isSkipped(cell, line, header, scope)) return null
      hasStrange ||=
        !cell.carried && cell.text.length > shortWordsMax && !isUnit(cell.text) && !isUnitIn(scope, cell.text)
      continue
    }
    // A group label that reaches down from a row above names no line; where a span was stated too long it stands behind the
    // line's own label.
    if (cell.carried) {
      if (named.every((row) => scope.table.rows[row]!.abstract)) continue
      return null
    }
    const chosen = named.length === 1 ? named[0]! : chooseRow(named, read)
    const row = scope.table.rows[chosen]!
    // Behind a strange label the figures are that one's, and no subtotal of its group.
    if (row.abstract && (hasStrange || !(row.optionalSubtotal && line.figureCount > 0))) return null
    if (isInOtherGroup(cell, read.group, chosen, scope)) return null
    return { source: line, line: chosen, label: cell, exact: cell.label!.exact, header }
  }
  return null
}

/**
 * What a line is that has nothing but words over the columns: `rows` where it names rows of the table in the place of columns, so
 * that it is no row and no header; `others` where it names what no form knows: the header of another table. Null for any other line.
 */
function strangeHeader(
  { filled, cells }: SourceLine,
  scope: TableScope,
  { columns }: Header,
): 'rows' | 'others' | null {
  if (filled) return null
  const words = cells.filter((cell) => isWords(cell) && !cell.carried)
  if (words.length < Math.max(headerWordsMin, columns.length - 1)) return null
  const [first, ...others] = words
  const rows = others.filter(({ label }) => label!.rows.has(scope.id)).length
  if (rows >= rowsNamedMin) return 'rows'
  // A row may have words for figures.
  if (first!.label!.rows.has(scope.id)) return null
  const unknown = others.filter(({ label, text }) => label!.scopes.length === 0 && !isScrap(text, scope))
  return unknown.length * 2 > others.length && new Set(unknown.map(({ text }) => text)).size > 1 ? 'others' : null
}

/** A row has a label and the labels of its groups. */
const headerWordsMin = 4
const rowsNamedMin = 2

/** True for a piece of a label, as a page break or a converter leaves it, and for what only counts or is too short to tell. */
function isScrap(text: string, { table }: TableScope): boolean {
  const key = labelKey(text)
  return (
    key.length < 2 ||
    /\d$/.test(key) ||
    table.columns.some(({ labels }) => labels.some((one) => labelKey(one).includes(key)))
  )
}

/** The rows that the last heading of a group among some cells can stand for; null where none of them is one. */
function groupOf(cells: readonly LineCell[], { id, table: { rows } }: TableScope): readonly number[] | null {
  for (const { label } of cells.toReversed()) {
    const named = label?.exact ? label.rows.get(id) : undefined
    if (named?.every((line) => rows[line]!.abstract)) return named
  }
  return null
}

/** Shorter labels stand in any group. */
const ownLabelMin = 4

/** True for a short label under another group of its level than the row's: 4.其他 of 无法提供 is not that of 其他处理. */
function isInOtherGroup(
  { text }: LineCell,
  printed: readonly number[] | null,
  row: number,
  { table: { rows } }: TableScope,
): boolean {
  const own = rows.find(({ code }) => code === rows[row]!.parent)
  if (printed === null || own === undefined) return false
  const isElsewhere = printed.every((line) => rows[line] !== own && rows[line]!.parent === own.parent)
  return isElsewhere && labelKey(text).length < ownLabelMin
}

/**
 * What was found of a table so far: the last row, for each row the line of the document that it was last seen in, and the
 * last heading of a group where it stands only in the first line of it.
 */
type ReadSoFar = { last: number; readonly order: Map<number, number>; group: readonly number[] | null }

const numberLevels = [
  /^[一二三四五六七八九十]{1,3}[、.．]/,
  /^[(（][一二三四五六七八九十]{1,3}[)）]/,
  /^\d{1,2}[.．、]/,
]

/** The level of the highest number that begins a label or a line within it (一、 is 0); null where none does. */
function numberLevel(text: string): number | null {
  const found = text.split('\n').map((part) => numberLevels.findIndex((level) => level.test(part.trim())))
  const known = found.filter((level) => level >= 0)
  return known.length === 0 ? null : Math.min(...known)
}

/**
 * True for a row that only its group tells from others, where what could be the heading of another group stands unread
 * between it and all that is known of its own.
 */
function isBehindUnread(
  { source, line, label }: RowHit,
  { order }: ReadSoFar,
  lines: readonly SourceLine[],
  { id, table: { rows } }: TableScope,
): boolean {
  const { parent } = rows[line]!
  const named = label?.label?.rows.get(id) ?? []
  if (parent === null || named.every((one) => rows[one]!.parent === parent)) return false
  const group = rows.find(({ code }) => code === parent)!
  const level = numberLevel(group.labels[0]!)
  if (level === null) return false
  const own = [...order].flatMap(([row, seen]) => (rows[row] === group || rows[row]!.parent === parent ? [seen] : []))
  const from = Math.max(-1, ...(own.length > 0 ? own : order.values()))
  const taken = new Set(order.values())
  return lines.slice(from + 1, source.index).some((between) => {
    if (between.grid !== source.grid || taken.has(between.index)) return false
    return between.cells.some((cell) => {
      if (!isWords(cell) || cell.carried || cell.label!.rows.has(id)) return false
      return (numberLevel(cell.text) ?? numberLevels.length) <= level
    })
  })
}

/**
 * Of the rows that a label can stand for: the one right behind the last row, else the one whose neighbour above was seen
 * last (halves of a table come in turns), else the first that order leaves.
 */
function chooseRow(named: readonly number[], { last, order }: ReadSoFar): number {
  if (named.includes(last + 1)) return last + 1
  const seen = named.filter((target) => !order.has(target) && order.has(target - 1))
  const [latest] = seen.sort((a, b) => order.get(b - 1)! - order.get(a - 1)!)
  return latest ?? named.find((target) => target > last) ?? named[0]!
}

const shortWordsMax = 3

/** Words between a row's label and its figures that do not name another row: a unit, a repeated text, a value in words. */
function isSkipped(cell: LineCell, line: SourceLine, header: Header, scope: TableScope): boolean {
  // Behind the number of an item its label is missing: the figures are that one's.
  if (cell.label!.rows.size > 0 || /^\s*\d{1,2}[.．、]\s*$/.test(cell.text)) return false
  if (cell.text.length <= shortWordsMax || cell.carried || isUnit(cell.text) || isUnitIn(scope, cell.text)) return true
  const first = header.columns[0]!.start
  return line.aligned && first !== null && cell.start >= first
}

/**
 * The line of values in a table that prints no row label: the first behind its header with a cell for each column, words in
 * place of a figure among them, or with figures and a cell less, of which sums may tell where it is missing.
 */
function unlabelledHit(line: SourceLine, row: number, header: Header, headerLine: SourceLine): RowHit | null {
  if (line.grid !== headerLine.grid && line.figureCount === 0) return null
  if (line.cells.some((cell) => (cell.label?.rows.size ?? 0) > 0)) return null
  const cells = line.cells.filter((cell) => !isWords(cell) && !cell.filler)
  const complete =
    cells.length >= header.columns.length ||
    (line.trimmed !== 'no' && line.figureCount > 0) ||
    (line.grid === headerLine.grid && isSpoiled(line, header))
  return complete ? { source: line, line: row, label: null, exact: true, header } : null
}

/** True for a line of a grid with figures that stand all under a header, beside words for one (共70件, #REF!) or a cell short. */
function isSpoiled({ aligned, cells }: SourceLine, { columns }: Header): boolean {
  const [first, last] = [columns[0]!.start, columns.at(-1)!.end]
  if (!aligned || first === null || last === null || cells.some(({ doubtful }) => doubtful)) return false
  const own = cells.filter(({ filler, carried }) => !filler && !carried)
  const figures = own.filter(isFigureCell)
  if (figures.length * 2 < columns.length || own.some(({ start, end }) => start < first || end > last)) return false
  const words = own.filter(isWords)
  // Words before all figures are the label of a row that the form does not have.
  const isLabel = ({ text, start, label }: LineCell): boolean =>
    label!.scopes.length > 0 || text.length > spoiledMax || (start === first && !/^#|\d/.test(text))
  if (words.length * 2 > columns.length || words.some(isLabel)) return false
  const lacks = columns.length - own.length
  return lacks === 0 || (lacks === 1 && words.length === 0 && cells.some(({ missing }) => missing))
}

/** Longer texts stand for no figure. */
const spoiledMax = 20

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

function likelyHit(source: SourceLine, line: number, scope: TableScope, header: Header): RowHit | null {
  const label = lastWords(source)!
  const known = scope.table.rows[line]!.labels.filter((one) => haveSameNumbers(one, label.text))
  const similar = Math.max(0, ...known.map((one) => labelSimilarity(one, label.text)))
  return similar < similarityMin ? null : { source, line, label, exact: false, header }
}
