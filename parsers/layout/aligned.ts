/**
 * Tables without ruling lines between their columns: takes lines of text as they stand below one another, gives the tables
 * among them as grids. Columns are known from where figures and the header's labels stand, rows from heights; every cell
 * is marked as placed by alignment, so that later stages believe only what full rows or the header confirm. What is not
 * clear stays text: a table needs a header over its figures, columns with white between, and a label for each row or none.
 */
import type { Grid } from '../document.ts'
import { limits } from '../limits.ts'
import { type Columns, findColumns } from './columns.ts'
import { composeGrid } from './compose.ts'
import type { Glyph } from './page.ts'
import { findRows, type LabelledRow, type Parting } from './rows.ts'
import {
  cutWord,
  endsInFigure,
  joinWords,
  overlaps,
  type StreamLine,
  type Word,
  type WordLine,
  wordLines,
} from './words.ts'

/** A table and the glyphs that it was read from; or lines of one that cannot be read, which are kept as they are. */
export type AlignedTable = { readonly glyphs: ReadonlySet<Glyph>; readonly grid: Grid | null }

/** A line drawn across, in the heights of the stream; or the end of a page. */
export type DrawnLine = { readonly at: number; readonly from: number; readonly to: number; readonly page?: boolean }

/** `near` are the words of labels that stand a little above or below the line's figures. */
type Line = {
  readonly index: number
  readonly words: readonly Word[]
  readonly figures: readonly Word[]
  readonly labels: readonly Word[]
  readonly near: readonly Word[]
}

/** A header and the lines with figures under it; `last` is the end of what may be its labels. */
type Section = {
  readonly header: readonly Line[]
  readonly first: number
  readonly last: number
  readonly lastFigures: number
  /** The last figures may go on below: with their unit, with a remark. */
  readonly open: boolean
}

/** Lines further apart than this, in widths of a Chinese character, are of different things. */
const lineGapMax = 4.5
const headerGapMax = 3
const headerLinesMax = 14

/** The tables among lines; `drawn` are the lines across the page that are drawn there. */
export function findAligned(stream: readonly StreamLine[], drawn: readonly DrawnLine[]): AlignedTable[] {
  if (!stream.some(endsInFigure)) return []
  const lines = withNear(withTouching(wordLines(stream)).map(readLine))
  const tables: AlignedTable[] = []
  const unread: AlignedTable[] = []
  let from = 0
  let isOpen = false
  for (;;) {
    const section = nextSection(lines, from)
    if (section === null) break
    const table = readSection(section, lines, drawn, tables.length + 1)
    if (table !== null) {
      tables.push(table)
      isOpen = true
    } else {
      isOpen &&= isRestOfTable(section, lines, from)
      if (isOpen || section.header.length > 0) unread.push(keepSection(section, lines, isOpen ? from : section.first))
    }
    from = section.lastFigures + 1
  }
  // Where tables are printed so, what cannot be read is likely one of them, and its rows must not pass for others.
  return tables.length > 0 ? [...tables, ...unread] : []
}

/** Whether lines with figures follow those of a table closely, without a title between. */
function isRestOfTable({ first }: Section, lines: readonly Line[], from: number): boolean {
  for (let index = from; index <= first; index++) {
    if (isApart(lines[index - 1]!, lines[index]!, headerGapMax) || heading.test(lines[index]!.words[0]!.text))
      return false
  }
  return true
}

function keepSection({ header, last, lastFigures }: Section, lines: readonly Line[], from: number): AlignedTable {
  const next = lines[lastFigures + 1]
  const goesOn = next?.words.length === 1 && !isApart(lines[lastFigures]!, next, headerGapMax)
  const own = [...header, ...lines.slice(from, Math.max(goesOn ? lastFigures + 2 : 0, Math.min(last, lastFigures) + 1))]
  return { glyphs: new Set(own.flatMap(({ words }) => words.flatMap(({ glyphs }) => glyphs))), grid: null }
}

/** Figures are the figures at the end of a line, if anything tells that they are some: words or figures before them. */
function readLine(words: readonly Word[], index: number): Line {
  let first = words.length
  while (first > 0 && words[first - 1]!.figure) first--
  return { index, words, figures: words.slice(first), labels: words.slice(0, first), near: [] }
}

/** So many figures at one place show where a figure that nearly touches its label is to be cut off. */
const figuresAtMin = 2

