/**
 * Drawn pages to blocks: takes pages in order, gives paragraphs and grids in reading order. Tables are found by their
 * ruling lines; what is printed outside of them becomes paragraphs. A table that ends a page and one of the same width that
 * begins the next are one grid, which says where the pages broke; page numbers and running titles do not come between.
 */
import type { Anchor, Block, Box, Cell, Grid, Notice, Paragraph } from '../document.ts'
import { makePlacedGrid, type PlacedCell } from '../grid.ts'
import { enforceLimit } from '../limits.ts'
import { blocksBefore, isTableSized, type PagePlace } from '../unread.ts'
import { type DrawnLine, findAligned } from './aligned.ts'
import { withoutMarked } from './marked.ts'
import type { Glyph, Page, Rule, Slant } from './page.ts'
import { findTables, type RuledTable, rounded, type Separator } from './tables.ts'
import { boxAround, commonTurn, type GlyphLine, glyphLines, isPageNumber, lineText, turnBox } from './text.ts'
import { tabularPart } from './unruled.ts'
import type { StreamLine } from './words.ts'

/** What a document's pages hold. */
export type Layout = {
  readonly blocks: readonly Block[]
  /** As in the document model. */
  readonly unread: readonly number[]
  readonly notices: readonly Notice[]
}

type PageLine = { readonly kind: 'line'; readonly line: GlyphLine; readonly text: string; readonly top: number }
type PageTable = { readonly kind: 'table'; readonly table: RuledTable; readonly top: number }
/** A table without ruling lines between its columns, or lines of one, as they come out. */
type PageBlock = { readonly kind: 'block'; readonly block: Block; readonly top: number }
type PageItem = PageLine | PageTable | PageBlock

/** A page with what was found on it, from the top; its glyphs and lines are let go. */
export type LaidPage = {
  /** Its place among the pages. */
  readonly number: number
  /** As in anchors: `page[3]`, and the number of the page where the document has pages. */
  readonly path: string
  readonly page: number | null
  readonly height: number
  readonly items: PageItem[]
  readonly separators: readonly Separator[]
  /** Where pictures begin that may be tables and were not read. */
  readonly unread?: readonly number[]
}

/** What was read of pictures on a page: tables with their cells, lines of print. */
export type PageParts = { readonly tables: readonly RuledTable[]; readonly lines: readonly GlyphLine[] }

/** Part of a page's height at its top and foot in which running titles and page numbers stand. */
const marginPart = 0.12
/** Tables whose sides are nearer than this have the same width; in points. */
const sameWidth = 4

/** The tables and lines of a drawn page. */
export function layOutPage(drawn: Page, notices: Notice[]): LaidPage {
  const page = withoutMarked(upright(drawn))
  notices.push(...page.notices)
  const { tables, rest, separators } = findTables(page, notices)
  const { number, height } = page
  return addParts(
    { number, path: `page[${number}]`, page: number, height, items: [], separators },
    { tables, lines: glyphLines(rest) },
  )
}

/** The page with what was read of its pictures put where it stands. */
export function addParts(page: LaidPage, { tables, lines }: PageParts): LaidPage {
  const items = [...page.items]
  for (const table of tables) items.push({ kind: 'table', table, top: table.box.y })
  items.push(...lines.map(pageLine))
  items.sort((a, b) => a.top - b.top)
  return { ...page, items }
}

/**
 * Pages in order as blocks: paragraphs and tables that run over pages joined, running titles and page numbers taken out.
 * @throws LimitError for too many blocks, grids or places
 */
export function joinPages(laid: readonly LaidPage[], notices: Notice[]): Layout {
  let grids = 0
  for (const { items } of laid) grids += items.filter(({ kind }) => kind === 'table').length
  enforceLimit('gridsMax', grids)
  dropRunningLines(laid)
  const places = [
    ...laid.flatMap(({ page, unread = [] }) => (page === null ? [] : unread.map((top) => ({ page, top })))),
    ...dropBlankTables(laid),
  ]
  readAligned(laid, notices, grids)
  const blocks = makeBlocks(laid, notices)
  return { blocks, unread: blocksBefore(blocks, places), notices }
}

