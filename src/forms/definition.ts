/**
 * Reads one form definition: JSON in, checked FormDefinition out. Everything that can be wrong with its shape and its
 * references is found here, all of it at once and each with its path, so that the rest may trust what a definition says.
 * form.schema.json says the same of the shape, for editors.
 */
import { type FormProblem, type FormProblemCode, formInvalid } from '../errors.ts'
import type {
  Data,
  FormDefinition,
  Label,
  Line,
  NullPolicy,
  OutcomeStatus,
  RuleCategory,
  RuleDefinition,
  RuleExample,
  RulePack,
  SectionDefinition,
  Severity,
  StatementDefinition,
  StatementKind,
  TableDefinition,
  ValueKind,
} from '../model.ts'
import { type FigureUse, isFault, readPhrase } from './phrases.ts'
import { markKey, readValue } from './values.ts'

const kinds: readonly ValueKind[] = ['count', 'signed_count', 'money', 'measure']
const statementKinds: readonly StatementKind[] = ['count', 'money', 'flag']
const severities: readonly Severity[] = ['error', 'warning', 'info']
const categories: readonly RuleCategory[] = [
  'calculation',
  'value',
  'existence',
  'structure',
  'plausibility',
  'cross_period',
  'cross_table',
  'narrative',
  'aggregation',
]
const nullPolicies: readonly NullPolicy[] = ['strict', 'blank_as_zero', 'skip_if_total_null', 'skip', 'none']

const verdicts: readonly OutcomeStatus[] = ['holds', 'broken', 'not_assessable']

/** So many cells a form may have: more than any printed one, fewer than would make a batch slow. */
const cellsMax = 20_000
const textCharactersMax = 4_000
const problemsMax = 200
/** Patterns of one statement. */
const patternsMax = 40

/** Statements that several forms share, by the name that a form gives in place of a list of its own. */
export type StatementSets = ReadonlyMap<string, readonly StatementDefinition[]>

const noSets: StatementSets = new Map()

/** A JSON value with the path that leads to it, so that each complaint can say where. */
type Node = { readonly value: unknown; readonly path: string; readonly problems: FormProblem[] }

/**
 * The definition that `json` holds. `sets`: the statements that it may name.
 * @throws UserError `form_invalid` with all that is wrong, each with its path (a JSON pointer)
 */
export function readDefinition(file: string, json: string, sets: StatementSets = noSets): FormDefinition {
  return readJson(file, json, (root) => form(root, sets))
}

/**
 * The statements that a file of them holds: `{ between, statements }`, the words of the first meant for each of the others.
 * @throws UserError `form_invalid`, as above
 */
export function readStatementSet(file: string, json: string): readonly StatementDefinition[] {
  return readJson(file, json, (root) => {
    fieldsOf(root, 'note between statements')
    const between = optionalItems(root, 'between').map(text)
    const made = items(field(root, 'statements')).map(statement)
    unique(made, root, 'statements', (one) => one.code)
    // A statement without words of its own asks for none.
    return made.map((one) => (one.between.length === 0 ? one : { ...one, between: [...one.between, ...between] }))
  })
}

function readJson<Made>(file: string, json: string, make: (root: Node) => Made): Made {
  const problems: FormProblem[] = []
  let value: unknown
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw formInvalid(file, [{ path: '', code: 'not_json', data: placeInText(String(error), json) }])
  }
  const made = make({ value, path: '', problems })
  if (problems.length > 0) throw formInvalid(file, problems)
  return made
}

/** What keeps a text from being JSON; with its line and character where the engine tells its place. */
function placeInText(detail: string, json: string): Data {
  const [said, position] = / at position (\d+).*$/.exec(detail) ?? []
  if (said === undefined) return { detail }
  const before = json.slice(0, Number(position)).split('\n')
  return { detail: detail.slice(0, -said.length), line: before.length, character: before.at(-1)!.length + 1 }
}

/**
 * The rules that `json` adds to a form.
 * @throws UserError `form_invalid` with all that is wrong, each with its path (a JSON pointer)
 */
export function readRulePack(file: string, json: string): RulePack {
  return readJson(file, json, (root) => {
    fieldsOf(root, '$schema note id title form rules')
    const made: RulePack = {
      id: code(field(root, 'id')),
      title: label(field(root, 'title')),
      form: code(field(root, 'form')),
      rules: items(field(root, 'rules')).map(rule),
    }
    checkRules(root, made.rules)
    return made
  })
}

