/** What the service does when something it needs is away, or a document or a worker dies: it says so, and goes on. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { startPostgres, type TestPostgres } from '../../scripts/postgres.mjs'
import { startRedis, type TestRedis } from '../../scripts/redis.mjs'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readerVersion, readReport } from '../../src/pipeline/read.ts'
import { ingestQueued, recheckStored, type StageContext } from '../../src/pipeline/stages.ts'
import { submit } from '../../src/pipeline/submit.ts'
import type { Readers } from '../../src/pipeline/threads.ts'
import { openQueues, type Queues } from '../../src/queue.ts'
import { putBlob } from '../../src/store/blobs.ts'
import { knownVersion, openStore, type Store } from '../../src/store/open.ts'
import { countDue, finish, finishRuns, finishWithReading, listDue, take } from '../../src/store/queued.ts'
import { listRefused } from '../../src/store/rechecks.ts'
import type { RunItem } from '../../src/store/runs.ts'
import type { Row } from '../../src/store/sql.ts'
import { type Result, runGouji } from '../cli/process.ts'
import { makeSample } from '../generator/index.ts'
import { textShapes } from '../generator/render/text.ts'
import { makeReports } from './documents.ts'
import { type LogLine, startObedientWorker, startWorkerProcess, type WorkerProcess } from './processes.ts'

// Each starts processes, on machines that may do much else.
vi.setConfig({ testTimeout: 600_000 })

const registry = loadRegistry()
const reader = readerVersion(registry, 'auto')
const now = () => new Date()

let folder: string
let postgres: TestPostgres
let redis: TestRedis
let store: Store
let queues: Queues
let environment: Record<string, string>
let running: WorkerProcess[] = []
let made = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-outage-'))
  mkdirSync(join(folder, 'in'))
  postgres = await startPostgres()
  redis = await startRedis()
  environment = {
    GOUJI_STORE: postgres.url,
    GOUJI_REDIS: redis.url,
    GOUJI_BLOBS: join(folder, 'blobs'),
    GOUJI_JOBS: '1',
    GOUJI_LOCK_SECONDS: '2',
    GOUJI_SWEEP_SECONDS: '1',
  }
  store = await openStore(postgres.url, { blobs: environment.GOUJI_BLOBS!, connections: 16 })
  queues = await openQueues({ redis: redis.url, prefix: 'gouji' }, true)
})
afterAll(async () => {
  await queues.close()
  await store.close()
  await postgres.stop()
  await redis.stop()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(async () => {
  for (const worker of running) await worker.end('SIGKILL')
  running = []
})

const start = (more: Record<string, string> = {}): WorkerProcess =>
  keep(startWorkerProcess(folder, { ...environment, ...more }))
const startObedient = (more: Record<string, string> = {}): WorkerProcess =>
  keep(startObedientWorker({ ...environment, GOUJI_SHUTDOWN_SECONDS: '20', ...more }))
const gouji = (args: readonly string[]): Promise<Result> => runGouji(folder, args, { env: environment })

function keep(worker: WorkerProcess): WorkerProcess {
  running.push(worker)
  return worker
}

/** A report that is like no other here. */
function makeReport(): Uint8Array {
  return makeSample(textShapes[0]!, 1000 + made++).rendering.bytes
}

function write(bytes: Uint8Array | string): string {
  const path = join(folder, 'in', `${made++}.txt`)
  writeFileSync(path, bytes)
  return path
}

async function queue(paths: readonly string[]): Promise<void> {
  const inputs = paths.map((path) => ({ path }))
  await submit(inputs, { store, queues, reader, arguments: [], urgent: false, again: false, now })
}

async function outcomesOf(paths: readonly string[]): Promise<Row[]> {
  return store.sql.query(
    `SELECT path, outcome, reason, reason_data FROM public.run_items
     WHERE path IN (SELECT jsonb_array_elements_text($1::jsonb)) ORDER BY path`,
    [JSON.stringify(paths)],
  )
}

