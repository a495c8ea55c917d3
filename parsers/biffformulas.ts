/**
 * Formulas of an XLS, which are written as tokens in the order in which a stack computes them ([MS-XLS] 2.5.198): takes the
 * tokens, gives the formula as a workbook of today writes it, where it holds nothing but sums and differences of cells.
 */
import { columnName } from './sheetformulas.ts'

/** Where a formula stands: what is relative in one that cells share counts from there. */
export type FormulaPlace = { readonly row: number; readonly column: number }

const sum = 4
const operandsMax = 500

/** The text of a formula, without `=`; null where it holds anything else. */
export function formulaText(tokens: DataView, place: FormulaPlace): string | null {
  const stack: string[] = []
  const join = (sign: string): boolean => {
    const right = stack.pop()
    const left = stack.pop()
    if (left === undefined || right === undefined) return false
    stack.push(`(${left}${sign}${right})`)
    return true
  }
  const total = (count: number): boolean => {
    if (count < 1 || count > stack.length) return false
    stack.push(`SUM(${stack.splice(-count).join(',')})`)
    return true
  }
  for (let at = 0; at < tokens.byteLength; ) {
    const code = tokens.getUint8(at++)
    // The three classes of operands differ in nothing that matters here.
    const kind = code >= 0x40 ? (code & 0x1f) | 0x20 : code
    const size = sizes.get(kind)
    if (size === undefined || at + size > tokens.byteLength || stack.length > operandsMax) return null
    const word = (offset: number): number => tokens.getUint16(at + offset, true)
    let known = true
    if (kind === 0x03) known = join('+')
    else if (kind === 0x04) known = join('-')
    else if (kind === 0x13) known = stack.length > 0 && stack.push(`(-${stack.pop()})`) > 0
    else if (kind === 0x19) {
      const flags = tokens.getUint8(at)
      // A sum of one range; blanks in the text of a formula say nothing.
      if ((flags & 0x10) !== 0) known = total(1)
      else known = (flags & ~0x41) === 0
    } else if (kind === 0x1e) stack.push(String(word(0)))
    else if (kind === 0x1f) stack.push(String(tokens.getFloat64(at, true)))
    else if (kind === 0x24) stack.push(nameOf(word(0), word(2) & 0xff))
    else if (kind === 0x25) stack.push(`${nameOf(word(0), word(4) & 0xff)}:${nameOf(word(2), word(6) & 0xff)}`)
    else if (kind === 0x2c) stack.push(moved(word(0), word(2), place))
    else if (kind === 0x2d) stack.push(`${moved(word(0), word(4), place)}:${moved(word(2), word(6), place)}`)
    else if (kind === 0x22) known = (word(1) & 0x7fff) === sum && total(tokens.getUint8(at) & 0x7f)
    if (!known) return null
    at += size
  }
  return stack.length === 1 ? stack[0]! : null
}

/** Bytes behind the code of each token: signs, a number, a cell, a range, a function of so many values. */
const sizes: ReadonlyMap<number, number> = new Map([
  ...([0x03, 0x04, 0x12, 0x13, 0x15] as const).map((code) => [code, 0] as const),
  ...([
    [0x19, 3],
    [0x1e, 2],
    [0x1f, 8],
    [0x22, 3],
    [0x24, 4],
    [0x25, 8],
    [0x2c, 4],
    [0x2d, 8],
  ] as const),
])

function nameOf(row: number, column: number): string {
  return `${columnName(column)}${row + 1}`
}

function moved(row: number, column: number, place: FormulaPlace): string {
  const across = column & 0xff
  const by = across > 127 ? across - 256 : across
  const atRow = (column & 0x8000) === 0 ? row : (place.row + row) & 0xffff
  const atColumn = (column & 0x4000) === 0 ? across : (place.column + by) & 0xff
  return nameOf(atRow, atColumn)
}
