/**
 * One rule at one place of one sheet: holds, broken or not assessable. Only here is it decided what a missing figure
 * means: a blank counts as 0 where the rule's policy says so and its side of the formula has a number, and never where
 * the other figures show that it is not one.
 */
import type { Outcome, OutcomeStatus, State, Term } from '../model.ts'
import type { Instance, JudgedRule, Need, Outsider, Side } from './compile.ts'
import { fromDecimal } from './decimal.ts'
import type { Expression } from './formula.ts'
import { absent, blank, isInexact, mark, number, type Sheet, states, unreadable } from './sheet.ts'
import { amountExactly, countDecimals, type Setting, type Truth, testExactly } from './test.ts'

/** The words for 0, 1 and 2. */
const statusOf: readonly OutcomeStatus[] = ['broken', 'holds', 'not_assessable']

/** The verdict. A rule that needs more than is known is not assessable. */
export function judge(rule: JudgedRule, instance: Instance, sheet: Sheet): Truth {
  if (rule.needs.length > 0 && !knowsAll(rule.needs, sheet)) return 2
  // What is said of one cell alone says itself what a missing figure means.
  if (rule.single) return instance.test(sheet)
  if (!sheet.complete && !isAssessable(rule, instance, sheet)) return 2
  // What is said of one cell alone needs no arithmetic.
  if (instance.formula.kind !== 'call' && (rule.exact || (sheet.inexact && hasInexact(instance, sheet)))) {
    return testExactly(instance.formula, sheet, settingOf(rule, instance.formula, sheet))
  }
  return instance.test(sheet)
}

const knownBy: Readonly<Record<Need, (sheet: Sheet) => boolean>> = {
  previous_report: ({ previous }) => previous !== null,
  history: ({ around }) => around.history !== null,
  narrative: ({ around }) => around.stated !== null,
  sections: ({ around }) => around.sections !== null,
  children: ({ children }) => children !== null,
  dates: ({ around }) => around.publishedOn !== null && around.dueOn !== null,
  agency: ({ around }) => around.agency !== null,
}

/** True where everything that a rule looks at beside the tables is known. */
export function knowsAll(needs: readonly Need[], sheet: Sheet): boolean {
  return needs.every((need) => knownBy[need](sheet))
}

/** True where doubles cannot be trusted with the figures of a place. */
export function hasInexact({ cells }: Instance, sheet: Sheet): boolean {
  return cells.some((cell) => sheet.states[cell] === number && isInexact(sheet.values[cell]!))
}

/** Whether what is missing leaves the rule anything to say, by its null policy. */
export function isAssessable(rule: JudgedRule, instance: Instance, sheet: Sheet): boolean {
  let blanks = 0
  for (const cell of instance.cells) {
    const state = sheet.states[cell]
    if (state === absent || state === unreadable) return false
    if (state !== number) blanks++
  }
  if (blanks === 0) return true
  if (rule.needsAll) return false
  if (!rule.zeroes) return true
  if (rule.definition.nullPolicy === 'blank_as_zero')
    return hasNumber(instance.left, sheet) && hasNumber(instance.right, sheet)
  return totalOf(instance).cells.every((cell) => sheet.states[cell] === number)
}

function hasNumber(side: Side, sheet: Sheet): boolean {
  return side.cells.length === 0 || side.cells.some((cell) => sheet.states[cell] === number)
}

/** The side that holds the printed figure: the one that is a single cell, else the right one, else what there is. */
export function totalOf({ left, right }: Instance): Side {
  const single = (side: Side): boolean => side.plain && side.cells.length === 1
  if (right.cells.length === 0) return left
  return single(left) && !single(right) ? left : right
}

/** True where a blank or a mark of this place was counted as 0. */
export function countsBlankAsZero(rule: JudgedRule, instance: Instance, sheet: Sheet): boolean {
  return rule.zeroes && instance.cells.some((cell) => isBlank(sheet, cell))
}

/** True for a cell that is printed but says no figure. */
export function isBlank(sheet: Sheet, cell: number): boolean {
  return sheet.states[cell] === blank || sheet.states[cell] === mark
}

/** What a formula of a rule is judged by: rounded amounts leave open what they were rounded from. */
export function settingOf({ definition, zeroes }: JudgedRule, formula: Expression, sheet: Sheet): Setting {
  const { tolerance } = definition
  return { form: sheet.form, zeroes, tolerance: tolerance === 'rounded' ? openBy(formula, sheet) : tolerance }
}

