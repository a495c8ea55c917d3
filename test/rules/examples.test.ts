/** What rules say of themselves: every example of every form agrees, and what is printed rounded is taken as such. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { loadRegistry, makeForm } from '../../src/forms/registry.ts'
import type { RuleDefinition, RuleExample } from '../../src/model.ts'
import { compileRegistry, compileRules } from '../../src/rules/evaluate.ts'
import { runExamples } from '../../src/rules/examples.ts'
import { lines, type MadeRule, madeDefinition, madeRules } from './made.ts'

const sample = (name: string): { file: string; json: string } => ({
  file: name,
  json: readFileSync(new URL(`../../samples/${name}`, import.meta.url), 'utf8'),
})
const registry = loadRegistry([sample('foia/us-foia.json'), sample('rules/city.json')])
const forms = registry.forms.map(({ definition }) => definition)

const verdicts = (rule: MadeRule): string[] => runExamples(madeRules([rule])).map(({ found }) => found)

describe('the rules of all forms', () => {
  it.each(forms)('$id: every example says what the rule says', ({ id, rules }) => {
    const results = runExamples(compileRegistry(registry).get(id)!)
    expect(results.length).toBeGreaterThanOrEqual(2 * rules.length)
    expect(results.filter(({ expected, found }) => expected !== found)).toEqual([])
  })

  it.each(forms)('$id: every rule has an example that holds and one that breaks, and at most three', ({ rules }) => {
    for (const { id, examples } of rules) {
      const told = new Set(examples.map(({ verdict }) => verdict))
      expect([id, told.has('holds'), told.has('broken'), examples.length <= 3]).toEqual([id, true, true, true])
    }
  })

  it.each(forms)('$id: every rule speaks both languages', ({ rules }) => {
    for (const { id, title, message, reason, source, exceptions } of rules) {
      for (const { zh, en } of [title, message, reason, source, ...exceptions]) {
        expect([id, zh]).toEqual([id, expect.stringMatching(/\p{Script=Han}/u)])
        expect([id, en]).toEqual([id, expect.stringMatching(/[A-Za-z]{2}/)])
        expect(en).not.toBe(zh)
      }
      expect(title.en).not.toBe(id)
    }
  })

  it('no two rules of a form have the same title', () => {
    for (const { rules } of forms)
      for (const lang of ['zh', 'en'] as const) {
        const titles = rules.map(({ title }) => title[lang])
        expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([])
      }
  })
})

/** What a rule of a form of gouji says of examples of the test's own. */
function say(form: string, rule: string, examples: readonly Partial<RuleExample>[]): string[] {
  const { definition } = registry.byId.get(form)!
  const none = { cells: {}, previous: {}, history: [], children: null, text: {}, sections: null, meta: {}, note: null }
  const own = definition.rules.find(({ id }) => id === rule)!
  const asked: RuleDefinition = { ...own, examples: examples.map((one) => ({ verdict: 'holds', ...none, ...one })) }
  return runExamples(compileRules(makeForm({ ...definition, rules: [asked] }))).map(({ found }) => found)
}

describe('requests received, in the text', () => {
  const cells = (received: number | string | null, over: number | string | null): RuleExample['cells'] => ({
    't3.new_received.total': received,
    't3.carried_over.total': over,
  })
  it.each([
    ['ogi_2021', 'ogi2021.narr_received'],
    ['ogi_2019', 'ogi2019.narr_received'],
  ])('%s', (form, rule) => {
    expect(
      say(form, rule, [
        { cells: cells(859, 18), text: { received: 859 } },
        { cells: cells(859, 18), text: { received: 877 } },
        { cells: cells(859, 18), text: { received: 18 } },
        { cells: cells(859, null), text: { received: 859 } },
        { cells: cells(859, '/'), text: { received: 861 } },
        { cells: cells(null, 18), text: { received: 18 } },
        { cells: cells(859, 18) },
      ]),
    ).toEqual(['holds', 'holds', 'broken', 'holds', 'broken', 'not_assessable', 'not_assessable'])
  })
})

describe('an example', () => {
  it('that says otherwise than its rule is told with rule and place', () => {
    const holds = { verdict: 'holds', cells: { 't.a.value': 2, 't.total.value': 2 } }
    const wrong = { verdict: 'broken', cells: { 't.a.value': 2, 't.total.value': 3 } }
    const results = runExamples(
      madeRules([
        { formula: 't.a.value = t.total.value', examples: [holds, wrong, { ...holds, verdict: 'broken' }] },
        { formula: 't.a.value > t.total.value', examples: [holds] },
      ]),
    )
    expect(results.filter(({ expected, found }) => expected !== found)).toEqual([
      { rule: 'made.rule0', index: 2, expected: 'broken', found: 'holds' },
      { rule: 'made.rule1', index: 0, expected: 'holds', found: 'broken' },
    ])
  })

  it('may give a cell as it is printed', () => {
    const cells = (amount: unknown): object => ({ verdict: 'holds', cells: { 'm.a.value': amount } })
    const asked = (formula: string, ...given: unknown[]): string[] =>
      verdicts({ formula, nullPolicy: 'skip', examples: given.map(cells) })
    expect(asked('unit_known(m.a.value)', '251000元', 251000, '/')).toEqual(['holds', 'broken', 'not_assessable'])
    expect(asked('decimals(m.a.value) = 2', '12.30', 12.3, '12.3元')).toEqual(['holds', 'broken', 'broken'])
    expect(asked('present(m.a.value)', '0', 0, null, '/', '无')).toEqual(['holds', 'holds', ...Array(3).fill('broken')])
    expect(asked('m.a.value = 1234', '1,234', '1234件')).toEqual(['holds', 'holds'])
  })

  it.each(['twelve', '', '1\n2', '12,34'])('may not give %j, which no cell prints as a figure', (text) => {
    const example = { verdict: 'holds', cells: { 't.a.value': text } }
    let problems: readonly object[] = []
    try {
      madeRules([{ formula: 't.a.value > 0', examples: [example] }])
    } catch (error) {
      if (error instanceof UserError) problems = error.problems
    }
    expect(problems).toEqual([{ path: '/rules/0/examples/0/cells/t.a.value', code: 'not_a_number', data: {} }])
    expect(madeDefinition([])).not.toContain('examples')
  })
})

