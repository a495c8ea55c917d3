/** One finding as HTML: its sentence, then the formula with the figures that stand in the report, and the difference. */
import type { FormCell, Registry } from '../../forms/registry.ts'
import { brokenSign, originLabel } from '../../messages/formula.ts'
import { words } from '../../messages/interface.ts'
import { renderMeant } from '../../messages/meant.ts'
import { catalogues, renderFindingBoth } from '../../messages/render.ts'
import { timeSaid } from '../../messages/time.ts'
import type { Finding, Label, Term } from '../../model.ts'
import type { StoredFinding } from '../../store/findings.ts'
import type { StoredReport } from '../../store/reports.ts'
import { comparedIn } from './compared.ts'
import { both, escapeText, figure } from './markup.ts'

/** Of more ways to mend a finding than these only the number is told; JSON has them all. */
const waysShownMax = 5

/** Above this many figures on one side, those that add nothing are drawn as one. */
const termsShownMax = 8

/** The finding under its number, among those of a report. */
export function drawFinding(
  finding: StoredFinding,
  report: Pick<StoredReport, 'sha256'>,
  number: number,
  id: string,
  registry: Registry,
): string {
  const head =
    `<header><b class="ordinal">${number}</b><span class="pill ${finding.severity}">${word(finding.severity)}</span>` +
    `<span class="state ${finding.state}">${word(finding.state)}</span>` +
    `<span class="fault">${word('fault')}: ${word(`fault_${finding.fault}`)}</span>` +
    `<code>${escapeText(finding.rule)}</code><code>${escapeText(finding.id)}</code></header>`
  const message = `<p>${both(renderFindingBoth(finding, registry))}</p>`
  const formula = finding.terms.length === 0 ? '' : drawFormula(finding, registry)
  const quotes = finding.quotes.map(({ sentence }) => `<blockquote>${escapeText(sentence)}</blockquote>`).join('')
  return `<article class="finding ${finding.severity}" id="${id}">${head}${message}${quotes}${formula}${drawResult(finding)}${drawMeant(finding, registry)}${drawSource(finding, report)}${drawDecision(finding)}</article>`
}

function drawMeant({ meant }: Finding, registry: Registry): string {
  const zh = renderMeant(meant, registry, 'zh', waysShownMax)
  const en = renderMeant(meant, registry, 'en', waysShownMax)
  const lines = zh.map((line, index) => `<li>${both({ zh: line, en: en[index] ?? '' })}</li>`)
  return lines.length === 0 ? '' : `<div class="meant">${word('suggestions')}<ul>${lines.join('')}</ul></div>`
}

function drawDecision({ decision, outdated }: StoredFinding): string {
  if (decision === null) return ''
  const { action, by, at } = decision
  const told = outdated ? `${word(`did_${action}`)} (${word('outdated')})` : word(`did_${action}`)
  const reason = decision.reason === null ? '' : ` — ${escapeText(decision.reason)}`
  return `<p class="decision">${told}: ${escapeText(by)}, ${drawTime(at)}${reason}</p>`
}

/** A finding of the past is about what was published then. */
function drawSource({ report }: StoredFinding, { sha256 }: Pick<StoredReport, 'sha256'>): string {
  if (report.sha256 === sha256) return ''
  const fingerprint = `<code title="${escapeText(report.sha256)}">${escapeText(report.sha256.slice(0, 16))}…</code>`
  return `<p class="earlier">${word('earlierDocument')}: ${escapeText(report.origin)}, ${word('revision')} ${report.revision}, ${fingerprint}</p>`
}

/** A time for people, and for programs. */
export function drawTime(iso: string): string {
  return `<time datetime="${escapeText(iso)}">${escapeText(timeSaid(iso))}</time>`
}

/** A word of the interface in both languages. */
export function word(key: keyof typeof words.en): string {
  return both({ zh: words.zh[key], en: words.en[key] })
}

/** The cell behind a code, in whichever form has it. */
export function findCell(code: string, registry: Registry): FormCell | null {
  for (const form of registry.forms) {
    const index = form.indexByCode.get(code)
    if (index !== undefined) return form.cells[index]!
  }
  return null
}

function drawFormula(finding: Finding, registry: Registry): string {
  const side = (name: Term['side']): string =>
    drawSide(
      finding.terms.filter((term) => term.side === name),
      registry,
    )
  // A figure that its cell may not hold stands against nothing.
  if (finding.terms.every((term) => term.side === 'left')) return `<div class="formula">${side('left')}</div>`
  const broken = finding.difference !== null && finding.difference !== 0
  const sign = brokenSign(finding) ?? (broken ? '≠' : '=')
  return `<div class="formula">${side('left')}<span class="relation">${escapeText(sign)}</span>${side('right')}</div>`
}

function drawSide(terms: readonly Term[], registry: Registry): string {
  const long = terms.length > termsShownMax
  const shown = long ? terms.filter((term) => term.value !== null && term.value !== 0) : terms
  const parts = shown.map((term, index) => {
    const sign = term.sign === -1 ? '−' : index === 0 ? '' : '+'
    return `${sign === '' ? '' : `<i>${sign}</i>`}${drawTerm(term, registry)}`
  })
  const rest = terms.length - shown.length
  if (rest > 0)
    parts.push(`<i>+</i><span class="operand rest"><b>${rest} × 0</b><small>${word('zeroTerms')}</small></span>`)
  return `<span class="side">${parts.join('')}</span>`
}

function drawTerm(term: Term, registry: Registry): string {
  const cell = findCell(term.code, registry)
  const label: Label = cell
    ? { zh: joined(cell.row.title.zh, cell.column.title.zh), en: joined(cell.row.title.en, cell.column.title.en) }
    : { zh: term.code, en: term.code }
  const said: Label = {
    zh: originLabel(term, label.zh, catalogues.zh),
    en: originLabel(term, label.en, catalogues.en),
  }
  const value = term.value === null ? word(term.state === 'number' ? 'none' : term.state) : figure(term.value)
  return `<span class="operand ${term.state}" title="${escapeText(term.code)}"><b>${value}</b><small>${both(said)}</small></span>`
}

function joined(row: string, column: string): string {
  return [row, column].filter((part) => part !== '').join(' · ')
}

function drawResult(finding: Finding): string {
  const parts: string[] = []
  const [expected, actual] = comparedIn(finding)
  if (finding.expected !== null) parts.push(`<span>${word(expected)} <b>${figure(finding.expected)}</b></span>`)
  if (finding.actual !== null) parts.push(`<span>${word(actual)} <b>${figure(finding.actual)}</b></span>`)
  if (finding.difference !== null) {
    const sign = finding.difference > 0 ? '+' : ''
    parts.push(`<span class="difference">${word('difference')} <b>${sign}${figure(finding.difference)}</b></span>`)
  }
  return parts.length === 0 ? '' : `<div class="result">${parts.join('')}</div>`
}
