/**
 * What is printed in one cell, cut out of its page: takes the page and where the cell is, gives its grey picture without
 * lines and dust, and its pieces of ink. A cell without ink is empty, and one with something small or pale in it is
 * neither: that may be print.
 */
import { type Bitmap, cut, inkOf, type Mask, type PixelBox } from './bitmap.ts'
import type { CellBox } from './cells.ts'
import type { CellPicture } from './likes.ts'
import type { Prepared } from './prepare.ts'
import { type Piece, piecesOf } from './shapes.ts'

/** Inches. */
const pieceMin = 0.011
const edgeBand = 0.035
const piecesMax = 400
/** Pixels around print that belong to it. */
const figureReach = 2
const wordsReach = 4
const wordsMargin = 4

/** What stands in a cell without its lines; null where nothing does, `faint` where something pale does. */
export function cutCell(page: Prepared, cell: CellBox): CellPicture | 'faint' | null {
  const { dpi } = page
  const box: PixelBox = {
    left: Math.round(cell.left),
    top: Math.round(cell.top),
    right: Math.round(cell.right),
    bottom: Math.round(cell.bottom),
  }
  const picture = cut(page.even, box)
  const ink = withoutLines(page, box, cut(page.ink, box, 0))
  const smallest = Math.max(2, (pieceMin * dpi) ** 2)
  const band = edgeBand * dpi
  const { width, height } = ink
  const all = piecesOf(ink, piecesMax * 20)
  if (all === null) return 'faint'
  const pieces = all.filter((piece) => {
    const [wide, high] = [piece.right - piece.left, piece.bottom - piece.top]
    if (piece.area < smallest || (wide <= 2 && high <= 2)) return false
    return !isAtEdge(piece, width, height, band)
  })
  const kept = new Uint8Array(ink.data.length)
  for (const { pixels } of pieces) for (const at of pixels) kept[at] = 1
  if (pieces.length === 0)
    return all.some((piece) => mayBePrint(piece, dpi) && !isAtEdge(piece, width, height, band)) ||
      hasFaintInk(page, box, band)
      ? 'faint'
      : null
  const content = boxAround(pieces)
  const held = new Set(pieces)
  const dust = all.filter(
    (piece) => !held.has(piece) && !isAtEdge(piece, width, height, band) && mayBePrint(piece, dpi),
  )
  const print = Uint8Array.from(kept)
  for (const { pixels } of dust) for (const at of pixels) print[at] = 1
  const { left, top, right, bottom } = content
  const around = {
    left: left - wordsMargin,
    top: top - wordsMargin,
    right: right + wordsMargin,
    bottom: bottom + wordsMargin,
  }
  return {
    picture: onlyNear(picture, kept, figureReach),
    whole: cut(onlyNear(picture, print, wordsReach), around),
    pieces,
    paler: palerPieces(page, box, kept),
    least: leastHeight * dpi,
    dust,
    content,
  }
}

/** Inches. */
const printMin = 0.016

/** Larger than dust: a dash, a point or a piece of a thin stroke may be no more. */
function mayBePrint({ left, top, right, bottom, area }: Piece, dpi: number): boolean {
  return (
    Math.max(right - left, bottom - top) >= Math.max(3, printMin * dpi) ||
    area >= Math.max(5, (printMin * 0.8 * dpi) ** 2)
  )
}

/** What a line left behind: ink that lies in the cell's margin. */
function isAtEdge({ left, top, right, bottom }: PixelBox, width: number, height: number, band: number): boolean {
  return right <= band || left >= width - band || bottom <= band || top >= height - band
}

function withoutLines({ ruling }: Prepared, box: PixelBox, ink: Mask): Mask {
  const { width, height, data } = ink
  const out = Uint8Array.from(data)
  for (const mask of [cut(ruling.across, box, 0), cut(ruling.down, box, 0)]) {
    for (let at = 0; at < out.length; at++) if (mask.data[at] === 1) out[at] = 0
  }
  return { width, height, data: out }
}

/** The picture with paper wherever no kept ink is next: lines, dust and their fuzzy edges go, print keeps its own. */
function onlyNear({ width, height, data }: Bitmap, kept: Uint8Array, reach: number): Bitmap {
  const out = new Uint8Array(data.length).fill(255)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (kept[y * width + x] === 0) continue
      for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++) {
        for (let column = Math.max(0, x - reach); column <= Math.min(width - 1, x + reach); column++) {
          out[row * width + column] = data[row * width + column]!
        }
      }
    }
  }
  return { width, height, data: out }
}

/** Inches: digits of 7 points. */
const leastHeight = 0.065

/** Shares of the way from ink to paper. */
const palerShares = [0.2, 0.4, 0.6]

/** The pieces of paler ink that hold some of the ink that was kept, for each share. */
function palerPieces(page: Prepared, box: PixelBox, kept: Uint8Array): Piece[][] {
  const picture = cut(page.even, box)
  return palerShares.map((share) => {
    const paler = inkOf(picture, page.threshold + (255 - page.threshold) * share)
    const pieces = piecesOf(withoutLines(page, box, paler), piecesMax * 20) ?? []
    return pieces.filter(({ pixels }) => pixels.some((at) => kept[at] === 1))
  })
}

/** Pale spots count as print where they are so much larger than dark ones. */
const faintLarger = 1.25

/** Something as large as the least of print that is too pale to be ink. */
function hasFaintInk({ faint, dpi }: Prepared, box: PixelBox, band: number): boolean {
  const inner = { left: box.left + band, top: box.top + band, right: box.right - band, bottom: box.bottom - band }
  const rounded = {
    left: Math.ceil(inner.left),
    top: Math.ceil(inner.top),
    right: Math.floor(inner.right),
    bottom: Math.floor(inner.bottom),
  }
  if (rounded.right <= rounded.left || rounded.bottom <= rounded.top) return false
  const pieces = piecesOf(cut(faint, rounded, 0), piecesMax * 20)
  return pieces === null || pieces.some((piece) => mayBePrint(piece, dpi * faintLarger))
}

/** The smallest box around some. */
export function boxAround(boxes: readonly PixelBox[]): PixelBox {
  return {
    left: Math.min(...boxes.map(({ left }) => left)),
    top: Math.min(...boxes.map(({ top }) => top)),
    right: Math.max(...boxes.map(({ right }) => right)),
    bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
  }
}
