/**
 * What formulas of a workbook come to, as far as that is certain: takes the formulas and the cells of its sheets, says for
 * each formula whether what is stored with it is what it shows. Some writers store no values, or zeros that only a program
 * which computes anew replaces. Sums and differences are computed; anything else is taken as stored, unless other formulas
 * of the same file show that what it stores is not what its formulas give.
 */
import { limits } from './limits.ts'

/** A formula. `text` is null where it is of a kind that is not read; `stored`: whether a value stands with it. */
export type Formula = { readonly text: string | null; readonly stored: boolean }

/** What a cell holds: words and truth values are `other`. */
export type Content = number | 'blank' | 'other' | 'error'

/** A sheet as formulas see it; cells as `row column`, from 0. */
export type FormulaSheet = {
  readonly name: string
  readonly formulas: ReadonlyMap<string, Formula>
  contentOf(key: string): Content
}

/** What a formula shows: the number, what is stored, or what nobody can tell. */
export type Settled = number | 'stored' | 'unknown'

/**
 * For each sheet what its formulas show. `computesAnew`: whether the file asks whoever opens it to compute all of it, so that
 * stored values are never seen.
 */
export function settleFormulas(
  sheets: readonly FormulaSheet[],
  computesAnew: boolean,
): readonly ReadonlyMap<string, Settled>[] {
  if (sheets.every(({ formulas }) => formulas.size === 0)) return sheets.map(() => new Map())
  const compute = makeComputer(sheets)
  const computed = sheets.map(
    ({ formulas }, sheet) => new Map([...formulas.keys()].map((key) => [key, compute(sheet, key)])),
  )
  let stale = false
  let proven = false
  for (const [index, { formulas, contentOf }] of sheets.entries()) {
    for (const [key, { stored }] of formulas) {
      const value = computed[index]!.get(key)!
      const content = contentOf(key)
      if (value === null || !stored || typeof content !== 'number') continue
      if (!isSame(value, content)) stale = true
      else if (value !== 0) proven = true
    }
  }
  return sheets.map(({ formulas, contentOf }, index) => {
    const settled = new Map<string, Settled>()
    for (const [key, { stored }] of formulas) {
      const value = computed[index]!.get(key)!
      settled.set(key, settle(value, stored ? contentOf(key) : null))
    }
    return settled
  })

  /** `content`: what is stored; null for nothing. */
  function settle(value: number | null, content: Content | null): Settled {
    if (value !== null) {
      if (typeof content === 'number' && isSame(value, content)) return 'stored'
      return content === null || computesAnew ? value : 'unknown'
    }
    if (content === null || stale) return 'unknown'
    return computesAnew && content === 0 && !proven ? 'unknown' : 'stored'
  }
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))
}

/** Steps within one another, from formula to formula and into brackets, and brackets in one another. */
const [depthMax, nestingMax] = [1_000, 50]

/** A formula as it is computed. */
type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'terms'; readonly terms: readonly { readonly sign: 1 | -1; readonly term: Expression }[] }
  | { readonly kind: 'cell'; readonly place: Place }
  | { readonly kind: 'range'; readonly from: Place; readonly to: Place }
  /** Of ranges and single cells what is no number counts for nothing. */
  | { readonly kind: 'total'; readonly parts: readonly Expression[] }

/** Computes a cell's formula; null where that is not certain. */
function makeComputer(sheets: readonly FormulaSheet[]): (sheet: number, key: string) => number | null {
  const byName = new Map(sheets.map(({ name }, index) => [name.toLowerCase(), index]))
  const known = new Map<string, number | null>()
  let steps = 0

  const computeAt = (sheet: number, key: string, depth: number): number | null => {
    const name = `${sheet} ${key}`
    const before = known.get(name)
    if (before !== undefined) return before
    // What comes back to itself is not certain.
    known.set(name, null)
    const text = sheets[sheet]!.formulas.get(key)?.text ?? null
    const expression = text === null || depth > depthMax ? null : readFormula(text)
    const value = expression === null ? null : evaluate(expression, sheet, depth)
    const rounded = value === null || !Number.isFinite(value) ? null : Math.round(value * 1e9) / 1e9
    known.set(name, rounded)
    return rounded
  }

  /** Null where it is not certain, and where nothing can be computed of it. */
  const contentAt = ({ sheet }: Place, row: number, column: number, home: number, depth: number): Content | null => {
    const index = sheet === null ? home : byName.get(sheet)
    if (index === undefined || ++steps > limits.cellsMax) return null
    const key = `${row} ${column}`
    const { formulas, contentOf } = sheets[index]!
    if (formulas.has(key)) return computeAt(index, key, depth + 1)
    const content = contentOf(key)
    return content === 'error' ? null : content
  }

  const evaluate = (expression: Expression, home: number, depth: number): number | null => {
    if (expression.kind === 'number') return expression.value
    if (expression.kind === 'cell') {
      const { row, column } = expression.place
      const content = contentAt(expression.place, row, column, home, depth)
      return content === 'blank' ? 0 : typeof content === 'number' ? content : null
    }
    let total = 0
    if (expression.kind === 'range') {
      const [from, to] = inOrder(expression.from, expression.to)
      for (let row = from.row; row <= to.row; row++) {
        for (let column = from.column; column <= to.column; column++) {
          const content = contentAt(expression.from, row, column, home, depth)
          if (content === null) return null
          if (typeof content === 'number') total += content
        }
      }
      return total
    }
    const terms = expression.kind === 'terms' ? expression.terms : expression.parts.map((term) => ({ sign: 1, term }))
    for (const { sign, term } of terms) {
      const value = evaluate(term, home, depth + 1)
      if (value === null) return null
      total += sign * value
    }
    return total
  }

  return (sheet, key) => computeAt(sheet, key, 0)
}

