/**
 * The audit report: one HTML file that needs nothing beside it, in both languages, for a screen or for paper. It is
 * written piece by piece, report after report, and only reports with findings get their tables drawn, so that it can be
 * made of a store with thousands of reports. A policy in its head forbids scripts and everything from outside.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Form, Registry } from '../../forms/registry.ts'
import { words } from '../../messages/interface.ts'
import { renderNotice, renderReason } from '../../messages/render.ts'
import type { Fact, Severity, TableDefinition } from '../../model.ts'
import { listFindings, type StoredFinding } from '../../store/findings.ts'
import type { Store } from '../../store/open.ts'
import { listReports, loadFacts, loadNotices, type StoredReport } from '../../store/reports.ts'
import { listUnread } from '../../store/runs.ts'
import { drawFinding, word } from './finding.ts'
import { both, escapeText } from './markup.ts'
import { type CellMark, drawSheet } from './sheet.ts'

export type AuditOptions = {
  /** The language that is shown first. */
  readonly lang: 'zh' | 'en'
  /** Version of gouji, for the footer. */
  readonly version: string
}

/** What the overview needs of a report. */
type Summary = Pick<
  StoredReport,
  'id' | 'agency' | 'year' | 'form' | 'status' | 'sha256' | 'origin' | 'findings' | 'facts'
>

/** Reports with findings that are open when the page is; the rest opens with a click. */
const openReportsMax = 12

/** The page in pieces, in order. The same store gives the same bytes. */
export async function* auditPage(store: Store, registry: Registry, options: AuditOptions): AsyncGenerator<string> {
  const reports: StoredReport[] = []
  for await (const report of listReports(store)) reports.push(report)
  yield drawHead(options)
  yield '<main>'
  yield drawOverview(reports, await countUnread(store))
  yield drawMatrix(reports)
  yield* drawReports(store, registry, new Map(reports.map((report) => [String(report.id), report])))
  yield* drawPartial(
    store,
    registry,
    reports.filter((report) => report.status === 'partial'),
  )
  yield* drawClean(reports.filter((report) => isClean(report)))
  yield* drawUnread(store)
  yield `</main><footer>gouji ${escapeText(options.version)}</footer></body></html>\n`
}

function drawHead(options: AuditOptions): string {
  const css = readFileSync(new URL('./report.css', import.meta.url), 'utf8')
  const hash = createHash('sha256').update(css).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  const radio = (lang: 'zh' | 'en'): string =>
    `<input type="radio" name="lang" id="lang-${lang}"${lang === options.lang ? ' checked' : ''} aria-label="${lang === 'zh' ? '中文' : 'English'}">`
  const title = { zh: words.zh.auditTitle, en: words.en.auditTitle }
  return (
    `<!doctype html><html lang="${options.lang}"><head><meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="${policy}">` +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">' +
    '<meta name="generator" content="gouji">' +
    `<title>${escapeText(title[options.lang])}</title><style>${css}</style></head><body>${radio('zh')}${radio('en')}` +
    `<header class="top"><div><h1>${both(title)}</h1><p>${word('auditLead')}</p></div>` +
    '<div class="switch"><label for="lang-zh">中文</label><label for="lang-en">English</label></div></header>'
  )
}

function drawOverview(reports: readonly Summary[], unread: { failed: number; notReport: number }): string {
  const sum = (of: (report: Summary) => number): number => reports.reduce((total, report) => total + of(report), 0)
  const card = (value: number, label: string, kind = ''): string =>
    `<li class="${value === 0 ? '' : kind}"><b>${value.toLocaleString('en-US')}</b><span>${label}</span></li>`
  const cards = [
    card(reports.length, word('reports')),
    card(reports.filter(isClean).length, word('clean'), 'good'),
    card(
      sum((report) => report.findings.error),
      word('errors'),
      'error',
    ),
    card(
      sum((report) => report.findings.warning),
      word('warnings'),
      'warning',
    ),
    card(
      sum((report) => report.findings.info),
      word('infos'),
    ),
    card(reports.filter((report) => report.status === 'partial').length, word('partial'), 'warning'),
    card(unread.failed, word('failed'), 'error'),
    card(unread.notReport, word('not_a_report')),
    card(
      sum((report) => report.facts),
      word('facts'),
    ),
  ]
  return `<section><h2>${word('overview')}</h2><ul class="cards">${cards.join('')}</ul></section>`
}

