/**
 * Reports as workbooks: tables one under another in a sheet or each in its own, figures as numbers with formats or as
 * text, titles merged over the width or left in their cell. Written by the library for spreadsheets, which the reader
 * reads with; what it is told is made from the layouts alone.
 */
import { utils, type WorkSheet, write } from '@e965/xlsx'
import type { Truth } from '../figures.ts'
import type { Layout } from '../layout.ts'
import { makeRandom, type Random } from '../random.ts'
import { composeReport, type Part } from '../report.ts'
import { expectCells, type Rendering, type Shape } from '../shape.ts'
import { columnNumbers, localRow, pages, rowNumbers, type Variant } from '../variants.ts'

type Dress = {
  readonly values: 'numbers' | 'text'
  readonly sheets: 'one' | 'several'
  /** Titles and prose over the width of the widest table, or in one cell. */
  readonly titles: 'merged' | 'single'
  /** Blank rows between the parts. */
  readonly gaps?: boolean
  /** Blank cells are kept in the file, as where they have borders. */
  readonly borders?: boolean
  /** Rows and columns left free at the top and left. */
  readonly offset?: readonly [number, number]
  /** Hidden rows and columns with figures of drafts, and a hidden sheet. */
  readonly hidden?: boolean
  readonly variant?: Variant
  readonly local?: boolean
  readonly file?: 'xlsx' | 'xls'
}

type Cell = { t: 's' | 'n'; v?: string | number; z?: string }
type Page = {
  readonly cells: Map<string, Cell>
  readonly merges: WorkSheet['!merges'] & object
  row: number
  wide: number
}

function put(page: Page, row: number, column: number, cell: Cell): void {
  page.cells.set(utils.encode_cell({ r: row, c: column }), cell)
}

