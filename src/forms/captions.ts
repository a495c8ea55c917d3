/**
 * Whose tables stand under a caption: takes the blocks of a document and whose report of which year it is, gives the grids
 * whose caption names another year (2022年情况) or another body (附：区质量检验所统计表). What no caption names is the report's.
 */
import type { Anchor, Block, Document, Grid } from '../../parsers/document.ts'
import type { Identity } from '../model.ts'
import { type Caption, captionCharactersMax, readCaption } from './captiontext.ts'
import { type PartNumber, partNumbers, partWithin } from './partnumbers.ts'

/** A grid up to a row. */
export type GridPart = { readonly grid: Grid; readonly end: number }

/** Grids one after another that a caption gives to another report; `anchor` is the caption's. */
export type OthersGrids = { readonly caption: string; readonly anchor: Anchor; readonly grids: readonly GridPart[] }

/** What is known of the texts and grids of a document. */
export type CaptionContext = {
  /** True for the heading of a part of some form. */
  readonly isChapter: (text: string) => boolean
  /** True for the heading of a table of some form. */
  readonly isOfTable: (text: string) => boolean
  /** True for the title of a report. */
  readonly isTitle: (text: string) => boolean
  /** True for a grid that prints a table of some form. */
  readonly isForms: (grid: Grid) => boolean
}

type Axis = 'time' | 'body'

/** A caption that names another, and what it has held so far. */
type Hold = {
  readonly axis: Axis
  readonly at: number
  readonly grids: GridPart[]
  /** True where prose stands under the caption before any table. */
  prose: boolean
  /** Ways in which numbers of parts began anew under it. */
  readonly anew: Set<PartNumber['style']>
}

/** The blocks of a document with what they say of what follows. */
type Outline = {
  readonly blocks: readonly Block[]
  readonly captions: readonly (Caption | null)[]
  readonly parts: readonly (PartNumber | null)[]
  readonly context: CaptionContext
}

/** A caption stands this close before a table, headings of chapters included. */
const blocksBetweenMax = 3

/** The grids of other reports, as captions tell them. Without knowing whose report it is, none are. */
export function findOthersGrids(
  { blocks }: Pick<Document, 'blocks'>,
  identity: Identity,
  context: CaptionContext,
): OthersGrids[] {
  const outline = outlineOf(blocks, identity, context)
  if (outline === null) return []
  const { captions } = outline
  const found: OthersGrids[] = []
  let held: readonly Hold[] = []
  let hasOwn = false
  for (const [index, block] of blocks.entries()) {
    const caption = captions[index]!
    if (block.kind === 'paragraph') {
      held = held.filter((hold) => !endsAt(outline, hold, index, hasOwn))
      if (caption !== null) held = opened(held, caption, index)
      continue
    }
    const within = held.length === 0 ? null : partWithin(block, context.isChapter)
    const over = held.filter(({ axis }) => caption?.[axis] !== 'own')
    if (caption !== null && isOther(caption)) {
      found.push({ caption: headText(block)!, anchor: block.anchor, grids: [whole(block)] })
    } else if (over.length > 0) {
      const hold = over.reduce((last, one) => (one.at > last.at ? one : last))
      const { grids } = hold
      if (grids.length === 0) found.push({ caption: textOf(blocks[hold.at]!), anchor: blocks[hold.at]!.anchor, grids })
      const ends = within !== null && over.some((one) => isPart(outline, one, within.part))
      for (const one of over) one.grids.push(ends ? { grid: block, end: within.row } : whole(block))
      if (ends) held = []
    } else hasOwn ||= context.isForms(block)
    held = held.filter((hold) => !over.includes(hold) || !endsBehind(outline, hold, index))
  }
  return found
}

/** True for a caption that names another year or body. */
export function isOther({ time, body }: Caption): boolean {
  return time === 'other' || body === 'other'
}

/** The captions that hold behind one more. */
function opened(held: readonly Hold[], caption: Caption, at: number): readonly Hold[] {
  const axes = (['time', 'body'] as const).filter((axis) => caption[axis] === 'other')
  const kept = held.filter(({ axis }) => caption[axis] !== 'other')
  return [...kept, ...axes.map((axis) => ({ axis, at, grids: [], prose: false, anew: new Set<PartNumber['style']>() }))]
}

