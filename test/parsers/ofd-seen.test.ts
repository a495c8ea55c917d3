/** What an OFD holds and its reader does not see, and what he sees although the file hides it at first sight. */
import sharp from 'sharp'
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

  it.each([
    ['its last digit', '78', left + 3 * width - 2, 3],
    ['its first digit', '78', left - 2, 1],
    ['what is behind its point', '7.8', left + 3 * width - 2, 3],
  ])('over whose table stands %s leaves its cell in doubt', async (_, figure, at, row) => {
    const free = table.replaceAll('>56<', '> <').replaceAll('>新收<', '> <')
    const found = await said(layer(free + text(figure, at, top + (row === 3 ? 2 : 1) * height + 7)))
    expect(found.flat().filter((one) => one.startsWith('?'))).toEqual(['?figure_cut_by_line'])
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
      expect(await said(annotated(type, over(white), table + inBlank()))).toEqual(withBlank('?hidden_text'))
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

const turned = (degrees: number, x: number, y: number) => {
  const [cosine, sine] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
  return [cosine, sine, -sine, cosine, x, y].map((value) => value.toFixed(6)).join(' ')
}
const composite = (objects: string) =>
  `<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="50" Width="210" Height="297"><ofd:Content>${objects}</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits>`
const laid = (matrix: string) => drawing(`Boundary="0 0 210 297" CTM="${matrix}"`)

describe('a page that leans', () => {
  it.each([
    ['a little', 0.3, 5, 5],
    ['to the right', 1, 5, 5],
    ['to the left', -2.5, 5, 15],
    ['on its side', 91, 200, 20],
  ])('%s is straightened, and told', async (_, degrees, dx, dy) => {
    const files = layer(laid(turned(degrees, dx, dy)), composite(table + inBlank()))
    expect(await said(files)).toEqual(withBlank('77'))
    expect((await read(files)).notices.map(({ code }) => code)).toContain('page_turned')
  })

  it('is left as it is where its lines are level', async () => {
    const askew = (one: string, column: number, row: number) =>
      text(one, left + column * width + 5, top + row * height + 7, `CTM="${turned(1, 0, 0)}"`)
    const texts = withBlank('77').flatMap((row, index) => row.map((one, column) => askew(one, column, index)))
    expect(await said(layer(lines + texts.join('')))).toEqual(withBlank('77'))
  })
})

describe('templates', () => {
  type Sheet = { readonly id: number; readonly order: string; readonly objects: string; readonly resources?: string }
  const withTemplates = (objects: string, sheets: readonly Sheet[], used: (id: number) => string = () => ''): Files => {
    const files = layer(objects, composite(text('99', x + 5, y + 7)))
    const document = 'Doc_0/Document.xml'
    const stated = sheets.map(
      ({ id, order }) => `<ofd:TemplatePage ID="${id}" BaseLoc="T${id}.xml" ZOrder="${order}"/>`,
    )
    const uses = sheets.map(({ id }) => `<ofd:Template TemplateID="${id}" ${used(id)}/>`)
    return {
      ...files,
      [document]: String(files[document]).replace('</ofd:CommonData>', `${stated.join('')}</ofd:CommonData>`),
      [content]: String(files[content]).replace('<ofd:Content>', `${uses.join('')}<ofd:Content>`),
      ...Object.fromEntries(
        sheets.flatMap(({ id, objects, resources = '' }) => [
          [
            `Doc_0/T${id}.xml`,
            `<ofd:Page xmlns:ofd="x"><ofd:PageRes>R${id}.xml</ofd:PageRes><ofd:Content><ofd:Layer ID="2">${objects}</ofd:Layer></ofd:Content></ofd:Page>`,
          ],
          [`Doc_0/R${id}.xml`, `<ofd:Res xmlns:ofd="x">${resources}</ofd:Res>`],
        ]),
      ),
    }
  }

  it('draw with resources of their own, whatever those of the page are called', async () => {
    const sheet = { id: 300, order: 'Background', objects: laid('1 0 0 1 0 0'), resources: composite(table) }
    expect(await said(withTemplates(inBlank(), [sheet]))).toEqual(withBlank('77'))
  })

  it('lie under the page or over it, as the page says, else as they do', async () => {
    const cover = { id: 300, order: 'Foreground', objects: area(-1, white) }
    const ruled = { id: 301, order: 'Background', objects: lines }
    expect(await said(withTemplates(texts + inBlank(), [ruled, cover]))).toEqual(rows)
    const under = (id: number) => (id === 300 ? 'ZOrder="Background"' : '')
    expect(await said(withTemplates(texts + inBlank(), [cover, ruled], under))).toEqual(withBlank('77'))
  })

  it('that are used and not there make the file damaged, others do not', async () => {
    const document = 'Doc_0/Document.xml'
    const files = layer(table)
    const unused = '<ofd:TemplatePage ID="3" BaseLoc="gone.xml"/></ofd:CommonData>'
    expect(await said({ ...files, [document]: String(files[document]).replace('</ofd:CommonData>', unused) })).toEqual(
      rows,
    )
    const using = String(files[content]).replace('<ofd:Content>', '<ofd:Template TemplateID="3"/><ofd:Content>')
    expect(await parse(makeOfd({ ...files, [content]: using }))).toMatchObject({ ok: false, reason: 'damaged' })
  })
})

describe('seals', () => {
  const around = `${x - 5} ${y - 15} 40 40`
  const hidden = [rows[0], ['新收', '?hidden_text', '34'], ['结转', '?hidden_text', '56']]
  const value = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
    const size = parts.reduce((sum, part) => sum + part.length, 0)
    return Buffer.concat([Buffer.from([tag, 0x83, size >> 16, (size >> 8) & 255, size & 255]), ...parts])
  }
  const words = (one: string) => value(0x16, Buffer.from(one))
  const whole = (one: number) => value(2, Uint8Array.of(one))
  const sealOf = (kind: string, picture: Uint8Array) => {
    const header = value(0x30, words('ES'), whole(4), words('maker'))
    const look = value(0x30, words(kind), value(4, picture), whole(40), whole(40))
    return value(0x30, value(0x30, header, words('id'), value(0x30, whole(1), words('name')), look), value(3, header))
  }
  const signed = (seal: Uint8Array) => value(0x30, value(0x30, whole(4), seal, words('time')), value(4, words('hash')))
  const sealed = (signature: Uint8Array, more = '', seal: Uint8Array | null = null): Files => {
    const files = layer(table + inBlank())
    const place = '/Doc_0/Signs/Sign_0'
    return {
      ...files,
      'OFD.xml': String(files['OFD.xml']).replace(
        '</ofd:DocBody>',
        '<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody>',
      ),
      'Doc_0/Signs/Signatures.xml': `<ofd:Signatures xmlns:ofd="x"><ofd:Signature ID="1" Type="Seal" BaseLoc="${place}/Signature.xml"/></ofd:Signatures>`,
      'Doc_0/Signs/Sign_0/Signature.xml': `<ofd:Signature xmlns:ofd="x"><ofd:SignedInfo><ofd:StampAnnot ID="1" PageRef="100" Boundary="${around}" ${more}/><ofd:Seal><ofd:BaseLoc>${place}/Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo><ofd:SignedValue>${place}/SignedValue.dat</ofd:SignedValue></ofd:Signature>`,
      'Doc_0/Signs/Sign_0/SignedValue.dat': signature,
      ...(seal === null ? {} : { 'Doc_0/Signs/Sign_0/Seal.esl': seal }),
    }
  }
  const sealPage = (objects: string) => {
    const files = ofdFiles([objects])
    const document = 'Doc_0/Document.xml'
    return makeOfd({ ...files, [document]: String(files[document]).replace('0 0 210 297', '0 0 80 80') })
  }
  const ring = path(
    'M 40 4 A 36 36 0 1 1 40 76 A 36 36 0 1 1 40 4 C',
    'LineWidth="3"',
    '<ofd:StrokeColor Value="255 0 0"/>',
  )
  const plate = path('M 0 0 L 80 0 L 80 80 L 0 80 C', 'Fill="true" Stroke="false"', color('255 0 0'))
  const png = (alpha: number) =>
    sharp({ create: { width: 9, height: 9, channels: alpha < 1 ? 4 : 3, background: { r: 255, g: 0, b: 0, alpha } } })
      .png()
      .toBuffer()
  const gif = (control: string) =>
    Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(7), Buffer.from(control, 'hex'), Buffer.alloc(20)])

  it('hide what they cover where nothing is seen through them: it is in doubt', async () => {
    for (const one of [
      sealOf('ofd', sealPage(plate)),
      sealOf('OFD', new Uint8Array(50)),
      sealOf('png', await png(1)),
      sealOf('gif', gif('2c')),
      new Uint8Array(20).fill(7),
    ])
      expect(await said(sealed(signed(one)))).toEqual(hidden)
    expect(await said(sealed(new Uint8Array(300), '', sealOf('png', await png(1))))).toEqual(hidden)
  })

  it('hide nothing that is seen through them, that they are cut away from, or on another page', async () => {
    const name = text('专用章2098', 10, 40)
    for (const one of [
      sealOf('ofd', sealPage(ring + name)),
      sealOf('png', await png(0.3)),
      sealOf('gif', gif('21f90401')),
    ])
      expect(await said(sealed(signed(one)))).toEqual(withBlank('77'))
    const opaque = signed(sealOf('png', await png(1)))
    expect(await said(sealed(opaque, 'Clip="0 0 3 40"'))).toEqual(withBlank('77'))
    const files = sealed(opaque)
    const signature = 'Doc_0/Signs/Sign_0/Signature.xml'
    const moved = String(files[signature]).replace('PageRef="100"', 'PageRef="101"')
    expect(await said({ ...files, [signature]: moved })).toEqual(withBlank('77'))
  })
})

