/** One GET against real servers that redirect, lie, drip, break off and swell. */
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FetchEnded } from '../../src/crawl/fetch.ts'
import { makeTurns, type Turns } from '../../src/crawl/turns.ts'
import { type Fetched, PutOff } from '../../src/pipeline/inputs.ts'
import {
  type Certificates,
  fetcherFor,
  getInTurn,
  getOnce,
  listen,
  makeCertificates,
  namesAs,
  serve,
  serveRaw,
  serveTls,
  stop,
} from './servers.ts'

type Answers = Readonly<Record<string, (response: ServerResponse, request: IncomingMessage) => void>>

const text = '政府信息公开工作年度报告'

/** 30 MB of nothing, in a few thousand bytes. */
const nothing = Buffer.alloc(30_000_000)
const bombs = {
  gzip: gzipSync(nothing, { level: 1 }),
  br: brotliCompressSync(nothing, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
}

function textOf(content: Fetched): string {
  expect(content).toMatchObject({ ok: true })
  return content.ok ? Buffer.from(content.bytes ?? []).toString() : ''
}

/** Pieces without an end, until nobody takes them. */
function pour(response: ServerResponse, piece: Buffer, milliseconds = 0): void {
  const more = (): void => {
    if (response.destroyed) return
    response.write(piece, () => setTimeout(more, milliseconds))
  }
  more()
}

describe('a server', () => {
  const answers: Answers = {
    '/plain': (response) => response.end(text),
    '/gzip': (response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(text)),
    '/br': (response) => response.setHeader('content-encoding', 'br').end(brotliCompressSync(text)),
    '/deflate': (response) => response.setHeader('content-encoding', 'deflate').end(deflateSync(text)),
    '/twice': (response) => response.setHeader('content-encoding', 'gzip, br').end(brotliCompressSync(gzipSync(text))),
    '/often': (response) => response.setHeader('content-encoding', 'gzip,gzip,gzip,gzip').end(text),
    '/no-encoding': (response) => response.setHeader('content-encoding', 'utf-8').end(text),
    '/not-gzip': (response) => response.setHeader('content-encoding', 'gzip').end(text),
    '/half-gzip': (response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(text).subarray(0, 20)),
    '/empty': (response) => response.end(),
    '/echo': (response, request) => response.end(JSON.stringify({ ...request.headers, url: request.url })),
    '/big': (response) => pour(response, Buffer.alloc(65_536)),
    '/said-big': (response) => {
      response.setHeader('content-length', 10 ** 9)
      response.write('a')
    },
    '/bomb': (response) => response.setHeader('content-encoding', 'gzip').end(bombs.gzip),
    '/bomb-br': (response) => response.setHeader('content-encoding', 'br').end(bombs.br),
    // Members without content, which unpack to nothing and never end.
    '/hollow': (response) => {
      response.setHeader('content-encoding', 'gzip')
      pour(response, Buffer.concat(Array.from({ length: 3000 }, () => gzipSync(''))))
    },
    '/drip': (response) => pour(response, Buffer.from('a'), 100),
    '/silent': () => {},
    '/reset': (response) => {
      response.write('a')
      setTimeout(() => response.socket?.resetAndDestroy(), 50)
    },
    '/short': (response) => {
      response.setHeader('content-length', 100)
      response.write('a')
      setTimeout(() => response.destroy(), 50)
    },
    '/loop': (response) => response.writeHead(302, { location: '/loop' }).end(),
    '/to-metadata': (response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    '/to-password': (response) => response.writeHead(302, { location: 'http://root:secret@127.0.0.1/' }).end(),
    '/to-file': (response) => response.writeHead(301, { location: 'file:///etc/passwd' }).end(),
    '/nowhere': (response) => response.writeHead(302).end(),
    '/busy': (response) => response.writeHead(503, { 'retry-after': '120' }).end(),
    '/later': (response) => response.writeHead(429, { 'retry-after': 'Sun, 01 Mar 2026 00:01:30 GMT' }).end(),
    '/never': (response) => response.writeHead(503, { 'retry-after': '99999999' }).end(),
    '/garbled-wait': (response) => response.writeHead(503, { 'retry-after': 'soon' }).end(),
    '/part': (response) => response.writeHead(206).end('half'),
  }
  let server: Server
  let base: string
  let asked: string[] = []

  beforeAll(async () => {
    server = serve((request, response) => {
      const path = request.url ?? '/'
      asked.push(path)
      const hops = /^\/hop(\d)$/.exec(path)
      const status = /^\/status(\d+)$/.exec(path)
      if (hops !== null)
        response.writeHead(307, { location: hops[1] === '1' ? 'plain' : `/hop${Number(hops[1]) - 1}` }).end()
      else if (status !== null) response.writeHead(Number(status[1])).end('no')
      else (answers[path.split('?')[0]!] ?? answers['/plain']!)(response, request)
    })
    base = `http://127.0.0.1:${await listen(server)}`
  })
  afterAll(() => stop(server))

  const get = (path: string, options = {}): Promise<Fetched> => getOnce(base + path, options)

  it.each(['/plain', '/gzip', '/br', '/deflate', '/twice', '/no-encoding'])('gives a document at %s', async (path) => {
    expect(textOf(await get(path))).toBe(text)
  })

  it('gives an empty one', async () => {
    expect(textOf(await get('/empty'))).toBe('')
  })

  it('is told who asks and how to reach them, and no fragment or cookie', async () => {
    const said = JSON.parse(textOf(await get('/echo?a=%E6%9C%AC#part')))
    expect(said).toMatchObject({ url: '/echo?a=%E6%9C%AC', 'user-agent': 'gouji/test (+https://example.org/contact)' })
    expect(said).not.toHaveProperty('cookie')
    expect(JSON.parse(textOf(await get('/echo', { contact: '' })))['user-agent']).toBe('gouji/test')
  })

  it.each([
    ['/big', 'limit_exceeded'],
    ['/said-big', 'limit_exceeded'],
    ['/bomb', 'limit_exceeded'],
    ['/bomb-br', 'limit_exceeded'],
    ['/hollow', 'limit_exceeded'],
  ])('that sends too much at %s is not heard to the end', async (path, code) => {
    const bytesMax = 1_000_000
    const data = { limit: 'documentBytesMax', max: bytesMax }
    expect(await get(path, { bytesMax })).toEqual({ ok: false, reason: { code, data }, size: null })
  })

  it('may send exactly as much as is allowed', async () => {
    const bytesMax = Buffer.byteLength(text)
    expect(textOf(await get('/gzip', { bytesMax: Math.max(bytesMax, gzipSync(text).length) }))).toBe(text)
    expect(await get('/plain', { bytesMax: bytesMax - 1 })).toMatchObject({ reason: { code: 'limit_exceeded' } })
  })

  it.each(['/drip', '/silent'])('that is slow at %s is not waited for', async (path) => {
    expect(await get(path, { seconds: 0.5 })).toMatchObject({ reason: { code: 'too_slow', data: { seconds: 0.5 } } })
  })

  it.each(['/reset', '/short', '/half-gzip'])('that breaks off at %s gave no document', async (path) => {
    expect(await get(path)).toMatchObject({ reason: { code: 'cut_off', data: { detail: 'ECONNRESET' } } })
  })

  it.each(['/not-gzip', '/often'])('that sends nonsense at %s gave none', async (path) => {
    expect(await get(path)).toMatchObject({ reason: { code: 'bad_answer' } })
  })

  it.each([401, 403, 404, 410, 429, 500, 502, 503])('says by %i that there is none', async (status) => {
    const reason = { code: 'http_status', data: { status } }
    expect(await get(`/status${status}`)).toEqual({ ok: false, reason, size: null })
  })

  it('may say how long to wait, within reason', async () => {
    expect(await get('/busy')).toMatchObject({ reason: { data: { status: 503, seconds: 120 } } })
    expect(await get('/later')).toMatchObject({ reason: { data: { status: 429, seconds: 90 } } })
    expect(await get('/never')).toMatchObject({ reason: { data: { status: 503, seconds: 3600 } } })
    expect(await get('/garbled-wait')).toMatchObject({ reason: { data: { status: 503 } } })
  })

  it('gives nothing by a part, or a redirect to nowhere', async () => {
    expect(await get('/part')).toMatchObject({ reason: { code: 'http_status', data: { status: 206 } } })
    expect(await get('/nowhere')).toMatchObject({ reason: { code: 'http_status', data: { status: 302 } } })
  })

  it('may redirect five times, and not in a circle', async () => {
    expect(textOf(await get('/hop5'))).toBe(text)
    expect(await get('/hop6')).toMatchObject({ reason: { code: 'too_many_redirects', data: { max: 5 } } })
    asked = []
    expect(await get('/loop')).toMatchObject({ reason: { code: 'too_many_redirects' } })
    expect(asked).toHaveLength(6)
  })

  it('cannot redirect to what would not have been asked', async () => {
    expect(await get('/to-metadata')).toMatchObject({
      reason: { code: 'address_refused', data: { host: '169.254.169.254' } },
    })
    const refused = await get('/to-password')
    expect(refused).toMatchObject({ reason: { code: 'url_refused', data: { detail: 'has_password' } } })
    expect(JSON.stringify(refused)).not.toContain('secret')
    expect(await get('/to-file')).toMatchObject({ reason: { code: 'url_refused', data: { detail: 'not_http' } } })
  })

  it('that is not public is not even connected to', async () => {
    asked = []
    const { port } = new URL(base)
    for (const host of ['127.0.0.1', 'localhost', '0x7f.1', '2130706433', '0', '[::1]', '[::ffff:127.0.0.1]'])
      expect([host, await getOnce(`http://${host}:${port}/plain`, { allow: [] })]).toMatchObject([
        host,
        { reason: { code: 'address_refused' } },
      ])
    expect(asked).toEqual([])
    expect(textOf(await getOnce(`http://localhost:${port}/plain`, { allow: ['localhost'] }))).toBe(text)
  })

  it('is asked by so many at once and no more, a pause between', async () => {
    let active = 0
    let most = 0
    const begun: number[] = []
    const busy = serve((_, response) => {
      begun.push(performance.now())
      most = Math.max(most, ++active)
      setTimeout(() => {
        active--
        response.end(text)
      }, 60)
    })
    const port = await listen(busy)
    const fetcher = fetcherFor({ atOnce: 2, delayMilliseconds: 25 })
    const { signal } = new AbortController()
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) => getInTurn(fetcher, `http://127.0.0.1:${port}/${index}`, signal)),
    )
    for (const content of all) expect(textOf(content)).toBe(text)
    expect(most).toBe(2)
    await fetcher.close()
    await stop(busy)
  })

  it('is let alone once all is to end, by those who wait as well', async () => {
    const ending = new AbortController()
    const fetcher = fetcherFor({ atOnce: 2, delayMilliseconds: 900 })
    const ended = Promise.allSettled(['/silent', '/plain'].map((path) => fetcher.download(base + path, ending.signal)))
    setTimeout(() => ending.abort(), 100)
    for (const one of await ended) expect(one).toMatchObject({ status: 'rejected', reason: expect.any(FetchEnded) })
    // The turn that was ended is another's.
    expect(textOf(await getInTurn(fetcher, `${base}/plain`, new AbortController().signal))).toBe(text)
    await fetcher.close()
  })

  it('that is busy is not waited for, nor is the one asked again that leads to it', async () => {
    const asked: string[] = []
    const first = serve((request, response) => {
      asked.push(request.url!)
      response.writeHead(302, { location: `${base}/plain` }).end()
    })
    const leads = `http://127.0.0.2:${await listen(first, '127.0.0.2')}/leads`
    const fetcher = fetcherFor({ atOnce: 1 })
    const silence = new AbortController()
    const silent = fetcher.download(`${base}/silent`, silence.signal).catch((error: unknown) => error)
    const { signal } = new AbortController()
    for (const _ of [1, 2, 3]) await expect(fetcher.download(leads, signal)).rejects.toThrow(PutOff)
    expect(asked).toEqual(['/leads'])
    silence.abort()
    expect(await silent).toBeInstanceOf(FetchEnded)
    expect(textOf(await getInTurn(fetcher, leads, signal))).toBe(text)
    expect(asked).toEqual(['/leads', '/leads'])
    await fetcher.close()
    await stop(first)
  })
})

