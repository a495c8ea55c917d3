/**
 * Tables without ruling lines, drawn here character by character: whatever stands in a column is given to it, blanks
 * stay blank, and what could be read in two ways is left as text.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Grid, Notice } from '../../parsers/document.ts'
import { cellsByRow } from '../../parsers/grid.ts'
import type { Glyph, Page } from '../../parsers/layout/page.ts'
import { joinPages, type Layout, layOutPage } from '../../parsers/layout/pages.ts'

const em = 10
const pitch = 16

/** A text whose first character begins at `x`; digits are half as wide as other characters. */
function draw(text: string, x: number, y: number): Glyph[] {
  let left = x
  return [...text].map((character) => {
    const width = widthOf(character)
    const glyph: Glyph = { text: character, x: left, y, width, height: em, turn: 0, confidence: null }
    left += width
    return glyph
  })
}

function widthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + (/[\d/-]/.test(character) ? em / 2 : em), 0)
}

function page(glyphs: readonly Glyph[], rules: Page['rules'] = []): Page {
  return { number: 1, width: 595, height: 842, glyphs, rules, fills: [], patches: [], pictures: [], notices: [] }
}

type Align = 'left' | 'center' | 'right'

function place(text: string, align: Align, left: number, right: number): number {
  const room = right - left - widthOf(text)
  return align === 'left' ? left + 3 : align === 'right' ? right - 3 - widthOf(text) : left + room / 2
}

const headers = ['自然人', '商业企业', '科研机构', '总计']
const labels = ['规章', '行政许可', '行政处罚', '行政强制', '其他事项']

/** A table with a label column and one column for each header, as wide as `width`. */
function drawTable(figures: readonly (readonly string[])[], align: Align, width: number): Glyph[] {
  const start = 150
  const glyphs = draw('信息内容', 60, 300)
  for (const [column, label] of headers.entries()) {
    const left = start + column * width
    glyphs.push(...draw(label, place(label, 'center', left, left + width), 300))
  }
  for (const [row, line] of figures.entries()) {
    const y = 300 + (row + 1) * pitch
    glyphs.push(...draw(labels[row]!, 50, y))
    for (const [column, text] of line.entries()) {
      const left = start + column * width
      glyphs.push(...draw(text, place(text, align, left, left + width), y))
    }
  }
  return glyphs
}

function layOutPages(pages: readonly Page[]): Layout {
  const notices: Notice[] = []
  const laid = pages.map((one) => layOutPage(one, notices))
  return joinPages(laid, notices)
}

function gridsOf(pages: readonly Page[]): readonly Grid[] {
  return layOutPages(pages).blocks.filter((block) => block.kind === 'grid')
}

/** For each row with a label of `labels` what stands under each header. */
function readBack(grid: Grid): string[][] {
  const rows = cellsByRow(grid)
  const header = rows.find((row) => row.some(({ text }) => text === headers[0]))!
  const starts = headers.map((label) => header.find(({ text }) => text === label)!.column)
  return rows
    .filter((row) => row.some(({ text }) => labels.includes(text)))
    .map((row) => starts.map((start) => row.find(({ column }) => column === start)?.text ?? ''))
}

const figure = fc.oneof(fc.nat({ max: 9999 }).map(String), fc.constant('/'))
const full = fc.array(fc.array(figure, { minLength: 4, maxLength: 4 }), { minLength: 2, maxLength: 5 })
const align = fc.constantFrom<Align>('left', 'center', 'right')

