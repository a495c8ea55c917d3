/**
 * Tables whose labels and figures were run together into one text, with nothing between them
 * (`…申请数量21710000218二、上年…`). Where one figure ends and the next begins is not printed there: such tables are
 * reported, not guessed.
 */
import type { Document, Notice } from '../../parsers/document.ts'
import type { ReadingNoticeCode } from '../model.ts'
import type { Match } from './match.ts'
import type { Registry } from './registry.ts'

const labelCharactersMin = 4
const hitsMin = 3

/** A notice for each table of which several row labels stand in a paragraph with a figure right behind them. */
export function noticeRunTogether(document: Document, registry: Registry, match: Match): Notice<ReadingNoticeCode>[] {
  const found = new Set(match.tables.map(({ table }) => table))
  const notices: Notice<ReadingNoticeCode>[] = []
  for (const block of document.blocks) {
    if (block.kind !== 'paragraph' || block.text.length < 200) continue
    for (const form of registry.forms) {
      for (const table of form.definition.tables) {
        if (found.has(table.code)) continue
        let hits = 0
        let first: string | null = null
        for (const { labels } of table.rows) {
          const label = labels.find((one) => one.length >= labelCharactersMin && figureFollows(block.text, one))
          if (label === undefined) continue
          hits++
          first ??= label
        }
        if (first === null || hits < Math.min(hitsMin, table.rows.length)) continue
        found.add(table.code)
        const at = block.text.indexOf(first)
        const text = block.text.slice(at, at + first.length + 12)
        notices.push({ code: 'figures_run_together', anchor: block.anchor, data: { table: table.code, label: first, text } })
      }
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
