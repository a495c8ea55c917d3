/** Documents that hang, explode or end their thread: each fails with its reason, and the others are untouched. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReaders, type Readers } from '../../src/pipeline/threads.ts'

const filename = fileURLToPath(new URL('./fixtures/misbehave.mjs', import.meta.url))

describe('reader threads', () => {
  let readers: Readers
  beforeAll(() => {
    readers = openReaders({ threads: 2, timeoutSeconds: 2, memoryMegabytes: 64, filename })
  })
  afterAll(() => readers.close())

  const read = (order: string) => readers.read(Buffer.from(order), { fileName: null })

  it.each([
    ['hang', 'timeout'],
    ['explode', 'out_of_memory'],
    ['xit', 'crashed'],
    ['throw', 'crashed'],
  ])('a document that makes its thread %s fails as %s', async (order, reason) => {
    const others = Array.from({ length: 6 }, () => read('fine'))
    expect(await read(order)).toMatchObject({ status: 'failed', reason: { code: reason } })
    for (const other of await Promise.all(others)) expect(other).toMatchObject({ status: 'ok' })
  })

  it('goes on after all of that', async () => {
    expect(await read('fine')).toMatchObject({ status: 'ok' })
  })
})
