/**
 * Tables copied one cell a line: takes the lines of such a run, gives the grid. What separates the cells says what a blank
 * line is worth: nothing but line ends, a pipe or a tab on a line of its own before each, or single spaces where the line
 * ends were lost as well.
 */
import type { Anchor, Grid } from './document.ts'
import { makeGrid, type SourceCell } from './grid.ts'
import { enforceLimit } from './limits.ts'
import { sentenceEnd } from './prose.ts'

/** A line of the run. `blank`: white space, or a pipe alone. */
export type RunLine = { readonly number: number; readonly text: string; readonly blank: boolean }

const bareMark = /^\s*[-—–/／无]{1,2}\s*$/

/** True for a line that is a figure or a mark and nothing else. */
export function isValueLine(text: string): boolean {
  return isBareFigure(text) || bareMark.test(text)
}

function isBareFigure(text: string): boolean {
  return /^\s*(?:[-+－＋−–—]|增加?|减少?)?[\d０-９]+(?:[,，.．][\d０-９]+)*\s*[^\s\d.．、,，]{0,2}\s*$/.test(text)
}

/** The grid of a run: one column of cells, or rows of cells where tabs tell which cells share a row. */
export function cellRunGrid(rows: readonly RunLine[], at: (path: string) => Anchor): Grid {
  const marked = (mark: string): number => rows.filter(({ text }) => isLone(text, mark)).length
  const texts = rows.filter((row) => !row.blank).length
  if (marked('|') * 2 >= texts) return pipedRunGrid(rows, at)
  if (marked('\t') * 2 >= texts) return tabbedRunGrid(rows, at)
  const { spacing, step } = spacingOf(rows)
  const cells: SourceCell[][] = []
  let skip = 0
  for (const row of rows) {
    if (row.blank && skip > 0) {
      skip--
      continue
    }
    cells.push([cellAt(row.blank ? '' : row.text.trim(), at(`line[${row.number}]`))])
    skip = row.blank ? step - 1 : spacing
  }
  return makeGrid(cells, 'ragged', at(`line[${rows[0]!.number}]`), [])
}

const flattenedCharactersMin = 60
/** No table is longer, and longer lines are not to be cut up to find out. */
const flattenedCharactersMax = 50_000
const flattenedFiguresMin = 8
/** Longer texts are no cell of a table that lost its form. */
export const cellLineCharactersMax = 120
/** A row has a label or three: so many are those of a whole table. */
const flattenedLabelsMin = 8

/**
 * The pieces of a line in which a whole table lost its line ends: many figures, each between single spaces, pipes or tabs,
 * and many labels; null for any other line.
 */
export function flattenedPieces(text: string): string[] | null {
  if (text.length < flattenedCharactersMin || text.length > flattenedCharactersMax || !separators.test(text))
    return null
  const separator = text.includes('|') ? '|' : text.includes('\t') ? '\t' : /[ \u00A0\u3000]+/
  const pieces = text.trim().split(separator)
  const figures = pieces.filter(isValueLine).length
  if (figures < flattenedFiguresMin || figures * 4 < pieces.length) return null
  const labels = pieces.filter((piece) => /\p{Script=Han}{2}/u.test(piece)).length
  const prose = pieces.filter((piece) => piece.length > cellLineCharactersMax || sentenceEnd.test(piece)).length
  return labels >= flattenedLabelsMin && prose * 20 <= pieces.length ? pieces.map((piece) => piece.trim()) : null
}

const separators = /[ \t|\u00A0\u3000]/

/** One cell for each piece of a line that lost its line ends: `path[3]` is its third piece. */
export function flattenedGrid(pieces: readonly string[], path: string, at: (path: string) => Anchor): Grid {
  const cells = pieces.map((text, index) => [cellAt(text, at(`${path}/field[${index + 1}]`))])
  return makeGrid(cells, 'ragged', at(path), [])
}

function cellAt(text: string, anchor: Anchor): SourceCell {
  enforceLimit('cellCharactersMax', text.length)
  return { text, rowSpan: 1, columnSpan: 1, anchor }
}

function isLone(text: string, mark: string): boolean {
  return text.length < 12 && text.includes(mark) && text.replace(mark, '').trim() === '' && !/\t.*\t/.test(text)
}

function pipedRunGrid(rows: readonly RunLine[], at: (path: string) => Anchor): Grid {
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

/** A tab alone on a line stands between two cells of a row; text that follows text without one begins the next row. */
function tabbedRunGrid(rows: readonly RunLine[], at: (path: string) => Anchor): Grid {
  const lines: SourceCell[][] = []
  let tabs = 0
  let started = false
  for (const row of rows) {
    if (isLone(row.text, '\t')) {
      tabs++
      continue
    }
    const text = row.text.trim()
    if (text === '') continue
    const anchor = at(`line[${row.number}]`)
    if (!started || tabs === 0) lines.push([])
    const line = lines.at(-1)!
    for (let blank = line.length === 0 ? 0 : 1; blank < tabs; blank++) line.push(cellAt('', anchor))
    line.push(cellAt(text, anchor))
    tabs = 0
    started = true
  }
  return makeGrid(lines, 'ragged', at(`line[${rows[0]!.number}]`), [])
}

/**
 * How many blank lines are the spacing of the cells: as many as stand between any two figures, or one where each cell is
 * followed by one. Beyond them each blank cell has `step` lines, with its own spacing or without it.
 */
function spacingOf(rows: readonly RunLine[]): { readonly spacing: number; readonly step: number } {
  const gaps: number[] = []
  let followed = 0
  let texts = 0
  let last: RunLine | null = null
  let blanks = 0
  for (const row of rows) {
    if (row.blank) {
      blanks++
      continue
    }
    if (last !== null) {
      texts++
      if (blanks > 0) followed++
      if (isValueLine(last.text) && isValueLine(row.text)) gaps.push(blanks)
    }
    last = row
    blanks = 0
  }
  const least = gaps.reduce((one, gap) => Math.min(one, gap), Number.POSITIVE_INFINITY)
  const isSpacedOut = texts > 0 && followed / texts > 0.95
  const pairsMin = isSpacedOut ? 2 : least > 1 ? 3 : 8
  const spacing = Math.max(isSpacedOut ? 1 : 0, gaps.length < pairsMin ? 0 : least)
  const withOwn = spacing === 1 || gaps.every((gap) => (gap - spacing) % (spacing + 1) === 0)
  return { spacing, step: spacing === 0 || withOwn ? spacing + 1 : spacing }
}