describe('characters drawn as strokes', () => {
  const drawn = (...data: readonly string[]) =>
    data.map((one) => path(one, 'LineWidth="0.3"', '', `${x + 5} ${y + 2} 10 6`)).join('')
  it.each([
    ['a 7 of slopes', drawn('M 0 0 L 3 0 L 1 5')],
    ['a 7 of pieces', drawn('M 0 0 L 3 0', 'M 3 0 L 1 5')],
    ['a 1', drawn('M 2 0 L 2 5')],
    ['a short 1', drawn('M 2 2 L 2 3.5')],
    ['a 4 whose lines cross', drawn('M 2 5 L 2 0 L 0 3 L 3 3')],
    ['a 0 that is a box', drawn('M 0 0 L 3 0 L 3 5 L 0 5 C')],
    ['a 5 of level and upright lines', drawn('M 3 0 L 0 0 L 0 2.5 L 3 2.5 L 3 5 L 0 5')],
    ['a dash', drawn('M 1 3 L 5 3')],
    ['a slash', drawn('M 0 5 L 3 0')],
    [
      'a filled bar',
      path(
        `M ${x + 6} ${y + 2} L ${x + 6.4} ${y + 2} L ${x + 6.4} ${y + 7} L ${x + 6} ${y + 7} C`,
        'Fill="true" Stroke="false"',
        color('0 0 0'),
      ),
    ],
  ])('as %s leave a cell in doubt', async (_, strokes) => {
    expect(await said(layer(table + strokes))).toEqual(withBlank('?glyphs_without_text'))
  })

  it('are no lines of a form: a frame around a cell, a long line to write on', async () => {
    const frame = path(`M ${x + 2} ${y + 2} L ${x + 28} ${y + 2} L ${x + 28} ${y + 8} L ${x + 2} ${y + 8} C`)
    expect(await said(layer(table + frame))).toEqual(rows)
    expect(await said(layer(table + path(`M ${x + 4} ${y + 7} L ${x + 24} ${y + 7}`)))).toEqual(rows)
  })
})

