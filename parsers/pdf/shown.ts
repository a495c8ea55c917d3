/**
 * Which of the characters that a page holds its reader sees: takes them one by one with the ink they are painted in, gives
 * those that count as glyphs, and tells of the others.
 */
import type { Box, Notice } from '../document.ts'
import { coreOf, difference, mixedColour, paper, sightOf } from '../layout/contrast.ts'
import { type Glyph, pageAnchor } from '../layout/page.ts'
import { type Drawing, type Ground, sharedBox, type Veil } from '../layout/painted.ts'
import { unified } from '../radicals.ts'
import { type Later, laterOf } from './later.ts'
import { isLight, type LightGlyph, tiledGlyphs } from './tiled.ts'

/**
 * How characters are painted: surely to be seen, in a colour that may be hard to see where they stand, not at all, or as
 * the outline of what may be painted later.
 */
export type Ink = 'shown' | 'pale' | 'none' | 'outline'

/** A page's glyphs, and what was found beside those that count. */
export type Shown = {
  readonly glyphs: Glyph[]
  /** Which of the things that the page draws each of them is part of. */
  readonly orders: number[]
  /** Which of them something lies over that may hide them. */
  readonly veiled: number[]
  /** Those in a colour in which watermarks are. */
  readonly light: LightGlyph[]
  unmapped: number
  hidden: number
  leftOut: string
  /** The last of characters that lean, and where the glyphs begin that stand right behind it. */
  leaning: { readonly first: number; box: Box } | null
  /** The last character that something hides. */
  covered: { readonly box: Box; readonly order: number } | null
  readonly hides: Later<Ground>
  readonly veils: Later<Veil>
}

/** Nothing shown yet of a page of this height on which `drawing` is drawn. */
export function nothingShown({ grounds, veils }: Drawing, { height }: { readonly height: number }): Shown {
  const hiding = grounds.filter(({ covers }) => covers)
  const over = { hides: laterOf(hiding, height), veils: laterOf(veils, height) }
  return {
    glyphs: [],
    orders: [],
    veiled: [],
    light: [],
    unmapped: 0,
    hidden: 0,
    leftOut: '',
    leaning: null,
    covered: null,
    ...over,
  }
}

/** How much of what is drawn in a box is seen, 0 to 1, where something that may hide it lies over it. */
export type Seen = (box: Box, through: boolean) => number

/** Less than what is sure. */
export const seenInPart = 0.5

/** Where no drawn page can be looked at: what lies under something solid may be seen in part, or not at all. */
export const seenUnlooked: Seen = (_box, through) => (through ? 1 : seenInPart)

/** One character of the source; `code` is null where the font is known to give it none. */
export type SourceGlyph = {
  readonly code: number | null
  readonly box: Box
  readonly inkMiddle?: Glyph['inkMiddle']
  /** Radians by which its line is turned; only how far it is from an axis counts. */
  readonly angle: number
  readonly turn: Glyph['turn']
  readonly ink: Ink
  /** As 0xrrggbb, mixed with the paper's where it is seen through; of `pale` ones alone it counts. */
  readonly colour: number
  /** Which of the things that the page draws it is part of. */
  readonly order: number
  /** As of a glyph. */
  readonly added: boolean
  /** As of a glyph. */
  readonly spaced: boolean
}

const black = 0

/** Radians by which text may lean and still stand along an axis. */
const leanMax = 0.1

/** A colour as it is seen on paper; `alpha` is of 255. */
export function colourOnPaper(red: number, green: number, blue: number, alpha: number): number {
  return mixedColour((red << 16) | (green << 8) | blue, alpha / 255, paper)
}

/** The colours of paper and of all areas of a page. */
export function shadesOf({ grounds }: Drawing): readonly number[] {
  return [...new Set([paper, ...grounds.map(({ colour }) => colour ?? paper)])]
}

/**
 * What ink of a colour is, by the rendering mode of ISO 32000-1, table 106, on a page of these shades. Whether a pale one
 * is seen is told by what it stands on.
 */
export function inkOf(mode: number, colour: number, shades: readonly number[]): Ink {
  if (mode === 3) return 'none'
  if (mode === 7) return 'outline'
  for (const shade of shades) if (sightOf(difference(colour, shade)) !== 'shown') return 'pale'
  return 'shown'
}