/** How far the sums of a formula may be off since amounts are printed rounded: half of each one's last digit. */
function openBy(expression: Expression, sheet: Sheet, factor = 1): number {
  switch (expression.kind) {
    case 'cell':
      return factor * halfDigit(`${expression.table}.${expression.row}.${expression.column}`, sheet)
    case 'sum':
      return expression.rows.reduce(
        (sum, row) => sum + factor * halfDigit(`${expression.table}.${row}.${expression.column}`, sheet),
        0,
      )
    case 'binary': {
      const { operator, left, right } = expression
      if (operator !== '*') return openBy(left, sheet, factor) + openBy(right, sheet, factor)
      if (left.kind === 'number') return openBy(right, sheet, factor * Math.abs(left.value))
      return right.kind === 'number' ? openBy(left, sheet, factor * Math.abs(right.value)) : 0
    }
    case 'call':
      return sheet.previous !== null && expression.name === 'prev'
        ? openBy(expression.arguments[0]!, sheet.previous, factor)
        : 0
    default:
      return 0
  }
}

/** Counts are not rounded. */
function halfDigit(code: string, { form, states: found, facts }: Sheet): number {
  const index = form.indexByCode.get(code)
  if (index === undefined || found[index] !== number) return 0
  const { kind } = form.cells[index]!
  return kind === 'count' || kind === 'signed_count' ? 0 : 0.5 * 10 ** -countDecimals(facts[index]!.text)
}

/** The figure of an expression, exact; null where one of its cells has none. */
export function figureOf(rule: JudgedRule, expression: Expression, sheet: Sheet): number | null {
  const exact = amountExactly(expression, sheet, { form: sheet.form, zeroes: rule.zeroes, tolerance: 0 })
  return exact && fromDecimal(exact)
}

/** The figure of one side, exact; null where one of its cells has none. */
export function sideFigure(rule: JudgedRule, side: Side, sheet: Sheet): number | null {
  if (!side.plain || rule.exact) return figureOf(rule, side.expression, sheet)
  const figures = rule.zeroes ? sheet.zeroed : sheet.values
  let total = 0
  for (let place = 0; place < side.cells.length; place++) {
    const figure = figures[side.cells[place]!]!
    if (Number.isNaN(figure)) return null
    if (sheet.inexact && isInexact(figure)) return figureOf(rule, side.expression, sheet)
    total += side.signs[place]! * figure
  }
  return total
}

/** The operands of both sides, in the order of the formula. */
export function termsOf(instance: Instance, sheet: Sheet): Term[] {
  return [...sideTerms(instance.left, 'left', sheet), ...sideTerms(instance.right, 'right', sheet)]
}

function sideTerms(side: Side, name: Term['side'], sheet: Sheet): Term[] {
  const own = side.cells.map((cell, place) => ({
    code: sheet.form.cells[cell]!.code,
    side: name,
    sign: side.signs[place]!,
    ...figureAt(sheet, cell),
  }))
  return [...own, ...side.outsiders.map((outsider) => outsiderTerm(outsider, name, sheet))]
}

type Figure = { readonly state: State; readonly value: number | null }

function figureAt(sheet: Sheet, cell: number): Figure {
  const state = states[sheet.states[cell]!]!
  return { state, value: state === 'number' ? sheet.values[cell]! : null }
}

function known(value: number | null | undefined): Figure {
  return value == null || Number.isNaN(value) ? { state: 'absent', value: null } : { state: 'number', value }
}

function outsiderTerm({ of, cell, field, sign }: Outsider, side: Term['side'], sheet: Sheet): Term {
  const code = of === 'text' ? `text.${field}` : sheet.form.cells[cell]!.code
  const { previous, children, stated } = sheet
  if (of === 'previous')
    return { code, of, side, sign, ...(previous === null ? known(null) : figureAt(previous, cell)) }
  return { code, of, side, sign, ...known(of === 'children' ? children?.[cell] : stated.get(field)?.value) }
}

/** The verdict with all that led to it. */
export function explain(rule: JudgedRule, instance: Instance, sheet: Sheet): Outcome {
  const truth = judge(rule, instance, sheet)
  const figures = instance.operator !== null
  return {
    rule: rule.definition.id,
    at: instance.at,
    status: statusOf[truth]!,
    left: figures ? sideFigure(rule, instance.left, sheet) : null,
    right: figures ? sideFigure(rule, instance.right, sheet) : null,
    blankAsZero: truth !== 2 && countsBlankAsZero(rule, instance, sheet),
    terms: termsOf(instance, sheet),
  }
}
