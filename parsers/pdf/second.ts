/**
 * The second reader of PDF: pdf-parse, whose pdf.js shares no code with PDFium. It gives the same drawn pages, so that its
 * reading of a table can be compared with the first one cell by cell, and stands in where PDFium cannot load a file.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/types/src/display/api.d.ts'
import { attachedNotices } from '../attached.ts'
import type { Metadatum, Notice } from '../document.ts'
import { damaged, ParseFailure } from '../failure.ts'
import { type Page, pageAnchor } from '../layout/page.ts'
import { enforceLimit } from '../limits.ts'
import { isFigureSized, unseenFlags } from './fields.ts'
import { makeFrame } from './frame.ts'
import type { Font } from './graphics.ts'
import { metadataOf } from './metadata.ts'
import type { DrawnDigits, OperatorList } from './operators.ts'
import { doubtTwofold, noDigits } from './twofold.ts'

/** What the second reader knows of a document. */
export type SecondReading = {
  readonly pages: readonly Page[]
  /** How many pages there are, those included that cannot be loaded. */
  readonly pageCount: number
  readonly metadata: readonly Metadatum[]
  /** What is to be told of the document as a whole. */
  readonly notices: readonly Notice[]
}

/** AnnotationMode.ENABLE: with what fields and typed text look like. */
const withAnnotations = 1
/** AnnotationType: remarks of other kinds are no text of the page. */
const [freeText, stamp, ink, widget] = [3, 13, 15, 20]
/** Pictures with more points are not decoded: only the places of lines are of use here. */
const picturePointsMax = 4_000_000

/**
 * All pages of a PDF.
 * @throws ParseFailure `encrypted`, `damaged`; LimitError for more than `secondReadingPagesMax` pages
 */
export async function readPdfAgain(bytes: Uint8Array): Promise<SecondReading> {
  process.on('unhandledRejection', passOver)
  try {
    return await readWithPdfParse(bytes)
  } finally {
    // What is rejected is told a turn later.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', passOver)
  }
}

/**
 * pdf.js leaves promises of its own alone when a file is damaged, which would end the thread; what it has to say of the
 * file comes through the promise that was asked for.
 */
function passOver(reason: unknown): void {
  if (reason instanceof Error && (reason.stack ?? '').includes('pdfjs-dist')) return
  process.nextTick(() => {
    throw reason
  })
}

async function readWithPdfParse(bytes: Uint8Array): Promise<SecondReading> {
  const [{ PDFParse }, { readOperators }] = await Promise.all([import('pdf-parse'), import('./operators.ts')])
  const data = join(dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')), '/')
  const parser = new PDFParse({
    // pdf.js takes the bytes away.
    data: Uint8Array.from(bytes),
    // Without them fonts that are not embedded give no text, and no error.
    cMapUrl: join(data, 'cmaps/'),
    cMapPacked: true,
    standardFontDataUrl: join(data, 'standard_fonts/'),
    isEvalSupported: false,
    useSystemFonts: false,
    disableFontFace: true,
    enableXfa: false,
    // Else nothing tells what the file says of a character from what is made of its code.
    fontExtraProperties: true,
    maxImageSize: picturePointsMax,
    verbosity: 0,
  })
  try {
    // pdf-parse keeps its document to itself; its own texts and tables say nothing of places.
    // biome-ignore lint/complexity/useLiteralKeys: only so does TypeScript let private members be called
    const document = (await parser['load']()) as PDFDocumentProxy
    enforceLimit('secondReadingPagesMax', document.numPages)
    const layers = await document.getOptionalContentConfig()
    const isShown = (layer: unknown): boolean => layers.isVisible(layer)
    const pages: Page[] = []
    const digits: DrawnDigits = noDigits()
    for (let number = 1; number <= document.numPages; number++) {
      const page = await loadPage(document, number)
      if (page === null) continue
      const list = (await page.getOperatorList({ annotationMode: withAnnotations })) as OperatorList
      const { fields, blind, remarks, put, files } = await annotationsOf(page)
      const [left, bottom, right, top] = page.view as [number, number, number, number]
      const frame = makeFrame(left, bottom, right, top, page.rotate / 90)
      const boxOf = (edges: readonly [number, number, number, number]) => frame.box(...edges)
      const visible = {
        isShown,
        fields,
        blind: blind.map(boxOf),
        remarks: remarks.map(boxOf),
        isOpaque: ([picture]: readonly unknown[]) => isOpaque(page, picture),
      }
      const read = readOperators(list, number, frame, (name) => fontOf(page, name), visible, digits)
      const named = attachedNotices(files, pageAnchor(number))
      pages.push({ ...read, remarks: put.map(boxOf), notices: [...named, ...read.notices] })
      page.cleanup()
    }
    const notices = await noticesOfFiles(document)
    const pageCount = document.numPages
    if (pages.length === 0 && pageCount > 0) throw damaged('page 1')
    return { pages: doubtDigits(pages, digits), pageCount, metadata: await readMetadata(document), notices }
  } catch (error) {
    throw explain(error)
  } finally {
    await parser.destroy()
  }
}

async function noticesOfFiles(document: PDFDocumentProxy): Promise<Notice[]> {
  const files: unknown = await document.getAttachments()
  const names = Object.values((files ?? {}) as Readonly<Record<string, { readonly filename: string }>>)
  return attachedNotices(
    names.map(({ filename }) => filename),
    null,
  )
}

/** The pages with digits in doubt that one font draws as different characters, wherever in the document. */
function doubtDigits(pages: readonly Page[], digits: DrawnDigits): readonly Page[] {
  const twofold = digits.twofold()
  if (twofold.length === 0) return pages
  return pages.map((page) => {
    const glyphs = [...page.glyphs]
    const own = twofold.filter((place) => place.page === page.number).map(({ index }) => index)
    const notices = [...page.notices, ...doubtTwofold(glyphs, own, page.number)]
    return { ...page, glyphs, notices }
  })
}

/** A page; null where it cannot be loaded. */
async function loadPage(document: PDFDocumentProxy, number: number): Promise<PDFPageProxy | null> {
  try {
    return await document.getPage(number)
  } catch {
    return null
  }
}

function fontOf(page: PDFPageProxy, name: string): Font | null {
  const font: unknown = page.commonObjs.has(name) ? page.commonObjs.get(name) : null
  // A font that pdf.js cannot read is what it has to say of it.
  return typeof font === 'object' ? (font as Font | null) : null
}

/** AnnotationType of remarks that are drawn over what is printed: lines, areas, stamps, text struck out. */
const overType: ReadonlySet<number> = new Set([4, 5, 6, 7, 8, 12, 13, 14, 15, 26])

/** ImageKind.RGBA_32BPP */
const withAlpha = 3

/** Whether a picture, decoded or named, has no point that is seen through. */
function isOpaque(page: PDFPageProxy, picture: unknown): boolean {
  const named = typeof picture === 'string'
  const objects = named && picture.startsWith('g_') ? page.commonObjs : page.objs
  const found: unknown = named ? (objects.has(picture) ? objects.get(picture) : null) : picture
  const { kind, data } = (found ?? {}) as { readonly kind?: number; readonly data?: Uint8ClampedArray }
  if (kind === undefined || data === undefined) return false
  if (kind !== withAlpha) return true
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 0xff) return false
  return true
}

