/** Formulas of findings with the figures that stand in the report. */
import type { Form, Registry } from '../forms/registry.ts'
import type { Finding, Term } from '../model.ts'
import { addDecimals, fromDecimal, toDecimal } from '../rules/decimal.ts'
import type { Catalogue } from './catalogue.ts'
import { en } from './en.ts'
import { figure, fill } from './fill.ts'
import { cellLines, formOfRule, type Lang, linesOf, shortLabel } from './labels.ts'
import { zh } from './zh.ts'

/** Sides of more terms than this name only those that are not 0. */
const termsShownMax = 4

/** What stands between the sides of a formula that does not hold. */
const broken: Readonly<Record<string, string>> = { '=': '≠', '>=': '<', '<=': '>', '>': '≤', '<': '≥' }

/**
 * The formula of a finding: `新收 21 + 结转 0 = 21 ≠ 20 = 总计 20 + 结转下年度 0`. Empty where the finding is about no
 * figures that stand in a formula.
 */
export function renderFormula(finding: Finding, registry: Registry, lang: Lang): string {
  const { terms, data } = finding
  const operator = brokenSign(finding)
  if (terms.length === 0) return ''
  const view: View = {
    form: formOfRule(finding.rule, registry),
    lang,
    catalogue: lang === 'zh' ? zh : en,
    name: axis(terms),
  }
  const left = renderSide(terms, 'left', data.left, view)
  const right = renderSide(terms, 'right', data.right, view)
  if (left.figure === null || right.figure === null || operator === null) {
    return [withFigure(left), withFigure(right)].filter((text) => text !== '').join(view.catalogue.parts.clause)
  }
  return `${wholeSide(left, left.figure, true, lang)} ${operator} ${wholeSide(right, right.figure, false, lang)}`
}

/** A side with its figure away from the operator; of what is no plain sum only the operands are named. */
function wholeSide({ text, single, adds }: RenderedSide, value: number, first: boolean, lang: Lang): string {
  if (text === '') return figure(value)
  if (single) return text
  if (!adds) return lang === 'zh' ? `${figure(value)}（${text}）` : `${figure(value)} (${text})`
  return first ? `${text} = ${figure(value)}` : `${figure(value)} = ${text}`
}

/** What stands between the sides of a finding's formula, which does not hold; null where no sides are compared. */
export function brokenSign({ data }: Finding): string | null {
  return (typeof data.operator === 'string' && broken[data.operator]) || null
}

type Axis = 'row' | 'column' | 'both'
type View = { readonly form: Form | null; readonly lang: Lang; readonly catalogue: Catalogue; readonly name: Axis }
type RenderedSide = {
  readonly text: string
  readonly figure: number | null
  readonly single: boolean
  readonly adds: boolean
}

function withFigure({ text, figure: value, single }: RenderedSide): string {
  return single || value === null || text === '' ? text : `${text} = ${figure(value)}`
}

/** What tells the terms apart: their rows, where all stand in one column, and the other way round. */
function axis(terms: readonly Term[]): Axis {
  if (terms.length === 1) return 'both'
  const parts = terms.filter(({ of }) => of !== 'text').map((term) => term.code.split('.'))
  if (parts.length < 2) return 'both'
  const same = (index: number): boolean =>
    parts.every((part) => part[0] === parts[0]![0] && part[index] === parts[0]![index])
  return same(2) ? 'row' : same(1) ? 'column' : 'both'
}

function renderSide(terms: readonly Term[], side: Term['side'], given: unknown, view: View): RenderedSide {
  const own = terms.filter((term) => term.side === side)
  const value = typeof given === 'number' ? given : sum(own)
  const long = own.length > termsShownMax
  const shown = long ? own.filter((term) => term.value !== 0 && term.state !== 'blank' && term.state !== 'mark') : own
  const rest = own.filter((term) => !shown.includes(term))
  let text = shown.map((term, index) => renderTerm(term, index === 0, view)).join('')
  if (rest.length > 0) {
    const { otherZeros, otherZerosOrBlanks, allZeros } = view.catalogue.parts
    const blanks = rest.some((term) => term.value === null)
    const template = shown.length === 0 && !blanks ? allZeros : blanks ? otherZerosOrBlanks : otherZeros
    text += `${shown.length > 0 ? ' + ' : ''}${fill(template, { count: rest.length }, view.catalogue)}`
  }
  const single = own.length === 1 && (value === own[0]!.value || own[0]!.value === null)
  const added = sum(own)
  return { text, figure: value, single, adds: added === null || added === value }
}

/** The sum of a side whose cells all have a figure or are blank; null where it has none to add. */
function sum(terms: readonly Term[]): number | null {
  if (!terms.some((term) => term.value !== null)) return null
  if (terms.some((term) => term.state === 'absent' || term.state === 'unreadable')) return null
  return fromDecimal(
    terms.reduce((total, term) => addDecimals(total, toDecimal(term.value ?? 0), term.sign), toDecimal(0)),
  )
}

/** The label of a figure that stands elsewhere says where. */
export function originLabel({ of }: Term, label: string, catalogue: Catalogue): string {
  const { lastYear, bodiesBelow, inText } = catalogue.parts
  if (of === 'text') return inText
  return of === undefined ? label : fill(of === 'previous' ? lastYear : bodiesBelow, { label }, catalogue)
}

function renderTerm(term: Term, first: boolean, view: View): string {
  const { row, column } = linesOf(term.code, view.form)
  const line = view.name === 'row' ? row : view.name === 'column' ? column : null
  const own = line ? shortLabel(line, view.lang) : cellLines(term.code, view.form, view.lang)
  const label = originLabel(term, own, view.catalogue)
  const figureText = term.value === null ? view.catalogue.states[term.state] : figure(term.value)
  const sign = term.sign === -1 ? (first ? '−' : ' − ') : first ? '' : ' + '
  return `${sign}${label} ${figureText}`
}
