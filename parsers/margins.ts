/**
 * What stands before every line of a text, or behind every line, and is no part of any: takes lines, gives them without
 * it. Mail quotes by a mark before each line, lists and remarks do, editors and pagers number lines, and whoever copies a
 * piece of a page indents it. Only what no line is without is taken away, so that nothing printed can be.
 */

/** Fewer lines may begin alike by chance. */
const linesMin = 8
/** Quoted within quoted, numbered and indented: deeper than this nobody goes. */
const depthMax = 6

/** The lines without what all of them have before or behind what they say; as many as before. */
export function withoutMargins(lines: readonly string[]): readonly string[] {
  let inner = withoutLastTab(lines)
  for (let depth = 0; depth < depthMax; depth++) {
    const next = withoutIndent(inner) ?? withoutMark(inner) ?? withoutNumbers(inner)
    if (next === null) return inner
    inner = next
  }
  return inner
}

function isBlank(line: string): boolean {
  return line.trim() === ''
}

/** The index of the first line that says something; -1 where there are too few lines. */
function firstOf(lines: readonly string[]): number {
  return lines.length < linesMin ? -1 : lines.findIndex((line) => !isBlank(line))
}

/** Without the white space that all lines begin with. */
function withoutIndent(lines: readonly string[]): readonly string[] | null {
  const first = lines[firstOf(lines)]
  let indent = first === undefined ? '' : /^\s*/.exec(first)![0]
  let filled = 0
  for (const line of lines) {
    if (indent === '') return null
    if (isBlank(line)) continue
    while (!line.startsWith(indent)) indent = indent.slice(0, -1)
    filled++
  }
  if (indent === '' || filled < linesMin) return null
  return lines.map((line) => line.slice(indent.length))
}

const marks = /^(?:>|#|\/\/|\*|\+|-|;|%|:|\|)/

/** Without the mark that each line begins with: of quoting, of a list, of a remark. */
function withoutMark(lines: readonly string[]): readonly string[] | null {
  const first = lines[firstOf(lines)]
  const mark = first === undefined ? undefined : marks.exec(first)?.[0]
  if (mark === undefined) return null
  let filled = 0
  let closed = 0
  for (const line of lines) {
    if (isBlank(line)) continue
    if (!line.startsWith(mark)) return null
    filled++
    const said = line.trimEnd()
    if (said.length > mark.length && said.endsWith(mark)) closed++
  }
  // What stands at both ends of lines draws a table.
  if (filled < linesMin || closed * 2 > filled) return null
  return lines.map((line) => line.slice(mark.length))
}

/** A line's number and what parts it from the line: a mark, or white space alone. */
const marked = /^\s*(\d{1,6})\s*([:.|、）)])/
const spaced = /^\s*(\d{1,6})(\s)/
const alone = /^\s*(\d{1,6})$/

/** Without the number of each line, and what parts it from the line: they count all lines, or those that say something. */
function withoutNumbers(lines: readonly string[]): readonly string[] | null {
  const first = firstOf(lines)
  if (first < 0) return null
  const numbered = marked.test(lines[first]!) ? marked : spaced
  const [, start, separator] = numbered.exec(lines[first]!) ?? []
  if (start === undefined) return null
  let filled = 0
  let said = 0
  let countsAll = true
  let countsFilled = true
  const rest: string[] = []
  for (const [index, line] of lines.entries()) {
    if (isBlank(line)) {
      rest.push(line)
      continue
    }
    const [whole = '', number, parted] = numbered.exec(line) ?? alone.exec(line) ?? []
    if (number === undefined || (parted !== undefined && numbered === marked && parted !== separator)) return null
    countsAll &&= Number(number) === Number(start) + index - first
    countsFilled &&= Number(number) === Number(start) + filled
    if (!countsAll && !countsFilled) return null
    filled++
    const inner = line.slice(whole.length)
    if (!isBlank(inner)) said++
    rest.push(inner)
  }
  return said < linesMin ? null : rest
}

/** Without the tab that every line ends with which says something: it parts a cell from nothing. */
function withoutLastTab(lines: readonly string[]): readonly string[] {
  let filled = 0
  for (const line of lines) {
    if (line.endsWith('\t')) filled++
    else if (!isBlank(line)) return lines
  }
  return filled < linesMin ? lines : lines.map((line) => (line.endsWith('\t') ? line.slice(0, -1) : line))
}
