/**
 * PDFium as a WebAssembly module: loaded once a thread, on the first PDF. Its raw exports are called, not the wrappers of
 * the package, which take twice the time; this file says the types of those that are used and owns the memory that their
 * results are written to. Forms and scripts of a document are never started: no form environment is made.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { init, type WrappedPdfiumModule } from '@embedpdf/pdfium'

/** A pointer into the module's memory, or a handle that PDFium gives for one. */
export type Pointer = number

/** The functions of fpdfview.h, fpdf_text.h, fpdf_edit.h, fpdf_annot.h and fpdf_attachment.h that are used, and two of the package's own. */
export type PdfiumExports = {
  malloc(size: number): Pointer
  free(pointer: Pointer): void
  FPDF_LoadMemDocument(bytes: Pointer, size: number, password: Pointer): Pointer
  FPDF_CloseDocument(document: Pointer): void
  FPDF_GetLastError(): number
  FPDF_GetPageCount(document: Pointer): number
  FPDF_GetMetaText(document: Pointer, tag: Pointer, buffer: Pointer, size: number): number
  FPDFDoc_GetAttachmentCount(document: Pointer): number
  FPDFDoc_GetAttachment(document: Pointer, index: number): Pointer
  FPDFAttachment_GetName(attachment: Pointer, buffer: Pointer, size: number): number
  FPDFAnnot_GetFileAttachment(annotation: Pointer): Pointer
  FPDF_LoadPage(document: Pointer, index: number): Pointer
  FPDF_ClosePage(page: Pointer): void
  FPDF_GetPageBoundingBox(page: Pointer, rectangle: Pointer): number
  FPDFPage_GetRotation(page: Pointer): number
  FPDFPage_GetAnnotCount(page: Pointer): number
  FPDFPage_GetAnnot(page: Pointer, index: number): Pointer
  FPDFPage_CloseAnnot(annotation: Pointer): void
  FPDFAnnot_GetSubtype(annotation: Pointer): number
  FPDFAnnot_GetFlags(annotation: Pointer): number
  FPDFAnnot_GetRect(annotation: Pointer, rectangle: Pointer): number
  FPDFAnnot_GetStringValue(annotation: Pointer, key: Pointer, buffer: Pointer, size: number): number
  EPDFAnnot_HasAppearanceStream(annotation: Pointer, mode: number): number
  EPDFAnnot_GetAPMatrix(annotation: Pointer, mode: number, matrix: Pointer): number
  EPDFAnnot_Flatten(page: Pointer, annotation: Pointer): number
  FPDFText_LoadPage(page: Pointer): Pointer
  FPDFText_ClosePage(text: Pointer): void
  FPDFText_CountChars(text: Pointer): number
  FPDFText_GetUnicode(text: Pointer, index: number): number
  FPDFText_IsGenerated(text: Pointer, index: number): number
  FPDFText_HasUnicodeMapError(text: Pointer, index: number): number
  FPDFText_GetCharAngle(text: Pointer, index: number): number
  FPDFText_GetMatrix(text: Pointer, index: number, matrix: Pointer): number
  FPDFText_GetLooseCharBox(text: Pointer, index: number, rectangle: Pointer): number
  FPDFText_GetCharBox(
    text: Pointer,
    index: number,
    left: Pointer,
    right: Pointer,
    bottom: Pointer,
    top: Pointer,
  ): number
  FPDFText_GetTextObject(text: Pointer, index: number): Pointer
  FPDFTextObj_GetFont(object: Pointer): Pointer
  FPDFTextObj_GetFontSize(object: Pointer, size: Pointer): number
  FPDFTextObj_GetTextRenderMode(object: Pointer): number
  FPDFPage_CountObjects(page: Pointer): number
  FPDFPage_GetObject(page: Pointer, index: number): Pointer
  FPDFFormObj_CountObjects(form: Pointer): number
  FPDFFormObj_GetObject(form: Pointer, index: number): Pointer
  FPDFPageObj_GetType(object: Pointer): number
  FPDFPageObj_HasTransparency(object: Pointer): number
  FPDFPageObj_CountMarks(object: Pointer): number
  FPDFPageObj_GetMark(object: Pointer, index: number): Pointer
  FPDFPageObjMark_GetName(mark: Pointer, buffer: Pointer, size: number, length: Pointer): number
  FPDFPageObjMark_GetParamStringValue(
    mark: Pointer,
    key: Pointer,
    buffer: Pointer,
    size: number,
    length: Pointer,
  ): number
  FPDFPageObj_GetMatrix(object: Pointer, matrix: Pointer): number
  FPDFPageObj_SetMatrix(object: Pointer, matrix: Pointer): number
  FPDFPageObj_GetBounds(object: Pointer, left: Pointer, bottom: Pointer, right: Pointer, top: Pointer): number
  FPDFPageObj_GetStrokeWidth(object: Pointer, width: Pointer): number
  FPDFPageObj_GetStrokeColor(object: Pointer, r: Pointer, g: Pointer, b: Pointer, a: Pointer): number
  FPDFPageObj_GetFillColor(object: Pointer, r: Pointer, g: Pointer, b: Pointer, a: Pointer): number
  FPDFImageObj_GetImagePixelSize(object: Pointer, width: Pointer, height: Pointer): number
  FPDFPath_GetDrawMode(path: Pointer, fill: Pointer, stroke: Pointer): number
  FPDFPath_CountSegments(path: Pointer): number
  FPDFPageObj_GetClipPath(object: Pointer): Pointer
  FPDFClipPath_CountPaths(clip: Pointer): number
  FPDFClipPath_CountPathSegments(clip: Pointer, path: number): number
  FPDFClipPath_GetPathSegment(clip: Pointer, path: number, index: number): Pointer
  FPDFPath_GetPathSegment(path: Pointer, index: number): Pointer
  FPDFPathSegment_GetPoint(segment: Pointer, x: Pointer, y: Pointer): number
  FPDFPathSegment_GetType(segment: Pointer): number
  FPDFPathSegment_GetClose(segment: Pointer): number
}

