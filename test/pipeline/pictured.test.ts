/**
 * A table of the form that a report shows as a picture is ours to read, whatever the format: told from one that is missing
 * where only a seal stands.
 */
import { readFileSync } from 'node:fs'
import { read } from '@e965/xlsx'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import sharp from 'sharp'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { drawnPage } from '../../parsers/drawn.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { makeOfd, ofdFiles } from '../generator/render/ofd.ts'
import { convertWithOffice } from '../setup/office.ts'

// LibreOffice takes long on a machine that does other things too.
vi.setConfig({ testTimeout: 400_000, hookTimeout: 400_000 })

const registry = loadRegistry()
const page = readFileSync(new URL('../../samples/shanghai-office-2019.html', import.meta.url), 'utf8')
const third = page.match(/<table[\s\S]*?<\/table>/g)!.find((table) => table.includes('结转下年度继续办理'))!

/** The report with a grey picture of so many pixels in place of its third table, in the line or beside the text. */
async function pictured(width: number, height: number, beside = false): Promise<string> {
  const png = await sharp({ create: { width, height, channels: 3, background: '#ccc' } })
    .png()
    .toBuffer()
  const source = `data:image/png;base64,${png.toString('base64')}`
  const image = `<img src="${source}" width="${width}" height="${height}"`
  return page.replace(third, beside ? `<p>${image} align="left">办理情况如图。</p>` : `<p>${image}></p>`)
}

const written = (text: string) => ({ bytes: Buffer.from(text), extension: 'html' })

async function judged(bytes: Uint8Array) {
  const { status, reason, findings, notices } = await readReport(bytes, { fileName: null }, registry)
  const missing = findings.filter(({ rule }) => rule === 'ogi2019.tables_complete').map(({ fault }) => fault)
  const embedded = notices.flatMap(({ code, data }) => (code === 'table_embedded' ? [data.table] : []))
  return { status, reason: reason?.code, missing, embedded }
}

const isReading = { status: 'partial', reason: 'tables_not_read', missing: ['reading'], embedded: ['t3'] }
const isMissing = { status: 'ok', reason: undefined, missing: ['report'], embedded: [] }

for (const format of ['pdf', 'doc', 'odt', 'rtf', 'docx', 'html']) {
  describe(`a report as ${format}`, () => {
    let [shown, beside, sealed, sealedBeside]: Uint8Array[] = []
    beforeAll(async () => {
      const [width, height, side] = [560, 300, 110]
      const pages = [
        await pictured(width, height),
        await pictured(width, height, true),
        await pictured(side, side),
        await pictured(side, side, true),
      ].map(written)
      const made = format === 'html' ? pages.map(({ bytes }) => bytes) : await convertWithOffice(pages, format)
      ;[shown, beside, sealed, sealedBeside] = made
    })
    it('whose third table is a picture is read in part', async () => {
      expect([await judged(shown!), await judged(beside!)]).toEqual([isReading, isReading])
    })
    it('that shows a seal there lacks the table', async () => {
      expect([await judged(sealed!), await judged(sealedBeside!)]).toEqual([isMissing, isMissing])
    })
  })
}

describe('a table that is drawn', () => {
  it('with lines and without any text is not missing', async () => {
    const row = `<tr>${'<td>&nbsp;</td>'.repeat(10)}</tr>`
    const blank = `<table border="1" width="600">${row.repeat(20)}</table>`
    const [bytes] = await convertWithOffice([written(page.replace(third, blank))], 'pdf')
    expect(await judged(bytes!)).toEqual(isReading)
  })

  it('is missing where the frame that is left has one place', async () => {
    const frame = '<table border="1" width="600"><tr><td height="200">&nbsp;</td></tr></table>'
    const [bytes] = await convertWithOffice([written(page.replace(third, frame))], 'pdf')
    expect(await judged(bytes!)).toEqual(isMissing)
  })
})

/** A PDF as an OFD that draws its text and lines at their places, and a grey picture, in so many strips, where it has one. */
async function asOfd(pdf: Uint8Array, picture: Uint8Array, strips = 1): Promise<Uint8Array> {
  const mm = (points: number): string => ((points * 25.4) / 72).toFixed(3)
  const boxOf = (x: number, y: number, width: number, height: number) =>
    `Boundary="${mm(x)} ${mm(y)} ${mm(width)} ${mm(height)}"`
  const layers: string[] = []
  for (let number = 1; ; number++) {
    const drawn = await drawnPage(pdf, number)
    if (drawn === null) break
    const text = drawn.glyphs.map(
      ({ text, x, y, width, height }) =>
        `<ofd:TextObject ID="6" ${boxOf(x, y, width, height)} Font="1" Size="${mm(height * 0.8)}"><ofd:TextCode X="0" Y="${mm(height * 0.75)}">${text}</ofd:TextCode></ofd:TextObject>`,
    )
    const lines = drawn.rules.map(({ horizontal, at, from, to }) => {
      const [width, height] = horizontal ? [to - from, 1] : [1, to - from]
      const place = horizontal ? boxOf(from, at, width, height) : boxOf(at, from, width, height)
      const end = horizontal ? `${mm(width)} 0` : `0 ${mm(height)}`
      return `<ofd:PathObject ID="5" ${place} LineWidth="0.3"><ofd:AbbreviatedData>M 0 0 L ${end}</ofd:AbbreviatedData></ofd:PathObject>`
    })
    const pictures = drawn.pictures.flatMap(({ x, y, width, height }) =>
      Array.from({ length: strips }, (_, index) => {
        const high = height / strips
        return `<ofd:ImageObject ID="7" ResourceID="901" ${boxOf(x, y + index * high, width, high)} CTM="${mm(width)} 0 0 ${mm(high)} 0 0"/>`
      }),
    )
    layers.push([...text, ...lines, ...pictures].join(''))
  }
  const media =
    '<ofd:MultiMedias><ofd:MultiMedia ID="901" Type="Image"><ofd:MediaFile>1.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>'
  return makeOfd({ ...ofdFiles(layers, media), 'Doc_0/Res/1.png': picture })
}

