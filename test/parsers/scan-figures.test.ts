/**
 * Points and signs that a picture nearly loses, read by the real engine: a figure without them looks right and is another,
 * so that what was printed must be read, or be in doubt.
 */
import sharp from 'sharp'
import { describe, expect, it, vi } from 'vitest'
import type { Notice } from '../../parsers/document.ts'
import { makeMemory } from '../../parsers/scan/likes.ts'
import { readPage } from '../../parsers/scan/page.ts'
import { tesseractFinder } from '../../src/pipeline/tesseract.ts'

// Reading pictures takes long on a machine that does other things too.
vi.setConfig({ testTimeout: 200_000 })

const figures =
  '2.0000 13.5000 7.25 0.5 120 2024 -5 31 46.90 8 - 1000 57.3 69 10.1 24 3.75 1.0 18 20.0 905 44.4 6 2.00'.split(' ')
const signed = '-4 14 -2 24 -7 47 -1 345 -14 42 -3 94 -44 74 -5 49 -9 64 -6 4 -41 4 -8 104'.split(' ')
/** Printed without their points, where `_` stands. */
const lost = '7_25 14 13_5 24 46_90 47 57_3 345 10_1 42 3_75 94 20_0 74 44_4 49 2_00 64 0_5 4 6_1 8 9_9 104'.split(' ')
const lostPoint = 2.5
const columns = 4
const [cellWidth, cellHeight, margin] = [80, 24, 20]

/** Figures in a table at so many dots to the inch, read as if it had `stated`; `gap` points stand after a minus. */
async function readFigures(texts: readonly string[], family: string, dpi: number, stated = dpi, gap = 0) {
  const cells = texts.map((text, index) => {
    const x = margin + (index % columns) * cellWidth
    const y = margin + Math.floor(index / columns) * cellHeight
    const box = `<rect x="${x}" y="${y}" width="${cellWidth}" height="${cellHeight}" fill="none" stroke="black"/>`
    const print = (at: number, anchor: string, part: string): string =>
      `<text x="${at}" y="${y + 15}" font-size="9" text-anchor="${anchor}" font-family="${family}">${part}</text>`
    const middle = x + cellWidth / 2
    const [before, after] = text.split('_')
    if (after !== undefined) return box + print(middle, 'end', before!) + print(middle + lostPoint, 'start', after)
    if (gap === 0 || !text.startsWith('-')) return box + print(middle, 'middle', text)
    return box + print(middle, 'end', '-') + print(middle + gap, 'start', text.slice(1))
  })
  const width = columns * cellWidth + 2 * margin
  const height = Math.ceil(texts.length / columns) * cellHeight + 2 * margin
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="white"/>${cells.join('')}</svg>`
  const { data, info } = await sharp(Buffer.from(svg), { density: dpi })
    .blur(0.7)
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const engine = (await tesseractFinder()())!
  const bitmap = { width: info.width, height: info.height, data: new Uint8Array(data) }
  const place = { path: 'page[1]', page: 1, x: 0, y: 0 }
  const { finish } = await readPage(bitmap, stated, place, makeMemory(), engine)
  const notices: Notice[] = []
  const [table] = finish(notices).tables
  // Figures alone do not tell which way up a page is.
  expect(notices.map(({ code }) => code)).not.toContain('page_turned')
  const read = table!.cells.map(({ row, column, text, doubt, anchor }) => {
    return { printed: texts[row * columns + column]!, text, sure: doubt !== 'reading_uncertain', anchor }
  })
  expect(read).toHaveLength(texts.length)
  const right = read.filter(({ printed, text, sure }) => sure && text === printed).length
  return { read, right, wrong: read.filter(({ printed, text, sure }) => sure && text !== printed) }
}

describe('points and signs', () => {
  for (const [family, dpi, share] of [
    ['WenQuanYi Zen Hei', 150, 0.75],
    ['Noto Serif CJK SC', 100, 0.4],
  ] as const) {
    it(`in print that is smaller than any, since the picture's resolution is overstated (${dpi} for 300)`, async () => {
      const { read, right, wrong } = await readFigures(figures, family, dpi, 300)
      expect(wrong).toEqual([])
      expect(right).toBeGreaterThan(figures.length * share)
      // Places are those of the picture as it came.
      const { x, y } = read[5]!.anchor.box!
      expect(x).toBeCloseTo(((margin + cellWidth) * dpi) / 300, -1)
      expect(y).toBeCloseTo(((margin + cellHeight) * dpi) / 300, -1)
    })
  }

  it('a point of which nothing is left but its place', async () => {
    const { wrong, right } = await readFigures(lost, 'WenQuanYi Zen Hei', 200)
    expect(wrong).toEqual([])
    expect(right).toBeGreaterThan(lost.length / 3)
  })

  for (const [family, dpi, gap] of [
    ['Noto Serif CJK SC', 150, -0.5],
    ['Liberation Serif', 150, -0.2],
    ['AR PL UMing CN', 200, -0.8],
  ] as const) {
    it(`a minus that runs into its digit, ${family}`, async () => {
      const { wrong, right } = await readFigures(signed, family, dpi, dpi, gap)
      expect(wrong).toEqual([])
      expect(right).toBeGreaterThan(signed.length / 2)
    })
  }
})
