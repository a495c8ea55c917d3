/**
 * Tables that a document prints and matching did not find: takes the document and its match, says for each table of the
 * report's form that is missing whether most of its labels stand somewhere all the same, in paragraphs or in cells, or
 * whether its section shows what is not there as text. Then the table is there and we could not read it, which is no fault
 * of the report.
 */
import type { Anchor, Document, Notice } from '../../parsers/document.ts'
import type { ReadingNoticeCode } from '../model.ts'
import type { Match } from './facts.ts'
import { prepare } from './match.ts'
import type { Registry } from './registry.ts'
import type { TableScope } from './scope.ts'
import { proseOf } from './sections.ts'

const labelCharactersMax = 80
/** Share of a table's labels that must be printed. */
const shareMin = 0.5
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
  const missing = scopes.filter(({ form: one, table }) => {
    return one.definition.id === (form ?? one.definition.id) && !read.has(table.code)
  })
  if (missing.length === 0) return []
  const printed = new Map(
    missing.map((scope) => [
      scope.id,
      { rows: new Set<number>(), figured: new Set<number>(), columns: new Set<number>() },
    ]),
  )
  for (const { label, figured } of labelTexts(document)) {
    const { rows, columns } = index.find(label)
    if (rows.size === 0 && columns.size === 0) continue
    for (const [id, lines] of printed) {
      for (const line of rows.get(id) ?? []) {
        lines.rows.add(line)
        if (figured) lines.figured.add(line)
      }
      for (const line of columns.get(id) ?? []) lines.columns.add(line)
    }
  }
  const notices = new Map<string, Notice<ReadingNoticeCode>>()
  for (const scope of missing) {
    const lines = printed.get(scope.id)!
    if (!isPrinted(scope, lines)) continue
    notices.set(scope.table.code, { code: 'table_not_read', anchor: null, data: { table: scope.table.code } })
  }
  for (const { table, anchor } of embeddedTables(document, registry, missing)) {
    if (!notices.has(table)) notices.set(table, { code: 'table_embedded', anchor, data: { table } })
  }
  return [...notices.values()]
}

type Embedded = { readonly table: string; readonly anchor: Anchor }

/** Of the missing tables those in whose section something is shown that was not read, by the form most of whose headings are there. */
function embeddedTables(document: Document, registry: Registry, missing: readonly TableScope[]): Embedded[] {
  const { unread = [], blocks } = document
  if (unread.length === 0) return []
  const places = new Map(blocks.map(({ anchor }, index) => [anchor, index]))
  let best: Embedded[] = []
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
      if (from === undefined || to === undefined || !unread.some((at) => at > from && at <= to)) return []
      return own.flatMap(({ table }) => (table.section === section.number ? [{ table: table.code, anchor }] : []))
    })
  }
  return best
}

function isPrinted(
  { table, unlabelledRow, valueRows, valueColumns }: TableScope,
  lines: {
    readonly rows: ReadonlySet<number>
    readonly figured: ReadonlySet<number>
    readonly columns: ReadonlySet<number>
  },
): boolean {
  const rows =
    unlabelledRow >= 0 || valueRows.filter((row) => lines.rows.has(row)).length >= valueRows.length * shareMin
  const figured = valueRows.filter((row) => lines.figured.has(row)).length
  const columns =
    figured >= figuredRowsMin ||
    valueColumns.filter((column) => lines.columns.has(column)).length >= valueColumns.length * shareMin
  return rows && columns && table.rows.length > 0
}

/** Every short text with nothing but labels in it, or labels and figures behind them. */
function* labelTexts({ blocks }: Document): Generator<{ readonly label: string; readonly figured: boolean }> {
  for (const block of blocks) {
    const texts = block.kind === 'paragraph' ? block.text.split('\n') : block.cells.map(({ text }) => text)
    for (const text of texts) {
      if (text.length > labelCharactersMax) continue
      const label = withoutFigures(text)
      const figured = label !== text
      yield { label, figured }
      if (/\s/.test(label)) for (const part of label.split(/\s+/)) yield { label: part, figured }
    }
  }
}

const lastFigure = /[\s:：]*[\d０-９][\d０-９,，.．]*[件元万个项]*\s*$/

/** The text without the figures at its end; one at a time, since one pattern for all would take for ever on long digits. */
function withoutFigures(text: string): string {
  if (!/[\d０-９]/.test(text)) return text
  let rest = text
  for (let shorter = rest.replace(lastFigure, ''); shorter !== rest; shorter = rest.replace(lastFigure, ''))
    rest = shorter
  return rest
}
