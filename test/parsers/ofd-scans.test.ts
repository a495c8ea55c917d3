/**
 * OFD whose pages are scans or show tables as pictures: they are read like those of a PDF, in whatever way the picture is laid
 * on the page, and what cannot be decoded or is painted over is told or in doubt, never blank.
 */
import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { describe, expect, it, vi } from 'vitest'
import { parse } from '../../parsers/index.ts'
import { limits } from '../../parsers/limits.ts'
import { drawPictures } from '../../parsers/ofd/pictures.ts'
import { readOfdPages } from '../../parsers/ofd.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { tesseractFinder } from '../../src/pipeline/tesseract.ts'
import { wearOut } from '../generator/degrade.ts'
import { drawPages } from '../generator/pdf-pages.ts'
import { makeOfd, ofdFiles } from '../generator/render/ofd.ts'

// Reading pictures takes long on a machine that does other things too.
vi.setConfig({ testTimeout: 400_000 })

const registry = loadRegistry()
const find = tesseractFinder()
const sample = new URL('../../samples/hongze-2023', import.meta.url).pathname

/** An OFD with these layers on its pages and these files as the media 901, 902 and so on, in its folder of resources. */
function ofdWith(layers: readonly string[], media: readonly { readonly name: string; readonly bytes: Uint8Array }[]) {
  const list = media.map(
    ({ name }, index) =>
      `<ofd:MultiMedia ID="${901 + index}" Type="Image"><ofd:MediaFile>${name}</ofd:MediaFile></ofd:MultiMedia>`,
  )
  const files = ofdFiles(layers, `<ofd:MultiMedias>${list.join('')}</ofd:MultiMedias>`)
  return makeOfd({ ...files, ...Object.fromEntries(media.map(({ name, bytes }) => [`Doc_0/Res/${name}`, bytes])) })
}

const image = (id: number, ctm: string, more = '', boundary = '0 0 210 297') =>
  `<ofd:ImageObject ID="7${id}" ResourceID="${id}" Boundary="${boundary}" CTM="${ctm}" ${more}/>`
const text = (words: string) =>
  `<ofd:TextObject ID="6" Boundary="20 5 170 10" Font="1" Size="4"><ofd:TextCode X="0" Y="5" DeltaX="g ${words.length} 4">${words}</ofd:TextCode></ofd:TextObject>`
const upright = '210 0 0 297 0 0'

describe('a report of scanned pages', () => {
  it('is read as its truth says: PNG and JPEG, in strips, turned and mirrored by their map', async () => {
    const pages = await drawPages(readFileSync(`${sample}.pdf`))
    const raw = ({ bitmap: { data, width, height } }: (typeof pages)[number]) =>
      sharp(data, { raw: { width, height, channels: 1 } })
    const { width, height } = pages[1]!.bitmap
    const half = height >> 1
    const strip = (top: number, high: number) => raw(pages[1]!).extract({ left: 0, top, width, height: high }).png()
    const split = (297 * half) / height
    const worn = await wearOut(pages[3]!.bitmap, pages[3]!.dpi, 'light', 4)
    const media = [
      { name: 'page1.png', bytes: await raw(pages[0]!).png().toBuffer() },
      { name: 'upper.png', bytes: await strip(0, half).toBuffer() },
      { name: 'lower.png', bytes: await strip(half, height - half).toBuffer() },
      { name: 'side.png', bytes: await raw(pages[2]!).rotate(90).png().toBuffer() },
      { name: 'worn.jpg', bytes: worn.bytes },
      { name: 'head.png', bytes: await raw(pages[4]!).flip().png().toBuffer() },
    ]
    const layers = [
      image(901, upright),
      image(902, `210 0 0 ${split} 0 0`) + image(903, `210 0 0 ${297 - split} 0 ${split}`),
      image(904, '0 -297 210 0 0 297'),
      image(905, upright),
      image(906, '210 0 0 -297 0 297'),
    ]
    const reading = await readReport(ofdWith(layers, media), { fileName: null }, registry, { ocr: find })
    const truth = JSON.parse(readFileSync(`${sample}.truth.json`, 'utf8')) as { facts: Record<string, number | null> }
    const believed = reading.facts.filter(({ state }) => state !== 'absent' && state !== 'unreadable')
    expect(believed.filter(({ code, value }) => truth.facts[code] !== value)).toEqual([])
    expect(believed.length / Object.keys(truth.facts).length).toBeGreaterThan(0.95)
    expect(reading.identity).toMatchObject({ agency: '淮安市洪泽区人民政府', year: 2023 })
    const told = reading.notices.filter(({ code }) => code === 'read_from_picture').map(({ anchor }) => anchor?.page)
    expect(told).toEqual([1, 2, 3, 4, 5])
    expect(reading.notices.map(({ code }) => code)).not.toContain('page_turned')
  })

  it('without an engine its pages of text are read, and the others are named', async () => {
    const white = await sharp({ create: { width: 210, height: 297, channels: 3, background: 'white' } })
      .png()
      .toBuffer()
    const media = [{ name: 'a.png', bytes: white }]
    const words = '本页为文字，另一页为扫描件，未予识别的页面应当指明其页码。'
    const mixed = await parse(ofdWith([image(901, upright), text(words)], media), { ocr: async () => null })
    if (!mixed.ok) throw new Error(mixed.reason)
    expect(mixed.document.blocks.map((block) => (block.kind === 'paragraph' ? block.text : ''))).toEqual([words])
    expect(mixed.document.notices).toEqual([
      { code: 'scans_not_read', anchor: { path: 'page[1]', page: 1, box: null }, data: { pages: [1], wants: 'ocr' } },
    ])
    const alone = await parse(ofdWith([image(901, upright)], media))
    expect(alone).toMatchObject({ ok: false, reason: 'picture_without_engine', data: { kind: 'ofd' } })
  })
})

