/**
 * The pure core: bytes and their file name in, a Reading out, by way of a document, facts and findings. No clock,
 * network, database or environment, so that a file gives the same in a test, a command and a worker, today and next year.
 */
import { readFileSync } from 'node:fs'
import type { Document, Hints, Notice, ParseResult, ParserNoticeCode, PdfEngine } from '../../parsers/document.ts'
import { parse } from '../../parsers/index.ts'
import { endsInRevision, findDamage } from '../../parsers/pdf/damage.ts'
import type { FindEngine } from '../../parsers/scan/engine.ts'
import { identify } from '../agencies/identify.ts'
import { makeTitleReader, type TitleReader } from '../agencies/title.ts'
import { whoseYear } from '../forms/captiontext.ts'
import { tableOf } from '../forms/codes.ts'
import { cutOffInSentence, doubtCutLines, doubtCutOff } from '../forms/cutoff.ts'
import type { EquationsOf } from '../forms/equations.ts'
import { noticeErrata } from '../forms/errata.ts'
import type { Match } from '../forms/facts.ts'
import { joinPieces } from '../forms/joined.ts'
import { matchForms, mendPageBreaks, prepare } from '../forms/match.ts'
import type { Form, Registry } from '../forms/registry.ts'
import { doubtRemarks } from '../forms/remarks.ts'
import { reshapeUnknown } from '../forms/reshaped.ts'
import { settlePictures } from '../forms/settle.ts'
import { readRunTogether } from '../forms/together.ts'
import { noticeUnreadTables } from '../forms/unread.ts'
import type {
  Identity,
  IdentityEvidence,
  Outcome,
  PdfChoice,
  Reading,
  ReadingNoticeCode,
  ReadingStatus,
  Reason,
  TableMatch,
} from '../model.ts'
import { exactEquations } from '../rules/equations.ts'
import { type CompiledRules, compileRegistry, evaluateRules, type RuleResult } from '../rules/evaluate.ts'
import { doubtsOf, tablesMostlyBroken } from './doubts.ts'
import { failedReading } from './failed-reading.ts'
import { compareReadings, doubtDamaged, firstEngine, needsSecondReading, secondEngine } from './second-reading.ts'
import { type Narrative, noNarrative, publishedOn, readNarrative, surroundingsOf } from './surroundings.ts'
import { setOthersAside } from './tables-of-others.ts'
import { statusOf } from './verdict.ts'

/** Where bytes came from, as far as the reading may look at it. */
export type ReadOrigin = { readonly fileName: string | null }

/** All stages of a reading, for a person who looks into it. */
export type ReadStages = {
  readonly reading: Reading
  readonly document: Document | null
  readonly match: Match | null
  readonly outcomes: readonly Outcome[]
}

const compiled = new WeakMap<Registry, ReadonlyMap<string, CompiledRules>>()
const titleReaders = new WeakMap<Registry, TitleReader>()

/** The version of gouji, of its forms, and of a way to read PDF that was chosen: another one is another reading. */
export function readerVersion(registry: Registry, pdf: PdfChoice = 'auto'): string {
  return `${packageVersion()}+${registry.hash}${pdf === 'auto' ? '' : `+${pdf}`}`
}

/** The version in the nearest package.json above this file, from source and from dist alike. */
function packageVersion(): string {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as Record<
        string,
        unknown
      >
      if (name === 'gouji' && typeof version === 'string') return version
    } catch {
      // Not there: dist lies one folder deeper than the sources.
    }
  }
  return '0.0.0'
}

/** What a reading may use beside the bytes: no part of it changes what a given set of means reads. */
export type ReadMeans = {
  /** Finds what reads pictures; without it they are not read. */
  readonly ocr?: FindEngine
  /** How PDF is read; `auto` where nothing is said. */
  readonly pdf?: PdfChoice
}

/** What is understood of a document. Never throws for what the bytes hold. */
export async function readReport(
  bytes: Uint8Array,
  origin: ReadOrigin,
  registry: Registry,
  means: ReadMeans = {},
): Promise<Reading> {
  return (await readStages(bytes, origin, registry, false, means)).reading
}

