/**
 * A document's prose, made ready to be searched: takes blocks, gives passages of normalised text, each character of which
 * knows where it stood. Paragraphs and cells of prose are prose; labels, figures and headings of tables are not. Half of
 * what goes wrong in prose is typography: full width digits, thousands separators, lines and pages that cut a sentence.
 */
import type { Anchor, Document, Paragraph } from '../../parsers/document.ts'
import { sentenceEnd } from '../../parsers/prose.ts'
import { simplified } from '../chinese.ts'

/** Text with the place of each of its characters in the source text, end exclusive. */
export type Traced = { readonly text: string; readonly from: readonly number[]; readonly to: readonly number[] }

/** A text whose parts can be asked where they stood: most never are. */
export type Normal = { readonly text: string; readonly part: (start: number, end: number) => Traced }

/** A run of prose, or a table that stands between two runs. */
export type Passage =
  | { readonly kind: 'prose'; readonly source: string; readonly text: Normal; readonly anchor: Anchor }
  | { readonly kind: 'table'; readonly anchor: Anchor }

/** Characters of one document that are looked at: some hundred times the prose of a long report. */
const charactersMax = 2_000_000
/** A cell with so many characters and a full stop is prose, not a label. */
const cellCharactersMin = 24
/** Shorter texts say nothing by themselves. */
const spokenCharactersMin = 10
/** A line so long, or longer, that ends without a stop goes on in the next one. */
const wrappedLineMin = 18

/** What a heading or an item of a list begins with. */
const itemStart =
  /^\s*(?:[（(]?[一二三四五六七八九十]{1,3}[）)、．.]|[（(]\d{1,2}[）)]|\d{1,2}[、．.](?!\d)|第[一二三四五六七八九十\d]{1,3}[条章节部项]|[一二三四五六七八九十]是)/
