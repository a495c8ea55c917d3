/**
 * One GET, polite to the host and on guard against what answers: the address is checked before each connection, also on
 * each redirect, and what comes is bounded in size and time. Here an answer becomes bytes or a reason; whether it is asked
 * again is for the stages to say.
 */
import { constants } from 'node:crypto'
import type { lookup } from 'node:dns'
import { type Duplex, pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import { LimitError, limits } from '../../parsers/limits.ts'
import type { FetchConfig } from '../config.ts'
import { UserError } from '../errors.ts'
import type { Reason } from '../model.ts'
import { type Fetched, PutOff } from '../pipeline/inputs.ts'
import type { Answer } from '../store/downloads.ts'
import { type AddressRules, makeAddressRules, Refused } from './address.ts'
import { isNoWay, makeNetwork, type Network } from './network.ts'
import { makeTurns, type Turn, type Turns } from './turns.ts'

export type FetchOptions = FetchConfig & {
  /** Said to hosts: `gouji/0.5.0`. */
  readonly agent: string
  readonly now: () => Date
  /** How names are looked up, where not as the system does. */
  readonly resolve?: typeof lookup
  /** Less than the usual bounds, which are those of `parsers/limits.ts`. */
  readonly bytesMax?: number
}

export type Fetcher = {
  /**
   * What stands at a URL; after an earlier answer, only whether it has changed. @throws FetchEnded after `signal` or `close`, PutOff
   * where its host is busy with others, UserError `network_away` where no host can be reached
   */
  download(url: string, signal: AbortSignal, before?: Answer | null): Promise<Fetched>
  /** Lets go of all connections. */
  close(): Promise<void>
}

/** The fetching was ended from outside: nothing is said of the document, which may be asked for again. */
export class FetchEnded extends Error {
  readonly retry = true
}

type Context = {
  readonly options: FetchOptions
  readonly rules: AddressRules
  readonly dispatcher: Dispatcher
  readonly turns: Turns
  readonly network: Network
  readonly bytesMax: number
}

const redirectsMax = 5
const encodingsMax = 3
/** No server has us wait longer, whatever it says. */
const retryAfterSecondsMax = 3600
/** Parts of the whole time: to connect, to the head of the answer, from one piece of its body to the next. */
const patience = { connect: 15, head: 60, pause: 30 } as const

const redirect = new Set([301, 302, 303, 307, 308])
/** Answers that say how long to wait. */
const busy = new Set([429, 503])

/** Opens what fetches by the settings. @throws UserError `usage` */
export function openFetcher(options: FetchOptions): Fetcher {
  const rules = makeAddressRules(options, options.resolve)
  const most = (seconds: number): number => Math.min(seconds, options.seconds) * 1000
  const network = makeNetwork(rules.lookup)
  const dispatcher = new Agent({
    connect: guardedConnector(rules, network, options.legacyTls, most(patience.connect)),
    connections: options.atOnce,
    pipelining: 1,
    headersTimeout: most(patience.head),
    bodyTimeout: most(patience.pause),
  })
  const turns = makeTurns(options.atOnce, options.delayMilliseconds)
  const bytesMax = options.bytesMax ?? limits.documentBytesMax
  const context = { options, rules, dispatcher, turns, network, bytesMax }
  return {
    download: (url, signal, before = null) => download(url, before, signal, context),
    close: () => dispatcher.destroy(),
  }
}

async function download(given: string, before: Answer | null, signal: AbortSignal, context: Context): Promise<Fetched> {
  const { rules, options, turns, network } = context
  let turn: Turn | null = null
  let host = ''
  try {
    let url = rules.check(given)
    // Where it leads to a host that is busy, the first one need not be asked again only to be told so.
    turns.refuse(given)
    let left = options.seconds * 1000
    for (let redirects = 0; redirects <= redirectsMax; redirects++) {
      if (turn?.host === url.hostname) await turn.again(signal)
      else {
        turn?.end()
        turn = null
        turn = await turns.take(url.hostname, given, signal)
      }
      host = url.hostname
      const begun = performance.now()
      const said = await askWithin(left, signal, url, before, context)
      if ('bytes' in said) return { ok: true, ...said }
      url = rules.check(said.location, url.href)
      left -= performance.now() - begun
    }
    throw new Refused('too_many_redirects', { max: redirectsMax })
  } catch (error) {
    if (error instanceof PutOff) throw error
    if (signal.aborted || closed.has(codeOf(error))) throw new FetchEnded('ended')
    const code = codeOf(error)
    if (isNoWay(code) && (await network.isAway(host)))
      throw new UserError('network_away', { detail: wordOf(code) }, true)
    return { ok: false, reason: reasonOf(error, context), size: null }
  } finally {
    turn?.end()
  }
}

type Said = { readonly bytes: Uint8Array | null; readonly answer: Answer } | { readonly location: string }

class TooSlow extends Error {}

/** Asks, for no longer than the time that is left and until `signal`. */
async function askWithin(
  left: number,
  signal: AbortSignal,
  url: URL,
  before: Answer | null,
  context: Context,
): Promise<Said> {
  const inner = new AbortController()
  const end = (): void => inner.abort(signal.reason)
  const timer = setTimeout(() => inner.abort(new TooSlow()), Math.max(left, 0))
  signal.addEventListener('abort', end, { once: true })
  try {
    return await ask(url, before, inner.signal, context)
  } catch (error) {
    throw inner.signal.aborted ? inner.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}

async function ask(
  url: URL,
  before: Answer | null,
  signal: AbortSignal,
  { dispatcher, options, bytesMax }: Context,
): Promise<Said> {
  const conditions = before === null ? {} : conditionsOf(before, url)
  const { statusCode, headers, body } = await dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: 'GET',
    signal,
    headers: {
      'user-agent': options.contact === '' ? options.agent : `${options.agent} (+${options.contact})`,
      accept: '*/*',
      'accept-language': 'zh-CN,zh;q=0.9,en;q=0.5',
      'accept-encoding': 'gzip, br',
      ...conditions,
    },
  })
  // A body that is let go ends with an error, which nobody else hears.
  body.on('error', () => {})
  try {
    const location = headerOf(headers, 'location')
    if (redirect.has(statusCode) && location !== '') return { location }
    const answer = answerOf(url, statusCode, headers, options.now())
    if (statusCode === 304 && Object.keys(conditions).length > 0)
      return { bytes: null, answer: renewed(answer, before!) }
    // A part of a document that nobody asked for in parts is none.
    if (statusCode < 200 || statusCode > 299 || statusCode === 206) {
      const seconds = busy.has(statusCode) ? readRetryAfter(headerOf(headers, 'retry-after'), options.now()) : null
      throw new Refused('http_status', seconds === null ? { status: statusCode } : { status: statusCode, seconds })
    }
    if (Number(headerOf(headers, 'content-length')) > bytesMax) throw new LimitError('documentBytesMax')
    return { bytes: await collect(body, decodersOf(headerOf(headers, 'content-encoding')), bytesMax), answer }
  } finally {
    body.destroy()
  }
}

