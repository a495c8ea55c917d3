/**
 * Rows of a table without ruling lines: takes the words left of its figures and the lines of its figures, gives for each
 * row its label, of one line or several, and the words of groups beside it. A label belongs to the figures whose height it
 * shares; its further lines are found by how near they stand and because a line is only broken where it is full. Lines
 * between rows, where some are drawn, decide before that. Null where it is not clear which label a figure belongs to.
 */
import { isMark, overlaps, type Word } from './words.ts'

/** A row: the words of its label from the top, words of groups beside it, and its figures. */
export type LabelledRow = {
  readonly label: readonly Word[]
  readonly groups: readonly Word[]
  readonly figures: readonly Word[]
  /** Lines are drawn over it and under it, and nothing stands between them but its label. */
  readonly blank?: boolean
}

/** A line across the figures, in the heights of words, or the end of a page; what stands right of `from` is parted by it. */
export type Parting = { readonly at: number; readonly from: number; readonly page: boolean }

type Row = { label: Word[]; groups: Word[]; readonly figures: readonly Word[]; readonly middle: number; anchor: Word[] }

/** What a label begins with, and no further line of one. */
const numbered = /^(?:[（(]?[一二三四五六七八九十]{1,3}[）)、]|\d{1,2}[.、．])/
/** As parts of a Chinese character's width. */
const sameHeight = 0.4
const halfLineMax = 0.85
const linePitchMax = 1.8
const symmetryMiss = 0.25
/** How much more a line may miss that has nothing but marks, which stand high or low. */
const marksMiss = 0.17
const fullMiss = 2.6
/** A row without figures stands so near to the rows beside it, at least. */
const ownRoom = 0.9

/** `labels`: words left of the figures, `figures`: by line, both from the top. */
export function findRows(
  labels: readonly Word[],
  figures: readonly (readonly Word[])[],
  partings: readonly Parting[],
): LabelledRow[] | null {
  const middles = figures.map((line) => middleOf(line))
  const between = (from: number, to: number): Parting[] => partings.filter(({ at }) => at > from && at < to)
  const parted = middles.every((middle, index) => index === 0 || between(middles[index - 1]!, middle).length > 0)
  const drawn = between(middles[0]!, middles.at(-1)!).some(({ page }) => !page)
  if (parted && drawn) return rowsBetween(labels, figures, partings)
  return rowsByHeight(labels, figures)
}

function middleOf(words: readonly Word[]): number {
  return words.reduce((sum, { middle }) => sum + middle, 0) / words.length
}

/** Rows between drawn lines: whatever stands between two of them is one row. */
function rowsBetween(
  labels: readonly Word[],
  figures: readonly (readonly Word[])[],
  partings: readonly Parting[],
): LabelledRow[] | null {
  const rows: LabelledRow[] = []
  const edges = [...partings].sort((a, b) => a.at - b.at)
  const [top, bottom] = [middleOf(figures[0]!), middleOf(figures.at(-1)!)]
  const bounds: Parting[] = [
    { at: Number.NEGATIVE_INFINITY, from: 0, page: false },
    ...edges,
    { at: Number.POSITIVE_INFINITY, from: 0, page: false },
  ]
  for (let index = 1; index < bounds.length; index++) {
    const [above, below] = [bounds[index - 1]!, bounds[index]!]
    const inside = (middle: number): boolean => middle > above.at && middle <= below.at
    const own = figures.filter((line) => inside(middleOf(line)))
    if (own.length > 1) return null
    const words = labels.filter((word) => inside(word.middle))
    // What stands over the first figures, or under the last, may be something else.
    if (own.length === 0 && (below.at < top || above.at > bottom)) continue
    if (own.length === 0 && words.length === 0) continue
    const from = Math.max(above.from, below.from) - 1
    const behind = words.filter(({ left }) => left >= from)
    const label = lastCluster(behind.length > 0 ? behind : words)
    const groups = words.filter((word) => !label.includes(word))
    // At the end of a page the figures may stand on the next one.
    const blank = own.length === 0 && label.length > 0 && [above, below].every((edge) => isDrawn(edge))
    rows.push({ label: byHeight(label), groups, figures: own[0] ?? [], blank })
  }
  return rows
}

function isDrawn({ at, page }: Parting): boolean {
  return Number.isFinite(at) && !page
}

/** Of words in several columns those that stand in the last one. */
function lastCluster(words: readonly Word[]): Word[] {
  const sorted = [...words].sort((a, b) => b.right - a.right)
  const [first] = sorted
  if (first === undefined) return []
  let left = first.left
  const cluster: Word[] = []
  for (const word of sorted) {
    if (word.right <= left && cluster.length > 0) continue
    cluster.push(word)
    left = Math.min(left, word.left)
  }
  return cluster
}

