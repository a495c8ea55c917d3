/**
 * Rows whose layout leaves several readings, decoded by the sums of their table: takes every reading that the text of each
 * open row allows, and the rows that are certain; gives for each open row the readings that can be true. The sums are used
 * as a code that corrects. A reading of the whole table counts as possible where all sums hold in it, and also where they
 * would hold but for one wrong figure: agencies err, and the true reading of a wrong report must stay among those compared.
 * So what all possible readings share is what the report prints, as long as it holds no more than one wrong figure; with
 * more, a wrong reading would need a slip of just the amount that another row can make up for. Where a sum among certain
 * figures is broken, or no reading fits without a slip, nothing is decided. The search is complete, or it is given up.
 */
import { searchBounds } from '../../parsers/limits.ts'

/** What a reading puts in a cell: pieces with one key say the same. A blank or a mark counts for 0. */
export type Piece = { readonly key: string; readonly amount: number }

/** One reading of a row: a piece for each column. */
export type RowReading<One extends Piece> = readonly One[]

/** What a figure may be, both ends included. */
export type Range = { readonly least: number; readonly most: number }

/**
 * A row of the table by its index in the form. One reading where it is certain, none where nothing is known of it. Where
 * they are too many to be listed, `readings` are those in which the row's own sums hold, and `others` gives those of the
 * rest that have one figure at most outside the ranges that the other rows leave; null where they are still too many.
 */
export type DecodeRow<One extends Piece> = {
  readonly line: number
  readonly readings: readonly RowReading<One>[]
  readonly others?: (ranges: readonly Range[]) => readonly RowReading<One>[] | null
}

/** Figures that add up to nothing: places of a row, or rows of a column, each with its sign. */
export type ZeroSum = readonly (readonly [index: number, sign: number])[]

/** The sums that hold within a row, and those that hold within a column. */
export type TableSums = {
  readonly across: (line: number) => readonly ZeroSum[]
  readonly down: (place: number) => readonly ZeroSum[]
}

/** The readings of a row that can be true, and its cells that are the same in all of them, null where they differ. */
export type DecodedRow<One extends Piece> = {
  readonly possible: readonly RowReading<One>[]
  readonly cells: readonly (One | null)[]
}

/** A row's amounts in some of its readings. `slip`: true only if one of its figures is wrong; then as they should be. */
type Choice = { readonly amounts: readonly number[]; readonly slip: boolean; readonly readings: readonly number[] }

/** A sum down a column: what is certain of it, and the sign of each open row in it. */
type Check = { readonly place: number; readonly start: number; readonly signs: readonly number[] }

/** Sums of money have no more decimals. */
const scale = 1_000_000

/**
 * For each row what its readings can be, in the order given; null where nothing is decided: a certain sum is broken, no
 * reading makes all sums hold, or there is too much to search.
 */
export function decodeRows<One extends Piece>(
  rows: readonly DecodeRow<One>[],
  sums: TableSums,
): readonly DecodedRow<One>[] | null {
  const width = Math.max(0, ...rows.flatMap(({ readings }) => readings.map((reading) => reading.length)))
  const straight = rows.map((row) => straightOf(row, sums, width))
  const isKnown = (index: number): boolean => straight[index] !== null
  // A row that cannot add up is the report's mistake: then its columns prove nothing.
  if (straight.some((choices) => choices?.length === 0)) return null
  const open = rows.flatMap((row, index) => (isKnown(index) && !isCertain(row) ? [index] : []))
  const checks = checksOf(rows, straight, open, sums, width)
  if (checks === null) return null
  const all = [...rows]
  const choices = open.map((index, at) => {
    const ranges = rangesOf(
      at,
      open.map((one) => straight[one]!),
      checks,
      width,
    )
    const { line, readings, others } = rows[index]!
    const more = others?.(ranges) ?? (others === undefined ? [] : null)
    if (more === null) return null
    all[index] = { line, readings: [...readings, ...more] }
    return [...straight[index]!, ...slipsOf(all[index]!, sums.across(line), ranges)]
  })
  if (choices.includes(null)) return null
  const ranks = open.map((_, at) => rankOf(at, checks))
  const order = open.map((_, at) => at).sort((a, b) => ranks[a]! - ranks[b]!)
  const used = search(
    order.map((at) => choices[at]!),
    checks.map((check) => ({ ...check, signs: order.map((at) => check.signs[at]!) })),
  )
  if (used === null) return null
  return all.map(({ readings }, index) => {
    const found = used[order.indexOf(open.indexOf(index))]
    const possible = found === undefined ? readings : readings.filter((_, reading) => found.has(reading))
    return { possible, cells: sharedCells(isKnown(index) ? possible : [], width) }
  })
}

