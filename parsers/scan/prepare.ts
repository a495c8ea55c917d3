/**
 * The picture of a page made ready to be read: light evened, dust and noise taken out, the page levelled, its ruling lines
 * and the cells between them found. Nothing is read yet, so that pictures without tables cost no reading.
 */
import {
  type Bitmap,
  evenLight,
  inkOf,
  inkThreshold,
  isOneBit,
  type Mask,
  noiseOf,
  softened,
  turned,
  withoutSpecks,
  withWhitePaper,
} from './bitmap.ts'
import { type CellTable, findTables } from './cells.ts'
import { findRules, type Ruling } from './rules.ts'
import { levelingAngle } from './skew.ts'

/** A page ready to be read. */
export type Prepared = {
  readonly even: Bitmap
  readonly threshold: number
  readonly ink: Mask
  readonly faint: Mask
  readonly ruling: Ruling
  readonly tables: readonly CellTable[]
  readonly dpi: number
  /** Nearly all black or white: a fax, in which thin strokes are gone. */
  readonly rough: boolean
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

/** The page's picture without shadow, dust and skew, its lines and cells found. */
export function prepare(bitmap: Bitmap, dpi: number): Prepared {
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
  return { even, threshold, ink, faint, ruling, tables: findTables(ruling, dpi), dpi, rough }
}
