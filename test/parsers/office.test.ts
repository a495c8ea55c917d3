/**
 * The office formats, one trait at a time: what is merged, hidden, struck out, computed or encoded in its own way must be
 * read as a person sees it, and what cannot be read must be told. Whole reports in these formats: ../roundtrip.test.ts
 * and ../office.test.ts.
 */
import { CFB, utils, type WorkSheet, write } from '@e965/xlsx'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import iconv from 'iconv-lite'
import { describe, expect, it } from 'vitest'
import type { Block, Document, Grid, ParseResult } from '../../parsers/document.ts'
import { parse } from '../../parsers/index.ts'
import { limits } from '../../parsers/limits.ts'
import { makeDocx } from '../generator/render/docx.ts'
import { makeDoc, rowDefinition, type WordRun } from './wordwriter.ts'

async function documentOf(bytes: Uint8Array | string): Promise<Document> {
  const result = await parse(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  if (!result.ok) throw new Error(reasonOf(result))
  return result.document
}

function reasonOf(result: ParseResult): string {
  return result.ok ? 'ok' : `${result.reason} ${result.data.limit ?? result.data.kind ?? ''}`.trim()
}

/** A grid as lines of texts; `<` where a cell goes on from the left, `^` from above, `~` where there is none. */
function drawing(grid: Grid): string[] {
  const rows = Array.from({ length: grid.rowCount }, () => new Array<string>(grid.columnCount).fill('?'))
  for (const { row, column, rowSpan, columnSpan, text, filler } of grid.cells) {
    for (let y = row; y < row + rowSpan; y++) {
      for (let x = column; x < column + columnSpan; x++) {
        rows[y]![x] = x > column ? '<' : y > row ? '^' : filler ? '~' : text
      }
    }
  }
  return rows.map((row) => row.join('|'))
}

function drawings(blocks: readonly Block[]): string[][] {
  return blocks.map((block) => (block.kind === 'grid' ? drawing(block) : [`P ${block.text}`]))
}

const codesOf = ({ notices }: Document): string[] => notices.map(({ code }) => code)

describe('RTF', () => {
  const rtf = (
    body: string,
    head = '\\ansi\\ansicpg936\\deff0{\\fonttbl{\\f0\\fcharset134 SimSun;}{\\f1\\fcharset0 Arial;}}',
  ): string => `{\\rtf1${head}${body}}`
  const row = (definition: string, cells: readonly string[]): string =>
    `\\trowd\\trleft-108${definition}\\pard\\intbl ${cells.map((text) => `${text}\\cell`).join(' ')}\\row `

  it('gives merged cells their spans from edges and flags', async () => {
    const { blocks } = await documentOf(
      rtf(
        row('\\clvmgf\\cellx1000\\cellx3000', ['A', 'B']) +
          row('\\clvmrg\\cellx1000\\cellx2000\\cellx3001', ['', '1', '2']) +
          row('\\clmgf\\cellx1000\\clmrg\\cellx2000\\cellx3000', ['C', '', '']),
      ),
    )
    expect(drawings(blocks)).toEqual([['A|B|<', '^|1|2', 'C|<|']])
  })

  it('keeps the place of a cell that a row does not begin with', async () => {
    const { blocks } = await documentOf(
      rtf(
        row('\\cellx1000\\cellx2000\\cellx3000', ['a', 'b', 'c']) +
          row('\\trleft1000\\cellx2000\\cellx3000', ['1', '2']),
      ),
    )
    expect(drawings(blocks)).toEqual([['a|b|c', '~|1|2']])
  })

  it('decodes bytes by font and code page, and passes over what stands in for Unicode', async () => {
    const bytes = (text: string): string =>
      [...iconv.encode(text, 'gbk')].map((byte) => `\\'${byte.toString(16).padStart(2, '0')}`).join('')
    const { blocks } = await documentOf(
      rtf(`\\pard\\f0 ${bytes('信息公开')}\\f1 12{\\uc1\\u24180 ?}{\\uc2\\u25253\\'b1\\'a8}\\u8213\\par`),
    )
    expect(drawings(blocks)).toEqual([['P 信息公开12年报―']])
  })

  it('a figure behind a Unicode character is never taken for its substitute', async () => {
    const { blocks } = await documentOf(rtf('\\pard\\uc1\\u24180\\b 5\\par'))
    expect(drawings(blocks)).toEqual([['P 年5']])
  })

  it('leaves out what is struck out, hidden, deleted, in notes, instructions and pictures', async () => {
    const cells = [
      '{\\strike 7}8',
      '{\\v 6}5',
      '{\\deleted 4}3',
      '2{\\super 1}',
      '9{\\footnote 8}',
      '{\\field{\\*\\fldinst =SUM(LEFT)}{\\fldrslt 11}}',
      '{\\*\\unknown 3}1',
      '{\\pict\\pngblip 8950}0',
    ]
    const document = await documentOf(rtf(row(cells.map((_, index) => `\\cellx${(index + 1) * 900}`).join(''), cells)))
    expect(drawings(document.blocks)).toEqual([['8|5|3|2|9|11|1|0']])
    expect(codesOf(document)).toContain('struck_out_text')
  })

  it('leaves out and tells white letters, unless something in another colour is painted somewhere', async () => {
    const colours = '{\\colortbl;\\red255\\green255\\blue255;\\red31\\green73\\blue125;}'
    const inCell = (more: string): string =>
      rtf(`${colours}${row(`${more}\\cellx900\\cellx1800`, ['{\\cf1 8}5', '{\\cf1 7}{\\plain 6}'])}`)
    const plain = await documentOf(inCell(''))
    expect(drawings(plain.blocks)).toEqual([['5|6']])
    expect(plain.notices).toMatchObject([{ code: 'hidden_content', data: { text: '8 7' } }])
    expect(drawings((await documentOf(inCell('\\clcbpat1'))).blocks)).toEqual([['5|6']])
    for (const painted of ['\\clcbpat2', '\\clshdng2000'])
      expect(drawings((await documentOf(inCell(painted))).blocks)).toEqual([['85|76']])
  })

  it('unwraps a table that holds tables', async () => {
    const nested =
      '\\trowd\\cellx5000\\pard\\intbl\\itap1 T\\par\\pard\\intbl\\itap2 1\\nestcell 2\\nestcell{\\*\\nesttableprops\\trowd\\cellx1000\\cellx2000\\nestrow}{\\nonesttables\\par}\\pard\\intbl\\itap1\\cell\\row'
    expect(drawings((await documentOf(rtf(nested))).blocks)).toEqual([['P T'], ['1|2']])
  })

  it('a row without edges makes its table ragged, and says so', async () => {
    const document = await documentOf(rtf('\\trowd\\pard\\intbl a\\cell 1\\cell\\row'))
    expect(document.blocks.map((block) => block.kind === 'grid' && block.columns)).toEqual(['ragged'])
    expect(codesOf(document)).toEqual(['markup_repaired'])
  })

  it('one that is cut off is damaged', async () => {
    const whole = rtf(row('\\cellx1000\\cellx2000', ['a', '1']))
    for (const length of [whole.length - 1, whole.length - 12, 60]) {
      expect(reasonOf(await parse(Buffer.from(whole.slice(0, length), 'latin1')))).toBe('damaged')
    }
  })

  it('bounds nesting and cells', async () => {
    expect(reasonOf(await parse(Buffer.from(rtf('{'.repeat(100_000)))))).toBe('limit_exceeded markupDepthMax')
    expect(reasonOf(await parse(Buffer.from(rtf(`\\trowd${'\\cellx9'.repeat(100_000)}`))))).toBe(
      'limit_exceeded lineFieldsMax',
    )
    expect(
      reasonOf(await parse(Buffer.from(rtf(`\\trowd\\cellx1000 ${'\\pard\\intbl\\cell'.repeat(300_000)}\\row`)))),
    ).toBe('limit_exceeded cellsMax')
  })
})

describe('DOC as Word writes it', () => {
  const inTable = '162401'
  const cell = (text: string, more: Partial<WordRun> = {}): WordRun => ({ text: `${text}\x07`, ends: inTable, ...more })
  const rowEnd = (definition: string, more: Partial<WordRun> = {}): WordRun => ({
    text: '\x07',
    ends: `${inTable}172401${definition}`,
    ...more,
  })
  const last: WordRun = { text: '\r', ends: '' }
  const [first, more] = [0x60, 0x20]

  it('reads pieces of narrow and wide text, headings, and cells merged over rows and columns', async () => {
    const document = await documentOf(
      makeDoc([
        { text: '一、总体情况', ends: '' },
        { text: '\r', ends: '', style: 1 },
        { text: 'B\xe9\x0b2023\x1e5\r', narrow: true, ends: '' },
        ...[cell('组'), cell('a'), rowEnd(rowDefinition([-108, 1000, 3000], [first, 0]))],
        ...[
          cell(''),
          cell('1', { narrow: true }),
          cell(''),
          rowEnd(rowDefinition([-100, 1004, 2000, 3000], [more, 0, 0])),
        ],
        last,
      ]),
    )
    expect(drawings(document.blocks)).toEqual([['P 一、总体情况'], ['P Bé\n2023-5'], ['组|a|<', '^|1|']])
  })

  it.each([
    ['in the order of one writer', [1, 2, 2, 0]],
    ['in the order of the other', [2, 1, 1, 0]],
  ])('cells merged by flags, %s', async (_, flags) => {
    const runs = [
      ...[cell('a'), cell(''), cell(''), cell('b'), rowEnd(rowDefinition([0, 1000, 2000, 3000, 4000], flags))],
      ...[cell('1'), cell('2'), cell('3'), cell('4'), rowEnd(rowDefinition([0, 1000, 2000, 3000, 4000]))],
    ]
    expect(drawings((await documentOf(makeDoc([...runs, last]))).blocks)).toEqual([['a|<|<|b', '1|2|3|4']])
  })

  it('applies what changes a row after its definition, also where it is kept apart', async () => {
    const definition = rowDefinition([0, 1000, 2000, 3000])
    const bytes = Buffer.from(`${definition}24560002`, 'hex')
    const apart = Buffer.concat([Buffer.from([bytes.length, 0]), bytes])
    const runs = [
      ...[cell('a'), cell(''), cell('b'), rowEnd('466600000000')],
      ...[cell('1'), cell('2'), cell('3'), rowEnd(`${definition}2bd6020003`)],
      ...[cell(''), cell('4'), cell('5'), rowEnd(`${definition}2bd6020001`)],
    ]
    expect(drawings((await documentOf(makeDoc([...runs, last], apart))).blocks)).toEqual([['a|<|b', '1|2|3', '^|4|5']])
  })

  it('leaves out and tells white letters, unless something in another colour is painted somewhere', async () => {
    const definition = rowDefinition([0, 1000, 2000])
    const ofRow = (looks: string, more = ''): WordRun[] => [
      { text: '8', looks },
      cell('5'),
      cell('6'),
      rowEnd(definition + more),
      last,
    ]
    const [byIndex, byValue] = ['422a08', '7068ffffff00']
    for (const looks of [byIndex, byValue]) {
      const document = await documentOf(makeDoc(ofRow(looks)))
      expect(drawings(document.blocks)).toEqual([['5|6']])
      expect(document.notices).toMatchObject([{ code: 'hidden_content', data: { text: '8' } }])
    }
    const shading = (back: string, pattern = '0000'): string => `12d60a000000ff${back}${pattern}`
    const [black, nothing, navy] = ['422a01', shading('000000ff'), shading('1f497d00')]
    expect(drawings((await documentOf(makeDoc(ofRow(black)))).blocks)).toEqual([['85|6']])
    expect(drawings((await documentOf(makeDoc(ofRow(byValue, nothing)))).blocks)).toEqual([['5|6']])
    expect(drawings((await documentOf(makeDoc(ofRow(byValue, shading('ffffff00'))))).blocks)).toEqual([['5|6']])
    const painted = [navy, shading('ffffff00', '0a00'), '09d6026001', '09d602200c']
    for (const more of painted)
      expect(drawings((await documentOf(makeDoc(ofRow(byValue, more)))).blocks), more).toEqual([['85|6']])
    expect(drawings((await documentOf(makeDoc(ofRow(`${byValue}0c2a06`)))).blocks)).toEqual([['85|6']])
  })

  it('leaves out deleted rows and text, hidden and struck out text, instructions of fields and notes', async () => {
    const deleted = '000801'
    const definition = rowDefinition([0, 1000, 2000])
    const runs: WordRun[] = [
      { text: '7', looks: '370801' },
      cell('8'),
      { text: '6', looks: '3c0801' },
      cell('5'),
      rowEnd(definition),
      cell('9', { looks: deleted }),
      cell('9', { looks: deleted }),
      rowEnd(definition, { looks: deleted }),
      { text: '4', looks: deleted },
      cell('3'),
      { text: '\x13 =SUM(LEFT) \x14' },
      { text: '2\x15' },
      { text: '1', looks: '482a01' },
      cell('\x02'),
      rowEnd(definition),
      { text: '0', changes: '370801' },
      cell('1'),
      cell(''),
      rowEnd(definition),
      last,
    ]
    const document = await documentOf(makeDoc(runs))
    expect(drawings(document.blocks)).toEqual([['8|5', '3|2', '1|']])
    expect(codesOf(document)).toEqual(['struck_out_text', 'struck_out_text'])
  })

  it('unwraps a table that holds tables', async () => {
    const inner = `${inTable}496602000000`
    const definition = rowDefinition([0, 1000, 2000])
    const runs: WordRun[] = [
      { text: '标题\r', ends: `${inTable}496601000000` },
      { text: 'a\r', ends: `${inner}4b2401` },
      { text: '1\r', ends: `${inner}4b2401` },
      { text: '\r', ends: `${inner}4b24014c2401${definition}` },
      cell(''),
      rowEnd(rowDefinition([0, 4000])),
      last,
    ]
    expect(drawings((await documentOf(makeDoc(runs))).blocks)).toEqual([['P 标题'], ['a|1']])
  })

  it('a row that does not say what cells it has makes its table ragged, and says so', async () => {
    const document = await documentOf(makeDoc([cell('a'), cell('1'), rowEnd(''), last]))
    expect(document.blocks.map((block) => block.kind === 'grid' && block.columns)).toEqual(['ragged'])
    expect(codesOf(document)).toEqual(['markup_repaired'])
  })
})

describe('DOCX', () => {
  it('takes a table of one cell inside a cell as the frame of its text', async () => {
    const cell = (inside: string): string => `<w:tc>${inside}</w:tc>`
    const paragraph = (text: string): string => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`
    const table = (...rows: string[]): string => `<w:tbl>${rows.map((row) => `<w:tr>${row}</w:tr>`).join('')}</w:tbl>`
    const framed = (inside: string): string => cell(`${table(cell(inside))}<w:p/>`)
    const frames = table(
      cell(paragraph('自然人')) + cell(paragraph('总计')),
      framed(paragraph('12')) + framed(`${table(cell(paragraph('34')))}<w:p/>`),
    )
    const space = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
    const { blocks } = await documentOf(
      makeDocx(`<w:document xmlns:w="${space}"><w:body>${frames}</w:body></w:document>`),
    )
    expect(drawings(blocks)).toEqual([['自然人|总计', '12|34']])
  })
})

describe('workbooks', () => {
  const workbook = (
    sheets: Record<string, WorkSheet>,
    hidden: readonly (0 | 1 | 2)[] = [],
    bookType: 'xlsx' | 'biff8' = 'xlsx',
  ) => {
    const book = utils.book_new()
    for (const [name, sheet] of Object.entries(sheets)) utils.book_append_sheet(book, sheet, name)
    book.Workbook = { Sheets: Object.keys(sheets).map((_, index) => ({ Hidden: hidden[index] ?? 0 })) }
    return write(book, { type: 'buffer', bookType, bookSST: true }) as Buffer
  }
  /** A workbook after a change to the text of one of its entries. */
  const edited = (bytes: Uint8Array, entry: string, edit: (xml: string) => string): Uint8Array => {
    const entries = unzipSync(bytes)
    entries[entry] = strToU8(edit(strFromU8(entries[entry]!)))
    return zipSync(entries)
  }
  const sheetXml = 'xl/worksheets/sheet1.xml'

  it('shows figures as their formats do, errors as text, and nothing for what has no value', async () => {
    const sheet = utils.aoa_to_sheet([
      ['甲', '乙', '丙', '丁', '戊', '己'],
      [12, { t: 'n', v: 0.5, z: '0.00' }, { t: 'n', v: 1234, z: '#,##0' }, '0', { t: 'e', v: 0x17 }, null],
      [{ t: 'n', v: 0, z: '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"??_ ;_ @_ ' }, 190.457379, -8, '/', true, { t: 'n', v: 0 }],
    ])
    for (const type of ['xlsx', 'biff8'] as const) {
      const { blocks } = await documentOf(workbook({ 表1: sheet }, [], type))
      expect(drawings(blocks), type).toEqual([
        ['甲|乙|丙|丁|戊|己', '12|0.50|1,234|0|#REF!|', '-|190.457379|-8|/|TRUE|0'],
      ])
    }
  })

  it('parts a sheet at blank rows, and makes paragraphs of titles over the width', async () => {
    const sheet = utils.aoa_to_sheet([
      ['年度报告'],
      ['a', 'b', 'c'],
      ['甲', 1, null],
      [],
      ['二、'],
      ['d', 'e'],
      ['乙', 2],
      ['丙'],
    ])
    sheet['!merges'] = [{ s: { r: 0, c: 0 }, e: { r: 0, c: 2 } }]
    const { blocks } = await documentOf(workbook({ 表1: sheet }))
    expect(drawings(blocks)).toEqual([['P 年度报告'], ['a|b|c', '甲|1|'], ['P 二、'], ['d|e', '乙|2', '丙|']])
    expect(blocks[1]!.anchor.path).toBe('表1!A2')
  })

  it('a row of a label and blanks is no title', async () => {
    const sheet = utils.aoa_to_sheet([['a', 'b', 'c'], ['甲', '', ''], ['乙', 1, ''], ['三、标题'], ['丙', 2, '']])
    expect(drawings((await documentOf(workbook({ 表1: sheet }))).blocks)).toEqual([
      ['a|b|c', '甲||', '乙|1|'],
      ['P 三、标题'],
      ['丙|2|'],
    ])
  })

  it('leaves out hidden sheets, rows and columns, closes the gaps they leave in merged cells, and tells it', async () => {
    const sheet = utils.aoa_to_sheet([
      ['甲', null, 'x', 'b'],
      [null, 1, 2, 3],
      [null, 7, 8, 9],
      [null, 4, 5, 6],
    ])
    sheet['!merges'] = [
      { s: { r: 0, c: 0 }, e: { r: 3, c: 0 } },
      { s: { r: 0, c: 2 }, e: { r: 0, c: 3 } },
    ]
    sheet['!rows'] = []
    sheet['!rows'][2] = { hidden: true }
    sheet['!cols'] = []
    sheet['!cols'][2] = { hidden: true }
    const document = await documentOf(workbook({ 表1: sheet, 草稿: utils.aoa_to_sheet([['密', 99]]) }, [0, 2]))
    expect(drawings(document.blocks)).toEqual([['甲||x', '^|1|3', '^|4|6']])
    expect(document.notices.map(({ code, data }) => [code, data.text])).toEqual([
      ['hidden_content', '表1: 2 7 8 9 5 D1 b'],
      ['hidden_content', '草稿: 密 99'],
    ])
  })

  it('what stands under a merged cell is not shown', async () => {
    const sheet = utils.aoa_to_sheet([
      ['a', 'b'],
      [5, 6],
    ])
    sheet['!merges'] = [{ s: { r: 1, c: 0 }, e: { r: 1, c: 1 } }]
    const { blocks } = await documentOf(
      workbook({
        表1: utils.aoa_to_sheet([
          ['a', 'b', 'c'],
          [1, 2, 3],
        ]),
        表2: sheet,
      }),
    )
    expect(drawings(blocks).flat().join(' ')).not.toContain('6')
  })

  it('struck out cells and parts of texts do not count', async () => {
    const plain = workbook({
      表1: utils.aoa_to_sheet([
        ['a', 'b', 'c'],
        [1, '2', 3],
      ]),
    })
    const rich = edited(plain, sheetXml, (xml) =>
      xml.replace(
        /<c r="B2"[^>]*>.*?<\/c>/,
        '<c r="B2" t="inlineStr"><is><r><rPr><strike/></rPr><t>7</t></r><r><t>8</t></r></is></c>',
      ),
    )
    const shared = edited(
      edited(plain, 'xl/sharedStrings.xml', (xml) =>
        xml.replace(/<si><t[^>]*>2<\/t><\/si>/, '<si><r><rPr><strike val="1"/></rPr><t>7</t></r><r><t>8</t></r></si>'),
      ),
      sheetXml,
      (xml) => xml,
    )
    expect(drawings((await documentOf(shared)).blocks)).toEqual([['a|b|c', '1|8|3']])
    const styled = edited(rich, 'xl/styles.xml', (xml) =>
      xml
        .replace(/<fonts[\s\S]*<\/fonts>/, '<fonts count="2"><font><sz val="12"/></font><font><strike/></font></fonts>')
        .replace(/<cellXfs[\s\S]*<\/cellXfs>/, '<cellXfs count="2"><xf fontId="0"/><xf fontId="1"/></cellXfs>'),
    )
    const struck = edited(styled, sheetXml, (xml) => xml.replace('<c r="C2"', '<c r="C2" s="1"'))
    const document = await documentOf(struck)
    expect(drawings(document.blocks)).toEqual([['a|b|c', '1|8|~~3~~']])
    expect(codesOf(document)).toEqual(['struck_out_text', 'struck_out_text'])
  })

  it('zeros that the sheet shows as blank are blank, and formulas without a value are no figures', async () => {
    const plain = workbook({
      表1: utils.aoa_to_sheet([
        ['a', 'b', 'c'],
        [0, 5, 6],
      ]),
    })
    const bytes = edited(plain, sheetXml, (xml) =>
      xml
        .replace(/<sheetView\b/, '<sheetView showZeros="0"')
        .replace(/<c r="B2"[^>]*>.*?<\/c>/, '<c r="B2"><f>MAX(1,2)</f></c>')
        .replace(/<c r="C2"[^>]*>.*?<\/c>/, '<c r="C2"><f>SUM(1,2)</f><v>3</v></c>'),
    )
    expect(drawings((await documentOf(bytes)).blocks)).toEqual([['a|b|c', '|=MAX(1,2)|3']])
  })

  it('takes no room for what a sheet only declares', async () => {
    const sheet = utils.aoa_to_sheet([
      ['a', 'b'],
      [1, 2],
    ])
    sheet['!merges'] = [{ s: { r: 0, c: 1 }, e: { r: 1_048_575, c: 16_383 } }]
    const bytes = edited(workbook({ 表1: sheet }), sheetXml, (xml) =>
      xml.replace(/<dimension[^>]*>/, '<dimension ref="A1:XFD1048576"/>'),
    )
    const { blocks } = await documentOf(bytes)
    for (const block of blocks) if (block.kind === 'grid') expect(block.rowCount * block.columnCount).toBeLessThan(10)
  })

  it('bounds cells, columns, sheets and what it unpacks', async () => {
    const small = workbook({
      表1: utils.aoa_to_sheet([
        ['a', 'b'],
        [1, 2],
      ]),
    })
    const rows = `<row>${'<c><v>1</v></c>'.repeat(300_000)}</row>`
    const cells = edited(small, sheetXml, (xml) =>
      xml.replace(/<sheetData>[\s\S]*<\/sheetData>/, `<sheetData>${rows}</sheetData>`),
    )
    expect(reasonOf(await parse(cells))).toMatch(/^limit_exceeded (?:markupTagsMax|archiveRatioMax)$/)
    const columns = '<col min="1" max="16384" hidden="1"/>'.repeat(1_000)
    const wide = edited(small, sheetXml, (xml) => xml.replace('<sheetData>', `<cols>${columns}</cols><sheetData>`))
    expect(reasonOf(await parse(wide))).toBe('limit_exceeded markupNodesMax')
    const many = Object.fromEntries(
      Array.from({ length: limits.sheetsMax + 1 }, (_, index) => [`s${index}`, utils.aoa_to_sheet([[1]])]),
    )
    for (const type of ['xlsx', 'biff8'] as const) {
      expect(reasonOf(await parse(workbook(many, [], type)))).toBe('limit_exceeded sheetsMax')
    }
    const apart = utils.aoa_to_sheet([['a', 'b']])
    apart.ZZ1 = { t: 'n', v: 1 }
    for (let row = 2; row < 600; row++) apart[`A${row}`] = { t: 'n', v: 1 }
    apart['!ref'] = 'A1:ZZ600'
    expect(reasonOf(await parse(workbook({ 表1: apart })))).toBe('limit_exceeded gridPlacesMax')
    const bomb = zipSync({ 'xl/workbook.xml': new Uint8Array(limits.archiveRatioFloorBytes + 1) })
    expect(reasonOf(await parse(bomb))).toBe('limit_exceeded archiveRatioMax')
  })

  it('a sheet that is missing or cut off is damage, not a smaller workbook', async () => {
    const two = workbook({ 表1: utils.aoa_to_sheet([['a', 1]]), 表2: utils.aoa_to_sheet([['b', 2]]) })
    const entries = unzipSync(two)
    delete entries['xl/worksheets/sheet2.xml']
    expect(reasonOf(await parse(zipSync(entries)))).toBe('damaged')
    expect(reasonOf(await parse(edited(two, sheetXml, (xml) => xml.slice(0, -20))))).toBe('damaged')
    const old = workbook({ 表1: utils.aoa_to_sheet([['a', 1]]) }, [], 'biff8')
    expect(reasonOf(await parse(old))).toBe('ok')
    expect(reasonOf(await parse(old.subarray(0, old.length - 2_000)))).toBe('damaged')
  })

  it('tells encrypted and older ones apart from damaged ones', async () => {
    const stream = (records: string, name = 'Workbook'): Uint8Array => {
      const file = CFB.utils.cfb_new()
      CFB.utils.cfb_add(file, name, Buffer.from(records, 'hex'))
      return CFB.write(file, { type: 'buffer' }) as Buffer
    }
    const begin = '0908100000060500bb0dcc07c100000006030000'
    expect(reasonOf(await parse(stream(`${begin}2f00360001000100`.padEnd(160, '0'))))).toBe('encrypted')
    expect(reasonOf(await parse(stream(begin, 'Book')))).toBe('unsupported_format xls95')
  })
})

describe('OpenDocument', () => {
  const namespaces = 'xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:style="s" xmlns:fo="f" xmlns:draw="d"'
  const archive = (
    kind: 'text' | 'spreadsheet',
    body: string,
    styles = '',
    others: Record<string, string> = {},
  ): Uint8Array => {
    const content = `<?xml version="1.0"?><office:document-content ${namespaces}><office:automatic-styles>${styles}</office:automatic-styles><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`
    const entries = { mimetype: `application/vnd.oasis.opendocument.${kind}`, 'content.xml': content, ...others }
    return zipSync(Object.fromEntries(Object.entries(entries).map(([name, text]) => [name, strToU8(text)])), {
      level: 0,
    })
  }
  const cell = (text: string, attributes = ''): string =>
    `<table:table-cell ${attributes}>${text === '' ? '' : `<text:p>${text}</text:p>`}</table:table-cell>`
  const covered = '<table:covered-table-cell/>'
  const row = (cells: string, attributes = ''): string => `<table:table-row ${attributes}>${cells}</table:table-row>`
  const table = (rows: string, attributes = ''): string => `<table:table ${attributes}>${rows}</table:table>`
  const strike =
    '<style:style style:name="S" style:family="text"><style:text-properties style:text-line-through-style="solid"/></style:style><style:style style:name="S2" style:family="text" style:parent-style-name="S"/>'

  it('leaves out and tells white letters, unless something in another colour is painted somewhere', async () => {
    const white =
      '<style:style style:name="W" style:family="text"><style:text-properties fo:color="#ffffff"/></style:style>'
    const body = table(row(cell('<text:span text:style-name="W">8</text:span>5') + cell('6')))
    const plain = await documentOf(archive('text', body, white))
    expect(drawings(plain.blocks)).toEqual([['5|6']])
    expect(plain.notices).toMatchObject([{ code: 'hidden_content', data: { text: '8' } }])
    const ground = (colour: string): string =>
      `${white}<style:style style:name="D" style:family="table-cell"><style:table-cell-properties fo:background-color="${colour}"/></style:style>`
    expect(drawings((await documentOf(archive('text', body, ground('#ffffff')))).blocks)).toEqual([['5|6']])
    expect(drawings((await documentOf(archive('text', body, ground('#1f497d')))).blocks)).toEqual([['85|6']])
  })

  it('resolves spans, repeats and covered places', async () => {
    const body = table(
      `<table:table-header-rows>${row(cell('a', 'table:number-rows-spanned="2"') + cell('b', 'table:number-columns-spanned="2"') + covered)}</table:table-header-rows>` +
        row(covered + cell('1', 'table:number-columns-repeated="2"')) +
        row(covered + cell('2') + cell('3'), 'table:number-rows-repeated="2"'),
    )
    expect(drawings((await documentOf(archive('text', body))).blocks)).toEqual([['a|b|<', '^|1|1', '~|2|3', '~|2|3']])
  })

  it('reads text as it is shown', async () => {
    const body = `<text:tracked-changes><text:p>99</text:p></text:tracked-changes><text:h text:outline-level="2">一、<text:s text:c="2"/>总体</text:h><text:p>
      a  b<text:tab/>c<text:line-break/>d<office:annotation><text:p>no</text:p></office:annotation><text:note><text:p>no</text:p></text:note></text:p>${table(
        row(cell('<text:span text:style-name="S2">7</text:span>8') + cell('x') + cell('y') + cell('z')),
      )}`
    const document = await documentOf(archive('text', body, strike))
    expect(drawings(document.blocks)).toEqual([['P 一、  总体'], ['P a b\tc\nd'], ['8|x|y|z']])
    expect(document.blocks[0]).toMatchObject({ heading: 2 })
    expect(codesOf(document)).toEqual(['struck_out_text'])
  })

  it('reads the sheets of ODS, what they repeat to their ends and what they hide', async () => {
    const many = 'table:number-columns-repeated="16380"'
    const body = `${table(
      row(cell('标题', 'table:number-columns-spanned="3"') + covered.repeat(2)) +
        row(cell('a') + cell('b') + cell('c') + cell('', many)) +
        row(cell('甲') + cell('9') + cell('9'), 'table:visibility="collapse"') +
        row(cell('乙') + cell('1,234', 'office:value="1234"') + cell('')) +
        row(cell('', many), 'table:number-rows-repeated="1048570"'),
      'table:name="表1"',
    )}${table(row(cell('x') + cell('5')), 'table:name="隐" table:style-name="H"')}`
    const hidden =
      '<style:style style:name="H" style:family="table"><style:table-properties table:display="false"/></style:style>'
    const document = await documentOf(archive('spreadsheet', body, hidden))
    expect(drawings(document.blocks)).toEqual([['P 标题'], ['a|b|c', '乙|1,234|']])
    expect(document.notices.map(({ data }) => data.text)).toEqual(['表1: 甲 9 9', '隐: x 5'])
  })

  it('bounds what is repeated, nested or large, and expands no entity', async () => {
    const repeated = table(
      row(cell('1', 'table:number-columns-repeated="900"'), 'table:number-rows-repeated="1000000"'),
    )
    for (const kind of ['text', 'spreadsheet'] as const) {
      expect(reasonOf(await parse(archive(kind, repeated)))).toBe('limit_exceeded cellsMax')
    }
    const nested = `${'<text:section>'.repeat(1_000)}${'</text:section>'.repeat(1_000)}`
    expect(reasonOf(await parse(archive('text', nested)))).toBe('limit_exceeded markupDepthMax')
    expect(reasonOf(await parse(archive('text', '<text:s/>'.repeat(limits.markupTagsMax))))).toBe(
      'limit_exceeded markupTagsMax',
    )
    const spans = table(
      row(cell('1', 'table:number-columns-spanned="1000000000" table:number-rows-spanned="1000000000"') + cell('2')),
    )
    for (const kind of ['text', 'spreadsheet'] as const) {
      for (const block of (await documentOf(archive(kind, spans))).blocks) {
        if (block.kind === 'grid') expect(block.rowCount * block.columnCount).toBeLessThan(2_000)
      }
    }
    const entity = strToU8('<!DOCTYPE x [<!ENTITY e "9">]><office:document-content></office:document-content>')
    const mimetype = strToU8('application/vnd.oasis.opendocument.text')
    expect(reasonOf(await parse(zipSync({ mimetype, 'content.xml': entity }, { level: 0 })))).toBe('damaged')
  })

  it('encrypted ones are told, and those cut off are damaged', async () => {
    const manifest =
      '<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>'
    expect(reasonOf(await parse(archive('text', '', '', { 'META-INF/manifest.xml': manifest })))).toBe('encrypted')
    const whole = archive('text', `<text:p>${'字'.repeat(500)}</text:p>`)
    expect(reasonOf(await parse(whole.subarray(0, whole.length - 300)))).not.toBe('ok')
  })
})

describe('MHTML', () => {
  const page =
    '<html><head><meta charset="gb2312"></head><body><p>年度报告</p><table><tr><td rowspan=2>甲</td><td>1</td></tr><tr><td>2</td></tr></table></body></html>'
  const quoted = [...iconv.encode(page, 'gbk')]
    .map((byte) => (byte > 126 || byte === 61 ? `=${byte.toString(16).toUpperCase()}` : String.fromCharCode(byte)))
    .join('')
    .replace(/<table>/, '=\r\n<table>')
  const based = iconv
    .encode(page, 'gbk')
    .toString('base64')
    .replace(/(.{76})/g, '$1\r\n')
  const archive = (head: string, first: string, type = 'text/html', encoding = 'quoted-printable'): string =>
    `${head}\r\n\r\nThis is a multi-part message.\r\n--=_b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--=_b\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${first}\r\n--=_b--\r\n`
  const chrome =
    'From: <Saved by Blink>\r\nSnapshot-Content-Location: http://example.org/\r\nSubject: =?utf-8?Q?x?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="=_b"'
  const word = 'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="=_b"'

  it.each([
    ['of a browser', archive(chrome, quoted)],
    ['of Word', archive(word, quoted, 'text/html; charset="gb2312"')],
    ['in base64', archive(word, based, 'text/html', 'base64')],
    [
      'of one part',
      `MIME-Version: 1.0\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${quoted}`,
    ],
  ])('%s', async (_, bytes) => {
    const document = await documentOf(bytes)
    expect(document).toMatchObject({ format: 'mhtml', encoding: 'gb18030' })
    expect(drawings(document.blocks)).toEqual([['P 年度报告'], ['甲|1', '^|2']])
  })

  it('one that is cut off, or has no page, is damaged', async () => {
    const whole = archive(word, quoted)
    expect(reasonOf(await parse(Buffer.from(whole.slice(0, -30), 'latin1')))).toBe('damaged')
    expect(reasonOf(await parse(Buffer.from(archive(word, 'x', 'image/gif'), 'latin1')))).toBe('damaged')
  })

  it('shows the pages in its frames where they stand, each once, and leaves those in cells to be told', async () => {
    const part = (fields: string, body: string): string =>
      `--=_b\r\nContent-Type: text/html; charset=utf-8\r\n${fields}\r\n\r\n<html><head><title>t</title></head><body>${body}</body></html>\r\n`
    const table = (...cells: string[]): string =>
      `<table><tr>${cells.map((one) => `<td>${one}</td>`).join('')}</tr><tr><td>乙</td><td>2</td></tr></table>`
    const of = async (body: string): Promise<string[][]> => {
      const inner = part('Content-ID: <f@x>', `<p>内</p>${table('甲', '1')}<iframe src="http://a.cn/p.html"></iframe>`)
      const other = part('Content-Location: http://a.cn/i/o.html', '<p>外</p>')
      const page = part('Content-Location: http://a.cn/p.html', body)
      return drawings((await documentOf(Buffer.from(`${word}\r\n\r\n${page}${inner}${other}--=_b--\r\n`))).blocks)
    }
    const inside = [['P 内'], ['甲|1', '乙|2']]
    expect(await of('<p>前</p><iframe width="100%" src="cid:f@x">无</iframe><p>后</p>')).toEqual([
      ['P 前'],
      ...inside,
      ['P 后'],
    ])
    expect(await of('<iframe src=i/o.html></iframe><iframe src="cid:f@x"/></iframe>')).toEqual([['P 外'], ...inside])
    expect(await of('<p>前</p><iframe src="cid:f@x" style="display:none"></iframe>')).toEqual([['P 前']])
    expect(await of('<p>前</p><iframe src="cid:f@x" width="0"></iframe>')).toEqual([['P 前']])
    expect(await of('<p>前</p><iframe src="cid:none"></iframe>')).toEqual([['P 前']])
    const cells = table('<iframe src="cid:f@x"></iframe>', '3')
    expect(await of(`${cells}<iframe src="i/o.html"></iframe>`)).toEqual([['|3', '乙|2'], ['P 外']])
  })

  const parts = (head: string, cell: string, sheets: Readonly<Record<string, string>>): string =>
    [
      word,
      '',
      `--=_b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Location: http://a.cn/x/p.html\r\n\r\n<html><head>${head}</head><body><table><tr><td>甲</td><td>${cell}</td></tr><tr><td>乙</td><td>2</td></tr></table></body></html>`,
      ...Object.entries(sheets).map(
        ([place, text]) => `--=_b\r\nContent-Type: text/css\r\nContent-Location: ${place}\r\n\r\n${text}`,
      ),
      '--=_b--\r\n',
    ].join('\r\n')
  const link = (address: string, more = ''): string => `<link rel="stylesheet" ${more} href="${address}">`

  it('is dressed by the style sheets that came with it', async () => {
    const old = '<i class="old">8</i>1'
    const none = '.old { display: none }'
    const shown: readonly (readonly [string, string])[] = [
      [parts(link('cid:css-1@mhtml.blink'), old, { 'cid:css-1@mhtml.blink': none }), '1'],
      [parts(link('../c/a.css'), old, { 'http://a.cn/c/a.css': '.old { text-decoration: line-through }' }), '1'],
      [parts(link('cid:1@x'), old, { 'cid:1@x': '@import url("cid:2@x");', 'cid:2@x': none }), '1'],
      [parts(link('cid:1@x'), old, { 'cid:1@x': '@import "cid:1@x";', 'cid:2@x': none }), '81'],
      [parts(link('cid:1@x', 'media="print"'), old, { 'cid:1@x': none }), '81'],
      [parts(link('cid:1@x').replace('sheet"', 'sheet alternate"'), old, { 'cid:1@x': none }), '81'],
      [parts(link('cid:1@x'), '<b class="v"></b>', { 'cid:1@x': '.v::before { content: "7" }' }), '\ufffc'],
    ]
    for (const [bytes, text] of shown) {
      const { blocks } = await documentOf(Buffer.from(bytes))
      expect(drawings(blocks), bytes).toEqual([[`甲|${text}`, '乙|2']])
    }
  })

  it('is read though its style sheets import others thousands of times', async () => {
    const imports = (address: string): string => `@import "${address}";`.repeat(4_000)
    const sheets = {
      'cid:1@x': imports('cid:2@x'),
      'cid:2@x': imports('cid:3@x'),
      'cid:3@x': 'p { color: red } '.repeat(9_000),
    }
    const { blocks } = await documentOf(Buffer.from(parts(link('cid:1@x').repeat(1_000), '1', sheets)))
    expect(drawings(blocks)).toEqual([['甲|1', '乙|2']])
  })

  const sheet = (...rows: string[][]): string =>
    `<html><body><table>${rows.map((row) => `<tr>${row.map((text) => `<td>${text}</td>`).join('')}</tr>`).join('')}</table></body></html>`
  const workbook = (parts: Readonly<Record<string, string>>): string =>
    `${word}\r\n\r\n${Object.entries(parts)
      .map(
        ([place, text]) =>
          `--=_b\r\nContent-Location: file:///C:/1/${place}\r\nContent-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(text).toString('base64')}\r\n`,
      )
      .join('')}--=_b--\r\n`
  const frames = (head = ''): string =>
    `<html><head>${head}</head><frameset rows="*,39"><frame src="b.files/sheet001.htm" name="frSheet"><frame src="b.files/tabs.htm"><noframes><body><p>This page uses frames.</p></body></noframes></frameset></html>`
  const tabs = (names: readonly string[]): string =>
    `<html><body><table><tr>${names.map((name, index) => `<td><a href="sheet00${index + 1}.htm" target="frSheet">${name}</a></td>`).join('')}</tr></table></body></html>`
  const sheets = {
    'b.files/sheet001.htm': sheet(['年度报告', '甲'], ['1', '2']),
    'b.files/sheet002.htm': sheet(['结果维持', '结果纠正'], ['3', '4']),
    'b.files/sheet003.htm': sheet(['其他结果', '尚未审结'], ['5', '6']),
  }

  it('of a workbook is its sheets, as its tabs name them, and what has no tab is told', async () => {
    const { blocks, notices } = await documentOf(
      workbook({ 'b.htm': frames(), 'b.files/tabs.htm': tabs(['Sheet1', '水务局']), ...sheets }),
    )
    expect(drawings(blocks)).toEqual([['年度报告|甲', '1|2'], ['P 水务局'], ['结果维持|结果纠正', '3|4']])
    expect(notices.map(({ code, data }) => `${code} ${data.text}`)).toEqual([
      'hidden_content sheet003.htm: 其他结果 尚未审结 5 6',
    ])
  })

  it('of a workbook is the sheets that it lists and shows, or all where nothing names them', async () => {
    const one = (index: number, more = ''): string =>
      `<x:ExcelWorksheet><x:Name>表${index}</x:Name><x:WorksheetSource HRef="b.files/sheet00${index}.htm"/>${more}</x:ExcelWorksheet>`
    const list = `<!--[if gte mso 9]><xml>${one(2)}${one(1, '<x:Visible>SheetHidden</x:Visible>')}${one(3)}</xml><![endif]-->`
    const listed = await documentOf(workbook({ 'b.htm': frames(list), ...sheets }))
    expect(drawings(listed.blocks)).toEqual([
      ['P 表2'],
      ['结果维持|结果纠正', '3|4'],
      ['P 表3'],
      ['其他结果|尚未审结', '5|6'],
    ])
    expect(codesOf(listed)).toEqual(['hidden_content'])
    const all = await documentOf(workbook({ 'b.htm': frames(), ...sheets }))
    expect(drawings(all.blocks).flat()).toEqual([
      '年度报告|甲',
      '1|2',
      '结果维持|结果纠正',
      '3|4',
      '其他结果|尚未审结',
      '5|6',
    ])
  })

  it('bounds its parts', async () => {
    const parts = '--=_b\r\nContent-Type: image/png\r\n\r\n\r\n'.repeat(limits.archiveEntriesMax + 2)
    expect(reasonOf(await parse(Buffer.from(`${word}\r\n\r\n${parts}--=_b--`)))).toBe(
      'limit_exceeded archiveEntriesMax',
    )
  })
})

describe('pictures', () => {
  it('are told where there is little text beside them', async () => {
    const book = utils.book_new()
    utils.book_append_sheet(book, utils.aoa_to_sheet([['年度报告']]), '表1')
    const entries = unzipSync(write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer)
    const withPicture = zipSync({ ...entries, 'xl/media/image1.png': new Uint8Array(100) })
    expect(codesOf(await documentOf(withPicture))).toEqual(['image_in_place_of_text'])
    expect(codesOf(await documentOf('{\\rtf1{\\pict\\pngblip 8950}\\par}'))).toEqual(['image_in_place_of_text'])
    const inDoc = makeDoc([
      { text: '\x01', looks: '550801' },
      { text: '\r', ends: '' },
    ])
    expect(codesOf(await documentOf(inDoc))).toEqual(['image_in_place_of_text'])
  })
})

describe('files in files', () => {
  it('a workbook with an embedded document is the workbook', async () => {
    const book = utils.book_new()
    utils.book_append_sheet(
      book,
      utils.aoa_to_sheet([
        ['a', 'b'],
        ['甲', 1],
      ]),
      '表1',
    )
    const file = CFB.read(write(book, { type: 'buffer', bookType: 'biff8' }), { type: 'buffer' })
    CFB.utils.cfb_add(file, '/MBD00000001/WordDocument', Buffer.alloc(5_000))
    const document = await documentOf(CFB.write(file, { type: 'buffer' }) as Buffer)
    expect(document.format).toBe('xls')
    expect(drawings(document.blocks)).toEqual([['a|b', '甲|1']])
  })

  it('an OLE file that holds neither is not supported', async () => {
    const file = CFB.utils.cfb_new()
    CFB.utils.cfb_add(file, 'CONTENTS', Buffer.alloc(5_000))
    expect(reasonOf(await parse(CFB.write(file, { type: 'buffer' }) as Buffer))).toBe('unsupported_format ole')
  })
})

describe('files under a wrong name', () => {
  it('are read by what they are', async () => {
    const docx = makeDocx(
      '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>报告</w:t></w:r></w:p></w:body></w:document>',
    )
    const files: Record<string, Uint8Array> = {
      docx,
      html: Buffer.from('<html><body><p>报告</p></body></html>'),
      rtf: Buffer.from('{\\rtf1\\ansi\\pard\\u25253 ?\\u21578 ?\\par}'),
      mhtml: Buffer.from('MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>报告</p>'),
    }
    for (const [format, bytes] of Object.entries(files)) {
      const document = await documentOf(bytes)
      expect(document.format).toBe(format)
      expect(drawings(document.blocks)).toEqual([['P 报告']])
    }
  })
})
