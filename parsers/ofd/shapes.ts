/**
 * What the text of a document says of the shapes it draws by their numbers in embedded fonts (clause 11.4). A shape that is
 * one digit here and another character there is not known: the page shows the shape, whatever its text says.
 */
import type { Glyph } from '../layout/page.ts'
import type { Element } from './xml.ts'

/** For each font, then each of its shapes by number: what it is said to be, and the digits and blanks it is drawn for. */
export type Shapes = Map<Element, Map<number, Said>>

type Said = { readonly texts: Set<string>; readonly digits: Glyph[]; readonly blanks: Glyph[] }

/** Remembers that a glyph is drawn as a shape of a font. */
export function noteShape(shapes: Shapes, font: Element, shape: number, glyph: Glyph): void {
  if (glyph.text === '') return
  const text = glyph.text.normalize('NFKC').trim()
  const ofFont = shapes.get(font) ?? new Map<number, Said>()
  shapes.set(font, ofFont)
  const known: Said = ofFont.get(shape) ?? { texts: new Set(), digits: [], blanks: [] }
  ofFont.set(shape, known)
  known.texts.add(text)
  if (/^\d$/.test(text)) known.digits.push(glyph)
  if (text === '') known.blanks.push(glyph)
}

/** The digits whose shape is said to be something else too, and the blanks whose shape is said to be a digit. */
export function doubtedGlyphs(shapes: Shapes): ReadonlySet<Glyph> {
  const known = [...shapes.values()].flatMap((ofFont) => [...ofFont.values()])
  return new Set(
    known.flatMap(({ texts, digits, blanks }) => (texts.size > 1 && digits.length > 0 ? [...digits, ...blanks] : [])),
  )
}
