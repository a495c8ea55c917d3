/**
 * Rules as linear inequalities: takes an instance of a rule, gives coefficients by variable, where it is nothing but sums
 * of figures compared with each other. Last year's figures are variables of their own.
 */
import type { Form } from '../forms/registry.ts'
import type { ValueKind } from '../model.ts'
import type { Instance } from './compile.ts'
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
  const sum: Sum = { coefficients: new Map(), constant: 0 }
  if (!add(left, 1, sum) || !add(right, -1, sum)) return null
  for (const [name, coefficient] of sum.coefficients) if (coefficient === 0) sum.coefficients.delete(name)
  return { ...sum, operator }
}

type Sum = { readonly coefficients: Map<string, number>; constant: number }

function add(expression: Expression, factor: number, sum: Sum): boolean {
  const count = (name: string): void => {
    sum.coefficients.set(name, (sum.coefficients.get(name) ?? 0) + factor)
  }
  switch (expression.kind) {
    case 'number':
      sum.constant += factor * expression.value
      return true
    case 'cell':
      count(`${expression.table}.${expression.row}.${expression.column}`)
      return true
    case 'sum':
      for (const row of expression.rows) count(`${expression.table}.${row}.${expression.column}`)
      return true
    case 'call': {
      const cell = expression.arguments[0]
      if (expression.name !== 'prev' || cell?.kind !== 'cell') return false
      count(`previous:${cell.table}.${cell.row}.${cell.column}`)
      return true
    }
    case 'binary': {
      const { operator, left, right } = expression
      if (operator === '+' || operator === '-')
        return add(left, factor, sum) && add(right, operator === '-' ? -factor : factor, sum)
      if (operator !== '*') return false
      if (left.kind === 'number') return add(right, factor * left.value, sum)
      return right.kind === 'number' && add(left, factor * right.value, sum)
    }
    default:
      return false
  }
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
