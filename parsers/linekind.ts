/**
 * The lines of a text and what each looks like: takes the text, gives its lines, rows that quotes carry over several lines
 * joined, each with the traces of a table that it bears.
 */
import { flattenedPieces, isValueLine } from './cellrun.ts'
import { type Delimiter, isDrawnRule, plainPipes, quotedRowLength, splitDelimited } from './delimited.ts'
import { joinLatexRows } from './latex.ts'
import { LimitError, limits } from './limits.ts'
import { withoutMargins } from './margins.ts'
import { sentenceEnd } from './prose.ts'
import { splitBySpaces, splitWords } from './spaced.ts'
import { withoutUnseen } from './unseen.ts'

/** How the cells of a row are told apart. */
export type TableKind = 'tabs' | 'pipes' | 'commas' | 'semicolons' | 'spaces'
/** `flattened`: a whole table on one line. */
export type FilledKind = TableKind | 'plain' | 'flattened'
type LineKind = FilledKind | 'blank'
/** `text` holds line breaks where a quoted field does. */
export type Line = { readonly number: number; readonly text: string; readonly kind: LineKind; readonly blank: boolean }

/** What stands between fields. */
export const delimiters: Partial<Record<TableKind, Delimiter>> = { tabs: '\t', commas: ',', semicolons: ';' }

/** Those of Unicode, and a carriage return too many as a file gets it that is converted twice. */
const lineEnds = /\r+\n|[\r\v\f\u0085\u2028\u2029]/g
const lineEnd = /[\r\v\f\u0085\u2028\u2029]/

/**
 * The lines of a text. `numbers` are theirs, where they are not counted from 1.
 * @throws LimitError for too many
 */
export function splitLines(source: string, numbers: readonly number[] | null): Line[] {
  const text = withoutUnseen(lineEnd.test(source) ? source.replace(lineEnds, '\n') : source)
  const printed: string[] = []
  let start = 0
  for (let end = text.indexOf('\n', start); end >= 0; end = text.indexOf('\n', start)) {
    printed.push(text.slice(start, end))
    start = end + 1
    if (printed.length > limits.blocksMax) throw new LimitError('blocksMax')
  }
  if (start < text.length) printed.push(text.slice(start))
  const texts = [...withoutMargins(printed)]
  if (text.includes('\\\\')) joinLatexRows(texts)
  const quoted = text.includes('"')
  const separated = text.includes(',') || text.includes(';') ? usualDelimiter(texts) : null
  const lines: Line[] = []
  for (let index = 0; index < texts.length; ) {
    const kind = kindOf(texts[index]!, separated)
    const delimiter = kind === 'plain' || kind === 'spaces' ? '\t' : delimiters[kind as TableKind]
    const count = quoted && delimiter !== undefined ? quotedRowLength(texts, index, delimiter) : 1
    const line = count === 1 ? texts[index]! : texts.slice(index, index + count).join('\n')
    const all = count === 1 ? kind : kindOf(line, separated)
    lines.push({ number: numbers?.[index] ?? index + 1, text: line, kind: all, blank: all === 'blank' })
    index += count
  }
  return lines
}

/** What a text of delimited lines has between its fields; `fields`: how many each line has, where these are few. */
type Separated = { readonly kind: 'commas' | 'semicolons'; readonly fields: number | null }

const separators = [
  ['commas', ','],
  ['semicolons', ';'],
] as const

/** The kind of delimited lines that a text is made of, if it is: so many lines with so many of it. */
function usualDelimiter(lines: readonly string[]): Separated | null {
  for (const [kind, delimiter] of separators) {
    let rows = 0
    for (const line of lines) if (line.length < rowCharactersMax && countDelimiters(line, delimiter) >= 3) rows++
    if (rows >= delimitedRowsMin) return { kind, fields: null }
  }
  for (const [kind, delimiter] of separators) {
    const fields = fewFields(lines, delimiter)
    if (fields !== null) return { kind, fields }
  }
  return null
}

const rowCharactersMax = 2_000
const delimitedRowsMin = 5
const fewFieldsMax = 3

