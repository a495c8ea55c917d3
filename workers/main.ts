/**
 * A worker: takes jobs of all stages from the queues and does them by the pipeline, until it is told to end. It then takes
 * no more, finishes what it has begun or, past the deadline, gives it back. Where the store or Redis is away it waits and
 * goes on by itself. Nothing here decides what becomes of a document.
 */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { type Job, Worker } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { Registry } from '../src/forms/registry.ts'
import { makeAloneReader } from '../src/pipeline/alone.ts'
import type { InputBytes } from '../src/pipeline/inputs.ts'
import {
  fetchQueued,
  ingestQueued,
  recheckStored,
  type StageContext,
  type StageResult,
} from '../src/pipeline/stages.ts'
import { openReaders, type ReadersOptions } from '../src/pipeline/threads.ts'
import {
  connectRedis,
  openQueues,
  type QueueSettings,
  type Queues,
  reachRedis,
  type Stage,
  type StageJob,
  stages,
} from '../src/queue.ts'
import type { Store } from '../src/store/open.ts'
import type { WorkerMetrics } from './metrics.ts'
import { atStart, makeOutage, type Outage } from './outage.ts'
import { openSweeper } from './sweep.ts'
import type { Tracing } from './tracing.ts'
import { makeWatch, namesOf, type Watch } from './watch.ts'

export type WorkerOptions = {
  readonly queue: QueueSettings
  readonly store: Store
  readonly registry: Registry
  readonly readers: ReadersOptions
  readonly reader: string
  readonly download: (url: string, signal: AbortSignal) => Promise<InputBytes>
  readonly log: Logger
  readonly metrics: WorkerMetrics
  readonly tracing: Tracing
  readonly now: () => Date
  /** How long after its last sign of life a worker is taken for dead. */
  readonly lockSeconds: number
  /** How often the queues are compared with the store. */
  readonly sweepSeconds: number
  /** How long Redis is waited for at the start. */
  readonly waitSeconds: number
}

/** A worker that runs. */
export type RunningWorker = {
  /** Whether Redis answers. @throws where it does not */
  ping(): Promise<void>
  /** Takes no more and ends: what has begun has `deadlineSeconds` to be finished, and is then given back. */
  stop(deadlineSeconds: number): Promise<void>
}

const work: Readonly<Record<Stage, (id: number, context: StageContext) => Promise<StageResult>>> = {
  fetch: fetchQueued,
  ingest: ingestQueued,
  recheck: recheckStored,
}

/** Stages that wait for disk and database more than they compute. */
const beside = { fetch: 4, recheck: 2 } as const

const secondsMax = 60
/** So long it may take to give back what was begun, and to take leave of Redis. */
const leaveSeconds = 3

