/**
 * Tables as programs write them that turn pages into Markdown: in pieces, each a small table beneath a heading of its own, or
 * with a header that lost its names. They are put together in the form's shape: groups of columns one beneath the other by the names
 * of their groups, others by the form's order (byorder.ts). Where anything else is printed, nothing is put together.
 */
import type { Document, Notice } from '../../parsers/document.ts'
import type { ReadingNoticeCode } from '../model.ts'
import { figuresByOrder, rowsByOrder } from './byorder.ts'
import type { EquationsOf } from './equations.ts'
import { labelCharactersMax } from './labels.ts'
import { prepare } from './match.ts'
import { begins, type Found, goesOn, type Knowledge, linesNamed, namesLines, type Piece, runsOf } from './pieces.ts'
import type { Registry } from './registry.ts'
import { inFormShape, type Told } from './reshaped.ts'
import type { TableScope } from './scope.ts'
import { readValueOrMark } from './values.ts'

/** A document whose tables are whole, what is to be told of them, and those whose columns were told by their order. */
export type Joined = {
  readonly document: Document
  readonly notices: readonly Notice<ReadingNoticeCode>[]
  readonly inferred: ReadonlySet<string>
}

/**
 * The document with the tables of forms put together that it prints in such pieces; null where there are none. `whole`: tables
 * that it also prints otherwise, which are not looked for. Pure.
 */
export function joinPieces(
  document: Document,
  registry: Registry,
  equationsOf: EquationsOf,
  whole: ReadonlySet<string>,
): Joined | null {
  const runs = runsOf(document)
  const { scopes, index, marks, isChapter } = prepare(registry)
  const known: Knowledge = {
    find: index.find,
    stated: (text) => readValueOrMark(text, marks),
    isChapter,
    equationsOf,
  }
  const blocks: (Document['blocks'][number] | null)[] = [...document.blocks]
  const notices: Notice<ReadingNoticeCode>[] = []
  const inferred = new Set<string>()
  const best = new Map<string, { scope: TableScope; found: Found; byNames: boolean }>()
  for (const scope of scopes) {
    const { code } = scope.table
    if (whole.has(code)) continue
    const isLabelled = scope.unlabelledRow < 0
    const byNames = isLabelled ? null : columnGroups(runs, scope, known)
    const found = byNames ?? (isLabelled ? rowsByOrder(runs, scope, known) : figuresByOrder(runs, scope, known))
    const other = best.get(code)
    if (found === null || (other && other.found.told.length >= found.told.length)) continue
    best.set(code, { scope, found, byNames: byNames !== null })
  }
  for (const [code, { scope, found, byNames }] of best) {
    const first = found.pieces[0]!
    const grid = inFormShape(first.grid, scope, found.told)
    if (grid === null) continue
    for (const { at, before } of found.pieces) {
      blocks[at] = null
      // What names its lines is no caption.
      for (const one of before) if (namesLines(one, scope, index.find)) blocks[one.at] = null
    }
    blocks[first.at] = grid
    if (!byNames) inferred.add(code)
    notices.push({ code: byNames ? 'table_reshaped' : 'columns_by_order', anchor: grid.anchor, data: { table: code } })
  }
  if (notices.length === 0) return null
  return { document: { ...document, blocks: blocks.filter((block) => block !== null) }, notices, inferred }
}

/**
 * Groups of columns, each a piece of labels with a line of figures below; null unless each figure has a cell of its own and no
 * other piece looks the same.
 */
function columnGroups(runs: readonly (readonly Piece[])[], scope: TableScope, known: Knowledge): Found | null {
  const { find, stated } = known
  const { table, id, valueColumns, columnGroups: groupsOver, unlabelledRow } = scope
  const named = (text: string): readonly number[] =>
    text.length > labelCharactersMax ? [] : (find(text).columns.get(id) ?? [])
  const innermost = new Set(valueColumns.map((column) => groupsOver[column]![0] ?? -1))
  const isStrip = ({ rows: [labels, figures, ...others] }: Piece): boolean =>
    labels !== undefined &&
    others.length === 0 &&
    figures?.length === labels.length &&
    [...labels, ...figures].every(({ rowSpan, columnSpan, filler }) => rowSpan === 1 && columnSpan === 1 && !filler) &&
    labels.every(({ text }) => named(text).length > 0) &&
    figures.every(({ text }) => stated(text) !== null)
  const pieces = runs.flatMap((run) => run.filter(isStrip))
  const run = runs.find((one) => one.includes(pieces[0]!))
  if (run === undefined || pieces.length < 2 || pieces.length > innermost.size) return null
  const told: Told[] = []
  for (const [at, piece] of pieces.entries()) {
    const { before, rows } = piece
    if (at === 0 ? !begins(piece, scope, known) : !run.includes(piece) || !goesOn(piece, scope, find)) return null
    const heading = before.at(-1)
    const groups = new Set(heading === undefined ? [] : linesNamed(heading.text, scope, find)?.columns)
    const [group, ...others] = [...groups].filter((one) => innermost.has(one))
    if (group === undefined || others.length > 0) return null
    for (const [index, label] of rows[0]!.entries()) {
      const inGroup = named(label.text).filter((column) => groupsOver[column]![0] === group)
      const [column] = inGroup
      if (column === undefined || inGroup.length > 1 || table.columns[column]!.abstract) return null
      if (told.some((one) => one.column === column)) return null
      told.push({ cell: rows[1]![index]!, row: unlabelledRow, column })
    }
  }
  return { pieces, told }
}
