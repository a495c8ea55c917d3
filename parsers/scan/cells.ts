/**
 * The cells between ruling lines: takes the lines of a page, gives each table's cells with their places. Lines that meet
 * are one table; its columns and rows are where lines stand; neighbours without a line between them are one cell. A line
 * that is only partly there leaves it open whether it parts two cells: such cells are `unsure`.
 */
import type { Mask } from './bitmap.ts'
import { meets, type PixelRule, type Ruling, touchMax } from './rules.ts'

/** A cell in pixels, inside its lines, with its place in its table. */
export type CellBox = {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly row: number
  readonly column: number
  readonly rowSpan: number
  readonly columnSpan: number
  /** True where the lines around it do not say for certain how far it reaches. */
  readonly unsure: boolean
}

/** A table's cells, by row and column, and where it stands. */
export type CellTable = {
  readonly cells: readonly CellBox[]
  readonly rowCount: number
  readonly columnCount: number
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Inches. */
const snapMax = 0.035
const openEndMin = 0.12
const widthMin = 1
const heightMin = 0.33
/** Share of a table's width. */
const acrossMin = 0.85
/** Shares of the length between two cells along which a line is seen. */
const lineSure = 0.6
const noLineSure = 0.2

/** The tables of a page, from top to bottom. */
export function findTables(ruling: Ruling, dpi: number): CellTable[] {
  return groupMeeting(ruling.rules, touchMax * dpi)
    .map((rules) => makeTable(rules, ruling, dpi))
    .filter((table) => table !== null)
    .sort((a, b) => a.top - b.top || a.left - b.left)
}

function groupMeeting(rules: readonly PixelRule[], reach: number): PixelRule[][] {
  const left = new Set(rules)
  const groups: PixelRule[][] = []
  for (const first of rules) {
    if (!left.delete(first)) continue
    const group = [first]
    for (let next = 0; next < group.length; next++) {
      for (const other of left) {
        if (!meets(group[next]!, other, reach)) continue
        group.push(other)
        left.delete(other)
      }
    }
    groups.push(group)
  }
  return groups
}

function makeTable(rules: readonly PixelRule[], ruling: Ruling, dpi: number): CellTable | null {
  const lying = rules.filter(({ horizontal }) => horizontal)
  const standing = rules.filter(({ horizontal }) => !horizontal)
  if (lying.length < 2 || standing.length < 2) return null
  if (!isTable(lying, standing, dpi)) return null
  const xs = places(standing, snapMax * dpi)
  const ys = withOpenEnds(places(lying, snapMax * dpi), standing, dpi)
  if (xs.length < 2 || ys.length < 2) return null
  return { ...mergeBoxes(xs, ys, ruling, dpi), left: xs[0]!, top: ys[0]!, right: xs.at(-1)!, bottom: ys.at(-1)! }
}

/** Large print has strokes that meet too: a table is larger, and some line goes all across it. */
function isTable(lying: readonly PixelRule[], standing: readonly PixelRule[], dpi: number): boolean {
  const left = Math.min(...lying.map(({ from }) => from))
  const right = Math.max(...lying.map(({ to }) => to))
  const top = Math.min(...standing.map(({ from }) => from))
  const bottom = Math.max(...standing.map(({ to }) => to))
  if (right - left < widthMin * dpi || bottom - top < heightMin * dpi) return false
  return lying.some(({ from, to }) => to - from >= (right - left) * acrossMin)
}

/** Where lines stand, those nearly in one place taken for one. */
function places(rules: readonly PixelRule[], near: number): number[] {
  const sorted = [...rules].sort((a, b) => a.at - b.at)
  const found: { sum: number; weight: number; last: number }[] = []
  for (const { at, from, to } of sorted) {
    const one = found.at(-1)
    if (one !== undefined && at - one.last <= near) {
      one.sum += at * (to - from)
      one.weight += to - from
      one.last = at
    } else found.push({ sum: at * (to - from), weight: to - from, last: at })
  }
  return found.map(({ sum, weight }) => sum / weight)
}

/** A table that a page break cuts has no line at its end: most of its standing lines reach beyond the last lying one. */
function withOpenEnds(ys: readonly number[], standing: readonly PixelRule[], dpi: number): number[] {
  const out = [...ys]
  const reach = openEndMin * dpi
  const above = standing.filter(({ from }) => from < ys[0]! - reach).map(({ from }) => from)
  const below = standing.filter(({ to }) => to > ys.at(-1)! + reach).map(({ to }) => to)
  if (above.length * 2 > standing.length) out.unshift(Math.min(...above))
  if (below.length * 2 > standing.length) out.push(Math.max(...below))
  return out
}

function mergeBoxes(xs: readonly number[], ys: readonly number[], ruling: Ruling, dpi: number) {
  const columnCount = xs.length - 1
  const rowCount = ys.length - 1
  const parent = Array.from({ length: rowCount * columnCount }, (_, index) => index)
  const root = (index: number): number => (parent[index] === index ? index : root(parent[index]!))
  const unsure = new Set<number>()
  const reach = Math.max(2, Math.round(dpi * 0.025))
  const judge = (share: number, one: number, other: number): void => {
    if (share < noLineSure) parent[root(other)] = root(one)
    else if (share < lineSure) unsure.add(one).add(other)
  }
  for (let row = 0; row < rowCount; row++) {
    for (let column = 0; column < columnCount; column++) {
      const box = row * columnCount + column
      if (column + 1 < columnCount) {
        judge(seen(ruling.down, xs[column + 1]!, ys[row]!, ys[row + 1]!, false, reach), box, box + 1)
      }
      if (row + 1 < rowCount) {
        judge(seen(ruling.across, ys[row + 1]!, xs[column]!, xs[column + 1]!, true, reach), box, box + columnCount)
      }
    }
  }
  const groups = new Map<number, number[]>()
  for (let box = 0; box < parent.length; box++) groups.set(root(box), [...(groups.get(root(box)) ?? []), box])
  const cells = [...groups.values()].flatMap((boxes) => cellsOf(boxes, xs, ys, unsure))
  cells.sort((a, b) => a.row - b.row || a.column - b.column)
  return { cells, rowCount, columnCount }
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

/** Boxes without lines between them: one cell where they fill a rectangle, else each for itself and none for sure. */
function cellsOf(
  boxes: readonly number[],
  xs: readonly number[],
  ys: readonly number[],
  unsure: ReadonlySet<number>,
): CellBox[] {
  const columnCount = xs.length - 1
  const rows = boxes.map((box) => Math.floor(box / columnCount))
  const columns = boxes.map((box) => box % columnCount)
  const row = Math.min(...rows)
  const column = Math.min(...columns)
  const rowSpan = Math.max(...rows) - row + 1
  const columnSpan = Math.max(...columns) - column + 1
  if (rowSpan * columnSpan !== boxes.length) return boxes.flatMap((box) => cellsOf([box], xs, ys, new Set([box])))
  return [
    {
      left: xs[column]!,
      top: ys[row]!,
      right: xs[column + columnSpan]!,
      bottom: ys[row + rowSpan]!,
      row,
      column,
      rowSpan,
      columnSpan,
      unsure: boxes.some((box) => unsure.has(box)),
    },
  ]
}