/** True for a file that adds rules to a form, and holds none itself. */
export function isRulePack(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json.replace(/^\uFEFF/, ''))
    return typeof value === 'object' && value !== null && 'rules' in value && !('tables' in value)
  } catch {
    return false
  }
}

function form(root: Node, sets: StatementSets): FormDefinition {
  fieldsOf(root, '$schema note id title source years due titles marks sections statements tables rules')
  const made: FormDefinition = {
    id: code(field(root, 'id')),
    title: label(field(root, 'title')),
    source: text(field(root, 'source')),
    years: years(field(root, 'years')),
    due: has(root, 'due') ? dayOfYear(field(root, 'due')) : null,
    titles: optionalItems(root, 'titles').map(template),
    marks: optionalItems(root, 'marks').map(mark),
    sections: optionalItems(root, 'sections').map(section),
    statements: statements(root, sets),
    tables: items(field(root, 'tables')).map(table),
    rules: optionalItems(root, 'rules').map(rule),
  }
  if (made.tables.length === 0 && isList(root, 'tables')) complain(field(root, 'tables'), 'no_cells')
  unique(made.tables, root, 'tables', (one) => one.code)
  checkRules(root, made.rules)
  unique(made.statements, root, 'statements', (one) => one.code)
  const cells = made.tables.reduce((sum, { rows, columns }) => sum + rows.length * columns.length, 0)
  if (cells > cellsMax) complain(root, 'too_many_cells', { max: cellsMax })
  return made
}

function checkRules(root: Node, rules: readonly RuleDefinition[]): void {
  unique(rules, root, 'rules', (one) => one.id)
  const prefixes = rules.map(({ id }) => id.split('.')[0]!)
  for (const [index, prefix] of prefixes.entries()) {
    const at = { ...root, path: `/rules/${index}/id` }
    if (prefix !== '' && prefix !== prefixes[0]) complain(at, 'prefix_differs', { text: prefixes[0]! })
  }
}

function dayOfYear(node: Node): string {
  const value = text(node)
  if (value !== '' && !/^(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/.test(value))
    complain(node, 'not_a_day', { text: value })
  return value
}

function years(node: Node): FormDefinition['years'] {
  const { value } = node
  const isYear = (one: unknown): one is number => Number.isInteger(one) && Number(one) >= 1900 && Number(one) <= 2199
  if (Array.isArray(value) && value.length === 2 && isYear(value[0]) && (value[1] === null || isYear(value[1]))) {
    if (value[1] === null || value[1] >= value[0]) return [value[0], value[1]]
  }
  if (value !== missing) complain(node, 'not_years')
  return [1900, null]
}

/** A title with slots: each at most once, and enough words beside them that not every line is such a title. */
function template(node: Node): string {
  const value = text(node)
  const slots = [...value.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1]!)
  const words = value.replace(/\{[^{}]*\}/g, '').match(/[\p{L}]/gu)?.length ?? 0
  const known = slots.every((slot) => slot === 'agency' || slot === 'year') && new Set(slots).size === slots.length
  if (slots.length === 0 || !known || words < 4 || /[{}]/.test(value.replace(/\{[^{}]*\}/g, '')) || value.length > 200)
    complain(node, 'not_a_template', { text: value })
  return value
}

/** A mark stands for no figure: as one a figure would be lost wherever it is printed, and blank cells are told apart. */
function mark(node: Node): string {
  const value = text(node)
  if (value !== '' && (markKey(value) === '' || readValue(value)?.state === 'number'))
    complain(node, 'not_a_mark', { text: value })
  return value
}

function section(node: Node): SectionDefinition {
  fieldsOf(node, 'note code number kind titles')
  return {
    code: text(field(node, 'code')),
    number: number(field(node, 'number')),
    kind: oneOf(field(node, 'kind'), ['narrative', 'table'] as const),
    titles: texts(field(node, 'titles')),
  }
}

/** A form's own list, or the name of a set that gouji brings. */
function statements(root: Node, sets: StatementSets): readonly StatementDefinition[] {
  if (!has(root, 'statements')) return []
  const at = field(root, 'statements')
  if (typeof at.value !== 'string') return items(at).map(statement)
  const named = sets.get(at.value)
  if (named === undefined) complain(at, 'no_such_statements', { text: at.value, choices: [...sets.keys()] })
  return named ?? []
}

