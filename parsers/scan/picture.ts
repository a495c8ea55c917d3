/**
 * A file that is a picture to a Document: decoded by sharp within limits, read page by page, laid out like every drawn page.
 * Every cell says that it was read from a picture; one that can be read in several ways says so with what they are.
 */

import type { WrappedPdfiumModule } from '@embedpdf/pdfium'
import type Sharp from 'sharp'
import { detectKind, type Kind } from '../detect.ts'
import type { Block, Document, Notice } from '../document.ts'
import { damaged, ParseFailure } from '../failure.ts'
import { addParts, joinPages, type LaidPage } from '../layout/pages.ts'
import { enforceLimit, LimitError, limits } from '../limits.ts'
import type { Bitmap } from './bitmap.ts'
import { EngineFailure, type FindEngine, type OcrEngine } from './engine.ts'
import { type FigureMemory, makeMemory } from './likes.ts'
import { readPrepared } from './page.ts'
import { mayHoldTables, prepare } from './prepare.ts'

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
  const notices: Notice[] = [{ code: 'read_from_picture', anchor: null, data: {} }]
  const read: (ReadPicture | null)[] = []
  const memory = makeMemory()
  for await (const picture of decodePages(bytes)) {
    read.push(await readOne(picture, read.length + 1, 'page', memory, engine))
  }
  const laid = read.flatMap((finish) => (finish === null ? [] : [finish(notices)]))
  const { blocks } = joinPages(laid, notices)
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

/** What was read of a picture, laid out when it is asked for; `notices` get what is in doubt. */
type ReadPicture = (notices: Notice[]) => LaidPage

async function readOne(
  { bitmap, dpi }: Decoded,
  number: number,
  each: 'page' | 'img',
  memory: FigureMemory,
  engine: OcrEngine,
): Promise<ReadPicture | null> {
  const place = { path: `${each}[${number}]`, page: each === 'page' ? number : null }
  const prepared = prepare(bitmap, dpi)
  if (each === 'img' && !mayHoldTables(prepared)) return null
  const { height, finish } = await readPrepared(prepared, { ...place, x: 0, y: 0 }, memory, engine)
  const page: LaidPage = { number, ...place, height, items: [], separators: [] }
  return (notices) => addParts(page, finish(notices))
}

/** A picture that stands in a document of another format: how to get its bytes, and how many blocks stand before it. */
export type InsidePicture = {
  readonly bytes: () => Promise<Uint8Array | null>
  readonly before: number
  /** Whether it is shown too small for a table. */
  readonly small?: boolean
}

/** Icons and rules have fewer bytes. */
const pictureBytesMin = 2_000

/**
 * Reads the tables that a document shows as pictures and puts them where they stand among its blocks. Gives the engine's
 * name, null where it read nothing, how many pictures were not read (without an engine, without ruling lines, damaged), and
 * how many blocks now stand before each of these, small ones apart, and before each of `others`.
 */
export async function readInside(
  pictures: readonly InsidePicture[],
  blocks: Block[],
  notices: Notice[],
  find: FindEngine | undefined,
  others: readonly number[] = [],
): Promise<{ readonly engine: string | null; readonly unread: number; readonly places: readonly number[] }> {
  const engine = pictures.length === 0 ? null : ((await find?.()) ?? null)
  const places = [...others]
  const memory = makeMemory()
  const found = new Map<number, ReadPicture[]>()
  let unread = 0
  for (const [index, { bytes, before, small }] of pictures.entries()) {
    const read =
      engine !== null && index < limits.picturesReadMax ? await readBytes(await bytes(), index + 1, memory, engine) : []
    if (read.length > 0) found.set(before, [...(found.get(before) ?? []), ...read])
    else {
      unread++
      if (small !== true) places.push(before)
    }
  }
  if (engine === null || found.size === 0) return { engine: null, unread, places }
  notices.push({ code: 'read_from_picture', anchor: null, data: {} })
  const moved = [...places]
  let added = 0
  // Pictures with nothing between them may be the pages of one document.
  for (const [before, read] of [...found].sort(([a], [b]) => a - b)) {
    const laid = read.map((finish) => finish(notices))
    const parts = joinPages(laid, notices).blocks
    blocks.splice(before + added, 0, ...parts)
    added += parts.length
    for (const [index, place] of places.entries()) if (place >= before) moved[index] = place + added
  }
  return { engine: engine.name, unread, places: moved }
}

/** The pages of a picture that hold tables; none where it cannot be read. */
async function readBytes(
  bytes: Uint8Array | null,
  number: number,
  memory: FigureMemory,
  engine: OcrEngine,
): Promise<ReadPicture[]> {
  if (bytes === null || bytes.length < pictureBytesMin || !isPicture(detectKind(bytes))) return []
  const read: ReadPicture[] = []
  try {
    for await (const picture of decodePages(bytes)) {
      const one = await readOne(picture, number, 'img', memory, engine)
      if (one !== null) read.push(one)
    }
  } catch (error) {
    if (error instanceof ParseFailure || error instanceof LimitError || error instanceof EngineFailure) return []
    throw error
  }
  return read
}

/** Inches: between the width of a page of A5 and the length of one of A3. */
const pageMin = 5
const pageMax = 17
const a4Width = 8.27
const a4Length = 11.69
const dpiMin = 150
const dpiMax = 300

/** A picture in memory, at a size that can be read, and its dots to the inch: as stated, or as if it were A4. */
type Decoded = { readonly bitmap: Bitmap; readonly dpi: number }

