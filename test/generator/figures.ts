/**
 * Random truthful reports: an agency, a year, and for every cell of the form a figure with the text that prints it.
 * Leaves are random and sparse as in life; totals are computed from `totalOf` of the definition and from the balance
 * that table 3 prints on itself, so that what is generated reconciles by construction.
 */
import fc from 'fast-check'
import { type Form, type FormCell, loadRegistry } from '../../src/forms/registry.ts'
import { type Agency, agencies } from './agencies.ts'
import { makeRandom, type Random } from './random.ts'

export type FormId = 'ogi_2021' | 'ogi_2019' | 'ogi_2014'

/** What stands in a cell: `value` is null unless the state is `number`. */
export type PrintedCell = {
  readonly state: 'number' | 'blank' | 'mark'
  readonly value: number | null
  readonly text: string
}

export type FigureStyle = {
  readonly zeros: '0' | '' | '/' | '-' | '—' | '无' | 'mixed'
  readonly figures: 'plain' | 'full width' | 'thousands' | 'unit' | 'spaces' | 'mixed'
  /** `sparse`: the total column of table 3 is filled in its four main rows only, as one real report does. */
  readonly totals: 'all' | 'sparse'
  readonly decimals: 0 | 2 | 4 | 6
  readonly moneyUnit: boolean
  readonly remark: boolean
  readonly seed: number
}

export type Truth = {
  readonly agency: string
  readonly year: number
  readonly form: FormId
  /** Every cell's true amount, by code; 0 where nothing happened, whatever is printed. */
  readonly amounts: ReadonlyMap<string, number>
  /** Every cell as printed, by code. */
  readonly cells: ReadonlyMap<string, PrintedCell>
  readonly style: FigureStyle
}

/** The rows of table 3's own balance: first and second together equal third and fourth. */
export const balanceRows = ['new_received', 'carried_over', 'total_processed', 'carried_forward'] as const

const registry = loadRegistry()

/** The form's definition. */
export function formOf(id: FormId): Form {
  const form = registry.byId.get(id)
  if (form === undefined) throw new Error(`no form ${id}`)
  return form
}

const anyStyle: fc.Arbitrary<FigureStyle> = fc.record({
  zeros: fc.oneof(
    { weight: 5, arbitrary: fc.constant('0' as const) },
    { weight: 3, arbitrary: fc.constant('' as const) },
    { weight: 4, arbitrary: fc.constantFrom('/' as const, '-' as const, '—' as const, '无' as const) },
    { weight: 2, arbitrary: fc.constant('mixed' as const) },
  ),
  figures: fc.oneof(
    { weight: 6, arbitrary: fc.constant('plain' as const) },
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        'full width' as const,
        'thousands' as const,
        'unit' as const,
        'spaces' as const,
        'mixed' as const,
      ),
    },
  ),
  totals: fc.oneof(
    { weight: 12, arbitrary: fc.constant('all' as const) },
    { weight: 1, arbitrary: fc.constant('sparse' as const) },
  ),
  decimals: fc.constantFrom(0 as const, 2 as const, 4 as const, 6 as const),
  moneyUnit: fc.boolean(),
  remark: fc.boolean(),
  seed: fc.nat(),
})

const amount = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 3, arbitrary: fc.integer({ min: 10, max: 99 }) },
  { weight: 2, arbitrary: fc.integer({ min: 100, max: 4999 }) },
)

/** How many leaves a sheet fills: none at a village, most in a province; the size must be told, or lists stay short. */
const sparseFigures = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  ...([6, 25, 120] as const).map((maxLength) => ({
    weight: 3,
    arbitrary: fc.array(fc.tuple(fc.nat({ max: 9999 }), amount), { maxLength, size: 'max' }),
  })),
)

