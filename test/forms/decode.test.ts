/**
 * Rows that layout leaves open, decoded by sums: whatever is decided must be what is printed, also where the report's own
 * figures are wrong. First the search alone on random tables, then whole reports in layouts that lose columns, blanks or
 * the ends of figures, and in clear ones, with and without injected errors. DECODE_REPORTS sets how many reports of each
 * layout are read.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DecodeRow, decodeRows, type Piece, type RowReading, type TableSums } from '../../src/forms/decode.ts'
import { cuts, joinings, placements } from '../../src/forms/readings.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { cutFigures, printTruth, type Truth, truths } from '../generator/figures.ts'
import { shapes } from '../generator/index.ts'
import { injectError } from '../generator/injections.ts'
import { makeRandom } from '../generator/random.ts'
import type { Rendering, Shape } from '../generator/shape.ts'

const registry = loadRegistry()
const reports = Number(process.env.DECODE_REPORTS ?? 24)

const blank: Piece = { key: '', amount: 0 }
const plain = (amount: number): Piece => (amount === 0 ? blank : { key: String(amount), amount })

/** Four columns, the last the sum of the others; four rows, the last the sum of the others. */
const square: TableSums = {
  across: () => [[3, 2, 1, 0].map((place) => [place, place === 3 ? 1 : -1] as const)],
  down: () => [[0, 1, 2, 3].map((line) => [line, line === 3 ? 1 : -1] as const)],
}

const counts = fc.array(fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 30 })), { minLength: 3, maxLength: 3 }), {
  minLength: 3,
  maxLength: 3,
})

function addTotals(parts: readonly (readonly number[])[]): number[][] {
  const rows = parts.map((row) => [...row, row.reduce((a, b) => a + b, 0)])
  const sums = [0, 1, 2, 3].map((place) => rows.reduce((sum, row) => sum + row[place]!, 0))
  return [...rows, sums]
}

/** Rows of which blanks were lost, or of which the digits were run together; the others are certain. */
function open(table: readonly (readonly number[])[], ways: readonly ('certain' | 'blanks' | 'digits')[]) {
  return table.map((row, line): DecodeRow<Piece> => {
    const pieces = row.map(plain)
    if (ways[line] === 'certain') return { line, readings: [pieces] }
    const printed = pieces.filter((piece) => piece !== blank)
    if (ways[line] === 'blanks') return { line, readings: placements(printed, 4, blank) }
    const digits = row.join('')
    const readings = cuts(digits, 4, false, () => true, { steps: 100_000 })!
    return { line, readings: readings.map((cut) => cut.map((text) => ({ key: text, amount: Number(text) }))) }
  })
}

const anyWay = fc.array(fc.constantFrom('certain' as const, 'blanks' as const, 'digits' as const), {
  minLength: 4,
  maxLength: 4,
})

function keysOf(row: readonly number[], way: 'certain' | 'blanks' | 'digits'): string[] {
  return row.map((amount) => (way === 'digits' ? String(amount) : plain(amount).key))
}

describe('the readings that a text allows', () => {
  it('put figures into columns in their order', () => {
    expect(placements(['7', '8'], 3, '')).toEqual([
      ['7', '8', ''],
      ['7', '', '8'],
      ['', '7', '8'],
    ])
    expect(placements(['7', '8'], 1, '')).toEqual([])
  })

  it('join what a space may have cut', () => {
    expect(joinings(['1', '0', '0', '12'], 1)).toEqual(
      [
        [1, 1, 2],
        [2, 1, 1],
      ].slice(1),
    )
    expect(joinings(['1', '/', '2'], 1)).toEqual([])
    expect(joinings(['1', '2', '3'], 2)).toEqual([[3]])
    // Many figures and hardly a place to join them: to try what cannot end in a reading would take for ever.
    const sparse = Array.from({ length: 90 }, (_, at) => (at % 9 === 8 ? '/' : '3'))
    expect(joinings(sparse, 61)).toEqual([])
    expect(joinings([...sparse.map(() => '0'), '1', '2'], 1)).toEqual([[...sparse.map(() => 1), 2]])
  })

  it('cut digits into figures without leading zeros, and give up where they are too many', () => {
    const cut = (digits: string, blanks: boolean) => cuts(digits, 2, blanks, () => true, { steps: 1_000 })
    expect(cut('101', false)).toEqual(
      [
        ['10', '1'],
        ['1', '01'],
      ].slice(0, 1),
    )
    expect(cut('11', true)).toEqual([
      ['11', ''],
      ['1', '1'],
      ['', '11'],
    ])
    expect(cuts('1234567890123456789', 9, false, () => true, { steps: 1_000 })).toBeNull()
  })
})

