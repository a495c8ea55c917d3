/**
 * Text as words, for tables without ruling lines: takes lines as they stand below one another, over pages too, gives the
 * words in them with their places, in lines of their own. A word is what stands side by side without white between; of
 * words only those at one height make a line, since figures may stand half a line below a label that is broken in two.
 */
import type { Box } from '../document.ts'
import type { Glyph } from './page.ts'
import { boxAround, type GlyphLine, lineText } from './text.ts'

/** A line among those that stand below one another; `offset` is what its page adds to its place. */
export type StreamLine = { readonly line: GlyphLine; readonly page: number; readonly offset: number }

/** A word by where it stands; `middle` counts from the top of the first page. */
export type Word = {
  readonly text: string
  readonly figure: boolean
  readonly left: number
  readonly right: number
  readonly middle: number
  /** The width of a Chinese character beside it. */
  readonly em: number
  readonly page: number
  readonly box: Box
  readonly glyphs: readonly Glyph[]
}

/** Words at one height from left to right. */
export type WordLine = readonly Word[]

/** White space as wide as this part of a Chinese character parts words; between Chinese characters it is twice that. */
const wordGap = 0.3
/** Of one line is what stands no further up or down than this part of a Chinese character. */
const sameLine = 0.42
const han = /\p{Script=Han}/u

/** A figure with its unit, or a mark in place of one. */
const figureWord =
  /^(?:[+\-增减]?\d[\d,.]*(?:%|[件个项次条万千亿元宗起例]{1,2})?|[-—–―‐−/\\]{1,4}|[×*○〇无]|\d[\d,]*[件个项次条]?\(其中.{1,20}\))$/u

/** Whether a text can be the content of a cell of figures. */
function isFigureText(text: string): boolean {
  return figureWord.test(text.normalize('NFKC').replaceAll('，', ','))
}

const lastOfFigure = /[\d０-９%％)）件个项次条元起例宗\-—–―−/／\\×*○〇无]$/u

/** Whether a line ends in a figure that stands apart from words before it. */
export function endsInFigure({ line, page, offset }: StreamLine): boolean {
  const last = line.glyphs.findLast(({ text }) => text.trim() !== '')
  if (last === undefined || !lastOfFigure.test(last.text)) return false
  const words = joinGlyphs(placed(line.glyphs, page, offset))
  return words.length > 1 && words.reduce((one, other) => (other.right > one.right ? other : one)).figure
}

/** All words of a stream, in lines from the top. */
export function wordLines(stream: readonly StreamLine[]): WordLine[] {
  const pages = new Map<number, PlacedGlyph[]>()
  for (const { line, page, offset } of stream) {
    const glyphs = pages.get(page) ?? []
    if (glyphs.length === 0) pages.set(page, glyphs)
    glyphs.push(...placed(line.glyphs, page, offset))
  }
  const words = [...pages.values()].flatMap(joinGlyphs).sort((a, b) => a.middle - b.middle)
  // Figures of a row stand at one height; the label beside them may stand a little higher or lower.
  const lines = atHeights(words.filter((word) => word.figure && !isMark(word)))
  const others: Word[] = []
  let from = 0
  for (const word of words) {
    if (word.figure || isMark(word)) continue
    const reach = sameLine * word.em
    while (from < lines.length && lines[from]![0]!.middle < word.middle - 2 * reach) from++
    const near = lines.slice(from, from + 3).filter((line) => isLevel(line[0]!, word))
    const [nearest] = near.sort((a, b) => distanceOf(a[0]!, word) - distanceOf(b[0]!, word))
    if (nearest === undefined) others.push(word)
    else nearest.push(word)
  }
  lines.push(...atHeights(others))
  lines.sort((a, b) => a[0]!.middle - b[0]!.middle)
  return withMarks(lines, words.filter(isMark)).map((line) => line.sort((a, b) => a.left - b.left))
}

/** Words, from the top, in lines of what stands no lower than the first of them. */
function atHeights(words: readonly Word[]): Word[][] {
  const lines: Word[][] = []
  for (const word of words) {
    const line = lines.at(-1)
    if (line === undefined || !isLevel(line[0]!, word)) lines.push([word])
    else line.push(word)
  }
  return lines
}

function isLevel(one: Word, other: Word): boolean {
  return distanceOf(one, other) <= sameLine * Math.max(one.em, other.em)
}

function distanceOf(one: Word, other: Word): number {
  return Math.abs(one.middle - other.middle)
}

/** Whether a word is a mark for none, which may stand higher or lower than the figures beside it. */
export function isMark({ text }: Word): boolean {
  return !letter.test(text)
}

/** Lines with the marks that stand in them; marks by themselves are lines of their own. */
function withMarks(lines: readonly Word[][], marks: readonly Word[]): Word[][] {
  const all = lines.map((line) => [...line])
  let from = 0
  for (const mark of marks) {
    const reach = markMiss * mark.em
    while (from < all.length && all[from]![0]!.middle < mark.middle - 2 * reach) from++
    let nearest: Word[] | undefined
    for (let index = from; index < all.length && all[index]![0]!.middle <= mark.middle + reach; index++) {
      const distance = (line: readonly Word[]): number => Math.abs(line[0]!.middle - mark.middle)
      if (distance(all[index]!) > reach) continue
      if (nearest === undefined || distance(all[index]!) < distance(nearest)) nearest = all[index]
    }
    if (nearest !== undefined) nearest.push(mark)
    else {
      const at = all.findIndex((line) => line[0]!.middle > mark.middle)
      all.splice(at < 0 ? all.length : at, 0, [mark])
    }
  }
  return all
}