/** Until each has its outcome. */
async function outcomes(paths: readonly string[]): Promise<Row[]> {
  for (;;) {
    const rows = await outcomesOf(paths).catch(() => [])
    if (rows.length >= paths.length) return rows
    await sleep(100)
  }
}

async function queuedRow(path: string): Promise<Row | undefined> {
  const [row] = await store.sql.query('SELECT * FROM public.queued WHERE path = $1', [path])
  return row
}

/** Until a worker has taken it. */
async function taken(path: string): Promise<Row> {
  for (;;) {
    const row = await queuedRow(path)
    if (row?.taken_at != null && row.sha256 !== null) return row
    await sleep(50)
  }
}

const said = (worker: WorkerProcess, msg: string): LogLine[] => worker.lines.filter((line) => line.msg === msg)

describe('a server that is away', () => {
  it('is waited for at the start, with a line for each try', async () => {
    const path = write(makeReport())
    await queue([path])
    await postgres.kill()
    await redis.kill()
    const worker = start()
    expect(await worker.until('not there: waiting')).toMatchObject({ what: 'store', level: 'warn' })
    await postgres.start()
    while (!said(worker, 'not there: waiting').some(({ what }) => what === 'queue')) await sleep(50)
    await redis.start()
    await worker.until('worker started')
    expect(await outcomes([path])).toMatchObject([{ outcome: 'stored' }])
  })

  it('ends the worker after a time that can be set, with a clear error', async () => {
    const nobody = 'redis://127.0.0.1:1'
    for (const [more, message] of [
      [{ GOUJI_STORE: 'postgres://gouji@127.0.0.1:1/none' }, 'database'],
      [{ GOUJI_REDIS: nobody }, 'GOUJI_REDIS'],
    ] as const) {
      const worker = start({ ...more, GOUJI_WAIT_SECONDS: '1' })
      expect(await worker.end('SIGCONT')).toBe(2)
      expect(worker.stderr()).toContain(message)
      expect(said(worker, 'not there: waiting').length).toBeGreaterThan(0)
    }
  })

  it('is waited for midway, told once, and nothing is lost', async () => {
    const worker = start()
    await worker.until('worker started')
    await postgres.kill()
    await queues.of('ingest').add('ingest', { id: 0 }, { jobId: 'ingest-0' })
    expect(await worker.until('away: waiting')).toMatchObject({ stage: 'ingest', level: 'error' })
    await postgres.start()
    await worker.until('back')
    const paths = Array.from({ length: 5 }, () => write(makeReport()))
    await queue(paths)
    await redis.kill()
    await worker.until('queue away: waiting')
    await redis.start()
    await worker.until('queue back')
    expect(await outcomes(paths)).toMatchObject(paths.map(() => ({ outcome: 'stored' })))
    expect(said(worker, 'away: waiting').length).toBeLessThanOrEqual(3)
    expect(said(worker, 'queue away: waiting')).toHaveLength(1)
    expect(said(worker, 'broke down')).toEqual([])
    await worker.end('SIGTERM')
  })
})

describe('what cannot work', () => {
  it('ends a worker before it takes anything: an address that is in use', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const path = write(makeReport())
    await queue([path])
    const worker = start({ GOUJI_HTTP: `127.0.0.1:${port}` })
    expect(await worker.end('SIGCONT')).toBe(2)
    expect(worker.stderr()).toContain(String(port))
    expect(await queuedRow(path)).toMatchObject({ attempts: 0, lost: 0 })
    server.close()
    start()
    expect(await outcomes([path])).toMatchObject([{ outcome: 'stored' }])
  })

  it('is waited for where others can work: originals that lie elsewhere cost no document anything', async () => {
    const worker = start({ GOUJI_BLOBS: join(folder, 'elsewhere') })
    expect(await worker.until('not there: waiting')).toMatchObject({ what: 'originals' })
    const path = write(makeReport())
    await queue([path])
    start()
    expect(await outcomes([path])).toMatchObject([{ outcome: 'stored' }])
    expect(said(worker, 'worker started')).toEqual([])
  })
})

