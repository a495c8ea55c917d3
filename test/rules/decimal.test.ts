import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDecimals,
  compareDecimals,
  fromDecimal,
  multiplyDecimals,
  shiftNumber,
  toDecimal,
} from '../../src/rules/decimal.ts'

const finite = fc.double({ noNaN: true, noDefaultInfinity: true })

describe('decimals', () => {
  it('give back every number', () => {
    fc.assert(
      fc.property(finite, (value) => {
        expect(fromDecimal(toDecimal(value)) + 0).toBe(value + 0)
      }),
    )
  })

  it('add, multiply and compare what binary fractions get wrong', () => {
    expect(fromDecimal(addDecimals(toDecimal(0.1), toDecimal(0.2)))).toBe(0.3)
    expect(fromDecimal(addDecimals(toDecimal(0.3), toDecimal(0.1), -1))).toBe(0.2)
    expect(fromDecimal(multiplyDecimals(toDecimal(190.457379), toDecimal(10_000)))).toBe(1_904_573.79)
    expect(compareDecimals(toDecimal(-0.5), toDecimal(-0.25))).toBeLessThan(0)
    expect(compareDecimals(addDecimals(toDecimal(1e21), toDecimal(1e-7)), toDecimal(1e21))).toBeGreaterThan(0)
  })

  it('move by powers of ten', () => {
    expect(shiftNumber(251_000, -4)).toBe(25.1)
    expect(shiftNumber(0.00012, 4)).toBe(1.2)
  })

  it('refuse what is no number', () => {
    expect(() => toDecimal(Number.NaN)).toThrow(RangeError)
  })
})
