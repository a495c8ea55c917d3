/** Documents that hang, explode or end their thread: each fails with its reason, and the others are untouched. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReaders, type Readers } from '../../src/pipeline/threads.ts'

const noName = { fileName: null }
const filename = fileURLToPath(new URL('./fixtures/misbehave.mjs', import.meta.url))

/** Only what hangs may meet the limit of time: how soon memory is full depends on the machine. */
const timeoutSeconds = { hang: 2, others: 120 }

describe.each([
  ['hang', 'timeout', timeoutSeconds.hang],
  ['explode', 'out_of_memory', timeoutSeconds.others],
  ['xit', 'crashed', timeoutSeconds.others],
  ['throw', 'crashed', timeoutSeconds.others],
])('a document that makes its thread %s', (order, reason, seconds) => {
  let readers: Readers
  beforeAll(() => {
    readers = openReaders({ threads: 2, timeoutSeconds: seconds, memoryMegabytes: 64, filename })
  })
  afterAll(() => readers.close())

  const read = (word: string) => readers.read(Buffer.from(word), { fileName: null })

  it(`fails as ${reason}, and the others do not`, async () => {
    const others = Array.from({ length: 6 }, () => read('fine'))
    expect(await read(order)).toMatchObject({ status: 'failed', reason: { code: reason } })
    for (const other of await Promise.all(others)) expect(other).toMatchObject({ status: 'ok' })
  })

  it('leaves threads that go on', async () => {
    expect(await read('fine')).toMatchObject({ status: 'ok' })
  })
})

describe('threads', () => {
  it('are replaced after so many documents, and none is lost meanwhile', async () => {
    const readers = openReaders({ threads: 2, timeoutSeconds: 120, memoryMegabytes: 64, filename, recycleAfter: 3 })
    const marked = await Promise.all(Array.from({ length: 12 }, () => readers.read(Buffer.from('marked'), noName)))
    const seen = new Map<unknown, number>()
    for (const reading of marked) {
      expect(reading).toMatchObject({ status: 'ok' })
      const { thread } = reading as unknown as { readonly thread: number }
      seen.set(thread, (seen.get(thread) ?? 0) + 1)
    }
    expect(seen.size).toBeGreaterThanOrEqual(4)
    expect(Math.max(...seen.values())).toBeLessThanOrEqual(3)
    await readers.close()
  })

  it('that are ended while they read say nothing of the document', async () => {
    const readers = openReaders({ threads: 1, timeoutSeconds: 120, memoryMegabytes: 64, filename })
    const reads = [readers.read(Buffer.from('hang'), noName), readers.read(Buffer.from('fine'), noName)]
    const results = Promise.allSettled(reads)
    await readers.close()
    for (const result of await results) expect(result).toMatchObject({ status: 'rejected', reason: { retry: true } })
  })
})
