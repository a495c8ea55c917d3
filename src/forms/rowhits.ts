/**
 * Lines to rows of a table: takes a line under a header, and what was found of the table so far, gives the row of the form that
 * it is. Labels that several rows have are told apart by their group and by order.
 */
import type { Header } from './header.ts'
import { haveSameNumbers, isLikeOneOf, labelKey } from './labels.ts'
import { isWords, type LineCell, lastWords, type SourceLine } from './lines.ts'
import { isFigureCell } from './openline.ts'
import { isUnitIn, type TableScope } from './scope.ts'
import { isUnit } from './values.ts'

/** A line taken for a row: `label` is the cell that named it, null in tables that print no row label. */
export type RowHit = {
  readonly source: SourceLine
  readonly line: number
  readonly label: LineCell | null
  readonly exact: boolean
  readonly header: Header
}

/** The row of the form that a line's last row label names, if order leaves one. */
export function rowHit(line: SourceLine, scope: TableScope, header: Header, read: ReadSoFar): RowHit | null {
  if (!line.filled && line.columnWords > line.rowWords) return null
  let hasStrange = false
  for (let index = line.firstFigure - 1; index >= 0; index--) {
    const cell = line.cells[index]!
    if (!isWords(cell)) continue
    const named = cell.label!.rows.get(scope.id)
    if (named === undefined) {
      if (!isSkipped(cell, line, header, scope)) return null
      hasStrange ||=
        !cell.carried && cell.text.length > shortWordsMax && !isUnit(cell.text) && !isUnitIn(scope, cell.text)
      continue
    }
    // A group label that reaches down from a row above names no line; where a span was stated too long it stands behind the
    // line's own label.
    if (cell.carried) {
      if (named.every((row) => scope.table.rows[row]!.abstract)) continue
      return null
    }
    const chosen = named.length === 1 ? named[0]! : chooseRow(named, read)
    const row = scope.table.rows[chosen]!
    // Behind a strange label the figures are that one's, and no subtotal of its group.
    if (row.abstract && (hasStrange || !(row.optionalSubtotal && line.figureCount > 0))) return null
    if (isInOtherGroup(cell, read.group, chosen, scope)) return null
    return { source: line, line: chosen, label: cell, exact: cell.label!.exact, header }
  }
  return null
}

/** The rows that the last heading of a group among some cells can stand for; null where none of them is one. */
export function groupOf(cells: readonly LineCell[], { id, table: { rows } }: TableScope): readonly number[] | null {
  for (const { label } of cells.toReversed()) {
    const named = label?.exact ? label.rows.get(id) : undefined
    if (named?.every((line) => rows[line]!.abstract)) return named
  }
  return null
}

/** Shorter labels stand in any group. */
const ownLabelMin = 4

/** True for a short label under another group of its level than the row's: 4.其他 of 无法提供 is not that of 其他处理. */
function isInOtherGroup(
  { text }: LineCell,
  printed: readonly number[] | null,
  row: number,
  { table: { rows } }: TableScope,
): boolean {
  const own = rows.find(({ code }) => code === rows[row]!.parent)
  if (printed === null || own === undefined) return false
  const isElsewhere = printed.every((line) => rows[line] !== own && rows[line]!.parent === own.parent)
  return isElsewhere && labelKey(text).length < ownLabelMin
}

/**
 * What was found of a table so far: the last row, for each row the line of the document that it was last seen in, and the
 * last heading of a group where it stands only in the first line of it.
 */
export type ReadSoFar = { last: number; readonly order: Map<number, number>; group: readonly number[] | null }

const numberLevels = [
  /^[一二三四五六七八九十]{1,3}[、.．]/,
  /^[(（][一二三四五六七八九十]{1,3}[)）]/,
  /^\d{1,2}[.．、]/,
]

/** The level of the highest number that begins a label or a line within it (一、 is 0); null where none does. */
function numberLevel(text: string): number | null {
  const found = text.split('\n').map((part) => numberLevels.findIndex((level) => level.test(part.trim())))
  const known = found.filter((level) => level >= 0)
  return known.length === 0 ? null : Math.min(...known)
}

/**
 * True for a row that only its group tells from others, where what could be the heading of another group stands unread
 * between it and all that is known of its own.
 */
export function isBehindUnread(
  { source, line, label }: RowHit,
  { order }: ReadSoFar,
  lines: readonly SourceLine[],
  { id, table: { rows } }: TableScope,
): boolean {
  const { parent } = rows[line]!
  const named = label?.label?.rows.get(id) ?? []
  if (parent === null || named.every((one) => rows[one]!.parent === parent)) return false
  const group = rows.find(({ code }) => code === parent)!
  const level = numberLevel(group.labels[0]!)
  if (level === null) return false
  const own = [...order].flatMap(([row, seen]) => (rows[row] === group || rows[row]!.parent === parent ? [seen] : []))
  const from = Math.max(-1, ...(own.length > 0 ? own : order.values()))
  const taken = new Set(order.values())
  return lines.slice(from + 1, source.index).some((between) => {
    if (between.grid !== source.grid || taken.has(between.index)) return false
    return between.cells.some((cell) => {
      if (!isWords(cell) || cell.carried || cell.label!.rows.has(id)) return false
      return (numberLevel(cell.text) ?? numberLevels.length) <= level
    })
  })
}

