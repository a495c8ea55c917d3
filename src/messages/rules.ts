/**
 * Every rule that a finding may name, with its words: those of the forms, and those that gouji adds itself to each form,
 * whose ids are made of a rule or a table and a fixed ending.
 */
import type { Form, Registry } from '../forms/registry.ts'
import type { Label, RuleCategory, RuleDefinition, Severity } from '../model.ts'
import type { Catalogue } from './catalogue.ts'
import { en } from './en.ts'
import { fill, type Slots } from './fill.ts'
import { zh } from './zh.ts'

export type DescribedRule = {
  readonly id: string
  readonly title: Label
  readonly severity: Severity
  readonly category: RuleCategory | null
  /** Id of the form; null where no loaded form has the rule. */
  readonly form: string | null
  /** The formula in the form's language; null for what is not written as one. */
  readonly formula: string | null
  readonly reason: Label | null
  readonly source: Label | null
  readonly exceptions: readonly Label[]
}

/** All rules, by id. */
export function describeRules(registry: Registry): ReadonlyMap<string, DescribedRule> {
  return new Map(registry.forms.flatMap((form) => rulesOfForm(form)).map((rule) => [rule.id, rule]))
}

/** A rule that no loaded form has: only its id is known. */
export function unknownRule(id: string): DescribedRule {
  const bare = { category: null, form: null, formula: null, reason: null, source: null, exceptions: [] }
  return { id, title: own('unknown', () => ({ rule: id })), severity: 'warning', ...bare }
}

function rulesOfForm({ definition, rulePrefixes, tables }: Form): DescribedRule[] {
  const form = definition.id
  const described = definition.rules.flatMap((rule) => [
    describe(rule, form),
    ...(rule.category === 'calculation' ? [derived(rule, form, 'blank_total', 'blankTotal')] : []),
    ...(rule.category === 'aggregation' ? [derived(rule, form, 'bodies_missing', 'bodiesMissing')] : []),
  ])
  const bare = { form, formula: null, reason: null, source: null, exceptions: [] }
  for (const prefix of rulePrefixes) {
    for (const table of tables.values()) {
      const slots = (lang: 'zh' | 'en'): Slots => ({ table: table.title[lang] })
      const totals = { id: `${prefix}.${table.code}_blank_totals`, title: own('blankTotals', slots) }
      const cells = { id: `${prefix}.${table.code}_missing_cells`, title: own('missingCells', slots) }
      described.push({ ...totals, severity: 'info', category: 'value', ...bare })
      described.push({ ...cells, severity: 'warning', category: 'existence', ...bare })
    }
    const title = own('blankForm', () => ({}))
    described.push({ id: `${prefix}.form_blank`, title, severity: 'warning', category: 'existence', ...bare })
  }
  return described
}

function describe(rule: RuleDefinition, form: string): DescribedRule {
  const { id, title, severity, category, formula, reason, source, exceptions } = rule
  return { id, title, severity, category, form, formula, reason, source, exceptions }
}

function derived(
  rule: RuleDefinition,
  form: string,
  ending: string,
  words: 'blankTotal' | 'bodiesMissing',
): DescribedRule {
  const title = own(words, (lang) => ({ title: rule.title[lang] }))
  const severity = words === 'blankTotal' ? 'warning' : 'info'
  return { ...describe(rule, form), id: `${rule.id}.${ending}`, title, severity }
}

function own(words: keyof Catalogue['ownRules'], slots: (lang: 'zh' | 'en') => Slots): Label {
  return { zh: fill(zh.ownRules[words], slots('zh'), zh), en: fill(en.ownRules[words], slots('en'), en) }
}
