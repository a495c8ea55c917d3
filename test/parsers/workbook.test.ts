/**
 * What a workbook shows where its cells hold more: formulas whose values are missing or old, formats that show another number,
 * letters that are not seen.
 */
import { SSF, utils, type WorkSheet, write } from '@e965/xlsx'
import fc from 'fast-check'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import type { Document } from '../../parsers/document.ts'
import { parse } from '../../parsers/index.ts'
import { type Formula, type FormulaSheet, settleFormulas } from '../../parsers/sheetformulas.ts'
import { convertWithOffice } from '../setup/office.ts'

const sheetXml = 'xl/worksheets/sheet1.xml'

/** A workbook of one sheet, with its XML changed. */
function workbook(
  sheet: WorkSheet,
  change: (xml: string) => string,
  book: (xml: string) => string = String,
): Uint8Array {
  const made = utils.book_new()
  utils.book_append_sheet(made, sheet, '表1')
  const entries = unzipSync(write(made, { type: 'buffer', bookType: 'xlsx' }) as Buffer)
  entries[sheetXml] = strToU8(change(strFromU8(entries[sheetXml]!)))
  entries['xl/workbook.xml'] = strToU8(book(strFromU8(entries['xl/workbook.xml']!)))
  return zipSync(entries)
}

async function documentOf(bytes: Uint8Array): Promise<Document> {
  const result = await parse(bytes)
  if (!result.ok) throw new Error(result.reason)
  return result.document
}

const textsOf = ({ blocks }: Document): string[] =>
  blocks.flatMap((block) => (block.kind === 'grid' ? block.cells.map(({ text }) => text) : [block.text]))
const hiddenOf = ({ notices }: Document): unknown[] =>
  notices.filter(({ code }) => code === 'hidden_content').map(({ data }) => data.text)

