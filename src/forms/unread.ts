/**
 * Tables that a document prints and matching did not find: takes the document and its match, says for each table of the
 * report's form that is missing whether most of its labels stand somewhere all the same, in paragraphs or in cells, or
 * whether its section shows what is not there as text, or figures that no form knows. Then the table is there and we could
 * not read it, which is no fault of the report.
 */
import type { Anchor, Block, Document, Grid, Notice } from '../../parsers/document.ts'
import type { Line, ReadingNoticeCode } from '../model.ts'
import { rowOf } from './codes.ts'
import type { Match } from './facts.ts'
import { type LabelIndex, labelKey } from './labels.ts'
import { prepare } from './match.ts'
import type { Registry } from './registry.ts'
import { runningTexts } from './runtext.ts'
import type { TableScope } from './scope.ts'
import { proseOf } from './sections.ts'
import { keepGrid, unknownTableNotice } from './unknown.ts'
import { isFigure, readValue } from './values.ts'

const labelCharactersMax = 80
/** With the white space that lines its figures up, or with a whole table behind it. */
const spacedCharactersMax = 4_000
/** Share of a table's labels that must be printed. */
const shareMin = 0.5
/** Share of its rows that prose does not name all of. */
const rowsShareMin = 0.8
/** So many of its rows with figures behind them are a table, whatever became of its columns. */
const figuredRowsMin = 5

/** A notice for each table of the form that is printed in a way we do not read. */
export function noticeUnreadTables(
  document: Document,
  registry: Registry,
  match: Match,
  form: string | null,
): Notice<ReadingNoticeCode>[] {
  const { scopes, index } = prepare(registry)
  const read = new Set(match.tables.map(({ table }) => table))
  const isOwn = ownScopes(match)
  const mayHaveOthers = mayPrintOthers(document, match)
  const missing = scopes.filter((scope) => {
    if (read.has(scope.table.code)) return false
    return isOwn(scope) || (mayHaveOthers && scope.valueRows.length >= togetherLabelsMin)
  })
  const rows = noticeUnreadRows(document, scopes, match, index.find)
  return missing.length === 0 ? rows : [...rows, ...noticeMissing(document, registry, match, missing, form, index.find)]
}

/** Whether a table is of a form that the report prints: of several, since an annex of another one may be larger than its own. */
function ownScopes({ tables }: Match): (scope: TableScope) => boolean {
  const forms = new Set(tables.map(({ form }) => form))
  return ({ form }) => forms.size === 0 || forms.has(form.definition.id)
}

/** True where something was told of, or nothing was read of a grid of so many rows: it may be a table of another form than the report's. */
function mayPrintOthers({ blocks }: Document, { facts, notices }: Match): boolean {
  if (notices.length > 0) return true
  const known = new Set(facts.map(({ anchor }) => anchor))
  return blocks.some((block) => {
    return (
      block.kind === 'grid' &&
      block.rowCount >= togetherLabelsMin &&
      !block.cells.some(({ anchor }) => known.has(anchor))
    )
  })
}

/** A notice for each row that is missing in a table that was read, though its label is printed with figures behind it. */
function noticeUnreadRows(
  document: Document,
  scopes: readonly TableScope[],
  match: Match,
  find: LabelIndex['find'],
): Notice<ReadingNoticeCode>[] {
  const short = match.tables.filter(({ rowsFound, rowsExpected }) => rowsFound < rowsExpected)
  if (short.length === 0) return []
  const stated = new Set(match.facts.filter(({ state }) => state !== 'absent').map(({ code }) => rowOf(code)))
  const lost = new Map<number, ReadonlyMap<number, string>>()
  for (const { table, form } of short) {
    const scope = scopes.find((one) => one.table.code === table && one.form.definition.id === form)!
    const lines = scope.valueRows.filter((line) => !stated.has(`${table}.${scope.table.rows[line]!.code}`))
    if (lines.length > 0) lost.set(scope.id, new Map(lines.map((line) => [line, table])))
  }
  if (lost.size === 0) return []
  const notices = new Map<string, Notice<ReadingNoticeCode>>()
  for (const { label, figured, anchor } of labelTexts(document, find)) {
    if (!figured || label.length < ownLabelMin) continue
    const { exact, rows } = find(label)
    if (!exact) continue
    for (const [id, lines] of lost) {
      const [line, ...others] = rows.get(id) ?? []
      const table = line === undefined || others.length > 0 ? undefined : lines.get(line)
      if (table === undefined) continue
      const data = { table, label, text: label }
      notices.set(`${id} ${line}`, { code: 'unplaced_figure', anchor, data })
    }
  }
  return [...notices.values()]
}

