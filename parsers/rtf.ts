/**
 * RTF to a Document: one pass over its groups, control words and text, after the specification (1.9.1). The rows of its
 * tables state the right edge of each cell, so spans are as exact as in DOC. Text is bytes in the code page of the font
 * or Unicode with a substitute behind it; both come mixed.
 */
import iconv from 'iconv-lite'
import type { Document, Metadatum, Notice } from './document.ts'
import { damaged } from './failure.ts'
import { type FlowParagraph, layOut } from './flow.ts'
import { enforceLimit, LimitError, limits } from './limits.ts'
import { addMarked, type OpenText } from './marks.ts'
import { makeStory, type RowCell, type Story } from './story.ts'
import { isLetterSized, isTableSized, moreUnread, type Unread } from './unread.ts'

/** What a group hands down to the groups inside it, and takes back at its end. */
type State = {
  /** Where text goes: the document, a list that is read, or nowhere. */
  destination: 'text' | 'fonts' | 'title' | 'picture' | 'skipped'
  font: number
  struck: boolean
  raised: boolean
  lowered: boolean
  /** In half points. */
  up: number
  size: number
  hidden: boolean
  deleted: boolean
  /** In letters as white as what they stand on. */
  unseen: boolean
  /** How many characters stand behind a Unicode character for readers that know none. */
  substitutes: number
  inTable: boolean
  depth: number
  heading: number | null
  /** In a text box, whose paragraphs interrupt the paragraph and the table that it hangs on. */
  inBox: boolean
  /** In a shape, whose properties tell the picture that it may be. */
  inShape: boolean
  inField: boolean
}

/** The text of the paragraph that is open. */
type Open = OpenText & { shows: boolean; unread: Unread | null }

type PictureSize = { width: number; height: number; stretchX: number; stretchY: number }

type Row = { cells: RowCell[]; left: number; next: Pick<RowCell, 'across' | 'down'> }

type Walk = {
  readonly bytes: Uint8Array
  readonly story: Story
  readonly stack: State[]
  readonly codePages: Map<number, string>
  state: State
  codePage: string
  defaultFont: number
  /** Bytes of one font, which are decoded together: characters are of several. */
  readonly pending: Buffer
  pendingBytes: number
  /** Substitutes still to be passed over. */
  toSkip: number
  readonly open: { readonly body: Open; readonly box: Open }
  /** What text boxes hold: behind all other text. */
  readonly boxes: FlowParagraph[]
  /** Whether cells of a row have ended and the row has not. */
  midRow: boolean
  title: string
  images: number
  /** Numbers of the colours in which letters are not seen. */
  readonly whites: ReadonlySet<number>
  /** What is written in them. */
  readonly unseen: string[]
  /** Whether the outermost field that is open has shown anything. */
  fieldShows: boolean
  /** Of the picture that is open: twips, and parts of a hundred by which they are stretched. */
  picture: PictureSize
  /** Edges of the shape that is open, in twips. */
  readonly shape: Record<ShapeEdge, number>
  row: Row
  nestedRow: Row
  undecodable: number
}

type Token =
  | { readonly kind: 'word'; readonly name: string; readonly value: number | null }
  | { readonly kind: 'byte'; readonly byte: number }

type ShapeEdge = (typeof shapeEdges)[number]

const shapeEdges = ['shpleft', 'shptop', 'shpright', 'shpbottom'] as const
const emptyOpen: Open = { shown: '', raised: '', struck: '', shows: false, unread: null, shift: null }
const noPicture: PictureSize = { width: 0, height: 0, stretchX: 100, stretchY: 100 }

/** Half points of text whose size is not stated. */
const plainSize = 24

const initial: State = {
  destination: 'text',
  font: -1,
  struck: false,
  raised: false,
  lowered: false,
  up: 0,
  size: plainSize,
  hidden: false,
  deleted: false,
  unseen: false,
  substitutes: 1,
  inTable: false,
  depth: 0,
  heading: null,
  inBox: false,
  inShape: false,
  inField: false,
}

