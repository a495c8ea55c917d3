/**
 * Cells that each end in a bar on lines of their own, as crawlers write cells with paragraphs in them: lines say nothing of
 * rows. Takes the lines of a text, gives such tables. Where rows were filled up with bars to the width of the table, all have
 * as many bars; where the bar stands before the next cell, a row ends in a bar behind which a line begins without one.
 */
import { cellLineCharactersMax, isValueLine } from './cellrun.ts'
import { isDrawnRule } from './delimited.ts'
import { chapter, sentenceEnd } from './prose.ts'
import type { DrawnTable } from './ruled.ts'

/** A line of a cell's text. */
type Part = { readonly text: string; readonly line: number }
/** `end`: the line of its bar. `fills`: no cell, a bar that fills a row up to the width of its table, be it the last of it. */
type Cell = {
  readonly parts: readonly Part[]
  readonly end: number
  /** Nothing but its bar stands on that line. */
  readonly alone: boolean
  readonly fills: 'no' | 'yes' | 'last'
}

/** So many lines hold one cell each, and more than hold any other number. */
const cellLinesMin = 6
const fillersMin = 2
const columnsMax = 40
/** What goes over more lines without a bar is no cell. */
const partsMax = 8
const barBehind = /^[^|]+\|$/
const barBefore = /^\|[^|]+$/
const barBetween = /[^|\s]\s*\|.*[^|\s]/
/** What begins and ends tables of wikis and of AsciiDoc, whose bars stand before their cells. */
const otherMarks = /^(?:\{\||\|[-}+]|\|={3,}|!)/

/** The tables whose cells have lines of their own, by the index of their first line. */
export function barredTables(lines: readonly string[]): ReadonlyMap<number, DrawnTable> {
  const tables = new Map<number, DrawnTable>()
  for (let index = 0; index < lines.length; index++) {
    if (!lines[index]!.includes('|')) continue
    const end = runEnd(lines, index)
    for (const [first, table] of tablesIn(lines, index, end)) tables.set(first, table)
    index = end
  }
  return tables
}

/** Where lines end that may be cells: behind the last one with a bar. */
function runEnd(lines: readonly string[], start: number): number {
  let end = start + 1
  for (let index = start + 1; index < lines.length && index - end <= partsMax; index++) {
    if (lines[index]!.includes('|')) end = index + 1
    else if (lines[index]!.trim() !== '' && !mayBePart(lines[index]!)) break
  }
  return end
}

function mayBePart(line: string): boolean {
  return line.trim() !== '' && line.length <= cellLineCharactersMax && !sentenceEnd.test(line)
}

function tablesIn(lines: readonly string[], start: number, end: number): (readonly [number, DrawnTable])[] {
  const written = lines.slice(start, end).flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
  const count = (kind: RegExp): number => written.filter((line) => kind.test(line)).length
  const [behind, before, lone] = [count(barBehind), count(barBefore), count(/^\|$/)]
  const single = Math.max(behind, before, lone)
  if (single < cellLinesMin || single <= count(barBetween) || (single + lone) * 3 < written.length) return []
  if (written.some((line) => otherMarks.test(line) || isDrawnRule(line))) return []
  // Where bars stand below cells, or before all but the first, that one is on the line above.
  const isAbove = behind < cellLinesMin && start > 0 && mayBePart(lines[start - 1]!)
  const bare = cellsOf(lines, isAbove && lines[start]!.trim().startsWith('|') ? start - 1 : start, end)
  const cells = withTails(bare, (_, index) => isUnderHeading(bare, index))
  if (before > behind) return tablesByEnds(cells, lines).flatMap(tableOf)
  const areEnds = behind >= cellLinesMin || count(/^\|{2,}$/) >= fillersMin || endsBeforeHeadings(written)
  // Where bars end the lines of cells, one that stands alone before them all begins a row.
  if (behind >= cellLinesMin && written[0] === '|') return tablesOfLedRows(cells).flatMap(tableOf)
  return tablesByCount(cells, areEnds).flatMap(tableOf)
}

/** Tables each of whose rows has a bar before it too, by count; text that has none but that is not theirs. */
function tablesOfLedRows(cells: readonly Cell[]): Cell[][][] {
  const isLead = ({ alone, parts }: Cell): boolean => alone && parts.length > 0
  const own = withTails(cells, isLead)
  const starts = own.flatMap((cell, index) => (index === 0 || isLead(cell) ? [index] : []))
  return starts.flatMap((start, index) => {
    const [first, ...others] = own.slice(start, starts[index + 1])
    return tablesByCount([{ ...first!, parts: [] }, ...others], true)
  })
}

