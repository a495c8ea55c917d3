/**
 * The lightest sets of cells that can be changed so that every constraint holds (Fellegi and Holt 1976): takes constraints
 * with what is printed, gives all sets of the least weight. Of the cells of a broken constraint, stated or implied, one
 * must be in the set, so the search branches over those; the weight that is allowed grows step by step. It is bounded by
 * a count of steps and not by time, so that a report has the same result on every machine.
 */
import { type Balance, type Joined, joinBy, mayEven } from './balance.ts'
import { factorOf, type Row, release, type Tableau, TooLarge } from './tableau.ts'
import { type Domain, misfits, type Spend } from './whole.ts'

export type Problem = {
  readonly domains: readonly Domain[]
  /** Whole numbers above 0; 0 for cells without a known figure, which are released already. */
  readonly weights: readonly number[]
  /** Cells that hold what no cell may hold: they are in every set. */
  readonly forced: readonly number[]
  readonly tableau: Tableau
  readonly balance: Balance | null
}

/** A set and what is left of the constraints without its cells. */
export type MinimalSet = { readonly cells: readonly number[]; readonly weight: number; readonly tableau: Tableau }

export type Bounds = { readonly weightMax: number; readonly spend: Spend; readonly setsMax: number }

/** What a step into the tree costs against a look at one cell. */
const visitSteps = 10

/**
 * All sets of the least weight, none where even `weightMax` does not do. `least`: no lighter set than this does.
 * @throws TooLarge when a bound is met; nothing is known then
 */
export function minimalSets(problem: Problem, bounds: Bounds): { sets: readonly MinimalSet[]; least: number } {
  const { weights, forced } = problem
  const fixed = new Uint8Array(weights.length)
  const run: Run = {
    problem,
    bounds,
    fixed,
    lightest: weights.reduce((least, one) => (one > 0 ? Math.min(least, one) : least), Number.POSITIVE_INFINITY),
    seen: new Int32Array(weights.length),
    rowsOf: new Int32Array(weights.length),
    turn: 0,
    spend: bounds.spend,
    limit: 0,
    next: 0,
    found: [],
  }
  let { tableau } = problem
  let joined = problem.balance?.joined ?? null
  let weight = 0
  for (const [cell, one] of weights.entries()) {
    if (one > 0) continue
    fixed[cell] = 1
    joined = join(run, joined, cell)
  }
  for (const cell of forced) {
    tableau = release(tableau, cell)
    fixed[cell] = 1
    joined = join(run, joined, cell)
    weight += weights[cell]!
  }
  for (run.next = weight; run.next <= bounds.weightMax && run.found.length === 0; ) {
    run.limit = run.next
    run.next = Number.POSITIVE_INFINITY
    decide(run, { tableau, joined, chosen: forced, weight }, 0)
  }
  return { sets: run.found, least: run.found.length > 0 ? run.limit : run.next }
}

type Run = {
  readonly problem: Problem
  readonly bounds: Bounds
  /** Cells that are not to be chosen: chosen already, or left to another branch. */
  readonly fixed: Uint8Array
  readonly lightest: number
  /** Scratch of lowerBound: when a cell was last looked at, and in which broken rows it is. */
  readonly seen: Int32Array
  readonly rowsOf: Int32Array
  turn: number
  readonly spend: Spend
  limit: number
  /** The least weight beyond the limit that may do. */
  next: number
  readonly found: MinimalSet[]
}

/** What is chosen so far, and what is left then. */
type State = {
  readonly tableau: Tableau
  readonly joined: Joined | null
  readonly chosen: readonly number[]
  readonly weight: number
}

function join(run: Run, joined: Joined | null, cell: number): Joined | null {
  const { balance } = run.problem
  if (balance === null || joined === null) return null
  run.spend(1 + (joined.even.length >> 3))
  return joinBy(balance, joined, cell)
}

/**
 * Tries each choice of the cells that stand in more than two equations, from the one at `index` of them on, and with each
 * whatever else is needed.
 */
function decide(run: Run, state: State, index: number): void {
  const { fixed, problem, limit } = run
  const wide = problem.balance?.wide ?? []
  const cell = wide[index]
  if (cell === undefined) visit(run, state)
  else if (fixed[cell] !== 0) decide(run, state, index + 1)
  else {
    run.spend(1)
    fixed[cell] = 1
    const undecided = wide.length - index - 1
    if (suffices(run, state.joined, state.weight, undecided)) decide(run, state, index + 1)
    const reached = state.weight + problem.weights[cell]!
    const joined = reached > limit ? null : join(run, state.joined, cell)
    if (reached > limit) run.next = Math.min(run.next, reached)
    else if (suffices(run, joined, reached, undecided)) decide(run, choose(state, cell, joined, reached), index + 1)
    fixed[cell] = 0
  }
}

