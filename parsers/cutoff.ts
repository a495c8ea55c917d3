/**
 * Whether a source of markup ends before its markup does: takes the text, says within what it ends. A download that broke
 * off or a field of a database that was too short gives such pages, and what they lack their author did not leave out.
 */

/**
 * `tag`: a tag, a comment or a script; `cell`: a cell of a table; `table`: a table between its cells; `page`: an element that
 * its author may have left open, as HTML allows for some.
 */
export type OpenEnd = 'tag' | 'cell' | 'table' | 'page'

/** Elements that count, and comments. */
const counted = /<(?:!--|(\/?)(html|body|table|t[dhr]|script|style|div|section|article|p)(?=[\s/>]))/gi
/** Where a paragraph is closed so often, one that is not was cut off. */
const closedMin = 3

/** Within what a source ends; null for one that ends where its author ended it. */
export function openEndOf(text: string): OpenEnd | null {
  const last = text.lastIndexOf('<')
  if (last < 0) return null
  if (text.indexOf('>', last) < 0 && /^<(?:[a-z/!]|$)/i.test(text.slice(last, last + 2))) return 'tag'
  if (isClosed(text)) return null
  let tables = 0
  let inCell = false
  let inPage = false
  const open = { block: 0, p: 0, closedP: 0 }
  counted.lastIndex = 0
  for (let match = counted.exec(text); match !== null; match = counted.exec(text)) {
    const closing = match[1] === '/'
    const name = match[2]?.toLowerCase()
    if (name === undefined || name === 'script' || name === 'style') {
      if (closing) continue
      const end = name === undefined ? text.indexOf('-->', match.index) : endOfRaw(text, counted.lastIndex, name)
      if (end < 0) return 'tag'
      counted.lastIndex = end + 2
    } else if (name === 'html' || name === 'body') {
      inPage = !closing
      if (closing) [tables, open.block, open.p] = [0, 0, 0]
    } else if (name === 'table') {
      tables = Math.max(0, tables + (closing ? -1 : 1))
      inCell = closing && tables > 0
    } else if (name === 'tr') inCell = false
    else if (name === 'td' || name === 'th') inCell = !closing
    else if (name === 'p') {
      open.p = closing ? 0 : 1
      if (closing) open.closedP++
    } else open.block = Math.max(0, open.block + (closing ? -1 : 1))
  }
  if (tables > 0) return inCell ? 'cell' : 'table'
  return inPage || open.block > 0 || (open.p > 0 && open.closedP >= closedMin) ? 'page' : null
}

/** True for a page that its own last tag closes, whatever was left open in it, outside comments and scripts: most need no more. */
function isClosed(text: string): boolean {
  return (
    lastTag.test(text.slice(-lastTagCharactersMax)) &&
    rawParts.every(([start, end]) => text.lastIndexOf(start) <= text.lastIndexOf(end))
  )
}

const lastTag = /<\/html\s*>\s*$/i
const lastTagCharactersMax = 40
const rawParts = [
  ['<!--', '-->'],
  ['<script', '</script'],
  ['<style', '</style'],
] as const

/** Where the end tag of a script or a style begins; -1 where it has none. */
function endOfRaw(text: string, from: number, name: string): number {
  for (let at = text.indexOf('</', from); at >= 0; at = text.indexOf('</', at + 2))
    if (text.slice(at + 2, at + 2 + name.length).toLowerCase() === name) return at
  return -1
}
