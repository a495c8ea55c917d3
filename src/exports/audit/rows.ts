/** Findings as rows and objects, the same for `gouji audit` and `gouji findings list`. */
import type { Registry } from '../../forms/registry.ts'
import { renderMeant } from '../../messages/meant.ts'
import { renderFindingBoth } from '../../messages/render.ts'
import { listFindings, type StoredFinding } from '../../store/findings.ts'
import { csvLine } from '../csv.ts'
import { extractFinding } from '../extract.ts'
import type { Field } from '../format.ts'
import type { AuditFormat, AuditRequest } from './request.ts'

/** One record a finding. */
export const csvAudit: AuditFormat = {
  name: 'csv',
  extensions: ['csv'],
  binary: false,
  withoutDismissed: false,
  encode: encodeCsv,
}

/** One object with all findings, one a line. */
export const jsonAudit: AuditFormat = {
  name: 'json',
  extensions: ['json'],
  binary: false,
  withoutDismissed: false,
  encode: encodeJson,
}

/** Columns of a finding's row. */
export const findingColumns: readonly string[] = [
  'id',
  'state',
  'outdated',
  'agency',
  'year',
  'severity',
  'rule',
  'fault',
  'codes',
  'expected',
  'actual',
  'difference',
  'message_zh',
  'message_en',
  'decision',
  'decision_reason',
  'decided_by',
  'decided_at',
  'sha256',
  'origin',
  'meant_zh',
  'meant_en',
  'quotes',
]

/** A finding as a row of `findingColumns`. */
export function findingRow(finding: StoredFinding, registry: Registry): Field[] {
  const { id, state, outdated, report, severity, rule, fault, codes, expected, actual, difference, decision } = finding
  const message = renderFindingBoth(finding, registry)
  const judged = [severity, rule, fault, codes.join(' '), expected, actual, difference, message.zh, message.en]
  const decided = [decision?.action ?? null, decision?.reason ?? null, decision?.by ?? null, decision?.at ?? null]
  const meant = (lang: 'zh' | 'en'): string | null => renderMeant(finding.meant, registry, lang).join('\n') || null
  const quotes = finding.quotes.map(({ sentence }) => sentence).join('\n') || null
  const whose = [id, state, outdated, report.agency, report.year]
  return [...whose, ...judged, ...decided, report.sha256, report.origin, meant('zh'), meant('en'), quotes]
}

/** A finding as an object for programs. */
export function findingObject(finding: StoredFinding, registry: Registry): object {
  const { id, state, outdated, decision, report, quotes, meant } = finding
  const suggestions =
    meant === null
      ? {}
      : { suggestions: { zh: renderMeant(meant, registry, 'zh'), en: renderMeant(meant, registry, 'en') } }
  return { id, state, outdated, decision, ...extractFinding(finding, registry), quotes, meant, ...suggestions, report }
}

async function* encodeCsv({ store, registry, filter }: AuditRequest): AsyncGenerator<string> {
  yield csvLine(findingColumns)
  for await (const finding of listFindings(store, filter)) yield csvLine(findingRow(finding, registry))
}

async function* encodeJson({ store, registry, filter }: AuditRequest): AsyncGenerator<string> {
  yield '{"findings":['
  let first = true
  for await (const finding of listFindings(store, filter)) {
    yield `${first ? '\n' : ',\n'}${JSON.stringify(findingObject(finding, registry))}`
    first = false
  }
  yield '\n]}\n'
}
