/**
 * How far a page was laid askew: takes where its ink is, gives degrees. Lines of print and ruling lines pile up in few
 * rows when they are level, so the angle is the one at which the rows of the page differ most from one another.
 */
import type { Mask } from './bitmap.ts'

const widest = 4
/** So much ink decides; more only takes time. */
const pointsMax = 60_000

/** Degrees clockwise by which the page has to be turned to be level; 0 where nothing on it tells. */
export function levelingAngle(ink: Mask): number {
  const points = samplePoints(ink)
  if (points.x.length < 200) return 0
  let best = 0
  for (const [reach, step] of [
    [widest, 0.25],
    [0.3, 0.05],
    [0.06, 0.01],
  ] as const) {
    const around = best
    let bestScore = -1
    for (let angle = around - reach; angle <= around + reach + 1e-9; angle += step) {
      const score = unevenness(points, angle, ink.height)
      if (score > bestScore) {
        bestScore = score
        best = angle
      }
    }
  }
  return best
}

type Points = { readonly x: Int32Array; readonly y: Int32Array }

/** Ink whose pixel above is paper: edges, so that filled areas do not outweigh print. */
function samplePoints({ width, height, data }: Mask): Points {
  let count = 0
  for (let at = width; at < data.length; at++) if (data[at] === 1 && data[at - width] === 0) count++
  const step = Math.max(1, Math.ceil(count / pointsMax))
  const x = new Int32Array(Math.floor(count / step))
  const y = new Int32Array(x.length)
  let seen = 0
  let kept = 0
  for (let row = 1; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = row * width + column
      if (data[at] === 0 || data[at - width] === 1 || seen++ % step !== 0 || kept >= x.length) continue
      x[kept] = column
      y[kept++] = row
    }
  }
  return { x, y }
}

function unevenness({ x, y }: Points, angle: number, height: number): number {
  const slope = Math.tan((angle * Math.PI) / 180)
  const reach = Math.ceil(Math.abs(slope) * 20_000)
  const rows = new Uint32Array(height + 2 * reach + 2)
  for (let index = 0; index < x.length; index++) rows[Math.round(y[index]! + x[index]! * slope) + reach]!++
  let score = 0
  for (const count of rows) score += count * count
  return score
}
