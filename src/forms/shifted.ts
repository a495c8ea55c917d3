/**
 * Rows of which a part stands one column off: a cell was lost and a blank one stands elsewhere in the row, so that it has as
 * many cells as columns. Takes a table's facts by place, gives the rows that would make all their broken sums hold were a
 * blank moved over the figures between. Whether the page lost the cell or the report is wrong is not known.
 */
import type { Fact } from '../model.ts'
import type { ZeroSum } from './decode.ts'
import { addsUp, amountOf, type EquationsOf, tableSums } from './equations.ts'
import type { TableFacts } from './rowfacts.ts'
import type { TableScope } from './scope.ts'
import type { TableReading } from './tables.ts'

/** Figures that may stand one column off are not read. */
export function doubtShifted({ scope, rows }: TableReading, into: TableFacts, equationsOf: EquationsOf): void {
  const drawn = rowsDrawnTogether(scope, into.facts, equationsOf)
  for (const { line, cells } of drawn.length > 0 ? drawn : shiftedRows(scope, into.facts, equationsOf)) {
    for (const { place, other } of cells) {
      const fact = into.facts[place]!
      const candidates = [...new Set([fact, other].flatMap(({ value }) => (value === null ? [] : [value])))]
      into.facts[place] = { ...fact, state: 'unreadable', value: null, candidates }
    }
    const label = rows.find((hit) => hit.line === line)?.label ?? null
    const data = { table: scope.table.code, label: label?.text ?? '' }
    into.notices.push({ code: 'row_shifted', anchor: label?.anchor ?? null, data })
  }
}

/**
 * A row that may be shifted: the places of its cells in the scope that are not to be believed, with what else they may say.
 * None where a single figure stands in a neighbour's column, as by a slip of the pen.
 */
type ShiftedRow = {
  readonly line: number
  readonly cells: readonly { readonly place: number; readonly other: Fact }[]
}

/** One broken sum is a wrong figure; a shift breaks that of each column it leaves and enters. */
const mendedMin = 2
const movedMin = 2

/** A sum that a row is part of: across it, or down its column at `place`. */
type RowSum = { readonly sum: ZeroSum; readonly place: number | null }

/** The rows of a table that sums show to be shifted. */
function shiftedRows(
  scope: TableScope,
  facts: readonly (Fact | null)[],
  equationsOf: EquationsOf,
): readonly ShiftedRow[] {
  if (!facts.some((fact) => fact?.state === 'blank')) return []
  const { valueColumns, valueRows } = scope
  const sums = tableSums(scope, equationsOf)
  const factAt = (line: number, place: number): Fact | null => facts[placeIn(scope, line, place)] ?? null
  const columns = [...valueColumns.keys()]
  const amounts = facts.map(amountOf)
  const amountAt = (line: number, place: number): number | null => amounts[placeIn(scope, line, place)] ?? null
  const down = columns.map((place) => sums.down(place))
  const brokenDown = columns.flatMap((place) =>
    down[place]!.filter((sum) => addsUp(sum, (line) => amountAt(line, place)) === false),
  )
  return valueRows.flatMap((line): ShiftedRow[] => {
    const brokenAcross = sums.across(line).filter((sum) => addsUp(sum, (place) => amountAt(line, place)) === false)
    const has = (sum: ZeroSum): boolean => sum.some(([one]) => one === line)
    if (brokenAcross.length + brokenDown.filter(has).length < mendedMin) return []
    const row = columns.map((place) => factAt(line, place))
    const whole = row.filter((fact) => fact !== null && amountOf(fact) !== null) as Fact[]
    if (whole.length < row.length || whole.every(({ state }) => state !== 'blank')) return []
    const isBroken = ({ sum, place }: RowSum, cells: readonly Fact[]): boolean =>
      addsUp(sum, (index) => {
        if (place === null) return amountOf(cells[index])
        return index === line ? amountOf(cells[place]) : amountAt(index, place)
      }) === false
    const all: RowSum[] = [
      ...sums.across(line).map((sum) => ({ sum, place: null })),
      ...columns.flatMap((place) => down[place]!.filter(has).map((sum) => ({ sum, place }))),
    ]
    const broken = all.filter((one) => isBroken(one, whole))
    const others = all.filter((one) => !broken.includes(one))
    const found = columns.flatMap((from) => {
      if (whole[from]!.state !== 'blank') return []
      return columns.flatMap((to) => {
        if (!movesFigure(whole, from, to)) return []
        const cells = moved(whole, from, to)
        if (broken.filter((one) => !isBroken(one, cells)).length < mendedMin) return []
        return others.some((one) => isBroken(one, cells)) ? [] : [cells]
      })
    })
    const [first] = found
    if (first === undefined) return []
    const isShift = found.some((cells) => isWide(whole, cells))
    const changed = columns.filter((place) => isShift && found.some((cells) => cells[place] !== whole[place]))
    return [
      {
        line,
        cells: changed.map((place) => ({ place: placeIn(scope, line, place), other: first[place]! })),
      },
    ]
  })
}

