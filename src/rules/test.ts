/**
 * Formulas as functions. `compileTest` gives a function that runs on a sheet's arrays in doubles: exact as long as the
 * figures are whole and not huge, which all but a few are. `testExactly` walks the tree in decimal arithmetic for the
 * rest. Both are three-valued, and must agree wherever doubles are exact.
 */
import type { Form } from '../forms/registry.ts'
import { addDecimals, compareDecimals, type Decimal, multiplyDecimals, toDecimal } from './decimal.ts'
import { type Comparison, type Expression, FormulaError, isCondition } from './formula.ts'
import { absent, number, type Sheet, unreadable } from './sheet.ts'
import type { PrintedSection } from './surroundings.ts'

/** 0 broken, 1 holds, 2 not assessable. */
export type Truth = 0 | 1 | 2
export type Test = (sheet: Sheet) => Truth
type Amount = (sheet: Sheet) => number

/** What a formula is compiled for: its form, whether blanks count as 0, how far two sides may differ. */
export type Setting = { readonly form: Form; readonly zeroes: boolean; readonly tolerance: number }

/** A condition as a function of a sheet. @throws FormulaError for what one report alone cannot say */
export function compileTest(expression: Expression, setting: Setting): Test {
  switch (expression.kind) {
    case 'boolean':
      return () => (expression.value ? 1 : 0)
    case 'not': {
      const operand = compileTest(expression.operand, setting)
      return (sheet) => negate(operand(sheet))
    }
    case 'call':
      return compilePredicate(expression, setting)
    case 'binary': {
      const { operator, left, right } = expression
      if (operator === 'and' || operator === 'or' || operator === '=>') {
        const one = compileTest(left, setting)
        const other = compileTest(right, setting)
        if (operator === 'and') return (sheet) => both(one(sheet), other(sheet))
        if (operator === 'or') return (sheet) => negate(both(negate(one(sheet)), negate(other(sheet))))
        return (sheet) => negate(both(one(sheet), negate(other(sheet))))
      }
      if (isCondition(left) || isCondition(right)) {
        const one = compileTest(left, setting)
        const other = compileTest(right, setting)
        return (sheet) => same(one(sheet), other(sheet))
      }
      const one = compileAmount(left, setting)
      const other = compileAmount(right, setting)
      return compileComparison(operator as Comparison, one, other, setting.tolerance)
    }
    default:
      throw new Error(`not a condition: ${expression.kind}`)
  }
}

function negate(truth: Truth): Truth {
  return truth === 2 ? 2 : truth === 1 ? 0 : 1
}

/** Broken if one is, whatever the other; otherwise not assessable if one is not. */
function both(one: Truth, other: Truth): Truth {
  if (one === 0 || other === 0) return 0
  return one === 2 || other === 2 ? 2 : 1
}

function same(one: Truth, other: Truth): Truth {
  if (one === 2 || other === 2) return 2
  return one === other ? 1 : 0
}

function compileComparison(operator: Comparison, one: Amount, other: Amount, tolerance: number): Test {
  return (sheet) => {
    const difference = one(sheet) - other(sheet)
    // NaN: a figure is missing.
    return Number.isNaN(difference) ? 2 : isWithin(operator, difference, tolerance) ? 1 : 0
  }
}

/** Whether a comparison holds whose left side is so much more than the right one. */
export function isWithin(operator: Comparison, difference: number, tolerance: number): boolean {
  switch (operator) {
    case '=':
      return difference <= tolerance && difference >= -tolerance
    case '>=':
      return difference >= -tolerance
    case '<=':
      return difference <= tolerance
    case '>':
      return difference > -tolerance
    case '<':
      return difference < tolerance
  }
}

function compileAmount(expression: Expression, setting: Setting): Amount {
  switch (expression.kind) {
    case 'number':
      return () => expression.value
    case 'cell': {
      const index = cellOf(expression, setting.form)
      return setting.zeroes ? (sheet) => sheet.zeroed[index]! : (sheet) => sheet.values[index]!
    }
    case 'sum':
      return compileSum(expression, setting)
    case 'call':
      return compileFigure(expression, setting)
    case 'binary': {
      const one = compileAmount(expression.left, setting)
      const other = compileAmount(expression.right, setting)
      if (expression.operator === '+') return (sheet) => one(sheet) + other(sheet)
      if (expression.operator === '-') return (sheet) => one(sheet) - other(sheet)
      return (sheet) => one(sheet) * other(sheet)
    }
    default:
      throw new Error(`not a number: ${expression.kind}`)
  }
}

