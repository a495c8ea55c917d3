/**
 * Slips of several figures in a report that is wrong elsewhere too: takes a sheet, gives the sheet with such slips undone one
 * after another, the one first that makes most sums hold. Only what makes more sums hold than it breaks counts, so that
 * what is told of a slip does not hang on what the other errors are.
 */
import type { CompiledRules } from '../compile.ts'
import type { Sheet } from '../sheet.ts'
import { mayHold } from './components.ts'
import { isAsked, linearConstraints } from './constraints.ts'
import { type Geometry, type Slip, slipsAt, standing, undone } from './slips.ts'

/** A slip undone: what it was, the sums that hold without it, and the sheet then. */
export type Undone = {
  readonly slip: Slip
  /** What stood in the cells without it. */
  readonly values: ReadonlyMap<number, number>
  readonly mended: readonly string[]
  readonly sheet: Sheet
}

/** With fewer broken sums there is no room for such a slip and another error. */
const brokenMin = 4
const slipsMax = 4
/** A slip that makes one sum hold could be any other error as well. */
const gainMin = 2

type Sum = { readonly key: string; readonly cells: readonly number[]; rest: number }
/** By cell: the sums that it stands in, and its factor there. */
type Sums = { readonly all: readonly Sum[]; readonly at: ReadonlyMap<number, readonly (readonly [Sum, number])[]> }
/** A slip whose figures are all known, and how far its sums move. */
type Candidate = {
  readonly slip: Slip
  readonly values: ReadonlyMap<number, number>
  readonly gain: number
  readonly moves: ReadonlyMap<Sum, number>
}

/** The slips beside other errors, each undone on top of those before it. */
export function undoSlips(rules: CompiledRules, sheet: Sheet, geometryAt: (cell: number) => Geometry): Undone[] {
  const sums = sumsOf(rules, sheet)
  const broken = sums.all.filter(({ rest }) => rest !== 0)
  if (broken.length < brokenMin) return []
  const cells = [...new Set(broken.flatMap((one) => one.cells))]
  const geometries = new Set(cells.map(geometryAt))
  const slips = [...geometries].flatMap((geometry) => slipsAt(sheet, geometry, cells))
  const found: Undone[] = []
  const moved = new Set<number>()
  while (found.length < slipsMax) {
    let best: Candidate | null = null
    for (const slip of slips) {
      for (const values of known(sheet, slip, sums)) {
        const candidate = weigh(sheet, slip, values, sums)
        if (candidate === null || (best !== null && candidate.gain <= best.gain)) continue
        if (![...values.keys()].some((cell) => moved.has(cell))) best = candidate
      }
    }
    if (best === null) break
    const mended = [...best.moves].flatMap(([{ key, rest }, move]) => (rest !== 0 && rest + move === 0 ? [key] : []))
    for (const [sum, move] of best.moves) sum.rest += move
    for (const cell of best.values.keys()) moved.add(cell)
    found.push({ ...best, mended, sheet: undone(found.at(-1)?.sheet ?? sheet, best.values) })
  }
  return found
}

/** The sums that whole numbers show to hold or not. */
function sumsOf(rules: CompiledRules, sheet: Sheet): Sums {
  const at = new Map<number, [Sum, number][]>()
  const all = linearConstraints(rules).flatMap((linear): Sum[] => {
    const { relation, tolerance, terms, constant, key } = linear
    if (relation !== '=' || tolerance !== 0 || !isAsked(linear, sheet)) return []
    let rest = constant
    for (const [cell, factor] of terms) rest += factor * sheet.zeroed[cell]!
    if (!Number.isSafeInteger(rest)) return []
    const sum = { key, cells: terms.map(([cell]) => cell), rest }
    for (const [cell, factor] of terms) {
      const same = at.get(cell)
      if (same === undefined) at.set(cell, [[sum, factor]])
      else same.push([sum, factor])
    }
    return [sum]
  })
  return { all, at }
}

/** The figures of a slip, where all are known: what was lost is what one of the broken sums lacks. */
function known(sheet: Sheet, { values, unknown }: Slip, sums: Sums): readonly ReadonlyMap<number, number>[] {
  const [lost, ...more] = unknown
  if (lost === undefined) return [values]
  if (more.length > 0) return []
  const moves = movesOf(sheet, values, sums)
  const figures = (sums.at.get(lost) ?? []).flatMap(([sum, factor]) => {
    const figure = standing(sheet, lost) - (sum.rest + (moves.get(sum) ?? 0)) / factor
    return sum.rest !== 0 && Number.isSafeInteger(figure) ? [figure] : []
  })
  return [...new Set(figures)].map((figure) => new Map(values).set(lost, figure))
}

function movesOf(sheet: Sheet, values: ReadonlyMap<number, number>, { at }: Sums): Map<Sum, number> {
  const moves = new Map<Sum, number>()
  for (const [cell, value] of values) {
    const move = value - standing(sheet, cell)
    for (const [sum, factor] of at.get(cell) ?? []) moves.set(sum, (moves.get(sum) ?? 0) + factor * move)
  }
  return moves
}

function weigh(sheet: Sheet, slip: Slip, values: ReadonlyMap<number, number>, sums: Sums): Candidate | null {
  const moves = movesOf(sheet, values, sums)
  let gain = 0
  for (const [{ rest }, move] of moves) {
    if (rest === 0) gain -= move === 0 ? 0 : 1
    else if (rest + move === 0) gain++
  }
  if (gain < gainMin) return null
  for (const [cell, value] of values) if (!mayHold(sheet.form.cells[cell]!, value)) return null
  return { slip, values, gain, moves }
}
