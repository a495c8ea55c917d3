/**
 * Ruling lines to cells, by geometry alone, in stages that can each be looked at: rules drawn in pieces or twice become
 * lines (`joinRules`), lines that touch become the drawing of one table (`groupLines`), a drawing becomes a lattice
 * (`makeLattice`), and the places of the lattice that no line parts become cells (`latticeCells`). Nothing here knows
 * what is printed.
 */
import type { Box } from '../document.ts'
import type { Rule } from './page.ts'

/** A line from joined rules; fields as in Rule. Lines of one direction with the same `level` stand at the same place. */
export type Line = {
  readonly horizontal: boolean
  readonly level: number
  readonly at: number
  readonly from: number
  readonly to: number
}

/** Columns between `xs`, rows between `ys`, and which of the edges between neighbouring places are drawn. */
export type Lattice = {
  readonly xs: readonly number[]
  readonly ys: readonly number[]
  /** For the edge above place (row, column) at row * columns + column; one more row for the bottom. */
  readonly above: Uint8Array
  /** For the edge left of place (row, column) at row * (columns + 1) + column. */
  readonly left: Uint8Array
}

/**
 * A cell by its places. `whole` is false where the lines leave an area that is no rectangle, which was cut into some.
 * `open` is true where no line closes it to the left or right though there is one over or under it: if nothing is printed
 * in it, it is no cell but the room beside a narrower row.
 */
export type RuledCell = {
  readonly row: number
  readonly column: number
  readonly rowSpan: number
  readonly columnSpan: number
  readonly whole: boolean
  readonly open: boolean
}

/** Lines nearer than this are one line, drawn twice or as the borders of two neighbours; in points. */
const sameLine = 3.2
/** Cells are not lower than this, even empty ones. */
const rowHeightMin = 1.2
const crossMiss = 0.6
const doubledPart = 0.3
/** Pieces of a line are joined over gaps up to this. */
const gapMax = 3.2
/** How far a line may miss the line it ends at. */
const touch = 2.5
/** Shorter lines are strokes of drawings. */
const lengthMin = 5
/** Pairs of lines that may be compared on a page. */
const pairsMax = 4_000_000

/** How near another rule is where it is part of the same drawing. */
const boxMiss = 0.4

/**
 * Takes out of a page's rules the boxes that stand by themselves, drawn side after side: cells with a border each, or
 * what is drawn around a figure in its cell. Nothing is in them, and nothing touches them.
 */
export function takeBoxes(rules: readonly Rule[]): { readonly boxes: readonly Box[]; readonly rules: readonly Rule[] } {
  const found: { readonly first: number; readonly box: Box }[] = []
  for (let first = 0; first + 4 <= rules.length; first++) {
    const box = boxOfSides(rules, first)
    if (box === null) continue
    found.push({ first, box })
    first += 3
  }
  if (found.length === 0 || found.length * rules.length > pairsMax) return { boxes: [], rules }
  const apart = found.filter(
    ({ first, box }) => !rules.some((rule, index) => (index < first || index > first + 3) && meets(rule, box)),
  )
  const boxes = apart.map(({ box }) => box)
  // Boxes so near to one another are the cells of doubled lines, which are joined like all others.
  if (boxes.filter((box) => hasNeighbour(box, boxes, rules)).length * 2 >= boxes.length) return { boxes: [], rules }
  const taken = new Set(apart.flatMap(({ first }) => [first, first + 1, first + 2, first + 3]))
  return { boxes, rules: rules.filter((_, index) => !taken.has(index)) }
}

/** Whether another box stands right beside or under a box, or over it, with no line between. */
function hasNeighbour(box: Box, boxes: readonly Box[], rules: readonly Rule[]): boolean {
  return boxes.some((other) => {
    const aside = Math.max(other.x - box.x - box.width, box.x - other.x - other.width)
    const above = Math.max(other.y - box.y - box.height, box.y - other.y - other.height)
    const beside = aside > 0 && aside <= sameLine && above < 0
    if (!beside && !(above > 0 && above <= sameLine && aside < 0)) return false
    const [from, to] = beside
      ? [Math.min(box.x + box.width, other.x + other.width), Math.max(box.x, other.x)]
      : [Math.min(box.y + box.height, other.y + other.height), Math.max(box.y, other.y)]
    const middle = beside ? box.y + box.height / 2 : box.x + box.width / 2
    const parts = (rule: Rule): boolean =>
      rule.horizontal !== beside &&
      rule.at > from + boxMiss &&
      rule.at < to - boxMiss &&
      rule.from < middle &&
      rule.to > middle
    return !rules.some(parts)
  })
}

