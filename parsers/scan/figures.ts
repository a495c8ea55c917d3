/**
 * What the figure cells of a page say: takes each cell's picture, gives its text, and whether that is certain. A figure is
 * certain only where two models that were trained apart read the same, as many digits as there is room for, and each
 * digit looks like its likes in other cells. All else is doubt with candidates, which the form's sums may settle later.
 */
import type { Bitmap, PixelBox } from './bitmap.ts'
import { cut, framed, resized } from './bitmap.ts'
import type { EngineWord, OcrEngine } from './engine.ts'
import {
  type CellPicture,
  compareToLikes,
  type FigureMemory,
  isInDigit,
  remember,
  usualHeight,
  usualPitch,
  waysToPart,
} from './likes.ts'
import type { Piece } from './shapes.ts'

/** A cell as read. `sure`: nothing speaks against `text`; else `candidates` are what it may say, the likeliest first. */
export type CellReading = {
  readonly text: string
  readonly confidence: number
  readonly sure: boolean
  readonly candidates: readonly string[]
}

/** Heights of digits, in pixels, at which the models were found to read best. */
const figureHeight = 34
const againHeights = [26, 48]
const margin = 12
const scaleMin = 0.3
const scaleMax = 6

/** One reading of a cell by one model. */
export type Reading = { readonly text: string; readonly confidence: number }

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
  Object.entries({
    0: 'Oo〇DQ口',
    1: 'Il|][!i丨',
    2: 'Zz',
    5: 'Ss',
    7: '了',
    8: 'B',
    9: 'gq',
    '.': '。·',
    ',': '，',
    '-': '一—–_~',
    '+': '十',
  }).flatMap(([figure, likes]) => [...likes].map((like) => [like, figure] as const)),
)

/** A general model's text as figures: its look-alikes made digits. It only ever confirms what the model of digits says. */
function asFigure({ text, confidence }: Reading): Reading {
  const plain = [...text.normalize('NFKC').replace(/\s/g, '')].map((one) => lookAlikes.get(one) ?? one).join('')
  return { text: plain, confidence }
}

