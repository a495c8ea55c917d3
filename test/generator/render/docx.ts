/**
 * Reports as Word documents: the layouts as tables with gridSpan and vMerge, and what word processors do inside them.
 * The XML is written here, by the standard (ECMA-376), and zipped; nothing of the reader is used.
 */
import { strToU8, zipSync } from 'fflate'
import type { Truth } from '../figures.ts'
import { gridOf, type Layout, type LayoutCell } from '../layout.ts'
import { makeRandom, type Random } from '../random.ts'
import { composeReport } from '../report.ts'
import { expectCells, type Rendering, type Shape } from '../shape.ts'
import {
  localColumn,
  localRow,
  localRowInGroup,
  padHeader,
  pages,
  pieces,
  splitHeader,
  totalBeside,
  trail,
  type Variant,
} from '../variants.ts'

/** A text of a cell or paragraph as runs; `role` is null outside tables. */
type Runs = (text: string, random: Random, role: LayoutCell['role'] | null) => string

/** How a document is written; what is not given is plain. */
export type DocxDress = {
  readonly runs?: Runs
  readonly variant?: Variant
  /** Around a cell, a row, a table, the whole body. */
  readonly cell?: (xml: string) => string
  readonly row?: (xml: string, random: Random) => string
  readonly table?: (xml: string) => string
  readonly body?: (xml: string) => string
  /** Names a style for tables, although the file has no styles. */
  readonly styled?: boolean
  readonly local?: boolean
  readonly print?: DocxPrint
}

/** What a document says of how it is printed. Documents that are only read say nothing of it. */
export type DocxPrint = {
  /** Properties of tables: their lines and widths. */
  readonly table: string
  /** Widths of the columns, in twentieths of a point. */
  readonly widths: (layout: Layout) => readonly number[]
  /** Properties of a row, of a cell. */
  readonly row: (layout: Layout, row: number) => string
  readonly cell: (cell: LayoutCell, layout: Layout) => string
  /** Style of the paragraphs in a cell. */
  readonly style: (cell: LayoutCell) => string
  /** Size of letters in half points. */
  readonly size: number
  /** Properties of the only section, and the files that they and the styles need. */
  readonly section: string
  readonly files: Readonly<Record<string, string>>
}

const escapeText = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
const run = (text: string, tag = 't'): string =>
  `<w:r><w:rPr><w:sz w:val="21"/></w:rPr><w:${tag} xml:space="preserve">${escapeText(text)}</w:${tag}></w:r>`
const oneRun: Runs = (text) => run(text)
const runPerCharacter: Runs = (text) => [...text].map((one) => run(one)).join('<w:proofErr w:type="spellStart"/>')

/** A deleted number before each text, and the text itself inserted. */
const tracked: Runs = (text) =>
  `<w:del w:id="1" w:author="a"><w:r><w:delText>9</w:delText></w:r></w:del><w:ins w:id="2" w:author="a">${run(text)}</w:ins>`
/** A number that was moved away, and the text moved in. */
const moved: Runs = (text) =>
  `<w:moveFrom w:id="3" w:author="a">${run('8')}</w:moveFrom><w:moveTo w:id="4" w:author="a">${run(text)}</w:moveTo>`
const control: Runs = (text) => `<w:sdt><w:sdtPr/><w:sdtContent>${run(text)}</w:sdtContent></w:sdt>`
const wrapped: Runs = (text) => {
  const characters = [...text]
  const at = Math.ceil(characters.length / 2)
  const [first, second] = [characters.slice(0, at).join(''), characters.slice(at).join('')]
  return `<w:smartTag w:element="x">${run(first)}</w:smartTag>${second === '' ? '' : `<w:hyperlink w:anchor="a">${run(second)}</w:hyperlink>`}`
}

/** Figures as results of fields: the instruction is no text of the document. */
const fields: Runs = (text, _random, role) => {
  if (role !== 'value') return run(text)
  const mark = (kind: string): string => `<w:r><w:fldChar w:fldCharType="${kind}"/></w:r>`
  return `${mark('begin')}<w:r><w:instrText xml:space="preserve"> =SUM(LEFT) \\# "0" </w:instrText></w:r>${mark('separate')}${run(text)}${mark('end')}`
}

/** The same as fields of the short kind, and text that only the author sees. */
const simpleFields: Runs = (text, _random, role) => {
  const hidden = '<w:r><w:rPr><w:vanish/></w:rPr><w:t>6</w:t></w:r>'
  return `${hidden}<w:fldSimple w:instr=" =SUM(LEFT) ">${run(text)}</w:fldSimple>${role === 'value' ? hidden : ''}`
}

/** An older figure struck out before each, and a footnote's number behind. */
const corrected: Runs = (text, _random, role) => {
  if (role !== 'value') return run(text)
  const struck = '<w:r><w:rPr><w:strike/></w:rPr><w:t>7</w:t></w:r>'
  const raised = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>1</w:t></w:r>'
  return `${struck}${run(text)}${raised}`
}