function isCertain<One extends Piece>({ readings, others }: DecodeRow<One>): boolean {
  return readings.length === 1 && others === undefined
}

function sharedCells<One extends Piece>(possible: readonly RowReading<One>[], width: number): (One | null)[] {
  return Array.from({ length: width }, (_, place) => {
    const first = possible[0]?.[place] ?? null
    return first !== null && possible.every((reading) => reading[place]!.key === first.key) ? first : null
  })
}

/**
 * A row's amounts in the readings in which its sums hold; null for a row that has no sum of its own over all its figures, or
 * that cannot be compared: it says nothing of others.
 */
function straightOf<One extends Piece>(
  { line, readings }: DecodeRow<One>,
  sums: TableSums,
  width: number,
): Choice[] | null {
  const across = sums.across(line)
  const covered = new Set(across.flatMap((sum) => sum.map(([place]) => place)))
  if (readings.length === 0 || covered.size < width || readings.length > searchBounds.rowReadingsMax) return null
  const found = new Map<string, Grouped>()
  for (const [index, reading] of readings.entries()) {
    const amounts = amountsOf(reading)
    if (amounts.some((amount) => !Number.isSafeInteger(amount) || amount < 0)) return null
    if (across.every((sum) => sumOf(sum, amounts) === 0)) group(found, amounts, false, index)
  }
  return [...found.values()]
}

type Grouped = { amounts: readonly number[]; slip: boolean; readings: number[] }

function group(found: Map<string, Grouped>, amounts: readonly number[], slip: boolean, reading: number): void {
  const key = amounts.join()
  const known = found.get(key)
  if (known === undefined) found.set(key, { amounts, slip, readings: [reading] })
  else if (known.readings.at(-1) !== reading) known.readings.push(reading)
}

function amountsOf<One extends Piece>(reading: RowReading<One>): number[] {
  return reading.map(({ amount }) => Math.round(amount * scale))
}

/** What a row should say in the readings that are true only if one figure is wrong. */
function slipsOf<One extends Piece>(
  { readings }: DecodeRow<One>,
  across: readonly ZeroSum[],
  ranges: readonly Range[],
): Choice[] {
  const found = new Map<string, Grouped>()
  for (const [index, reading] of readings.entries()) {
    const amounts = amountsOf(reading)
    const broken = across.filter((sum) => sumOf(sum, amounts) !== 0)
    for (const mended of mendedBy(amounts, broken, across)) {
      const fits = ranges.every(
        ({ least, most }, place) => mended[place]! >= least * scale && mended[place]! <= most * scale,
      )
      if (fits) group(found, mended, true, index)
    }
  }
  return [...found.values()]
}

