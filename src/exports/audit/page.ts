/**
 * The audit report: one HTML file that needs nothing beside it, in both languages, for a screen or for paper. It is
 * written piece by piece, report after report, and only reports with findings get their tables drawn, so that it can be
 * made of a store with thousands of reports. A policy in its head forbids scripts and everything from outside.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Registry } from '../../forms/registry.ts'
import { words } from '../../messages/interface.ts'
import { renderNotice, renderReason } from '../../messages/render.ts'
import type { Label, Notice, ReadingNoticeCode, Severity } from '../../model.ts'
import type { Download } from '../../store/downloads.ts'
import { standingStates } from '../../store/findings.ts'
import type { Store } from '../../store/open.ts'
import { loadFacts, loadNotices, type StoredReport } from '../../store/reports.ts'
import { listUnread } from '../../store/runs.ts'
import { drawFinding, drawTime, word } from './finding.ts'
import { layOutSheet } from './layout.ts'
import { concernedTables, markCells } from './marks.ts'
import { both, escapeText } from './markup.ts'
import { type AuditedReport, auditedReports, isClean } from './reports.ts'
import type { AuditFormat, AuditRequest } from './request.ts'
import { drawSheet } from './sheet.ts'

/** The page for people. */
export const html: AuditFormat = {
  name: 'html',
  extensions: ['html'],
  binary: false,
  withoutDismissed: true,
  encode: auditPage,
}

/** What the overview needs of a report. */
type Summary = Omit<AuditedReport, 'findings'> & { readonly findings: { readonly length: number } }

/** Reports with findings that are open when the page is; the rest opens with a click. */
const openReportsMax = 12

/** The page in pieces, in order. The same store gives the same bytes. */
async function* auditPage(request: AuditRequest): AsyncGenerator<string> {
  const { store, registry, filter } = request
  const reports: Summary[] = []
  for await (const { findings, ...rest } of auditedReports(request))
    reports.push({ ...rest, findings: { length: findings.length } })
  // What was not read has neither agency nor year that one could ask for.
  const unread = filter.agency === undefined && filter.year === undefined
  yield drawHead(request)
  yield '<main>'
  yield drawOverview(request, reports, unread ? await countUnread(store) : null)
  yield drawMatrix(reports)
  yield* drawReports(request, reports.filter(({ findings }) => findings.length > 0).length)
  yield* drawPartial(
    store,
    registry,
    reports.filter(({ report }) => report.status === 'partial'),
  )
  yield* drawList(
    'withHidden',
    reports.filter(({ findings, hidden }) => findings.length === 0 && hidden > 0),
  )
  yield* drawList('withoutFindings', reports.filter(isClean))
  if (unread) yield* drawUnread(store)
  yield `</main><footer>gouji ${escapeText(request.version)}</footer></body></html>\n`
}

