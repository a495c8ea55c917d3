/**
 * The graphics state of a page's drawing operators (ISO 32000-1, 8.4), and what a walk through them gathers: takes operators
 * that set it, as pdf.js lists them.
 */
import { OPS } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { Box } from '../document.ts'
import { type Canvas, isPaper, type Paint } from '../layout/painted.ts'
import { type Frame, identity, type Matrix, multiply } from './frame.ts'
import type { SourceGlyph } from './shown.ts'

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

/** What something is painted with; no colour where it is a pattern. */
export type Colour = { readonly paint: Paint; readonly colour: number | null }

/** What operators set for those behind them. */
export type State = {
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
export type DrawnCharacter = Omit<SourceGlyph, 'ink' | 'colour'> & {
  /** The font and the code in it of a digit. */
  readonly drawnBy?: { readonly font: Font; readonly charCode: number }
  readonly mode: number
  /** Of its fill or its strokes; null where neither is painted. */
  readonly inks: readonly (number | null)[] | null
}

/** Where a walk through operators is, and what it has gathered. */
export type Walk = {
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
  /** Whether the last character was a space. */
  spaced: boolean
  /** For each marked content that is open whether its layer is shown. */
  readonly layers: boolean[]
}

/** Operands that are numbers, in whichever array. */
export type Numbers = ArrayLike<number>

/** What holds where a page or a field begins. */
export function firstState(): State {
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

/** Six operands as a matrix. */
export function matrixOf(numbers: Numbers): Matrix {
  return [numbers[0]!, numbers[1]!, numbers[2]!, numbers[3]!, numbers[4]!, numbers[5]!]
}

/** Puts a matrix before that of the state. */
export function transform(walk: Walk, numbers: Numbers): void {
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

/** Sets what an operator says of lines, colours and transparency; others say nothing here. */
export function setGraphics(state: State, operator: number, args: readonly unknown[]): void {
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
