/**
 * A worker: takes jobs of all stages from the queues and does them by the pipeline, until it is told to end. It then takes
 * no more, finishes what it has begun or, past the deadline, gives it back. Where the store or Redis is away it waits and
 * goes on by itself. Nothing here decides what becomes of a document.
 */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { DelayedError, type Job, Worker } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import type { Logger } from 'pino'
import { detailOf, type ErrorCode, UserError } from '../src/errors.ts'
import type { Registry } from '../src/forms/registry.ts'
import { type Fetched, PutOff } from '../src/pipeline/inputs.ts'
import { makeAloneReader } from '../src/pipeline/processes.ts'
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
  faultOf,
  openQueues,
  type QueueSettings,
  type Queues,
  reachRedis,
  type Stage,
  type StageJob,
  stages,
} from '../src/queue.ts'
import type { Answer } from '../src/store/downloads.ts'
import { mayPass } from '../src/store/faults.ts'
import type { Store } from '../src/store/open.ts'
import type { WorkerMetrics } from './metrics.ts'
import { atStart, makeOutage, makeRoom, type Outage } from './outage.ts'
import { openSweeper } from './sweep.ts'
import type { Tracing } from './tracing.ts'
import { makeWatch, namesOf, type Watch } from './watch.ts'

export type WorkerOptions = {
  readonly queue: QueueSettings
  readonly store: Store
  readonly registry: Registry
  readonly readers: ReadersOptions
  readonly reader: string
  readonly download: (url: string, signal: AbortSignal, before: Answer | null) => Promise<Fetched>
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
  /** Once a newer program has brought the store up: nothing is taken any more, and `stop` is to be called. */
  readonly outdated: Promise<void>
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
/** A host is asked at most so often at once that others can be asked beside it, however slow it is. */
export const hostPlacesMax = beside.fetch - 1

/** What went wrong outside of all stages, such as a store that is not what it should be, is looked at so seldom at last. */
const secondsMax = 3600
/** What found the network away goes behind the others, of which one may find it back. */
const awayMilliseconds = 1000
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
    download: (url, before) => options.download(url, ended.signal, before),
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
  const underWay = new Set<Promise<unknown>>()
  const outlived = makeWord()
  const place: Place = { context, queues, outages, watch, underWay, log, outlive: outlived.say }
  const workers = stages.map((stage) => {
    const todo: Todo = (job, token) => handle(stage, job, token, place)
    const worker = openStage(stage, todo, { connection, threads: readers.threads, lockSeconds, ...options.queue })
    worker.on('error', (error) => (isFull(error, options.queue) ? void room() : tellError(error)))
    worker.on('stalled', () => metrics.countStalled(stage))
    worker.on('failed', (job, error) => {
      if (error instanceof Again || stopping.signal.aborted) return
      const names = job === undefined ? { stage } : namesOf(stage, job.data, null)
      log.error({ ...names, error: error.stack }, 'not done: again later')
    })
    return worker
  })
  const room = makeRoom(workers, queues, log, stopping.signal)
  const sweeper = openSweeper(options, queues)
  log.info({ threads: readers.threads, reader: options.reader }, 'worker started')
  const stop = async (deadlineSeconds: number): Promise<void> => {
    sweeper.close()
    stopping.abort()
    const closed = Promise.all(workers.map((worker) => worker.close()))
    if (!(await within(deadlineSeconds, allOf(underWay)))) {
      log.warn({ deadlineSeconds }, 'not finished in time: given back')
      ended.abort()
    }
    // Jobs end now, so that their next worker need not wait until this one is taken for dead. But BullMQ waits for a Redis
    // that is away, and for ever where it was about to connect again: ioredis then never says that it has ended.
    await within(leaveSeconds, closed)
    ended.abort()
    await readers.close()
    await within(leaveSeconds, queues.close())
    connection.disconnect()
    log.info('worker ended')
  }
  return { ping: () => queues.ping(), outdated: outlived.said, stop }
}

type Todo = (job: Job<StageJob>, token: string | undefined) => Promise<void>

function openStage(
  stage: Stage,
  todo: Todo,
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

function isOf(error: unknown, code: ErrorCode): boolean {
  return error instanceof UserError && error.code === code
}

function isFull(error: Error, settings: QueueSettings): boolean {
  return isOf(faultOf(error, settings), 'queue_full')
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

/** What jobs are done with. */
type Place = {
  readonly context: StageContext
  readonly queues: Queues
  readonly outages: ReadonlyMap<Stage, Outage>
  readonly watch: Watch
  /** What was begun and has not ended. */
  readonly underWay: Set<Promise<unknown>>
  readonly log: Logger
  /** Says that the store was brought up by a newer program. */
  readonly outlive: () => void
}

async function handle(stage: Stage, job: Job<StageJob>, token: string | undefined, place: Place): Promise<void> {
  const { context, queues, outages, watch, underWay, log, outlive } = place
  // Put there by hand, in the view of the queues say.
  if (!Number.isSafeInteger(job.data.id)) return log.warn({ stage, job: job.id }, 'no job of ours')
  const done = watch.through(stage, job.data, () =>
    outages.get(stage)!.through(() => work[stage](job.data.id, context)),
  )
  underWay.add(done)
  const { result, origin } = await done
    .finally(() => underWay.delete(done))
    .catch(async (error: unknown) => {
      const later = error instanceof PutOff ? error.milliseconds : isOf(error, 'network_away') ? awayMilliseconds : null
      if (later !== null) {
        await job.moveToDelayed(Date.now() + later, token)
        throw new DelayedError()
      }
      if (!isOf(error, 'store_newer')) throw error
      outlive()
      throw new Again('store_newer', null)
    })
  try {
    await queues.add(result.due, origin)
    if (result.recheck !== null) await queues.addRechecks([result.recheck], origin)
  } catch (error) {
    if (!mayPass(error)) throw error
    // What is due stands in the store, from which queues are filled again.
    log.warn({ ...namesOf(stage, job.data, result.document), error: detailOf(error) }, 'not announced')
  }
  if (result.again !== null) throw new Again(result.again.reason.code, result.again.seconds)
}

/** Something that is said once, to whoever waits for it. */
function makeWord(): { readonly said: Promise<void>; readonly say: () => void } {
  let say = (): void => {}
  const said = new Promise<void>((resolve) => {
    say = resolve
  })
  return { said, say }
}

/** Until nothing is under way. */
async function allOf(underWay: ReadonlySet<Promise<unknown>>): Promise<void> {
  while (underWay.size > 0) await Promise.allSettled(underWay)
}