describe('the search', () => {
  it('keeps the truth among what is possible, and decides only what is true, with one wrong figure of any amount', () => {
    let decided = 0
    const wrong = fc.option(
      fc.record({ line: fc.nat({ max: 3 }), place: fc.nat({ max: 3 }), by: fc.integer({ min: -40, max: 40 }) }),
    )
    fc.assert(
      fc.property(counts, anyWay, wrong, (parts, ways, slip) => {
        const table = addTotals(parts)
        if (slip !== null) table[slip.line]![slip.place] = Math.max(0, table[slip.line]![slip.place]! + slip.by)
        const decoded = decodeRows(open(table, ways), square)
        for (const [line, row] of (decoded ?? []).entries()) {
          const truth = keysOf(table[line]!, ways[line]!)
          const said = row.possible.map((reading) => reading.map(({ key }) => key).join())
          expect(said).toContain(truth.join())
          for (const [place, piece] of row.cells.entries()) {
            if (piece === null) continue
            expect(piece.key).toBe(truth[place])
            if (ways[line] !== 'certain') decided++
          }
        }
      }),
      { numRuns: 3_000, seed: 11 },
    )
    expect(decided).toBeGreaterThan(3_000)
  })

  it('finds nothing where a certain row does not add up, and where no reading makes all sums hold', () => {
    const table = addTotals([
      [7, 0, 2],
      [0, 3, 0],
      [1, 1, 1],
    ])
    const decode = (ways: Parameters<typeof open>[1]) => decodeRows(open(table, ways), square)
    expect(decode(['blanks', 'certain', 'certain', 'certain'])![0]!.cells.map((piece) => piece?.key)).toEqual([
      '7',
      '',
      '2',
      '9',
    ])
    table[1]![1] = 4
    expect(decode(['blanks', 'certain', 'certain', 'certain'])).toBeNull()
    table[1]![1] = 3
    table[3]![0] = 9
    expect(decode(['blanks', 'certain', 'certain', 'blanks'])).toBeNull()
  })

  it('leaves open what two readings share the sums of', () => {
    const same = addTotals([
      [5, 0, 0],
      [0, 5, 0],
      [0, 0, 0],
    ])
    const decoded = decodeRows(open(same, ['blanks', 'blanks', 'certain', 'certain']), square)!
    expect(decoded[0]!.possible.length).toBe(2)
    expect(decoded[0]!.cells.map((piece) => piece?.key ?? null)).toEqual([null, null, '', '5'])
  })

  it('decides nothing where there is too much to search', () => {
    const rows = Array.from({ length: 12 }, (_, line): DecodeRow<Piece> => {
      const readings: RowReading<Piece>[] = Array.from({ length: 900 }, (_, one) =>
        [1 + one * 37 + line, 2 + one * 91 * line, 3].map(plain),
      )
      return {
        line,
        readings: readings.map((row) => [...row, plain(row.reduce((sum, { amount }) => sum + amount, 0))]),
      }
    })
    const sums: TableSums = {
      ...square,
      down: () => [rows.map(({ line }) => [line, line % 2 === 0 ? 1 : -1] as const)],
    }
    expect(decodeRows(rows, sums)).toBeNull()
  })
})

const printed: Readonly<Record<string, string>> = {
  new_received: '10 3 1 2 1 1 18',
  carried_over: '1 1',
  granted: '5 2 1 1 1 10',
  partially_granted: '3 1 1 5',
  denied_law_prohibited: '2 1 3',
  total_processed: '10 3 1 2 1 1 18',
  carried_forward: '1 1',
}

