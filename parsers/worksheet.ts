/**
 * The sheets of a workbook as blocks: takes the cells of each sheet where they stand, gives paragraphs and grids in
 * reading order. A sheet has no tables, only places: rows without any text part it, lines of one cell over the width are
 * titles and become paragraphs, and what is left is a grid, blank places included. What a sheet hides is left out and
 * told, since an agency publishes what its sheet shows.
 */
import type { Anchor, Block, Notice } from './document.ts'
import { makeGrid, type SourceCell } from './grid.ts'
import { enforceLimit, limits } from './limits.ts'
import { isProse } from './prose.ts'

/** A cell with text, or a merged one without; rows and columns from 0. */
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
  /**
   * Rows that hold more than one cell in the file, blank ones included; null where the file does not tell. A blank row
   * of a table has its cells, a title has none beside it.
   */
  readonly wideRows: ReadonlySet<number> | null
}

/** A cell with its place in the file, at a place among what is shown. */
type ShownCell = SheetCell & { readonly anchor: Anchor; readonly wide: boolean }

/** Rows that belong together. `blankBelow`: a row of blank cells that are kept in the file ends it. */
type Region = { readonly cells: ShownCell[]; bottom: number; blankBelow: boolean }

const noticeCharactersMax = 200

/**
 * The blocks of all sheets that are shown; what is hidden goes to `notices`.
 * @throws LimitError for more cells than any report has
 */
export function layOutSheets(sheets: readonly Worksheet[], notices: Notice[]): Block[] {
  const blocks: Block[] = []
  let count = 0
  for (const sheet of sheets) {
    count += sheet.cells.length
    enforceLimit('cellsMax', count)
    const hidden: string[] = []
    const shown = shownCells(sheet, hidden)
    if (hidden.length > 0) {
      const text = `${sheet.name}: ${hidden.join(' ')}`.slice(0, noticeCharactersMax)
      notices.push({ code: 'hidden_content', anchor: at(sheet.name), data: { text } })
    }
    for (const region of regionsOf(shown, wideRowsShown(sheet))) addRegion(region, sheet.name, blocks, notices)
    enforceLimit('blocksMax', blocks.length)
  }
  return blocks
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
    const wide = sheet.wideRows?.has(cell.row) ?? true
    shown.push({ row, column, rowSpan, columnSpan, text: cell.text, anchor, wide })
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
    let low = 0
    let high = hidden.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (hidden[middle]!.from < index) low = middle + 1
      else high = middle
    }
    if (low === 0) return index
    const { from, to } = hidden[low - 1]!
    return index - before[low - 1]! - Math.min(index - from, to - from + 1)
  }
}

function wideRowsShown({ wideRows, hiddenRows }: Worksheet): Set<number> {
  const rows = counterOf(hiddenRows)
  return new Set([...(wideRows ?? [])].filter((row) => rows(row + 1) > rows(row)).map(rows))
}

/** Cells of rows that follow one another, apart where a row shows no text and no merged cell reaches into it. */
function regionsOf(cells: readonly ShownCell[], wideRows: ReadonlySet<number>): Region[] {
  const filled = cells.filter(({ text }) => text !== '')
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
  for (const region of regions) region.blankBelow = wideRows.has(region.bottom + 1)
  return regions
}

function addRegion(region: Region, sheet: string, blocks: Block[], notices: Notice[]): void {
  const rows = new Map<number, ShownCell[]>()
  for (const cell of region.cells) {
    const row = rows.get(cell.row)
    if (row === undefined) rows.set(cell.row, [cell])
    else row.push(cell)
  }
  const width = widthOf(region.cells)
  let table: ShownCell[] = []
  let reach = -1
  const endTable = (blankBelow: boolean): void => {
    if (table.length > 0) blocks.push(gridOf(table, blankBelow, sheet, notices))
    table = []
  }
  for (const [row, cells] of [...rows].sort(([a], [b]) => a - b)) {
    const filled = cells.filter(({ text }) => text !== '')
    if (row > reach && isTitle(filled, width, table.length > 0)) {
      endTable(false)
      blocks.push(paragraphOf(filled[0]!))
    } else if (isProse(filled)) {
      endTable(false)
      for (const cell of filled) blocks.push(paragraphOf(cell))
    } else if (filled.length > 0 || table.length > 0) {
      table.push(...cells)
      for (const cell of filled) reach = Math.max(reach, cell.row + cell.rowSpan - 1)
    }
  }
  endTable(region.blankBelow)
}

/** The columns that the rows of several cells take. */
function widthOf(region: readonly ShownCell[]): { from: number; to: number } {
  const counts = new Map<number, number>()
  for (const { row, text } of region) if (text !== '') counts.set(row, (counts.get(row) ?? 0) + 1)
  const inRows = region.filter(({ row, text }) => text !== '' && counts.get(row)! > 1)
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (const { column } of inRows) {
    from = Math.min(from, column)
    to = Math.max(to, column)
  }
  return { from, to }
}

/**
 * True for a line of one text that is no row of a table: merged over the table's width, before the table begins, or
 * alone in its row where blank cells of rows are kept in the file.
 */
function isTitle(filled: readonly ShownCell[], width: { from: number; to: number }, inTable: boolean): boolean {
  const [cell] = filled
  if (cell === undefined || filled.length > 1) return false
  const overWidth = cell.column <= width.from && cell.column + cell.columnSpan > width.to
  return overWidth || !inTable || !cell.wide
}

function paragraphOf({ text, anchor }: ShownCell): Block {
  return { kind: 'paragraph', text, heading: null, anchor }
}

/** All places from the first filled row and column to the last: each is a cell of the sheet, filled or blank. */
function gridOf(cells: readonly ShownCell[], blankBelow: boolean, sheet: string, notices: Notice[]): Block {
  const filled = cells.filter(({ text }) => text !== '')
  let [top, left, bottom, right] = [filled[0]!.row, filled[0]!.column, 0, 0]
  for (const { row, column, rowSpan, columnSpan } of filled) {
    top = Math.min(top, row)
    left = Math.min(left, column)
    bottom = Math.max(bottom, row)
    right = Math.max(right, column, columnSpan > limits.columnSpanMax ? 0 : column + columnSpan - 1)
    if (rowSpan === 1) continue
    bottom = Math.max(bottom, Math.min(row + rowSpan - 1, cells.at(-1)!.row))
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

/** The name of a column: A, B, ... Z, AA. */
export function columnName(column: number): string {
  let name = ''
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name
  }
  return name
}

function at(path: string): Anchor {
  return { path, page: null, box: null }
}
