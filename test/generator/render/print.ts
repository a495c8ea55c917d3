/**
 * Reports as a browser prints them: the layouts as tables in many looks, on many papers, broken over pages. Takes a
 * truth and a seed, gives the page to print, the paper, and what a reader must find in the PDF.
 */
import type { Truth } from '../figures.ts'
import { type Layout, type LayoutCell, rowsOf } from '../layout.ts'
import { makeRandom, type Random } from '../random.ts'
import { composeReport, type Part } from '../report.ts'
import { expectCells, type Finish, type PrintShape, type Sheet } from '../shape.ts'
import {
  columnNumbers,
  localColumn,
  localRow,
  localRowInGroup,
  padHeader,
  pages,
  rowNumbers,
  splitHeader,
  totalBeside,
  type Variant,
} from '../variants.ts'
import { htmlShapes } from './html.ts'
import { printedDocxShapes } from './print-docx.ts'

/** How a report is drawn; what is not given is chosen by the seed among what is usual. */
type Dress = {
  /** Style of the tables: which lines are drawn, and how. */
  readonly lines?: string
  /** Style of the whole page, after everything else. */
  readonly style?: string
  /** What stands in a cell beside its text; the text comes escaped. */
  readonly cell?: (text: string, cell: LayoutCell, random: Random) => string
  /** How labels of groups of rows stand in their narrow column. */
  readonly group?: 'level' | 'vertical' | 'narrow'
  /** Shares of the label columns, in percent: narrow ones make high rows. */
  readonly labelShare?: number
  readonly rows?: 'whole' | 'torn'
  readonly header?: 'again' | 'once'
  /** A page ends before each row that this picks. */
  readonly breakBefore?: (layout: Layout, random: Random) => ReadonlySet<number>
  readonly papers?: readonly Paper[]
  readonly points?: readonly [number, number]
  readonly fonts?: readonly string[]
  readonly pageNumbers?: boolean
  readonly table2?: 'one' | 'several' | 'uneven'
  readonly arrange?: (parts: readonly Part[]) => readonly Part[]
  readonly variant?: Variant
  readonly around?: (body: string, random: Random) => string
  readonly finish?: (random: Random) => Finish
  /** The office program prints the page: it takes lines from attributes and knows little of styles. */
  readonly office?: boolean
  readonly local?: boolean
  /** The cells whose figures may not be told apart: of tables whose code begins so. */
  readonly doubtful?: string
}

type Paper = { readonly width: number; readonly height: number; readonly margin: readonly [number, number] }

const a4: Paper = { width: 210, height: 297, margin: [14, 26] }
const usual: readonly Paper[] = [
  a4,
  a4,
  a4,
  { width: 216, height: 279, margin: [12, 25] },
  { width: 184, height: 260, margin: [10, 16] },
  { width: 297, height: 210, margin: [15, 25] },
]
const short: readonly Paper[] = [105, 130, 155, 180].map((height) => ({ width: 210, height, margin: [12, 20] }))
/** Chromium prints a header again where it takes a quarter of the page or less. */
const medium: readonly Paper[] = [190, 215, 240].map((height) => ({ width: 210, height, margin: [10, 16] }))
const endless: readonly Paper[] = [{ width: 210, height: 1900, margin: [10, 20] }]
const wide: readonly Paper[] = [
  { width: 297, height: 210, margin: [12, 25] },
  { width: 420, height: 297, margin: [15, 30] },
]

/** Families that Chromium embeds as TrueType, and as outlines without a font file (Noto: Type 3). */
const trueType = [
  'AR PL UMing CN',
  'AR PL UKai CN',
  'WenQuanYi Zen Hei',
  'WenQuanYi Micro Hei',
  'LXGW WenKai',
  'AR PL SungtiL GB',
  'AR PL KaitiM GB',
]
const outlines = ['Noto Sans CJK SC', 'Noto Serif CJK SC']
const latin = ['', '', 'Liberation Serif', 'Liberation Sans']

const collapsed = 'table{border-collapse:collapse}td{border:1px solid #000}'
const escapeText = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replaceAll('\u00a0', '&nbsp;')

