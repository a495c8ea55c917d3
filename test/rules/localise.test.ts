import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Form, loadRegistry, makeForm } from '../../src/forms/registry.ts'
import type { Fact, FormDefinition, Localisation, RuleDefinition } from '../../src/model.ts'
import { findBlankTotals } from '../../src/rules/blank-totals.ts'
import { compileRegistry, compileRules } from '../../src/rules/evaluate.ts'
import { type Localised, type LocaliseOptions, localise } from '../../src/rules/localise/localise.ts'
import { makeSheet, type Sheet } from '../../src/rules/sheet.ts'
import { consistentValues, emptyFact, numberFact, truthFacts } from './report.ts'

const registry = loadRegistry()
const compiled = compileRegistry(registry)
const form = registry.byId.get('ogi_2021')!
const values = consistentValues(form, (index) => (index * 37) % 211)

function sheetOf(of: Form, facts: readonly Fact[]): Sheet {
  const tables = new Set(of.tables.keys())
  const sheet = makeSheet(of, tables, tables, facts, { reportYear: of.definition.years[0] })
  findBlankTotals(compileRules(of), sheet)
  return sheet
}

/** The facts of the consistent report with some of them replaced; undefined leaves a cell out. */
function changed(change: Record<string, number | Fact | undefined>): Fact[] {
  return form.cells.flatMap(({ code }) => {
    const own = Object.hasOwn(change, code) ? change[code] : values.get(code)
    return own === undefined ? [] : [typeof own === 'number' ? numberFact(code, own) : own]
  })
}

function partsOf(
  change: Record<string, number | Fact | undefined>,
  options: LocaliseOptions = {},
): readonly Localisation[] {
  return localise(compiled.get('ogi_2021')!, sheetOf(form, changed(change)), options).parts
}

const told = ({ explanations }: Localisation): (string | number | null | undefined)[][] =>
  explanations.map(({ changes, cause }) => [...changes.flatMap(({ code, implied }) => [code, implied]), cause?.code])

