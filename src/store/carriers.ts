/**
 * The two carriers of SQL: PGlite on a folder, and a pool of connections to a PostgreSQL server. Statements are prepared once
 * a connection: most of ours take longer to plan than to run.
 */
import { createHash } from 'node:crypto'
import { type messages, PGlite, parse, protocol, types } from '@electric-sql/pglite'
import pg from 'pg'
import { detailOf, UserError } from '../errors.ts'
import { hidePasswords } from '../secrets.ts'
import type { Row, Sql } from './sql.ts'

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
  const turn = makeQueue()
  const query = preparing(db)
  const direct: Omit<Sql, 'transaction' | 'close'> = {
    query,
    table: async (text) => {
      const result = await db.query<unknown[]>(text, [], { rowMode: 'array' })
      return { columns: result.fields.map((field) => field.name), rows: result.rows }
    },
    run: async (text) => void (await db.exec(text)),
  }
  const transaction: Sql['transaction'] = (work) =>
    turn(async () => {
      await query('BEGIN')
      try {
        const result = await work({ ...direct, transaction: nested, close: nested })
        await query('COMMIT')
        return result
      } catch (error) {
        await query('ROLLBACK')
        throw error
      }
    })
  return {
    query: (text, parameters) => turn(() => direct.query(text, parameters)),
    table: (text) => turn(() => direct.table(text)),
    run: (text) => turn(() => direct.run(text)),
    transaction,
    close: () => turn(() => db.close()),
  }
}

/** One after the other: there is one connection, and what is in a transaction is nobody else's. */
function makeQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const made = last.then(work)
    last = made.catch(ignore)
    return made
  }
}

type Message = messages.BackendMessage
type Prepared = { readonly name: string; readonly takes: readonly number[]; readonly gives: readonly Message[] }

/** Queries by statements that are prepared when first asked: PGlite's own `query` parses and plans each time. */
function preparing(db: PGlite): Sql['query'] {
  const known = new Map<string, Prepared>()
  const { serialize } = protocol
  const ask = async (...parts: readonly Uint8Array[]): Promise<Message[]> =>
    (await db.execProtocol(Buffer.concat([...parts, serialize.sync()]))).messages
  const prepare = async (text: string): Promise<Prepared> => {
    const name = `s${known.size}`
    const told = await ask(serialize.parse({ name, text }), serialize.describe({ type: 'S', name }))
    const takes = parse.parseDescribeStatementResults(told)
    const prepared = { name, takes, gives: told.filter((message) => message.name === 'rowDescription') }
    known.set(text, prepared)
    return prepared
  }
  return async (text, parameters = []) => {
    const { name, takes, gives } = known.get(text) ?? (await prepare(text))
    const values = parameters.map((value, index) => {
      if (value === null || value === undefined) return null
      const type = takes[index]
      return (type === undefined ? undefined : db.serializers[type]?.(value)) ?? String(value)
    })
    const told = await ask(serialize.bind({ statement: name, values }), serialize.execute({}))
    return (parse.parseResults([...gives, ...told], db.parsers)[0]?.rows ?? []) as Row[]
  }
}

const connectSecondsMax = 30
const keepAliveSeconds = 15
/**
 * Of a machine that died, or was cut off, in the middle of a transaction the server would hear nothing for two hours, and all
 * others would wait for the rows it holds. We do not think for so long between two statements.
 */
const begin = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '120s'"

/** A statement that was prepared is not known, or one that was not is: connections change hands between one query and the next. */
const forgetful = new Set(['26000', '42P05'])

/** A server by its URL. @throws UserError `store_unreachable` without the password; `store_forgetful`, from queries too */
export async function openServer(url: string, connections = 4): Promise<Sql> {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    types: { getTypeParser },
    // A server that is gone without a word must be noticed, and not after the two hours that systems wait by themselves.
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveSeconds * 1000,
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
    query: async (text, values = []) => {
      try {
        return (await on.query<Row>({ name: nameOf(text), text, values: [...values] })).rows
      } catch (error) {
        if (!(error instanceof pg.DatabaseError && forgetful.has(error.code ?? ''))) throw error
        // Whoever set it up mends it: no document is to blame.
        throw new UserError('store_forgetful', { url: hidePasswords(url) }, true)
      }
    },
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
      await client.query(begin)
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

/** Names of prepared statements: the same text has the same in every connection. */
const names = new Map<string, string>()

function nameOf(text: string): string {
  const known = names.get(text)
  if (known !== undefined) return known
  const name = createHash('sha256').update(text).digest('base64url').slice(0, 24)
  names.set(text, name)
  return name
}

function getTypeParser(oid: number, format?: string): unknown {
  return oid === types.INT8 || oid === types.NUMERIC ? toNumber : pg.types.getTypeParser(oid, format as 'text')
}

function ignore(): void {}

function nested(): never {
  throw new Error('a transaction is already open')
}
