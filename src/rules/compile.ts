/**
 * A form's rules made ready to run: each formula is parsed once, its loops are written out into instances, each cell
 * gets its index. All that can be wrong with a rule is found here, so that running it can only fail by a bug.
 */
import { type FormProblem, type FormProblemCode, formInvalid } from '../errors.ts'
import { type Form, rulePrefix } from '../forms/registry.ts'
import type { Data, Line, RuleDefinition, TableDefinition, TermOrigin } from '../model.ts'
import { type Batch, compileBatch } from './batch.ts'
import { type Comparison, type Expression, FormulaError, isComparison, parseFormula } from './formula.ts'
import { compileTest, type Setting, type Test } from './test.ts'

/** What a rule looks at beside the report's own tables: see Surroundings. Where it is not known, nothing is said. */
export type Need = 'previous_report' | 'history' | 'narrative' | 'sections' | 'children' | 'dates' | 'agency'

/** A figure on one side of a comparison that is not a cell of the report itself. */
export type Outsider = {
  readonly of: TermOrigin
  /** The cell of the form; -1 for what the text states. */
  readonly cell: number
  /** What the text states: `received`. */
  readonly field: string
  readonly sign: 1 | -1
}

/** One side of a comparison: the cells on it, with their signs. */
export type Side = {
  readonly expression: Expression
  readonly cells: readonly number[]
  readonly signs: readonly (1 | -1)[]
  readonly outsiders: readonly Outsider[]
  /** True where it is nothing but cells added and subtracted. */
  readonly plain: boolean
}

/** A rule at one place: no loop variables are left. */
export type Instance = {
  readonly at: Readonly<Record<string, string>>
  readonly tables: readonly string[]
  /** Every cell of the formula, once. */
  readonly cells: readonly number[]
  readonly formula: Expression
  /** What stands before `=>`, and the side whose figure belongs to it. */
  readonly premise: Expression | null
  readonly conclusion: Expression
  readonly left: Side
  readonly right: Side
  readonly operator: Comparison | null
  /** The same where nothing but this comparison is asked: one of several that would do asks nothing by itself. */
  readonly sole: Comparison | null
  /** Where it says that one cell is the sum of others: the side that is the one cell. */
  readonly total: 'left' | 'right' | null
  readonly test: Test
}

/** A rule as its places are judged by it. */
export type JudgedRule = {
  readonly definition: RuleDefinition
  readonly needs: readonly Need[]
  /** Blanks count as 0 in its sums. */
  readonly zeroes: boolean
  /** One missing cell leaves nothing to say. */
  readonly needsAll: boolean
  /** Doubles cannot be trusted with it: fractions in the formula itself, or products of cells. */
  readonly exact: boolean
  /** It asks of each cell alone whether it is filled in: its findings are told together. */
  readonly presence: boolean
  /** It asks one thing of each cell alone, such as whether it is a count. */
  readonly single: boolean
  /** What it asks of the text; it is judged for each statement of it. */
  readonly fields: readonly string[]
  readonly instances: readonly Instance[]
}

export type CompiledRule = JudgedRule & { readonly groups: readonly Group[] }

/** What must be there for instances of a rule to be judged. */
export type Gate = { readonly tables: readonly string[]; readonly needs: readonly Need[] }

/** The instances of a rule that look at the same tables. */
export type Group = {
  readonly tables: readonly string[]
  /** Its place among the gates of all rules. */
  readonly gate: number
  readonly instances: readonly Instance[]
  /** Judges all of them. */
  readonly batch: Batch
}

/** Totals of the same tables, one behind the other in the order of the rules. */
export type Totals = { readonly tables: readonly string[]; readonly places: readonly TotalPlace[] }

/** A place where a rule says that one cell is the sum of others. */
export type TotalPlace = {
  readonly rule: CompiledRule
  readonly instance: Instance
  readonly cell: number
  readonly addends: Side
}