describe('one report', () => {
  it('says nothing of a report that adds up', () => {
    expect(partsOf({})).toEqual([])
    for (const name of ['fixtures/huaian-2024', '../../samples/rundong-2021', '../../samples/pingtan-2024']) {
      const sheet = sheetOf(form, truthFacts(`${name}.truth.json`))
      expect(localise(compiled.get('ogi_2021')!, sheet).parts.filter(({ broken }) => broken.length > 0)).toEqual([])
    }
  })

  it('finds the totals that hongze-2023 left at 0', () => {
    const sheet = sheetOf(form, truthFacts('fixtures/hongze-2023.truth.json'))
    const { parts } = localise(compiled.get('ogi_2021')!, sheet)
    expect(parts.map(({ broken }) => broken)).toEqual([
      ['ogi2021.t4_review_total'],
      ['ogi2021.t4_litigation_after_review_total'],
    ])
    expect(parts.map(({ complete }) => complete)).toEqual([true, true])
    // No single part of the first makes up for what is missing; of the second, one does.
    expect(parts.map(told)).toEqual([
      [['t4.cases.review_total', 11, 'total_not_updated']],
      [
        ['t4.cases.litigation_after_review_total', 5, 'total_not_updated'],
        ['t4.cases.litigation_after_review_upheld', 0, undefined],
      ],
    ])
  })

  it('locates a figure by the row and the column that it breaks', () => {
    const code = 't3.granted.natural_person'
    const [part, ...others] = partsOf({ [code]: values.get(code)! + 1000 })
    expect(others).toEqual([])
    expect(part?.broken).toEqual(['ogi2021.t3_total_processed@c=natural_person', 'ogi2021.t3_row_total@r=granted'])
    expect(told(part!).map((one) => one.slice(0, 2))).toEqual([[code, values.get(code)!]])
  })

  it('tells all explanations where one sum is all there is', () => {
    const total = 't4.cases.review_total'
    const [part] = partsOf({ [total]: values.get(total)! + 3 })
    expect(part?.explanations.map(({ weight }) => weight)).toEqual([2, 2, 2, 2, 2])
    expect(new Set(part?.explanations.flatMap(({ changes }) => changes.map(({ code }) => code))).size).toBe(5)
  })

  it('tells errors apart that have nothing to do with each other', () => {
    const [one, other] = ['t3.granted.natural_person', 't3.denied_state_secret.other_org']
    const off = { [one!]: values.get(one!)! + 1000, [other!]: values.get(other!)! * 10 + (values.get(other!)! % 10) }
    expect(
      partsOf(off).map(({ broken, explanations }) => [
        broken,
        explanations.map(({ changes }) => changes.map(({ code }) => code)),
      ]),
    ).toEqual([
      [['ogi2021.t3_total_processed@c=natural_person', 'ogi2021.t3_row_total@r=granted'], [[one]]],
      [['ogi2021.t3_total_processed@c=other_org', 'ogi2021.t3_row_total@r=denied_state_secret'], [[other]]],
    ])
    // Two errors of one row cannot be told apart: each of its figures may make up for the other.
    const beside = { [one!]: off[one!]!, 't3.granted.total': values.get('t3.granted.total')! + 5 }
    expect(partsOf(beside)).toHaveLength(1)
  })

  it('prefers to change what was read in doubt', () => {
    const total = 't4.cases.review_total'
    const doubtful = 't4.cases.review_other'
    const fact = { ...numberFact(doubtful, values.get(doubtful)!), confidence: 0.6 }
    const [part] = partsOf({ [total]: values.get(total)! + 3, [doubtful]: fact })
    expect(told(part!).map((one) => one.slice(0, 2))).toEqual([[doubtful, values.get(doubtful)! + 3]])
    const inferred = { ...numberFact(doubtful, values.get(doubtful)!), inferred: true }
    const [other] = partsOf({ [total]: values.get(total)! + 3, [doubtful]: inferred })
    expect(other?.explanations).toEqual(part?.explanations)
    const heavy: LocaliseOptions = { weightOf: (code) => (code === total ? 1 : 5) }
    expect(told(partsOf({ [total]: values.get(total)! + 3 }, heavy)[0]!).map(([code]) => code)).toEqual([total])
  })

  it('sees through a figure that could not be read', () => {
    // Neither sum that holds it can be judged by itself: together they say what the figure is, and contradict.
    const hole = 't3.granted.natural_person'
    const wrong = 't3.denied_state_secret.natural_person'
    const [part] = partsOf({ [hole]: emptyFact(hole, 'unreadable'), [wrong]: values.get(wrong)! + 40 })
    expect(part?.broken).toContain('ogi2021.t3_row_total@r=denied_state_secret')
    expect(told(part!).map((one) => one.slice(0, 2))).toEqual([[wrong, values.get(wrong)!]])
    expect(part?.explanations[0]?.fills).toMatchObject([
      { code: hole, printed: null, implied: values.get(hole)!, cause: null },
    ])
  })

  it('says what blank totals must be, and that they were left blank', () => {
    const code = 't3.granted.total'
    const [part] = partsOf({ [code]: emptyFact(code, 'blank') })
    expect(part).toMatchObject({ broken: [], complete: true, explanations: [{ changes: [], weight: 0 }] })
    expect(part?.explanations[0]?.fills).toMatchObject([
      { code, implied: values.get(code)!, cause: { code: 'left_blank' } },
    ])
  })

  it('changes what no cell may hold, even where all sums hold', () => {
    const [one, other] = ['t4.cases.review_upheld', 't4.cases.review_other'] as const
    const shift = values.get(one)! + 5
    const [part] = partsOf({ [one]: -5, [other]: values.get(other)! + shift })
    expect(part?.broken).toEqual([one])
    expect(part?.complete).toBe(true)
    for (const { changes, weight } of part!.explanations) {
      expect(weight).toBe(4)
      expect(changes.map(({ code }) => code)).toContain(one)
      for (const { range } of changes) expect(range[0]).toBeGreaterThanOrEqual(0)
    }
  })

  it('takes last year as another sum, that may itself be doubted', () => {
    const code = 't3.carried_over.total'
    const terms = [[code, 1]] as const
    const off = { key: 'prev', terms, constant: values.get(code)! + 7 }
    const [sure] = partsOf({}, { extra: [off] })
    expect(sure?.broken).toEqual(['prev'])
    for (const { changes } of sure!.explanations)
      expect(changes).toContainEqual(expect.objectContaining({ code, implied: values.get(code)! + 7 }))
    const [doubted] = partsOf({}, { extra: [{ ...off, weight: 3 }] })
    expect(told(doubted!)).toEqual([['prev', values.get(code)!, undefined]])
    // The same decides between cells that this year's sums alone leave open.
    const total = 't4.cases.review_total'
    const extra = [{ key: 'known', terms: [[total, 1]] as const, constant: values.get(total)! }]
    expect(told(partsOf({ [total]: values.get(total)! + 3 }, { extra })[0]!)).toHaveLength(1)
    expect(partsOf({}, { extra: [{ key: 'none', terms: [['t9.no.such', 1]], constant: 4 }] })).toEqual([])
  })

  it('names the figure of last year', () => {
    const code = 't3.granted.natural_person'
    const [part] = partsOf({ [code]: 5501 }, { previous: (one) => (one === code ? 5501 : 0) })
    expect(part?.explanations[0]?.cause).toMatchObject({ code: 'last_year_copied' })
  })

  it('claims nothing where a bound is met, and never throws on any figures', () => {
    const figures = fc.array(fc.oneof(fc.nat(99), fc.double(), fc.constantFrom(1e300, -3, 1e-300, 0.1, 2 ** 53)), {
      minLength: 250,
      maxLength: 250,
    })
    let open = 0
    fc.assert(
      fc.property(figures, (list) => {
        const facts = form.cells.flatMap(({ code, required }, index) => {
          const value = list[index % 250]!
          return !required || !Number.isFinite(value) ? [] : [numberFact(code, value)]
        })
        for (const { complete, explanations } of localise(compiled.get('ogi_2021')!, sheetOf(form, facts)).parts) {
          if (explanations.length > 0) continue
          open++
          expect(complete).toBe(false)
        }
      }),
      { numRuns: 60, seed: 7 },
    )
    expect(open).toBeGreaterThan(0)
  })

  it('bears reports of which much is missing', () => {
    let found = 0
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(9)), fc.integer({ min: 0, max: 6 }), (draws, missing) => {
        const facts = changed({ 't3.granted.natural_person': 9000 }).filter(() => draws.next().value >= missing)
        for (const { complete, broken, explanations } of localise(compiled.get('ogi_2021')!, sheetOf(form, facts))
          .parts) {
          if (explanations.length > 0 && broken.length > 0) found++
          if (explanations.length === 0) expect(complete).toBe(false)
          for (const { changes } of explanations)
            for (const { range } of changes) expect(range[0] ?? 0).toBeGreaterThanOrEqual(0)
        }
      }),
      { numRuns: 40, seed: 11 },
    )
    expect(found).toBeGreaterThan(5)
  })

  it('leaves the sheet as it is and gives the same twice', () => {
    const code = 't3.granted.natural_person'
    const sheet = sheetOf(form, changed({ [code]: 9000, 't4.cases.review_total': 1 }))
    const before = structuredClone([sheet.values, sheet.zeroed, sheet.states])
    const run = (): Localised => localise(compiled.get('ogi_2021')!, sheet)
    expect(run()).toEqual(run())
    expect([sheet.values, sheet.zeroed, sheet.states]).toEqual(before)
  })
})

