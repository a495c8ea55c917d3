/** `gouji worker`: a worker with the settings of the command line, until a signal ends it. */
import pino from 'pino'
import { startWorker } from '../../workers/main.ts'
import { atStart } from '../../workers/outage.ts'
import { openFetcher } from '../crawl/fetch.ts'
import { readerVersion } from '../pipeline/read.ts'
import { openServerStore } from './queue.ts'
import { exit, openRegistry, packageVersion, readerOptions, type Shell } from './shell.ts'

/** Runs until SIGTERM or SIGINT. A second one ends at once. */
export async function workerCommand(shell: Shell): Promise<number> {
  const { config } = shell
  const log = pino(
    { level: config.service.logLevel, base: { pid: process.pid } },
    pino.destination({ fd: 1, sync: false }),
  )
  const leave = (): never => process.exit(exit.interrupted)
  process.once('SIGTERM', leave).once('SIGINT', leave)
  const registry = openRegistry(shell)
  const readers = readerOptions(shell)
  const now = (): Date => new Date()
  const fetcher = openFetcher({ ...config.fetch, agent: `gouji/${packageVersion()}`, now })
  const { waitSeconds } = config.service
  const store = await atStart('store', () => openServerStore(shell, readers.threads + 6), log, waitSeconds)
  const worker = await startWorker({
    ...config.service,
    queue: config.queue,
    store,
    registry,
    readers,
    reader: readerVersion(registry, config.pdfEngine),
    download: fetcher.download,
    log,
    now,
  })
  process.off('SIGTERM', leave).off('SIGINT', leave)
  await new Promise<void>((resolve) => {
    const end = (): void => {
      process.once('SIGTERM', () => process.exit(exit.interrupted)).once('SIGINT', () => process.exit(exit.interrupted))
      resolve()
    }
    process.once('SIGTERM', end).once('SIGINT', end)
  })
  await worker.stop(config.service.shutdownSeconds)
  await fetcher.close()
  // A server that is away, or a document that cannot be stopped, may hold the process: all that counts is stored.
  process.exit(exit.fine)
}
