/** What PDFium knows that a page draws besides text: ruling lines, coloured areas, pictures. */
import type { Box } from '../document.ts'
import {
  addBend,
  boundsOf,
  type Canvas,
  closeOutline,
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
/** A text object of which no larger part is seen is cut away. */
const seenPartMin = 0.02
/** A picture that covers this part of a page may be the page. */
const largePart = 0.5

const type = { text: 1, path: 2, image: 3, shading: 4, form: 5 } as const
const segmentKind = { line: 0, curve: 1, move: 2 } as const

type Walk = Canvas & {
  readonly pdfium: Pdfium
  readonly frame: Frame
  readonly texts: Pointer[]
  /** What is drawn besides text. */
  readonly others: Pointer[]
  readonly places: Map<Pointer, TextPlace>
  /** What belongs to a layer that may be turned off, by the layer's name. */
  readonly layers: Map<string, Pointer[]>
  readonly unseen: ReadonlySet<Pointer>
  /** Whether drawings may belong to layers by themselves, which PDFium does not tell. */
  readonly layered: boolean
  /** What each clip shows, by its first segment, which objects with the same clip share. */
  readonly clips: Map<Pointer, Box>
  /** Whether what is drawn stands in a drawing that may be seen through. */
  seenThrough: boolean
  /** Whether it is no part of the page itself. */
  added: boolean
  /** How many of the texts stand before the last large picture. */
  covered: number
  segments: number
  objects: number
}

/** Whether drawings of the document may belong to layers, and which objects of a page belong to those that are off. */
export type Layering = {
  readonly layered: boolean
  readonly unseen: ReadonlySet<Pointer>
  /** How many of the objects are the page's own; fields and typed text come after them. */
  readonly own: number
}

/** Which of the things that a page draws a text object is, whether it is cut away, whether it is no part of the page itself. */
export type TextPlace = {
  readonly order: number
  readonly cutAway: boolean
  readonly added: boolean
  /** Whether it may belong to a layer, which may be off. */
  readonly layered: boolean
}

/** What is drawn, and what is known of its text objects. */
type PageDrawing = Drawing & {
  /** Those over which a picture of most of the page is painted. */
  readonly under: readonly Pointer[]
  readonly texts: readonly Pointer[]
  /** What is drawn besides text. */
  readonly others: readonly Pointer[]
  readonly places: ReadonlyMap<Pointer, TextPlace>
  /** What belongs to layers, some of which may be turned off. */
  readonly layers: readonly (readonly Pointer[])[]
  /** False where the page has more path segments than `pageSegmentsMax`: then there are pictures only. */
  readonly whole: boolean
}

/** The lines, areas and pictures of a page but for the objects that are `unseen`. */
export function readDrawing(
  pdfium: Pdfium,
  page: Pointer,
  frame: Frame,
  { layered, unseen, own }: Layering,
): PageDrawing {
  const { api } = pdfium
  const { width, height } = frame
  const shapes = { rules: [], fills: [], patches: [], pictures: [], shapes: [], slants: [], grounds: [], veils: [] }
  const walk: Walk = {
    pdfium,
    frame,
    width,
    height,
    ...shapes,
    texts: [],
    others: [],
    places: new Map(),
    layers: new Map(),
    unseen,
    layered,
    clips: new Map(),
    seenThrough: false,
    added: false,
    covered: 0,
    segments: 0,
    objects: 0,
    clip: null,
    brush: { order: 0, colour: null },
  }
  const count = api.FPDFPage_CountObjects(page)
  let whole = true
  for (let index = 0; index < count && whole; index++) {
    walk.added = index >= own
    whole = readObject(walk, api.FPDFPage_GetObject(page, index), identity, 0)
  }
  const { rules, fills, patches, pictures, shapes: outlines, slants, grounds, veils, places, texts, others } = walk
  const layers = [...walk.layers.values()]
  const under = walk.texts.slice(0, walk.covered)
  const known = { pictures, veils, under, texts, others, places, layers, whole }
  if (!whole) return { rules: [], fills: [], patches: [], shapes: [], slants: [], grounds: [], ...known }
  return { rules, fills, patches, shapes: outlines, slants, grounds, ...known }
}

/** False when the page draws more than may be read. */
function readObject(walk: Walk, object: Pointer, parent: Matrix, depth: number): boolean {
  const { api } = walk.pdfium
  if (++walk.objects > limits.pageSegmentsMax) return false
  const marked = api.FPDFPageObj_CountMarks(object) > 0 && addToLayer(walk, object)
  if (walk.unseen.has(object)) return readUnseen(walk, object)
  const kind = api.FPDFPageObj_GetType(object)
  if (kind !== type.text && kind !== type.form) walk.others.push(object)
  if (kind === type.shading) addShading(walk, object, parent)
  if (kind === type.path) return readPath(walk, object, parent)
  if (kind === type.text) {
    walk.texts.push(object)
    walk.places.set(object, {
      order: walk.objects,
      cutAway: isCutAway(walk, object, parent),
      added: walk.added,
      layered: marked || (walk.layered && depth > 0),
    })
  }
  if (kind === type.image) addPicture(walk, object, parent)
  if (kind !== type.form || depth >= formDepthMax) return true
  if (walk.layered) walk.layers.set(`drawing ${object}`, [object])
  const matrix = multiply(matrixOf(walk.pdfium, object), parent)
  const count = api.FPDFFormObj_CountObjects(object)
  const { seenThrough } = walk
  walk.seenThrough ||= api.FPDFPageObj_HasTransparency(object) === 1
  for (let index = 0; index < count; index++) {
    if (!readObject(walk, api.FPDFFormObj_GetObject(object, index), matrix, depth + 1)) return false
  }
  walk.seenThrough = seenThrough
  return true
}

/** Notes the text of an object that is not seen. */
function readUnseen(walk: Walk, object: Pointer): boolean {
  const { api } = walk.pdfium
  if (api.FPDFPageObj_GetType(object) !== type.form) {
    walk.places.set(object, { order: walk.objects, cutAway: true, added: walk.added, layered: true })
    return true
  }
  const count = api.FPDFFormObj_CountObjects(object)
  for (let index = 0; index < count; index++) {
    if (++walk.objects > limits.pageSegmentsMax) return false
    readUnseen(walk, api.FPDFFormObj_GetObject(object, index))
  }
  return true
}

/** Notes the layer of an object that is marked as part of one (ISO 32000-1, 8.11.3.2); false where it is not. */
function addToLayer({ pdfium, layers }: Walk, object: Pointer): boolean {
  const { api, scratch } = pdfium
  const count = api.FPDFPageObj_CountMarks(object)
  for (let index = 0; index < count; index++) {
    const mark = api.FPDFPageObj_GetMark(object, index)
    // The length of the name and its end, in UTF-16, comes before the name.
    api.FPDFPageObjMark_GetName(mark, scratch + 8, 16, scratch)
    if (pdfium.words()[scratch >> 2] !== 6 || pdfium.words()[(scratch + 8) >> 2] !== markOfLayers) continue
    pdfium.bytes().set(keyOfName, scratch)
    const found = api.FPDFPageObjMark_GetParamStringValue(mark, scratch, scratch + 16, layerNameMax, scratch + 8)
    const length = found === 0 ? 0 : Math.min(layerNameMax, pdfium.words()[(scratch + 8) >> 2]!)
    const name = Buffer.from(pdfium.bytes().slice(scratch + 16, scratch + 16 + length)).toString('utf16le')
    const layer = layers.get(name)
    if (layer === undefined) layers.set(name, [object])
    else layer.push(object)
    return true
  }
  return false
}

/** `OC` in UTF-16. */
const markOfLayers = 0x0043_004f
const keyOfName = Buffer.from('Name\0', 'latin1')
const layerNameMax = 512

/** Whether a text object lies wholly outside of what its clip shows: one that is cut is read as a whole. */
function isCutAway(walk: Walk, text: Pointer, parent: Matrix): boolean {
  const clip = clipOf(walk, text, parent)
  if (clip === null) return false
  if (clip.x <= 0 && clip.y <= 0 && clip.x + clip.width >= walk.width && clip.y + clip.height >= walk.height)
    return false
  const box = objectBox(walk, text, parent)
  if (box === null) return false
  const shared = sharedBox(box, clip)
  return shared.width * shared.height <= seenPartMin * box.width * box.height
}

/** The box around an object; null where it has none. */
function objectBox({ pdfium, frame }: Walk, object: Pointer, parent: Matrix): Box | null {
  const { api, scratch } = pdfium
  if (api.FPDFPageObj_GetBounds(object, scratch, scratch + 4, scratch + 8, scratch + 12) === 0) return null
  const floats = pdfium.floats()
  const at = scratch >> 2
  return boundsOf([
    placeOn(frame, parent, floats[at]!, floats[at + 1]!),
    placeOn(frame, parent, floats[at + 2]!, floats[at + 3]!),
  ])
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
    walk.segments++
    if (segments < 3 || walk.segments > limits.pageSegmentsMax) continue
    const first = api.FPDFClipPath_GetPathSegment(clip, path, 0)
    let box = walk.clips.get(first)
    if (box === undefined) {
      walk.segments += segments
      const points: Point[] = []
      for (let index = 0; index < segments; index++) {
        api.FPDFPathSegment_GetPoint(api.FPDFClipPath_GetPathSegment(clip, path, index), scratch, scratch + 4)
        const floats = walk.pdfium.floats()
        points.push(placeOn(walk.frame, parent, floats[scratch >> 2]!, floats[(scratch >> 2) + 1]!))
      }
      box = boundsOf(points)
      walk.clips.set(first, box)
    }
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
      current = { points: [point], curved: false, bends: [] }
      subpaths.push(current)
    } else {
      current.points.push(point)
      if (kind === segmentKind.curve) addBend(current)
    }
    if (api.FPDFPathSegment_GetClose(segment) === 1) closeOutline(current)
  }
  return subpaths
}

