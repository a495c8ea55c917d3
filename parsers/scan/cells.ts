/**
 * The cells between the ruling lines of a picture: takes the lines found in its ink, gives each table's cells. Lines
 * become cells as those of any drawn page do (parsers/layout); what is added is how much of a line is seen. Where it is
 * only partly there it stays open whether it parts two cells: such cells are `unsure`.
 */
import type { Box } from '../document.ts'
import type { Rule } from '../layout/page.ts'
import {
  cellBox,
  groupLines,
  joinRules,
  type Lattice,
  type Line,
  latticeCells,
  makeLattice,
  type RuledCell,
} from '../layout/ruled.ts'
import type { Mask, PixelBox } from './bitmap.ts'
import { type PixelRule, type Ruling, touchMax } from './rules.ts'

/** A cell in pixels, inside its lines, with its place in its table. */
export type CellBox = RuledCell &
  PixelBox & {
    /** The same in points. */
    readonly area: Box
    /** True where the lines around it do not say for certain how far it reaches. */
    readonly unsure: boolean
  }

/** A table's cells, by row and column, and where it stands. */
export type CellTable = {
  readonly cells: readonly CellBox[]
  readonly rowCount: number
  /** In points. */
  readonly xs: readonly number[]
  readonly box: Box
}

/** Points. */
const openEndMin = 8.6
const widthMin = 72
const heightMin = 24
/** Share of a table's width. */
const acrossMin = 0.85
/** How far lines are made longer, so that those which nearly meet do. */
const longer = touchMax * 72 - 2.4
/** Shares of the length between two cells along which a line is seen. */
const lineSure = 0.6
const noLineSure = 0.2

/**
 * The tables of a page, from top to bottom. Some line goes all across a table: a lying one, or where the page lies on its
 * side a standing one.
 */
export function findTables(ruling: Ruling, dpi: number, across: 'lying' | 'standing' = 'lying'): CellTable[] {
  const scale = 72 / dpi
  const groups = groupLines(joinRules(ruling.rules.map((rule) => inPoints(rule, scale)))) ?? []
  return groups
    .filter((lines) => isTable(lines, across))
    .map((lines) => makeTable(makeLattice(withoutOvershoot(lines)), ruling, scale))
    .filter(({ cells }) => cells.length > 1)
    .sort((a, b) => a.box.y - b.box.y || a.box.x - b.box.x)
}

function inPoints({ horizontal, at, from, to, thickness }: PixelRule, scale: number): Rule {
  const [start, end] = [from * scale - longer, to * scale + longer]
  return { horizontal, at: at * scale, from: start, to: end, thickness: thickness * scale }
}

/** Large print has strokes that meet too: a table is larger, and some line goes all across it. */
function isTable(lines: readonly Line[], across: 'lying' | 'standing'): boolean {
  const lying = lines.filter(({ horizontal }) => horizontal)
  const standing = lines.filter(({ horizontal }) => !horizontal)
  if (lying.length < 2 || standing.length < 2) return false
  const { low: left, high: right } = reachOf(lying)
  const { low: top, high: bottom } = reachOf(standing)
  const [wide, high] = across === 'lying' ? [right - left, bottom - top] : [bottom - top, right - left]
  if (wide < widthMin || high < heightMin) return false
  return (across === 'lying' ? lying : standing).some(({ from, to }) => to - from >= wide * acrossMin)
}

function reachOf(lines: readonly Line[]): { readonly low: number; readonly high: number } {
  return { low: Math.min(...lines.map(({ from }) => from)), high: Math.max(...lines.map(({ to }) => to)) }
}

/**
 * A table that a page break cuts has no line at its end: most of its lines run on beyond the last that crosses them. Where
 * only some do, a stroke of print or dust made them longer.
 */
function withoutOvershoot(lines: readonly Line[]): Line[] {
  return [true, false].flatMap((horizontal) => {
    const along = lines.filter((line) => line.horizontal === horizontal)
    const crossing = lines.filter((line) => line.horizontal !== horizontal).map(({ at }) => at)
    const [first, last] = [Math.min(...crossing), Math.max(...crossing)]
    const early = along.filter(({ from }) => from < first - openEndMin).length * 2 > along.length
    const late = along.filter(({ to }) => to > last + openEndMin).length * 2 > along.length
    return along.map((line) => ({
      ...line,
      from: early ? line.from : Math.max(line.from, first),
      to: late ? line.to : Math.min(line.to, last),
    }))
  })
}

function makeTable(drawn: Lattice, ruling: Ruling, scale: number): CellTable {
  const { lattice, unsure } = withSeenEdges(drawn, ruling, scale)
  const { xs, ys } = lattice
  const columns = xs.length - 1
  const cells = latticeCells(lattice).map((cell): CellBox => {
    const area = cellBox(lattice, cell)
    let doubtful = !cell.whole
    for (let row = cell.row; row < cell.row + cell.rowSpan; row++) {
      for (let column = cell.column; column < cell.column + cell.columnSpan; column++) {
        if (unsure.has(row * columns + column)) doubtful = true
      }
    }
    const [left, top] = [area.x / scale, area.y / scale]
    const [right, bottom] = [left + area.width / scale, top + area.height / scale]
    return { ...cell, area, left, top, right, bottom, unsure: doubtful }
  })
  const box = { x: xs[0]!, y: ys[0]!, width: xs.at(-1)! - xs[0]!, height: ys.at(-1)! - ys[0]! }
  return { cells, rowCount: ys.length - 1, xs, box }
}

/** The lattice with those inner edges along which ink is seen, and the places beside an edge that is seen in part. */
function withSeenEdges({ xs, ys, ...edges }: Lattice, ruling: Ruling, scale: number) {
  const [columns, rows] = [xs.length - 1, ys.length - 1]
  const above = Uint8Array.from(edges.above)
  const left = Uint8Array.from(edges.left)
  const unsure = new Set<number>()
  const [px, py] = [xs.map((x) => x / scale), ys.map((y) => y / scale)]
  const reach = Math.max(2, Math.round(1.8 / scale))
  const judge = (share: number, place: number, other: number): number => {
    if (share >= noLineSure && share < lineSure) unsure.add(place).add(other)
    return share < noLineSure ? 0 : 1
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const place = row * columns + column
      if (column > 0) {
        const share = seen(ruling.down, px[column]!, py[row]!, py[row + 1]!, false, reach)
        left[row * (columns + 1) + column] = judge(share, place - 1, place)
      }
      if (row > 0) {
        const share = seen(ruling.across, py[row]!, px[column]!, px[column + 1]!, true, reach)
        above[place] = judge(share, place - columns, place)
      }
    }
  }
  return { lattice: { xs, ys, above, left }, unsure }
}

/** Along what share of its length a line is seen between two boxes, the corners left out. */
function seen(mask: Mask, at: number, from: number, to: number, horizontal: boolean, reach: number): number {
  const margin = Math.min(reach, (to - from) * 0.15)
  const [start, end] = [Math.ceil(from + margin), Math.floor(to - margin)]
  const [step, side, limit] = horizontal ? [1, mask.width, mask.height] : [mask.width, 1, mask.width]
  const low = Math.max(0, Math.round(at) - reach)
  const high = Math.min(limit - 1, Math.round(at) + reach)
  let inked = 0
  for (let place = start; place < end; place++) {
    for (let beside = low; beside <= high; beside++) {
      if (mask.data[place * step + beside * side] !== 1) continue
      inked++
      break
    }
  }
  return end > start ? inked / (end - start) : 0
}