type Annotation = {
  readonly id: string
  readonly annotationType: number
  readonly annotationFlags: number
  readonly rect: readonly [number, number, number, number]
  readonly hasAppearance: boolean
  readonly fieldValue?: unknown
  readonly contentsObj?: { readonly str: string }
  readonly file?: { readonly filename: string }
}

/**
 * Which annotations of a page are fields, typed text or small stamps, the places of those that hold something and show nothing, of
 * remarks, of what was put there by hand, and files.
 */
async function annotationsOf(page: PDFPageProxy) {
  const annotations = (await page.getAnnotations()) as readonly Annotation[]
  const shown = annotations.filter(({ annotationFlags }) => (annotationFlags & unseenFlags) === 0)
  const fields = annotations.filter(isField)
  const blind = shown.filter(isField).filter(({ hasAppearance, annotationType, fieldValue, contentsObj }) => {
    if (hasAppearance || annotationType === stamp) return false
    const value = annotationType === widget ? fieldValue : contentsObj?.str
    return typeof value === 'string' ? value !== '' : Array.isArray(value) && value.length > 0
  })
  const remarks = shown.filter((one) => overType.has(one.annotationType) && !(isField(one) && one.hasAppearance))
  const put = shown.filter(({ annotationType: type }) => type === stamp || type === ink)
  const placesOf = (some: readonly Annotation[]) => some.map(({ rect }) => rect)
  return {
    fields: new Set<unknown>(fields.map(({ id }) => id)),
    blind: placesOf(blind),
    remarks: placesOf(remarks),
    put: placesOf(put),
    files: annotations.flatMap(({ file }) => (file === undefined ? [] : [file.filename])),
  }
}

function isField({ annotationType: type, rect: [left, bottom, right, top] }: Annotation): boolean {
  return type === freeText || type === widget || (type === stamp && isFigureSized({ left, bottom, right, top }))
}

function explain(error: unknown): unknown {
  const name = error instanceof Error ? error.name : ''
  if (name === 'PasswordException') return new ParseFailure('encrypted')
  if (/^(?:InvalidPDF|Format|UnknownError|Response|XRef)/.test(name)) return damaged(`pdf.js ${name}`)
  return error
}

async function readMetadata(document: PDFDocumentProxy): Promise<Metadatum[]> {
  const info = (await document.getMetadata()).info as Readonly<Record<string, unknown>>
  return metadataOf((entry) => (typeof info[entry] === 'string' ? info[entry] : ''))
}
