/** What an OFD holds and its reader does not see, and what he sees although the file hides it at first sight. */
import { describe, expect, it } from 'vitest'
import type { Document } from '../../parsers/document.ts'
import { parse } from '../../parsers/index.ts'
import { makeOfd, ofdFiles } from '../generator/render/ofd.ts'

type Files = Record<string, string | Uint8Array>

const rows = [
  ['项目', '数量', '合计'],
  ['新收', '12', '34'],
  ['结转', '', '56'],
]
const [left, top, width, height] = [30, 40, 30, 10]
/** The upper left corner of the blank cell of `rows`. */
const [x, y] = [left + width, top + 2 * height]

const path = (data: string, attributes = '', inside = '', boundary = '0 0 210 297') =>
  `<ofd:PathObject ID="5" Boundary="${boundary}" ${attributes}>${inside}<ofd:AbbreviatedData>${data}</ofd:AbbreviatedData></ofd:PathObject>`
const text = (characters: string, at: number, base: number, attributes = '', inside = '') =>
  `<ofd:TextObject ID="6" Boundary="${at} ${base - 4} ${4 * characters.length} 5" Font="1" Size="4" ${attributes}>${inside}<ofd:TextCode X="0" Y="4" DeltaX="g ${characters.length} ${/\d/.test(characters) ? 2 : 4}">${characters}</ofd:TextCode></ofd:TextObject>`
const color = (value: string, more = '') => `<ofd:FillColor Value="${value}" ${more}/>`
const rectangle = (grow: number) =>
  `M ${x - grow} ${y - grow} L ${x + width + grow} ${y - grow} L ${x + width + grow} ${y + height + grow} L ${x - grow} ${y + height + grow} C`
const area = (grow: number, value: string, attributes = '', inside = '') =>
  path(rectangle(grow), `Fill="true" Stroke="false" ${attributes}`, inside + color(value))
const white = '255 255 255'
const lines = [0, 1, 2, 3]
  .map(
    (index) =>
      path(`M ${left} ${top + index * height} L ${left + 3 * width} ${top + index * height}`) +
      path(`M ${left + index * width} ${top} L ${left + index * width} ${top + 3 * height}`),
  )
  .join('')
const texts = rows
  .flatMap((row, index) => row.map((one, column) => text(one, left + column * width + 5, top + index * height + 7)))
  .join('')
const table = lines + texts
const inBlank = (attributes = '', inside = '') => text('77', x + 5, y + 7, attributes, inside)
const clip = (data: string) =>
  `<ofd:Clips><ofd:Clip><ofd:Area><ofd:Path Boundary="0 0 210 297" Fill="true"><ofd:AbbreviatedData>${data}</ofd:AbbreviatedData></ofd:Path></ofd:Area></ofd:Clip></ofd:Clips>`
const away = clip('M 150 250 L 155 250 L 155 255 L 150 255 C')
const media =
  '<ofd:MultiMedias><ofd:MultiMedia ID="9" Type="Image" Format="JPG"><ofd:MediaFile>a.jpg</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>'
const picture = (boundary: string, more = '', size = [210, 297]) =>
  `<ofd:ImageObject ID="8" CTM="${size[0]} 0 0 ${size[1]} 0 0" Boundary="${boundary}" ResourceID="9" ${more}/>`
const unit = `<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="50" Width="210" Height="297"><ofd:Content>${inBlank()}</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits>`
const drawing = (attributes: string, inside = '') =>
  `<ofd:CompositeObject ID="7" ResourceID="50" ${attributes}>${inside}</ofd:CompositeObject>`

async function read(files: Files): Promise<Document> {
  const result = await parse(makeOfd(files))
  if (!result.ok) throw new Error(result.reason)
  return result.document
}

/** Cells row by row, those in doubt as `?` and why. */
async function said(files: Files): Promise<string[][]> {
  const grids = (await read(files)).blocks.filter((block) => block.kind === 'grid')
  expect(grids.length).toBe(1)
  return rows.map((_, index) =>
    grids[0]!.cells
      .filter(({ row }) => row === index)
      .map(({ text: one, doubt }) => (doubt === null ? one : `?${doubt}`)),
  )
}