/** Whether a rule comes into a box or touches it. */
function meets({ horizontal, at, from, to, thickness }: Rule, { x, y, width, height }: Box): boolean {
  const [across, along] = horizontal ? [y, x] : [x, y]
  const [wide, long] = horizontal ? [height, width] : [width, height]
  const miss = boxMiss + thickness / 2
  if (at < across - miss || at > across + wide + miss) return false
  return to > along - miss && from < along + long + miss
}

/** The box whose four sides are the rules from `first` on; null where they are none of one. */
export function boxOfSides(rules: readonly Rule[], first: number): Box | null {
  // Asked of each rule of a page, so nothing is made on the way.
  let across: Rule | undefined
  let acrossToo: Rule | undefined
  let down: Rule | undefined
  let downToo: Rule | undefined
  for (let index = first; index < first + 4; index++) {
    const rule = rules[index]!
    if (rule.horizontal) {
      if (acrossToo !== undefined) return null
      acrossToo = across
      across = rule
    } else {
      if (downToo !== undefined) return null
      downToo = down
      down = rule
    }
  }
  if (!across || !acrossToo || !down || !downToo) return null
  const [top, bottom] = [Math.min(across.at, acrossToo.at), Math.max(across.at, acrossToo.at)]
  const [left, right] = [Math.min(down.at, downToo.at), Math.max(down.at, downToo.at)]
  if (bottom - top < lengthMin || right - left < lengthMin) return null
  if (!reaches(across, left, right) || !reaches(acrossToo, left, right)) return null
  if (!reaches(down, top, bottom) || !reaches(downToo, top, bottom)) return null
  return { x: left, y: top, width: right - left, height: bottom - top }
}

/** True for a side of a box that goes from one place to another. */
function reaches({ from, to, thickness }: Rule, start: number, end: number): boolean {
  const miss = boxMiss + thickness
  return Math.abs(from - start) <= miss && Math.abs(to - end) <= miss
}

/** Rules of a page as lines: overlapping, doubled and dashed ones joined. */
export function joinRules(rules: readonly Rule[]): Line[] {
  const across = rules.filter((rule) => rule.horizontal)
  const down = rules.filter((rule) => !rule.horizontal)
  const low = parted(across, down, partsRow, doubledPart)
  const narrow = parted(down, across, partsColumn, 1)
  return [...joinLevels(across, low, []), ...joinLevels(down, narrow, low.rows)]
}

/** What near rules have between them: nothing that shows cells, lines that cross them, or cells with sides of their own. */
type Between = 'nothing' | 'crossing' | 'cells'
type Parts = (one: Rule, other: Rule, crossing: readonly Rule[]) => Between
type Stretch = { readonly from: number; readonly to: number }

/** Where lines at one place begin among sorted rules, and the rows that were found between near ones. */
type Levels = { readonly starts: readonly number[]; readonly rows: readonly Stretch[] }

/**
 * Rules by the places of lines; sorts them. `parts` tells by the rules of the other direction whether two near rules have
 * cells between them. Where more than `doubled` of the lines have a neighbour across which others only run on, that is how
 * this page draws its lines: doubled.
 */
function parted(rules: Rule[], crossing: readonly Rule[], parts: Parts, doubled: number): Levels {
  rules.sort((a, b) => a.at - b.at)
  const starts: number[] = []
  const crossed = new Set<number>()
  const sure = new Set<number>()
  const rows: Stretch[] = []
  let checks = 0
  for (let index = 0; index < rules.length; index++) {
    const start = starts.at(-1)
    if (start === undefined || rules[index]!.at - rules[start]!.at > sameLine) {
      starts.push(index)
      continue
    }
    const before = nearestBefore(rules, index, start)
    if (before < 0) continue
    checks += crossing.length
    if (checks > pairsMax) continue
    const [upper, lower] = [rules[before]!, rules[index]!]
    const between = parts(upper, lower, crossing)
    if (between === 'nothing') continue
    let cut = index
    while (rules[cut - 1]!.at > (upper.at + lower.at) / 2) cut--
    if (between === 'crossing') crossed.add(cut)
    else {
      sure.add(cut)
      const last = rows.at(-1)
      if (last === undefined || lower.at > last.to) rows.push({ from: upper.at, to: lower.at })
    }
  }
  const cuts = crossed.size > doubled * starts.length ? sure : new Set([...crossed, ...sure])
  return { starts: [...new Set([...starts, ...cuts])].sort((a, b) => a - b), rows }
}