describe('turns', () => {
  const { signal } = new AbortController()
  const refused = (turns: Turns, who: string): Promise<number> =>
    turns.take('host', who, signal).then(
      () => Number.NaN,
      (error: PutOff) => error.milliseconds,
    )

  it('put off the longer the more wait, and nobody loses a place in line by asking too early', async () => {
    const turns = makeTurns(1, 0)
    const turn = await turns.take('host', 'a', signal)
    const waits = [await refused(turns, 'b'), await refused(turns, 'c'), await refused(turns, 'd')]
    expect(waits).toEqual([waits[0]!, 2 * waits[0]!, 3 * waits[0]!])
    expect(await refused(turns, 'b')).toBe(waits[0])
    turn.end()
    const next = await turns.take('host', 'b', signal)
    const [c, d, e] = [await refused(turns, 'c'), await refused(turns, 'd'), await refused(turns, 'e')]
    expect(c).toBeLessThanOrEqual(waits[0]!)
    expect([c < d, d < e]).toEqual([true, true])
    next.end()
    expect((await turns.take('other', 'c', signal)).host).toBe('other')
  })

  it('are not waited for where the pause is long', async () => {
    const turns = makeTurns(4, 60_000)
    ;(await turns.take('host', 'a', signal)).end()
    expect(await refused(turns, 'b')).toBe(60_000)
    expect(() => turns.refuse('b')).toThrow(PutOff)
    turns.refuse('a')
  })
})

