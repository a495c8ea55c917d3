/**
 * Where a report's error sits: takes a sheet whose sums do not hold, gives for each part of it every lightest set of cells
 * whose change satisfies all constraints, with the figures that they imply and the slip that these show; and the slips that
 * move several figures at once. Suggestions only: what is published stays what is published. No clock and no chance: the
 * same sheet gives the same result, and where a bound is met nothing is claimed.
 */
import type { Cause, Change, Explanation, Localisation } from '../../model.ts'
import { type CompiledRules, isSingle } from '../compile.ts'
import { fromDecimal } from '../decimal.ts'
import { isBlank } from '../judge.ts'
import type { Sheet } from '../sheet.ts'
import { type Undone, undoSlips } from './beside.ts'
import { causeOf, type Evidence } from './causes.ts'
import {
  type Component,
  componentsOf,
  type Extra,
  fits,
  isPrinted,
  mayHold,
  type Unsolvable,
  usualWeight,
  type WeightOf,
  weightOfFact,
} from './components.ts'
import { holdsWith, isAsked, linearConstraints, restOf, toWhole } from './constraints.ts'
import { independentGroups } from './independent.ts'
import { type MinimalSet, minimalSets } from './search.ts'
import { type Geometry, geometryOf, neighboursOf, type Slip, slipsAt, standing, undone } from './slips.ts'
import { product, type Row, release, sum, type Tableau, TooLarge } from './tableau.ts'
import { budget, misfits, type Range, rangesOf, type Spend } from './whole.ts'

/** What is wrong with a sheet, part by part. */
export type Localised = { readonly parts: readonly Localisation[] }

export type LocaliseOptions = {
  readonly extra?: readonly Extra[]
  /** What changing a cell weighs: whole numbers above 0, usually 2; by default less for what was read in doubt. */
  readonly weightOf?: WeightOf
  /** Last year's figure of a cell. */
  readonly previous?: (code: string) => number | null
  /** How much work a sheet may take before nothing is claimed of what is left; by default some milliseconds' worth. */
  readonly steps?: number
}

/** A slip that moves several figures weighs as one and a half changes. */
export const slipWeight = 3
/** Bounds of a sheet's search: so many steps keep a report with ten errors to a few milliseconds. */
const bounds = { weightMax: 24, stepsMax: 5_000, setsMax: 1_000 }
/** So many explanations of one thing tell nothing any more. */
const toldMax = 100

type Context = {
  readonly rules: CompiledRules
  readonly sheet: Sheet
  readonly options: LocaliseOptions
  readonly geometryAt: (cell: number) => Geometry
  /** All work that is bounded, for the whole sheet. */
  readonly spend: Spend
}

/**
 * What is wrong with a sheet, by its form's linear rules of severity error. Blank totals must have been looked for before
 * (see findBlankTotals), since they decide which blanks count as 0.
 */
export function localise(rules: CompiledRules, sheet: Sheet, options: LocaliseOptions = {}): Localised {
  const spend = budget(options.steps ?? bounds.stepsMax)
  const printed = prepare(rules, sheet, options, spend)
  // Beside one slip or two changes there is nothing to tell apart.
  const simple = solveAll(printed, slipWeight + 1)
  if (simple.every(({ complete }) => complete)) return { parts: simple }
  const slips = undoSlips(rules, sheet, printed.context.geometryAt)
  const last = slips.at(-1)
  if (last === undefined) return { parts: solveAll(printed, bounds.weightMax) }
  // With the slips undone less is left to be searched, and what that weighs bounds the search without them.
  const left = prepare(rules, last.sheet, withoutMoved(sheet, slips, options), spend, false)
  const beside = solveAll(left, bounds.weightMax)
  const weight = slipWeight * slips.length + weigh(beside)
  const alone = solveAll(printed, Math.min(bounds.weightMax, weight - 1))
  if (weigh(alone) < weight) return { parts: alone }
  // Slips were undone one after another: nothing shows that no others would explain as much.
  return { parts: [...slips.map((one) => partOf(sheet, one)), ...beside.map((part) => ({ ...part, complete: false }))] }
}

/** What mending all parts takes; without end where nothing is known of one. */
function weigh(parts: readonly Localisation[]): number {
  return parts.reduce(
    (sum, { complete, explanations: [first] }) =>
      sum + (complete && first !== undefined ? first.weight : Number.POSITIVE_INFINITY),
    0,
  )
}