/** The cells with what stands behind the last bar of a line as one of its own, where the next cell begins another table. */
function withTails(cells: readonly Cell[], begins: (cell: Cell, index: number) => boolean): Cell[] {
  return cells.flatMap((cell, index) => {
    const before = cells[index - 1]
    if (before === undefined || cell.parts[0]?.line !== before.end || !begins(cell, index)) return [cell]
    const tail = cell.parts.filter(({ line }) => line === before.end)
    const others = { ...cell, parts: cell.parts.slice(tail.length) }
    return [{ parts: tail, end: before.end, alone: false, fills: 'no' }, others]
  })
}

/** A bar alone on its line ends the cell above it if headings between tables have one above them and none below. */
function endsBeforeHeadings(lines: readonly string[]): boolean {
  const besides = lines.flatMap((line, index) => {
    return index > 0 && chapter.test(line) ? [{ above: lines[index - 1] === '|', below: lines[index + 1] === '|' }] : []
  })
  return besides.some(({ above, below }) => above && !below) && !besides.some(({ above, below }) => below && !above)
}

/** Where nothing tells the rows the cells stand one below another. */
function tableOf(rows: readonly (readonly Cell[])[]): (readonly [number, DrawnTable])[] {
  const own = rows.map((row) => row.filter(({ fills }) => fills === 'no'))
  const bare = withoutLead(own)
  const written = bare.filter((row) => row.length > 0)
  if (written.length === 0) return []
  const isTable = areLabelled(written)
  const shown = isTable ? written : written.flat().map((cell) => [cell])
  const isFilledUp = isTable && rows.flat().some(({ fills }) => fills === 'last')
  const width = rows[0]!.length - (own[0]!.length - bare[0]!.length)
  // One bar alone fills up a row that lacks one cell, and it is all that is written of a blank cell at its end.
  const mayFill = (row: readonly Cell[], index: number): boolean =>
    isFilledUp && index === width - 1 && row[index]!.alone && row[index]!.parts.length === 0
  const table: DrawnTable = {
    rows: shown.map((row) =>
      row.map((cell, index) => {
        const drawn = { text: textOf(cell), line: lineOf(cell), rowSpan: 1, columnSpan: 1 }
        return mayFill(row, index) ? { ...drawn, fills: true } : drawn
      }),
    ),
    end: rows.at(-1)!.at(-1)!.end + 1,
    columns: isTable ? 'ragged' : 'aligned',
    ended: true,
  }
  const first = written.flat().find(({ parts }) => parts.length > 0)
  return first === undefined ? [] : [[lineOf(first), table]]
}

function cellsOf(lines: readonly string[], start: number, end: number): Cell[] {
  const cells: Cell[] = []
  let parts: Part[] = []
  for (let line = start; line < end; line++) {
    const pieces = lines[line]!.split('|')
    const bars = pieces.length - 1
    const filled = bars - fillers(lines[line]!)
    const alone = lines[line]!.trim() === '|'
    for (const [index, piece] of pieces.entries()) {
      const text = piece.trim()
      if (text !== '') parts.push({ text, line })
      if (index === bars) continue
      cells.push({
        parts,
        end: line,
        alone,
        fills: index < filled || parts.length > 0 ? 'no' : index === bars - 1 ? 'last' : 'yes',
      })
      parts = []
    }
  }
  // Behind the last bar of all a cell may stand that has none.
  if (parts.length > 0) cells.push({ parts, end: end - 1, alone: false, fills: 'no' })
  return cells
}

/** How many bars at the end of a line fill a row up: those that follow one another, but for one that ends a cell. */
function fillers(line: string): number {
  const written = line.trimEnd()
  let start = written.length
  while (written[start - 1] === '|') start--
  const glued = written.length - start
  const before = written.slice(0, start).trimEnd()
  if (glued < 2) return 0
  return before === '' || (before.endsWith('|') && before.length < start) ? glued : glued - 1
}

/** The rows without the blank cell that a bar before each of them makes. */
function withoutLead(rows: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] {
  const isLed = rows.every((row) => row.length > 1 && row[0]!.parts.length === 0)
  return isLed ? rows.map((row) => row.slice(1)) : rows
}

function textOf({ parts }: Cell): string {
  return parts.map(({ text }) => text).join('\n')
}

function lineOf({ parts, end }: Cell): number {
  return parts[0]?.line ?? end
}

