/**
 * Runs the rules of the forms that a report was read by over its facts. Verdicts are counted, and only what is broken
 * becomes an object: most of a batch holds, and a hundred thousand reports have fifty million verdicts.
 */
import type { Registry } from '../forms/registry.ts'
import type { Change, Fact, Finding, Localisation, Outcome, OutcomeStatus, TableMatch } from '../model.ts'
import { findBlankTotals } from './blank-totals.ts'
import {
  type CompiledRule,
  type CompiledRules,
  compileRules,
  type Gate,
  type Group,
  type Instance,
  type Need,
} from './compile.ts'
import {
  blankFinding,
  blankFormFinding,
  blankTotalFindings,
  brokenFinding,
  type Doubts,
  keyOf,
  missingBodiesFinding,
  missingCellFindings,
} from './findings.ts'
import { explain, isBlank, judge, knowsAll } from './judge.ts'
import { linearOf } from './linear.ts'
import { type Extra, usualWeight } from './localise/components.ts'
import { localise } from './localise/localise.ts'
import { type Meta, makeSheet, type Sheet, withTotals } from './sheet.ts'
import { nothingAround, type Stated, type Surroundings } from './surroundings.ts'

export { type CompiledRules, compileRules } from './compile.ts'
export type { Meta } from './sheet.ts'

/** What the rules see of one report. */
export type RuleInput = {
  /** By form id: see compileRegistry. */
  readonly rules: ReadonlyMap<string, CompiledRules>
  readonly tables: readonly TableMatch[]
  /** The form that most tables follow; null where no table was found. Rules about the whole report are its rules. */
  readonly form: string | null
  readonly facts: readonly Fact[]
  readonly meta: Meta
  /** Tables whose reading is not certain: what is found in them may be our fault. */
  readonly doubtfulTables: ReadonlySet<string>
  /** True where figures of the document went to no cell. */
  readonly unplacedFigures: boolean
  /** Tables that are printed and could not be read: that they are missing is our fault. */
  readonly unreadTables: ReadonlySet<string>
  /** What is known beside the tables; nothing where it is left out. */
  readonly around?: Partial<Surroundings>
}

export type RuleResult = {
  readonly findings: readonly Finding[]
  readonly counts: Readonly<Record<OutcomeStatus, number>>
  /** Empty unless asked for. */
  readonly outcomes: readonly Outcome[]
}

/** What is given beside findings and counts. */
type Wanted = {
  readonly outcomes?: boolean
  /** How figures that do not add up could be mended: costs more than all rules together. */
  readonly localise?: boolean
}

/** The rules of every form, by form id. @throws UserError `form_invalid` */
export function compileRegistry(registry: Registry): ReadonlyMap<string, CompiledRules> {
  return new Map(registry.forms.map((form) => [form.definition.id, compileRules(form)]))
}

/**
 * What the rules say of one report. A rule runs where every table it names was read by its own form; one that names no
 * table runs for the main form. Rules that need what `input.around` does not know count as not assessable.
 */
export function evaluateRules(input: RuleInput, wanted: Wanted = {}): RuleResult {
  const job = startJob(input, wanted.outcomes === true)
  const { counts, outcomes, doubts } = job
  const nothingFilled =
    job.sheets.every(
      ([, sheet]) => sheet.numberCount === 0 && !sheet.facts.some((fact) => fact?.state === 'unreadable'),
    ) && job.sheets.some(([, sheet]) => sheet.blankCount > 0)
  const findings: Finding[] = []
  for (const [rules, sheet] of job.sheets) {
    const found = runRules(rules, runOf(job, rules, sheet), !nothingFilled)
    findings.push(
      ...(wanted.localise ? withMeaning(found, isWrongSum(found, rules) ? localise(rules, sheet).parts : []) : found),
    )
  }
  if (nothingFilled) {
    const codes = job.sheets.flatMap(([, sheet]) =>
      sheet.form.cells.flatMap(({ code, required }, cell) => (required && isBlank(sheet, cell) ? [code] : [])),
    )
    const [rules] = job.sheets.find(([{ form }]) => form.definition.id === input.form) ?? job.sheets[0]!
    findings.push(blankFormFinding(rules.prefix, codes, doubts))
  }
  return { findings, counts, outcomes: outcomes ?? [] }
}