/** True where what a caption holds ends at a paragraph; `hasOwn`: tables of the report's own were printed before. */
function endsAt(outline: Outline, hold: Hold, index: number, hasOwn: boolean): boolean {
  const { blocks, captions, parts, context } = outline
  const caption = captions[index]!
  const heading = headingOf(blocks[index]!)
  const level = headingOf(blocks[hold.at]!)
  if (heading !== null && level !== null && heading < level) return true
  if (caption === null) {
    hold.prose ||= hold.grids.length === 0 && parts[index] === null && textOf(blocks[index]!) !== ''
    return goesOn(outline, hold, index)
  }
  if (caption[hold.axis] === 'own') return true
  // Another year of the same body, or this year's tables of a body that was named just before, are still another's.
  const other = hold.axis === 'time' ? caption.body : caption.time
  if (other === 'own') return hold.grids.length > 0 && !hasOwn
  if (goesOn(outline, hold, index)) return true
  if (!caption.chapter || isOther(caption)) return false
  if (captions[hold.at]!.chapter) return true
  if (!hold.prose || hold.grids.length > 0) return false
  const key = context.isOfTable(textOf(blocks[index]!))
  return key && !hasOwn && !returnsLater(outline, hold, index, () => true)
}

/** True where the report's own parts go on behind a caption: 一、 stood before it and 二、 comes now. */
function goesOn(outline: Outline, hold: Hold, index: number): boolean {
  const { captions, parts } = outline
  const part = parts[index]!
  if (part === null || hold.anew.has(part.style)) return false
  const { style, value } = part
  const isSame = (one: PartNumber | null): boolean => one?.style === style && one.value === value
  const before = partBefore(parts, hold, style)
  if (value <= Math.max(before, 1)) hold.anew.add(style)
  const isBelow = captions[hold.at]!.numbered && parts[hold.at] === null
  if (before === 0 && value === 1) return hold.grids.length > 0
  // （三） stands within a part, whose own heading may not be printed.
  if (before === 0) return isBelow && style === 'words' && !returnsLater(outline, hold, index, isSame)
  // What stands right over the heading of a chapter speaks of that one.
  const hasMore = hold.grids.length > 0 || hold.prose || isBelow
  if (value !== before + 1 || !hasMore) return false
  return !returnsLater(outline, hold, index, isSame)
}

/** True for the part of the report that comes behind a caption. */
function isPart({ parts }: Outline, hold: Hold, part: PartNumber): boolean {
  if (hold.anew.has(part.style)) return false
  return part.value === partBefore(parts, hold, part.style) + 1 && part.value > 1
}

/** The number of the last part before a caption; 0 where there is none. */
function partBefore(parts: Outline['parts'], { at }: Hold, style: PartNumber['style']): number {
  return parts.slice(0, at + 1).findLast((one) => one?.style === style)?.value ?? 0
}

/** True where such a part comes again behind a caption of the report's own: then the one before may be the other's. */
function returnsLater(
  { blocks, captions, parts }: Outline,
  { axis }: Hold,
  from: number,
  isSuch: (part: PartNumber | null) => boolean,
): boolean {
  let isOwn = false
  for (let index = from + 1; index < blocks.length; index++) {
    const caption = captions[index]!
    if (caption !== null && isOther(caption)) isOwn = false
    else if (caption?.[axis] === 'own') isOwn = true
    if (isOwn && isSuch(parts[index]!)) return true
  }
  return false
}

/** True where what a caption holds ends behind a grid: the grid is no form's, or the caption is said again over the next. */
function endsBehind({ blocks, captions, context }: Outline, hold: Hold, index: number): boolean {
  const grid = blocks[index] as Grid
  if (hold.grids.length === 1 && isTableOfFigures(grid) && !context.isForms(grid)) return true
  const text = textOf(blocks[hold.at]!)
  for (let at = index + 1; at < blocks.length; at++) {
    const caption = captions[at]!
    if (caption?.[hold.axis] === 'own') return false
    if (blocks[at]!.kind === 'paragraph' && caption?.[hold.axis] === 'other' && textOf(blocks[at]!) === text)
      return true
  }
  return false
}

