/**
 * Lines of a text cut into fields by what separates them: tabs, pipes, commas or semicolons. Takes whole lines, gives
 * their fields; whether several lines are one table is decided in text.ts.
 */

export type Delimiter = '\t' | ',' | ';'

/** Quoted fields may hold line breaks; one that is not closed within so many lines or characters was no quote. */
const quotedLinesMax = 40
const quotedCharactersMax = 4_000

/**
 * How many of the lines from `index` on are one row, because a field that opens with a quote holds line breaks: as
 * spreadsheets copy cells with several lines (RFC 4180, with any delimiter).
 */
export function quotedRowLength(lines: readonly string[], index: number, delimiter: Delimiter): number {
  if (!opensQuote(lines[index]!, delimiter)) return 1
  let text = lines[index]!
  for (let count = 2; count <= quotedLinesMax && index + count <= lines.length; count++) {
    const next = lines[index + count - 1]!
    text += `\n${next}`
    if (text.length > quotedCharactersMax) return 1
    if (next.includes('"') && !opensQuote(text, delimiter)) return count
  }
  return 1
}

/** True where the last field that begins with a quote is not closed. */
function opensQuote(text: string, delimiter: Delimiter): boolean {
  if (!text.includes('"')) return false
  let open = false
  let fieldStart = true
  for (let index = 0; index < text.length; index++) {
    const one = text[index]!
    if (one === '"' && (open || fieldStart)) {
      if (open && text[index + 1] === '"') index++
      else open = !open
      fieldStart = false
    } else if (!open) fieldStart = one === delimiter
  }
  return open
}

/** The fields of one row, quotes taken off where a field is quoted as a whole; white space around each is trimmed. */
export function splitDelimited(row: string, delimiter: Delimiter): string[] {
  if (!row.includes('"')) {
    const plain = row.split(delimiter)
    for (let index = 0; index < plain.length; index++) plain[index] = plain[index]!.trim()
    return plain
  }
  const fields: string[] = []
  let start = 0
  let open = false
  for (let index = 0; index <= row.length; index++) {
    if (index < row.length && (row[index] !== delimiter || open)) {
      if (row[index] === '"' && (open || row.slice(start, index).trim() === '')) open = !open
      continue
    }
    fields.push(unquote(row.slice(start, index).trim()))
    start = index + 1
    open = false
  }
  return fields
}

function unquote(field: string): string {
  if (field.length < 2 || !field.startsWith('"') || !field.endsWith('"')) return field
  const inner = field.slice(1, -1)
  return /(?:^|[^"])(?:"")*"(?:[^"]|$)/.test(inner) ? field : inner.replaceAll('""', '"').trim()
}

/** A row of pipes without its outer ones, `\|` for a pipe in a cell. */
export function splitByPipes(line: string, outer: boolean): string[] {
  if (!line.includes('|')) return [line.trim()]
  const inner = outer ? line.trim().slice(1, -1) : line
  return inner.split(/(?<!\\)\|/).map((field) => field.trim().replaceAll('\\|', '|'))
}

/** Lines that only draw: `|---|:-:|` of Markdown, `+---+---+`, and those of box drawing characters. */
export function isDrawnRule(line: string): boolean {
  return /^[\s|:+=\-┃│║─━═┄┅┈┉┌-╿]+$/.test(line) && /-{3}|:-|-:|={3}|[─━═┄┅┈┉]{2}/.test(line)
}

/** True for `| --- | --- |`: a rule in Markdown, and a row of cells that hold dashes where rules have crossings. */
export function isRowOfDashes(line: string): boolean {
  const cells = line.trim().split(/[|│┃║]/)
  if (cells.length < 3 || cells[0] !== '' || cells.at(-1) !== '') return false
  return cells.slice(1, -1).every((cell) => /^(?: +| +--- +)$/.test(cell))
}

/** Box drawing characters between cells as pipes. */
export function plainPipes(line: string): string {
  return line.replace(/[│┃║]/g, '|')
}
