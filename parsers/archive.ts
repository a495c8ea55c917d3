/**
 * Bounded unzip: takes the bytes of a zip, gives its entries, and never more of them than the limits allow. The directory
 * at the end is read first, so that sizes are checked before anything is unpacked, an encrypted entry is told from a
 * broken one, and names keep the bytes they were written with. An entry is unpacked into no more than its stated size and
 * must have its stated checksum: an archive which lies gains nothing, and a damaged one never gives other figures.
 */
import { isUtf8 } from 'node:buffer'
import { crc32, inflateRawSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { damaged, ParseFailure } from './failure.ts'
import { enforceLimit, LimitError, limits } from './limits.ts'

/** An entry as the directory of its archive states it. */
export type ArchiveEntry = {
  /** With `/` between folders; a folder's own entry ends with one. */
  readonly name: string
  readonly encrypted: boolean
  /** 0: stored, 8: deflated; no other is unpacked. */
  readonly method: number
  readonly checksum: number
  readonly packedSize: number
  readonly size: number
  /** Where its own header begins in the archive. */
  readonly offset: number
}

/** Where the directory of an archive lies in it. */
export type ArchiveDirectory = { readonly offset: number; readonly size: number; readonly count: number }

/** The end record lies among the last bytes of an archive, before a comment of at most 64 kB. */
export const archiveTailBytes = 22 + 20 + 56 + 65_535
/** The fixed part of an entry's own header; its name and further fields follow, then the packed bytes. */
export const entryHeaderBytes = 30

const endMark = 0x06054b50
const end64Mark = 0x06064b50
const end64LocatorMark = 0x07064b50
const entryMark = 0x02014b50
const headerMark = 0x04034b50
const unicodePathField = 0x7075
const size64Field = 0x0001

/**
 * The entries whose names `wanted` accepts. All entries count against the limits, wanted or not.
 * @throws LimitError for too many or too large entries; ParseFailure `damaged`, `encrypted` (a wanted entry), `archive_unsupported`
 */
export function unzip(bytes: Uint8Array, wanted: (name: string) => boolean): Record<string, Uint8Array> {
  const entries = listEntries(bytes)
  let total = 0
  for (const entry of entries) {
    enforceEntryLimits(entry)
    total += entry.size
    if (total > limits.archiveBytesMax) throw new LimitError('archiveBytesMax')
  }
  const found: Record<string, Uint8Array> = Object.create(null)
  for (const entry of entries) {
    if (!wanted(entry.name)) continue
    const start = entry.offset + packedOffset(bytes.subarray(entry.offset, entry.offset + entryHeaderBytes))
    found[entry.name] = unpackEntry(entry, bytes.subarray(start, start + entry.packedSize))
  }
  return found
}

/**
 * All entries of an archive in memory, folders too.
 * @throws LimitError for more than `limit` allows; ParseFailure `damaged`, `archive_unsupported`
 */
export function listEntries(
  bytes: Uint8Array,
  limit: 'archiveEntriesMax' | 'bundleEntriesMax' = 'archiveEntriesMax',
): ArchiveEntry[] {
  const tailOffset = Math.max(0, bytes.length - archiveTailBytes)
  const directory = findDirectory(bytes.subarray(tailOffset), tailOffset)
  enforceLimit(limit, directory.count)
  return readDirectory(bytes.subarray(directory.offset, directory.offset + directory.size), directory.count)
}

/**
 * Where the directory is, from the last `archiveTailBytes` of an archive, which begin at `tailOffset` in it.
 * @throws ParseFailure `damaged` where there is none, `archive_unsupported` for one of several volumes
 */
export function findDirectory(tail: Uint8Array, tailOffset: number): ArchiveDirectory {
  const view = viewOf(tail)
  let end = tail.length - 22
  while (end >= 0 && view.getUint32(end, true) !== endMark) end--
  if (end < 0) throw damaged('no directory of entries')
  const disk = view.getUint16(end + 4, true)
  let directory = {
    offset: view.getUint32(end + 16, true),
    size: view.getUint32(end + 12, true),
    count: view.getUint16(end + 10, true),
  }
  const locator = end - 20
  if (locator >= 0 && view.getUint32(locator, true) === end64LocatorMark) {
    const end64 = Number(view.getBigUint64(locator + 8, true)) - tailOffset
    if (end64 < 0 || end64 + 56 > tail.length || view.getUint32(end64, true) !== end64Mark)
      throw damaged('no directory of entries')
    directory = {
      offset: Number(view.getBigUint64(end64 + 48, true)),
      size: Number(view.getBigUint64(end64 + 40, true)),
      count: Number(view.getBigUint64(end64 + 32, true)),
    }
  } else if (disk !== 0) throw new ParseFailure('archive_unsupported', { kind: 'zip' })
  if (directory.offset + directory.size > tailOffset + end) throw damaged('the directory lies outside the archive')
  return directory
}

/** The entries that a directory lists. @throws ParseFailure `damaged` */
export function readDirectory(directory: Uint8Array, count: number): ArchiveEntry[] {
  const view = viewOf(directory)
  const entries: ArchiveEntry[] = []
  for (let at = 0; entries.length < count; ) {
    if (at + 46 > directory.length || view.getUint32(at, true) !== entryMark)
      throw damaged('broken directory of entries')
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => view.getUint16(at + place, true))
    const nameEnd = at + 46 + nameLength!
    const end = nameEnd + extraLength! + commentLength!
    if (end > directory.length) throw damaged('broken directory of entries')
    const fields = readFields(directory.subarray(nameEnd, nameEnd + extraLength!))
    const flags = view.getUint16(at + 8, true)
    const sizes = readSizes(view, at, fields.get(size64Field))
    entries.push({
      name: decodeName(directory.subarray(at + 46, nameEnd), (flags & 0x800) !== 0, fields.get(unicodePathField)),
      encrypted: (flags & 1) !== 0,
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      ...sizes,
    })
    at = end
  }
  return entries
}

