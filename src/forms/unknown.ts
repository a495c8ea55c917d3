/**
 * Tables that no form knows, kept as they are printed: takes a grid or the lines of a table that lost its own, gives the
 * texts of its cells for a notice, and back from the notice as rows. Nothing in them is forced into a code; a researcher
 * finds here what the report states all the same.
 */
import type { Anchor, Grid, Notice } from '../../parsers/document.ts'
import type { Data, ReadingNoticeCode } from '../model.ts'
import type { SourceLine } from './lines.ts'

/** A table of no known form: the text of each place, empty where a merged cell reaches in or nothing stands. */
export type UnknownTable = {
  readonly anchor: Anchor | null
  readonly rows: readonly (readonly string[])[]
  /** True where it was too large to be kept whole. */
  readonly cut: boolean
}

/** A table larger than this is a data set and no form; its first rows tell what it is. */
const placesMax = 6_000
const textCharactersMax = 500

/** A grid as data of a notice. */
export function keepGrid(grid: Grid): Data {
  const columns = Math.min(grid.columnCount, placesMax)
  const rows = Math.min(grid.rowCount, Math.floor(placesMax / columns))
  const cells = new Array<string>(rows * columns).fill('')
  for (const { row, column, text } of grid.cells) {
    if (row < rows && column < columns) cells[row * columns + column] = text.slice(0, textCharactersMax)
  }
  return { columns, cells, ...(rows < grid.rowCount || columns < grid.columnCount ? { cut: 1 } : {}) }
}

/** The same for lines of text that were taken for the rows of a table. */
export function keepLines(lines: readonly SourceLine[]): Data {
  const longest = Math.max(1, ...lines.map((line) => line.cells.length))
  const columns = Math.min(longest, placesMax)
  const kept = lines.slice(0, Math.floor(placesMax / columns))
  const cells = kept.flatMap((line) =>
    Array.from({ length: columns }, (_, column) => (line.cells[column]?.text ?? '').slice(0, textCharactersMax)),
  )
  return { columns, cells, ...(kept.length < lines.length || columns < longest ? { cut: 1 } : {}) }
}

/** The notice of a table of no known form; `first`: its first words, `figures`: how many it has, `kept`: its cells. */
export function unknownTableNotice(
  anchor: Anchor | null,
  said: { readonly first: string; readonly figures: number },
  kept: Data,
): Notice<ReadingNoticeCode> {
  return { code: 'unknown_table', anchor, data: { ...said, ...kept } }
}

/** The tables that notices keep, in their order. */
export function unknownTables(notices: readonly Notice<string>[]): UnknownTable[] {
  return notices.flatMap(({ code, anchor, data }) => {
    const { columns, cells } = data
    if (code !== 'unknown_table' || typeof columns !== 'number' || !Array.isArray(cells)) return []
    const rows = Array.from({ length: Math.floor(cells.length / columns) }, (_, row) =>
      cells.slice(row * columns, (row + 1) * columns).map(String),
    )
    return [{ anchor, rows, cut: data.cut === 1 }]
  })
}

/** What a notice says beside the table that it keeps. */
export function withoutKept({ columns, cells, cut, ...said }: Data): Data {
  return said
}
