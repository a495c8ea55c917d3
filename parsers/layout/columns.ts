/**
 * Columns of figures from where they stand: takes the figures of a table and the words of its header, line by line, gives
 * the columns and which of them each word of the header stands over. What overlaps across stands in one column, since the
 * text of two columns never does; a figure beside its label belongs to it only where nothing else is left. Null where
 * columns are not clear.
 */
import { joinWords, overlaps, type Word, type WordLine } from './words.ts'

/** A column by the room that is printed in. */
export type Column = { readonly left: number; readonly right: number }

/** Columns from left to right, with the words of each one's own label; groups of columns by line, from the top. */
export type Columns = {
  readonly columns: readonly Column[]
  readonly labels: readonly (readonly Word[])[]
  readonly groups: readonly (readonly GroupLabel[])[]
}

/** A word of the header over some columns. */
export type GroupLabel = { readonly word: Word; readonly first: number; readonly last: number }

/** What stands in a column as far as it is known: its figures, its labels, or both. */
type Band = Column & { readonly figures: Column | null; readonly labels: Column | null }

/** `figures` and `header` by line; the header's words are those over the columns of figures only. */
export function findColumns(figures: readonly WordLine[], printed: readonly WordLine[]): Columns | null {
  const header = printed.map((line) => joinSingles(line, figures.flat()))
  const bands = joinBands(figureBands(figures.flat()), labelBands(header))
  if (bands === null) return null
  if (!bands.some(({ labels }) => labels !== null)) return null
  const columns = joinBeside(bands)
  if (columns === null) return null
  const span = (word: Word): readonly [number, number] => [
    columns.findIndex((column) => overlaps(column, word)),
    columns.findLastIndex((column) => overlaps(column, word)),
  ]
  const lines = [...figures, ...header]
  // Two words of a line in one column are two columns that run into each other.
  if (lines.some((line) => new Set(line.flatMap((word) => span(word)[0])).size < line.length)) return null
  if (figures.flat().some((word) => span(word)[0] !== span(word)[1])) return null
  const labels = columns.map((_, column) => ownLabel(header.flat(), span, column))
  const own = new Set(labels.flat())
  const groups = header.flatMap((line) => {
    const left = line.filter((word) => !own.has(word))
    return left.length === 0 ? [] : [left.map((word) => ({ word, first: span(word)[0], last: span(word)[1] }))]
  })
  return { columns, labels, groups }
}

/** White space that damage leaves in a label is no wider than this. */
const singleGapMax = 1.3

/** A line of the header, with single characters that have no figures of their own joined to the nearer word beside. */
function joinSingles(line: WordLine, figures: readonly Word[]): WordLine {
  const joined: Word[] = []
  const gap = (one: Word | undefined, other: Word | undefined): number =>
    one === undefined || other === undefined ? Number.POSITIVE_INFINITY : other.left - one.right
  const isStray = (word: Word | undefined): boolean =>
    word?.glyphs.length === 1 && !figures.some((figure) => overlaps(figure, word))
  for (const [index, word] of line.entries()) {
    const [before, after] = [line[index - 1], line[index + 1]]
    const here = gap(before, word)
    const toLeft = isStray(word) && here <= gap(word, after)
    const toRight = isStray(before) && here < gap(line[index - 2], before)
    if (joined.length > 0 && here <= singleGapMax * word.em && (toLeft || toRight)) {
      joined[joined.length - 1] = joinWords(joined.at(-1)!, word)
    } else joined.push(word)
  }
  return joined
}

/** Lines of one label are nearer than this, in widths of a Chinese character. */
const labelPitchMax = 1.8
/** The lines of labels side by side are nearer than this. */
const besideMax = 0.9

/**
 * The words over one column alone that make its label, from the lowest up. Where nothing stands beside a word and there
 * are words under it, it is the label of a group whose middle is this column.
 */
function ownLabel(words: readonly Word[], span: (word: Word) => readonly [number, number], column: number): Word[] {
  const isAlone = (word: Word, at: number): boolean => span(word)[0] === at && span(word)[1] === at
  const over = words.filter((word) => isAlone(word, column)).sort((a, b) => b.middle - a.middle)
  const label: Word[] = []
  for (const word of over) {
    const below = label[0]
    if (below !== undefined) {
      if (below.middle - word.middle > labelPitchMax * word.em) break
      const beside = words.filter((other) => isAlone(other, column - 1) || isAlone(other, column + 1))
      if (!beside.some(({ middle }) => Math.abs(middle - word.middle) < besideMax * word.em)) break
    }
    label.unshift(word)
  }
  return label
}

