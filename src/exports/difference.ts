/**
 * What differs between two readings: of two revisions, two versions of the reader, two years, two agencies. Takes facts
 * and findings of both, gives the cells that say something else and the findings that only one of them has.
 */
import type { Fact, Finding } from '../model.ts'
import { addDecimals, fromDecimal, toDecimal } from '../rules/decimal.ts'

/** One of the two. */
export type Side = { readonly facts: readonly Fact[]; readonly findings: readonly Finding[] }

export type CellDifference = {
  readonly code: string
  readonly before: Fact | null
  readonly after: Fact | null
  /** after - before, where both are numbers in the same unit. */
  readonly difference: number | null
}

export type Difference = {
  readonly cells: readonly CellDifference[]
  readonly equalCells: number
  /** Findings that the later one no longer has, those it has anew, and those it has with other figures. */
  readonly gone: readonly Finding[]
  readonly added: readonly Finding[]
  readonly changed: readonly { readonly before: Finding; readonly after: Finding }[]
}

/** The differences, in the order of the codes. A cell that only one of two forms has counts as absent in the other. */
export function compareSides(before: Side, after: Side): Difference {
  const old = new Map(before.facts.map((fact) => [fact.code, fact]))
  const now = new Map(after.facts.map((fact) => [fact.code, fact]))
  const cells: CellDifference[] = []
  let equalCells = 0
  for (const code of new Set([...old.keys(), ...now.keys()])) {
    const one = old.get(code) ?? null
    const other = now.get(code) ?? null
    if (saysTheSame(one, other)) equalCells++
    else cells.push({ code, before: one, after: other, difference: differenceOf(one, other) })
  }
  const oldFindings = new Map(before.findings.map((finding) => [finding.key, finding]))
  const newFindings = new Map(after.findings.map((finding) => [finding.key, finding]))
  return {
    cells,
    equalCells,
    gone: before.findings.filter(({ key }) => !newFindings.has(key)),
    added: after.findings.filter(({ key }) => !oldFindings.has(key)),
    changed: after.findings.flatMap((finding) => {
      const earlier = oldFindings.get(finding.key)
      const same = earlier?.actual === finding.actual && earlier?.expected === finding.expected
      return earlier === undefined || same ? [] : [{ before: earlier, after: finding }]
    }),
  }
}

function saysTheSame(one: Fact | null, other: Fact | null): boolean {
  const state = one?.state ?? 'absent'
  if (state !== (other?.state ?? 'absent')) return false
  return state !== 'number' || (one!.value === other!.value && one!.unit === other!.unit)
}

function differenceOf(one: Fact | null, other: Fact | null): number | null {
  if (one?.state !== 'number' || other?.state !== 'number' || one.unit !== other.unit) return null
  return fromDecimal(addDecimals(toDecimal(other.value), toDecimal(one.value), -1))
}
