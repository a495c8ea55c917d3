/**
 * PDF bytes to drawn pages: glyphs with their boxes, ruling lines, coloured areas and pictures, as a reader sees the
 * page, its rotation undone. What is invisible is left out (white lines on white paper, fully transparent ones), but for
 * hidden text, which is told: over a picture it is what some OCR made of it, elsewhere nobody sees it.
 */
import { attachedNotices } from '../attached.ts'
import type { Box, Metadatum, Notice } from '../document.ts'
import { damaged, ParseFailure } from '../failure.ts'
import { leanOf, turnedNotice } from '../layout/lean.ts'
import { drawingCutNotice, type Glyph, type Page, pageAnchor } from '../layout/page.ts'
import type { Drawing } from '../layout/painted.ts'
import { enforceLimit } from '../limits.ts'
import type { Bitmap } from '../scan/bitmap.ts'
import { renderPage } from '../scan/picture.ts'
import { attachedNames } from './attachments.ts'
import { type Looks, makeLooks, unseenObjects } from './covered.ts'
import { loadPdfium, type Pdfium, type Pointer, scratchBytes, utf16At } from './engine.ts'
import { drawFields } from './fields.ts'
import { type Edges, type Frame, makeFrame, straighten } from './frame.ts'
import { metadataOf } from './metadata.ts'
import { readDrawing, type TextPlace } from './paths.ts'
import {
  colourOnPaper,
  doubtOverwritten,
  fadeTiles,
  inkOf,
  nothingShown,
  noticesOf,
  type Seen,
  type Shown,
  type SourceGlyph,
  seenUnlooked,
  shadesOf,
  show,
} from './shown.ts'
import { type DigitShape, digitOf, doubtTwofold, noDigits } from './twofold.ts'

/** Which page, and its size in points. */
export type PageSize = Pick<Page, 'number' | 'width' | 'height'>

/** An open document; callers close it. */
export type PdfDocument = {
  readonly pageCount: number
  readonly metadata: readonly Metadatum[]
  /** What is to be told of the document as a whole. */
  readonly notices: readonly Notice[]
  /** The page with an index from 0, or null where there is none, or its content cannot be loaded. */
  page(index: number): Page | null
  /** The page as a picture with about so many pixels to the inch. @throws LimitError, ParseFailure `damaged` */
  picture(page: PageSize, dpi?: number): { readonly bitmap: Bitmap; readonly dpi: number }
  close(): void
}

/** FPDF_GetLastError, fpdfview.h. */
const passwordError = 4
const formatError = 3

/**
 * Opens a PDF. An empty user password is tried, others are asked for by the failure.
 * @throws ParseFailure `encrypted`, `damaged`; LimitError for more than `pagesMax` pages
 */