/** Labels with breaks and tabs inside, as typed to make them fit. */
const broken: Runs = (text, random, role) => {
  const characters = [...text]
  if (role === 'value' || role === null || characters.length < 3 || !/\D/.test(text)) return run(text)
  const at = random.integer(1, characters.length - 1)
  const gap = random.pick(['<w:br/>', '<w:tab/>', '<w:cr/>', '<w:softHyphen/>', '<w:lastRenderedPageBreak/>'])
  return `${run(characters.slice(0, at).join(''))}<w:r>${gap}</w:r>${run(characters.slice(at).join(''))}`
}

function paragraphOf(text: string, runs: Runs, random: Random, role: LayoutCell['role'] | null, style = ''): string {
  const properties = style && `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`
  return `<w:p>${properties}${text === '' ? '' : runs(text, random, role)}</w:p>`
}

/** Narrow cells: a paragraph for each character of short labels. */
function cellContent(cell: LayoutCell, text: string, runs: Runs, style: string, random: Random): string {
  if (runs !== downwards || cell.role === 'value' || !/\D/.test(text) || [...text].length > 12)
    return paragraphOf(text, runs === downwards ? oneRun : runs, random, cell.role, style)
  return [...text].map((one) => paragraphOf(one, oneRun, random, cell.role, style)).join('') || '<w:p/>'
}

const downwards: Runs = (text) => run(text)

function tableOf(layout: Layout, dress: DocxDress, random: Random): string {
  const { print } = dress
  const widths = print?.widths(layout) ?? new Array<number>(layout.columnCount).fill(600)
  const rows = gridOf(layout).map((cells, row) => {
    const seen = new Set<LayoutCell>()
    const drawn = cells.map((cell) => {
      if (cell === null || seen.has(cell)) return ''
      seen.add(cell)
      const span = cell.columnSpan > 1 ? `<w:gridSpan w:val="${cell.columnSpan}"/>` : ''
      const more = random.pick(['<w:vMerge/>', '<w:vMerge w:val="continue"/>'])
      const merge = cell.rowSpan === 1 ? '' : cell.row === row ? '<w:vMerge w:val="restart"/>' : more
      const text = cell.row === row ? cell.text : ''
      const content = cellContent(cell, text, dress.runs ?? oneRun, print?.style(cell) ?? '', random)
      const width = print === undefined ? 600 : widthOf(cell, widths)
      const xml = `<w:tc><w:tcPr><w:tcW w:w="${width}" w:type="dxa"/>${span}${merge}${print?.cell(cell, layout) ?? ''}</w:tcPr>${content}</w:tc>`
      return dress.cell?.(xml) ?? xml
    })
    const xml = `<w:tr><w:trPr>${print?.row(layout, row) ?? ''}<w:trHeight w:val="340"/></w:trPr>${drawn.join('')}</w:tr>`
    return dress.row?.(xml, random) ?? xml
  })
  const columns = widths.map((width) => `<w:gridCol w:w="${width}"/>`).join('')
  const xml = `<w:tbl><w:tblPr>${dress.styled ? '<w:tblStyle w:val="3"/>' : ''}${print?.table ?? ''}</w:tblPr><w:tblGrid>${columns}</w:tblGrid>${rows.join('')}</w:tbl>`
  return dress.table?.(xml) ?? xml
}

const widthOf = (cell: LayoutCell, widths: readonly number[]): number =>
  widths.slice(cell.column, cell.column + cell.columnSpan).reduce((a, b) => a + b, 0)

const sdt = (xml: string): string =>
  `<w:sdt><w:sdtPr><w:id w:val="5"/></w:sdtPr><w:sdtContent>${xml}</w:sdtContent></w:sdt>`

/** Content inside the single cell of a table that only draws a frame. */
const framed = (xml: string): string =>
  `<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc><w:tcPr/>${xml}<w:p/></w:tc></w:tr></w:tbl>`

/** A row that was deleted in tracked changes stands before some rows. */
function withDeletedRow(xml: string, random: Random): string {
  if (!random.chance(0.1)) return xml
  const cells =
    '<w:tc><w:tcPr/><w:p><w:del w:id="7" w:author="a"><w:r><w:delText>3</w:delText></w:r></w:del></w:p></w:tc>'
  return `<w:tr><w:trPr><w:del w:id="6" w:author="a"/></w:trPr>${cells.repeat(4)}</w:tr>${xml}`
}

/** A drawing in two versions, of which a reader shows one, and a header of another part: neither belongs to a table. */
const withDrawing = (xml: string): string => {
  const box = (words: string): string => `<w:txbxContent><w:p>${run(words)}</w:p></w:txbxContent>`
  const drawing = `<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>${box('公开指南第2页')}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict>${box('公开指南第2页')}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>`
  return `${xml}${drawing}`
}

