/**
 * ODT and ODS to a Document, as archives and flat, in one XML file: cheerio builds the tree of the content and one walk
 * over it gives the text as it flows, or the cells of the sheets. Both hold the text that was shown when the file was saved, so no number format has to
 * be applied. Content that was deleted in tracked changes stands apart and is left out.
 */
import { load } from 'cheerio'
import { unzip } from './archive.ts'
import type { Document, Metadatum, Notice } from './document.ts'
import { declaredCharsets, decodeText } from './encoding.ts'
import { damaged, ParseFailure } from './failure.ts'
import {
  type FlowBlock,
  type FlowCell,
  type Flowed,
  type FlowParagraph,
  joinMarked,
  layOut,
  tellPictures,
} from './flow.ts'
import { enforceLimit, limits } from './limits.ts'
import { addMarked, countingText, type MarkedText, type OpenText } from './marks.ts'
import { isTableSized } from './unread.ts'
import { type Hidden, layOutSheets, type SheetCell, type Worksheet } from './worksheet.ts'

/** A node of the tree, as far as it is used. */
type Node = {
  readonly type: string
  readonly name?: string
  readonly data?: string
  readonly attribs?: Readonly<Record<string, string>>
  readonly children?: readonly Node[]
}

/** How a style makes text look, as far as it says whether the text counts; null where it says nothing. */
type Look = {
  readonly struck: boolean | null
  readonly raised: boolean | null
  /** In hundredths of the text's size in points. */
  readonly shift: { readonly up: number; readonly size: number } | null
  readonly points: number | null
  readonly hidden: boolean | null
}
type Style = Look & { readonly parent: string | null; readonly shown: boolean; readonly bordered: boolean }

type Walk = {
  readonly styles: ReadonlyMap<string, Style>
  readonly notices: Notice[]
  /** Ids of tracked deletions: flat files have their text where it stood. */
  readonly deletions: ReadonlySet<string>
  /** The deletion that the walk is in. */
  deletion: string | null
  cells: number
  images: number
}

/** The text of a paragraph by its looks, and the text boxes that hang on it. */
type Collected = OpenText & { shows: boolean; readonly boxes: FlowBlock[] }

const neededEntry = /^(?:content\.xml|styles\.xml|meta\.xml|META-INF\/manifest\.xml)$/
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
const styleParentsMax = 20
const spacesMax = 1_000
const noticeCharactersMax = 200
const mediaTypes = {
  odt: 'application/vnd.oasis.opendocument.text',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  fodt: 'application/vnd.oasis.opendocument.text-flat-xml',
  fods: 'application/vnd.oasis.opendocument.spreadsheet-flat-xml',
} as const

/** How the body of a format is read, and what its element is called. */
type Reader = { readonly body: string; readonly read: (body: Node, walk: Walk) => Flowed }

const texts: Reader = {
  body: 'office:text',
  read: (body, walk) => layOut(flowOf(body, walk, 0), walk.images, walk.notices),
}

const sheets: Reader = {
  body: 'office:spreadsheet',
  read: (body, walk) => {
    const tables = (body.children ?? []).filter(({ name }) => name === 'table:table')
    enforceLimit('sheetsMax', tables.length)
    const flowed = layOutSheets(
      tables.map((table) => worksheetOf(table, walk)),
      walk.notices,
    )
    tellPictures(countPictures(body), flowed.blocks, walk.notices)
    return flowed
  },
}

/**
 * The document of some ODT bytes.
 * @throws LimitError; ParseFailure `damaged`, `encrypted`
 */
export function parseOdt(bytes: Uint8Array): Document {
  return readArchive(bytes, 'odt', texts)
}

/**
 * The document of some ODS bytes.
 * @throws LimitError; ParseFailure `damaged`, `encrypted`
 */
export function parseOds(bytes: Uint8Array): Document {
  return readArchive(bytes, 'ods', sheets)
}

/**
 * The document of the bytes of a flat ODT.
 * @throws LimitError; ParseFailure `damaged`
 */
export function parseFlatOdt(bytes: Uint8Array): Document {
  return readFlat(bytes, 'fodt', texts)
}

/**
 * The document of the bytes of a flat ODS.
 * @throws LimitError; ParseFailure `damaged`
 */
export function parseFlatOds(bytes: Uint8Array): Document {
  return readFlat(bytes, 'fods', sheets)
}