/** What PDFium says of coloured tiles, which may leave room between them. */
const patternGrey = 0xbf

/** The paint of a path; sets the brush of areas. */
function paintOf(walk: Walk, object: Pointer, what: 'fill' | 'stroke'): Paint {
  const { api, scratch } = walk.pdfium
  const read = what === 'fill' ? api.FPDFPageObj_GetFillColor : api.FPDFPageObj_GetStrokeColor
  walk.brush = { order: walk.objects, colour: null }
  // A pattern has no colour of its own: something is painted.
  if (read(object, scratch, scratch + 4, scratch + 8, scratch + 12) === 0) return 'colour'
  const words = walk.pdfium.words()
  const at = scratch >> 2
  const [red, green, blue, alpha] = [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!]
  if (alpha === 0) return 'none'
  const isPattern = red === patternGrey && green === patternGrey && blue === patternGrey
  if (alpha === 255 && !isPattern && !walk.seenThrough && api.FPDFPageObj_HasTransparency(object) === 0) {
    walk.brush = { order: walk.objects, colour: (red << 16) | (green << 8) | blue }
  }
  return isPaper(red, green, blue) ? 'white' : 'colour'
}

/** Colours that run into one another, in as much as their clip shows. */
function addShading(walk: Walk, object: Pointer, parent: Matrix): void {
  const box = clipOf(walk, object, parent) ?? { x: 0, y: 0, width: walk.width, height: walk.height }
  walk.veils.push({ ...box, order: walk.objects, through: true })
}