export async function openPdf(bytes: Uint8Array): Promise<PdfDocument> {
  const pdfium = await loadPdfium()
  const { api } = pdfium
  const source = api.malloc(bytes.length)
  if (source === 0) throw damaged('no memory for the document')
  pdfium.bytes().set(bytes, source)
  const document = api.FPDF_LoadMemDocument(source, bytes.length, 0)
  const close = (): void => {
    if (document !== 0) api.FPDF_CloseDocument(document)
    api.free(source)
  }
  try {
    if (document === 0) {
      const code = api.FPDF_GetLastError()
      if (code === passwordError) throw new ParseFailure('encrypted')
      throw damaged(code === formatError ? 'no PDF, or not the whole of one' : `PDFium ${code}`)
    }
    const pageCount = api.FPDF_GetPageCount(document)
    const layered = namesLayers(bytes)
    enforceLimit('pagesMax', pageCount)
    return {
      pageCount,
      metadata: readMetadata(pdfium, document),
      notices: attachedNotices(attachedNames(pdfium, document), null),
      page: (index) => readPage(pdfium, document, index, layered),
      picture: (page, dpi) => drawPicture(pdfium, document, page, dpi),
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

/** Whether something in the file names the layer it belongs to; dictionaries of drawings are never packed. */
function namesLayers(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = file.indexOf('/OC'); at >= 0; at = file.indexOf('/OC', at + 1)) {
    if (/^[\s<]/.test(file.toString('latin1', at + 3, at + 4))) return true
  }
  return false
}

function readPage(pdfium: Pdfium, document: Pointer, index: number, layered: boolean): Page | null {
  const { api, scratch } = pdfium
  const page = api.FPDF_LoadPage(document, index)
  if (page === 0) return null
  const own = api.FPDFPage_CountObjects(page)
  if (own < 0) {
    // PDFium shows text and no lines of what does not call itself a page, nor how it is turned.
    api.FPDF_ClosePage(page)
    return null
  }
  const added = drawFields(pdfium, page)
  const text = api.FPDFText_LoadPage(page)
  try {
    api.FPDF_GetPageBoundingBox(page, scratch)
    const [left, top, right, bottom] = pdfium.floats().subarray(scratch >> 2, (scratch >> 2) + 4) as unknown as [
      number,
      number,
      number,
      number,
    ]
    const lean = text === 0 ? 0 : leanOf(anglesOf(pdfium, text))
    const leaning = makeFrame(left, bottom, right, top, api.FPDFPage_GetRotation(page))
    const frame = lean === 0 ? leaning : straighten(leaning, lean)
    const notices: Notice[] = lean === 0 ? [] : [turnedNotice(lean, index + 1)]
    notices.push(...attachedNotices(added.files, pageAnchor(index + 1)))
    const draw = (unseen: ReadonlySet<Pointer>) => readDrawing(pdfium, page, frame, { layered, unseen, own })
    const first = draw(new Set())
    const off = unseenObjects(pdfium, page, frame, first.layers)
    const drawn = off.size === 0 ? first : draw(off)
    const { under, places, layers: _layers, texts, others, whole, veils, ...shown } = drawn
    if (!whole) notices.push(drawingCutNotice(index + 1))
    const boxesOf = (places: readonly Edges[]) => places.map((at) => frame.box(at.left, at.bottom, at.right, at.top))
    const crossing = boxesOf(added.crossing)
    const remarks = [...boxesOf(added.hiding), ...crossing].map((box) => ({ ...box, order: afterAll, through: true }))
    const drawing = { ...shown, veils: remarks.length === 0 ? veils : [...veils, ...remarks] }
    const looks: Looks = lean === 0 ? makeLooks(pdfium, page, frame, { texts, others, crossing }) : asItLeans
    const covered = unseenObjects(pdfium, page, frame, [under])
    const source = { text, drawing, places, fields: boxesOf(added.blind), covered, looks }
    const glyphs = text === 0 ? [] : readGlyphs(pdfium, source, frame, index + 1, notices)
    const { grounds: _, ...shapes } = shown
    const { width, height } = frame
    return { number: index + 1, width, height, glyphs, ...shapes, remarks: boxesOf(added.put), notices }
  } finally {
    if (text !== 0) api.FPDFText_ClosePage(text)
    api.FPDF_ClosePage(page)
  }
}

/** Characters that are asked how a page leans. */
const leanCharacters = 400

/** The angles of some of a page's characters, in radians clockwise. */
function anglesOf({ api }: Pdfium, text: Pointer): number[] {
  const count = api.FPDFText_CountChars(text)
  const step = Math.max(1, Math.floor(count / leanCharacters))
  const angles: number[] = []
  for (let index = 0; index < count; index += step) {
    if (api.FPDFText_GetUnicode(text, index) > 32) angles.push(api.FPDFText_GetCharAngle(text, index))
  }
  return angles
}

function drawPicture(pdfium: Pdfium, document: Pointer, { number, width, height }: PageSize, dpi?: number) {
  const page = pdfium.api.FPDF_LoadPage(document, number - 1)
  if (page === 0) throw damaged(`page ${number}`)
  try {
    return renderPage(pdfium.wrapped, page, width, height, dpi)
  } finally {
    pdfium.api.FPDF_ClosePage(page)
  }
}

/** The characters of a page and what is drawn around them. */
type TextSource = {
  readonly text: Pointer
  readonly drawing: Drawing
  readonly places: ReadonlyMap<Pointer, TextPlace>
  /** Fields that do not say what they look like. */
  readonly fields: readonly Box[]
  /** Text objects that a picture covers. */
  readonly covered: ReadonlySet<Pointer>
  readonly looks: Looks
}

/** A page that leans is drawn as it leans: other places tell nothing. */
const asItLeans: Looks = { seen: seenUnlooked, isDrawn: () => true }

/** What is drawn when all of the page is. */
const afterAll = Number.POSITIVE_INFINITY

function readGlyphs(pdfium: Pdfium, source: TextSource, frame: Frame, number: number, notices: Notice[]): Glyph[] {
  const { text, drawing, places, fields, covered, looks } = source
  const { seen, isDrawn } = looks
  const { api } = pdfium
  const count = api.FPDFText_CountChars(text)
  enforceLimit('pageGlyphsMax', count)
  const shown = nothingShown(drawing, frame)
  const shades = shadesOf(drawing)
  // One for all characters: what is made for each of some ten thousand has to be cleared away.
  const glyph = unmeasured()
  const digits = watchDigits(pdfium, text)
  let object: Pointer = 0
  let layered = false
  for (let index = 0; index < count; index++) {
    const code = api.FPDFText_GetUnicode(text, index)
    const isBlank = code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x3000
    const isControl = code > 2 && code < 32 && !isBlank
    const owner = api.FPDFText_GetTextObject(text, index)
    // What PDFium adds of itself is in no text of the page.
    if ((owner === 0 || isBlank || isControl) && api.FPDFText_IsGenerated(text, index) === 1) continue
    const isInked = (isBlank || isUnseen(code)) && hasInk(pdfium, text, index)
    if (isBlank && !isInked) glyph.spaced = true
    if ((isBlank && !isInked) || (isControl && !takesRoom(pdfium, text, index))) continue
    if (owner === 0 || owner !== object) {
      object = owner
      const place = places.get(owner)
      glyph.order = place?.order ?? Number.POSITIVE_INFINITY
      glyph.added = place?.added ?? false
      layered = place?.layered ?? false
      if (covered.has(owner) || place?.cutAway) glyph.ink = 'none'
      else readInk(pdfium, owner, shades, glyph)
      glyph.angle = api.FPDFText_GetCharAngle(text, index)
      glyph.turn = ((Math.round(glyph.angle / (Math.PI / 2)) + frame.turns) % 4) as Glyph['turn']
    }
    measure(pdfium, text, index, frame, glyph)
    const isUnknown = isInked || api.FPDFText_HasUnicodeMapError(text, index) === 1
    glyph.code = isUnknown ? null : characterOf(code)
    // Several layers may have one name: PDFium tells no more of them. Digits there are drawn in any font.
    const isDigit = digitOf(code) >= 0
    const isOff = layered && isDigit && !isDrawn(glyph.box)
    const before = shown.glyphs.length
    show(shown, isOff ? { ...glyph, ink: 'none' } : glyph, drawing, frame, seen)
    glyph.spaced = false
    const isNew = shown.glyphs.length > before
    if (isDigit && isNew && !isUnknown && owner !== 0) digits.note(code, index, owner, before)
  }
  showFields(fields, shown, drawing, frame, seen)
  doubtOverwritten(shown)
  fadeTiles(shown)
  notices.push(...doubtTwofold(shown.glyphs, digits.twofold(), number))
  notices.push(...noticesOf(shown, number))
  return shown.glyphs
}

/** Adds what stands in fields that do not show it: a character each that nobody knows. */
function showFields(fields: readonly Box[], shown: Shown, drawing: Drawing, frame: Frame, seen: Seen): void {
  for (const box of fields) {
    show(shown, { ...unmeasured(), box, order: afterAll, added: true }, drawing, frame, seen)
  }
}

/** Sets the ink of a text object: that of its strokes where it has no other, or one that is as good as none. */
function readInk(pdfium: Pdfium, object: Pointer, shades: readonly number[], glyph: Measured): void {
  const { api } = pdfium
  glyph.ink = 'shown'
  glyph.colour = 0
  if (object === 0) return
  const mode = api.FPDFTextObj_GetTextRenderMode(object)
  const [fills, strokes] = [mode % 4 === 0 || mode % 4 === 2, mode % 4 === 1 || mode % 4 === 2]
  if (!fills && !strokes) glyph.ink = inkOf(mode, 0, shades)
  if (fills) readColour(pdfium, object, api.FPDFPageObj_GetFillColor, mode, shades, glyph)
  if (strokes && (!fills || glyph.ink !== 'shown')) {
    readColour(pdfium, object, api.FPDFPageObj_GetStrokeColor, mode, shades, glyph)
  }
}

function readColour(
  { scratch, words }: Pdfium,
  object: Pointer,
  read: Pdfium['api']['FPDFPageObj_GetFillColor'],
  mode: number,
  shades: readonly number[],
  glyph: Measured,
): void {
  if (read(object, scratch, scratch + 4, scratch + 8, scratch + 12) === 0) {
    glyph.ink = 'shown'
    return
  }
  const view = words()
  const at = scratch >> 2
  const alpha = view[at + 3]!
  const colour = colourOnPaper(view[at]!, view[at + 1]!, view[at + 2]!, alpha)
  glyph.colour = colour
  glyph.ink = alpha === 0 ? 'none' : inkOf(mode, colour, shades)
}

/** Characters of which nothing is seen: spaces, controls, marks of format. */
function isUnseen(code: number): boolean {
  if (code < 0x2000) return (code >= 0x7f && code <= 0x9f) || code === 0xad
  return code <= 0x200f || (code >= 0x2028 && code <= 0x202f) || (code >= 0x205f && code <= 0x206f) || code === 0xfeff
}

/** Whether a character may have ink: one without any has no room for it either, and a font that does not tell gives all. */
function takesRoom({ api, scratch, doubles }: Pdfium, text: Pointer, index: number): boolean {
  if (api.FPDFText_GetCharBox(text, index, scratch, scratch + 8, scratch + 16, scratch + 24) === 0) return false
  const [left, right, bottom, top] = doubles().subarray(scratch >> 3, (scratch >> 3) + 4) as unknown as number[]
  return right! > left! && top! > bottom!
}

/** Whether a character is drawn by its font, whatever the font says that it is. */
function hasInk({ api, scratch, floats, doubles }: Pdfium, text: Pointer, index: number): boolean {
  if (api.FPDFText_GetLooseCharBox(text, index, scratch) === 0) return false
  if (api.FPDFText_GetCharBox(text, index, scratch + 16, scratch + 24, scratch + 32, scratch + 40) === 0) return false
  const [loose, ink] = [floats(), doubles()]
  const [at, inkAt] = [scratch >> 2, (scratch + 16) >> 3]
  const size = Math.abs(loose[at + 1]! - loose[at + 3]!)
  const [wide, high] = [Math.abs(ink[inkAt + 1]! - ink[inkAt]!), Math.abs(ink[inkAt + 3]! - ink[inkAt + 2]!)]
  // A blank has no ink or, where a font does not tell, all the room that it may take.
  return Math.min(wide, high) > inkMin * size && high < inkMax * size
}

/** Parts of a font's height that digits take, in either direction. */
const inkMin = 0.05
const inkMax = 0.95

/** Notes the digits of a page, right after each was measured, by how they are drawn. */
function watchDigits(pdfium: Pdfium, text: Pointer) {
  const digits = noDigits<Pointer, number>()
  let object: Pointer = 0
  let font: Pointer = 0
  let scale: Scale | null = null
  return {
    note(code: number, index: number, owner: Pointer, place: number): void {
      if (owner !== object) {
        object = owner
        font = pdfium.api.FPDFTextObj_GetFont(owner)
        scale = scaleOfText(pdfium, text, index, owner)
      }
      const shape = scale === null ? null : inkShape(pdfium, scale)
      if (shape !== null) digits.note(font, digitOf(code), shape, place)
    },
    twofold: digits.twofold,
  }
}

/** How wide and high a text's font is set, in points of its own; null where its characters stand aslant or on their side. */
function scaleOfText({ api, scratch, floats }: Pdfium, text: Pointer, index: number, object: Pointer): Scale | null {
  if (api.FPDFText_GetMatrix(text, index, scratch + 128) === 0) return null
  if (api.FPDFTextObj_GetFontSize(object, scratch + 160) === 0) return null
  const view = floats()
  const at = (scratch + 128) >> 2
  const [a, b, c, d, size] = [view[at]!, view[at + 1]!, view[at + 2]!, view[at + 3]!, view[at + 8]!]
  if (Math.abs(b) + Math.abs(c) > 0.001 * Math.abs(d) || a * d * size === 0) return null
  return { wide: Math.abs(a * size), high: Math.abs(d * size) }
}

type Scale = { readonly wide: number; readonly high: number }

/** The ink of the character that was measured last, in parts of its font's size; null where that is not known. */
function inkShape({ scratch, floats, doubles }: Pdfium, { wide, high }: Scale): DigitShape | null {
  const [loose, ink] = [floats(), doubles()]
  const [at, inkAt] = [scratch >> 2, (scratch + 16) >> 3]
  const [left, right, bottom, top] = [ink[inkAt]!, ink[inkAt + 1]!, ink[inkAt + 2]!, ink[inkAt + 3]!]
  if (!(right > left && top > bottom)) return null
  return [(right - left) / wide, (top - bottom) / high, (bottom - loose[at + 3]!) / high]
}

/** PDFium says 2 where it took a hyphen for one that breaks a word. */
function characterOf(code: number): number {
  return code === 2 ? 0x2d : code
}

function unmeasured(): Measured {
  const box = { x: 0, y: 0, width: 0, height: 0 }
  const inkMiddle = undefined
  return {
    code: null,
    box,
    inkMiddle,
    angle: 0,
    turn: 0,
    ink: 'shown',
    colour: 0,
    order: 0,
    added: false,
    spaced: false,
  }
}

/** A character that is told anew for each. */
type Measured = Writable<Omit<SourceGlyph, 'box'>> & { readonly box: Writable<Box> }
type Writable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] }

