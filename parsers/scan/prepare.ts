/**
 * The picture of a page made ready to be read: light evened, dust and noise taken out, the page levelled, its ruling lines
 * and the cells between them found. Nothing is read yet, so that pictures without tables cost no reading.
 */

import { limits } from '../limits.ts'
import {
  type Bitmap,
  evenLight,
  inkOf,
  inkThreshold,
  isOneBit,
  type Mask,
  noiseOf,
  resized,
  softened,
  turned,
  withoutSpecks,
  withWhitePaper,
} from './bitmap.ts'
import { type CellTable, findTables } from './cells.ts'
import { cutCell } from './cutting.ts'
import { findRules, type Ruling } from './rules.ts'
import { levelingAngle } from './skew.ts'

/** A page ready to be read. */
export type Prepared = {
  /** As it came. */
  readonly source: { readonly bitmap: Bitmap; readonly dpi: number }
  readonly even: Bitmap
  readonly threshold: number
  readonly ink: Mask
  readonly faint: Mask
  readonly ruling: Ruling
  readonly tables: readonly CellTable[]
  /** Where there are none, those that stand on the page if it lies on its side. */
  readonly sideways: readonly CellTable[]
  /** Dots to the inch as its print has them, which is never smaller than print can be. */
  readonly dpi: number
  /** By what its points are multiplied to be points of the picture as it came. */
  readonly scale: number
  /** Nearly all black or white: a fax, in which thin strokes are gone. */
  readonly rough: boolean
}

/** Whether there are tables on it, whichever way it lies. */
export function mayHoldTables({ tables, sideways }: Prepared): boolean {
  return tables.length > 0 || sideways.length > 0
}

const levelEnough = 0.02
/** A picture that is noisier than each of these is softened once more. */
const paperShare = 0.7
const faintShare = 0.6
const softenAbove = [4, 12]
const roughBits = 5

const deviationsOff = 7
const thresholdMax = 200

/**
 * Below which brightness a page's pixels are ink: between ink and paper, but where the paper is quiet, near the paper, since
 * thin strokes are paler than the lines that weigh most.
 */
function printThreshold(bitmap: Bitmap): number {
  const middle = inkThreshold(bitmap)
  return Math.max(middle, Math.min(thresholdMax, 250 - deviationsOff * noiseOf(bitmap, middle)))
}

/** Dots to the inch below which a picture is made larger. */
const dpiMin = 150
/** Inches: what is printed is as high as the middle of these, where it seems to be lower than the first. */
const printHeights = { least: 0.06, usual: 0.085 }
const measuredCells = 60
const measuredMin = 5
const piecesMin = 3

/**
 * The page's picture without shadow, dust and skew, its lines and cells found. How many of its dots make an inch may be
 * guessed wrongly: where its print would be lower than any, the print tells, since what is dust and what a point or a minus is
 * told by size.
 */
export function prepare(bitmap: Bitmap, dpi: number): Prepared {
  const page = { source: { bitmap, dpi }, scale: 1, ...prepareAt(bitmap, dpi) }
  const height = printHeight(page)
  if (height === null || height >= printHeights.least * dpi) return page
  const printed = height / printHeights.usual
  const wanted = Math.ceil(dpiMin / printed)
  const larger = bitmap.width * bitmap.height * wanted ** 2 > limits.pictureReadPixelsMax ? 1 : wanted
  const again = prepareAt(larger === 1 ? bitmap : resized(bitmap, larger), printed * larger)
  return { ...again, source: { bitmap, dpi }, scale: printed / dpi }
}

/** How high print is in the cells, in pixels; null where too few hold any. */
function printHeight(page: Prepared): number | null {
  const cells = page.tables.flatMap((table) => table.cells)
  const step = Math.max(1, Math.floor(cells.length / measuredCells))
  const heights: number[] = []
  for (let index = 0; index < cells.length; index += step) {
    const cell = cutCell(page, cells[index]!)
    if (cell === null || cell === 'faint' || cell.pieces.length < piecesMin) continue
    heights.push(Math.max(...cell.pieces.map(({ top, bottom }) => bottom - top)))
  }
  if (heights.length < measuredMin) return null
  return heights.sort((a, b) => a - b)[Math.floor(heights.length * 0.75)]!
}

function prepareAt(bitmap: Bitmap, dpi: number): Omit<Prepared, 'source' | 'scale'> {
  const light = evenLight(bitmap, Math.max(8, Math.round(dpi / 4)))
  let clean = withoutSpecks(light, inkThreshold(light)).bitmap
  const noise = noiseOf(clean, inkThreshold(clean))
  const rough = isOneBit(clean)
  for (const level of softenAbove) if (noise + (rough ? roughBits : 0) > level) clean = softened(clean)
  const print = printThreshold(clean)
  const angle = levelingAngle(inkOf(clean, print))
  const level = Math.abs(angle) < levelEnough ? clean : turned(clean, angle)
  const paper = print + (255 - print) * paperShare
  const even = withWhitePaper(level, paper)
  const threshold = (print * 255) / paper
  const ink = inkOf(even, threshold)
  const faint = inkOf(even, threshold + (255 - threshold) * faintShare)
  const ruling = findRules(ink, dpi)
  const tables = findTables(ruling, dpi)
  const sideways = tables.length > 0 ? [] : findTables(ruling, dpi, 'standing')
  return { even, threshold, ink, faint, ruling, tables, sideways, dpi, rough }
}
