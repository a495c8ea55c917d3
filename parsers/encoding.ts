/**
 * Takes bytes and the charsets that something declared about them, gives text. Bytes are believed before declarations:
 * a byte order mark, then valid UTF-8, then whichever encoding makes the bytes read as Chinese. Declarations only break
 * ties, because portals often send one charset in the header, another in the page, and a third in fact.
 */
import { isAscii, isUtf8, transcode } from 'node:buffer'
import iconv from 'iconv-lite'
import type { Notice } from './document.ts'
import { damaged, ParseFailure } from './failure.ts'
import { isGibberish, plausibility, tellingPart } from './plausible.ts'
import { mendRecoded } from './recoded.ts'

/** What the bytes were read as: `encoding` is a WHATWG name (lower case), or iconv-lite's where WHATWG has none. */
export type Decoded = { readonly text: string; readonly encoding: string; readonly notices: Notice[] }

const sampleBytes = 16 * 1024
/** Above this share of characters that could not be decoded, bytes are no text. */
const noiseShare = 0.3

/** For UTF-16 without a mark and for text whose trail bytes look alike, these are tried when UTF-8 is ruled out. */
const guesses = ['gb18030', 'big5', 'utf-16le', 'utf-16be'] as const

/**
 * Decodes bytes. `declared` are charset labels by falling trust (an HTTP header, then the page's own), known or not.
 * Undecodable bytes become U+FFFD and are noticed with their count; a declaration that turned out wrong is noticed.
 * @throws ParseFailure `binary_noise` where most of it is undecodable
 */
export function decodeText(bytes: Uint8Array, declared: readonly string[]): Decoded {
  const names = declared.map(encodingName).filter((name) => name !== null)
  const encoding = pick(bytes, names)
  const plain = encoding === 'utf-8' && isUtf8(bytes) ? decodeUtf8(bytes) : decodeAs(encoding, bytes)
  const notices: Notice[] = []
  // Of text that was taken for Latin-1 and saved again, the bytes may be those of characters that nobody writes.
  const again = encoding !== 'utf-8' && isUtf8(bytes) ? decodeUtf8(bytes) : plain
  const part = tellingPart(again)
  const mended = mendRecoded(again, part)
  const text = mended?.text ?? plain
  if (mended !== null) {
    notices.push({ code: 'encoding_mended', anchor: null, data: { taken_for: mended.takenFor, used: mended.used } })
  }
  const stated = names[0]
  // A UTF-16 or UTF-8 mark contradicts nothing where the text itself is plain ASCII.
  if (stated !== undefined && stated !== encoding && !isAscii(bytes)) {
    notices.push({ code: 'encoding_differs_from_declared', anchor: null, data: { declared: stated, used: encoding } })
  }
  const count = countReplacements(text)
  const noise = count + countLost(text) > text.length * noiseShare || isMostlyLost(text, count)
  if (noise || isGibberish(text === again ? part : tellingPart(text))) throw new ParseFailure('binary_noise')
  if (count > 0) notices.push({ code: 'undecodable_characters', anchor: null, data: { count } })
  return { text, encoding, notices }
}

/**
 * The charsets a page declares in its own first 64 kB: XML declaration, `<meta charset>`, `<meta http-equiv>` content,
 * in that order. Empty for bytes that declare none.
 */
