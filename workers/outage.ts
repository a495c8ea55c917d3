/**
 * What a worker does while the store, Redis or the network is away: nothing, until it is back. Work that fails for a cause that passes
 * waits at one gate and is then done again, so that an outage costs no document an attempt and empties no queue into
 * failures.
 */
import type { Logger } from 'pino'
import { detailOf, UserError } from '../src/errors.ts'
import { mayPass } from '../src/store/faults.ts'
import type { Store } from '../src/store/open.ts'

export type Outage = {
  /**
   * Does work, again after each outage. @throws what is no outage, or the outage once the signal is aborted, or where other
   * work gets through; of the network, after a wait, since only other work may tell that it is back
   */
  through<T>(work: () => Promise<T>): Promise<T>
  /** Since when something is away; null while nothing is. */
  readonly since: () => Date | null
}

const firstSeconds = 0.5
const longestSeconds = 30
/** Work that failed so often while other work was done has a matter of its own: it waits by itself, and holds up nobody. */
const ownMax = 5

/** Watches a store for a worker. Once `ended` is aborted nothing is waited for any more. */
export function makeOutage(store: Store, log: Logger, ended: AbortSignal, onAway: () => void): Outage {
  let since: Date | null = null
  let back: Promise<void> | null = null
  let seconds = firstSeconds
  let successes = 0

  const waitUntilBack = async (error: unknown): Promise<void> => {
    if (since === null) {
      log.error({ error: detailOf(error) }, 'away: waiting')
      onAway()
    }
    since ??= new Date()
    for (let answers = false; !answers && !ended.aborted; ) {
      await pause(seconds, ended)
      seconds = Math.min(seconds * 2, longestSeconds)
      answers = await store.sql.query('SELECT 1').then(
        () => true,
        () => false,
      )
    }
    back = null
  }

  // A server that answers is not enough: a disk may still be full. Only work that is done says that all is well.
  const done = (): void => {
    if (since !== null) log.info({ seconds: secondsSince(since) }, 'back')
    since = null
    seconds = firstSeconds
    successes++
  }

  const through: Outage['through'] = async (work) => {
    let own = 0
    let before = successes
    for (;;) {
      if (back !== null) await back
      try {
        const result = await work()
        done()
        return result
      } catch (error) {
        if (successes > before) own++
        before = successes
        if (ended.aborted || !mayPass(error) || own === ownMax) throw error
        back ??= waitUntilBack(error)
        await back
        if (error instanceof UserError && error.code === 'network_away') throw error
      }
    }
  }
  return { through, since: () => since }
}

/**
 * Does what a worker cannot start without, again while it fails for a cause that passes, for at most `waitSeconds`.
 * @throws the cause, then or where it does not pass
 */
export async function atStart<T>(what: string, work: () => Promise<T>, log: Logger, waitSeconds: number): Promise<T> {
  const begun = new Date()
  for (let seconds = firstSeconds; ; seconds = Math.min(seconds * 2, longestSeconds)) {
    try {
      const made = await work()
      if (seconds > firstSeconds) log.info({ what, seconds: secondsSince(begun) }, 'there')
      return made
    } catch (error) {
      const left = waitSeconds - secondsSince(begun)
      if (!mayPass(error) || left <= 0) throw error
      log.warn({ what, error: detailOf(error), again: seconds, left: Math.round(left) }, 'not there: waiting')
      await pause(Math.min(seconds, left))
    }
  }
}

/** What takes jobs and can be kept from it. */
type Pausable = { pause(withoutWaiting: boolean): Promise<void>; resume(): Promise<void> }

/**
 * What is done where Redis has no memory left: nothing is taken from it until it takes something again, which is tried less
 * and less often, since BullMQ would ask it again at once, and for ever.
 */
export function makeRoom(
  workers: readonly Pausable[],
  queues: { write(): Promise<void> },
  log: Logger,
  ended: AbortSignal,
): () => Promise<void> {
  let waits = false
  return async () => {
    if (waits || ended.aborted) return
    waits = true
    const begun = new Date()
    log.error('queue full: waiting')
    await Promise.all(workers.map((worker) => worker.pause(true)))
    let seconds = firstSeconds
    for (let takes = false; !takes && !ended.aborted; ) {
      await pause(seconds, ended)
      seconds = Math.min(seconds * 2, longestSeconds)
      takes = await queues.write().then(
        () => true,
        () => false,
      )
    }
    waits = false
    if (ended.aborted) return
    log.info({ seconds: secondsSince(begun) }, 'queue has room')
    await Promise.all(workers.map((worker) => worker.resume()))
  }
}

function secondsSince(begun: Date): number {
  return (Date.now() - begun.getTime()) / 1000
}

async function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, seconds * 1000)
    signal?.addEventListener('abort', end)
    if (signal?.aborted) end()
  })
}
