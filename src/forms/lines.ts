/**
 * A document's grids as lines of cells: takes blocks, gives for each printed row its cells with what each can mean, a
 * value or labels. Tables that lost their rows (one cell a line, one cell a paragraph) are cut into lines here, so that
 * matching sees one kind of table.
 */
import type { Anchor, Block, Cell, Grid, ParserNoticeCode, PictureReading } from '../../parsers/document.ts'
import { cellsByRow } from '../../parsers/grid.ts'
import { besideOneAnother } from './beside.ts'
import type { LabelIndex, LabelMatch } from './labels.ts'
import { withoutLineNumbers } from './linenumbers.ts'
import { type CellValue, isFigure, isUnit, readValue, readValueOrMark } from './values.ts'
import { joinBelow, joinWrapped } from './wrapped.ts'

/** A cell of a line. Exactly one of `value` and `label` is set. */
export type LineCell = {
  /** Number among all cells of the document; -1 for one that the document does not have. */
  readonly number: number
  readonly text: string
  readonly value: CellValue | null
  readonly label: LabelMatch | null
  /** Grid columns covered, end exclusive. */
  readonly start: number
  readonly end: number
  /** The cell began in an earlier row and only reaches into this one. */
  readonly carried: boolean
  /** The source has no cell here. */
  readonly filler: boolean
  /** The source has no cell here, since its row has fewer of them than others. */
  readonly missing?: true
  /** It is blank and may be none: see Cell. */
  readonly fills?: true
  /** Its column is known only from where it stands on the line. */
  readonly doubtful: boolean
  /** Only white space parts its column from others. */
  readonly parted?: true
  /** Only where it was read from a picture. */
  readonly reading?: PictureReading
  readonly anchor: Anchor
}

export type Trimmed = 'no' | 'perhaps' | 'yes'

export type SourceLine = {
  /** Place among all lines of the document. */
  readonly index: number
  /** Number of the grid in the document, and of the row in it. */
  readonly grid: number
  readonly row: number
  /** True where column numbers can be compared from row to row. */
  readonly aligned: boolean
  /** It may be one of several lines of a row, whether or not columns can be compared. */
  readonly wraps: boolean
  /** Whether blank fields at the ends of lines were cut off; `perhaps` where no blank inside shows that blanks are kept. */
  readonly trimmed: Trimmed
  /** How many fields the longest line of its grid has more. */
  readonly shorter: number
  /** True where cells one after another were cut into lines here. */
  readonly stream: boolean
  readonly cells: readonly LineCell[]
  readonly figureCount: number
  /** True where the line prints figures or marks. */
  readonly filled: boolean
  /** Index of the first figure or mark behind the label; the number of cells where there is none. */
  readonly firstFigure: number
  /** True for a line that counts the columns (1, 2, 3 ...) and states nothing. */
  readonly numbering: boolean
  /** Words in the line that name a row of some table, and that name a column of some table. */
  readonly rowWords: number
  readonly columnWords: number
  /** Labels in the line that name a column, by table code; the largest of these numbers beside. */
  readonly columnHits: ReadonlyMap<string, number>
  readonly columnHitsMax: number
}

const noHits: ReadonlyMap<string, number> = new Map()
const streamTextMax = 120
/** So many labels and bare figures among short paragraphs in a row are a table that lost its cells. */
const streamCellsMin = 8

/** Lines in reading order. */
export type SourceLines = {
  readonly lines: readonly SourceLine[]
  /** The grid behind each grid number, null for a stream. */
  readonly grids: readonly (Grid | null)[]
  /** One more than the highest number of a cell. */
  readonly cellCount: number
}

/** What gives each cell its number and its meaning. */
type Reader = {
  readonly index: LabelIndex
  readonly find: LabelIndex['find']
  readonly marks: ReadonlySet<string>
  cellCount: number
  /** Some table of the document has numbers before its lines, see linenumbers.ts. */
  numbered: boolean
}

