/**
 * The original bytes, by their SHA-256: in a folder, or in storage that speaks S3. What stands under a hash is whole, since
 * it is put there in one go; that it is still what was put there is checked each time it is taken out.
 */
import { createHash } from 'node:crypto'
import type { S3Config } from '../config.ts'
import { UserError } from '../errors.ts'
import { folderBlobs } from './blob-folder.ts'
import { s3Blobs } from './blob-s3.ts'

/** Where originals lie. A failure that may pass says so: src/store/faults.ts. */
export type BlobStore = {
  /** What to call the place of a hash. */
  place(sha256: string): string
  /** Whether originals can be had and kept here. @throws UserError `originals_elsewhere`, or where the place does not answer */
  check(): Promise<void>
  /** How many bytes lie there; null for none. */
  sizeOf(sha256: string): Promise<number | null>
  /** Puts bytes there, all or nothing, whatever lay there before. */
  put(sha256: string, bytes: Uint8Array): Promise<void>
  /** Null where nothing lies there. */
  get(sha256: string): Promise<Uint8Array | null>
}

/** Opens a place for originals: a folder, or `s3://bucket/prefix` with its settings. @throws UserError `usage` */
export function openBlobs(place: string, s3: S3Config | null = null): BlobStore {
  return /^s3:/i.test(place) ? s3Blobs(place, s3) : folderBlobs(place)
}

/** Keeps bytes under their hash; does nothing where they are kept already. @throws UserError `path_not_writable`, `originals_unreachable` */
export async function putBlob(blobs: BlobStore, sha256: string, bytes: Uint8Array): Promise<void> {
  checkHash(sha256)
  // One that was cut off by whatever means is mended when its document comes again.
  if ((await blobs.sizeOf(sha256)) === bytes.length) return
  await blobs.put(sha256, bytes)
}

/** Keeps bytes under their hash, and gives it. @throws as `putBlob` */
export async function keepBlob(blobs: BlobStore, bytes: Uint8Array): Promise<string> {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await putBlob(blobs, sha256, bytes)
  return sha256
}

/** The bytes of a hash. @throws UserError `original_missing`, `original_damaged`, `path_not_readable`, `originals_unreachable` */
export async function getBlob(blobs: BlobStore, sha256: string): Promise<Uint8Array> {
  checkHash(sha256)
  const bytes = await blobs.get(sha256)
  if (bytes === null) throw new UserError('original_missing', { path: blobs.place(sha256) })
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new UserError('original_damaged', { path: blobs.place(sha256) })
  return bytes
}

/** A hash that stands for no bytes: whether it is there says only that the place answers. */
export const nobody = '0'.repeat(64)

function checkHash(sha256: string): void {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`no SHA-256: ${sha256}`)
}
