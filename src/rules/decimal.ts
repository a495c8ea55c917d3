/**
 * Exact decimal numbers, for money: a printed `190.457379` is a decimal fraction, and a sum of such must not fail by the
 * rounding of binary ones. Numbers come in and go out as JavaScript writes them; between, all is whole numbers.
 */

/** `units` x 10^-`places`. */
export type Decimal = { readonly units: bigint; readonly places: number }

/** The decimal that JavaScript prints for `value`. @throws RangeError when it is not finite */
export function toDecimal(value: number): Decimal {
  if (Number.isSafeInteger(value)) return { units: BigInt(value), places: 0 }
  const parts = /^(-?\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value))
  if (!parts) throw new RangeError(`not a finite number: ${value}`)
  const fraction = parts[2] ?? ''
  const units = BigInt(parts[1]! + fraction)
  // `-0.5` has the whole part "-0": the sign stays with the digits, since they are read as one.
  const places = fraction.length - Number(parts[3] ?? 0)
  return places >= 0 ? { units, places } : { units: units * 10n ** BigInt(-places), places: 0 }
}

/** The nearest number. */
export function fromDecimal({ units, places }: Decimal): number {
  return Number(`${units}e-${places}`)
}

/** a + b, or a - b with `sign` -1. */
export function addDecimals(a: Decimal, b: Decimal, sign: 1 | -1 = 1): Decimal {
  const places = Math.max(a.places, b.places)
  const other = scale(b, places)
  return { units: scale(a, places) + (sign === 1 ? other : -other), places }
}

/** a x b. */
export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, places: a.places + b.places }
}

/** Below 0, 0 or above 0, as a is smaller than, equal to or greater than b. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const { units } = addDecimals(a, b, -1)
  return units < 0n ? -1 : units > 0n ? 1 : 0
}

/** `value` moved by a power of ten, exactly: 251000 by -4 is 25.1. */
export function shiftNumber(value: number, power: number): number {
  const { units, places } = toDecimal(value)
  return Number(`${units}e${power - places}`)
}

function scale({ units, places }: Decimal, to: number): bigint {
  return to === places ? units : units * 10n ** BigInt(to - places)
}
