/**
 * What the queues cost and what more workers bring: the same documents by the embedded run, by one worker and by two, all
 * on one PostgreSQL, also with each worker given a part of a core; how long somebody waits while a batch is under way; what queued
 * jobs take of Redis. Part of `npm run bench`; alone: `npx tsx scripts/bench-service.mjs [quick]`.
 */
import { execFile, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import pg from 'pg'
import { startPostgres } from './postgres.mjs'
import { startRedis } from './redis.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const main = `${root}/dist/src/cli/main.js`
const run = promisify(execFile)

/** Adds rows to the table of measurements: what, measured, goal. `folders` are documents by what they are called. */
export async function measureService(folders, quick, add) {
  const postgres = await startPostgres()
  const redis = await startRedis()
  const place = mkdtempSync(join(tmpdir(), 'gouji-bench-'))
  const at = { postgres, redis, place }
  const limits = mayLimit()
  try {
    for (const [what, folder] of Object.entries(folders)) {
      const turns = []
      for (let turn = 0; turn < (quick ? 1 : 3); turn++) {
        const embedded = await byIngest(at, folder)
        const cold = await byWorkers(at, folder, 1, false)
        const one = await byWorkers(at, folder, 1, true)
        const two = await byWorkers(at, folder, 2, true)
        const limited = limits && (await byWorkers(at, folder, 1, true, true))
        const limitedTwo = limits && (await byWorkers(at, folder, 2, true, true))
        turns.push({
          overhead: (cold.seconds * readdirSync(folder).length) / embedded,
          gain: one.seconds / two.seconds,
          limitedGain: limits ? limited.seconds / limitedTwo.seconds : Number.NaN,
          spent: one.spent,
        })
      }
      const overhead = median(turns.map((turn) => turn.overhead))
      add([`Service, ${what}: one worker against the embedded run`, overhead.toFixed(2), 'at most 1.15'])
      const gain = median(turns.map((turn) => turn.gain))
      add([`Service, ${what}: two workers against one`, gain.toFixed(2), 'at least 1.8'])
      const limitedGain = median(turns.map((turn) => turn.limitedGain))
      const limitedName = `Service, ${what}: the same, each worker given ${percent} % of a core`
      add([limitedName, limits ? limitedGain.toFixed(2) : 'needs control groups of its own', 'at least 1.8'])
      const spent = ['worker', 'postgres', 'redis'].map((who) => median(turns.map((turn) => turn.spent[who])))
      const milliseconds = spent.map((seconds) => (seconds * 1000).toFixed(1)).join(' + ')
      add([`Service, ${what}: ms of processor a document, worker + PostgreSQL + Redis`, milliseconds, ''])
    }
    const { wait, memory } = await beside(at, quick)
    add(['Service: one document beside a batch against an idle worker', wait.toFixed(2), 'at most 3'])
    add(['Memory of a worker at the end of the batch against a fifth of it', memory.toFixed(2), 'flat'])
    const jobs = quick ? 10_000 : 100_000
    const megabytes = await memoryOfJobs(at, jobs)
    add([`Redis, MB for ${jobs} queued jobs`, megabytes.toFixed(0), ''])
  } finally {
    await redis.stop()
    await postgres.stop()
    rmSync(place, { recursive: true, force: true })
  }
}

/**
 * So much of a core leaves room for two workers and their servers on two cores, as a limit of a container does: what then holds
 * a second worker back is the queue, the store and their locks, not the lack of a third core.
 */
const percent = 40
/** The limit counts anew so often: a worker that has used up its part waits that long at most with its locks. In microseconds. */
const period = 10_000

let stores = 0

/** A store of its own, and the environment that says so. */
async function freshStore({ postgres, redis, place }) {
  const name = `bench${++stores}`
  const client = new pg.Client(postgres.url)
  await client.connect()
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  const store = postgres.url.replace(/postgres$/, name)
  const environment = {
    ...process.env,
    GOUJI_STORE: store,
    GOUJI_REDIS: redis.url,
    GOUJI_QUEUE_PREFIX: name,
    GOUJI_BLOBS: join(place, name),
    GOUJI_LOG_LEVEL: 'warn',
    GOUJI_LANG: 'en',
  }
  return { store, environment }
}

/** Seconds of the embedded run, as it says them. */
async function byIngest(at, folder) {
  const { environment } = await freshStore(at)
  const { stdout } = await run(process.execPath, [main, 'ingest', folder, '--jobs', '1', '--quiet'], {
    env: environment,
    cwd: at.place,
  })
  return Number(/Time ([\d.]+)/.exec(stdout)[1])
}

/** What each worker reads of a folder before it is measured. */
const warmingPart = 0.25

/**
 * Seconds a document from the moment workers may begin until nothing is left to be done. As cold as the embedded run; or warm,
 * after each has read some of the documents, since a worker lives for months and its code is compiled once. `limited`: each
 * to its part of a core. Gives the processor seconds a document too.
 */
async function byWorkers(at, folder, count, warm, limited = false) {
  const { store, environment } = await freshStore(at)
  const gouji = (...words) => run(process.execPath, [main, ...words], { env: environment, cwd: at.place })
  const workers = await startWorkers(count, environment, at.place)
  const limits = limited ? workers.map(({ pid }) => makeGroup(pid)) : []
  const client = new pg.Client(store)
  const queues = await pausedQueues(environment)
  try {
    await client.connect()
    const files = readdirSync(folder).map((name) => join(folder, name))
    const first = warm ? files.slice(0, files.length * warmingPart * count) : []
    if (warm) await gouji('queue', 'add', '--wait', ...first)
    for (const [index, group] of limits.entries()) writeFileSync(`${group}/cgroup.procs`, `${workers[index].pid}`)
    await queues.pause()
    await gouji('queue', 'add', ...files.slice(first.length))
    const documents = files.length - first.length
    const spentBefore = spentBy(at, workers)
    const begun = performance.now()
    await queues.resume()
    while (await isAnythingDue(client)) await sleep(20)
    const seconds = (performance.now() - begun) / 1000
    const after = Object.entries(spentBy(at, workers))
    const spent = Object.fromEntries(after.map(([who, all]) => [who, (all - spentBefore[who]) / documents]))
    return { seconds: seconds / documents, spent }
  } finally {
    await queues.close()
    await client.end()
    await stopWorkers(workers)
    for (const group of limits) rmdirSync(group)
  }
}

/** Processor seconds of workers and servers so far, by Linux. */
function spentBy({ postgres, redis }, workers) {
  const all = processes()
  const ofTree = (pid) =>
    all.filter(({ parent }) => parent === pid).reduce((sum, child) => sum + ofTree(child.pid), 0) +
    (all.find((one) => one.pid === pid)?.seconds ?? 0)
  const worker = workers.reduce((sum, { pid }) => sum + ofTree(pid), 0)
  return { worker, postgres: ofTree(postgres.pid()), redis: ofTree(redis.pid()) }
}

const ticksPerSecond = 100

function processes() {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return ids.flatMap((id) => {
    try {
      const text = readFileSync(`/proc/${id}/stat`, 'utf8')
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
      // Its own, and that of its children that have ended: connections come and go.
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
      return [{ pid: Number(id), parent: Number(fields[1]), seconds: ticks / ticksPerSecond }]
    } catch {
      return []
    }
  })
}

async function pausedQueues(environment) {
  const { openQueues } = await import(`${root}/dist/src/queue.js`)
  return openQueues({ redis: environment.GOUJI_REDIS, prefix: environment.GOUJI_QUEUE_PREFIX })
}

const isUnified = existsSync('/sys/fs/cgroup/cgroup.controllers')

/**
 * Makes a control group whose processes get a part of a core (Linux, cgroup-v1 or cgroup-v2), as a container with a limit does.
 * Gives its folder, which can be removed once they have ended.
 */
function makeGroup(name) {
  const group = `${isUnified ? '/sys/fs/cgroup' : '/sys/fs/cgroup/cpu'}/gouji-bench-${name}`
  mkdirSync(group)
  const quota = Math.round((period * percent) / 100)
  if (isUnified) writeFileSync(`${group}/cpu.max`, `${quota} ${period}`)
  else {
    writeFileSync(`${group}/cpu.cfs_period_us`, `${period}`)
    writeFileSync(`${group}/cpu.cfs_quota_us`, `${quota}`)
  }
  return group
}

/** Whether control groups of this machine are ours to make. */
function mayLimit() {
  try {
    rmdirSync(makeGroup(process.pid))
    return true
  } catch {
    return false
  }
}

async function startWorkers(count, environment, place) {
  const workers = Array.from({ length: count }, () =>
    spawn(process.execPath, [main, 'worker', '--jobs', '1'], {
      env: { ...environment, GOUJI_LOG_LEVEL: 'info' },
      cwd: place,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise((resolve) => {
          worker.stdout.on('data', (line) => {
            if (line.includes('worker started')) resolve()
          })
        }),
    ),
  )
  // Their threads load the forms when they are first used or started: that is no part of what is measured.
  await sleep(3000)
  return workers
}

async function stopWorkers(workers) {
  await Promise.all(
    workers.map((worker) => {
      const ended = new Promise((resolve) => worker.once('exit', resolve))
      worker.kill('SIGTERM')
      return ended
    }),
  )
}

async function isAnythingDue(client) {
  const { rows } = await client.query(
    `SELECT EXISTS (SELECT 1 FROM gouji.queued) OR EXISTS (SELECT 1 FROM gouji.rechecks) AS due`,
  )
  return rows[0].due
}

/** How many times as long somebody waits for one document beside a batch; and how the worker's memory grows over it. */
async function beside(at, quick) {
  const { store, environment } = await freshStore(at)
  const { openStore } = await import(`${root}/dist/src/store/open.js`)
  const { submit } = await import(`${root}/dist/src/pipeline/submit.js`)
  const workers = await startWorkers(1, environment, at.place)
  const client = new pg.Client(store)
  const queues = await pausedQueues(environment)
  const opened = await openStore(store, { blobs: environment.GOUJI_BLOBS })
  try {
    await client.connect()
    const context = { store: opened, queues, reader: 'bench', arguments: [], again: false, now: () => new Date() }
    const text = readFileSync(`${root}/samples/rundong-2021.txt`, 'utf8')
    let made = 0
    const waitForOne = async () => {
      const file = join(at.place, `urgent-${++made}.txt`)
      writeFileSync(file, text.replaceAll('润东', `急件${made}`))
      const begun = performance.now()
      const { run: id } = await submit([{ path: file }], { ...context, urgent: true })
      const due = `SELECT EXISTS (SELECT 1 FROM gouji.queued WHERE run = $1) OR EXISTS (SELECT 1 FROM gouji.run_items i
        JOIN gouji.rechecks c ON c.asked_by = i.reading WHERE i.run = $1) AS due`
      while ((await client.query(due, [id])).rows[0].due) await sleep(2)
      return performance.now() - begun
    }
    const times = []
    for (let turn = 0; turn < 5; turn++) await waitForOne()
    for (let turn = 0; turn < 15; turn++) times.push(await waitForOne())
    const idle = median(times)
    const count = quick ? 1000 : 10_000
    const batch = Array.from({ length: count }, (_, index) => {
      const file = join(at.place, 'batch', `${index}.txt`)
      mkdirSync(join(at.place, 'batch'), { recursive: true })
      writeFileSync(file, text.replaceAll('润东', `批${index}`))
      return { path: file }
    })
    await submit(batch, { ...context, urgent: false })
    const busy = []
    const memory = []
    while (await isAnythingDue(client)) {
      const { rows } = await client.query('SELECT count(*) AS done FROM gouji.run_items')
      memory.push({ done: Number(rows[0].done), megabytes: residentMegabytes(workers[0].pid) })
      busy.push(await waitForOne())
      await sleep(quick ? 100 : 1000)
    }
    const early = memory.find(({ done }) => done >= count / 5) ?? memory[0]
    return { wait: median(busy) / idle, memory: memory.at(-1).megabytes / early.megabytes }
  } finally {
    await queues.close()
    await opened.close()
    await client.end()
    await stopWorkers(workers)
  }
}

function residentMegabytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
}

async function memoryOfJobs({ redis }, count) {
  const client = new Redis(redis.url)
  const used = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))[1])
  const queues = await pausedQueues({ GOUJI_REDIS: redis.url, GOUJI_QUEUE_PREFIX: 'memory' })
  const before = await used()
  for (let start = 0; start < count; start += 1000) {
    await queues.add(
      Array.from({ length: 1000 }, (_, index) => ({ id: start + index + 1, stage: 'ingest', urgent: false })),
    )
  }
  const megabytes = ((await used()) - before) / 1e6
  await queues.close()
  client.disconnect()
  return megabytes
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

