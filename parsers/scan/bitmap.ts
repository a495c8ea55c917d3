/**
 * Grey pictures in memory, and what is done to all of them before anything is looked for: uneven light made even, ink told
 * from paper, specks taken out, the page turned straight. Takes and gives plain arrays; nothing here knows of tables.
 */

/** A grey picture: one byte a pixel, row by row, 0 black to 255 white. */
export type Bitmap = { readonly width: number; readonly height: number; readonly data: Uint8Array }

/** Where ink is: 1 for a pixel of ink, 0 for paper. Same layout as a Bitmap. */
export type Mask = Bitmap

/** A rectangle of whole pixels; right and bottom exclusive. */
export type PixelBox = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }

/** Quarter turns clockwise. */
export type QuarterTurns = 0 | 1 | 2 | 3

const paperShare = 0.8
const darkestPaper = 48

/**
 * The picture with its paper made white: each pixel over what the paper around it is, taken as the brightness that a
 * fifth of the pixels near it exceed. Shadows of a book's fold and grey backgrounds of cells go; print keeps its contrast.
 */
export function evenLight(bitmap: Bitmap, tile: number): Bitmap {
  const { width, height, data } = bitmap
  const columns = Math.ceil(width / tile) + 1
  const rows = Math.ceil(height / tile) + 1
  const paper = new Float32Array(columns * rows)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      paper[row * columns + column] = paperNear(bitmap, column * tile, row * tile, tile)
    }
  }
  const even = new Uint8Array(data.length)
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / tile)
    const down = y / tile - row
    for (let x = 0; x < width; x++) {
      const column = Math.floor(x / tile)
      const right = x / tile - column
      const at = row * columns + column
      const above = paper[at]! * (1 - right) + paper[at + 1]! * right
      const below = paper[at + columns]! * (1 - right) + paper[at + columns + 1]! * right
      const value = (data[y * width + x]! * 255) / (above * (1 - down) + below * down)
      even[y * width + x] = Math.min(255, value)
    }
  }
  return { width, height, data: even }
}

/** The brightness of the paper around a point: the tile's percentile, from a sample of its pixels. */
function paperNear({ width, height, data }: Bitmap, x: number, y: number, tile: number): number {
  const counts = new Uint32Array(256)
  let total = 0
  const step = Math.max(1, Math.floor(tile / 24))
  for (let row = Math.max(0, y - tile); row < Math.min(height, y + tile); row += step) {
    for (let column = Math.max(0, x - tile); column < Math.min(width, x + tile); column += step) {
      counts[data[row * width + column]!]!++
      total++
    }
  }
  let below = 0
  for (let value = 0; value < 256; value++) {
    below += counts[value]!
    if (below >= total * paperShare) return Math.max(darkestPaper, value)
  }
  return 255
}

const thresholdMin = 80
const thresholdMax = 190

/** The brightness between ink and paper that parts them best (Otsu), kept within what print can be. */
export function inkThreshold({ data }: Bitmap): number {
  const counts = new Float64Array(256)
  for (let index = 0; index < data.length; index++) counts[data[index]!]!++
  let sum = 0
  for (let value = 0; value < 256; value++) sum += value * counts[value]!
  let best = 128
  let bestBetween = -1
  let below = 0
  let sumBelow = 0
  for (let value = 0; value < 255; value++) {
    below += counts[value]!
    sumBelow += value * counts[value]!
    const above = data.length - below
    if (below === 0 || above === 0) continue
    const between = below * above * (sumBelow / below - (sum - sumBelow) / above) ** 2
    if (between > bestBetween) {
      bestBetween = between
      best = value
    }
  }
  return Math.min(thresholdMax, Math.max(thresholdMin, best + 1))
}

/** Ink darker than `threshold`. */
export function inkOf({ width, height, data }: Bitmap, threshold: number): Mask {
  const ink = new Uint8Array(data.length)
  for (let index = 0; index < data.length; index++) ink[index] = data[index]! < threshold ? 1 : 0
  return { width, height, data: ink }
}

