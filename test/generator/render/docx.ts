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

type Runs = (text: string, random: Random) => string

const escapeText = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
const oneRun: Runs = (text) => `<w:r><w:t xml:space="preserve">${escapeText(text)}</w:t></w:r>`
const runPerCharacter: Runs = (text) =>
  [...text]
    .map((one) => `<w:r><w:rPr><w:sz w:val="21"/></w:rPr><w:t xml:space="preserve">${escapeText(one)}</w:t></w:r>`)
    .join('')
/** A deleted number before each text, and the text itself inserted. */
const tracked: Runs = (text) =>
  text === ''
    ? ''
    : `<w:del w:id="1" w:author="a"><w:r><w:delText>9</w:delText></w:r></w:del><w:ins w:id="2" w:author="a">${oneRun(text, makeRandom(1))}</w:ins>`
const control: Runs = (text, random) => `<w:sdt><w:sdtPr/><w:sdtContent>${oneRun(text, random)}</w:sdtContent></w:sdt>`

function paragraphOf(text: string, runs: Runs, random: Random, style = ''): string {
  return `<w:p>${style && `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`}${text === '' ? '' : runs(text, random)}</w:p>`
}

function tableOf(layout: Layout, runs: Runs, random: Random): string {
  const rows = gridOf(layout).map((cells, row) => {
    const seen = new Set<LayoutCell>()
    const drawn = cells.map((cell) => {
      if (cell === null || seen.has(cell)) return ''
      seen.add(cell)
      const span = cell.columnSpan > 1 ? `<w:gridSpan w:val="${cell.columnSpan}"/>` : ''
      const merge = cell.rowSpan === 1 ? '' : cell.row === row ? '<w:vMerge w:val="restart"/>' : '<w:vMerge/>'
      const text = cell.row === row ? cell.text : ''
      return `<w:tc><w:tcPr>${span}${merge}</w:tcPr>${paragraphOf(text, runs, random)}</w:tc>`
    })
    return `<w:tr>${drawn.join('')}</w:tr>`
  })
  return `<w:tbl><w:tblPr/><w:tblGrid/>${rows.join('')}</w:tbl>`
}

/** The document inside the single cell of a table that only draws a frame. */
const framed = (body: string): string =>
  `<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc><w:tcPr/>${body}<w:p/></w:tc></w:tr></w:tbl>`

function render(truth: Truth, seed: number, note: string, runs: Runs, frame: boolean): Rendering {
  const random = makeRandom(seed)
  const labels = {
    level: random.pick(['official', 'alias', 'typography', 'damaged'] as const),
    spaces: [' ', '\u3000'],
  }
  const parts = composeReport(truth, { labels, table2: random.pick(['one', 'several', 'uneven'] as const) }, random)
  const drawn = parts.map((part) => {
    if (part.kind === 'table') return tableOf(part.layout, runs, random)
    if (part.kind === 'title') return part.lines.map((line) => paragraphOf(line, oneRun, random, 'Title')).join('')
    return paragraphOf(part.text, oneRun, random)
  })
  const body = frame ? framed(drawn.join('')) : drawn.join('')
  const text = `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}<w:sectPr/></w:body></w:document>`
  return {
    bytes: makeDocx(text),
    text,
    name: random.pick(['年报.docx', 'report.docx', 'P020240130.docx']),
    expected: expectCells(truth),
    local: false,
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
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])))
}

const shape = (name: string, runs: Runs, frame = false): Shape => ({
  name: `docx ${name}`,
  format: 'docx',
  lossy: false,
  render: (truth, seed) => render(truth, seed, name, runs, frame),
})

/** Every DOCX shape. */
export const docxShapes: readonly Shape[] = [
  shape('official layout', oneRun),
  shape('one run a character', runPerCharacter),
  shape('tracked changes', tracked),
  shape('content controls', control),
  shape('inside a frame table', oneRun, true),
]
