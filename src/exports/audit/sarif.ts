/**
 * Findings as SARIF 2.1.0 (OASIS): all rules in both languages, each finding with its fingerprint, its cells as logical
 * locations, its figures, what was decided about it, and, against an earlier report, whether it is new. What is not
 * certainly the report's own fault is of the kind `review`, which by the standard has the level `none`.
 */

import { renderMeant } from '../../messages/meant.ts'
import { type Lang, labelOf, renderFindingBoth, renderFormula, renderReason } from '../../messages/render.ts'
import { type DescribedRule, describeRules, unknownRule } from '../../messages/rules.ts'
import type { Anchor, Fact, Label, Severity } from '../../model.ts'
import { type FindingSource, isPast, listFindings, type StoredFinding } from '../../store/findings.ts'
import { loadFacts } from '../../store/reports.ts'
import { listUnread } from '../../store/runs.ts'
import { type Baseline, fingerprintName } from './baseline.ts'
import { auditedReports } from './reports.ts'
import type { AuditFormat, AuditRequest } from './request.ts'

/** For programs that collect results of checks. */
export const sarif: AuditFormat = {
  name: 'sarif',
  extensions: ['sarif', 'json'],
  binary: false,
  withoutDismissed: false,
  encode: encodeSarif,
}

const levels = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<Severity, string>
const schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

async function* encodeSarif(request: AuditRequest): AsyncGenerator<string> {
  const { store, filter, registry, lang, version } = request
  const rules = new Map(describeRules(registry))
  const notifications: object[] = []
  for await (const { report, findings } of auditedReports(request)) {
    for (const { rule } of findings) if (!rules.has(rule)) rules.set(rule, unknownRule(rule))
    if (report.reason !== null) notifications.push(notification(report.origin, renderReason(report.reason, lang)))
  }
  if (filter.agency === undefined && filter.year === undefined)
    for await (const { path, reason } of listUnread(store))
      notifications.push(notification(path, reason === null ? '' : renderReason(reason, lang)))
  const listed = [...rules.values()]
  const other = lang === 'zh' ? 'en' : 'zh'
  const tool = { driver: component(listed, lang, version) }
  const translation = { ...component(listed, other, version), contents: ['localizedData'], isComprehensive: true }
  const invocation = { executionSuccessful: true, toolExecutionNotifications: notifications }
  yield `{"$schema":${JSON.stringify(schema)},"version":"2.1.0","runs":[{"tool":${JSON.stringify(tool)},`
  yield `"language":"${languageTag(lang)}","translations":[${JSON.stringify(translation)}],`
  yield `"invocations":[${JSON.stringify(invocation)}],"columnKind":"utf16CodeUnits","results":[`
  const indexes = new Map(listed.map(({ id }, index) => [id, index]))
  let first = true
  for await (const result of results(request, indexes)) {
    yield `${first ? '\n' : ',\n'}${JSON.stringify(result)}`
    first = false
  }
  yield '\n]}]}\n'
}

async function* results(request: AuditRequest, indexes: ReadonlyMap<string, number>): AsyncGenerator<object> {
  const { store, filter, baseline } = request
  for await (const { findings } of auditedReports(request)) {
    if (findings.length === 0) continue
    // What is past is told of where it stood then.
    const readings = new Map<number, ReadonlyMap<string, Fact>>()
    for (const reading of new Set(findings.map((finding) => finding.reading)))
      readings.set(reading, new Map((await loadFacts(store, reading)).map((fact) => [fact.code, fact])))
    for (const finding of findings) yield toResult(request, finding, readings.get(finding.reading)!, indexes)
  }
  if (baseline === null) return
  // Absent is what the store shows no more, not what this report was not asked for.
  const there = new Set<string>()
  for await (const { id } of listFindings(store)) there.add(id)
  for (const [id, { result, agency, year }] of baseline) {
    const asked = (filter.agency === undefined || agency?.includes(filter.agency)) && (filter.year ?? year) === year
    if (!asked || there.has(id)) continue
    // Its rule stands elsewhere in this report's list, or no more.
    const { ruleIndex: _, ...rest } = result
    const index = indexes.get(String(rest.ruleId))
    yield { ...rest, ...(index === undefined ? {} : { ruleIndex: index }), baselineState: 'absent' }
  }
}

function component(rules: readonly DescribedRule[], lang: Lang, version: string): object {
  return {
    name: 'gouji',
    version,
    semanticVersion: version,
    language: languageTag(lang),
    rules: rules.map((rule) => ({
      id: rule.id,
      name: rule.title[lang],
      shortDescription: { text: rule.title[lang] },
      fullDescription: { text: rule.reason?.[lang] || rule.title[lang] },
      help: { text: helpOf(rule, lang) },
      defaultConfiguration: { level: levels[rule.severity] },
      properties: { form: rule.form, category: rule.category, formula: rule.formula },
    })),
  }
}