/** What each figure of an open row may be, by what the other rows add up to where their own sums hold. */
function rangesOf(at: number, rows: readonly (readonly Choice[])[], checks: readonly Check[], width: number): Range[] {
  const ranges = Array.from({ length: width }, () => ({ least: 0, most: Number.POSITIVE_INFINITY }))
  for (const { place, start, signs } of checks) {
    if (signs[at] === 0) continue
    let [low, high] = [start, start]
    for (const [row, choices] of rows.entries()) {
      if (row === at || signs[row] === 0) continue
      const parts = choices.map(({ amounts }) => signs[row]! * amounts[place]!)
      low += parts.reduce((a, b) => Math.min(a, b))
      high += parts.reduce((a, b) => Math.max(a, b))
    }
    const [least, most] = signs[at]! > 0 ? [-high, -low] : [low, high]
    const range = ranges[place]!
    range.least = Math.max(range.least, least / scale)
    range.most = Math.min(range.most, most / scale)
  }
  return ranges
}

/** The amounts with one of them changed so that all sums of the row hold. */
function mendedBy(amounts: readonly number[], broken: readonly ZeroSum[], across: readonly ZeroSum[]): number[][] {
  const [first, ...more] = broken
  if (first === undefined || more.length > 0) return []
  const off = sumOf(first, amounts)
  return first.flatMap(([place, sign]) => {
    const right = amounts[place]! - sign * off
    if (right < 0 || (across.length > 1 && !isSlip(amounts[place]! / scale, right / scale))) return []
    return [amounts.with(place, right)]
  })
}

/**
 * True for a slip of the pen: one digit wrong, lost, added or two of them exchanged; a count off by one or two, or by a tenth; a carry.
 * Only where a row stands alone and has several sums is a slip asked to be likely: elsewhere any amount counts.
 */
function isSlip(printed: number, right: number): boolean {
  const off = Math.abs(printed - right)
  if (off <= 2 || off * 10 <= Math.max(printed, right) || /^10*$/.test(String(off))) return true
  const [a, b] = [String(printed), String(right)]
  let start = 0
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++
  let end = 0
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const [left, other] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  if (left.length <= 1 && other.length <= 1) return true
  return left.length === 2 && other.length === 2 && left[0] === other[1] && left[1] === other[0]
}

function sumOf(sum: ZeroSum, amounts: readonly number[]): number {
  let total = 0
  for (const [index, sign] of sum) total += sign * amounts[index]!
  return total
}

/** The sums down the columns that can be checked; null where one of certain figures alone does not hold. */
function checksOf<One extends Piece>(
  rows: readonly DecodeRow<One>[],
  straight: readonly (readonly Choice[] | null)[],
  open: readonly number[],
  sums: TableSums,
  width: number,
): Check[] | null {
  const indexOf = new Map(rows.map(({ line }, index) => [line, index]))
  const checks: Check[] = []
  for (let place = 0; place < width; place++) {
    for (const sum of sums.down(place)) {
      let start = 0
      let usable = true
      const signs = open.map(() => 0)
      for (const [line, sign] of sum) {
        const index = indexOf.get(line)
        // A row that is not printed adds nothing: were it printed and not seen, the totals would tell.
        if (index === undefined) continue
        const choices = straight[index]!
        if (choices === null) usable = false
        else if (isCertain(rows[index]!)) start += sign * choices[0]!.amounts[place]!
        else signs[open.indexOf(index)]! += sign
      }
      if (!usable) continue
      if (signs.some((sign) => sign !== 0)) checks.push({ place, start, signs })
      else if (start !== 0) return null
    }
  }
  return checks
}

/** Rows of sums with few open rows first, those of one sum together: most of a search is over before it begins. */
function rankOf(at: number, checks: readonly Check[]): number {
  let rank = Number.MAX_SAFE_INTEGER
  for (const [index, { signs }] of checks.entries()) {
    if (signs[at] === 0) continue
    rank = Math.min(rank, signs.filter((sign) => sign !== 0).length * checks.length + index)
  }
  return rank
}

/** What the checks add up to after some rows, and whether one of these rows holds a slip. */
type State = { readonly totals: readonly number[]; readonly slip: boolean }

/**
 * For each row the readings on some way through all rows that ends with every check at nothing and has one slip at most;
 * null where no way has none, or too many states were met. Ways that meet in one state go on as one.
 */
