/** Connections to servers whose machine dies, stands still, or hands over to another one. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startRedis, type TestRedis } from '../../scripts/redis.mjs'
import { openQueues } from '../../src/queue.ts'
import { mayPass } from '../../src/store/faults.ts'
import { openStore } from '../../src/store/open.ts'
import { makeDatabase } from '../setup/database.ts'

let servers: TestRedis[]
beforeAll(async () => {
  servers = [await startRedis(), await startRedis()]
})
afterAll(async () => {
  for (const server of servers) await server.stop()
})

/** A name that leads to one server and then to another, while connections to the first one stay. */
async function openName(first: string): Promise<{ url: string; leadTo(url: string): void; close(): void }> {
  let target = new URL(first)
  const sockets = new Set<Socket>()
  const name: Server = createServer((from) => {
    const to = connect(Number(target.port), target.hostname)
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => other.destroy())
      one.pipe(other)
    }
  })
  await new Promise<void>((resolve) => name.listen(0, '127.0.0.1', resolve))
  const address = name.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `redis://127.0.0.1:${port}`,
    leadTo: (url) => {
      target = new URL(url)
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      name.close()
    },
  }
}

it('a Redis that became a standby is left for the one that took over', async () => {
  const [old, next] = servers as [TestRedis, TestRedis]
  const name = await openName(old.url)
  const queues = await openQueues({ redis: name.url, prefix: 'gouji' }, true)
  await queues.add([{ id: 1, stage: 'ingest', urgent: false }])
  expect(await queues.count('ingest')).toMatchObject({ waiting: 1 })
  const admin = new Redis(old.url)
  await admin.call('REPLICAOF', '127.0.0.1', '1')
  name.leadTo(next.url)
  const add = (): Promise<unknown> =>
    queues.add([{ id: 2, stage: 'ingest', urgent: false }]).then(
      () => null,
      (error: unknown) => error,
    )
  for (let error = await add(); error !== null; error = await add()) {
    expect(error).toMatchObject({ code: 'queue_unreachable', retry: true })
    await sleep(100)
  }
  const there = new Redis(next.url)
  expect(await there.exists('gouji:ingest:ingest-2')).toBe(1)
  for (const connection of [admin, there]) connection.disconnect()
  await queues.close()
  name.close()
})

it('a transaction that stands still lets go of what it holds; what was done in it is done again', async () => {
  const store = await openStore(await makeDatabase())
  const patience = 'idle_in_transaction_session_timeout'
  const [outside] = await store.sql.query(`SHOW ${patience}`)
  expect(outside).toEqual({ [patience]: '0' })
  const pid = async (sql: typeof store.sql): Promise<number> =>
    Number((await sql.query('SELECT pg_backend_pid() AS pid'))[0]!.pid)
  const frozen = store.sql.transaction(async (sql) => {
    expect(await sql.query(`SHOW ${patience}`)).toEqual([{ [patience]: '2min' }])
    const own = await pid(sql)
    await sql.run(`SET LOCAL ${patience} = '50ms'`)
    while ((await store.sql.query('SELECT FROM pg_stat_activity WHERE pid = $1', [own])).length > 0) await sleep(20)
    await sql.query('SELECT 1')
  })
  const error = await frozen.catch((thrown: unknown) => thrown)
  expect([error instanceof Error, mayPass(error)]).toEqual([true, true])
  expect(await store.sql.transaction((sql) => sql.query('SELECT 1 AS one'))).toEqual([{ one: 1 }])
  await store.close()
})

it('what forgets prepared statements before a PostgreSQL is named, and no document is to blame', async () => {
  const store = await openStore(await makeDatabase(), { connections: 1 })
  const ask = () => store.sql.query('SELECT count(*) AS jobs FROM gouji.queued')
  try {
    expect(await ask()).toEqual([{ jobs: 0 }])
    await store.sql.run('DEALLOCATE ALL')
    const error: unknown = await ask().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'store_forgetful' })
    expect(mayPass(error)).toBe(true)
  } finally {
    await store.close()
  }
})
