/** Tables drawn with characters: what was drawn is read back, merged cells and cells of several lines too. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Grid } from '../../parsers/document.ts'
import { parseText } from '../../parsers/text.ts'

function gridsOf(text: string): Grid[] {
  return parseText(text).blocks.flatMap((block) => (block.kind === 'grid' ? [block] : []))
}

const words = ['', '0', '12', '4966', '/', '商业\n企业', '其他', '“三安全”', 'a b']
/** A table of so many rows and columns, in each row of which a cell covers the columns up to some place. */
const table = fc.tuple(fc.integer({ min: 3, max: 6 }), fc.integer({ min: 2, max: 5 })).chain(([rows, columns]) =>
  fc.array(
    fc.record({
      texts: fc.array(fc.constantFrom(...words), { minLength: columns, maxLength: columns }),
      span: fc.integer({ min: 1, max: columns }),
    }),
    { minLength: rows, maxLength: rows },
  ),
)

const room = 10

function widthOf(text: string): number {
  return [...text].reduce((sum, one) => sum + (/[\u2e80-\uffef]/.test(one) ? 2 : 1), 0)
}

type Row = { readonly texts: readonly string[]; readonly span: number }

function cellsOf({ texts, span }: Row): { text: string; width: number }[] {
  return [{ text: texts[0]!, width: span }, ...texts.slice(span).map((text) => ({ text, width: 1 }))]
}

function draw(rows: readonly Row[]): string {
  const columns = rows[0]!.texts.length
  const rule = `+${`${'-'.repeat(room)}+`.repeat(columns)}`
  const lines = rows.flatMap((row) =>
    [0, 1].map((at) => {
      const parts = cellsOf(row).map(({ text, width }) => {
        const line = text.split('\n')[at] ?? ''
        return line + ' '.repeat(room * width + width - 1 - widthOf(line))
      })
      return `|${parts.join('|')}|`
    }),
  )
  const framed = lines.flatMap((line, index) => (index % 2 === 0 ? [rule, line] : [line]))
  return [...framed, rule].join('\n')
}

describe('a drawn frame', () => {
  it('gives the cells that were drawn', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const [grid, ...others] = gridsOf(draw(rows))
        expect(others).toEqual([])
        expect(grid!.columns).toBe('aligned')
        expect(grid!.rowCount).toBe(rows.length)
        for (const [index, row] of rows.entries()) {
          const own = grid!.cells.filter((cell) => cell.row === index)
          expect(own.map(({ text }) => text)).toEqual(cellsOf(row).map(({ text }) => text))
          expect(own.every(({ filler, rowSpan }) => !filler && rowSpan === 1)).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('keeps a mark of two dashes in a cell', () => {
    const rows = [
      '+--+----+--+',
      '|a |bb  |c |',
      '+--+----+--+',
      '|--|1   |2 |',
      '+--+----+--+',
      '|3 |--  |4 |',
      '+--+----+--+',
    ]
    const [grid] = gridsOf(rows.join('\n'))
    expect(grid!.cells.map(({ text }) => text)).toEqual(['a', 'bb', 'c', '--', '1', '2', '3', '--', '4'])
  })

  it('makes no cell of rows between which nothing is drawn', () => {
    const rows = [
      '+----+----+',
      '|a   |b   |',
      '+----+----+',
      '|1   |2   |',
      '|3   |4   |',
      '|5   |6   |',
      '+----+----+',
    ]
    const [grid] = gridsOf(rows.join('\n'))
    expect(grid!.cells.map(({ text }) => text)).toEqual(['a', 'b', '1', '2', '3', '4', '5', '6'])
  })
})

describe('a frame', () => {
  const rule = `+${'-'.repeat(10)}+${'-'.repeat(10)}+`
  const row = (left: string, right: string): string =>
    `| ${left}${' '.repeat(9 - widthOf(left))}| ${right}${' '.repeat(9 - widthOf(right))}|`

  it('keeps dashes in its cells, which are a rule in Markdown', () => {
    const [grid] = gridsOf(
      [rule, row('结果维持', '总计'), rule, row('---', '---'), rule, row('5', '5'), rule].join('\n'),
    )
    expect(grid!.cells.map(({ text }) => text)).toEqual(['结果维持', '总计', '---', '---', '5', '5'])
  })

  it('has cells as long as the remarks in them', () => {
    const remark = Array.from({ length: 60 }, () => row('如实填写', ''))
    const [grid] = gridsOf([rule, ...remark, rule, row('规章', '5'), rule, row('许可', '12'), rule].join('\n'))
    expect([grid!.rowCount, grid!.cells.at(-1)!.text]).toEqual([3, '12'])
  })

  it('of heavy lines has its header, and ends where the next begins', () => {
    const frame = (label: string, figure: string): string[] => [
      '┏━━━━━━━━━━┳━━━━━━━━━━┓',
      `┃ ${label}     ┃ 总计     ┃`,
      '┡━━━━━━━━━━╇━━━━━━━━━━┩',
      `│ 许可     │ ${figure}        │`,
      `│ 处罚     │ ${figure}        │`,
      '└──────────┴──────────┘',
    ]
    const [grid] = gridsOf([...frame('内容', '1'), ...frame('事项', '2')].join('\n'))
    expect(grid!.cells.map(({ text }) => text).join(' ')).toBe('内容 总计 许可 1 处罚 1 事项 总计 许可 2 处罚 2')
  })
})
