/**
 * A page's ruled tables with what is printed in their cells: takes a page, gives its tables and the glyphs that stand in
 * none. A glyph belongs to the cell in which its middle lies; one that a ruling line cuts makes the cells beside it
 * doubtful, since the figure it is part of may belong to either.
 */
import type { Anchor, Box, Notice, ParserNoticeCode } from '../document.ts'
import type { PlacedCell } from '../grid.ts'
import { limits } from '../limits.ts'
import type { Glyph, Page } from './page.ts'
import {
  cellBox,
  groupLines,
  indexBefore,
  joinRules,
  type Lattice,
  latticeCells,
  makeLattice,
  type RuledCell,
} from './ruled.ts'
import { glyphLines, glyphText, isPageNumber, lineText } from './text.ts'

/** A table of one page. */
export type RuledTable = {
  readonly box: Box
  /** Places of the lines between columns, the outer ones included. */
  readonly xs: readonly number[]
  readonly rowCount: number
  readonly cells: readonly PlacedCell[]
  readonly anchor: Anchor
  /** True where it was found in a picture, which may stand a little elsewhere on each page. */
  readonly pictured?: boolean
}

/** Tables in no order, and the glyphs outside of them. */
export type PageTables = { readonly tables: readonly RuledTable[]; readonly rest: readonly Glyph[] }

type Drawn = {
  readonly lattice: Lattice
  readonly cells: readonly RuledCell[]
  readonly box: Box
  /** For each place of the lattice the index of its cell, -1 where none is. */
  readonly owner: Int32Array
  /** The glyphs of each cell. */
  readonly glyphs: Glyph[][]
}

/** The ruled tables of a page. Where it has more lines than can be compared, `notices` says so and none is found. */
export function findTables(page: Page, notices: Notice[]): PageTables {
  const groups = groupLines(joinRules(page.rules))
  if (groups === null) {
    const data = { limit: 'pageSegmentsMax', max: limits.pageSegmentsMax }
    notices.push({
      code: 'content_truncated',
      anchor: { path: `page[${page.number}]`, page: page.number, box: null },
      data,
    })
    return { tables: [], rest: page.glyphs }
  }
  const drawn: Drawn[] = []
  for (const group of groups) {
    if (!group.some((line) => line.horizontal) || !group.some((line) => !line.horizontal)) continue
    const table = draw(makeLattice(group))
    if (table !== null) drawn.push(table)
  }
  // A table inside another one's cell comes first.
  drawn.sort((a, b) => a.box.width * a.box.height - b.box.width * b.box.height)
  const outside = page.glyphs.filter((glyph) => !drawn.some((table) => place(table, glyph)))
  const words = glyphLines(outside).flatMap((line) => (isPageNumber(lineText(line)) ? [] : line.glyphs))
  const hanging = new Set(
    words.filter((glyph) => drawn.some((table) => placeBelow(table, glyph, words, drawn, page.height))),
  )
  const rest = outside.filter((glyph) => !hanging.has(glyph))
  const filled = drawn.filter(({ glyphs }) => glyphs.some((inside) => inside.length > 0))
  filled.sort((a, b) => a.box.y - b.box.y)
  return { tables: filled.map((table, index) => makeTable(table, page.number, index + 1)), rest }
}

function draw(lattice: Lattice): Drawn | null {
  const { xs, ys } = lattice
  const columns = xs.length - 1
  if (columns * (ys.length - 1) > limits.gridPlacesMax) return null
  const cells = latticeCells(lattice)
  if (cells.length < 2) return null
  const owner = new Int32Array(columns * (ys.length - 1)).fill(-1)
  for (const [index, { row, column, rowSpan, columnSpan }] of cells.entries()) {
    for (let y = row; y < row + rowSpan; y++) owner.fill(index, y * columns + column, y * columns + column + columnSpan)
  }
  const box = { x: xs[0]!, y: ys[0]!, width: xs.at(-1)! - xs[0]!, height: ys.at(-1)! - ys[0]! }
  return { lattice, cells, box, owner, glyphs: cells.map(() => []) }
}

/** Puts a glyph into the cell in which its middle lies; false where that is none. */
function place({ lattice, box, owner, glyphs }: Drawn, glyph: Glyph): boolean {
  const x = glyph.x + glyph.width / 2
  const y = glyph.y + glyph.height / 2
  if (x < box.x || x > box.x + box.width || y < box.y || y > box.y + box.height) return false
  const row = indexBefore(lattice.ys, y)
  const column = indexBefore(lattice.xs, x)
  const cell = owner[row * (lattice.xs.length - 1) + column]!
  if (cell < 0) return false
  glyphs[cell]!.push(glyph)
  return true
}

