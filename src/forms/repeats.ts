/**
 * Rows printed twice: takes the facts of a table and the rows printed again, and believes no figure of which the two say
 * different things.
 */
import type { Fact } from '../model.ts'
import { rowOf } from './codes.ts'
import type { EquationsOf } from './equations.ts'
import { isBlank } from './lines.ts'
import { addRows, noFacts, type TableFacts } from './rowfacts.ts'
import type { TableReading } from './tables.ts'

/** Adds what rows printed again tell beyond the first print. True where most of the table was printed again. */
export function addRepeats(reading: TableReading, into: TableFacts, equationsOf: EquationsOf): boolean {
  const { scope, repeats } = reading
  const again: TableFacts = { ...into, facts: noFacts(scope), notices: [] }
  addRows(reading, repeats, again, equationsOf)
  // A line that was taken for a row and states nothing of it, such as one of a header, is no copy of it.
  const stated = rowsStated(into.facts)
  const pairs = again.facts.flatMap((fact, place) => {
    const first = into.facts[place] ?? null
    if (first === null && fact !== null && !stated.has(rowOf(fact.code))) {
      into.facts[place] = fact
      return []
    }
    if (fact === null || first === null) return []
    if (isIllegible(fact)) {
      // What the second print has and cannot be read speaks against a row that states nothing in the first.
      if (first.state === 'blank' && !stated.has(rowOf(first.code))) into.facts[place] = fact
      return []
    }
    return [{ place, first, fact, differs: first.state !== fact.state || first.value !== fact.value }]
  })
  // Two tables of one kind, such as of the whole and of a part: then what they share is neither's for sure.
  const unlike = pairs.filter(({ differs }) => differs).length > scope.valueRows.length / 2
  for (const { place, first, fact, differs } of pairs) {
    if (!unlike && !differs) continue
    const candidates = [...new Set([first.value, fact.value].filter((value) => value !== null))]
    const text = `${first.text} | ${fact.text}`
    into.facts[place] = { ...first, state: 'unreadable', value: null, candidates, text } as Fact
    into.notices.push({ code: 'duplicate_cell', anchor: fact.anchor, data: { code: fact.code, text } })
  }
  // What is only like a row that was there before may be one that the table lacks.
  for (const { exact, label, source } of stated.size < scope.valueRows.length ? repeats : []) {
    const text = source.cells.find((cell) => cell !== label && cell.value !== null && !isBlank(cell))?.text
    if (exact || label === null || text === undefined) continue
    const data = { table: scope.table.code, label: label.text, text }
    into.notices.push({ code: 'unplaced_figure', anchor: label.anchor, data })
  }
  // Figures that no column can be told for speak against no cell, but went nowhere.
  into.notices.push(...again.notices.filter(({ code }) => code === 'unplaced_figure'))
  return repeats.length * 2 > scope.valueRows.length
}

function rowsStated(facts: readonly (Fact | null)[]): ReadonlySet<string> {
  const rows = new Set<string>()
  for (const fact of facts) if (fact !== null) rows.add(rowOf(fact.code))
  return rows
}

function isIllegible(fact: Fact): boolean {
  return fact.state === 'unreadable' && fact.candidates.length === 0
}