const base = `*{box-sizing:border-box}body{margin:0;color:#000}h1{font-size:1.7em;text-align:center;margin:0 0 1em}
h2{font-size:1.15em;margin:1em 0 .5em;break-after:avoid}p{text-indent:2em;margin:.3em 0;text-align:justify;line-height:1.6}
table{width:100%;margin:0 0 .6em}td{padding:2px 3px;vertical-align:middle;line-height:1.3}
thead{break-inside:avoid}td.heading,td.corner,td.column{text-align:center}td.row{text-align:left}td.group{text-align:center}`

/** Widths of the label columns: those of groups narrow, the last one with most of the share. */
function columnsOf(layout: Layout, share: number): string {
  const labels = layout.labelColumns
  if (labels === 0) return ''
  const groups = labels === 1 ? [] : labels === 2 ? [0.25] : [0.14, 0.31]
  const rest = share * (1 - groups.reduce((a, b) => a + b, 0))
  const widths = [
    ...groups.map((part) => part * share),
    ...new Array<number>(labels - groups.length).fill(rest / (labels - groups.length)),
  ]
  const value = (100 - share) / (layout.columnCount - labels)
  for (let column = labels; column < layout.columnCount; column++) widths.push(value)
  return `<colgroup>${widths.map((width) => `<col style="width:${width.toFixed(2)}%">`).join('')}</colgroup>`
}

function drawTable(layout: Layout, dress: Dress, share: number, random: Random): string {
  const ends = dress.breakBefore?.(layout, random) ?? new Set<number>()
  const rows = rowsOf(layout).map((row, index) => {
    const cells = row.map((cell) => {
      const group = cell.role === 'row' && cell.rowSpan > 1 && cell.column === 0 ? ' group' : ''
      const text = escapeText(cell.text)
      const spans = `${cell.rowSpan > 1 ? ` rowspan="${cell.rowSpan}"` : ''}${cell.columnSpan > 1 ? ` colspan="${cell.columnSpan}"` : ''}`
      return `<td class="${cell.role}${group}"${spans}>${dress.cell?.(text, cell, random) ?? `<div>${text}</div>`}</td>`
    })
    return `<tr${ends.has(index) ? ' style="break-before:page"' : ''}>${cells.join('')}</tr>`
  })
  const again = dress.header === 'again' && !layout.table.startsWith('t2')
  const head = again ? `<thead>${rows.slice(0, layout.headerRows).join('\n')}</thead>` : ''
  const body = rows.slice(again ? layout.headerRows : 0).join('\n')
  const attributes = dress.office ? ' border="1" width="100%" cellspacing="0"' : ''
  return `<table class="${layout.table.slice(0, 2)}"${attributes}>${columnsOf(layout, share)}${head}<tbody>${body}</tbody></table>`
}

function draw(part: Part, dress: Dress, share: number, random: Random): string {
  if (part.kind === 'title') return `<h1>${part.lines.map(escapeText).join('<br>')}</h1>`
  if (part.kind === 'section') return `<h2>${escapeText(part.text)}</h2>`
  if (part.kind === 'paragraph') return `<p>${escapeText(part.text)}</p>`
  const layouts = dress.variant?.(part.layout, random) ?? [part.layout]
  return layouts.map((layout) => drawTable(layout, dress, share, random)).join('\n')
}

const groupStyles = {
  level: '',
  vertical: 'td.group{writing-mode:vertical-rl;text-orientation:upright}',
  narrow: 'td.group div{width:1.1em;margin:0 auto;word-break:break-all}',
}

