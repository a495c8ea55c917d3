/** What a PDF file holds around its drawings: revisions, fonts that do not say what they show, attached files, by both readers. */
import { PDFDocument } from '@cantoo/pdf-lib'
import { describe, expect, it } from 'vitest'
import type { Document } from '../../parsers/document.ts'
import { parse } from '../../parsers/index.ts'
import { endsInRevision, findDamage } from '../../parsers/pdf/damage.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { type PlainPdfParts, plainPdf, ruledTable, textAt } from '../generator/plain-pdf.ts'

const engines = ['pdfium', 'pdf-parse'] as const
const registry = loadRegistry()
const rows = [
  ['项目', '数量', '合计'],
  ['新收', '12', '34'],
  ['结转', '', '56'],
]
const table = ruledTable(100, 700, 80, 30, rows)

async function read(bytes: Uint8Array, pdfEngine: (typeof engines)[number]): Promise<Document> {
  const result = await parse(bytes, { pdfEngine })
  if (!result.ok) throw new Error(result.reason)
  return result.document
}

/** Cells row by row, those in doubt as `?` and why. */
function said({ blocks }: Document): string[][] {
  const [grid] = blocks.filter((block) => block.kind === 'grid')
  const texts: string[][] = rows.map(() => [])
  for (const { row, text, doubt } of grid?.cells ?? []) texts[row]?.push(doubt === null ? text : `?${doubt}`)
  return texts
}

const report = [
  textAt(60, 800, '淮安市人民政府2024年政府信息公开工作年度报告'),
  ruledTable(60, 750, 150, 24, [
    ['信息内容', '本年处理决定数量'],
    ['行政许可', '5'],
  ]),
].join('')
const valuesOf = async (bytes: Uint8Array, pdf: 'auto' | (typeof engines)[number]) => {
  const reading = await readReport(bytes, { fileName: null }, registry, { pdf })
  return { status: reading.status, cells: reading.facts.map(({ state, value }) => [state, value]) }
}

describe('a file that was revised', () => {
  const first = Buffer.from(plainPdf([report])).toString('latin1')
  const content = report.replace('<0035>', '<0038>')
  const at = first.length
  const object = `7 0 obj\n<</Length ${content.length}>>stream\n${content}\nendstream\nendobj\n`
  const before = Number(/startxref\n(\d+)/.exec(first)![1])
  const table = `xref\n7 1\n${String(at).padStart(10, '0')} 00000 n \ntrailer\n<</Size 8/Root 1 0 R/Prev ${before}>>\n`
  const end = `startxref\n${at + object.length}\n`
  const upTo = (...parts: string[]): Uint8Array => Buffer.from(first + parts.join(''), 'latin1')

  it.each([...engines, 'auto'] as const)('is read by %s as it was last', async (pdf) => {
    expect(await valuesOf(upTo(object, table, end, '%%EOF\n'), pdf)).toEqual({ status: 'ok', cells: [['number', 8]] })
  })

  it.each([...engines, 'auto'] as const)('and is cut off gives %s no figures', async (pdf) => {
    const cuts = [[object, table, end], [object, table], [object, table.slice(0, 20)], [object.slice(0, 99)]]
    for (const parts of cuts) {
      const { status, cells } = await valuesOf(upTo(...parts), pdf)
      expect({ status, cells }).toEqual({ status: 'partial', cells: [['unreadable', null]] })
    }
  })

  it('what stands behind the end and is no revision does no harm', async () => {
    for (const behind of ['\n\n', '<html>obj</html>', '\0'.repeat(4096)]) {
      expect(endsInRevision(upTo(behind))).toBe(false)
      expect(await valuesOf(upTo(behind), 'auto')).toEqual({ status: 'ok', cells: [['number', 5]] })
    }
  })
})

it('zeros in strings are no holes, zeros elsewhere and in strings without an end are', () => {
  const with50 = (object: string) => plainPdf([table], { objects: [object] })
  const zeros = '\0'.repeat(16)
  for (const string of [`(${zeros})`, `(\\)${zeros})`, `((a)${zeros})`]) {
    expect(findDamage(with50(`<</U ${string}>>`))).toEqual({ fonts: 0, others: 0 })
  }
  for (const broken of [`<</U ${zeros}>>`, `<</U (${zeros}>>`]) expect(findDamage(with50(broken)).others).toBe(1)
})

