/**
 * Cells of a picture in doubt, settled by sums: random true reports of which some cells are put in doubt between their
 * figure and others. What is settled must be the truth; and where the report's own sums do not hold, nothing is settled.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Match } from '../../src/forms/facts.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { settlePictures } from '../../src/forms/settle.ts'
import type { Fact, TableMatch } from '../../src/model.ts'
import { formOf, type Truth, truths } from '../generator/figures.ts'

const registry = loadRegistry()
const anchor = { path: 'page[1]/table[1]/row[1]/cell[1]', page: 1, box: null }

function matchOf(
  truth: Truth,
  doubts: ReadonlyMap<string, readonly number[]>,
  slip = new Map<string, number>(),
  confidence = 0.9,
): Match {
  const facts = [...truth.amounts].map(([code, amount]): Fact => {
    const rest = {
      code,
      unit: null,
      text: String(amount),
      from: 'table',
      inferred: false,
      confidence,
      anchor,
    } as const
    const candidates = doubts.get(code)
    if (candidates !== undefined) return { ...rest, state: 'unreadable', value: null, candidates }
    return { ...rest, state: 'number', value: slip.get(code) ?? amount }
  })
  const tables = [...formOf(truth.form).tables.keys()].map((table): TableMatch => {
    const found = { rowsFound: 1, rowsExpected: 1, columnsFound: 1, columnsExpected: 1 }
    return { table, form: truth.form, anchor, ...found }
  })
  return { tables, facts, notices: [], rows: [], repeatedTables: [], unlikePrints: [] }
}

const someDoubts = (truth: Truth) =>
  fc
    .array(
      fc.record({
        place: fc.nat({ max: truth.amounts.size - 1 }),
        others: fc.array(fc.nat({ max: 300 }), { maxLength: 3 }),
        truthful: fc.integer({ min: 0, max: 3 }),
      }),
      { minLength: 1, maxLength: 25 },
    )
    .map((drawn) => {
      const codes = [...truth.amounts.keys()]
      const doubts = new Map<string, number[]>()
      for (const { place, others, truthful } of drawn) {
        const code = codes[place]!
        // Now and then no reading at all is right.
        const candidates =
          truthful === 0 ? others : [...others.slice(0, truthful - 1), truth.amounts.get(code)!, ...others]
        doubts.set(code, [...new Set(candidates)])
      }
      return { truth, doubts }
    })

describe('cells of a picture that were not found', () => {
  it('are unreadable and not absent, unless their table was text', () => {
    const [truth] = fc.sample(truths('ogi_2021'), { seed: 8, numRuns: 1 })
    const match = matchOf(truth!, new Map())
    const absent = { value: null, unit: null, text: '', from: 'table', inferred: false, anchor: null } as const
    const facts = match.facts.map((fact): Fact => {
      const { confidence, ...text } = fact
      if (fact.code === 't3.granted.total' || fact.code === 't4.cases.review_total')
        return { ...absent, code: fact.code, state: 'absent' }
      return fact.code.startsWith('t4.') ? text : fact
    })
    const states = new Map(settlePictures({ ...match, facts }, registry).facts.map(({ code, state }) => [code, state]))
    expect(states.get('t3.granted.total')).toBe('unreadable')
    expect(states.get('t4.cases.review_total')).toBe('absent')
  })
})

describe('a figure of a picture that breaks a sum', () => {
  it('is believed only where it was read with confidence', () => {
    const [truth] = fc.sample(truths('ogi_2021'), { seed: 9, numRuns: 1 })
    const code = 't3.granted.total'
    const slip = new Map([[code, truth!.amounts.get(code)! + 40]])
    const read = (confidence: number) =>
      settlePictures(matchOf(truth!, new Map(), slip, confidence), registry).facts.find((fact) => fact.code === code)
    expect(read(0.95)).toMatchObject({ state: 'number', value: slip.get(code) })
    expect(read(0.6)).toMatchObject({ state: 'unreadable', candidates: [slip.get(code)] })
  })
})

describe('cells of a picture that can be read in several ways', () => {
  it('are settled as what they are, or stay in doubt', () => {
    let settled = 0
    fc.assert(
      fc.property(truths().chain(someDoubts), ({ truth, doubts }) => {
        const before = matchOf(truth, doubts)
        const after = settlePictures(before, registry)
        for (const [index, fact] of after.facts.entries()) {
          if (fact === before.facts[index]) continue
          expect(fact).toMatchObject({ state: 'number', value: truth.amounts.get(fact.code), inferred: true })
          expect(doubts.get(fact.code)).toContain(fact.value)
          settled++
        }
        expect(after.notices.length).toBe(after.facts.filter((fact, index) => fact !== before.facts[index]).length)
      }),
      { numRuns: 300, seed: 7 },
    )
    expect(settled).toBeGreaterThan(300)
  })

  it('one sum alone proves no more than the likeliest reading', () => {
    const [truth] = fc.sample(truths('ogi_2021'), { seed: 5, numRuns: 1 })
    const code = 't3.new_received.total'
    const value = truth!.amounts.get(code)!
    const settle = (candidates: readonly number[]) =>
      settlePictures(matchOf(truth!, new Map([[code, candidates]])), registry).facts.find((fact) => fact.code === code)
    expect(settle([value, value + 1])?.value).toBe(value)
    expect(settle([value + 1, value])?.state).toBe('unreadable')
    expect(settle([value + 1])?.state).toBe('unreadable')
  })

  it('in a table whose certain sums do not hold nothing is settled', () => {
    const [truth] = fc.sample(truths('ogi_2021'), { seed: 6, numRuns: 1 })
    const doubts = new Map([['t3.granted.natural_person', [truth!.amounts.get('t3.granted.natural_person')!]]])
    const slip = new Map([['t3.carried_forward.total', truth!.amounts.get('t3.carried_forward.total')! + 1]])
    const settled = settlePictures(matchOf(truth!, doubts), registry).facts.filter(({ inferred }) => inferred)
    expect(settled.map(({ code }) => code)).toEqual(['t3.granted.natural_person'])
    const facts = settlePictures(matchOf(truth!, doubts, slip), registry).facts
    expect(facts.some(({ inferred }) => inferred)).toBe(false)
  })
})

describe('a figure whose sums hold with none of their candidates', () => {
  const [truth] = fc.sample(truths('ogi_2021'), { seed: 8, numRuns: 1 })
  const code = 't3.total_processed.commercial_enterprise'
  const real = truth!.amounts.get(code)!
  const rowTotal = 't3.total_processed.total'
  const stateOf = (doubts: ReadonlyMap<string, readonly number[]>, confidence: number) => {
    const settled = settlePictures(matchOf(truth!, doubts, new Map([[code, real + 20]]), confidence), registry)
    return settled.facts.find((fact) => fact.code === code)!.state
  }
  // Its column's sums would hold with other candidates of two open cells; its row's total has none that fits.
  const open = (one: string, more: number): [string, number[]] => [
    one,
    [truth!.amounts.get(one)!, truth!.amounts.get(one)! + more],
  ]
  const others = new Map([
    open(rowTotal, 1),
    open('t3.other_misc.commercial_enterprise', 20),
    open('t3.new_received.commercial_enterprise', 20),
  ])

  it('is not believed where it was read with less than full confidence', () => {
    expect(stateOf(others, 0.7)).toBe('unreadable')
  })

  it('is, where it was read with full confidence', () => {
    expect(stateOf(others, 0.9)).toBe('number')
  })
})
