/**
 * What the figure cells of a page say: takes each cell's picture, gives its text, and whether that is certain. A figure is
 * certain only where two models that were trained apart read the same, as many digits as there is room for, and each
 * digit looks like its likes in other cells. All else is doubt with candidates, which the form's sums may settle later.
 */
import type { Bitmap, PixelBox } from './bitmap.ts'
import { cut, framed, resized } from './bitmap.ts'
import type { EngineWord, OcrEngine } from './engine.ts'
import { likeness, type Piece, type Shape, shapeOf } from './shapes.ts'

/** A cell's content cut out: its grey picture with lines and dust gone, and its pieces of ink. */
export type CellPicture = {
  readonly picture: Bitmap
  /** The same with dust and faint print left in it. */
  readonly whole: Bitmap
  readonly pieces: readonly Piece[]
  /** Pieces too small for print. */
  readonly dust: readonly PixelBox[]
  /** The box around all pieces, in the picture. */
  readonly content: PixelBox
}

/** A cell as read. `sure`: nothing speaks against `text`; else `candidates` are what it may say, the likeliest first. */
export type CellReading = {
  readonly text: string
  readonly confidence: number
  readonly sure: boolean
  readonly candidates: readonly string[]
}

/** Heights of digits, in pixels, at which the models were found to read best. */
const figureHeight = 34
const wordsHeight = 40
const againHeights = [26, 48]
const margin = 12
const scaleMin = 0.3
const scaleMax = 6

/** One reading of a cell by one model. */
type Reading = { readonly text: string; readonly confidence: number }

/** Text and the least confidence of its words. */
export function readingOf(words: readonly EngineWord[]): Reading {
  let text = ''
  let line = words[0]?.line
  let confidence = words.length === 0 ? 0 : 1
  for (const word of words) {
    if (word.line !== line) text += '\n'
    line = word.line
    text += word.text
    confidence = Math.min(confidence, word.confidence)
  }
  return { text, confidence }
}

/** What a general model takes digits and marks for, by what they are. */
const lookAlikes = new Map(
  Object.entries({ 0: 'Oo〇DQ口', 1: 'Il|][!i丨', 2: 'Zz', 5: 'Ss', 8: 'B', 9: 'gq', '.': '。·', ',': '，', '-': '一—–_~' }).flatMap(
    ([figure, likes]) => [...likes].map((like) => [like, figure] as const),
  ),
)

/** A general model's text as figures: its look-alikes made digits. It only ever confirms what the model of digits says. */
function asFigure({ text, confidence }: Reading): Reading {
  const plain = [...text.normalize('NFKC').replace(/\s/g, '')].map((one) => lookAlikes.get(one) ?? one).join('')
  return { text: plain, confidence }
}

const figure = /^-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$/

/** The cells' texts. `words` is what the general model said of each already. */
export async function readFigures(
  cells: readonly CellPicture[],
  words: readonly Reading[],
  engine: OcrEngine,
): Promise<CellReading[]> {
  const digits = (await engine.read(cells.map((cell) => pictureFor(cell, figureHeight)), 'figure')).map(readingOf)
  const general = (await engine.read(cells.map((cell) => pictureFor(cell, wordsHeight)), 'words')).map(readingOf)
  const votes = cells.map((_, index): Votes => ({ digits: [digits[index]!], general: [general[index]!, words[index]!].map(asFigure) }))
  const page = pageOf(cells, votes)
  const first = cells.map((cell, index) => decide(cell, index, votes[index]!, page))
  const open = first.flatMap(({ sure, text }, index) => (sure || text === '' ? [] : [index]))
  const again = open.map((index) => cells[index]!)
  for (const height of againHeights) {
    const more = (await engine.read(again.map((cell) => pictureFor(cell, height)), 'figure')).map(readingOf)
    for (const [place, index] of open.entries()) votes[index]!.digits.push(more[place]!)
  }
  for (const index of open) first[index] = decide(cells[index]!, index, votes[index]!, page)
  return first
}

/** What the models said of a cell, each at several sizes. */
type Votes = { readonly digits: Reading[]; readonly general: readonly Reading[] }

/** What the certain cells of a page show of its figures: their shapes, the usual height, the way from one to the next. */
type PageFigures = { readonly known: readonly KnownDigit[]; readonly pitch: number | null; readonly height: number | null }

