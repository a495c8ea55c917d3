/** OFD to pages: every figure in its cell, every ruling line where it is drawn, nothing that is not seen, bad files refused. */
import fc from 'fast-check'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { ParseFailure } from '../../parsers/failure.ts'
import type { Page } from '../../parsers/layout/page.ts'
import { LimitError, limits } from '../../parsers/limits.ts'
import { readOffsets } from '../../parsers/ofd/text.ts'
import { parseOfd, readOfdPages } from '../../parsers/ofd.ts'
import { isScan } from '../../parsers/scan/drawn.ts'
import { truths } from '../generator/figures.ts'
import { makeOfd, ofdFiles, ofdManners, renderOfd } from '../generator/render/ofd.ts'
import type { TypesetPage } from '../generator/typeset.ts'

const points = (millimetres: number) => (millimetres * 72) / 25.4
const seeds = Array.from({ length: 6 }, (_, index) => index + 1)
const near = (one: number, other: number, by = 0.6) => Math.abs(one - other) <= by

/** What stands in a box of the page, line by line, without spaces. */
function textIn(page: Page, box: { x: number; y: number; width: number; height: number }): string {
  const inside = page.glyphs.filter((glyph) => {
    const [x, y] = [glyph.x + glyph.width / 2, glyph.y + glyph.height / 2]
    return x > points(box.x) && x < points(box.x + box.width) && y > points(box.y) && y < points(box.y + box.height)
  })
  const sorted = [...inside].sort((a, b) => (near(a.y, b.y, 2) ? a.x - b.x : a.y - b.y))
  return sorted
    .map(({ text }) => text)
    .join('')
    .replace(/\s/g, '')
}

/** Glyphs that reach out of the cell that their middle is in. */
function overhanging(page: Page, { cells }: TypesetPage): number {
  return page.glyphs.filter(({ x, y, width, height }) =>
    cells.some((cell) => {
      const [left, top, right, bottom] = [cell.x, cell.y, cell.x + cell.width, cell.y + cell.height].map(points)
      const [middleX, middleY] = [x + width / 2, y + height / 2]
      if (middleX < left! || middleX > right! || middleY < top! || middleY > bottom!) return false
      return x < left! - 1 || x + width > right! + 1 || y < top! - 1 || y + height > bottom! + 1
    }),
  ).length
}

function missingLines(page: Page, expected: TypesetPage): number {
  return expected.lines.filter(({ x1, y1, x2, y2 }) => {
    const horizontal = y1 === y2
    const [at, from, to] = horizontal ? [y1, x1, x2] : [x1, y1, y2]
    return !page.rules.some(
      (rule) =>
        rule.horizontal === horizontal &&
        near(rule.at, points(at)) &&
        rule.from <= points(from) + 1 &&
        rule.to >= points(to) - 1,
    )
  }).length
}

function strayRules(page: Page, expected: TypesetPage): number {
  return page.rules.filter(
    (rule) =>
      !expected.lines.some(({ x1, y1, x2, y2 }) => {
        const horizontal = y1 === y2
        const [at, from, to] = horizontal ? [y1, x1, x2] : [x1, y1, y2]
        return (
          rule.horizontal === horizontal &&
          near(rule.at, points(at)) &&
          near(rule.from, points(from), 1) &&
          near(rule.to, points(to), 1)
        )
      }),
  ).length
}

const one = (layer: string, resources = '', more: Record<string, string> = {}): Page =>
  readOfdPages(makeOfd({ ...ofdFiles([layer], resources), ...more })).pages[0]!
const path = (data: string, attributes = '', inside = '', boundary = '0 0 210 297') =>
  `<ofd:PathObject ID="5" Boundary="${boundary}" ${attributes}>${inside}<ofd:AbbreviatedData>${data}</ofd:AbbreviatedData></ofd:PathObject>`
const text = (code: string, attributes = '', inside = '', boundary = '20 20 100 20') =>
  `<ofd:TextObject ID="6" Boundary="${boundary}" Font="1" Size="5" ${attributes}>${inside}${code}</ofd:TextObject>`
const code = (characters: string, more = 'DeltaX="g 20 5"') =>
  `<ofd:TextCode X="0" Y="5" ${more}>${characters}</ofd:TextCode>`
const rectangle = 'M 30 30 L 80 30 L 80 60 L 30 60 C'
const shown = (page: Page) => page.glyphs.map((glyph) => glyph.text).join('')

