/**
 * Pictures inside documents of other kinds: scanned pages among pages of text, words that some other program hid over a
 * scan, tables that stand on a page as a picture, pages of a TIFF. Whatever is read must be printed there, what is not read
 * must be told.
 */
import { readFileSync } from 'node:fs'
import { PDFDocument } from '@cantoo/pdf-lib'
import { strToU8, zipSync } from 'fflate'
import sharp from 'sharp'
import { describe, expect, it, vi } from 'vitest'
import type { Document, ParserNoticeCode } from '../../parsers/document.ts'
import { makePlacedGrid } from '../../parsers/grid.ts'
import { parse } from '../../parsers/index.ts'
import { EngineFailure } from '../../parsers/scan/engine.ts'
import { mendPageBreaks } from '../../src/forms/match.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { tesseractFinder } from '../../src/pipeline/tesseract.ts'
import { degrade } from '../generator/degrade.ts'
import { compareDrawn, drawSeed } from '../generator/measure-ocr.ts'
import { type ScanOptions, scanPdf } from '../generator/scanned-pdf.ts'

// Reading pictures takes long on a machine that does other things too.
vi.setConfig({ testTimeout: 400_000 })

const registry = loadRegistry()
const find = tesseractFinder()
const samples = new URL('../../samples/', import.meta.url)

/** A sample with its pages scanned, and how many of its cells are read as its truth says; none may be read otherwise. */
async function readScanned(name: string, options: ScanOptions): Promise<{ reading: Reading; share: number }> {
  const bytes = await scanPdf(readFileSync(new URL(`${name}.pdf`, samples)), options)
  const reading = await readReport(bytes, { fileName: null }, registry, { ocr: find })
  const truth = JSON.parse(readFileSync(new URL(`${name}.truth.json`, samples), 'utf8')) as {
    facts: Record<string, number | null>
  }
  const wrong: string[] = []
  let right = 0
  for (const { code, state, value, text } of reading.facts) {
    if (state === 'absent' || state === 'unreadable') continue
    const printed = truth.facts[code]
    if (printed === value && (state === 'number') === (printed !== null)) right++
    else wrong.push(`${code}: ${printed}, read ${state} ${value} "${text}"`)
  }
  expect(wrong).toEqual([])
  return { reading, share: right / Object.keys(truth.facts).length }
}

/** The pages that notices of a kind are about. */
function pagesOf({ notices }: Pick<Reading, 'notices'>, code: ParserNoticeCode): (number | null | undefined)[] {
  return notices.filter((notice) => notice.code === code).map(({ anchor }) => anchor?.page)
}

describe('pages that are scans', () => {
  it('a whole report: its tables run over the pages as they do in print', async () => {
    const { reading, share } = await readScanned('hongze-2023', { level: 'clean', seed: 11 })
    expect(share).toBeGreaterThan(0.97)
    expect(reading.identity).toMatchObject({ agency: '淮安市洪泽区人民政府', year: 2023 })
    expect(pagesOf(reading, 'read_from_picture')).toEqual([1, 2, 3, 4, 5])
  })

  const hidden = '1 2 3 4 5 6 7 8 9 10 11 12\n2023 99 98 97 96 95 94 93 92 91'
  const mixed: ScanOptions = { level: 'light', seed: 12, kept: [1, 2, 5], hidden }

  it('some of a report: they are read in their place, and nothing that is hidden over them counts', async () => {
    const { reading, share } = await readScanned('hongze-2023', mixed)
    expect(share).toBeGreaterThan(0.95)
    expect(pagesOf(reading, 'read_from_picture')).toEqual([3, 4])
    expect(reading.facts.some(({ text }) => text === '99')).toBe(false)
    const fromText = reading.facts.filter(({ anchor }) => anchor?.page === 2)
    expect(fromText.length).toBeGreaterThan(5)
    for (const { confidence } of fromText) expect(confidence).toBeUndefined()
  })

  it('without an engine, or where it fails, the pages of text are read and those that were not are named', async () => {
    const bytes = await scanPdf(readFileSync(new URL('hongze-2023.pdf', samples)), mixed)
    const broken = { name: 'broken', read: () => Promise.reject(new EngineFailure('killed')) }
    for (const [ocr, detail] of [
      [undefined, undefined],
      [async () => null, undefined],
      [async () => broken, 'killed'],
    ] as const) {
      const reading = await readReport(bytes, { fileName: null }, registry, ocr === undefined ? {} : { ocr })
      expect(reading.reason).toEqual({ code: 'pages_not_read', data: { pages: [3, 4] } })
      expect(reading.notices.find(({ code }) => code === 'scans_not_read')?.data.detail).toBe(detail)
      expect(reading.facts.find(({ code }) => code === 't2_art20_5.licences.decisions')).toMatchObject({ value: 550 })
      for (const { anchor } of reading.facts) if (anchor !== null) expect(anchor.page).toBe(2)
    }
  })
})