/** Where the labels of columns stand, from the lowest line up: what stands over several of them is a group's. */
function labelBands(header: readonly (readonly Word[])[]): Column[] {
  let bands: Column[] = []
  const words = header.flat()
  for (const line of [...header].reverse()) {
    for (const word of line) {
      const hit = bands.filter((band) => overlaps(band, word))
      if (hit.length > 1) continue
      const [band] = hit
      if (band === undefined) bands.push(around(null, word))
      else if (hasBeside(word, words)) bands = bands.map((one) => (one === band ? around(band, word) : one))
    }
  }
  return bands
}

/** Whether other words stand at about the height of one: those over a group of columns stand alone. */
function hasBeside(word: Word, words: readonly Word[]): boolean {
  return words.some((other) => other !== word && Math.abs(other.middle - word.middle) < besideMax * word.em)
}

/** Figures and labels that overlap, as one band; null where one of them overlaps several. */
function joinBands(figures: readonly Column[], labels: readonly Column[]): Band[] | null {
  const bands: Band[] = []
  const taken = new Set<Column>()
  for (const own of figures) {
    const over = labels.filter((label) => overlaps(label, own))
    const [label = null] = over
    if (over.length > 1 || (label !== null && taken.has(label))) return null
    if (label !== null) taken.add(label)
    bands.push({ ...around(label, own), figures: own, labels: label })
  }
  for (const label of labels) if (!taken.has(label)) bands.push({ ...label, figures: null, labels: label })
  bands.sort((a, b) => a.left - b.left)
  return bands.some((band, index) => index > 0 && overlaps(band, bands[index - 1]!)) ? null : bands
}

function around(one: Column | null, { left, right }: Column): Column {
  return one === null ? { left, right } : { left: Math.min(one.left, left), right: Math.max(one.right, right) }
}

function figureBands(figures: readonly Word[]): Column[] {
  const sorted = [...figures].sort((a, b) => a.left - b.left)
  const columns: Column[] = []
  for (const word of sorted) {
    const last = columns.at(-1)
    if (last !== undefined && word.left < last.right) columns[columns.length - 1] = around(last, word)
    else columns.push(around(null, word))
  }
  return columns
}

/**
 * Bands of figures and of labels that do not overlap, as where figures stand at the right of their column and labels in
 * its middle: between two columns that are whole, as many of one kind as of the other, in turns, are columns. Else the
 * whole ones show on which side of their labels all figures stand.
 */
function joinBeside(bands: readonly Band[]): Column[] | null {
  const columns: Column[] = []
  const side = sideOf(bands)
  let apart: Band[] = []
  const end = (): boolean => {
    const joined = inTurns(apart) ?? (side === 0 ? apart : onSide(apart, side))
    if (joined === null) return false
    columns.push(...joined)
    apart = []
    return true
  }
  for (const band of bands) {
    if (band.figures === null || band.labels === null) {
      apart.push(band)
      continue
    }
    if (!end()) return null
    columns.push(band)
  }
  return end() ? columns : null
}

/** Bands as columns where each label has its figures; null where they have not. */
function inTurns(bands: readonly Band[]): Column[] | null {
  const columns: Column[] = []
  for (let index = 0; index < bands.length; index += 2) {
    const [one, other] = [bands[index]!, bands[index + 1]]
    if (other === undefined || (one.labels === null) === (other.labels === null)) return null
    columns.push(around(one, other))
  }
  return columns
}

/** So many columns must show on which side of their labels figures stand. */
const sidesMin = 3
/** And by as much, in points. */
const sideMin = 1

/** 1 where the figures of all whole columns stand right of the middle of their labels, -1 where left, else 0. */
function sideOf(bands: readonly Band[]): -1 | 0 | 1 {
  const middle = ({ left, right }: Column): number => (left + right) / 2
  const offsets = bands.flatMap(({ figures, labels }) =>
    figures === null || labels === null ? [] : [middle(figures) - middle(labels)],
  )
  if (offsets.length < sidesMin) return 0
  if (offsets.every((offset) => offset > sideMin)) return 1
  return offsets.every((offset) => offset < -sideMin) ? -1 : 0
}

/** Bands as columns, figures with the label on the other side of them; null where some have none. */
function onSide(bands: readonly Band[], side: -1 | 1): Column[] | null {
  const ordered = side === 1 ? bands : [...bands].reverse()
  const columns: Column[] = []
  let label: Band | null = null
  for (const band of ordered) {
    if (band.labels !== null) {
      if (label !== null) columns.push(label)
      label = band
      continue
    }
    if (label === null) return null
    columns.push(around(label, band))
    label = null
  }
  if (label !== null) columns.push(label)
  return columns.sort((a, b) => a.left - b.left)
}