const label = { zh: '', en: '' }

/** A table of fees whose last column is their sum, in 万元; `tolerance` for rounded parts. */
function feeForm(tolerance = 0, more: readonly RuleDefinition[] = []): Form {
  const blank = {
    parent: null,
    abstract: false,
    optionalSubtotal: false,
    unit: null,
    totalOf: null,
    labels: [],
    kind: null,
  }
  const line = (code: string, totalOf: readonly string[] | null = null) => ({ ...blank, code, title: label, totalOf })
  const rule: RuleDefinition = {
    id: 'fees.total',
    severity: 'error',
    category: 'calculation',
    formula: 'f.$r.search + f.$r.copies + f.$r.postage = f.$r.total',
    foreach: { r: 'f.value_rows' },
    tolerance,
    nullPolicy: 'blank_as_zero',
    title: label,
    message: label,
    reason: label,
    source: label,
    exceptions: [],
    examples: [],
  }
  const sum: RuleDefinition = {
    ...rule,
    id: 'fees.sum',
    formula: 'f.first.$c + f.second.$c = f.both.$c',
    foreach: { c: 'f.columns' },
  }
  const parts = ['search', 'copies', 'postage']
  const definition: FormDefinition = {
    id: 'fees',
    title: label,
    source: '',
    years: [2020, null],
    due: null,
    statements: [],
    titles: [],
    marks: [],
    sections: [],
    tables: [
      {
        code: 'f',
        section: null,
        title: label,
        headings: [],
        corners: [],
        asides: { units: [], numbers: [] },
        kind: 'money',
        unit: '万元',
        rows: [line('first'), line('second'), line('both', ['first', 'second'])],
        columns: [...parts.map((code) => line(code)), line('total', parts)],
      },
    ],
    rules: [rule, sum, ...more],
  }
  return makeForm(definition)
}

