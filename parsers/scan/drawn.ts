/**
 * Pictures on drawn pages: which pages are scans, and which parts of other pages show a table as a picture. Takes a page
 * of a document that can draw it, gives what stands in its pictures, at their place on the page. Whether a picture holds a
 * table its ruling lines tell, so that seals, letterheads and photographs cost no reading.
 */
import type { Box } from '../document.ts'
import type { Glyph, Page, Picture } from '../layout/page.ts'
import { LimitError } from '../limits.ts'
import { isTableSized } from '../unread.ts'
import type { Bitmap } from './bitmap.ts'
import { cut } from './bitmap.ts'
import type { OcrEngine } from './engine.ts'
import type { FigureMemory } from './likes.ts'
import { type PictureParts, readPage, readPrepared } from './page.ts'
import { mayHoldTables, prepare } from './prepare.ts'

/** A page as a picture with so many pixels to the inch. */
export type DrawnPicture = { readonly bitmap: Bitmap; readonly dpi: number }

/** What can draw the pages of a document. */
export type PageDrawer = {
  /** Null where what the page shows cannot be decoded. */
  picture(page: Page, dpi?: number): DrawnPicture | null | Promise<DrawnPicture | null>
}

/** A page with so few characters of its own on pictures that cover this part of it is a scan. */
const scanGlyphsMax = 20
const scanPart = 0.5
/** Printed on a picture these are a stamp; more are a page whose background the picture is. */
const glyphsOverMax = 8
const regionsMax = 6

/** Whether a page is nothing but pictures: hidden text over them is what some program read in them. */
export function isScan({ glyphs, pictures, width, height }: Page): boolean {
  const pictured = pictures.reduce((sum, picture) => sum + picture.width * picture.height, 0)
  return pictured > scanPart * width * height && glyphs.filter(isShown).length <= scanGlyphsMax
}

/** So many outlines on a page with hardly a character of its own, a page number, are characters. */
const outlinesMin = 100
const outlinedGlyphsMax = 5
/** Fewer characters are a stamp or a page number. */
const wordlessMin = 40
/** Of a page that can be read at least this part is characters of words, figures and marks. */
const wordsPart = 0.5
const ofWords = /[\p{Script=Han}\w\s\p{P}\u2000-\u206f]/u

/**
 * Whether a page shows text that does not say what it is: in fonts whose characters have no codes, or the codes of others, or
 * as outlines. What people see there has to be read from how it looks.
 */
export function isWordless({ glyphs, shapes = [] }: Page): boolean {
  if (glyphs.length <= outlinedGlyphsMax) return shapes.length >= outlinesMin
  if (glyphs.length < wordlessMin) return false
  let words = 0
  for (const { text } of glyphs) if (ofWords.test(text) && ++words >= wordsPart * glyphs.length) return false
  return true
}

function isShown({ confidence }: Glyph): boolean {
  return confidence === null
}

/** Reads a page that is a scan; null where its picture cannot be decoded. @throws LimitError, EngineFailure */
export async function readScan(
  drawer: PageDrawer,
  page: Page,
  memory: FigureMemory,
  engine: OcrEngine,
): Promise<PictureParts | null> {
  const drawn = await drawer.picture(page, dpiOf(page.pictures))
  if (drawn === null) return null
  const { bitmap, dpi } = drawn
  const place = { path: `page[${page.number}]`, page: page.number, x: 0, y: 0 }
  return readPage(bitmap, dpi, place, memory, engine)
}

/** Dots to the inch of the largest picture. */
function dpiOf(pictures: readonly Picture[]): number | undefined {
  const area = ({ width, height }: Box): number => width * height
  return [...pictures].sort((a, b) => area(b) - area(a))[0]?.dpi
}

/** A part of a page that shows a table as a picture. */
export type Region = {
  readonly picture: Picture
  read(memory: FigureMemory, engine: OcrEngine): Promise<PictureParts>
}

/** The pictures of a page that are as large as a table and that nothing is printed over. */
export function largePictures({ pictures, glyphs }: Page): Picture[] {
  const large = pictures.filter((picture) => isTableSized(picture) && isBare(picture, glyphs))
  return large.filter((picture) => !large.some((other) => other !== picture && isIn(picture, other)))
}

/** Points by which strips of one picture may stand apart or aside. */
const stripSlack = 1
/** Pages of more small pictures draw with them, as some producers draw shades. */
const stripsMax = 1_000

/** What is as large as a table and shown in strips, one under the other, none of which is. */
export function stripedPictures({ pictures, glyphs }: Page): Picture[] {
  const joined: Picture[] = []
  const strips = pictures.filter((picture) => !isTableSized(picture)).sort((a, b) => a.y - b.y)
  if (strips.length > stripsMax) return []
  for (const strip of strips) {
    const last = joined.findIndex((one) => continuesBelow(one, strip))
    const over = joined[last]
    if (over === undefined) joined.push(strip)
    else joined[last] = { ...over, height: strip.y + strip.height - over.y }
  }
  return joined.filter((picture) => isTableSized(picture) && isBare(picture, glyphs))
}

function continuesBelow(over: Box, under: Box): boolean {
  return [over.x - under.x, over.width - under.width, over.y + over.height - under.y].every(
    (difference) => Math.abs(difference) <= stripSlack,
  )
}

function isBare(picture: Box, glyphs: readonly Glyph[]): boolean {
  return glyphs.filter((glyph) => isShown(glyph) && isIn(glyph, picture)).length <= glyphsOverMax
}

/** Those of the large pictures of a page that hold ruled tables, and how many may and cannot be decoded. */
export async function readRegions(
  drawer: PageDrawer,
  page: Page,
  large: readonly Picture[],
): Promise<{ readonly regions: readonly Region[]; readonly undecoded: number }> {
  const regions: Region[] = []
  let undecoded = 0
  for (const [index, picture] of large.slice(0, regionsMax).entries()) {
    const drawn = await draw(drawer, page, picture)
    if (drawn === null) undecoded++
    if (drawn === null) continue
    const { prepared, x, y } = drawn
    if (!mayHoldTables(prepared)) continue
    const path = `page[${page.number}]/picture[${index + 1}]`
    const place = { path, page: page.number, x, y }
    regions.push({ picture, read: (memory, engine) => readPrepared(prepared, place, memory, engine) })
  }
  return { regions, undecoded }
}

/** A picture as the page shows it, made ready; null where the page is too large to be drawn or the picture not decoded. */
async function draw(drawer: PageDrawer, page: Page, picture: Picture) {
  try {
    const drawn = await drawer.picture(page, picture.dpi)
    if (drawn === null) return null
    const { bitmap, dpi } = drawn
    const scale = dpi / 72
    const [left, top] = [Math.round(picture.x * scale), Math.round(picture.y * scale)]
    const [right, bottom] = [left + Math.round(picture.width * scale), top + Math.round(picture.height * scale)]
    return { prepared: prepare(cut(bitmap, { left, top, right, bottom }), dpi), x: left / scale, y: top / scale }
  } catch (error) {
    if (error instanceof LimitError) return null
    throw error
  }
}

/** Whether the middle of one box lies in another. */
function isIn(inner: Box, outer: Box): boolean {
  const [x, y] = [inner.x + inner.width / 2, inner.y + inner.height / 2]
  return x >= outer.x && x <= outer.x + outer.width && y >= outer.y && y <= outer.y + outer.height
}
