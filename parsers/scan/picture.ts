/**
 * A file that is a picture to a Document: decoded by sharp within limits, read as one page, its tables made grids and the
 * print around them paragraphs, from top to bottom. Every cell says that it was read from a picture; one that can be read
 * in several ways says so with what they are.
 */

import type { WrappedPdfiumModule } from '@embedpdf/pdfium'
import type { Kind } from '../detect.ts'
import type { Anchor, Block, Box, Document, Notice } from '../document.ts'
import { damaged, ParseFailure } from '../failure.ts'
import { makeGrid, type SourceCell } from '../grid.ts'
import { enforceLimit, LimitError, limits } from '../limits.ts'
import type { Bitmap, PixelBox } from './bitmap.ts'
import { EngineFailure, type FindEngine, type OcrEngine } from './engine.ts'
import { boxOf, type ReadPage, type ReadTable, readPage } from './page.ts'

const kinds: ReadonlySet<Kind> = new Set<Kind>(['png', 'jpeg', 'gif', 'tiff', 'webp'])

/** True for the kinds of files that are read as pictures. */
export function isPicture(kind: Kind): boolean {
  return kinds.has(kind)
}

/**
 * The document of a picture.
 * @throws ParseFailure `picture_without_engine`, `damaged`; LimitError for more pixels or cells than allowed; EngineFailure
 */
export async function parsePicture(
  bytes: Uint8Array,
  kind: Kind,
  mediaType: string,
  find: FindEngine | undefined,
): Promise<Document> {
  const engine = (await find?.()) ?? null
  if (engine === null) throw new ParseFailure('picture_without_engine', { kind })
  const { bitmap, dpi } = await decodePicture(bytes)
  const read = await readPage(bitmap, dpi, 1, engine)
  const notices: Notice[] = [{ code: 'read_from_picture', anchor: null, data: {} }]
  const blocks = blocksOf([read], notices)
  return {
    format: 'picture',
    mediaType,
    engine: engine.name,
    encoding: null,
    title: null,
    metadata: [],
    blocks,
    notices,
  }
}

/**
 * The blocks of a picture that stands in a page of another format, null where it cannot be read or holds no table: the
 * page is read without it then.
 */
export async function readInside(
  bytes: Uint8Array,
  number: number,
  engine: OcrEngine,
  notices: Notice[],
): Promise<Block[] | null> {
  const read = await decodePicture(bytes)
    .then(({ bitmap, dpi }) => readPage(bitmap, dpi, number, engine))
    .catch((error: unknown) => {
      if (error instanceof ParseFailure || error instanceof LimitError || error instanceof EngineFailure) return null
      throw error
    })
  if (read === null || read.tables.length === 0) return null
  if (!notices.some(({ code }) => code === 'read_from_picture')) {
    notices.push({ code: 'read_from_picture', anchor: null, data: {} })
  }
  return blocksOf([read], notices, 'img')
}

/** Inches: between the width of a page of A5 and the length of one of A3. */
const pageMin = 5
const pageMax = 17
const a4Width = 8.27
const a4Length = 11.69
const dpiMin = 150
const dpiMax = 300

/** A picture in memory, at a size that can be read, and its dots to the inch: as stated, or as if it were A4. */
export async function decodePicture(bytes: Uint8Array): Promise<{ readonly bitmap: Bitmap; readonly dpi: number }> {
  const { default: sharp } = await import('sharp').catch(() => {
    throw new ParseFailure('picture_without_engine', { kind: 'sharp' })
  })
  const options = { limitInputPixels: limits.picturePixelsMax, failOn: 'error', pages: 1 } as const
  const { width, height, density } = await sharp(bytes, { ...options, limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw damaged(error instanceof Error ? error.message.slice(0, 200) : String(error))
    })
  enforceLimit('pictureSideMax', Math.max(width, height))
  enforceLimit('picturePixelsMax', width * height)
  const stated = density !== undefined && width / density >= pageMin && width / density <= pageMax
  const dpi = stated ? density : width / (width > height * 1.2 ? a4Length : a4Width)
  const wanted = dpi < dpiMin ? Math.ceil(dpiMin / dpi) : dpi > dpiMax ? dpiMax / dpi : 1
  const fitting = Math.sqrt(limits.pictureReadPixelsMax / (width * height))
  const scale = Math.min(wanted, fitting)
  let picture = sharp(bytes, options).autoOrient().flatten({ background: 'white' }).greyscale()
  if (scale !== 1) picture = picture.resize({ width: Math.max(1, Math.round(width * scale)), kernel: 'cubic' })
  const { data, info } = await picture
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw damaged(error instanceof Error ? error.message.slice(0, 200) : String(error))
    })
  return { bitmap: { width: info.width, height: info.height, data: new Uint8Array(data) }, dpi: dpi * scale }
}

