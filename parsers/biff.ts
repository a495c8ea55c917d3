/**
 * What the library for spreadsheets does not tell of an XLS: takes the stream of the workbook, gives for each sheet which
 * cells are struck out and whether zeros show as blank; finds encryption and counts cells before the library reads them.
 * [MS-XLS] 2.4: a stream of records, each a number, a size and its bytes.
 */
import { type FormulaPlace, formulaText } from './biffformulas.ts'
import { type FontLook, readMarkedTexts, type TextPart } from './biffstrings.ts'
import { damaged, ParseFailure } from './failure.ts'
import { enforceLimit } from './limits.ts'
import type { Formula } from './sheetformulas.ts'
import { noRules, type SheetRules } from './sheetrules.ts'

/**
 * What a sheet hides or strikes out, its formulas, and texts that are marked in parts; cells as
 * `row column`, from 0.
 */
export type SheetMarks = {
  readonly struck: ReadonlySet<string>
  /** Cells whose letters are white on nothing. */
  readonly white: ReadonlySet<string>
  /** What changes the looks of its cells by what they hold, where the format is one whose rules are read. */
  readonly rules: SheetRules
  readonly zerosShown: boolean
  readonly formulas: ReadonlyMap<string, Formula>
  readonly rich: ReadonlyMap<string, readonly TextPart[]>
  /** The rows, from 0, at which large pictures begin, where the format is one whose drawings are read. */
  readonly pictures: readonly number[]
  /** The text of boxes that lie over the cells. */
  readonly boxes: readonly string[]
}

/** The marks of a sheet that has none. */
export const noMarks: SheetMarks = {
  struck: new Set(),
  white: new Set(),
  rules: noRules,
  zerosShown: true,
  formulas: new Map(),
  rich: new Map(),
  pictures: [],
  boxes: [],
}

type Collected = {
  readonly struck: Set<string>
  readonly white: Set<string>
  readonly rules: SheetMarks['rules']
  zerosShown: boolean
  readonly formulas: Map<string, Formula>
  /** Formulas that several cells share, by the first of them, and the others. */
  readonly shared: Map<string, DataView>
  readonly sharing: { readonly key: string; readonly from: string; readonly place: FormulaPlace }[]
  readonly pictures: SheetMarks['pictures']
  readonly boxes: SheetMarks['boxes']
  readonly rich: Map<string, readonly TextPart[]>
}

type Walk = {
  readonly sheets: Map<number, Collected>
  readonly fonts: FontLook[]
  /** Numbers of the fonts of white letters, of the colours that are white, of the styles that paint their cells. */
  readonly whiteFonts: Set<number>
  readonly whites: Set<number>
  readonly painted: Set<number>
  /** The records of the shared texts, and what they hold once a sheet asks. */
  readonly texts: Uint8Array[]
  marked: ReadonlyMap<number, readonly TextPart[]> | null
  /** Number of the record before. */
  last: number
  readonly styles: number[]
  readonly places: number[]
  sheet: Collected | null
  /** The cell of the formula before. */
  lastFormula: string | null
  cells: number
  /** Columns and blank cells that the sheets describe: formats reach far beyond a table. */
  described: number
}

const record = {
  bof: 0x0809,
  encryption: 0x002f,
  sheet: 0x0085,
  font: 0x0031,
  style: 0x00e0,
  texts: 0x00fc,
  sharedText: 0x00fd,
  window: 0x023e,
  columns: 0x007d,
  palette: 0x0092,
  formula: 0x0006,
  sharedFormula: 0x04bc,
  manyRk: 0x00bd,
  manyBlank: 0x00be,
  blank: 0x0201,
} as const
/** Records of one cell: row, column, style. */
const cellRecords: ReadonlySet<number> = new Set([0x00fd, 0x0203, 0x027e, 0x0204, 0x0006, 0x0205, 0x00d6, 0x0201])

/** Records that say which cells a sheet has and how they look; with them the text that goes on in the next record. */
const neededRecords: ReadonlySet<number> = new Set([
  ...cellRecords,
  ...[record.bof, record.sheet, record.font, record.style, record.columns, record.manyRk, record.manyBlank],
  ...[0x000a, 0x0042, 0x0022, 0x041e, 0x00fc, 0x0208, 0x0207, 0x00e5],
])
const continued = 0x003c
const formula = 0x0006
/** A record that says nothing. */
const nothing = 0x01c0

