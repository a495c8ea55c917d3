/**
 * Painted outlines to what finding tables needs: ruling lines, coloured areas, pictures. Producers draw a line in many
 * ways: as a stroke, as one side of a stroked rectangle, as a thin filled rectangle, as the gap between two nested ones, as
 * a row of dots, as a stretched picture of one point; each becomes a Rule here, so that what comes after sees lines only.
 */
import type { Box } from '../document.ts'
import { boxOfRule, type Picture, type Rule, type Slant } from './page.ts'

/** What is drawn on a page besides glyphs. */
export type Drawing = {
  readonly rules: readonly Rule[]
  readonly fills: readonly Box[]
  readonly patches: readonly Box[]
  readonly pictures: readonly Picture[]
  readonly shapes: readonly Box[]
  readonly slants: readonly Slant[]
  /** In the order of painting. */
  readonly grounds: readonly Ground[]
  readonly veils: readonly Veil[]
}

/** What an area is painted with. */
export type Brush = {
  /** Which of the things that the page draws it is. */
  readonly order: number
  /** As 0xrrggbb; null where it is seen through, or made of a pattern. */
  readonly colour: number | null
}

/** A painted area: what it hides was drawn before it, what stands on it comes after. */
export type Ground = Box & Brush & { /** Whether it hides all that its box covers. */ readonly covers: boolean }

/**
 * Something painted in this box that may hide what was drawn before, as far as its shape and what it is made of tell: a
 * picture, a round area, a thick line. `through` where it is seen through, or that is not known.
 */
export type Veil = Box & { readonly order: number; readonly through: boolean }

/** A page while it is drawn upon; its size in points. */
export type Canvas = {
  readonly width: number
  readonly height: number
  readonly rules: Rule[]
  readonly fills: Box[]
  readonly patches: Box[]
  readonly pictures: Picture[]
  readonly shapes: Box[]
  readonly slants: Slant[]
  readonly grounds: Ground[]
  readonly veils: Veil[]
  /** Where what is being drawn is seen, as far as it is cut. */
  clip: Box | null
  /** With what it is drawn. */
  brush: Brush
}

/** A place on the page as a reader sees it. */
export type Point = { readonly x: number; readonly y: number }
/**
 * A connected run of an outline's points; one with curves is no cell's background, and draws lines only where it is larger than
 * characters or a rectangle with round corners.
 */
export type Subpath = {
  readonly points: Point[]
  curved: boolean
  /** Of the points, in order, those to which a curve leads or that shape it. */
  readonly bends: number[]
}
/** `white` is painted in the paper's colour: seen only on an area of another one. */
export type Paint = 'none' | 'white' | 'colour'

/** Filled areas not thicker than this are lines; in points. */
const lineThicknessMax = 3
/** Strokes thicker than this paint areas. */
const strokeThicknessMax = 6
/** Of 255: lighter is the paper's colour. */
const whiteFrom = 250
/** Grounds and veils on a page that are looked at for what they hide, and slants for what they cross. */
const groundsMax = 2_000
/** Lines not thicker than this leave what they cross legible, in points. */
const legibleThicknessMax = 2
/** Outlines of this size may be characters, in points; more of them tell no more. */
const shapeSizeMin = 2
const shapeSizeMax = 40
const shapesMax = 20_000
/** Of the sides of a rectangle its corners may be so far, in points. */
const cornerMiss = 0.5

/** Says that the last point is part of a curve. */
export function addBend(path: Subpath): void {
  path.curved = true
  path.bends.push(path.points.length - 1)
}

/** Goes back to where an outline began, unless it ends there already. */
export function closeOutline({ points }: Subpath): void {
  const first = points[0]!
  const last = points[points.length - 1]!
  if (points.length > 1 && (first.x !== last.x || first.y !== last.y)) points.push(first)
}

/** Whether a colour, each part of 255, is the paper's. */
export function isPaper(red: number, green: number, blue: number): boolean {
  return red >= whiteFrom && green >= whiteFrom && blue >= whiteFrom
}