export function declaredCharsets(bytes: Uint8Array): string[] {
  const head = latin1(bytes.subarray(0, sampleBytes))
  const found: string[] = []
  const xml = /^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']?([\w.:-]{2,40})/i.exec(head)
  if (xml?.[1]) found.push(xml[1])
  for (const tag of head.matchAll(/<meta\b[^>]{0,1000}/gi)) {
    const charset = /\bcharset\s*=\s*["']?\s*([\w.:-]{2,40})/i.exec(tag[0])
    if (charset?.[1]) found.push(charset[1])
  }
  return found
}

/**
 * The encoding of bytes that are UTF-16 or UTF-32 text: marked as such, or reading as text in it and in nothing narrower;
 * null for all others.
 */
export function wideEncoding(bytes: Uint8Array): string | null {
  const encoding = markOf(bytes)?.encoding
  if (encoding !== undefined) return /^utf-(?:16|32)/.test(encoding) ? encoding : null
  // A run of ASCII is none of two-byte characters.
  if (bytes.length >= 64 && isAscii(bytes.subarray(0, 64)) && !bytes.subarray(0, 64).includes(0)) return null
  const sample = bytes.subarray(0, evenLength(bytes, 4096))
  if (sample.length < 2) return null
  const byZeros = widthByZeros(sample)
  if (byZeros?.startsWith('utf-32')) return byZeros
  if (byZeros !== null && plausibility(decodeAs(byZeros, sample)) > plausibleMin) return byZeros
  const [little, big] = [plausibility(decodeAs('utf-16le', sample)), plausibility(decodeAs('utf-16be', sample))]
  return Math.max(little, big) > 0.6 ? (little >= big ? 'utf-16le' : 'utf-16be') : null
}

/** The encoding in which zeros stand where those of a sample do, as the upper halves of ASCII; null where they tell nothing. */
function widthByZeros(sample: Uint8Array): string | null {
  const zeros = [0, 0, 0, 0]
  for (let index = 0; index < sample.length; index++) if (sample[index] === 0) zeros[index % 4]!++
  const quarter = Math.floor(sample.length / 4)
  // No character of a report lies beyond the basic plane.
  if (quarter > 2 && zeros[3] === quarter && zeros[2] === quarter && zeros[0]! < quarter) return 'utf-32le'
  if (quarter > 2 && zeros[0] === quarter && zeros[1] === quarter && zeros[3]! < quarter) return 'utf-32be'
  const [even, odd] = [zeros[0]! + zeros[2]!, zeros[1]! + zeros[3]!]
  const few = Math.min(even, odd)
  if (Math.max(even, odd) < Math.max(8, sample.length / 16) || few * 4 > even + odd) return null
  return odd > even ? 'utf-16le' : 'utf-16be'
}

function pick(bytes: Uint8Array, declared: readonly string[]): string {
  const mark = markOf(bytes)
  // A mark in front of bytes of another encoding happens where an editor saved over them: it is believed if they fit.
  if (mark !== null && (mark.encoding !== 'utf-8' || isUtf8(bytes))) return mark.encoding
  const zero = bytes.subarray(0, sampleBytes).includes(0)
  const wide = zero ? wideEncoding(bytes) : null
  if (wide !== null) return wide
  if (!zero && isAscii(bytes)) return asciiSuperset(declared)
  if (!zero && isUtf8(bytes) && !onlyShortSequences(bytes)) return 'utf-8'
  return mostPlausible(bytes, declared)
}

/** ASCII is the same in nearly all: the declared name is kept, unless ASCII bytes mean something else in it. */
function asciiSuperset(declared: readonly string[]): string {
  const name = declared[0]
  return name === undefined || /^(utf-16|utf-32|utf-7|hz|iso-2022|ucs)/.test(name) ? 'utf-8' : name
}

/** Two-byte UTF-8 sequences alone may be two-byte Chinese as well; Chinese in UTF-8 takes three. */
function onlyShortSequences(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte >= 0xe0) return false
  return true
}

/** Text read rightly is far above this, text read wrongly far below. */
const plausibleMin = 0.3

/** Encodings of single bytes, in which whatever bytes are a text. */
const anyBytes = /^(?:windows-|iso-8859-|macintosh|x-mac|x-user|koi8|ibm)/

