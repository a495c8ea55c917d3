/** The command as a process: what it prints where, its exit codes, and that nothing is lost however it is stopped. */

import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Options, runGouji, samples, startGouji } from './process.ts'

let folder: string

const start = (args: readonly string[], env?: Record<string, string>) => startGouji(folder, args, env)
const gouji = (args: readonly string[], options?: Options) => runGouji(folder, args, options)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const reportFiles = ['rundong-2021.txt', 'hongze-2023.html', 'huaian-2024.docx', 'shanghai-office-2019.html'].map(
  (name) => join(samples, name),
)

describe('extract', () => {
  it('prints one object a line that its schema accepts, and nothing else', async () => {
    const { stdout: schema } = await gouji(['schema'])
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(schema))
    writeFileSync(join(folder, 'empty.html'), '')
    const { code, stdout, stderr } = await gouji([
      'extract',
      ...reportFiles,
      'empty.html',
      'missing.txt',
      '--format',
      'jsonl',
    ])
    expect(stderr).toBe('')
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok', 'failed', 'failed'])
    for (const line of lines) expect(validate(line), JSON.stringify(validate.errors)).toBe(true)
    expect(code).toBe(3)
    const shanghai = lines[3].facts.find(
      ({ code }: { code: string }) => code === 't2_art20_9.central_procurement.amount',
    )
    expect(shanghai).toMatchObject({ value: 251000, unit: '元', state: 'number', text: '251000元' })
    expect(lines[1].findings.map(({ rule }: { rule: string }) => rule)).toContain('ogi2021.t4_review_total')
    expect(lines[1].findings[0]).toMatchObject({
      expected: 11,
      actual: 0,
      difference: -11,
      message: { zh: expect.any(String), en: expect.any(String) },
    })
  })

  it('reads standard input, and prints one readable object', async () => {
    const { code, stdout } = await gouji(['extract', '-'], { input: readFileSync(reportFiles[0]!, 'utf8') })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      document: { path: '-', mediaType: 'text/plain' },
      report: { agency: '润东区管委会', year: 2021 },
    })
  })
})

