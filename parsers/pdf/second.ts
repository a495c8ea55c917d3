/**
 * The second reader of PDF: pdf-parse, whose pdf.js shares no code with PDFium. It gives the same drawn pages, so that its
 * reading of a table can be compared with the first one cell by cell, and stands in where PDFium cannot load a file.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/types/src/display/api.d.ts'
import type { Metadatum } from '../document.ts'
import { damaged, ParseFailure } from '../failure.ts'
import type { Page } from '../layout/page.ts'
import { enforceLimit } from '../limits.ts'
import { makeFrame } from './frame.ts'
import { metadataOf } from './metadata.ts'
import type { Font, OperatorList } from './operators.ts'

/** What the second reader knows of a document. */
export type SecondReading = { readonly pages: readonly Page[]; readonly metadata: readonly Metadatum[] }

/** AnnotationMode.ENABLE: with what fields and typed text look like. */
const withAnnotations = 1
/** AnnotationType: remarks of other kinds are no text of the page. */
const [freeText, widget] = [3, 20]
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
    for (let number = 1; number <= document.numPages; number++) {
      const page = await document.getPage(number)
      const list = (await page.getOperatorList({ annotationMode: withAnnotations })) as OperatorList
      const fields = await fieldsOf(page)
      const [left, bottom, right, top] = page.view as [number, number, number, number]
      const frame = makeFrame(left, bottom, right, top, page.rotate / 90)
      pages.push(readOperators(list, number, frame, (name) => fontOf(page, name), { isShown, fields }))
      page.cleanup()
    }
    return { pages, metadata: await readMetadata(document) }
  } catch (error) {
    throw explain(error)
  } finally {
    await parser.destroy()
  }
}

function fontOf(page: PDFPageProxy, name: string): Font | null {
  return page.commonObjs.has(name) ? (page.commonObjs.get(name) as Font) : null
}

/** The annotations of a page that are fields or typed text. */
async function fieldsOf(page: PDFPageProxy): Promise<ReadonlySet<unknown>> {
  const annotations = (await page.getAnnotations()) as readonly {
    readonly id: string
    readonly annotationType: number
  }[]
  return new Set(
    annotations.flatMap(({ id, annotationType: type }) => (type === freeText || type === widget ? [id] : [])),
  )
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
