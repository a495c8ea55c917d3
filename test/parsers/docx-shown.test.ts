/**
 * What a Word file shows of its cells, one trait at a time: text that looks otherwise by its style or stands in newer elements
 * must be read as it is seen, and what is seen and no text must never leave a cell blank or shorten its figure.
 */
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import type { Document } from '../../parsers/document.ts'
import { parse } from '../../parsers/index.ts'
import { makeDocx } from '../generator/render/docx.ts'
import { convertWithOffice } from '../setup/office.ts'

/** Stands for what is shown and not read. */
const sign = '\ufffc'

const word = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const namespaces = [
  `xmlns:w="${word}" xmlns:r="${office}"`,
  'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"',
  'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"',
  'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"',
  'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"',
  'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"',
  'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"',
  'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"',
].join(' ')

const styles = `<w:styles xmlns:w="${word}">
  <w:style w:type="character" w:styleId="Hidden"><w:name w:val="h"/><w:rPr><w:vanish/></w:rPr></w:style>
  <w:style w:type="character" w:styleId="Struck"><w:name w:val="s"/><w:rPr><w:strike/></w:rPr></w:style>
  <w:style w:type="character" w:styleId="Mark"><w:name w:val="m"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>
  <w:style w:type="character" w:styleId="Mark2"><w:name w:val="n"/><w:basedOn w:val="Mark"/></w:style>
  <w:style w:type="paragraph" w:styleId="Listed"><w:name w:val="l"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
</w:styles>`
const level = (format: string, text: string): string =>
  `<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`
const numbering = `<w:numbering xmlns:w="${word}">${[level('decimal', '%1'), level('bullet', '-'), level('none', '')]
  .map((inside, index) => `<w:abstractNum w:abstractNumId="${index}">${inside}</w:abstractNum>`)
  .join(
    '',
  )}${[0, 1, 2].map((index) => `<w:num w:numId="${index + 1}"><w:abstractNumId w:val="${index}"/></w:num>`).join('')}</w:numbering>`

const relation = (id: string, type: string, target: string): string =>
  `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`
