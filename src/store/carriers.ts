/** The two carriers of SQL: PGlite on a folder, and a pool of connections to a PostgreSQL server. */
import { PGlite, types } from '@electric-sql/pglite'
import pg from 'pg'
import { detailOf, UserError } from '../errors.ts'
import { hidePasswords } from '../secrets.ts'
import type { Row, Sql } from './sql.ts'

type Queryable = Pick<PGlite, 'query' | 'exec'>

/** 64-bit integers are counts here and fit a number; both carriers would otherwise give other types. */
const toNumber = (text: string): number => Number(text)

/** PGlite on a folder. The caller holds the folder's lock. @throws UserError `store_damaged` */
export async function openEmbedded(folder: string): Promise<Sql> {
  let db: PGlite
  try {
    db = await PGlite.create(folder, { parsers: { [types.INT8]: toNumber, [types.NUMERIC]: toNumber } })
  } catch (error) {
    throw new UserError('store_damaged', { path: folder, detail: detailOf(error) })
  }
  const over = (on: Queryable): Omit<Sql, 'transaction' | 'close'> => ({
    query: async (text, parameters = []) => (await on.query<Row>(text, [...parameters])).rows,
    table: async (text) => {
      const result = await on.query<unknown[]>(text, [], { rowMode: 'array' })
      return { columns: result.fields.map((field) => field.name), rows: result.rows }
    },
    run: async (text) => void (await on.exec(text)),
  })
  const sql: Sql = {
    ...over(db),
    transaction: (work) => db.transaction((tx) => work({ ...over(tx), transaction: nested, close: nested })),
    close: () => db.close(),
  }
  return sql
}

const connectSecondsMax = 30

/** A server by its URL. @throws UserError `store_unreachable` without the password */
export async function openServer(url: string, connections = 4): Promise<Sql> {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    types: { getTypeParser },
    // A server that is gone without a word must be noticed.
    keepAlive: true,
    connectionTimeoutMillis: connectSecondsMax * 1000,
  })
  // A connection that breaks while idle is replaced by the pool; the next query tells if the server is gone.
  pool.on('error', ignore)
  try {
    await pool.query('SELECT 1')
  } catch (error) {
    await pool.end()
    throw new UserError('store_unreachable', { url: hidePasswords(url), detail: hidePasswords(detailOf(error)) }, true)
  }
  const over = (on: pg.Pool | pg.PoolClient): Omit<Sql, 'transaction' | 'close'> => ({
    query: async (text, parameters = []) => (await on.query<Row>(text, [...parameters])).rows,
    table: async (text) => {
      const extended = { text, values: [], rowMode: 'array' as const, queryMode: 'extended' as const }
      const result = await on.query<unknown[]>(extended)
      return { columns: result.fields.map((field) => field.name), rows: result.rows }
    },
    run: async (text) => void (await on.query(text)),
  })
  const transaction: Sql['transaction'] = async (work) => {
    const client = await pool.connect()
    // A connection that breaks tells its query and, beside it, whoever listens; with nobody listening the process ends.
    client.on('error', ignore)
    let broken = false
    try {
      await client.query('BEGIN')
      const result = await work({ ...over(client), transaction: nested, close: nested })
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {
        broken = true
      })
      throw error
    } finally {
      client.off('error', ignore)
      client.release(broken)
    }
  }
  return { ...over(pool), transaction, close: () => pool.end() }
}

function getTypeParser(oid: number, format?: string): unknown {
  return oid === types.INT8 || oid === types.NUMERIC ? toNumber : pg.types.getTypeParser(oid, format as 'text')
}

function ignore(): void {}

function nested(): never {
  throw new Error('a transaction is already open')
}
