/**
 * Reports as pages: the layouts of the other shapes as tables with spans, inside what portals and word processors put
 * around and into them. Takes a truth and a seed, gives bytes and what a reader must find in them.
 */
import type { Truth } from '../figures.ts'
import type { Layout, LayoutCell } from '../layout.ts'
import { makeRandom, type Random } from '../random.ts'
import { composeReport, type Part } from '../report.ts'
import { expectCells, type Rendering, type Shape } from '../shape.ts'

/** How a page is dressed up; what is not given is plain. */
type Dress = {
  readonly table2?: 'one' | 'several' | 'uneven'
  readonly cell?: (cell: LayoutCell, random: Random) => string
  readonly table?: (layout: Layout, dress: Dress, random: Random) => string
  readonly page?: (title: string, body: string, random: Random) => string
  readonly paragraph?: (text: string) => string
}

const escapeText = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replaceAll('\u00a0', '&nbsp;')
const spans = ({ rowSpan, columnSpan }: LayoutCell): string =>
  (rowSpan > 1 ? ` rowspan="${rowSpan}"` : '') + (columnSpan > 1 ? ` colspan=${columnSpan}` : '')

function rowsOf(layout: Layout): LayoutCell[][] {
  const rows: LayoutCell[][] = Array.from({ length: layout.rowCount }, () => [])
  for (const cell of layout.cells) rows[cell.row]!.push(cell)
  return rows
}

function plainTable(layout: Layout, dress: Dress, random: Random): string {
  return tableOf(rowsOf(layout), dress, random)
}

function tableOf(rows: readonly (readonly LayoutCell[])[], dress: Dress, random: Random): string {
  const cell = dress.cell ?? ((one: LayoutCell) => escapeText(one.text))
  const lines = rows.map((row) => `<tr>${row.map((one) => `<td${spans(one)}>${cell(one, random)}</td>`).join('')}</tr>`)
  return `<table border="1" cellspacing="0"><tbody>\n${lines.join('\n')}\n</tbody></table>`
}

/** Cut where no value row is split; a group label that reached over the cut is printed again, or its place left blank. */
function cutTable(again: boolean): NonNullable<Dress['table']> {
  return (layout, dress, random) => {
    if (layout.rowCount - layout.headerRows < 6) return plainTable(layout, dress, random)
    const at = random.integer(layout.headerRows + 2, layout.rowCount - 2)
    const upper = layout.cells
      .filter((cell) => cell.row < at)
      .map((cell) => ({ ...cell, rowSpan: Math.min(cell.rowSpan, at - cell.row) }))
    const lower = layout.cells
      .filter((cell) => cell.row + cell.rowSpan > at)
      .map((cell) =>
        cell.row >= at
          ? cell
          : { ...cell, row: at, rowSpan: cell.row + cell.rowSpan - at, text: again ? cell.text : '' },
      )
      .sort((a, b) => a.row - b.row || a.column - b.column)
    const header = layout.cells.filter((cell) => cell.row < layout.headerRows)
    const rows = (cells: readonly LayoutCell[]) => rowsOf({ ...layout, cells }).filter((row) => row.length > 0)
    const second = again ? [...rows(header), ...rows(lower)] : rows(lower)
    return `${tableOf(rows(upper), dress, random)}<p align="center">- ${random.integer(2, 9)} -</p>${tableOf(second, dress, random)}`
  }
}

/** The third header row padded with blank cells in place of row spans, and blank cells behind every row. */
const paddedTable: NonNullable<Dress['table']> = (layout, dress, random) => {
  const extra = random.integer(1, 10)
  const padded = rowsOf(layout).map((row, index) => [
    ...row.map((cell) =>
      cell.row < layout.headerRows && cell.role === 'column' && cell.rowSpan > 1 ? { ...cell, rowSpan: 1 } : cell,
    ),
    ...Array.from({ length: extra }, (_, n) => ({
      ...layout.cells[0]!,
      row: index,
      column: layout.columnCount + n,
      rowSpan: 1,
      columnSpan: 1,
      text: '',
    })),
  ])
  for (const cell of layout.cells) {
    if (cell.row >= layout.headerRows || cell.role !== 'column') continue
    for (let row = cell.row + 1; row < cell.row + cell.rowSpan; row++)
      padded[row]!.push({ ...cell, row, rowSpan: 1, text: '' })
  }
  for (const row of padded) row.sort((a, b) => a.column - b.column)
  return tableOf(padded, dress, random)
}

/** A row that only this agency has, with figures that no cell of the form takes. */
const localRow: NonNullable<Dress['table']> = (layout, dress, random) => {
  const rows = rowsOf(layout)
  const last = rows.findLastIndex((row) => row[0]?.text.includes('规范性文件') ?? false)
  if (last < 0) return plainTable(layout, dress, random)
  const copy = rows[last]!.map((cell, index) => ({
    ...cell,
    text: index === 0 ? '其他主动公开文件' : String(random.integer(1, 99)),
  }))
  rows.splice(last + 1, 0, copy)
  return tableOf(rows, dress, random)
}