function compileSum(expression: Expression & { kind: 'sum' }, { form, zeroes }: Setting): Amount {
  const cells = cellsOf(expression, form)
  return (sheet) => {
    const figures = zeroes ? sheet.zeroed : sheet.values
    let total = 0
    for (let place = 0; place < cells.length; place++) total += figures[cells[place]!]!
    return total
  }
}

function cellOf(expression: Expression | undefined, form: Form): number {
  if (expression?.kind !== 'cell') throw new Error('not a cell')
  return cellsOf(expression, form)[0]!
}

/** Bound expressions are made once for an instance of one form, and looked at for each report. */
const knownCells = new WeakMap<Expression, readonly number[]>()

function cellsOf(expression: Expression & { kind: 'cell' | 'sum' }, form: Form): readonly number[] {
  let cells = knownCells.get(expression)
  if (cells === undefined) {
    const { table, column } = expression
    const rows = expression.kind === 'cell' ? [expression.row] : expression.rows
    cells = rows.map((row) => form.indexByCode.get(`${table}.${row}.${column}`)!)
    knownCells.set(expression, cells)
  }
  return cells
}

/** Years and dates as numbers: 20240131. */
const metaFigures: Readonly<Record<string, Amount>> = {
  report_year: ({ meta }) => meta.reportYear ?? Number.NaN,
  title_year: ({ meta }) => meta.titleYear ?? Number.NaN,
  period_year: ({ meta }) => meta.periodYear ?? Number.NaN,
  published_on: ({ around }) => dateNumber(around.publishedOn),
  due_on: ({ around }) => dateNumber(around.dueOn),
}

function dateNumber(date: string | null): number {
  return date === null ? Number.NaN : Number(date.replaceAll('-', ''))
}

/** Functions whose result is a number. */
function compileFigure(call: Expression & { kind: 'call' }, { form, zeroes }: Setting): Amount {
  const first = call.arguments[0]
  const named = first?.kind === 'name' ? first.name : ''
  if (call.name === 'meta' && Object.hasOwn(metaFigures, named)) return metaFigures[named]!
  if (call.name === 'narr') return (sheet) => sheet.stated.get(named)?.value ?? Number.NaN
  if (call.name === 'prev') {
    const cell = cellOf(first, form)
    return ({ previous }) => (zeroes ? previous?.zeroed : previous?.values)?.[cell] ?? Number.NaN
  }
  if (call.name === 'sum_over_children') {
    const cell = cellOf(first, form)
    return ({ children }) => children?.[cell] ?? Number.NaN
  }
  if (call.name === 'decimals') {
    const cell = cellOf(first, form)
    return (sheet) => (sheet.states[cell] === number ? countDecimals(sheet.facts[cell]!.text) : Number.NaN)
  }
  throw new FormulaError(0, 'a number', `${call.name}(...)`)
}

/** Digits printed after the decimal point. */
export function countDecimals(text: string): number {
  return /[\d０-９]\s*[.．]\s*([\d０-９]+)/.exec(text)?.[1]?.length ?? 0
}

/**
 * What one cell must be, where it is a number; anything else is another rule's business.
 * unit_suspect: 10^8 of 万元 is a million million yuan, more than any agency takes in; comparing with last year's figure
 * or with peers would tell far smaller slips, but needs their reports.
 */
const predicates: Readonly<Record<string, (value: number, sheet: Sheet, cell: number) => boolean>> = {
  is_count: (value) => value >= 0 && Number.isInteger(value),
  is_signed_count: (value) => Number.isInteger(value),
  is_money: (value) => value >= 0,
  unit_known: (_value, sheet, cell) => sheet.facts[cell]!.unit !== null || sheet.form.cells[cell]!.unit !== null,
  unit_suspect: (value, sheet, cell) => sheet.facts[cell]!.unit === null && value >= 1e8,
}

/** What is asked of one cell alone. */
export type CellTest = (sheet: Sheet, cell: number) => Truth