function helpOf({ id, formula, source, exceptions }: DescribedRule, lang: Lang): string {
  const parts = [formula ?? id, source?.[lang] ?? '', ...exceptions.map((exception) => exception[lang])]
  return parts.filter((part) => part !== '').join('\n')
}

function toResult(
  request: AuditRequest,
  finding: StoredFinding,
  facts: ReadonlyMap<string, Fact>,
  indexes: ReadonlyMap<string, number>,
): object {
  const { registry, lang, baseline } = request
  const { id, rule, key, severity, fault, codes, terms, state, report } = finding
  const place = (code: string | null): object => location(request, report, code, facts)
  // Of cells of which each must be filled in every one is a location; of a sum the first, since mending one is enough.
  const each = typeof finding.data.count === 'number' || codes.length < 2 ? codes : codes.slice(0, 1)
  const own = terms.filter(({ of }) => of === undefined).map(({ code }) => code)
  const related = [...new Set([...codes, ...own])].filter((code) => !each.includes(code))
  const figures = figuresOf(finding)
  return {
    ruleId: rule,
    ruleIndex: indexes.get(rule) ?? -1,
    ...kindOf(finding),
    message: message(renderFindingBoth(finding, registry), lang),
    locations: each.length === 0 ? [place(null)] : each.map(place),
    relatedLocations: related.map(place),
    partialFingerprints: { [fingerprintName]: id },
    ...(baseline === null ? {} : { baselineState: baselineState(baseline, finding, figures) }),
    suppressions: state === 'dismissed' ? [suppression(finding)] : [],
    properties: {
      key,
      agency: report.agency,
      year: report.year,
      sha256: report.sha256,
      severity,
      fault,
      state,
      figures,
      formula: renderFormula(finding, registry, lang),
      suggestions: renderMeant(finding.meant, registry, lang),
      quotes: finding.quotes.map(({ sentence }) => sentence),
      decision: finding.decision,
    },
  }
}

function figuresOf({ severity, fault, state, codes, expected, actual, difference, terms }: StoredFinding): object {
  return { severity, fault, state, codes, expected, actual, difference, terms }
}

/** By the standard (3.27.10) only what fails has a level. */
function kindOf(finding: StoredFinding): { kind: string; level: string } {
  if (isPast(finding.state)) return { kind: 'informational', level: 'none' }
  return finding.fault === 'report'
    ? { kind: 'fail', level: levels[finding.severity] }
    : { kind: 'review', level: 'none' }
}

function baselineState(baseline: Baseline, finding: StoredFinding, figures: object): string {
  const before = baseline.get(finding.id)
  if (isPast(finding.state)) return 'absent'
  if (before === undefined) return 'new'
  return before.figures === JSON.stringify(figures) ? 'unchanged' : 'updated'
}

function suppression({ decision }: StoredFinding): object {
  const properties = { by: decision?.by ?? null, at: decision?.at ?? null }
  return { kind: 'external', status: 'accepted', justification: decision?.reason ?? '', properties }
}

function message(said: Label, lang: Lang): object {
  const other = lang === 'zh' ? 'en' : 'zh'
  return { text: said[lang], properties: { [languageTag(other)]: said[other] } }
}

function notification(path: string, text: string): object {
  return { level: 'warning', message: { text: text || path }, locations: [{ physicalLocation: artifact(path) }] }
}

function location(
  { registry, lang }: AuditRequest,
  report: Pick<FindingSource, 'origin'>,
  code: string | null,
  facts: ReadonlyMap<string, Fact>,
): object {
  const physicalLocation = artifact(report.origin)
  if (code === null) return { physicalLocation }
  const anchor: Anchor | null = facts.get(code)?.anchor ?? null
  const logical = { fullyQualifiedName: code, name: labelOf(code, registry, lang), kind: 'cell' }
  const properties = { page: anchor?.page ?? null, path: anchor?.path ?? null, text: facts.get(code)?.text ?? null }
  return { physicalLocation, logicalLocations: [logical], properties }
}

function artifact(origin: string): object {
  return { artifactLocation: { uri: uriOf(origin) } }
}

/** A path or an address as a URI: what it may not hold is encoded, what is encoded already in an address stays. */
export function uriOf(origin: string): string {
  if (/^https?:\/\//i.test(origin) && URL.canParse(origin)) return new URL(origin).href
  const parts = origin
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .replaceAll('\\', '/')
    .split('/')
    .map(encodeURIComponent)
  const path = parts.join('/')
  if (/^[a-z]%3A\//i.test(path)) return `file:///${path.replace('%3A', ':')}`
  return path.startsWith('/') ? `file://${path.replace(/^\/+/, '/')}` : path
}

function languageTag(lang: Lang): string {
  return lang === 'zh' ? 'zh-CN' : 'en-US'
}
