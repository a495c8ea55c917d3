/**
 * Totals that were left blank although the cells they add up have figures. It runs before the rules: a blank whose sum
 * is known not to be 0 must not enter other sums as 0, or one forgotten figure would break every rule it stands in.
 */
import type { CompiledRule, CompiledRules, Instance, Side } from './compile.ts'
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

type Candidate = {
  readonly rule: CompiledRule
  readonly instance: Instance
  readonly cell: number
  readonly addends: Side
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
  const found: Omit<BlankTotal, 'habit'>[] = []
  const filled: { cell: number; sum: number }[] = []
  for (const { rule, instance, cell, addends } of candidates) {
    // Null where an addend is itself a blank that is not 0.
    const expected = sideFigure(rule, addends, sheet)
    if (expected === null) continue
    if (!isBlank(sheet, cell)) filled.push({ cell, sum: expected })
    else if (!found.some((one) => one.cell === cell && one.expected === expected))
      found.push({ rule, instance, cell, expected })
  }
  return found.map((one) => ({ ...one, habit: isHabit(one, found, filled, sheet) }))
}

function listTotals(rules: CompiledRules, sheet: Sheet): Candidate[] {
  const candidates: Candidate[] = []
  for (const rule of rules.rules) {
    if (rule.needs.length > 0) continue
    for (const instance of rule.instances) {
      if (instance.total === null || !instance.tables.every((table) => sheet.tables.has(table))) continue
      const [total, addends] =
        instance.total === 'left' ? [instance.left, instance.right] : [instance.right, instance.left]
      const whole = addends.cells.every((cell) => sheet.states[cell] !== absent && sheet.states[cell] !== unreadable)
      if (!whole || !addends.cells.some((cell) => sheet.states[cell] === number)) continue
      candidates.push({ rule, instance, cell: total.cells[0]!, addends })
    }
  }
  return candidates
}

function isHabit(
  one: Omit<BlankTotal, 'habit'>,
  found: readonly Omit<BlankTotal, 'habit'>[],
  filled: readonly { cell: number; sum: number }[],
  sheet: Sheet,
): boolean {
  const table = tableOf(sheet, one.cell)
  if (one.expected === 0 && leavesZerosBlank(sheet, table)) return true
  const count = (all: readonly number[]): number => new Set(all.filter((cell) => tableOf(sheet, cell) === table)).size
  const blanks = count(found.map(({ cell }) => cell))
  const blanksNotZero = count(found.filter(({ expected }) => expected !== 0).map(({ cell }) => cell))
  const printed = count(filled.map(({ cell }) => cell))
  const printedNotZero = count(filled.filter((total) => total.sum !== 0).map(({ cell }) => cell))
  // A sheet that fills in the totals of its empty lines has shown that it means to fill them all.
  return blanksNotZero > 0 && blanksNotZero >= printedNotZero && blanks >= printed
}

/** True where a table leaves more cells blank than it fills with 0. */
export function leavesZerosBlank(sheet: Sheet, table: string): boolean {
  let blanks = 0
  let zeros = 0
  for (const [index, cell] of sheet.form.cells.entries()) {
    if (cell.table.code !== table || !cell.required) continue
    if (isBlank(sheet, index)) blanks++
    else if (sheet.values[index] === 0) zeros++
  }
  return blanks > zeros
}

function tableOf(sheet: Sheet, cell: number): string {
  return sheet.form.cells[cell]!.table.code
}
