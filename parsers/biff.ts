/**
 * What the library for spreadsheets does not tell of an XLS: takes the stream of the workbook, gives for each sheet which
 * cells are struck out and whether zeros show as blank; finds encryption and counts cells before the library reads them.
 * [MS-XLS] 2.4: a stream of records, each a number, a size and its bytes.
 */
import { damaged, ParseFailure } from './failure.ts'
import { enforceLimit } from './limits.ts'

/**
 * What a sheet hides or strikes out, its formulas that no value is stored for, and texts in the cells themselves that are
 * marked in parts, as XML; cells as `row column`, from 0.
 */
export type SheetMarks = {
  readonly struck: ReadonlySet<string>
  readonly zerosShown: boolean
  readonly formulas: ReadonlyMap<string, string>
  readonly rich: ReadonlyMap<string, string>
}

/** The marks of a sheet that has none. */
export const noMarks: SheetMarks = { struck: new Set(), zerosShown: true, formulas: new Map(), rich: new Map() }

type Collected = Omit<SheetMarks, 'struck' | 'zerosShown'> & { readonly struck: Set<string>; zerosShown: boolean }

type Walk = {
  readonly sheets: Map<number, Collected>
  readonly fonts: boolean[]
  readonly styles: number[]
  readonly places: number[]
  sheet: Collected | null
  cells: number
  /** Columns that the sheets describe. */
  columns: number
}

const record = {
  bof: 0x0809,
  encryption: 0x002f,
  sheet: 0x0085,
  font: 0x0031,
  style: 0x00e0,
  window: 0x023e,
  columns: 0x007d,
  manyRk: 0x00bd,
  manyBlank: 0x00be,
} as const
/** Records of one cell: row, column, style. */
const cellRecords: ReadonlySet<number> = new Set([0x00fd, 0x0203, 0x027e, 0x0204, 0x0006, 0x0205, 0x00d6, 0x0201])

/**
 * The marks of each sheet, in the workbook's order.
 * @throws LimitError for more cells than any report has; ParseFailure `encrypted`, `damaged`
 */
export function readSheetMarks(stream: Uint8Array): SheetMarks[] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length)
  const walk: Walk = { sheets: new Map(), fonts: [], styles: [], places: [], sheet: null, cells: 0, columns: 0 }
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
  return walk.places.map((place) => walk.sheets.get(place) ?? noMarks)
}

function takeRecord(type: number, data: DataView, at: number, walk: Walk): void {
  const size = data.byteLength
  if (type === record.encryption) throw new ParseFailure('encrypted')
  if (type === record.sheet && size >= 4) walk.places.push(data.getUint32(0, true))
  else if (type === record.bof) {
    // Charts inside a sheet begin in the same way, at places that no sheet has.
    if (walk.places.includes(at)) {
      walk.sheet = { ...noMarks, struck: new Set() }
      walk.sheets.set(at, walk.sheet)
    }
  } else if (type === record.font && size >= 4) walk.fonts.push((data.getUint16(2, true) & 0x08) !== 0)
  else if (type === record.style && size >= 2) walk.styles.push(data.getUint16(0, true))
  else if (type === record.window && size >= 2 && walk.sheet !== null) {
    walk.sheet.zerosShown = (data.getUint16(0, true) & 0x10) !== 0
  } else if (cellRecords.has(type) && size >= 6) {
    takeCell(data.getUint16(0, true), data.getUint16(2, true), data.getUint16(4, true), walk)
  } else if ((type === record.manyRk || type === record.manyBlank) && size >= 6) takeCells(type, data, walk)
  if (type === record.columns && size >= 4) {
    walk.columns += Math.max(0, data.getUint16(2, true) - data.getUint16(0, true) + 1)
  }
  enforceLimit('cellsMax', walk.cells)
  enforceLimit('markupNodesMax', walk.columns)
  enforceLimit('sheetsMax', walk.places.length)
}

function takeCells(type: number, data: DataView, walk: Walk): void {
  const [row, first] = [data.getUint16(0, true), data.getUint16(2, true)]
  const step = type === record.manyRk ? 6 : 2
  for (let at = 4, column = first; at + step <= data.byteLength - 2; at += step, column++) {
    takeCell(row, column, data.getUint16(at, true), walk)
  }
}

function takeCell(row: number, column: number, style: number, walk: Walk): void {
  walk.cells++
  if (walk.sheet === null) return
  const font = walk.styles[style] ?? 0
  // The fifth font has the number 5: there is none with the number 4.
  if (walk.fonts[font > 4 ? font - 1 : font] === true) walk.sheet.struck.add(`${row} ${column}`)
}