const figure = /^[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$/

/**
 * Reads cells; `words` is what the general model said of each already. What is still open is decided when the result is
 * asked for, since by then the memory may know more of the document's digits.
 */
export async function readFigures(
  cells: readonly CellPicture[],
  words: readonly Reading[],
  memory: FigureMemory,
  engine: OcrEngine,
): Promise<() => CellReading[]> {
  const pictures = cells.map((cell) => pictureFor(cell, figureHeight))
  const digits = (await engine.read(pictures, 'figure')).map(readingOf)
  const firstId = memory.cells
  memory.cells += cells.length
  const votes = cells.map((cell, index): Votes => {
    const [one, other] = [digits[index]!, asFigure(words[index]!)]
    if (one.text === other.text) remember(memory, firstId + index, cell, one.text)
    return { cell, id: firstId + index, digits: [one], general: [other] }
  })
  const readings: (CellReading | Votes)[] = decideAll(votes, memory, firstId)
  const open = readings.filter((one): one is Votes => !('text' in one))
  for (const height of againHeights) {
    const again = open.map(({ cell }) => pictureFor(cell, height))
    const more = (await engine.read(again, 'figure')).map(readingOf)
    const other = (await engine.read(again, 'other figure')).map(readingOf)
    for (const [place, { digits, general }] of open.entries()) {
      digits.push(more[place]!)
      general.push(other[place]!)
    }
  }
  const height = usualHeight(memory, firstId)
  return () => {
    const page = { memory, pitch: usualPitch(memory), height: height ?? usualHeight(memory, 0) }
    const decided = readings.map((one) => ('text' in one ? one : decide(one, page)))
    return isPoor(decided) ? decided.map((one, index) => doubtLonely(one, votes[index]!, memory)) : decided
  }
}

/** Where so many figures of a page are in doubt, its print is so bad that both models may take one digit for another. */
const poorShare = 1 / 4
/** So sure of a digit both models are wrong of none that was measured. */
const surenessLonely = 0.9

function isPoor(readings: readonly CellReading[]): boolean {
  const figures = readings.filter(({ text }) => figure.test(text))
  return figures.filter((one) => !one.sure).length > figures.length * poorShare
}

/** The reading, in doubt where no model is very sure of it and its digits do not look like others. */
function doubtLonely(reading: CellReading, { cell, id }: Votes, memory: FigureMemory): CellReading {
  const { text, confidence } = reading
  if (!reading.sure || confidence >= surenessLonely || !figure.test(text)) return reading
  const likes = compareToLikes(cell, id, text, memory)
  return likes === 'alike' || likes === 'like' ? reading : { ...reading, confidence: confidence / 2, sure: false }
}

/** What the models said of a cell, each at several sizes. */
type Votes = {
  readonly cell: CellPicture
  readonly id: number
  readonly digits: Reading[]
  readonly general: Reading[]
}

/** Cells decided, those that are open left as they are. */
function decideAll(votes: readonly Votes[], memory: FigureMemory, firstId: number): (CellReading | Votes)[] {
  const page = { memory, pitch: usualPitch(memory), height: usualHeight(memory, firstId) }
  return votes.map((one) => {
    const reading = decide(one, page)
    return reading.sure ? reading : one
  })
}

/** What a document shows of its figures. */
type PageFigures = { readonly memory: FigureMemory; readonly pitch: number | null; readonly height: number | null }

/** The content scaled so that one line of digits has the height wanted, with paper around it. */
export function pictureFor({ picture, content, pieces, least }: CellPicture, height: number): Bitmap {
  const tallest = Math.max(...pieces.map((piece) => piece.bottom - piece.top))
  const scale = Math.min(scaleMax, Math.max(scaleMin, height / Math.max(tallest, least)))
  const box = { left: content.left - 2, top: content.top - 2, right: content.right + 2, bottom: content.bottom + 2 }
  return framed(resized(cut(picture, box), scale), margin)
}

const surenessFloor = 0.3
const surenessOften = 0.5
const surenessAlone = 0.8

function decide(votes: Votes, page: PageFigures): CellReading {
  const { cell, digits, general } = votes
  const readings = [...digits, ...general].filter(({ text }) => text !== '')
  const mark = markOf(cell, page.height, digits)
  if (mark !== null) return sure(mark, surenessAlone)
  const word = general[0]!.text
  if (
    general.length > 1 &&
    /^[\u4e00-\u9fff]$/.test(word) &&
    general.every(({ text, confidence }) => text === word && confidence > surenessAlone)
  ) {
    return sure(word, Math.min(...general.map(({ confidence }) => confidence)))
  }
  const candidates = readings
    .map((reading) => reading.text)
    .filter((text, at, all) => figure.test(text) && all.indexOf(text) === at)
  for (const text of candidates) {
    const confidence = confidenceIn(text, votes, page)
    if (confidence !== null) return sure(text, confidence)
  }
  const most = Math.max(0, ...readings.map(({ confidence }) => confidence))
  // What is no figure is a candidate too: a cell that may hold a mark must not be taken for one that holds a number.
  const marks = readings
    .map((reading) => reading.text)
    .filter((text, at, all) => /^[-/]+$/.test(text) && all.indexOf(text) === at)
  return {
    text: candidates[0] ?? readings[0]?.text ?? '',
    confidence: most / 2,
    sure: false,
    candidates: [...candidates, ...marks],
  }
}

/** A figure without the commas between its thousands and without a plus. */
function bare(text: string): string {
  return figure.test(text) ? text.replace(/^\+|,/g, '') : text
}

/**
 * How sure a figure is, or null where it is not: of two models and the likes of its digits two must say it and none
 * another, and it must account for all ink. A model that reads nothing at some size says nothing against it, nor does one
 * that reads what the ink has no room for, or a digit that the ink clearly is not.
 */
function confidenceIn(text: string, { cell, id, digits, general }: Votes, page: PageFigures): number | null {
  if (pointOrComma.test(text) || !isExplained(cell, text, page.pitch)) return null
  const value = bare(text)
  const by = (readings: readonly Reading[]) => readings.filter((reading) => bare(reading.text) === value)
  const [one, other] = [by(digits), by(general)]
  const likesOf = (said: string) => compareToLikes(cell, id, said, page.memory)
  const likes = likesOf(text)
  if (likes === 'unlike') return null
  const isPossible = (said: string): boolean =>
    (likes !== 'alike' && likes !== 'like') || (figure.test(said) && isExplained(cell, said, page.pitch))
  const against = digits.filter((reading) => bare(reading.text) !== value && reading.text !== '')
  if (against.some((reading) => isPossible(reading.text) && likesOf(reading.text) !== 'unlike')) return null
  const best = (readings: readonly Reading[]) => Math.max(0, ...readings.map(({ confidence }) => confidence))
  const both = Math.min(best(one), best(other))
  const said = general.filter((reading) => reading.text !== '').length
  if (likes === 'odd') {
    const everywhere = one.length > 1 && against.length === 0 && other.length > 1 && other.length === said
    return everywhere && both >= surenessAlone ? both * surenessAlone : null
  }
  const looksSo = likes === 'alike' || likes === 'like'
  const any = best([...one, ...other])
  const times = one.length + other.length
  const enough = times > 2 ? surenessOften : surenessAlone
  const alike = likes === 'alike' && times > 1 && any >= enough ? any * surenessAlone : null
  if (one.length > 0 && other.length > 0 && (looksSo || other.length * 2 > said)) {
    // Kept to figures alone, a model that would rather read a comma of Chinese print gives 0 for how sure it is.
    if (looksSo && one.length > 2 && one.length === digits.length) return Math.max(both, surenessFloor)
    const often = one.length > 1 && other.length > 1
    return both >= (likes === 'alike' || often ? surenessFloor : surenessAlone) ? both : alike
  }
  const steady =
    one.length === digits.length && digits.length > 1
      ? one
      : other.length === general.length && general.length > 1
        ? other
        : []
  return looksSo && steady.length > 1 && best(steady) >= surenessAlone ? best(steady) * surenessAlone : alike
}

function sure(text: string, confidence: number): CellReading {
  return { text, confidence, sure: true, candidates: [text] }
}

/** A comma that lost its tail is a point, and a number with three decimals may be one of thousands. */
const pointOrComma = /^[-+]?\d{1,3}\.\d{3}$/

const plusAspect = 0.5

/** True where the small pieces beside digits look like the signs of a text: commas reach below the line, points do not. */
function areSigns(text: string, beside: readonly PixelBox[], boxes: readonly PixelBox[]): boolean {
  const signs = [...text].filter((character) => /[-+.,]/.test(character))
  const bottoms = boxes.map(({ bottom }) => bottom).sort((a, b) => a - b)
  const line = bottoms[bottoms.length >> 1]!
  const high = Math.max(...boxes.map(({ top, bottom }) => bottom - top))
  return [...beside]
    .sort((a, b) => a.left - b.left)
    .every(({ left, right, top, bottom }, index) => {
      if (signs[index] === '-') return right - left > bottom - top && bottom < line
      if (signs[index] === '+') return Math.abs(Math.log((right - left) / (bottom - top))) < plusAspect
      if (signs[index] === ',') return bottom > line + high * 0.05
      return signs[index] !== '.' || (bottom <= line + high * 0.12 && bottom - top <= high * 0.35)
    })
}

/** The same, where a plus may be as tall as a digit. */
function isExplained(cell: CellPicture, text: string, pitch: number | null): boolean {
  return accountsForInk(cell, text, pitch) || (text.startsWith('+') && accountsForInk(cell, `0${text.slice(1)}`, pitch))
}

/** True where a text accounts for all ink of a cell: so many digits, and a piece for each sign and point. */
function accountsForInk(cell: CellPicture, text: string, pitch: number | null): boolean {
  const { content, pieces, dust } = cell
  const count = text.replace(/[-+.,]/g, '').length
  const high = content.bottom - content.top
  const partings = waysToPart(cell, count)
  if (partings.length === 0) {
    if (pitch === null || count !== text.length || pieces.some((piece) => piece.bottom - piece.top < high * smallShare))
      return false
    // Digits that run into one another are a little less wide than their steps; what is wider has room for a point.
    const steps = (content.right - content.left) / high / pitch
    return steps > count - 0.6 && steps < count + 0.1
  }
  return partings.some(({ boxes, beside }) => {
    if (beside.length !== text.length - count || !areSigns(text, beside, boxes)) return false
    if (hasRoomForPoint(boxes, beside, pitch) || isTooWide(boxes, pitch)) return false
    // A sign or a point may be no larger than dust, and what the models do not see of it they both miss.
    return !dust.some(
      (one) => one.bottom > content.top && one.top < content.bottom + high * 0.3 && !isInDigit(one, boxes),
    )
  })
}

/** From one digit to the next, in heights of a digit: no face of print has it wider. */
const widestPitch = 0.85
/** What blur and bad copies make of a digit. */
const widerDigit = 1.15

/** Whether some digit is so wide that a sign may have run into it: none is wider than the step to the next. */
function isTooWide(boxes: readonly PixelBox[], pitch: number | null): boolean {
  const most = (pitch ?? widestPitch) * widerDigit
  return boxes.some(({ left, right, top, bottom }) => right - left > most * (bottom - top))
}

/** A point makes the step from digit to digit by half longer, what print and copies do to it hardly by a fifth. */
const widerStep = 1.3

/** Whether two digits stand so far apart, with nothing between them, that a point may have been lost. */
function hasRoomForPoint(boxes: readonly PixelBox[], beside: readonly PixelBox[], pitch: number | null): boolean {
  const middle = ({ left, right }: PixelBox): number => (left + right) / 2
  const steps = boxes.slice(1).map((next, index) => {
    const one = boxes[index]!
    const filled = beside.some((sign) => middle(sign) > middle(one) && middle(sign) < middle(next))
    const high = Math.max(one.bottom - one.top, next.bottom - next.top)
    return { step: (middle(next) - middle(one)) / high, filled }
  })
  const usual = pitch ?? Math.min(...steps.map(({ step }) => step))
  return steps.some(({ step, filled }) => !filled && step > usual * widerStep)
}

const smallShare = 0.35
const flatMin = 1.5
const flatForSure = 2.4
const slantMin = -0.93

/** A dash or a slash by its shape, where no reading makes a digit of it; null where it is neither for sure. */
function markOf(
  { pieces, picture, least }: CellPicture,
  digitHeight: number | null,
  digits: readonly Reading[],
): string | null {
  const height = digitHeight ?? least
  const shapes = pieces.map(({ left, right, top, bottom }) => ({ wide: right - left, high: bottom - top }))
  if (shapes.length === 0 || shapes.length > 2) return null
  if (shapes.every(({ wide, high }) => high < height * smallShare && wide > height * 0.25 && wide >= high * flatMin)) {
    const read = digits.some(({ text }) => /^-+$/.test(text)) && !digits.some(({ text }) => /\d/.test(text))
    return read || shapes.every(({ wide, high }) => wide >= high * flatForSure) ? '-'.repeat(shapes.length) : null
  }
  const [{ wide, high }] = shapes as [{ wide: number; high: number }]
  if (shapes.length > 1 || wide < high * 0.22 || wide > high * 1.3 || high < height * 0.7) return null
  if (!isSlanted(pieces[0]!, picture.width) || digits.some(({ text }) => /\d/.test(text))) return null
  return digits.some(({ text }) => text === '/') ? '/' : null
}

/** True for a stroke from bottom left to top right: the middle of its ink moves evenly with each row of pixels. */
function isSlanted({ pixels, left, top, bottom, right }: Piece, width: number): boolean {
  const sums = new Float64Array(bottom - top)
  const counts = new Float64Array(bottom - top)
  for (const at of pixels) {
    const x = at % width
    const row = (at - x) / width - top
    sums[row]! += x - left
    counts[row]!++
  }
  const count = sums.length
  const middle = (count - 1) / 2
  const mean = sums.reduce((sum, value, row) => sum + value / counts[row]!, 0) / count
  let [xx, yy, xy] = [0, 0, 0]
  for (let row = 0; row < count; row++) {
    const x = sums[row]! / counts[row]! - mean
    xx += x * x
    yy += (row - middle) ** 2
    xy += x * (row - middle)
  }
  const moved = (-xy / yy) * count
  return xx > 0 && xy / Math.sqrt(xx * yy) < slantMin && moved > 0.5 * (right - left)
}