/** Lines with the last words of labels cut where other lines have a figure, and white space is in front of it. */
function withTouching(lines: readonly WordLine[]): WordLine[] {
  const places = new Map<number, number>()
  const placesOf = ({ left, right }: Pick<Word, 'left' | 'right'>): number[] =>
    [left, (left + right) / 2 + 10_000, right + 20_000].map((place) => Math.round(place))
  for (const place of lines.flatMap((words) => words.filter(({ figure }) => figure)).flatMap(placesOf)) {
    places.set(place, (places.get(place) ?? 0) + 1)
  }
  const isPlace = (word: Word): boolean => placesOf(word).some((place) => (places.get(place) ?? 0) >= figuresAtMin)
  return lines.map((words) =>
    words.flatMap((word, index) => {
      if (word.figure || words.slice(index + 1).some(({ figure }) => !figure)) return [word]
      const at = word.glyphs.findLastIndex(({ x }, place) => {
        const before = word.glyphs[place - 1]
        return before !== undefined && x - before.x - before.width > edgeGap * word.em
      })
      const [label, tail] = at > 0 ? cutWord(word, at) : []
      return label !== undefined && tail?.figure && !label.figure && isPlace(tail) ? [label, tail] : [word]
    }),
  )
}

/** The middle of a label of two lines, or of one in larger type, is no further off from its figures. */
const nearMax = 0.9

function withNear(lines: readonly Line[]): Line[] {
  return lines.map((line, index) => {
    const [figure] = line.figures
    if (figure === undefined || line.labels.length > 0) return line
    const beside = [lines[index - 1], lines[index + 1]].flatMap((other) => {
      if (other === undefined || other.figures.length > 0) return []
      const isNear = ({ right, middle, em }: Word): boolean =>
        right < figure.left && Math.abs(middle - figure.middle) <= nearMax * em
      return other.words.every(isNear) ? other.words : []
    })
    return { ...line, near: beside }
  })
}

function nextSection(lines: readonly Line[], from: number): Section | null {
  const first = lines.findIndex(({ figures }, index) => index >= from && figures.length > 0)
  if (first < 0) return null
  let labelEnd = Number.NEGATIVE_INFINITY
  let figuresLeft = Number.POSITIVE_INFINITY
  let open = false
  let lastFigures = first
  let last = first
  for (let index = first; index < lines.length; index++) {
    const line = lines[index]!
    if (index > first && isApart(lines[index - 1]!, line, lineGapMax)) break
    if (line.figures.length > 0) {
      labelEnd = Math.max(labelEnd, ...[...line.labels, ...line.near].map(({ right }) => right))
      lastFigures = index
      figuresLeft = Math.min(figuresLeft, line.figures[0]!.left)
    } else if (line.words.some(({ left, right }) => right > figuresLeft || left > (labelEnd + figuresLeft) / 2)) {
      open = goesOnBelow(lines[index - 1]!, line)
      break
    }
    last = index
  }
  return { header: headerOver(lines, first, from), first, last, lastFigures, open }
}

/** Whether a line under figures is only their units. */
function goesOnBelow(upper: Line, lower: Line): boolean {
  return !isApart(upper, lower, brokenPitchMax) && lower.words.some(({ text }) => unitAlone.test(text))
}

const unitAlone = /^[（(]?(?:[万千亿]?元|[件个项次条宗起例])[）)]?$/

function isApart(upper: Line, lower: Line, max: number): boolean {
  const [one, other] = [upper.words[0], lower.words[0]]
  if (one === undefined || other === undefined || one.page !== other.page) return false
  return other.middle - one.middle > max * one.em
}

/** The lines over figures that can be their header: near one another, and no running text. */
function headerOver(lines: readonly Line[], first: number, from: number): Line[] {
  const figures = lines[first]!.figures
  const left = figures[0]!.left
  const { labels, near } = lines[first]!
  const labelEnd = Math.max(0, ...[...labels, ...near].map(({ right }) => right))
  const header: Line[] = []
  for (let index = first - 1; index >= from && header.length < headerLinesMax; index--) {
    const line = lines[index]!
    if (line.words.length === 0 || isApart(line, lines[index + 1]!, headerGapMax)) break
    // The first line of the first row's label may look like a title.
    if (heading.test(line.words[0]!.text) && !near.includes(line.words[0]!)) break
    // A page may end between a header and its figures, not within the header.
    const page = line.words[0]!.page
    if (page < figures[0]!.page - 1 || header.some(({ words }) => words[0]!.page !== page)) break
    // A line that runs on from over the labels to over the figures is text.
    if (line.words.some((word) => word.left < labelEnd && word.right > left)) break
    header.unshift(line)
  }
  while (header.length > 0 && header[0]!.words.length < 2) header.shift()
  return header
}

/** The title of a part of a report, such as stands over a table. */
const heading = /^(?:[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十]+[条章节部])/

