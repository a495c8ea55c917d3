/**
 * What equations that add up to nothing say of how many cells must change: takes a part's equations, gives a lower bound that
 * holds whichever cells are chosen. In a table with totals of rows and of columns, each cell stands in one row and one
 * column, and what the rows are out by is what the columns are out by. So cells that belong together join rows and
 * columns that are out by the same in all, and to join so many takes one cell less.
 */
import type { CompiledRules } from '../compile.ts'
import { type Linear, linearConstraints } from './constraints.ts'
import { gcd, product, sum, TooLarge } from './tableau.ts'

/** Factors with which equations add up to nothing, whatever the figures are. */
export type Dependency = ReadonlyMap<Linear, number>

/** Equations that are joined by cells that may be anything, and what of the joined ones belongs together. */
export type Joined = {
  /** The equation that stands for those that each is joined with. */
  readonly heads: Uint8Array
  /** By head: which equations that are out are joined, as bits; none where they are out by nothing together. */
  readonly masks: Int32Array
  /** The least sets of equations, as bits, that are out by nothing together. */
  readonly even: readonly number[]
  /** How many heads are out. */
  readonly count: number
}

export type Balance = {
  /** The equations that a cell joins. */
  readonly ends: readonly (readonly number[])[]
  /** The cells that stand in more than two: the bound holds where it is decided which of them change. */
  readonly wide: readonly number[]
  /** What each equation that is out is out by, for each dependency. */
  readonly outs: readonly (readonly number[])[]
  readonly joined: Joined
}

/** So many equations, of them so many that are out, and cells that are wide are too much to weigh. */
const equationsMax = 255
const outMax = 24
const wideMax = 8
const evenMax = 400
const triesMax = 200

const known = new WeakMap<CompiledRules, readonly Dependency[]>()

/** The dependencies among a form's equations; none where whole numbers cannot hold them. */
export function dependenciesOf(rules: CompiledRules): readonly Dependency[] {
  let found = known.get(rules)
  if (found === undefined) {
    const equations = linearConstraints(rules).filter(
      ({ relation, tolerance, terms }) =>
        relation === '=' && tolerance === 0 && terms.every(([, factor]) => Number.isSafeInteger(factor)),
    )
    try {
      found = eliminate(equations)
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error
      found = []
    }
    known.set(rules, found)
  }
  return found
}

type Combination = { readonly terms: Map<number, number>; readonly of: Map<Linear, number> }

function eliminate(equations: readonly Linear[]): Dependency[] {
  const pivots = new Map<number, Combination>()
  const found: Dependency[] = []
  for (const linear of equations) {
    let left: Combination = { terms: new Map(linear.terms), of: new Map([[linear, 1]]) }
    for (;;) {
      const cell = [...left.terms.keys()].find((one) => pivots.has(one))
      if (cell === undefined) break
      left = without(left, pivots.get(cell)!, cell)
    }
    const [free] = left.terms.keys()
    if (free === undefined) found.push(left.of)
    else {
      for (const [cell, one] of pivots) if (one.terms.has(free)) pivots.set(cell, without(one, left, free))
      pivots.set(free, left)
    }
  }
  return found
}

function without(one: Combination, by: Combination, cell: number): Combination {
  const [own, pivot] = [one.terms.get(cell)!, by.terms.get(cell)!]
  const divisor = gcd(Math.abs(own), Math.abs(pivot))
  const [scale, times] = [pivot / divisor, -own / divisor]
  return { terms: mix(one.terms, scale, by.terms, times), of: mix(one.of, scale, by.of, times) }
}

function mix<Key>(
  one: ReadonlyMap<Key, number>,
  scale: number,
  other: ReadonlyMap<Key, number>,
  times: number,
): Map<Key, number> {
  const made = new Map([...one].map(([key, factor]) => [key, product(factor, scale)]))
  for (const [key, factor] of other) {
    const both = sum(made.get(key) ?? 0, product(factor, times))
    if (both === 0) made.delete(key)
    else made.set(key, both)
  }
  return made
}

/** An equation with the places of its cells, and what it is out by. */
export type Equation = { readonly linear: Linear; readonly cells: readonly number[]; readonly rest: number }

/** The balance of a part of `size` cells; null where its equations do not hang together, or too much is out. */
export function balanceOf(
  equations: readonly Equation[],
  dependencies: readonly Dependency[],
  size: number,
): Balance | null {
  const asked = new Set(equations.map(({ linear }) => linear))
  const valid = dependencies.filter((one) => [...one.keys()].every((linear) => asked.has(linear)))
  const bound = equations.filter(({ linear }) => valid.some((one) => one.has(linear)))
  const out = bound.flatMap(({ rest }, index) => (rest === 0 ? [] : [index]))
  if (out.length === 0 || out.length > outMax || bound.length > equationsMax) return null
  const ends: number[][] = Array.from({ length: size }, () => [])
  for (const [index, { cells }] of bound.entries()) for (const cell of cells) ends[cell]!.push(index)
  const wide = ends.flatMap((one, cell) => (one.length > 2 ? [cell] : []))
  if (wide.length > wideMax) return null
  const outs = out.map((index) => valid.map((one) => product(one.get(bound[index]!.linear) ?? 0, bound[index]!.rest)))
  const even = evenSets(outs)
  if (even === null) return null
  const masks = new Int32Array(bound.length)
  for (const [bit, index] of out.entries()) masks[index] = 1 << bit
  return { ends, wide, outs, joined: { heads: Uint8Array.from(bound.keys()), masks, even, count: out.length } }
}