function readArchive(bytes: Uint8Array, format: 'odt' | 'ods', reader: Reader): Document {
  const entries = unzip(bytes, (name) => neededEntry.test(name))
  const manifest = xmlOf(entries, 'META-INF/manifest.xml')
  if (manifest !== null && /<manifest:encryption-data\b/.test(manifest)) throw new ParseFailure('encrypted')
  const content = xmlOf(entries, 'content.xml')
  if (content === null || !/<\/office:document-content>\s*$/.test(content.slice(-200))) throw damaged('content.xml')
  const styles = new Map<string, Style>()
  const common = xmlOf(entries, 'styles.xml')
  // cheerio keeps long what hangs on its root: each tree is let go once it is read.
  if (common !== null) withTree(common, (root) => readStyles(root, styles))
  return documentOf(content, xmlOf(entries, 'meta.xml') ?? '', styles, format, reader)
}

/** One file that holds what the entries of an archive do. */
function readFlat(bytes: Uint8Array, format: 'fodt' | 'fods', reader: Reader): Document {
  const xml = decodeText(bytes, declaredCharsets(bytes)).text
  checkXml(xml, format)
  if (!/<\/office:document>\s*$/.test(xml.slice(-200))) throw damaged('office:document')
  return documentOf(xml, xml.slice(0, metaCharacters), new Map(), format, reader)
}

const metaCharacters = 64 * 1024

function documentOf(
  content: string,
  meta: string,
  styles: Map<string, Style>,
  format: keyof typeof mediaTypes,
  { body: name, read }: Reader,
): Document {
  const notices: Notice[] = []
  const flowed = withTree(content, (root) => {
    readStyles(root, styles)
    const body = findNode(root, name)
    if (body === null) throw damaged(`no ${name}`)
    return read(body, { styles, notices, deletions: deletionsOf(content), deletion: null, cells: 0, images: 0 })
  })
  const title = /<dc:title>([^<]*)</.exec(meta)?.[1]
  const text = title === undefined ? '' : withTree(`<t>${title}</t>`, plainText).trim()
  const metadata: Metadatum[] =
    text === '' ? [] : [{ name: 'title', value: text, anchor: { path: 'meta.xml/title', page: null, box: null } }]
  return {
    format,
    mediaType: mediaTypes[format],
    engine: 'cheerio',
    encoding: null,
    title: text || null,
    metadata,
    ...flowed,
    notices,
  }
}

function deletionsOf(content: string): ReadonlySet<string> {
  const found = new Set<string>()
  if (!content.includes('<text:deletion')) return found
  for (const [, id] of content.matchAll(
    /<text:changed-region\b[^>]{0,400}?\btext:id="([^"]{1,100})"[^>]{0,400}>\s*<text:deletion\b/g,
  ))
    found.add(id!)
  return found
}

function xmlOf(entries: Readonly<Record<string, Uint8Array>>, name: string): string | null {
  const bytes = entries[name]
  if (bytes === undefined) return null
  const xml = new TextDecoder().decode(bytes)
  checkXml(xml, name)
  return xml
}

function checkXml(xml: string, name: string): void {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml.slice(0, 4096))) throw damaged(`${name}: document type or entity declaration`)
  checkMarkup(xml)
}

/** Counts tags and nesting before a tree is built of them. */
function checkMarkup(xml: string): void {
  let tags = 0
  let depth = 0
  for (let at = xml.indexOf('<'); at >= 0; at = xml.indexOf('<', at + 1)) {
    const next = xml.charCodeAt(at + 1)
    if (next === 0x2f) depth--
    else if (next !== 0x3f && next !== 0x21) {
      enforceLimit('markupTagsMax', ++tags)
      const end = xml.indexOf('>', at)
      if (end < 0 || xml.charCodeAt(end - 1) !== 0x2f) depth++
      enforceLimit('markupDepthMax', depth)
    }
  }
}

function withTree<Result>(xml: string, use: (root: Node) => Result): Result {
  const root = load(xml, { xml: true }).root()[0] as unknown as Node & { children: Node[] }
  try {
    return use(root)
  } finally {
    root.children = []
  }
}

function findNode(root: Node, name: string): Node | null {
  const stack: Node[] = [root]
  while (stack.length > 0) {
    const node = stack.pop()!
    if (node.name === name) return node
    for (const child of node.children ?? []) stack.push(child)
  }
  return null
}