/**
 * The picture without single pixels that differ from all around them: dust, and what a fax line adds. Pixels at the
 * picture's edge stay as they are. `share` of the pixels that were taken out tells how noisy it is.
 */
export function withoutSpecks(bitmap: Bitmap, threshold: number): { readonly bitmap: Bitmap; readonly share: number } {
  const { width, height, data } = bitmap
  const clean = Uint8Array.from(data)
  let specks = 0
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      const dark = data[at]! < threshold
      let same = 0
      let around = 0
      for (let row = at - width; row <= at + width; row += width) {
        for (let near = row - 1; near <= row + 1; near++) {
          if (near === at) continue
          if (data[near]! < threshold === dark) same++
          around += data[near]!
        }
      }
      if (same > (dark ? 0 : 1)) continue
      clean[at] = around >> 3
      specks++
    }
  }
  return { bitmap: { width, height, data: clean }, share: specks / Math.max(1, data.length) }
}

/** The picture with everything at least as bright as `paper` white, and the rest in proportion. */
export function withWhitePaper({ width, height, data }: Bitmap, paper: number): Bitmap {
  const out = new Uint8Array(data.length)
  for (let at = 0; at < data.length; at++) out[at] = data[at]! >= paper ? 255 : (data[at]! * 255) / paper
  return { width, height, data: out }
}

/** True where nearly all pixels are black or white. */
export function isOneBit({ data }: Bitmap): boolean {
  let grey = 0
  for (let at = 0; at < data.length; at++) if (data[at]! > 40 && data[at]! < 215) grey++
  return grey < data.length * 0.004
}

/** How far pixels of paper stray from their neighbours, as a standard deviation (Immerkaer's estimate, paper alone). */
export function noiseOf({ width, height, data }: Bitmap, threshold: number): number {
  let sum = 0
  let count = 0
  for (let y = 1; y < height - 1; y += 2) {
    for (let x = 1; x < width - 1; x += 2) {
      const at = y * width + x
      const [up, down] = [at - width, at + width]
      const sides = data[up]! + data[down]! + data[at - 1]! + data[at + 1]!
      const corners = data[up - 1]! + data[up + 1]! + data[down - 1]! + data[down + 1]!
      if (sides + corners < threshold * 8) continue
      sum += Math.abs(4 * data[at]! - 2 * sides + corners)
      count++
    }
  }
  return count === 0 ? 0 : (Math.sqrt(Math.PI / 2) * sum) / (6 * count)
}

/** The picture with each pixel mixed with those around it, weighted 1 2 1 either way. */
export function softened({ width, height, data }: Bitmap): Bitmap {
  const across = new Uint16Array(data.length)
  for (let at = 0; at < data.length; at++) {
    const x = at % width
    across[at] = (x > 0 ? data[at - 1]! : data[at]!) + 2 * data[at]! + (x < width - 1 ? data[at + 1]! : data[at]!)
  }
  const out = new Uint8Array(data.length)
  for (let at = 0; at < data.length; at++) {
    const above = at >= width ? across[at - width]! : across[at]!
    const below = at + width < data.length ? across[at + width]! : across[at]!
    out[at] = (above + 2 * across[at]! + below) >> 4
  }
  return { width, height, data: out }
}