function isTableOfFigures({ cells, columnCount }: Grid): boolean {
  return columnCount > 1 && cells.some(({ text }) => /^\s*\d/.test(text))
}

function textOf(block: Block): string {
  return block.kind === 'paragraph' ? block.text.trim() : ''
}

function headingOf(block: Block): number | null {
  return block.kind === 'paragraph' ? block.heading : null
}

function whole(grid: Grid): GridPart {
  return { grid, end: grid.rowCount }
}

/** A grid that says nothing in the rows from `start` to before `end`. */
export function withoutText(grid: Grid, start = 0, end = grid.rowCount): Grid {
  const cells = grid.cells.map((cell) => (cell.row < start || cell.row >= end ? cell : { ...cell, text: '' }))
  return { ...grid, cells }
}

/** The document with the text of some grids left out, so that all others keep their places. `left`: up to which row of each. */
export function withoutGrids(document: Document, left: ReadonlyMap<Grid, number>): Document {
  if (left.size === 0) return document
  const blocks = document.blocks.map((block) => {
    return block.kind === 'grid' && left.has(block) ? withoutText(block, 0, left.get(block)) : block
  })
  return { ...document, blocks }
}

/** Null where no text names another. */
function outlineOf(blocks: readonly Block[], identity: Identity, context: CaptionContext): Outline | null {
  const read = blocks.map((block) => {
    const text = block.kind === 'grid' ? headText(block) : block.text
    if (text === null || text.length > captionCharactersMax * 2) return null
    return readCaption(text, identity, context.isChapter)
  })
  if (!read.some((one) => one !== null && isOther(one))) return null
  const parts = partNumbers(blocks, context.isChapter)
  let isBehind = false
  let hasTables = false
  const captions = read.map((caption, index) => {
    const block = blocks[index]!
    const isNone = caption?.reported && (hasTables || !isBehind)
    const holding = caption === null || !isOther(caption) || holds(blocks, read, index, isBehind, context)
    hasTables ||= block.kind === 'grid' && context.isForms(block)
    isBehind ||= hasTables || (block.kind === 'paragraph' && context.isOfTable(block.text))
    return holding && !isNone ? caption : null
  })
  return { blocks, captions, parts, context }
}

/** True where a text that names another stands as a caption does. `isBehind`: tables of forms, or headings of theirs, came before. */
function holds(
  blocks: readonly Block[],
  read: readonly (Caption | null)[],
  index: number,
  isBehind: boolean,
  { isTitle }: CaptionContext,
): boolean {
  const { titled, bare, chapter } = read[index]!
  const isGrid = blocks[index]!.kind === 'grid'
  if (bare && !isBehind && !isOneOfSeveral(blocks, read, index)) return false
  if (isGrid) return true
  // Titles, and names, one behind another are a list of links.
  const beside = [index - 1, index + 1]
  const isListed = (at: number): boolean => {
    const block = blocks[at]
    return block?.kind === 'paragraph' && ((titled && isTitle(block.text)) || (bare && read[at]?.bare === true))
  }
  if (beside.some(isListed)) return false
  const next = blocks.findIndex((block, at) => at > index && block.kind === 'grid')
  if (next < 0 || next - index > blocksBetweenMax) return false
  // A name alone is a caption of what stands right behind it.
  return !bare || chapter || read.slice(index + 1, next).every((one) => one !== null)
}

/** True for a name in front of all tables that is no letterhead: names of the report's own body, or others over tables, come too. */
function isOneOfSeveral(blocks: readonly Block[], read: readonly (Caption | null)[], index: number): boolean {
  const isOver = (at: number): boolean => blocks[at]!.kind === 'grid' || blocks[at + 1]?.kind === 'grid'
  return read.some((one, at) => {
    if (at <= index || one === null) return false
    return one.body === 'own' ? !one.chapter : one.body === 'other' && one.bare && isOver(at) && isOver(index)
  })
}

/** What a grid prints over its header: a line that is one cell. */
function headText({ cells, columnCount }: Grid): string | null {
  const first = cells.filter(({ row, text }) => row === 0 && text.trim() !== '')
  const [only] = first
  if (only === undefined || first.some(({ text }) => text !== only.text)) return null
  return columnCount > 1 ? only.text.trim() : null
}
