/**
 * Plain text to paragraphs and grids. Text has no tables, only the traces of them that copying leaves: tabs, pipes,
 * runs of spaces, or one cell a line. This file finds those traces and says where each field stands; what a field means
 * is not known here. A line's fields are counted from its start (`ragged`), save where columns line up on the page.
 */

import { asciiDocTables, isAsciiDocFence } from './asciidoc.ts'
import { barredTables } from './barred.ts'
import { cellLineCharactersMax, cellRunGrid, flattenedGrid, flattenedPieces, isValueLine } from './cellrun.ts'
import { type Delimiter, isDrawnRule, isRowOfDashes, plainPipes, splitByPipes, splitDelimited } from './delimited.ts'
import type { Anchor, Block, Cell, Grid, Metadatum, Notice, Paragraph } from './document.ts'
import { framedGrid, isRuledBetweenRows } from './frames.ts'
import { makeFieldGrid, makeGrid, type SourceCell } from './grid.ts'
import { hasInlineMarks, withoutInlineMarks } from './inline.ts'
import { enforceLimit, LimitError, limits } from './limits.ts'
import { delimiters, type FilledKind, isFrameRule, type Line, splitLines, type TableKind } from './linekind.ts'
import { looseTables, mayHoldLooseRows } from './loose.ts'
import { findPageRuns, type PageRun } from './pagerun.ts'
import { chapter, sentenceEnd } from './prose.ts'
import { type DrawnTable, mayHoldRules, ruledTables } from './ruled.ts'
import { alignParts, type SpacedField } from './spaced.ts'

/** What plain text gives; `title` is one that a header line of the text declares. */
export type TextParts = {
  readonly blocks: Block[]
  readonly metadata: Metadatum[]
  readonly title: string | null
  readonly notices: Notice[]
  /** How many blocks stand before each line that is all that the text holds of a table or a picture. */
  readonly unread: number[]
}

/** Lines inside a table that are no rows of it: page numbers that copying left behind. */
const pageNumber = /^\s*(?:[-—–－]+\s*\d{1,4}\s*[-—–－]+|第\s*\d{1,4}\s*页.{0,12}|\d{1,3}\s*\/\s*\d{1,3})\s*$/
/** Rows whose cells are all blank are their label alone, and a table may have many of them. */
const bridgeLinesMax = 32
const bridgeCharactersMax = 60

/**
 * Paragraphs and grids of a text in reading order. Paths are `line[12]` and `line[12]/field[3]`, counted from 1; with
 * `prefix` they are those inside a larger source. `numbers` are those of the lines, where they are not counted from 1.
 * @throws LimitError for lines, fields or cells beyond the limits
 */
export function parseText(text: string, prefix = '', numbers: readonly number[] | null = null): TextParts {
  const lines = splitLines(text, numbers)
  const notices: Notice[] = []
  const blocks: Block[] = []
  const marked = hasInlineMarks(text)
  const unread: number[] = []
  const drawn = drawnTables(text, lines)
  const budget = { cells: 0 }
  const looked: Looked = { noRunBefore: 0 }
  const at = (path: string): Anchor => ({ path: prefix + path, page: null, box: null })
  const runs = findPageRuns(lines)
  let nextRun = 0
  let index = 0
  while (index < lines.length) {
    const line = lines[index]!
    const run = runs[nextRun]
    if (run?.start === index) {
      const grid = pageGrid(run, at)
      budget.cells += grid.cells.length
      enforceLimit('cellsMax', budget.cells)
      blocks.push(grid)
      index = run.end
      nextRun++
      continue
    }
    if (line.kind === 'blank') {
      index++
      continue
    }
    const table = drawn?.get(index)
    const strange = table === undefined ? strangeTableEnd(lines, index) : index
    if (strange > index) {
      unread.push(blocks.length)
      blocks.push(...plainParagraphs(lines.slice(index, strange), at))
      index = strange
      continue
    }
    const end = table?.end ?? Math.min(tableEnd(lines, index, line.kind, drawn, looked), run?.start ?? lines.length)
    if (end > index) {
      const grids =
        table !== undefined
          ? [drawnGrid(table, lines, at, notices)]
          : gridsOf(lines.slice(index, end), line.kind, at, notices)
      for (const grid of grids) budget.cells += grid.cells.length
      enforceLimit('cellsMax', budget.cells)
      blocks.push(...(marked ? grids.map((grid) => withoutMarks(grid)) : grids))
      for (const grid of grids) noticeCutCells(grid, notices)
      index = end
    } else {
      const isOption = directive.test(lines[index - 1]?.text ?? '') && directiveOption.test(line.text)
      if (placeholder.test(line.text.trim())) unread.push(blocks.length)
      if (!isOption) blocks.push(paragraphOf(line, marked, at))
      index++
    }
    if (blocks.length > limits.blocksMax) throw new LimitError('blocksMax')
  }
  const metadata = headerLines(lines, at)
  const title = metadata.find((one) => /^(标题|标題|標題|题名|題名|title)$/i.test(one.name))?.value ?? null
  return { blocks, metadata, title, notices, unread }
}

