/** PDF beyond what print.test.ts reads back: the stages of geometry by their properties, and damaged or hostile files. */
import { readFileSync } from 'node:fs'
import { PDFDocument } from '@cantoo/pdf-lib'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { parse } from '../../parsers/index.ts'
import type { Rule } from '../../parsers/layout/page.ts'
import { cellBox, groupLines, joinRules, latticeCells, makeLattice } from '../../parsers/layout/ruled.ts'

/** Widths and heights of a table's columns and rows, and which of its inner edges are left out to merge cells. */
const tables = fc.record({
  widths: fc.array(fc.integer({ min: 8, max: 90 }), { minLength: 2, maxLength: 8 }),
  heights: fc.array(fc.integer({ min: 8, max: 40 }), { minLength: 2, maxLength: 12 }),
  merged: fc.option(fc.record({ row: fc.nat(), column: fc.nat(), down: fc.boolean() })),
  drawn: fc.constantFrom('whole', 'in pieces', 'twice', 'dashed'),
})

type Table = typeof tables extends fc.Arbitrary<infer Made> ? Made : never

const left = 50
const top = 60
function placesOf(sizes: readonly number[], start: number): number[] {
  const places = [start]
  for (const size of sizes) places.push(places.at(-1)! + size)
  return places
}

/** The rules of a table whose edge between two cells may be missing, drawn in one of several ways. */
function rulesOf({ widths, heights, merged, drawn }: Table): { rules: Rule[]; expected: string[] } {
  const xs = placesOf(widths, left)
  const ys = placesOf(heights, top)
  const row = merged === null ? -1 : merged.row % (heights.length - (merged.down ? 1 : 0))
  const column = merged === null ? -1 : merged.column % (widths.length - (merged.down ? 0 : 1))
  const rules: Rule[] = []
  const add = (horizontal: boolean, at: number, from: number, to: number): void => {
    const copies = drawn === 'twice' ? [-0.4, 0.4] : [0]
    for (const shift of copies) {
      if (drawn !== 'dashed') rules.push({ horizontal, at: at + shift, from, to, thickness: 0.5 })
      else {
        for (let start = from; start < to; start += 4)
          rules.push({ horizontal, at, from: start, to: Math.min(to, start + 2), thickness: 0.5 })
      }
    }
  }
  const gap = (horizontal: boolean, line: number, place: number): boolean =>
    merged !== null &&
    merged.down === horizontal &&
    (horizontal ? line === row + 1 && place === column : line === column + 1 && place === row)
  for (const [line, y] of ys.entries()) {
    for (const [place] of widths.entries()) if (!gap(true, line, place)) add(true, y, xs[place]!, xs[place + 1]!)
  }
  for (const [line, x] of xs.entries()) {
    for (const [place] of heights.entries()) if (!gap(false, line, place)) add(false, x, ys[place]!, ys[place + 1]!)
  }
  const expected: string[] = []
  for (const [y, height] of heights.entries()) {
    for (const [x, width] of widths.entries()) {
      const inMerged = y === row && x === column
      if (merged !== null && !inMerged && y === row + (merged.down ? 1 : 0) && x === column + (merged.down ? 0 : 1))
        continue
      const wide = inMerged && !merged!.down ? width + widths[x + 1]! : width
      const high = inMerged && merged!.down ? height + heights[y + 1]! : height
      expected.push(`${xs[x]} ${ys[y]} ${wide} ${high}`)
    }
  }
  return { rules, expected: expected.sort() }
}

