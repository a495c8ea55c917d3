/**
 * The outline of a path object (clause 9: M L Q B A C and S) to what it draws on the page: straight lines along an axis,
 * filled areas, and small outlines that are characters without a text. Points are on the page already.
 */
import type { Box } from '../document.ts'
import { damaged } from '../failure.ts'
import { boxOfRule, type Rule } from '../layout/page.ts'
import { isSloped } from '../layout/painted.ts'
import { apply, boxAround, type Matrix, type Point } from './geometry.ts'

/** A run of connected points; a curve adds its control points to `hull` alone. */
export type Subpath = {
  readonly points: readonly Point[]
  readonly hull: readonly Point[]
  readonly closed: boolean
  /** Places in `points` that are reached by a curve. */
  readonly curved: ReadonlySet<number>
}

/** What filling an outline shows. */
export type Filled = {
  readonly rules: readonly Rule[]
  readonly areas: readonly Box[]
  readonly shapes: readonly Box[]
}

/** A filled rectangle up to this thick is a line, in points. */
const ruleThicknessMax = 2.5
/** A stroke up to this thick is a line and not an area. */
const strokeThicknessMax = 4.5
/** How far a line along an axis may leave it, in points. */
const axisTolerance = 0.5
const ruleLengthMin = 1
/** Outlines up to this size may be characters. */
const shapeSizeMax = 40

