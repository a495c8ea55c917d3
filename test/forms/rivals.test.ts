/** A header printed again within table 3 with its columns in another order: never believed against the sums, nor guessed. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const table = registry.forms
  .find(({ definition }) => definition.id === 'ogi_2021')!
  .definition.tables.find(({ code }) => code === 't3')!
const columns = table.columns.filter(({ abstract }) => !abstract)
const rows = table.rows.filter(({ abstract }) => !abstract)
const inOrder = columns.map((_, index) => index)

type Figures = ReadonlyMap<string, readonly number[]>

/** Figures that add up along rows and down columns, from those of the rows that are no total. */
function addUp(parts: readonly (readonly number[])[]): Figures {
  const found = new Map<string, number[]>()
  const figuresOf = (code: string): number[] => {
    const known = found.get(code)
    if (known !== undefined) return known
    const { totalOf } = table.rows.find((row) => row.code === code)!
    const own = parts[rows.findIndex((row) => row.code === code) % parts.length]!
    const added = totalOf?.map(figuresOf).reduce((sum, one) => sum.map((value, index) => value + one[index]!))
    const figures = added ?? [...own, own.reduce((sum, value) => sum + value, 0)]
    found.set(code, figures)
    return figures
  }
  for (const { code } of rows) figuresOf(code)
  return found
}

/** The report as a page: before row `at` the header stands again in the order `again`, the figures under it in `moved`. */
function page(figures: Figures, at: number, again: readonly number[], moved: readonly number[]): Buffer {
  const cells = (texts: readonly (string | number)[]): string => texts.map((text) => `<td>${text}</td>`).join('')
  const header = (order: readonly number[]): string =>
    `<tr><td></td>${cells(order.map((index) => columns[index]!.labels[0]!))}</tr>`
  const lines = rows.map(({ code, labels }, index) => {
    const order = index < at ? inOrder : moved
    const line = `<tr>${cells([labels[0]!, ...order.map((column) => figures.get(code)![column]!)])}</tr>`
    return index === at ? header(again) + line : line
  })
  const title = '淮安市人民政府2024年政府信息公开工作年度报告'
  return Buffer.from(`<h1>${title}</h1><table>${header(inOrder)}${lines.join('')}</table>`)
}

const read = (bytes: Buffer): Promise<Reading> => readReport(bytes, { fileName: 'report.html' }, registry)

/** How many cells are read right, wrong, and left open. */
function compare({ facts }: Reading, figures: Figures): { right: number; wrong: number; open: number } {
  const count = { right: 0, wrong: 0, open: 0 }
  for (const [code, values] of figures) {
    for (const [index, value] of values.entries()) {
      const fact = facts.find((one) => one.code === `t3.${code}.${columns[index]!.code}`)
      if (fact === undefined || fact.state === 'absent' || fact.state === 'unreadable') count.open++
      else if (fact.value === value) count.right++
      else count.wrong++
    }
  }
  return count
}

const parts = fc.array(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 6, maxLength: 6 }), {
  minLength: 5,
  maxLength: 17,
})
/** As most reports are: nearly nothing but zeros. */
const sparse = fc.array(
  fc.array(
    fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }) }),
    {
      minLength: 6,
      maxLength: 6,
    },
  ),
  { minLength: 5, maxLength: 17 },
)
const order = fc.shuffledSubarray(inOrder, { minLength: inOrder.length })
const places = fc.integer({ min: 3, max: rows.length - 3 })
const all = rows.length * columns.length

