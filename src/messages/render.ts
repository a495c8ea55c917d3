/**
 * The one place that makes sentences: codes, places and values in, words out, in Chinese or English. Findings are worded
 * by the message of their rule, which the form brings; what no rule words has its own sentences in the catalogues.
 */
import type { FormProblem, UserError } from '../errors.ts'
import type { Form, Registry } from '../forms/registry.ts'
import type { FormWarning } from '../forms/warnings.ts'
import type { Anchor, Data, Finding, Label, Notice, ReadingNoticeCode, Reason, RuleDefinition, Term } from '../model.ts'
import type { RuleProblem } from '../rules/lint.ts'
import type { Catalogue } from './catalogue.ts'
import { en } from './en.ts'
import { figure, fill, fillKnown, fillSlots, type Slot, type Slots } from './fill.ts'
import { cellLabel, cellLines, formOfCode, formOfRule, type Lang, lineLabel, linesOf, tableLabel } from './labels.ts'
import { zh } from './zh.ts'

export { renderFormula } from './formula.ts'
export type { Lang } from './labels.ts'

/** All words by language: states, severities, faults, statuses. */
export const catalogues: Readonly<Record<Lang, Catalogue>> = { zh, en }

/** At most so many cells are named in one sentence. */
const cellsNamedMax = 4

/** What a finding says, with its figures. */
export function renderFinding(finding: Finding, registry: Registry, lang: Lang): string {
  const catalogue = catalogues[lang]
  const form = formOfRule(finding.rule, registry)
  const rule = form?.definition.rules.find((one) => one.id === finding.rule)
  const slots = findingSlots(finding, form, lang, catalogue)
  const { findings } = catalogue
  if (rule && finding.data.count === undefined) {
    const said = fillSlots(rule.message[lang], slots, catalogue)
    if (finding.data.computed_codes === undefined) return said
    return join(said, fill(findings.totalsComputed, slots, catalogue), lang)
  }
  if (rule) return blankSentence(finding, rule, slots, lang, catalogue)
  const told = findings[ownSentences.find(([ending]) => finding.rule.endsWith(ending))?.[1] ?? 'unknownRule']
  const sentence = fill(told, slots, catalogue)
  if (told !== findings.missingCells || !slots.computed) return sentence
  return join(sentence, fill(findings.missingComputed, slots, catalogue), lang)
}

/** Findings that no rule of a form words, by how their id ends. */
const ownSentences = [
  ['.blank_total', 'blankTotal'],
  ['_blank_totals', 'blankTotals'],
  ['_missing_cells', 'missingCells'],
  ['.form_blank', 'blankForm'],
  ['.bodies_missing', 'bodiesMissing'],
  ['.text_repeats_previous', 'repeatsPrevious'],
  ['.text_repeats_others', 'repeatsOthers'],
  ['.same_publication', 'samePublication'],
] as const

/** What a finding says, in both languages. */
export function renderFindingBoth(finding: Finding, registry: Registry): Label {
  return { zh: renderFinding(finding, registry, 'zh'), en: renderFinding(finding, registry, 'en') }
}

function blankSentence(finding: Finding, rule: RuleDefinition, slots: Slots, lang: Lang, catalogue: Catalogue): string {
  const { findings } = catalogue
  if (finding.data.entire) return fill(findings.blankTable, slots, catalogue)
  if (finding.codes.length === 1) return fillSlots(rule.message[lang], slots, catalogue)
  return fill(findings.blankCells, slots, catalogue)
}

function join(one: string, other: string, lang: Lang): string {
  return lang === 'zh' ? one + other : `${one} ${other}`
}

