/**
 * A header that is printed again within a table and gives its columns in another order than before: it may be a slip of
 * whoever set the page, or the figures may really stand so. Takes the facts of both readings of the rows under it, gives
 * what the sums of the table leave of them: an order is taken only if its sums hold and those of the other do not. So it
 * is with a header whose merged cells lost their spans, so that its labels stand over the wrong columns.
 */
import type { Fact } from '../model.ts'
import { addsUp, amountOf, type EquationsOf, tableSums } from './equations.ts'
import { type Header, type HeaderColumn, headerByOrder } from './header.ts'
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

/** So many sums must speak for an order: one may be broken, or hold, by the report's own mistake. */
const witnessesMin = 2

/** The cells of a sum, by place, with their signs. */
type Spots = readonly (readonly [place: number, sign: number])[]

/** True where sums speak for an order that no single wrong figure could make hold or break. */
function prove(witnesses: readonly Spots[]): boolean {
  const [first, ...others] = witnesses
  if (first === undefined || witnesses.length < witnessesMin) return false
  return !first.some(([place]) => others.every((sum) => sum.some(([one]) => one === place)))
}

/**
 * Which of two readings of a table, facts by place, the sums ask for; null where they do not tell. `alone`: the second may
 * also be asked for by what only it can read.
 */
export function chooseBySums(
  scope: TableScope,
  first: readonly (Fact | null)[],
  second: readonly (Fact | null)[],
  equationsOf: EquationsOf,
  alone = false,
): 'first' | 'second' | null {
  const sums = tableSums(scope, equationsOf)
  const { valueColumns, places, table } = scope
  const spots: Spots[] = []
  for (const line of table.rows.keys()) {
    for (const sum of sums.across(line)) {
      spots.push(sum.map(([place, sign]) => [places[line]![valueColumns[place]!]!, sign]))
    }
  }
  for (const [place, column] of valueColumns.entries()) {
    for (const sum of sums.down(place)) spots.push(sum.map(([line, sign]) => [places[line]![column]!, sign]))
  }
  const forFirst: Spots[] = []
  const forSecond: Spots[] = []
  let forUnread = 0
  let againstUnread = 0
  for (const sum of spots) {
    const holds = (facts: readonly (Fact | null)[]) => addsUp(sum, (place) => amountOf(facts[place]))
    const [one, other] = [holds(first), holds(second)]
    if (one === true && other === false) forFirst.push(sum)
    if (one === false && other === true) forSecond.push(sum)
    if (one !== null || other === null) continue
    if (!other) againstUnread++
    else if (sum.some(([place]) => (second[place]!.value ?? 0) !== 0)) forUnread++
  }
  if (prove(forFirst) && forSecond.length === 0) return 'first'
  if (prove(forSecond) && forFirst.length === 0) return 'second'
  if (!alone) return null
  // A wrong figure breaks sums in one order that hold in the other: nearly all must speak for the second.
  const against = forFirst.length + againstUnread
  return forSecond.length + forUnread >= Math.max(witnessesMin, against * witnessesFactor) ? 'second' : null
}

const witnessesFactor = 5
