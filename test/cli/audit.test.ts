/** `gouji audit` as users run it: every format, filters, files, folders, pipes, exit codes, errors that say what to do. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { read } from '@e965/xlsx'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runGouji, samples } from './process.ts'

const folder = mkdtempSync(join(tmpdir(), 'gouji-cli-audit-'))
const gouji = (...args: string[]) => runGouji(folder, args)
const sums = ['hongze-2023.html', 'shanghai-office-2019.html', 'rundong-2021.txt']

beforeAll(async () => {
  expect((await gouji('ingest', ...sums.map((file) => join(samples, file)))).code).toBe(0)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('gouji audit', () => {
  it('takes the filters of findings list, in every format alike', async () => {
    const filter = ['--agency', '洪泽', '--year', '2023', '--severity', 'error', '--fault', 'report']
    const list = JSON.parse((await gouji('findings', 'list', '--format', 'json', ...filter)).stdout)
    const ids = list.map(({ id }: { id: string }) => id)
    expect(ids).toHaveLength(2)
    const json = JSON.parse((await gouji('audit', '--format', 'json', ...filter)).stdout)
    expect(json.findings).toEqual(list)
    const csv: string[][] = parse((await gouji('audit', '--format', 'csv', ...filter)).stdout)
    expect(csv.slice(1).map(([id]) => id)).toEqual(ids)
    expect((await gouji('findings', 'list', '--format', 'csv', ...filter)).stdout).toBe(
      (await gouji('audit', '--format', 'csv', ...filter)).stdout,
    )
    const sarif = JSON.parse((await gouji('audit', '--format', 'sarif', ...filter)).stdout)
    const fingerprints = sarif.runs[0].results.map((one: { partialFingerprints: object }) => one.partialFingerprints)
    expect(fingerprints).toEqual(ids.map((id: string) => ({ 'gouji/v1': id })))
    const ess = JSON.parse((await gouji('audit', '--format', 'ess', ...filter)).stdout)
    expect(ess.flatMap(({ type, id }: { type: string; id: string }) => (type === 'validation' ? [id] : []))).toEqual(
      ids,
    )
    const html = (await gouji('audit', '--format', 'html', ...filter)).stdout
    expect(html.match(/<article class="finding/g)).toHaveLength(2)
    expect((await gouji('audit', '--format', 'table', ...filter)).stdout.trim().split('\n')).toHaveLength(4)
  })

  it('writes bytes to files and pipes, and tells the format by the ending', async () => {
    expect(await gouji('audit', '--out', 'a.xlsx')).toMatchObject({ code: 0, stdout: '' })
    const names = read(readFileSync(join(folder, 'a.xlsx'))).SheetNames
    expect(names.slice(0, 2)).toEqual(['Overview', 'Findings'])
    expect(names.slice(2).map((name) => name.replace(/^\d+ /, ''))).toEqual([
      '上海市人民政府办公厅 2019',
      '淮安市洪泽区人民政府 2023',
    ])
    const piped = await runGouji(folder, ['"$gouji" audit --format xlsx > b.xlsx'], { shell: true })
    expect(piped.code).toBe(0)
    expect(read(readFileSync(join(folder, 'b.xlsx'))).SheetNames).toEqual(names)
    await gouji('audit', '--out', 'a.sarif')
    expect(JSON.parse(readFileSync(join(folder, 'a.sarif'), 'utf8')).version).toBe('2.1.0')
    await gouji('audit', '--out', 'l.md', '--agency', '洪泽', '--due', '2026-03-31', '--lang', 'zh')
    expect(readFileSync(join(folder, 'l.md'), 'utf8')).toContain('于2026年3月31日前')
  })

  it('says which endings there are where it does not know the one of the file', async () => {
    const { code, stderr } = await gouji('audit', '--out', 'a.docs')
    expect(code).toBe(2)
    expect(stderr).toMatch(/--out a\.docs \(.*\.html, .*\.xlsx.*\.docx/)
    expect(existsSync(join(folder, 'a.docs'))).toBe(false)
    expect((await gouji('audit', '--out', 'a.docs', '--format', 'html')).code).toBe(0)
  })

  it('writes a letter for each agency into a folder, and says what to do where one file cannot be', async () => {
    const { stdout } = await gouji('audit', '--format', 'letter', '--out', 'letters/')
    expect(readdirSync(join(folder, 'letters')).sort()).toEqual([
      '上海市人民政府办公厅.docx',
      '淮安市洪泽区人民政府.docx',
    ])
    expect(stdout.trim().split('\n').sort()).toEqual(
      readdirSync(join(folder, 'letters'))
        .map((name) => join('letters', name))
        .sort(),
    )
    const several = await gouji('audit', '--format', 'letter', '--out', 'one.docx')
    expect(several.code).toBe(2)
    expect(several.stderr).toContain('--out DIR/')
    expect(existsSync(join(folder, 'one.docx'))).toBe(false)
    expect((await gouji('audit', '--format', 'html', '--out', 'letters')).stderr).toContain('html is one file')
    expect((await gouji('audit', '--format', 'letter', '--agency', 'nobody', '--out', 'x.docx')).code).toBe(2)
    expect((await gouji('audit', '--format', 'letter', '--due', '2026-02-30')).stderr).toContain('--due')
  })

  it('leaves dismissed findings out of pages, letters and the exit code, and keeps them elsewhere', async () => {
    const errors = ['--severity', 'error']
    const { findings } = JSON.parse((await gouji('audit', '--format', 'json', ...errors)).stdout)
    const ids: string[] = findings.map(({ id }: { id: string }) => id)
    expect((await gouji('audit', '--out', 'before.sarif', ...errors)).code).toBe(0)
    expect((await gouji('audit', '--format', 'table', '--fail-on', 'error')).code).toBe(1)
    await gouji('findings', 'dismiss', ...ids, '--reason', 'checked by phone', '--by', 'me')
    expect((await gouji('audit', '--format', 'table', '--fail-on', 'error')).code).toBe(0)
    expect((await gouji('audit', '--format', 'table', '--fail-on', 'error', '--state', 'dismissed')).code).toBe(1)
    const html = (await gouji('audit', '--format', 'html')).stdout
    for (const id of ids) expect(html).not.toContain(id)
    expect(html).toContain('Dismissed findings are left out.')
    const shown = (await gouji('audit', '--format', 'html', '--state', 'dismissed')).stdout
    for (const id of ids) expect(shown).toContain(id)
    expect(shown).toContain('checked by phone')
    const sarif = await gouji('audit', '--format', 'sarif', '--baseline', 'before.sarif', ...errors)
    const { results } = JSON.parse(sarif.stdout).runs[0]
    expect(results.map(({ baselineState }: { baselineState: string }) => baselineState)).toEqual(['updated', 'updated'])
    expect(results[0].suppressions[0].justification).toBe('checked by phone')
    const csv: string[][] = parse((await gouji('audit', '--format', 'csv', ...errors)).stdout)
    expect(csv.slice(1).map(([, state]) => state)).toEqual(['dismissed', 'dismissed'])
    expect((await gouji('audit', '--format', 'sarif', '--baseline', 'a.xlsx')).stderr).toContain('a.xlsx')
    expect((await gouji('audit', '--format', 'sarif', '--baseline', 'missing')).code).toBe(2)
  })
})
