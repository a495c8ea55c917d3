/**
 * Takes bytes and the charsets that something declared about them, gives text. Bytes are believed before declarations:
 * a byte order mark, then valid UTF-8, then whichever encoding makes the bytes read as Chinese. Declarations only break
 * ties, because portals often send one charset in the header, another in the page, and a third in fact.
 */
import { isAscii, isUtf8, transcode } from 'node:buffer'
import iconv from 'iconv-lite'
import type { Notice } from './document.ts'
import { damaged, ParseFailure } from './failure.ts'

/** What the bytes were read as: `encoding` is a WHATWG name (lower case), or iconv-lite's where WHATWG has none. */
export type Decoded = { readonly text: string; readonly encoding: string; readonly notices: Notice[] }

const sampleBytes = 16 * 1024
/** Above this share of characters that could not be decoded, bytes are no text. */
const noiseShare = 0.3

/**
 * The characters most frequent in Chinese prose and in the reports' own vocabulary, simplified and traditional: about
 * half of any real text, under a twentieth of text decoded wrongly.
 */
const frequent = tableOf(
  '的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运' +
    '章废止现行有效件数规范性许可处罚强制收费单位元申请人自然商业企科研机构社会益组织律服务其他总计结转度办理予以部分区属于秘密禁止危及稳保护第三方合权益类事项程执案卷查询供掌握需另补正仍明确信访举报投诉重复求版物由量批认获逾期缴纳维持纠错尚未审复议诉讼起直接' +
    '這個們來為國會說時對發後過還進從實軍無與長機關點業將兩間問應戰頭體見產話代內給門員論處義幾認條氣題變東聲兒電數報結決總統區隊場計資紀許務師觀讓識帶導爭運規範圍補訴訟審議複請開類項權組織單費廢現執辦轉護獲繳納維錯經學動當種樣個麼' +
    '，。、；：“”（）《》〔〕！？０１２３４５６７８９％－—…　',
)

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(0x10000)
  for (let index = 0; index < characters.length; index++) table[characters.charCodeAt(index)] = 1
  return table
}

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
  const text = encoding === 'utf-8' && isUtf8(bytes) ? decodeUtf8(bytes) : decodeAs(encoding, bytes)
  const notices: Notice[] = []
  const stated = names[0]
  // A UTF-16 or UTF-8 mark contradicts nothing where the text itself is plain ASCII.
  if (stated !== undefined && stated !== encoding && !isAscii(bytes)) {
    notices.push({ code: 'encoding_differs_from_declared', anchor: null, data: { declared: stated, used: encoding } })
  }
  const count = countReplacements(text)
  if (count > text.length * noiseShare) throw new ParseFailure('binary_noise')
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

/** True for bytes that are UTF-16 text: marked as such, or reading as text in it and in nothing narrower. */
export function looksUtf16(bytes: Uint8Array): boolean {
  const encoding = markOf(bytes)?.encoding
  if (encoding !== undefined) return encoding.startsWith('utf-16')
  // A run of ASCII is none of two-byte characters.
  if (bytes.length >= 64 && isAscii(bytes.subarray(0, 64)) && !bytes.subarray(0, 64).includes(0)) return false
  const sample = bytes.subarray(0, evenLength(bytes, 4096))
  if (sample.length < 2) return false
  return Math.max(plausibility(decodeAs('utf-16le', sample)), plausibility(decodeAs('utf-16be', sample))) > 0.6
}

function pick(bytes: Uint8Array, declared: readonly string[]): string {
  const mark = markOf(bytes)
  // A mark in front of bytes of another encoding happens where an editor saved over them: it is believed if they fit.
  if (mark !== null && (mark.encoding !== 'utf-8' || isUtf8(bytes))) return mark.encoding
  const zero = bytes.subarray(0, sampleBytes).includes(0)
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

function mostPlausible(bytes: Uint8Array, declared: readonly string[]): string {
  const sample = bytes.subarray(0, evenLength(bytes, sampleBytes))
  const [stated] = declared
  if (stated !== undefined && plausibility(decodeAs(stated, sample)) > plausibleMin && decodesWholly(stated, bytes)) {
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

/**
 * How much a decoded text looks like one, about -5 to 1: the share of frequent characters among all that are not ASCII,
 * less the share of those that no report contains.
 */
function plausibility(text: string): number {
  let wide = 0
  let good = 0
  let bad = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x7f) {
      if (code < 0x20 && code !== 9 && code !== 10 && code !== 13 && code !== 12) bad++
      continue
    }
    wide++
    if (isImplausible(code)) bad++
    else if (frequent[code] === 1) good++
    // Accented letters are a text of their own, where they are few among ASCII.
    else if (code >= 0xa0 && code < 0x180) good += 0.3
  }
  if (wide === 0) return bad === 0 ? 1 : -(5 * bad) / text.length
  return good / wide - (5 * bad) / (wide + bad)
}

/** Replacement character, controls, private use, Hangul, surrogates, rare ideographs, half-width kana. */
function isImplausible(code: number): boolean {
  return (
    code < 0xa0 ||
    (code >= 0x0590 && code < 0x2000) ||
    (code >= 0x3400 && code < 0x4dc0) ||
    (code >= 0xa000 && code < 0xf900) ||
    (code >= 0xff61 && code < 0xffa0) ||
    code >= 0xfff0
  )
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

function decodeAs(encoding: string, bytes: Uint8Array): string {
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

function evenLength(bytes: Uint8Array, max: number): number {
  return Math.min(bytes.length, max) & ~1
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
