/** What a page of a PDF holds and its reader does not see: no figure is taken from it, by either reader, and it is told. */
import { describe, expect, it } from 'vitest'
import type { Document } from '../../parsers/document.ts'
import { parse } from '../../parsers/index.ts'
import { type PlainPdfParts, plainPdf, ruledTable, textAt } from '../generator/plain-pdf.ts'

const engines = ['pdfium', 'pdf-parse'] as const
const rows = [
  ['项目', '数量', '合计'],
  ['新收', '12', '34'],
  ['结转', '', '56'],
]
/** The lower left corner of the blank cell of `rows`, and its size. */
const blank = { x: 180, y: 610, width: 80, height: 30 }
const table = ruledTable(100, 700, 80, 30, rows)
const inBlank = textAt(blank.x + 10, blank.y + 11, '77')
const over = (grow: number): string =>
  `${blank.x - grow} ${blank.y - grow} ${blank.width + 2 * grow} ${blank.height + 2 * grow} re`

async function read(content: string, engine: (typeof engines)[number], parts?: PlainPdfParts): Promise<Document> {
  const result = await parse(plainPdf([content], parts), { pdfEngine: engine })
  if (!result.ok) throw new Error(result.reason)
  return result.document
}

function cellsOf({ blocks }: Document): { texts: string[][]; doubts: (string | null)[] } {
  const [grid] = blocks.filter((block) => block.kind === 'grid')
  const texts: string[][] = [[], [], []]
  for (const { row, text } of grid?.cells ?? []) texts[row]?.push(text)
  return { texts, doubts: (grid?.cells ?? []).map(({ doubt }) => doubt).filter((doubt) => doubt !== null) }
}

const layer: PlainPdfParts = {
  resources: '/Properties<</L 50 0 R>>/XObject<</X 51 0 R>>',
  catalog: '/OCProperties<</OCGs[50 0 R]/D<</OFF[50 0 R]>>>>',
  objects: [
    '<</Type/OCG/Name(Draft)>>',
    `<</Type/XObject/Subtype/Form/OC 50 0 R/BBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Length ${inBlank.length + 21}>>stream\n0 0 595 842 re f 0 g ${inBlank}\nendstream`,
  ],
}
const thin = { resources: '/ExtGState<</G<</ca 0.01>>>>' }

const unseen: readonly (readonly [name: string, content: string, parts?: PlainPdfParts])[] = [
  ['under an area that was painted later', `${table}${inBlank}1 g ${over(-1)} f`],
  ['under a coloured area that was painted later', `${table}${inBlank}0.8 0.9 1 rg ${over(-1)} f`],
  ['under all of the page, drawn anew', `${table}${inBlank}1 g 0 0 595 842 re f 0 g ${table}`],
  ['cut away by a clip', `${table}q 0 0 50 50 re W n ${inBlank}Q`],
  ['in a layer that is off', `${table}/OC /L BDC ${inBlank}EMC`, layer],
  ['in a drawing of a layer that is off', `${table}/X Do`, layer],
  ['in the colour of what it stands on', `0.8 g ${over(0)} f 0 g ${table}0.8 g ${inBlank}`],
  ['white on a white area over a grey one', `0.8 g ${over(0)} f 1 g ${over(-2)} f 0 g ${table}1 g ${inBlank}`],
  ['all but transparent', `${table}/G gs ${inBlank}`, thin],
  ['as white strokes', `${table}1 Tr 1 G ${inBlank}`],
]

describe.each(engines)('figures that nobody sees, read by %s', (engine) => {
  it.each(unseen.map(([name, ...made]) => ({ name, made })))('$name', async ({ made: [content, parts] }) => {
    const document = await read(content, engine, parts)
    expect(cellsOf(document)).toEqual({ texts: rows, doubts: [] })
  })

  it('say that they are there', async () => {
    const document = await read(`${table}${inBlank}1 g ${over(-1)} f`, engine)
    expect(document.notices).toMatchObject([{ code: 'hidden_text', data: { count: 2 } }])
  })
})

const tiles: PlainPdfParts = {
  resources: '/Pattern<</P 50 0 R>>',
  objects: [
    '<</Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 99 99]/XStep 99/YStep 99/Resources<<>>/Length 20>>stream\n1 0 0 rg 0 0 9 9 re f\nendstream',
  ],
}
const seen: readonly (readonly [name: string, content: string, parts?: PlainPdfParts])[] = [
  [
    'in what was written where another one was painted over',
    `${table}${textAt(190, 621, '58')}1 g ${over(-1)} f 0 g ${inBlank}`,
  ],
  ['with white inside and dark strokes', `${table}2 Tr 1 g 0 G 0.2 w ${inBlank}`],
  ['white on a dark area', `0 0 0.5 rg ${over(0)} f 0 g ${table}1 g ${inBlank}`],
  ['partly cut by a clip', `${table}q ${over(-8)} W n ${inBlank}Q`],
  ['inside a frame that was painted later', `${table}${inBlank}0.5 g ${over(9)} ${over(-4)} f*`],
  ['under tiles with room between them', `${table}${inBlank}/Pattern cs /P scn ${over(-1)} f`, tiles],
  [
    'under an area that is seen through',
    `${table}${inBlank}/G gs 1 0 0 rg ${over(-1)} f`,
    { resources: '/ExtGState<</G<</ca 0.3>>>>' },
  ],
]