/** The picture turned clockwise by some degrees about its middle, same size, paper where nothing was. */
export function turned(bitmap: Bitmap, degrees: number): Bitmap {
  const { width, height, data } = bitmap
  const angle = (degrees * Math.PI) / 180
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  const middleX = (width - 1) / 2
  const middleY = (height - 1) / 2
  const out = new Uint8Array(data.length).fill(255)
  for (let y = 0; y < height; y++) {
    let fromX = -middleX * cos + (y - middleY) * sin + middleX
    let fromY = middleX * sin + (y - middleY) * cos + middleY
    for (let x = 0; x < width; x++, fromX += cos, fromY -= sin) {
      const left = Math.floor(fromX)
      const top = Math.floor(fromY)
      if (left < 0 || top < 0 || left >= width - 1 || top >= height - 1) continue
      const right = fromX - left
      const down = fromY - top
      const at = top * width + left
      const above = data[at]! * (1 - right) + data[at + 1]! * right
      const below = data[at + width]! * (1 - right) + data[at + width + 1]! * right
      out[y * width + x] = above * (1 - down) + below * down
    }
  }
  return { width, height, data: out }
}

/** The picture turned clockwise by quarter turns, pixel for pixel. */
export function quarterTurned(bitmap: Bitmap, turns: QuarterTurns): Bitmap {
  if (turns === 0) return bitmap
  const { width, height, data } = bitmap
  const out = new Uint8Array(data.length)
  const [wide, high] = turns === 2 ? [width, height] : [height, width]
  // Where the first pixel comes to lie, and how far the next one of its row and the first of the next row are from it.
  const [first, along, down] = {
    1: [wide - 1, wide, -1],
    2: [data.length - 1, -1, -width],
    3: [(high - 1) * wide, -wide, 1],
  }[turns] as [number, number, number]
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0, to = first + y * down; x < width; x++, to += along) out[to] = data[at++]!
  }
  return { width: wide, height: high, data: out }
}

/** A part of the picture; what lies outside it is paper. */
export function cut({ width, height, data }: Bitmap, { left, top, right, bottom }: PixelBox, outside = 255): Bitmap {
  const wide = Math.max(1, right - left)
  const high = Math.max(1, bottom - top)
  const out = new Uint8Array(wide * high).fill(outside)
  const from = Math.max(0, left)
  const to = Math.min(width, right)
  for (let y = Math.max(0, top); y < Math.min(height, bottom) && from < to; y++) {
    out.set(data.subarray(y * width + from, y * width + to), (y - top) * wide + from - left)
  }
  return { width: wide, height: high, data: out }
}

/** The picture at another size: averages of pixels when it shrinks, straight lines between them when it grows. */
export function resized(bitmap: Bitmap, scale: number): Bitmap {
  const width = Math.max(1, Math.round(bitmap.width * scale))
  const height = Math.max(1, Math.round(bitmap.height * scale))
  const out = new Uint8Array(width * height)
  const reach = Math.max(1, Math.round(1 / scale))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      out[y * width + x] =
        scale >= 1 ? between(bitmap, x / scale, y / scale) : average(bitmap, x / scale, y / scale, reach)
    }
  }
  return { width, height, data: out }
}

function between({ width, height, data }: Bitmap, x: number, y: number): number {
  const left = Math.min(width - 1, Math.floor(x))
  const top = Math.min(height - 1, Math.floor(y))
  const next = left < width - 1 ? 1 : 0
  const under = top < height - 1 ? width : 0
  const right = x - left
  const down = y - top
  const at = top * width + left
  const above = data[at]! * (1 - right) + data[at + next]! * right
  const below = data[at + under]! * (1 - right) + data[at + under + next]! * right
  return above * (1 - down) + below * down
}

function average({ width, height, data }: Bitmap, x: number, y: number, reach: number): number {
  let sum = 0
  let count = 0
  for (let row = Math.floor(y); row < Math.min(height, Math.floor(y) + reach); row++) {
    for (let column = Math.floor(x); column < Math.min(width, Math.floor(x) + reach); column++) {
      sum += data[row * width + column]!
      count++
    }
  }
  return count === 0 ? 255 : sum / count
}

/** The picture with paper of some pixels around it. */
export function framed({ width, height, data }: Bitmap, margin: number): Bitmap {
  return cut({ width, height, data }, { left: -margin, top: -margin, right: width + margin, bottom: height + margin })
}
