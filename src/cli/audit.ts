/** `gouji audit`: the findings of a store as a report, in every format, into a file, a folder or stdout. */
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { detailOf, UserError } from '../errors.ts'
import { type Baseline, readBaseline } from '../exports/audit/baseline.ts'
import { type AuditFormat, type AuditRequest, auditFormats } from '../exports/audit/index.ts'
import type { Registry } from '../forms/registry.ts'
import { renderFinding } from '../messages/render.ts'
import type { Severity } from '../model.ts'
import { type FindingFilter, listFindings, standingStates } from '../store/findings.ts'
import type { Store } from '../store/open.ts'
import { drawTables } from './print.ts'
import { exit, openRegistry, packageVersion, type Shell } from './shell.ts'
import { withStore, writeWhole } from './stored.ts'

type AuditOptions = FindingFilter & {
  readonly format?: string
  readonly out?: string
  readonly baseline?: string
  readonly due?: string
  readonly failOn?: 'error' | 'warning'
}

/** Names of all formats: those that go into files, and the table for the terminal. */
export const auditFormatNames: readonly string[] = [...auditFormats.map(({ name }) => name), 'table']

/** Exit code 1 where there are findings at or above `--fail-on`, of those asked for and not dismissed. */
export async function audit(shell: Shell, options: AuditOptions): Promise<number> {
  const baseline = options.baseline === undefined ? null : loadBaseline(options.baseline)
  return withStore(shell, async (store) => {
    const registry = openRegistry(shell)
    const format = chooseFormat(options)
    if (format === null) await printTable(shell, store, registry, options)
    else await writeFormat(shell, store, registry, format, { ...options, baseline, filter: options })
    return options.failOn !== undefined && (await hasFindings(store, options, options.failOn))
      ? exit.findings
      : exit.fine
  })
}

/** Writes the audit page to its usual place, the store or beside one on a server the current folder, and gives that. */
export async function writeAudit(
  shell: Shell,
  store: Store,
  registry: Registry,
  filter: FindingFilter = {},
): Promise<string> {
  const file = store.kind === 'embedded' ? path.join(store.target, 'audit.html') : 'audit.html'
  const html = auditFormats.find(({ name }) => name === 'html')!
  await writeWhole(file, html.encode(makeRequest(shell, store, registry, html, { filter })))
  return file
}

/**
 * Null is the table. Where no format is named the file's ending tells it.
 * @throws UserError `usage` for an ending of no format
 */
function chooseFormat({ format, out }: AuditOptions): AuditFormat | null {
  if (format === 'table') return null
  const named = auditFormats.find(({ name }) => name === format)
  const ending = extensionOf(out)
  if (named !== undefined || ending === null) return named ?? auditFormats[0]!
  const told = auditFormats.find(({ extensions }) => extensions.includes(ending))
  if (told !== undefined) return told
  const endings = auditFormats.flatMap(({ extensions }) => extensions.map((one) => `.${one}`))
  throw new UserError('usage', { detail: `--out ${out} (${[...new Set(endings)].join(', ')})` })
}

function extensionOf(out: string | undefined): string | null {
  return out === undefined || isFolder(out) ? null : path.extname(out).slice(1).toLowerCase() || null
}

type Wanted = Pick<AuditOptions, 'out' | 'due'> & {
  readonly filter: FindingFilter
  readonly baseline?: Baseline | null
  readonly format?: string
}

function makeRequest(
  { config }: Shell,
  store: Store,
  registry: Registry,
  format: AuditFormat,
  { filter, baseline = null, due, out }: Wanted,
): AuditRequest {
  const ending = extensionOf(out)
  return {
    store,
    registry,
    filter: format.withoutDismissed && filter.state === undefined ? { ...filter, state: standingStates } : filter,
    lang: config.lang,
    version: packageVersion(),
    baseline,
    due: due ?? null,
    extension: ending !== null && format.extensions.includes(ending) ? ending : null,
  }
}

async function writeFormat(
  shell: Shell,
  store: Store,
  registry: Registry,
  format: AuditFormat,
  wanted: Wanted,
): Promise<void> {
  const { out } = wanted
  const request = makeRequest(shell, store, registry, format, wanted)
  if (out === undefined && format.name === 'html' && (wanted.format === undefined || process.stdout.isTTY)) {
    await shell.write(`${await writeAudit(shell, store, registry, wanted.filter)}\n`)
  } else if (out === undefined) {
    if (format.binary && process.stdout.isTTY) throw new UserError('binary_output', { format: format.name })
    for await (const piece of format.encode(request)) if (!(await shell.write(piece))) break
  } else if (isFolder(out)) {
    if (format.split === undefined) throw new UserError('folder_not_possible', { format: format.name })
    for await (const { name, pieces } of format.split(request)) {
      const file = path.join(out, name)
      await writeWhole(file, pieces)
      await shell.write(`${file}\n`)
    }
  } else await writeWhole(out, format.encode(request))
  if (format.name === 'letter') await tellLeftOut(shell, store, request.filter)
}

function isFolder(out: string): boolean {
  return /[/\\]$/.test(out) || statSync(out, { throwIfNoEntry: false })?.isDirectory() === true
}

/** What a letter is not about is the auditor's own work, and is told. */
async function tellLeftOut(shell: Shell, store: Store, filter: FindingFilter): Promise<void> {
  if (filter.fault?.includes('reading') === false) return
  let count = 0
  for await (const _ of listFindings(store, { ...filter, fault: ['reading'] })) count++
  if (count > 0) shell.log('left_to_auditor', `${count} ${shell.words.leftToAuditor}`, { count })
}

async function printTable(shell: Shell, store: Store, registry: Registry, filter: FindingFilter): Promise<void> {
  const { words: w, config, color } = shell
  const rows = async function* (): AsyncGenerator<string[]> {
    for await (const finding of listFindings(store, filter)) {
      const { report, severity, difference, state } = finding
      const place = [report.agency ?? w.unknown, String(report.year ?? w.unknown), w[severity], w[state]]
      yield [...place, difference === null ? '' : String(difference), renderFinding(finding, registry, config.lang)]
    }
  }
  const named = [{ title: w.agency, widthMax: 30 }, { title: w.year }, { title: w.severity }, { title: w.state_of }]
  const said = [
    { title: w.difference, align: 'right' as const },
    { title: w.message, widthMax: 160 },
  ]
  let any = false
  for await (const piece of drawTables([...named, ...said], rows(), color)) {
    any = true
    if (!(await shell.write(piece))) break
  }
  if (!any) await shell.write(`${w.noFindings}\n`)
}

async function hasFindings(store: Store, filter: FindingFilter, failOn: 'error' | 'warning'): Promise<boolean> {
  const counted: readonly Severity[] = failOn === 'error' ? ['error'] : ['error', 'warning']
  const severity = counted.filter((one) => filter.severity?.includes(one) !== false)
  if (severity.length === 0) return false
  const found = listFindings(store, { ...filter, severity, state: filter.state ?? standingStates })
  return (await found.next()).done !== true
}

/** No report is larger. */
const baselineBytesMax = 256 * 2 ** 20

/** @throws UserError `path_not_readable`, `baseline_invalid` */
function loadBaseline(file: string): Baseline {
  let text: string
  try {
    if (statSync(file).size > baselineBytesMax) throw Object.assign(new Error(), { code: 'EFBIG' })
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UserError('path_not_readable', { path: file, detail: detailOf(error) })
  }
  return readBaseline(file, text)
}
