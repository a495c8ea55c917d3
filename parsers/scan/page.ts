/**
 * The picture of a page to a Page: its ruling lines, what each cell between them says, and the text around its tables.
 * Light is evened and the page levelled first; each cell is then cut out without its lines, found empty by its ink or
 * read by the engine. Coordinates are those of the levelled page, in points.
 */
import type { Box } from '../document.ts'
import type { Glyph, Page, Rule } from '../layout/page.ts'
import { enforceLimit } from '../limits.ts'
import {
  type Bitmap,
  cut,
  evenLight,
  framed,
  inkOf,
  inkThreshold,
  isOneBit,
  type Mask,
  noiseOf,
  type PixelBox,
  resized,
  softened,
  turned,
  withoutSpecks,
  withWhitePaper,
} from './bitmap.ts'
import { type CellBox, type CellTable, findTables } from './cells.ts'
import type { EngineWord, OcrEngine } from './engine.ts'
import { type CellPicture, type CellReading, type Reading, readFigures, readingOf } from './figures.ts'
import { findRules, type Ruling } from './rules.ts'
import { type Piece, piecesOf } from './shapes.ts'
import { levelingAngle } from './skew.ts'

/** A cell with its reading. An empty one has no text and is sure where nothing faint stands in it. */
export type ReadCell = CellReading & { readonly box: CellBox }

/** A table as read. */
export type ReadTable = Omit<CellTable, 'cells'> & { readonly cells: readonly ReadCell[] }

/** A line of print outside the tables. */
export type ReadLine = { readonly text: string; readonly confidence: number; readonly box: Box }

/** All that was read of one picture. */
export type ReadPage = {
  readonly page: Page
  readonly tables: readonly ReadTable[]
  readonly lines: readonly ReadLine[]
  readonly scale: number
}

/** A page ready to be read. */
type Prepared = {
  readonly even: Bitmap
  readonly threshold: number
  readonly ink: Mask
  readonly faint: Mask
  readonly ruling: Ruling
  readonly tables: readonly CellTable[]
  readonly dpi: number
}

const levelEnough = 0.02
/** A picture that is noisier than each of these is softened once more. */
const paperShare = 0.7
const faintShare = 0.6
const softenAbove = [4, 12]
const roughBits = 5
const pieceMin = 0.011
const edgeBand = 0.035
const piecesMax = 400

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
  const rough = isOneBit(clean) ? roughBits : 0
  for (const level of softenAbove) if (noise + rough > level) clean = softened(clean)
  const print = printThreshold(clean)
  const angle = levelingAngle(inkOf(clean, print))
  const level = Math.abs(angle) < levelEnough ? clean : turned(clean, angle)
  const paper = print + (255 - print) * paperShare
  const even = withWhitePaper(level, paper)
  const threshold = (print * 255) / paper
  const ink = inkOf(even, threshold)
  const faint = inkOf(even, threshold + (255 - threshold) * faintShare)
  const ruling = findRules(ink, dpi)
  return { even, threshold, ink, faint, ruling, tables: findTables(ruling, dpi), dpi }
}

/**
 * Reads one page's picture whose pixels are `dpi` to the inch.
 * @throws LimitError for more cells than a page has; EngineFailure
 */
export async function readPage(bitmap: Bitmap, dpi: number, number: number, engine: OcrEngine): Promise<ReadPage> {
  const prepared = prepare(bitmap, dpi)
  const tables: ReadTable[] = []
  const boxes = prepared.tables.flatMap(({ cells }) => cells)
  enforceLimit('pictureCellsMax', boxes.length)
  const readings = await readCells(prepared, boxes, engine)
  for (const { cells, ...table } of prepared.tables) {
    tables.push({ ...table, cells: cells.map((box) => ({ ...readings.get(box)!, box })) })
  }
  const lines = await readAround(prepared, engine)
  const scale = 72 / dpi
  return { page: pageOf(prepared, tables, lines, number), tables, lines, scale }
}

const nothing: CellReading = { text: '', confidence: 1, sure: true, candidates: [] }
const faintContent: CellReading = { text: '', confidence: 0, sure: false, candidates: [] }

