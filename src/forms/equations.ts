/**
 * The equations of a form as reading uses them: takes a table and what the form's rules say adds up, gives the sums within
 * its rows and within its columns. That a total is the sum of its parts stands in the definition itself; what else must
 * balance is handed in, since only the rules know their formulas.
 */
import type { Fact } from '../model.ts'
import type { TableSums, ZeroSum } from './decode.ts'
import type { Form } from './registry.ts'
import { sumsAmong, type TableScope } from './scope.ts'

/** Cells of a form, by their index in it, that add up to nothing, each with its sign. */
export type Equation = readonly (readonly [cell: number, sign: number])[]

/** What the rules of a form say must add up. */
export type EquationsOf = (form: Form) => readonly Equation[]

/** Worked out once for each table and what the rules say: neither changes from report to report. */
const knownSums = new WeakMap<readonly Equation[], Map<TableScope, TableSums>>()

/** The sums of a table; places are those of its value columns, in order. */
export function tableSums(scope: TableScope, equationsOf: EquationsOf): TableSums {
  const equations = equationsOf(scope.form)
  const known = knownSums.get(equations) ?? new Map<TableScope, TableSums>()
  knownSums.set(equations, known)
  const sums = known.get(scope) ?? makeSums(scope, equations)
  known.set(scope, sums)
  return sums
}

/** What a cell counts for in a sum: its figure, 0 for a blank; null where it is not known. */
export function amountOf(fact: Fact | null | undefined): number | null {
  if (fact?.state === 'number') return fact.value
  return fact?.state === 'blank' || fact?.state === 'mark' ? 0 : null
}

/** Whether figures add up to nothing; null where one of them is not known. */
export function addsUp(sum: ZeroSum, amountAt: (index: number) => number | null): boolean | null {
  let total = 0
  for (const [index, sign] of sum) {
    const amount = amountAt(index)
    if (amount === null) return null
    total += sign * amount
  }
  return Math.abs(total) < 1e-6
}

/** So many columns with figures in them must add up: those of one alone may by chance. */
const provedColumnsMin = 2

/** True where the sums down all columns of a table hold, facts by place: figures of other rows would not add up. */
export function areRowsProved(scope: TableScope, facts: readonly (Fact | null)[], equationsOf: EquationsOf): boolean {
  const { places, valueColumns } = scope
  const { down } = tableSums(scope, equationsOf)
  let proved = 0
  for (const [place, column] of valueColumns.entries()) {
    const factAt = (line: number): Fact | null => facts[places[line]![column]!] ?? null
    const sums = down(place)
    if (!sums.every((sum) => addsUp(sum, (line) => amountOf(factAt(line))) === true)) return false
    if (sums.some((sum) => sum.some(([line]) => amountOf(factAt(line)) !== 0))) proved++
  }
  return proved >= provedColumnsMin
}

function makeSums(scope: TableScope, equations: readonly Equation[]): TableSums {
  const { table, form, valueColumns, places, cells } = scope
  const across = new Map<number, ZeroSum[]>()
  const down = new Map<number, ZeroSum[]>()
  const spot = new Map<number, readonly [line: number, place: number]>()
  for (const line of table.rows.keys()) {
    for (const [place, column] of valueColumns.entries()) {
      const cell = places[line]![column]!
      if (cell >= 0) spot.set(form.indexByCode.get(cells[cell]!.code)!, [line, place])
    }
  }
  const seen = new Set<string>()
  const add = (into: Map<number, ZeroSum[]>, at: number, axis: string, sum: ZeroSum): void => {
    const sorted = [...sum].sort(([a], [b]) => a - b)
    const turn = sorted[0]![1] < 0 ? -1 : 1
    const key = `${axis} ${at} ${sorted.map(([index, sign]) => `${index}:${sign * turn}`)}`
    if (seen.has(key)) return
    seen.add(key)
    into.set(at, [...(into.get(at) ?? []), sorted])
  }
  for (const { total, parts } of sumsAmong(valueColumns.map((column) => table.columns[column]!))) {
    for (const line of table.rows.keys()) add(across, line, 'across', sumOf(total, parts))
  }
  for (const { total, parts } of sumsAmong(table.rows)) {
    for (const place of valueColumns.keys()) add(down, place, 'down', sumOf(total, parts))
  }
  for (const equation of equations) {
    const spots = equation.map(([cell, sign]) => ({ at: spot.get(cell), sign }))
    const [first] = spots
    if (first?.at === undefined || spots.some(({ at }) => at === undefined)) continue
    const [line, place] = first.at
    if (spots.every(({ at }) => at![0] === line))
      add(
        across,
        line,
        'across',
        spots.map(({ at, sign }) => [at![1], sign] as const),
      )
    else if (spots.every(({ at }) => at![1] === place))
      add(
        down,
        place,
        'down',
        spots.map(({ at, sign }) => [at![0], sign] as const),
      )
  }
  return { across: (line) => across.get(line) ?? [], down: (place) => down.get(place) ?? [] }
}

function sumOf(total: number, parts: readonly number[]): ZeroSum {
  return [[total, 1], ...parts.map((part) => [part, -1] as const)]
}
