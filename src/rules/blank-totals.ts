/**
 * Totals that were left blank although the cells they add up have figures. It runs before the rules: a blank whose sum
 * is known not to be 0 must not enter other sums as 0, or one forgotten figure would break every rule it stands in.
 */
import type { CompiledRule, CompiledRules, Instance, TotalPlace } from './compile.ts'
import { isBlank, sideFigure } from './judge.ts'
import { absent, number, type Sheet, unreadable } from './sheet.ts'

/** A blank total cell with what its addends say it should be. */
export type BlankTotal = {
  readonly rule: CompiledRule
  readonly instance: Instance
  readonly cell: number
  readonly expected: number
  /** The sheet does so as a rule: it fills few of its totals, or leaves its zeros blank and this would be one. */
  readonly habit: boolean
}

/**
 * The blank totals of a sheet, at most one for each cell and computed figure. Their cells lose the 0 that blanks have in
 * `sheet.zeroed`, unless 0 is what they should say.
 */
export function findBlankTotals(rules: CompiledRules, sheet: Sheet): BlankTotal[] {
  if (sheet.blankCount === 0) return []
  const candidates = listTotals(rules, sheet)
  for (const { rule, cell, addends } of candidates) {
    // Both the sum of its row and the sum of its column may show that a blank is not 0, so all are looked at first.
    if (isBlank(sheet, cell) && sideFigure(rule, addends, sheet)) sheet.zeroed[cell] = Number.NaN
  }
  const found: Found[] = []
  const filled: Filled[] = []
  for (const { rule, instance, cell, addends } of candidates) {
    // Null where an addend is itself a blank that is not 0.
    const expected = sideFigure(rule, addends, sheet)
    if (expected === null) continue
    if (!isBlank(sheet, cell)) filled.push({ cell, expected })
    else if (!found.some((one) => one.cell === cell && one.expected === expected))
      found.push({ rule, instance, cell, expected })
  }
  if (found.length === 0) return []
  const tables = new Set(found.map(({ cell }) => tableOf(sheet, cell)))
  const habits = new Map([...tables].map((table) => [table, habitOf(sheet, table, found, filled)]))
  return found.map(({ rule, instance, cell, expected }) => {
    const { always, zeros } = habits.get(tableOf(sheet, cell))!
    return { rule, instance, cell, expected, habit: always || (zeros && expected === 0) }
  })
}

type Found = Omit<BlankTotal, 'habit'>
type Filled = Pick<BlankTotal, 'cell' | 'expected'>

/** The totals of a sheet whose addends are all printed, some with a number. */
function listTotals(rules: CompiledRules, sheet: Sheet): TotalPlace[] {
  const found: TotalPlace[] = []
  for (const { tables, places } of rules.totals) {
    if (!tables.every((table) => sheet.tables.has(table))) continue
    for (const place of places) if (saysSum(place.addends.cells, sheet)) found.push(place)
  }
  return found
}

function saysSum(cells: readonly number[], { states }: Sheet): boolean {
  let numbers = 0
  for (const cell of cells) {
    const state = states[cell]
    if (state === absent || state === unreadable) return false
    if (state === number) numbers++
  }
  return numbers > 0
}

/** What a table leaves blank as a rule: all totals, or only those that would be 0. */
type Habit = { readonly always: boolean; readonly zeros: boolean }

function habitOf(sheet: Sheet, table: string, found: readonly Found[], filled: readonly Filled[]): Habit {
  const count = (all: readonly Filled[]): [all: number, notZero: number] => {
    const own = all.filter(({ cell }) => tableOf(sheet, cell) === table)
    const notZero = own.filter(({ expected }) => expected !== 0)
    return [new Set(own.map(({ cell }) => cell)).size, new Set(notZero.map(({ cell }) => cell)).size]
  }
  const [blanks, blanksNotZero] = count(found)
  const [printed, printedNotZero] = count(filled)
  return {
    // A sheet that fills in the totals of its empty lines has shown that it means to fill them all.
    always: blanksNotZero > 0 && blanksNotZero >= printedNotZero && blanks >= printed,
    zeros: leavesZerosBlank(sheet, table),
  }
}

/** True where a table leaves more cells blank than it fills with 0. */
function leavesZerosBlank(sheet: Sheet, table: string): boolean {
  const { cells } = sheet.form
  let blanks = 0
  let zeros = 0
  for (let index = 0; index < cells.length; index++) {
    const cell = cells[index]!
    if (cell.table.code !== table || !cell.required) continue
    if (isBlank(sheet, index)) blanks++
    else if (sheet.values[index] === 0) zeros++
  }
  return blanks > zeros
}

function tableOf(sheet: Sheet, cell: number): string {
  return sheet.form.cells[cell]!.table.code
}