export type CompiledRules = {
  readonly form: Form
  /** What its rules' ids begin with. */
  readonly prefix: string
  readonly rules: readonly CompiledRule[]
  /** Few, since most rules look at the same tables: what is there is looked up once for all of them. */
  readonly gates: readonly Gate[]
  /** The totals that its rules know of from the report alone. */
  readonly totals: readonly Totals[]
}

const needsOfCalls: Readonly<Record<string, Need>> = {
  prev: 'previous_report',
  same_values_as_prev: 'previous_report',
  narr: 'narrative',
  mentioned: 'narrative',
  has_sections: 'sections',
  has_content: 'sections',
  template_removed: 'sections',
  sum_over_children: 'children',
  usual: 'history',
}

/** Calls on a cell that give no verdict where it holds no number. */
const singleCalls: ReadonlySet<string> = new Set(['present', 'is_count', 'is_signed_count', 'is_money'])

/** The facts about a report or its agency that `meta()` may name; null: known from the report alone. */
const metaKeys: Readonly<Record<string, Need | null>> = {
  report_year: null,
  title_year: null,
  period_year: null,
  published_on: 'dates',
  due_on: 'dates',
  may_make_regulations: 'agency',
}

/** So many places a rule may have: more than any printed form has cells. */
const placesMax = 50_000

/**
 * The rules of a form, ready to run. `file` is what the definition is called in messages.
 * @throws UserError `form_invalid` with everything that is wrong with them, each with the rule's place as path
 */
export function compileRules(form: Form, file = form.definition.id): CompiledRules {
  const { definition } = form
  const problems: FormProblem[] = []
  const gates: Gate[] = []
  const rules = definition.rules.flatMap((rule, index) => {
    const complain: Complain = (part, code, data) => {
      throw new RuleProblem({ path: `/rules/${index}/${part}`, code, data: { rule: rule.id, ...data } })
    }
    try {
      return [compileRule(form, rule, gates, complain)]
    } catch (error) {
      if (!(error instanceof RuleProblem)) throw error
      problems.push(error.problem)
      return []
    }
  })
  if (problems.length > 0) throw formInvalid(file, problems)
  return { form, prefix: rulePrefix(definition), rules, gates, totals: groupTotals(rules.flatMap(totalsOf)) }
}

function groupTotals(all: readonly TotalPlace[]): Totals[] {
  const groups: { tables: readonly string[]; places: TotalPlace[] }[] = []
  for (const place of all) {
    const { tables } = place.instance
    const last = groups.at(-1)
    if (last?.tables.join() === tables.join()) last.places.push(place)
    else groups.push({ tables, places: [place] })
  }
  return groups
}

function totalsOf(rule: CompiledRule): TotalPlace[] {
  if (rule.needs.length > 0) return []
  return rule.instances.flatMap((instance): TotalPlace[] => {
    const { left, right, total } = instance
    if (total === null) return []
    const [own, addends] = total === 'left' ? [left, right] : [right, left]
    return [{ rule, instance, cell: own.cells[0]!, addends }]
  })
}

/** Ends the work on one rule. */
class RuleProblem extends Error {
  readonly problem: FormProblem
  constructor(problem: FormProblem) {
    super(problem.code)
    this.problem = problem
  }
}

type Complain = (part: 'formula' | 'foreach', code: FormProblemCode, data: Data) => never

