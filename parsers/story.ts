/**
 * The text of a DOC or RTF as it runs, made a tree: takes paragraphs, ends of cells and ends of rows with the edges that
 * the row's cells have on the page, gives paragraphs and tables. Both formats know no table, only paragraphs in cells and
 * rows that state where their cells begin and end; which columns a cell spans follows from the edges of all rows.
 */
import type { Notice } from './document.ts'
import type { FlowBlock, FlowCell, FlowParagraph, FlowTable } from './flow.ts'
import { enforceLimit, limits } from './limits.ts'

/** Whether a cell is merged with the one before it or above it: not, as the first of them, or as one more. */
export type Merge = 'none' | 'first' | 'more'

/** The cells of a row: where each begins and ends, in twips. */
export type RowCell = {
  readonly left: number
  readonly right: number
  readonly across: Merge
  readonly down: Merge
}

/** Takes the text as it runs. `depth` is how many tables it stands in. */
export type Story = {
  paragraph(depth: number, paragraph: FlowParagraph): void
  endCell(depth: number): void
  /** `cells` is null where the source does not say what cells the row has. */
  endRow(depth: number, cells: readonly RowCell[] | null): void
  /** Leaves out the row that is open at this depth: it was deleted. */
  dropRow(depth: number): void
  /** Everything taken, as a tree. */
  finish(): FlowBlock[]
}

type RawRow = { readonly contents: readonly FlowBlock[][]; readonly cells: readonly RowCell[] | null }
type Level = { rows: RawRow[]; contents: FlowBlock[][]; open: FlowBlock[] }

/** Edges that differ by less are the same: word processors round each row by itself. */
const edgeToleranceTwips = 15
const noticeCharactersMax = 200

/** A story without any text yet; what is not sure about its tables goes to `notices`. */
export function makeStory(notices: Notice[]): Story {
  const levels: Level[] = [emptyLevel()]
  const reach = (depth: number): Level => {
    enforceLimit('markupDepthMax', depth)
    while (levels.length - 1 > depth) closeLevel(levels, notices)
    while (levels.length - 1 < depth) levels.push(emptyLevel())
    return levels[depth]!
  }
  return {
    paragraph: (depth, paragraph) => {
      reach(depth).open.push(paragraph)
    },
    endCell: (depth) => {
      const level = reach(depth)
      level.contents.push(level.open)
      level.open = []
    },
    endRow: (depth, cells) => {
      const level = reach(depth)
      closeRow(level, cells)
    },
    dropRow: (depth) => {
      const level = reach(depth)
      level.contents = []
      level.open = []
    },
    finish: () => reach(0).open,
  }
}

function emptyLevel(): Level {
  return { rows: [], contents: [], open: [] }
}

function closeRow(level: Level, cells: readonly RowCell[] | null): void {
  if (level.open.length > 0) level.contents.push(level.open)
  if (level.contents.length > 0) level.rows.push({ contents: level.contents, cells })
  level.contents = []
  level.open = []
}

function closeLevel(levels: Level[], notices: Notice[]): void {
  const level = levels.pop()!
  closeRow(level, null)
  if (level.rows.length > 0) levels.at(-1)!.open.push(makeTable(level.rows, notices))
}

function makeTable(rows: readonly RawRow[], notices: Notice[]): FlowTable {
  const merged = rows.map(mergeAcross)
  const sure = merged.filter((row) => row !== null)
  if (sure.length < rows.length) {
    notices.push({ code: 'markup_repaired', anchor: null, data: { what: 'table row without edges of its cells' } })
    return { kind: 'table', columns: 'ragged', rows: rows.map(({ contents }) => contents.map(plainCell)) }
  }
  const columnOf = columnsOf(sure)
  // Per column: the cell that goes on below, and the row it has reached.
  const growing = new Map<number, { cell: { rowSpan: number }; end: number; row: number }>()
  const made = sure.map((row, index) => {
    const cells: FlowCell[] = []
    let at = 0
    for (const { left, right, down, content } of row) {
      const start = columnOf(left)
      const end = columnOf(right)
      if (start > at) cells.push({ content: [], rowSpan: 1, columnSpan: start - at, filler: true })
      at = Math.max(at, end)
      const above = growing.get(start)
      if (down === 'more' && above?.end === end && above.row === index - 1) {
        above.cell.rowSpan++
        above.row = index
        tellHidden(content, notices)
        continue
      }
      const cell = { content, rowSpan: 1, columnSpan: end - start }
      if (down !== 'none') growing.set(start, { cell, end, row: index })
      cells.push(cell)
    }
    return cells
  })
  return { kind: 'table', columns: 'aligned', rows: made }
}

function plainCell(content: readonly FlowBlock[]): FlowCell {
  return { content, rowSpan: 1, columnSpan: 1 }
}

type MergedCell = { left: number; right: number; down: Merge; content: FlowBlock[] }

/** A row whose cells are merged from left to right; null where its texts do not fit the cells it states. */
function mergeAcross({ contents, cells }: RawRow): MergedCell[] | null {
  if (cells === null || contents.length > cells.length) return null
  const made: MergedCell[] = []
  for (const [index, content] of contents.entries()) {
    const { left, right, across, down } = cells[index]!
    if (right < left) return null
    const last = made.at(-1)
    if (across === 'more' && last !== undefined) {
      last.right = right
      last.content.push(...content)
    } else if (right - left > edgeToleranceTwips) made.push({ left, right, down, content: [...content] })
    else if (content.some(hasText)) return null
  }
  return made
}

/** The number of the column that begins at an edge, counted over the edges of all rows. */
function columnsOf(rows: readonly (readonly MergedCell[])[]): (edge: number) => number {
  const edges = [...new Set(rows.flatMap((row) => row.flatMap(({ left, right }) => [left, right])))]
  edges.sort((a, b) => a - b)
  const numbers = new Map<number, number>()
  let number = -1
  let first = Number.NEGATIVE_INFINITY
  for (const edge of edges) {
    if (edge - first > edgeToleranceTwips) {
      number++
      first = edge
    }
    numbers.set(edge, number)
  }
  enforceLimit('columnSpanMax', number)
  return (edge) => Math.min(numbers.get(edge) ?? 0, limits.columnSpanMax)
}

function hasText(block: FlowBlock): boolean {
  if (block.kind === 'table') return true
  const { shown, raised, struck } = block.text
  return `${shown}${raised}${struck}`.trim() !== ''
}

/** Text in the lower parts of merged cells is kept in the file and not shown. */
function tellHidden(content: readonly FlowBlock[], notices: Notice[]): void {
  const text = content.flatMap((block) => (block.kind === 'paragraph' ? [block.text.shown.trim()] : [])).join(' ')
  if (text.trim() === '') return
  notices.push({ code: 'hidden_content', anchor: null, data: { text: text.slice(0, noticeCharactersMax) } })
}