describe('tables without ruling lines', () => {
  it('give each figure to its column, wherever it stands in it', () => {
    fc.assert(
      fc.property(full, align, fc.integer({ min: 60, max: 100 }), (figures, where, width) => {
        const grids = gridsOf([page(drawTable(figures, where, width))])
        expect(grids.length).toBe(1)
        expect(readBack(grids[0]!)).toEqual(figures)
        for (const cell of grids[0]!.cells) expect(cell.filler || cell.doubt === 'columns_by_white_space').toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('with a figure broken over two lines lose that figure and no other', () => {
    const broken = fc.record({
      figures: fc.array(fc.array(fc.nat({ max: 99 }).map(String), { minLength: 4, maxLength: 4 }), {
        minLength: 3,
        maxLength: 5,
      }),
      row: fc.nat({ max: 4 }),
      column: fc.nat({ max: 3 }),
      where: fc.constantFrom('top', 'middle'),
      align,
    })
    fc.assert(
      fc.property(broken, ({ figures, row: chosen, column, where, align: side }) => {
        const row = chosen % figures.length
        const glyphs = drawTable(figures.slice(0, row + 1), side, 70).filter(
          ({ x, y }) => !(y === 300 + (row + 1) * pitch && x >= 150 + column * 70 && x < 220 + column * 70),
        )
        const below = drawTable(figures, side, 70).filter(({ y }) => y > 300 + (row + 1) * pitch)
        const [first, second] = ['12345678', '90']
        const middle = 300 + (row + 1) * pitch
        const line = 13
        const shift = where === 'middle' ? line / 2 : 0
        const left = (text: string) => place(text, side, 150 + column * 70, 220 + column * 70)
        const drawn = [
          // Rows are higher than one line: so is the header.
          ...glyphs.map((glyph) => ({
            ...glyph,
            y: glyph.y === 300 ? 290 : glyph.y + (glyph.y === middle ? shift : 0),
          })),
          ...draw(first, left(first), middle),
          ...draw(second, left(second), middle + line),
          ...below.map((glyph) => ({ ...glyph, y: glyph.y + line })),
        ]
        const grids = gridsOf([page(drawn)])
        expect(grids.length).toBe(1)
        const expected = figures.map((one, index) =>
          one.map((text, at) => (index === row && at === column ? first + second : text)),
        )
        expect(readBack(grids[0]!)).toEqual(expected)
        const doubted = grids[0]!.cells.filter(({ doubt }) => doubt === 'figure_broken')
        expect(doubted.map(({ text }) => text)).toEqual([first + second])
      }),
      { numRuns: 200 },
    )
  })

  it('never give a figure to another column where some are blank', () => {
    // As wide as anything in its column: what stands under it may be the rest of it.
    const wide = fc.integer({ min: 1_000_000, max: 99_999_999 }).map(String)
    const any = fc.option(fc.oneof(figure, wide), { nil: '' })
    const sparse = fc.array(fc.array(any, { minLength: 4, maxLength: 4 }), {
      minLength: 2,
      maxLength: 5,
    })
    fc.assert(
      fc.property(sparse, align, fc.integer({ min: 60, max: 100 }), (figures, where, width) => {
        for (const grid of gridsOf([page(drawTable(figures, where, width))])) {
          for (const row of cellsByRow(grid)) {
            const place = labels.indexOf(row.map(({ text }) => text).find((text) => labels.includes(text)) ?? '')
            if (place < 0) continue
            const header = cellsByRow(grid).find((one) => one.some(({ text }) => headers.includes(text)))!
            for (const [column, label] of headers.entries()) {
              const start = header.find(({ text }) => text === label)?.column
              const cell = row.find((one) => one.column === start)
              if (cell === undefined || cell.filler || cell.doubt === 'figure_broken') continue
              expect(cell.text).toBe(figures[place]![column])
            }
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('leave figures as text whose columns run into each other', () => {
    const glyphs = drawTable(
      [
        ['12345678901', '1', '2', '3'],
        ['1', '98765432101', '2', '3'],
        ['1', '2', '3', '4'],
      ],
      'center',
      45,
    )
    expect(gridsOf([page(glyphs)])).toEqual([])
  })

  it('have blank rows between drawn lines, and tell of others where none are drawn', () => {
    const figures = [
      ['1', '20', '3', '4'],
      ['', '', '', ''],
      ['5', '60', '7', '8'],
    ]
    const glyphs = drawTable(figures, 'center', 80)
    const rules = [0, 1, 2, 3, 4].map((line) => {
      return { horizontal: true, at: 297 + line * pitch, from: 45, to: 475, thickness: 0.5 }
    })
    const ruled = layOutPages([page(glyphs, rules)])
    const [grid] = ruled.blocks.filter((block) => block.kind === 'grid')
    expect(readBack(grid!)).toEqual(figures)
    expect(grid!.cells.filter(({ filler }) => filler)).toEqual([])
    expect(ruled.notices.map(({ code }) => code)).toEqual(['columns_by_white_space'])
    // Further apart than the lines of one label.
    const bare = layOutPages([page(glyphs.map((glyph) => ({ ...glyph, y: 300 + 1.5 * (glyph.y - 300) })))])
    expect(bare.notices.map(({ code }) => code)).toEqual(['columns_by_white_space', 'row_short'])
  })

  it('are read under a header that the page before ends with', () => {
    const figures = [
      ['1', '20', '/', '4'],
      ['5', '600', '7', '8'],
    ]
    const glyphs = drawTable(figures, 'center', 80)
    const header = glyphs.filter(({ y }) => y === 300)
    const rows = glyphs.filter(({ y }) => y > 300)
    const onNext = rows.map((glyph) => ({ ...glyph, y: glyph.y - 250 }))
    const grids = gridsOf([page(header.map((glyph) => ({ ...glyph, y: 780 }))), { ...page(onNext), number: 2 }])
    expect(grids.map(readBack)).toEqual([figures])
  })

  it('keep a figure as text that stands beside two labels and no more than touches one', () => {
    const header = [...draw('信息内容', 60, 300), ...draw('上一年项目数量', 200, 300), ...draw('本年增减', 320, 300)]
    const row = (label: string, y: number) => [...draw(label, 50, y), ...draw('123', 266, y)]
    expect(gridsOf([page([...header, ...row('行政许可', 316), ...row('行政处罚', 332)])])).toEqual([])
  })

  it('cut a mark off the label that it nearly touches where other rows have it', () => {
    const figures = [
      ['/', '20', '/', '4'],
      ['/', '600', '7', '8'],
      ['/', '1', '2', '3'],
    ]
    const glyphs = drawTable(figures, 'left', 80).filter(({ y, x }) => y !== 316 || x > 145)
    const label = draw('规章', 131, 316)
    const [grid] = gridsOf([page([...glyphs, ...label])])
    expect(readBack(grid!)).toEqual(figures)
  })

  it('keep every character of the page', () => {
    fc.assert(
      fc.property(full, align, (figures, where) => {
        const glyphs = [
          ...draw('二、主动公开情况', 50, 260),
          ...drawTable(figures, where, 70),
          ...draw('三、其他', 50, 460),
        ]
        const { blocks } = layOutPages([page(glyphs)])
        const text = blocks
          .flatMap((block) => (block.kind === 'grid' ? block.cells.map((cell) => cell.text) : [block.text]))
          .join('')
          .replace(/\s/g, '')
        expect([...text].sort()).toEqual(glyphs.map((glyph) => glyph.text).sort())
      }),
      { numRuns: 100 },
    )
  })

  it('see no table in a list of contents, in running text or over a signature', () => {
    const contents = ['一、总体情况', '二、主动公开情况', '三、依申请公开情况'].flatMap((title, index) => [
      ...draw(title, 60, 200 + index * pitch),
      ...draw(String(index + 1), 500, 200 + index * pitch),
    ])
    expect(gridsOf([page(contents)])).toEqual([])
    const text = ['全年受理申请120件，比上年增长', '办结118件，按期办结率为百分之', '组织培训3次，参加人数'].flatMap(
      (line, index) => draw(`${line}5`, 60, 200 + index * pitch),
    )
    expect(gridsOf([page(text)])).toEqual([])
    expect(gridsOf([page([...draw('某某局', 400, 200), ...draw('2024', 400, 216)])])).toEqual([])
  })
})