/** What the heading of a chapter begins with. */
const chapterStart = /^\s*(?:第?[一二三四五六七八九十]{1,3}(?:部分)?[、．.]|\d{1,2}[、．.](?!\d))/
const stop = /[。；;！？!?：:”"）)]\s*$/

/** The prose of a document in reading order, with the tables between. Text beyond a bound is not looked at. */
export function passagesOf(document: Document): Passage[] {
  const passages: Passage[] = []
  let pending: { readonly source: string; readonly block: Paragraph } | null = null
  let characters = 0
  const push = (source: string, anchor: Anchor): void => {
    characters += source.length
    if (characters <= charactersMax) passages.push({ kind: 'prose', source, text: normal(source), anchor })
  }
  const flush = (): void => {
    if (pending !== null) push(pending.source, pending.block.anchor)
    pending = null
  }
  for (const block of document.blocks) {
    if (block.kind === 'paragraph') {
      if (pending !== null && goesOn(pending.source, pending.block, block)) {
        // Digits on both sides of a page break may be one number or two.
        const parted: boolean = /\d\s*$/.test(pending.source) && /^\s*\d/.test(block.text)
        pending = { source: `${pending.source}${parted ? ' ' : ''}${block.text}`, block: pending.block }
        continue
      }
      flush()
      pending = { source: block.text, block }
      continue
    }
    flush()
    passages.push({ kind: 'table', anchor: block.anchor })
    // A heading or a sentence that was taken into a table stands alone in its row.
    const filled = new Map<number, number>()
    for (const { row, text } of block.cells) if (text.trim() !== '') filled.set(row, (filled.get(row) ?? 0) + 1)
    let isUnderHeading = false
    for (const cell of block.cells) {
      const isAlone = filled.get(cell.row) === 1 && !cell.filler
      const isLine = isAlone && (chapterStart.test(cell.text) || /[。！][）)”"]?\s*$/.test(cell.text))
      // Of cells one a line nothing but its place tells what stands under a heading and ends without a stop.
      const goesUnder = isUnderHeading && cell.text.trim().length >= spokenCharactersMin
      if (isLine || goesUnder || isProseCell(cell.text)) push(cell.text, cell.anchor)
      if (cell.text.trim() !== '') isUnderHeading = block.columnCount === 1 && chapterStart.test(cell.text)
    }
  }
  flush()
  return passages
}

function isProseCell(text: string): boolean {
  return text.length >= cellCharactersMin && (text.includes('。') || sentenceEnd.test(text))
}

/** True where a paragraph breaks off within a sentence: at the end of a page, or where each line was taken for one. */
function goesOn(source: string, first: Paragraph, next: Paragraph): boolean {
  if (first.heading !== null || next.heading !== null || itemStart.test(next.text)) return false
  return source.length >= wrappedLineMin && /[，。；,;]/.test(source) && !stop.test(source) && source.length < 20_000
}

const narrowed: Readonly<Record<string, string>> = { ',': '，', ';': '；', ':': '：', '!': '！', '?': '？' }
const alike: Readonly<Record<string, string>> = { '．': '.', '％': '%', '(': '（', ')': '）', ...narrowed }
/** Characters that may be put otherwise; all others stand for themselves. */
const special = new Uint8Array(0x10000)
const white =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff'
for (const one of `０１２３４５６７８９，.${Object.keys(alike).join('')}${white}`) special[one.charCodeAt(0)] = 1

/**
 * The text as patterns are held against it: narrow digits, wide stops, thousands separators and white space gone,
 * traditional characters as simplified ones, line ends only where a line ends a sentence.
 */
function normal(source: string): Normal {
  const simple = simplified(source)
  const { length } = simple
  let text = ''
  let last = ''
  // Most of a text is nothing but characters: runs of these are taken at once.
  let run = 0
  const gone: number[] = []
  let lineStart = 0
  for (let index = 0; index < length; index++) {
    const code = simple.charCodeAt(index)
    if ((code >= 0x4e00 && code <= 0x9fff) || special[code] === 0) continue
    let one = simple[index]!
    if (index > run) last = simple[index - 1]!
    text += simple.slice(run, index)
    run = index + 1
    if (code >= 0xff10 && code <= 0xff19) one = String.fromCharCode(code - 0xff10 + 48)
    else if ((one === ',' || one === '，') && isThousands(simple, index)) one = ''
    else if (one === '.') one = isFullStop(simple, index) ? '。' : one
    else if (one in alike) one = alike[one]!
    else if (one !== '，') {
      const isBreak = one === '\n' || one === '\r'
      one = whiteSpace(simple, index, isBreak, lineStart)
      if (isBreak) lineStart = index + 1
      if ((one === '\n' || one === ' ') && last === one) one = ''
    }
    if (one === '') gone.push(index)
    else last = one
    text += one
  }
  text += simple.slice(run)
  return { text, part: (start, end) => partBetween(text, gone, start, end) }
}

/** Part of a text of which the characters at the places `gone` of its source are left out. */
function partBetween(text: string, gone: readonly number[], start: number, end: number): Traced {
  let skipped = 0
  const from: number[] = []
  const to: number[] = []
  for (let index = 0; index < gone.length && gone[index]! - index <= start; index++) skipped++
  for (let index = start; index < end; index++) {
    while (skipped < gone.length && gone[skipped]! - skipped <= index) skipped++
    from.push(index + skipped)
    to.push(index + skipped + 1)
  }
  return { text: text.slice(start, end), from, to }
}

/** 公开3件. at the end of what stands there. */
function isFullStop(text: string, index: number): boolean {
  return /^.[\u4e00-\u9fff）]\.(?:\s|$)/.test(text.slice(Math.max(0, index - 2), index + 2))
}

const digit = /[\d０-９]/

/** 1,204; but not 维持3,纠正1 nor 3,5. */
function isThousands(text: string, index: number): boolean {
  if (!digit.test(text[index + 1] ?? '')) return false
  const behind = /^[\d０-９]{3}(?![\d０-９])/.test(text.slice(index + 1, index + 5))
  return behind && digit.test(text[index - 1] ?? '') && !/[\d０-９]{4}$/.test(text.slice(Math.max(0, index - 4), index))
}

/** What white space between two characters stands for: nothing, a doubt between two digits, or the end of a line. */
function whiteSpace(text: string, index: number, isBreak: boolean, lineStart: number): string {
  const next = text.slice(index, index + 40).search(/\S/)
  if (next < 0) return isBreak ? '\n' : ''
  const behind = text.slice(index + next, index + next + 24)
  const previous = text[index - 1] ?? ''
  const digits =
    digit.test(
      text
        .slice(Math.max(0, index - 8), index)
        .trimEnd()
        .at(-1) ?? '',
    ) && digit.test(behind[0]!)
  if (!isBreak) return digits ? ' ' : ''
  const line = text.slice(lineStart, index).trim()
  // A number cut by the end of a line goes on in the next with what it counts.
  if (digits) return /^[\d０-９]+[\u4e00-\u9fff]/.test(behind) && /[\u4e00-\u9fff]/.test(line) ? '' : '\n'
  if (/\s/.test(previous) && line === '') return ''
  if (line.length < wrappedLineMin || stop.test(line) || itemStart.test(behind)) return '\n'
  return ''
}

/** Part of a text, its places kept. */
export function sliced(whole: Traced, start: number, end: number): Traced {
  const { text, from, to } = whole
  if (start === 0 && end === text.length) return whole
  return { text: text.slice(start, end), from: from.slice(start, end), to: to.slice(start, end) }
}

/** The text from one place to another. */
export function cutOut(whole: Normal, start: number, end: number): Normal {
  if (start === 0 && end === whole.text.length) return whole
  return { text: whole.text.slice(start, end), part: (from, to) => whole.part(start + from, start + to) }
}

/** What was put for a match: where it stands now, and where the match stood. */
type Change = { readonly start: number; readonly end: number; readonly from: number; readonly to: number }

/** The text with each match (of a global expression) put otherwise; what is put stands where the match stood. */
export function replaced(whole: Normal, search: RegExp, put: (match: RegExpMatchArray) => string): Normal {
  // Most texts have no match, and a look costs less than going through all of them.
  if (whole.text.search(search) < 0) return whole
  let text = ''
  let last = 0
  const changes: Change[] = []
  for (const match of whole.text.matchAll(search)) {
    const to = match.index + match[0].length
    if (to === match.index) continue
    text += whole.text.slice(last, match.index)
    const start = text.length
    text += put(match)
    changes.push({ start, end: text.length, from: match.index, to })
    last = to
  }
  if (changes.length === 0) return whole
  text += whole.text.slice(last)
  return { text, part: (start, end) => changedPart(whole, text, changes, start, end) }
}

function changedPart(whole: Normal, text: string, changes: readonly Change[], start: number, end: number): Traced {
  const from: number[] = []
  const to: number[] = []
  let place = start
  let shift = 0
  const copy = (until: number): void => {
    if (until <= place) return
    const kept = whole.part(place + shift, until + shift)
    for (const one of kept.from) from.push(one)
    for (const one of kept.to) to.push(one)
    place = until
  }
  for (const change of changes) {
    if (change.start >= end) break
    if (change.end > place || (change.end === change.start && change.start >= place)) {
      copy(Math.min(change.start, end))
      const stood = place < Math.min(change.end, end) ? whole.part(change.from, change.to) : null
      for (; stood !== null && place < Math.min(change.end, end); place++) {
        from.push(stood.from[0]!)
        to.push(stood.to.at(-1)!)
      }
    }
    shift = change.to - change.end
  }
  copy(end)
  return { text: text.slice(start, end), from, to }
}
