/**
 * Rows of cells between bars that go over several lines, as converters write cells with paragraphs in them: a row ends where
 * a line ends in two spaces, the line break of Markdown, and not before. Takes the lines of a text, gives such tables.
 */
import { splitByPipes } from './delimited.ts'
import type { DrawnCell, DrawnTable } from './ruled.ts'

const rule = /^-{3,}(?:\|-{3,})* {2,}$/
/** Two spaces at the end of a line. */
const rowEnd = / {2}$/
const rowLinesMax = 400

/** True for a text in which some line may be the rule of such a table. */
export function mayHoldLooseRows(text: string): boolean {
  return text.includes('---  ')
}

/** The tables with rows of several lines, by the index of their first line. */
export function looseTables(lines: readonly string[]): ReadonlyMap<number, DrawnTable> {
  const tables = new Map<number, DrawnTable>()
  let from = 0
  for (let index = 1; index < lines.length; index++) {
    if (!rule.test(lines[index]!)) continue
    const start = headerStart(lines, index, from)
    const rows: (readonly [number, number])[] = start === index ? [] : [[start, index]]
    let end = index + 1
    for (let next = rowAfter(lines, end); next !== null; next = rowAfter(lines, end)) {
      rows.push(next)
      end = next[1]
    }
    // Rows of one line each are lines like any others.
    if (rows.length > 1 && rows.some(([first, behind]) => behind - first > 1)) {
      tables.set(start, { rows: rows.map(([first, behind]) => cellsOf(lines, first, behind)), end, columns: 'ragged' })
      from = end
    }
    index = end - 1
  }
  return tables
}

/** Where the row right above a rule begins: what breaks a row without ending it is a blank line beside a bar. */
function headerStart(lines: readonly string[], end: number, from: number): number {
  let start = end - 1
  while (start > from && end - start < rowLinesMax) {
    if (!isBlank(lines[start - 1]!) || rowEnd.test(lines[start - 1]!)) break
    const before = lastWritten(lines, start, from)
    if (before === null || rowEnd.test(lines[before]!)) break
    if (!lines[start]!.startsWith('|') && !lines[before]!.endsWith('|')) break
    start = before
  }
  return start < from || isBlank(lines[start]!) ? end : start
}

function lastWritten(lines: readonly string[], before: number, from: number): number | null {
  for (let index = before - 1; index >= from; index--) if (!isBlank(lines[index]!)) return index
  return null
}

/** The lines of the next row; null where what follows is none. */
function rowAfter(lines: readonly string[], end: number): readonly [number, number] | null {
  let start = end
  while (start < lines.length && isBlank(lines[start]!)) start++
  let barred = false
  for (let index = start; index < Math.min(lines.length, start + rowLinesMax); index++) {
    const line = lines[index]!
    if (rule.test(line)) return null
    barred ||= line.includes('|')
    // What breaks a row without ending it is the blank line between two paragraphs.
    if (rowEnd.test(line) || (!isBlank(line) && !isBlank(lines[index + 1] ?? ''))) {
      // The row above a rule is the next table's.
      return rule.test(lines[index + 1] ?? '') ? null : [start, index + 1]
    }
    // The paragraph of a first cell is followed by a bar, any other is no row.
    if (!barred && isBlank(line) && !nextWritten(lines, index).startsWith('|')) return null
  }
  return null
}

function nextWritten(lines: readonly string[], after: number): string {
  for (let index = after + 1; index < Math.min(lines.length, after + 10); index++) {
    if (!isBlank(lines[index]!)) return lines[index]!
  }
  return ''
}

function isBlank(line: string): boolean {
  return line.trim() === ''
}

function cellsOf(lines: readonly string[], first: number, behind: number): DrawnCell[] {
  const cells: { texts: string[]; line: number }[] = [{ texts: [], line: first }]
  for (let line = first; line < behind; line++) {
    for (const [index, text] of splitByPipes(lines[line]!, false).entries()) {
      if (index > 0) cells.push({ texts: [], line })
      if (text !== '') cells.at(-1)!.texts.push(text)
    }
  }
  return cells.map(({ texts, line }) => ({ text: texts.join('\n'), line, rowSpan: 1, columnSpan: 1 }))
}
