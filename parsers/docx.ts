/**
 * DOCX to a Document through mammoth. Its document tree is taken where it hands it to be transformed, with spans
 * resolved from gridSpan and vMerge; its HTML is never written. mammoth gets an archive that was unpacked within limits
 * and packed again, so that it cannot meet a zip bomb, and XML without a document type, so that no entity is expanded.
 */
import { strFromU8, strToU8 } from 'fflate'
import mammoth from 'mammoth'
import { rezip, unzip } from './archive.ts'
import type { Anchor, Block, Document, Metadatum, Notice } from './document.ts'
import { tellShiftedRuns } from './docxshift.ts'
import { damaged } from './failure.ts'
import { makeGrid, type SourceCell } from './grid.ts'
import { enforceLimit } from './limits.ts'
import { countingText, isFootnoteMark } from './marks.ts'
import { isProse, laysOutProse } from './prose.ts'
import type { FindEngine } from './scan/engine.ts'
import { type InsidePicture, readInside } from './scan/picture.ts'
import { emu, isTableSized } from './unread.ts'

/** A node of mammoth's document tree, as far as it is used. */
type Node = {
  readonly type: string
  readonly children?: readonly Node[]
  readonly value?: string
  readonly styleName?: string | null
  readonly numbering?: object | null
  readonly colSpan?: number
  readonly rowSpan?: number
  readonly breakType?: string
  readonly isStrikethrough?: boolean
  readonly verticalAlignment?: string
  /** Of a picture: its bytes. */
  readonly readAsBuffer?: () => Promise<Buffer>
}

/** What is collected while the tree is walked, with the counts that make its anchors. */
type Walk = {
  readonly blocks: Block[]
  readonly notices: Notice[]
  paragraphs: number
  tables: number
  cells: number
  readonly pictures: InsidePicture[]
  /** Pictures met so far: those of a table may be met twice. */
  readonly pictured: Set<Node>
}

const noStyles = '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'
const neededEntry = /^(?:\[Content_Types\]\.xml|_rels\/.*|docProps\/core\.xml|word\/(?:_rels\/.*|[\w-]+\.xml))$/

const pictureEntry = /^word\/media\/[^/]+\.(?:png|jpe?g|gif|tiff?|webp)$/i

/**
 * The document of some DOCX bytes. Tables that it shows as pictures are read by the engine that `find` gives.
 * @throws LimitError, ParseFailure `damaged`
 */
export async function parseDocx(
  bytes: Uint8Array,
  _charsets: readonly string[] = [],
  find?: FindEngine,
): Promise<Document> {
  const entries = unzip(bytes, (name) => neededEntry.test(name) || (find !== undefined && pictureEntry.test(name)))
  for (const [name, content] of Object.entries(entries)) {
    if (
      !pictureEntry.test(name) &&
      /<!(?:DOCTYPE|ENTITY)/i.test(
        Buffer.from(content.buffer, content.byteOffset, Math.min(content.length, 4096)).toString('latin1'),
      )
    ) {
      throw damaged(`${name}: document type or entity declaration`)
    }
  }
  // Without a styles part mammoth fails on the first table that names a style.
  entries['word/styles.xml'] ??= strToU8(noStyles)
  const main = entries['word/document.xml']
  if (main !== undefined) {
    const shown = prepareMain(strFromU8(main))
    entries['word/document.xml'] = strToU8(tellShiftedRuns(shown, strFromU8(entries['word/styles.xml'])))
  }
  const tree = await readTree(rezip(entries))
  const walk: Walk = { blocks: [], notices: [], paragraphs: 0, tables: 0, cells: 0, pictures: [], pictured: new Set() }
  walkBlocks(tree.children ?? [], walk, 0)
  const { engine, unread, places } = await readInside(walk.pictures, walk.blocks, walk.notices, find)
  if (unread > 0 && characters(walk.blocks) < 800) {
    walk.notices.push({ code: 'image_in_place_of_text', anchor: null, data: { count: unread } })
  }
  const metadata = readProperties(entries['docProps/core.xml'])
  return {
    format: 'docx',
    mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    engine: engine === null ? 'mammoth' : `mammoth, ${engine}`,
    encoding: null,
    title: metadata.find(({ name }) => name === 'title')?.value ?? null,
    metadata,
    blocks: walk.blocks,
    unread: places,
    notices: walk.notices,
  }
}

