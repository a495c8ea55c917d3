/**
 * Bytes to a Document: finds the kind from the bytes, hands them to the one parser for it, and turns everything that a
 * parser throws into a failure with a reason. Nothing that bytes hold makes `parse` throw.
 */
import { detectKind, type Kind } from './detect.ts'
import type { Document, Hints, ParseResult } from './document.ts'
import { parseDocx } from './docx.ts'
import { declaredCharsets, decodeText } from './encoding.ts'
import { ParseFailure } from './failure.ts'
import { parseHtml } from './html.ts'
import { LimitError, limits } from './limits.ts'
import { EngineFailure, type FindEngine } from './scan/engine.ts'
import { isPicture, parsePicture } from './scan/picture.ts'
import { parseText } from './text.ts'

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
]

const mediaTypes: Partial<Record<Kind, string>> = {
  pdf: 'application/pdf',
  doc: 'application/msword',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  png: 'image/png',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  tiff: 'image/tiff',
  webp: 'image/webp',
  zip: 'application/zip',
  rtf: 'application/rtf',
}

/** The document of some bytes, or why there is none. `hints` break ties, never more. */
export async function parse(bytes: Uint8Array, hints: Hints = {}): Promise<ParseResult> {
  const kind = bytes.length > limits.documentBytesMax ? 'binary' : detectKind(bytes)
  const parser = parsers.find((one) => one.kind === kind)
  const mediaType = parser?.mediaType ?? mediaTypes[kind] ?? 'application/octet-stream'
  const fail = (failure: ParseFailure): ParseResult => ({
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
    if (parser === undefined) return fail(new ParseFailure('unsupported_format', { kind }))
    const charsets = hints.charset === undefined ? [] : [hints.charset]
    return { ok: true, document: await parser.parse(bytes, charsets, hints.ocr) }
  } catch (error) {
    if (error instanceof ParseFailure) return fail(error)
    if (error instanceof EngineFailure) return fail(new ParseFailure('engine_failed', { detail: error.message }))
    if (error instanceof LimitError) {
      return fail(new ParseFailure('limit_exceeded', { limit: error.limit, max: limits[error.limit] }))
    }
    return fail(
      new ParseFailure('damaged', { detail: error instanceof Error ? error.message.slice(0, 200) : String(error) }),
    )
  }
}

function readText(bytes: Uint8Array, charsets: readonly string[]): Document {
  const { text, encoding, notices } = decodeText(bytes, [...charsets, ...declaredCharsets(bytes)])
  const parts = parseText(text)
  return {
    format: 'text',
    mediaType: 'text/plain',
    engine: 'gouji',
    encoding,
    ...parts,
    notices: [...notices, ...parts.notices],
  }
}
