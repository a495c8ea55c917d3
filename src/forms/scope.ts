/**
 * A table of a form as matching uses it: takes the registry, gives every table of every form a number and its lines'
 * relations worked out once, since a document is tried against all of them.
 */
import type { Line, TableDefinition } from '../model.ts'
import type { Form, FormCell, Registry } from './registry.ts'
import { isUnit } from './values.ts'

export type TableScope = {
  /** Number among all tables of all forms. */
  readonly id: number
  readonly form: Form
  /** Numbers of all tables of its form. */
  readonly family: ReadonlySet<number>
  readonly table: TableDefinition
  /** The same for tables that several forms have in common: they read alike. */
  readonly shape: string
  /** Cells of the form that lie in this table, in printed order. */
  readonly cells: readonly FormCell[]
  /** Index in `cells` by row and column; -1 where the form has no such cell. */
  readonly places: readonly (readonly number[])[]
  /** Indexes of the rows and columns that have cells in every report. */
  readonly valueRows: readonly number[]
  readonly valueColumns: readonly number[]
  /** What its column of units prints, where it has one; else empty. */
  readonly unitWords: ReadonlySet<string>
  /** Index of the row without a printed label, or -1. */
  readonly unlabelledRow: number
  /** For each row, how many label columns its merged label cell covers beside its own in the official layout. */
  readonly labelColumnsBehind: readonly number[]
  /** For each column the indexes of the groups over it, nearest first. */
  readonly columnGroups: readonly (readonly number[])[]
  /** For each column those that print one of its labels, itself included: nothing but their groups tells them apart. */
  readonly columnsAlike: readonly (readonly number[])[]
}

/** All tables of all forms, in the registry's order. */
export function makeScopes(registry: Registry): readonly TableScope[] {
  const scopes: TableScope[] = []
  for (const form of registry.forms) {
    const family = new Set(form.definition.tables.map((_, index) => scopes.length + index))
    for (const table of form.definition.tables) scopes.push(makeScope(form, family, table, scopes.length))
  }
  return scopes
}

function makeScope(form: Form, family: ReadonlySet<number>, table: TableDefinition, id: number): TableScope {
  const cells = form.cells.filter((cell) => cell.table === table)
  const placeOf = new Map(cells.map((cell, place) => [cell.code, place]))
  const places = table.rows.map((row) =>
    table.columns.map((column) => placeOf.get(`${table.code}.${row.code}.${column.code}`) ?? -1),
  )
  const depths = table.rows.map((_, index) => groupsOf(table.rows, index).length)
  const deepest = Math.max(...depths)
  const { code, headings, corners, asides, rows, columns } = table
  const units = [table.unit, ...rows.map(({ unit }) => unit), ...columns.map(({ unit }) => unit)]
  return {
    id,
    form,
    family,
    table,
    shape: JSON.stringify([code, headings, corners, asides, rows, columns]),
    unitWords: new Set(asides.units.length === 0 ? [] : units.filter((unit) => unit !== null)),
    labelColumnsBehind: depths.map((depth) => deepest - depth),
    cells,
    places,
    valueRows: valueLines(table.rows),
    valueColumns: valueLines(table.columns),
    unlabelledRow: table.rows.findIndex((row) => row.labels.length === 0),
    columnGroups: table.columns.map((_, index) => groupsOf(table.columns, index)),
    columnsAlike: table.columns.map(({ labels }) =>
      valueLines(table.columns).filter((index) => table.columns[index]!.labels.some((one) => labels.includes(one))),
    ),
  }
}

/** A total and what it is the sum of, as places in a list of lines. */
export type PlacedSum = { readonly total: number; readonly parts: readonly number[] }

/** The sums that the form has among lines in the order given, of those that are there with all their parts; null: no line. */
export function sumsAmong(lines: readonly (Line | null)[]): PlacedSum[] {
  const placeOf = (code: string): number => lines.findIndex((line) => line?.code === code)
  return lines.flatMap((line, total) => {
    const parts = (line?.totalOf ?? []).map(placeOf)
    return parts.length === 0 || parts.includes(-1) ? [] : [{ total, parts }]
  })
}

/** True for a cell of a column that prints each row's unit. */
export function isUnitIn({ table, unitWords }: TableScope, text: string): boolean {
  return table.asides.units.length > 0 && (isUnit(text) || unitWords.has(text.replace(/\s+/g, ' ').trim()))
}

function valueLines(lines: readonly Line[]): number[] {
  return lines.flatMap((line, index) => (line.abstract ? [] : [index]))
}

/** The groups over a line of a table by their places, the nearest first. */
export function groupsOf(lines: readonly Line[], line: number): number[] {
  const found: number[] = []
  for (let parent = lines[line]!.parent; parent !== null; ) {
    const index = lines.findIndex((one) => one.code === parent)
    found.push(index)
    parent = lines[index]!.parent
  }
  return found
}
