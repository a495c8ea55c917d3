/**
 * Verdicts into findings: which figures are in question, what they should be, and whose fault it is as far as one
 * report can tell. No words: what is said of a finding is made of its data in src/messages.
 */
import { tableOf } from '../forms/codes.ts'
import type { Data, Fault, Finding, Severity, Term } from '../model.ts'
import type { BlankTotal } from './blank-totals.ts'
import type { CompiledRule, CompiledRules, Instance } from './compile.ts'
import { addDecimals, fromDecimal, toDecimal } from './decimal.ts'
import type { Expression } from './formula.ts'
import { countsBlankAsZero, figureOf, isBlank, settingOf, sideFigure, termsOf, totalOf } from './judge.ts'
import { absent, mark, number, type Sheet } from './sheet.ts'
import { earlierFigures, failingSections, testExactly } from './test.ts'

/** What bears on whose fault something is. */
export type Doubts = {
  /** Tables whose reading is not certain. */
  readonly tables: ReadonlySet<string>
  /** Figures of the document went to no cell: what seems missing may be among them. */
  readonly unplacedFigures: boolean
  /** Tables that are printed and could not be read. */
  readonly unreadTables: ReadonlySet<string>
}

type Made = Pick<Finding, 'rule' | 'severity' | 'codes'> & Partial<Finding>

/** Written out, not spread: an object that properties are added to after a spread is of a shape of its own, and slow. */
function finding(made: Made, fault: Fault): Finding {
  const { rule, severity, codes, key = rule, expected = null, actual = null } = made
  const { terms = none, quotes = none, data = {} } = made
  const difference = expected === null || actual === null ? null : subtract(actual, expected)
  return { key, rule, severity, fault, codes, expected, actual, difference, terms, quotes, meant: null, data }
}

const none: readonly never[] = []

function subtract(one: number, other: number): number {
  // -0 would differ from 0 in what is told of it.
  if (Number.isSafeInteger(one) && Number.isSafeInteger(other) && Number.isSafeInteger(one - other))
    return one - other + 0
  return fromDecimal(addDecimals(toDecimal(one), toDecimal(other), -1))
}

function faultOf(codes: readonly string[], doubts: Doubts, missing = false): Fault {
  if (missing && doubts.unplacedFigures) return 'undecided'
  if (doubts.tables.size === 0) return 'report'
  if (codes.length === 0) return 'undecided'
  return codes.some((code) => doubts.tables.has(tableOf(code))) ? 'undecided' : 'report'
}

/** Rule and place: `ogi2021.t3_balance@c=total`. */
export function keyOf(rule: string, at: Readonly<Record<string, string>>): string {
  let key = rule
  for (const variable of Object.keys(at)) key += `${key === rule ? '@' : ','}${variable}=${at[variable]}`
  return key
}

type Told = Record<string, Data[string]>

function placeData(at: Readonly<Record<string, string>>): Told {
  const data: Told = {}
  for (const variable of Object.keys(at)) data[`at_${variable}`] = at[variable]!
  return data
}

/** Statements of the text have no place in a form: two of one kind are told apart by what they say. */
function statedAt({ fields }: CompiledRule, { stated }: Sheet): Record<string, string> {
  const said = fields.flatMap((field) => stated.get(field)?.value ?? [])
  return said.length === 0 ? {} : { text: said.join('/') }
}