/** True where a sum of the form itself does not hold, or a cell holds what it cannot. */
function isWrongSum(findings: readonly Finding[], { rules }: CompiledRules): boolean {
  const broken = new Set(findings.map(({ rule }) => rule))
  return rules.some(
    ({ definition: { id, severity, category } }) =>
      severity === 'error' && (category === 'calculation' || category === 'value') && broken.has(id),
  )
}

/** Findings with the ways in which what they belong to could be mended. */
function withMeaning(findings: readonly Finding[], parts: readonly Localisation[]): Finding[] {
  return findings.map((finding) => {
    const part = parts.find(({ broken }) => broken.includes(finding.key))
    return part === undefined ? finding : { ...finding, meant: part }
  })
}

/**
 * What the rules say that a document alone cannot decide: those that need last year's report, the bodies below, or facts
 * of the agency. They are judged again whenever one of these changes, without the document.
 */
export function evaluateBeyond(
  input: RuleInput,
  wanted: Pick<Wanted, 'outcomes'> = {},
): RuleResult & { readonly parts: readonly Localisation[] } {
  const job = startJob(input, wanted.outcomes === true)
  const findings: Finding[] = []
  const parts: Localisation[] = []
  for (const [rules, printed] of job.sheets) {
    const { previous } = printed
    const sheet: Sheet = {
      ...withTotals(printed, findBlankTotals(rules, printed)),
      previous: previous && withTotals(previous, findBlankTotals(rules, previous)),
    }
    const run = runOf(job, rules, sheet)
    const found: Finding[] = []
    for (const rule of rules.rules) {
      if (!rule.needs.some((need) => beyond.has(need))) continue
      const broken = judgeAll(rule, run).map((one) => tell(rule, one, job.doubts))
      found.push(...(rule.needs.includes('children') ? tellBodies(rule, broken, sheet) : broken))
    }
    const own = sheet.previous === null ? [] : localiseBeyond(rules, printed, sheet.previous)
    findings.push(...withMeaning(found, own))
    parts.push(...own)
  }
  return { findings, counts: job.counts, outcomes: job.outcomes ?? [], parts }
}

/**
 * How figures could be mended so that this year's sums hold and last year's figures are met: where the years disagree,
 * last year's may as well be the wrong one.
 */
function localiseBeyond(rules: CompiledRules, sheet: Sheet, previous: Sheet): readonly Localisation[] {
  const extra = rules.rules.flatMap(({ definition, needs, instances }): ExtraBefore[] => {
    if (definition.severity !== 'error' || needs.join() !== 'previous_report') return []
    return instances.flatMap((instance) => extraOf(definition.id, instance, previous) ?? [])
  })
  const figureBefore = (code: string): number | null => {
    const value = previous.values[sheet.form.indexByCode.get(code) ?? -1]
    return value === undefined || Number.isNaN(value) ? null : value
  }
  const { parts } = localise(rules, sheet, { extra, previous: figureBefore })
  const held = new Map(extra.map(({ key, before }) => [key, isHeld(rules, previous, before)]))
  const told = (change: Change): Change => {
    const own = held.get(change.code)
    return own === undefined ? change : { ...change, held: own }
  }
  return parts.map((part) => ({
    ...part,
    explanations: part.explanations.map((one) => ({ ...one, changes: one.changes.map(told) })),
  }))
}

/** Whether a sheet's own sums hold that have any of some cells; undefined where none of them can be judged. */
function isHeld({ rules }: CompiledRules, sheet: Sheet, codes: readonly string[]): boolean | undefined {
  const cells = new Set(codes.map((code) => sheet.form.indexByCode.get(code)))
  const verdicts = rules
    .filter(({ definition, needs }) => definition.category === 'calculation' && needs.length === 0)
    .flatMap((rule) =>
      rule.instances
        .filter((instance) => instance.cells.some((cell) => cells.has(cell)))
        .map((instance) => judge(rule, instance, sheet)),
    )
  if (verdicts.includes(0)) return false
  return verdicts.includes(1) ? true : undefined
}

/** What last year's report asks of this one, with the cells of last year's. */
type ExtraBefore = Extra & { readonly before: readonly string[] }

function extraOf(id: string, instance: Instance, previous: Sheet): ExtraBefore | null {
  const linear = linearOf(instance)
  if (linear === null || linear.operator !== '=') return null
  const terms: [string, number][] = []
  const before: string[] = []
  let constant = -linear.constant
  for (const [name, factor] of linear.coefficients) {
    if (!name.startsWith('previous:')) terms.push([name, factor])
    else {
      const code = name.slice('previous:'.length)
      before.push(code)
      constant -= factor * previous.values[previous.form.indexByCode.get(code)!]!
    }
  }
  return Number.isNaN(constant) ? null : { key: keyOf(id, instance.at), terms, constant, weight: usualWeight, before }
}

