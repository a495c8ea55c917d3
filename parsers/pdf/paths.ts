/**
 * What a page draws besides text: ruling lines, coloured areas, pictures. Producers draw a line in many ways: as a stroke,
 * as one side of a stroked rectangle, as a thin filled rectangle, as the gap between two nested ones, as a row of dots, as
 * a stretched picture of one point; each becomes a Rule here, so that the finding of tables sees lines only.
 */
import type { Box, Notice } from '../document.ts'
import type { Rule } from '../layout/page.ts'
import { limits } from '../limits.ts'
import type { Pdfium, Pointer } from './engine.ts'
import type { Frame } from './pages.ts'

/** What is drawn on a page besides glyphs. */
export type Drawing = {
  readonly rules: readonly Rule[]
  readonly fills: readonly Box[]
  readonly pictures: readonly Box[]
}

/** Filled areas not thicker than this are lines; in points. */
const lineThicknessMax = 3
/** Strokes thicker than this paint areas. */
const strokeThicknessMax = 6
const formDepthMax = 8
/** Of 255: lighter is the paper's colour. */
const whiteFrom = 250

const type = { path: 2, image: 3, form: 5 } as const
const segmentKind = { line: 0, curve: 1, move: 2 } as const

type Matrix = readonly [number, number, number, number, number, number]
type Point = { readonly x: number; readonly y: number }
type Subpath = { readonly points: Point[]; curved: boolean }

type Walk = {
  readonly pdfium: Pdfium
  readonly frame: Frame
  readonly rules: Rule[]
  readonly fills: Box[]
  readonly pictures: Box[]
  segments: number
  objects: number
}

const identity: Matrix = [1, 0, 0, 1, 0, 0]

/** The lines, areas and pictures of a page. Where it has more path segments than `pageSegmentsMax`, `notices` says so. */
export function readDrawing(pdfium: Pdfium, page: Pointer, frame: Frame, notices: Notice[], number: number): Drawing {
  const { api } = pdfium
  const walk: Walk = { pdfium, frame, rules: [], fills: [], pictures: [], segments: 0, objects: 0 }
  const count = api.FPDFPage_CountObjects(page)
  let whole = true
  for (let index = 0; index < count && whole; index++) {
    whole = readObject(walk, api.FPDFPage_GetObject(page, index), identity, 0)
  }
  if (whole) return { rules: walk.rules, fills: walk.fills, pictures: walk.pictures }
  const anchor = { path: `page[${number}]`, page: number, box: null }
  const data = { limit: 'pageSegmentsMax', max: limits.pageSegmentsMax }
  notices.push({ code: 'content_truncated', anchor, data })
  return { rules: [], fills: [], pictures: walk.pictures }
}

/** False when the page draws more than may be read. */
function readObject(walk: Walk, object: Pointer, parent: Matrix, depth: number): boolean {
  const { api } = walk.pdfium
  if (++walk.objects > limits.pageSegmentsMax) return false
  const kind = api.FPDFPageObj_GetType(object)
  if (kind === type.path) return readPath(walk, object, parent)
  if (kind === type.image) addPicture(walk, object, parent)
  if (kind !== type.form || depth >= formDepthMax) return true
  const matrix = multiply(matrixOf(walk.pdfium, object), parent)
  const count = api.FPDFFormObj_CountObjects(object)
  for (let index = 0; index < count; index++) {
    if (!readObject(walk, api.FPDFFormObj_GetObject(object, index), matrix, depth + 1)) return false
  }
  return true
}

function readPath(walk: Walk, path: Pointer, parent: Matrix): boolean {
  const { api, scratch } = walk.pdfium
  const count = api.FPDFPath_CountSegments(path)
  walk.segments += count
  if (walk.segments > limits.pageSegmentsMax) return false
  api.FPDFPath_GetDrawMode(path, scratch, scratch + 4)
  const words = walk.pdfium.words()
  const filled = words[scratch >> 2] !== 0
  const stroked = words[(scratch >> 2) + 1] !== 0
  if (!filled && !stroked) return true
  const matrix = multiply(matrixOf(walk.pdfium, path), parent)
  const subpaths = readSubpaths(walk, path, count, matrix)
  if (filled) {
    const paint = paintOf(walk, path, 'fill')
    if (paint !== 'none') addFills(walk, subpaths, paint)
  }
  if (stroked) {
    const paint = paintOf(walk, path, 'stroke')
    if (paint === 'none') return true
    api.FPDFPageObj_GetStrokeWidth(path, scratch)
    const scale = Math.sqrt(Math.abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))
    addStrokes(walk, subpaths, walk.pdfium.floats()[scratch >> 2]! * scale, paint)
  }
  return true
}