function countPictures(root: Node): number {
  let count = 0
  const stack: Node[] = [root]
  while (stack.length > 0) {
    const node = stack.pop()!
    if (node.name === 'draw:image') count++
    for (const child of node.children ?? []) stack.push(child)
  }
  return count
}

/** No style has this name: what holds where none says otherwise. */
const defaultStyle = ''

function readStyles(root: Node, styles: Map<string, Style>): void {
  const stack: Node[] = [root]
  while (stack.length > 0) {
    const node = stack.pop()!
    if (node.name === 'office:body') continue
    for (const child of node.children ?? []) stack.push(child)
    const { 'style:name': name = defaultStyle, 'style:family': family } = node.attribs ?? {}
    if (!/^style:(?:default-)?style$/.test(node.name ?? '') || family === undefined) continue
    // Of what holds where no style is named, only that of text says anything here.
    if (name === defaultStyle && family !== 'paragraph') continue
    let look = noLook
    let shown = true
    let bordered = false
    for (const { name: kind, attribs = {} } of node.children ?? []) {
      if (kind === 'style:text-properties') look = lookOf(attribs)
      else if (kind === 'style:table-cell-properties') bordered = hasBorder(attribs)
      else if (kind === 'style:table-properties') shown = attribs['table:display'] !== 'false'
      else if (kind === 'style:section-properties' && attribs['text:display'] === 'none')
        look = { ...look, hidden: true }
    }
    const isDefault = name === defaultStyle
    const parent = node.attribs?.['style:parent-style-name'] ?? (isDefault ? null : defaultStyle)
    styles.set(`${family} ${name}`, {
      ...look,
      shown,
      bordered,
      parent: parent === null ? null : `${family} ${parent}`,
    })
  }
}

function hasBorder(properties: Readonly<Record<string, string>>): boolean {
  return Object.entries(properties).some(([name, value]) => name.startsWith('fo:border') && value !== 'none')
}

function lookOf(properties: Readonly<Record<string, string>>): Look {
  const line = properties['style:text-line-through-style'] ?? properties['style:text-line-through-type']
  const position = properties['style:text-position']
  const display = properties['text:display']
  return {
    struck: line === undefined ? null : line !== 'none',
    raised: position === undefined ? null : position.startsWith('super'),
    shift: position === undefined ? null : shiftOf(position),
    points: lengthOf(properties['fo:font-size']) || null,
    hidden: display === undefined ? null : display === 'none',
  }
}

/** How far up text stands and how large, where that is stated in numbers; without a size programs make it smaller. */
function shiftOf(position: string): NonNullable<Look['shift']> {
  const [, up, size] = /^(-?\d{1,3})(?:\.\d+)?%(?:\s+(\d{1,3})(?:\.\d+)?%)?/.exec(position) ?? []
  return { up: Number(up ?? 0), size: size === undefined && Number(up ?? 0) > 0 ? 0 : Number(size ?? 100) }
}

const noLook: Look = { struck: null, raised: null, shift: null, points: null, hidden: null }
const unshifted = { up: 0, size: 100 }
const pointsUnstated = 12

/** The look that a style and the styles it comes from give, over the look around it. */
function styled(around: Look, family: string, name: string | undefined, walk: Walk): Look {
  if (name === undefined) return around
  let { struck, raised, shift, points, hidden } = noLook
  let style = walk.styles.get(`${family} ${name}`)
  for (let steps = 0; style !== undefined && steps < styleParentsMax; steps++) {
    struck ??= style.struck
    raised ??= style.raised
    shift ??= style.shift
    points ??= style.points
    hidden ??= style.hidden
    style = style.parent === null ? undefined : walk.styles.get(style.parent)
  }
  return {
    struck: struck ?? around.struck,
    raised: raised ?? around.raised,
    shift: shift ?? around.shift,
    points: points ?? around.points,
    hidden: hidden ?? around.hidden,
  }
}

/** Paragraphs and tables below a node, in order. */
function flowOf(parent: Node, walk: Walk, depth: number, around: Look = noLook): FlowBlock[] {
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
    else {
      if (showsTable(node)) flow.push({ kind: 'paragraph', text: noText, heading: null, shows: true })
      flow.push(...flowOf(node, walk, depth + 1, around))
    }
  }
  return flow
}

