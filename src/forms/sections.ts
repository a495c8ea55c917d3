/**
 * A report's chapters as printed: takes a document and the form whose sections it should have, gives where each begins and
 * how much it says. Headings are found by number and title together, at the start of a paragraph or within copied text
 * that has lost its paragraphs; of a title printed twice (a table of contents) the one with something behind it counts.
 */
import type { Anchor, Document } from '../../parsers/document.ts'
import type { SectionDefinition } from '../model.ts'
import { chineseNumber } from './numerals.ts'
import { type Passage, passagesOf } from './prose.ts'
import type { Form } from './registry.ts'
import { makeWordSearch, type WordSearch } from './words.ts'

/** One chapter of a report. */
export type Section = {
  /** Its number and code in the form. */
  readonly number: number
  readonly code: string
  /** As printed, the number with it. */
  readonly title: string
  /** Characters of its prose, white space apart. */
  readonly length: number
  /** True where its prose says that there is nothing to say: 无, 暂无. */
  readonly nothing: boolean
  /** True where it says that its text is left out here: 正文从略. */
  readonly omitted: boolean
  readonly hasTable: boolean
  /** A sentence of the form's own instructions that was left in; null where there is none. */
  readonly templateText: string | null
  readonly anchor: Anchor
}

/** Where a heading stands: the passage, and its place in the normalised text, end exclusive. */
export type Heading = {
  readonly passage: number
  readonly start: number
  readonly end: number
  readonly section: SectionDefinition
  /** Where the next heading stands, be it one of a table of contents; null: the document's end. */
  readonly until: { readonly passage: number; readonly start: number } | null
}

const headingCharactersMax = 44
/** A title with the right number may be worded so much otherwise; see likeness. */
const likenessMin = 0.5
const numbering =
  /^(?:第?([一二三四五六七八九十]{1,3})(?:部分)?[、．.，：\n ]|第([一二三四五六七八九十]{1,3})部分|(\d{1,2})[、．.](?!\d))[ \n]?/
const instruction = /(?:该|此|本)部分(?:内容)?[以用]表格的?形式(?:报告|公开|体现|呈现|公布)?|表格如下[：。]?/
const nothing =
  /^(?:本?年度?|\d{4}年度?)?(?:我[\u4e00-\u9fff])?(?:无|暂无|没有|无此?(?:类|项)?情况|(?:无|没有|暂无)其[他它]需要报告的?事项)[。]?$/

/** A document's prose and the headings in it: looked for once for all that reads them. */
export type Prose = { readonly passages: readonly Passage[]; readonly headings: readonly Heading[] }

/** The prose of a document with the headings of a form's sections. */
export function proseOf(document: Document, form: Form): Prose {
  const passages = passagesOf(document)
  return { passages, headings: findHeadings(passages, form) }
}

function bareText(text: string): string {
  return text.replace(/\s/g, '')
}

