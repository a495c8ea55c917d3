/**
 * Whose report, of which year: takes a document and its file name, gives agency and year with the words that say so.
 * A title that names both decides; the statistical period and the running text are second witnesses. What two titles
 * contradict is left open: in doubt a person decides, not we.
 */
import type { Document, Paragraph } from '../../parsers/document.ts'
import type { Identity, IdentityEvidence } from '../model.ts'

type Source = IdentityEvidence['from']
type Candidate = { readonly text: string; readonly from: Source }
type TitleReading = { readonly agency: string | null; readonly year: number | null; readonly title: string }

const year = '(?<year>(?:19|20)\\d{2}|[二两]?[〇○零Ｏ0一二三四五六七八九]{4})\\s*年?\\s*度?'
const subject = '(?:政府|政务|法定主动公开内容|信息)(?:信息)?公开(?:工作)?(?:的)?'
const report = '(?:年度)?(?:工作)?(?:年度)?(?:的)?(?:报告|年报)'

/** 某某局2021年政府信息公开工作年度报告 and its relatives: year before or behind the agency, most words optional. */
const agencyFirst = new RegExp(
  `^(?<agency>[^，。；]{2,40}?)(?:关于)?(?:公布|发布|印发)?\\s*${year}\\s*${subject}${report}`,
)
const yearFirst = new RegExp(`^\\s*${year}\\s*(?<agency>[^，。；]{0,40}?)${subject}${report}`)
const yearLast = new RegExp(`^(?<agency>[^，。；\\d]{2,40}?)${subject}${report}[(（]?${year}[)）]?`)
const noYear = new RegExp(`^(?<agency>[^，。；\\d]{2,40}?)${subject}年度报告`)
const anyTitle = new RegExp(`${subject}${report}`)
const otherReport =
  /(?:法治政府建设|政府工作|工作总结|部门预算|部门决算|预算执行|环境质量|统计公报|网站工作|体检)[^。]{0,20}(?:报告|年报|公报|公开)?/

const period = /(20\d{2})年1月1日(?:起)?(?:至|到|—|-|－|～|~)+(?:(20\d{2})年)?12月31日/g
const titleCharactersMax = 90
/** Titles stand at the top; a mention further down is a mention. */
const leadingParagraphsMax = 40

/** Agency, year and title of a document, each with its evidence; null where nothing says it or two titles disagree. */
export function identify(document: Document, fileName: string | null): Identity {
  const readings: { reading: TitleReading; candidate: Candidate }[] = []
  for (const candidate of titleCandidates(document, fileName)) {
    const reading = readTitle(candidate.text)
    if (reading !== null) readings.push({ reading, candidate })
  }
  const evidence: IdentityEvidence[] = readings.flatMap(({ reading, candidate }) => evidenceOf(reading, candidate))
  evidence.push(...periodEvidence(document))
  return {
    agency: settle(evidence, 'agency'),
    year: toYear(settle(evidence, 'year')),
    title: readings[0]?.reading.title ?? null,
    evidence,
  }
}

/** True where the text is the title of such a report, whoever published it. */
export function isReportTitle(text: string): boolean {
  return (
    text.length <= titleCharactersMax && anyTitle.test(compact(text)) && !/指南|制度|办法|通知|目录|规定/.test(text)
  )
}

/** The title of an annual report or public document of another kind, or null. */
export function otherReportTitle(document: Document): string | null {
  for (const { text } of titleCandidates(document, null)) {
    if (otherReport.test(text) && !anyTitle.test(compact(text))) return text.slice(0, titleCharactersMax)
  }
  return null
}

/** All different titles of reports in a document's paragraphs, at most ten: more than one is a sign of several reports. */
export function reportTitles(document: Document): string[] {
  const titles = new Map<string, string>()
  for (const block of document.blocks) {
    if (block.kind !== 'paragraph' || block.text.length > titleCharactersMax) continue
    const reading = readTitle(block.text)
    if (reading?.year != null && reading.agency !== null) titles.set(`${reading.agency} ${reading.year}`, reading.title)
    if (titles.size >= 10) break
  }
  return [...titles.values()]
}

function* titleCandidates(document: Document, fileName: string | null): Generator<Candidate> {
  const { title, metadata, blocks } = document
  for (const { name, value } of metadata) {
    if (/title|标题|题名/i.test(name)) yield { text: value, from: 'metadata' }
  }
  if (title !== null) yield { text: title, from: 'title' }
  const leading = blocks
    .filter((block): block is Paragraph => block.kind === 'paragraph')
    .slice(0, leadingParagraphsMax)
  for (const [index, { text, heading }] of leading.entries()) {
    // Text that lost its line breaks begins with the title all the same.
    if (text.length > titleCharactersMax) {
      if (index < 3) yield { text: text.slice(0, titleCharactersMax), from: 'text' }
      continue
    }
    const from = heading === null ? 'text' : 'heading'
    yield { text, from }
    for (const lines of brokenTitles(leading, index)) yield { text: lines, from }
  }
  for (const block of blocks) {
    if (block.kind !== 'grid') continue
    for (const { text } of block.cells.slice(0, 60)) if (isReportTitle(text)) yield { text, from: 'text' }
  }
  if (fileName !== null) yield { text: fileName.replace(/\.[A-Za-z0-9]{1,5}$/, ''), from: 'file name' }
}

