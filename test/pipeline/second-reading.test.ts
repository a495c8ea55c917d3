/** Two readers of PDF: they agree on what is fine, each stands in for the other, and what they disagree on is not believed. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { renderNotice } from '../../src/messages/render.ts'
import type { PdfChoice, Reading } from '../../src/model.ts'
import { readerVersion, readReport } from '../../src/pipeline/read.ts'
import { plainPdf, ruledTable, textAt } from '../generator/plain-pdf.ts'

const registry = loadRegistry()
const samples = ['hongze-2023', 'huaian-2024']
const bytesOf = (name: string): Buffer => readFileSync(`samples/${name}.pdf`)
const truthOf = (name: string): Readonly<Record<string, unknown>> =>
  (JSON.parse(readFileSync(`samples/${name}.truth.json`, 'utf8')) as { facts: Record<string, unknown> }).facts
const read = (bytes: Uint8Array, pdf: PdfChoice): Promise<Reading> =>
  readReport(bytes, { fileName: null }, registry, { pdf })
const noticed = (reading: Reading, code: string) => reading.notices.filter((notice) => notice.code === code)

/** The file with its text changed and nothing else. */
const edited = (name: string, pattern: RegExp, text: string): Buffer =>
  Buffer.from(bytesOf(name).toString('latin1').replace(pattern, text), 'latin1')

/** Facts that are known and are not what the sample says. */
function wrongFacts({ facts }: Reading, truth: Readonly<Record<string, unknown>>): string[] {
  const wrong: string[] = []
  for (const { code, state, value } of facts) {
    if (!(code in truth) || state === 'absent' || state === 'unreadable') continue
    if ((typeof truth[code] === 'number' ? truth[code] : null) !== value) wrong.push(`${code} ${state} ${value}`)
  }
  return wrong
}