/** All lines of all grids. `marks`: what some form prints in place of a figure, by markKey. */
export function readLines(blocks: readonly Block[], index: LabelIndex, marks: ReadonlySet<string>): SourceLines {
  const { find } = index
  const reader: Reader = { index, find, marks, cellCount: 0, numbered: false }
  const lines: Row[] = []
  const grids: (Grid | null)[] = []
  let run: LineCell[] = []
  let rowInRun = false
  const endRun = (): void => {
    const cells = run.filter((cell) => (isWords(cell) ? isLabel(cell) : !isBlank(cell)))
    // A row by itself may be one that its table lost: its figures must not go unnoticed.
    if (rowInRun || (cells.length >= streamCellsMin && cells.some(isWords))) {
      lines.push(...streamLines(joinCells(run, reader), grids.length, false))
      grids.push(null)
    }
    run = []
    rowInRun = false
  }
  for (const block of blocks) {
    if (block.kind === 'paragraph') {
      if (block.text.length > streamTextMax) endRun()
      else {
        const pieces = piecesOf(block.text, find)
        for (const text of pieces) {
          const cell = readCell(reader, text, 0, 1, false, false, false, block.anchor)
          run.push(block.confidence === undefined ? cell : fromPicturedText(cell, block.confidence))
        }
        if (pieces.length > 2 && isFigure(run.at(-1)!.value)) rowInRun = true
      }
      continue
    }
    endRun()
    if (block.columnCount === 1 && block.rowCount > 3) {
      const cells = block.cells.flatMap((cell) => fromSpacedCell(reader, cell, block.columns))
      lines.push(...streamLines(joinCells(cells, reader), grids.length, block.columns === 'aligned'))
    } else {
      for (const line of gridLines(block, grids.length, reader)) lines.push(line)
    }
    grids.push(block)
  }
  endRun()
  return { lines: lines.map(makeLine), grids, cellCount: reader.cellCount }
}

/** So many figures at the end of a paragraph are a row's, whatever its label. */
const rowFiguresMin = 3
/** A label of so many words, and those of its groups before it. */
const labelWordsMax = 8

/** The cells of a row that a page shows as a paragraph, told by white space alone: labels, and behind them figures. */
function piecesOf(text: string, find: LabelIndex['find']): readonly string[] {
  if (!/\S\s+\S/.test(text)) return [text]
  const pieces = text.trim().split(/\s+/)
  const firstValue = pieces.findIndex((piece) => readValue(piece) !== null)
  const words = firstValue < 0 ? [...pieces] : pieces.slice(0, firstValue)
  const values = pieces.slice(words.length)
  if (values.some((one) => readValue(one) === null)) return [text]
  if (words.every((piece) => isUnit(piece) || isTableWord(find(piece)))) return pieces
  if (values.length === 0 || words.length === 0) return [text]
  const labels = labelsOfWords(words, find)
  if (labels !== null) return [...labels, ...values]
  // A unit before the figure shows a row too, though its label began on the line before.
  const unit = words.length > 1 && isUnit(words.at(-1)!) ? [words.pop()!] : []
  return values.length >= rowFiguresMin || unit.length > 0 ? [words.join(' '), ...unit, ...values] : [text]
}

/** The labels that words make where white space stands within them too, the longest first; null where some are of none. */
function labelsOfWords(words: readonly string[], find: LabelIndex['find']): string[] | null {
  const labels: string[] = []
  for (let start = 0; start < words.length; ) {
    let end = Math.min(words.length, start + labelWordsMax)
    let label = words.slice(start, end).join(' ')
    while (end > start + 1 && !isLabelFor(find(label))) label = words.slice(start, --end).join(' ')
    if (!isUnit(label) && !isTableWord(find(label))) return null
    labels.push(label)
    start = end
  }
  return labels
}

function isLabelFor(match: LabelMatch): boolean {
  return match.exact && isTableWord(match)
}

