/**
 * Rows printed twice: takes the facts of a table and the rows printed again, and believes no figure of which the two say
 * different things.
 */
import type { Anchor } from '../../parsers/document.ts'
import type { Fact } from '../model.ts'
import { rowOf } from './codes.ts'
import type { EquationsOf } from './equations.ts'
import { isBlank } from './lines.ts'
import { addRows, noFacts, type TableFacts } from './rowfacts.ts'
import type { RowHit } from './rowhits.ts'
import type { TableReading } from './tables.ts'
import { unbelieved, unreadableNotice } from './unbelieved.ts'

/** A second print of a table that says other things than the first: where each of them begins. */
export type UnlikePrint = { readonly first: Anchor; readonly again: Anchor }

/** What is known of rows printed again: whether they are most of the table, and where they begin if they are unlike. */
export type Repeats = { readonly mostly: boolean; readonly unlike: UnlikePrint | null }

/** A cell that both prints state. */
type Pair = { readonly place: number; readonly first: Fact; readonly fact: Fact; readonly differs: boolean }

/** Adds what rows printed again tell beyond the first print. */
export function addRepeats(reading: TableReading, into: TableFacts, equationsOf: EquationsOf): Repeats {
  const { scope, repeats } = reading
  const again: TableFacts = { ...into, facts: noFacts(scope), notices: [] }
  addRows(reading, repeats, again, equationsOf)
  // A table that is printed again to be filled in says nothing; a blank row within the first print may be the row itself.
  const within = new Set(reading.rows.map(({ header }) => header))
  const isAgain = repeats.length * 2 > scope.valueRows.length || repeats.every(({ header }) => !within.has(header))
  const isTemplate = isAgain && again.facts.every((fact) => fact === null || fact.state === 'blank')
  if (isTemplate && again.notices.length === 0 && into.facts.some((fact) => fact !== null && fact.state !== 'blank')) {
    return { mostly: false, unlike: null }
  }
  const pairs = comparePrints(scope.valueRows.length, again, into)
  // What is only like a row that was there before may be one that the table lacks.
  const stated = rowsStated(into.facts)
  for (const { exact, label, source } of stated.size < scope.valueRows.length ? repeats : []) {
    const text = source.cells.find((cell) => cell !== label && cell.value !== null && !isBlank(cell))?.text
    if (exact || label === null || text === undefined) continue
    const data = { table: scope.table.code, label: label.text, text }
    into.notices.push({ code: 'unplaced_figure', anchor: label.anchor, data })
  }
  // Figures that no column can be told for speak against no cell, but went nowhere.
  into.notices.push(...again.notices.filter(({ code }) => code === 'unplaced_figure'))
  const unlike = pairs.some(({ differs }) => differs) ? beginningsOf(reading) : null
  return { mostly: repeats.length * 2 > scope.valueRows.length, unlike }
}

/** The cells that both prints state; doubts those that differ, and fills what the first lacks where none does. */
function comparePrints(rowCount: number, again: TableFacts, into: TableFacts): readonly Pair[] {
  // A line that was taken for a row and states nothing of it, such as one of a header, is no copy of it.
  const stated = rowsStated(into.facts)
  const lacking: { readonly place: number; readonly fact: Fact }[] = []
  const pairs = again.facts.flatMap((fact, place): Pair[] => {
    const first = into.facts[place] ?? null
    if (first === null && fact !== null && !stated.has(rowOf(fact.code))) {
      lacking.push({ place, fact })
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
  const differing = pairs.filter(({ differs }) => differs).length
  // Two tables of one kind, such as of the whole and of a part: then what they share is neither's for sure.
  const unlike = differing > rowCount / 2
  for (const { place, first, fact, differs } of pairs) {
    if (!unlike && !differs) continue
    const candidates = [...new Set([first.value, fact.value].filter((value) => value !== null))]
    const text = `${first.text} | ${fact.text}`
    into.facts[place] = { ...first, state: 'unreadable', value: null, candidates, text } as Fact
    into.notices.push({ code: 'duplicate_cell', anchor: fact.anchor, data: { code: fact.code, text } })
  }
  for (const { place, fact } of lacking) {
    into.facts[place] = differing === 0 ? fact : unbelieved(fact)
    if (differing > 0) into.notices.push(unreadableNotice(fact))
  }
  return pairs
}

/** Where the two prints of a table begin: with its header, or with the first row that is there twice. */
function beginningsOf({ rows, repeats, headers }: TableReading): UnlikePrint {
  const [second] = repeats
  const first = rows.find(({ line }) => line === second!.line) ?? rows[0]!
  const over = headers.find(({ header }) => header === second!.header)!.lines[0]!
  const start = over.index > first.source.index ? over : second!.source
  return { first: anchorOf(first), again: start.cells[0]!.anchor }
}

function anchorOf({ source }: RowHit): Anchor {
  return source.cells[0]!.anchor
}

function rowsStated(facts: readonly (Fact | null)[]): ReadonlySet<string> {
  const rows = new Set<string>()
  for (const fact of facts) if (fact !== null) rows.add(rowOf(fact.code))
  return rows
}

function isIllegible(fact: Fact): boolean {
  return fact.state === 'unreadable' && fact.candidates.length === 0
}
