/** Rules on a small form of the tests' own: counts and amounts that add up. */
import { readDefinition } from '../../src/forms/definition.ts'
import { makeForm } from '../../src/forms/registry.ts'
import { type CompiledRules, compileRules } from '../../src/rules/evaluate.ts'

/** What a test says of a rule; the rest is filled in. */
export type MadeRule = { readonly formula: string } & Readonly<Record<string, unknown>>

/** Codes of the lines of both tables. */
export const lines = ['a', 'b', 'c', 'total'] as const

/** The definition as JSON: `t` holds counts, `m` amounts; each has the lines `a`, `b`, `c`, `total` and one column. */
export function madeDefinition(rules: readonly MadeRule[]): string {
  const line = (code: string): object => ({ code, title: code, labels: [`Line ${code}`] })
  const table = (code: string, kind: string): object => ({
    code,
    title: code,
    headings: [`Table ${code}`],
    kind,
    rows: lines.map(line),
    columns: [line('value')],
  })
  return JSON.stringify({
    id: 'made',
    title: 'made',
    source: 'made',
    years: [2020, null],
    tables: [table('t', 'count'), table('m', 'money')],
    rules: rules.map((rule, index) => ({
      id: `made.rule${index}`,
      severity: 'error',
      category: 'calculation',
      nullPolicy: 'strict',
      message: 'm',
      reason: 'r',
      source: 's',
      ...rule,
    })),
  })
}

/** The rules, ready to run. */
export function madeRules(rules: readonly MadeRule[]): CompiledRules {
  return compileRules(makeForm(readDefinition('made.json', madeDefinition(rules))))
}
