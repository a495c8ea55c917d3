/**
 * Slips put into truthful reports, one at a time, and whether the printed identities alone determine where: by trying every
 * single cell and every swap and shift with plain arithmetic, so that it owes nothing to the search that is tested.
 */
import type { Form } from '../../src/forms/registry.ts'
import type { CauseCode } from '../../src/model.ts'
import { formOf, type PrintedCell, type Truth } from '../generator/figures.ts'
import { type Identity, identitiesOf } from '../generator/injections.ts'
import type { Random } from '../generator/random.ts'

type Cells = ReadonlyMap<string, PrintedCell>

/** A report with one slip. */
export type InjectedSlip = {
  readonly kind: SlipKind
  readonly form: Form
  readonly cells: Cells
  /** The cells that are wrong, with what is true. */
  readonly wrong: ReadonlyMap<string, number>
  readonly previous: ReadonlyMap<string, number>
}

/** The slips that are injected, by the cause that should be told of them. */
export const slipKinds = [
  'digits_transposed',
  'digit_dropped',
  'digit_doubled',
  'digit_added',
  'digit_wrong',
  'decimal_slip',
  'last_year_copied',
  'neighbour_copied',
  'total_not_updated',
  'left_blank',
  'in_neighbour_column',
  'in_neighbour_row',
  'cells_swapped',
  'rows_swapped',
  'row_shifted',
] as const satisfies readonly CauseCode[]

export type SlipKind = (typeof slipKinds)[number]

const attemptsMax = 80
const severalKinds: ReadonlySet<SlipKind> = new Set([
  'in_neighbour_column',
  'in_neighbour_row',
  'cells_swapped',
  'rows_swapped',
  'row_shifted',
])

/** A slip of a kind in a report; null where the report has no place for one, or where no printed sum would break. */
export function injectSlip(truth: Truth, kind: SlipKind, random: Random): InjectedSlip | null {
  const form = formOf(truth.form)
  const { identities } = layoutOf(form)
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const made = drawSlip(layoutOf(form), truth, kind, random)
    if (made === null || made.size === 0) continue
    const cells = new Map(truth.cells)
    const wrong = new Map<string, number>()
    for (const [code, value] of made) {
      cells.set(code, printed(value, truth))
      if (figure(cells, code) !== truth.amounts.get(code)) wrong.set(code, truth.amounts.get(code)!)
    }
    const previous = new Map<string, number>()
    if (kind === 'last_year_copied') for (const [code, value] of made) previous.set(code, value!)
    if (wrong.size < (severalKinds.has(kind) ? 2 : 1)) continue
    const slip = { kind, form, cells, wrong, previous }
    if (kind === 'left_blank' ? isSeenBlank(identities, slip) : isBroken(slip)) return slip
  }
  return null
}

/** As the report prints its zeros: null and 0 are what is printed where nothing is. */
function printed(value: number | null, truth: Truth): PrintedCell {
  const blank = { state: 'blank', value: null, text: '' } as const
  if (value === null) return blank
  if (value === 0 && truth.style.zeros === '') return blank
  return { state: 'number', value, text: String(value) }
}

/** Whether sums show the slip: one that leaves nothing but a blank total looks like a total that was left blank. */
function isBroken(slip: InjectedSlip): boolean {
  const asked = askedOf(slip)
  const filled = fill(asked, slip.cells)
  return (
    brokenBy(asked.identities, slip.cells, slip.cells).length > 0 &&
    asked.identities.some((identity) => difference(identity, filled) !== 0)
  )
}

/** A blank total with figures above it. */
function isSeenBlank(identities: readonly Identity[], { cells, wrong }: InjectedSlip): boolean {
  const [code] = wrong.keys()
  return identities.some(
    ({ left, right }) => right.length === 1 && right[0] === code && left.some((one) => figure(cells, one) > 0),
  )
}

const figure = (cells: Cells, code: string): number => cells.get(code)?.value ?? 0