function byHeight(words: readonly Word[]): Word[] {
  return [...words].sort((a, b) => a.middle - b.middle || a.left - b.left)
}

function rowsByHeight(labels: readonly Word[], figures: readonly (readonly Word[])[]): LabelledRow[] | null {
  const best = (['middle', 'top', 'bottom'] as const)
    .map((where) => growRows(labels, figures, where))
    .reduce((one, other) => (other !== null && (one === null || other.left.length < one.left.length) ? other : one))
  if (best === null) return null
  const rows = best.rows.map(({ label, groups, figures: own }) => ({ label: byHeight(label), groups, figures: own }))
  for (let index = 1; index < rows.length; index++) {
    if (rows[index]!.label[0]!.middle <= rows[index - 1]!.label.at(-1)!.middle) return null
  }
  return withBlankRows(rows, best.left)
}

type Grown = { readonly rows: readonly Row[]; readonly left: readonly Word[] }

/** Rows whose figures stand in the middle, at the top or at the bottom of their labels. */
function growRows(
  labels: readonly Word[],
  figures: readonly (readonly Word[])[],
  where: 'middle' | 'top' | 'bottom',
): Grown | null {
  const rows: Row[] = []
  const free = new Set(labels)
  const beside = new Set(labels.filter((word) => figures.some((line) => isBeside(word, middleOf(line)))))
  for (const line of figures) {
    const middle = middleOf(line)
    const anchor = anchorOf(labels, line, beside, where)
    if (anchor === null || anchor.some((word) => !free.has(word))) return null
    for (const word of anchor) free.delete(word)
    rows.push({ label: anchor, groups: [], figures: line, middle, anchor })
  }
  for (const row of rows) {
    for (const word of [...free]) {
      if (!isBeside(word, row.middle)) continue
      row.groups.push(word)
      free.delete(word)
    }
  }
  const pitchMax = pitchOf(rows)
  for (const row of rows) grow(row, free, where, pitchMax, rightOf(row, labels))
  return { rows, left: byHeight([...free]) }
}

function isBeside(word: Word, middle: number): boolean {
  return Math.abs(word.middle - middle) <= sameHeight * word.em
}

/** The words of a label that a line of figures stands beside, or between: the rightmost, since groups stand before. */
function anchorOf(
  labels: readonly Word[],
  line: readonly Word[],
  beside: ReadonlySet<Word>,
  where: 'middle' | 'top' | 'bottom',
): Word[] | null {
  const middle = middleOf(line)
  const miss = line.every(isMark) ? marksMiss : 0
  let anchor: Word[] | null = null
  const take = (words: Word[]): void => {
    if (anchor === null || words[0]!.left > anchor[0]!.left) anchor = words
  }
  for (const word of labels) {
    if (isBeside(word, middle) || isOnlyNear(word, middle, labels, miss)) take([word])
    else if (where === 'middle' && !beside.has(word) && word.middle < middle) {
      const up = middle - word.middle
      if (up > (halfLineMax + miss) * word.em) continue
      const under = labels.find(
        (one) =>
          one.middle > middle &&
          !beside.has(one) &&
          overlaps(one, word) &&
          Math.abs(one.middle - middle - up) <= (symmetryMiss + 2 * miss) * one.em,
      )
      if (under !== undefined) take([word, under])
    }
  }
  return anchor
}

/** Text of another size stands a little above or below its figures. */
const nearHeight = 0.62
const othersAway = 1

/** Whether a word is a little off the height of figures, and nothing in its column is as near. */
function isOnlyNear(word: Word, middle: number, labels: readonly Word[], miss: number): boolean {
  if (Math.abs(word.middle - middle) > (nearHeight + miss) * word.em) return false
  return labels.every(
    (other) => other === word || !overlaps(other, word) || Math.abs(other.middle - middle) > othersAway * word.em,
  )
}

/** The least distance between labels of one line that follow each other: lines of one label are nearer. */
function pitchOf(rows: readonly Row[]): number {
  let least = Number.POSITIVE_INFINITY
  for (let index = 1; index < rows.length; index++) {
    const [one, other] = [rows[index - 1]!.anchor, rows[index]!.anchor]
    if (one.length > 1 || other.length > 1 || !overlaps(one[0]!, other[0]!)) continue
    least = Math.min(least, other[0]!.middle - one[0]!.middle - 0.04 * one[0]!.em)
  }
  return least
}

