/**
 * Many documents read by workers that are killed all the time, while Redis and PostgreSQL are killed too: what is in the
 * store at the end is compared with what a quiet run of `gouji ingest` makes of the same documents.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres, type TestPostgres } from '../../scripts/postgres.mjs'
import { startRedis, type TestRedis } from '../../scripts/redis.mjs'
import { openStore, type Store } from '../../src/store/open.ts'
import { countDue } from '../../src/store/queued.ts'
import type { Row } from '../../src/store/sql.ts'
import { runGouji } from '../cli/process.ts'
import { makeRandom } from '../generator/random.ts'
import { tightMegabytes, writeDocuments } from './documents.ts'
import { type LogLine, startWorkerProcess, type WorkerProcess } from './processes.ts'

export type CrashSetup = {
  readonly documents: number
  readonly workers: number
  readonly kills: number
  /** Of Redis and of PostgreSQL, each. */
  readonly restarts: number
  readonly seed: number
  readonly secondsMax: number
  readonly tell: (text: string) => void
}

export type CrashFigures = {
  readonly documents: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly kills: number
  readonly redisRestarts: number
  readonly postgresRestarts: number
  /** Workers that stood still until others took their documents, and then went on. */
  readonly freezes: number
  /** Documents that workers had taken when they were killed. */
  readonly inHand: number
  /** Documents that were to be done again after their reader had broken down. */
  readonly retries: number
  /** What was done by workers that came too late, and changed nothing. */
  readonly fenced: number
  /** How often jobs were lost and announced again. */
  readonly refills: number
  readonly facts: number
  readonly findings: number
  readonly seconds: number
  /** Workers that ended by themselves, and bugs in their logs. */
  readonly wrong: readonly string[]
  /** What is not as it must be in the store; empty where nothing is lost and nothing doubled. */
  readonly differences: readonly string[]
}

const lockSeconds = 3
/** So long a worker that stands still is taken for dead, and what it had is read by another. */
const freezeSeconds = lockSeconds * 4

/** The part of the documents by which the last kill has happened. */
const killsUntil = 0.85

type Servers = { readonly redis: TestRedis; readonly postgres: TestPostgres }

