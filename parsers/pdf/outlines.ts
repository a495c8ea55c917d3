/**
 * The operators of outlines, pictures and shadings on a page, as pdf.js lists them, to what they paint on its canvas or cut it to.
 */
import { OPS } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { Box } from '../document.ts'
import {
  addBend,
  boundsOf,
  closeOutline,
  paintFills,
  paintPicture,
  paintStrokes,
  type Subpath,
  sharedBox,
} from '../layout/painted.ts'
import { limits } from '../limits.ts'
import { type Matrix, multiply, placeOn, scaleOf } from './frame.ts'
import type { Colour, Numbers, Walk } from './graphics.ts'

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
/** Codes inside the outline of constructPath. */
const outline = { move: 0, line: 1, curve: 2, close: 3 } as const

/** Paints an outline with what the state says, and cuts what comes behind it where a clip was announced. */
export function drawPath(walk: Walk, [operator, data]: readonly unknown[]): void {
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
export function drawShading({ canvas, layers, state, order }: Walk): void {
  if (layers.includes(false) || state.fillAlpha === 0) return
  const { clip, fillAlpha, mixed } = state
  const box = clip ?? { x: 0, y: 0, width: canvas.width, height: canvas.height }
  canvas.veils.push({ ...box, order, through: fillAlpha < 1 || mixed })
}

/** Pictures fill the unit square. */
export function drawPicture({ frame, canvas, layers, state, order }: Walk, matrix: Matrix, opaque: boolean): void {
  if (layers.includes(false) || state.fillAlpha === 0) return
  canvas.clip = state.clip
  canvas.brush = { order, colour: opaque && state.fillAlpha === 1 && !state.mixed ? 0 : null }
  const at = (x: number, y: number) => placeOn(frame, matrix, x, y)
  paintPicture(canvas, boundsOf([at(0, 0), at(1, 0), at(0, 1), at(1, 1)]), 0)
}

/** One picture at many places, as pdf.js puts a row of equal ones together. */
export function drawPictures(walk: Walk, width: number, height: number, places: Numbers): void {
  walk.segments += places.length / 2
  if (walk.segments > limits.pageSegmentsMax) return
  for (let at = 0; at + 1 < places.length; at += 2) {
    drawPicture(walk, multiply([width, 0, 0, height, places[at]!, places[at + 1]!], walk.state.matrix), false)
  }
}