/** Table 3 as a viewer copies it: single spaces between cells, and nothing for blank ones. */
function readSpaced(figures: Readonly<Record<string, string>>): Promise<Reading> {
  const { rows } = registry.byId.get('ogi_2021')!.tables.get('t3')!
  const lines = [
    '白原区人民政府2022年政府信息公开工作年度报告',
    '三、收到和处理政府信息公开申请情况',
    '自然人 法人或其他组织 总计',
    '商业企业 科研机构 社会公益组织 法律服务机构 其他',
    ...rows.map(({ code, labels }) => `${labels[0]} ${figures[code] ?? ''}`.trim()),
  ]
  return readReport(new TextEncoder().encode(lines.join('\n')), { fileName: 'report.txt' }, registry)
}

/** Each figure of a row as read: `5*` is inferred, `?` unreadable, `_` blank. */
function rowOf({ facts }: Reading, row: string): string {
  const cells = facts.filter(({ code }) => code.startsWith(`t3.${row}.`))
  const words = cells.map(({ state, value, inferred }) => {
    const text = state === 'number' ? String(value) : state === 'blank' ? '_' : '?'
    return state === 'number' && inferred ? `${text}*` : text
  })
  return words.join(' ')
}

describe('five figures for seven columns', () => {
  it('are read as far as all readings that add up agree; the rest is named in the notice', async () => {
    const reading = await readSpaced(printed)
    expect(rowOf(reading, 'new_received')).toBe('10 3 1 2 1 1 18')
    expect(rowOf(reading, 'granted')).toBe('5* 2* ? ? ? ? 10*')
    expect(rowOf(reading, 'carried_over')).toBe('? ? ? ? ? ? 1*')
    // A label with nothing behind it, where blanks leave no trace.
    expect(rowOf(reading, 'other_misc')).toBe('_ _ _ _ _ _ _')
    const about = (code: string) =>
      reading.notices.find((one) => one.code === code && one.data.label === '（一）予以公开')
    const settled = about('settled_by_sums')!
    const left = about('unplaced_figure')!
    expect(settled.data.reading).toBe('5 2 ? ? ? ? 10')
    expect(left.data.candidates).toEqual(['5 2 1 1 1 _ 10', '5 2 1 1 _ 1 10', '5 2 1 _ 1 1 10', '5 2 _ 1 1 1 10'])
  })

  it('are all read where sums leave one reading', async () => {
    const reading = await readSpaced({
      ...printed,
      new_received: '10 4 1 2 5 1 23',
      granted: '5 1 2 8',
      partially_granted: '3 4 7',
      denied_law_prohibited: '2 5 1 8',
      total_processed: '10 4 1 2 5 1 23',
    })
    expect(rowOf(reading, 'granted')).toBe('5* _ 1* 2* _ _ 8*')
    expect(reading.notices.map(({ data }) => data.reading)).toContain('5 _ 1 2 _ _ 8')
    expect(rowOf(reading, 'partially_granted')).toBe('3* 4* _ _ _ _ 7*')
    expect(rowOf(reading, 'denied_law_prohibited')).toBe('2* _ _ _ 5* 1* 8*')
  })

  it('are not inferred where the report does not add up', async () => {
    const reading = await readSpaced({ ...printed, total_processed: '11 3 1 2 1 1 18' })
    expect(reading.facts.some(({ inferred }) => inferred)).toBe(false)
    expect(rowOf(reading, 'granted')).toBe('? ? ? ? ? ? ?')
  })
})

type Tried = { readonly wrong: string[]; readonly inferred: number; readonly open: number; readonly decided: number }

/** Reports of one layout against what was printed. `open`: figures of tables 3 and 4 whose column the layout loses. */
async function tryLayout(shape: Shape, errors: number, restyle?: (truth: Truth) => Truth): Promise<Tried> {
  const tried = { wrong: [] as string[], inferred: 0, open: 0, decided: 0 }
  for (let seed = 1; seed <= reports; seed++) {
    let truth: Truth | null = fc.sample(truths(), { seed, numRuns: 1 })[0]!
    for (let error = 0; error < errors && truth !== null; error++) {
      truth = injectError(truth, makeRandom(seed + error))?.truth ?? null
    }
    if (truth === null) continue
    const rendering = shape.render(restyle?.(truth) ?? truth, seed)
    const reading = await readReport(rendering.bytes, { fileName: rendering.name }, registry)
    tried.wrong.push(...wrongIn(reading, rendering).map((one) => `${shape.name}, seed ${seed}: ${one}`))
    const states = new Map(reading.facts.map(({ code, state }) => [code, state]))
    tried.inferred += reading.facts.filter(({ inferred }) => inferred).length
    for (const [code, { state, may }] of rendering.expected) {
      if (!may || state !== 'number' || !/^t[34]/.test(code)) continue
      tried.open++
      if (states.get(code) === 'number') tried.decided++
    }
  }
  return tried
}

