/** What a PostgreSQL is like, found without changing it: for `gouji doctor`. */
import { openServer } from './carriers.ts'
import { knownVersion, versionOf } from './open.ts'

export type ServerState = {
  readonly version: string
  readonly major: number
  readonly encoding: string
  /** May make the schema, or has made it. */
  readonly mayCreate: boolean
  /** Its schema: 0 where there is none yet. */
  readonly schema: number
  readonly schemaKnown: number
  /** By how much its clock is ahead of ours. */
  readonly aheadSeconds: number
}

/** Looks at a server. @throws UserError `store_unreachable` */
export async function inspectServer(url: string, now: () => Date): Promise<ServerState> {
  const sql = await openServer(url, 1)
  try {
    const before = now().getTime()
    const [row] = await sql.query(
      `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::integer AS number,
         current_setting('server_encoding') AS encoding, extract(epoch FROM clock_timestamp())::float8 AS clock,
         has_database_privilege(current_database(), 'CREATE')
           AND has_schema_privilege('public', 'CREATE') AS may_create`,
    )
    // The server looked at its clock somewhere between our two looks at ours.
    const middle = (before + now().getTime()) / 2000
    return {
      version: String(row!.version),
      major: Math.floor(Number(row!.number) / 10_000),
      encoding: String(row!.encoding),
      mayCreate: row!.may_create === true,
      schema: await versionOf(sql),
      schemaKnown: knownVersion(),
      aheadSeconds: Number(row!.clock) - middle,
    }
  } finally {
    await sql.close()
  }
}
