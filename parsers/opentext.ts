/**
 * The text of an OpenDocument file as it flows: takes the tree of its content with its styles, gives paragraphs and tables, and
 * what the rows of a table or a sheet are made of. Content that was deleted in tracked changes is left out.
 */
import type { Notice } from './document.ts'
import { type FlowBlock, type FlowCell, type FlowParagraph, joinMarked } from './flow.ts'
import { enforceLimit, limits } from './limits.ts'
import { addMarked, type MarkedText, type OpenText } from './marks.ts'
import { defaultStyle, type Look, lengthOf, noLook, type Style, styled } from './openstyles.ts'
import type { Node } from './pagetree.ts'
import { isLetterSized, isTableSized, moreUnread, type Unread } from './unread.ts'

export type Walk = {
  readonly styles: ReadonlyMap<string, Style>
  /** For each style of lists its levels that show numbers. */
  readonly lists: ReadonlyMap<string, ReadonlySet<number>>
  readonly notices: Notice[]
  /** Whether sheets show zeros. */
  readonly zerosShown: boolean
  /** Ids of tracked deletions: flat files have their text where it stood. */
  readonly deletions: ReadonlySet<string>
  /** Whether white letters are on white everywhere but in boxes, since no style paints anything behind text. */
  onPaper: boolean
  /** What is white on white. */
  readonly unseen: string[]
  /** The deletion that the walk is in. */
  deletion: string | null
  cells: number
  images: number
}

/** The text of a paragraph by its looks, and the text boxes that hang on it. */
type Collected = OpenText & { shows: boolean; unread: Unread | null; readonly boxes: FlowBlock[] }

const skippedNames = new Set([
  'text:tracked-changes',
  'office:annotation',
  'office:annotation-end',
  'text:note',
  'text:ruby-text',
  'text:hidden-text',
  'text:hidden-paragraph',
  'office:forms',
  'text:sequence-decls',
  'table:shapes',
  'table:content-validations',
  'office:event-listeners',
  'svg:title',
  'svg:desc',
])

const spacesMax = 1_000

const noticeCharactersMax = 200

const unshifted = { up: 0, size: 100 }

const pointsUnstated = 12

/** Paragraphs and tables below a node, in order. */
export function flowOf(parent: Node, walk: Walk, depth: number, around: Look = noLook): FlowBlock[] {
  enforceLimit('markupDepthMax', depth)
  const flow: FlowBlock[] = []
  for (const node of parent.children ?? []) {
    const name = node.name ?? ''
    if (node.type === 'text' || skippedNames.has(name)) continue
    if (name === 'text:p' || name === 'text:h') flow.push(...paragraphOf(node, walk, depth, around))
    else if (name === 'table:table') {
      flow.push({ kind: 'table', columns: 'aligned', rows: rowsOf(node, walk, depth, around) })
    } else if (name === 'text:section') {
      if (node.attribs?.['text:display'] === 'none') continue
      const look = styled(around, 'section', node.attribs?.['text:style-name'], walk)
      if (look.hidden !== true) flow.push(...flowOf(node, walk, depth + 1, around))
    } else if (name === 'draw:image') walk.images++
    else if (name === 'text:list') flow.push(...listOf(node, walk, depth + 1, around, ['', 0]))
    else {
      if (showsTable(node)) flow.push({ kind: 'paragraph', text: noText, heading: null, shows: true })
      flow.push(...inDrawing(node, walk, () => flowOf(node, walk, depth + 1, around)))
    }
  }
  return flow
}

/** A list: the first paragraph of each of its items has the number, if its level shows one. `outer`: style and level around it. */
function listOf(list: Node, walk: Walk, depth: number, around: Look, outer: readonly [string, number]): FlowBlock[] {
  enforceLimit('markupDepthMax', depth)
  const style = list.attribs?.['text:style-name'] ?? outer[0]
  const level = outer[1] + 1
  const counts = walk.lists.get(style)?.has(level) ?? false
  return (list.children ?? []).flatMap((item) => {
    const blocks = (item.children ?? []).flatMap((child) =>
      child.name === 'text:list'
        ? listOf(child, walk, depth + 1, around, [style, level])
        : flowOf({ type: 'tag', children: [child] }, walk, depth + 1, around),
    )
    const numbered = item.name === 'text:list-item' && counts
    return blocks.map((block, index) =>
      numbered && index === 0 && block.kind === 'paragraph' ? { ...block, unread: 'text' as const } : block,
    )
  })
}

function paragraphOf(node: Node, walk: Walk, depth: number, around: Look): FlowBlock[] {
  const level = Number(node.attribs?.['text:outline-level'])
  const heading = node.name === 'text:h' ? Math.max(1, Math.min(9, level || 1)) : null
  const { boxes, shows, unread, shown, raised, struck } = collectText(node, walk, depth, around)
  const text = { shown, raised, struck }
  const title = node.attribs?.['text:style-name'] === 'Title' ? 1 : null
  const paragraph: FlowParagraph = { kind: 'paragraph', text, heading: heading ?? title, shows, unread }
  return [paragraph, ...boxes]
}