/** True for the words of a table: those of its rows and columns, and what stands over its labels. */
function isTableWord({ scopes, captions, units, numbers, unit }: LabelMatch): boolean {
  return scopes.length > 0 || [captions, units, numbers, unit].some((one) => one.size > 0)
}

function gridLines(grid: Grid, number: number, reader: Reader): Row[] {
  const aligned = grid.columns === 'aligned'
  const rows = cellsByRow(grid).map((cells, row) => {
    const kept: LineCell[] = []
    // Between lines that are only counted from their start, a place without a field is nothing.
    for (const cell of cells) if (aligned || !cell.filler) kept.push(fromCell(reader, cell, row))
    const last = kept.at(-1)
    if (aligned || last === undefined || !hasLastFigure(last)) return kept
    const cell = cells.findLast((one) => !one.filler)!
    return [...kept.slice(0, -1), ...fromSpacedCell(reader, cell, grid.columns)]
  })
  const printed = withoutLineNumbers(rows, reader).map((cells, row) => ({ cells, row }))
  const below = grid.wraps ? joinBelow(printed, reader.index) : printed
  const whole = aligned ? below : joinWrapped(below, reader.index)
  const parts = besideOneAnother(
    whole.map(({ cells }) => cells),
    aligned,
  )
  const rowOf = (index: number): number => whole[index]!.row
  if (parts === null)
    return builtAlike(
      whole.map(({ cells }) => cells),
      number,
      grid,
      rowOf,
    )
  return parts.flatMap((part) => {
    const cells = part.map((one) => one.cells)
    return builtAlike(cells, number, grid, (index) => rowOf(part[index]!.row))
  })
}

/** Cells one after another with labels whole that were broken over several of them. */
function joinCells(cells: readonly LineCell[], { index }: Reader): readonly LineCell[] {
  const lines = cells.map((cell, row) => ({ cells: [cell], row }))
  return joinWrapped(lines, index).flatMap((line) => line.cells)
}

/** Rows of one build with what their ends show; `rowOf` gives the row of the grid that each of them is. */
function builtAlike(
  rows: readonly (readonly LineCell[])[],
  grid: number,
  { columns, wraps, ended }: Pick<Grid, 'columns' | 'wraps' | 'ended'>,
  rowOf: (index: number) => number,
): Row[] {
  const aligned = columns === 'aligned'
  const trimmed = aligned || ended ? 'no' : trimmedOf(rows)
  const longest = Math.max(0, ...rows.map((cells) => cells.length))
  return rows.map((cells, index) => {
    const shorter = longest - cells.length
    return { grid, row: rowOf(index), aligned, wraps: wraps === true, trimmed, shorter, stream: false, cells }
  })
}

/** No line ends in a blank field, yet blanks stand between figures: editors cut off what is invisible. */
function trimmedOf(rows: readonly (readonly LineCell[])[]): Trimmed {
  let inner = false
  for (const cells of rows) {
    if (cells.length > 1 && isBlank(cells.at(-1)!)) return 'no'
    inner ||= cells.some((cell, index) => index > 1 && isBlank(cell) && isFigure(cells[index - 1]!.value))
  }
  return inner ? 'yes' : 'perhaps'
}

function fromCell(reader: Reader, cell: Cell, row: number): LineCell {
  const end = cell.column + cell.columnSpan
  const doubtful = cell.doubt === 'columns_by_alignment'
  const line = readCell(reader, cell.text, cell.column, end, cell.row < row, cell.filler, doubtful, cell.anchor)
  if (cell.doubt === 'row_short') return { ...line, missing: true }
  if (cell.fills) return { ...line, fills: true }
  if (cell.reading !== undefined) return fromPicture(asLabel(line, cell.reading, reader), cell, cell.reading)
  const unsure = line.value !== null && cell.doubt !== null && unreadableFor.has(cell.doubt)
  const told: LineCell = unsure
    ? { ...line, value: { ...line.value!, state: 'unreadable', value: null, candidates: [] } }
    : line
  return cell.doubt === 'columns_by_white_space' || cell.doubt === 'figure_broken' ? { ...told, parted: true } : told
}

