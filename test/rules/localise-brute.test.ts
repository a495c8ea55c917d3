/** The search against every assignment there is: small random systems of sums, some figures blank, some not readable. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeForm } from '../../src/forms/registry.ts'
import type { Explanation, FormDefinition, Line, RuleDefinition, TableDefinition } from '../../src/model.ts'
import { compileRules } from '../../src/rules/compile.ts'
import { localise } from '../../src/rules/localise/localise.ts'
import { makeSheet } from '../../src/rules/sheet.ts'
import { emptyFact, numberFact } from './report.ts'

const greatest = 6
const label = { zh: '', en: '' }

function line(code: string): Line {
  const rest = { parent: null, abstract: false, optionalSubtotal: false, kind: null, unit: null, totalOf: null }
  return { code, title: label, labels: [], ...rest }
}

/** Each cell in a table of its own, so that no cell has neighbours and only the sums speak. */
function tableOf(code: string): TableDefinition {
  const rest = {
    section: null,
    title: label,
    headings: [],
    corners: [],
    asides: { units: [], numbers: [] },
    unit: null,
  }
  return { code, ...rest, kind: 'count', rows: [line('r')], columns: [line('c')] }
}

function ruleOf(id: string, formula: string): RuleDefinition {
  const said = { title: label, message: label, reason: label, source: label }
  const rest = { foreach: {}, exceptions: [], examples: [], ...said }
  return { id, severity: 'error', category: 'calculation', formula, tolerance: 0, nullPolicy: 'blank_as_zero', ...rest }
}

type Sum = { readonly factors: readonly number[]; readonly operator: '=' | '<=' | '>='; readonly constant: number }
type System = {
  readonly values: readonly number[]
  /** u: not readable, b: blank, which is 0. */
  readonly states: readonly ('n' | 'u' | 'b')[]
  readonly weights: readonly number[]
  readonly sums: readonly Sum[]
}

const factor = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 6, arbitrary: fc.constantFrom(1, -1) },
  { weight: 1, arbitrary: fc.constantFrom(2, -2, 3) },
)

function systems(size: number): fc.Arbitrary<System> {
  const list = <One>(one: fc.Arbitrary<One>): fc.Arbitrary<One[]> => fc.array(one, { minLength: size, maxLength: size })
  const sum = fc.record({
    factors: list(factor).filter((factors) => factors.some((one) => one !== 0)),
    operator: fc.constantFrom('=' as const, '=' as const, '=' as const, '<=' as const, '>=' as const),
    constant: fc.constantFrom(0, 0, 0, 1, 5),
  })
  return fc.record({
    values: list(fc.integer({ min: 0, max: greatest })),
    states: list(fc.constantFrom('n' as const, 'n' as const, 'n' as const, 'n' as const, 'u' as const, 'b' as const)),
    weights: list(fc.constantFrom(2, 2, 2, 1, 3)),
    sums: fc.array(sum, { minLength: 1, maxLength: 5 }),
  })
}

const figureOf = ({ values, states }: System, cell: number): number => (states[cell] === 'n' ? values[cell]! : 0)

function formulaOf({ factors, operator, constant }: Sum): string {
  const side = (sign: number): string => {
    const terms = factors.flatMap((one, cell) =>
      one * sign > 0 ? [`${one * sign === 1 ? '' : `${one * sign} * `}t${cell}.r.c`] : [],
    )
    return [...terms, ...(sign < 0 && constant > 0 ? [String(constant)] : [])].join(' + ') || '0'
  }
  return `${side(1)} ${operator} ${side(-1)}`
}

const holds = ({ factors, operator, constant }: Sum, figures: readonly number[]): boolean => {
  const rest = factors.reduce((total, one, cell) => total + one * figures[cell]!, -constant)
  return operator === '=' ? rest === 0 : operator === '<=' ? rest <= 0 : rest >= 0
}

/** Whether the rules ask for a sum, by what their policy says of blanks, or whether blanks as zeros satisfy it already. */
function isAsked(system: System, sum: Sum): boolean {
  const used = sum.factors.flatMap((one, cell) => (one === 0 ? [] : [cell]))
  const sides = [1, -1].map((sign) => used.filter((cell) => sum.factors[cell]! * sign > 0))
  if (!used.some((cell) => system.states[cell] === 'b')) return true
  if (sides.every((cells) => cells.length === 0 || cells.some((cell) => system.states[cell] !== 'b'))) return true
  const figures = system.values.map((_, cell) => figureOf(system, cell))
  return !used.some((cell) => system.states[cell] === 'u') && holds(sum, figures)
}

