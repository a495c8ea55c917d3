/**
 * Files that are attached to a PDF, as a whole (a portfolio is a cover with its documents attached) or to a place on a page:
 * named and not read, since each of them is a document of its own.
 */
import type { Notice } from '../document.ts'
import { pageAnchor } from '../layout/page.ts'
import { type Pdfium, type Pointer, scratchBytes } from './engine.ts'

/** Subtype of annotations in fpdf_annot.h. */
const fileAttachment = 17
const namesToldMax = 50
const annotationsMax = 5_000

/** The names of the files attached to a document. */
export function attachedToDocument(pdfium: Pdfium, document: Pointer): string[] {
  const { api } = pdfium
  const count = Math.min(namesToldMax, api.FPDFDoc_GetAttachmentCount(document))
  return Array.from({ length: Math.max(0, count) }, (_, index) =>
    nameOf(pdfium, api.FPDFDoc_GetAttachment(document, index)),
  )
}

/** The names of the files attached to places on a page. */
export function attachedToPage(pdfium: Pdfium, page: Pointer): string[] {
  const { api } = pdfium
  const names: string[] = []
  const count = Math.min(annotationsMax, api.FPDFPage_GetAnnotCount(page))
  for (let index = 0; index < count && names.length < namesToldMax; index++) {
    const annotation = api.FPDFPage_GetAnnot(page, index)
    if (annotation === 0) continue
    if (api.FPDFAnnot_GetSubtype(annotation) === fileAttachment)
      names.push(nameOf(pdfium, api.FPDFAnnot_GetFileAttachment(annotation)))
    api.FPDFPage_CloseAnnot(annotation)
  }
  return names
}

/** What to tell of attached files; `page` is the number of the page that they are attached to. */
export function attachedNotices(names: readonly string[], page: number | null = null): Notice[] {
  if (names.length === 0) return []
  const anchor = page === null ? null : pageAnchor(page)
  return [{ code: 'files_attached', anchor, data: { names: names.slice(0, namesToldMax) } }]
}

const utf16 = new TextDecoder('utf-16le')

function nameOf({ api, scratch, bytes }: Pdfium, attachment: Pointer): string {
  if (attachment === 0) return ''
  const size = Math.min(scratchBytes, api.FPDFAttachment_GetName(attachment, scratch, scratchBytes))
  return size <= 2 ? '' : utf16.decode(bytes().slice(scratch, scratch + size - 2))
}
