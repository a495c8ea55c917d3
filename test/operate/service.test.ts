/** A worker and the server as docker-compose.yml runs them: what they show, log, count, trace, and how they end. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { connectRedis, openQueues } from '../../src/queue.ts'
import { samples } from '../cli/process.ts'
import { healthCommand } from './compose.ts'
import { answerOf, hostile, type Installation, openInstallation, type Process, until } from './running.ts'

type Sent = { readonly name: string; readonly traceId: string; readonly spanId: string; readonly parentSpanId?: string }

let place: Installation
let worker: Process
let server: Process
let collector: Server
const spans: Sent[] = []
const printed: string[] = []

const metricsOf = async ({ url }: Process): Promise<Map<string, number>> => {
  const text = await (await fetch(`${url}/metrics`)).text()
  return new Map(
    [...text.matchAll(/^(gouji\S+|process_resident_memory_bytes) (\S+)$/gm)].map(([, name, value]) => [
      name!,
      Number(value),
    ]),
  )
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

/** Files of several kinds, one of which is damaged. */
function makeInbox(): string {
  const inbox = join(place.folder, 'inbox')
  mkdirSync(inbox)
  for (const name of ['hongze-2023.html', 'huaian-2024.docx']) copyFileSync(join(samples, name), join(inbox, name))
  writeFileSync(join(inbox, 'damaged.pdf'), '%PDF-1.7\nnothing')
  return inbox
}

