/**
 * Plain text to paragraphs and grids. Text has no tables, only the traces of them that copying leaves: tabs, pipes,
 * runs of spaces, or one cell a line. This file finds those traces and says where each field stands; what a field means
 * is not known here. A line's fields are counted from its start (`ragged`), save where columns line up on the page.
 */
import type { Anchor, Block, Grid, Metadatum, Notice } from './document.ts'
import { makeGrid, type SourceCell } from './grid.ts'
import { enforceLimit, LimitError, limits } from './limits.ts'
import { alignParts, type SpacedField, splitBySpaces } from './spaced.ts'

/** What plain text gives; `title` is one that a header line of the text declares. */
export type TextParts = {
  readonly blocks: Block[]
  readonly metadata: Metadatum[]
  readonly title: string | null
  readonly notices: Notice[]
}

type LineKind = 'blank' | 'tabs' | 'pipes' | 'spaces' | 'plain'
type Line = { readonly number: number; readonly text: string; readonly kind: LineKind }
type TableKind = 'tabs' | 'pipes' | 'spaces'

/** Lines inside a table that are no rows of it: page numbers that copying left behind. */
const pageNumber = /^\s*(?:[-—–－]+\s*\d{1,4}\s*[-—–－]+|第\s*\d{1,4}\s*页.{0,12}|\d{1,3}\s*\/\s*\d{1,3})\s*$/
const bareMark = /^\s*[-—–/／无]{1,2}\s*$/
const sentenceEnd = /[。；;！？!?]\s*$/
/** Rows whose cells are all blank are their label alone, and a table may have many of them. */
const bridgeLinesMax = 32
const bridgeCharactersMax = 60
const cellLineCharactersMax = 80

/**
 * Paragraphs and grids of a text in reading order. Paths are `line[12]` and `line[12]/field[3]`, counted from 1; with
 * `prefix` they are those inside a larger source.
 * @throws LimitError for lines, fields or cells beyond the limits
 */
export function parseText(text: string, prefix = ''): TextParts {
  const lines = splitLines(text)
  const notices: Notice[] = []
  const blocks: Block[] = []
  const budget = { cells: 0 }
  const at = (path: string): Anchor => ({ path: prefix + path, page: null, box: null })
  let index = 0
  while (index < lines.length) {
    const line = lines[index]!
    if (line.kind === 'blank') {
      index++
      continue
    }
    const end = line.kind === 'plain' ? cellRunEnd(lines, index) : tableEnd(lines, index, line.kind)
    if (end > index) {
      const rows = lines.slice(index, end)
      const grids = line.kind === 'plain' ? [cellRunGrid(rows, at)] : tableGrids(rows, line.kind, at, notices)
      for (const grid of grids) budget.cells += grid.cells.length
      enforceLimit('cellsMax', budget.cells)
      blocks.push(...grids)
      index = end
    } else {
      const heading = /^ {0,3}(#{1,6}) +(.*?)[ #]*$/.exec(line.text)
      const text = heading === null ? line.text.trim() : heading[2]!
      const level = heading === null ? null : heading[1]!.length
      blocks.push({ kind: 'paragraph', text, heading: level, anchor: at(`line[${line.number}]`) })
      index++
    }
    if (blocks.length > limits.blocksMax) throw new LimitError('blocksMax')
  }
  const metadata = headerLines(lines, at)
  const title = metadata.find((one) => /^(标题|题名|title)$/i.test(one.name))?.value ?? null
  return { blocks, metadata, title, notices }
}

function splitLines(text: string): Line[] {
  const lines: Line[] = []
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0
  const add = (end: number): void => {
    const line = text.slice(start, end)
    lines.push({ number: lines.length + 1, text: line, kind: kindOf(line) })
  }
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code !== 10 && code !== 13 && code !== 12 && code !== 0x2028 && code !== 0x2029) continue
    add(index)
    if (code === 13 && text.charCodeAt(index + 1) === 10) index++
    start = index + 1
    if (lines.length > limits.blocksMax) throw new LimitError('blocksMax')
  }
  if (start < text.length) add(text.length)
  return lines
}