describe('a Redis that is full', () => {
  const limit = async (bytes: string): Promise<void> => {
    const connection = new Redis(redis.url)
    await connection.config('SET', 'maxmemory', bytes)
    connection.disconnect()
  }

  it('is told in plain words, and waited for; what was queued meanwhile is read', async () => {
    const before = write(makeReport())
    await queue([before])
    await limit('1mb')
    const paths = [write(makeReport()), write(makeReport())]
    const added = await gouji(['queue', 'add', ...paths])
    expect(added.code).toBe(0)
    expect(added.stderr).toMatch(/^Redis at .* is full: .*stands in the store.*\n$/)
    const paused = await gouji(['queue', 'pause', '--lang', 'zh'])
    expect([paused.code, paused.stderr]).toEqual([2, expect.stringMatching(/^redis:.*的Redis内存已满.*\n$/)])
    const worker = start()
    expect(await worker.until('queue full: waiting')).toMatchObject({ level: 'error' })
    await sleep(3000)
    // Asked less and less often, not as often as it answers.
    expect(worker.lines.length).toBeLessThan(40)
    await limit('0')
    await worker.until('queue has room')
    expect(await outcomes([before, ...paths])).toMatchObject(Array(3).fill({ outcome: 'stored' }))
    expect(said(worker, 'broke down')).toEqual([])
    expect(await worker.end('SIGTERM')).toBe(0)
  })
})

describe('a disk that is full', () => {
  it('is waited for: the document is kept once there is room', async () => {
    const worker = start()
    await worker.until('worker started')
    execFileSync('prlimit', ['--pid', String(worker.child.pid), '--fsize=100:'])
    const path = write(makeReport())
    await queue([path])
    expect(await worker.until('away: waiting')).toMatchObject({
      stage: 'fetch',
      error: expect.stringContaining('EFBIG'),
    })
    expect(await queuedRow(path)).toMatchObject({ sha256: null, lost: 0, crashes: 0, faults: 0 })
    execFileSync('prlimit', ['--pid', String(worker.child.pid), '--fsize=unlimited:'])
    expect(await outcomes([path])).toMatchObject([{ outcome: 'stored' }])
    await worker.until('back')
  })
})

describe('a store that a newer version has brought up', () => {
  const setVersion = (version: number): Promise<Row[]> =>
    store.sql.query('UPDATE gouji.schema_version SET version = $1::integer', [version])

  it('ends the workers of this one, which take nothing more and write nothing of what they had taken', async () => {
    const bytes = makeReport()
    const taking = await keepAndQueue(bytes)
    const had = (await take(store, { ...taking, stage: 'ingest' }, 'one', now()))!
    const worker = start({ GOUJI_SWEEP_SECONDS: '3600' })
    await worker.until('worker started')
    await setVersion(knownVersion() + 1)
    expect(await finish(store, had, itemOf(taking.path, taking.sha256))).toBe(false)
    const path = write(makeReport())
    await queue([path])
    expect(await worker.end('SIGCONT')).toBe(2)
    expect(worker.lines.filter(({ level }) => level === 'error').map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/^store_newer: /),
    ])
    expect(await queuedRow(path)).toMatchObject({ attempts: 0 })
    await setVersion(knownVersion())
    start()
    expect(await outcomes([taking.path, path])).toMatchObject(Array(2).fill({ outcome: 'stored' }))
  })
})

