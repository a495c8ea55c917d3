import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { type Expression, FormulaError, parseFormula, printFormula } from '../../src/rules/formula.ts'

const part = fc.constantFrom('t3', 'cases', 'total', '$r', '$c', 'and_so', 'not_processed', 'summary', 'true_total')
const cell = fc.record({ kind: fc.constant('cell' as const), table: part, row: part, column: part })
const named = (names: readonly string[]): fc.Arbitrary<Expression> => {
  const argument = fc.record({ kind: fc.constant('name' as const), name: fc.constantFrom('t3', 'received') })
  return fc
    .tuple(fc.constantFrom(...names), argument)
    .map(([name, one]) => ({ kind: 'call', name, arguments: [one] }) as Expression)
}
const ofCell = (names: readonly string[]): fc.Arbitrary<Expression> => {
  return fc
    .tuple(fc.constantFrom(...names), cell)
    .map(([name, one]) => ({ kind: 'call', name, arguments: [one] }) as Expression)
}
const binary = (
  operators: readonly string[],
  left: fc.Arbitrary<Expression>,
  right = left,
): fc.Arbitrary<Expression> => {
  return fc
    .tuple(fc.constantFrom(...operators), left, right)
    .map(([operator, one, other]) => ({ kind: 'binary', operator, left: one, right: other }) as Expression)
}

const trees = fc.letrec<{ amount: Expression; condition: Expression }>((tie) => ({
  amount: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'tree' },
    fc
      .oneof(
        fc.nat(99_999),
        fc.nat(999).map((value) => value / 8),
      )
      .map((value): Expression => ({ kind: 'number', value })),
    cell,
    fc.record({
      kind: fc.constant('sum' as const),
      table: part,
      rows: fc.array(part, { minLength: 1, maxLength: 4 }),
      column: part,
    }),
    ofCell(['prev', 'decimals', 'sum_over_children']),
    named(['narr', 'meta']),
    binary(['+', '-', '*'], tie('amount')),
  ),
  condition: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'tree' },
    fc.boolean().map((value): Expression => ({ kind: 'boolean', value })),
    ofCell(['is_count', 'present', 'unit_suspect']),
    named(['has_table', 'all_zero', 'narr']),
    binary(['=', '>=', '<=', '>', '<'], tie('amount')),
    binary(['='], tie('condition'), fc.constant({ kind: 'boolean', value: false })),
    tie('condition').map((operand): Expression => ({ kind: 'not', operand })),
    binary(['and', 'or', '=>'], tie('condition')),
  ),
}))

describe('formulas', () => {
  const formulas = loadRegistry().forms.flatMap((form) => form.definition.rules.map((rule) => rule.formula))

  it.each(formulas)('reads %s', (text) => {
    const tree = parseFormula(text)
    expect(parseFormula(printFormula(tree))).toEqual(tree)
    expect(printFormula(tree).replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
  })

  it('reads back whatever tree it prints', () => {
    fc.assert(
      fc.property(trees.condition, (tree) => {
        expect(parseFormula(printFormula(tree))).toEqual(tree)
      }),
      { numRuns: 500 },
    )
  })

  it('binds from => through or, and, not, comparisons and sums to products', () => {
    const enclosed = (text: string): Expression => parseFormula(text)
    expect(parseFormula('not a.b.c = 1 and present(a.b.c) or true => false')).toEqual(
      enclosed('(((not (a.b.c = 1)) and present(a.b.c)) or true) => false'),
    )
    expect(parseFormula('a.b.c - 1 - 2 * 3 = 4')).toEqual(enclosed('((a.b.c - 1) - (2 * 3)) = 4'))
    expect(parseFormula('true => false => true')).toEqual(enclosed('true => (false => true)'))
  })

  it.each([
    ['a.b.c', 0, 'a condition'],
    ['a.b.c = ', 8, 'a cell, a number, a function or "("'],
    ['a.b = 1', 4, '"."'],
    ['a.b.c = 1 = 2', 10, '"and" between two comparisons'],
    ['has_table(t) = true = true', 20, '"and" between two comparisons'],
    ['(a.b.c = 1', 10, '")"'],
    ['is_count(3)', 9, 'a cell'],
    ['narr(a.b.c) = 1', 6, '")"'],
    ['mentioned(one)', 13, '","'],
    ['sum(t.{}.c) = 1', 7, 'the code of a row'],
    ['a.b.c = 1 and 2', 14, 'a condition'],
    ['present(a.b.c) + 1 = 2', 0, 'a number'],
    ['a.b.c ! 1', 6, 'a code, a number or an operator'],
    [`${'('.repeat(5_000)}a.b.c = 1${')'.repeat(5_000)}`, 2_000, 'at most 2000 words and signs'],
    [`${'not '.repeat(900)}present(a.b.c)`, 400, 'at most 100 levels of nesting'],
  ])('says where and why %s is wrong', (text, position, expected) => {
    const read = (): Expression => parseFormula(text)
    expect(read).toThrow(FormulaError)
    expect(read).toThrow(expect.objectContaining({ position, expected }))
  })

  it('names the functions there are, where one is unknown', () => {
    expect(() => parseFormula('is_even(a.b.c)')).toThrow(/expected one of sum, .*is_count.*found "is_even"/)
  })
})
