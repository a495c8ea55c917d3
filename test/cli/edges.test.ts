/** What can go wrong around the command: full disks, pipes, paths of every kind, stores that cannot be used. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { scanPdf } from '../generator/scanned-pdf.ts'
import { type Options, runGouji, samples } from './process.ts'

let folder: string

const gouji = (args: readonly string[], options?: Options) => runGouji(folder, args, options)
const sh = (line: string) => runGouji(folder, [line], { shell: true })
/** Permissions do not hold for root: it keeps its name but not its privilege. */
const withoutPrivilege = process.getuid?.() === 0 ? 'setpriv --bounding-set=-dac_override,-dac_read_search' : ''
const rundong = join(samples, 'rundong-2021.txt')

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-edges-'))
  expect((await gouji(['ingest', rundong, '--store', 'one'])).code).toBe(0)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('output', () => {
  it.each([
    `extract ${rundong}`,
    `extract ${samples} --format jsonl`,
    'export --store one',
    'audit --format json --store one',
    'audit --format html --store one',
    'forms',
    '--help',
  ])('of %s that is lost is an error', async (line) => {
    const { code, stderr } = await sh(`$gouji ${line} >/dev/full`)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^The output could not be written: .*\n$/)
  })

  it.each(['--help', 'forms show ogi_2021', `extract ${samples}`])('of %s may be cut off', async (line) => {
    for (const reader of ['head -n 1', 'true']) expect((await sh(`$gouji ${line} | ${reader}`)).stderr).toBe('')
  })
})

describe('inputs', () => {
  it('that are no regular files fail with a plain reason', async () => {
    execFileSync('mkfifo', ['pipe'], { cwd: folder })
    const server = createServer().listen(join(folder, 'socket'))
    const inputs = ['pipe', 'socket', '/dev/zero']
    const { code, stdout } = await gouji(['ingest', ...inputs, rundong, '--store', 'special'])
    server.close()
    expect(code).toBe(3)
    expect(stdout).toContain('Inputs 4 = 1 stored + 0 already known + 3 failed')
    for (const input of inputs) expect(stdout).toMatch(new RegExp(`${input}: .*it is not a regular file`))
  })

  it('that cannot be opened say why, in the language of the user', async () => {
    mkdirSync(join(folder, 'secret'), { mode: 0 })
    symlinkSync('loop', join(folder, 'loop'))
    const line = '--lang zh ingest secret loop missing --store special'
    const { code, stdout, stderr } = await sh(`${withoutPrivilege} $gouji ${line}`)
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
    expect(stdout).toMatch(/secret: .*没有权限/)
    expect(stdout).toMatch(/loop: .*链接/)
    expect(stdout).toMatch(/missing: .*不存在/)
    expect(stdout).not.toMatch(/E[A-Z]{4}/)
    const inspected = await gouji(['inspect', 'missing'])
    expect((await gouji(['inspect', '.'])).code).toBe(2)
    expect(inspected.stderr).toMatch(/^missing cannot be read: there is no such file or folder\. Check [^.]*\.\n$/)
  })

  it.each(['extract', 'inspect', 'forms check', ''])(
    'whose names hold control characters move no cursor in messages: %s',
    async (command) => {
      const line = [...command.split(' '), 'gone\u001b[31m\u0007'].filter((word) => word !== '')
      const { code, stderr } = await gouji(line)
      expect(code).toBe(2)
      expect(stderr).toContain('gone [31m')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones meant
      expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/)
    },
  )

  it('may have names in another encoding than UTF-8', async () => {
    const gbk = join(folder, 'gbk')
    mkdirSync(gbk)
    const inner = Buffer.concat([Buffer.from(`${gbk}/`), Buffer.from([0xc8, 0xf3, 0xb6, 0xab])])
    mkdirSync(inner)
    const text = readFileSync(rundong)
    writeFileSync(Buffer.concat([inner, Buffer.from('/年.txt')]), text)
    writeFileSync(Buffer.concat([Buffer.from(`${gbk}/2021年`), Buffer.from([0xb9, 0xab]), Buffer.from('.txt')]), text)
    const { code, stdout } = await gouji(['extract', 'gbk', '--format', 'jsonl'])
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(code).toBe(0)
    expect(documents.map(({ document, status }) => [document.path, status])).toEqual([
      ['gbk/2021年\\xB9\\xAB.txt', 'ok'],
      ['gbk/\\xC8\\xF3\\xB6\\xAB/年.txt', 'ok'],
    ])
  })

  it('steer no terminal by their names', async () => {
    const name = 'a\u001b[31m\u009b2J\nb\rc\u202e.pdf'
    mkdirSync(join(folder, 'steering'))
    writeFileSync(join(folder, 'steering', name), '%PDF-1.4')
    const said = [
      await gouji(['ingest', 'steering', '--store', 'steered']),
      await gouji(['extract', 'steering', '--format', 'table']),
      await gouji(['inspect', `steering/${name}x`]),
      await gouji(['extract', rundong, '--form', name]),
      await gouji([name]),
    ]
    for (const { code, stdout, stderr } of said) {
      expect(code).not.toBe(0)
      expect(stdout + stderr).toMatch(/a \[31m 2J b c \.pdf/)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones meant
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    }
  })

  it('are never stores, whichever', async () => {
    const place = join(folder, 'stores')
    mkdirSync(join(place, 'server/blobs/ab/cd'), { recursive: true })
    writeFileSync(join(place, 'server/blobs/ab/cd/abcd'), 'x')
    copyFileSync(rundong, join(place, 'rundong.txt'))
    const ingest = (...args: string[]) => runGouji(place, ['ingest', ...args, '--audit'])
    expect((await ingest('rundong.txt', '--store', 'other')).code).toBe(0)
    for (const known of ['1 stored + 0', '0 stored + 1']) {
      const { stdout, stderr } = await ingest('.', '*')
      expect(stdout).toContain(`Inputs 1 = ${known} already known + 0 failed + 0 not a report`)
      for (const store of ['other', 'server']) expect(stderr).toContain(`${store}: left out, since it is a store`)
    }
    const { code, stderr } = await ingest('other')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^other: left out.*\nNo file to read was found: other\..*\n$/)
  })
})