/** Truthful reports on one form; where none is named, on one of the two newer. */
export function truths(form?: FormId): fc.Arbitrary<Truth> {
  const id =
    form === undefined
      ? fc.oneof(
          { weight: 3, arbitrary: fc.constant('ogi_2021' as const) },
          { weight: 1, arbitrary: fc.constant('ogi_2019' as const) },
        )
      : fc.constant(form)
  return fc
    .record({
      id,
      agency: agencies,
      yearOffset: fc.nat({ max: 4 }),
      figures: sparseFigures,
      proactive: fc.array(amount, { minLength: 14, maxLength: 14 }),
      empty: fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }),
      style: anyStyle,
    })
    .map(({ id: formId, agency, yearOffset, figures, proactive, empty, style }) => {
      const [first, last] = formOf(formId).definition.years
      const year = first + (yearOffset % ((last ?? 2025) - first + 1))
      const drawn = proactive.map((one, index) => (empty[index] === true ? 0 : one))
      const amounts =
        formId === 'ogi_2014'
          ? settleAnnex(formOf(formId), figures, drawn, style.decimals)
          : settle(formOf(formId), agency, figures, drawn, style.decimals)
      return printTruth({ agency: agency.name, year, form: formId, amounts }, style)
    })
}

/** The same figures printed in another style. */
export function printTruth(truth: Pick<Truth, 'agency' | 'year' | 'form' | 'amounts'>, style: FigureStyle): Truth {
  const random = makeRandom(style.seed)
  const cells = new Map<string, PrintedCell>()
  for (const cell of formOf(truth.form).cells) {
    if (!cell.required) continue
    cells.set(cell.code, printCell(cell, truth.amounts.get(cell.code) ?? 0, style, random))
  }
  return { agency: truth.agency, year: truth.year, form: truth.form, amounts: truth.amounts, cells, style }
}

/** The same with a space inside every third figure of several digits of tables 3 and 4, as narrow columns leave it. */
export function cutFigures(truth: Truth): Truth {
  const random = makeRandom(truth.style.seed)
  const cells = new Map(truth.cells)
  for (const [code, cell] of truth.cells) {
    if (!/^\d{2,}$/.test(cell.text) || !/^t[34]/.test(code) || !random.chance(0.3)) continue
    const at = random.integer(1, cell.text.length - 1)
    const text = `${cell.text.slice(0, at)} ${cell.text.slice(at)}`
    // Three digits behind a space are a thousand's.
    if (!/^\d{1,3}(?: \d{3})+$/.test(text)) cells.set(code, { ...cell, text })
  }
  return { ...truth, cells }
}

/** Places the drawn figures and computes everything that follows from them. */
function settle(
  form: Form,
  agency: Agency,
  figures: readonly (readonly [number, number])[],
  proactive: readonly number[],
  decimals: number,
): Map<string, number> {
  const amounts = new Map(form.cells.filter((cell) => cell.required).map((cell) => [cell.code, 0]))
  const leaves = form.cells.filter((cell) => isLeaf(cell) && !cell.table.code.startsWith('t2'))
  for (const [place, value] of figures) amounts.set(leaves[place % leaves.length]!.code, value)
  settleRequests(form, amounts)
  for (const code of ['t3', 't4']) settleColumnTotals(form, code, amounts)
  for (const [code, value] of proactiveFigures(form.definition.id, agency, proactive, decimals)) {
    if (!amounts.has(code)) throw new Error(`the form has no cell ${code}`)
    amounts.set(code, value)
  }
  return amounts
}

/** The same for the statistics table of 2014, so that none of its rules has anything to say. */
function settleAnnex(
  form: Form,
  figures: readonly (readonly [number, number])[],
  drawn: readonly number[],
  decimals: number,
): Map<string, number> {
  const [table] = form.definition.tables
  const amounts = new Map(form.cells.map((cell) => [cell.code, 0]))
  const at = (row: string): number => amounts.get(`t1.${row}.value`)!
  const put = (row: string, value: number): void => {
    if (!amounts.has(`t1.${row}.value`)) throw new Error(`the form has no row ${row}`)
    amounts.set(`t1.${row}.value`, value)
  }
  for (const [place, value] of figures) put(form.cells[place % form.cells.length]!.row.code, value)
  // A total stands before its parts, some of which are totals themselves.
  for (const { code, totalOf } of [...table!.rows].reverse()) {
    if (totalOf !== null)
      put(
        code,
        totalOf.reduce((sum, part) => sum + at(part), 0),
      )
  }
  const channels = ['gazette', 'website', 'weibo', 'wechat', 'other'].map((one) => at(`channel_${one}`))
  put('proactive_total', Math.max(...channels))
  put('proactive_normative', Math.min(at('proactive_normative'), at('proactive_total')))
  put('normative_issued', at('proactive_normative') + (drawn[0] ?? 0))
  for (const row of ['press_conferences', 'online_interviews']) put(row, at(row) + at(`${row}_principal`))
  const answered = at('requests_answered')
  put('closed_extended', Math.min(at('closed_extended'), answered))
  put('closed_on_time', answered - at('closed_extended'))
  put('requests_closed', answered)
  put('fees_collected', at('requests_received') === 0 ? 0 : money(drawn[1]!, drawn[2]!, decimals))
  put('dedicated_budget', money(drawn[3]!, drawn[4]!, decimals))
  if (at('training_courses') === 0) put('trainees', 0)
  return amounts
}

