import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readValue } from '../../src/forms/values.ts'

describe('readValue', () => {
  it.each([
    ['0', 0],
    ['14069', 14069],
    ['１２', 12],
    ['1,234', 1234],
    ['1，234，567', 1234567],
    ['1 234', 1234],
    ['12件', 12],
    ['0 件', 0],
    [' 7 ', 7],
    ['\u00a03\u00a0', 3],
    ['\u202d12\u202c', 12],
    ['190.457379', 190.457379],
    ['0.0000', 0],
    ['-8', -8],
    ['减3', -3],
    ['+1036', 1036],
    ['〇', 0],
    ['零', 0],
  ])('%j is the number %d', (text, value) => {
    expect(readValue(text)).toMatchObject({ state: 'number', value })
  })

  it('keeps the unit that a cell prints', () => {
    expect(readValue('251000元')).toMatchObject({ state: 'number', value: 251000, unit: '元' })
    expect(readValue('5949.08万元')).toMatchObject({ value: 5949.08, unit: '万元' })
  })

  it.each(['28（本年4）', '28（应为4）', '28（更正为4）', '28（实为4）', '28(全区4)', '28（本年：4件）', '28\n（4）'])(
    '%s: either figure may count',
    (text) => {
      expect(readValue(text)).toMatchObject({ state: 'unreadable', candidates: [28, 4] })
    },
  )

  it.each(['12（上年10）', '12（其中修订3件）', '12（+2）', '12（含本年新增2件）', '12（较上年增加2）', '12（原10）'])(
    '%s: the figure before the remark',
    (text) => {
      expect(readValue(text)).toMatchObject({ state: 'number', value: 12 })
    },
  )

  it('takes the figure before a remark and keeps the remark', () => {
    expect(readValue('22（其中修订16件）')).toMatchObject({ state: 'number', value: 22, remark: '其中修订16件' })
  })

  it.each(['', ' ', '\u00a0', '\u3000', '\u200b'])('%j is blank', (text) => {
    expect(readValue(text)?.state).toBe('blank')
  })

  it.each(['/', '／', '∕', '…', '……', '-', '—', '——', '－', '无', '不涉及'])('%j is a mark', (text) => {
    expect(readValue(text)?.state).toBe('mark')
  })

  it.each(['1 2', '12 3', '1,23', '? 0', 'O', '007', '3/4', '12345678901234567', '1.2.3', '5、6'])(
    '%j has no certain reading',
    (text) => {
      expect(readValue(text)).toMatchObject({ state: 'unreadable', value: null })
    },
  )

  it.each(['规章', '1.属于国家秘密', '3.其他', '第二十条第（一）项', '2021年', '共5件其中3件办结'])(
    '%j is words',
    (text) => {
      expect(readValue(text)).toBeNull()
    },
  )

  it('reads back any count however it is printed', () => {
    const wide = (text: string) => text.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0))
    const grouped = (value: number) => value.toString().replace(/\B(?=(\d{3})+$)/g, ',')
    fc.assert(
      fc.property(fc.nat(999_999_999), (value) => {
        for (const text of [`${value}`, wide(`${value}`), grouped(value), wide(grouped(value)), ` ${value}件`]) {
          expect(readValue(text)).toMatchObject({ state: 'number', value })
        }
      }),
    )
  })

  it('never throws and never makes a number of a text without digits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        const value = readValue(text)
        if (value?.state === 'number' && !/[〇○零]/.test(text)) expect(text.normalize('NFKC')).toMatch(/\d/)
      }),
    )
  })
})