/** Draws the filled outlines of one path. */
export function paintFills(canvas: Canvas, subpaths: readonly Subpath[], paint: Paint): void {
  const boxes = subpaths.map(({ points }) => boundsOf(points))
  for (const [index, box] of boxes.entries()) {
    const { curved, points } = subpaths[index]!
    addVeil(canvas, box)
    if (curved || (points.length > 6 && !isRectangle(subpaths[index]!, box))) addShape(canvas, box, paint)
    if (Math.min(box.width, box.height) <= lineThicknessMax) addThin(canvas, box, paint)
    else if (points.length < 4) continue
    else if (curved) {
      if (hasStraightSides(subpaths[index]!, box)) addFrame(canvas, box, boxes[index + 1], paint)
    } else if (!addFrame(canvas, box, boxes[index + 1], paint)) {
      addArea(canvas, box, paint, isRectangle(subpaths[index]!, box) && !hasHole(boxes, box))
    }
  }
}

function addShape({ shapes, clip }: Canvas, outline: Box, paint: Paint): void {
  const { width, height } = outline
  if (paint !== 'colour' || shapes.length >= shapesMax) return
  if (!isShapeSized(outline) || Math.max(width, height) < shapeSizeMin) return
  const seen = clip === null ? outline : sharedBox(outline, clip)
  if (seen.width > 0 && seen.height > 0) shapes.push(outline)
}

function isShapeSized({ width, height }: Box): boolean {
  return Math.max(width, height) <= shapeSizeMax
}

/** Part of its sides that an outline with curves, the round corners of a cell or a frame, has straight ones along. */
const straightPart = 0.5
/** Smaller ones, in points, are characters. */
const roundSideMin = 10
const roundSizeMin = 16

/** The corners of a box, one after the other and back to the first. */
function cornersOf({ x, y, width, height }: Box): Point[] {
  const [right, bottom] = [x + width, y + height]
  return [
    { x, y },
    { x: right, y },
    { x: right, y: bottom },
    { x, y: bottom },
    { x, y },
  ]
}

/** Whether an outline with curves is a rectangle with round corners. */
function hasStraightSides({ points, bends }: Subpath, box: Box): boolean {
  if (Math.min(box.width, box.height) < roundSideMin || Math.max(box.width, box.height) < roundSizeMin) return false
  let [across, down, bend] = [0, 0, 0]
  for (let index = 1; index < points.length; index++) {
    if (bends[bend] === index) {
      bend++
      continue
    }
    const [one, two] = [points[index - 1]!, points[index]!]
    if (Math.abs(one.y - two.y) < cornerMiss) across += Math.abs(one.x - two.x)
    else if (Math.abs(one.x - two.x) < cornerMiss) down += Math.abs(one.y - two.y)
  }
  return across >= 2 * straightPart * box.width && down >= 2 * straightPart * box.height
}

/** Draws a filled area; `whole` where all of its box is painted. */
function addArea(canvas: Canvas, outline: Box, paint: Paint, whole: boolean): void {
  const box = canvas.clip === null ? outline : sharedBox(outline, canvas.clip)
  if (Math.min(box.width, box.height) <= 0) return
  // An area that is seen through a slit is a line.
  if (Math.min(box.width, box.height) <= lineThicknessMax) {
    addThin(canvas, box, paint)
    return
  }
  addGround(canvas, box, whole)
  if (paint === 'colour') canvas.fills.push(box)
  else if (isOnColour(canvas, box.x + box.width / 2, box.y + box.height / 2)) canvas.patches.push(box)
}

function addGround({ grounds, brush }: Canvas, { x, y, width, height }: Box, whole: boolean): void {
  if (grounds.length >= groundsMax) return
  const { order, colour } = brush
  grounds.push({ x, y, width, height, order, colour, covers: whole && colour !== null })
}

/** Notes a painted area that may hide something, as far as it is seen. */
function addVeil({ veils, brush, clip }: Canvas, outline: Box): void {
  const box = clip === null ? outline : sharedBox(outline, clip)
  if (veils.length >= groundsMax || Math.min(box.width, box.height) <= legibleThicknessMax) return
  veils.push({
    x: box.x,
    y: box.y,
    width: box.width,
    height: box.height,
    order: brush.order,
    through: brush.colour === null,
  })
}