/** The figures of `rows` in a font of their own, whose codes are those that `codeOf` gives. */
function inFont(
  font: string,
  codeOf: (digit: number) => string,
  more: readonly string[] = [],
): [string, PlainPdfParts] {
  const figures = rows.flatMap((cells, row) =>
    cells.flatMap((text, column) => {
      if (!/^\d+$/.test(text)) return []
      const codes = [...text].map((digit) => codeOf(Number(digit))).join('')
      return `BT /F2 10 Tf 1 0 0 1 ${104 + column * 80} ${681 - row * 30} Tm <${codes}> Tj ET\n`
    }),
  )
  const look = figures.join('')
  const labels = rows.map((cells) => cells.map((text) => text.replace(/\d/g, '')))
  const form = `<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F2 51 0 R>>>>/Length ${look.length}>>stream\n${look}\nendstream`
  return [
    `${ruledTable(100, 700, 80, 30, labels)}/X Do`,
    { resources: '/XObject<</X 50 0 R>>', objects: [form, font, ...more] },
  ]
}

const byte = (from: number) => (digit: number) => (from + digit).toString(16).padStart(2, '0')
const word = (from: number) => (digit: number) => (from + digit).toString(16).padStart(4, '0')
const digits = Array.from({ length: 10 }, (_, digit) => digit)
const simple = (names: readonly string[], from: number): string =>
  `<</Type/Font/Subtype/TrueType/BaseFont/AAAAAA+Song/Encoding<</Differences[${from}${names.map((name) => `/${name}`).join('')}]>>/FirstChar 0/LastChar 255/Widths[${'500 '.repeat(256)}]>>`
const drawn = digits.map((digit) => {
  const look = `500 0 0 0 500 700 d1 50 0 ${400 - 20 * digit} 700 re f`
  return `<</Length ${look.length}>>stream\n${look}\nendstream`
})
const type3 = (name: string, from: number): string =>
  `<</Type/Font/Subtype/Type3/FontBBox[0 0 500 700]/FontMatrix[0.001 0 0 0.001 0 0]/CharProcs<<${digits.map((digit) => `/${name}${digit} ${52 + digit} 0 R`).join('')}>>/Encoding<</Differences[${from}${digits.map((digit) => `/${name}${digit}`).join('')}]>>/FirstChar ${from}/LastChar ${from + 9}/Widths[${'500 '.repeat(10)}]/Resources<<>>>>`
const composite = (encoding: string, more = ''): [string, string[]] => [
  `<</Type/Font/Subtype/Type0/BaseFont/Song/Encoding/${encoding}/DescendantFonts[52 0 R]${more}>>`,
  [
    '<</Type/Font/Subtype/CIDFontType2/BaseFont/Song/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 500/FontDescriptor 53 0 R>>',
    '<</Type/FontDescriptor/FontName/Song/Flags 4/FontBBox[0 0 1000 1000]/Ascent 800/Descent -200/ItalicAngle 0/StemV 80/CapHeight 700>>',
  ],
]
const mapped = (map: string): string => {
  const look = `/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange ${map} endcmap end end`
  return `<</Length ${look.length}>>stream\n${look}\nendstream`
}
const allBut2 = digits
  .filter((digit) => digit !== 2)
  .map((digit) => `<${word(19)(digit)}> <003${digit}>`)
  .join(' ')