type Grid = {
  readonly rows: string[][]
  readonly across: readonly [string, string][]
  readonly down: readonly [string, string][]
}
type Layout = {
  readonly grids: readonly Grid[]
  readonly identities: readonly Identity[]
  readonly codes: readonly string[]
}

const layouts = new Map<Form, Layout>()

/** The tables of a form that sums are about, by the codes of their rows, with what is asked of them. */
function layoutOf(form: Form): Layout {
  const known = layouts.get(form)
  if (known !== undefined) return known
  const identities = identitiesOf(form)
  const codes = [...new Set(identities.flatMap(({ left, right }) => [...left, ...right]))]
  const grids = rowsOf(form).map((rows) => ({ rows, across: across(rows), down: across(turn(rows)) }))
  const layout = { grids, identities, codes }
  layouts.set(form, layout)
  return layout
}

function rowsOf(form: Form): string[][][] {
  return form.definition.tables
    .filter(({ code }) => ['t1', 't3', 't4'].includes(code))
    .map(({ code, rows, columns }) =>
      rows
        .filter((row) => !row.abstract)
        .map((row) =>
          columns.filter((column) => !column.abstract).map((column) => `${code}.${row.code}.${column.code}`),
        ),
    )
}

/** What would be printed instead, by code; null for nothing. */
function drawSlip(
  { grids, identities, codes }: Layout,
  truth: Truth,
  kind: SlipKind,
  random: Random,
): Map<string, number | null> | null {
  const grid = random.pick(grids)
  const at = (code: string): number => figure(truth.cells, code)
  const raw = (code: string): number | null => truth.cells.get(code)?.value ?? null
  if (kind === 'rows_swapped' || kind === 'row_shifted') return drawLine(grid.rows, kind, raw, random)
  if (kind === 'in_neighbour_column' || kind === 'in_neighbour_row' || kind === 'cells_swapped') {
    const pairs =
      kind === 'in_neighbour_column'
        ? grid.across
        : kind === 'in_neighbour_row'
          ? grid.down
          : [...grid.across, ...grid.down]
    const fitting = pairs.filter(([one, other]) =>
      kind === 'cells_swapped'
        ? at(one) !== at(other) && at(one) * at(other) !== 0
        : (at(one) === 0) !== (at(other) === 0),
    )
    if (fitting.length === 0) return null
    const [one, other] = random.pick(fitting)
    return new Map([
      [one, raw(other)],
      [other, raw(one)],
    ])
  }
  const numbers = codes.filter((code) => truth.cells.get(code)?.state === 'number')
  if (numbers.length === 0) return null
  const code = random.pick(numbers)
  const value = drawFigure(code, kind, identities, grid, at, random)
  return value === at(code) || (value !== null && (value < 0 || !Number.isInteger(value)))
    ? null
    : new Map([[code, value]])
}

function drawFigure(
  code: string,
  kind: SlipKind,
  identities: readonly Identity[],
  grid: Grid,
  at: (code: string) => number,
  random: Random,
): number | null {
  const value = at(code)
  const text = String(value)
  const place = random.integer(0, text.length - 1)
  const [before, digit, after] = [text.slice(0, place), text[place]!, text.slice(place + 1)]
  // A figure that does not begin as figures do, or is 0, is none that a slip of these kinds leaves.
  const numeral = (made: string): number => (/^[1-9]\d*$/.test(made) ? Number(made) : value)
  if (value === 0 && !['last_year_copied', 'neighbour_copied'].includes(kind)) return value
  if (kind === 'digits_transposed')
    return numeral(`${before}${after[0] ?? digit}${digit}${after.slice(1)}`.slice(0, text.length))
  if (kind === 'digit_dropped') return numeral(before + after)
  if (kind === 'digit_doubled') return numeral(before + digit + digit + after)
  if (kind === 'digit_added') return numeral(`${before}${random.integer(0, 9)}${digit}${after}`)
  if (kind === 'digit_wrong') return text.length < 2 ? value : numeral(before + random.integer(0, 9) + after)
  if (kind === 'decimal_slip') return value * random.pick([10, 10, 100, 0.1])
  if (kind === 'last_year_copied') return random.integer(1, 3 * value + 9)
  if (kind === 'neighbour_copied') {
    const near = [...grid.across, ...grid.down].flatMap(([one, other]) =>
      one === code ? [other] : other === code ? [one] : [],
    )
    return near.length === 0 ? value : at(random.pick(near)) || value
  }
  const sums = identities.filter(({ right }) => right.length === 1 && right[0] === code)
  if (sums.length === 0) return value
  if (kind === 'left_blank') return null
  const addends = random.pick(sums).left.filter((one) => at(one) > 0)
  return addends.length < 2 ? value : value - at(random.pick(addends))
}

