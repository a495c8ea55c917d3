/**
 * What a page draws and nobody sees: text that some program read in a scan, put under its picture; layers that are turned
 * off. Whether anything of it is seen the page itself tells: drawn with and without it looks the same or it does not.
 */
import { ParseFailure } from '../failure.ts'
import { LimitError } from '../limits.ts'
import { renderPage } from '../scan/picture.ts'
import type { Pdfium, Pointer } from './engine.ts'
import type { Frame } from './frame.ts'

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
  const look = (): Buffer => {
    const { data } = renderPage(pdfium.wrapped, page, frame.width, frame.height, lookDpi).bitmap
    return Buffer.from(data.buffer, data.byteOffset, data.length)
  }
  const lookWithout = (objects: readonly Pointer[]): Buffer => {
    for (const object of objects) pdfium.wrapped.FPDFPageObj_SetIsActive(object, false)
    try {
      return look()
    } finally {
      for (const object of objects) pdfium.wrapped.FPDFPageObj_SetIsActive(object, true)
    }
  }
  try {
    const whole = look()
    if (whole.equals(lookWithout(all))) return new Set(all)
    if (groups.length === 1 || groups.length > groupsMax) return new Set()
    return new Set(groups.filter((group) => whole.equals(lookWithout(group))).flat())
  } catch (error) {
    // A page too large to be drawn is read for its text as it stands.
    if (error instanceof LimitError || error instanceof ParseFailure) return new Set()
    throw error
  }
}