/** The page as it is read: one whose text stands on its side, as a wide table on tall paper, is turned. */
export function upright(page: Page): Page {
  const turn = commonTurn(page.glyphs)
  if (turn === 0) return page
  const { width, height } = page
  const [dx, dy] = [
    [0, 0],
    [0, width],
    [width, height],
    [height, 0],
  ][turn]! as [number, number]
  const move = <Shape extends Box>(shape: Shape): Shape => {
    const box = turnBox(shape, turn)
    return { ...shape, ...box, x: box.x + dx, y: box.y + dy }
  }
  const moved = ({ x, y }: Slant['from']): Slant['from'] => move({ x, y, width: 0, height: 0 })
  return {
    ...page,
    width: turn === 2 ? width : height,
    height: turn === 2 ? height : width,
    glyphs: page.glyphs.map((glyph) => ({
      ...move(glyph),
      // It was measured across the page as it lay.
      inkMiddle: undefined,
      turn: ((glyph.turn + 4 - turn) % 4) as typeof turn,
    })),
    rules: page.rules.map((rule) => turnRule(rule, move)),
    fills: page.fills.map(move),
    patches: page.patches.map(move),
    pictures: page.pictures.map(move),
    shapes: (page.shapes ?? []).map(move),
    remarks: (page.remarks ?? []).map(move),
    slants: (page.slants ?? []).map(({ from, to }) => ({ from: moved(from), to: moved(to) })),
  }
}

function turnRule(rule: Rule, move: (box: Box) => Box): Rule {
  const { horizontal, at, from, to, thickness } = rule
  const box = horizontal
    ? { x: from, y: at, width: to - from, height: 0 }
    : { x: at, y: from, width: 0, height: to - from }
  const moved = move(box)
  return moved.width > moved.height
    ? { horizontal: true, at: moved.y, from: moved.x, to: moved.x + moved.width, thickness }
    : { horizontal: false, at: moved.x, from: moved.y, to: moved.y + moved.height, thickness }
}

const runningMin = 2

/** Takes out page numbers, and all but the first of lines that stand at the same place of many pages. */
function dropRunningLines(laid: readonly LaidPage[]): void {
  const seen = new Map<string, number>()
  const keyOf = (item: PageLine): string => `${Math.round(item.top / 4)} ${item.text}`
  const inMargin = (item: PageItem, height: number): item is PageLine => {
    const middle = item.top / height
    return item.kind === 'line' && (middle < marginPart || middle > 1 - marginPart)
  }
  for (const { height, items } of laid) {
    for (const item of items) if (inMargin(item, height)) seen.set(keyOf(item), (seen.get(keyOf(item)) ?? 0) + 1)
  }
  const kept = new Set<string>()
  for (const { height, items } of laid) {
    const left = items.filter((item, index) => {
      if (!inMargin(item, height) || isAmidLines(items, index)) return true
      if (isPageNumber(item.text) || isMisreadNumber(item.line)) return false
      const key = keyOf(item)
      if (seen.get(key)! < runningMin || !kept.has(key)) {
        kept.add(key)
        return true
      }
      return false
    })
    items.splice(0, items.length, ...left)
  }
}

/** A frame has fewer places. */
const blankTableMin = 6

/**
 * Takes out tables in which nothing is printed, but for blank rows with which a table of the page before goes on. Gives
 * where those stood that are as large as a form's: their text may be drawn as shapes.
 */
function dropBlankTables(laid: readonly LaidPage[]): PagePlace[] {
  let before: PageItem | undefined
  const dropped: PagePlace[] = []
  for (const { page, items } of laid) {
    const kept = items.filter((item, index) => {
      if (item.kind !== 'table' || item.table.cells.some(({ text }) => text.trim() !== '')) return true
      if (index === 0 && before?.kind === 'table' && sameColumns(before.table, item.table)) return true
      const { box, cells } = item.table
      if (page !== null && isTableSized(box) && cells.length >= blankTableMin) dropped.push({ page, top: box.y })
      return false
    })
    items.splice(0, items.length, ...kept)
    before = items.at(-1)
  }
  return dropped
}

/** Whether all columns of `other` are columns of `one`. */
function sameColumns(one: RuledTable, other: RuledTable): boolean {
  const isColumn = (x: number): boolean => one.xs.some((place) => Math.abs(place - x) <= sameWidth)
  return other.xs.length > 2 && sameSides(one, other) && other.xs.every(isColumn)
}

