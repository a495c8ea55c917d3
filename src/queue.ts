/**
 * The queues that carry work to workers: one a stage, on Redis by BullMQ. A job is a hint that something is due; what is
 * due stands in the store. So a job that is lost is queued again, one too many does nothing, and none holds a document.
 */
import { Queue } from 'bullmq'
import { Cluster, Redis } from 'ioredis'
import { detailOf, isNetworkCode, UserError } from './errors.ts'
import { hidePasswords } from './secrets.ts'
import type { Due } from './store/queued.ts'

/** What is done to a document, in this order; each has a queue. */
export const stages = ['fetch', 'ingest', 'recheck'] as const
export type Stage = (typeof stages)[number]

/**
 * A job: the number of a queued document, or of a reading for `recheck`; and for logs and traces whose it is, and which
 * stage came before.
 */
export type StageJob = {
  readonly id: number
  readonly of?: {
    readonly document: number
    readonly run: string | undefined
    readonly sha256: string | null | undefined
  }
  readonly trace?: string
}

export type QueueSettings = {
  /** One server, or several nodes of a cluster with commas between them. */
  readonly redis: string
  /** Before all keys. For a cluster in braces, so that they lie on one node. */
  readonly prefix: string
}

/** How many jobs there are of each kind. */
export type JobCounts = Readonly<Record<'waiting' | 'active' | 'delayed', number>>

/** What asks Redis @throws UserError `queue_full`, `queue_unreachable`, which may pass. */
export type Queues = {
  /** Announces documents that are due. Those that are announced already stay as they are. */
  add(due: readonly Due[], origin?: Omit<StageJob, 'id'>): Promise<void>
  /** Announces readings that are to be held against others. */
  addRechecks(
    readings: readonly { readonly reading: number; readonly urgent: boolean }[],
    origin?: Omit<StageJob, 'id'>,
  ): Promise<void>
  /** Whether Redis answers. @throws where it does not */
  ping(): Promise<void>
  /** Whether Redis takes anything. @throws UserError `queue_full` where it has no memory left */
  write(): Promise<void>
  /**
   * Does what one process at a time need do; null where another is at it. `work` says after each part that it goes on: of whom
   * nothing is heard for a while, another takes it over.
   */
  alone<T>(work: (goOn: () => Promise<void>) => Promise<T>): Promise<T | null>
  count(stage: Stage): Promise<JobCounts>
  /** No job is begun by any worker until `resume`. */
  pause(): Promise<void>
  resume(): Promise<void>
  isPaused(): Promise<boolean>
  /** Forgets all jobs that nobody has begun. */
  clear(): Promise<void>
  /** The queue of a stage, for what shows queues. */
  of(stage: Stage): Queue<StageJob>
  close(): Promise<void>
}

/** Priorities: without one comes before all with one, so that who waits is served before what runs at night. */
const nightly = 10

/** What is written only to see whether there is room goes by itself. */
const roomMilliseconds = 1000

/** Who is at something alone says so more often than this. */
const aloneMilliseconds = 20_000

/** The store counts attempts; the queue never gives up. */
const attemptsMax = 1_000_000

/** Of a server that was asked and says nothing for so long nothing is expected any more. No command of ours may block so long. */
const silenceMilliseconds = 30_000
/** And whoever asked is told: what was asked may be asked again, less often than it would be at once. */
const reconnect = 1

/** A connection as BullMQ's workers and queues want it: it waits for a server that is away. Callers close it. */
export function connectRedis({ redis }: QueueSettings, patient = true): Redis | Cluster {
  const options = {
    maxRetriesPerRequest: patient ? null : 1,
    enableReadyCheck: true,
    socketTimeout: silenceMilliseconds,
    // A server that became a standby: its name may lead to the one that took over.
    reconnectOnError: ({ message }: Error) => (message.includes('READONLY') ? reconnect : false),
  }
  const nodes = redis.split(',')
  const connection =
    nodes.length > 1
      ? new Cluster(nodes, { redisOptions: options })
      : new Redis(redis, { ...options, lazyConnect: true })
  // It reconnects by itself; a command that is given up tells whoever gave it.
  connection.on('error', () => {})
  return connection
}

/** Whether Redis answers. @throws UserError `queue_unreachable` */
export async function reachRedis(settings: QueueSettings): Promise<void> {
  const connection = connectRedis(settings, false)
  await reach(connection, settings)
  connection.disconnect()
}

/**
 * Opens the queues. `patient` waits for a Redis that is away; else it is an error.
 * @throws UserError `queue_unreachable`, `usage` for a prefix that would spread the keys over a cluster
 */