function statement(node: Node): StatementDefinition {
  fieldsOf(node, 'note code title kind units patterns unless between context apart sections whole acrossYears')
  const kind = oneOf(field(node, 'kind'), statementKinds)
  const patterns = items(field(node, 'patterns'))
  if (patterns.length === 0 && isList(node, 'patterns')) complain(field(node, 'patterns'), 'no_patterns')
  if (patterns.length > patternsMax) complain(field(node, 'patterns'), 'too_many_patterns', { max: patternsMax })
  return {
    code: code(field(node, 'code')),
    title: label(field(node, 'title')),
    kind,
    units: optionalItems(node, 'units').map(words),
    patterns: patterns.map((one) => phrase(one, kind === 'flag' ? 'none' : 'one')),
    unless: optionalItems(node, 'unless').map((one) => phrase(one, 'may')),
    between: optionalItems(node, 'between').map(text),
    context: optionalItems(node, 'context').map(text),
    apart: optionalItems(node, 'apart').map(text),
    sections: has(node, 'sections') ? items(field(node, 'sections')).map(number) : null,
    whole: has(node, 'whole') ? boolean(field(node, 'whole')) : false,
    acrossYears: has(node, 'acrossYears') ? boolean(field(node, 'acrossYears')) : false,
  }
}

/** A pattern that phrases.ts can read, and at a cost that any text leaves bearable. */
function phrase(node: Node, figure: FigureUse): string {
  const value = text(node)
  if (value === '') return value
  const read = readPhrase(value, [], figure)
  if (isFault(read)) {
    const { code: problem, ...data } = read
    complain(node, problem, data)
  }
  return value
}

/** Words that a pattern is made of: letters and digits alone. */
function words(node: Node): string {
  const value = text(node)
  if (value !== '' && !/^[\p{L}\p{N}、]{1,40}$/u.test(value)) complain(node, 'not_words', { text: value })
  return value
}

function table(node: Node): TableDefinition {
  fieldsOf(node, 'note code section title headings corners asides kind unit rows columns')
  const made: TableDefinition = {
    code: code(field(node, 'code')),
    section: has(node, 'section') ? number(field(node, 'section')) : null,
    title: label(field(node, 'title')),
    headings: texts(field(node, 'headings')),
    corners: optionalItems(node, 'corners').map(text),
    asides: asides(node),
    kind: oneOf(field(node, 'kind'), kinds),
    unit: optionalText(node, 'unit'),
    rows: items(field(node, 'rows')).map(line),
    columns: items(field(node, 'columns')).map(line),
  }
  for (const axis of ['rows', 'columns'] as const) checkLines(made[axis], node, axis)
  return made
}

function asides(node: Node): TableDefinition['asides'] {
  if (!has(node, 'asides')) return { units: [], numbers: [] }
  const at = field(node, 'asides')
  fieldsOf(at, 'units numbers')
  return { units: optionalItems(at, 'units').map(text), numbers: optionalItems(at, 'numbers').map(text) }
}

function line(node: Node): Line {
  fieldsOf(node, 'note code title labels parent abstract optionalSubtotal kind unit totalOf')
  return {
    code: code(field(node, 'code')),
    title: label(field(node, 'title')),
    labels: texts(field(node, 'labels')),
    parent: optionalText(node, 'parent'),
    abstract: has(node, 'abstract') ? boolean(field(node, 'abstract')) : false,
    optionalSubtotal: has(node, 'optionalSubtotal') ? boolean(field(node, 'optionalSubtotal')) : false,
    kind: has(node, 'kind') ? oneOf(field(node, 'kind'), kinds) : null,
    unit: optionalText(node, 'unit'),
    totalOf: has(node, 'totalOf') ? texts(field(node, 'totalOf')) : null,
  }
}

function checkLines(lines: readonly Line[], table: Node, axis: 'rows' | 'columns'): void {
  if (!isList(table, axis)) return
  const node = field(table, axis)
  unique(lines, table, axis, (one) => one.code)
  const codes = new Map(lines.map((one, index) => [one.code, index]))
  for (const [index, one] of lines.entries()) {
    const at = { ...node, path: `${node.path}/${index}` }
    const place = (name: string): Node => ({ ...at, path: `${at.path}/${name}` })
    if (one.parent !== null && (codes.get(one.parent) ?? index) >= index) {
      complain(place('parent'), 'not_before', { text: one.parent })
    }
    for (const [part, name] of (one.totalOf ?? []).entries()) {
      const summand = lines[codes.get(name) ?? -1]
      const where = place(`totalOf/${part}`)
      if (summand === undefined) complain(where, 'no_such_line', { text: name })
      else if (one.totalOf!.indexOf(name) < part) complain(where, 'twice', { text: name })
      else if (summand === one || isSumOf(summand, one, lines, codes))
        complain(where, 'total_of_itself', { text: name })
      else if (summand.abstract) complain(where, 'total_of_heading', { text: name })
    }
    // A column is found by nothing but its label.
    if (axis === 'columns' && !one.abstract && one.labels.length === 0) complain(place('labels'), 'no_labels')
  }
  if (lines.every((one) => one.abstract)) complain(node, 'no_cells')
  const unlabelled = lines.filter((one) => !one.abstract && one.labels.length === 0).length
  if (axis === 'rows' && unlabelled > 1) complain(node, 'several_unlabelled')
}