describe('names', () => {
  it('are looked up for the connection itself, so that a second answer helps nobody', async () => {
    const asked: string[] = []
    const open = serve((_, response) => response.setHeader('connection', 'close').end(text))
    const inside = serve((request, response) => {
      asked.push(request.url ?? '')
      response.end('secret')
    })
    // This one first: what runs beside takes its ports at 127.0.0.1, and hardly ever at the other address.
    const port = await listen(inside, '127.0.0.1')
    await listen(open, '127.0.0.2', port)
    const queue = [['127.0.0.2'], ['127.0.0.1'], ['127.0.0.1', '127.0.0.2'], ['127.0.0.1', '::1']]
    let lookups = 0
    const resolve = namesAs(() => queue[lookups++]!)
    const fetcher = fetcherFor({ allow: ['127.0.0.2'], resolve })
    const get = () => fetcher.download(`http://rebind.example.org:${port}/`, new AbortController().signal)
    expect(textOf(await get())).toBe(text)
    expect(await get()).toMatchObject({ reason: { code: 'address_refused', data: { address: '127.0.0.1' } } })
    expect(textOf(await get())).toBe(text)
    expect(await get()).toMatchObject({ reason: { code: 'address_refused' } })
    expect([lookups, asked]).toEqual([4, []])
    await fetcher.close()
    await stop(open)
    await stop(inside)
  })

  it('that mean addresses inside are refused, in whatever kind of address', async () => {
    for (const address of [
      '10.0.0.1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      '2002:a00:1::1',
      'fe80::1%1',
      'fd00::1',
      '::',
    ])
      expect([
        address,
        await getOnce('http://x.example.org/', { allow: [], resolve: namesAs(() => [address]) }),
      ]).toMatchObject([address, { reason: { code: 'address_refused', data: { host: 'x.example.org', address } } }])
  })

  it('that nobody knows are told', async () => {
    const answer = await getOnce('http://nobody.invalid/')
    expect(answer).toMatchObject({ reason: { code: 'unreachable' } })
  })
})

