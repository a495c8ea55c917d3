/**
 * Columns that are only lined up on the page: takes the fields of each line with the screen columns they cover, gives
 * each field the grid columns it stands in, or null where the lines share no columns. A Chinese character is two wide.
 */

import { isAmbiguous, screenWidth } from './screen.ts'

/** A field of a line: its text, and the screen columns it covers, from 0, end exclusive. */
export type SpacedField = {
  readonly text: string
  readonly start: number
  readonly end: number
  /** Grid columns covered; 1 until columns are known. */
  readonly columnSpan: number
}

const gap = /(?:[ \u00A0]{2,}|[ \u00A0]*\u3000+[ \u00A0\u3000]*)/
/** A figure, signed or not, or a mark for none. */
const token = '(?:(?:[-+－＋]|[增减])?[\\d０-９][\\d０-９,，.．]*[件个项次条万元]{0,2}|[-—–/／]|无)'
/** Figures at the end of a line that single spaces separate. */
const figureTail = new RegExp(`^(.*?[^\\d\\s.,，-])?\\s*(${token}(?: ${token})+)$`)
/** A label and its only figure. */
const singleFigure = new RegExp(`^(\\D\\S{1,39}) (${token})$`)

/** The fields of a line that two or more spaces, or one full width space, separate. Indentation separates nothing. */
export function splitBySpaces(line: string): SpacedField[] {
  return splitMeasured(line, (text) => screenWidth(text, true))
}

type WidthOf = (text: string) => number

function splitMeasured(line: string, widthOf: WidthOf): SpacedField[] {
  const fields: SpacedField[] = []
  let column = 0
  let index = 0
  const body = line.trimEnd()
  const indent = /^[\s\u3000]*/.exec(body)![0].length
  column += widthOf(body.slice(0, indent))
  index = indent
  while (index < body.length) {
    const rest = body.slice(index)
    const match = gap.exec(rest)
    const text = match === null ? rest : rest.slice(0, match.index)
    const end = column + widthOf(text)
    fields.push(...splitFigures(text, column, widthOf))
    if (match === null) break
    column = end + widthOf(match[0])
    index += match.index + match[0].length
  }
  return fields
}

/** The words of a line of labels, or a label and its only figure, that single spaces separate; else the line whole. */
export function splitWords(line: string): string[] {
  const single = singleFigure.exec(line.trim())
  if (single !== null) return single.slice(1)
  const words = line.trim().split(/[ \u3000]+/)
  return words.every((word) => word.length <= 24 && labelWord.test(word)) ? words : [line]
}

