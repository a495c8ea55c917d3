/**
 * What slip of the pen or of the spreadsheet makes one figure of another: takes what is printed and what the other figures
 * imply, gives the first slip that turns the second into the first exactly. A hint and no more: a slip that fits may still
 * not be what happened.
 */
import type { Cause, CauseCode } from '../../model.ts'
import { type Decimal, toDecimal } from '../decimal.ts'

/** What bears on the cause of one figure. */
export type Evidence = {
  readonly printed: number
  readonly implied: number
  readonly money: boolean
  readonly previous: number | null
  /** Where the cell is a total: what it adds up, as the explanation has it. */
  readonly addends: readonly { readonly code: string; readonly value: number }[]
  /** What is printed beside, above and below it. */
  readonly neighbours: readonly { readonly code: string; readonly value: number }[]
}

/** The cause that the figures show; null where they show none. */
export function causeOf({ printed, implied, money, previous, addends, neighbours }: Evidence): Cause | null {
  const cause = (code: CauseCode, cells: readonly string[] = [], power: number | null = null): Cause => ({
    code,
    cells,
    power,
  })
  const power = powerBetween(printed, implied)
  if (money && power !== null && Math.abs(power) === 4) return cause('unit_slip', [], power)
  if (previous !== null && previous === printed && printed !== 0) return cause('last_year_copied')
  const [wrong, right] = digitsOf(printed, implied)
  if (isTransposed(wrong, right)) return cause('digits_transposed')
  if (power !== null) return cause('decimal_slip', [], power)
  if (isDoubled(wrong, right)) return cause('digit_doubled')
  const addend = addends.find(({ value }) => value !== 0 && differsBy(printed, implied, value))
  if (addend !== undefined && addends.length > 1) return cause('total_not_updated', [addend.code])
  const filled = addends.filter(({ value }) => value !== 0).map(({ code }) => code)
  if (printed === 0 && addends.length > 1 && filled.length > 0) return cause('total_not_updated', filled)
  if (lacksOne(wrong, right)) return cause('digit_dropped')
  if (lacksOne(right, wrong)) return cause('digit_added')
  const twin = neighbours.find(({ value }) => value === printed && printed !== 0)
  if (twin !== undefined) return cause('neighbour_copied', [twin.code])
  return differInOne(wrong, right) ? cause('digit_wrong') : null
}

/** The power of ten that makes the second figure the first; null where none does. */
function powerBetween(one: number, other: number): number | null {
  if (one === 0 || other === 0 || one === other || one < 0 !== other < 0) return null
  const [a, b] = [normal(toDecimal(one)), normal(toDecimal(other))]
  return a.units === b.units ? b.places - a.places : null
}

/** Without trailing zeros. */
function normal({ units, places }: Decimal): Decimal {
  let [left, power] = [units, places]
  while (left !== 0n && left % 10n === 0n) [left, power] = [left / 10n, power - 1]
  return { units: left, places: power }
}

/** The digits of both with as many decimal places; empty where the signs differ. */
function digitsOf(one: number, other: number): [string, string] {
  if (one < 0 !== other < 0) return ['', '']
  const [a, b] = [toDecimal(Math.abs(one)), toDecimal(Math.abs(other))]
  const places = Math.max(a.places, b.places)
  const write = ({ units, places: own }: Decimal): string => (units * 10n ** BigInt(places - own)).toString()
  return [write(a), write(b)]
}

function isTransposed(wrong: string, right: string): boolean {
  if (wrong.length !== right.length) return false
  const at = firstDifference(wrong, right)
  return (
    at + 1 < wrong.length &&
    wrong[at] === right[at + 1] &&
    wrong[at + 1] === right[at] &&
    wrong.slice(at + 2) === right.slice(at + 2)
  )
}

function isDoubled(wrong: string, right: string): boolean {
  if (!lacksOne(right, wrong)) return false
  // Where a doubled digit is left out, what follows first differs behind the pair.
  const at = firstDifference(wrong, right)
  return at > 0 && wrong[at - 1] === wrong[at]! && wrong.slice(at + 1) === right.slice(at)
}

/** Whether one digit less makes the longer the shorter. */
function lacksOne(shorter: string, longer: string): boolean {
  if (shorter.length + 1 !== longer.length || shorter === '0' || shorter === '') return false
  const at = firstDifference(shorter, longer)
  return shorter.slice(at) === longer.slice(at + 1)
}

/** One digit tells nothing where there is only one. */
function differInOne(one: string, other: string): boolean {
  if (one.length !== other.length || one.length < 2) return false
  const at = firstDifference(one, other)
  return one.slice(at + 1) === other.slice(at + 1)
}

function firstDifference(one: string, other: string): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return at
}

function differsBy(one: number, other: number, by: number): boolean {
  const [a, b, c] = [toDecimal(one), toDecimal(other), toDecimal(by)]
  const places = Math.max(a.places, b.places, c.places)
  const whole = ({ units, places: own }: Decimal): bigint => units * 10n ** BigInt(places - own)
  const difference = whole(a) - whole(b)
  return difference === whole(c) || difference === -whole(c)
}
