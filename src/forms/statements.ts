/**
 * What a report's prose states, as data: takes a document and a form, gives the figures and plain denials that the form
 * asks after, each with its sentence as evidence and with whose it is, so that tables can be held against them. Sentences
 * are read clause by clause: a figure belongs to the words before it up to the last stop, and no words that the form does
 * not know may stand between, or it is another's.
 */
import type { Anchor, Document } from '../../parsers/document.ts'
import type { OtherReason, Statement, StatementDefinition } from '../model.ts'
import { chineseNumber, findNumerals, mayHoldNumeral, type Numeral } from './numerals.ts'
import { figureMark, isFault, type Phrase, readPhrase } from './phrases.ts'
import { cutOut, type Normal, replaced, sliced, type Traced } from './prose.ts'
import type { Form } from './registry.ts'
import { proseOf } from './sections.ts'
import { type About, otherReason, type Saying } from './whose.ts'
import { makeWordSearch, type WordSearch } from './words.ts'

/** Sentences with figures of one document, and statements that are made of them: many times those of a long report. */
const sentencesMax = 5_000
const statementsMax = 2_000
/** Nothing so long without a stop is prose: tables that were run together are not. */
const partCharactersMax = 400
const sentenceCharactersMax = 600
/** A sentence so long is a list, or none: it is cut at its stops. */
const longestMax = 2_000
const bracketsMax = 20
const topicCharactersMax = 24

/** A pattern of a question, by the place of the question, and the words by their places of which it needs one of each list. */
type Pattern = Phrase & { readonly question: number; readonly words: readonly (readonly number[])[] }

type Asked = { readonly definition: StatementDefinition; readonly unless: readonly Phrase[] }

/** What a form asks after, with the search for all words that its patterns need. */
type Questions = {
  readonly asked: readonly Asked[]
  readonly patterns: readonly Pattern[]
  readonly search: WordSearch
  /** Places of patterns by the word, one of their first list, that leads to them. */
  readonly ledTo: ReadonlyMap<number, readonly number[]>
  /** Places of those that need no word. */
  readonly always: readonly number[]
}

const questionsOf = new WeakMap<Form, Questions>()

/** What the document's prose states of what `form` asks after, in reading order. Never throws for what the text holds. */
export function readStatements(
  document: Document,
  form: Form,
  about: About = { agency: null, year: null },
  prose = proseOf(document, form),
): Statement[] {
  const questions = prepared(form)
  const found: Statement[] = []
  if (questions.asked.length === 0) return found
  const { passages, headings } = prose
  let section: Place = { number: null, title: '', topics: [] }
  let sentences = 0
  for (const [index, passage] of passages.entries()) {
    if (passage.kind === 'table') continue
    let told: OtherReason | null = null
    const { text, source, anchor } = passage
    const inside = headings.filter((heading) => heading.passage === index)
    for (const [place, end] of [...inside.map(({ start }) => start), text.text.length].entries()) {
      const heading = inside[place - 1]
      if (heading !== undefined) {
        const title = text.text.slice(heading.start, heading.end)
        section = { number: heading.section.number, title, topics: [] }
      }
      const dated = withYears(cutOut(text, heading?.end ?? 0, end), about)
      for (const [from, to] of sentencesOf(dated.text)) {
        const words = dated.text.slice(from, to)
        noteTopic(section, words)
        if (++sentences > sentencesMax || found.length > statementsMax) return found
        const over = `${section.title} ${section.topics.join(' ')}`
        if (!mayState(words, section.number, over, questions)) continue
        // 其中 goes on with what the sentence before told of, be it another's.
        const goesOn = /^[\s\n]*其中/.test(words) ? told : null
        const text = dated.part(from, to)
        const read: Sentence = { text, source, anchor, section: section.number, over, about, told: goesOn }
        const statements = readSentence(read, questions)
        found.push(...statements)
        told = statements.length === 0 ? told : toldOf(statements)
      }
    }
  }
  return found
}

/** Why all that a sentence states is another's; null where some of it is the report's own. */
function toldOf(statements: readonly Statement[]): OtherReason | null {
  const whys = statements.map(({ why }) => why)
  const last = whys.at(-1)!
  return whys.every((why) => why === 'body' || why === 'year' || why === 'period' || why === 'rolling') ? last : null
}

/** Where in the report a sentence stands: its section, and the sub-headings over it. */
type Place = { readonly number: number | null; readonly title: string; readonly topics: string[] }

