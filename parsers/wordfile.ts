/**
 * The parts of a DOC that its text is read from: takes the streams, gives the pieces of text in order and, for a place in
 * the file, the properties of the paragraph and of the characters there. [MS-DOC] 2.4 (finding text and properties) and
 * 2.6 (single properties) say how; every offset is checked, since each is outside data.
 */
import { damaged, ParseFailure } from './failure.ts'
import { enforceLimit } from './limits.ts'
import type { Streams } from './ole.ts'
import { type Part, readWordLists } from './wordlists.ts'
import { pictureSize, readShapes, type ShownSize } from './wordshapes.ts'
import { readWordStyles, type WordStyle } from './wordstyles.ts'

/** Some text that lies in one place: `start` and `end` are its bytes in the stream of the document. */
export type Piece = {
  readonly start: number
  readonly end: number
  readonly bytesPerCharacter: 1 | 2
  /** How many characters of the whole text stand before it. */
  readonly first: number
  /** Properties that were changed after the piece was written. */
  readonly changes: Uint8Array
}

/** One property as it is written: its number and its operand. */
export type Property = { readonly code: number; readonly operand: DataView }

/** Where properties hold: bytes of the document's stream, end exclusive. */
export type Run = { readonly start: number; readonly end: number; readonly style: number; readonly at: number }

export type WordFile = {
  readonly document: DataView
  readonly pieces: readonly Piece[]
  /** Characters of the main text; behind it lie `before` characters of other texts, then those of text boxes. */
  readonly characters: { readonly main: number; readonly before: number; readonly boxes: number }
  readonly paragraphRuns: readonly Run[]
  readonly characterRuns: readonly Run[]
  /** The properties of a run, those that are kept apart included. */
  propertiesOf(run: Run, kind: 'paragraph' | 'character'): readonly Property[]
  /** Properties as they are written one after another. */
  readProperties(bytes: Uint8Array): readonly Property[]
  /** The size in points of the picture at a place of the stream Data; null where there is none. */
  pictureAt(place: number): ShownSize | null
  /** The size in points of the picture beside the text that hangs on a character of the main text; null where there is none. */
  besideAt(character: number): ShownSize | null
  /** By their numbers. */
  readonly styles: readonly WordStyle[]
  /** For each number of a list that paragraphs state its levels that show numbers. */
  readonly lists: ReadonlyMap<number, ReadonlySet<number>>
}

const pageBytes = 512
const word97 = 0xc1

/** The first numbers of the file: [MS-DOC] 2.5. Places and sizes in the table stream. */
const fib = {
  version: 0x02,
  flags: 0x0a,
  mainCharacters: 0x4c,
  otherCharacters: [0x50, 0x54, 0x58, 0x5c, 0x60],
  boxCharacters: 0x64,
  styles: 0xa2,
  characterPages: 0xfa,
  paragraphPages: 0x102,
  pieces: 0x1a2,
  shapes: 0x1da,
  lists: 0x2e2,
  listUses: 0x2ea,
  drawings: 0x22a,
} as const

/**
 * Opens the streams of a DOC.
 * @throws ParseFailure `damaged`, `encrypted`, or `unsupported_format` for versions before Word 97
 */
