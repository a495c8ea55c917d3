/**
 * What a definition may say and hardly means: takes a form and the others it will be loaded beside, gives the places where
 * reports could not be read by it, or only in part. None of it keeps a form from being used.
 */
import type { Data, Line, TableDefinition } from '../model.ts'
import { isMisprint, labelCharactersMax, labelKey } from './labels.ts'
import type { Form } from './registry.ts'
import { readValue } from './values.ts'

export type FormWarningCode =
  | 'lines_alike' // data: text, other; no report can tell them apart but by their order
  | 'lines_near' // data: text, other; one character apart
  | 'row_like_column' // data: text, other
  | 'label_unreachable' // data: text; no printed label is ever taken for it
  | 'tables_alike' // data: text, other
  | 'table_of_other' // data: text, form

/** One such place. `path` is a JSON pointer into the definition. */
export type FormWarning = { readonly path: string; readonly code: FormWarningCode; readonly data: Data }

/** Everything about a form that its author should look at. `others`: the forms it is loaded beside. */
export function formWarnings(form: Form, others: readonly Form[]): FormWarning[] {
  const { tables } = form.definition
  return tables.flatMap((table, index) => {
    const path = `/tables/${index}`
    return [
      ...likeOthers(table, index, tables),
      ...others.flatMap(({ definition, tables: known }): FormWarning[] =>
        known.has(table.code)
          ? [{ path: `${path}/code`, code: 'table_of_other', data: { text: table.code, form: definition.id } }]
          : [],
      ),
      ...ofLines(table.rows, `${path}/rows`),
      ...ofLines(table.columns, `${path}/columns`),
      ...rowsLikeColumns(table, path),
    ]
  })
}

/** Tables with the same rows and columns: a header could be that of either. */
function likeOthers(table: TableDefinition, index: number, tables: readonly TableDefinition[]): FormWarning[] {
  const keyOf = ({ rows, columns }: TableDefinition): string =>
    JSON.stringify([rows, columns].map((lines) => lines.map((one) => [one.abstract, one.labels.map(labelKey)])))
  const other = tables.slice(0, index).find((one) => keyOf(one) === keyOf(table))
  if (other === undefined) return []
  return [{ path: `/tables/${index}`, code: 'tables_alike', data: { text: table.code, other: other.code } }]
}

/** A line whose label stands under the same group as one before it. */
function ofLines(lines: readonly Line[], path: string): FormWarning[] {
  const warnings: FormWarning[] = []
  const seen: { readonly key: string; readonly line: Line }[] = []
  for (const [index, line] of lines.entries()) {
    for (const [place, label] of line.labels.entries()) {
      const at = `${path}/${index}/labels/${place}`
      const key = labelKey(label)
      if (key === '' || label.length > labelCharactersMax || readValue(label) !== null) {
        warnings.push({ path: at, code: 'label_unreachable', data: { text: label } })
        continue
      }
      const beside = seen.filter((one) => one.line !== line && one.line.parent === line.parent)
      const same = beside.find((one) => one.key === key)
      const near = key.length > 3 ? beside.find((one) => one.key.length > 3 && isMisprint(one.key, key)) : undefined
      if (same) warnings.push({ path: at, code: 'lines_alike', data: { text: label, other: same.line.code } })
      else if (near) warnings.push({ path: at, code: 'lines_near', data: { text: label, other: near.line.code } })
      seen.push({ key, line })
    }
  }
  return warnings
}

/** Rows all of whose labels head a column too: alone on a line nothing tells which is meant. */
function rowsLikeColumns({ rows, columns }: TableDefinition, path: string): FormWarning[] {
  const heads = new Map(columns.flatMap((column) => column.labels.map((label) => [labelKey(label), column.code])))
  return rows.flatMap((row, index): FormWarning[] => {
    const other = row.labels.map((label) => heads.get(labelKey(label)))
    if (row.labels.length === 0 || other.includes(undefined)) return []
    return [
      {
        path: `${path}/rows/${index}/labels`,
        code: 'row_like_column',
        data: { text: row.labels[0]!, other: other[0]! },
      },
    ]
  })
}