/** The module's views of its memory, which it replaces when that grows. */
type MemoryViews = {
  readonly HEAPF32: Float32Array
  readonly HEAPF64: Float64Array
  readonly HEAPU32: Uint32Array
  readonly HEAPU8: Uint8Array
}

/** The module with a little memory of its own for results. */
export type Pdfium = {
  readonly api: PdfiumExports
  /** The same functions as the package wraps them, for what is called once a page. */
  readonly wrapped: WrappedPdfiumModule
  /** Address of `scratchBytes` bytes, aligned to 8. */
  readonly scratch: Pointer
  /** Views of all memory; asked for anew after each call that may allocate, since growing memory replaces them. */
  floats(): Float32Array
  doubles(): Float64Array
  words(): Uint32Array
  bytes(): Uint8Array
}

/** Room at `Pdfium.scratch`. */
export const scratchBytes = 4096

let loaded: Promise<Pdfium> | null = null

/** The module of this thread. */
export function loadPdfium(): Promise<Pdfium> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<Pdfium> {
  const file = readFileSync(fileURLToPath(import.meta.resolve('@embedpdf/pdfium/pdfium.wasm')))
  const wasmBinary = file.buffer.slice(file.byteOffset, file.byteOffset + file.length)
  // The package types its module loosely: raw exports and views are there, and only malloc and free are declared.
  const wrapped = await init({ wasmBinary } as Parameters<typeof init>[0])
  wrapped.PDFiumExt_Init()
  const api = wrapped.pdfium.wasmExports as unknown as PdfiumExports
  const views = wrapped.pdfium as unknown as MemoryViews
  return {
    api,
    wrapped,
    scratch: api.malloc(scratchBytes),
    floats: () => views.HEAPF32,
    doubles: () => views.HEAPF64,
    words: () => views.HEAPU32,
    bytes: () => views.HEAPU8,
  }
}

const utf16 = new TextDecoder('utf-16le')

/** The text of so many bytes of UTF-16 in the module's memory, of which the last two are its end. */
export function utf16At({ bytes }: Pick<Pdfium, 'bytes'>, at: Pointer, size: number): string {
  return size <= 2 ? '' : utf16.decode(bytes().slice(at, at + size - 2))
}