/** Destinations that hold no text of the document. */
const skippedDestinations = new Set(
  'stylesheet colortbl filetbl listtable listoverridetable revtbl rsidtbl generator xmlnstbl pict objdata header headerl headerr headerf footer footerl footerr footerf footnote annotation atnid atnauthor fldinst datafield themedata colorschememapping latentstyles datastore nonesttables nonshppict mmathPr bkmkstart bkmkend pntxta pntxtb pnseclvl template author operator subject keywords comment doccomm company manager creatim revtim printim buptim private xe tc rxe txe fname userprops docvar ftnsep ftnsepc aftnsep aftnsepc formfield picprop sp sn sv shprslt do'.split(
    ' ',
  ),
)
/** Optional destinations that hold text of the document all the same. */
const knownDestinations = new Set(['shppict', 'shpinst', 'nesttableprops', 'fldrslt'])

const characters: ReadonlyMap<string, string> = new Map([
  ['tab', '\t'],
  ['line', '\n'],
  ['lbr', '\n'],
  ['emdash', '—'],
  ['endash', '–'],
  ['bullet', '•'],
  ['lquote', '‘'],
  ['rquote', '’'],
  ['ldblquote', '“'],
  ['rdblquote', '”'],
  ['emspace', '\u2003'],
  ['enspace', '\u2002'],
  ['qmspace', '\u2005'],
  ['~', '\u00a0'],
  ['_', '-'],
])

/** Code pages of \fcharset, where they are not the document's own. */
const charsets: ReadonlyMap<number, string> = new Map([
  [0, 'cp1252'],
  [77, 'macintosh'],
  [128, 'cp932'],
  [129, 'cp949'],
  [134, 'gb18030'],
  [136, 'cp950'],
  [161, 'cp1253'],
  [162, 'cp1254'],
  [163, 'cp1258'],
  [177, 'cp1255'],
  [178, 'cp1256'],
  [186, 'cp1257'],
  [204, 'cp1251'],
  [222, 'cp874'],
  [238, 'cp1250'],
])

const outlineLevels = 9

/**
 * The document of some RTF bytes.
 * @throws LimitError; ParseFailure `damaged` for a file that is cut off
 */
export function parseRtf(bytes: Uint8Array): Document {
  const notices: Notice[] = []
  const walk: Walk = {
    bytes,
    story: makeStory(notices),
    stack: [],
    codePages: new Map(),
    state: { ...initial },
    codePage: 'cp1252',
    defaultFont: 0,
    pending: Buffer.alloc(bytes.length),
    pendingBytes: 0,
    toSkip: 0,
    open: { body: { ...emptyOpen }, box: { ...emptyOpen } },
    picture: { ...noPicture },
    shape: { shpleft: 0, shptop: 0, shpright: 0, shpbottom: 0 },
    boxes: [],
    midRow: false,
    title: '',
    images: 0,
    whites: unseenColours(bytes),
    unseen: [],
    fieldShows: false,
    row: emptyRow(),
    nestedRow: emptyRow(),
    undecodable: 0,
  }
  readGroups(walk)
  const { shown, raised, struck, shows } = walk.open.body
  if (shows || `${shown}${raised}${struck}`.trim() !== '') takeParagraph(walk)
  const flowed = layOut([...walk.story.finish(), ...walk.boxes], walk.images, notices)
  if (walk.undecodable > 0) {
    notices.push({ code: 'undecodable_characters', anchor: null, data: { count: walk.undecodable } })
  }
  const unseen = walk.unseen.join(' ').trim()
  if (unseen !== '') {
    notices.push({ code: 'hidden_content', anchor: null, data: { text: unseen.slice(0, noticeCharactersMax) } })
  }
  const title = walk.title.trim()
  const metadata: Metadatum[] =
    title === '' ? [] : [{ name: 'title', value: title, anchor: { path: 'info/title', page: null, box: null } }]
  return {
    format: 'rtf',
    mediaType: 'application/rtf',
    engine: 'gouji',
    encoding: walk.codePage,
    title: title === '' ? null : title,
    metadata,
    ...flowed,
    notices,
  }
}

