import { existsSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { type Form, loadRegistry, makeForm } from '../../src/forms/registry.ts'
import { renderError } from '../../src/messages/render.ts'
import type { Fact, Finding, RuleDefinition } from '../../src/model.ts'
import { exactEquations } from '../../src/rules/equations.ts'
import { compileRegistry, compileRules, evaluateRules } from '../../src/rules/evaluate.ts'
import { linearConstraints } from '../../src/rules/localise/constraints.ts'
import { madeRules } from './made.ts'
import { consistentValues, emptyFact, evaluateFacts, matchOf, mixedTables, numberFact, truthFacts } from './report.ts'

const registry = loadRegistry()
const rules = compileRegistry(registry)
const form = registry.byId.get('ogi_2021')!
const form2019 = registry.byId.get('ogi_2019')!

const keys = (findings: readonly Finding[]): string[] => findings.map((one) => one.key).sort()
const errors = (findings: readonly Finding[]): Finding[] => findings.filter((one) => one.severity === 'error')

/** Facts in the form's order; `change` replaces single ones, undefined leaves them out. */
function factsOf(values: ReadonlyMap<string, number>, change: Record<string, Fact | undefined> = {}): Fact[] {
  return form.cells.flatMap(({ code }) => {
    if (Object.hasOwn(change, code)) return change[code] ?? []
    const value = values.get(code)
    return value === undefined ? [] : [numberFact(code, value)]
  })
}

type Identity = { rule: string; key: string; total: string[]; others: string[] }

/** The sums of the 2021 form, written out from its lines and not from its formulas. */
function identities(of: Form): Identity[] {
  const t3 = of.tables.get('t3')!
  const t4 = of.tables.get('t4')!
  const result = t3.rows.find((row) => row.code === 'total_processed')!.totalOf!
  const applicants = t3.columns.find((column) => column.code === 'total')!.totalOf!
  const list: Identity[] = []
  for (const { code: c } of t3.columns.filter((column) => !column.abstract)) {
    const at = (row: string): string => `t3.${row}.${c}`
    const balance = {
      total: [at('total_processed'), at('carried_forward')],
      others: [at('new_received'), at('carried_over')],
    }
    list.push({ rule: 't3_balance', key: `ogi2021.t3_balance@c=${c}`, ...balance })
    list.push({
      rule: 't3_total_processed',
      key: `ogi2021.t3_total_processed@c=${c}`,
      total: [at('total_processed')],
      others: result.map(at),
    })
  }
  for (const { code: r } of t3.rows.filter((row) => !row.abstract)) {
    const others = applicants.map((column) => `t3.${r}.${column}`)
    list.push({ rule: 't3_row_total', key: `ogi2021.t3_row_total@r=${r}`, total: [`t3.${r}.total`], others })
  }
  for (const { code, totalOf } of t4.columns) {
    if (totalOf)
      list.push({
        rule: `t4_${code}`,
        key: `ogi2021.t4_${code}`,
        total: [`t4.cases.${code}`],
        others: totalOf.map((one) => `t4.cases.${one}`),
      })
  }
  return list
}

const sums = identities(form)
const cellsInSums = [...new Set(sums.flatMap((one) => [...one.total, ...one.others]))]
const scaled = (value: number): bigint => BigInt(Math.round(value * 1000))
const isSum = (one: Finding): boolean => sums.some(({ key }) => key === one.key)
const figures = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(60)), {
  minLength: 40,
  maxLength: 40,
})
const consistent = figures.map((list) => consistentValues(form, (index) => list[(index * 7) % list.length]!))