/** A truthful report as a document; the seed chooses what the dress leaves open. */
export function renderDocx(truth: Truth, seed: number, note: string, dress: DocxDress): Rendering {
  const random = makeRandom(seed)
  const labels = {
    level: random.pick(['official', 'alias', 'typography', 'damaged'] as const),
    spaces: [' ', '\u3000'],
  }
  const parts = composeReport(truth, { labels, table2: random.pick(['one', 'several', 'uneven'] as const) }, random)
  const pageEnd = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
  const drawn = parts.map((part) => {
    if (part.kind === 'title')
      return part.lines.map((line) => paragraphOf(line, oneRun, random, null, 'Title')).join('')
    if (part.kind !== 'table') return paragraphOf(part.text, dress.runs ?? oneRun, random, null)
    const layouts = dress.variant?.(part.layout, random) ?? [part.layout]
    return layouts.map((layout) => tableOf(layout, dress, random)).join(random.pick([pageEnd, '<w:p/>']))
  })
  const body = dress.body?.(drawn.join('')) ?? drawn.join('')
  const names = [
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"',
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"',
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"',
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"',
  ]
  const { print } = dress
  const sized = print === undefined ? body : body.replaceAll('<w:sz w:val="21"/>', `<w:sz w:val="${print.size}"/>`)
  const text = `<?xml version="1.0" encoding="UTF-8"?><w:document ${names.join(' ')}><w:body>${sized}<w:sectPr>${print?.section ?? ''}</w:sectPr></w:body></w:document>`
  return {
    bytes: makeDocx(text, print?.files),
    text,
    name: random.pick(['年报.docx', 'report.docx', 'P020240130.docx']),
    expected: expectCells(truth),
    local: dress.local ?? false,
    note: `${note}, labels ${labels.level}`,
  }
}

/** A DOCX that holds this main part, and files that are given beside it. */
export function makeDocx(documentXml: string, others: Record<string, string> = {}): Uint8Array {
  const main = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument'
  const files = {
    '[Content_Types].xml': `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="${main}"/></Types>`,
    '_rels/.rels': `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${office}" Target="word/document.xml"/></Relationships>`,
    'word/document.xml': documentXml,
    ...others,
  }
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const)
  // A fixed time, so that the same text is the same bytes.
  return zipSync(Object.fromEntries(entries), { mtime: new Date(2024, 0, 2) })
}

const shape = (name: string, dress: DocxDress): Shape => ({
  name: `docx ${name}`,
  format: 'docx',
  lossy: false,
  render: (truth, seed) => renderDocx(truth, seed, name, dress),
})

/** Ways of writing a document that do not show in print, or show what they are: for those that print it. */
export const docxDresses = {
  'one run a character': { runs: runPerCharacter },
  'labels with breaks and tabs': { runs: broken },
  'labels written downwards': { runs: downwards },
  'content controls': { runs: control, cell: sdt },
  'inside a frame table': { body: framed },
} satisfies Record<string, DocxDress>

/** Every DOCX shape. */
export const docxShapes: readonly Shape[] = [
  shape('official layout', {}),
  shape('styles named but missing', { styled: true }),
  shape('one run a character', { runs: runPerCharacter }),
  shape('labels with breaks and tabs', { runs: broken }),
  shape('labels written downwards', { runs: downwards }),
  shape('tracked changes', { runs: tracked }),
  shape('tracked moves', { runs: moved }),
  shape('deleted rows', { row: withDeletedRow }),
  shape('figures from fields', { runs: fields }),
  shape('figures from simple fields, hidden text', { runs: simpleFields }),
  shape('figures corrected and with footnotes', { runs: corrected }),
  shape('links and tags', { runs: wrapped }),
  shape('content controls around runs', { runs: control }),
  shape('content controls around cells', { cell: sdt }),
  shape('content controls around rows', { row: (xml) => sdt(xml) }),
  shape('content controls around tables', { table: sdt }),
  shape('inside a frame table', { body: framed }),
  shape('each table inside a frame', { table: framed }),
  shape('drawings with text', { table: withDrawing }),
  shape('table cut in two', { variant: pages(2, { header: false, repeat: false }) }),
  shape('table cut in three, header again', { variant: pages(3, { header: true, repeat: true }) }),
  shape('table 3 in small pieces', { variant: pieces }),
  shape('total beside the applicants', { variant: totalBeside }),
  shape('header padded below', { variant: padHeader('below') }),
  shape('header labels over two rows', { variant: splitHeader }),
  shape('trailing blanks', { variant: trail(false) }),
  shape('a local row', { variant: localRow, local: true }),
  shape('a local row in a group', { variant: localRowInGroup, local: true }),
  shape('a local column', { variant: localColumn, local: true }),
]
