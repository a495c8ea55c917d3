/** `gouji forms`: which forms there are, what is in one, what they have in common, whether a definition is valid. */
import { UserError } from '../errors.ts'
import { csvLine } from '../exports/csv.ts'
import { type Form, readForm } from '../forms/registry.ts'
import { formWarnings } from '../forms/warnings.ts'
import { printable } from '../messages/printable.ts'
import { renderFormWarning } from '../messages/render.ts'
import type { Line } from '../model.ts'
import { drawTable } from './print.ts'
import { exit, loadForms, openRegistry, readFormFile, type Shell } from './shell.ts'

type Options = { readonly format: 'table' | 'json' }

/** All forms. */
export async function formsList(shell: Shell, options: Options): Promise<number> {
  const { words: w, config } = shell
  const listed = openRegistry(shell).forms.map((form) => {
    const { id, title, years, tables, rules, source } = form.definition
    return { id, title, years, tables: tables.length, cells: form.cells.length, rules: rules.length, source }
  })
  if (options.format === 'json') await shell.write(`${JSON.stringify(listed, null, 2)}\n`)
  else {
    const counts = [w.tables, w.cells, w.rules].map((title) => ({ title, align: 'right' as const }))
    const columns = [{ title: 'ID' }, { title: w.years }, ...counts, { title: w.form }]
    const rows = listed.map((form) => {
      const years = `${form.years[0]}–${form.years[1] ?? ''}`
      return [form.id, years, ...[form.tables, form.cells, form.rules].map(String), form.title[config.lang]]
    })
    await shell.write(drawTable(columns, rows, shell.color))
  }
  return exit.fine
}

/** Tables and rules of one form. */
export async function formsShow(shell: Shell, id: string, options: Options): Promise<number> {
  const registry = openRegistry(shell)
  const form = registry.byId.get(id)
  if (form === undefined) {
    throw new UserError('form_not_found', { id, ids: registry.forms.map((each) => each.definition.id) })
  }
  if (options.format === 'json') await shell.write(`${JSON.stringify(form.definition, null, 2)}\n`)
  else await shell.write(drawForm(form, shell))
  return exit.fine
}

/**
 * Checks a definition: its shape, its references, its formulas; then what it may say and hardly means.
 * @throws UserError `form_invalid` with all places, `path_not_readable`
 */
export async function formsCheck(shell: Shell, file: string): Promise<number> {
  const { words: w, config } = shell
  const own = readFormFile(file)
  const others = config.forms.filter((other) => other !== file).map(readFormFile)
  const form = readForm(file, own.json)
  // One of gouji's own definitions is checked beside the others, not beside itself.
  const known = loadForms(others)
  const isKnown = JSON.stringify(known.byId.get(form.definition.id)?.definition) === JSON.stringify(form.definition)
  const { forms } = isKnown ? known : loadForms([...others, own])
  const { tables, rules, id } = form.definition
  const counts = `${w.tables} ${tables.length}, ${w.cells} ${form.cells.length}, ${w.rules} ${rules.length}`
  await shell.write(`${printable(file)}: ${w.formValid} (${id}; ${counts})\n`)
  const beside = forms.filter(({ definition }) => definition.id !== id)
  for (const warning of formWarnings(form, beside)) {
    await shell.write(`${w.warning_at}: ${warning.path}: ${renderFormWarning(warning, config.lang)}\n`)
  }
  return exit.fine
}

type CrosswalkOptions = { readonly format: 'table' | 'json' | 'csv' }

/** Which cells of different forms are one series. */
export async function formsCrosswalk(shell: Shell, options: CrosswalkOptions): Promise<number> {
  const { words: w, config } = shell
  const registry = openRegistry(shell)
  const series = registry.crosswalk
  const ids = registry.forms
    .map(({ definition }) => definition.id)
    .filter((id) => series.some(({ forms }) => forms[id]))
  if (options.format === 'json') await shell.write(`${JSON.stringify(series, null, 2)}\n`)
  else if (options.format === 'csv') {
    await shell.write(csvLine(['series', 'comparability', ...ids, 'title_zh', 'title_en', 'reason_zh', 'reason_en']))
    for (const { code, title, comparability, reason, forms } of series) {
      const cells = ids.map((id) => (forms[id] ?? []).join(' '))
      await shell.write(csvLine([code, comparability, ...cells, title.zh, title.en, reason.zh, reason.en]))
    }
  } else {
    const columns = [{ title: w.series, widthMax: 40 }, { title: w.comparability }, ...ids.map((title) => ({ title }))]
    const rows = series.map(({ title, comparability, reason, forms }) => [
      title[config.lang],
      w[comparability],
      ...ids.map((id) => (forms[id] ?? []).join(' + ')),
      reason[config.lang],
    ])
    await shell.write(drawTable([...columns, { title: w.why, widthMax: 160 }], rows, shell.color))
  }
  return exit.fine
}

function drawForm(form: Form, shell: Shell): string {
  const { words: w, config, color } = shell
  const { definition } = form
  const parts = [`${printable(definition.title[config.lang])} (${definition.id})\n${printable(definition.source)}\n`]
  for (const table of definition.tables) {
    parts.push(
      `\n${table.code}  ${printable(table.title[config.lang])}${table.unit === null ? '' : ` (${printable(table.unit)})`}\n`,
    )
    const columns = [
      { title: '' },
      { title: w.code },
      { title: w.text, widthMax: 70 },
      { title: 'English', widthMax: 60 },
    ]
    const lines = (kind: string, all: readonly Line[]): string[][] =>
      all.map((line) => [kind, line.code, `${'  '.repeat(depthOf(line, all))}${line.labels[0] ?? ''}`, line.title.en])
    parts.push(drawTable(columns, [...lines(w.rows, table.rows), ...lines(w.columns, table.columns)], color))
  }
  const rules = definition.rules.map((rule) => [rule.id, w[rule.severity], rule.formula])
  parts.push(`\n${drawTable([{ title: w.rule }, { title: w.severity }, { title: '', widthMax: 120 }], rules, color)}`)
  return parts.join('')
}

function depthOf(line: Line, all: readonly Line[]): number {
  const parent = all.find((each) => each.code === line.parent)
  return parent ? depthOf(parent, all) + 1 : 0
}