function mostPlausible(bytes: Uint8Array, declared: readonly string[]): string {
  // ASCII tells nothing, and a page may begin with much of it.
  const start = bytes.findIndex((byte) => byte >= 0x80)
  const telling = bytes.subarray(start < 0 ? 0 : start - (start % 2))
  const sample = telling.subarray(0, evenLength(telling, sampleBytes))
  const [stated] = declared
  if (
    stated !== undefined &&
    !anyBytes.test(stated) &&
    plausibility(decodeAs(stated, sample)) > plausibleMin &&
    decodesWholly(stated, bytes)
  ) {
    return stated
  }
  let best = 'gb18030'
  let bestScore = Number.NEGATIVE_INFINITY
  for (const encoding of new Set([...declared, 'utf-8', ...guesses])) {
    const text = decodeAs(encoding, sample)
    let score = plausibility(text)
    // Worth less than any real difference: between equals the declaration wins, then what decodes throughout.
    if (declared.includes(encoding)) score += 0.05
    if (score > bestScore - 0.1 && !decodesWholly(encoding, bytes)) score -= 0.05
    if (score > bestScore) {
      best = encoding
      bestScore = score
    }
  }
  return best
}

function decodesWholly(encoding: string, bytes: Uint8Array): boolean {
  if (encoding === 'utf-8') return isUtf8(bytes)
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

function markOf(bytes: Uint8Array): { encoding: string; length: number } | null {
  const [a, b, c, d] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', length: 3 }
  if (a === 0xff && b === 0xfe && c === 0 && d === 0 && bytes.length % 4 === 0)
    return { encoding: 'utf-32le', length: 4 }
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return { encoding: 'utf-32be', length: 4 }
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', length: 2 }
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', length: 2 }
  if (a === 0x84 && b === 0x31 && c === 0x95 && d === 0x33) return { encoding: 'gb18030', length: 4 }
  return null
}

/**
 * A label as the name of the encoding to decode with, or null where nobody knows it. GB2312 and GBK are read as GB18030,
 * which contains both. What TextDecoder has, it decodes: several times faster than iconv-lite, with the 2022 characters
 * of GB18030, and with the Hong Kong extensions of Big5 where iconv-lite gives private-use characters.
 */
function encodingName(label: string): string | null {
  const plain = label.trim().toLowerCase()
  if (plain === 'cp936' || plain === 'euc-cn' || plain === 'gb18030-2022') return 'gb18030'
  if (plain === 'cp950') return 'big5'
  try {
    const name = new TextDecoder(plain).encoding
    return name === 'gbk' ? 'gb18030' : name
  } catch {
    return iconv.encodingExists(plain) ? plain : null
  }
}

/** Bytes as text, without a byte order mark; what cannot be decoded becomes U+FFFD. */
export function decodeAs(encoding: string, bytes: Uint8Array): string {
  const mark = markOf(bytes)
  const body = mark === null ? bytes : bytes.subarray(mark.length)
  try {
    return new TextDecoder(encoding, { ignoreBOM: true }).decode(body)
  } catch (error) {
    if (!(error instanceof RangeError) || !iconv.encodingExists(encoding)) throw damaged(`encoding ${encoding}`)
    return iconv.decode(Buffer.from(body.buffer, body.byteOffset, body.byteLength), encoding)
  }
}

/** Valid UTF-8 by way of UTF-16: several times faster than TextDecoder where a text is not ASCII (Node 20). */
function decodeUtf8(bytes: Uint8Array): string {
  const body = bytes.subarray(markOf(bytes)?.length ?? 0)
  return isAscii(body) ? latin1(body) : transcode(body, 'utf8', 'utf16le').toString('utf16le')
}

function countReplacements(text: string): number {
  let count = 0
  for (let at = text.indexOf('\ufffd'); at !== -1; at = text.indexOf('\ufffd', at + 1)) count++
  return count
}

/** Characters that a program without them in its charset wrote as question marks. */
function countLost(text: string): number {
  let count = 0
  if (text.includes('??')) for (const [run] of text.matchAll(/\?{2,}/g)) count += run.length
  return count
}

/** So many characters lost are no slip any more, where they are most of those that are not ASCII. */
const lostMin = 100

function isMostlyLost(text: string, lost: number): boolean {
  if (lost < lostMin) return false
  let wide = 0
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) wide++
  return lost * 2 > wide
}

function evenLength(bytes: Uint8Array, max: number): number {
  return Math.min(bytes.length, max) & ~1
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