function compileRule(form: Form, definition: RuleDefinition, gates: Gate[], complain: Complain): CompiledRule {
  const formula = guard(() => parseFormula(definition.formula), complain)
  const needs = new Set<Need>()
  const fields = new Set<string>()
  let exact = !Number.isInteger(definition.tolerance) // rounded ones too
  let compares = false
  visit(formula, (node) => {
    if (node.kind === 'call') {
      const need = node.name === 'meta' ? metaNeed(node, complain) : needsOfCalls[node.name]
      if (need) needs.add(need)
      if (node.name === 'narr') fields.add(nameOf(node))
      // Figures from elsewhere may be fractions, which doubles add up wrongly.
      if (node.name === 'narr' || node.name === 'prev' || node.name === 'sum_over_children') exact = true
    }
    if (node.kind === 'number' && !Number.isInteger(node.value)) exact = true
    if (node.kind === 'binary' && isComparison(node.operator)) compares = true
    if (node.kind === 'binary' && node.operator === '*' && node.left.kind !== 'number' && node.right.kind !== 'number')
      exact = true
  })
  const { nullPolicy } = definition
  const tolerance = definition.tolerance === 'rounded' ? 0 : definition.tolerance
  const zeroes = nullPolicy === 'blank_as_zero' || nullPolicy === 'skip_if_total_null'
  const instances = places(form, definition.foreach, complain).map((at) => {
    const bound = bind(formula, at, complain)
    return guard(() => makeInstance(form, bound, at, { form, zeroes, tolerance }, complain), complain)
  })
  const rule: JudgedRule = {
    definition,
    needs: [...needs],
    zeroes,
    needsAll: nullPolicy === 'strict' || (nullPolicy === 'skip' && compares),
    exact,
    presence: formula.kind === 'call' && formula.name === 'present',
    single: formula.kind === 'call' && singleCalls.has(formula.name),
    fields: [...fields],
    instances,
  }
  return { ...rule, groups: groupByTables(rule, gates) }
}

/** The groups of a rule; gates that no other rule has are added to those. */
function groupByTables(rule: JudgedRule, gates: Gate[]): Group[] {
  const groups = new Map<string, { tables: readonly string[]; instances: Instance[] }>()
  for (const instance of rule.instances) {
    const key = instance.tables.join()
    const group = groups.get(key) ?? { tables: instance.tables, instances: [] }
    group.instances.push(instance)
    groups.set(key, group)
  }
  return [...groups].map(([key, group]) => {
    const same = gates.findIndex(({ tables, needs }) => tables.join() === key && needs.join() === rule.needs.join())
    const gate = same >= 0 ? same : gates.push({ tables: group.tables, needs: rule.needs }) - 1
    return { ...group, gate, batch: compileBatch(rule, group.instances) }
  })
}

function guard<Made>(make: () => Made, complain: Complain): Made {
  try {
    return make()
  } catch (error) {
    if (error instanceof FormulaError) {
      const { position, expected, found } = error
      return complain('formula', 'formula', { position: position + 1, expected, found })
    }
    throw error
  }
}

function metaNeed(call: Expression & { kind: 'call' }, complain: Complain): Need | null {
  const key = nameOf(call)
  if (!Object.hasOwn(metaKeys, key)) complain('formula', 'no_such_fact', { text: key, choices: Object.keys(metaKeys) })
  return metaKeys[key]!
}

/** The name that a call is about: `t3` of has_table(t3). */
function nameOf(call: Expression & { kind: 'call' }): string {
  const first = call.arguments[0]
  return first?.kind === 'name' ? first.name : ''
}

/** Calls `look` for a node and all below it. */
export function visit(expression: Expression, look: (node: Expression) => void): void {
  look(expression)
  if (expression.kind === 'call') for (const each of expression.arguments) visit(each, look)
  else if (expression.kind === 'not') visit(expression.operand, look)
  else if (expression.kind === 'binary') {
    visit(expression.left, look)
    visit(expression.right, look)
  }
}

/** All combinations of the loop variables' values, in the order of the definition. */
function places(form: Form, foreach: RuleDefinition['foreach'], complain: Complain): Record<string, string>[] {
  let all: Record<string, string>[] = [{}]
  for (const [variable, set] of Object.entries(foreach)) {
    all = all.flatMap((at) => loopValues(form, set, at, complain).map((value) => ({ ...at, [variable]: value })))
    if (all.length > placesMax) complain('foreach', 'too_many_places', { max: placesMax })
  }
  return all
}

