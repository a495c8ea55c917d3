/**
 * The picture of a page, or of a part of one, to its tables and lines, as a drawn page has them: each cell is cut out,
 * found empty by its ink or read by the engine. What is not certain is doubted, with what it may say. Coordinates are those
 * of the levelled picture, in points.
 */
import type { Anchor, Box, Notice } from '../document.ts'
import type { PlacedCell } from '../grid.ts'
import type { PageParts } from '../layout/pages.ts'
import { type RuledTable, rounded } from '../layout/tables.ts'
import type { GlyphLine } from '../layout/text.ts'
import { enforceLimit } from '../limits.ts'
import { readAround } from './around.ts'
import { type Bitmap, quarterTurned } from './bitmap.ts'
import type { CellBox, CellTable } from './cells.ts'
import { cutCell } from './cutting.ts'
import type { OcrEngine } from './engine.ts'
import { type CellReading, type Reading, readFigures } from './figures.ts'
import type { CellPicture, FigureMemory } from './likes.ts'
import { turnsToUpright } from './orientation.ts'
import { mayHoldTables, type Prepared, prepare } from './prepare.ts'
import { isWords, readWords, type WordsReading } from './words.ts'

/** Where a picture stands: the path of it that anchors begin with, its page, the place of its top left corner in points. */
export type PicturePlace = {
  readonly path: string
  readonly page: number | null
  readonly x: number
  readonly y: number
}

/**
 * Reads a picture whose pixels are `dpi` to the inch. What stays open is decided when the result is asked for, after the
 * other pictures of the document: `memory` holds what they show of its digits.
 * @throws LimitError for more cells than a page has; EngineFailure
 */
export async function readPage(
  bitmap: Bitmap,
  dpi: number,
  place: PicturePlace,
  memory: FigureMemory,
  engine: OcrEngine,
): Promise<PictureParts> {
  return readPrepared(prepare(bitmap, dpi), place, memory, engine)
}

/** What was read of a picture. */
export type PictureParts = {
  /** Of the picture as it stands upright, in points. */
  readonly height: number
  /** Its tables and lines; `notices` get what in them is in doubt. */
  finish(notices: Notice[]): PageParts
}

/** The same of a picture that is prepared. One that does not stand upright is turned, and its places are those after that. */
export async function readPrepared(
  prepared: Prepared,
  place: PicturePlace,
  memory: FigureMemory,
  engine: OcrEngine,
): Promise<PictureParts> {
  const laid = await readWordsOf(prepared, engine)
  const { source } = prepared
  const turns = await turnsToUpright(prepared, laid.words, engine)
  const upright =
    turns === 0 ? laid : await readWordsOf(prepare(quarterTurned(source.bitmap, turns), source.dpi), engine)
  // What is given back lives until all pages are read: it must not hold on to the page's pictures.
  const { tables, rough, even, dpi, scale } = upright.page
  const places = { ...place, scale }
  const read = await readCells(upright, memory, engine)
  const lines = (upright.around ?? (await readAround(upright.page, engine))).map(({ glyphs, box }) => ({
    glyphs: glyphs.map((glyph) => ({ ...glyph, ...moved(glyph, places) })),
    box: moved(box, places),
  }))
  const finish = (notices: Notice[]): PageParts => {
    if (turns !== 0) {
      const anchor = { path: place.path, page: place.page, box: null }
      notices.push({ code: 'page_turned', anchor, data: { degrees: turns * 90 } })
    }
    const readings = rough ? withoutVanished(tables, read()) : read()
    return { tables: tables.map((table, index) => makeTable(table, index + 1, readings, places, notices)), lines }
  }
  return { height: ((even.height * 72) / dpi) * scale, finish }
}

/** A picture of which the words are read: those in its cells, or where it has none the lines of its print. */
type WordsRead = {
  readonly page: Prepared
  readonly boxes: readonly CellBox[]
  readonly blank: ReadonlyMap<CellBox, CellReading>
  readonly inked: readonly { readonly box: CellBox; readonly cell: CellPicture }[]
  readonly texts: readonly WordsReading[]
  readonly around: readonly GlyphLine[] | null
  readonly words: readonly Reading[]
}

