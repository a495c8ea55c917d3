/** Documents by URL, through real workers: hosts that are slow or away hold up no others. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startRedis, type TestRedis } from '../../scripts/redis.mjs'
import { loadRegistry } from '../../src/forms/registry.ts'
import { submit } from '../../src/pipeline/submit.ts'
import { openQueues, type Queues } from '../../src/queue.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import type { Row } from '../../src/store/sql.ts'
import { startWorker } from '../../workers/main.ts'
import { makeWorkerMetrics } from '../../workers/metrics.ts'
import { openTracing } from '../../workers/tracing.ts'
import { fetcherFor, listen, namesAs, serve, stop } from '../crawl/servers.ts'
import { makeSample } from '../generator/index.ts'
import { textShapes } from '../generator/render/text.ts'
import { makeDatabase } from '../setup/database.ts'
import { type LogLine, startWorkerProcess, type WorkerProcess } from './processes.ts'

const thread = join(import.meta.dirname, '../../dist/src/pipeline/thread.js')

let folder: string
let redis: TestRedis
let store: Store
let queues: Queues
let environment: Record<string, string>
const servers: Server[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-hosts-'))
  redis = await startRedis()
  const url = await makeDatabase()
  environment = {
    GOUJI_STORE: url,
    GOUJI_REDIS: redis.url,
    GOUJI_BLOBS: join(folder, 'blobs'),
    GOUJI_JOBS: '1',
    GOUJI_FETCH_ALLOW: '127.0.0.0/8',
    GOUJI_FETCH_PORTS: '1-65535',
    GOUJI_FETCH_DELAY_MILLISECONDS: '0',
  }
  store = await openStore(url, { blobs: environment.GOUJI_BLOBS! })
  queues = await openQueues({ redis: redis.url, prefix: 'gouji' }, true)
})
afterAll(async () => {
  for (const server of servers) await stop(server)
  await queues.close()
  await store.close()
  await redis.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A host whose every URL is another report, answered once `ready`; gives its address, and how many it was asked for at once. */
async function openHost(address: string, ready: Promise<void>): Promise<{ base: string; most: () => number }> {
  let active = 0
  let most = 0
  const server = serve((request, response) => {
    most = Math.max(most, ++active)
    response.once('close', () => active--)
    const number = Number(/\d+/.exec(request.url!))
    void ready.then(() => response.end(makeSample(textShapes[0]!, number).rendering.bytes))
  })
  servers.push(server)
  return { base: `http://${address}:${await listen(server, address)}`, most: () => most }
}

async function queue(paths: readonly string[]): Promise<void> {
  const inputs = paths.map((path) => ({ path }))
  const now = () => new Date()
  await submit(inputs, { store, queues, reader: 'r', arguments: [], urgent: false, again: false, now })
}

async function outcomes(paths: readonly string[]): Promise<Row[]> {
  for (;;) {
    const rows = await store.sql.query(
      `SELECT path, outcome, reason FROM public.run_items
       WHERE path IN (SELECT jsonb_array_elements_text($1::jsonb)) ORDER BY path`,
      [JSON.stringify(paths)],
    )
    if (rows.length >= paths.length) return rows
    await sleep(100)
  }
}

async function withWorker(work: (worker: WorkerProcess) => Promise<void>): Promise<void> {
  const worker = startWorkerProcess(folder, environment)
  try {
    await worker.until('worker started')
    await work(worker)
    expect(await worker.end('SIGTERM')).toBe(0)
  } finally {
    await worker.end('SIGKILL')
  }
}

it('a host that does not answer holds up its own documents, and each of them no others', async () => {
  let release = (): void => {}
  const slow = await openHost(
    '127.0.0.2',
    new Promise((resolve) => {
      release = resolve
    }),
  )
  const quick = await openHost('127.0.0.3', Promise.resolve())
  const held = Array.from({ length: 12 }, (_, index) => `${slow.base}/${index}`)
  const others = Array.from({ length: 6 }, (_, index) => `${quick.base}/${100 + index}`)
  await queue([...held, ...others])
  await withWorker(async ({ lines }) => {
    expect(await outcomes(others)).toMatchObject(others.map(() => ({ outcome: 'stored' })))
    const [row] = await store.sql.query(
      'SELECT count(*) AS left, sum(faults + lost + crashes + errors) AS blamed FROM gouji.queued WHERE sha256 IS NULL',
    )
    expect(row).toEqual({ left: held.length, blamed: 0 })
    release()
    expect(await outcomes(held)).toMatchObject(held.map(() => ({ outcome: 'stored' })))
    expect([slow.most(), quick.most() <= 2]).toEqual([2, true])
    expect(lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
  })
})

it('a network that is away is waited for, and costs no document an attempt', async () => {
  const site = await openHost('127.0.0.4', Promise.resolve())
  const other = await openHost('127.0.0.5', Promise.resolve())
  const { port } = new URL(site.base)
  let away = false
  const resolve = namesAs((name) => (away ? null : [name === 'other.example.org' ? '127.0.0.5' : '127.0.0.4']))
  const fetcher = fetcherFor({ resolve })
  const { signal } = new AbortController()
  for (const url of [`http://one.example.org:${port}/1`, other.base.replace('127.0.0.5', 'other.example.org')])
    expect(await fetcher.download(`${url}/1`, signal)).toMatchObject({ ok: true })
  const said: string[] = []
  const log = pino({ level: 'info' }, { write: (line) => said.push((JSON.parse(line) as LogLine).msg) })
  const worker = await startWorker({
    queue: { redis: redis.url, prefix: 'gouji' },
    store,
    registry: loadRegistry(),
    readers: { threads: 1, timeoutSeconds: 60, memoryMegabytes: 512, filename: thread },
    reader: 'r',
    download: fetcher.download,
    log,
    metrics: makeWorkerMetrics(),
    tracing: await openTracing(false, ''),
    now: () => new Date(),
    lockSeconds: 30,
    waitSeconds: 10,
    sweepSeconds: 30,
  })
  away = true
  const paths = Array.from({ length: 6 }, (_, index) => `http://n${index}.example.org:${port}/${200 + index}`)
  await queue(paths)
  // Each of them finds it away, some twice: none holds a place for good.
  const attempts = 'SELECT count(*) FILTER (WHERE attempt > 0) AS tried, sum(faults + lost) AS blamed FROM gouji.queued'
  await expect.poll(() => store.sql.query(attempts), { timeout: 120_000 }).toEqual([{ tried: 6, blamed: 0 }])
  expect(said.filter((msg) => msg === 'away: waiting')).toHaveLength(1)
  away = false
  expect(await outcomes(paths)).toMatchObject(paths.map(() => ({ outcome: 'stored' })))
  expect(said).toContain('back')
  expect(said).not.toContain('to be done again')
  await worker.stop(10)
  await fetcher.close()
})