describe('real reports', () => {
  it('finds what does not add up in hongze-2023, and nothing else', () => {
    const facts = truthFacts('fixtures/hongze-2023.truth.json')
    const tables = mixedTables(registry, facts, (table) => (table === 't3' ? 'ogi_2019' : 'ogi_2021'))
    const input = {
      rules,
      tables,
      form: 'ogi_2021',
      facts,
      meta: { reportYear: 2023 },
      doubtfulTables: new Set<string>(),
      unplacedFigures: false,
      unreadTables: new Set<string>(),
    }
    const { findings } = evaluateRules(input)
    expect(findings).toMatchObject([
      { key: 'ogi2021.t4_review_total', severity: 'error', fault: 'report', expected: 11, actual: 0, difference: -11 },
      { key: 'ogi2021.t4_litigation_after_review_total', expected: 5, actual: 0, difference: -5 },
    ])
    expect(findings[0]!.codes[0]).toBe('t4.cases.review_total')
    expect(evaluateRules({ ...input, doubtfulTables: new Set(['t4']) }).findings.map((one) => one.fault)).toEqual([
      'undecided',
      'undecided',
    ])
  })

  it.each([
    'fixtures/huaian-2024',
    '../../samples/rundong-2021',
    '../../samples/pingtan-2023',
    '../../samples/pingtan-2024',
  ])('%s adds up', (name) => {
    expect(existsSync(new URL(`${name}.truth.json`, import.meta.url))).toBe(true)
    const { findings, counts } = evaluateFacts(rules, form, truthFacts(`${name}.truth.json`))
    expect(findings.filter((one) => one.severity !== 'info')).toEqual([])
    expect(counts.holds).toBeGreaterThan(400)
  })

  it('takes the blanks of shanghai-office-2019 as 0 and says so once', () => {
    const facts = truthFacts('../../samples/shanghai-office-2019.truth.json')
    const { findings } = evaluateFacts(rules, form2019, facts)
    expect(errors(findings)).toEqual([])
    expect(findings.every((one) => one.severity === 'info')).toBe(true)
    const [totals] = findings.filter((one) => one.rule === 'ogi2019.t3_blank_totals')
    expect(totals?.codes).toHaveLength(11)
    const blanks = findings.filter((one) => one.rule.endsWith('blank_cells'))
    expect(blanks.map((one) => [one.rule, one.data.blank_as_zero])).toEqual([
      ['ogi2019.t3_blank_cells', 1],
      ['ogi2019.t4_blank_cells', 1],
    ])
    const blankFacts = facts.filter((fact) => fact.state === 'blank' && !fact.code.startsWith('t2'))
    expect(new Set([...blanks, totals!].flatMap((one) => one.codes))).toEqual(
      new Set(blankFacts.map((fact) => fact.code)),
    )
  })
})

describe('sums', () => {
  it('of consistent reports hold', () => {
    fc.assert(
      fc.property(consistent, (values) => {
        expect(evaluateFacts(rules, form, factsOf(values)).findings).toEqual([])
      }),
    )
  })

  it('break exactly where one cell is wrong, by as much as it is wrong', () => {
    fc.assert(
      fc.property(
        consistent,
        fc.constantFrom(...cellsInSums),
        fc.integer({ min: 1, max: 500 }),
        (values, code, error) => {
          const wrong = values.get(code)! + error
          const { findings } = evaluateFacts(rules, form, factsOf(values, { [code]: numberFact(code, wrong) }))
          const expected = sums.filter((one) => [...one.total, ...one.others].includes(code))
          expect(keys(findings)).toEqual(expected.map((one) => one.key).sort())
          for (const one of findings) {
            const { total } = expected.find(({ key }) => key === one.key)!
            expect(one.difference).toBe(total.includes(code) ? error : -error)
            expect(one.actual! - one.expected!).toBe(one.difference)
            expect(one.codes.slice(0, total.length)).toEqual(total)
            expect(one.codes).toContain(code)
          }
        },
      ),
    )
  })

  it('agree with whole-number arithmetic on any figures, however large or broken into decimals', () => {
    const figure = fc.oneof(
      fc.nat(3),
      fc.integer({ min: -9, max: 9 }),
      fc.nat(9_000).map((n) => n / 1000),
      fc.nat(2 ** 40),
      fc.constant(null),
    )
    const list = fc.array(figure, { minLength: 97, maxLength: 97 })
    fc.assert(
      fc.property(consistent, list, fc.integer({ min: 1, max: 90 }), (values, wild, every) => {
        const changed = new Map<string, number | null>(
          cellsInSums.map((code, index) => [code, index % every === 0 ? wild[index % 97]! : values.get(code)!]),
        )
        const facts = form.cells.flatMap(({ code }) => {
          const value = changed.get(code) ?? values.get(code)
          if (changed.get(code) === null) return [emptyFact(code, 'absent')]
          return value === undefined ? [] : [numberFact(code, value)]
        })
        const { findings } = evaluateFacts(rules, form, facts)
        const broken = sums.filter(({ total, others }) => {
          if ([...total, ...others].some((code) => changed.get(code) === null)) return false
          const sum = (codes: string[]): bigint => codes.reduce((all, code) => all + scaled(changed.get(code)!), 0n)
          return sum(total) !== sum(others)
        })
        expect(keys(findings.filter(isSum))).toEqual(broken.map((one) => one.key).sort())
      }),
    )
  })

  it('come out the same whether zeros are printed or left blank', () => {
    fc.assert(
      fc.property(consistent, fc.option(fc.constantFrom(...cellsInSums)), fc.nat(9), (values, code, error) => {
        const change = code === null ? {} : { [code]: numberFact(code, values.get(code)! + error) }
        const filled = factsOf(values, change)
        const blanked = filled.map((fact) => (fact.value === 0 ? emptyFact(fact.code, 'blank') : fact))
        const full = evaluateFacts(rules, form, filled, {}, { outcomes: true }).outcomes
        const result = evaluateFacts(rules, form, blanked, {}, { outcomes: true })
        const inSums = sums.map((one) => `ogi2021.${one.rule}`)
        for (const [index, outcome] of result.outcomes.entries()) {
          if (!inSums.includes(outcome.rule)) continue
          if (outcome.status !== 'not_assessable') expect(outcome.status).toBe(full[index]!.status)
          else if (full[index]!.status === 'broken')
            expect(outcome.terms.some((term) => term.state === 'blank')).toBe(true)
        }
        if (code === null)
          expect(result.findings.filter((one) => one.severity !== 'info' && !one.rule.endsWith('form_blank'))).toEqual(
            [],
          )
      }),
    )
  })
})

