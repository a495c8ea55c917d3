/**
 * The figures of one report as one form sees them: facts in, arrays by cell index out. Rules run on these arrays, since
 * looking each cell up by its code would cost more than all the sums together.
 */
import type { Form } from '../forms/registry.ts'
import type { Fact, State } from '../model.ts'
import { shiftNumber } from './decimal.ts'
import { nothingAround, type Stated, type Surroundings } from './surroundings.ts'

/** States as they stand in Sheet.states. A cell without a fact is absent. */
export const states: readonly State[] = ['absent', 'number', 'blank', 'mark', 'unreadable']
/** The report lacks the cell. */
export const absent = 0
/** The cell holds a number. */
export const number = 1
/** The cell is empty. */
export const blank = 2
/** The cell holds a mark for "does not apply". */
export const mark = 3
/** The cell could not be read. */
export const unreadable = 4

/** What is known of a report beside its tables; null: not known. */
export type Meta = {
  readonly reportYear: number | null
  readonly titleYear?: number | null
  readonly periodYear?: number | null
}

export type Sheet = {
  readonly form: Form
  /** Tables of this form that were read by it. */
  readonly tables: ReadonlySet<string>
  /** Tables found under any form. */
  readonly found: ReadonlySet<string>
  readonly meta: Meta
  /** By cell index, in the form's unit; NaN where there is no number. */
  readonly values: number[]
  /** The same with blanks and marks as 0. A blank that cannot mean 0 is NaN here: see blankTotals. */
  readonly zeroed: number[]
  readonly states: number[]
  readonly facts: readonly (Fact | undefined)[]
  readonly numberCount: number
  readonly blankCount: number
  /** True where every cell that the form requires of its tables is a number, and no other cell is anything else. */
  readonly complete: boolean
  /** True where some number is not a whole one, or too large for sums of doubles to be exact. */
  readonly inexact: boolean
  readonly around: Surroundings
  /** Last year's figures in the places of this form. */
  readonly previous: Sheet | null
  /** What the bodies below state together, by cell index; NaN where none of them does. */
  readonly children: Float64Array | null
  /** Of each statement that a rule asks for, the one that it is judged by now. */
  readonly stated: ReadonlyMap<string, Stated>
  /** Cells whose figure is not printed but computed from what they add up: see withTotals. */
  readonly computed: ReadonlySet<number>
}

/**
 * The sheet with blank totals as what they add up. What a report leaves blank by habit is still what its text and other
 * reports are held against; no sum of the form itself is judged by it.
 */
export function withTotals(
  sheet: Sheet,
  totals: readonly { readonly cell: number; readonly expected: number }[],
): Sheet {
  const sums = new Map<number, number | null>()
  for (const { cell, expected } of totals)
    sums.set(cell, sums.has(cell) && sums.get(cell) !== expected ? null : expected)
  const known = [...sums].filter((one): one is [number, number] => one[1] !== null)
  if (known.length === 0) return sheet
  const values = sheet.values.slice()
  const zeroed = sheet.zeroed.slice()
  const filled = sheet.states.slice()
  for (const [cell, sum] of known) {
    values[cell] = sum
    zeroed[cell] = sum
    filled[cell] = number
  }
  return { ...sheet, values, zeroed, states: filled, computed: new Set(known.map(([cell]) => cell)) }
}

const nothingComputed: ReadonlySet<number> = new Set()
const nothingStated: ReadonlyMap<string, Stated> = new Map()

/** Powers of ten that a unit begins with: 万元, 万件. */
const powers: Readonly<Record<string, number>> = { 百: 2, 千: 3, 万: 4, 百万: 6, 千万: 7, 亿: 8 }
const unitWithPower = /^([百千]?[百千万亿])?(.*)$/

/** Sums of some thousand whole numbers up to here, each times up to 10,000, are exact in doubles. */
const exactMax = 2 ** 28

/** True where doubles cannot be trusted with sums that contain `value`. */
export function isInexact(value: number): boolean {
  return !Number.isInteger(value) || value > exactMax || value < -exactMax
}

/** The sheet of a form. Of several facts with one code the first counts; figures from prose are no cells. */
export function makeSheet(
  form: Form,
  tables: ReadonlySet<string>,
  found: ReadonlySet<string>,
  facts: readonly Fact[],
  meta: Meta,
  around: Surroundings = nothingAround,
): Sheet {
  const placed = placeFacts(form, tables, facts)
  // Written out, not spread: an object that properties are added to after a spread is slow, and all rules look at this one.
  return {
    form,
    tables,
    found,
    meta,
    values: placed.values,
    zeroed: placed.zeroed,
    states: placed.states,
    facts: placed.facts,
    numberCount: placed.numberCount,
    blankCount: placed.blankCount,
    complete: placed.complete,
    inexact: placed.inexact,
    around,
    previous: previousSheet(form, around),
    children: childFigures(form, around),
    stated: nothingStated,
    computed: nothingComputed,
  }
}

