/** From the spaces of a PDF, y upwards and turned as its page says, to places on the page as a reader sees it. */
import type { Box } from '../document.ts'
import type { Point } from '../layout/painted.ts'

/** ISO 32000-1, 8.3.3: a b c d e f. */
export type Matrix = readonly [number, number, number, number, number, number]

/** What changes nothing. */
export const identity: Matrix = [1, 0, 0, 1, 0, 0]

/** Sides of something in the page's own space, y upwards. */
export type Edges = { readonly left: number; readonly bottom: number; readonly right: number; readonly top: number }

/** How places of the page's own space, y upwards, become places as a reader sees them, y downwards. */
export type Frame = {
  readonly width: number
  readonly height: number
  /** Quarter turns clockwise by which the page is shown. */
  readonly turns: number
  x(x: number, y: number): number
  y(x: number, y: number): number
  box(left: number, bottom: number, right: number, top: number): Box
}

/** The frame in which what leans by so many radians clockwise stands upright, turned around the middle of the page. */
export function straighten(frame: Frame, lean: number): Frame {
  const [cos, sin] = [Math.cos(lean), Math.sin(lean)]
  const [middleX, middleY] = [frame.width / 2, frame.height / 2]
  const toX = (x: number, y: number): number => middleX + (x - middleX) * cos + (y - middleY) * sin
  const toY = (x: number, y: number): number => middleY - (x - middleX) * sin + (y - middleY) * cos
  return {
    ...frame,
    x: (x, y) => toX(frame.x(x, y), frame.y(x, y)),
    y: (x, y) => toY(frame.x(x, y), frame.y(x, y)),
    box: (left, bottom, right, top) => {
      // What leans so little is as wide and high as it would be upright.
      const { x, y, width, height } = frame.box(left, bottom, right, top)
      const [atX, atY] = [x + width / 2, y + height / 2]
      return { x: toX(atX, atY) - width / 2, y: toY(atX, atY) - height / 2, width, height }
    },
  }
}

/** The frame of a page with these edges, turned by so many quarter turns clockwise. */
export function makeFrame(left: number, bottom: number, right: number, top: number, rotation: number): Frame {
  const turns = ((rotation % 4) + 4) % 4
  const toX = [
    (x: number, _y: number) => x - left,
    (_x: number, y: number) => y - bottom,
    (x: number, _y: number) => right - x,
    (_x: number, y: number) => top - y,
  ][turns]!
  const toY = [
    (_x: number, y: number) => top - y,
    (x: number, _y: number) => x - left,
    (_x: number, y: number) => y - bottom,
    (x: number, _y: number) => right - x,
  ][turns]!
  const sideways = turns % 2 === 1
  return {
    width: sideways ? top - bottom : right - left,
    height: sideways ? right - left : top - bottom,
    turns,
    x: toX,
    y: toY,
    box: (x0, y0, x1, y1) => {
      const x = Math.min(toX(x0, y0), toX(x1, y1))
      const y = Math.min(toY(x0, y0), toY(x1, y1))
      return sideways
        ? { x, y, width: Math.abs(y1 - y0), height: Math.abs(x1 - x0) }
        : { x, y, width: Math.abs(x1 - x0), height: Math.abs(y1 - y0) }
    },
  }
}

/** First `one`, then `two`, in the manner of PDF: row vectors. */
export function multiply(one: Matrix, two: Matrix): Matrix {
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

/** The edges around what becomes of a box. */
export function boundsThrough([a, b, c, d, e, f]: Matrix, { left, bottom, right, top }: Edges): Edges {
  const xs = [a * left + c * bottom, a * right + c * bottom, a * left + c * top, a * right + c * top]
  const ys = [b * left + d * bottom, b * right + d * bottom, b * left + d * top, b * right + d * top]
  return {
    left: e + Math.min(...xs),
    right: e + Math.max(...xs),
    bottom: f + Math.min(...ys),
    top: f + Math.max(...ys),
  }
}

/** Where a point of the space of `matrix` stands for a reader. */
export function placeOn(frame: Frame, [a, b, c, d, e, f]: Matrix, px: number, py: number): Point {
  const x = a * px + c * py + e
  const y = b * px + d * py + f
  return { x: frame.x(x, y), y: frame.y(x, y) }
}

/** How much longer lengths become, on average of all directions. */
export function scaleOf([a, b, c, d]: Matrix): number {
  return Math.sqrt(Math.abs(a * d - b * c))
}
