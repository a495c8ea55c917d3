/** Originals in a folder and in a real object store: kept whole, given back whole, or said to be gone, damaged, away. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startObjectStore, type TestObjectStore } from '../../scripts/object-store.mjs'
import { type BlobStore, getBlob, openBlobs, putBlob } from '../../src/store/blobs.ts'
import { mayPass } from '../../src/store/faults.ts'

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const bucket = 'gouji-originals'

let folder: string
let objects: TestObjectStore
let client: AwsClient

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-blobs-'))
  objects = await startObjectStore()
  const { accessKey, secretKey, region } = objects.settings
  client = new AwsClient({ accessKeyId: accessKey, secretAccessKey: secretKey, region, service: 's3' })
  const made = await client.fetch(`${objects.settings.endpoint}/${bucket}`, { method: 'PUT' })
  expect(made.status).toBe(200)
})
afterAll(async () => {
  await objects.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Everything that fails, with whether it may pass. */
async function failure(work: Promise<unknown>): Promise<[string, boolean]> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return [String(error instanceof Error && 'code' in error ? error.code : error), mayPass(error)]
}

describe.each(['folder', 's3'] as const)('originals, %s', (carrier) => {
  let blobs: BlobStore
  /** Puts other bytes where those of a hash are, past all checks. */
  let damage: (sha256: string, bytes: Uint8Array) => Promise<void>

  beforeAll(() => {
    const at = carrier === 'folder' ? folder : `s3://${bucket}/of/gouji/`
    blobs = openBlobs(at, objects.settings)
    damage = async (sha256, bytes) => {
      if (carrier === 'folder') writeFileSync(blobs.place(sha256), bytes)
      else {
        const url = blobs.place(sha256).replace('s3://', `${objects.settings.endpoint}/`)
        expect((await client.fetch(url, { method: 'PUT', body: Buffer.from(bytes) })).status).toBe(200)
      }
    }
  })

  it('come back as they were, whatever they are', async () => {
    for (const bytes of [Buffer.from('报告'), Buffer.alloc(0), randomBytes(3_000_000)]) {
      const sha256 = hashOf(bytes)
      await putBlob(blobs, sha256, bytes)
      expect(Buffer.compare(await getBlob(blobs, sha256), bytes)).toBe(0)
      expect(blobs.place(sha256)).toContain(`/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`)
    }
  })

  it('may be kept by several at once, and once more', async () => {
    const bytes = randomBytes(200_000)
    const sha256 = hashOf(bytes)
    await Promise.all(Array.from({ length: 8 }, () => putBlob(blobs, sha256, bytes)))
    await putBlob(blobs, sha256, bytes)
    expect(Buffer.compare(await getBlob(blobs, sha256), bytes)).toBe(0)
  })

  it('that are gone or damaged are told, for good', async () => {
    const bytes = randomBytes(1000)
    const sha256 = hashOf(bytes)
    expect(await failure(getBlob(blobs, sha256))).toEqual(['original_missing', false])
    await putBlob(blobs, sha256, bytes)
    await damage(sha256, randomBytes(1000))
    expect(await failure(getBlob(blobs, sha256))).toEqual(['original_damaged', false])
  })

  it('that were cut off are mended when they come again', async () => {
    const bytes = randomBytes(1000)
    const sha256 = hashOf(bytes)
    await putBlob(blobs, sha256, bytes)
    await damage(sha256, bytes.subarray(0, 100))
    await putBlob(blobs, sha256, bytes)
    expect(Buffer.compare(await getBlob(blobs, sha256), bytes)).toBe(0)
  })

  it('are named by hashes and nothing else', async () => {
    for (const name of ['../../x', '', 'a'.repeat(63), 'A'.repeat(64)]) {
      await expect(getBlob(blobs, name)).rejects.toThrow('no SHA-256')
      await expect(putBlob(blobs, name, Buffer.from('x'))).rejects.toThrow('no SHA-256')
    }
  })
})

describe('a folder', () => {
  it('has nothing but whole blobs in it', async () => {
    const own = mkdtempSync(join(folder, 'own-'))
    const bytes = randomBytes(1000)
    await putBlob(openBlobs(own), hashOf(bytes), bytes)
    const names = readdirSync(own, { recursive: true, withFileTypes: true })
    expect(names.filter((one) => one.isFile()).map(({ name }) => name)).toEqual([hashOf(bytes)])
  })

  it('that cannot be written or read may be so later', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    const blobs = openBlobs(join(file, 'blobs'))
    const sha256 = hashOf(Buffer.from('x'))
    expect(await failure(putBlob(blobs, sha256, Buffer.from('x')))).toEqual(['path_not_readable', true])
    expect(await failure(getBlob(blobs, sha256))).toEqual(['path_not_readable', true])
    truncateSync(file)
    expect(existsSync(file)).toBe(true)
  })
})

describe('an object store', () => {
  const bytes = Buffer.from('a document')
  const sha256 = hashOf(bytes)

  it('is asked again later where it is away, does not let in or has no such bucket', async () => {
    const { settings } = objects
    const wrong = [
      openBlobs(`s3://${bucket}`, { ...settings, secretKey: 'guessed' }),
      openBlobs('s3://no-such-bucket', settings),
      openBlobs(`s3://${bucket}`, { ...settings, endpoint: 'http://127.0.0.1:1' }),
    ]
    for (const blobs of wrong) {
      expect(await failure(putBlob(blobs, sha256, bytes))).toEqual(['originals_unreachable', true])
      expect(await failure(getBlob(blobs, sha256))).toEqual(['originals_unreachable', true])
    }
  })

  it('goes on where it was once it is back', async () => {
    const blobs = openBlobs(`s3://${bucket}/back`, objects.settings)
    await putBlob(blobs, sha256, bytes)
    await objects.kill()
    expect(await failure(getBlob(blobs, sha256))).toEqual(['originals_unreachable', true])
    await objects.start()
    expect(Buffer.from(await getBlob(blobs, sha256)).toString()).toBe('a document')
  })

  it('refuses bytes that are not those of the hash', async () => {
    const blobs = openBlobs(`s3://${bucket}`, objects.settings)
    await expect(blobs.put(sha256, Buffer.from('another'))).rejects.toMatchObject({ data: { detail: 'BadDigest' } })
    expect(await blobs.get(sha256)).toBeNull()
  })

  it('is named by a URL that makes sense, with keys', () => {
    for (const place of ['s3://', 's3://a', 's3://Bucket', 's3://bucket/../x y', 's3://bucket?x', 'S3:bucket'])
      expect(() => openBlobs(place, objects.settings), place).toThrow('usage')
    expect(() => openBlobs('s3://bucket')).toThrow('AWS_ACCESS_KEY_ID')
    expect(() => openBlobs('s3://bucket', { ...objects.settings, endpoint: 'ftp://x' })).toThrow('AWS_ENDPOINT_URL')
  })
})
