/** The queues on a real Redis Cluster: all keys of the queues must lie on one node, which the prefix in braces does. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster } from 'ioredis'
import pino from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startRedisCluster } from '../../scripts/redis.mjs'
import { loadRegistry } from '../../src/forms/registry.ts'
import { submit } from '../../src/pipeline/submit.ts'
import { openQueues } from '../../src/queue.ts'
import { openStore } from '../../src/store/open.ts'
import { countDue } from '../../src/store/queued.ts'
import { startWorker } from '../../workers/main.ts'
import { makeWorkerMetrics } from '../../workers/metrics.ts'
import { openTracing } from '../../workers/tracing.ts'
import { makeDatabase } from '../setup/database.ts'

let cluster: Awaited<ReturnType<typeof startRedisCluster>>
const folder = mkdtempSync(join(tmpdir(), 'gouji-cluster-'))

beforeAll(async () => {
  cluster = await startRedisCluster()
})
afterAll(async () => {
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('carries documents through all stages on a cluster, with all keys on one node', async () => {
  const store = await openStore(await makeDatabase(), { blobs: join(folder, 'blobs') })
  const queue = { redis: cluster.urls.join(), prefix: '{gouji-test}' }
  const queues = await openQueues(queue)
  const now = () => new Date()
  const worker = await startWorker({
    queue,
    store,
    registry: loadRegistry(),
    readers: {
      threads: 1,
      timeoutSeconds: 60,
      memoryMegabytes: 512,
      filename: join(import.meta.dirname, '../../dist/src/pipeline/thread.js'),
    },
    reader: 'test',
    download: async () => ({ ok: false, reason: { code: 'no_text', data: {} }, size: null }),
    log: pino({ level: 'silent' }),
    metrics: makeWorkerMetrics(),
    tracing: await openTracing(false, ''),
    now,
    lockSeconds: 30,
    waitSeconds: 10,
    sweepSeconds: 30,
  })
  const samples = ['rundong-2021.txt', 'huaian-2024.docx', 'shanghai-office-2019.html']
  const inputs = samples.map((name) => ({ path: join(import.meta.dirname, '../../samples', name) }))
  const context = { store, queues, reader: 'test', arguments: [], urgent: false, again: false, now }
  const { run } = await submit(inputs, context)
  await expect.poll(() => countDue(store), { timeout: 60_000 }).toMatchObject({ fetch: 0, ingest: 0, recheck: 0 })
  const outcomes = await store.sql.query('SELECT outcome, queued FROM gouji.run_items WHERE run = $1', [run])
  expect(outcomes.map((row) => row.outcome)).toEqual(['stored', 'stored', 'stored'])

  const client = new Cluster([...cluster.urls])
  await once(client, 'ready')
  const holding = await Promise.all(client.nodes('master').map((node) => node.keys('{gouji-test}*')))
  expect(holding.filter((keys) => keys.length > 0)).toHaveLength(1)
  client.disconnect()
  await worker.stop(10)
  await queues.close()
  await store.close()
})

it('says what is wrong where the prefix would spread the keys', async () => {
  const settings = { redis: cluster.urls.join(), prefix: 'gouji' }
  await expect(openQueues(settings)).rejects.toMatchObject({ code: 'usage' })
})
