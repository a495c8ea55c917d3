/**
 * Whether a PDF has holes: both readers give what they could get of a broken file without a word, so that a page whose end
 * is lost, or whose font is, reads as one with blank cells. Looked for are packed streams that cannot be unpacked, those of
 * pictures left out, runs of zeros between the streams, which no program writes outside of strings and broken downloads
 * have, and a revision that was cut off, without which both readers may show the figures of the one before.
 */
import { inflateSync } from 'node:zlib'

/** Bytes before a stream in which its dictionary is looked for. */
const dictionaryMax = 600
/** No page is drawn by so much; what is more is left to the readers and their limits. */
const unpackedMax = 16 * 1024 * 1024
/** Most streams have room in a piece of so many times their size, and small ones need no larger one. */
const pieceTimes = 8
const [pieceMin, pieceMax] = [1024, 1024 * 1024]
const hole = Buffer.alloc(4)
/** Nothing packed holds so many zeros. */
const packedHole = Buffer.alloc(16)

/**
 * How many parts of the file are broken: fonts, without which characters may be missing, and others, without which
 * anything may be missing or cut off. Streams that are encrypted are not looked into.
 */
export type Damage = { readonly fonts: number; readonly others: number }

const endMark = '%%EOF'

/** Whether a later revision of the file begins and does not end: what it replaces may be all that is read. */
export function endsInRevision(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const end = file.lastIndexOf(endMark)
  if (end < 0) return false
  return /(?:^|[\r\n])\d+ \d+ obj\b/.test(file.toString('latin1', end + endMark.length))
}

/** What is broken in a file. */
export function findDamage(bytes: Uint8Array): Damage {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  // Zeros before and after the document are harmless.
  const end = file.lastIndexOf(endMark)
  const damage = { fonts: 0, others: 0 }
  let encrypted: boolean | null = null
  let from = Math.max(0, file.indexOf('%PDF-'))
  for (let at = file.indexOf('stream', from); at >= 0; at = file.indexOf('stream', from)) {
    if (hasHole(file.subarray(from, at))) damage.others++
    const streamEnd = file.indexOf('endstream', at + 'stream'.length)
    if (streamEnd < 0) return { ...damage, others: damage.others + 1 }
    from = streamEnd + 'endstream'.length
    const dictionary = dictionaryOf(file, at)
    if (isPacked(dictionary) && isBroken(file.subarray(dataStart(file, at), streamEnd))) {
      // Looked for only now, since that takes a look at the whole file.
      encrypted ??= file.includes('/Encrypt')
      if (encrypted) continue
      if (isFont(dictionary)) damage.fonts++
      else damage.others++
    }
  }
  if (hasHole(file.subarray(from, Math.max(from, end)))) damage.others++
  return damage
}

/** Whether there are zeros outside of strings, which hold whatever their writers put there: keys, tables of colours. */
function hasHole(between: Buffer): boolean {
  if (!between.includes(hole)) return false
  let depth = 0
  for (let at = 0; at < between.length; at++) {
    const byte = between[at]!
    if (depth > 0 && byte === backslash) at++
    else if (byte === opening) depth++
    else if (byte === closing) depth = Math.max(0, depth - 1)
    else if (byte === 0 && depth === 0 && between.subarray(at, at + hole.length).equals(hole)) return true
  }
  // A string that does not end was overwritten.
  return depth > 0
}

const [opening, closing, backslash] = [0x28, 0x29, 0x5c]

function dictionaryOf(file: Buffer, at: number): string {
  const before = file.toString('latin1', Math.max(0, at - dictionaryMax), at)
  return before.slice(before.lastIndexOf(' obj') + 1)
}

function isFont(dictionary: string): boolean {
  return /\/Length[123]\b|\/Subtype\s*\/(?:CIDFontType0C|Type1C|OpenType)\b/.test(dictionary)
}

function isPacked(dictionary: string): boolean {
  if (!/\/Filter\s*(?:\/FlateDecode|\[\s*\/FlateDecode\s*\])/.test(dictionary)) return false
  return !/\/Subtype\s*\/Image\b/.test(dictionary)
}

/** The keyword ends with a line break (ISO 32000-1, 7.3.8.1). */
function dataStart(file: Buffer, at: number): number {
  let start = at + 'stream'.length
  if (file[start] === 0x0d) start++
  if (file[start] === 0x0a) start++
  return start
}

/** Data that cannot be right; of those that only end too soon, as some producers write them, those with a hole. */
function isBroken(data: Buffer): boolean {
  try {
    const chunkSize = Math.min(pieceMax, Math.max(pieceMin, pieceTimes * data.length))
    inflateSync(data, { maxOutputLength: unpackedMax, chunkSize })
    return false
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    return code === 'Z_DATA_ERROR' || (code === 'Z_BUF_ERROR' && data.includes(packedHole))
  }
}
