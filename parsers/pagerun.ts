/**
 * Tables as a browser copies them from a page whose cells hold blocks: takes the lines of a text, says which of them are
 * such a table, gives its grid. A browser writes a tab between two cells of a row and line ends around each block (HTML
 * standard, innerText), so that a cell's margins stand between the tab and its text, and lines are no rows. What parts two
 * texts tells what they are: with a tab between, they share a row; without one the later text begins the next row, or goes
 * on in the cell. A row's end beside a blank cell is one line end more than the margin.
 */
import { cellLineCharactersMax, isValueLine } from './cellrun.ts'
import { sentenceEnd } from './prose.ts'

/** A line of the text. */
type PageLine = { readonly number: number; readonly text: string }

/** Lines that are one such table, end exclusive; its rows as texts, each with the number of its line. */
export type PageRun = {
  readonly start: number
  readonly end: number
  readonly rows: readonly (readonly PageCell[])[]
}

export type PageCell = { readonly text: string; readonly number: number }

/** A text between tabs and line ends, and what stands between it and the one before. */
type Piece = {
  readonly text: string
  readonly number: number
  readonly line: number
  readonly value: boolean
  readonly tabs: number
  /** Line ends before the first tab, and behind the last; all of them where there is no tab. */
  readonly before: number
  readonly after: number
  /** The only text of its line. */
  alone: boolean
}

/** So many blank lines end a table. */
const gapMax = 24
/** So many texts one behind another without a tab between are no rows of a table; short ones may be those of one label. */
const plainTextsMax = 4
const shortCharactersMax = 4
const looseMin = 3

/** The tables of a text that a browser copied so, in order. Each line is looked at a fixed number of times. */
export function findPageRuns(lines: readonly PageLine[]): PageRun[] {
  const runs: PageRun[] = []
  if (!lines.some(({ text }) => text.includes('\t')) || !hasLoneFigures(lines)) return runs
  let pieces: Piece[] = []
  let tabs = 0
  let [before, after] = [0, 0]
  const endStretch = (): void => {
    const run = pieces.length < looseMin ? null : runOf(pieces, tabs)
    if (run !== null) runs.push(run)
    pieces = []
    tabs = before = after = 0
  }
  for (const [index, { text, number }] of lines.entries()) {
    if (isBroken(text) || before + after > gapMax) endStretch()
    if (isBroken(text)) continue
    let first: Piece | null = null
    for (const [at, field] of text.split('\t').entries()) {
      if (at > 0) {
        tabs++
        after = 0
      }
      const own = field.trim()
      if (own === '') continue
      const piece: Piece = {
        text: own,
        number,
        line: index,
        value: isValueLine(own),
        tabs,
        before,
        after,
        alone: first === null,
      }
      if (first !== null) first.alone = false
      first ??= piece
      pieces.push(piece)
      tabs = before = after = 0
    }
    if (tabs > 0) after++
    else before++
  }
  endStretch()
  return runs
}

/** Most texts with tabs have no figure that is alone on its line. */
function hasLoneFigures(lines: readonly PageLine[]): boolean {
  let count = 0
  for (const { text } of lines) {
    if (text.length <= figureCharactersMax && isValueLine(text) && ++count >= looseMin) return true
  }
  return false
}

const figureCharactersMax = 60

/** True for a line that is no part of such a table: prose, or one with a text too long for a cell. */
function isBroken(text: string): boolean {
  if (text.length <= cellLineCharactersMax) return sentenceEnd.test(text)
  return (
    text.includes('\n') || sentenceEnd.test(text) || text.split('\t').some((one) => one.length > cellLineCharactersMax)
  )
}

/** The table among some pieces one behind another; null where lines are rows. `tabs`: those behind the last piece. */
function runOf(pieces: readonly Piece[], tabs: number): PageRun | null {
  let loose = 0
  let joined = 0
  let [first, last] = [-1, -1]
  for (const [index, piece] of pieces.entries()) {
    if (!piece.value) continue
    const { alone, tabs: tabsBefore, after } = piece
    const next = pieces[index + 1]
    const isLoose =
      alone &&
      ((tabsBefore > 0 && (after > 0 || piece.before > 0) && pieces[index - 1] !== undefined) ||
        (next?.value === true && next.tabs > 0 && next.before + next.after > 0))
    if (isLoose) {
      loose++
      if (first < 0) first = index
      last = index
    } else if (!alone) joined++
  }
  if (loose < looseMin || loose <= joined) return null
  let start = first
  for (let index = first, plain = 0; index > 0 && plain <= plainTextsMax; index--) {
    if (pieces[index]!.tabs > 0) {
      plain = 0
      start = index - 1
    } else plain += weightOf(pieces[index]!)
  }
  let end = last
  for (let index = last + 1, plain = 0; index < pieces.length && plain <= plainTextsMax; index++) {
    const { tabs: tabsBefore, value, after } = pieces[index]!
    // A paragraph behind a blank last cell is a heading, unless the table goes on.
    if (value || (tabsBefore > 0 && after < paragraphMargin)) {
      plain = 0
      end = index
    } else plain += weightOf(pieces[index]!)
  }
  // A line is whole in the table or not at all.
  while (start > 0 && pieces[start - 1]!.line === pieces[start]!.line) start--
  while (end + 1 < pieces.length && pieces[end + 1]!.line === pieces[end]!.line) end++
  const own = pieces.slice(start, end + 1)
  const left = pieces[end + 1]?.tabs ?? tabs
  return { start: own[0]!.line, end: own.at(-1)!.line + 1, rows: rowsOf(own, left) }
}