/** What the seed chooses in every shape: letters, where figures stand in their cells, how wide labels are. */
function chooseStyle(dress: Dress, random: Random): string {
  const [least, most] = dress.points ?? [8, 10]
  const points = least + (random.integer(0, 10) / 10) * (most - least)
  const family = [random.pick(latin), random.pick(dress.fonts ?? [...trueType, ...outlines])]
  const align = random.pick(['center', 'center', 'center', 'right', 'left'])
  const fixed = random.chance(0.5)
    ? 'table{table-layout:fixed}td{overflow-wrap:anywhere}'
    : 'td.value{word-break:keep-all}'
  const across = random.pick(['middle', 'middle', 'middle', 'top', 'bottom'])
  const rows =
    (dress.rows ?? random.pick(['whole', 'torn'] as const)) === 'whole'
      ? 'tr{break-inside:avoid}'
      : '*{orphans:1;widows:1}'
  return [
    base,
    `body{font:${points.toFixed(1)}pt ${family
      .filter((one) => one !== '')
      .map((one) => `'${one}'`)
      .join(',')},sans-serif}`,
    dress.lines ?? collapsed,
    `td.value,td.local,td.empty{text-align:${align};vertical-align:${across}}`,
    `td{padding:${random.pick(['1px 2px', '2px 4px', '4px 5px'])}}`,
    fixed,
    rows,
    groupStyles[dress.group ?? random.pick(['level', 'vertical', 'narrow'] as const)],
    random.chance(0.3) ? 'td.column,td.heading,h1,h2{font-weight:bold}' : '',
    dress.style ?? '',
  ].join('\n')
}

function chooseSheet(dress: Dress, title: string, random: Random): Sheet {
  const paper = random.pick(dress.papers ?? usual)
  const [least, most] = paper.margin
  const side = random.integer(least, most)
  const margins = [random.integer(least, most), side, random.integer(least, most), side] as const
  const line = (words: string, align: string): string =>
    `<div style="font:8px 'WenQuanYi Micro Hei';width:100%;margin:0 ${side}mm;text-align:${align}">${words}</div>`
  const number = '<span class="pageNumber"></span>'
  const counted = dress.pageNumbers ?? random.chance(0.6)
  const footer = random.pick([
    `- ${number} -`,
    `— ${number} —`,
    `第 ${number} 页 共 <span class="totalPages"></span> 页`,
    number,
  ])
  const header = random.pick(['', '', escapeText(title), '2024/1/18 10:22　政府信息公开'])
  return {
    width: paper.width,
    height: paper.height,
    margins,
    header: counted ? line(header, random.pick(['left', 'center'])) : '',
    footer: counted ? line(footer, random.pick(['center', 'right'])) : '',
    tagged: random.chance(0.3),
  }
}

function print(truth: Truth, seed: number, note: string, dress: Dress): ReturnType<PrintShape['print']> {
  const random = makeRandom(seed)
  const labels = {
    level: random.pick(['official', 'alias', 'typography', 'damaged'] as const),
    spaces: [' ', '\u3000'],
  }
  const table2 = dress.table2 ?? random.pick(['one', 'several'] as const)
  const parts = composeReport(truth, { labels, table2 }, random)
  const title = parts.flatMap((part) => (part.kind === 'title' ? [part.lines.join('')] : [])).join('')
  const share = dress.labelShare ?? random.pick([34, 40, 46])
  const header = dress.header ?? random.pick(['again', 'once'] as const)
  const drawn = (dress.arrange?.(parts) ?? parts)
    .map((part) => draw(part, { ...dress, header }, share, random))
    .join('\n')
  const body = dress.around?.(drawn, random) ?? drawn
  const style = chooseStyle(dress, random)
  const sheet = chooseSheet(dress, title, random)
  const text = `<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>${escapeText(title)}</title><style>${style}</style></head><body>${body}</body></html>`
  return {
    job: {
      program: dress.office ? 'office' : 'chromium',
      source: { bytes: new TextEncoder().encode(text), extension: 'html' },
      sheet: dress.office ? null : sheet,
      finish: dress.finish?.(random) ?? { kind: 'none' },
    },
    rendering: {
      text,
      name: random.pick(['年报.pdf', 'P020240118.pdf', 'W020240130.pdf']),
      expected: expectCells(
        truth,
        new Set([...truth.cells.keys()].filter((code) => dress.doubtful && code.startsWith(dress.doubtful))),
      ),
      local: dress.local ?? false,
      note: `${note}, labels ${labels.level}`,
    },
  }
}

/** Tables with nothing between them: titles of their sections go before the first, or away. */
const abutting = (parts: readonly Part[]): readonly Part[] => {
  const first = parts.findIndex(({ kind }) => kind === 'table')
  const last = parts.findLastIndex(({ kind }) => kind === 'table')
  const between = parts.slice(first, last + 1)
  return [...parts.slice(0, first), ...between.filter(({ kind }) => kind === 'table'), ...parts.slice(last + 1)]
}

