/**
 * Whether a PDF has holes: both readers give what they could get of a broken file without a word, so that a page whose end
 * is lost, or whose font is, reads as one with blank cells. Looked for are packed streams that cannot be unpacked, those of
 * pictures left out, and runs of zeros between the streams, which no program writes and broken downloads have.
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

/** What is broken in a file. */
export function findDamage(bytes: Uint8Array): Damage {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  // Zeros before and after the document are harmless.
  const end = file.lastIndexOf('%%EOF')
  const damage = { fonts: 0, others: 0 }
  let encrypted: boolean | null = null
  let from = Math.max(0, file.indexOf('%PDF-'))
  for (let at = file.indexOf('stream', from); at >= 0; at = file.indexOf('stream', from)) {
    if (file.subarray(from, at).includes(hole)) damage.others++
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
  if (file.subarray(from, Math.max(from, end)).includes(hole)) damage.others++
  return damage
}

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