describe('a report as ofd', () => {
  it('is told from one without its third table by the size of the picture there', async () => {
    const pages = [await pictured(560, 300), await pictured(110, 110)].map(written)
    const picture = await sharp({ create: { width: 60, height: 60, channels: 3, background: '#ccc' } })
      .png()
      .toBuffer()
    const made = await convertWithOffice(pages, 'pdf')
    for (const strips of [1, 12]) {
      const [shown, sealed] = await Promise.all(made.map((pdf) => asOfd(pdf, picture, strips)))
      expect([await judged(shown!), await judged(sealed!)]).toEqual([isReading, isMissing])
    }
  })
})

describe('a saved page', () => {
  const saved = (image: string) => {
    const picture = Buffer.alloc(4_000, 'picture').toString('base64')
    const parts = [
      ['Content-Type: text/html; charset=utf-8', 'Content-Transfer-Encoding: base64', ''],
      ['Content-Type: image/png', 'Content-Transfer-Encoding: base64', 'Content-Location: files/1.png', '', picture],
    ]
    parts[0]!.push(Buffer.from(page.replace(third, `<p>${image}</p>`)).toString('base64'))
    const head = 'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"; type="text/html"\r\n\r\n'
    return Buffer.from(`${head}${parts.map((lines) => `--b\r\n${lines.join('\r\n')}\r\n`).join('')}--b--\r\n`)
  }
  it('whose third table is a picture that came with it is read in part', async () => {
    expect(await judged(saved('<img src="files/1.png">'))).toEqual(isReading)
    expect(await judged(saved('<img src="files/1.png" style="width: 110px">'))).toEqual(isMissing)
  })
})

const emu = 9_525
const main = 'http://schemas.openxmlformats.org/drawingml/2006'
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const leadIn = '收到和处理申请的情况如下图'

/** The report as a workbook without its third table, a picture of so many pixels where the table stood. */
async function picturedSheet(width: number, height: number): Promise<Uint8Array> {
  const text = page.replace(third, `<p>${leadIn}</p>`)
  const [bytes] = await convertWithOffice([{ bytes: Buffer.from(text), extension: 'html' }], 'xlsx')
  const sheet = Object.values(read(bytes!).Sheets)[0]!
  const place = Object.keys(sheet).find((key) => sheet[key].v === leadIn)!
  const row = Number(/\d+$/.exec(place)![0])
  const files = unzipSync(bytes!)
  const path = 'xl/worksheets/sheet1.xml'
  const linked = (target: string, type: string) =>
    strToU8(
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relations}/${type}" Target="${target}"/></Relationships>`,
    )
  const types = strFromU8(files['[Content_Types].xml']!).replace(
    '</Types>',
    '<Default Extension="gif" ContentType="image/gif"/><Override PartName="/xl/drawings/drawing1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/></Types>',
  )
  const picture = await sharp({ create: { width, height, channels: 3, background: '#ccc' } })
    .gif()
    .toBuffer()
  const extent = `cx="${width * emu}" cy="${height * emu}"`
  return zipSync({
    ...files,
    '[Content_Types].xml': strToU8(types),
    [path]: strToU8(strFromU8(files[path]!).replace('</worksheet>', '<drawing r:id="rId1"/></worksheet>')),
    'xl/worksheets/_rels/sheet1.xml.rels': linked('../drawings/drawing1.xml', 'drawing'),
    'xl/drawings/_rels/drawing1.xml.rels': linked('../media/image1.gif', 'image'),
    'xl/media/image1.gif': picture,
    'xl/drawings/drawing1.xml': strToU8(
      `<xdr:wsDr xmlns:xdr="${main}/spreadsheetDrawing" xmlns:a="${main}/main" xmlns:r="${relations}"><xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>${row}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext ${extent}/><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="1"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="rId1"/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext ${extent}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic><xdr:clientData/></xdr:oneCellAnchor></xdr:wsDr>`,
    ),
  })
}

describe('a report as a workbook', () => {
  let [shown, sealed]: Uint8Array[] = []
  beforeAll(async () => {
    ;[shown, sealed] = [await picturedSheet(560, 300), await picturedSheet(110, 110)]
  })
  it('whose third table is a picture is read in part', async () => {
    expect(await judged(shown!)).toEqual(isReading)
  })
  it('that shows a seal there lacks the table', async () => {
    expect(await judged(sealed!)).toEqual(isMissing)
  })
  it('is the same once LibreOffice has written it as ODS', async () => {
    const files = [shown!, sealed!].map((bytes) => ({ bytes, extension: 'xlsx' }))
    const [one, other] = await convertWithOffice(files, 'ods')
    expect([await judged(one!), await judged(other!)]).toEqual([isReading, isMissing])
  })
})
