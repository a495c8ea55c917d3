/**
 * The text of a DOC as it runs: takes an opened file, gives its paragraphs and tables, first the main text, then text
 * boxes. Marks end paragraphs, cells and rows; what a mark means, and the cells of a row, stands in the properties of the
 * paragraph that it ends.
 */
import { firstNotBefore } from './bisect.ts'
import type { Notice } from './document.ts'
import { damaged } from './failure.ts'
import type { FlowBlock } from './flow.ts'
import { enforceLimit, LimitError } from './limits.ts'
import { addMarked, type OpenText } from './marks.ts'
import { type Merge, makeStory, type RowCell, type Story } from './story.ts'
import { isLetterSized, isTableSized, moreUnread, type Unread } from './unread.ts'
import { paints, whiteness } from './wordcolours.ts'
import type { Piece, Property, Run, WordFile } from './wordfile.ts'

/** How characters look, as far as it says whether they count. */
type Look = {
  struck: boolean
  raised: boolean
  lowered: boolean
  hidden: boolean
  deleted: boolean
  white: boolean
  special: boolean
  symbol: number
  data: boolean
  picture: number
  /** In half points. */
  up: number
  size: number | null
}

/** What the mark at the end of a paragraph says. */
type ParagraphEnd = {
  depth: number
  endsCell: boolean
  endsRow: boolean
  heading: number | null
  /** Whether a number of a list stands before it. */
  numbered: boolean
  cells: RowCell[] | null
}

/** A field: whether what shows of it has begun, and how much text was shown before it. */
type Field = { inResult: boolean; before: number }

/** The text since the last mark, and the fields that are open in it. */
type Open = OpenText & { shows: boolean; unread: Unread | null; readonly fields: Field[] }

/** What was met: white letters, and what is painted behind text in another colour; what was left out since it is not seen. */
type Colours = { white: boolean; painted: boolean; readonly unseen: string[] }

type Walk = {
  readonly file: WordFile
  readonly story: Story
  readonly open: Open
  /** By the run and the style of its paragraph. */
  readonly looks: Map<string, Look>
  /** The properties of styles that were asked for. */
  readonly styled: Map<number, readonly Property[]>
  readonly places: Map<number, ListPlace>
  /** Whether any style says whether its text counts. */
  readonly telling: boolean
  images: number
  /** Whether white letters are on white, in the main text. */
  readonly onPaper: boolean
  readonly colours: Colours
  /** Whether the row that is open has a cell whose mark is not deleted. */
  keptCell: boolean
}

const plain: Look = {
  struck: false,
  raised: false,
  lowered: false,
  hidden: false,
  deleted: false,
  white: false,
  special: false,
  symbol: 0,
  data: false,
  picture: -1,
  up: 0,
  size: null,
}
const latin = new TextDecoder('windows-1252')
const wide = new TextDecoder('utf-16le')
const titleKind = 62
const headingKinds = 9

/**
 * The document's text as a tree, and how many pictures it has.
 * @throws ParseFailure `damaged`; LimitError
 */
export function readStory(file: WordFile, notices: Notice[]): Told {
  const first: Notice[] = []
  const colours: Colours = { white: false, painted: file.styles.some((style) => paintsIn(style, file)), unseen: [] }
  const read = readOnce(file, first, colours, false)
  if (!colours.white || colours.painted) {
    notices.push(...first)
    return read
  }
  // Only now it is known that nothing is painted behind white letters.
  const again = readOnce(file, notices, colours, true)
  const text = colours.unseen.join('').trim().slice(0, noticeCharactersMax)
  if (text !== '') notices.push({ code: 'hidden_content', anchor: null, data: { text } })
  return again
}

type Told = { flow: FlowBlock[]; images: number }

const noticeCharactersMax = 200

/** Whether a style paints what is behind its text. Styles may be broken without harm to the text. */
function paintsIn({ paragraphs, characters }: WordFile['styles'][number], file: WordFile): boolean {
  try {
    return [paragraphs, characters].some((bytes) => file.readProperties(bytes).some(paints))
  } catch (error) {
    if (error instanceof LimitError) throw error
    return true
  }
}