function isLeaf(cell: FormCell): boolean {
  return cell.required && cell.row.totalOf === null && cell.column.totalOf === null && cell.row.code !== 'new_received'
}

/** Per column of table 3: the total of what was processed, and as many new requests as the balance then needs. */
function settleRequests(form: Form, amounts: Map<string, number>): void {
  const table = form.tables.get('t3')!
  for (const column of table.columns) {
    if (column.abstract || column.totalOf !== null) continue
    const at = (row: string): number => amounts.get(`t3.${row}.${column.code}`) ?? 0
    for (const row of table.rows) {
      if (row.totalOf !== null)
        amounts.set(
          `t3.${row.code}.${column.code}`,
          row.totalOf.reduce((sum, part) => sum + at(part), 0),
        )
    }
    const due = at('total_processed') + at('carried_forward')
    amounts.set(`t3.carried_over.${column.code}`, Math.min(at('carried_over'), due))
    amounts.set(`t3.new_received.${column.code}`, due - at('carried_over'))
  }
}

function settleColumnTotals(form: Form, code: string, amounts: Map<string, number>): void {
  const table = form.tables.get(code)!
  for (const column of table.columns) {
    if (column.totalOf === null) continue
    for (const row of table.rows) {
      if (row.abstract) continue
      const sum = column.totalOf.reduce((total, part) => total + (amounts.get(`${code}.${row.code}.${part}`) ?? 0), 0)
      amounts.set(`${code}.${row.code}.${column.code}`, sum)
    }
  }
}

/** Table 2, so that no plausibility rule of the form has anything to say. */
function proactiveFigures(
  form: string,
  agency: Agency,
  drawn: readonly number[],
  decimals: number,
): [string, number][] {
  const d = (index: number): number => drawn[index]!
  const regulations = agency.makesRegulations ? 1 : 0
  if (form === 'ogi_2021') {
    return [
      ['t2_art20_1.regulations.issued', regulations * d(0)],
      ['t2_art20_1.regulations.repealed', regulations * d(1)],
      ['t2_art20_1.regulations.in_force', regulations * (d(0) + d(2))],
      ['t2_art20_1.normative_documents.issued', d(3)],
      ['t2_art20_1.normative_documents.repealed', d(4)],
      ['t2_art20_1.normative_documents.in_force', d(3) + d(5)],
      ['t2_art20_5.licences.decisions', d(6) * d(7)],
      ['t2_art20_6.penalties.decisions', d(8) * 31],
      ['t2_art20_6.compulsory_measures.decisions', d(9)],
      ['t2_art20_8.administrative_fees.fee_amount', money(d(10), d(11), decimals)],
    ]
  }
  const items = (
    table: string,
    row: string,
    previous: number,
    change: number,
    decisions: number,
  ): [string, number][] => [
    [`${table}.${row}.items_previous`, previous],
    [`${table}.${row}.items_change`, Math.max(change, 1 - previous)],
    [`${table}.${row}.decisions`, previous === 0 ? 0 : decisions],
  ]
  return [
    ...(['regulations', 'normative_documents'] as const).flatMap((row, index): [string, number][] => {
      const disclosed = (row === 'regulations' ? regulations : 1) * d(index)
      return [
        [`t2_art20_1.${row}.created`, disclosed],
        [`t2_art20_1.${row}.disclosed`, disclosed],
        [`t2_art20_1.${row}.disclosed_total`, disclosed === 0 ? 0 : disclosed + d(index + 2)],
      ]
    }),
    ...items('t2_art20_5', 'licences', d(4), (d(5) % 9) - 4, d(6) * 17),
    ...items('t2_art20_5', 'other_services', d(5), 0, d(7)),
    ...items('t2_art20_6', 'penalties', d(6), 0 - (d(8) % 5), d(8)),
    ...items('t2_art20_6', 'compulsory_measures', d(7), d(9) % 4, d(9)),
    ['t2_art20_8.administrative_fees.items_previous', d(9) % 100],
    ['t2_art20_8.administrative_fees.items_change', d(9) % 100 > 3 ? 0 - (d(10) % 3) : d(10) % 3],
    ['t2_art20_9.central_procurement.project_count', d(11)],
    ['t2_art20_9.central_procurement.amount', d(11) === 0 ? 0 : d(12) * 1000 + d(13) + 1],
  ]
}

