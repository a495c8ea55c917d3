/**
 * What word processors write, as blocks: takes paragraphs and tables as they nest in a document, gives paragraphs and grids
 * in reading order. One layer under the parsers of DOC, RTF and ODT, so that tables which only lay out a page, rows of
 * prose, struck out text and pictures mean the same in each.
 */
import type { Anchor, Block, Grid, Notice } from './document.ts'
import { makeGrid, type SourceCell } from './grid.ts'
import { enforceLimit } from './limits.ts'
import { countingText, type MarkedText } from './marks.ts'
import { isProse, laysOutProse } from './prose.ts'
import { moreUnread, type Unread, withUnread } from './unread.ts'

/** A paragraph as the source marks its text. `heading` as in the document model. */
export type FlowParagraph = {
  readonly kind: 'paragraph'
  readonly text: MarkedText
  readonly heading: number | null
  /** Whether it shows a picture, or what another program made, that is as large as a table. */
  readonly shows?: boolean
  /** Whether it shows what is not read: a small picture; a number that a list counts, text that floats. */
  readonly unread?: Unread | null
}

/** A cell of a table. `filler` where the source leaves room and has no cell. */
export type FlowCell = {
  readonly content: readonly FlowBlock[]
  readonly rowSpan: number
  readonly columnSpan: number
  readonly filler?: boolean
}

/** A table; cells are listed in the row in which they begin. */
export type FlowTable = {
  readonly kind: 'table'
  readonly columns: Grid['columns']
  readonly rows: readonly (readonly FlowCell[])[]
}

export type FlowBlock = FlowParagraph | FlowTable

/** What is collected, with the counts that make its anchors. */
type Walk = {
  readonly blocks: Block[]
  readonly unread: number[]
  readonly notices: Notice[]
  paragraphs: number
  tables: number
  cells: number
}

/** The blocks of a document, and where it shows what was not read, as in the document model. */
export type Flowed = { readonly blocks: Block[]; readonly unread: readonly number[] }

/** A document with less text than this may hold its report in pictures. */
const shortCharacters = 800

/**
 * The blocks of a document, and what it shows beside them. `images` is how many pictures were met: told where there is little
 * text beside them.
 * @throws LimitError for more cells, blocks or nesting than any document has
 */
export function layOut(flow: readonly FlowBlock[], images: number, notices: Notice[]): Flowed {
  const walk: Walk = { blocks: [], unread: [], notices, paragraphs: 0, tables: 0, cells: 0 }
  walkFlow(flow, walk, 0)
  tellPictures(images, walk.blocks, notices)
  return { blocks: walk.blocks, unread: walk.unread }
}

/** Tells of pictures where there is little text beside them. */
export function tellPictures(images: number, blocks: readonly Block[], notices: Notice[]): void {
  if (images === 0 || hasMuchText(blocks)) return
  notices.push({ code: 'image_in_place_of_text', anchor: null, data: { count: images } })
}

/** Several texts as one, each on a line of its own. */
export function joinMarked(texts: readonly MarkedText[]): MarkedText {
  const lines = texts.map(({ shown }) => shown).join('\n')
  return {
    shown: lines.replace(/\n{2,}/g, '\n').trim(),
    raised: texts.map(({ raised }) => raised).join(''),
    struck: texts.map(({ struck }) => struck).join(''),
  }
}

function walkFlow(flow: readonly FlowBlock[], walk: Walk, depth: number): void {
  enforceLimit('markupDepthMax', depth)
  for (const block of flow) {
    if (block.kind === 'table') addTable(block, walk, depth)
    else addParagraph(block, walk)
  }
}

function addParagraph({ text, heading, shows }: FlowParagraph, walk: Walk): void {
  const anchor = at(`paragraph[${++walk.paragraphs}]`)
  const counting = countingText(joinMarked([text]), walk.notices)
  if (shows === true) walk.unread.push(walk.blocks.length + (counting === '' ? 0 : 1))
  if (counting === '') return
  walk.blocks.push({ kind: 'paragraph', text: counting, heading, anchor })
  enforceLimit('blocksMax', walk.blocks.length)
}

