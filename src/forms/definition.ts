/**
 * Reads one form definition: JSON in, checked FormDefinition out. Everything that can be wrong is found here, with file
 * and path, so that the rest may trust what a definition says.
 */
import { UserError } from '../errors.ts'
import type {
  FormDefinition,
  Label,
  Line,
  NullPolicy,
  RuleCategory,
  RuleDefinition,
  SectionDefinition,
  Severity,
  TableDefinition,
  ValueKind,
} from '../model.ts'

const kinds: readonly ValueKind[] = ['count', 'signed_count', 'money']
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

/** A JSON value with the path that leads to it, so that each complaint can say where. */
type Node = { readonly value: unknown; readonly path: string; readonly file: string }

/**
 * The definition that `json` holds.
 * @throws UserError `form_invalid` with file, path (a JSON pointer) and what is wrong there
 */
export function readDefinition(file: string, json: string): FormDefinition {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    throw new UserError('form_invalid', { file, path: '/', detail: String(error) })
  }
  const root: Node = { value, path: '', file }
  const years = items(field(root, 'years'))
  if (years.length !== 2) complain(field(root, 'years'), 'must be [first year, last year or null]')
  const definition: FormDefinition = {
    id: text(field(root, 'id')),
    title: label(field(root, 'title')),
    source: text(field(root, 'source')),
    years: [number(years[0]!), years[1]!.value === null ? null : number(years[1]!)],
    sections: optionalItems(root, 'sections').map(section),
    tables: items(field(root, 'tables')).map(table),
    rules: optionalItems(root, 'rules').map(rule),
  }
  if (!/^[a-z][a-z0-9_]*$/.test(definition.id)) complain(field(root, 'id'), 'must be lower case words joined by _')
  unique(definition.tables, field(root, 'tables'), (one) => one.code)
  unique(definition.rules, field(root, 'rules'), (one) => one.id)
  return definition
}

function section(node: Node): SectionDefinition {
  return {
    code: text(field(node, 'code')),
    number: number(field(node, 'number')),
    kind: oneOf(field(node, 'kind'), ['narrative', 'table'] as const),
    titles: texts(field(node, 'titles')),
  }
}

function table(node: Node): TableDefinition {
  const rows = items(field(node, 'rows'))
  const columns = items(field(node, 'columns'))
  const made: TableDefinition = {
    code: code(field(node, 'code')),
    section: number(field(node, 'section')),
    title: label(field(node, 'title')),
    headings: texts(field(node, 'headings')),
    corners: has(node, 'corners') ? texts(field(node, 'corners')) : [],
    kind: oneOf(field(node, 'kind'), kinds),
    unit: optionalText(node, 'unit'),
    rows: rows.map(line),
    columns: columns.map(line),
  }
  checkLines(made.rows, field(node, 'rows'))
  checkLines(made.columns, field(node, 'columns'))
  return made
}

function line(node: Node): Line {
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

function checkLines(lines: readonly Line[], node: Node): void {
  unique(lines, node, (one) => one.code)
  const codes = new Map(lines.map((one, index) => [one.code, index]))
  for (const [index, one] of lines.entries()) {
    const at = { ...node, path: `${node.path}/${index}` }
    if (one.parent !== null && (codes.get(one.parent) ?? index) >= index) {
      complain(field(at, 'parent'), `"${one.parent}" is not a line before this one`)
    }
    for (const part of one.totalOf ?? []) {
      if (!codes.has(part)) complain(field(at, 'totalOf'), `"${part}" is no line of this table`)
    }
  }
  if (lines.every((one) => one.abstract)) complain(node, 'has no line with cells')
}

function rule(node: Node): RuleDefinition {
  const foreach: Record<string, string | readonly string[]> = {}
  if (has(node, 'foreach')) {
    const loops = field(node, 'foreach')
    for (const name of Object.keys(record(loops))) {
      const set = field(loops, name)
      foreach[name] = typeof set.value === 'string' ? set.value : texts(set)
    }
  }
  return {
    id: text(field(node, 'id')),
    severity: oneOf(field(node, 'severity'), severities),
    category: oneOf(field(node, 'category'), categories),
    formula: text(field(node, 'formula')),
    foreach,
    tolerance: has(node, 'tolerance') ? number(field(node, 'tolerance')) : 0,
    nullPolicy: oneOf(field(node, 'nullPolicy'), nullPolicies),
    message: label(field(node, 'message')),
    reason: text(field(node, 'reason')),
    source: text(field(node, 'source')),
    exceptions: has(node, 'exceptions') ? texts(field(node, 'exceptions')) : [],
  }
}

function complain(node: Node, detail: string): never {
  throw new UserError('form_invalid', { file: node.file, path: node.path || '/', detail })
}

function record(node: Node): Record<string, unknown> {
  if (typeof node.value !== 'object' || node.value === null || Array.isArray(node.value))
    complain(node, 'must be an object')
  return node.value as Record<string, unknown>
}

function has(node: Node, name: string): boolean {
  const value = record(node)[name]
  return Object.hasOwn(record(node), name) && value !== null
}

function field(node: Node, name: string): Node {
  const at = { ...node, path: `${node.path}/${name}` }
  if (!Object.hasOwn(record(node), name)) complain(at, 'is missing')
  return { ...at, value: record(node)[name] }
}

function items(node: Node): Node[] {
  if (!Array.isArray(node.value)) complain(node, 'must be a list')
  return node.value.map((value: unknown, index) => ({ ...node, value, path: `${node.path}/${index}` }))
}

function optionalItems(node: Node, name: string): Node[] {
  return has(node, name) ? items(field(node, name)) : []
}

function text(node: Node): string {
  if (typeof node.value !== 'string' || node.value === '') complain(node, 'must be a text that is not empty')
  return node.value
}

function optionalText(node: Node, name: string): string | null {
  return has(node, name) ? text(field(node, name)) : null
}

function code(node: Node): string {
  const value = text(node)
  if (!/^[a-z][a-z0-9_]*$/.test(value)) complain(node, 'must be lower case words joined by _')
  return value
}

function texts(node: Node): string[] {
  return items(node).map(text)
}

function number(node: Node): number {
  if (typeof node.value !== 'number' || !Number.isFinite(node.value)) complain(node, 'must be a number')
  return node.value
}

function boolean(node: Node): boolean {
  if (typeof node.value !== 'boolean') complain(node, 'must be true or false')
  return node.value
}

function oneOf<Choice extends string>(node: Node, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === node.value)
  return found ?? complain(node, `must be one of ${choices.join(', ')}`)
}

function label(node: Node): Label {
  return { zh: text(field(node, 'zh')), en: text(field(node, 'en')) }
}

function unique<One>(all: readonly One[], node: Node, key: (one: One) => string): void {
  const seen = new Set<string>()
  for (const [index, one] of all.entries()) {
    if (seen.has(key(one))) complain({ ...node, path: `${node.path}/${index}` }, `"${key(one)}" stands here twice`)
    seen.add(key(one))
  }
}