type Sentence = {
  readonly text: Traced
  readonly source: string
  readonly anchor: Anchor
  readonly section: number | null
  /** The headings over it. */
  readonly over: string
  readonly about: About
  /** Why the whole of which it tells parts is another's; null where it is not, or it tells of none. */
  readonly told: OtherReason | null
}

function prepared(form: Form): Questions {
  let known = questionsOf.get(form)
  if (known === undefined) {
    const places = new Map<string, number>()
    const placeOf = (word: string): number => {
      const place = places.get(word) ?? places.size
      places.set(word, place)
      return place
    }
    const ready = (patterns: readonly string[], units: readonly string[]): Phrase[] =>
      patterns.flatMap((pattern) => {
        const phrase = readPhrase(pattern, units, 'may')
        return isFault(phrase) ? [] : [phrase]
      })
    const joined = (words: readonly string[]): string[] => words.map((word) => word.replace(/\s/g, ''))
    const patterns: Pattern[] = []
    const asked = form.definition.statements.map((definition, question): Asked => {
      const { units, unless, between, context, apart } = definition
      for (const phrase of ready(definition.patterns, units))
        patterns.push({ ...phrase, question, words: phrase.needs.map((words) => words.map(placeOf)) })
      return {
        definition: { ...definition, between: joined(between), context: joined(context), apart: joined(apart) },
        unless: ready(unless, units),
      }
    })
    const ledTo = new Map<number, number[]>()
    for (const [place, { words }] of patterns.entries())
      for (const word of new Set(words[0])) ledTo.set(word, [...(ledTo.get(word) ?? []), place])
    const always = patterns.flatMap(({ words }, place) => (words.length === 0 ? [place] : []))
    known = { asked, patterns, search: makeWordSearch([...places.keys()]), ledTo, always }
    questionsOf.set(form, known)
  }
  return known
}

/** The patterns that may be found in a text, in their order. */
function patternsIn(text: string, { patterns, search, ledTo, always }: Questions): Pattern[] {
  const words = search.read(text)
  if (words.length === 0 && always.length === 0) return []
  const found = new Set(always)
  for (const word of words) {
    for (const place of ledTo.get(word) ?? []) {
      if (patterns[place]!.words.every((list) => list.some(search.holds))) found.add(place)
    }
  }
  return [...found].sort((a, b) => a - b).map((place) => patterns[place]!)
}

/** What is taken out of a sentence before patterns are held against it joins what stands around it. */
const mayBeJoined = /（|，[全本共总一合累金数为]/

const wholeYear =
  /(?:[自从])?(?:(\d{4})年)?1月1日起?[至到—–~-]{1,2}(?:(\d{4})年|[本当同]年)?12月31日(?:止|期间)?|截[至止]到?(?:(\d{4})年|[本当]年)?(?:12月31日|12月底|年底|年末)/g

/** The text with its years said as the report's own, the one before, the one behind. */
function withYears(text: Normal, { year }: About): Normal {
  const isDated = text.text.includes('年') || text.text.includes('12月')
  const arabic = isDated
    ? replaced(text, /[二一][〇零○一二三四五六七八九]{3}(?=年)/g, ([words]) =>
        String(chineseNumber(words!.replaceAll('○', '〇')) ?? words),
      )
    : text
  const titles = text.text.includes('《') ? replaced(arabic, /《[^《》]{0,200}》/g, () => '《》') : arabic
  if (!isDated) return titles
  const spans = replaced(titles, wholeYear, ([whole, ...years]) => {
    const named = years.filter((one) => one !== undefined).map(Number)
    return named.every((one) => year === null || one === year) ? '全年' : whole!
  })
  if (year === null) return spans
  return replaced(spans, /\d{4}年/g, ([named]) => {
    const difference = Number.parseInt(named!, 10) - year
    return difference === 0 ? '本年' : difference === -1 ? '上年' : difference === 1 ? '下年' : named!
  })
}

/** Where sentences begin and end, parted by full stops, ends of lines and the numbers of sub-headings. */
function sentencesOf(text: string): [start: number, end: number][] {
  const found: [number, number][] = []
  let start = 0
  const push = (end: number): void => {
    if (end > start)
      for (const [from, to] of cuts(text.slice(start, end), '，；', longestMax)) found.push([start + from, start + to])
    start = end
  }
  for (const { index } of text.matchAll(/[。！？\n]|（[一二三四五六七八九十]{1,3}）/g))
    push(text[index] === '（' ? index : index + 1)
  push(text.length)
  return found
}