/** A drawn report as the PNG of its page, and what is drawn in it. */
async function drawnPng(seed: number, dpi = 200) {
  const drawing = drawSeed(seed)
  return { drawing, ...(await degrade(drawing.svg, dpi, 'clean', seed)) }
}

describe('tables that are shown as pictures', () => {
  it('on a page of a PDF with text of its own', async () => {
    const { drawing, bytes } = await drawnPng(21)
    const made = await PDFDocument.create()
    const page = made.addPage([drawing.width + 100, drawing.height + 200])
    page.drawText('This page has words of its own over the picture of a table.', { x: 60, y: drawing.height + 150 })
    const { width, height } = drawing
    page.drawImage(await made.embedPng(bytes), { x: 50, y: 50, width, height })
    const pdf = await made.save()
    const reading = await readReport(pdf, { fileName: null }, registry, { ocr: find })
    const { right, wrong } = compareDrawn(drawing, reading)
    expect(wrong).toEqual([])
    expect(right / drawing.expected.size).toBeGreaterThan(0.95)
    const { anchor } = reading.facts.find(({ state }) => state === 'number')!
    expect(anchor?.path).toMatch(/^page\[1\]\/picture\[1\]\/table/)
    expect(anchor!.box!.x).toBeGreaterThan(50 + drawing.width / 4)
    const without = await parse(pdf)
    expect(without.ok && pagesOf(without.document, 'image_in_place_of_text')).toEqual([1])
  })

  it('in DOCX', async () => {
    const { drawing, bytes } = await drawnPng(22)
    const reading = await readReport(docxWith(bytes), { fileName: null }, registry, { ocr: find })
    const { right, wrong } = compareDrawn(drawing, reading)
    expect(wrong).toEqual([])
    expect(right / drawing.expected.size).toBeGreaterThan(0.95)
    const without = await parse(docxWith(bytes))
    expect(without.ok && without.document.notices.map(({ code }) => code)).toEqual(['image_in_place_of_text'])
  })

  it('in a web archive, which brings them along', async () => {
    const { drawing, bytes } = await drawnPng(23)
    const reading = await readReport(mhtmlWith(bytes), { fileName: null }, registry, { ocr: find })
    expect(reading.format).toBe('mhtml')
    const { right, wrong } = compareDrawn(drawing, reading)
    expect(wrong).toEqual([])
    expect(right / drawing.expected.size).toBeGreaterThan(0.95)
  })

  it('a photograph is told and costs no reading', async () => {
    const noise = Buffer.from(Array.from({ length: 400 * 300 }, (_, index) => (index * index * 31) % 251))
    const photograph = await sharp(noise, { raw: { width: 400, height: 300, channels: 1 } })
      .png()
      .toBuffer()
    let asked = 0
    const counting = {
      name: 'counting',
      read: async (pictures: readonly unknown[]) => {
        asked += pictures.length
        return pictures.map(() => [])
      },
    }
    const result = await parse(docxWith(photograph), { ocr: async () => counting })
    expect(result.ok && result.document.notices.map(({ code }) => code)).toEqual(['image_in_place_of_text'])
    expect(asked).toBe(0)
  })
})

describe('a picture of tables without ruling lines', () => {
  it('gives no figure', async () => {
    const drawing = drawSeed(25)
    const svg = drawing.svg.replaceAll('stroke="black"', 'stroke="none"').replaceAll('#d9d9d9', 'none')
    const { bytes, name } = await degrade(svg, 200, 'clean', 25)
    const reading = await readReport(bytes, { fileName: name }, registry, { ocr: find })
    const believed = reading.facts.filter(({ state }) => state !== 'unreadable' && state !== 'absent')
    expect(believed).toEqual([])
    expect(reading.status).not.toBe('ok')
    expect(reading.notices.map(({ code }) => code)).toContain('unruled_table')
  })
})