/** Shorter labels stand in any text. */
const ownLabelMin = 4

function noticeMissing(
  document: Document,
  registry: Registry,
  match: Match,
  missing: readonly TableScope[],
  form: string | null,
  find: LabelIndex['find'],
): Notice<ReadingNoticeCode>[] {
  const printed = new Map<number, PrintedLines>(
    missing.map(({ id }) => [id, { rows: new Set(), figured: new Set(), columns: new Set() }]),
  )
  for (const { label, figured } of labelTexts(document, find)) {
    const { rows, columns } = find(label)
    if (rows.size === 0 && columns.size === 0) continue
    for (const [id, lines] of printed) {
      for (const line of rows.get(id) ?? []) {
        lines.rows.add(line)
        if (figured) lines.figured.add(line)
      }
      for (const line of columns.get(id) ?? []) lines.columns.add(line)
    }
  }
  addRunTogether(document, missing, printed)
  const isOwn = ownScopes(match)
  const notices = new Map<string, Notice<ReadingNoticeCode>>()
  // Where labels were cut off, none of a table may be left.
  const isCut = form !== null && document.notices.some(({ code }) => code === 'cells_cut_off')
  for (const scope of missing) {
    const lines = printed.get(scope.id)!
    const isThere = isOwn(scope) ? isPrinted(scope, lines) : areRowsPrinted(scope, lines)
    if (!(isCut && scope.form.definition.id === form) && !isThere) continue
    notices.set(scope.table.code, { code: 'table_not_read', anchor: null, data: { table: scope.table.code } })
  }
  const { blocks, unread = [] } = document
  const known = new Set([...match.facts, ...match.notices].map(({ anchor }) => anchor))
  const strange = new Set(blocks.filter((block) => isStrange(block, known)))
  if (unread.length === 0 && strange.size === 0) return [...notices.values()]
  const others = new Set<Grid>()
  for (const { table, anchor, from, to } of missingSections(document, registry, missing.filter(isOwn))) {
    if (notices.has(table)) continue
    if (unread.some((at) => at > from && at <= to))
      notices.set(table, { code: 'table_embedded', anchor, data: { table } })
    for (const block of blocks.slice(from, to)) if (block.kind === 'grid' && strange.has(block)) others.add(block)
  }
  return [...notices.values(), ...[...others].map(strangeNotice)]
}

/** Labels of a table, by the lines that are printed somewhere; `figured`: rows with figures behind their labels. */
type PrintedLines = { readonly rows: Set<number>; readonly figured: Set<number>; readonly columns: Set<number> }

/** Smaller tables have labels that prose has too. */
const togetherLabelsMin = 12
/** No report's prose between two tables is longer. */
const runningCharactersMax = 100_000

/** Adds the labels that stand in one text one behind another, without anything that parts them, or in pieces in many cells. */
function addRunTogether(
  { blocks }: Document,
  missing: readonly TableScope[],
  printed: ReadonlyMap<number, PrintedLines>,
): void {
  const large = missing.filter(({ table }) => table.rows.length + table.columns.length >= togetherLabelsMin)
  if (large.length === 0) return
  const grids = blocks.flatMap((block) => {
    return block.kind === 'grid' ? [block.cells.map(({ text }) => text).join('')] : []
  })
  for (const whole of [...grids, ...runningTexts(blocks).map(({ text }) => text)]) {
    if (whole.length < labelCharactersMax || whole.length > runningCharactersMax) continue
    const text = labelKey(whole)
    for (const scope of large) {
      const keys = labelKeysOf(scope)
      // Prose names some of a table's labels, and not most of both kinds, nor so many rows.
      const columns = mostIn(text, keys.columns)
      if (columns === null && scope.valueRows.length < togetherLabelsMin) continue
      const rows = mostIn(text, keys.rows)
      if (rows === null && scope.valueRows.length > 1) continue
      const lines = printed.get(scope.id)!
      for (const line of rows ?? []) lines.rows.add(line)
      for (const line of columns ?? []) lines.columns.add(line)
    }
  }
}