function drawMatrix(reports: readonly Summary[]): string {
  if (reports.length === 0) return ''
  const years = [...new Set(reports.map((report) => report.year))].sort((a, b) => (a ?? 9999) - (b ?? 9999))
  const byAgency = new Map<string | null, Summary[]>()
  for (const report of reports) byAgency.set(report.agency, [...(byAgency.get(report.agency) ?? []), report])
  const head = years.map((year) => `<th scope="col">${year ?? word('unknownYear')}</th>`).join('')
  const body = [...byAgency].map(([agency, own]) => {
    const cells = years.map((year) => {
      const chips = own.filter((report) => report.year === year).map(drawChips)
      return `<td>${chips.length === 0 ? '<span class="nothing">·</span>' : chips.join(' ')}</td>`
    })
    return `<tr><th scope="row">${agencyName(agency)}</th>${cells.join('')}</tr>`
  })
  return (
    `<section><h2>${word('byAgency')}</h2><div class="panel scroll"><table class="matrix"><thead><tr><th scope="col">` +
    `${word('agency')}</th>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div></section>`
  )
}

function drawChips(report: Summary): string {
  // What was not read in full was not checked in full: no tick for that.
  if (countFindings(report) === 0 && report.status !== 'ok')
    return `<a class="chip" href="#${reportId(report.id)}">◐</a>`
  if (isClean(report)) return `<a class="clean chip" href="#${reportId(report.id)}">✓</a>`
  return drawBadges(report, true)
}

function drawBadges(report: Summary, linked: boolean): string {
  const kinds: readonly Severity[] = ['error', 'warning', 'info']
  return kinds
    .filter((kind) => report.findings[kind] > 0)
    .map((kind) => {
      const [open, close] = linked ? [`a href="#${reportId(report.id)}"`, 'a'] : ['span', 'span']
      return `<${open} class="chip ${kind}">${report.findings[kind]}</${close}>`
    })
    .join(' ')
}

async function* drawReports(
  store: Store,
  registry: Registry,
  byId: ReadonlyMap<string, StoredReport>,
): AsyncGenerator<string> {
  const concerned = [...byId.values()].filter((report) => countFindings(report) > 0).length
  if (concerned === 0) return
  yield `<section><h2>${word('withFindings')} <small>${concerned}</small></h2>${drawLegend()}`
  let drawn = 0
  for await (const findings of byReport(listFindings(store))) {
    const report = byId.get(String(findings[0]!.report.id))
    if (report) yield await drawReport(store, registry, report, findings, drawn++ < openReportsMax)
  }
  yield '</section>'
}

/** Findings come ordered by report; each report's own are few. */
async function* byReport(findings: AsyncIterable<StoredFinding>): AsyncGenerator<StoredFinding[]> {
  let group: StoredFinding[] = []
  for await (const finding of findings) {
    if (group.length > 0 && group[0]!.report.id !== finding.report.id) {
      yield group
      group = []
    }
    group.push(finding)
  }
  if (group.length > 0) yield group
}

async function drawReport(
  store: Store,
  registry: Registry,
  report: StoredReport,
  findings: readonly StoredFinding[],
  open: boolean,
): Promise<string> {
  const facts = new Map((await loadFacts(store, report.reading)).map((fact) => [fact.code, fact]))
  const id = reportId(report.id)
  const idOf = (finding: number): string => `${id}-${finding}`
  const marks = markCells(findings)
  const articles = findings.map((finding, index) => drawFinding(finding, index + 1, idOf(index + 1), registry))
  const tables = concernedTables(marks, facts, registry, report.form)
  const sheets = tables.map(({ form, table }) => drawSheet(form, table, facts, marks, idOf))
  const heading =
    `<summary>${agencyName(report.agency)}<span>${report.year ?? word('unknownYear')}</span>` +
    `<span class="badges">${drawBadges(report, false)}</span></summary>`
  const shown = sheets.length === 0 ? '' : sheets.join('')
  return (
    `<details class="report panel" id="${id}"${open ? ' open' : ''}>${heading}<div class="inside">` +
    `${drawIdentity(report, findings[0]!.report.title, registry)}${articles.join('')}${shown}</div></details>`
  )
}

