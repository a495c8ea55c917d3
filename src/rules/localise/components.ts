/**
 * A sheet's constraints cut into parts that share no cell, each as whole numbers ready to search: takes what is asked of a
 * sheet, gives for each part its cells with what they may hold, its rows, and what of it is broken as printed.
 */
import type { FormCell } from '../../forms/registry.ts'
import type { Fact } from '../../model.ts'
import type { CompiledRules } from '../compile.ts'
import { isBlank } from '../judge.ts'
import { number, type Sheet } from '../sheet.ts'
import { type Balance, balanceOf, type Dependency, dependenciesOf } from './balance.ts'
import { holdsWith, isAsked, isOpen, type Linear, linearConstraints, placesOf, restOf, toWhole } from './constraints.ts'
import { type Row, release, type Tableau, TooLarge } from './tableau.ts'
import { budget, type Domain, misfits } from './whole.ts'

/** A sum that must come out beside the form's rules: factors x cells = constant. */
export type Extra = {
  /** What it is called in `broken`. */
  readonly key: string
  readonly terms: readonly (readonly [code: string, factor: number])[]
  readonly constant: number
  /** Where the constant may itself be wrong: what changing it weighs. Its change is told under `key`. */
  readonly weight?: number
}

/** One figure of a part; `cell` is its index in the form, null for the constant of an Extra. */
export type Figure = Domain & { readonly code: string; readonly cell: number | null; readonly weight: number }

export type Component = {
  readonly figures: readonly Figure[]
  /** By form index. */
  readonly placeOf: ReadonlyMap<number, number>
  /** Figures are whole numbers of 10^-places. */
  readonly places: number
  /** The constraints as they are stated, nothing released. */
  readonly stated: Tableau
  /** The same with the figures released whose value is not known. */
  readonly tableau: Tableau
  /** What each stated row is called. */
  readonly keys: ReadonlyMap<Row, string>
  /** Cells that hold what none of their kind may. */
  readonly forced: readonly number[]
  /** Keys of the constraints that do not hold, and codes of cells that hold what none of their kind may. */
  readonly broken: readonly string[]
  /** Cells of which a slip must have moved one: those of the constraints that one broken equation follows from. */
  readonly questioned: readonly number[]
  /** Blank cells that the other figures show not to be 0. */
  readonly blanks: readonly number[]
  readonly balance: Balance | null
}

type Asked = Pick<Linear, 'key' | 'terms' | 'constant' | 'relation' | 'tolerance'> | Linear

/** A change weighs so much where nothing speaks for or against it. */
export const usualWeight = 2
/** Work on whether figures that are not known can be anything at all. */
const openSteps = 2_000
/** Figures of pictures below this are in doubt. */
const sureMin = 0.95

/** The weight of a cell by how it was read: less where the reading is in doubt. */
export function weightOfFact(fact: Fact | undefined): number {
  if (fact === undefined) return usualWeight
  return fact.inferred || (fact.confidence ?? 1) < sureMin ? 1 : usualWeight
}

export type WeightOf = (code: string, fact: Fact | undefined) => number

/** A part that cannot be made ready: the keys of what does not hold in it. */
export type Unsolvable = { readonly broken: readonly string[] }

/**
 * The parts of a sheet in which something does not hold, or a blank must be filled, in the order of the form; and those
 * that exact whole numbers cannot hold.
 */
export function componentsOf(
  rules: CompiledRules,
  sheet: Sheet,
  extra: readonly Extra[],
  weightOf: WeightOf,
): (Component | Unsolvable)[] {
  const size = sheet.form.cells.length
  const dependencies = dependenciesOf(rules)
  const asked: Asked[] = linearConstraints(rules).filter((one) => isAsked(one, sheet))
  for (const [index, one] of extra.entries()) asked.push(...extraAsked(sheet, one, size + index))
  return group(asked, size + extra.length).flatMap((part) => {
    if (isSound(part, sheet)) return []
    try {
      return makeComponent(part, sheet, extra, weightOf, dependencies) ?? []
    } catch (error) {
      // Figures beyond exact whole numbers: nothing can be said of their part but what does not hold.
      if (!(error instanceof RangeError) && !(error instanceof TooLarge)) throw error
      const figureAt = (id: number): number => (id < size ? sheet.zeroed[id]! : extra[id - size]!.constant)
      const broken = part.filter((one) => restOf(one, figureAt) !== null && !holdsWith(one, figureAt))
      return broken.length === 0 ? [] : { broken: broken.map(({ key }) => key) }
    }
  })
}

