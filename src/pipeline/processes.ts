/**
 * Reads documents in processes beside this one. A thread cannot survive what ends its process: a native crash, an engine
 * that gives up when memory runs out faster than a thread can be ended, or the system when there is none left. So the
 * threads of `gouji ingest` and `extract` live in a process of their own, and what was being read when it ended is read
 * again, each document in a process of its own: then it is seen which of them ends processes.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Reading, Reason } from '../model.ts'
import { failedReading } from './failed-reading.ts'
import { isBreakDown, makeTurns, type Readers, ReadersClosed, type ReadersOptions } from './threads.ts'

/** What a process is told: first the settings of its threads, then documents. */
export type ToReader =
  | { readonly options: ReadersOptions }
  | { readonly id: number; readonly bytes: Uint8Array; readonly fileName: string | null }

/** What it answers. */
export type FromReader = { readonly id: number; readonly reading: Reading }

/** How long a process may take beside its thread: to start, and to load the forms. */
const startSeconds = 30
/** What an engine says last when memory ran out is kept up to this. */
const lastWordsMax = 10_000

/** The process ended while it had a document. */
class ProcessEnded extends Error {
  readonly outOfMemory: boolean
  constructor(how: string, lastWords: string) {
    super(how)
    this.outOfMemory = /heap out of memory|allocation failed/i.test(lastWords)
  }
}

type ReaderProcess = {
  /** @throws ProcessEnded; what the system says where it has no process to give */
  read(bytes: Uint8Array, fileName: string | null): Promise<Reading>
  /** Ends the process, also while it reads. */
  end(): Promise<void>
}

function startProcess(options: ReadersOptions, onEnd: () => void = () => {}): ReaderProcess {
  // Of a group of its own: who ends a run by the keyboard lets what is under way be finished.
  const child = fork(fileURLToPath(new URL('./reader-process.js', import.meta.url)), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  })
  type Waiting = { resolve(reading: Reading): void; reject(error: Error): void }
  const waiting = new Map<number, Waiting>()
  let lastWords = ''
  let gone: Error | null = null
  let count = 0
  const give = (error: Error): void => {
    gone ??= error
    for (const { reject } of waiting.values()) reject(gone)
    waiting.clear()
    onEnd()
  }
  const closed = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      give(new ProcessEnded(signal ?? `exit ${code}`, lastWords))
      resolve()
    })
    child.on('error', (error) => {
      // Else it lives, or ends with a reason of its own.
      if (child.pid !== undefined) return
      give(error)
      resolve()
    })
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-lastWordsMax)
  })
  child.on('message', ({ id, reading }: FromReader) => {
    waiting.get(id)?.resolve(reading)
    waiting.delete(id)
  })
  // What cannot be sent is answered by its end.
  const send = (message: ToReader): void => void child.send(message, () => {})
  send({ options })
  return {
    read: (bytes, fileName) =>
      new Promise((resolve, reject) => {
        if (gone !== null) return reject(gone)
        const id = count++
        waiting.set(id, { resolve, reject })
        send({ id, bytes, fileName })
      }),
    end: async () => {
      child.kill('SIGKILL')
      await closed
    },
  }
}

/**
 * A reader of single documents, each in a process that ends with it. Never rejects for anything that a document does.
 * @throws what the system says where it has no process to give
 */
export function makeAloneReader(options: ReadersOptions): Readers['read'] {
  return async (bytes, { fileName }) => {
    const reader = startProcess({ ...options, threads: 1 })
    const limit = setTimeout(() => void reader.end(), (options.timeoutSeconds + startSeconds) * 1000)
    try {
      return await reader.read(bytes, fileName)
    } catch (error) {
      if (!(error instanceof ProcessEnded)) throw error
      return failedReading(reasonOf(error, options.memoryMegabytes))
    } finally {
      clearTimeout(limit)
      await reader.end()
    }
  }
}

function reasonOf(error: ProcessEnded, megabytes: number): Reason {
  return error.outOfMemory
    ? { code: 'out_of_memory', data: { megabytes } }
    : { code: 'crashed', data: { detail: error.message } }
}

/** Readers whose threads live in a process of their own, so that no document ends this one. Callers close them. */
export function openReadersApart(options: ReadersOptions): Readers {
  const alone = makeAloneReader(options)
  const turn = makeTurns(options.threads)
  const replaced = { timeout: 0, out_of_memory: 0, crashed: 0 }
  let busy = 0
  let closed = false
  let current: ReaderProcess | null = null
  const start = (): ReaderProcess => {
    const made = startProcess(options, () => {
      if (current === made) current = null
    })
    return made
  }
  const readSafely: Readers['read'] = async (bytes, origin) => {
    current ??= start()
    try {
      return await current.read(bytes, origin.fileName)
    } catch (error) {
      if (closed || !(error instanceof ProcessEnded)) throw error
      return alone(bytes, origin)
    }
  }
  current = start()
  const read: Readers['read'] = async (bytes, origin) => {
    const done = await turn()
    busy++
    try {
      const reading = closed ? null : await readSafely(bytes, origin)
      if (closed || reading === null) throw new ReadersClosed('closed')
      if (isBreakDown(reading.reason)) replaced[reading.reason.code]++
      return reading
    } catch (error) {
      throw closed ? new ReadersClosed('closed') : error
    } finally {
      busy--
      done()
    }
  }
  return {
    threads: options.threads,
    read,
    count: () => ({ busy, replaced: { ...replaced } }),
    close: async () => {
      closed = true
      await current?.end()
    },
  }
}
