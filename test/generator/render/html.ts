/**
 * Reports as pages: the layouts of the other shapes as tables with spans, inside what portals and word processors put
 * around and into them. Takes a truth and a seed, gives bytes and what a reader must find in them.
 */
import iconv from 'iconv-lite'
import { Converter } from 'opencc-js/cn2t'
import { byHeadings, lostByHeadings } from '../byheadings.ts'
import { printTruth, type Truth } from '../figures.ts'
import { type Layout, type LayoutCell, rowsOf } from '../layout.ts'
import { makeRandom, type Random } from '../random.ts'
import { composeReport, type Part } from '../report.ts'
import { expectCells, type Rendering, type Shape } from '../shape.ts'
import {
  columnNumbers,
  cutBetweenColumns,
  localColumn,
  localRow,
  localRowInGroup,
  padHeader,
  pages,
  pieces,
  rowNumbers,
  splitHeader,
  totalBeside,
  trail,
  type Variant,
} from '../variants.ts'

type CellWriter = (cell: LayoutCell, random: Random) => string
type TableWriter = (layout: Layout, cell: CellWriter, random: Random) => string

/** How a page is dressed up; what is not given is plain. */
type Dress = {
  readonly table2?: 'one' | 'several' | 'uneven'
  readonly headings?: boolean
  readonly variant?: Variant
  readonly cell?: CellWriter
  readonly table?: TableWriter
  readonly page?: (title: string, body: string, random: Random) => string
  readonly paragraph?: (text: string, random: Random) => string
  readonly encode?: (text: string) => Uint8Array
  readonly restyle?: (truth: Truth) => Truth
  /** The agency's name as the page prints it. */
  readonly agency?: (name: string) => string
  /** Sections two to four in one table, their titles as rows of it. */
  readonly together?: boolean
  /** The cells of which it is lost where they belong, where rows with blank cells lose that, or columns their names. */
  readonly lost?: (part: Part) => readonly string[]
  /** Prints figures that no cell takes. */
  readonly local?: boolean
}

const escapeText = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replaceAll('\u00a0', '&nbsp;')
const spansOf = ({ rowSpan, columnSpan }: LayoutCell): string =>
  (rowSpan > 1 ? ` rowspan="${rowSpan}"` : '') + (columnSpan > 1 ? ` colspan=${columnSpan}` : '')
const plainCell: CellWriter = (cell) => escapeText(cell.text)
const plainParagraph = (text: string): string => `<p>${escapeText(text)}</p>`

const plainTable: TableWriter = (layout, cell, random) => {
  const lines = rowsOf(layout).map(
    (row) => `<tr>${row.map((one) => `<td${spansOf(one)}>${cell(one, random)}</td>`).join('')}</tr>`,
  )
  return `<table border="1" cellspacing="0"><tbody>\n${lines.join('\n')}\n</tbody></table>`
}

/** Small tables beneath headings. */
const tablesByHeadings: TableWriter = (layout, cell, random) => {
  const tables = byHeadings(layout, random)
  if (tables === null) return plainTable(layout, cell, random)
  return tables
    .map(({ heading, rows }) => {
      const [header, ...others] = rows.map((row) => row.map(escapeText))
      const lines = [
        `<tr><th>${header!.join('</th><th>')}</th></tr>`,
        ...others.map((row) => `<tr><td>${row.join('</td><td>')}</td></tr>`),
      ]
      return `${heading === null ? '' : `<h4>${escapeText(heading)}</h4>`}\n<table>${lines.join('\n')}</table>`
    })
    .join('\n')
}

/** Header rows in their own part, labels as header cells, and a caption. */
const markedTable: TableWriter = (layout, cell, random) => {
  const lines = rowsOf(layout).map((row) => {
    const cells = row.map((one) => {
      const tag = one.role === 'value' || one.role === 'empty' ? 'td' : 'th'
      return `<${tag}${spansOf(one)}>${cell(one, random)}</${tag}>`
    })
    return `<tr>${cells.join('')}</tr>`
  })
  const head = lines.slice(0, layout.headerRows).join('')
  return `<table><caption>单位：件</caption><colgroup><col width="9%"/></colgroup><thead>${head}</thead><tbody>${lines.slice(layout.headerRows).join('')}</tbody></table>`
}

