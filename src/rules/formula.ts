/**
 * The small language of a form's rules: formula text in, typed tree out, and back into text. It knows what may be said
 * (which functions there are, what they take and give) but nothing of forms, so that a formula can be judged before any
 * form is loaded. A hand-written parser, since its complaints are read by the people who write forms.
 */

export type Comparison = '=' | '>=' | '<=' | '>' | '<'
export type Arithmetic = '+' | '-' | '*'
export type Logic = 'and' | 'or' | '=>'

/** `table.row.column`; each part is a code, or `$` and the name of a loop variable. */
export type CellReference = {
  readonly kind: 'cell'
  readonly table: string
  readonly row: string
  readonly column: string
}

/** A formula as a tree. `name` stands only as an argument: `narr(received)`, `has_table(t3)`. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'name'; readonly name: string }
  | CellReference
  | { readonly kind: 'sum'; readonly table: string; readonly rows: readonly string[]; readonly column: string }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly arguments: readonly Expression[] }
  | {
      readonly kind: 'binary'
      readonly operator: Comparison | Arithmetic | Logic
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'not'; readonly operand: Expression }

/** A formula that parsed: always something that is true or false. */
export type Formula = Expression

type Type = 'number' | 'boolean' | 'either' | 'name'
type Parameter = 'cell' | 'name' | 'value' | 'number'
type Signature = { readonly takes: readonly Parameter[]; readonly many?: boolean; readonly gives: Type }

/** What the engine supplies: parameters and result. `many`: the one parameter may be repeated. */
const signatures = {
  prev: { takes: ['cell'], gives: 'number' },
  narr: { takes: ['name'], gives: 'either' },
  meta: { takes: ['name'], gives: 'either' },
  sum_over_children: { takes: ['cell'], gives: 'number' },
  decimals: { takes: ['cell'], gives: 'number' },
  is_count: { takes: ['cell'], gives: 'boolean' },
  is_signed_count: { takes: ['cell'], gives: 'boolean' },
  is_money: { takes: ['cell'], gives: 'boolean' },
  present: { takes: ['cell'], gives: 'boolean' },
  unit_known: { takes: ['cell'], gives: 'boolean' },
  unit_suspect: { takes: ['cell'], gives: 'boolean' },
  mentioned: { takes: ['name', 'name'], gives: 'boolean' },
  has_table: { takes: ['name'], gives: 'boolean' },
  has_sections: { takes: ['number'], many: true, gives: 'boolean' },
  has_content: { takes: ['number'], many: true, gives: 'boolean' },
  template_removed: { takes: ['number'], many: true, gives: 'boolean' },
  form_years_include: { takes: ['value'], gives: 'boolean' },
  same_values_as_prev: { takes: ['name'], gives: 'boolean' },
  all_zero: { takes: ['name'], gives: 'boolean' },
  usual: { takes: ['cell'], gives: 'boolean' },
} as const satisfies Record<string, Signature>

export type FunctionName = keyof typeof signatures

/** Every function that a formula may call. */
export const functionNames = Object.keys(signatures) as readonly FunctionName[]

/** A formula that says nothing sensible. `position` counts characters from 0. */
export class FormulaError extends Error {
  readonly position: number
  readonly expected: string
  readonly found: string
  constructor(position: number, expected: string, found: string) {
    super(`character ${position + 1}: expected ${expected}, found ${found}`)
    this.name = 'FormulaError'
    this.position = position
    this.expected = expected
    this.found = found
  }
}

type Token = {
  readonly kind: 'word' | 'variable' | 'number' | 'symbol' | 'end'
  readonly text: string
  readonly position: number
}

const tokenPattern =
  /(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<variable>\$[a-z][a-z0-9_]*)|(?<number>\d+(?:\.\d+)?)|(?<symbol>=>|>=|<=|[=<>+\-*.,(){}])/y

/** What walks the tree of a formula calls itself for each level of it: no formula may exhaust the stack. */
const nestingMax = 100
const tokensMax = 2_000

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let position = 0
  while (position < text.length) {
    if (tokens.length >= tokensMax) throw new FormulaError(position, `at most ${tokensMax} words and signs`, 'more')
    if (/\s/.test(text[position]!)) {
      position++
      continue
    }
    tokenPattern.lastIndex = position
    const groups = tokenPattern.exec(text)?.groups
    if (!groups) throw new FormulaError(position, 'a code, a number or an operator', `"${text[position]}"`)
    const kind = (['word', 'variable', 'number', 'symbol'] as const).find((name) => groups[name] !== undefined)!
    tokens.push({ kind, text: groups[kind]!, position })
    position += groups[kind]!.length
  }
  tokens.push({ kind: 'end', text: '', position })
  return tokens
}

