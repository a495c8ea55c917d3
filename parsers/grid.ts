/**
 * The only ways to a Grid: rows of cells as the source lists them, with their spans, become cells that tile a rectangle.
 * One resolver for all formats. It follows the table model of the HTML standard (4.9.12, "forming a table"), then drops
 * the columns in which no cell begins: a span of a thousand columns takes the room of one, and nothing is lost by it.
 */
import type { Anchor, Cell, Grid, Notice, ParserNoticeCode, PictureReading } from './document.ts'
import { enforceLimit, limits } from './limits.ts'

/** A cell as the source writes it, before it has a place. */
export type SourceCell = {
  readonly text: string
  readonly rowSpan: number
  readonly columnSpan: number
  readonly anchor: Anchor
  readonly doubt?: ParserNoticeCode | null
  /** True where the source leaves room here and has no cell. */
  readonly filler?: boolean
  readonly reading?: PictureReading
}

/** A cell whose columns may still change. */
type Placed = { -readonly [Key in keyof Cell]: Cell[Key] }

/**
 * Rows of source cells as one Grid whose cells tile it. Spans are clamped to the standard's maxima and to the rows left;
 * a place that two cells claim stays with the first; places that no cell claims get filler cells. Each is noticed.
 * @throws LimitError when the grid would have more than `gridPlacesMax` places
 */
export function makeGrid(
  rows: readonly (readonly SourceCell[])[],
  columns: Grid['columns'],
  anchor: Anchor,
  notices: Notice[],
): Grid {
  const cells: Cell[] = compressColumns(withoutPlaceholders(placeCells(rows, notices)))
  let columnCount = 0
  let covered = 0
  for (const cell of cells) {
    columnCount = Math.max(columnCount, cell.column + cell.columnSpan)
    covered += cell.rowSpan * cell.columnSpan
  }
  enforceLimit('gridPlacesMax', rows.length * columnCount)
  if (covered < rows.length * columnCount) fillHoles(cells, rows.length, columnCount, anchor, 'row_short')
  return { kind: 'grid', rowCount: rows.length, columnCount, columns, cells, anchor, pageBreaks: [] }
}

/** A cell as a drawing shows it: its place is known. */
export type PlacedCell = SourceCell & { readonly row: number; readonly column: number }

/**
 * Cells whose places are known as one Grid: they must not overlap. Places that none covers get filler cells, columns in
 * which no cell begins are dropped.
 * @throws LimitError when the grid would have more than `gridPlacesMax` places
 */
export function makePlacedGrid(
  placed: readonly PlacedCell[],
  rowCount: number,
  anchor: Anchor,
  pageBreaks: readonly number[],
): Grid {
  const cells: Cell[] = compressColumns(placed.map(asPlaced))
  let columnCount = 0
  for (const cell of cells) columnCount = Math.max(columnCount, cell.column + cell.columnSpan)
  enforceLimit('gridPlacesMax', rowCount * columnCount)
  fillHoles(cells, rowCount, columnCount, anchor, null)
  return { kind: 'grid', rowCount, columnCount, columns: 'aligned', cells, anchor, pageBreaks }
}

/** Field by field: thousands of cells a document make a spread felt. */
function asPlaced({ row, column, rowSpan, columnSpan, text, doubt = null, reading, anchor }: PlacedCell): Placed {
  const cell = { row, column, rowSpan, columnSpan, text, filler: false, doubt, anchor }
  return reading === undefined ? cell : { ...cell, reading }
}

/** Fields of lines as a grid: each in a cell of its own, counted from the start of its line. */
export function makeFieldGrid(
  rows: readonly (readonly string[])[],
  anchorOf: (row: number, field: number) => Anchor,
  anchor: Anchor,
): Grid {
  let columnCount = 0
  for (const fields of rows) columnCount = Math.max(columnCount, fields.length)
  enforceLimit('gridPlacesMax', rows.length * columnCount)
  const cells: Placed[] = []
  for (const [row, fields] of rows.entries()) {
    for (let column = 0; column < fields.length; column++) {
      const text = fields[column]!
      enforceLimit('cellCharactersMax', text.length)
      const at = anchorOf(row, column)
      cells.push({ row, column, rowSpan: 1, columnSpan: 1, text, filler: false, doubt: null, anchor: at })
    }
    for (let column = fields.length; column < columnCount; column++) cells.push(fillerCell(row, column, anchor, null))
  }
  withoutPlaceholders(cells)
  return { kind: 'grid', rowCount: rows.length, columnCount, columns: 'ragged', cells, anchor, pageBreaks: [] }
}

/** What programs write for a cell without content. */
const placeholders: ReadonlySet<string> = new Set(['nan', 'NaN', 'None', 'null', 'NULL', '<NA>', 'NaT', 'undefined'])
/** So many of them beside no blank cell are a program's, and none of whoever made the table. */
const placeholdersMin = 8
/** The corner of a table may be blank all the same. */
const blanksMax = 2

