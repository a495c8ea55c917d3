/** Who must publish and who is below whom, as the user says: agencies with the years for which they are. */
import type { Agency } from '../agencies/list.ts'
import { UserError } from '../errors.ts'
import type { Store } from './open.ts'
import { requestAgencies } from './rechecks.ts'
import { json, type Sql } from './sql.ts'
import { timeText } from './stored-report.ts'

/**
 * Puts agencies in place of those of the same names; the others stay, or with `replace` are taken off the list. Reports on
 * which that bears are to be judged anew. Gives the names that were taken off.
 */
export async function saveAgencies(
  store: Store,
  agencies: readonly Agency[],
  { replace = false } = {},
): Promise<string[]> {
  return store.sql.transaction(async (sql) => {
    const known = new Map((await listAgencies({ sql })).map((one) => [one.name, one]))
    const given = new Set(agencies.map(({ name }) => name))
    const off = replace ? [...known.keys()].filter((name) => !given.has(name)) : []
    await sql.query(
      `INSERT INTO gouji.agencies (name, parent, counted_in_parent, may_make_regulations, level, since, until)
       SELECT a ->> 'name', a ->> 'parent', (a ->> 'countedInParent')::boolean, (a ->> 'mayMakeRegulations')::boolean,
         a ->> 'level', (a ->> 'since')::integer, (a ->> 'until')::integer
       FROM jsonb_array_elements($1::jsonb) AS a
       ON CONFLICT (name) DO UPDATE SET parent = excluded.parent, counted_in_parent = excluded.counted_in_parent,
         may_make_regulations = excluded.may_make_regulations, level = excluded.level, since = excluded.since,
         until = excluded.until`,
      [json(agencies)],
    )
    await takeOff(sql, off)
    const changed = agencies.filter((one) => !isSame(one, known.get(one.name)))
    const before = [...changed.map(({ name }) => name), ...off].flatMap((name) => known.get(name) ?? [])
    await requestAgencies(sql, [...changed, ...before].flatMap(concerned))
    return off
  })
}

/**
 * Takes agencies off the list: they need not publish, and count in no other's report. Reports on which that bears are to be
 * judged anew.
 * @throws UserError `agency_not_listed` with all names that the list does not have; then nothing is taken off
 */
export async function removeAgencies(store: Store, names: readonly string[]): Promise<void> {
  await store.sql.transaction(async (sql) => {
    const known = new Map((await listAgencies({ sql })).map((one) => [one.name, one]))
    const missing = names.filter((name) => !known.has(name))
    if (missing.length > 0) throw new UserError('agency_not_listed', { names: missing })
    await takeOff(sql, names)
    await requestAgencies(
      sql,
      names.flatMap((name) => concerned(known.get(name)!)),
    )
  })
}

async function takeOff(sql: Sql, names: readonly string[]): Promise<void> {
  await sql.query('DELETE FROM gouji.agencies WHERE name IN (SELECT jsonb_array_elements_text($1::jsonb))', [
    json(names),
  ])
}

/** Whose reports are judged by what the list says of an agency. */
function concerned({ name, parent }: Agency): string[] {
  return parent === null ? [name] : [name, parent]
}

function isSame(one: Agency, other: Agency | undefined): boolean {
  return other !== undefined && (Object.keys(other) as (keyof Agency)[]).every((key) => one[key] === other[key])
}

/** All agencies by name. */
export async function listAgencies(store: Pick<Store, 'sql'>): Promise<Agency[]> {
  const rows = await store.sql.query('SELECT * FROM gouji.agencies ORDER BY name')
  return rows.map((row) => ({
    name: String(row.name),
    parent: row.parent as string | null,
    countedInParent: row.counted_in_parent === true,
    mayMakeRegulations: row.may_make_regulations as boolean | null,
    level: row.level as string | null,
    since: row.since as number | null,
    until: row.until as number | null,
  }))
}

/** Whether an agency that must publish has done so. */
export type Coverage = {
  readonly agency: string
  readonly parent: string | null
  /** Null where there is no report on the year. */
  readonly report: {
    readonly form: string | null
    readonly status: string
    readonly publishedOn: string | null
    readonly seenAt: string
    readonly errors: number
    readonly warnings: number
  } | null
}

/** Every listed agency that must report on a year, with its report, by name. */
export async function listCoverage(store: Store, year: number): Promise<Coverage[]> {
  const rows = await store.sql.query(
    `SELECT a.name, a.parent, p.report_id, p.form, p.status, p.published_on::text AS published_on,
       p.seen_at, p.errors, p.warnings
     FROM gouji.agencies a LEFT JOIN public.reports p ON p.agency = a.name AND p.year = $1
     WHERE coalesce(a.since, $1) <= $1 AND coalesce(a.until, $1) >= $1 ORDER BY a.name`,
    [year],
  )
  return rows.map((row) => ({
    agency: String(row.name),
    parent: row.parent as string | null,
    report:
      row.report_id === null
        ? null
        : {
            form: row.form as string | null,
            status: String(row.status),
            publishedOn: row.published_on as string | null,
            seenAt: timeText(row.seen_at),
            errors: Number(row.errors),
            warnings: Number(row.warnings),
          },
  }))
}
