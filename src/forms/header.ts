/**
 * Header lines to columns: takes the printed header of one table, gives which of the form's columns stand in it and in
 * what order. A column is found by its label and the group labels over it; labels that repeat (结果维持 three times) are
 * told apart by their group, then by order.
 */
import type { Line } from '../model.ts'
import { alignedColumns, columnsBefore } from './alignedheader.ts'
import { columnsNamed, firstLabel, type HeaderColumn, isCaption, isNumbers, trimLabelColumns } from './headercolumn.ts'
import { isLikeOneOf, type LabelIndex } from './labels.ts'
import { isWords, type LineCell, type SourceLine } from './lines.ts'
import { headerSlots, raggedBefore, raggedColumns } from './raggedheader.ts'
import type { TableScope } from './scope.ts'

/** Printed columns in order. */
export type Header = {
  readonly columns: readonly HeaderColumn[]
  /** Where strange labels, or none, stand before the first column: labels of rows or figures may stand under them. */
  readonly before: readonly HeaderColumn[]
  readonly found: number
  readonly unknown: number
  /** One of its columns numbers the rows, wherever it stands. */
  readonly numbered: boolean
  /**
   * Its labels do not tell which column is whose: a group reaches over more columns than have labels, and the form has more,
   * so that one is missing; words of ragged lines are pieces of labels; or lines that only count their fields give another order than the form's.
   */
  readonly torn: boolean
  /**
   * Columns of one name whose group does not stand over them were told apart by order alone, and in another than the form's, or
   * columns of the form are printed twice.
   */
  readonly guessed: boolean
  /** The same for headers that print the same columns in the same places. */
  readonly key: string
}

/** The columns that header lines print, or null where they print none of this table. */
export function readHeader(lines: readonly SourceLine[], scope: TableScope, find: LabelIndex['find']): Header | null {
  if (!lines[0]!.aligned) {
    const header = headerOf(raggedColumns(lines, scope), lines, scope)
    return header && { ...header, before: raggedBefore(lines, scope) }
  }
  return headerOfAligned(lines, scope, find, false)
}

/**
 * The header of a grid in the form's order where the label of a group does not reach over its last column, so that this one
 * seems to be the next group's; null for all others. Whether it is not the next one's own is for sums to say.
 */
export function withGroupsBeside(
  printed: Header,
  lines: readonly SourceLine[],
  scope: TableScope,
  find: LabelIndex['find'],
): Header | null {
  if (!lines[0]!.aligned || !printed.guessed) return null
  const other = headerOfAligned(lines, scope, find, true)
  if (other === null || other.found < scope.valueColumns.length || other.unknown > 0 || other.torn) return null
  return isInFormOrder(other.columns) ? other : null
}

function headerOfAligned(
  lines: readonly SourceLine[],
  scope: TableScope,
  find: LabelIndex['find'],
  beside: boolean,
): Header | null {
  const all = alignedColumns(lines, scope, find, beside)
  const header = headerOf(trimLabelColumns(all, firstLabel(lines, scope)), lines, scope)
  return header && { ...header, before: columnsBefore(all, header, lines) }
}

/**
 * The header of ragged lines with the columns that the form does not have behind all others, where that is not how they
 * were read: nothing but order tells whether a column of a lower line stands before or behind one of an upper line.
 */
export function withStrangersLast(printed: Header, lines: readonly SourceLine[], scope: TableScope): Header | null {
  if (lines[0]!.aligned || printed.unknown === 0) return null
  const other = headerOf(raggedColumns(lines, scope, 'last'), lines, scope)
  const orderOf = ({ columns }: Header): string => columns.map(({ line }) => line).join()
  return other === null || orderOf(other) === orderOf(printed) ? null : other
}

/** Two readings of a header of which only one can be right. `named`: the second one takes its strangers for the form's own columns. */
type Uncertain = { readonly header: Header; readonly rival: Header; readonly named: boolean }

/**
 * The readings of a header of ragged lines that lacks columns of the form and has labels that the form does not know, above
 * or below the others: nothing tells before which of them these stand, nor that they are not the columns that are missing.
 * Null for a header whose order is certain.
 */
export function uncertainOrder(printed: Header, lines: readonly SourceLine[], scope: TableScope): Uncertain | null {
  if (lines[0]!.aligned || printed.unknown === 0 || printed.found === scope.valueColumns.length) return null
  if (standsInOneLine(lines, scope)) return null
  const last = headerOf(raggedColumns(lines, scope, 'last'), lines, scope) ?? printed
  const own = withMissingNamed(last, scope)
  if (own !== null) return { header: last, rival: own, named: true }
  const first = headerOf(raggedColumns(lines, scope, 'first'), lines, scope)
  return first === null ? null : { header: first, rival: last, named: false }
}

/** True where one line of the header has all its labels but those of groups. */
function standsInOneLine(lines: readonly SourceLine[], scope: TableScope): boolean {
  const [line, ...others] = lines.filter((one) => headerSlots(one, scope, [], 0).some(({ abstract }) => !abstract))
  return line !== undefined && others.length === 0 && headerSlots(line, scope, [], 0).every(({ abstract }) => !abstract)
}