describe('a store', () => {
  it('takes in, knows what it has, and answers', async () => {
    const first = await gouji(['ingest', ...reportFiles, '--store', 'one'])
    expect(first.code).toBe(0)
    expect(first.stdout).toContain('Inputs 4 = 4 stored + 0 already known + 0 failed + 0 not a report')
    const again = await gouji(['ingest', ...reportFiles, '--store', 'one'])
    expect(again.stdout).toContain('4 already known')
    expect(again.stdout).toContain('Nothing changed')
    const reports = JSON.parse((await gouji(['reports', '--format', 'json', '--store', 'one'])).stdout)
    expect(reports).toHaveLength(4)
    expect(reports[0]).toMatchObject({
      agency: expect.any(String),
      year: expect.any(Number),
      form: expect.any(String),
      status: 'ok',
      sha256: expect.any(String),
      origin: expect.any(String),
      findings: expect.anything(),
    })
    const query = await gouji([
      'query',
      "SELECT value FROM facts WHERE code = 't3.new_received.total' ORDER BY 1",
      '--format',
      'csv',
      '--store',
      'one',
    ])
    expect(query.stdout).toBe('value\r\n0\r\n21\r\n859\r\n3119\r\n')
    expect((await gouji(['query', 'DELETE FROM reports', '--store', 'one'])).code).toBe(2)
  })

  it('audits, with the exit code that was asked for', async () => {
    expect((await gouji(['audit', '--format', 'json', '--store', 'one'])).code).toBe(0)
    const { code, stdout } = await gouji(['audit', '--format', 'json', '--fail-on', 'error', '--store', 'one'])
    expect(code).toBe(1)
    const { findings } = JSON.parse(stdout)
    expect(findings.filter(({ severity }: { severity: string }) => severity === 'error')).toHaveLength(2)
    expect(findings[0].report).toMatchObject({ agency: expect.any(String), year: expect.any(Number) })
    const html = (await gouji(['audit', '--format', 'html', '--store', 'one'])).stdout
    expect(html).toMatch(/^<!doctype html>/i)
    expect(html).toContain('洪泽区')
    expect(html).not.toMatch(/<script|src="http|href="http/)
  })

  it('exports the same bytes twice', async () => {
    for (const out of ['x', 'y'])
      expect((await gouji(['export', '--format', 'csv', '--out', out, '--store', 'one'])).code).toBe(0)
    for (const name of ['facts', 'reports', 'findings', 'dictionary']) {
      expect(readFileSync(join(folder, 'x', `${name}.csv`))).toEqual(readFileSync(join(folder, 'y', `${name}.csv`)))
    }
    expect(readFileSync(join(folder, 'x', 'facts.csv'), 'utf8').split('\n').length).toBeGreaterThan(780)
  })

  it('exports what is true or false as such, and every report with its title and notes', async () => {
    expect((await gouji(['export', '--format', 'jsonl', '--out', 'z', '--store', 'one'])).code).toBe(0)
    const rows = (name: string) =>
      readFileSync(join(folder, 'z', `${name}.jsonl`), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    expect(new Set(rows('facts').map(({ inferred }) => inferred))).toEqual(new Set([false]))
    expect(new Set(rows('dictionary').map(({ required }) => required))).toContain(true)
    for (const report of rows('reports')) expect(report).toMatchObject({ infos: expect.any(Number) })
    expect(rows('reports').map(({ title }) => title)).toContainEqual(expect.stringContaining('年度报告'))
    expect(readFileSync(join(folder, 'x', 'facts.csv'), 'utf8')).toMatch(/^1,.*,no,/m)
  })

  it('refuses a second process with a plain message', async () => {
    const feed = start(['ingest', '-', '--store', 'one'])
    const lock = join(folder, 'one/gouji.lock')
    for (let wait = 0; wait < 100 && !existsSync(lock); wait++) await new Promise((resolve) => setTimeout(resolve, 50))
    const { code, stderr } = await gouji(['reports', '--store', 'one'])
    expect(code).toBe(2)
    expect(stderr).toContain(String(feed.pid))
    expect(stderr).not.toContain('    at ')
    feed.stdin!.end('x')
    await once(feed, 'close')
    expect((await gouji(['reports', '--store', 'one'])).code).toBe(0)
  })

  it('accounts for every input among hostile ones, and tries failures again alone', async () => {
    const batch = join(folder, 'batch')
    mkdirSync(batch)
    for (const file of reportFiles) copyFileSync(file, join(batch, file.split('/').at(-1)!))
    copyFileSync(reportFiles[0]!, join(batch, 'again.txt'))
    writeFileSync(join(batch, 'empty.html'), '')
    writeFileSync(join(batch, 'deep.html'), '<div>'.repeat(100_000))
    writeFileSync(join(batch, 'picture.html'), Buffer.from('89504e470d0a1a0a0000', 'hex'))
    writeFileSync(join(batch, 'login.html'), '<title>登录</title><form>用户名<input>密码<input type=password></form>')
    const { code, stdout } = await gouji(['ingest', 'batch', '--store', 'two'])
    expect(code).toBe(3)
    expect(stdout).toContain('Inputs 9 = 4 stored + 1 already known + 3 failed + 1 not a report')
    const retry = await gouji(['ingest', '--retry', 'failed', '--reason', 'limit_exceeded', '--store', 'two'])
    expect(retry.stdout).toContain('Inputs 1 = 0 stored + 0 already known + 1 failed')
    const csv = (await gouji(['runs', 'show', 'latest', '--format', 'csv', '--store', 'two'])).stdout
    expect(csv).toContain('limit_exceeded')
    const runs = JSON.parse((await gouji(['runs', '--format', 'json', '--store', 'two'])).stdout)
    expect(runs.map(({ inputs }: { inputs: number }) => inputs)).toEqual([1, 9])
  })

  it('loses nothing to kill -9, and goes on where it was', async () => {
    const many = join(folder, 'many')
    mkdirSync(many)
    const text = readFileSync(reportFiles[0]!, 'utf8')
    const count = 400
    for (let index = 0; index < count; index++) {
      writeFileSync(join(many, `${index}.txt`), text.replaceAll('润东区', `润东${index}区`))
    }
    const child = start(['ingest', 'many', '--store', 'three'])
    for (let wait = 0; wait < 2_400 && !existsSync(join(folder, 'three/blobs')); wait++)
      await new Promise((resolve) => setTimeout(resolve, 25))
    await new Promise((resolve) => setTimeout(resolve, 400))
    child.kill('SIGKILL')
    await once(child, 'close')
    const { code, stdout } = await gouji(['ingest', 'many', '--store', 'three'])
    expect(code).toBe(0)
    const [, stored, known] = /= (\d+) stored \+ (\d+) already known \+ 0 failed \+ 0 not a report/.exec(stdout)!
    expect(Number(stored) + Number(known)).toBe(count)
    const numbers = await gouji([
      'query',
      'SELECT count(*) AS n, count(DISTINCT agency) AS d, sum(facts) AS f FROM reports',
      '--format',
      'json',
      '--store',
      'three',
    ])
    expect(JSON.parse(numbers.stdout)).toEqual([{ n: count, d: count, f: count * 200 }])
    const [, broken] = JSON.parse((await gouji(['runs', '--format', 'json', '--store', 'three'])).stdout)
    expect(broken.status).toBe('interrupted')
  })
})

describe('the command line', () => {
  it.each([
    [['nonsense']],
    [['extract']],
    [['audit', '--fail-on', 'never']],
    [['ingest']],
    [['--lang', 'fr', 'forms']],
  ])('%j is wrong usage', async (args) => {
    const { code, stdout, stderr } = await gouji(args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr.length).toBeGreaterThan(10)
  })

  it('speaks Chinese where the locale does', async () => {
    const missing = ['reports', '--store', 'nowhere']
    expect((await gouji(missing, { env: { LANG: 'zh_CN.UTF-8' } })).stderr).toMatch(/[\u4e00-\u9fff]/)
    expect((await gouji(missing)).stderr).not.toMatch(/[\u4e00-\u9fff]/)
    expect((await gouji(['--lang', 'zh', ...missing])).stderr).toMatch(/[\u4e00-\u9fff]/)
  })

  it('logs objects with --json, and nothing but errors with --quiet', async () => {
    const { stderr } = await gouji(['--json', 'reports', '--store', 'nowhere'])
    expect(JSON.parse(stderr)).toMatchObject({ event: 'error', code: 'store_empty' })
    const ingest = await gouji(['--json', 'ingest', reportFiles[0]!, 'missing', '--audit', '--store', 'events'])
    expect(ingest).toMatchObject({ code: 3, stdout: '' })
    const events = ingest.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.map(({ event }) => event)).toEqual(['item', 'item', 'summary', 'audit'])
    const outcomes = { stored: 1, duplicate: 0, failed: 1, not_a_report: 0 }
    expect(events[2]).toMatchObject({ inputs: 2, outcomes, run: expect.any(String), store: { reports: 1 } })
    expect(events[3]).toMatchObject({ path: join('events', 'audit.html') })
    expect((await gouji(['ingest', reportFiles[0]!, '--quiet', '--store', 'four'])).stderr).toBe('')
  })

  it('draws a page with the cells that were found on it', async () => {
    const report = join(samples, 'hongze-2023.pdf')
    const { code, stdout } = await gouji(['inspect', report, '--format', 'svg', '--page', '3'])
    expect(code).toBe(0)
    const svg = load(stdout, { xml: true })
    const names = svg('#cells title')
      .map((_, title) => svg(title).text())
      .get()
    expect(names.filter((name) => name.startsWith('page[3]/table[1]/'))).toHaveLength(11)
    expect(names.filter((name) => name.endsWith(': 4119'))).toHaveLength(1)
    expect(svg('#lines line').length).toBeGreaterThan(20)
    for (const [file, page] of [
      [report, '9'],
      [join(samples, 'rundong-2021.txt'), '1'],
    ] as const) {
      expect((await gouji(['inspect', file, '--format', 'svg', '--page', page])).code).toBe(2)
    }
    writeFileSync(join(folder, 'broken.pdf'), '%PDF-1.7\nnothing')
    const broken = await gouji(['inspect', 'broken.pdf', '--format', 'svg'])
    expect(broken).toMatchObject({ code: 2, stdout: '' })
    expect(broken.stderr).toMatch(/^broken\.pdf was not read, so that there is nothing to draw: The file is damaged/)
  })

  it('inspects, lists and checks forms, and looks at the machine', async () => {
    const inspected = await gouji(['inspect', reportFiles[1]!])
    expect(inspected.code).toBe(0)
    for (const part of ['== blocks', '== tables', '== facts', '== rules', '== findings', 't3.denied_law_prohibited'])
      expect(inspected.stdout).toContain(part)
    expect((await gouji(['forms'])).stdout).toContain('ogi_2021')
    expect((await gouji(['forms', 'show', 'ogi_2021'])).stdout).toContain('t3')
    const none = await gouji(['forms', 'show', 'nope'])
    expect(none).toMatchObject({ code: 2, stderr: 'There is no form nope. There are: ogi_2021, ogi_2019, ogi_2014.\n' })
    writeFileSync(join(folder, 'form.json'), '{"id":"my_form"}')
    const bad = await gouji(['forms', 'check', 'form.json'])
    expect(bad.code).toBe(2)
    expect(bad.stderr + bad.stdout).toContain('form.json')
    expect((await gouji(['doctor'])).code).toBe(0)
    const bare = await gouji(['doctor'], { env: { PATH: folder } })
    expect(bare.code).toBe(0)
    expect(bare.stdout).toMatch(
      /^- .*tesseract: not installed .*tesseract-ocr-chi-sim; npm install --include=optional$/m,
    )
  })
})