export function openWordFile(streams: Streams): WordFile {
  const main = streams('WordDocument')
  if (main === null || main.length < fib.drawings + 8) throw damaged('no stream WordDocument')
  const document = viewOf(main)
  const magic = document.getUint16(0, true)
  const version = document.getUint16(fib.version, true)
  if (magic === 0xa5dc || (magic === 0xa5ec && version < word97)) {
    throw new ParseFailure('unsupported_format', { kind: 'doc95' })
  }
  if (magic !== 0xa5ec) throw damaged('not a Word document')
  const flags = document.getUint16(fib.flags, true)
  if ((flags & 0x0100) !== 0) throw new ParseFailure('encrypted')
  const table = streams((flags & 0x0200) === 0 ? '0Table' : '1Table')
  if (table === null) throw damaged('no table stream')
  const section = (place: number): Uint8Array => {
    const start = document.getUint32(place, true)
    const size = document.getUint32(place + 4, true)
    if (start + size > table.length) throw damaged('a part lies outside its stream')
    return table.subarray(start, start + size)
  }
  // What is no text may be broken without harm to it.
  const lenient = (place: number): Uint8Array => {
    const start = document.getUint32(place, true)
    const end = start + document.getUint32(place + 4, true)
    return end > table.length ? new Uint8Array() : table.subarray(start, end)
  }
  const partAt = (place: number): Part =>
    place + 8 > document.byteLength
      ? { start: 0, size: 0 }
      : { start: document.getUint32(place, true), size: document.getUint32(place + 4, true) }
  const count = (place: number): number => document.getUint32(place, true)
  const { pieces, length } = readPieces(section(fib.pieces), main)
  const before = fib.otherCharacters.reduce((sum, place) => sum + count(place), 0)
  const characters = { main: count(fib.mainCharacters), before, boxes: count(fib.boxCharacters) }
  if (characters.main + before + characters.boxes > length) throw damaged('the text is cut off')
  const styles = readWordStyles(section(fib.styles))
  const data = streams('Data')
  const reader = makePropertyReader(document, data)
  const beside = readShapes(lenient(fib.shapes), lenient(fib.drawings))
  return {
    document,
    pieces,
    characters,
    paragraphRuns: readRuns(section(fib.paragraphPages), document, 'paragraph'),
    characterRuns: readRuns(section(fib.characterPages), document, 'character'),
    propertiesOf: reader.ofRun,
    readProperties: reader.ofBytes,
    pictureAt: (place) => pictureSize(place, data),
    besideAt: (character) => beside.get(character) ?? null,
    styles,
    lists: readWordLists(table, partAt(fib.lists), partAt(fib.listUses)),
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** The piece table, behind the changes that pieces refer to by number. */
function readPieces(clx: Uint8Array, document: Uint8Array): { pieces: Piece[]; length: number } {
  const view = viewOf(clx)
  const changes: Uint8Array[] = []
  let at = 0
  while (at + 3 <= clx.length && clx[at] === 1) {
    const size = view.getUint16(at + 1, true)
    changes.push(clx.subarray(at + 3, at + 3 + size))
    at += 3 + size
  }
  if (at + 5 > clx.length || clx[at] !== 2) throw damaged('no piece table')
  const size = view.getUint32(at + 1, true)
  if (at + 5 + size > clx.length || size < 4 || (size - 4) % 12 !== 0) throw damaged('piece table')
  const table = viewOf(clx.subarray(at + 5, at + 5 + size))
  const count = (size - 4) / 12
  const pieces: Piece[] = []
  let length = 0
  for (let index = 0; index < count; index++) {
    const characters = table.getUint32(index * 4 + 4, true) - table.getUint32(index * 4, true)
    const descriptor = (count + 1) * 4 + index * 8
    const place = table.getUint32(descriptor + 2, true)
    const narrow = (place & 0x40000000) !== 0
    const bytesPerCharacter = narrow ? 1 : 2
    const start = narrow ? (place & 0x3fffffff) / 2 : place & 0x3fffffff
    const end = start + characters * bytesPerCharacter
    const first = length
    length += characters
    // No two pieces share their text: a file that says so would grow without end.
    if (characters < 0 || !Number.isInteger(start) || end > document.length || length > document.length) {
      throw damaged('piece table')
    }
    pieces.push({
      start,
      end,
      first,
      bytesPerCharacter,
      changes: changesOf(table.getUint16(descriptor + 6, true), changes),
    })
  }
  return { pieces, length }
}

/** Properties that a piece changes by a short number: [MS-DOC] 2.9.215. Others do not touch what is read. */
const shortChanges: ReadonlyMap<number, number> = new Map([
  [0x18, 0x2416],
  [0x19, 0x2417],
  [0x41, 0x0800],
  [0x57, 0x0837],
  [0x5c, 0x083c],
  [0x68, 0x2a48],
])

function changesOf(modifier: number, changes: readonly Uint8Array[]): Uint8Array {
  if ((modifier & 1) === 1) return changes[modifier >> 1] ?? new Uint8Array()
  const code = shortChanges.get((modifier >> 1) & 0x7f)
  return code === undefined ? new Uint8Array() : Uint8Array.of(code & 0xff, code >> 8, modifier >> 8)
}

/** Where paragraphs or runs of characters begin and end, from the pages of their properties; ascending. */
function readRuns(pages: Uint8Array, document: DataView, kind: 'paragraph' | 'character'): Run[] {
  const view = viewOf(pages)
  const count = Math.floor((pages.length - 4) / 8)
  // A page is read once; a list of more pages than the file has room for is made up.
  if (count < 0 || count > document.byteLength / pageBytes) throw damaged(`pages of ${kind} properties`)
  const entryBytes = kind === 'paragraph' ? 13 : 1
  const runs: Run[] = []
  for (let page = 0; page < count; page++) {
    const base = (view.getUint32((count + 1) * 4 + page * 4, true) & 0x3fffff) * pageBytes
    if (base + pageBytes > document.byteLength) throw damaged(`pages of ${kind} properties`)
    const entries = document.getUint8(base + pageBytes - 1)
    if ((entries + 1) * 4 + entries * entryBytes > pageBytes - 1) throw damaged(`pages of ${kind} properties`)
    for (let entry = 0; entry < entries; entry++) {
      const start = document.getUint32(base + entry * 4, true)
      const end = document.getUint32(base + entry * 4 + 4, true)
      if (end < start || start < (runs.at(-1)?.end ?? 0)) throw damaged(`order of ${kind} properties`)
      const offset = document.getUint8(base + (entries + 1) * 4 + entry * entryBytes) * 2
      const at = offset === 0 ? 0 : base + offset
      runs.push({ start, end, style: kind === 'paragraph' && at > 0 ? styleAt(document, at, base) : 0, at })
    }
  }
  return runs
}

function styleAt(document: DataView, at: number, base: number): number {
  const start = document.getUint8(at) === 0 ? at + 2 : at + 1
  if (start + 2 > base + pageBytes) throw damaged('paragraph properties')
  return document.getUint16(start, true)
}

/** What a property's operand takes, by the three highest bits of its number; 0 where its first byte says so. */
const operandBytes = [1, 1, 2, 4, 2, 2, 0, 3] as const
const tableDefinitions: ReadonlySet<number> = new Set([0xd606, 0xd608])
const tabChanges = 0xc615
/** Properties kept in the stream Data, for want of room. */
const keptApart: ReadonlySet<number> = new Set([0x6645, 0x6646, 0x646b])

function makePropertyReader(document: DataView, data: Uint8Array | null) {
  const known = new Map<number, readonly Property[]>()
  let total = 0
  const ofBytes = (bytes: Uint8Array, nested = false): Property[] => {
    const view = viewOf(bytes)
    const found: Property[] = []
    let at = 0
    while (at + 2 < bytes.length) {
      enforceLimit('markupNodesMax', ++total)
      const code = view.getUint16(at, true)
      const size = operandSize(code, view, at + 2)
      if (at + 2 + size > bytes.length) throw damaged('a property is cut off')
      const operand = viewOf(bytes.subarray(at + 2, at + 2 + size))
      at += 2 + size
      if (!keptApart.has(code)) found.push({ code, operand })
      else if (!nested) for (const one of ofBytes(apartFrom(operand.getUint32(0, true), data), true)) found.push(one)
    }
    return found
  }
  const ofRun = (run: Run, kind: 'paragraph' | 'character'): readonly Property[] => {
    if (run.at === 0) return []
    const seen = known.get(run.at)
    if (seen !== undefined) return seen
    const found = ofBytes(propertyBytes(document, run.at, kind))
    known.set(run.at, found)
    return found
  }
  return { ofBytes: (bytes: Uint8Array): readonly Property[] => ofBytes(bytes), ofRun }
}

function apartFrom(place: number, data: Uint8Array | null): Uint8Array {
  if (data === null || place + 2 > data.length) throw damaged('properties outside the stream Data')
  const size = viewOf(data).getUint16(place, true)
  if (place + 2 + size > data.length) throw damaged('properties outside the stream Data')
  return data.subarray(place + 2, place + 2 + size)
}

/** What a page holds at a place: the size comes first, in words for paragraphs, whose style comes next. */
function propertyBytes(document: DataView, at: number, kind: 'paragraph' | 'character'): Uint8Array {
  const first = document.getUint8(at)
  let start = at + 1
  let end = start + first
  if (kind === 'paragraph') {
    const even = first === 0
    start = even ? at + 2 : at + 1
    end = start + (even ? document.getUint8(at + 1) * 2 : first * 2 - 1)
    start += 2
  }
  const pageEnd = Math.floor(at / pageBytes) * pageBytes + pageBytes
  if (end > pageEnd || end < start) throw damaged('properties are cut off')
  return new Uint8Array(document.buffer, document.byteOffset + start, end - start)
}

function operandSize(code: number, view: DataView, at: number): number {
  const size = operandBytes[code >> 13]!
  if (size > 0) return size
  if (at + 2 > view.byteLength) throw damaged('a property is cut off')
  if (tableDefinitions.has(code)) return view.getUint16(at, true) + 1
  const stated = view.getUint8(at)
  if (code !== tabChanges || stated < 255) return stated + 1
  const deleted = view.getUint8(at + 1) * 4
  if (at + 2 + deleted >= view.byteLength) throw damaged('a property is cut off')
  return 3 + deleted + view.getUint8(at + 2 + deleted) * 3
}