/** Titles of sections as lines of a table between the tables. */
const titlesAsRows = (parts: readonly Part[]): readonly Part[] => {
  const first = parts.findIndex(({ kind }) => kind === 'table')
  const last = parts.findLastIndex(({ kind }) => kind === 'table')
  return parts.map((part, index): Part => {
    if (part.kind !== 'section' || index < first - 1 || index > last) return part
    const cell: LayoutCell = {
      row: 0,
      column: 0,
      rowSpan: 1,
      columnSpan: 1,
      text: part.text,
      role: 'heading',
      code: null,
    }
    return {
      kind: 'table',
      layout: { table: 'title', rowCount: 1, columnCount: 1, headerRows: 0, labelColumns: 0, cells: [cell] },
    }
  })
}

/** One row of each table, another one with each seed. */
const oneRow = (layout: Layout, random: Random): ReadonlySet<number> =>
  new Set([random.integer(1, Math.max(1, layout.rowCount - 1))])
const oneRowOf = (table: string) => (layout: Layout, random: Random) =>
  layout.table.startsWith(table) ? oneRow(layout, random) : new Set<number>()

/** Lines as blocks of ink along each side of a cell. */
const thinBlocks =
  'table{border-spacing:0;border-collapse:separate}td{position:relative}td i{position:absolute;background:#000}i.a,i.c{left:0;right:0;height:1px}i.b,i.d{top:0;bottom:0;width:1px}i.a{top:0}i.c{bottom:-1px}i.d{left:0}i.b{right:-1px}'
const whiteCross =
  'td{position:relative}td u{position:absolute;left:50%;top:0;bottom:0;border-left:1px solid #fff}td s{position:absolute;top:50%;left:0;right:0;border-top:1px solid rgba(0,0,0,0)}td div{border:1px solid #fff}'
const rest = 'td{border-collapse:collapse}table{border-collapse:collapse}'
const header = 'td.column,td.corner,td.heading'

/** A round stamp in red over the last lines, and one that only names a date. */
const stamped = (body: string): string =>
  `${body}<div style="position:relative;text-align:right;margin-top:2em">2024年1月18日<svg width="120" height="120" style="position:absolute;right:0;top:-50px"><circle cx="60" cy="60" r="55" fill="none" stroke="#d00" stroke-width="4"/><path d="M60 35l6 18h19l-15 11 6 18-16-11-16 11 6-18-15-11h19z" fill="#d00"/></svg></div>`
const watermarked = (body: string): string =>
  `<div style="position:fixed;left:15%;top:40%;font-size:40pt;color:rgba(120,120,120,.25);transform:rotate(-35deg);white-space:nowrap">政府信息公开2020</div>${body}`

const shape = (name: string, dress: Dress): PrintShape => ({
  name: `pdf ${name}`,
  format: 'pdf',
  lossy: false,
  print: (truth, seed) => print(truth, seed, name, dress),
})

/** Pages of portals as people print them from their browser. */
const printedPortals: readonly PrintShape[] = [
  'a fragment',
  'nested in layout tables',
  'portal with lists of other years',
  'header cells and captions',
  'portal, body pasted from a word processor',
  'pasted from a word processor',
  'pasted with conditional comments',
  'labels in pieces',
  'labels written downwards',
  'figures in tables of their own',
  'long remarks in rows of the tables',
  'tables cut between columns',
  'table 3 in small pieces',
  'sections two to four in one table',
  'a layout table around each table',
  'headings of table 2 missing',
  'header padded above',
  'trailing blanks',
].map((name) => {
  const source = htmlShapes.find((one) => one.name === `html ${name}`)
  if (source === undefined) throw new Error(`no such shape of page: ${name}`)
  return {
    name: `pdf web page, ${name}`,
    format: 'pdf',
    lossy: false,
    print: (truth, seed) => {
      const { bytes, ...rendering } = source.render(truth, seed)
      const sheet = chooseSheet({ papers: [a4, wide[0]!] }, truth.agency, makeRandom(seed))
      return {
        job: { program: 'chromium', source: { bytes, extension: 'html' }, sheet, finish: { kind: 'none' } },
        rendering: { ...rendering, name: rendering.name.replace(/\w+$/, 'pdf') },
      }
    },
  }
})