async function readWordsOf(page: Prepared, engine: OcrEngine): Promise<WordsRead> {
  const boxes = page.tables.flatMap(({ cells }) => cells)
  enforceLimit('pictureCellsMax', boxes.length)
  const blank = new Map<CellBox, CellReading>()
  const inked: { box: CellBox; cell: CellPicture }[] = []
  for (const box of boxes) {
    const cell = cutCell(page, box)
    if (cell === 'faint') blank.set(box, faintContent)
    else if (cell === null) blank.set(box, nothing)
    else inked.push({ box, cell })
  }
  const pictures = inked.map(({ cell }) => cell)
  const texts = await readWords(pictures, page.dpi, engine)
  const around = mayHoldTables(page) ? null : await readAround(page, engine)
  const glyphs = (around ?? []).flatMap((line) => line.glyphs)
  const words = [...texts, ...glyphs.map(({ text, confidence }) => ({ text, confidence: confidence ?? 1 }))]
  return { page, boxes, blank, inked, texts, around, words }
}

const dash = /^-+$/

/**
 * The readings of a copy in black and white alone, in which dashes may have vanished: where its tables print some, a cell
 * without ink in a row of values is in doubt.
 */
function withoutVanished(
  tables: readonly CellTable[],
  readings: ReadonlyMap<CellBox, CellReading>,
): ReadonlyMap<CellBox, CellReading> {
  if (![...readings.values()].some(({ text }) => dash.test(text))) return readings
  const doubted = new Map(readings)
  for (const { cells } of tables) {
    const values = new Set(cells.flatMap((cell) => (/^[-\d/]/.test(readings.get(cell)!.text) ? [cell.row] : [])))
    for (const cell of cells) {
      const { sure, text } = readings.get(cell)!
      if (sure && text === '' && values.has(cell.row)) doubted.set(cell, faintContent)
    }
  }
  return doubted
}

/** Where a picture stands, and by what its points are multiplied to be those of the page. */
type ScaledPlace = PicturePlace & { readonly scale: number }

function moved(box: Box, { x, y, scale }: ScaledPlace): Box {
  return { x: box.x * scale + x, y: box.y * scale + y, width: box.width * scale, height: box.height * scale }
}

function makeTable(
  { cells, xs, rowCount, box }: CellTable,
  number: number,
  readings: ReadonlyMap<CellBox, CellReading>,
  place: ScaledPlace,
  notices: Notice[],
): RuledTable {
  const at = (rest: string, area: Box): Anchor => {
    const { path, page } = place
    return { path: `${path}/table[${number}]${rest}`, page, box: page === null ? null : rounded(moved(area, place)) }
  }
  const counts: number[] = []
  const placed: PlacedCell[] = []
  for (const cell of cells) {
    const { text, confidence, sure, candidates } = readings.get(cell)!
    if (cell.open && sure && text === '') continue
    const { row, column, rowSpan, columnSpan } = cell
    counts[row] = (counts[row] ?? 0) + 1
    const area = cell.area
    const anchor = at(`/row[${row + 1}]/cell[${counts[row]}]`, area)
    const doubt = sure ? 'read_from_picture' : 'reading_uncertain'
    if (!sure) notices.push({ code: doubt, anchor, data: { text: text.slice(0, 200), candidates: [...candidates] } })
    placed.push({ row, column, rowSpan, columnSpan, text, anchor, doubt, reading: { confidence, candidates } })
  }
  const places = xs.map((x) => x * place.scale + place.x)
  return { box: moved(box, place), xs: places, rowCount, cells: placed, anchor: at('', box), pictured: true }
}

const nothing: CellReading = { text: '', confidence: 1, sure: true, candidates: [] }
const faintContent: CellReading = { text: '', confidence: 0, sure: false, candidates: [] }

async function readCells(
  { boxes, blank, inked, texts }: WordsRead,
  memory: FigureMemory,
  engine: OcrEngine,
): Promise<() => ReadonlyMap<CellBox, CellReading>> {
  const readings = new Map(blank)
  const figures: { box: CellBox; cell: CellPicture; words: Reading }[] = []
  for (const [index, { box, cell }] of inked.entries()) {
    const words = texts[index]!
    if (isWords(words.text, cell)) readings.set(box, { ...words, sure: true })
    else figures.push({ box, cell, words })
  }
  const read = await readFigures(
    figures.map(({ cell }) => cell),
    figures.map(({ words }) => words),
    memory,
    engine,
  )
  const places = figures.map(({ box }) => box)
  return () => {
    for (const [index, reading] of read().entries()) readings.set(places[index]!, reading)
    for (const box of boxes) {
      const reading = readings.get(box)!
      if (box.unsure) readings.set(box, { ...reading, sure: false, confidence: reading.confidence / 2 })
    }
    return readings
  }
}
