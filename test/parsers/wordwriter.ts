/**
 * Small DOC files for tests, written after [MS-DOC]: pieces of text of one or two bytes a character, and the properties
 * that are asked for. Word writes much that LibreOffice never does; this writes what the tests want to see read.
 */
import { CFB } from '@e965/xlsx'

/** A run of text in a piece of its own. A run that ends a paragraph ends with its mark and has its properties. */
export type WordRun = {
  readonly text: string
  readonly narrow?: boolean
  /** Properties of the characters and, where the run ends one, of the paragraph: bytes in hex. */
  readonly looks?: string
  readonly ends?: string
  /** Number of the paragraph's style. */
  readonly style?: number
  /** Properties changed after the piece was written, in hex. */
  readonly changes?: string
}

const textStart = 0x600
const pageBytes = 512
const entriesPerPage = 4

const word = (value: number): Buffer => Buffer.from([value & 0xff, (value >> 8) & 0xff])
const long = (value: number): Buffer => Buffer.from([...word(value & 0xffff), ...word(value >>> 16)])

/** The operand of a row's definition: edges of its cells in twips and the first flags of each. */
export function rowDefinition(edges: readonly number[], flags: readonly number[] = []): string {
  const count = edges.length - 1
  const cells = Array.from({ length: count }, (_, index) => Buffer.concat([word(flags[index] ?? 0), Buffer.alloc(18)]))
  const rest = Buffer.concat([Buffer.from([count]), ...edges.map(word), ...cells])
  return Buffer.concat([word(0xd608), word(rest.length + 1), rest]).toString('hex')
}

/** A DOC of these runs. `apart` is the stream that holds properties which found no room elsewhere. */
export function makeDoc(runs: readonly WordRun[], apart: Uint8Array = new Uint8Array(16)): Uint8Array {
  const texts = runs.map(({ text, narrow }) => Buffer.from(text, narrow ? 'latin1' : 'utf16le'))
  const starts: number[] = [textStart]
  for (const text of texts) starts.push(starts.at(-1)! + text.length)
  const body = Buffer.concat(texts)
  const firstPage = Math.ceil((textStart + body.length) / pageBytes)
  const characterPages = pagesOf(
    runs.map(({ looks = '' }, index) => {
      const bytes = Buffer.from(looks, 'hex')
      return { start: starts[index]!, end: starts[index + 1]!, data: Buffer.from([bytes.length, ...bytes]) }
    }),
    1,
  )
  const paragraphs: Entry[] = []
  for (const [index, { ends, style = 0 }] of runs.entries()) {
    if (ends === undefined) continue
    const bytes = Buffer.concat([word(style), Buffer.from(ends, 'hex')])
    const padded = bytes.length % 2 === 1 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)])
    const data = Buffer.from([(padded.length + 1) / 2, ...padded])
    paragraphs.push({ start: paragraphs.at(-1)?.end ?? textStart, end: starts[index + 1]!, data })
  }
  const paragraphPages = pagesOf(paragraphs, 13)
  const gap = Buffer.alloc(firstPage * pageBytes - textStart - body.length)
  const table: Buffer[] = []
  const fib = Buffer.alloc(textStart)
  const section = (place: number, bytes: Buffer): void => {
    fib.writeUInt32LE(
      table.reduce((sum, part) => sum + part.length, 0),
      place,
    )
    fib.writeUInt32LE(bytes.length, place + 4)
    table.push(bytes)
  }
  fib.writeUInt16LE(0xa5ec, 0)
  fib.writeUInt16LE(0xc1, 2)
  fib.writeUInt16LE(0x0200, 0x0a)
  fib.writeUInt32LE(
    runs.reduce((sum, { text }) => sum + text.length, 0),
    0x4c,
  )
  section(0xa2, Buffer.from('0000', 'hex'))
  section(0xfa, pageList(characterPages, firstPage))
  section(0x102, pageList(paragraphPages, firstPage + characterPages.length))
  section(0x1a2, pieceTable(runs, starts))
  const file = CFB.utils.cfb_new()
  const pages = [...characterPages, ...paragraphPages].map(({ bytes }) => bytes)
  CFB.utils.cfb_add(file, 'WordDocument', Buffer.concat([fib, body, gap, ...pages]))
  CFB.utils.cfb_add(file, '1Table', Buffer.concat([...table, Buffer.alloc(5_000)]))
  CFB.utils.cfb_add(file, 'Data', Buffer.from(apart))
  return CFB.write(file, { type: 'buffer' }) as Buffer
}

type Entry = { readonly start: number; readonly end: number; readonly data: Buffer }
type Page = { readonly start: number; readonly end: number; readonly bytes: Buffer }

/** Pages of properties: ends of ranges, then where each range's properties begin, then these, and their number last. */
function pagesOf(entries: readonly Entry[], entryBytes: number): Page[] {
  const pages: Page[] = []
  for (let from = 0; from < entries.length; from += entriesPerPage) {
    const here = entries.slice(from, from + entriesPerPage)
    const bytes = Buffer.alloc(pageBytes)
    let free = (here.length + 1) * 4 + here.length * entryBytes
    free += free % 2
    for (const [index, { start, end, data }] of here.entries()) {
      bytes.writeUInt32LE(start, index * 4)
      bytes.writeUInt32LE(end, index * 4 + 4)
      bytes[(here.length + 1) * 4 + index * entryBytes] = free / 2
      data.copy(bytes, free)
      free += data.length + (data.length % 2)
    }
    bytes[pageBytes - 1] = here.length
    pages.push({ start: here[0]!.start, end: here.at(-1)!.end, bytes })
  }
  return pages
}

function pageList(pages: readonly Page[], first: number): Buffer {
  const places = [...pages.map(({ start }) => start), pages.at(-1)!.end]
  return Buffer.concat([...places.map(long), ...pages.map((_, index) => long(first + index))])
}

function pieceTable(runs: readonly WordRun[], starts: readonly number[]): Buffer {
  const changed = runs.filter(({ changes }) => changes !== undefined)
  const changes = changed.map((run) => {
    const bytes = Buffer.from(run.changes!, 'hex')
    return Buffer.concat([Buffer.from([1]), word(bytes.length), bytes])
  })
  const places: number[] = [0]
  for (const { text } of runs) places.push(places.at(-1)! + text.length)
  const descriptors = runs.map((run, index) => {
    const start = run.narrow ? starts[index]! * 2 + 0x40000000 : starts[index]!
    const modifier = run.changes === undefined ? 0 : changed.indexOf(run) * 2 + 1
    return Buffer.concat([word(0), long(start), word(modifier)])
  })
  const table = Buffer.concat([...places.map(long), ...descriptors])
  return Buffer.concat([...changes, Buffer.from([2]), long(table.length), table])
}
