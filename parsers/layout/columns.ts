/**
 * Columns of figures from where they stand: takes the figures of a table and the words of its header, line by line, gives
 * the columns and which of them each word of the header stands over. What overlaps across stands in one column, since the
 * text of two columns never does; a figure beside its label belongs to it only where nothing else is left. Null where
 * columns are not clear.
 */
import { cutWord, joinWords, overlaps, type Word, type WordLine } from './words.ts'

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
  const stretches = figureBands(figures.flat())
  const header = printed.map((line) => joinSingles(line.flatMap(cutAtGaps), stretches))
  const bands = joinBands(stretches, labelBands(header))
  if (bands === null) return null
  const columns = joinBeside(bands)
  if (columns === null) return null
  const span = (word: Word): readonly [number, number] => {
    const first = columns.findIndex((column) => overlaps(column, word))
    if (first >= 0) return [first, columns.findLastIndex((column) => overlaps(column, word))]
    // Between two columns stands what belongs to both.
    const before = columns.findLastIndex(({ right }) => right <= word.left + 1)
    return [Math.max(0, before), Math.min(columns.length - 1, before + 1)]
  }
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

/** White space between two labels, at least, in widths of a Chinese character; and how much more than between letters. */
const labelGap = 0.15
const letterGap = 0.12

/** A word of the header cut wherever its letters are further apart than elsewhere: labels side by side nearly touch. */
function cutAtGaps(word: Word): readonly Word[] {
  const { glyphs, em } = word
  const gaps = glyphs.slice(1).map((glyph, index) => glyph.x - glyphs[index]!.x - glyphs[index]!.width)
  const usual = [...gaps].sort((a, b) => a - b)[(gaps.length - 1) >> 1] ?? 0
  const at = gaps.findIndex((gap) => gap >= Math.max(labelGap * em, usual + letterGap * em))
  if (at < 0) return [word]
  const [first, rest] = cutWord(word, at + 1) as [Word, Word]
  return [first, ...cutAtGaps(rest)]
}

/** White space within a label that is spread or damaged is no wider than this. */
const singleGapMax = 1.3

/**
 * A line of the header with single characters joined to what they belong to: to the nearer word beside where no figures
 * are their own, and two of them, as 总　计, where one column of figures lies under both and others are further away.
 */
function joinSingles(line: WordLine, figures: readonly Column[]): WordLine {
  const joined: Word[] = []
  const gap = (one: Word | undefined, other: Word | undefined): number =>
    one === undefined || other === undefined ? Number.POSITIVE_INFINITY : other.left - one.right
  const isSingle = (word: Word | undefined): boolean => word?.glyphs.length === 1
  const under = (stretch: Column): readonly Column[] => figures.filter((figure) => overlaps(figure, stretch))
  const isStray = (word: Word | undefined): boolean => word !== undefined && isSingle(word) && under(word).length === 0
  for (const [index, word] of line.entries()) {
    const [before, after] = [line[index - 1], line[index + 1]]
    const here = gap(before, word)
    const outer = Math.min(gap(line[index - 2], before), gap(word, after))
    const bothSingle = isSingle(word) && isSingle(before)
    const isPair = bothSingle && outer > 1.5 * here && under(around(before!, word)).length === 1
    const toLeft = isStray(word) && here <= gap(word, after)
    const toRight = isStray(before) && here < gap(line[index - 2], before)
    const joins = bothSingle ? isPair : toLeft || toRight
    if (joined.length > 0 && here <= singleGapMax * word.em && joins) {
      joined[joined.length - 1] = joinWords(joined.at(-1)!, word)
    } else joined.push(word)
  }
  return joined
}

/** Lines of one label are nearer than this, in widths of a Chinese character. */
const labelPitchMax = 1.8

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
      const beside = [column - 1, column + 1].map((at) => words.filter((other) => isAlone(other, at)))
      const isLevel = ({ middle }: Word): boolean => Math.abs(middle - word.middle) < levelMax * word.em
      if (beside.every((side) => side.length > 0 && !side.some(isLevel))) break
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
      if (hit.length > 1 || isOverGroup(word, bands, words)) continue
      const [band] = hit
      if (band === undefined) bands.push(around(null, word))
      else bands = bands.map((one) => (one === band ? around(band, word) : one))
    }
  }
  return bands
}

/** A label that runs over two rows of the header stands less than this above its neighbours; in characters' widths. */
const levelMax = 1.05

/** Whether there are columns on both sides of a word, with labels that stand lower: then it is the label of some of them. */
function isOverGroup(word: Word, bands: readonly Column[], words: readonly Word[]): boolean {
  const left = bands.filter(({ right }) => right <= word.left + 0.3).sort((a, b) => b.right - a.right)[0]
  const right = bands.filter((band) => band.left >= word.right - 0.3).sort((a, b) => a.left - b.left)[0]
  const sides = [left, right].filter((band) => band !== undefined)
  const isLevel = (band: Column): boolean =>
    words.some((other) => overlaps(other, band) && Math.abs(other.middle - word.middle) < levelMax * word.em)
  return sides.length === 2 && !sides.some(isLevel)
}

