/** Documents by URL through the stages of the service: what is asked again, when, and what ends as failed. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Fetcher } from '../../src/crawl/fetch.ts'
import { exportTables } from '../../src/exports/tables.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { fileNameOf } from '../../src/pipeline/inputs.ts'
import { fetchQueued, ingestQueued, type StageContext, type StageResult } from '../../src/pipeline/stages.ts'
import { openReaders, type Readers } from '../../src/pipeline/threads.ts'
import { lastDownload } from '../../src/store/downloads.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { addQueued } from '../../src/store/queued.ts'
import { loadRunItems, type RunItem, startRun } from '../../src/store/runs.ts'
import { makeZip } from '../pipeline/fixtures/zip.ts'
import { fetcherFor, listen, now, serve, stop } from './servers.ts'

const registry = loadRegistry()
const samples = new URL('../../samples/', import.meta.url)
const hashOf = (name: string): string => createHash('sha256').update(sample(name)).digest('hex')
const sample = (name: string): Buffer => readFileSync(new URL(name, samples))

describe('a document by its URL', () => {
  let folder: string
  let store: Store
  let readers: Readers
  let server: Server
  let fetcher: Fetcher
  let base: string
  let run: string
  /** Statuses still to be answered before the document is given. */
  let statuses: number[] = []
  let download: StageContext['download']

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gouji-url-'))
    // Other tests have documents of the same names and bytes.
    const own = new URL(inject('postgresUrl'))
    const admin = new pg.Client({ connectionString: own.href })
    await admin.connect()
    await admin.query('CREATE DATABASE gouji_urls')
    await admin.end()
    own.pathname = '/gouji_urls'
    store = await openStore(own.href, { blobs: folder })
    const filename = fileURLToPath(new URL('../../dist/src/pipeline/thread.js', import.meta.url))
    readers = openReaders({ threads: 1, timeoutSeconds: 120, memoryMegabytes: 512, filename })
    const zip = makeZip([
      { name: '洪泽/2023.html', content: sample('hongze-2023.html'), utf8: true },
      { name: 'huaian.docx', content: sample('huaian-2024.docx') },
      { name: 'locked.doc', content: 'x', locked: true },
    ])
    server = serve((request, response) => {
      const status = statuses.shift() ?? 200
      if (status !== 200) response.writeHead(status, status === 429 ? { 'retry-after': '600' } : {}).end()
      else response.end(request.url === '/reports.zip' ? zip : sample('shanghai-office-2019.html'))
    })
    base = `http://127.0.0.1:${await listen(server)}`
    fetcher = fetcherFor()
    download = (url, before) => fetcher.download(url, new AbortController().signal, before)
  })
  afterAll(async () => {
    await fetcher.close()
    await stop(server)
    await readers.close()
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const queue = async (path: string): Promise<number> => {
    run = await startRun(store, { reader: 'r', arguments: [], startedAt: now(), queued: true })
    const [due] = await addQueued(store, run, [{ path }], { urgent: false, again: false, at: now() })
    return due!.id
  }
  const contextOf = () => {
    const { read: readAlone } = readers
    const ended = new AbortController().signal
    return { store, registry, readers, readAlone, download, reader: 'r', worker: 'w', now, ended }
  }
  const fetchOnce = (id: number): Promise<StageResult> => fetchQueued(id, contextOf())
  const ingest = async ({ due }: StageResult): Promise<void> => {
    for (const { id } of due) await ingestQueued(id, contextOf())
  }
  const items = async (): Promise<RunItem[]> => {
    const found: RunItem[] = []
    for await (const item of loadRunItems(store, run)) found.push(item)
    return found
  }

  it('is asked again where the host is the matter, later each time or as the host says', async () => {
    statuses = [503, 429, 500]
    const id = await queue(`${base}/%E6%8A%A5%E5%91%8A.html?a=1`)
    expect((await fetchOnce(id)).again).toMatchObject({ reason: { code: 'http_status' }, times: 1, seconds: 5 })
    expect((await fetchOnce(id)).again).toMatchObject({ reason: { data: { status: 429 } }, times: 2, seconds: 600 })
    expect((await fetchOnce(id)).again).toMatchObject({ reason: { data: { status: 500 } }, times: 3, seconds: 80 })
    expect(await items()).toEqual([])
    await ingest(await fetchOnce(id))
    expect(await items()).toMatchObject([{ path: `${base}/%E6%8A%A5%E5%91%8A.html?a=1`, outcome: 'stored' }])
  })

  it('fails at once where it is not there, and after some times where the host stays away', async () => {
    statuses = [404]
    expect((await fetchOnce(await queue(`${base}/gone.html`))).again).toBeNull()
    expect(await items()).toMatchObject([{ outcome: 'failed', reason: { code: 'http_status', data: { status: 404 } } }])
    statuses = [502, 502, 502, 502, 502, 502]
    const id = await queue(`${base}/away.html`)
    for (let times = 1; times < 5; times++) expect((await fetchOnce(id)).again).toMatchObject({ times })
    expect((await fetchOnce(id)).again).toBeNull()
    expect(await items()).toMatchObject([{ outcome: 'failed', reason: { data: { status: 502 } } }])
    statuses = []
  })

  it('fails at once where it must not be asked', async () => {
    expect((await fetchOnce(await queue('http://169.254.169.254/latest/meta-data/'))).again).toBeNull()
    expect(await items()).toMatchObject([{ outcome: 'failed', reason: { code: 'address_refused' } }])
  })

  it('may be an archive, whose documents take its place', async () => {
    const result = await fetchOnce(await queue(`${base}/reports.zip`))
    expect(result.due).toHaveLength(2)
    await ingest(result)
    const inside = `${base}/reports.zip!/`
    expect(new Map((await items()).map(({ path, outcome }) => [path, outcome]))).toEqual(
      new Map([
        [`${inside}locked.doc`, 'failed'],
        [`${inside}洪泽/2023.html`, 'stored'],
        [`${inside}huaian.docx`, 'stored'],
      ]),
    )
  })

  describe('that has been asked before', () => {
    const tag = (version: number) => ({
      etag: `"v${version}"`,
      'last-modified': 'Sun, 01 Feb 2026 00:00:00 GMT',
      'content-type': 'text/html; charset=utf-8',
    })
    const pages: Record<string, { readonly headers: Record<string, string>; readonly bytes: Buffer }> = {}
    const asked: (string | undefined)[][] = []
    let target = '/tagged.html'
    let tagged: Server
    let address: string

    beforeAll(async () => {
      tagged = serve((request, response) => {
        if (request.url === '/moved.html') return void response.writeHead(302, { location: target }).end()
        const { 'if-none-match': match, 'if-modified-since': since } = request.headers
        asked.push([request.url, match, since])
        const { headers, bytes } = pages[request.url!]!
        const same = match !== undefined ? match === headers.etag : since === headers['last-modified']
        if (same && (match ?? since) !== undefined) response.writeHead(304).end()
        else response.writeHead(200, headers).end(bytes)
      })
      address = `http://127.0.0.1:${await listen(tagged)}`
    })
    afterAll(() => stop(tagged))

    const read = async (path: string): Promise<RunItem[]> => {
      asked.length = 0
      await ingest(await fetchOnce(await queue(address + path)))
      return items()
    }
    const answer = () => lastDownload(store, `${address}/moved.html`)

    it('is asked only whether it has changed since, and what was said is kept', async () => {
      pages['/tagged.html'] = { headers: tag(1), bytes: sample('hongze-2023.html') }
      expect(await read('/moved.html')).toHaveLength(1)
      expect(asked).toEqual([['/tagged.html', undefined, undefined]])
      const first = {
        finalUrl: `${address}/tagged.html`,
        status: 200,
        contentType: 'text/html; charset=utf-8',
        etag: '"v1"',
        lastModified: 'Sun, 01 Feb 2026 00:00:00 GMT',
        fetchedAt: now().toISOString(),
      }
      const sha256 = createHash('sha256').update(sample('hongze-2023.html')).digest('hex')
      expect(await answer()).toEqual({ url: `${address}/moved.html`, sha256, ...first })
      expect(await read('/moved.html')).toMatchObject([{ outcome: 'duplicate', sha256 }])
      expect(asked).toEqual([['/tagged.html', '"v1"', undefined]])
      expect(await answer()).toMatchObject({ ...first, status: 304, sha256 })
    })

    it('is given whole where it has changed, or where the address leads elsewhere', async () => {
      pages['/tagged.html'] = { headers: tag(2), bytes: sample('pingtan-2018.html') }
      expect(await read('/moved.html')).toMatchObject([{ outcome: 'stored' }])
      expect(asked).toEqual([['/tagged.html', '"v1"', undefined]])
      expect(await answer()).toMatchObject({ status: 200, etag: '"v2"' })
      target = '/elsewhere.html'
      // The same tag as that of the other page.
      pages['/elsewhere.html'] = { headers: tag(2), bytes: sample('hongze-2023.html') }
      expect(await read('/moved.html')).toMatchObject([{ outcome: 'duplicate' }])
      expect(asked).toEqual([['/elsewhere.html', undefined, undefined]])
      expect(await answer()).toMatchObject({ status: 200, finalUrl: `${address}/elsewhere.html` })
    })

    it('is asked by its date where it has no tag, but not where the date is as young as the answer', async () => {
      const { etag: _, ...dated } = tag(0)
      pages['/dated.html'] = { headers: dated, bytes: sample('hongze-2023.html') }
      await read('/dated.html')
      await read('/dated.html')
      expect(asked).toEqual([['/dated.html', undefined, 'Sun, 01 Feb 2026 00:00:00 GMT']])
      const young = { ...dated, 'last-modified': now().toUTCString() }
      pages['/young.html'] = { headers: young, bytes: sample('hongze-2023.html') }
      await read('/young.html')
      await read('/young.html')
      expect(asked).toEqual([['/young.html', undefined, undefined]])
    })

    it('is given whole where what was kept of it is gone', async () => {
      const { sha256 } = (await answer())!
      rmSync(join(folder, sha256.slice(0, 2)), { recursive: true })
      expect(await read('/moved.html')).toMatchObject([{ outcome: 'duplicate' }])
      expect(asked).toEqual([['/elsewhere.html', undefined, undefined]])
    })

    it('is exported with where it came from', async () => {
      const table = exportTables(store, registry).find(({ name }) => name === 'reports')!
      const rows: Record<string, unknown>[] = []
      for await (const row of table.rows())
        rows.push(Object.fromEntries(table.columns.map((name, i) => [name, row[i]])))
      const fetched = rows.filter(({ origin }) => origin === `${address}/moved.html`)
      expect(fetched).toMatchObject([{ final_url: `${address}/tagged.html`, http_status: 200, etag: '"v2"' }])
      const inside = rows.filter(({ origin }) => String(origin).includes('reports.zip!/'))
      expect(inside.length).toBeGreaterThan(0)
      for (const row of inside) expect(row).toMatchObject({ final_url: `${base}/reports.zip`, http_status: 200 })
    })
  })

  it('has the file name that its path ends with', () => {
    const names = [
      'https://a.cn/x/%E6%8A%A5%E5%91%8A.doc?b=/c#d',
      'https://a.cn/%B1%A8.doc',
      'https://a.cn/a.zip!/b/c.doc',
    ]
    expect(names.map((path) => fileNameOf({ path }))).toEqual(['报告.doc', '%B1%A8.doc', 'c.doc'])
  })

  it('whose bytes are gone by the time they are read says so', async () => {
    const id = await queue(`${base}/other.html`)
    const { due } = await fetchOnce(id)
    rmSync(store.blobs.place(hashOf('shanghai-office-2019.html')))
    // Another reader, to which it is not known yet.
    const result = await ingestQueued(due[0]!.id, { ...contextOf(), reader: 'r2' })
    expect(result.failed).toEqual({ code: 'original_missing', data: {} })
    expect(await items()).toMatchObject([{ outcome: 'failed', reason: { code: 'original_missing' } }])
  })
})
