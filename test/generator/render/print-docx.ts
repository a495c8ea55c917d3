/**
 * Reports as an office program prints them: documents with lines, papers, letters and page numbers. Takes a truth and a
 * seed, gives the document and what a reader must find in the PDF that is made of it.
 */
import type { Layout, LayoutCell } from '../layout.ts'
import { makeRandom, type Random } from '../random.ts'
import type { Finish, PrintShape } from '../shape.ts'
import { localColumn, localRow, padHeader, pages, pieces, splitHeader, trail } from '../variants.ts'
import { type DocxDress, type DocxPrint, docxDresses, renderDocx } from './docx.ts'

/** How a document is printed; what is not given is chosen by the seed among what is usual. */
type Press = {
  readonly lines?: Lines
  /** Header rows on each page again. */
  readonly again?: boolean
  /** Whether a row may go over the end of a page. */
  readonly torn?: boolean
  readonly group?: 'level' | 'downwards'
  readonly labelShare?: number
  /** Millimetres. */
  readonly papers?: readonly (readonly [number, number])[]
  readonly sizes?: readonly number[]
  readonly finish?: Finish
}

/** `w:val`, eighths of a point and colour of each side; null where there is no line. */
type Line = readonly [style: string, width: number, colour: string] | null
type Lines = Readonly<Record<'top' | 'left' | 'bottom' | 'right' | 'insideH' | 'insideV', Line>>

const linesOf = (outside: Line, inside: Line): Lines => {
  return { top: outside, left: outside, bottom: outside, right: outside, insideH: inside, insideV: inside }
}
const single: Line = ['single', 4, '000000']
const ruled = linesOf(single, single)
const thickFrame = linesOf(['single', 12, '000000'], single)
const double = linesOf(['double', 4, '000000'], ['double', 4, '000000'])
const dotted = linesOf(single, ['dotted', 4, '000000'])
const grey = linesOf(['single', 4, 'BFBFBF'], ['single', 4, 'BFBFBF'])
const heavy = linesOf(['single', 24, '000000'], ['single', 18, '000000'])
const openSides: Lines = { ...ruled, left: null, right: null }
const horizontal: Lines = { ...openSides, insideV: null }
const none = linesOf(null, null)

const a4 = [210, 297] as const
const lying = [297, 210] as const
const short = [
  [210, 110],
  [210, 140],
  [210, 170],
] as const
const families = [
  'AR PL UMing CN',
  'AR PL UKai CN',
  'WenQuanYi Zen Hei',
  'WenQuanYi Micro Hei',
  'Noto Serif CJK SC',
  'Noto Sans CJK SC',
  'LXGW WenKai',
]
const twips = (millimetres: number): number => Math.round((millimetres * 1440) / 25.4)

const tableProperties = (lines: Lines): string => {
  const sides = Object.entries(lines).map(([side, line]) =>
    line === null
      ? `<w:${side} w:val="nil"/>`
      : `<w:${side} w:val="${line[0]}" w:sz="${line[1]}" w:space="0" w:color="${line[2]}"/>`,
  )
  return `<w:tblW w:w="5000" w:type="pct"/><w:tblBorders>${sides.join('')}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="40" w:type="dxa"/><w:right w:w="40" w:type="dxa"/></w:tblCellMar>`
}

/** Widths of all columns: labels take a share, those of groups less of it. */
function widthsOf(layout: Layout, width: number, share: number): number[] {
  const { labelColumns, columnCount } = layout
  const groups = labelColumns < 2 ? [] : labelColumns === 2 ? [0.25] : [0.15, 0.3]
  const rest = 1 - groups.reduce((a, b) => a + b, 0)
  const labels = Array.from(
    { length: labelColumns },
    (_, index) => groups[index] ?? rest / (labelColumns - groups.length),
  )
  const taken = labelColumns === 0 ? 0 : share
  const value = (1 - taken) / (columnCount - labelColumns)
  const shares = [...labels.map((part) => part * taken), ...new Array<number>(columnCount - labelColumns).fill(value)]
  return shares.map((part) => Math.round(part * width))
}

const packages = 'http://schemas.openxmlformats.org/package/2006'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const kind = 'application/vnd.openxmlformats-officedocument.wordprocessingml'
const xmlns = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

function filesOf(family: string, latin: string, align: string, footer: string): Record<string, string> {
  const style = (name: string, jc: string): string =>
    `<w:style w:type="paragraph" w:styleId="${name}"><w:name w:val="${name}"/><w:pPr><w:jc w:val="${jc}"/></w:pPr></w:style>`
  const overrides = [
    ['document', 'document.main'],
    ['styles', 'styles'],
    ['footer1', 'footer'],
  ].map(([part, type]) => `<Override PartName="/word/${part}.xml" ContentType="${kind}.${type}+xml"/>`)
  return {
    '[Content_Types].xml': `<?xml version="1.0"?><Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`,
    'word/_rels/document.xml.rels': `<?xml version="1.0"?><Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${office}/styles" Target="styles.xml"/><Relationship Id="r2" Type="${office}/footer" Target="footer1.xml"/></Relationships>`,
    'word/styles.xml': `<?xml version="1.0"?><w:styles ${xmlns}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="${latin}" w:hAnsi="${latin}" w:eastAsia="${family}"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>${style('Title', 'center')}${style('ReportFigure', align)}${style('ReportHead', 'center')}</w:styles>`,
    'word/footer1.xml': `<?xml version="1.0"?><w:ftr ${xmlns}><w:p><w:pPr><w:jc w:val="center"/></w:pPr>${footer}</w:p></w:ftr>`,
  }
}

