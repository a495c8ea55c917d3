/**
 * Which lines head a table, and which only look like a row or a header of it.
 */
import type { Header } from './header.ts'
import { type LabelIndex, type LabelMatch, labelKey } from './labels.ts'
import { isWords, type SourceLine } from './lines.ts'
import type { TableScope } from './scope.ts'

/**
 * A line without figures that prints labels of columns, is not rather a row whose cells are all blank, and is not
 * rather the header of another table: 总计 and 其他 stand in several.
 */
export function isHeaderLine(line: SourceLine, scope: TableScope): boolean {
  if (line.filled || line.columnWords === 0) return false
  const own = line.columnHits.get(scope.table.code) ?? 0
  if (own === 0 || own < line.columnHitsMax) return false
  return isHeading(line) || line.columnWords > rowWordsOf(line, scope)
}

/**
 * True for a line right behind those of a header that has words under their labels alone, each of them a column's: 总计 and
 * 其他 name rows too, but not where figures stand.
 */
export function continuesHeader(line: SourceLine, block: readonly SourceLine[], { id }: TableScope): boolean {
  const last = block.at(-1)
  if (last === undefined || line.filled || last.grid !== line.grid || last.index !== line.index - 1) return false
  const words = line.cells.filter((cell) => isWords(cell) && !(line.aligned && cell.carried))
  if (words.length === 0 || words.some(({ label }) => !label!.columns.has(id))) return false
  const over = block.flatMap(({ cells }) => cells.filter(({ label }) => label?.columns.has(id)))
  return (
    Math.min(...words.map(({ start }) => start)) >= Math.min(...over.map(({ start }) => start)) && words[0]!.start > 0
  )
}

/** Words in a line that name a row of the form: another form may have a row of the name of a local column. */
function rowWordsOf({ cells }: SourceLine, { family }: TableScope): number {
  return cells.filter(({ label }) => label !== null && [...label.rows.keys()].some((id) => family.has(id))).length
}

/** True for a line that is the header of some table. */
export function isHeading(line: SourceLine): boolean {
  return !line.filled && line.columnWords > line.rowWords
}

/**
 * What a line is that has nothing but words over the columns: `rows` where it names rows of the table in the place of columns, so
 * that it is no row and no header; `others` where it names what no form knows: the header of another table. Null for any other line.
 */
export function strangeHeader(
  { filled, cells }: SourceLine,
  scope: TableScope,
  { columns }: Header,
): 'rows' | 'others' | null {
  if (filled) return null
  const words = cells.filter((cell) => isWords(cell) && !cell.carried)
  if (words.length < Math.max(headerWordsMin, columns.length - 1)) return null
  const [first, ...others] = words
  const rows = others.filter(({ label }) => label!.rows.has(scope.id)).length
  if (rows >= rowsNamedMin) return 'rows'
  // A row may have words for figures.
  if (first!.label!.rows.has(scope.id)) return null
  const unknown = others.filter(({ label, text }) => label!.scopes.length === 0 && !isScrap(text, scope))
  return unknown.length * 2 > others.length && new Set(unknown.map(({ text }) => text)).size > 1 ? 'others' : null
}

/**
 * True for a row over which, in its grid and behind the line `seen` before it, a line heads other columns than the last header of
 * the table: more than that has, by labels that no form knows, or another number of them behind the text of the top left cell.
 */
export function isHeadedOtherwise(
  row: SourceLine,
  seen: number,
  { lines, find }: { readonly lines: readonly SourceLine[]; readonly find: LabelIndex['find'] },
  { id }: TableScope,
  { columns, before }: Header,
): boolean {
  // Of cells one behind another nothing tells where a line ended.
  if (row.stream) return false
  const isAside = ({ units, numbers }: LabelMatch): boolean => units.size > 0 || numbers.size > 0
  for (let index = row.index - 1; index > seen && lines[index]!.grid === row.grid; index--) {
    const { filled, cells } = lines[index]!
    const words = cells.filter((cell) => isWords(cell) && !cell.carried).map(({ text }) => text)
    // A line whose fields were not told apart.
    const [first = '', ...rest] = words.length === 1 ? words[0]!.trim().split(/\s+/) : words
    const others = [...new Set(rest)].filter((text) => text !== first)
    if (filled || others.length === 0) continue
    const strange = others.filter((text) => isStrange(find(text)) && !/[:：\d]/.test(text))
    if (words.length > 1 && strange.length > columns.length) return true
    const known = [...before, ...columns]
    const heads = find(first).captions.has(id) || others.some((text) => find(text).columns.has(id))
    const named = others.map(find).filter((label) => !isAside(label))
    const isOther = ({ columns: own }: LabelMatch, at: number): boolean => {
      return own.has(id) && !own.get(id)!.some((line) => line === known[at]!.line)
    }
    if (heads && (named.length !== known.length || named.some(isOther))) return true
  }
  return false
}

/** True for what no form knows. */
function isStrange({ scopes, captions, units, numbers }: LabelMatch): boolean {
  return scopes.length === 0 && captions.size === 0 && units.size === 0 && numbers.size === 0
}

/** A row has a label and the labels of its groups. */
const headerWordsMin = 4
const rowsNamedMin = 2

/** True for a piece of a label, as a page break or a converter leaves it, and for what only counts or is too short to tell. */
function isScrap(text: string, { table }: TableScope): boolean {
  const key = labelKey(text)
  return (
    key.length < 2 ||
    /\d$/.test(key) ||
    table.columns.some(({ labels }) => labels.some((one) => labelKey(one).includes(key)))
  )
}

/** True for a row in whose grid the header of another table stands between it and the header of this one. */
export function isUnderOther(
  line: SourceLine,
  header: readonly SourceLine[],
  scope: TableScope,
  { lines, above }: { readonly lines: readonly SourceLine[]; readonly above: Int32Array },
): boolean {
  const heading = above[line.index]!
  return heading > header.at(-1)!.index && !isHeaderLine(lines[heading]!, scope)
}

/** For each line the last line above it in its grid that is a header; -1 where there is none. */
export function headingsAbove(lines: readonly SourceLine[]): Int32Array {
  const above = new Int32Array(lines.length).fill(-1)
  for (let index = 1; index < lines.length; index++) {
    const before = lines[index - 1]!
    if (before.grid === lines[index]!.grid) above[index] = isHeading(before) ? index - 1 : above[index - 1]!
  }
  return above
}