describe('amounts that are printed rounded', () => {
  const sum = (cells: Record<string, string>, tolerance: unknown = 'rounded', table = 'm'): string => {
    const formula = `${table}.a.value + ${table}.b.value = ${table}.total.value`
    const named = Object.entries(cells).map(([line, text]) => [`${table}.${line}.value`, text])
    const examples = [{ verdict: 'holds', cells: Object.fromEntries(named) }]
    return verdicts({ formula, tolerance, nullPolicy: 'blank_as_zero', examples })[0]!
  }

  it('stand for anything that rounds to them', () => {
    // 12.25 to 12.35 and 4.05 to 4.15 make 16.30 to 16.50; 16.5 is 16.45 at least, 16.6 is 16.55.
    expect(sum({ a: '12.3', b: '4.1', total: '16.4' })).toBe('holds')
    expect(sum({ a: '12.3', b: '4.1', total: '16.5' })).toBe('holds')
    expect(sum({ a: '12.3', b: '4.1', total: '16.6' })).toBe('broken')
    expect(sum({ a: '12.3', b: '4.1', total: '16.3' })).toBe('holds')
    expect(sum({ a: '12.3', b: '4.1', total: '16.2' })).toBe('broken')
  })

  it('leave the less open the more digits they print', () => {
    expect(sum({ a: '12.30', b: '4.10', total: '16.41' })).toBe('holds')
    expect(sum({ a: '12.30', b: '4.10', total: '16.5' })).toBe('broken')
    expect(sum({ a: '12.30', b: '4.10', total: '17' })).toBe('broken')
    expect(sum({ a: '12.30', b: '4.20', total: '17' })).toBe('holds')
  })

  it('are taken as exact where the rule says nothing of rounding, and counts always are', () => {
    expect(sum({ a: '12.3', b: '4.1', total: '16.5' }, 0)).toBe('broken')
    expect(sum({ a: '12', b: '4', total: '17' }, 'rounded', 't')).toBe('broken')
    expect(sum({ a: '12', b: '4', total: '17' }, 'rounded', 'm')).toBe('holds')
  })

  /** Millionths as a decimal of so many digits, halves up. */
  const print = (millionths: number, digits: number): string => {
    const unit = 10 ** (6 - digits)
    const rounded = String(Math.floor((millionths + unit / 2) / unit)).padStart(digits + 1, '0')
    return digits === 0 ? rounded : `${rounded.slice(0, -digits)}.${rounded.slice(-digits)}`
  }
  const amount = fc.integer({ min: 0, max: 5_000_000_000 })
  const digits = fc.integer({ min: 0, max: 6 })
  const formula = 'm.a.value + m.b.value + m.c.value = m.total.value'
  const cellsOf = (texts: readonly string[]): Record<string, string> =>
    Object.fromEntries(lines.map((line, place) => [`m.${line}.value`, texts[place]!]))

  it('never break a sum that is true, however each is rounded', () => {
    const examples: object[] = []
    const addUp = fc.tuple(amount, amount, amount, fc.tuple(digits, digits, digits, digits))
    fc.assert(
      fc.property(addUp, ([a, b, c, places]) => {
        const texts = [a, b, c, a + b + c].map((value, place) => print(value, places[place]!))
        examples.push({ verdict: 'holds', cells: cellsOf(texts) })
      }),
      { numRuns: 2000 },
    )
    expect(new Set(verdicts({ formula, tolerance: 'rounded', examples }))).toEqual(new Set(['holds']))
  })

  it('break a sum that no amounts behind them could make', () => {
    const examples: object[] = []
    const offs = fc.tuple(
      amount,
      amount,
      amount,
      fc.tuple(digits, digits, digits, digits),
      fc.integer({ min: 1, max: 9 }),
    )
    fc.assert(
      fc.property(offs, ([a, b, c, places, more]) => {
        // Half a digit of each, twice: once for how far printed and true differ, once for what is allowed.
        const open = places.reduce((sum, place) => sum + 10 ** (6 - place), 0)
        const texts = [a, b, c, a + b + c + open + more * 10 ** (6 - places[3])].map((value, place) =>
          print(value, places[place]!),
        )
        examples.push({ verdict: 'broken', cells: cellsOf(texts) })
      }),
      { numRuns: 500 },
    )
    expect(new Set(verdicts({ formula, tolerance: 'rounded', examples }))).toEqual(new Set(['broken']))
  })
})
