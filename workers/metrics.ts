/**
 * What Prometheus is told. A worker counts what it did itself, so that sums over workers are right; what the installation
 * as a whole has to do is told by the server, in one place. Labels are codes of ours: there are only so many.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { StageResult } from '../src/pipeline/stages.ts'
import type { Readers } from '../src/pipeline/threads.ts'
import { type Queues, type Stage, stages } from '../src/queue.ts'
import type { Store } from '../src/store/open.ts'
import { countDue } from '../src/store/queued.ts'

export type WorkerMetrics = {
  readonly registry: Registry
  /** Counts what a stage came to. */
  count(stage: Stage, result: StageResult, seconds: number): void
  /** A job whose worker gave no sign of life for too long. */
  countStalled(stage: Stage): void
  /** Work that met a store that is away. */
  countOutage(stage: Stage): void
  /** What only the running worker knows, asked for when somebody looks. */
  watch(readers: Readers, awaySince: (stage: Stage) => Date | null, now: () => Date): void
}

/** From what is known already to a scan of many pages. */
const secondsBuckets = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

/** The metrics of one worker. */
export function makeWorkerMetrics(): WorkerMetrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const documents = new Counter({
    name: 'gouji_documents_total',
    help: 'Documents that got their outcome here',
    labelNames: ['stage', 'outcome', 'reason', 'kind'],
    registers,
  })
  const seconds = new Histogram({
    name: 'gouji_stage_seconds',
    help: 'How long a stage took with a document, by the kind of file',
    labelNames: ['stage', 'kind'],
    buckets: secondsBuckets,
    registers,
  })
  const counter = (name: string, help: string, labelNames: readonly string[]): Counter =>
    new Counter({ name, help, labelNames, registers })
  const again = counter('gouji_again_total', 'Attempts that are to be made again', ['stage', 'reason'])
  const broken = counter('gouji_broken_total', 'Stages that broke down: bugs', ['stage'])
  const stalled = counter('gouji_stalled_total', 'Jobs taken over from a worker that seems dead', ['stage'])
  const outages = counter('gouji_outages_total', 'Times that the store was away', ['stage'])
  for (const stage of stages) for (const one of [broken, stalled, outages]) one.inc({ stage }, 0)
  return {
    registry,
    count: (stage, result, took) => {
      const [first] = result.items
      seconds.observe({ stage, kind: first?.kind ?? 'unknown' }, took)
      for (const { outcome, reason, kind } of result.items)
        documents.inc({ stage, outcome, reason: reason?.code ?? '', kind: kind ?? 'unknown' })
      if (result.again !== null) again.inc({ stage, reason: result.again.reason.code })
      if (result.failed !== null) broken.inc({ stage })
    },
    countStalled: (stage) => stalled.inc({ stage }),
    countOutage: (stage) => outages.inc({ stage }),
    watch: (readers, awaySince, now) => watchWorker(registry, readers, awaySince, now),
  }
}

function watchWorker(
  registry: Registry,
  readers: Readers,
  awaySince: (stage: Stage) => Date | null,
  now: () => Date,
): void {
  const registers = [registry]
  const gauge = (name: string, help: string, labelNames: readonly string[], collect: (gauge: Gauge) => void): void => {
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        collect(this)
      },
    })
  }
  gauge('gouji_threads', 'Threads that read documents, by what they do', ['state'], (threads) => {
    const { busy } = readers.count()
    threads.set({ state: 'busy' }, busy)
    threads.set({ state: 'idle' }, readers.threads - busy)
  })
  new Counter({
    name: 'gouji_threads_replaced_total',
    help: 'Threads that were ended by a document and replaced',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(readers.count().replaced)) this.inc({ reason }, count)
    },
  })
  gauge('gouji_outage_seconds', 'Since when the store is away; 0 while it is not', ['stage'], (outage) => {
    for (const stage of stages) {
      const since = awaySince(stage)
      outage.set({ stage }, since === null ? 0 : (now().getTime() - since.getTime()) / 1000)
    }
  })
}

/** The metrics of an installation, asked for when somebody looks: what is due, what the queues hold, what answers. */
export function makeInstallationMetrics(
  store: Store,
  queues: Queues,
  now: () => Date,
): Pick<Registry, 'contentType' | 'metrics'> {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const gauge = (name: string, help: string, labelNames: readonly string[] = []): Gauge =>
    new Gauge({ name, help, labelNames, registers })
  const due = gauge('gouji_due', 'Documents and readings for which a stage is due', ['stage'])
  const held = gauge('gouji_due_documents', 'Documents that are due, by what is known of them', ['what'])
  const oldest = gauge('gouji_due_oldest_seconds', 'How long the oldest document that is due has waited; 0: none is')
  const jobs = gauge('gouji_jobs', 'Jobs in the queues', ['stage', 'state'])
  const paused = gauge('gouji_queue_paused', '1 where no worker begins anything')
  const up = gauge('gouji_up', '1 where it answers', ['what'])
  const metrics = async (): Promise<string> => {
    // What was true the last time must not be told as if it still were.
    for (const one of [due, held, jobs]) one.reset()
    for (const one of [oldest, paused]) one.set(Number.NaN)
    const [storeAnswers, redisAnswers] = await Promise.all([
      answers(askStore(store, now, { due, held, oldest })),
      answers(askQueues(queues, { jobs, paused })),
    ])
    up.set({ what: 'store' }, storeAnswers)
    up.set({ what: 'redis' }, redisAnswers)
    return registry.metrics()
  }
  return { contentType: registry.contentType, metrics }
}

async function askStore(
  store: Store,
  now: () => Date,
  { due, held, oldest }: { due: Gauge; held: Gauge; oldest: Gauge },
): Promise<void> {
  const found = await countDue(store)
  for (const stage of stages) due.set({ stage }, found[stage])
  for (const what of ['urgent', 'taken', 'faulty', 'lost'] as const) held.set({ what }, found[what])
  oldest.set(found.oldest === null ? 0 : Math.max(0, (now().getTime() - found.oldest.getTime()) / 1000))
}

async function askQueues(queues: Queues, { jobs, paused }: { jobs: Gauge; paused: Gauge }): Promise<void> {
  for (const stage of stages) {
    const counts = await queues.count(stage)
    for (const state of ['waiting', 'active', 'delayed'] as const) jobs.set({ stage, state }, counts[state])
  }
  paused.set((await queues.isPaused()) ? 1 : 0)
}

const askSecondsMax = 5

/** 1 where something is done in good time. */
async function answers(work: Promise<unknown>): Promise<0 | 1> {
  return inTime(work, askSecondsMax).then(
    () => 1,
    () => 0,
  )
}

/** What work gives. @throws what it throws, or an error where it takes too long */
export async function inTime<T>(work: Promise<T>, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${seconds} s`)), seconds * 1000)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