/** The header with each label that the form does not know as the column of the form that is missing in its place; null where one is not like it. */
function withMissingNamed(printed: Header, scope: TableScope): Header | null {
  const strangers = printed.columns.filter(({ line, numbers }) => line === null && !numbers)
  const known = printed.columns.filter(({ line }) => line !== null)
  const taken = new Set(known.map(({ line }) => line))
  const missing = scope.valueColumns.filter((line) => !taken.has(line))
  const rising = known.every(({ line }, index) => index === 0 || known[index - 1]!.line! < line!)
  if (!rising || missing.length !== strangers.length || strangers.some(({ named }) => named)) return null
  const lines: readonly Line[] = scope.table.columns
  const named = strangers.map((column, index) => ({ ...column, line: missing[index]!, exact: false }))
  const alike = named.every(({ line, label }) => isLikeOneOf(label, lines[line]!.labels))
  if (!alike) return null
  const columns = [...known, ...named].sort((a, b) => a.line! - b.line!)
  return { ...printed, columns, found: columns.length, unknown: 0, key: columns.map(({ line }) => line).join() }
}

function headerOf(columns: readonly HeaderColumn[], lines: readonly SourceLine[], scope: TableScope): Header | null {
  const known = withoutGuessed(fillGaps(columns, scope), lines, scope)
  const found = known.filter((column) => column.line !== null).length
  if (found === 0) return null
  const unknown = known.filter((column) => column.line === null && !column.numbers).length
  const key = known.map(({ line, start, end }) => `${line}:${start}:${end}`).join()
  const numbered = lines.some(({ cells }) => cells.some((cell) => isNumbers(cell, scope)))
  const lacks = found < scope.valueColumns.length
  const torn = lines[0]!.aligned
    ? lacks && hasBareGroup(lines, known, scope)
    : isDisordered(lines, known, scope) || (lacks && hasStrayPieces(lines, known, scope))
  const guessed = isDoubled(lines, known, scope) || (lines[0]!.aligned && isGuessed(lines, known, scope))
  return { columns: known, before: [], found, unknown, numbered, torn, guessed, key }
}

/**
 * The columns without those whose label names several (结果维持) where the group of any is not printed, unless the header has
 * all that it names in the form's order, so that order tells them: a header of one group alone may be any group's, and the
 * columns of a group without its label may have been taken for those of another.
 */
function withoutGuessed(
  columns: readonly HeaderColumn[],
  lines: readonly SourceLine[],
  scope: TableScope,
): readonly HeaderColumn[] {
  const { columnsAlike, columnGroups } = scope
  if (columns.every(({ line }) => line === null || columnsAlike[line]!.length === 1)) return columns
  const places = new Map(columns.map(({ line }, place) => [line, place]))
  const isSure = (line: number): boolean => {
    const [group] = columnGroups[line]!
    const isPrinted = (cell: LineCell): boolean => columnsNamed(cell, scope).includes(group!)
    return group !== undefined && lines.some(({ cells }) => cells.some(isPrinted))
  }
  // Order tells them only where it is the form's.
  const isTorn =
    !isInFormOrder(columns) &&
    columns.some(({ line }) => line !== null && columnsAlike[line]!.length > 1 && !isSure(line))
  return columns.map((column) => {
    if (column.line === null || columnsAlike[column.line]!.length === 1) return column
    if (isTorn) return { ...column, line: null }
    const alike = columnsAlike[column.line]!
    const order = alike.map((line) => places.get(line))
    const all = order.every((place) => place !== undefined)
    const told =
      all && (order.every((place, index) => index === 0 || place! > order[index - 1]!) || alike.every(isSure))
    return told || (!all && isSure(column.line)) ? column : { ...column, line: null }
  })
}

/**
 * True where labels of columns stand on several lines and make another order than the form's: between lines that only count
 * their fields nothing tells where a label of one line stands among those of another.
 */
function isDisordered(lines: readonly SourceLine[], columns: readonly HeaderColumn[], scope: TableScope): boolean {
  if (isInFormOrder(columns)) return false
  const isLeaf = (line: number): boolean => !scope.table.columns[line]!.abstract
  return lines.filter(({ cells }) => cells.some((cell) => columnsNamed(cell, scope).some(isLeaf))).length > 1
}

function isInFormOrder(columns: readonly HeaderColumn[]): boolean {
  let last = -1
  for (const { line } of columns) {
    if (line === null) continue
    if (line <= last) return false
    last = line
  }
  return true
}

/**
 * True where columns have another of their name, as for two years or bodies: nothing tells which of them is the report's. One
 * such column of many says nothing of the others; those behind a corner of their own are the table's second half.
 */
