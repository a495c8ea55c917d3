/**
 * A page's ruled tables with what is printed in their cells: takes a page, gives its tables and the glyphs that stand in
 * none. A glyph belongs to the cell in which its middle lies; one that a ruling line cuts makes the cells beside it
 * doubtful, since the figure it is part of may belong to either.
 */
import type { Anchor, Box, Notice, ParserNoticeCode } from '../document.ts'
import type { PlacedCell } from '../grid.ts'
import { limits } from '../limits.ts'
import type { Glyph, Page, Rule } from './page.ts'
import {
  cellBox,
  groupLines,
  indexBefore,
  joinRules,
  type Lattice,
  type Line,
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

/** Tables from the top, of blank ones only the first if it is one; and what stands outside of them. */
export type PageTables = {
  readonly tables: readonly RuledTable[]
  readonly rest: readonly Glyph[]
  /** Lines and edges of coloured areas outside of the tables, across the page: they may part rows. */
  readonly separators: readonly Separator[]
}

/** As in Rule: a level line, or the edge of an area. */
export type Separator = Pick<Rule, 'at' | 'from' | 'to'>

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
    return { tables: [], rest: page.glyphs, separators: [] }
  }
  const ruled = groups.flatMap((group) => closeFilled(drawGroup(group), page) ?? [])
  const areas = areasOutside(page, ruled)
  const filled = drawFilled(page, areas, ruled)
  const drawn = [
    ...filled,
    ...ruled.filter((table) => !filled.some((other) => contains(other.box, middleOf(table.box)))),
  ]
  // A table inside another one's cell comes first.
  drawn.sort((a, b) => a.box.width * a.box.height - b.box.width * b.box.height)
  const outside = page.glyphs.filter((glyph) => !place(drawn, glyph))
  const hanging = placeHanging(drawn, outside, page.height)
  const rest = hanging.size === 0 ? outside : outside.filter((glyph) => !hanging.has(glyph))
  drawn.sort((a, b) => a.box.y - b.box.y)
  const printed = drawn.filter(({ glyphs }) => glyphs.some((inside) => inside.length > 0))
  // Blank rows that a page begins with may be the end of a table on the page before.
  const [first] = drawn
  const blank = first === undefined || first === printed[0] ? [] : [first]
  return {
    tables: [
      ...blank.map((table) => makeTable(table, page.number, printed.length + 1)),
      ...printed.map((table, index) => makeTable(table, page.number, index + 1)),
    ],
    rest,
    separators: separatorsOf(groups, areas, drawn),
  }
}

/** Lines that have none across them are no table. */
function drawGroup(group: readonly Line[]): Drawn | null {
  if (!group.some((line) => line.horizontal) || !group.some((line) => !line.horizontal)) return null
  return draw(makeLattice(group))
}

/** The table with its open cells closed where they are filled as cells are. */
function closeFilled(table: Drawn | null, { fills }: Page): Drawn | null {
  if (table === null || fills.length === 0) return table
  const cells = table.cells.map((cell) => {
    if (!cell.open) return cell
    const middle = middleOf(cellBox(table.lattice, cell))
    return { ...cell, open: !fills.some((fill) => contains(fill, middle)) }
  })
  return { ...table, cells }
}

/** Coloured areas that are in no cell of a ruled table. */
function areasOutside({ fills, patches }: Page, ruled: readonly Drawn[]): Box[] {
  const areas = [...fills, ...patches].filter(({ width, height }) => Math.min(width, height) > areaSideMin)
  if (areas.length > areasMax) return []
  return areas.filter((area) => !ruled.some((table) => cellAt(table, middleOf(area)) >= 0))
}

/** Areas less wide or high hold no text. */
const areaSideMin = 4
const areasMax = 2_000

/**
 * Tables whose cells are told by what they are filled with, alone or together with lines: where every glyph stands in an
 * area of its own cell or in a cell of `ruled`. The edges of the areas are as good as lines there, whatever their colours.
 */