const fees: Record<string, readonly number[]> = {
  first: [190.457379, 0.1, 0.2, 190.757379],
  second: [19.5, 3, 0.35, 22.85],
  both: [209.957379, 3.1, 0.55, 213.607379],
}

function feeParts(change: Record<string, number>, of = feeForm()): readonly Localisation[] {
  const facts = of.cells.map(({ code, row }, index) => numberFact(code, change[code] ?? fees[row.code]![index % 4]!))
  return localise(compileRules(of), sheetOf(of, facts)).parts
}

describe('money', () => {
  it('is exact in decimals', () => {
    expect(feeParts({})).toEqual([])
    expect(feeParts({ 'f.first.search': 190.457378 }).map(told)).toEqual([
      [['f.first.search', 190.457379, 'digit_wrong']],
    ])
  })

  it('shows 元 printed for 万元, and a slip of the point', () => {
    expect(feeParts({ 'f.second.search': 195000 }).map(told)).toEqual([[['f.second.search', 19.5, 'unit_slip']]])
    expect(feeParts({ 'f.second.search': 1.95 }).map(told)).toEqual([[['f.second.search', 19.5, 'decimal_slip']]])
    expect(feeParts({ 'f.second.total': 228.5 })[0]?.explanations[0]?.cause).toEqual({
      code: 'decimal_slip',
      cells: [],
      power: 1,
    })
  })

  it('gives the range that a tolerance leaves', () => {
    const within = feeForm(0.01)
    expect(feeParts({ 'f.second.search': 19.51 }, within)).toEqual([])
    const [part] = feeParts({ 'f.second.search': 29.5 }, within)
    expect(part?.explanations.map(({ changes }) => changes)).toMatchObject([
      [{ code: 'f.second.search', printed: 29.5, implied: null, range: [19.49, 19.51], cause: null }],
    ])
  })

  it('swaps and shifts', () => {
    const [row] = feeParts({
      'f.second.search': 0,
      'f.second.copies': 19.5,
      'f.second.postage': 3,
      'f.second.total': 0.35,
    })
    expect(row?.explanations[0]).toMatchObject({ weight: 3, cause: { code: 'row_shifted' } })
    expect(told(row!)[0]).toEqual([
      'f.second.search',
      19.5,
      'f.second.copies',
      3,
      'f.second.postage',
      0.35,
      'f.second.total',
      22.85,
      'row_shifted',
    ])
    const [cells] = feeParts({ 'f.second.search': 3, 'f.second.copies': 19.5 })
    expect(told(cells!)).toEqual([['f.second.search', 19.5, 'f.second.copies', 3, 'cells_swapped']])
    expect(cells?.explanations[0]?.cause?.cells).toEqual(['f.second.search', 'f.second.copies'])
  })

  it('knows factors of cells, and leaves alone what is not linear', () => {
    const base = feeForm().definition.rules[0]!
    const twice = { ...base, id: 'fees.twice', foreach: {}, formula: 'f.first.postage = 2 * f.first.copies' }
    const square = {
      ...base,
      id: 'fees.square',
      foreach: {},
      formula: 'f.first.postage = f.first.copies * f.first.copies',
    }
    expect(feeParts({}, feeForm(0, [twice, square]))).toEqual([])
    const [part] = feeParts({ 'f.first.copies': 0.3 }, feeForm(0, [twice]))
    expect(part?.broken).toContain('fees.twice')
    expect(told(part!)).toEqual([['f.first.copies', 0.1, undefined]])
  })
})
