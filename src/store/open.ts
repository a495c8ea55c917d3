/**
 * Opens a store: a folder (PGlite, one owner) or the URL of a PostgreSQL server, brought to the newest schema. The SQL
 * is the same for both; only the carrier differs.
 */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { isServerUrl, type S3Config } from '../config.ts'
import { detailOf, UserError } from '../errors.ts'
import { hidePasswords } from '../secrets.ts'
import { type BlobStore, openBlobs } from './blobs.ts'
import { openEmbedded, openServer } from './carriers.ts'
import { lockFolder } from './lock.ts'
import { markedBlobs } from './originals.ts'
import type { Sql } from './sql.ts'

export type Store = {
  /** The folder or URL it was opened by. */
  readonly target: string
  readonly kind: 'embedded' | 'server'
  readonly sql: Sql
  readonly blobs: BlobStore
  /** Lets go of the files or connections. */
  close(): Promise<void>
}

export type StoreOptions = {
  /** Nothing is created: an embedded store that is not there is an error. */
  readonly readOnly?: boolean
  /** Where the original bytes of a server's store are kept. */
  readonly blobs?: string
  /** Where that is `s3://bucket/prefix`. */
  readonly s3?: S3Config
  /** Connections to a server at most. */
  readonly connections?: number
}

/** Any number no other program is likely to lock: migrations of one server run one after another. */
const migrationLock = 7_024_331

/**
 * Opens a store.
 * @throws UserError `store_unusable`, `store_locked`, `store_empty`, `store_unreachable`, `store_newer`, `store_damaged`, `path_not_writable`
 */
export async function openStore(target: string, options: StoreOptions = {}): Promise<Store> {
  if (kindOfStore(target) === 'server') {
    const blobs = openBlobs(options.blobs ?? path.join('gouji-data', 'blobs'), options.s3)
    const sql = await openServer(target, options.connections)
    return prepare({ target, kind: 'server', sql, blobs: markedBlobs(blobs, sql), close: () => sql.close() })
  }
  const database = path.join(target, 'db')
  if (options.readOnly && !exists(database)) throw new UserError('store_empty', { store: target })
  try {
    mkdirSync(target, { recursive: true })
  } catch (error) {
    throw new UserError('path_not_writable', {
      path: target,
      detail: detailOf(error),
    })
  }
  const release = lockFolder(target, new Date())
  try {
    const sql = await openEmbedded(database)
    const close = async (): Promise<void> => {
      await sql.close()
      release()
    }
    return await prepare({ target, kind: 'embedded', sql, blobs: openBlobs(path.join(target, 'blobs')), close })
  } catch (error) {
    release()
    throw error
  }
}

/** Whether it answers. @throws what the carrier says where it does not */
export async function askStore({ sql }: Store): Promise<void> {
  await sql.query('SELECT 1')
}

/** What a store is by its name. @throws UserError `store_unusable` where it is neither, `path_not_readable` */
export function kindOfStore(target: string): Store['kind'] {
  if (isServerUrl(target)) return 'server'
  const url = /^[a-z][a-z0-9+.-]+:\/\//i.test(target)
  if (url || (exists(target) && !statSync(target).isDirectory()))
    throw new UserError('store_unusable', { store: hidePasswords(target) })
  return 'embedded'
}

function exists(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    throw new UserError('path_not_readable', { path: file, detail: detailOf(error) })
  }
}

async function prepare(store: Store): Promise<Store> {
  try {
    await migrate(store)
    return store
  } catch (error) {
    await store.close().catch(() => {})
    throw error
  }
}

/** Numbered files, each run once, in order; forward only. */
async function migrate({ sql, kind }: Store): Promise<void> {
  const files = migrations()
  const known = files.length
  if ((await versionOf(sql)) === known) return
  await sql.transaction(async (tx) => {
    if (kind === 'server') await tx.query('SELECT pg_advisory_xact_lock($1)', [migrationLock])
    await tx.run(
      'CREATE SCHEMA IF NOT EXISTS gouji; CREATE TABLE IF NOT EXISTS gouji.schema_version (version integer NOT NULL)',
    )
    const found = await versionOf(tx)
    if (found > known) throw new UserError('store_newer', { found, known })
    for (const file of files.slice(found)) await tx.run(readFileSync(new URL(file, migrationFolder), 'utf8'))
    await tx.query('DELETE FROM gouji.schema_version')
    await tx.query('INSERT INTO gouji.schema_version (version) VALUES ($1)', [known])
  })
}

const migrationFolder = new URL('./migrations/', import.meta.url)

function migrations(): string[] {
  return readdirSync(migrationFolder)
    .filter((name) => /^\d{3}_.*\.sql$/.test(name))
    .sort()
}

let known: number | null = null

/** The version of the schema that this program makes. */
export function knownVersion(): number {
  known ??= migrations().length
  return known
}

/** Whoever outlives an upgrade writes by rules that no longer hold. @throws UserError `store_newer` */
export async function refuseNewer({ sql }: Pick<Store, 'sql'>): Promise<void> {
  const found = await versionOf(sql)
  if (found > knownVersion()) throw new UserError('store_newer', { found, known: knownVersion() })
}

/** The version of the schema that a store has; 0 where it has none. */
export async function versionOf(sql: Sql): Promise<number> {
  const [table] = await sql.query("SELECT to_regclass('gouji.schema_version')::text AS name")
  if (table?.name == null) return 0
  const [row] = await sql.query('SELECT max(version) AS version FROM gouji.schema_version')
  return Number(row?.version ?? 0)
}