/** Rules as lines; those that run from side to side of one of `rows` are lines however short they are. */
function joinLevels(rules: readonly Rule[], { starts }: Levels, rows: readonly Stretch[]): Line[] {
  return starts.flatMap((start, level) =>
    joinPieces(rules.slice(start, starts[level + 1] ?? rules.length), level, rows),
  )
}

/** The last rule before `index`, from `start` on, that runs beside it and leaves room for cells; -1 where none does. */
function nearestBefore(rules: readonly Rule[], index: number, start: number): number {
  const rule = rules[index]!
  for (let before = index - 1; before >= start; before--) {
    const other = rules[before]!
    if (Math.min(rule.to, other.to) - Math.max(rule.from, other.from) < 0.5 * (rule.to - rule.from)) continue
    return rule.at - other.at > rowHeightMin ? before : -1
  }
  return -1
}

/**
 * Whether a row of low, empty cells lies between two near rules: three lines or more run from one to the other. The two
 * lines of a doubled border have two at most, those of the outer border itself, or else all lines of the table. None of
 * those begins and ends there: sides that do are those of cells.
 */
function partsRow(upper: Rule, lower: Rule, crossing: readonly Rule[]): Between {
  let count = 0
  const sides: number[] = []
  for (const { at, from, to } of crossing) {
    if (from > upper.at + crossMiss || to < lower.at - crossMiss) continue
    count++
    const own = from >= upper.at - 1 && to <= lower.at + 1
    if (own && !sides.some((side) => Math.abs(side - at) <= sameLine)) sides.push(at)
    if (sides.length >= 3) return 'cells'
  }
  return count >= 3 ? 'crossing' : 'nothing'
}

/** Whether a place along two rules is where both of them run. */
function isBeside(at: number, one: Rule, other: Rule): boolean {
  return at >= Math.max(one.from, other.from) - touch && at <= Math.min(one.to, other.to) + touch
}

/** Whether narrow, empty cells lie between two near rules: some have an upper and a lower side of their own there. */
function partsColumn(left: Rule, right: Rule, crossing: readonly Rule[]): Between {
  const width = right.at - left.at
  let count = 0
  for (const { at, from, to } of crossing) {
    const own = isBeside(at, left, right) && from >= left.at - 1 && to <= right.at + 1 && to - from > 0.5 * width
    if (own && ++count >= 2) return 'cells'
  }
  return 'nothing'
}

/** Rules side by side, at about one place across, as lines. */
function joinPieces(pieces: Rule[], level: number, rows: readonly Stretch[]): Line[] {
  const { horizontal } = pieces[0]!
  pieces.sort((a, b) => a.from - b.from)
  const lines: Line[] = []
  let from = 0
  let to = Number.NEGATIVE_INFINITY
  let weighted = 0
  let weight = 0
  const end = (): void => {
    const isSide = (row: Stretch): boolean => Math.abs(row.from - from) <= 1 && Math.abs(row.to - to) <= 1
    if (to - from >= lengthMin || rows.some(isSide)) lines.push({ horizontal, level, at: weighted / weight, from, to })
  }
  for (const piece of pieces) {
    if (piece.from > to + gapMax) {
      if (weight > 0) end()
      from = piece.from
      to = piece.to
      weighted = 0
      weight = 0
    }
    to = Math.max(to, piece.to)
    const length = Math.max(piece.to - piece.from, 0.01)
    weighted += piece.at * length
    weight += length
  }
  if (weight > 0) end()
  return lines
}

