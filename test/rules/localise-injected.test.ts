/** One slip of each kind in generated reports: it is among what is told, and the only thing told where the sums determine it. */
import { describe, expect, it } from 'vitest'
import type { FormId } from '../generator/figures.ts'
import { localiseSlip, mendsAll, seeSlip, slipOf, slipsOf } from './injected.ts'
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
      for (const { slip, localisation } of seen) expect(mendsAll(slip, localisation)).toBe(true)
      const determined = seen.filter((one) => one.determined)
      if (form !== 'ogi_2014') expect(determined.length).toBeGreaterThan(seen.length / 4)
      expect(determined.filter(({ exact }) => exact).length).toBeGreaterThanOrEqual(0.99 * determined.length)
      const hinted = seen.filter(({ cause }) => cause === kind || (cause !== null && alike[kind]?.includes(cause)))
      expect(hinted.length).toBeGreaterThanOrEqual(0.95 * seen.length)
      expect(seen.filter(({ named: told }) => told).length).toBeGreaterThan(0.65 * seen.length)
    })
  }
})

describe('several slips in one report', () => {
  for (const [count, share] of [
    [2, 0.9],
    [4, 0.85],
    [6, 0.6],
  ] as const) {
    it(`are mended by what is told of ${count}, or nothing is claimed`, () => {
      const slips = (['ogi_2021', 'ogi_2019'] as const).flatMap((form) =>
        Array.from({ length: 40 }, (_, seed) => slipsOf(count, form, seed)).filter((slip) => slip !== null),
      )
      const told = slips.map((slip) => ({ slip, localisation: localiseSlip(slip) }))
      const explained = told.filter(({ localisation: { parts } }) =>
        parts.every((part) => part.explanations.length > 0),
      )
      expect(explained.filter(({ slip, localisation }) => !mendsAll(slip, localisation))).toEqual([])
      expect(explained.length).toBeGreaterThan(share * told.length)
      for (const { localisation } of told)
        for (const part of localisation.parts) if (part.complete) expect(part.explanations).not.toEqual([])
    })
  }
})