function paragraphOf(node: Node, walk: Walk, depth: number, around: Look): FlowBlock[] {
  const level = Number(node.attribs?.['text:outline-level'])
  const heading = node.name === 'text:h' ? Math.max(1, Math.min(9, level || 1)) : null
  const { boxes, shows, shown, raised, struck } = collectText(node, walk, depth, around)
  const text = { shown, raised, struck }
  const title = node.attribs?.['text:style-name'] === 'Title' ? 1 : null
  const paragraph: FlowParagraph = { kind: 'paragraph', text, heading: heading ?? title, shows }
  return [paragraph, ...boxes]
}

function collectText(node: Node, walk: Walk, depth: number, around: Look): Collected {
  const collected: Collected = { shown: '', raised: '', struck: '', shows: false, shift: null, boxes: [] }
  const look = styled(around, 'paragraph', node.attribs?.['text:style-name'] ?? defaultStyle, walk)
  collect(node, look, collected, walk, depth)
  return collected
}

function collect(parent: Node, look: Look, into: Collected, walk: Walk, depth: number): void {
  enforceLimit('markupDepthMax', depth)
  for (const node of parent.children ?? []) {
    const name = node.name ?? ''
    if (name === 'text:change-start' && walk.deletions.has(node.attribs?.['text:change-id'] ?? ''))
      walk.deletion = node.attribs!['text:change-id']!
    else if (name === 'text:change-end' && walk.deletion === node.attribs?.['text:change-id']) walk.deletion = null
    if (node.type === 'text') {
      if (walk.deletion === null) addText(collapse(node.data ?? '', into), look, into)
    } else if (name === 'text:s') {
      const count = Math.max(1, Math.min(spacesMax, Number(node.attribs?.['text:c']) || 1))
      addText(' '.repeat(count), look, into)
    } else if (name === 'text:tab') addText('\t', look, into)
    else if (name === 'text:line-break') addText('\n', look, into)
    else if (name === 'text:span') {
      collect(node, styled(look, 'text', node.attribs?.['text:style-name'], walk), into, walk, depth + 1)
    } else if (name === 'draw:image') walk.images++
    else if (name === 'draw:text-box') into.boxes.push(...flowOf(node, walk, depth + 1))
    else if (!skippedNames.has(name)) {
      if (look.hidden !== true && showsTable(node)) into.shows = true
      collect(node, look, into, walk, depth + 1)
    }
  }
}

const noText: MarkedText = { shown: '', raised: '', struck: '' }
const pictureNames: ReadonlySet<string> = new Set(['draw:image', 'draw:object', 'draw:object-ole', 'draw:plugin'])
/** Points of each unit of length. */
const units: ReadonlyMap<string, number> = new Map([
  ['cm', 72 / 2.54],
  ['mm', 72 / 25.4],
  ['in', 72],
  ['pt', 1],
  ['pc', 12],
  ['px', 0.75],
])

/** Whether a frame shows a picture, or what another program made, that is as large as a table. */
function showsTable({ name, attribs = {}, children = [] }: Node): boolean {
  if (name !== 'draw:frame' || !children.some((one) => pictureNames.has(one.name ?? ''))) return false
  return isTableSized({ width: lengthOf(attribs['svg:width']), height: lengthOf(attribs['svg:height']) })
}

function lengthOf(length = ''): number {
  const [, number, unit] = /^([\d.]{1,12})([a-z]{2})$/.exec(length) ?? []
  return Number(number ?? 0) * (units.get(unit ?? '') ?? 0)
}

/** White space of the markup is one space, and none behind another. */
function collapse(text: string, { shown }: Collected): string {
  const collapsed = text.replace(/[ \t\r\n]+/g, ' ')
  return collapsed.startsWith(' ') && (shown === '' || shown.endsWith(' ')) ? collapsed.slice(1) : collapsed
}

function addText(text: string, look: Look, into: Collected): void {
  if (look.hidden === true) return
  const { up, size } = look.shift ?? unshifted
  const own = { up, size: (look.points ?? pointsUnstated) * (size / 100) }
  addMarked(into, text, { struck: look.struck === true, raised: look.raised === true }, own)
}

function plainText(node: Node): string {
  return node.type === 'text' ? (node.data ?? '') : (node.children ?? []).map(plainText).join('')
}

/** The rows of a table, whatever groups them. */
function rowNodes(table: Node, depth = 0): Node[] {
  enforceLimit('markupDepthMax', depth)
  return (table.children ?? []).flatMap((node) => {
    if (node.name === 'table:table-row') return [node]
    return /^table:table-(?:header-rows|rows|row-group)$/.test(node.name ?? '') ? rowNodes(node, depth + 1) : []
  })
}