function readOnce(file: WordFile, notices: Notice[], colours: Colours, onPaper: boolean): Told {
  const { main, before, boxes } = file.characters
  const walk: Walk = {
    file,
    story: makeStory(notices),
    open: { shown: '', raised: '', struck: '', shows: false, unread: null, shift: null, fields: [] },
    looks: new Map(),
    styled: new Map(),
    places: new Map(),
    telling: file.styles.some((_, style) => statedBy(style, file).length > 0),
    images: 0,
    onPaper,
    colours,
    keptCell: false,
  }
  readCharacters(0, main, walk)
  endOpenText(walk)
  const flow = walk.story.finish()
  if (boxes === 0) return { flow, images: walk.images }
  const inBoxes: Walk = { ...walk, story: makeStory(notices), onPaper: false }
  readCharacters(main + before, main + before + boxes, inBoxes)
  endOpenText(inBoxes)
  return { flow: [...flow, ...inBoxes.story.finish()], images: inBoxes.images }
}

/** A text always ends with a mark; text behind the last one is kept all the same. */
function endOpenText(walk: Walk): void {
  if (walk.open.shows || `${walk.open.shown}${walk.open.struck}` !== '') takeParagraph(walk, 0, null)
  walk.open.fields.length = 0
}

/** Walks over the characters from `from` to `to`, piece by piece, and in a piece run by run of the same look. */
function readCharacters(from: number, to: number, walk: Walk): void {
  let first = 0
  for (const piece of walk.file.pieces) {
    const { bytesPerCharacter: size } = piece
    const count = (piece.end - piece.start) / size
    const start = piece.start + Math.max(0, from - first) * size
    const end = piece.start + Math.min(count, to - first) * size
    first += count
    if (start >= end) continue
    const changed = walk.file.readProperties(piece.changes)
    const runs = walk.file.characterRuns
    let index = indexAt(runs, start)
    for (let at = start; at < end; ) {
      while (index < runs.length && runs[index]!.end <= at) index++
      const run = runs[index]
      const inside = run !== undefined && run.start <= at
      let stop = Math.min(end, inside ? run.end : (run?.start ?? end))
      // Two bytes of a character belong together, whatever the run says.
      stop = Math.min(end, at + Math.max(size, Math.ceil((stop - at) / size) * size))
      const around = styleAround(at, walk)
      readRun(
        at,
        stop,
        piece,
        applyLook(inside ? lookOf(run, around, walk) : lookOfStyle(around, walk), changed),
        changed,
        walk,
      )
      at = stop
    }
  }
}

/** The style of the paragraph that some text stands in. */
function styleAround(place: number, { file, telling }: Walk): number {
  if (!telling) return 0
  const { paragraphRuns: runs } = file
  return runs[indexAt(runs, place)]?.style ?? 0
}

function lookOf(run: Run, around: number, walk: Walk): Look {
  const key = `${run.start} ${around}`
  let look = walk.looks.get(key)
  if (look === undefined) {
    const properties = walk.file.propertiesOf(run, 'character')
    walk.colours.painted ||= properties.some(paints)
    const named = properties.find(({ code, operand }) => code === 0x4a30 && operand.byteLength >= 2)
    const paragraph = lookOfStyle(around, walk)
    const styled =
      named === undefined ? paragraph : applyLook(paragraph, styledBy(named.operand.getUint16(0, true), walk))
    look = applyLook(styled, properties, styled)
    walk.looks.set(key, look)
  }
  return look
}

function lookOfStyle(style: number, walk: Walk): Look {
  return walk.telling ? applyLook(plain, styledBy(style, walk)) : plain
}

const styleParentsMax = 20

/** The properties of characters that a style states, after those of the styles it is based on. */
function styledBy(style: number, { file, styled }: Walk): readonly Property[] {
  const known = styled.get(style)
  if (known !== undefined) return known
  const properties = chainOf(style, file).flatMap((one) => statedBy(one, file))
  styled.set(style, properties)
  return properties
}

/** A style behind those it is based on. */
function chainOf(style: number, { styles }: WordFile): number[] {
  const chain: number[] = []
  for (let at = style; styles[at] !== undefined && chain.length < styleParentsMax; at = styles[at]!.parent)
    chain.unshift(at)
  return chain
}

/** What one style says of whether its text counts. Styles may be broken without harm to the text. */
function statedBy(style: number, file: WordFile): readonly Property[] {
  try {
    return file.readProperties(file.styles[style]!.characters).filter(({ code }) => countingCodes.has(code))
  } catch (error) {
    if (error instanceof LimitError) throw error
    return []
  }
}