const layer = (objects: string, resources = ''): Files => ofdFiles([objects], resources)
const withBlank = (content: string) => rows.map((row) => row.map((one) => (one === '' ? content : one)))
const content = 'Doc_0/Pages/Page_0/Content.xml'
const hiddenLayer: Files = {
  ...layer(''),
  [content]: `<ofd:Page xmlns:ofd="x"><ofd:Content><ofd:Layer ID="2">${table}</ofd:Layer><ofd:Layer ID="3" Visible="false">${inBlank()}</ofd:Layer></ofd:Content></ofd:Page>`,
}

const unseen: readonly (readonly [name: string, files: Files])[] = [
  ['under an area that was painted later', layer(table + inBlank() + area(-1, '200 220 255'))],
  [
    'under an area as large as its ink',
    layer(
      table +
        inBlank() +
        path(
          `M ${x + 4.9} ${y + 3.9} L ${x + 9.1} ${y + 3.9} L ${x + 9.1} ${y + 7.3} L ${x + 4.9} ${y + 7.3} C`,
          'Fill="true" Stroke="false"',
          color(white),
        ),
    ),
  ],
  [
    'under an area with more corners',
    layer(
      table +
        inBlank() +
        path(
          `M ${x + 1} ${y + 1} L ${x + 20} ${y + 1} L ${x + 21} ${y + 5} L ${x + 20} ${y + 9} L ${x + 1} ${y + 9} C`,
          'Fill="true" Stroke="false"',
          color(white),
        ),
    ),
  ],
  [
    'under a thick white line',
    layer(
      table +
        inBlank() +
        path(`M ${x + 2} ${y + 5} L ${x + 20} ${y + 5}`, 'LineWidth="6"', `<ofd:StrokeColor Value="${white}"/>`),
    ),
  ],
  ['transparent as an object', layer(table + inBlank('Alpha="3"'))],
  ['transparent by its colour', layer(table + inBlank('', color('0 0 0', 'Alpha="3"')))],
  ['in the colour of what it stands on', layer(area(-0.5, '200 200 200') + table + inBlank('', color('200 200 200')))],
  [
    'white on a white area over a grey one',
    layer(area(-0.2, '200 200 200') + area(-0.6, white) + table + inBlank('', color(white))),
  ],
  ['white by its inks', layer(table + inBlank('', '<ofd:FillColor Value="0 0 0 0"/>'))],
  ['cut away', layer(table + inBlank('', away))],
  ['in a layer that is off', hiddenLayer],
  ['in a transparent drawing', layer(table + drawing('Boundary="0 0 210 297" Alpha="0"'), unit)],
  ['outside of what its drawing shows', layer(table + drawing('Boundary="0 0 20 20"'), unit)],
  ['in a drawing that is cut', layer(table + drawing('Boundary="0 0 210 297"', away), unit)],
]

it.each(unseen)('a figure %s is not read, and told', async (_, files) => {
  expect(await said(files)).toEqual(rows)
  const told = (await read(files)).notices.filter(({ code }) => code === 'text_left_out')
  if (files !== hiddenLayer) expect(told).toMatchObject([{ data: { text: expect.stringContaining('77') } }])
})

