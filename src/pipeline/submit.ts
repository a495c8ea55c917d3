/**
 * Queues documents for workers: a run in the store that lists them, and a job for each. The store comes first: what is in
 * it is found again, whatever becomes of the jobs.
 */
import path from 'node:path'
import { UserError } from '../errors.ts'
import type { Queues } from '../queue.ts'
import { keepBlob } from '../store/blobs.ts'
import type { Store } from '../store/open.ts'
import { addQueued, completeRun, type QueuedInput } from '../store/queued.ts'
import { startRun } from '../store/runs.ts'
import { type Input, readInput } from './inputs.ts'

export type SubmitContext = {
  readonly store: Store
  readonly queues: Queues
  readonly reader: string
  readonly arguments: readonly string[]
  /** Before what was queued without it. */
  readonly urgent: boolean
  /** Read again what is known to have failed. */
  readonly again: boolean
  readonly now: () => Date
}

const batchRows = 1000
/** Documents of a batch are queued a microsecond apart. */
const batchMilliseconds = batchRows / 1000

export type Submitted = {
  /** Null where there was nothing to queue. */
  readonly run: string | null
  readonly documents: number
  /** Why workers were not told of all of them, and find them in the store; null where they were. */
  readonly untold: UserError | null
}

/** Queues documents as one run; without documents there is none. @throws UserError of the store */
export async function submit(
  inputs: AsyncIterable<QueuedInput> | Iterable<QueuedInput>,
  context: SubmitContext,
): Promise<Submitted> {
  const { store, queues, reader, now, urgent, again } = context
  let run: string | null = null
  const begin = (): Promise<string> =>
    startRun(store, { reader, arguments: [...context.arguments], startedAt: now(), queued: true })
  let documents = 0
  // Each batch comes after the one before, also where the clock does not say so.
  let last = 0
  let batch: QueuedInput[] = []
  let untold: UserError | null = null
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return
    run ??= await begin()
    last = Math.max(now().getTime(), last + batchMilliseconds)
    const due = await addQueued(store, run, batch, { urgent, again, at: new Date(last) })
    // What is queued stands in the store: workers find it there if Redis goes away now, or is full.
    if (untold === null)
      await queues.add(due).catch((error: unknown) => {
        if (!(error instanceof UserError && error.retry)) throw error
        untold = error
      })
    documents += batch.length
    batch = []
  }
  for await (const input of inputs) {
    batch.push(input)
    if (batch.length === batchRows) await flush()
  }
  await flush()
  if (run !== null) await completeRun(store, run)
  return { run, documents, untold }
}

/**
 * A file as it is queued: by its whole path, or with its bytes kept now where `upload` says so or its name is no UTF-8,
 * which no job could carry. What cannot be read now is queued by its path, and fails there with its reason.
 */
export async function toQueued(input: Input, upload: boolean, store: Store): Promise<QueuedInput> {
  const where = { path: path.resolve(input.path) }
  if (!upload && input.file === undefined) return where
  const content = await readInput(input)
  if (!content.ok) return where
  return { ...where, sha256: await keepBlob(store.blobs, content.bytes) }
}