/** The least sets that are out by nothing, by their size; null where there are too many. */
function evenSets(outs: readonly (readonly number[])[]): number[] | null {
  const half = outs.length >> 1
  const nothing = outs[0]!.map(() => 0)
  const [low, high] = [sumsOf(outs.slice(0, half), nothing), sumsOf(outs.slice(half), nothing)]
  const byKey = new Map<number, number[]>()
  for (const [mask, out] of low.entries()) {
    const key = keyOf(out)
    const same = byKey.get(key)
    if (same === undefined) byKey.set(key, [mask])
    else same.push(mask)
  }
  const sets: number[] = []
  for (const [mask, out] of high.entries()) {
    for (const other of byKey.get(0 - keyOf(out)) ?? []) {
      const set = (mask << half) | other
      if (set !== 0 && out.every((one, at) => one === -low[other]![at]!)) sets.push(set)
      if (sets.length > 4 * evenMax) return null
    }
  }
  const least: number[] = []
  for (const set of sets.sort((one, other) => bits(one) - bits(other)))
    if (!least.some((one) => (one & set) === one)) least.push(set)
  return least.length > evenMax ? null : least
}

/** Numbers that are alike for alike sums, and opposite for opposite ones. */
function keyOf(out: readonly number[]): number {
  let key = 0
  for (const one of out) key = key * 1_000_003 + one
  return key
}

/** What each choice of some equations is out by, by its bits. */
function sumsOf(outs: readonly (readonly number[])[], nothing: readonly number[]): (readonly number[])[] {
  const sums = [nothing]
  for (const out of outs)
    for (let index = 0, before = sums.length; index < before; index++)
      sums.push(out.map((one, at) => one + sums[index]![at]!))
  return sums
}

function bits(mask: number): number {
  let count = 0
  for (let left = mask; left !== 0; left &= left - 1) count++
  return count
}

/** The same with a cell that may be anything. */
export function joinBy({ ends, outs }: Balance, joined: Joined, cell: number): Joined {
  const [first, ...others] = ends[cell]!
  let made = joined
  for (const other of others) made = joinTwo(made, outs, made.heads[first!]!, made.heads[other]!)
  return made
}

function joinTwo(joined: Joined, outs: Balance['outs'], head: number, gone: number): Joined {
  if (head === gone) return joined
  const heads = joined.heads.slice()
  for (let index = 0; index < heads.length; index++) if (heads[index] === gone) heads[index] = head
  const masks = joined.masks.slice()
  const { even, count } = joined
  const [a, b] = [masks[head]!, masks[gone]!]
  const both = a | b
  masks[head] = both
  // Where one of them is not out, what belongs together stays the same.
  if (a === 0 || b === 0) return { heads, masks, even, count }
  if (isEven(outs, both)) {
    masks[head] = 0
    return { heads, masks, even: even.filter((set) => (set & both) === 0), count: count - 2 }
  }
  const kept: number[] = []
  const withOne: number[] = []
  const withOther: number[] = []
  for (const set of even) {
    const [inOne, inOther] = [(set & a) !== 0, (set & b) !== 0]
    if (inOne === inOther) kept.push(set)
    else (inOne ? withOne : withOther).push(set)
  }
  for (const set of withOne) for (const more of withOther) if ((set & more) === 0) kept.push(set | more)
  return { heads, masks, even: kept, count: count - 1 }
}

/** Whether equations are out by nothing together. */
function isEven(outs: Balance['outs'], mask: number): boolean {
  const size = outs[0]!.length
  for (let at = 0; at < size; at++) {
    let out = 0
    for (let left = mask; left !== 0; left &= left - 1) out += outs[31 - Math.clz32(left & -left)]![at]!
    if (out !== 0) return false
  }
  return true
}

/** Whether so many cells can be enough to even out what is out. */
export function mayEven({ even, count }: Joined, cells: number): boolean {
  const needed = count - cells
  if (needed <= 0) return true
  // Two that are out at least belong together.
  if (needed > count >> 1) return false
  let tries = triesMax
  const pack = (from: number, used: number, wanted: number): boolean => {
    if (wanted === 0) return true
    for (let index = from; index + wanted <= even.length; index++) {
      if ((even[index]! & used) !== 0) continue
      if (--tries < 0 || pack(index + 1, used | even[index]!, wanted - 1)) return true
    }
    return false
  }
  return pack(0, 0, needed)
}