function money(whole: number, part: number, decimals: number): number {
  if (decimals === 0 || part === 0) return whole
  return Number(
    `${whole}.${String(part * 7919)
      .padStart(decimals, '0')
      .slice(0, decimals)}`,
  )
}

function printCell(cell: FormCell, value: number, style: FigureStyle, random: Random): PrintedCell {
  const mainRow = balanceRows.some((row) => row === cell.row.code)
  if (style.totals === 'sparse' && cell.table.code === 't3' && cell.column.totalOf !== null && !mainRow) {
    return { state: 'blank', value: null, text: '' }
  }
  if (value === 0) {
    const zero = style.zeros === 'mixed' ? random.pick(['0', '0', '0', '', '', '/', '-', '—']) : style.zeros
    if (zero === '') return { state: 'blank', value: null, text: '' }
    if (zero !== '0') return { state: 'mark', value: null, text: zero }
  }
  return { state: 'number', value, text: printNumber(cell, value, style, random) }
}

function printNumber(cell: FormCell, value: number, style: FigureStyle, random: Random): string {
  if (cell.kind === 'money') return printMoney(cell, value, style, random)
  const figures =
    style.figures === 'mixed'
      ? random.pick(['plain', 'plain', 'full width', 'thousands', 'unit', 'spaces'] as const)
      : style.figures
  if (cell.kind === 'signed_count' && value !== 0) return printSigned(value, random)
  const remarkable = style.remark && cell.code === 't2_art20_1.normative_documents.issued' && value > 1
  if (remarkable) return `${value}（其中修订${random.integer(1, value - 1)}件）`
  if (figures === 'full width') return fullWidth(String(value))
  if (figures === 'thousands') return groupThousands(String(value), random.pick([',', ',', '，']))
  if (figures === 'unit') return `${value}${cell.unit?.includes('/') === false ? cell.unit : '件'}`
  if (figures === 'spaces') return random.pick([`${value} `, `\u00a0${value}\u00a0`, `${value}\u00a0`, ` ${value}`])
  return String(value)
}

function printSigned(value: number, random: Random): string {
  if (value > 0) return random.pick([`+${value}`, String(value), `＋${value}`])
  return random.pick([String(value), `－${-value}`, `减${-value}`])
}

function printMoney(cell: FormCell, value: number, style: FigureStyle, random: Random): string {
  const fixed =
    cell.unit === '万元' && (value === 0 || style.decimals > 0) ? value.toFixed(style.decimals) : String(value)
  const [whole, part] = fixed.split('.')
  const grouped = style.figures === 'thousands' ? groupThousands(whole!, ',') : whole!
  const text = part === undefined ? grouped : `${grouped}.${part}`
  if (style.moneyUnit) return `${text}${cell.unit ?? random.pick(['元', '万元'])}`
  return style.figures === 'full width' ? fullWidth(text) : text
}

function groupThousands(digits: string, separator: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, separator)
}

function fullWidth(text: string): string {
  return text.replace(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0))
}
