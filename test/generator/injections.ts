/**
 * Wrong figures with a known effect. The identities of a form are listed from `totalOf` and the balance alone and
 * checked by plain arithmetic, so that what the reader's rules say is compared with something that is not the rules.
 */
import type { Form } from '../../src/forms/registry.ts'
import { balanceRows, formOf, type PrintedCell, type Truth } from './figures.ts'
import type { Random } from './random.ts'

/** One equation of a form at one place: the cells on the left add up to the cells on the right. */
export type Identity = {
  /** Id of the rule that states it in the definition. */
  readonly rule: string
  /** What varies: the row or column code; null where the rule has one place only. */
  readonly at: string | null
  readonly left: readonly string[]
  readonly right: readonly string[]
}

/** An identity that does not hold. `expected` is the left side, computed; `actual` the right side, as printed. */
export type Break = Identity & { readonly expected: number; readonly actual: number; readonly difference: number }

export type Injection = {
  readonly truth: Truth
  /** The cell that was changed. */
  readonly code: string
  readonly breaks: readonly Break[]
}

/** Every identity of the form, from its totals and its balance. */
export function identitiesOf(form: Form): Identity[] {
  const prefix = form.definition.id.replace('_', '')
  const found: Identity[] = []
  for (const table of form.definition.tables) {
    const rows = table.rows.filter((row) => !row.abstract)
    const columns = table.columns.filter((column) => !column.abstract)
    for (const total of columns) {
      for (const row of total.totalOf === null ? [] : rows) {
        found.push({
          rule: `${prefix}.${table.code}_${rows.length === 1 ? total.code : 'row_total'}`,
          at: rows.length === 1 ? null : row.code,
          left: total.totalOf!.map((part) => `${table.code}.${row.code}.${part}`),
          right: [`${table.code}.${row.code}.${total.code}`],
        })
      }
    }
    for (const total of rows) {
      for (const column of total.totalOf === null ? [] : columns) {
        found.push({
          rule:
            columns.length === 1
              ? `${prefix}.${total.code.replace(/_total$/, '')}_sum`
              : `${prefix}.${table.code}_${total.code}`,
          at: columns.length === 1 ? null : column.code,
          left: total.totalOf!.map((part) => `${table.code}.${part}.${column.code}`),
          right: [`${table.code}.${total.code}.${column.code}`],
        })
      }
    }
    if (!balanceRows.every((code) => rows.some((row) => row.code === code))) continue
    for (const column of columns) {
      const [received, carried, processed, forward] = balanceRows.map((row) => `${table.code}.${row}.${column.code}`)
      found.push({
        rule: `${prefix}.${table.code}_balance`,
        at: column.code,
        left: [received!, carried!],
        right: [processed!, forward!],
      })
    }
  }
  return found
}

/** The identities that printed cells break, where both sides print at least one number and blanks count as 0. */
export function breaksOf(form: Form, cells: ReadonlyMap<string, PrintedCell>): Break[] {
  const sum = (codes: readonly string[]): number =>
    codes.reduce((total, code) => total + (cells.get(code)?.value ?? 0), 0)
  return identitiesOf(form)
    .filter((identity) =>
      [identity.left, identity.right].every((side) => side.some((code) => cells.get(code)?.state === 'number')),
    )
    .map((identity) => ({ ...identity, expected: sum(identity.left), actual: sum(identity.right) }))
    .map((one) => ({ ...one, difference: one.actual - one.expected }))
    .filter((one) => one.difference !== 0)
}

/**
 * The report with one cell of an identity changed, and exactly what that breaks. Only cells whose identities all print
 * numbers on both sides are taken, since otherwise it is open whether a blank is a 0. Null where there is no such cell.
 */
export function injectError(truth: Truth, random: Random): Injection | null {
  const form = formOf(truth.form)
  const identities = identitiesOf(form)
  const codes = [...new Set(identities.flatMap((one) => [...one.left, ...one.right]))]
  for (let attempt = 0; attempt < 60; attempt++) {
    const code = random.pick(codes)
    const before = truth.cells.get(code)
    if (before?.state !== 'number' || before.value === null) continue
    const value = before.value + random.pick([1, 1, 2, 9, 10, 100, -1, -1])
    if (value < 1) continue
    const cells = new Map(truth.cells).set(code, { state: 'number', value, text: String(value) })
    const touched = identities.filter((one) => one.left.includes(code) || one.right.includes(code))
    const clear = touched.every((one) =>
      [one.left, one.right].every((side) => side.some((other) => cells.get(other)?.state === 'number')),
    )
    if (!clear) continue
    const amounts = new Map(truth.amounts).set(code, value)
    return { truth: { ...truth, amounts, cells }, code, breaks: breaksOf(form, cells) }
  }
  return null
}