const pageNumber = (before: string, after: string): string => {
  const run = (content: string): string => `<w:r>${content}</w:r>`
  const text = (words: string): string => run(`<w:t xml:space="preserve">${words}</w:t>`)
  const field = ['begin', 'separate', 'end'].map((mark) => run(`<w:fldChar w:fldCharType="${mark}"/>`))
  return `${text(before)}${field[0]}${run('<w:instrText>PAGE</w:instrText>')}${field[1]}${text('1')}${field[2]}${text(after)}`
}

function printOf(press: Press, random: Random): DocxPrint {
  const [width, height] = random.pick(press.papers ?? [a4, a4, a4, lying, [184, 260] as const])
  const margin = random.integer(15, 28)
  const share = press.labelShare ?? random.pick([0.36, 0.42, 0.48])
  const again = press.again ?? random.chance(0.5)
  const torn = press.torn ?? random.chance(0.5)
  const group = press.group ?? random.pick(['level', 'downwards'] as const)
  const vertical = random.pick(['center', 'center', 'top', 'bottom'])
  const latin = random.pick(['Liberation Serif', 'Liberation Sans'])
  const family = random.pick(families)
  const footer = random.pick([
    '',
    pageNumber('- ', ' -'),
    pageNumber('— ', ' —'),
    pageNumber('第 ', ' 页'),
    pageNumber('', ''),
  ])
  const isGroup = (cell: LayoutCell): boolean => cell.role === 'row' && cell.rowSpan > 1 && cell.column === 0
  const [sheet, edge] = [twips(width), twips(margin)]
  return {
    table: tableProperties(press.lines ?? ruled),
    widths: (layout) => widthsOf(layout, sheet - 2 * edge, share),
    row: (layout, row) =>
      (torn ? '' : '<w:cantSplit/>') +
      (again && row < layout.headerRows && !layout.table.startsWith('t2') ? '<w:tblHeader/>' : ''),
    cell: (cell) =>
      (group === 'downwards' && isGroup(cell) ? '<w:textDirection w:val="tbRlV"/>' : '') +
      `<w:vAlign w:val="${cell.role === 'value' ? vertical : 'center'}"/>`,
    style: (cell) =>
      cell.role === 'value' ? 'ReportFigure' : cell.role === 'row' && !isGroup(cell) ? '' : 'ReportHead',
    size: random.pick(press.sizes ?? [15, 16, 18, 21]),
    section: `<w:footerReference w:type="default" r:id="r2"/><w:pgSz w:w="${sheet}" w:h="${twips(height)}"/><w:pgMar w:top="${edge}" w:right="${edge}" w:bottom="${edge}" w:left="${edge}" w:header="400" w:footer="400" w:gutter="0"/>`,
    files: filesOf(family, latin, random.pick(['center', 'center', 'right', 'left']), footer),
  }
}

const shape = (name: string, press: Press, dress: DocxDress = {}): PrintShape => ({
  name: `pdf office, ${name}`,
  format: 'pdf',
  lossy: false,
  print: (truth, seed) => {
    const printed = { ...dress, print: printOf(press, makeRandom(seed)) }
    const { bytes, ...rendering } = renderDocx(truth, seed, name, printed)
    return {
      job: {
        program: 'office',
        source: { bytes, extension: 'docx' },
        sheet: null,
        finish: press.finish ?? { kind: 'none' },
      },
      rendering: { ...rendering, name: rendering.name.replace(/docx$/, 'pdf') },
    }
  },
})

/** Documents of a word processor, printed. */
export const printedDocxShapes: readonly PrintShape[] = [
  shape('ruled', {}),
  shape('thick frame', { lines: thickFrame }),
  shape('double lines', { lines: double }),
  shape('dotted inside', { lines: dotted }),
  shape('grey lines', { lines: grey }),
  shape('heavy lines', { lines: heavy }),
  shape('sides open', { lines: openSides }),
  shape('horizontal lines only', { lines: horizontal }),
  shape('no lines', { lines: none }),
  shape('groups written downwards', { group: 'downwards' }),
  shape('narrow labels', { labelShare: 0.25 }),
  shape('small type', { sizes: [11, 12, 13] }),
  shape('landscape', { papers: [lying] }),
  shape('short pages, rows whole', { papers: short, torn: false, again: false }),
  shape('short pages, rows whole, header again', { papers: short, torn: false, again: true }),
  shape('short pages, rows torn', { papers: short, torn: true, again: false }),
  shape('short pages, rows torn, header again', { papers: short, torn: true, again: true }),
  shape('short pages, narrow labels', { papers: short, labelShare: 0.25, torn: true }),
  shape('turned back by the viewer', { finish: { kind: 'upright', degrees: 90 } }),
  shape('encrypted', { finish: { kind: 'encrypted' } }),
  shape('one run a character', {}, docxDresses['one run a character']),
  shape('labels with breaks and tabs', {}, docxDresses['labels with breaks and tabs']),
  shape('labels one character a line', {}, docxDresses['labels written downwards']),
  shape('content controls', {}, docxDresses['content controls']),
  shape('inside a frame table', {}, docxDresses['inside a frame table']),
  shape('table cut in two', {}, { variant: pages(2, { header: false, repeat: false }) }),
  shape('table cut in three, header again', {}, { variant: pages(3, { header: true, repeat: true }) }),
  shape('table 3 in small pieces', {}, { variant: pieces }),
  shape('header padded below', {}, { variant: padHeader('below') }),
  shape('header labels over two rows', {}, { variant: splitHeader }),
  shape('trailing blanks', { labelShare: 0.3 }, { variant: trail(true) }),
  shape('a local row', {}, { variant: localRow, local: true }),
  shape('a local column', {}, { variant: localColumn, local: true }),
]
