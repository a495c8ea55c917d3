/**
 * DOCX to a Document through mammoth. Its document tree is taken where it hands it to be transformed, with spans
 * resolved from gridSpan and vMerge; its HTML is never written. mammoth gets an archive that was unpacked within limits
 * and packed again, so that it cannot meet a zip bomb, and XML without a document type, so that no entity is expanded.
 */
import { strFromU8, strToU8 } from 'fflate'
import mammoth from 'mammoth'
import { rezip, unzip } from './archive.ts'
import { attachedNotices } from './attached.ts'
import { detectKind } from './detect.ts'
import type { Anchor, Block, Document, Metadatum, Notice } from './document.ts'
import { tellShiftedRuns } from './docxshift.ts'
import { chunkSign, noCell, showText } from './docxshown.ts'
import { damaged } from './failure.ts'
import { makeGrid, type SourceCell } from './grid.ts'
import { parseHtml } from './html.ts'
import { enforceLimit } from './limits.ts'
import { countingText, isFootnoteMark, withUnsure } from './marks.ts'
import { parseMhtml } from './mhtml.ts'
import { isProse, laysOutProse } from './prose.ts'
import { readRelations } from './relations.ts'
import { parseRtf } from './rtf.ts'
import type { FindEngine } from './scan/engine.ts'
import { type InsidePicture, readInside } from './scan/picture.ts'
import { unescapeXml } from './xmltree.ts'

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
  /** What other files hold that belongs into the text, by their relations. */
  readonly chunks: ReadonlyMap<string, readonly Block[]>
  /** Pictures met so far: those of a table may be met twice. */
  readonly pictured: Set<Node>
}

const noStyles = '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'
const neededEntry = /^(?:\[Content_Types\]\.xml|_rels\/.*|docProps\/core\.xml|word\/(?:_rels\/.*|[\w-]+\.xml))$/

/** Files in other formats that belong into the text as a whole. */
const chunkEntry = /\.(?:mht|mhtml|x?html?|rtf)$/i
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
  const entries = unzip(
    bytes,
    (name) => neededEntry.test(name) || chunkEntry.test(name) || (find !== undefined && pictureEntry.test(name)),
  )
  for (const [name, content] of Object.entries(entries)) {
    if (
      !pictureEntry.test(name) &&
      !chunkEntry.test(name) &&
      /<!(?:DOCTYPE|ENTITY)/i.test(
        Buffer.from(content.buffer, content.byteOffset, Math.min(content.length, 4096)).toString('latin1'),
      )
    ) {
      throw damaged(`${name}: document type or entity declaration`)
    }
  }
  // Without a styles part mammoth fails on the first table that names a style.
  entries['word/styles.xml'] ??= strToU8(noStyles)
  const notices: Notice[] = []
  const name = mainPart(entries)
  const shown = shownMain(entries, name, notices)
  if (shown !== '') entries[name] = strToU8(shown)
  const targets = targetsOf(entries, name)
  const chunks = await readChunks(entries, targets, shown, notices)
  notices.push(...attachedNotices(embeddedNames(shown, targets), null))
  const tree = await readTree(rezip(entries))
  const walk: Walk = {
    blocks: [],
    notices,
    paragraphs: 0,
    tables: 0,
    cells: 0,
    pictures: [],
    pictured: new Set(),
    chunks,
  }
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

const noticeCharactersMax = 200

/** The text as Word shows it, for mammoth; blank where there is none. */
function shownMain(entries: Readonly<Record<string, Uint8Array>>, name: string, notices: Notice[]): string {
  const [main, styles] = [xmlIn(entries, name), xmlIn(entries, 'word/styles.xml')]
  if (main === '') return ''
  const { xml, hidden } = showText(main, styles, xmlIn(entries, 'word/numbering.xml'))
  if (hidden !== '') {
    notices.push({ code: 'hidden_content', anchor: null, data: { text: hidden.slice(0, noticeCharactersMax) } })
  }
  return tellShiftedRuns(xml, styles)
}

/** The entry that holds the text: some writers give it another name than all others do. */
function mainPart(entries: Readonly<Record<string, Uint8Array>>): string {
  for (const { type, target } of readRelations(xmlIn(entries, '_rels/.rels'))) {
    const path = target.replace(/^(?:\.?\/)+/, '')
    if (type === 'officeDocument' && entries[path] !== undefined) return path
  }
  return 'word/document.xml'
}

function xmlIn(entries: Readonly<Record<string, Uint8Array>>, name: string): string {
  const entry = entries[name]
  return entry === undefined ? '' : strFromU8(entry)
}

/** The entries that the relations of the main part lead to. */
function targetsOf(entries: Readonly<Record<string, Uint8Array>>, main: string): Map<string, string> {
  const relations = readRelations(xmlIn(entries, main.replace(/[^/]+$/, '_rels/$&.rels')))
  const folder = main.replace(/[^/]+$/, '')
  return new Map(
    relations.map(({ id, target }) => [id, target.startsWith('/') ? target.slice(1) : `${folder}${target}`]),
  )
}

const chunksMax = 20
const chunkNamed = new RegExp(`${chunkSign}([^<>${chunkSign}]+)${chunkSign}`, 'gu')

/**
 * The blocks of the files that the text names as parts of itself: some programs write a whole report as a page and wrap it.
 * What is in a format that is not read here is named.
 */
