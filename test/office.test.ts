/**
 * The reader against what LibreOffice makes of the generated Word documents: the same reports as DOC, RTF and ODT must
 * give the same cells. OFFICE_DOCUMENTS sets how many documents are read of each format.
 */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../src/forms/registry.ts'
import { readReport } from '../src/pipeline/read.ts'
import { describeFailure, differences } from './generator/compare.ts'
import { makeSample, shapes } from './generator/index.ts'
import { convertWithOffice } from './setup/office.ts'

const registry = loadRegistry()
const documents = Number(process.env.OFFICE_DOCUMENTS ?? 120)
const firstSeed = Number(process.env.OFFICE_SEED ?? 1)

/** What LibreOffice does not carry over from DOCX: there is no truth to compare with. */
const lost = new Set([
  'docx deleted rows', // written as rows that are there
  'docx content controls around cells', // their text comes several times
  'docx header labels over two rows', // leaves something open in DOCX as well
  'docx trailing blanks', // rows of different length get other edges
])
const carried = shapes.filter(({ format, name }) => format === 'docx' && !lost.has(name))

describe('reports as LibreOffice writes them', () => {
  for (const format of ['doc', 'rtf', 'odt']) {
    it(`${format}: every cell as printed, every error found`, async () => {
      const count = Math.max(carried.length, documents)
      const samples = Array.from({ length: count }, (_, index) =>
        makeSample(carried[index % carried.length]!, firstSeed + index),
      )
      const converted = convertWithOffice(
        samples.map(({ rendering }) => rendering.bytes),
        'docx',
        format,
      )
      const failures: string[] = []
      for (const [index, sample] of samples.entries()) {
        const fileName = sample.rendering.name.replace('docx', format)
        const found = differences(sample, await readReport(converted[index]!, { fileName }, registry))
        if (found.length > 0) failures.push(describeFailure(sample, found))
      }
      expect(failures.length, `${failures.length} of ${count}\n${failures.slice(0, 3).join('\n')}\n`).toBe(0)
    })
  }
})
