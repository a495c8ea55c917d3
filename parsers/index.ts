/**
 * Bytes to a Document: finds the kind from the bytes, hands them to the one parser for it, and turns everything that a
 * parser throws into a failure with a reason. Nothing that bytes hold makes `parse` throw.
 */
import { listEntries } from './archive.ts'
import { detectKind, type Kind } from './detect.ts'
import type { Document, Hints, ParseResult } from './document.ts'
import { parseDocx } from './docx.ts'
import { declaredCharsets, decodeText } from './encoding.ts'
import { explainFailure, ParseFailure } from './failure.ts'
import { parseHtml } from './html.ts'
import { hasMarkup, isRunningText } from './islands.ts'
import { LimitError, limits } from './limits.ts'
import { withoutLongFields } from './longfield.ts'
import { parseMhtml } from './mhtml.ts'
import { parseOfd } from './ofd.ts'
import { readOle } from './ole.ts'
import { parseFlatOds, parseFlatOdt, parseOds, parseOdt } from './opendocument.ts'
import { parsePdf, parsePdfAgain } from './pdf.ts'
import { parseRtf } from './rtf.ts'
import { EngineFailure, type FindEngine } from './scan/engine.ts'
import { isPicture, parsePicture } from './scan/picture.ts'
import { parseXls, parseXlsx } from './sheet.ts'
import { parseText } from './text.ts'
import { parseWord97 } from './word97.ts'

type Parser = {
  readonly kind: Kind
  readonly mediaType: string
  parse(bytes: Uint8Array, charsets: readonly string[], ocr?: FindEngine): Document | Promise<Document>
}

const parsers: readonly Parser[] = [
  { kind: 'text', mediaType: 'text/plain', parse: readText },
  { kind: 'html', mediaType: 'text/html', parse: parseHtml },
  {
    kind: 'docx',
    mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    parse: parseDocx,
  },
  { kind: 'doc', mediaType: 'application/msword', parse: readOffice97 },
  {
    kind: 'xlsx',
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    parse: parseXlsx,
  },
  { kind: 'xls', mediaType: 'application/vnd.ms-excel', parse: readOffice97 },
  { kind: 'ole', mediaType: 'application/octet-stream', parse: readOffice97 },
  { kind: 'odt', mediaType: 'application/vnd.oasis.opendocument.text', parse: parseOdt },
  { kind: 'ods', mediaType: 'application/vnd.oasis.opendocument.spreadsheet', parse: parseOds },
  { kind: 'fodt', mediaType: 'application/vnd.oasis.opendocument.text-flat-xml', parse: parseFlatOdt },
  { kind: 'fods', mediaType: 'application/vnd.oasis.opendocument.spreadsheet-flat-xml', parse: parseFlatOds },
  { kind: 'mhtml', mediaType: 'multipart/related', parse: parseMhtml },
  { kind: 'rtf', mediaType: 'application/rtf', parse: parseRtf },
  { kind: 'pdf', mediaType: 'application/pdf', parse: parsePdf },
  { kind: 'ofd', mediaType: 'application/ofd', parse: parseOfd },
]

const mediaTypes: Partial<Record<Kind, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  tiff: 'image/tiff',
  webp: 'image/webp',
  zip: 'application/zip',
}

/** The document of some bytes, or why there is none. `hints` break ties, never more. */
export async function parse(bytes: Uint8Array, hints: Hints = {}): Promise<ParseResult> {
  const { ocr } = hints
  if (ocr === undefined) return parseKind(bytes, hints)
  let missed = false
  const find: FindEngine = async () => {
    const engine = await ocr()
    if (engine === null) missed = true
    return engine
  }
  const parsed = await parseKind(bytes, { ...hints, ocr: find })
  return missed && parsed.ok ? { ok: true, document: markWanting(parsed.document) } : parsed
}

/** Notices of what is not read; with `wants` in their data where an engine was asked for and there was none. */
const unreadPictures: ReadonlySet<string> = new Set(['scans_not_read', 'image_in_place_of_text'])

