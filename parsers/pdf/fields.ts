/**
 * What a page shows in fields of a form and in text typed on it, which are no part of its content: takes an open page, puts
 * what they look like into its drawing, so that figures filled in are read like printed ones. Other annotations are remarks.
 */
import { attachedName } from './attachments.ts'
import type { Pdfium, Pointer } from './engine.ts'
import type { Edges } from './frame.ts'

/** Subtypes of annotations in fpdf_annot.h. */
const subtype = { freeText: 3, fileAttachment: 17, widget: 20 } as const
/** Flags of ISO 32000-1, table 165: Hidden and NoView. */
export const unseenFlags = 0x22
const normalAppearance = 0
const annotationsMax = 5_000

/** Remarks that are drawn over what is printed, hiding it or not, and those that cross it out. */
const hidingTypes: ReadonlySet<number> = new Set([5, 6, 7, 13, 14])
const crossingTypes: ReadonlySet<number> = new Set([4, 8, 12, 15, 28])

/** What is on a page besides its content; places in its own space. */
export type Added = {
  /** Fields that hold something and do not say what it looks like. */
  readonly blind: Edges[]
  /** Remarks over what is printed that may hide it, and that cross it out. */
  readonly hiding: Edges[]
  readonly crossing: Edges[]
  /** Names of attached files. */
  readonly files: string[]
}

/** Draws fields and typed text on the page, and tells what is on it besides. */
export function drawFields(pdfium: Pdfium, page: Pointer): Added {
  const { api } = pdfium
  const added: Added = { blind: [], hiding: [], crossing: [], files: [] }
  // Those that are drawn are annotations no longer.
  for (let index = Math.min(annotationsMax, api.FPDFPage_GetAnnotCount(page)) - 1; index >= 0; index--) {
    const annotation = api.FPDFPage_GetAnnot(page, index)
    if (annotation === 0) continue
    const kind = api.FPDFAnnot_GetSubtype(annotation)
    if (kind === subtype.fileAttachment)
      added.files.unshift(attachedName(pdfium, api.FPDFAnnot_GetFileAttachment(annotation)))
    if ((api.FPDFAnnot_GetFlags(annotation) & unseenFlags) === 0) {
      if (hidingTypes.has(kind)) added.hiding.push(placeOf(pdfium, annotation))
      if (crossingTypes.has(kind)) added.crossing.push(placeOf(pdfium, annotation))
      if (kind === subtype.freeText || kind === subtype.widget) {
        if (api.EPDFAnnot_HasAppearanceStream(annotation, normalAppearance)) api.EPDFAnnot_Flatten(page, annotation)
        else if (hasValue(pdfium, annotation, kind)) added.blind.push(placeOf(pdfium, annotation))
      }
    }
    api.FPDFPage_CloseAnnot(annotation)
  }
  return added
}

function hasValue(pdfium: Pdfium, annotation: Pointer, kind: number): boolean {
  const { api, scratch } = pdfium
  pdfium.bytes().set(Buffer.from(kind === subtype.widget ? 'V\0' : 'Contents\0', 'latin1'), scratch)
  // Its end alone takes two bytes.
  return api.FPDFAnnot_GetStringValue(annotation, scratch, 0, 0) > 2
}

function placeOf({ api, scratch, floats }: Pdfium, annotation: Pointer): Edges {
  api.FPDFAnnot_GetRect(annotation, scratch)
  const [left, top, right, bottom] = floats().subarray(scratch >> 2, (scratch >> 2) + 4) as unknown as number[]
  return { left: left!, bottom: bottom!, right: right!, top: top! }
}
