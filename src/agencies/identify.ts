/**
 * Whose report, of which year: takes a document and its file name, gives agency and year with the words that say so.
 * Each title is a witness, worth more or less by where it stands: what is printed over the tables is what people read;
 * what a page or file states about itself may be left from a template; a list of titles or one behind the tables speaks of
 * other reports. What two good witnesses contradict is left open: in doubt a person decides, not we.
 */
import type { Document, Grid, Paragraph } from '../../parsers/document.ts'
import { isSheetName } from '../../parsers/sheetname.ts'
import type { Identity, IdentityEvidence } from '../model.ts'
import {
  compact,
  isAboutReports,
  isRegion,
  isReportTitle,
  mentionsReport,
  readTitle,
  type TitleReader,
  type TitleReading,
  titleCharactersMax,
  toYear,
} from './title.ts'

type Witness = {
  readonly text: string
  readonly from: IdentityEvidence['from']
  /** Witnesses of one kind count once for what they say. */
  readonly kind: 'stated' | 'page title' | 'printed' | 'elsewhere' | 'period' | 'file name'
  readonly weight: number
  readonly reading: TitleReading
}

const period = /(20\d{2})年1月1日(?:起)?(?:至|到|—|-|－|～|~)+(?:(20\d{2})年)?12月31日/g
const otherReport =
  /(?:法治政府建设|政府工作|工作总结|部门预算|部门决算|预算执行|环境质量|统计公报|网站工作|体检)[^。]{0,20}(?:报告|年报|公报|公开)?/
const paragraphsMax = 400
/** Cells of a grid that are looked at for a title. */
const cellsMax = 60
const evidenceMax = 40
/** So many titles one behind another are a list of links. */
const listedTitlesMin = 3
/** How much more the best answer must weigh than the next. */
const marginMin = 0.75

/**
 * Agency, year and title of a document, each with its evidence; null where nothing says it or titles disagree. `titles`
 * knows the titles of more reports than those of Chinese agencies where forms word them.
 */
export function identify(source: Document, fileName: string | null, titles: TitleReader): Identity {
  const { read } = titles
  const document = { ...source, blocks: source.blocks.filter((block) => !isSheetName(block)) }
  const witnesses = [...statedTitles(document, read), ...printedTitles(document, titles), ...fileTitle(fileName, read)]
  const publishers = statedPublishers(document)
  const evidence = witnesses.flatMap(evidenceOf)
  const periods = periodEvidence(document)
  const isTitled = witnesses.some(({ reading }) => reading.agency !== null)
  const signed = isTitled || publishers.length > 0 ? [] : signatures(document)
  const named = settleAgency(witnesses) ?? (isTitled ? null : (only(publishers) ?? only(signed)))
  const titled = named !== null && isReadTwice(named, document, fileName) ? named : null
  const fuller = titled === null ? null : fullerName(document, titled)
  const agency = fuller?.value ?? titled
  const yearVotes = witnesses.flatMap(({ reading, kind, weight }) =>
    reading.year === null ? [] : [{ value: String(reading.year), kind, weight }],
  )
  for (const { value } of periods) yearVotes.push({ value, kind: 'period', weight: 3 })
  const best = [...witnesses].sort((a, b) => b.weight - a.weight)
  return {
    agency,
    year: toYear(strongest(tally(yearVotes))),
    title: (best.find(({ reading }) => reading.agency === titled) ?? best[0])?.reading.title ?? null,
    evidence: [...(fuller === null ? [] : [fuller]), ...evidence, ...publishers, ...signed, ...periods].slice(
      0,
      evidenceMax,
    ),
  }
}

/**
 * One reading of a name in a picture may have a wrong character, and be another agency's: it must stand there twice, or
 * once where it is text.
 */
function isReadTwice(agency: string, { title, metadata, notices, blocks }: Document, fileName: string | null): boolean {
  if (!notices.some(({ code }) => code === 'read_from_picture')) return true
  const stated = [fileName, title, ...metadata.map(({ value }) => value)]
  if (stated.some((text) => text?.includes(agency))) return true
  const found = blocks.filter((block) => block.kind === 'paragraph' && block.text.replace(/\s/g, '').includes(agency))
  return found.length > 1 || found.some((block) => block.kind === 'paragraph' && block.confidence === undefined)
}

/** The title of an annual report or public document of another kind, or null. */
export function otherReportTitle(document: Document): string | null {
  const texts = [document.title ?? '', ...leadingParagraphs(document).map(({ text }) => text)]
  for (const text of texts) {
    if (text.length > titleCharactersMax) continue
    if (otherReport.test(text) && !isReportTitle(text)) return text
  }
  return null
}

