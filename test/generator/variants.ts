/**
 * What agencies and their word processors do to a table before any format comes in: page breaks, padding, rows and
 * columns of their own. Each takes one layout and gives the layouts that are printed in its place.
 */
import {
  addColumnNumbers,
  addLocalColumn,
  addLocalRow,
  addRowNumbers,
  addTrailing,
  cut,
  cutColumns,
  type Layout,
  padHeader as padHeaderCells,
  raiseLastColumn,
  splitHeader as splitHeaderCells,
} from './layout.ts'
import type { Random } from './random.ts'

export type Variant = (layout: Layout, random: Random) => readonly Layout[]

/** Table 3 over two or three pages. `header`: printed again on each page; `repeat`: group labels too. */
export function pages(count: 2 | 3, options: { readonly header: boolean; readonly repeat: boolean }): Variant {
  return (layout, random) => {
    if (layout.table !== 't3') return [layout]
    const parts: Layout[] = []
    let rest = layout
    for (let page = 1; page < count; page++) {
      const first = rest.headerRows + 2
      const last = rest.rowCount - 2 * (count - page)
      const [above, below] = cut(rest, random.integer(first, Math.max(first, last)), options)
      parts.push(above)
      rest = below
    }
    return [...parts, rest]
  }
}

/** Table 3 in a small table for every few rows, as editors leave it that pasted it piece by piece. */
export const pieces: Variant = (layout, random) => {
  if (layout.table !== 't3') return [layout]
  const parts: Layout[] = []
  let rest = layout
  while (rest.rowCount > rest.headerRows + 5) {
    const [above, below] = cut(rest, rest.headerRows + random.integer(2, 4), { header: false, repeat: false })
    parts.push(above)
    rest = below
  }
  return [...parts, rest]
}

/** Row spans of header cells replaced by empty cells. */
export function padHeader(where: 'below' | 'above'): Variant {
  return (layout) => [layout.table.startsWith('t2') ? layout : padHeaderCells(layout, where)]
}

/** Rows numbered in a column of their own. */
export const rowNumbers: Variant = (layout, random) => [
  layout.labelColumns === 0 ? layout : addRowNumbers(layout, random.pick(['序号', '行次', ''])),
]

/** Columns numbered on a line of their own. */
export const columnNumbers: Variant = (layout) => [layout.table.startsWith('t2') ? layout : addColumnNumbers(layout)]

/** Table 3 between its organisations, table 4 between review and litigation: each part in a table of its own. */
export const cutBetweenColumns: Variant = (layout) => {
  if (layout.table === 't3') return cutColumns(layout, layout.labelColumns + 3)
  return layout.table === 't4' ? cutColumns(layout, 5) : [layout]
}

/** Up to ten empty cells behind each row, as many in all rows or another number in each. */
export function trail(even: boolean): Variant {
  return (layout, random) => {
    const count = random.integer(1, 10)
    return [addTrailing(layout, () => (even ? count : random.integer(0, count)))]
  }
}

/** The total of table 3 beside the label of all applicants instead of under it. */
export const totalBeside: Variant = (layout) => [layout.table === 't3' ? raiseLastColumn(layout) : layout]

/** Long header labels of table 3 over two rows of cells. */
export const splitHeader: Variant = (layout) => [layout.table === 't3' ? splitHeaderCells(layout) : layout]

/** A row of table 2 that only this agency has. */
export const localRow: Variant = (layout, random) => {
  if (layout.table !== 't2_art20_1') return [layout]
  const figures = [1, 2, 3].map(() => String(random.integer(1, 99)))
  return [addLocalRow(layout, 4, random.pick(['其他主动公开文件', '其他文件']), figures)]
}

/** A row of table 3 that the form does not have, between two that it has. */
export const localRowInGroup: Variant = (layout, random) => {
  if (layout.table !== 't3') return [layout]
  // Behind the two first rows, the two on disclosure and the eight reasons for refusal.
  const row = layout.headerRows + 12
  return [addLocalRow(layout, row, '9.涉及个人隐私', [String(random.integer(1, 9)), '0', '2'])]
}

/** A column of table 3 that the form does not have, behind the last one. */
export const localColumn: Variant = (layout, random) =>
  layout.table === 't3' ? [addLocalColumn(layout, '网络申请数', () => String(random.integer(1, 9)))] : [layout]