describe('ruling lines', () => {
  it('give back the cells of any table, however its lines are drawn and in whatever order', () => {
    fc.assert(
      fc.property(tables, fc.integer(), (table, seed) => {
        const { rules, expected } = rulesOf(table)
        const shuffled = [...rules].sort(
          (a, b) => ((a.from * 31 + a.at * 17 + seed) % 97) - ((b.from * 31 + b.at * 17 + seed) % 97),
        )
        const groups = groupLines(joinRules(shuffled))!
        expect(groups).toHaveLength(1)
        const lattice = makeLattice(groups[0]!)
        const found = latticeCells(lattice).map((cell) => {
          const { x, y, width, height } = cellBox(lattice, cell)
          return [x, y, width, height].map(Math.round).join(' ')
        })
        expect(found.sort()).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  /** The heights of the rows of a table with these lines across and down. */
  function rowsOf(ys: readonly number[], sides: readonly (readonly [number, number])[]): number[] {
    const xs = [0, 40, 80, 120]
    const rules = [
      ...ys.map((at): Rule => ({ horizontal: true, at, from: 0, to: 120, thickness: 0.5 })),
      ...xs.flatMap((at) => sides.map(([from, to]): Rule => ({ horizontal: false, at, from, to, thickness: 0.5 }))),
    ]
    const lattice = makeLattice(groupLines(joinRules(rules))![0]!)
    return [...new Set(latticeCells(lattice).map((cell) => Math.round(10 * cellBox(lattice, cell).height) / 10))]
  }

  it('tell a row as low as 2 points, whose cells have sides of their own, from a doubled line', () => {
    const row = [
      [100, 120],
      [120, 122],
    ] as const
    expect(rowsOf([100, 120, 122], row)).toEqual([20, 2])
    expect(rowsOf([120, 122], [[120, 122]])).toEqual([2])
    expect(rowsOf([100, 120, 122], [[100, 122]])).toHaveLength(1)
  })
})

const sample = readFileSync(new URL('../../samples/hongze-2023.pdf', import.meta.url))
/** Both readers. */
const engines = ['pdfium', 'pdf-parse'] as const

describe.each(engines)('PDF damaged, read by %s', (pdfEngine) => {
  const parseBy = (bytes: Uint8Array) => parse(bytes, { pdfEngine })

  it('cut off anywhere ends as a document or a reason', async () => {
    for (let part = 1; part < 20; part++) {
      const result = await parseBy(sample.subarray(0, Math.floor((sample.length * part) / 20)))
      if (!result.ok) expect(result.reason).toMatch(/^(?:damaged|encrypted|limit_exceeded|picture_without_engine)$/)
    }
  })

  it('with bytes changed at random ends as a document or a reason', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: sample.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 200 }),
        async (changes) => {
          const bytes = Uint8Array.from(sample)
          for (const [place, value] of changes) bytes[place] = value
          const result = await parseBy(bytes)
          if (!result.ok) expect(result.data).toBeTypeOf('object')
        },
      ),
      { numRuns: 40 },
    )
  })

  it('reads the whole file again after broken ones', async () => {
    const result = await parseBy(sample)
    expect(result.ok && result.document.blocks.filter(({ kind }) => kind === 'grid').length).toBe(3)
  })
})

describe('text and pictures over one another', () => {
  const words = 'More than twenty characters of text, with figures 12 and 345.'
  /** A page of text with a picture of all of it, painted before or after the text. */
  async function page(alpha: number, pictureLast: boolean): Promise<Uint8Array> {
    const made = await PDFDocument.create()
    const page = made.addPage([400, 500])
    const background = { r: 250, g: 250, b: 250, alpha }
    const png = await sharp({ create: { width: 400, height: 500, channels: 4, background } })
      .png()
      .toBuffer()
    const picture = await made.embedPng(png)
    const draw = [
      () => page.drawText(words, { x: 20, y: 400, size: 10 }),
      () => page.drawImage(picture, { x: 0, y: 0, width: 400, height: 500 }),
    ]
    for (const one of pictureLast ? draw : draw.reverse()) one()
    return made.save()
  }

  it('text that a picture covers is the word of nobody', async () => {
    expect(await parse(await page(1, true))).toMatchObject({ ok: false, reason: 'picture_without_engine' })
  })

  it('text that shines through a watermark, or stands on a picture, is read', async () => {
    for (const made of [await page(0.3, true), await page(1, false)]) {
      const result = await parse(made)
      if (!result.ok) throw new Error(result.reason)
      const texts = result.document.blocks.map((block) => (block.kind === 'paragraph' ? block.text : ''))
      expect(texts.join('').replace(/\s/g, '')).toBe(words.replace(/\s/g, ''))
    }
  })
})

describe.each(engines)('hostile PDF, read by %s', (pdfEngine) => {
  const parseBy = (bytes: Uint8Array) => parse(bytes, { pdfEngine })

  it('with a password that is not known says so', async () => {
    const made = await PDFDocument.create()
    made.addPage().drawText('secret')
    made.encrypt({ userPassword: 'x', ownerPassword: 'y' })
    expect(await parseBy(await made.save())).toMatchObject({ ok: false, reason: 'encrypted' })
  })

  it('with more pages than are read is refused by its limit', async () => {
    const made = await PDFDocument.create()
    for (let page = 0; page < 5_000; page++) made.addPage([100, 100])
    expect(await parseBy(await made.save())).toMatchObject({
      ok: false,
      data: { limit: pdfEngine === 'pdfium' ? 'pagesMax' : 'secondReadingPagesMax' },
    })
  })

  it('with a million lines on a page keeps its text and tells', async () => {
    const made = await PDFDocument.create()
    const page = made.addPage([600, 800])
    page.drawText('still here', { x: 50, y: 700 })
    const lines = `${Array.from({ length: 500_000 }, (_, index) => `${index % 600} 0 m ${index % 600} 800 l`).join('\n')}\nS\n`
    const stream = made.context.flateStream(lines)
    page.node.addContentStream(made.context.register(stream))
    const result = await parseBy(await made.save())
    if (!result.ok) throw new Error(result.reason)
    expect(result.document.notices.map(({ code }) => code)).toContain('content_truncated')
    expect(result.document.blocks).toMatchObject([{ kind: 'paragraph', text: 'still here' }])
  })

  it('with scripts that open and print it runs none of them', async () => {
    const made = await PDFDocument.load(sample)
    made.addJavaScript('open', 'this.closeDoc(true); while (true) {}')
    const result = await parseBy(await made.save())
    expect(result.ok && result.document.blocks.filter(({ kind }) => kind === 'grid').length).toBe(3)
  })
})
