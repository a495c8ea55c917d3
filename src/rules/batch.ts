/**
 * The places of a rule judged in one loop over a sheet's lists: takes a rule with some of its instances, gives a function
 * that counts verdicts and lists what is broken. It says of each place what `judge` says, which is asked itself wherever
 * more than single cells and sums of whole numbers are in question.
 */
import type { OutcomeStatus } from '../model.ts'
import type { Instance, JudgedRule } from './compile.ts'
import { countsBlankAsZero, hasInexact, isAssessable, judge } from './judge.ts'
import type { Sheet } from './sheet.ts'
import { cellTestOf, isWithin, type Truth } from './test.ts'

export type Counts = Record<OutcomeStatus, number>

/**
 * Gives the places of a sheet where the rule is broken, and adds to the counts. Tables are added to `zeroed` where a blank
 * or a mark counted as 0.
 */
export type Batch = (sheet: Sheet, counts: Counts, zeroed: Set<string>) => readonly Instance[]

/** The function for some instances of a rule, which look at the same tables. */
export function compileBatch(rule: JudgedRule, instances: readonly Instance[]): Batch {
  // Where one thing is asked of each cell alone.
  const ofCell = rule.single ? cellTestOf(instances[0]!.formula) : null
  const ofSums = truthOfSums(rule, instances)
  const cells = instances.map((instance) => instance.cells[0]!)
  return (sheet, counts, zeroed) => {
    let broken: Instance[] | null = null
    let holds = 0
    let looks = rule.zeroes && sheet.blankCount > 0
    for (let place = 0; place < instances.length; place++) {
      // Two calls, each of few functions, which the engine can put in their place.
      const truth = ofCell === null ? ofSums(sheet, place) : ofCell(sheet, cells[place]!)
      if (truth === 2) continue
      const instance = instances[place]!
      if (truth === 1) holds++
      else if (broken === null) broken = [instance]
      else broken.push(instance)
      if (looks && countsBlankAsZero(rule, instance, sheet)) {
        for (const table of instance.tables) zeroed.add(table)
        looks = false
      }
    }
    const found = broken ?? nothing
    counts.holds += holds
    counts.broken += found.length
    counts.not_assessable += instances.length - holds - found.length
    return found
  }
}

const nothing: readonly Instance[] = []

type TruthAt = (sheet: Sheet, place: number) => Truth

/** Where sums of cells are compared. */
function truthOfSums(rule: JudgedRule, instances: readonly Instance[]): TruthAt {
  const { tolerance } = rule.definition
  if (rule.exact || tolerance === 'rounded') return (sheet, place) => judge(rule, instances[place]!, sheet)
  const sums = instances.map(sumOf)
  return (sheet, place) => {
    const instance = instances[place]!
    const sum = sums[place]!
    if (sum === null || (sheet.inexact && hasInexact(instance, sheet))) return judge(rule, instance, sheet)
    // Where each of its cells holds a number, no policy has anything to say.
    let by = differenceOf(sum, sheet.values)
    if (Number.isNaN(by)) {
      if (!isAssessable(rule, instance, sheet)) return 2
      by = differenceOf(sum, rule.zeroes ? sheet.zeroed : sheet.values)
    }
    return Number.isNaN(by) ? 2 : isWithin(instance.sole!, by, tolerance) ? 1 : 0
  }
}

/** Left side less right side. */
type Sum = { readonly cells: readonly number[]; readonly signs: readonly number[] }

/** Null where a place asks anything else than how two sums compare. */
function sumOf({ sole, premise, left, right }: Instance): Sum | null {
  if (sole === null || premise !== null || !left.plain || !right.plain) return null
  return { cells: [...left.cells, ...right.cells], signs: [...left.signs, ...right.signs.map((sign) => -sign)] }
}

/** NaN where a figure is. */
function differenceOf({ cells, signs }: Sum, figures: readonly number[]): number {
  let by = 0
  for (let place = 0; place < cells.length; place++) by += signs[place]! * figures[cells[place]!]!
  return by
}