describe('a document', () => {
  it('that breaks its reader twice is quarantined with the reason, and not asked again until somebody does', async () => {
    const worker = startObedient()
    const path = write('!throw')
    await queue([path])
    expect(await outcomes([path])).toMatchObject([
      {
        outcome: 'failed',
        reason: 'quarantined',
        reason_data: { times: 2, why: 'crashed', detail: 'thrown on purpose' },
      },
    ])
    expect(said(worker, 'to be done again')).toHaveLength(1)
  })

  it('that kills its worker twice is read in a process of its own, and quarantined', async () => {
    const path = write('!kill')
    const fine = write(makeReport())
    await queue([path, fine])
    for (const _ of [1, 2]) expect(await startObedient().end('SIGCONT')).toBe('SIGKILL')
    const worker = startObedient()
    expect(await outcomes([path])).toMatchObject([
      { outcome: 'failed', reason: 'quarantined', reason_data: { why: 'crashed', detail: 'SIGKILL' } },
    ])
    expect(await outcomes([fine])).toMatchObject([{ outcome: 'stored' }])
    expect(await worker.end('SIGTERM')).toBe(0)
  })

  it('is not finished by a worker that comes too late', async () => {
    const bytes = makeReport()
    const taking = await keepAndQueue(bytes)
    const late = (await take(store, { ...taking, stage: 'ingest' }, 'one', now()))!
    const next = (await take(store, { ...taking, stage: 'ingest' }, 'other', now()))!
    expect([late.attempt, next.attempt, next.lost]).toEqual([1, 2, 1])
    const item = itemOf(taking.path, taking.sha256)
    const reading = await readReport(bytes, { fileName: null }, registry)
    const input = { sha256: taking.sha256, bytes: bytes.length, path: taking.path, reader, reading, seenAt: now() }
    const itemOfSaved = () => item
    expect(await finish(store, late, item)).toBe(false)
    expect(await finishWithReading(store, registry, late, input, itemOfSaved)).toBe(null)
    expect(await readingsOf(taking.sha256)).toBe(0)
    expect(await finishWithReading(store, registry, next, input, itemOfSaved)).toMatchObject({ outcome: 'stored' })
    expect(await finishWithReading(store, registry, next, input, itemOfSaved)).toBe(null)
    expect([await readingsOf(taking.sha256), (await outcomesOf([taking.path])).length]).toEqual([1, 1])
  })

  it('is not finished by a worker that stood still until another had read it', async () => {
    const frozen = startObedient({ TEST_SLEEP_SECONDS: '5' })
    const path = write('!sleep 5')
    await queue([path])
    await taken(path)
    frozen.child.kill('SIGSTOP')
    startObedient({ TEST_SLEEP_SECONDS: '0' })
    expect(await outcomes([path])).toMatchObject([{ outcome: 'not_a_report' }])
    frozen.child.kill('SIGCONT')
    await frozen.until('too late: another has taken it')
    expect(await outcomesOf([path])).toHaveLength(1)
  })

  it('that two workers read at once under two names has one reading', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const bytes = makeReport()
      const both = [await keepAndQueue(bytes), await keepAndQueue(bytes)]
      let arrived = 0
      const meet = async (): Promise<void> => {
        arrived++
        while (arrived < 2) await sleep(1)
      }
      const read: Readers['read'] = async (content, origin) => {
        await meet()
        return readReport(content, origin, registry)
      }
      const results = await Promise.all(
        both.map(({ id }, index) => ingestQueued(id, contextOf(`worker ${index}`, read))),
      )
      expect(results.flatMap(({ items }) => items.map(({ outcome }) => outcome)).sort()).toEqual([
        'duplicate',
        'stored',
      ])
      expect(await readingsOf(both[0]!.sha256)).toBe(1)
    }
  })
})

describe('reports of one agency', () => {
  it('are judged the same by many at once, and as often as it is asked for', async () => {
    const queued = []
    for (const { bytes } of makeReports(8)) queued.push(await keepAndQueue(bytes))
    const context = contextOf('alone', (bytes, origin) => readReport(bytes, origin, registry))
    const readings: number[] = []
    for (const { id } of queued) readings.push((await ingestQueued(id, context)).recheck!.reading)
    const turns = Array.from({ length: 6 }, () => readings).flat()
    const results = await Promise.all(turns.map((reading) => recheckStored(reading, context)))
    expect(results.filter(({ failed }) => failed !== null)).toEqual([])
    const findings = 'FROM gouji.findings WHERE beyond AND reading = ANY ($1::integer[])'
    const [found] = await store.sql.query(`SELECT count(*) AS found ${findings}`, [readings])
    expect(found!.found).toBeGreaterThan(0)
    expect(
      await store.sql.query(`SELECT key ${findings} GROUP BY reading, key HAVING count(*) > 1`, [readings]),
    ).toEqual([])
  })
})