/** Words with a figure behind a space: whether it is the figure of a row is asked of the forms. */
function hasLastFigure({ value, text }: LineCell): boolean {
  return value === null && text.length <= streamTextMax && /\S\s+\d+$/.test(text.trimEnd())
}

/** A cell of copied text as the cells it runs together: labels, and behind them figures. */
function fromSpacedCell(reader: Reader, cell: Cell, columns: Grid['columns']): LineCell[] {
  const whole = fromCell(reader, cell, cell.row)
  if (columns === 'aligned' || !hasLastFigure(whole)) return [whole]
  const pieces = piecesOf(cell.text, reader.find)
  if (pieces.length === 1) return [whole]
  return pieces.map((text, index) => fromCell(reader, { ...cell, text, column: cell.column + index }, cell.row))
}

const hanCharacter = /[\u3400-\u9fff]/

/** Values in the running text of a picture were read without the checks that a figure needs: none of them is sure. */
function fromPicturedText(cell: LineCell, confidence: number): LineCell {
  const pictured = { ...cell, reading: { confidence, candidates: [] } }
  if (cell.value === null || cell.value.state === 'blank') return pictured
  return { ...pictured, value: { ...cell.value, state: 'unreadable', value: null, candidates: [] } }
}

/** Words of a picture as the likeliest of their readings that some form knows. */
function asLabel(line: LineCell, { candidates }: PictureReading, { find }: Reader): LineCell {
  if (line.label === null || (line.label.exact && isTableWord(line.label))) return line
  const known = candidates
    .filter((text) => text !== line.text && readValue(text) === null)
    .map((text) => ({ text, label: find(text) }))
    .filter(({ label }) => isTableWord(label))
  const best = known.find(({ label }) => label.exact) ?? (isTableWord(line.label) ? undefined : known[0])
  return best === undefined ? line : { ...line, ...best }
}

/** What is uncertain in a picture is no value, whatever it looks like; words that may be a label are looked up all the same. */
function fromPicture(line: LineCell, { doubt }: Cell, reading: PictureReading): LineCell {
  if (doubt !== 'reading_uncertain' || (line.label !== null && line.label.scopes.length > 0))
    return { ...line, reading }
  const values = reading.candidates.map(readValue)
  if (line.value === null && !values.some((one) => one !== null) && hanCharacter.test(line.text))
    return { ...line, reading }
  // Beside a mark no figure is proved by a sum that asks for 0, so no candidate is named.
  const figures = values.flatMap((one) => (one?.state === 'number' ? [one.value] : []))
  const candidates = figures.length === values.length ? [...new Set(figures)] : []
  const value: CellValue = { state: 'unreadable', value: null, candidates, unit: null, remark: null }
  return { ...line, reading, label: null, value }
}

/** What a drawing leaves open in a cell: whose figure it is, or what its characters are. */
const unreadableFor: ReadonlySet<ParserNoticeCode> = new Set<ParserNoticeCode>([
  'cells_overlap',
  'figure_broken',
  'figure_cut_by_line',
  'glyphs_without_text',
  'hidden_text',
  'image_in_place_of_text',
  'text_left_out',
])

function readCell(
  reader: Reader,
  text: string,
  start: number,
  end: number,
  carried: boolean,
  filler: boolean,
  doubtful: boolean,
  anchor: Anchor,
): LineCell {
  const value = readValueOrMark(text, reader.marks)
  const label = value === null ? reader.find(text) : null
  return { number: reader.cellCount++, text, value, label, start, end, carried, filler, doubtful, anchor }
}

type Row = Pick<SourceLine, 'grid' | 'row' | 'aligned' | 'wraps' | 'trimmed' | 'shorter' | 'stream' | 'cells'>

