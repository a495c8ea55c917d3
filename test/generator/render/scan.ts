/**
 * Reports as pictures: the official layout drawn as a page of lines and print in the faces that offices use, as SVG that
 * sharp turns into pixels. Takes a truth and a seed, gives the drawing and what a reader must find in it. The page is as
 * wide as A4 and as long as the report, so that no table is cut.
 */
import { printTruth, type Truth } from '../figures.ts'
import { type Layout, type LayoutCell, rowsOf } from '../layout.ts'
import { makeRandom, type Random } from '../random.ts'
import { composeReport } from '../report.ts'
import { type Expected, expectCells } from '../shape.ts'

/** A drawn page in points, with every cell's truth by the form's code. */
export type Drawing = {
  readonly svg: string
  readonly width: number
  readonly height: number
  readonly expected: ReadonlyMap<string, Expected>
  readonly truth: Truth
  readonly note: string
}

/** Faces of words and of figures: those of offices have their like in Debian's packages. */
export type Face = { readonly words: string; readonly figures: string }

/** Song with Times, Song alone, Hei with Arial, Kai, and the two of Noto. */
export const faces: readonly Face[] = [
  { words: 'AR PL UMing CN', figures: 'Liberation Serif' },
  { words: 'AR PL UMing CN', figures: 'AR PL UMing CN' },
  { words: 'WenQuanYi Zen Hei', figures: 'Liberation Sans' },
  { words: 'AR PL UKai CN', figures: 'AR PL UKai CN' },
  { words: 'Noto Serif CJK SC', figures: 'Noto Serif CJK SC' },
  { words: 'Noto Sans CJK SC', figures: 'Liberation Serif' },
  { words: 'WenQuanYi Zen Hei', figures: 'WenQuanYi Zen Hei' },
]

const pageWidth = 595
const left = 62
const tableWidth = 471
const linePad = 1.32

/** The drawing of a truth in one face; figures are printed plainly, since a style is no matter of pictures. */
export function drawReport(drawn: Truth, seed: number): Drawing {
  const random = makeRandom(seed)
  const face = faces[seed % faces.length]!
  const zeros = random.pick(['0', '0', '0', '', '/', '-', 'mixed'] as const)
  const figures = random.pick(['plain', 'plain', 'plain', 'thousands'] as const)
  const style = { ...drawn.style, zeros, figures, remark: false, moneyUnit: false, totals: 'all' as const }
  const truth = printTruth(drawn, style)
  const parts = composeReport(truth, { labels: { level: 'official', spaces: [] }, table2: 'one' }, random)
  const look = {
    face,
    size: random.pick([8, 9, 10, 10.5]),
    stroke: random.pick([0.5, 0.75, 1, 1.5]),
    grey: random.chance(0.5),
    random,
  }
  const body: string[] = []
  let y = 60
  for (const part of parts) {
    if (part.kind === 'title') {
      for (const line of part.lines) {
        for (const piece of wrap(line, 18, tableWidth)) {
          y += 26
          body.push(print(piece, pageWidth / 2, y, 18, face.words, 'middle', true))
        }
      }
      y += 14
    } else if (part.kind === 'section') {
      y += 30
      body.push(print(part.text, left + 24, y, 14, face.words, 'start', true))
      y += 10
    } else if (part.kind === 'table') {
      y = drawTable(part.layout, y + 6, look, body) + 10
    }
  }
  const height = Math.ceil(y + 60)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${pageWidth}" height="${height}" viewBox="0 0 ${pageWidth} ${height}"><rect width="${pageWidth}" height="${height}" fill="white"/>${body.join('')}</svg>`
  const note = `${face.words} with ${face.figures}, ${look.size} pt, lines ${look.stroke} pt, zeros '${zeros}'`
  return { svg, width: pageWidth, height, expected: expectCells(truth), truth, note }
}

type Look = {
  readonly face: Face
  readonly size: number
  readonly stroke: number
  readonly grey: boolean
  readonly random: Random
}

