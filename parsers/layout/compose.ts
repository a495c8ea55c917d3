/**
 * Rows and columns of words as a grid: takes what was found of a table without ruling lines, gives its cells, each marked
 * as placed by white space. The header's groups of columns stand in rows of their own over the row of the labels.
 */
import type { Box, Grid } from '../document.ts'
import { makePlacedGrid, type PlacedCell } from '../grid.ts'
import type { Columns, GroupLabel } from './columns.ts'
import type { Glyph } from './page.ts'
import type { LabelledRow } from './rows.ts'
import { rounded } from './tables.ts'
import { boxAround } from './text.ts'
import { overlaps, type Word, type WordLine } from './words.ts'

/** A table in its parts. */
export type TableParts = {
  readonly header: readonly WordLine[]
  /** Words of the header over the labels, and labels that reach up between them. */
  readonly above: readonly Word[]
  readonly columns: Columns
  readonly rows: readonly LabelledRow[]
  /** Figures that may be several. */
  readonly broken: ReadonlySet<Word>
  /** Which of the document's tables it is. */
  readonly number: number
}

/** Words over some columns. */
type Over = { readonly words: readonly Word[]; readonly first: number; readonly last: number }

type Sketch = {
  readonly path: string
  readonly broken: ReadonlySet<Word>
  readonly cells: PlacedCell[]
  readonly pageBreaks: number[]
  row: number
  page: number
}

/** The grid of a table, and the glyphs that are in it. */
export function composeGrid(parts: TableParts): { readonly glyphs: ReadonlySet<Glyph>; readonly grid: Grid } {
  const { header, columns, rows, broken, number } = parts
  const words = [...header.flat(), ...rows.flatMap(({ label, groups, figures }) => [...label, ...groups, ...figures])]
  const glyphs = new Set(words.flatMap((word) => word.glyphs))
  const page = words[0]!.page
  const path = `columns[${number}]`
  const sketch: Sketch = { path, broken, cells: [], pageBreaks: [], row: 0, page }
  const labelColumns = rows.every(({ label }) => label.length === 0) ? 0 : hasGroups(rows) ? 2 : 1
  addHeader(sketch, parts, labelColumns)
  for (const { label, groups, figures, blank } of rows) {
    // A row without any figure may have lost them to a break or to another row: it says nothing, not even blanks.
    const values = figures.length === 0 && !blank ? [] : columns.columns
    const cells: Over[] = values.map((column, index) => ({
      words: figures.filter((word) => overlaps(word, column)),
      first: labelColumns + index,
      last: labelColumns + index,
    }))
    if (labelColumns > 0) cells.unshift({ words: label, first: groups.length > 0 ? 1 : 0, last: labelColumns - 1 })
    if (groups.length > 0) cells.unshift({ words: groups, first: 0, last: 0 })
    addRow(sketch, cells)
  }
  const box = boxOf(words.filter((word) => word.page === page))
  const anchor = { path: `page[${page}]/${path}`, page, box }
  return { glyphs, grid: makePlacedGrid(sketch.cells, sketch.row, anchor, sketch.pageBreaks) }
}

function hasGroups(rows: readonly LabelledRow[]): boolean {
  return rows.some(({ groups }) => groups.length > 0)
}

function addHeader(sketch: Sketch, { above, columns, rows }: TableParts, labelColumns: number): void {
  const taken = new Set(rows.flatMap(({ label, groups }) => [...label, ...groups].flatMap(({ glyphs }) => glyphs)))
  const corner = above.filter(({ glyphs }) => !glyphs.some((glyph) => taken.has(glyph)))
  const overLabels = (words: readonly Word[]): Over[] =>
    labelColumns === 0 ? [] : [{ words, first: 0, last: labelColumns - 1 }]
  for (const line of columns.groups) {
    addRow(sketch, [...overLabels([]), ...overColumns(line, columns.columns.length, labelColumns)])
  }
  const labels = columns.labels.map((words, index): Over => {
    return { words, first: labelColumns + index, last: labelColumns + index }
  })
  addRow(sketch, [...overLabels(corner), ...labels])
}

/** The labels of a line over groups of columns, those over the same columns together, and nothing over the others. */
function overColumns(line: readonly GroupLabel[], count: number, labelColumns: number): Over[] {
  const cells: Over[] = []
  for (const { word, first, last } of [...line].sort((a, b) => a.first - b.first)) {
    const before = cells.at(-1)
    if (before === undefined || before.last < first) cells.push({ words: [word], first, last })
    else cells[cells.length - 1] = { ...before, words: [...before.words, word], last: Math.max(before.last, last) }
  }
  for (let column = 0; column < count; column++) {
    if (!cells.some(({ first, last }) => first <= column && last >= column)) {
      cells.push({ words: [], first: column, last: column })
    }
  }
  cells.sort((a, b) => a.first - b.first)
  return cells.map(({ words, first, last }) => ({ words, first: first + labelColumns, last: last + labelColumns }))
}

function addRow(sketch: Sketch, cells: readonly Over[]): void {
  const { path, broken, row } = sketch
  const page = Math.max(...cells.flatMap(({ words }) => words.map((word) => word.page)), sketch.page)
  if (page !== sketch.page && row > 0) sketch.pageBreaks.push(row)
  sketch.page = page
  for (const [index, { words, first, last }] of cells.entries()) {
    const text = words.map((word) => word.text).join('\n')
    const box = words.length === 0 ? null : boxOf(words)
    const anchor = { path: `page[${page}]/${path}/row[${row + 1}]/cell[${index + 1}]`, page, box }
    const columnSpan = last - first + 1
    sketch.cells.push({
      row,
      column: first,
      rowSpan: 1,
      columnSpan,
      text,
      anchor,
      doubt: words.some((word) => broken.has(word)) ? 'figure_broken' : 'columns_by_white_space',
    })
  }
  sketch.row++
}

function boxOf(words: readonly Word[]): Box {
  return rounded(boxAround(words.map(({ box }) => box)))
}