/** Runs the scenario; gives what came of it. */
export async function crash(setup: CrashSetup): Promise<CrashFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'gouji-crash-'))
  const servers: Servers = { redis: await startRedis(), postgres: await startPostgres() }
  try {
    const { paths, documents } = writeDocuments(folder, setup.documents)
    setup.tell(`${documents} documents written`)
    const limits = { GOUJI_JOBS: '1', GOUJI_MEMORY_MEGABYTES: String(tightMegabytes), GOUJI_TIMEOUT_SECONDS: '300' }
    const quiet = join(folder, 'quiet')
    const ingested = await runGouji(folder, ['ingest', ...paths, '--store', quiet, '--jobs', '2'], { env: limits })
    if (ingested.code !== 3) throw new Error(`the quiet run ended with ${ingested.code}: ${ingested.stderr}`)
    setup.tell('quiet run done')
    const environment = {
      ...limits,
      GOUJI_STORE: servers.postgres.url,
      GOUJI_REDIS: servers.redis.url,
      GOUJI_BLOBS: join(folder, 'blobs'),
      GOUJI_LOCK_SECONDS: String(lockSeconds),
      GOUJI_SWEEP_SECONDS: '3',
    }
    const begun = performance.now()
    const added = await runGouji(folder, ['queue', 'add', ...paths], { env: environment })
    if (added.code !== 0) throw new Error(`nothing was queued: ${added.stderr}`)
    const store = await openStore(servers.postgres.url, { blobs: environment.GOUJI_BLOBS })
    try {
      const seen = await disturb(setup, folder, environment, servers, store)
      const seconds = Math.round((performance.now() - begun) / 1000)
      const calm = await openStore(quiet)
      try {
        const expected = await contentOf(calm)
        const found = await contentOf(store)
        const differences = [...compare(expected, found), ...(await doubles(store)), ...(await leftOver(store))]
        const { outcomes, facts, findings } = sums(found)
        return { documents: found.outcomes.length, outcomes, ...seen, facts, findings, seconds, differences }
      } finally {
        await calm.close()
      }
    } finally {
      await store.close()
    }
  } finally {
    await servers.postgres.stop()
    await servers.redis.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Seen = Pick<
  CrashFigures,
  'kills' | 'redisRestarts' | 'postgresRestarts' | 'freezes' | 'inHand' | 'retries' | 'fenced' | 'refills' | 'wrong'
>

/** Runs workers until all is done, and disturbs them as it is done. */
async function disturb(
  setup: CrashSetup,
  folder: string,
  environment: Record<string, string>,
  servers: Servers,
  store: Store,
): Promise<Seen> {
  const { documents, kills, restarts, secondsMax, tell } = setup
  const random = makeRandom(setup.seed)
  const counts = {
    kills: 0,
    redisRestarts: 0,
    postgresRestarts: 0,
    freezes: 0,
    inHand: 0,
    retries: 0,
    fenced: 0,
    refills: 0,
  }
  const wrong: string[] = []
  const killed = new Set<WorkerProcess>()
  const onLine = (line: LogLine): void => {
    if (line.msg === 'to be done again') counts.retries++
    if (line.msg.startsWith('too late')) counts.fenced++
    if (line.msg === 'queues filled again from the store') counts.refills++
    if (line.msg === 'broke down') wrong.push(JSON.stringify(line))
  }
  const start = (): WorkerProcess => {
    const worker = startWorkerProcess(folder, environment, onLine)
    worker.child.once('close', (code, signal) => {
      if (!killed.has(worker)) wrong.push(`a worker ended with ${code ?? signal}: ${worker.stderr()}`)
    })
    return worker
  }
  const workers = Array.from({ length: setup.workers }, start)
  // Redis and PostgreSQL by turns, evenly over the work.
  const outages = Array.from({ length: restarts * 2 }, (_, index) => ({
    at: (documents * (index + 0.7)) / (restarts * 2 + 1),
    server: index % 2 === 0 ? ('redis' as const) : ('postgres' as const),
  }))
  const deadline = performance.now() + secondsMax * 1000
  try {
    for (;;) {
      const progress = await progressOf(store)
      if (progress?.finished) break
      if (performance.now() > deadline) throw new Error(`not done in time: ${await stateOf(store)}`)
      const done = progress?.done ?? 0
      if (outages[0] !== undefined && done >= outages[0].at) {
        const { server } = outages.shift()!
        await servers[server].kill()
        await sleep(random.integer(200, 3000))
        await servers[server].start()
        counts[`${server}Restarts`]++
        tell(`${done} done, ${counts.kills} killed, ${server} restarted`)
      }
      const running = workers.filter((worker) => worker.started())
      if (counts.freezes < restarts && running.length > 0 && done >= (documents * (counts.freezes + 0.2)) / restarts) {
        const { child } = random.pick(running)
        counts.freezes++
        child.kill('SIGSTOP')
        setTimeout(() => child.kill('SIGCONT'), freezeSeconds * 1000)
      }
      if (counts.kills < kills && running.length > 0 && done >= ((counts.kills + 1) * documents * killsUntil) / kills) {
        const victim = random.pick(running)
        killed.add(victim)
        await victim.end('SIGKILL')
        counts.kills++
        counts.inHand += await heldBy(store, victim.child.pid!)
        workers[workers.indexOf(victim)] = start()
        if (counts.kills % 20 === 0) tell(`${done} done, ${counts.kills} killed`)
      } else await sleep(50)
    }
    for (const worker of workers) {
      killed.add(worker)
      worker.child.kill('SIGCONT')
      const code = await worker.end('SIGTERM')
      if (code !== 0 && worker.started())
        wrong.push(`a worker ended with ${code} when it was asked to: ${worker.stderr()}`)
    }
    return { ...counts, wrong }
  } finally {
    for (const worker of workers) {
      killed.add(worker)
      await worker.end('SIGKILL')
    }
  }
}

/** Null while the database is away. */
async function progressOf(store: Store): Promise<{ readonly done: number; readonly finished: boolean } | null> {
  try {
    const [row] = await store.sql.query(
      `SELECT (SELECT count(*) FROM gouji.run_items) AS done, bool_and(status = 'finished') AS finished FROM gouji.runs`,
    )
    const { recheck } = await countDue(store)
    return { done: Number(row!.done), finished: row!.finished === true && recheck === 0 }
  } catch {
    return null
  }
}

async function stateOf(store: Store): Promise<string> {
  const rows = await store.sql.query('SELECT * FROM gouji.queued ORDER BY id LIMIT 5')
  return JSON.stringify([await progressOf(store), await countDue(store), rows])
}

async function heldBy(store: Store, pid: number): Promise<number> {
  try {
    const [row] = await store.sql.query('SELECT count(*) AS held FROM gouji.queued WHERE taken_by LIKE $1', [
      `%-${pid}-%`,
    ])
    return Number(row!.held)
  } catch {
    return 0
  }
}

/** What is in a store, each part as sorted lines that can be compared. */
type Content = {
  readonly outcomes: readonly string[]
  readonly facts: readonly string[]
  readonly findings: readonly string[]
}

async function contentOf(store: Store): Promise<Content> {
  // A document that breaks the reader is tried twice here and once in a quiet run; whether it is seen to run out of memory or
  // to end its process depends on who has it.
  const outcomes = await linesOf(
    store,
    `SELECT coalesce(sha256, path) AS document, outcome,
       CASE WHEN reason IN ('quarantined', 'timeout', 'out_of_memory', 'crashed') THEN 'broke down' ELSE reason END AS reason
     FROM public.run_items`,
  )
  const facts = await linesOf(
    store,
    `SELECT sha256, agency, year, count(*) AS facts, md5(string_agg(
       concat_ws('|', "table", code, state, value, unit, text, inferred, anchor), E'\\n' ORDER BY "table", code)) AS hash
     FROM public.facts GROUP BY sha256, agency, year`,
  )
  const findings = await linesOf(
    store,
    `SELECT sha256, key, rule, severity, fault, codes, expected, actual, difference, terms, meant, data, beyond, state
     FROM public.findings`,
  )
  return { outcomes, facts, findings }
}

async function linesOf(store: Store, select: string): Promise<string[]> {
  return (await store.sql.query(select)).map((row) => JSON.stringify(row)).sort()
}

function compare(expected: Content, found: Content): string[] {
  return (['outcomes', 'facts', 'findings'] as const).flatMap((part) => [
    ...minus(expected[part], found[part]).map((line) => `${part}, lost: ${line}`),
    ...minus(found[part], expected[part]).map((line) => `${part}, too many: ${line}`),
  ])
}

/** What stands more often in one list than in the other. */
function minus(from: readonly string[], other: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const line of other) left.set(line, (left.get(line) ?? 0) + 1)
  return from.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}

