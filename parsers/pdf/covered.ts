/**
 * What a page draws and nobody sees: text that some program read in a scan, put under its picture; layers that are turned
 * off, figures under a picture. Whether anything of it is seen the page itself tells: drawn with and without it looks the same
 * or it does not.
 */
import type { Box } from '../document.ts'
import { ParseFailure } from '../failure.ts'
import { LimitError } from '../limits.ts'
import { greyAlone, renderPage } from '../scan/picture.ts'
import type { Pdfium, Pointer } from './engine.ts'
import type { Frame } from './frame.ts'
import { type Seen, seenInPart } from './shown.ts'

const lookDpi = 150
/** Groups that are looked at one by one. */
const groupsMax = 16

/** The objects of those groups of which nothing is seen; a group is seen or unseen as a whole. */
export function unseenObjects(
  pdfium: Pdfium,
  page: Pointer,
  frame: Frame,
  groups: readonly (readonly Pointer[])[],
): ReadonlySet<Pointer> {
  const all = groups.flat()
  if (all.length === 0) return new Set()
  const look = (without: readonly Pointer[]): Buffer => {
    const { data } = drawWithout(pdfium, page, frame, without).bitmap
    return Buffer.from(data.buffer, data.byteOffset, data.length)
  }
  const unseen = unlessTooLarge(() => {
    const whole = look([])
    if (whole.equals(look(all))) return all
    if (groups.length === 1 || groups.length > groupsMax) return []
    return groups.filter((group) => whole.equals(look(group))).flat()
  })
  return new Set(unseen)
}

/** The page as it looks without some of its objects. */
function drawWithout(
  { wrapped }: Pdfium,
  page: Pointer,
  { width, height }: Frame,
  without: readonly Pointer[],
  flags?: number,
): ReturnType<typeof renderPage> {
  for (const object of without) wrapped.FPDFPageObj_SetIsActive(object, false)
  try {
    return renderPage(wrapped, page, width, height, lookDpi, flags)
  } finally {
    for (const object of without) wrapped.FPDFPageObj_SetIsActive(object, true)
  }
}

/** Null for a page too large to be drawn, which is read for its text as it stands. */
function unlessTooLarge<Found>(look: () => Found): Found | null {
  try {
    return look()
  } catch (error) {
    if (error instanceof LimitError || error instanceof ParseFailure) return null
    throw error
  }
}

/** What a page draws, as far as it matters for what is seen of its text. */
type Layers = {
  readonly texts: readonly Pointer[]
  readonly others: readonly Pointer[]
  /** Remarks that cross out what is printed, of which it goes on to be seen. */
  readonly crossing: readonly Box[]
}

/** By so much, of 255, a point of the page differs where something is drawn on it. */
const inkMin = 16

/** What the page itself tells of its text, drawn with and without it when first asked. */
export type Looks = { readonly seen: Seen; readonly isDrawn: (box: Box) => boolean }

/** Looks at a page. */
export function makeLooks(pdfium: Pdfium, page: Pointer, frame: Frame, { texts, others, crossing }: Layers): Looks {
  const draw = (without: readonly Pointer[], flags?: number): Drawn => {
    const { bitmap, dpi } = drawWithout(pdfium, page, frame, without, flags)
    return { ...bitmap, scale: dpi / 72 }
  }
  const pairOf = (without: readonly Pointer[], flags?: number) => {
    let pair: readonly [Drawn, Drawn] | null | undefined
    return (box: Box): number | null => {
      if (pair === undefined)
        pair = unlessTooLarge(() => [draw(without, flags), draw([...without, ...texts], flags)] as const)
      return pair === null ? null : countDifferent(...pair, box)
    }
  }
  const [inkSeen, inkAlone] = [pairOf([]), pairOf(others, greyAlone)]
  return {
    seen: (box) => {
      if (crossing.some((remark) => overlaps(remark, box))) return seenInPart
      const [seen, all] = [inkSeen(box), inkAlone(box)]
      // Of what is as white as paper, or in a font that cannot be drawn, nothing can be told.
      return seen === null || all === null || all === 0 ? 1 : Math.min(1, seen / all)
    },
    isDrawn: (box) => inkSeen(box) !== 0,
  }
}

type Drawn = { readonly width: number; readonly height: number; readonly data: Uint8Array; readonly scale: number }

function overlaps(one: Box, other: Box): boolean {
  if (one.x > other.x + other.width || other.x > one.x + one.width) return false
  return one.y <= other.y + other.height && other.y <= one.y + one.height
}

/** Points of a box that differ. */
function countDifferent(one: Drawn, other: Drawn, { x, y, width, height }: Box): number {
  const { scale } = one
  const [left, top] = [Math.max(0, Math.floor(x * scale)), Math.max(0, Math.floor(y * scale))]
  const [right, bottom] = [Math.min(one.width, (x + width) * scale), Math.min(one.height, (y + height) * scale)]
  let count = 0
  for (let row = top; row < bottom; row++) {
    for (let at = row * one.width + left; at < row * one.width + right; at++)
      if (Math.abs(one.data[at]! - other.data[at]!) > inkMin) count++
  }
  return count
}
