/**
 * The operators of text on a page, as pdf.js lists them, to its characters: where the text state puts each (ISO 32000-1, 9.4.4),
 * and in which colours.
 */
import { OPS } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { Box } from '../document.ts'
import { boundsOf } from '../layout/painted.ts'
import { enforceLimit } from '../limits.ts'
import { identity, type Matrix, multiply, placeOn } from './frame.ts'
import {
  type Colour,
  type DrawnCharacter,
  type Font,
  matrixOf,
  type Numbers,
  type State,
  type Walk,
} from './graphics.ts'
import { colourOnPaper, type SourceGlyph } from './shown.ts'
import { digitOf } from './twofold.ts'

/** One operand of showText: a move along the line in thousandths, or a character. */
type Shape = {
  readonly unicode: string
  readonly originalCharCode: number
  readonly width: number
  readonly isSpace: boolean
  readonly vmetric: readonly [number, number, number] | null | undefined
}

/** Whether the operator was one of text. */
export function setText(walk: Walk, operator: number, args: readonly unknown[]): boolean {
  const { state } = walk
  const [first, second] = args as readonly [number, number]
  switch (operator) {
    case OPS.beginText:
      moveTo(state, identity)
      return true
    case OPS.setFont:
      state.font = walk.fontOf(args[0] as string) ?? unknownFont
      state.size = Math.abs(second)
      state.direction = second < 0 ? -1 : 1
      return true
    case OPS.setTextMatrix:
      moveTo(state, matrixOf(args[0] as Numbers))
      return true
    case OPS.setLeadingMoveText:
      state.leading = second
      moveText(state, first, second)
      return true
    case OPS.moveText:
      moveText(state, first, second)
      return true
    case OPS.nextLine:
      moveText(state, 0, state.leading)
      return true
    case OPS.setLeading:
      state.leading = -first
      return true
    case OPS.setCharSpacing:
      state.charSpacing = first
      return true
    case OPS.setWordSpacing:
      state.wordSpacing = first
      return true
    case OPS.setHScale:
      state.stretch = first / 100
      return true
    case OPS.setTextRise:
      state.rise = first
      return true
    case OPS.setTextRenderingMode:
      state.mode = first
      return true
    case OPS.showText:
      showText(walk, args[0] as readonly (Shape | number | null)[])
      return true
    default:
      return false
  }
}

function moveTo(state: State, matrix: Matrix): void {
  state.textMatrix = matrix
  state.x = state.y = state.lineX = state.lineY = 0
}

function moveText(state: State, x: number, y: number): void {
  state.lineX += x
  state.lineY += y
  state.x = state.lineX
  state.y = state.lineY
}

/** Widths are in thousandths of a font's size where it does not say otherwise. */
const usualUnit = 0.001

function showText(walk: Walk, shapes: readonly (Shape | number | null)[]): void {
  const { state } = walk
  const { font, size, direction } = state
  if (font === null || size === 0) return
  if (font === unknownFont) {
    addCharacter(walk, unknownShape, textMatrixOf(state), inksOf(state), state.x, state.y + state.rise, size / 2)
    return
  }
  const matrix = textMatrixOf(state)
  const stretch = state.stretch * direction
  const unit = size * (font.fontMatrix?.[0] ?? usualUnit)
  const inks = inksOf(state)
  let along = 0
  for (const shape of shapes) {
    if (typeof shape === 'number') along += ((font.vertical ? 1 : -1) * shape * size) / 1000
    if (shape === null || typeof shape === 'number') continue
    const spacing = ((shape.isSpace ? state.wordSpacing : 0) + state.charSpacing) * direction
    const metric = font.vertical ? (shape.vmetric ?? font.defaultVMetrics ?? null) : null
    const wide = shape.width * unit
    if (metric === null) {
      addCharacter(walk, shape, matrix, inks, state.x + along * stretch, state.y + state.rise, wide * stretch)
      along += wide + spacing
    } else {
      const left = shape.vmetric ? metric[1] * unit : wide / 2
      addCharacter(walk, shape, matrix, inks, state.x - left, state.y - along - metric[2] * unit, wide)
      along += -metric[0] * unit - spacing
    }
  }
  if (font.vertical) state.y -= along
  else state.x += along * stretch
}

function textMatrixOf(state: State): Matrix {
  return multiply(state.textMatrix, state.matrix)
}

