/**
 * What a worker does while the store is away: nothing, until it is back. Work that fails for a cause that passes waits at
 * one gate and is then done again, so that an outage costs no document an attempt and empties no queue into failures.
 */
import type { Logger } from 'pino'
import { mayPass } from '../src/store/faults.ts'
import type { Store } from '../src/store/open.ts'

export type Outage = {
  /** Does work, again after each outage. @throws what is no outage, or the outage after `end` */
  through<T>(work: () => Promise<T>): Promise<T>
  /** Waits no more. */
  end(): void
  /** Since when something is away; null while nothing is. */
  readonly since: () => Date | null
}

const firstSeconds = 0.5
const longestSeconds = 30

/** Watches a store for a worker. */
export function makeOutage(store: Store, log: Logger): Outage {
  const ended = new AbortController()
  let since: Date | null = null
  let back: Promise<void> | null = null
  let seconds = firstSeconds

  const waitUntilBack = async (error: unknown): Promise<void> => {
    if (since === null) log.error({ error: error instanceof Error ? error.message : String(error) }, 'away: waiting')
    since ??= new Date()
    for (let answers = false; !answers && !ended.signal.aborted; ) {
      await pause(seconds, ended.signal)
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
    if (since !== null) log.info({ seconds: (Date.now() - since.getTime()) / 1000 }, 'back')
    since = null
    seconds = firstSeconds
  }

  const through: Outage['through'] = async (work) => {
    for (;;) {
      if (back !== null) await back
      try {
        const result = await work()
        done()
        return result
      } catch (error) {
        if (ended.signal.aborted || !mayPass(error)) throw error
        back ??= waitUntilBack(error)
        await back
      }
    }
  }
  return { through, end: () => ended.abort(), since: () => since }
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