/** Tags left open as hand-written pages leave them; what browsers repair without losing anything. */
const brokenTable: NonNullable<Dress['table']> = (layout, _dress, random) => {
  const lines = rowsOf(layout).map(
    (row) => `<tr>${row.map((cell) => `<td${spans(cell)}><p>${escapeText(cell.text)}`).join('')}`,
  )
  return `<p><TABLE border=1 cellpadding=0>${lines.join(random.pick(['\n', '</tr>\n', '</td>\n']))}</font></TABLE></span>`
}

const nested = (
  title: string,
  body: string,
  random: Random,
): string => `<!DOCTYPE html><html><head><meta charset="utf-8"><title>${escapeText(title)}</title></head><body>
<table width="100%"><tr><td colspan="2"><a href="/">首页</a> &gt; <a href="/zwgk">政务公开</a></td></tr><tr><td width="200">
<table><tr><td>通知公告</td></tr><tr><td>信息公开年报</td></tr></table></td><td>
<table class="info"><tr><td>索引号</td><td>01442${random.integer(1000, 9999)}/2024-00${random.integer(100, 999)}</td><td>分类</td><td>年报</td></tr><tr><td>发布日期</td><td>2024-01-${random.integer(10, 30)}</td><td>文号</td><td>无</td></tr></table>
<div id="zoom">${body}</div></td></tr></table><table><tr><td>主办单位</td><td>备案号</td><td>浏览次数：${random.integer(1, 9999)}</td></tr></table><script>var a = "<td>1</td>"</script></body></html>`

const word = (cell: LayoutCell): string =>
  `<p class=MsoNormal style='text-align:center;mso-line-height-rule:exactly'><span lang=EN-US style='font-size:9.0pt;font-family:宋体'>${escapeText(cell.text)}<o:p></o:p></span></p>${cell.text === '' ? '<p>&nbsp;</p>' : ''}`
const wordPage = (title: string, body: string): string =>
  `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv=Content-Type content="text/html; charset=utf-8"><title>${escapeText(title)}</title><!--[if gte mso 9]><xml><w:WordDocument></w:WordDocument></xml><![endif]--><style>td{mso-padding:0}</style></head><body><div class=Section1>${body}</div></body></html>`
const decorated = (cell: LayoutCell, random: Random): string => {
  if (cell.role === 'value' || cell.text === '') return `<div>&nbsp;<font size=2>${escapeText(cell.text)}</font></div>`
  const characters = [...cell.text]
  if (random.chance(0.2)) return characters.map(escapeText).join('<br>')
  const at = random.integer(1, Math.max(1, characters.length - 1))
  return `<span><b>${escapeText(characters.slice(0, at).join(''))}</b></span><span>${escapeText(characters.slice(at).join(''))}</span>`
}

function render(truth: Truth, seed: number, note: string, dress: Dress): Rendering {
  const random = makeRandom(seed)
  const labels = {
    level: random.pick(['official', 'alias', 'typography', 'damaged'] as const),
    spaces: [' ', '\u3000', '\u00a0'],
  }
  const parts = composeReport(
    truth,
    { labels, table2: dress.table2 ?? random.pick(['one', 'several'] as const) },
    random,
  )
  const title = parts.flatMap((part) => (part.kind === 'title' ? [part.lines.join('')] : [])).join('')
  const body = parts.map((part) => write(part, dress, random)).join('\n')
  const text = dress.page?.(title, body, random) ?? body
  return {
    bytes: new TextEncoder().encode(text),
    text,
    name: random.pick(['content_1871569.html', 't20240118_11520599.html', 'art.htm']),
    expected: expectCells(truth),
    local: text.includes('其他主动公开文件'),
    note: `${note}, labels ${labels.level}`,
  }
}

function write(part: Part, dress: Dress, random: Random): string {
  const paragraph = dress.paragraph ?? ((text: string) => `<p>${escapeText(text)}</p>`)
  if (part.kind === 'table') return (dress.table ?? plainTable)(part.layout, dress, random)
  if (part.kind === 'title') return `<h1>${part.lines.map(escapeText).join('<br/>')}</h1>`
  return paragraph(part.text)
}

const shape = (name: string, dress: Dress): Shape => ({
  name: `html ${name}`,
  format: 'html',
  lossy: false,
  render: (truth, seed) => render(truth, seed, name, dress),
})

/** Every HTML shape. */
export const htmlShapes: readonly Shape[] = [
  shape('a fragment', {}),
  shape('nested in layout tables', { page: nested }),
  shape('pasted from a word processor', {
    cell: word,
    page: wordPage,
    paragraph: (text) => `<p class=MsoNormal><span>${escapeText(text)}<o:p></o:p></span></p>`,
  }),
  shape('labels in pieces', { cell: decorated }),
  shape('table cut in two', { table: cutTable(false) }),
  shape('table cut in two, header again', { table: cutTable(true) }),
  shape('broken markup', { table: brokenTable, page: nested }),
  shape('value cells span otherwise than their header', { table2: 'uneven' }),
  shape('padded header and trailing blanks', { table: paddedTable }),
  shape('a local row', { table: localRow }),
]