/** Properties that say whether text counts: struck out once or twice, hidden, raised. */
const countingCodes: ReadonlySet<number> = new Set([0x0837, 0x2a53, 0x083c, 0x2a48])

/** [MS-DOC] 2.6.1. An operand may refer to what the styles say, or to its opposite. */
function applyLook(before: Look, properties: readonly Property[], styled: Look = before): Look {
  if (properties.length === 0) return before
  const look = { ...before }
  for (const { code, operand } of properties) {
    look.white = whiteness(code, operand) ?? look.white
    const value = operand.byteLength > 0 ? operand.getUint8(0) : 0
    const on = (value & 1) === 1
    const toggled = (own: boolean): boolean => (value === 0x80 ? own : value === 0x81 ? !own : on)
    if (code === 0x0837 || code === 0x2a53) look.struck = toggled(styled.struck)
    else if (code === 0x083c) look.hidden = toggled(styled.hidden)
    else if (code === 0x0800) look.deleted = on
    else if (code === 0x0855) look.special = on
    else if (code === 0x2a48) {
      look.raised = value === 1
      look.lowered = value === 2
    } else if (code === 0x0806) look.data = on
    else if (code === 0x4845) look.up = operand.getInt16(0, true)
    else if (code === 0x4a43) look.size = operand.getUint16(0, true)
    else if (code === 0x6a03) look.picture = operand.getUint32(0, true)
    else if (code === 0x6a09) look.symbol = operand.getUint16(2, true)
  }
  return look
}

function readRun(start: number, end: number, piece: Piece, look: Look, changed: readonly Property[], walk: Walk): void {
  const { document } = walk.file
  const narrow = piece.bytesPerCharacter === 1
  const bytes = new Uint8Array(document.buffer, document.byteOffset + start, end - start)
  const text = (narrow ? latin : wide).decode(bytes)
  let from = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code >= 0x20 && !(look.special && look.symbol > 0)) continue
    addText(text.slice(from, index), look, walk)
    from = index + 1
    const place = start + index * piece.bytesPerCharacter
    if (code === 0x0d || code === 0x07 || code === 0x0c) endParagraph(code, place, look, changed, walk)
    else addSpecial(code, piece.first + (place - piece.start) / piece.bytesPerCharacter, look, walk)
  }
  addText(text.slice(from), look, walk)
}

function addText(text: string, look: Look, { open, onPaper, colours }: Walk): void {
  if (text === '' || look.hidden || look.deleted || inInstruction(open)) return
  if (look.white) {
    colours.white = true
    if (onPaper) {
      colours.unseen.push(text)
      return
    }
  }
  addMarked(open, text, look, look)
}

function addSpecial(code: number, character: number, look: Look, walk: Walk): void {
  const { fields } = walk.open
  if (code === 0x13) {
    fields.push({ inResult: false, before: walk.open.shown.length })
    enforceLimit('markupDepthMax', fields.length)
  } else if (code === 0x14) {
    const field = fields.at(-1)
    if (field !== undefined) field.inResult = true
  } else if (code === 0x15) {
    // A field that shows nothing was never computed, or its result is no text.
    if (fields.pop()?.before === walk.open.shown.length && counts(look, walk)) walk.open.unread = 'text'
  } else if (code === 0x01 || code === 0x08) {
    walk.images++
    if (showsTable(code, character, look, walk)) walk.open.shows = true
    else walk.open.unread = moreUnread(walk.open.unread, unreadAt(code, character, look, walk))
  } else if (code === 0x0b || code === 0x0e) addText('\n', look, walk)
  else if (code === 0x09) addText('\t', look, walk)
  else if (code === 0x1e) addText('-', look, walk)
  else if (code >= 0x20) addText(String.fromCharCode(look.symbol), look, walk)
}

/** Whether the mark of a picture in the line, or of a shape beside it, stands for one that may be a table. */
function showsTable(code: number, character: number, look: Look, { file, open }: Walk): boolean {
  if (look.hidden || look.deleted || look.data || inInstruction(open)) return false
  const size = code === 0x08 ? file.besideAt(character) : file.pictureAt(look.picture)
  return size !== null && isTableSized(size)
}

