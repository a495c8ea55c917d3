/** Archives on the command line: what is in them is taken in, told, shown and read again like every document. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import iconv from 'iconv-lite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeZip } from '../pipeline/fixtures/zip.ts'
import { type Options, runGouji, samples } from './process.ts'

let folder: string
let archive: Buffer

const gouji = (args: readonly string[], options?: Options) => runGouji(folder, args, options)
const sample = (name: string) => readFileSync(join(samples, name))
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const objects = (lines: string) =>
  lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-cli-archives-'))
  const inner = makeZip([{ name: 'hongze.html', content: sample('hongze-2023.html') }])
  archive = makeZip([
    { name: iconv.encode('年报/润东区.txt', 'gb18030'), content: sample('rundong-2021.txt') },
    { name: 'again.txt', content: sample('rundong-2021.txt') },
    { name: '2023.zip', content: inner },
    { name: 'locked.docx', content: sample('huaian-2024.docx'), locked: true },
    { name: 'broken.docx', content: sample('huaian-2024.docx').subarray(0, 9_000) },
    { name: 'scan.png', content: Buffer.from('89504e470d0a1a0a0000', 'hex') },
    { name: '__MACOSX/._again.txt', content: 'x' },
    { name: 'Thumbs.db', content: 'x' },
  ])
  writeFileSync(join(folder, 'reports.zip'), archive)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('ingest of an archive', () => {
  it('takes in each report in it, accounts for all, and tells what it left out', async () => {
    const { code, stdout, stderr } = await gouji(['ingest', 'reports.zip', '--store', 'one'])
    expect(code).toBe(3)
    expect(stdout).toContain('Inputs 6 = 2 stored + 1 already known + 3 failed + 0 not a report')
    expect(stdout).toContain('reports.zip!/locked.docx: The file is encrypted.')
    expect(stdout).toMatch(/reports\.zip!\/broken\.docx: The file is damaged/)
    expect(stdout).toMatch(/reports\.zip!\/scan\.png: The file is damaged/)
    expect(stderr).toContain('reports.zip: left out, being no documents (2): __MACOSX/._again.txt, Thumbs.db')
    const again = await gouji(['ingest', 'reports.zip', '--store', 'one'])
    expect(again.stdout).toContain('Inputs 6 = 0 stored + 3 already known + 3 failed')
  })

  it('keeps the bytes of each report, where it was, and the hash of the archive', async () => {
    const sql = 'SELECT origin, sha256, archive FROM reports ORDER BY origin'
    const { stdout } = await gouji(['query', sql, '--format', 'json', '--store', 'one'])
    const expected = [
      ['reports.zip!/2023.zip!/hongze.html', 'hongze-2023.html'],
      ['reports.zip!/年报/润东区.txt', 'rundong-2021.txt'],
    ] as const
    expect(JSON.parse(stdout)).toEqual(
      expected.map(([origin, name]) => ({ origin, sha256: hashOf(sample(name)), archive: hashOf(archive) })),
    )
    const sha256 = hashOf(sample('hongze-2023.html'))
    const blob = join(folder, 'one/blobs', sha256.slice(0, 2), sha256.slice(2, 4), sha256)
    expect(readFileSync(blob).equals(sample('hongze-2023.html'))).toBe(true)
    const items = JSON.parse((await gouji(['runs', 'show', '--format', 'json', '--store', 'one'])).stdout)
    expect(items).toHaveLength(6)
    for (const item of items) expect(item.archive).toBe(hashOf(archive))
  })

  it('tries again what failed in it, all of it or by its archive, and from the store once it is gone', async () => {
    const retry = async (...args: string[]) =>
      (await gouji(['ingest', '--retry', 'failed', ...args, '--store', 'one'])).stdout
    expect(await retry()).toContain('Inputs 3 = 0 stored + 0 already known + 3 failed')
    expect(await retry('--reason', 'encrypted')).toMatch(
      /Inputs 1 .*\n.*\n.*\n {2}reports\.zip!\/locked\.docx: .*encrypted/,
    )
    writeFileSync(join(folder, 'reports.zip'), makeZip([{ name: 'locked.docx', content: sample('huaian-2024.docx') }]))
    expect(await retry('--reason', 'encrypted')).toContain('Inputs 1 = 1 stored + 0 already known + 0 failed')
    rmSync(join(folder, 'reports.zip'))
    expect(await retry('--reason', 'damaged')).toMatch(/broken\.docx: The file is damaged/)
    writeFileSync(join(folder, 'reports.zip'), archive)
  })
})

describe('other commands', () => {
  it('extract prints an object for each document, from standard input too, which the schema accepts', async () => {
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse((await gouji(['schema'])).stdout))
    const { code, stdout } = await gouji(['extract', 'reports.zip', '--format', 'jsonl', '--exclude', '*.png'])
    expect(code).toBe(3)
    const documents = objects(stdout)
    expect(documents.map(({ document, status }) => [document.path, status])).toEqual([
      ['reports.zip!/年报/润东区.txt', 'ok'],
      ['reports.zip!/again.txt', 'ok'],
      ['reports.zip!/2023.zip!/hongze.html', 'ok'],
      ['reports.zip!/locked.docx', 'failed'],
      ['reports.zip!/broken.docx', 'failed'],
    ])
    for (const one of documents) {
      expect(validate(one), JSON.stringify(validate.errors)).toBe(true)
      expect(one.document.archive).toBe(hashOf(archive))
    }
    const one = await gouji(['extract', 'reports.zip!/年报/润东区.txt'])
    expect(JSON.parse(one.stdout)).toMatchObject({ status: 'ok', report: { agency: '润东区管委会', year: 2021 } })
    const piped = await runGouji(folder, ['"$gouji" extract - --format jsonl < reports.zip'], { shell: true })
    expect(objects(piped.stdout)[0]).toMatchObject({ document: { path: '-!/年报/润东区.txt' }, status: 'ok' })
  })

  it('inspect asks for one document of an archive', async () => {
    const { code, stderr } = await gouji(['inspect', 'reports.zip'])
    expect(code).toBe(2)
    expect(stderr).toContain('reports.zip!/again.txt')
    const inspected = await gouji(['inspect', 'reports.zip!/2023.zip!/hongze.html'])
    expect(inspected).toMatchObject({ code: 0, stdout: expect.stringContaining('== facts') })
    expect((await gouji(['inspect', 'reports.zip!/none.txt'])).code).toBe(2)
  })

  it('refuse archives of other kinds with what to do, and those that hold nothing', async () => {
    writeFileSync(join(folder, 'a.rar'), Buffer.from('526172211a0700cf9073', 'hex'))
    writeFileSync(join(folder, 'b.7z'), Buffer.from('377abcaf271c00040000', 'hex'))
    writeFileSync(join(folder, 'c.zip'), makeZip([{ name: '.DS_Store' }]))
    writeFileSync(join(folder, 'd.zip'), archive.subarray(0, 20_000))
    const { code, stdout } = await gouji(['ingest', 'a.rar', 'b.7z', 'c.zip', 'd.zip', '--store', 'two'])
    expect(code).toBe(3)
    expect(stdout).toMatch(/a\.rar: This archive cannot be opened \(a RAR archive\)\. Unpack it first/)
    expect(stdout).toMatch(/b\.7z: This archive cannot be opened \(a 7z archive\)/)
    expect(stdout).toContain('c.zip: The archive holds no file to read.')
    expect(stdout).toMatch(/d\.zip: The file is damaged/)
    const zh = await gouji(['--lang', 'zh', 'extract', 'a.rar', '--format', 'table'])
    expect(zh.stdout).toContain('这种压缩包无法打开（RAR压缩包）')
  })
})

describe('a PDF in an archive in an archive', () => {
  it('is read, by both readers where that is asked', async () => {
    const inner = makeZip([{ name: 'huaian.pdf', content: sample('huaian-2024.pdf') }])
    const outer = makeZip([{ name: '2024.zip', content: makeZip([{ name: 'city.zip', content: inner }]) }])
    writeFileSync(join(folder, 'pdf.zip'), outer)
    const { code, stdout } = await gouji(['extract', 'pdf.zip', '--format', 'jsonl', '--pdf-engine', 'both'])
    const [report] = objects(stdout)
    expect(code).toBe(0)
    expect(report.document.path).toBe('pdf.zip!/2024.zip!/city.zip!/huaian.pdf')
    expect(report.notices.map((notice: { code: string }) => notice.code)).toContain('second_reading')
    const unknown = await gouji(['extract', 'pdf.zip', '--pdf-engine', 'word'])
    expect(unknown.code).toBe(2)
  })
})