describe('a header printed again in another order', () => {
  it('is not believed where the figures add up in the first order only', async () => {
    const figures = addUp([
      [3, 1, 4, 1, 5, 9],
      [2, 6, 5, 3, 5, 8],
      [9, 7, 9, 3, 2, 3],
      [8, 4, 6, 2, 6, 4],
    ])
    const reading = await read(page(figures, 8, [6, 1, 2, 3, 4, 5, 0], inOrder))
    expect(compare(reading, figures)).toEqual({ right: all, wrong: 0, open: 0 })
    expect(reading.notices.map(({ code }) => code)).toContain('header_not_believed')
  })

  it('is followed where they add up in its order only', async () => {
    const figures = addUp([
      [3, 1, 4, 1, 5, 9],
      [2, 6, 5, 3, 5, 8],
      [9, 7, 9, 3, 2, 3],
      [8, 4, 6, 2, 6, 4],
    ])
    const again = [6, 1, 2, 3, 4, 5, 0]
    const reading = await read(page(figures, 8, again, again))
    expect(compare(reading, figures)).toEqual({ right: all, wrong: 0, open: 0 })
    expect(reading.notices.map(({ code }) => code)).toContain('header_order_changes')
  })

  it('in its own order is no matter at all', async () => {
    const figures = addUp([
      [3, 1, 4, 1, 5, 9],
      [2, 6, 5, 3, 5, 8],
    ])
    const reading = await read(page(figures, 8, inOrder, inOrder))
    expect(compare(reading, figures)).toEqual({ right: all, wrong: 0, open: 0 })
    expect(reading.facts.some(({ inferred }) => inferred)).toBe(false)
  })

  it('never makes a wrong figure, whichever of both is true', async () => {
    await fc.assert(
      fc.asyncProperty(parts, order, places, fc.boolean(), async (given, again, at, moves) => {
        const figures = addUp(given)
        const reading = await read(page(figures, at, again, moves ? again : inOrder))
        expect(compare(reading, figures).wrong).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('never makes a wrong figure of a report with a wrong figure', async () => {
    const slip = fc.record({
      row: fc.nat(),
      column: fc.nat({ max: inOrder.length - 1 }),
      by: fc.integer({ min: 1, max: 40 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(parts, sparse),
        order,
        places,
        fc.boolean(),
        slip,
        async (given, again, at, moves, { row, column, by }) => {
          const figures = new Map(addUp(given))
          const { code } = rows[row % rows.length]!
          figures.set(
            code,
            figures.get(code)!.map((value, index) => (index === column ? value + by : value)),
          )
          const reading = await read(page(figures, at, again, moves ? again : inOrder))
          expect(compare(reading, figures).wrong).toBe(0)
        },
      ),
      { numRuns: 90 },
    )
  })
})

describe('a header whose merged cells lost their spans', () => {
  const report = new TextDecoder('gb18030').decode(
    readFileSync(new URL('../../samples/hongze-2023.html', import.meta.url)),
  )
  const whole = report.replace('charset=gb2312', 'charset=utf-8')
  const third = whole.match(/<table[\s\S]*?<\/table>/g)!.find((one) => one.includes('结转下年度继续办理'))!
  const valuesOf = ({ facts }: Reading) => facts.map(({ code, state, value }) => [code, state, value])
  const readTable = (table: string) => read(Buffer.from(whole.replace(third, table)))

  for (const [what, spans] of [
    ['across', / colspan="\d+"/g],
    ['down', / rowspan="\d+"/g],
    ['both ways', / (?:row|col)span="\d+"/g],
  ] as const) {
    it(`${what}: figures are read in the order that adds up, and it is told`, async () => {
      const [right, reading] = [await read(Buffer.from(whole)), await readTable(third.replace(spans, ''))]
      expect(valuesOf(reading)).toEqual(valuesOf(right))
      const codes = reading.notices.map(({ code }) => code)
      expect(codes).toContain('header_displaced')
      expect(codes).not.toContain('value_unreadable')
      expect(reading.findings.map(({ key }) => key)).toEqual(right.findings.map(({ key }) => key))
    })
  }

  it('is told apart from a wrong figure', async () => {
    const slip = third
      .replace(/(一、本年新收[\s\S]*?>)21(<)/, '$1 27$2')
      .replace(/(（一）予以公开[\s\S]*?>)0(<)/, '$1 3$2')
    expect(slip).not.toBe(third)
    const [right, reading] = [await readTable(slip), await readTable(slip.replace(/ colspan="\d+"/g, ''))]
    expect(valuesOf(reading)).toEqual(valuesOf(right))
  })

  it('stands as printed where its own order adds up', async () => {
    const moved = third.replace(
      /(<td[^>]*>(?:(?!<td)[\s\S])*<\/td>)(<td[^>]*>(?:(?!<td)[\s\S])*<\/td>)<\/tr>/g,
      '$2$1</tr>',
    )
    const header = third.slice(0, third.indexOf('一、本年新收'))
    const reading = await readTable(header + moved.slice(moved.indexOf('一、本年新收')))
    expect(reading.notices.map(({ code }) => code)).not.toContain('header_displaced')
    const codeOf = (column: string) => reading.facts.find(({ code }) => code === `t3.new_received.${column}`)?.value
    expect([codeOf('other_org'), codeOf('total')]).toEqual([21, 0])
  })
})