/**
 * The rows of a table that all lack their last cell, a total, or leave it blank, where in each the figure before it is the
 * sum of the others: some column has lost its cells, and what stands behind it was drawn together.
 */
function rowsDrawnTogether(
  scope: TableScope,
  facts: readonly (Fact | null)[],
  equationsOf: EquationsOf,
): readonly ShiftedRow[] {
  const { valueColumns, valueRows } = scope
  const last = valueColumns.length - 1
  const factAt = (line: number, place: number): Fact | null => facts[placeIn(scope, line, place)] ?? null
  if (last < 1 || valueRows.some((line) => isStated(factAt(line, last)))) return []
  const stated = valueRows.filter((line) => valueColumns.some((_, place) => factAt(line, place) !== null))
  const sums = tableSums(scope, equationsOf)
  let proved = 0
  for (const line of stated) {
    const sum = sums.across(line).find((one) => one.some(([place]) => place === last))
    // The sum with the figure before the total as the total.
    const drawn = sum
      ?.filter(([place]) => place !== last)
      .map(([place, sign]) => [place, place === last - 1 ? -sign : sign] as const)
    if (drawn === undefined || addsUp(drawn, (place) => amountOf(factAt(line, place))) !== true) return []
    if (amountOf(factAt(line, last - 1)) !== 0) proved++
  }
  if (proved < mendedMin) return []
  return stated.map((line) => ({
    line,
    cells: [...valueColumns.keys()].flatMap((place) => {
      const other = factAt(line, Math.max(0, place - 1))
      return other === null || factAt(line, place) === null ? [] : [{ place: placeIn(scope, line, place), other }]
    }),
  }))
}

/** Where the fact of a row in the value column at `place` stands. */
function placeIn({ places, valueColumns }: TableScope, line: number, place: number): number {
  return places[line]![valueColumns[place]!]!
}

function isStated(fact: Fact | null): boolean {
  return fact !== null && fact.state !== 'blank'
}

/** Whether a blank passes a figure on its way: otherwise no sum changes. */
function movesFigure(row: readonly Fact[], from: number, to: number): boolean {
  return row.some((fact, place) => place >= Math.min(from, to) && place <= Math.max(from, to) && amountOf(fact) !== 0)
}

/** The row with the cell at `from` taken out and put in again at `to`. */
function moved(row: readonly Fact[], from: number, to: number): Fact[] {
  const rest = row.toSpliced(from, 1)
  return rest.toSpliced(to, 0, row[from]!)
}

/** True where more than one figure moves, or blanks are strange to the row. */
function isWide(row: readonly Fact[], cells: readonly Fact[]): boolean {
  const figures = cells.filter((cell, place) => cell !== row[place] && cell.state === 'number').length
  return figures >= movedMin || (figures > 0 && row.some(({ value }) => value === 0))
}