/** Every lightest set with the least and greatest figure of each of its cells, as text. */
function bruteForce(system: System): { weight: number; sets: string[] } {
  const size = system.values.length
  const asked = system.sums.filter((sum) => isAsked(system, sum))
  const used = system.values.map((_, cell) => asked.some(({ factors }) => factors[cell] !== 0))
  const figures = new Array<number>(size).fill(0)
  let weight = Number.POSITIVE_INFINITY
  let sets = new Map<string, Map<number, [number, number]>>()
  const assign = (cell: number, spent: number): void => {
    if (spent > weight) return
    if (cell === size) {
      if (!asked.every((sum) => holds(sum, figures))) return
      if (spent < weight) sets = new Map()
      weight = spent
      const changed = figures.flatMap((one, place) =>
        system.states[place] !== 'u' && one !== figureOf(system, place) ? [place] : [],
      )
      const ranges = sets.get(changed.join()) ?? new Map<number, [number, number]>()
      for (const place of changed) {
        const [least, most] = ranges.get(place) ?? [figures[place]!, figures[place]!]
        ranges.set(place, [Math.min(least, figures[place]!), Math.max(most, figures[place]!)])
      }
      sets.set(changed.join(), ranges)
      return
    }
    const known = system.states[cell] !== 'u'
    for (let figure = 0; figure <= greatest; figure++) {
      if (!used[cell] && figure !== figureOf(system, cell)) continue
      figures[cell] = figure
      assign(cell + 1, spent + (known && figure !== figureOf(system, cell) ? system.weights[cell]! : 0))
    }
  }
  assign(0, 0)
  return { weight, sets: [...sets.values()].map((ranges) => write([...ranges])).sort() }
}

function write(ranges: readonly (readonly [number, readonly [number | null, number | null]])[]): string {
  return [...ranges]
    .sort(([one], [other]) => one - other)
    .map(([cell, [least, most]]) => `${cell}:${least}..${most}`)
    .join(' ')
}

function searched(system: System): { weight: number; sets: string[]; complete: boolean } {
  // A blank alone on its side is asked nothing; a printed 0 beside it, which nothing can lower, lets it be.
  const tables = system.values.flatMap((_, cell) => [tableOf(`t${cell}`), tableOf(`z${cell}`)])
  const limits = system.values.map((_, cell) => ruleOf(`m.limit${cell}`, `t${cell}.r.c + z${cell}.r.c <= ${greatest}`))
  const sums = system.sums.map((sum, index) => ruleOf(`m.sum${index}`, formulaOf(sum)))
  const definition: FormDefinition = {
    id: 'mine',
    title: label,
    source: '',
    years: [2020, null],
    due: null,
    statements: [],
    titles: [],
    marks: [],
    sections: [],
    tables,
    rules: [...sums, ...limits],
  }
  const form = makeForm(definition)
  const facts = system.states.flatMap((state, cell) => [
    state === 'n'
      ? numberFact(`t${cell}.r.c`, system.values[cell]!)
      : emptyFact(`t${cell}.r.c`, state === 'u' ? 'unreadable' : 'blank'),
    numberFact(`z${cell}.r.c`, 0),
  ])
  const found = new Set(tables.map(({ code }) => code))
  const sheet = makeSheet(form, found, found, facts, { reportYear: null })
  const weightOf = (code: string): number => system.weights[Number(code[1])]!
  const { parts } = localise(compileRules(form), sheet, { weightOf, steps: 1_000_000 })
  const rangesOf = ({ changes }: Explanation): [number, readonly [number | null, number | null]][] =>
    changes.map(({ code, range }) => [Number(code[1]), range])
  let sets: [number, readonly [number | null, number | null]][][] = [[]]
  for (const { explanations } of parts)
    sets = sets.flatMap((set) => explanations.map((one) => [...set, ...rangesOf(one)]))
  return {
    weight: parts.reduce((total, { explanations }) => total + (explanations[0]?.weight ?? Number.POSITIVE_INFINITY), 0),
    sets: sets.map(write).sort(),
    complete: parts.every(({ complete }) => complete),
  }
}

describe('minimal sets against brute force', () => {
  for (const [size, numRuns] of [
    [3, 800],
    [4, 600],
    [5, 200],
    [6, 60],
  ] as const) {
    it(`finds the same sets and ranges among ${size} cells`, () => {
      let broken = 0
      let several = 0
      fc.assert(
        fc.property(systems(size), (system) => {
          const expected = bruteForce(system)
          const { complete, ...found } = searched(system)
          expect(found.sets).toEqual(expected.sets)
          // That nothing at all helps need not be proved, but then nothing is told.
          if (expected.weight === Number.POSITIVE_INFINITY) return
          expect(complete).toBe(true)
          expect(found.weight).toBe(expected.weight)
          if (expected.weight > 0) broken++
          if (expected.sets.length > 1) several++
        }),
        { numRuns, seed: 20260101 + size },
      )
      expect(broken).toBeGreaterThan(numRuns / 4)
      expect(several).toBeGreaterThan(numRuns / 40)
    })
  }
})