describe('a figure of which it is not known what it is', () => {
  const blank = (code: string, attributes = '', boundary = `${x + 5} ${y + 3} 20 5`) =>
    layer(
      `${table}<ofd:TextObject ID="6" Boundary="${boundary}" Font="1" Size="4" ${attributes}>${code}</ofd:TextObject>`,
    )
  const code = (characters: string, attributes = 'X="0" Y="4" DeltaX="g 3 2"') =>
    `<ofd:TextCode ${attributes}>${characters}</ofd:TextCode>`

  it('since others stand in its place is in doubt', async () => {
    for (const files of [
      layer(table + inBlank() + text('99', x + 5, y + 7)),
      layer(table + inBlank() + text('99', x + 6, y + 7)),
      blank(code('1234', 'X="0" Y="4" DeltaX="g 3 0"')),
      blank(code('12') + code('34', 'DeltaX="2"')),
    ])
      expect((await said(files))[2]![1]).toBe('?figure_broken')
    expect(await said(layer(table + inBlank() + inBlank()))).toEqual(withBlank('77'))
  })

  it('since its boundary cuts off some of it is in doubt, but where its places are only guessed', async () => {
    expect(await said(blank(code('1234'), '', `${x + 5} ${y + 3} 4.1 5`))).toEqual(withBlank('?hidden_text'))
    expect(await said(blank(code('1234', 'X="0" Y="4"'), '', `${x + 5} ${y + 3} 4.1 5`))).toEqual(withBlank('1234'))
  })

  it('since a picture covers some of it is in doubt', async () => {
    const over = `<ofd:ImageObject ID="8" CTM="10 0 0 8 0 0" Boundary="${x + 9} ${y + 1} 10 8" ResourceID="9"/>`
    const found = await said(layer(table + text('1234', x + 5, y + 7) + over, media))
    expect(found).toEqual(withBlank('?hidden_text'))
  })

  it('since it is slanted is in doubt and told', async () => {
    for (const degrees of [45, -12]) {
      const files = layer(table + inBlank(`CTM="${turned(degrees, 0, 0)}"`))
      expect(await said(files)).toEqual(withBlank('?hidden_text'))
      expect((await read(files)).notices).toMatchObject([{ code: 'text_left_out', data: { text: '77' } }])
    }
  })

  it('since it is read from right to left is in doubt', async () => {
    expect(await said(blank(code('69', 'X="8" Y="4" DeltaX="2"'), 'ReadDirection="180"'))).toEqual(
      withBlank('?glyphs_without_text'),
    )
  })

  it('since it has more shapes than characters, or blanks of the shape of a digit, is in doubt', async () => {
    const shapes = (numbers: string) =>
      `<ofd:CGTransform CodePosition="0" CodeCount="${numbers.split(' ').length}" GlyphCount="${numbers.split(' ').length}"><ofd:Glyphs>${numbers}</ofd:Glyphs></ofd:CGTransform>`
    const doubted = withBlank('?glyphs_without_text')
    expect(await said(blank(shapes('27 27 29 29') + code('77')))).toEqual(doubted)
    const font = '<ofd:Fonts><ofd:Font ID="1" FontName="A"><ofd:FontFile>a.ttf</ofd:FontFile></ofd:Font></ofd:Fonts>'
    const head = text('17', 30, 20, '', shapes('21 27'))
    const blanks = (numbers: string) =>
      layer(table + head + inBlank('', shapes(numbers)).replace('>77<', '>\u00a0\u00a0<'), font)
    expect(await said(blanks('27 27'))).toEqual(doubted)
    expect((await said(blanks('3 3')))[2]![1]!.trim()).toBe('')
  })
})