describe('reports of every producer', () => {
  for (const manner of ofdManners) {
    it(`${manner.name}: figures in their cells, lines in their places`, () => {
      let cells = 0
      for (const seed of seeds) {
        const [truth] = fc.sample(truths(), { seed, numRuns: 1 })
        const { bytes, pages: expected } = renderOfd(truth!, seed, manner)
        const { pages, metadata } = readOfdPages(bytes)
        expect(pages.map(({ number }) => number)).toEqual(expected.map((_, index) => index + 1))
        expect(metadata.find(({ name }) => name === 'title')?.value).toContain('年')
        for (const [index, page] of pages.entries()) {
          const set = expected[index]!
          expect([page.width, page.height].map(Math.round)).toEqual([595, 842])
          for (const cell of set.cells) {
            cells++
            expect(textIn(page, cell), `seed ${seed}, page ${page.number}, ${cell.code}`).toBe(
              cell.text.replace(/\s/g, ''),
            )
          }
          expect(overhanging(page, set)).toBe(0)
          expect(missingLines(page, set)).toBe(0)
          expect(strayRules(page, set)).toBe(0)
          expect(page.glyphs.every(({ turn, confidence }) => turn === 0 && confidence === null)).toBe(true)
          expect(page.fills).toEqual([])
        }
      }
      expect(cells).toBeGreaterThan(1_000)
    })
  }

  it('leaves out watermarks, stamps and hidden words, and tells what is drawn but no text of the page', () => {
    const [truth] = fc.sample(truths(), { seed: 1, numRuns: 1 })
    const manner = ofdManners.find(({ name }) => name.startsWith('grounds'))!
    const { pages } = readOfdPages(renderOfd(truth!, 1, manner).bytes)
    for (const page of pages) {
      expect(shown(page)).not.toMatch(/样稿|2099|已阅|2098/)
      expect(page.pictures).toHaveLength(1)
      expect(page.notices.map((notice) => notice.code)).toEqual(['text_left_out'])
    }
    expect(pages[0]!.notices[0]!.data.text).toMatch(/样稿2099.*88.*已阅2098/)
    expect(pages[0]!.notices[0]!.data.text).not.toContain(' 99')
  })

  it('gives a document when pages are laid out', async () => {
    const [truth] = fc.sample(truths(), { seed: 2, numRuns: 1 })
    const { bytes } = renderOfd(truth!, 2, ofdManners[0]!)
    const document = await parseOfd(bytes)
    expect(document).toMatchObject({ format: 'ofd', title: expect.stringContaining(String(truth!.year)) })
    expect(document.metadata.map(({ name }) => name)).toEqual(['title', 'creator', 'created'])
    expect(document.notices).toHaveLength(1)
  })
})

