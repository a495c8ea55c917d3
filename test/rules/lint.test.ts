/** What is wrong with rules as a set: each kind is found where it is, and nothing is where nothing is. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { compileRegistry } from '../../src/rules/evaluate.ts'
import { lintRules, type RuleProblem } from '../../src/rules/lint.ts'
import { type MadeRule, madeRules } from './made.ts'

const examples = [{ verdict: 'holds' }, { verdict: 'broken' }]

/** Problems of rules that have examples, in short. */
function lint(...formulas: readonly (string | MadeRule)[]): Partial<RuleProblem>[] {
  const rules = formulas.map((one) => (typeof one === 'string' ? { formula: one, examples } : { examples, ...one }))
  return lintRules(madeRules(rules)).map(({ code, rule, others, codes }) => ({
    code,
    rule,
    ...(others.length > 0 ? { others } : {}),
    ...(codes.length > 0 ? { codes } : {}),
  }))
}

const [first, second, third] = ['made.rule0', 'made.rule1', 'made.rule2'] as const

describe('the forms that gouji brings, and the samples', () => {
  const sample = (name: string): { file: string; json: string } => ({
    file: name,
    json: readFileSync(new URL(`../../samples/${name}`, import.meta.url), 'utf8'),
  })
  const registry = loadRegistry([sample('foia/us-foia.json'), sample('rules/city.json')])
  it.each(registry.forms.map(({ definition }) => definition.id))('%s is clean', (id) => {
    expect(lintRules(compileRegistry(registry).get(id)!)).toEqual([])
  })
})

