/** Reports as facts, made for the tests of the rules: from the truth of a sample, or consistent ones from a seed. */
import { readFileSync } from 'node:fs'
import type { Form, Registry } from '../../src/forms/registry.ts'
import type { Fact, TableMatch } from '../../src/model.ts'
import { type CompiledRules, evaluateRules, type RuleInput, type RuleResult } from '../../src/rules/evaluate.ts'

const anchor = { path: 'table[1]', page: null, box: null }

/** A cell that prints a number, as a fact. */
export function numberFact(code: string, value: number, unit: string | null = null, text = String(value)): Fact {
  return { code, state: 'number', value, unit, text, from: 'table', inferred: false, anchor }
}

/** A cell without a number, as a fact: of the same shape as those that are read. */
export function emptyFact(code: string, state: 'blank' | 'mark' | 'absent' | 'unreadable'): Fact {
  const text = state === 'mark' ? '/' : ''
  const at = state === 'absent' ? null : anchor
  if (state === 'unreadable')
    return { code, state, value: null, candidates: [], unit: null, text, from: 'table', inferred: false, anchor }
  return { code, state, value: null, unit: null, text, from: 'table', inferred: false, anchor: at }
}

/** The match of a table that was found whole. */
export function matchOf(form: Form, table: string): TableMatch {
  const rows = form.tables.get(table)!.rows.length
  const columns = form.tables.get(table)!.columns.length
  return {
    table,
    form: form.definition.id,
    anchor,
    rowsFound: rows,
    rowsExpected: rows,
    columnsFound: columns,
    columnsExpected: columns,
  }
}

/** What the rules say of facts whose tables were all read by one form. */
export function evaluateFacts(
  rules: ReadonlyMap<string, CompiledRules>,
  form: Form,
  facts: readonly Fact[],
  change: Partial<RuleInput> = {},
  wanted: { outcomes?: boolean } = {},
): RuleResult {
  const tables = [...new Set(facts.map((fact) => fact.code.split('.')[0]!))].map((table) => matchOf(form, table))
  const input: RuleInput = {
    rules,
    tables,
    form: form.definition.id,
    facts,
    meta: { reportYear: form.definition.years[0] },
    doubtfulTables: new Set(),
    unplacedFigures: false,
    unreadTables: new Set(),
    ...change,
  }
  return evaluateRules(input, wanted)
}

/** The facts of a truth file: a number, or null for a blank cell. */
export function truthFacts(path: string): Fact[] {
  const truth: { facts: Record<string, number | null> } = JSON.parse(
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  )
  return Object.entries(truth.facts).map(([code, value]) =>
    value === null ? emptyFact(code, 'blank') : numberFact(code, value),
  )
}

/** The input of a report whose table 3 follows another form than its other tables. */
export function mixedTables(
  registry: Registry,
  facts: readonly Fact[],
  formOf: (table: string) => string,
): TableMatch[] {
  const codes = [...new Set(facts.map((fact) => fact.code.split('.')[0]!))]
  return codes.map((table) => matchOf(registry.byId.get(formOf(table))!, table))
}

/**
 * A report on a form with tables 3 and 4 that holds together: `figures` gives the free cells their numbers, totals are
 * added up by what the definition's lines say, and what is left over is carried forward.
 */
export function consistentValues(form: Form, figures: (index: number) => number): Map<string, number> {
  const values = new Map<string, number>()
  let index = 0
  for (const cell of form.cells) {
    if (cell.required && cell.row.totalOf === null && cell.column.totalOf === null)
      values.set(cell.code, figures(index++))
  }
  const t3 = form.tables.get('t3')!
  const at = (row: string, column: string): number => values.get(`t3.${row}.${column}`)!
  const total = t3.rows.find((row) => row.code === 'total_processed')!
  for (const column of t3.columns) {
    if (column.abstract || column.totalOf) continue
    const processed = total.totalOf!.reduce((sum, row) => sum + at(row, column.code), 0)
    values.set(`t3.total_processed.${column.code}`, processed)
    values.set(`t3.new_received.${column.code}`, processed + at('carried_forward', column.code))
    values.set(`t3.carried_over.${column.code}`, 0)
  }
  for (const cell of form.cells) {
    const { table, row, column } = cell
    if (!cell.required || column.totalOf === null) continue
    const parts = column.totalOf.map((part) => values.get(`${table.code}.${row.code}.${part}`)!)
    values.set(
      cell.code,
      parts.reduce((sum, part) => sum + part, 0),
    )
  }
  for (const row of form.tables.get('t2_art20_1')?.rows ?? []) values.set(`t2_art20_1.${row.code}.in_force`, 10_000)
  return values
}