function choose({ tableau, chosen }: State, cell: number, joined: Joined | null, weight: number): State {
  return { tableau: release(tableau, cell), joined, chosen: [...chosen, cell], weight }
}

/** Whether what may still be chosen can be enough; a wide cell that is not decided on counts as two. */
function suffices(run: Run, joined: Joined | null, weight: number, undecided: number): boolean {
  const left = Math.floor((run.limit - weight) / run.lightest)
  if (joined === null || mayEven(joined, left + Math.min(left, undecided))) return true
  run.next = Math.min(run.next, weight + (left + 1) * run.lightest)
  return false
}

function visit(run: Run, state: State): void {
  const { tableau, chosen, weight } = state
  run.spend(visitSteps)
  const broken: Row[] = []
  for (const row of tableau.equations) if (row.rest !== 0) broken.push(row)
  if (broken.length > 0) {
    const bound = weight + lowerBound(run, broken)
    if (bound <= run.limit) branch(run, state, fewest(run, broken), broken)
    else run.next = Math.min(run.next, bound)
    return
  }
  const rows = misfits(tableau, run.problem.domains, run.spend)
  if (rows.length > 0) {
    const cells = [...new Set(rows.flatMap((row) => row.cells))].filter((cell) => run.fixed[cell] === 0)
    branch(run, state, cells, broken)
    return
  }
  if (run.found.length === run.bounds.setsMax) throw new TooLarge()
  run.found.push({ cells: [...chosen].sort((one, other) => one - other), weight, tableau })
}

function branch(run: Run, state: State, cells: readonly number[], broken: readonly Row[]): void {
  const { tableau, joined, weight } = state
  const { fixed, lightest, problem, limit } = run
  for (const cell of cells) {
    const reached = weight + problem.weights[cell]!
    run.spend(1)
    fixed[cell] = 1
    if (reached > limit) run.next = Math.min(run.next, reached)
    else if (reached + lightest > limit && !mends(tableau, cell, broken))
      run.next = Math.min(run.next, reached + lightest)
    else {
      const more = join(run, joined, cell)
      if (suffices(run, more, reached, 0)) visit(run, choose(state, cell, more, reached))
    }
  }
  for (const cell of cells) fixed[cell] = 0
}

/** Whether one cell alone makes all equations hold. */
function mends({ equations }: Tableau, cell: number, broken: readonly Row[]): boolean {
  if (broken.length === 0) return true
  const change = -broken[0]!.rest / factorOf(broken[0]!, cell)
  if (!Number.isSafeInteger(change)) return false
  for (const row of equations) if (row.rest !== -change * factorOf(row, cell)) return false
  return true
}

/** The cells that may be chosen of the broken row that has the fewest. */
function fewest({ fixed }: Run, broken: readonly Row[]): readonly number[] {
  let least: readonly number[] = []
  let count = Number.POSITIVE_INFINITY
  for (const { cells } of broken) {
    let free = 0
    for (let place = 0; place < cells.length; place++) if (fixed[cells[place]!] === 0) free++
    if (free < count) [least, count] = [cells, free]
  }
  return least.filter((cell) => fixed[cell] === 0)
}

/** So many broken rows are weighed exactly against each other; of more, the first that share no cell. */
const weighedMax = 16

/** Broken rows that share no cell need a cell each: the heaviest choice of such rows. */
function lowerBound(run: Run, broken: readonly Row[]): number {
  const { fixed, seen, rowsOf, problem } = run
  const lightest: number[] = []
  const clashes: number[] = []
  const turn = ++run.turn
  for (let index = 0; index < broken.length; index++) {
    const { cells } = broken[index]!
    const own = index < weighedMax ? 1 << index : 0
    let least = Number.POSITIVE_INFINITY
    let others = 0
    for (let place = 0; place < cells.length; place++) {
      const cell = cells[place]!
      if (fixed[cell] !== 0) continue
      const weight = problem.weights[cell]!
      if (weight < least) least = weight
      // The rows before this one that have the cell too, as bits.
      const rows = seen[cell] === turn ? rowsOf[cell]! : 0
      others |= rows
      seen[cell] = turn
      rowsOf[cell] = rows | own
    }
    if (least === Number.POSITIVE_INFINITY) return least
    if (own === 0) continue
    lightest.push(least)
    clashes.push(own | others)
    for (let other = 0; other < index; other++) if (((others >> other) & 1) === 1) clashes[other]! |= own
  }
  const heaviest = (left: number): number => {
    if (left === 0) return 0
    const index = 31 - Math.clz32(left)
    const without = left & ~(1 << index)
    const taken = lightest[index]! + heaviest(left & ~clashes[index]!)
    // A row that clashes with none that is left is always taken.
    return (clashes[index]! & without) === 0 ? taken : Math.max(taken, heaviest(without))
  }
  return heaviest((1 << lightest.length) - 1)
}