/** Tags that hand-written pages leave open; what browsers repair without losing anything. */
const openTags: TableWriter = (layout, _cell, random) => {
  const lines = rowsOf(layout).map(
    (row) => `<tr>${row.map((cell) => `<td${spansOf(cell)}><p>${escapeText(cell.text)}`).join('')}`,
  )
  return `<p><TABLE border=1 cellpadding=0>${lines.join(random.pick(['\n', '</tr>\n', '</td>\n']))}</font></TABLE></span>`
}

/** End tags of nothing, a row that was never opened, attributes without quotes. */
const strayTags: TableWriter = (layout, cell, random) => {
  const lines = rowsOf(layout).map((row, index) => {
    const cells = row.map((one) => {
      const stray = random.pick(['', '', '', '</b>', '</div>', '</span></font>', '<o:p/>'])
      return `<td align=center width=8%${spansOf(one)}><b><div>${cell(one, random)}</b></div>${stray}</td>`
    })
    return `${index === 0 && random.chance(0.5) ? '' : '<tr height=20>'}${cells.join('')}</tr>`
  })
  return `</div></p><table border=1 width=100%><tbody></tr>${lines.join('')}</tbody></table></td></tr>`
}

/** No table at all: a paragraph for each cell, merged cells once. */
function flattened(tag: 'p' | 'div', blank: string): TableWriter {
  return (layout, cell, random) =>
    layout.cells
      .map((one) => `<${tag}>${one.text.trim() === '' ? blank : cell(one, random)}</${tag}>`)
      .join(random.pick(['', '\n']))
}

const metadata = (random: Random): string =>
  `<table class="info"><tr><td>索引号</td><td>01442${random.integer(1000, 9999)}/2024-00${random.integer(100, 999)}</td><td>分类</td><td>年报</td></tr><tr><td>发布机构</td><td>信息公开办公室</td><td>有效性</td><td>有效</td></tr><tr><td>发布日期</td><td>2024-01-${random.integer(10, 30)}</td><td>文号</td><td>无</td></tr></table>`
const head = (title: string, more = ''): string =>
  `<html><head><meta charset="utf-8"><title>${escapeText(title)}</title>${more}</head>`

const menus = [
  ['走进', '概况 历史沿革 行政区划 自然资源 人口民族 风景名胜 特色产品 城市荣誉 地方志'],
  ['新闻', '要闻动态 通知公告 部门信息 乡镇动态 媒体聚焦 图片新闻 视频新闻 专题专栏 热点回应'],
  [
    '公开',
    '政府信息公开指南 政府信息公开制度 法定主动公开内容 政府信息公开年报 依申请公开 政策文件 政策解读 财政预决算 行政执法公示 规划计划 人事信息 招标采购',
  ],
  ['服务', '个人办事 法人办事 便民查询 办事指南 网上预约 结果公示 好差评 证照服务 一件事一次办'],
  ['互动', '领导信箱 12345热线 意见征集 在线访谈 网上调查 常见问题 咨询投诉 建议提案办理'],
  ['数据', '统计公报 统计月报 数据解读 开放目录 经济运行'],
] as const

/** Menus of every page of a portal, with a link and an icon each. */
const menuBar = (random: Random): string =>
  `<div class="header"><div class="logo"><img src="/images/logo.png" alt=""></div><ul class="nav clearfix">${menus
    .map(
      ([name, items]) =>
        `<li class="nav-item"><a class="nav-link" href="/${random.integer(100, 999)}/index.html" target="_blank"><span>${name}</span></a><dl class="sub-menu">${items
          .split(' ')
          .map(
            (item, index) =>
              `<dd class="sub-item item-${index}"><a href="/${random.integer(100, 999)}/${random.integer(1000, 9999)}/index.html" target="_blank" title="${item}">${item}</a></dd>`,
          )
          .join('\n')}</dl></li>`,
    )
    .join('\n')}</ul></div>`