function readSubpaths(walk: Walk, path: Pointer, count: number, matrix: Matrix): Subpath[] {
  const { api, scratch } = walk.pdfium
  const { frame } = walk
  const [a, b, c, d, e, f] = matrix
  const subpaths: Subpath[] = []
  let current: Subpath | null = null
  for (let index = 0; index < count; index++) {
    const segment = api.FPDFPath_GetPathSegment(path, index)
    api.FPDFPathSegment_GetPoint(segment, scratch, scratch + 4)
    const floats = walk.pdfium.floats()
    const px = floats[scratch >> 2]!
    const py = floats[(scratch >> 2) + 1]!
    const ux = a * px + c * py + e
    const uy = b * px + d * py + f
    const point = { x: frame.x(ux, uy), y: frame.y(ux, uy) }
    const kind = api.FPDFPathSegment_GetType(segment)
    if (kind === segmentKind.move || current === null) {
      current = { points: [point], curved: false }
      subpaths.push(current)
    } else {
      current.points.push(point)
      if (kind === segmentKind.curve) current.curved = true
    }
    if (api.FPDFPathSegment_GetClose(segment) === 1 && current.points.length > 1) {
      current.points.push(current.points[0]!)
    }
  }
  return subpaths
}

/** `white` is painted in the paper's colour: seen only on an area of another one. */
type Paint = 'none' | 'white' | 'colour'

function paintOf(walk: Walk, object: Pointer, what: 'fill' | 'stroke'): Paint {
  const { api, scratch } = walk.pdfium
  const read = what === 'fill' ? api.FPDFPageObj_GetFillColor : api.FPDFPageObj_GetStrokeColor
  // A pattern has no colour of its own: something is painted.
  if (read(object, scratch, scratch + 4, scratch + 8, scratch + 12) === 0) return 'colour'
  const words = walk.pdfium.words()
  const at = scratch >> 2
  if (words[at + 3] === 0) return 'none'
  return isWhite(words, at) ? 'white' : 'colour'
}

/** Whether three words from `at` are the paper's colour. */
export function isWhite(words: Uint32Array, at: number): boolean {
  return words[at]! >= whiteFrom && words[at + 1]! >= whiteFrom && words[at + 2]! >= whiteFrom
}

function addFills(walk: Walk, subpaths: readonly Subpath[], paint: Paint): void {
  const boxes = subpaths.map(({ points }) => boundsOf(points))
  for (const [index, box] of boxes.entries()) {
    if (Math.min(box.width, box.height) <= lineThicknessMax) addThin(walk, box, paint)
    else if (subpaths[index]!.curved || subpaths[index]!.points.length < 4) continue
    else if (!addFrame(walk, box, boxes[index + 1], paint) && paint === 'colour') addArea(walk, box)
  }
}

function addArea(walk: Walk, box: Box): void {
  walk.fills.push(box)
}

/** A thin filled area is a line along its longer side; a dot may be part of a line in either direction. */
function addThin(walk: Walk, box: Box, paint: Paint): void {
  const longer = Math.max(box.width, box.height)
  const dot = longer <= lineThicknessMax && longer < 2 * Math.min(box.width, box.height)
  if (box.width >= box.height || dot) {
    addRule(walk, true, box.y + box.height / 2, box.x, box.x + box.width, box.height, paint)
  }
  if (box.height > box.width || dot) {
    addRule(walk, false, box.x + box.width / 2, box.y, box.y + box.height, box.width, paint)
  }
}

/** Two nested rectangles painted as one path leave a frame: four lines. */
function addFrame(walk: Walk, outer: Box, inner: Box | undefined, paint: Paint): boolean {
  if (inner === undefined) return false
  const left = inner.x - outer.x
  const top = inner.y - outer.y
  const right = outer.x + outer.width - inner.x - inner.width
  const bottom = outer.y + outer.height - inner.y - inner.height
  const sides = [left, top, right, bottom]
  if (sides.some((side) => side < 0 || side > lineThicknessMax) || sides.every((side) => side === 0)) return false
  if (top > 0) addRule(walk, true, outer.y + top / 2, outer.x, outer.x + outer.width, top, paint)
  if (bottom > 0)
    addRule(walk, true, outer.y + outer.height - bottom / 2, outer.x, outer.x + outer.width, bottom, paint)
  if (left > 0) addRule(walk, false, outer.x + left / 2, outer.y, outer.y + outer.height, left, paint)
  if (right > 0) addRule(walk, false, outer.x + outer.width - right / 2, outer.y, outer.y + outer.height, right, paint)
  return true
}

