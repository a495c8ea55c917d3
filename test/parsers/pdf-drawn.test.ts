/** What a PDF draws in and around cells besides text: boxes, pictures and outlines, by either reader. */
import { describe, expect, it } from 'vitest'
import type { Cell } from '../../parsers/document.ts'
import { parse } from '../../parsers/index.ts'
import { hexText, type PlainPdfParts, plainPdf, ruledTable, textAt } from '../generator/plain-pdf.ts'

const engines = ['pdfium', 'pdf-parse'] as const
const rows = [
  ['项目', '数量', '合计'],
  ['新收', '12', '34'],
  ['结转', '', '56'],
]
const [left, top, width, height] = [100, 700, 80, 30]
/** The middle of the blank cell of `rows`. */
const [x, y] = [left + 1.5 * width, top - 2.5 * height]
const table = ruledTable(left, top, width, height, rows)
const emptyTable = ruledTable(
  left,
  top,
  width,
  height,
  rows.map((row) => row.map(() => '')),
)
const box = (column: number, row: number, inset: number): string =>
  `${left + column * width + inset} ${top - (row + 1) * height + inset} ${width - 2 * inset} ${height - 2 * inset} re S\n`
const each = (draw: (column: number, row: number, text: string) => string): string =>
  rows.flatMap((row, index) => row.map((text, column) => draw(column, index, text))).join('')
const texts = each((column, row, text) => textAt(left + column * width + 9, top - (row + 1) * height + 11, text))

async function cellsOf(content: string, pdfEngine: (typeof engines)[number], parts?: PlainPdfParts): Promise<Cell[]> {
  const result = await parse(plainPdf([content], parts), { pdfEngine })
  if (!result.ok) throw new Error(result.reason)
  const grids = result.document.blocks.filter((block) => block.kind === 'grid')
  expect(grids.length).toBe(1)
  return [...grids[0]!.cells]
}

/** Cells row by row, those in doubt as `?` and why. */
function said(cells: readonly Cell[]): string[][] {
  return rows.map((_, index) =>
    cells.filter(({ row }) => row === index).map(({ text, doubt }) => (doubt === null ? text : `?${doubt}`)),
  )
}

const doubted = (doubt: string): string[][] => rows.map((row) => row.map((text) => (text === '' ? `?${doubt}` : text)))
const circle = (at: number, size: number): string =>
  `${at} ${y} m ${at} ${y + size} ${at + size} ${y + size} ${at + size} ${y} c ${at + size} ${y - size} ${at} ${y - size} ${at} ${y} c h`
const image: PlainPdfParts = {
  resources: '/XObject<</I 50 0 R>>',
  objects: [
    `<</Type/XObject/Subtype/Image/Width 8/Height 8/ColorSpace/DeviceGray/BitsPerComponent 8/Length 64>>stream\n${'\x80'.repeat(64)}\nendstream`,
  ],
}
const picture = (wide: number, high: number): string =>
  `q ${wide} 0 0 ${high} ${x - wide / 2} ${y - high / 2} cm /I Do Q\n`