describe('packages', () => {
  const figures = withBlank('77')
  const whole = layer(table + inBlank())
  const renamed = (name: (old: string) => string): Files =>
    Object.fromEntries(Object.entries(whole).map(([old, file]) => [name(old), file]))

  it.each([
    ['at the root', (name: string) => `/${name}`],
    ['at a dot', (name: string) => `./${name}`],
    ['with backslashes', (name: string) => name.replaceAll('/', '\\')],
    ['in capitals', (name: string) => name.toUpperCase()],
    ['in small letters', (name: string) => name.toLowerCase()],
  ])('whose entries are named %s are read', async (_, name) => {
    expect(await said(renamed(name))).toEqual(figures)
  })

  it('with keys to their parts are encrypted', async () => {
    for (const name of ['Encryptions.xml', 'Doc_0/Encrypt/Encryptions.xml', 'DecryptSeed.dat'])
      expect(await parse(makeOfd({ ...whole, [name]: '<a/>' }))).toMatchObject({ ok: false, reason: 'encrypted' })
  })

  it('with other files in them name those', async () => {
    const document = 'Doc_0/Document.xml'
    const list = '</ofd:Pages><ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>'
    const files: Files = {
      ...whole,
      [document]: String(whole[document]).replace('</ofd:Pages>', list),
      'Doc_0/Attachs/Attachments.xml':
        '<ofd:Attachments xmlns:ofd="x"><ofd:Attachment ID="1" Name="年报.docx"><ofd:FileLoc>1.docx</ofd:FileLoc></ofd:Attachment><ofd:Attachment ID="2" Name="source.xml" Visible="false"/></ofd:Attachments>',
    }
    expect(await said(files)).toEqual(figures)
    expect((await read(files)).notices).toEqual([
      { code: 'files_attached', anchor: null, data: { names: ['年报.docx'] } },
    ])
  })
})
