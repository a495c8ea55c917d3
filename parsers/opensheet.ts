/**
 * A sheet of an OpenDocument file: takes its table, gives the cells where they stand with what the file hides. The file holds the
 * text that each cell showed when it was saved.
 */
import { joinMarked } from './flow.ts'
import { limits } from './limits.ts'
import { countingText, type MarkedText } from './marks.ts'
import { colours, noLook, type Style, styled } from './openstyles.ts'
import {
  collectText,
  countCells,
  isHiddenLine,
  plainText,
  repeatOf,
  rowNodes,
  showsTable,
  type Walk,
} from './opentext.ts'
import type { Node } from './pagetree.ts'
import { type Content, columnName } from './sheetformulas.ts'
import { comparesSo, operatorOf } from './sheetrules.ts'
import { withUnread } from './unread.ts'
import { differenceShown, notShownMax, type SheetCell, type Worksheet } from './worksheet.ts'

/** A sheet: rows and columns are counted with what is repeated, and only places that hold something are kept. */
export function worksheetOf(table: Node, walk: Walk): Worksheet {
  const cells: SheetCell[] = []
  const notShown: string[] = []
  const columns = columnsOf(table)
  const hiddenRows: { from: number; to: number }[] = []
  const pictures: number[] = []
  let row = 0
  // Those that hang on the sheet and not on a cell stand anywhere; the rows that they are over are not known.
  for (const node of rowNodes(table)) {
    if (framesIn(node).some(showsTable)) pictures.push(row)
    const count = repeatOf(node, 'table:number-rows-repeated')
    if (isHiddenLine(node)) hiddenRows.push({ from: row, to: row + count - 1 })
    const found = sheetRow(node, row, columns, notShown, walk)
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
    hiddenColumns: columns.filter(({ hidden }) => hidden),
    pictures,
  }
}

/** The frames of a row's cells, those inside paragraphs apart. */
function framesIn({ children = [] }: Node): Node[] {
  return children.flatMap((cell) => cell.children ?? []).filter(({ name }) => name === 'draw:frame')
}

function sheetRow(node: Node, row: number, columns: readonly Columns[], notShown: string[], walk: Walk): SheetCell[] {
  const cells: SheetCell[] = []
  let column = 0
  for (const one of node.children ?? []) {
    if (one.name !== 'table:table-cell' && one.name !== 'table:covered-table-cell') continue
    const count = repeatOf(one, 'table:number-columns-repeated')
    const rowSpan = repeatOf(one, 'table:number-rows-spanned')
    const columnSpan = repeatOf(one, 'table:number-columns-spanned')
    const covered = one.name === 'table:covered-table-cell'
    const own = one.attribs?.['table:style-name']
    const named = own ?? node.attribs?.['table:default-cell-style-name']
    const isBlank = covered || (one.children ?? []).length === 0
    const bordered = walk.styles.get(`table-cell ${own ?? ''}`)?.bordered === true
    const holds = one.attribs?.['office:value-type'] !== undefined
    // A style that goes on to the end of the sheet draws no table.
    const kept = (bordered || holds) && !covered && count <= limits.columnSpanMax
    for (const run of runsOf(columns, column, count, isBlank, named)) {
      const { text, hidden } = covered ? { text: '', hidden: '' } : sheetText(one, run.style, walk)
      const held = hidden === '' ? heldBeneath(one, text, walk) : hidden
      if (held !== null && notShown.length < notShownMax) notShown.push(`${columnName(run.from)}${row + 1} ${held}`)
      if (text === '' && rowSpan <= 1 && columnSpan <= 1 && !kept) continue
      countCells(walk, run.count)
      for (let at = run.from; at < run.from + run.count; at++) {
        cells.push({ row, column: at, rowSpan, columnSpan, text })
      }
    }
    column += count
  }
  return cells
}

type Run = { readonly from: number; readonly count: number; readonly style: string | undefined }

