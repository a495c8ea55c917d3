/**
 * Facts as they lie in the store: one array of values a table, in the form's fixed order, with a letter for each state
 * and everything that is not already said by value and state kept by place. 220 facts take about 2 kB this way.
 */
import type { Anchor } from '../../parsers/document.ts'
import type { Form, Registry } from '../forms/registry.ts'
import type { Fact, State, TableMatch } from '../model.ts'

export type PackedTable = {
  readonly form: string
  readonly table: string
  readonly codes: readonly string[]
  readonly values: readonly (number | null)[]
  readonly states: string
  readonly extras: Readonly<Record<string, Extra>> | null
  readonly anchors: string
}

/** What a cell says beside its value and state. */
type Extra = {
  readonly text?: string
  readonly unit?: string
  readonly candidates?: readonly number[]
  readonly from?: 'prose'
  readonly inferred?: true
  readonly confidence?: number
  readonly page?: number
  readonly box?: Anchor['box']
}

const letters: Record<State, string> = { number: 'n', blank: 'b', mark: 'm', absent: 'a', unreadable: 'u' }
const states = new Map(Object.entries(letters).map(([state, letter]) => [letter, state as State]))
const notThere = '-'

/** The codes of a table in a form's order: the layout of its arrays. */
export function layoutOf(form: Form, table: string): string[] {
  return form.cells.filter((cell) => cell.table.code === table).map((cell) => cell.code)
}

/** The facts of a reading, one packed table for each table that was read. */
export function packFacts(registry: Registry, tables: readonly TableMatch[], facts: readonly Fact[]): PackedTable[] {
  const byCode = new Map(facts.map((fact) => [fact.code, fact]))
  return tables.map(({ table, form }) => {
    const codes = layoutOf(registry.byId.get(form)!, table)
    const extras: Record<string, Extra> = {}
    const found = codes.map((code, index) => {
      const fact = byCode.get(code)
      const extra = fact === undefined ? null : extraOf(fact)
      if (extra !== null) extras[index + 1] = extra
      return fact
    })
    return {
      form,
      table,
      codes,
      values: found.map((fact) => fact?.value ?? null),
      states: found.map((fact) => (fact === undefined ? notThere : letters[fact.state])).join(''),
      extras: Object.keys(extras).length === 0 ? null : extras,
      anchors: found.map((fact) => fact?.anchor?.path ?? '').join('\n'),
    }
  })
}

function extraOf(fact: Fact): Extra | null {
  const plain = fact.state === 'number' ? String(fact.value) : ''
  const extra: Extra = {
    ...(fact.text !== plain && { text: fact.text }),
    ...(fact.unit !== null && { unit: fact.unit }),
    ...(fact.state === 'unreadable' && fact.candidates.length > 0 && { candidates: fact.candidates }),
    ...(fact.from === 'prose' && { from: fact.from }),
    ...(fact.inferred && { inferred: true as const }),
    ...(fact.confidence !== undefined && { confidence: fact.confidence }),
    ...(fact.anchor?.page != null && { page: fact.anchor.page }),
    ...(fact.anchor?.box != null && { box: fact.anchor.box }),
  }
  return Object.keys(extra).length === 0 ? null : extra
}

/** The facts of a packed table, in its order. */
export function unpackFacts(packed: PackedTable): Fact[] {
  const anchors = packed.anchors.split('\n')
  return packed.codes.flatMap((code, index): Fact[] => {
    const letter = packed.states[index]!
    if (letter === notThere) return []
    const state = states.get(letter)!
    const extra = packed.extras?.[index + 1] ?? {}
    const value = packed.values[index] ?? null
    const path = anchors[index] ?? ''
    const anchor = state === 'absent' ? null : { path, page: extra.page ?? null, box: extra.box ?? null }
    const text = extra.text ?? (state === 'number' ? String(value) : '')
    const unit = extra.unit ?? null
    const inferred = extra.inferred ?? false
    const from = extra.from ?? 'table'
    // Written out, not spread: the engine then knows all facts by one shape, and reads them several times as fast.
    const fact: Fact =
      state === 'number'
        ? { code, state, value: value!, unit, text, from, inferred, anchor }
        : state === 'unreadable'
          ? { code, state, value: null, candidates: extra.candidates ?? [], unit, text, from, inferred, anchor }
          : { code, state, value: null, unit, text, from, inferred, anchor }
    return [extra.confidence === undefined ? fact : { ...fact, confidence: extra.confidence }]
  })
}
