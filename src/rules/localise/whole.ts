/**
 * Whether released cells can take figures that are allowed (whole, not below 0), and between which bounds: takes what is
 * left of the constraints when no equation is broken, gives the rows to blame where nothing fits. Bounds are found by
 * Fourier-Motzkin elimination, which is exact on the sums of a form, and confirmed by whole-number solutions.
 */
import { factorOf, gcd, product, type Row, sum, type Tableau, TooLarge } from './tableau.ts'

/** What a cell may hold: `value` as printed, multiples of `step`, not below `floor`. */
export type Domain = { readonly value: number; readonly floor: number | null; readonly step: number }

/** Least and greatest figure; null: unbounded. */
export type Range = readonly [least: number | null, greatest: number | null]

/** A cell as (base + factors x unknowns) / divisor. */
type Affine = {
  readonly cell: number
  readonly floor: number | null
  readonly step: number
  readonly base: number
  readonly factors: readonly number[]
  readonly divisor: number
  readonly row: Row | null
}

/** factors x unknowns + constant, the last one, is 0 or more. */
type Half = readonly number[]
type Congruence = { readonly factors: readonly number[]; readonly base: number; readonly modulus: number }
type System = { readonly halves: readonly Half[]; readonly congruences: readonly Congruence[]; readonly size: number }

/** Counts work as it is done. @throws TooLarge when it is more than is worth doing */
export type Spend = (steps: number) => void

/** Lets so much work be done. */
export function budget(steps: number): Spend {
  let left = steps
  return (spent) => {
    left -= spent
    if (left < 0) throw new TooLarge()
  }
}

const halvesMax = 300
/** What making an inequality costs against a look at one cell. */
const halfSteps = 3
/** So many figures are tried for one unknown, and so many altogether, before it counts as too large to solve. */
const triesEachMax = 40
const triesMax = 2_000

/**
 * The rows that cannot hold, of which a cell must be released beside; none where everything fits.
 * @throws TooLarge
 */
export function misfits(tableau: Tableau, domains: readonly Domain[], spend: Spend): readonly Row[] {
  const { defined, inequalities, loose } = tableau
  let fewest: Row | null = null
  const blame = (row: Row): void => {
    if (fewest === null || row.cells.length < fewest.cells.length) fewest = row
  }
  if (loose.length === 0) {
    // Each released cell has one figure: by far the most of what the search comes to.
    for (const { cell, row } of defined) {
      const { value, floor, step } = domains[cell]!
      const figure = value - row.rest / factorOf(row, cell)
      if (!Number.isSafeInteger(figure) || figure % step !== 0 || (floor !== null && figure < floor)) blame(row)
    }
    for (const row of inequalities) if (row.rest < 0) blame(row)
    return fewest === null ? [] : [fewest]
  }
  const affines = affinesOf(tableau, domains)
  const open: Row[] = []
  for (const affine of affines) {
    if (affine.row === null) continue
    if (affine.factors.some((factor) => factor !== 0)) open.push(affine.row)
    else if (!isAllowed(affine)) blame(affine.row)
  }
  for (const row of inequalities) {
    if (loose.some((cell) => row.cells.includes(cell))) open.push(row)
    else if (row.rest < 0) blame(row)
  }
  if (fewest !== null) return [fewest]
  return hasSolution(systemOf(tableau, affines, domains), spend) ? [] : open
}

function isAllowed({ base, divisor, floor, step }: Affine): boolean {
  return base % product(divisor, step) === 0 && (floor === null || base >= product(divisor, floor))
}

/**
 * What released cells may hold, where all fits: those that `wanted` names, and others where their equation alone leaves one
 * figure. @throws TooLarge
 */
export function rangesOf(
  tableau: Tableau,
  domains: readonly Domain[],
  wanted: (cell: number) => boolean,
  spend: Spend,
): ReadonlyMap<number, Range> {
  const affines = affinesOf(tableau, domains)
  const ranges = new Map<number, Range>()
  let system: System | null = null
  for (const affine of affines) {
    const { cell, base, divisor, factors } = affine
    if (factors.every((factor) => factor === 0)) {
      const figure = base / divisor + 0
      ranges.set(cell, [figure, figure])
      continue
    }
    if (!wanted(cell)) continue
    system ??= systemOf(tableau, affines, domains)
    ranges.set(cell, rangeOf(system, affine, spend))
  }
  return ranges
}