/** A small picture that stands in the line like a letter, or text in a box, which is seen where the box lies. */
function unreadAt(code: number, character: number, look: Look, walk: Walk): Unread | null {
  const { file } = walk
  if (look.data || !look.special || !counts(look, walk)) return null
  if (code === 0x08) return file.characters.boxes > 0 && file.besideAt(character) === null ? 'text' : null
  return isLetterSized(file.pictureAt(look.picture) ?? { width: 0, height: 0 }) ? 'picture' : null
}

function counts(look: Look, { open }: Walk): boolean {
  return !look.hidden && !look.deleted && !inInstruction(open)
}

function inInstruction({ fields }: Open): boolean {
  return fields.some(({ inResult }) => !inResult)
}

function endParagraph(code: number, place: number, look: Look, changed: readonly Property[], walk: Walk): void {
  const { paragraphRuns: runs } = walk.file
  const run = runs[indexAt(runs, place)]
  if (run === undefined || run.start > place) throw damaged('a paragraph without properties')
  const end = readEnd(run, changed, walk)
  if (code === 0x07 && end.depth === 0) throw damaged('a cell outside any table')
  // A page break may stand inside a paragraph; as the end of one it says nothing of cells.
  const marksCell = code === 0x07 ? end.depth === 1 : code === 0x0d && end.depth > 1
  const endsRow = marksCell && end.endsRow
  if (end.numbered && !endsRow) walk.open.unread = 'text'
  if (!endsRow) takeParagraph(walk, end.depth, end.heading)
  if (endsRow) {
    // Some writers mark the ends of rows as deleted in which only something was: in a deleted row every mark is.
    if (look.deleted && !walk.keptCell) walk.story.dropRow(end.depth)
    else walk.story.endRow(end.depth, end.cells)
    walk.keptCell = false
  } else if (code === 0x07 || (marksCell && end.endsCell)) {
    walk.story.endCell(end.depth)
    walk.keptCell ||= !look.deleted
  }
}

function takeParagraph({ story, open }: Walk, depth: number, heading: number | null): void {
  const { shown, raised, struck, shows, unread } = open
  story.paragraph(depth, { kind: 'paragraph', text: { shown, raised, struck }, heading, shows, unread })
  // What a field shows may go over several paragraphs.
  if (shown !== '') for (const field of open.fields) field.before = -1
  open.shows = false
  open.unread = null
  open.shown = ''
  open.raised = ''
  open.struck = ''
  open.shift = null
}

/** [MS-DOC] 2.6.2 and 2.6.3: whether the paragraph is in a table, and the row that it ends. */
function readEnd(run: Run, changed: readonly Property[], walk: Walk): ParagraphEnd {
  const { file } = walk
  const end: ParagraphEnd = { depth: 0, endsCell: false, endsRow: false, heading: null, numbered: false, cells: null }
  const kind = file.styles[run.style]?.kind ?? -1
  if (kind >= 1 && kind <= headingKinds) end.heading = kind
  else if (kind === titleKind) end.heading = 1
  let [inTable, depth] = [false, 0]
  let place: ListPlace = file.lists.size > 0 ? listPlaceOf(run.style, walk) : { list: 0, level: 0 }
  const properties = [...file.propertiesOf(run, 'paragraph'), ...changed]
  walk.colours.painted ||= properties.some(paints)
  for (const { code, operand } of properties) {
    const on = operand.byteLength > 0 && operand.getUint8(0) !== 0
    if (code === 0x2416) inTable = on
    else if (code === 0x6649) depth = operand.getInt32(0, true)
    else if (code === 0x2417 || code === 0x244c) end.endsRow ||= on
    else if (code === 0x244b) end.endsCell ||= on
    else if (code === 0x2640) end.heading = operand.getUint8(0) < headingKinds ? operand.getUint8(0) + 1 : end.heading
    else if (code === 0x460b || code === 0x260a) place = placedIn(place, code, operand)
    else end.cells = changeCells(end.cells, code, operand)
  }
  end.numbered = file.lists.get(place.list)?.has(place.level) ?? false
  end.depth = Math.max(inTable ? 1 : 0, depth)
  return end
}

/** The place of a paragraph in a list. */
type ListPlace = { readonly list: number; readonly level: number }

/** What a style and those it is based on say of lists. Styles may be broken without harm to the text. */
function listPlaceOf(style: number, { file, places }: Walk): ListPlace {
  const known = places.get(style)
  if (known !== undefined) return known
  let place: ListPlace = { list: 0, level: 0 }
  try {
    for (const one of chainOf(style, file)) {
      for (const { code, operand } of file.readProperties(file.styles[one]!.paragraphs))
        place = placedIn(place, code, operand)
    }
  } catch (error) {
    if (error instanceof LimitError) throw error
  }
  places.set(style, place)
  return place
}