function isRectangle({ points }: Subpath, { x, y, width, height }: Box): boolean {
  const isOn = (at: number, from: number, size: number): boolean =>
    Math.abs(at - from) < cornerMiss || Math.abs(at - from - size) < cornerMiss
  return points.length <= 6 && points.every((point) => isOn(point.x, x, width) && isOn(point.y, y, height))
}

/** Whether another box of the same path lies in this one, which may have a hole there; of many boxes it is not asked. */
function hasHole(boxes: readonly Box[], outer: Box): boolean {
  if (boxes.length > holesMax) return true
  return boxes.some((inner) => inner !== outer && holds(outer, inner.x + inner.width / 2, inner.y + inner.height / 2))
}

const holesMax = 100

/** Whether something was filled with a colour at this place: only there the paper's colour is seen. */
function isOnColour({ fills }: Canvas, x: number, y: number): boolean {
  return fills.some((fill) => holds(fill, x, y))
}

function holds(box: Box, x: number, y: number): boolean {
  return x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height
}

/** A thin filled area is a line along its longer side; a dot may be part of a line in either direction. */
function addThin(canvas: Canvas, box: Box, paint: Paint): void {
  const longer = Math.max(box.width, box.height)
  const dot = longer <= lineThicknessMax && longer < 2 * Math.min(box.width, box.height)
  if (box.width >= box.height || dot) {
    addRule(canvas, true, box.y + box.height / 2, box.x, box.x + box.width, box.height, paint)
  }
  if (box.height > box.width || dot) {
    addRule(canvas, false, box.x + box.width / 2, box.y, box.y + box.height, box.width, paint)
  }
}

/** Two nested rectangles painted as one path leave a frame: four lines. */
function addFrame(canvas: Canvas, outer: Box, inner: Box | undefined, paint: Paint): boolean {
  if (inner === undefined) return false
  const left = inner.x - outer.x
  const top = inner.y - outer.y
  const right = outer.x + outer.width - inner.x - inner.width
  const bottom = outer.y + outer.height - inner.y - inner.height
  const sides = [left, top, right, bottom]
  if (sides.some((side) => side < 0 || side > lineThicknessMax) || sides.every((side) => side === 0)) return false
  if (top > 0) addRule(canvas, true, outer.y + top / 2, outer.x, outer.x + outer.width, top, paint)
  if (bottom > 0)
    addRule(canvas, true, outer.y + outer.height - bottom / 2, outer.x, outer.x + outer.width, bottom, paint)
  if (left > 0) addRule(canvas, false, outer.x + left / 2, outer.y, outer.y + outer.height, left, paint)
  if (right > 0)
    addRule(canvas, false, outer.x + outer.width - right / 2, outer.y, outer.y + outer.height, right, paint)
  return true
}

/** Draws the outlines of one path as lines so thick, in points. */
export function paintStrokes(canvas: Canvas, subpaths: readonly Subpath[], thickness: number, paint: Paint): void {
  for (const outline of subpaths) {
    const { curved } = outline
    const box = boundsOf(outline.points)
    if (curved || isSloped(outline.points)) addShape(canvas, box, paint)
    const round = curved && hasStraightSides(outline, box)
    const points = round ? cornersOf(box) : outline.points
    const bends = round ? [] : outline.bends
    const small = curved && isShapeSized(box)
    let bend = 0
    for (let index = 1; index < points.length; index++) {
      const one = points[index - 1]!
      const two = points[index]!
      const bent = bends[bend] === index
      if (bent) bend++
      if (bent || (small && !round)) {
        addSlant(canvas, one, two, paint)
        continue
      }
      const dx = Math.abs(one.x - two.x)
      const dy = Math.abs(one.y - two.y)
      // Nearly straight: a slope of a scanned template's line, not a diagonal through a cell.
      if (Math.min(dx, dy) > Math.max(0.5, 0.01 * Math.max(dx, dy))) {
        addSlant(canvas, one, two, paint)
        continue
      }
      const horizontal = dx >= dy
      const at = horizontal ? (one.y + two.y) / 2 : (one.x + two.x) / 2
      const from = horizontal ? Math.min(one.x, two.x) : Math.min(one.y, two.y)
      const to = horizontal ? Math.max(one.x, two.x) : Math.max(one.y, two.y)
      const area = boxOfRule({ horizontal, at, from, to, thickness })
      addVeil(canvas, area)
      if (thickness <= strokeThicknessMax) addRule(canvas, horizontal, at, from, to, thickness, paint)
      else if (paint === 'colour') {
        canvas.fills.push(area)
        addGround(canvas, area, true)
      }
    }
  }
}

