/**
 * Tables of text whose columns are ruled off: a line of dashes or equals signs with a gap between two columns, as Pandoc's
 * simple and multiline tables and reStructuredText's simple ones have it. Takes the lines of a text, gives such tables by the
 * line they begin at. The rule says where each column stands; a table of which any line runs over a gap is none.
 */
import type { Grid } from './document.ts'
import { type Measure, measures } from './screen.ts'

/** A cell: its text, line breaks where the source has them, and the index of its first line. */
export type DrawnCell = {
  readonly text: string
  readonly line: number
  readonly rowSpan: number
  readonly columnSpan: number
  /** Only where it may be none: see Cell. */
  readonly fills?: true
}
/** `end`: the index of the line behind it. */
export type DrawnTable = {
  readonly rows: readonly (readonly DrawnCell[])[]
  readonly end: number
  readonly columns: Grid['columns']
  /** Its rows show their ends. */
  readonly ended?: true
}

const columnRule = /^ {0,12}(?:-{2,}(?: +-{2,})+|={2,}(?: +={2,})+)\s*$/
const spanRule = /^ {0,12}-{2,}(?: +-{2,})*\s*$/
const fullRule = /^ {0,12}-{10,}\s*$/
/** The longest table of a form in the narrowest columns is shorter. */
const tableLinesMax = 2_000
const headerLinesMax = 40
const columnsMax = 60

/** True for a text in which some line may be such a rule. */
export function mayHoldRules(text: string): boolean {
  return text.includes('-- --') || text.includes('--  --') || /={2,} {1,8}={2,}|-{2,} {3,400}-{2,}/.test(text)
}

/** The tables of some lines by the index of their first line. */
export function ruledTables(lines: readonly string[]): ReadonlyMap<number, DrawnTable> {
  const closings = closingRules(lines)
  const tables = new Map<number, DrawnTable>()
  let from = 0
  // Where rules open what is no table, the same lines are looked at again: so often, and no more.
  let budget = lines.length * looksMax
  for (const [rule, closing] of closings) {
    if (rule < from) continue
    const extent = extentOf(lines, { rule, closing, from })
    if (extent === null) continue
    budget -= extent.end - extent.start
    if (budget < 0) break
    const rows = rowsOf(lines, extent, columnsOf(lines[rule]!))
    if (rows === null) continue
    tables.set(extent.start, { rows, end: extent.end, columns: 'aligned' })
    from = extent.end
  }
  return tables
}

const looksMax = 8

/** The rules by their index, in order, each with the next that says the same before a blank line. */
function closingRules(lines: readonly string[]): [number, number | null][] {
  const next = new Map<string, number>()
  const closings: [number, number | null][] = []
  for (let index = lines.length - 1; index >= 0; index--) {
    if (!columnRule.test(lines[index]!)) continue
    const key = lines[index]!.trimEnd()
    closings.push([index, next.get(key) ?? null])
    if (isBlank(lines[index + 1])) next.set(key, index)
  }
  return closings.reverse()
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || line.trim() === ''
}

/** Where a table begins and ends, its own rules included; `rows` are the ranges of lines of its rows. */
type Extent = {
  readonly start: number
  readonly end: number
  readonly rows: readonly (readonly [number, number])[]
  readonly rst: boolean
}

type Rule = { readonly rule: number; readonly closing: number | null; readonly from: number }

function extentOf(lines: readonly string[], { rule, closing, from }: Rule): Extent | null {
  const rst = lines[rule]!.includes('=')
  if (rst || rule === from || isBlank(lines[rule - 1])) {
    if (closing === null || closing - rule > tableLinesMax) return null
    const inner = range(rule + 1, closing).filter((index) => lines[index]!.trimEnd() !== lines[rule]!.trimEnd())
    const written = inner.filter((index) => !isBlank(lines[index]))
    // With blank lines between them, rows have several lines.
    const blocks = !rst && written.length < inner.length
    const rows = blocks ? blocksOf(lines, rule + 1, closing) : rst ? rstRows(lines, written) : written.map(single)
    return { start: rule, end: closing + 1, rows, rst }
  }
  let top = rule - 1
  while (top > from && rule - top < headerLinesMax && !isBlank(lines[top]) && !fullRule.test(lines[top]!)) top--
  if (fullRule.test(lines[top]!)) {
    let close = rule + 1
    while (
      close < Math.min(lines.length, rule + tableLinesMax) &&
      !fullRule.test(lines[close]!) &&
      !columnRule.test(lines[close]!)
    )
      close++
    if (!fullRule.test(lines[close] ?? '')) return null
    return { start: top, end: close + 1, rows: [[top + 1, rule], ...blocksOf(lines, rule + 1, close)], rst }
  }
  // Under a header of one line each line is a row, down to a blank one.
  if (!isBlank(lines[rule - 2]) && rule - 1 > from) return null
  let end = rule + 1
  while (end < rule + tableLinesMax && !isBlank(lines[end]) && !columnRule.test(lines[end]!)) end++
  const rows = range(rule - 1, end)
    .filter((index) => index !== rule)
    .map(single)
  if (rows.length < 2) return null
  return { start: rule - 1, end: lines[end]?.trimEnd() === lines[rule]!.trimEnd() ? end + 1 : end, rows, rst }
}