function addPicture(walk: Walk, object: Pointer, parent: Matrix): void {
  const { api, scratch } = walk.pdfium
  const box = objectBox(walk, object, parent)
  if (box === null) return
  const pixels = api.FPDFImageObj_GetImagePixelSize(object, scratch, scratch + 4)
  const at = scratch >> 2
  const [wide, high] = walk.pdfium.words().subarray(at, at + 2) as unknown as [number, number]
  walk.clip = clipOf(walk, object, parent)
  walk.brush = { order: walk.objects, colour: null }
  paintPicture(walk, box, pixels === 0 ? 0 : Math.max(wide, high))
  if (box.width * box.height > largePart * walk.width * walk.height) walk.covered = walk.texts.length
}

/** The matrix of an object; what changes nothing where it has none. */
export function matrixOf(pdfium: Pdfium, object: Pointer): Matrix {
  const { api, scratch } = pdfium
  return api.FPDFPageObj_GetMatrix(object, scratch) === 0 ? identity : matrixAt(pdfium, scratch)
}

/** The matrix at a place of the module's memory. */
export function matrixAt({ floats }: Pdfium, place: Pointer): Matrix {
  const at = place >> 2
  const view = floats()
  return [view[at]!, view[at + 1]!, view[at + 2]!, view[at + 3]!, view[at + 4]!, view[at + 5]!]
}