/** Lines in groups that touch one another; null where the page has too many to compare. */
export function groupLines(lines: readonly Line[]): Line[][] | null {
  const across = lines.filter((line) => line.horizontal)
  const down = lines.filter((line) => !line.horizontal)
  if (across.length * down.length > pairsMax) return null
  const ordered = [...across, ...down]
  const parent = Int32Array.from(ordered.keys())
  const find = (line: number): number => {
    let root = line
    while (parent[root] !== root) root = parent[root]!
    // The way is made short, since each line touches many.
    parent[line] = root
    return root
  }
  for (const [index, one] of across.entries()) {
    for (let next = across.length; next < ordered.length; next++) {
      const other = ordered[next]!
      if (other.at < one.from - touch || other.at > one.to + touch) continue
      if (one.at < other.from - touch || one.at > other.to + touch) continue
      parent[find(index)] = find(next)
    }
  }
  const groups = new Map<number, Line[]>()
  let [nextAcross, nextDown] = [0, across.length]
  for (const line of lines) {
    const root = find(line.horizontal ? nextAcross++ : nextDown++)
    const group = groups.get(root)
    if (group === undefined) groups.set(root, [line])
    else group.push(line)
  }
  return joinSideBySide([...groups.values()])
}

/** Groups that are compared with one another. */
const groupsMax = 300

/**
 * Groups that stand beside each other between the same heights, as one: a column whose only cell runs on from the page
 * before to the page after has no line that would join its two sides. Single boxes are whole as they are.
 */
function joinSideBySide(groups: Line[][]): Line[][] {
  if (groups.length < 2 || groups.length > groupsMax) return groups
  const boxes = groups.filter((group) => boxOf(group) !== null)
  const found = groups.filter((group) => boxOf(group) === null).map((lines) => ({ lines, ...extent(lines) }))
  found.sort((a, b) => a.left - b.left)
  const joined: typeof found = []
  for (const group of found) {
    const beside = joined.find(
      ({ top, bottom, right }) =>
        right <= group.left + touch &&
        Math.abs(top - group.top) <= sameLine &&
        Math.abs(bottom - group.bottom) <= sameLine &&
        bottom - top >= lengthMin,
    )
    if (beside === undefined) joined.push(group)
    else {
      beside.lines.push(...group.lines)
      beside.right = group.right
    }
  }
  return [...joined.map(({ lines }) => lines), ...boxes]
}

/** The box that a group draws and nothing else: a cell that stands apart, or a frame; null where it draws more. */
export function boxOf(group: readonly Line[]): Box | null {
  if (group.length !== 4) return null
  const { left, top, right, bottom } = extent(group)
  const near = (one: number, other: number): boolean => Math.abs(one - other) <= touch
  const isSide = ({ horizontal, at, from, to }: Line): boolean =>
    horizontal
      ? (near(at, top) || near(at, bottom)) && near(from, left) && near(to, right)
      : (near(at, left) || near(at, right)) && near(from, top) && near(to, bottom)
  const isBox = group.filter(({ horizontal }) => horizontal).length === 2 && group.every(isSide)
  return isBox ? { x: left, y: top, width: right - left, height: bottom - top } : null
}

function extent(lines: readonly Line[]): { left: number; top: number; right: number; bottom: number } {
  const along = (horizontal: boolean): number[] =>
    lines.flatMap((line) => (line.horizontal === horizontal ? [line.from, line.to] : [line.at]))
  const [across, down] = [along(true), along(false)]
  return {
    left: minOf(across),
    right: maxOf(across),
    top: minOf(down),
    bottom: maxOf(down),
  }
}

function minOf(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
}

function maxOf(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
}

/**
 * The lattice of one group of lines. Where the outermost line is missing on a side, the ends of the lines that run
 * towards it stand for it.
 */
export function makeLattice(group: readonly Line[]): Lattice {
  const down = group.filter((line) => !line.horizontal)
  const across = group.filter((line) => line.horizontal)
  const xs = positions(down, across)
  const ys = positions(across, down)
  const columns = xs.length - 1
  const rows = ys.length - 1
  const above = new Uint8Array((rows + 1) * columns)
  const left = new Uint8Array(rows * (columns + 1))
  for (const line of across) {
    const row = nearest(ys, line.at)
    for (let column = 0; column < columns; column++) {
      if (covers(line, xs[column]!, xs[column + 1]!)) above[row * columns + column] = 1
    }
  }
  for (const line of down) {
    const column = nearest(xs, line.at)
    for (let row = 0; row < rows; row++) {
      if (covers(line, ys[row]!, ys[row + 1]!)) left[row * (columns + 1) + column] = 1
    }
  }
  return { xs, ys, above, left }
}