/** Each line with the line of dashes under it, which merges its columns. */
function rstRows(lines: readonly string[], written: readonly number[]): (readonly [number, number])[] {
  return written
    .filter((index) => !spanRule.test(lines[index]!))
    .map((index) => [index, spanRule.test(lines[index + 1] ?? '') ? index + 2 : index + 1])
}

function single(index: number): readonly [number, number] {
  return [index, index + 1]
}

function range(start: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index)
}

/** Runs of lines between blank ones. */
function blocksOf(lines: readonly string[], start: number, end: number): (readonly [number, number])[] {
  const blocks: (readonly [number, number])[] = []
  for (let index = start; index < end; index++) {
    if (isBlank(lines[index])) continue
    const first = index
    while (index < end && !isBlank(lines[index])) index++
    blocks.push([first, index])
  }
  return blocks
}

type Column = { readonly start: number; readonly end: number; readonly span: number }

function columnsOf(rule: string): readonly Column[] {
  return [...rule.matchAll(/-+|=+/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    span: 1,
  }))
}

/** The columns as a line of dashes under a row merges them; null where it does not keep to them. */
function spannedColumns(line: string, columns: readonly Column[]): readonly Column[] | null {
  const spanned: Column[] = []
  let next = 0
  for (const { start, end } of columnsOf(line)) {
    const first = columns[next]
    let span = 0
    while (next < columns.length && columns[next]!.end <= end) {
      next++
      span++
    }
    if (first === undefined || first.start !== start || span === 0 || columns[next - 1]!.end !== end) return null
    spanned.push({ start, end, span })
  }
  return next === columns.length ? spanned : null
}

/** The rows of a table; null where its lines do not keep to its columns, or keep to them in two ways. */
function rowsOf(lines: readonly string[], { rows, rst }: Extent, columns: readonly Column[]): DrawnCell[][] | null {
  // Rows of marks look like rules.
  if (columns.length > columnsMax || columns.every(({ start, end }) => end - start <= 3)) return null
  const readings = measures.flatMap((measure) => {
    const cells: DrawnCell[][] = []
    for (const [start, end] of rows) {
      const spanned = rst && end - start > 1 ? spannedColumns(lines[end - 1]!, columns) : columns
      const row = spanned && rowOf(lines, start, rst ? start + 1 : end, spanned, measure)
      if (row === null) return []
      // In reStructuredText a line without its first cell goes on with the row above; a backslash stands for an empty one.
      const above = rst && row[0]!.text === '' ? cells.at(-1) : undefined
      if (above !== undefined && above.length !== row.length) return []
      if (above === undefined)
        cells.push(rst ? row.map((cell) => (cell.text === '\\' ? { ...cell, text: '' } : cell)) : row)
      else cells[cells.length - 1] = above.map((cell, index) => joined(cell, row[index]!))
    }
    const end = columns.at(-1)!.end
    return [{ cells, full: rows.every(([start]) => widthOf(lines[start]!, measure) === end) }]
  })
  // Lines filled up to the end of the rule show how wide their characters were taken for.
  const full = readings.filter((one) => one.full)
  const [first, ...others] = new Map(
    (full.length > 0 ? full : readings).map(({ cells }) => [textsOf(cells), cells]),
  ).values()
  return first === undefined || first.length === 0 || others.length > 0 ? null : first
}

function widthOf(line: string, measure: Measure): number {
  let width = 0
  let before = 0
  for (const character of line) {
    before = measure(character, before)
    width += before
  }
  return width
}

function textsOf(rows: readonly (readonly DrawnCell[])[]): string {
  return JSON.stringify(rows)
}

function joined(above: DrawnCell, below: DrawnCell): DrawnCell {
  if (below.text === '') return above
  return above.text === '' ? below : { ...above, text: `${above.text}\n${below.text}` }
}

function rowOf(
  lines: readonly string[],
  start: number,
  end: number,
  columns: readonly Column[],
  measure: Measure,
): DrawnCell[] | null {
  let row: DrawnCell[] | null = null
  for (let index = start; index < end; index++) {
    const texts = cutLine(lines[index]!, columns, measure)
    if (texts === null) return null
    const cells = texts.map((text, column) => ({
      text,
      line: index,
      rowSpan: 1,
      columnSpan: columns[column]!.span,
    }))
    row = row === null ? cells : row.map((cell, column) => joined(cell, cells[column]!))
  }
  return row
}

/** The texts of a line in its columns; null where it has something outside of them. What follows the last is its own. */
function cutLine(line: string, columns: readonly Column[], measure: Measure): string[] | null {
  const texts = columns.map(() => '')
  let place = 0
  let column = 0
  let before = 0
  for (const character of line) {
    const width = measure(character, before)
    while (column < columns.length - 1 && place >= columns[column + 1]!.start) column++
    const { start, end } = columns[column]!
    const last = column === columns.length - 1
    if (place >= start && (last || place + width <= end)) texts[column] += character
    else if (!/\s/.test(character)) return null
    place += width
    before = width
  }
  return texts.map((text) => text.trim())
}