async function readCells(
  page: Prepared,
  boxes: readonly CellBox[],
  engine: OcrEngine,
): Promise<Map<CellBox, CellReading>> {
  const readings = new Map<CellBox, CellReading>()
  const inked: { box: CellBox; cell: CellPicture }[] = []
  for (const box of boxes) {
    const cell = cutCell(page, box)
    if (cell === 'faint') readings.set(box, faintContent)
    else if (cell === null) readings.set(box, nothing)
    else inked.push({ box, cell })
  }
  const texts = await readWords(
    inked.map(({ cell }) => cell),
    page.dpi,
    engine,
  )
  const figures: { box: CellBox; cell: CellPicture; words: { text: string; confidence: number } }[] = []
  for (const [index, { box, cell }] of inked.entries()) {
    const words = texts[index]!
    if (isWords(words.text, cell)) readings.set(box, { ...words, sure: true, candidates: [words.text] })
    else figures.push({ box, cell, words })
  }
  const read = await readFigures(
    figures.map(({ cell }) => cell),
    figures.map(({ words }) => words),
    engine,
  )
  for (const [index, { box }] of figures.entries()) readings.set(box, read[index]!)
  for (const box of boxes) {
    const reading = readings.get(box)!
    if (box.unsure) readings.set(box, { ...reading, sure: false, confidence: reading.confidence / 2 })
  }
  return readings
}

/** What the model of words says of each cell, those of which it makes neither words nor figures at a second size too. */
async function readWords(cells: readonly CellPicture[], dpi: number, engine: OcrEngine): Promise<Reading[]> {
  const pictures = cells.map((cell) => wordsPicture(cell, dpi, wordsDpi))
  const texts = (await engine.read(pictures, 'words')).map(readingOf)
  const open = texts.flatMap(({ text }, index) => {
    const cell = cells[index]!
    return isWords(text, cell) || /\d/.test(text) || cell.pieces.length < 3 ? [] : [index]
  })
  const smaller = open.map((index) => wordsPicture(cells[index]!, dpi, smallerDpi))
  const again = (await engine.read(smaller, 'words')).map(readingOf)
  for (const [place, index] of open.entries()) {
    if (isWords(again[place]!.text, cells[index]!)) texts[index] = again[place]!
  }
  return texts
}

const han = /[\u3400-\u9fff]/g

/** Two characters of Chinese or more, and more of them than digits: a label or a remark, not a figure. */
function isWords(text: string, cell: CellPicture): boolean {
  const words = text.match(han)?.length ?? 0
  const digits = text.match(/\d/g)?.length ?? 0
  return words >= 2 && words > digits && cell.pieces.length >= 2
}

const wordsDpi = 300
const smallerDpi = 210
/** Pixels around print that belong to it. */
const figureReach = 2
const wordsReach = 4
const wordsMargin = 4

function wordsPicture({ whole }: CellPicture, dpi: number, wanted: number): Bitmap {
  return framed(resized(whole, wanted / dpi), 10)
}

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

/** The print outside the tables, which are painted over. */
async function readAround({ even, tables, dpi }: Prepared, engine: OcrEngine): Promise<ReadLine[]> {
  const around = Uint8Array.from(even.data)
  const margin = Math.round(dpi * 0.02)
  for (const table of tables) {
    for (let y = Math.max(0, Math.floor(table.top) - margin); y < Math.min(even.height, table.bottom + margin); y++) {
      around.fill(
        255,
        y * even.width + Math.max(0, Math.floor(table.left) - margin),
        y * even.width + Math.min(even.width, Math.ceil(table.right) + margin),
      )
    }
  }
  const [words] = await engine.read([{ width: even.width, height: even.height, data: around }], 'page')
  const lines = new Map<number, EngineWord[]>()
  for (const word of words!) lines.set(word.line, [...(lines.get(word.line) ?? []), word])
  const found = [...lines.values()].map((line) => ({
    text: line.map(surely).join(''),
    confidence: line.reduce((sum, word) => sum + word.confidence, 0) / line.length,
    box: boxAround(line.map(({ box }) => box)),
  }))
  return confirmLines(found, { width: even.width, height: even.height, data: around }, dpi, engine)
}

type FoundLine = { readonly text: string; readonly confidence: number; readonly box: PixelBox }

const confirmedMax = 60
const lineMargin = 0.04

