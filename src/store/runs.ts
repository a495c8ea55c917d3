/** Runs and their manifests: each input of a run with its one outcome, and what failed and may be tried again. */
import { randomBytes } from 'node:crypto'
import type { Reason } from '../model.ts'
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
  const id = `${time}-${randomBytes(2).toString('hex')}`
  await store.sql.query(
    `INSERT INTO gouji.runs (id, reader, arguments, started_at, status, complete)
     VALUES ($1, $2, ARRAY(SELECT jsonb_array_elements_text($3::jsonb)), $4::timestamptz, 'running', $5)`,
    [id, run.reader, JSON.stringify(run.arguments), run.startedAt.toISOString(), run.queued ? false : null],
  )
  return id
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
  return rows.map((row) => {
    const status = row.status as RunSummary['status']
    return {
      id: String(row.run),
      reader: String(row.reader),
      arguments: row.arguments as string[],
      startedAt: new Date(row.started_at as Date),
      finishedAt: row.finished_at === null ? null : new Date(row.finished_at as Date),
      status: status === 'running' && store.kind === 'embedded' ? 'interrupted' : status,
      inputs: Number(row.inputs),
      outcomes: {
        stored: Number(row.stored),
        duplicate: Number(row.duplicate),
        failed: Number(row.failed),
        not_a_report: Number(row.not_a_report),
      },
    }
  })
}

/** The manifest of a run, in the order of recording. */
export async function* loadRunItems(store: Store, run: string): AsyncGenerator<RunItem> {
  yield* itemPages(store, 'SELECT * FROM gouji.run_items WHERE run = $2 AND id > $1', [run])
}

const heldIsWanting = `EXISTS (SELECT FROM gouji.revisions v JOIN gouji.readings d ON d.id = v.current_reading
  WHERE v.sha256 = i.sha256 AND ${isWanting})`
const latest = `SELECT DISTINCT ON (path) * FROM gouji.run_items ORDER BY path, id DESC`

/** Inputs whose latest outcome is `failed`, by the filter: what `--retry failed` takes. A reader may be named without its forms. */
export async function* inputsToRetry(store: Store, filter: RetryFilter): AsyncGenerator<RunItem> {
  const conditions = `(outcome = 'failed' OR ($5 AND ${heldIsWanting}))
    AND ($2::text IS NULL OR reason ->> 'code' = $2)
    AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR starts_with(reader || '+', $4 || '+'))`
  const parameters = [filter.reason ?? null, filter.kind ?? null, filter.reader ?? null, filter.wanting]
  yield* itemPages(store, `SELECT * FROM (${latest}) i WHERE id > $1 AND ${conditions}`, parameters)
}

/** Inputs whose latest outcome is no report: failed, or something else than a report. */
export async function* listUnread(store: Store): AsyncGenerator<RunItem> {
  yield* itemPages(store, `SELECT * FROM (${latest}) i WHERE id > $1 AND outcome IN ('failed', 'not_a_report')`, [])
}

async function* itemPages(store: Store, select: string, parameters: readonly unknown[]): AsyncGenerator<RunItem> {
  for (let last = 0; ; ) {
    const rows = await store.sql.query(`${select} ORDER BY id LIMIT ${pageRows}`, [last, ...parameters])
    for (const row of rows) yield toItem(row)
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