function readSection(
  section: Section,
  lines: readonly Line[],
  drawn: readonly DrawnLine[],
  number: number,
): AlignedTable | null {
  const body = lines.slice(section.first, section.last + 1)
  const figures = body.flatMap((line) => (line.figures.length > 0 ? [line.figures] : []))
  const left = Math.min(...figures.flat().map((word) => word.left))
  const inner = body
    .filter(({ index }) => index <= section.lastFigures)
    .flatMap(({ labels, near }) => [...labels, ...near])
  const labelled = inner.length > 0
  const labelEnd = inner.reduce((end, { right }) => Math.max(end, right), Number.NEGATIVE_INFINITY)
  if (labelEnd > left || section.header.length === 0 || section.open) return null
  if (figures.length > limits.unruledRowsMax || inner.length > limits.unruledRowsMax) return null
  // The head of the labels stands over them, or in their column at least: nearer to them than to the figures.
  const isLabel = (word: Word): boolean => labelled && (word.left < labelEnd || word.right <= (labelEnd + left) / 2)
  const header = section.header.map(({ words }) => words.filter((word) => !isLabel(word)))
  const columns = findColumns(figures, header)
  if (columns === null) return null
  const whole = joinBroken(figures, columns, drawn)
  if (whole === null) return null
  if (!labelled && figures.length > 1) return null
  const above = section.header.flatMap(({ words }) => words.filter(isLabel))
  const beside = body.flatMap(({ labels }) => labels.filter(({ right }) => right <= labelEnd))
  const rows = labelled
    ? findRows(labelWords([...above, ...beside]), whole.rows, partingsOf(drawn, columns))
    : whole.rows.map((line): LabelledRow => ({ label: [], groups: [], figures: line }))
  if (rows === null || rows.some((row) => labelled && row.label.length === 0)) return null
  const { broken } = whole
  return composeGrid({ header: section.header.map(({ words }) => words), above, columns, rows, broken, number })
}

/** Lines of a broken figure stand no further apart, in widths of a Chinese character. */
const brokenPitchMax = 1.8

/** Rows of figures, and those of them that may be parts of one figure, joined. */
type Whole = { readonly rows: readonly (readonly Word[])[]; readonly broken: ReadonlySet<Word> }

/**
 * Lines of figures as rows: a line may be what is left of the figures above, since their next digits had no room. What is
 * so broken, or may be, is joined and marked; null where it is not clear which of the lines the row's other figures are.
 */
function joinBroken(
  figures: readonly (readonly Word[])[],
  columns: Columns,
  drawn: readonly DrawnLine[],
): Whole | null {
  const rooms = roomsOf(figures, columns)
  const broken = new Set<Word>()
  const rows: (readonly Word[])[] = []
  let lines: (readonly Word[])[] = []
  const end = (): boolean => {
    const row = lines.length > 1 ? joinRow(lines, columns, broken) : lines[0]
    if (row === null) return false
    if (row !== undefined) rows.push(row)
    lines = []
    return true
  }
  for (const line of figures) {
    const upper = lines.at(-1)
    const link = upper === undefined ? 'apart' : linkOf(upper, line, columns, rooms, drawn)
    if (link === 'unclear' || (link === 'apart' && !end())) return null
    lines.push(line)
  }
  return end() ? { rows, broken } : null
}

/** How wide what stands in each column is at most. */
function roomsOf(figures: readonly (readonly Word[])[], { columns, labels }: Columns): number[] {
  return columns.map((column, index) => {
    const own = figures.flat().filter((word) => overlaps(word, column))
    return Math.max(...[...own, ...labels[index]!].map(({ left, right }) => right - left))
  })
}

/**
 * Whether two lines are of one row: `near` where rows stand further apart; `below` where all of the lower one stands under
 * digits that are as wide as anything in their columns, and nothing is drawn between. `unclear` where all of the upper one
 * may go on in the lower: then its other figures may be the row's as well as the next one's.
 */
function linkOf(
  upper: readonly Word[],
  lower: readonly Word[],
  { columns }: Columns,
  rooms: readonly number[],
  drawn: readonly DrawnLine[],
): 'apart' | 'near' | 'below' | 'unclear' {
  const [{ middle, em }, { middle: next }] = [upper[0]!, lower[0]!]
  if (next - middle > brokenPitchMax * em) return 'apart'
  if (drawn.some(({ at }) => at > middle && at < next)) return 'apart'
  if (next - middle < rowPitchMin * em) return 'near'
  const goesOn = (over: Word | undefined, under: Word | undefined): boolean => {
    if (over === undefined || under === undefined || !arePartsOfOne([over, under])) return false
    const column = columns.findIndex((one) => overlaps(one, over))
    return over.right - over.left + digitPart * over.em > rooms[column]!
  }
  const inColumn = (line: readonly Word[], word: Word): Word | undefined => {
    const column = columns.find((one) => overlaps(one, word))!
    return line.find((one) => overlaps(one, column))
  }
  if (lower.every((word) => goesOn(inColumn(upper, word), word))) return 'below'
  return upper.every((word) => goesOn(word, inColumn(lower, word))) ? 'unclear' : 'apart'
}

