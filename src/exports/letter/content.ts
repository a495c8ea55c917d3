/**
 * What a letter to an agency says, before it is written in any format: the points to correct, apart from them what is
 * only to be checked, and the tables concerned. Only what is certainly wrong in the report is called so; what gouji may
 * have misread is no point of a letter at all but the auditor's own work.
 */
import { figure } from '../../messages/fill.ts'
import { dayInLetter, headingNumber, sayInLetter } from '../../messages/letter.ts'
import { renderMeant } from '../../messages/meant.ts'
import { type Lang, labelOf, renderFinding, renderFormula } from '../../messages/render.ts'
import { type DescribedRule, describeRules, unknownRule } from '../../messages/rules.ts'
import { timeSaid } from '../../messages/time.ts'
import type { Fact, Label } from '../../model.ts'
import type { Download } from '../../store/downloads.ts'
import { isPast, type StoredFinding } from '../../store/findings.ts'
import { loadFacts, type StoredReport } from '../../store/reports.ts'
import { comparedIn } from '../audit/compared.ts'
import { layOutSheet, type SheetLayout } from '../audit/layout.ts'
import { type CellMark, concernedTables, inQuestion, markCells } from '../audit/marks.ts'
import type { AuditedReport } from '../audit/reports.ts'
import type { AuditRequest } from '../audit/request.ts'

/** A letter is read by people: of more ways to mend a finding than these only the number is told. */
const waysShownMax = 3
/** More places than these are marked in the attachment, and only their number is told. */
const placesToldMax = 12

export type LetterItem = {
  readonly number: number
  readonly sentence: string
  /** Name and value, in order. */
  readonly entries: readonly (readonly [string, string])[]
}

export type LetterGroup = { readonly heading: string; readonly lead: string; readonly items: readonly LetterItem[] }

export type LetterTable = {
  /** Whose report it is of, where the letter is about several. */
  readonly caption: string
  readonly layout: SheetLayout
  readonly marks: ReadonlyMap<string, CellMark>
}

export type Letter = {
  readonly lang: Lang
  readonly agency: string | null
  readonly title: string
  readonly salutation: string
  readonly opening: string
  /** The reports that the letter is about. */
  readonly sources: readonly string[]
  readonly groups: readonly LetterGroup[]
  readonly closing: readonly string[]
  readonly signature: readonly string[]
  readonly attachment: { readonly heading: string; readonly lead: string; readonly tables: readonly LetterTable[] }
}

/** True for what a letter may be about: not what may be our own misreading, nor what holds no more. */
export function isForLetter({ fault, state }: Pick<StoredFinding, 'fault' | 'state'>): boolean {
  return fault !== 'reading' && !isPast(state)
}

/** The letter about reports of one agency. */
export async function composeLetter(request: AuditRequest, reports: readonly AuditedReport[]): Promise<Letter> {
  const { lang, due, store } = request
  const rules = describeRules(request.registry)
  const grouped = new Map<Group, LetterItem[]>(groups.map((group) => [group, []]))
  const tables: LetterTable[] = []
  const points = groups.flatMap((group) =>
    reports.flatMap(({ findings }) => findings.filter((one) => isForLetter(one) && groupOf(one) === group)),
  )
  const numbers = new Map(points.map(({ id }, index) => [id, index + 1]))
  for (const { report, findings } of reports) {
    const facts = new Map((await loadFacts(store, report.reading)).map((fact) => [fact.code, fact]))
    const own = findings.filter(({ id }) => numbers.has(id))
    tables.push(...tablesOf(request, report, own, facts, numbers))
    for (const finding of own) {
      const rule = rules.get(finding.rule) ?? unknownRule(finding.rule)
      const item = itemOf(request, finding, rule, facts, numbers.get(finding.id)!, reports.length > 1)
      grouped.get(groupOf(finding))!.push(item)
    }
  }
  const shown = groups.filter((group) => grouped.get(group)!.length > 0)
  const say = (key: Parameters<typeof sayInLetter>[0], slots = {}): string => sayInLetter(key, lang, slots)
  const agency = reports[0]?.report.agency ?? null
  const years = [...new Set(reports.flatMap(({ report }) => report.year ?? []))].join(lang === 'zh' ? '、' : ', ')
  const dueDay = due === null ? say('dueOpen') : dayInLetter(due, lang)
  return {
    lang,
    agency,
    title: say('title', { years }),
    salutation: agency === null ? say('salutationUnknown') : say('salutation', { agency }),
    opening: say('opening', { count: points.length }),
    sources: reports.map(({ report, download }) => reportLine(report, download, lang)),
    groups: shown.map((group, index) => ({
      heading: `${headingNumber(index + 1, lang)}${say(group)}`,
      lead: say(`${group}Lead`),
      items: grouped.get(group)!,
    })),
    closing: [say('closing', { due: dueDay }), say('thanks')],
    signature: [say('sender'), say('date')],
    attachment: { heading: say('attachment'), lead: say('attachmentLead'), tables },
  }
}