describe('an error that nobody foresaw', () => {
  const refuse = (event: 'INSERT' | 'DELETE', table: string, when: string): Promise<void> =>
    store.sql.run(`
      CREATE OR REPLACE FUNCTION gouji.odd() RETURNS trigger LANGUAGE plpgsql AS
        $odd$ BEGIN RAISE EXCEPTION 'odd' USING ERRCODE = 'ZZ001'; END $odd$;
      CREATE TRIGGER odd BEFORE ${event} ON gouji.${table} FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION gouji.odd()`)
  const allow = (table: string): Promise<void> => store.sql.run(`DROP TRIGGER odd ON gouji.${table}`)

  it('is met ten times, less and less often; then the document has failed, and can be queued again', async () => {
    const { id, path } = await keepAndQueue(makeReport())
    const breaks = contextOf('one', () => Promise.reject(new Error('broken on purpose')))
    await refuse('INSERT', 'run_items', `NEW.path = '${path}' AND NEW.reason -> 'data' ? 'detail'`)
    for (let times = 1; times < 10; times++) {
      const { again, items } = await ingestQueued(id, breaks)
      expect({ again, items }).toMatchObject({ again: { times, seconds: 2 ** times }, items: [] })
      expect(await queuedRow(path)).toMatchObject({ errors: times, lost: 0, taken_at: null })
    }
    expect((await ingestQueued(id, breaks)).again).toBeNull()
    await allow('run_items')
    expect(await outcomesOf([path])).toMatchObject([{ outcome: 'failed', reason: 'crashed' }])
    expect((await gouji(['queue', 'failed'])).stdout).toContain(path)
    expect((await gouji(['queue', 'retry', '--reason', 'crashed'])).code).toBe(0)
    start()
    expect(await outcomes([path, path])).toMatchObject([{ outcome: 'failed' }, { outcome: 'stored' }])
  })

  it('keeps one report from being judged and no other, is told, and asked again when somebody does', async () => {
    const context = contextOf('one', (bytes, origin) => readReport(bytes, origin, registry))
    const readings: number[] = []
    for (const { bytes } of makeReports(20).slice(16)) {
      const { id } = await keepAndQueue(bytes)
      readings.push((await ingestQueued(id, context)).recheck!.reading)
    }
    const [of] = await store.sql.query(
      'SELECT v.report FROM gouji.readings d JOIN gouji.revisions v ON v.id = d.revision WHERE d.id = $1',
      [readings[1]],
    )
    // As if the list of agencies asked for them.
    await store.sql.query('UPDATE gouji.rechecks SET asked_by = NULL')
    await refuse('DELETE', 'rechecks', `OLD.report = ${of!.report}`)
    for (let times = 1; times < 10; times++)
      expect(await recheckStored(0, context)).toMatchObject({
        again: { times, seconds: 2 ** times },
        failed: null,
      })
    expect(await recheckStored(0, context)).toMatchObject({ again: null, failed: { code: 'crashed' } })
    const refused = await listRefused(store)
    expect(refused).toMatchObject([{ detail: 'odd' }])
    expect((await countDue(store)).recheck).toBe(0)
    const { stdout } = await gouji(['queue', 'failed', '--format', 'json'])
    expect(stdout).toContain(`"agency":"${refused[0]!.agency}","year":${refused[0]!.year},"outcome":"not_compared"`)
    await allow('rechecks')
    expect((await gouji(['queue', 'retry', '--reason', 'none'])).code).toBe(0)
    expect(await listRefused(store)).toHaveLength(1)
    expect((await gouji(['queue', 'retry'])).code).toBe(0)
    expect(await listRefused(store)).toEqual([])
    start()
    await nothingDue()
    expect(await listRefused(store)).toEqual([])
  })
})

