/**
 * Rows between commas one field of which is a whole document, as programs that gather pages save them: takes a text, gives
 * it with such fields as lines of their own, so that what they hold is read like any other text. Only a text that is such
 * rows from its beginning to its end is taken for them (RFC 4180).
 */

/** A text with the number of each of its lines in the source, from 1. */
export type FreedText = { readonly text: string; readonly numbers: readonly number[] }

const linesMin = 30
const charactersMin = 2_000
const delimiters = [',', '\t', ';'] as const

/** The text with its long fields freed; null where it has none, or is no rows of fields. */
export function withoutLongFields(source: string): FreedText | null {
  const start = source.charCodeAt(0) === 0xfeff ? 1 : 0
  const head = source.slice(start, start + 4_000).split('\n', 1)[0]!
  const delimiter = delimiters.find((one) => head.includes(one))
  if (delimiter === undefined || !source.includes('"') || !/(?:^|[,\t;\n])"/.test(source.slice(start))) return null
  const pieces: { text: string; line: number }[] = []
  let found = false
  let line = 1
  let kept = start
  let keptLine = 1
  for (let at = start; at < source.length; ) {
    if (source[at] !== '"') {
      while (at < source.length && source[at] !== delimiter && source[at] !== '\n') at++
      if (source[at] === '\n') line++
      at++
      continue
    }
    const end = closingQuote(source, at)
    const behind = source.slice(end + 1, end + 3)
    if (end < 0 || !(behind === '' || behind[0] === delimiter || /^\r?\n/.test(behind))) return null
    const inside = source.slice(at + 1, end)
    const lines = inside.split('\n').length
    if (lines >= linesMin || inside.length >= charactersMin) {
      found = true
      pieces.push({ text: source.slice(kept, at), line: keptLine }, { text: inside.replaceAll('""', '"'), line })
      kept = end + 1
      keptLine = line + lines - 1
    }
    line += lines - 1
    at = end + 1
    if (source[at] === '\r') at++
    if (source[at] === '\n') line++
    at++
  }
  if (!found) return null
  pieces.push({ text: source.slice(kept), line: keptLine })
  const texts: string[] = []
  const numbers: number[] = []
  for (const piece of pieces) {
    for (const [index, text] of piece.text.split('\n').entries()) {
      texts.push(text)
      numbers.push(piece.line + index)
    }
  }
  return { text: texts.join('\n'), numbers }
}

/** Where a quoted field ends; -1 where it does not. Two quotes stand for one. */
function closingQuote(source: string, start: number): number {
  for (let at = source.indexOf('"', start + 1); at >= 0; at = source.indexOf('"', at + 2)) {
    if (source[at + 1] !== '"') return at
  }
  return -1
}