/** Draws a table from `top` down and gives where it ends. */
function drawTable(layout: Layout, top: number, look: Look, body: string[]): number {
  const widths = columnWidths(layout)
  const xs = edges(left, widths)
  const heights = rowHeights(layout, xs, look)
  const ys = edges(top, heights)
  for (const row of rowsOf(layout)) for (const cell of row) drawCell(cell, xs, ys, look, body)
  return ys.at(-1)!
}

/** Where lengths laid end to end begin and end. */
function edges(start: number, lengths: readonly number[]): number[] {
  const all = [start]
  for (const length of lengths) all.push(all.at(-1)! + length)
  return all
}

/** Labels take what the figures leave: 40 points each where there are many, more where there are few. */
function columnWidths(layout: Layout): number[] {
  const { columnCount, labelColumns } = layout
  const figures = columnCount - labelColumns
  if (labelColumns === 0) return new Array<number>(columnCount).fill(tableWidth / columnCount)
  const figure = Math.min(110, Math.max(36, (tableWidth * 0.58) / figures))
  const labels = tableWidth - figure * figures
  const shares = labelColumns === 3 ? [0.14, 0.24, 0.62] : new Array<number>(labelColumns).fill(1 / labelColumns)
  return [...shares.map((share) => share * labels), ...new Array<number>(figures).fill(figure)]
}

/** Figures are never broken, as in the printed form: those too long for their column are set smaller. */
function linesIn(cell: LayoutCell, xs: readonly number[], size: number): string[] {
  if (cell.role === 'value') return cell.text.trim() === '' ? [] : [cell.text]
  return wrap(cell.text, size, xs[cell.column + cell.columnSpan]! - xs[cell.column]! - 8)
}

function rowHeights(layout: Layout, xs: readonly number[], { size }: Look): number[] {
  const heights = new Array<number>(layout.rowCount).fill(size * 2)
  for (const cell of layout.cells) {
    const need = linesIn(cell, xs, size).length * size * linePad + size * 0.7
    const have = heights.slice(cell.row, cell.row + cell.rowSpan).reduce((sum, height) => sum + height, 0)
    if (have < need) heights[cell.row + cell.rowSpan - 1]! += need - have
  }
  return heights
}

function drawCell(cell: LayoutCell, xs: readonly number[], ys: readonly number[], look: Look, body: string[]): void {
  const [x, y] = [xs[cell.column]!, ys[cell.row]!]
  const [width, height] = [xs[cell.column + cell.columnSpan]! - x, ys[cell.row + cell.rowSpan]! - y]
  const fill = look.grey && cell.role === 'heading' ? '#d9d9d9' : 'none'
  body.push(
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}" stroke="black" stroke-width="${look.stroke}"/>`,
  )
  const lines = linesIn(cell, xs, look.size)
  const face = cell.role === 'value' ? look.face.figures : look.face.words
  const fitting = cell.role === 'value' ? (width - 4) / (Math.max(1, cell.text.length) * 0.55) : look.size
  const size = Math.min(look.size, fitting)
  const first = y + height / 2 - ((lines.length - 1) * size * linePad) / 2 + size * 0.36
  for (const [index, line] of lines.entries()) {
    body.push(print(line, x + width / 2, first + index * size * linePad, size, face, 'middle', false))
  }
}

/** A text in lines that fit a width: a Chinese character is as wide as it is high, others are half of that. */
function wrap(text: string, size: number, width: number): string[] {
  const lines: string[] = []
  let line = ''
  let used = 0
  for (const character of text) {
    const wide = character.charCodeAt(0) > 255 ? size : size * 0.55
    if (used + wide > Math.max(size, width) && line !== '') {
      lines.push(line)
      line = ''
      used = 0
    }
    line += character
    used += wide
  }
  return line.trim() === '' ? lines : [...lines, line]
}

function print(text: string, x: number, y: number, size: number, face: string, anchor: string, bold: boolean): string {
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
  const weight = bold ? ' font-weight="bold"' : ''
  return `<text x="${x.toFixed(2)}" y="${y.toFixed(2)}" font-family="${face}" font-size="${size}" text-anchor="${anchor}"${weight}>${escaped}</text>`
}