const operandCounts: Readonly<Record<string, number>> = { S: 2, M: 2, L: 2, Q: 4, B: 6, A: 7, C: 0 }
const token = /[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/g

/**
 * The runs of an outline, seen through `matrix`. `count` is told of each point, and may throw.
 * @throws ParseFailure `damaged` for what is no outline
 */
export function readOutline(data: string, matrix: Matrix, count: () => void): Subpath[] {
  const found: Subpath[] = []
  let points: Point[] = []
  let hull: Point[] = []
  let curved = new Set<number>()
  const finish = (closed: boolean): void => {
    if (points.length > 1) found.push({ points, hull, closed, curved })
    points = points.length > 0 && closed ? [points[0]!] : []
    hull = [...points]
    curved = new Set()
  }
  for (const { operator, operands } of readOperations(data)) {
    if (operator === 'C') {
      finish(true)
      continue
    }
    count()
    const seen = pairsOf(operator === 'A' ? operands.slice(5) : operands).map((point) => apply(matrix, point))
    if (operator === 'M' || operator === 'S') finish(false)
    if (operator === 'M' || operator === 'S') points = []
    if (operator === 'Q' || operator === 'B' || operator === 'A') curved.add(points.length)
    points.push(seen[seen.length - 1]!)
    hull.push(...seen)
  }
  finish(false)
  return found
}

function* readOperations(data: string): Generator<{ operator: string; operands: number[] }> {
  let operator = ''
  let operands: number[] = []
  for (const [text] of data.matchAll(token)) {
    if (/[A-Za-z]/.test(text[0]!)) {
      if (operandCounts[text] === undefined) throw damaged(`path operator ${text}`)
      operator = text
      operands = []
      if (text === 'C') yield { operator, operands }
      continue
    }
    operands.push(Number(text))
    if (operator === '' || operands.length < operandCounts[operator]!) continue
    if (operator !== 'C') yield { operator, operands }
    operands = []
  }
}

function pairsOf(values: readonly number[]): Point[] {
  const pairs: Point[] = []
  for (let at = 0; at + 1 < values.length; at += 2) pairs.push([values[at]!, values[at + 1]!])
  return pairs
}

/** The lines that a pen of `thickness` points draws along an outline, and areas where it is as thick as one. */
export function strokeOutline(outline: readonly Subpath[], thickness: number): Filled {
  const rules: Rule[] = []
  const areas: Box[] = []
  for (const { points, closed, curved } of outline) {
    const last = closed ? points.length : points.length - 1
    for (let index = 0; index < last; index++) {
      if (curved.has(index + 1)) continue
      const rule = ruleBetween(points[index]!, points[(index + 1) % points.length]!, thickness)
      if (rule === null) continue
      if (thickness <= strokeThicknessMax) rules.push(rule)
      else areas.push(boxOfRule(rule))
    }
  }
  return {
    rules,
    areas,
    shapes: smallShapes(
      outline.filter(({ points, curved }) => curved.size > 0 || isSloped(points.map(([x, y]) => ({ x, y })))),
    ),
  }
}

function ruleBetween([x1, y1]: Point, [x2, y2]: Point, thickness: number): Rule | null {
  const [width, height] = [Math.abs(x2 - x1), Math.abs(y2 - y1)]
  if (Math.max(width, height) < ruleLengthMin || Math.min(width, height) > axisTolerance) return null
  if (Math.min(width, height) > Math.max(width, height) / 4) return null
  const horizontal = width > height
  return {
    horizontal,
    at: horizontal ? (y1 + y2) / 2 : (x1 + x2) / 2,
    from: horizontal ? Math.min(x1, x2) : Math.min(y1, y2),
    to: horizontal ? Math.max(x1, x2) : Math.max(y1, y2),
    thickness,
  }
}

/** What filling an outline shows: thin rectangles and frames are lines, others areas, all else small shapes or nothing. */
export function fillOutline(outline: readonly Subpath[]): Filled {
  const boxes = outline.map(rectangleOf)
  const frame = outline.length === 2 ? frameOf(boxes[0]!, boxes[1]!) : null
  if (frame !== null) return { rules: frame, areas: [], shapes: [] }
  const rules: Rule[] = []
  const areas: Box[] = []
  for (const box of boxes) {
    if (box === null) continue
    const rule = thinRule(box)
    if (rule !== null) rules.push(rule)
    else if (Math.min(box.width, box.height) > ruleThicknessMax) areas.push(box)
  }
  return { rules, areas, shapes: smallShapes(outline.filter((_, index) => boxes[index] === null)) }
}

/** A filled rectangle as the line that it looks like; null where it is none. */
export function thinRule(box: Box): Rule | null {
  const { x, y, width, height } = box
  const [thickness, length] = [Math.min(width, height), Math.max(width, height)]
  if (thickness > ruleThicknessMax || length < ruleLengthMin || length < thickness * 1.5) return null
  return width > height
    ? { horizontal: true, at: y + height / 2, from: x, to: x + width, thickness }
    : { horizontal: false, at: x + width / 2, from: y, to: y + height, thickness }
}

/** What filling an outline paints: the box around it, and whether a place on the page is painted. */
export type Region = { readonly box: Box; readonly pointCount: number; readonly holds: (point: Point) => boolean }

/** What is inside an outline by its rule (clause 9.1); between curves and their control points it is not told: not inside. */
export function regionOf(outline: readonly Subpath[], evenOdd: boolean): Region {
  const chords = outline.map(({ points }) => points)
  const hulls = outline.some(({ curved }) => curved.size > 0) ? outline.map(({ hull }) => hull) : null
  const holds = (point: Point): boolean =>
    isInside(chords, point, evenOdd) && (hulls === null || isInside(hulls, point, evenOdd))
  const pointCount = outline.reduce((count, { points, hull }) => count + points.length + hull.length, 0)
  return { box: boxAround(outline.flatMap(({ points }) => points)), pointCount, holds }
}

function isInside(polygons: readonly (readonly Point[])[], [x, y]: Point, evenOdd: boolean): boolean {
  let winding = 0
  let crossings = 0
  for (const polygon of polygons) {
    let [fromX, fromY] = polygon[polygon.length - 1]!
    for (const [toX, toY] of polygon) {
      if (fromY > y !== toY > y && x < fromX + ((y - fromY) / (toY - fromY)) * (toX - fromX)) {
        crossings++
        winding += toY > fromY ? 1 : -1
      }
      fromX = toX
      fromY = toY
    }
  }
  return evenOdd ? crossings % 2 === 1 : winding !== 0
}

/** The four lines of a frame drawn as one rectangle inside another. */
function frameOf(one: Box | null, other: Box | null): Rule[] | null {
  if (one === null || other === null) return null
  const [outer, inner] = one.width > other.width ? [one, other] : [other, one]
  const left = inner.x - outer.x
  const top = inner.y - outer.y
  const right = outer.x + outer.width - inner.x - inner.width
  const bottom = outer.y + outer.height - inner.y - inner.height
  const sides = [left, top, right, bottom]
  if (sides.some((side) => side <= 0 || side > ruleThicknessMax)) return null
  const strips: Box[] = [
    { ...outer, height: top },
    { ...outer, y: outer.y + outer.height - bottom, height: bottom },
    { ...outer, width: left },
    { ...outer, x: outer.x + outer.width - right, width: right },
  ]
  return strips.flatMap((strip) => thinRule(strip) ?? [])
}

/** The box of a run that is an upright rectangle; null for any other. */
export function rectangleOf({ points, curved }: Subpath): Box | null {
  if (curved.size > 0) return null
  const corners = points.filter((point, index) => index === 0 || !same(point, points[index - 1]!))
  if (corners.length > 1 && same(corners[0]!, corners[corners.length - 1]!)) corners.pop()
  if (corners.length !== 4) return null
  const sides = corners.map(([x, y], index) => {
    const [nextX, nextY] = corners[(index + 1) % 4]!
    return Math.abs(nextY - y) < axisTolerance / 5 ? 'h' : Math.abs(nextX - x) < axisTolerance / 5 ? 'v' : ''
  })
  return /^(?:hvhv|vhvh)$/.test(sides.join('')) ? boxAround(corners) : null
}

function same([x1, y1]: Point, [x2, y2]: Point): boolean {
  return Math.abs(x1 - x2) < 0.02 && Math.abs(y1 - y2) < 0.02
}

function smallShapes(outline: readonly Subpath[]): Box[] {
  const boxes = outline.map(({ hull, points }) => boxAround([...hull, ...points]))
  return boxes.filter(
    ({ width, height }) => Math.max(width, height) <= shapeSizeMax && Math.max(width, height) > ruleLengthMin,
  )
}