function drawFilled(page: Page, areas: readonly Box[], ruled: readonly Drawn[]): Drawn[] {
  if (areas.length < 2) return []
  const groups = groupLines(joinRules([...page.rules, ...closeGaps(areas).flatMap(edgesOf)])) ?? []
  // An area in which others lie is their ground.
  const cells = areas.filter((area) => !areas.some((other) => other !== area && lies(other, area)))
  const drawn = groups.flatMap((group) => closeFilled(drawGroup(group), page) ?? [])
  return drawn.flatMap((table) => {
    const own = cells.filter((area) => contains(table.box, middleOf(area)))
    const isCell = (point: Point): boolean =>
      own.some((area) => contains(area, point)) || ruled.some((one) => cellAt(one, point) >= 0)
    const inside = page.glyphs.map(middleOf).filter((point) => contains(table.box, point))
    if (own.length === 0 || inside.length === 0 || !inside.every(isCell)) return []
    if (table.cells.length < filledCellsMin || table.lattice.ys.length < 3 || goesOn(table.box, page.glyphs)) return []
    const closed = table.cells.map((cell) => ({
      ...cell,
      open: cell.open || !isCell(middleOf(cellBox(table.lattice, cell))),
    }))
    return [{ ...table, cells: closed }]
  })
}

const filledCellsMin = 4
/** Areas nearer than this, as a part of the smaller one, are neighbours with a gap between. */
const areaGapPart = 0.6
const areaGapMax = 9

/** Areas that stand in rows and columns with gaps between, each made wider up to the middle of the gap. */
function closeGaps(areas: readonly Box[]): Box[] {
  const near = (from: number, size: number, starts: readonly number[]): number => {
    const start = starts.find((one) => one > from + 0.1 && one - from <= Math.min(areaGapMax, areaGapPart * size))
    return start === undefined ? 0 : (start - from) / 2
  }
  const sorted = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b)
  const [lefts, tops] = [sorted(areas.map(({ x }) => x)), sorted(areas.map(({ y }) => y))]
  const rights = sorted(areas.map(({ x, width }) => -x - width))
  const bottoms = sorted(areas.map(({ y, height }) => -y - height))
  return areas.map(({ x, y, width, height }) => {
    const [left, right] = [near(-x, width, rights), near(x + width, width, lefts)]
    const [top, bottom] = [near(-y, height, bottoms), near(y + height, height, tops)]
    return { x: x - left, y: y - top, width: width + left + right, height: height + top + bottom }
  })
}

/** White space between figures of a row, and how far from a table its next row may stand; in heights of characters. */
const goesOnGap = 1.5
const goesOnReach = 1.1

/** Whether right over or under a filled area text stands in columns, as between coloured stripes. */
function goesOn({ x, y, width, height }: Box, glyphs: readonly Glyph[]): boolean {
  const beyond = (glyph: Glyph, distance: number): boolean =>
    distance > 0 && distance < goesOnReach * glyph.height && glyph.x > x - 1 && glyph.x + glyph.width < x + width + 1
  const over = glyphs.filter((glyph) => beyond(glyph, y - middleOf(glyph).y))
  const under = glyphs.filter((glyph) => beyond(glyph, middleOf(glyph).y - y - height))
  return [over, under].some((line) => {
    const shown = line.filter(({ text }) => text.trim() !== '').sort((a, b) => a.x - b.x)
    return shown.some((glyph, index) => {
      const before = shown[index - 1]
      return before !== undefined && glyph.x - before.x - before.width > goesOnGap * glyph.height
    })
  })
}

type Point = { readonly x: number; readonly y: number }

function middleOf({ x, y, width, height }: Box): Point {
  return { x: x + width / 2, y: y + height / 2 }
}

function contains({ x, y, width, height }: Box, point: Point): boolean {
  return point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height
}