/** Starts the workers of all stages in this process. @throws UserError `queue_unreachable` after `waitSeconds` */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { log, store, lockSeconds } = options
  await atStart('queue', () => reachRedis(options.queue), log, options.waitSeconds)
  const queues = await openQueues(options.queue, true)
  const stopping = new AbortController()
  const ended = new AbortController()
  const readers = openReaders(options.readers)
  const context: StageContext = {
    ...options,
    download: (url) => options.download(url, ended.signal),
    readers,
    readAlone: makeAloneReader(options.readers),
    worker: `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`,
    ended: ended.signal,
  }
  const { metrics } = options
  const outageOf = (stage: Stage): Outage =>
    makeOutage(store, log.child({ stage }), stopping.signal, () => metrics.countOutage(stage))
  const outages = new Map(stages.map((stage) => [stage, outageOf(stage)]))
  metrics.watch(readers, (stage) => outages.get(stage)!.since(), options.now)
  const watch = makeWatch(log, metrics, options.tracing)
  const connection = connectRedis(options.queue)
  const tellError = watchRedis(connection, log, stopping.signal)
  const workers = stages.map((stage) => {
    const todo = (job: Job<StageJob>): Promise<void> => handle(stage, job, context, queues, outages.get(stage)!, watch)
    const worker = openStage(stage, todo, { connection, threads: readers.threads, lockSeconds, ...options.queue })
    worker.on('error', tellError)
    worker.on('stalled', () => metrics.countStalled(stage))
    worker.on('failed', (job, error) => {
      if (error instanceof Again || stopping.signal.aborted) return
      const names = job === undefined ? { stage } : namesOf(stage, job.data, null)
      log.error({ ...names, error: error.stack }, 'not done: again later')
    })
    return worker
  })
  const sweeper = openSweeper(options, queues)
  log.info({ threads: readers.threads, reader: options.reader }, 'worker started')
  const stop = async (deadlineSeconds: number): Promise<void> => {
    sweeper.close()
    stopping.abort()
    const finished = Promise.all(workers.map((worker) => worker.close()))
    if (!(await within(deadlineSeconds, finished))) {
      log.warn({ deadlineSeconds }, 'not finished in time: given back')
      ended.abort()
      // Jobs end now, so that their next worker need not wait until this one is taken for dead.
      await within(leaveSeconds, finished)
    }
    ended.abort()
    await readers.close()
    await within(leaveSeconds, queues.close())
    connection.disconnect()
    log.info('worker ended')
  }
  return { ping: () => queues.ping(), stop }
}

function openStage(
  stage: Stage,
  todo: (job: Job<StageJob>) => Promise<void>,
  how: {
    readonly connection: Redis | Cluster
    readonly prefix: string
    readonly threads: number
    readonly lockSeconds: number
  },
): Worker<StageJob> {
  const { connection, prefix, threads, lockSeconds } = how
  return new Worker<StageJob>(stage, todo, {
    connection,
    prefix,
    // One more than there are threads: its bytes are at hand when a thread is free.
    concurrency: stage === 'ingest' ? threads + 1 : beside[stage],
    lockDuration: lockSeconds * 1000,
    stalledInterval: lockSeconds * 500,
    runRetryDelay: 2000,
    // A worker that dies is no fault of the document; the store knows how often it was lost.
    maxStalledCount: 1_000_000,
    settings: {
      backoffStrategy: (times = 1, _type, error) =>
        ((error instanceof Again ? error.seconds : null) ?? Math.min(2 ** (times - 1), secondsMax)) * 1000,
    },
  })
}

/** Whether something ended in time. */
export async function within(seconds: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), seconds * 1000)
  })
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Tells once that Redis is away and once that it is back. Gives what tells the other errors of the queues. */
function watchRedis(connection: Redis | Cluster, log: Logger, stopping: AbortSignal): (error: Error) => void {
  let since: number | null = null
  connection.on('close', () => {
    if (since !== null || stopping.aborted) return
    since = Date.now()
    log.error('queue away: waiting')
  })
  connection.on('ready', () => {
    if (since !== null) log.info({ seconds: (Date.now() - since) / 1000 }, 'queue back')
    since = null
  })
  return (error) => {
    if (!/ECONN|EPIPE|ETIMEDOUT|Connection is closed|Stream isn't writeable/.test(`${error.message}`))
      log.warn({ error: error.message }, 'queue')
  }
}

/** The error that makes BullMQ do a job again later. */
class Again extends Error {
  /** How long to wait before; null: as usual. */
  readonly seconds: number | null
  constructor(reason: string, seconds: number | null) {
    super(reason)
    this.seconds = seconds
  }
}

async function handle(
  stage: Stage,
  job: Job<StageJob>,
  context: StageContext,
  queues: Queues,
  outage: Outage,
  watch: Watch,
): Promise<void> {
  const { id } = job.data
  const { result, origin } = await watch.through(stage, job.data, () => outage.through(() => work[stage](id, context)))
  await queues.add(result.due, origin)
  if (result.recheck !== null) await queues.addRechecks([result.recheck], origin)
  if (result.again !== null) throw new Again(result.again.reason.code, result.again.seconds)
}
