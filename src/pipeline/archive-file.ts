/**
 * An archive of documents, on disk or in memory, one entry at a time: whatever its size, only its directory and the entry
 * that is asked for are in memory. A path names an entry as `reports.zip!/folder/a.docx`, and one of an archive inside as
 * `reports.zip!/2023.zip!/a.docx`.
 */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import {
  type ArchiveEntry,
  archiveTailBytes,
  enforceEntryLimits,
  entryHeaderBytes,
  findDirectory,
  packedOffset,
  readDirectory,
  unpackEntry,
} from '../../parsers/archive.ts'
import { kindOfArchive } from '../../parsers/detect.ts'
import { damaged, explainFailure } from '../../parsers/failure.ts'
import { enforceLimit, LimitError, limits } from '../../parsers/limits.ts'
import type { InputBytes } from './inputs.ts'

/** Bytes that are read in parts. */
export type Source = {
  readonly size: number
  read(offset: number, length: number): Promise<Uint8Array>
  /** Hash of all of it, in hexadecimal. */
  sha256(): Promise<string>
}

/** Between the path of an archive and that of an entry in it. */
export const insideMark = '!/'

const chunkBytes = 1024 * 1024

/** Bytes in memory. */
export function memorySource(bytes: Uint8Array): Source {
  return {
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    sha256: async () => createHash('sha256').update(bytes).digest('hex'),
  }
}

/** A regular file, opened for each reading, so that none is held open; null for what is no regular file or is not there. */
export async function fileSource(file: string | Buffer): Promise<Source | null> {
  const withFile = async <T>(work: (handle: FileHandle) => Promise<T>): Promise<T> => {
    // Without O_NONBLOCK the opening of a FIFO waits for its writer, in a thread that cannot be stopped.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      return await work(handle)
    } finally {
      await handle.close()
    }
  }
  const stats = await withFile((handle) => handle.stat()).catch(() => null)
  if (!stats?.isFile()) return null
  const read: Source['read'] = (offset, length) =>
    withFile(async (handle) => {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, stats.size - offset)))
      let filled = 0
      while (filled < buffer.length) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return buffer.subarray(0, filled)
    })
  const sha256 = async (): Promise<string> => {
    const hash = createHash('sha256')
    for (let at = 0; at < stats.size; at += chunkBytes) hash.update(await read(at, chunkBytes))
    return hash.digest('hex')
  }
  return { size: stats.size, read, sha256 }
}

/**
 * The entries of an archive of documents; null where the bytes are no zip, or one that is a document itself (DOCX, OFD).
 * @throws ParseFailure `damaged`, `archive_unsupported`; LimitError
 */
export async function listDocuments(source: Source): Promise<ArchiveEntry[] | null> {
  const start = Buffer.from(await source.read(0, 4)).toString('hex')
  if (start !== '504b0304' && start !== '504b0506') return null
  if (source.size > limits.bundleBytesMax) throw new LimitError('bundleBytesMax')
  const tailOffset = Math.max(0, source.size - archiveTailBytes)
  const directory = findDirectory(await source.read(tailOffset, archiveTailBytes), tailOffset)
  enforceLimit('bundleEntriesMax', directory.count)
  if (directory.size > limits.documentBytesMax) throw damaged('the directory is larger than its entries need')
  const entries = readDirectory(await source.read(directory.offset, directory.size), directory.count)
  const names = new Set(entries.map(({ name }) => name))
  return kindOfArchive(names, await source.read(0, 4096)) === 'zip' ? entries : null
}

/** The bytes of an entry, or why there are none. Never rejects. */
export async function readEntry(source: Source, entry: ArchiveEntry): Promise<InputBytes> {
  try {
    enforceEntryLimits(entry)
    const header = await source.read(entry.offset, entryHeaderBytes)
    const packed = await source.read(entry.offset + packedOffset(header), entry.packedSize)
    return { ok: true, bytes: unpackEntry(entry, packed) }
  } catch (error) {
    const { reason, data } = explainFailure(error)
    return { ok: false, reason: { code: reason, data }, size: entry.size }
  }
}

/** The bytes that a path into an archive names; null where it names none. */
export async function readInside(path: string): Promise<InputBytes | null> {
  const [file, ...names] = path.split(insideMark)
  let source = await fileSource(file!)
  let content: InputBytes | null = null
  for (const name of names) {
    const entries = source === null ? null : await listDocuments(source).catch(() => null)
    const entry = entries?.findLast((one) => one.name === name)
    if (entry === undefined) return null
    content = await readEntry(source!, entry)
    if (!content.ok) return content
    source = memorySource(content.bytes)
  }
  return content
}