function drawIdentity(report: StoredReport, title: string | null, registry: Registry): string {
  const form = report.form === null ? undefined : registry.byId.get(report.form)
  const entries: [string, string][] = [
    [word('origin'), escapeText(report.origin)],
    [word('report'), title === null ? word('unknown') : escapeText(title)],
    [word('form'), form ? both(form.definition.title) : escapeText(report.form ?? '—')],
    [word('status'), word(report.status === 'partial' ? 'partial' : 'ok')],
    [word('revision'), `${report.revision} / ${report.revisions}`],
    [
      word('fingerprint'),
      `<code title="${escapeText(report.sha256)}">${escapeText(report.sha256.slice(0, 16))}…</code>`,
    ],
  ]
  return `<dl class="facts">${entries.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`
}

/** Which cells the findings concern. What is in question in one finding stays so, even if it also enters another. */
function markCells(findings: readonly StoredFinding[]): Map<string, CellMark> {
  const marks = new Map<string, CellMark>()
  const mark = (code: string, role: CellMark['role'], severity: string, number: number): void => {
    const earlier = marks.get(code)
    const numbers = [...new Set([...(earlier?.findings ?? []), number])]
    if (earlier && (earlier.role === 'printed' || role === 'term')) marks.set(code, { ...earlier, findings: numbers })
    else marks.set(code, { role, severity, findings: numbers })
  }
  for (const [index, finding] of findings.entries()) {
    const questioned = inQuestion(finding)
    for (const code of finding.codes) mark(code, questioned.has(code) ? 'printed' : 'term', finding.severity, index + 1)
    for (const { code, of } of finding.terms)
      if (of === undefined) mark(code, questioned.has(code) ? 'printed' : 'term', finding.severity, index + 1)
  }
  return marks
}

/**
 * Which of its cells a finding is about. Its first one is the total where the formula has one: a total that stands alone
 * on its side is in question, the cells it adds up only enter the formula. Otherwise any of them may be the wrong one.
 */
function inQuestion(finding: StoredFinding): ReadonlySet<string> {
  const first = finding.terms.find((term) => term.code === finding.codes[0] && term.of === undefined)
  const beside = finding.terms.filter((term) => term.side === first?.side)
  return new Set(first && beside.length === 1 ? [first.code] : finding.codes)
}

/** The tables with marked cells, each by the form that has most of what the report prints in it. */
function concernedTables(
  marks: ReadonlyMap<string, CellMark>,
  facts: ReadonlyMap<string, Fact>,
  registry: Registry,
  preferred: string | null,
): { form: Form; table: TableDefinition }[] {
  const codes = [...new Set([...marks.keys()].map((code) => code.slice(0, code.indexOf('.'))))].sort()
  const present = [...facts.values()].filter((fact) => fact.state !== 'absent').map((fact) => fact.code)
  return codes.flatMap((code) => {
    const own = present.filter((fact) => fact.startsWith(`${code}.`))
    const fitness = (form: Form): number =>
      own.filter((fact) => form.indexByCode.has(fact)).length * 2 + (form.definition.id === preferred ? 1 : 0)
    const fitting = registry.forms.filter((form) => form.tables.has(code)).sort((a, b) => fitness(b) - fitness(a))
    return fitting.slice(0, 1).map((form) => ({ form, table: form.tables.get(code)! }))
  })
}

