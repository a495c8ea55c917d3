/**
 * The picture of a page, or of a part of one, to its tables and lines, as a drawn page has them: each cell is cut out,
 * found empty by its ink or read by the engine. What is not certain is doubted, with what it may say. Coordinates are those
 * of the levelled picture, in points.
 */
import type { Anchor, Box, Notice } from '../document.ts'
import type { PlacedCell } from '../grid.ts'
import type { PageParts } from '../layout/pages.ts'
import { type RuledTable, rounded } from '../layout/tables.ts'
import { enforceLimit } from '../limits.ts'
import { readAround } from './around.ts'
import type { Bitmap } from './bitmap.ts'
import type { CellBox, CellTable } from './cells.ts'
import { cutCell } from './cutting.ts'
import type { OcrEngine } from './engine.ts'
import { type CellReading, type Reading, readFigures } from './figures.ts'
import type { CellPicture, FigureMemory } from './likes.ts'
import { type Prepared, prepare } from './prepare.ts'
import { isWords, readWords } from './words.ts'

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

/** The tables and lines of a picture, `notices` of what in them is in doubt. */
export type PictureParts = (notices: Notice[]) => PageParts

/** The same of a picture that is prepared. */
export async function readPrepared(
  prepared: Prepared,
  place: PicturePlace,
  memory: FigureMemory,
  engine: OcrEngine,
): Promise<PictureParts> {
  // What is given back lives until all pages are read: it must not hold on to the page's pictures.
  const { tables, rough } = prepared
  const boxes = tables.flatMap(({ cells }) => cells)
  enforceLimit('pictureCellsMax', boxes.length)
  const read = await readCells(prepared, boxes, memory, engine)
  const lines = (await readAround(prepared, engine)).map(({ glyphs, box }) => ({
    glyphs: glyphs.map((glyph) => ({ ...glyph, ...moved(glyph, place) })),
    box: moved(box, place),
  }))
  return (notices) => {
    const readings = rough ? withoutVanished(tables, read()) : read()
    return { tables: tables.map((table, index) => makeTable(table, index + 1, readings, place, notices)), lines }
  }
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

function moved(box: Box, { x, y }: PicturePlace): Box {
  return { x: box.x + x, y: box.y + y, width: box.width, height: box.height }
}

function makeTable(
  { cells, xs, rowCount, box }: CellTable,
  number: number,
  readings: ReadonlyMap<CellBox, CellReading>,
  place: PicturePlace,
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
  const places = xs.map((x) => x + place.x)
  return { box: moved(box, place), xs: places, rowCount, cells: placed, anchor: at('', box), pictured: true }
}

const nothing: CellReading = { text: '', confidence: 1, sure: true, candidates: [] }
const faintContent: CellReading = { text: '', confidence: 0, sure: false, candidates: [] }

async function readCells(
  page: Prepared,
  boxes: readonly CellBox[],
  memory: FigureMemory,
  engine: OcrEngine,
): Promise<() => ReadonlyMap<CellBox, CellReading>> {
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
