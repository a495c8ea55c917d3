/** One suite for both carriers: what is saved comes back, nothing is overwritten, the same again changes nothing. */

import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { getBlob, putBlob } from '../../src/store/blobs.ts'
import { listFindings } from '../../src/store/findings.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { runQuery } from '../../src/store/query.ts'
import { findKnown, listReports, loadFacts, saveReading } from '../../src/store/reports.ts'
import {
  finishRun,
  inputsToRetry,
  listRuns,
  listUnread,
  loadRunItems,
  type RunItem,
  recordItems,
  startRun,
} from '../../src/store/runs.ts'
import { makeDatabase } from '../setup/database.ts'

const registry = loadRegistry()
const samples = new URL('../../samples/', import.meta.url)
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

async function read(name: string): Promise<Reading> {
  return readReport(readFileSync(new URL(name, samples)), { fileName: name }, registry)
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe.each(['embedded', 'server'] as const)('store, %s', (carrier) => {
  let store: Store
  let folder: string
  let hongze: Reading

  const save = (reading: Reading, sha256: string, reader = 'r1', seenAt = new Date('2024-02-01T00:00:00Z')) =>
    saveReading(store, registry, { sha256, bytes: 10, path: `x/${sha256.slice(0, 4)}`, reader, reading, seenAt })

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gouji-store-'))
    const target = carrier === 'embedded' ? join(folder, 'data') : await makeDatabase()
    store = await openStore(target, { blobs: join(folder, 'blobs') })
    // What is saved here has no originals.
    await store.blobs.check()
    hongze = await read('hongze-2023.html')
  })

  afterAll(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('gives back every fact and finding as it was read', async () => {
    for (const name of ['hongze-2023.html', 'shanghai-office-2019.html', 'huaian-2024.docx']) {
      const reading = await read(name)
      const saved = await save(reading, hashOf(name))
      expect(saved.outcome).toBe('stored')
      const sort = <T extends { code: string }>(facts: readonly T[]) =>
        [...facts].sort((a, b) => (a.code < b.code ? -1 : 1))
      expect(sort(await loadFacts(store, saved.reading))).toEqual(sort(reading.facts))
      const found = (await collect(listFindings(store))).filter(({ report }) => report.sha256 === hashOf(name))
      expect(
        found
          .map(({ report: _, ...finding }) => finding)
          .map(({ key }) => key)
          .sort(),
      ).toEqual(reading.findings.map(({ key }) => key).sort())
      for (const finding of reading.findings) {
        expect(found.find(({ key }) => key === finding.key)).toMatchObject(JSON.parse(JSON.stringify(finding)))
      }
    }
  })

  it('says how sure a figure read from a picture is, and nothing of others', async () => {
    const facts = hongze.facts.map((fact, index) => (index === 0 ? { ...fact, confidence: 0.87 } : fact))
    const reading = { ...hongze, identity: { ...hongze.identity, agency: '测试区人民政府' }, facts }
    const { reading: id } = await save(reading, hashOf('pictured'))
    const sql = `SELECT code, confidence FROM facts WHERE reading_id = ${id} ORDER BY confidence NULLS LAST LIMIT 2`
    const { rows } = await runQuery(store, sql, 2)
    expect(rows.map((row) => Object.values(row)[1])).toEqual([0.87, null])
    expect(Object.values(rows[0]!)[0]).toBe(facts[0]!.code)
  })

  it('the same bytes by the same reader change nothing', async () => {
    const before = await collect(listReports(store))
    expect((await save(hongze, hashOf('hongze-2023.html'))).outcome).toBe('duplicate')
    expect(await collect(listReports(store))).toEqual(before)
    expect(await findKnown(store, hashOf('hongze-2023.html'), ['r1'])).toMatchObject({ outcome: 'stored' })
    expect(await findKnown(store, hashOf('hongze-2023.html'), ['r2'])).toBeNull()
  })

  it('a new document for the same agency and year is a new revision, and the newest is current', async () => {
    const corrected = await save(hongze, hashOf('corrected'), 'r1', new Date('2024-03-01T00:00:00Z'))
    const older = await save(hongze, hashOf('older'), 'r1', new Date('2024-01-15T00:00:00Z'))
    expect(new Set([corrected.revision, older.revision]).size).toBe(2)
    const [report] = (await collect(listReports(store))).filter(({ agency }) => agency === hongze.identity.agency)
    expect(report).toMatchObject({ sha256: hashOf('corrected'), revisions: 3 })
  })

  it('another reader adds a reading and keeps the former one', async () => {
    const again = await save(hongze, hashOf('corrected'), 'r2')
    expect(again.outcome).toBe('stored')
    const [report] = (await collect(listReports(store))).filter(({ agency }) => agency === hongze.identity.agency)
    expect(report).toMatchObject({ reader: 'r2', reading: again.reading })
    const rows = await store.sql.query(
      'SELECT count(*) AS n FROM gouji.readings d JOIN gouji.revisions v ON v.id = d.revision WHERE v.sha256 = $1',
      [hashOf('corrected')],
    )
    expect(Number(rows[0]!.n)).toBe(2)
  })

  it('a newer reader may find another year in the same bytes: they become that report', async () => {
    const moved = { ...hongze, identity: { ...hongze.identity, year: 2022 } }
    await save(moved, hashOf('older'), 'r3')
    const reports = (await collect(listReports(store))).filter(({ agency }) => agency === hongze.identity.agency)
    expect(reports.map(({ year, sha256 }) => [year, sha256])).toEqual([
      [2022, hashOf('older')],
      [2023, hashOf('corrected')],
    ])
  })

  it('documents without agency or year stand alone', async () => {
    const nobody = { ...hongze, identity: { ...hongze.identity, agency: null } }
    await save(nobody, hashOf('a'))
    await save(nobody, hashOf('b'))
    expect((await collect(listReports(store))).filter(({ agency }) => agency === null).length).toBe(2)
  })

  it('failures are known too, and NUL characters do no harm', async () => {
    const reason = { code: 'damaged', data: { detail: 'a\u0000b' } } as const
    const failed: Reading = { ...hongze, status: 'failed', reason, facts: [], findings: [], tables: [] }
    await save(failed, hashOf('broken'))
    expect(await findKnown(store, hashOf('broken'), ['r1'])).toMatchObject({
      outcome: 'failed',
      reason: { code: 'damaged' },
    })
  })

  it('a run keeps one outcome an input, and lists what failed last', async () => {
    const run = await startRun(store, {
      reader: 'r1',
      arguments: ['ingest', 'x'],
      startedAt: new Date('2024-02-01T10:00:00Z'),
    })
    const base = { sha256: null, bytes: 1, kind: 'html', reader: 'r1', reading: null, milliseconds: 3 }
    const items: RunItem[] = [
      { ...base, path: 'a', outcome: 'stored', reason: null },
      { ...base, path: 'b', outcome: 'failed', reason: { code: 'timeout', data: { seconds: 60 } } },
      { ...base, path: 'c', outcome: 'failed', reason: { code: 'damaged', data: { detail: 'x' } } },
      { ...base, path: 'd', outcome: 'not_a_report', reason: { code: 'login_page', data: {} } },
    ]
    await recordItems(store, run, items)
    await recordItems(store, run, [{ ...base, path: 'c', outcome: 'stored', reason: null }])
    await finishRun(store, run, { finishedAt: new Date('2024-02-01T10:01:00Z'), status: 'finished' })
    expect(await collect(loadRunItems(store, run))).toHaveLength(5)
    expect((await collect(inputsToRetry(store, { wanting: false }))).map(({ path }) => path)).toEqual(['b'])
    expect(await collect(inputsToRetry(store, { reason: 'damaged', wanting: true }))).toEqual([])
    expect(await collect(inputsToRetry(store, { kind: 'html', reason: 'timeout', wanting: true }))).toHaveLength(1)
    expect((await collect(listUnread(store))).map(({ path }) => path)).toEqual(['b', 'd'])
    const [summary] = (await listRuns(store)).filter(({ id }) => id === run)
    expect(summary).toMatchObject({
      status: 'finished',
      inputs: 5,
      outcomes: { stored: 2, failed: 2, not_a_report: 1, duplicate: 0 },
    })
  })

  it('blobs come back whole, and a hash is no path', async () => {
    const sha256 = hashOf('blob')
    await putBlob(store.blobs, sha256, Buffer.from('blob'))
    await putBlob(store.blobs, sha256, Buffer.from('blob'))
    expect(Buffer.from(await getBlob(store.blobs, sha256)).toString()).toBe('blob')
    await expect(getBlob(store.blobs, '../../x')).rejects.toThrow()
  })

  it('answers questions over the documented views', async () => {
    const { columns, rows } = await runQuery(
      store,
      "SELECT agency, year, value FROM facts WHERE code = 't3.new_received.total' AND agency = '淮安市人民政府';",
    )
    expect(columns).toEqual(['agency', 'year', 'value'])
    expect(rows).toEqual([['淮安市人民政府', 2024, 3119]])
    const states = await runQuery(
      store,
      "SELECT state, count(*) AS n FROM facts WHERE agency = '上海市人民政府办公厅' GROUP BY state ORDER BY 1",
    )
    expect(Object.fromEntries(states.rows as [string, number][])).toMatchObject({
      blank: expect.any(Number),
      number: expect.any(Number),
    })
    for (const view of ['reports', 'facts', 'findings', 'runs', 'run_items']) {
      expect((await runQuery(store, `SELECT * FROM ${view} LIMIT 1`)).columns.length).toBeGreaterThan(5)
    }
    const units = await runQuery(
      store,
      "SELECT unit, text FROM facts WHERE code = 't2_art20_9.central_procurement.amount'",
    )
    expect(units.rows).toEqual([['元', '251000元']])
  })

  it.each([
    'DELETE FROM reports',
    'SELECT 1; DELETE FROM gouji.reports',
    'WITH x AS (DELETE FROM gouji.reports RETURNING 1) SELECT * FROM x',
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT * FROM pg_ls_dir('/')",
    'SELECT pg_sleep(100)',
    'SELECT "pg_sleep"(100)',
    "SELECT set_config('x.y', '1', false)",
    'SELECT * INTO t FROM reports',
    'SELECT * FROM reports FOR UPDATE',
    "COPY reports TO PROGRAM 'id'",
    "SELECT lo_import('/etc/passwd')",
    'SELECT pg_terminate_backend(1)',
    'SELECT $$a$$',
    "SELECT 'a\\'",
    "SELECT /* ' */ pg_sleep(1) /* ' */",
    "SELECT /* /* */ ' */ pg_sleep(1) /* ' */",
    "SELECT -- '\npg_sleep(1) -- '",
    'SET ROLE postgres',
    'VACUUM',
    '',
  ])('refuses %j', async (sql) => {
    await expect(runQuery(store, sql)).rejects.toMatchObject({ code: 'query_not_read_only' })
  })
})

describe('embedded store', () => {
  it('is not opened for reading where there is none', async () => {
    await expect(openStore(join(tmpdir(), 'gouji-nowhere'), { readOnly: true })).rejects.toMatchObject({
      code: 'store_empty',
    })
  })

  it('refuses a second owner with its number, and a schema from the future', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gouji-lock-'))
    const store = await openStore(folder)
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'store_locked', data: { pid: process.pid } })
    await store.sql.query('UPDATE gouji.schema_version SET version = 99')
    await store.close()
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'store_newer' })
    rmSync(folder, { recursive: true, force: true })
  })
})