describe('decimals in sums', () => {
  it('add up as printed', () => {
    const figures = { upheld: 0.1, corrected: 0.2, other: 0, pending: 0, total: 0.3 }
    const facts = Object.entries(figures).map(([name, value]) => numberFact(`t4.cases.review_${name}`, value))
    const broken = (all: Fact[]): string[] => {
      const result = evaluateFacts(rules, form, all, {}, { outcomes: true })
      return result.outcomes.filter((one) => one.rule === 'ogi2021.t4_review_total').map((one) => one.status)
    }
    expect(broken(facts)).toEqual(['holds'])
    expect(broken([...facts.slice(0, 4), numberFact('t4.cases.review_total', 0.3000000001)])).toEqual(['broken'])
  })
})

describe('what is missing', () => {
  const values = consistentValues(form, (index) => index % 3)
  const total = 't3.total_processed.natural_person'

  it('a blank total is no wrong sum, and does not break the sums it stands in', () => {
    const { findings } = evaluateFacts(rules, form, factsOf(values, { [total]: emptyFact(total, 'blank') }))
    expect(findings).toMatchObject([
      {
        key: 'ogi2021.t3_total_processed.blank_total@c=natural_person',
        severity: 'warning',
        actual: null,
        difference: null,
        expected: values.get(total)!,
      },
    ])
    expect(findings[0]!.codes).toHaveLength(22)
  })

  it('totals blank by habit are told once for the table', () => {
    const change = Object.fromEntries(
      sums
        .filter((one) => one.rule === 't3_row_total')
        .slice(0, 20)
        .map((one) => [one.total[0]!, emptyFact(one.total[0]!, 'mark')]),
    )
    const { findings } = evaluateFacts(rules, form, factsOf(values, change))
    expect(findings).toMatchObject([{ key: 'ogi2021.t3_blank_totals', severity: 'info' }])
    expect(findings[0]!.codes).toEqual(Object.keys(change))
  })

  it('a missing cell is computed from the rest, and leaves its sums unassessed', () => {
    for (const absent of [undefined, emptyFact(total, 'absent')]) {
      const { findings } = evaluateFacts(rules, form, factsOf(values, { [total]: absent }))
      expect(findings).toMatchObject([
        {
          key: 'ogi2021.t3_missing_cells',
          severity: 'warning',
          fault: 'report',
          codes: [total],
          expected: values.get(total)!,
          actual: null,
        },
      ])
    }
    const lost = evaluateFacts(rules, form, factsOf(values, { [total]: undefined }), { unplacedFigures: true })
    expect(lost.findings[0]!.fault).toBe('undecided')
  })

  it('an unreadable cell is never a finding', () => {
    for (const code of cellsInSums) {
      const { findings } = evaluateFacts(rules, form, factsOf(values, { [code]: emptyFact(code, 'unreadable') }))
      expect(findings).toEqual([])
    }
  })

  it('blanks of all blocks of table 2 are one finding, and an empty block says so', () => {
    const block = (prefix: string): Record<string, Fact> => {
      return Object.fromEntries(
        [...values.keys()].filter((code) => code.startsWith(prefix)).map((code) => [code, emptyFact(code, 'mark')]),
      )
    }
    const one = evaluateFacts(rules, form, factsOf(values, block('t2_art20_6'))).findings
    expect(one).toMatchObject([{ key: 'ogi2021.t2_blank_cells', severity: 'info', data: { count: 2, marks: 2 } }])
    expect(one[0]!.data.entire).toBeUndefined()
    expect(evaluateFacts(rules, form, factsOf(values, block('t2'))).findings).toMatchObject([
      { data: { count: 10, entire: 1 } },
    ])
  })

  it('a form that is not filled in is told once', () => {
    const facts = factsOf(values).map((fact) => emptyFact(fact.code, 'blank'))
    expect(evaluateFacts(rules, form, facts).findings).toMatchObject([
      { key: 'ogi2021.form_blank', data: { count: facts.length } },
    ])
    const [first, ...others] = facts
    const unread = emptyFact(first!.code, 'unreadable')
    const keys = evaluateFacts(rules, form, [unread, ...others]).findings.map(({ key }) => key)
    expect(keys).not.toContain('ogi2021.form_blank')
  })

  it('a missing table is ours to prove while figures are unplaced', () => {
    const tables = ['t2_art20_1', 't2_art20_5', 't2_art20_6', 't2_art20_8', 't3'].map((table) => matchOf(form, table))
    const facts = factsOf(values)
    const [finding, ...rest] = evaluateFacts(rules, form, facts, { tables }).findings
    expect(rest).toEqual([])
    expect(finding).toMatchObject({
      key: 'ogi2021.tables_complete',
      severity: 'error',
      fault: 'report',
      data: { missing: ['t4'] },
    })
    expect(evaluateFacts(rules, form, facts, { tables, unplacedFigures: true }).findings[0]!.fault).toBe('undecided')
    const other = [...tables, matchOf(form2019, 't4')]
    expect(evaluateFacts(rules, form, facts, { tables: other }).findings).toEqual([])
  })
})

