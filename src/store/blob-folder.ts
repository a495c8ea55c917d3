/**
 * Originals in a folder. A blob is written under a temporary name and renamed, so that none is ever half there; its name is on
 * the disk before anything else says that it is there.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { detailOf, UserError } from '../errors.ts'
import { type BlobStore, nobody } from './blobs.ts'

/** The originals of a folder, which is made once something is put there. */
export function folderBlobs(folder: string): BlobStore {
  const place = (sha256: string): string => path.join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256)
  const sizeOf = (sha256: string) => orNull(place(sha256), async (file) => (await stat(file)).size)
  return {
    place,
    check: async () => void (await sizeOf(nobody)),
    sizeOf,
    put: (sha256, bytes) => write(place(sha256), bytes),
    get: (sha256) => orNull(place(sha256), (file) => readFile(file)),
  }
}

async function write(place: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${place}.${randomUUID()}`
  try {
    const folder = path.dirname(place)
    const made = await mkdir(folder, { recursive: true })
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, place)
    await syncFolders(folder, made === undefined ? folder : path.dirname(made))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw new UserError('path_not_writable', { path: place, detail: detailOf(error) }, true)
  }
}

/**
 * Puts the names in a folder on the disk, and those in the folders above it up to `top`. Systems and shares that know no such
 * thing of folders say so by these codes (fsync(2); PostgreSQL passes over the same ones), and put names there in their own time.
 */
async function syncFolders(folder: string, top: string): Promise<void> {
  for (let at = folder; ; at = path.dirname(at)) {
    try {
      const handle = await open(at, 'r')
      await handle.sync().finally(() => handle.close())
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && foldersAreNotSynced.has(error.code))) throw error
    }
    if (at === top || at === path.dirname(at)) return
  }
}

const foldersAreNotSynced: ReadonlySet<unknown> = new Set(['EACCES', 'EBADF', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM'])

/** Null where there is no such file; a disk or a share that does not answer may do so later. */
async function orNull<T>(file: string, work: (file: string) => Promise<T>): Promise<T | null> {
  try {
    return await work(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw new UserError('path_not_readable', { path: file, detail: detailOf(error) }, true)
  }
}