function drawHead(options: AuditRequest): string {
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

function drawOverview(
  { filter }: AuditRequest,
  reports: readonly Summary[],
  unread: { failed: number; notReport: number } | null,
): string {
  const sum = (of: (summary: Summary) => number): number => reports.reduce((total, one) => total + of(one), 0)
  const card = (value: number, label: string, kind = ''): string =>
    `<li class="${value === 0 ? '' : kind}"><b>${value.toLocaleString('en-US')}</b><span>${label}</span></li>`
  const counted = (severity: Severity): number => sum(({ counts }) => counts[severity])
  const hidden = sum((one) => one.hidden)
  const partial = reports.filter(({ report }) => report.status === 'partial').length
  const cards = [
    card(reports.length, word('reports')),
    card(reports.filter(isClean).length, word('clean'), 'good'),
    card(counted('error'), word('errors'), 'error'),
    card(counted('warning'), word('warnings'), 'warning'),
    card(counted('info'), word('infos')),
    ...(hidden === 0 ? [] : [card(hidden, word('hiddenFindings'))]),
    card(partial, word('partial'), 'warning'),
    ...(unread === null ? [] : [card(unread.failed, word('failed'), 'error')]),
    ...(unread === null ? [] : [card(unread.notReport, word('not_a_report'))]),
    card(
      sum(({ report }) => report.facts),
      word('facts'),
    ),
  ]
  return `<section><h2>${word('overview')}</h2>${drawFilter(filter)}<ul class="cards">${cards.join('')}</ul></section>`
}

/** Which findings are shown, where not all are. */
function drawFilter({ agency, year, severity, fault, state, rule }: AuditRequest['filter']): string {
  const usual = state?.join() === standingStates.join()
  const asked: [keyof typeof words.en, string | undefined][] = [
    ['agency', agency === undefined ? undefined : escapeText(agency)],
    ['year', year?.toString()],
    ['severity', severity?.map((one) => word(one)).join(', ')],
    ['fault', fault?.map((one) => word(`fault_${one}` as keyof typeof words.en)).join(', ')],
    ['state', usual ? undefined : state?.map((one) => word(one)).join(', ')],
    ['rule', rule === undefined ? undefined : escapeText(rule)],
  ]
  const told = asked.flatMap(([name, value]) => (value === undefined ? [] : [`${word(name)}: ${value}`]))
  const some = told.length === 0 ? '' : `${word('onlySome')}: ${told.join('; ')}. `
  return some === '' && !usual ? '' : `<p class="asked">${some}${usual ? word('andNot') : ''}</p>`
}

function drawMatrix(reports: readonly Summary[]): string {
  if (reports.length === 0) return ''
  const years = [...new Set(reports.map(({ report }) => report.year))].sort((a, b) => (a ?? 9999) - (b ?? 9999))
  const byAgency = new Map<string | null, Summary[]>()
  for (const one of reports) byAgency.set(one.report.agency, [...(byAgency.get(one.report.agency) ?? []), one])
  const head = years.map((year) => `<th scope="col">${year ?? word('unknownYear')}</th>`).join('')
  const body = [...byAgency].map(([agency, own]) => {
    const cells = years.map((year) => {
      const chips = own.filter(({ report }) => report.year === year).map(drawChips)
      return `<td>${chips.length === 0 ? '<span class="nothing">·</span>' : chips.join(' ')}</td>`
    })
    const concerned = own.some(({ findings }) => findings.length > 0)
    const name = concerned ? `<a href="#${agencyId(agency)}">${agencyName(agency)}</a>` : agencyName(agency)
    return `<tr><th scope="row">${name}</th>${cells.join('')}</tr>`
  })
  return (
    `<section><h2>${word('byAgency')}</h2><div class="panel scroll"><table class="matrix"><thead><tr><th scope="col">` +
    `${word('agency')}</th>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div></section>`
  )
}

function drawChips(summary: Summary): string {
  const { report, findings, hidden } = summary
  if (isClean(summary)) return `<a class="clean chip" href="#${reportId(report.id)}">✓</a>`
  if (findings.length > 0) return drawBadges(summary, true)
  // What was not read in full was not checked in full: no tick for that, nor where findings are not shown.
  return `<a class="chip" href="#${reportId(report.id)}">${hidden > 0 ? `(${hidden})` : '◐'}</a>`
}

function drawBadges({ report, counts }: Pick<Summary, 'report' | 'counts'>, linked: boolean): string {
  const kinds: readonly Severity[] = ['error', 'warning', 'info']
  return kinds
    .filter((kind) => counts[kind] > 0)
    .map((kind) => {
      const [open, close] = linked ? [`a href="#${reportId(report.id)}"`, 'a'] : ['span', 'span']
      return `<${open} class="chip ${kind}">${counts[kind]}</${close}>`
    })
    .join(' ')
}

async function* drawReports(request: AuditRequest, concerned: number): AsyncGenerator<string> {
  if (concerned === 0) return
  yield `<section><h2>${word('withFindings')} <small>${concerned}</small></h2>${drawLegend()}`
  let drawn = 0
  let agency: string | null | undefined
  for await (const audited of auditedReports(request)) {
    if (audited.findings.length === 0) continue
    if (audited.report.agency !== agency) {
      agency = audited.report.agency
      yield `<h3 id="${agencyId(agency)}">${agencyName(agency)}</h3>`
    }
    yield await drawReport(request, audited, drawn++ < openReportsMax)
  }
  yield '</section>'
}

async function drawReport({ store, registry }: AuditRequest, audited: AuditedReport, open: boolean): Promise<string> {
  const { report, download, findings, hidden } = audited
  const facts = new Map((await loadFacts(store, report.reading)).map((fact) => [fact.code, fact]))
  const id = reportId(report.id)
  const idOf = (finding: number): string => `${id}-${finding}`
  const marks = markCells(findings, report.reading)
  const articles = findings.map((finding, index) => drawFinding(finding, report, index + 1, idOf(index + 1), registry))
  const tables = concernedTables(marks, facts, registry, report.form)
  const sheets = tables.map(({ form, table }) => drawSheet(layOutSheet(form, table, facts), marks, idOf))
  const heading =
    `<summary>${agencyName(report.agency)}<span>${report.year ?? word('unknownYear')}</span>` +
    `<span class="badges">${drawBadges(audited, false)}</span></summary>`
  const unplaced = (await loadNotices(store, report.reading)).filter(({ code }) => code === 'unplaced_figure')
  const left = unplaced.length === 0 ? '' : `<h4>${word('unplaced')}</h4>${drawNotices(unplaced, registry)}`
  const rest = hidden === 0 ? '' : `<p class="asked">${word('hiddenFindings')}: ${hidden}</p>`
  return (
    `<details class="report panel" id="${id}"${open ? ' open' : ''}>${heading}<div class="inside">` +
    `${drawIdentity(report, download, registry)}${articles.join('')}${rest}${sheets.join('')}${left}</div></details>`
  )
}

function drawNotices(notices: readonly Notice<ReadingNoticeCode>[], registry: Registry): string {
  const items = notices.map((notice) => {
    const said: Label = { zh: renderNotice(notice, 'zh', registry), en: renderNotice(notice, 'en', registry) }
    return `<li>${both(said)}</li>`
  })
  return `<ul class="notices">${items.join('')}</ul>`
}

function drawIdentity(report: StoredReport, download: Download | null, registry: Registry): string {
  const form = report.form === null ? undefined : registry.byId.get(report.form)
  const entries: [string, string][] = [
    [word('origin'), escapeText(report.origin)],
    ...(download === null ? [] : [[word('fetched'), drawDownload(download)] satisfies [string, string]]),
    [word('report'), report.title === null ? word('unknown') : escapeText(report.title)],
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

/** When, and where from in the end where that is another address than the report's. */
function drawDownload({ url, finalUrl, fetchedAt }: Download): string {
  return `${drawTime(fetchedAt)}${finalUrl === url ? '' : ` ${escapeText(finalUrl)}`}`
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
async function* drawPartial(store: Store, registry: Registry, reports: readonly Summary[]): AsyncGenerator<string> {
  if (reports.length === 0) return
  yield `<section><h2>${word('readInPart')} <small>${reports.length}</small></h2>`
  for (const { report, download, findings, hidden } of reports) {
    const { reason } = report
    const why = reason === null ? '' : both({ zh: renderReason(reason, 'zh'), en: renderReason(reason, 'en') })
    const notices = drawNotices(await loadNotices(store, report.reading), registry)
    const id = findings.length + hidden === 0 ? ` id="${reportId(report.id)}"` : ''
    yield `<details class="report panel"${id}>` +
      `<summary>${agencyName(report.agency)}<span>${report.year ?? word('unknownYear')}</span></summary>` +
      `<div class="inside"><p>${why}</p>${drawIdentity(report, download, registry)}${notices}</div></details>`
  }
  yield '</section>'
}

async function* drawList(title: 'withHidden' | 'withoutFindings', reports: readonly Summary[]): AsyncGenerator<string> {
  if (reports.length === 0) return
  const extra = title === 'withHidden' ? `<th>${word('hiddenFindings')}</th>` : ''
  yield `<section><h2>${word(title)} <small>${reports.length}</small></h2><div class="panel scroll"><table class="list">`
  yield `<thead><tr><th>${word('agency')}</th><th>${word('year')}</th><th>${word('status')}</th><th>${word('facts')}</th>`
  yield `${extra}<th>${word('origin')}</th><th>${word('fingerprint')}</th></tr></thead><tbody>`
  for (const { report, hidden } of reports) {
    yield `<tr id="${reportId(report.id)}"><td>${agencyName(report.agency)}</td><td>${report.year ?? '—'}</td>` +
      `<td>${word(report.status === 'partial' ? 'partial' : 'ok')}</td><td>${report.facts}</td>` +
      `${title === 'withHidden' ? `<td>${hidden}</td>` : ''}<td>${escapeText(report.origin)}</td>` +
      `<td><code title="${escapeText(report.sha256)}">${escapeText(report.sha256.slice(0, 12))}</code></td></tr>`
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

function agencyName(agency: string | null): string {
  return agency === null ? word('unknownAgency') : escapeText(agency)
}

function reportId(id: string | number): string {
  return `r${escapeText(String(id))}`
}

function agencyId(agency: string | null): string {
  return `a${createHash('sha256')
    .update(agency ?? '')
    .digest('hex')
    .slice(0, 12)}`
}