/** Figures and labels that overlap, as one band; null where one of them overlaps several. */
function joinBands(figures: readonly Column[], labels: readonly Column[]): Band[] | null {
  const bands: Band[] = []
  const taken = new Set<Column>()
  const reach = touchAlike(figures, labels)
  for (const own of figures) {
    const over = labels.filter((label) => overlaps(label, own) && (reach || isUnder(own, label)))
    const [label = null] = over
    if (over.length > 1 || (label !== null && taken.has(label))) return null
    if (label !== null) taken.add(label)
    bands.push({ ...around(label, own), figures: own, labels: label })
  }
  for (const label of labels) if (!taken.has(label)) bands.push({ ...label, figures: null, labels: label })
  bands.sort((a, b) => a.left - b.left)
  const areTwo = (band: Band, before: Band): boolean =>
    overlaps(band, before) && (band.figures !== null) === (before.figures !== null)
  return bands.some((band, index) => index > 0 && areTwo(band, bands[index - 1]!)) ? null : bands
}

/**
 * Whether figures that no more than touch their labels all do so in the same way, as at one side of columns of one width:
 * two at least, each with a label of its own.
 */
function touchAlike(figures: readonly Column[], labels: readonly Column[]): boolean {
  const pairs = figures.flatMap((own) =>
    labels.filter((label) => overlaps(label, own)).map((label) => ({ own, label })),
  )
  const touching = pairs.filter(({ own, label }) => !isUnder(own, label))
  if (touching.length < 2 || new Set(pairs.map(({ label }) => label)).size < pairs.length) return false
  const offsets = touching.map(({ own, label }) => middleOf(own) - middleOf(label))
  const distances = offsets.map(Math.abs)
  return (
    offsets.every((offset) => offset > 0 === offsets[0]! > 0) &&
    Math.max(...distances) <= sideSpread * Math.min(...distances)
  )
}

/** Whether the middle of figures or of labels is where the other ones are: what only touches may be of the next column. */
function isUnder(figures: Column, label: Column): boolean {
  const isIn = (at: number, { left, right }: Column): boolean => at >= left && at <= right
  return isIn(middleOf(figures), label) || isIn(middleOf(label), figures)
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
 * its middle, joined: order leaves one way only, or the whole columns show on which side figures stand and how far. Null
 * where a figure is left without a label.
 */
function joinBeside(bands: readonly Band[]): Column[] | null {
  const columns: Column[] = []
  const side = sideOf(bands)
  let apart: Band[] = []
  const end = (): boolean => {
    const joined = inOrder(apart) ?? (side === null ? null : onSide(apart, side))
    apart = []
    if (joined === null) return false
    columns.push(...joined)
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

/**
 * Bands as columns where order leaves one way to give figures to labels: each to the last label before it or the first
 * behind it, no label to two. Null where it leaves several or none.
 */
function inOrder(bands: readonly Band[]): Column[] | null {
  const open = new Map<Band, Set<Band>>()
  for (const [index, band] of bands.entries()) {
    if (band.figures === null) continue
    const before = bands.slice(0, index).findLast(({ labels }) => labels !== null)
    const behind = bands.slice(index + 1).find(({ labels }) => labels !== null)
    open.set(band, new Set([before, behind].filter((label) => label !== undefined)))
  }
  const chosen = new Map<Band, Band>()
  while (open.size > 0) {
    const sure = [...open].find(([, labels]) => labels.size === 1)
    if (sure === undefined) return null
    const [band, labels] = sure
    const [label] = [...labels] as [Band]
    chosen.set(label, band)
    open.delete(band)
    for (const others of open.values()) others.delete(label)
    if ([...open.values()].some((others) => others.size === 0)) return null
  }
  return bands.flatMap((band) => {
    if (band.labels === null) return []
    const own = chosen.get(band)
    return [own === undefined ? band : around(band, own)]
  })
}

/** So many columns must show how far their figures stand from the middle of their labels. */
const sidesMin = 3
/** How much further or less far other columns may have them, as they are wider or narrower. */
const sideSpread = 1.6

/** The least and largest distance of figures from their labels, where all whole columns have them on one side. */
type Side = { readonly sign: -1 | 1; readonly least: number; readonly most: number }

function sideOf(bands: readonly Band[]): Side | null {
  const offsets = bands.flatMap(({ figures, labels }) =>
    figures === null || labels === null ? [] : [middleOf(figures) - middleOf(labels)],
  )
  if (offsets.length < sidesMin) return null
  const sign = offsets[0]! > 0 ? 1 : -1
  const distances = offsets.map((offset) => offset * sign)
  const [least, most] = [Math.min(...distances) / sideSpread, Math.max(...distances) * sideSpread]
  return least > 0.5 ? { sign, least, most } : null
}

function middleOf({ left, right }: Column): number {
  return (left + right) / 2
}

/** Bands as columns, figures with the label on the other side of them as far off as elsewhere; null where some have none. */
function onSide(bands: readonly Band[], { sign, least, most }: Side): Column[] | null {
  const ordered = sign === 1 ? bands : [...bands].reverse()
  const columns: Column[] = []
  let label: Band | null = null
  for (const band of ordered) {
    if (band.labels !== null) {
      if (label !== null) columns.push(label)
      label = band
      continue
    }
    const distance = label === null ? Number.NaN : (middleOf(band) - middleOf(label)) * sign
    if (label === null || !(distance >= least && distance <= most)) return null
    columns.push(around(label, band))
    label = null
  }
  if (label !== null) columns.push(label)
  return columns.sort((a, b) => a.left - b.left)
}