const white = /\\red255\s*\\green255\s*\\blue255(?!\d)/
const ground = /\\(?:(?:cl|tr|ch|tscell)?c[bf]pat|clcbpatraw|clcfpatraw|cb|highlight)(\d{1,5})(?!\d)/g
const shade =
  /\\(?:cl|tr|ch)?(?:shdng|shading)(?:raw)?[1-9]|\\(?:tr|cl|ch)?bg(?:horiz|vert|fdiag|bdiag|cross|dcross|dk\w+)(?![a-z])|\{\\\*\\background(?![a-z])/

/** The numbers of the colours that are white, where nothing paints anything behind text in another colour. */
function unseenColours(bytes: Uint8Array): ReadonlySet<number> {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const [, table = ''] = /\{\\colortbl([^{}]*)\}/.exec(source) ?? []
  const whites = new Set(table.split(';').flatMap((colour, index) => (index > 0 && white.test(colour) ? [index] : [])))
  if (whites.size === 0 || shade.test(source)) return new Set()
  for (const [, number] of source.matchAll(ground)) {
    if (number !== '0' && !whites.has(Number(number))) return new Set()
  }
  return whites
}

const noticeCharactersMax = 200

function emptyRow(): Row {
  return { cells: [], left: 0, next: { across: 'none', down: 'none' } }
}

/** Reads up to the end of the outermost group; what editors leave behind it is no part of the document. */
function readGroups(walk: Walk): void {
  const { bytes, stack } = walk
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at]!
    if (byte === 0x7b) {
      flushBytes(walk)
      walk.toSkip = 0
      stack.push({ ...walk.state })
      enforceLimit('markupDepthMax', stack.length)
      at++
    } else if (byte === 0x7d) {
      flushBytes(walk)
      walk.toSkip = 0
      const outer = stack.pop()
      if (outer === undefined) return
      if (walk.state.destination === 'picture' && outer.destination === 'text') endPicture(walk)
      if (walk.state.inBox && !outer.inBox) takeParagraph(walk)
      if (walk.state.inField && !outer.inField) endField(walk)
      walk.state = outer
      at++
      if (stack.length === 0) return
    } else if (byte === 0x5c) at = readControl(at + 1, walk)
    else {
      if (byte !== 0x0a && byte !== 0x0d && byte !== 0) takeByte(byte, walk)
      at++
    }
  }
  throw damaged('the file is cut off')
}

/** Reads one control word or symbol behind its backslash; gives where reading goes on. */
function readControl(start: number, walk: Walk): number {
  const { bytes } = walk
  if (start >= bytes.length) throw damaged('the file is cut off')
  let at = start
  while (at < bytes.length && isLetter(bytes[at]!) && at - start < 64) at++
  if (at === start) return readSymbol(start, walk)
  const name = String.fromCharCode(...bytes.subarray(start, at))
  let value: number | null = null
  const negative = bytes[at] === 0x2d
  const digits = negative ? at + 1 : at
  let end = digits
  while (end < bytes.length && isDigit(bytes[end]!) && end - digits < 11) end++
  if (end > digits) {
    value = Number(String.fromCharCode(...bytes.subarray(digits, end))) * (negative ? -1 : 1)
    at = end
  }
  if (bytes[at] === 0x20) at++
  if (name === 'bin') return at + Math.max(0, Math.min(value ?? 0, bytes.length - at))
  takeToken({ kind: 'word', name, value }, walk)
  return at
}

