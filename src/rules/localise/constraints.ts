/**
 * What a form's rules say of figures as linear constraints: takes compiled rules, gives sums of cells that are nothing,
 * or no less than nothing, and which of them a sheet lets us ask for. Products of cells, conditions on other figures and
 * rules that need other reports are no such sums and are left out.
 */
import type { Form } from '../../forms/registry.ts'
import type { CompiledRule, CompiledRules, Instance } from '../compile.ts'
import { addDecimals, compareDecimals, type Decimal, multiplyDecimals, toDecimal } from '../decimal.ts'
import { keyOf } from '../findings.ts'
import type { Expression } from '../formula.ts'
import { isBlank, totalOf } from '../judge.ts'
import { sumOf } from '../linear.ts'
import { absent, number, type Sheet, unreadable } from '../sheet.ts'

/** A sum of cells, each times a factor, and a constant. */
export type LinearSum = {
  readonly terms: readonly (readonly [cell: number, factor: number])[]
  readonly constant: number
}

/** `=`: the sum is 0, give or take the tolerance. `>=`: it is not below 0. */
export type Linear = LinearSum & {
  /** As findings are keyed: rule and place. */
  readonly key: string
  readonly relation: '=' | '>='
  readonly tolerance: number
  readonly rule: CompiledRule
  readonly instance: Instance
}

const known = new WeakMap<CompiledRules, readonly Linear[]>()

/** The linear constraints among a form's rules of calculation that are errors where broken. */
export function linearConstraints(rules: CompiledRules): readonly Linear[] {
  let found = known.get(rules)
  if (found === undefined) {
    found = rules.rules.flatMap((rule) => {
      const { severity, category } = rule.definition
      const { tolerance } = rule.definition
      if (severity !== 'error' || category !== 'calculation' || rule.needs.length > 0) return []
      // Within what rounding leaves open no figure is the wrong one.
      if (tolerance === 'rounded') return []
      return rule.instances.flatMap((instance) => toLinear(rules.form, rule, instance, tolerance))
    })
    known.set(rules, found)
  }
  return found
}

function toLinear(form: Form, rule: CompiledRule, instance: Instance, tolerance: number): Linear[] {
  const { sole: operator, premise } = instance
  if (operator !== '=' && operator !== '<=' && operator !== '>=') return []
  // That a cell is filled in is no question of its figure: see isAsked.
  if (premise !== null && !isPresence(premise)) return []
  const [more, less] = operator === '<=' ? [instance.right, instance.left] : [instance.left, instance.right]
  const sum = sumOf(more.expression, less.expression)
  if (sum === null || sum.coefficients.size === 0) return []
  const terms = [...sum.coefficients].map(([code, factor]) => [form.indexByCode.get(code)!, factor] as const)
  const { id } = rule.definition
  const relation = operator === '=' ? '=' : '>='
  return [{ key: keyOf(id, instance.at), terms, constant: sum.constant, relation, tolerance, rule, instance }]
}

function isPresence(expression: Expression): expression is Expression & { kind: 'call' } {
  return expression.kind === 'call' && expression.name === 'present'
}

/** True for a cell whose figure is not known: absent, unreadable, or a blank that the other figures show not to be 0. */
export function isOpen(sheet: Sheet, cell: number): boolean {
  const state = sheet.states[cell]
  return state === absent || state === unreadable || (state !== number && Number.isNaN(sheet.zeroed[cell]!))
}

/**
 * Whether a sheet asks for a constraint. Rules are not assessable where a cell is absent or unreadable; here they hold all
 * the same, with that figure unknown. What blanks mean is for the rule's policy to say, as in judge; but where blanks as
 * zeros satisfy it, it asks that this stay so: a figure put above a blank total would show that the total is not 0.
 */
export function isAsked(linear: Linear, sheet: Sheet): boolean {
  const { rule, instance } = linear
  if (!instance.tables.every((table) => sheet.tables.has(table))) return false
  if (instance.premise !== null && !presenceHolds(instance.premise, sheet)) return false
  if (!instance.cells.some((cell) => isBlank(sheet, cell) && !isOpen(sheet, cell))) return true
  if (!rule.zeroes || rule.needsAll) return false
  const says = (cell: number): boolean => sheet.states[cell] === number || isOpen(sheet, cell)
  const asked =
    rule.definition.nullPolicy === 'blank_as_zero'
      ? [instance.left, instance.right].every(({ cells }) => cells.length === 0 || cells.some(says))
      : totalOf(instance).cells.every(says)
  return asked || holdsWith(linear, (cell) => (isOpen(sheet, cell) ? Number.NaN : sheet.zeroed[cell]!))
}

function presenceHolds(premise: Expression, sheet: Sheet): boolean {
  const cell = isPresence(premise) ? premise.arguments[0] : undefined
  if (cell?.kind !== 'cell') return false
  return sheet.states[sheet.form.indexByCode.get(`${cell.table}.${cell.row}.${cell.column}`)!] === number
}

/** What a constraint's sum comes to; null where one of its figures is NaN. */
export function restOf(sum: LinearSum, figureAt: (cell: number) => number): Decimal | null {
  const whole = wholeRestOf(sum, figureAt)
  return whole === null ? decimalRestOf(sum, figureAt) : toDecimal(whole)
}

/** The same of any figures. */
function decimalRestOf({ terms, constant }: LinearSum, figureAt: (cell: number) => number): Decimal | null {
  if (terms.some(([cell]) => Number.isNaN(figureAt(cell)))) return null
  return terms.reduce(
    (rest, [cell, factor]) => addDecimals(rest, multiplyDecimals(toDecimal(figureAt(cell)), toDecimal(factor))),
    toDecimal(constant),
  )
}

/** The same as a number; null where that may not be exact, or a figure is NaN. */
function wholeRestOf({ terms, constant }: LinearSum, figureAt: (cell: number) => number): number | null {
  if (!Number.isSafeInteger(constant)) return null
  let whole = constant
  for (const [cell, factor] of terms) {
    const value = figureAt(cell)
    whole += value * factor
    if (!Number.isSafeInteger(value) || !Number.isSafeInteger(value * factor) || !Number.isSafeInteger(whole))
      return null
  }
  return whole
}

/** Whether a constraint holds of figures; not where one of them is NaN. */
export function holdsWith(
  linear: LinearSum & Pick<Linear, 'relation' | 'tolerance'>,
  figureAt: (cell: number) => number,
): boolean {
  const whole = wholeRestOf(linear, figureAt)
  if (whole !== null) return whole >= -linear.tolerance && (linear.relation === '>=' || whole <= linear.tolerance)
  const rest = decimalRestOf(linear, figureAt)
  if (rest === null || compareDecimals(rest, toDecimal(-linear.tolerance)) < 0) return false
  return linear.relation === '>=' || compareDecimals(rest, toDecimal(linear.tolerance)) <= 0
}

/** How many decimal places a number has. */
export function placesOf(value: number): number {
  return Number.isSafeInteger(value) ? 0 : toDecimal(value).places
}

/** `value` x 10^`places` as a whole number. @throws RangeError where it is none that doubles hold exactly */
export function toWhole(value: number, places: number): number {
  if (places === 0 && Number.isSafeInteger(value)) return value
  const { units, places: own }: Decimal = toDecimal(value)
  const whole = Number(places >= own ? units * 10n ** BigInt(places - own) : units)
  if (places < own || !Number.isSafeInteger(whole)) throw new RangeError(`not exact: ${value}`)
  return whole
}
