/**
 * A table as lines whose columns are held by spaces, as terminals and `pdftotext -layout` print them: widths count in
 * half-width places, a Chinese character takes two, and a header stands centred over the columns that it spans.
 */
import { type Layout, type LayoutCell, rowsOf } from '../layout.ts'

export type Alignment = {
  /** Where figures stand in their column. */
  readonly side: 'left' | 'right' | 'centre'
  /** Width taken for characters that are wide in some fonts only, such as quotes and dashes. */
  readonly ambiguous: number
  /** Spaces between columns, at least two. */
  readonly gap: number
}

/** The table's rows, one line each, without trailing spaces. */
export function alignTable(layout: Layout, alignment: Alignment): string[] {
  const width = (text: string): number => widthOf(text, alignment.ambiguous)
  const widths = columnWidths(layout, width, alignment.gap)
  const startOf = (column: number): number => widths.slice(0, column).reduce((sum, one) => sum + one + alignment.gap, 0)
  return rowsOf(layout).map((row) => {
    let line = ''
    let used = 0
    for (const cell of row) {
      const text = cell.text.replace(/\s+$/, '')
      if (text.trim() === '') continue
      const start = startOf(cell.column)
      const room = startOf(cell.column + cell.columnSpan) - alignment.gap - start
      const at = start + offsetOf(cell, room - width(text), alignment.side)
      line += ' '.repeat(Math.max(at - used, used === 0 ? 0 : 1)) + text
      used = Math.max(at, used) + width(text)
    }
    return line
  })
}

/** How many half-width places a text takes. */
export function widthOf(text: string, ambiguous: number): number {
  let width = 0
  for (const one of text) {
    if (/[\u2010-\u2027]/.test(one)) width += ambiguous
    else
      width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(one)
        ? 2
        : 1
  }
  return width
}

function offsetOf(cell: LayoutCell, spare: number, side: Alignment['side']): number {
  if (cell.role === 'row') return 0
  const at = cell.role === 'value' ? side : 'centre'
  return at === 'left' ? 0 : at === 'right' ? spare : Math.floor(spare / 2)
}

function columnWidths(layout: Layout, width: (text: string) => number, gap: number): number[] {
  const widths = new Array<number>(layout.columnCount).fill(1)
  const cells = [...layout.cells].sort((a, b) => a.columnSpan - b.columnSpan)
  for (const cell of cells) {
    const columns = Array.from({ length: cell.columnSpan }, (_, index) => cell.column + index)
    const room = columns.reduce((sum, column) => sum + widths[column]!, gap * (cell.columnSpan - 1))
    const need = width(cell.text.trimEnd()) - room
    for (let extra = 0; extra < need; extra++) {
      const column = columns[columns.length - 1 - (extra % columns.length)]!
      widths[column] = widths[column]! + 1
    }
  }
  return widths
}