/** The question that a call asks of the cell it is about; null where it asks more than that. */
export function cellTestOf(call: Expression): CellTest | null {
  if (call.kind !== 'call') return null
  if (call.name === 'present') return isPresent
  if (!Object.hasOwn(predicates, call.name)) return null
  const predicate = predicates[call.name]!
  return (sheet, cell) => (sheet.states[cell] !== number ? 2 : predicate(sheet.values[cell]!, sheet, cell) ? 1 : 0)
}

function isPresent({ states }: Sheet, cell: number): Truth {
  const state = states[cell]
  return state === number ? 1 : state === absent || state === unreadable ? 2 : 0
}

function compilePredicate(call: Expression & { kind: 'call' }, { form }: Setting): Test {
  const first = call.arguments[0]
  const test = cellTestOf(call)
  if (test !== null) {
    const cell = cellOf(first, form)
    return (sheet) => test(sheet, cell)
  }
  if (call.name === 'form_years_include') {
    const year = compileAmount(first!, { form, zeroes: false, tolerance: 0 })
    const [from, to] = form.definition.years
    return (sheet) => {
      const value = year(sheet)
      return Number.isNaN(value) ? 2 : value >= from && value <= (to ?? value) ? 1 : 0
    }
  }
  const around = compileAround(call, form)
  if (around) return around
  const named = nameOf(call)
  if (call.name === 'has_table') return (sheet) => (sheet.found.has(named) ? 1 : 0)
  if (call.name === 'all_zero') {
    const cells = form.cells.flatMap(({ table, required }, index) => {
      return required && (table.code === named || table.code.startsWith(`${named}_`)) ? [index] : []
    })
    return (sheet) => {
      const figures = cells.map((cell) => sheet.zeroed[cell]!)
      if (figures.some((figure) => figure !== 0 && !Number.isNaN(figure))) return 0
      return figures.some(Number.isNaN) ? 2 : 1
    }
  }
  throw new FormulaError(0, 'a condition', `${call.name}(...)`)
}

function nameOf(call: Expression & { kind: 'call' }, place = 0): string {
  const argument = call.arguments[place]
  return argument?.kind === 'name' ? argument.name : ''
}

/** What is true of a report's text, its agency, or of the report beside last year's. */
function compileAround(call: Expression & { kind: 'call' }, form: Form): Test | null {
  const named = nameOf(call)
  if (call.name === 'narr') return (sheet) => (sheet.stated.has(named) ? 1 : 2)
  if (call.name === 'meta' && named === 'may_make_regulations')
    return ({ around }) => toTruth(around.agency?.mayMakeRegulations)
  if (call.name === 'mentioned') {
    const section = form.definition.sections.find(({ code }) => code === named)?.number
    const field = nameOf(call, 1)
    return ({ around: { sections, stated } }) => {
      const printed = section === undefined ? undefined : sections?.get(section)
      if (printed === undefined || printed.omitted || stated === null) return 2
      return stated.some((one) => one.field === field && one.section === section) ? 1 : 0
    }
  }
  if (Object.hasOwn(sectionTests, call.name)) {
    return ({ around: { sections } }) => (sections === null ? 2 : failingSections(call, sections).length === 0 ? 1 : 0)
  }
  if (call.name === 'usual') {
    const cell = cellOf(call.arguments[0], form)
    return (sheet) => isUsual(sheet, cell)
  }
  if (call.name === 'same_values_as_prev') {
    const cells = form.cells.flatMap(({ table: { code } }, index) =>
      code === named || code.startsWith(`${named}_`) ? [index] : [],
    )
    return (sheet) => sameAsPrevious(sheet, cells)
  }
  return null
}

/** What a section must be. One that is missing is told by has_sections alone. */
const sectionTests: Readonly<Record<string, (section: PrintedSection | undefined) => boolean>> = {
  has_sections: (section) => section !== undefined,
  has_content: (section) => section?.filled !== false,
  template_removed: (section) => section === undefined || section.template === null,
}

/** The numbers of the sections for which a call on sections does not hold. */
export function failingSections(
  call: Expression & { kind: 'call' },
  sections: ReadonlyMap<number, PrintedSection>,
): number[] {
  const test = sectionTests[call.name]
  const asked = call.arguments.flatMap((each) => (each.kind === 'number' ? [each.value] : []))
  return test === undefined ? [] : asked.filter((number) => !test(sections.get(number)))
}

function toTruth(known: boolean | null | undefined): Truth {
  return known === null || known === undefined ? 2 : known ? 1 : 0
}