/** Figures that a slip moved are not to be changed once more. */
function withoutMoved(sheet: Sheet, undone: readonly Undone[], options: LocaliseOptions): LocaliseOptions {
  const moved = new Set(undone.flatMap(({ values }) => [...values.keys()].map((cell) => sheet.form.cells[cell]!.code)))
  const { weightOf = usually } = options
  return { ...options, weightOf: (code, fact) => (moved.has(code) ? bounds.weightMax + 1 : weightOf(code, fact)) }
}

const usually: WeightOf = (_code, fact) => weightOfFact(fact)

/** A slip beside other errors as a part of its own. */
function partOf(sheet: Sheet, { slip, values, mended }: Undone): Localisation {
  return { broken: mended, explanations: [explainSlip(sheet, slip.code, values)], complete: false }
}

type Prepared = {
  readonly context: Context
  readonly components: readonly Component[]
  readonly failed: readonly Unsolvable[]
  /** Those that mend all that they touch. */
  readonly slips: readonly FoundSlip[]
}

function prepare(
  rules: CompiledRules,
  sheet: Sheet,
  options: LocaliseOptions,
  spend: Spend,
  withSlips = true,
): Prepared {
  const context = { rules, sheet, options, geometryAt: geometries(sheet), spend }
  const made = componentsOf(rules, sheet, options.extra ?? [], options.weightOf ?? usually)
  const components = made.filter((one): one is Component => 'tableau' in one)
  const failed = made.filter((one): one is Unsolvable => !('tableau' in one))
  return {
    context,
    components,
    failed,
    slips: withSlips && components.length > 0 ? findSlips(context, components) : [],
  }
}

/** What is wrong with a sheet where each part is mended by changes of at most `weightMax`, or by a slip. */
function solveAll({ context, components, failed, slips }: Prepared, weightMax: number): readonly Localisation[] {
  // Small parts first, so that a large one that meets the bound takes nothing from them.
  const bySize = [...components].sort((one, other) => one.figures.length - other.figures.length)
  const solved = new Map(
    bySize.map((component) => {
      const own = slips.filter(({ mends }) => mends.length === 1 && mends[0] === component)
      const explanations = own.map(({ explanation }) => explanation)
      return [component, solve(context, component, explanations, weightMax)] as const
    }),
  )
  const parts = components.map((component) => solved.get(component)!)
  return [...joinParts(components, parts, slips), ...failed.map(({ broken }) => nothingKnown(broken))]
}

function nothingKnown(broken: readonly string[]): Localisation {
  return { broken, explanations: [], complete: false }
}

function solve(
  context: Context,
  component: Component,
  slips: readonly Explanation[],
  weightMax: number,
): readonly Localisation[] {
  const { figures, broken, tableau, forced, balance } = component
  const weights = figures.map(({ weight }) => weight)
  try {
    const limits = {
      spend: context.spend,
      weightMax: slips.length > 0 ? Math.min(slipWeight, weightMax) : weightMax,
      setsMax: bounds.setsMax,
    }
    const { sets, least } = minimalSets({ domains: figures, weights, forced, tableau, balance }, limits)
    // Beyond the greatest weight nothing was looked for; without any, nothing can hold.
    if (sets.length === 0 && slips.length === 0 && least !== Number.POSITIVE_INFINITY) return [nothingKnown(broken)]
    const whole = slips.length > 0 || forced.length > 0
    const groups = whole ? [{ rows: [], sets }] : independentGroups(sets, tableau, weights)
    if (groups.some((group) => group.sets.length > toldMax)) return [nothingKnown(broken)]
    return groups.map((group) => {
      const found = rank(group.sets.map((set) => explain(context, component, set)))
      // A slip that weighs more than half a change beyond the lightest set explains less well.
      const isNear = (slip: Explanation): boolean =>
        found.length === 0 ||
        slip.weight <= found[0]!.weight + usualWeight / 2 ||
        weighAlone([slip]) <= weighAlone(found) + usualWeight / 2
      return {
        broken: groups.length === 1 ? broken : [...new Set(group.rows.map((row) => component.keys.get(row)!))],
        explanations: rank([...found, ...slips.filter(isNear)]),
        complete: true,
      }
    })
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    return [nothingKnown(broken)]
  }
}