async function readChunks(
  entries: Readonly<Record<string, Uint8Array>>,
  targets: ReadonlyMap<string, string>,
  xml: string,
  notices: Notice[],
): Promise<ReadonlyMap<string, readonly Block[]>> {
  const chunks = new Map<string, readonly Block[]>()
  if (!xml.includes(chunkSign)) return chunks
  const notRead: string[] = []
  for (const id of new Set(Array.from(xml.matchAll(chunkNamed), ([, named]) => named!))) {
    const path = targets.get(id) ?? id
    const file = chunks.size < chunksMax ? entries[path] : undefined
    const document = file === undefined ? null : await readChunk(file)
    if (document === null) {
      notRead.push(path)
      continue
    }
    notices.push(...document.notices)
    const inFile = (anchor: Anchor): Anchor => ({ ...anchor, path: `${path}!/${anchor.path}` })
    chunks.set(
      id,
      document.blocks.map((block) => movedTo(block, inFile)),
    )
  }
  notices.push(...attachedNotices(notRead, null))
  return chunks
}

/** Programs whose objects are formulas or drawings, not documents. */
const noDocument = /\bProgID="(?:Equation|MathType|Visio|PBrush|Paint|StaticM|StaticD|CorelDraw|Photoshop|Forms\.)/i

/** The names of documents that the text holds as objects. */
function embeddedNames(xml: string, targets: ReadonlyMap<string, string>): string[] {
  const names = new Set<string>()
  if (!xml.includes('OLEObject')) return []
  for (const [tag] of xml.matchAll(/<\w+:OLEObject\s[^<>]*>/g)) {
    const target = targets.get(/\br:id="([^"]*)"/.exec(tag)?.[1] ?? '')
    if (target !== undefined && !noDocument.test(tag)) names.add(target.replace(/.*\//, ''))
  }
  return [...names]
}

async function readChunk(bytes: Uint8Array): Promise<Document | null> {
  const kind = detectKind(bytes)
  if (kind === 'html') return parseHtml(bytes, [])
  if (kind === 'mhtml') return parseMhtml(bytes, [])
  if (kind === 'rtf') return parseRtf(bytes)
  return null
}

function movedTo(block: Block, move: (anchor: Anchor) => Anchor): Block {
  const anchor = move(block.anchor)
  if (block.kind === 'paragraph') return { ...block, anchor }
  return { ...block, anchor, cells: block.cells.map((cell) => ({ ...cell, anchor: move(cell.anchor) })) }
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
  if (text.startsWith(chunkSign)) {
    walk.blocks.push(...(walk.chunks.get(text.slice(chunkSign.length, -chunkSign.length)) ?? []))
    return
  }
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

/** A table of one cell inside a cell is only that cell's frame; one of two, alone in it, sets a figure apart from its unit. */
function holdsTable({ children = [] }: Node): boolean {
  const besides = children.some((one) => one.type !== 'table' && hasText(one))
  return children.some((one) => {
    if (one.type !== 'table') return false
    const rows = tableRows(one)
    const cells = rows.flatMap((row) => row.children ?? [])
    return cells.length > (rows.length === 1 && !besides ? 2 : 1) || cells.some(holdsTable)
  })
}

function hasText({ value = '', children = [] }: Node): boolean {
  return value.trim() !== '' || children.some(hasText)
}

function tableRows(table: Node): readonly Node[] {
  return (table.children ?? []).filter((row) => row.type === 'tableRow')
}

function readRows(table: Node, number: number, walk: Walk): SourceCell[][] {
  return tableRows(table).map((row, rowIndex) =>
    (row.children ?? []).map((cell, index) => {
      const text = (cell.children ?? [])
        .map((child) => inlineText(child, walk))
        .join('\n')
        .replace(/\n{2,}/g, '\n')
        .trim()
      const filler = text === noCell
      const { rowSpan = 1, colSpan: columnSpan = 1 } = cell
      const anchor = at(`table[${number}]/row[${rowIndex + 1}]/cell[${index + 1}]`)
      return { text: filler ? '' : text, rowSpan, columnSpan, filler, anchor }
    }),
  )
}

const shifted: ReadonlySet<string> = new Set(['superscript', 'subscript'])

/** Struck out text does not count, nor does a footnote's raised number, unless there is nothing else. */
function inlineText(node: Node, walk: Walk): string {
  const texts = { shown: '', raised: '', struck: '' }
  const stack: Node[] = [node]
  while (stack.length > 0) {
    const one = stack.pop()!
    if (one.type === 'run' && (one.isStrikethrough || shifted.has(one.verticalAlignment ?? ''))) {
      const inside = (one.children ?? []).map((child) => child.value ?? '').join('')
      if (one.isStrikethrough) texts.struck += inside
      else if (one.verticalAlignment === 'subscript') texts.shown = withUnsure(texts.shown, inside)
      else if (isFootnoteMark(inside)) texts.raised += inside
      else texts.shown += inside
      continue
    }
    // Of a table in a cell: figures of two of its paragraphs are not one.
    if (one.type === 'paragraph' && one !== node && texts.shown !== '' && !texts.shown.endsWith('\n'))
      texts.shown += '\n'
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

function at(path: string): Anchor {
  return { path, page: null, box: null }
}