describe('a network that is away', () => {
  it('is told from a host that is, by those that answered before', async () => {
    const [first, second] = [serve((_, response) => response.end(text)), serve((_, response) => response.end(text))]
    const port = await listen(first)
    await listen(second, '127.0.0.2', port)
    const away = new Set<string>()
    const addresses = new Map([
      ['one.example.org', '127.0.0.1'],
      ['two.example.org', '127.0.0.2'],
    ])
    const resolve = namesAs((name) => (away.has(name) || away.has('all') ? null : [addresses.get(name) ?? '127.0.0.1']))
    const fetcher = fetcherFor({ resolve })
    const get = (name: string) =>
      fetcher.download(`http://${name}.example.org:${port}/plain`, new AbortController().signal)
    const unreachable = { reason: { code: 'unreachable', data: { detail: 'EAI_AGAIN' } } }
    away.add('all')
    expect(await get('three')).toMatchObject(unreachable)
    away.clear()
    for (const name of ['one', 'two']) expect(textOf(await get(name))).toBe(text)
    away.add('three.example.org').add('one.example.org')
    expect(await get('three')).toMatchObject(unreachable)
    away.add('all')
    await expect(get('three')).rejects.toMatchObject({
      code: 'network_away',
      data: { detail: 'EAI_AGAIN' },
      retry: true,
    })
    away.clear()
    expect(textOf(await get('three'))).toBe(text)
    await fetcher.close()
    await stop(first)
    await stop(second)
  })
})

