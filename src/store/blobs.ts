/**
 * The original bytes, by their SHA-256, in a folder. A blob is written under a temporary name and renamed: what stands
 * under a hash is whole.
 */
import { randomUUID } from 'node:crypto'
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { detailOf, UserError } from '../errors.ts'

export type BlobStore = { readonly folder: string }

function placeOf(blobs: BlobStore, sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`no SHA-256: ${sha256}`)
  return path.join(blobs.folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256)
}

/** Keeps bytes under their hash; does nothing where they are kept already. @throws UserError `path_not_writable` */
export async function putBlob(blobs: BlobStore, sha256: string, bytes: Uint8Array): Promise<void> {
  const place = placeOf(blobs, sha256)
  if (await exists(place)) return
  const temporary = `${place}.${randomUUID()}`
  try {
    await mkdir(path.dirname(place), { recursive: true })
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, place)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw new UserError('path_not_writable', { path: place, detail: detailOf(error) }, true)
  }
}

/** The bytes of a hash. @throws UserError `path_not_found` */
export async function getBlob(blobs: BlobStore, sha256: string): Promise<Uint8Array> {
  const place = placeOf(blobs, sha256)
  try {
    return await readFile(place)
  } catch {
    throw new UserError('path_not_found', { path: place })
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
