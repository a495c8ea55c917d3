/** Settings: from options, environment and files; all that is wrong at once; no secret shown; docs/cli.md lists them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readConfig, type Setting, type Sources, settings } from '../../src/config.ts'
import { UserError } from '../../src/errors.ts'
import { renderError } from '../../src/messages/render.ts'
import { allowedIn, meaningOf } from '../../src/messages/settings.ts'
import { makeHider } from '../../src/secrets.ts'
import { runGouji } from '../cli/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'gouji-settings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const read = (sources: Sources) => readConfig({ readFile: (path) => readFileSync(path, 'utf8'), ...sources })

function problemsOf(sources: Sources): UserError {
  try {
    read(sources)
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error('nothing was wrong')
}

/** Characters that mean something in addresses, JSON, patterns and shells. */
const hostile = 'p@ss:w/o"r\\d$&%41 ?#[x]\'é中'

describe('settings', () => {
  it('come from the option, else the environment, else the file, else the default', () => {
    const place = file('order.json', JSON.stringify({ GOUJI_JOBS: 3, GOUJI_TIMEOUT_SECONDS: 9, GOUJI_LOCK_SECONDS: 7 }))
    const environment = { GOUJI_CONFIG: place, GOUJI_JOBS: '4', GOUJI_TIMEOUT_SECONDS: '8', GOUJI_SWEEP_SECONDS: '' }
    const { config, said } = read({ environment, options: [{ name: 'GOUJI_JOBS', option: '--jobs', text: '5' }] })
    expect(config).toMatchObject({ jobs: 5, timeoutSeconds: 8, service: { lockSeconds: 7, sweepSeconds: 30 } })
    expect(said.get('GOUJI_JOBS')).toEqual({ text: '5', where: '--jobs' })
    expect(said.get('GOUJI_LOCK_SECONDS')).toEqual({ text: '7', where: `${place}: GOUJI_LOCK_SECONDS` })
    expect(said.get('GOUJI_SWEEP_SECONDS')).toEqual({ text: '30', where: '' })
  })

  it('take numbers, switches and lists from a file of settings', () => {
    const place = file(
      'kinds.json',
      JSON.stringify({ GOUJI_OTEL: true, GOUJI_FORMS: ['a.json', 'b.json'], GOUJI_JOBS: 2 }),
    )
    const { config } = read({ environment: {}, options: [{ name: 'GOUJI_CONFIG', option: '--config', text: place }] })
    expect(config).toMatchObject({ forms: ['a.json', 'b.json'], jobs: 2, service: { tracing: true } })
  })

  it('take secrets from files, and put passwords into addresses', () => {
    const environment = {
      GOUJI_STORE: 'postgres://gouji@db:5432/gouji',
      GOUJI_STORE_PASSWORD_FILE: file('password', `${hostile}\n`),
      GOUJI_REDIS_FILE: file('redis', 'redis://:secret@one:6379,redis://:secret@two:6379'),
      GOUJI_BOARD_PASSWORD_FILE: file('board', `${hostile}\r\n`),
    }
    const { config } = read({ environment })
    expect(decodeURIComponent(new URL(config.store).password)).toBe(hostile)
    expect(config.queue.redis).toBe('redis://:secret@one:6379,redis://:secret@two:6379')
    expect(config.service.board.password).toBe(hostile)
    expect(config.secrets).toEqual(expect.arrayContaining([hostile, 'secret']))
  })

  it.each([
    ['8080', { host: '127.0.0.1', port: 8080 }],
    [':8080', { host: '127.0.0.1', port: 8080 }],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    ['[::]:80', { host: '::', port: 80 }],
  ])('GOUJI_HTTP %s is an address', (text, address) => {
    expect(read({ environment: { GOUJI_HTTP: text } }).config.service.http).toEqual(address)
  })

  it.each([
    [{ GOUJI_OTEL: '1' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x:4318', GOUJI_OTEL: '0' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x:4318', OTEL_SDK_DISABLED: 'true' }, false],
    [{}, false],
  ])('%j asks for traces: %j', (environment, tracing) => {
    expect(read({ environment }).config.service.tracing).toBe(tracing)
  })

  it('are told all at once where they are wrong, each with its place and without its secret', () => {
    const place = file('wrong.json', `{"GOUJI_SWEEP_SECONDS": 0, "GOUJI_LOCKSECONDS": 5, "GOUJI_RULES": {}}`)
    const error = problemsOf({
      environment: {
        GOUJI_CONFIG: place,
        GOUJI_JOBS: 'many',
        GOUJI_PDF_ENGINE: 'acrobat',
        GOUJI_HTTP: 'here',
        GOUJI_REDIS: `http://${hostile}`,
        GOUJI_STORE: `postgres://gouji:${hostile}@[/gouji`,
        GOUJI_BOARD_PASSWORD: 'too-short',
        GOUJI_REDIS_PASSWORD_FILE: join(folder, 'not-there'),
        GOUJI_SHUTDOWN_SECOND: '3',
      },
    })
    expect(error.problems.map(({ path, code }) => [path.replace(place, 'FILE'), code])).toEqual([
      ['FILE: GOUJI_RULES', 'setting_value'],
      ['GOUJI_REDIS_PASSWORD_FILE', 'setting_file'],
      ['FILE: GOUJI_LOCKSECONDS', 'setting_unknown'],
      ['GOUJI_STORE', 'setting_url'],
      ['GOUJI_JOBS', 'setting_count'],
      ['GOUJI_PDF_ENGINE', 'setting_choice'],
      ['GOUJI_REDIS', 'setting_redis'],
      ['FILE: GOUJI_SWEEP_SECONDS', 'setting_count'],
      ['GOUJI_HTTP', 'setting_address'],
      ['GOUJI_BOARD_PASSWORD', 'setting_short'],
      ['GOUJI_SHUTDOWN_SECOND', 'setting_unknown'],
    ])
    for (const lang of ['zh', 'en'] as const) {
      const text = renderError(error, lang)
      expect(text).toContain('GOUJI_LOCK_SECONDS')
      expect(text).toContain('GOUJI_SHUTDOWN_SECONDS')
      for (const secret of [hostile, 'p@ss', 'too-short']) expect(JSON.stringify(error) + text).not.toContain(secret)
    }
  })

  it('do not quote a file that is no JSON, which may hold a password', () => {
    const place = file('broken.json', `{"GOUJI_STORE": "postgres://u:hunter2hunter2@h/d"`)
    const error = problemsOf({ environment: { GOUJI_CONFIG: place } })
    expect(error.problems.map(({ path, code }) => [path, code])).toEqual([[place, 'not_json']])
    expect(renderError(error, 'en')).not.toContain('hunter2')
  })

  it('say twice what may be said once', () => {
    const environment = {
      GOUJI_REDIS: 'redis://:one@h',
      GOUJI_REDIS_PASSWORD: 'two',
      GOUJI_REDIS_FILE: file('r', 'redis://h'),
    }
    const codes = problemsOf({ environment }).problems.map(({ path, code }) => `${path} ${code}`)
    expect(codes).toEqual(['GOUJI_REDIS_FILE setting_twice'])
  })

  it('of others in the environment stop nothing', () => {
    const { unknown } = read({ environment: { GOUJI_SERVER_PORT: 'tcp://10.0.0.1:80' } })
    expect(unknown.map(({ path, code }) => [path, code])).toEqual([['GOUJI_SERVER_PORT', 'setting_unknown']])
  })
})