function kindOf(line: string): LineKind {
  if (line.includes('\t')) return /^[\t ]*$/.test(line) && line.trim() === '' && !/\t{2}/.test(line) ? 'blank' : 'tabs'
  if (line.trim() === '' || line.trim() === '|') return 'blank'
  if (line.includes('|') && isPipeRow(line)) return 'pipes'
  if (line.length <= 400 && splitBySpaces(line).length > 1) return 'spaces'
  return 'plain'
}

function isPipeRow(line: string): boolean {
  const pipes = line.split('|').length - 1
  return pipes >= 2 || (pipes === 1 && line.length <= 120 && !sentenceEnd.test(line))
}

/** Where a table that starts at `start` ends: stray blank lines, page numbers and short lines inside do not end it. */
function tableEnd(lines: readonly Line[], start: number, kind: TableKind): number {
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
  // Rows at the end whose cells are all blank are their label alone.
  if (kind === 'spaces') {
    for (let more = 0; more < 8 && lines[end]?.kind === 'plain' && isBridge(lines[end]!); more++) end++
  }
  // One line with two fields is a sentence with a gap in it, not a table.
  return rows >= 2 || (kind === 'tabs' && lines[start]!.text.split('\t').length > 3) ? end : start
}

/** The index of the next line of the table behind a gap of one blank line, page numbers and short lines, else `index`. */
function bridge(lines: readonly Line[], index: number, kind: TableKind): number {
  let blanks = 0
  let shorts = 0
  for (let next = index; next < lines.length && next < index + bridgeLinesMax; next++) {
    const line = lines[next]!
    if (line.kind === kind) return next
    if (line.kind === 'blank') blanks++
    else if (pageNumber.test(line.text)) continue
    else if (line.kind !== 'tabs' && line.kind !== 'pipes' && isBridge(line) && !isValueLine(line.text)) shorts++
    else return index
    if (blanks > 2 || (blanks > 1 && shorts > 0)) return index
  }
  return index
}

function isBridge(line: Line): boolean {
  return line.text.trim().length <= bridgeCharactersMax && !sentenceEnd.test(line.text)
}

function tableGrids(rows: readonly Line[], kind: TableKind, at: (path: string) => Anchor, notices: Notice[]): Grid[] {
  const kept = rows.filter((row) => row.kind !== 'blank' && !pageNumber.test(row.text))
  if (kind === 'spaces') return spacedGrids(kept, at, notices)
  const split = kind === 'tabs' ? splitByTabs : pipeSplitter(kept)
  const cells: SourceCell[][] = []
  for (const row of kept) {
    const fields = split(row.text)
    if (fields === null) continue
    enforceLimit('lineFieldsMax', fields.length)
    cells.push(fields.map((text, index) => cellAt(text, at(`line[${row.number}]/field[${index + 1}]`))))
  }
  return [makeGrid(cells, 'ragged', at(`line[${kept[0]!.number}]`), notices)]
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
    grids.push(makeGrid(cells, part.aligned === null ? 'ragged' : 'aligned', anchor, notices))
    first += part.fields.length
  }
  return grids
}

function spacedCell(row: Line, field: SpacedField, index: number, at: (path: string) => Anchor): SourceCell {
  const anchor = at(`line[${row.number}]/field[${index + 1}]`)
  return { text: field.text, rowSpan: 1, columnSpan: field.columnSpan, anchor, doubt: 'columns_by_alignment' }
}

function cellAt(text: string, anchor: Anchor): SourceCell {
  enforceLimit('cellCharactersMax', text.length)
  return { text, rowSpan: 1, columnSpan: 1, anchor }
}

function splitByTabs(line: string): string[] {
  return line.split('\t').map((field) => field.trim())
}

