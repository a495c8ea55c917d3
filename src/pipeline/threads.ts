/**
 * Runs the pure core in worker threads, so that one document can take only its share: a thread that runs too long or
 * needs too much heap is killed and replaced, and its document becomes a failed reading with the reason. Time counts
 * from the moment a thread takes the document, not from when it was queued. The heap limit does not see ArrayBuffers,
 * which live outside V8's heap: those are bounded by parsers/limits.ts (64 MB a document, 128 MB unpacked), so a thread
 * is worth its heap limit and less than 300 MB beside it. After many documents the threads are replaced, whatever they may
 * have gathered with them.
 */
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Piscina } from 'piscina'
import { detailOf } from '../errors.ts'
import type { PdfChoice, Reading, Reason } from '../model.ts'
import { failedReading } from './failed-reading.ts'
import type { ThreadSettings, ThreadTask } from './thread.ts'

export type ReadersOptions = {
  readonly threads: number
  readonly timeoutSeconds: number
  readonly memoryMegabytes: number
  /** Definitions of forms beside those that gouji brings. */
  readonly forms?: ThreadSettings['forms']
  /** How PDF is read; `auto` where nothing is said. */
  readonly pdf?: PdfChoice
  /** After so many documents the threads are replaced by new ones; never where nothing is said. */
  readonly recycleAfter?: number
  /** Another module for the threads than the one that reads reports. */
  readonly filename?: string
}

/** What ends a thread. */
const breakDowns = ['timeout', 'out_of_memory', 'crashed'] as const
type BreakDown = (typeof breakDowns)[number]

/** Whether a reason is that the reader broke down, be it by the document or by the machine. */
export function isBreakDown(reason: Reason | null): reason is Reason & { readonly code: BreakDown } {
  return reason !== null && breakDowns.some((code) => code === reason.code)
}

/** A pool of threads that read documents. */
export type Readers = {
  readonly threads: number
  /**
   * Never rejects for anything that a document does: that becomes status `failed` with its reason. @throws ReadersClosed
   */
  read(bytes: Uint8Array, origin: { readonly fileName: string | null }): Promise<Reading>
  /** How many threads are at work, and how many were ended by a document, by its reason. */
  count(): { readonly busy: number; readonly replaced: Readonly<Record<BreakDown, number>> }
  /** Ends the threads, also those at work. */
  close(): Promise<void>
}

/** The threads were ended while a document was read: nothing is known of it. */
export class ReadersClosed extends Error {
  readonly retry = true
}

type Threads = { readonly pool: Piscina<ThreadTask, Reading>; begun: number; running: number }

/** Starts the threads. Callers close them. */
export function openReaders(options: ReadersOptions): Readers {
  const { recycleAfter = Number.POSITIVE_INFINITY } = options
  const open = new Set<Threads>()
  const start = (): Threads => {
    const threads = { pool: startPool(options), begun: 0, running: 0 }
    open.add(threads)
    return threads
  }
  const replaced: Record<BreakDown, number> = { timeout: 0, out_of_memory: 0, crashed: 0 }
  let busy = 0
  let closed = false
  let fresh = start()
  const endWorn = async (threads: Threads): Promise<void> => {
    if (threads === fresh || threads.running > 0 || !open.delete(threads)) return
    await threads.pool.destroy()
  }
  const turn = makeTurns(options.threads)
  const read: Readers['read'] = async (bytes, { fileName }) => {
    const done = await turn()
    if (fresh.begun >= recycleAfter && !closed) {
      const worn = fresh
      fresh = start()
      void endWorn(worn)
    }
    const threads = fresh
    threads.begun++
    threads.running++
    busy++
    const tell = (why: BreakDown): number => replaced[why]++
    const reading = closed ? null : await readWithin(threads.pool, { bytes, fileName }, options, tell)
    threads.running--
    busy--
    void endWorn(threads)
    done()
    // What threads say that were ended while they read says nothing of the document.
    if (closed || reading === null) throw new ReadersClosed('closed')
    return reading
  }
  const close = async (): Promise<void> => {
    closed = true
    await Promise.all([...open].map(({ pool }) => pool.destroy()))
  }
  const count: Readers['count'] = () => ({ busy, replaced: { ...replaced } })
  return { threads: options.threads, read, count, close }
}

function startPool(options: ReadersOptions): Piscina<ThreadTask, Reading> {
  // Else V8 learns from the first documents, which outlive its smallest nursery, that cells and facts live long, and makes
  // them among the old: there they wait, dead, for a collection of all memory, and with them what they name.
  setFlagsFromString('--no-allocation-site-pretenuring')
  const pool = new Piscina<ThreadTask, Reading>({
    filename: options.filename ?? fileURLToPath(new URL('./thread.js', import.meta.url)),
    minThreads: options.threads,
    maxThreads: options.threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    resourceLimits: { maxOldGenerationSizeMb: options.memoryMegabytes },
    workerData: { forms: options.forms ?? [], pdf: options.pdf ?? 'auto' } satisfies ThreadSettings,
    // With 'sync', a thread sleeps in Atomics.wait between documents and what the last one left running stands still.
    atomics: 'disabled',
  })
  // A thread that dies between two documents has nothing to report: piscina has already replaced it.
  pool.on('error', () => {})
  return pool
}

async function readWithin(
  pool: Piscina<ThreadTask, Reading>,
  task: ThreadTask,
  options: ReadersOptions,
  onBreakDown: (why: BreakDown) => void,
): Promise<Reading> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), options.timeoutSeconds * 1000)
  try {
    return await pool.run(task, { signal: controller.signal })
  } catch (error) {
    const seconds = options.timeoutSeconds
    const reason = controller.signal.aborted
      ? ({ code: 'timeout', data: { seconds } } as const)
      : reasonFor(error, options.memoryMegabytes)
    onBreakDown(reason.code)
    return failedReading(reason)
  } finally {
    clearTimeout(timer)
  }
}

function reasonFor(error: unknown, megabytes: number): Reason & { readonly code: BreakDown } {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return { code: 'out_of_memory', data: { megabytes } }
  return { code: 'crashed', data: { detail: detailOf(error) } }
}

/** As many turns at once as given; the others wait in order. */
export function makeTurns(count: number): () => Promise<() => void> {
  let free = count
  const waiting: (() => void)[] = []
  const done = (): void => {
    const next = waiting.shift()
    if (next) next()
    else free++
  }
  return async () => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    return done
  }
}
