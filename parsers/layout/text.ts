/**
 * Glyphs to text: in lines by where they stand, not by the order in which the source lists them. Gaps become spaces, lines
 * become line breaks; text that runs downwards or stands on its side is read in its own direction.
 */
import type { Box } from '../document.ts'
import type { Glyph } from './page.ts'

/** Glyphs of one line from left to right, with the box around them. */
export type GlyphLine = { readonly glyphs: readonly Glyph[]; readonly box: Box }

/** A gap as wide as this part of the glyphs' height is a space. */
const spaceGap = 0.3

/** The lines of upright glyphs, from the top. */
export function glyphLines(glyphs: readonly Glyph[]): GlyphLine[] {
  const sorted = inOrder(glyphs, middleY) ? glyphs : [...glyphs].sort((a, b) => middleY(a) - middleY(b))
  const lines: Glyph[][] = []
  let bottom = Number.NEGATIVE_INFINITY
  let tallest = 0
  for (const glyph of sorted) {
    const half = halfHeight(glyph)
    const middle = middleY(glyph)
    if (middle > bottom) {
      lines.push([glyph])
      bottom = middle + half
      tallest = half
      continue
    }
    lines.at(-1)!.push(glyph)
    // Small raised or lowered glyphs do not move the line.
    if (half > tallest) {
      bottom = middle + half
      tallest = half
    }
  }
  return lines.map((line) => {
    if (!inOrder(line, leftOf)) line.sort((a, b) => a.x - b.x)
    const once = withoutAgain(line)
    return { glyphs: once, box: boxAround(once) }
  })
}

/** Part of its size by which a character that is printed twice, to look bold, lies beside itself. */
const againPart = 0.3

/** A line, from left to right, without the characters that stand where the same one stands already. */
function withoutAgain(line: readonly Glyph[]): readonly Glyph[] {
  let again = 0
  for (let index = 1; index < line.length; index++) if (isAgain(line, index)) again++
  return again === 0 ? line : line.filter((_, index) => !isAgain(line, index))
}

function isAgain(line: readonly Glyph[], index: number): boolean {
  const glyph = line[index]!
  const near = Math.min(glyph.width, glyph.height) * againPart
  for (let before = index - 1; before >= 0 && glyph.x - line[before]!.x < near; before--) {
    const other = line[before]!
    if (other.text === glyph.text && Math.abs(other.y - glyph.y) < near) return true
  }
  return false
}

/** Whether glyphs stand in order already, as in most cells: to know it costs less than to sort them. */
function inOrder(glyphs: readonly Glyph[], placeOf: (glyph: Glyph) => number): boolean {
  for (let index = 1; index < glyphs.length; index++) {
    if (!(placeOf(glyphs[index - 1]!) <= placeOf(glyphs[index]!))) return false
  }
  return true
}

/** Lines are no higher than this many times the size of their characters. */
const lineHeightMax = 1.2

/**
 * Flat glyphs, such as 一 where a font reserves no room above it, stand on lines as high as they are wide. Some fonts reserve
 * room for three lines: what their glyphs take up is told by their width.
 */
function halfHeight(glyph: Glyph): number {
  const { width, height } = glyph
  return Math.min(Math.max(height, 0.8 * width), lineHeightMax * sizeOf(glyph)) / 2
}

/** Characters as wide as they are high: ideographs, kana, hangul and full width forms. */
const [wideFirst, wideLast] = [0x2e80, 0xffef]

/** The size of a glyph's font, about: full width characters are as wide, digits half as wide. */
export function sizeOf({ text, width }: Pick<Glyph, 'text' | 'width'>): number {
  const code = text.length === 1 ? text.charCodeAt(0) : 0
  return code >= wideFirst && code <= wideLast ? width : width * 2
}

/** The text of a line, with a space where a gap is. */
export function lineText({ glyphs }: GlyphLine): string {
  let text = ''
  let before: Glyph | null = null
  for (const glyph of glyphs) {
    if (before !== null && isApart(before, glyph)) text += ' '
    text += glyph.text
    before = glyph
  }
  return text
}

/** A space that the source writes has at least this part of the glyphs' height, in narrow fonts and tight lines too. */
const writtenGap = 0.12
const narrow = /^[\p{Script=Latin}\p{Nd}]$/u

/** Whether a space is between two glyphs: wide by itself, or written between glyphs whose fonts have narrow ones. */
function isApart(before: Glyph, glyph: Glyph): boolean {
  const gap = glyph.x - before.x - before.width
  if (gap > widestGap(before, glyph)) return true
  if (glyph.spaced !== true || gap < writtenGap * Math.min(before.height, glyph.height)) return false
  return narrow.test(before.text) && narrow.test(glyph.text)
}

/** How far two glyphs of one word may be apart. */
function widestGap(before: Glyph, glyph: Glyph): number {
  const height = Math.min(before.height, before.width * 2)
  const gap = spaceGap * Math.max(height, Math.min(glyph.height, glyph.width))
  // Where a font tells no more than the ink, a full stop as wide as a character seems to have room beside it.
  const isDot = before.width < dotPart * glyph.width && /^[．.，,、。：:]$/.test(before.text)
  return isDot ? Math.max(gap, (1 - dotPart / 4) * glyph.width) : gap
}

