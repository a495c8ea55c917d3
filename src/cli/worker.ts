/** `gouji worker`: a worker with the settings of the command line, until a signal ends it. */
import pino from 'pino'
import { startWorker } from '../../workers/main.ts'
import { UserError } from '../errors.ts'
import type { InputBytes } from '../pipeline/inputs.ts'
import { readerVersion } from '../pipeline/read.ts'
import { openServerStore } from './queue.ts'
import { exit, openRegistry, readerOptions, type Shell } from './shell.ts'

/** Runs until SIGTERM or SIGINT. A second one ends at once. */
export async function workerCommand(shell: Shell): Promise<number> {
  const { config } = shell
  const log = pino(
    { level: config.service.logLevel, base: { pid: process.pid } },
    pino.destination({ fd: 1, sync: false }),
  )
  const registry = openRegistry(shell)
  const readers = readerOptions(shell)
  const store = await openServerStore(shell, readers.threads + 6)
  const worker = await startWorker({
    ...config.service,
    queue: config.queue,
    store,
    registry,
    readers,
    reader: readerVersion(registry, config.pdfEngine),
    download: refuseUrls,
    log,
    now: () => new Date(),
  })
  await new Promise<void>((resolve) => {
    const end = (): void => {
      process.once('SIGTERM', () => process.exit(exit.interrupted)).once('SIGINT', () => process.exit(exit.interrupted))
      resolve()
    }
    process.once('SIGTERM', end).once('SIGINT', end)
  })
  await worker.stop(config.service.shutdownSeconds)
  await store.close()
  return exit.fine
}

async function refuseUrls(url: string): Promise<InputBytes> {
  return {
    ok: false,
    reason: { code: 'unreadable_file', data: { detail: new UserError('path_not_found', { path: url }).code } },
    size: null,
  }
}