/** The cells with those blank in whose place a program wrote a word for it. */
function withoutPlaceholders(cells: Placed[]): Placed[] {
  let count = 0
  let blanks = 0
  let word = ''
  for (const { text, filler } of cells) {
    // Most tables are told by their first blank cells.
    if (text === '' && !filler && ++blanks > blanksMax && count < placeholdersMin) return cells
    const { length } = text
    if (length < 3 || length > 9 || text.charCodeAt(0) > 0x7f || !placeholders.has(text)) continue
    if (word !== '' && text !== word) return cells
    word = text
    count++
  }
  if (count < placeholdersMin || blanks > blanksMax) return cells
  // In a list as a program writes it out, what stands at its ends has a bracket.
  if (cells.some(({ text }) => text.length === word.length + 1 && /^[([]|[)\]]$/.test(text) && text.includes(word)))
    return cells
  for (const cell of cells) if (cell.text === word) cell.text = ''
  return cells
}

function fillerCell(row: number, column: number, anchor: Anchor, doubt: Cell['doubt']): Cell {
  return { row, column, rowSpan: 1, columnSpan: 1, text: '', filler: true, doubt, anchor }
}

/** Adds a filler cell for each place that no cell covers, so that the cells tile the grid. */
function fillHoles(cells: Cell[], rowCount: number, columnCount: number, anchor: Anchor, doubt: Cell['doubt']): void {
  const taken = new Uint8Array(rowCount * columnCount)
  for (const { row, column, rowSpan, columnSpan } of cells) {
    for (let y = row; y < row + rowSpan; y++)
      taken.fill(1, y * columnCount + column, y * columnCount + column + columnSpan)
  }
  for (let place = 0; place < taken.length; place++) {
    if (taken[place]) continue
    const row = Math.floor(place / columnCount)
    cells.push(fillerCell(row, place - row * columnCount, anchor, doubt))
  }
  cells.sort((a, b) => a.row - b.row || a.column - b.column)
}

function placeCells(rows: readonly (readonly SourceCell[])[], notices: Notice[]): Placed[] {
  const placed: Placed[] = []
  // Per column: the first row that is free again below the cells placed so far.
  const freeFrom: number[] = []
  let places = 0
  for (const [row, cells] of rows.entries()) {
    let column = 0
    for (const source of cells) {
      while ((freeFrom[column] ?? 0) > row) column++
      const wanted = clampSpan(source.columnSpan, limits.columnSpanMax)
      const rowSpan = Math.min(clampSpan(source.rowSpan, limits.rowSpanMax, rows.length - row), rows.length - row)
      if (wanted !== source.columnSpan || (rowSpan !== source.rowSpan && source.rowSpan > rows.length - row)) {
        notices.push({ code: 'span_clamped', anchor: source.anchor, data: { row, column } })
      }
      let columnSpan = 0
      while (columnSpan < wanted && (freeFrom[column + columnSpan] ?? 0) <= row) columnSpan++
      if (columnSpan < wanted) notices.push({ code: 'cells_overlap', anchor: source.anchor, data: { row, column } })
      for (let index = column; index < column + columnSpan; index++) freeFrom[index] = row + rowSpan
      places += columnSpan
      enforceLimit('gridPlacesMax', places)
      const { text, doubt = null, filler = false, reading, anchor } = source
      const cell = { row, column, rowSpan, columnSpan, text, filler, doubt, anchor }
      placed.push(reading === undefined ? cell : { ...cell, reading })
      column += columnSpan
    }
  }
  return placed
}

/** The HTML standard: 0 or nonsense means 1, but a row span of 0 means "to the end". */
function clampSpan(span: number, max: number, zero = 1): number {
  if (!Number.isFinite(span)) return max
  if (span === 0) return zero
  return Math.max(1, Math.min(Math.floor(span), max))
}

/** Drops every column in which no cell begins. */
function compressColumns(placed: Placed[]): Placed[] {
  let width = 0
  for (const cell of placed) width = Math.max(width, cell.column + cell.columnSpan)
  const begins = new Uint8Array(width + 1)
  for (const { column } of placed) begins[column] = 1
  // newIndex[c]: how many kept columns stand before c.
  const newIndex = new Uint32Array(width + 1)
  for (let column = 1; column <= width; column++) newIndex[column] = newIndex[column - 1]! + begins[column - 1]!
  if (newIndex[width] === width) return placed
  for (const cell of placed) {
    const end = newIndex[cell.column + cell.columnSpan]!
    cell.column = newIndex[cell.column]!
    cell.columnSpan = end - cell.column
  }
  return placed
}

/** For each row, the cells that cover it from left to right; a cell that spans several rows stands in each of them. */
export function cellsByRow(grid: Grid): readonly (readonly Cell[])[] {
  const rows: Cell[][] = []
  for (let row = 0; row < grid.rowCount; row++) rows.push([])
  let ordered = true
  for (const cell of grid.cells) {
    rows[cell.row]!.push(cell)
    if (cell.rowSpan === 1) continue
    for (let row = cell.row + 1; row < cell.row + cell.rowSpan; row++) rows[row]!.push(cell)
    ordered = false
  }
  if (!ordered) for (const row of rows) row.sort((a, b) => a.column - b.column)
  return rows
}