/** Markdown and its relatives: with or without outer pipes, `\|` for a pipe in a cell, `|---|:-:|` lines ignored. */
function pipeSplitter(rows: readonly Line[]): (line: string) => string[] | null {
  const outer = rows.filter((row) => row.kind === 'pipes').every((row) => /^\s*\|.*\|\s*$/.test(row.text))
  return (line) => {
    if (/^[\s|:+-]+$/.test(line) && /-{3}|:-|-:/.test(line)) return null
    if (!line.includes('|')) return [line.trim()]
    const inner = outer ? line.trim().slice(1, -1) : line
    return inner.split(/(?<!\\)\|/).map((field) => field.trim().replaceAll('\\|', '|'))
  }
}

/**
 * Where a run of lines that are one cell each ends; `start` where there is none. Such a run is short lines of which
 * several are bare figures: a table copied cell by cell.
 */
function cellRunEnd(lines: readonly Line[], start: number): number {
  let end = start
  let figures = 0
  let blanks = 0
  for (let index = start; index < lines.length; index++) {
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
    end = index + 1
  }
  // Blank cells behind the last row belong to it, as far as the run's own spacing goes.
  return figures >= 3 ? trailingBlanks(lines, end) : start
}

function trailingBlanks(lines: readonly Line[], end: number): number {
  let index = end
  while (index < lines.length && lines[index]!.kind === 'blank') index++
  return index
}

function isValueLine(text: string): boolean {
  return isBareFigure(text) || bareMark.test(text)
}

function isBareFigure(text: string): boolean {
  return /^\s*[-+]?[\d０-９][\d０-９,，.．]*\s*[^\s\d]{0,2}\s*$/.test(text)
}

/**
 * One column of cells. Where a pipe stands on a line before each cell, it begins one; where every cell is followed by a
 * blank line, that line is spacing; else a blank line is a blank cell.
 */
function cellRunGrid(rows: readonly Line[], at: (path: string) => Anchor): Grid {
  const kept = rows.filter((row) => !pageNumber.test(row.text))
  const pipes = kept.filter(isLonePipe).length
  if (pipes * 2 >= kept.filter((row) => row.kind !== 'blank' || isLonePipe(row)).length) return pipedRunGrid(kept, at)
  const spaced = isSpacedOut(kept)
  const cells: SourceCell[][] = []
  let skip = false
  for (const row of kept) {
    if (row.kind === 'blank' && skip) {
      skip = false
      continue
    }
    cells.push([cellAt(row.kind === 'blank' ? '' : row.text.trim(), at(`line[${row.number}]`))])
    skip = spaced
  }
  return makeGrid(cells, 'ragged', at(`line[${kept[0]!.number}]`), [])
}

function isLonePipe(row: Line): boolean {
  return row.text.trim() === '|'
}

function pipedRunGrid(rows: readonly Line[], at: (path: string) => Anchor): Grid {
  const cells: { lines: string[]; anchor: Anchor }[] = []
  for (const row of rows) {
    const text = row.text.trim()
    const last = cells.at(-1)
    // What follows a figure without a pipe is no more of its cell.
    const over = last === undefined || (text !== '' && isValueLine(last.lines[0] ?? ''))
    if (text === '|' || over) cells.push({ lines: [], anchor: at(`line[${row.number}]`) })
    if (text !== '|' && text !== '') cells.at(-1)!.lines.push(text)
  }
  return makeGrid(
    cells.map(({ lines, anchor }) => [cellAt(lines.join('\n'), anchor)]),
    'aligned',
    cells[0]!.anchor,
    [],
  )
}

function isSpacedOut(rows: readonly Line[]): boolean {
  let followed = 0
  let texts = 0
  for (const [index, row] of rows.entries()) {
    if (row.kind === 'blank' || index === rows.length - 1) continue
    texts++
    if (rows[index + 1]!.kind === 'blank') followed++
  }
  return texts > 0 && followed / texts > 0.95
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