/** How far under a cell that a page break left open its text may stand; in heights of the text. */
const overhangMax = 1.3
/** Part of a page's height at its foot in which only page numbers and running titles stand. */
const footPart = 0.08

/**
 * Puts a glyph that hangs out of the foot of a table into its cell: where the last row is open below, since the page ended
 * in it, and nothing but such glyphs is printed further down.
 */
function placeBelow(
  { lattice, box, owner, glyphs }: Drawn,
  glyph: Glyph,
  outside: readonly Glyph[],
  tables: readonly Drawn[],
  height: number,
): boolean {
  const { xs, ys, above } = lattice
  const columns = xs.length - 1
  const rows = ys.length - 1
  const foot = box.y + box.height
  const x = glyph.x + glyph.width / 2
  if (
    glyph.y < foot - glyph.height ||
    glyph.y > foot + overhangMax * glyph.height ||
    x < box.x ||
    x > box.x + box.width
  ) {
    return false
  }
  const further = (other: Glyph): boolean =>
    other.y > foot + overhangMax * other.height && other.y < height * (1 - footPart)
  const column = indexBefore(xs, x)
  const cell = owner[(rows - 1) * columns + column]!
  if (cell < 0 || above[rows * columns + column] === 1 || outside.some(further)) return false
  if (tables.some((table) => table.box.y > foot)) return false
  glyphs[cell]!.push(glyph)
  return true
}

function makeTable({ lattice, cells, box, glyphs }: Drawn, page: number, number: number): RuledTable {
  const path = `page[${page}]/table[${number}]`
  const counts: number[] = []
  const padding = leastPadding(lattice, cells, glyphs)
  const placed: PlacedCell[] = []
  for (const [index, cell] of cells.entries()) {
    const inside = glyphs[index]!
    if (cell.open && inside.length === 0) continue
    const count = (counts[cell.row] ?? 0) + 1
    counts[cell.row] = count
    const area = cellBox(lattice, cell)
    const { row, column, rowSpan, columnSpan } = cell
    const anchor = { path: `${path}/row[${row + 1}]/cell[${count}]`, page, box: rounded(area) }
    const made = { row, column, rowSpan, columnSpan, text: glyphText(inside, area.width - 2 * padding), anchor }
    const doubt = doubtOf(inside, area, cell)
    placed.push({ ...made, doubt })
  }
  return {
    box,
    xs: lattice.xs,
    rowCount: lattice.ys.length - 1,
    cells: placed,
    anchor: { path, page, box: rounded(box) },
  }
}

/** The distance that text keeps from the sides of its cell, in points: nearly the smallest, as a few run over. */
function leastPadding(lattice: Lattice, cells: readonly RuledCell[], glyphs: readonly (readonly Glyph[])[]): number {
  const least: number[] = []
  for (const [index, cell] of cells.entries()) {
    const area = cellBox(lattice, cell)
    let nearest = Number.POSITIVE_INFINITY
    for (const { x, width } of glyphs[index]!) nearest = Math.min(nearest, x - area.x, area.x + area.width - x - width)
    if (Number.isFinite(nearest)) least.push(nearest)
  }
  least.sort((a, b) => a - b)
  return Math.max(0, least[Math.floor(least.length * 0.1)] ?? 0)
}

/** Part of a glyph that must stand beyond a cell's side for it to be cut by the line. */
const cutPart = 0.25
/** Cells narrower than this, in points, have no room for a character. */
const narrowMax = 4

function doubtOf(glyphs: readonly Glyph[], area: Box, cell: RuledCell): ParserNoticeCode | null {
  for (const { text, x, width, confidence } of glyphs) {
    if (text === '') return 'glyphs_without_text'
    if (confidence !== null && confidence < 1) return 'hidden_text'
    const over = cutPart * width
    if (/\d/.test(text) && (x < area.x - over || x + width > area.x + area.width + over)) return 'figure_cut_by_line'
  }
  // Room too narrow for a character may be a cell or the gap of a doubled line.
  if (glyphs.length === 0) return area.width < narrowMax ? 'columns_by_alignment' : null
  return cell.whole ? null : 'cells_overlap'
}

/** A box in hundredths of points. */
export function rounded({ x, y, width, height }: Box): Box {
  const round = (value: number): number => Math.round(value * 100) / 100
  return { x: round(x), y: round(y), width: round(width), height: round(height) }
}
