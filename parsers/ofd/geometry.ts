/** Affine maps as OFD writes them (a b c d e f: x' = ax + cy + e, y' = bx + dy + f), and boxes seen through them. */
import type { Box } from '../document.ts'
import { type Element, numbersOf } from './xml.ts'

export type Matrix = readonly [number, number, number, number, number, number]
export type Point = readonly [number, number]

/** Leaves everything where it is. */
export const identity: Matrix = [1, 0, 0, 1, 0, 0]

/** First `inner`, then `outer`. */
export function chain(outer: Matrix, inner: Matrix): Matrix {
  const [a, b, c, d, e, f] = outer
  const [A, B, C, D, E, F] = inner
  return [a * A + c * B, b * A + d * B, a * C + c * D, b * C + d * D, a * E + c * F + e, b * E + d * F + f]
}

/** Where a point comes to lie. */
export function apply([a, b, c, d, e, f]: Matrix, [x, y]: Point): Point {
  return [a * x + c * y + e, b * x + d * y + f]
}

/** Turns by so many radians clockwise, as seen with y downwards, around a point. */
export function rotation(angle: number, [x, y]: Point): Matrix {
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)]
  return [cosine, sine, -sine, cosine, x - cosine * x + sine * y, y - sine * x - cosine * y]
}

/** How much longer lines become, the mean of all directions. */
export function scaleOf([a, b, c, d]: Matrix): number {
  return Math.sqrt(Math.abs(a * d - b * c))
}

/** The upright box around points. */
export function boxAround(points: readonly Point[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of points) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x)
    bottom = Math.max(bottom, y)
  }
  return { x: left, y: top, width: right - left, height: bottom - top }
}

/** The upright box around a rectangle seen through a map. */
export function boxThrough(matrix: Matrix, { x, y, width, height }: Box): Box {
  const corners: Point[] = [
    [x, y],
    [x + width, y],
    [x, y + height],
    [x + width, y + height],
  ]
  return boxAround(corners.map((corner) => apply(matrix, corner)))
}

/** What two boxes share; null where they do not meet. */
export function overlap(one: Box, other: Box): Box | null {
  const x = Math.max(one.x, other.x)
  const y = Math.max(one.y, other.y)
  const width = Math.min(one.x + one.width, other.x + other.width) - x
  const height = Math.min(one.y + one.height, other.y + other.height) - y
  return width < 0 || height < 0 ? null : { x, y, width, height }
}

/** The Boundary of an object, in the space that it lies in; null where it states none. */
export function boundaryOf(element: Element): Box | null {
  const [x, y, width, height] = numbersOf(element.attributes.Boundary, 4) ?? []
  return height === undefined ? null : { x: x!, y: y!, width: width!, height }
}

/** From an object's own space to that which `outer` leads to: its CTM, then its Boundary's corner, then `outer`. */
export function objectMatrix(element: Element, outer: Matrix): Matrix {
  const boundary = boundaryOf(element)
  const moved = boundary === null ? outer : chain(outer, [1, 0, 0, 1, boundary.x, boundary.y])
  const [a, b, c, d, e, f] = numbersOf(element.attributes.CTM, 6) ?? []
  return f === undefined ? moved : chain(moved, [a!, b!, c!, d!, e!, f])
}