function arePartsOfOne([first, ...others]: readonly Word[]): boolean {
  if (!beginsFigure.test(first!.text.normalize('NFKC'))) return false
  return others.every(({ text }) => goesOnFigure.test(text.normalize('NFKC')))
}

/** Lines of one row as one, at the height of the line that its whole figures stand on; null where that is not one line. */
function joinRow(lines: readonly (readonly Word[])[], { columns }: Columns, broken: Set<Word>): Word[] | null {
  const own = columns.map((column) => lines.flat().filter((word) => overlaps(word, column)))
  const whole = own.flatMap((words) => (words.length === 1 ? words : []))
  const [first] = lines
  const line = whole.length === 0 ? first! : lines.find((one) => one.includes(whole[0]!))!
  if (!whole.every((word) => line.includes(word))) return null
  // Where the lines are as far apart as rows, the first one is the row's in any case.
  const areNear = lines.every((one, index) => {
    const upper = lines[index - 1]
    return upper === undefined || one[0]!.middle - upper[0]!.middle < rowPitchMin * upper[0]!.em
  })
  if (areNear ? whole.length === 0 : line !== first) return null
  const parts = own.filter((words) => words.length > 1)
  if (!parts.every(arePartsOfOne)) return null
  const joined = parts.map((words): Word => ({ ...words.reduce(joinWords), middle: line[0]!.middle }))
  for (const word of joined) broken.add(word)
  return [...whole, ...joined].sort((one, other) => one.left - other.left)
}

const beginsFigure = /^[1-9][\d,.]*$/
const goesOnFigure = /^[\d,.]/
/** Rows are no nearer than this, in widths of a Chinese character. */
const rowPitchMin = 0.95
/** A digit is at least so wide, in widths of a Chinese character. */
const digitPart = 0.45

/** Lines that part rows: those that run over all columns of figures. */
function partingsOf(drawn: readonly DrawnLine[], { columns }: Columns): Parting[] {
  const [left, right] = [columns[0]!.left, columns.at(-1)!.right]
  const wide = drawn.filter(({ from, to }) => from <= left + 1 && to >= right - 1)
  return wide.map(({ at, from, page = false }) => ({ at, from, page })).sort((a, b) => a.at - b.at)
}

/** So many other words that begin or have their middle at one place show a column of labels. */
const edgeWordsMin = 2
const edgeMiss = 0.8
/** Part of a Chinese character's width that is white before the next column of labels. */
const edgeGap = 0.12
/** White space in a label is no wider than this. */
const labelGapMax = 2.2

/** Words of labels: cut where a column of labels begins near the one before, joined where none begins. */
function labelWords(words: readonly Word[]): Word[] {
  const lefts = words.map(({ left }) => left)
  const middles = words.map(({ left, right }) => (left + right) / 2)
  const count = (places: readonly number[], at: number): number =>
    places.filter((place) => Math.abs(place - at) <= edgeMiss).length
  const cut = words.flatMap((word) => {
    const { glyphs, em } = word
    const at = glyphs.findIndex((glyph, index) => {
      const before = glyphs[index - 1]
      const gap = before === undefined ? 0 : glyph.x - before.x - before.width
      return gap > edgeGap * em && count(lefts, glyph.x) > edgeWordsMin
    })
    return at < 0 ? [word] : cutWord(word, at)
  })
  const joined: Word[] = []
  for (const word of cut) {
    const last = joined.at(-1)
    const gap = last === undefined ? Number.POSITIVE_INFINITY : word.left - last.right
    const isNext = last !== undefined && gap >= 0 && gap <= labelGapMax * word.em && isLevel(last, word)
    const begins = count(lefts, word.left) > edgeWordsMin || count(middles, (word.left + word.right) / 2) > edgeWordsMin
    if (isNext && (!begins || onlyNumber.test(last.text))) joined[joined.length - 1] = joinWords(last, word)
    else joined.push(word)
  }
  return joined
}

function isLevel(one: Word, other: Word): boolean {
  return Math.abs(one.middle - other.middle) <= 0.3 * one.em
}

/** The number of a label that white space parts from it. */
const onlyNumber = /^(?:[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)、.．]|\d{1,2})$/