/** What is kept of what a server says: text that can be said to it again, whole, since a part would be another tag. */
const keepable = /^[\x20-\x7e]{1,1000}$/
/** Text that changed again within so short a time of its date may have kept the date. */
const dateSecondsMin = 60

/** Asks whether what an address answered before has changed: by its tag, else by its date. */
function conditionsOf({ finalUrl, etag, lastModified, fetchedAt }: Answer, url: URL): Record<string, string> {
  // The tag of another address says nothing of this one.
  if (finalUrl !== url.href) return {}
  if (etag !== null) return { 'if-none-match': etag }
  const age = lastModified === null ? Number.NaN : Date.parse(fetchedAt) - Date.parse(lastModified)
  return age >= dateSecondsMin * 1000 ? { 'if-modified-since': lastModified! } : {}
}

function answerOf(url: URL, status: number, headers: Headers, now: Date): Answer {
  const said = (name: string): string | null => {
    const text = headerOf(headers, name)
    return keepable.test(text) ? text : null
  }
  return {
    finalUrl: url.href,
    status,
    contentType: said('content-type'),
    etag: said('etag'),
    lastModified: said('last-modified'),
    fetchedAt: now.toISOString(),
  }
}

/** An answer that nothing has changed need not say again what was said before. */
function renewed(answer: Answer, { contentType, etag, lastModified }: Answer): Answer {
  return {
    ...answer,
    contentType: answer.contentType ?? contentType,
    etag: answer.etag ?? etag,
    lastModified: answer.lastModified ?? lastModified,
  }
}

/** All bytes, where neither those that come nor those that they unpack to are too many. */
async function collect(body: Readable, decoders: readonly Duplex[], bytesMax: number): Promise<Uint8Array> {
  let stream: AsyncIterable<Uint8Array> = bounded(body, bytesMax)
  // An error on the way comes out at the end, where it is caught.
  for (const decoder of decoders)
    stream = bounded(
      pipeline(stream, decoder, () => {}),
      bytesMax,
    )
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of stream) chunks.push(chunk)
  } catch (error) {
    throw error instanceof LimitError || !(error instanceof Error) ? error : new CutOff(error)
  }
  return Buffer.concat(chunks)
}