/** Links to other bodies and the notices that stand at the foot of every page of a portal. */
const siteFoot = (random: Random): string =>
  `<div class="footer"><div class="links">${Array.from(
    { length: 40 },
    (_, index) =>
      `<a class="link" href="http://www.example-${index}.gov.cn/" target="_blank" style="padding:0 ${random.integer(3, 9)}px">友情链接${index + 1}</a>`,
  ).join(
    '|',
  )}</div><p>主办：政务公开办公室　联系电话：0551-${random.integer(2000000, 8999999)}　网站标识码：34${random.integer(10000000, 99999999)}</p></div>`

const scripts = Array.from(
  { length: 60 },
  (_, index) =>
    `function f${index}(a,b){var t=document.getElementById("c${index}");if(a<b&&t){t.innerHTML="<td>"+a+"</td>";return ${index}}for(var i=0;i<9;i++){t.className="on"+i}}`,
).join('\n')
const styles = Array.from(
  { length: 80 },
  (_, index) =>
    `.block-${index} .title a:hover{color:#c${index % 10}0;font-size:${12 + (index % 6)}px;line-height:1.${index % 10}}`,
).join('\n')

const nestedPage = (
  title: string,
  body: string,
  random: Random,
): string => `<!DOCTYPE html>${head(title)}<body>${menuBar(random)}
<table width="100%"><tr><td colspan="2"><a href="/">首页</a> &gt; <a href="/zwgk">政务公开</a></td></tr><tr><td width="200">
<table><tr><td>通知公告</td></tr><tr><td>信息公开年报</td></tr></table></td><td>${metadata(random)}
<div id="zoom">${body}</div></td></tr></table>${siteFoot(random)}<table><tr><td>主办单位</td><td>备案号</td><td>浏览次数：${random.integer(1, 9999)}</td></tr></table><script>var a = "<td>1</td>"</script></body></html>`

/** A portal of today: lists of other years' reports around the article, counters, styles and scripts with figures. */
const portalPage = (title: string, body: string, random: Random): string => `<!DOCTYPE html>${head(
  `${title}_政府信息公开_门户网站`,
  `<style>td{width:12px} .a:after{content:"5"}\n${styles}</style><script>${scripts}</script>`,
)}<body>${menuBar(random)}
<nav><ul><li>首页</li><li>机构职能</li><li>12345热线</li></ul></nav><div class="list"><ul>${[3, 4, 5]
  .map(
    (back) =>
      `<li><a href="/a/${back}.html">政府信息公开年报（第${back}期）</a><span>20${random.integer(10, 17)}-01-20</span></li>`,
  )
  .join('')}</ul></div>
<article>${metadata(random)}<div class="TRS_Editor">${body}</div></article>
${siteFoot(random)}<ul class="share"><li>分享 ${random.integer(1, 50)}</li><li>【打印】</li></ul><footer><p>网站标识码34${random.integer(10000000, 99999999)}　皖公网安备号</p></footer></body></html>`

const wordCell: CellWriter = ({ text }) =>
  `<p class=MsoNormal style='text-align:center;mso-line-height-rule:exactly'><span lang=EN-US style='font-size:9.0pt;font-family:宋体'>${escapeText(text)}<o:p></o:p></span></p>${text === '' ? '<p>&nbsp;</p>' : ''}`
const officeCell: CellWriter = ({ text }) =>
  text === ''
    ? '<p class="MsoNormal"><span><![if !supportEmptyParas]>&nbsp;<![endif]><o:p></o:p></span></p>'
    : `<p class="MsoNormal"><!--[if gte vml 1]><v:shape>7</v:shape><![endif]--><a name="_Toc1"></a><span style="mso-spacerun:'yes'">&nbsp;</span><font face="仿宋">${escapeText(text)}</font></p><p class="MsoNormal"></p>`
