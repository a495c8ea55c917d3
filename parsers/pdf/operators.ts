/**
 * A page's drawing operators, as pdf.js lists them, to what they draw: glyphs where the text state puts them, ruling
 * lines, coloured areas, pictures. The graphics state and the advance of text are those of ISO 32000-1, 8.4 and 9.4.4.
 */
import { OPS } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { Box, Notice } from '../document.ts'
import { leanOf, turnedNotice } from '../layout/lean.ts'
import { drawingCutNotice, type Page } from '../layout/page.ts'
import {
  addBend,
  boundsOf,
  type Canvas,
  closeOutline,
  isPaper,
  type Paint,
  type Point,
  paintFills,
  paintPicture,
  paintStrokes,
  type Subpath,
  sharedBox,
} from '../layout/painted.ts'
import { enforceLimit, limits } from '../limits.ts'
import { type Frame, identity, type Matrix, multiply, placeOn, scaleOf, straighten } from './frame.ts'
import {
  colourOnPaper,
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

/** What is used of a font of pdf.js. */
export type Font = {
  readonly ascent: number
  readonly descent: number
  /** Not there where the file brings no font along. */
  readonly fontMatrix: Matrix | undefined
  readonly vertical: boolean
  readonly defaultVMetrics: readonly [number, number, number] | undefined
  /** By code what the file says that a character is; without a list where pdf.js takes the code itself for it. */
  readonly toUnicode: { readonly _map?: readonly (string | undefined)[] } | undefined
  /** Names that the file gives to some of its codes. */
  readonly differences: readonly (string | undefined)[] | undefined
}

/** One operand of showText: a move along the line in thousandths, or a character. */
type Shape = {
  readonly unicode: string
  readonly originalCharCode: number
  readonly width: number
  readonly isSpace: boolean
  readonly vmetric: readonly [number, number, number] | null | undefined
}

/** What something is painted with; no colour where it is a pattern. */
type Colour = { readonly paint: Paint; readonly colour: number | null }

type State = {
  matrix: Matrix
  /** What is seen of what is drawn; null for all of it. */
  clip: Box | null
  fill: Colour
  stroke: Colour
  /** Whether what is drawn is masked, or mixed with what it is drawn on. */
  mixed: boolean
  fillAlpha: number
  strokeAlpha: number
  lineWidth: number
  font: Font | null
  size: number
  /** -1 where the font's size is negative. */
  direction: 1 | -1
  charSpacing: number
  wordSpacing: number
  stretch: number
  leading: number
  rise: number
  mode: number
  textMatrix: Matrix
  x: number
  y: number
  lineX: number
  lineY: number
}

/** A character before it is known what it stands on. */
type DrawnCharacter = Omit<SourceGlyph, 'ink' | 'colour'> & {
  /** The font and the code in it of a digit. */
  readonly drawnBy?: { readonly font: Font; readonly charCode: number }
  readonly mode: number
  /** Of its fill or its strokes; null where neither is painted. */
  readonly inks: readonly (number | null)[] | null
}

type Walk = {
  readonly frame: Frame
  readonly canvas: Canvas
  readonly characters: DrawnCharacter[]
  readonly fontOf: (name: string) => Font | null
  readonly stack: State[]
  state: State
  /** Whether the next outline cuts what is drawn after it. */
  clips: boolean
  segments: number
  /** How many operators were read. */
  order: number
  /** What is being drawn: the page itself, what looks so in a field, or a remark on the page, which is left out. */
  part: 'page' | 'field' | 'remark'
  /** For each marked content that is open whether its layer is shown. */
  readonly layers: boolean[]
}

type Numbers = ArrayLike<number>

/** Operators of pdf.js that begin a drawing with a matrix of its own, and that end it. */
const begins: ReadonlySet<number> = new Set([OPS.save, OPS.beginGroup])
const ends: ReadonlySet<number> = new Set([OPS.restore, OPS.endGroup, OPS.paintFormXObjectEnd])
const fills: ReadonlySet<number> = new Set([
  OPS.fill,
  OPS.eoFill,
  OPS.fillStroke,
  OPS.eoFillStroke,
  OPS.closeFillStroke,
  OPS.closeEOFillStroke,
])
const strokes: ReadonlySet<number> = new Set([
  OPS.stroke,
  OPS.closeStroke,
  OPS.fillStroke,
  OPS.eoFillStroke,
  OPS.closeFillStroke,
  OPS.closeEOFillStroke,
])
const closes: ReadonlySet<number> = new Set([OPS.closeStroke, OPS.closeFillStroke, OPS.closeEOFillStroke])
const pictures: ReadonlySet<number> = new Set([
  OPS.paintImageXObject,
  OPS.paintInlineImageXObject,
  OPS.paintImageMaskXObject,
  OPS.paintSolidColorImageMask,
])
/** Codes inside the outline of constructPath. */
const outline = { move: 0, line: 1, curve: 2, close: 3 } as const

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

function firstState(): State {
  return {
    matrix: identity,
    clip: null,
    fill: { paint: 'colour', colour: 0 },
    stroke: { paint: 'colour', colour: 0 },
    mixed: false,
    fillAlpha: 1,
    strokeAlpha: 1,
    lineWidth: 1,
    font: null,
    size: 0,
    direction: 1,
    charSpacing: 0,
    wordSpacing: 0,
    stretch: 1,
    leading: 0,
    rise: 0,
    mode: 0,
    textMatrix: identity,
    x: 0,
    y: 0,
    lineX: 0,
    lineY: 0,
  }
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

function matrixOf(numbers: Numbers): Matrix {
  return [numbers[0]!, numbers[1]!, numbers[2]!, numbers[3]!, numbers[4]!, numbers[5]!]
}

function transform(walk: Walk, numbers: Numbers): void {
  walk.state.matrix = multiply(matrixOf(numbers), walk.state.matrix)
}

/** Colours are `#rrggbb`, patterns something else: then something is painted. */
function paintOf(colour: unknown): Colour {
  const parts = typeof colour === 'string' ? /^#(..)(..)(..)$/.exec(colour) : null
  if (parts === null) return pattern
  const [red, green, blue] = parts.slice(1).map((part) => Number.parseInt(part, 16)) as [number, number, number]
  return { paint: isPaper(red, green, blue) ? 'white' : 'colour', colour: (red << 16) | (green << 8) | blue }
}

const pattern: Colour = { paint: 'colour', colour: null }
const nothing: Colour = { paint: 'none', colour: null }

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

function setGraphics(state: State, operator: number, args: readonly unknown[]): void {
  switch (operator) {
    case OPS.setLineWidth:
      state.lineWidth = args[0] as number
      break
    case OPS.setFillRGBColor:
      state.fill = paintOf(args[0])
      break
    case OPS.setStrokeRGBColor:
      state.stroke = paintOf(args[0])
      break
    case OPS.setFillColorN:
      state.fill = pattern
      break
    case OPS.setStrokeColorN:
      state.stroke = pattern
      break
    case OPS.setFillTransparent:
      state.fill = nothing
      break
    case OPS.setStrokeTransparent:
      state.stroke = nothing
      break
    case OPS.setGState:
      for (const [name, value] of args[0] as readonly (readonly [string, unknown])[]) {
        if (name === 'ca') state.fillAlpha = value as number
        if (name === 'CA') state.strokeAlpha = value as number
        if (name === 'BM') state.mixed = value !== 'source-over' && value !== 'normal'
        if (name === 'SMask') state.mixed = value !== false && value !== null
        if (name === 'LW') state.lineWidth = value as number
      }
  }
}

/** Whether the operator was one of text. */
function setText(walk: Walk, operator: number, args: readonly unknown[]): boolean {
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
    if (text !== null && /^\s$/.test(text)) continue
    const part = partOf(box, turn, index, characters.length)
    const code = text?.codePointAt(0) ?? null
    const character = { code, box: part, angle, turn, inks, mode: state.mode, order, added: walk.part === 'field' }
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

function partOf(box: Box, turn: SourceGlyph['turn'], index: number, count: number): Box {
  if (count === 1) return box
  const place = turn < 2 ? index : count - 1 - index
  const { x, y, width, height } = box
  return turn % 2 === 0
    ? { x: x + (place * width) / count, y, width: width / count, height }
    : { x, y: y + (place * height) / count, width, height: height / count }
}

function drawPath(walk: Walk, [operator, data]: readonly unknown[]): void {
  const { state, canvas, order } = walk
  const painting = operator as number
  const clips = walk.clips
  walk.clips = false
  if (!fills.has(painting) && !strokes.has(painting) && !clips) return
  const numbers = (data as readonly (Numbers | null)[])[0] ?? null
  if (numbers === null) return
  walk.segments += numbers.length / 3
  if (walk.segments > limits.pageSegmentsMax) return
  const subpaths = readSubpaths(walk, numbers, closes.has(painting))
  canvas.clip = state.clip
  const isSeen = !walk.layers.includes(false)
  const brushOf = ({ colour }: Colour, alpha: number) => ({
    order,
    colour: alpha === 1 && !state.mixed ? colour : null,
  })
  if (isSeen && fills.has(painting) && state.fill.paint !== 'none' && state.fillAlpha > 0) {
    canvas.brush = brushOf(state.fill, state.fillAlpha)
    paintFills(canvas, subpaths, state.fill.paint)
  }
  if (isSeen && strokes.has(painting) && state.stroke.paint !== 'none' && state.strokeAlpha > 0) {
    canvas.brush = brushOf(state.stroke, state.strokeAlpha)
    paintStrokes(canvas, subpaths, state.lineWidth * scaleOf(state.matrix), state.stroke.paint)
  }
  if (clips) state.clip = cutTo(state.clip, subpaths)
}

/** The clip cut to an outline as well. */
function cutTo(clip: Box | null, subpaths: readonly Subpath[]): Box | null {
  const boxes = subpaths.filter(({ points }) => points.length > 2).map(({ points }) => boundsOf(points))
  return boxes.reduce((seen, box) => (seen === null ? box : sharedBox(seen, box)), clip)
}

function readSubpaths({ frame, state }: Walk, numbers: Numbers, closing: boolean): Subpath[] {
  const subpaths: Subpath[] = []
  let current: Subpath | null = null
  const add = (x: number, y: number): void => {
    current?.points.push(placeOn(frame, state.matrix, x, y))
  }
  const close = (): void => {
    if (current !== null) closeOutline(current)
  }
  for (let at = 0; at < numbers.length; ) {
    const kind = numbers[at++]
    if (kind === outline.move) {
      if (closing) close()
      current = { points: [placeOn(frame, state.matrix, numbers[at]!, numbers[at + 1]!)], curved: false, bends: [] }
      subpaths.push(current)
      at += 2
    } else if (kind === outline.line) {
      add(numbers[at]!, numbers[at + 1]!)
      at += 2
    } else if (kind === outline.curve) {
      for (let point = 0; point < 6; point += 2) {
        add(numbers[at + point]!, numbers[at + point + 1]!)
        if (current !== null) addBend(current)
      }
      at += 6
    } else if (kind === outline.close) close()
    else break
  }
  if (closing) close()
  return subpaths
}

/** Colours that run into one another, in as much as their clip shows. */
function drawShading({ canvas, layers, state, order }: Walk): void {
  if (layers.includes(false) || state.fillAlpha === 0) return
  const { clip, fillAlpha, mixed } = state
  const box = clip ?? { x: 0, y: 0, width: canvas.width, height: canvas.height }
  canvas.veils.push({ ...box, order, through: fillAlpha < 1 || mixed })
}

/** Pictures fill the unit square. */
function drawPicture({ frame, canvas, layers, state, order }: Walk, matrix: Matrix, opaque: boolean): void {
  if (layers.includes(false) || state.fillAlpha === 0) return
  canvas.clip = state.clip
  canvas.brush = { order, colour: opaque && state.fillAlpha === 1 && !state.mixed ? 0 : null }
  const at = (x: number, y: number) => placeOn(frame, matrix, x, y)
  paintPicture(canvas, boundsOf([at(0, 0), at(1, 0), at(0, 1), at(1, 1)]), 0)
}

/** One picture at many places, as pdf.js puts a row of equal ones together. */
function drawPictures(walk: Walk, width: number, height: number, places: Numbers): void {
  walk.segments += places.length / 2
  if (walk.segments > limits.pageSegmentsMax) return
  for (let at = 0; at + 1 < places.length; at += 2) {
    drawPicture(walk, multiply([width, 0, 0, height, places[at]!, places[at + 1]!], walk.state.matrix), false)
  }
}
