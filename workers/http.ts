/**
 * What a worker or the server shows by HTTP: `/health` (the process lives), `/ready` (what it needs answers, and it takes
 * work), `/metrics`. Further parts, such as the board of the queues, are handed in as plugins of fastify, each with its own
 * prefix and its own rules of who may come in.
 */
import { type FastifyInstance, type FastifyPluginAsync, fastify } from 'fastify'
import type { Logger } from 'pino'
import type { Address } from '../src/config.ts'
import { detailOf, UserError } from '../src/errors.ts'
import { inTime } from './metrics.ts'

export type HttpOptions = {
  readonly address: Address
  readonly log: Logger
  readonly metrics: Metrics
  /** What must answer, by name. */
  readonly needs: Readonly<Record<string, () => Promise<unknown>>>
  readonly parts?: readonly { readonly prefix: string; readonly plugin: FastifyPluginAsync }[]
}

/** Numbers in the form that Prometheus reads. */
export type Metrics = { readonly contentType: string; metrics(): Promise<string> }

/** A server that listens. */
export type HttpServer = {
  readonly port: number
  /** From now on it is not ready: nothing more is to be sent here. */
  refuse(): void
  close(): Promise<void>
}

const needSecondsMax = 3
const bodyBytesMax = 64 * 1024
const requestMilliseconds = 30_000

/** Everything shown is for who asked, for now, and not for other sites' frames. */
const headers = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const

/** Listens. @throws UserError `listen_failed` */
export async function openHttp(options: HttpOptions): Promise<HttpServer> {
  const { address, log, metrics, parts = [] } = options
  const app = fastify({ bodyLimit: bodyBytesMax, requestTimeout: requestMilliseconds, forceCloseConnections: true })
  let ending = false
  app.addHook('onRequest', async (_, reply) => void reply.headers(headers))
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) log.error({ error: error.message, url: request.url }, 'request failed')
    return reply.code(status).send({ error: status })
  })
  app.get('/health', async () => ({ status: 'ok' }))
  app.get('/ready', async (_, reply) => {
    const missing = await whatIsMissing(options.needs, log)
    const ready = missing.length === 0 && !ending
    return reply.code(ready ? 200 : 503).send({ ready, missing, ending })
  })
  app.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.metrics()))
  for (const { prefix, plugin } of parts) await app.register(plugin, { prefix })
  await listen(app, address)
  const listening = app.server.address()
  const port = typeof listening === 'object' && listening !== null ? listening.port : address.port
  log.info({ host: address.host, port }, 'serving')
  return {
    port,
    refuse: () => {
      ending = true
    },
    close: () => app.close(),
  }
}

async function listen(app: FastifyInstance, { host, port }: Address): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    await app.close()
    throw new UserError('listen_failed', { host, port, detail: detailOf(error) })
  }
}

/** The names of what does not answer; why stands in the log only. */
async function whatIsMissing(needs: HttpOptions['needs'], log: Logger): Promise<string[]> {
  const asked = Object.entries(needs).map(async ([name, ask]) => {
    try {
      await inTime(ask(), needSecondsMax)
      return []
    } catch (error) {
      log.warn({ need: name, error: detailOf(error) }, 'not ready')
      return [name]
    }
  })
  return (await Promise.all(asked)).flat()
}
