/**
 * Frames that a page shows between its other contents, as `iframe` does, where their pages came along: takes the text of the page,
 * marks their places, and puts the documents of their pages there once the page itself is one.
 */
import type { Anchor, Block, Document, Notice } from './document.ts'
import { enforceLimit } from './limits.ts'
import { unescapeXml } from './xmltree.ts'

/** A text with marks in the place of frames, and what is found for each, by number. */
export type MarkedFrames<Page> = { readonly text: string; readonly frames: ReadonlyMap<number, Page> }

const frame = /<iframe\b([^<>]{0,4000})>(?:(?:[^<]|<(?!\/?iframe\b)){0,2000}<\/iframe\s*>)?/gi
const mark = /^\ue0f1(\d{1,6})\ue0f2$/

/** Marks the frames that `find` has a page for by their source, of `only` those where that is given. */
export function markFrames<Page>(
  text: string,
  find: (source: string) => Page | null,
  only: ReadonlySet<number> | null = null,
): MarkedFrames<Page> {
  const frames = new Map<number, Page>()
  let count = 0
  const marked = text.replace(frame, (whole: string, attributes: string) => {
    const number = ++count
    const [, quoted, single, bare] = /\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i.exec(attributes) ?? []
    const page = find(unescapeXml(quoted ?? single ?? bare ?? ''))
    // What counts visits has no size.
    const isSeen = !/\s(?:width|height)\s*=\s*["']?[01](?![\d.%])/i.test(attributes)
    if (page === null || !isSeen || (only !== null && !only.has(number))) return whole
    frames.set(number, page)
    return `<div${attributes.replace(/\/\s*$/, '')}>\ue0f1${number}\ue0f2</div>`
  })
  enforceLimit('sheetsMax', frames.size)
  return { text: marked, frames }
}

/** The numbers of the frames whose marks stand by themselves: not those in cells, nor what is hidden. */
export function frameNumbersIn({ blocks }: Document): ReadonlySet<number> {
  return new Set(blocks.flatMap((block) => numberOf(block) ?? []))
}

/** Whether each mark of a text stands by itself in its document. */
export function marksAll(document: Document, { frames }: MarkedFrames<unknown>): boolean {
  const found = frameNumbersIn(document)
  return [...frames.keys()].every((number) => found.has(number))
}

function numberOf(block: Block): number | null {
  const [, number] = (block.kind === 'paragraph' ? mark.exec(block.text.trim()) : null) ?? []
  return number === undefined ? null : Number(number)
}

/** A document with others in the place of their marks. */
export function withInner(document: Document, inner: ReadonlyMap<number, Document>): Document {
  const blocks: Block[] = []
  const notices: Notice[] = [...document.notices]
  const metadata = [...document.metadata]
  const places: number[] = []
  const unread: number[] = []
  for (const block of document.blocks) {
    places.push(blocks.length)
    const number = numberOf(block)
    if (number === null) {
      blocks.push(block)
      continue
    }
    const other = inner.get(number)
    if (other === undefined) continue
    unread.push(...(other.unread ?? []).map((before) => before + blocks.length))
    const anchored = anchoredIn(other, `frame[${number}]`)
    blocks.push(...anchored.blocks)
    notices.push(...anchored.notices)
    metadata.push(...other.metadata)
    enforceLimit('blocksMax', blocks.length)
  }
  for (const before of document.unread ?? []) unread.push(places[before] ?? blocks.length)
  return { ...document, metadata, blocks, unread: unread.sort((a, b) => a - b), notices }
}

/** The blocks and notices of a document with their places in another one. */
export function anchoredIn({ blocks, notices }: Document, within: string): { blocks: Block[]; notices: Notice[] } {
  const at = (anchor: Anchor): Anchor => ({ ...anchor, path: `${within}/${anchor.path}` })
  return {
    blocks: blocks.map((block) => {
      const anchor = at(block.anchor)
      if (block.kind === 'paragraph') return { ...block, anchor }
      return { ...block, anchor, cells: block.cells.map((cell) => ({ ...cell, anchor: at(cell.anchor) })) }
    }),
    notices: notices.map((one) => ({ ...one, anchor: one.anchor === null ? null : at(one.anchor) })),
  }
}