type Operator = Comparison | Arithmetic | Logic

/** How tightly operators bind; `not` stands between `and` and the comparisons. */
const strength: Readonly<Record<Operator, number>> = {
  '=>': 1,
  or: 2,
  and: 3,
  '=': 5,
  '>=': 5,
  '<=': 5,
  '>': 5,
  '<': 5,
  '+': 6,
  '-': 6,
  '*': 7,
}
const notStrength = 4

/** True for the operators that compare two sides. */
export function isComparison(operator: string): operator is Comparison {
  return strength[operator as Operator] === 5
}

/**
 * The tree of a formula. `a => b => c` is read from the right, sums and products from the left, `a = b = c` not at all.
 * @throws FormulaError with the position and what was expected there
 */
export function parseFormula(text: string): Formula {
  const parser: Parser = { tokens: tokenize(text), next: 0, depth: 0 }
  const start = peek(parser)
  const formula = parseExpression(parser, 0)
  if (peek(parser).kind !== 'end') fail(peek(parser), 'an operator or the end')
  demand(formula, 'boolean', start)
  return formula
}

type Parser = { readonly tokens: readonly Token[]; next: number; depth: number }

function peek(parser: Parser): Token {
  return parser.tokens[parser.next]!
}

function take(parser: Parser): Token {
  const token = peek(parser)
  if (token.kind !== 'end') parser.next++
  return token
}

function takeSymbol(parser: Parser, symbol: string): Token {
  if (peek(parser).kind !== 'symbol' || peek(parser).text !== symbol) fail(peek(parser), `"${symbol}"`)
  return take(parser)
}

function fail(token: Token, expected: string): never {
  throw new FormulaError(token.position, expected, token.kind === 'end' ? 'the end' : `"${token.text}"`)
}

function operatorAt(parser: Parser): Operator | null {
  const { kind, text } = peek(parser)
  if (kind !== 'symbol' && kind !== 'word') return null
  return Object.hasOwn(strength, text) ? (text as Operator) : null
}

/** Everything from here on that binds at least as tightly as `least`. */
function parseExpression(parser: Parser, least: number): Expression {
  const start = peek(parser)
  if (++parser.depth > nestingMax) fail(start, `at most ${nestingMax} levels of nesting`)
  let left = parsePrefix(parser)
  let compared = false
  for (;;) {
    const operator = operatorAt(parser)
    if (operator === null || strength[operator] < least) break
    const at = take(parser)
    if (compared && isComparison(operator)) fail(at, '"and" between two comparisons')
    compared = isComparison(operator)
    const rightAt = peek(parser)
    // Only `=>` groups from the right; a comparison takes nothing of its own strength on either side.
    const right = parseExpression(parser, operator === '=>' ? strength[operator] : strength[operator] + 1)
    checkOperands(operator, left, start, right, rightAt)
    left = { kind: 'binary', operator, left, right }
  }
  parser.depth--
  return left
}

function parsePrefix(parser: Parser): Expression {
  if (peek(parser).kind === 'word' && peek(parser).text === 'not') {
    take(parser)
    const at = peek(parser)
    const operand = parseExpression(parser, notStrength)
    demand(operand, 'boolean', at)
    return { kind: 'not', operand }
  }
  return parsePrimary(parser)
}

function parsePrimary(parser: Parser): Expression {
  const token = take(parser)
  if (token.kind === 'number') return { kind: 'number', value: Number(token.text) }
  if (token.kind === 'symbol' && token.text === '(') {
    const inner = parseExpression(parser, 0)
    takeSymbol(parser, ')')
    return inner
  }
  if (token.kind === 'word') {
    if (token.text === 'true' || token.text === 'false') return { kind: 'boolean', value: token.text === 'true' }
    if (peek(parser).text === '(') return token.text === 'sum' ? parseSum(parser) : parseCall(parser, token)
  }
  if ((token.kind === 'word' && !Object.hasOwn(strength, token.text)) || token.kind === 'variable') {
    return parseCell(parser, token)
  }
  return fail(token, 'a cell, a number, a function or "("')
}

function parsePart(parser: Parser, what: string): string {
  const token = take(parser)
  if (token.kind !== 'word' && token.kind !== 'variable') fail(token, what)
  return token.text
}

function parseCell(parser: Parser, first: Token): CellReference {
  takeSymbol(parser, '.')
  const row = parsePart(parser, 'the code of a row')
  takeSymbol(parser, '.')
  return { kind: 'cell', table: first.text, row, column: parsePart(parser, 'the code of a column') }
}

