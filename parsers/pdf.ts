/**
 * PDF to a Document: pages as PDFium draws them, laid out by their ruling lines. See parsers/pdf for how a page is read
 * and parsers/layout for how tables are found on it.
 */
import type { Document, Notice } from './document.ts'
import { damaged, ParseFailure } from './failure.ts'
import type { Page } from './layout/page.ts'
import { type Layout, layOutPages } from './layout/pages.ts'
import { enforceLimit } from './limits.ts'
import { openPdf, type PageSize, type PdfDocument } from './pdf/pages.ts'
import { readPdfAgain } from './pdf/second.ts'
import type { FindEngine } from './scan/engine.ts'
import { type ReadPage, readPage } from './scan/page.ts'
import { blocksOf } from './scan/picture.ts'

/** A page with so few characters on a picture that covers this part of it is a scan. */
const scanGlyphsMax = 20
const scanPart = 0.5

/**
 * The document of some PDF bytes. Where every page is a scan, the pages are read as pictures by the engine that `find`
 * gives; where only some are, a notice says so.
 * @throws LimitError, EngineFailure, ParseFailure `damaged`, `encrypted`, `picture_without_engine`
 */
export async function parsePdf(
  bytes: Uint8Array,
  _charsets: readonly string[] = [],
  find?: FindEngine,
): Promise<Document> {
  const pdf = await openPdf(bytes)
  try {
    const scans: PageSize[] = []
    const laid = layOutPages(readPages(pdf, scans))
    const wholly = scans.length > 0 && scans.length === pdf.pageCount
    const { blocks, notices } = wholly ? await readScans(pdf, scans, find) : laid
    const told: Notice[] = [...notices]
    if (!wholly && scans.length > 0) {
      const [{ number }] = scans as [PageSize]
      const anchor = { path: `page[${number}]`, page: number, box: null }
      told.push({ code: 'image_in_place_of_text', anchor, data: { count: scans.length } })
    }
    return {
      format: 'pdf',
      mediaType: 'application/pdf',
      engine: 'pdfium',
      encoding: null,
      title: pdf.metadata.find(({ name }) => name === 'Title')?.value ?? null,
      metadata: pdf.metadata,
      blocks,
      notices: told,
    }
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
  const scans = pages.filter(isScan)
  const told: Notice[] = [...notices]
  if (scans.length > 0) {
    const number = scans[0]!.number
    const anchor = { path: `page[${number}]`, page: number, box: null }
    told.push({ code: 'image_in_place_of_text', anchor, data: { count: scans.length } })
  }
  return {
    format: 'pdf',
    mediaType: 'application/pdf',
    engine: 'pdf-parse',
    encoding: null,
    title: metadata.find(({ name }) => name === 'Title')?.value ?? null,
    metadata,
    blocks,
    notices: told,
  }
}

function isScan({ glyphs, pictures, width, height }: Page): boolean {
  if (glyphs.length > scanGlyphsMax) return false
  return pictures.some((picture) => picture.width * picture.height > scanPart * width * height)
}

async function readScans(pdf: PdfDocument, pages: readonly PageSize[], find?: FindEngine): Promise<Layout> {
  const engine = (await find?.()) ?? null
  if (engine === null) throw new ParseFailure('picture_without_engine', { kind: 'pdf' })
  enforceLimit('picturesReadMax', pages.length)
  const notices: Notice[] = [{ code: 'read_from_picture', anchor: null, data: {} }]
  const read: ReadPage[] = []
  for (const page of pages) {
    const { bitmap, dpi } = pdf.picture(page)
    read.push(await readPage(bitmap, dpi, page.number, engine))
  }
  return { blocks: blocksOf(read, notices), notices }
}

/** The pages one at a time, since all glyphs of a long document are many; `scans` gets those that are scans. */
function* readPages(pdf: PdfDocument, scans: PageSize[]): Generator<Page> {
  for (let index = 0; index < pdf.pageCount; index++) {
    const page = pdf.page(index)
    if (page === null) throw damaged(`page ${index + 1}`)
    if (isScan(page)) scans.push({ number: page.number, width: page.width, height: page.height })
    yield page
  }
}
