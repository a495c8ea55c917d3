/**
 * The queue of reports that are to be judged anew by the rules that need other reports. What changes a report or the list
 * of agencies asks for it in its own transaction, so that a run which is cut off leaves nothing unasked.
 */
import { persistently } from './faults.ts'
import type { Store } from './open.ts'
import { type Sql, storable } from './sql.ts'

/** Later years on whose reports one bears. */
export const historyYears = 6

/** Sets the locks on agencies apart from others by the numbers that their names come to. */
const agencyLocks = 1

/** A report that is to be judged anew, and who asks for it. */
export type Recheck = { readonly agency: string; readonly year: number; readonly requests: readonly number[] }

/**
 * Asks for whatever a report bears on, for a reading: itself, the agency's later years, and the body above it. To be called
 * last in the transaction that changes the report, which others that this one bears on then wait for: of two that are
 * saved at once neither sees the other, and whichever was judged first would never be asked for again.
 */
export async function requestAround(sql: Sql, report: number, reading: number): Promise<void> {
  await sql.query(
    `SELECT pg_advisory_xact_lock(hashtextextended(r.agency, ${agencyLocks})),
       (SELECT pg_advisory_xact_lock_shared(hashtextextended(parent, ${agencyLocks}))
        FROM gouji.agencies WHERE name = r.agency AND parent <> r.agency)
     FROM gouji.reports r WHERE r.id = $1 AND r.alone IS NULL`,
    [report],
  )
  await sql.query(
    `INSERT INTO gouji.rechecks (report, asked_by)
     SELECT n.id, $2::integer FROM gouji.reports r JOIN gouji.reports n ON n.agency = r.agency
     WHERE r.id = $1 AND r.alone IS NULL AND n.alone IS NULL AND n.current_revision IS NOT NULL
       AND n.year BETWEEN r.year AND r.year + ${historyYears}
     UNION ALL SELECT n.id, $2::integer FROM gouji.reports r
     JOIN gouji.agencies a ON a.name = r.agency JOIN gouji.reports n ON n.agency = a.parent AND n.year = r.year
     WHERE r.id = $1 AND r.alone IS NULL AND n.alone IS NULL AND n.current_revision IS NOT NULL`,
    [report, reading],
  )
}

/** Asks for all reports of some agencies. */
export async function requestAgencies(sql: Sql, names: readonly string[]): Promise<void> {
  await sql.query(
    `INSERT INTO gouji.rechecks (report) SELECT id FROM gouji.reports
     WHERE alone IS NULL AND current_revision IS NOT NULL AND agency IN (SELECT jsonb_array_elements_text($1::jsonb))
     ORDER BY agency, year`,
    [JSON.stringify([...new Set(names)])],
  )
}

/** So many requests are looked at at once: a list of agencies asks for all their reports. */
const pageRequests = 5000

/**
 * What is asked for, each report once a page, the first asked for first: all, or what one reading asks for, for 0 the list of
 * agencies; with all others that ask for the same, since judging it once answers them all.
 */
export async function* pagesOfRechecks(store: Store, reading: number | null): AsyncGenerator<Recheck[]> {
  const by = reading === null ? '$2::integer IS NULL' : reading === 0 ? '$2 = 0 AND asked_by IS NULL' : 'asked_by = $2'
  for (let last = 0; ; ) {
    const rows = await persistently(store, () =>
      store.sql.query(
        `WITH asked AS (
           SELECT id, report FROM gouji.rechecks WHERE id > $1 AND ${by} ORDER BY id LIMIT ${pageRequests})
         SELECT r.agency, r.year, array_agg(q.id) AS requests, (SELECT max(id) FROM asked) AS last,
           (SELECT count(*) FROM asked) AS asked
         FROM gouji.rechecks q JOIN gouji.reports r ON r.id = q.report WHERE q.report IN (SELECT report FROM asked)
         GROUP BY r.id ORDER BY min(q.id)`,
        [last, reading],
      ),
    )
    yield rows.map((row) => ({
      agency: String(row.agency),
      year: Number(row.year),
      requests: row.requests as number[],
    }))
    if (Number(rows[0]?.asked ?? 0) < pageRequests) return
    last = Number(rows[0]!.last)
  }
}

/** Remembers why a report could not be judged. It stays in the queue, for who asks for all, and is announced no more. */
export async function refuseRecheck(store: Store, { requests }: Recheck, detail: string): Promise<void> {
  await store.sql.query("UPDATE gouji.rechecks SET refused = $2 WHERE id = ANY (string_to_array($1, ',')::integer[])", [
    requests.join(),
    detail,
  ])
}

/**
 * Counts an error nobody foresaw against what a reading asks for, for 0 the list of agencies, and after `most` of them
 * remembers it as refused. Gives how many there were; 0 where nothing is asked for any more.
 */
export async function countRecheckError(store: Store, reading: number, detail: string, most: number): Promise<number> {
  const rows = await store.sql.query(
    `UPDATE gouji.rechecks SET errors = errors + 1, refused = CASE WHEN errors + 1 >= $3 THEN $2 ELSE refused END
     WHERE ($1 = 0 AND asked_by IS NULL OR asked_by = $1) AND refused IS NULL RETURNING errors`,
    [reading, storable(detail), most],
  )
  return Math.max(0, ...rows.map(({ errors }) => Number(errors)))
}

/** A report that could not be judged anew, and why. */
export type RefusedRecheck = { readonly agency: string; readonly year: number; readonly detail: string }

/** The reports that could not be judged anew. */
export async function listRefused(store: Store): Promise<RefusedRecheck[]> {
  const rows = await store.sql.query(
    `SELECT r.agency, r.year, max(q.refused) AS detail FROM gouji.rechecks q JOIN gouji.reports r ON r.id = q.report
     WHERE q.refused IS NOT NULL GROUP BY r.id ORDER BY r.agency, r.year`,
  )
  return rows.map((row) => ({ agency: String(row.agency), year: Number(row.year), detail: String(row.detail) }))
}

/** Asks again for what could not be judged; gives the readings that ask for it. */
export async function askAgain(store: Store): Promise<number[]> {
  const rows = await store.sql.query(
    `WITH asked AS (UPDATE gouji.rechecks SET refused = NULL, errors = 0 WHERE refused IS NOT NULL RETURNING asked_by)
     SELECT DISTINCT coalesce(asked_by, 0) AS reading FROM asked ORDER BY 1`,
  )
  return rows.map((row) => Number(row.reading))
}

/** The readings that ask for something, from behind `after` on; 0 stands for the list of agencies. */
export async function listAsking(store: Store, after: number, most: number): Promise<number[]> {
  const rows = await store.sql.query(
    `SELECT DISTINCT coalesce(asked_by, 0) AS reading FROM gouji.rechecks
     WHERE refused IS NULL AND coalesce(asked_by, 0) > $1 ORDER BY 1 LIMIT $2`,
    [after, most],
  )
  return rows.map((row) => Number(row.reading))
}

/** Takes off the queue what was done. What was asked for meanwhile stays. */
export async function settleRecheck(store: Store, { requests }: Recheck): Promise<void> {
  await store.sql.query("DELETE FROM gouji.rechecks WHERE id = ANY (string_to_array($1, ',')::integer[])", [
    requests.join(),
  ])
}