function weightOf({ text }: Piece): number {
  return text.length > shortCharactersMax ? 1 : 1 / shortCharactersMax
}

/** Line ends between texts and tabs as most cells have them: what is beyond them ends a row. */
type Margins = {
  /** Before the text of a label, and behind it. */
  readonly labelBefore: number
  readonly labelAfter: number
  /** Before the first value behind a label. */
  readonly valueBefore: number
  /** Between a value and the next row's label; null where none follows one so. */
  readonly rowEnd: number | null
  /** The most behind a value that another value follows in its row. */
  readonly valueAfterMax: number
}

function rowsOf(pieces: readonly Piece[], tabsLeft: number): PageCell[][] {
  // A selection leaves out the tabs beside blocks: then a cell is a text, and rows are told by their labels alone.
  const followed = (tabbed: boolean): number =>
    pieces.filter((one, at) => at > 0 && one.value && pieces[at - 1]!.value && one.tabs > 0 === tabbed).length
  if (followed(false) > followed(true)) return pieces.map((piece) => [cellOf(piece)])
  const margins = marginsOf(pieces)
  const over = marginsOver(pieces, margins)
  const rows: PageCell[][] = []
  let row: PageCell[] = []
  let hasValue = false
  /** The last cell is one of the table, and no heading. */
  let isInside = false
  const begin = (): void => {
    row = []
    rows.push(row)
    hasValue = false
  }
  const pad = (count: number, number: number): void => {
    for (let blank = 0; blank < count; blank++) row.push({ text: '', number })
  }
  for (const [at, piece] of pieces.entries()) {
    const last = pieces[at - 1]
    const { tabs, value, before, number } = piece
    if (last === undefined) begin()
    else if (tabs === 0) {
      // Between a heading over the table and its first cell there is a paragraph's margin too, but no row's end before it.
      const goesOn = before === 1 ? over[at]! > 0 : before === paragraphMargin && over[at]! === before && isInside
      if (!value && !last.value && goesOn && before < (margins.rowEnd ?? 0)) {
        const above = row.pop()!
        row.push({ text: `${above.text}\n${piece.text}`, number: above.number })
        continue
      }
      begin()
      isInside = last.value ? before === margins.rowEnd : before > paragraphMargin
    } else if (value || !endsRow(last, piece, hasValue, margins)) pad(tabs - 1, number)
    else if (last.value && before > margins.valueAfterMax) {
      begin()
      pad(tabs, number)
    } else {
      pad(tabs, last.number)
      begin()
    }
    row.push(cellOf(piece))
    hasValue ||= value
    isInside ||= tabs > 0
  }
  pad(tabsLeft, pieces.at(-1)!.number)
  return rows
}

function cellOf({ text, number }: Piece): PageCell {
  return { text, number }
}

/** True where a row ends between two texts with a tab between, the later a label: beside a blank cell of either row. */
function endsRow(last: Piece, { before, after }: Piece, hasValue: boolean, margins: Margins): boolean {
  if (last.value && before > margins.valueAfterMax) return true
  if (hasValue || after < paragraphMargin) return after > margins.labelBefore
  // Cells of a header may have paragraphs where those of rows have none: the same on both sides of the tab, or as before figures.
  const isParagraph = before >= after || (before === margins.labelAfter && after === margins.valueBefore)
  return after > margins.labelBefore && (after === margins.labelBefore + 1 || !isParagraph)
}

const paragraphMargin = 2

function marginsOf(pieces: readonly Piece[]): Margins {
  const valueAfter: number[] = []
  const labelAfter: number[] = []
  const valueBefore: number[] = []
  const rowEnds: number[] = []
  for (const [at, piece] of pieces.entries()) {
    const last = pieces[at - 1]
    if (last === undefined) continue
    if (piece.value && piece.tabs > 0) {
      const behind = last.value ? valueAfter : labelAfter
      behind.push(piece.before)
      if (!last.value) valueBefore.push(piece.after)
    }
    if (!piece.value && last.value && piece.tabs === 0) rowEnds.push(piece.before)
  }
  const behind = mostFrequent(labelAfter) ?? 0
  const valueMargin = mostFrequent(valueAfter) ?? 0
  // Behind a table's last row there is no row's end.
  const end = mostFrequent(rowEnds.filter((count) => count > valueMargin))
  return {
    labelBefore: end === null ? behind : end - 1 - valueMargin,
    labelAfter: behind,
    valueBefore: mostFrequent(valueBefore) ?? 0,
    rowEnd: end,
    valueAfterMax: valueAfter.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...valueAfter),
  }
}

/** For each piece the line ends before the cell that it begins or goes on in, as far as the next tab tells how that cell is set. */
function marginsOver(pieces: readonly Piece[], { labelBefore, labelAfter }: Margins): number[] {
  const over = new Array<number>(pieces.length).fill(0)
  let margin = 0
  for (let at = pieces.length - 1; at >= 0; at--) {
    over[at] = margin
    const { tabs, before } = pieces[at]!
    if (tabs === 0) continue
    if (pieces[at - 1]?.value) margin = 0
    else
      margin = before >= paragraphMargin ? paragraphMargin : before === labelAfter ? Math.min(before, labelBefore) : 0
  }
  return over
}

/** The least of those that are there most often; null for none. */
function mostFrequent(counts: readonly number[]): number | null {
  const seen = new Map<number, number>()
  let best: number | null = null
  for (const count of [...counts].sort((a, b) => a - b)) {
    const times = (seen.get(count) ?? 0) + 1
    seen.set(count, times)
    if (best === null || times > seen.get(best)!) best = count
  }
  return best
}