const labelWord = /^[（(“"]?\p{Script=Han}[\p{Script=Han}（）()、/：:，,.\d“”"]*$/u

function splitFigures(text: string, start: number, widthOf: WidthOf): SpacedField[] {
  const match = text.includes(' ') ? figureTail.exec(text) : null
  if (match === null || (match[1] === undefined && match[2]!.split(' ').length < 2)) {
    return splitLabels(text, start, widthOf)
  }
  const fields: SpacedField[] = []
  if (match[1] !== undefined && match[1].trim() !== '') fields.push(...splitLabels(match[1].trimEnd(), start, widthOf))
  let column = start + widthOf(text.slice(0, text.length - match[2]!.length))
  for (const figure of match[2]!.split(' ')) {
    const end = column + widthOf(figure)
    fields.push({ text: figure, start: column, end, columnSpan: 1 })
    column = end + 1
  }
  return fields
}

/** A group's label and the label of its first row, with a single space before the number of the second. */
function splitLabels(text: string, start: number, widthOf: WidthOf): SpacedField[] {
  let column = start
  return text.split(numbered).map((label) => {
    const field = { text: label, start: column, end: column + widthOf(label), columnSpan: 1 }
    column = field.end + 1
    return field
  })
}

const numbered = /(?<=\S{3}) (?=[（(][一二三四五六七八九十]{1,3}[）)]|\d{1,2}[.、．]\D)/

/** Lines with their fields, and the same placed in shared columns or null. */
export type AlignedPart = {
  readonly fields: readonly (readonly SpacedField[])[]
  readonly aligned: readonly (readonly SpacedField[])[] | null
}

const cutsMax = 12
const heading = /^\s*(?:[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十]+[条章节部])/

/**
 * A run of lines as parts that line up each for itself. A numbered heading alone behind a blank line (`afterGap`) begins a
 * part; beyond that a part is cut only at numbered headings, and only where it does not line up whole: into as few lines
 * that do not, as few parts and as few empty places as can be.
 */
export function alignParts(lines: readonly string[], afterGap: readonly boolean[]): AlignedPart[] {
  const wide = areAmbiguousWide(lines)
  const split = lines.map((text) => spacedLine(text, (part) => screenWidth(part, wide)))
  const headings = lines.flatMap((line, index) =>
    index > 0 && heading.test(line) && split[index]!.fields.length === 1 ? [index] : [],
  )
  const places = [0, ...headings.filter((index) => afterGap[index]), lines.length]
  return places.slice(1).flatMap((end, index) => {
    const start = places[index]!
    const cuts = headings.filter((cut) => cut > start && cut < end).map((cut) => cut - start)
    return cutToAlign(split.slice(start, end), cuts)
  })
}

/** A line with its fields, those that are figures or marks and those that are words. */
type SpacedLine = {
  readonly text: string
  readonly fields: readonly SpacedField[]
  readonly figures: readonly SpacedField[]
  readonly words: readonly SpacedField[]
}

function spacedLine(text: string, widthOf: WidthOf): SpacedLine {
  const fields = splitMeasured(text, widthOf)
  return { text, fields, figures: fields.filter(isFigureField), words: fields.filter((one) => !isFigureField(one)) }
}

type Cutting = { readonly cost: number; readonly parts: readonly AlignedPart[] }

function cutToAlign(lines: readonly SpacedLine[], cuts: readonly number[]): readonly AlignedPart[] {
  if (hasEqualGaps(lines)) return [{ fields: lines.map(fieldsOf), aligned: null }]
  const whole = alignLines(lines)
  if (whole.aligned !== null || cuts.length === 0 || cuts.length > cutsMax) return [whole]
  const places = [0, ...cuts, lines.length]
  // best[i]: the cheapest parts of the lines before places[i].
  const best: Cutting[] = [{ cost: 0, parts: [] }]
  for (let end = 1; end < places.length; end++) {
    let chosen: Cutting | null = null
    for (let start = 0; start < end; start++) {
      const part = alignLines(lines.slice(places[start], places[end]))
      const cost = best[start]!.cost + costOf(part)
      if (chosen === null || cost < chosen.cost) chosen = { cost, parts: [...best[start]!.parts, part] }
    }
    best.push(chosen!)
  }
  return best.at(-1)!.parts
}

function costOf({ fields, aligned }: AlignedPart): number {
  const places = aligned === null ? 0 : aligned.length * aligned[0]!.length
  return (aligned === null ? 1e8 * fields.length : 0) + 1e5 + places
}

/**
 * The fields of some lines, and the same placed in shared columns with blank fields filled in; `aligned` is null where
 * two fields of a line fall into one column, so that columns cannot be told apart.
 */
function alignLines(lines: readonly SpacedLine[]): AlignedPart {
  return alignCounted(lines) ?? placeLines(lines)
}

function placeLines(lines: readonly SpacedLine[]): AlignedPart {
  const intervals = findColumns(lines)
  const rows: SpacedField[][] = []
  for (const { fields } of lines) {
    const row = placeLine(fields, intervals)
    if (row === null) return { fields: lines.map(fieldsOf), aligned: null }
    rows.push(row)
  }
  return { fields: lines.map((line) => line.fields), aligned: rows }
}

/**
 * The lines as a program lined them up that counts characters, whatever their widths: null unless only so they line up
 * exactly, and no label over several columns may be those of each of them with single spaces between.
 */
function alignCounted(lines: readonly SpacedLine[]): AlignedPart | null {
  if (lines.every(({ text, fields }) => fields.length < 2 || !/[^\0-~]/.test(text)) || isExact(lines)) return null
  const counted = lines.map(countedLine)
  if (!isExact(counted)) return null
  const placed = placeLines(counted)
  const isRunTogether = ({ text, columnSpan }: SpacedField): boolean =>
    columnSpan > 1 && text.split(' ').length >= columnSpan
  return placed.aligned === null || placed.aligned.some((row) => row.some(isRunTogether)) ? null : placed
}

const countedLines = new WeakMap<SpacedLine, SpacedLine>()

/** A line as a program sees it that counts characters; lines are asked for it once for each way to cut them. */
function countedLine(line: SpacedLine): SpacedLine {
  const known = countedLines.get(line)
  if (known !== undefined) return known
  const counted = spacedLine(line.text, (part) => [...part].length)
  countedLines.set(line, counted)
  return counted
}

/** True where the fields behind the first ones begin, or end, in no more places than there are columns. */
function isExact(lines: readonly SpacedLine[]): boolean {
  let columns = 0
  let count = 0
  const [starts, ends] = [new Set<number>(), new Set<number>()]
  for (const { fields } of lines) {
    columns = Math.max(columns, fields.length - 1)
    for (const { start, end } of fields.slice(1)) {
      starts.add(start)
      ends.add(end)
      count++
    }
  }
  const places = Math.min(starts.size, ends.size)
  return columns > 1 && places <= columns && count >= places + coincidencesMin
}

/** Fields that stand under one another in fewer pairs may do so by chance. */
const coincidencesMin = 2

/** The fields of a line that lines up with no other: then single spaces separate labels as well. */
function fieldsOf({ text, fields }: SpacedLine): readonly SpacedField[] {
  const words = splitWords(text)
  if (words.length < 2) return splitLast(fields)
  return words.map((text, index) => ({ text, start: index, end: index + 1, columnSpan: 1 }))
}

/** Labels and behind the last of them its only figure. */
function splitLast(fields: readonly SpacedField[]): readonly SpacedField[] {
  const last = fields.at(-1)
  const [, label = '', figure = ''] = last === undefined ? [] : (lastFigure.exec(last.text) ?? [])
  if (label === '') return fields
  const start = last!.end - figure.length
  return [...fields.slice(0, -1), { ...last!, text: label, end: start - 1 }, { ...last!, text: figure, start }]
}

const lastFigure = new RegExp(`^(\\D*\\d{0,2}[.、．]?[^\\d\\s]{2,}) (${token})$`)

/** True where one and the same space separates all fields: it is a separator then, and lines nothing up. */
function hasEqualGaps(lines: readonly SpacedLine[]): boolean {
  const gaps = new Map<string, number>()
  let all = 0
  for (const { text } of lines) {
    for (const [run] of text.trim().matchAll(/[ \u00A0\u3000]+/g)) {
      gaps.set(run, (gaps.get(run) ?? 0) + 1)
      all++
    }
  }
  // Columns that line up have at least two spaces somewhere.
  if (all > 0 && gaps.get(' ') === all) return true
  return all >= equalGapsMin && Math.max(...gaps.values()) >= all * 0.95
}

const equalGapsMin = 12

/**
 * Whether characters of ambiguous width are wide: quotes and dashes are as wide as the author's font drew them, and the
 * right width is the one by which figures stand under one another.
 */
function areAmbiguousWide(lines: readonly string[]): boolean {
  if (!lines.some((line) => /[^\0-~]/.test(line) && [...line].some((one) => isAmbiguous(one.charCodeAt(0)))))
    return true
  const [wide, narrow] = [true, false].map((width) =>
    raggedness(lines.flatMap((line) => splitMeasured(line, (text) => screenWidth(text, width)).filter(isFigureField))),
  )
  return wide! <= narrow!
}

/** How much wider the columns of figures are than their widest figures, in screen columns. */
function raggedness(figures: readonly SpacedField[]): number {
  return figureColumns(figures).reduce((sum, column) => {
    const widths = figures.filter(({ start, end }) => start >= column.start && end <= column.end)
    return sum + column.end - column.start - Math.max(...widths.map(({ start, end }) => end - start))
  }, 0)
}

type Interval = { start: number; end: number }

/**
 * The columns that fields stand in. Figures make them first: those under one another are one column, whatever the labels
 * over them cover. Then words, those of lines with most words first, since a label over several columns has few beside
 * it: one that touches no column makes a column of its own, any other stands in those that it touches.
 */
function findColumns(lines: readonly SpacedLine[]): Interval[] {
  const words = lines.flatMap(({ words }) => words.map(({ start, end }) => ({ start, end, beside: words.length })))
  words.sort((a, b) => b.beside - a.beside || a.end - a.start - (b.end - b.start) || a.start - b.start)
  const columns = figureColumns(lines.flatMap(({ figures }) => figures))
  for (const { start, end } of words) {
    if (columns.every((column) => start >= column.end || end <= column.start)) columns.push({ start, end })
  }
  return columns.sort((a, b) => a.start - b.start)
}

/** Fields that hold a figure or a mark and nothing else. */
const figureField = /^[-+－＋减增]?[\d０-９][\d０-９,，.．]*[^\d\s（(]{0,3}(?:[（(][^（）()]*[）)])?$|^[-—–/／\\无]+$/

function isFigureField({ text }: SpacedField): boolean {
  return figureField.test(text)
}

/** Figures that stand under one another, as one column each; whatever their widths. */
function figureColumns(figures: readonly SpacedField[]): Interval[] {
  const columns: Interval[] = []
  for (const { start, end } of [...figures].sort((a, b) => a.start - b.start)) {
    const last = columns.at(-1)
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end)
    else columns.push({ start, end })
  }
  return columns
}

/** The fields of a line with blank ones between; null where two stand in one column. Both go from left to right. */
function placeLine(fields: readonly SpacedField[], intervals: readonly Interval[]): SpacedField[] | null {
  const row: SpacedField[] = []
  let next = 0
  const blanksUpTo = (column: number): void => {
    for (; next < column; next++) {
      const { start, end } = intervals[next]!
      row.push({ text: '', start, end, columnSpan: 1 })
    }
  }
  for (const { text, start, end } of fields) {
    if (next > 0 && start < intervals[next - 1]!.end) return null
    let first = next
    while (first < intervals.length && intervals[first]!.end <= start) first++
    let beyond = first
    while (beyond < intervals.length && intervals[beyond]!.start < end) beyond++
    blanksUpTo(first)
    row.push({ text, start, end, columnSpan: beyond - first })
    next = beyond
  }
  blanksUpTo(intervals.length)
  return row
}