describe('a store', () => {
  it.each(['ingest', 'reports'])('that %s may not use is refused with a plain message', async (command) => {
    const line = command === 'ingest' ? `ingest ${rundong}` : command
    writeFileSync(join(folder, 'file'), '')
    mkdirSync(join(folder, 'closed/db'), { recursive: true })
    chmodSync(join(folder, 'closed'), 0o555)
    for (const store of ['file', 'closed', 'closed/more', 'mysql://me:secret@host/db']) {
      const { code, stderr } = await sh(`${withoutPrivilege} $gouji ${line} --store ${store}`)
      expect(code).toBe(2)
      expect(stderr).toMatch(
        /^\S+ (?:can hold no store|cannot be written: no permission|holds no report yet|.*Add some)/,
      )
      expect(stderr).not.toMatch(/ {4}at |secret/)
      expect(stderr.split('\n')).toHaveLength(2)
    }
  })
})

describe('a retry', () => {
  const retry = (...args: string[]) => gouji(['ingest', '--retry', 'failed', ...args, '--store', 'retry'])
  const runs = async () => (await gouji(['runs', '--store', 'retry'])).stdout

  it('finds what a version failed on, and starts no run where there is nothing', async () => {
    writeFileSync(join(folder, 'empty.txt'), '')
    expect((await retry()).stderr).toContain('holds no report yet')
    expect((await gouji(['ingest', 'empty.txt', '--store', 'retry'])).code).toBe(3)
    const { version } = JSON.parse(readFileSync(join(samples, '../package.json'), 'utf8'))
    expect((await retry('--reader', version)).stdout).toContain('Inputs 1 = ')
    const before = await runs()
    expect(before).toMatch(new RegExp(`Reader\\n[─ ]+\\n(?:.* ${version}\\+\\w+\\n){2}$`))
    for (const filter of [
      ['--reader', version.slice(0, -1)],
      ['--reason', 'damaged'],
    ])
      expect(await retry(...filter)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Nothing to read again/) })
    expect(await runs()).toBe(before)
    const latest = await gouji(['runs', 'show', '--store', 'retry'])
    expect(latest.stdout).toContain(` ${version}+`)
    expect(await gouji(['runs', 'show', 'latest', '--store', 'retry'])).toEqual(latest)
  })

  it('takes what was left unread for want of an engine, once there is one', async () => {
    const scanned = await scanPdf(readFileSync(join(samples, 'hongze-2023.pdf')), {
      level: 'clean',
      seed: 11,
      kept: [1, 2, 3, 5],
    })
    writeFileSync(join(folder, 'scanned.pdf'), scanned)
    const without = { PATH: folder }
    const options = ['--store', 'wanting', '--jobs', '1']
    const ingest = (args: readonly string[], env: Record<string, string> = {}) =>
      gouji(['ingest', ...args, ...options], { env: { GOUJI_TIMEOUT_SECONDS: '300', ...env } })
    const held = async () => {
      const sql = 'SELECT status, facts, reader FROM reports'
      const { stdout } = await gouji(['query', sql, '--format', 'json', '--store', 'wanting'])
      return JSON.parse(stdout) as { status: string; facts: number; reader: string }[]
    }
    expect((await ingest(['scanned.pdf'], without)).stdout).toContain('Inputs 1 = 1 stored')
    const [before] = await held()
    expect(before).toMatchObject({ status: 'partial', reader: expect.stringMatching(/\+\w+$/) })
    expect((await ingest(['--retry', 'failed'], without)).stdout).toMatch(/^Nothing to read again/)
    expect((await ingest(['scanned.pdf'])).stdout).toContain('Inputs 1 = 0 stored + 1 already known')
    const filtered = ['--retry', 'failed', '--reason', 'pages_not_read']
    expect((await ingest(filtered)).stdout).toContain('Inputs 1 = 1 stored')
    const [after, ...others] = await held()
    expect(others).toEqual([])
    expect(after!.facts).toBeGreaterThan(before!.facts)
    expect(after!.reader).toBe(`${before!.reader}+ocr`)
    expect((await ingest(['--retry', 'failed'])).stdout).toMatch(/^Nothing to read again/)
    expect((await ingest(['scanned.pdf'])).stdout).toContain('Inputs 1 = 0 stored + 1 already known')
  }, 400_000)

  it.each(['--reason', '--kind', '--reader'])('is what %s needs', async (option) => {
    const { code, stderr } = await gouji(['ingest', rundong, option, 'x', '--store', 'retry'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`${option}: only with --retry`) })
  })
})

describe('on a server', () => {
  it('the audit report goes into the current folder, not over that of an embedded store', async () => {
    const admin = new pg.Client(inject('postgresUrl'))
    await admin.connect()
    await admin.query('CREATE DATABASE gouji_edges')
    await admin.end()
    const place = join(folder, 'server')
    mkdirSync(join(place, 'gouji-data'), { recursive: true })
    writeFileSync(join(place, 'gouji-data/audit.html'), 'mine')
    const store = inject('postgresUrl').replace(/[^/]*$/, 'gouji_edges')
    const ingest = await runGouji(place, ['ingest', rundong, '--audit', '--store', store])
    expect(ingest.stdout).toContain('Audit report: audit.html\n')
    rmSync(join(place, 'audit.html'))
    expect(await runGouji(place, ['audit', '--store', store])).toMatchObject({ code: 0, stdout: 'audit.html\n' })
    expect(readFileSync(join(place, 'audit.html'), 'utf8')).toContain('润东区')
    expect(readFileSync(join(place, 'gouji-data/audit.html'), 'utf8')).toBe('mine')
  })
})