function cellOf(text: string, asNumber: boolean): Cell | null {
  if (text === '') return null
  const number = asNumber ? /^(-?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?$/.exec(text) : null
  if (number === null) return { t: 's', v: text }
  const decimals = number[3] === undefined ? '' : `.${'0'.repeat(number[3].length - 1)}`
  const format = number[2]!.includes(',') ? `#,##0${decimals}` : decimals === '' ? 'General' : `0${decimals}`
  return { t: 'n', v: Number(text.replace(/,/g, '')), z: format }
}

function putLayout(page: Page, layout: Layout, dress: Dress): void {
  const [, left] = dress.offset ?? [0, 0]
  for (const { row, column, rowSpan, columnSpan, text, role } of layout.cells) {
    const [r, c] = [page.row + row, left + column]
    const cell = cellOf(text, dress.values === 'numbers' && role === 'value')
    if (cell !== null || dress.borders) put(page, r, c, cell ?? { t: 's', v: '' })
    if (rowSpan === 1 && columnSpan === 1) continue
    page.merges.push({ s: { r, c }, e: { r: r + rowSpan - 1, c: c + columnSpan - 1 } })
  }
  page.row += layout.rowCount
}

function putText(page: Page, text: string, dress: Dress): void {
  const [, left] = dress.offset ?? [0, 0]
  put(page, page.row, left, { t: 's', v: text })
  if (dress.titles === 'merged') {
    page.merges.push({ s: { r: page.row, c: left }, e: { r: page.row, c: left + page.wide - 1 } })
  }
  page.row++
}

/** A row of draft figures before a table's last row, and a column of them behind it; neither is shown. */
function sheetOf(page: Page, dress: Dress, random: Random): WorkSheet {
  const sheet: WorkSheet = Object.fromEntries(page.cells)
  const last = Object.keys(sheet).map((name) => utils.decode_cell(name))
  const end = { r: Math.max(0, ...last.map(({ r }) => r)), c: Math.max(0, ...last.map(({ c }) => c)) }
  if (dress.hidden) {
    for (let row = 0; row <= end.r; row++)
      sheet[utils.encode_cell({ r: row, c: end.c + 1 })] = { t: 'n', v: random.integer(1, 99) }
    for (let column = 0; column <= end.c; column++) {
      sheet[utils.encode_cell({ r: end.r + 1, c: column })] = { t: 'n', v: random.integer(1, 99) }
    }
    sheet['!cols'] = []
    sheet['!cols'][end.c + 1] = { hidden: true }
    sheet['!rows'] = []
    sheet['!rows'][end.r + 1] = { hidden: true }
    end.r++
    end.c++
  }
  sheet['!ref'] = utils.encode_range({ s: { r: 0, c: 0 }, e: end })
  sheet['!merges'] = page.merges
  return sheet
}

function pagesOf(parts: readonly Part[], dress: Dress, random: Random): Page[] {
  const layouts = parts.map((part) =>
    part.kind === 'table' ? (dress.variant?.(part.layout, random) ?? [part.layout]) : [],
  )
  const wide = Math.max(...layouts.flat().map(({ columnCount }) => columnCount))
  const blank = (): Page => ({ cells: new Map(), merges: [], row: dress.offset?.[0] ?? 0, wide })
  const made: Page[] = [blank()]
  for (const [index, part] of parts.entries()) {
    if (dress.sheets === 'several' && part.kind === 'section') made.push(blank())
    const page = made.at(-1)!
    if (part.kind === 'title') for (const line of part.lines) putText(page, line, dress)
    else if (part.kind !== 'table') putText(page, part.text, dress)
    for (const [order, layout] of layouts[index]!.entries()) {
      if (order > 0) page.row++
      putLayout(page, layout, dress)
    }
    if (dress.gaps) page.row += random.integer(1, 2)
  }
  return made
}

/** Without borders, nothing of a row is in the file that has neither labels nor figures: table 4 where it is blank. */
function withoutTrace(truth: Truth): Set<string> {
  const codes = [...truth.cells.keys()].filter((code) => code.startsWith('t4.'))
  return new Set(codes.every((code) => truth.cells.get(code)!.text === '') ? codes : [])
}

/** The same figure as printed, where a workbook keeps numbers: what is no number stays as it was typed. */
function render(truth: Truth, seed: number, note: string, dress: Dress): Rendering {
  const random = makeRandom(seed)
  const labels = {
    level: random.pick(['official', 'alias', 'typography', 'damaged'] as const),
    spaces: [' ', '\u3000'],
  }
  const parts = composeReport(truth, { labels, table2: random.pick(['one', 'several'] as const) }, random)
  const book = utils.book_new()
  const made = pagesOf(parts, dress, random)
  for (const [index, page] of made.entries()) {
    utils.book_append_sheet(book, sheetOf(page, dress, random), made.length === 1 ? 'Sheet1' : `表${index + 1}`)
  }
  const file = dress.file ?? 'xlsx'
  if (dress.hidden) {
    const draft = utils.aoa_to_sheet([['一、本年新收政府信息公开申请数量', 5, 5, 5, 5, 5, 5, 30]])
    utils.book_append_sheet(book, draft, '草稿')
    book.Workbook = { Sheets: [...made.map(() => ({ Hidden: 0 as const })), { Hidden: 1 as const }] }
  }
  const bytes = write(book, {
    type: 'buffer',
    bookType: file === 'xls' ? 'biff8' : 'xlsx',
    compression: true,
    bookSST: random.chance(0.7),
  }) as Buffer
  return {
    bytes,
    text: made.map((_, index) => utils.sheet_to_csv(book.Sheets[book.SheetNames[index]!]!)).join('\n'),
    name: random.pick([`年报.${file}`, `report.${file}`]),
    expected: expectCells(truth, dress.borders ? new Set() : withoutTrace(truth)),
    local: dress.local ?? false,
    note: `${note}, labels ${labels.level}`,
  }
}

const shape = (name: string, dress: Dress): Shape => ({
  name: `${dress.file ?? 'xlsx'} ${name}`,
  format: dress.file ?? 'xlsx',
  lossy: false,
  render: (truth, seed) => render(truth, seed, name, dress),
})

/** Every workbook shape. */
export const sheetShapes: readonly Shape[] = [
  shape('tables stacked', { values: 'numbers', sheets: 'one', titles: 'merged', gaps: true }),
  shape('tables stacked without gaps', { values: 'numbers', sheets: 'one', titles: 'merged' }),
  shape('tables stacked, titles in one cell', { values: 'text', sheets: 'one', titles: 'single', gaps: true }),
  shape('tables stacked with borders, titles in one cell', {
    values: 'numbers',
    sheets: 'one',
    titles: 'single',
    borders: true,
  }),
  shape('each section its sheet', { values: 'numbers', sheets: 'several', titles: 'merged' }),
  shape('each section its sheet, text', { values: 'text', sheets: 'several', titles: 'single' }),
  shape('away from the corner', { values: 'numbers', sheets: 'several', titles: 'merged', offset: [3, 2] }),
  shape('drafts hidden', { values: 'numbers', sheets: 'several', titles: 'merged', borders: true, hidden: true }),
  shape('cut in two', {
    values: 'text',
    sheets: 'one',
    titles: 'merged',
    gaps: true,
    borders: true,
    variant: pages(2, { header: true, repeat: true }),
  }),
  shape('rows numbered', { values: 'numbers', sheets: 'one', titles: 'merged', gaps: true, variant: rowNumbers }),
  shape('columns numbered', { values: 'text', sheets: 'several', titles: 'merged', variant: columnNumbers }),
  shape('a local row', { values: 'numbers', sheets: 'several', titles: 'merged', variant: localRow, local: true }),
  shape('tables stacked', { file: 'xls', values: 'numbers', sheets: 'one', titles: 'merged', gaps: true }),
  shape('each section its sheet, text', { file: 'xls', values: 'text', sheets: 'several', titles: 'single' }),
]
