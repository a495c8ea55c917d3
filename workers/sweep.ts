/**
 * Compares the queues with the store from time to time, and announces again what the store says is due and no job is
 * there for: after a worker died between two stages, or a Redis lost what it held. Also ends the runs that are done.
 */
import type { Logger } from 'pino'
import { detailOf } from '../src/errors.ts'
import { type Queues, stages } from '../src/queue.ts'
import type { Store } from '../src/store/open.ts'
import { countDue, finishRuns, listDue } from '../src/store/queued.ts'
import { listAsking } from '../src/store/rechecks.ts'
import { refreshTotals } from '../src/store/totals.ts'

export type SweepOptions = {
  readonly store: Store
  readonly log: Logger
  readonly now: () => Date
  readonly sweepSeconds: number
}

const pageRows = 1000

/** Sweeps until it is closed. */
export function openSweeper({ store, log, now, sweepSeconds }: SweepOptions, queues: Queues): { close(): void } {
  let timer: NodeJS.Timeout
  let closed = false
  const round = async (): Promise<void> => {
    try {
      const announced = await sweep(store, queues, now())
      // One year at a time: a sweep is no long work.
      const [year] = await refreshTotals(store, now(), 1)
      if (year !== undefined) log.debug({ year }, 'added up')
      if (announced > 0) log.warn({ announced }, 'queues filled again from the store')
    } catch (error) {
      if (!closed) log.warn({ error: detailOf(error) }, 'not swept')
    }
    if (closed) return
    // Not all workers at the same moment.
    timer = setTimeout(round, sweepSeconds * (500 + Math.random() * 1000))
  }
  timer = setTimeout(round, Math.random() * sweepSeconds * 1000)
  const close = (): void => {
    closed = true
    clearTimeout(timer)
  }
  return { close }
}

/** Announces what is due where the queues hold less than the store; gives how many. */
export async function sweep(store: Store, queues: Queues, at: Date): Promise<number> {
  await finishRuns(store, at)
  const { documents, readings } = await whatIsMissing(store, queues)
  if (!documents && !readings) return 0
  return (await queues.alone((goOn) => fill(store, queues, goOn))) ?? 0
}

async function fill(store: Store, queues: Queues, goOn: () => Promise<void>): Promise<number> {
  // Another may have done it just before.
  const { documents, readings } = await whatIsMissing(store, queues)
  let announced = 0
  if (documents) {
    for (let last = 0; ; ) {
      const page = await listDue(store, last, pageRows)
      await queues.add(page)
      await goOn()
      announced += page.length
      if (page.length < pageRows) break
      last = page.at(-1)!.id
    }
  }
  if (readings) {
    for (let last = -1; ; ) {
      const page = await listAsking(store, last, pageRows)
      await queues.addRechecks(page.map((reading) => ({ reading, urgent: false })))
      await goOn()
      announced += page.length
      if (page.length < pageRows) break
      last = page.at(-1)!
    }
  }
  return announced
}

async function whatIsMissing(
  store: Store,
  queues: Queues,
): Promise<{ readonly documents: boolean; readonly readings: boolean }> {
  const before = await jobsNow(queues)
  const due = await countDue(store)
  // Counted on both sides: what is done or added while it is counted is no loss.
  const after = await jobsNow(queues)
  return {
    documents: due.fetch + due.ingest > Math.max(before.documents, after.documents),
    readings: due.recheck > Math.max(before.readings, after.readings),
  }
}

async function jobsNow(queues: Queues): Promise<{ readonly documents: number; readonly readings: number }> {
  const [fetch, ingest, recheck] = await Promise.all(
    stages.map(async (stage) => {
      const { waiting, active, delayed } = await queues.count(stage)
      return waiting + active + delayed
    }),
  )
  return { documents: fetch! + ingest!, readings: recheck! }
}