describe('formulas', () => {
  const table = utils.aoa_to_sheet([
    ['a', 'b', 'c', 'd'],
    [1, 2, 3, 6],
    [4, 5, 6, 15],
    [5, 7, 9, 21],
  ])
  /** The last row and the last column as formulas; `stored` makes what stands with each. */
  const withFormulas =
    (stored: (value: string) => string) =>
    (xml: string): string =>
      xml
        .replace(/<c r="(D)([23])"[^>]*><v>(\d+)<\/v><\/c>/g, (_, column: string, row: string, value: string) => {
          return `<c r="${column}${row}"><f>SUM(A${row}:C${row})</f>${stored(value)}</c>`
        })
        .replace(/<c r="([A-D])4"[^>]*><v>(\d+)<\/v><\/c>/g, (_, column: string, value: string) => {
          const own = column === 'A' ? '<f t="shared" ref="A4:D4" si="0">A2+A3</f>' : '<f t="shared" si="0"/>'
          return `<c r="${column}4">${own}${stored(value)}</c>`
        })
  const whole = ['a', 'b', 'c', 'd', '1', '2', '3', '6', '4', '5', '6', '15', '5', '7', '9', '21']
  const anew = (xml: string): string => xml.replace('</workbook>', '<calcPr fullCalcOnLoad="1"/></workbook>')

  it.each([
    ['with their values', (value: string) => `<v>${value}</v>`, String],
    ['without values', () => '', String],
    ['with zeros that nobody sees', () => '<v>0</v>', anew],
  ])('%s', async (_, stored, book) => {
    expect(textsOf(await documentOf(workbook(table, withFormulas(stored), book)))).toEqual(whole)
  })

  it('with other values than they come to are no figures, nor is then what cannot be computed', async () => {
    const stale = workbook(table, (xml) =>
      withFormulas(() => '<v>0</v>')(xml).replace(/<f>SUM\(A3:C3\)<\/f>/, '<f>MAX(A3:C3)</f>'),
    )
    const wanted = ['=SUM(A2:C2)', '=MAX(A3:C3)', '=A2+A3', '=B2+B3', '=C2+C3', '=D2+D3']
    expect(textsOf(await documentOf(stale)).filter((text) => text.startsWith('='))).toEqual(wanted)
    const [xls] = await convertWithOffice([{ bytes: stale, extension: 'xlsx' }], 'xls')
    const texts = textsOf(await documentOf(xls!)).filter((text) => text.startsWith('='))
    // LibreOffice computes what cells share anew, and keeps the other values.
    expect(texts).toEqual(['=SUM(A2:C2)', '=', '=(D2+D3)'])
  })

  it('in cells that do not say where they stand', async () => {
    const bytes = workbook(table, (xml) => withFormulas(() => '')(xml).replace(/<c r="[A-Z]+\d+"/g, '<c'))
    expect(textsOf(await documentOf(bytes))).toEqual(whole)
  })

  it('texts that are struck out in part, in cells that do not say where they stand', async () => {
    const struck = '<c t="inlineStr"><is><r><rPr><strike/></rPr><t>7</t></r><r><t>8</t></r></is></c>'
    const bytes = workbook(table, (xml) =>
      xml.replace(/<c r="B3"[^>]*><v>\d+<\/v><\/c>/, struck).replace(/<c r="[A-Z]+\d+"/g, '<c'),
    )
    expect(textsOf(await documentOf(bytes)).slice(8, 12)).toEqual(['4', '8', '6', '15'])
  })

  const settle = (formulas: Record<string, string>, cells: Record<string, number>): unknown => {
    const keyOf = (name: string): string => `${Number(name.slice(1)) - 1} ${name.charCodeAt(0) - 65}`
    const values = new Map(Object.entries(cells).map(([name, value]) => [keyOf(name), value]))
    const sheet: FormulaSheet = {
      name: '表 1',
      formulas: new Map(
        Object.entries(formulas).map(([name, text]): [string, Formula] => [keyOf(name), { text, stored: false }]),
      ),
      contentOf: (key) => values.get(key) ?? 'blank',
    }
    return Object.fromEntries(
      [...settleFormulas([sheet], false)[0]!].map(([key, value]) => {
        const [row, column] = key.split(' ').map(Number)
        return [`${String.fromCharCode(65 + column!)}${row! + 1}`, value]
      }),
    )
  }

  it('are followed so far, from formula to formula and into brackets', () => {
    const chain = (length: number, brackets: number): unknown => {
      const step = (row: number): string => `${'('.repeat(brackets)}A${row + 1}+1${')'.repeat(brackets)}`
      const formulas = Object.fromEntries(Array.from({ length }, (_, index) => [`A${index + 1}`, step(index + 1)]))
      return (settle(formulas, {}) as Record<string, unknown>).A1
    }
    expect(chain(300, 0)).toBe(300)
    expect(chain(3_000, 40)).toBe('unknown')
  })

  it('are computed where they hold sums and differences only, and do not lead back to themselves', () => {
    expect(
      settle(
        {
          B1: 'SUM(A1:A2,10)-($A$1+2)',
          B2: "'表 1'!B1+A9",
          B3: 'B4',
          B4: 'B3',
          B5: 'A1*2',
          B6: '-A1',
          B7: 'SUM(B1:B2)',
          B8: '别表!A1',
          B9: 'LOG10(A1)',
        },
        { A1: 3, A2: 4 },
      ),
    ).toEqual({
      B1: 12,
      B2: 12,
      B3: 'unknown',
      B4: 'unknown',
      B5: 'unknown',
      B6: -3,
      B7: 24,
      B8: 'unknown',
      B9: 'unknown',
    })
  })

  it('of many cells one on another end in time', () => {
    const chain = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`B${index + 2}`, `B${index + 1}+1`]))
    expect(settle(chain, { B1: 1 })).toMatchObject({ B2: 2 })
  })

  it('come to what their parts add up to', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -999, max: 999 }), { minLength: 2, maxLength: 20 }), (parts) => {
        const cells = Object.fromEntries(parts.map((part, index) => [`A${index + 1}`, part]))
        const sum = parts.reduce((total, part) => total + part, 0)
        const terms = parts.map((_, index) => `A${index + 1}`).join('+')
        expect(settle({ B1: `SUM(A1:A${parts.length})`, B2: terms }, cells)).toEqual({ B1: sum, B2: sum })
      }),
    )
  })
})