/** Whether a box lies in another one that is clearly larger. */
function lies(box: Box, around: Box): boolean {
  return box.width * box.height < 0.8 * around.width * around.height && contains(around, middleOf(box))
}

function edgesOf({ x, y, width, height }: Box): Rule[] {
  return [
    { horizontal: true, at: y, from: x, to: x + width, thickness: 0 },
    { horizontal: true, at: y + height, from: x, to: x + width, thickness: 0 },
    { horizontal: false, at: x, from: y, to: y + height, thickness: 0 },
    { horizontal: false, at: x + width, from: y, to: y + height, thickness: 0 },
  ]
}

function separatorsOf(
  groups: readonly (readonly Line[])[],
  areas: readonly Box[],
  drawn: readonly Drawn[],
): Separator[] {
  const edges = areas.length === 0 ? [] : joinRules(areas.flatMap(edgesOf))
  const level = [...groups.flat(), ...edges].filter(({ horizontal }) => horizontal)
  return level.filter(({ at, from, to }) => !drawn.some(({ box }) => contains(box, { x: (from + to) / 2, y: at })))
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

/** Puts a glyph into the cell in which its middle lies, of the first table that has one; false where that is none. */
function place(tables: readonly Drawn[], glyph: Glyph): boolean {
  const middle = middleOf(glyph)
  for (const table of tables) {
    const cell = cellAt(table, middle)
    if (cell < 0) continue
    table.glyphs[cell]!.push(glyph)
    return true
  }
  return false
}

/** The index of the cell at a place, -1 where none is. */
function cellAt({ lattice, box, owner }: Drawn, { x, y }: Point): number {
  if (x < box.x || x > box.x + box.width || y < box.y || y > box.y + box.height) return -1
  return owner[indexBefore(lattice.ys, y) * (lattice.xs.length - 1) + indexBefore(lattice.xs, x)]!
}

/** How far under a cell that a page break left open its text may stand; in heights of the text. */
const overhangMax = 1.3
/** Part of a page's height at its foot in which only page numbers and running titles stand. */
const footPart = 0.08

/** Puts what hangs out of tables that are open below into their cells; gives those glyphs. */
function placeHanging(tables: readonly Drawn[], outside: readonly Glyph[], height: number): ReadonlySet<Glyph> {
  const open = tables.filter(({ lattice: { above, xs } }) => above.subarray(1 - xs.length).includes(0))
  if (open.length === 0) return new Set()
  const words = glyphLines(outside).flatMap((line) => (isPageNumber(lineText(line)) ? [] : line.glyphs))
  return new Set(words.filter((glyph) => open.some((table) => placeBelow(table, glyph, words, tables, height))))
}

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
  const areas = cells.map((cell) => cellBox(lattice, cell))
  const padding = leastPadding(areas, glyphs)
  const placed: PlacedCell[] = []
  for (const [index, cell] of cells.entries()) {
    const inside = glyphs[index]!
    if (cell.open && inside.length === 0) continue
    const count = (counts[cell.row] ?? 0) + 1
    counts[cell.row] = count
    const area = areas[index]!
    const { row, column, rowSpan, columnSpan } = cell
    const anchor = { path: `${path}/row[${row + 1}]/cell[${count}]`, page, box: rounded(area) }
    const text = glyphText(inside, area.width - 2 * padding)
    placed.push({ row, column, rowSpan, columnSpan, text, anchor, doubt: doubtOf(inside, area, cell) })
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
function leastPadding(areas: readonly Box[], glyphs: readonly (readonly Glyph[])[]): number {
  const least: number[] = []
  for (const [index, area] of areas.entries()) {
    const inside = glyphs[index]!
    if (inside.length === 0) continue
    let nearest = Number.POSITIVE_INFINITY
    for (const { x, width } of inside) nearest = Math.min(nearest, x - area.x, area.x + area.width - x - width)
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
    if ((x < area.x - over || x + width > area.x + area.width + over) && /\d/.test(text)) return 'figure_cut_by_line'
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
