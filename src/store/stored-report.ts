/** Reports as the store shows them: the current revision in its current reading; and the one order of all listings. */
import type { OutcomeStatus, ReadingStatus, Reason, Severity } from '../model.ts'
import type { Row, Sql } from './sql.ts'

/** One row of the view of reports. */
export type StoredReport = {
  readonly id: number
  readonly agency: string | null
  readonly year: number | null
  readonly form: string | null
  readonly status: ReadingStatus
  /** Why it is not `ok`. */
  readonly reason: Reason | null
  readonly sha256: string
  readonly origin: string
  /** SHA-256 of the archive that it lies in, where it does. */
  readonly archive: string | null
  /** Number of the current revision, from 1, and how many there are. */
  readonly revision: number
  readonly revisions: number
  readonly reading: number
  readonly reader: string
  readonly title: string | null
  readonly facts: number
  readonly findings: Readonly<Record<Severity, number>>
  /** How many rule instances held, broke and could not be assessed when it was read. */
  readonly outcomes: Readonly<Record<OutcomeStatus, number>>
  /** When its current reading was made: ISO 8601. */
  readonly readAt: string
}

/** Which reports; a part that is left out does not matter. */
export type ReportFilter = {
  /** Part of the agency's name. */
  readonly agency?: string
  readonly year?: number
}

/** So many reports with all their findings are held at once. */
const pageReports = 200

/** An index of `gouji.reports` has these expressions: a page costs the same wherever it lies. */
const order = "(p.agency IS NULL), coalesce(p.agency, ''), coalesce(p.year, 2147483647), p.report_id"

/**
 * All reports, or those asked for, page by page: by agency, then year, those without one last. `which` is a condition in SQL
 * on the view of reports, `p`.
 */
export async function* pagesOfReports(
  sql: Sql,
  filter: ReportFilter = {},
  which = 'true',
): AsyncGenerator<StoredReport[]> {
  const { agency = null, year = null } = filter
  for (let last: StoredReport | null = null; ; ) {
    const after: unknown[] =
      last === null ? [] : [last.agency === null, last.agency ?? '', last.year ?? 2_147_483_647, last.id]
    const rows: Row[] = await sql.query(
      `SELECT p.*, d.reason, d.read_at, (SELECT count(*) FROM gouji.revisions v WHERE v.report = p.report_id) AS revisions
       FROM public.reports p JOIN gouji.readings d ON d.id = p.reading_id
       WHERE ($1::text IS NULL OR position($1 IN p.agency) > 0) AND ($2::integer IS NULL OR p.year = $2)
         AND ${which}
       ${last === null ? '' : `AND (${order}) > ($3::boolean, $4::text, $5::integer, $6::integer)`}
       ORDER BY ${order} LIMIT ${pageReports}`,
      [agency, year, ...after],
    )
    const reports = rows.map(toReport)
    if (reports.length > 0) yield reports
    if (reports.length < pageReports) return
    last = reports.at(-1)!
  }
}

/** A row of the view of reports. */
export function toReport(row: Row): StoredReport {
  return {
    id: Number(row.report_id),
    agency: row.agency as string | null,
    year: row.year === null ? null : Number(row.year),
    form: row.form as string | null,
    status: row.status as ReadingStatus,
    reason: (row.reason ?? null) as Reason | null,
    sha256: String(row.sha256),
    origin: String(row.origin),
    archive: (row.archive ?? null) as string | null,
    revision: Number(row.revision),
    revisions: Number(row.revisions ?? 1),
    reading: Number(row.reading_id),
    reader: String(row.reader),
    title: row.title as string | null,
    facts: Number(row.facts),
    findings: { error: Number(row.errors), warning: Number(row.warnings), info: Number(row.infos) },
    outcomes: {
      holds: Number(row.rules_held),
      broken: Number(row.rules_broken),
      not_assessable: Number(row.rules_not_assessable),
    },
    readAt: timeText(row.read_at ?? row.seen_at),
  }
}

/** A time of the database, which drivers give as text or as a date. */
export function timeText(value: unknown): string {
  return (value instanceof Date ? value : new Date(String(value))).toISOString()
}