describe('jobs', () => {
  it('that cannot be announced, since Redis goes away while documents are queued, are found in the store', async () => {
    const own = await openQueues({ redis: redis.url, prefix: 'gouji' })
    await own.count('ingest')
    await redis.kill()
    const path = write(makeReport())
    const context = { store, queues: own, reader, arguments: [], urgent: false, again: false, now }
    expect(await submit([{ path }], context)).toMatchObject({ documents: 1 })
    await redis.start()
    await own.close()
    start()
    expect(await outcomes([path])).toMatchObject([{ outcome: 'stored' }])
  })

  it('that are none of ours are dropped, and told', async () => {
    await queues.of('ingest').add('ingest', { id: 'x' as unknown as number }, { jobId: 'odd' })
    const worker = start()
    expect(await worker.until('no job of ours')).toMatchObject({ job: 'odd' })
    while ((await queues.of('ingest').getJob('odd')) !== undefined) await sleep(50)
    await worker.end('SIGTERM')
  })

  it('that Redis has lost are announced again', async () => {
    const paths = [write(makeReport()), write(makeReport())]
    await queue(paths)
    const connection = new Redis(redis.url)
    await connection.flushall()
    connection.disconnect()
    const worker = start()
    expect(await worker.until('queues filled again from the store')).toMatchObject({ level: 'warn' })
    expect(await outcomes(paths)).toMatchObject([{ outcome: 'stored' }, { outcome: 'stored' }])
  })

  it('wait while the queue is paused, and can be taken off and queued again', async () => {
    expect((await gouji(['queue', 'pause'])).code).toBe(0)
    const worker = start()
    await worker.until('worker started')
    const path = write(makeReport())
    const added = await gouji(['queue', 'add', path])
    expect([added.code, added.stderr]).toEqual([0, ''])
    const status = JSON.parse((await gouji(['queue', 'status', '--format', 'json'])).stdout)
    expect(status).toMatchObject({ paused: true, stages: [{ stage: 'fetch', due: 1 }, { due: 0 }, {}] })
    expect((await gouji(['queue', 'drain'])).code).toBe(0)
    expect(await outcomesOf([path])).toMatchObject([{ outcome: 'failed', reason: 'taken_off' }])
    expect((await gouji(['queue', 'resume'])).code).toBe(0)
    expect((await gouji(['queue', 'retry', '--reason', 'taken_off'])).code).toBe(0)
    expect(await outcomes([path, path])).toMatchObject([{ outcome: 'failed' }, { outcome: 'stored' }])
  })

  it('read again what another version has read', async () => {
    const path = write(makeReport())
    await queue([path])
    const worker = start()
    await outcomes([path])
    const [reading] = await store.sql.query(
      `UPDATE gouji.readings d SET reader = 'older' FROM public.reports p
       WHERE p.reading_id = d.id AND p.origin = $1 RETURNING d.id`,
      [path],
    )
    expect((await gouji(['reparse', '--where', `origin = '${path}'`])).code).toBe(0)
    expect(await outcomes([path, path])).toMatchObject([{ outcome: 'stored' }, { outcome: 'stored' }])
    const [report] = await store.sql.query('SELECT reading_id, reader FROM public.reports WHERE origin = $1', [path])
    expect(report).toMatchObject({ reader })
    expect(report!.reading_id).not.toBe(reading!.id)
    await worker.end('SIGTERM')
  })
})

