/**
 * The sheets of a workbook as blocks: takes the cells of each sheet where they stand, gives paragraphs and grids in
 * reading order. A sheet has no tables, only places: rows without any text part it, lines of one cell over the width are
 * titles and become paragraphs, and what is left is a grid, blank places included. What a sheet hides is left out and
 * told, since an agency publishes what its sheet shows.
 */
import { firstNotBefore } from './bisect.ts'
import type { Anchor, Block, Notice } from './document.ts'
import type { Flowed } from './flow.ts'
import { makeGrid, type SourceCell } from './grid.ts'
import { enforceLimit, limits } from './limits.ts'
import { isProse } from './prose.ts'
import { columnName } from './sheetformulas.ts'
import { sheetNameParagraph } from './sheetname.ts'
import { parseText } from './text.ts'

/**
 * A cell with text, or a blank one that the file keeps: merged, or with borders of its own. Rows and columns from 0. A
 * blank row of a table has its cells, a title has none beside it.
 */
export type SheetCell = {
  readonly row: number
  readonly column: number
  readonly rowSpan: number
  readonly columnSpan: number
  readonly text: string
}

/** Rows or columns that are not shown, both ends included; ascending and apart from each other. */
export type Hidden = readonly { readonly from: number; readonly to: number }[]

export type Worksheet = {
  readonly name: string
  readonly shown: boolean
  readonly cells: readonly SheetCell[]
  readonly hiddenRows: Hidden
  readonly hiddenColumns: Hidden
  /** What its cells hold and do not show, with their places. */
  readonly notShown?: readonly string[]
  /** The rows, from 0, at which pictures begin that are as large as a table. */
  readonly pictures: readonly number[]
}

/** So many cells of a sheet are named that hold what they do not show. */
export const notShownMax = 50

/**
 * What to tell of a number whose format shows nothing, or a number that is another one: rounded, scaled, with figures of its
 * own; null where it shows the number, or words.
 */
