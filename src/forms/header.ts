/**
 * Header lines to columns: takes the printed header of one table, gives which of the form's columns stand in it and in
 * what order. A column is found by its label and the group labels over it; labels that repeat (结果维持 three times) are
 * told apart by their group, then by order.
 */
import type { Line } from '../model.ts'
import { type LabelIndex, labelKey, labelSimilarity } from './labels.ts'
import { isBlank, isWords, type LineCell, type SourceLine } from './lines.ts'
import type { TableScope } from './scope.ts'

/** One printed column. `line` is the form's column, null for one that the form does not have. */
export type HeaderColumn = {
  readonly line: number | null
  readonly label: string
  readonly exact: boolean
  /** The label names a column of some form, this one or another. */
  readonly named: boolean
  /** It numbers the rows and states nothing. */
  readonly numbers: boolean
  /** Grid columns covered (or fields, in ragged lines), end exclusive; null where the header does not tell. */
  readonly start: number | null
  readonly end: number | null
  /** In how many cells side by side its label stands, where it is more than one. */
  readonly copies?: number
  /** It stands behind the labels of rows and before all columns of the form. */
  readonly before?: true
}

/** Printed columns in order. `sure` is false where a group's label is missing, so that order alone told them apart. */
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
   * each of the form's is printed twice.
   */
  readonly guessed: boolean
  /** The same for headers that print the same columns in the same places. */
  readonly key: string
}

const similarityMin = 0.5

const none: readonly number[] = []

function columnsNamed(cell: LineCell, scope: TableScope): readonly number[] {
  return cell.label?.columns.get(scope.id) ?? none
}

/** True for headings, the text of the top left cell, and the head of a column of units: none of them heads figures. */
function isCaption(cell: LineCell, scope: TableScope): boolean {
  if (cell.label === null) return false
  // What is left of a markup that is not known names no column.
  return cell.label.captions.has(scope.id) || cell.label.units.has(scope.id) || /^[()（）[\]{}<>]+$/.test(cell.text)
}

function isNumbers(cell: LineCell, scope: TableScope): boolean {
  return cell.label?.numbers.has(scope.id) ?? false
}

