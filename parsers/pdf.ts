/**
 * PDF to a Document: pages as PDFium draws them, laid out by their ruling lines. See parsers/pdf for how a page is read
 * and parsers/layout for how tables are found on it.
 */
import type { Document } from './document.ts'
import { damaged } from './failure.ts'
import type { Page } from './layout/page.ts'
import { layOutPages } from './layout/pages.ts'
import { openPdf, type PdfDocument } from './pdf/pages.ts'

/**
 * The document of some PDF bytes.
 * @throws LimitError, ParseFailure `damaged` or `encrypted`
 */
export async function parsePdf(bytes: Uint8Array): Promise<Document> {
  const pdf = await openPdf(bytes)
  try {
    const { blocks, notices } = layOutPages(readPages(pdf))
    return {
      format: 'pdf',
      mediaType: 'application/pdf',
      engine: 'pdfium',
      encoding: null,
      title: pdf.metadata.find(({ name }) => name === 'Title')?.value ?? null,
      metadata: pdf.metadata,
      blocks,
      notices,
    }
  } finally {
    pdf.close()
  }
}

function* readPages(pdf: PdfDocument): Generator<Page> {
  for (let index = 0; index < pdf.pageCount; index++) {
    const page = pdf.page(index)
    if (page === null) throw damaged(`page ${index + 1}`)
    yield page
  }
}
