/**
 * Cells of a picture that can be read in several ways, settled by the form's sums: takes the facts of a match, gives them
 * with each such cell decided where everything else in its sums is certain, the sums ask for one figure, and the picture
 * can be read so. One sum alone proves no more than the likeliest reading, since another that happens to fit could be
 * the report's own mistake. A broken sum is reason to doubt what was read with little confidence; and where a sum of the table that is certain does not hold, none of them is proof.
 */
import type { Notice } from '../../parsers/document.ts'
import type { Fact, ReadingNoticeCode } from '../model.ts'
import { tableOf } from './codes.ts'
import { amountOf } from './equations.ts'
import type { Match } from './facts.ts'
import { prepare } from './match.ts'
import type { Registry } from './registry.ts'
import { sumsAmong, type TableScope } from './scope.ts'
import { unbelieved, unreadableNotice } from './unbelieved.ts'

/** A total and its parts as places among the facts. */
type Sum = { readonly total: number; readonly parts: readonly number[] }

/** The match with what sums settle of its doubtful cells. */
export function settlePictures(match: Match, registry: Registry): Match {
  if (!match.facts.some(({ confidence }) => confidence !== undefined)) return match
  const notices: Notice<ReadingNoticeCode>[] = []
  const facts = doubtAbsent(match, notices)
  const placeOf = new Map(facts.map(({ code }, place) => [code, place]))
  const { scopes } = prepare(registry)
  for (const { table, form } of match.tables) {
    const scope = scopes.find((one) => one.table.code === table && one.form.definition.id === form)
    if (scope === undefined) continue
    const sums = sumsOf(scope, placeOf)
    doubtBroken(sums, facts, notices)
    settleTable(sums, facts, notices)
  }
  const settled = new Set(notices.flatMap(({ code, data }) => (code === 'settled_in_picture' ? [data.code] : [])))
  const kept = [...match.notices, ...notices].filter(
    ({ code, data }) => code !== 'value_unreadable' || !settled.has(data.code!),
  )
  return { ...match, facts, notices: kept }
}

/** In a table of a picture a label may be printed and not be readable: a cell that was not found is not therefore absent. */
function doubtAbsent({ tables, facts }: Match, notices: Notice<ReadingNoticeCode>[]): Fact[] {
  const pictured = new Set(facts.flatMap(({ code, confidence }) => (confidence === undefined ? [] : [tableOf(code)])))
  return facts.map((fact): Fact => {
    const table = tableOf(fact.code)
    if (fact.state !== 'absent' || !pictured.has(table)) return fact
    const anchor = tables.find((one) => one.table === table)?.anchor ?? null
    notices.push(unreadableNotice({ ...fact, anchor }))
    return { ...fact, state: 'unreadable', value: null, candidates: [], confidence: 0, anchor }
  })
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
    for (const { total, parts } of across)
      found.push({ total: at(row, total), parts: parts.map((part) => at(row, part)) })
  }
  for (const column of table.columns.keys()) {
    for (const { total, parts } of down)
      found.push({ total: at(total, column), parts: parts.map((part) => at(part, column)) })
  }
  return found.filter(({ total, parts }) => total >= 0 && !parts.includes(-1))
}

/** Below this a figure that breaks a sum is more likely misread than misprinted. */
const believedMin = 0.8

/**
 * Where a sum does not hold, whichever of their candidates its open cells are, the figures in it that were read with less
 * than full confidence are no longer believed.
 */
function doubtBroken(sums: readonly Sum[], facts: Fact[], notices: Notice<ReadingNoticeCode>[]): void {
  const broken = sums.filter((sum) => !canHold(sum, facts))
  for (const place of new Set(broken.flatMap(({ total, parts }) => [total, ...parts]))) {
    const fact = facts[place]!
    if (fact.state !== 'number' || fact.confidence === undefined || fact.confidence >= believedMin) continue
    facts[place] = unbelieved(fact)
    notices.push(unreadableNotice(fact))
  }
}

/** More sums than this are not looked through: such a one may hold. */
const amountsMax = 2000

function canHold({ total, parts }: Sum, facts: readonly Fact[]): boolean {
  let reached: ReadonlySet<number> = new Set([0])
  for (const part of parts) {
    const amounts = amountsOf(facts[part]!)
    if (amounts === null || reached.size * amounts.length > amountsMax) return true
    reached = new Set([...reached].flatMap((sum) => amounts.map((amount) => rounded(sum + amount))))
  }
  return amountsOf(facts[total]!)?.some((amount) => reached.has(rounded(amount))) ?? true
}

/** What a cell may count for; null where that is not known. */
function amountsOf(fact: Fact): readonly number[] | null {
  if (fact.state === 'unreadable') return fact.candidates.length > 0 ? fact.candidates : null
  const amount = amountOf(fact)
  return amount === null ? null : [amount]
}

function settleTable(sums: readonly Sum[], facts: Fact[], notices: Notice<ReadingNoticeCode>[]): void {
  const isKnown = (place: number): boolean => amountOf(facts[place]!) !== null
  const certain = sums.filter(({ total, parts }) => [total, ...parts].every(isKnown))
  if (!certain.every((sum) => missing(sum, sum.total, facts) === amountOf(facts[sum.total]!))) return
  const settled: [place: number, value: number][] = []
  for (const place of new Set(sums.flatMap(({ total, parts }) => [total, ...parts]))) {
    const fact = facts[place]!
    if (!isOpen(fact) || fact.state !== 'unreadable') continue
    const proofs = sums
      .filter(({ total, parts }) => [total, ...parts].includes(place))
      .filter(({ total, parts }) => [total, ...parts].every((one) => one === place || isKnown(one)))
      .map((sum) => missing(sum, place, facts))
    const [value, ...others] = new Set(proofs)
    if (value === undefined || others.length > 0 || !fact.candidates.includes(value)) continue
    if (proofs.length > 1 || value === fact.candidates[0]) settled.push([place, value])
  }
  // All at once: what one sum settles is no proof for another.
  for (const [place, value] of settled) {
    const { candidates, ...rest } = facts[place] as Extract<Fact, { state: 'unreadable' }>
    facts[place] = { ...rest, state: 'number', value, inferred: true }
    const data = { code: rest.code, candidates: [...candidates] }
    notices.push({ code: 'settled_in_picture', anchor: rest.anchor, data })
  }
}

/** What one cell of a sum must be, the others being as they are. */
function missing({ total, parts }: Sum, place: number, facts: readonly Fact[]): number {
  const amount = (one: number): number => (one === place ? 0 : (amountOf(facts[one]!) ?? Number.NaN))
  const sum = parts.reduce((all, part) => all + amount(part), 0)
  const value = place === total ? sum : amount(total) - sum
  return rounded(value)
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