describe('lint', () => {
  it('says nothing of rules that go together', () => {
    expect(lint('t.a.value + t.b.value = t.total.value', 't.c.value <= t.a.value', 't.b.value >= 2')).toEqual([])
  })

  it('finds a contradiction, and only the rules that make it', () => {
    expect(lint('t.a.value > t.b.value', 't.c.value <= t.a.value', 't.b.value > t.a.value')).toEqual([
      { code: 'contradiction', rule: first, others: [third] },
    ])
    expect(lint('t.a.value + t.b.value = t.total.value', 't.a.value > t.total.value')).toEqual([
      { code: 'contradiction', rule: first, others: [second] },
    ])
    expect(lint('t.a.value >= 3', 't.a.value <= 2', 't.b.value = 1')).toEqual([
      { code: 'contradiction', rule: first, others: [second] },
    ])
  })

  it('leaves room where rules do, and between amounts', () => {
    const rounded = { formula: 'm.a.value + m.b.value = m.total.value', tolerance: 'rounded', examples }
    expect(lint(rounded, 'm.total.value >= m.a.value + m.b.value + 0.05')).toEqual([])
    expect(lint('m.a.value > m.b.value', 'm.b.value + 0.5 > m.a.value')).toEqual([])
    expect(lint('t.a.value > t.b.value', 't.b.value + 1 > t.a.value')).toEqual([
      { code: 'contradiction', rule: first, others: [second] },
    ])
  })

  it('lets hints contradict each other', () => {
    const hint = { formula: 't.b.value > t.a.value', severity: 'info', examples }
    expect(lint('t.a.value > t.b.value', hint)).toEqual([])
  })

  it('finds figures that can be nothing but 0', () => {
    expect(lint('t.a.value + t.b.value = t.total.value', 't.total.value <= t.a.value')).toContainEqual({
      code: 'forces_zero',
      rule: first,
      others: [second],
      codes: ['t.b.value'],
    })
    expect(lint('t.a.value + t.b.value = t.total.value', 't.total.value <= 2 * t.a.value')).toEqual([])
  })

  it('finds what follows from other rules', () => {
    expect(lint('t.a.value + t.b.value = t.total.value', 't.c.value >= 1', 't.a.value <= t.total.value')).toEqual([
      { code: 'implied', rule: third, others: [first] },
    ])
    const columns = { formula: 't.$r.value <= t.total.value', foreach: { r: ['a', 'b'] }, examples }
    expect(lint('t.a.value + t.b.value = t.total.value', columns)).toEqual([
      { code: 'implied', rule: second, others: [first] },
    ])
    // One place of two follows: the rule as a whole does not.
    expect(lint('t.a.value + t.b.value = t.total.value', { ...columns, foreach: { r: ['a', 'c'] } })).toEqual([])
  })

  it('asks no report of this year to follow from last year’s', () => {
    const back = 't.a.value = prev(t.a.value) + t.b.value - t.c.value'
    expect(lint(back, 't.a.value >= t.b.value - t.c.value')).toEqual([])
    expect(lint(back, 't.a.value + t.c.value >= prev(t.a.value)')).toEqual([
      { code: 'implied', rule: second, others: [first] },
    ])
  })

  it('finds rules that say the same', () => {
    expect(lint('t.a.value = t.b.value', ' t.a.value  =  (t.b.value) ').filter(({ code }) => code === 'same')).toEqual([
      { code: 'same', rule: second, others: [first] },
    ])
    const texts = 'narr(received) = t.a.value'
    expect(lint(texts, texts)).toEqual([{ code: 'same', rule: second, others: [first] }])
  })

  it('finds what can never break', () => {
    expect(lint('t.a.value >= 0')).toEqual([{ code: 'never_broken', rule: first }])
    expect(lint('t.a.value + t.b.value >= t.a.value')).toEqual([{ code: 'never_broken', rule: first }])
    expect(lint('t.a.value - t.b.value >= 0')).toEqual([])
    expect(lint('t.a.value > 0')).toEqual([])
    expect(lint('t.a.value + 1 > 0')).toEqual([{ code: 'never_broken', rule: first }])
  })

  it('finds what is never judged', () => {
    expect(lint({ formula: 't.$r.value >= 1', foreach: { r: [] }, examples })).toEqual([
      { code: 'never_judged', rule: first },
    ])
  })

  it('asks for an example that holds and one that breaks', () => {
    const without = { formula: 't.a.value >= 1', examples: [{ verdict: 'holds' }, { verdict: 'not_assessable' }] }
    expect(lint(without)).toEqual([{ code: 'no_example', rule: first }])
  })

  it('tells of the rules it is asked for only, but holds them against all', () => {
    const rules = madeRules([
      { formula: 't.a.value + t.b.value = t.total.value', id: 'made.sum' },
      { formula: 't.a.value <= t.total.value', id: 'made.part', examples },
    ])
    expect(lintRules(rules, 'made.part').map(({ code, rule }) => [code, rule])).toEqual([['implied', 'made.part']])
  })

  it('is never wrong about small figures', () => {
    const cells = ['a', 'b', 'c'].map((line) => `t.${line}.value`)
    const side = fc.oneof(
      fc.subarray(cells, { minLength: 1, maxLength: 2 }).map((some) => some.join(' + ')),
      fc.integer({ min: 0, max: 3 }).map(String),
    )
    const rule = fc.tuple(side, fc.constantFrom('=', '<=', '>=', '<', '>'), side).map((parts) => parts.join(' '))
    const figures = Array.from({ length: 216 }, (_, n) => [n % 6, Math.floor(n / 6) % 6, Math.floor(n / 36)])
    const holds = (formula: string, values: readonly number[]): boolean => {
      const [left, operator, right] = formula.split(/ (=|<=|>=|<|>) /)
      const add = (text: string): number =>
        text
          .split(' + ')
          .reduce((sum, part) => sum + (cells.includes(part) ? values[cells.indexOf(part)]! : Number(part)), 0)
      const by = add(left!) - add(right!)
      return { '=': by === 0, '<=': by <= 0, '>=': by >= 0, '<': by < 0, '>': by > 0 }[operator!]!
    }
    fc.assert(
      fc.property(fc.array(rule, { minLength: 2, maxLength: 4 }), (formulas) => {
        const keep = (values: readonly number[], but = -1): boolean =>
          formulas.every((formula, place) => place === but || holds(formula, values))
        for (const { code, rule: id, codes = [] } of lint(...formulas)) {
          const place = Number(id!.replace('made.rule', ''))
          const breaking = figures.filter((values) => !holds(formulas[place]!, values))
          if (code === 'contradiction') expect(figures.filter((values) => keep(values))).toEqual([])
          if (code === 'never_broken') expect(breaking).toEqual([])
          if (code === 'implied') expect(breaking.filter((values) => keep(values, place))).toEqual([])
          if (code === 'forces_zero')
            for (const cell of codes)
              expect(figures.filter((values) => keep(values) && values[cells.indexOf(cell)] !== 0)).toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })
})
