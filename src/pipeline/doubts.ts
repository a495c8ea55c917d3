/**
 * How far a reading can be trusted, for the question whose fault something is: takes what was not read for sure and the
 * facts, gives the tables in doubt. Before a finding blames an agency, nothing of this must bear on its cells.
 */
import { tableOf } from '../forms/codes.ts'
import { addsUp, amountOf, type Equation } from '../forms/equations.ts'
import type { Form } from '../forms/registry.ts'
import type { Fact, Notice, ReadingNoticeCode } from '../model.ts'

/** What bears on whose fault something is. */
export type ReadingDoubts = {
  /** Tables whose reading is not certain. */
  readonly doubtfulTables: ReadonlySet<string>
  /** Tables that are printed and could not be read: that they are missing is our fault. */
  readonly unreadTables: ReadonlySet<string>
  /** Figures of the document went to no cell. */
  readonly unplacedFigures: boolean
}

/** Where these are, what is missing may be there for people to see. */
const hiding: ReadonlySet<ReadingNoticeCode> = new Set<ReadingNoticeCode>([
  'image_in_place_of_text',
  'scans_not_read',
  'pages_missing',
  'attachment_only',
  'files_attached',
  'unruled_table',
  'columns_by_white_space',
  'glyphs_without_text',
  'digits_ambiguous',
  'content_truncated',
  'cells_cut_off',
  'document_cut_off',
  'hidden_content',
  'fields_cut_off',
  'undecodable_characters',
])

/** Where these are, what is in the table they name may be misread. */
const doubting: ReadonlySet<ReadingNoticeCode> = new Set<ReadingNoticeCode>([
  'unplaced_figure',
  'duplicate_cell',
  'blank_edge_ambiguous',
  'figures_run_together',
  'table_not_read',
  'headers_contradict',
  'row_shifted',
  'lines_cut_off',
])

/** Where these are, no table of the document was read for certain. */
const doubtingAll: ReadonlySet<ReadingNoticeCode> = new Set<ReadingNoticeCode>([
  'marks_lost',
  'damaged_parts',
  'second_reading_failed',
])

/** The doubts of a reading. */
export function doubtsOf(
  notices: readonly Notice<ReadingNoticeCode>[],
  facts: readonly Pick<Fact, 'code' | 'confidence' | 'state'>[],
): ReadingDoubts {
  const unnamed = unnamedTables(notices, facts)
  const doubtful = notices.filter(({ code, data }) => {
    if (code === 'unknown_label') return unnamed.has(String(data.table))
    return doubting.has(code) || (code === 'document_cut_off' && data.table)
  })
  const all = notices.some(({ code }) => doubtingAll.has(code))
  // What was read from a picture never shows for certain that the report itself is at fault.
  const unsure = facts.filter(({ confidence }) => all || confidence !== undefined)
  return {
    doubtfulTables: new Set([...namedTables(doubtful), ...unsure.map(({ code }) => tableOf(code))]),
    unreadTables: namedTables(notices.filter(({ code }) => code === 'table_not_read' || code === 'table_embedded')),
    unplacedFigures: doubtful.length > 0 || notices.some(({ code }) => hiding.has(code) || code === 'unknown_table'),
  }
}

/** The tables that print labels which nobody knows and seem to lack cells: what is missing may stand under these. */
export function unnamedTables(
  notices: readonly Notice<ReadingNoticeCode>[],
  facts: readonly Pick<Fact, 'code' | 'state'>[],
): ReadonlySet<string> {
  const named = namedTables(notices.filter(({ code }) => code === 'unknown_label'))
  if (named.size === 0) return named
  const lacking = facts.filter(({ state }) => state === 'absent').map(({ code }) => tableOf(code))
  return new Set(lacking.filter((table) => named.has(table)))
}

/** Fewer sums say little of a table. */
const sumsMin = 12

/**
 * The tables of which most sums do not hold, among those that are more than nothing. In a copy that is our doubt: no agency
 * gets most of its sums wrong, while one mark lost in each cell does.
 */
export function tablesMostlyBroken(
  facts: readonly Fact[],
  form: Form,
  equations: readonly Equation[],
): ReadonlySet<string> {
  const amounts: (number | null)[] = new Array(form.cells.length).fill(null)
  for (const fact of facts) {
    const cell = form.indexByCode.get(fact.code)
    if (cell !== undefined) amounts[cell] = amountOf(fact)
  }
  const amountAt = (cell: number): number | null => amounts[cell]!
  if (equations.every((equation) => addsUp(equation, amountAt) !== false)) return new Set()
  const counts = new Map<string, { all: number; broken: number }>()
  for (const equation of equations) {
    const holds = addsUp(equation, amountAt)
    if (holds === null || equation.every(([cell]) => amountAt(cell) === 0)) continue
    const table = tableOf(form.cells[equation[0]![0]]!.code)
    const count = counts.get(table) ?? { all: 0, broken: 0 }
    counts.set(table, count)
    count.all++
    if (!holds) count.broken++
  }
  return new Set([...counts].flatMap(([table, { all, broken }]) => (all >= sumsMin && broken * 2 > all ? [table] : [])))
}

/** The tables that notices are about. */
export function namedTables(notices: readonly Notice<ReadingNoticeCode>[]): ReadonlySet<string> {
  return new Set(notices.map(({ data }) => String(data.table ?? tableOf(String(data.code ?? '')))))
}