type Figures = Pick<
  Sheet,
  'values' | 'zeroed' | 'states' | 'facts' | 'numberCount' | 'blankCount' | 'complete' | 'inexact'
>

function placeFacts(form: Form, tables: ReadonlySet<string>, all: readonly Fact[]): Figures {
  const { cells, indexByCode, requiredCounts, definition } = form
  const { codes, tableOf, empty } = gridOf(form)
  const values = empty.values.slice()
  // What is not a number is none in both lists, so that a report without blanks needs but one.
  let zeroed = values
  const cellStates = empty.states.slice()
  const facts = empty.facts.slice()
  const isRead = definition.tables.map(({ code }) => tables.has(code))
  let requiredCount = 0
  for (const table of tables) requiredCount += requiredCounts.get(table) ?? 0
  let next = 0
  let requiredNumbers = 0
  let numberCount = 0
  let blankCount = 0
  let others = 0
  let inexact = false
  for (const fact of all) {
    // Facts come in the form's order more often than not, which saves the look-up.
    const index = codes[next] === fact.code ? next : (indexByCode.get(fact.code) ?? -1)
    if (index < 0 || fact.from !== 'table' || facts[index] !== undefined || !isRead[tableOf[index]!]) continue
    const { required, unit } = cells[index]!
    next = index + 1
    facts[index] = fact
    if (fact.state === 'number') {
      const value = convert(fact.value, fact.unit, unit)
      cellStates[index] = number
      values[index] = value
      zeroed[index] = value
      numberCount++
      if (required) requiredNumbers++
      if (isInexact(value)) inexact = true
    } else if (fact.state === 'blank' || fact.state === 'mark') {
      if (zeroed === values) zeroed = values.slice()
      cellStates[index] = fact.state === 'blank' ? blank : mark
      zeroed[index] = 0
      if (required) blankCount++
      else others++
    } else if (fact.state === 'unreadable') {
      cellStates[index] = unreadable
      others++
    }
  }
  const complete = requiredNumbers === requiredCount && blankCount === 0 && others === 0
  return { values, zeroed, states: cellStates, facts, numberCount, blankCount, complete, inexact }
}

/** What of a form is looked at for each fact, and what a sheet of it begins with. */
type Grid = {
  readonly codes: readonly string[]
  /** By cell, the place of its table in the definition. */
  readonly tableOf: readonly number[]
  /** Lists rather than typed arrays: a copy of a short list costs far less to make, and to be rid of. */
  readonly empty: {
    readonly values: readonly number[]
    readonly states: readonly number[]
    readonly facts: readonly (Fact | undefined)[]
  }
}

const grids = new WeakMap<Form, Grid>()

function gridOf(form: Form): Grid {
  let grid = grids.get(form)
  if (grid === undefined) {
    const { cells, definition } = form
    grid = {
      codes: cells.map(({ code }) => code),
      tableOf: cells.map(({ table }) => definition.tables.indexOf(table)),
      empty: {
        values: cells.map(() => Number.NaN),
        states: cells.map(() => absent),
        facts: cells.map(() => undefined),
      },
    }
    grids.set(form, grid)
  }
  return grid
}

/** A cell that last year's form has too is the same cell, whichever form it was. */
function previousSheet(form: Form, { previous }: Surroundings): Sheet | null {
  if (previous === null) return null
  const { year, tables, facts } = previous
  return makeSheet(form, tables, tables, facts, { reportYear: year })
}

function childFigures(form: Form, { children }: Surroundings): Float64Array | null {
  if (children === null) return null
  return Float64Array.from(form.cells, ({ code }) => children.sums.get(code) ?? Number.NaN)
}

/** The number in the form's unit, where the cell prints another: 12000元 as 1.2万元, 1.2万件 as 12000件. */
function convert(value: number, printed: string | null, wanted: string | null): number {
  if (printed === null || wanted === null || printed === wanted) return value
  const [from, to] = [splitUnit(printed), splitUnit(wanted)]
  // What is counted may go by several words, money by one.
  if (from.of !== '' && (from.of === '元') !== (to.of === '元')) return value
  return from.power === to.power ? value : shiftNumber(value, from.power - to.power)
}

/** Of `万` alone only the power is told. */
function splitUnit(unit: string): { readonly power: number; readonly of: string } {
  const [, power = '', of = ''] = unitWithPower.exec(unit)!
  return { power: powers[power] ?? 0, of }
}