/** The geometry of each cell's table, made once. */
function geometries(sheet: Sheet): Context['geometryAt'] {
  const made = new Map<string, Geometry>()
  return (cell) => {
    const { table } = sheet.form.cells[cell]!
    const geometry = made.get(table.code) ?? geometryOf(sheet, table)
    made.set(table.code, geometry)
    return geometry
  }
}

/** By weight, then what has a cause, then as found, which is by the form. */
function rank(explanations: readonly Explanation[]): Explanation[] {
  const unexplained = ({ cause }: Explanation): number => (cause === null ? 1 : 0)
  return [...explanations].sort((one, other) => one.weight - other.weight || unexplained(one) - unexplained(other))
}

function explain(context: Context, component: Component, { tableau, cells: chosen, weight }: MinimalSet): Explanation {
  const { figures, blanks } = component
  const wanted = (place: number): boolean => chosen.includes(place) || blanks.includes(place)
  const ranges = rangesOf(tableau, figures, wanted, context.spend)
  const implied = new Map<number, number>()
  for (const [place, [least, greatest]] of ranges) {
    const { cell } = figures[place]!
    if (cell !== null && least !== null && least === greatest) implied.set(cell, toFigure(least, component))
  }
  const change = (place: number): Change => describe(context, component, place, ranges.get(place)!, implied)
  const changes = chosen.map(change)
  const fills = [...ranges.keys()]
    .filter((place) => figures[place]!.weight === 0)
    .sort((one, other) => one - other)
    .map(change)
  const [only] = changes.length === 1 ? changes : changes.length === 0 && fills.length === 1 ? fills : []
  return { changes, fills, weight, cause: only?.cause ?? null }
}

function describe(
  context: Context,
  component: Component,
  place: number,
  [least, greatest]: Range,
  implied: ReadonlyMap<number, number>,
): Change {
  const { sheet } = context
  const { code, cell, value } = component.figures[place]!
  const range: Range = [least, greatest].map((one) => (one === null ? null : toFigure(one, component))) as [
    number,
    number,
  ]
  const figure = least !== null && least === greatest ? range[0] : null
  const printed = isPrinted(sheet, cell) ? toFigure(value, component) : null
  return {
    code,
    printed,
    implied: figure,
    range,
    cause: figure === null || cell === null ? null : causeFor(context, cell, figure, printed, implied),
  }
}

function causeFor(
  context: Context,
  cell: number,
  figure: number,
  printed: number | null,
  implied: ReadonlyMap<number, number>,
): Cause | null {
  if (printed !== null) return causeOf(evidenceOf(context, cell, figure, printed, implied))
  // What is absent or could not be read is no slip of the report's that is known.
  return isBlank(context.sheet, cell) && figure !== 0 ? { code: 'left_blank', cells: [], power: null } : null
}

function evidenceOf(
  { rules, sheet, options, geometryAt }: Context,
  cell: number,
  figure: number,
  printed: number,
  implied: ReadonlyMap<number, number>,
): Evidence {
  const { cells } = sheet.form
  const valued = (all: readonly number[], figureAt: (one: number) => number): { code: string; value: number }[] =>
    all.flatMap((one) => (Number.isNaN(figureAt(one)) ? [] : [{ code: cells[one]!.code, value: figureAt(one) }]))
  const left = (one: number): number => implied.get(one) ?? sheet.zeroed[one]!
  const addends = linearConstraints(rules).flatMap(({ instance: { left, right } }) =>
    isSingle(left) && left.cells[0] === cell && right.plain
      ? right.cells
      : isSingle(right) && right.cells[0] === cell && left.plain
        ? left.cells
        : [],
  )
  return {
    printed,
    implied: figure,
    money: cells[cell]!.kind === 'money',
    previous: options.previous?.(cells[cell]!.code) ?? null,
    addends: valued([...new Set(addends)], left),
    neighbours: valued(neighboursOf(geometryAt(cell), cell), (one) => sheet.values[one]!),
  }
}

function toFigure(value: number, { places }: Component): number {
  return places === 0 ? value : fromDecimal({ units: BigInt(value), places })
}

type FoundSlip = { readonly mends: readonly Component[]; readonly explanation: Explanation }

