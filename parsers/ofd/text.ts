/**
 * One text object to glyphs (clause 11): where each of its characters stands, by the origin and the offsets of its text
 * codes, seen through the object's map. The package need not hold its fonts, so the box of a character is the em box of
 * its font size, as wide as its step to the next one says, else as characters of its kind are.
 */
import type { Box } from '../document.ts'
import type { Glyph } from '../layout/page.ts'
import { enforceLimit } from '../limits.ts'
import { apply, boxThrough, type Matrix, overlap } from './geometry.ts'
import { childrenOf, type Element, numberOf, numbersOf } from './xml.ts'

/** The glyphs of a text object; `shapes` are their numbers in the font, where the object states them. */
export type LaidText = {
  readonly glyphs: readonly Glyph[]
  readonly shapes: readonly (number | null)[]
  /** It stands at no quarter turn. */
  readonly slanted: boolean
  /** Radians clockwise by which its characters are turned. */
  readonly angle: number
  /** Where they stand is stated, not told by what characters are usually wide. */
  readonly measured: boolean
}

/** A character at its origin on the base line, in the object's space, with the number of its shape. */
type Placed = {
  readonly text: string
  readonly shape: number | null
  readonly x: number
  readonly y: number
  readonly width: number
}

/** Where the em box begins over the base line and ends under it, in parts of the font size. */
const ascent = 0.86
const descent = 0.14
/** Text within so many degrees of a quarter turn is taken for straight. */
const slantDegrees = 8
/** Stands for a shape that the font gives no character for: private use, replacement, what converters put in its place. */
const noCharacter = /^[\p{Co}\p{Cn}\p{Cc}\ufffd¤]$/u
const wide =
  /[\u1100-\u11ff\u2014\u2018-\u201d\u2026\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3ffff}]/u

/** Lays out a text object. `toPage` leads from its own space to the page; `boundary` is on the page. @throws LimitError */
export function layText(element: Element, toPage: Matrix, boundary: Box | null): LaidText {
  const size = numberOf(element, 'Size') ?? 0
  if (size <= 0) return { glyphs: [], shapes: [], slanted: false, angle: 0, measured: true }
  const placed = placeCharacters(element, size)
  const straight = (read: number): LaidText => layAlong(element, placed, size, toPage, read)
  const laid = straight(0)
  const read = numberOf(element, 'ReadDirection') ?? 0
  if (read === 0 || boundary === null || share(laid.glyphs, boundary) > 0.5) return laid
  // Writers disagree whether offsets turn with the direction of reading: the boundary tells.
  const turned = straight(read)
  return share(turned.glyphs, boundary) > share(laid.glyphs, boundary) ? turned : laid
}

/** All characters of a text object, as written. */
export function textOf(element: Element): string {
  return childrenOf(element, 'TextCode')
    .map(({ text }) => text.trim())
    .join('')
}

function layAlong(element: Element, placed: readonly Placed[], size: number, toPage: Matrix, read: number): LaidText {
  const along = rotation(read)
  const turn = rotation(numberOf(element, 'CharDirection') ?? 0)
  // The direction of a character's own base line on the page, its shape turned by CharDirection.
  const [left, top] = apply(toPage, [0, 0])
  const [right, bottom] = apply(toPage, apply(turn, [1, 0]))
  const angle = Math.atan2(bottom - top, right - left)
  const degrees = (angle * 180) / Math.PI
  const quarter = Math.round(degrees / 90)
  const slanted = Math.abs(degrees - quarter * 90) > slantDegrees
  const [a, b, c, d] = toPage
  // As in a mirror nothing is what it is said to be.
  const mirrored = a * d - b * c < 0
  const measured = childrenOf(element, 'TextCode').every(
    ({ attributes: { DeltaX, DeltaY }, text }) => (DeltaX ?? DeltaY) !== undefined || [...text.trim()].length < 2,
  )
  const glyphs = placed.map(({ text: said, x, y, width }): Glyph => {
    const text = mirrored ? '' : said
    const [originX, originY] = apply(along, [x, y])
    const em = boxThrough(turn, { x: 0, y: -ascent * size, width, height: (ascent + descent) * size })
    const box = boxThrough(toPage, { ...em, x: em.x + originX, y: em.y + originY })
    return { text, ...box, turn: ((quarter + 4) % 4) as Glyph['turn'], confidence: null }
  })
  return { glyphs, shapes: placed.map(({ shape }) => shape), slanted, angle, measured }
}

/** Clockwise, as seen with y downwards. */
function rotation(degrees: number): Matrix {
  const quarters = ((Math.round(degrees / 90) % 4) + 4) % 4
  const [cosine, sine] = [[1, 0, -1, 0][quarters]!, [0, 1, 0, -1][quarters]!]
  return [cosine, sine, -sine, cosine, 0, 0]
}

/** How many of the glyphs have their middle inside. */
function share(glyphs: readonly Glyph[], boundary: Box): number {
  const inside = glyphs.filter(
    ({ x, y, width, height }) =>
      overlap(boundary, { x: x + width / 2, y: y + height / 2, width: 0, height: 0 }) !== null,
  )
  return glyphs.length === 0 ? 1 : inside.length / glyphs.length
}

