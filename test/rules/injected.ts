/** Generated reports with a slip each, read as facts and localised; what became of the slip. */
import fc from 'fast-check'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Explanation } from '../../src/model.ts'
import { findBlankTotals } from '../../src/rules/blank-totals.ts'
import { compileRegistry, type RuleInput } from '../../src/rules/evaluate.ts'
import { type Localised, localise } from '../../src/rules/localise/localise.ts'
import { makeSheet, type Sheet } from '../../src/rules/sheet.ts'
import { type FormId, truths } from '../generator/figures.ts'
import { breaksOf } from '../generator/injections.ts'
import { makeRandom, seedFor } from '../generator/random.ts'
import { type InjectedSlip, injectSlip, isDetermined, type SlipKind, slipKinds } from './injected-slips.ts'
import { emptyFact, matchOf, numberFact } from './report.ts'

const registry = loadRegistry()
const rules = compileRegistry(registry)

/** What the search made of a slip. */
export type Seen = {
  readonly slip: InjectedSlip
  readonly determined: boolean
  readonly complete: boolean
  /** Some explanation is exactly the slip. */
  readonly contained: boolean
  /** It is the only explanation of the least weight. */
  readonly exact: boolean
  readonly cause: string | null
  /** Its cause is told as what was injected. */
  readonly named: boolean
  readonly localisation: Localised
}

/** A sheet of a slip's printed cells. */
export function sheetOf({ form, cells }: InjectedSlip): Sheet {
  const facts = [...cells].map(([code, { state, value, text }]) =>
    state === 'number' ? numberFact(code, value!, null, text) : emptyFact(code, state),
  )
  const tables = new Set(form.tables.keys())
  const sheet = makeSheet(form, tables, tables, facts, { reportYear: form.definition.years[0] })
  findBlankTotals(rules.get(form.definition.id)!, sheet)
  return sheet
}

/** The slip of a kind in the report of a seed; null where that report has no place for it. */
export function slipOf(kind: SlipKind, form: FormId, seed: number): InjectedSlip | null {
  const own = seedFor(`${kind} ${form}`, seed)
  const [truth] = fc.sample(truths(form), { seed: own, numRuns: 1 })
  return injectSlip(truth!, kind, makeRandom(own))
}

/** Several slips of any kind in the report of a seed, no two in one cell; null where it has no place for so many. */
export function slipsOf(count: number, form: FormId, seed: number): InjectedSlip | null {
  const own = seedFor(`${count} slips ${form}`, seed)
  const random = makeRandom(own)
  const [truth] = fc.sample(truths(form), { seed: own, numRuns: 1 })
  const touched = new Set<string>()
  let cells: InjectedSlip['cells'] = truth!.cells
  let slip: InjectedSlip | null = null
  let made = 0
  for (let attempt = 0; made < count && attempt < 4 * count; attempt++) {
    const one = injectSlip({ ...truth!, cells }, random.pick(slipKinds), random)
    const changed = [...(one?.cells ?? [])].flatMap(([code, { value, state }]) =>
      value === cells.get(code)?.value && state === cells.get(code)?.state ? [] : [code],
    )
    if (one === null || changed.length === 0 || changed.some((code) => touched.has(code))) continue
    for (const code of changed) touched.add(code)
    cells = one.cells
    slip = one
    made++
  }
  if (slip === null || made < count) return null
  const wrong = [...touched].flatMap((code): [string, number][] => {
    const value = truth!.amounts.get(code)!
    return (cells.get(code)?.value ?? 0) === value ? [] : [[code, value]]
  })
  return { ...slip, cells, wrong: new Map(wrong) }
}

/** Reports as the rules take them, one in `slipEvery` with a slip. */
export function ruleInputs(count: number, slipEvery: number): RuleInput[] {
  return Array.from({ length: count }, (_, seed) => {
    const form: FormId = seed % 3 === 0 ? 'ogi_2019' : 'ogi_2021'
    const [truth] = fc.sample(truths(form), { seed: seedFor(form, seed), numRuns: 1 })
    const slip = seed % slipEvery === 0 ? slipOf(slipKinds[seed % slipKinds.length]!, form, seed) : null
    const facts = [...(slip?.cells ?? truth!.cells)].map(([code, { state, value, text }]) =>
      state === 'number' ? numberFact(code, value!, null, text) : emptyFact(code, state),
    )
    const definition = registry.byId.get(form)!
    const tables = [...new Set(facts.map(({ code }) => code.split('.')[0]!))].map((table) => matchOf(definition, table))
    return {
      rules,
      tables,
      form,
      facts,
      meta: { reportYear: definition.definition.years[0] },
      doubtfulTables: new Set(),
      unreadTables: new Set(),
      unplacedFigures: false,
    }
  })
}

/** Localises a slip. */
export function localiseSlip(slip: InjectedSlip, sheet: Sheet = sheetOf(slip)): Localised {
  return localise(rules.get(slip.form.definition.id)!, sheet, { previous: (code) => slip.previous.get(code) ?? null })
}

/** Whether the report adds up with what is told put into it, whichever explanation of each part is taken. */
export function mendsAll({ form, cells: printed }: InjectedSlip, { parts }: Localised): boolean {
  const most = Math.max(...parts.map(({ explanations }) => explanations.length))
  return Array.from({ length: most }, (_, index) => index).every((index) => {
    const cells = new Map(printed)
    for (const { explanations } of parts) {
      const { changes, fills } = explanations[Math.min(index, explanations.length - 1)]!
      for (const { code, implied, range } of [...changes, ...fills]) {
        const value = implied ?? range[0] ?? 0
        cells.set(code, { state: value === 0 ? 'blank' : 'number', value, text: String(value) })
      }
    }
    return breaksOf(form, cells).length === 0
  })
}

/** What is made of a slip. */
export function seeSlip(slip: InjectedSlip): Seen {
  const localisation = localiseSlip(slip)
  const part = localisation.parts.find(({ explanations }) => explanations.some((one) => isSlip(one, slip)))
  const matches = part?.explanations.filter((one) => isSlip(one, slip)) ?? []
  const lightest = part?.explanations.filter(({ weight }) => weight === part.explanations[0]!.weight) ?? []
  const causes = matches.map(
    ({ cause, fills }) => cause?.code ?? fills.find(({ code }) => slip.wrong.has(code))?.cause?.code ?? null,
  )
  return {
    slip,
    determined: isDetermined(slip),
    complete: localisation.parts.every(({ complete }) => complete),
    contained: matches.length > 0,
    exact: lightest.length === 1 && lightest[0] === matches[0],
    cause: causes.find((code) => code === slip.kind) ?? causes[0] ?? null,
    named: causes.some((code) => code === slip.kind),
    localisation,
  }
}

/** Whether an explanation says of all wrong cells what is true, and of no other cell that a number printed in it is wrong. */
function isSlip({ changes, fills }: Explanation, { wrong }: InjectedSlip): boolean {
  const told = new Map([...changes, ...fills].map((one) => [one.code, one]))
  const right = ([code, value]: [string, number]): boolean => {
    const one = told.get(code)
    if (one === undefined) return false
    const [least, greatest] = one.range
    return one.implied === value || ((least ?? value) <= value && value <= (greatest ?? value))
  }
  return [...wrong].every(right) && changes.every(({ code, printed }) => printed === null || wrong.has(code))
}