/** What a page with these objects is drawn as: the brightness of points given in millimetres. */
async function drawn(layer: string, media: Parameters<typeof ofdWith>[1]) {
  const { pages, file } = readOfdPages(ofdWith([layer], media))
  const picture = await drawPictures(pages[0]!, file, { pixels: 0 })
  if (picture === null) return null
  const { bitmap, dpi } = picture
  return (x: number, y: number) =>
    bitmap.data[Math.round((y * dpi) / 25.4) * bitmap.width + Math.round((x * dpi) / 25.4)]!
}

/** A picture of 4 by 6 squares, all white but a black one at the top left and a grey one at the top right. */
async function corners(): Promise<Buffer> {
  const squares = Array.from({ length: 24 }, (_, index) => (index === 0 ? 0 : index === 3 ? 128 : 255))
  return sharp(Uint8Array.from(squares), { raw: { width: 4, height: 6, channels: 1 } })
    .resize({ width: 400, height: 600, kernel: 'nearest' })
    .png()
    .toBuffer()
}

describe('a page drawn from its pictures', () => {
  const grey = (value: number): string => (value < 30 ? 'black' : value > 225 ? 'white' : 'grey')

  it('shows them as their map lays them', async () => {
    const media = [{ name: 'a.png', bytes: await corners() }]
    const inset = 10
    const around = async (ctm: string) => {
      const at = (await drawn(image(901, ctm), media))!
      const places = [
        [inset, inset],
        [200, inset],
        [200, 287],
        [inset, 287],
      ] as const
      return places.map(([x, y]) => grey(at(x, y))).join(' ')
    }
    expect(await around(upright)).toBe('black grey white white')
    expect(await around('0 297 -210 0 210 0')).toBe('white black grey white')
    expect(await around('-210 0 0 -297 210 297')).toBe('white white black grey')
    expect(await around('0 -297 210 0 0 297')).toBe('grey white white black')
    expect(await around('210 0 0 -297 0 297')).toBe('white white grey black')
    expect(await drawn(image(901, '200 60 -60 280 0 0'), media)).toBeNull()
  })

  it('with what is painted over them, within their boundary; text is a blot', async () => {
    const media = [{ name: 'a.png', bytes: await corners() }]
    const cover = `<ofd:PathObject ID="5" Boundary="0 0 210 297" Fill="true" Stroke="false"><ofd:FillColor Value="255 255 255"/><ofd:AbbreviatedData>M 0 0 L 60 0 L 60 40 L 0 40 C</ofd:AbbreviatedData></ofd:PathObject>`
    const covered = (await drawn(image(901, upright) + cover + text('12'), media))!
    expect([covered(10, 45), covered(10, 20)].map(grey)).toEqual(['black', 'white'])
    expect(grey(covered(21, 8))).toBe('black')
    const cut = (await drawn(image(901, upright, '', '0 0 30 297'), media))!
    expect([cut(10, 10), cut(45, 10)].map(grey)).toEqual(['black', 'white'])
  })

  it('hides what text stands under it, unless it is seen through', async () => {
    const bytes = await corners()
    const clear = await sharp(bytes).ensureAlpha(0.5).png().toBuffer()
    const hidden = '1234567890'.repeat(4)
    for (const [name, content, shown] of [
      ['a.png', bytes, 0],
      ['a.dat', bytes, 0],
      ['clear.png', clear, 40],
    ] as const) {
      const { pages } = readOfdPages(ofdWith([text(hidden) + image(901, upright)], [{ name, bytes: content }]))
      expect(pages[0]!.glyphs, name).toHaveLength(shown)
    }
    const over = readOfdPages(ofdWith([image(901, upright) + text(hidden)], [{ name: 'a.png', bytes }]))
    expect(over.pages[0]!.glyphs).toHaveLength(40)
  })

  it('is none where a picture is missing, broken, of a kind that is not decoded or seen through', async () => {
    const bytes = await corners()
    const layer = image(901, upright)
    for (const [name, content] of [
      ['a.png', bytes.subarray(0, 200)],
      ['a.jb2', Buffer.from('974a42320d0a1a0a0100000001', 'hex')],
      ['a.bmp', Buffer.from('424d3a000000', 'hex')],
    ] as const) {
      expect(await drawn(layer, [{ name, bytes: content }]), name).toBeNull()
      const result = await parse(ofdWith([layer], [{ name, bytes: content }]), { ocr: find })
      expect(result).toMatchObject({ ok: false, reason: 'unsupported_format', data: { kind: 'ofd' } })
    }
    expect(await drawn(image(902, upright), [{ name: 'a.png', bytes }])).toBeNull()
    expect(await drawn(image(901, upright, 'ImageMask="901"'), [{ name: 'a.png', bytes }])).toBeNull()
    expect(
      await drawn(layer + image(901, '40 0 0 40 150 200', 'Alpha="90"'), [{ name: 'a.png', bytes }]),
    ).not.toBeNull()
  })

  it('takes no more than the limits, whatever its pictures claim and however many there are', async () => {
    const bytes = await corners()
    const media = [{ name: 'a.png', bytes }]
    const many = image(901, '1 0 0 1 5 5').repeat(2_000)
    await expect(drawn(image(901, upright) + many, media)).rejects.toMatchObject({ limit: 'drawnPixelsMax' })
    const large = await sharp({ create: { width: 9_000, height: 9_000, channels: 3, background: 'white' } })
      .png()
      .toBuffer()
    const { pages, file } = readOfdPages(ofdWith([image(901, upright)], [{ name: 'a.png', bytes: large }]))
    const spent = { pixels: limits.drawnPixelsMax - 80_000_000 }
    await expect(drawPictures(pages[0]!, file, spent)).rejects.toMatchObject({ limit: 'drawnPixelsMax' })
    await expect(drawn(image(901, '90000 0 0 90000 0 0'), media)).rejects.toMatchObject({
      limit: 'pictureSideMax',
    })
  })
})

describe('a table that is shown as a picture', () => {
  it('is read in its place on a page with text of its own', async () => {
    const { bitmap } = (await drawPages(readFileSync(`${sample}.pdf`)))[2]!
    const { data, width, height } = bitmap
    const bytes = await sharp(data, { raw: { width, height, channels: 1 } })
      .png()
      .toBuffer()
    const words = '以下表格以图片形式附于本页，本段文字是本页自身的文字内容，并非图片。'
    const layer = text(words) + image(901, '189 0 0 267.3 10 20')
    const reading = await readReport(ofdWith([layer], [{ name: 'a.png', bytes }]), { fileName: null }, registry, {
      ocr: find,
    })
    const truth = JSON.parse(readFileSync(`${sample}.truth.json`, 'utf8')) as { facts: Record<string, number | null> }
    const numbers = reading.facts.filter(({ state }) => state === 'number')
    expect(numbers.length).toBeGreaterThan(5)
    for (const { code, value, anchor } of numbers) {
      expect([code, value]).toEqual([code, truth.facts[code]])
      expect(anchor?.path).toMatch(/^page\[1\]\/picture\[1\]\/table/)
    }
  })
})
