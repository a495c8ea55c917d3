/**
 * A page's ruled tables with what is printed in their cells: takes a page, gives its tables and the glyphs that stand in
 * none. A glyph belongs to the cell in which its middle lies; one that a ruling line cuts makes the cells beside it
 * doubtful, since the figure it is part of may belong to either.
 */
import type { Anchor, Box, Notice, ParserNoticeCode } from '../document.ts'
import type { PlacedCell } from '../grid.ts'
import { limits } from '../limits.ts'
import { takeLaidOver } from './laidover.ts'
import { boxOfRule, drawingCutNotice, type Glyph, type Page, type Picture, type Rule } from './page.ts'
import {
  boxOf,
  cellBox,
  groupLines,
  indexBefore,
  joinRules,
  type Lattice,
  type Line,
  latticeCells,
  makeLattice,
  type RuledCell,
  takeBoxes,
} from './ruled.ts'
import { glyphLines, glyphText, isDigit, isPageNumber, lineText } from './text.ts'

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
  readonly lines: readonly Line[]
  readonly cells: readonly RuledCell[]
  readonly box: Box
  /** For each place of the lattice the index of its cell, -1 where none is. */
  readonly owner: Int32Array
  /** The glyphs of each cell. */
  readonly glyphs: Glyph[][]
  /** Why cells are in doubt where no glyph stands in them. */
  readonly doubts: Map<number, ParserNoticeCode>
  /** Why cells are in doubt whatever stands in them: they end inside of a figure, or show a part of one. */
  readonly unsure: Map<number, ParserNoticeCode>
}

/**
 * The ruled tables of a page. Where it has more lines than can be compared, `notices` says so and none is found. Faint
 * glyphs are in none of them: where one that may be a figure is all that a cell holds, that cell is in doubt.
 */
export function findTables(drawnPage: Page, notices: Notice[]): PageTables {
  const seen = drawnPage.glyphs.filter((glyph) => !glyph.faint)
  const page = seen.length === drawnPage.glyphs.length ? drawnPage : { ...drawnPage, glyphs: seen }
  const { boxes, rules: all } = takeBoxes(page.rules)
  const { boxes: over, rules } = takeLaidOver(all)
  const groups = groupLines(joinRules(rules))
  if (groups === null) {
    notices.push(drawingCutNotice(page.number))
    return { tables: [], rest: page.glyphs, separators: [] }
  }
  const { areas, drawn, strewn } = drawTables(page, groups, boxes)
  const outside = page.glyphs.filter((glyph) => !place(drawn, glyph))
  doubtFigures(drawn, drawnPage.glyphs)
  const short = rules.filter(({ from, to }) => to - from <= strokeLengthMax)
  doubtDrawings(drawn, page, [...short.map((rule) => boxOfRule({ ...rule, thickness: 0 })), ...boxes])
  for (const line of strewn) doubtUnder(drawn, line)
  for (const box of over) doubtLaidOver(drawn, box)
  const hanging = placeHanging(drawn, outside, page.height)
  const rest = hanging.size === 0 ? outside : outside.filter((glyph) => !hanging.has(glyph))
  return { tables: numbered(drawn, page.number), rest, separators: separatorsOf(groups, areas, drawn) }
}

/** What groups of lines and boxes that stand apart draw on a page, and the coloured areas outside of what lines draw. */
function drawTables(page: Page, groups: readonly (readonly Line[])[], boxes: readonly Box[]) {
  const ruled = groups
    .flatMap((group) => closeFilled(drawGroup(group), page) ?? [])
    .filter((table) => !isAround(table, boxes) && Math.max(table.box.width, table.box.height) > strokeLengthMax)
  const areas = areasOutside([...page.fills, ...page.patches, ...cellsApart(boxes)], ruled)
  const lines = groups.filter((group) => boxOf(group) === null).flat()
  const filled = drawFilled(page, areas, ruled, lines)
  const found = [
    ...filled,
    ...ruled.filter((table) => !filled.some((other) => contains(other.box, middleOf(table.box)))),
  ]
  const drawn = found.filter((table) => !found.some((other) => liesAcross(table, other)))
  const strewn = found.filter((table) => !drawn.includes(table)).flatMap(({ lines }) => lines)
  // A table inside another one's cell comes first.
  drawn.sort((a, b) => a.box.width * a.box.height - b.box.width * b.box.height)
  return { areas, drawn, strewn }
}

