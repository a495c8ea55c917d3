/**
 * The streams of an OLE file (DOC, WPS, XLS): takes its bytes, gives each stream whole. The container is read by the
 * reader that comes with the library for spreadsheets; a stream that is cut off is damage, never a shorter stream.
 */
import { CFB } from '@e965/xlsx'
import { damaged } from './failure.ts'

/** Gives the stream of a name in the root of the file, or null where it has none. */
export type Streams = (name: string) => Uint8Array | null

type Container = {
  readonly FullPaths: readonly string[]
  readonly FileIndex: readonly { readonly size: number; readonly content: unknown }[]
}

const headerBytes = 512

/** Where the first sector of the directory ends: [MS-CFB] 2.2. */
function directoryEnd(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes)
  const sector = 2 ** Math.min(16, view.getUint16(0x1e, true))
  return (view.getUint32(0x30, true) + 2) * sector
}

/**
 * The streams of some bytes.
 * @throws ParseFailure `damaged` for a container that cannot be read, and for a stream that is cut off
 */
export function readOle(bytes: Uint8Array): Streams {
  // A list of streams that lies behind the end would be read as a file without streams.
  if (bytes.length < headerBytes || directoryEnd(bytes) > bytes.length) throw damaged('the file is cut off')
  let file: Container
  try {
    file = CFB.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), { type: 'buffer' })
  } catch (error) {
    throw damaged(error instanceof Error ? error.message.slice(0, 200) : String(error))
  }
  return (name) => {
    // Files that are embedded in this one have streams of the same names, deeper in it.
    const index = file.FullPaths.findIndex((path) => /^[^/]*\/([^/]*)$/.exec(path)?.[1] === name)
    const entry = file.FileIndex[index]
    if (entry === undefined || entry.size === 0) return null
    const content = Uint8Array.from((entry.content ?? []) as ArrayLike<number>)
    if (content.length < entry.size) throw damaged(`stream ${name} is cut off`)
    return content.subarray(0, entry.size)
  }
}

/** An OLE file that holds one stream and nothing else. */
export function writeOle(name: string, stream: Uint8Array): Uint8Array {
  const file = CFB.utils.cfb_new()
  CFB.utils.cfb_add(file, name, Buffer.from(stream))
  return CFB.write(file, { type: 'buffer' })
}