describe.each(engines)('read by %s', (engine) => {
  it.each([1, 2.5, 4])('cells with a border each and room of twice %s points between are one table', async (inset) => {
    expect(said(await cellsOf(each((column, row) => box(column, row, inset)) + texts, engine))).toEqual(rows)
    const frame = `${left - inset} ${top - 3 * height - inset} ${3 * width + 2 * inset} ${3 * height + 2 * inset} re S\n`
    expect(said(await cellsOf(frame + each((column, row) => box(column, row, inset)) + texts, engine))).toEqual(rows)
  })

  it.each([1, 2, 6])('boxes around what stands in a cell, %s points from its lines, are no cells', async (inset) => {
    const boxes = each((column, row) => (column > 0 && row > 0 ? box(column, row, inset) : ''))
    expect(said(await cellsOf(emptyTable + boxes + texts, engine))).toEqual(rows)
  })

  it('a frame with round corners is that of the table, and what stands under it is not in the table', async () => {
    const [right, bottom, bend] = [left + 3 * width, top - 3 * height, 6]
    const round = `${left + bend} ${top} m ${right - bend} ${top} l ${right} ${top} ${right} ${top} ${right} ${top - bend} c ${right} ${bottom + bend} l ${right} ${bottom} ${right} ${bottom} ${right - bend} ${bottom} c ${left + bend} ${bottom} l ${left} ${bottom} ${left} ${bottom} ${left} ${bottom + bend} c ${left} ${top - bend} l ${left} ${top} ${left} ${top} ${left + bend} ${top} c`
    const inner = [1, 2]
      .map(
        (at) =>
          `${left} ${top - at * height} m ${right} ${top - at * height} l ${left + at * width} ${top} m ${left + at * width} ${bottom} l S`,
      )
      .join('\n')
    const under = textAt(left + width + 9, bottom - 9, '2024')
    expect(said(await cellsOf(`${round} S\n${inner}\n${texts}${under}`, engine))).toEqual(rows)
  })

  it('text that is drawn twice, a little apart, is read once', async () => {
    for (const apart of ['0.4 0', '0.3 0.3'])
      expect(said(await cellsOf(`${emptyTable}${texts}q 1 0 0 1 ${apart} cm ${texts}Q`, engine))).toEqual(rows)
  })

  it('a space that is written between digits or letters is read, however narrow', async () => {
    const parted = (one: string, other: string, gap: number): string =>
      textAt(x, y - 4, one).replace(/<\w+> Tj/, `[${hexText(one)} ${1000 - gap} ${hexText(other)}] TJ`)
    const read = async (one: string, other: string, gap: number): Promise<string | undefined> =>
      said(await cellsOf(table + parted(one, other, gap), engine))[2]?.[1]
    expect(await read('3 ', '5', 250)).toBe('3 5')
    expect(await read('a ', 'b', 250)).toBe('a b')
    expect(await read('3 ', '5', 20)).toBe('35')
    expect(await read('3', '5', 1100)).toBe('35')
  })

  it('a digit that is smaller than the one beside it leaves its figure in doubt', async () => {
    const lowered = textAt(x + 10, y - 6, '1').replace(' 10 Tf', ' 8 Tf')
    const cells = await cellsOf(table + textAt(x, y - 4, '7') + lowered, engine)
    expect(said(cells)[2]).toEqual(['结转', '?figure_broken', '56'])
  })

  it('what is printed large across the table is no part of it', async () => {
    const large = textAt(left + 20, top - 2.6 * height, '样稿23').replace(' 10 Tf', ' 60 Tf')
    expect(said(await cellsOf(table + large, engine))).toEqual(rows)
  })

  it.each([
    [30, 20],
    [30, 30],
    [60, 12],
  ])('a stamp over lines of the table, %s points aside and %s down, is none of its cells', async (aside, down) => {
    const [from, to] = [left + width + aside, top - 2 * height - down]
    const stamp = `${from} ${to} 90 40 re S ${from} ${to + 20} m ${from + 90} ${to + 20} l S ${textAt(from + 60, to + 25, '2024')}`
    const cells = await cellsOf(table + stamp, engine)
    expect(cells.length).toBe(9)
    for (const { row, column, text, doubt } of cells) {
      const isSure = doubt === null
      expect([row, column, isSure ? text : '?']).toEqual([row, column, isSure ? rows[row]![column] : '?'])
    }
    expect(cells.filter(({ doubt }) => doubt !== null).length).toBeGreaterThan(0)
  })

  it('strokes of characters in several cells of a row are no table', async () => {
    const drawn = [
      ['项目', '数量', '合计'],
      ['', '12', ''],
    ]
    const strokes = [0, 2].map((column) => {
      const [at, foot] = [left + column * width + 30, top - 1.5 * height - 6]
      return `${at} ${foot + 3} m ${at + 9} ${foot + 3} l ${at + 6} ${foot} m ${at + 6} ${foot + 14} l ${at} ${foot} m ${at} ${foot + 14} l S\n`
    })
    const cells = await cellsOf(ruledTable(left, top, width, height, drawn) + strokes.join(''), engine)
    expect(said(cells).slice(0, 2)).toEqual([drawn[0], ['?glyphs_without_text', '12', '?glyphs_without_text']])
  })

  it('a blank cell in which a character is drawn as an outline is in doubt', async () => {
    for (const draw of [`${circle(x, 6)} f`, `${circle(x, 6)} ${circle(x + 1.5, 3)} f*`, `0.8 w ${circle(x, 6)} S`]) {
      expect(said(await cellsOf(`${table}\n${draw}`, engine))).toEqual(doubted('glyphs_without_text'))
    }
    // A figure that is there as text is believed, whatever is drawn around it.
    expect(said(await cellsOf(`${table}\n${circle(x, 6)} f ${textAt(x - 20, y - 4, '7')}`, engine))[2]).toEqual([
      '结转',
      '7',
      '56',
    ])
  })

  it('a blank cell that shows a picture is in doubt, under a seal or a background it is blank', async () => {
    for (const shown of [picture(20, 12), picture(width - 2, height - 2), picture(3 * width, height - 4)])
      expect(said(await cellsOf(shown + table, engine, image))).toEqual(doubted('image_in_place_of_text'))
    expect(said(await cellsOf(picture(3 * width, 3 * height) + table, engine, image))).toEqual(rows)
  })

  it.each([0.3, -0.4, 1, 2.5])('a page that leans by %s degrees is straightened', async (degrees) => {
    const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
    const bars = [0, 1, 2, 3]
      .map((at) => `100 ${top - at * height} 240 0.6 re ${left + at * width} ${top - 3 * height} 0.6 90 re f `)
      .join('')
    for (const drawn of [table, bars + texts]) {
      const leaning = `q ${cos} ${sin} ${-sin} ${cos} 0 0 cm ${drawn} Q`
      expect(said(await cellsOf(leaning, engine))).toEqual(rows)
      const result = await parse(plainPdf([leaning]), { pdfEngine: engine })
      const notices = result.ok ? result.document.notices : []
      expect(notices).toMatchObject([{ code: 'page_turned', data: { degrees } }])
    }
  })
})
