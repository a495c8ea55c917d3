/**
 * Tables, columns and rows that a report prints of another year or body: takes a document and whose report of which year it
 * is, gives the document without them, and tells each.
 */
import type { Document, Grid, Notice } from '../../parsers/document.ts'
import { findOthersGrids, isOther, withoutGrids, withoutText } from '../forms/captions.ts'
import { readCaption, type Whose, whoseYear } from '../forms/captiontext.ts'
import type { EquationsOf } from '../forms/equations.ts'
import { matchForms, prepare } from '../forms/match.ts'
import { withOwnNamesakes } from '../forms/namesakes.ts'
import { blocksOfBodies, withOwnRows } from '../forms/otherrows.ts'
import type { OwnGrid } from '../forms/owngrid.ts'
import type { Registry } from '../forms/registry.ts'
import { withOwnYear } from '../forms/yearcolumns.ts'
import { withFormsYears } from '../forms/yearlabels.ts'
import type { Identity, ReadingNoticeCode, TableMatch } from '../model.ts'

/** What rules say must add up, and whether a text is the title of a report. */
export type OthersContext = { readonly equationsOf: EquationsOf; readonly isTitle: (text: string) => boolean }

type Told = Notice<ReadingNoticeCode>[]
type TablesIn = (blocks: readonly Grid[]) => readonly TableMatch[]

/** The document without the tables of forms that captions give to another year or body, and what is told of them. */
export function setOthersAside(
  document: Document,
  identity: Identity,
  registry: Registry,
  { equationsOf, isTitle }: OthersContext,
): { document: Document; told: Told } {
  const told: Told = []
  const tablesIn: TablesIn = (blocks) => matchForms({ ...document, blocks }, registry, equationsOf).tables
  const rest = withoutTables(document, identity, registry, { tablesIn, isTitle, told })
  return { document: withoutColumnsAndRows(rest, identity, registry, { tablesIn, told }), told }
}

/** The document without the tables that captions give to others. */
function withoutTables(
  document: Document,
  identity: Identity,
  registry: Registry,
  { tablesIn, isTitle, told }: { tablesIn: TablesIn; isTitle: OthersContext['isTitle']; told: Told },
): Document {
  const left = new Map<Grid, number>()
  const { isChapter, isOfTable } = prepare(registry)
  const known = new Map<Grid, boolean>()
  const isForms = (grid: Grid): boolean => {
    const is = known.get(grid) ?? tablesIn([grid]).length > 0
    known.set(grid, is)
    return is
  }
  const about = { isChapter, isOfTable, isTitle, isForms }
  for (const { caption, anchor, grids } of findOthersGrids(document, identity, about)) {
    const tables = tablesIn(grids.map(({ grid, end }) => withoutText(grid, end)))
    if (tables.length === 0) continue
    for (const { grid, end } of grids) left.set(grid, end)
    for (const { table } of tables) told.push({ code: 'table_of_others', anchor, data: { table, caption } })
  }
  return withoutGrids(document, left)
}

/** The document without what its tables print of others beside the report's own. */
function withoutColumnsAndRows(
  document: Document,
  identity: Identity,
  registry: Registry,
  { tablesIn, told }: { tablesIn: TablesIn; told: Told },
): Document {
  const {
    isChapter,
    index: { find },
  } = prepare(registry)
  const isForms = (grid: Grid): boolean => tablesIn([grid]).length > 0
  const whose = (label: string): Whose => {
    const caption = readCaption(label, identity, isChapter)
    return caption === null || caption.chapter ? null : isOther(caption) ? 'other' : (caption.time ?? caption.body)
  }
  // A table that is left with no column or row is another's as a whole; what has no table stays as it is printed.
  const without = (block: Grid, own: OwnGrid | null): Grid => {
    if (own === null) return block
    const kept = tablesIn([own.grid])
    const tables = kept.length > 0 ? kept : tablesIn([block])
    if (tables.length === 0) return block
    const caption = own.labels.join(' ')
    for (const { table } of tables) {
      const isTold = told.some(({ anchor, data }) => anchor === block.anchor && data.table === table)
      if (!isTold) told.push({ code: 'table_of_others', anchor: block.anchor, data: { table, caption } })
    }
    return kept.length > 0 ? own.grid : withoutText(block)
  }
  const ownOf = (block: Grid): Grid => {
    const names = blocksOfBodies(block, whose, find)
    if (names.length > 0 && isForms(block)) return without(block, { grid: withoutText(block), labels: names })
    const worded = identity.year === null ? block : withFormsYears(block, identity.year, find)
    const named = without(worded, withOwnNamesakes(worded, whose, find))
    const ownYear = withOwnYear(named, (year) => whoseYear(year, '', identity), find)
    const own = without(named, ownYear)
    const rows = withOwnRows(own, whose, find)
    return rows === null || !(isForms(own) || isForms(rows.grid)) ? own : without(own, rows)
  }
  return { ...document, blocks: document.blocks.map((block) => (block.kind === 'grid' ? ownOf(block) : block)) }
}