function placedIn(place: ListPlace, code: number, operand: DataView): ListPlace {
  if (code === 0x460b) return { ...place, list: operand.getUint16(0, true) }
  return code === 0x260a ? { ...place, level: operand.getUint8(0) } : place
}

/** The cells of a row after one more property of it; unchanged by all others. */
function changeCells(cells: RowCell[] | null, code: number, operand: DataView): RowCell[] | null {
  if (code === 0xd608 || code === 0xd606) return defineCells(operand)
  if (cells === null) return null
  const [first, last] = [
    operand.byteLength > 0 ? operand.getUint8(0) : 0,
    operand.byteLength > 1 ? operand.getUint8(1) : 0,
  ]
  const inside = (index: number): boolean => index >= first && index < last
  if (code === 0x5624) {
    const merge = (index: number): Merge => (index === first ? 'first' : 'more')
    return cells.map((cell, index) => (inside(index) ? { ...cell, across: merge(index) } : cell))
  }
  if (code === 0x5625) return cells.map((cell, index) => (inside(index) ? { ...cell, across: 'none' } : cell))
  if (code === 0xd62b) {
    const [cell, flags] = [operand.getUint8(1), operand.getUint8(2)]
    return cells.map((one, index) => (index === cell ? { ...one, down: downOf(flags) } : one))
  }
  if (code === 0x7623) return cells.length === 0 ? cells : resizeCells(cells, inside, operand.getInt16(2, true))
  if (code === 0x5622)
    return closeGaps(
      cells.filter((_, index) => !inside(index)),
      cells[0]?.left ?? 0,
    )
  if (code === 0x7621) return insertCells(cells, first, last, operand.getInt16(2, true))
  return cells
}

function downOf(flags: number): Merge {
  return (flags & 2) !== 0 ? 'first' : (flags & 1) !== 0 ? 'more' : 'none'
}

/** The definition of a row: the edges of its cells, then twenty bytes for each cell, of which the first tell merges. */
function defineCells(operand: DataView): RowCell[] {
  const count = operand.byteLength > 2 ? operand.getUint8(2) : 0
  const flagsAt = 3 + (count + 1) * 2
  if (operand.byteLength < flagsAt) throw damaged('definition of a table row')
  const cells: RowCell[] = []
  // Which of two bits marks the first of merged cells, writers disagree about: it is the one that comes first.
  let firstMark = 0
  for (let index = 0; index < count; index++) {
    const left = operand.getInt16(3 + index * 2, true)
    const right = operand.getInt16(5 + index * 2, true)
    const at = flagsAt + index * 20
    const flags = at + 2 <= operand.byteLength ? operand.getUint16(at, true) : 0
    const mark = flags & 3
    let across: Merge = 'none'
    if (mark === 0) firstMark = 0
    else if (firstMark === 0 || mark === firstMark) {
      across = 'first'
      firstMark = mark
    } else across = 'more'
    cells.push({ left, right, across, down: downOf((flags >> 5) & 3) })
  }
  return cells
}

function resizeCells(cells: readonly RowCell[], inside: (index: number) => boolean, width: number): RowCell[] {
  const resized = cells.map((cell, index) => (inside(index) ? { ...cell, right: cell.left + width } : cell))
  return closeGaps(resized, cells[0]!.left)
}

function insertCells(cells: readonly RowCell[], at: number, count: number, width: number): RowCell[] {
  const added = Array.from({ length: count }, (): RowCell => ({ left: 0, right: width, across: 'none', down: 'none' }))
  return closeGaps([...cells.slice(0, at), ...added, ...cells.slice(at)], cells[0]?.left ?? 0)
}

/** The cells one behind another, each as wide as it was. */
function closeGaps(cells: readonly RowCell[], start: number): RowCell[] {
  let left = start
  return cells.map((cell) => {
    const right = left + cell.right - cell.left
    const moved = { ...cell, left, right }
    left = right
    return moved
  })
}

/** The first run that ends behind a place. */
function indexAt(runs: readonly Run[], place: number): number {
  return firstNotBefore(runs, ({ end }) => end <= place)
}
