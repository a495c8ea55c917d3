/** Documents on the queue of a server: which of two is the newer, who may take them, and what a restored database must not mix up. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { failedReading } from '../../src/pipeline/failed-reading.ts'
import { ingest } from '../../src/pipeline/ingest.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { fetchQueued, ingestQueued, recheckStored, type StageContext } from '../../src/pipeline/stages.ts'
import { submit } from '../../src/pipeline/submit.ts'
import type { Readers } from '../../src/pipeline/threads.ts'
import type { Queues } from '../../src/queue.ts'
import { keepBlob } from '../../src/store/blobs.ts'
import { loadReports } from '../../src/store/neighbours.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { type Due, finish, listDue, type QueuedInput, take } from '../../src/store/queued.ts'
import { countRecheckError, pagesOfRechecks } from '../../src/store/rechecks.ts'
import { listReports, loadFacts, saveReading } from '../../src/store/reports.ts'
import { inputsToRetry, listRuns, type RunItem, startRun } from '../../src/store/runs.ts'
import { makeSample } from '../generator/index.ts'
import { textShapes } from '../generator/render/text.ts'
import { makeDatabase } from '../setup/database.ts'
import { makeZip } from './fixtures/zip.ts'

const registry = loadRegistry()
const now = () => new Date('2026-03-01T00:00:00Z')
const nobody = { add: async () => {} } as unknown as Queues

let folder: string
let url: string
let store: Store

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-queued-'))
  url = await makeDatabase()
  store = await openStore(url, { blobs: join(folder, 'blobs') })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const readers: Readers = {
  threads: 2,
  read: (bytes, origin) => readReport(bytes, origin, registry),
  count: () => ({ busy: 0, replaced: { timeout: 0, out_of_memory: 0, crashed: 0 } }),
  close: async () => {},
}

function contextOf(worker = 'one', clock = now): StageContext {
  const download: StageContext['download'] = async () => Promise.reject(new Error('nothing is fetched here'))
  const ended = new AbortController().signal
  return { store, registry, readers, readAlone: readers.read, download, reader: 'r', worker, ended, now: clock }
}

/** The same report, published in several versions. */
function versions(count: number, seed = 1): Buffer[] {
  const { bytes } = makeSample(textShapes[0]!, seed).rendering
  return Array.from({ length: count }, (_, at) => Buffer.concat([bytes, Buffer.from('\n'.repeat(at + 1))]))
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function queue(inputs: readonly QueuedInput[]): Promise<Due[]> {
  await submit(inputs, { store, queues: nobody, reader: 'r', arguments: [], urgent: false, again: false, now })
  return listDue(store, 0, 10_000)
}

async function current(): Promise<string[]> {
  const found: string[] = []
  for await (const { sha256 } of listReports(store)) found.push(sha256)
  return found
}

it('the one queued last is the newer, whichever worker reads which first, and whatever their clocks say', async () => {
  const all = versions(3)
  const inputs = []
  for (const bytes of all) inputs.push({ path: 'x.txt', sha256: await keepBlob(store.blobs, bytes) })
  const due = await queue(inputs)
  const clocks = ['2026-03-01', '2026-04-01', '2025-01-01'].map((day) => () => new Date(day))
  for (const at of [2, 0, 1]) await ingestQueued(due[at]!.id, contextOf(`worker ${at}`, clocks[at]))
  expect(await current()).toEqual([hashOf(all[2]!)])
})

it('one that failed and is read later is no newer than it was', async () => {
  const [first, second] = versions(2) as [Buffer, Buffer]
  const failing: Readers['read'] = async () => failedReading({ code: 'crashed', data: {} })
  const times = ['2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01'].map((day) => () => new Date(day))
  const queueAt = async (at: number, inputs: Parameters<typeof submit>[0]): Promise<Due> => {
    const how = { store, queues: nobody, reader: 'r', arguments: [], urgent: false, again: true, now: times[at]! }
    await submit(inputs, how)
    return (await listDue(store, 0, 1))[0]!
  }
  const keep = async (bytes: Buffer) => [{ path: `${bytes.length}.txt`, sha256: await keepBlob(store.blobs, bytes) }]
  const broken = { ...contextOf(), readAlone: failing, readers: { ...readers, read: failing } }
  for (const at of [0, 2]) {
    const { id } = await queueAt(at, at === 0 ? await keep(first) : inputsToRetry(store, { wanting: true }))
    // Twice: then it is given up.
    for (let tries = 0; tries < 2; tries++) await ingestQueued(id, broken)
    if (at === 0) await ingestQueued((await queueAt(1, await keep(second))).id, contextOf())
  }
  await ingestQueued((await queueAt(3, inputsToRetry(store, { wanting: true }))).id, contextOf())
  const seen = await store.sql.query('SELECT sha256, seen_at FROM gouji.revisions ORDER BY seen_at')
  expect(seen.map(({ sha256 }) => sha256)).toEqual([hashOf(first), hashOf(second)])
  expect(await current()).toEqual([hashOf(second)])
})

it('documents of an archive stand where it stood, in its order', async () => {
  const all = versions(5)
  const zips = [all.slice(0, 2), all.slice(2, 4)].map((pair) =>
    makeZip(pair.map((content, at) => ({ name: `${at}.txt`, content }))),
  )
  const paths = zips.map((_, at) => join(folder, `${at}.zip`))
  zips.forEach((bytes, at) => {
    writeFileSync(paths[at]!, bytes)
  })
  const [first, second] = await queue(paths.map((path) => ({ path })))
  const later = (await fetchQueued(second!.id, contextOf())).due
  const earlier = (await fetchQueued(first!.id, contextOf())).due
  for (const { id } of [...later.toReversed(), ...earlier]) await ingestQueued(id, contextOf())
  expect(await current()).toEqual([hashOf(all[3]!)])
})

it('inputs of one command are as new as they come, whichever is read first', async () => {
  const all = versions(2, 3)
  let readLast = (): void => {}
  const wasRead = new Promise<void>((resolve) => {
    readLast = resolve
  })
  const slow: Readers['read'] = async (bytes, origin) => {
    if (hashOf(bytes) === hashOf(all[0]!)) await wasRead
    return readers.read(bytes, origin)
  }
  const inputs = all.map((bytes, at) => ({ path: `${at}.txt`, read: async () => ({ ok: true as const, bytes }) }))
  const onItem = ({ path }: RunItem): void => {
    if (path === '1.txt') readLast()
  }
  const context = {
    store,
    registry,
    readers: { ...readers, read: slow },
    reader: 'r',
    arguments: [],
    retry: false,
    now,
  }
  await ingest(inputs, { ...context, onItem })
  expect(await current()).toEqual([hashOf(all[1]!)])
})

it('an old job of another stage takes a document from nobody', async () => {
  const sha256 = await keepBlob(store.blobs, versions(1)[0]!)
  const [due] = await queue([{ path: 'x.txt', sha256 }])
  const taken = (await take(store, due!, 'one', now()))!
  const result = await fetchQueued(due!.id, contextOf('other'))
  expect([result.late, result.due]).toEqual([false, [due]])
  const item = { path: 'x.txt', sha256, outcome: 'failed', reason: null, reader: 'r', reading: null } as const
  expect(await finish(store, taken, { ...item, bytes: null, kind: null, milliseconds: 0 })).toBe(true)
  expect((await fetchQueued(due!.id, contextOf('other'))).due).toEqual([])
})

it('nothing to queue makes no run, and runs of the same second have ids of their own', async () => {
  const submitted = await submit([], {
    store,
    queues: nobody,
    reader: 'r',
    arguments: [],
    urgent: false,
    again: true,
    now,
  })
  expect([submitted.run, await listRuns(store)]).toEqual([null, []])
  // So many that two of them draw the same letters, in all likelihood.
  const ids = new Set<string>()
  for (let count = 0; count < 1000; count++)
    ids.add(await startRun(store, { reader: 'r', arguments: [], startedAt: now() }))
  expect(ids.size).toBe(1000)
})

/** As a backup that is older than what a worker knows, with what came after it. */
async function restore(): Promise<void> {
  const tables = 'gouji.layouts, gouji.reports, gouji.revisions, gouji.readings, gouji.agencies, gouji.runs'
  await store.sql.run(`TRUNCATE ${tables} RESTART IDENTITY CASCADE`)
}

const save = (on: Store, bytes: Buffer, reading: Reading) =>
  saveReading(on, registry, { sha256: hashOf(bytes), bytes: 1, path: 'x', reader: 'r', reading, seenAt: now() })

it('figures stay in their cells where the database was restored and gives numbers anew', async () => {
  const [one, other] = [versions(1, 1)[0]!, versions(1, 2)[0]!]
  const readingOf = (bytes: Buffer): Promise<Reading> => readReport(bytes, { fileName: null }, registry)
  const [first, second] = [await readingOf(one), await readingOf(other)]
  const { reading } = await save(store, one, first)
  const before = await loadFacts(store, reading)
  expect(before.length).toBeGreaterThan(50)
  // It learns its layouts, and keeps facts to hold others against them.
  const agencyOf = ({ identity: { agency, year } }: Reading) => [agency!, year!, year!] as const
  expect((await loadReports(store, ...agencyOf(first)))[0]!.facts).toEqual(before)
  await restore()
  const others = await openStore(url, { blobs: join(folder, 'blobs') })
  // Another worker was faster: the numbers of layouts and readings are others' now.
  const reversed = { ...second, facts: second.facts.toReversed() }
  await others.sql.run(
    `INSERT INTO gouji.layouts (form, table_code, codes) SELECT 'old', 't' || i, ARRAY['t.a.b'] FROM generate_series(1, 20) i`,
  )
  expect((await save(others, other, reversed)).reading).toBe(reading)
  const held = (await loadReports(store, ...agencyOf(second)))[0]!
  expect(held.facts).toEqual(await loadFacts(others, reading))
  const again = await save(store, one, first)
  expect(await loadFacts(others, again.reading)).toEqual(before)
  await others.close()
})

it('a list of agencies is judged page by page, and its errors are nobody else’s', async () => {
  await store.sql.run(`
    INSERT INTO gouji.reports (agency, year) SELECT '县' || i, 2020 FROM generate_series(1, 2) i;
    INSERT INTO gouji.rechecks (report) SELECT 1 + i / 5500 FROM generate_series(0, 5999) i ORDER BY i;`)
  const sha256 = await keepBlob(store.blobs, versions(1)[0]!)
  const [due] = await queue([{ path: 'x.txt', sha256 }])
  const { recheck } = await ingestQueued(due!.id, contextOf())
  const sizes: number[] = []
  for await (const page of pagesOfRechecks(store, 0)) sizes.push(page.length)
  expect(sizes).toEqual([1, 2])
  expect(await countRecheckError(store, 0, 'odd', 10)).toBe(1)
  const errors = 'SELECT max(errors) AS errors FROM gouji.rechecks WHERE asked_by'
  expect(await store.sql.query(`${errors} IS NULL`)).toEqual([{ errors: 1 }])
  expect(await store.sql.query(`${errors} = $1`, [recheck!.reading])).toEqual([{ errors: 0 }])
  expect((await recheckStored(0, contextOf())).failed).toBeNull()
  expect(await store.sql.query('SELECT DISTINCT asked_by FROM gouji.rechecks')).toEqual([
    { asked_by: recheck!.reading },
  ])
  await recheckStored(recheck!.reading, contextOf())
  expect(await store.sql.query('SELECT * FROM gouji.rechecks')).toEqual([])
})