/** A font that cannot be read: whatever is shown in it stands for one character that nobody knows. */
const unknownFont: Font = {
  ascent: 0,
  descent: 0,
  fontMatrix: undefined,
  vertical: false,
  defaultVMetrics: undefined,
  toUnicode: {},
  differences: undefined,
}
const unknownShape: Shape = { unicode: '', originalCharCode: 0, width: 0, isSpace: false, vmetric: null }

/** The colours in which text is seen, those of patterns unknown; null where nothing is painted. */
function inksOf({ mode, fill, fillAlpha, stroke, strokeAlpha }: State): DrawnCharacter['inks'] {
  const seen: (number | null)[] = []
  const add = ({ paint, colour }: Colour, alpha: number): void => {
    if (paint === 'none' || alpha === 0) return
    if (colour === null) seen.push(null)
    else seen.push(colourOnPaper(colour >> 16, (colour >> 8) & 0xff, colour & 0xff, Math.round(alpha * 255)))
  }
  if (mode % 4 === 0 || mode % 4 === 2) add(fill, fillAlpha)
  if (mode % 4 === 1 || mode % 4 === 2) add(stroke, strokeAlpha)
  if (mode % 4 === 3) seen.push(0)
  return seen.length === 0 ? null : seen
}

/** Room above and below the line where a font states none, in parts of its size. */
const usualAscent = 0.88
const usualDescent = -0.12

function addCharacter(
  walk: Walk,
  shape: Shape,
  matrix: Matrix,
  inks: DrawnCharacter['inks'],
  x: number,
  y: number,
  width: number,
): void {
  const { frame, state, order } = walk
  if (walk.layers.includes(false)) return
  const font = state.font!
  const high = (font.ascent > 0 ? font.ascent : usualAscent) * state.size * state.direction
  const low = (font.descent < 0 ? font.descent : usualDescent) * state.size * state.direction
  const at = (px: number, py: number) => placeOn(frame, matrix, px, py)
  const origin = at(x, y)
  const ahead = at(x + (width === 0 ? 1 : width), y)
  const angle = Math.atan2(ahead.y - origin.y, ahead.x - origin.x)
  const turn = ((Math.round(angle / (Math.PI / 2)) + 4) % 4) as SourceGlyph['turn']
  const box = boundsOf([at(x, y + low), at(x + width, y + low), at(x, y + high), at(x + width, y + high)])
  if (isCutAway(box, state.clip)) return
  // Several characters of one shape, a ligature, share its room.
  const characters = isGuessed(font, shape) ? [null] : [...shape.unicode]
  for (const [index, text] of characters.entries()) {
    const { spaced } = walk
    walk.spaced = text !== null && /^\s$/.test(text)
    if (walk.spaced) continue
    const part = partOf(box, turn, index, characters.length)
    const code = text?.codePointAt(0) ?? null
    const added = walk.part === 'field'
    const character = { code, box: part, angle, turn, inks, mode: state.mode, order, added, spaced }
    const isDigit = code !== null && digitOf(code) >= 0
    const drawnBy = { font, charCode: shape.originalCharCode }
    walk.characters.push(isDigit ? { ...character, drawnBy } : character)
  }
  enforceLimit('pageGlyphsMax', walk.characters.length)
}

/** Names made of a number, which pdf.js takes for the character's own. */
const numberedName = /^[CGcg]([\dA-Fa-f]{2,4})$/

/** Whether the file does not say what a character is, and pdf.js gives one nevertheless, or none. */
function isGuessed({ toUnicode, differences }: Font, { unicode, originalCharCode: code }: Shape): boolean {
  if (unicode === '' || (toUnicode !== undefined && toUnicode._map?.[code] === undefined)) return true
  const number = numberedName.exec(differences?.[code] ?? '')?.[1]
  if (number === undefined) return false
  const own = unicode.codePointAt(0)
  return own === Number.parseInt(number, 16) || own === Number.parseInt(number, 10)
}

/** Whether a character lies outside of what its clip shows, by more than its size. */
function isCutAway({ x, y, width, height }: Box, clip: Box | null): boolean {
  if (clip === null) return false
  const size = Math.max(width, height)
  if (x > clip.x + clip.width + size || x + width < clip.x - size) return true
  return y > clip.y + clip.height + size || y + height < clip.y - size
}

function partOf(box: Box, turn: SourceGlyph['turn'], index: number, count: number): Box {
  if (count === 1) return box
  const place = turn < 2 ? index : count - 1 - index
  const { x, y, width, height } = box
  return turn % 2 === 0
    ? { x: x + (place * width) / count, y, width: width / count, height }
    : { x, y: y + (place * height) / count, width, height: height / count }
}
