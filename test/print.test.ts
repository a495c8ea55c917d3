/**
 * Reports printed by real programs, Chromium and LibreOffice, read back from their PDFs: in each way of printing no figure
 * may be wrong, and where the ruling lines tell everything each cell must be as printed. PRINT_SEEDS sets how many
 * reports of each way are read.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { loadRegistry } from '../src/forms/registry.ts'
import type { PdfChoice } from '../src/model.ts'
import { readReport } from '../src/pipeline/read.ts'
import { describeFailure, differences } from './generator/compare.ts'
import { makePrintSample, printShapes, type Sample, unreadablePrintShapes } from './generator/index.ts'
import { printPdfs } from './setup/print.ts'

const registry = loadRegistry()
const seeds = Array.from({ length: Number(process.env.PRINT_SEEDS ?? 1) }, (_, index) => index + 1)

/** Tables without ruling lines between their columns: read where white space parts them, else told. */
const unruled = /no lines|lines only|three lines|header without borders|black ground|header cells and captions/
/** Something of each is left open for now, and reported. */
const open =
  /small pieces|local row|sides open|breaks and tabs|narrow labels|header again|outer border|table 4|ink as lines|white lines|columns numbered|written downwards|sections two|nested in|pieces|cut between|trailing/

const samples = new Map<string, Sample[]>()

beforeAll(async () => {
  const jobs = [...printShapes, ...unreadablePrintShapes].flatMap((shape) =>
    seeds.map((seed) => makePrintSample(shape, seed)),
  )
  for (const sample of await printPdfs(jobs)) {
    const made = samples.get(sample.shape.name)
    if (made === undefined) samples.set(sample.shape.name, [sample])
    else made.push(sample)
  }
}, 3_600_000)

/** Cells that are asserted as something else than what is printed. */
async function wrongCells({ rendering, seed }: Sample, pdf: PdfChoice = 'auto'): Promise<string[]> {
  const reading = await readReport(rendering.bytes, { fileName: 'report.pdf' }, registry, { pdf })
  const wrong: string[] = []
  for (const { code, state, value } of reading.facts) {
    if (state === 'absent' || state === 'unreadable') continue
    const expected = rendering.expected.get(code)
    if (expected?.may) continue
    if (expected?.state !== state || expected.value !== value) {
      wrong.push(`seed ${seed}: ${code} is ${expected?.state} ${expected?.value}, read ${state} ${value}`)
    }
  }
  return wrong
}

describe('printed reports', () => {
  for (const { name } of printShapes) {
    const partly = unruled.test(name) || open.test(name)
    it(`${name}: ${partly ? 'no figure is wrong' : 'every cell as printed, every error found'}`, async () => {
      const failures: string[] = []
      for (const sample of samples.get(name)!) {
        if (partly) failures.push(...(await wrongCells(sample)))
        else {
          const reading = await readReport(sample.rendering.bytes, { fileName: sample.rendering.name }, registry)
          const found = differences(sample, reading)
          if (found.length > 0) failures.push(describeFailure(sample, found))
        }
      }
      expect(failures.slice(0, 3).join('\n')).toBe('')
    })
  }

  it("the second reader of PDF makes no wrong figure either, and most of its figures are the first one's", async () => {
    let [agreed, cells] = [0, 0]
    for (const made of samples.values()) {
      for (const sample of made) {
        expect(await wrongCells(sample, 'pdf-parse')).toEqual([])
        const both = await readReport(sample.rendering.bytes, { fileName: null }, registry, { pdf: 'both' })
        const told = both.notices.find(({ code }) => code === 'second_reading')?.data ?? {}
        expect(told.differing ?? 0, sample.shape.name).toBe(0)
        agreed += Number(told.agreed ?? 0)
        cells += both.facts.filter(({ state }) => state !== 'absent' && state !== 'unreadable').length
      }
    }
    expect(agreed / cells).toBeGreaterThan(0.95)
  }, 900_000)

  it.each(unreadablePrintShapes.map(({ name }) => name))('%s: nothing is asserted', async (name) => {
    for (const { rendering } of samples.get(name)!) {
      const reading = await readReport(rendering.bytes, { fileName: 'report.pdf' }, registry)
      expect(reading.facts.filter(({ state }) => state === 'number')).toEqual([])
    }
  })

  it('tables without ruling lines are read for the most part, and each is told', async () => {
    let cells = 0
    let right = 0
    for (const name of samples.keys()) {
      if (!/no lines|lines only|three lines/.test(name)) continue
      for (const { rendering } of samples.get(name)!) {
        const reading = await readReport(rendering.bytes, { fileName: 'report.pdf' }, registry)
        const facts = new Map(reading.facts.map((fact) => [fact.code, fact]))
        cells += rendering.expected.size
        for (const [code, { state, value }] of rendering.expected) {
          if (facts.get(code)?.state === state && facts.get(code)?.value === value) right++
        }
        const told = new Set(reading.notices.map(({ code }) => code))
        expect(told.has('columns_by_white_space') || told.has('unruled_table'), name).toBe(true)
      }
    }
    expect(right / cells).toBeGreaterThan(0.7)
  })
})
