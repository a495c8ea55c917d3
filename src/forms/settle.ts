/**
 * Cells of a picture that can be read in several ways, settled by the form's sums: takes the facts of a match, gives them
 * with each such cell decided where exactly one combination of the readings adds up. A sum is proof only where the sums
 * of the table that are certain all hold; and one sum alone proves no more than the likeliest reading, since a second
 * reading that happens to fit could be the report's own mistake.
 */
import type { Notice } from '../../parsers/document.ts'
import type { Fact, ReadingNoticeCode } from '../model.ts'
import type { Match } from './facts.ts'
import { prepare } from './match.ts'
import type { Registry } from './registry.ts'
import { sumsAmong, type TableScope } from './scope.ts'

const combinationsMax = 4_096
const tolerance = 1e-6

/** A total and its parts as places among the facts. */
type Sum = { readonly total: number; readonly parts: readonly number[] }

/** The match with what sums settle of its doubtful cells. */
export function settlePictures(match: Match, registry: Registry): Match {
  if (!match.facts.some(isOpen)) return match
  const facts = [...match.facts]
  const notices: Notice<ReadingNoticeCode>[] = []
  const placeOf = new Map(facts.map(({ code }, place) => [code, place]))
  const { scopes } = prepare(registry)
  for (const { table, form } of match.tables) {
    const scope = scopes.find((one) => one.table.code === table && one.form.definition.id === form)
    if (scope !== undefined) settleTable(sumsOf(scope, placeOf), facts, notices)
  }
  const settled = new Set(notices.map(({ data }) => data.code))
  const kept = match.notices.filter(({ code, data }) => code !== 'value_unreadable' || !settled.has(data.code!))
  return { ...match, facts, notices: [...kept, ...notices] }
}

/** Read from a picture, and in doubt between some figures. */
function isOpen(fact: Fact): boolean {
  return fact.state === 'unreadable' && fact.confidence !== undefined && fact.candidates.length > 0
}

/** The sums of a table along its rows and down its columns, of cells that the report has. */
function sumsOf({ table, cells, places }: TableScope, placeOf: ReadonlyMap<string, number>): Sum[] {
  const at = (row: number, column: number): number => {
    const place = places[row]![column]!
    return place < 0 ? -1 : (placeOf.get(cells[place]!.code) ?? -1)
  }
  const found: Sum[] = []
  const across = sumsAmong(table.columns)
  const down = sumsAmong(table.rows)
  for (const row of table.rows.keys()) {
    for (const { total, parts } of across) found.push({ total: at(row, total), parts: parts.map((part) => at(row, part)) })
  }
  for (const column of table.columns.keys()) {
    for (const { total, parts } of down) found.push({ total: at(total, column), parts: parts.map((part) => at(part, column)) })
  }
  return found.filter(({ total, parts }) => total >= 0 && !parts.includes(-1))
}

function settleTable(sums: readonly Sum[], facts: Fact[], notices: Notice<ReadingNoticeCode>[]): void {
  const usable = sums.filter(({ total, parts }) => [total, ...parts].every((place) => choicesOf(facts[place]!).length > 0))
  const certain = usable.filter(({ total, parts }) => ![total, ...parts].some((place) => isOpen(facts[place]!)))
  if (!certain.every((sum) => holds(sum, (place) => choicesOf(facts[place]!)[0]!))) return
  const open = usable.filter((sum) => !certain.includes(sum))
  for (const group of connected(open, facts)) {
    const solutions = solve(group.cells, group.sums, facts)
    if (solutions?.length !== 1) continue
    for (const [index, place] of group.cells.entries()) {
      const fact = facts[place]!
      const value = solutions[0]![index]!
      const proofs = group.sums.filter(({ total, parts }) => total === place || parts.includes(place)).length
      if (fact.state !== 'unreadable' || (proofs < 2 && value !== fact.candidates[0])) continue
      const { candidates, ...rest } = fact
      facts[place] = { ...rest, state: 'number', value, inferred: true }
      const data = { code: fact.code, candidates: [...candidates] }
      notices.push({ code: 'settled_in_picture', anchor: fact.anchor, data })
    }
  }
}

/** What a cell can count for in a sum: its figure, 0 for a blank, each candidate where it is in doubt; nothing where unknown. */
function choicesOf(fact: Fact): readonly number[] {
  if (fact.state === 'number') return [fact.value]
  if (fact.state === 'blank' || fact.state === 'mark') return [0]
  return isOpen(fact) && fact.state === 'unreadable' ? fact.candidates : []
}

function holds({ total, parts }: Sum, valueOf: (place: number) => number): boolean {
  return Math.abs(parts.reduce((sum, part) => sum + valueOf(part), 0) - valueOf(total)) < tolerance
}

type Group = { readonly cells: number[]; readonly sums: Sum[] }

/** Doubtful cells that share sums, with those sums. */
function connected(sums: readonly Sum[], facts: readonly Fact[]): Group[] {
  const groups: Group[] = []
  for (const sum of sums) {
    const cells = [sum.total, ...sum.parts].filter((place) => isOpen(facts[place]!))
    const touched = groups.filter((group) => group.cells.some((place) => cells.includes(place)))
    const merged: Group = {
      cells: [...new Set([...touched.flatMap((group) => group.cells), ...cells])],
      sums: [...touched.flatMap((group) => group.sums), sum],
    }
    for (const group of touched) groups.splice(groups.indexOf(group), 1)
    groups.push(merged)
  }
  return groups
}

/** Every choice for the cells under which all sums hold; null where there are too many to try. */
function solve(cells: readonly number[], sums: readonly Sum[], facts: readonly Fact[]): number[][] | null {
  const choices = cells.map((place) => choicesOf(facts[place]!))
  if (choices.reduce((product, one) => product * one.length, 1) > combinationsMax) return null
  const solutions: number[][] = []
  const tried = new Map<number, number>()
  const valueOf = (place: number): number => tried.get(place) ?? choicesOf(facts[place]!)[0]!
  const choose = (index: number): void => {
    if (index === cells.length) {
      if (sums.every((sum) => holds(sum, valueOf))) solutions.push(cells.map(valueOf))
      return
    }
    for (const value of choices[index]!) {
      tried.set(cells[index]!, value)
      choose(index + 1)
    }
  }
  choose(0)
  return solutions
}
