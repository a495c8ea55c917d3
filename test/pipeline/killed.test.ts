/**
 * A worker that dies at each statement it says to the database, before the database heard it and after: whoever comes next
 * ends with what an undisturbed worker ends with. A dead worker says nothing more, so that all it still tries fails too.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { recheckAll } from '../../src/pipeline/recheck.ts'
import { fetchQueued, ingestQueued, recheckStored, type StageContext } from '../../src/pipeline/stages.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { addQueued, completeRun, finishRuns, listDue } from '../../src/store/queued.ts'
import { listAsking } from '../../src/store/rechecks.ts'
import { startRun } from '../../src/store/runs.ts'
import type { Sql } from '../../src/store/sql.ts'
import { makeSample } from '../generator/index.ts'
import { textShapes } from '../generator/render/text.ts'
import { makeDatabase } from '../setup/database.ts'
import { makeZip } from './fixtures/zip.ts'

// As many times as there are statements, on machines that may do much else.
vi.setConfig({ testTimeout: 600_000 })

const registry = loadRegistry()
const now = () => new Date('2026-03-01T00:00:00Z')

let folder: string
let store: Store
let reading: Reading
let bytes: Buffer
let made = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-killed-'))
  store = await openStore(await makeDatabase(), { blobs: folder })
  bytes = Buffer.from(makeSample(textShapes[0]!, 1).rendering.bytes)
  reading = await readReport(bytes, { fileName: null }, registry)
  // A year before, so that there is something to compare.
  const before = { ...reading, identity: { ...reading.identity, year: reading.identity.year! - 1 } }
  await drive(await queue(), 'first', store, before)
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What is said after `spoken` statements is heard by nobody; the last one may be heard though its answer is not. */
function dying(spoken: number, heard: boolean): { readonly store: Store; died(): boolean } {
  let left = spoken
  let dead = false
  const say = async <T>(speak: () => Promise<T>): Promise<T> => {
    if (!dead && left-- > 0) return speak()
    if (!dead && heard) await speak().catch(() => {})
    dead = true
    // No cause that passes: nobody waits for the dead.
    throw new Error('the worker is dead')
  }
  const over = (sql: Sql): Sql => ({
    ...sql,
    query: (text, values) => say(() => sql.query(text, values)),
    run: (text) => say(() => sql.run(text)),
    // Its end is a statement too, which commits.
    transaction: async (work) => {
      const result = await sql.transaction((within) => work(over(within)))
      return say(async () => result)
    },
  })
  return { store: { ...store, sql: over(store.sql) }, died: () => dead }
}

function contextOf(worker: string, on: Store, read: Reading): StageContext {
  const answer = {
    finalUrl: 'http://a/',
    status: 200,
    contentType: null,
    etag: null,
    lastModified: null,
    fetchedAt: now().toISOString(),
  }
  const readers: StageContext['readers'] = {
    threads: 1,
    read: async () => read,
    count: () => ({ busy: 0, replaced: { timeout: 0, out_of_memory: 0, crashed: 0 } }),
    close: async () => {},
  }
  const ended = new AbortController().signal
  const download: StageContext['download'] = async (url) => {
    const own = Buffer.concat([bytes, Buffer.from(url)])
    const given = url.endsWith('.zip') ? makeZip([one('a', own), one('b', own)]) : own
    return { ok: true, bytes: given, answer }
  }
  return { store: on, registry, readers, readAlone: readers.read, download, reader: 'r', worker, ended, now }
}

const one = (name: string, content: Buffer) => ({
  name: `${name}.txt`,
  content: Buffer.concat([content, Buffer.from(name)]),
})

async function queue(ending = ''): Promise<string> {
  const run = await startRun(store, { reader: 'r', arguments: [], startedAt: now(), queued: true })
  await addQueued(store, run, [{ path: `http://a/${made++}${ending}` }], { urgent: false, again: false, at: now() })
  await completeRun(store, run)
  return run
}

/** Does whatever is due, as a worker that is told of it by the sweep. */
async function drive(run: string, worker: string, on: Store, read = reading): Promise<void> {
  const context = contextOf(worker, on, read)
  for (let due = await listDue(store, 0, 100); due.length > 0; due = await listDue(store, 0, 100))
    for (const { id, stage } of due) await (stage === 'fetch' ? fetchQueued : ingestQueued)(id, context)
  for (let asking = await listAsking(store, -1, 100); asking.length > 0; asking = await listAsking(store, -1, 100))
    for (const each of asking) await recheckStored(each, context)
  await finishRuns(on, now())
  expect(await store.sql.query('SELECT status FROM gouji.runs WHERE id = $1', [run])).toEqual([{ status: 'finished' }])
}

it.each([
  ['', false, 1],
  ['', true, 1],
  ['.zip', false, 2],
  ['.zip', true, 2],
] as const)(
  'one document, or those of an archive (%s), when its answer comes: %s',
  async (ending, heard, documents) => {
    for (let spoken = 0; ; spoken++) {
      const worker = dying(spoken, heard)
      const run = await queue(ending)
      await drive(run, 'dying', worker.store).catch((error: unknown) => {
        if (!worker.died()) throw error
      })
      if (!worker.died()) {
        expect(spoken).toBeGreaterThan(20)
        break
      }
      await drive(run, 'next', store)
      const items = await store.sql.query('SELECT outcome, reason FROM gouji.run_items WHERE run = $1', [run])
      expect([spoken, items]).toEqual([spoken, Array(documents).fill({ outcome: 'stored', reason: null })])
      const [readings] = await store.sql.query(
        `SELECT count(*) AS readings FROM gouji.run_items i JOIN gouji.revisions v USING (sha256)
       JOIN gouji.readings d ON d.revision = v.id WHERE i.run = $1`,
        [run],
      )
      expect([spoken, readings]).toEqual([spoken, { readings: documents }])
      for (const table of ['queued', 'rechecks'])
        expect(await store.sql.query(`SELECT * FROM gouji.${table}`)).toEqual([])
    }
    const { reports, changed } = await recheckAll({ store, registry, now })
    expect([reports, changed]).toEqual([2, 0])
  },
)
