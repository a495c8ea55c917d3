/** What stands in a PDF's cells and does not count: struck out figures, raised numbers of footnotes; and lines of tall fonts. */
import { PDFDocument, type PDFFont, type PDFPage, StandardFonts } from '@cantoo/pdf-lib'
import { describe, expect, it } from 'vitest'
import { parse } from '../../parsers/index.ts'
import type { Glyph } from '../../parsers/layout/page.ts'
import { glyphText } from '../../parsers/layout/text.ts'

const [left, top, cellWidth, cellHeight, size] = [60, 700, 90, 30, 12]

type Draw = (page: PDFPage, x: number, y: number, font: PDFFont) => void

/** A PDF with a ruled table of three columns, each cell drawn by itself. */
async function pdfOf(rows: readonly (readonly Draw[])[]): Promise<Uint8Array> {
  const pdf = await PDFDocument.create()
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  const page = pdf.addPage([420, 800])
  const columns = rows[0]!.length
  for (let line = 0; line <= rows.length; line++) {
    const y = top - line * cellHeight
    page.drawLine({ start: { x: left, y }, end: { x: left + columns * cellWidth, y }, thickness: 0.7 })
  }
  for (let line = 0; line <= columns; line++) {
    const x = left + line * cellWidth
    page.drawLine({ start: { x, y: top }, end: { x, y: top - rows.length * cellHeight }, thickness: 0.7 })
  }
  for (const [row, cells] of rows.entries()) {
    for (const [column, draw] of cells.entries())
      draw(page, left + column * cellWidth + 10, top - (row + 1) * cellHeight + 10, font)
  }
  return pdf.save()
}

const plain =
  (text: string): Draw =>
  (page, x, y, font) =>
    page.drawText(text, { x, y, size, font })
const withRaised =
  (text: string, mark: string): Draw =>
  (page, x, y, font) => {
    page.drawText(text, { x, y, size, font })
    page.drawText(mark, { x: x + font.widthOfTextAtSize(text, size), y: y + 4, size: 7, font })
  }
/** `at`: height of the line over the foot of the characters. */
const withLine =
  (struck: string, text: string, at: number): Draw =>
  (page, x, y, font) => {
    const width = font.widthOfTextAtSize(struck, size)
    page.drawText(struck, { x, y, size, font })
    page.drawLine({ start: { x, y: y + at }, end: { x: x + width, y: y + at }, thickness: 0.6 })
    page.drawText(text, { x: x + width + 1, y, size, font })
  }

async function read(rows: readonly (readonly Draw[])[]): Promise<{ texts: string[]; struck: unknown[] }[]> {
  const bytes = await pdfOf(rows)
  const results = []
  for (const pdfEngine of ['pdfium', 'pdf-parse'] as const) {
    const result = await parse(bytes.slice(), { pdfEngine })
    if (!result.ok) throw new Error(result.reason)
    const grid = result.document.blocks.find((block) => block.kind === 'grid')
    const struck = result.document.notices.flatMap(({ code, data }) => (code === 'struck_out_text' ? [data.text] : []))
    results.push({ texts: grid?.kind === 'grid' ? grid.cells.map(({ text }) => text) : [], struck })
  }
  return results
}

describe('in the cells of a PDF', () => {
  it('the raised number of a footnote is no part of a figure', async () => {
    const rows = [
      [plain('A'), withRaised('9', '1'), withRaised('50', '[2]')],
      [plain('B'), plain('91'), withRaised('7', '12')],
    ]
    for (const { texts } of await read(rows)) expect(texts).toEqual(['A', '9', '50', 'B', '91', '7'])
  })

  it('what is raised and no mark of a footnote stays', async () => {
    const rows = [
      [plain('A'), withRaised('9', '123'), withRaised('m', 'a')],
      [plain('B'), plain('1'), plain('2')],
    ]
    for (const { texts } of await read(rows)) expect(texts.slice(1, 3)).toEqual(['9123', 'ma'])
  })

  it('a struck out figure does not count, and is told', async () => {
    const rows = [
      [plain('A'), withLine('12', '35', 4), plain('4')],
      [plain('B'), plain('5'), withLine('88', '', 4)],
    ]
    for (const { texts, struck } of await read(rows)) {
      expect(texts).toEqual(['A', '35', '4', 'B', '5', ''])
      expect(struck).toEqual(['1288'])
    }
  })

  it('an underlined figure counts', async () => {
    const rows = [
      [plain('A'), withLine('12', '', -1.5), plain('4')],
      [plain('B'), plain('5'), plain('6')],
    ]
    for (const { texts, struck } of await read(rows)) {
      expect(texts[1]).toBe('12')
      expect(struck).toEqual([])
    }
  })
})

describe('lines of a font that reserves room for three', () => {
  it('are read one after the other', () => {
    const glyph = (text: string, x: number, y: number): Glyph => {
      return { text, x, y, width: 7, height: 20, turn: 0, confidence: null }
    }
    const glyphs = [...'结果'].map((text, index) => glyph(text, 10 + 7 * index, 100))
    const below = [...'维持'].map((text, index) => glyph(text, 10 + 7 * index, 110))
    expect(glyphText([...glyphs, ...below], 20)).toBe('结果\n维持')
  })
})
