/**
 * Bull Board, the view of the queues, for those who know the password: asked for by HTTP's own means, compared in constant
 * time, and not without end for who guesses. Pages load nothing from elsewhere and stand in no other site's frame.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { type Queues, stages } from '../src/queue.ts'

export type BoardOptions = {
  readonly queues: Queues
  readonly user: string
  readonly password: string
  readonly log: Logger
  readonly now: () => Date
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  // Its page and its menus bring styles of their own.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Its page asks for fonts elsewhere, which would tell others who looks at it. */
const outsideStyles = /<link[^>]*href="https?:[^>]*>/g

/** The view of the queues, as a part of a server. */
export function boardPlugin(options: BoardOptions, prefix: string): FastifyPluginAsync {
  const adapter = new FastifyAdapter().setBasePath(prefix)
  createBullBoard({
    queues: stages.map((stage) => new BullMQAdapter(options.queues.of(stage))),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'gouji', hideDocsLink: true } },
  })
  const admit = makeAdmission(options)
  return async (app) => {
    app.addHook('onRequest', admit)
    app.addHook('onSend', async (_, reply, payload) => {
      reply.header('content-security-policy', policy)
      const page = typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html')
      if (!page) return payload
      const text = payload.replace(outsideStyles, '')
      reply.header('content-length', Buffer.byteLength(text))
      return text
    })
    await app.register(adapter.registerPlugin())
  }
}

/** Wrong passwords from one address, and how long it then has to wait. */
const failuresMax = 10
const waitSeconds = 60
/** Addresses remembered: the oldest is forgotten. */
const addressesMax = 10_000

type Failures = { count: number; readonly until: number }

function makeAdmission({ user, password, log, now }: BoardOptions) {
  const expected = digest(`${user}:${password}`)
  const failures = new Map<string, Failures>()
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const time = now().getTime()
    const before = failures.get(request.ip)
    const known = before !== undefined && before.until > time ? before : null
    if (known !== null && known.count >= failuresMax) {
      const left = Math.ceil((known.until - time) / 1000)
      return reply.code(429).header('retry-after', left).send({ error: 429 })
    }
    const [, given] = /^basic\s+([a-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '') ?? []
    if (given !== undefined && timingSafeEqual(digest(Buffer.from(given, 'base64')), expected)) {
      failures.delete(request.ip)
      return comesFromElsewhere(request) ? reply.code(403).send({ error: 403 }) : undefined
    }
    if (given !== undefined) {
      const [oldest] = failures.keys()
      if (failures.size >= addressesMax && oldest !== undefined) failures.delete(oldest)
      failures.set(request.ip, { count: (known?.count ?? 0) + 1, until: known?.until ?? time + waitSeconds * 1000 })
      log.warn({ address: request.ip }, 'wrong password')
    }
    return reply.code(401).header('www-authenticate', 'Basic realm="gouji", charset="UTF-8"').send({ error: 401 })
  }
}

/** A browser sends the password along whichever site makes it ask, so who makes it ask is looked at where things change. */
function comesFromElsewhere({ method, headers }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin'
  const { origin, host } = headers
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)
}

/** Of the same length whatever is compared, so that the comparison takes the same time. */
function digest(text: string | Buffer): Buffer {
  return createHash('sha256').update(text).digest()
}