describe('other rules', () => {
  const values = consistentValues(form, (index) => index % 4)
  const fee = 't2_art20_8.administrative_fees.fee_amount'
  const change = (fact: Fact): readonly Finding[] =>
    evaluateFacts(rules, form, factsOf(values, { [fact.code]: fact })).findings

  it('judge money by its unit and its decimals', () => {
    expect(keys(change(numberFact(fee, 1.23456, null, '1.23456')))).toEqual(['ogi2021.t2_fee_decimals'])
    expect(keys(change(numberFact(fee, 12.5, null, '12.5000')))).toEqual([])
    expect(keys(change(numberFact(fee, -1)))).toEqual(['ogi2021.t2_fee_money'])
    expect(keys(change(numberFact(fee, 2e8)))).toEqual(['ogi2021.t2_fee_unit_suspect'])
    expect(keys(change(numberFact(fee, 2e8, '元')))).toEqual([])
  })

  it('convert figures that print another unit of money', () => {
    const rule = ruleOf(`${fee} = 25.1`)
    const own = makeForm({ ...form.definition, rules: [rule] })
    const compiled = new Map([['ogi_2021', compileRules(own)]])
    const run = (value: number, unit: string | null): number =>
      evaluateFacts(compiled, own, [numberFact(fee, value, unit)]).counts.holds
    expect([run(251_000, '元'), run(25.1, '万元'), run(25.1, null), run(0.00251, '亿元'), run(25.1, '元')]).toEqual([
      1, 1, 1, 1, 0,
    ])
    expect([run(251, '千元'), run(25.1, '万'), run(25.1, '件')]).toEqual([1, 1, 1])
  })

  it('count what is printed in ten thousands', () => {
    const licences = 't2_art20_5.licences.decisions'
    expect(keys(change(numberFact(licences, 1.2, '万件', '1.2万件')))).toEqual([])
    expect(keys(change(numberFact(licences, 1.2, '万', '1.2万')))).toEqual([])
    expect(keys(change(numberFact(licences, 1.2, null, '1.2')))).toEqual([
      'ogi2021.t2_art20_5_counts@r=licences,c=decisions',
    ])
  })

  it('find counts that are none, with their text', () => {
    const code = 't2_art20_1.regulations.issued'
    expect(change(numberFact(code, 1.5, null, '1.5'))).toMatchObject([
      { key: 'ogi2021.t2_art20_1_counts@r=regulations,c=issued', codes: [code], actual: 1.5, data: { raw: '1.5' } },
    ])
  })

  it('compare extra subtotals where a report prints them', () => {
    const code = 't3.unable.natural_person'
    const sum = ['unable_not_held', 'unable_needs_creation', 'unable_still_unclear'].reduce(
      (all, row) => all + values.get(`t3.${row}.natural_person`)!,
      0,
    )
    expect(change(numberFact(code, sum))).toEqual([])
    expect(change(emptyFact(code, 'blank'))).toEqual([])
    expect(change(numberFact(code, sum + 2))).toMatchObject([
      { key: 'ogi2021.t3_subtotal_unable@c=natural_person', actual: sum + 2, expected: sum, difference: 2 },
    ])
  })

  it('compare years', () => {
    const meta = { reportYear: 2020, titleYear: 2020, periodYear: 2019 }
    const found = evaluateFacts(rules, form, factsOf(values), { meta }).findings
    expect(found).toMatchObject([
      { key: 'ogi2021.form_matches_year', data: { year: 2020 } },
      { key: 'ogi2021.year_consistent', data: { left: 2020, right: 2019 } },
    ])
    expect(evaluateFacts(rules, form, factsOf(values), { meta: { reportYear: null } }).findings).toEqual([])
  })

  it('wait where they need other reports or the text', () => {
    const { outcomes, counts } = evaluateFacts(rules, form, factsOf(values), {}, { outcomes: true })
    const waiting = outcomes.filter((one) =>
      /prev|narr|parent|children|fee_|rollforward|published|sections/.test(one.rule),
    )
    expect(waiting.filter((one) => one.rule.includes('narr_')).map((one) => one.status)).toContain('not_assessable')
    expect(waiting.filter((one) => one.rule.includes('prev')).every((one) => one.status === 'not_assessable')).toBe(
      true,
    )
    expect(outcomes).toHaveLength(counts.holds + counts.broken + counts.not_assessable)
    expect(evaluateFacts(rules, form, factsOf(values)).counts).toEqual(counts)
  })
})