/**
 * The same stream with nothing in it but what cells and their looks need: the library follows counts in other records, and
 * formulas, without bounds. Records keep their places, since sheets are found by them.
 */
export function onlyCells(stream: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(stream)
  const view = new DataView(copy.buffer)
  let kept = false
  for (let at = 0; at + 4 <= copy.length; at += 4 + view.getUint16(at + 2, true)) {
    const type = view.getUint16(at, true)
    const size = view.getUint16(at + 2, true)
    if (type === 0 && size === 0) break
    kept = type === continued ? kept : neededRecords.has(type)
    if (!kept) view.setUint16(at, nothing, true)
    // A formula of this size is none; its value stands before it.
    else if (type === formula && size >= 22) view.setUint16(at + 4 + 20, 0xffff, true)
  }
  return copy
}

/**
 * The marks of each sheet, in the workbook's order.
 * @throws LimitError for more cells than any report has; ParseFailure `encrypted`, `damaged`
 */
export function readSheetMarks(stream: Uint8Array): SheetMarks[] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length)
  const walk: Walk = {
    sheets: new Map(),
    fonts: [],
    whiteFonts: new Set(),
    whites: new Set([1, 9]),
    painted: new Set(),
    texts: [],
    marked: null,
    last: 0,
    styles: [],
    places: [],
    sheet: null,
    lastFormula: null,
    cells: 0,
    described: 0,
  }
  let at = 0
  while (at + 4 <= stream.length) {
    const type = view.getUint16(at, true)
    const size = view.getUint16(at + 2, true)
    if (type === 0 && size === 0) break
    if (at + 4 + size > stream.length) throw damaged('a record is cut off')
    takeRecord(type, new DataView(stream.buffer, stream.byteOffset + at + 4, size), at, walk)
    at += 4 + size
  }
  if (walk.places.some((place) => place > 0 && !walk.sheets.has(place))) throw damaged('a sheet is missing')
  return walk.places.map((place) => {
    const sheet = walk.sheets.get(place)
    return sheet === undefined ? noMarks : withShared(sheet)
  })
}

function withShared(sheet: Collected): SheetMarks {
  for (const { key, from, place } of sheet.sharing) {
    const tokens = sheet.shared.get(from)
    if (tokens === undefined) continue
    sheet.formulas.set(key, {
      // Made when it is asked for: a long one that all cells of a sheet share would fill the memory.
      get text() {
        return formulaText(tokens, place)
      },
      stored: true,
    })
  }
  return sheet
}

function takeRecord(type: number, data: DataView, at: number, walk: Walk): void {
  const size = data.byteLength
  takeTexts(type, data, walk)
  if (type === record.encryption) throw new ParseFailure('encrypted')
  if (type === record.sheet && size >= 4) walk.places.push(data.getUint32(0, true))
  else if (type === record.bof) {
    // Charts inside a sheet begin in the same way, at places that no sheet has.
    if (walk.places.includes(at)) {
      walk.sheet = {
        ...noMarks,
        struck: new Set(),
        white: new Set(),
        rich: new Map(),
        formulas: new Map(),
        shared: new Map(),
        sharing: [],
      }
      walk.sheets.set(at, walk.sheet)
    }
  } else if (type === record.font && size >= 4) {
    if (size >= 6 && walk.whites.has(data.getUint16(4, true))) walk.whiteFonts.add(walk.fonts.length)
    walk.fonts.push(lookOf(data))
  } else if (type === record.palette) takePalette(data, walk)
  else if (type === record.style && size >= 2) {
    if (size >= 20 && paints(data, walk)) walk.painted.add(walk.styles.length)
    walk.styles.push(data.getUint16(0, true))
  } else if (type === record.window && size >= 2 && walk.sheet !== null) {
    walk.sheet.zerosShown = (data.getUint16(0, true) & 0x10) !== 0
  } else if (type === record.blank) walk.described++
  else if (type === record.manyBlank) walk.described += size / 2
  else if (cellRecords.has(type) && size >= 6) {
    takeCell(data.getUint16(0, true), data.getUint16(2, true), data.getUint16(4, true), walk)
    if (type === record.sharedText && size >= 10) takeSharedText(data, walk)
    if (type === record.formula && size >= 22) takeFormula(data, walk)
  } else if (type === record.manyRk && size >= 6) takeCells(data, walk)
  if (type === record.sharedFormula && size >= 10) takeSharedFormula(data, walk)
  if (type === record.columns && size >= 4) {
    walk.described += Math.max(0, data.getUint16(2, true) - data.getUint16(0, true) + 1)
  }
  enforceLimit('cellsMax', walk.cells)
  enforceLimit('markupNodesMax', walk.described)
  enforceLimit('sheetsMax', walk.places.length)
}