function affinesOf({ defined, loose }: Tableau, domains: readonly Domain[]): Affine[] {
  const nothing = new Array<number>(loose.length).fill(0)
  const placeOf = new Int32Array(domains.length).fill(-1)
  for (const [index, cell] of loose.entries()) placeOf[cell] = index
  const affines = loose.map((cell, index): Affine => {
    const { floor, step } = domains[cell]!
    const factors = nothing.slice()
    factors[index] = step
    return { cell, floor, step, base: 0, factors, divisor: 1, row: null }
  })
  for (const { cell, row } of defined) affines.push(affineOf(cell, row, domains, placeOf, nothing))
  return affines
}

function affineOf(
  cell: number,
  row: Row,
  domains: readonly Domain[],
  placeOf: Int32Array,
  nothing: readonly number[],
): Affine {
  // pivot x (x - value) + factors x (others - their values) + rest = 0, and what is not released does not move.
  const { floor, step, value } = domains[cell]!
  const pivot = factorOf(row, cell)
  const turn = Math.sign(pivot)
  let base = -row.rest
  // Most rows have no unknown in them: they share the factors.
  let factors: number[] | null = null
  for (let place = 0; place < row.cells.length; place++) {
    const other = row.cells[place]!
    const factor = row.factors[place]!
    const index = placeOf[other]!
    if (other === cell) base = sum(base, product(factor, value))
    if (index < 0) continue
    factors ??= nothing.slice()
    factors[index] = product(-factor * turn, domains[other]!.step)
    base = sum(base, product(factor, domains[other]!.value))
  }
  return {
    cell,
    floor,
    step,
    base: product(base, turn),
    factors: factors ?? nothing,
    divisor: Math.abs(pivot),
    row,
  }
}

function systemOf({ inequalities, loose }: Tableau, affines: readonly Affine[], domains: readonly Domain[]): System {
  const halves: Half[] = []
  const congruences: Congruence[] = []
  for (const { base, factors, divisor, floor, step } of affines) {
    if (floor !== null) halves.push([...factors, sum(base, product(-divisor, floor))])
    const modulus = product(divisor, step)
    if (base % modulus !== 0 || factors.some((factor) => factor % modulus !== 0))
      congruences.push({ factors, base, modulus })
  }
  for (const row of inequalities) {
    const factors = new Array<number>(loose.length).fill(0)
    let rest = row.rest
    for (const [place, cell] of row.cells.entries()) {
      const index = loose.indexOf(cell)
      if (index < 0) continue
      const { step, value } = domains[cell]!
      factors[index] = product(row.factors[place]!, step)
      rest = sum(rest, product(-row.factors[place]!, value))
    }
    halves.push([...factors, rest])
  }
  return { halves, congruences, size: loose.length }
}

/** The bounds of a cell: those of its rational shadow, moved inwards to the nearest figures that whole numbers reach. */
function rangeOf(system: System, { base, factors, divisor, step }: Affine, spend: Spend): Range {
  // One more unknown is the cell itself in steps: step x divisor x it = base + factors.
  const own = product(step, divisor)
  const widened = system.halves.map((half) => [...half.slice(0, -1), 0, half.at(-1)!])
  const equal = [...factors, -own, base]
  const halves = [...widened, equal, equal.map((one) => product(one, -1))]
  const congruences = system.congruences.map((one) => ({ ...one, factors: [...one.factors, 0] }))
  const size = system.size + 1
  const shadow = project(halves, size, system.size, spend)
  if (shadow === null) throw new TooLarge()
  const inward = (from: number | null, by: 1 | -1): number | null => {
    if (from === null) return null
    for (let tries = 0; tries < triesEachMax; tries++) {
      const figure = from + by * tries
      const fixed = fix({ halves, congruences, size }, system.size, figure)
      if (hasSolution(fixed, spend)) return product(figure, step)
    }
    throw new TooLarge()
  }
  return [inward(shadow[0], 1), inward(shadow[1], -1)]
}

function fix({ halves, congruences, size }: System, index: number, figure: number): System {
  return {
    halves: halves.map((half) =>
      half.map((one, place) => (place === index ? 0 : place === size ? sum(one, product(half[index]!, figure)) : one)),
    ),
    congruences: congruences.map(({ factors, base, modulus }) => ({
      factors: factors.map((one, place) => (place === index ? 0 : one)),
      base: sum(base, product(factors[index]!, figure)),
      modulus,
    })),
    size,
  }
}

