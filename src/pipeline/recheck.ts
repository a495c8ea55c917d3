/**
 * Rules that need more than one report: last year's figures, earlier years, the bodies below, facts of the agency. Takes
 * a report's agency and year, loads what stands around it in the store, and puts what the rules then say in place of what
 * they said before. It gives the same in whatever order reports came.
 */
import { type Registry, rulePrefix } from '../forms/registry.ts'
import type { Finding, Identity } from '../model.ts'
import { evaluateBeyond, keysThatHold, type RuleInput } from '../rules/evaluate.ts'
import { findOwnRepeat, findRepeats, ownRepeat, repeatsOfOthers, type Told } from '../rules/repeats.ts'
import type { Surroundings } from '../rules/surroundings.ts'
import { replaceBeyond, setMeaning } from '../store/findings.ts'
import {
  hasNeighbours,
  holdingReport,
  listAlike,
  listLaterYears,
  listPending,
  loadAgency,
  loadReports,
  markRechecked,
  type ReadReport,
  sumChildren,
} from '../store/neighbours.ts'
import type { Store } from '../store/open.ts'
import { listReports } from '../store/reports.ts'
import { refreshTotals } from '../store/totals.ts'
import { doubtsOf } from './doubts.ts'
import { rulesOf } from './read.ts'

export type RecheckContext = { readonly store: Store; readonly registry: Registry; readonly now: () => Date }

/** Earlier years that a figure is compared with. */
const historyYears = 6

/** Judges anew whatever a new reading bears on. A document without agency or year is compared with nothing. */
export async function recheckReading(
  reading: number,
  { agency, year }: Pick<Identity, 'agency' | 'year'>,
  context: RecheckContext,
): Promise<void> {
  if (agency !== null && year !== null && (await hasNeighbours(context.store, agency, year)))
    await recheckAround(agency, year, context)
  await markRechecked(context.store, reading, context.now())
}

/** The same for readings of former runs that ended before it. */
export async function recheckPending(context: RecheckContext): Promise<void> {
  for (const { reading, agency, year } of await listPending(context.store))
    await recheckReading(reading, { agency, year }, context)
}

/** Judges anew what a report on `year` of `agency` bears on: itself, the agency's later years, and the body above it. */
async function recheckAround(agency: string, year: number, context: RecheckContext): Promise<void> {
  const { store } = context
  const looking = { ...context, texts: false }
  for (const each of [year, ...(await listLaterYears(store, agency, year, historyYears))])
    await recheckReport(agency, each, looking)
  const { parent } = await loadAgency(store, agency)
  if (parent !== null) await recheckReport(parent, year, looking)
}

/** Judges every report of the store anew, its text held against that of all other agencies; gives how many there are and how many findings' reports have changed. */
export async function recheckAll(context: RecheckContext): Promise<{ reports: number; changed: number }> {
  let reports = 0
  let changed = 0
  for await (const { agency, year } of listReports(context.store)) {
    if (agency === null || year === null) continue
    reports++
    if (await recheckReport(agency, year, { ...context, texts: true })) changed++
  }
  await refreshTotals(context.store, context.now())
  return { reports, changed }
}

type Looking = RecheckContext & {
  /** Compare the text with that of every other agency too: as much work as there are like texts. */
  readonly texts: boolean
}

async function recheckReport(agency: string, year: number, looking: Looking): Promise<boolean> {
  const changed = await holdingReport(looking.store, agency, year, (store) =>
    judge(agency, year, { ...looking, store }),
  )
  return changed === true
}

async function judge(agency: string, year: number, looking: Looking): Promise<boolean> {
  const { store, registry, now } = looking
  const [report, ...earlier] = await loadReports(store, agency, year - historyYears, year)
  if (report?.year !== year) return false
  const around = await surroundingsIn(store, report, earlier)
  const { around: known, previous } = around
  const doubts = [report, ...(previous === null ? [] : [previous])].map(({ notices, facts }) =>
    doubtsOf(notices, facts),
  )
  const input: RuleInput = {
    rules: rulesOf(registry),
    tables: report.tables,
    form: report.form,
    facts: report.facts,
    meta: { reportYear: year },
    doubtfulTables: new Set(doubts.flatMap(({ doubtfulTables }) => [...doubtfulTables])),
    unreadTables: new Set<string>(),
    unplacedFigures: doubts.some(({ unplacedFigures }) => unplacedFigures),
    around: known,
  }
  const { findings, parts } = evaluateBeyond(input)
  await setMeaning(store, report.reading, parts)
  const repeats = await repeatsIn(report, previous, looking)
  let held: ReadonlySet<string> | null = null
  const holds = (key: string, rule: string): boolean => {
    if (repeatsOfOthers.some((ending) => rule.endsWith(ending))) return looking.texts && report.signature !== null
    if (rule.endsWith(ownRepeat)) return report.signature !== null && previous?.signature != null
    if (rule.endsWith('.bodies_missing')) return known.children !== null
    held ??= keysThatHold(evaluateBeyond(input, { outcomes: true }).outcomes)
    return held.has(key)
  }
  return replaceBeyond(store, report.reading, [...findings, ...repeats], { at: now(), holds })
}

/** So many reports with like text are looked at closer. */
const alikeMax = 200

async function repeatsIn(
  report: ReadReport,
  previous: ReadReport | null,
  { store, registry, texts }: Looking,
): Promise<Finding[]> {
  const form = report.form === null ? undefined : registry.byId.get(report.form)
  const { signature } = report
  if (form === undefined || signature === null) return []
  const prefix = rulePrefix(form.definition)
  const own: Told = { ...report, signature }
  const before = previous?.signature ? findOwnRepeat(prefix, own, { ...previous, signature: previous.signature }) : []
  if (!texts) return before
  const others = await listAlike(store, report, alikeMax)
  return [...before, ...findRepeats(prefix, own, others, others.length < alikeMax)]
}

async function surroundingsIn(
  store: Store,
  { agency, year }: ReadReport,
  earlier: readonly ReadReport[],
): Promise<{ around: Partial<Surroundings>; previous: ReadReport | null }> {
  const previous = earlier.find((one) => one.year === year - 1) ?? null
  const { listed, contains, mayMakeRegulations } = await loadAgency(store, agency)
  return {
    previous,
    around: {
      previous: previous && {
        year: previous.year,
        tables: new Set(previous.tables.map(({ table }) => table)),
        facts: previous.facts,
      },
      history: earlier.map(({ year: on, facts }) => ({ year: on, facts })),
      children: contains ? await sumChildren(store, agency, year) : null,
      agency: listed ? { mayMakeRegulations } : null,
    },
  }
}
