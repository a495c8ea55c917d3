/** `gouji findings`: what is wrong, finding by finding, and what people decide about it. */
import { userInfo } from 'node:os'
import { UserError } from '../errors.ts'
import { type Compared, comparedIn } from '../exports/audit/compared.ts'
import { findingColumns, findingObject, findingRow } from '../exports/audit/index.ts'
import { csvLine } from '../exports/csv.ts'
import type { Words } from '../messages/interface.ts'
import { renderMeant } from '../messages/meant.ts'
import { printable } from '../messages/printable.ts'
import { labelOf, renderFinding, renderFormula } from '../messages/render.ts'
import { timeSaid } from '../messages/time.ts'
import type { Fact } from '../model.ts'
import { type Download, downloadsOf } from '../store/downloads.ts'
import {
  type DecisionAction,
  decide,
  decisionsOf,
  type FindingFilter,
  findFinding,
  isPast,
  listFindings,
  type PastDecision,
  type StoredFinding,
} from '../store/findings.ts'
import type { Store } from '../store/open.ts'
import { listReports, loadFacts, type StoredReport } from '../store/reports.ts'
import { drawTable, drawTables } from './print.ts'
import { exit, openRegistry, type Shell } from './shell.ts'
import { withStore, withWritableStore } from './stored.ts'

type ListOptions = FindingFilter & { readonly format: 'table' | 'json' | 'csv' }

/** Findings by state, severity, fault, rule, agency or year. */
export async function findingsList(shell: Shell, options: ListOptions): Promise<number> {
  return withStore(shell, async (store) => {
    const found = listFindings(store, options)
    if (options.format === 'table') return listTable(shell, found)
    const registry = openRegistry(shell)
    let first = true
    if (options.format === 'csv') await shell.write(csvLine(findingColumns))
    for await (const finding of found) {
      const piece =
        options.format === 'csv'
          ? csvLine(findingRow(finding, registry))
          : `${first ? '[\n' : ',\n'}${JSON.stringify(findingObject(finding, registry))}`
      first = false
      if (!(await shell.write(piece))) return exit.fine
    }
    if (options.format === 'json') await shell.write(first ? '[]\n' : '\n]\n')
    return exit.fine
  })
}

async function listTable(shell: Shell, found: AsyncIterable<StoredFinding>): Promise<number> {
  const { words: w, config, color } = shell
  const registry = openRegistry(shell)
  let listed = 0
  let anyOutdated = false
  const rows = async function* (): AsyncGenerator<string[]> {
    for await (const finding of found) {
      const { id, state, outdated, severity, fault, report } = finding
      listed++
      anyOutdated ||= outdated
      const named = [report.agency ?? w.unknown, String(report.year ?? w.unknown)]
      const said = renderFinding(finding, registry, config.lang)
      yield [id.slice(0, 10), `${w[state]}${outdated ? '*' : ''}`, w[severity], w[`fault_${fault}`], ...named, said]
    }
  }
  const heads = ['ID', w.state_of, w.severity, w.fault].map((title) => ({ title }))
  const named = [{ title: w.agency, widthMax: 30 }, { title: w.year }, { title: w.message, widthMax: 140 }]
  for await (const piece of drawTables([...heads, ...named], rows(), color)) if (!(await shell.write(piece))) break
  if (listed === 0) await shell.write(`${w.noFindings}\n`)
  if (anyOutdated) await shell.write(`* ${w.outdated}\n`)
  return exit.fine
}

/** One finding with its cells as printed, what could be meant, and its history. @throws UserError `finding_not_found` */
export async function findingsShow(
  shell: Shell,
  id: string,
  { format }: { readonly format: 'text' | 'json' },
): Promise<number> {
  return withStore(shell, async (store) => {
    const finding = await findFinding(store, id)
    const decisions = await decisionsOf(store, finding)
    const [download = null] = await downloadsOf(store, [finding.report])
    const before = await reportBefore(store, finding)
    if (format === 'json') {
      const object = {
        ...findingObject(finding, openRegistry(shell)),
        judgedAt: finding.judgedAt,
        download,
        ...(before && { comparedWith: { year: before.year, sha256: before.sha256, origin: before.origin } }),
        decisions,
      }
      await shell.write(`${JSON.stringify(object, null, 2)}\n`)
    } else await shell.write(await drawFinding(shell, store, { finding, download, before, decisions }))
    return exit.fine
  })
}

/** The report on the year before, where a finding that stands holds it against this one. */
async function reportBefore(store: Store, { report, terms, state }: StoredFinding): Promise<StoredReport | null> {
  const { agency, year } = report
  if (agency === null || year === null || isPast(state) || !terms.some(({ of }) => of === 'previous')) return null
  for await (const one of listReports(store, { agency, year: year - 1 })) if (one.agency === agency) return one
  return null
}

type Shown = {
  readonly finding: StoredFinding
  readonly download: Download | null
  readonly before: StoredReport | null
  readonly decisions: readonly PastDecision[]
}

