/**
 * Rows of tables that are not believed as they were read: those whose labels stand in lines that are no row's, and those
 * beside figures that stand on lines of their own. Takes the facts of all tables, puts doubt in their place and tells of it.
 */
import type { Notice } from '../../parsers/document.ts'
import type { Fact, ReadingNoticeCode } from '../model.ts'
import { rowsBesideStray } from './astray.ts'
import { rowOf, tableOf } from './codes.ts'
import type { LineCell, SourceLine } from './lines.ts'
import type { RowHit } from './rowhits.ts'
import { rowsFound, type TableReading } from './tables.ts'
import { unbelieved, unreadableNotice } from './unbelieved.ts'

/** Shorter labels are also those of columns. */
const ownLabelMin = 4

/** Rows that a table lacks and whose labels stand in its lines all the same, beside words of another row. */
export function doubtUnclaimed(
  { scope, rows, headers }: TableReading,
  lines: readonly SourceLine[],
  claimed: ReadonlyMap<SourceLine, string>,
  facts: ReadonlyMap<string, Fact[]>,
  notices: Notice<ReadingNoticeCode>[],
): void {
  const { table, valueRows } = scope
  if (rowsFound(rows, scope) >= valueRows.length) return
  const found = new Set(rows.map(({ line }) => line))
  const missing = new Set(valueRows.filter((line) => !found.has(line)))
  const grids = new Set([...rows.map(({ source }) => source.grid), ...headers.map((one) => one.lines[0]!.grid)])
  for (const line of lines) {
    if (!grids.has(line.grid) || claimed.has(line)) continue
    for (const { label, text, anchor, carried } of line.cells) {
      const [row, ...others] = label?.exact && !carried ? (label.rows.get(scope.id) ?? []) : []
      if (row === undefined || others.length > 0 || !missing.has(row) || text.trim().length < ownLabelMin) continue
      const code = `${table.code}.${table.rows[row]!.code}`
      const own = facts.get(table.code)!
      for (const [place, fact] of own.entries()) {
        if (rowOf(fact.code) === code) own[place] = { ...unbelieved(fact), anchor }
      }
      notices.push({ code: 'blank_edge_ambiguous', anchor, data: { table: table.code, label: text } })
    }
  }
}

/** A row that a line was taken for: its code, its label, and how many columns its header has. */
export type Hit = Pick<RowHit, 'label' | 'exact'> & { readonly code: string; readonly columns: number }
export type Hits = Map<SourceLine, Hit[]>

/** Rows beside figures that stand on lines of their own are not believed. */
export function doubtBesideStray(
  lines: readonly SourceLine[],
  stray: ReadonlySet<SourceLine>,
  hits: Hits,
  isProved: (table: string) => boolean,
  facts: ReadonlyMap<string, Fact[]>,
  notices: Notice<ReadingNoticeCode>[],
): void {
  const inDoubt = rowsBesideStray(lines, stray, (line) => {
    const hit = hits.get(line)?.[0]
    if (hit === undefined) return null
    const isUnread = (): boolean => {
      const own = facts.get(tableOf(hit.code))!.filter(({ code }) => rowOf(code) === hit.code)
      return own.every(({ state }) => state === 'unreadable' || state === 'absent')
    }
    const table = tableOf(hit.code)
    const exact = hit.label === null ? null : hit.exact
    return { table, exact, columns: hit.columns, isProved: () => isProved(table), isUnread }
  })
  for (const [line, doubt] of inDoubt) {
    for (const { code, label } of hits.get(line)!) {
      const own = facts.get(tableOf(code))!
      if (doubt === 'row') doubtRow(code, own, notices)
      else doubtBlanks(code, label, own, notices)
    }
  }
}

/** A row whose figures may be others: none of its cells is believed. */
function doubtRow(row: string, facts: Fact[], notices: Notice<ReadingNoticeCode>[]): void {
  for (const [place, fact] of facts.entries()) {
    if (rowOf(fact.code) !== row || fact.state === 'unreadable' || fact.state === 'absent') continue
    facts[place] = unbelieved(fact)
    notices.push(unreadableNotice(fact))
  }
}

/** A row whose blank cells may have values: they are not believed. */
function doubtBlanks(row: string, label: LineCell | null, facts: Fact[], notices: Notice<ReadingNoticeCode>[]): void {
  let count = 0
  for (const [place, fact] of facts.entries()) {
    if (fact.state !== 'blank' || rowOf(fact.code) !== row) continue
    facts[place] = { ...unbelieved(fact), anchor: label?.anchor ?? fact.anchor }
    count++
  }
  const data = { table: tableOf(row), label: label?.text ?? '' }
  if (count > 0) notices.push({ code: 'blank_edge_ambiguous', anchor: label?.anchor ?? null, data })
}
