/**
 * Compares the queues with the store from time to time, and announces again what the store says is due and no job is
 * there for: after a worker died between two stages, or a Redis lost what it held. Also ends the runs that are done.
 */
import type { Logger } from 'pino'
import type { Queues } from '../src/queue.ts'
import { listPending } from '../src/store/neighbours.ts'
import type { Store } from '../src/store/open.ts'
import { countDue, finishRuns, listDue } from '../src/store/queued.ts'
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
  const round = async (): Promise<void> => {
    try {
      const announced = await sweep(store, queues, now())
      // One year at a time: a sweep is no long work.
      const [year] = await refreshTotals(store, now(), 1)
      if (year !== undefined) log.debug({ year }, 'added up')
      if (announced > 0) log.warn({ announced }, 'queues filled again from the store')
    } catch (error) {
      log.warn({ error: error instanceof Error ? error.message : String(error) }, 'not swept')
    }
    // Not all workers at the same moment.
    timer = setTimeout(round, sweepSeconds * (500 + Math.random() * 1000))
  }
  timer = setTimeout(round, Math.random() * sweepSeconds * 1000)
  return { close: () => clearTimeout(timer) }
}

/** Announces what is due where the queues hold less than the store; gives how many. */
export async function sweep(store: Store, queues: Queues, at: Date): Promise<number> {
  await finishRuns(store, at)
  const due = await countDue(store)
  let announced = 0
  if (due.fetch + due.ingest > (await jobs(queues, ['fetch', 'ingest']))) {
    for (let after = 0; ; ) {
      const page = await listDue(store, after, pageRows)
      await queues.add(page)
      announced += page.length
      if (page.length < pageRows) break
      after = page.at(-1)!.id
    }
  }
  if (due.recheck > (await jobs(queues, ['recheck']))) {
    const pending = await listPending(store)
    await queues.addRechecks(pending.map(({ reading }) => ({ reading, urgent: false })))
    announced += pending.length
  }
  return announced
}

async function jobs(queues: Queues, of: readonly ('fetch' | 'ingest' | 'recheck')[]): Promise<number> {
  const counts = await Promise.all(of.map((stage) => queues.count(stage)))
  return counts.reduce((sum, { waiting, active, delayed }) => sum + waiting + active + delayed, 0)
}
