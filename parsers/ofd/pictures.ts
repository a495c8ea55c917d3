/**
 * A page as a picture, for what reads pictures: the page's own pictures decoded and put where they are shown, what is painted
 * over them included. Text is no more than a blot, since a package need not hold its fonts: what it stands on is then in
 * doubt, not blank. Where a picture cannot be decoded there is no picture of the page: a hole would look like blank cells.
 */
import { detectKind } from '../detect.ts'
import type { Box } from '../document.ts'
import { ParseFailure } from '../failure.ts'
import { enforceLimit } from '../limits.ts'
import { type Bitmap, type QuarterTurns, quarterTurned } from '../scan/bitmap.ts'
import type { DrawnPicture } from '../scan/drawn.ts'
import { canvasOf, decodePicture, measurePicture } from '../scan/picture.ts'
import type { Look, OfdPage, ShownPicture } from './drawing.ts'
import { boxThrough, type Matrix, overlap } from './geometry.ts'

/** The bytes of a file of the package, from the first of these places where there is one. */
export type ReadFile = (places: readonly string[]) => Uint8Array | null

/** What opening a picture counts for, however small it is. */
const openingPixels = 1_000_000
/** Colour types of PNG that have an alpha channel (ISO/IEC 15948, 11.2.2). */
const alphaTypes: ReadonlySet<number> = new Set([4, 6])
/** What in a GIF says, in the next byte, whether one of its colours stands for nothing (GIF89a, 23). */
const gifControl = Buffer.from('21f904', 'hex')
const ink = 0
const paper = 255
const tint = 128
/** Points: a seal that is seen through is no larger, and is left out. */
const sealMax = 170
/** Of the length of a side, by which it may be off its axis. */
const slantMax = 0.01
/** Share of its box that a blot leaves free on each side. */
const blotInset = 0.15

/**
 * Draws a page; null where it shows a picture that cannot be decoded. `spent` goes on from page to page.
 * @throws LimitError
 */
export async function drawPictures(
  page: OfdPage,
  file: ReadFile,
  spent: { pixels: number },
): Promise<DrawnPicture | null> {
  const sources: Source[] = []
  for (const shown of page.shown) {
    if ('area' in shown) {
      sources.push(shown)
      continue
    }
    if (!shown.whole && Math.max(shown.clip.width, shown.clip.height) <= sealMax) continue
    const picture = await openPicture(shown, file, spent)
    if (picture === null) return null
    sources.push(picture)
  }
  const largest = sources.reduce<Opened | null>((most, one) => {
    if ('area' in one) return most
    return most === null || areaOf(one.clip) > areaOf(most.clip) ? one : most
  }, null)
  if (largest === null) return null
  const { dpi, wide, high } = canvasOf(page.width, page.height, largest.dpi)
  const canvas: Bitmap = { width: wide, height: high, data: new Uint8Array(wide * high).fill(paper) }
  const scale = dpi / 72
  for (const source of sources) {
    if ('area' in source) fillBox(canvas, source.area, scale, source.white ? paper : tint)
    else if (!(await putPicture(canvas, source, scale))) return null
  }
  for (const { horizontal, at, from, to, thickness } of page.rules) {
    const [across, along] = [Math.max(thickness, 1 / scale), to - from]
    const start = at - across / 2
    const line = horizontal
      ? { x: from, y: start, width: along, height: across }
      : { x: start, y: from, width: across, height: along }
    fillBox(canvas, line, scale, ink)
  }
  for (const { x, y, width, height, confidence } of page.glyphs) {
    // Under a picture, not over it.
    if (confidence !== null) continue
    const [dx, dy] = [width * blotInset, height * blotInset]
    fillBox(canvas, { x: x + dx, y: y + dy, width: width - 2 * dx, height: height - 2 * dy }, scale, ink)
  }
  return { bitmap: canvas, dpi }
}

/** Tells of pictures whether all of them is opaque, by their first bytes; of each file once. */
export function makeLook(file: ReadFile): Look {
  const known = new Map<string, boolean>()
  const isOpaqueFile = (places: readonly string[]): boolean => {
    const key = places.join('\n').toLowerCase()
    const bytes = known.has(key) ? null : file(places)
    const opaque = known.get(key) ?? (bytes !== null && isOpaque(bytes))
    known.set(key, opaque)
    return opaque
  }
  return { isOpaque, isOpaqueFile }
}

function isOpaque(bytes: Uint8Array): boolean {
  const kind = detectKind(bytes)
  if (kind === 'jpeg' || kind === 'bmp') return true
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (kind === 'gif') {
    const control = data.indexOf(gifControl)
    return control < 0 || (data[control + gifControl.length]! & 1) === 0
  }
  if (kind !== 'png' || alphaTypes.has(bytes[25]!)) return false
  // The colour that stands for nothing is stated before the pixels.
  const pixels = data.indexOf('IDAT')
  return pixels > 0 && !data.subarray(0, pixels).includes('tRNS')
}