/** Whether a line of a picture is a page's number, whose dashes are read as all sorts of things. */
function isMisreadNumber({ glyphs }: GlyphLine): boolean {
  if (glyphs.length > misreadMax || glyphs.some(({ confidence }) => confidence === null)) return false
  const text = glyphs.map((glyph) => glyph.text).join('')
  return isPageNumber(text.replace(/[\ufffd一_~.。·、|]/g, '-'))
}

const misreadMax = 7

function pageLine(line: GlyphLine): PageLine {
  return { kind: 'line', line, text: lineText(line), top: line.box.y }
}

/** Part of its height by which a line must be apart from the lines over and under it, to stand for itself. */
const apartPart = 0.25

/** Whether an item is a line among other lines, such as figures beside labels of two lines; a page number stands alone. */
function isAmidLines(items: readonly PageItem[], index: number): boolean {
  const item = items[index]!
  if (item.kind !== 'line') return false
  const { y, height } = item.line.box
  return [items[index - 1], items[index + 1]].some((other) => {
    if (other?.kind !== 'line') return false
    const { box } = other.line
    return Math.max(y - box.y - box.height, box.y - y - height) < apartPart * Math.min(height, box.height)
  })
}

type StreamEntry = { readonly line: StreamLine; item: PageLine; readonly on: LaidPage }

/** Puts tables without ruling lines in the place of their lines; such a table may run over pages. */
function readAligned(laid: readonly LaidPage[], notices: Notice[], ruled: number): void {
  let grids = ruled
  let offset = 0
  let stream: StreamEntry[] = []
  let drawn: DrawnLine[] = []
  const end = (): void => {
    const tables = findAligned(
      stream.map(({ line }) => line),
      drawn,
    )
    for (const { glyphs, grid } of tables) {
      const own = stream.filter(({ item }) => item.line.glyphs.some((glyph) => glyphs.has(glyph)))
      // Running text of a picture was read without the checks that its figures would need.
      if (grid === null || own.some(({ item }) => surenessOf(item.line) !== null)) {
        keepLines(own, notices)
        continue
      }
      enforceLimit('gridsMax', ++grids)
      notices.push({ code: 'columns_by_white_space', anchor: grid.anchor, data: {} })
      for (const { doubt, text, anchor } of grid.cells) {
        if (doubt === 'figure_broken') notices.push({ code: doubt, anchor, data: { text } })
      }
      for (const { anchor } of labelsAlone(grid)) notices.push({ code: 'row_short', anchor, data: {} })
      putGrid(grid, own, glyphs)
    }
    stream = []
    drawn = []
  }
  for (const page of laid) {
    const { number, height, items, separators } = page
    drawn.push({ at: offset, from: 0, to: Number.POSITIVE_INFINITY, page: true })
    for (const { at, from, to } of separators) drawn.push({ at: at + offset, from, to })
    for (const item of [...items]) {
      if (item.kind === 'table') end()
      else if (item.kind === 'line' && item.text.trim() !== '') {
        stream.push({ line: { line: item.line, page: number, offset }, item, on: page })
      }
    }
    offset += height
  }
  end()
}

/** The labels of rows that have no other cells: whether those are blank is not known. */
function labelsAlone({ cells, columnCount }: Grid): Cell[] {
  const last = new Map<number, Cell>()
  for (const cell of cells) if (!cell.filler) last.set(cell.row, cell)
  return [...last.values()].filter(({ column, columnSpan }) => column + columnSpan < columnCount)
}

/** Puts a grid before the first of its lines, and leaves of them what is not in it. */
function putGrid(grid: Grid, entries: readonly StreamEntry[], glyphs: ReadonlySet<Glyph>): void {
  for (const [index, entry] of entries.entries()) {
    const { item } = entry
    const { items } = entry.on
    const left = item.line.glyphs.filter((glyph) => !glyphs.has(glyph) && glyph.text.trim() !== '')
    entry.item = pageLine({ glyphs: left, box: left.length > 0 ? boxAround(left) : item.line.box })
    const before: PageItem[] = index === 0 ? [{ kind: 'block', block: grid, top: item.top }] : []
    items.splice(items.indexOf(item), 1, ...before, entry.item)
  }
}

/** Keeps lines of a table that is not read as one text a page. */
function keepLines(entries: readonly StreamEntry[], notices: Notice[]): void {
  for (const page of new Set(entries.map(({ on }) => on))) {
    const { items } = page
    const own = entries.filter(({ on }) => on === page)
    const { item } = own[0]!
    const at = items.indexOf(item)
    const lines = own.map((entry) => entry.item.line)
    const block = unruledText(lines, anchorOf(page, at + 1), notices)
    items.splice(at, 0, { kind: 'block', block, top: item.top })
    for (const entry of own) items.splice(items.indexOf(entry.item), 1)
  }
}