function inOrder(one: Place, other: Place): [Place, Place] {
  const { sheet } = one
  return [
    { sheet, row: Math.min(one.row, other.row), column: Math.min(one.column, other.column) },
    { sheet, row: Math.max(one.row, other.row), column: Math.max(one.column, other.column) },
  ]
}

/** The tokens of a formula, and how far they are read. */
type Cursor = { readonly tokens: readonly string[]; at: number }

/** A formula of sums and differences; null for any other. */
function readFormula(text: string): Expression | null {
  const tokens = tokensOf(text)
  if (tokens === null) return null
  const cursor: Cursor = { tokens, at: 0 }
  const expression = readTerms(cursor, 0)
  return cursor.at === tokens.length ? expression : null
}

function take(token: string, cursor: Cursor): boolean {
  if (cursor.tokens[cursor.at] !== token) return false
  cursor.at++
  return true
}

function readTerms(cursor: Cursor, nesting: number): Expression | null {
  const terms: { sign: 1 | -1; term: Expression }[] = []
  let sign: 1 | -1 = 1
  do {
    const term = readTerm(cursor, nesting)
    if (term === null) return null
    terms.push({ sign, term })
    sign = cursor.tokens[cursor.at] === '-' ? -1 : 1
  } while (take('+', cursor) || take('-', cursor))
  return { kind: 'terms', terms }
}

function readTerm(cursor: Cursor, nesting: number): Expression | null {
  if (nesting > nestingMax) return null
  if (take('+', cursor)) return readTerm(cursor, nesting + 1)
  if (take('-', cursor)) {
    const term = readTerm(cursor, nesting + 1)
    return term === null ? null : { kind: 'terms', terms: [{ sign: -1, term }] }
  }
  if (take('(', cursor)) {
    const inside = readTerms(cursor, nesting + 1)
    return take(')', cursor) ? inside : null
  }
  const token = cursor.tokens[cursor.at++]
  if (token === undefined) return null
  if (/^\d/.test(token)) return { kind: 'number', value: Number(token) }
  if (token.toUpperCase() === 'SUM') return take('(', cursor) ? readTotal(cursor, nesting) : null
  const place = placeOf(token)
  return place === null || cursor.tokens[cursor.at] === ':' ? null : { kind: 'cell', place }
}

/** What stands between the brackets of SUM. */
function readTotal(cursor: Cursor, nesting: number): Expression | null {
  const { tokens } = cursor
  const parts: Expression[] = []
  do {
    const from = placeOf(tokens[cursor.at] ?? '')
    const to = tokens[cursor.at + 1] === ':' ? placeOf(tokens[cursor.at + 2] ?? '') : from
    const length = tokens[cursor.at + 1] === ':' ? 3 : 1
    if (from !== null && to !== null && /^[,)]$/.test(tokens[cursor.at + length] ?? '')) {
      parts.push({ kind: 'range', from, to })
      cursor.at += length
    } else {
      const part = readTerms(cursor, nesting + 1)
      if (part === null) return null
      parts.push(part)
    }
  } while (take(',', cursor))
  return take(')', cursor) ? { kind: 'total', parts } : null
}

const token =
  /\s*(?:(\d+(?:\.\d+)?(?![\d.!]))|((?:'[^']*'|[\p{L}_][\p{L}\d_.]*)!)?\$?([A-Za-z]{1,3})\$?(\d{1,7})(?![\w(!.])|(SUM)(?=\s*\()|([-+(),:]))/uy
const formulaCharactersMax = 2_000

/** The parts of a formula; null where it holds more than sums and differences of cells and numbers. */
function tokensOf(text: string): string[] | null {
  if (text.length > formulaCharactersMax) return null
  const tokens: string[] = []
  const formula = text.replace(/^\s*=/, '').trimEnd()
  token.lastIndex = 0
  while (token.lastIndex < formula.length) {
    const match = token.exec(formula)
    if (match === null) return null
    const [, number, sheet = '', column, row, name, sign] = match
    tokens.push(number ?? name ?? sign ?? `${sheet}${column}${row}`)
  }
  return tokens
}

type Place = { readonly sheet: string | null; readonly row: number; readonly column: number }

function placeOf(text: string): Place | null {
  const match = /^(?:(.*)!)?([A-Za-z]{1,3})(\d{1,7})$/.exec(text)
  if (match === null) return null
  const sheet = match[1]?.replace(/^'|'$/g, '').toLowerCase() ?? null
  return { sheet, row: Number(match[3]) - 1, column: columnOf(match[2]!.toUpperCase()) }
}

/** The number of a column, from 0, by its name. */
export function columnOf(name: string): number {
  let column = 0
  for (const letter of name) column = column * 26 + letter.charCodeAt(0) - 64
  return column - 1
}

/** A formula that is shared by several cells, as it reads so many rows and columns further; null for one with words in it, or too long. */
export function movedFormula(text: string, rows: number, columns: number): string | null {
  if (text.length > formulaCharactersMax || /["'!]/.test(text)) return null
  return text.replace(
    /(\$?)\b([A-Z]{1,3})(\$?)(\d{1,7})\b(?!\()/g,
    (_, fixedColumn: string, column: string, fixedRow: string, row: string) => {
      const moved = fixedColumn === '' ? columnName(columnOf(column) + columns) : column
      return `${fixedColumn}${moved}${fixedRow}${fixedRow === '' ? Number(row) + rows : row}`
    },
  )
}

/** The name of a column, from 0: A, B, ... Z, AA. */
export function columnName(column: number): string {
  let name = ''
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name
  }
  return name
}
