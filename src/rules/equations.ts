/**
 * What a form's rules say must add up exactly: takes compiled rules, gives the equations among cells that reading may use
 * to tell which of several readings a report prints.
 */
import type { Equation } from '../forms/equations.ts'
import type { CompiledRules } from './compile.ts'

const known = new WeakMap<CompiledRules, readonly Equation[]>()

/** The equations of plain sums that a form holds to be errors where broken, without tolerance or conditions: of the same rules the same. */
export function exactEquations(rules: CompiledRules): readonly Equation[] {
  const equations = known.get(rules) ?? findEquations(rules)
  known.set(rules, equations)
  return equations
}

function findEquations({ rules }: CompiledRules): Equation[] {
  return rules.flatMap(({ definition, needs, instances }) => {
    const { severity, category, tolerance } = definition
    if (severity !== 'error' || category !== 'calculation' || tolerance !== 0 || needs.length > 0) return []
    return instances.flatMap(({ premise, sole, left, right }): Equation[] => {
      if (premise !== null || sole !== '=' || !left.plain || !right.plain) return []
      const terms = [...termsOf(left, 1), ...termsOf(right, -1)]
      return new Set(terms.map(([cell]) => cell)).size === terms.length ? [terms] : []
    })
  })
}

function termsOf(
  { cells, signs }: { readonly cells: readonly number[]; readonly signs: readonly number[] },
  turn: number,
): [number, number][] {
  return cells.map((cell, index) => [cell, signs[index]! * turn])
}