/** A short remark in place of the text. */
const omitted =
  /^[（(【]?[^。]{0,12}(?:从略|省略|略去|略)[^略]{0,20}$|^[（(【][^（()）【】]{0,12}(?:从略|省略|略去)[^（()）【】]{0,30}[）)】]/

/** The sections of `form` that the document prints, in order of their numbers. */
export function readSections(document: Document, form: Form, prose = proseOf(document, form)): Section[] {
  const { passages, headings } = prose
  const allOmitted = passages.some(
    (one) => one.kind === 'prose' && one.text.text.includes('略') && omitted.test(bareText(one.text.text)),
  )
  const sections = headings.map((heading) => {
    const text = textOf(passages, heading)
    const passage = passages[heading.passage]!
    const whole = passage.kind === 'prose' ? passage.text.text : ''
    const said = bareText(text.prose)
    return {
      number: heading.section.number,
      code: heading.section.code,
      title: whole.slice(heading.start, heading.end).trim(),
      length: said.length,
      nothing: nothing.test(said),
      omitted: allOmitted || omitted.test(said),
      hasTable: text.hasTable,
      templateText: instruction.exec(said)?.[0] ?? null,
      anchor: passage.anchor,
    }
  })
  const found = new Set(sections.map(({ number }) => number))
  const jumbled = form.definition.sections.flatMap(({ number, code, titles }): Section[] => {
    const passage = found.has(number) ? undefined : passages.find((one) => isJumbled(one, titles))
    if (passage === undefined) return []
    const nothingKnown = { title: '', length: 0, nothing: false, hasTable: false, templateText: null }
    return [{ number, code, ...nothingKnown, omitted: true, anchor: passage.anchor }]
  })
  return [...sections, ...jumbled].sort((a, b) => a.number - b.number)
}

/** So much text may stand among the characters of a title that was read together with another line. */
const jumbledFactor = 5

/**
 * True where the characters of a title stand in order among others: two lines that are printed over each other were read
 * as one. The section is then there, and nothing is known of what it says.
 */
function isJumbled(passage: Passage, titles: readonly string[]): boolean {
  if (passage.kind !== 'prose') return false
  const keys = titles.map(bare).filter(({ length }) => length >= 4)
  const { text } = passage.text
  // A title that stands there whole is a mere mention.
  return !keys.some((key) => text.includes(key)) && keys.some((key) => isAmong(text, key))
}

function isAmong(text: string, key: string): boolean {
  const span = key.length * (1 + jumbledFactor)
  for (let start = text.indexOf(key[0]!); start >= 0; start = text.indexOf(key[0]!, start + 1)) {
    let place = 0
    for (let index = start; index < Math.min(text.length, start + span); index++)
      if (text[index] === key[place]) place++
    if (place === key.length) return true
  }
  return false
}

/** The headings of the form's sections in reading order, one for each section that is printed. */
function findHeadings(passages: readonly Passage[], form: Form): Heading[] {
  const titles = titlesOf(form)
  if (titles.all.length === 0) return []
  const found: Hit[] = []
  for (const [index, passage] of passages.entries()) {
    if (passage.kind === 'prose') for (const hit of headingsIn(passage.text.text, index, titles)) found.push(hit)
  }
  const hits = found.map((hit, index): Heading => ({ ...hit, until: found[index + 1] ?? null }))
  const chosen = new Map<number, { heading: Heading; weight: number }>()
  for (const heading of hits) {
    const { prose, hasTable } = textOf(passages, heading)
    const weight = prose.length + (hasTable ? 1_000 : 0)
    const known = chosen.get(heading.section.number)
    if (known === undefined || weight > known.weight) chosen.set(heading.section.number, { heading, weight })
  }
  const kept = new Set([...chosen.values()].map(({ heading }) => heading))
  return hits.filter((heading) => kept.has(heading))
}

type Hit = Omit<Heading, 'until'>
type Title = { readonly section: SectionDefinition; readonly key: string; readonly pairs: ReadonlySet<string> }
type Titles = { readonly all: readonly Title[]; readonly search: WordSearch }

const knownTitles = new WeakMap<Form, Titles>()

/** The titles of a form's sections, made ready once. */
function titlesOf(form: Form): Titles {
  let known = knownTitles.get(form)
  if (known === undefined) {
    const all = form.definition.sections.flatMap((section) =>
      section.titles.flatMap((title): Title[] => {
        const key = bare(title)
        return key.length < 2 ? [] : [{ section, key, pairs: pairsOf(key) }]
      }),
    )
    known = { all, search: makeWordSearch(all.map(({ key }) => key)) }
    knownTitles.set(form, known)
  }
  return known
}

/** A title without its number and stops. */
function bare(title: string): string {
  const text = title.replace(/\s/g, '')
  const numbered = numbering.exec(text)
  return text.slice(numbered?.[0].length ?? 0).replace(/[。：:.]+$/, '')
}

const none: readonly Hit[] = []

function headingsIn(text: string, passage: number, { all, search }: Titles): readonly Hit[] {
  const begin = text.length - text.trimStart().length
  const front = text.slice(begin, begin + headingCharactersMax * 2)
  const stop = front.search(/[。：\n]/)
  const first = stop < 0 ? front : front.slice(0, stop)
  const at = headingAt(first, text.length - begin - first.length <= 1, all)
  const mentioned = search.read(text)
  if (at === null && mentioned.length === 0) return none
  const hits = new Map<number, Hit>()
  if (at !== null) hits.set(begin, { passage, start: begin, end: begin + at.length, section: at.section })
  // Copied text may run on behind a title, so only known titles with their numbers are looked for.
  for (const place of [...mentioned].sort((a, b) => a - b)) {
    const { section, key } = all[place]!
    for (let found = text.indexOf(key); found >= 0; found = text.indexOf(key, found + key.length)) {
      const lead = /(?:第?[一二三四五六七八九十]{1,3}(?:部分)?[、．.，：]|\d{1,2}[、．.])$/.exec(
        text.slice(Math.max(0, found - 8), found),
      )
      if (lead === null || numberOf(lead[0]) !== section.number) continue
      const start = found - lead[0].length
      const known = hits.get(start)
      const end = found + key.length
      if (known === undefined || known.end < end) hits.set(start, { passage, start, end, section })
    }
  }
  return [...hits.values()].sort((a, b) => a.start - b.start)
}

/** The section that a first phrase is the title of. `alone`: nothing follows it. */
function headingAt(
  phrase: string,
  alone: boolean,
  titles: readonly Title[],
): { section: SectionDefinition; length: number } | null {
  if (phrase.length > headingCharactersMax) return null
  const numbered = numbering.exec(phrase)
  if (numbered === null && !alone) return null
  const key = bare(phrase)
  if (key.length < 2) return null
  if (numbered === null) {
    const same = alone ? titles.find((title) => title.key === key) : undefined
    return same === undefined ? null : { section: same.section, length: phrase.length }
  }
  const number = numberOf(numbered[0])
  const pairs = pairsOf(key)
  let best: { section: SectionDefinition; length: number } | null = null
  let likest = likenessMin
  for (const title of titles) {
    const isNumbered = title.section.number === number
    if (!isNumbered && title.key !== key) continue
    const like = title.key === key ? 1 : likeness(title.pairs, pairs)
    // Text that runs on behind a title is no part of it.
    const isLong = isNumbered && key.length > title.key.length + 3 && !/\s/.test(phrase)
    const begun = isLong ? likeness(title.pairs, pairsOf(key.slice(0, title.key.length))) : 0
    if (Math.max(like, begun) < likest) continue
    const length = begun > like ? numbered[0].length + title.key.length : phrase.length
    best = { section: title.section, length }
    likest = Math.max(like, begun) + 1e-9
  }
  return best
}

function numberOf(lead: string): number | null {
  const words = /[一二三四五六七八九十]+/.exec(lead)
  return words === null ? Number(/\d+/.exec(lead)?.[0] ?? Number.NaN) : chineseNumber(words[0])
}

function pairsOf(text: string): ReadonlySet<string> {
  const pairs = new Set<string>()
  for (let index = 2; index <= text.length; index++) pairs.add(text.slice(index - 2, index))
  return pairs
}

/** Share of the pairs of neighbouring characters that two titles have in common, 0 to 1. */
function likeness(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let both = 0
  for (const pair of left) if (right.has(pair)) both++
  return (2 * both) / Math.max(1, left.size + right.size)
}

/** The prose between two headings, and whether a table stands there. */
function textOf(passages: readonly Passage[], { passage, end, until }: Heading): { prose: string; hasTable: boolean } {
  let prose = ''
  let hasTable = false
  const last = until?.passage ?? passages.length - 1
  for (let index = passage; index <= last; index++) {
    const one = passages[index]!
    if (one.kind === 'table') {
      hasTable = true
      continue
    }
    const from = index === passage ? end : 0
    const to = index === until?.passage ? until.start : one.text.text.length
    prose += one.text.text.slice(from, to).replace(/^[。：]/, '')
  }
  return { prose, hasTable }
}