const groups = ['correct', 'check', 'hints'] as const
type Group = (typeof groups)[number]

/** Certain errors are to be corrected; what has honest exceptions or is not the report's for certain is to be checked. */
function groupOf({ fault, severity }: StoredFinding): Group {
  if (fault !== 'report' || severity === 'warning') return 'check'
  return severity === 'error' ? 'correct' : 'hints'
}

function reportLine(
  { title, agency, year, origin, sha256 }: StoredReport,
  download: Download | null,
  lang: Lang,
): string {
  const slots = { title: title ?? agency ?? sha256.slice(0, 12), year: year ?? sayInLetter('yearUnknown', lang) }
  // Where the auditor keeps the file is no business of the agency's: of a path its last part is enough.
  const place = /^https?:/i.test(origin) ? origin : (origin.split(/[/\\]/).at(-1) ?? origin)
  const fetched = download === null ? null : timeSaid(download.fetchedAt)
  const finalUrl = download === null || download.finalUrl === download.url ? null : download.finalUrl
  return sayInLetter('reportLine', lang, { ...slots, origin: place, fetched, finalUrl, sha256 })
}

function tablesOf(
  { registry }: AuditRequest,
  report: StoredReport,
  findings: readonly StoredFinding[],
  facts: ReadonlyMap<string, Fact>,
  numbers: ReadonlyMap<string, number>,
): LetterTable[] {
  const own = markCells(findings, report.reading)
  const marks = new Map(
    [...own].map(([code, mark]) => {
      const points = mark.findings.map((place) => numbers.get(findings[place - 1]!.id)!)
      return [code, { ...mark, findings: points.sort((one, other) => one - other) }]
    }),
  )
  return concernedTables(marks, facts, registry, report.form).map(({ form, table }) => ({
    caption: report.year === null ? '' : String(report.year),
    layout: layOutSheet(form, table, facts),
    marks,
  }))
}

function itemOf(
  { registry, lang }: AuditRequest,
  finding: StoredFinding,
  rule: DescribedRule,
  facts: ReadonlyMap<string, Fact>,
  number: number,
  severalReports: boolean,
): LetterItem {
  const say = (key: Parameters<typeof sayInLetter>[0], slots = {}): string => sayInLetter(key, lang, slots)
  const separator = lang === 'zh' ? '；' : '; '
  const codes = [...inQuestion(finding)]
  const places = codes.map((code) => {
    const page = facts.get(code)?.anchor?.page ?? null
    return page === null ? labelOf(code, registry, lang) : `${labelOf(code, registry, lang)}${say('page', { page })}`
  })
  const { expected, actual, difference, meant, report } = finding
  const [expectedAs, actualAs] = comparedIn(finding)
  const form = rule.form === null ? undefined : registry.byId.get(rule.form)
  const why = [rule.reason, rule.source].map((label) => phrase(label, lang)).filter(Boolean)
  // A figure that its cell may not hold stands against nothing.
  const compares = finding.terms.some(({ side }) => side === 'right')
  const entries: (readonly [string, string])[] = [
    [say('reportYear'), severalReports ? String(report.year ?? say('yearUnknown')) : ''],
    [
      say('place'),
      codes.length > placesToldMax ? say('manyPlaces', { count: codes.length, number }) : places.join(separator),
    ],
    [say(actualAs), actual === null ? '' : figure(actual)],
    [say(expectedAs), expected === null ? '' : figure(expected)],
    [say('difference'), difference === null ? '' : figure(difference)],
    [say('formula'), compares ? renderFormula(finding, registry, lang) : ''],
    [say('quotes'), finding.quotes.map(({ sentence }) => `“${sentence}”`).join(separator)],
    [
      say('cause'),
      // That none is known is nothing to tell an agency.
      meant === null || meant.explanations.length === 0
        ? ''
        : renderMeant(meant, registry, lang, waysShownMax).join(lang === 'zh' ? '' : ' '),
    ],
    [say('rule'), say('named', { title: rule.title[lang] === rule.id ? null : rule.title[lang], id: finding.rule })],
    [say('form'), form?.definition.title[lang] ?? ''],
    [say('source'), why.join(separator)],
    [
      say('exceptions'),
      rule.exceptions
        .map((exception) => phrase(exception, lang))
        .filter(Boolean)
        .join(separator),
    ],
    [say('reference'), finding.id],
  ]
  return {
    number,
    sentence: renderFinding(finding, registry, lang),
    entries: entries.filter(([, value]) => value !== ''),
  }
}

/** A text of a definition as one of several in a line. */
function phrase(label: Label | null, lang: Lang): string {
  return wordedIn(label, lang).replace(/[.。]$/, '')
}

/** A definition may word its reasons in English alone: these are no text for a letter in Chinese. */
function wordedIn(label: Label | null, lang: Lang): string {
  if (label === null || (lang === 'zh' && !/\p{Script=Han}/u.test(label.zh))) return ''
  return label[lang]
}
