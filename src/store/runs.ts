/** Runs and their manifests: each input of a run with its one outcome, and what failed and may be tried again. */
import { randomBytes } from 'node:crypto'
import type { Reason } from '../model.ts'
import { afterConflicts } from './faults.ts'
import type { Store } from './open.ts'
import { isWanting } from './reports.ts'
import { json, type Row } from './sql.ts'

export type RunItem = {
  readonly path: string
  readonly sha256: string | null
  readonly bytes: number | null
  readonly kind: string | null
  readonly outcome: 'stored' | 'duplicate' | 'failed' | 'not_a_report'
  readonly reason: Reason | null
  readonly reader: string
  readonly reading: number | null
  readonly milliseconds: number
  /** SHA-256 of the archive that it lies in, where it does. */
  readonly archive?: string | null
}

export type RunSummary = {
  readonly id: string
  readonly reader: string
  readonly arguments: readonly string[]
  readonly startedAt: Date
  readonly finishedAt: Date | null
  readonly status: 'running' | 'finished' | 'interrupted'
  readonly inputs: number
  readonly outcomes: Readonly<Record<RunItem['outcome'], number>>
}

export type RetryFilter = {
  readonly reason?: string
  readonly kind?: string
  readonly reader?: string
  /** Also reports of which something was left unread for want of an engine. */
  readonly wanting: boolean
}

const pageRows = 1_000

/** Begins a run and gives its id, which sorts by time. */
export async function startRun(
  store: Store,
  run: {
    readonly reader: string
    readonly arguments: readonly string[]
    readonly startedAt: Date
    /** Documents are queued for it, and others read them: see `completeRun`. */
    readonly queued?: boolean
  },
): Promise<string> {
  // An embedded store has one owner: whatever was still running there was cut off.
  if (store.kind === 'embedded')
    await store.sql.query("UPDATE gouji.runs SET status = 'interrupted' WHERE status = 'running'")
  const time = run.startedAt.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  // Another one of the same second may have got the same id.
  return afterConflicts(async () => {
    const id = `${time}-${randomBytes(2).toString('hex')}`
    await store.sql.query(
      `INSERT INTO gouji.runs (id, reader, arguments, started_at, status, complete)
       VALUES ($1, $2, ARRAY(SELECT jsonb_array_elements_text($3::jsonb)), $4::timestamptz, 'running', $5)`,
      [id, run.reader, JSON.stringify(run.arguments), run.startedAt.toISOString(), run.queued ? false : null],
    )
    return id
  })
}

/** Adds items to a run's manifest, all or none; `queued` is the queued document that one item is the outcome of. */
export async function recordItems(
  store: Store,
  run: string,
  items: readonly RunItem[],
  queued: number | null = null,
): Promise<void> {
  if (items.length === 0) return
  await store.sql.query(
    `INSERT INTO gouji.run_items (run, path, sha256, bytes, kind, outcome, reason, reader, reading, milliseconds,
       archive, queued)
     SELECT $1, i ->> 'path', i ->> 'sha256', (i ->> 'bytes')::bigint, i ->> 'kind', i ->> 'outcome',
       nullif(i -> 'reason', 'null'::jsonb), i ->> 'reader', (i ->> 'reading')::integer, (i ->> 'milliseconds')::integer,
       i ->> 'archive', $3::bigint
     FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (i, n) ORDER BY n`,
    [run, json(items), queued],
  )
  if (store.kind === 'embedded') await keepStatistics(store)
}

/** How many items a run's manifest has. */
export async function countItems(store: Store, run: string): Promise<number> {
  const [row] = await store.sql.query('SELECT count(*) AS items FROM gouji.run_items WHERE run = $1', [run])
  return Number(row!.items)
}

/** Ends a run. */
export async function finishRun(
  store: Store,
  run: string,
  end: { readonly finishedAt: Date; readonly status: 'finished' | 'interrupted' },
): Promise<void> {
  await store.sql.query('UPDATE gouji.runs SET finished_at = $2::timestamptz, status = $3 WHERE id = $1', [
    run,
    end.finishedAt.toISOString(),
    end.status,
  ])
}

/**
 * A server keeps its statistics itself. Without them statements are planned as if the store were small, and stay planned so
 * while it grows.
 */
async function keepStatistics({ sql }: Store): Promise<void> {
  const [row] = await sql.query(
    `SELECT pg_relation_size(oid) > (2 * relpages + ${pagesMin}) * current_setting('block_size')::integer AS grown
     FROM pg_class WHERE oid = 'gouji.readings'::regclass`,
  )
  if (row?.grown === true)
    await sql.run(
      'ANALYZE gouji.reports, gouji.revisions, gouji.readings, gouji.findings, gouji.decisions, gouji.rechecks',
    )
}

/** Of fewer pages it does not matter how they are looked through. */
const pagesMin = 8

/** All runs, the latest first. In an embedded store a run that nobody finished was interrupted. */
export async function listRuns(store: Store): Promise<RunSummary[]> {
  const rows = await store.sql.query('SELECT * FROM public.runs ORDER BY started_at DESC, run DESC')
  return rows.map((row) => toSummary(row, store))
}

