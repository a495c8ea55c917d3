/**
 * Text with markup in it, as converters to Markdown write it: takes a source, says whether it is a page or lines of text
 * with only islands of markup between them, and keeps such lines with their numbers while a page's tree is walked.
 */

/** An element that no plain text prints by chance, or a character that only markup spells out. */
const markup =
  /<\/?(?:table|t[dhr]|br|hr|su[bp]|s|u|b|i|em|del|strong|strike|span|font|p|div|center|img|a|h[1-6]|li|ul|ol)(?:\s[^<>]{0,2000})?\/?>|&(?:nbsp|e[mn]sp|thinsp|amp|lt|gt|quot|[mn]dash|minus|times|#\d{2,6}|#x[\da-f]{2,6});/i

/** True where a text may have markup in it. */
export function hasMarkup(text: string): boolean {
  return (text.includes('<') || text.includes('&')) && markup.test(text)
}

const inlineNames = new Set(
  'a abbr acronym b bdi bdo big br cite code del dfn em font i img ins kbd mark nobr o:p q s samp small span strike strong sub sup tt u var wbr'.split(
    ' ',
  ),
)
/** Elements around other elements: text that begins on a line of its own within them is no element's. */
const containerNames = new Set(
  'article aside body center details div fieldset figure footer form header html main nav section'.split(' '),
)
const rawNames: ReadonlySet<string> = new Set(['script', 'style', 'title', 'textarea', 'noscript'])
const pageStart =
  /^[\s\ufeff]*(?:<\?xml[^<>]*>\s*)?(?:<!--|<!doctype|<(?:html|head|body|meta|title|link|script|style)\b)/i

/**
 * True for lines of text with islands of markup, false for a page: whether most of what stands outside tables is in lines
 * that no element holds, rather than between breaks.
 */
export function isRunningText(text: string): boolean {
  if (pageStart.test(text) && isPageToItsEnd(text)) return false
  const count = { bare: 0, held: 0, lineEnds: 0, breaks: 0 }
  let holding = false
  let tables = 0
  let at = 0
  while (at < text.length) {
    const tag = nextTag(text, at)
    const run = text.slice(at, tag?.start ?? text.length)
    if (tables === 0) countRun(run, holding, count)
    if (tag === null) break
    at = tag.end
    const { name, closing } = tag
    if (name === 'table') {
      tables = Math.max(0, tables + (closing ? -1 : 1))
      holding = false
    } else if (rawNames.has(name) && !closing) {
      const end = text.indexOf(`</${name}`, at)
      if (end >= 0) at = end
    } else if (name === 'br') {
      if (!holding && tables === 0 && !isBarred(text, tag)) count.breaks++
    } else if (name !== '' && !inlineNames.has(name)) {
      holding = !closing && !(containerNames.has(name) && /^[ \t]*\r?\n/.test(text.slice(at, at + 20)))
    }
  }
  return count.bare > count.held && count.lineEnds >= count.breaks
}

/** True for a break in a row of cells between bars: Markdown has no other line break there. */
function isBarred(text: string, { start, end }: Tag): boolean {
  const before = text.slice(Math.max(0, start - nearCharacters), start)
  const after = text.slice(end, end + nearCharacters)
  return before.slice(before.lastIndexOf('\n') + 1).includes('|') || (after.split('\n', 1)[0] ?? '').includes('|')
}

const nearCharacters = 200

/** True where nothing but markup follows the end of the page: tables with a page of their own around each are islands. */
function isPageToItsEnd(text: string): boolean {
  const end = text.search(/<\/html\s*>/i)
  return end < 0 || !/[^\s<>]/.test(text.slice(end + 7, end + 2_000).replace(/<[^<>]*>/g, ''))
}

type Count = { bare: number; held: number; lineEnds: number; breaks: number }

function countRun(run: string, holding: boolean, count: Count): void {
  const characters = run.replace(/\s+/g, '').length
  if (characters === 0) return
  if (holding) count.held += characters
  else {
    count.bare += characters
    count.lineEnds += run.match(/\S[^\S\n]*\n/g)?.length ?? 0
  }
}

type Tag = { readonly name: string; readonly closing: boolean; readonly start: number; readonly end: number }

/** The next tag or comment; a comment has no name. What stands in angle brackets and is neither, such as an address, is text. */
function nextTag(text: string, from: number): Tag | null {
  for (let start = text.indexOf('<', from); start >= 0; start = text.indexOf('<', start + 1)) {
    if (text.startsWith('<!--', start)) {
      const end = text.indexOf('-->', start + 4)
      return { name: '', closing: false, start, end: end < 0 ? text.length : end + 3 }
    }
    tagHere.lastIndex = start
    const match = tagHere.exec(text)
    if (match === null) continue
    const end = text.indexOf('>', tagHere.lastIndex)
    if (end < 0) return null
    return { name: match[2]!.toLowerCase(), closing: match[1] === '/', start, end: end + 1 }
  }
  return null
}

const tagHere = /<(\/?)([a-z][\w:-]{0,40})(?=[\s/>])(?<!:)(?!\/\/)/iy

/** What a forced line break within a line is kept as, until the line is cut into fields. */
export const innerBreak = '\u1680'

/** Lines gathered from the tree of a source, each with its number there. */
export type Lines = { text: string; readonly numbers: number[] }

/** Adds the text of a node that begins at line `start` of the source; null where that is not known. */
export function addLines(lines: Lines, text: string, start: number | null): void {
  const first = start ?? lines.numbers.at(-1) ?? 1
  if (lines.numbers.length === 0) lines.numbers.push(first)
  let number = first
  // Text is cut into lines at more than the ends of its source's lines.
  for (const [end] of text.matchAll(/[\n\v\f\u0085\u2028\u2029]/g)) lines.numbers.push(end === '\n' ? ++number : number)
  lines.text += text
}
