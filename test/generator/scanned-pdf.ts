/**
 * A PDF as a scanner makes it of another: takes its bytes, gives one whose pages are pictures of its pages, worn as the
 * level says. Some pages may be left as they are, and text that nobody sees may be put over the pictures, as programs do
 * that read scans.
 */
import { PDFDocument, StandardFonts, setTextRenderingMode, TextRenderingMode } from '@cantoo/pdf-lib'
import { type Level, wearOut } from './degrade.ts'
import { drawPages } from './pdf-pages.ts'

/** How a scan is made. */
export type ScanOptions = {
  readonly level: Level
  /** Seed of what wears it out. */
  readonly seed: number
  /** Pages that stay as they are, counted from 1. */
  readonly kept?: readonly number[]
  /** What stands hidden over each scanned page, in Latin letters and digits. */
  readonly hidden?: string
}

/** The bytes of the scanned document. */
export async function scanPdf(bytes: Uint8Array, { level, seed, kept = [], hidden }: ScanOptions): Promise<Uint8Array> {
  const source = await PDFDocument.load(bytes)
  const made = await PDFDocument.create()
  const font = await made.embedFont(StandardFonts.Helvetica)
  for (const [index, { bitmap, dpi }] of (await drawPages(bytes)).entries()) {
    if (kept.includes(index + 1)) {
      const [page] = await made.copyPages(source, [index])
      made.addPage(page)
      continue
    }
    const worn = await wearOut(bitmap, dpi, level, seed + index)
    const picture = worn.name.endsWith('png') ? await made.embedPng(worn.bytes) : await made.embedJpg(worn.bytes)
    const [width, height] = [(bitmap.width * 72) / dpi, (bitmap.height * 72) / dpi]
    const page = made.addPage([width, height])
    page.drawImage(picture, { x: 0, y: 0, width, height })
    if (hidden === undefined) continue
    page.pushOperators(setTextRenderingMode(TextRenderingMode.Invisible))
    page.drawText(hidden, { x: 40, y: height - 80, size: 10, lineHeight: 14, font })
  }
  return made.save()
}