const frame = `${rectangle(-0.5)} M ${x + 4} ${y + 2} L ${x + 14} ${y + 2} L ${x + 14} ${y + 8.5} L ${x + 4} ${y + 8.5} C`
const seen: readonly (readonly [name: string, files: Files])[] = [
  [
    'in the hole of an area that was painted later',
    layer(table + inBlank() + path(frame, 'Fill="true" Stroke="false" Rule="Even-Odd"', color('128 128 128'))),
  ],
  ['under an area that is seen through', layer(table + inBlank() + area(-1, '255 0 0', 'Alpha="40"'))],
  ['beside what a cut leaves of a cover', layer(table + inBlank() + area(-1, white, '', away))],
  ['beside what a boundary leaves of a picture', layer(table + inBlank() + picture('0 200 100 50'), media)],
  [
    'with white inside and dark strokes',
    layer(table + inBlank('Stroke="true"', `${color(white)}<ofd:StrokeColor Value="0 0 0"/>`)),
  ],
  ['white on a dark area', layer(area(-0.2, '0 0 128') + table + inBlank('', color(white)))],
  [
    'white on a dark area of any shape',
    layer(
      path(
        `M ${x + 1} ${y + 1} B ${x + 9} ${y} ${x + 12} ${y} ${x + 20} ${y + 1} L ${x + 20} ${y + 9} L ${x + 1} ${y + 9} C`,
        'Fill="true" Stroke="false"',
        color('0 0 128'),
      ) +
        table +
        inBlank('', color(white)),
    ),
  ],
  ['in what a cut leaves', layer(table + inBlank('', clip('M -1 -1 L 30 -1 L 30 9 L -1 9 C')))],
  ['in a drawing without a size', layer(table + drawing('Boundary="0 0 0 0"'), unit)],
]

it.each(seen)('a figure %s is read', async (_, files) => {
  expect(await said(files)).toEqual(withBlank('77'))
})

describe('a figure that is hard to see', () => {
  it.each([
    ['by its colour', inBlank('', color('215 215 215'))],
    ['by the colour being seen through', inBlank('', color('0 0 0', 'Alpha="50"'))],
    ['by its object being seen through', inBlank('Alpha="50"')],
  ])('%s leaves its cell in doubt', async (_, faint) => {
    expect(await said(layer(table + faint))).toEqual(withBlank('?hidden_text'))
  })

  it('under a picture that covers several cells leaves its cell in doubt', async () => {
    const over = `<ofd:ImageObject ID="8" CTM="36 0 0 25 0 0" Boundary="${x - 5} ${y - 12} 36 25" ResourceID="9"/>`
    const found = await said(layer(table + inBlank() + over, media))
    expect(found.slice(1)).toEqual([
      ['新收', '?hidden_text', '34'],
      ['结转', '?hidden_text', '56'],
    ])
  })

  it('since a line stands between its digits leaves both cells in doubt', async () => {
    const found = await said(layer(table + text('78', x + width - 2, y + 7)))
    expect(found[2]).toEqual(['结转', '?figure_cut_by_line', '?figure_cut_by_line'])
  })

  it('counts for nothing beside others', async () => {
    const beside = text('样9', left + width + 10, top + height + 7, '', color('215 215 215'))
    expect(await said(layer(table + beside))).toEqual(rows)
  })
})

/** A page of these objects with an annotation that looks like those. */
function annotated(type: string, look: string, objects = table, more = ''): Files {
  const files = layer(objects)
  const document = 'Doc_0/Document.xml'
  const list = '</ofd:Pages><ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>'
  return {
    ...files,
    [document]: String(files[document]).replace('</ofd:Pages>', list),
    'Doc_0/Annots/Annotations.xml':
      '<ofd:Annotations xmlns:ofd="x"><ofd:Page PageID="100"><ofd:FileLoc>Page.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>',
    'Doc_0/Annots/Page.xml': `<ofd:PageAnnot xmlns:ofd="x"><ofd:Annot ID="900" Type="${type}" ${more}><ofd:Appearance Boundary="${x} ${y} ${width} ${height}">${look}</ofd:Appearance></ofd:Annot></ofd:PageAnnot>`,
  }
}