/** The same with every stage; `outcomes` asks for what each rule said. */
export async function readStages(
  bytes: Uint8Array,
  origin: ReadOrigin,
  registry: Registry,
  outcomes: boolean,
  means: ReadMeans = {},
): Promise<ReadStages> {
  const parsed = await parseFirst(bytes, means)
  if (!parsed.ok) {
    const reason: Reason = { code: parsed.reason, data: parsed.data }
    return { reading: failedReading(reason, parsed.mediaType), document: null, match: null, outcomes: [] }
  }
  const document = mendPageBreaks(parsed.document, registry)
  const identity = identify(document, origin.fileName, titleReader(registry))
  const published = publishedOn(document)
  const subject: Subject = { document, identity, published, registry, outcomes, narratives: new Map() }
  const first = understand(subject, readMatch(document, identity, registry))
  const confirmed = await confirm(bytes, subject, first, means)
  const { match, form, notices, judged, narrative } = confirmed === null ? first : understand(subject, confirmed)
  const { status, reason } = statusOf(document, match, identity, notices, titleReader(registry))
  notices.push(...identityNotices(status, identity))
  const several = reason?.code === 'several_reports'
  const reading: Reading = {
    status,
    reason,
    format: document.format,
    mediaType: document.mediaType,
    encoding: document.encoding,
    title: document.title,
    identity: several ? { ...identity, agency: null } : identity,
    form,
    tables: several ? [] : match.tables,
    facts: several ? [] : match.facts,
    findings: several || status === 'not_a_report' ? [] : judged.findings,
    outcomeCounts: judged.counts,
    publishedOn: published,
    statements: several ? [] : narrative.statements,
    signature: several ? null : narrative.signature,
    notices,
  }
  return { reading, document, match, outcomes: judged.outcomes }
}

/** The document, of a PDF that its first reader cannot load by the second one. */
async function parseFirst(bytes: Uint8Array, { ocr, pdf = 'auto' }: ReadMeans): Promise<ParseResult> {
  const hints: Hints = ocr === undefined ? {} : { ocr }
  const parsed = await parse(bytes, { ...hints, pdfEngine: firstEngine(pdf) })
  const engine = secondEngine(pdf)
  if (engine === null) return parsed
  const missing = parsed.ok && parsed.document.format === 'pdf' && lacksPages(parsed.document)
  const broken = !parsed.ok && parsed.mediaType === 'application/pdf' && parsed.reason === 'damaged'
  if (!missing && !broken) return parsed
  const again = await parse(bytes, { ...hints, pdfEngine: engine })
  if (!again.ok || again.document.blocks.length === 0 || (missing && lacksPages(again.document))) return parsed
  const data = { engine, detail: parsed.ok ? '' : String(parsed.data.detail ?? '') }
  const notices = [...again.document.notices, { code: 'read_by_other_engine' as const, anchor: null, data }]
  return { ok: true, document: { ...again.document, notices } }
}

function lacksPages({ notices }: Document): boolean {
  return notices.some(({ code }) => code === 'pages_missing')
}

type Understood = {
  readonly match: Match
  readonly form: string | null
  readonly notices: Notice<ReadingNoticeCode>[]
  readonly judged: RuleResult
  readonly narrative: Narrative
}

/** What is to be understood; its prose is the same however its tables are read. */
type Subject = {
  readonly document: Document
  readonly identity: Identity
  /** The day that the document states. */
  readonly published: string | null
  readonly registry: Registry
  readonly outcomes: boolean
  /** By form, as far as they were read. */
  readonly narratives: Map<Form, Narrative>
}

function understand(subject: Subject, matched: Match): Understood {
  const { document, identity, registry, narratives } = subject
  const { scopes } = prepare(registry)
  const equationsOf = equationsIn(registry)
  const lines = doubtCutLines(document, matched, scopes, equationsOf)
  const cut = doubtCutOff(document, lines?.match ?? matched, scopes, equationsOf)
  const match = cut?.match ?? lines?.match ?? matched
  const form = mainForm(match.tables)
  const unread = noticeUnreadTables(document, registry, match, form)
  const own = document.notices.filter(({ code }) => code !== 'document_cut_off')
  const errata = noticeErrata(document.blocks)
  const notices: Notice<ReadingNoticeCode>[] = [...own, ...match.notices, ...(lines?.told ?? []), ...unread, ...errata]
  const known = form === null ? undefined : registry.byId.get(form)
  const narrative =
    known === undefined ? noNarrative : (narratives.get(known) ?? readNarrative(document, known, identity))
  if (known !== undefined) narratives.set(known, narrative)
  const told = cut?.told ?? (known && cutOffInSentence(document, known, narrative.sections))
  if (told) notices.push(told)
  const judged = judge(subject, match, notices, known, narrative)
  return { match, form, notices, judged, narrative }
}