function wrongIn(reading: Reading, { expected }: Rendering): string[] {
  return reading.facts.flatMap(({ code, state, value, inferred }) => {
    if (state === 'absent' || state === 'unreadable') return []
    const printed = expected.get(code)
    // A subtotal that the form does not ask for may be said to be blank.
    if ((printed?.state === state && printed.value === value) || (printed === undefined && state === 'blank')) return []
    return [`${code} is ${printed?.state} ${printed?.value}, read ${state} ${value}${inferred ? ', inferred' : ''}`]
  })
}

/** Layouts that leave readings open, and the share of the figures so lost that sums must bring back in true reports. */
const openLayouts: ReadonlyMap<string, number> = new Map([
  ['text tabs, blanks dropped', 0.05],
  ['text one cell a line, blanks dropped', 0.05],
  ['text run together', 0.7],
  ['text run together, blanks dropped', -1],
  ['text single spaces, blanks dropped', 0.05],
  ['text single spaces, figures cut by spaces', 0.6],
  ['text single spaces, blanks dropped and figures cut', -1],
  ['text tabs, figures cut by spaces', 0.9],
  ['text tabs, figures start at another field in each kind of row', -1],
  ['text tabs, trailing tabs trimmed', -1],
])

describe('reports in layouts that leave several readings', () => {
  for (const shape of shapes.filter(({ name }) => openLayouts.has(name))) {
    it(`${shape.name}: nothing is wrong, and sums bring back their share`, async () => {
      const { wrong, open: all, decided } = await tryLayout(shape, 0)
      expect(wrong.slice(0, 5)).toEqual([])
      expect(decided / all).toBeGreaterThan(openLayouts.get(shape.name)!)
    })

    it(`${shape.name}: with wrong figures in the report nothing else is read than what it prints`, async () => {
      const one = await tryLayout(shape, 1)
      const two = await tryLayout(shape, 2)
      expect([...one.wrong, ...two.wrong].slice(0, 5)).toEqual([])
    })
  }
})

describe('reports in clear layouts', () => {
  const names = [
    'text tabs, merged cells leave empty fields',
    'text boxes of plain characters',
    'text pipes, merged cells empty',
    'html a fragment',
    'html all of table 2 in one table',
    'html nested in layout tables',
    'html table cut in three, header again',
    'docx official layout',
    'docx table 3 in small pieces',
    'xlsx tables stacked',
  ]
  const clear = shapes.filter(({ name }) => names.includes(name))

  it('are all there', () => {
    expect(clear.length).toBe(names.length)
  })

  for (const shape of clear) {
    it(`${shape.name}: wrong figures stay as printed, and nothing is inferred`, async () => {
      const { wrong, inferred } = await tryLayout(shape, 1)
      expect(wrong.slice(0, 5)).toEqual([])
      expect(inferred).toBe(0)
    })
  }

  it('a figure with a space inside its cell is read where sums ask for it, and left open where they are broken', async () => {
    const shape = shapes.find(({ format, lossy }) => format === 'html' && !lossy)!
    const plainFigures = (truth: Truth): Truth =>
      cutFigures(printTruth(truth, { ...truth.style, zeros: '0', figures: 'plain', totals: 'all', remark: false }))
    const right = await tryLayout(shape, 0, plainFigures)
    expect(right.wrong.slice(0, 5)).toEqual([])
    expect(right.inferred).toBeGreaterThan(reports)
    const broken = await tryLayout(shape, 1, plainFigures)
    expect(broken.wrong.slice(0, 5)).toEqual([])
    expect(broken.inferred).toBeLessThan(right.inferred)
  })
})