function makeLine({ grid, row, aligned, wraps, trimmed, shorter, stream, cells }: Row, index: number): SourceLine {
  const firstFigure = findFirstFigure(cells)
  const filled = firstFigure < cells.length
  let figureCount = 0
  let rowWords = 0
  let columnWords = 0
  let previous = ''
  for (let place = 0; place < cells.length; place++) {
    const cell = cells[place]!
    if (cell.label === null) {
      if (place >= firstFigure && !cell.carried && isFigure(cell.value)) figureCount++
      continue
    }
    const { rows, columns } = cell.label
    if (cell.text === previous || (rows.size === 0 && columns.size === 0)) continue
    previous = cell.text
    if (rows.size > 0) rowWords++
    if (columns.size > 0) columnWords++
  }
  const numbering =
    figureCount > 0 &&
    countsColumns(cells) &&
    (figureCount >= numberedColumnsMin || cells.some(({ label }) => label !== null && label.numbers.size > 0))
  const columnHits = filled || columnWords === 0 ? noHits : countColumnHits(cells)
  let columnHitsMax = 0
  for (const hits of columnHits.values()) columnHitsMax = Math.max(columnHitsMax, hits)
  return {
    index,
    grid,
    row,
    aligned,
    wraps,
    trimmed,
    shorter,
    stream,
    cells,
    figureCount,
    filled,
    firstFigure,
    numbering,
    rowWords,
    columnWords,
    columnHits,
    columnHitsMax,
  }
}

/** Behind the last words that name a row: a number before them is the row's own number, not a figure. */
function findFirstFigure(cells: readonly LineCell[]): number {
  const isPrinted = (cell: LineCell): boolean => !isWords(cell) && !isBlank(cell) && !cell.carried
  const last = cells.findLastIndex(isPrinted)
  if (last < 0) return cells.length
  let label = last - 1
  while (label >= 0 && !((cells[label]!.label?.rows.size ?? 0) > 0)) label--
  const from = label >= 0 ? label + 1 : cells.findIndex(isWords) + 1
  const first = cells.findIndex((cell, index) => index >= from && isPrinted(cell))
  return first >= 0 ? first : cells.length
}

const numberedColumnsMin = 5

function countsColumns(cells: readonly LineCell[]): boolean {
  let next = 1
  for (const cell of cells) {
    if (isWords(cell) || isBlank(cell)) continue
    if (cell.value!.value !== next) return false
    next++
  }
  return next > 1
}

function countColumnHits(cells: readonly LineCell[]): ReadonlyMap<string, number> {
  const hits = new Map<string, number>()
  let previous = ''
  for (const cell of cells) {
    if (cell.label === null || cell.text === previous) continue
    previous = cell.text
    for (const table of cell.label.columnTables) hits.set(table, (hits.get(table) ?? 0) + 1)
  }
  return hits
}

/** The last words of a line before its figures, those that reach in from a row above apart; null where there are none. */
export function lastWords(line: SourceLine): LineCell | null {
  let unit: LineCell | null = null
  for (let index = line.firstFigure - 1; index >= 0; index--) {
    const cell = line.cells[index]!
    if (!isWords(cell) || cell.carried) continue
    // The unit that stands between a label and its figures is not the label.
    if (!isUnitWord(cell)) return cell
    unit ??= cell
  }
  return unit
}

/** True where a cell holds words. */
export function isWords(cell: LineCell): boolean {
  return cell.value === null
}

function isLabel({ label }: LineCell): boolean {
  return label !== null && (label.rows.size > 0 || label.columns.size > 0)
}

/** True for a unit in a cell of its own, and no label of a row. */
function isUnitWord({ text, label }: LineCell): boolean {
  return isUnit(text) || (label !== null && label.unit.size > 0 && label.rows.size === 0)
}

