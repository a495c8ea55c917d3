/**
 * A page's drawing operators, as pdf.js lists them, to what they draw: glyphs, ruling lines, coloured areas, pictures. Walks
 * through them, with what of a page is shown, and gives each to what knows its kind.
 */
import { OPS } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { Box, Notice } from '../document.ts'
import { leanOf, turnedNotice } from '../layout/lean.ts'
import { drawingCutNotice, type Page } from '../layout/page.ts'
import type { Canvas, Point } from '../layout/painted.ts'
import { limits } from '../limits.ts'
import { setText } from './characters.ts'
import { type Frame, straighten } from './frame.ts'
import { type Font, firstState, type Numbers, setGraphics, transform, type Walk } from './graphics.ts'
import { drawPath, drawPicture, drawPictures, drawShading } from './outlines.ts'
import {
  fadeTiles,
  inkOf,
  nothingShown,
  noticesOf,
  type Shown,
  type SourceGlyph,
  seenUnlooked,
  shadesOf,
  show,
} from './shown.ts'
import { type Digits, digitOf } from './twofold.ts'

/** Codes of operators and their operands, as `page.getOperatorList()` gives them. */
export type OperatorList = { readonly fnArray: readonly number[]; readonly argsArray: readonly unknown[] }

/** Operators of pdf.js that begin a drawing with a matrix of its own, and that end it. */
const begins: ReadonlySet<number> = new Set([OPS.save, OPS.beginGroup])
const ends: ReadonlySet<number> = new Set([OPS.restore, OPS.endGroup, OPS.paintFormXObjectEnd])
const pictures: ReadonlySet<number> = new Set([
  OPS.paintImageXObject,
  OPS.paintInlineImageXObject,
  OPS.paintImageMaskXObject,
  OPS.paintSolidColorImageMask,
])

/**
 * What of a page is shown: some of its layers, and of its annotations those with these ids; `blind` are the places of those
 * that hold something and do not say what it looks like.
 */
export type Visible = {
  readonly isShown: (layer: unknown) => boolean
  readonly fields: ReadonlySet<unknown>
  readonly blind: readonly Box[]
  /** The places of remarks that may hide or cross what is printed. */
  readonly remarks: readonly Box[]
  /** Whether nothing is seen through the picture that an operator with these operands paints. */
  readonly isOpaque: (operands: readonly unknown[]) => boolean
}

/** The digits of a document, each by its page and its index among the glyphs there. */
export type DrawnDigits = Digits<Font, { readonly page: number; readonly index: number }>

/**
 * The page with this number and frame, straightened where all of its text leans.
 * Notes its digits. @throws LimitError for more than `pageGlyphsMax` characters
 */
export function readOperators(
  { fnArray, argsArray }: OperatorList,
  number: number,
  frame: Frame,
  fontOf: (name: string) => Font | null,
  visible: Visible,
  digits: DrawnDigits,
): Page {
  const list = { fnArray, argsArray }
  const walk = walkThrough(list, frame, fontOf, visible)
  const lean = leanOf(walk.characters.map(({ angle }) => angle))
  if (lean === 0) return pageOf(walk, number, [], digits)
  const upright = walkThrough(list, straighten(frame, lean), fontOf, visible)
  return pageOf(upright, number, [turnedNotice(lean, number)], digits)
}

/** What stands in a field that does not show it. */
const blindCharacter = {
  code: null,
  angle: 0,
  turn: 0,
  inks: [null],
  mode: 0,
  order: Number.POSITIVE_INFINITY,
  added: true,
  spaced: false,
} as const

function walkThrough(
  { fnArray, argsArray }: OperatorList,
  frame: Frame,
  fontOf: (name: string) => Font | null,
  { isShown, fields, blind, remarks, isOpaque }: Visible,
): Walk {
  const shapes = { rules: [], fills: [], patches: [], pictures: [], shapes: [], slants: [], grounds: [], veils: [] }
  const brush = { order: 0, colour: null }
  const canvas: Canvas = { width: frame.width, height: frame.height, ...shapes, clip: null, brush }
  const walk: Walk = {
    frame,
    canvas,
    characters: [],
    fontOf,
    stack: [],
    state: firstState(),
    clips: false,
    segments: 0,
    order: 0,
    part: 'page',
    spaced: false,
    layers: [],
  }
  for (const [index, operator] of fnArray.entries()) {
    const args = (argsArray[index] ?? []) as readonly unknown[]
    walk.order = index
    if (setLayer(walk, operator, args, isShown) || setField(walk, operator, args, fields)) continue
    if (begins.has(operator)) walk.stack.push({ ...walk.state })
    else if (ends.has(operator)) walk.state = walk.stack.pop() ?? walk.state
    else if (operator === OPS.paintFormXObjectBegin) {
      walk.stack.push({ ...walk.state })
      if (args[0] !== null && args[0] !== undefined) transform(walk, args[0] as Numbers)
    } else if (operator === OPS.transform) transform(walk, args as unknown as Numbers)
    else if (operator === OPS.clip || operator === OPS.eoClip) walk.clips = true
    else if (operator === OPS.constructPath) drawPath(walk, args)
    else if (pictures.has(operator)) drawPicture(walk, walk.state.matrix, isOpaque(args))
    else if (operator === OPS.paintImageXObjectRepeat) {
      drawPictures(walk, args[1] as number, args[2] as number, args[3] as Numbers)
    } else if (operator === OPS.paintImageMaskXObjectRepeat) {
      drawPictures(walk, args[1] as number, args[4] as number, args[5] as Numbers)
    } else if (operator === OPS.shadingFill) drawShading(walk)
    else if (!setText(walk, operator, args)) setGraphics(walk.state, operator, args)
  }
  for (const box of remarks) canvas.veils.push({ ...box, order: fnArray.length, through: false })
  for (const box of blind) walk.characters.push({ ...blindCharacter, box })
  return walk
}