/** Where lines of labels end that stand in the row's column. */
function rightOf({ anchor }: Row, labels: readonly Word[]): number {
  return Math.max(...labels.filter((word) => overlaps(word, anchor[0]!)).map(({ right }) => right))
}

function grow(row: Row, free: Set<Word>, where: 'middle' | 'top' | 'bottom', pitchMax: number, right: number): void {
  const isFull = (word: Word): boolean => word.right >= right - fullMiss * word.em
  for (;;) {
    const sorted = byHeight(row.label)
    const [top, bottom] = [sorted[0]!, sorted.at(-1)!]
    const up = where === 'top' ? null : nearest(free, top, -1)
    const down = where === 'bottom' ? null : nearest(free, bottom, 1)
    const max = Math.min(pitchMax, linePitchMax * top.em)
    const fits = (word: Word | null, from: Word): word is Word => {
      if (word === null || Math.abs(word.middle - from.middle) >= max) return false
      const [upper, lower] = word.middle < from.middle ? [word, from] : [from, word]
      return isFull(upper) && !numbered.test(lower.text)
    }
    if (where === 'middle') {
      if (!fits(up, top) || !fits(down, bottom)) return
      if (Math.abs(top.middle - up.middle - (down.middle - bottom.middle)) > symmetryMiss * top.em) return
      row.label.push(up, down)
      free.delete(up)
      free.delete(down)
    } else {
      const [word, from] = where === 'top' ? [down, bottom] : [up, top]
      if (!fits(word, from)) return
      row.label.push(word)
      free.delete(word)
    }
  }
}

/** The next free word above or below in the same column. */
function nearest(free: ReadonlySet<Word>, from: Word, direction: 1 | -1): Word | null {
  let found: Word | null = null
  for (const word of free) {
    const distance = (word.middle - from.middle) * direction
    if (distance <= 0 || !overlaps(word, from)) continue
    if (found === null || distance < (found.middle - from.middle) * direction) found = word
  }
  return found
}

/**
 * Words that are left: a row without figures where one has the room of a row for itself and begins where a label begins,
 * with a number where labels have them; else they name a group, and are told beside the nearest row.
 */
function withBlankRows(rows: readonly LabelledRow[], left: readonly Word[]): LabelledRow[] {
  const all = rows.map((row) => ({ ...row, groups: [...row.groups] }))
  const lines = rows.flatMap(({ label }) => label)
  const right = Math.max(...lines.map((line) => line.right))
  const areNumbered = lines.some(({ text }) => numbered.test(text))
  const blank: { label: Word[]; groups: Word[]; figures: readonly Word[] }[] = []
  for (const word of left) {
    // What stands over or under all rows is none of theirs.
    if (!isBetween(word, rows)) continue
    const before = blank.at(-1)?.label.at(-1)
    const goesOn =
      before !== undefined &&
      word.middle - before.middle < linePitchMax * word.em &&
      overlaps(before, word) &&
      before.right >= right - fullMiss * before.em &&
      !numbered.test(word.text)
    const room = Math.min(...lines.map((line) => Math.abs(line.middle - word.middle)))
    const begins = lines.some((line) => Math.abs(line.left - word.left) < 0.2 * word.em)
    if (goesOn) blank.at(-1)!.label.push(word)
    else if (isGroup(word, [...lines, ...left])) nearestRow(all, word).groups.push(word)
    else if (begins && room >= ownRoom * word.em && (!areNumbered || numbered.test(word.text))) {
      blank.push({ label: [word], groups: [], figures: [] })
    } else nearestRow(all, word).groups.push(word)
  }
  return [...all, ...blank].sort((a, b) => a.label[0]!.middle - b.label[0]!.middle)
}

/** Whether the labels over and under a word stand right of it: then it names them together. */
function isGroup(word: Word, words: readonly Word[]): boolean {
  const next = (direction: 1 | -1): Word | undefined =>
    words
      .filter((other) => (other.middle - word.middle) * direction > 0.3 * word.em)
      .sort((a, b) => (a.middle - b.middle) * direction || b.left - a.left)[0]
  const [over, under] = [next(-1), next(1)]
  return over !== undefined && under !== undefined && over.left >= word.right && under.left >= word.right
}

function nearestRow<Row extends LabelledRow>(rows: readonly Row[], { middle }: Word): Row {
  const distance = ({ label }: LabelledRow): number => Math.min(...label.map((word) => Math.abs(word.middle - middle)))
  return rows.reduce((one, other) => (distance(other) < distance(one) ? other : one))
}

function isBetween({ middle }: Word, rows: readonly LabelledRow[]): boolean {
  return middle > rows[0]!.label[0]!.middle && middle < rows.at(-1)!.label.at(-1)!.middle
}