function findingSlots(finding: Finding, form: Form | null, lang: Lang, catalogue: Catalogue): Slots {
  const { codes, data, expected, actual, difference, terms } = finding
  const first = codes[0] ?? ''
  const { table, row, column } = linesOf(first, form)
  const named = (lines: readonly { readonly code: string }[] | undefined, code: unknown): boolean => {
    return (lines ?? []).some((line) => line.code === code)
  }
  const at = `${first.split('.')[0]}.${named(table?.rows, data.at_r) ? data.at_r : row?.code}.${named(table?.columns, data.at_c) ? data.at_c : column?.code}`
  const place = linesOf(at, form)
  const tableCode = typeof data.table === 'string' ? data.table : first.split('.')[0]!
  const slots: Record<string, Slot> = {
    rule: finding.rule,
    row: place.row && lineLabel(place.row, lang),
    col: place.column && lineLabel(place.column, lang),
    table: tableLabel(form?.tables.get(tableCode), lang, tableCode),
    cell: cellLabel(first, form, lang, catalogue),
    cells: nameCells(codes, form, lang, catalogue),
    count: codes.length > 0 ? codes.length : (numberIn(data, 'count') ?? stringIn(data, 'count')),
    computed: nameComputed(data, form, lang, catalogue),
    expected,
    actual,
    diff: difference === null ? null : Math.abs(difference),
    left: numberIn(data, 'left') ?? stringIn(data, 'left') ?? sideValue(terms, 'left'),
    right: numberIn(data, 'right') ?? stringIn(data, 'right') ?? sideValue(terms, 'right'),
    if: numberIn(data, 'if'),
    raw: data.raw === '' ? catalogue.states.blank : (stringIn(data, 'raw') ?? actual),
    missing: nameMissing(data, form, lang, catalogue),
    earlier: nameList(data.earlier, catalogue),
    others: nameList(data.others, catalogue),
    rate: numberIn(data, 'rate'),
    bodies: numberIn(data, 'bodies'),
    missing_bodies: nameList(data.missing_bodies, catalogue),
    year: numberIn(data, 'year'),
    form: form && nameForm(form, lang, catalogue),
    zeroed: data.blank_as_zero ? catalogue.findings.countedAsZero : null,
    agency: stringIn(data, 'agency') ?? catalogue.parts.agency,
  }
  for (const side of ['left', 'right'] as const) {
    const own = terms.filter((term) => term.side === side)
    for (const [index, term] of own.entries()) slots[`${side}${index + 1}`] = term.value ?? catalogue.states[term.state]
  }
  return slots
}

/** The figure of a side that is one cell. */
function sideValue(terms: readonly Term[], side: Term['side']): number | null {
  const own = terms.filter((term) => term.side === side)
  return own.length === 1 ? own[0]!.value : null
}

function numberIn(data: Data, name: string): number | null {
  const value = data[name]
  return typeof value === 'number' ? value : null
}

function stringIn(data: Data, name: string): string | null {
  const value = data[name]
  return typeof value === 'string' ? value : null
}

function nameCells(codes: readonly string[], form: Form | null, lang: Lang, catalogue: Catalogue): string {
  const shown = codes.slice(0, cellsNamedMax).map((code) => cellLines(code, form, lang))
  const list = shown.join(catalogue.parts.listSeparator)
  if (shown.length === codes.length) return list
  return list + fill(catalogue.parts.listMore, { count: codes.length }, catalogue)
}

function nameComputed(data: Data, form: Form | null, lang: Lang, catalogue: Catalogue): string {
  const { computed_codes: codes, computed: values } = data
  if (!Array.isArray(codes) || !Array.isArray(values)) return ''
  const shown = codes
    .slice(0, cellsNamedMax)
    .map((code: string, index) => `${cellLines(code, form, lang)} = ${figure(values[index])}`)
  return shown.join(catalogue.parts.listSeparator)
}

function nameMissing(data: Data, form: Form | null, lang: Lang, catalogue: Catalogue): string | null {
  const { missing } = data
  if (!Array.isArray(missing)) return null
  const names = missing.map((code: string | number) => nameMissingPart(String(code), form, lang))
  return names.join(catalogue.parts.listSeparator)
}

function nameList(value: Data[string] | undefined, catalogue: Catalogue): string | null {
  return Array.isArray(value) && value.length > 0 ? value.join(catalogue.parts.listSeparator) : null
}

function nameForm({ definition }: Form, lang: Lang, catalogue: Catalogue): string {
  const [from, to] = definition.years
  const template = to === null ? catalogue.parts.formFrom : catalogue.parts.formYears
  return fill(template, { title: definition.title[lang], from, to }, catalogue)
}

/** A table, or a section by its printed title. */
function nameMissingPart(code: string, form: Form | null, lang: Lang): string {
  const section = form?.definition.sections.find((one) => one.code === code)
  return form?.tables.get(code)?.title[lang] ?? section?.titles[0] ?? code
}

/** What could not be read for sure, and where. */
export function renderNotice(notice: Notice<ReadingNoticeCode>, lang: Lang, registry: Registry): string {
  const catalogue = catalogues[lang]
  const slots: Record<string, Slot> = dataSlots(notice.data, catalogue)
  const { table, code } = notice.data
  if (typeof table === 'string') slots.table = tableLabel(formOfCode(table, registry)?.tables.get(table), lang, table)
  if (typeof code === 'string') slots.code = cellLabel(code, formOfCode(code, registry), lang, catalogue)
  const sentence = fill(catalogue.notices[notice.code], slots, catalogue)
  const place = nameAnchor(notice.anchor, catalogue)
  return place === '' ? sentence : join(sentence, fill(catalogue.parts.place, { place }, catalogue), lang)
}

function nameAnchor(anchor: Anchor | null, catalogue: Catalogue): string {
  if (anchor === null) return ''
  const page = anchor.page === null ? [] : [fill(catalogue.parts.page, { page: anchor.page }, catalogue)]
  return [...page, ...(anchor.path === '' ? [] : [anchor.path])].join(catalogue.parts.listSeparator)
}

