/**
 * What the tables of a document print and no cell of a form took: takes all lines with the tables that were read, says which
 * figures went nowhere, and keeps the tables that no form knows. Nothing printed is dropped without a word.
 */
import type { Anchor, Notice } from '../../parsers/document.ts'
import type { ReadingNoticeCode } from '../model.ts'
import { isWords, type LineCell, lastWords, type SourceLine, type SourceLines } from './lines.ts'
import { rowsFound, type TableReading } from './tables.ts'
import { keepGrid, keepLines, unknownTableNotice } from './unknown.ts'
import { isFigure, isRowNumber, rowNumbersMax } from './values.ts'

const unlabelledFiguresMin = 3
/** So many tables of one line without a label are the rows of one table. */
const loneLinesMin = 3
/** So many figures in one line are a row of a table, whatever stands before them. */
const statisticFiguresMin = 8

/**
 * Figures in grids that went to no cell: those of known tables one by one, those of unknown tables once a table. Gives the
 * lines that have any.
 */
export function noticeLeftOver(
  { lines, grids }: Pick<SourceLines, 'lines' | 'grids'>,
  readings: readonly TableReading[],
  claimed: ReadonlyMap<SourceLine, string>,
  into: { readonly notices: Notice<ReadingNoticeCode>[]; readonly used: Uint8Array },
): ReadonlySet<SourceLine> {
  const stray = new Set<SourceLine>()
  const known = new Map<number, string>()
  for (const { scope, rows, headers } of readings) {
    for (const hit of rows) known.set(hit.source.grid, scope.table.code)
    for (const header of headers) known.set(header.lines[0]!.grid, scope.table.code)
  }
  const lacking = new Set(readings.filter(lacksRows).map(({ scope }) => scope.table.code))
  const strange = new Map<number, StrangeGrid>()
  // Where several tables share a grid, a line is of the one whose row stands over it.
  let above: { readonly grid: number; readonly table: string } | null = null
  for (const line of lines) {
    const own = claimed.get(line)
    if (own !== undefined) above = { grid: line.grid, table: own }
    const table = own ?? (above?.grid === line.grid ? above.table : known.get(line.grid))
    const left = unusedFigures(line, into.used, table !== undefined)
    if (left.length === 0) {
      if (table !== undefined && own === undefined && lacking.has(table)) noticeMarks(line, table, into.notices)
      continue
    }
    if (line.numbering && table !== undefined) {
      into.notices.push({
        code: 'column_numbers',
        anchor: left[0]!.anchor,
        data: { table: known.get(line.grid) ?? '' },
      })
      continue
    }
    // Before the first label of a run a figure or two are the page's own.
    if (line.stream && line.row === 0 && !line.cells.some(isWords) && left.length < unlabelledFiguresMin) continue
    stray.add(line)
    const label = lastWords(line)?.text.slice(0, 80) ?? ''
    if (table !== undefined) {
      if (own === undefined)
        into.notices.push({ code: 'unknown_label', anchor: left[0]!.anchor, data: { table, label } })
      for (const cell of left) {
        into.notices.push({
          code: 'unplaced_figure',
          anchor: cell.anchor,
          data: { table, label, text: cell.text.slice(0, 200) },
        })
      }
      continue
    }
    // A figure or two without any label are a page's own: counters, dates.
    if (label === '' && left.length < unlabelledFiguresMin) continue
    const seen = strange.get(line.grid)
    if (seen) {
      seen.figures += left.length
      seen.lines++
    } else strange.set(line.grid, { figures: left.length, lines: 1, anchor: left[0]!.anchor, first: label })
  }
  noticeStrange(strange, { lines, grids }, into.notices)
  return stray
}

/** The figures of a line that went to no cell, but for the number of its row. Of lines that are no form's a page counts some. */
function unusedFigures({ cells }: SourceLine, used: Uint8Array, isForms: boolean): readonly LineCell[] {
  const words = cells.findIndex(isWords)
  const isNumbered = !isForms || cells.slice(0, Math.max(words, 0)).filter(isRowNumber).length <= rowNumbersMax
  return cells.filter((cell, index) => {
    if (cell.carried || used[cell.number] === 1) return false
    if (!isFigure(cell.value)) return index > words && words >= 0 && beginsAsFigure(cell)
    return index > words || !isNumbered || !isRowNumber(cell)
  })
}

/** A figure and something else, told apart by nothing but white space: no label begins so. */
function beginsAsFigure(cell: LineCell): boolean {
  return (
    isWords(cell) && cell.doubtful && cell.label?.scopes.length === 0 && /^\s*\d[\d,.]*[^\d\s]{0,3}\s/.test(cell.text)
  )
}

function lacksRows({ scope, rows }: TableReading): boolean {
  return rowsFound(rows, scope) < scope.valueRows.length
}

/** A line of marks alone that is no row of its table: the rows that the table lacks may be among such lines. */
function noticeMarks(line: SourceLine, table: string, notices: Notice<ReadingNoticeCode>[]): void {
  const marks = marksBehindLabel(line)
  if (marks.length === 0) return
  const { anchor } = marks[0]!
  const data = { table, label: lastWords(line)?.text.slice(0, 80) ?? '' }
  const text = marks.map((cell) => cell.text).join(' ')
  notices.push({ code: 'unknown_label', anchor, data })
  notices.push({ code: 'unplaced_figure', anchor, data: { ...data, text } })
}

/** Figures of a grid that is no table of a form. */
type StrangeGrid = { figures: number; lines: number; readonly anchor: Anchor; readonly first: string }

/** Tables that no form knows, as printed. */
function noticeStrange(
  strange: ReadonlyMap<number, StrangeGrid>,
  { lines, grids }: Pick<SourceLines, 'lines' | 'grids'>,
  notices: Notice<ReadingNoticeCode>[],
): void {
  const lone = [...strange.values()].filter(({ lines: count, first }) => count < 2 && first === '').length
  for (const [number, { figures, lines: count, anchor, first }] of strange) {
    // A date in a page's own table of particulars is no statistic; two labelled lines of figures are, or one of many.
    const isLone = count < 2 && (first !== '' || lone < loneLinesMin)
    if (figures < (isLone ? statisticFiguresMin : unlabelledFiguresMin)) continue
    const grid = grids[number] ?? null
    const kept = grid === null ? keepLines(lines.filter((line) => line.grid === number)) : keepGrid(grid)
    notices.push(unknownTableNotice(grid?.anchor ?? anchor, { first, figures }, kept))
  }
}

/** The marks behind the label of a line that has no figure; none where there is one by itself, as prose has. */
function marksBehindLabel({ cells }: SourceLine): readonly LineCell[] {
  const last = cells.findLastIndex(isWords)
  const marks = cells.filter(({ value }, index) => index > last && value?.state === 'mark')
  return last < 0 || marks.length < marksMin ? [] : marks
}

const marksMin = 2
