/**
 * Forms as data: loads the definitions, checks that each says only what can be true, and gives every cell of a form a
 * fixed index, so that facts can be held as arrays. No row, label or formula stands in code.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { UserError } from '../errors.ts'
import type { FormDefinition, Line, TableDefinition, ValueKind } from '../model.ts'
import { readDefinition } from './definition.ts'

/** One cell that a form has, with what it counts. */
export type FormCell = {
  readonly code: string
  readonly table: TableDefinition
  readonly row: Line
  readonly column: Line
  readonly kind: ValueKind
  readonly unit: string | null
  /** False for the subtotals that a form does not ask for but some reports print. */
  readonly required: boolean
}

/** A definition with the addresses of its cells. */
export type Form = {
  readonly definition: FormDefinition
  readonly tables: ReadonlyMap<string, TableDefinition>
  /** All cells in printed order: table, row, column. Their index is their place in stored arrays. */
  readonly cells: readonly FormCell[]
  readonly indexByCode: ReadonlyMap<string, number>
  /** How many cells the form asks for in each table. */
  readonly requiredCounts: ReadonlyMap<string, number>
}

export type Registry = {
  readonly forms: readonly Form[]
  readonly byId: ReadonlyMap<string, Form>
  /** Hash over all definitions: part of the reader's version, since another form is another reading. */
  readonly hash: string
}

const definitionsFolder = new URL('./definitions/', import.meta.url)

/**
 * The forms that gouji brings, and after them the user's own.
 * @throws UserError `form_invalid` naming file and path, for the first definition that is wrong
 */
export function loadRegistry(extra: readonly { readonly file: string; readonly json: string }[] = []): Registry {
  const own = readdirSync(definitionsFolder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({ file: name, json: readFileSync(new URL(name, definitionsFolder), 'utf8') }))
  const hash = createHash('sha256')
  const forms: Form[] = []
  for (const { file, json } of [...own, ...extra]) {
    hash.update(json)
    const form = makeForm(readDefinition(file, json))
    if (forms.some((other) => other.definition.id === form.definition.id)) {
      throw new UserError('form_invalid', { file, path: '/id', detail: `"${form.definition.id}" is taken` })
    }
    forms.push(form)
  }
  // Newest first: where two forms fit a table equally well, the newer one is meant.
  forms.sort((a, b) => b.definition.years[0] - a.definition.years[0] || (a.definition.id < b.definition.id ? -1 : 1))
  return {
    forms,
    byId: new Map(forms.map((form) => [form.definition.id, form])),
    hash: hash.digest('hex').slice(0, 12),
  }
}

/** A definition with its cells listed and indexed. */
export function makeForm(definition: FormDefinition): Form {
  const cells: FormCell[] = []
  for (const table of definition.tables) {
    for (const row of table.rows) {
      if (row.abstract && !row.optionalSubtotal) continue
      for (const column of table.columns) {
        if (column.abstract) continue
        cells.push({
          code: `${table.code}.${row.code}.${column.code}`,
          table,
          row,
          column,
          kind: column.kind ?? row.kind ?? table.kind,
          unit: column.unit ?? row.unit ?? table.unit,
          required: !row.abstract,
        })
      }
    }
  }
  const requiredCounts = new Map<string, number>()
  for (const { table, required } of cells) {
    if (required) requiredCounts.set(table.code, (requiredCounts.get(table.code) ?? 0) + 1)
  }
  return {
    definition,
    requiredCounts,
    tables: new Map(definition.tables.map((table) => [table.code, table])),
    cells,
    indexByCode: new Map(cells.map((cell, index) => [cell.code, index])),
  }
}
