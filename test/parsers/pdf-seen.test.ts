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
const shades: PlainPdfParts = {
  resources: '/Pattern<</P 50 0 R>>',
  objects: [
    '<</Type/Pattern/PatternType 2/Shading<</ShadingType 2/ColorSpace/DeviceRGB/Coords[180 610 260 610]/Function<</FunctionType 2/Domain[0 1]/C0[0.9 0.9 0.9]/C1[1 1 1]/N 1>>/Extend[true true]>>>>',
  ],
}
const seen: readonly (readonly [name: string, content: string, parts?: PlainPdfParts])[] = [
  [
    'in what was written where another one was painted over',
    `${table}${textAt(190, 621, '58')}1 g ${over(-1)} f 0 g ${inBlank}`,
  ],
  ['with white inside and dark strokes', `${table}2 Tr 1 g 0 G 0.2 w ${inBlank}`],
  ['white on a dark area', `0 0 0.5 rg ${over(0)} f 0 g ${table}1 g ${inBlank}`],
  [
    'black on colours that run into one another',
    `q ${over(0)} W n /Pattern cs /P scn ${over(0)} f Q 0 g ${table}${inBlank}`,
    shades,
  ],
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

it.each(engines)('a short text all over the page in a colour well seen is a watermark, read by %s', async (engine) => {
  const places = [0, 1, 2, 3].flatMap((down) => [-1, 0, 1].map((aside) => [aside, down] as const))
  const tiles = (text: string) =>
    places.map(([aside, down]) => textAt(blank.x + 10 + 80 * aside, blank.y + 13 + 30 * down, text)).join('')
  const marked = await read(`0.7 g ${tiles('2023')}0 g ${table}`, engine)
  expect(cellsOf(marked)).toEqual({ texts: rows, doubts: ['hidden_text'] })
  const inked = cellsOf(await read(`${tiles('2023')}${table}`, engine))
  expect(inked.texts).not.toEqual(rows)
})

it.each(engines)('the upright digit of a code along a bow is none of its cell, read by %s', async (engine) => {
  const bow = [...'51082'].map((digit, index) => {
    const angle = 0.4 * (2 - index)
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    const [x, y] = [blank.x + 36 - 35 * sin, blank.y - 25 + 35 * cos]
    return `BT /F1 10 Tf ${cos} ${sin} ${-sin} ${cos} ${x} ${y} Tm <003${digit}> Tj ET\n`
  })
  const { texts, doubts } = cellsOf(await read(table + bow.join(''), engine))
  expect({ texts, doubts }).toEqual({ texts: rows, doubts: ['hidden_text'] })
})

/** Around the figure 12 of `rows`, which begins at 184 651 and is as wide as 20 points at most. */
const at = { left: 184, right: 204, middle: 655 }
const [wide, high] = [at.right - at.left + 4, 20]
const place = `${wide} 0 0 ${high} ${at.left - 2} ${at.middle - high / 2} cm`
const shade =
  '/Shading<</S<</ShadingType 2/ColorSpace/DeviceGray/Coords[180 0 260 0]/Extend[true true]/Function<</FunctionType 2/Domain[0 1]/C0[0.9]/C1[1]/N 1>>>>>>'
/** Pictures of one shade: `I` hides what it lies over, `J` is seen through. */
const images: PlainPdfParts = {
  resources: `/XObject<</I 50 0 R/J 51 0 R>>${shade}`,
  objects: ['', '/SMask 50 0 R'].map(
    (more) =>
      `<</Type/XObject/Subtype/Image/Width 8/Height 8/ColorSpace/DeviceGray/BitsPerComponent 8${more}/Length 64>>stream\n${'\x80'.repeat(64)}\nendstream`,
  ),
}
const line = (x0: number, y0: number, x1: number, y1: number): string => `0.6 w ${x0} ${y0} m ${x1} ${y1} l S`
const { left: x0, right: x1, middle } = at
const obscuring: readonly (readonly [name: string, content: string])[] = [
  ['under a picture', `q ${place} /I Do Q`],
  ['one digit of them under a picture', `q ${wide} 0 0 ${high} ${x0 + 5} ${middle - high / 2} cm /I Do Q`],
  ['under a picture on which others are written', `q ${place} /I Do Q ${textAt(x0, 651, '99')}`],
  ['under a thick line', `4 w ${x0} ${middle} m ${x1} ${middle} l S`],
  ['under a thick line as white as paper', `1 G 4 w ${x0} ${middle} m ${x1} ${middle} l S`],
  ['half under an area', `1 g ${x0 - 1} ${middle - 1.5} ${wide} 3.2 re f`],
  ['with a line through them to the sides of the cell', line(180, middle, 260, middle)],
  ['with a line through them that is far longer', line(x0 - 2, middle, x1 + 15, middle)],
  ['with a line through them and those beside', line(182, middle, 300, middle)],
  ['with a line through them that is not quite level', line(x0, middle - 0.8, x1, middle + 0.8)],
  ['with a line aslant through them', line(x0, middle - 5, x1, middle + 5)],
  ['crossed out', line(x0, middle - 5, x1, middle + 5) + line(x0, middle + 5, x1, middle - 5)],
  ['with a curve through them', `0.6 w ${x0} ${middle} m ${x0 + 6} ${middle} ${x0 + 14} ${middle} ${x1} ${middle} c S`],
]

const layersOf = (names: readonly string[], ...more: string[]): PlainPdfParts => ({
  resources: '/Properties<</A 52 0 R/B 53 0 R>>',
  catalog: '/OCProperties<</OCGs[50 0 R 51 0 R]/D<</OFF[51 0 R]>>>>',
  objects: [...names.map((name) => `<</Type/OCG/Name(${name})>>`), ...more],
})

it.each(engines)(
  'figures in a layer that is off beside one of the same name, or of none, are left out by %s',
  async (engine) => {
    const content = `${table}/OC /A BDC ${textAt(100, 500, '99')}EMC /OC /B BDC ${inBlank}EMC`
    const nameless = ['<</Type/OCMD/OCGs[50 0 R]>>', '<</Type/OCMD/OCGs[51 0 R]>>']
    for (const made of [
      layersOf(['One', 'One'], ...nameless),
      { ...layersOf(['One', 'One']), resources: '/Properties<</A 50 0 R/B 51 0 R>>' },
    ]) {
      const document = await read(content, engine, made)
      expect(cellsOf(document)).toEqual({ texts: rows, doubts: [] })
      expect(document.blocks).toMatchObject([{ kind: 'grid' }, { kind: 'paragraph', text: '99' }])
    }
  },
)

describe.each(engines)('figures that are hidden or crossed in part, read by %s', (engine) => {
  it.each(obscuring.map(([name, content]) => ({ name, content })))('$name are in doubt', async ({ content }) => {
    const document = await read(`${table}${content}`, engine, images)
    const cells = document.blocks.flatMap((block) => (block.kind === 'grid' ? block.cells : []))
    const doubted = cells.filter(({ doubt }) => doubt !== null)
    expect(doubted.length).toBeGreaterThan(0)
    // Whatever is read of the figure is in doubt, and so is a cell that it may have been parted from.
    for (const { row, column, text, doubt } of cells) {
      if (/[12]/.test(text) || (text === '' && row === 1 && column === 1))
        expect([text, doubt]).not.toEqual([text, null])
    }
  })

  it('and round or many-cornered areas over them leave nothing of them', async () => {
    const areas = [
      `${x0 - 3} 645 m ${x0 - 4} 655 l ${x0 - 3} 666 l ${x1 + 3} 666 l ${x1 + 5} 655 l ${x1 + 3} 645 l h`,
      `${x0 - 3} 645 m ${x0 - 3} 666 l ${x1 + 1} 666 l ${x1 + 4} 666 ${x1 + 4} 661 ${x1 + 4} 660 c ${x1 + 4} 645 l h`,
    ]
    for (const covering of [...areas.map((area) => `1 g ${area} f`), `q ${x0 - 2} 645 ${wide} 20 re W n /S sh Q`]) {
      const cells = cellsOf(await read(`${table}${covering}`, engine, images))
      const asserted = cells.texts.flat().filter((text) => text === '12').length - cells.doubts.length
      expect(asserted).toBeLessThanOrEqual(0)
    }
  })

  it('by remarks on the page are in doubt or not there', async () => {
    const over = '/QuadPoints[184 661 204 661 184 649 204 649]'
    for (const [subtype, more, look] of [
      ['StrikeOut', `/C[1 0 0]${over}`, ''],
      ['StrikeOut', `/C[1 0 0]${over}`, '1 0 0 RG 2 10 m 22 10 l S'],
      ['Line', '/L[184 655 204 655]', '1 0 0 RG 2 10 m 22 10 l S'],
      ['Ink', '/InkList[[184 655 204 655]]', '2 w 2 10 m 22 10 l S'],
      ['Square', '/IC[1 1 1]', '1 g 0 0 30 20 re f'],
      ['Stamp', '', '1 g 0 0 30 20 re f'],
    ] as const) {
      for (const [flags, isSeen] of [
        ['/F 4', true],
        ['/F 2', false],
      ] as const) {
        const appearance = look === '' ? '' : '/AP<</N 50 0 R>>'
        const objects = [
          `<</Type/XObject/Subtype/Form/BBox[0 0 30 20]/Length ${look.length}>>stream\n${look}\nendstream`,
          `<</Type/Annot/Subtype/${subtype}/Rect[182 645 212 665]${flags}${appearance}${more}>>`,
        ]
        const { texts, doubts } = cellsOf(await read(table, engine, { page: '/Annots[51 0 R]', objects }))
        const asserted = texts[1]?.[1] === '12' && doubts.length === 0
        expect([subtype, flags, asserted]).toEqual([subtype, flags, !isSeen])
      }
    }
  })

  it('on a page that lies on its side as on one that stands', async () => {
    const lying = (content: string): string => `q 0 1 -1 0 800 0 cm ${content} Q`
    expect(cellsOf(await read(lying(table), engine))).toEqual({ texts: rows, doubts: [] })
    const struck = await read(lying(table + line(x0, middle, x1, middle)), engine)
    expect(struck.notices).toMatchObject([{ code: 'struck_out_text', data: { text: '12' } }])
  })

  it('are read under pictures that are seen through, and on others', async () => {
    for (const content of [`${table}q ${place} /J Do Q`, `q ${place} /I Do Q ${table}`]) {
      expect(cellsOf(await read(content, engine, images))).toEqual({ texts: rows, doubts: [] })
    }
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

  it('of remarks are no part of the report', async () => {
    expect(cellsOf(await read(table, engine, annotated('Square', '/F 4')))).toEqual({ texts: rows, doubts: [] })
  })

  it('of small stamps are read', async () => {
    expect(cellsOf(await read(table, engine, annotated('Stamp', '/F 4')))).toEqual({ texts: filled, doubts: [] })
    expect(cellsOf(await read(table, engine, annotated('Stamp', '/F 2')))).toEqual({ texts: rows, doubts: [] })
  })

  it('in the space of the page, or turned with it, stand where their place is', async () => {
    const { x, y } = blank
    const typed = (box: string, matrix: string, look: string, rect: string, page = ''): PlainPdfParts => ({
      page: `${page}/Annots[51 0 R]`,
      objects: [
        `<</Type/XObject/Subtype/Form/BBox[${box}]/Matrix[${matrix}]/Resources<</Font<</F1 3 0 R>>>>/Length ${look.length}>>stream\n${look}\nendstream`,
        `<</Type/Annot/Subtype/FreeText/F 4/Contents(77)/Rect[${rect}]/AP<</N 50 0 R>>>>`,
      ],
    })
    const rect = `${x + 4} ${y + 5} ${x + 34} ${y + 20}`
    const onPage = typed(rect, `1 0 0 1 ${-x - 4} ${-y - 5}`, textAt(x + 8, y + 9, '77'), rect)
    expect(cellsOf(await read(table, engine, onPage))).toEqual({ texts: filled, doubts: [] })
    const lying = `q 0 1 -1 0 800 0 cm ${table} Q`
    const place = `${800 - y - 20} ${x + 4} ${800 - y - 5} ${x + 34}`
    const turned = typed('0 0 30 15', '0 1 -1 0 15 0', textAt(4, 4, '77'), place, '/Rotate 90')
    expect(cellsOf(await read(lying, engine, turned))).toEqual({ texts: filled, doubts: [] })
  })

  it('or written by hand into a blank cell leave it in doubt, beside a printed figure do not', async () => {
    for (const [subtype, more, look] of [
      ['Ink', '/InkList[[192 620 195 632]]', '1 w 12 10 m 15 22 l S'],
      ['Stamp', '', '12 8 1.5 12 re f'],
    ] as const) {
      const rect = (left: number, bottom: number): string => `${left} ${bottom} ${left + 24} ${bottom + 24}`
      const put = (place: string): PlainPdfParts => ({
        page: '/Annots[51 0 R]',
        objects: [
          `<</Type/XObject/Subtype/Form/BBox[0 0 24 24]/Length ${look.length}>>stream\n${look}\nendstream`,
          `<</Type/Annot/Subtype/${subtype}/F 4/Rect[${place}]/AP<</N 50 0 R>>${more}>>`,
        ],
      })
      const inBlankCell = await read(table, engine, put(rect(blank.x + 20, blank.y + 3)))
      expect(cellsOf(inBlankCell)).toEqual({ texts: rows, doubts: ['glyphs_without_text'] })
      const beside = await read(table, engine, put(rect(blank.x + 40, blank.y + 33)))
      expect(cellsOf(beside)).toEqual({ texts: rows, doubts: [] })
    }
  })
})

it.each(engines)(
  'a field that does not say what it looks like leaves its cell in doubt, read by %s',
  async (engine) => {
    for (const [subtype, more] of [
      ['Widget', '/F 4/FT/Tx/T(a)/V(77)'],
      ['FreeText', '/F 4/Contents(77)'],
    ] as const) {
      const document = await read(table, engine, annotated(subtype, more, false))
      expect(cellsOf(document)).toEqual({ texts: rows, doubts: ['glyphs_without_text'] })
    }
    const empty = await read(table, engine, annotated('Widget', '/F 4/FT/Tx/T(a)/V()', false))
    expect(cellsOf(empty)).toEqual({ texts: rows, doubts: [] })
  },
)
