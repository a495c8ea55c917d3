/**
 * Reports with those of their findings that are asked for, one by one in the order of the store. Whatever is left out is
 * counted, so that a format can say so: a report none of whose findings are shown is not one without findings.
 */
import type { Severity } from '../../model.ts'
import type { Download } from '../../store/downloads.ts'
import { isPast, listByReport, type StoredFinding } from '../../store/findings.ts'
import type { StoredReport } from '../../store/reports.ts'
import type { AuditRequest } from './request.ts'

export type SeverityCounts = Readonly<Record<Severity, number>>

export type AuditedReport = {
  readonly report: StoredReport
  /** The answer of the server that its document came from; null where it came from no URL. */
  readonly download: Download | null
  readonly findings: readonly StoredFinding[]
  /** How many of `findings` there are of each severity. */
  readonly counts: SeverityCounts
  /** Findings of the report that hold and are not among `findings`. */
  readonly hidden: number
}

/** All reports of the agencies and the year that are asked for, those without findings too. */
export async function* auditedReports({
  store,
  filter,
}: Pick<AuditRequest, 'store' | 'filter'>): AsyncGenerator<AuditedReport> {
  for await (const { report, download, findings } of listByReport(store, filter)) {
    const { error, warning, info } = report.findings
    const standing = findings.filter(({ state }) => !isPast(state))
    const hidden = Math.max(0, error + warning + info - standing.length)
    yield { report, download, findings, counts: countSeverities(findings), hidden }
  }
}

/** How many findings there are of each severity. */
export function countSeverities(findings: readonly Pick<StoredFinding, 'severity'>[]): SeverityCounts {
  const counts = { error: 0, warning: 0, info: 0 }
  for (const { severity } of findings) counts[severity]++
  return counts
}

/** Nothing found, nothing left out, and everything read. */
export function isClean({
  report,
  findings,
  hidden,
}: Pick<AuditedReport, 'report' | 'hidden'> & { findings: { length: number } }): boolean {
  return findings.length === 0 && hidden === 0 && report.status === 'ok'
}