/** A cell that is repeated, once for each style that its columns give it; `named`: the style that it has anyway. */
function runsOf(
  columns: readonly Columns[],
  from: number,
  count: number,
  isBlank: boolean,
  named: string | undefined,
): readonly Run[] {
  if (isBlank || named !== undefined) return [{ from, count, style: named }]
  const last = from + count - 1
  const described = columns.filter((one) => one.to >= from && one.from <= last)
  const runs = described.map(({ from: first, to, style }) => {
    const start = Math.max(first, from)
    return { from: start, count: Math.min(to, last) - start + 1, style }
  })
  const end = runs.at(-1) === undefined ? from : runs.at(-1)!.from + runs.at(-1)!.count
  return end > last ? runs : [...runs, { from: end, count: last - end + 1, style: undefined }]
}

/** What a cell holds and does not show: another number than its text, or anything under a merged cell. */
function heldBeneath({ name, attribs = {}, children = [] }: Node, text: string, walk: Walk): string | null {
  if (name === 'table:covered-table-cell') return children.map(plainText).join(' ').trim() || null
  if (attribs['office:value-type'] !== 'float') return null
  const value = Number(attribs['office:value'] ?? Number.NaN)
  return value === 0 && !walk.zerosShown ? null : differenceShown(text, value)
}

/** What a cell shows, and what it hides of it. `style`: the cell's, its row's or its column's. */
function sheetText(cell: Node, style: string | undefined, walk: Walk): { text: string; hidden: string } {
  const content = contentOf(cell)
  if (content === 0 && !walk.zerosShown) return { text: '', hidden: '' }
  const text = writtenText(cell, style, walk)
  if (style === undefined || text === '') return { text, hidden: '' }
  const seen = lettersSeen(`table-cell ${style}`, content, walk)
  if (seen === false) return { text: '', hidden: text }
  return { text: seen === true ? text : withUnread(text, 'text'), hidden: '' }
}

function writtenText(cell: Node, style: string | undefined, walk: Walk): string {
  const look = styled(noLook, 'table-cell', style, walk)
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

function contentOf({ attribs = {} }: Node): Content {
  const value = Number(attribs['office:value'] ?? Number.NaN)
  return Number.isFinite(value) ? value : 'other'
}

/** Whether the letters of a cell are seen: not where they are white on nothing. Null where a condition decides that is not read. */
function lettersSeen(name: string, content: Content, walk: Walk): boolean | null {
  const own = colours(name, walk)
  const seen = ({ white, painted }: Pick<Style, 'white' | 'painted'>): boolean => white !== true || painted === true
  const open = new Set<boolean>()
  for (const { condition, style } of own.conditionals) {
    const holds = conditionHolds(condition, content)
    if (holds === false) continue
    const over = colours(style, walk)
    open.add(seen({ white: over.white ?? own.white, painted: over.painted ?? own.painted }))
    if (holds === true) return open.size > 1 ? null : [...open][0]!
  }
  open.add(seen(own))
  return open.size > 1 ? null : [...open][0]!
}

function conditionHolds(condition: string, content: Content): boolean | null {
  const number = '([-+]?\\d{1,15}(?:\\.\\d{1,15})?)'
  const [, sign, one] = new RegExp(`^cell-content\\(\\)(!?=|[<>]=?)${number}$`).exec(condition) ?? []
  if (one !== undefined) return comparesSo(operatorOf[sign === '!=' ? '<>' : sign!]!, content, Number(one), null)
  const [, not, low, high] =
    new RegExp(`^cell-content-is-(not-)?between\\(${number},${number}\\)$`).exec(condition) ?? []
  if (high === undefined) return null
  return comparesSo(not === undefined ? 'between' : 'notBetween', content, Number(low), Number(high))
}

/** Columns that are described together, the last included, and the style of their cells that have none. */
type Columns = { readonly from: number; readonly to: number; readonly hidden: boolean; readonly style?: string }

function columnsOf(table: Node): Columns[] {
  const columns: Columns[] = []
  let column = 0
  const stack: Node[] = [...(table.children ?? [])].reverse()
  while (stack.length > 0) {
    const node = stack.pop()!
    if (/^table:table-(?:header-columns|columns|column-group)$/.test(node.name ?? '')) {
      for (const child of [...(node.children ?? [])].reverse()) stack.push(child)
    }
    if (node.name !== 'table:table-column') continue
    const count = repeatOf(node, 'table:number-columns-repeated')
    const style = node.attribs?.['table:default-cell-style-name']
    const described = { from: column, to: column + count - 1, hidden: isHiddenLine(node) }
    columns.push(style === undefined ? described : { ...described, style })
    column += count
  }
  return columns
}