/** The pictures of a file one at a time: a TIFF may hold the pages of a report, frames that move are no pages. */
async function* decodePages(bytes: Uint8Array): AsyncGenerator<Decoded> {
  const { default: sharp } = await import('sharp').catch(() => {
    throw new ParseFailure('picture_without_engine', { kind: 'sharp' })
  })
  const { pages = 1, format } = await sharp(bytes, { limitInputPixels: false }).metadata().catch(fail)
  const count = format === 'tiff' ? pages : 1
  enforceLimit('picturesReadMax', count)
  for (let page = 0; page < count; page++) yield await decodePage(sharp, bytes, page)
}

function fail(error: unknown): never {
  throw damaged(error instanceof Error ? error.message.slice(0, 200) : String(error))
}

async function decodePage(sharp: typeof Sharp, bytes: Uint8Array, page: number): Promise<Decoded> {
  const options = { limitInputPixels: limits.picturePixelsMax, failOn: 'error', pages: 1, page } as const
  // A camera states which way up it was held: sizes are those of the picture as it is to be seen.
  const { autoOrient, density } = await sharp(bytes, { ...options, limitInputPixels: false })
    .metadata()
    .catch(fail)
  const { width, height } = autoOrient
  enforceLimit('pictureSideMax', Math.max(width, height))
  enforceLimit('picturePixelsMax', width * height)
  const stated = density !== undefined && width / density >= pageMin && width / density <= pageMax
  const dpi = stated ? density : width / (width > height * 1.2 ? a4Length : a4Width)
  const fitting = Math.sqrt(limits.pictureReadPixelsMax / (width * height))
  const scale = Math.min(readableDpi(dpi) / dpi, fitting)
  let picture = sharp(bytes, options).autoOrient().flatten({ background: 'white' }).greyscale()
  if (scale !== 1) picture = picture.resize({ width: Math.max(1, Math.round(width * scale)), kernel: 'cubic' })
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true }).catch(fail)
  return { bitmap: { width: info.width, height: info.height, data: new Uint8Array(data) }, dpi: dpi * scale }
}

/** Dots to the inch at which a picture is read: its own where print has enough of them and not too many. */
function readableDpi(dpi: number): number {
  if (dpi < dpiMin) return dpi * Math.ceil(dpiMin / dpi)
  return Math.min(dpi, dpiMax)
}

/** Pixels of a picture as its header states them. @throws LimitError, ParseFailure `damaged` where it is none */
export async function measurePicture(
  bytes: Uint8Array,
): Promise<{ readonly width: number; readonly height: number; readonly hasAlpha: boolean }> {
  const { default: sharp } = await import('sharp')
  const { width, height, hasAlpha } = await sharp(bytes, { limitInputPixels: false }).metadata().catch(fail)
  enforceLimit('pictureSideMax', Math.max(width, height))
  enforceLimit('picturePixelsMax', width * height)
  return { width, height, hasAlpha }
}

/** The first page of a picture in grey, stretched to a size. @throws LimitError, ParseFailure `damaged` */
export async function decodePicture(bytes: Uint8Array, width: number, height: number): Promise<Bitmap> {
  enforceLimit('pictureSideMax', Math.max(width, height))
  enforceLimit('pictureReadPixelsMax', width * height)
  const { default: sharp } = await import('sharp')
  const { data, info } = await sharp(bytes, { limitInputPixels: limits.picturePixelsMax, failOn: 'error' })
    .flatten({ background: 'white' })
    .greyscale()
    .resize({ width, height, fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(fail)
  return { width: info.width, height: info.height, data: new Uint8Array(data) }
}

/** The pixels of a page of so many points that is drawn with about as many dots to the inch as wanted. @throws LimitError */
export function canvasOf(width: number, height: number, wanted: number) {
  const fitting = Math.sqrt(limits.pictureReadPixelsMax / Math.max(1, (width / 72) * (height / 72)))
  const dpi = Math.min(readableDpi(wanted), fitting)
  const [wide, high] = [Math.max(1, Math.round((width * dpi) / 72)), Math.max(1, Math.round((height * dpi) / 72))]
  enforceLimit('pictureSideMax', Math.max(wide, high))
  return { dpi, wide, high }
}

/** Of a page drawn for reading whose pictures do not tell: print of 8 points is 18 pixels high then. */
const renderedDpi = 220
const greyBitmap = 1
/** Flag of fpdfview.h with which a page is drawn in shades of grey, without its annotations. */
export const greyAlone = 0x08
const annotationsAndGrey = 0x01 | greyAlone

/**
 * A PDF page as PDFium draws it, with about as many dots to the inch as wanted. `page` is PDFium's handle, `width` and
 * `height` are in points.
 * @throws LimitError for a page larger than is read; ParseFailure `damaged` where PDFium draws nothing
 */
export function renderPage(
  pdfium: WrappedPdfiumModule,
  page: number,
  width: number,
  height: number,
  wanted = renderedDpi,
  flags = annotationsAndGrey,
): { readonly bitmap: Bitmap; readonly dpi: number } {
  const { dpi, wide, high } = canvasOf(width, height, wanted)
  const drawing = pdfium.FPDFBitmap_CreateEx(wide, high, greyBitmap, 0, 0)
  if (drawing === 0) throw damaged('page not drawn')
  try {
    pdfium.FPDFBitmap_FillRect(drawing, 0, 0, wide, high, 0xffffffff)
    pdfium.FPDF_RenderPageBitmap(drawing, page, 0, 0, wide, high, 0, flags)
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
