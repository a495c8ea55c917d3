/**
 * Rows in which a bar alone behind the last figure may be a blank cell, or fill up a row that has one cell fewer. Takes the
 * cells of a line by column, says whether the latter is likely: read as printed its sums do not hold, and with a cell missing
 * they can.
 */

import type { Placed } from './openline.ts'
import type { PlacedSum } from './scope.ts'

type Cells = readonly Placed[]

/** What a cell says: null where it is blank or says that there is nothing. */
function amountsOf(cells: Cells): (number | null)[] {
  return cells.map((one) => (one.kind === 'cell' ? (one.cell.value?.value ?? null) : null))
}

/** True where a total is the sum of its parts, or blank as they all are. */
function holds(amounts: readonly (number | null)[], { total, parts }: PlacedSum): boolean {
  const stated = amounts[total]!
  if (stated === null) return parts.every((part) => amounts[part] === null)
  return stated === parts.reduce((sum, part) => sum + (amounts[part] ?? 0), 0)
}

/** True where a sum can hold whatever is missing in one of its columns. */
function canHold(amounts: readonly (number | null)[], sum: PlacedSum, missing: number): boolean {
  if (sum.total === missing) return true
  if (!sum.parts.includes(missing)) return holds(amounts, sum)
  const known = sum.parts.reduce((all, part) => all + (amounts[part] ?? 0), 0)
  return amounts[sum.total] !== null && known <= amounts[sum.total]!
}

/** True where lines leave totals blank beside figures: then the last cell of another may well be blank too. */
function leavesTotalsBlank(lines: readonly Cells[], sums: readonly PlacedSum[]): boolean {
  return lines.some((cells) => {
    const amounts = amountsOf(cells)
    return sums.some(({ total, parts }) => amounts[total] === null && parts.some((part) => amounts[part] !== null))
  })
}

/** True for a line whose last cell fills it up more likely than it is blank; `others`: the lines beside it. */
export function isFilledUp(cells: Cells, others: readonly Cells[], sums: readonly PlacedSum[]): boolean {
  if (sums.length === 0 || !endsInFill(cells)) return false
  const amounts = amountsOf(cells)
  if (sums.every((sum) => holds(amounts, sum))) return false
  const sure = others.filter((one) => !endsInFill(one))
  if (leavesTotalsBlank(sure, sums)) return false
  return amounts.slice(0, -1).some((_, missing) => {
    const moved = [...amounts.slice(0, missing), null, ...amounts.slice(missing, -1)]
    return sums.every((sum) => canHold(moved, sum, missing))
  })
}

function endsInFill(cells: Cells): boolean {
  const last = cells.at(-1)
  return last?.kind === 'cell' && last.cell.fills === true
}