/** Cells are counted before what is repeated is written out. */
function countCells(walk: Walk, count: number): void {
  walk.cells += count
  enforceLimit('cellsMax', walk.cells)
}

function repeatOf(node: Node, name: string): number {
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

function isHiddenLine(node: Node): boolean {
  const visibility = node.attribs?.['table:visibility']
  return visibility === 'collapse' || visibility === 'filter'
}

/** A sheet: rows and columns are counted with what is repeated, and only places that hold something are kept. */
function worksheetOf(table: Node, walk: Walk): Worksheet {
  const cells: SheetCell[] = []
  const hiddenRows: { from: number; to: number }[] = []
  const pictures: number[] = []
  let row = 0
  // Those that hang on the sheet and not on a cell stand anywhere; the rows that they are over are not known.
  for (const node of rowNodes(table)) {
    if (framesIn(node).some(showsTable)) pictures.push(row)
    const count = repeatOf(node, 'table:number-rows-repeated')
    if (isHiddenLine(node)) hiddenRows.push({ from: row, to: row + count - 1 })
    const found = sheetRow(node, row, walk)
    if (found.length > 0 && (count <= limits.columnSpanMax || found.some(({ text }) => text !== ''))) {
      countCells(walk, found.length * count)
      for (let index = 0; index < count; index++) {
        cells.push(...(index === 0 ? found : found.map((cell) => ({ ...cell, row: row + index }))))
      }
    }
    row += count
  }
  const style = walk.styles.get(`table ${table.attribs?.['table:style-name'] ?? ''}`)
  return {
    name: table.attribs?.['table:name'] ?? '',
    shown: style?.shown ?? true,
    cells,
    hiddenRows,
    hiddenColumns: hiddenColumns(table),
    pictures,
  }
}

/** The frames of a row's cells, those inside paragraphs apart. */
function framesIn({ children = [] }: Node): Node[] {
  return children.flatMap((cell) => cell.children ?? []).filter(({ name }) => name === 'draw:frame')
}

function sheetRow(node: Node, row: number, walk: Walk): SheetCell[] {
  const cells: SheetCell[] = []
  let column = 0
  for (const one of node.children ?? []) {
    if (one.name !== 'table:table-cell' && one.name !== 'table:covered-table-cell') continue
    const count = repeatOf(one, 'table:number-columns-repeated')
    const rowSpan = repeatOf(one, 'table:number-rows-spanned')
    const columnSpan = repeatOf(one, 'table:number-columns-spanned')
    const covered = one.name === 'table:covered-table-cell'
    const text = covered ? '' : sheetText(one, walk)
    const bordered = walk.styles.get(`table-cell ${one.attribs?.['table:style-name'] ?? ''}`)?.bordered === true
    // A style that goes on to the end of the sheet draws no table.
    const kept = bordered && !covered && count <= limits.columnSpanMax
    if (text !== '' || rowSpan > 1 || columnSpan > 1 || kept) {
      countCells(walk, count)
      for (let index = 0; index < count; index++) cells.push({ row, column: column + index, rowSpan, columnSpan, text })
    }
    column += count
  }
  return cells
}

function sheetText(cell: Node, walk: Walk): string {
  const look = cellLook(cell, noLook, walk)
  const texts: MarkedText[] = (cell.children ?? [])
    .filter(({ name }) => name === 'text:p' || name === 'text:h')
    .map((node) => collectText(node, walk, 0, look))
  if (texts.length === 0 && cell.attribs?.['office:value'] !== undefined) return cell.attribs['office:value']
  return countingText(joinMarked(texts), walk.notices)
}

function hiddenColumns(table: Node): Hidden {
  const hidden: { from: number; to: number }[] = []
  let column = 0
  const stack: Node[] = [...(table.children ?? [])].reverse()
  while (stack.length > 0) {
    const node = stack.pop()!
    if (/^table:table-(?:header-columns|columns|column-group)$/.test(node.name ?? '')) {
      for (const child of [...(node.children ?? [])].reverse()) stack.push(child)
    }
    if (node.name !== 'table:table-column') continue
    const count = repeatOf(node, 'table:number-columns-repeated')
    if (isHiddenLine(node)) hidden.push({ from: column, to: column + count - 1 })
    column += count
  }
  return hidden
}
