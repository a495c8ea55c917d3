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

const registry = loadRegistry()
const documents = Number(process.env.ROUNDTRIP_DOCUMENTS ?? 1_200)
const firstSeed = Number(process.env.ROUNDTRIP_SEED ?? 1)
const perShape = Math.max(3, Math.ceil(documents / shapes.length))

describe('reports in every shape', () => {
  for (const shape of shapes) {
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