describe('text', () => {
  it('goes by its offsets, however they are written', () => {
    expect(readOffsets('3 g 4 2.5 7', 6)).toEqual([3, 2.5, 2.5, 2.5, 2.5, 7])
    expect(readOffsets('g 1000000000 1', 3)).toEqual([1, 1, 1])
    expect(readOffsets('5', 3)).toEqual([5, 5, 5])
    expect(readOffsets(undefined, 3)).toBeNull()
    const { glyphs } = one(text(code('1 2', 'DeltaX="3 30"')))
    expect(glyphs.map(({ x }) => Math.round(x))).toEqual([20, 23, 53].map((x) => Math.round(points(x))))
    expect(
      one(text(`${code('12', 'DeltaX="3"')}<ofd:TextCode Y="12" DeltaX="3">34</ofd:TextCode>`)).glyphs[2],
    ).toMatchObject({
      text: '3',
      x: points(20),
    })
  })

  it('without offsets is as wide as its characters, downwards text goes down', () => {
    expect(one(text(code('公a', ''))).glyphs[1]!.x).toBeCloseTo(points(25))
    const down = one(text(code('公开', 'DeltaY="6"'))).glyphs
    expect(down[1]!.x).toBe(down[0]!.x)
    expect(down[1]!.y - down[0]!.y).toBeCloseTo(points(6))
  })

  it('knows quarter turns, by its map and by its direction', () => {
    const turned = one(text(code('12', 'DeltaX="3"'), 'CTM="0 1 -1 0 10 0"')).glyphs
    expect(turned.map(({ turn }) => turn)).toEqual([1, 1])
    expect(turned[1]!.y - turned[0]!.y).toBeCloseTo(points(3))
    const left = one(text(code('12', 'DeltaY="-3"'), 'CharDirection="270"', '', '20 20 20 50')).glyphs
    expect(left.map(({ turn }) => turn)).toEqual([3, 3])
    expect(left[0]!.height).toBeCloseTo(points(2.5))
    const read = one(
      text(
        '<ofd:TextCode X="2" Y="-5" DeltaX="g 2 6">竖排文</ofd:TextCode>',
        'ReadDirection="90" CharDirection="90"',
        '',
        '20 20 20 50',
      ),
    ).glyphs
    expect(read.map(({ turn }) => turn)).toEqual([1, 1, 1])
    expect(read[2]!.y).toBeGreaterThan(read[0]!.y)
    expect(read[2]!.y).toBeLessThan(points(70))
  })

  it('that the file gives no characters for is a shape without text', () => {
    expect(one(text(code('\ue001¤', 'DeltaX="5"'))).glyphs.map((glyph) => glyph.text)).toEqual(['', ''])
    const transform =
      '<ofd:CGTransform CodePosition="0" CodeCount="1" GlyphCount="1"><ofd:Glyphs>7</ofd:Glyphs></ofd:CGTransform>'
    expect(one(text(code('', ''), '', transform)).glyphs.map((glyph) => glyph.text)).toEqual([''])
    const outline = 'M 30 30 B 31 29 32 29 33 30 B 34 33 32 35 30 33 C'
    expect(one(path(outline, 'Fill="true" Stroke="false"', '<ofd:FillColor Value="0 0 0"/>')).glyphs).toMatchObject([
      { text: '' },
    ])
  })

  it('cut by a boundary that is too small is read, text wholly outside of it is not seen', () => {
    expect(shown(one(text(code('12345'), '', '', '20 20 6 6')))).toBe('12345')
    const outside = one(text('<ofd:TextCode X="50" Y="50" DeltaX="3">12</ofd:TextCode>', '', '', '20 20 6 6'))
    expect(outside).toMatchObject({ glyphs: [], notices: [{ code: 'text_left_out', data: { text: '12' } }] })
  })

  it('under an opaque area, or white on paper, is not seen; white on a dark ground is', () => {
    const dark = path(rectangle, 'Fill="true" Stroke="false"', '<ofd:FillColor Value="0 0 128"/>')
    const white = path(rectangle, 'Fill="true" Stroke="false"', '<ofd:FillColor Value="255 255 255"/>')
    const figure = (inside = '') => text(code('12'), '', inside, '40 40 30 10')
    const paper = '<ofd:FillColor Value="255 255 255"/>'
    expect(shown(one(figure() + white))).toBe('')
    expect(one(figure() + white).notices).toMatchObject([{ data: { text: '12' } }])
    expect(shown(one(white + figure()))).toBe('12')
    expect(shown(one(figure() + white + text(code('34'), '', '', '40 40 30 10')))).toBe('34')
    expect(shown(one(dark + figure(paper)))).toBe('12')
    expect(shown(one(figure(paper)))).toBe('')
    expect(one(dark + white).fills).toEqual([])
  })
})

describe('pictures', () => {
  const media = (format: string) =>
    `<ofd:MultiMedias><ofd:MultiMedia ID="9" Type="Image" Format="${format}"><ofd:MediaFile>a.${format}</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>`
  const wholePage = '<ofd:ImageObject ID="8" CTM="210 0 0 297 0 0" Boundary="0 0 210 297" ResourceID="9"/>'
  const picture = '<ofd:ImageObject ID="8" CTM="100 0 0 90 0 0" Boundary="15 15 100 90" ResourceID="9"/>'

  it('stand where they are shown, and hide what they are put over, but for a doubt where the picture is none of the page', () => {
    const page = one(text(code('12')) + picture, media('jpg'))
    expect(page.glyphs.map(({ text, faint }) => [text, faint])).toEqual([
      ['1', true],
      ['2', true],
    ])
    expect(page.notices).toMatchObject([{ data: { text: '12' } }])
    expect(page.pictures).toEqual([
      { x: points(15), y: points(15), width: expect.closeTo(points(100)), height: expect.closeTo(points(90)) },
    ])
    expect(one(text(code('12')) + wholePage, media('jpg')).glyphs).toEqual([])
    const strip = (top: number) =>
      `<ofd:ImageObject ID="8" CTM="210 0 0 100 0 0" Boundary="0 ${top} 210 100" ResourceID="9"/>`
    const recognised = text(code('1'.repeat(30), 'DeltaX="g 29 2"'), '', '', '20 20 100 20')
    expect(isScan(one(recognised + strip(0) + strip(100) + strip(200), media('jpg')))).toBe(true)
    expect(shown(one(picture + text(code('12')), media('jpg')))).toBe('12')
    expect(shown(one(text(code('12')) + picture, media('png')))).toBe('12')
  })
})

