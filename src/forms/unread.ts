/**
 * Tables that a document prints and matching did not find: takes the document and its match, says for each table of the
 * report's form that is missing whether most of its labels stand somewhere all the same, in paragraphs or in cells. Then
 * the table is there and we could not read it, which is no fault of the report.
 */
import type { Document, Notice } from '../../parsers/document.ts'
import type { ReadingNoticeCode } from '../model.ts'
import type { Match } from './facts.ts'
import { prepare } from './match.ts'
import type { Registry } from './registry.ts'
import type { TableScope } from './scope.ts'

const labelCharactersMax = 80
/** Share of a table's labels that must be printed. */
const shareMin = 0.5

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
  const printed = new Map(missing.map((scope) => [scope.id, { rows: new Set<number>(), columns: new Set<number>() }]))
  for (const text of labelTexts(document)) {
    const { rows, columns } = index.find(text)
    if (rows.size === 0 && columns.size === 0) continue
    for (const [id, lines] of printed) {
      for (const line of rows.get(id) ?? []) lines.rows.add(line)
      for (const line of columns.get(id) ?? []) lines.columns.add(line)
    }
  }
  const notices = new Map<string, Notice<ReadingNoticeCode>>()
  for (const scope of missing) {
    const lines = printed.get(scope.id)!
    if (!isPrinted(scope, lines)) continue
    notices.set(scope.table.code, { code: 'table_not_read', anchor: null, data: { table: scope.table.code } })
  }
  return [...notices.values()]
}

function isPrinted(
  { table, unlabelledRow, valueRows, valueColumns }: TableScope,
  lines: { readonly rows: ReadonlySet<number>; readonly columns: ReadonlySet<number> },
): boolean {
  const rows =
    unlabelledRow >= 0 || valueRows.filter((row) => lines.rows.has(row)).length >= valueRows.length * shareMin
  const columns = valueColumns.filter((column) => lines.columns.has(column)).length >= valueColumns.length * shareMin
  return rows && columns && table.rows.length > 0
}

/** Every short text with nothing but labels in it, or labels and figures behind them. */
function* labelTexts({ blocks }: Document): Generator<string> {
  for (const block of blocks) {
    const texts = block.kind === 'paragraph' ? block.text.split('\n') : block.cells.map(({ text }) => text)
    for (const text of texts) {
      if (text.length > labelCharactersMax) continue
      const label = withoutFigures(text)
      yield label
      if (/\s/.test(label)) yield* label.split(/\s+/)
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
