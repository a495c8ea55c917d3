/** Sheets of OpenDocument files: what the styles of cells, rows and columns, their conditions and the view make of what cells hold. */
import { describe, expect, it } from 'vitest'
import { parse } from '../../parsers/index.ts'

const spaces = ['office', 'style', 'table', 'text', 'config']
  .map((name) => `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`)
  .join(' ')
const cell = (text: string | number, more = ''): string => {
  const value =
    typeof text === 'number' ? `office:value-type="float" office:value="${text}"` : 'office:value-type="string"'
  return `<table:table-cell ${value}${more}><text:p>${text}</text:p></table:table-cell>`
}
const row = (cells: readonly string[], more = ''): string =>
  `<table:table-row${more}>${cells.join('')}</table:table-row>`
const cellStyle = (name: string, inside: string, more = ''): string =>
  `<style:style style:name="${name}" style:family="table-cell"${more}>${inside}</style:style>`
const letters = (looks: string): string => `<style:text-properties ${looks}/>`
const white = letters('fo:color="#ffffff"')
const styles = [
  cellStyle('white', white),
  cellStyle('below', '', ' style:parent-style-name="white"'),
  cellStyle('dark', `<style:table-cell-properties fo:background-color="#002060"/>${white}`),
  cellStyle('struck', letters('style:text-line-through-style="solid"')),
  cellStyle('zero', '<style:map style:condition="cell-content()=0" style:apply-style-name="white"/>'),
  cellStyle('asked', '<style:map style:condition="is-true-formula(A1=0)" style:apply-style-name="white"/>'),
].join('')

async function read(rows: string, columns = '', settings = ''): Promise<{ texts: string[]; told: unknown[] }> {
  const xml = `<?xml version="1.0"?><office:document ${spaces} xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">${settings}<office:automatic-styles>${styles}</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="表1">${columns}${rows}</table:table></office:spreadsheet></office:body></office:document>`
  const result = await parse(Buffer.from(xml))
  if (!result.ok) throw new Error(result.reason)
  const { blocks, notices } = result.document
  const texts = blocks.flatMap((block) => (block.kind === 'grid' ? block.cells.map(({ text }) => text) : [block.text]))
  return { texts, told: notices.map(({ code, data }) => `${code} ${data.text}`) }
}

const named = (name: string): string => ` table:style-name="${name}"`
const heads = row([cell('指标甲'), cell('指标乙'), cell('指标丙')])

describe('a sheet of an OpenDocument file', () => {
  it('does not show white letters on nothing', async () => {
    const { texts, told } = await read(heads + row([cell(1, named('below')), cell(2, named('dark')), cell(3)]))
    expect(texts.slice(3)).toEqual(['', '2', '3'])
    expect(told).toEqual(['hidden_content 表1: A2 1'])
  })

  it('gives cells without a style that of their row or column', async () => {
    const columns =
      '<table:table-column/><table:table-column table:number-columns-repeated="2" table:default-cell-style-name="struck"/>'
    const rows = [
      row([cell('甲乙'), cell('指标', named('dark'))]),
      row([cell(1), cell(2), cell(3, named('dark'))]),
      row([cell(4), cell(5)], ' table:default-cell-style-name="dark"'),
    ]
    const { texts, told } = await read(rows.join(''), columns)
    expect(texts.slice(3)).toEqual(['1', '~~2~~', '3', '4', '5', ''])
    expect(told).toEqual(['struck_out_text 2'])
  })

  it('gives a cell that is repeated the style of each of its columns', async () => {
    const columns = '<table:table-column/><table:table-column table:default-cell-style-name="struck"/>'
    const { texts } = await read(heads + row([cell(4, ' table:number-columns-repeated="3"')]), columns)
    expect(texts.slice(2)).toEqual(['指标丙', '4', '~~4~~', '4'])
  })

  it('shows what the conditions of its styles leave', async () => {
    const { texts, told } = await read(
      heads + row([cell(0, named('zero')), cell(7, named('zero')), cell(7, named('asked'))]),
    )
    expect(texts.slice(3)).toEqual(['', '7', '7\ufffc'])
    expect(told).toEqual(['hidden_content 表1: A2 0'])
  })

  it('shows no zeros where its view has none', async () => {
    const settings =
      '<office:settings><config:config-item-set config:name="ooo:view-settings"><config:config-item config:name="ShowZeroValues" config:type="boolean">false</config:config-item></config:config-item-set></office:settings>'
    const { texts, told } = await read(heads + row([cell(0), cell(7), cell(0)]), '', settings)
    expect(texts).toEqual(['指标甲', '指标乙', '指标丙', '', '7', ''])
    expect(told).toEqual([])
  })
})