/** So many earlier figures are needed before one can be called unusual. */
const earlierMin = 3
/** And so many times their usual spread it must stand off. */
const spreadsMax = 6

/**
 * Whether a figure stands within what earlier years lead one to expect: median and median absolute deviation, which a
 * single wild year does not move. Counts scatter by their root, and no agency keeps within a tenth of its own figures.
 */
function isUsual(sheet: Sheet, cell: number): Truth {
  const earlier = earlierFigures(sheet, cell).map(({ value }) => value)
  if (sheet.states[cell] !== number || earlier.length < earlierMin) return 2
  const middle = median(earlier)
  const deviation = 1.4826 * median(earlier.map((value) => Math.abs(value - middle)))
  const spread = Math.max(deviation, Math.sqrt(Math.abs(middle) + 1), Math.abs(middle) / 10)
  return Math.abs(sheet.values[cell]! - middle) <= spreadsMax * spread ? 1 : 0
}

/** The numbers of a cell in earlier years, the latest first. */
export function earlierFigures({ form, around }: Sheet, cell: number): { year: number; value: number }[] {
  const { code } = form.cells[cell]!
  return (around.history ?? []).flatMap(({ year, facts }) => {
    const fact = facts.find((one) => one.code === code)
    return fact?.state === 'number' && fact.unit === null ? [{ year, value: fact.value }] : []
  })
}

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** Whether all cells say what they said last year; not assessable where they were not printed in both years. */
function sameAsPrevious({ previous, states, values }: Sheet, cells: readonly number[]): Truth {
  if (previous === null) return 2
  let printed = 0
  for (const cell of cells) {
    if (states[cell] === absent && previous.states[cell] === absent) continue
    if ([states[cell], previous.states[cell]].some((state) => state === absent || state === unreadable)) return 2
    if (states[cell] !== previous.states[cell]) return 0
    if (states[cell] === number && values[cell] !== previous.values[cell]) return 0
    printed++
  }
  return printed === 0 ? 2 : 1
}

/** The same verdict in decimal arithmetic. */
export function testExactly(expression: Expression, sheet: Sheet, setting: Setting): Truth {
  if (expression.kind === 'not') return negate(testExactly(expression.operand, sheet, setting))
  if (expression.kind !== 'binary') return compileTest(expression, setting)(sheet)
  const { operator, left, right } = expression
  if (operator === 'and' || operator === 'or' || operator === '=>') {
    const one = testExactly(left, sheet, setting)
    const other = testExactly(right, sheet, setting)
    if (operator === 'and') return both(one, other)
    return operator === 'or' ? negate(both(negate(one), negate(other))) : negate(both(one, negate(other)))
  }
  if (isCondition(left) || isCondition(right)) return compileTest(expression, setting)(sheet)
  const one = amountExactly(left, sheet, setting)
  const other = amountExactly(right, sheet, setting)
  if (one === null || other === null) return 2
  const difference = addDecimals(one, other, -1)
  const tolerance = toDecimal(setting.tolerance)
  const below = compareDecimals(difference, { ...tolerance, units: -tolerance.units })
  const above = compareDecimals(difference, tolerance)
  const holds = { '=': below >= 0 && above <= 0, '>=': below >= 0, '<=': above <= 0, '>': below > 0, '<': above < 0 }
  return holds[operator as Comparison] ? 1 : 0
}

/** A number of a formula, exactly; null where a figure is missing. */
export function amountExactly(expression: Expression, sheet: Sheet, setting: Setting): Decimal | null {
  if (expression.kind === 'cell' || expression.kind === 'sum') {
    const figures = setting.zeroes ? sheet.zeroed : sheet.values
    let total: Decimal | null = null
    for (const cell of cellsOf(expression, setting.form)) {
      const figure = figures[cell]!
      if (Number.isNaN(figure)) return null
      total = total === null ? toDecimal(figure) : addDecimals(total, toDecimal(figure))
    }
    return total ?? toDecimal(0)
  }
  if (expression.kind === 'binary') {
    const one = amountExactly(expression.left, sheet, setting)
    const other = amountExactly(expression.right, sheet, setting)
    if (one === null || other === null) return null
    if (expression.operator === '*') return multiplyDecimals(one, other)
    return addDecimals(one, other, expression.operator === '-' ? -1 : 1)
  }
  const value = compileAmount(expression, setting)(sheet)
  return Number.isNaN(value) ? null : toDecimal(value)
}
