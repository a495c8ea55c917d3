/**
 * Rules as linear inequalities: takes an instance of a rule, gives coefficients by variable, where it is nothing but sums
 * of figures compared with each other. Last year's figures are variables of their own.
 */
import type { Form } from '../forms/registry.ts'
import type { ValueKind } from '../model.ts'
import type { Instance } from './compile.ts'
import { addDecimals, fromDecimal, multiplyDecimals, toDecimal } from './decimal.ts'
import type { Comparison, Expression } from './formula.ts'

/** `sum of coefficient * variable + constant (operator) 0`. Variables are codes of cells, last year's with `previous:`. */
export type Linear = {
  readonly coefficients: ReadonlyMap<string, number>
  readonly constant: number
  readonly operator: Comparison
}

/** The instance as one; null where it is something else, or asked under a condition. */
export function linearOf({ formula }: Instance): Linear | null {
  if (formula.kind !== 'binary') return null
  const { operator, left, right } = formula
  if (operator !== '=' && operator !== '<=' && operator !== '>=' && operator !== '<' && operator !== '>') return null
  const sum = sumOf(left, right)
  return sum && { ...sum, operator }
}

/** A sum of variables, each times a coefficient that is not 0, and a constant; exact in decimals. */
export type Sum = Pick<Linear, 'coefficients' | 'constant'>

/** One expression less another as a sum; null where one of them is none. */
export function sumOf(left: Expression, right: Expression): Sum | null {
  const one = read(left)
  const other = read(right)
  if (one === null || other === null) return null
  const { coefficients, constant } = add(one, other, -1)
  return { coefficients: new Map([...coefficients].filter(([, coefficient]) => coefficient !== 0)), constant }
}

function read(expression: Expression): Sum | null {
  if (expression.kind === 'number') return { coefficients: new Map(), constant: expression.value }
  if (expression.kind === 'cell' || expression.kind === 'sum') {
    const { table, column } = expression
    const coefficients = new Map<string, number>()
    for (const row of expression.kind === 'cell' ? [expression.row] : expression.rows) {
      const code = `${table}.${row}.${column}`
      coefficients.set(code, (coefficients.get(code) ?? 0) + 1)
    }
    return { coefficients, constant: 0 }
  }
  if (expression.kind === 'call') {
    const cell = expression.arguments[0]
    if (expression.name !== 'prev' || cell?.kind !== 'cell') return null
    return { coefficients: new Map([[`previous:${cell.table}.${cell.row}.${cell.column}`, 1]]), constant: 0 }
  }
  if (expression.kind !== 'binary' || !['+', '-', '*'].includes(expression.operator)) return null
  const one = read(expression.left)
  const other = read(expression.right)
  if (one === null || other === null) return null
  if (expression.operator !== '*') return add(one, other, expression.operator === '-' ? -1 : 1)
  if (one.coefficients.size === 0) return times(other, one.constant)
  return other.coefficients.size === 0 ? times(one, other.constant) : null
}

function add(one: Sum, other: Sum, sign: 1 | -1): Sum {
  const coefficients = new Map(one.coefficients)
  for (const [name, coefficient] of other.coefficients)
    coefficients.set(name, plus(coefficients.get(name) ?? 0, coefficient, sign))
  return { coefficients, constant: plus(one.constant, other.constant, sign) }
}

function times({ coefficients, constant }: Sum, by: number): Sum {
  return {
    coefficients: new Map([...coefficients].map(([name, coefficient]) => [name, product(coefficient, by)])),
    constant: product(constant, by),
  }
}

function plus(one: number, other: number, sign: 1 | -1): number {
  const whole = one + sign * other
  // Whole numbers whose sum is one that doubles hold need no decimals.
  if (Number.isSafeInteger(one) && Number.isSafeInteger(other) && Number.isSafeInteger(whole)) return whole
  return fromDecimal(addDecimals(toDecimal(one), toDecimal(other), sign))
}

function product(one: number, other: number): number {
  if (other === 1 || other === -1) return one * other
  return fromDecimal(multiplyDecimals(toDecimal(one), toDecimal(other)))
}

/** True where a variable may be below 0: a change of stock. */
export function isSigned(name: string, form: Form): boolean {
  return kindOf(name, form) === 'signed_count'
}

/** True where a variable is always a whole number. */
export function isCount(name: string, form: Form): boolean {
  return kindOf(name, form) === 'count' || isSigned(name, form)
}

function kindOf(name: string, form: Form): ValueKind | null {
  const index = form.indexByCode.get(name.replace(/^previous:/, ''))
  return index === undefined ? null : form.cells[index]!.kind
}
