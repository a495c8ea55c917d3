/**
 * HTML to a Document: cheerio builds the tree as a browser would (parse5), and one walk over it gives paragraphs and
 * grids in reading order. Tables that only lay out a page are unwrapped: a table is data unless it holds another table
 * or cells of prose. The walk keeps its own stack, since pages nest as deep as their author's mistakes.
 */
import { flattenedGrid, flattenedPieces } from './cellrun.ts'
import { openEndOf } from './cutoff.ts'
import type { Anchor, Block, Document, Metadatum } from './document.ts'
import { holdsMarkup, isPicture, leadsToTable, showsElsewhere } from './elsewhere.ts'
import { declaredCharsets, decodeText } from './encoding.ts'
import { makeGrid, type SourceCell } from './grid.ts'
import { withoutInlineMarks } from './inline.ts'
import { addLines, innerBreak, isRunningText, type Lines } from './islands.ts'
import { enforceLimit, LimitError, limits } from './limits.ts'
import { type Brought, withLinkedSheets } from './linkedsheets.ts'
import { withoutLongFields } from './longfield.ts'
import { isFootnoteMark } from './marks.ts'
import { blockEnd, type CellWalk, cellText, endOfVeil, hidesText, type VeilEnd } from './pagecells.ts'
import { isSmall } from './pagepictures.ts'
import { isRaised, isStruck, type Look, lookOf, showsAgain, stylesOf, unveiled, veiledBy } from './pagestyles.ts'
import { checkMarkup, collapse, kindsOfNames, type Node, pushChildren, treeOf, trimSpaces } from './pagetree.ts'
import { isProse, laysOutProse } from './prose.ts'
import type { FindEngine } from './scan/engine.ts'
import { type InsidePicture, readInside } from './scan/picture.ts'
import { parseText } from './text.ts'
import { unreadSign } from './unread.ts'

type Walk = CellWalk & {
  readonly blocks: Block[]
  readonly metadata: Metadatum[]
  /** Tables that hold other tables. */
  readonly outer: ReadonlySet<Node>
  readonly attachments: string[]
  /** Blocks before each picture, frame or script that may show what the page does not hold as text. */
  readonly unread: number[]
  /** Pictures that stand in the page itself, with the number of blocks before each. */
  readonly pictures: InsidePicture[]
  readonly brought: Brought
  readonly counts: Map<string, number>
  /** Lines that stand in no element: only of a text with islands of markup. */
  readonly lines: Lines | null
  /** Elements with text of their own that are open. */
  holding: number
  text: string
  heading: number | null
  cells: number
  title: string | null
  /** Whether what the page hides until a script shows it is read. */
  readonly reveals: boolean
  /** Characters of sections with figures that the page hides. */
  hiddenCharacters: number
}