/** Tables whose rows have as many bars each, as many as the first row that was filled up; `areEnds`: bars end cells for sure. */
function tablesByCount(cells: readonly Cell[], areEnds: boolean): Cell[][][] {
  const tables: Cell[][][] = []
  for (let from = 0; from < cells.length; ) {
    const { until, width } = endOfTable(cells, from)
    const own = withoutHeading(cells.slice(from, until))
    const counted = width ?? widthOf(own)
    if (counted !== null && counted <= columnsMax) tables.push(rowsOf(own, counted))
    else if (areEnds) tables.push(rowsOf(own, 1))
    from = until
  }
  return tables
}

/** Where a table ends: before a row under a heading, or where the bars that fill rows up end none; null: none was filled. */
function endOfTable(cells: readonly Cell[], from: number): { readonly until: number; readonly width: number | null } {
  let width: number | null = null
  let filled = from
  for (let index = from; index < cells.length; index++) {
    if (index > from && isUnderHeading(cells, index)) return { until: index, width }
    if (cells[index]!.fills !== 'last') continue
    width ??= index + 1 - from
    if ((index + 1 - from) % width !== 0) return { until: filled, width }
    filled = index + 1
  }
  return { until: cells.length, width }
}

/** Tables whose rows end where the line behind a bar begins without one. */
function tablesByEnds(cells: readonly Cell[], lines: readonly string[]): Cell[][][] {
  const tables: Cell[][][] = [[]]
  let row: Cell[] = []
  for (const [index, cell] of cells.entries()) {
    const rows = tables.at(-1)!
    if (row.length === 0 && rows.length > 0 && isUnderHeading(cells, index)) tables.push([])
    row.push(cell)
    const endsLine = cells[index + 1]?.end !== cell.end && lines[cell.end]!.trim().endsWith('|')
    if (index < cells.length - 1 && (!endsLine || lines[cell.end + 1]!.trim().startsWith('|'))) continue
    const own = tables.at(-1)!
    own.push(own.length === 0 ? withoutHeading(row) : row)
    row = []
  }
  return tables
}

const labelCellsMax = 3

/** True for what begins another table: a heading stands over its first cell, and the cells behind it hold no figure. */
function isUnderHeading(cells: readonly Cell[], index: number): boolean {
  if (!cells[index]!.parts.slice(0, -1).some(({ text }) => chapter.test(text))) return false
  return !cells.slice(index + 1, index + 1 + labelCellsMax).some(isValue)
}

/** The lines over a table cannot be told from its first cell, all but the last of which are left to them. */
function withoutHeading([first, ...others]: readonly Cell[]): Cell[] {
  return [{ ...first!, parts: first!.parts.slice(-1) }, ...others]
}

/** The width of a table no row of which had to be filled up: the least by which each row begins with a label. */
function widthOf(cells: readonly Cell[]): number | null {
  for (let width = 2; width <= Math.min(columnsMax, cells.length / 2); width++) {
    if (cells.length % width === 0 && isRegular(withoutLead(rowsOf(cells, width)))) return width
  }
  return null
}

/** Fewer rows come out alike by chance. */
const regularRowsMin = 3

/** True where below a row of words the first column holds words or numbers of rows, and another one figures and blanks. */
function isRegular([header, ...rows]: readonly (readonly Cell[])[]): boolean {
  if (rows.length < regularRowsMin) return false
  if (!header!.every(({ parts }) => parts.length > 0) || !isLabel(header![0]!)) return false
  if (!rows.every(([first]) => isLabel(first!)) && !rows.every(isNumbered)) return false
  return header!.some((_, column) => {
    const cells = rows.map((row) => row[column]!)
    return column > 0 && cells.some(isValue) && cells.every((cell) => isValue(cell) || cell.parts.length === 0)
  })
}

function rowsOf(cells: readonly Cell[], width: number): Cell[][] {
  const rows: Cell[][] = []
  for (let index = 0; index < cells.length; index += width) rows.push(cells.slice(index, index + width))
  return rows
}

function isNumbered([first]: readonly Cell[], index: number): boolean {
  return textOf(first!) === String(index + 1)
}

/** True where nearly all rows begin with words or their numbers: rows that were cut wrongly do not. */
function areLabelled(rows: readonly (readonly Cell[])[]): boolean {
  let others = 0
  for (const [index, row] of rows.entries()) {
    const first = row.find(({ parts }) => parts.length > 0)
    if (first !== undefined && !isLabel(first) && (first !== row[0] || !isNumbered(row, index - 1))) others++
  }
  return rows.some((row) => row.length > 1) && others <= Math.max(1, Math.floor(rows.length / 10))
}

function isValue(cell: Cell): boolean {
  return cell.parts.length > 0 && isValueLine(textOf(cell))
}

function isLabel(cell: Cell): boolean {
  const text = textOf(cell)
  return /\p{L}/u.test(text) && !isValueLine(text)
}
