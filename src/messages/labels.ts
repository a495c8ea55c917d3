/** Names of cells, tables and forms in the words of their form. */
import type { Form, Registry } from '../forms/registry.ts'
import type { Line, TableDefinition } from '../model.ts'
import type { Catalogue } from './catalogue.ts'
import { fill } from './fill.ts'

export type Lang = 'zh' | 'en'

/** The form that a rule id belongs to, by what it begins with; null where no loaded form has it. */
export function formOfRule(rule: string, registry: Registry): Form | null {
  const prefix = rule.split('.')[0]!
  return registry.forms.find(({ rulePrefixes }) => rulePrefixes.has(prefix)) ?? null
}

/** The newest form that has the cell or the table. */
export function formOfCode(code: string, registry: Registry): Form | null {
  return registry.forms.find((form) => form.indexByCode.has(code) || form.tables.has(code)) ?? null
}

/** `表三` of `表三 收到和处理……`: what people call the table. */
export function tableLabel(table: TableDefinition | undefined, lang: Lang, code: string): string {
  return table ? table.title[lang].split(lang === 'zh' ? /\s/ : ',')[0]! : code
}

/** A row or column without the long remark that some carry in brackets. */
export function lineLabel(line: Line, lang: Lang): string {
  return line.title[lang].replace(/（[^（）]{8,}）$/, '')
}

/** The same without its number, for formulas. */
export function shortLabel(line: Line, lang: Lang): string {
  return lineLabel(line, lang).replace(
    /^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|[IVX]+\.\s|\(\d+\)\s|\d+\.\s?)/,
    '',
  )
}

/** Row and column of a code, as lines of the form; null for each that it does not have. */
export function linesOf(
  code: string,
  form: Form | null,
): { table: TableDefinition | undefined; row: Line | null; column: Line | null } {
  const [tableCode = '', rowCode, columnCode] = code.split('.')
  const table = form?.tables.get(tableCode)
  return {
    table,
    row: table?.rows.find((line) => line.code === rowCode) ?? null,
    column: table?.columns.find((line) => line.code === columnCode) ?? null,
  }
}

/** A cell's row and column: `（一）予以公开/自然人`. A row that the form prints no label for is left out. */
export function cellLines(code: string, form: Form | null, lang: Lang): string {
  const { table, row, column } = linesOf(code, form)
  if (!table || !row || !column) return code
  if (row.labels.length === 0) return lineLabel(column, lang)
  return `${lineLabel(row, lang)}/${lineLabel(column, lang)}`
}

/** A cell with its table: `表三“（一）予以公开/自然人”`. */
export function cellLabel(code: string, form: Form | null, lang: Lang, catalogue: Catalogue): string {
  const { table, row, column } = linesOf(code, form)
  if (!table || !row || !column) return code
  return fill(
    catalogue.parts.cell,
    { table: tableLabel(table, lang, code), lines: cellLines(code, form, lang) },
    catalogue,
  )
}
