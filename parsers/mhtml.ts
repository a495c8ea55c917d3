/**
 * MHTML (a web page saved as one file by a browser, by Word or Excel) to a Document: finds the part that is the page itself,
 * takes its transfer encoding off and hands its bytes to the parser of HTML; where that is frames, the pages in them. Only what such files use of MIME (RFC 2045,
 * 2046, 2557) is read: header lines, boundaries, quoted-printable and base64.
 */
import type { Block, Document, Notice } from './document.ts'
import { declaredCharsets, decodeText } from './encoding.ts'
import { damaged } from './failure.ts'
import { type FramedPage, framedPages, isFrameset, resolved } from './framepages.ts'
import { parseHtml } from './html.ts'
import { anchoredIn, frameNumbersIn, markFrames, marksAll, withInner } from './innerframes.ts'
import { enforceLimit } from './limits.ts'
import type { Brought } from './linkedsheets.ts'
import type { FindEngine } from './scan/engine.ts'
import { sheetNameParagraph } from './sheetname.ts'
import { sheetNames } from './worksheet.ts'

/** Header fields by their names in lower case, and the bytes behind them up to the next boundary. */
type Part = { readonly fields: ReadonlyMap<string, string>; readonly body: Buffer }

const headerBytesMax = 64 * 1024
const nestingMax = 8

/**
 * The document of the page in some MHTML bytes.
 * @throws LimitError; ParseFailure `damaged` where the page is missing or cut off, `binary_noise`
 */
