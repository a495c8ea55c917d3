/**
 * The reader against made-up reports whose every figure is known, in every shape in which reports are published: each
 * cell must be read as printed, and exactly the errors that were put in must be found. ROUNDTRIP_DOCUMENTS sets how many
 * documents are read in total, ROUNDTRIP_SEED where the seeds begin.
 */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../src/forms/registry.ts'
import { readReport } from '../src/pipeline/read.ts'
import { describeFailure, differences } from './generator/compare.ts'
import { makeSample, shapes } from './generator/index.ts'
import type { Shape } from './generator/shape.ts'

const registry = loadRegistry()
const documents = Number(process.env.ROUNDTRIP_DOCUMENTS ?? 1_200)
const firstSeed = Number(process.env.ROUNDTRIP_SEED ?? 1)
const perShape = Math.max(3, Math.ceil(documents / shapes.length))

/**
 * Shapes that do not say everything: blanks among columns that only line up, blank lines that may be cells or spacing, a
 * label both broken and damaged. What is read of them must be right all the same, and it must be most of it.
 */
const cautious = new Set([
  'text tabs, trailing tabs trimmed',
  'text tabs, merged cells leave nothing, trailing tabs trimmed',
  'text columns by spaces, figures right',
  'text columns by spaces, figures left',
  'text columns by spaces, figures centred',
  'text single spaces, all filled',
  'text single spaces, figures cut by spaces',
  'text one cell a line, blanks as empty lines',
  'text one cell a line, blanks dropped',
  'html header labels over two rows',
  'html a paragraph for each cell',
  'html a block for each cell, blank ones empty',
  'docx header labels over two rows',
])
const shareMin = 0.9

describe('reports in shapes that leave something open', () => {
  for (const shape of shapes.filter((one) => cautious.has(one.name))) {
    it(`${shape.name}: no figure is wrong, and most are read`, async () => {
      const wrong: string[] = []
      let cells = 0
      let read = 0
      for (let seed = firstSeed; seed < firstSeed + perShape; seed++) {
        const { rendering } = makeSample(shape, seed)
        const reading = await readReport(rendering.bytes, { fileName: rendering.name }, registry)
        const facts = new Map(reading.facts.map((fact) => [fact.code, fact]))
        for (const { code, state, value } of reading.facts) {
          if (state === 'absent' || state === 'unreadable') continue
          const expected = rendering.expected.get(code)
          if (expected?.state !== state || expected.value !== value) {
            wrong.push(`seed ${seed}: ${code} ${expected?.state} ${expected?.value}, read ${state} ${value}`)
          }
        }
        for (const [code, { may, state }] of rendering.expected) {
          if (may) continue
          cells++
          if (facts.get(code)?.state === state) read++
        }
      }
      expect(wrong.slice(0, 5)).toEqual([])
      expect(read / cells).toBeGreaterThan(shareMin)
    })
  }
})

/** Shapes that change the tables of the newer forms only, or tables of four columns at least. */
const notForAnnex = /a local (?:row|column)|comma separated|semicolons|(?:rows|columns) numbered/
/** Where cells stand one behind another, the number of a row looks like its figure. */
const openForAnnex =
  /one cell a line|single spaces|blanks dropped|a paragraph for each cell|on one line|a tab on a line|long remarks/

describe('the statistics table of 2014', () => {
  const forAnnex = shapes.filter(({ name }) => !notForAnnex.test(name))
  const seeds = Array.from({ length: Math.ceil(perShape / 2) }, (_, index) => firstSeed + index)
  const read = async (shape: Shape, seed: number) => {
    const sample = makeSample(shape, seed, 'ogi_2014')
    const { bytes, name } = sample.rendering
    return { sample, reading: await readReport(bytes, { fileName: name }, registry) }
  }
  for (const shape of forAnnex) {
    const open = cautious.has(shape.name) || openForAnnex.test(shape.name)
    it(`${shape.name}: ${open ? 'no figure is wrong' : 'every cell as printed, every error found'}`, async () => {
      const wrong: string[] = []
      for (const seed of seeds) {
        const { sample, reading } = await read(shape, seed)
        if (!open) {
          const found = differences(sample, reading)
          if (found.length > 0) wrong.push(describeFailure(sample, found))
          continue
        }
        let missing = 0
        for (const [code, { state, value }] of sample.rendering.expected) {
          const fact = reading.facts.find((one) => one.code === code)
          if (fact?.state === 'number' && fact.value !== value)
            wrong.push(`seed ${seed}: ${code} is ${state} ${value}, read ${fact.value}`)
          if (state === 'number' && fact?.state !== 'number') missing++
        }
        if (missing > 0 && reading.status === 'ok' && sample.truth.style.zeros === '0') {
          wrong.push(`seed ${seed}: ${missing} figures were lost, and nothing is said`)
        }
      }
      expect(wrong.slice(0, 3).join('\n')).toBe('')
    })
  }
})

describe('reports in every shape', () => {
  for (const shape of shapes.filter((one) => !cautious.has(one.name))) {
    it(`${shape.name}: every cell as printed, every error found`, async () => {
      const failures: string[] = []
      for (let seed = firstSeed; seed < firstSeed + perShape; seed++) {
        const sample = makeSample(shape, seed)
        const { bytes, name } = sample.rendering
        const reading = await readReport(bytes, { fileName: name }, registry)
        const found = differences(sample, reading)
        if (found.length > 0) failures.push(describeFailure(sample, found))
      }
      expect(failures.length, `${failures.length} of ${perShape}\n${failures.slice(0, 3).join('\n')}\n`).toBe(0)
    })
  }
})