/** How far behind the beginning of an entry's header its packed bytes are. @throws ParseFailure `damaged` */
export function packedOffset(header: Uint8Array): number {
  const view = viewOf(header)
  if (header.length < entryHeaderBytes || view.getUint32(0, true) !== headerMark) throw damaged('broken entry')
  return entryHeaderBytes + view.getUint16(26, true) + view.getUint16(28, true)
}

/** Refuses an entry by what is stated of it. @throws LimitError */
export function enforceEntryLimits({ size, packedSize }: ArchiveEntry): void {
  if (size > limits.archiveEntryBytesMax) throw new LimitError('archiveEntryBytesMax')
  if (size > limits.archiveRatioFloorBytes && size / Math.max(1, packedSize) > limits.archiveRatioMax)
    throw new LimitError('archiveRatioMax')
}

/**
 * The bytes of an entry from its packed ones.
 * @throws ParseFailure `encrypted`, `archive_unsupported`, `damaged` where they are not what the directory states
 */
export function unpackEntry(entry: ArchiveEntry, packed: Uint8Array): Uint8Array {
  if (entry.encrypted) throw new ParseFailure('encrypted')
  if (entry.method !== 0 && entry.method !== 8) throw new ParseFailure('archive_unsupported', { kind: 'zip' })
  let bytes = packed
  if (entry.method === 8) {
    try {
      bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) })
    } catch (error) {
      throw damaged(`${entry.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (bytes.length !== entry.size || crc32(bytes) !== entry.checksum) throw damaged(`${entry.name}: wrong checksum`)
  return bytes
}

/** The entries as an archive without compression: what a library may unpack that bounds nothing itself. */
export function rezip(entries: Record<string, Uint8Array>): Uint8Array {
  return zipSync(entries, { level: 0 })
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Further fields of an entry by their number. */
function readFields(extra: Uint8Array): Map<number, Uint8Array> {
  const view = viewOf(extra)
  const fields = new Map<number, Uint8Array>()
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = view.getUint16(at + 2, true)
    fields.set(view.getUint16(at, true), extra.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return fields
}

/** Sizes and offset, where they do not fit 32 bits from their own field, in this order. */
function readSizes(
  view: DataView,
  at: number,
  field: Uint8Array | undefined,
): Pick<ArchiveEntry, 'size' | 'packedSize' | 'offset'> {
  const field64 = viewOf(field ?? new Uint8Array(0))
  let place = 0
  const [size, packedSize, offset] = [24, 20, 42].map((one) => {
    const value = view.getUint32(at + one, true)
    if (value !== 0xffffffff || place + 8 > field64.byteLength) return value
    place += 8
    return Number(field64.getBigUint64(place - 8, true))
  })
  return { size: size!, packedSize: packedSize!, offset: offset! }
}

/**
 * A name as its writer meant it: UTF-8 where the entry says so or its bytes are, else as Chinese Windows writes them.
 * What is neither is shown as bytes.
 */
function decodeName(raw: Uint8Array, utf8: boolean, unicodePath: Uint8Array | undefined): string {
  const stated = unicodePath !== undefined && unicodePath.length > 5 && unicodePath[0] === 1
  if (stated && viewOf(unicodePath).getUint32(1, true) === crc32(raw))
    return tidyName(decodeUtf8(unicodePath.subarray(5)))
  if (utf8 || isUtf8(raw)) return tidyName(decodeUtf8(raw))
  try {
    return tidyName(new TextDecoder('gb18030', { fatal: true }).decode(raw))
  } catch {
    return Array.from(raw, (byte) => (byte < 0x80 ? tidyName(String.fromCharCode(byte)) : hex(byte))).join('')
  }
}

function decodeUtf8(raw: Uint8Array): string {
  return new TextDecoder().decode(raw)
}

/** Folders divided by `/`, and nothing in it that steers a terminal. */
function tidyName(name: string): string {
  return name.replaceAll('\\', '/').replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (one) => hex(one.charCodeAt(0)))
}

function hex(code: number): string {
  return `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`
}
