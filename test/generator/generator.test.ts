/** The generator itself: that its truths are true, its errors are errors, and its layouts print each cell once. */
import fc from 'fast-check'
import { strFromU8, unzipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { applicants } from '../forms/table-3.ts'
import { formOf, type PrintedCell, type Truth, truths } from './figures.ts'
import { makeSample, shapes } from './index.ts'
import { injectError } from './injections.ts'
import { makeLabeler } from './labels.ts'
import { addTrailing, cut, gridOf, type Layout, layoutTable, padHeader, splitHeader, widen } from './layout.ts'
import { makeRandom } from './random.ts'
import { docxShapes } from './render/docx.ts'

const settings = { seed: 20260101, numRuns: 150 }
const courts = ['review', 'litigation_direct', 'litigation_after_review']
const official = makeLabeler({ level: 'official', spaces: [] }, makeRandom(1))

/** Every equation that figures fail, written out without the definitions of totals. */
function failing(truth: Truth, at: (code: string) => number): string[] {
  const rows = formOf(truth.form)
    .tables.get('t3')!
    .rows.filter((row) => !row.abstract)
  const names = rows.map((row) => row.code)
  const results = names.slice(names.indexOf('granted'), names.indexOf('total_processed'))
  const sum = (codes: readonly string[]): number => codes.reduce((total, code) => total + at(code), 0)
  const found: string[] = []
  for (const row of names) {
    if (sum(applicants.map((one) => `t3.${row}.${one}`)) !== at(`t3.${row}.total`)) found.push(`row ${row}`)
  }
  for (const column of [...applicants, 'total']) {
    if (sum(results.map((row) => `t3.${row}.${column}`)) !== at(`t3.total_processed.${column}`))
      found.push(`results ${column}`)
    const [left, right] = [
      ['new_received', 'carried_over'],
      ['total_processed', 'carried_forward'],
    ].map((pair) => sum(pair.map((row) => `t3.${row}.${column}`)))
    if (left !== right) found.push(`balance ${column}`)
  }
  for (const court of courts) {
    const parts = ['upheld', 'corrected', 'other', 'pending'].map((one) => `t4.cases.${court}_${one}`)
    if (sum(parts) !== at(`t4.cases.${court}_total`)) found.push(`court ${court}`)
  }
  return found
}

const amountIn = (truth: Truth) => (code: string) => {
  const amount = truth.amounts.get(code)
  if (amount === undefined) throw new Error(`no amount ${code}`)
  return amount
}

/** The number that a printed text stands for, by removing what is no digit. */
function plainNumber({ text }: PrintedCell): number {
  const narrow = text.normalize('NFKC').replace(/\(.*/, '')
  const sign = /[-减]/.test(narrow) ? -1 : 1
  return sign * Number(narrow.replace(/[^\d.]/g, ''))
}

describe('truths', () => {
  it('satisfy every equation of their form', () => {
    fc.assert(
      fc.property(truths(), (truth) => {
        expect(failing(truth, amountIn(truth))).toEqual([])
      }),
      settings,
    )
  })

  it('have an amount and a print for every cell that the form asks for, and print what they are', () => {
    fc.assert(
      fc.property(truths(), (truth) => {
        const required = formOf(truth.form).cells.filter((cell) => cell.required)
        expect(truth.cells.size).toBe(required.length)
        for (const cell of required) {
          const printed = truth.cells.get(cell.code)!
          const amount = truth.amounts.get(cell.code)!
          if (cell.kind === 'count') expect(amount).toBeGreaterThanOrEqual(0)
          if (printed.state === 'number') {
            expect(printed.value).toBe(amount)
            expect(plainNumber(printed)).toBe(amount)
          } else if (truth.style.totals === 'all') expect(amount).toBe(0)
          if (printed.state === 'blank') expect(printed.text.trim()).toBe('')
          if (printed.state === 'mark') expect(printed.text).toMatch(/^[/\-—无]$/)
        }
      }),
      settings,
    )
  })

  it('are as sparse and as full as in life', () => {
    const drawn = fc.sample(truths(), settings)
    const shares = drawn.map((truth) => {
      const cells = [...truth.amounts].filter(([code]) => code.startsWith('t3.'))
      return cells.filter(([, amount]) => amount !== 0).length / cells.length
    })
    expect(shares.filter((share) => share === 0).length).toBeGreaterThan(5)
    expect(shares.filter((share) => share > 0.3).length).toBeGreaterThan(5)
    expect(new Set(drawn.map(({ form }) => form)).size).toBe(2)
    expect(new Set(drawn.map(({ year }) => year)).size).toBeGreaterThan(5)
  })
})

describe('injected errors', () => {
  it('change one cell, and break exactly the equations that hold it', () => {
    fc.assert(
      fc.property(truths(), fc.nat(), (truth, seed) => {
        const injection = injectError(truth, makeRandom(seed))
        if (injection === null) return
        const changed = [...injection.truth.cells].filter(([code, cell]) => truth.cells.get(code) !== cell)
        expect(changed.map(([code]) => code)).toEqual([injection.code])
        const [, , column] = injection.code.split('.')
        const [court] = courts.filter((one) => column!.startsWith(one))
        const broken = failing(injection.truth, amountIn(injection.truth))
        // Totals that were left blank by habit are neither right nor wrong.
        if (truth.style.totals === 'all') expect(injection.breaks.length).toBe(broken.length)
        if (court !== undefined && injection.code.startsWith('t4')) expect(broken).toEqual([`court ${court}`])
        for (const one of injection.breaks) {
          expect([...one.left, ...one.right]).toContain(injection.code)
          expect(one.difference).toBe(one.actual - one.expected)
          expect(one.difference).not.toBe(0)
        }
      }),
      settings,
    )
  })

  it('are found for most reports', () => {
    const drawn = fc.sample(truths(), settings)
    const made = drawn.filter((truth, index) => injectError(truth, makeRandom(index)) !== null)
    expect(made.length).toBeGreaterThan(drawn.length / 2)
  })
})

describe('layouts', () => {
  const [truth] = fc.sample(truths('ogi_2021'), { seed: 5, numRuns: 1 })
  const tables = formOf('ogi_2021').definition.tables
  const codesIn = (layouts: readonly Layout[]): (string | null)[] =>
    layouts.flatMap(({ cells }) => cells.flatMap(({ code }) => (code === null ? [] : [code])))

  /** Every place covered by exactly one cell. */
  function expectWhole(layout: Layout): void {
    const covered = gridOf(layout)
    expect(covered.flat().filter((cell) => cell === null)).toEqual([])
    const area = layout.cells.reduce((sum, cell) => sum + cell.rowSpan * cell.columnSpan, 0)
    expect(area).toBe(layout.rowCount * layout.columnCount)
  }

  it('cover every place once and print every cell once, in the order of the form', () => {
    for (const table of tables) {
      const layout = layoutTable(table, truth!.cells, official)
      expectWhole(layout)
      const codes = formOf('ogi_2021').cells.filter((cell) => cell.required && cell.table === table)
      expect(codesIn([layout])).toEqual(codes.map(({ code }) => code))
    }
  })

  it('have the official size', () => {
    const layout = layoutTable(formOf('ogi_2021').tables.get('t3')!, truth!.cells, official)
    expect([layout.rowCount, layout.columnCount, layout.headerRows]).toEqual([28, 10, 3])
    const result = layout.cells.find(({ text }) => text === '三、本年度办理结果')
    expect([result?.rowSpan, result?.columnSpan]).toEqual([22, 1])
    expect(layout.cells[0]).toMatchObject({ rowSpan: 3, columnSpan: 3 })
  })

  it('stay whole through every change', () => {
    const layout = layoutTable(formOf('ogi_2021').tables.get('t3')!, truth!.cells, official)
    for (const changed of [padHeader(layout, 'below'), padHeader(layout, 'above'), splitHeader(layout)]) {
      expectWhole(changed)
      expect(codesIn([changed])).toEqual(codesIn([layout]))
    }
    for (const table of tables.filter(({ section }) => section === 2)) {
      const small = layoutTable(table, truth!.cells, official)
      for (const random of [makeRandom(3), null]) {
        const wide = widen(small, 7, random)
        expectWhole(wide)
        expect(codesIn([wide])).toEqual(codesIn([small]))
      }
    }
    expect(addTrailing(layout, () => 4).columnCount).toBe(14)
    for (let row = 4; row < layout.rowCount; row++) {
      const parts = cut(layout, row, { header: row % 2 === 0, repeat: true })
      for (const part of parts) expectWhole(part)
      expect(codesIn(parts)).toEqual(codesIn([layout]))
    }
  })
})

describe('shapes', () => {
  it('have names of their own', () => {
    expect(new Set(shapes.map(({ name }) => name)).size).toBe(shapes.length)
  })

  it('give the same bytes for the same seed, and others for another', () => {
    for (const shape of shapes) {
      const bytes = [7, 7, 8].map((seed) => Buffer.from(makeSample(shape, seed).rendering.bytes).toString('base64'))
      expect(bytes[0], shape.name).toBe(bytes[1])
      expect(bytes[0], shape.name).not.toBe(bytes[2])
    }
  })

  it('expect every cell, and none to be lost where nothing is blank', () => {
    for (const shape of shapes) {
      for (let seed = 1; seed < 12; seed++) {
        const { truth, rendering } = makeSample(shape, seed)
        expect([...rendering.expected.keys()].sort()).toEqual([...truth.cells.keys()].sort())
        const blank = [...rendering.expected.values()].some(({ state }) => state === 'blank')
        const lost = [...rendering.expected.values()].some(({ may }) => may)
        if (!blank && !/run together|cut/.test(shape.name)) expect(lost, `${shape.name} ${seed}`).toBe(false)
      }
    }
  })
})

describe('DOCX', () => {
  const rowsOf = (xml: string): string[] => xml.match(/<w:tr>.*?<\/w:tr>/gs) ?? []
  const cellsOf = (row: string): string[] => row.match(/<w:tc>.*?<\/w:tc>/gs) ?? []
  const widthOf = (cell: string): number => Number(/<w:gridSpan w:val="(\d+)"/.exec(cell)?.[1] ?? 1)

  it('is a package whose merged cells have the spans of the form', () => {
    const plain = docxShapes.find(({ name }) => name === 'docx official layout')!
    const seed = [1, 2, 3, 4, 5, 6, 7, 8].find((one) => makeSample(plain, one).truth.form === 'ogi_2021')!
    const files = unzipSync(makeSample(plain, seed).rendering.bytes)
    expect(Object.keys(files).sort()).toEqual(['[Content_Types].xml', '_rels/.rels', 'word/document.xml'])
    const tables = strFromU8(files['word/document.xml']!).match(/<w:tbl>.*?<\/w:tbl>/gs)!
    const rows = rowsOf(tables.at(-2)!)
    expect(rows.length).toBe(28)
    for (const row of rows) expect(cellsOf(row).reduce((sum, cell) => sum + widthOf(cell), 0)).toBe(10)
    const first = rows.map((row) => cellsOf(row)[0]!)
    const kinds = first.map((cell) => (/restart/.test(cell) ? 'R' : /<w:vMerge/.test(cell) ? 'c' : '-'))
    expect(kinds.join('')).toBe(`Rcc--R${'c'.repeat(21)}-`)
  })
})
