/** `gouji diff`: what differs between two revisions, readings, years or agencies. */
import { csvLine } from '../exports/csv.ts'
import { compareSides, type Difference, type Side } from '../exports/difference.ts'
import { printable } from '../messages/printable.ts'
import { catalogues, labelOf, renderFinding } from '../messages/render.ts'
import type { Fact, Finding } from '../model.ts'
import { findingsOfReading } from '../store/findings.ts'
import type { Store } from '../store/open.ts'
import { findReading, type NamedReading } from '../store/references.ts'
import { loadFacts } from '../store/reports.ts'
import { drawTable } from './print.ts'
import { exit, openRegistry, type Shell } from './shell.ts'
import { withStore } from './stored.ts'

type Options = { readonly format: 'table' | 'json' | 'csv' }

/**
 * Cells and findings that differ. Exit code 1 where anything does.
 * @throws UserError `reading_not_found`, `reading_ambiguous`
 */
export async function difference(shell: Shell, first: string, second: string, { format }: Options): Promise<number> {
  return withStore(shell, async (store) => {
    const before = await findReading(store, first)
    const after = await findReading(store, second)
    const found = compareSides(await sideOf(store, before), await sideOf(store, after))
    if (format === 'json') await shell.write(`${JSON.stringify({ before, after, ...found }, null, 2)}\n`)
    else if (format === 'csv') await shell.write(drawCsv(found))
    else await shell.write(draw(found, before, after, shell))
    const { cells, gone, added, changed } = found
    return cells.length + gone.length + added.length + changed.length > 0 ? exit.findings : exit.fine
  })
}

async function sideOf(store: Store, { reading }: NamedReading): Promise<Side> {
  return { facts: await loadFacts(store, reading), findings: await findingsOfReading(store, reading) }
}

function drawCsv({ cells }: Difference): string {
  const head = ['code', 'before_state', 'before', 'after_state', 'after', 'difference']
  const rows = cells.map(({ code, before, after, difference: by }) => [
    code,
    before?.state ?? 'absent',
    before?.value ?? null,
    after?.state ?? 'absent',
    after?.value ?? null,
    by,
  ])
  return [head, ...rows].map(csvLine).join('')
}

function draw(found: Difference, before: NamedReading, after: NamedReading, shell: Shell): string {
  const { words: w, color, config } = shell
  const registry = openRegistry(shell)
  const { cells, equalCells, gone, added, changed } = found
  const lines = [`− ${nameOf(before, shell)}`, `+ ${nameOf(after, shell)}`, '']
  const shown = (fact: Fact | null): string =>
    fact?.state === 'number' ? fact.text : catalogues[config.lang].states[fact?.state ?? 'absent']
  const rows = cells.map(({ code, before: one, after: other, difference: by }) => [
    code,
    labelOf(code, registry, config.lang),
    shown(one),
    shown(other),
    by === null ? '' : `${by > 0 ? '+' : ''}${by}`,
  ])
  const heads = [{ title: w.code }, { title: w.text, widthMax: 60 }]
  const figures = ['−', '+', w.difference].map((title) => ({ title, align: 'right' as const }))
  const table = rows.length === 0 ? '' : `${drawTable([...heads, ...figures], rows, color)}\n`
  const said = (mark: string, finding: Finding): string =>
    `${mark} ${w[finding.severity]}  ${renderFinding(finding, registry, config.lang)}`
  lines.push(
    `${table}${w.cellsDiffer} ${cells.length} · ${w.cellsEqual} ${equalCells}`,
    ...gone.map((finding) => said('−', finding)),
    ...added.map((finding) => said('+', finding)),
    ...changed.flatMap((pair) => [said('−', pair.before), said('+', pair.after)]),
  )
  return `${lines.join('\n')}\n`
}

function nameOf({ agency, year, revision, reader, sha256, seenAt }: NamedReading, { words: w }: Shell): string {
  return `${printable(agency ?? w.unknown)}@${year ?? w.unknown}#${revision}  ${seenAt.slice(0, 10)}  ${sha256.slice(0, 12)}  ${reader}`
}
