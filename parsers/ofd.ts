/**
 * OFD, the fixed layout of Chinese official documents (GB/T 33190-2016), to pages as they are drawn: a zip of XML in which
 * every character and every line has its place. What it says about itself comes with them; seals, stamps and watermarks
 * are no text of the document. How pages become tables is decided in parsers/layout, how scans do in parsers/scan.
 */
import { attachedNotices } from './attached.ts'
import type { Document, Metadatum } from './document.ts'
import type { Glyph } from './layout/page.ts'
import { drawPage, type OfdPage } from './ofd/drawing.ts'
import { readPackage } from './ofd/package.ts'
import { drawPictures, makeLook, type ReadFile } from './ofd/pictures.ts'
import { doubtedGlyphs, type Shapes } from './ofd/shapes.ts'
import type { FindEngine } from './scan/engine.ts'
import { readDrawnPages } from './scan/pages.ts'

/** All pages of all documents in the file, numbered through, what is attached, what it states, and its other files. */
export type OfdPages = {
  readonly pages: readonly OfdPage[]
  readonly attachments: readonly string[]
  readonly metadata: readonly Metadatum[]
  readonly file: ReadFile
}

/**
 * The pages of some OFD bytes.
 * @throws ParseFailure `encrypted`, `damaged`; LimitError
 */
export function readOfdPages(bytes: Uint8Array): OfdPages {
  const { pages, metadata, attachments, file } = readPackage(bytes)
  const spent = { objects: 0, marks: 0, points: 0, compared: 0 }
  const look = makeLook(file)
  const shapes: Shapes = new Map()
  const drawn: OfdPage[] = []
  for (const page of pages) drawn.push(drawPage(page, drawn.length + 1, spent, shapes, look))
  const doubted = doubtedGlyphs(shapes)
  const known = doubted.size === 0 ? drawn : drawn.map((page) => without(page, doubted))
  return { pages: known, metadata, attachments, file }
}

/** The page with those glyphs as shapes without text. */
function without(page: OfdPage, doubted: ReadonlySet<Glyph>): OfdPage {
  return { ...page, glyphs: page.glyphs.map((glyph) => (doubted.has(glyph) ? { ...glyph, text: '' } : glyph)) }
}

/**
 * The document of some OFD bytes. Pages that are scans are read by the engine that `find` gives; where there is none, the
 * other pages are read and a notice names those that were not.
 * @throws ParseFailure `encrypted`, `damaged`; LimitError; where every page is a scan EngineFailure, and ParseFailure
 * `picture_without_engine`, `unsupported_format` where its pictures cannot be decoded
 */
export async function parseOfd(
  bytes: Uint8Array,
  _charsets: readonly string[] = [],
  find?: FindEngine,
): Promise<Document> {
  const { pages, metadata, attachments, file } = readOfdPages(bytes)
  const spent = { pixels: 0 }
  const { engine, notices, ...layout } = await readDrawnPages(
    {
      kind: 'ofd',
      pageCount: pages.length,
      page: (index) => pages[index] ?? null,
      picture: ({ number }) => drawPictures(pages[number - 1]!, file, spent),
    },
    find,
  )
  return {
    format: 'ofd',
    mediaType: 'application/ofd',
    engine: engine === null ? 'gouji' : `gouji, ${engine}`,
    encoding: null,
    title: metadata.find(({ name }) => name === 'title')?.value ?? null,
    metadata,
    ...layout,
    notices: [...attachedNotices(attachments, null), ...notices],
  }
}
