/** Who must publish and who is below whom, as the user says: agencies with the years for which they are. */
import type { Agency } from '../agencies/list.ts'
import type { Store } from './open.ts'
import { json } from './sql.ts'

/** Puts agencies in place of those of the same names; the others stay. */
export async function saveAgencies(store: Store, agencies: readonly Agency[]): Promise<void> {
  await store.sql.query(
    `INSERT INTO gouji.agencies (name, parent, counted_in_parent, may_make_regulations, level, since, until)
     SELECT a ->> 'name', a ->> 'parent', (a ->> 'countedInParent')::boolean, (a ->> 'mayMakeRegulations')::boolean,
       a ->> 'level', (a ->> 'since')::integer, (a ->> 'until')::integer
     FROM jsonb_array_elements($1::jsonb) AS a
     ON CONFLICT (name) DO UPDATE SET parent = excluded.parent, counted_in_parent = excluded.counted_in_parent,
       may_make_regulations = excluded.may_make_regulations, level = excluded.level, since = excluded.since,
       until = excluded.until`,
    [json(agencies)],
  )
}

/** All agencies by name. */
export async function listAgencies(store: Store): Promise<Agency[]> {
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