/**
 * How many fields the lines of a text have that is a table of few columns: most of its lines have the same, a label first and a figure, a
 * mark or nothing last. A sentence with a comma ends in words.
 */
function fewFields(lines: readonly string[], delimiter: Delimiter): number | null {
  const counts = Array.from({ length: fewFieldsMax + 1 }, () => ({ rows: 0, figures: 0 }))
  let filled = 0
  for (const line of lines) {
    if (line.trim() === '') continue
    filled++
    if (line.length >= rowCharactersMax || !line.includes(delimiter)) continue
    const fields = splitDelimited(line, delimiter)
    const [first, last] = [fields[0]!, fields.at(-1)!]
    const count = countDelimiters(line, delimiter) === fields.length - 1 ? counts[fields.length] : undefined
    if (count === undefined || !/\p{L}/u.test(first) || !(last === '' || isValueLine(last))) continue
    count.rows++
    if (last !== '') count.figures++
  }
  const found = counts.findIndex(
    ({ rows, figures }) => rows >= delimitedRowsMin && rows * 2 > filled && figures * figuresShare >= rows,
  )
  return found < 0 ? null : found
}

/** At least one in so many rows has a figure or a mark: lines that a comma ends are no table. */
const figuresShare = 5

/** Delimiters of a line, but for commas that group the digits of a figure. */
function countDelimiters(line: string, delimiter: string): number {
  let count = 0
  for (let at = line.indexOf(delimiter); at >= 0; at = line.indexOf(delimiter, at + 1)) {
    if (delimiter !== ',' || !/^,\d{3}(?!\d)/.test(line.slice(at, at + 5)) || !/\d/.test(line[at - 1] ?? '')) count++
  }
  return count
}

/** A longer line is no row of cells with spaces between them. */
const spacedCharactersMax = 400

function kindOf(line: string, separated: Separated | null): LineKind {
  if (flattenedPieces(line) !== null) return 'flattened'
  if (line.includes('\t') && !isRatherSeparated(line, separated))
    return line.trim() === '' && !/\t.*\t/s.test(line) ? 'blank' : 'tabs'
  if (line.trim() === '' || line.trim() === '|') return 'blank'
  if (isPipeRow(line)) return 'pipes'
  if (separated !== null && isSeparated(line, separated)) return separated.kind
  if (line.length > spacedCharactersMax || !/[ \u00A0\u3000]/.test(line.trim())) return 'plain'
  return splitBySpaces(line).length > 1 || isRowOfWords(line) ? 'spaces' : 'plain'
}

function isSeparated(line: string, { kind, fields }: Separated): boolean {
  const delimiter = delimiters[kind]!
  if (!line.includes(delimiter) || /[。；]/.test(line)) return false
  if (fields === null) return true
  return splitDelimited(line, delimiter).length === fields && countDelimiters(line, delimiter) === fields - 1
}

/** True for a row of delimited fields with a tab within one. */
function isRatherSeparated(line: string, separated: Separated | null): boolean {
  if (separated === null || /[。；]/.test(line)) return false
  return countDelimiters(line, delimiters[separated.kind]!) > 2 * (line.split('\t').length - 1)
}

function isRowOfWords(line: string): boolean {
  const words = splitWords(line)
  return words.length > 2 || (words.length === 2 && isValueLine(words[1]!))
}

/** Most lines have nothing that pipes or rules are drawn with. */
const drawing = /[|│┃║─━═┄┅┈┉]|--|:-|-:|==/

function isPipeRow(line: string): boolean {
  if (!drawing.test(line)) return false
  const drawn = plainPipes(line)
  if (isDrawnRule(line)) return drawn.includes('|') || crossing.test(drawn)
  const pipes = drawn.split('|').length - 1
  return pipes >= 2 || (pipes === 1 && line.length <= 120 && !sentenceEnd.test(line))
}

/** True for a rule with crossings, as frames have them. */
export function isFrameRule(text: string): boolean {
  return crossing.test(text) && isDrawnRule(text)
}

/** Where lines of a drawing meet, light, heavy or double. */
const crossing = /[+\u250c-\u254b\u2552-\u256c]/