/** Points by which the corners of a table may miss the cell in which it stands. */
const cornerInset = 1

/** Whether a table lies across cells of a larger one: strokes that happen to meet, and no table. */
function liesAcross(table: Drawn, other: Drawn): boolean {
  if (other === table || other.cells.length <= table.cells.length) return false
  const { x, y, width, height } = table.box
  if (width * height >= other.box.width * other.box.height) return false
  const corners = [x + cornerInset, x + width - cornerInset].flatMap((at) => [
    cellAt(other, { x: at, y: y + cornerInset }),
    cellAt(other, { x: at, y: y + height - cornerInset }),
  ])
  const under = new Set(corners.filter((cell) => cell >= 0 && !other.cells[cell]!.open))
  return under.size > 1 || (under.size === 1 && corners.includes(-1))
}

/** Doubts the blank cells through which a stroke runs. */
function doubtUnder(tables: readonly Drawn[], { horizontal, at, from, to }: Line): void {
  for (const table of tables) {
    for (const [index, cell] of table.cells.entries()) {
      const { x, y, width, height } = cellBox(table.lattice, cell)
      const [across, along, wide, long] = horizontal ? [y, x, height, width] : [x, y, width, height]
      const isIn = at > across && at < across + wide && from < along + long && to > along
      if (isIn && !cell.open) table.doubts.set(index, 'glyphs_without_text')
    }
  }
}

/** Doubts the cells of what stands in a box that is laid over their lines: it may be the box's own. */
function doubtLaidOver(tables: readonly Drawn[], box: Box): void {
  for (const table of tables) {
    for (const [index, glyphs] of table.glyphs.entries()) {
      if (glyphs.some((glyph) => contains(box, middleOf(glyph)))) table.unsure.set(index, 'figure_cut_by_line')
    }
  }
}

/** Doubts the cells of figures that a line parts or crosses, or that are hardly seen. */
function doubtFigures(drawn: readonly Drawn[], glyphs: readonly Glyph[]): void {
  for (let index = 1; index < glyphs.length; index++) {
    const [one, other] = [glyphs[index - 1]!, glyphs[index]!]
    if (goesOnIn(one, other)) doubtParted(drawn, one, other)
  }
  for (const glyph of glyphs) if (glyph.faint && isFigure(glyph)) placeDoubt(drawn, glyph, 'hidden_text')
  for (const glyph of glyphs) {
    if (!glyph.crossed || glyph.faint) continue
    // A line through a figure may be one that parts cells: then it stands in either.
    for (const half of halvesOf(glyph)) placeDoubt(drawn, half, 'figure_cut_by_line')
  }
}

/** Doubts the cells in which something is drawn that may be a character, or the picture of some. */
function doubtDrawings(drawn: readonly Drawn[], page: Page, strokes: readonly Box[]): void {
  const { shapes = [], remarks = [], pictures } = page
  for (const shape of shapes) placeDoubt(drawn, shape, 'glyphs_without_text', isCharacterIn)
  for (const stroke of strokes) placeDoubt(drawn, stroke, 'glyphs_without_text', isStrokeIn)
  for (const picture of pictures) placePicture(drawn, picture, 'image_in_place_of_text')
  for (const remark of remarks) placePicture(drawn, remark, 'glyphs_without_text')
}

/** The tables of a page from the top, of blank ones only the first if it is one; sorts what is drawn. */
function numbered(drawn: Drawn[], page: number): RuledTable[] {
  drawn.sort((a, b) => a.box.y - b.box.y)
  const printed = drawn.filter(({ glyphs }) => glyphs.some((inside) => inside.length > 0))
  // Blank rows that a page begins with may be the end of a table on the page before.
  const [first] = drawn
  const blank = first === undefined || first === printed[0] ? [] : [first]
  return [
    ...blank.map((table) => makeTable(table, page, printed.length + 1)),
    ...printed.map((table, index) => makeTable(table, page, index + 1)),
  ]
}

