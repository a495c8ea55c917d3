/** Conditional formats of a workbook: what they hide is blank and told, what they may hide is no figure, and all else stays. */
import { utils, write } from '@e965/xlsx'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { parse } from '../../parsers/index.ts'

/** A table of one row of figures under a row of labels, with rules for the figures. `style`: what the rules give. */
function workbook(figures: readonly (number | string)[], rules: string, style: string, format = 'General'): Uint8Array {
  const sheet = utils.aoa_to_sheet([figures.map((_, index) => `指标${index}`), [...figures]])
  for (const [index, one] of figures.entries()) {
    if (typeof one === 'number') sheet[utils.encode_cell({ r: 1, c: index })]!.z = format
  }
  const book = utils.book_new()
  utils.book_append_sheet(book, sheet, '表1')
  const entries = unzipSync(write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer)
  const change = (name: string, by: (xml: string) => string): void => {
    entries[name] = strToU8(by(strFromU8(entries[name]!)))
  }
  change('xl/worksheets/sheet1.xml', (xml) => xml.replace('</sheetData>', `</sheetData>${rules}`))
  change('xl/styles.xml', (xml) =>
    xml
      .replace(/<dxfs[^>]*\/>/, '')
      .replace('</styleSheet>', `<dxfs count="1"><dxf>${style}</dxf></dxfs></styleSheet>`),
  )
  return zipSync(entries)
}

async function read(bytes: Uint8Array): Promise<{ texts: string[]; hidden: unknown[] }> {
  const result = await parse(bytes)
  if (!result.ok) throw new Error(result.reason)
  const { blocks, notices } = result.document
  const texts = blocks.flatMap((block) => (block.kind === 'grid' ? block.cells.map(({ text }) => text) : [block.text]))
  return { texts, hidden: notices.filter(({ code }) => code === 'hidden_content').map(({ data }) => data.text) }
}

const rule = (attributes: string, inside: string, reach = 'A1:Z9'): string =>
  `<conditionalFormatting sqref="${reach}"><cfRule priority="1" ${attributes}>${inside}</cfRule></conditionalFormatting>`
const equalsZero = rule('type="cellIs" dxfId="0" operator="equal"', '<formula>0</formula>')
const whiteLetters = '<font><color rgb="FFFFFFFF"/></font>'
const asked = (formula: string, reach?: string): string =>
  rule('type="expression" dxfId="0"', `<formula>${formula}</formula>`, reach)

describe('what rules hide of a sheet', () => {
  it.each([
    ['white letters', equalsZero, whiteLetters],
    [
      'letters of the colour of their ground',
      equalsZero,
      '<font><color rgb="FF0070C0"/></font><fill><patternFill><bgColor rgb="FF0070C0"/></patternFill></fill>',
    ],
    ['a format that shows nothing', equalsZero, '<numFmt numFmtId="170" formatCode=";;;"/>'],
    ['an expression', asked('A1=0'), '<font><color theme="0"/></font>'],
    [
      'a constant that a cell holds',
      rule('type="cellIs" dxfId="0" operator="lessThan"', '<formula>$B$2</formula>'),
      whiteLetters,
    ],
  ])('by %s is blank and told', async (_, rules, style) => {
    const { texts, hidden } = await read(workbook([0, 5, 7], rules, style))
    expect(texts).toEqual(['指标0', '指标1', '指标2', '', '5', '7'])
    expect(hidden).toEqual(['表1: A2 0'])
  })

  it.each([
    ['conditions that are not read', asked('MOD(A1,5)=0'), whiteLetters, ['0\ufffc', '5\ufffc', '7\ufffc']],
    ['expressions of several ranges', asked('A1=0', 'B2:C2 A2'), whiteLetters, ['0\ufffc', '5\ufffc', '7\ufffc']],
    [
      'bars in the place of numbers',
      rule('type="dataBar"', '<dataBar showValue="0"><color rgb="FF638EC6"/></dataBar>'),
      '',
      ['\ufffc', '\ufffc', '\ufffc'],
    ],
  ])('or may hide by %s is no figure', async (_, rules, style, figures) => {
    expect((await read(workbook([0, 5, 7], rules, style))).texts.slice(3)).toEqual(figures)
  })

  it.each([
    ['paint', equalsZero, '<fill><patternFill><bgColor rgb="FFFFFF00"/></patternFill></fill>'],
    ['colour letters', asked('MOD(A1,5)=0'), '<font><color rgb="FFFF0000"/></font>'],
    [
      'paint behind white letters',
      equalsZero,
      `${whiteLetters}<fill><patternFill><bgColor rgb="FF002060"/></patternFill></fill>`,
    ],
    [
      'cover other cells',
      rule('type="cellIs" dxfId="0" operator="equal"', '<formula>0</formula>', 'A5:Z9'),
      whiteLetters,
    ],
    [
      'stand behind one that ends them',
      `${rule('type="cellIs" stopIfTrue="1" operator="equal"', '<formula>0</formula>')}${equalsZero.replace('priority="1"', 'priority="2"')}`,
      whiteLetters,
    ],
    ['give a format that shows the same', asked('MOD(A1,5)=0'), '<numFmt numFmtId="170" formatCode="#,##0"/>'],
  ])('is nothing of rules that %s', async (_, rules, style) => {
    expect(await read(workbook([0, 5, '/'], rules, style))).toEqual({
      texts: ['指标0', '指标1', '指标2', '0', '5', '/'],
      hidden: [],
    })
  })
})

describe('formats of numbers', () => {
  it.each([
    ['[$-804]0', '1023'],
    ['[$-zh-CN]#,##0', '1,023'],
    ['[DBNum3][$-804]0', '1023'],
    ['[DBNum1]General', '1023\ufffc'],
    ['[DBNum2][$-804]0', '1023\ufffc'],
    ['[$¥-804]0', '¥1023'],
  ])('%s', async (format, shown) => {
    expect((await read(workbook([1023, 5], '', '', format))).texts[2]).toBe(shown)
  })
})