const loopSets: Readonly<Record<string, (table: TableDefinition) => readonly string[] | undefined>> = {
  columns: (table) => codes(table.columns.filter((line) => !line.abstract)),
  value_rows: (table) => codes(table.rows.filter((line) => !line.abstract)),
  count_rows: (table) =>
    codes(table.rows.filter((line) => !line.abstract && !['money', 'measure'].includes(line.kind ?? table.kind))),
  applicant_columns: (table) => table.columns.find((line) => line.code === 'total')?.totalOf ?? undefined,
}

function codes(lines: readonly Line[]): string[] {
  return lines.map((line) => line.code)
}

/** `set` may name the table by an earlier loop variable: `$t.value_rows`. */
function loopValues(
  form: Form,
  set: string | readonly string[],
  at: Readonly<Record<string, string>>,
  complain: Complain,
): readonly string[] {
  if (typeof set !== 'string') return set
  const [table = '', name = ''] = set.split('.')
  const definition = form.tables.get(table.startsWith('$') ? (at[table.slice(1)] ?? table) : table)
  if (!definition) return complain('foreach', 'no_such_table', { text: table })
  const values = Object.hasOwn(loopSets, name) ? loopSets[name]!(definition) : undefined
  return values ?? complain('foreach', 'no_such_set', { text: set, choices: Object.keys(loopSets) })
}

function bind(expression: Expression, at: Readonly<Record<string, string>>, complain: Complain): Expression {
  const part = (text: string): string => {
    if (!text.startsWith('$')) return text
    return at[text.slice(1)] ?? complain('formula', 'no_such_variable', { text })
  }
  switch (expression.kind) {
    case 'cell':
      return { kind: 'cell', table: part(expression.table), row: part(expression.row), column: part(expression.column) }
    case 'sum':
      return {
        kind: 'sum',
        table: part(expression.table),
        rows: expression.rows.map(part),
        column: part(expression.column),
      }
    case 'call':
      return { ...expression, arguments: expression.arguments.map((each) => bind(each, at, complain)) }
    case 'not':
      return { kind: 'not', operand: bind(expression.operand, at, complain) }
    case 'binary':
      return { ...expression, left: bind(expression.left, at, complain), right: bind(expression.right, at, complain) }
    default:
      return expression
  }
}

function makeInstance(
  form: Form,
  formula: Expression,
  at: Readonly<Record<string, string>>,
  setting: Setting,
  complain: Complain,
): Instance {
  const implies = formula.kind === 'binary' && formula.operator === '=>'
  const premise = implies ? formula.left : null
  const conclusion = implies ? formula.right : formula
  const said = firstChoice(conclusion)
  const compares = said.kind === 'binary' && isComparison(said.operator)
  const left = makeSide(form, compares ? said.left : said, complain)
  const right = compares
    ? makeSide(form, said.right, complain)
    : { expression: said, cells: [], signs: [], outsiders: [], plain: false }
  const operator = compares ? (said.operator as Comparison) : null
  const sole = said === conclusion ? operator : null
  const cells = makeSide(form, formula, complain).cells
  return {
    at,
    tables: tablesOf(form, formula, complain),
    cells: [...new Set(cells)],
    formula,
    premise,
    conclusion,
    left,
    right,
    operator,
    sole,
    total: setting.zeroes && premise === null && sole === '=' ? totalSide(left, right) : null,
    test: compileTest(formula, setting),
  }
}

/** `a = b` of `a = b or a = c`: what a finding is told by where any of several comparisons would do. */
function firstChoice(conclusion: Expression): Expression {
  let choice = conclusion
  while (choice.kind === 'binary' && choice.operator === 'or') choice = choice.left
  const compares = choice.kind === 'binary' && isComparison(choice.operator)
  return compares ? choice : conclusion
}