/**
 * The lines with every character that a second reading of the line alone, at another size, does not confirm replaced by
 * a mark of the unreadable: a name or a year that is misread must not become another agency's or year's.
 */
async function confirmLines(
  lines: readonly FoundLine[],
  picture: Bitmap,
  dpi: number,
  engine: OcrEngine,
): Promise<ReadLine[]> {
  const margin = Math.round(lineMargin * dpi)
  const alone = lines.slice(0, confirmedMax).map(({ box: { left, top, right, bottom } }) => {
    const strip = cut(picture, {
      left: left - margin,
      top: top - margin,
      right: right + margin,
      bottom: bottom + margin,
    })
    return framed(resized(strip, secondDpi / dpi), 10)
  })
  const again = (await engine.read(alone, 'line')).map((words) => words.map(surely).join(''))
  return lines.map(({ text, confidence, box }, index) => {
    const second = again[index]
    return { text: second === undefined ? text : confirmed(text, second), confidence, box: boxOf(box, 72 / dpi) }
  })
}

/** A word, or that it cannot be read. */
function surely({ text, confidence }: EngineWord): string {
  return confidence >= wordSure ? text : unreadable.repeat([...text].length)
}

const wordSure = 0.5
const secondDpi = 230
const unreadable = '\ufffd'

/** The first text with what the second lacks made unreadable: the longest run of characters that both have in order stays. */
export function confirmed(first: string, second: string): string {
  const [a, b] = [[...first], [...second]]
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  for (let row = a.length - 1; row >= 0; row--) {
    for (let column = b.length - 1; column >= 0; column--) {
      common[row]![column] =
        a[row] === b[column]
          ? common[row + 1]![column + 1]! + 1
          : Math.max(common[row + 1]![column]!, common[row]![column + 1]!)
    }
  }
  let text = ''
  let column = 0
  for (const [row, character] of a.entries()) {
    while (column < b.length && a[row] !== b[column] && common[row]![column + 1]! === common[row]![column]!) column++
    if (
      column < b.length &&
      character !== unreadable &&
      character === b[column] &&
      common[row]![column] === common[row + 1]![column + 1]! + 1
    ) {
      text += character
      column++
    } else text += unreadable
  }
  return text
}

function boxAround(boxes: readonly PixelBox[]): PixelBox {
  return {
    left: Math.min(...boxes.map(({ left }) => left)),
    top: Math.min(...boxes.map(({ top }) => top)),
    right: Math.max(...boxes.map(({ right }) => right)),
    bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
  }
}

/** Pixels as points. */
export function boxOf({ left, top, right, bottom }: PixelBox, scale: number): Box {
  return { x: left * scale, y: top * scale, width: (right - left) * scale, height: (bottom - top) * scale }
}

function pageOf(
  { even, ruling, dpi }: Prepared,
  tables: readonly ReadTable[],
  lines: readonly ReadLine[],
  number: number,
): Page {
  const scale = 72 / dpi
  const rules = ruling.rules.map(
    (rule): Rule => ({
      horizontal: rule.horizontal,
      at: rule.at * scale,
      from: rule.from * scale,
      to: rule.to * scale,
      thickness: rule.thickness * scale,
    }),
  )
  const glyphs: Glyph[] = []
  for (const { text, confidence, box } of lines) glyphs.push(...glyphsOf(text, box, confidence))
  for (const table of tables) {
    for (const { text, confidence, box } of table.cells) glyphs.push(...glyphsOf(text, boxOf(box, scale), confidence))
  }
  return {
    number,
    width: even.width * scale,
    height: even.height * scale,
    glyphs,
    rules,
    fills: [],
    pictures: [],
    notices: [],
  }
}

/** A text's characters spread over its box, line by line. */
function glyphsOf(text: string, box: Box, confidence: number): Glyph[] {
  const lines = text.split('\n')
  const height = box.height / lines.length
  return lines.flatMap((line, row) => {
    const characters = [...line]
    const width = box.width / Math.max(1, characters.length)
    return characters.map((character, index) => ({
      text: character,
      x: box.x + index * width,
      y: box.y + row * height,
      width,
      height,
      turn: 0 as const,
      confidence,
    }))
  })
}
