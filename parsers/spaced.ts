/**
 * Columns that are only lined up on the page: takes the fields of each line with the screen columns they cover, gives
 * each field the grid columns it stands in, or null where the lines share no columns. A Chinese character is two wide.
 */

/** A field of a line: its text, and the screen columns it covers, from 0, end exclusive. */
export type SpacedField = {
  readonly text: string
  readonly start: number
  readonly end: number
  /** Grid columns covered; 1 until columns are known. */
  readonly columnSpan: number
}

const gap = /(?:[ \u00A0]{2,}|[ \u00A0]*\u3000+[ \u00A0\u3000]*)/
/** Figures at the end of a line that single spaces separate. */
const figureTail = /^(.*?[^\d\s.,，-])?\s*((?:[-+]?[\d０-９][\d０-９,，.．]*|[-—/／])(?: (?:[-+]?[\d０-９][\d０-９,，.．]*|[-—/／]))+)$/

/** The fields of a line that two or more spaces, or one full width space, separate. Indentation separates nothing. */
export function splitBySpaces(line: string): SpacedField[] {
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
    fields.push(...splitFigures(text, column))
    if (match === null) break
    column = end + widthOf(match[0])
    index += match.index + match[0].length
  }
  return fields
}

function splitFigures(text: string, start: number): SpacedField[] {
  const match = text.includes(' ') ? figureTail.exec(text) : null
  if (match === null || (match[1] === undefined && match[2]!.split(' ').length < 2)) {
    return [{ text, start, end: start + widthOf(text), columnSpan: 1 }]
  }
  const fields: SpacedField[] = []
  let column = start
  if (match[1] !== undefined && match[1].trim() !== '') {
    const label = match[1].trimEnd()
    fields.push({ text: label, start, end: start + widthOf(label), columnSpan: 1 })
  }
  column = start + widthOf(text.slice(0, text.length - match[2]!.length))
  for (const figure of match[2]!.split(' ')) {
    const end = column + widthOf(figure)
    fields.push({ text: figure, start: column, end, columnSpan: 1 })
    column = end + 1
  }
  return fields
}

/**
 * Every line with its fields placed in shared columns, blank fields filled in; null where two fields of a line fall
 * into one column, so that columns cannot be told apart.
 */
export function alignColumns(lines: readonly (readonly SpacedField[])[]): SpacedField[][] | null {
  const most = Math.max(...lines.map((fields) => fields.length))
  // Headers span columns, so only the full lines say where columns are.
  const full = lines.filter((fields) => fields.length >= Math.max(2, most * 0.6))
  const intervals = mergeIntervals(full.flat())
  if (intervals.length < 2) return null
  for (const fields of lines) {
    for (const field of fields) {
      if (!intervals.some((interval) => field.start < interval.end && field.end > interval.start)) {
        intervals.push({ start: field.start, end: field.end })
        intervals.sort((a, b) => a.start - b.start)
      }
    }
  }
  const placed: SpacedField[][] = []
  for (const fields of lines) {
    const row = placeLine(fields, intervals)
    if (row === null) return null
    placed.push(row)
  }
  return placed
}

type Interval = { start: number; end: number }

function mergeIntervals(fields: readonly SpacedField[]): Interval[] {
  const merged: Interval[] = []
  for (const { start, end } of [...fields].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = merged.at(-1)
    if (last && start < last.end) last.end = Math.max(last.end, end)
    else merged.push({ start, end })
  }
  return merged
}

function placeLine(fields: readonly SpacedField[], intervals: readonly Interval[]): SpacedField[] | null {
  const row: SpacedField[] = []
  let next = 0
  for (const field of fields) {
    const covered = intervals.flatMap((interval, index) =>
      field.start < interval.end && field.end > interval.start ? [index] : [],
    )
    const first = covered[0]!
    if (first < next) return null
    while (next < first) row.push({ text: '', start: intervals[next]!.start, end: intervals[next++]!.end, columnSpan: 1 })
    row.push({ ...field, columnSpan: covered.length })
    next = first + covered.length
  }
  while (next < intervals.length) {
    row.push({ text: '', start: intervals[next]!.start, end: intervals[next++]!.end, columnSpan: 1 })
  }
  return row
}

/** Screen columns of a text: 2 for wide characters (East Asian Width W and F), 1 for others. */
export function widthOf(text: string): number {
  let width = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    width += code < 0x1100 ? 1 : isWide(code) ? 2 : 1
  }
  return width
}

function isWide(code: number): boolean {
  return (
    (code <= 0x115f && code >= 0x1100) ||
    (code >= 0x2e80 && code <= 0x303e) ||
    (code >= 0x3041 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    // Curly quotes and the ellipsis are drawn wide in Chinese fonts.
    (code >= 0x2018 && code <= 0x201d) ||
    code === 0x2026
  )
}