describe('a host', () => {
  it('where nobody listens cannot be reached', async () => {
    const server = serve(() => {})
    const port = await listen(server)
    await stop(server)
    const reason = { code: 'unreachable', data: { detail: 'ECONNREFUSED' } }
    expect(await getOnce(`http://127.0.0.1:${port}/`)).toMatchObject({ reason })
  })

  it.each([
    ['that hangs up', (socket: { destroy(): void }) => socket.destroy(), 'unreachable'],
    ['that speaks no HTTP', (socket: { end(text: string): void }) => socket.end('220 smtp ready\r\n'), 'bad_answer'],
    [
      'whose head never ends',
      (socket: { write(text: string): void }) => socket.write(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(20_000)}`),
      'bad_answer',
    ],
    [
      'that says two lengths',
      (socket: { end(text: string): void }) =>
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 5\r\n\r\nabcde'),
      'cut_off',
    ],
  ])('%s gives no document', async (_, answer, code) => {
    const server = serveRaw(answer as never)
    const port = await listen(server)
    expect(await getOnce(`http://127.0.0.1:${port}/`, { seconds: 3 })).toMatchObject({ reason: { code } })
    await stop(server)
  })
})

describe('TLS', () => {
  let made: Certificates
  beforeAll(() => {
    made = makeCertificates()
  })
  afterAll(() => rmSync(made.folder, { recursive: true, force: true }))

  it('that cannot be trusted gives no document, with what is wrong', async () => {
    const server = serveTls(made.selfSigned)
    const port = await listen(server)
    expect(await getOnce(`https://localhost:${port}/`, { allow: ['localhost'] })).toMatchObject({
      reason: { code: 'tls_failed', data: { detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' } },
    })
    await stop(server)
    const plain = serve((_, response) => response.end(text))
    const plainPort = await listen(plain)
    expect(await getOnce(`https://127.0.0.1:${plainPort}/`)).toMatchObject({ reason: { code: 'tls_failed' } })
    await stop(plain)
  })

  it('is trusted where its authority is, and outdated only where it is allowed', async () => {
    const old = { ...made.good, maxVersion: 'TLSv1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    const servers = [made.good, made.expired, made.other, old].map(serveTls)
    const ports: number[] = []
    for (const server of servers) ports.push(await listen(server))
    const script = `
      const { openFetcher } = await import(${JSON.stringify(new URL('../../dist/src/crawl/fetch.js', import.meta.url).href)})
      const base = { allow: ['localhost'], ports: '1-65535', contact: '', seconds: 10, delayMilliseconds: 0, atOnce: 2, agent: 'a', now: () => new Date() }
      const results = []
      for (const [legacyTls, port] of ${JSON.stringify([...ports.map((port) => [[], port]), [['localhost'], ports[3]], [['localhost'], ports[1]]])}) {
        const fetcher = openFetcher({ ...base, legacyTls })
        const got = await fetcher.download('https://localhost:' + port + '/', new AbortController().signal)
        results.push(got.ok ? Buffer.from(got.bytes).toString() : got.reason.code + ' ' + got.reason.data.detail)
        await fetcher.close()
      }
      process.stdout.write(JSON.stringify(results))`
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: made.authority }
    const cwd = fileURLToPath(new URL('../..', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env, cwd })
    const [good, expired, other, outdated, allowed, expiredStill] = JSON.parse(stdout)
    expect([good, allowed]).toEqual(['secret', 'secret'])
    expect([expired, other]).toEqual(['tls_failed CERT_HAS_EXPIRED', 'tls_failed ERR_TLS_CERT_ALTNAME_INVALID'])
    expect(outdated).toMatch(/^tls_failed /)
    expect(expiredStill).toBe('tls_failed CERT_HAS_EXPIRED')
    for (const server of servers) await stop(server)
  })
})