function readSymbol(at: number, walk: Walk): number {
  const { bytes } = walk
  const symbol = String.fromCharCode(bytes[at]!)
  if (symbol === "'") {
    const byte = Number.parseInt(String.fromCharCode(bytes[at + 1] ?? 0, bytes[at + 2] ?? 0), 16)
    if (!Number.isNaN(byte)) takeToken({ kind: 'byte', byte }, walk)
    return Math.min(bytes.length, at + 3)
  }
  if (symbol === '\n' || symbol === '\r') takeToken({ kind: 'word', name: 'par', value: null }, walk)
  else if (symbol === '*') walk.state.destination = optionalDestination(at + 1, walk)
  else if (symbol === '\\' || symbol === '{' || symbol === '}') takeByte(bytes[at]!, walk)
  else takeToken({ kind: 'word', name: symbol, value: null }, walk)
  return at + 1
}

/** A destination marked as optional is skipped unless it is known: looks ahead at its name. */
function optionalDestination(at: number, walk: Walk): State['destination'] {
  const ahead = String.fromCharCode(...walk.bytes.subarray(at, at + 40))
  const name = /^\s*\\([a-zA-Z]+)/.exec(ahead)?.[1]
  return name !== undefined && knownDestinations.has(name) ? walk.state.destination : 'skipped'
}

function takeToken(token: Token, walk: Walk): void {
  if (walk.toSkip > 0 && (token.kind === 'byte' || characters.has(token.name))) {
    walk.toSkip--
    return
  }
  if (token.kind === 'byte') {
    takeByte(token.byte, walk)
    return
  }
  flushBytes(walk)
  // A substitute that is missing must not cost the text behind it.
  walk.toSkip = 0
  const { name, value } = token
  if (skippedDestinations.has(name)) {
    const pictured = name === 'pict' && walk.state.destination === 'text'
    if (pictured) {
      walk.images++
      walk.picture = { ...noPicture }
    }
    if (name === 'pict' && walk.state.inShape) endShape(walk)
    walk.state.destination = pictured ? 'picture' : 'skipped'
  } else if (walk.state.destination === 'picture') {
    takePictureSize(name, value ?? 0, walk.picture)
  } else if (!takeCharacter(name, value, walk) && !takeLook(name, value, walk) && !takeFont(name, value, walk)) {
    if (walk.state.destination === 'text') takeLayout(name, value, walk)
  }
}

function takePictureSize(name: string, value: number, picture: PictureSize): void {
  if (name === 'picwgoal') picture.width = value
  else if (name === 'pichgoal') picture.height = value
  else if (name === 'picscalex') picture.stretchX = value
  else if (name === 'picscaley') picture.stretchY = value
}

/** A picture in the line of text. Twips are a twentieth of a point. */
function endPicture(walk: Walk): void {
  const { width, height, stretchX, stretchY } = walk.picture
  showPicture({ width: (width * stretchX) / 2_000, height: (height * stretchY) / 2_000 }, walk)
}

/** A picture beside the text is as large as its shape. */
function endShape(walk: Walk): void {
  const { shpleft, shptop, shpright, shpbottom } = walk.shape
  showPicture({ width: (shpright - shpleft) / 20, height: (shpbottom - shptop) / 20 }, walk)
}

function showPicture(size: { readonly width: number; readonly height: number }, { state, open }: Walk): void {
  if (state.hidden || state.deleted) return
  const into = open[state.inBox ? 'box' : 'body']
  if (isTableSized(size)) into.shows = true
  // A picture beside the text is a seal or a line.
  else if (!state.inShape && isLetterSized(size)) into.unread = moreUnread(into.unread, 'picture')
}

/** A field that shows nothing was never computed, or its result is no text. */
function endField({ state, open, fieldShows }: Walk): void {
  if (!fieldShows && !state.hidden && !state.deleted) open[state.inBox ? 'box' : 'body'].unread = 'text'
}