/** Adds one character to the page of this size on which `drawing` is drawn; keeps nothing of what it is given. */
export function show(
  shown: Shown,
  { code, box, inkMiddle, angle, turn, ink, colour, order, added, spaced }: SourceGlyph,
  drawing: Drawing,
  page: { readonly width: number; readonly height: number },
  seen: Seen,
): void {
  const part = isOnPage(box, page) ? seenPart(shown, box, order, seen) : 0
  if (part <= seenMin) {
    shown.hidden++
    doubtBeside(shown, box, order)
    if (code !== null && isUnderPicture(box, drawing, page)) keepFaint(shown, textOf(code), box, turn)
    return
  }
  const unmapped = code === null || isUnmapped(code)
  if (leans(angle)) {
    if (code !== null) shown.leftOut += String.fromCodePoint(code)
    endLeaning(shown, box)
    return
  }
  const ground = ink === 'pale' ? colourUnder(box, order, drawing) : paper
  const told = ink === 'pale' ? sightOf(difference(colour, ground)) : 'shown'
  // What is seen on an area of its own colour stands on another one: of colours that run into one another PDFium tells black.
  const unsureGround = (told === 'unseen' && ground !== paper) || (told === 'faint' && ground === black)
  const sight = unsureGround && seen(box, false) >= seenWhole ? 'shown' : told
  const unsure =
    part < seenWhole ||
    (shown.covered !== null && isBeside(shown.covered, box, order)) ||
    ink === 'outline' ||
    (ink === 'none' && drawing.pictures.some((picture) => contains(picture, box)))
  if (ink === 'none' || ink === 'outline' || sight === 'unseen') {
    shown.hidden++
    if (!unsure) return
  }
  const faint = sight !== 'shown'
  if (unmapped) shown.unmapped++
  else if (faint) shown.leftOut += String.fromCodePoint(code)
  const text = unmapped ? '' : textOf(code)
  const { x, y, width, height } = box
  const glyph: Glyph = { text, x, y, width, height, inkMiddle, turn, confidence: unsure ? 0 : null }
  if (part !== unveiled) shown.veiled.push(shown.glyphs.length)
  if (colour !== black && isLight(colour)) shown.light.push({ index: shown.glyphs.length, order, colour })
  shown.orders.push(order)
  shown.glyphs.push(faint || added || spaced ? { ...glyph, faint, added, spaced } : glyph)
  goOnLeaning(shown, box)
}

/** Characters of a text along a bow that stand upright by chance, as its middle does. */
const uprightMax = 3
/** Sizes of a character by which the next one along a bow may stand from it. */
const bowGap = 1

function isNextTo(one: Box, other: Box): boolean {
  const near = bowGap * Math.max(one.width, one.height, other.width, other.height)
  const aside = Math.max(other.x - one.x - one.width, one.x - other.x - other.width)
  const above = Math.max(other.y - one.y - one.height, one.y - other.y - other.height)
  return aside < near && above < near
}

/** Notes an upright glyph that stands right behind those that lean. */
function goOnLeaning(shown: Shown, { x, y, width, height }: Box): void {
  const { leaning, glyphs } = shown
  if (leaning === null) return
  const box = { x, y, width, height }
  if (isNextTo(leaning.box, box) && glyphs.length - leaning.first <= uprightMax) leaning.box = box
  else shown.leaning = null
}

/** Takes upright glyphs between others that lean for part of the same text along a bow, and notes one that leans. */
function endLeaning(shown: Shown, { x, y, width, height }: Box): void {
  const { leaning, glyphs } = shown
  const box = { x, y, width, height }
  if (leaning !== null && isNextTo(leaning.box, box)) {
    for (let index = leaning.first; index < glyphs.length; index++) {
      const { text } = glyphs[index]!
      shown.leftOut += text
      glyphs[index] = { ...glyphs[index]!, confidence: 0, faint: true }
    }
  }
  shown.leaning = { first: glyphs.length, box }
}

/** Of the room of a character, how far another one of the same figure may stand from it. */
const besidePart = 0.5

function isBeside(one: { readonly box: Box; readonly order: number }, box: Box, order: number): boolean {
  if (one.order !== order || Math.abs(one.box.y - box.y) > besidePart * box.height) return false
  const gap = Math.max(box.x - one.box.x - one.box.width, one.box.x - box.x - box.width)
  return gap < besidePart * box.width
}

/** Of what is written in one go and hidden in part nobody knows what is left. */
function doubtBeside(shown: Shown, { x, y, width, height }: Box, order: number): void {
  const box = { x, y, width, height }
  const last = shown.glyphs.at(-1)
  if (last !== undefined && isBeside({ box: last, order: shown.orders.at(-1)! }, box, order))
    shown.glyphs[shown.glyphs.length - 1] = { ...last, confidence: 0 }
  shown.covered = { box, order }
}

