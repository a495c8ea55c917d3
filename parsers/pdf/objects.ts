/**
 * The numbered objects of a PDF, found in its bytes without a reader: for what neither reader tells of a file. Takes bytes,
 * gives the dictionary and the unpacked stream of an object as it was written last. Tables of places are not asked: a file
 * whose tables are wrong is what this is for.
 */
import { inflateSync } from 'node:zlib'

/** An object outside of packed ones. */
type Place = {
  /** Where it begins behind its keyword. */
  readonly at: number
  /** Where its stream's data begin; 0 where it has none. */
  readonly data: number
  readonly end: number
}

/** The objects of one file. */
export type PdfObjects = {
  /** What an object says before its stream, if it has one; null where it is not there or cannot be unpacked. */
  dictionary(number: number): string | null
  /** The stream of an object; null where it has none or is packed in a way that is not known here. */
  stream(number: number): Buffer | null
}

/** Bytes that are unpacked of one file. */
const unpackedMax = 16 * 1024 * 1024
/** An object's dictionary, and a list of pages, is no longer. */
const dictionaryMax = 1024 * 1024
const objectsMax = 500_000
const packedObjectsMax = 5_000

/** Makes the objects of a file known. */
export function objectsOf(bytes: Uint8Array): PdfObjects {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const places = findPlaces(file)
  let encrypted: boolean | null = null
  // Looked for only where it counts, since that takes a look at the whole file.
  const isEncrypted = (): boolean => {
    encrypted ??= file.includes('/Encrypt')
    return encrypted
  }
  const unpack = unpackerOf(file)
  let packed: Map<number, { readonly text: string; readonly at: number }> | null = null
  const plain = (number: number): string | null => {
    const place = places.numbered.get(number)
    if (place === undefined) return null
    const end = place.data === 0 ? place.end : place.data
    return file.toString('latin1', place.at, Math.min(end, place.at + dictionaryMax))
  }
  return {
    dictionary(number) {
      if (places.packs.length === 0 || isEncrypted()) return plain(number)
      packed ??= findPacked(places.packs, file, unpack)
      const inside = packed.get(number)
      const outside = places.numbered.get(number)
      // What was written later stands for what was there before.
      return inside === undefined || (outside !== undefined && outside.at > inside.at) ? plain(number) : inside.text
    },
    stream(number) {
      const place = places.numbered.get(number)
      if (place === undefined || place.data === 0 || isEncrypted()) return null
      return unpack(place)
    },
  }
}

/** Gives the unpacked data of a stream, as long as not too much was unpacked. */
function unpackerOf(file: Buffer): (place: Place) => Buffer | null {
  let left = unpackedMax
  return ({ at, data, end }) => {
    const filter = filterOf(file.toString('latin1', at, data))
    const source = file.subarray(data, end)
    if (filter === 'none') return source
    if (filter === 'unknown' || left <= 0) return null
    try {
      const unpacked = inflateSync(source, { maxOutputLength: left })
      left -= unpacked.length
      return unpacked
    } catch {
      return null
    }
  }
}

function filterOf(dictionary: string): 'none' | 'deflated' | 'unknown' {
  if (!dictionary.includes('/Filter')) return 'none'
  const deflated = /\/Filter\s*(?:\/FlateDecode|\[\s*\/FlateDecode\s*\])/.test(dictionary)
  return deflated && !dictionary.includes('/Predictor') ? 'deflated' : 'unknown'
}

/** Where each object stands that is in none, and which of them hold others. */
function findPlaces(file: Buffer) {
  const numbered = new Map<number, Place>()
  const packs: Place[] = []
  const placeFrom = placer(file)
  let found = 0
  for (let at = file.indexOf(keyword); at >= 0 && found < objectsMax; found++) {
    const number = numberBefore(file, at)
    const from = at + keyword.length
    if (number === null) {
      at = file.indexOf(keyword, from)
      continue
    }
    const place = placeFrom(from)
    numbered.set(number, place)
    if (place.data > 0 && file.subarray(from, place.data).includes('/ObjStm')) packs.push(place)
    at = file.indexOf(keyword, Math.max(from, place.end))
  }
  return { numbered, packs }
}

const keyword = ' obj'
const numbers = /(\d{1,10}) \d{1,5}$/

/** The number of the object whose keyword stands here; null where it is none's. */
function numberBefore(file: Buffer, at: number): number | null {
  const found = numbers.exec(file.toString('latin1', Math.max(0, at - 17), at))
  return found === null ? null : Number(found[1])
}

/** Most dictionaries of streams are shorter. */
const headMax = 400
/** Room for the end of a line and the keyword behind a stream. */
const endRoom = 12
const direct = /\/Length\s+(\d+)(?!\d|\s+\d+\s+R)/

/**
 * Gives the object that begins at a place: up to its end, its stream passed over as its length or its own end tells. Places
 * are asked in order, so that no byte is looked at again and again.
 */
function placer(file: Buffer): (at: number) => Place {
  let stop = -1
  const endFrom = (at: number): number => {
    if (stop < at) stop = file.indexOf('endobj', at)
    if (stop < 0) stop = file.length
    return stop
  }
  return (at) => {
    const head = file.toString('latin1', at, at + headMax)
    const near = head.indexOf('stream')
    const length = near < 0 ? null : direct.exec(head.slice(0, near))
    if (length !== null && !head.slice(0, near).includes('endobj')) {
      const data = dataFrom(file, at + near)
      const end = data + Number(length[1])
      if (file.toString('latin1', end, end + endRoom).includes('endstream')) return { at, data, end }
    }
    const end = endFrom(at)
    const stream = file.subarray(at, end).indexOf('stream')
    if (stream < 0) return { at, data: 0, end }
    const data = dataFrom(file, at + stream)
    const close = file.indexOf('endstream', data)
    return { at, data, end: close < 0 ? file.length : close }
  }
}

/** Where the data of a stream begin whose keyword stands here: after a line break (ISO 32000-1, 7.3.8.1). */
function dataFrom(file: Buffer, at: number): number {
  let data = at + 'stream'.length
  if (file[data] === 0x0d) data++
  if (file[data] === 0x0a) data++
  return data
}

/** What stands in objects that hold others, by number: a list of numbers and places, then the objects (ISO 32000-1, 7.5.7). */
function findPacked(packs: readonly Place[], file: Buffer, unpack: (place: Place) => Buffer | null) {
  const packed = new Map<number, { text: string; at: number }>()
  for (const place of packs.slice(-packedObjectsMax)) {
    const text = unpack(place)?.toString('latin1') ?? ''
    const first = Number(/\/First\s+(\d+)/.exec(file.toString('latin1', place.at, place.data))?.[1] ?? 0)
    const heads = text.slice(0, first).trim().split(/\s+/).map(Number)
    for (let index = 0; index + 1 < heads.length && packed.size < objectsMax; index += 2) {
      const from = first + heads[index + 1]!
      const next = heads[index + 3]
      packed.set(heads[index]!, { text: text.slice(from, next === undefined ? undefined : first + next), at: place.at })
    }
  }
  return packed
}
