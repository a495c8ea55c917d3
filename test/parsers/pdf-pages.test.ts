/** The pages of a PDF and what they are drawn with: pages that are lost, contents that are torn, text without codes, by both readers. */
import { PDFDocument, PDFName, PDFRawStream } from '@cantoo/pdf-lib'
import { describe, expect, it } from 'vitest'
import { parse } from '../../parsers/index.ts'
import { readStructure } from '../../parsers/pdf/structure.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { PdfChoice } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { plainPdf, ruledTable, textAt } from '../generator/plain-pdf.ts'

const engines = ['pdfium', 'pdf-parse'] as const
const registry = loadRegistry()
const first =
  textAt(60, 800, '淮安市人民政府2024年政府信息公开工作年度报告') +
  ruledTable(60, 750, 150, 24, [
    ['信息内容', '本年处理决定数量'],
    ['行政许可', '5'],
  ])
const second = ruledTable(60, 750, 150, 24, [
  ['信息内容', '本年处理决定数量'],
  ['行政处罚', '17'],
  ['行政强制', '3'],
])

async function readingOf(bytes: Uint8Array, pdf: PdfChoice) {
  const { status, reason, facts, notices } = await readReport(bytes, { fileName: null }, registry, { pdf })
  return { status, reason, values: facts.map(({ value }) => value), codes: notices.map(({ code }) => code) }
}

describe('pages that are lost', () => {
  const whole = Buffer.from(plainPdf([first, second, second])).toString('latin1')
  const changed = (from: string, to: string): Uint8Array =>
    Buffer.from(whole.replace(from, to.padEnd(from.length)), 'latin1')

  it.each(engines)('are told where the file does not count them, read by %s', async (engine) => {
    const bytes = changed('/Count 3', '/Count 1')
    const told = { status: 'partial', reason: { code: 'pages_missing', data: { count: 2 } }, values: [5] }
    expect(await readingOf(bytes, engine)).toMatchObject(told)
    // Packed, and in a tree of several levels.
    const made = await PDFDocument.load(plainPdf([first]))
    for (const page of await made.copyPages(await PDFDocument.load(plainPdf([second, second])), [0, 1]))
      made.addPage(page)
    made.catalog.Pages().set(PDFName.of('Count'), made.context.obj(1))
    const { context } = made
    const kids = made.catalog.Pages().Kids()
    const node = context.register(context.obj({ Type: 'Pages', Count: 2, Kids: [kids.get(1), kids.get(2)] }))
    made.catalog.Pages().set(PDFName.of('Kids'), context.obj([kids.get(0), node]))
    expect(readStructure(await made.save({ useObjectStreams: true }))).toEqual({ pages: 3, torn: 0 })
  })

  it.each(engines)('are told where they are not there, and the others are read, by %s', async (engine) => {
    for (const gone of ['null', '99 0 R']) {
      const reading = await readingOf(changed('6 0 R 8 0 R 10 0 R', `6 0 R 8 0 R ${gone}`), engine)
      expect(reading).toMatchObject({ status: 'partial', reason: { code: 'pages_missing' }, values: [5, 17, 3] })
    }
  })

  it('are read by the second reader where the first refuses them alone', async () => {
    const reading = await readingOf(changed('/Type/Page/Parent 2 0 R', '/Type/Pagx/Parent 2 0 R'), 'auto')
    expect(reading).toMatchObject({ status: 'ok', values: [5, 17, 3], codes: ['read_by_other_engine'] })
  })

  it('are none where a file was revised and holds pages that it shows no more', async () => {
    const made = await PDFDocument.load(plainPdf([first, second]))
    made.removePage(1)
    expect(readStructure(await made.save())).toEqual({ pages: 1, torn: 0 })
  })
})

describe('contents in several parts', () => {
  async function parted(at: number, packed: boolean): Promise<Uint8Array> {
    const made = await PDFDocument.load(plainPdf([first]))
    const parts = [first.slice(0, at), first.slice(at)].map((part) =>
      made.context.register(
        packed ? made.context.flateStream(part) : PDFRawStream.of(made.context.obj({}), Buffer.from(part)),
      ),
    )
    made.getPage(0).node.set(PDFName.of('Contents'), made.context.obj(parts))
    return made.save({ useObjectStreams: packed })
  }
  const isTorn = async (at: number): Promise<boolean> => readStructure(await parted(at, at % 2 === 0)).torn > 0

  it('are parted between tokens, or torn', async () => {
    const number = first.indexOf('210 702')
    const operator = first.indexOf('re S')
    const name = first.indexOf('/F1')
    for (const at of [number + 1, number + 5, operator + 1, name + 1, name + 2])
      expect([at, await isTorn(at)]).toEqual([at, true])
    for (const at of [number, number + 3, number + 4, operator, operator + 2, name])
      expect([at, await isTorn(at)]).toEqual([at, false])
  })

  it.each([...engines, 'auto'] as const)(
    'give no figure that is not printed where they are torn, read by %s',
    async (pdf) => {
      for (let at = 7; at < first.length; at += 41) {
        const { status, values } = await readingOf(await parted(at, at % 2 === 0), pdf)
        expect(values.filter((value) => value !== null && value !== 5)).toEqual([])
        if (values[0] !== 5) expect(status).not.toBe('ok')
      }
    },
  )
})

