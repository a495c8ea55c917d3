/** Rows on both sides of a page break: one cut in two is put together, two rows stay two, what may be either is doubted. */
import { describe, expect, it } from 'vitest'
import type { Cell } from '../../parsers/document.ts'
import { makePlacedGrid } from '../../parsers/grid.ts'
import { mendBreaks } from '../../src/forms/breaks.ts'
import { makeLabelIndex } from '../../src/forms/labels.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { makeScopes } from '../../src/forms/scope.ts'

const { find } = makeLabelIndex(makeScopes(loadRegistry()))
const anchor = { path: 'page[1]', page: 1, box: null }

/** The rows of a grid whose page breaks before row 1, after mending. */
function mend(rows: readonly (readonly string[])[]): string[][] {
  return mendedRows(rows).map((row) => row.map(({ text }) => text))
}

function mendedRows(rows: readonly (readonly string[])[]): Cell[][] {
  const cells = rows.flatMap((texts, row) =>
    texts.map((text, column) => ({ row, column, rowSpan: 1, columnSpan: 1, text, anchor })),
  )
  const { rowCount, cells: mended } = mendBreaks(makePlacedGrid(cells, rows.length, anchor, [1]), find)
  return Array.from({ length: rowCount }, (_, row) => mended.filter((cell) => cell.row === row))
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

describe('a page break in a row with a label', () => {
  it.each([
    ['its number', '1', '.属于国家秘密'],
    ['its number and point', '3.', '其他'],
  ])('joins a label that it cut behind %s', (_, upper, lower) => {
    expect(
      mend([
        [upper, '0', '7'],
        [lower, '', ''],
      ]),
    ).toEqual([[upper + lower, '0', '7']])
  })

  it('doubts the blanks of a known row beside figures of a row that no form has', () => {
    const [local, known] = mendedRows([
      ['本市增设的事项', '0', '7'],
      ['1.属于国家秘密', '', ''],
    ])
    expect(local!.map(({ text }) => text)).toEqual(['本市增设的事项', '0', '7'])
    expect(known!.map(({ doubt }) => doubt)).toEqual([null, 'cells_overlap', 'cells_overlap'])
  })

  it('believes the blanks of a known row beside another one', () => {
    const rows = mendedRows([
      ['1.属于国家秘密', '', ''],
      ['2.其他法律行政法规禁止公开', '0', '7'],
    ])
    expect(rows.flat().map(({ doubt }) => doubt)).toEqual(Array.from({ length: 6 }, () => null))
  })
})