function drawLine(
  grid: readonly string[][],
  kind: 'rows_swapped' | 'row_shifted',
  raw: (code: string) => number | null,
  random: Random,
): Map<string, number | null> | null {
  const index = random.integer(0, grid.length - 1)
  const row = grid[index]!
  const next = grid[index + 1]
  const made = new Map<string, number | null>()
  if (kind === 'rows_swapped') {
    if (next === undefined || row.length < 2) return null
    for (const [place, code] of row.entries()) made.set(code, raw(next[place]!)).set(next[place]!, raw(code))
  } else {
    const part = random.chance(0.5) ? row : row.slice(0, -1)
    const line = random.chance(0.5) ? part : [...part].reverse()
    if (line.filter((code) => (raw(code) ?? 0) > 0).length < 2) return null
    for (const [place, code] of line.entries()) made.set(code, place === 0 ? 0 : raw(line[place - 1]!))
  }
  const changed = [...made].filter(([code, value]) => value !== raw(code))
  return changed.length < 2 ? null : new Map(changed)
}

const turn = (grid: readonly string[][]): string[][] =>
  (grid[0] ?? []).map((_, place) => grid.map((row) => row[place]!))

function across(grid: readonly (readonly string[])[]): [string, string][] {
  return grid.flatMap((row) => row.slice(1).map((code, place): [string, string] => [row[place]!, code]))
}

/** The identities that `asked` prints figures for on both sides and that do not hold with the figures of `cells`. */
function brokenBy(identities: readonly Identity[], asked: Cells, cells: Cells): Identity[] {
  return identities.filter(({ left, right }) => {
    const printed = [left, right].every((side) => side.some((code) => asked.get(code)?.state === 'number'))
    return printed && difference({ left, right }, cells) !== 0
  })
}

function difference({ left, right }: Pick<Identity, 'left' | 'right'>, cells: Cells): number {
  const sum = (codes: readonly string[]): number => codes.reduce((total, code) => total + figure(cells, code), 0)
  return sum(right) - sum(left)
}

/** Whether no other single cell, and no other swap or shift of neighbours, explains what is printed as well. */
export function isDetermined(slip: InjectedSlip): boolean {
  const { cells, wrong } = slip
  const asked = askedOf(slip)
  const gaps = [...new Set(asked.identities.map((identity) => Math.abs(difference(identity, fill(asked, cells)))))]
  const more = asked.identities.map((identity) => Math.abs(difference(identity, cells)))
  const single = asked.codes.filter((code) =>
    [...new Set([...gaps, ...more])]
      .flatMap((gap) => [figure(cells, code) + gap, figure(cells, code) - gap])
      .some((value) => value >= 0 && value !== figure(cells, code) && mends(asked, cells, new Map([[code, value]]))),
  )
  if (wrong.size === 1) return single.every((code) => wrong.has(code))
  const outcomes = new Set(severalAtOnce(slip, asked).map((values) => [...values].map(String).sort().join(';')))
  return single.length === 0 && outcomes.size === 1 && outcomes.has([...wrong].map(String).sort().join(';'))
}

/** What a report's printed figures are asked: by which identities, and which of its blank totals are not 0. */
type Asked = {
  readonly identities: readonly Identity[]
  readonly codes: readonly string[]
  readonly free: readonly Identity[]
}