/** True for a side that is one printed figure. */
export function isSingle(side: Side): boolean {
  return side.plain && side.cells.length === 1 && side.signs[0] === 1
}

function totalSide(left: Side, right: Side): 'left' | 'right' | null {
  if (!left.plain || !right.plain || isSingle(left) === isSingle(right)) return null
  const [total, side] = isSingle(left) ? [left, right] : [right, left]
  if (side.cells.length < 2 || side.cells.includes(total.cells[0]!)) return null
  return total === left ? 'left' : 'right'
}

function makeSide(form: Form, expression: Expression, complain: Complain): Side {
  const cells: number[] = []
  const signs: (1 | -1)[] = []
  const outsiders: Outsider[] = []
  let plain = true
  const walk = (node: Expression, sign: 1 | -1): void => {
    if (node.kind === 'cell' || node.kind === 'sum') {
      const rows = node.kind === 'cell' ? [node.row] : node.rows
      for (const row of rows) {
        cells.push(cellIndex(form, `${node.table}.${row}.${node.column}`, complain))
        signs.push(sign)
      }
    } else if (node.kind === 'binary' && (node.operator === '+' || node.operator === '-')) {
      walk(node.left, sign)
      walk(node.right, node.operator === '-' ? (-sign as 1 | -1) : sign)
    } else {
      plain = false
      if (node.kind === 'binary') for (const each of [node.left, node.right]) walk(each, sign)
      else if (node.kind === 'not') walk(node.operand, sign)
      else if (node.kind === 'call') {
        if (!needsOfCalls[node.name] || node.name === 'usual') for (const each of node.arguments) walk(each, sign)
        else outsiders.push(...outsidersOf(form, node, sign, complain))
      }
    }
  }
  walk(expression, 1)
  return { expression, cells, signs, outsiders, plain }
}

const originOfCalls: Readonly<Record<string, TermOrigin>> = {
  prev: 'previous',
  sum_over_children: 'children',
  narr: 'text',
}

function outsidersOf(form: Form, call: Expression & { kind: 'call' }, sign: 1 | -1, complain: Complain): Outsider[] {
  const of = originOfCalls[call.name]
  const cell = call.arguments[0]
  if (of === undefined) return []
  if (cell?.kind !== 'cell') return [{ of, cell: -1, field: nameOf(call), sign }]
  const index = cellIndex(form, `${cell.table}.${cell.row}.${cell.column}`, complain)
  return [{ of, cell: index, field: '', sign }]
}

function cellIndex(form: Form, code: string, complain: Complain): number {
  return form.indexByCode.get(code) ?? complain('formula', 'no_such_cell', { text: code })
}

/** Every table whose figures the formula looks at, this year's or another's. */
function tablesOf(form: Form, formula: Expression, complain: Complain): string[] {
  const tables = new Set<string>()
  visit(formula, (node) => {
    if (node.kind === 'cell' || node.kind === 'sum') {
      const rows = node.kind === 'cell' ? [node.row] : node.rows
      for (const row of rows) cellIndex(form, `${node.table}.${row}.${node.column}`, complain)
      tables.add(node.table)
    } else if (node.kind === 'call' && (node.name === 'same_values_as_prev' || node.name === 'all_zero')) {
      for (const table of tableGroup(form, nameOf(node))) tables.add(table)
    } else if (node.kind === 'call' && node.name !== 'has_table') return
    const named = node.kind === 'call' ? nameOf(node) : ''
    if (named !== '' && tableGroup(form, named).length === 0) complain('formula', 'no_such_table', { text: named })
  })
  return [...tables]
}

/** The tables that a name stands for: the table itself, or those of a group, as `t2` for `t2_art20_1` and its like. */
export function tableGroup(form: Form, name: string): string[] {
  if (form.tables.has(name)) return [name]
  return [...form.tables.keys()].filter((code) => code.startsWith(`${name}_`))
}