/** Whether all figures of a part are known and may be what they are, and all that is asked of them holds: most do. */
function isSound(part: readonly Asked[], sheet: Sheet): boolean {
  const { cells } = sheet.form
  const zeroed = (cell: number): number => sheet.zeroed[cell] ?? Number.NaN
  const isFit = ([cell]: readonly [cell: number, factor: number]): boolean =>
    cell < cells.length && !isOpen(sheet, cell) && mayHold(cells[cell]!, zeroed(cell))
  return part.every((one) => one.terms.every(isFit) && holdsWith(one, zeroed))
}

function extraAsked(sheet: Sheet, { key, terms, constant, weight }: Extra, own: number): Asked[] {
  const cells = terms.map(([code, factor]) => [sheet.form.indexByCode.get(code) ?? -1, factor] as const)
  if (cells.some(([cell]) => cell < 0 || !sheet.tables.has(sheet.form.cells[cell]!.table.code))) return []
  const made = { key, relation: '=' as const, tolerance: 0 }
  if (weight === undefined) return [{ ...made, terms: cells, constant: -constant }]
  return [{ ...made, terms: [...cells, [own, -1]], constant: 0 }]
}

/** Constraints that share cells, together. */
function group(asked: readonly Asked[], size: number): Asked[][] {
  const parents = Int32Array.from({ length: size }, (_, index) => index)
  const find = (index: number): number => {
    let root = index
    while (parents[root] !== root) root = parents[root]!
    parents[index] = root
    return root
  }
  // The least index is the root, so that parts come in the order of the form.
  for (const { terms } of asked) {
    for (const [cell] of terms) {
      const [one, other] = [find(terms[0]![0]), find(cell)]
      parents[Math.max(one, other)] = Math.min(one, other)
    }
  }
  const parts = new Map<number, Asked[]>()
  for (const one of asked) {
    const root = find(one.terms[0]![0])
    parts.set(root, [...(parts.get(root) ?? []), one])
  }
  return [...parts].sort(([one], [other]) => one - other).map(([, part]) => part)
}

function makeComponent(
  asked: readonly Asked[],
  sheet: Sheet,
  extra: readonly Extra[],
  weightOf: WeightOf,
  dependencies: readonly Dependency[],
): Component | null {
  const ids = [...new Set(asked.flatMap(({ terms }) => terms.map(([cell]) => cell)))].sort((one, other) => one - other)
  const placeOf = new Map(ids.map((id, place) => [id, place]))
  const size = sheet.form.cells.length
  const figureAt = (id: number): number => (id < size ? sheet.zeroed[id]! : extra[id - size]!.constant)
  const known = ids.map(figureAt).filter((value) => !Number.isNaN(value))
  const places = Math.max(0, ...[...known, ...asked.flatMap((one) => [one.constant, one.tolerance])].map(placesOf))
  const figures = ids.map((id): Figure => {
    const value = toWhole(figureAt(id) || 0, places)
    if (id >= size) {
      const { key, weight } = extra[id - size]!
      return { code: key, cell: null, value, weight: wholeWeight(weight!), floor: null, step: 1 }
    }
    const cell = sheet.form.cells[id]!
    const weight = isOpen(sheet, id) ? 0 : wholeWeight(weightOf(cell.code, sheet.facts[id]))
    return { code: cell.code, cell: id, value, weight, ...boundsOf(cell, places) }
  })
  const rows = asked.flatMap((one) =>
    rowsOf(one, placeOf, figures, places).map((made) => ({ ...made, key: one.key, asked: one })),
  )
  const { questioned, broken, ...made } = releaseOpen(rows, figures)
  const forced = figures.flatMap((figure, place) => (figure.weight > 0 && !fits(figure, figure.value) ? [place] : []))
  const blanks = figures.flatMap(({ cell, weight }, place) => (weight === 0 && isBlank(sheet, cell!) ? [place] : []))
  if (broken.length === 0 && forced.length === 0 && blanks.length === 0) return null
  const wrong = forced.map((place) => figures[place]!.code)
  const suspects = questioned.length > 0 ? questioned : forced.slice(0, 1)
  const keys = new Map(rows.map(({ row, key }) => [row, key]))
  const equations = rows.flatMap(({ row, relation, asked: linear }) =>
    relation === '=' && 'instance' in linear ? [{ linear, cells: row.cells, rest: row.rest }] : [],
  )
  return {
    ...made,
    keys,
    figures,
    placeOf,
    places,
    forced,
    broken: [...broken, ...wrong],
    questioned: suspects,
    blanks,
    balance: balanceOf(equations, dependencies, figures.length),
  }
}