/** The finding of a broken rule. */
export function brokenFinding(rule: CompiledRule, instance: Instance, sheet: Sheet, doubts: Doubts): Finding {
  const { id, severity } = rule.definition
  const quotes = rule.fields.flatMap((field) => sheet.stated.get(field)?.quote ?? [])
  const at = rule.fields.length === 0 ? instance.at : { ...instance.at, ...statedAt(rule, sheet) }
  const made = { rule: id, severity, key: keyOf(id, at), quotes }
  if (instance.operator === null || instance.cells.length === 0)
    return conditionFinding(made, rule, instance, sheet, doubts)
  const total = totalOf(instance)
  const other = total === instance.left ? instance.right : instance.left
  const left = sideFigure(rule, instance.left, sheet)
  const right = sideFigure(rule, instance.right, sheet)
  const codes = codesOf(sheet, [...total.cells, ...other.cells, ...instance.cells])
  const data = placeData(instance.at)
  data.operator = instance.operator
  if (left !== null) data.left = left
  if (right !== null) data.right = right
  const premise = premiseFigure(rule, instance, sheet)
  if (premise !== null) data.if = premise
  if (countsBlankAsZero(rule, instance, sheet)) data.blank_as_zero = 1
  const text = sheet.facts[total.cells[0]!]?.text
  if (text !== undefined) data.raw = text
  const [actual, expected] = total === instance.left ? [left, right] : [right, left]
  // A side such as decimals(cell) is about the cell, but is not its figure.
  const figures = total.plain ? { actual, expected } : { actual: sheet.values[total.cells[0]!]!, expected: null }
  const terms = termsOf(instance, sheet)
  const filled = instance.cells.filter((cell) => sheet.computed.has(cell))
  if (filled.length > 0) data.computed_codes = codesOf(sheet, filled)
  const { children } = sheet.around
  const adds = rule.needs.includes('children')
  if (adds && children !== null) {
    data.missing_bodies = children.missing
    data.bodies = children.reporting.length
  }
  // Which of several reports is wrong their sum does not tell.
  return finding({ codes, terms, data, ...figures, ...made }, adds ? 'undecided' : faultOf(codes, doubts))
}

/** The figure of `x` in `x > 0 => ...`. */
function premiseFigure(rule: CompiledRule, { premise }: Instance, sheet: Sheet): number | null {
  if (premise?.kind !== 'binary' || ['and', 'or', '=>'].includes(premise.operator)) return null
  const { left } = premise
  if (left.kind === 'boolean' || (left.kind === 'call' && left.name !== 'prev')) return null
  return figureOf(rule, left, sheet)
}

/** A rule that is no comparison of figures: what a cell must be, which tables there must be, which year a form is for. */
function conditionFinding(
  made: Pick<Finding, 'rule' | 'severity' | 'key' | 'quotes'>,
  rule: CompiledRule,
  instance: Instance,
  sheet: Sheet,
  doubts: Doubts,
): Finding {
  const parts = conjuncts(instance.conclusion)
  const setting = settingOf(rule, instance.conclusion, sheet)
  const failed = parts.length === 1 ? parts : parts.filter((part) => testExactly(part, sheet, setting) === 0)
  const cells = failed.flatMap(cellsOf).map((code) => sheet.form.indexByCode.get(code)!)
  const codes = codesOf(sheet, cells)
  const data = placeData(instance.at)
  if (instance.operator !== null) {
    data.operator = instance.operator
    for (const name of ['left', 'right'] as const) {
      const figure = sideFigure(rule, instance[name], sheet)
      if (figure !== null) data[name] = rule.needs.includes('dates') ? dateText(figure) : figure
    }
  }
  const raw = cells[0] === undefined ? undefined : sheet.facts[cells[0]]?.text
  if (raw !== undefined) data.raw = raw
  const missing = failed.flatMap((part) => missingOf(part, sheet))
  if (missing.length > 0) data.missing = missing
  const unusual = failed.find((part) => part.kind === 'call' && part.name === 'usual')
  if (unusual) data.earlier = earlierFigures(sheet, cells[0]!).map(({ year, value }) => `${year}: ${value}`)
  if (sheet.meta.reportYear !== null) data.year = sheet.meta.reportYear
  data.form = sheet.form.definition.id
  const actual = cells.length === 1 && sheet.states[cells[0]!] === number ? sheet.values[cells[0]!]! : null
  const terms = termsOf(instance, sheet).filter((term) => codes.includes(term.code))
  const unread = missing.length > 0 && missing.every((table) => doubts.unreadTables.has(table))
  // The day that a page states may be that of a later copy.
  const dated = rule.needs.includes('dates')
  // That the text does not say a thing is an absence too.
  const lacks = missing.length > 0 || (instance.operator === null && rule.needs.includes('narrative'))
  const fault = unread ? 'reading' : dated ? 'undecided' : faultOf(codes, doubts, lacks)
  return finding({ codes, terms, data, actual, ...made }, fault)
}

/** `2024-01-31` of 20240131, which dates are in formulas. */
function dateText(figure: number): string {
  return String(figure).replace(/(\d{4})(\d\d)(\d\d)/, '$1-$2-$3')
}