/** Whether a line is a sum that another one goes into, by whatever sums between. */
function isSumOf(sum: Line, part: Line, lines: readonly Line[], codes: ReadonlyMap<string, number>): boolean {
  const parts = new Set(sum.totalOf)
  for (const name of parts) for (const below of lines[codes.get(name) ?? -1]?.totalOf ?? []) parts.add(below)
  return parts.has(part.code)
}

function rule(node: Node): RuleDefinition {
  fieldsOf(
    node,
    'note id title severity category formula foreach tolerance nullPolicy message reason source exceptions examples',
  )
  const foreach: Record<string, string | readonly string[]> = {}
  if (has(node, 'foreach')) {
    const loops = field(node, 'foreach')
    for (const name of Object.keys(record(loops))) {
      const set = field(loops, name)
      if (!isCode(name)) complain(set, 'not_a_code', { text: name })
      else foreach[name] = typeof set.value === 'string' ? text(set) : texts(set)
    }
  }
  const id = ruleId(field(node, 'id'))
  return {
    id,
    title: has(node, 'title') ? label(field(node, 'title')) : { zh: id, en: id },
    severity: oneOf(field(node, 'severity'), severities),
    category: oneOf(field(node, 'category'), categories),
    formula: text(field(node, 'formula')),
    foreach,
    tolerance: has(node, 'tolerance') ? tolerance(field(node, 'tolerance')) : 0,
    nullPolicy: oneOf(field(node, 'nullPolicy'), nullPolicies),
    message: label(field(node, 'message')),
    reason: label(field(node, 'reason')),
    source: label(field(node, 'source')),
    exceptions: optionalItems(node, 'exceptions').map(label),
    examples: optionalItems(node, 'examples').map(example),
  }
}

function tolerance(node: Node): number | 'rounded' {
  if (node.value === 'rounded') return 'rounded'
  const value = number(node)
  if (value < 0) complain(node, 'not_a_number')
  return value
}

function example(node: Node): RuleExample {
  fieldsOf(node, 'verdict cells previous history children text sections meta note')
  return {
    verdict: oneOf(field(node, 'verdict'), verdicts),
    cells: has(node, 'cells') ? figures(field(node, 'cells')) : {},
    previous: has(node, 'previous') ? figures(field(node, 'previous')) : {},
    history: optionalItems(node, 'history').map(figures),
    children: has(node, 'children') ? figures(field(node, 'children')) : null,
    text: has(node, 'text') ? stated(field(node, 'text')) : {},
    sections: has(node, 'sections') ? items(field(node, 'sections')).map(number) : null,
    meta: has(node, 'meta') ? metaFacts(field(node, 'meta')) : {},
    note: optionalText(node, 'note'),
  }
}

