/**
 * Which way up a page was laid on the scanner: takes what was read of it as it lies, gives the quarter turns that it needs.
 * A page that reads plainly lies right and costs nothing; of any other a few pieces of print are read in all four ways.
 * Print that stands on its side or its head is read with a third of the confidence, whatever the model makes of it.
 */
import {
  type Bitmap,
  cut,
  framed,
  type Mask,
  type PixelBox,
  type QuarterTurns,
  quarterTurned,
  resized,
} from './bitmap.ts'
import { cutCell } from './cutting.ts'
import type { OcrEngine, ReadingMode } from './engine.ts'
import type { Reading } from './figures.ts'
import type { Prepared } from './prepare.ts'

/** Mean confidence of characters: upright print of bad faxes has more, turned print of clean pages less. */
const plain = 0.5
const charactersMin = 6
/** The right way has far more confidence than the page as it lies, and nearly all that it says is Chinese. */
const plainTurned = 0.6
const better = 2
const hanMin = 12
const hanShare = 0.6
const samplesMax = 8
const triedMax = 40
/** Pieces of ink of a label: fewer may be a figure. */
const piecesMin = 4
const piecesMax = 120
const sampleDpi = 250
/** Inches. */
const windowSide = 2.5

/** The quarter turns clockwise after which a page stands upright; `asLaid` is what was read of it. 0 where nothing tells. */
export async function turnsToUpright(
  page: Prepared,
  asLaid: readonly Reading[],
  engine: OcrEngine,
): Promise<QuarterTurns> {
  if (isPlain(asLaid)) return 0
  const { pictures, mode } = samplesOf(page)
  if (pictures.length === 0) return 0
  const read = async (turns: QuarterTurns): Promise<Reading[]> => {
    const turned = pictures.map((picture) => framed(resized(quarterTurned(picture, turns), sampleDpi / page.dpi), 10))
    return (await engine.read(turned, mode)).flat()
  }
  const lying = plainness(await read(0))
  let [best, most]: [QuarterTurns, number] = [0, Math.max(plainTurned, lying * better)]
  for (const turns of [1, 3, 2] as const) {
    const readings = await read(turns)
    const sureness = plainness(readings)
    // Figures read well upside down, and what a model makes of turned ones is seldom Chinese: they tell nothing.
    const words = count(readings, han)
    if (words < hanMin || words < hanShare * count(readings, any) || sureness < most) continue
    best = turns
    most = sureness
  }
  return best
}

function isPlain(readings: readonly Reading[]): boolean {
  return count(readings, any) >= charactersMin && plainness(readings) >= plain
}

const any = /\S/gu
const han = /[\u3400-\u9fff]/g

function count(readings: readonly Reading[], characters: RegExp): number {
  return readings.reduce((sum, { text }) => sum + (text.match(characters)?.length ?? 0), 0)
}

/** The mean confidence of all characters. */
function plainness(readings: readonly Reading[]): number {
  const sum = readings.reduce((all, one) => all + count([one], any) * one.confidence, 0)
  return sum / Math.max(1, count(readings, any))
}

/** Cells that hold much print, or without tables the part of the page that holds most. */
function samplesOf(page: Prepared): { readonly pictures: readonly Bitmap[]; readonly mode: ReadingMode } {
  const tables = page.tables.length > 0 ? page.tables : page.sideways
  const inked = tables
    .flatMap(({ cells }) => cells)
    .map((cell) => ({ cell, ink: inkIn(page.ink, cell) }))
    .sort((a, b) => b.ink - a.ink)
  const pictures: Bitmap[] = []
  for (const { cell } of inked.slice(0, triedMax)) {
    const found = cutCell(page, cell)
    if (found === null || found === 'faint') continue
    const { length } = found.pieces
    if (length >= piecesMin && length <= piecesMax) pictures.push(found.whole)
    if (pictures.length === samplesMax) break
  }
  if (pictures.length > 0) return { pictures, mode: 'words' }
  const window = fullestWindow(page)
  return { pictures: window === null ? [] : [window], mode: 'page' }
}

function inkIn({ width, height, data }: Mask, { left, top, right, bottom }: PixelBox): number {
  let ink = 0
  const [from, to] = [Math.max(0, Math.ceil(left)), Math.min(width, Math.floor(right))]
  for (let y = Math.max(0, Math.ceil(top)); y < Math.min(height, Math.floor(bottom)); y++) {
    for (let x = from; x < to; x++) ink += data[y * width + x]!
  }
  return ink
}

/** The part of a page with most ink, cut out; null where there is none. */
function fullestWindow({ ink, even, dpi }: Prepared): Bitmap | null {
  const side = Math.round(windowSide * dpi)
  let [fullest, most]: [PixelBox | null, number] = [null, 0]
  for (let top = 0; top < ink.height; top += side) {
    for (let left = 0; left < ink.width; left += side) {
      const box = { left, top, right: left + side, bottom: top + side }
      const amount = inkIn(ink, box)
      if (amount > most) [fullest, most] = [box, amount]
    }
  }
  return fullest === null ? null : cut(even, fullest)
}