/** Where lines of text begin and end on a page. */
type TextArea = { readonly left: number; readonly right: number }

type OpenParagraph = {
  readonly text: string
  readonly anchor: Anchor
  /** Of what was read from a picture. */
  readonly confidence: number | null
  readonly last: GlyphLine
  readonly area: TextArea
  readonly page: number
}

function makeBlocks(laid: readonly LaidPage[], notices: Notice[]): Block[] {
  const blocks: Block[] = []
  let paragraph = null as OpenParagraph | null
  let tables: { table: RuledTable; page: number }[] = []
  const endParagraph = (): void => {
    if (paragraph !== null) {
      const { text, anchor, confidence } = paragraph
      const block: Paragraph = { kind: 'paragraph', text, heading: null, anchor }
      blocks.push(confidence === null ? block : { ...block, confidence })
      enforceLimit('blocksMax', blocks.length)
    }
    paragraph = null
  }
  const endTable = (): void => {
    if (tables.length > 0) blocks.push(joinTables(tables))
    tables = []
  }
  for (const { items, ...place } of laid) {
    const page = place.number
    const area = textArea(items.flatMap((item) => (item.kind === 'line' ? [item.line] : [])))
    let number = 0
    for (const run of runsOf(items)) {
      if (run.kind === 'table') {
        endParagraph()
        const before = tables.at(-1)
        if (before !== undefined && !(before.page === page - 1 && sameSides(before.table, run.table))) endTable()
        tables.push({ table: run.table, page })
        continue
      }
      endTable()
      if (run.kind === 'block') {
        endParagraph()
        blocks.push(run.block)
        continue
      }
      const part = tabularPart(run.lines)
      for (const [index, line] of run.lines.entries()) {
        const at = anchorOf(place, ++number)
        if (part !== null && index >= part.first && index <= part.last) {
          if (index > part.first) continue
          endParagraph()
          blocks.push(unruledText(run.lines.slice(part.first, part.last + 1), at, notices))
          continue
        }
        const text = run.texts[index]!
        const sureness = surenessOf(line)
        if (paragraph !== null && continues(paragraph, line, area, page)) {
          const confidence = least(paragraph.confidence, sureness)
          paragraph = { ...paragraph, text: paragraph.text + text, confidence, last: line, area, page }
          continue
        }
        endParagraph()
        paragraph = { text, anchor: at([line]), confidence: sureness, last: line, area, page }
      }
    }
  }
  endParagraph()
  endTable()
  return blocks
}

/** Gives the anchors of lines of a page, counted from `number` on. */
function anchorOf({ path, page }: Pick<LaidPage, 'path' | 'page'>, number: number) {
  return (lines: readonly GlyphLine[]): Anchor => {
    const box = page === null ? null : rounded(boxAround(lines.map((line) => line.box)))
    return { path: `${path}/line[${number}]`, page, box }
  }
}

/** How sure the least sure glyph of a line is; null where all are the source's own text. */
function surenessOf({ glyphs }: GlyphLine): number | null {
  let sureness: number | null = null
  for (const { confidence } of glyphs) sureness = least(sureness, confidence)
  return sureness
}

function least(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}

/** Lines of a table that is not read, kept as text. */
function unruledText(lines: readonly GlyphLine[], at: (lines: readonly GlyphLine[]) => Anchor, notices: Notice[]) {
  const anchor = at(lines)
  notices.push({ code: 'unruled_table', anchor, data: { count: lines.length } })
  const block: Paragraph = { kind: 'paragraph', text: lines.map(lineText).join('\n'), heading: null, anchor }
  const confidence = lines.map(surenessOf).reduce(least, null)
  return confidence === null ? block : { ...block, confidence }
}

/** Lines with what each says. */
type Lines = { readonly kind: 'lines'; readonly lines: GlyphLine[]; readonly texts: string[] }
type Run = PageTable | PageBlock | Lines