function areaOf({ width, height }: Box): number {
  return width * height
}

/** A picture that can be put on a page: `box` is where all of it would be. */
type Opened = {
  readonly bytes: Uint8Array
  readonly box: Box
  readonly clip: Box
  readonly turns: QuarterTurns
  readonly mirrored: boolean
  readonly hasAlpha: boolean
  readonly dpi: number
}
type Source = Opened | { readonly area: Box; readonly white: boolean }

async function openPicture(
  { places, matrix, clip, whole }: ShownPicture,
  file: ReadFile,
  spent: { pixels: number },
): Promise<Opened | null> {
  const way = wayOf(matrix)
  spent.pixels += openingPixels
  enforceLimit('drawnPixelsMax', spent.pixels)
  const bytes = whole && way !== null ? file(places) : null
  if (bytes === null || way === null) return null
  const measured = await orNull(measurePicture(bytes))
  if (measured === null) return null
  spent.pixels += measured.width * measured.height
  enforceLimit('drawnPixelsMax', spent.pixels)
  const box = boxThrough(matrix, { x: 0, y: 0, width: 1, height: 1 })
  const across = way.turns % 2 === 0 ? box.width : box.height
  return { bytes, box, clip, ...way, hasAlpha: measured.hasAlpha, dpi: (measured.width * 72) / across }
}

/** The quarter turns clockwise of a picture, once it is mirrored top to bottom where it has to be; null where it is slanted. */
function wayOf([a, b, c, d]: Matrix): { readonly turns: QuarterTurns; readonly mirrored: boolean } | null {
  const mirrored = a * d - b * c < 0
  const turns = (((Math.round(Math.atan2(b, a) / (Math.PI / 2)) % 4) + 4) % 4) as QuarterTurns
  const [along, off] =
    turns % 2 === 0
      ? [
          [a, d],
          [b, c],
        ]
      : [
          [b, c],
          [a, d],
        ]
  const least = Math.min(...along.map(Math.abs))
  return least > 0 && Math.max(...off.map(Math.abs)) <= least * slantMax ? { turns, mirrored } : null
}

/** False where it cannot be decoded. */
async function putPicture(canvas: Bitmap, { bytes, box, clip, turns, mirrored, hasAlpha }: Opened, scale: number) {
  const [left, top] = [Math.round(box.x * scale), Math.round(box.y * scale)]
  const [wide, high] = [Math.max(1, Math.round(box.width * scale)), Math.max(1, Math.round(box.height * scale))]
  const decoded = await orNull(turns % 2 === 0 ? decodePicture(bytes, wide, high) : decodePicture(bytes, high, wide))
  if (decoded === null) return false
  const { data } = quarterTurned(mirrored ? upsideDown(decoded) : decoded, turns)
  const seen = overlap(clip, { x: 0, y: 0, width: canvas.width / scale, height: canvas.height / scale })
  if (seen === null) return true
  const from = { x: Math.max(0, left, Math.round(seen.x * scale)), y: Math.max(0, top, Math.round(seen.y * scale)) }
  const right = Math.min(canvas.width, left + wide, Math.round((seen.x + seen.width) * scale))
  const bottom = Math.min(canvas.height, top + high, Math.round((seen.y + seen.height) * scale))
  for (let y = from.y; y < bottom; y++) {
    for (let x = from.x; x < right; x++) {
      const value = data[(y - top) * wide + x - left]!
      const at = y * canvas.width + x
      // What is seen through takes no ink away.
      canvas.data[at] = hasAlpha ? Math.min(value, canvas.data[at]!) : value
    }
  }
  return true
}

function upsideDown({ width, height, data }: Bitmap): Bitmap {
  const out = new Uint8Array(data.length)
  for (let y = 0; y < height; y++) out.set(data.subarray(y * width, (y + 1) * width), (height - 1 - y) * width)
  return { width, height, data: out }
}

function fillBox({ width, height, data }: Bitmap, box: Box, scale: number, value: number): void {
  const [left, right] = [
    Math.max(0, Math.round(box.x * scale)),
    Math.min(width, Math.round((box.x + box.width) * scale)),
  ]
  const bottom = Math.min(height, Math.round((box.y + box.height) * scale))
  for (let y = Math.max(0, Math.round(box.y * scale)); y < bottom; y++) {
    if (right > left) data.fill(value, y * width + left, y * width + right)
  }
}

async function orNull<Read>(reading: Promise<Read>): Promise<Read | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof ParseFailure) return null
    throw error
  }
}