describe('annotations', () => {
  const typed = text('77', 5, 7)
  const over = (value: string) =>
    path('M 0 0 L 30 0 L 30 10 L 0 10 C', 'Fill="true" Stroke="false"', color(value), '0 0 30 10')

  it('that are typed on the page are read, unless they are off', async () => {
    expect(await said(annotated('Path', typed))).toEqual(withBlank('77'))
    expect(await said(annotated('Path', typed, table, 'Visible="false"'))).toEqual(rows)
  })

  it('that are typed over a printed figure leave it in doubt', async () => {
    const printed = await said(annotated('Path', text('99', 12, 7), table + inBlank()))
    expect(printed).toEqual(withBlank('?text_left_out'))
  })

  it('hide what they are painted over, but for highlights', async () => {
    expect(await said(annotated('Path', over(white), table + inBlank()))).toEqual(rows)
    expect(await said(annotated('Highlight', over('255 255 0'), table + inBlank()))).toEqual(withBlank('77'))
  })

  it('that are stamps or watermarks are told and not read', async () => {
    for (const type of ['Stamp', 'Watermark']) {
      const files = annotated(type, typed)
      expect(await said(files)).toEqual(rows)
      expect((await read(files)).notices).toMatchObject([{ code: 'text_left_out', data: { text: '77' } }])
    }
  })
})

describe('versions of a document', () => {
  const place = /^Doc_0/
  const moved = Object.entries(layer(table + inBlank())).filter(([name]) => place.test(name))
  const files: Files = {
    ...layer(table),
    ...Object.fromEntries(moved.map(([name, file]) => [name.replace(place, 'Doc_1'), file])),
    'Doc_1/Version.xml':
      '<ofd:DocVersion xmlns:ofd="x" ID="2"><ofd:DocRoot>Document.xml</ofd:DocRoot></ofd:DocVersion>',
  }
  const named = (more: string): Files => ({
    ...files,
    'OFD.xml': String(files['OFD.xml']).replace(
      '</ofd:DocBody>',
      `<ofd:Versions><ofd:Version ID="2" Index="2" ${more}/></ofd:Versions></ofd:DocBody>`,
    ),
  })

  it('are read as the current one, else as the document says', async () => {
    expect(await said(named('Current="true" BaseLoc="Doc_1/Version.xml"'))).toEqual(withBlank('77'))
    expect(await said(named('BaseLoc="Doc_1/Version.xml"'))).toEqual(rows)
  })

  it('of which the current one is missing are damaged', async () => {
    expect(await parse(makeOfd(named('Current="true" BaseLoc="Doc_2/Version.xml"')))).toMatchObject({
      ok: false,
      reason: 'damaged',
    })
  })
})

describe('characters and the shapes drawn for them', () => {
  const transform = (shapes: string, codeCount: number) =>
    `<ofd:CGTransform CodePosition="0" CodeCount="${codeCount}" GlyphCount="${shapes.split(' ').length}"><ofd:Glyphs>${shapes}</ofd:Glyphs></ofd:CGTransform>`
  const font = (file: string) => `<ofd:Fonts><ofd:Font ID="1" FontName="A">${file}</ofd:Font></ofd:Fonts>`
  const embedded = font('<ofd:FontFile>a.ttf</ofd:FontFile>')
  const head = text('19', 30, 20, '', transform('21 29', 2))
  const blank = (shapes: string, codeCount = 2) => table + head + inBlank('', transform(shapes, codeCount))

  it('agree', async () => {
    expect(await said(layer(blank('27 27'), embedded))).toEqual(withBlank('77'))
    // Numbers of a font that the file does not hold say nothing.
    expect(await said(layer(blank('21 21'), font('')))).toEqual(withBlank('77'))
  })

  it('differ: a shape that is one digit here and another one there is neither', async () => {
    expect(await said(layer(blank('27 21'), embedded))).toEqual(withBlank('?glyphs_without_text'))
  })

  it('are not as many: which is which is not known', async () => {
    for (const shapes of ['27', '27 27 27'])
      expect(await said(layer(blank(shapes)))).toEqual(withBlank('?glyphs_without_text'))
  })

  it('are mirrored', async () => {
    for (const matrix of ['-1 0 0 1 6 0', '1 0 0 -1 0 5'])
      expect(await said(layer(table + inBlank(`CTM="${matrix}"`)))).toEqual(withBlank('?glyphs_without_text'))
  })

  it('stand where they would without the indents of their markup', async () => {
    const indented = inBlank().replace('>77<', '>\n        77\n      <')
    expect(await said(layer(table + indented))).toEqual(withBlank('77'))
  })
})
