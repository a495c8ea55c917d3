/**
 * Sets a report's parts on pages: every line of text and every ruling line with its place, in millimetres from the top
 * left, for renderers of formats that know nothing but places. Tables get column widths, wrapped labels, merged cells, and
 * go on on the next page where one is full; a cell that is cut there prints its text on the first.
 */
import { gridOf, type Layout, type LayoutCell } from './layout.ts'
import type { Random } from './random.ts'
import type { Part } from './report.ts'

/** One printed line of text. `x` is where it begins, `y` its base line. */
export type TypesetText = {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly size: number
  /** The cell that it stands in; null outside tables. */
  readonly cell: TypesetCell | null
}

export type TypesetCell = {
  readonly code: string | null
  readonly text: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A ruling line between two points. */
export type TypesetLine = { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number }

export type TypesetPage = {
  readonly width: number
  readonly height: number
  readonly texts: readonly TypesetText[]
  readonly lines: readonly TypesetLine[]
  readonly cells: readonly TypesetCell[]
}

type OpenPage = TypesetPage & { texts: TypesetText[]; lines: TypesetLine[]; cells: TypesetCell[] }

const paper = { width: 210, height: 297 }
const margin = 20
const leading = 1.3
const padding = 0.6

/** How far a line of text goes: characters of Chinese are square, others half as wide. */
export function widthOf(text: string, size: number): number {
  return [...text].reduce((sum, one) => sum + advanceOf(one, size), 0)
}

/** The step from one character to the next. */
export function advanceOf(character: string, size: number): number {
  return character.charCodeAt(0) < 0x100 ? size / 2 : size
}

/** The parts on as many pages as they take. */
export function typeset(parts: readonly Part[], random: Random): TypesetPage[] {
  const pages: OpenPage[] = []
  let y = margin
  const turn = (): OpenPage => {
    pages.push({ ...paper, texts: [], lines: [], cells: [] })
    y = margin
    return pages[pages.length - 1]!
  }
  let page = turn()
  const print = (text: string, size: number, centred: boolean): void => {
    for (const line of wrap(text, paper.width - 2 * margin, size)) {
      if (y + size * leading > paper.height - margin) page = turn()
      const x = centred ? (paper.width - widthOf(line, size)) / 2 : margin
      page.texts.push({ text: line, x, y: y + size, size, cell: null })
      y += size * leading
    }
  }
  for (const part of parts) {
    if (part.kind === 'title') for (const line of part.lines) print(line, 7, true)
    else if (part.kind !== 'table') print(part.text, part.kind === 'section' ? 5 : 4.2, false)
    else {
      y += 2
      for (const band of setTable(part.layout, random)) {
        if (y + band.height > paper.height - margin) page = turn()
        place(band, page, y)
        y += band.height
      }
      y += 3
    }
  }
  return pages
}

/** Rows that stay together, with their top at 0. */
type Band = {
  readonly height: number
  readonly texts: TypesetText[]
  readonly lines: TypesetLine[]
  readonly cells: TypesetCell[]
}

/** Bands of rows that no cell spans, so that every page break is one a word processor could make. */
function setTable(layout: Layout, random: Random): Band[] {
  const size = random.pick([2.8, 3, 3.2])
  const lefts = columnEdges(layout)
  const heights = rowHeights(layout, lefts, size)
  const grid = gridOf(layout)
  const bands: Band[] = []
  let first = 0
  for (let row = 1; row <= layout.rowCount; row++) {
    const spanned = row < layout.rowCount && grid[row]!.some((cell) => cell !== null && cell.row < row)
    const far = row - first >= 6
    if (row < layout.rowCount && (spanned ? !far : row < layout.headerRows)) continue
    bands.push(setBand(layout, { first, end: row }, lefts, heights, size, random))
    first = row
  }
  return bands
}

type Rows = { readonly first: number; readonly end: number }

function setBand(
  layout: Layout,
  { first, end }: Rows,
  lefts: readonly number[],
  heights: readonly number[],
  size: number,
  random: Random,
): Band {
  const top = (row: number): number => heights.slice(first, row).reduce((sum, one) => sum + one, 0)
  const band: Band = { height: top(end), texts: [], lines: [], cells: [] }
  for (const one of layout.cells) {
    const from = Math.max(one.row, first)
    const to = Math.min(one.row + one.rowSpan, end)
    if (from >= to) continue
    const x = lefts[one.column]!
    const width = lefts[one.column + one.columnSpan]! - x
    const cell = {
      code: one.code,
      text: one.row < first ? '' : one.text,
      x,
      y: top(from),
      width,
      height: top(to) - top(from),
    }
    band.cells.push(cell)
    if (cell.text !== '') band.texts.push(...setCell(one, cell, size, random))
    const [right, bottom] = [x + width, cell.y + cell.height]
    band.lines.push({ x1: x, y1: cell.y, x2: right, y2: cell.y }, { x1: x, y1: bottom, x2: right, y2: bottom })
    band.lines.push({ x1: x, y1: cell.y, x2: x, y2: bottom }, { x1: right, y1: cell.y, x2: right, y2: bottom })
  }
  return band
}

function setCell(source: LayoutCell, cell: TypesetCell, size: number, random: Random): TypesetText[] {
  const room = cell.width - 2 * padding
  const value = source.role === 'value' || source.role === 'local'
  // Figures are never broken: they are printed smaller.
  const fitted = value ? Math.min(size, (size * room) / Math.max(1, widthOf(cell.text, size))) : size
  const lines = value ? [cell.text] : wrap(cell.text, room, size)
  const top = cell.y + (cell.height - lines.length * fitted * leading) / 2
  const right = value && random.chance(0.2)
  return lines.map((text, index) => {
    const space = cell.width - widthOf(text, fitted)
    const x = cell.x + (right ? space - padding : space / 2)
    return { text, x, y: top + index * fitted * leading + fitted, size: fitted, cell }
  })
}

/** Narrow columns of figures, the rest for labels. */
function columnEdges(layout: Layout): number[] {
  const room = paper.width - 2 * margin
  const figures = layout.columnCount - layout.labelColumns
  const labels = layout.labelColumns === 0 ? 0 : Math.max(room * 0.45, room - figures * 16)
  const edges = [margin]
  for (let column = 0; column < layout.columnCount; column++) {
    const share = column < layout.labelColumns ? labels / layout.labelColumns : (room - labels) / figures
    edges.push(edges[column]! + share)
  }
  return edges
}

function rowHeights(layout: Layout, lefts: readonly number[], size: number): number[] {
  const heights = new Array<number>(layout.rowCount).fill(size * leading + 2 * padding)
  const needed = (cell: LayoutCell): number => {
    const room = lefts[cell.column + cell.columnSpan]! - lefts[cell.column]! - 2 * padding
    return wrap(cell.text, room, size).length * size * leading + 2 * padding
  }
  for (const cell of layout.cells) {
    if (cell.role === 'value' || cell.role === 'local') continue
    // What a page break may cut off must fit the rows that stay.
    const rows = Math.min(cell.rowSpan, 6)
    const have = heights.slice(cell.row, cell.row + rows).reduce((sum, one) => sum + one, 0)
    const missing = needed(cell) - have
    for (let row = cell.row; missing > 0 && row < cell.row + rows; row++) heights[row]! += missing / rows
  }
  return heights
}

function wrap(text: string, room: number, size: number): string[] {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const one of paragraph) {
      if (line !== '' && widthOf(line + one, size) > room) {
        lines.push(line)
        line = ''
      }
      line += one
    }
    lines.push(line)
  }
  return lines
}

function place(band: Band, page: OpenPage, y: number): void {
  const cells = new Map(band.cells.map((cell) => [cell, { ...cell, y: cell.y + y }]))
  page.cells.push(...cells.values())
  for (const text of band.texts) page.texts.push({ ...text, y: text.y + y, cell: cells.get(text.cell!) ?? null })
  for (const { x1, y1, x2, y2 } of band.lines) page.lines.push({ x1, y1: y1 + y, x2, y2: y2 + y })
}