describe.each(engines)('text that does not say what it is, read by %s', (engine) => {
  const codes = Array.from({ length: 60 }, (_, index) => (index + 1).toString(16).padStart(2, '0')).join('')
  const shape = '500 0 0 0 500 700 d1 50 0 400 700 re f'
  const names = Array.from({ length: 60 }, (_, index) => `/g${index}`)
  const nameless = {
    resources: '/Font<</F1 3 0 R/F2 50 0 R>>',
    objects: [
      `<</Type/Font/Subtype/Type3/FontBBox[0 0 500 700]/FontMatrix[0.001 0 0 0.001 0 0]/CharProcs<<${names.map((name) => `${name} 51 0 R`).join('')}>>/Encoding<</Differences[1${names.join('')}]>>/FirstChar 1/LastChar 60/Widths[${'500 '.repeat(60)}]/Resources<<>>>>`,
      `<</Length ${shape.length}>>stream\n${shape}\nendstream`,
    ],
  }
  const without = `BT /F2 8 Tf 1 0 0 1 60 700 Tm <${codes}> Tj ET`
  const outline = (index: number): string => {
    const [x, y] = [60 + 12 * (index % 40), 700 - 14 * Math.floor(index / 40)]
    return `${x} ${y} m ${x} ${y + 9} ${x + 8} ${y + 9} ${x + 8} ${y} c h f\n`
  }
  const outlines = Array.from({ length: 150 }, (_, index) => outline(index)).join('')

  it('is to be read from how it looks', async () => {
    for (const drawn of [without, outlines]) {
      const bytes = plainPdf([first, drawn], nameless)
      const { status, reason, values } = await readingOf(bytes, engine)
      expect({ status, reason, values }).toEqual({
        status: 'partial',
        reason: { code: 'pages_not_read', data: { pages: [2] } },
        values: [5],
      })
    }
    if (engine === 'pdfium')
      expect(await parse(plainPdf([without], nameless))).toMatchObject({ reason: 'picture_without_engine' })
  })
})

describe.each(engines)('digits that a font draws as different characters, read by %s', (engine) => {
  const draw = (digit: number): string => {
    const [left, bottom, wide, high] = [50, 10 * digit, 400 - 20 * digit, 600]
    return `500 0 ${left} ${bottom} ${left + wide} ${bottom + high} d1 ${left} ${bottom} ${wide} ${high} re f`
  }
  const digits = Array.from({ length: 10 }, (_, digit) => digit)
  const fontOf = (say: (digit: number) => number) => {
    const map = digits.map((digit) => `<0${digit}> <003${say(digit)}>`).join(' ')
    const unicode = `/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange 10 beginbfchar ${map} endbfchar endcmap end end`
    return {
      resources: '/Font<</F1 3 0 R/F2 50 0 R>>',
      objects: [
        `<</Type/Font/Subtype/Type3/FontBBox[0 0 500 700]/FontMatrix[0.001 0 0 0.001 0 0]/CharProcs<<${digits.map((digit) => `/g${digit} ${52 + digit} 0 R`).join('')}>>/Encoding<</Differences[0${digits.map((digit) => `/g${digit}`).join('')}]>>/FirstChar 0/LastChar 9/Widths[${'500 '.repeat(10)}]/Resources<<>>/ToUnicode 51 0 R>>`,
        ...[unicode, ...digits.map(draw)].map((look) => `<</Length ${look.length}>>stream\n${look}\nendstream`),
      ],
    }
  }
  const figure = (x: number, y: number, text: string): string => {
    const codes = [...text].map((digit) => `0${digit}`).join('')
    return /^\d+$/.test(text) ? `BT /F2 10 Tf 1 0 0 1 ${x} ${y} Tm <${codes}> Tj ET\n` : textAt(x, y, text)
  }
  const table = ruledTable(
    60,
    700,
    80,
    30,
    [
      ['12', '77'],
      ['30', '45'],
    ],
    figure,
  )

  it('are in doubt, and the others are read', async () => {
    const said = async (say: (digit: number) => number): Promise<string[]> => {
      const result = await parse(plainPdf([table], fontOf(say)), { pdfEngine: engine })
      const [grid] = result.ok ? result.document.blocks : []
      return grid?.kind === 'grid' ? grid.cells.map(({ text, doubt }) => (doubt === null ? text : `?${doubt}`)) : []
    }
    const doubt = '?glyphs_without_text'
    expect(await said((digit) => digit)).toEqual(['12', '77', '30', '45'])
    expect(await said((digit) => (digit === 7 ? 0 : digit))).toEqual(['12', doubt, doubt, '45'])
    expect(await said((digit) => (digit === 4 ? 2 : digit))).toEqual([doubt, '77', '30', doubt])
  })
})