async function drawFinding(
  shell: Shell,
  store: Store,
  { finding, download, before, decisions }: Shown,
): Promise<string> {
  const { words: w, config, color } = shell
  const registry = openRegistry(shell)
  const { id, state, outdated, report, severity, rule, fault, codes, quotes } = finding
  const formula = renderFormula(finding, registry, config.lang)
  const lines = [
    `${id}  ${w[state]}${outdated ? ` (${w.outdated})` : ''}`,
    printable(`${report.agency ?? w.unknown}  ${report.year ?? w.unknown}  ${report.origin}`),
    `SHA-256 ${report.sha256}  ${w.revision} ${report.revision}`,
    ...(download === null ? [] : [drawDownload(download, w)]),
    `${w.reader} ${report.reader}  ${w.readAt} ${timeSaid(report.readAt)}  ${w.judgedAt} ${timeSaid(finding.judgedAt)}`,
    `${w[severity]}  ${rule}  ${w.fault}: ${w[`fault_${fault}`]}`,
    renderFinding(finding, registry, config.lang),
    ...(formula === '' ? [] : [formula]),
    ...quotes.map(({ sentence }) => `“${printable(sentence)}”`),
    ...renderMeant(finding.meant, registry, config.lang),
  ]
  const facts = new Map((await loadFacts(store, finding.reading)).map((fact) => [fact.code, fact]))
  const cellsOf = (codes: readonly string[], facts: ReadonlyMap<string, Fact>): string[][] =>
    codes.map((code) => {
      const fact = facts.get(code)
      const place = [fact?.anchor?.page == null ? '' : `p. ${fact.anchor.page}`, fact?.anchor?.path ?? '']
      const said = fact?.text ?? ''
      return [code, labelOf(code, registry, config.lang), said, place.filter((part) => part !== '').join(' ')]
    })
  const heads = [
    { title: w.code },
    { title: w.text, widthMax: 60 },
    { title: w.value },
    { title: w.anchor, widthMax: 60 },
  ]
  const drawn = (cells: string[][]): string => (cells.length === 0 ? '' : `\n${drawTable(heads, cells, color)}`)
  const table = drawn(cellsOf(codes, facts))
  const compared = before === null ? '' : await drawBefore(before)
  const history = decisions.map((decision) => drawDecision(decision, comparedIn(finding), w))
  return `${lines.join('\n')}\n${table}${compared}${history.length === 0 ? '' : `\n${history.join('\n')}\n`}`

  async function drawBefore({ year, origin, sha256, reading }: StoredReport): Promise<string> {
    const own = new Map((await loadFacts(store, reading)).map((fact) => [fact.code, fact]))
    const asked = [...new Set(finding.terms.flatMap(({ of, code }) => (of === 'previous' ? [code] : [])))]
    return `\n${w.comparedWith} ${year}  ${printable(origin)}\nSHA-256 ${sha256}\n${drawn(cellsOf(asked, own))}`
  }
}

/** Who did what, when and why, and on which figures of which document. */
function drawDecision(
  { at, by, action, reason, sha256, reader, actual, expected }: PastDecision,
  [expectedAs, actualAs]: Compared,
  w: Words,
): string {
  const figures = [
    ...(actual === null ? [] : [`${w[actualAs]} ${actual}`]),
    ...(expected === null ? [] : [`${w[expectedAs]} ${expected}`]),
    `SHA-256 ${sha256.slice(0, 12)}…`,
    `${w.reader} ${reader}`,
  ]
  return `${timeSaid(at)}  ${by}  ${w[`did_${action}`]}${reason ? `: ${printable(reason)}` : ''}\n    ${figures.join(' · ')}`
}

function drawDownload({ finalUrl, fetchedAt, status, contentType, lastModified }: Download, w: Words): string {
  const said = [contentType, lastModified].filter((one) => one !== null)
  return printable(
    `${w.fetched} ${timeSaid(fetchedAt)}  ${finalUrl}  HTTP ${status}${said.map((one) => ` · ${one}`).join('')}`,
  )
}

type DecideOptions = { readonly reason?: string; readonly by?: string }

/** A command that decides about findings. All ids are looked up before anything is written. */
export function deciding(action: DecisionAction) {
  return async (shell: Shell, ids: readonly string[], options: DecideOptions): Promise<number> =>
    withWritableStore(shell, async (store) => {
      const findings = []
      for (const id of ids) findings.push(await findFinding(store, id))
      const gone = findings.find(({ state }) => isPast(state))
      if (gone) throw new UserError('finding_gone', { id: gone.id, state: gone.state })
      const by = options.by ?? whoAmI()
      for (const finding of findings) {
        await decide(store, finding, { action, reason: options.reason ?? null, by, at: new Date() })
        await shell.write(`${finding.id}  ${shell.words[`did_${action}`]}\n`)
      }
      return exit.fine
    })
}

/** The user of this machine; some containers have none by name. @throws UserError `usage` */
function whoAmI(): string {
  try {
    return userInfo().username
  } catch {
    throw new UserError('usage', { detail: '--by' })
  }
}