function drawLegend(): string {
  const swatch = (kind: string, text: string, label: string): string =>
    `<span><span class="swatch ${kind}">${text}</span>${label}</span>`
  return (
    `<p class="legend">${swatch('printed', '', word('legendPrinted'))}${swatch('term', '', word('legendTerm'))}` +
    `${swatch('', '␣', word('legendBlank'))}${swatch('', '/', word('legendMark'))}${swatch('', '∅', word('legendAbsent'))}` +
    `${swatch('', '~', word('legendUnreadable'))}</p>`
  )
}

/** Reports of which some could not be read, with everything that is not certain in them. */
async function* drawPartial(
  store: Store,
  registry: Registry,
  reports: readonly StoredReport[],
): AsyncGenerator<string> {
  if (reports.length === 0) return
  yield `<section><h2>${word('readInPart')} <small>${reports.length}</small></h2>`
  for (const report of reports) {
    const { reason } = report
    const why = reason === null ? '' : both({ zh: renderReason(reason, 'zh'), en: renderReason(reason, 'en') })
    const notices = await loadNotices(store, report.reading)
    const items = notices.map((notice) => {
      const place = notice.anchor === null ? '' : ` <code>${escapeText(notice.anchor.path)}</code>`
      return `<li>${both({ zh: renderNotice(notice, 'zh', registry), en: renderNotice(notice, 'en', registry) })}${place}</li>`
    })
    yield `<details class="report panel"${countFindings(report) === 0 ? ` id="${reportId(report.id)}"` : ''}>` +
      `<summary>${agencyName(report.agency)}<span>${report.year ?? word('unknownYear')}</span></summary>` +
      `<div class="inside"><p>${why}</p>${drawIdentity(report, report.title, registry)}<ul class="notices">${items.join('')}</ul></div></details>`
  }
  yield '</section>'
}

async function* drawClean(reports: readonly Summary[]): AsyncGenerator<string> {
  if (reports.length === 0) return
  yield `<section><h2>${word('withoutFindings')} <small>${reports.length}</small></h2><div class="panel scroll"><table class="list">`
  yield `<thead><tr><th>${word('agency')}</th><th>${word('year')}</th><th>${word('status')}</th><th>${word('facts')}</th>`
  yield `<th>${word('origin')}</th><th>${word('fingerprint')}</th></tr></thead><tbody>`
  for (const report of reports) {
    yield `<tr id="${reportId(report.id)}"><td>${agencyName(report.agency)}</td><td>${report.year ?? '—'}</td>` +
      `<td>${word(report.status === 'partial' ? 'partial' : 'ok')}</td><td>${report.facts}</td>` +
      `<td>${escapeText(report.origin)}</td><td><code title="${escapeText(report.sha256)}">${escapeText(report.sha256.slice(0, 12))}</code></td></tr>`
  }
  yield '</tbody></table></div></section>'
}

async function* drawUnread(store: Store): AsyncGenerator<string> {
  let any = false
  for await (const item of listUnread(store)) {
    if (!any) {
      yield `<section><h2>${word('notRead')}</h2><div class="panel scroll"><table class="list"><thead><tr><th>${word('file')}</th>`
      yield `<th>${word('outcome')}</th><th>${word('reason')}</th></tr></thead><tbody>`
    }
    any = true
    const { reason } = item
    const told = reason === null ? '—' : both({ zh: renderReason(reason, 'zh'), en: renderReason(reason, 'en') })
    yield `<tr><td>${escapeText(item.path)}</td><td>${word(item.outcome)}</td><td>${told}</td></tr>`
  }
  if (any) yield '</tbody></table></div></section>'
}

async function countUnread(store: Store): Promise<{ failed: number; notReport: number }> {
  let failed = 0
  let notReport = 0
  for await (const item of listUnread(store)) item.outcome === 'failed' ? failed++ : notReport++
  return { failed, notReport }
}

/** Nothing found, and everything read. */
function isClean(report: Summary): boolean {
  return countFindings(report) === 0 && report.status === 'ok'
}

function countFindings(report: Summary): number {
  return report.findings.error + report.findings.warning + report.findings.info
}

function agencyName(agency: string | null): string {
  return agency === null ? word('unknownAgency') : escapeText(agency)
}

function reportId(id: string | number): string {
  return `r${escapeText(String(id))}`
}