/** Why a document is not read in full. */
export function renderReason(reason: Reason, lang: Lang): string {
  const catalogue = catalogues[lang]
  return fill(catalogue.reasons[reason.code], dataSlots(reason.data, catalogue), catalogue)
}

/** What went wrong, where, and what to do; for a definition of a form each thing that is wrong on a line of its own. */
export function renderError(
  error: Pick<UserError, 'code' | 'data'> & Partial<Pick<UserError, 'problems'>>,
  lang: Lang,
): string {
  const catalogue = catalogues[lang]
  const sentence = fill(catalogue.errors[error.code], dataSlots(error.data, catalogue), catalogue)
  const { problems = [] } = error
  const lines = problems.slice(0, problemsNamedMax).map((problem) => {
    const slots = { path: problem.path || '/', problem: renderProblem(problem, lang) }
    return fillSlots(catalogue.parts.problemLine, slots, catalogue)
  })
  const more =
    problems.length > lines.length ? [fill(catalogue.parts.problemsMore, error.data as Slots, catalogue)] : []
  return [sentence, ...lines, ...more].join('\n')
}

/** At most so many things wrong with a definition are said. */
const problemsNamedMax = 50

/** What is wrong at one place of a definition, or with a setting. */
export function renderProblem({ code, data }: FormProblem, lang: Lang): string {
  const catalogue = catalogues[lang]
  const words = { expected: wordExpected(data.expected, catalogue), found: wordExpected(data.found, catalogue) }
  const slots = { ...dataSlots(data, catalogue), ...words }
  return fillKnown({ ...catalogue.formProblems, ...catalogue.settingProblems }[code], slots, catalogue)
}

/** What a definition may say and hardly means. */
export function renderFormWarning({ code, data }: FormWarning, lang: Lang): string {
  const catalogue = catalogues[lang]
  return fill(catalogue.formWarnings[code], dataSlots(data, catalogue), catalogue)
}

/** What is wrong with rules as a set. */
export function renderRuleProblem({ code, others, codes }: RuleProblem, lang: Lang, registry: Registry): string {
  const catalogue = catalogues[lang]
  const { listSeparator } = catalogue.parts
  const cells = codes.map((cell) => cellLabel(cell, formOfCode(cell, registry), lang, catalogue)).join(listSeparator)
  const slots = { others: others.length === 0 ? null : others.join(listSeparator), cells }
  return fillSlots(catalogue.ruleProblems[code], slots, catalogue)
}

/** What the reader of formulas says, in the words of the language where there are any. */
function wordExpected(said: Data[string] | undefined, catalogue: Catalogue): string {
  const text = String(said ?? '')
  return lookUp(catalogue.expectations, text) ?? text
}

function dataSlots(data: Data, catalogue: Catalogue): Record<string, Slot> {
  const entries = Object.entries(data).map(([name, value]) => {
    const all: readonly (string | number)[] = typeof value === 'object' ? value : [value]
    return [name, all.map((one) => wordOf(name, one, data, catalogue)).join(catalogue.parts.listSeparator)] as const
  })
  return Object.fromEntries(entries)
}

/** A value in a slot: codes of our own in words, all else as it is. */
function wordOf(name: string, value: string | number, data: Data, catalogue: Catalogue): string {
  if (typeof value === 'number') return figure(value)
  if (name === 'limit') return nameLimit(value, data, catalogue)
  if (name === 'what') return lookUp(catalogue.whats, value) ?? value
  if (name === 'kind') return lookUp(catalogue.kinds, value) ?? value
  if (name === 'detail') return lookUp(catalogue.causes, value) ?? tidyDetail(value)
  return value
}

function lookUp(words: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(words, code) ? words[code] : undefined
}

function nameLimit(name: string, data: Data, catalogue: Catalogue): string {
  const max = name.includes('Bytes') ? (numberIn(data, 'max') ?? 0) / 2 ** 20 : numberIn(data, 'max')
  return fill(lookUp(catalogue.limits, name) ?? name, { max: max?.toLocaleString('en') }, catalogue)
}

/** What a library said, as a part of one sentence: one line, without the library's own marks and its last full stop. */
function tidyDetail(text: string): string {
  const plain = text.replace(/(?:\w+:\s*)?\[\w+ \w*error\]|@#\[[^\]]*\]/gi, ' ').replace(/\s+/g, ' ')
  return plain.trim().replace(/[\s.,:;!。，：；！]+$/, '')
}

/** A cell with its table, or a table, in words; the code itself where no form has it. */
export function labelOf(code: string, registry: Registry, lang: Lang): string {
  const form = formOfCode(code, registry)
  const table = form?.tables.get(code)
  return table ? table.title[lang] : cellLabel(code, form, lang, catalogues[lang])
}
