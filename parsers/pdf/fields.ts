/**
 * What a page shows in fields of a form, in text typed on it and in small stamps, which are no part of its content: takes an
 * open page, puts what they look like into its drawing, so that figures filled in are read like printed ones. Other annotations
 * are remarks.
 */
import { attachedName } from './attachments.ts'
import { type Pdfium, type Pointer, scratchBytes, utf16At } from './engine.ts'
import { boundsThrough, type Edges, identity, type Matrix } from './frame.ts'
import { matrixAt, matrixOf } from './paths.ts'

/** Subtypes of annotations in fpdf_annot.h. */
const subtype = { freeText: 3, stamp: 13, ink: 15, fileAttachment: 17, widget: 20 } as const
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
  /** Stamps and what was written by hand: where nothing is printed under one it may be a figure. */
  readonly put: Edges[]
  /** Names of attached files. */
  readonly files: string[]
}

/** Larger stamps, in points, are seals and stand for no figure. */
const stampSizeMax = 30

/** Whether a stamp has no more room than a figure takes, whichever way it is turned. */
export function isFigureSized({ left, bottom, right, top }: Edges): boolean {
  return Math.min(right - left, top - bottom) <= stampSizeMax
}

/** Draws fields, typed text and small stamps on the page, and tells what is on it besides. */
export function drawFields(pdfium: Pdfium, page: Pointer): Added {
  const { api } = pdfium
  const added: Added = { blind: [], hiding: [], crossing: [], put: [], files: [] }
  // Those that are drawn are annotations no longer.
  for (let index = Math.min(annotationsMax, api.FPDFPage_GetAnnotCount(page)) - 1; index >= 0; index--) {
    const annotation = api.FPDFPage_GetAnnot(page, index)
    if (annotation === 0) continue
    const kind = api.FPDFAnnot_GetSubtype(annotation)
    if (kind === subtype.fileAttachment)
      added.files.unshift(attachedName(pdfium, api.FPDFAnnot_GetFileAttachment(annotation)))
    if ((api.FPDFAnnot_GetFlags(annotation) & unseenFlags) === 0) addShown(pdfium, page, annotation, kind, added)
    api.FPDFPage_CloseAnnot(annotation)
  }
  return added
}

function addShown(pdfium: Pdfium, page: Pointer, annotation: Pointer, kind: number, added: Added): void {
  const place = placeOf(pdfium, annotation)
  if (kind === subtype.stamp || kind === subtype.ink) added.put.push(place)
  if (kind === subtype.stamp && isFigureSized(place) && draws(pdfium, page, annotation, place) === 'drawn') return
  if (hidingTypes.has(kind)) added.hiding.push(place)
  if (crossingTypes.has(kind)) added.crossing.push(place)
  if (kind !== subtype.freeText && kind !== subtype.widget) return
  const drawn = draws(pdfium, page, annotation, place)
  const isBlind =
    drawn === 'elsewhere' ||
    (drawn === 'unsaid' && heldBy(pdfium, annotation, kind) !== '') ||
    (drawn === 'nothing' && /\d/.test(heldBy(pdfium, annotation, kind)))
  if (isBlind) added.blind.push(place)
}

/**
 * What an annotation comes to that was put into the drawing: it shows at its place or elsewhere, it shows nothing, or it does not
 * say what it looks like.
 */
type Shows = 'drawn' | 'elsewhere' | 'nothing' | 'unsaid'

/** Draws what an annotation looks like. */
function draws(pdfium: Pdfium, page: Pointer, annotation: Pointer, place: Edges): Shows {
  const { api, scratch } = pdfium
  if (!api.EPDFAnnot_HasAppearanceStream(annotation, normalAppearance)) return 'unsaid'
  // Only as long as it is an annotation does it tell.
  const isMapped = api.EPDFAnnot_GetAPMatrix(annotation, normalAppearance, scratch) !== 0
  const inside = isMapped ? matrixAt(pdfium, scratch) : identity
  const count = api.FPDFPage_CountObjects(page)
  api.EPDFAnnot_Flatten(page, annotation)
  if (api.FPDFPage_CountObjects(page) <= count) return 'nothing'
  const form = api.FPDFPage_GetObject(page, count)
  if (api.FPDFFormObj_CountObjects(form) <= 0) return 'nothing'
  if (!isSame(inside, identity)) placeForm(pdfium, form, inside, place)
  return isOver(pdfium, form, place) ? 'drawn' : 'elsewhere'
}

/**
 * Puts a drawing where ISO 32000-1, 12.5.5, has it: its box, mapped as it says itself, fills its place. PDFium fills the place
 * with the box as it is, and maps what stands in it all the same.
 */
function placeForm(pdfium: Pdfium, form: Pointer, inside: Matrix, place: Edges): void {
  const [wide, , , high, right, up] = matrixOf(pdfium, form)
  if (wide === 0 || high === 0) return
  const box = {
    left: (place.left - right) / wide,
    right: (place.right - right) / wide,
    bottom: (place.bottom - up) / high,
    top: (place.top - up) / high,
  }
  const mapped = boundsThrough(inside, box)
  const [across, along] = [mapped.right - mapped.left, mapped.top - mapped.bottom]
  if (across === 0 || along === 0) return
  const [a, d] = [(place.right - place.left) / across, (place.top - place.bottom) / along]
  const { api, scratch } = pdfium
  const fitted = [a, 0, 0, d, place.left - a * mapped.left, place.bottom - d * mapped.bottom]
  pdfium.floats().set(fitted, scratch >> 2)
  api.FPDFPageObj_SetMatrix(form, scratch)
}

/** Whether something of a drawing lies at its place. */
function isOver({ api, scratch, floats }: Pdfium, form: Pointer, place: Edges): boolean {
  if (api.FPDFPageObj_GetBounds(form, scratch, scratch + 4, scratch + 8, scratch + 12) === 0) return false
  const [left, bottom, right, top] = floats().subarray(scratch >> 2, (scratch >> 2) + 4) as unknown as number[]
  return left! <= place.right && right! >= place.left && bottom! <= place.top && top! >= place.bottom
}

function isSame(one: Matrix, other: Matrix): boolean {
  return one.every((number, index) => number === other[index])
}

/** What a field or typed text holds, as far as there is room for it. */
function heldBy(pdfium: Pdfium, annotation: Pointer, kind: number): string {
  const { api, scratch } = pdfium
  pdfium.bytes().set(Buffer.from(kind === subtype.widget ? 'V\0' : 'Contents\0', 'latin1'), scratch)
  const room = scratchBytes - 64
  const size = api.FPDFAnnot_GetStringValue(annotation, scratch, scratch + 64, room)
  // What there is no room for is not written.
  return size > room ? '0' : utf16At(pdfium, scratch + 64, size)
}

function placeOf({ api, scratch, floats }: Pdfium, annotation: Pointer): Edges {
  api.FPDFAnnot_GetRect(annotation, scratch)
  const [left, top, right, bottom] = floats().subarray(scratch >> 2, (scratch >> 2) + 4) as unknown as number[]
  return {
    left: Math.min(left!, right!),
    bottom: Math.min(bottom!, top!),
    right: Math.max(left!, right!),
    top: Math.max(bottom!, top!),
  }
}