/** A picture may show something in place of what it hides, but for one of the page, which is a photograph of it. */
function isUnderPicture(
  box: Box,
  { pictures }: Drawing,
  page: { readonly width: number; readonly height: number },
): boolean {
  const pageSize = pagePart * page.width * page.height
  return pictures.some((picture) => picture.width * picture.height < pageSize && contains(picture, box))
}

const pagePart = 0.5

/** Leaves its cell in doubt where nothing else stands there. */
function keepFaint(shown: Shown, text: string, { x, y, width, height }: Box, turn: Glyph['turn']): void {
  shown.orders.push(-1)
  shown.glyphs.push({ text, x, y, width, height, turn, confidence: 0, faint: true })
}

/** Parts of a character's ink: with less it is not seen, with less than the other it may be another one. */
const seenMin = 0.02
const seenWhole = 0.75
/** Part of a character's middle over which something must lie that may hide it. */
const veiledPart = 0.2

/** What of a character is seen that nothing lies over. */
const unveiled = 2

/** How much of a character is seen, as far as something that was drawn later may hide it. */
function seenPart({ hides, veils }: Shown, box: Box, order: number, seen: Seen): number {
  const core = coreOf(box)
  if (hides(core, order, containsWhole)) return 0
  if (hides(core, order, liesOver) || veils(core, order, hidesInPart)) return seen(box, false)
  return veils(core, order, isSeenThrough) ? seen(box, true) : unveiled
}

function liesOver(over: Box, core: Box): boolean {
  const { width, height } = sharedBox(core, over)
  return width * height >= veiledPart * core.width * core.height
}

function hidesInPart(veil: Veil, core: Box): boolean {
  return !veil.through && liesOver(veil, core)
}

function isSeenThrough(veil: Veil, core: Box): boolean {
  return veil.through && liesOver(veil, core)
}

/** Doubts figures over which something lies and others are written: the page does not tell the one's ink from the other's. */
export function doubtOverwritten({ glyphs, orders, veiled }: Shown): void {
  for (const under of veiled) {
    const { text } = glyphs[under]!
    if (!/\d/.test(text)) continue
    const core = coreOf(glyphs[under]!)
    for (const [over, glyph] of glyphs.entries()) {
      if (orders[over]! <= orders[under]! || glyph.text === text) continue
      const { width, height } = sharedBox(core, coreOf(glyph))
      if (width * height === 0) continue
      for (const index of [under, over]) glyphs[index] = { ...glyphs[index]!, confidence: 0 }
    }
  }
}

/** Takes the tiles of a watermark for as faint as others are. */
export function fadeTiles(shown: Shown): void {
  const { glyphs, light } = shown
  for (const index of tiledGlyphs(glyphs, light)) {
    if (!glyphs[index]!.faint) shown.leftOut += glyphs[index]!.text
    glyphs[index] = { ...glyphs[index]!, faint: true }
  }
}

/** The colour on which a character stands; null where it is not known. */
function colourUnder(box: Box, order: number, { grounds }: Drawing): number | null {
  for (let index = grounds.length - 1; index >= 0; index--) {
    const ground = grounds[index]!
    if (ground.order < order && contains(ground, box)) return ground.colour
  }
  return paper
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
export function noticesOf({ unmapped, hidden, leftOut }: Shown, number: number): Notice[] {
  const anchor = pageAnchor(number)
  const notices: Notice[] = []
  if (unmapped > 0) notices.push({ code: 'glyphs_without_text', anchor, data: { count: unmapped } })
  if (hidden > 0) notices.push({ code: 'hidden_text', anchor, data: { count: hidden } })
  if (leftOut !== '') notices.push({ code: 'text_left_out', anchor, data: { text: leftOut.slice(0, 100) } })
  return notices
}

function leans(angle: number): boolean {
  if (angle === 0) return false
  const quarter = Math.PI / 2
  const off = ((angle % quarter) + quarter) % quarter
  return Math.min(off, quarter - off) > leanMax
}

/** Controls, private use and noncharacters: the font gives a shape and no character. */
function isUnmapped(code: number): boolean {
  return code < 32 || code === 0xfffd || code === 0xfffe || code === 0xffff || (code >= 0xe000 && code <= 0xf8ff)
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

function containsWhole(outer: Box, { x, y, width, height }: Box): boolean {
  if (x < outer.x || x + width > outer.x + outer.width) return false
  return y >= outer.y && y + height <= outer.y + outer.height
}