const item = /^[\s\n]*(?:（[一二三四五六七八九十]{1,3}）|([一二三四五六七八九十]{1,2}是|\d{1,2}[、．.](?!\d)))/

/** Takes note of the sub-heading that a sentence begins with. */
function noteTopic(place: Place, sentence: string): void {
  const match = item.exec(sentence)
  if (match === null) return
  const words = sentence.slice(match[0].length, match[0].length + topicCharactersMax).split(/[。，；：\n]/)[0]!
  place.topics.length = match[1] === undefined ? 0 : Math.min(place.topics.length, 1)
  place.topics.push(words)
}

const unit =
  /(?:件次|件|条|份|宗|例|起|次(?!性)|个(?!工作日|月|自然日|小时|百分点)|人次|人|元|篇|期|项|场|家|户|名|张|页|种|批(?!复)|部(?!门)|册|款)/y

/** True for one of several numbers of items: 不予公开1、属于国家秘密…2、其他. */
function isItemNumber(text: string, start: number, end: number): boolean {
  const number = Number(text.slice(start, end))
  if (text[end] !== '、' || !Number.isInteger(number)) return false
  return text.includes(`${number + 1}、`, end) || (number > 1 && text.lastIndexOf(`${number - 1}、`, start) >= 0)
}

/** A sentence with its figures as marks, and what each mark stands for, by its place in the source. */
function marked(sentence: Traced): { text: Traced; figures: ReadonlyMap<number, Numeral> } {
  const figures = new Map<number, Numeral>()
  const { text } = sentence
  const numerals = findNumerals(text, unit).filter(({ start, end }) => {
    unit.lastIndex = end
    if (unit.test(text)) return true
    // What counts nothing that is named is a figure only before a stop, and a short one: 部分公开67；
    return /^\D{0,2}(?:0|[1-9]\d{0,5})[，；。、]$/.test(text.slice(start, end + 1)) && !isItemNumber(text, start, end)
  })
  if (numerals.length === 0) return { text: sentence, figures }
  const from: number[] = []
  const to: number[] = []
  let place = 0
  let result = ''
  const copy = (until: number): void => {
    result += text.slice(place, until)
    for (; place < until; place++) {
      from.push(sentence.from[place]!)
      to.push(sentence.to[place]!)
    }
  }
  for (const numeral of numerals) {
    if (numeral.start < place) continue
    copy(numeral.start)
    result += figureMark
    from.push(sentence.from[numeral.start]!)
    to.push(sentence.to[numeral.end - 1]!)
    // Digits with a space between them are one number or two.
    const parted = text[numeral.start - 1] === ' ' || text[numeral.end] === ' '
    figures.set(sentence.from[numeral.start]!, parted ? { ...numeral, value: null } : numeral)
    place = numeral.end
  }
  copy(text.length)
  return { text: { text: result, from, to }, figures }
}

/** A part of a sentence with what was said before it. */
type Part = { readonly text: Traced; readonly before: string }

/** A sentence's parts: between semicolons, and what stands in brackets by itself. */
function partsOf(sentence: Traced): Part[] {
  const brackets: Part[] = []
  let outer = sentence
  for (let count = 0; count < bracketsMax && outer.text.includes('（'); count++) {
    const match = /（([^（）]*)）/.exec(outer.text)
    if (match === null) break
    const end = match.index + match[0].length
    brackets.push({ text: sliced(outer, match.index + 1, end - 1), before: `${outer.text.slice(0, match.index)}，` })
    const { text, from, to } = outer
    outer = {
      text: text.slice(0, match.index) + text.slice(end),
      from: [...from.slice(0, match.index), ...from.slice(end)],
      to: [...to.slice(0, match.index), ...to.slice(end)],
    }
  }
  return [{ text: withoutPause(outer), before: '' }, ...brackets].flatMap(({ text, before }) => {
    const parts: Part[] = []
    let start = 0
    for (const piece of text.text.split('；')) {
      for (const [from, end] of cuts(piece, '，', partCharactersMax)) {
        const at = start + from
        parts.push({ text: sliced(text, at, start + end), before: before + text.text.slice(0, at) })
      }
      start += piece.length + 1
    }
    return parts
  })
}

const sumUp = /，(?=(?:全年|本年度?|共有?|总共|一共|共计|合计|总计|累计|总?金额|数量|总数|为){1,3}\uE000)/g