describe('secrets', () => {
  it('are taken out in every form', () => {
    const hide = makeHider([hostile, 'abcd1234'])
    const url = new URL('postgres://gouji@db/gouji')
    url.password = encodeURIComponent(hostile)
    const line = JSON.stringify({
      error: `no access for ${hostile}`,
      nested: JSON.stringify({ password: hostile }),
      url: url.href,
      raw: `postgres://gouji:${hostile}@db/gouji redis://:other@h:1`,
      other: 'https://me:mine@www.example.org/a@b?password=open&x=1',
    })
    const hidden = hide(line)
    for (const secret of [hostile, encodeURIComponent(hostile), 'w/o', ':other@', 'mine', 'open'])
      expect(hidden).not.toContain(secret)
    expect(Object.keys(JSON.parse(hidden))).toEqual(['error', 'nested', 'url', 'raw', 'other'])
    expect(hidden).toContain('https://***@www.example.org/a@b?password=***&x=1')
    expect(hide('https://www.example.org/a@b')).toBe('https://www.example.org/a@b')
    expect(hide('mysql://me:mine@host/db')).toBe('mysql://***@host/db')
  })
})

describe('the command', () => {
  it('says all that is wrong with the settings, in the language asked for, and ends with 2', async () => {
    const env = { GOUJI_JOBS: '0', GOUJI_TIMEOUT_SECONDS: 'x', GOUJI_STORE: 'postgres://u:hunter2hunter2@[/d' }
    const english = await runGouji(folder, ['reports'], { env })
    expect(english).toMatchObject({ code: 2, stdout: '' })
    for (const name of Object.keys(env)) expect(english.stderr).toContain(name)
    expect(english.stderr).not.toContain('hunter2')
    const { stderr } = await runGouji(folder, ['reports', '--json', '--lang', 'zh'], { env })
    expect(JSON.parse(stderr)).toMatchObject({ code: 'settings_invalid', data: { count: 3 } })
  })

  it('shows the settings without secrets, and tells those it does not know', async () => {
    const env = {
      GOUJI_STORE: 'postgres://u:hunter2hunter2@h/d',
      GOUJI_BOARD_PASSWORD: 'hunter2hunter2',
      GOUJI_LOCK_SECOND: '3',
    }
    const { code, stdout, stderr } = await runGouji(folder, ['config', '--format', 'json'], { env })
    expect(code).toBe(0)
    expect(stderr).toBe('GOUJI_LOCK_SECOND: there is no such setting; similar: GOUJI_LOCK_SECONDS\n')
    expect(stdout).not.toContain('hunter2')
    const rows = JSON.parse(stdout) as { name: string; value: string; where: string }[]
    expect(rows.map(({ name }) => name)).toEqual(settings.map(({ name }) => name))
    expect(rows.find(({ name }) => name === 'GOUJI_STORE')).toMatchObject({
      value: 'postgres://***@h/d',
      where: 'GOUJI_STORE',
    })
  })
})

describe('docs/cli.md', () => {
  it('lists every setting with its default, what it may be and what it means', () => {
    const docs = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8').replace(/ +/g, ' ')
    const all: readonly Setting[] = settings
    for (const setting of all) {
      const code = (text: string): string => (text === '' ? '' : `\`${text}\``)
      const cells = [code(setting.name), code(setting.preset), allowedIn(setting, 'en'), meaningOf(setting, 'en')]
      expect(docs).toContain(`| ${cells.join(' | ')} |`.replace(/ +/g, ' '))
    }
    const known = new Set(all.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])))
    const named = [...docs.matchAll(/GOUJI_[A-Z_]+/g)].map(([name]) => name)
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })
})
