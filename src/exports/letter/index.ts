/** The letters to agencies as a format of the audit report: one file for one agency, or one for each into a folder. */
import { UserError } from '../../errors.ts'
import { type AuditedReport, auditedReports } from '../audit/reports.ts'
import type { AuditFile, AuditFormat, AuditRequest, Pieces } from '../audit/request.ts'
import { composeLetter, isForLetter } from './content.ts'
import { letterMarkdown } from './markdown.ts'

/** For the agency. Word unless the file is named as Markdown. */
export const letter: AuditFormat = {
  name: 'letter',
  extensions: ['docx', 'md'],
  binary: true,
  withoutDismissed: true,
  encode: encodeLetter,
  split: splitLetters,
}

/** Agencies that an error names. */
const agenciesNamedMax = 5

/** @throws UserError `several_agencies`, `no_letter` */
async function* encodeLetter(request: AuditRequest): AsyncGenerator<string | Uint8Array> {
  const agencies = new Set<string>()
  let only: AuditedReport[] = []
  for await (const reports of byAgency(request)) {
    const { agency, sha256 } = reports[0]!.report
    agencies.add(agency ?? sha256.slice(0, 12))
    only = reports
  }
  if (agencies.size === 0) throw new UserError('no_letter')
  const named = [...agencies].slice(0, agenciesNamedMax)
  const more = agencies.size > named.length ? ['…'] : []
  if (agencies.size > 1)
    throw new UserError('several_agencies', { count: agencies.size, agencies: [...named, ...more] })
  yield* write(request, only)
}

/** @throws UserError `no_letter` */
async function* splitLetters(request: AuditRequest): AsyncGenerator<AuditFile> {
  const taken = new Set<string>()
  for await (const reports of byAgency(request)) {
    const { agency, sha256 } = reports[0]!.report
    const name = fileName(agency ?? '', sha256, taken)
    taken.add(name.toLowerCase())
    yield { name: `${name}.${request.extension ?? 'docx'}`, pieces: write(request, reports) }
  }
  if (taken.size === 0) throw new UserError('no_letter')
}

async function* write(
  request: AuditRequest,
  reports: readonly AuditedReport[],
): Pieces & AsyncGenerator<string | Uint8Array> {
  const composed = await composeLetter(request, reports)
  if (request.extension === 'md') return yield letterMarkdown(composed)
  // Loaded when it is needed: every command would wait for it.
  const { letterDocx } = await import('./docx.ts')
  yield await letterDocx(composed)
}

/**
 * Reports to write about, those of one agency together; a report of an unknown agency alone. An agency's whole name
 * stands for it alone, although it may be part of another's.
 */
async function* byAgency(request: AuditRequest): AsyncGenerator<AuditedReport[]> {
  const { agency } = request.filter
  let exact = false
  if (agency !== undefined)
    for await (const { report } of auditedReports(request)) if (report.agency === agency) exact = true
  let group: AuditedReport[] = []
  for await (const audited of auditedReports(request)) {
    if (!audited.findings.some(isForLetter) || (exact && audited.report.agency !== agency)) continue
    const last = group[0]?.report
    if (last !== undefined && (last.agency === null || last.agency !== audited.report.agency)) {
      yield group
      group = []
    }
    group.push(audited)
  }
  if (group.length > 0) yield group
}

/** A name that every file system takes, told apart from those already there. */
function fileName(agency: string, sha256: string, taken: ReadonlySet<string>): string {
  const plain = agency
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones meant
    .replace(/[\u0000-\u001F\u007F\uD800-\uDFFF<>:"/\\|?*]/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '')
    .slice(0, 60)
  const name = plain === '' ? sha256.slice(0, 12) : plain
  return taken.has(name.toLowerCase()) ? `${name}-${sha256.slice(0, 12)}` : name
}
