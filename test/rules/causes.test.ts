import { describe, expect, it } from 'vitest'
import type { CauseCode } from '../../src/model.ts'
import { causeOf, type Evidence } from '../../src/rules/localise/causes.ts'

const nothing = { money: false, previous: null, addends: [], neighbours: [] }
const near = [{ code: 't3.granted.natural_person', value: 77 }]
const addends = [
  { code: 'a', value: 40 },
  { code: 'b', value: 7 },
]

describe('causeOf', () => {
  it.each<[CauseCode | null, number, number, Partial<Evidence>]>([
    ['digits_transposed', 1243, 1234, {}],
    ['digits_transposed', 0.21, 0.12, { money: true }],
    ['digit_dropped', 134, 1234, {}],
    ['digit_dropped', 234, 1234, {}],
    ['digit_doubled', 12234, 1234, {}],
    ['digit_doubled', 11, 1, {}],
    ['digit_added', 12934, 1234, {}],
    ['digit_wrong', 1294, 1234, {}],
    ['decimal_slip', 1234, 123.4, { money: true }],
    ['decimal_slip', 50, 5, {}],
    ['decimal_slip', 12, 1200, {}],
    ['unit_slip', 1904573, 190.4573, { money: true }],
    ['unit_slip', 0.0019, 19, { money: true }],
    ['decimal_slip', 190000, 19, {}],
    ['last_year_copied', 38, 52, { previous: 38 }],
    ['total_not_updated', 40, 47, { addends }],
    ['total_not_updated', 54, 47, { addends }],
    ['total_not_updated', 0, 47, { addends }],
    ['neighbour_copied', 77, 3, { neighbours: near }],
    [null, 3, 8, {}],
    [null, 0, 8, {}],
    [null, 812, 345, { previous: 4, addends, neighbours: near }],
    [null, 0, 12, { previous: 0 }],
    [null, -21, 12, {}],
    // One figure is no sum that could lack it.
    [null, 0, 40, { addends: addends.slice(0, 1) }],
  ])('%s: %d printed, %d implied', (code, printed, implied, more) => {
    expect(causeOf({ ...nothing, printed, implied, ...more })?.code ?? null).toBe(code)
  })

  it('names the cells and the power', () => {
    expect(causeOf({ ...nothing, printed: 40, implied: 47, addends })?.cells).toEqual(['b'])
    expect(causeOf({ ...nothing, printed: 77, implied: 3, neighbours: near })?.cells).toEqual([near[0]!.code])
    expect(causeOf({ ...nothing, printed: 500, implied: 5 })?.power).toBe(2)
    expect(causeOf({ ...nothing, printed: 0.19, implied: 1900, money: true })?.power).toBe(-4)
  })
})
