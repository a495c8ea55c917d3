/**
 * Glyphs that stand on a page and do not count: what is struck out, and the raised numbers of footnotes behind figures and
 * labels. Takes a page, gives it without them, as formats with markup leave them out.
 */
import { firstNotBefore } from '../bisect.ts'
import type { Box, Notice, ParserNoticeCode } from '../document.ts'
import { isFootnoteMark } from '../marks.ts'
import { coreOf } from './contrast.ts'
import { type Glyph, type Page, pageAnchor, type Rule, type Slant } from './page.ts'
import { isDigit, sizeOf } from './text.ts'

/** Part of a character's size by which the line through it may miss its middle. */
const strikeMiss = 0.2
/** Part of a character's size by which that line may be longer than what it strikes out, a struck space included. */
const strikeOver = 0.4
/** Thicker lines hide what they cross. */
const strikeThicknessMax = 2
const toldCharactersMax = 200

/** A character behind another is raised if it is smaller and its middle higher than these parts of the other's size. */
const raisedSize = 0.85
const raisedBy = 0.12
/** So near must it stand behind the other. */
const raisedGap = 0.25

/** Characters so large, in points, and so many times the size of what they are printed over, are a watermark's. */
const watermarkSize = 30
const watermarkPart = 2.5

/** The page without struck out glyphs and watermarks, which notices tell, and without the marks of footnotes. */
export function withoutMarked(page: Page): Page {
  const left = doubtCrossed(withoutStruck(withoutWatermark(page)))
  const raised = raisedMarks(left.glyphs)
  return raised.size === 0 ? left : { ...left, glyphs: left.glyphs.filter((glyph) => !raised.has(glyph)) }
}

/** What is printed large over other text belongs to none of it. */
function withoutWatermark(page: Page): Page {
  const large = page.glyphs.filter((glyph) => glyph.height > watermarkSize && sizeOf(glyph) > watermarkSize)
  if (large.length === 0) return page
  const isOver = (glyph: Glyph): boolean =>
    page.glyphs.some((other) => {
      if (sizeOf(other) * watermarkPart > sizeOf(glyph) || other.text.trim() === '') return false
      const [x, y] = [other.x + other.width / 2, other.y + other.height / 2]
      return x > glyph.x && x < glyph.x + glyph.width && y > glyph.y && y < glyph.y + glyph.height
    })
  const over = large.filter(isOver)
  if (over.length === 0) return page
  // The other characters of its line may stand between those of the text.
  const marks = new Set(large.filter((glyph) => over.some(({ y, height }) => Math.abs(y - glyph.y) < height / 2)))
  return without(page, marks, 'text_left_out')
}

function withoutStruck(page: Page): Page {
  const lines = page.rules
    .filter(({ horizontal, thickness }) => horizontal && thickness <= strikeThicknessMax)
    .sort((a, b) => a.at - b.at)
  const struck = new Set<Glyph>()
  const strikes = new Set<Rule>()
  const doubted = new Set<Glyph>()
  for (const [rule, crossed] of crossings(lines, page.glyphs)) {
    const ends = meetsUpright(rule, page.rules)
    if (isAlongOnly(rule, crossed) && !ends) {
      strikes.add(rule)
      for (const glyph of crossed) struck.add(glyph)
      continue
    }
    // No table has a line through the middle of its figures.
    const figures = crossed.filter(isDigit)
    if (figures.length > 0 && !ends) strikes.add(rule)
    for (const glyph of figures) doubted.add(glyph)
  }
  if (strikes.size === 0 && doubted.size === 0) return page
  const left = struck.size === 0 ? page : without(page, struck, 'struck_out_text')
  const rules = page.rules.filter((rule) => !strikes.has(rule))
  const glyphs = left.glyphs.map((glyph) => (doubted.has(glyph) ? { ...glyph, crossed: true } : glyph))
  return { ...left, glyphs, rules }
}

/** Part of a digit's middle along which a line aslant must run to cross it out. */
const slantPart = 0.6

/** The page with digits in doubt through whose middle a line runs aslant. */
function doubtCrossed(page: Page): Page {
  const { slants = [], glyphs } = page
  if (slants.length === 0) return page
  const isCrossed = (glyph: Glyph): boolean => {
    const core = coreOf(glyph)
    const least = slantPart * Math.min(core.width, core.height)
    return slants.some((slant) => lengthIn(slant, core) >= least)
  }
  const doubted = (glyph: Glyph): Glyph => (isDigit(glyph) && isCrossed(glyph) ? { ...glyph, crossed: true } : glyph)
  return { ...page, glyphs: glyphs.map(doubted) }
}