function askedOf({ form, cells }: InjectedSlip): Asked {
  const { identities } = layoutOf(form)
  const prints = (codes: readonly string[]): boolean => codes.some((code) => cells.get(code)?.state === 'number')
  const free = identities.filter(
    (one) => one.right.length === 1 && cells.get(one.right[0]!)?.state !== 'number' && difference(one, cells) !== 0,
  )
  const open = new Set(free.flatMap(({ right }) => right))
  const held = identities.filter(
    (one) =>
      (prints(one.left) && prints(one.right)) ||
      difference(one, cells) === 0 ||
      one.right.some((code) => open.has(code)),
  )
  return { identities: held, codes: [...new Set(held.flatMap(({ left, right }) => [...left, ...right]))], free }
}

/** Blank totals that are not 0, as what their parts add up to. */
function fill({ free }: Asked, cells: Cells): Map<string, PrintedCell> {
  const filled = new Map(cells)
  for (let turn = 0; turn < 3; turn++) {
    for (const { left, right } of free) {
      if (cells.get(right[0]!)?.state === 'number') continue
      const value = left.reduce((sum, code) => sum + figure(filled, code), 0)
      filled.set(right[0]!, { state: 'blank', value, text: '' })
    }
  }
  return filled
}

/** Whether all holds with these figures. */
function mends(asked: Asked, cells: Cells, values: ReadonlyMap<string, number>): boolean {
  if (asked.free.length === 0) {
    const at = (code: string): number => values.get(code) ?? figure(cells, code)
    const sum = (codes: readonly string[]): number => codes.reduce((total, code) => total + at(code), 0)
    return asked.identities.every(({ left, right }) => sum(left) === sum(right))
  }
  const mended = new Map(cells)
  for (const [code, value] of values) mended.set(code, { state: 'number', value, text: '' })
  const filled = fill(asked, mended)
  return asked.identities.every((identity) => difference(identity, filled) === 0)
}

/** What every swap or shift that explains a report says is true. */
function severalAtOnce({ form, cells }: InjectedSlip, asked: Asked): Map<string, number>[] {
  const at = (code: string): number => figure(cells, code)
  const tries: Map<string, number>[] = []
  for (const { rows } of layoutOf(form).grids) {
    for (const lines of [rows, turn(rows)]) {
      for (const [one, other] of across(lines))
        tries.push(
          new Map([
            [one, at(other)],
            [other, at(one)],
          ]),
        )
      for (const [index, line] of lines.entries()) {
        const next = lines[index + 1]
        if (next !== undefined && line.length > 1)
          tries.push(
            new Map(
              line.flatMap((code, place) => [
                [code, at(next[place]!)],
                [next[place]!, at(code)],
              ]),
            ),
          )
        for (const part of [line, line.slice(0, -1)])
          for (const one of [part, [...part].reverse()]) tries.push(...shifts(one, asked.identities, at))
      }
    }
  }
  return tries
    .map((values) => new Map([...values].filter(([code, value]) => value !== at(code))))
    .filter(
      (values) => values.size > 1 && [...values.values()].every((value) => value >= 0) && mends(asked, cells, values),
    )
}

/** A line pushed back by one, with its last figure from each sum that it stands in. */
function shifts(
  line: readonly string[],
  identities: readonly Identity[],
  at: (code: string) => number,
): Map<string, number>[] {
  const last = line.at(-1)!
  if (line.length < 3 || at(line[0]!) !== 0) return []
  const values = new Map(line.slice(0, -1).map((code, place) => [code, at(line[place + 1]!)]))
  return identities.flatMap(({ left, right }) => {
    const sign = right.includes(last) ? 1 : left.includes(last) ? -1 : 0
    const sum = (codes: readonly string[]): number =>
      codes.reduce((total, code) => total + (code === last ? 0 : (values.get(code) ?? at(code))), 0)
    return sign === 0 ? [] : [new Map(values).set(last, sign * (sum(left) - sum(right)))]
  })
}
