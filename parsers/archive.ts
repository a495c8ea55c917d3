/**
 * Bounded unzip: takes the bytes of a zip, gives its entries, and never more of them than the limits allow. Sizes stated
 * in the archive are checked before anything is unpacked, and an entry is unpacked into a buffer of its stated size, so
 * that an archive which lies about them gains nothing.
 */
import { unzipSync, zipSync } from 'fflate'
import { damaged } from './failure.ts'
import { LimitError, limits } from './limits.ts'

/**
 * The entries whose names `wanted` accepts. All entries count against the limits, wanted or not.
 * @throws LimitError for too many or too large entries; ParseFailure `damaged` for a broken archive
 */
export function unzip(bytes: Uint8Array, wanted: (name: string) => boolean): Record<string, Uint8Array> {
  let entries = 0
  let total = 0
  try {
    return unzipSync(bytes, {
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
  } catch (error) {
    if (error instanceof LimitError) throw error
    throw damaged(error instanceof Error ? error.message : String(error))
  }
}

/** The entries as an archive without compression: what a library may unpack that bounds nothing itself. */
export function rezip(entries: Record<string, Uint8Array>): Uint8Array {
  return zipSync(entries, { level: 0 })
}
