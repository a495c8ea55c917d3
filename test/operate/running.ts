/** An installation as docker-compose.yml makes it, run here: its commands and settings, with other places. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { freePort } from '../../scripts/ports.mjs'
import { startRedis } from '../../scripts/redis.mjs'
import { runGouji, startGouji } from '../cli/process.ts'
import { compose } from './compose.ts'

/** Characters that mean something in addresses, JSON, patterns and shells. */
export const hostile = 'p@ss:w/o"r\\d$&%41?#[x]\'é中'

export type Process = {
  readonly child: ChildProcess
  /** Where it answers. */
  readonly url: string
  /** Everything it has printed. */
  text(): string
  /** Its log so far. */
  lines(): Record<string, unknown>[]
  /** Tells it to end; gives its exit code. */
  stop(): Promise<number | null>
}

export type Installation = Awaited<ReturnType<typeof openInstallation>>

/** A database and a Redis behind a hostile password. */
export async function openInstallation(postgresUrl: string, name: string) {
  const folder = mkdtempSync(join(tmpdir(), `gouji-${name}-`))
  const admin = new pg.Client(postgresUrl)
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  await admin.end()
  const redis = await startRedis()
  const keep = async (): Promise<void> => {
    const client = new Redis(redis.url)
    await client.config('SET', 'requirepass', hostile)
    client.disconnect()
  }
  await keep()
  const places: Record<string, string> = {}
  for (const secret of ['postgres_password', 'redis_password', 'board_password']) {
    places[`/run/secrets/${secret}`] = join(folder, secret)
    writeFileSync(join(folder, secret), `${hostile}\n`)
  }
  const settingsOf = (service: 'worker' | 'server'): Record<string, string> => {
    const said = Object.entries(compose.services[service].environment!)
    return {
      ...Object.fromEntries(said.map(([key, value]) => [key, places[String(value)] ?? String(value)])),
      GOUJI_STORE: postgresUrl.replace(/[^/]*$/, name),
      GOUJI_REDIS: redis.url,
      GOUJI_BLOBS: join(folder, 'blobs'),
      GOUJI_HTTP: '',
      GOUJI_SWEEP_SECONDS: '1',
      GOUJI_LOCK_SECONDS: '5',
      GOUJI_JOBS: '1',
    }
  }
  const running: Process[] = []
  const start = async (service: 'worker' | 'server', env: Record<string, string> = {}): Promise<Process> => {
    const port = await freePort()
    const settings = { ...settingsOf(service), GOUJI_HTTP: `127.0.0.1:${port}`, ...env }
    const process = watch(startGouji(folder, compose.services[service].command!, settings), `http://127.0.0.1:${port}`)
    running.push(process)
    await until(async () => (await answerOf(`${process.url}/ready`)) === 200, process)
    return process
  }
  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    runGouji(folder, args, { env: { ...settingsOf('worker'), ...env } })
  const close = async (): Promise<void> => {
    for (const one of running) await one.stop()
    await redis.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const address = new URL(redis.url)
  address.password = encodeURIComponent(hostile)
  return { folder, redis, redisUrl: address.href, keepPassword: keep, start, run, close }
}

function watch(child: ChildProcess, url: string): Process {
  let text = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
  const stop = async (): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    child.kill('SIGTERM')
    await once(child, 'close')
    return child.exitCode
  }
  const lines = () =>
    text
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { child, url, text: () => text, lines, stop }
}

/** The status of an answer; null where there is none. */
export async function answerOf(url: string): Promise<number | null> {
  return fetch(url).then(
    async (answer) => {
      await answer.arrayBuffer()
      return answer.status
    },
    () => null,
  )
}

/** Waits for something that comes sooner or later, or for the end of the process that would bring it. */
export async function until(what: () => Promise<boolean> | boolean, process: Process): Promise<void> {
  while (!(await what())) {
    if (process.child.exitCode !== null) throw new Error(`it ended: ${process.text()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