/** All different titles of reports in a document's paragraphs, at most ten: more than one is a sign of several reports. */
export function reportTitles(document: Document, { read }: TitleReader): string[] {
  const titles = new Map<string, string>()
  for (const block of document.blocks) {
    const texts = block.kind === 'paragraph' ? [block.text] : block.cells.map(({ text }) => text)
    for (const text of texts) {
      if (text.length > titleCharactersMax || text.length < 8) continue
      const reading = read(text)
      if (reading?.year != null && reading.agency !== null)
        titles.set(`${reading.agency} ${reading.year}`, reading.title)
      if (titles.size >= 10) return [...titles.values()]
    }
  }
  return [...titles.values()]
}

/** What the document states about itself. A title that a word processor keeps is often that of the file it was made from. */
function* statedTitles({ title, metadata }: Document, read: TitleReader['read']): Generator<Witness> {
  const said = new Set<string>()
  for (const { name, value } of metadata) {
    if (!/title|标题|题名/i.test(name)) continue
    const reading = read(value)
    said.add(value)
    if (reading === null) continue
    const weight = /^title$/i.test(name) ? 1 : 3
    yield { text: value, from: 'metadata', kind: 'stated', weight, reading }
  }
  const reading = title === null || said.has(title) ? null : read(title)
  if (reading !== null) yield { text: title!, from: 'title', kind: 'page title', weight: 2, reading }
}

/** Who a page says published it: believed where no title names an agency. */
function statedPublishers({ metadata, blocks }: Document): IdentityEvidence[] {
  const found: IdentityEvidence[] = []
  const add = (name: string, text: string): void => {
    const value = compact(text)
    if (!publisher.test(compact(name)) || value.length < 3 || value.length > 30 || /[,。;:/?\ufffd]/.test(value)) return
    found.push({ about: 'agency', value, from: 'metadata', text: `${name.trim()} ${text.trim()}` })
  }
  for (const { name, value } of metadata) add(name, value)
  for (const block of blocks.slice(0, paragraphsMax)) {
    if (block.kind !== 'grid' || isLarge(block)) continue
    for (const [index, { text }] of block.cells.entries()) add(text, block.cells[index + 1]?.text ?? '')
  }
  return found
}

const publisher = /^(?:发布机构|发布单位|发文机关|发文单位|公开机构|责任单位|publisher)[:：]?$/i

const signedName =
  /^\p{Script=Han}{2,24}(?:政府|委员会|管委会|办公室|办事处|[局委厅办镇乡院处馆]|街道|中心|支队|大队|学校|大学|公司)(?:\(\p{Script=Han}{2,20}\))?$/u
const signedDate = /^\(?20\d{2}年\d{1,2}月\d{1,2}日\)?$/