/** What the labels of a line are compared by. */
type KeyedLine = { readonly line: number; readonly keys: readonly string[] }
type KeyedLines = { readonly rows: readonly KeyedLine[]; readonly columns: readonly KeyedLine[] }

const labelKeys = new WeakMap<TableScope, KeyedLines>()

/** The keys of a table's labels: there are hundreds, and the form's do not change from one document to the next. */
function labelKeysOf(scope: TableScope): KeyedLines {
  const known = labelKeys.get(scope)
  if (known !== undefined) return known
  const { table, valueRows, valueColumns } = scope
  const keyed = (lines: readonly Line[], values: readonly number[]): KeyedLine[] =>
    values.map((line) => ({ line, keys: lines[line]!.labels.map(labelKey) }))
  const made = { rows: keyed(table.rows, valueRows), columns: keyed(table.columns, valueColumns) }
  labelKeys.set(scope, made)
  return made
}

/** The lines that a text holds a label of; null where that is not most of them. */
function mostIn(text: string, lines: readonly KeyedLine[]): readonly number[] | null {
  const found: number[] = []
  for (const [index, { line, keys }] of lines.entries()) {
    if (keys.some((key) => text.includes(key))) found.push(line)
    else if (found.length + lines.length - index - 1 <= lines.length * shareMin) return null
  }
  return found.length > lines.length * shareMin ? found : null
}

/** The section of a missing table: its heading's anchor and the blocks behind it. */
type MissingSection = { readonly table: string; readonly anchor: Anchor; readonly from: number; readonly to: number }

/** The sections of the missing tables, by the form most of whose headings are there. */
function missingSections(document: Document, registry: Registry, missing: readonly TableScope[]): MissingSection[] {
  const { blocks } = document
  const places = new Map(blocks.map(({ anchor }, index) => [anchor, index]))
  // What seems to head the next section may be a label in a table: 三、依申请公开情况.
  for (const [index, block] of blocks.entries())
    if (block.kind === 'grid') for (const { anchor } of block.cells) places.set(anchor, index)
  let best: MissingSection[] = []
  let most = 0
  for (const form of registry.forms) {
    const own = missing.filter((scope) => scope.form === form)
    if (own.length === 0) continue
    const { passages, headings } = proseOf(document, form)
    if (headings.length < most) continue
    most = headings.length
    best = headings.flatMap(({ section, passage, until }) => {
      const { anchor } = passages[passage]!
      const from = places.get(anchor)
      const to = until === null ? blocks.length : places.get(passages[until.passage]!.anchor)
      if (from === undefined || to === undefined) return []
      return own.flatMap(({ table }) =>
        table.section === section.number ? [{ table: table.code, anchor, from, to }] : [],
      )
    })
  }
  return best
}

/** A grid with a figure that stands where a form has a table, and of which nothing was read or told. */
function isStrange(block: Block, known: ReadonlySet<Anchor | null>): boolean {
  if (block.kind !== 'grid' || known.has(block.anchor)) return false
  return (
    block.cells.some(({ text }) => isFigure(readValue(text))) && !block.cells.some(({ anchor }) => known.has(anchor))
  )
}

/** A notice for a grid of no form, as it is printed. */
function strangeNotice(grid: Grid): Notice<ReadingNoticeCode> {
  const figures = grid.cells.filter(({ text }) => isFigure(readValue(text))).length
  const first = grid.cells
    .find(({ text }) => text.trim() !== '')!
    .text.trim()
    .slice(0, firstCharactersMax)
  return unknownTableNotice(grid.anchor, { first, figures }, keepGrid(grid))
}