/** How much of a line lies in a box (Liang and Barsky). */
function lengthIn({ from, to }: Slant, { x, y, width, height }: Box): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  let [first, last] = [0, 1]
  for (const [step, room] of [
    [-dx, from.x - x],
    [dx, x + width - from.x],
    [-dy, from.y - y],
    [dy, y + height - from.y],
  ] as const) {
    if (step === 0 && room < 0) return 0
    if (step < 0) first = Math.max(first, room / step)
    if (step > 0) last = Math.min(last, room / step)
  }
  return Math.max(0, last - first) * Math.hypot(dx, dy)
}

/** The page without some of its glyphs, as a notice tells. */
function without(page: Page, glyphs: ReadonlySet<Glyph>, code: ParserNoticeCode): Page {
  const text = page.glyphs.flatMap((glyph) => (glyphs.has(glyph) ? [glyph.text] : [])).join('')
  const data = { text: text.slice(0, toldCharactersMax) }
  const notice: Notice<ParserNoticeCode> = { code, anchor: pageAnchor(page.number), data }
  return { ...page, glyphs: page.glyphs.filter((glyph) => !glyphs.has(glyph)), notices: [...page.notices, notice] }
}

/** The glyphs that each of the lines, from the top down, runs through the middle of. */
function crossings(lines: readonly Rule[], glyphs: readonly Glyph[]): ReadonlyMap<Rule, Glyph[]> {
  const crossed = new Map<Rule, Glyph[]>()
  if (lines.length === 0) return crossed
  // One for all glyphs of a page, of which there may be thousands.
  let least = 0
  const isAbove = ({ at }: Rule): boolean => at < least
  for (const glyph of glyphs) {
    if (glyph.turn !== 0 || glyph.text.trim() === '') continue
    const middle = middleOf(glyph)
    const centre = glyph.x + glyph.width / 2
    const miss = strikeMiss * sizeOf(glyph)
    least = middle - miss
    for (let index = firstNotBefore(lines, isAbove); index < lines.length; index++) {
      const rule = lines[index]!
      if (rule.at > middle + miss) break
      if (centre <= rule.from || centre >= rule.to) continue
      const others = crossed.get(rule)
      if (others === undefined) crossed.set(rule, [glyph])
      else others.push(glyph)
    }
  }
  return crossed
}

/** True where a line is no longer than the glyphs it crosses: the line of a table is. */
function isAlongOnly({ from, to }: Rule, crossed: readonly Glyph[]): boolean {
  const over = strikeOver * Math.max(...crossed.map(sizeOf))
  const first = Math.min(...crossed.map(({ x }) => x))
  const last = Math.max(...crossed.map(({ x, width }) => x + width))
  return from >= first - over && to <= last + over
}

/** True where a line ends at an upright one, as lines of tables do. */
function meetsUpright({ at, from, to }: Rule, rules: readonly Rule[]): boolean {
  return rules.some((rule) => {
    if (rule.horizontal || at < rule.from - 1 || at > rule.to + 1) return false
    return Math.abs(rule.at - from) <= 1 || Math.abs(rule.at - to) <= 1
  })
}

/** The glyphs of footnotes' marks: smaller and raised, right behind a character of the same line. */
function raisedMarks(glyphs: readonly Glyph[]): ReadonlySet<Glyph> {
  const found = new Set<Glyph>()
  let base: Glyph | null = null
  let run: Glyph[] = []
  const endRun = (): void => {
    if (run.length > 0 && isFootnoteMark(run.map(({ text }) => text).join(''))) for (const one of run) found.add(one)
    run = []
  }
  for (const glyph of glyphs) {
    const before = run.at(-1) ?? base
    if (base !== null && before !== null && isRaised(glyph, base) && isRightBehind(glyph, before, base)) {
      run.push(glyph)
      continue
    }
    endRun()
    base = glyph.turn === 0 && glyph.text.trim() !== '' ? glyph : null
  }
  endRun()
  return found
}

function isRaised(glyph: Glyph, base: Glyph): boolean {
  if (glyph.turn !== 0 || glyph.height > raisedSize * base.height) return false
  // Of the same kind of characters the width tells the size too, whatever room the font reserves.
  if (isDigit(glyph) && isDigit(base) && glyph.width > raisedSize * base.width) return false
  return middleOf(base) - middleOf(glyph) >= raisedBy * sizeOf(base)
}

function isRightBehind(glyph: Glyph, before: Glyph, base: Glyph): boolean {
  const gap = glyph.x - before.x - before.width
  return Math.abs(gap) <= raisedGap * sizeOf(base)
}

function middleOf({ y, height, inkMiddle }: Glyph): number {
  return inkMiddle ?? y + height / 2
}