const relations = (more = ''): string =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${relation('s', 'styles', 'styles.xml')}${relation('n', 'numbering', 'numbering.xml')}${more}</Relationships>`

const main = (body: string): string => `<w:document ${namespaces}><w:body>${body}</w:body></w:document>`
const docxOf = (body: string, more = '', others: Record<string, string> = {}): Uint8Array =>
  makeDocx(main(body), {
    'word/styles.xml': styles,
    'word/numbering.xml': numbering,
    'word/_rels/document.xml.rels': relations(more),
    ...others,
  })

const run = (text: string, looks = ''): string => `<w:r><w:rPr>${looks}</w:rPr><w:t>${text}</w:t></w:r>`
const paragraph = (inside: string): string => `<w:p>${inside}</w:p>`
const cell = (inside: string, properties = ''): string => `<w:tc><w:tcPr>${properties}</w:tcPr>${inside}</w:tc>`
const row = (cells: readonly string[], properties = ''): string =>
  `<w:tr><w:trPr>${properties}</w:trPr>${cells.join('')}</w:tr>`
const table = (rows: readonly string[]): string => `<w:tbl><w:tblPr/><w:tblGrid/>${rows.join('')}</w:tbl>`
const rowOf = (paragraphs: readonly string[]): string => table([row(paragraphs.map((one) => cell(one)))])

async function documentOf(bytes: Uint8Array): Promise<Document> {
  const result = await parse(bytes)
  if (!result.ok) throw new Error(result.reason)
  return result.document
}

function textsOf({ blocks }: Document): string[] {
  return blocks.flatMap((block) => (block.kind === 'grid' ? block.cells.map(({ text }) => text) : [block.text]))
}

/** What the cells say that hold these runs. */
async function read(runs: readonly string[]): Promise<string[]> {
  return textsOf(await documentOf(docxOf(rowOf(runs.map(paragraph)))))
}

const mark = (kind: string, inside = ''): string =>
  `<w:r><w:fldChar w:fldCharType="${kind}">${inside}</w:fldChar></w:r>`
const instruction = (text: string): string => `<w:r><w:instrText> ${text} </w:instrText></w:r>`
const field = (text: string, result: string, data = ''): string =>
  `${mark('begin', data)}${text}${mark('separate')}${result}${mark('end')}`
const choice =
  '<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="0"/><w:listEntry w:val="12"/></w:ddList></w:ffData>'

const box = (text: string): string =>
  `<a:graphic><a:graphicData><wps:wsp><wps:txbx><w:txbxContent>${paragraph(run(text))}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic>`
const boxed = (text: string): string =>
  `<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:extent cx="300000" cy="200000"/>${box(text)}</wp:anchor></w:drawing></mc:Choice></mc:AlternateContent></w:r>`
const picture =
  '<w:r><w:drawing><wp:inline><wp:extent cx="200000" cy="150000"/><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:embed="x"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'

describe('text of cells that looks otherwise than its runs say', () => {
  it('by styles, twice struck out, or as it once looked', async () => {
    const document = await documentOf(
      docxOf(
        rowOf(
          [
            `${run('6', '<w:rStyle w:val="Hidden"/>')}${run('1')}`,
            `${run('6', '<w:rStyle w:val="Struck"/>')}${run('2')}`,
            `${run('3')}${run('1', '<w:rStyle w:val="Mark2"/>')}`,
            `${run('6', '<w:dstrike/>')}${run('4')}`,
            run('5', '<w:rPrChange w:id="1" w:author="a"><w:rPr><w:vanish/></w:rPr></w:rPrChange>'),
            run('7', '<w:rStyle w:val="Hidden"/><w:vanish w:val="0"/>'),
            `${run('8')}${run('1', '<w:vertAlign w:val="subscript"/>')}`,
          ].map(paragraph),
        ),
      ),
    )
    expect(textsOf(document)).toEqual(['1', '2', '3', '4', '5', '7', `8 1${sign}`])
    expect(document.notices.map(({ code, data }) => [code, data.text])).toContainEqual(['hidden_content', '6'])
  })

  it('white on nothing is not seen, on a colour it is', async () => {
    const white = run('12', '<w:color w:val="FFFFFF"/>')
    const shaded = cell(paragraph(white), '<w:shd w:val="clear" w:fill="000080"/>')
    const document = await documentOf(docxOf(table([row([cell(paragraph(`${white}${run('3')}`)), shaded])])))
    expect(textsOf(document)).toEqual(['3', '12'])
  })

  it('rows that are hidden are left out and told', async () => {
    const rows = [row([cell(paragraph(run('9')))], '<w:hidden/>'), row([cell(paragraph(run('1')))])]
    const document = await documentOf(docxOf(table(rows)))
    expect(textsOf(document)).toEqual(['1'])
    expect(document.notices.map(({ code }) => code)).toEqual(['hidden_content'])
  })
})

describe('what newer and rarer elements show', () => {
  it('text in two versions, equations of text, ruby, characters by their code', async () => {
    expect(
      await read([
        `<mc:AlternateContent><mc:Choice Requires="w14">${run('1')}</mc:Choice><mc:Fallback/></mc:AlternateContent>`,
        '<m:oMath><m:r><m:t>2</m:t></m:r></m:oMath>',
        '<w:r><w:ruby><w:rt><w:r><w:t>9</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>3</w:t></w:r></w:rubyBase></w:ruby></w:r>',
        '<w:r><w:sym w:font="宋体" w:char="0034"/></w:r>',
      ]),
    ).toEqual(['1', '2', '3', '4'])
  })

  it('controls for content: what asks to be filled in is none, a figure is', async () => {
    const control = (text: string, asks: boolean): string =>
      `<w:sdt><w:sdtPr>${asks ? '<w:showingPlcHdr/>' : ''}<w:text/></w:sdtPr><w:sdtContent>${run(text)}</w:sdtContent></w:sdt>`
    const asking = '单击或点击此处输入文字。'
    const document = await documentOf(
      docxOf(
        rowOf([control(asking, true), control('17', true), control('/', true), control(asking, false)].map(paragraph)),
      ),
    )
    expect(textsOf(document)).toEqual(['', '17', '/', asking])
    expect(document.notices.map(({ code, data }) => [code, data.text])).toEqual([['hidden_content', asking]])
  })

  it('a figure in a picture, an equation, an object or a box that floats is not blank', async () => {
    const texts = await read([
      picture,
      '<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num></m:f></m:oMath>',
      '<w:r><w:object><o:OLEObject ProgID="Equation.3" r:id="x"/></w:object></w:r>',
      boxed('7'),
      `${run('12')}${picture}`,
      `${run('总计')}${picture}`,
      // A blank that is written as a reference is neither a figure nor a label.
      `${run('&#160;')}${picture}`,
      `${run('&#xA0;')}${picture}`,
    ])
    const wanted = [sign, sign, sign, `${sign}7`, '12', '总计', sign, sign]
    expect(texts.map((text) => text.replace('\n', ''))).toEqual(wanted)
  })

  it('fields: no instruction is a result, a choice is what was chosen, one without result is not blank', async () => {
    expect(
      await read([
        field(`${instruction('IF')}${field(instruction('=SUM(ABOVE)'), run('99'))}`, run('5')),
        field(instruction('FORMDROPDOWN'), '', choice),
        `${mark('begin')}${instruction('=SUM(ABOVE)')}${mark('end')}`,
        `${mark('begin')}${instruction('XE "x"')}${mark('end')}`,
      ]),
    ).toEqual(['5', '12', sign, ''])
  })

  it('numbers that a list counts make no figure, beside words they say nothing', async () => {
    const listed = (list: number, inside: string): string =>
      `<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="${list}"/></w:numPr></w:pPr>${inside}</w:p>`
    const styled = '<w:p><w:pPr><w:pStyle w:val="Listed"/></w:pPr></w:p>'
    const cells = [
      listed(1, ''),
      listed(1, run('4')),
      styled,
      listed(1, run('信访')),
      listed(2, run('5')),
      listed(3, ''),
    ]
    expect(textsOf(await documentOf(docxOf(rowOf(cells))))).toEqual([sign, `${sign}4`, sign, '信访', '5', ''])
  })

  it('tables in boxes without an older version are read', async () => {
    const inside = table([row([cell(paragraph(run('a'))), cell(paragraph(run('1')))])])
    const framed = boxed('').replace(/<w:txbxContent>.*<\/w:txbxContent>/, `<w:txbxContent>${inside}</w:txbxContent>`)
    expect(textsOf(await documentOf(docxOf(paragraph(framed))))).toEqual(['a', '1'])
  })
})

describe('places of cells', () => {
  it('columns that a row leaves free at its start, and cells merged one by one', async () => {
    const plain = (text: string): string => cell(paragraph(run(text)))
    const merged = [cell(paragraph(run('c')), '<w:hMerge w:val="restart"/>'), cell('<w:p/>', '<w:hMerge/>')]
    const rows = [
      row([plain('a'), plain('b'), plain('d')]),
      row([...merged, plain('1')]),
      row([plain('2'), plain('3')], '<w:gridBefore w:val="1"/>'),
    ]
    const { blocks } = await documentOf(docxOf(table(rows)))
    const cells = blocks.flatMap((block) => (block.kind === 'grid' ? block.cells : []))
    expect(cells.slice(3).map(({ text, column, columnSpan, filler }) => [text, column, columnSpan, filler])).toEqual([
      ['c', 0, 2, false],
      ['1', 2, 1, false],
      ['', 0, 1, true],
      ['2', 1, 1, false],
      ['3', 2, 1, false],
    ])
  })

  it('a table of a figure and its unit is a part of its cell', async () => {
    const inside = table([row([cell(paragraph(run('4'))), cell(paragraph(run('件')))])])
    expect(textsOf(await documentOf(docxOf(rowOf([paragraph(run('a')), `${inside}<w:p/>`]))))).toEqual(['a', '4\n件'])
  })
})

describe('parts of the file', () => {
  const body = rowOf([
    paragraph(`${run('6', '<w:vanish/>')}<w:fldSimple w:instr="=SUM(ABOVE)">${run('5')}</w:fldSimple>`),
  ])

  it('the text under another name, and with another prefix', async () => {
    const entries = unzipSync(docxOf(body))
    entries['word/document2.xml'] = entries['word/document.xml']!
    delete entries['word/document.xml']
    for (const name of ['[Content_Types].xml', '_rels/.rels'])
      entries[name] = strToU8(strFromU8(entries[name]!).replace('word/document.xml', 'word/document2.xml'))
    expect(textsOf(await documentOf(zipSync(entries)))).toEqual(['5'])
    const prefixed = main(body)
      .replace(/(<\/?|\s)w:/g, '$1ns0:')
      .replace('xmlns:w=', 'xmlns:ns0=')
    expect(textsOf(await documentOf(makeDocx(prefixed)))).toEqual(['5'])
  })

  it('pages that are parts of the text are read, documents that are embedded are named', async () => {
    const page = '<html><body><table><tr><td>a</td><td>1</td></tr></table></body></html>'
    const chunk = relation('c', 'aFChunk', 'chunk.htm')
    const wrapped = docxOf('<w:altChunk r:id="c"/>', chunk, { 'word/chunk.htm': page })
    expect(textsOf(await documentOf(wrapped))).toEqual(['a', '1'])
    const object = (program: string): string =>
      paragraph(`<w:r><w:object><o:OLEObject ProgID="${program}" r:id="e"/></w:object></w:r>`)
    const embedded = relation('e', 'package', 'embeddings/report.docx')
    const named = async (program: string): Promise<unknown[]> =>
      (await documentOf(docxOf(object(program), embedded))).notices.map(({ data }) => data.names)
    expect(await named('Word.Document.12')).toEqual([['report.docx']])
    expect(await named('Equation.3')).toEqual([])
  })

  it('parts of the text that are too many, or not there, are named', async () => {
    const ids = Array.from({ length: 22 }, (_, index) => `c${index}`)
    const chunks = Object.fromEntries(ids.map((id) => [`word/${id}.htm`, `<html><body><p>${id}</p></body></html>`]))
    const body = [...ids, 'gone'].map((id) => `<w:altChunk r:id="${id}"/>`).join('')
    const many = ids.map((id) => relation(id, 'aFChunk', `${id}.htm`)).join('')
    const document = await documentOf(docxOf(body, many, chunks))
    expect(textsOf(document)).toEqual(ids.slice(0, 20))
    expect(document.notices.map(({ data }) => data.names)).toEqual([['word/c20.htm', 'word/c21.htm', 'gone']])
  })

  it('a style may make text white, which is not seen on white', async () => {
    const white = styles.replace('<w:vanish/>', '<w:color w:val="FFFFFF"/>')
    const body = rowOf([paragraph(`${run('6', '<w:rStyle w:val="Hidden"/>')}${run('1')}`), paragraph(run('2'))])
    expect(textsOf(await documentOf(docxOf(body, '', { 'word/styles.xml': white })))).toEqual(['1', '2'])
  })

  it('nesting is bounded', async () => {
    const deep = `${'<w:sdt><w:sdtContent>'.repeat(300)}${picture}${'</w:sdtContent></w:sdt>'.repeat(300)}`
    const result = await parse(docxOf(paragraph(deep)))
    expect(result.ok ? 'ok' : `${result.reason} ${result.data.limit}`).toBe('limit_exceeded markupDepthMax')
    const fields = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'.repeat(500)
    const open = await parse(docxOf(paragraph(fields)))
    expect(open.ok ? 'ok' : `${open.reason} ${open.data.limit}`).toBe('limit_exceeded markupDepthMax')
  })
})

describe('the same as LibreOffice writes it', () => {
  const listed = '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr></w:p>'
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  const cells = [
    paragraph(`${run('6', '<w:rStyle w:val="Hidden"/>')}${run('1')}`),
    paragraph(`${run('6', '<w:rStyle w:val="Struck"/>')}${run('2')}`),
    paragraph(`${run('3')}${run('1', '<w:rStyle w:val="Mark"/>')}`),
    paragraph(`${run('8')}${run('1', '<w:vertAlign w:val="subscript"/>')}`),
    paragraph(picture),
    paragraph(field(instruction('FORMDROPDOWN'), '', choice)),
    listed,
  ]
  const entries = unzipSync(docxOf(rowOf(cells), relation('x', 'image', 'media/a.png')))
  entries['word/media/a.png'] = Buffer.from(pixel, 'base64')
  entries['[Content_Types].xml'] = strToU8(
    strFromU8(entries['[Content_Types].xml']!).replace(
      '<Default',
      '<Default Extension="png" ContentType="image/png"/><Default',
    ),
  )

  it.each(['doc', 'rtf', 'odt'])('in %s', async (format) => {
    const [bytes] = await convertWithOffice([{ bytes: zipSync(entries), extension: 'docx' }], format)
    // RTF holds the list's number as text.
    const last = format === 'rtf' ? '1' : sign
    expect(textsOf(await documentOf(bytes!))).toEqual(['1', '2', '3', `8 1${sign}`, sign, sign, last])
  })
})