function wholeWeight(weight: number): number {
  return Math.max(1, Math.round(weight))
}

/** What figures of a kind may be. */
function boundsOf({ kind }: FormCell, places: number): Pick<Domain, 'floor' | 'step'> {
  const whole = kind === 'count' || kind === 'signed_count'
  return { floor: kind === 'signed_count' ? null : 0, step: whole ? toWhole(1, places) : 1 }
}

/** Whether a figure may be `value`. */
export function fits({ floor, step }: Domain, value: number): boolean {
  return value % step === 0 && (floor === null || value >= floor)
}

/** Whether a cell may hold a figure, by its kind. */
export function mayHold({ kind }: FormCell, value: number): boolean {
  if (kind !== 'signed_count' && value < 0) return false
  return (kind !== 'count' && kind !== 'signed_count') || Number.isInteger(value)
}

type Made = { readonly row: Row; readonly relation: '=' | '>=' }

function rowsOf(
  { terms, constant, relation, tolerance }: Asked,
  placeOf: ReadonlyMap<number, number>,
  figures: readonly Figure[],
  places: number,
): Made[] {
  const fine = Math.max(0, ...terms.map(([, factor]) => placesOf(factor)))
  const sorted = terms
    .map(([cell, factor]) => [placeOf.get(cell)!, toWhole(factor, fine)] as const)
    .sort(([one], [other]) => one - other)
  const cells = sorted.map(([place]) => place)
  const factors = sorted.map(([, factor]) => factor)
  let rest = toWhole(constant, places + fine)
  for (const [place, factor] of sorted) rest += factor * figures[place]!.value
  const slack = toWhole(tolerance, places + fine)
  if (!Number.isSafeInteger(rest) || !Number.isSafeInteger(rest + slack)) throw new RangeError('not exact')
  if (relation === '>=') return [{ row: { cells, factors, rest: rest + slack }, relation }]
  if (slack === 0) return [{ row: { cells, factors, rest }, relation }]
  const turned = factors.map((factor) => -factor)
  return [
    { row: { cells, factors, rest: rest + slack }, relation: '>=' },
    { row: { cells, factors: turned, rest: slack - rest }, relation: '>=' },
  ]
}

type Keyed = Made & { readonly key: string }

/** Releases what is not known. What is broken then is named by all constraints that it follows from. */
function releaseOpen(
  rows: readonly Keyed[],
  figures: readonly Figure[],
): Pick<Component, 'stated' | 'tableau' | 'broken' | 'questioned'> {
  const sources = new Map<Row, readonly Keyed[]>(rows.map((one) => [one.row, [one]]))
  const select = (relation: Made['relation']): Row[] =>
    rows.flatMap((one) => (one.relation === relation ? [one.row] : []))
  const stated: Tableau = { equations: select('='), defined: [], inequalities: select('>='), loose: [] }
  let tableau = stated
  for (const [place, { weight }] of figures.entries()) {
    if (weight > 0) continue
    tableau = release(tableau, place, (pivot, from, made) => {
      sources.set(made, [...(sources.get(from) ?? []), ...(sources.get(pivot) ?? [])])
    })
  }
  let wrong: readonly Row[] = tableau.equations.filter(({ rest }) => rest !== 0)
  const loose = new Set(tableau.loose)
  const short = tableau.inequalities.filter((row) => row.rest < 0 && !row.cells.some((cell) => loose.has(cell)))
  wrong = [...wrong, ...short]
  if (wrong.length === 0) wrong = misfitsOrNone(tableau, figures)
  const reasons = wrong.map((row) => sources.get(row) ?? [])
  const cells = reasons.map((all) => [...new Set(all.flatMap(({ row }) => row.cells))])
  const questioned = cells.reduce((least, one) => (one.length < least.length ? one : least), cells[0] ?? [])
  return { stated, tableau, broken: [...new Set(reasons.flat().map(({ key }) => key))], questioned }
}

/** What cannot hold though no equation is broken; none where that is too much to find out. */
function misfitsOrNone(tableau: Tableau, figures: readonly Figure[]): readonly Row[] {
  try {
    return misfits(tableau, figures, budget(openSteps))
  } catch (error) {
    if (error instanceof TooLarge) return []
    throw error
  }
}

/** True for a figure that was printed as a number. */
export function isPrinted(sheet: Sheet, cell: number | null): boolean {
  return cell === null || sheet.states[cell] === number
}