const attachment = /\.(?:pdf|docx?|wps|xlsx?|ofd|rtf|zip|rar)(?:[?#].*)?$/i
const titleNames = /^(?:ArticleTitle|og:title)$/i
const shortPageCharacters = 800
const broughtNothing: Brought = () => null

/**
 * The document of a page; `brought` finds pictures and style sheets that came with it.
 * @throws LimitError for more tags or deeper nesting than any page has; ParseFailure `binary_noise`
 */
export async function parseHtml(
  bytes: Uint8Array,
  hinted: readonly string[],
  ocr?: FindEngine,
  brought: Brought = broughtNothing,
): Promise<Document> {
  const { text: saved, encoding, notices } = decodeText(bytes, [...hinted, ...declaredCharsets(bytes)])
  // In a field of a row quotes are doubled, which leaves no attribute its value.
  const text = saved.includes('=""') ? (withoutLongFields(saved)?.text ?? saved) : saved
  checkMarkup(text)
  const running = isRunningText(text)
  const { root, select } = treeOf(text, running)
  const dressed = brought === broughtNothing ? text : withLinkedSheets(text, brought)
  const [known, styles] = [survey(root), stylesOf(dressed, root, select)]
  const begin = (reveals: boolean): Walk =>
    beginWalk({
      ...known,
      metadata: [...known.metadata],
      notices: [...notices],
      brought,
      styles,
      reveals,
      lines: running ? { text: '', numbers: [] } : null,
    })
  let walk = begin(false)
  walkPage(root, walk)
  if (hidesItsReport(walk)) {
    walk = begin(true)
    walkPage(root, walk)
  }
  const inside = openEndOf(text)
  if (inside !== null) walk.notices.push({ code: 'document_cut_off', anchor: null, data: { inside } })
  // cheerio makes a class for each page, which the engine keeps for long, and with it all that hangs on its root.
  root.children = []
  const { engine, unread, places } = await readInside(walk.pictures, walk.blocks, walk.notices, ocr, walk.unread)
  walk.images += unread
  noticeHiddenInCells(walk)
  noticeMissingText(walk)
  const declared = walk.metadata.find(({ name }) => titleNames.test(name))?.value
  const { blocks, metadata } = walk
  return {
    format: running ? 'text' : 'html',
    mediaType: running ? 'text/plain' : 'text/html',
    engine: engine === null ? 'cheerio' : `cheerio, ${engine}`,
    encoding,
    title: declared ?? walk.title,
    metadata,
    blocks,
    unread: places,
    notices: walk.notices,
  }
}

type Begun = 'metadata' | 'notices' | 'title' | 'outer' | 'brought' | 'styles' | 'reveals' | 'lines'

function beginWalk(begun: Pick<Walk, Begun>): Walk {
  return {
    ...begun,
    blocks: [],
    attachments: [],
    unread: [],
    pictures: [],
    counts: new Map(),
    holding: 0,
    text: '',
    heading: null,
    cells: 0,
    images: 0,
    hiddenCharacters: 0,
    veil: unveiled,
    hiddenInCells: [],
  }
}

type Survey = Pick<Walk, 'metadata' | 'title' | 'outer'>

/**
 * What must be known of a page before it is walked: what it states about itself, and the tables that hold tables of
 * several cells. A table of one cell inside a cell is only that cell's frame.
 */
function survey(root: Node): Survey {
  const metadata: Metadatum[] = []
  let title: string | null = null
  const cells = new Map<Node, number>()
  const parents = new Map<Node, Node>()
  const nodes: Node[] = [root]
  const tables: (Node | null)[] = [null]
  while (nodes.length > 0) {
    const node = nodes.pop()!
    let table = tables.pop()!
    const { name } = node
    if (name === 'table') {
      if (table !== null) parents.set(node, table)
      table = node
    } else if (name === 'td' || name === 'th') {
      if (table !== null) cells.set(table, (cells.get(table) ?? 0) + 1)
    } else if (name === 'meta') {
      const named = node.attribs?.name ?? node.attribs?.property
      const value = node.attribs?.content?.trim()
      if (named && value) metadata.push({ name: named, value: value.slice(0, 2000), anchor: at(`meta[${named}]`) })
    } else if (name === 'title' && title === null) {
      title = collapse(node.children?.[0]?.data ?? '').trim() || null
    }
    const { children } = node
    if (children === undefined) continue
    // Backwards, so that the stack gives them in the page's order.
    for (let index = children.length - 1; index >= 0; index--) {
      const child = children[index]!
      if (child.children === undefined) continue
      nodes.push(child)
      tables.push(table)
    }
  }
  const outer = new Set<Node>()
  for (const [inner, parent] of parents) if ((cells.get(inner) ?? 0) > 1) outer.add(parent)
  // What holds an outer table is one itself, however narrow the frames between them.
  for (const table of [...outer]) {
    for (let up = parents.get(table); up !== undefined && !outer.has(up); up = parents.get(up)) outer.add(up)
  }
  return { metadata, title, outer }
}

/** Marks on a stack where an element ends. */
const headingEnd: Node = { type: 'end of heading' }
const holderEnd: Node = { type: 'end of an element with text of its own' }

/** Blocks that hold other blocks: text within them that no other element holds is lines, where the source is a text. */
const containers: ReadonlySet<string> = new Set(
  'article aside body center details div fieldset figure footer form header hr html main menu nav section'.split(' '),
)

function walkPage(root: Node, walk: Walk): void {
  const stack: Node[] = [root]
  while (stack.length > 0) {
    const node = stack.pop()!
    if (node.type === 'text') {
      if (hidesText(walk.veil)) continue
      if (walk.lines !== null && walk.holding === 0) {
        addLines(walk.lines, node.data ?? '', node.sourceCodeLocation?.startLine ?? null)
      } else walk.text += collapse(node.data ?? '')
      continue
    }
    if (node === blockEnd || node === headingEnd || node === holderEnd) {
      flush(walk)
      if (node === headingEnd) walk.heading = null
      if (node !== blockEnd) walk.holding--
      continue
    }
    if ('veil' in node) {
      walk.veil = (node as VeilEnd).veil
      continue
    }
    const name = node.name ?? ''
    const kind = kindsOfNames.get(name)
    const look = lookOf(node, walk.styles, walk.veil)
    if (holdsMarkup(node)) addUnread(walk)
    if (isHidden(node, look, walk)) {
      if (look.away || !(walk.reveals && reveal(node, walk))) {
        noticeHidden(node, walk, look.away)
        continue
      }
    } else veil(node, look, walk, stack)
    if (walk.lines !== null && walk.holding === 0 && addInline(node, walk, walk.lines)) continue
    if (showsElsewhere(node) || leadsToTable(node) || (isPicture(node) && !isSmall(node))) addUnread(walk)
    if (kind === 'skipped') continue
    if (kind === 'block') {
      if (name === 'pre') {
        addPreformatted(node, walk)
        continue
      }
      if (name === 'table' && !walk.outer.has(node) && addGrid(node, walk)) continue
      flush(walk)
      const heading = name.length === 2 && name >= 'h1' && name <= 'h6'
      if (heading) walk.heading = Number(name[1])
      const holder = heading || !containers.has(name)
      if (holder) walk.holding++
      stack.push(heading ? headingEnd : holder ? holderEnd : blockEnd)
    } else if (name === 'br') walk.text += '\n'
    else if (name === 'img') addPicture(node, walk)
    else if (name === 'a' && attachment.test(node.attribs?.href ?? ''))
      walk.attachments.push(node.attribs!.href!.slice(0, 300))
    pushChildren(node, stack)
  }
  flush(walk)
}

/** Whether nothing of an element is shown. */
function isHidden(node: Node, look: Look, { styles, veil: within }: Walk): boolean {
  if (look.gone || look.away) return true
  if (look.visible !== false && look.sized !== false) return false
  const own = veiledBy(look, node, within, styles)
  return hidesText(own) && !hidesText(within) && !showsAgain(node, own, styles)
}

/** Hides what is to be hidden from here to the end of an element. */
function veil(node: Node, look: Look, walk: Walk, stack: Node[]): void {
  const own = veiledBy(look, node, walk.veil, walk.styles)
  if (own === walk.veil) return
  stack.push(endOfVeil(walk.veil))
  walk.veil = own
}

/** Adds what an element within a line says, as Markdown would say it; false where its children are to be walked. */
function addInline(node: Node, walk: Walk, lines: Lines): boolean {
  const { name } = node
  const look = lookOf(node, walk.styles, walk.veil)
  if (name === 'br') lines.text += innerBreak
  else if (name === 'del' || isStruck(node, look)) lines.text += `~~${cellText(node, walk, true)}~~`
  else if (isRaised(node, look)) {
    const inside = cellText(node, walk, true)
    lines.text += isFootnoteMark(inside) ? `^${inside}^` : inside
  } else return false
  return true
}

function flushLines(walk: Walk, lines: Lines): void {
  const { text } = lines
  if (text === '') return
  const { blocks, notices, metadata, title, unread } = parseText(text, '', lines.numbers)
  for (const before of unread) walk.unread.push(walk.blocks.length + before)
  lines.text = ''
  if (walk.blocks.length === 0) {
    walk.metadata.push(...metadata)
    walk.title ??= title
  }
  lines.numbers.length = 0
  for (const block of blocks) {
    walk.blocks.push(block)
    if (block.kind === 'grid') walk.cells += block.cells.length
  }
  walk.notices.push(...notices)
  enforceLimit('cellsMax', walk.cells)
  enforceLimit('blocksMax', walk.blocks.length)
}

function flush(walk: Walk): void {
  if (walk.lines !== null) flushLines(walk, walk.lines)
  const raw = walk.text
  if (raw === '') return
  walk.text = ''
  const lines = raw.includes('\n') ? raw.replace(/ *\n */g, '\n').replace(/\n{2,}/g, '\n') : raw
  const text = trimSpaces(lines)
  if (text === '') return
  const name = walk.heading === null ? 'p' : `h${walk.heading}`
  const path = `${name}[${count(walk, name)}]`
  // A table that lost its cells and its lines on the way into the page.
  const pieces = walk.heading === null && !text.includes('\n') ? flattenedPieces(text) : null
  if (pieces === null) walk.blocks.push({ kind: 'paragraph', text, heading: walk.heading, anchor: at(path) })
  else walk.blocks.push(flattenedGrid(pieces, path, at))
  if (walk.blocks.length > limits.blocksMax) throw new LimitError('blocksMax')
}

function count(walk: Walk, name: string): number {
  const next = (walk.counts.get(name) ?? 0) + 1
  walk.counts.set(name, next)
  return next
}

function addPreformatted(node: Node, walk: Walk): void {
  flush(walk)
  const { blocks, notices } = parseText(cellText(node, walk, false), `pre[${count(walk, 'pre')}]/`)
  walk.blocks.push(...blocks)
  walk.notices.push(...notices)
}

/**
 * A data table as a grid; false where its cells are prose, so that it is to be unwrapped. Rows of prose in a table of data
 * (a report typed into one table, a long remark) are paragraphs between grids.
 */
function addGrid(table: Node, walk: Walk): boolean {
  const number = count(walk, 'table')
  const parts: { part: Node; order: number }[] = []
  const hidden: Node[] = []
  let caption: Node | null = null
  for (const part of table.children ?? []) {
    if (part.name === 'caption') caption = part
    if (isHidden(part, lookOf(part, walk.styles, walk.veil), walk)) {
      hidden.push(part)
      continue
    }
    const order = part.name === 'thead' ? 0 : part.name === 'tfoot' ? 2 : 1
    if (part.name === 'thead' || part.name === 'tbody' || part.name === 'tfoot') parts.push({ part, order })
  }
  parts.sort((a, b) => a.order - b.order)
  const [images, hiddenBefore] = [walk.images, walk.hiddenInCells.length]
  const rows = readRows(
    parts.map(({ part }) => part),
    number,
    hidden,
    walk,
  )
  const layout = walk.images > images && rows.every(({ cells }) => cells.every(({ text }) => isEmptyText(text)))
  if (layout || laysOutProse(rows.map(({ cells }) => cells))) {
    walk.images = images
    walk.hiddenInCells.length = hiddenBefore
    return false
  }
  for (const part of hidden) noticeHidden(part, walk)
  noticeHiddenInCells(walk)
  flush(walk)
  if (caption !== null) {
    walk.text = cellText(caption, walk, true)
    flush(walk)
  }
  let pending: SourceCell[][] = []
  const addPending = (): void => {
    while (pending.length > 0 && pending.at(-1)!.length === 0) pending.pop()
    if (pending.length > 0) walk.blocks.push(makeGrid(pending, 'aligned', at(`table[${number}]`), walk.notices))
    pending = []
  }
  for (const { node, cells } of rows) {
    if (!isProse(cells)) pending.push(cells)
    else {
      addPending()
      walkPage(node, walk)
    }
  }
  addPending()
  enforceLimit('gridsMax', number)
  if (walk.images > images) {
    const found = walk.images - images
    walk.notices.push({ code: 'image_in_place_of_text', anchor: at(`table[${number}]`), data: { count: found } })
  }
  return true
}

type TableRow = { readonly node: Node; readonly cells: SourceCell[] }

/** The rows of the parts of a table; adds those that are not shown to `hidden`. */
function readRows(parts: readonly Node[], number: number, hidden: Node[], walk: Walk): TableRow[] {
  const rows: TableRow[] = []
  const { styles, veil: around } = walk
  for (const part of parts) {
    walk.veil = veiledBy(lookOf(part, styles, around), part, around, styles)
    for (const node of part.children ?? []) {
      if (node.name !== 'tr') continue
      if (isHidden(node, lookOf(node, styles, walk.veil), walk)) hidden.push(node)
      else rows.push({ node, cells: readRow(node, `table[${number}]/tr[${rows.length + 1}]`, walk) })
    }
  }
  walk.veil = around
  return rows
}

/** Whether a cell holds no text, though it may hold a picture. */
function isEmptyText(text: string): boolean {
  return text.replaceAll(unreadSign, '').trim() === ''
}

function readRow(row: Node, path: string, walk: Walk): SourceCell[] {
  const cells: SourceCell[] = []
  const { styles, veil: around } = walk
  const within = veiledBy(lookOf(row, styles, around), row, around, styles)
  for (const cell of row.children ?? []) {
    if (cell.name !== 'td' && cell.name !== 'th') continue
    const look = lookOf(cell, styles, within)
    // A cell that only nobody sees keeps its place in the row.
    if (look.gone || look.away) continue
    walk.veil = veiledBy(look, cell, within, styles)
    const { rowspan, colspan } = cell.attribs ?? {}
    const text = cellText(cell, walk, true, look.concealed)
    cells.push({
      // Behind a blank line within markup Markdown goes on.
      text: walk.lines === null ? text : withoutInlineMarks(text),
      rowSpan: spanOf(rowspan),
      columnSpan: spanOf(colspan),
      anchor: at(`${path}/td[${cells.length + 1}]`),
    })
  }
  walk.veil = around
  walk.cells += cells.length
  enforceLimit('cellsMax', walk.cells)
  return cells
}

/** Like browsers: the leading digits count. Nothing or nonsense is 1. */
function spanOf(text: string | undefined): number {
  if (text === undefined) return 1
  const digits = /^\s*\+?(\d{1,12})/.exec(text)?.[1]
  return digits === undefined ? 1 : Number(digits) || 1
}

const hiddenCharactersMax = 200

/**
 * Tells of rows with figures that the page does not show: a section that opens when it is clicked on, an older copy. Menus,
 * windows and the like, which every page hides, hold none. What stands `away` from the screen waits for no script.
 */
function noticeHidden(node: Node, walk: Walk, away = false): void {
  const hidden = hiddenFigures(node)
  if (hidden === null) return
  if (!away) walk.hiddenCharacters += hidden.characters
  walk.notices.push({ code: 'hidden_content', anchor: null, data: { text: hidden.text } })
  if (node.name !== 'tr') addUnread(walk)
}

/** Tells of what cells hold that show nothing of it. */
function noticeHiddenInCells({ hiddenInCells, notices }: Walk): void {
  if (hiddenInCells.length === 0) return
  const text = hiddenInCells.join(' ').slice(0, hiddenCharactersMax)
  notices.push({ code: 'hidden_content', anchor: null, data: { text } })
  hiddenInCells.length = 0
}

/** What a node with rows of figures says: how many characters, and how they begin; null for any other. */
function hiddenFigures(node: Node): { characters: number; text: string } | null {
  let text = ''
  let characters = 0
  let figures = 0
  let rows = 0
  const stack: Node[] = [node]
  while (stack.length > 0) {
    const one = stack.pop()!
    if (one.name === 'tr') rows++
    if (one.type === 'text') {
      const words = collapse(one.data ?? '').trim()
      characters += words.length
      if (/^\d/.test(words)) figures++
      if (words !== '' && text.length < hiddenCharactersMax) text += `${text === '' ? '' : ' '}${words}`
    } else if (kindsOfNames.get(one.name ?? '') !== 'skipped') pushChildren(one, stack)
  }
  if (figures < hiddenFiguresMin || rows === 0) return null
  return { characters, text: text.slice(0, hiddenCharactersMax) }
}

/** Whether a page shows no table and hides most of what it says: a script shows that when the page is opened. */
function hidesItsReport({ blocks, hiddenCharacters }: Walk): boolean {
  if (hiddenCharacters === 0 || blocks.some(({ kind }) => kind === 'grid')) return false
  const shown = blocks.reduce((sum, block) => sum + (block.kind === 'paragraph' ? block.text.length : 0), 0)
  return hiddenCharacters > shown
}

/** Whether a hidden node is read all the same, which is told. */
function reveal(node: Node, walk: Walk): boolean {
  const hidden = hiddenFigures(node)
  if (hidden === null) return false
  walk.notices.push({ code: 'hidden_content_read', anchor: null, data: { text: hidden.text } })
  return true
}

const hiddenFiguresMin = 2

const inPage = /^data:image\/(?:png|jpe?g|gif|webp|tiff);base64,/i

/** A picture that the page brings along can be read; of one that lies elsewhere only its place is known. */
function addPicture(node: Node, walk: Walk): void {
  const { attribs } = node
  const small = isSmall(node)
  const source = attribs?.src ?? ''
  const bytes = inPage.test(source)
    ? Buffer.from(source.slice(source.indexOf(',') + 1), 'base64')
    : walk.brought(source)
  if (bytes === null) {
    walk.images++
    if (!small) addUnread(walk)
    return
  }
  flush(walk)
  walk.pictures.push({ bytes: async () => bytes, before: walk.blocks.length, small })
}

function addUnread(walk: Walk): void {
  walk.unread.push(walk.blocks.length + (walk.text.trim() === '' ? 0 : 1))
}

/** A page with little text may hold its report in pictures or behind a link. */
function noticeMissingText(walk: Walk): void {
  let length = 0
  for (const block of walk.blocks) {
    if (block.kind === 'paragraph') length += block.text.length
    else for (const cell of block.cells) length += cell.text.length
    if (length > shortPageCharacters) return
  }
  if (walk.images > 0) {
    walk.notices.push({ code: 'image_in_place_of_text', anchor: null, data: { count: walk.images } })
  }
  if (walk.attachments.length > 0) {
    walk.notices.push({ code: 'attachment_only', anchor: null, data: { links: walk.attachments.slice(0, 20) } })
  }
}

function at(path: string): Anchor {
  return { path, page: null, box: null }
}
