/**
 * Rules that need more than one report: last year's figures, earlier years, the bodies below, facts of the agency. Takes
 * a report's agency and year, loads what stands around it in the store, and puts what the rules then say in place of what
 * they said before. It gives the same in whatever order reports came.
 */
import { UserError } from '../errors.ts'
import { type Registry, rulePrefix } from '../forms/registry.ts'
import type { Finding, Identity } from '../model.ts'
import type { Need } from '../rules/compile.ts'
import { evaluateBeyond, keysThatHold, type RuleInput } from '../rules/evaluate.ts'
import { findOwnRepeat, findRepeats, ownRepeat, repeatsOfOthers, type Told } from '../rules/repeats.ts'
import type { Surroundings } from '../rules/surroundings.ts'
import { mayPass, persistently, refusalOf } from '../store/faults.ts'
import { markJudged, replaceBeyond, setMeaning } from '../store/findings.ts'
import {
  holdingReport,
  listAlike,
  loadAgency,
  loadReports,
  lookAround,
  type ReadReport,
  sumChildren,
} from '../store/neighbours.ts'
import type { Store } from '../store/open.ts'
import { historyYears, pagesOfRechecks, type Recheck, refuseRecheck, settleRecheck } from '../store/rechecks.ts'
import { listReports } from '../store/reports.ts'
import { refreshTotals } from '../store/totals.ts'
import { doubtsOf } from './doubts.ts'
import { rulesOf } from './read.ts'

export type RecheckContext = { readonly store: Store; readonly registry: Registry; readonly now: () => Date }

/** A report that could not be judged anew, and why. It stays in the queue. */
export type Unjudged = { readonly agency: string; readonly year: number; readonly detail: string }

export type Rechecked = {
  readonly reports: number
  /** Reports whose findings have changed. */
  readonly changed: number
  readonly unjudged: readonly Unjudged[]
}

/**
 * Judges anew whatever a new reading bears on; for 0, whatever the list of agencies asks for. A document without agency or
 * year is compared with nothing.
 */
export async function recheckReading(reading: number, context: RecheckContext): Promise<Rechecked> {
  return recheckQueued(context, reading)
}

/** Judges anew whatever waits for it: of the list of agencies, and of former runs that ended before it. */
export async function recheckPending(context: RecheckContext): Promise<Rechecked> {
  return recheckQueued(context, null)
}

async function recheckQueued(context: RecheckContext, reading: number | null): Promise<Rechecked> {
  return judgeEach(
    each(pagesOfRechecks(context.store, reading)),
    { ...context, texts: false },
    (recheck) => settleRecheck(context.store, recheck),
    (recheck, detail) => refuseRecheck(context.store, recheck, detail),
  )
}

async function* each<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const page of pages) yield* page
}

/** Judges every report of the store anew, its text held against that of all other agencies. */
export async function recheckAll(context: RecheckContext): Promise<Rechecked> {
  const { store } = context
  const queued = new Map<string, Recheck[]>()
  for await (const one of each(pagesOfRechecks(store, null))) {
    const key = `${one.agency}@${one.year}`
    queued.set(key, [...(queued.get(key) ?? []), one])
  }
  const rechecked = await judgeEach(listReports(store), { ...context, texts: true }, async ({ agency, year }) => {
    for (const recheck of queued.get(`${agency}@${year}`) ?? []) await settleRecheck(store, recheck)
  })
  await refreshTotals(store, context.now())
  return rechecked
}

/** What one report makes impossible keeps no other from being judged. */
async function judgeEach<Wanted extends Pick<Identity, 'agency' | 'year'>>(
  wanted: Iterable<Wanted> | AsyncIterable<Wanted>,
  looking: Looking,
  settle: (one: Wanted) => Promise<void>,
  refuse: (one: Wanted, detail: string) => Promise<void> = async () => {},
): Promise<Rechecked> {
  const { store } = looking
  const unjudged: Unjudged[] = []
  let reports = 0
  let changed = 0
  const errors: unknown[] = []
  for await (const one of wanted) {
    const { agency, year } = one
    if (agency === null || year === null) continue
    reports++
    try {
      if (await persistently(store, () => recheckReport(agency, year, looking))) changed++
      await persistently(store, () => settle(one))
    } catch (error) {
      const detail = refusalOf(error)
      if (detail === null) {
        if (error instanceof UserError || mayPass(error)) throw error
        errors.push(error)
        continue
      }
      unjudged.push({ agency, year, detail })
      await persistently(store, () => refuse(one, detail))
    }
  }
  if (errors.length > 0) throw errors[0]
  return { reports, changed, unjudged }
}

type Looking = RecheckContext & {
  /** Compare the text with that of every other agency too: as much work as there are like texts. */
  readonly texts: boolean
}

async function recheckReport(agency: string, year: number, looking: Looking): Promise<boolean> {
  const changed = await holdingReport(looking.store, agency, year, async (store, id) => {
    const { reading, hasNeighbours } = await lookAround(store, id)
    if (reading === null) return false
    const made = looking.texts || hasNeighbours ? await judge(agency, year, { ...looking, store }) : false
    await markJudged(store, reading, looking.now())
    return made
  })
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
    if (rule.endsWith(bodiesMissing)) return known.children !== null
    held ??= keysThatHold(evaluateBeyond(input, { outcomes: true }).outcomes)
    return held.has(key)
  }
  const goneAs = (key: string, rule: string): 'fixed' | 'withdrawn' | null => {
    // What the user's list no longer says was about nothing.
    const needs = needsOf(rule, registry)
    const unsaid =
      (needs.includes('children') && known.children === null) || (needs.includes('agency') && known.agency === null)
    if (unsaid) return 'withdrawn'
    return holds(key, rule) ? 'fixed' : null
  }
  return replaceBeyond(store, report.reading, [...findings, ...repeats], { at: now(), goneAs })
}

/** What the rule of a finding needs; nothing where it is none of the forms that are loaded. */
function needsOf(rule: string, registry: Registry): readonly Need[] {
  const id = rule.endsWith(bodiesMissing) ? rule.slice(0, -bodiesMissing.length) : rule
  for (const { rules } of rulesOf(registry).values()) {
    const found = rules.find(({ definition }) => definition.id === id)
    if (found !== undefined) return found.needs
  }
  return []
}

/** How the id of a finding ends that names the bodies without a report. */
const bodiesMissing = '.bodies_missing'

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