/** A line as the paragraph that it is. */
function paragraphOf({ text, number }: Line, marked: boolean, at: (path: string) => Anchor): Paragraph {
  const heading = text.includes('#') ? atxHeading.exec(text) : null
  const written = heading === null ? text.trim().replace(directive, '') : heading[2]!
  const shown = marked ? withoutInlineMarks(written) : written
  const level = heading === null ? null : heading[1]!.length
  return { kind: 'paragraph', text: shown, heading: level, anchor: at(`line[${number}]`) }
}

/** Lines as they are written. */
function plainParagraphs(lines: readonly Line[], at: (path: string) => Anchor): Paragraph[] {
  return lines.flatMap(({ text, number }) => {
    const written = text.trim()
    return written === '' ? [] : [{ kind: 'paragraph', text: written, heading: null, anchor: at(`line[${number}]`) }]
  })
}

/** How reStructuredText begins a paragraph of a kind of its own, and what it says about it on the next line. */
const directive = /^\s*\.\. [a-z-]{1,20}:: (?=\S)/
const directiveOption = /^\s+:[a-z-]{1,20}:(?: |$)/

/** What Pandoc writes in place of a table that a format cannot hold, and a picture alone on its line. */
const placeholder = /^(?:\[TABLE\]|!\[[^[\]]{0,400}\]\([^\s]{1,2000}(?: "[^"]{0,400}")?\)(?:\{[^{}]{0,400}\})?)$/

/** A heading of Markdown, without the attributes that some converters give it. */
const atxHeading = /^ {0,3}(#{1,6}) +(.*?)[ #]*(?:\{[#.][^{}]{0,200}\})?\s*$/

/** A heading of Markdown, and a line in bold that stands for one. */
const markedHeading = /^ {0,3}(?:#{1,6} +\S|\*\*[^*]{1,120}\*\*[:：]?\s*$|__[^_]{1,120}__[:：]?\s*$)/

/** Programs that print a table into a width end what does not fit in dots; two of them in a row are Chinese ones. */
const cutOff = /(?:^|[^…])…$|\.{3}$/
const cutCellsMin = 3

function noticeCutCells({ cells, anchor }: Grid, notices: Notice[]): void {
  let count = 0
  for (const { text } of cells) if ((text.endsWith('…') || text.endsWith('...')) && cutOff.test(text)) count++
  if (count >= cutCellsMin) notices.push({ code: 'cells_cut_off', anchor, data: { count } })
}

function withoutMarks(grid: Grid): Grid {
  if (!grid.cells.some(({ text }) => hasInlineMarks(text))) return grid
  return { ...grid, cells: grid.cells.map((cell) => ({ ...cell, text: withoutInlineMarks(cell.text) })) }
}

/** Tables whose columns are drawn, by the index of their first line; null where a text has none. */
type Drawn = ReadonlyMap<number, DrawnTable> | null

function drawnTables(text: string, lines: readonly Line[]): Drawn {
  const ruled = mayHoldRules(text)
  const loose = mayHoldLooseRows(text)
  const fenced = text.includes('|===')
  const barred = text.includes('|')
  if (!ruled && !loose && !barred) return null
  const texts = lines.map((line) => line.text)
  return new Map<number, DrawnTable>([
    ...(barred ? barredTables(texts) : []),
    ...(loose ? looseTables(texts) : []),
    ...(ruled ? ruledTables(texts) : []),
    ...(fenced ? asciiDocTables(texts) : []),
  ])
}

function drawnGrid(
  { rows, columns, ended }: DrawnTable,
  lines: readonly Line[],
  at: (path: string) => Anchor,
  notices: Notice[],
): Grid {
  const anchor = at(`line[${lines[rows[0]![0]!.line]!.number}]`)
  const anchorOf = (line: number, index: number): Anchor => at(`line[${lines[line]!.number}]/${fieldPath(index)}`)
  if (columns === 'ragged') {
    const fields = rows.map((row) => row.map(({ text }) => text))
    const plain = makeFieldGrid(fields, (row, index) => anchorOf(rows[row]![index]!.line, index), anchor)
    const cells = plain.cells.map((cell): Cell => {
      return rows[cell.row]![cell.column]?.fills ? { ...cell, fills: true } : cell
    })
    return ended ? { ...plain, cells, ended } : plain
  }
  const cells = rows.map((row) =>
    row.map(({ text, line, rowSpan, columnSpan }, index): SourceCell => {
      return { text, rowSpan, columnSpan, anchor: anchorOf(line, index) }
    }),
  )
  return makeGrid(cells, columns, anchor, notices)
}

const listedRow = /^\s*\* -(?: |$)/
const listedCell = /^\s+- ?|^\s+:[\w-]+:|^\s*$/
const listDirective = /^\s*\.\. list-table::/

/**
 * Where a table of AsciiDoc ends that does not add up, or one that has one cell a line as a
 * list (reStructuredText): what looks like bars and marks there is none, so it is kept as text. `start` where there is none.
 */
function strangeTableEnd(lines: readonly Line[], start: number): number {
  const { text } = lines[start]!
  let end = start + 1
  if (isAsciiDocFence(text)) {
    while (end < lines.length && !isAsciiDocFence(lines[end]!.text)) end++
    return end < lines.length ? end + 1 : start
  }
  const listed = listedRow.test(text) || listDirective.test(text)
  if (!listed || end >= lines.length || !listedCell.test(lines[end]!.text)) return start
  while (end < lines.length && (listedRow.test(lines[end]!.text) || listedCell.test(lines[end]!.text))) end++
  return end
}

/** Up to which line no run of cells begins. */
type Looked = { noRunBefore: number }

/** Where the table that starts at `start` ends; `start` where there is none. No other goes on into a drawn one. */
function tableEnd(lines: readonly Line[], start: number, kind: FilledKind, drawn: Drawn, looked: Looked): number {
  if (kind === 'flattened') return start + 1
  const end = kind === 'plain' ? cellRunEnd(lines, start, looked) : rowsEnd(lines, start, kind)
  if (drawn === null) return end
  for (let index = start + 1; index < end; index++) if (drawn.has(index)) return index - start > 1 ? index : start
  return end
}

/** Where lines that are rows end: stray blank lines, page numbers and short lines inside do not end the table. */
function rowsEnd(lines: readonly Line[], start: number, kind: TableKind): number {
  let end = start + 1
  let rows = 1
  let index = start + 1
  while (index < lines.length) {
    const line = lines[index]!
    if (line.kind === kind) {
      rows++
      end = ++index
      continue
    }
    const next = bridge(lines, index, kind)
    if (next === index) break
    index = next
  }
  // A value on a line of its own behind a row that ends in a blank cell may be that cell's: it is kept beside it.
  if (kind === 'tabs' || kind === 'pipes') end = strayValueEnd(lines, end)
  // Rows at the end whose cells are all blank are their label alone.
  if (kind === 'spaces') {
    for (let more = 0; more < 8 && lines[end]?.kind === 'plain' && isBridge(lines[end]!); more++) end++
  }
  // One line with two fields is a sentence with a gap in it, not a table.
  return rows >= 2 || (kind === 'tabs' && lines[start]!.text.split('\t').length > 3) ? end : start
}

/** The end of a table with the values right behind its last line, where the last cell of that line prints none; else `end`. */
function strayValueEnd(lines: readonly Line[], end: number): number {
  if (!/[|\t]\s*$/.test(lines[end - 1]!.text)) return end
  let index = end
  while (index < lines.length && index < end + 3 && lines[index]!.kind === 'blank') index++
  let after = end
  for (let count = 0; count < strayValuesMax && isStrayValue(lines[index]); count++) {
    after = ++index
    while (index < lines.length && index < after + 3 && lines[index]!.kind === 'blank') index++
  }
  return after
}

const strayValuesMax = 20

function isStrayValue(line: Line | undefined): boolean {
  return line !== undefined && line.kind === 'plain' && isValueLine(line.text) && !pageNumber.test(line.text)
}

/** The index of the next line of the table behind a gap of one blank line, page numbers and short lines, else `index`. */
function bridge(lines: readonly Line[], index: number, kind: TableKind): number {
  let blanks = 0
  let shorts = 0
  let headed = false
  for (let next = index; next < lines.length && next < index + bridgeLinesMax; next++) {
    const line = lines[next]!
    // Below the heading of a chapter, one of Markdown or a line in bold a table with a header of its own is another one.
    if (line.kind === kind) return headed && isHeaderOfOwn(lines, next) ? index : next
    // Behind the last rule of a frame a heading begins another table.
    if (kind === 'pipes' && chapter.test(line.text) && isFrameRule(lines[index - 1]!.text)) return index
    headed ||= kind === 'pipes' && (chapter.test(line.text) || markedHeading.test(line.text))
    if (line.kind === 'blank') blanks++
    else if (pageNumber.test(line.text)) continue
    else if ((line.kind === 'plain' || line.kind === 'spaces') && isBridge(line) && !isValueLine(line.text)) shorts++
    else return index
    if (blanks > 2 || (blanks > 1 && shorts > 0)) return index
  }
  return index
}

/** Whether a row of pipes has a rule below it, as the header of a table of Markdown has. */
function isHeaderOfOwn(lines: readonly Line[], index: number): boolean {
  const rule = lines[index + 1]
  return !isDrawnRule(lines[index]!.text) && rule?.kind === 'pipes' && isDrawnRule(rule.text)
}

function isBridge(line: Line): boolean {
  return line.text.trim().length <= bridgeCharactersMax && !sentenceEnd.test(line.text)
}

function gridsOf(rows: readonly Line[], kind: FilledKind, at: (path: string) => Anchor, notices: Notice[]): Grid[] {
  if (kind === 'flattened') {
    return rows.map(({ text, number }) => flattenedGrid(flattenedPieces(text)!, `line[${number}]`, at))
  }
  const printed = rows.filter((row) => !pageNumber.test(row.text))
  // In a run of cells a blank line may be a blank cell.
  if (kind === 'plain') return [cellRunGrid(printed, at)]
  const kept = printed.filter((row) => row.kind !== 'blank')
  if (kind === 'spaces') return spacedGrids(kept, at, notices)
  const drawn = kind === 'pipes' ? framedGrid(kept, at) : null
  if (drawn !== null) return [drawn]
  const rowsOfFields = kind === 'pipes' ? pipeRows(kept) : framedRows(kept, delimiters[kind]!)
  if (rowsOfFields.length === 0) return []
  for (const { fields } of rowsOfFields) enforceLimit('lineFieldsMax', fields.length)
  const anchorOf = (row: number, field: number): Anchor => at(rowsOfFields[row]!.path + fieldPath(field))
  const rowFields = rowsOfFields.map(({ fields }) => fields)
  const grid = makeFieldGrid(rowFields, anchorOf, at(`line[${kept[0]!.number}]`))
  if (kind !== 'pipes') return [grid]
  const piped: Grid = { ...grid, wraps: true, columns: keepsPlaces(rowFields) ? 'aligned' : 'ragged' }
  return [kept.every(({ text }) => endsInPipe.test(text)) ? { ...piped, ended: true } : piped]
}

const endsInPipe = /[|│┃║]\s*$/

/**
 * True for rows that kept the places of merged cells, so that a field's number is its column: all have as many fields, none
 * with a figure was filled up at its end, and over each column with figures stands a label.
 */
function keepsPlaces(rows: readonly (readonly string[])[]): boolean {
  const count = rows[0]!.length
  if (count < 3 || rows.some((fields) => fields.length !== count)) return false
  const figureRows = rows.filter((fields) => fields.some(isValueLine))
  if (figureRows.length === 0 || figureRows.some((fields) => fields[count - 1] === '')) return false
  const header = rows.slice(0, rows.indexOf(figureRows[0]!))
  return rows[0]!.every((_, column) => {
    return (
      !figureRows.some((fields) => isValueLine(fields[column]!)) ||
      header.some((fields) => /\p{L}/u.test(fields[column]!))
    )
  })
}

function pageGrid({ rows }: PageRun, at: (path: string) => Anchor): Grid {
  for (const row of rows) enforceLimit('lineFieldsMax', row.length)
  const anchorOf = (row: number, field: number): Anchor => at(`line[${rows[row]![field]!.number}]`)
  const texts = rows.map((row) => row.map(({ text }) => text))
  return makeFieldGrid(texts, anchorOf, at(`line[${rows[0]![0]!.number}]`))
}

/** `field[3]` for index 2; kept, since each field of each text has one. */
function fieldPath(index: number): string {
  let path = fieldPaths[index]
  if (path === undefined) {
    path = `field[${index + 1}]`
    fieldPaths[index] = path
  }
  return path
}

const fieldPaths: string[] = []

/** `path`: what the paths of its fields begin with. */
type FieldRow = { readonly path: string; readonly fields: readonly string[] }

function delimitedRow({ number, text }: Line, delimiter: Delimiter): FieldRow {
  return { path: `line[${number}]/`, fields: splitDelimited(text, delimiter) }
}

/** Rows of delimited lines; delimiters that begin and end every line are their frame, as pipes are, and part no cells. */
function framedRows(lines: readonly Line[], delimiter: Delimiter): FieldRow[] {
  const rows = lines.map((row) => delimitedRow(row, delimiter))
  const wide = rows.filter(({ fields }) => fields.length > 1)
  const isFramed = ({ fields }: FieldRow): boolean => fields.length > 2 && fields[0] === '' && fields.at(-1) === ''
  if (wide.length < framedRowsMin || !wide.every(isFramed)) return rows
  return rows.map((row) => (row.fields.length > 1 ? { ...row, fields: row.fields.slice(1, -1) } : row))
}

const framedRowsMin = 5

/** Pipes that follow one another behind a space are no cells: they fill a row up that has fewer than the table. */
const fillingPipes = /\| \|{2,}\s*$/

/** Rows of a table of pipes. Where rules are drawn between all of them, the lines between two rules are one row. */
function pipeRows(rows: readonly Line[]): FieldRow[] {
  const drawn = rows.map((row) => ({
    ...row,
    text: plainPipes(row.text).replace(fillingPipes, '|'),
    rule: isDrawnRule(row.text),
  }))
  const piped = drawn.filter((row) => row.kind === 'pipes' && !row.rule)
  const outer = piped.every((row) => /^\s*\|.*\|\s*$/.test(row.text))
  // Markdown rules off its header alone, and without crossings.
  const rules = drawn.filter(({ text }) => isFrameRule(text)).length
  const isMarks = (row: Line, index: number): boolean =>
    isRowOfDashes(row.text) && (rules > 0 || (index > 1 && index === drawn.length - 1))
  for (const [index, row] of drawn.entries()) row.rule &&= !isMarks(row, index)
  const split = ({ number, text }: Line): FieldRow => ({ path: `line[${number}]/`, fields: splitByPipes(text, outer) })
  if (!isRuledBetweenRows(drawn, isFrameRule)) return withoutRepeatedHeader(drawn).map(split)
  const groups: FieldRow[][] = [[]]
  for (const row of drawn) {
    if (row.rule) groups.push([])
    else groups.at(-1)!.push(split(row))
  }
  return groups.flatMap(joinWrapped)
}

/** The rows but for rules, and but for a header that stands behind its rule once more. */
function withoutRepeatedHeader<Row extends { readonly text: string; readonly rule: boolean }>(
  rows: readonly Row[],
): Row[] {
  const textOf = (index: number): string | undefined => rows[index]?.text.replace(/\s+/g, '')
  const at = rows.findIndex(({ rule }) => rule)
  const repeated = at > 0 && !rows[at - 1]!.rule && textOf(at - 1) === textOf(at + 1)
  return rows.filter(({ rule }, index) => !rule && !(repeated && index === at + 1))
}

/** The lines of one drawn row as that row; as they are where they have different numbers of fields. */
function joinWrapped(lines: readonly FieldRow[]): readonly FieldRow[] {
  const [first] = lines
  if (first === undefined || lines.some(({ fields }) => fields.length !== first.fields.length)) return lines
  const fields = first.fields.map((_, index) =>
    lines
      .map((line) => line.fields[index]!)
      .filter((text) => text !== '')
      .join('\n'),
  )
  return [{ path: first.path, fields }]
}

/** Tables under one another line up each for itself: the run is cut at numbered headings until each part does. */
function spacedGrids(rows: readonly Line[], at: (path: string) => Anchor, notices: Notice[]): Grid[] {
  const texts = rows.map((row) => row.text)
  const afterGap = rows.map((row, index) => index > 0 && row.number > rows[index - 1]!.number + 1)
  const grids: Grid[] = []
  let first = 0
  for (const part of alignParts(texts, afterGap)) {
    const anchor = at(`line[${rows[first]!.number}]`)
    if (part.aligned === null) notices.push({ code: 'columns_collide', anchor, data: { line: rows[first]!.number } })
    const cells = (part.aligned ?? part.fields).map((fields, index) =>
      fields.map((field, place) => spacedCell(rows[first + index]!, field, place, at)),
    )
    grids.push({ ...makeGrid(cells, part.aligned === null ? 'ragged' : 'aligned', anchor, notices), wraps: true })
    first += part.fields.length
  }
  return grids
}

function spacedCell(row: Line, field: SpacedField, index: number, at: (path: string) => Anchor): SourceCell {
  const anchor = at(`line[${row.number}]/field[${index + 1}]`)
  return { text: field.text, rowSpan: 1, columnSpan: field.columnSpan, anchor, doubt: 'columns_by_alignment' }
}

/**
 * Where a run of lines that are one cell each ends; `start` where there is none. Such a run is short lines of which
 * several are bare figures: a table copied cell by cell.
 */
function cellRunEnd(lines: readonly Line[], start: number, looked: Looked): number {
  // Where a run has too few figures, so has what is left of it.
  if (start < looked.noRunBefore) return start
  let end = start
  let figures = 0
  let blanks = 0
  // The heading over the prose behind a table is none of its cells.
  let beforeHeading = start
  let index = start
  for (; index < lines.length; index++) {
    const line = lines[index]!
    if (line.kind === 'blank') {
      if (++blanks > 24) break
      continue
    }
    // A label with a gap inside is still one cell.
    const oneCell = line.kind === 'plain' || (line.kind === 'spaces' && !/\d\s*$/.test(line.text))
    if (!oneCell || line.text.length > cellLineCharactersMax || sentenceEnd.test(line.text)) break
    blanks = 0
    if (pageNumber.test(line.text)) continue
    if (isValueLine(line.text)) figures++
    beforeHeading = chapter.test(line.text) && figures > 0 ? end : index + 1
    end = index + 1
  }
  end = Math.max(beforeHeading, start)
  // Blank cells behind the last row belong to it, as far as the run's own spacing goes.
  if (figures >= 3) return trailingBlanks(lines, end)
  looked.noRunBefore = index
  return start
}

function trailingBlanks(lines: readonly Line[], end: number): number {
  let index = end
  while (index < lines.length && lines[index]!.kind === 'blank') index++
  return index
}

/** Header lines of a dump: `标题: …`, one short name and a value a line, at the very top. */
function headerLines(lines: readonly Line[], at: (path: string) => Anchor): Metadatum[] {
  const metadata: Metadatum[] = []
  for (const line of lines.slice(0, 40)) {
    if (line.kind === 'blank') continue
    const match = /^\s*([\p{L}][\p{L} ]{1,11})\s*[:：]\s*(.*)$/u.exec(line.text)
    if (!match || line.text.length > 300) break
    metadata.push({ name: match[1]!.trim(), value: match[2]!.trim(), anchor: at(`line[${line.number}]`) })
  }
  return metadata
}