/** A page's items, lines that follow one another together. */
function runsOf(items: readonly PageItem[]): Run[] {
  const runs: Run[] = []
  for (const item of items) {
    const last = runs.at(-1)
    if (item.kind !== 'line') runs.push(item)
    else if (item.text.trim() === '') continue
    else if (last?.kind === 'lines') {
      last.lines.push(item.line)
      last.texts.push(item.text)
    } else runs.push({ kind: 'lines', lines: [item.line], texts: [item.text] })
  }
  return runs
}

/** Whether two tables are as wide and stand at the same place: pages of a scan are laid down anew each time. */
function sameSides(one: RuledTable, other: RuledTable): boolean {
  const right = (table: RuledTable): number => table.box.x + table.box.width
  if (one.pictured && other.pictured) {
    const slack = Math.max(sameWidth, one.box.width * scannedStretch)
    return Math.abs(one.box.x - other.box.x) <= scannedShift && Math.abs(one.box.width - other.box.width) <= slack
  }
  return Math.abs(one.box.x - other.box.x) <= sameWidth && Math.abs(right(one) - right(other)) <= sameWidth
}

/** Points by which a page of a scan may stand elsewhere than the one before, and part of its width that it may differ. */
const scannedShift = 36
const scannedStretch = 0.015

function textArea(lines: readonly GlyphLine[]): TextArea {
  let left = Number.POSITIVE_INFINITY
  let right = 0
  for (const { box } of lines) {
    left = Math.min(left, box.x)
    right = Math.max(right, box.x + box.width)
  }
  return { left, right }
}

/** Whether a line goes on with a paragraph: that one ran to the right edge, and this one begins at the left. */
function continues(open: OpenParagraph, line: GlyphLine, area: TextArea, page: number): boolean {
  const em = open.last.box.height
  if (open.last.box.x + open.last.box.width < open.area.right - 2 * em) return false
  if (line.box.x > area.left + em) return false
  if (Math.abs(line.box.height - em) > 0.25 * em) return false
  if (page === open.page) return line.box.y - open.last.box.y < 3.5 * em
  return page === open.page + 1
}

/** Tables of the same width on pages that follow each other, as one grid. */
function joinTables(tables: readonly { readonly table: RuledTable; readonly page: number }[]): Block {
  const first = tables[0]!.table
  if (tables.length === 1) return makePlacedGrid(first.cells, first.rowCount, first.anchor, [])
  const columnsOf = shareColumns(tables.map(({ table }) => (table.pictured ? laidOver(table, first) : table.xs)))
  const cells: PlacedCell[] = []
  const pageBreaks: number[] = []
  let rowCount = 0
  for (const [index, { table }] of tables.entries()) {
    if (rowCount > 0) pageBreaks.push(rowCount)
    const columns = columnsOf[index]!
    for (const cell of table.cells) {
      const column = columns[cell.column]!
      const columnSpan = columns[cell.column + cell.columnSpan]! - column
      cells.push({ ...cell, row: cell.row + rowCount, column, columnSpan })
    }
    rowCount += table.rowCount
  }
  return makePlacedGrid(cells, rowCount, first.anchor, pageBreaks)
}

/** Where the lines between columns would stand if the table stood where another does. */
function laidOver({ xs, box }: RuledTable, other: RuledTable): number[] {
  const scale = other.box.width / box.width
  return xs.map((x) => other.box.x + (x - box.x) * scale)
}

/** For each table, the columns of the joined one that its own lines between columns begin; near lines share one. */
function shareColumns(tables: readonly (readonly number[])[]): number[][] {
  const places: { readonly x: number }[] = []
  const placesOf = tables.map((xs) => {
    // Two lines of one table never fall together, however near they are.
    const taken = new Set<{ readonly x: number }>()
    return xs.map((x) => {
      let nearest: { readonly x: number } | null = null
      for (const place of places) {
        const nearer = nearest === null || Math.abs(place.x - x) < Math.abs(nearest.x - x)
        if (!taken.has(place) && Math.abs(place.x - x) <= sameWidth && nearer) nearest = place
      }
      const place = nearest ?? { x }
      if (nearest === null) places.push(place)
      taken.add(place)
      return place
    })
  })
  places.sort((a, b) => a.x - b.x)
  const indexes = new Map(places.map((place, index) => [place, index]))
  return placesOf.map((own) => increasing(own.map((place) => indexes.get(place)!)))
}

/** Where two near lines were given each other's place they are put in order again. */
function increasing(columns: readonly number[]): number[] {
  return [...columns].sort((a, b) => a - b)
}
