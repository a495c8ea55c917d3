/**
 * Text that a program took for another encoding and saved again: takes the text as it was decoded, gives what it was, or
 * null. Characters are turned back into the bytes that they were taken for, and these are read as what they are. What the
 * program could not decode stays lost and becomes U+FFFD. UTF-7 and HZ, which hide characters in ASCII, are read here too.
 */
import { isUtf8 } from 'node:buffer'
import iconv from 'iconv-lite'
import { plausibility, tellingPart } from './plausible.ts'

/** `takenFor` and `used` are names of encodings. */
export type Mended = { readonly text: string; readonly takenFor: string; readonly used: string }

/** Text with so few frequent characters among those that are not ASCII was not decoded rightly. */
const strangeMax = 0.2
/** What it was must be as plain as text read rightly. */
const mendedMin = 0.4
/** More of them lost, and nothing can be said of the text. */
const lostShareMax = 0.3

const notAscii = /[^\0-~]/

/**
 * What a text was before it was decoded wrongly and saved; null for text that reads as it is, or as nothing for certain.
 * `part` is what tells of it how it was decoded: some of its characters.
 */
export function mendRecoded(text: string, part: string): Mended | null {
  if (!notAscii.test(text)) return readAscii(text)
  const before = plausibility(part)
  const western = westernBytes(part) === null ? null : westernBytes(text)
  if (western !== null) {
    if (isUtf8(western) || text.includes('\ufffd')) {
      return accepted(new TextDecoder().decode(western), before, 'windows-1252', 'utf-8')
    }
    for (const used of ['gb18030', 'big5'] as const) {
      const found = accepted(decodeWholly(western, used), before, 'windows-1252', used)
      if (found !== null) return found
    }
    return null
  }
  if (before > strangeMax) return null
  const national = iconv.encode(text.replaceAll('\ufffd', '?'), 'gb18030')
  const found = accepted(new TextDecoder().decode(national), before, 'gb18030', 'utf-8')
  if (found !== null || text.includes('\ufffd')) return found
  const other = accepted(decodeWholly(national, 'big5'), before, 'gb18030', 'big5')
  if (other !== null) return other
  const taiwanese = iconv.encode(text, 'big5')
  // What the charset does not have is written as a question mark.
  const isWhole = taiwanese.filter((byte) => byte === 0x3f).length === text.split('?').length - 1
  return isWhole ? accepted(decodeWholly(taiwanese, 'gb18030'), before, 'big5', 'gb18030') : null
}

function accepted(text: string | null, before: number, takenFor: string, used: string): Mended | null {
  if (text === null) return null
  let lost = 0
  let wide = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) wide++
    if (code === 0xfffd) lost++
  }
  if (lost > wide * lostShareMax) return null
  const after = plausibility(tellingPart(text).replaceAll('\ufffd', ''))
  return after > Math.max(mendedMin, before + strangeMax) ? { text, takenFor, used } : null
}

function decodeWholly(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/**
 * Bytes of characters of Windows-1252, with those that it leaves out as in Latin-1, and one that is in no text for what is
 * lost; null where there are others.
 */
function westernBytes(text: string): Buffer | null {
  const bytes = Buffer.alloc(text.length)
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const byte = code < 0x100 ? code : code === 0xfffd ? 0xff : windows.get(code)
    if (byte === undefined) return null
    bytes[index] = byte
  }
  return bytes
}

/** Characters that Windows-1252 has in place of controls, with their bytes. */
const windows: ReadonlyMap<number, number> = new Map(
  Array.from({ length: 32 }, (_, index) => [
    new TextDecoder('windows-1252').decode(Uint8Array.of(0x80 + index)).charCodeAt(0),
    0x80 + index,
  ]),
)

const hidden = /~\{(?:[!-w][!-~]){1,400}~\}/g
const shifted = /\+[A-Za-z0-9+/]{3,}-?/

/** ASCII in which UTF-7 or HZ hides Chinese. */
function readAscii(text: string): Mended | null {
  if (text.includes('~{')) {
    const plain = text.replace(hidden, (run) => {
      const bytes = Buffer.from(run.slice(2, -2), 'latin1').map((byte) => byte | 0x80)
      return new TextDecoder('gb18030').decode(bytes)
    })
    const isPlain = notAscii.test(plain) && plausibility(tellingPart(plain)) > mendedMin
    return isPlain
      ? { text: plain.replaceAll('~~', '~').replaceAll('~\n', ''), takenFor: 'ascii', used: 'hz-gb-2312' }
      : null
  }
  if (!shifted.test(text)) return null
  const plain = iconv.decode(Buffer.from(text, 'latin1'), 'utf-7')
  const isPlain = notAscii.test(plain) && plausibility(tellingPart(plain)) > mendedMin
  return isPlain ? { text: plain, takenFor: 'ascii', used: 'utf-7' } : null
}