/** Where lines stand, in order, and the ends of the crossing ones where they reach beyond the outermost. */
function positions(lines: readonly Line[], crossing: readonly Line[]): number[] {
  const sums = new Map<number, { at: number; count: number }>()
  for (const { level, at } of lines) {
    const sum = sums.get(level)
    if (sum === undefined) sums.set(level, { at, count: 1 })
    else {
      sum.at += at
      sum.count++
    }
  }
  const found = [...sums.values()].map(({ at, count }) => at / count).sort((a, b) => a - b)
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const { from, to } of crossing) {
    low = Math.min(low, from)
    high = Math.max(high, to)
  }
  if (found.length === 0 || low < found[0]! - lengthMin) found.unshift(low)
  if (high > found[found.length - 1]! + lengthMin) found.push(high)
  return found
}

/** The last index whose place is not after `at`, at most the one before the last. */
export function indexBefore(places: readonly number[], at: number): number {
  let low = 0
  let high = places.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (places[middle]! <= at) low = middle
    else high = middle
  }
  return low
}

function nearest(places: readonly number[], at: number): number {
  const low = indexBefore(places, at)
  const high = Math.min(low + 1, places.length - 1)
  return at - places[low]! <= places[high]! - at ? low : high
}

/** Whether a line runs along most of the stretch between two places. */
function covers(line: Line, from: number, to: number): boolean {
  return Math.min(line.to, to) - Math.max(line.from, from) > 0.5 * (to - from)
}

/** The cells of a lattice: places that no drawn edge parts, by row and column. Places outside the drawing are none. */
export function latticeCells(lattice: Lattice): RuledCell[] {
  const columns = lattice.xs.length - 1
  const rows = lattice.ys.length - 1
  const owner = new Int32Array(rows * columns).fill(-1)
  for (const place of outside(lattice)) {
    if (owner[place] === -1) flood(lattice, owner, place, -2)
  }
  const sides = openSides(lattice)
  const cells: RuledCell[] = []
  for (let place = 0; place < owner.length; place++) {
    if (owner[place] !== -1) continue
    const row = Math.floor(place / columns)
    const column = place - row * columns
    // Most cells are a single place.
    if (isClosed(lattice, row, column)) {
      cells.push({ row, column, rowSpan: 1, columnSpan: 1, whole: true, open: false })
      continue
    }
    const area = flood(lattice, owner, place, cells.length)
    const open = area.some((one) => sides.has(one))
    for (const rectangle of rectangles(area, columns)) cells.push({ ...rectangle, open })
  }
  return cells.sort((a, b) => a.row - b.row || a.column - b.column)
}

/** Whether a place has a line on each of its four sides. */
function isClosed({ above, left, xs }: Lattice, row: number, column: number): boolean {
  const columns = xs.length - 1
  const place = row * columns + column
  if (above[place] === 0 || above[place + columns] === 0) return false
  return left[place + row] === 1 && left[place + row + 1] === 1
}

/**
 * Corner places that are open on both of their outer sides, where those sides are drawn for the most part: the drawing is
 * narrower there, as where tables of different widths are stacked.
 */
function outside({ above, left, xs, ys }: Lattice): number[] {
  const columns = xs.length - 1
  const rows = ys.length - 1
  const topDrawn = mostlyDrawn(xs, (column) => above[column]!)
  const bottomDrawn = mostlyDrawn(xs, (column) => above[rows * columns + column]!)
  const leftDrawn = mostlyDrawn(ys, (row) => left[row * (columns + 1)]!)
  const rightDrawn = mostlyDrawn(ys, (row) => left[row * (columns + 1) + columns]!)
  const found: number[] = []
  for (const [row, edge, drawn] of [
    [0, 0, topDrawn],
    [rows - 1, rows, bottomDrawn],
  ] as const) {
    if (!drawn) continue
    if (leftDrawn && above[edge * columns] === 0 && left[row * (columns + 1)] === 0) found.push(row * columns)
    const last = columns - 1
    if (rightDrawn && above[edge * columns + last] === 0 && left[row * (columns + 1) + columns] === 0) {
      found.push(row * columns + last)
    }
  }
  return found
}

