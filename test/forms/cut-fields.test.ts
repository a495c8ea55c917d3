/** Lines of text whose blank fields at the end were cut off: what is missing then is not known to be the report's fault. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const report = readFileSync(new URL('../../samples/rundong-2021.txt', import.meta.url), 'utf8')

const read = (text: string): Promise<Reading> =>
  readReport(new TextEncoder().encode(text), { fileName: 'rundong-2021.txt' }, registry)
const missingIn = ({ findings }: Reading): string[] =>
  findings.flatMap(({ rule, fault }) => (rule.endsWith('_missing_cells') ? [`${rule} ${fault}`] : []))

describe('lines that end behind their label', () => {
  it('are lacking cells, and nobody is blamed', async () => {
    const cut = report.replace(/^(行政规范性文件|行政处罚)\t.*$/gm, '$1').replace(/[\t\r]+$/gm, '')
    const reading = await read(cut)
    const states = reading.facts.filter(({ state }) => state === 'absent')
    expect(states).toHaveLength(4)
    expect(missingIn(reading)).toEqual([
      'ogi2021.t2_art20_1_missing_cells undecided',
      'ogi2021.t2_art20_6_missing_cells undecided',
    ])
    const labels = reading.notices.flatMap(({ code, data }) => (code === 'fields_cut_off' ? [data.label] : []))
    expect(labels).toEqual(['行政规范性文件', '行政处罚'])
  })

  it('are the report’s fault where other lines keep their blanks', async () => {
    const cut = report.replace(/^行政规范性文件\t.*$/m, '行政规范性文件').replace(/^(规章\t.*)\t0\r?$/m, '$1\t')
    expect(missingIn(await read(cut))).toEqual(['ogi2021.t2_art20_1_missing_cells report'])
  })

  it('are not told where every field is there', async () => {
    expect((await read(report)).notices).toEqual([])
  })
})
