/**
 * What stands around a report in the store: the same agency's other years, the bodies below it, the agency itself. Takes
 * a report's agency and year, gives plain data for the rules that need more than one report.
 */
import type { Fact, Notice, ReadingNoticeCode, Signature, TableMatch } from '../model.ts'
import { bandsOf } from '../rules/likeness.ts'
import type { ChildFigures } from '../rules/surroundings.ts'
import type { BlobStore } from './blobs.ts'
import type { Store } from './open.ts'
import { loadFactsOf } from './reports.ts'
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

/**
 * Runs `work` while nobody else judges an agency's report on a year: what it loads is then what it judges by, whatever is
 * saved beside it. Gives null where there is no such report.
 */
export async function holdingReport<Made>(
  store: Store,
  agency: string,
  year: number,
  work: (store: Store, report: number) => Promise<Made>,
): Promise<Made | null> {
  return store.sql.transaction(async (sql) => {
    // The report and not its reading: while one waits for the lock another reading may become the current one.
    const rows = await sql.query(
      'SELECT id FROM gouji.reports WHERE agency = $1 AND year = $2 AND alone IS NULL FOR NO KEY UPDATE',
      [agency, year],
    )
    return rows.length === 0 ? null : work({ ...store, sql }, Number(rows[0]!.id))
  })
}

/** An agency's reports on the years from `first` to `last` in their current readings, the latest first. */
export async function loadReports(store: Store, agency: string, first: number, last: number): Promise<ReadReport[]> {
  const rows = await store.sql.query(
    `SELECT d.id, r.year, d.form, d.tables, d.notices, d.text_pieces, d.text_minima, d.figures, d.reader, v.sha256
     FROM gouji.reports r JOIN gouji.revisions v ON v.id = r.current_revision JOIN gouji.readings d ON d.id = v.current_reading
     WHERE r.agency = $1 AND r.year BETWEEN $2 AND $3 AND r.alone IS NULL ORDER BY r.year DESC`,
    [agency, first, last],
  )
  const facts = await loadKnownFacts(store, rows)
  return rows.map((row) => ({
    reading: Number(row.id),
    agency,
    year: Number(row.year),
    form: row.form as string | null,
    tables: row.tables as TableMatch[],
    facts: facts.get(Number(row.id)) ?? [],
    notices: row.notices as Notice<ReadingNoticeCode>[],
    signature: toSignature(row),
    figures: row.figures as string | null,
  }))
}

/** Readings whose facts are kept: an agency's reports come one after another, and each is held against the former ones. */
const readingsKept = 40
const keptFacts = new WeakMap<BlobStore, Map<string, Fact[]>>()

/**
 * The facts of readings, which never change: those that were loaded last are not asked for again. They are known by their
 * bytes and reader too: a server that was restored from a backup, or whose standby took over, gives numbers anew.
 */
