/**
 * The separate pieces of ink in a cell, and how alike two of them are: takes masks, gives boxes and small pictures of one
 * size. All figures of a page are set in one or two faces, so a digit can be checked against its likes in other cells.
 */
import type { Bitmap, Mask, PixelBox } from './bitmap.ts'

/** Ink that hangs together. */
export type Piece = PixelBox & { readonly area: number; readonly pixels: Int32Array }

/** The pieces of ink of a mask, diagonal neighbours taken together, at most `max` of them; null where there are more. */
export function piecesOf({ width, height, data }: Mask, max: number): Piece[] | null {
  const seen = new Uint8Array(data.length)
  const pieces: Piece[] = []
  const stack: number[] = []
  for (let start = 0; start < data.length; start++) {
    if (data[start] === 0 || seen[start] === 1) continue
    if (pieces.length >= max) return null
    const pixels: number[] = []
    let [left, top, right, bottom] = [width, height, 0, 0]
    seen[start] = 1
    stack.push(start)
    while (stack.length > 0) {
      const at = stack.pop()!
      pixels.push(at)
      const x = at % width
      const y = (at - x) / width
      left = Math.min(left, x)
      right = Math.max(right, x + 1)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y + 1)
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const near = row * width + column
          if (data[near] === 0 || seen[near] === 1) continue
          seen[near] = 1
          stack.push(near)
        }
      }
    }
    pieces.push({ left, top, right, bottom, area: pixels.length, pixels: Int32Array.from(pixels) })
  }
  return pieces
}

/** A piece drawn into a small square of even size, its proportions beside: what is compared. */
export type Shape = { readonly values: Float32Array; readonly aspect: number }

const side = 16

/** The shape of what stands in a box of a picture. */
export function shapeOf({ width, data }: Bitmap, { left, top, right, bottom }: PixelBox): Shape {
  const values = new Float32Array(side * side)
  const [wide, high] = [right - left, bottom - top]
  let sum = 0
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [y0, y1] = span(top, high, row)
      const [x0, x1] = span(left, wide, column)
      let dark = 0
      for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) dark += 255 - data[y * width + x]!
      const value = dark / ((y1 - y0) * (x1 - x0))
      values[row * side + column] = value
      sum += value
    }
  }
  const mean = sum / values.length
  let square = 0
  for (let index = 0; index < values.length; index++) {
    values[index]! -= mean
    square += values[index]! ** 2
  }
  const length = Math.sqrt(square) || 1
  for (let index = 0; index < values.length; index++) values[index]! /= length
  return { values, aspect: wide / high }
}

function span(start: number, length: number, step: number): [number, number] {
  const from = start + Math.floor((length * step) / side)
  return [from, Math.max(from + 1, start + Math.floor((length * (step + 1)) / side))]
}

const aspectWeight = 0.5

/** How alike two shapes are: 1 the same, 0 nothing in common. */
export function likeness(a: Shape, b: Shape): number {
  let product = 0
  for (let index = 0; index < a.values.length; index++) product += a.values[index]! * b.values[index]!
  return product - aspectWeight * Math.abs(Math.log(a.aspect / b.aspect)) * 0.5
}
