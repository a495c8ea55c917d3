/**
 * The examples of rules, run: each says what a rule finds in a few figures, so that it documents the rule and tests it.
 * Takes compiled rules, gives what every example says and what the rule says of it.
 */
import { tableOf } from '../forms/codes.ts'
import { readValue } from '../forms/values.ts'
import type { Fact, OutcomeStatus, RuleDefinition, RuleExample, TableMatch } from '../model.ts'
import type { CompiledRules } from './compile.ts'
import { evaluateBeyond, evaluateRules } from './evaluate.ts'
import type { Stated, Surroundings } from './surroundings.ts'

/** What became of one example. */
export type ExampleResult = {
  readonly rule: string
  /** Place in the rule's list, from 0. */
  readonly index: number
  readonly expected: OutcomeStatus
  readonly found: OutcomeStatus
}

/** Runs all examples of a form's rules. */
export function runExamples(rules: CompiledRules): ExampleResult[] {
  return rules.form.definition.rules.flatMap((rule) =>
    rule.examples.map((example, index) => ({
      rule: rule.id,
      index,
      expected: example.verdict,
      found: verdictOf(rules, rule, example),
    })),
  )
}

/** Broken where it is broken anywhere; otherwise it holds where it could be judged anywhere. */
function verdictOf(rules: CompiledRules, rule: RuleDefinition, example: RuleExample): OutcomeStatus {
  const { form } = rules
  const facts = factsOf(example.cells)
  const input = {
    rules: new Map([[form.definition.id, rules]]),
    tables: [...new Set(facts.map(({ code }) => tableOf(code)))].map((table) => matchOf(table, form.definition.id)),
    form: form.definition.id,
    facts,
    meta: {
      reportYear: numberOf(example.meta.report_year) ?? form.definition.years[0],
      titleYear: numberOf(example.meta.title_year),
      periodYear: numberOf(example.meta.period_year),
    },
    doubtfulTables: new Set<string>(),
    unreadTables: new Set<string>(),
    unplacedFigures: false,
    around: surroundingsOf(rules, example),
  }
  const outcomes = [evaluateRules, evaluateBeyond].flatMap((evaluate) => evaluate(input, { outcomes: true }).outcomes)
  const found = outcomes.filter((outcome) => outcome.rule === rule.id).map(({ status }) => status)
  return (['broken', 'holds'] as const).find((status) => found.includes(status)) ?? 'not_assessable'
}

function surroundingsOf({ form }: CompiledRules, example: RuleExample): Partial<Surroundings> {
  const { previous, history, children, text, sections, meta } = example
  const before = Object.keys(previous).length === 0 ? null : factsOf(previous)
  const { may_make_regulations: power, published_on: published, due_on: due } = meta
  return {
    stated: Object.entries(text).map(([name, value]) => statedOf(form.definition.sections, name, value)),
    sections: new Map(
      (sections ?? form.definition.sections.map(({ number }) => number)).map((number) => [
        Math.floor(Math.abs(number)),
        { filled: number > 0, omitted: false, template: Number.isInteger(number) ? null : '…' },
      ]),
    ),
    previous: before && {
      year: form.definition.years[0] - 1,
      tables: new Set(before.map(({ code }) => tableOf(code))),
      facts: before,
    },
    history: history.map((figures, index) => ({ year: form.definition.years[0] - 1 - index, facts: factsOf(figures) })),
    children: children && {
      sums: new Map(
        Object.entries(children).flatMap(([code, value]) => (typeof value === 'number' ? [[code, value]] : [])),
      ),
      reporting: ['1'],
      missing: [],
    },
    publishedOn: typeof published === 'string' ? published : null,
    dueOn: typeof due === 'string' ? due : null,
    agency: typeof power === 'boolean' ? { mayMakeRegulations: power } : null,
  }
}

/** `received`, or with the code of the section that it stands in `other_matters.info_fee`. */
function statedOf(
  sections: CompiledRules['form']['definition']['sections'],
  name: string,
  value: number | true,
): Stated {
  const [field, section] = name.split('.').reverse()
  return {
    field: field!,
    value: value === true ? null : value,
    comparable: true,
    section: sections.find(({ code }) => code === section)?.number ?? null,
    quote: { text: name, sentence: name, anchor: null },
  }
}

function factsOf(cells: RuleExample['cells']): Fact[] {
  const anchor = { path: '', page: null, box: null }
  const rest = { from: 'table' as const, inferred: false, anchor }
  return Object.entries(cells).map(([code, printed]): Fact => {
    const text = String(printed ?? '')
    if (typeof printed === 'number') return { code, state: 'number', value: printed, unit: null, text, ...rest }
    const read = readValue(text)
    if (read?.state === 'number') return { code, state: 'number', value: read.value, unit: read.unit, text, ...rest }
    return { code, state: printed === null ? 'blank' : 'mark', value: null, unit: null, text, ...rest }
  })
}

function matchOf(table: string, form: string): TableMatch {
  const anchor = { path: '', page: null, box: null }
  return { table, form, anchor, rowsFound: 1, rowsExpected: 1, columnsFound: 1, columnsExpected: 1 }
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}