describe('the second reader of PDF', () => {
  it.each(samples)('reads every cell of %s as the first one does', async (name) => {
    const [both, alone] = [await read(bytesOf(name), 'both'), await read(bytesOf(name), 'pdf-parse')]
    const cells = both.facts.filter(({ state }) => state !== 'absent').length
    expect(noticed(both, 'second_reading')[0]?.data).toEqual({
      engine: 'pdf-parse',
      agreed: cells,
      differing: 0,
      unconfirmed: 0,
    })
    expect(alone.facts.map(({ code, state, value }) => [code, state, value])).toEqual(
      both.facts.map(({ code, state, value }) => [code, state, value]),
    )
    expect(wrongFacts(alone, truthOf(name))).toEqual([])
  })

  it('is asked where sums fail, and not where all is well', async () => {
    const [broken, fine] = [await read(bytesOf('hongze-2023'), 'auto'), await read(bytesOf('huaian-2024'), 'auto')]
    expect(noticed(broken, 'second_reading')).toHaveLength(1)
    expect(noticed(fine, 'second_reading')).toEqual([])
    expect(broken.findings.find(({ rule }) => rule === 'ogi2021.t4_review_total')?.fault).toBe('report')
  })

  it('reads a file of which PDFium misses pages', async () => {
    const bytes = edited('hongze-2023', /\/Count\s+\d+/g, '/Count 9')
    expect((await read(bytes, 'pdfium')).reason?.code).toBe('pages_missing')
    const reading = await read(bytes, 'auto')
    expect(noticed(reading, 'read_by_other_engine')).toHaveLength(1)
    expect(reading.facts.length).toBe(Object.keys(truthOf('hongze-2023')).length)
    expect(wrongFacts(reading, truthOf('hongze-2023'))).toEqual([])
  })

  it('reads pages that do not call themselves so', async () => {
    const bytes = edited('huaian-2024', /\/Type\s*\/Page\b(?!s)/g, '/Type/Pagx')
    expect((await read(bytes, 'pdfium')).status).toBe('failed')
    const reading = await read(bytes, 'auto')
    expect(noticed(reading, 'read_by_other_engine')).toHaveLength(1)
    expect(reading.facts.length).toBe(Object.keys(truthOf('huaian-2024')).length)
    expect(wrongFacts(reading, truthOf('huaian-2024'))).toEqual([])
  })

  it('makes a figure unreadable on which both disagree, and names it', async () => {
    // The page shows 5 and says that it is to be copied as 8.
    const draw = (x: number, y: number, text: string): string =>
      text === '5' ? `/Span <</ActualText <FEFF0038>>> BDC ${textAt(x, y, text)}EMC\n` : textAt(x, y, text)
    const table = (top: number, rows: string[][]): string => ruledTable(60, top, 150, 24, rows, draw)
    const head = ['信息内容', '本年处理决定数量']
    const page =
      textAt(60, 800, '淮安市人民政府2024年政府信息公开工作年度报告') +
      table(750, [head, ['行政许可', '5']]) +
      table(650, [head, ['行政处罚', '17'], ['行政强制', '3']])
    const reading = await read(plainPdf([page]), 'both')
    const states = reading.facts.map(({ code, state, value }) => [code.slice(0, code.lastIndexOf('.')), state, value])
    expect(states).toEqual([
      ['t2_art20_5.licences', 'unreadable', null],
      ['t2_art20_6.penalties', 'number', 17],
      ['t2_art20_6.compulsory_measures', 'number', 3],
    ])
    const [notice] = noticed(reading, 'readings_differ')
    expect(notice?.data).toMatchObject({ code: 't2_art20_5.licences.decisions', first: '8', second: '5' })
    expect(notice?.anchor?.page).toBe(1)
    expect(renderNotice(notice!, 'zh', registry)).toContain('行政许可')
    expect(reading.status).toBe('partial')
  })

  it('gives rows that the first does not find, where both agree on all else', async () => {
    // The page shows labels and says that they are to be copied as something else, and a figure too.
    const copied = (shown: string, as: string) => (x: number, y: number, text: string) => {
      const code = [...as].map((one) => one.charCodeAt(0).toString(16).padStart(4, '0')).join('')
      return text === shown ? `/Span <</ActualText <FEFF${code}>>> BDC ${textAt(x, y, text)}EMC\n` : textAt(x, y, text)
    }
    const head = ['信息内容', '本年处理决定数量']
    const rows = [head, ['行政处罚', '17'], ['行政强制', '3']]
    const page = (draw: ReturnType<typeof copied>, over = ''): string =>
      textAt(60, 800, '淮安市人民政府2024年政府信息公开工作年度报告') + ruledTable(60, 750, 150, 24, rows, draw) + over
    const cellsOf = async (content: string) =>
      (await read(plainPdf([content]), 'both')).facts.map(({ state, value }) => [state, value])
    const label = copied('行政强制', '其他')
    expect((await read(plainPdf([page(label)]), 'pdfium')).facts.map(({ state }) => state)).toEqual([
      'number',
      'absent',
    ])
    expect(await cellsOf(page(label))).toEqual([
      ['number', 17],
      ['number', 3],
    ])
    const both = (x: number, y: number, text: string) => (text === '17' ? copied('17', '71') : label)(x, y, text)
    expect(await cellsOf(page(both))).toEqual([
      ['unreadable', null],
      ['unreadable', null],
    ])
    const unseen = `3 Tr ${textAt(60, 500, '不显示')}0 Tr `
    expect(await cellsOf(page(label, unseen))).toEqual([
      ['number', 17],
      ['unreadable', null],
    ])
  })

  it('reads text whose font is not in the file', async () => {
    const page = textAt(60, 800, '政府信息公开') + ruledTable(60, 750, 100, 20, [['行政许可', '12']])
    const reading = await read(plainPdf([page]), 'pdf-parse')
    expect(reading.reason?.code).not.toBe('no_text')
  })

  it('never lets zeros inside a file become figures', async () => {
    const region = fc.record({ name: fc.constantFrom(...samples), at: fc.noBias(fc.integer({ min: 0, max: 999 })) })
    await fc.assert(
      fc.asyncProperty(region, fc.constantFrom(16, 200, 2_000, 20_000), async ({ name, at }, length) => {
        const bytes = Uint8Array.from(bytesOf(name))
        const from = Math.floor((at / 1000) * bytes.length)
        bytes.fill(0, from, from + length)
        const reading = await read(bytes, 'auto')
        const truth = truthOf(name)
        expect(wrongFacts(reading, truth)).toEqual([])
        const missing = Object.keys(truth).length - reading.facts.filter(({ state }) => state !== 'unreadable').length
        if (missing > 0) expect(reading.status).not.toBe('ok')
      }),
      { numRuns: 40 },
    )
  })

  it('is part of what makes a reading another one', () => {
    expect(new Set([readerVersion(registry), readerVersion(registry, 'pdf-parse')]).size).toBe(2)
  })
})
