/** Many workers beside one another: what is lost is announced by one of them, and what one document has holds up no other. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startRedis, type TestRedis } from '../../scripts/redis.mjs'
import { openQueues, type Queues } from '../../src/queue.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { addQueued } from '../../src/store/queued.ts'
import { startRun } from '../../src/store/runs.ts'
import { makeOutage } from '../../workers/outage.ts'
import { sweep } from '../../workers/sweep.ts'
import { makeDatabase } from '../setup/database.ts'

const now = () => new Date('2026-03-01T00:00:00Z')

let folder: string
let redis: TestRedis
let store: Store
let all: Queues[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-sweep-'))
  redis = await startRedis()
  store = await openStore(await makeDatabase(), { blobs: folder })
  all = await Promise.all([1, 2, 3].map(() => openQueues({ redis: redis.url, prefix: 'gouji' }, true)))
})
afterAll(async () => {
  for (const queues of all) await queues.close()
  await store.close()
  await redis.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('sweepers that see the same loss at once announce it once', async () => {
  const run = await startRun(store, { reader: 'r', arguments: [], startedAt: now(), queued: true })
  const inputs = Array.from({ length: 2500 }, (_, at) => ({ path: `${at}.txt` }))
  await addQueued(store, run, inputs, { urgent: false, again: false, at: now() })
  const announced = await Promise.all(all.map((queues) => sweep(store, queues, now())))
  expect(announced.toSorted((a, b) => a - b)).toEqual([0, 0, 2500])
  expect(await all[0]!.count('fetch')).toEqual({ waiting: 2500, active: 0, delayed: 0 })
  expect(await sweep(store, all[1]!, now())).toBe(0)
})

it('one at a time does what one need do, and the next once it has ended, also badly', async () => {
  const [one, other] = all as [Queues, Queues]
  let end = (): void => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  let begun = (): void => {}
  const beginning = new Promise<void>((resolve) => {
    begun = resolve
  })
  const first = one.alone(async (goOn) => {
    begun()
    await ended
    await goOn()
    throw new Error('badly')
  })
  await beginning
  expect(await other.alone(async () => 'done')).toBeNull()
  end()
  await expect(first).rejects.toThrow('badly')
  expect(await other.alone(async () => 'done')).toBe('done')
})

it('a document whose own original cannot be read waits by itself, and the others are done', async () => {
  const outage = makeOutage(store, pino({ level: 'silent' }), new AbortController().signal, () => {})
  let tries = 0
  let given: unknown = null
  const unreadable = outage
    .through(async () => {
      tries++
      throw Object.assign(new Error('a bad sector'), { code: 'EIO' })
    })
    .catch((error: unknown) => {
      given = error
    })
  while (given === null) {
    expect(await outage.through(async () => 'done')).toBe('done')
    await sleep(10)
  }
  await unreadable
  expect(given).toMatchObject({ code: 'EIO' })
  expect(tries).toBeGreaterThan(5)
})