describe('a worker that is asked to end', () => {
  it('finishes what it has begun', async () => {
    const worker = startObedient()
    const path = write('!sleep 2')
    await queue([path])
    await taken(path)
    expect(await worker.end('SIGTERM')).toBe(0)
    expect(await outcomesOf([path])).toMatchObject([{ outcome: 'not_a_report' }])
  })

  it('gives back what it cannot finish in time, as if it had not been taken', async () => {
    const worker = startObedient({ GOUJI_SHUTDOWN_SECONDS: '0' })
    const path = write('!sleep 90')
    await queue([path])
    await taken(path)
    expect(await worker.end('SIGTERM')).toBe(0)
    expect(said(worker, 'not finished in time: given back')).toHaveLength(1)
    expect(await queuedRow(path)).toMatchObject({ taken_at: null, attempts: 2, lost: 0, crashes: 0 })
    startObedient({ TEST_SLEEP_SECONDS: '0' })
    expect(await outcomes([path])).toMatchObject([{ outcome: 'not_a_report' }])
  })

  it('ends while Redis is away, and after it came back, without waiting for what is not to come', async () => {
    for (const back of [false, true]) {
      // More than the test may take.
      const worker = startObedient({ GOUJI_SHUTDOWN_SECONDS: '3600' })
      const path = write(`!sleep 2 ${back}`)
      await queue([path])
      await taken(path)
      await redis.kill()
      await worker.until('queue away: waiting')
      if (back) await redis.start()
      expect(await worker.end('SIGTERM')).toBe(0)
      if (!back) await redis.start()
      expect(said(worker, 'not finished in time: given back')).toEqual([])
      expect(await outcomesOf([path])).toMatchObject([{ outcome: 'not_a_report' }])
    }
  })

  it('ends while Redis and PostgreSQL are away', async () => {
    const worker = startObedient({ GOUJI_SHUTDOWN_SECONDS: '1' })
    await worker.until('worker started')
    await redis.kill()
    await postgres.kill()
    await worker.until('queue away: waiting')
    expect(await worker.end('SIGTERM')).toBe(0)
    await postgres.start()
    await redis.start()
  })
})

it('ends its runs, and leaves nothing', async () => {
  const worker = start()
  await nothingDue()
  await worker.end('SIGTERM')
  const runs = await store.sql.query("SELECT id FROM gouji.runs WHERE status <> 'finished'")
  expect(runs).toEqual([])
})

async function nothingDue(): Promise<void> {
  for (;;) {
    await finishRuns(store, now())
    const { fetch, ingest, recheck } = await countDue(store)
    if (fetch + ingest + recheck === 0) return
    await sleep(100)
  }
}

type Kept = { readonly id: number; readonly path: string; readonly sha256: string }

/** Queues a document whose bytes are kept already, and tells nobody. */
async function keepAndQueue(bytes: Uint8Array): Promise<Kept> {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await putBlob(store.blobs, sha256, bytes)
  const path = write(bytes)
  const silent = { ...queues, add: async () => {} }
  await submit([{ path, sha256 }], { store, queues: silent, reader, arguments: [], urgent: false, again: false, now })
  const id = (await listDue(store, 0, 10_000)).at(-1)!.id
  return { id, path, sha256 }
}

function contextOf(worker: string, read: Readers['read']): StageContext {
  const count: Readers['count'] = () => ({ busy: 0, replaced: { timeout: 0, out_of_memory: 0, crashed: 0 } })
  const readers: Readers = { threads: 1, read, count, close: async () => {} }
  const download: StageContext['download'] = async () => Promise.reject(new Error('nothing is fetched here'))
  const ended = new AbortController().signal
  return { store, registry, readers, readAlone: read, download, reader, worker, ended, now }
}

function itemOf(path: string, sha256: string): RunItem {
  const nothing = { bytes: null, kind: null, reason: null, reading: null, milliseconds: 0 }
  return { path, sha256, outcome: 'stored', reader, ...nothing }
}

async function readingsOf(sha256: string): Promise<number> {
  const [row] = await store.sql.query(
    'SELECT count(*) AS readings FROM gouji.readings d JOIN gouji.revisions v ON v.id = d.revision WHERE v.sha256 = $1',
    [sha256],
  )
  return Number(row!.readings)
}
