/**
 * Digits that one font draws in several ways: its table of characters then says of different shapes that they are the same
 * one, 0 for a 0 and a 7, and nobody knows which of them it is wrong about. Takes the digits of a page, tells which those are.
 */
import type { Notice } from '../document.ts'
import { type Glyph, pageAnchor } from '../layout/page.ts'

/** What a digit of a font is told by: the code that it has there, or how large its ink is, in parts of the font's size. */
export type DigitShape = readonly number[]

/** Digits as far as they were met, each with the place where it stands. */
export type Digits<Font, Place> = {
  note(font: Font, digit: number, shape: DigitShape, place: Place): void
  /** Where those stand that are drawn in several ways. */
  twofold(): Place[]
}

/** Boxes are as exact as this, in parts of the font's size. */
const shapeMiss = 0.003

/** No digits yet. */
export function noDigits<Font, Place>(): Digits<Font, Place> {
  type Met = { readonly shape: DigitShape; readonly places: Place[]; twofold: boolean }
  const fonts = new Map<Font, Met[]>()
  return {
    note(font, digit, shape, place) {
      let met = fonts.get(font)
      if (met === undefined) {
        met = []
        fonts.set(font, met)
      }
      const same = met[digit]
      if (same === undefined) {
        met[digit] = { shape, places: [place], twofold: false }
        return
      }
      same.places.push(place)
      same.twofold ||= shape.some((size, part) => Math.abs(size - same.shape[part]!) > shapeMiss)
    },
    twofold() {
      return [...fonts.values()].flatMap((met) => met.flatMap(({ twofold, places }) => (twofold ? places : [])))
    },
  }
}

/** Takes their text from glyphs of a page that stand at these places; gives what to tell of it. */
export function doubtTwofold(glyphs: Glyph[], indexes: readonly number[], page: number): Notice[] {
  if (indexes.length === 0) return []
  for (const index of indexes) glyphs[index] = { ...glyphs[index]!, text: '' }
  return [{ code: 'digits_ambiguous', anchor: pageAnchor(page), data: { count: indexes.length } }]
}

/** The digit that a code is; -1 where it is none. */
export function digitOf(code: number): number {
  return code >= 0x30 && code <= 0x39 ? code - 0x30 : -1
}
