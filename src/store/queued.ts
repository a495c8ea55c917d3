/**
 * The documents that workers have still to read, and who has taken which. What is to be done stands here, not in the
 * queue that carries it: a queue that loses everything is filled again from here. A document is taken by counting up its
 * `attempt`; whoever holds an older count is too late, and changes nothing. It leaves in the transaction that gives it its
 * outcome, so that it has exactly one.
 */
import type { Registry } from '../forms/registry.ts'
import type { Reason } from '../model.ts'
import { afterConflicts } from './faults.ts'
import { knownVersion, refuseNewer, type Store } from './open.ts'
import { type SaveInput, type SaveResult, saveReadingWithin } from './reports.ts'
import { type RunItem, recordItems } from './runs.ts'
import { json, type Row, type Sql } from './sql.ts'

/** A document to be queued: `sha256` where its bytes are kept already, and when these were handed in if that was before. */
export type QueuedInput = {
  readonly path: string
  readonly archive?: string | null
  readonly sha256?: string | null
  readonly handedIn?: string | null
}

/** A document that a worker has taken. */
export type Taken = {
  readonly id: number
  readonly run: string
  readonly path: string
  readonly archive: string | null
  readonly sha256: string | null
  readonly urgent: boolean
  readonly again: boolean
  /** As the database writes it, to the microsecond. */
  readonly handedIn: string
  readonly attempt: number
  readonly lost: number
  readonly crashes: number
  readonly faults: number
  readonly errors: number
}

/** What stands to be done: `fetch` where the bytes are not kept yet. */
export type Due = { readonly id: number; readonly stage: 'fetch' | 'ingest'; readonly urgent: boolean }

type Adding = Pick<Taken, 'urgent' | 'again'>

/**
 * Queues documents for a run; gives them in their order, in which they come a microsecond after one another: of two on one
 * report the later is the newer, whichever is read first.
 */
export async function addQueued(
  store: Pick<Store, 'sql'>,
  run: string,
  inputs: readonly QueuedInput[],
  { at, ...how }: Adding & { readonly at: Date },
): Promise<Due[]> {
  return add(store, run, inputs, { ...how, at: at.toISOString(), apart: 1 })
}

async function add(
  { sql }: Pick<Store, 'sql'>,
  run: string,
  inputs: readonly QueuedInput[],
  { urgent, again, at, apart }: Adding & { readonly at: string; readonly apart: 0 | 1 },
): Promise<Due[]> {
  const rows = await sql.query(
    `INSERT INTO gouji.queued (run, path, archive, sha256, urgent, again, queued_at, handed_in)
     SELECT $1, i ->> 'path', i ->> 'archive', i ->> 'sha256', $3, $4,
       $5::timestamptz + n * $6::integer * interval '1 microsecond', (i ->> 'handedIn')::timestamptz
     FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (i, n) ORDER BY n RETURNING id, sha256, urgent`,
    [run, json(inputs), urgent, again, at, apart],
  )
  return rows.map(toDue)
}

/** Says that everything of a run is queued: it is finished once nothing of it is left. */
export async function completeRun(store: Store, run: string): Promise<void> {
  await store.sql.query('UPDATE gouji.runs SET complete = true WHERE id = $1', [run])
}

/** Whoever queues documents has died when so much time has passed. */
const queueingHoursMax = 24

/** Ends the runs of which nothing is left to be done, also those that were cut off while they were queued; gives how many. */
export async function finishRuns(store: Store, at: Date): Promise<number> {
  const rows = await store.sql.query(
    `UPDATE gouji.runs r SET status = CASE WHEN complete THEN 'finished' ELSE 'interrupted' END,
       finished_at = $1::timestamptz
     WHERE status = 'running' AND (complete OR NOT complete AND started_at < $1::timestamptz - $2 * interval '1 hour')
       AND NOT EXISTS (SELECT 1 FROM gouji.queued q WHERE q.run = r.id) RETURNING id`,
    [at.toISOString(), queueingHoursMax],
  )
  return rows.length
}

/**
 * Takes a document for a stage, from whoever held it. Null where that stage is not due: it has its outcome already, or is
 * with another stage, from which an old job takes nothing away. `by` names one start of one worker: who takes anew what it
 * held itself lives, so that nothing was lost. @throws UserError `store_newer`
 */
