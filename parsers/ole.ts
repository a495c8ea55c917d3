/**
 * The streams of an OLE file (DOC, WPS, XLS): takes its bytes, gives each stream whole. The container is read by the
 * reader that comes with the library for spreadsheets; a stream that is cut off is damage, never a shorter stream.
 */
import { CFB } from '@e965/xlsx'
import { damaged } from './failure.ts'

/** Gives the stream of a name in the root of the file, or null where it has none. */
export type Streams = (name: string) => Uint8Array | null

/**
 * The streams of some bytes.
 * @throws ParseFailure `damaged` for a container that cannot be read, and for a stream that is cut off
 */
export function readOle(bytes: Uint8Array): Streams {
  let entries: readonly { readonly name: string; readonly size: number; readonly content: unknown }[]
  try {
    entries = CFB.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), { type: 'buffer' }).FileIndex
  } catch (error) {
    throw damaged(error instanceof Error ? error.message.slice(0, 200) : String(error))
  }
  return (name) => {
    const entry = entries.find((one) => one.name === name && one.size > 0)
    if (entry === undefined) return null
    const content = Uint8Array.from(entry.content as ArrayLike<number>)
    if (content.length < entry.size) throw damaged(`stream ${name} is cut off`)
    return content.subarray(0, entry.size)
  }
}