function ruleOf(formula: string, more: Partial<RuleDefinition> = {}): RuleDefinition {
  const message = { zh: '规则', en: 'rule' }
  return {
    id: 'own.rule',
    severity: 'error',
    category: 'calculation',
    formula,
    foreach: {},
    tolerance: 0,
    nullPolicy: 'strict',
    message,
    title: message,
    reason: message,
    source: message,
    exceptions: [],
    examples: [],
    ...more,
  }
}

describe('compiling', () => {
  it.each([
    ['t3.new_received.$c = 0', {}, '/rules/0/formula', '$c'],
    ['t3.new_received.nobody = 0', {}, '/rules/0/formula', 't3.new_received.nobody'],
    ['sum(t3.{granted,gone}.total) = 0', {}, '/rules/0/formula', 't3.gone.total'],
    ['prev(t3.gone.total) = 0', {}, '/rules/0/formula', 't3.gone.total'],
    ['has_table(t9)', {}, '/rules/0/formula', 't9'],
    ['meta(colour) = 1', {}, '/rules/0/formula', 'colour'],
    ['t3.new_received.total ==', {}, '/rules/0/formula', '24'],
    ['t3.new_received.$c = 0', { c: 't3.everything' }, '/rules/0/foreach', 't3.everything'],
    ['t3.new_received.$c = 0', { c: 't9.columns' }, '/rules/0/foreach', 't9'],
  ])('refuses %s', (formula, foreach, path, said) => {
    const bad = makeForm({ ...form.definition, rules: [ruleOf(formula, { foreach })] })
    let thrown: unknown
    try {
      compileRules(bad)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(UserError)
    expect(thrown).toMatchObject({
      code: 'form_invalid',
      data: { file: 'ogi_2021', paths: [path] },
    })
    for (const lang of ['zh', 'en'] as const) expect(renderError(thrown as UserError, lang)).toContain(said)
  })

  it('takes one of several comparisons that would do for no equation', () => {
    const equation = 't.a.value + t.b.value = t.total.value'
    const [alone, either] = [equation, `${equation} or t.a.value = t.total.value`].map((formula) =>
      madeRules([{ formula, nullPolicy: 'blank_as_zero' }]),
    )
    expect(exactEquations(alone!)).toHaveLength(1)
    expect(linearConstraints(alone!)).toHaveLength(1)
    expect(alone!.rules[0]!.instances[0]).toMatchObject({ operator: '=', total: 'right' })
    expect(exactEquations(either!)).toEqual([])
    expect(linearConstraints(either!)).toEqual([])
    // It is told by the first of them all the same.
    expect(either!.rules[0]!.instances[0]).toMatchObject({ operator: '=', sole: null, total: null })
  })

  it('writes loops out over any table', () => {
    const count = (foreach: RuleDefinition['foreach']): number => {
      const made = makeForm({
        ...form.definition,
        rules: [ruleOf('present($t.$r.$c)', { foreach, nullPolicy: 'none' })],
      })
      return compileRules(made).rules[0]!.instances.length
    }
    expect(count({ t: ['t3'], r: '$t.value_rows', c: '$t.columns' })).toBe(175)
    expect(count({ t: ['t3'], r: '$t.count_rows', c: 't3.applicant_columns' })).toBe(150)
    expect(count({ t: ['t2_art20_1', 't2_art20_5'], r: '$t.value_rows', c: '$t.columns' })).toBe(7)
    expect(rules.get('ogi_2021')!.rules.reduce((all, rule) => all + rule.instances.length, 0)).toBe(543)
  })

  it('keeps to tolerance and three-valued logic', () => {
    const code = 't3.new_received.total'
    const status = (formula: string, fact: Fact, more: Partial<RuleDefinition> = {}): string => {
      const own = makeForm({ ...form.definition, rules: [ruleOf(formula, more)] })
      return evaluateFacts(new Map([['ogi_2021', compileRules(own)]]), own, [fact], {}, { outcomes: true }).outcomes[0]!
        .status
    }
    expect(status(`${code} = 10`, numberFact(code, 10.3), { tolerance: 0.3 })).toBe('holds')
    expect(status(`${code} = 10`, numberFact(code, 10.31), { tolerance: 0.3 })).toBe('broken')
    expect(status(`${code} > 10 => ${code} > 11`, numberFact(code, 10))).toBe('holds')
    expect(status(`${code} > 10 => ${code} > 11`, numberFact(code, 11))).toBe('broken')
    expect(status(`${code} > 10 or not ${code} < 5`, emptyFact(code, 'blank'))).toBe('not_assessable')
    expect(status(`0.1 * ${code} = 0.3`, numberFact(code, 3))).toBe('holds')
    expect(status(`all_zero(t3)`, numberFact(code, 3))).toBe('broken')
    expect(status(`all_zero(t3)`, numberFact(code, 0))).toBe('not_assessable')
  })

  it('says of many places at once what it says of each', () => {
    const cell = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 2 }) },
      { weight: 1, arbitrary: fc.constantFrom(0.5, -3, 2 ** 29, 1e17) },
      { weight: 3, arbitrary: fc.constantFrom('blank' as const, 'mark' as const) },
      { weight: 1, arbitrary: fc.constantFrom('absent' as const, 'unreadable' as const) },
    )
    for (const of of [form, form2019]) {
      const size = of.cells.length
      const drawn = fc.array(cell, { minLength: size, maxLength: size, size: 'max' })
      fc.assert(
        fc.property(drawn, fc.boolean(), (values, filled) => {
          const facts = of.cells.map(({ code }, index) => {
            const value = values[index]!
            if (typeof value === 'number') return numberFact(code, value)
            return filled ? numberFact(code, 0) : emptyFact(code, value)
          })
          const { outcomes, counts, findings } = evaluateFacts(rules, of, facts, {}, { outcomes: true })
          const told = { holds: 0, broken: 0, not_assessable: 0 }
          for (const { status } of outcomes) told[status]++
          expect(counts).toEqual(told)
          expect(evaluateFacts(rules, of, facts)).toEqual({ outcomes: [], counts, findings })
        }),
        { numRuns: 60, seed: 20260102 },
      )
    }
  })
})