function takeCharacter(name: string, value: number | null, walk: Walk): boolean {
  if (name === 'u' && value !== null) {
    addText(String.fromCharCode(value & 0xffff), walk)
    walk.toSkip = walk.state.substitutes
    return true
  }
  if (name === 'uc') {
    walk.state.substitutes = Math.max(0, Math.min(value ?? 1, 8))
    return true
  }
  const character = characters.get(name)
  if (character === undefined) return false
  addText(character, walk)
  return true
}

/** Half points by which text is shifted where no more is stated. */
const shiftUnstated = 6

/** Words that say how text looks, and whether it counts. */
function takeLook(name: string, value: number | null, { state, whites }: Walk): boolean {
  const on = value !== 0
  if (name === 'strike' || name === 'striked') state.struck = on
  else if (name === 'v') state.hidden = on
  else if (name === 'deleted') state.deleted = on
  else if (name === 'cf') state.unseen = whites.has(value ?? 0)
  else if (name === 'super') state.raised = on
  else if (name === 'sub') {
    state.lowered = on
    state.raised = false
  } else if (name === 'up') state.up = value ?? shiftUnstated
  else if (name === 'dn') state.up = -(value ?? shiftUnstated)
  else if (name === 'fs') state.size = value ?? plainSize
  else if (name === 'nosupersub') {
    state.raised = false
    state.lowered = false
  } else if (name === 'plain') {
    state.struck = false
    state.hidden = false
    state.deleted = false
    state.unseen = false
    state.raised = false
    state.lowered = false
    state.up = 0
    state.size = plainSize
    state.font = -1
  } else return false
  return true
}

function takeFont(name: string, value: number | null, walk: Walk): boolean {
  const { state } = walk
  if (name === 'fonttbl') state.destination = 'fonts'
  else if (name === 'title') state.destination = state.destination === 'text' ? 'title' : 'skipped'
  else if (name === 'f') state.font = value ?? 0
  else if (name === 'deff') walk.defaultFont = value ?? 0
  else if (name === 'ansicpg' && value !== null) walk.codePage = codePageOf(value) ?? walk.codePage
  else if (name === 'fcharset' && state.destination === 'fonts') {
    const page = charsets.get(value ?? 0)
    if (page !== undefined) walk.codePages.set(state.font, page)
    enforceLimit('markupNodesMax', walk.codePages.size)
  } else return false
  return true
}

function codePageOf(number: number): string | null {
  if (number === 936 || number === 54936) return 'gb18030'
  if (number === 65001) return 'utf8'
  const name = `cp${number}`
  return iconv.encodingExists(name) ? name : null
}

function takeLayout(name: string, value: number | null, walk: Walk): void {
  const { state, story } = walk
  if (name === 'par' || name === 'page' || name === 'sect') takeParagraph(walk)
  else if (name === 'shpinst') state.inShape = true
  else if (isShapeEdge(name)) walk.shape[name] = value ?? 0
  else if (name === 'field' && !state.inField) {
    state.inField = true
    walk.fieldShows = false
  } else if (name === 'shptxt') {
    // It is seen where it lies, which is not always the cell that holds it.
    if (!state.inBox) walk.open.body.unread = 'text'
    state.inBox = true
    state.inShape = false
  } else if (name === 'pard') {
    state.inTable = false
    state.depth = 0
    state.heading = null
  } else if (name === 'intbl') state.inTable = true
  else if (name === 'itap') state.depth = Math.max(0, value ?? 0)
  else if (name === 'outlinelevel') {
    const level = value ?? outlineLevels
    state.heading = level >= 0 && level < outlineLevels ? level + 1 : null
  } else if (name === 'cell' || name === 'nestcell') {
    const depth = name === 'cell' ? 1 : Math.max(2, state.depth)
    takeParagraph(walk, depth)
    if (!state.inBox) story.endCell(depth)
    if (!state.inBox) walk.midRow = true
  } else if (name === 'row' && !state.inBox) {
    story.endRow(1, walk.row.cells)
    walk.row.cells = [...walk.row.cells]
    walk.midRow = false
  } else if (name === 'nestrow' && !state.inBox) story.endRow(Math.max(2, state.depth), walk.nestedRow.cells)
  else if (!state.inBox) takeRowDefinition(name, value, walk)
}