const wordPage = (title: string, body: string): string =>
  `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv=Content-Type content="text/html; charset=utf-8"><title>${escapeText(title)}</title><!--[if gte mso 9]><xml><w:WordDocument></w:WordDocument></xml><![endif]--><style>td{mso-padding:0}</style></head><body><div class=Section1>${body}</div></body></html>`
const wordParagraph = (text: string): string =>
  `<p class=MsoNormal><span>${escapeText(text)}<o:p></o:p></span></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>`

/** Labels in spans and bold pieces, figures in fonts with blanks around. */
const piecesCell: CellWriter = (cell, random) => {
  if (cell.role === 'value' || !/\D/.test(cell.text))
    return `<div>&nbsp;<font size=2>${escapeText(cell.text)}</font></div>`
  const characters = [...cell.text]
  const at = random.integer(1, Math.max(1, characters.length - 1))
  return `<span><b>${escapeText(characters.slice(0, at).join(''))}</b></span>\n<span>${escapeText(characters.slice(at).join(''))}</span>`
}

/** Narrow cells: labels written downwards, one character a line or a paragraph. */
const verticalCell: CellWriter = (cell, random) => {
  const characters = [...cell.text]
  if (cell.role === 'value' || !/\D/.test(cell.text) || characters.length > 16) return escapeText(cell.text)
  if (random.chance(0.2)) return characters.map((one) => `<p>${escapeText(one)}</p>`).join('')
  return characters.map(escapeText).join(random.pick(['<br>', '<br/>\n', '<br />&nbsp;']))
}

/** What a reader must not take for the figure: an older one struck out before it, a footnote's number behind it. */
const correctedCell: CellWriter = (cell, random) => {
  if (cell.role !== 'value' || cell.text === '') return escapeText(cell.text)
  const struck = random.pick(['<del>7</del>', '<s>12</s>', '<span style="text-decoration: line-through">3</span>', ''])
  return `${struck}${escapeText(cell.text)}${random.pick(['', '<sup>1</sup>', '<sup>[2]</sup>', '<sup>注1</sup>'])}`
}

