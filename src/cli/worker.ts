/** `gouji worker`: a worker with the settings of the command line, until a signal ends it, or an upgrade that it outlives. */
import { openHttp } from '../../workers/http.ts'
import { openLog } from '../../workers/log.ts'
import { hostPlacesMax, type RunningWorker, startWorker, within } from '../../workers/main.ts'
import { makeWorkerMetrics } from '../../workers/metrics.ts'
import { atStart } from '../../workers/outage.ts'
import { openTracing } from '../../workers/tracing.ts'
import { openFetcher } from '../crawl/fetch.ts'
import { readerVersion } from '../pipeline/read.ts'
import { askStore, type Store } from '../store/open.ts'
import { openServerStore } from './queue.ts'
import { exit, openRegistry, packageVersion, readerOptions, type Shell } from './shell.ts'

/** How long the last traces may take to be sent. */
const leaveSeconds = 3

/** Runs until SIGTERM or SIGINT, or until a newer version has brought the store up. A second signal ends it at once. */
export async function workerCommand(shell: Shell): Promise<number> {
  const { config } = shell
  const { service } = config
  const log = openLog({ level: service.logLevel, hide: shell.hide, terminal: process.stdout.isTTY === true })
  const leave = (): never => process.exit(exit.interrupted)
  process.once('SIGTERM', leave).once('SIGINT', leave)
  const registry = openRegistry(shell)
  const readers = readerOptions(shell)
  const now = (): Date => new Date()
  const atOnce = Math.min(config.fetch.atOnce, hostPlacesMax)
  const fetcher = openFetcher({ ...config.fetch, atOnce, agent: `gouji/${packageVersion()}`, now })
  const tracing = await openTracing(service.tracing, packageVersion())
  const metrics = makeWorkerMetrics()
  // Asked from the first moment on, and before anything is taken: where the address is in use, nothing is begun.
  let store: Store | null = null
  let worker: RunningWorker | null = null
  const needs = {
    store: async () => askStore(begun(store)),
    originals: async () => begun(store).blobs.check(),
    redis: async () => begun(worker).ping(),
  }
  const { http: address } = service
  const server = address === null ? null : await openHttp({ address, log, metrics: metrics.registry, needs })
  try {
    store = await atStart('store', () => openServerStore(shell, readers.threads + 6), log, service.waitSeconds)
    await atStart('originals', store.blobs.check, log, service.waitSeconds)
    worker = await startWorker({
      ...service,
      queue: config.queue,
      store,
      registry,
      readers,
      reader: readerVersion(registry, config.pdfEngine),
      download: fetcher.download,
      log,
      metrics,
      tracing,
      now,
    })
  } catch (error) {
    await server?.close()
    throw error
  }
  process.off('SIGTERM', leave).off('SIGINT', leave)
  const outdated = await Promise.race([untilSignal().then(() => false), worker.outdated.then(() => true)])
  if (outdated) log.error('store_newer: a newer version has brought the store up; upgrade this program')
  server?.refuse()
  await worker.stop(service.shutdownSeconds)
  await fetcher.close()
  await server?.close()
  await within(leaveSeconds, tracing.close())
  // A server that is away, or a document that cannot be stopped, may hold the process: all that counts is stored.
  process.exit(outdated ? exit.usage : exit.fine)
}

function begun<T>(what: T | null): T {
  if (what === null) throw new Error('not begun')
  return what
}

/** Until the process is told to end; told again, it ends at once. */
export async function untilSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.removeListener(signal, end)
        process.once(signal, () => process.exit(exit.interrupted))
      }
      resolve()
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end)
  })
}