/** Lines that have none across them are no table. */
function drawGroup(group: readonly Line[]): Drawn | null {
  if (!group.some((line) => line.horizontal) || !group.some((line) => !line.horizontal)) return null
  return draw(group)
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

/** Boxes that are cells with a border each and room between them: without the frames around others. */
function cellsApart(boxes: readonly Box[]): readonly Box[] {
  if (boxes.length < filledCellsMin || boxes.length > areasMax) return []
  return boxes.filter((box) => !boxes.some((other) => other !== box && lies(other, box)))
}

/** Whether one cell of a table holds boxes as a table holds cells: it is their frame. */
function isAround(table: Drawn, boxes: readonly Box[]): boolean {
  const counts = new Map<number, number>()
  for (const box of boxes) {
    const cell = cellAt(table, middleOf(box))
    const count = (counts.get(cell) ?? 0) + 1
    if (cell >= 0 && count >= filledCellsMin) return true
    counts.set(cell, count)
  }
  return false
}

/** Coloured areas and boxes that are in no cell of a ruled table. */
function areasOutside(found: readonly Box[], ruled: readonly Drawn[]): Box[] {
  const areas = found.filter(({ width, height }) => Math.min(width, height) > areaSideMin)
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
function drawFilled(page: Page, areas: readonly Box[], ruled: readonly Drawn[], lines: readonly Line[]): Drawn[] {
  if (areas.length < 2) return []
  const rules = lines.map(({ horizontal, at, from, to }) => ({ horizontal, at, from, to, thickness: 0 }))
  const groups = groupLines(joinRules([...rules, ...closeGaps(areas).flatMap(edgesOf)])) ?? []
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
const areaGapMin = 0.1
const areaGapMax = 9

/** Areas that stand in rows and columns with gaps between, each made wider up to the middle of the gap. */
function closeGaps(areas: readonly Box[]): Box[] {
  return areas.map((area) => {
    const { x, y, width, height } = area
    const [right, bottom] = [x + width, y + height]
    const beside = areas.filter((one) => one.y < bottom && one.y + one.height > y)
    const over = areas.filter((one) => one.x < right && one.x + one.width > x)
    const aside = halfGap(width)
    const [toLeft, toRight] = [
      aside(beside.map((one) => x - one.x - one.width)),
      aside(beside.map((one) => one.x - right)),
    ]
    const above = halfGap(height)
    const [up, down] = [above(over.map((one) => y - one.y - one.height)), above(over.map((one) => one.y - bottom))]
    return { x: x - toLeft, y: y - up, width: width + toLeft + toRight, height: height + up + down }
  })
}

/** Gives half of the narrowest of some gaps beside an area of this size; 0 where there is none. */
function halfGap(size: number): (gaps: readonly number[]) => number {
  const max = Math.min(areaGapMax, areaGapPart * size)
  return (gaps) => {
    const least = gaps.reduce((one, gap) => (gap > areaGapMin && gap < one ? gap : one), Number.POSITIVE_INFINITY)
    return least <= max ? least / 2 : 0
  }
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

function draw(lines: readonly Line[]): Drawn | null {
  const lattice = makeLattice(lines)
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
  return { lattice, lines, cells, box, owner, glyphs: cells.map(() => []), doubts: new Map(), unsure: new Map() }
}

/** Puts a glyph into the cell in which its middle lies, of the first table that has one; false where that is none. */
function place(tables: readonly Drawn[], glyph: Glyph): boolean {
  const middle = middleOf(glyph)
  for (const table of tables) {
    const index = cellAt(table, middle)
    if (index < 0) continue
    table.glyphs[index]!.push(glyph)
    return true
  }
  return false
}

/** The cell at a place, of the first table that has one. */
function holderOf(tables: readonly Drawn[], at: Point): { readonly table: Drawn; readonly index: number } | null {
  for (const table of tables) {
    const index = cellAt(table, at)
    if (index >= 0) return { table, index }
  }
  return null
}

/** Part of a digit's width that may lie between it and the next one of its figure, or that both share. */
const digitGap = 0.15

function areUprightDigits(one: Glyph, other: Glyph): boolean {
  return isDigit(one) && isDigit(other) && one.turn === 0 && other.turn === 0
}

/** Whether two digits, or one and the point beside it, stand side by side as those of one figure do. */
function goesOnIn(one: Glyph, other: Glyph): boolean {
  if (!areUprightDigits(one, other) && !isPointBeside(one, other)) return false
  const near = digitGap * Math.min(one.width, other.width)
  return Math.abs(other.x - one.x - one.width) < near && Math.abs(other.y - one.y) < near
}

function isPointBeside(one: Glyph, other: Glyph): boolean {
  if (one.turn !== 0 || other.turn !== 0) return false
  return isDigit(one) ? /^[.,]$/.test(other.text) : isDigit(other) && /^[.,]$/.test(one.text)
}

/**
 * Doubts the cells of two parts of one figure where a line stands between them, be it the last one of the table, or where one
 * of them is hardly seen.
 */
function doubtParted(tables: readonly Drawn[], one: Glyph, other: Glyph): void {
  const [before, after] = [holderOf(tables, middleOf(one)), holderOf(tables, middleOf(other))]
  const [seen, alsoSeen] = [one.faint !== true, other.faint !== true]
  if (!seen && !alsoSeen) return
  const isOneCell = before?.table === after?.table && before?.index === after?.index
  if (seen && alsoSeen) {
    if (isOneCell) return
    for (const cell of [before, after]) cell?.table.unsure.set(cell.index, 'figure_cut_by_line')
    return
  }
  if (before !== null && before.table === after?.table) {
    before.table.unsure.set((seen ? before : after).index, 'hidden_text')
  }
}

function halvesOf({ x, y, width, height }: Glyph): Box[] {
  return [
    { x, y, width, height: height / 2 },
    { x, y: y + height / 2, width, height: height / 2 },
  ]
}

/** Doubts the cell in which something stands that is no glyph, if it is such a one in such a cell. */
function placeDoubt(
  tables: readonly Drawn[],
  box: Box,
  doubt: ParserNoticeCode,
  counts: (box: Box, cell: Box) => boolean = () => true,
): void {
  const holder = holderOf(tables, middleOf(box))
  if (holder === null) return
  const { table, index } = holder
  if (counts(box, cellBox(table.lattice, table.cells[index]!))) table.doubts.set(index, doubt)
}

/** Part of a cell's sides that a drawn character leaves free: what is as large as the cell is its border. */
const characterPart = 0.8

function isCharacterIn(shape: Box, { width, height }: Box): boolean {
  if (shape.width > width || shape.height > height) return false
  return shape.width < characterPart * width || shape.height < characterPart * height
}

/** What is so small, in points, and so far from the sides of its cell, may be part of a character that is drawn. */
const strokeLengthMax = 20
const strokeInset = 2

function isStrokeIn(box: Box, { x, y, width, height }: Box): boolean {
  if (Math.max(box.width, box.height) > strokeLengthMax) return false
  const [right, bottom] = [x + width, y + height]
  const isApart = box.x > x + strokeInset && box.x + box.width < right - strokeInset
  return isApart && box.y > y + strokeInset && box.y + box.height < bottom - strokeInset
}

/** How far a picture may reach out of the cells that it shows. */
const pictureMiss = 4
/** A picture of so few points shows nothing. */
const picturePixelsMin = 4

/** Doubts the cells that a picture shows, by itself or in a row or column: one larger in both directions lies over them. */
function placePicture(tables: readonly Drawn[], picture: Picture, doubt: ParserNoticeCode): void {
  const { width, height, dpi } = picture
  if (dpi !== undefined && (dpi * Math.max(width, height)) / 72 < picturePixelsMin) return
  for (const table of tables) {
    for (const [index, cell] of table.cells.entries()) {
      if (table.glyphs[index]!.length > 0) continue
      const box = cellBox(table.lattice, cell)
      const [fitsAcross, fitsDown] = [width <= box.width + pictureMiss, height <= box.height + pictureMiss]
      const shows = (fitsAcross || fitsDown) && contains(picture, middleOf(box))
      if (shows || (fitsAcross && fitsDown && contains(box, middleOf(picture)))) {
        table.doubts.set(index, doubt)
      }
    }
  }
}

function isFigure({ text }: Glyph): boolean {
  return text === '' || /^[\d\uff10-\uff19/\uff0f\u2014-]$/.test(text)
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

function makeTable({ lattice, cells, box, glyphs, doubts, unsure }: Drawn, page: number, number: number): RuledTable {
  const path = `page[${page}]/table[${number}]`
  const counts: number[] = []
  const areas = cells.map((cell) => cellBox(lattice, cell))
  const padding = leastPadding(areas, glyphs)
  const placed: PlacedCell[] = []
  for (const [index, cell] of cells.entries()) {
    const inside = glyphs[index]!
    if (cell.open && inside.length === 0 && !doubts.has(index)) continue
    const count = (counts[cell.row] ?? 0) + 1
    counts[cell.row] = count
    const area = areas[index]!
    const { row, column, rowSpan, columnSpan } = cell
    const anchor = { path: `${path}/row[${row + 1}]/cell[${count}]`, page, box: rounded(area) }
    const text = glyphText(inside, area.width - 2 * padding)
    const own = unsure.get(index) ?? doubtOf(inside, area, cell)
    const doubt = (inside.length === 0 ? doubts.get(index) : undefined) ?? own
    placed.push({ row, column, rowSpan, columnSpan, text, anchor, doubt })
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
  return Math.max(0, Float64Array.from(least).sort()[Math.floor(least.length * 0.1)] ?? 0)
}

/** Part of a glyph that must stand beyond a cell's side for it to be cut by the line. */
const cutPart = 0.25
/** Cells narrower than this, in points, have no room for a character. */
const narrowMax = 4

function doubtOf(glyphs: readonly Glyph[], area: Box, cell: RuledCell): ParserNoticeCode | null {
  if (isOverprinted(glyphs)) return 'text_left_out'
  if (isUneven(glyphs) || isCrowded(glyphs)) return 'figure_broken'
  for (const { text, x, width, confidence, crossed } of glyphs) {
    if (text === '') return 'glyphs_without_text'
    if (crossed) return 'figure_cut_by_line'
    if (confidence !== null && confidence < 1) return 'hidden_text'
    const over = cutPart * width
    if ((x < area.x - over || x + width > area.x + area.width + over) && /\d/.test(text)) return 'figure_cut_by_line'
  }
  // Room too narrow for a character may be a cell or the gap of a doubled line.
  if (glyphs.length === 0) return area.width < narrowMax ? 'columns_by_alignment' : null
  return cell.whole ? null : 'cells_overlap'
}

/** A digit so much lower than another one of its figure may be a mark beside it. */
const smallDigitPart = 0.9

/** Whether digits side by side are of different sizes, as those of a figure and of a footnote are. */
function isUneven(glyphs: readonly Glyph[]): boolean {
  for (let index = 1; index < glyphs.length; index++) {
    const [one, other] = [glyphs[index - 1]!, glyphs[index]!]
    if (!areUprightDigits(one, other)) continue
    const [low, high] = one.height < other.height ? [one, other] : [other, one]
    // A 1 may be as narrow as a smaller digit, and ink alone as low.
    if (low.height < smallDigitPart * high.height && low.width < smallDigitPart * high.width) return true
  }
  return false
}

/** Part of a digit that another one of its line may cover. */
const sharedPart = 0.5

/** Whether digits stand on other ones, as those of two figures in one place do. The same one twice is printed bold. */
function isCrowded(glyphs: readonly Glyph[]): boolean {
  const digits = glyphs.filter((glyph) => isDigit(glyph) && glyph.turn === 0)
  if (digits.length < 2) return false
  digits.sort((a, b) => a.x - b.x)
  for (let index = 1; index < digits.length; index++) {
    const glyph = digits[index]!
    for (let before = index - 1; before >= 0; before--) {
      const other = digits[before]!
      if (other.x + (1 - sharedPart) * other.width <= glyph.x) break
      const apart = Math.abs(middleOf(glyph).y - middleOf(other).y)
      if (other.text !== glyph.text && apart < sharedPart * Math.min(glyph.height, other.height)) return true
    }
  }
  return false
}

/** Whether a figure was typed over a printed one, as a remark or in its place. */
function isOverprinted(glyphs: readonly Glyph[]): boolean {
  const figures = glyphs.some(({ added }) => added) ? glyphs.filter(isFigure) : []
  return figures.some(({ added }) => added) && figures.some(({ added }) => !added)
}

/** A box in hundredths of points. */
export function rounded({ x, y, width, height }: Box): Box {
  const round = (value: number): number => Math.round(value * 100) / 100
  return { x: round(x), y: round(y), width: round(width), height: round(height) }
}