async function* bounded(source: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let length = 0
  for await (const chunk of source) {
    length += chunk.length
    if (length > bytesMax) throw new LimitError('documentBytesMax')
    yield chunk
  }
}

/** The answer began and did not come to its end. */
class CutOff extends Error {
  readonly code: string
  constructor(cause: Error) {
    super(cause.message)
    this.code = codeOf(cause)
  }
}

/** What undoes a Content-Encoding, the last first. An encoding that nobody knows is taken for none, as browsers do. */
function decodersOf(encoding: string): Duplex[] {
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  const decoders = names.flatMap((name) => (Object.hasOwn(decoderOf, name) ? [decoderOf[name]!] : []))
  if (decoders.length > encodingsMax) throw new Refused('bad_answer', { detail: 'Content-Encoding' })
  return decoders.reverse().map((make) => make())
}

const decoderOf: Readonly<Record<string, () => Duplex>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** Seconds to wait; null where it says nothing that can be used. */
function readRetryAfter(text: string, now: Date): number | null {
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now.getTime()) / 1000)
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 0), retryAfterSecondsMax)
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

function headerOf(headers: Headers, name: string): string {
  const value = headers[name]
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim()
}

/** Connects to addresses that were checked, and to no others. */
function guardedConnector(
  rules: AddressRules,
  network: Network,
  legacyTls: readonly string[],
  timeout: number,
): buildConnector.connector {
  const options = { lookup: rules.lookup, timeout }
  const usual = buildConnector(options)
  // Certificates are checked all the same.
  const legacy = buildConnector({
    ...options,
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT@SECLEVEL=0',
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
  })
  return (to, callback) => {
    try {
      rules.checkLiteral(to.hostname)
    } catch (error) {
      return callback(error as Error, null)
    }
    const connect = legacyTls.includes(to.hostname.toLowerCase()) ? legacy : usual
    connect(to, (...[error, socket]) => {
      if (error !== null) return callback(error, null)
      const { remoteAddress, remotePort } = socket
      if (remoteAddress !== undefined && remotePort !== undefined)
        network.reached(to.hostname, remotePort, remoteAddress)
      callback(null, socket)
    })
  }
}

const closed = new Set(['UND_ERR_CLOSED', 'UND_ERR_DESTROYED'])
const slow = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])
const lost =
  /^(?:E[A-Z]+|EAI_[A-Z]+|UND_ERR_SOCKET|UND_ERR_CONNECT_TIMEOUT|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|Z_BUF_ERROR)$/
const tls =
  /^(?:ERR_(?:TLS|SSL|OSSL)_|INVALID_|EPROTO$)|CERT|CRL|KEY_TOO_SMALL|MD_TOO_WEAK|HOSTNAME_MISMATCH|PATH_LENGTH/
const garbled =
  /^(?:HPE_|Z_|ERR__?ERROR_|ERR_BROTLI_|ERR_PADDING|UND_ERR_HEADERS_OVERFLOW|UND_ERR_INVALID|UND_ERR_RESPONSE)/

/** What went wrong, for the document. @throws what is a bug */
function reasonOf(error: unknown, { options, bytesMax }: Context): Reason {
  if (error instanceof Refused) return error.reason
  if (error instanceof LimitError) return { code: 'limit_exceeded', data: { limit: error.limit, max: bytesMax } }
  const code = codeOf(error)
  if (error instanceof TooSlow || slow.has(code)) return { code: 'too_slow', data: { seconds: options.seconds } }
  if (tls.test(code)) return { code: 'tls_failed', data: { detail: code } }
  if (lost.test(code)) return { code: begun(error, code) ? 'cut_off' : 'unreachable', data: { detail: wordOf(code) } }
  if (garbled.test(code)) return { code: 'bad_answer', data: { detail: code.replace('HPE_', '') } }
  throw error
}

function begun(error: unknown, code: string): boolean {
  return error instanceof CutOff || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
}

function wordOf(code: string): string {
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'ETIMEDOUT'
  return code.startsWith('UND_') || code.startsWith('Z_') ? 'ECONNRESET' : code
}

/** Of several addresses that all failed, the first tells why. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  if (!(error instanceof Error)) return ''
  // The parser of HTTP has codes for most of what it meets, and a name for all of it.
  if (error.name === 'HTTPParserError') return `HPE_${error.message}`
  return 'code' in error ? String(error.code) : ''
}