/** A folder of small texts, one of web pages and Word files as agencies publish them, and one of real PDFs. */
export async function writeServiceCorpora(place, quick) {
  const [texts, others, prints] = quick ? [400, 200, 60] : [2000, 1000, 200]
  const { makeSample, shapes } = await import(`${root}/test/generator/index.ts`)
  const small = join(place, 'small')
  const mixed = join(place, 'mixed')
  mkdirSync(small, { recursive: true })
  mkdirSync(mixed, { recursive: true })
  const text = readFileSync(`${root}/samples/rundong-2021.txt`, 'utf8')
  for (let index = 0; index < texts; index++)
    writeFileSync(join(small, `${index}.txt`), text.replaceAll('润东', `润东${index}`))
  const published = shapes.filter(({ format }) => ['html', 'docx'].includes(format))
  for (let index = 0; index < others; index++) {
    const shape = published[index % published.length]
    const { rendering } = makeSample(shape, index)
    writeFileSync(join(mixed, `${index}.${shape.format}`), rendering.bytes)
  }
  const pdfs = join(place, 'pdfs')
  mkdirSync(pdfs, { recursive: true })
  // A comment behind the end makes another file of the same pages.
  for (let index = 0; index < prints; index++) {
    const bytes = readFileSync(`${root}/samples/${index % 2 === 0 ? 'hongze-2023' : 'huaian-2024'}.pdf`)
    writeFileSync(join(pdfs, `${index}.pdf`), Buffer.concat([bytes, Buffer.from(`\n%${index}\n`)]))
  }
  return { 'small texts': small, 'web pages and Word files': mixed, PDFs: pdfs }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const quick = process.argv.includes('quick')
  const place = mkdtempSync(join(tmpdir(), 'gouji-bench-'))
  const corpora = await writeServiceCorpora(place, quick)
  await measureService(corpora, quick, (...rows) => {
    for (const row of rows) console.log(row.join(' | '))
  })
  rmSync(place, { recursive: true, force: true })
}