/** Of a page drawn for reading: print of 8 points is 18 pixels high then. */
const renderedDpi = 220
const greyBitmap = 1
const annotationsAndGrey = 0x01 | 0x08

/**
 * A PDF page as PDFium draws it, for pages without text. `page` is PDFium's handle, `width` and `height` are in points.
 * @throws LimitError for a page larger than is read; ParseFailure `damaged` where PDFium draws nothing
 */
export function renderPage(
  pdfium: WrappedPdfiumModule,
  page: number,
  width: number,
  height: number,
): { readonly bitmap: Bitmap; readonly dpi: number } {
  const fitting = Math.sqrt(limits.pictureReadPixelsMax / Math.max(1, (width / 72) * (height / 72)))
  const dpi = Math.min(renderedDpi, fitting)
  const [wide, high] = [Math.max(1, Math.round((width * dpi) / 72)), Math.max(1, Math.round((height * dpi) / 72))]
  enforceLimit('pictureSideMax', Math.max(wide, high))
  const drawing = pdfium.FPDFBitmap_CreateEx(wide, high, greyBitmap, 0, 0)
  if (drawing === 0) throw damaged('page not drawn')
  try {
    pdfium.FPDFBitmap_FillRect(drawing, 0, 0, wide, high, 0xffffffff)
    pdfium.FPDF_RenderPageBitmap(drawing, page, 0, 0, wide, high, 0, annotationsAndGrey)
    const start = pdfium.FPDFBitmap_GetBuffer(drawing)
    const stride = pdfium.FPDFBitmap_GetStride(drawing)
    const data = new Uint8Array(wide * high)
    // Its types leave the memory out, which may have grown and moved with each call.
    const { memory } = pdfium.pdfium.wasmExports as unknown as { readonly memory: { readonly buffer: ArrayBuffer } }
    const bytes = new Uint8Array(memory.buffer)
    for (let y = 0; y < high; y++) data.set(bytes.subarray(start + y * stride, start + y * stride + wide), y * wide)
    return { bitmap: { width: wide, height: high, data }, dpi }
  } finally {
    pdfium.FPDFBitmap_Destroy(drawing)
  }
}

/** What was read of some pages, or of some pictures in a page, as blocks in reading order. */
export function blocksOf(pages: readonly ReadPage[], notices: Notice[], each: 'page' | 'img' = 'page'): Block[] {
  const blocks: Block[] = []
  for (const { page, tables, lines, scale } of pages) {
    const at = (path: string, box: Box): Anchor => {
      const whole = `${each}[${page.number}]/${path}`
      return each === 'page' ? { path: whole, page: page.number, box } : { path: whole, page: null, box: null }
    }
    const placed = lines.map(({ text, confidence, box }, index): { readonly y: number; readonly block: Block } => {
      const anchor = at(`line[${index + 1}]`, box)
      return { y: box.y, block: { kind: 'paragraph', text, heading: null, confidence, anchor } }
    })
    for (const [index, table] of tables.entries()) {
      const inTable = (path: string, box: PixelBox): Anchor => at(`table[${index + 1}]${path}`, boxOf(box, scale))
      placed.push({ y: table.top * scale, block: gridOf(table, inTable, notices) })
    }
    placed.sort((a, b) => a.y - b.y)
    for (const { block } of placed) blocks.push(block)
  }
  return blocks
}

function gridOf(table: ReadTable, at: (path: string, box: PixelBox) => Anchor, notices: Notice[]): Block {
  const rows: SourceCell[][] = Array.from({ length: table.rowCount }, () => [])
  for (const { box, text, confidence, sure, candidates } of table.cells) {
    const row = rows[box.row]!
    const anchor = at(`/row[${box.row + 1}]/cell[${row.length + 1}]`, box)
    const doubt = sure ? 'read_from_picture' : 'reading_uncertain'
    if (!sure) notices.push({ code: doubt, anchor, data: { text: text.slice(0, 200), candidates: [...candidates] } })
    const { rowSpan, columnSpan } = box
    row.push({ text, rowSpan, columnSpan, anchor, doubt, reading: { confidence, candidates } })
  }
  return makeGrid(rows, 'aligned', at('', table), notices)
}
