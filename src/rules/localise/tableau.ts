/**
 * Sparse linear algebra on whole numbers: rows of a report's constraints, and what is left of them when a cell may take any
 * figure. Each row is a sum over how far cells move from what is printed, so that a row holds as printed where its `rest`
 * does. Releasing a cell by one equation and putting it into the others gives the implied constraints of Fellegi and Holt.
 */

/** Sum of `factors[i]` x the change of `cells[i]`, and `rest`. Cells are in ascending order. */
export type Row = { readonly cells: readonly number[]; readonly factors: readonly number[]; readonly rest: number }

export type Tableau = {
  /** Each is 0; none contains a released cell. */
  readonly equations: readonly Row[]
  /** Each is 0 and says what one released cell is; that cell is in no other row. */
  readonly defined: readonly { readonly cell: number; readonly row: Row }[]
  /** Each is 0 or more. */
  readonly inequalities: readonly Row[]
  /** Released cells that no equation says anything of. */
  readonly loose: readonly number[]
}

/** Whole numbers grew beyond what doubles hold exactly, or systems beyond what is worth solving. */
export class TooLarge extends Error {
  constructor() {
    super('too large to solve exactly')
    this.name = 'TooLarge'
  }
}

/** The factor of a cell in a row; 0 where it is not in it. */
export function factorOf(row: Row, cell: number): number {
  const { cells } = row
  if (cell < cells[0]! || cell > cells[cells.length - 1]!) return 0
  for (let place = 0; place < cells.length; place++) {
    if (cells[place]! >= cell) return cells[place] === cell ? row.factors[place]! : 0
  }
  return 0
}

/** The same constraints where `cell` may be anything. `used` hears which equation was used up, and which it went into. */
export function release(tableau: Tableau, cell: number, used?: (pivot: Row, from: Row, made: Row) => void): Tableau {
  const { equations, defined, inequalities, loose } = tableau
  // Few of the equations have the cell: they are looked for once.
  const having: number[] = []
  let pivot: Row | undefined
  for (let index = 0; index < equations.length; index++) {
    const row = equations[index]!
    if (factorOf(row, cell) === 0) continue
    having.push(index)
    if (pivot === undefined || row.cells.length < pivot.cells.length) pivot = row
  }
  if (pivot === undefined) return { equations, defined, inequalities, loose: [...loose, cell] }
  const by = pivot
  const put = (row: Row): Row => {
    const made = substitute(row, by, cell)
    if (made !== row) used?.(by, row, made)
    return made
  }
  const left: Row[] = []
  let next = 0
  for (let index = 0; index < equations.length; index++) {
    const row = equations[index]!
    if (index !== having[next]) left.push(row)
    else {
      next++
      if (row !== by) left.push(put(row))
    }
  }
  const told: { cell: number; row: Row }[] = []
  for (const one of defined) {
    const row = put(one.row)
    told.push(row === one.row ? one : { cell: one.cell, row })
  }
  told.push({ cell, row: by })
  return {
    equations: left,
    defined: told,
    inequalities: inequalities.length === 0 ? inequalities : inequalities.map(put),
    loose,
  }
}

/** `row` without `cell`, by an equation that contains it. The row is only ever multiplied by more than 0. */
function substitute(row: Row, by: Row, cell: number): Row {
  const own = factorOf(row, cell)
  if (own === 0) return row
  const pivot = factorOf(by, cell)
  const scale = Math.abs(pivot)
  const times = pivot > 0 ? -own : own
  const cells: number[] = []
  const factors: number[] = []
  let left = 0
  let right = 0
  while (left < row.cells.length || right < by.cells.length) {
    const one = row.cells[left] ?? Number.POSITIVE_INFINITY
    const other = by.cells[right] ?? Number.POSITIVE_INFINITY
    const factor = sum(
      one <= other ? product(row.factors[left]!, scale) : 0,
      other <= one ? product(by.factors[right]!, times) : 0,
    )
    if (factor !== 0) {
      cells.push(Math.min(one, other))
      factors.push(factor)
    }
    if (one <= other) left++
    if (other <= one) right++
  }
  return reduce({ cells, factors, rest: sum(product(row.rest, scale), product(by.rest, times)) })
}

function reduce(row: Row): Row {
  let divisor = Math.abs(row.rest)
  for (const factor of row.factors) {
    if (divisor === 1) return row
    divisor = gcd(divisor, Math.abs(factor))
  }
  if (divisor <= 1) return row
  return { cells: row.cells, factors: row.factors.map((factor) => factor / divisor), rest: row.rest / divisor }
}

/** The greatest common divisor of two whole numbers that are not below 0. */
export function gcd(one: number, other: number): number {
  let [a, b] = [one, other]
  while (b !== 0) [a, b] = [b, a % b]
  return a
}

/** a x b. @throws TooLarge */
export function product(a: number, b: number): number {
  const made = a * b
  if (Math.abs(made) > Number.MAX_SAFE_INTEGER) throw new TooLarge()
  // -0 would differ from 0 in what is told of it.
  return made === 0 ? 0 : made
}

/** a + b. @throws TooLarge */
export function sum(a: number, b: number): number {
  const made = a + b
  if (Math.abs(made) > Number.MAX_SAFE_INTEGER) throw new TooLarge()
  return made
}
