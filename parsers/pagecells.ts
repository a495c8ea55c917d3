/**
 * What a cell of a page says: takes its node and what hides its text, gives the text that counts, struck out and raised
 * text apart. What nobody sees is no part of it.
 */

import type { Notice } from './document.ts'
import { countingText, isFootnoteMark, withUnsure } from './marks.ts'
import { sizeOf } from './pagepictures.ts'
import {
  isMarkSized,
  isRaised,
  isStruck,
  isTurned,
  type Look,
  lookOf,
  type PageStyles,
  showsWritten,
  unveiled,
  type Veil,
  veiledBy,
} from './pagestyles.ts'
import { collapse, kindsOfNames, type Node, pushChildren, textBelow, trimSpaces } from './pagetree.ts'
import { isLabel, isLetterSized, moreUnread, type Unread, withUnread } from './unread.ts'

/** What the walk over a page knows where a cell stands. */
export type CellWalk = {
  readonly notices: Notice[]
  images: number
  readonly styles: PageStyles
  /** What hides the text at this place. */
  veil: Veil
  /** Texts of cells that show nothing else, which the page hides. */
  readonly hiddenInCells: string[]
}

/** Marks the end of a block on a stack. */
export const blockEnd: Node = { type: 'end of block' }

/** Where what hid the text of an element ends, with what hides the text behind it. */
export type VeilEnd = Node & { readonly veil: Veil }

/** Marks on a stack where what hides the text of an element ends; `veil` hides the text behind it. */
export function endOfVeil(veil: Veil): VeilEnd {
  return { type: 'end of what hides', veil }
}

/** Whether what a veil hides of a text is all of it. White labels stand on what sheets paint. */
export function hidesText({ invisible, sizeless }: Veil): boolean {
  return invisible || sizeless
}

/** What of a cell was read so far, by how it looks. */
type CellRead = {
  text: string
  struck: string
  raised: string
  /** What nobody sees, and of that what no sheet hides, which no other sheet may show. */
  hidden: string
  readonly collapsed: boolean
  /** Whether what is hidden may be seen all the same. */
  unsure: boolean
  unread: Unread | null
  /** Whether what was read last is shifted up. */
  shifted: boolean
  readonly stack: Node[]
}

/**
 * All text below a node; blocks and `<br>` break lines, form fields say what is filled in. Struck out text does not
 * count, nor does a footnote's raised number or what is hidden; a label does where there is nothing else. `collapsed`: white
 * space as HTML shows it; `concealed`: how the node itself is.
 */
export function cellText(cell: Node, walk: CellWalk, collapsed: boolean, concealed: Look['concealed'] = null): string {
  const [only] = cell.children ?? []
  const written = showsWritten(cell, walk.styles)
  const bare = collapsed && !written && concealed === null && walk.veil === unveiled
  if (bare && cell.children?.length === 1 && only!.type === 'text') return trimSpaces(collapse(only!.data ?? ''))
  const read: CellRead = {
    text: '',
    struck: '',
    raised: '',
    hidden: '',
    collapsed,
    unsure: concealed === 'unsure',
    unread: written ? 'text' : null,
    shifted: false,
    stack: [],
  }
  const { veil: around } = walk
  if (concealed === null) pushChildren(cell, read.stack)
  else read.hidden = textBelow(cell)
  while (read.stack.length > 0) {
    const node = read.stack.pop()!
    if (node.type === 'text') addCellText(node, walk, read)
    else if (node === blockEnd) read.text += '\n'
    else if ('veil' in node) walk.veil = (node as VeilEnd).veil
    else readInCell(node, walk, read)
  }
  walk.veil = around
  return collapsed ? shownInCell(read, walk) : read.text
}

function addCellText({ data = '' }: Node, { veil: within, hiddenInCells }: CellWalk, read: CellRead): void {
  const white = within.white !== null && !isLabel(data) && data.trim() !== ''
  if (hidesText(within)) read.hidden += data
  else if (white && within.white === 'surely') {
    read.hidden += data
    hiddenInCells.push(data)
  } else {
    if (white) read.unread = 'text'
    read.text += read.collapsed ? collapse(data) : data
    if (data.trim() !== '') read.shifted = false
  }
}

