/** The printed corpus: the same seed asks for the same print, and the PDFs are whole and hold the figures of their truth. */
import { PDFParse } from 'pdf-parse'
import { beforeAll, describe, expect, it } from 'vitest'
import { printPdfs } from '../setup/print.ts'
import { makePrintSample, printShapes, type Sample } from './index.ts'
import type { PrintShape } from './shape.ts'

/** One shape in seven, and each thing that is done to a PDF once it is printed. */
const tried = printShapes.filter(
  (shape, index) => index % 7 === 0 || makePrintSample(shape, 1).job.finish.kind !== 'none',
)

/** How often each digit stands in the texts, whatever stands between. */
function digitsOf(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const digit of texts.join(' ').normalize('NFKC').match(/\d/g) ?? [])
    counts.set(digit, (counts.get(digit) ?? 0) + 1)
  return counts
}

describe('printed reports', () => {
  let printed: Sample[]
  beforeAll(async () => {
    printed = await printPdfs(tried.map((shape) => makePrintSample(shape, 1)))
  }, 600_000)

  it('the same seed is the same source, another seed or shape another', () => {
    const sourceOf = (shape: PrintShape, seed: number): string =>
      Buffer.from(makePrintSample(shape, seed).job.source.bytes).toString('base64')
    const sources = printShapes.map((shape) => sourceOf(shape, 1))
    for (const [index, shape] of printShapes.slice(0, 12).entries()) {
      expect(sourceOf(shape, 1)).toBe(sources[index])
      sources.push(sourceOf(shape, 2))
    }
    expect(new Set(sources).size).toBe(sources.length)
  })

  it('every PDF opens without a password and has at least the digits of its figures', async () => {
    const wrong: string[] = []
    for (const { shape, truth, rendering } of printed) {
      const parser = new PDFParse({ data: rendering.bytes.slice() })
      const { text, total } = await parser.getText()
      await parser.destroy()
      const there = digitsOf([text])
      const due = digitsOf([...truth.cells.values()].map((cell) => cell.text))
      const missing = [...due].filter(([digit, count]) => (there.get(digit) ?? 0) < count)
      if (total < 1 || missing.length > 0) wrong.push(`${shape.name}: ${total} pages, missing ${missing.join(' ')}`)
    }
    expect(printed.length).toBeGreaterThan(15)
    expect(wrong).toEqual([])
  })

  it('pages are turned and encrypted where the shape says so', async () => {
    for (const { shape, rendering } of printed) {
      const raw = Buffer.from(rendering.bytes).toString('latin1')
      expect(raw.includes('/Encrypt'), shape.name).toBe(shape.name.includes('encrypted'))
    }
  })
})