function pageOf(cells: readonly CellPicture[], votes: readonly Votes[]): PageFigures {
  const known = knownDigits(cells, votes)
  const heights = known.map(({ height }) => height).sort((a, b) => a - b)
  return { known, pitch: usualPitch(known), height: heights[heights.length >> 1] ?? null }
}

/** The content scaled so that one line of digits has the height wanted, with paper around it. */
export function pictureFor({ picture, content, pieces }: CellPicture, height: number): Bitmap {
  const tallest = Math.max(...pieces.map((piece) => piece.bottom - piece.top))
  const scale = Math.min(scaleMax, Math.max(scaleMin, height / Math.max(tallest, (content.right - content.left) / 12)))
  const box = { left: content.left - 2, top: content.top - 2, right: content.right + 2, bottom: content.bottom + 2 }
  return framed(resized(cut(picture, box), scale), margin)
}

/** A digit of a cell on which both models agree. */
type KnownDigit = { readonly cell: number; readonly digit: string; readonly shape: Shape; readonly height: number; readonly left: number; readonly right: number }

function knownDigits(cells: readonly CellPicture[], votes: readonly Votes[]): KnownDigit[] {
  const known: KnownDigit[] = []
  for (const [cell, { digits, general }] of votes.entries()) {
    const [{ text }] = digits as [Reading]
    if (!general.some((one) => one.text === text) || !/^\d+$/.test(text)) continue
    const boxes = digitBoxes(cells[cell]!)
    if (boxes.length !== text.length) continue
    for (const [index, box] of boxes.entries()) {
      known.push({ cell, digit: text[index]!, shape: shapeOf(cells[cell]!.picture, box), height: box.bottom - box.top, left: box.left, right: box.right })
    }
  }
  return known
}

/** Pieces as tall as digits, from left to right; pieces over one another are one digit that broke. */
function digitBoxes({ pieces, content }: CellPicture): PixelBox[] {
  const tall = Math.max(...pieces.map((piece) => piece.bottom - piece.top))
  const sorted = pieces.filter((piece) => piece.bottom - piece.top >= tall * 0.35).sort((a, b) => a.left - b.left)
  const boxes: { left: number; top: number; right: number; bottom: number }[] = []
  for (const { left, top, right, bottom } of sorted) {
    const last = boxes.at(-1)
    const shared = last === undefined ? 0 : Math.min(last.right, right) - Math.max(last.left, left)
    if (last !== undefined && shared > 0.5 * Math.min(right - left, last.right - last.left)) {
      last.left = Math.min(last.left, left)
      last.right = Math.max(last.right, right)
      last.top = Math.min(last.top, top)
      last.bottom = Math.max(last.bottom, bottom)
    } else boxes.push({ left, top, right, bottom })
  }
  return boxes.filter((box) => box.bottom - box.top >= (content.bottom - content.top) * 0.6)
}

/** From one digit to the next, as a share of their height: the median of neighbours; null where too few are known. */
function usualPitch(known: readonly KnownDigit[]): number | null {
  const pitches: number[] = []
  for (let index = 1; index < known.length; index++) {
    const [one, next] = [known[index - 1]!, known[index]!]
    if (one.cell === next.cell) pitches.push(((next.left + next.right) / 2 - (one.left + one.right) / 2) / Math.max(one.height, next.height))
  }
  if (pitches.length < 4) return null
  return pitches.sort((a, b) => a - b)[pitches.length >> 1]!
}

const alikeMin = 0.75
const likesAsked = 5
const surenessFloor = 0.3
const surenessAlone = 0.8

/** What the likes of a cell's digits say it is: null where there are none, or its digits cannot be told apart. */
function byLikes(cell: CellPicture, index: number, known: readonly KnownDigit[]): { text: string; unlike: boolean } | null {
  const boxes = digitBoxes(cell)
  let text = ''
  for (const box of boxes) {
    const shape = shapeOf(cell.picture, box)
    const near = known
      .filter((one) => one.cell !== index)
      .map((one) => ({ digit: one.digit, like: likeness(shape, one.shape) }))
      .sort((a, b) => b.like - a.like)
      .slice(0, likesAsked)
      .filter(({ like }) => like >= alikeMin)
    if (near.length === 0) return null
    const counts = new Map<string, number>()
    for (const { digit, like } of near) counts.set(digit, (counts.get(digit) ?? 0) + like)
    const [best, second] = [...counts].sort((a, b) => b[1] - a[1])
    if (second !== undefined && second[1] > best![1] * 0.6) return { text: '', unlike: true }
    text += best![0]
  }
  return boxes.length === 0 ? null : { text, unlike: false }
}