function mostlyDrawn(places: readonly number[], edge: (index: number) => number): boolean {
  return drawnPart(places, edge) >= 0.5
}

/** Which part of a side's length is drawn. */
function drawnPart(places: readonly number[], edge: (index: number) => number): number {
  let drawn = 0
  for (let index = 0; index + 1 < places.length; index++) {
    if (edge(index) === 1) drawn += places[index + 1]! - places[index]!
  }
  return drawn / (places.at(-1)! - places[0]!)
}

/** Places at the left and right whose outer side is not drawn though that side of the drawing is, in part. */
function openSides({ left, xs, ys }: Lattice): ReadonlySet<number> {
  const columns = xs.length - 1
  const rows = ys.length - 1
  const open = new Set<number>()
  for (const [edge, column] of [
    [0, 0],
    [columns, columns - 1],
  ] as const) {
    if (drawnPart(ys, (row) => left[row * (columns + 1) + edge]!) < 0.2) continue
    for (let row = 0; row < rows; row++) {
      if (left[row * (columns + 1) + edge] === 0) open.add(row * columns + column)
    }
  }
  return open
}

/** Marks all places that no edge parts from `start`; gives them. */
function flood({ above, left, xs, ys }: Lattice, owner: Int32Array, start: number, mark: number): number[] {
  const columns = xs.length - 1
  const rows = ys.length - 1
  const area: number[] = []
  const open = [start]
  owner[start] = mark
  while (open.length > 0) {
    const place = open.pop()!
    area.push(place)
    const row = Math.floor(place / columns)
    const column = place - row * columns
    const side = row * (columns + 1) + column
    if (row > 0 && above[place] === 0 && owner[place - columns] === -1) {
      owner[place - columns] = mark
      open.push(place - columns)
    }
    if (row < rows - 1 && above[place + columns] === 0 && owner[place + columns] === -1) {
      owner[place + columns] = mark
      open.push(place + columns)
    }
    if (column > 0 && left[side] === 0 && owner[place - 1] === -1) {
      owner[place - 1] = mark
      open.push(place - 1)
    }
    if (column < columns - 1 && left[side + 1] === 0 && owner[place + 1] === -1) {
      owner[place + 1] = mark
      open.push(place + 1)
    }
  }
  return area
}

/** An area as rectangles: one where it is one, else runs of its rows, like ones below each other joined. */
function rectangles(area: number[], columns: number): Omit<RuledCell, 'open'>[] {
  const around = placesAround(area, columns)
  if (around.rowSpan * around.columnSpan === area.length) return [{ ...around, whole: true }]
  area.sort((a, b) => a - b)
  const runs: { row: number; column: number; rowSpan: number; columnSpan: number }[] = []
  for (const place of area) {
    const row = Math.floor(place / columns)
    const column = place - row * columns
    const last = runs.at(-1)
    if (last !== undefined && last.row === row && last.column + last.columnSpan === column) last.columnSpan++
    else runs.push({ row, column, rowSpan: 1, columnSpan: 1 })
  }
  const joined: typeof runs = []
  for (const run of runs) {
    const upper = joined.find(
      (one) => one.column === run.column && one.columnSpan === run.columnSpan && one.row + one.rowSpan === run.row,
    )
    if (upper === undefined) joined.push(run)
    else upper.rowSpan++
  }
  return joined.map((one) => ({ ...one, whole: false }))
}

/** The least rectangle that all places of an area are in. */
function placesAround(area: readonly number[], columns: number) {
  let [top, left, bottom, right] = [Number.POSITIVE_INFINITY, columns, 0, 0]
  for (const place of area) {
    const row = Math.floor(place / columns)
    const column = place - row * columns
    top = Math.min(top, row)
    bottom = Math.max(bottom, row)
    left = Math.min(left, column)
    right = Math.max(right, column)
  }
  return { row: top, column: left, rowSpan: bottom - top + 1, columnSpan: right - left + 1 }
}

/** Where a cell of a lattice lies. */
export function cellBox({ xs, ys }: Lattice, { row, column, rowSpan, columnSpan }: RuledCell): Box {
  const x = xs[column]!
  const y = ys[row]!
  return { x, y, width: xs[column + columnSpan]! - x, height: ys[row + rowSpan]! - y }
}
