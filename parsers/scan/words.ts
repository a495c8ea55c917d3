/**
 * What the labels of a page say: takes cells cut out, gives their text. Each is read as a whole by the model for words;
 * where that is not sure of it, or the label has several lines, once more in another way, since a label that is misread
 * costs its whole row. Both readings are given: which of them is a label only the forms know.
 */
import { type Bitmap, cut, framed, resized } from './bitmap.ts'
import type { OcrEngine } from './engine.ts'
import { type Reading, readingOf } from './figures.ts'
import type { CellPicture } from './likes.ts'

/** The likelier reading, and all different ones. */
export type WordsReading = Reading & { readonly candidates: readonly string[] }

const wordsDpi = 300
const smallerDpi = 210
/** A label read with less confidence is read again. */
const believed = 0.9

/** What the model of words says of each cell. */
export async function readWords(
  cells: readonly CellPicture[],
  dpi: number,
  engine: OcrEngine,
): Promise<WordsReading[]> {
  const pictures = cells.map((cell) => wordsPicture(cell.whole, dpi, wordsDpi))
  const first = (await engine.read(pictures, 'words')).map(readingOf)
  const lines = cells.map((cell, index) => (isWords(first[index]!.text, cell) ? linesOf(cell.whole) : []))
  const broken = lines.flatMap((parts, index) => (parts.length > 1 ? [index] : []))
  const open = first.flatMap(({ text, confidence }, index) => {
    const cell = cells[index]!
    if (lines[index]!.length > 1) return []
    const unclear = isWords(text, cell) ? confidence < believed : !/\d/.test(text) && cell.pieces.length > 2
    return unclear ? [index] : []
  })
  const second = new Map<number, Reading>()
  const strips = broken.flatMap((index) => lines[index]!.map((line) => wordsPicture(line, dpi, wordsDpi)))
  const readStrips = (await engine.read(strips, 'line')).map(readingOf)
  for (const index of broken) {
    const parts = readStrips.splice(0, lines[index]!.length)
    const confidence = Math.min(...parts.map((part) => part.confidence))
    second.set(index, { text: parts.map(({ text }) => text).join('\n'), confidence })
  }
  const smaller = open.map((index) => wordsPicture(cells[index]!.whole, dpi, smallerDpi))
  const again = (await engine.read(smaller, 'words')).map(readingOf)
  for (const [place, index] of open.entries()) second.set(index, again[place]!)
  return first.map((one, index) => likelier(one, second.get(index), cells[index]!))
}

function likelier(one: Reading, other: Reading | undefined, cell: CellPicture): WordsReading {
  const readings = [one, ...(other === undefined || !isWords(other.text, cell) ? [] : [other])]
  if (readings.length > 1 && (!isWords(one.text, cell) || other!.confidence > one.confidence)) readings.reverse()
  return { ...readings[0]!, candidates: [...new Set(readings.map(({ text }) => text))] }
}

const han = /[\u3400-\u9fff]/g

/** Two characters of Chinese or more, and more of them than digits: a label or a remark, not a figure. */
export function isWords(text: string, { pieces }: CellPicture): boolean {
  const words = text.match(han)?.length ?? 0
  const digits = text.match(/\d/g)?.length ?? 0
  return words >= 2 && words > digits && pieces.length >= 2
}

function wordsPicture(picture: Bitmap, dpi: number, wanted: number): Bitmap {
  return framed(resized(picture, wanted / dpi), 10)
}

const inkBelow = 140
/** Parts of the height of the tallest line: a lower one belongs to its neighbour, as a part of a character. */
const lowLine = 0.55
const linesMax = 12

/** The lines of print in a cell, each cut out; none where they cannot be told apart. */
function linesOf(picture: Bitmap): Bitmap[] {
  const { width, height, data } = picture
  const bands: { top: number; bottom: number }[] = []
  for (let y = 0; y < height; y++) {
    const inked = data.subarray(y * width, (y + 1) * width).some((value) => value < inkBelow)
    if (!inked) continue
    const last = bands.at(-1)
    if (last !== undefined && last.bottom === y) last.bottom = y + 1
    else bands.push({ top: y, bottom: y + 1 })
  }
  const tallest = Math.max(0, ...bands.map(({ top, bottom }) => bottom - top))
  const lines: typeof bands = []
  for (const band of bands) {
    const last = lines.at(-1)
    const together = last === undefined ? 0 : band.bottom - last.top
    const low = (one: typeof band): boolean => one.bottom - one.top < tallest * lowLine
    if (last !== undefined && (low(band) || low(last)) && together <= tallest * 1.2) last.bottom = band.bottom
    else lines.push({ ...band })
  }
  if (lines.length > linesMax || lines.some(({ top, bottom }) => bottom - top < tallest * lowLine)) return []
  return lines.map(({ top, bottom }) => cut(picture, { left: 0, top: top - 2, right: width, bottom: bottom + 2 }))
}