/** Figures in the fields of the form that they were typed into. */
const fieldCell: CellWriter = (cell, random) => {
  const text = escapeText(cell.text).replace(/"/g, '&quot;')
  if (cell.role !== 'value') return text
  return random.pick([
    `<input type="text" name="a" value="${text}" readonly><input type="hidden" value="5">`,
    `<textarea rows=1>${text}</textarea>`,
    `<select><option>1</option><option selected>${text}</option></select>`,
  ])
}

/** Each table for screens, and again for print where a style hides it. */
const twiceTable: TableWriter = (layout, cell, random) => {
  const table = plainTable(layout, cell, random)
  return `<div class="pc">${table}</div><div class="wap">${table}</div>`
}

/** A long remark in a row of the table, over the figures and under them. */
const remarkedTable: TableWriter = (layout, cell, random) => {
  const remark = `<tr><td colspan="${layout.columnCount}"><p>填报说明：${'本表由各单位根据实际情况如实填写，数据口径与上年一致。'.repeat(30)}</p></td></tr>`
  const table = plainTable(layout, cell, random)
  return layout.table.startsWith('t2')
    ? table
    : table.replace('<tbody>', `<tbody>${remark}`).replace('</tbody>', `${remark}</tbody>`)
}

/** A figure in a table of its own inside its cell, as pasted from a spreadsheet. */
const nestedCell: CellWriter = (cell) =>
  cell.role === 'value' && cell.text !== ''
    ? `<table border="0"><tbody><tr><td>${escapeText(cell.text)}</td></tr></tbody></table>`
    : escapeText(cell.text)

const chinesePage = (title: string, body: string, random: Random): string =>
  nestedPage(title, body, random).replace(
    '<meta charset="utf-8">',
    '<META content="text/html; charset=gb2312" http-equiv=Content-Type>',
  )
/** As Taiwan's systems and mirrors of mainland pages have it: other characters, in their own encoding. */
const traditional = Converter({ from: 'cn', to: 't' })
const traditionalPage = (title: string, body: string, random: Random): string =>
  nestedPage(traditional(title), traditional(body), random).replace('<meta charset="utf-8">', '<meta charset="big5">')
const toBig5Bytes = (text: string): Uint8Array => Uint8Array.from(iconv.encode(text, 'big5'))
const toChineseBytes = (text: string): Uint8Array => Uint8Array.from(iconv.encode(text, 'gb18030'))

function allFilled(truth: Truth): Truth {
  return printTruth(truth, { ...truth.style, zeros: '0', totals: 'all', remark: false })
}

function render(given: Truth, seed: number, note: string, dress: Dress): Rendering {
  const truth = dress.restyle?.(given) ?? given
  const random = makeRandom(seed)
  const labels = {
    level: random.pick(['official', 'alias', 'typography', 'damaged'] as const),
    spaces: [' ', '\u3000', '\u00a0'],
  }
  const table2 = dress.table2 ?? random.pick(['one', 'several'] as const)
  const parts = composeReport(truth, { labels, table2, headings: dress.headings ?? true }, random)
  const title = parts.flatMap((part) => (part.kind === 'title' ? [part.lines.join('')] : [])).join('')
  const body = dress.together
    ? writeTogether(parts, random)
    : parts.map((part) => write(part, dress, random)).join('\n')
  const text = dress.page?.(title, body, random) ?? body
  const lost = new Set(parts.flatMap((part) => dress.lost?.(part) ?? []))
  return {
    bytes: dress.encode?.(text) ?? new TextEncoder().encode(text),
    text,
    name: random.pick(['content_1871569.html', 't20240118_11520599.html', 'art.htm']),
    ...(dress.agency === undefined ? {} : { agency: dress.agency(truth.agency) }),
    expected: expectCells(truth, lost),
    local: dress.local ?? false,
    note: `${note}, labels ${labels.level}`,
  }
}

/** The codes of all cells in rows that have a blank one. */
function codesBesideBlanks(part: Part): string[] {
  if (part.kind !== 'table') return []
  return rowsOf(part.layout).flatMap((row) => {
    const values = row.filter((cell) => cell.code !== null)
    return values.some(({ text }) => text.trim() === '') ? values.map(({ code }) => code!) : []
  })
}

function codesByOrder(part: Part): readonly string[] {
  return part.kind === 'table' ? lostByHeadings(part.layout) : []
}

function write(part: Part, dress: Dress, random: Random): string {
  if (part.kind === 'title') return `<h1>${part.lines.map(escapeText).join('<br/>')}</h1>`
  if (part.kind !== 'table') return (dress.paragraph ?? plainParagraph)(part.text, random)
  const layouts = dress.variant?.(part.layout, random) ?? [part.layout]
  const pageEnd = `<p align="center">- ${random.integer(2, 9)} -</p>`
  const between = random.pick(['\n', pageEnd, '<p>&nbsp;</p>', '<br clear="all" style="page-break-before:always">'])
  return layouts.map((layout) => (dress.table ?? plainTable)(layout, dress.cell ?? plainCell, random)).join(between)
}

function writeTogether(parts: readonly Part[], random: Random): string {
  const isTable = (part: Part): boolean => part.kind === 'table'
  const first = parts.findIndex(isTable) - 1
  const last = parts.findLastIndex(isTable)
  const rows = parts.slice(first, last + 1).map((part) => {
    if (part.kind !== 'table')
      return part.kind === 'section' ? `<tr><td colspan="15">${escapeText(part.text)}</td></tr>` : ''
    return plainTable(part.layout, plainCell, random).replace(/<\/?(?:table|tbody)[^>]*>/g, '')
  })
  const around = [parts.slice(0, first), parts.slice(last + 1)].map((some) =>
    some.map((part) => write(part, {}, random)).join('\n'),
  )
  return around.join(`<table border="1">${rows.join('')}</table>`)
}

const shape = (name: string, dress: Dress): Shape => ({
  name: `html ${name}`,
  format: 'html',
  lossy: dress.lost === codesByOrder,
  render: (truth, seed) => render(truth, seed, name, dress),
})

/** Every HTML shape. */
export const htmlShapes: readonly Shape[] = [
  shape('a fragment', {}),
  shape('all of table 2 in one table', { table2: 'one', page: nestedPage }),
  shape('a table for each block of table 2', { table2: 'several', page: portalPage }),
  shape('nested in layout tables', { page: nestedPage }),
  shape('portal with lists of other years', { page: portalPage }),
  shape('header cells and captions', { table: markedTable, page: portalPage }),
  shape('portal, body pasted from a word processor', { cell: wordCell, page: portalPage, paragraph: wordParagraph }),
  shape('pasted from a word processor', { cell: wordCell, page: wordPage, paragraph: wordParagraph }),
  shape('pasted with conditional comments', { cell: officeCell, page: nestedPage, paragraph: wordParagraph }),
  shape('labels in pieces', { cell: piecesCell }),
  shape('labels written downwards', { cell: verticalCell, page: nestedPage }),
  shape('figures in tables of their own', { cell: nestedCell }),
  shape('figures corrected and with footnotes', { cell: correctedCell }),
  shape('figures in form fields', { cell: fieldCell }),
  shape('each table twice', { table: twiceTable, page: portalPage }),
  shape('long remarks in rows of the tables', { table: remarkedTable }),
  shape('small tables beneath headings', { table: tablesByHeadings, lost: codesByOrder }),
  shape('rows numbered', { variant: rowNumbers, page: nestedPage }),
  shape('columns numbered', { variant: columnNumbers }),
  shape('tables cut between columns', { variant: cutBetweenColumns }),
  shape('table cut in two', { variant: pages(2, { header: false, repeat: false }) }),
  shape('table cut in two, groups again', { variant: pages(2, { header: false, repeat: true }) }),
  shape('table cut in two, header again', { variant: pages(2, { header: true, repeat: true }) }),
  shape('table cut in three', { variant: pages(3, { header: false, repeat: false }), page: nestedPage }),
  shape('table cut in three, header again', { variant: pages(3, { header: true, repeat: false }) }),
  shape('table 3 in small pieces', { variant: pieces }),
  shape('sections two to four in one table', { together: true, page: nestedPage }),
  shape('a layout table around each table', {
    table: (layout, cell, random) =>
      `<table><tbody><tr><td align="center">${plainTable(layout, cell, random)}</td></tr></tbody></table>`,
  }),
  shape('tags left open', { table: openTags, page: nestedPage }),
  shape('stray tags', { table: strayTags, page: portalPage }),
  shape('value cells span otherwise than their header', { table2: 'uneven' }),
  shape('headings of table 2 missing', { headings: false, page: nestedPage }),
  shape('total beside the applicants', { variant: totalBeside }),
  shape('header padded below', { variant: padHeader('below') }),
  shape('header padded above', { variant: padHeader('above') }),
  shape('header labels over two rows', { variant: splitHeader }),
  shape('trailing blanks', { variant: trail(true) }),
  shape('trailing blanks, another number in each row', { variant: trail(false), page: nestedPage }),
  shape('a paragraph for each cell, all filled', { table: flattened('p', '0'), restyle: allFilled }),
  shape('a paragraph for each cell', { table: flattened('p', '&nbsp;') }),
  shape('a block for each cell, blank ones empty', { table: flattened('div', ''), lost: codesBesideBlanks }),
  shape('national charset', { page: chinesePage, encode: toChineseBytes }),
  shape('traditional characters in Big5', { page: traditionalPage, encode: toBig5Bytes, agency: traditional }),
  shape('a local row', { variant: localRow, local: true }),
  shape('a local row in a group', { variant: localRowInGroup, local: true }),
  shape('a local column', { variant: localColumn, local: true }),
]
