/** Sums over all current readings, a row for each year, form, code and printed unit, added up anew for years in which something changed. */
import { afterConflicts } from './faults.ts'
import type { Store } from './open.ts'

/** Any number no other program is likely to lock. */
const addingUpLock = 7_024_332

/**
 * Adds up anew the years whose reports changed, at most `most` of them, the longest outdated first; gives which. Years that
 * another process is at are left to it.
 */
export async function refreshTotals(store: Store, at: Date, most = Number.POSITIVE_INFINITY): Promise<number[]> {
  const done: number[] = []
  while (done.length < most) {
    const year = await afterConflicts(() => refreshOne(store, at))
    if (year === null) return done
    done.push(year)
  }
  return done
}

async function refreshOne(store: Store, at: Date): Promise<number | null> {
  return store.sql.transaction(async (sql) => {
    // One view of the store: what comes in meanwhile is outdated again, and is not among the rows that are removed.
    await sql.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    const [lock] = await sql.query('SELECT pg_try_advisory_xact_lock($1) AS free', [addingUpLock])
    if (lock?.free !== true) return null
    const [oldest] = await sql.query('SELECT year FROM gouji.outdated_totals ORDER BY id LIMIT 1')
    if (oldest === undefined) return null
    const year = Number(oldest.year)
    await sql.query('DELETE FROM gouji.outdated_totals WHERE year = $1', [year])
    await sql.query('DELETE FROM gouji.totals WHERE year = $1', [year])
    await sql.query(addUp, [year, at.toISOString()])
    return year
  })
}

const addUp = `INSERT INTO gouji.totals (year, form, code, unit, reports, numbers, blanks, marks, absent, unreadable,
    sum, added_up_at)
  SELECT $1::integer, form, code, unit, count(*), count(*) FILTER (WHERE state = 'n'), count(*) FILTER (WHERE state = 'b'),
    count(*) FILTER (WHERE state = 'm'), count(*) FILTER (WHERE state = 'a'), count(*) FILTER (WHERE state = 'u'),
    sum(value::numeric), $2::timestamptz
  FROM (
    SELECT l.form, c.code, c.value, c.state, coalesce(e.extras -> c.place::text ->> 'unit', '') AS unit
    FROM gouji.reports r JOIN gouji.revisions v ON v.id = r.current_revision
    JOIN gouji.reading_tables t ON t.reading = v.current_reading JOIN gouji.layouts l ON l.id = t.layout
    -- Looked at once a table, not once a cell: few tables print units in their cells.
    CROSS JOIN LATERAL (SELECT CASE WHEN t.extras::text LIKE '%"unit":%' THEN t.extras END AS extras OFFSET 0) AS e
    CROSS JOIN LATERAL unnest(l.codes, t."values", string_to_array(t.states, NULL)) WITH ORDINALITY
      AS c (code, value, state, place)
    WHERE r.year = $1::integer AND r.alone IS NULL
  ) AS cells WHERE state <> '-' GROUP BY form, code, unit`