export async function openQueues(settings: QueueSettings, patient = false): Promise<Queues> {
  if (settings.redis.includes(',') && !/\{[^{}]+\}/.test(settings.prefix))
    throw new UserError('usage', { detail: `GOUJI_QUEUE_PREFIX: "${settings.prefix}" ({${settings.prefix}})` })
  const connection = connectRedis(settings, patient)
  if (!patient) await reach(connection, settings)
  const queues = new Map(stages.map((stage) => [stage, makeQueue(stage, connection, settings.prefix)] as const))
  const of = (stage: Stage): Queue<StageJob> => queues.get(stage)!
  const ask = <T>(work: () => Promise<T>): Promise<T> =>
    work().catch((error: unknown) => {
      throw faultOf(error, settings)
    })
  const all = <T>(work: (queue: Queue<StageJob>) => Promise<T>): Promise<T[]> =>
    ask(() => Promise.all(stages.map((s) => work(of(s)))))
  const announce = (stage: Stage, ids: Announced, origin: Omit<StageJob, 'id'> = {}): Promise<void> =>
    ask(() => announceIn(of(stage), stage, ids, origin))
  return {
    add: async (due, origin) => {
      for (const stage of ['fetch', 'ingest'] as const)
        await announce(
          stage,
          due.filter((one) => one.stage === stage),
          origin,
        )
    },
    addRechecks: (readings, origin) =>
      announce(
        'recheck',
        readings.map(({ reading, urgent }) => ({ id: reading, urgent })),
        origin,
      ),
    // Asked while it is away, it would answer once it is back.
    ping: async () => {
      if (connection.status !== 'ready') throw new Error(connection.status)
      await connection.ping()
    },
    write: async () => void (await ask(() => connection.set(`${settings.prefix}:room`, '', 'PX', roomMilliseconds))),
    alone: (work) => ask(() => workAlone(work, connection, settings.prefix)),
    count: async (stage) => {
      const counts = await ask(() => of(stage).getJobCounts('waiting', 'prioritized', 'active', 'delayed'))
      const { waiting = 0, prioritized = 0, active = 0, delayed = 0 } = counts
      return { waiting: waiting + prioritized, active, delayed }
    },
    pause: async () => void (await all((queue) => queue.pause())),
    resume: async () => void (await all((queue) => queue.resume())),
    isPaused: () => ask(() => of('ingest').isPaused()),
    clear: async () => void (await all((queue) => queue.drain(true))),
    of,
    close: async () => {
      await all((queue) => queue.close())
      connection.disconnect()
    },
  }
}

async function workAlone<T>(
  work: (goOn: () => Promise<void>) => Promise<T>,
  connection: Redis | Cluster,
  prefix: string,
): Promise<T | null> {
  const key = `${prefix}:alone`
  if ((await connection.set(key, '', 'PX', aloneMilliseconds, 'NX')) === null) return null
  try {
    return await work(async () => void (await connection.set(key, '', 'PX', aloneMilliseconds)))
  } finally {
    await connection.del(key)
  }
}

type Announced = readonly { readonly id: number; readonly urgent: boolean }[]

async function announceIn(
  queue: Queue<StageJob>,
  stage: Stage,
  ids: Announced,
  origin: Omit<StageJob, 'id'>,
): Promise<void> {
  if (ids.length === 0) return
  await queue.addBulk(
    ids.map(({ id, urgent }) => ({
      name: stage,
      data: { id, ...origin },
      opts: { jobId: `${stage}-${id}`, ...(urgent ? {} : { priority: nightly }) },
    })),
  )
}

const noRoom = /\bOOM command not allowed/
/** A Redis that loads, fails over, cannot keep what it is given, or is not there. */
const notNow = /^(?:LOADING|MISCONF|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS)\b/
const lost = /Connection is closed|max retries per request|Stream isn't writeable|Failed to refresh slots cache/

/** What went wrong with Redis, for people, where that may pass; anything else as it is. */
export function faultOf(error: unknown, { redis }: QueueSettings): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error
  const url = hidePasswords(redis)
  if (noRoom.test(error.message)) return new UserError('queue_full', { url }, true)
  const away = notNow.test(error.message) || lost.test(error.message) || ('code' in error && isNetworkCode(error.code))
  return away ? new UserError('queue_unreachable', { url, detail: hidePasswords(detailOf(error)) }, true) : error
}

function makeQueue(stage: Stage, connection: Redis | Cluster, prefix: string): Queue<StageJob> {
  const queue = new Queue<StageJob>(stage, {
    connection,
    prefix,
    defaultJobOptions: {
      attempts: attemptsMax,
      backoff: { type: 'custom' },
      // The store keeps what became of a document; a job that ended only bars the way of the next with its id.
      removeOnComplete: true,
      removeOnFail: true,
      // What went wrong before the last time stands in the log.
      stackTraceLimit: 1,
    },
  })
  // The connection comes back by itself; what could not be asked of it was told to who asked.
  queue.on('error', () => {})
  return queue
}

/** What a Redis is like, as far as it says. */
export type RedisState = {
  readonly version: string
  /** What it does where memory is full; `noeviction` alone loses no job. */
  readonly policy: string
  readonly appendOnly: boolean
  readonly usedBytes: number
  /** 0: no limit of its own. */
  readonly maxBytes: number
}

/** Looks at a Redis; of a cluster at one node. @throws UserError `queue_unreachable` */
export async function inspectRedis(settings: QueueSettings): Promise<RedisState> {
  const connection = connectRedis(settings, false)
  await reach(connection, settings)
  try {
    // INFO, not CONFIG: servers that others run forbid the latter.
    const text = await connection.info()
    const found = new Map([...text.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]))
    return {
      version: found.get('redis_version') ?? '',
      policy: found.get('maxmemory_policy') ?? '',
      appendOnly: found.get('aof_enabled') === '1',
      usedBytes: Number(found.get('used_memory') ?? 0),
      maxBytes: Number(found.get('maxmemory') ?? 0),
    }
  } finally {
    connection.disconnect()
  }
}

async function reach(connection: Redis | Cluster, { redis }: QueueSettings): Promise<void> {
  try {
    if (connection instanceof Redis) await connection.connect()
    await connection.ping()
  } catch (error) {
    connection.disconnect()
    throw new UserError(
      'queue_unreachable',
      { url: hidePasswords(redis), detail: hidePasswords(detailOf(error)) },
      true,
    )
  }
}