export async function take(
  store: Store,
  { id, stage }: Pick<Due, 'id' | 'stage'>,
  by: string,
  at: Date,
): Promise<Taken | null> {
  const [row] = await store.sql.query(
    `UPDATE gouji.queued SET attempt = attempt + 1, lost = lost + (taken_by IS NOT NULL AND taken_by <> $2)::integer,
       taken_at = $3::timestamptz, taken_by = $2 WHERE id = $1 AND (sha256 IS NULL) = $4 AND ${isNoNewer('$5')}
     RETURNING id, run, path, archive, sha256, urgent, again, attempt, lost, crashes, faults, errors,
       coalesce(handed_in, queued_at)::text AS handed_in`,
    [id, by, at.toISOString(), stage === 'fetch', knownVersion()],
  )
  if (row === undefined) await refuseNewer(store)
  return row === undefined ? null : toTaken(row)
}

/** What is due for a document; null where it has its outcome. */
export async function dueOf(store: Store, id: number): Promise<Due | null> {
  const [row] = await store.sql.query('SELECT id, sha256, urgent FROM gouji.queued WHERE id = $1', [id])
  return row === undefined ? null : toDue(row)
}

/** Gives a document back untouched, so that the attempt does not count as one of which nothing was heard. */
export async function giveBack(store: Store, { id, attempt }: Taken): Promise<void> {
  await store.sql.query('UPDATE gouji.queued SET taken_at = NULL, taken_by = NULL WHERE id = $1 AND attempt = $2', [
    id,
    attempt,
  ])
}

/** Gives a document back after the reader broke down, after a cause that may pass, or after an error nobody foresaw. */
export async function giveBackAfter(
  store: Store,
  { id, attempt }: Taken,
  what: 'crash' | 'fault' | 'error',
  reason: Reason,
): Promise<void> {
  const column = what === 'crash' ? 'crashes' : `${what}s`
  await store.sql.query(
    `UPDATE gouji.queued SET taken_at = NULL, taken_by = NULL, ${column} = ${column} + 1, reason = $3::jsonb
     WHERE id = $1 AND attempt = $2`,
    [id, attempt, json(reason)],
  )
}

/** Says that the bytes of a document are kept. False where another has taken it. */
export async function setKept(store: Store, { id, attempt }: Taken, sha256: string): Promise<boolean> {
  const rows = await store.sql.query(
    `UPDATE gouji.queued SET sha256 = $3, taken_at = NULL, taken_by = NULL, faults = 0, reason = NULL
     WHERE id = $1 AND attempt = $2 RETURNING id`,
    [id, attempt, sha256],
  )
  return rows.length > 0
}

/**
 * Puts the documents of an archive in its place, as queued when it was, and those that cannot be had as failed. Null where
 * another has taken it.
 */
export async function replaceByDocuments(
  store: Store,
  taken: Taken,
  found: { readonly documents: readonly QueuedInput[]; readonly failed: readonly RunItem[] },
): Promise<Due[] | null> {
  return store.sql.transaction(async (sql) => {
    if (!(await leave(sql, taken))) return null
    await recordItems({ ...store, sql }, taken.run, found.failed)
    return add({ sql }, taken.run, found.documents, { ...taken, at: taken.handedIn, apart: 0 })
  })
}

/** Gives a document its outcome without a reading. False where another has taken it. */
export async function finish(store: Store, taken: Taken, item: RunItem): Promise<boolean> {
  return store.sql.transaction(async (sql) => {
    if (!(await leave(sql, taken))) return false
    await recordItems({ ...store, sql }, taken.run, [item], taken.id)
    return true
  })
}

/** Saves what was read of a document, with its outcome, all or nothing. Null where another has taken it. */
export async function finishWithReading(
  store: Store,
  registry: Registry,
  taken: Taken,
  input: SaveInput,
  itemOf: (saved: SaveResult) => RunItem,
): Promise<SaveResult | null> {
  return afterConflicts(() =>
    store.sql.transaction(async (sql) => {
      if (!(await leave(sql, taken))) return null
      const handedIn = { at: taken.handedIn, queued: taken.id }
      const saved = await saveReadingWithin(sql, store, registry, { ...input, handedIn })
      await recordItems({ ...store, sql }, taken.run, [itemOf(saved)], taken.id)
      return saved
    }),
  )
}

