/** One slip of each kind in generated reports: it is among what is told, and the only thing told where the sums determine it. */
import { describe, expect, it } from 'vitest'
import type { FormId } from '../generator/figures.ts'
import { breaksOf } from '../generator/injections.ts'
import { type Seen, seeSlip, slipOf } from './injected.ts'
import { type SlipKind, slipKinds } from './injected-slips.ts'

/** A form of one column has no rows to swap or shift, and nothing beside its cells. */
const kindsOf = (form: FormId): readonly SlipKind[] =>
  form === 'ogi_2014'
    ? slipKinds.filter((kind) => !['in_neighbour_column', 'rows_swapped', 'row_shifted'].includes(kind))
    : slipKinds

/** What other slips can make of the same figures: 100 for 10 is a digit doubled and a decimal slip. */
const alike: Partial<Record<SlipKind, readonly string[]>> = {
  digit_dropped: ['decimal_slip', 'total_not_updated'],
  digit_doubled: ['decimal_slip'],
  digit_added: ['decimal_slip', 'digit_doubled', 'total_not_updated'],
  digit_wrong: ['neighbour_copied', 'total_not_updated'],
  neighbour_copied: [
    'digit_dropped',
    'digit_added',
    'total_not_updated',
    'decimal_slip',
    'digits_transposed',
    'digit_doubled',
  ],
  total_not_updated: ['digits_transposed', 'digit_doubled', 'decimal_slip'],
  in_neighbour_column: ['neighbour_copied', 'rows_swapped', 'in_neighbour_row'],
  in_neighbour_row: ['neighbour_copied', 'rows_swapped', 'in_neighbour_column'],
  row_shifted: ['in_neighbour_column', 'cells_swapped', 'neighbour_copied'],
}

/** Whether the report adds up with what is told put into it, whichever explanation of each part is taken. */
function mendsAll({ slip, localisation: { parts } }: Seen): boolean {
  const most = Math.max(...parts.map(({ explanations }) => explanations.length))
  return Array.from({ length: most }, (_, index) => index).every((index) => {
    const cells = new Map(slip.cells)
    for (const { explanations } of parts) {
      const { changes, fills } = explanations[Math.min(index, explanations.length - 1)]!
      for (const { code, implied, range } of [...changes, ...fills]) {
        const value = implied ?? range[0] ?? 0
        cells.set(code, { state: value === 0 ? 'blank' : 'number', value, text: String(value) })
      }
    }
    return breaksOf(slip.form, cells).length === 0
  })
}

describe('injected slips', () => {
  for (const [form, seeds] of [
    ['ogi_2021', 60],
    ['ogi_2019', 40],
    ['ogi_2014', 40],
  ] as const) {
    it.each(kindsOf(form))(`${form}: %s`, (kind) => {
      const slips = Array.from({ length: seeds }, (_, seed) => slipOf(kind, form, seed)).filter((slip) => slip !== null)
      const seen = slips.map(seeSlip)
      expect(seen.length).toBeGreaterThan(seeds / 3)
      expect(seen.filter(({ complete, contained }) => complete && !contained)).toEqual([])
      expect(seen.filter(({ complete }) => !complete)).toEqual([])
      for (const one of seen) expect(mendsAll(one)).toBe(true)
      const determined = seen.filter((one) => one.determined)
      if (form !== 'ogi_2014') expect(determined.length).toBeGreaterThan(seen.length / 4)
      expect(determined.filter(({ exact }) => exact).length).toBeGreaterThanOrEqual(0.99 * determined.length)
      const hinted = seen.filter(({ cause }) => cause === kind || (cause !== null && alike[kind]?.includes(cause)))
      expect(hinted.length).toBeGreaterThanOrEqual(0.95 * seen.length)
      expect(seen.filter(({ named: told }) => told).length).toBeGreaterThan(0.65 * seen.length)
    })
  }
})