function markWanting(document: Document): Document {
  const notices = document.notices.map((notice) =>
    unreadPictures.has(notice.code) ? { ...notice, data: { ...notice.data, wants: 'ocr' } } : notice,
  )
  return { ...document, notices }
}

async function parseKind(bytes: Uint8Array, hints: Hints): Promise<ParseResult> {
  const kind = bytes.length > limits.documentBytesMax ? 'binary' : detectKind(bytes)
  const parser = parsers.find((one) => one.kind === kind)
  const mediaType = parser?.mediaType ?? mediaTypes[kind] ?? 'application/octet-stream'
  const fail = (failure: ReturnType<typeof explainFailure>): ParseResult => ({
    ok: false,
    mediaType,
    reason: failure.reason,
    data: failure.data,
  })
  try {
    if (bytes.length > limits.documentBytesMax) throw new LimitError('documentBytesMax')
    if (kind === 'empty') return fail(new ParseFailure('empty_file'))
    if (kind === 'binary') return fail(new ParseFailure('binary_noise'))
    if (kind === 'encrypted_office') return fail(new ParseFailure('encrypted'))
    if (isPicture(kind)) return { ok: true, document: await parsePicture(bytes, kind, mediaType, hints.ocr) }
    if (kind === 'rar' || kind === '7z' || kind === 'gzip')
      return fail(new ParseFailure('archive_unsupported', { kind }))
    // One that is no document is an archive of documents, or broken: then its directory says how.
    if (kind === 'zip') listEntries(bytes, 'bundleEntriesMax')
    if (parser === undefined) return fail(new ParseFailure('unsupported_format', { kind }))
    if (kind === 'pdf' && hints.pdfEngine === 'pdf-parse') return { ok: true, document: await parsePdfAgain(bytes) }
    const charsets = hints.charset === undefined ? [] : [hints.charset]
    return { ok: true, document: await parser.parse(bytes, charsets, hints.ocr) }
  } catch (error) {
    if (error instanceof EngineFailure) return fail(new ParseFailure('engine_failed', { detail: error.message }))
    return fail(explainFailure(error))
  }
}

/** Blank lines at the end of a text, in characters. */
const lineEndMax = 200

async function readText(bytes: Uint8Array, charsets: readonly string[], ocr?: FindEngine): Promise<Document> {
  const { text, encoding, notices } = decodeText(bytes, [...charsets, ...declaredCharsets(bytes)])
  if (hasMarkup(text) && isRunningText(text)) return parseHtml(bytes, charsets, ocr)
  const freed = withoutLongFields(text)
  const parts = parseText(withoutReferences(freed?.text ?? text), '', freed?.numbers ?? null)
  return {
    format: 'text',
    mediaType: 'text/plain',
    engine: 'gouji',
    encoding,
    ...parts,
    endsInLine: /[\r\n]\s*$/.test(text.slice(-lineEndMax)),
    notices: [...notices, ...parts.notices],
  }
}

const reference = /&#(?:x([\da-f]{4})|(\d{4,5}));|\\u([\da-f]{4})/gi
/** Punctuation and all that is Chinese: nothing of these parts fields or means anything in a markup. */
const referredFrom = 0x2010

/** The text with the characters that it names by their numbers, as markup and programs do. */
function withoutReferences(text: string): string {
  if (!text.includes('&#') && !text.includes('\\u')) return text
  return text.replace(reference, (name, hexadecimal?: string, decimal?: string, escaped?: string) => {
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? escaped!, 16) : Number(decimal)
    return code >= referredFrom && code < 0xfffe ? String.fromCharCode(code) : name
  })
}

/** Word and Excel files hold each other: which it is, the root of the file tells. */
function readOffice97(bytes: Uint8Array): Document {
  const streams = readOle(bytes)
  if (streams('WordDocument') !== null) return parseWord97(streams)
  if (streams('Workbook') !== null || streams('Book') !== null) return parseXls(streams)
  throw new ParseFailure('unsupported_format', { kind: 'ole' })
}
