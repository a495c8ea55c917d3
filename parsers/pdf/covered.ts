/**
 * Text that a page draws and then paints a picture over: what some program read in a scan, put under its picture. Whether
 * anything of it is seen, through a watermark for one, the page itself tells: drawn with and without that text it looks the
 * same or it does not.
 */
import { ParseFailure } from '../failure.ts'
import { LimitError } from '../limits.ts'
import { renderPage } from '../scan/picture.ts'
import type { Pdfium, Pointer } from './engine.ts'
import type { Frame } from './frame.ts'

const lookDpi = 150

/** Those of the text objects that a large picture is painted over which nobody sees: all or none. */
export function coveredTexts(
  pdfium: Pdfium,
  page: Pointer,
  frame: Frame,
  under: readonly Pointer[],
): ReadonlySet<Pointer> {
  if (under.length === 0) return new Set()
  const look = (): Buffer => {
    const { data } = renderPage(pdfium.wrapped, page, frame.width, frame.height, lookDpi).bitmap
    return Buffer.from(data.buffer, data.byteOffset, data.length)
  }
  const setShown = (shown: boolean): void => {
    for (const object of under) pdfium.wrapped.FPDFPageObj_SetIsActive(object, shown)
  }
  try {
    const whole = look()
    setShown(false)
    return new Set(whole.equals(look()) ? under : [])
  } catch (error) {
    // A page too large to be drawn is read for its text as it stands.
    if (error instanceof LimitError || error instanceof ParseFailure) return new Set()
    throw error
  } finally {
    setShown(true)
  }
}