/**
 * Of a body that has not reported nothing is known: the others may then add up to less than the report above, and only
 * what they exceed it by is told, beside the list of those that are missing.
 */
function tellBodies(rule: CompiledRule, broken: readonly Finding[], { around }: Sheet): Finding[] {
  const { missing, reporting } = around.children ?? { missing: [], reporting: [] }
  if (missing.length === 0) return [...broken]
  const sum = ({ terms }: Finding, outside: boolean): number =>
    terms.reduce((total, { of, sign, value }) => total + ((of === 'children') === outside ? sign * (value ?? 0) : 0), 0)
  const exceeding = broken.filter((finding) => sum(finding, true) > sum(finding, false))
  return [...exceeding, missingBodiesFinding(rule, missing, reporting.length)]
}

/** Keys of the findings that would be there if a rule were broken, where it was judged and holds. */
export function keysThatHold(outcomes: readonly Outcome[]): ReadonlySet<string> {
  return new Set(outcomes.flatMap(({ rule, at, status }) => (status === 'holds' ? [keyOf(rule, at)] : [])))
}

/** What no document says of itself. */
const beyond: ReadonlySet<Need> = new Set<Need>(['previous_report', 'history', 'children', 'agency'])

type Job = {
  readonly main: string | null
  readonly sheets: readonly (readonly [CompiledRules, Sheet])[]
  readonly doubts: Doubts
  readonly counts: Record<OutcomeStatus, number>
  readonly outcomes: Outcome[] | null
}

function startJob(input: RuleInput, outcomes: boolean): Job {
  const { doubtfulTables, unplacedFigures, unreadTables } = input
  const around: Surroundings = input.around === undefined ? nothingAround : { ...nothingAround, ...input.around }
  const found = new Set<string>()
  const tablesOf = new Map<string, Set<string>>()
  for (const { table, form } of input.tables) {
    found.add(table)
    const tables = tablesOf.get(form)
    if (tables === undefined) tablesOf.set(form, new Set([table]))
    else tables.add(table)
  }
  const sheets: [CompiledRules, Sheet][] = []
  for (const [form, rules] of input.rules) {
    const tables = tablesOf.get(form)
    if (tables === undefined && form !== input.form) continue
    sheets.push([rules, makeSheet(rules.form, tables ?? new Set(), found, input.facts, input.meta, around)])
  }
  return {
    main: input.form,
    sheets,
    doubts: { tables: doubtfulTables, unplacedFigures, unreadTables },
    counts: { holds: 0, broken: 0, not_assessable: 0 },
    outcomes: outcomes ? [] : null,
  }
}

type Run = Pick<Job, 'doubts' | 'counts' | 'outcomes'> & {
  readonly sheet: Sheet
  readonly gates: readonly Passage[]
  /** Tables in which a blank or a mark counted as 0. */
  readonly zeroed: Set<string>
}

/** Through a gate: `closed` where a table was not read, `unknown` where something beside the tables is not known. */
type Passage = 'open' | 'closed' | 'unknown'

function runOf({ main, doubts, counts, outcomes }: Job, { form, gates }: CompiledRules, sheet: Sheet): Run {
  const isMain = form.definition.id === main
  const passage = ({ tables, needs }: Gate): Passage => {
    if (tables.length === 0 ? !isMain : !tables.every((table) => sheet.tables.has(table))) return 'closed'
    return knowsAll(needs, sheet) ? 'open' : 'unknown'
  }
  return { sheet, gates: gates.map(passage), doubts, counts, outcomes, zeroed: new Set() }
}

/** A rule broken at a place, with the sheet as it was judged there. */
type Broken = {
  readonly instance: Instance
  readonly sheet: Sheet
  /** The text also states a figure of this kind that fits: this one may be about something else. */
  readonly contested: boolean
}