/** A single stroke up to this long may be a character, in points. */
const slopedSizeMax = 20
/** How much of its length a stroke goes aside where it is no line along an axis. */
const slopeMin = 0.1

/** Whether straight strokes may be a character or part of one: one of them slopes, and they are no long line. */
export function isSloped(points: readonly Point[]): boolean {
  const slopes = points.some(({ x, y }, index) => {
    const next = points[index + 1] ?? { x, y }
    const [across, down] = [Math.abs(next.x - x), Math.abs(next.y - y)]
    return Math.min(across, down) > Math.max(0.5, slopeMin * Math.max(across, down))
  })
  const { width, height } = boundsOf(points)
  return slopes && (points.length > 2 || Math.max(width, height) <= slopedSizeMax)
}

function addSlant({ slants }: Canvas, from: Point, to: Point, paint: Paint): void {
  if (paint === 'colour' && slants.length < groundsMax) slants.push({ from, to })
}

function addRule(
  canvas: Canvas,
  horizontal: boolean,
  at: number,
  from: number,
  to: number,
  thickness: number,
  paint: Paint,
): void {
  const { width, height, rules, clip } = canvas
  const along = horizontal ? width : height
  const across = horizontal ? height : width
  if (!(at >= 0 && at <= across)) return
  const [low, high, first, last] = seenRange(clip, horizontal)
  if (at + thickness / 2 < low - clipMiss || at - thickness / 2 > high + clipMiss) return
  const start = Math.max(0, from, first - clipMiss)
  const end = Math.min(along, to, last + clipMiss)
  if (!(end > start) && thickness <= 0) return
  if (end < start) return
  if (paint === 'white') {
    const middle = (start + end) / 2
    const [x, y] = horizontal ? ([middle, at] as const) : ([at, middle] as const)
    if (!isOnColour(canvas, x, y)) return
  }
  rules.push({ horizontal, at, from: start, to: end, thickness })
}

/** How far a line may stand outside of what its clip shows and be seen. */
const clipMiss = 0.5

/** Between which places across a line and along it something is seen. */
function seenRange(clip: Box | null, horizontal: boolean): readonly [number, number, number, number] {
  if (clip === null) return everywhere
  const { x, y, width, height } = clip
  return horizontal ? [y, y + height, x, x + width] : [x, x + width, y, y + height]
}

const everywhere = [
  Number.NEGATIVE_INFINITY,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.POSITIVE_INFINITY,
] as const

/** What two boxes share; without width or height where that is nothing. */
export function sharedBox(one: Box, other: Box): Box {
  const x = Math.max(one.x, other.x)
  const y = Math.max(one.y, other.y)
  const width = Math.max(0, Math.min(one.x + one.width, other.x + other.width) - x)
  const height = Math.max(0, Math.min(one.y + one.height, other.y + other.height) - y)
  return { x, y, width, height }
}

/**
 * Draws a picture in its place; one of a single line of points is a line. `pixels` are those of its longer side, or 0; its
 * colour is that of the brush, null where it may be seen through.
 */
export function paintPicture(canvas: Canvas, box: Box, pixels: number): void {
  addVeil(canvas, box)
  // Either side may be the long one where the page or the picture is turned.
  const dpi = (72 * pixels) / Math.max(box.width, box.height)
  if (Math.min(box.width, box.height) <= lineThicknessMax) addThin(canvas, box, 'colour')
  else canvas.pictures.push(pixels === 0 ? box : { ...box, dpi })
}

/** The smallest box around points. */
export function boundsOf(points: readonly Point[]): Box {
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
