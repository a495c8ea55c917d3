/** The one row of table 4, which has no label: with words for a figure, a cell short, beside blank rows. */
import { describe, expect, it } from 'vitest'
import { header4, readTables, valuesOf } from './small-pages.ts'

const figures = [70, 80, 65, 23, 238, 92, 1, 47, 89, 229, 82, 33, 75, 4, 194]
const blankRow = '||||||||||||||'
const rowWith = (place: number, text: string): string => figures.with(place, text as never).join('|')
const without = (place: number): unknown[] => (figures as unknown[]).with(place, 'unreadable')

describe('a row of figures without a label', () => {
  for (const text of ['238[1]', '共70件', '#REF!', '49%']) {
    it.each([0, 4, 14])(`is read beside ${text} in place of cell %i`, async (place) => {
      expect(await valuesOf('t4', [...header4(null), rowWith(place, text)])).toEqual(without(place))
    })

    it.each([0, 4, 14])(`is read beside ${text} in place of cell %i with a blank row below`, async (place) => {
      expect(await valuesOf('t4', [...header4(null), rowWith(place, text), blankRow])).toEqual(without(place))
    })

    it.each([0, 4, 14])(`is read beside ${text} in place of cell %i with a blank row above`, async (place) => {
      expect(await valuesOf('t4', [...header4(null), blankRow, rowWith(place, text)])).toEqual(without(place))
    })
  }

  it('is told as a row of its table where it is short of a cell', async () => {
    for (const rows of [[figures.slice(1).join('|')], [figures.slice(1).join('|'), blankRow]]) {
      const { facts, notices } = await readTables([...header4(null), ...rows])
      expect(facts.filter(({ code }) => code.startsWith('t4.')).map(({ state }) => state)).toEqual(
        Array(15).fill('unreadable'),
      )
      expect(notices.map(({ code }) => code)).toContain('unplaced_figure')
    }
  })

  it('makes no blank row the table’s where it cannot be read', async () => {
    const short = figures.slice(0, 12).join('|')
    for (const rows of [
      [short, blankRow],
      [blankRow, short],
    ]) {
      const { facts, notices } = await readTables([...header4(null), ...rows])
      expect(facts.filter(({ state }) => state === 'blank')).toEqual([])
      expect(notices.map(({ code }) => code)).toContain('table_not_read')
    }
  })

  it('is no row behind words that are its label', async () => {
    const { facts } = await readTables([...header4(null), `市水务局|${figures.slice(1).join('|')}`])
    expect(facts.filter(({ state }) => state === 'number')).toEqual([])
  })
})