function runRules(rules: CompiledRules, run: Run, tellBlanks: boolean): Finding[] {
  const { sheet, doubts, zeroed } = run
  const findings: Finding[] = []
  const blanks: [CompiledRule, readonly Instance[]][] = []
  const totals = findBlankTotals(rules, sheet)
  const whole: Run = { ...run, sheet: withTotals(sheet, totals) }
  for (const rule of rules.rules) {
    const judged = rule.fields.length === 0 ? run : whole
    if (rule.presence) blanks.push([rule, judgePresence(rule, run)])
    else for (const broken of judgeAll(rule, judged)) findings.push(tell(rule, broken, doubts))
  }
  findings.push(...blankTotalFindings(rules, totals, sheet, doubts))
  if (!sheet.complete) findings.push(...missingCellFindings(rules, sheet, doubts))
  if (tellBlanks) {
    const told = new Set(totals.map(({ cell }) => cell))
    for (const [rule, broken] of blanks) findings.push(...list(blankFinding(rule, broken, sheet, told, zeroed, doubts)))
  }
  return findings
}

function tell(rule: CompiledRule, { instance, sheet, contested }: Broken, doubts: Doubts): Finding {
  const finding = brokenFinding(rule, instance, sheet, doubts)
  return contested ? { ...finding, severity: 'info', fault: 'undecided' } : finding
}

/** Judges a rule at all its places and gives those where it is broken. */
function judgeAll(rule: CompiledRule, run: Run): Broken[] {
  const { sheet } = run
  const { fields } = rule
  const broken: Broken[] = []
  for (const group of rule.groups) {
    if (!isAsked(rule, group, run)) continue
    if (fields.length === 0) {
      for (const instance of judgeGroup(rule, group, sheet, run)) broken.push({ instance, sheet, contested: false })
      continue
    }
    const sheets = sheetsStated(fields, sheet)
    const failing = sheets.map((judged) => judgeGroup(rule, group, judged, run))
    const contested = sheets.length > 1 && failing.some((some) => some.length < group.instances.length)
    for (const [index, some] of failing.entries())
      broken.push(...some.map((instance) => ({ instance, sheet: sheets[index]!, contested })))
  }
  return broken
}

/** The same where all that is broken is told together: hundreds of blank cells, for which no objects are made. */
function judgePresence(rule: CompiledRule, run: Run): readonly Instance[] {
  const broken: Instance[] = []
  for (const group of rule.groups) {
    if (!isAsked(rule, group, run)) continue
    for (const instance of judgeGroup(rule, group, run.sheet, run)) broken.push(instance)
  }
  return broken
}

/** Whether a group must be judged place by place; where what comes of it is known before, it is counted. */
function isAsked(rule: CompiledRule, { gate, instances }: Group, { sheet, gates, counts, outcomes }: Run): boolean {
  const passage = gates[gate]
  if (passage === 'closed') return false
  if (outcomes !== null) return true
  if (passage === 'unknown' || (rule.fields.length > 0 && !statesAny(rule.fields, sheet))) {
    counts.not_assessable += instances.length
    return false
  }
  if (!rule.presence || !sheet.complete) return true
  counts.holds += instances.length
  return false
}

/** The places of a group where the rule is broken; all are counted. */
function judgeGroup(
  rule: CompiledRule,
  { instances, batch }: Group,
  sheet: Sheet,
  { counts, outcomes, zeroed }: Run,
): readonly Instance[] {
  if (outcomes !== null) for (const instance of instances) outcomes.push(explain(rule, instance, sheet))
  return batch(sheet, counts, zeroed)
}

function statesAny(fields: readonly string[], { around }: Sheet): boolean {
  return (around.stated ?? []).some(({ field, comparable }) => comparable && fields.includes(field))
}

/**
 * The sheet with each statement that a rule asks for, in turn. What a rule adds up must be said once: of several
 * different figures nobody can tell which belong together.
 */
function sheetsStated(fields: readonly string[], sheet: Sheet): Sheet[] {
  const said = fields.map((field) => {
    const values = new Map<number | null, Stated>()
    for (const one of sheet.around.stated ?? []) {
      if (one.field === field && one.comparable && !values.has(one.value)) values.set(one.value, one)
    }
    return [...values.values()]
  })
  if (fields.length === 1 && said[0]!.length > 0)
    return said[0]!.map((one) => ({ ...sheet, stated: new Map([[fields[0]!, one]]) }))
  const single = fields.flatMap((field, index) =>
    said[index]!.length === 1 ? [[field, said[index]![0]!] as const] : [],
  )
  return [{ ...sheet, stated: new Map(single) }]
}

function list<One>(one: One | null): One[] {
  return one === null ? [] : [one]
}