function decide(cell: CellPicture, index: number, { digits, general }: Votes, page: PageFigures): CellReading {
  const mark = markOf(cell, page.height)
  const [first] = digits as [Reading]
  if (mark !== null && (mark !== '/' || [...digits, ...general].some(({ text }) => text === '/') || !/\d/.test(first.text))) {
    return sure(mark, 0.9)
  }
  const [one, other] = general as [Reading, Reading]
  if (one.text === other.text && /^[\u4e00-\u9fff]$/.test(one.text) && Math.min(one.confidence, other.confidence) > surenessAlone) {
    return sure(one.text, Math.min(one.confidence, other.confidence))
  }
  const { text } = first
  const likes = byLikes(cell, index, page.known)
  const bare = text.replace(/[-.,]/g, '')
  const confirming = general.filter((reading) => reading.text === text)
  const confidence = Math.min(first.confidence, Math.max(0, ...confirming.map((reading) => reading.confidence)))
  const fits = figure.test(text) && confirming.length > 0 && isExplained(cell, text, page.pitch)
  const steady = digits.every((reading) => reading.text === text)
  const opposed = likes !== null && likes.text !== bare
  if (fits && steady && !opposed) {
    if (likes !== null && confidence >= surenessFloor) return sure(text, confidence)
    if (confidence >= (digits.length > 1 && confirming.length > 1 ? surenessFloor : surenessAlone)) return sure(text, confidence)
  }
  const candidates = [...digits, ...general]
    .map((reading) => reading.text)
    .filter((reading, at, all) => figure.test(reading) && all.indexOf(reading) === at)
  return { text: candidates[0] ?? text, confidence: confidence / 2, sure: false, candidates }
}

function sure(text: string, confidence: number): CellReading {
  return { text, confidence, sure: true, candidates: [text] }
}

/** True where a text accounts for all ink of a cell: so many digits, and a piece for each sign and point. */
function isExplained(cell: CellPicture, text: string, pitch: number | null): boolean {
  const { content, pieces, dust } = cell
  const digits = text.replace(/[-.,]/g, '').length
  const boxes = digitBoxes(cell)
  const small = pieces.filter((piece) => !boxes.some((box) => piece.left >= box.left && piece.right <= box.right && piece.top >= box.top && piece.bottom <= box.bottom))
  if (small.length !== text.length - digits) return false
  const high = content.bottom - content.top
  const perhapsPoint = dust.some((one) => one.left > content.left && one.right < content.right && one.bottom > content.bottom - high * 0.2 && !boxes.some((box) => one.left < box.right && one.right > box.left))
  if (perhapsPoint && !/[.,]/.test(text)) return false
  if (boxes.length === digits) return true
  if (pitch === null || small.length > 0) return false
  return Math.abs((content.right - content.left) / high / pitch - digits) < 0.6
}

/** A dash or a slash by its shape alone; null where it is neither. */
function markOf({ pieces, picture }: CellPicture, digitHeight: number | null): string | null {
  if (pieces.length === 0 || pieces.length > 2) return null
  const flat = pieces.every(
    ({ left, right, top, bottom }) => right - left >= 2.2 * (bottom - top) && (digitHeight === null || bottom - top < digitHeight * 0.35),
  )
  if (flat) return '-'.repeat(pieces.length)
  if (pieces.length > 1) return null
  const [piece] = pieces
  const [wide, high] = [piece!.right - piece!.left, piece!.bottom - piece!.top]
  if (wide < high * 0.22 || wide > high * 1.3) return null
  return slant(piece!, picture.width) < -0.94 ? '/' : null
}

/** How well a straight line fits a piece: -1 from bottom left to top right, 1 the other way. */
function slant({ pixels }: Piece, width: number): number {
  let [sumX, sumY, xx, yy, xy] = [0, 0, 0, 0, 0]
  for (const at of pixels) {
    const x = at % width
    const y = (at - x) / width
    sumX += x
    sumY += y
    xx += x * x
    yy += y * y
    xy += x * y
  }
  const count = pixels.length
  const spread = Math.sqrt((xx - (sumX * sumX) / count) * (yy - (sumY * sumY) / count))
  return spread === 0 ? 0 : (xy - (sumX * sumY) / count) / spread
}
