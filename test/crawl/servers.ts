/** Real servers on this machine for what fetches, and certificates for them. */
import { execFileSync } from 'node:child_process'
import type { LookupAddress, lookup } from 'node:dns'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createRawServer, type Server as RawServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fetcher, type FetchOptions, openFetcher } from '../../src/crawl/fetch.ts'
import { type Fetched, PutOff } from '../../src/pipeline/inputs.ts'

export const now = (): Date => new Date('2026-03-01T00:00:00Z')

/** What fetches, with all of this machine allowed and no pause. */
export function fetcherFor(options: Partial<FetchOptions> = {}): Fetcher {
  return openFetcher({
    allow: ['127.0.0.0/8', '::1'],
    ports: '1-65535',
    legacyTls: [],
    contact: 'https://example.org/contact',
    seconds: 10,
    delayMilliseconds: 0,
    atOnce: 4,
    agent: 'gouji/test',
    now,
    ...options,
  })
}

/** One GET, and the connections let go. */
export async function getOnce(url: string, options: Partial<FetchOptions> = {}): Promise<Fetched> {
  const fetcher = fetcherFor(options)
  try {
    return await fetcher.download(url, new AbortController().signal)
  } finally {
    await fetcher.close()
  }
}

/** One GET, by who comes back as often as it is put off. */
export async function getInTurn(fetcher: Fetcher, url: string, signal: AbortSignal): Promise<Fetched> {
  for (;;) {
    try {
      return await fetcher.download(url, signal)
    } catch (error) {
      if (!(error instanceof PutOff)) throw error
      await sleep(error.milliseconds)
    }
  }
}

/** Listens, by default on 127.0.0.1 and a free port; gives the port. */
export async function listen(server: Server | RawServer, host = '127.0.0.1', port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return (server.address() as AddressInfo).port
}

export async function stop(server: Server | RawServer): Promise<void> {
  if ('closeAllConnections' in server) server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

export function serve(answer: RequestListener): Server {
  return createServer(answer)
}

/** Answers connections with whatever bytes, as no server should. */
export function serveRaw(answer: (socket: Socket) => void): RawServer {
  return createRawServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
}

export function serveTls(options: ServerOptions): Server {
  return createTlsServer(options, (_, response) => response.end('secret')) as Server
}

/** A DNS of our own: for names that no real one answers as an attacker's would; null where it cannot be asked. */
export function namesAs(answer: (name: string) => readonly string[] | null): typeof lookup {
  type Callback = (error: Error | null, found: LookupAddress[]) => void
  const resolve = (name: string, _options: unknown, callback: Callback): void => {
    const addresses = answer(name)
    if (addresses === null)
      return void process.nextTick(callback, Object.assign(new Error(name), { code: 'EAI_AGAIN' }), [])
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    process.nextTick(callback, null, found)
  }
  return resolve as unknown as typeof lookup
}

export type Certificates = {
  readonly folder: string
  readonly authority: string
  readonly good: ServerOptions
  readonly expired: ServerOptions
  readonly other: ServerOptions
  readonly selfSigned: ServerOptions
}

/** An authority, and what it signed: for localhost, out of date, for another host. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'gouji-tls-'))
  const at = (name: string): string => join(folder, name)
  const openssl = (...words: string[]): void => void execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' })
  const key = ['-newkey', 'rsa:2048', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=gouji test')
  const sign = (name: string, host: string, days: string): ServerOptions => {
    writeFileSync(at(`${name}.ext`), `subjectAltName=DNS:${host}`)
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${host}`)
    const files = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`]
    openssl('x509', '-req', ...files, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', days)
    return { key: readFileSync(at(`${name}.key`)), cert: readFileSync(at(`${name}.pem`)) }
  }
  return {
    folder,
    authority: at('ca.pem'),
    good: sign('good', 'localhost', '2'),
    // Signed for no time at all.
    expired: sign('expired', 'localhost', '0'),
    other: sign('other', 'www.example.org', '2'),
    selfSigned: { key: readFileSync(at('ca.key')), cert: readFileSync(at('ca.pem')) },
  }
}