/** True where a cell holds nothing. */
export function isBlank(cell: LineCell): boolean {
  return cell.value !== null && cell.value.state === 'blank'
}

/**
 * Cells one after another, cut into lines: words after values begin a new one. Of the words before a row's values the
 * last is its label, with the group labels right before it; those before are header lines. `marked`: the source marks each
 * cell, blank ones too.
 */
function streamLines(cells: readonly LineCell[], grid: number, marked: boolean): Row[] {
  const lines: Row[] = []
  let words: LineCell[] = []
  let values: LineCell[] = []
  const push = (line: LineCell[]): void => {
    if (line.length > 0)
      lines.push({
        grid,
        row: lines.length,
        aligned: false,
        wraps: false,
        trimmed: 'no',
        shorter: 0,
        stream: true,
        cells: place(line),
      })
  }
  // Where no blank ever stands between two figures, blanks are the spacing of the text and not cells.
  const spacing =
    !marked &&
    !cells.some((cell, at) => at > 1 && isBlank(cell) && isFigure(cells[at - 1]!.value) && followedByValue(cells, at))
  const flush = (): void => {
    while (spacing && values.length > 0 && isBlank(values.at(-1)!)) values.pop()
    const cut = headerEnd(words)
    // Between a header and a row without a label the rows are parted, as behind its figures.
    if (spacing && cut === words.length)
      values = values.slice(
        Math.max(
          0,
          values.findIndex((cell) => !isBlank(cell)),
        ),
      )
    for (const part of cutAtCaptions(words.slice(0, cut))) push(part)
    push([...words.slice(cut), ...values])
    words = []
    values = []
  }
  for (const cell of cells) {
    // A unit behind a figure, or between two, is no label of a row.
    if (isWords(cell) && !(values.length > 0 && isUnitWord(cell))) {
      // Blank cells between labels of columns are what merged cells leave: no row stands there.
      if (hits(cell, 'columns') && isHeadOfColumns(words) && values.every(isBlank)) values = []
      else if (values.length > 0) flush()
      words.push(cell)
    } else if (words.length > 0 || values.length > 0 || isFigure(cell.value)) {
      values.push(cell)
    }
  }
  flush()
  return lines
}

/** Words before a row as header lines: each heading, and the text of each top left cell, begins another table's. */
function cutAtCaptions(words: readonly LineCell[]): LineCell[][] {
  const parts: LineCell[][] = [[]]
  for (const cell of words) {
    if ((cell.label?.captions.size ?? 0) > 0 && parts.at(-1)!.length > 0) parts.push([])
    parts.at(-1)!.push(cell)
  }
  return parts
}

/** True where the next cell that is not blank holds a value. */
function followedByValue(cells: readonly LineCell[], at: number): boolean {
  const next = cells.slice(at + 1, at + 12).find((cell) => !isBlank(cell))
  return next !== undefined && !isWords(next)
}

function place(cells: readonly LineCell[]): LineCell[] {
  return cells.map((cell, column) => ({ ...cell, start: column, end: column + 1 }))
}

/** True where the last of some words is a label of a column: 总计 names a row too, but not behind other column labels. */
function isHeadOfColumns(words: readonly LineCell[]): boolean {
  const [last, before] = [words.at(-1), words.at(-2)]
  return hits(last, 'columns') && (hits(before, 'columns') || !hits(last, 'rows'))
}

function hits(cell: LineCell | undefined, axis: 'rows' | 'columns'): boolean {
  return (cell?.label?.[axis].size ?? 0) > 0
}

function headerEnd(words: readonly LineCell[]): number {
  if (words.length === 0) return 0
  const last = words.at(-1)!
  const before = words.at(-2)
  if (hits(last, 'columns') && hits(before, 'columns')) return words.length
  let cut = words.length - 1
  while (cut > 0 && hits(words[cut - 1], 'rows') && !hits(words[cut - 1], 'columns')) cut--
  return cut
}