function addTable(table: FlowTable, walk: Walk, depth: number): void {
  const number = ++walk.tables
  enforceLimit('gridsMax', number)
  walk.cells += table.rows.reduce((sum, row) => sum + row.length, 0)
  enforceLimit('cellsMax', walk.cells)
  // Told only where the cells are kept: what is unwrapped tells for itself.
  const told: Notice[][] = []
  const rows = table.rows.map((row, rowIndex) => {
    const notices: Notice[] = []
    told.push(notices)
    return row.map((cell, index): SourceCell => {
      const { rowSpan, columnSpan, filler = false } = cell
      const anchor = at(`table[${number}]/row[${rowIndex + 1}]/cell[${index + 1}]`)
      return { text: cellText(cell, notices, depth), rowSpan, columnSpan, filler, anchor }
    })
  })
  const layout = table.rows.some((row) => row.some(holdsTable)) || laysOutProse(rows)
  let pending: SourceCell[][] = []
  const addPending = (): void => {
    if (pending.length > 0) walk.blocks.push(makeGrid(pending, table.columns, at(`table[${number}]`), walk.notices))
    pending = []
  }
  // Rows of prose in a table of data are paragraphs between grids.
  for (const [index, cells] of rows.entries()) {
    if (!layout && !isProse(cells)) {
      pending.push(cells)
      if (table.rows[index]!.some(({ content }) => showsMore(content))) walk.unread.push(walk.blocks.length)
      walk.notices.push(...told[index]!)
    } else {
      addPending()
      for (const { content } of table.rows[index]!) walkFlow(content, walk, depth + 1)
    }
  }
  addPending()
}

/** A table of one cell inside a cell is only that cell's frame; one of two, alone in it, sets a figure apart from its unit. */
function holdsTable(cell: FlowCell): boolean {
  const besides = cell.content.some((block) => block.kind === 'paragraph' && block.text.shown.trim() !== '')
  return cell.content.some((block) => {
    if (block.kind !== 'table') return false
    const count = block.rows.reduce((sum, row) => sum + row.length, 0)
    const isFrame = count <= (block.rows.length === 1 && !besides ? 2 : 1)
    return !isFrame || block.rows.some((row) => row.some(holdsTable))
  })
}

function cellText(cell: FlowCell, notices: Notice[], depth: number): string {
  const texts: MarkedText[] = []
  collect(cell.content, texts, depth)
  const text = countingText(joinMarked(texts), notices)
  return withUnread(text, unreadIn(cell.content))
}

function unreadIn(content: readonly FlowBlock[]): Unread | null {
  let found: Unread | null = null
  for (const block of content) {
    if (block.kind === 'paragraph') found = moreUnread(found, block.unread ?? null)
    else for (const row of block.rows) for (const cell of row) found = moreUnread(found, unreadIn(cell.content))
  }
  return found
}

/** Whether a picture stands in the cell; deeper ones make its table one that only lays out the page. */
function showsMore(content: readonly FlowBlock[]): boolean {
  return content.some((block) => block.kind === 'paragraph' && block.shows === true)
}

function collect(content: readonly FlowBlock[], texts: MarkedText[], depth: number): void {
  enforceLimit('markupDepthMax', depth)
  for (const block of content) {
    if (block.kind === 'paragraph') texts.push(block.text)
    else for (const row of block.rows) for (const cell of row) collect(cell.content, texts, depth + 1)
  }
}

function hasMuchText(blocks: readonly Block[]): boolean {
  let length = 0
  for (const block of blocks) {
    if (block.kind === 'paragraph') length += block.text.length
    else for (const cell of block.cells) length += cell.text.length
    if (length > shortCharacters) return true
  }
  return false
}

function at(path: string): Anchor {
  return { path, page: null, box: null }
}
