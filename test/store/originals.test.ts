/** Originals of a server's store that are not where a worker looks for them: nothing is lost, kept elsewhere, or said to be gone. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { type BlobStore, getBlob, keepBlob } from '../../src/store/blobs.ts'
import { mayPass } from '../../src/store/faults.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { saveReading } from '../../src/store/reports.ts'
import { makeSample } from '../generator/index.ts'
import { textShapes } from '../generator/render/text.ts'
import { makeDatabase } from '../setup/database.ts'

let folder: string
let url: string
let open: Store[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-originals-'))
  url = await makeDatabase()
})
afterEach(async () => {
  for (const store of open) await store.close()
  open = []
  rmSync(folder, { recursive: true, force: true })
})

async function openAt(blobs: string): Promise<BlobStore> {
  const store = await openStore(url, { blobs })
  open.push(store)
  return store.blobs
}

const bytesOf = (text: string): Buffer => Buffer.from(text)
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: { code: string }) => [error.code, mayPass(error)],
  )

it('a share that is not mounted is waited for; then all is there, and what is gone is gone', async () => {
  const place = join(folder, 'share')
  const blobs = await openAt(place)
  const kept = await keepBlob(blobs, bytesOf('one'))
  const other = await openAt(place)
  renameSync(place, join(folder, 'away'))
  for (const one of [blobs, other]) {
    expect(await failure(getBlob(one, kept))).toEqual(['originals_elsewhere', true])
    expect(await failure(keepBlob(one, bytesOf('two')))).toEqual(['originals_elsewhere', true])
    expect(await failure(one.check())).toEqual(['originals_elsewhere', true])
  }
  expect(readdirSync(folder)).toEqual(['away'])
  renameSync(join(folder, 'away'), place)
  for (const one of [blobs, other]) {
    await one.check()
    expect(Buffer.from(await getBlob(one, kept)).toString()).toBe('one')
  }
  expect(await failure(getBlob(blobs, hashOf(bytesOf('never kept'))))).toEqual(['original_missing', false])
})

it('another folder than that of the others is refused', async () => {
  const kept = await keepBlob(await openAt(join(folder, 'right')), bytesOf('one'))
  const wrong = await openAt(join(folder, 'wrong'))
  expect(await failure(keepBlob(wrong, bytesOf('two')))).toEqual(['originals_elsewhere', true])
  expect(await failure(getBlob(wrong, kept))).toEqual(['originals_elsewhere', true])
})

it('several that begin at once agree on one place', async () => {
  const all = await Promise.all([1, 2, 3, 4].map(() => openAt(join(folder, 'one'))))
  await Promise.all(all.map((blobs, at) => keepBlob(blobs, bytesOf(`${at}`))))
  for (const blobs of all) await blobs.check()
  const [row] = await open[0]!.sql.query('SELECT count(*) AS marks FROM gouji.originals')
  expect(row).toEqual({ marks: 1 })
})

it('a store that has originals already is known by them, and goes on without them once its mark is put back', async () => {
  const place = join(folder, 'old')
  const { bytes } = makeSample(textShapes[0]!, 1).rendering
  const registry = loadRegistry()
  const store = await openStore(url, { blobs: place })
  open.push(store)
  await keepBlob(store.blobs, bytes)
  const reading = await readReport(bytes, { fileName: null }, registry)
  const input = { sha256: hashOf(bytes), bytes: 1, path: 'x', reader: 'r', reading, seenAt: new Date(0) }
  await saveReading(store, registry, input)
  // As the version before left it.
  await store.sql.run('DELETE FROM gouji.originals')
  const elsewhere = await openAt(join(folder, 'new'))
  expect(await failure(elsewhere.check())).toEqual(['originals_elsewhere', true])
  const same = await openAt(place)
  await same.check()
  rmSync(place, { recursive: true })
  expect(await failure(same.check())).toEqual(['originals_elsewhere', true])
  const [row] = await store.sql.query('SELECT mark FROM gouji.originals')
  const mark = same.place(hashOf(bytesOf(String(row!.mark))))
  mkdirSync(join(mark, '..'), { recursive: true })
  writeFileSync(mark, String(row!.mark))
  expect(await failure(getBlob(same, hashOf(bytes)))).toEqual(['original_missing', false])
})