function parseSum(parser: Parser): Expression {
  takeSymbol(parser, '(')
  const table = parsePart(parser, 'the code of a table')
  takeSymbol(parser, '.')
  takeSymbol(parser, '{')
  const rows = [parsePart(parser, 'the code of a row')]
  while (peek(parser).text === ',') {
    take(parser)
    rows.push(parsePart(parser, 'the code of a row'))
  }
  takeSymbol(parser, '}')
  takeSymbol(parser, '.')
  const column = parsePart(parser, 'the code of a column')
  takeSymbol(parser, ')')
  return { kind: 'sum', table, rows, column }
}

function parseCall(parser: Parser, name: Token): Expression {
  if (!Object.hasOwn(signatures, name.text)) fail(name, `one of sum, ${functionNames.join(', ')}`)
  const called = name.text as FunctionName
  const signature: Signature = signatures[called]
  takeSymbol(parser, '(')
  const given: Expression[] = []
  while (given.length < signature.takes.length || (signature.many && peek(parser).text === ',')) {
    if (given.length > 0) takeSymbol(parser, ',')
    given.push(parseArgument(parser, signature.takes[given.length] ?? signature.takes[0]!))
  }
  takeSymbol(parser, ')')
  return { kind: 'call', name: called, arguments: given }
}

function parseArgument(parser: Parser, parameter: Parameter): Expression {
  const token = peek(parser)
  if (parameter === 'name') {
    if (token.kind !== 'word') fail(token, 'a name')
    take(parser)
    return { kind: 'name', name: token.text }
  }
  if (parameter === 'number') {
    if (token.kind !== 'number') fail(token, 'a number')
    return { kind: 'number', value: Number(take(parser).text) }
  }
  if (parameter === 'cell') {
    if (token.kind !== 'word' && token.kind !== 'variable') fail(token, 'a cell')
    return parseCell(parser, take(parser))
  }
  const value = parseExpression(parser, strength['+'])
  demand(value, 'number', token)
  return value
}

function typeOf(expression: Expression): Type {
  if (expression.kind === 'number' || expression.kind === 'cell' || expression.kind === 'sum') return 'number'
  if (expression.kind === 'boolean' || expression.kind === 'not') return 'boolean'
  if (expression.kind === 'name') return 'name'
  if (expression.kind === 'call') return signatures[expression.name].gives
  return strength[expression.operator] >= strength['+'] ? 'number' : 'boolean'
}

/** True for what is true or false by its form. Of `meta` and `narr` alone nobody can tell. */
export function isCondition(expression: Expression): boolean {
  return typeOf(expression) === 'boolean'
}

function demand(expression: Expression, type: 'number' | 'boolean', at: Token): void {
  const found = typeOf(expression)
  if (found === type || found === 'either') return
  const [expected, given] = type === 'boolean' ? ['a condition', 'a number'] : ['a number', 'a condition']
  throw new FormulaError(at.position, expected, given)
}

function checkOperands(operator: Operator, left: Expression, leftAt: Token, right: Expression, rightAt: Token): void {
  if (isComparison(operator)) {
    // A flag may be compared with true or false: `meta(may_make_regulations) = false`.
    const booleans = [left, right].filter((side) => typeOf(side) === 'boolean').length
    if (operator === '=' && booleans > 0 && [left, right].every((side) => typeOf(side) !== 'number')) return
  }
  const type = strength[operator] >= strength['='] ? 'number' : 'boolean'
  demand(left, type, leftAt)
  demand(right, type, rightAt)
}

/** The formula as text, with no more parentheses than it needs; parsing it gives the same tree. */
export function printFormula(formula: Expression): string {
  return print(formula, 0)
}

function print(expression: Expression, least: number): string {
  switch (expression.kind) {
    case 'number':
    case 'boolean':
      return String(expression.value)
    case 'name':
      return expression.name
    case 'cell':
      return `${expression.table}.${expression.row}.${expression.column}`
    case 'sum':
      return `sum(${expression.table}.{${expression.rows.join(',')}}.${expression.column})`
    case 'call':
      return `${expression.name}(${expression.arguments.map((each) => print(each, 0)).join(', ')})`
    case 'not':
      return enclose(`not ${print(expression.operand, notStrength)}`, notStrength < least)
    case 'binary': {
      const own = strength[expression.operator]
      const [left, right] =
        expression.operator === '=>' ? [own + 1, own] : [isComparison(expression.operator) ? own + 1 : own, own + 1]
      const text = `${print(expression.left, left)} ${expression.operator} ${print(expression.right, right)}`
      return enclose(text, own < least)
    }
  }
}

function enclose(text: string, needed: boolean): string {
  return needed ? `(${text})` : text
}