/** The text of a paragraph by its looks. */
export function collectText(node: Node, walk: Walk, depth: number, around: Look): Collected {
  const collected: Collected = {
    shown: '',
    raised: '',
    struck: '',
    shows: false,
    unread: null,
    shift: null,
    boxes: [],
  }
  const look = styled(around, 'paragraph', node.attribs?.['text:style-name'] ?? defaultStyle, walk)
  collect(node, look, collected, walk, depth)
  return collected
}

function collect(parent: Node, look: Look, into: Collected, walk: Walk, depth: number): void {
  enforceLimit('markupDepthMax', depth)
  for (const node of withoutInstructions(parent.children ?? [])) {
    const name = node.name ?? ''
    if (name === 'text:change-start' && walk.deletions.has(node.attribs?.['text:change-id'] ?? ''))
      walk.deletion = node.attribs!['text:change-id']!
    else if (name === 'text:change-end' && walk.deletion === node.attribs?.['text:change-id']) walk.deletion = null
    if (node.type === 'text') {
      if (walk.deletion === null) addText(collapse(node.data ?? '', into), look, into, walk)
    } else if (name === 'text:s') {
      const count = Math.max(1, Math.min(spacesMax, Number(node.attribs?.['text:c']) || 1))
      addText(' '.repeat(count), look, into, walk)
    } else if (name === 'text:tab') addText('\t', look, into, walk)
    else if (name === 'text:line-break') addText('\n', look, into, walk)
    else if (name === 'text:span') {
      collect(node, styled(look, 'text', node.attribs?.['text:style-name'], walk), into, walk, depth + 1)
    } else if (name === 'draw:image') walk.images++
    else if (name === 'draw:text-box') into.boxes.push(...inDrawing(node, walk, () => flowOf(node, walk, depth + 1)))
    else if (!skippedNames.has(name)) {
      if (look.hidden !== true && showsTable(node)) into.shows = true
      if (look.hidden !== true && walk.deletion === null) into.unread = moreUnread(into.unread, unreadOf(node))
      inDrawing(node, walk, () => collect(node, look, into, walk, depth + 1))
    }
  }
}

/** What is drawn may be filled with any colour. */
function inDrawing<Result>({ name }: Node, walk: Walk, read: () => Result): Result {
  const { onPaper } = walk
  if (name?.startsWith('draw:')) walk.onPaper = false
  const result = read()
  walk.onPaper = onPaper
  return result
}

/** The nodes of a paragraph without those that only tell what a field computes: they stand before what it shows. */
function withoutInstructions(nodes: readonly Node[]): readonly Node[] {
  if (!nodes.some(({ name }) => name === 'field:fieldmark-separator')) return nodes
  const kept: Node[] = []
  const starts: number[] = []
  for (const node of nodes) {
    if (node.name === 'field:fieldmark-start') starts.push(kept.length)
    else if (node.name === 'field:fieldmark-end') starts.pop()
    else if (node.name === 'field:fieldmark-separator') kept.length = starts.at(-1) ?? kept.length
    else kept.push(node)
  }
  return kept
}

const noText: MarkedText = { shown: '', raised: '', struck: '' }

const pictureNames: ReadonlySet<string> = new Set(['draw:image', 'draw:object', 'draw:object-ole', 'draw:plugin'])

/** Whether a frame shows a picture, or what another program made, that is as large as a table. */
export function showsTable({ name, attribs = {}, children = [] }: Node): boolean {
  if (name !== 'draw:frame' || !children.some((one) => pictureNames.has(one.name ?? ''))) return false
  return isTableSized({ width: lengthOf(attribs['svg:width']), height: lengthOf(attribs['svg:height']) })
}

/**
 * Whether something may show a figure that is no text: a small picture or formula in the line, text that floats, and is seen
 * where it lies, a field to choose from or one that was never computed.
 */
function unreadOf({ name = '', attribs = {}, children = [] }: Node): Unread | null {
  if (name === 'field:fieldmark') return /DROPDOWN/.test(attribs['field:type'] ?? '') ? 'text' : null
  if (name === 'text:table-formula' || name === 'text:expression') return children.length === 0 ? 'text' : null
  if (!name.startsWith('draw:')) return null
  const inLine = attribs['text:anchor-type'] === 'as-char'
  if (name === 'draw:frame' && children.some((one) => pictureNames.has(one.name ?? ''))) {
    const size = { width: lengthOf(attribs['svg:width']), height: lengthOf(attribs['svg:height']) }
    return inLine && isLetterSized(size) ? 'picture' : null
  }
  const floats = attribs['text:anchor-type'] !== undefined && !inLine
  return floats && children.some((one) => plainText(one).trim() !== '') ? 'text' : null
}

