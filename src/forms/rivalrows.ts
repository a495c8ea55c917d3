/**
 * Rows under a header that has two readings: takes the facts of both, gives what the sums of the table leave of them. An
 * order is taken only if its sums hold and those of the other do not.
 */
import type { Fact } from '../model.ts'
import { addsUp, amountOf, type EquationsOf, tableSums } from './equations.ts'
import { addRows, noFacts, type TableFacts } from './rowfacts.ts'
import type { TableScope } from './scope.ts'
import type { TableReading } from './tables.ts'

/**
 * Figures under a header with two readings: in the order whose sums hold, which is given, or in none. `noticesBefore`: those
 * of the tables before.
 */
export function settleRivals(
  reading: TableReading,
  into: TableFacts,
  noticesBefore: number,
  equationsOf: EquationsOf,
): 'first' | 'second' | null {
  const { scope } = reading
  const other: TableFacts = { ...into, facts: noFacts(scope), notices: [], used: into.used.slice() }
  const rivals = new Map(reading.headers.flatMap(({ header, rival }) => (rival === null ? [] : [[header, rival]])))
  const headers = reading.headers.map((one) => ({ ...one, header: one.rival ?? one.header }))
  const rows = reading.rows.map((hit) => ({ ...hit, header: rivals.get(hit.header) ?? hit.header }))
  addRows({ scope, headers }, rows, other, equationsOf)
  const doubts = new Set(reading.headers.map(({ doubt }) => doubt))
  const displaced = doubts.has('displaced')
  const unnamed = doubts.has('unnamed')
  const chosen = chooseBySums(scope, into.facts, other.facts, equationsOf, displaced || unnamed)
  if (unnamed && chosen === 'second') {
    into.used.set(other.used)
    into.notices.splice(noticesBefore, into.notices.length, ...other.notices)
  }
  if (displaced) {
    // Where sums do not ask for the form's order, the printed one stands, if it can.
    if (chosen === 'first' || (chosen === null && !standsOverLabels(reading) && !lacksCells(reading))) return chosen
    into.used.set(other.used)
    into.notices.splice(noticesBefore, into.notices.length, ...other.notices)
  }
  let differing = 0
  for (const [place, first] of into.facts.entries()) {
    const second = other.facts[place] ?? null
    if (first?.state === second?.state && first?.value === second?.value) continue
    differing++
    const known = (chosen === 'second' ? second : first) ?? second
    if (known === null) continue
    const candidates = [first, second].flatMap((fact) => (fact?.state === 'number' ? [fact.value] : []))
    into.facts[place] =
      chosen === null ? { ...known, state: 'unreadable', value: null, candidates } : { ...known, inferred: true }
  }
  // Where a column of the report's own stands is no matter once the others are known.
  if (differing === 0 || (chosen !== null && !displaced && !doubts.has('order'))) return chosen
  const codes = {
    first: 'header_not_believed',
    second: displaced ? 'header_displaced' : 'header_order_changes',
  } as const
  const code = chosen === null ? 'headers_contradict' : codes[chosen]
  const anchor = reading.headers.find(({ rival }) => rival !== null)!.lines[0]!.cells[0]!.anchor
  const data = { table: scope.table.code, count: differing }
  into.notices.push({ code, anchor, data })
  return chosen
}

/** True where labels of columns stand over those of the rows: then they stand over the wrong figures too. */
function standsOverLabels({ rows }: TableReading): boolean {
  return rows.some(({ source, label, header }) => {
    if (label === null || !source.aligned) return false
    return header.columns.some(({ line, start, end }) => line !== null && start! < label.end && end! > label.start)
  })
}

/** True where a line of a header is short of cells, so that those behind the missing one were pushed aside. */
function lacksCells({ headers }: TableReading): boolean {
  return headers.some(({ doubt, lines }) => {
    return doubt === 'displaced' && lines.some(({ cells }) => cells.some(({ missing }) => missing))
  })
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
function chooseBySums(
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
