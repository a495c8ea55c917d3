/** Where a document came from and when, in what is written about it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { html } from '../../src/exports/audit/page.ts'
import { letter } from '../../src/exports/letter/index.ts'
import { exportTables } from '../../src/exports/tables.ts'
import { timeSaid } from '../../src/messages/time.ts'
import { type Answer, downloadsOf, recordDownload } from '../../src/store/downloads.ts'
import type { Store } from '../../src/store/open.ts'
import { listReports } from '../../src/store/reports.ts'
import { auditedStore, registry, requestOf, wholeOf } from './audited.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'gouji-fetched-'))
const base = 'https://www.example.gov.cn/a/'
const final = 'https://www.example.gov.cn/b/<2>.html'
let store: Store

beforeAll(async () => {
  store = await auditedStore(path.join(folder, 'store'), ['hongze-2023.html', 'rundong-2021.txt'], undefined, {}, base)
  for await (const { origin, sha256 } of listReports(store)) {
    if (!origin.endsWith('hongze-2023.html')) continue
    const none = { contentType: null, etag: null, lastModified: null }
    const answers: Answer[] = [
      { ...none, finalUrl: origin, status: 200, fetchedAt: '2026-01-02T03:04:05.678Z' },
      { ...none, finalUrl: final, status: 304, fetchedAt: '2026-01-03T03:04:05.678Z' },
    ]
    for (const answer of answers) await recordDownload(store, { ...answer, url: origin, sha256 })
    // Of other bytes, and of another address.
    await recordDownload(store, { ...answers[0]!, url: origin, sha256: '0'.repeat(64) })
    await recordDownload(store, { ...answers[0]!, url: `${base}other.html`, sha256 })
  }
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('what a server said of a document', () => {
  const said = timeSaid('2026-01-03T03:04:05.678Z')

  it('is the latest answer that gave these bytes from this address, each document’s in its place', async () => {
    const reports = []
    for await (const report of listReports(store)) reports.push(report)
    const found = await downloadsOf(store, [{ origin: '/a.html', sha256: 'x', archive: null }, ...reports, ...reports])
    expect(found.map((one) => one?.finalUrl ?? null)).toEqual([
      null,
      ...[...reports, ...reports].map(({ origin }) => (origin.endsWith('hongze-2023.html') ? final : null)),
    ])
    const archived = { origin: `${reports[0]!.origin}!/a.docx`, sha256: 'x', archive: reports[0]!.sha256 }
    expect((await downloadsOf(store, [archived]))[0]?.finalUrl ?? null).toBe(found[1]?.finalUrl ?? null)
  })

  it('stands on the page and in the letter, with the offset from UTC and without fractions of a second', async () => {
    const page = load((await wholeOf(html, requestOf(store))).toString())
    const fetched = page('dl.facts div').filter((_, one) => page(one).find('dt .en').text() === 'Fetched')
    expect(fetched.length).toBe(1)
    expect(fetched.find('dd').text()).toBe(`${said} ${final}`)
    expect(fetched.find('time').attr('datetime')).toBe('2026-01-03T03:04:05.678Z')
    const filter = { agency: '淮安市洪泽区人民政府' }
    const zh = (await wholeOf(letter, requestOf(store, { extension: 'md', lang: 'zh', filter }))).toString()
    expect(zh).toContain(
      `来源：${base}hongze-2023.html，下载于${said}，实际地址：https://www.example.gov.cn/b/&lt;2&gt;.html，`,
    )
    const en = (await wholeOf(letter, requestOf(store, { extension: 'md', filter }))).toString()
    expect(en).toContain(`published at ${base}hongze-2023.html, fetched ${said} from https:`)
  })

  it('is in the table of reports beside those that came from no address', async () => {
    const table = exportTables(store, registry).find(({ name }) => name === 'reports')!
    const column = table.columns.indexOf('final_url')
    const urls = []
    for await (const row of table.rows()) urls.push(row[column])
    expect(urls.sort()).toEqual([final, null])
  })
})

describe('times', () => {
  it('are said by the clock of the machine, and are the same moment when read back', () => {
    for (const iso of ['1970-01-01T00:00:00.000Z', '2026-03-01T23:59:59.999Z', '2026-07-31T12:00:00.500Z']) {
      const said = timeSaid(iso)
      expect(said).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d$/)
      expect(new Date(said.replace(' ', 'T').replace(' ', '')).getTime()).toBe(
        Math.floor(Date.parse(iso) / 1000) * 1000,
      )
    }
  })
})
