/**
 * How wide characters are on a screen: takes text, gives columns. Chinese characters take two; those of quotes, dashes and
 * the like are as wide as a font draws them, and programs that draw tables count them in one of a few ways.
 */

/** Screen columns of a text: 2 for wide characters (East Asian Width W and F), 1 for others, ambiguous ones by the font. */
export function screenWidth(text: string, ambiguousWide = true): number {
  let width = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    width += code < 0x7f ? 1 : isWide(code) || (ambiguousWide && isAmbiguous(code)) ? 2 : 1
  }
  return width
}

/** True for East Asian Width A (UAX 11), as far as reports use it: quotes, dashes, dots, circled and Roman numerals, signs. */
export function isAmbiguous(code: number): boolean {
  return (
    (code >= 0x2010 && code <= 0x203b) ||
    (code >= 0x2160 && code <= 0x217b) ||
    (code >= 0x2460 && code <= 0x27bf) ||
    code === 0xb7 ||
    code === 0xd7 ||
    code === 0xf7 ||
    code === 0xb1
  )
}

function isWide(code: number): boolean {
  return (
    (code <= 0x115f && code >= 0x1100) ||
    (code >= 0x2e80 && code <= 0x303e) ||
    (code >= 0x3041 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6)
  )
}

/** The places that a character takes behind one that took `before`. */
export type Measure = (character: string, before: number) => number

/** The ways in which programs count, the likeliest first. */
export const measures: readonly Measure[] = [
  (character) => screenWidth(character, false),
  (character) => screenWidth(character, true),
  // Quotes and dashes between Chinese characters are drawn by their font.
  (character, before) => screenWidth(character, before === 2),
  () => 1,
]
