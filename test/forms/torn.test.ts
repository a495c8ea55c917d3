/** Tables 3 and 4 with one cell lost or one too many in its markup: figures may stay open, none goes to another cell. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { makeSample, shapes } from '../generator/index.ts'
import { makeRandom, type Random } from '../generator/random.ts'

const registry = loadRegistry()
const shape = shapes.find(({ name }) => name === 'html a fragment')!
const cellPattern = /<td[^>]*>(?:(?!<\/?td)[\s\S])*<\/td>/g

/** Rows of cells, each as it is written. */
type Rows = string[][]

const isFigure = (cell: string): boolean => /^<td[^>]*>\s*\d+\s*<\/td>$/.test(cell)
/** Rows with figures, and how many cells at their end are values. */
const valueRows = (rows: Rows): string[][] => rows.filter((row) => row.length >= 8 && row.some(isFigure))
const spanOf = (cell: string, name: string): number => Number(new RegExp(`${name}="(\\d+)"`).exec(cell)?.[1] ?? 1)
const withSpan = (cell: string, name: string, span: number): string =>
  cell.replace(new RegExp(`${name}="\\d+"`), `${name}="${span}"`)

const changes: Readonly<Record<string, (rows: Rows, random: Random) => boolean>> = {
  'a cell lost': (rows, random) => {
    const row = random.pick(valueRows(rows))
    row.splice(row.length - random.integer(1, 7), 1)
    return true
  },
  'a blank cell too many': (rows, random) => {
    const row = random.pick(valueRows(rows))
    row.splice(row.length - random.integer(0, 7), 0, '<td></td>')
    return true
  },
  'a label of a column lost': (rows, random) => {
    const header = random.pick(rows.slice(1, 3))
    header.splice(random.integer(0, header.length - 1), 1)
    return true
  },
  'the corner a row too low': (rows) => {
    const corner = rows[0]![0]!
    if (spanOf(corner, 'rowspan') < 3) return false
    rows[0]![0] = withSpan(corner, 'rowspan', 2)
    return true
  },
  'a value over two rows': (rows, random) => {
    const row = random.pick(valueRows(rows).slice(0, -1))
    const at = row.length - random.integer(1, 7)
    row[at] = row[at]!.replace('<td', '<td rowspan="2"')
    return true
  },
}

const tables = [
  { code: 't3', word: '结转下年度', changes: Object.keys(changes) },
  { code: 't4', word: '尚未审结', changes: ['a cell lost', 'a label of a column lost'] },
]

describe.each(tables)('$code with', ({ code: table, word, changes: own }) => {
  for (const what of own) {
    it(`${what} gives no figure to another cell`, async () => {
      let tried = 0
      const wrong: string[] = []
      for (let seed = 1; seed <= 40; seed++) {
        const { rendering } = makeSample(shape, seed)
        const markup = rendering.text
          .match(/<table[\s\S]*?<\/table>/g)!
          .find((one) => one.replace(/<[^>]*>|\s/g, '').includes(word))
        const rows: Rows = (markup?.match(/<tr[\s\S]*?<\/tr>/g) ?? []).map((row) => row.match(cellPattern) ?? [])
        if (valueRows(rows).length < (table === 't3' ? 2 : 1) || !changes[what]!(rows, makeRandom(seed))) continue
        const torn = `<table>${rows.map((row) => `<tr>${row.join('')}</tr>`).join('')}</table>`
        const page = Buffer.from(rendering.text.replace(markup!, torn))
        const { facts } = await readReport(page, { fileName: 'report.html' }, registry)
        tried++
        for (const { code, state, value } of facts) {
          if (!code.startsWith(`${table}.`) || state !== 'number') continue
          const expected = rendering.expected.get(code)
          if (expected?.value !== value) wrong.push(`${seed} ${code}: ${value} for ${expected?.value}`)
        }
      }
      expect(tried).toBeGreaterThan(5)
      expect(wrong).toEqual([])
    })
  }
})
