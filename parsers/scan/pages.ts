/**
 * Documents of drawn pages, read to the end: pages with text of their own are laid out, pages that are scans and tables that
 * stand on a page as a picture are read by the engine for pictures, in their place. What PDF and OFD have in common.
 */
import type { Notice } from '../document.ts'
import { damaged, ParseFailure } from '../failure.ts'
import { type Page, type Picture, pageAnchor } from '../layout/page.ts'
import { addParts, joinPages, type LaidPage, type Layout, layOutPage, upright } from '../layout/pages.ts'
import { limits } from '../limits.ts'
import { isScan, isWordless, largePictures, type PageDrawer, readRegions, readScan, stripedPictures } from './drawn.ts'
import { EngineFailure, type FindEngine, type OcrEngine } from './engine.ts'
import { type FigureMemory, makeMemory } from './likes.ts'
import type { PictureParts } from './page.ts'

/** A document whose pages are there one at a time. */
export type DrawnDocument = PageDrawer & {
  readonly kind: 'pdf' | 'ofd'
  readonly pageCount: number
  /** The page with an index from 0, or null where its content cannot be loaded. */
  page(index: number): Page | null
}

/** A document while its pages are read one after another. */
type Reader = {
  readonly source: DrawnDocument
  readonly find: FindEngine | undefined
  readonly notices: Notice[]
  readonly memory: FigureMemory
  /** The engine's name, once it has read something. */
  engine: string | null
  /** Pages and parts of pages that were read as pictures. */
  pictures: number
  /** Pages that are scans and were not read, and why not. */
  readonly unread: number[]
  failure: EngineFailure | null
  /** A page's picture could not be decoded. */
  undecoded: boolean
}

/** A page with what was read of its pictures, which is decided when all pages are read. */
type ReadPage = { readonly laid: LaidPage; readonly pictures: readonly PictureParts[] }

/**
 * The blocks of a document's pages, and the name of the engine where pictures were read. Where there is no engine the other
 * pages are read and a notice names those that were not.
 * @throws LimitError, ParseFailure `damaged`; where every page is a scan EngineFailure, and ParseFailure
 * `picture_without_engine`, `unsupported_format`
 */
export async function readDrawnPages(
  source: DrawnDocument,
  find: FindEngine | undefined,
): Promise<Layout & { readonly engine: string | null }> {
  const notices: Notice[] = []
  const state = { engine: null, pictures: 0, unread: [], failure: null, undecoded: false }
  const reader: Reader = { source, find, notices, memory: makeMemory(), ...state }
  const pages: ReadPage[] = []
  const missing: number[] = []
  // One page at a time, since all glyphs of a long document are many.
  for (let index = 0; index < source.pageCount; index++) {
    const page = source.page(index)
    if (page === null) {
      missing.push(index + 1)
      continue
    }
    // What an OFD page says is not among its pictures.
    const pictured = isScan(page) || (source.kind === 'pdf' && isWordless(page))
    pages.push(pictured ? await readScanned(reader, page) : await readDrawn(reader, page))
  }
  if (pages.length === 0 && missing.length > 0) throw damaged(`page ${missing[0]}`)
  if (missing.length > 0) notices.push(pagesMissing(missing.length))
  tellUnread(reader, pages.length)
  const { blocks, unread } = joinPages(
    pages.map(({ laid, pictures }) => pictures.reduce((page, { finish }) => addParts(page, finish(notices)), laid)),
    notices,
  )
  return { blocks, unread, notices, engine: reader.engine }
}

/** Asks the engine for one more picture; null where there is none, or it fails, or it has read enough. */
async function askEngine<Read>(
  reader: Reader,
  read: (engine: OcrEngine) => Promise<Read | null>,
): Promise<Read | null> {
  const engine = (await reader.find?.()) ?? null
  if (engine === null || reader.pictures >= limits.picturesReadMax) return null
  try {
    const found = await read(engine)
    if (found === null) return null
    reader.pictures++
    reader.engine = engine.name
    return found
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error
    reader.failure ??= error
    return null
  }
}

/** A page that is read as a picture. What some other program made of it and hid behind the picture is nobody's word. */
async function readScanned(reader: Reader, page: Page): Promise<ReadPage> {
  const { number } = page
  const anchor = pageAnchor(number)
  const parts = await askEngine(reader, async (engine) => {
    const read = await readScan(reader.source, page, reader.memory, engine)
    if (read === null) reader.undecoded = true
    return read
  })
  if (parts === null) reader.unread.push(number)
  else reader.notices.push({ code: 'read_from_picture', anchor, data: {} })
  if (!isScan(page)) reader.notices.push({ code: 'glyphs_without_text', anchor, data: { count: drawnCount(page) } })
  const height = parts?.height ?? page.height
  const laid: LaidPage = { number, path: anchor.path, page: number, height, items: [], separators: [] }
  return { laid, pictures: parts === null ? [] : [parts] }
}

/** How many characters a page draws. */
function drawnCount({ glyphs, shapes = [] }: Page): number {
  return Math.max(glyphs.length, shapes.length)
}

/** A page with text of its own; tables that it shows as pictures are read in their place. */
async function readDrawn(reader: Reader, page: Page): Promise<ReadPage> {
  const anchor = pageAnchor(page.number)
  const pictures: PictureParts[] = []
  const large = largePictures(page)
  const read = new Set<Picture>()
  const { regions, undecoded } = await readRegions(reader.source, page, large)
  for (const region of regions) {
    const parts = await askEngine(reader, (engine) => region.read(reader.memory, engine))
    if (parts === null) continue
    pictures.push(parts)
    read.add(region.picture)
  }
  const unread = undecoded + regions.length - pictures.length
  if (unread > 0) reader.notices.push({ code: 'image_in_place_of_text', anchor, data: { count: unread } })
  if (pictures.length > 0) reader.notices.push({ code: 'read_from_picture', anchor, data: {} })
  const left = [...large.filter((picture) => !read.has(picture)), ...stripedPictures(page)]
  return { laid: { ...layOutPage(page, reader.notices), unread: topsOf(page, left) }, pictures }
}

/** Where pictures of a page begin once it is turned as it is read. */
export function topsOf(page: Page, pictures: readonly Picture[]): number[] {
  return pictures.length === 0 ? [] : upright({ ...page, pictures }).pictures.map(({ y }) => y)
}

/** Tells that so many pages of the document are not there, or cannot be loaded. */
export function pagesMissing(count: number): Notice {
  return { code: 'pages_missing', anchor: null, data: { count } }
}

function tellUnread({ source, unread, failure, undecoded, notices, pictures }: Reader, pageCount: number): void {
  if (unread.length === 0) return
  if (unread.length === pageCount) {
    if (failure !== null) throw failure
    throw new ParseFailure(undecoded ? 'unsupported_format' : 'picture_without_engine', { kind: source.kind })
  }
  const notice = scansNotRead(unread, failure)
  const { anchor } = notice
  if (pictures >= limits.picturesReadMax) {
    const data = { limit: 'picturesReadMax', max: limits.picturesReadMax }
    notices.push({ code: 'content_truncated', anchor, data })
  }
  notices.push(notice)
}

/** Tells of pages that are scans and were not read, at the first of them. */
export function scansNotRead(pages: readonly number[], failure: EngineFailure | null = null): Notice {
  const anchor = pageAnchor(pages[0]!)
  const detail = failure === null ? {} : { detail: failure.message }
  return { code: 'scans_not_read', anchor, data: { pages: pages.slice(0, pagesNamedMax), ...detail } }
}

const pagesNamedMax = 50