/** The slips without which all that they touch would hold. */
function findSlips(context: Context, components: readonly Component[]): FoundSlip[] {
  const { sheet, geometryAt } = context
  const found = new Map<string, FoundSlip>()
  for (const component of components) {
    const cells = component.questioned.flatMap((place) => component.figures[place]!.cell ?? [])
    for (const geometry of new Set(cells.map(geometryAt))) {
      for (const slip of slipsAt(sheet, geometry, cells)) {
        const mended = orNull(() => trySlip(context, components, slip))
        if (mended === null) continue
        // A total that was pushed out and one that stays blank come to the same figures.
        const { changes, fills } = mended.explanation
        const told = [...changes, ...fills].map(({ code, implied }) => `${code}=${implied}`)
        const key = told.sort().join()
        if (!found.has(key)) found.set(key, mended)
      }
    }
  }
  // What mends most comes first: see joinParts.
  return [...found.values()].sort((one, other) => other.mends.length - one.mends.length)
}

function trySlip(context: Context, components: readonly Component[], slip: Slip): FoundSlip | null {
  const { sheet } = context
  const touched = [...slip.values.keys(), ...slip.unknown]
  const mends: Component[] = []
  const implied = new Map(slip.values)
  const fills: Change[] = []
  for (const component of components) {
    if (!touched.some((cell) => component.placeOf.has(cell))) continue
    const moved = moveFigures(context, component, slip)
    if (moved === null) return null
    mends.push(component)
    const partial = explain(context, component, { tableau: moved, cells: unknownPlaces(component, slip), weight: 0 })
    fills.push(...partial.fills)
    for (const { code, implied: figure } of partial.changes) {
      const cell = sheet.form.indexByCode.get(code)!
      if (figure === null) return null
      if (figure !== standing(sheet, cell)) implied.set(cell, figure)
    }
  }
  findLost(context, slip, mends, implied)
  if (!keepsOthers(context, mends, slip, implied)) return null
  const explanation = explainSlip(sheet, slip.code, implied)
  const rest = fills.filter(({ code }) => !implied.has(sheet.form.indexByCode.get(code) ?? -1))
  return { mends, explanation: { ...explanation, fills: rest } }
}

/** A slip and what would stand in its cells without it. */
function explainSlip(sheet: Sheet, code: Slip['code'], values: ReadonlyMap<number, number>): Explanation {
  const cells = [...values.keys()].sort((one, other) => one - other)
  const changes = cells.map((cell): Change => {
    const value = values.get(cell)!
    const printed = isPrinted(sheet, cell) ? sheet.values[cell]! : null
    return { code: sheet.form.cells[cell]!.code, printed, implied: value, range: [value, value], cause: null }
  })
  const cause: Cause = { code, cells: changes.map(({ code: changed }) => changed), power: null }
  return { changes, fills: [], weight: slipWeight, cause }
}

function unknownPlaces({ placeOf }: Component, { unknown }: Slip): number[] {
  return unknown.flatMap((cell) => placeOf.get(cell) ?? [])
}

/** What is left of a component's constraints with a slip undone; null where they do not hold then. */
function moveFigures({ spend }: Context, component: Component, slip: Slip): Tableau | null {
  const { figures, forced, stated } = component
  const unknown = unknownPlaces(component, slip)
  const moves = movesOf(component, slip)
  if (moves === null || forced.some((place) => !moves.has(place) && !unknown.includes(place))) return null
  const open = (place: number): boolean =>
    unknown.includes(place) || (figures[place]!.weight === 0 && !moves.has(place))
  // Most slips fail at the first row: no tableau is made for them.
  if (!stated.equations.every((row) => restAfter(row, moves) === 0 || row.cells.some(open))) return null
  const move = (row: Row): Row => ({ ...row, rest: restAfter(row, moves) })
  let left: Tableau = { ...stated, equations: stated.equations.map(move), inequalities: stated.inequalities.map(move) }
  for (const place of figures.keys()) if (open(place)) left = release(left, place)
  return left.equations.every(({ rest }) => rest === 0) && misfits(left, figures, spend).length === 0 ? left : null
}

/** Null where exact whole numbers cannot follow, or not with the work that is allowed: no slip that we can vouch for. */
function orNull<Made>(make: () => Made | null): Made | null {
  try {
    return make()
  } catch (error) {
    if (error instanceof TooLarge || error instanceof RangeError) return null
    throw error
  }
}

