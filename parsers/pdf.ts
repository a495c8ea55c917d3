/**
 * PDF to a Document: pages as PDFium draws them, laid out by their ruling lines; pages that are scans, and tables that
 * stand on a page as a picture, read by the engine for pictures in their place. See parsers/pdf for how a page is read and
 * parsers/layout for how tables are found on it.
 */
import type { Document, Metadatum, Notice } from './document.ts'
import { damaged, ParseFailure } from './failure.ts'
import type { Page } from './layout/page.ts'
import { addParts, joinPages, type LaidPage, type Layout, layOutPage, layOutPages } from './layout/pages.ts'
import { limits } from './limits.ts'
import { openPdf, type PdfDocument } from './pdf/pages.ts'
import { readPdfAgain } from './pdf/second.ts'
import { isScan, readRegions, readScan } from './scan/drawn.ts'
import { EngineFailure, type FindEngine, type OcrEngine } from './scan/engine.ts'
import { type FigureMemory, makeMemory } from './scan/likes.ts'
import type { PictureParts } from './scan/page.ts'

/** A document while its pages are read one after another. */
type Reader = {
  readonly pdf: PdfDocument
  readonly find: FindEngine | undefined
  readonly notices: Notice[]
  readonly memory: FigureMemory
  /** The engine's name, once it has read something. */
  engine: string | null
  /** Pages and parts of pages that were read as pictures. */
  pictures: number
  /** Pages that are scans and were not read, and why not. */
  readonly unread: number[]
  failure: EngineFailure | null
}

/** A page with what was read of its pictures, which is decided when all pages are read. */
type ReadPage = { readonly laid: LaidPage; readonly pictures: readonly PictureParts[] }

/**
 * The document of some PDF bytes. Pages that are scans are read by the engine that `find` gives; where there is none, the
 * other pages are read and a notice names those that were not.
 * @throws LimitError, ParseFailure `damaged`, `encrypted`; where every page is a scan EngineFailure, and ParseFailure
 * `picture_without_engine`
 */
export async function parsePdf(
  bytes: Uint8Array,
  _charsets: readonly string[] = [],
  find?: FindEngine,
): Promise<Document> {
  const pdf = await openPdf(bytes)
  const notices: Notice[] = []
  const state = { engine: null, pictures: 0, unread: [], failure: null }
  const reader: Reader = { pdf, find, notices, memory: makeMemory(), ...state }
  try {
    const pages: ReadPage[] = []
    // One page at a time, since all glyphs of a long document are many.
    for (let index = 0; index < pdf.pageCount; index++) {
      const page = pdf.page(index)
      if (page === null) throw damaged(`page ${index + 1}`)
      pages.push(isScan(page) ? await readScanned(reader, page) : await readDrawn(reader, page))
    }
    tellUnread(reader)
    const { blocks } = joinPages(
      pages.map(({ laid, pictures }) => pictures.reduce((page, parts) => addParts(page, parts(notices)), laid)),
      notices,
    )
    const engine = reader.engine === null ? 'pdfium' : `pdfium, ${reader.engine}`
    return documentOf(engine, pdf.metadata, { blocks, notices })
  } finally {
    pdf.close()
  }
}

/**
 * The document of the same bytes as pdf-parse reads them; scanned pages are told and not read.
 * @throws LimitError, ParseFailure `damaged`, `encrypted`
 */
export async function parsePdfAgain(bytes: Uint8Array): Promise<Document> {
  const { pages, metadata } = await readPdfAgain(bytes)
  const { blocks, notices } = layOutPages(pages)
  const scans = pages.filter(isScan).map(({ number }) => number)
  const told = scans.length === 0 ? notices : [...notices, scansNotRead(scans)]
  return documentOf('pdf-parse', metadata, { blocks, notices: told })
}

function documentOf(engine: string, metadata: readonly Metadatum[], { blocks, notices }: Layout): Document {
  return {
    format: 'pdf',
    mediaType: 'application/pdf',
    engine,
    encoding: null,
    title: metadata.find(({ name }) => name === 'Title')?.value ?? null,
    metadata,
    blocks,
    notices,
  }
}

/** Asks the engine for one more picture; null where there is none, or it fails, or it has read enough. */
async function askEngine<Read>(reader: Reader, read: (engine: OcrEngine) => Promise<Read>): Promise<Read | null> {
  const engine = (await reader.find?.()) ?? null
  if (engine === null || reader.pictures >= limits.picturesReadMax) return null
  try {
    const found = await read(engine)
    reader.pictures++
    reader.engine = engine.name
    return found
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error
    reader.failure ??= error
    return null
  }
}

/** A scanned page. What some other program made of it and hid behind the picture is nobody's word. */
async function readScanned(reader: Reader, page: Page): Promise<ReadPage> {
  const { number, height } = page
  const anchor = { path: `page[${number}]`, page: number, box: null }
  const parts = await askEngine(reader, (engine) => readScan(reader.pdf, page, reader.memory, engine))
  if (parts === null) reader.unread.push(number)
  else reader.notices.push({ code: 'read_from_picture', anchor, data: {} })
  const laid: LaidPage = { number, path: anchor.path, page: number, height, items: [], separators: [] }
  return { laid, pictures: parts === null ? [] : [parts] }
}

/** A page with text of its own; tables that it shows as pictures are read in their place. */
async function readDrawn(reader: Reader, page: Page): Promise<ReadPage> {
  const anchor = { path: `page[${page.number}]`, page: page.number, box: null }
  const pictures: PictureParts[] = []
  const regions = readRegions(reader.pdf, page)
  for (const region of regions) {
    const parts = await askEngine(reader, (engine) => region.read(reader.memory, engine))
    if (parts !== null) pictures.push(parts)
  }
  const unread = regions.length - pictures.length
  if (unread > 0) reader.notices.push({ code: 'image_in_place_of_text', anchor, data: { count: unread } })
  if (pictures.length > 0) reader.notices.push({ code: 'read_from_picture', anchor, data: {} })
  return { laid: layOutPage(page, reader.notices), pictures }
}

function tellUnread({ pdf, unread, failure, notices, pictures }: Reader): void {
  if (unread.length === 0) return
  if (unread.length === pdf.pageCount) {
    if (failure !== null) throw failure
    throw new ParseFailure('picture_without_engine', { kind: 'pdf' })
  }
  const notice = scansNotRead(unread, failure)
  const { anchor } = notice
  if (pictures >= limits.picturesReadMax) {
    const data = { limit: 'picturesReadMax', max: limits.picturesReadMax }
    notices.push({ code: 'content_truncated', anchor, data })
  }
  notices.push(notice)
}

/** Tells of pages that are scans and were not read, at the first of them. */
function scansNotRead(pages: readonly number[], failure: EngineFailure | null = null): Notice {
  const anchor = { path: `page[${pages[0]}]`, page: pages[0]!, box: null }
  const detail = failure === null ? {} : { detail: failure.message }
  return { code: 'scans_not_read', anchor, data: { pages: pages.slice(0, pagesNamedMax), ...detail } }
}

const pagesNamedMax = 50
