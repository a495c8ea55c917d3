/**
 * Tables whose labels and figures were run together into one text, with nothing between them
 * (`…申请数量21710000218二、上年…`). Where one figure ends and the next begins is not printed there: such tables are
 * reported, not guessed.
 */
import type { Document, Notice } from '../../parsers/document.ts'
import type { ReadingNoticeCode } from '../model.ts'
import type { Match } from './match.ts'
import type { Registry } from './registry.ts'

/** So many rows of one table in one paragraph, each with a figure behind it, are no sentence about the table. */
const rowsMin = 4

/** A notice for each table whose labels stand in a paragraph with a figure right behind them. */
export function noticeRunTogether(document: Document, registry: Registry, match: Match): Notice<ReadingNoticeCode>[] {
  const found = new Set(match.tables.map(({ table }) => table))
  const notices: Notice<ReadingNoticeCode>[] = []
  for (const block of document.blocks) {
    if (block.kind !== 'paragraph' || block.text.length < 200) continue
    const hits: { readonly table: string; readonly labels: readonly string[] }[] = []
    for (const form of registry.forms) {
      for (const table of form.definition.tables) {
        if (found.has(table.code)) continue
        // A table that prints no row labels has its figures behind its last column.
        const rows = table.rows.every((row) => row.labels.length === 0) ? table.columns.slice(-1) : table.rows
        const labels = rows.flatMap((row) => row.labels.find((label) => figureFollows(block.text, label)) ?? [])
        if (labels.length > 0) hits.push({ table: table.code, labels })
      }
    }
    if (!hits.some(({ labels }) => labels.length >= rowsMin)) continue
    for (const { table, labels } of hits) {
      if (found.has(table)) continue
      found.add(table)
      const label = labels[0]!
      const at = block.text.indexOf(label)
      const text = block.text.slice(at, at + label.length + 12)
      notices.push({ code: 'figures_run_together', anchor: block.anchor, data: { table, label, text } })
    }
  }
  return notices
}

function figureFollows(text: string, label: string): boolean {
  for (let at = text.indexOf(label); at >= 0; at = text.indexOf(label, at + 1)) {
    if (/^\s?\d/.test(text.slice(at + label.length, at + label.length + 2))) return true
  }
  return false
}