/** The match as the file's state and the second reader of PDF bear it out; null where neither was asked. */
async function confirm(
  bytes: Uint8Array,
  subject: Subject,
  { match, form, judged }: Understood,
  { pdf = 'auto' }: ReadMeans,
): Promise<Match | null> {
  const { document, registry } = subject
  if (document.format !== 'pdf' || match.tables.length === 0) return null
  if (endsInRevision(bytes)) return doubtDamaged(match, { fonts: 0, others: 1 })
  const torn = document.notices.find(({ code }) => code === 'contents_torn')
  if (torn !== undefined) return doubtDamaged(match, { fonts: 0, others: Number(torn.data.count) })
  const expected = registry.forms.find(({ definition }) => definition.id === form)?.definition.tables.length ?? 1
  const open = needsSecondReading(document, match, judged.findings, expected)
  if (open || match.facts.some(({ state }) => state === 'blank')) {
    const damage = findDamage(bytes)
    if (damage.others > 0) return doubtDamaged(match, damage)
    if (damage.fonts > 0) {
      const read = await readAgain(bytes, subject, match, secondEngine(pdf))
      return doubtDamaged(read ?? match, damage)
    }
  }
  return pdf === 'auto' && !open ? null : readAgain(bytes, subject, match, secondEngine(pdf))
}

/** The match as the second reader bears it out; null where there is none. */
async function readAgain(
  bytes: Uint8Array,
  { document, identity, registry }: Subject,
  match: Match,
  engine: PdfEngine | null,
): Promise<Match | null> {
  if (document.engine !== 'pdfium' || engine === null) return null
  const again = await parse(bytes, { pdfEngine: engine })
  if (again.ok) {
    const second = readMatch(mendPageBreaks(again.document, registry), identity, registry)
    return compareReadings(match, second, engine, {
      hidden: pagesTold(document, 'hidden_text'),
      ambiguous: pagesTold(again.document, 'digits_ambiguous'),
    })
  }
  const data = { engine, detail: again.reason }
  return { ...match, notices: [...match.notices, { code: 'second_reading_failed', anchor: null, data }] }
}

function pagesTold({ notices }: Document, told: ParserNoticeCode): ReadonlySet<number> {
  return new Set(notices.flatMap(({ code, anchor }) => (code === told && anchor?.page ? [anchor.page] : [])))
}

/** The rules of all forms, made ready once. */
export function rulesOf(registry: Registry): ReadonlyMap<string, CompiledRules> {
  let rules = compiled.get(registry)
  if (rules === undefined) {
    rules = compileRegistry(registry)
    compiled.set(registry, rules)
  }
  return rules
}

/** What knows the titles of all forms. */
function titleReader(registry: Registry): TitleReader {
  let read = titleReaders.get(registry)
  if (read === undefined) {
    read = makeTitleReader(registry.forms.flatMap(({ definition }) => definition.titles))
    titleReaders.set(registry, read)
  }
  return read
}

/** What the rules of a form say must add up. */
function equationsIn(registry: Registry): EquationsOf {
  return (form) => exactEquations(rulesOf(registry).get(form.definition.id)!)
}

/**
 * Tables as they are printed, put together where they are in pieces, and those that were run together into text; without those
 * that are another report's.
 */
function readMatch(printed: Document, identity: Identity, registry: Registry): Match {
  const plain = readTables(printed, identity, registry)
  // What is there as a table of its own needs no pieces: they may be anybody's.
  const whole = new Set<string>()
  for (const { table, columnsFound, columnsExpected } of plain.tables) {
    if (columnsFound === columnsExpected) whole.add(table)
  }
  const form = registry.byId.get(mainForm(plain.tables) ?? '')
  if (form?.definition.tables.every(({ code }) => whole.has(code))) return plain
  const joined = joinPieces(printed, registry, equationsIn(registry), whole)
  if (joined === null) return plain
  const match = readTables(joined.document, identity, registry)
  const facts = match.facts.map((fact) =>
    joined.inferred.has(tableOf(fact.code)) && fact.state !== 'absent' ? { ...fact, inferred: true } : fact,
  )
  return { ...match, facts, notices: [...joined.notices, ...match.notices] }
}

