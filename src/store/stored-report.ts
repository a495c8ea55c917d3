/** A report as the store shows it: its current revision in its current reading. */
import type { OutcomeStatus, ReadingStatus, Reason, Severity } from '../model.ts'
import type { Row } from './sql.ts'

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