function isDoubled(lines: readonly SourceLine[], columns: readonly HeaderColumn[], scope: TableScope): boolean {
  const second = columns.findIndex(({ twin }) => twin !== null)
  if (second < 0) return false
  const twins = new Set(columns.map(({ twin }) => twin))
  const open = columns.filter(
    (column) => column.line !== null && !(lines[0]!.aligned && isUnderGroup(column, lines, scope)),
  )
  const extra = columns.filter(({ line, numbers }) => line === null && !numbers)
  if (!open.some(({ line }) => twins.has(line)) || extra.length * 2 < open.length) return false
  const isCorner = (cell: LineCell): boolean =>
    isWords(cell) && isCaption(cell, scope) && cell.start > columns[0]!.start! && cell.end <= columns[second]!.start!
  return !lines.some(({ cells }) => cells.some(isCorner))
}

/** True where columns are not in the form's order, and one of several of its name has its group nowhere over it. */
function isGuessed(lines: readonly SourceLine[], columns: readonly HeaderColumn[], scope: TableScope): boolean {
  if (isInFormOrder(columns)) return false
  return columns.some((column) => {
    const { line } = column
    const hasGroup = line !== null && scope.columnsAlike[line]!.length > 1 && scope.columnGroups[line]!.length > 0
    return hasGroup && !isUnderGroup(column, lines, scope)
  })
}

/** True for one of several columns of its name over which its group stands. */
function isUnderGroup({ line, start, end }: HeaderColumn, lines: readonly SourceLine[], scope: TableScope): boolean {
  const [group] = line === null || scope.columnsAlike[line]!.length === 1 ? [] : scope.columnGroups[line]!
  const isOver = (cell: LineCell): boolean =>
    cell.start < end! && cell.end > start! && columnsNamed(cell, scope).includes(group!)
  return group !== undefined && lines.some(({ cells }) => cells.some(isOver))
}

/** True where the label of a group stands over a column that has no label of its own. */
function hasBareGroup(lines: readonly SourceLine[], columns: readonly HeaderColumn[], scope: TableScope): boolean {
  const labelled = (place: number): boolean =>
    columns.some(({ start, end }) => start !== null && place >= start && place < end!)
  return lines.some(({ cells }) =>
    cells.some((cell) => {
      if (!isWords(cell) || !columnsNamed(cell, scope).some((line) => scope.table.columns[line]!.abstract)) return false
      return Array.from({ length: cell.end - cell.start }, (_, at) => cell.start + at).some((place) => !labelled(place))
    }),
  )
}

/**
 * True for ragged lines with words that no form knows before the first column, where the form's first ones are missing, and
 * behind it: pieces of labels, so that there are no more as many columns as there are words.
 */
function hasStrayPieces(lines: readonly SourceLine[], columns: readonly HeaderColumn[], scope: TableScope): boolean {
  const isStrange = ({ label }: LineCell): boolean => label !== null && label.scopes.length === 0
  const first = columns.find(({ line }) => line !== null)
  if (first === undefined || first.line === scope.valueColumns[0]) return false
  if (!columns.some(({ line, named, numbers }) => line === null && !named && !numbers)) return false
  return lines.some(({ cells }) => {
    const at = cells.findIndex(({ text }) => text === first.label)
    return cells.slice(0, Math.max(at, 0)).some((cell) => isStrange(cell) && !isCaption(cell, scope))
  })
}

/** A header's columns by the order of their labels alone, wherever these stand; null where they name none of this table. */
export function headerByOrder(lines: readonly SourceLine[], scope: TableScope): Header | null {
  // A label that reaches down into the next line stands in the first one.
  const printed = lines.map((line, at) => ({
    ...line,
    cells: line.cells.filter(({ carried }) => at === 0 || !carried),
  }))
  const columns = raggedColumns(printed, scope).map((column) => ({ ...column, start: null, end: null }))
  const found = columns.filter(({ line }) => line !== null).length
  if (found === 0) return null
  const key = columns.map(({ line }) => line).join()
  return {
    columns,
    before: [],
    found,
    unknown: columns.length - found,
    numbered: false,
    torn: false,
    guessed: false,
    key,
  }
}

/** An unknown label between two neighbours with one column of the form between them names that column, if it is like it. */
function fillGaps(columns: readonly HeaderColumn[], scope: TableScope): readonly HeaderColumn[] {
  if (columns.every((column) => column.line !== null)) return columns
  const leaves = scope.valueColumns
  const lines: readonly Line[] = scope.table.columns
  const taken = new Set(columns.map((column) => column.line))
  return columns.map((column, index) => {
    if (column.line !== null || column.numbers) return column
    const before = columns[index - 1]?.line
    const after = columns[index + 1]?.line
    const place = before === undefined || before === null ? -1 : leaves.indexOf(before) + 1
    const line = leaves[place]
    if (line === undefined || taken.has(line) || after === null) return column
    if (after !== undefined && leaves[place + 1] !== after) return column
    if (!isLikeOneOf(column.label, lines[line]!.labels)) return column
    taken.add(line)
    return { ...column, line, exact: false }
  })
}