describe('a TIFF of several pages', () => {
  it('is read whole', async () => {
    const { drawing, bytes } = await drawnPng(24, 150)
    const cover = await sharp({ create: { width: 100, height: 100, channels: 3, background: 'white' } })
      .resize(
        await sharp(bytes)
          .metadata()
          .then(({ width, height }) => ({ width, height, fit: 'fill' as const })),
      )
      .png()
      .toBuffer()
    const tiff = await sharp([cover, Buffer.from(bytes)], { join: { animated: true } })
      .tiff()
      .toBuffer()
    expect((await sharp(tiff).metadata()).pages).toBe(2)
    const reading = await readReport(tiff, { fileName: 'scan.tif' }, registry, { ocr: find })
    const { right, wrong } = compareDrawn(drawing, reading)
    expect(wrong).toEqual([])
    expect(right / drawing.expected.size).toBeGreaterThan(0.9)
    expect(reading.facts.find(({ state }) => state === 'number')?.anchor?.page).toBe(2)
  })
})

describe('cells that a page break cut', () => {
  it('are as doubtful as the more doubtful piece', () => {
    const anchor = { path: 'page[1]', page: 1, box: null }
    const cell = (row: number, column: number, text: string, sure = true) => ({
      ...{ row, column, rowSpan: 1, columnSpan: 1, text, anchor },
      doubt: sure ? ('read_from_picture' as const) : ('reading_uncertain' as const),
      reading: { confidence: sure ? 0.9 : 0.4, candidates: sure ? [text] : ['7', '1'] },
    })
    const cells = [cell(0, 0, '信息内容'), cell(0, 1, '本年处理决定数量')]
    cells.push(cell(1, 0, '行政'), cell(1, 1, ''), cell(2, 0, '许可'), cell(2, 1, '7', false))
    const grid = makePlacedGrid(cells, 3, anchor, [2])
    const document: Document = {
      ...{ format: 'pdf', mediaType: 'application/pdf', engine: '', encoding: null, title: null },
      ...{ metadata: [], notices: [], blocks: [grid] },
    }
    const [mended] = mendPageBreaks(document, registry).blocks
    if (mended?.kind !== 'grid') throw new Error('no grid')
    expect(mended.rowCount).toBe(2)
    const [label, figure] = mended.cells.filter(({ row }) => row === 1)
    expect(label).toMatchObject({ text: '行政许可', doubt: 'read_from_picture' })
    expect(figure).toMatchObject({ text: '7', doubt: 'reading_uncertain', reading: { candidates: ['7', '1'] } })
  })
})

/** A document whose only content is a title and a picture. */
function docxWith(picture: Uint8Array): Uint8Array {
  const types = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="png" ContentType="image/png"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`
  const relations = (id: string, type: string, target: string): string =>
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="${id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}"/></Relationships>`
  const names =
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
  const blip =
    '<w:drawing><wp:inline><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:blipFill><a:blip r:embed="p1"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>'
  const main = `<w:document ${names}><w:body><w:p><w:r><w:t>附表</w:t></w:r></w:p><w:p><w:r>${blip}</w:r></w:p></w:body></w:document>`
  return zipSync({
    '[Content_Types].xml': strToU8(types),
    '_rels/.rels': strToU8(relations('d1', 'officeDocument', 'word/document.xml')),
    'word/document.xml': strToU8(main),
    'word/_rels/document.xml.rels': strToU8(relations('p1', 'image', 'media/image1.png')),
    'word/media/image1.png': picture,
  })
}

/** A saved page that shows a picture inside a table without words, as portals do. */
function mhtmlWith(picture: Uint8Array): Uint8Array {
  const page = '<html><body><p>附表</p><table><tr><td><img src="files/table.png"></td></tr></table></body></html>'
  const lines = [
    'MIME-Version: 1.0',
    'Content-Type: multipart/related; boundary="cut"',
    '',
    '--cut',
    'Content-Type: text/html; charset="utf-8"',
    'Content-Location: http://example.org/report/page.html',
    '',
    page,
    '--cut',
    'Content-Type: image/png',
    'Content-Transfer-Encoding: base64',
    'Content-Location: http://example.org/report/files/table.png',
    '',
    Buffer.from(picture).toString('base64').replace(/.{76}/g, '$&\r\n'),
    '--cut--',
    '',
  ]
  return Buffer.from(lines.join('\r\n'))
}