const printedPages: readonly PrintShape[] = [
  shape('one-pixel borders', {}),
  shape('hairlines', { lines: 'table{border-collapse:collapse}td{border:.25pt solid #333}' }),
  shape('grey lines', { lines: 'table{border-collapse:collapse}td{border:1px solid #ccc}' }),
  shape('thick borders', { lines: 'table{border-collapse:collapse;border:4px solid #000}td{border:3px solid #000}' }),
  shape('thick frame, thin inside', {
    lines: 'table{border-collapse:collapse;border:2.5px solid #000}td{border:.5px solid #000}',
  }),
  shape('separate borders', {
    lines: 'table{border:1px solid #000;border-collapse:separate;border-spacing:2px}td{border:1px solid #000}',
  }),
  shape('borders side by side', { lines: 'table{border-collapse:separate;border-spacing:0}td{border:1px solid #000}' }),
  shape('double borders', { lines: 'table{border-collapse:collapse}td{border:3px double #000}' }),
  shape('dotted borders', { lines: 'table{border-collapse:collapse}td{border:1px dotted #000}' }),
  shape('dashed borders', { lines: 'table{border-collapse:collapse}td{border:1px dashed #444}' }),
  shape('outer border missing', { lines: `${collapsed}table{border:1px hidden}` }),
  shape('side borders missing', { lines: `${collapsed}table{border-left:1px hidden;border-right:1px hidden}` }),
  shape('horizontal lines only', { lines: `${rest}td{border-top:1px solid #000;border-bottom:1px solid #000}` }),
  shape('three lines', {
    lines: `${rest}table{border-top:2px solid #000;border-bottom:2px solid #000}${header}{border-bottom:1px solid #000}`,
  }),
  shape('no lines', { lines: rest }),
  shape('no lines, striped', { lines: `${rest}tr:nth-child(even){background:#eef3fa}` }),
  shape('blocks of ink as lines', {
    lines: thinBlocks,
    cell: (text) => `<i class="a"></i><i class="b"></i><i class="c"></i><i class="d"></i><div>${text}</div>`,
  }),
  shape('white cells on a black ground', {
    lines: 'table{background:#000;border-collapse:separate;border-spacing:1px}td{background:#fff}',
  }),
  shape('coloured cells, white lines', {
    lines: `${rest}td{background:#dce6f1;border:1px solid #fff}${header}{background:#4f81bd;color:#fff}`,
  }),
  shape('coloured cells, gaps between', {
    lines: `table{border-collapse:separate;border-spacing:2px}td{background:#e8eef7}${header}{background:#b8cce4}`,
  }),
  shape('coloured header, borders', { lines: `${collapsed}${header}{background:#d9e2f3}` }),
  shape('coloured header without borders', {
    lines: `${rest}td.row,td.value{border:1px solid #000}${header}{background:#2f75b5;color:#fff}`,
  }),
  shape('striped, borders', { lines: `${collapsed}tr:nth-child(even){background:#f0f0f0}` }),
  shape('white lines that nobody sees', {
    lines: `${collapsed}${whiteCross}`,
    cell: (text) => `<u></u><s></s><div>${text}</div>`,
  }),
  shape('groups written downwards', { group: 'vertical' }),
  shape('groups one character a line', { group: 'narrow' }),
  shape('narrow labels', { labelShare: 22, fonts: trueType }),
  shape('narrow labels, figures at the top', { labelShare: 22, style: 'td.value{vertical-align:top!important}' }),
  shape('labels spread over their cells', { style: 'td.row,td.column{text-align:justify;text-align-last:justify}' }),
  shape('letters apart', { style: 'td{letter-spacing:2px}' }),
  shape('figures wider than their cells', {
    doubtful: 't',
    labelShare: 52,
    points: [11, 12],
    style: 'table{table-layout:fixed}td.value{white-space:nowrap;overflow-wrap:normal;padding:0!important}',
  }),
  shape('figures left', { style: 'td.value{text-align:left!important}' }),
  shape('figures right', { style: 'td.value{text-align:right!important}' }),
  shape('figures centred', { style: 'td.value{text-align:center!important}' }),
  shape('small type', { points: [5, 6.5] }),
  shape('large type', { points: [11, 12.5], papers: wide }),
  shape('outlines for a font', { fonts: outlines }),
  shape('TrueType fonts', { fonts: trueType }),
  shape('landscape', { papers: wide }),
  shape('one endless page', { papers: endless, pageNumbers: false }),
  shape('short pages, rows whole', { papers: short, rows: 'whole', header: 'once', pageNumbers: true }),
  shape('short pages, rows whole, header again', { papers: medium, rows: 'whole', header: 'again', pageNumbers: true }),
  shape('short pages, rows torn', { papers: short, rows: 'torn', header: 'once' }),
  shape('short pages, rows torn, header again', { papers: medium, rows: 'torn', header: 'again' }),
  shape('short pages, narrow labels', { papers: short, labelShare: 24, header: 'once' }),
  shape('short pages, horizontal lines only', {
    papers: short,
    rows: 'whole',
    lines: `${rest}td{border-top:1px solid #000;border-bottom:1px solid #000}`,
  }),
  shape('short pages, separate borders', {
    papers: short,
    lines: 'table{border:1px solid #000;border-collapse:separate;border-spacing:2px}td{border:1px solid #000}',
  }),
  shape('page ends in table 2', { breakBefore: oneRowOf('t2'), header: 'once' }),
  shape('page ends in table 3', { breakBefore: oneRowOf('t3'), header: 'once', pageNumbers: true }),
  shape('page ends in table 3, header again', { breakBefore: oneRowOf('t3'), header: 'again' }),
  shape('page ends in table 4', { breakBefore: oneRowOf('t4'), header: 'once' }),
  shape('page ends in every table', { breakBefore: oneRow }),
  shape('tables without a gap', { arrange: abutting, style: 'table{margin:0}' }),
  shape('titles of sections in the table', { arrange: titlesAsRows, style: 'table{margin:0}' }),
  shape('value cells span otherwise than their header', { table2: 'uneven' }),
  shape('table cut in two, header again', { variant: pages(2, { header: true, repeat: true }) }),
  shape('table cut in three', { variant: pages(3, { header: false, repeat: false }) }),
  shape('rows numbered', { variant: rowNumbers }),
  shape('columns numbered', { variant: columnNumbers }),
  shape('total beside the applicants', { variant: totalBeside }),
  shape('header padded below', { variant: padHeader('below') }),
  shape('header labels over two rows', { variant: splitHeader }),
  shape('a local row', { variant: localRow, local: true }),
  shape('a local row in a group', { variant: localRowInGroup, local: true }),
  shape('a local column', { variant: localColumn, local: true }),
  shape('letters printed twice', { style: 'td{text-shadow:.3px 0 0 #000}' }),
  shape('figures that nobody sees', {
    cell: (text, cell) =>
      cell.role === 'value'
        ? `<div>${text}<span style="color:#fff;font-size:50%">8</span></div>`
        : `<div>${text}</div>`,
  }),
  shape('stamp and watermark', { around: (body) => watermarked(stamped(body)) }),
  shape('turned back by the viewer, 90', { finish: () => ({ kind: 'upright', degrees: 90 }) }),
  shape('turned back by the viewer, 180', { finish: () => ({ kind: 'upright', degrees: 180 }) }),
  shape('turned back by the viewer, 270', { finish: () => ({ kind: 'upright', degrees: 270 }) }),
  shape('lying on its side', { finish: (random) => ({ kind: 'lying', degrees: random.pick([90, 270] as const) }) }),
  shape('office, a web page', { office: true, group: 'level' }),
  shape('encrypted', { finish: () => ({ kind: 'encrypted' }) }),
]

/**
 * Prints that show a report to people and not to programs: whatever is read of them by their characters must be right, and
 * most of it cannot be read.
 */
export const unreadablePrintShapes: readonly PrintShape[] = [
  shape('glyphs without characters, TrueType', {
    fonts: trueType,
    doubtful: 't',
    finish: () => ({ kind: 'nameless' }),
  }),
  shape('glyphs without characters, outlines', {
    fonts: outlines,
    doubtful: 't',
    finish: () => ({ kind: 'nameless' }),
  }),
]

/** Every way of printing a report. */
export const printShapes: readonly PrintShape[] = [...printedPages, ...printedPortals, ...printedDocxShapes]