/** Puts the character into the box that the font reserves for it, or the ink's where that one is nonsense. */
function measure(pdfium: Pdfium, text: Pointer, index: number, frame: Frame, glyph: Measured): void {
  const { api, scratch } = pdfium
  api.FPDFText_GetLooseCharBox(text, index, scratch)
  api.FPDFText_GetCharBox(text, index, scratch + 16, scratch + 24, scratch + 32, scratch + 40)
  const floats = pdfium.floats()
  const doubles = pdfium.doubles()
  const at = scratch >> 2
  setEdges(loose, floats[at]!, floats[at + 3]!, floats[at + 2]!, floats[at + 1]!)
  const inkAt = (scratch + 16) >> 3
  setEdges(ink, doubles[inkAt]!, doubles[inkAt + 2]!, doubles[inkAt + 1]!, doubles[inkAt + 3]!)
  glyph.inkMiddle = undefined
  if (ink.right > ink.left && ink.top > ink.bottom) {
    // Where a font is made of drawings, both boxes are the ink's, and inside a turned form they may be far off.
    if (Math.abs(loose.left - ink.left) < 0.01 && Math.abs(loose.bottom - ink.bottom) < 0.01) {
      setBox(glyph, frame, nearOrigin(pdfium, text, index, glyph.angle, ink))
      return
    }
    if (!isAround(loose, ink)) {
      setBox(glyph, frame, ink)
      return
    }
  }
  setBox(glyph, frame, loose)
  if (ink.top > ink.bottom) glyph.inkMiddle = frame.y((ink.left + ink.right) / 2, (ink.bottom + ink.top) / 2)
}