/** Who signed: a name with a date behind it, after the tables. Believed where nothing else names an agency. */
function signatures({ blocks }: Document): IdentityEvidence[] {
  const found: IdentityEvidence[] = []
  let before = ''
  const after = blocks.findLastIndex((block) => block.kind === 'grid' && isLarge(block))
  for (const block of after < 0 ? [] : blocks.slice(after + 1)) {
    if (block.kind === 'grid') before = ''
    else {
      for (const line of block.text.split('\n')) {
        const text = compact(line)
        const together = /^(.+?)(\(?20\d{2}年.*)$/.exec(text)
        const [name, date] = together === null ? [before, text] : [together[1]!, together[2]!]
        if (signedDate.test(date) && signedName.test(name))
          found.push({ about: 'agency', value: name, from: 'text', text: `${name} ${date}` })
        before = text
      }
    }
  }
  return found
}

const local = /^[\p{Script=Han}]{1,6}?(?:区|县|旗|镇|乡|街道)/u
const cityBefore =
  /(?:^|[^\p{Script=Han}]|[由是为据与对经请向于])((?:(?![由是为据与对经请向于])\p{Script=Han}){2,6}(?:市|州|盟|地区))$/u
const leadCharactersMax = 4_000

/** The agency with the city before its name, where the text says it so and never otherwise: titles leave it out. */
function fullerName(document: Document, agency: string): IdentityEvidence | null {
  if (!local.test(agency)) return null
  let text = ''
  for (const paragraph of leadingParagraphs(document)) {
    text += `${compact(paragraph.text)}\n`
    if (text.length > leadCharactersMax) break
  }
  const found = new Map<string, string>()
  for (let at = text.indexOf(agency); at >= 0; at = text.indexOf(agency, at + 1)) {
    const city = cityBefore.exec(text.slice(Math.max(0, at - 12), at))?.[1]
    if (city !== undefined) found.set(city, text.slice(Math.max(0, at - 12), at + agency.length))
  }
  if (found.size !== 1) return null
  const [[city, words]] = [...found] as [[string, string]]
  return { about: 'agency', value: city + agency, from: 'text', text: words }
}

function only(evidence: readonly IdentityEvidence[]): string | null {
  const values = new Set(evidence.map(({ value }) => value))
  return values.size === 1 ? [...values][0]! : null
}

function* printedTitles(document: Document, { read, readOwn }: TitleReader): Generator<Witness> {
  const paragraphs = leadingParagraphs(document)
  const leading = [...paragraphs, ...leadingRows(document)]
  const readings = leading.map(({ text }) => titleOf(text, read, readOwn))
  const listed = inLists(readings)
  for (const [index, paragraph] of leading.entries()) {
    const { text, heading } = paragraph
    const from = heading === null ? 'text' : 'heading'
    const reading = readings[index]!
    if (reading !== null) {
      const about = isAboutReports(text)
      const weight = listed.has(index) || about ? 0.3 : heading === null && text.length > titleCharactersMax ? 2 : 3
      const kind = listed.has(index) || about ? 'elsewhere' : 'printed'
      yield { text, from, kind, weight, reading: withRegion(reading, leading[index - 1]) }
    }
    if (listed.has(index)) continue
    for (const broken of brokenTitles(leading, index))
      yield { text: broken.joined, from, kind: 'printed', weight: 3, reading: broken.reading }
  }
  if (readOwn !== null) yield* joinedTitles(leading, readings, readOwn)
  for (const text of laterTexts(document, paragraphs.length)) {
    const reading = text.length <= titleCharactersMax ? read(text) : null
    if (reading !== null) yield { text, from: 'text', kind: 'elsewhere', weight: 0.5, reading }
  }
}

function fileTitle(fileName: string | null, read: TitleReader['read']): Witness[] {
  const text = fileName?.replace(/\.[A-Za-z0-9]{1,5}$/, '') ?? ''
  const reading = read(text)
  return reading === null ? [] : [{ text, from: 'file name', kind: 'file name', weight: 1, reading }]
}

/** Paragraphs over the first table that could be a report's own. */
function leadingParagraphs({ blocks }: Document): Paragraph[] {
  const first = blocks.findIndex((block) => block.kind === 'grid' && isLarge(block))
  const before = first < 0 ? blocks : blocks.slice(0, first)
  return before.filter((block): block is Paragraph => block.kind === 'paragraph').slice(0, paragraphsMax)
}

/** Rows at the top of the first table that hold one text each: sheets that were saved as pages or text have their title there. */
function leadingRows({ blocks }: Document): Paragraph[] {
  const grid = blocks.find((block): block is Grid => block.kind === 'grid' && isLarge(block))
  const rows: Paragraph[] = []
  let row = -1
  for (const cell of grid?.cells ?? []) {
    if (cell.text.trim() === '') continue
    if (cell.row === row) return rows.slice(0, -1)
    if (rows.length === paragraphsMax) return rows
    row = cell.row
    rows.push({ kind: 'paragraph', text: cell.text, heading: null, anchor: cell.anchor })
  }
  return rows
}

function isLarge({ rowCount, columnCount }: Grid): boolean {
  return (rowCount >= 3 && columnCount >= 3 && rowCount * columnCount >= 16) || rowCount >= 24
}

/** Texts that are no leading paragraphs: cells, and paragraphs behind the tables. */
function* laterTexts({ blocks }: Document, leading: number): Generator<string> {
  let passed = 0
  for (const block of blocks) {
    if (block.kind === 'grid') {
      for (let index = 0; index < block.cells.length && index < cellsMax; index++) yield block.cells[index]!.text
    } else if (passed++ >= leading && passed < leading + paragraphsMax) yield block.text
  }
}

/** Text that lost its line breaks begins with the title all the same. */
function titleOf(text: string, read: TitleReader['read'], readOwn: TitleReader['readOwn']): TitleReading | null {
  if (text.length <= titleCharactersMax) return read(text)
  const whole = readOwn?.(text) ?? null
  if (whole !== null) return whole
  const reading = readTitle(text.slice(0, titleCharactersMax))
  return reading?.year == null || reading.agency === null ? null : reading
}

/** Indexes of titles that stand one behind another and name different reports. */
function inLists(readings: readonly (TitleReading | null)[]): ReadonlySet<number> {
  const listed = new Set<number>()
  for (let start = 0; start < readings.length; ) {
    let end = start
    while (end < readings.length && readings[end] !== null) end++
    const different = new Set(readings.slice(start, end).map((one) => `${one!.agency} ${one!.year}`))
    if (different.size >= listedTitlesMin) for (let index = start; index < end; index++) listed.add(index)
    start = Math.max(end, start + 1)
  }
  return listed
}

/** The name with the region that stands on a line of its own over it: 盐城市大丰区 / 草堰镇人民政府. */
function withRegion(reading: TitleReading, above: Paragraph | undefined): TitleReading {
  const { agency } = reading
  const region = above === undefined ? '' : compact(above.text)
  if (agency === null || !isRegion(region) || !/^[^省市县区州旗]+[镇乡]|^[^省市县区州旗]+街道/.test(agency))
    return reading
  return { ...reading, agency: region + agency }
}

/** Titles broken over two or three lines: the name on a line of its own, or a break inside. */
function* brokenTitles(
  leading: readonly Paragraph[],
  index: number,
): Generator<{ readonly joined: string; readonly reading: TitleReading }> {
  let joined = leading[index]!.text
  const whole = joined + (leading[index + 1]?.text ?? '') + (leading[index + 2]?.text ?? '')
  // Most lines are told by this, which is cheap.
  if (joined.length > titleCharactersMax || !mentionsReport(whole)) return
  // The name that a program gave to a sheet or a table.
  if (/^[A-Za-z]+[\s_-]?\d*$/.test(joined.trim())) return
  for (const { text } of leading.slice(index + 1, index + 3)) {
    // A line that is a whole title by itself does not continue the one before it.
    if (/[，。；：:]/.test(joined) || readTitle(text)?.agency != null) return
    joined += text
    if (joined.length > titleCharactersMax) return
    const reading = isReportTitle(joined) ? readTitle(joined) : null
    if (reading !== null) yield { joined, reading }
  }
}

/** Titles as forms word them, over two or three lines: the fewest that make one. */
function* joinedTitles(
  leading: readonly Paragraph[],
  readings: readonly (TitleReading | null)[],
  read: TitleReader['read'],
): Generator<Witness> {
  for (let end = 1; end < leading.length; end++) {
    if (readings[end] !== null) continue
    for (let start = end - 1; start >= Math.max(0, end - 2) && readings[start] === null; start--) {
      const text = leading
        .slice(start, end + 1)
        .map((line) => line.text)
        .join(' ')
      const reading = read(text)
      if (reading === null) continue
      yield { text, from: 'text', kind: 'printed', weight: 3, reading }
      break
    }
  }
}

function evidenceOf({ text, from, reading }: Witness): IdentityEvidence[] {
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

type Vote = { readonly value: string; readonly kind: Witness['kind']; readonly weight: number }

/** What each value weighs: the best witness of each kind counts. */
function tally(votes: readonly Vote[]): Map<string, number> {
  const best = new Map<string, Map<string, number>>()
  for (const { value, kind, weight } of votes) {
    const kinds = best.get(value) ?? new Map<string, number>()
    kinds.set(kind, Math.max(kinds.get(kind) ?? 0, weight))
    best.set(value, kinds)
  }
  return new Map([...best].map(([value, kinds]) => [value, [...kinds.values()].reduce((sum, one) => sum + one, 0)]))
}

/** The value that clearly weighs most; null where two weigh about as much. */
function strongest(weights: ReadonlyMap<string, number>): string | null {
  const [first, second] = [...weights].sort((a, b) => b[1] - a[1])
  if (first === undefined) return null
  return second === undefined || first[1] - second[1] >= marginMin ? first[0] : null
}

/** A name is one with itself behind its region, and with itself before another name in brackets; the longest is told. */
function settleAgency(witnesses: readonly Witness[]): string | null {
  const names = [...new Set(witnesses.flatMap(({ reading }) => reading.agency ?? []))]
  const longer = (name: string): string => {
    const containing = names.filter(
      (other) => (other.endsWith(name) && isRegion(other.slice(0, -name.length))) || other.startsWith(`${name}(`),
    )
    return containing.sort((a, b) => b.length - a.length)[0] ?? name
  }
  const votes = witnesses.flatMap(({ reading, kind, weight }) =>
    reading.agency === null ? [] : [{ value: longer(reading.agency), kind, weight }],
  )
  return strongest(tally(votes))
}