export async function parseMhtml(bytes: Uint8Array, hinted: readonly string[], ocr?: FindEngine): Promise<Document> {
  const whole = readPart(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
  const page = findPage(whole, 0)
  if (page === null) throw damaged('no page in the archive')
  const taken = new Set<number>()
  const read = (part: Part): Promise<Document> => readPage({ whole, hinted, ocr, taken }, part)
  const text = textOf(page, hinted)
  const document = isFrameset(text) ? await readFrames(whole, page, hinted, read) : null
  return { ...(document ?? (await read(page))), format: 'mhtml', mediaType: 'multipart/related' }
}

/** What pages are read with, and where the bodies begin of those that were: a page shows no other twice, nor itself. */
type Reading = {
  readonly whole: Part
  readonly hinted: readonly string[]
  readonly ocr: FindEngine | undefined
  readonly taken: Set<number>
}

/** A page with what it shows in frames between its other contents, as far as that came along. */
async function readPage(reading: Reading, page: Part): Promise<Document> {
  const { whole, hinted, ocr, taken } = reading
  taken.add(page.body.byteOffset)
  enforceLimit('sheetsMax', taken.size)
  const bytes = decodeBody(page)
  const brought = broughtWith(whole, page)
  const plain = (): Promise<Document> => parseHtml(bytes, charsetsOf(page, hinted), ocr, brought)
  const pages = otherPages(whole, page, taken)
  if (pages.size === 0) return plain()
  const { text, encoding, notices } = decodeText(bytes, [...charsetsOf(page, hinted), ...declaredCharsets(bytes)])
  const base = page.fields.get('content-location') ?? ''
  const find = (source: string): Part | null => pages.get(source) ?? pages.get(resolved(source, base)) ?? null
  let marked = markFrames(text, find)
  const parse = (): Promise<Document> => parseHtml(Buffer.from(marked.text), ['utf-8'], ocr, brought)
  let document = marked.frames.size === 0 ? null : await parse()
  if (document !== null && !marksAll(document, marked)) {
    marked = markFrames(text, find, frameNumbersIn(document))
    document = marked.frames.size === 0 ? null : await parse()
  }
  if (document === null || !marksAll(document, marked)) return plain()
  const inner = new Map<number, Document>()
  for (const [number, part] of marked.frames) {
    if (!taken.has(part.body.byteOffset)) inner.set(number, await readPage(reading, part))
  }
  return withInner({ ...document, encoding, notices: [...notices, ...document.notices] }, inner)
}

/** The pages of the archive but for one and those that were taken, by all addresses that they have. */
function otherPages(whole: Part, page: Part, taken: ReadonlySet<number>): Map<string, Part> {
  const base = page.fields.get('content-location') ?? ''
  const found = new Map<string, Part>()
  for (const part of pagesIn(whole, 0)) {
    if (taken.has(part.body.byteOffset)) continue
    const location = part.fields.get('content-location')
    const id = contentIdOf(part)
    if (location !== undefined) found.set(resolved(location, base), part)
    if (id !== null) found.set(`cid:${id}`, part)
  }
  return found
}

/** What the page says of itself comes after what its part says, as with a header of HTTP. */
function charsetsOf(page: Part, hinted: readonly string[]): readonly string[] {
  const charset = parameterOf(page.fields.get('content-type') ?? '', 'charset')
  return charset === null ? hinted : [charset, ...hinted]
}

function textOf(page: Part, hinted: readonly string[]): string {
  const bytes = decodeBody(page)
  return decodeText(bytes, [...charsetsOf(page, hinted), ...declaredCharsets(bytes)]).text
}

/** The pages in the frames of a page as one document; null where the archive has none of them. */
async function readFrames(
  whole: Part,
  frames: Part,
  hinted: readonly string[],
  read: (part: Part) => Promise<Document>,
): Promise<Document | null> {
  const base = frames.fields.get('content-location') ?? ''
  const parts = new Map<string, Part>()
  for (const part of pagesIn(whole, 0)) {
    const location = part.fields.get('content-location')
    if (location !== undefined && location !== base) parts.set(resolved(location, base), part)
  }
  enforceLimit('sheetsMax', parts.size)
  const pages = framedPages(
    { address: base, text: textOf(frames, hinted) },
    [...parts].map(([address, part]) => ({ address, text: textOf(part, hinted) })),
  )
  if (pages.length === 0) return null
  const documents: Document[] = []
  for (const { address } of pages) documents.push(await read(parts.get(address)!))
  return joined(documents, pages)
}

/** Several documents one behind another; of those that are not shown, no more than what they say is told. */
function joined(documents: readonly Document[], pages: readonly FramedPage[]): Document {
  const blocks: Block[] = []
  const notices: Notice[] = []
  const unread: number[] = []
  const names = sheetNames(pages.map(({ name, shown }, index) => ({ name, shown, filled: hasText(documents[index]!) })))
  for (const [index, { address, name, shown }] of pages.entries()) {
    const document = documents[index]!
    const within = name ?? address.replace(/^.*\//, '')
    if (!shown) {
      const text = `${within}: ${document.blocks.map(textOfBlock).join(' ')}`.slice(0, noticeCharactersMax)
      if (hasText(document)) notices.push({ code: 'hidden_content', anchor: null, data: { text } })
      continue
    }
    if (names[index] !== null) blocks.push(sheetNameParagraph(names[index]!, within))
    unread.push(...(document.unread ?? []).map((before) => before + blocks.length))
    const anchored = anchoredIn(document, within)
    blocks.push(...anchored.blocks)
    notices.push(...anchored.notices)
    enforceLimit('blocksMax', blocks.length)
  }
  const first =
    documents[
      Math.max(
        0,
        pages.findIndex(({ shown }) => shown),
      )
    ]!
  const metadata = documents.flatMap((document, index) => (pages[index]!.shown ? document.metadata : []))
  return { ...first, metadata, blocks, unread, notices }
}

const noticeCharactersMax = 200

function textOfBlock(block: Block): string {
  return block.kind === 'paragraph' ? block.text : block.cells.map(({ text }) => text).join(' ')
}

function hasText({ blocks }: Document): boolean {
  return blocks.some((block) => textOfBlock(block).trim() !== '')
}

function readPart(bytes: Buffer): Part {
  let start = 0
  while (start < bytes.length && isSpace(bytes[start]!)) start++
  const head = bytes.subarray(start, start + headerBytesMax).toString('latin1')
  const end = /\r?\n\r?\n/.exec(head)
  if (end === null) throw damaged('header without end')
  const fields = new Map<string, string>()
  // A line that begins with white space goes on with the field before it.
  for (const line of head
    .slice(0, end.index)
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    if (colon > 0 && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim())
  }
  return { fields, body: bytes.subarray(start + end.index + end[0].length) }
}

function isSpace(byte: number): boolean {
  return (
    byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d || byte === 0xef || byte === 0xbb || byte === 0xbf
  )
}

/** A parameter of a field: `charset` in `text/html; charset="gb2312"`. */
function parameterOf(field: string, name: string): string | null {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]{1,300})"|([^\\s;"]{1,300}))`, 'i').exec(field)
  return match?.[1] ?? match?.[2] ?? null
}

/** The page: the part that the archive calls its root, or else the first that is HTML. */
function findPage(part: Part, depth: number): Part | null {
  const type = part.fields.get('content-type') ?? 'text/plain'
  if (isPage(type)) return part
  if (!/^multipart\//i.test(type) || depth > nestingMax) return null
  const parts = splitParts(part.body, parameterOf(type, 'boundary') ?? '')
  const root = parameterOf(type, 'start')
  const ordered = root === null ? parts : [...parts].sort((a, b) => rootFirst(a, root) - rootFirst(b, root))
  for (const one of ordered) {
    const page = findPage(one, depth + 1)
    if (page !== null) return page
  }
  return null
}

/** All parts that are HTML, in the file's order. */
function pagesIn(part: Part, depth: number): Part[] {
  const type = part.fields.get('content-type') ?? ''
  if (isPage(type)) return [part]
  if (!/^multipart\//i.test(type) || depth > nestingMax) return []
  return splitParts(part.body, parameterOf(type, 'boundary') ?? '').flatMap((one) => pagesIn(one, depth + 1))
}

function isPage(type: string): boolean {
  return /^text\/html\b/i.test(type) || /^application\/xhtml\+xml\b/i.test(type)
}

/** Finds the parts that are pictures or style sheets by their address, as the page writes it or as it is to be resolved. */
function broughtWith(whole: Part, page: Part): Brought {
  const found = new Map<string, Part>()
  const base = page.fields.get('content-location') ?? ''
  const collect = (part: Part, depth: number): void => {
    const type = part.fields.get('content-type') ?? ''
    if (/^multipart\//i.test(type) && depth <= nestingMax) {
      for (const one of splitParts(part.body, parameterOf(type, 'boundary') ?? '')) collect(one, depth + 1)
    } else if (/^(?:image\/|text\/css\b)/i.test(type)) {
      const location = part.fields.get('content-location')
      const id = contentIdOf(part)
      if (location !== undefined) found.set(resolved(location, base), part)
      if (id !== null) found.set(`cid:${id}`, part)
    }
  }
  collect(whole, 0)
  return (source) => {
    const part = found.get(source) ?? found.get(resolved(source, base))
    return part === undefined ? null : decodeBody(part)
  }
}

function contentIdOf({ fields }: Part): string | null {
  return /^<(.+)>$/.exec(fields.get('content-id') ?? '')?.[1] ?? null
}

function rootFirst(part: Part, root: string): number {
  return part.fields.get('content-id') === root ? 0 : 1
}

function splitParts(body: Buffer, boundary: string): Part[] {
  if (boundary === '') throw damaged('no boundary')
  const mark = Buffer.from(`--${boundary}`, 'latin1')
  const parts: Part[] = []
  let start = -1
  let closed = false
  for (let at = body.indexOf(mark); at >= 0 && !closed; at = body.indexOf(mark, at + mark.length)) {
    if (at > 0 && body[at - 1] !== 0x0a) continue
    enforceLimit('archiveEntriesMax', parts.length)
    if (start >= 0) parts.push(readPart(body.subarray(start, at)))
    closed = body[at + mark.length] === 0x2d && body[at + mark.length + 1] === 0x2d
    const line = body.indexOf(0x0a, at + mark.length)
    start = line < 0 ? body.length : line + 1
  }
  if (!closed) throw damaged('the archive is cut off')
  return parts
}

function decodeBody({ fields, body }: Part): Buffer {
  const encoding = (fields.get('content-transfer-encoding') ?? '').toLowerCase()
  if (encoding === 'base64') return Buffer.from(body.toString('latin1'), 'base64')
  return encoding === 'quoted-printable' ? decodeQuoted(body) : body
}

/** Quoted-printable: `=` and two digits are a byte, `=` at the end of a line joins it with the next. */
function decodeQuoted(body: Buffer): Buffer {
  const decoded = Buffer.alloc(body.length)
  let length = 0
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]!
    if (byte !== 0x3d) {
      decoded[length++] = byte
      continue
    }
    const [high, low] = [digitOf(body[at + 1]), digitOf(body[at + 2])]
    if (high >= 0 && low >= 0) {
      decoded[length++] = high * 16 + low
      at += 2
      continue
    }
    let end = at + 1
    while (body[end] === 0x20 || body[end] === 0x09 || body[end] === 0x0d) end++
    if (body[end] === 0x0a) at = end
    else decoded[length++] = byte
  }
  return decoded.subarray(0, length)
}

/** The value of a hexadecimal digit, -1 for any other byte. */
function digitOf(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte & 0xdf
  return letter >= 0x41 && letter <= 0x46 ? letter - 0x37 : -1
}