function pageOf(walk: Walk, number: number, turned: readonly Notice[], digits: DrawnDigits): Page {
  const { canvas, frame } = walk
  const shown = showCharacters(walk, number, digits)
  const notices = [...turned, ...noticesOf(shown, number)]
  const whole = walk.segments <= limits.pageSegmentsMax
  if (!whole) notices.push(drawingCutNotice(number))
  const { width, height } = frame
  const { pictures: shownPictures, rules, fills: areas, patches, shapes: outlines, slants } = canvas
  const seen = whole
    ? { rules, fills: areas, patches, shapes: outlines, slants }
    : { rules: [], fills: [], patches: [] }
  return { number, width, height, glyphs: shown.glyphs, ...seen, pictures: shownPictures, notices }
}

/** Which of the characters are seen, of those printed twice one. */
function showCharacters({ characters, canvas, frame }: Walk, number: number, digits: DrawnDigits): Shown {
  const shown = nothingShown(canvas, frame)
  const placed: Placed = new Map()
  const shades = shadesOf(canvas)
  for (const { mode, inks, drawnBy, ...character } of characters) {
    for (const [index, colour] of (inks ?? [null]).entries()) {
      const ink = inks === null ? 'none' : colour === null ? 'shown' : inkOf(mode, colour, shades)
      if (ink !== 'shown' && index + 1 < (inks?.length ?? 0)) continue
      if (isPrintedAgain(placed, character)) break
      const before = shown.glyphs.length
      show(shown, { ...character, ink, colour: colour ?? 0 }, canvas, frame, seenUnlooked)
      if (shown.glyphs.length === before) break
      keepPlace(placed, character)
      if (drawnBy !== undefined)
        digits.note(drawnBy.font, digitOf(character.code!), [drawnBy.charCode], { page: number, index: before })
      break
    }
  }
  fadeTiles(shown)
  return shown
}

/** Whether the operator begins or ends an annotation, with its box on the page and the map of its own space, or is a remark's. */
function setField(
  walk: Walk,
  operator: number,
  [id, , box, inside]: readonly unknown[],
  fields: ReadonlySet<unknown>,
): boolean {
  if (operator === OPS.beginAnnotation) {
    walk.part = fields.has(id) ? 'field' : 'remark'
    walk.stack.push({ ...walk.state })
    walk.state = firstState()
    transform(walk, box as Numbers)
    transform(walk, inside as Numbers)
    return true
  }
  if (operator !== OPS.endAnnotation) return walk.part === 'remark'
  walk.part = 'page'
  walk.state = walk.stack.pop() ?? walk.state
  return true
}

/** Whether the operator was one of marked content, which may be of a layer that is not shown. */
function setLayer(
  { layers }: Walk,
  operator: number,
  [tag, layer]: readonly unknown[],
  isShown: (layer: unknown) => boolean,
): boolean {
  if (operator === OPS.beginMarkedContentProps) layers.push(tag !== 'OC' || isShown(layer))
  else if (operator === OPS.beginMarkedContent) layers.push(true)
  else if (operator === OPS.endMarkedContent) layers.pop()
  else return false
  return true
}

/** Part of its size by which a character that is printed twice, to look bold, lies beside itself. */
const againPart = 0.3

/** Where each character is shown already. */
type Placed = Map<number | null, Point[]>

/** Whether the same character stands at this place already. */
function isPrintedAgain(placed: Placed, { code, box }: Pick<SourceGlyph, 'code' | 'box'>): boolean {
  const near = Math.min(box.width, box.height) * againPart
  const same = placed.get(code) ?? []
  return same.some((other) => Math.abs(other.x - box.x) < near && Math.abs(other.y - box.y) < near)
}

function keepPlace(placed: Placed, { code, box }: Pick<SourceGlyph, 'code' | 'box'>): void {
  const same = placed.get(code)
  if (same === undefined) placed.set(code, [box])
  else same.push(box)
}
