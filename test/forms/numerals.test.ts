/** Numerals in running text: what has one reading is read, what has two is not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chineseNumber, findNumerals } from '../../src/forms/numerals.ts'
import { inChinese } from '../generator/prose.ts'

describe('Chinese numerals', () => {
  it('every number up to 9999 is read back', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 9999 }), (value) => chineseNumber(inChinese(value)) === value))
  })

  it.each([
    ['一十五', 15],
    ['一百一十', 110],
    ['一〇五', 105],
    ['二〇二三', 2023],
    ['一万二千', 12000],
    ['三亿零五', 300000005],
    ['贰佰叁拾', 230],
    // Three or five; 102 or 120; no digit before its power; powers out of order.
    ['三五', null],
    ['一百二', null],
    ['一万二', null],
    ['百', null],
    ['十百', null],
    ['', null],
  ])('%s is %j', (text, value) => {
    expect(chineseNumber(text)).toBe(value)
  })
})

describe('numerals in a text', () => {
  const found = (text: string): (number | null)[] => findNumerals(text, /(?:件|条|元)/y).map(({ value }) => value)

  it.each([
    ['收到12件，答复一百二十三件', [12, 123]],
    ['约1.2万条', [12000]],
    ['1万余条', [10000]],
    ['第3件，每5件，百分之五件，数十件，几百件', []],
    ['一是统一受理', []],
    ['3千件', [3000]],
    ['1234567890123456件', []],
  ])('%s: %j', (text, values) => {
    expect(found(text)).toEqual(values)
  })
})
