/**
 * Sums that a report adds within a group: takes the rows of a table, drops those called 合计 and nothing else that stand among
 * the rows which the form's own total adds up.
 */
import type { RowHit } from './rowhits.ts'
import type { TableScope } from './scope.ts'

/** Longer labels name their row wherever it stands. */
const bareTotalMax = 3

/** Drops them from the rows found and from those printed again; the total itself may be among the latter and takes its place. */
export function dropSubtotals(rows: RowHit[], repeats: RowHit[], { table }: TableScope): void {
  const isSubtotal = ({ source, line, label, header }: RowHit): boolean => {
    const { totalOf } = table.rows[line]!
    if (totalOf === null || label === null || label.text.replace(/\s/g, '').length > bareTotalMax) return false
    const addends = rows.filter((one) => one.header === header && totalOf.includes(table.rows[one.line]!.code))
    const before = addends.filter((one) => one.source.index < source.index)
    return before.length > 0 && before.length < addends.length
  }
  const dropped = rows.filter(isSubtotal)
  const kept = repeats.filter((hit) => !isSubtotal(hit))
  repeats.splice(0, repeats.length, ...kept)
  for (const hit of dropped) {
    const at = repeats.findIndex(({ line, header }) => line === hit.line && header === hit.header)
    rows.splice(rows.indexOf(hit), 1, ...(at < 0 ? [] : repeats.splice(at, 1)))
  }
}
