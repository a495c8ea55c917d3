/**
 * The header of copied lines to its columns: nothing is left of it but the order of its labels, and which line prints each.
 */
import { columnsNamed, firstLabel, type HeaderColumn, isCaption, isNumbers, trimLabelColumns } from './headercolumn.ts'
import { isBlank, isWords, type LineCell, type SourceLine } from './lines.ts'
import type { TableScope } from './scope.ts'

type Slot = {
  readonly line: number | null
  readonly twin: number | null
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
export function raggedColumns(
  lines: readonly SourceLine[],
  scope: TableScope,
  strange: Strange = 'beside',
): HeaderColumn[] {
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
export function headerSlots(line: SourceLine, scope: TableScope, before: readonly Slot[], depth: number): Slot[] {
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
    const isLater = claimedLater.has(cell)
    const lineIndex = isLater ? null : pickSlot(cell, scope, used, printed, behind)
    const twin = isLater || lineIndex !== null ? null : pickSlot(cell, scope, unused, printed, behind)
    const abstract = lineIndex !== null && scope.table.columns[lineIndex]!.abstract
    if (lineIndex !== null) used.add(lineIndex)
    if (abstract) printed.add(lineIndex)
    slots.push({ line: lineIndex, twin, abstract, cell, width: 1, depth })
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

const unused: ReadonlySet<number> = new Set()

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
    .map(({ line, twin, cell, width }) => ({
      line,
      twin,
      label: cell.text,
      exact: cell.label?.exact ?? true,
      named: (cell.label?.columns.size ?? 0) > 0,
      numbers: line === null && isNumbers(cell, scope),
      start: cell.start,
      end: cell.start + width,
    }))
  return trimLabelColumns(columns, firstLabel(lines, scope))
}

/** Labels that no form knows between the text of the top left cell and the first label of a column in its line. */
export function raggedBefore(lines: readonly SourceLine[], scope: TableScope): HeaderColumn[] {
  const isCorner = ({ label }: LineCell): boolean => label?.captions.has(scope.id) ?? false
  const line = lines.find(({ cells }) => cells.some(isCorner))
  if (line === undefined || line.stream) return []
  const corner = line.cells.findIndex(isCorner)
  const first = line.cells.findIndex((cell) => columnsNamed(cell, scope).length > 0)
  const between = line.cells.slice(corner + 1, Math.max(first, 0))
  if (between.some(({ doubtful }) => doubtful)) return []
  const isStrange = (cell: LineCell): boolean =>
    isWords(cell) && cell.label!.columns.size === 0 && !isCaption(cell, scope) && !isNumbers(cell, scope)
  return between.filter(isStrange).map(
    ({ text, start, end }): HeaderColumn => ({
      ...{ line: null, twin: null, label: text, exact: true, named: false, numbers: false },
      ...{ start, end, before: true },
    }),
  )
}