/** How far each figure moves; null where one would be what its cell cannot hold. */
function movesOf({ figures, placeOf, places }: Component, slip: Slip): Map<number, number> | null {
  const moves = new Map<number, number>()
  for (const [cell, value] of slip.values) {
    const place = placeOf.get(cell)
    if (place === undefined) continue
    const whole = toWhole(value, places)
    if (!fits(figures[place]!, whole)) return null
    moves.set(place, whole - figures[place]!.value)
  }
  return moves
}

function restAfter({ cells, factors, rest }: Row, moves: ReadonlyMap<number, number>): number {
  let after = rest
  for (let place = 0; place < cells.length; place++) {
    const change = moves.get(cells[place]!)
    if (change !== undefined) after = sum(after, product(factors[place]!, change))
  }
  return after
}

/** What was lost of a slip in parts of the report that hold as they are: the first sum that knows all but it. */
function findLost(
  { rules, sheet }: Context,
  { unknown }: Slip,
  mends: readonly Component[],
  implied: Map<number, number>,
): void {
  for (const cell of unknown) {
    if (mends.some(({ placeOf }) => placeOf.has(cell))) continue
    const after = undone(sheet, implied)
    for (const linear of linearConstraints(rules)) {
      const factor = linear.relation === '=' ? linear.terms.find(([one]) => one === cell)?.[1] : undefined
      if (factor === undefined || !isAsked(linear, sheet)) continue
      const rest = restOf(linear, (one) => after.zeroed[one]!)
      if (rest === null) continue
      const value = standing(sheet, cell) - fromDecimal(rest) / factor
      if (value !== standing(sheet, cell)) implied.set(cell, value)
      break
    }
  }
}

/** Whether all holds with a slip undone that no part of `mends` speaks of, and tells what was lost where the rest does not. */
function keepsOthers(
  { rules, sheet }: Context,
  mends: readonly Component[],
  { unknown }: Slip,
  implied: ReadonlyMap<number, number>,
): boolean {
  const isOutside = (cell: number): boolean => !mends.some(({ placeOf }) => placeOf.has(cell))
  if ([...implied].some(([cell, value]) => !mayHold(sheet.form.cells[cell]!, value))) return false
  const after = undone(sheet, implied)
  const untold = new Set(unknown.filter(isOutside))
  for (const linear of linearConstraints(rules)) {
    const { terms } = linear
    if (!terms.some(([cell]) => implied.has(cell) || untold.has(cell))) continue
    if (!isAsked(linear, sheet) && !isAsked(linear, after)) continue
    // What is not known was weighed with its part.
    const isOpenPart =
      terms.some(([cell]) => Number.isNaN(after.zeroed[cell]!)) && !terms.some(([cell]) => isOutside(cell))
    if (!isOpenPart && !holdsWith(linear, (cell) => after.zeroed[cell]!)) return false
    for (const [cell] of terms) untold.delete(cell)
  }
  return untold.size === 0
}

/** Slips that mend several components at once make one part of them, where they weigh less than mending each. */
function joinParts(
  components: readonly Component[],
  parts: readonly (readonly Localisation[])[],
  slips: readonly FoundSlip[],
): Localisation[] {
  const made = new Map(components.map((component, index) => [component, parts[index]!]))
  const joined = new Set<Component>()
  for (const { mends, explanation } of slips) {
    const apart = mends.flatMap((one) => made.get(one) ?? [])
    if (mends.length < 2 || mends.some((one) => joined.has(one)) || !apart.every(({ complete }) => complete)) continue
    if (apart.reduce((weight, one) => weight + weighAlone(one.explanations), 0) <= weighAlone([explanation])) continue
    const same = slips.filter(
      (one) => one.mends.length === mends.length && one.mends.every((each) => mends.includes(each)),
    )
    const explanations = rank(same.map(({ explanation }) => explanation))
    for (const one of mends) {
      joined.add(one)
      made.delete(one)
    }
    made.set(mends[0]!, [{ broken: mends.flatMap(({ broken }) => broken), explanations, complete: true }])
  }
  return components.flatMap((component) => made.get(component) ?? [])
}

/** What mending a part alone takes. A blank total is filled for nothing there, but is a slip too beside another one. */
function weighAlone([first]: readonly Explanation[]): number {
  if (first === undefined) return 0
  return first.weight + usualWeight * first.fills.filter(({ cause }) => cause?.code === 'left_blank').length
}
