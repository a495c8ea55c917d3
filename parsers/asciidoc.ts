/**
 * Tables of AsciiDoc: takes the lines of a text, gives the tables between two fences `|===`. A bar begins a cell, what stands
 * right before it says how many places the cell takes, and rows end by count alone, so that a table whose cells do not fill
 * its rows is none.
 */
import { limits } from './limits.ts'
import type { DrawnCell, DrawnTable } from './ruled.ts'

const fence = /^\|={3,}\s*$/
const cellStart = /(?<![^\s])(?:(\d{1,3})?(?:\.(\d{1,3}))?\+)?[<^>.]{0,3}[adehlmsv]?\|/g
const columnsStated = /^\[.*?\bcols="([^"]{1,400})"/

/** True for the line that opens or closes such a table. */
export function isAsciiDocFence(line: string): boolean {
  return fence.test(line)
}

/** The tables of some lines by the index of their first line, which states the columns. */
export function asciiDocTables(lines: readonly string[]): ReadonlyMap<number, DrawnTable> {
  const tables = new Map<number, DrawnTable>()
  for (let start = 0; start < lines.length; start++) {
    if (!fence.test(lines[start]!)) continue
    let end = start + 1
    while (end < lines.length && !fence.test(lines[end]!)) end++
    if (end === lines.length) break
    const columns = columnsStated.exec(lines[start - 1] ?? '')?.[1]?.split(',').length
    const rows = columns === undefined ? null : rowsOf(lines, start + 1, end, columns)
    if (rows !== null) tables.set(start - 1, { rows, end: end + 1, columns: 'aligned' })
    start = end
  }
  return tables
}

function rowsOf(lines: readonly string[], start: number, end: number, columns: number): DrawnCell[][] | null {
  const cells: { text: string; line: number; rowSpan: number; columnSpan: number }[] = []
  for (let line = start; line < end; line++) {
    const text = lines[line]!
    const marks = [...text.matchAll(cellStart)]
    const before = text.slice(0, marks[0]?.index ?? text.length).trim()
    const last = cells.at(-1)
    if (before !== '') {
      if (last === undefined) return null
      last.text += `${last.text === '' ? '' : '\n'}${before}`
    }
    for (const [index, mark] of marks.entries()) {
      const inside = text.slice(mark.index + mark[0].length, marks[index + 1]?.index ?? text.length)
      cells.push({ text: inside.trim(), line, columnSpan: Number(mark[1] ?? 1), rowSpan: Number(mark[2] ?? 1) })
    }
  }
  return placeInRows(cells, columns)
}

/** Each cell in the next free place; null where one does not fit there, or places stay free. */
function placeInRows(cells: readonly DrawnCell[], columns: number): DrawnCell[][] | null {
  const rows: DrawnCell[][] = []
  /** Up to which row each column is taken. */
  const taken = Array.from({ length: columns }, () => 0)
  let row = 0
  for (const cell of cells) {
    while (taken.every((until) => until > row)) row++
    const column = taken.findIndex((until) => until <= row)
    const free = taken.slice(column, column + cell.columnSpan)
    if (cell.columnSpan === 0 || cell.rowSpan === 0 || free.length < cell.columnSpan) return null
    if (free.some((until) => until > row) || row * columns > limits.gridPlacesMax) return null
    taken.fill(row + cell.rowSpan, column, column + cell.columnSpan)
    while (rows.length <= row) rows.push([])
    rows[row]!.push(cell)
  }
  return rows.length > 0 && new Set(taken).size === 1 && rows.length === taken[0] ? rows : null
}