describe('lines', () => {
  const rules = (page: Page) =>
    page.rules.map(({ horizontal, at }) => `${horizontal ? 'h' : 'v'}${Math.round((at * 25.4) / 72)}`)

  it('of a rectangle are four, closed by itself or by its last point', () => {
    for (const data of [rectangle, 'M 30 30 L 80 30 L 80 60 L 30 60 L 30 30', 'S30 30L80 30 80 60 30 60C'])
      expect(rules(one(path(data)))).toEqual(['h30', 'v80', 'h60', 'v30'])
    expect(one(path(rectangle)).rules[0]!.thickness).toBeCloseTo(points(0.353))
  })

  it('of a thin frame are four, of a thick one none', () => {
    const frame = (by: number) =>
      `M 30 30 L 80 30 L 80 60 L 30 60 C M ${30 + by} ${30 + by} L ${80 - by} ${30 + by} L ${80 - by} ${60 - by} L ${30 + by} ${60 - by} C`
    const filled = (data: string) =>
      one(path(data, 'Fill="true" Stroke="false" Rule="Even-Odd"', '<ofd:FillColor Value="0 0 0"/>'))
    expect(rules(filled(frame(0.4)))).toEqual(['h30', 'h60', 'v30', 'v80'])
    expect(filled(frame(6)).rules).toEqual([])
  })

  it('are seen by their own colour, or that of the parameters they build on', () => {
    const params = `<ofd:ColorSpaces><ofd:ColorSpace ID="8" Type="CMYK"/></ofd:ColorSpaces><ofd:DrawParams><ofd:DrawParam ID="10" LineWidth="0.5"><ofd:StrokeColor ColorSpace="8" Value="0 0 0 0"/></ofd:DrawParam><ofd:DrawParam ID="11" Relative="10"/><ofd:DrawParam ID="12" Relative="12" LineWidth="0.7"/></ofd:DrawParams>`
    const line = 'M 10 10 L 100 10'
    expect(one(path(line, 'DrawParam="11"'), params).rules).toEqual([])
    expect(
      one(path(line, 'DrawParam="11"', '<ofd:StrokeColor Value="#80 #80 #80"/>'), params).rules[0]!.thickness,
    ).toBeCloseTo(points(0.5))
    expect(one(path(line, 'DrawParam="12"'), params).rules[0]!.thickness).toBeCloseTo(points(0.7))
    expect(one(path(line, 'Stroke="false"')).rules).toEqual([])
    expect(one(path(line, '', '<ofd:StrokeColor Value="0 0 0" Alpha="0"/>')).rules).toEqual([])
    expect(one(path(line, 'Visible="false"')).rules).toEqual([])
    expect(one(path('M 10 10 L 100 10 L 100 10.4 L 10 10.4 C', 'Fill="true" Stroke="false"')).rules).toEqual([])
  })

  it('go through maps, and end where their boundary does', () => {
    expect(one(path('M 0 0 L 50 0', 'CTM="2 0 0 2 10 5" LineWidth="0.2"')).rules).toMatchObject([
      {
        horizontal: true,
        at: expect.closeTo(points(5)),
        from: expect.closeTo(points(10)),
        to: expect.closeTo(points(110)),
        thickness: expect.closeTo(points(0.4)),
      },
    ])
    const [clipped] = one(path('M 0 0 L 500 0', 'LineWidth="0.2"', '', '20 40 30 0')).rules
    expect(clipped!.from).toBeCloseTo(points(20))
    expect(near(clipped!.to, points(50), 1.5)).toBe(true)
    expect(one(path('M 10 10 L 60 40')).rules).toEqual([])
  })

  it('may be areas that are seen through a slit', () => {
    const slit = path(
      'M 0 0 L 90 0 L 90 90 L 0 90 C',
      'Fill="true" Stroke="false"',
      '<ofd:FillColor Value="0 0 0"/>',
      '20 40 60 0.3',
    )
    expect(one(slit)).toMatchObject({
      fills: [],
      rules: [{ horizontal: true, at: expect.closeTo(points(40.15)), from: points(20) }],
    })
  })

  it('and grounds are told apart', () => {
    const ground = path(
      rectangle,
      'Fill="true"',
      '<ofd:StrokeColor Value="255 255 255"/><ofd:FillColor Value="220 230 241"/>',
    )
    const page = one(ground)
    expect(page.rules).toEqual([])
    expect(page.fills).toEqual([expect.objectContaining({ x: points(30), y: points(30) })])
  })
})

