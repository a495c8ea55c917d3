/**
 * Runs the rules of the forms that a report was read by over its facts. Verdicts are counted, and only what is broken
 * becomes an object: most of a batch holds, and a hundred thousand reports have fifty million verdicts.
 */
import type { Registry } from '../forms/registry.ts'
import type { Fact, Finding, Outcome, OutcomeStatus, TableMatch } from '../model.ts'
import { findBlankTotals } from './blank-totals.ts'
import { type CompiledRule, type CompiledRules, compileRules, type Instance } from './compile.ts'
import {
  blankFinding,
  blankFormFinding,
  blankTotalFindings,
  brokenFinding,
  type Doubts,
  missingCellFindings,
} from './findings.ts'
import { countsBlankAsZero, explain, isBlank, judge } from './judge.ts'
import { type Meta, makeSheet, type Sheet } from './sheet.ts'

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
}

export type RuleResult = {
  readonly findings: readonly Finding[]
  readonly counts: Readonly<Record<OutcomeStatus, number>>
  /** Empty unless asked for. */
  readonly outcomes: readonly Outcome[]
}

/** The rules of every form, by form id. @throws UserError `form_invalid` */
export function compileRegistry(registry: Registry): ReadonlyMap<string, CompiledRules> {
  return new Map(registry.forms.map((form) => [form.definition.id, compileRules(form)]))
}

/**
 * What the rules say of one report. A rule runs where every table it names was read by its own form; one that names no
 * table runs for the main form. Rules that need more than this report (`CompiledRule.needs`) count as not assessable: a
 * context that meets a need is to be judged where `judge` turns them away.
 */
export function evaluateRules(input: RuleInput, wanted: { readonly outcomes?: boolean } = {}): RuleResult {
  const counts: Record<OutcomeStatus, number> = { holds: 0, broken: 0, not_assessable: 0 }
  const outcomes: Outcome[] = []
  const { doubtfulTables: tables, unplacedFigures, unreadTables } = input
  const doubts: Doubts = { tables, unplacedFigures, unreadTables }
  const sheets: [CompiledRules, Sheet][] = []
  const found = new Set(input.tables.map((match) => match.table))
  for (const [form, rules] of input.rules) {
    const tables = new Set(input.tables.flatMap((match) => (match.form === form ? [match.table] : [])))
    if (tables.size === 0 && form !== input.form) continue
    sheets.push([rules, makeSheet(rules.form, tables, found, input.facts, input.meta)])
  }
  const nothingFilled =
    sheets.every(([, sheet]) => sheet.numberCount === 0) && sheets.some(([, sheet]) => sheet.blankCount > 0)
  const findings: Finding[] = []
  for (const [rules, sheet] of sheets) {
    const run: Run = {
      sheet,
      doubts,
      main: rules.form.definition.id === input.form,
      counts,
      outcomes: wanted.outcomes ? outcomes : null,
    }
    findings.push(...runRules(rules, run, !nothingFilled))
  }
  if (nothingFilled) {
    const codes = sheets.flatMap(([, sheet]) =>
      sheet.form.cells.flatMap(({ code, required }, cell) => (required && isBlank(sheet, cell) ? [code] : [])),
    )
    const [rules] = sheets.find(([{ form }]) => form.definition.id === input.form) ?? sheets[0]!
    findings.push(blankFormFinding(rules.prefix, codes, doubts))
  }
  return { findings, counts, outcomes }
}

type Run = {
  readonly sheet: Sheet
  readonly doubts: Doubts
  readonly main: boolean
  readonly counts: Record<OutcomeStatus, number>
  readonly outcomes: Outcome[] | null
}

function runRules(rules: CompiledRules, run: Run, tellBlanks: boolean): Finding[] {
  const { sheet, doubts } = run
  const findings: Finding[] = []
  const blanks: [CompiledRule, Instance[]][] = []
  const zeroedTables = new Set<string>()
  const totals = findBlankTotals(rules, sheet)
  for (const rule of rules.rules) {
    const broken = judgeAll(rule, run, zeroedTables)
    if (rule.presence) blanks.push([rule, broken])
    else for (const instance of broken) findings.push(brokenFinding(rule, instance, sheet, doubts))
  }
  findings.push(...blankTotalFindings(rules, totals, sheet, doubts))
  if (!sheet.complete) findings.push(...missingCellFindings(rules, sheet, doubts))
  if (tellBlanks) {
    const told = new Set(totals.map(({ cell }) => cell))
    for (const [rule, broken] of blanks)
      findings.push(...list(blankFinding(rule, broken, sheet, told, zeroedTables, doubts)))
  }
  return findings
}

/** Judges a rule at all its places and gives those where it is broken. */
function judgeAll(rule: CompiledRule, run: Run, zeroedTables: Set<string>): Instance[] {
  const { sheet, counts, outcomes } = run
  const broken: Instance[] = []
  for (const { tables, instances } of rule.groups) {
    if (tables.length === 0 ? !run.main : !tables.every((table) => sheet.tables.has(table))) continue
    if (rule.needs.length > 0 && outcomes === null) {
      counts.not_assessable += instances.length
      continue
    }
    if (rule.presence && sheet.complete && outcomes === null) {
      counts.holds += instances.length
      continue
    }
    let holds = 0
    let open = 0
    for (const instance of instances) {
      const truth = judge(rule, instance, sheet)
      if (truth === 0) broken.push(instance)
      else if (truth === 1) holds++
      else open++
      if (outcomes) outcomes.push(explain(rule, instance, sheet, truth))
      if (truth !== 2 && sheet.blankCount > 0 && countsBlankAsZero(rule, instance, sheet)) {
        for (const table of tables) zeroedTables.add(table)
      }
    }
    counts.holds += holds
    counts.not_assessable += open
    counts.broken += instances.length - holds - open
  }
  return broken
}

function list<One>(one: One | null): One[] {
  return one === null ? [] : [one]
}