const dotPart = 0.4

/**
 * The text of glyphs that belong together, as in a cell `room` points wide: its lines joined by line breaks, but for a
 * figure that went on in the next line because its next digit had no room.
 */
export function glyphText(glyphs: readonly Glyph[], room: number): string {
  if (glyphs.length === 0) return ''
  if (glyphs.length === 1) return glyphs[0]!.text
  const turn = commonTurn(glyphs)
  if (turn === 0 && runsDown(glyphs)) return glyphs.map(({ text }) => text).join('')
  const lines = glyphLines(turn === 0 ? glyphs : turnedBack(glyphs, turn))
  let text = lineText(lines[0]!)
  for (let index = 1; index < lines.length; index++) {
    const wrapped = turn === 0 && wraps(lines[index - 1]!, lines[index]!, room)
    text += (wrapped ? '' : '\n') + lineText(lines[index]!)
  }
  return text
}

/** Whether a glyph is one of the digits 0 to 9. */
export function isDigit({ text }: Pick<Glyph, 'text'>): boolean {
  const code = text.length === 1 ? text.charCodeAt(0) : 0
  return code >= 0x30 && code <= 0x39
}

const figurePart = /^[\d.,+\-−增减]$/

function isFigurePart({ text }: Glyph): boolean {
  return figurePart.test(text) || figurePart.test(text.normalize('NFKC').replace('，', ','))
}

/** Part of a glyph's width by which room may be misjudged. */
const roomMiss = 0.5

/** Whether a figure runs over from one line to the next: digits on both sides of the break, and no room for the rest. */
function wraps(upper: GlyphLine, lower: GlyphLine, room: number): boolean {
  const first = lower.glyphs[0]!
  if (!isFigurePart(upper.glyphs.at(-1)!) || !isFigurePart(first) || !upper.glyphs.every(isFigurePart)) return false
  // ASCII digits are never parted by themselves: all of them would have had to fit.
  let end = first.x + first.width
  for (const glyph of lower.glyphs) {
    if (!/^[\d.,]$/.test(glyph.text)) break
    end = Math.max(end, glyph.x + glyph.width)
  }
  return upper.box.width + end - first.x > room - roomMiss * first.width
}

/** The turn of most glyphs. */
export function commonTurn(glyphs: readonly Glyph[]): Glyph['turn'] {
  const counts = [0, 0, 0, 0]
  for (const { turn } of glyphs) counts[turn]!++
  return counts.indexOf(Math.max(...counts)) as Glyph['turn']
}

function turnedBack(glyphs: readonly Glyph[], turn: Glyph['turn']): Glyph[] {
  return glyphs.map((glyph) => ({ ...glyph, ...turnBox(glyph, turn) }))
}

/** Where a box lies once the page is turned back by so many quarter turns; its origin is the page's turned corner. */
export function turnBox({ x, y, width, height }: Box, turn: Glyph['turn']): Box {
  if (turn === 0) return { x, y, width, height }
  if (turn === 1) return { x: y, y: -x - width, width: height, height: width }
  if (turn === 2) return { x: -x - width, y: -y - height, width, height }
  return { x: -y - height, y: x, width: height, height: width }
}

/**
 * Whether upright glyphs are written from top to bottom: as the source lists them, each below the one before; then they
 * are read in that order. Digits never are: figures below each other are several figures.
 */
function runsDown(glyphs: readonly Glyph[]): boolean {
  let down = 0
  let across = 0
  for (let index = 1; index < glyphs.length; index++) {
    const one = glyphs[index - 1]!
    const two = glyphs[index]!
    const dx = Math.abs(two.x + two.width / 2 - one.x - one.width / 2)
    const dy = middleY(two) - middleY(one)
    if (dx < 0.3 * one.height && dy > 0.5 * one.height) down++
    else if (Math.abs(dy) < 0.5 * one.height) across++
  }
  return down > 2 * across && down > 1 && !glyphs.some(({ text }) => /\d/.test(text))
}

const pageNumber = /^[\s\-—–―－·•~第共页頁/／,，|\d０-９]{1,16}$/

/** Whether a line of text by itself could be a page's number, and the number of all pages. */
export function isPageNumber(text: string): boolean {
  return pageNumber.test(text) && (text.match(/[\d０-９]+/g)?.length ?? 0) <= 2
}

/** The smallest box around glyphs. */
export function boxAround(glyphs: readonly Box[]): Box {
  let left = Number.POSITIVE_INFINITY
  let top = Number.POSITIVE_INFINITY
  let right = Number.NEGATIVE_INFINITY
  let bottom = Number.NEGATIVE_INFINITY
  for (const { x, y, width, height } of glyphs) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x + width)
    bottom = Math.max(bottom, y + height)
  }
  return { x: left, y: top, width: right - left, height: bottom - top }
}

function leftOf(glyph: Glyph): number {
  return glyph.x
}

function middleY(glyph: Glyph): number {
  return glyph.y + glyph.height / 2
}