const wrappers = /<\/?w:(?:fldSimple|customXml|dir|bdo)\b[^>]*>/g
const hiddenRun =
  /<w:r(?:\s[^>]*)?>(?:(?!<\/w:r>)[\s\S])*?<w:vanish(?:\s+w:val="(?:1|true|on)")?\s*\/>(?:(?!<\/w:r>)[\s\S])*<\/w:r>/g

const drawing = /<w:drawing>(?:(?!<\/w:drawing>)[\s\S])*<\/w:drawing>/g

/** Whether a drawing is a picture too small for a table; one with text in it stays. */
function isSmallPicture(xml: string): boolean {
  const [, width, height] = /<wp:extent\s+cx="(\d{1,12})"\s+cy="(\d{1,12})"/.exec(xml) ?? []
  if (width === undefined || !/<pic:pic\b/.test(xml) || xml.includes('<w:txbxContent')) return false
  return !isTableSized({ width: Number(width) / emu, height: Number(height) / emu })
}

/**
 * Takes away pictures too small for a table, what mammoth drops together with the text inside it, and the runs it would show
 * though they are hidden.
 */
function prepareMain(xml: string): string {
  const unwrapped = xml.replace(wrappers, '')
  const shown = unwrapped.includes('<w:vanish') ? unwrapped.replace(hiddenRun, '') : unwrapped
  return shown.replace(drawing, (one) => (isSmallPicture(one) ? '' : one))
}

async function readTree(archive: Uint8Array): Promise<Node> {
  let tree: Node | null = null
  try {
    await mammoth.convertToHtml(
      { buffer: Buffer.from(archive.buffer, archive.byteOffset, archive.length) },
      {
        transformDocument: (document: Node) => {
          tree = document
          return { ...document, children: [] }
        },
      },
    )
  } catch (error) {
    throw damaged(error instanceof Error ? error.message.slice(0, 200) : String(error))
  }
  if (tree === null) throw damaged('no document part')
  return tree
}

function walkBlocks(nodes: readonly Node[], walk: Walk, depth: number): void {
  enforceLimit('markupDepthMax', depth)
  for (const node of nodes) {
    if (node.type === 'table') addTable(node, walk, depth)
    else if (node.type === 'paragraph') addParagraph(node, walk)
    else walkBlocks(node.children ?? [], walk, depth + 1)
  }
}

function addParagraph(node: Node, walk: Walk): void {
  const number = ++walk.paragraphs
  const text = inlineText(node, walk).trim()
  if (text === '') return
  const level = /^heading (\d)/i.exec(node.styleName ?? '')?.[1] ?? (/^title$/i.test(node.styleName ?? '') ? '1' : null)
  const anchor = at(`paragraph[${number}]`)
  walk.blocks.push({ kind: 'paragraph', text, heading: level === null ? null : Number(level), anchor })
  enforceLimit('blocksMax', walk.blocks.length)
}

function addTable(node: Node, walk: Walk, depth: number): void {
  const number = ++walk.tables
  const rows = readRows(node, number, walk)
  const nested = tableRows(node).some(({ children = [] }) => children.some(holdsTable))
  const layout = nested || laysOutProse(rows)
  walk.cells += rows.reduce((sum, row) => sum + row.length, 0)
  enforceLimit('cellsMax', walk.cells)
  let pending: SourceCell[][] = []
  const addPending = (): void => {
    if (pending.length > 0) walk.blocks.push(makeGrid(pending, 'aligned', at(`table[${number}]`), walk.notices))
    pending = []
  }
  // Rows of prose in a table of data are paragraphs between grids.
  for (const [index, row] of tableRows(node).entries()) {
    const cells = rows[index]!
    if (!layout && !isProse(cells)) pending.push(cells)
    else {
      addPending()
      for (const cell of row.children ?? []) walkBlocks(cell.children ?? [], walk, depth + 1)
    }
  }
  addPending()
}