/** Whether whole numbers satisfy a system. */
function hasSolution(system: System, spend: Spend): boolean {
  // What is not printed may be 0 more often than not.
  const { halves, congruences } = system
  spend(halves.length)
  if (halves.every((half) => half.at(-1)! >= 0) && congruences.every(({ base, modulus }) => base % modulus === 0))
    return true
  let tries = 0
  const search = (current: System): boolean => {
    if (++tries > triesMax) throw new TooLarge()
    const used = (index: number): boolean =>
      current.halves.some((half) => half[index] !== 0) ||
      current.congruences.some(({ factors }) => factors[index] !== 0)
    const index = Array.from({ length: current.size }, (_, one) => one).find(used)
    if (index === undefined) {
      return (
        current.halves.every((half) => half.at(-1)! >= 0) &&
        current.congruences.every(({ base, modulus }) => base % modulus === 0)
      )
    }
    const range = project(current.halves, current.size, index, spend)
    if (range === null) return false
    const [least, greatest] = range
    for (let step = 0; step < triesEachMax; step++) {
      const figure = least !== null ? least + step : greatest !== null ? greatest - step : step
      if (greatest !== null && figure > greatest) return false
      if (search(fix(current, index, figure))) return true
    }
    throw new TooLarge()
  }
  return search(system)
}

/** What one unknown may be whatever the others are; null where nothing satisfies the system, not even fractions. */
function project(halves: readonly Half[], size: number, keep: number, spend: Spend): Range | null {
  let rows: readonly Half[] | null = tighten(halves)
  const left = new Set(Array.from({ length: size }, (_, index) => index).filter((index) => index !== keep))
  while (rows !== null && left.size > 0) {
    let best = -1
    let cost = Number.POSITIVE_INFINITY
    for (const index of left) {
      let up = 0
      let down = 0
      for (const row of rows) {
        if (row[index]! > 0) up++
        else if (row[index]! < 0) down++
      }
      if (up * down - up - down < cost) [best, cost] = [index, up * down - up - down]
    }
    left.delete(best)
    // Rows without the unknown stay as they are.
    if (rows.some((row) => row[best] !== 0)) rows = eliminate(rows, best)
    spend(halfSteps * (rows?.length ?? 0))
  }
  if (rows === null) return null
  let least: number | null = null
  let greatest: number | null = null
  for (const row of rows) {
    const factor = row[keep]!
    const bound = -row[size]! / factor
    if (factor > 0) least = Math.max(least ?? Number.NEGATIVE_INFINITY, Math.ceil(bound))
    else if (factor < 0) greatest = Math.min(greatest ?? Number.POSITIVE_INFINITY, Math.floor(bound))
  }
  return least !== null && greatest !== null && least > greatest ? null : [least, greatest]
}

function eliminate(rows: readonly Half[], index: number): readonly Half[] | null {
  const made: Half[] = rows.filter((row) => row[index] === 0)
  const down = rows.filter((row) => row[index]! < 0)
  for (const up of rows) {
    if (up[index]! <= 0) continue
    for (const other of down) {
      const divisor = gcd(up[index]!, -other[index]!)
      const [a, b] = [-other[index]! / divisor, up[index]! / divisor]
      const half = new Array<number>(up.length)
      for (let place = 0; place < up.length; place++)
        half[place] = sum(product(up[place]!, a), product(other[place]!, b))
      made.push(half)
      if (made.length > halvesMax) throw new TooLarge()
    }
  }
  return tighten(made)
}

/** Without repetitions; whole unknowns let a constant be rounded down. Null where a row without unknowns cannot hold. */
function tighten(rows: readonly Half[]): readonly Half[] | null {
  const tightest: Half[] = []
  // By a number that equal factors share, since writing them out as keys would cost more than all else.
  const places = new Map<number, number[]>()
  for (const row of rows) {
    const size = row.length - 1
    const constant = row[size]!
    let divisor = 0
    for (let index = 0; index < size && divisor !== 1; index++) divisor = gcd(divisor, Math.abs(row[index]!))
    if (divisor === 0) {
      if (constant < 0) return null
      continue
    }
    const reduced =
      divisor === 1 ? row : row.map((one, index) => (index === size ? Math.floor(one / divisor) : one / divisor))
    let mixed = 0
    for (let index = 0; index < size; index++) mixed = (Math.imul(mixed, 31) + reduced[index]!) | 0
    const same = places.get(mixed)
    const place = same?.find((one) => hasFactors(tightest[one]!, reduced))
    if (place === undefined) {
      if (same === undefined) places.set(mixed, [tightest.length])
      else same.push(tightest.length)
      tightest.push(reduced)
    } else if (tightest[place]![size]! > reduced[size]!) tightest[place] = reduced
  }
  return tightest
}

function hasFactors(one: Half, other: Half): boolean {
  for (let index = 0; index < one.length - 1; index++) if (one[index] !== other[index]) return false
  return true
}