/** White space of the markup is one space, and none behind another. */
function collapse(text: string, { shown }: Collected): string {
  const collapsed = text.replace(/[ \t\r\n]+/g, ' ')
  return collapsed.startsWith(' ') && (shown === '' || shown.endsWith(' ')) ? collapsed.slice(1) : collapsed
}

function addText(text: string, look: Look, into: Collected, walk: Walk): void {
  if (look.hidden === true) return
  if (look.white === true && walk.onPaper) {
    walk.unseen.push(text)
    return
  }
  const { up, size } = look.shift ?? unshifted
  const own = { up, size: (look.points ?? pointsUnstated) * (size / 100) }
  const marks = { struck: look.struck === true, raised: look.raised === true, lowered: look.lowered === true }
  addMarked(into, text, marks, own)
}

/** All text in a node. */
export function plainText(node: Node): string {
  return node.type === 'text' ? (node.data ?? '') : (node.children ?? []).map(plainText).join('')
}

/** The rows of a table, whatever groups them. */
export function rowNodes(table: Node, depth = 0): Node[] {
  enforceLimit('markupDepthMax', depth)
  return (table.children ?? []).flatMap((node) => {
    if (node.name === 'table:table-row') return [node]
    return /^table:table-(?:header-rows|rows|row-group)$/.test(node.name ?? '') ? rowNodes(node, depth + 1) : []
  })
}

/** Cells are counted before what is repeated is written out. */
export function countCells(walk: Walk, count: number): void {
  walk.cells += count
  enforceLimit('cellsMax', walk.cells)
}

/** How often something stands there one after another, by an attribute. */
export function repeatOf(node: Node, name: string): number {
  return Math.max(1, Math.min(1 << 24, Math.floor(Number(node.attribs?.[name]) || 1)))
}

/** A table of a text: what is repeated is written out, within the limit for cells. */
function rowsOf(table: Node, walk: Walk, depth: number, around: Look): FlowCell[][] {
  const rows: FlowCell[][] = []
  // Per column: the first row below the merged cells met so far.
  const free: number[] = []
  for (const node of rowNodes(table)) {
    if (isHiddenLine(node)) continue
    const cells = rowOf(node, rows.length, free, walk, depth, around)
    const count = repeatOf(node, 'table:number-rows-repeated')
    countCells(walk, (count - 1) * Math.max(1, cells.length))
    for (let index = 0; index < count; index++) rows.push(cells)
  }
  return rows
}

function rowOf(node: Node, row: number, free: number[], walk: Walk, depth: number, around: Look): FlowCell[] {
  const cells: FlowCell[] = []
  let column = 0
  for (const one of node.children ?? []) {
    const covered = one.name === 'table:covered-table-cell'
    if (!covered && one.name !== 'table:table-cell') continue
    const count = repeatOf(one, 'table:number-columns-repeated')
    enforceLimit('columnSpanMax', column + count)
    countCells(walk, count)
    const content = flowOf(one, walk, depth + 1, cellLook(one, around, walk))
    const rowSpan = repeatOf(one, 'table:number-rows-spanned')
    const columnSpan = repeatOf(one, 'table:number-columns-spanned')
    for (let index = 0; index < count; index++, column++) {
      if (!covered) {
        cells.push({ content, rowSpan, columnSpan })
        const end = Math.min(column + columnSpan, limits.columnSpanMax)
        for (let at = column; at < end; at++) free[at] = Math.max(free[at] ?? 0, row + rowSpan)
      } else if ((free[column] ?? 0) > row) tellCovered(content, walk)
      // Said to be covered, and by nothing: the place is kept, so that what stands behind it does not move.
      else cells.push({ content, rowSpan: 1, columnSpan: 1, filler: content.length === 0 })
    }
  }
  return cells
}

/** How text of a cell looks by the style of the cell. */
function cellLook(cell: Node, around: Look, walk: Walk): Look {
  return styled(around, 'table-cell', cell.attribs?.['table:style-name'], walk)
}

/** Text under a merged cell is kept in the file and not shown. */
function tellCovered(content: readonly FlowBlock[], walk: Walk): void {
  const texts = content.flatMap((block) => (block.kind === 'paragraph' ? [block.text] : []))
  const { shown } = joinMarked(texts)
  if (shown === '') return
  walk.notices.push({ code: 'hidden_content', anchor: null, data: { text: shown.slice(0, noticeCharactersMax) } })
}

/** Whether a row or column is not shown. */
export function isHiddenLine(node: Node): boolean {
  const visibility = node.attribs?.['table:visibility']
  return visibility === 'collapse' || visibility === 'filter'
}