/** The table that is not there, or the codes of the sections. */
function missingOf(part: Expression, { form, around }: Sheet): string[] {
  if (part.kind !== 'call') return []
  if (part.name === 'has_table') return namesIn(part)
  return failingSections(part, around.sections ?? new Map()).map(
    (number) => form.definition.sections.find((section) => section.number === number)?.code ?? String(number),
  )
}

function conjuncts(expression: Expression): Expression[] {
  if (expression.kind !== 'binary' || expression.operator !== 'and') return [expression]
  return [...conjuncts(expression.left), ...conjuncts(expression.right)]
}

function cellsOf(expression: Expression): string[] {
  if (expression.kind === 'cell') return [`${expression.table}.${expression.row}.${expression.column}`]
  if (expression.kind === 'sum') return expression.rows.map((row) => `${expression.table}.${row}.${expression.column}`)
  if (expression.kind === 'call') return expression.arguments.flatMap(cellsOf)
  if (expression.kind === 'not') return cellsOf(expression.operand)
  return expression.kind === 'binary' ? [...cellsOf(expression.left), ...cellsOf(expression.right)] : []
}

function namesIn(call: Expression & { kind: 'call' }): string[] {
  return call.arguments.flatMap((each) => (each.kind === 'name' ? [each.name] : []))
}

/** Each once, in their order. */
function codesOf({ form }: Sheet, cells: readonly number[]): string[] {
  // Hundreds of blank cells come in the form's order: then none is there twice.
  const once = cells.every((cell, place) => place === 0 || cells[place - 1]! < cell) ? cells : [...new Set(cells)]
  return once.map((cell) => form.cells[cell]!.code)
}

/** Blank totals as findings: each for itself, or those of a table together where leaving them blank is its habit. */
export function blankTotalFindings(
  rules: CompiledRules,
  totals: readonly BlankTotal[],
  sheet: Sheet,
  doubts: Doubts,
): Finding[] {
  const single = totals.filter(({ habit }) => !habit)
  const findings = single.map((total) => {
    const { definition } = total.rule
    const rule = `${definition.id}.blank_total`
    const codes = codesOf(sheet, [total.cell, ...total.instance.cells])
    const data = placeData(total.instance.at)
    data.operator = '='
    const terms = termsOf(total.instance, sheet)
    const made = {
      rule,
      key: keyOf(rule, total.instance.at),
      severity: 'warning' as const,
      codes,
      expected: total.expected,
      terms,
      data,
    }
    return finding(made, faultOf(codes, doubts))
  })
  const habits = totals.filter(({ habit }) => habit)
  for (const table of new Set(habits.map(({ cell }) => sheet.form.cells[cell]!.table.code))) {
    const own = habits.filter(({ cell }) => sheet.form.cells[cell]!.table.code === table)
    const codes = codesOf(
      sheet,
      own.map(({ cell }) => cell),
    )
    const data = { table, count: codes.length, computed: own.map(({ expected }) => expected) }
    findings.push(
      finding({ rule: `${rules.prefix}.${table}_blank_totals`, severity: 'info', codes, data }, faultOf(codes, doubts)),
    )
  }
  return findings
}

/** Cells that a form has and a report lacks: one finding for each table. */
export function missingCellFindings(rules: CompiledRules, sheet: Sheet, doubts: Doubts): Finding[] {
  const { form, states, tables } = sheet
  const missing: number[] = []
  for (let cell = 0; cell < states.length; cell++) {
    if (states[cell] !== absent) continue
    const { required, table } = form.cells[cell]!
    if (required && tables.has(table.code)) missing.push(cell)
  }
  if (missing.length === 0) return []
  return [...tables].flatMap((table) => {
    const cells = missing.filter((cell) => form.cells[cell]!.table.code === table)
    if (cells.length === 0) return []
    const codes = codesOf(sheet, cells)
    const solved = cells.flatMap((cell) => solve(rules, sheet, cell) ?? [])
    const data: Data = {
      table,
      count: codes.length,
      computed_codes: codesOf(
        sheet,
        solved.map(({ cell }) => cell),
      ),
      computed: solved.map(({ value }) => value),
    }
    const only = cells.length === 1 ? solved[0] : undefined
    const { expected, terms } = only ? { expected: only.value, terms: only.terms } : { expected: null, terms: [] }
    const made = {
      rule: `${rules.prefix}.${table}_missing_cells`,
      severity: 'warning' as const,
      codes,
      expected,
      terms,
      data,
    }
    return [finding(made, faultOf(codes, doubts, true))]
  })
}