beforeAll(async () => {
  place = await openInstallation(inject('postgresUrl'), 'gouji_service')
  collector = createServer((incoming, outgoing) => {
    let text = ''
    incoming.on('data', (piece) => {
      text += piece
    })
    incoming.on('end', () => {
      type Body = { resourceSpans: { scopeSpans: { spans: Sent[] }[] }[] }
      for (const { scopeSpans } of (JSON.parse(text) as Body).resourceSpans)
        for (const scope of scopeSpans) spans.push(...scope.spans)
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const { port } = collector.address() as { port: number }
  const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_BSP_SCHEDULE_DELAY: '100' }
  ;[worker, server] = await Promise.all([place.start('worker', tracing), place.start('server')])
  const { code, stdout, stderr } = await place.run(['queue', 'add', makeInbox(), '--wait'])
  printed.push(stdout, stderr)
  expect({ code, stdout }).toEqual({
    code: 3,
    stdout: expect.stringContaining('Inputs 3 = 2 stored + 0 already known + 1 failed'),
  })
  await until(
    () => worker.lines().filter(({ stage, msg }) => stage === 'recheck' && msg === 'done').length === 2,
    worker,
  )
})

afterAll(async () => {
  await place.close()
  collector.close()
})

describe('a worker', () => {
  it('counts what it did, by stage, outcome, reason and kind', async () => {
    const metrics = await metricsOf(worker)
    const count = (labels: string) => metrics.get(`gouji_documents_total{${labels}}`)
    expect(count('stage="ingest",outcome="stored",reason="",kind="html"')).toBe(1)
    expect(count('stage="ingest",outcome="stored",reason="",kind="docx"')).toBe(1)
    const failed = [...metrics].filter(([name]) => name.includes('outcome="failed"'))
    expect(failed).toEqual([[expect.stringMatching(/stage="ingest".*reason="damaged",kind="pdf"/), 1]])
    for (const kind of ['html', 'docx', 'pdf'])
      expect(metrics.get(`gouji_stage_seconds_count{stage="ingest",kind="${kind}"}`)).toBe(1)
    expect(metrics.get('gouji_threads{state="idle"}')).toBe(1)
    for (const name of ['gouji_stalled_total', 'gouji_outages_total', 'gouji_outage_seconds', 'gouji_broken_total'])
      expect(metrics.get(`${name}{stage="ingest"}`)).toBe(0)
    expect(metrics.get('gouji_threads_replaced_total{reason="timeout"}')).toBe(0)
    expect(metrics.get('process_resident_memory_bytes')).toBeGreaterThan(0)
  })

  it('says in every line of a document its id, run and SHA-256, in all stages', () => {
    const done = worker.lines().filter(({ msg, stage }) => msg === 'done' && stage !== undefined)
    const documents = groupBy(done, ({ document }) => document)
    expect(documents.size).toBe(3)
    for (const [id, lines] of documents) {
      expect(id).toEqual(expect.any(Number))
      const stored = lines.some(({ outcome }) => outcome === 'stored')
      expect(lines.map(({ stage }) => stage)).toEqual(['fetch', 'ingest', ...(stored ? ['recheck'] : [])])
      expect(new Set(lines.map(({ run }) => run)).size).toBe(1)
      expect(new Set(lines.map(({ sha256 }) => sha256))).toEqual(new Set([expect.stringMatching(/^[0-9a-f]{64}$/)]))
      expect(lines[0]!.run).toMatch(/^\d{8}-/)
    }
  })

  it('makes one trace of the stages of a document, and sends it', async () => {
    await until(() => spans.length >= 8, worker)
    const traces = [...groupBy(spans, ({ traceId }) => traceId).values()]
    expect(traces.length).toBe(3)
    for (const trace of traces) {
      const of = (name: string) => trace.find((span) => span.name === name)
      const [fetched, ingested, rechecked] = [of('gouji.fetch')!, of('gouji.ingest')!, of('gouji.recheck')]
      expect(fetched.parentSpanId ?? '').toBe('')
      expect(ingested.parentSpanId).toBe(fetched.spanId)
      if (rechecked !== undefined) expect(rechecked.parentSpanId).toBe(ingested.spanId)
    }
    expect(spans.filter(({ name }) => name === 'gouji.recheck').length).toBe(2)
  })

  it('carries less than 1 kB in a job', async () => {
    const queues = await openQueues({ redis: place.redisUrl, prefix: 'small' })
    const of = { document: 2 ** 40, run: '20260101-000000-abcd', sha256: 'f'.repeat(64) }
    await queues.addRechecks([{ reading: 7, urgent: true }], { of, trace: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` })
    const job = await queues.of('recheck').getJob('recheck-7')
    expect(JSON.stringify(job).length).toBeLessThan(1000)
    expect(job?.data).toMatchObject({ id: 7, of })
    await queues.close()
  })

  it('is alive by the command of the Dockerfile', () => {
    const [program = '', flag = '', code = ''] = healthCommand
    const run = (url: string) => spawnSync(program, [flag, code.replace('http://127.0.0.1:8080', url)]).status
    expect([run(worker.url), run(server.url), run('http://127.0.0.1:1')]).toEqual([0, 0, 1])
  })
})

describe('the server', () => {
  const ask = (
    path: string,
    how: { password?: string; method?: string; from?: string; headers?: Record<string, string> } = {},
  ) =>
    new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
      const authorization = how.password && `Basic ${Buffer.from(`gouji:${how.password}`).toString('base64')}`
      const options = { method: how.method ?? 'GET', localAddress: how.from ?? '127.0.0.1' }
      const headers = { ...how.headers, ...(authorization ? { authorization } : {}) }
      const sent = request(`${server.url}${path}`, { ...options, headers }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (piece: string) => {
          text += piece
        })
        answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }))
      })
      sent.on('error', reject).end()
    })

  it('tells what is due and what the queues hold', async () => {
    const metrics = await metricsOf(server)
    for (const stage of ['fetch', 'ingest', 'recheck']) {
      expect(metrics.get(`gouji_due{stage="${stage}"}`)).toBe(0)
      for (const state of ['waiting', 'active', 'delayed'])
        expect(metrics.has(`gouji_jobs{stage="${stage}",state="${state}"}`)).toBe(true)
    }
    expect([metrics.get('gouji_up{what="store"}'), metrics.get('gouji_up{what="redis"}')]).toEqual([1, 1])
    expect(metrics.get('gouji_due_oldest_seconds')).toBe(0)
    await place.run(['queue', 'pause'])
    const { stderr } = await place.run(['queue', 'add', join(samples, 'hongze-2023.html')])
    expect(stderr).toBe('')
    const then = await metricsOf(server)
    expect(then.get('gouji_due{stage="fetch"}')).toBe(1)
    expect(then.get('gouji_due_oldest_seconds')).toBeGreaterThan(0)
    expect(then.get('gouji_queue_paused')).toBe(1)
    await place.run(['queue', 'resume'])
  })

  it('shows the queues to whoever knows the password, and loads nothing from elsewhere', async () => {
    for (const path of ['/queues', '/queues/', '/queues/api/queues', '/queues/static/favicon.ico']) {
      expect((await ask(path)).status, path).toBe(401)
      expect((await ask(path, { password: 'not the password' })).status, path).toBe(401)
    }
    const { status, headers, text } = await ask('/queues/', { password: hostile })
    expect(status).toBe(200)
    expect(text).toContain('<title>gouji</title>')
    expect(text.match(/(?:src|href)="https?:/)).toBeNull()
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'cache-control': 'no-store' })
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    const names = JSON.parse((await ask('/queues/api/queues', { password: hostile })).text) as {
      queues: { name: string }[]
    }
    expect(names.queues.map(({ name }) => name)).toEqual(['fetch', 'ingest', 'recheck'])
  })

  it('shows no password with the queues, their jobs and their Redis', async () => {
    const paths = ['', 'api/queues?activeQueue=ingest&status=latest&page=1', 'api/redis/stats', 'api/queues/ingest/1']
    const shown = await Promise.all(paths.map((path) => ask(`/queues/${path}`, { password: hostile })))
    const stats = JSON.parse(shown[2]!.text) as object
    expect([shown[1]!.status, shown[2]!.status, stats]).toEqual([
      200,
      200,
      expect.objectContaining({ memory: expect.anything() }),
    ])
    const encoded = [hostile, JSON.stringify(hostile).slice(1, -1), encodeURIComponent(hostile)]
    const coded = Buffer.from(`gouji:${hostile}`).toString('base64')
    for (const { text, headers } of shown)
      for (const form of [...encoded, coded]) expect(text + JSON.stringify(headers)).not.toContain(form)
  })

  it('does nothing that another site makes a browser ask for', async () => {
    const change = { password: hostile, method: 'PUT' }
    const pause = '/queues/api/queues/ingest/pause'
    expect((await ask(pause, { ...change, headers: { origin: 'https://elsewhere.example' } })).status).toBe(403)
    expect((await ask(pause, { ...change, headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
    expect((await ask(pause, { ...change, headers: { origin: server.url } })).status).toBe(200)
    expect((await ask('/queues/api/queues/ingest/resume', change)).status).toBe(200)
  })

  it('lets nobody guess without end, and others in meanwhile', async () => {
    const from = '127.0.0.2'
    const statuses: number[] = []
    for (let tries = 0; tries < 12; tries++)
      statuses.push((await ask('/queues/', { password: `guess ${tries}`, from })).status)
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429])
    expect((await ask('/queues/', { password: hostile, from })).status).toBe(429)
    expect((await ask('/queues/', { password: hostile })).status).toBe(200)
  })

  it('does not start without a password', async () => {
    const { code, stderr } = await place.run(['serve'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('GOUJI_BOARD_PASSWORD') })
  })
})

describe('an installation', () => {
  it('has every number that it tells in docs/operations.md, and no other', async () => {
    const families = new Set<string>()
    for (const { url } of [worker, server]) {
      const text = await (await fetch(`${url}/metrics`)).text()
      for (const [, name] of text.matchAll(/^# TYPE (gouji\S+)/gm)) families.add(name!)
    }
    for (const page of ['operations.md', 'operations.zh.md']) {
      const docs = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
      const named = new Set(docs.match(/\bgouji_(?!blobs)[a-z_]+/g))
      expect([...named].sort()).toEqual([...families].sort())
    }
  })

  it('shows its passwords nowhere, also where nothing can be reached', async () => {
    const url = new URL('postgres://gouji@127.0.0.1:1/gouji')
    url.password = encodeURIComponent(hostile)
    const unreachable = await place.run(['reports', '--store', url.href], { GOUJI_STORE_PASSWORD_FILE: '' })
    const redis = await place.run(['queue', 'status'], { GOUJI_REDIS: 'redis://127.0.0.1:1' })
    const settings = await place.run(['config'])
    for (const one of [unreachable, redis]) expect(one.code).toBe(2)
    const arguments_ = await place.run(['runs', 'list', '--format', 'json'])
    for (const { stdout, stderr } of [unreachable, redis, settings, arguments_]) printed.push(stdout, stderr)
    const text = [worker.text(), server.text(), ...printed].join('\n')
    const json = (one: string): string => JSON.stringify(one).slice(1, -1)
    for (const form of [hostile, json(hostile), encodeURIComponent(hostile), encodeURI(hostile)])
      expect(text).not.toContain(form)
    expect(text).toContain('***')
  })

  it('says what a machine lacks, of Redis and PostgreSQL too', async () => {
    const client = connectRedis({ redis: place.redisUrl, prefix: '' })
    await client.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    const { code, stdout } = await place.run(['doctor', '--format', 'json', '--lang', 'en'])
    await client.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    client.disconnect()
    type Check = { name: string; ok: boolean; detail: string; remedy: string; optional?: true }
    const checks = JSON.parse(stdout) as Check[]
    const bad = checks.filter(({ ok, optional }) => !ok && !optional)
    expect({ code, bad }).toEqual({
      code: 2,
      bad: [
        {
          name: expect.stringContaining('noeviction'),
          ok: false,
          detail: 'allkeys-lru',
          remedy: expect.stringContaining('CONFIG SET'),
        },
      ],
    })
    const names = checks.map(({ name }) => name).join('\n')
    for (const about of ['UTF8', 'PostgreSQL 15', 'Redis 6.2', 'originals', 'clocks', 'schema'])
      expect(names).toContain(about)
  })

  it('says what is away, and goes on when it is back', async () => {
    await place.redis.kill()
    await until(async () => (await answerOf(`${worker.url}/ready`)) === 503, worker)
    expect(await (await fetch(`${worker.url}/ready`)).json()).toEqual({
      ready: false,
      missing: ['redis'],
      ending: false,
    })
    expect(await answerOf(`${worker.url}/health`)).toBe(200)
    const metrics = await metricsOf(server)
    expect([metrics.get('gouji_up{what="store"}'), metrics.get('gouji_up{what="redis"}')]).toEqual([1, 0])
    expect([...metrics.keys()].filter((name) => name.startsWith('gouji_jobs'))).toEqual([])
    await place.redis.start()
    await place.keepPassword()
    for (const one of [worker, server]) await until(async () => (await answerOf(`${one.url}/ready`)) === 200, one)
  })

  it('hands back what a worker cannot finish in time; another finishes it', async () => {
    expect(await worker.stop()).toBe(0)
    expect(worker.lines().at(-1)).toMatchObject({ msg: 'worker ended' })
    const many = join(place.folder, 'many')
    mkdirSync(many)
    const page = readFileSync(join(samples, 'hongze-2023.html'))
    for (let index = 0; index < 20; index++)
      writeFileSync(join(many, `${index}.html`), Buffer.concat([page, Buffer.from(`<!-- ${index} -->`)]))
    const hasty = await place.start('worker', { GOUJI_SHUTDOWN_SECONDS: '0' })
    const run = /Run (\S+)/i.exec((await place.run(['queue', 'add', many])).stdout)![1]!
    await until(() => hasty.lines().some(({ stage, msg }) => stage === 'ingest' && msg === 'done'), hasty)
    expect(await hasty.stop()).toBe(0)
    const client = new pg.Client(inject('postgresUrl').replace(/[^/]*$/, 'gouji_service'))
    await client.connect()
    const ask = async (sql: string): Promise<Record<string, unknown>> => (await client.query(sql)).rows[0]
    const sums = 'sum((taken_at IS NOT NULL)::integer)::integer AS taken, sum(lost + crashes)::integer AS blamed'
    const left = await ask(`SELECT count(*)::integer AS left, ${sums} FROM queued`)
    expect(left).toMatchObject({ taken: 0, blamed: 0 })
    expect(left.left).toBeGreaterThan(0)
    const next = await place.start('worker')
    await until(async () => (await ask('SELECT count(*)::integer AS left FROM queued')).left === 0, next)
    const { rows } = await client.query('SELECT outcome, count(*)::integer FROM run_items WHERE run = $1 GROUP BY 1', [
      run,
    ])
    expect(rows).toEqual([{ outcome: 'stored', count: 20 }])
    await client.end()
    expect(await next.stop()).toBe(0)
    expect(await server.stop()).toBe(0)
  })
})