export function differenceShown(text: string, value: number): string | null {
  if (!Number.isFinite(value)) return null
  const plain = text.replace(/[\s,]/g, '')
  if (plain === '') return String(value)
  const match = /^([-+(]?)(\d+(?:\.\d+)?)\)?[^\d.%]*$/.exec(plain)
  if (match === null) return null
  const amount = Number(match[2]) * (/^[-(]/.test(plain) ? -1 : 1)
  return Math.abs(amount - value) > 1e-9 * Math.max(1, Math.abs(value)) ? `${value} (${text.trim()})` : null
}

/** A cell with its place in the file, at a place among what is shown. */
type ShownCell = SheetCell & { readonly anchor: Anchor }

/** Rows that belong together. `blankBelow`: a row of blank cells that are kept in the file ends it. */
type Region = { readonly cells: ShownCell[]; bottom: number; blankBelow: boolean }

const noticeCharactersMax = 200

/**
 * The blocks of all sheets that are shown, and how many stand before each large picture; what is hidden goes to `notices`.
 * @throws LimitError for more cells than any report has
 */
export function layOutSheets(sheets: readonly Worksheet[], notices: Notice[]): Flowed {
  const blocks: Block[] = []
  const unread: number[] = []
  const names = sheetNames(
    sheets.map(({ name, shown, cells }) => ({ name, shown, filled: cells.some(({ text }) => text !== '') })),
  )
  let count = 0
  for (const [index, sheet] of sheets.entries()) {
    count += sheet.cells.length
    enforceLimit('cellsMax', count)
    const hidden: string[] = []
    const shown = shownCells(sheet, hidden)
    if (sheet.shown) hidden.push(...(sheet.notShown ?? []))
    if (hidden.length > 0) {
      const text = `${sheet.name}: ${hidden.join(' ')}`.slice(0, noticeCharactersMax)
      notices.push({ code: 'hidden_content', anchor: at(sheet.name), data: { text } })
    }
    const before = blocks.length
    const name = names[index]!
    if (name !== null && shown.some(isFilled)) {
      blocks.push(sheetNameParagraph(name, sheet.name))
    }
    for (const region of regionsOf(shown)) addRegion(region, sheet.name, blocks, notices)
    for (const row of sheet.shown ? sheet.pictures : []) {
      unread.push(Math.max(before, blocks.findLastIndex((block, index) => index >= before && rowOf(block) <= row) + 1))
    }
    enforceLimit('blocksMax', blocks.length)
  }
  return { blocks, unread }
}

/** Names that programs give to sheets, copies of them included: nobody chose them. */
const usualName = /^(?:(?:sheet|工作表|表格|页|頁|feuil|tabelle|hoja|лист|シート)\s*\d*(?:\s*[(（]\d+[)）])*)?$/i

/** The names that say something of what sheets hold: those that somebody chose, where several sheets are shown; null for all others. */
export function sheetNames(
  sheets: readonly { readonly name: string | null; readonly shown: boolean; readonly filled: boolean }[],
): (string | null)[] {
  const several = sheets.filter(({ shown, filled }) => shown && filled).length > 1
  return sheets.map(({ name, shown, filled }) => {
    const chosen = name?.trim() ?? ''
    return several && shown && filled && !usualName.test(chosen) ? chosen : null
  })
}

/** The row of the file, from 0, at which a block begins; the name of a sheet stands over its rows. */
function rowOf({ anchor: { path } }: Block): number {
  return Number(/![A-Z]+(\d+)(?:\/|$)/.exec(path)?.[1] ?? 0) - 1
}

function shownCells(sheet: Worksheet, hidden: string[]): ShownCell[] {
  const rows = counterOf(sheet.hiddenRows)
  const columns = counterOf(sheet.hiddenColumns)
  const shown: ShownCell[] = []
  for (const cell of sheet.cells) {
    // A merged cell is seen where any of its places is.
    const row = rows(cell.row)
    const column = columns(cell.column)
    const rowSpan = rows(cell.row + cell.rowSpan) - row
    const columnSpan = columns(cell.column + cell.columnSpan) - column
    if (!sheet.shown || rowSpan === 0 || columnSpan === 0) {
      if (cell.text !== '') hidden.push(cell.text)
      continue
    }
    const anchor = at(`${sheet.name}!${columnName(cell.column)}${cell.row + 1}`)
    shown.push({ row, column, rowSpan, columnSpan, text: cell.text, anchor })
  }
  return shown.sort((a, b) => a.row - b.row || a.column - b.column)
}

/** How many rows or columns are shown before a given one. */
function counterOf(hidden: Hidden): (index: number) => number {
  // Before each range: how many the ranges before it hide.
  const before: number[] = []
  let total = 0
  for (const { from, to } of hidden) {
    before.push(total)
    total += to - from + 1
  }
  return (index) => {
    const last = firstNotBefore(hidden, ({ from }) => from < index) - 1
    if (last < 0) return index
    const { from, to } = hidden[last]!
    return index - before[last]! - Math.min(index - from, to - from + 1)
  }
}

/** Cells of rows that follow one another, apart where a row shows no text and no merged cell reaches into it. */
function regionsOf(cells: readonly ShownCell[]): Region[] {
  const filled = cells.filter(isFilled)
  const last = filled.at(-1)?.row ?? -1
  const regions: Region[] = []
  for (const cell of filled) {
    // A merged cell that reaches below everything else is no taller for it.
    const bottom = Math.min(cell.row + cell.rowSpan - 1, last)
    const region = regions.at(-1)
    if (region === undefined || cell.row > region.bottom + 1) regions.push({ cells: [cell], bottom, blankBelow: false })
    else {
      region.cells.push(cell)
      region.bottom = Math.max(region.bottom, bottom)
    }
  }
  let index = 0
  for (const cell of cells) {
    if (cell.text !== '') continue
    while (index < regions.length - 1 && regions[index + 1]!.cells[0]!.row <= cell.row) index++
    const region = regions[index]
    if (region !== undefined && cell.row >= region.cells[0]!.row && cell.row <= region.bottom + 1)
      region.cells.push(cell)
  }
  for (const region of regions) {
    region.blankBelow = region.cells.filter(({ row, text }) => text === '' && row === region.bottom + 1).length > 1
  }
  return regions
}

function addRegion(region: Region, sheet: string, blocks: Block[], notices: Notice[]): void {
  const rows = new Map<number, ShownCell[]>()
  for (const cell of region.cells) {
    const row = rows.get(cell.row)
    if (row === undefined) rows.set(cell.row, [cell])
    else row.push(cell)
  }
  const frame = frameOf(rows)
  let table: ShownCell[] = []
  let reach = -1
  const endTable = (blankBelow: boolean): void => {
    if (table.length > 0) blocks.push(gridOf(table, blankBelow, sheet, notices))
    table = []
  }
  for (const [row, cells] of [...rows].sort(([a], [b]) => a - b)) {
    const filled = cells.filter(isFilled)
    if (row > reach && isTitle(cells, frame, table.length > 0)) {
      endTable(false)
      addText(filled[0]!, blocks, notices)
    } else if (isProse(filled)) {
      endTable(false)
      for (const cell of filled) addText(cell, blocks, notices)
    } else if (filled.length > 0 || table.length > 0) {
      table.push(...cells)
      for (const cell of filled) reach = Math.max(reach, cell.row + cell.rowSpan - 1)
    }
  }
  endTable(region.blankBelow)
}

/** What the rows of several filled cells in a region have in common. */
type Frame = {
  readonly from: number
  readonly to: number
  /** Whether each of their places is a cell of the file, and some of these cells are blank. */
  readonly keepsBlanks: boolean
}

function frameOf(rows: ReadonlyMap<number, readonly ShownCell[]>): Frame {
  let places = 0
  const columnsOf = ({ column, columnSpan }: ShownCell): number[] => {
    const count = Math.max(0, Math.min(columnSpan, to - column + 1))
    // Merged cells that overlap would be counted without end.
    places += count
    enforceLimit('markupNodesMax', places)
    return Array.from({ length: count }, (_, index) => column + index)
  }
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  const ofTable = [...rows.values()].filter((cells) => cells.filter(isFilled).length > 1)
  for (const { column } of ofTable.flatMap((cells) => cells.filter(isFilled))) {
    from = Math.min(from, column)
    to = Math.max(to, column)
  }
  const blanks = ofTable.some((cells) => cells.some((cell) => !isFilled(cell)))
  // Cells that reach down from rows above stand in other rows: their columns count as kept.
  const tall = new Set([...rows.values()].flat().flatMap((cell) => (cell.rowSpan > 1 ? columnsOf(cell) : [])))
  const whole = ofTable.every((cells) => {
    const kept = new Set([...tall, ...cells.flatMap(columnsOf)])
    for (let column = from; column <= to; column++) if (!kept.has(column)) return false
    return true
  })
  return { from, to, keepsBlanks: blanks && whole }
}

function isFilled({ text }: ShownCell): boolean {
  return text !== ''
}

/**
 * True for a row of one text that is no row of a table: merged over the table's width, before the table begins, or
 * without any blank cell beside it in a table that keeps its blank cells.
 */
function isTitle(cells: readonly ShownCell[], frame: Frame, inTable: boolean): boolean {
  const [cell, ...more] = cells.filter(isFilled)
  if (cell === undefined || more.length > 0) return false
  const overWidth = cell.column <= frame.from && cell.column + cell.columnSpan > frame.to
  return overWidth || !inTable || (frame.keepsBlanks && cells.length === 1)
}

/** A cell of text as a paragraph; one that holds a whole document, as programs save pages, as its lines. */
function addText({ text, anchor }: ShownCell, blocks: Block[], notices: Notice[]): void {
  // Spreadsheets cut off what is longer without a word.
  if (text.length >= cellCharactersKept) notices.push({ code: 'cells_cut_off', anchor, data: { count: 1 } })
  if (text.split('\n', documentLinesMin).length < documentLinesMin) {
    blocks.push({ kind: 'paragraph', text, heading: null, anchor })
    return
  }
  const parts = parseText(text, `${anchor.path}/`)
  blocks.push(...parts.blocks)
  notices.push(...parts.notices)
}

const documentLinesMin = 30
const cellCharactersKept = 32_767

/** All places from the first filled row and column to the last: each is a cell of the sheet, filled or blank. */
function gridOf(cells: readonly ShownCell[], blankBelow: boolean, sheet: string, notices: Notice[]): Block {
  let [top, bottom] = [Number.POSITIVE_INFINITY, 0]
  let [left, right] = [Number.POSITIVE_INFINITY, 0]
  for (const cell of cells) {
    // Blank cells that the file keeps are columns of the table, and make no rows of their own.
    left = Math.min(left, cell.column)
    right = Math.max(right, cell.column + Math.min(cell.columnSpan, limits.columnSpanMax) - 1)
    if (!isFilled(cell)) continue
    top = Math.min(top, cell.row)
    bottom = Math.max(bottom, Math.min(cell.row + cell.rowSpan - 1, cells.at(-1)!.row))
  }
  if (blankBelow) bottom++
  const [height, breadth] = [bottom - top + 1, right - left + 1]
  enforceLimit('gridPlacesMax', height * breadth)
  const taken = new Uint8Array(height * breadth)
  const rows: SourceCell[][] = Array.from({ length: height }, () => [])
  const begins = new Map(cells.map((cell) => [`${cell.row} ${cell.column}`, cell]))
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < breadth; column++) {
      if (taken[row * breadth + column] === 1) continue
      const cell = begins.get(`${row + top} ${column + left}`)
      const rowSpan = Math.min(cell?.rowSpan ?? 1, height - row)
      const columnSpan = Math.min(cell?.columnSpan ?? 1, breadth - column)
      for (let y = row; y < row + rowSpan; y++) taken.fill(1, y * breadth + column, y * breadth + column + columnSpan)
      const anchor = cell?.anchor ?? at(`${sheet}!${columnName(column + left)}${row + top + 1}`)
      rows[row]!.push({ text: cell?.text ?? '', rowSpan, columnSpan, anchor })
    }
  }
  return makeGrid(rows, 'aligned', rows[0]![0]!.anchor, notices)
}

function at(path: string): Anchor {
  return { path, page: null, box: null }
}
