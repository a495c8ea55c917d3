/**
 * The pages of a PDF as pictures, for tests: takes its bytes, gives each page as the scan reader's own rendering has it.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { init } from '@embedpdf/pdfium'
import type { Bitmap } from '../../parsers/scan/bitmap.ts'
import { renderPage } from '../../parsers/scan/picture.ts'

/** Every page drawn, in order. */
export async function drawPages(bytes: Uint8Array): Promise<{ readonly bitmap: Bitmap; readonly dpi: number }[]> {
  const wasm = readFileSync(createRequire(import.meta.url).resolve('@embedpdf/pdfium/pdfium.wasm'))
  const wasmBinary = new Uint8Array(wasm).buffer
  const pdfium = await init({ wasmBinary })
  pdfium.PDFiumExt_Init()
  const memory = pdfium.pdfium.wasmExports as unknown as { readonly memory: { readonly buffer: ArrayBuffer } }
  const address = pdfium.pdfium.wasmExports.malloc(bytes.length)
  new Uint8Array(memory.memory.buffer).set(bytes, address)
  const file = pdfium.FPDF_LoadMemDocument(address, bytes.length, '')
  const pages: { bitmap: Bitmap; dpi: number }[] = []
  for (let index = 0; index < pdfium.FPDF_GetPageCount(file); index++) {
    const page = pdfium.FPDF_LoadPage(file, index)
    pages.push(renderPage(pdfium, page, pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)))
    pdfium.FPDF_ClosePage(page)
  }
  pdfium.FPDF_CloseDocument(file)
  pdfium.pdfium.wasmExports.free(address)
  return pages
}