async function loadKnownFacts(store: Store, rows: readonly Row[]): Promise<ReadonlyMap<number, Fact[]>> {
  const kept = keptFacts.get(store.blobs) ?? new Map<string, Fact[]>()
  keptFacts.set(store.blobs, kept)
  const keys = new Map(rows.map(({ id, sha256, reader }) => [Number(id), `${id} ${sha256} ${reader}`]))
  const unknown = [...keys].flatMap(([reading, key]) => (kept.has(key) ? [] : [reading]))
  const loaded = await loadFactsOf(store, unknown)
  const facts = new Map([...keys].map(([reading, key]) => [reading, loaded.get(reading) ?? kept.get(key) ?? []]))
  for (const [reading, own] of facts) {
    const key = keys.get(reading)!
    kept.delete(key)
    kept.set(key, own)
  }
  for (const key of kept.keys()) {
    if (kept.size <= readingsKept) break
    kept.delete(key)
  }
  return facts
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

/**
 * A report's current reading, and whether it may be compared with anything else in the store, or shows that it was. The
 * reading is null where it has no document any more.
 */
export async function lookAround(
  store: Store,
  report: number,
): Promise<{ readonly reading: number | null; readonly hasNeighbours: boolean }> {
  const [row] = await store.sql.query(
    `SELECT v.current_reading AS reading,
       EXISTS (SELECT 1 FROM gouji.reports o WHERE o.agency = r.agency AND o.alone IS NULL AND o.year <> r.year)
       OR EXISTS (SELECT 1 FROM gouji.agencies WHERE name = r.agency OR parent = r.agency)
       OR EXISTS (SELECT 1 FROM gouji.findings WHERE reading = v.current_reading AND beyond AND gone_at IS NULL) AS found
     FROM gouji.reports r JOIN gouji.revisions v ON v.id = r.current_revision WHERE r.id = $1`,
    [report],
  )
  return { reading: row?.reading == null ? null : Number(row.reading), hasNeighbours: row?.found === true }
}

/** What the user says of an agency; each part null or false where nothing is said. */
export type AboutAgency = {
  readonly mayMakeRegulations: boolean | null
  /** Its report contains those of other bodies. */
  readonly contains: boolean
  readonly listed: boolean
}

/** What is known of the agency itself. */
export async function loadAgency(store: Store, agency: string): Promise<AboutAgency> {
  const [row] = await store.sql.query(
    `SELECT a.name, a.may_make_regulations,
       EXISTS (SELECT 1 FROM gouji.agencies c WHERE c.parent = $1 AND c.counted_in_parent) AS contains
     FROM (SELECT 1) AS one LEFT JOIN gouji.agencies a ON a.name = $1`,
    [agency],
  )
  return {
    mayMakeRegulations: (row?.may_make_regulations ?? null) as boolean | null,
    contains: row?.contains === true,
    listed: row?.name != null,
  }
}

/**
 * Sums over the bodies that the user says an agency's report contains; null where there are none. A cell of which one of
 * them prints a unit of its own, lacks, could not be read, or leaves blank though it is no 0, is left out rather than added
 * wrongly.
 */
export async function sumChildren(store: Store, agency: string, year: number): Promise<ChildFigures | null> {
  const bodies = await store.sql.query(
    `SELECT a.name, r.id IS NOT NULL AS reports FROM gouji.agencies a
     LEFT JOIN gouji.reports r ON r.agency = a.name AND r.year = $2 AND r.alone IS NULL
     WHERE a.parent = $1 AND a.counted_in_parent AND coalesce(a.since, $2) <= $2 AND coalesce(a.until, $2) >= $2
     ORDER BY a.name`,
    [agency, year],
  )
  if (bodies.length === 0) return null
  const names = (reports: boolean): string[] =>
    bodies.filter((body) => (body.reports === true) === reports).map((body) => String(body.name))
  const rows = await store.sql.query(
    `SELECT f.code, sum(f.value::numeric)::float8 AS sum FROM gouji.agencies a
     JOIN public.facts f ON f.agency = a.name AND f.year = $2
     WHERE a.parent = $1 AND a.counted_in_parent AND coalesce(a.since, $2) <= $2 AND coalesce(a.until, $2) >= $2
     GROUP BY f.code HAVING bool_and(f.unit IS NULL AND f.state IN ('number', 'blank', 'mark')) AND count(f.value) > 0
       AND count(*) = $3::integer`,
    [agency, year, names(true).length],
  )
  const blank = await blankTotals(store, agency, year)
  return {
    sums: new Map(rows.flatMap((row) => (blank.has(String(row.code)) ? [] : [[String(row.code), Number(row.sum)]]))),
    reporting: names(true),
    missing: names(false),
  }
}

/** Cells that one of the bodies leaves blank although what it adds up there is not 0. */
async function blankTotals(store: Store, agency: string, year: number): Promise<ReadonlySet<string>> {
  const rows = await store.sql.query(
    `SELECT f.codes, f.expected, f.data -> 'computed' AS computed FROM gouji.agencies a
     JOIN public.reports p ON p.agency = a.name AND p.year = $2
     JOIN gouji.findings f ON f.reading = p.reading_id AND f.gone_at IS NULL
       AND (f.rule LIKE '%.blank\\_total' OR f.rule LIKE '%\\_blank\\_totals')
     WHERE a.parent = $1 AND a.counted_in_parent AND coalesce(a.since, $2) <= $2 AND coalesce(a.until, $2) >= $2`,
    [agency, year],
  )
  const codes = rows.flatMap((row) => {
    const codes = row.codes as string[]
    const computed = row.computed as number[] | null
    if (computed === null) return row.expected === 0 ? [] : codes.slice(0, 1)
    return computed.length === codes.length ? codes.filter((_, place) => computed[place] !== 0) : codes
  })
  return new Set(codes)
}