describe('cells that show another number than they hold', () => {
  const formatted = (formats: readonly string[]): WorkSheet => {
    const sheet = utils.aoa_to_sheet([formats.map(() => 'x'), formats.map(() => 1_234.5)])
    for (const [index, format] of formats.entries()) sheet[utils.encode_cell({ r: 1, c: index })]!.z = format
    return sheet
  }

  it.each(['xlsx', 'xls', 'ods'])('%s: what is shown counts, what is held is told', async (format) => {
    const made = workbook(formatted(['0.0', '#,##0.0"件"', '0', '0,', ';;;', '"9"0.0']), String)
    const [bytes] = format === 'xlsx' ? [made] : await convertWithOffice([{ bytes: made, extension: 'xlsx' }], format)
    const document = await documentOf(bytes!)
    expect(textsOf(document).slice(6)).toEqual(['1234.5', '1,234.5件', '1235', '1', '', '91234.5'])
    expect(hiddenOf(document)).toEqual(['表1: C2 1234.5 (1235) D2 1234.5 (1) E2 1234.5 F2 1234.5 (91234.5)'])
  })

  it('is shown by the general format by its Chinese name, with a unit too', async () => {
    const document = await documentOf(
      workbook(formatted(['G/通用格式', 'G/通用格式"件"', '[$-804]G/通用格式']), String),
    )
    expect(textsOf(document).slice(3)).toEqual(['1234.5', '1234.5件', '1234.5'])
    expect(hiddenOf(document)).toEqual([])
  })

  it.each(['xlsx', 'xls'])('%s: white letters on nothing are not seen, on a colour they are', async (format) => {
    const plain = utils.aoa_to_sheet([
      ['a', 'b', 'c'],
      [1, 2, 3],
    ])
    const entries = unzipSync(
      workbook(plain, (xml) =>
        // The library's writer names styles of workbooks before.
        xml
          .replace(/ s="\d+"/g, '')
          .replace('<c r="B2"', '<c r="B2" s="1"')
          .replace('<c r="C2"', '<c r="C2" s="2"'),
      ),
    )
    const styles = strFromU8(entries['xl/styles.xml']!)
      .replace('</fonts>', '<font><color rgb="FFFFFFFF"/><sz val="12"/><name val="Calibri"/></font></fonts>')
      .replace(
        '</fills>',
        '<fill><patternFill patternType="solid"><fgColor rgb="FF000080"/></patternFill></fill></fills>',
      )
      .replace(
        /<cellXfs[\s\S]*<\/cellXfs>/,
        '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="0" fontId="1" fillId="0" applyFont="1"/><xf numFmtId="0" fontId="1" fillId="2" applyFont="1" applyFill="1"/></cellXfs>',
      )
    entries['xl/styles.xml'] = strToU8(styles)
    const made = zipSync(entries)
    const [bytes] = format === 'xlsx' ? [made] : await convertWithOffice([{ bytes: made, extension: 'xlsx' }], format)
    const document = await documentOf(bytes!)
    expect(textsOf(document)).toEqual(['a', 'b', 'c', '1', '', '3'])
    expect(hiddenOf(document)).toEqual(['表1: B2 2'])
  })

  it('formats of one file say nothing of the next', async () => {
    const book = utils.book_new()
    const sheet = utils.aoa_to_sheet([['a'], [7]])
    sheet.A2!.z = '0'
    utils.book_append_sheet(book, sheet, '表1')
    const bytes = write(book, { type: 'buffer', bookType: 'biff8' }) as Buffer
    SSF.load(';;;', 1)
    expect(textsOf(await documentOf(bytes))).toEqual(['a', '7'])
  })

  it('text in boxes over the cells is told', async () => {
    const entries = unzipSync(
      workbook(utils.aoa_to_sheet([['a'], [1]]), (xml) =>
        xml.replace('</worksheet>', '<drawing r:id="d"/></worksheet>'),
      ),
    )
    entries['xl/worksheets/_rels/sheet1.xml.rels'] = strToU8(
      '<Relationships><Relationship Id="d" Type="drawing" Target="../drawings/drawing1.xml"/></Relationships>',
    )
    entries['xl/drawings/drawing1.xml'] = strToU8(
      '<xdr:wsDr xmlns:xdr="x" xmlns:a="a"><xdr:twoCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:row>1</xdr:row></xdr:from><xdr:sp><xdr:txBody><a:p><a:r><a:t>12</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor></xdr:wsDr>',
    )
    const { notices } = await documentOf(zipSync(entries))
    expect(notices.map(({ code, data }) => [code, data.text])).toEqual([['text_left_out', '12']])
  })
})

describe('names of sheets', () => {
  const read = async (names: readonly string[], empty: readonly string[] = []): Promise<string[][]> => {
    const book = utils.book_new()
    for (const name of [...names, ...empty]) {
      utils.book_append_sheet(
        book,
        utils.aoa_to_sheet(
          names.includes(name)
            ? [
                ['结果维持', '结果纠正'],
                [1, 2],
              ]
            : [],
        ),
        name,
      )
    }
    const { blocks } = await documentOf(write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer)
    return blocks.map((block) => [block.kind === 'paragraph' ? block.text : 'grid', block.anchor.path])
  }

  it('stand before what the sheets hold, and not those that a program gave', async () => {
    expect(await read(['2023年', 'Sheet1 (2)', '水务局', '工作表3'])).toEqual([
      ['2023年', '2023年/name'],
      ['grid', '2023年!A1'],
      ['grid', 'Sheet1 (2)!A1'],
      ['水务局', '水务局/name'],
      ['grid', '水务局!A1'],
      ['grid', '工作表3!A1'],
    ])
  })

  it('say nothing where one sheet holds all', async () => {
    expect(await read(['水务局'], ['2022年'])).toEqual([['grid', '水务局!A1']])
  })
})
