/**
 * A header that is printed again within a table and gives its columns in another order than before: it may be a slip of
 * whoever set the page, or the figures may really stand so. So it is with a header whose merged cells lost their spans, so
 * that its labels stand over the wrong columns. Takes a header, gives the other reading of it.
 */
import { type Header, headerByOrder } from './header.ts'
import type { HeaderColumn } from './headercolumn.ts'
import type { SourceLine } from './lines.ts'
import type { TableScope } from './scope.ts'

/** The header as it would read in the order of an earlier one; null where both agree or print different columns. */
export function inEarlierOrder(printed: Header, earlier: Header): Header | null {
  const { columns } = earlier
  if (printed.columns.length !== columns.length) return null
  const known = new Set(linesOf(columns))
  const named = linesOf(printed.columns)
  if (named.some((line) => !known.has(line)) || printed.columns.some(({ numbers }) => numbers)) return null
  const differs = printed.columns.some(({ line }, index) => line !== null && line !== columns[index]!.line)
  if (!differs) return null
  const turned = printed.columns.map((column, index): HeaderColumn => {
    const { line, label, exact, named: isNamed } = columns[index]!
    return { ...column, line, label, exact, named: isNamed }
  })
  const key = turned.map(({ line, start, end }) => `${line}:${start}:${end}`).join()
  return {
    ...printed,
    columns: turned,
    found: earlier.found,
    unknown: earlier.unknown,
    torn: earlier.torn,
    guessed: earlier.guessed,
    key,
  }
}

/**
 * The header with its columns in the form's order, where that is not the printed one: merged cells that lost their spans
 * push labels over columns that are not theirs. Null where the header does not name each column of the form once.
 */
export function inFormOrder(printed: Header, lines: readonly SourceLine[], scope: TableScope): Header | null {
  const whole = namesAll(printed, scope) ? printed : lines[0]!.aligned ? headerByOrder(lines, scope) : null
  if (whole === null || !namesAll(whole, scope)) return null
  const sorted = [...whole.columns].sort((a, b) => a.line! - b.line!)
  if (whole === printed && sorted.every((column, index) => column === whole.columns[index])) return null
  const columns = sorted.map((column, index): HeaderColumn => {
    const { start, end } = whole.columns[index]!
    return { ...column, start, end }
  })
  const key = columns.map(({ line, start, end }) => `${line}:${start}:${end}`).join()
  return { ...whole, columns, torn: false, guessed: false, key }
}

function namesAll({ columns }: Header, { valueColumns }: TableScope): boolean {
  const named = new Set(linesOf(columns))
  return columns.length === valueColumns.length && valueColumns.every((line) => named.has(line))
}

function linesOf(columns: readonly HeaderColumn[]): number[] {
  return columns.flatMap(({ line }) => (line === null ? [] : [line]))
}