/** One run with the sums of its outcomes; null where there is none. */
export async function findRun(store: Store, id: string): Promise<RunSummary | null> {
  const [row] = await store.sql.query('SELECT * FROM public.runs WHERE run = $1', [id])
  return row === undefined ? null : toSummary(row, store)
}

/** Whether a run has ended. Counts nothing: it may be asked for often. */
export async function isFinished(store: Store, id: string): Promise<boolean> {
  const [row] = await store.sql.query('SELECT status FROM gouji.runs WHERE id = $1', [id])
  return row !== undefined && row.status !== 'running'
}

function toSummary(row: Row, { kind }: Store): RunSummary {
  const status = row.status as RunSummary['status']
  return {
    id: String(row.run),
    reader: String(row.reader),
    arguments: row.arguments as string[],
    startedAt: new Date(row.started_at as Date),
    finishedAt: row.finished_at === null ? null : new Date(row.finished_at as Date),
    status: status === 'running' && kind === 'embedded' ? 'interrupted' : status,
    inputs: Number(row.inputs),
    outcomes: {
      stored: Number(row.stored),
      duplicate: Number(row.duplicate),
      failed: Number(row.failed),
      not_a_report: Number(row.not_a_report),
    },
  }
}

/** The manifest of a run, in the order of recording. */
export async function* loadRunItems(store: Store, run: string): AsyncGenerator<RunItem> {
  yield* itemPages(store, 'SELECT * FROM gouji.run_items WHERE run = $2 AND id > $1', [run])
}

/** In SQL, of an item `i`: whether it is the latest outcome of its path. */
const isLatest = 'NOT EXISTS (SELECT FROM gouji.run_items n WHERE n.path = i.path AND n.id > i.id)'
const handedIn = `(SELECT min(r.started_at)::text FROM gouji.run_items n JOIN gouji.runs r ON r.id = n.run
  WHERE n.path = i.path AND n.sha256 = i.sha256) AS handed_in`
const unread = "i.outcome IN ('failed', 'not_a_report')"

/** An input that is tried again: where its bytes are kept, when they were handed in first. */
export type RetryItem = RunItem & { readonly handedIn: string | null }

/**
 * Inputs whose latest outcome is `failed`, by the filter: what `--retry failed` takes; where it says so, those of reports that
 * want an engine after them. A reader may be named without its forms.
 */
export async function* inputsToRetry(store: Store, filter: RetryFilter): AsyncGenerator<RetryItem> {
  const conditions = `${isLatest} AND ($2::text IS NULL OR reason ->> 'code' = $2)
    AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR starts_with(reader || '+', $4 || '+'))`
  const parameters = [filter.reason ?? null, filter.kind ?? null, filter.reader ?? null]
  // The first condition is that of an index: few of all outcomes that there ever were.
  const failed = `${unread} AND i.outcome = 'failed' AND ${conditions}`
  yield* retryPages(store, `SELECT *, ${handedIn} FROM gouji.run_items i WHERE id > $1 AND ${failed}`, parameters)
  if (!filter.wanting) return
  const wanting = `i.outcome <> 'failed' AND i.sha256 IN (SELECT v.sha256 FROM gouji.readings d
    JOIN gouji.revisions v ON v.current_reading = d.id AND v.id = d.revision WHERE ${isWanting}) AND ${conditions}`
  yield* retryPages(store, `SELECT *, ${handedIn} FROM gouji.run_items i WHERE id > $1 AND ${wanting}`, parameters)
}

/** Inputs whose latest outcome is no report: failed, or something else than a report. */
export async function* listUnread(store: Store): AsyncGenerator<RunItem> {
  yield* itemPages(store, `SELECT * FROM gouji.run_items i WHERE id > $1 AND ${unread} AND ${isLatest}`, [])
}

async function* itemPages(store: Store, select: string, parameters: readonly unknown[]): AsyncGenerator<RunItem> {
  for await (const row of rowPages(store, select, parameters)) yield toItem(row)
}

async function* retryPages(store: Store, select: string, parameters: readonly unknown[]): AsyncGenerator<RetryItem> {
  for await (const row of rowPages(store, select, parameters))
    yield { ...toItem(row), handedIn: row.handed_in as string | null }
}

async function* rowPages(store: Store, select: string, parameters: readonly unknown[]): AsyncGenerator<Row> {
  for (let last = 0; ; ) {
    const rows = await store.sql.query(`${select} ORDER BY id LIMIT ${pageRows}`, [last, ...parameters])
    yield* rows
    if (rows.length < pageRows) return
    last = Number(rows.at(-1)!.id)
  }
}

function toItem(row: Row): RunItem {
  return {
    path: String(row.path),
    sha256: row.sha256 as string | null,
    bytes: row.bytes === null ? null : Number(row.bytes),
    kind: row.kind as string | null,
    outcome: row.outcome as RunItem['outcome'],
    reason: row.reason as Reason | null,
    reader: String(row.reader),
    reading: row.reading === null ? null : Number(row.reading),
    milliseconds: Number(row.milliseconds),
    archive: row.archive as string | null,
  }
}
