/**
 * A sheet of an OpenDocument file: takes its table, gives the cells where they stand with what the file hides. The file holds the
 * text that each cell showed when it was saved.
 */
import { joinMarked } from './flow.ts'
import { limits } from './limits.ts'
import { countingText, type MarkedText } from './marks.ts'
import { type Node, noLook } from './openstyles.ts'
import {
  cellLook,
  collectText,
  countCells,
  isHiddenLine,
  plainText,
  repeatOf,
  rowNodes,
  showsTable,
  type Walk,
} from './opentext.ts'
import { columnName } from './sheetformulas.ts'
import { differenceShown, type Hidden, notShownMax, type SheetCell, type Worksheet } from './worksheet.ts'

/** A sheet: rows and columns are counted with what is repeated, and only places that hold something are kept. */
export function worksheetOf(table: Node, walk: Walk): Worksheet {
  const cells: SheetCell[] = []
  const notShown: string[] = []
  const hiddenRows: { from: number; to: number }[] = []
  const pictures: number[] = []
  let row = 0
  // Those that hang on the sheet and not on a cell stand anywhere; the rows that they are over are not known.
  for (const node of rowNodes(table)) {
    if (framesIn(node).some(showsTable)) pictures.push(row)
    const count = repeatOf(node, 'table:number-rows-repeated')
    if (isHiddenLine(node)) hiddenRows.push({ from: row, to: row + count - 1 })
    const found = sheetRow(node, row, notShown, walk)
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
    notShown,
    hiddenRows,
    hiddenColumns: hiddenColumns(table),
    pictures,
  }
}

/** The frames of a row's cells, those inside paragraphs apart. */
function framesIn({ children = [] }: Node): Node[] {
  return children.flatMap((cell) => cell.children ?? []).filter(({ name }) => name === 'draw:frame')
}

function sheetRow(node: Node, row: number, notShown: string[], walk: Walk): SheetCell[] {
  const cells: SheetCell[] = []
  let column = 0
  for (const one of node.children ?? []) {
    if (one.name !== 'table:table-cell' && one.name !== 'table:covered-table-cell') continue
    const count = repeatOf(one, 'table:number-columns-repeated')
    const rowSpan = repeatOf(one, 'table:number-rows-spanned')
    const columnSpan = repeatOf(one, 'table:number-columns-spanned')
    const covered = one.name === 'table:covered-table-cell'
    const text = covered ? '' : sheetText(one, walk)
    const held = heldBeneath(one, text)
    if (held !== null && notShown.length < notShownMax) notShown.push(`${columnName(column)}${row + 1} ${held}`)
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

/** What a cell holds and does not show: another number than its text, or anything under a merged cell. */
function heldBeneath({ name, attribs = {}, children = [] }: Node, text: string): string | null {
  if (name === 'table:covered-table-cell') return children.map(plainText).join(' ').trim() || null
  if (attribs['office:value-type'] !== 'float') return null
  return differenceShown(text, Number(attribs['office:value'] ?? Number.NaN))
}

function sheetText(cell: Node, walk: Walk): string {
  const look = cellLook(cell, noLook, walk)
  const texts: MarkedText[] = (cell.children ?? [])
    .filter(({ name }) => name === 'text:p' || name === 'text:h')
    .map((node) => collectText(node, walk, 0, look))
  if (texts.length === 0) {
    // A formula that was never computed.
    const { 'office:value': value, 'office:value-type': type, 'table:formula': formula } = cell.attribs ?? {}
    if (value !== undefined) return value
    if (formula !== undefined && type !== 'string') return `=${formula}`
  }
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