function placeCharacters(element: Element, size: number): Placed[] {
  const placed: Placed[] = []
  const stretch = numberOf(element, 'HScale') ?? 1
  const downwards = [90, 270].includes(numberOf(element, 'ReadDirection') ?? 0)
  const { shapes, unknown } = readShapes(element)
  // Writers disagree on which side text that is read from right to left begins.
  const isReversed = numberOf(element, 'ReadDirection') === 180
  let [startX, startY] = [0, 0]
  for (const code of childrenOf(element, 'TextCode')) {
    startX = numberOf(code, 'X') ?? startX
    startY = numberOf(code, 'Y') ?? startY
    enforceLimit('drawnMarksMax', placed.length + code.text.length)
    const characters = charactersOf(code)
    const right = readOffsets(code.attributes.DeltaX, characters.length - 1)
    const down = readOffsets(code.attributes.DeltaY, characters.length - 1)
    let [x, y] = [startX, startY]
    for (const [index, character] of characters.entries()) {
      const natural = size * stretch * (wide.test(character) ? 1 : 0.5)
      const step = right?.[index] ?? (right === null && down === null ? natural : 0)
      // The last one has no step: it is as wide as the one before, where that is of its kind.
      const known = step > 0 ? step : (right?.[index - 1] ?? 0)
      const width = known > natural * 0.5 && known < natural * 1.4 && !downwards ? known : natural
      const at = placed.length
      const isUnknown = unknown.has(at) || (isReversed && characters.length > 1 && /\d/.test(character))
      const text = noCharacter.test(character) || isUnknown ? '' : character
      placed.push({ text, shape: shapes.get(at) ?? null, x, y, width })
      x += step
      y += down?.[index] ?? 0
    }
  }
  return placed.length > 0 ? placed : glyphsWithoutText(element, startX, startY === 0 ? ascent * size : startY, size)
}

/** Without the line breaks and indents that some writers put around a text. */
function charactersOf({ text }: Element): string[] {
  return [...text.replace(/^\s*[\r\n]\s*|\s*[\r\n]\s*$/g, '').replace(/[\r\n\t]/g, '')]
}

/**
 * The numbers of the shapes that stand for the characters of a text, by their places, and the places of figures for which
 * another count of shapes stands: which of them is which digit is not known.
 */
function readShapes(element: Element): {
  readonly shapes: ReadonlyMap<number, number>
  readonly unknown: ReadonlySet<number>
} {
  const shapes = new Map<number, number>()
  const unknown = new Set<number>()
  const transforms = childrenOf(element, 'CGTransform')
  const characters = transforms.length === 0 ? [] : childrenOf(element, 'TextCode').flatMap(charactersOf)
  let placeCount = 0
  for (const transform of transforms) {
    const numbers = childrenOf(transform, 'Glyphs').flatMap(({ text }) => text.trim().split(/\s+/).map(Number))
    const first = Math.max(0, Math.round(numberOf(transform, 'CodePosition') ?? 0))
    const shapeCount = numbers.length > 0 ? numbers.length : (numberOf(transform, 'GlyphCount') ?? 0)
    const codeCount = numberOf(transform, 'CodeCount') ?? shapeCount
    const isWhole = codeCount === shapeCount && first + codeCount <= characters.length
    const end = Math.min(first + codeCount, characters.length)
    placeCount += Math.max(0, end - first)
    enforceLimit('drawnMarksMax', placeCount)
    const isFigure = characters.slice(first, end).some((character) => /\d/.test(character))
    for (let place = first; place < end; place++) {
      const shape = numbers[place - first]
      if (!isWhole && isFigure) unknown.add(place)
      else if (isWhole && Number.isFinite(shape)) shapes.set(place, shape!)
    }
  }
  return { shapes, unknown }
}

/** A shape that the object draws by its number, and its text has no character for. */
function glyphsWithoutText(element: Element, x: number, y: number, size: number): Placed[] {
  const drawn = childrenOf(element, 'CGTransform').some((one) =>
    childrenOf(one, 'Glyphs').some(({ text }) => text.trim() !== ''),
  )
  return drawn ? [{ text: '', shape: null, x, y, width: size }] : []
}

/**
 * The offsets of a list such as `3 g 4 2.5 3`, where `g n v` stands for n times v, as many as are needed and no more
 * whatever is claimed; the last one goes on where the list is too short. Null where there is none.
 */
export function readOffsets(list: string | undefined, needed: number): number[] | null {
  const parts = list?.trim().split(/[\s,]+/) ?? []
  if (parts.length === 0 || parts[0] === '') return null
  const offsets: number[] = []
  for (let at = 0; at < parts.length && offsets.length < needed; at++) {
    const repeated = parts[at] === 'g'
    const [count, value] = repeated
      ? (numbersOf(`${parts[at + 1]} ${parts[at + 2]}`, 2) ?? [0, 0])
      : [1, Number(parts[at])]
    if (repeated) at += 2
    if (!Number.isFinite(value)) continue
    for (let times = 0; times < count! && offsets.length < needed; times++) offsets.push(value!)
  }
  const last = offsets.at(-1)
  while (last !== undefined && offsets.length < needed) offsets.push(last)
  return offsets
}