/** What a missing cell must be by the first identity in which nothing else is missing. */
function solve(
  rules: CompiledRules,
  sheet: Sheet,
  cell: number,
): { cell: number; value: number; terms: readonly Term[] } | null {
  for (const { rule, instance } of identitiesOf(rules).get(cell) ?? []) {
    const { left, right, cells } = instance
    if (cells.some((other) => other !== cell && Number.isNaN(sheet.zeroed[other]!))) continue
    const [own, opposite] = left.cells.includes(cell) ? [left, right] : [right, left]
    // Blanks alone say nothing of the cell.
    if (!cells.some((other) => sheet.states[other] === number)) continue
    const zeroed = sheet.zeroed.slice()
    zeroed[cell] = 0
    const patched = { ...sheet, zeroed }
    const value = subtract(sideFigure(rule, opposite, patched)!, sideFigure(rule, own, patched)!)
    const sign = own.signs[own.cells.indexOf(cell)]!
    return { cell, value: value * sign, terms: termsOf(instance, sheet) }
  }
  return null
}

type Identity = { readonly rule: CompiledRule; readonly instance: Instance }

const knownIdentities = new WeakMap<CompiledRules, ReadonlyMap<number, readonly Identity[]>>()

/** The sums that a cell is part of and that hold without conditions, by cell, in the order of the rules. */
function identitiesOf(rules: CompiledRules): ReadonlyMap<number, readonly Identity[]> {
  let identities = knownIdentities.get(rules)
  if (identities === undefined) {
    const made = new Map<number, Identity[]>()
    for (const rule of rules.rules) {
      if (!rule.zeroes || rule.needs.length > 0) continue
      for (const instance of rule.instances) {
        const { left, right, cells, sole, premise } = instance
        if (sole !== '=' || premise !== null || !left.plain || !right.plain) continue
        for (const cell of cells) made.set(cell, [...(made.get(cell) ?? []), { rule, instance }])
      }
    }
    identities = made
    knownIdentities.set(rules, made)
  }
  return identities
}

/** Cells left blank, told together: one finding for each rule. `told`: cells that another finding is about already. */
export function blankFinding(
  rule: CompiledRule,
  instances: readonly Instance[],
  sheet: Sheet,
  told: ReadonlySet<number>,
  zeroedTables: ReadonlySet<string>,
  doubts: Doubts,
): Finding | null {
  const cells: number[] = []
  const tables = new Set<string>()
  let marks = 0
  let last: string | null = null
  for (const instance of instances) {
    for (const cell of instance.cells) {
      if (told.has(cell)) continue
      cells.push(cell)
      if (sheet.states[cell] === mark) marks++
      const { code } = sheet.form.cells[cell]!.table
      if (code !== last) tables.add(code)
      last = code
    }
  }
  if (cells.length === 0) return null
  const entire = rule.groups.every(
    (group) =>
      !group.tables.every((table) => sheet.tables.has(table)) ||
      group.instances.every((instance) => instance.cells.every((cell) => isBlank(sheet, cell))),
  )
  const codes = codesOf(sheet, cells)
  const data: Data = {
    table: [...tables][0]!,
    count: codes.length,
    marks,
    ...(entire ? { entire: 1 } : {}),
    ...([...tables].some((table) => zeroedTables.has(table)) ? { blank_as_zero: 1 } : {}),
  }
  return finding({ rule: rule.definition.id, severity: rule.definition.severity, codes, data }, faultOf(codes, doubts))
}

/** A form of which nothing was filled in: said once for all its tables. */
export function blankFormFinding(prefix: string, codes: readonly string[], doubts: Doubts): Finding {
  const severity: Severity = 'warning'
  const data = { count: codes.length }
  return finding({ rule: `${prefix}.form_blank`, severity, codes, data }, faultOf(codes, doubts, true))
}

/** Bodies whose figures the report should contain and whose own reports are not there. */
export function missingBodiesFinding(
  { definition }: CompiledRule,
  missing: readonly string[],
  reporting: number,
): Finding {
  const rule = `${definition.id}.bodies_missing`
  const data = { missing_bodies: missing, bodies: reporting, count: missing.length }
  return finding({ rule, severity: 'info', codes: [], data }, 'undecided')
}