/** What is to be done, in the order of queueing, from behind `after` on. */
export async function listDue(store: Store, after: number, most: number): Promise<Due[]> {
  const rows = await store.sql.query('SELECT id, sha256, urgent FROM gouji.queued WHERE id > $1 ORDER BY id LIMIT $2', [
    after,
    most,
  ])
  return rows.map(toDue)
}

/**
 * Takes the documents that nobody holds off the queue, of a run or of all; each gets the outcome `failed` with the reason
 * `taken_off`, so that it is accounted for and can be queued again. Gives how many.
 */
export async function takeOff(store: Store, run: string | null, reader: string): Promise<number> {
  const rows = await store.sql.query(
    `WITH gone AS (
       DELETE FROM gouji.queued WHERE taken_at IS NULL AND ($1::text IS NULL OR run = $1) RETURNING *
     )
     INSERT INTO gouji.run_items (run, path, sha256, outcome, reason, reader, milliseconds, archive, queued)
     SELECT run, path, sha256, 'failed', '{"code": "taken_off", "data": {}}'::jsonb, $2, 0, archive, id
     FROM gone ORDER BY id RETURNING id`,
    [run, reader],
  )
  return rows.length
}

/** How much is to be done, and since when the oldest waits. */
export type Backlog = {
  readonly fetch: number
  readonly ingest: number
  readonly urgent: number
  readonly taken: number
  readonly faulty: number
  /** Taken once by a worker of which nothing was heard again. */
  readonly lost: number
  readonly recheck: number
  readonly oldest: Date | null
}

/** What stands to be done in the store, whatever the queue says. */
export async function countDue(store: Store): Promise<Backlog> {
  const [row] = await store.sql.query(
    `SELECT count(*) FILTER (WHERE sha256 IS NULL) AS fetch, count(*) FILTER (WHERE sha256 IS NOT NULL) AS ingest,
       count(*) FILTER (WHERE urgent) AS urgent, count(*) FILTER (WHERE taken_at IS NOT NULL) AS taken,
       count(*) FILTER (WHERE faults > 0) AS faulty, count(*) FILTER (WHERE lost > 0) AS lost, min(queued_at) AS oldest,
       (SELECT count(DISTINCT coalesce(asked_by, 0)) FROM gouji.rechecks WHERE refused IS NULL) AS recheck FROM gouji.queued`,
  )
  return {
    fetch: Number(row!.fetch),
    ingest: Number(row!.ingest),
    urgent: Number(row!.urgent),
    taken: Number(row!.taken),
    faulty: Number(row!.faulty),
    lost: Number(row!.lost),
    recheck: Number(row!.recheck),
    oldest: row!.oldest === null ? null : new Date(row!.oldest as Date),
  }
}

async function leave(sql: Sql, { id, attempt }: Taken): Promise<boolean> {
  const leaving = `DELETE FROM gouji.queued WHERE id = $1 AND attempt = $2 AND ${isNoNewer('$3')} RETURNING id`
  return (await sql.query(leaving, [id, attempt, knownVersion()])).length > 0
}

/** In SQL: of a store that a newer program has brought up nothing is taken any more, and nothing put there by the rules of this one. */
function isNoNewer(known: string): string {
  return `(SELECT max(version) FROM gouji.schema_version) <= ${known}::integer`
}

function toDue(row: Row): Due {
  return { id: Number(row.id), stage: row.sha256 === null ? 'fetch' : 'ingest', urgent: row.urgent === true }
}

function toTaken(row: Row): Taken {
  return {
    ...toDue(row),
    run: String(row.run),
    path: String(row.path),
    archive: row.archive as string | null,
    sha256: row.sha256 as string | null,
    again: row.again === true,
    handedIn: String(row.handed_in),
    attempt: Number(row.attempt),
    lost: Number(row.lost),
    crashes: Number(row.crashes),
    faults: Number(row.faults),
    errors: Number(row.errors),
  }
}