/** The columns that header lines print, or null where they print none of this table. */
export function readHeader(lines: readonly SourceLine[], scope: TableScope, find: LabelIndex['find']): Header | null {
  if (!lines[0]!.aligned) return headerOf(raggedColumns(lines, scope), lines, scope)
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
  const alike = named.every(({ line, label }) =>
    lines[line]!.labels.some((one) => labelSimilarity(one, label) >= similarityMin),
  )
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
  const guessed = isDoubled(known) || (lines[0]!.aligned && isGuessed(lines, known, scope))
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

/** True where each column has another of its name, as for two years or bodies: nothing tells which of them is the report's. */
function isDoubled(columns: readonly HeaderColumn[]): boolean {
  const others = new Set(columns.flatMap(({ line, named, label }) => (line === null && named ? [labelKey(label)] : [])))
  return others.size > 0 && columns.every(({ line, label }) => line === null || others.has(labelKey(label)))
}

/** True where columns are not in the form's order, and one of several of its name has its group nowhere over it. */
function isGuessed(lines: readonly SourceLine[], columns: readonly HeaderColumn[], scope: TableScope): boolean {
  if (isInFormOrder(columns)) return false
  return columns.some(({ line, start, end }) => {
    const [group] = line === null || scope.columnsAlike[line]!.length === 1 ? [] : scope.columnGroups[line]!
    const isOver = (cell: LineCell): boolean =>
      cell.start < end! && cell.end > start! && columnsNamed(cell, scope).includes(group!)
    return group !== undefined && !lines.some(({ cells }) => cells.some(isOver))
  })
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

/**
 * In aligned grids each grid column carries its labels from top to bottom; the lowest is its own. `beside`: it may be that of a
 * group that stands beside it, where all those of the group over it have labels of their own.
 */
function alignedColumns(
  lines: readonly SourceLine[],
  scope: TableScope,
  find: LabelIndex['find'],
  beside: boolean,
): HeaderColumn[] {
  const width = Math.max(...lines.flatMap((line) => line.cells.map((cell) => cell.end)))
  const paths: LineCell[][] = Array.from({ length: width }, () => [])
  for (const line of lines) {
    for (const cell of line.cells) {
      if (!isWords(cell)) continue
      for (let column = cell.start; column < cell.end; column++) {
        const path = paths[column]!
        if (path.at(-1)?.anchor !== cell.anchor) path.push(cell)
      }
    }
  }
  const spans: { readonly path: readonly LineCell[]; readonly start: number; readonly end: number }[] = []
  for (let start = 0, end = 1; start < width; start = end, end++) {
    const path = paths[start]!
    while (end < width && paths[end]!.at(-1)?.anchor === path.at(-1)?.anchor) end++
    if (path.length > 0) spans.push({ path, start, end })
  }
  const columns: HeaderColumn[] = []
  const used = new Set<number>()
  const lost = lostClaims(spans.map(({ path }) => claimsOf(path, scope, beside)))
  for (const [index, { path, start, end }] of spans.entries()) {
    const taken = lost[index]!
    const column = columnOf(
      path,
      scope,
      taken.length === 0 ? used : new Set([...used, ...taken]),
      beside ? taken : none,
      find,
    )
    const previous = columns.at(-1)
    if (column?.line === null && column.named && previous?.label === column.label && previous.end === start) {
      // A converter repeated the text of a merged cell in each of its places.
      columns[columns.length - 1] = { ...previous, end, copies: (previous.copies ?? 1) + 1 }
    } else if (column !== null) {
      if (column.line !== null) used.add(column.line)
      columns.push({ ...column, start, end })
    }
  }
  return columns
}

/**
 * For each label the lines to which one behind it has a better claim: 合计 under 法人或其他组织 is not the 总计 that stands
 * beside that group.
 */
function lostClaims(claims: readonly ReadonlyMap<number, number>[]): readonly (readonly number[])[] {
  const least = new Map<number, number>()
  const lost: (readonly number[])[] = []
  for (const claim of [...claims].reverse()) {
    lost.push([...claim].flatMap(([line, distance]) => ((least.get(line) ?? distance) < distance ? [line] : [])))
    for (const [line, distance] of claim) least.set(line, Math.min(distance, least.get(line) ?? distance))
  }
  return lost.reverse()
}

/**
 * The columns that the lowest label of a path names, with how far it is from being theirs: groups printed over it that are
 * not theirs, and a misprint; `beside`, those of theirs too that are not printed over it.
 */
function claimsOf(path: readonly LineCell[], scope: TableScope, beside: boolean): ReadonlyMap<number, number> {
  const own = path.at(-1)!
  const named = columnsNamed(own, scope)
  if (named.length === 0) return noClaims
  const { columns } = scope.table
  const groups = new Set<number>()
  for (let above = 0; above < path.length - 1; above++)
    for (const line of columnsNamed(path[above]!, scope)) if (columns[line]!.abstract) groups.add(line)
  return new Map(
    named
      .filter((line) => !columns[line]!.abstract)
      .map((line) => {
        let strange = 0
        for (const group of groups) if (!scope.columnGroups[line]!.includes(group)) strange++
        const lacking = beside ? lackingGroups(scope.columnGroups[line]!, groups) : 0
        return [line, strange * 2 + lacking * 2 + (own.label!.exact ? 0 : 1)]
      }),
  )
}

/** How much of a column's groups is not printed over it; the nearest one counts twice. */
function lackingGroups(own: readonly number[], printed: ReadonlySet<number>): number {
  return own.reduce((sum, group, at) => sum + (printed.has(group) ? 0 : at === 0 ? 2 : 1), 0)
}

const noClaims: ReadonlyMap<number, number> = new Map()

/** The column that a path of labels names; null for corners and headings, which name none. */
function columnOf(
  path: readonly LineCell[],
  scope: TableScope,
  used: ReadonlySet<number>,
  lost: readonly number[],
  find: LabelIndex['find'],
): HeaderColumn | null {
  const own = path.at(-1)!
  if (isCaption(own, scope)) return null
  if (isNumbers(own, scope)) {
    return { line: null, label: own.text, exact: true, named: false, numbers: true, start: null, end: null }
  }
  // Under a group's label alone there is no column: its span was stated too wide.
  const lines = columnsNamed(own, scope)
  if (lines.length > 0 && lines.every((line) => scope.table.columns[line]!.abstract)) return null
  const groups = new Set(path.slice(0, -1).flatMap((cell) => columnsNamed(cell, scope)))
  const joined = joinBroken(path, scope, find)
  const { exact, columns } = own.label!
  const free = (joined?.columns ?? columnsNamed(own, scope)).filter((one) => !lost.includes(one))
  const line = chooseColumn(free, scope, used, groups)
  const named = joined !== null || columns.size > 0
  return {
    line,
    label: joined?.label ?? own.text,
    exact: joined?.exact ?? exact,
    named,
    numbers: false,
    start: null,
    end: null,
  }
}

type Joined = { readonly label: string; readonly exact: boolean; readonly columns: readonly number[] }

/** A label broken over rows of the table: 商业 above 企业. Null where no cells above one another make one. */
function joinBroken(path: readonly LineCell[], scope: TableScope, find: LabelIndex['find']): Joined | null {
  const own = path.at(-1)!
  let label = own.text
  let near: Joined | null = null
  for (const above of path.slice(0, -1).reverse()) {
    if (above.label!.exact && columnsNamed(above, scope).length > 0) break
    label = above.text + label
    const { exact, columns } = find(label)
    const joined = { label, exact, columns: columns.get(scope.id) ?? none }
    if (joined.columns.length === 0) continue
    if (exact) return joined
    if (columnsNamed(own, scope).length === 0) near ??= joined
  }
  return near
}

/**
 * Of the columns a label can stand for: one that has most of its groups printed over it, since those of two columns may
 * share the upper one; of several such the first not yet taken.
 */
function chooseColumn(
  named: readonly number[],
  { table, columnGroups }: TableScope,
  used: ReadonlySet<number>,
  groups: ReadonlySet<number>,
): number | null {
  const leaves = named.filter((line) => !table.columns[line]!.abstract)
  const printed = (line: number): number => columnGroups[line]!.filter((group) => groups.has(group)).length
  const most = Math.max(...leaves.map(printed))
  return leaves.find((line) => printed(line) === most && !used.has(line)) ?? null
}

type Slot = {
  readonly line: number | null
  readonly abstract: boolean
  readonly cell: LineCell
  readonly width: number
  /** Which of the header's lines prints it, from 0. */
  readonly depth: number
}

/**
 * In ragged lines only order is left: the last line, where it names every column, or else the lines together, a group's
 * columns put where the group's label stands.
 */
function raggedColumns(lines: readonly SourceLine[], scope: TableScope, strange: Strange = 'beside'): HeaderColumn[] {
  const leafCount = scope.valueColumns.length
  for (const line of [...lines].reverse()) {
    const slots = headerSlots(line, scope, [], 0)
    // With group labels in it the line is several printed ones run together, and its order is not that of the columns.
    const leaves = slots.filter((slot) => slot.line !== null && !slot.abstract).length
    if (leaves === leafCount && slots.every((slot) => !slot.abstract)) return fromSlots(slots, lines, scope)
  }
  let order: Slot[] = []
  for (const [depth, line] of lines.entries()) {
    order = mergeSlots(order, headerSlots(line, scope, order, depth), scope, strange)
  }
  return fromSlots(orderByPlace(order) ?? order, lines, scope)
}

/** The columns by the fields they stand in, where each has a field of its own and that is the form's order. */
function orderByPlace(order: readonly Slot[]): readonly Slot[] | null {
  const leaves = order.filter((slot) => !slot.abstract)
  if (leaves.some(({ line }) => line === null)) return null
  const placed = [...leaves].sort((a, b) => a.cell.start - b.cell.start)
  const rising = placed.every(({ cell, line }, index) => {
    const before = placed[index - 1]
    return before === undefined || (before.cell.start < cell.start && before.line! < line!)
  })
  return rising ? placed : null
}

/** The labels of one header line with the columns they name, in order; repeated labels side by side are one. */
function headerSlots(line: SourceLine, scope: TableScope, before: readonly Slot[], depth: number): Slot[] {
  const slots: Slot[] = []
  const used = new Set(before.map((slot) => slot.line))
  const printed = new Set<number>()
  for (const slot of before) if (slot.abstract && slot.line !== null) printed.add(slot.line)
  const claimedLater = laterClaims(line, scope)
  const behind = new Map<number, LineCell>()
  for (const cell of line.cells) {
    for (const group of columnsNamed(cell, scope)) if (scope.table.columns[group]!.abstract) behind.set(group, cell)
  }
  let previous: LineCell | null = null
  for (const cell of line.cells) {
    if (!isWords(cell)) {
      if (!isBlank(cell)) previous = null
      continue
    }
    if (previous !== null && previous.text === cell.text && previous.end === cell.start) {
      const last = slots.at(-1)
      if (last?.cell.text === cell.text) slots[slots.length - 1] = { ...last, width: last.width + 1 }
      previous = cell
      continue
    }
    previous = cell
    if (isCaption(cell, scope)) continue
    for (const [group, label] of behind) if (label === cell) behind.delete(group)
    const lineIndex = claimedLater.has(cell) ? null : pickSlot(cell, scope, used, printed, behind)
    const abstract = lineIndex !== null && scope.table.columns[lineIndex]!.abstract
    if (lineIndex !== null) used.add(lineIndex)
    if (abstract) printed.add(lineIndex)
    slots.push({ line: lineIndex, abstract, cell, width: 1, depth })
  }
  return slots
}

/**
 * Cells whose only column another label of the line names behind them: a total of some columns stands before that of all.
 * Not so between labels of groups, where several lines are run together.
 */
function laterClaims({ cells }: SourceLine, scope: TableScope): ReadonlySet<LineCell> {
  const found = new Set<LineCell>()
  const { columns } = scope.table
  if (cells.some((cell) => columnsNamed(cell, scope).some((line) => columns[line]!.abstract))) return found
  const last = new Map<number, LineCell>()
  for (const cell of cells.toReversed()) {
    const [line, ...others] = columnsNamed(cell, scope)
    if (line === undefined || others.length > 0) continue
    const behind = last.get(line)
    if (behind === undefined || behind.text === cell.text) last.set(line, cell)
    else if (behind.label!.exact || !cell.label!.exact) found.add(cell)
  }
  return found
}

function pickSlot(
  cell: LineCell,
  scope: TableScope,
  used: ReadonlySet<number | null>,
  printed: ReadonlySet<number>,
  behind: ReadonlyMap<number, LineCell>,
): number | null {
  const named = columnsNamed(cell, scope).filter((line) => !used.has(line))
  // A group whose label stands behind it in its own line is over none of it.
  const before = named.filter((line) => !scope.columnGroups[line]!.some((group) => behind.has(group)))
  const free = before.length > 0 ? before : named
  const isPrinted = (group: number): boolean => printed.has(group)
  // 行政诉讼 stands over both of its kinds: a column whose groups are all printed is meant before one of which some are.
  const under = free.find((line) => scope.columnGroups[line]!.length > 0 && scope.columnGroups[line]!.every(isPrinted))
  return under ?? free.find((line) => scope.columnGroups[line]!.some(isPrinted)) ?? free[0] ?? null
}

/** Where a label that the form does not know is put: behind the one before it in its own line, before all others, behind all. */
type Strange = 'beside' | 'first' | 'last'

function mergeSlots(order: readonly Slot[], line: readonly Slot[], scope: TableScope, strange: Strange): Slot[] {
  const merged = [...order]
  for (const [index, slot] of line.entries()) {
    const before = line[index - 1]
    const beside = strange === 'beside' && before !== undefined ? merged.indexOf(before) + 1 : -1
    const aside = strange === 'first' ? merged.findIndex((one) => one.line !== null) : beside
    const at = slot.line === null ? aside : insertionPlace(merged, slot.line, slot.depth, scope)
    if (at >= 0) merged.splice(at, 0, slot)
    else merged.push(slot)
  }
  return merged
}

/**
 * Behind the group's label and what stands under it already; behind the last printed column of the group where its label
 * is not printed; -1 where neither is. A column beside the label, in the label's own line, is not under it: 总计 to the
 * right of 申请人情况 stays to the right of all applicants.
 */
function insertionPlace(order: readonly Slot[], line: number, depth: number, { columnGroups }: TableScope): number {
  for (const group of columnGroups[line]!) {
    const label = order.find((slot) => slot.line === group)
    for (let index = order.length - 1; index >= 0; index--) {
      const other = order[index]!
      if (other.line === group) return index + 1
      const under = label === undefined || other.depth > label.depth || other.depth === depth
      if (under && other.line !== null && columnGroups[other.line]!.includes(group)) return index + 1
    }
  }
  return -1
}

function fromSlots(slots: readonly Slot[], lines: readonly SourceLine[], scope: TableScope): HeaderColumn[] {
  const columns = slots
    .filter((slot) => !slot.abstract)
    .map(({ line, cell, width }) => ({
      line,
      label: cell.text,
      exact: cell.label?.exact ?? true,
      named: (cell.label?.columns.size ?? 0) > 0,
      numbers: line === null && isNumbers(cell, scope),
      start: cell.start,
      end: cell.start + width,
    }))
  return trimLabelColumns(columns, firstLabel(lines, scope))
}

/** Where the first words of a header stand that do not number rows: the rows' labels stand under them. */
function firstLabel(lines: readonly SourceLine[], scope: TableScope): number {
  let first = Number.POSITIVE_INFINITY
  for (const { cells } of lines)
    for (const cell of cells) if (cell.start < first && isWords(cell) && !isNumbers(cell, scope)) first = cell.start
  return first
}

/**
 * Words before the first known column head the label columns, unless another form knows them as columns. Numbers of rows
 * that stand behind the labels are a column to be passed over; those before them are no matter.
 */
function trimLabelColumns(columns: readonly HeaderColumn[], label: number): HeaderColumn[] {
  const first = columns.findIndex((column) => column.line !== null || column.named)
  if (first < 0) return []
  return columns.filter((column, index) => index >= first || (column.numbers && column.start! > label))
}

/** The strange labels of `all` that stand before the first of a header's columns, and the places there without any label. */
function columnsBefore(
  all: readonly HeaderColumn[],
  { columns }: Header,
  lines: readonly SourceLine[],
): readonly HeaderColumn[] {
  const first = columns[0]!.start!
  const strange = all.filter(({ line, named, start }) => line === null && !named && start! < first)
  const isLabelled = (place: number): boolean =>
    lines.some(({ cells }) => cells.some((cell) => isWords(cell) && place >= cell.start && place < cell.end))
  const places = Array.from({ length: first }, (_, place) => place).filter((place) => !isLabelled(place))
  const bare = places.map((start) => ({ ...bareColumn, start, end: start + 1 }))
  return [...strange, ...bare].sort((a, b) => a.start! - b.start!).map((column) => ({ ...column, before: true }))
}

const bareColumn = { line: null, label: '', exact: true, named: false, numbers: false } as const

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
    const similar = Math.max(...lines[line]!.labels.map((label) => labelSimilarity(label, column.label)))
    if (similar < similarityMin) return column
    taken.add(line)
    return { ...column, line, exact: false }
  })
}