function search(rows: readonly (readonly Choice[])[], checks: readonly Check[]): ReadonlySet<number>[] | null {
  const reach = reachOf(rows, checks)
  const layers: Map<string, State>[] = [new Map()]
  layers[0]!.set('', { totals: checks.map(({ start }) => start), slip: false })
  let steps = 0
  for (const [row, choices] of rows.entries()) {
    const next = new Map<string, State>()
    for (const state of layers[row]!.values()) {
      steps += choices.length
      if (steps > searchBounds.stepsMax) return null
      for (const choice of choices) {
        const after = stepTo(state, choice, row, checks, reach[row]!)
        if (after !== null) next.set(keyOf(after), after)
      }
    }
    layers.push(next)
  }
  const last = layers.at(-1)!
  if (![...last.values()].some(({ slip }) => !slip)) return null
  let alive: ReadonlySet<string> = new Set(last.keys())
  const used = rows.map(() => new Set<number>())
  for (let row = rows.length - 1; row >= 0; row--) {
    const before = new Set<string>()
    for (const [key, state] of layers[row]!) {
      for (const choice of rows[row]!) {
        const after = stepTo(state, choice, row, checks, reach[row]!)
        if (after === null || !alive.has(keyOf(after))) continue
        before.add(key)
        for (const reading of choice.readings) used[row]!.add(reading)
      }
    }
    alive = before
  }
  return used
}

function keyOf({ totals, slip }: State): string {
  return `${slip ? 1 : 0},${totals.join()}`
}

/** Bounds for a state that holds a slip already, and for one of which one row may still hold it. */
type Reach = { readonly straight: Bounds; readonly any: Bounds }
type Bounds = { readonly least: readonly number[]; readonly most: readonly number[] }

/** For each row how much the rows behind it can still take from and add to each check. */
function reachOf(rows: readonly (readonly Choice[])[], checks: readonly Check[]): Reach[] {
  const behind: Reach[] = []
  const nothing: Bounds = { least: checks.map(() => 0), most: checks.map(() => 0) }
  let straight = nothing
  // What one slip can add to either bound.
  let slip = nothing
  for (let row = rows.length - 1; row >= 0; row--) {
    const sum = (a: readonly number[], b: readonly number[]): number[] => a.map((one, index) => one + b[index]!)
    const any = { least: sum(straight.least, slip.least), most: sum(straight.most, slip.most) }
    behind[row] = { straight, any }
    const own = boundsOf(rows[row]!, row, checks, false)
    const mended = boundsOf(rows[row]!, row, checks, true)
    slip = {
      least: slip.least.map((one, index) => Math.min(one, mended.least[index]! - own.least[index]!)),
      most: slip.most.map((one, index) => Math.max(one, mended.most[index]! - own.most[index]!)),
    }
    straight = { least: sum(straight.least, own.least), most: sum(straight.most, own.most) }
  }
  return behind
}

function boundsOf(choices: readonly Choice[], row: number, checks: readonly Check[], slip: boolean): Bounds {
  const least: number[] = []
  const most: number[] = []
  for (const { place, signs } of checks) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const choice of choices) {
      if (choice.slip !== slip) continue
      const part = signs[row]! * choice.amounts[place]!
      if (part < low) low = part
      if (part > high) high = part
    }
    least.push(low)
    most.push(high)
  }
  return { least, most }
}

function stepTo(state: State, choice: Choice, row: number, checks: readonly Check[], reach: Reach): State | null {
  if (state.slip && choice.slip) return null
  const { least, most } = state.slip || choice.slip ? reach.straight : reach.any
  const totals: number[] = []
  for (let index = 0; index < checks.length; index++) {
    const { place, signs } = checks[index]!
    const total = state.totals[index]! + signs[row]! * choice.amounts[place]!
    if (total + least[index]! > 0 || total + most[index]! < 0) return null
    totals.push(total)
  }
  return { totals, slip: state.slip || choice.slip }
}
