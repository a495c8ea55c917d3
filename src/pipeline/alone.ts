/**
 * Reads one document in a process of its own. A thread cannot survive what ends its process: a native crash, or the
 * system when memory runs out. Where workers have ended while they had a document, it is read here, and whether it is the
 * document that ends processes is then seen by one that lives.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Reading } from '../model.ts'
import { failedReading } from './failed-reading.ts'
import type { Readers, ReadersOptions } from './threads.ts'

/** What the process is told: the settings of its one thread, and the document. */
export type AloneTask = {
  readonly options: ReadersOptions
  readonly bytes: Uint8Array
  readonly fileName: string | null
}

/** How long a process may take beside its thread: to start, and to load the forms. */
const startSeconds = 30

/**
 * A reader of single documents, each in a process that ends with it. Never rejects for anything that a document does.
 * @throws what the system says where it has no process to give
 */
export function makeAloneReader(options: ReadersOptions): Readers['read'] {
  return (bytes, { fileName }) =>
    new Promise((resolve, reject) => {
      const child = fork(fileURLToPath(new URL('./alone-process.js', import.meta.url)), {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      })
      const limit = setTimeout(() => child.kill('SIGKILL'), (options.timeoutSeconds + startSeconds) * 1000)
      let reading: Reading | null = null
      child.on('message', (message: Reading) => {
        reading = message
      })
      child.on('error', (error) => {
        if (child.pid === undefined) reject(error)
      })
      child.on('close', (code, signal) => {
        clearTimeout(limit)
        resolve(reading ?? failedReading({ code: 'crashed', data: { detail: signal ?? `exit ${code}` } }))
      })
      child.send({ options: { ...options, threads: 1 }, bytes, fileName } satisfies AloneTask)
    })
}