/** What a cell shows, of all that was read in it. */
function shownInCell(
  { text, struck, raised, hidden, unsure, unread }: CellRead,
  { notices, hiddenInCells }: CellWalk,
): string {
  const shown = trimSpaces(text.includes('\n') ? text.replace(/ *\n[ \n]*/g, '\n') : text)
  // A mark with nothing before it may be a figure.
  const marks = /\d/.test(raised) ? withUnread(raised, 'text') : raised
  const counting = countingText({ shown, raised: marks, struck }, notices)
  if (counting !== '' || !/[\p{L}\p{N}]/u.test(hidden)) return withUnread(counting, unread)
  const inside = trimSpaces(collapse(hidden))
  if (isLabel(inside)) return inside
  hiddenInCells.push(inside)
  return unsure ? withUnread(inside, 'text') : withUnread('', unread)
}

/** Reads an element in a cell; what stands in it is put on the stack, where it counts as the cell's own text. */
function readInCell(node: Node, walk: CellWalk, read: CellRead): void {
  const name = node.name ?? ''
  const kind = kindsOfNames.get(name)
  const look = lookOf(node, walk.styles, walk.veil)
  if (look.gone || look.concealed !== null) {
    if (kind !== 'skipped') read.hidden += textBelow(node)
    if (look.concealed === 'unsure') read.unsure = true
    return
  }
  if (name === 'svg' || name === 'math') read.unread = moreUnread(read.unread, name === 'svg' ? 'picture' : 'text')
  if (kind === 'skipped') {
    if (name === 'del') read.struck += cellText(node, walk, true)
    else if (name === 'textarea' || name === 'select') read.text += fieldText(node)
    return
  }
  const own = veiledBy(look, node, walk.veil, walk.styles)
  if (isTurned(node, walk.styles)) read.text += '\u202e'
  if (showsWritten(node, walk.styles)) read.unread = 'text'
  if (kind !== 'block' && addMarkedElement(node, look, own, walk, read)) return
  if (own !== walk.veil) {
    read.stack.push(endOfVeil(walk.veil))
    walk.veil = own
  }
  if (kind === 'block') {
    read.text += '\n'
    read.stack.push(blockEnd)
  } else if (name === 'br') read.text += '\n'
  else if (name === 'img') {
    walk.images++
    if (isLetterSized(sizeOf(node))) read.unread = moreUnread(read.unread, 'picture')
  } else if (name === 'input') read.text += fieldText(node)
  pushChildren(node, read.stack)
}

/** Adds an element that is struck out, raised or lowered; false for any other. */
function addMarkedElement(node: Node, look: Look, own: Veil, walk: CellWalk, read: CellRead): boolean {
  const isMark = isRaised(node, look)
  const struck = isStruck(node, look)
  const isLowered = node.name === 'sub'
  if (!struck && !isMark && !isLowered && look.raised === null) return false
  const { veil: around } = walk
  walk.veil = own
  const inside = cellText(node, walk, true)
  walk.veil = around
  if (struck) read.struck += inside
  else if (isLowered && isFootnoteMark(inside)) read.text = withUnsure(read.text, inside)
  else if (look.raised === 'shifted' && !isMark) addShifted(node, inside, look, walk, read)
  else if (isFootnoteMark(inside)) read.raised += inside
  else read.text += inside
  return true
}

/** Adds text that is shifted up by hand: over what it follows it may be a mark. */
function addShifted(node: Node, inside: string, look: Look, { styles }: CellWalk, read: CellRead): void {
  if (read.text.trim() === '' || read.shifted || !isFootnoteMark(inside)) {
    read.text += inside
    read.shifted = true
  } else if (isMarkSized(node, look, styles)) read.raised += inside
  else read.text = withUnsure(read.text, inside)
}

const fieldsShown = /^(?:text|number|tel|search|email|url|)$/i

/** What a form field shows: the text typed into it, or its chosen option. */
function fieldText(field: Node): string {
  if (field.name === 'input') {
    return fieldsShown.test(field.attribs?.type ?? '') ? (field.attribs?.value ?? '') : ''
  }
  if (field.name === 'textarea') return field.children?.map((child) => child.data ?? '').join('') ?? ''
  const options = (field.children ?? []).filter(({ name }) => name === 'option')
  const chosen = options.find(({ attribs }) => attribs?.selected !== undefined) ?? options[0]
  return chosen?.children?.map((child) => child.data ?? '').join('') ?? ''
}
