/**
 * What stands around a report in the store: the same agency's other years, the bodies below it, the agency itself. Takes
 * a report's agency and year, gives plain data for the rules that need more than one report.
 */
import type { Fact, Notice, ReadingNoticeCode, Signature, TableMatch } from '../model.ts'
import { bandsOf } from '../rules/likeness.ts'
import type { Store } from './open.ts'
import { loadFacts } from './reports.ts'
import type { Row } from './sql.ts'

/** A current reading, as far as rules look at it. */
export type ReadReport = {
  readonly reading: number
  readonly agency: string
  readonly year: number
  readonly form: string | null
  readonly tables: readonly TableMatch[]
  readonly facts: readonly Fact[]
  readonly notices: readonly Notice<ReadingNoticeCode>[]
  readonly signature: Signature | null
  /** The same for reports that state the same figures; null where none is other than 0. */
  readonly figures: string | null
}

/** The figures of the bodies whose reports a report should contain. */
export type ChildSums = {
  readonly sums: ReadonlyMap<string, number>
  readonly reporting: readonly string[]
  readonly missing: readonly string[]
}

/** An agency's report on a year in its current reading; null where there is none. */
export async function loadReport(store: Store, agency: string, year: number): Promise<ReadReport | null> {
  const [row] = await store.sql.query(
    `SELECT d.id, d.form, d.tables, d.notices, d.text_pieces, d.text_minima, d.figures FROM gouji.reports r
     JOIN gouji.revisions v ON v.id = r.current_revision JOIN gouji.readings d ON d.id = v.current_reading
     WHERE r.agency = $1 AND r.year = $2 AND r.alone IS NULL`,
    [agency, year],
  )
  if (row === undefined) return null
  const reading = Number(row.id)
  return {
    reading,
    agency,
    year,
    form: row.form as string | null,
    tables: row.tables as TableMatch[],
    facts: await loadFacts(store, reading),
    notices: row.notices as Notice<ReadingNoticeCode>[],
    signature: toSignature(row),
    figures: row.figures as string | null,
  }
}

function toSignature({ text_pieces: pieces, text_minima: minima }: Row): Signature | null {
  return pieces == null ? null : { pieces: Number(pieces), minima: minima as number[] }
}

/** A report whose text may be like another's. */
export type LikeReport = Pick<ReadReport, 'agency' | 'year' | 'figures'> & { readonly signature: Signature }

/** Reports of other agencies whose text may be like this one, the first `most` of them by name. */
export async function listAlike(store: Store, report: ReadReport, most: number): Promise<LikeReport[]> {
  if (report.signature === null) return []
  const rows = await store.sql.query(
    `SELECT p.agency, p.year, d.text_pieces, d.text_minima, d.figures
     FROM gouji.readings d JOIN public.reports p ON p.reading_id = d.id
     WHERE d.text_bands && string_to_array($1, ',')::integer[] AND p.agency <> $2 AND p.year IS NOT NULL
     ORDER BY abs(p.year - $3::integer), p.agency, p.year LIMIT $4`,
    [bandsOf(report.signature).join(), report.agency, report.year, most],
  )
  return rows.map((row) => ({
    agency: String(row.agency),
    year: Number(row.year),
    signature: toSignature(row)!,
    figures: row.figures as string | null,
  }))
}

/** True where the store knows anything else that a report may be compared with. */
export async function hasNeighbours(store: Store, agency: string, year: number): Promise<boolean> {
  const [row] = await store.sql.query(
    `SELECT EXISTS (SELECT 1 FROM gouji.reports WHERE agency = $1 AND alone IS NULL AND year <> $2)
       OR EXISTS (SELECT 1 FROM gouji.agencies WHERE name = $1 OR parent = $1) AS found`,
    [agency, year],
  )
  return row?.found === true
}

/** Remembers that a reading was compared with what stood around it. */
export async function markRechecked(store: Store, reading: number, at: Date): Promise<void> {
  await store.sql.query('UPDATE gouji.readings SET rechecked_at = $2::timestamptz WHERE id = $1', [
    reading,
    at.toISOString(),
  ])
}

/** Current readings that were never compared with others. */
export async function listPending(
  store: Store,
): Promise<{ readonly reading: number; readonly agency: string | null; readonly year: number | null }[]> {
  const rows = await store.sql.query(
    `SELECT p.reading_id, p.agency, p.year FROM gouji.readings d JOIN public.reports p ON p.reading_id = d.id
     WHERE d.rechecked_at IS NULL ORDER BY d.id`,
  )
  return rows.map((row) => ({
    reading: Number(row.reading_id),
    agency: row.agency as string | null,
    year: row.year as number | null,
  }))
}

/** The years of which there are reports of an agency, within `span` years before `year`, the latest first. */
export async function listYears(store: Store, agency: string, year: number, span: number): Promise<number[]> {
  const rows = await store.sql.query(
    `SELECT year FROM gouji.reports WHERE agency = $1 AND alone IS NULL AND year < $2 AND year >= $2 - $3::integer
     ORDER BY year DESC`,
    [agency, year, span],
  )
  return rows.map((row) => Number(row.year))
}

/** What is known of the agency itself; null where the user said nothing of it. */
export async function loadAgency(
  store: Store,
  agency: string,
): Promise<{ readonly parent: string | null; readonly mayMakeRegulations: boolean | null } | null> {
  const [row] = await store.sql.query('SELECT parent, may_make_regulations FROM gouji.agencies WHERE name = $1', [
    agency,
  ])
  if (row === undefined) return null
  return { parent: row.parent as string | null, mayMakeRegulations: row.may_make_regulations as boolean | null }
}

/**
 * Sums over the bodies that the user says an agency's report contains; null where there are none. A cell of which one of
 * them prints a unit of its own, or that is not a number everywhere it is printed, is left out rather than added wrongly.
 */
export async function sumChildren(store: Store, agency: string, year: number): Promise<ChildSums | null> {
  const bodies = await store.sql.query(
    `SELECT a.name, r.id IS NOT NULL AS reports FROM gouji.agencies a
     LEFT JOIN gouji.reports r ON r.agency = a.name AND r.year = $2 AND r.alone IS NULL
     WHERE a.parent = $1 AND a.counted_in_parent AND coalesce(a.since, $2) <= $2 AND coalesce(a.until, $2) >= $2
     ORDER BY a.name`,
    [agency, year],
  )
  if (bodies.length === 0) return null
  const rows = await store.sql.query(
    `SELECT f.code, sum(f.value::numeric)::float8 AS sum FROM gouji.agencies a
     JOIN public.facts f ON f.agency = a.name AND f.year = $2
     WHERE a.parent = $1 AND a.counted_in_parent AND coalesce(a.since, $2) <= $2 AND coalesce(a.until, $2) >= $2
     GROUP BY f.code HAVING bool_and(f.unit IS NULL AND f.state IN ('number', 'blank', 'mark')) AND count(f.value) > 0`,
    [agency, year],
  )
  const names = (reports: boolean): string[] =>
    bodies.filter((body) => (body.reports === true) === reports).map((body) => String(body.name))
  return {
    sums: new Map(rows.map((row) => [String(row.code), Number(row.sum)])),
    reporting: names(true),
    missing: names(false),
  }
}
