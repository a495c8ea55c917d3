/** Documents that end the process they are read in: each fails with its reason, and neither this process nor the others do. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Readers } from '../../src/pipeline/threads.ts'

// A process runs what is built.
const built = new URL('../../dist/src/pipeline/processes.js', import.meta.url).href
const { openReadersApart } = (await import(built)) as typeof import('../../src/pipeline/processes.ts')
const filename = fileURLToPath(new URL('./fixtures/misbehave.mjs', import.meta.url))
const options = { threads: 2, timeoutSeconds: 120, memoryMegabytes: 64, filename }

describe('readers in a process of their own', () => {
  let readers: Readers
  beforeAll(() => {
    readers = openReadersApart(options)
  })
  afterAll(() => readers.close())

  const read = (word: string) => readers.read(Buffer.from(word), { fileName: null })

  it.each([
    ['kill', { code: 'crashed', data: { detail: 'SIGKILL' } }],
    ['abort', { code: 'out_of_memory', data: { megabytes: 64 } }],
    ['explode', { code: 'out_of_memory', data: { megabytes: 64 } }],
    ['throw', { code: 'crashed', data: { detail: 'thrown on purpose' } }],
  ])('outlive a document that makes them %s, and read the others', async (order, reason) => {
    const others = Array.from({ length: 6 }, () => read('fine'))
    expect(await read(order)).toMatchObject({ status: 'failed', reason })
    for (const other of await Promise.all(others)) expect(other).toMatchObject({ status: 'ok' })
    expect(await read('fine')).toMatchObject({ status: 'ok' })
  })

  it('count what broke down, and what is read', () => {
    expect(readers.count()).toEqual({ busy: 0, replaced: { timeout: 0, out_of_memory: 2, crashed: 2 } })
  })

  it('that are closed while they read say nothing of the document', async () => {
    const own = openReadersApart({ ...options, threads: 1 })
    const results = Promise.allSettled(['hang', 'fine'].map((word) => own.read(Buffer.from(word), { fileName: null })))
    await own.close()
    for (const result of await results) expect(result).toMatchObject({ status: 'rejected', reason: { retry: true } })
  })
})