describe.each(engines)('figures whose font does not say what they are, read by %s', (engine) => {
  const nameless = (prefix: string) => digits.map((digit) => `${prefix}${19 + digit}`)
  const fonts: readonly (readonly [string, string, (digit: number) => string, (readonly string[])?])[] = [
    ['names that say nothing', simple(nameless('g'), 1), byte(1)],
    ['names that say nothing, at the codes of digits', simple(nameless('xx').reverse(), 48), byte(48)],
    [
      'names of a number',
      simple(
        digits.map((digit) => `c${49 + ((digit + 3) % 9)}`),
        1,
      ),
      byte(1),
    ],
    ['characters that are drawings', type3('g', 1), byte(1), drawn],
    ['characters that are drawings, at the codes of digits', type3('a', 48), byte(48), drawn],
    ['no map, glyphs in the places of digits', composite('Identity-H')[0], word(0x30), composite('Identity-H')[1]],
    ['no map, glyphs as they usually stand', composite('Identity-H')[0], word(19), composite('Identity-H')[1]],
    ['a map that is not known', composite('Nobody-Knows-H')[0], word(19), composite('Nobody-Knows-H')[1]],
    [
      'a map to nothing',
      composite('Identity-H', '/ToUnicode 54 0 R')[0],
      word(19),
      [
        ...composite('Identity-H')[1],
        mapped(`10 beginbfchar ${digits.map((digit) => `<${word(19)(digit)}> <>`).join(' ')} endbfchar`),
      ],
    ],
  ]
  it.each(fonts.map(([name, ...made]) => ({ name, made })))('$name', async ({ made: [font, codeOf, more] }) => {
    const doubted = rows.map((cells) => cells.map((text) => (/^\d+$/.test(text) ? '?glyphs_without_text' : text)))
    expect(said(await read(plainPdf(...pages(inFont(font, codeOf, more))), engine))).toEqual(doubted)
  })

  it('a map with one digit missing', async () => {
    const [font, more] = composite('Identity-H', '/ToUnicode 54 0 R')
    const map = mapped(`9 beginbfchar ${allBut2} endbfchar`)
    const document = await read(plainPdf(...pages(inFont(font, word(19), [...more, map]))), engine)
    expect(said(document)).toEqual(rows.map((cells) => cells.map((t) => (t === '12' ? '?glyphs_without_text' : t))))
  })

  it('are read where names or maps say it', async () => {
    const [font, more] = composite('Identity-H', '/ToUnicode 54 0 R')
    const map = mapped('1 beginbfrange <0013> <001c> <0030> endbfrange')
    const unicode = simple(
      digits.map((digit) => `uni003${digit}`),
      1,
    )
    for (const made of [inFont(font, word(19), [...more, map]), inFont(unicode, byte(1))])
      expect(said(await read(plainPdf(...pages(made)), engine))).toEqual(rows)
  })
})

function pages([content, parts]: [string, PlainPdfParts]): [string[], PlainPdfParts] {
  return [[content], parts]
}

describe.each(engines)('files attached to a file, read by %s', (engine) => {
  const name = '某区2023年政府信息公开工作年度报告.pdf'
  async function cover(text: string): Promise<Uint8Array> {
    const made = await PDFDocument.load(plainPdf([text]))
    await made.attach(plainPdf([report]), name)
    return made.save()
  }

  it('are named; a cover with nothing of a report is no document without one', async () => {
    for (const text of [textAt(60, 700, '请打开附件查看'), '']) {
      const reading = await readReport(await cover(text), { fileName: null }, registry, { pdf: engine })
      expect(reading).toMatchObject({
        status: 'failed',
        reason: { code: 'attachments_not_read', data: { names: [name] } },
      })
    }
  })

  it('beside a report leave it as it is and are named', async () => {
    const reading = await readReport(await cover(report), { fileName: null }, registry, { pdf: engine })
    expect(reading).toMatchObject({ status: 'ok', notices: [{ code: 'files_attached', data: { names: [name] } }] })
  })

  it('to a place on a page are named with the page', async () => {
    const file = [
      '<</Type/Annot/Subtype/FileAttachment/Rect[10 10 20 20]/FS 51 0 R>>',
      '<</Type/Filespec/F(a.pdf)/UF(a.pdf)/EF<</F 52 0 R>>>>',
      '<</Type/EmbeddedFile/Length 3>>stream\nabc\nendstream',
    ]
    const document = await read(plainPdf([table], { page: '/Annots[50 0 R]', objects: file }), engine)
    expect(document.notices).toMatchObject([
      { code: 'files_attached', anchor: { page: 1 }, data: { names: ['a.pdf'] } },
    ])
  })
})