/** 收到政府信息公开申请，共计12件: the comma is a pause. */
function withoutPause(whole: Traced): Traced {
  const { text } = whole
  if (text.search(sumUp) < 0) return whole
  const pauses = [...text.matchAll(sumUp)].flatMap(({ index }) => {
    const clause = text
      .slice(0, index)
      .split(/[，；：]/)
      .at(-1)!
    // Behind a figure it is another figure's.
    return /\uE000.{0,3}$/.test(clause) ? [] : [index]
  })
  if (pauses.length === 0) return whole
  const isKept = (_: unknown, index: number): boolean => !pauses.includes(index)
  return { text: text.split('').filter(isKept).join(''), from: whole.from.filter(isKept), to: whole.to.filter(isKept) }
}

/** Where to cut what is too long to be searched as a whole: at the stops given; what has none is no prose. */
function cuts(piece: string, at: string, max: number): [start: number, end: number][] {
  if (piece.length <= max) return [[0, piece.length]]
  const found: [number, number][] = []
  let start = 0
  let end = 0
  let from = 0
  for (let index = 0; index <= piece.length; index++) {
    if (index < piece.length && !at.includes(piece[index]!)) continue
    if (index - start > max) {
      if (end > start) found.push([start, end])
      start = from
    }
    if (index - start > max) start = index + 1
    else end = index
    from = index + 1
  }
  if (end > start) found.push([start, end])
  return found
}

/** Something that a part of a sentence may state. */
type Candidate = {
  readonly definition: StatementDefinition
  readonly statement: Statement
  /** Place of its figure in the source; -1 where it has none. */
  readonly figure: number
  readonly start: number
  readonly endsInFigure: boolean
}

/** False where no pattern can be found in a sentence. */
function mayState(sentence: string, section: number | null, over: string, questions: Questions): boolean {
  if (mayBeJoined.test(sentence)) return true
  const patterns = patternsIn(sentence, questions)
  if (patterns.length === 0) return false
  const hasFigures = mayHoldNumeral(sentence)
  return patterns.some(
    ({ question, hasFigure }) =>
      (hasFigures || !hasFigure) &&
      mayAnswer(questions.asked[question]!.definition, sentence, section, over, hasFigures),
  )
}

/** Whether a sentence is asked a question: by its figures, its section, and the words in it and over it. */
function mayAnswer(
  { kind, sections, context }: StatementDefinition,
  sentence: string,
  section: number | null,
  over: string,
  hasFigures: boolean,
): boolean {
  if (kind !== 'flag' && !hasFigures) return false
  if (sections !== null && section !== null && !sections.includes(section)) return false
  return context.length === 0 || context.some((word) => over.includes(word) || sentence.includes(word))
}

function readSentence(sentence: Sentence, questions: Questions): Statement[] {
  const { text, figures } = marked(sentence.text)
  const { section, over } = sentence
  const answers = new Map<number, boolean>()
  const isAsked = (question: number): boolean => {
    let known = answers.get(question)
    if (known === undefined) {
      known = mayAnswer(questions.asked[question]!.definition, text.text, section, over, figures.size > 0)
      answers.set(question, known)
    }
    return known
  }
  const open = partsOf(text).flatMap((part, place) => {
    const hasFigure = part.text.text.includes(figureMark)
    return patternsIn(part.text.text, questions)
      .filter((pattern) => (hasFigure || !pattern.hasFigure) && isAsked(pattern.question))
      .map((pattern) => ({ part, place, pattern }))
  })
  // Question by question, each in all parts.
  open.sort((a, b) => a.pattern.question - b.pattern.question || a.place - b.place)
  const candidates: Candidate[] = []
  for (const { part, pattern } of open)
    findIn(part, pattern, questions.asked[pattern.question]!, sentence, figures, candidates)
  return chosen(candidates)
}

function findIn(
  { text, before }: Part,
  { search, gaps, endsInFigure }: Pattern,
  { definition, unless }: Asked,
  sentence: Sentence,
  figures: ReadonlyMap<number, Numeral>,
  candidates: Candidate[],
): void {
  search.lastIndex = 0
  for (let match = search.exec(text.text); match !== null; match = search.exec(text.text)) {
    search.lastIndex = match.index + 1
    const start = match.index
    const end = start + match[0].length
    const mark = text.text.indexOf(figureMark, start)
    const figure = definition.kind !== 'flag' && mark >= 0 && mark < end ? mark : -1
    if (isExcepted(text.text, start, end, unless)) continue
    const behind = text.text.slice(end)
    if (!definition.acrossYears && !isInContext(before + text.text.slice(0, end), behind, definition.context)) continue
    const saying: Saying = {
      before,
      text: text.text,
      start,
      end,
      figure: figure < 0 ? end : figure,
      gaps: Array.from({ length: gaps }, (_, gap) => match.groups![`g${gap}`]!),
      endsInFigure: endsInFigure || figure < 0,
    }
    const numeral = figure < 0 ? null : (figures.get(text.from[figure]!) ?? null)
    const statement = makeStatement(definition, sentence, saying, text, numeral)
    candidates.push({ definition, statement, figure: figure < 0 ? -1 : text.from[figure]!, start, endsInFigure })
  }
}