/** Figures by the code of their cell. A text stands for what the cell prints, and must be one that cells can print. */
function figures(node: Node): RuleExample['cells'] {
  const made: Record<string, number | string | null> = {}
  for (const [cell, value] of Object.entries(record(node))) {
    const own = { ...node, path: `${node.path}/${pointer(cell)}`, value }
    if (!/^[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+$/.test(cell)) complain(own, 'not_a_code', { text: cell })
    if (typeof value === 'string' && ['number', 'mark'].includes(readValue(value)?.state ?? '')) made[cell] = value
    else made[cell] = value === null ? null : number(own)
  }
  return made
}

function stated(node: Node): RuleExample['text'] {
  const made: Record<string, number | true> = {}
  for (const [name, value] of Object.entries(record(node)))
    made[name] = value === true ? true : number({ ...node, path: `${node.path}/${pointer(name)}`, value })
  return made
}

function metaFacts(node: Node): RuleExample['meta'] {
  const made: Record<string, number | string | boolean> = {}
  for (const [name, value] of Object.entries(record(node))) {
    const own = { ...node, path: `${node.path}/${pointer(name)}`, value }
    made[name] = typeof value === 'boolean' ? value : typeof value === 'number' ? number(own) : text(own)
  }
  return made
}

function complain(node: Node, problem: FormProblemCode, data: Data = {}): void {
  if (node.problems.length < problemsMax) node.problems.push({ path: node.path, code: problem, data })
}

const nothing: Readonly<Record<string, unknown>> = {}

function record(node: Node): Readonly<Record<string, unknown>> {
  // What is missing or wrong was complained of where it is; what would stand in it is not asked for again.
  if (node.value === missing) return nothing
  if (typeof node.value === 'object' && node.value !== null && !Array.isArray(node.value))
    return node.value as Record<string, unknown>
  return nothing
}

/** Stands for what is not there, so that one thing missing is one complaint. */
const missing = Symbol('missing')

/** Complains of a value that is no object, and of fields in it that nobody reads: most are slips. */
function fieldsOf(node: Node, names: string): void {
  if (node.value === missing) return
  if (typeof node.value !== 'object' || node.value === null || Array.isArray(node.value)) {
    complain(node, 'not_an_object')
    return
  }
  const known = names.split(' ')
  for (const name of Object.keys(node.value)) {
    if (known.includes(name)) continue
    complain({ ...node, path: `${node.path}/${pointer(name)}` }, 'unknown_field', {
      known: known.filter((one) => !one.startsWith('$')),
    })
  }
}

function pointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function has(node: Node, name: string): boolean {
  const fields = record(node)
  return Object.hasOwn(fields, name) && fields[name] !== null
}

function isList(node: Node, name: string): boolean {
  return Array.isArray(record(node)[name])
}

function field(node: Node, name: string): Node {
  const at = { ...node, path: `${node.path}/${pointer(name)}` }
  const fields = record(node)
  if (Object.hasOwn(fields, name)) return { ...at, value: fields[name] }
  if (node.value !== missing && typeof node.value === 'object' && node.value !== null && !Array.isArray(node.value))
    complain(at, 'missing')
  return { ...at, value: missing }
}

function items(node: Node): Node[] {
  if (node.value === missing) return []
  if (Array.isArray(node.value)) {
    return node.value.map((value: unknown, index) => ({ ...node, value, path: `${node.path}/${index}` }))
  }
  complain(node, 'not_a_list')
  return []
}

function optionalItems(node: Node, name: string): Node[] {
  return has(node, name) ? items(field(node, name)) : []
}

function text(node: Node): string {
  const { value } = node
  if (typeof value === 'string' && value !== '') {
    if (value.length > textCharactersMax) complain(node, 'too_long', { max: textCharactersMax })
    return value
  }
  if (value !== missing) complain(node, 'not_a_text')
  return ''
}

function optionalText(node: Node, name: string): string | null {
  return has(node, name) ? text(field(node, name)) : null
}

function isCode(value: string): boolean {
  return /^[a-z][a-z0-9_]{0,79}$/.test(value)
}

function code(node: Node): string {
  const value = text(node)
  if (value !== '' && !isCode(value)) complain(node, 'not_a_code', { text: value })
  return value
}

function ruleId(node: Node): string {
  const value = text(node)
  if (value !== '' && !/^[a-z][a-z0-9_]{0,79}\.[a-z][a-z0-9_]{0,79}$/.test(value))
    complain(node, 'not_a_rule_id', { text: value })
  return value
}

function texts(node: Node): string[] {
  return items(node).map(text)
}

function number(node: Node): number {
  if (typeof node.value === 'number' && Number.isFinite(node.value)) return node.value
  if (node.value !== missing) complain(node, 'not_a_number')
  return 0
}

function boolean(node: Node): boolean {
  if (typeof node.value === 'boolean') return node.value
  if (node.value !== missing) complain(node, 'not_true_or_false')
  return false
}

function oneOf<Choice extends string>(node: Node, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === node.value)
  if (found === undefined && node.value !== missing) complain(node, 'not_one_of', { choices: [...choices] })
  return found ?? choices[0]!
}

/** The same words in both languages, or one text that stands for both. */
function label(node: Node): Label {
  if (typeof node.value === 'string') {
    const value = text(node)
    return { zh: value, en: value }
  }
  fieldsOf(node, 'zh en')
  return { zh: text(field(node, 'zh')), en: text(field(node, 'en')) }
}

function unique<One>(all: readonly One[], node: Node, name: string, key: (one: One) => string): void {
  if (!isList(node, name)) return
  const at = field(node, name)
  const seen = new Set<string>()
  for (const [index, one] of all.entries()) {
    const own = key(one)
    if (own !== '' && seen.has(own)) complain({ ...at, path: `${at.path}/${index}` }, 'twice', { text: own })
    seen.add(own)
  }
}