function readTables(printed: Document, identity: Identity, registry: Registry): Match {
  const equationsOf = equationsIn(registry)
  const isTitle = (text: string): boolean => titleReader(registry).read(text) !== null
  const { document, told } = setOthersAside(printed, identity, registry, { equationsOf, isTitle })
  const shaped = matchShaped(document, registry, equationsOf)
  const match = settlePictures(
    doubtRemarks(shaped, document.blocks, (year) => whoseYear(year, '', identity)),
    registry,
  )
  const together = readRunTogether(document, registry, match, equationsOf)
  if (together.tables.length === 0) return { ...match, notices: [...told, ...match.notices] }
  const tables = [...match.tables, ...together.tables].sort((a, b) => (a.table < b.table ? -1 : 1))
  const facts = [...match.facts, ...together.facts]
  return { ...match, tables, facts, notices: [...told, ...match.notices, ...together.notices] }
}

/** What matching finds in the tables as they are printed, and in those that have another shape than their form's. */
function matchShaped(document: Document, registry: Registry, equationsOf: EquationsOf): Match {
  const match = matchForms(document, registry, equationsOf)
  const reshaped = reshapeUnknown(document, registry, match)
  if (reshaped === null) return match
  const again = matchForms(reshaped.document, registry, equationsOf)
  return { ...again, notices: [...reshaped.notices, ...again.notices] }
}

/** The form with most rows found; of two with as many, the one that comes first by table. */
function mainForm(tables: readonly TableMatch[]): string | null {
  const rows = new Map<string, number>()
  for (const { form, rowsFound } of tables) rows.set(form, (rows.get(form) ?? 0) + rowsFound)
  let best: string | null = null
  for (const [form, count] of rows) if (best === null || count > rows.get(best)!) best = form
  return best
}

/** Years as the title and the period of the report state them; null where one of them states none, or several. */
function statedYears({ evidence }: Identity): { titleYear: number | null; periodYear: number | null } {
  const only = (stating: (one: IdentityEvidence) => boolean): number | null => {
    const years = new Set(evidence.filter((one) => one.about === 'year' && stating(one)).map(({ value }) => value))
    return years.size === 1 ? Number([...years][0]) : null
  }
  return {
    titleYear: only(({ from }) => from === 'title' || from === 'heading'),
    periodYear: only(({ from, text }) => from === 'text' && text.includes('日')),
  }
}

function judge(
  { document, identity, published, registry, outcomes }: Subject,
  match: Match,
  notices: readonly Notice<ReadingNoticeCode>[],
  form: Form | undefined,
  narrative: Narrative,
): RuleResult {
  const doubts = doubtsOf(notices, match.facts)
  const isCopy = document.format === 'text' && form !== undefined
  const broken = isCopy ? tablesMostlyBroken(match.facts, form, equationsIn(registry)(form)) : []
  const input = {
    rules: rulesOf(registry),
    tables: match.tables,
    form: form?.definition.id ?? null,
    facts: match.facts,
    meta: { reportYear: identity.year, ...statedYears(identity) },
    ...doubts,
    doubtfulTables: new Set([...doubts.doubtfulTables, ...broken]),
    around: surroundingsOf(published, form, identity.year, narrative, match.tables),
  }
  return evaluateRules(input, { outcomes, localise: true })
}

function identityNotices(status: ReadingStatus, identity: Identity): Notice<ReadingNoticeCode>[] {
  if (status !== 'ok' && status !== 'partial') return []
  const notices: Notice<ReadingNoticeCode>[] = []
  for (const about of ['agency', 'year'] as const) {
    const values = [...new Set(identity.evidence.filter((one) => one.about === about).map((one) => one.value))]
    if (identity[about] !== null && (about === 'agency' || values.length <= 1)) continue
    const code = values.length === 0 ? (`${about}_unknown` as const) : (`${about}_doubtful` as const)
    notices.push({ code, anchor: null, data: { candidates: values } })
  }
  return notices
}
