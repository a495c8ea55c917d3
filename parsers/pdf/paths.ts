/** What PDFium knows that a page draws besides text: ruling lines, coloured areas, pictures. */
import type { Box, Notice } from '../document.ts'
import {
  boundsOf,
  type Canvas,
  type Drawing,
  isPaper,
  type Paint,
  type Point,
  paintFills,
  paintPicture,
  paintStrokes,
  type Subpath,
  sharedBox,
} from '../layout/painted.ts'
import { limits } from '../limits.ts'
import type { Pdfium, Pointer } from './engine.ts'
import { type Frame, identity, type Matrix, multiply, placeOn, scaleOf } from './frame.ts'

const formDepthMax = 8
/** A picture that covers this part of a page may be the page. */
const largePart = 0.5

const type = { text: 1, path: 2, image: 3, form: 5 } as const
const segmentKind = { line: 0, curve: 1, move: 2 } as const

type Walk = Canvas & {
  readonly pdfium: Pdfium
  readonly frame: Frame
  readonly texts: Pointer[]
  /** How many of the texts stand before the last large picture. */
  covered: number
  segments: number
  objects: number
}

/** What is drawn, and the text objects over which a picture of most of the page is painted. */
type PageDrawing = Drawing & { readonly under: readonly Pointer[] }

/** The lines, areas and pictures of a page. Where it has more path segments than `pageSegmentsMax`, `notices` says so. */
export function readDrawing(
  pdfium: Pdfium,
  page: Pointer,
  frame: Frame,
  notices: Notice[],
  number: number,
): PageDrawing {
  const { api } = pdfium
  const { width, height } = frame
  const shapes = { rules: [], fills: [], patches: [], pictures: [] }
  const walk: Walk = {
    pdfium,
    frame,
    width,
    height,
    ...shapes,
    texts: [],
    covered: 0,
    segments: 0,
    objects: 0,
    clip: null,
  }
  const count = api.FPDFPage_CountObjects(page)
  let whole = true
  for (let index = 0; index < count && whole; index++) {
    whole = readObject(walk, api.FPDFPage_GetObject(page, index), identity, 0)
  }
  const { rules, fills, patches, pictures } = walk
  const under = walk.texts.slice(0, walk.covered)
  if (whole) return { rules, fills, patches, pictures, under }
  const anchor = { path: `page[${number}]`, page: number, box: null }
  const data = { limit: 'pageSegmentsMax', max: limits.pageSegmentsMax }
  notices.push({ code: 'content_truncated', anchor, data })
  return { rules: [], fills: [], patches: [], pictures, under }
}

/** False when the page draws more than may be read. */
function readObject(walk: Walk, object: Pointer, parent: Matrix, depth: number): boolean {
  const { api } = walk.pdfium
  if (++walk.objects > limits.pageSegmentsMax) return false
  const kind = api.FPDFPageObj_GetType(object)
  if (kind === type.path) return readPath(walk, object, parent)
  if (kind === type.text) walk.texts.push(object)
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
  walk.clip = clipOf(walk, path, parent)
  if (filled) {
    const paint = paintOf(walk, path, 'fill')
    if (paint !== 'none') paintFills(walk, subpaths, paint)
  }
  if (stroked) {
    const paint = paintOf(walk, path, 'stroke')
    if (paint === 'none') return true
    api.FPDFPageObj_GetStrokeWidth(path, scratch)
    paintStrokes(walk, subpaths, walk.pdfium.floats()[scratch >> 2]! * scaleOf(matrix), paint)
  }
  return true
}

/** The box around what is seen of an object that is cut, as a cell is that a page break tears; null where nothing cuts it. */
function clipOf(walk: Walk, object: Pointer, parent: Matrix): Box | null {
  const { api, scratch } = walk.pdfium
  const clip = api.FPDFPageObj_GetClipPath(object)
  const count = clip === 0 ? 0 : api.FPDFClipPath_CountPaths(clip)
  let seen: Box | null = null
  for (let path = 0; path < count; path++) {
    const segments = api.FPDFClipPath_CountPathSegments(clip, path)
    walk.segments += Math.max(0, segments)
    if (segments < 3 || walk.segments > limits.pageSegmentsMax) continue
    const points: Point[] = []
    for (let index = 0; index < segments; index++) {
      api.FPDFPathSegment_GetPoint(api.FPDFClipPath_GetPathSegment(clip, path, index), scratch, scratch + 4)
      const floats = walk.pdfium.floats()
      points.push(placeOn(walk.frame, parent, floats[scratch >> 2]!, floats[(scratch >> 2) + 1]!))
    }
    const box = boundsOf(points)
    seen = seen === null ? box : sharedBox(seen, box)
  }
  return seen
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

function paintOf(walk: Walk, object: Pointer, what: 'fill' | 'stroke'): Paint {
  const { api, scratch } = walk.pdfium
  const read = what === 'fill' ? api.FPDFPageObj_GetFillColor : api.FPDFPageObj_GetStrokeColor
  // A pattern has no colour of its own: something is painted.
  if (read(object, scratch, scratch + 4, scratch + 8, scratch + 12) === 0) return 'colour'
  const words = walk.pdfium.words()
  const at = scratch >> 2
  if (words[at + 3] === 0) return 'none'
  return isPaper(words[at]!, words[at + 1]!, words[at + 2]!) ? 'white' : 'colour'
}

function addPicture(walk: Walk, object: Pointer, parent: Matrix): void {
  const { api, scratch } = walk.pdfium
  if (api.FPDFPageObj_GetBounds(object, scratch, scratch + 4, scratch + 8, scratch + 12) === 0) return
  const floats = walk.pdfium.floats()
  const at = scratch >> 2
  const corners = [
    placeOn(walk.frame, parent, floats[at]!, floats[at + 1]!),
    placeOn(walk.frame, parent, floats[at + 2]!, floats[at + 3]!),
  ]
  const pixels = api.FPDFImageObj_GetImagePixelSize(object, scratch, scratch + 4)
  const [wide, high] = walk.pdfium.words().subarray(at, at + 2) as unknown as [number, number]
  const box = boundsOf(corners)
  paintPicture(walk, box, pixels === 0 ? 0 : Math.max(wide, high))
  if (box.width * box.height > largePart * walk.width * walk.height) walk.covered = walk.texts.length
}

function matrixOf({ api, scratch, floats }: Pdfium, object: Pointer): Matrix {
  if (api.FPDFPageObj_GetMatrix(object, scratch) === 0) return identity
  const at = scratch >> 2
  const view = floats()
  return [view[at]!, view[at + 1]!, view[at + 2]!, view[at + 3]!, view[at + 4]!, view[at + 5]!]
}