describe.each(engines)('figures that are seen, read by %s', (engine) => {
  it.each(seen.map(([name, ...made]) => ({ name, made })))('$name', async ({ made: [content, parts] }) => {
    const filled = rows.map((row, index) => (index === 2 ? ['结转', '77', '56'] : row))
    expect(cellsOf(await read(content, engine, parts)).texts).toEqual(filled)
  })

  it('as faintly as a watermark count for nothing beside others, and alone leave their cell in doubt', async () => {
    const faint = `0.85 g ${textAt(blank.x + 60, blank.y + 11 + 30, '样9')}`
    expect(cellsOf(await read(table + faint, engine))).toEqual({ texts: rows, doubts: [] })
    expect(cellsOf(await read(`${table}0.85 g ${textAt(blank.x + 60, blank.y + 11, '样')}`, engine)).doubts).toEqual([])
    const alone = await read(`${table}0.85 g ${inBlank}`, engine)
    expect(cellsOf(alone)).toEqual({ texts: rows, doubts: ['hidden_text'] })
    expect(alone.notices.map(({ code }) => code)).toEqual(['text_left_out'])
  })
})

it('a line that is a wide area seen through a slit is a line', async () => {
  const lines = [640, 670, 700, 610].map((y) => `q 100 ${y} 240 0.5 re W n 0 g 0 0 595 842 re f Q`)
  const sides = [100, 180, 260, 340].map((x) => `${x} 610 m ${x} 700 l S`)
  const texts = rows.flatMap((row, y) => row.map((text, x) => textAt(104 + 80 * x, 681 - 30 * y, text)))
  for (const engine of engines) {
    expect(cellsOf(await read([...sides, ...texts, ...lines].join('\n'), engine)).texts).toEqual(rows)
  }
})

/** A page with an annotation in the blank cell, whose appearance shows `77` unless it has none. */
function annotated(subtype: string, more: string, shown = true): PlainPdfParts {
  const look = 'BT /F1 10 Tf 4 8 Td <00370037> Tj ET'
  const appearance = shown ? '/AP<</N 50 0 R>>' : ''
  const place = [blank.x + 1, blank.y + 1, blank.x + blank.width - 1, blank.y + blank.height - 1].join(' ')
  return {
    page: `/Annots[51 0 R]`,
    objects: [
      `<</Type/XObject/Subtype/Form/BBox[0 0 78 28]/Resources<</Font<</F1 3 0 R>>>>/Length ${look.length}>>stream\n${look}\nendstream`,
      `<</Type/Annot/Subtype/${subtype}/Rect[${place}]${appearance}${more}>>`,
    ],
  }
}

describe.each(engines)('figures in fields and typed on the page, read by %s', (engine) => {
  const filled = rows.map((row, index) => (index === 2 ? ['结转', '77', '56'] : row))
  it.each([
    ['Widget', '/F 4/FT/Tx/T(a)/V(77)'],
    ['FreeText', '/F 4/Contents(77)'],
  ])('%s', async (subtype, more) => {
    expect(cellsOf(await read(table, engine, annotated(subtype, more)))).toEqual({ texts: filled, doubts: [] })
    const hidden = more.replace('/F 4', '/F 2')
    expect(cellsOf(await read(table, engine, annotated(subtype, hidden)))).toEqual({ texts: rows, doubts: [] })
  })

  it('over printed ones leave their cell in doubt, beside a printed unit do not', async () => {
    const typed = annotated('FreeText', '/F 4/Contents(77)')
    const printed = (text: string) => table + textAt(blank.x + 30, blank.y + 11, text)
    expect(cellsOf(await read(printed('8'), engine, typed)).doubts).toEqual(['text_left_out'])
    expect(cellsOf(await read(printed('件'), engine, typed))).toEqual({
      texts: filled.map((row) => row.map((text) => (text === '77' ? '77 件' : text))),
      doubts: [],
    })
  })

  it('of stamps and remarks are no part of the report', async () => {
    for (const subtype of ['Stamp', 'Square'])
      expect(cellsOf(await read(table, engine, annotated(subtype, '/F 4')))).toEqual({ texts: rows, doubts: [] })
  })
})

it('a field that does not say what it looks like leaves its cell in doubt', async () => {
  const document = await read(table, 'pdfium', annotated('Widget', '/F 4/FT/Tx/T(a)/V(77)', false))
  expect(cellsOf(document)).toEqual({ texts: rows, doubts: ['glyphs_without_text'] })
})