describe('bad files', () => {
  const failureOf = (bytes: Uint8Array): string => {
    try {
      readOfdPages(bytes)
      return 'ok'
    } catch (error) {
      if (error instanceof LimitError) return error.limit
      if (error instanceof ParseFailure) return error.reason
      throw error
    }
  }
  const file = (layer: string, resources = '') => makeOfd(ofdFiles([layer], resources))
  const unit = (id: number, inside: string) =>
    `<ofd:CompositeGraphicUnit ID="${id}" Width="9" Height="9"><ofd:Content>${inside}</ofd:Content></ofd:CompositeGraphicUnit>`
  const use = (id: number) => `<ofd:CompositeObject ID="7" Boundary="0 0 9 9" ResourceID="${id}"/>`

  it('encrypted by the rules of OFD or of zip', () => {
    expect(failureOf(makeOfd({ ...ofdFiles(['']), 'Encryptions.xml': '<a/>' }))).toBe('encrypted')
    const bytes = file(text(code('12')))
    const main = Buffer.from(bytes).indexOf(Buffer.from('PK\x01\x02'))
    const locked = Uint8Array.from(bytes)
    locked[main + 8]! |= 1
    expect(failureOf(locked)).toBe('encrypted')
  })

  it('with parts that are missing, cut short or not XML', () => {
    const files = ofdFiles([text(code('12'))])
    for (const name of ['OFD.xml', 'Doc_0/Document.xml', 'Doc_0/Pages/Page_0/Content.xml']) {
      const { [name]: content, ...others } = files
      expect(failureOf(makeOfd(others)), name).toBe('damaged')
      expect(failureOf(makeOfd({ ...others, [name]: content!.slice(0, -20) })), name).toBe('damaged')
      expect(failureOf(makeOfd({ ...others, [name]: '' })), name).toBe('damaged')
      expect(failureOf(makeOfd({ ...others, [name]: `<!DOCTYPE x [<!ENTITY e "1">]>${content}` })), name).toBe(
        'damaged',
      )
    }
    expect(failureOf(file(path('M 0 0 X 3')))).toBe('damaged')
  })

  it('with drawings that hold themselves, or one another a thousandfold', () => {
    const around = `<ofd:CompositeGraphicUnits>${unit(20, use(21))}${unit(21, use(20))}</ofd:CompositeGraphicUnits>`
    expect(failureOf(file(use(20), around))).toBe('drawingDepthMax')
    const doubling = Array.from({ length: 25 }, (_, index) => unit(30 + index, use(31 + index).repeat(2))).join('')
    expect(failureOf(file(use(30), `<ofd:CompositeGraphicUnits>${doubling}</ofd:CompositeGraphicUnits>`))).toBe(
      'drawnObjectsMax',
    )
    expect(failureOf(file('<ofd:PageBlock ID="1">'.repeat(60) + '</ofd:PageBlock>'.repeat(60)))).toBe('drawingDepthMax')
    expect(failureOf(file('<ofd:PageBlock>'.repeat(1_000) + '</ofd:PageBlock>'.repeat(1_000)))).toBe('markupDepthMax')
  })

  it('with more points, marks and pages than any document', () => {
    const segments = Array.from({ length: 300_000 }, (_, index) => `L ${index % 977} ${(index * 7) % 991}`).join(' ')
    expect(failureOf(file(path(`M 0 0 ${segments}`)))).toBe('ok')
    expect(failureOf(file(path(`M 0 0 ${segments}`).repeat(2)))).toBe('pathPointsMax')
    expect(failureOf(file(text(code('1'.repeat(limits.drawnMarksMax + 1), 'DeltaX="0"'))))).toBe('drawnMarksMax')
    const document = ofdFiles([''])['Doc_0/Document.xml']!
    const pages = '<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>'.repeat(limits.pagesMax + 1)
    expect(
      failureOf(makeOfd({ ...ofdFiles(['']), 'Doc_0/Document.xml': document.replace(/<ofd:Page ID[^>]*>/, pages) })),
    ).toBe('pagesMax')
    const covering = path(
      'M 0 0 L 210 0 L 210 297 L 0 297 C',
      'Fill="true" Stroke="false"',
      '<ofd:FillColor Value="9 9 9"/>',
    )
    const far = text(code('1'.repeat(100_000), 'DeltaX="0"'), '', '', '0 0 1 1')
    expect(failureOf(file(far + covering.repeat(300)))).toBe('ok')
  })

  it('with a drawing that is not there tell so', () => {
    expect(one(use(77)).notices).toMatchObject([{ code: 'markup_repaired', data: { what: 'drawing 77' } }])
  })

  it('zip bombs', () => {
    const bomb = zipSync({
      'OFD.xml': strToU8('<a/>'),
      'Doc_0/Document.xml': new Uint8Array(limits.archiveEntryBytesMax + 1),
    })
    expect(failureOf(bomb)).toBe('archiveEntryBytesMax')
    expect(failureOf(file(`<!--${' '.repeat(limits.archiveRatioFloorBytes)}-->`))).toBe('archiveRatioMax')
  })

  it('cut anywhere are damaged, changed anywhere are refused or say the same', () => {
    const [truth] = fc.sample(truths(), { seed: 3, numRuns: 1 })
    const { bytes } = renderOfd(truth!, 3, ofdManners[0]!)
    // Names in the directory have no checksum: a part that is no longer found may take a stamp with it, but no figure.
    const drawn = (file: Uint8Array) => readOfdPages(file).pages.map(({ glyphs, rules }) => [glyphs, rules])
    const whole = JSON.stringify(drawn(bytes))
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), (length) => {
        expect(failureOf(bytes.subarray(0, length))).toBe('damaged')
      }),
      { numRuns: 40 },
    )
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const changed = Uint8Array.from(bytes)
        for (const [at, byte] of changes) changed[at] = byte
        if (failureOf(changed) === 'ok') expect(JSON.stringify(drawn(changed)) === whole).toBe(true)
      }),
      { numRuns: 80 },
    )
  })

  it('of any XML end as pages or as a failure', () => {
    const value = fc.oneof(
      fc.constantFrom('0', '-1', '1e308', 'NaN', '', 'g', 'g 5', '0 0', '1 0 0 1 0 0', '0 0 0 0 0 0', 'true'),
      fc.string({ maxLength: 6 }),
    )
    const names = [
      'Boundary',
      'CTM',
      'Size',
      'HScale',
      'LineWidth',
      'Fill',
      'Stroke',
      'DrawParam',
      'ReadDirection',
      'CharDirection',
      'Alpha',
      'ResourceID',
      'DeltaX',
      'X',
      'Y',
    ]
    const clean = (raw: string) => raw.replace(/[<>&"\p{Cc}]/gu, '')
    const attributes = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 5 }).map((pairs) =>
      Object.entries(pairs)
        .map(([name, raw]) => ` ${name}="${clean(raw)}"`)
        .join(''),
    )
    const kinds = [
      'TextObject',
      'PathObject',
      'ImageObject',
      'CompositeObject',
      'PageBlock',
      'TextCode',
      'AbbreviatedData',
      'FillColor',
      'StrokeColor',
    ]
    const element = fc.letrec((tie) => ({
      node: fc
        .tuple(
          fc.constantFrom(...kinds),
          attributes,
          fc.oneof({ depthSize: 'small' }, value.map(clean), tie('nodes') as fc.Arbitrary<string>),
        )
        .map(([kind, more, inside]) => `<ofd:${kind}${more}>${inside}</ofd:${kind}>`),
      nodes: fc.array(tie('node') as fc.Arbitrary<string>, { maxLength: 4 }).map((list) => list.join('')),
    })).nodes
    fc.assert(
      fc.property(element, (layer) => {
        expect(['ok', 'damaged']).toContain(failureOf(file(layer)))
      }),
      { numRuns: 300 },
    )
  })
})