/** Titles broken over two or three lines: the name on a line of its own, or a break inside. */
function* brokenTitles(leading: readonly Paragraph[], index: number): Generator<string> {
  let lines = leading[index]!.text
  for (const { text } of leading.slice(index + 1, index + 3)) {
    // A line that is a whole title by itself does not continue the one before it.
    if (/[，。；：:]/.test(lines) || readTitle(text)?.agency != null) return
    lines += text
    if (lines.length > titleCharactersMax) return
    if (isReportTitle(lines)) yield lines
  }
}

function compact(text: string): string {
  return text.normalize('NFKC').replace(/[\s\u200B-\u200F\uFEFF]+/g, '')
}

function readTitle(text: string): TitleReading | null {
  if (text.length > titleCharactersMax * 2) return null
  const plain = compact(text).replace(/^[《"“【(（]+/, '')
  if (!anyTitle.test(plain)) return null
  for (const pattern of [yearFirst, agencyFirst, yearLast, noYear]) {
    const match = pattern.exec(plain)
    if (match === null) continue
    const title = plain.slice(0, match[0].length)
    return { agency: cleanAgency(match.groups?.agency ?? ''), year: toYear(match.groups?.year ?? null), title }
  }
  return null
}

/** The agency's name without what titles put around it; null where nothing is left that could be a name. */
function cleanAgency(text: string): string | null {
  const name = text
    .replace(/^(?:关于|附件\d*[:：]?|转发|当前位置.*[>＞»]|首页.*[>＞»])/, '')
    .replace(/.*[>＞»|｜_]/, '')
    .replace(/(?:关于|公布|发布|的|年|度|本级)+$/, '')
    .replace(/^[的年度、:：—-]+/, '')
    .trim()
  if (name.length < 2 || /^(?:本|我|全|各|中华人民共和国$)/.test(name)) return null
  return /^(?:年度|工作|信息|政府|编制|根据)/.test(name) ? null : name
}

const numerals = '〇一二三四五六七八九'

function toYear(text: string | null): number | null {
  if (text === null) return null
  const digits = [...text.replace(/[零○Ｏ]/g, '〇')].map((one) => {
    const value = numerals.indexOf(one)
    return value >= 0 ? String(value) : one
  })
  const value = Number(digits.join('').slice(0, 4))
  return value >= 1990 && value <= 2099 ? value : null
}

function evidenceOf(reading: TitleReading, { from, text }: Candidate): IdentityEvidence[] {
  const evidence: IdentityEvidence[] = []
  const shown = text.slice(0, titleCharactersMax)
  if (reading.agency !== null) evidence.push({ about: 'agency', value: reading.agency, from, text: shown })
  if (reading.year !== null) evidence.push({ about: 'year', value: String(reading.year), from, text: shown })
  return evidence
}

function periodEvidence(document: Document): IdentityEvidence[] {
  const evidence: IdentityEvidence[] = []
  for (const block of document.blocks) {
    if (block.kind !== 'paragraph' || !/31\s*日/.test(block.text)) continue
    for (const match of compact(block.text).matchAll(period)) {
      if (match[2] !== undefined && match[2] !== match[1]) continue
      evidence.push({ about: 'year', value: match[1]!, from: 'text', text: match[0] })
    }
  }
  return evidence
}

const rank: readonly Source[] = ['metadata', 'title', 'heading', 'text', 'file name']

/**
 * What the best kind of witness says. The statistical period and the file name speak only where no title does; titles
 * that contradict one another leave it open, unless one name is a shorter form of the other.
 */
function settle(evidence: readonly IdentityEvidence[], about: IdentityEvidence['about']): string | null {
  const all = evidence.filter((one) => one.about === about)
  const titles = all.filter((one) => one.from !== 'file name' && isReportTitle(one.text))
  const pool = titles.length > 0 ? titles : all
  const counts = new Map<string, number>()
  for (const { value } of pool) counts.set(value, (counts.get(value) ?? 0) + 1)
  const values = [...counts.keys()]
  if (values.length <= 1) return values[0] ?? null
  if (about === 'year') return agreed(all, values)
  const longest = [...values].sort((a, b) => b.length - a.length)[0]!
  return values.every((value) => longest.includes(value) || longest.endsWith(value))
    ? bestRanked(pool)
    : agreed(pool, values)
}

/** The value that most witnesses of different kinds share; null where two have as many. */
function agreed(evidence: readonly IdentityEvidence[], values: readonly string[]): string | null {
  const support = values.map((value) => ({
    value,
    kinds: new Set(evidence.filter((one) => one.value === value).map((one) => `${one.from}${isReportTitle(one.text)}`))
      .size,
  }))
  support.sort((a, b) => b.kinds - a.kinds)
  return support[0]!.kinds > support[1]!.kinds ? support[0]!.value : null
}

function bestRanked(pool: readonly IdentityEvidence[]): string {
  return [...pool].sort((a, b) => rank.indexOf(a.from) - rank.indexOf(b.from))[0]!.value
}
