/** Every sample against its hand-checked truth: each cell equal, each broken rule found, nothing else said. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../src/forms/registry.ts'
import { unknownTables } from '../src/forms/unknown.ts'
import { readReport } from '../src/pipeline/read.ts'

type Truth = {
  readonly agency: string
  readonly year: number
  readonly facts: Record<string, number | null>
  readonly errors?: string[]
  /** Cells that the text alone does not settle: never to be asserted. */
  readonly ambiguous?: string[]
}

const folder = new URL('../samples/', import.meta.url)
const registry = loadRegistry()
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.endsWith('.truth.json') && entry.name !== 'README.md')
  .map(({ name }) => name)
const truthOf = (name: string) => new URL(name.replace(/\.[a-z]+$/, '.truth.json'), folder)
const read = (name: string) => readReport(readFileSync(new URL(name, folder)), { fileName: name }, registry)

describe('samples', () => {
  for (const name of names.filter((one) => existsSync(truthOf(one)))) {
    it(`${name} reads as its truth says`, async () => {
      const truth = JSON.parse(readFileSync(truthOf(name), 'utf8')) as Truth
      const reading = await read(name)
      const open = new Set(truth.ambiguous ?? [])
      expect({ agency: reading.identity.agency, year: reading.identity.year }).toEqual({
        agency: truth.agency,
        year: truth.year,
      })
      const facts = new Map(reading.facts.map((fact) => [fact.code, fact]))
      const wrong: string[] = []
      for (const [code, value] of Object.entries(truth.facts)) {
        const fact = facts.get(code)
        if (fact === undefined) wrong.push(`${code}: ${value}, not read`)
        else if (open.has(code)) {
          if (fact.state !== 'unreadable') wrong.push(`${code} is asserted as ${fact.value}`)
        } else if (fact.value !== value) wrong.push(`${code}: ${value}, read ${fact.value} (${fact.text})`)
      }
      for (const { code, state } of reading.facts) {
        if (state === 'number' && !(code in truth.facts)) wrong.push(`${code} is not in the report`)
      }
      expect(wrong).toEqual([])
      expect(reading.status).toBe(open.size > 0 ? 'partial' : 'ok')
      const errors = reading.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)
      expect(errors.sort()).toEqual([...(truth.errors ?? [])].sort())
    })
  }

  it('text with everything run together is cut by its sums, says so, and leaves open what they do not settle', async () => {
    for (const name of ['pingtan-2023.txt', 'pingtan-2024.txt']) {
      const reading = await read(name)
      expect(reading.facts.some(({ inferred }) => inferred)).toBe(true)
      expect(reading.notices.map(({ code }) => code)).toContain('settled_by_sums')
      const [open, ...more] = reading.notices.filter(({ code }) => code === 'figures_run_together')
      expect(more).toEqual([])
      expect(open!.data.candidates).toContain(name.includes('2023') ? '77 132 470' : '62 33 440')
    }
  })

  it('a local table under the official title is no form that we know', async () => {
    const reading = await read('pingtan-2018.html')
    expect(reading.facts).toEqual([])
    expect(reading.status).toBe('partial')
    expect(reading.reason?.code).toBe('unknown_form')
    expect(reading.notices.map(({ code }) => code)).toContain('unknown_table')
    expect(reading.identity).toMatchObject({ agency: '平潭综合实验区', year: 2018 })
    const [kept, ...more] = unknownTables(reading.notices)
    expect(more).toEqual([])
    expect(kept!.rows.length).toBe(16)
    expect(kept!.rows.slice(0, 3)).toEqual([
      ['指标名称', '计量单位', '2018年度', '历年累计'],
      ['主动公开文件数', '条', '2069', '12106'],
      ['其中：1.政府网站公开数', '条', '2069', '12106'],
    ])
  })

  it('the blank form is read cell by cell, and is no report', async () => {
    const reading = await read('blank-form-2021.docx')
    expect(reading.status).toBe('not_a_report')
    expect(reading.reason?.code).toBe('blank_form')
    expect(reading.facts.length).toBe(200)
    expect(new Set(reading.facts.map(({ state }) => state))).toEqual(new Set(['blank']))
    expect(reading.tables.map(({ rowsFound, rowsExpected }) => rowsFound === rowsExpected)).not.toContain(false)
  })
})