const doubled: Readonly<Record<string, string>> = {
  inputs: 'SELECT path FROM gouji.run_items GROUP BY path HAVING count(*) > 1',
  revisions: 'SELECT sha256 FROM gouji.revisions GROUP BY sha256 HAVING count(*) > 1',
  readings: 'SELECT revision FROM gouji.readings GROUP BY revision, reader HAVING count(*) > 1',
  tables: 'SELECT reading FROM gouji.reading_tables GROUP BY reading, layout HAVING count(*) > 1',
  facts: 'SELECT reading_id, code FROM public.facts GROUP BY reading_id, "table", code HAVING count(*) > 1',
  findings: 'SELECT report_id, key FROM public.findings GROUP BY report_id, key HAVING count(*) > 1',
  'reports of nothing': 'SELECT id FROM gouji.reports WHERE current_revision IS NULL',
}

async function doubles(store: Store): Promise<string[]> {
  const found: string[] = []
  for (const [what, select] of Object.entries(doubled))
    for (const row of await store.sql.query(select)) found.push(`${what}, doubled: ${JSON.stringify(row)}`)
  return found
}

async function leftOver(store: Store): Promise<string[]> {
  const rows: Row[] = [
    ...(await store.sql.query('SELECT * FROM gouji.queued')),
    ...(await store.sql.query('SELECT report, refused FROM gouji.rechecks')),
    ...(await store.sql.query("SELECT id, status FROM gouji.runs WHERE status <> 'finished'")),
  ]
  return rows.map((row) => `left over: ${JSON.stringify(row)}`)
}

function sums({ outcomes, facts, findings }: Content): Pick<CrashFigures, 'outcomes' | 'facts' | 'findings'> {
  const counts: Record<string, number> = {}
  for (const line of outcomes) {
    const { outcome } = JSON.parse(line) as { readonly outcome: string }
    counts[outcome] = (counts[outcome] ?? 0) + 1
  }
  return {
    outcomes: counts,
    facts: facts.reduce((sum, line) => sum + Number((JSON.parse(line) as { facts: number }).facts), 0),
    findings: findings.length,
  }
}
