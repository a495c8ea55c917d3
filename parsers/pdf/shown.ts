/**
 * Which of the characters that a page holds its reader sees: takes them one by one with the ink they are painted in, gives
 * those that count as glyphs, and tells of the others.
 */
import type { Box, Notice } from '../document.ts'
import type { Glyph } from '../layout/page.ts'
import type { Drawing } from '../layout/painted.ts'
import { unified } from '../radicals.ts'

/** How characters are painted. */
export type Ink = 'shown' | 'white' | 'none'

/** A page's glyphs, and what was found beside those that count. */
export type Shown = { readonly glyphs: Glyph[]; unmapped: number; hidden: number; slanted: string }

/** One character of the source; `code` is null where the font is known to give it none. */
export type SourceGlyph = {
  readonly code: number | null
  readonly box: Box
  readonly inkMiddle?: Glyph['inkMiddle']
  /** Radians by which its line is turned; only how far it is from an axis counts. */
  readonly angle: number
  readonly turn: Glyph['turn']
  readonly ink: Ink
}

/** Text rendering modes of ISO 32000-1, table 106, that draw nothing. */
const invisibleModes: ReadonlySet<number> = new Set([3, 7])
/** Radians by which text may lean and still stand along an axis. */
const leanMax = 0.1

/** Whether text of a rendering mode is not drawn. */
export function isInvisible(mode: number): boolean {
  return invisibleModes.has(mode)
}

/** Adds one character to the page of this size on which `drawing` is drawn; keeps nothing of what it is given. */
export function show(
  shown: Shown,
  { code, box, inkMiddle, angle, turn, ink }: SourceGlyph,
  drawing: Drawing,
  page: { readonly width: number; readonly height: number },
): void {
  if (!isOnPage(box, page)) {
    shown.hidden++
    return
  }
  const unmapped = code === null || isUnmapped(code)
  if (leans(angle)) {
    if (code !== null) shown.slanted += String.fromCodePoint(code)
    return
  }
  const pictured = ink === 'none' && drawing.pictures.some((picture) => contains(picture, box))
  if (ink === 'none' || (ink === 'white' && !drawing.fills.some((fill) => contains(fill, box)))) {
    shown.hidden++
    if (!pictured) return
  }
  if (unmapped) shown.unmapped++
  const text = unmapped ? '' : textOf(code)
  const { x, y, width, height } = box
  shown.glyphs.push({ text, x, y, width, height, inkMiddle, turn, confidence: pictured ? 0 : null })
}

/** Characters as text by their code, made when first met: a page has thousands, and few different ones. */
const texts: (string | undefined)[] = new Array(0x10000)

function textOf(code: number): string {
  if (code > 0xffff) return String.fromCodePoint(code)
  let text = texts[code]
  if (text === undefined) {
    // As PDFium does of itself.
    text = unified(String.fromCharCode(code))
    texts[code] = text
  }
  return text
}

/** What to tell of the characters of a page that are not seen, or not as characters. */
export function noticesOf({ unmapped, hidden, slanted }: Shown, number: number): Notice[] {
  const anchor = { path: `page[${number}]`, page: number, box: null }
  const notices: Notice[] = []
  if (unmapped > 0) notices.push({ code: 'glyphs_without_text', anchor, data: { count: unmapped } })
  if (hidden > 0) notices.push({ code: 'hidden_text', anchor, data: { count: hidden } })
  if (slanted !== '') notices.push({ code: 'text_left_out', anchor, data: { text: slanted.slice(0, 100) } })
  return notices
}

function leans(angle: number): boolean {
  const quarter = Math.PI / 2
  const off = ((angle % quarter) + quarter) % quarter
  return Math.min(off, quarter - off) > leanMax
}

/** Private use and noncharacters: the font gives a shape and no character. */
function isUnmapped(code: number): boolean {
  return code === 0 || code === 0xfffd || code === 0xfffe || code === 0xffff || (code >= 0xe000 && code <= 0xf8ff)
}

function isOnPage({ x, y, width, height }: Box, page: { readonly width: number; readonly height: number }): boolean {
  const middleX = x + width / 2
  const middleY = y + height / 2
  return middleX >= 0 && middleY >= 0 && middleX <= page.width && middleY <= page.height
}

function contains(outer: Box, inner: Box): boolean {
  const x = inner.x + inner.width / 2
  const y = inner.y + inner.height / 2
  return x >= outer.x && x <= outer.x + outer.width && y >= outer.y && y <= outer.y + outer.height
}
