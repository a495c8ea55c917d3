/** Rows without labels on both sides of a page break: one cut in two is put together, two rows stay two. */
import { describe, expect, it } from 'vitest'
import { makePlacedGrid } from '../../parsers/grid.ts'
import { mendBreaks } from '../../src/forms/breaks.ts'
import { makeLabelIndex } from '../../src/forms/labels.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { makeScopes } from '../../src/forms/scope.ts'

const { find } = makeLabelIndex(makeScopes(loadRegistry()))
const anchor = { path: 'page[1]', page: 1, box: null }

/** The rows of a grid whose page breaks before row 1, after mending. */
function mend(rows: readonly (readonly string[])[]): string[][] {
  const cells = rows.flatMap((texts, row) =>
    texts.map((text, column) => ({ row, column, rowSpan: 1, columnSpan: 1, text, anchor })),
  )
  const { rowCount, cells: mended } = mendBreaks(makePlacedGrid(cells, rows.length, anchor, [1]), find)
  return Array.from({ length: rowCount }, (_, row) => mended.filter((cell) => cell.row === row).map(({ text }) => text))
}

describe('a page break between rows without labels', () => {
  it.each([
    ['the numbers of columns and figures', ['1', '2', '3', '4'], ['0', '12', '0', '7']],
    ['the numbers of columns and marks', ['1', '2', '3', '4'], ['—', '—', '/', '—']],
    ['figures and marks', ['10', '3', '0', '7'], ['—', '—', '/', '—']],
  ])('keeps %s apart', (_, upper, lower) => {
    expect(mend([upper, lower])).toEqual([upper, lower])
  })

  it('joins figures that it cut, which are figures no more', () => {
    expect(
      mend([
        ['12', '', '40'],
        ['34', '', '5'],
      ]),
    ).toEqual([['12\n34', '', '40\n5']])
  })
})
