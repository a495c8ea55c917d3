/** A form that a user wrote, of another domain, language and shape: the request tables of the US FOIA annual report. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeTitleReader } from '../../src/agencies/title.ts'
import { readDefinition } from '../../src/forms/definition.ts'
import { loadRegistry, makeForm } from '../../src/forms/registry.ts'
import { formWarnings } from '../../src/forms/warnings.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { runGouji } from '../cli/process.ts'

const folder = new URL('../../samples/foia/', import.meta.url)
const formPath = fileURLToPath(new URL('us-foia.json', folder))
const formJson = readFileSync(formPath, 'utf8')
const registry = loadRegistry([{ file: formPath, json: formJson }])

type Truth = { agency: string; year: number; facts: Record<string, number | null>; errors: string[] }

const samples = ['public-works-2022.html', 'public-works-2023.txt']
const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
const truthOf = (name: string): Truth => JSON.parse(textOf(name.replace(/\.[a-z]+$/, '.truth.json'))) as Truth
const read = (text: string, name: string | null = null): Promise<Reading> =>
  readReport(new TextEncoder().encode(text), { fileName: name }, registry)

describe('the FOIA form', () => {
  it('is valid and warrants no warning', () => {
    const form = makeForm(readDefinition('us-foia.json', formJson))
    expect(formWarnings(form, loadRegistry().forms)).toEqual([])
  })

  it.each(samples)('%s reads as its truth says, its own errors found', async (name) => {
    const truth = truthOf(name)
    const reading = await read(textOf(name), name)
    expect(reading.status).toBe('ok')
    expect(reading.form).toBe('us_foia')
    expect(reading.identity).toMatchObject({ agency: truth.agency, year: truth.year })
    expect(Object.fromEntries(reading.facts.map(({ code, value }) => [code, value]))).toEqual(truth.facts)
    expect(new Set(reading.facts.map(({ state }) => state))).toEqual(new Set(['number', 'mark']))
    const errors = reading.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)
    expect(errors.sort()).toEqual(truth.errors)
    expect(reading.notices).toEqual([])
  })

  it('without the form nothing of it is forced into other codes', async () => {
    for (const name of samples) {
      const reading = await readReport(new TextEncoder().encode(textOf(name)), { fileName: name }, loadRegistry())
      expect(reading.facts).toEqual([])
      expect(reading.status).toBe('not_a_report')
    }
  })

  it('with it, Chinese reports read as before', async () => {
    const bytes = readFileSync(new URL('../../samples/shanghai-office-2019.html', import.meta.url))
    const own = await readReport(bytes, { fileName: null }, loadRegistry())
    expect(await readReport(bytes, { fileName: null }, registry)).toEqual(own)
  })

  it('a component that the form does not name is reported, not dropped, and no exemption is taken for another', async () => {
    const html = textOf('public-works-2022.html')
    const renamed = await read(html.replaceAll('Field Services Bureau', 'Bureau of Bridges'))
    expect(renamed.status).toBe('partial')
    expect(renamed.facts.some(({ code, value }) => code.includes('.field_services.') && value !== null)).toBe(false)
    expect(renamed.notices.map(({ data }) => data.label)).toContain('Bureau of Bridges')
    const tenth = await read(html.replace('>Ex. 1<', '>Ex. 10<'))
    expect(tenth.facts.find(({ code }) => code === 'vb3.headquarters.ex1')?.value).toBeNull()
    expect(tenth.status).toBe('partial')
    const left = tenth.notices.filter(({ code, data }) => code === 'unplaced_figure' && data.table === 'vb3')
    expect(left.length).toBeGreaterThan(0)
  })

  it('<1 is a mark only where the form says so; another bound is unreadable', async () => {
    const html = textOf('public-works-2022.html')
    const reading = await read(html.replace('&lt;1', '&lt;5'))
    expect(reading.status).toBe('partial')
    expect(reading.reason?.code).toBe('unreadable_cells')
    expect(reading.facts.filter(({ state }) => state === 'unreadable').map(({ text }) => text)).toEqual(['<5'])
    const rundong = readFileSync(new URL('../../samples/rundong-2021.txt', import.meta.url), 'utf8')
    const bounded = rundong.replace(/\t0\t/, '\t<1\t')
    expect(bounded).not.toBe(rundong)
    const chinese = await read(bounded)
    expect(chinese.facts.filter(({ text }) => text === '<1').map(({ state }) => state)).toEqual(['unreadable'])
  })
})

describe('titles as a form words them', () => {
  const { read: reader } = makeTitleReader(['{agency} Annual Report, Fiscal Year {year}', '{year} figures of {agency}'])
  it.each([
    ['Department of Public Works Annual Report, Fiscal Year 2023', 'Department of Public Works', 2023],
    ['  department of X  ANNUAL REPORT – fiscal   year 2023.', 'department of X', 2023],
    ['Home | Reports | Department of X Annual Report Fiscal Year 2023', 'Department of X', 2023],
    ['2021 Figures of the Board', 'the Board', 2021],
    ['润东区管委会2021年政府信息公开工作年度报告', '润东区管委会', 2021],
  ])('%s', (text, agency, year) => {
    expect(reader(text)).toMatchObject({ agency, year })
  })
  it.each(['Annual Report, Fiscal Year', 'Department of X Annual Report, Fiscal Year 23', 'A. Annual Plan 2023'])(
    '%s is none',
    (text) => expect(reader(text)).toBeNull(),
  )
  it('takes hostile lines as they come', () => {
    for (const text of ['a'.repeat(200), 'Annual Report '.repeat(14), `${' '.repeat(190)}x`])
      expect(reader(text)).toBeNull()
  })
})

describe('the command with a form of the user', () => {
  let place = ''
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'gouji-form-'))
  })
  afterAll(() => rmSync(place, { recursive: true, force: true }))
  const sample = (name: string): string => fileURLToPath(new URL(name, folder))

  it('extracts with --form and with GOUJI_FORMS', async () => {
    const args = ['extract', '--format', 'jsonl', ...samples.map(sample)]
    const byOption = await runGouji(place, [...args, '--form', formPath])
    const byEnvironment = await runGouji(place, args, { env: { GOUJI_FORMS: formPath } })
    expect(byOption.code).toBe(0)
    expect(byEnvironment.stdout).toBe(byOption.stdout)
    const documents = byOption.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(documents.map(({ report }) => report.form)).toEqual(['us_foia', 'us_foia'])
    expect(documents[0].findings[0].message.en).toContain('Field Services Bureau')
  })

  it('stores, audits and exports; without the form codes stand for words, and it is said', async () => {
    const ingested = await runGouji(place, ['ingest', '--form', formPath, ...samples.map(sample)])
    expect(ingested.code).toBe(0)
    const audited = await runGouji(place, ['audit', '--format', 'table', '--form', formPath])
    expect(audited.stdout).toContain('Field Services Bureau: pending at the start')
    expect(audited.stderr).toBe('')
    const bare = await runGouji(place, ['audit', '--format', 'table'])
    expect(bare.code).toBe(0)
    expect(bare.stdout).toContain('usfoia.va_balance')
    expect(bare.stderr).toMatch(/us_foia.*--form FILE/)
    expect((await runGouji(place, ['audit', '--lang', 'zh'])).stderr).toContain('us_foia')
    const exported = await runGouji(place, ['export', '--out', 'out', '--form', formPath])
    expect(exported.code).toBe(0)
    const dictionary = readFileSync(join(place, 'out/dictionary.csv'), 'utf8')
    expect(dictionary).toContain('us_foia,va.headquarters.received')
  })

  it('says what is wrong with a form before it reads anything', async () => {
    const bad = formJson.replace('"va.$r.pending_start + ', '"va.$r.pending_begin + ')
    writeFileSync(join(place, 'bad.json'), bad)
    const said = await runGouji(place, ['extract', '--form', 'bad.json', sample(samples[0]!)])
    expect(said).toMatchObject({ code: 2, stdout: '' })
    expect(said.stderr).toContain('bad.json')
    expect(said.stderr).toContain('/rules/0/formula')
    expect(said.stderr).toContain('va.headquarters.pending_begin')
    const lines = await runGouji(place, ['forms', 'check', 'bad.json', '--json'])
    expect(JSON.parse(lines.stderr)).toMatchObject({ code: 'form_invalid', problems: [{ path: '/rules/0/formula' }] })
    expect(await runGouji(place, ['forms', '--form', 'none.json'])).toMatchObject({ code: 2 })
    for (const [encoding, name] of [
      ['utf16le', 'sixteen.json'],
      ['latin1', 'latin.json'],
    ] as const) {
      writeFileSync(join(place, name), Buffer.from(`\uFEFF${formJson}é`, encoding))
      expect((await runGouji(place, ['forms', 'check', name])).stderr).toContain('UTF-8')
    }
    expect((await runGouji(place, ['forms', 'check', formPath])).stdout).toContain('us_foia')
  })
})