const firstCharactersMax = 80

/** True for so many rows that they are a table, whatever became of its columns and whether it has a figure. */
function areRowsPrinted({ valueRows }: TableScope, lines: PrintedLines): boolean {
  const printed = valueRows.filter((row) => lines.rows.has(row)).length
  return printed >= togetherLabelsMin && printed >= valueRows.length * rowsShareMin
}

function isPrinted(scope: TableScope, lines: PrintedLines): boolean {
  if (areRowsPrinted(scope, lines)) return true
  const { table, unlabelledRow, valueRows, valueColumns } = scope
  const printed = valueRows.filter((row) => lines.rows.has(row)).length
  const rows = unlabelledRow >= 0 || printed >= valueRows.length * shareMin
  const figured = valueRows.filter((row) => lines.figured.has(row)).length
  const columns =
    figured >= figuredRowsMin ||
    valueColumns.filter((column) => lines.columns.has(column)).length >= valueColumns.length * shareMin
  return rows && columns && table.rows.length > 0
}

type LabelText = { readonly label: string; readonly figured: boolean; readonly anchor: Anchor }

/** Every short text with nothing but labels in it, or labels and figures behind them, in its own cell or the next ones but units. */
function* labelTexts({ blocks }: Document, find: LabelIndex['find']): Generator<LabelText> {
  for (const block of blocks) {
    if (block.kind === 'paragraph') {
      for (const text of block.text.split('\n')) {
        yield* labelsIn(text, false, block.anchor)
        const [, label] = listedRow.exec(text) ?? []
        if (label !== undefined) yield { label: label.trim(), figured: true, anchor: block.anchor }
      }
      continue
    }
    for (const [index, { text, row, anchor }] of block.cells.entries()) {
      const next = block.cells
        .slice(index + 1, index + 4)
        .find((one) => one.row === row && one.text.trim() !== '' && find(one.text).unit.size === 0)
      yield* labelsIn(text, next !== undefined && /^\s*[\d０-９]/.test(next.text), anchor)
    }
  }
}

function* labelsIn(printed: string, beside: boolean, anchor: Anchor): Generator<LabelText> {
  if (printed.length > spacedCharactersMax) return
  const text = printed.replace(/\s+/g, ' ')
  const fields = fieldSeparator.test(text) ? text.split(fieldSeparator) : []
  if (fields.length >= separatedFieldsMin) {
    for (const [index, label] of fields.entries()) {
      const next = fields.slice(index + 1, index + 4).find((field) => field !== label && field.trim() !== '')
      if (label.length <= labelCharactersMax)
        yield { label: label.trim(), figured: /^\s*[\d０-９]/.test(next ?? ''), anchor }
    }
    return
  }
  if (text.length > labelCharactersMax) {
    // A whole table in one line.
    for (const label of text.split(' ')) if (label.length <= labelCharactersMax) yield { label, figured: false, anchor }
    return
  }
  const label = withoutFigures(text)
  const figured = beside || label !== text
  yield { label, figured, anchor }
  if (/\s/.test(label)) for (const part of label.split(/\s+/)) yield { label: part, figured, anchor }
}

/** A row of a table as a list has it: `- 予以公开：自然人 12，总计 14`. */
const listedRow = /^[\s*•·▪◦-]*([^：:]{2,80})[：:](?=.{0,200}[\d０-９])/

/** What parts the fields of a row that was not read as one. */
const fieldSeparator = /[,;|]/
const separatedFieldsMin = 4

const lastFigure = /[\s:：]*[\d０-９][\d０-９,，.．]*[件元万个项]*\s*$/

/** The text without the figures at its end; one at a time, since one pattern for all would take for ever on long digits. */
function withoutFigures(text: string): string {
  if (!/[\d０-９]/.test(text)) return text
  let rest = text
  for (let shorter = rest.replace(lastFigure, ''); shorter !== rest; shorter = rest.replace(lastFigure, ''))
    rest = shorter
  return rest
}
