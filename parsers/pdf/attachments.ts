/** Names of the files attached to a PDF: to the whole (a portfolio is a cover with its documents attached) or on a page. */
import { attachedNamesMax } from '../attached.ts'
import { type Pdfium, type Pointer, scratchBytes, utf16At } from './engine.ts'

/** The names of the files attached to a document. */
export function attachedNames(pdfium: Pdfium, document: Pointer): string[] {
  const { api } = pdfium
  const count = Math.min(attachedNamesMax, api.FPDFDoc_GetAttachmentCount(document))
  return Array.from({ length: Math.max(0, count) }, (_, index) =>
    attachedName(pdfium, api.FPDFDoc_GetAttachment(document, index)),
  )
}

/** The name of an attached file; empty where it has none. */
export function attachedName(pdfium: Pdfium, attachment: Pointer): string {
  if (attachment === 0) return ''
  const { api, scratch } = pdfium
  const size = api.FPDFAttachment_GetName(attachment, scratch, scratchBytes)
  return utf16At(pdfium, scratch, Math.min(size, scratchBytes))
}