function isShapeEdge(name: string): name is ShapeEdge {
  return (shapeEdges as readonly string[]).includes(name)
}

function takeRowDefinition(name: string, value: number | null, walk: Walk): void {
  const { state } = walk
  const nested = state.depth > 1
  const row = nested ? walk.nestedRow : walk.row
  const { next } = row
  if (name === 'trowd') {
    if (nested) walk.nestedRow = emptyRow()
    else walk.row = emptyRow()
  } else if (name === 'trleft') row.left = value ?? 0
  else if (name === 'clmgf') row.next = { ...next, across: 'first' }
  else if (name === 'clmrg') row.next = { ...next, across: 'more' }
  else if (name === 'clvmgf') row.next = { ...next, down: 'first' }
  else if (name === 'clvmrg') row.next = { ...next, down: 'more' }
  else if (name === 'cellx') {
    const left = row.cells.at(-1)?.right ?? row.left
    row.cells.push({ left, right: value ?? left, ...next })
    row.next = { across: 'none', down: 'none' }
    if (row.cells.length > limits.lineFieldsMax) throw new LimitError('lineFieldsMax')
  }
}

/** Where bytes are no text. */
const unheard: ReadonlySet<State['destination']> = new Set(['picture', 'skipped'])

function takeByte(byte: number, walk: Walk): void {
  if (walk.toSkip > 0) walk.toSkip--
  else if (!unheard.has(walk.state.destination)) walk.pending[walk.pendingBytes++] = byte
}

/** Decodes the bytes that came one after another in one font. */
function flushBytes(walk: Walk): void {
  const { state } = walk
  if (walk.pendingBytes === 0) return
  const bytes = walk.pending.subarray(0, walk.pendingBytes)
  walk.pendingBytes = 0
  const font = state.font === -1 ? walk.defaultFont : state.font
  const own = walk.codePages.get(font)
  // Western fonts stand in Chinese text too, and its bytes then mean what the document's code page says.
  const page = own === undefined || own === 'cp1252' ? walk.codePage : own
  const text = iconv.decode(bytes, page)
  for (const character of text) if (character === '\ufffd') walk.undecodable++
  addText(text, walk)
}

function addText(text: string, walk: Walk): void {
  const { state } = walk
  if (state.destination === 'title') walk.title = `${walk.title}${text}`.slice(0, limits.cellCharactersMax)
  if (state.destination !== 'text' || state.hidden || state.deleted) return
  const open = walk.open[state.inBox ? 'box' : 'body']
  if (text.trim() !== '') walk.fieldShows = true
  // Boxes may be filled with any colour.
  if (state.unseen && !state.inBox) {
    walk.unseen.push(text)
    return
  }
  addMarked(open, text, state, state)
}

function takeParagraph(walk: Walk, depth = depthOf(walk)): void {
  const { state } = walk
  const open = walk.open[state.inBox ? 'box' : 'body']
  const { shown, raised, struck, shows, unread } = open
  const text = { shown, raised, struck }
  const paragraph: FlowParagraph = { kind: 'paragraph', text, heading: state.heading, shows, unread }
  if (state.inBox) walk.boxes.push(paragraph)
  else walk.story.paragraph(depth, paragraph)
  Object.assign(open, emptyOpen)
}

/** Some writers state that a paragraph is in a table only for the first of a cell. */
function depthOf({ state, midRow }: Walk): number {
  return state.inTable || midRow ? Math.max(1, state.depth) : 0
}

function isLetter(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a)
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