/**
 * Of the rows that a label can stand for: the one right behind the last row, else the one whose neighbour above was seen
 * last (halves of a table come in turns), else the first that order leaves.
 */
function chooseRow(named: readonly number[], { last, order }: ReadSoFar): number {
  if (named.includes(last + 1)) return last + 1
  const seen = named.filter((target) => !order.has(target) && order.has(target - 1))
  const [latest] = seen.sort((a, b) => order.get(b - 1)! - order.get(a - 1)!)
  return latest ?? named.find((target) => target > last) ?? named[0]!
}

const shortWordsMax = 3

/** Words between a row's label and its figures that do not name another row: a unit, a repeated text, a value in words. */
function isSkipped(cell: LineCell, line: SourceLine, header: Header, scope: TableScope): boolean {
  // Behind the number of an item its label is missing: the figures are that one's.
  if (cell.label!.rows.size > 0 || /^\s*\d{1,2}[.．、]\s*$/.test(cell.text)) return false
  if (cell.text.length <= shortWordsMax || cell.carried || isUnit(cell.text) || isUnitIn(scope, cell.text)) return true
  const first = header.columns[0]!.start
  return line.aligned && first !== null && cell.start >= first
}

/**
 * The line of values in a table that prints no row label: the first behind its header with a cell for each column, words in
 * place of a figure among them, or with figures and a cell less, of which sums may tell where it is missing.
 */
export function unlabelledHit(line: SourceLine, row: number, header: Header, headerLine: SourceLine): RowHit | null {
  if (line.grid !== headerLine.grid && line.figureCount === 0) return null
  if (line.cells.some((cell) => (cell.label?.rows.size ?? 0) > 0)) return null
  const cells = line.cells.filter((cell) => !isWords(cell) && !cell.filler)
  const complete =
    cells.length >= header.columns.length ||
    (line.trimmed !== 'no' && line.figureCount > 0) ||
    (line.grid === headerLine.grid && isSpoiled(line, header))
  return complete ? { source: line, line: row, label: null, exact: true, header } : null
}

/** True for a line of a grid with figures that stand all under a header, beside words for one (共70件, #REF!) or a cell short. */
function isSpoiled({ aligned, cells }: SourceLine, { columns }: Header): boolean {
  const [first, last] = [columns[0]!.start, columns.at(-1)!.end]
  if (!aligned || first === null || last === null || cells.some(({ doubtful }) => doubtful)) return false
  const own = cells.filter(({ filler, carried }) => !filler && !carried)
  const figures = own.filter(isFigureCell)
  if (figures.length * 2 < columns.length || own.some(({ start, end }) => start < first || end > last)) return false
  const words = own.filter(isWords)
  // Words before all figures are the label of a row that the form does not have.
  const isLabel = ({ text, start, label }: LineCell): boolean =>
    label!.scopes.length > 0 || text.length > spoiledMax || (start === first && !/^#|\d/.test(text))
  if (words.length * 2 > columns.length || words.some(isLabel)) return false
  const lacks = columns.length - own.length
  return lacks === 0 || (lacks === 1 && words.length === 0 && cells.some(({ missing }) => missing))
}

/** Longer texts stand for no figure. */
const spoiledMax = 20

/**
 * Lines with figures between two rows of the table whose labels no form has: where exactly as many rows of the form are
 * missing there, and each label is like the row's, they are those rows.
 */
export function likelyRows(lines: readonly SourceLine[], rows: readonly RowHit[], scope: TableScope): RowHit[] {
  const found: RowHit[] = []
  const ordered = [...rows].sort((a, b) => a.source.index - b.source.index)
  for (let index = 0; index + 1 <= ordered.length; index++) {
    const before = ordered[index]
    const after = ordered[index + 1]
    if (before === undefined) continue
    const missing = scope.valueRows.filter((line) => line > before.line && (after === undefined || line < after.line))
    if (missing.length === 0 || missing.length > 4) continue
    const first = before.source.index + 1
    const end = after === undefined ? first + missing.length : after.source.index
    const between = lines.slice(first, end).filter((line) => hasUnknownLabel(line, scope))
    if (between.length !== missing.length) continue
    const hits = between.map((line, place) => likelyHit(line, missing[place]!, scope, before.header))
    if (hits.every((hit) => hit !== null)) found.push(...hits)
  }
  return found
}

function hasUnknownLabel(line: SourceLine, scope: TableScope): boolean {
  const label = lastWords(line)
  return label !== null && line.cells.length > 1 && !label.label!.rows.has(scope.id) && label.text.length <= 80
}

/** The row of the form that order leaves for a line, where the line's label is like it. */
function likelyHit(source: SourceLine, line: number, scope: TableScope, header: Header): RowHit | null {
  const label = lastWords(source)!
  const known = scope.table.rows[line]!.labels.filter((one) => haveSameNumbers(one, label.text))
  return !isLikeOneOf(label.text, known) ? null : { source, line, label, exact: false, header }
}