function addStrokes(walk: Walk, subpaths: readonly Subpath[], thickness: number, paint: Paint): void {
  for (const { points, curved } of subpaths) {
    if (curved) continue
    for (let index = 1; index < points.length; index++) {
      const one = points[index - 1]!
      const two = points[index]!
      const dx = Math.abs(one.x - two.x)
      const dy = Math.abs(one.y - two.y)
      // Nearly straight: a slope of a scanned template's line, not a diagonal through a cell.
      if (Math.min(dx, dy) > Math.max(0.5, 0.01 * Math.max(dx, dy))) continue
      const horizontal = dx >= dy
      const at = horizontal ? (one.y + two.y) / 2 : (one.x + two.x) / 2
      const from = horizontal ? Math.min(one.x, two.x) : Math.min(one.y, two.y)
      const to = horizontal ? Math.max(one.x, two.x) : Math.max(one.y, two.y)
      if (thickness <= strokeThicknessMax) addRule(walk, horizontal, at, from, to, thickness, paint)
      else if (paint === 'colour') {
        const across = at - thickness / 2
        walk.fills.push(
          horizontal
            ? { x: from, y: across, width: to - from, height: thickness }
            : { x: across, y: from, width: thickness, height: to - from },
        )
      }
    }
  }
}

function addRule(
  walk: Walk,
  horizontal: boolean,
  at: number,
  from: number,
  to: number,
  thickness: number,
  paint: Paint,
): void {
  const { frame, rules } = walk
  const along = horizontal ? frame.width : frame.height
  const across = horizontal ? frame.height : frame.width
  if (!(at >= 0 && at <= across)) return
  const start = Math.max(0, from)
  const end = Math.min(along, to)
  if (!(end > start) && thickness <= 0) return
  if (end < start) return
  if (paint === 'white') {
    const middle = (start + end) / 2
    const [x, y] = horizontal ? [middle, at] : [at, middle]
    const seen = walk.fills.some(
      (fill) => x > fill.x && x < fill.x + fill.width && y > fill.y && y < fill.y + fill.height,
    )
    if (!seen) return
  }
  rules.push({ horizontal, at, from: start, to: end, thickness })
}

function addPicture(walk: Walk, object: Pointer, parent: Matrix): void {
  const { api, scratch } = walk.pdfium
  if (api.FPDFPageObj_GetBounds(object, scratch, scratch + 4, scratch + 8, scratch + 12) === 0) return
  const floats = walk.pdfium.floats()
  const at = scratch >> 2
  const corners = [
    apply(walk.frame, parent, floats[at]!, floats[at + 1]!),
    apply(walk.frame, parent, floats[at + 2]!, floats[at + 3]!),
  ]
  const box = boundsOf(corners)
  if (Math.min(box.width, box.height) <= lineThicknessMax) addThin(walk, box, 'colour')
  else walk.pictures.push(box)
}

function boundsOf(points: readonly Point[]): Box {
  let left = Number.POSITIVE_INFINITY
  let top = Number.POSITIVE_INFINITY
  let right = Number.NEGATIVE_INFINITY
  let bottom = Number.NEGATIVE_INFINITY
  for (const { x, y } of points) {
    if (x < left) left = x
    if (x > right) right = x
    if (y < top) top = y
    if (y > bottom) bottom = y
  }
  return { x: left, y: top, width: right - left, height: bottom - top }
}

function matrixOf({ api, scratch, floats }: Pdfium, object: Pointer): Matrix {
  if (api.FPDFPageObj_GetMatrix(object, scratch) === 0) return identity
  const at = scratch >> 2
  const view = floats()
  return [view[at]!, view[at + 1]!, view[at + 2]!, view[at + 3]!, view[at + 4]!, view[at + 5]!]
}

/** First `one`, then `two`, in the manner of PDF: row vectors. */
function multiply(one: Matrix, two: Matrix): Matrix {
  if (two === identity) return one
  return [
    one[0] * two[0] + one[1] * two[2],
    one[0] * two[1] + one[1] * two[3],
    one[2] * two[0] + one[3] * two[2],
    one[2] * two[1] + one[3] * two[3],
    one[4] * two[0] + one[5] * two[2] + two[4],
    one[4] * two[1] + one[5] * two[3] + two[5],
  ]
}

function apply(frame: Frame, [a, b, c, d, e, f]: Matrix, px: number, py: number): Point {
  const x = a * px + c * py + e
  const y = b * px + d * py + f
  return { x: frame.x(x, y), y: frame.y(x, y) }
}