/** Both boxes of the character that is measured: one of each for all, as of the character itself. */
const [loose, ink] = [noEdges(), noEdges()]

function noEdges(): Writable<Edges> {
  return { left: 0, bottom: 0, right: 0, top: 0 }
}

function setEdges(edges: Writable<Edges>, left: number, bottom: number, right: number, top: number): void {
  edges.left = left
  edges.bottom = bottom
  edges.right = right
  edges.top = top
}

function setBox({ box }: Measured, frame: Frame, { left, bottom, right, top }: Edges): void {
  const { x, y, width, height } = frame.box(left, bottom, right, top)
  box.x = x
  box.y = y
  box.width = width
  box.height = height
}

function isAround(loose: Edges, ink: Edges): boolean {
  const x = (ink.left + ink.right) / 2
  const y = (ink.bottom + ink.top) / 2
  const inkSize = Math.max(ink.right - ink.left, ink.top - ink.bottom)
  const looseSize = Math.max(loose.right - loose.left, loose.top - loose.bottom)
  const inside = x >= loose.left && x <= loose.right && y >= loose.bottom && y <= loose.top
  return inside && looseSize <= 6 * inkSize + 12
}

/** The ink's box, moved to where the character begins if it lies elsewhere. */
function nearOrigin(pdfium: Pdfium, text: Pointer, index: number, angle: number, ink: Edges): Edges {
  const { api, scratch } = pdfium
  // Not FPDFText_GetCharOrigin: inside a turned form that one is as far off as the box.
  if (api.FPDFText_GetMatrix(text, index, scratch) === 0) return ink
  const floats = pdfium.floats()
  const x = floats[(scratch >> 2) + 4]!
  const y = floats[(scratch >> 2) + 5]!
  const width = ink.right - ink.left
  const height = ink.top - ink.bottom
  const size = Math.max(width, height)
  const away = Math.max(ink.left - x, x - ink.right, ink.bottom - y, y - ink.top)
  if (away < 1.5 * size) return ink
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  const along = Math.abs(cos) > 0.5 ? width / 2 : height / 2
  const up = Math.abs(cos) > 0.5 ? height / 2 : width / 2
  const middleX = x + cos * along + sin * up
  const middleY = y - sin * along + cos * up
  return {
    left: middleX - width / 2,
    right: middleX + width / 2,
    bottom: middleY - height / 2,
    top: middleY + height / 2,
  }
}

function readMetadata(pdfium: Pdfium, document: Pointer): Metadatum[] {
  const { api, scratch } = pdfium
  return metadataOf((entry) => {
    const name = scratch
    pdfium.bytes().set(Buffer.from(`${entry}\0`, 'latin1'), name)
    const room = scratchBytes - 64
    const size = api.FPDF_GetMetaText(document, name, scratch + 64, room)
    return utf16At(pdfium, scratch + 64, Math.min(size, room))
  })
}