/** A table of one cell inside a cell is only that cell's frame. */
function holdsTable({ children = [] }: Node): boolean {
  return children.some((one) => {
    if (one.type !== 'table') return false
    const cells = tableRows(one).flatMap((row) => row.children ?? [])
    return cells.length > 1 || cells.some(holdsTable)
  })
}

function tableRows(table: Node): readonly Node[] {
  return (table.children ?? []).filter((row) => row.type === 'tableRow')
}

function readRows(table: Node, number: number, walk: Walk): SourceCell[][] {
  return tableRows(table).map((row, rowIndex) =>
    (row.children ?? []).map((cell, index) => ({
      text: (cell.children ?? [])
        .map((child) => inlineText(child, walk))
        .join('\n')
        .replace(/\n{2,}/g, '\n')
        .trim(),
      rowSpan: cell.rowSpan ?? 1,
      columnSpan: cell.colSpan ?? 1,
      anchor: at(`table[${number}]/row[${rowIndex + 1}]/cell[${index + 1}]`),
    })),
  )
}

/** Struck out text does not count, nor does a footnote's raised number, unless there is nothing else. */
function inlineText(node: Node, walk: Walk): string {
  const texts = { shown: '', raised: '', struck: '' }
  const stack: Node[] = [node]
  while (stack.length > 0) {
    const one = stack.pop()!
    if (one.type === 'run' && (one.isStrikethrough || one.verticalAlignment === 'superscript')) {
      const inside = (one.children ?? []).map((child) => child.value ?? '').join('')
      if (one.isStrikethrough) texts.struck += inside
      else if (isFootnoteMark(inside)) texts.raised += inside
      else texts.shown += inside
      continue
    }
    if (one.type === 'text') texts.shown += one.value ?? ''
    else if (one.type === 'tab') texts.shown += '\t'
    else if (one.type === 'break') texts.shown += '\n'
    else if (one.type === 'image') addPicture(one, walk)
    const children = one.children ?? []
    for (let index = children.length - 1; index >= 0; index--) stack.push(children[index]!)
  }
  const shown = texts.shown.trim() === '' ? '' : texts.shown
  return countingText({ ...texts, shown }, walk.notices) || texts.shown
}

function addPicture(node: Node, walk: Walk): void {
  if (walk.pictured.has(node)) return
  walk.pictured.add(node)
  const { readAsBuffer } = node
  // A picture that lies elsewhere, or of a kind that is not read, has no bytes here.
  const bytes = async (): Promise<Uint8Array | null> => (await readAsBuffer?.().catch(() => null)) ?? null
  walk.pictures.push({ bytes, before: walk.blocks.length })
}

function characters(blocks: readonly Block[]): number {
  return blocks.reduce(
    (sum, block) =>
      sum +
      (block.kind === 'paragraph' ? block.text.length : block.cells.reduce((all, cell) => all + cell.text.length, 0)),
    0,
  )
}

function readProperties(core: Uint8Array | undefined): Metadatum[] {
  if (core === undefined) return []
  const xml = new TextDecoder().decode(core)
  const found: Metadatum[] = []
  for (const [, name, value] of xml.matchAll(
    /<(?:dc|cp|dcterms):(title|creator|subject|created|modified)[^>]*>([^<]*)</g,
  )) {
    const text = unescapeXml(value!).trim()
    if (text !== '') found.push({ name: name!, value: text, anchor: at(`docProps/core.xml/${name}`) })
  }
  return found
}

function unescapeXml(text: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name]!)
}

function at(path: string): Anchor {
  return { path, page: null, box: null }
}
