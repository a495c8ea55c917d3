/**
 * Bounded unzip: takes the bytes of a zip, gives its entries, and never more of them than the limits allow. Sizes stated
 * in the archive are checked before anything is unpacked, and an entry is unpacked into a buffer of its stated size, so
 * that an archive which lies about them gains nothing.
 */
import { crc32 } from 'node:zlib'
import { unzipSync, zipSync } from 'fflate'
import { damaged, ParseFailure } from './failure.ts'
import { LimitError, limits } from './limits.ts'

/**
 * The entries whose names `wanted` accepts. All entries count against the limits, wanted or not.
 * @throws LimitError for too many or too large entries; ParseFailure `damaged` for a broken archive, or an entry whose bytes
 *   are not those that were packed
 */
export function unzip(bytes: Uint8Array, wanted: (name: string) => boolean): Record<string, Uint8Array> {
  let entries = 0
  let total = 0
  try {
    const unpacked = unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (++entries > limits.archiveEntriesMax) throw new LimitError('archiveEntriesMax')
        if (originalSize > limits.archiveEntryBytesMax) throw new LimitError('archiveEntryBytesMax')
        total += originalSize
        if (total > limits.archiveBytesMax) throw new LimitError('archiveBytesMax')
        const ratio = originalSize / Math.max(1, size)
        if (originalSize > limits.archiveRatioFloorBytes && ratio > limits.archiveRatioMax)
          throw new LimitError('archiveRatioMax')
        return wanted(name)
      },
    })
    checkSums(bytes, unpacked)
    return unpacked
  } catch (error) {
    if (error instanceof LimitError || error instanceof ParseFailure) throw error
    throw damaged(error instanceof Error ? error.message : String(error))
  }
}

/** The entries as an archive without compression: what a library may unpack that bounds nothing itself. */
export function rezip(entries: Record<string, Uint8Array>): Uint8Array {
  return zipSync(entries, { level: 0 })
}

/** One damaged byte may give another figure without breaking anything else: the sums in the archive's list tell. */
function checkSums(bytes: Uint8Array, unpacked: Readonly<Record<string, Uint8Array>>): void {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const end = view.lastIndexOf(Buffer.from('504b0506', 'hex'))
  if (end < 0 || end + 20 > view.length) return
  let at = view.readUInt32LE(end + 16)
  while (at + 46 <= view.length && view.readUInt32LE(at) === 0x02014b50) {
    const [nameBytes, moreBytes, noteBytes] = [28, 30, 32].map((field) => view.readUInt16LE(at + field))
    const name = view.toString('utf8', at + 46, at + 46 + nameBytes!)
    const content = unpacked[name]
    if (content !== undefined && crc32(content) !== view.readUInt32LE(at + 16)) throw damaged(`${name}: check sum`)
    at += 46 + nameBytes! + moreBytes! + noteBytes!
  }
}
