/**
 * PDF to a Document: pages as PDFium draws them, laid out by their ruling lines, scans and pictures of tables read in their
 * place. See parsers/pdf for how a page is read and parsers/layout for how tables are found on it.
 */
import type { Document, Metadatum, Notice } from './document.ts'
import type { Page } from './layout/page.ts'
import { joinPages, type LaidPage, type Layout, layOutPage } from './layout/pages.ts'
import { openPdf } from './pdf/pages.ts'
import { readPdfAgain } from './pdf/second.ts'
import { readStructure } from './pdf/structure.ts'
import { isScan, isWordless, largePictures, stripedPictures } from './scan/drawn.ts'
import type { FindEngine } from './scan/engine.ts'
import { pagesMissing, readDrawnPages, scansNotRead, topsOf } from './scan/pages.ts'

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
  try {
    const { engine, ...layout } = await readDrawnPages({ kind: 'pdf', ...pdf }, find)
    const notices = withStructure([...pdf.notices, ...layout.notices], bytes, pdf.pageCount)
    return documentOf(engine === null ? 'pdfium' : `pdfium, ${engine}`, pdf.metadata, { ...layout, notices })
  } finally {
    pdf.close()
  }
}

/**
 * The document of the same bytes as pdf-parse reads them; scanned pages are told and not read.
 * @throws LimitError, ParseFailure `damaged`, `encrypted`
 */
export async function parsePdfAgain(bytes: Uint8Array): Promise<Document> {
  const { pages, pageCount, metadata, notices: told } = await readPdfAgain(bytes)
  const notices: Notice[] = [...told]
  const laid = pages.map((page): LaidPage => {
    return {
      ...layOutPage(page, notices),
      unread: isPicture(page) ? [] : topsOf(page, [...largePictures(page), ...stripedPictures(page)]),
    }
  })
  const layout = joinPages(laid, notices)
  const scans = pages.filter(isPicture).map(({ number }) => number)
  if (scans.length > 0) notices.push(scansNotRead(scans))
  if (pages.length < pageCount) notices.push(pagesMissing(pageCount - pages.length))
  return documentOf('pdf-parse', metadata, { ...layout, notices: withStructure(notices, bytes, pageCount) })
}

/** The notices, and what is amiss with the file around so many pages that a reader counts. */
function withStructure(notices: readonly Notice[], bytes: Uint8Array, pageCount: number): Notice[] {
  const { pages, torn } = readStructure(bytes)
  const more = pages === null ? 0 : pages - pageCount
  return [
    ...notices,
    ...(more > 0 ? [pagesMissing(more)] : []),
    ...(torn > 0 ? [{ code: 'contents_torn' as const, anchor: null, data: { count: torn } }] : []),
  ]
}

/** Whether a page has to be read as a picture. */
function isPicture(page: Page): boolean {
  return isScan(page) || isWordless(page)
}

function documentOf(engine: string, metadata: readonly Metadatum[], layout: Layout): Document {
  return {
    format: 'pdf',
    mediaType: 'application/pdf',
    engine,
    encoding: null,
    title: metadata.find(({ name }) => name === 'Title')?.value ?? null,
    metadata,
    ...layout,
  }
}