type PlacedGlyph = {
  readonly glyph: Glyph
  readonly page: number
  readonly offset: number
  readonly em: number
  readonly middle: number
}

function placed(glyphs: readonly Glyph[], page: number, offset: number): PlacedGlyph[] {
  const shown = glyphs.filter(({ text }) => text.trim() !== '')
  const em = emOf(shown)
  return shown.map((glyph) => ({ glyph, page, offset, em, middle: offset + heightOf(glyph) }))
}

/** Glyphs as words: those side by side at one height. */
function joinGlyphs(glyphs: readonly PlacedGlyph[]): Word[] {
  const open: PlacedGlyph[][] = []
  const closed: PlacedGlyph[][] = []
  for (const one of [...glyphs].sort((a, b) => a.glyph.x - b.glyph.x)) {
    let joined = false
    for (let index = open.length - 1; index >= 0; index--) {
      const last = open[index]!.at(-1)!
      const gap = one.glyph.x - last.glyph.x - last.glyph.width
      if (gap > 4 * one.em) closed.push(...open.splice(index, 1))
      else if (!joined && isSideBySide(last, one, gap)) {
        open[index]!.push(one)
        joined = true
      }
    }
    if (!joined) open.push([one])
  }
  return [...closed, ...open].map((part) => {
    const { em, page, offset } = part[0]!
    return makeWord(
      part.map(({ glyph }) => glyph),
      em,
      page,
      offset,
    )
  })
}

function isSideBySide(last: PlacedGlyph, one: PlacedGlyph, gap: number): boolean {
  const em = Math.min(last.em, one.em)
  if (Math.abs(last.middle - one.middle) > sideMiss(last.glyph, one.glyph) * em) return false
  const least = gapBetween(last.glyph.text, one.glyph.text)
  return gap <= least * em && gap > -em
}

/** The parts of a word before and from one of its glyphs. */
export function cutWord({ glyphs, em, page, middle }: Word, at: number): readonly Word[] {
  const offset = middle - middleOf(glyphs)
  return [glyphs.slice(0, at), glyphs.slice(at)].map((part) => makeWord(part, em, page, offset))
}

/** White space that is not yet a gap between words; a point or a comma is never the end of a figure. */
function gapBetween(before: string, behind: string): number {
  if (han.test(before) && han.test(behind)) return 2 * wordGap
  const inFigure = (point.test(before) && digit.test(behind)) || (digit.test(before) && point.test(behind))
  return inFigure ? 3 * wordGap : wordGap
}

const point = /^[.,．，]$/
const digit = /^[\d０-９]$/

/** How far up or down glyphs of one word may stand from each other: marks stand high or low in their line. */
function sideMiss(one: Glyph, other: Glyph): number {
  return letter.test(one.text) && letter.test(other.text) ? sameLine : markMiss
}

const letter = /[\p{Script=Han}\p{N}]/u
const markMiss = 0.6

/** Two words as one. */
export function joinWords(one: Word, other: Word): Word {
  return makeWord([...one.glyphs, ...other.glyphs], one.em, one.page, one.middle - middleOf(one.glyphs))
}

function makeWord(glyphs: readonly Glyph[], em: number, page: number, offset: number): Word {
  const box = boxAround(glyphs)
  const text = lineText({ glyphs, box })
  const figure = isFigureText(text)
  const middle = offset + middleOf(glyphs)
  return { text, figure, left: box.x, right: box.x + box.width, middle, em, page, box, glyphs }
}

/** The height at which most of the glyphs stand. */
function middleOf(glyphs: readonly Glyph[]): number {
  const letters = glyphs.filter(({ text }) => /[\p{L}\p{N}]/u.test(text))
  const middles = (letters.length > 0 ? letters : glyphs).map(heightOf).sort((a, b) => a - b)
  return middles[middles.length >> 1]!
}

/** The height of a glyph's middle. */
function heightOf({ y, height, inkMiddle }: Glyph): number {
  return inkMiddle ?? y + height / 2
}

/** The width of a Chinese character in this line; digits are half as wide. */
function emOf(glyphs: readonly Glyph[]): number {
  const widths = glyphs.flatMap(({ text, width }) => (han.test(text) ? [width] : /\d/.test(text) ? [1.9 * width] : []))
  if (widths.length === 0) return Math.max(1, (glyphs[0]?.height ?? 1) * 0.8)
  widths.sort((a, b) => a - b)
  return Math.max(1, widths[widths.length >> 1]!)
}

/** Whether two stretches share more than a hair. */
export function overlaps(one: Pick<Word, 'left' | 'right'>, other: Pick<Word, 'left' | 'right'>): boolean {
  return Math.min(one.right, other.right) - Math.max(one.left, other.left) > 0.3
}