function takeTexts(type: number, data: DataView, walk: Walk): void {
  const goesOn = type === continued && walk.last === record.texts && walk.texts.length > 0
  if (type === record.texts || goesOn) walk.texts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  if (!goesOn) walk.last = type
}

function takeSharedText(data: DataView, walk: Walk): void {
  if (walk.sheet === null || walk.texts.length === 0) return
  const marks = walk.fonts.some(({ struck, raised }) => struck || raised)
  walk.marked ??= marks ? readMarkedTexts(walk.texts, (font) => fontOf(font, walk)) : new Map()
  const text = walk.marked.get(data.getUint32(6, true))
  if (text !== undefined) walk.sheet.rich.set(`${data.getUint16(0, true)} ${data.getUint16(2, true)}`, text)
}

/** Colours from the eighth on may be others; fonts come before them. */
function takePalette(data: DataView, walk: Walk): void {
  for (let at = 2, colour = 8; at + 4 <= data.byteLength && colour < 64; at += 4, colour++) {
    const isWhite = (data.getUint32(at, true) & 0xffffff) === 0xffffff
    // Whether the fonts before it are white is not certain any more.
    if (isWhite !== walk.whites.has(colour)) walk.whiteFonts.clear()
    if (isWhite) walk.whites.add(colour)
    else walk.whites.delete(colour)
  }
}

function paints(style: DataView, walk: Walk): boolean {
  const pattern = style.getUint32(14, true) >>> 26
  const colour = style.getUint16(18, true) & 0x7f
  return pattern > 1 || (pattern === 1 && colour !== 0x40 && !walk.whites.has(colour))
}

function takeFormula(data: DataView, walk: Walk): void {
  if (walk.sheet === null) return
  const place = { row: data.getUint16(0, true), column: data.getUint16(2, true) }
  const key = `${place.row} ${place.column}`
  const size = Math.min(data.getUint16(20, true), data.byteLength - 22)
  const tokens = new DataView(data.buffer, data.byteOffset + 22, Math.max(0, size))
  // It is shared, and stands behind the first cell that has it.
  if (size >= 5 && tokens.getUint8(0) === 0x01) {
    const from = `${tokens.getUint16(1, true)} ${tokens.getUint16(3, true)}`
    walk.sheet.sharing.push({ key, from, place })
    walk.sheet.formulas.set(key, { text: null, stored: true })
  } else walk.sheet.formulas.set(key, { text: formulaText(tokens, place), stored: true })
  walk.lastFormula = key
}

function takeSharedFormula(data: DataView, walk: Walk): void {
  const size = Math.min(data.getUint16(8, true), data.byteLength - 10)
  if (walk.sheet === null || walk.lastFormula === null || size < 0) return
  walk.sheet.shared.set(walk.lastFormula, new DataView(data.buffer, data.byteOffset + 10, size))
}

function lookOf(font: DataView): FontLook {
  const raised = font.byteLength >= 10 && font.getUint16(8, true) === 1
  return { struck: (font.getUint16(2, true) & 0x08) !== 0, raised }
}

/** The fifth font has the number 5: there is none with the number 4. */
function fontOf(number: number, { fonts }: Walk): FontLook {
  return fonts[number > 4 ? number - 1 : number] ?? { struck: false, raised: false }
}

function takeCells(data: DataView, walk: Walk): void {
  const [row, first] = [data.getUint16(0, true), data.getUint16(2, true)]
  for (let at = 4, column = first; at + 6 <= data.byteLength - 2; at += 6, column++) {
    takeCell(row, column, data.getUint16(at, true), walk)
  }
}

function takeCell(row: number, column: number, style: number, walk: Walk): void {
  walk.cells++
  if (walk.sheet === null) return
  const font = walk.styles[style] ?? 0
  if (fontOf(font, walk).struck) walk.sheet.struck.add(`${row} ${column}`)
  if (walk.whiteFonts.has(font > 4 ? font - 1 : font) && !walk.painted.has(style)) {
    walk.sheet.white.add(`${row} ${column}`)
  }
}