/**
 * True where what is counted is named, or nothing else is counted before: 收到行政许可申请15件，办结12件 says nothing of
 * requests, whatever the heading says.
 */
function isInContext(until: string, rest: string, context: readonly string[]): boolean {
  if (context.length === 0 || !/\uE000.*\uE000/s.test(until)) return true
  const behind = /^[^，；。]*/.exec(rest)![0]
  return context.some((word) => until.includes(word) || behind.includes(word))
}

/** True where, from the clause's beginning to the statement's end, stands what makes it something else. */
function isExcepted(text: string, start: number, end: number, unless: readonly Phrase[]): boolean {
  if (unless.length === 0) return false
  const clause =
    start === 0 ? 0 : Math.max(...['，', '；', '：', figureMark].map((one) => text.lastIndexOf(one, start - 1))) + 1
  const rest = /^[^，；：、\uE000]*/.exec(text.slice(end))![0].length
  const around = text.slice(clause, end + rest)
  return unless.some(({ search }) => {
    search.lastIndex = 0
    return search.test(around)
  })
}

function makeStatement(
  definition: StatementDefinition,
  sentence: Sentence,
  saying: Saying,
  text: Traced,
  numeral: Numeral | null,
): Statement {
  const { code, kind, units } = definition
  const { start, end } = saying
  const slice = (from: number, to: number): string => sentence.source.slice(from, to)
  const whole = sentence.text
  const said = slice(whole.from[0]!, whole.to.at(-1)!).trim()
  const part = slice(text.from[0]!, text.to.at(-1)!).trim()
  const value = kind === 'count' && numeral?.value != null && !Number.isInteger(numeral.value) ? null : numeral?.value
  const unreadable = kind !== 'flag' && value == null
  const why = unreadable ? 'unreadable' : (sentence.told ?? otherReason(saying, definition, sentence.about))
  const behind = text.text.slice(saying.figure + 1, end)
  return {
    field: code,
    kind,
    value: value ?? null,
    unit: numeral === null ? null : kind === 'money' ? '元' : (units.find((one) => behind.startsWith(one)) ?? null),
    sentence: said.length <= sentenceCharactersMax ? said : part,
    text: slice(text.from[start]!, text.to[end - 1]!),
    section: sentence.section,
    anchor: sentence.anchor,
    scope: why === null ? 'own' : 'other',
    why,
    // 1.2万元 is as exact as 12000元; 1.2万条 is not as exact as 12000条.
    approximate: numeral?.approximate === true && !(kind === 'money' && !/[约近余多超]/.test(part)),
    cumulative: /累计/.test(saying.text.slice(0, saying.figure)),
  }
}

/** Of all that may be stated: for each figure what is the report's own, else the words nearest to it. */
function chosen(candidates: readonly Candidate[]): Statement[] {
  if (candidates.length === 0) return []
  const byFigure = new Map<string, Candidate[]>()
  for (const one of candidates) {
    const key = one.figure < 0 ? `flag ${one.definition.code}` : String(one.figure)
    byFigure.set(key, [...(byFigure.get(key) ?? []), one])
  }
  const found: Candidate[] = []
  for (const rivals of byFigure.values()) {
    const own = rivals.filter(({ statement }) => statement.scope === 'own')
    const before = own.filter(({ endsInFigure }) => endsInFigure)
    const best = before.length > 0 ? before : own
    if (best.length === 0) {
      found.push(rivals.reduce((last, one) => (one.start > last.start ? one : last)))
      continue
    }
    // One figure may answer two questions (收到并答复), but each only once.
    const fields = new Map<string, Candidate>()
    for (const one of best) {
      const known = fields.get(one.definition.code)
      if (known === undefined || one.start > known.start) fields.set(one.definition.code, one)
    }
    found.push(...fields.values())
  }
  return found.map(({ statement }) => statement)
}
