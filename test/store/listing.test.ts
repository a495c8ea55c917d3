/** Listings of a store with more than a page of reports, and a store of the schema before that is brought to this one. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { drawTable, drawTables } from '../../src/cli/print.ts'
import { findFinding, listByReport, listFindings, type StoredFinding } from '../../src/store/findings.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { pagesOfRechecks } from '../../src/store/rechecks.ts'
import { listReports } from '../../src/store/reports.ts'

const migrations = new URL('../../src/store/migrations/', import.meta.url)
const upTo4 = ['001_store', '002_archives', '003_confidence', '004_audit']

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/**
 * A store as version 4 of the schema left it: 450 reports in an order that is not that of their numbers, every tenth
 * published twice; one without an agency, and one that a newer reader took from another year; decisions; what was not
 * compared yet.
 */
const former = `
INSERT INTO gouji.reports (agency, year) SELECT '列' || lpad((i * 7919 % 90)::text, 2, '0') || '县', 2018 + i / 90
  FROM generate_series(0, 449) i;
INSERT INTO gouji.reports (agency, year, alone) VALUES (NULL, 2020, repeat('a', 64)), ('列99县', NULL, repeat('b', 64));
INSERT INTO gouji.revisions (report, sha256, bytes, number, seen_at, origin)
  SELECT id, coalesce(alone, encode(sha256(convert_to('listing' || id || '-' || k, 'UTF8')), 'hex')), 1, k,
    timestamptz '2024-01-01' + k * interval '1 day', 'x' FROM gouji.reports, generate_series(1, 2) k
  WHERE k = 1 OR id % 10 = 0;
INSERT INTO gouji.readings (revision, reader, status, form, title, media_type, identity, tables, notices, fact_count,
    errors, warnings, infos, holds, broken, not_assessable, read_at, rechecked_at)
  SELECT v.id, 'r1', 'ok', 'ogi_2021', 't', 'text/html', jsonb_build_object('agency', r.agency, 'year', r.year), '[]',
    '[]', 1, 1, 1, 0, 1, 2, 1, v.seen_at, CASE WHEN r.id <> 3 THEN v.seen_at END
  FROM gouji.revisions v JOIN gouji.reports r ON r.id = v.report;
INSERT INTO gouji.readings (revision, reader, status, form, title, media_type, identity, tables, notices, fact_count,
    errors, warnings, infos, holds, broken, not_assessable, read_at, rechecked_at)
  SELECT g.revision, 'r2', status, form, title, media_type, identity, tables, notices, fact_count,
    errors, warnings, infos, holds, broken, not_assessable, read_at, rechecked_at
  FROM gouji.readings g JOIN gouji.revisions v ON v.id = g.revision WHERE v.report = 5;
UPDATE gouji.revisions v SET current_reading = (SELECT max(id) FROM gouji.readings WHERE revision = v.id);
UPDATE gouji.reports r SET current_revision =
  (SELECT id FROM gouji.revisions v WHERE report = r.id ORDER BY number DESC LIMIT 1);
INSERT INTO gouji.findings (reading, place, key, rule, severity, fault, codes, terms, data, beyond, gone_at)
  SELECT g.id, k, 'x.rule' || k, 'x.rule' || k, (ARRAY['warning', 'error', 'info'])[k], 'report', '{}', '[]', '{}', k = 3,
    CASE WHEN k = 3 THEN now() END
  FROM gouji.readings g JOIN gouji.revisions v ON v.id = g.revision, generate_series(1, 3) k
  WHERE k < 3 OR v.number = 2;
UPDATE gouji.readings SET identity = '{"agency": "列98县", "year": 2017}'
  WHERE reader = 'r1' AND revision = (SELECT id FROM gouji.revisions WHERE report = 5);
INSERT INTO gouji.reports (agency, year) VALUES ('列98县', 2017);
INSERT INTO gouji.decisions (report, key, action, decided_by, decided_at, reading, figures)
  SELECT v.report, f.key, 'confirmed', 'x', now(), f.reading, gouji.finding_figures(f) FROM gouji.findings f
  JOIN gouji.readings g ON g.id = f.reading JOIN gouji.revisions v ON v.id = g.revision
  WHERE v.report = 17 AND f.place = 1;
`

async function makeFormer(run: (sql: string) => Promise<unknown>): Promise<void> {
  await run('CREATE SCHEMA gouji; CREATE TABLE gouji.schema_version (version integer NOT NULL)')
  for (const name of upTo4) await run(readFileSync(new URL(`${name}.sql`, migrations), 'utf8'))
  await run('INSERT INTO gouji.schema_version VALUES (4)')
  await run(former)
}

describe.each(['embedded', 'server'] as const)('a store of the schema before, %s', (carrier) => {
  let store: Store
  let folder: string
  const database = 'listing_test'
  const url = () => inject('postgresUrl').replace(/\/[^/]*$/, `/${database}`)
  const asServer = async (target: string, work: (run: (sql: string) => Promise<unknown>) => Promise<unknown>) => {
    const client = new pg.Client(target)
    await client.connect()
    await work((sql) => client.query(sql))
    await client.end()
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gouji-listing-'))
    if (carrier === 'embedded') {
      mkdirSync(join(folder, 'data'))
      const db = await PGlite.create(join(folder, 'data', 'db'))
      await makeFormer((sql) => db.exec(sql))
      await db.close()
    } else {
      await asServer(inject('postgresUrl'), (run) => run(`CREATE DATABASE ${database}`))
      await asServer(url(), makeFormer)
    }
    const target = carrier === 'embedded' ? join(folder, 'data') : url()
    store = await openStore(target, { blobs: join(folder, 'blobs') })
  })
  afterAll(async () => {
    await store.close()
    if (carrier === 'server') await asServer(inject('postgresUrl'), (run) => run(`DROP DATABASE ${database}`))
    rmSync(folder, { recursive: true, force: true })
  })

  it('lists every report once, in order, over all pages', async () => {
    const reports = await collect(listReports(store))
    expect(reports).toHaveLength(452)
    expect(new Set(reports.map(({ id }) => id)).size).toBe(452)
    const { rows } = await store.sql.table(
      'SELECT report_id FROM public.reports ORDER BY agency NULLS LAST, year NULLS LAST, report_id',
    )
    expect(reports.map(({ id }) => id)).toEqual(rows.flat())
    expect(reports.at(-1)).toMatchObject({ agency: null, year: 2020 })
    expect(reports.find(({ id }) => id === 10)).toMatchObject({ revisions: 2, revision: 2 })
    expect(await collect(listReports(store, { agency: '列05', year: 2019 }))).toHaveLength(1)
  })

  it('lists findings with their reports, by severity and place', async () => {
    const all = await collect(listByReport(store))
    expect(all.map(({ report }) => report.id)).toEqual((await collect(listReports(store))).map(({ id }) => id))
    for (const { report, findings } of all) {
      expect(findings.map(({ severity }) => severity)).toEqual(['error', 'warning'])
      for (const finding of findings) expect(finding.report.id).toBe(report.id)
    }
    expect(await collect(listFindings(store, { state: ['confirmed'] }))).toMatchObject([
      { key: 'x.rule1', report: { id: 17 } },
    ])
    expect(await collect(listFindings(store, { state: ['fixed'], rule: 'x.rule3' }))).toHaveLength(45)
    const both = await collect(listFindings(store, { state: ['open', 'fixed'], severity: ['info', 'error'] }))
    expect(both).toHaveLength(452 + 45)
  })

  it('finds findings by ids that are as they were, and by as many digits as are clear', async () => {
    const { rows } = await store.sql.table(
      `SELECT f.id, gouji.finding_id(r.agency, r.year, r.alone, f.key) FROM gouji.findings f
       JOIN gouji.readings g ON g.id = f.reading JOIN gouji.revisions v ON v.id = g.revision
       JOIN gouji.reports r ON r.id = v.report WHERE g.id = v.current_reading OR v.report <> 5`,
    )
    for (const [stored, computed] of rows) expect(stored).toBe(computed)
    const [one] = await collect(listFindings(store, { agency: '列42' }))
    for (const digits of [16, 12]) {
      expect(await findFinding(store, one!.id.slice(0, digits).toUpperCase())).toMatchObject({
        id: one!.id,
        report: one!.report,
      })
    }
    await expect(findFinding(store, one!.id.slice(0, 1))).rejects.toMatchObject({ code: 'finding_ambiguous' })
    await expect(findFinding(store, `${one!.id.slice(0, 12)}zz`)).rejects.toMatchObject({ code: 'finding_not_found' })
  })

  it('keeps what an earlier reader took for another report’s with that report', async () => {
    const taken = await store.sql.query(
      `SELECT f.id FROM gouji.findings f JOIN gouji.readings g ON g.id = f.reading
       JOIN gouji.revisions v ON v.id = g.revision WHERE v.report = 5 AND g.reader = 'r1' AND f.key = 'x.rule1'`,
    )
    const finding: StoredFinding = await findFinding(store, String(taken[0]!.id))
    expect(finding).toMatchObject({ state: 'withdrawn', report: { agency: '列98县', year: 2017 } })
  })

  it('looks findings up by indexes, however many there are', async () => {
    const plan = async (sql: string): Promise<string> => {
      const { rows } = await store.sql.table(`EXPLAIN ${sql}`)
      return rows.map(([line]) => String(line)).join('\n')
    }
    await store.sql.run('SET enable_seqscan = off')
    expect(
      await plan("SELECT DISTINCT f.id FROM gouji.findings f WHERE f.id >= 'ab' AND f.id < 'abg' LIMIT 3"),
    ).toContain('findings_id')
    await store.sql.run('RESET enable_seqscan')
  })

  it('has in its queue what was not compared with others', async () => {
    const [report] = await store.sql.query('SELECT agency, year FROM gouji.reports WHERE id = 3')
    expect((await collect(pagesOfRechecks(store, null))).flat()).toMatchObject([
      { agency: report!.agency, year: report!.year },
    ])
  })
})

describe('a table drawn piece by piece', () => {
  const columns = [{ title: 'a' }, { title: 'b', align: 'right' as const }]
  async function* rows(count: number, wide: number): AsyncGenerator<string[]> {
    for (let index = 0; index < count; index++) yield [index === wide ? '宽宽宽' : 'x', String(index)]
  }

  it('is the same as one drawn at once where it is short, and nothing where it is empty', async () => {
    const short = await collect(rows(20, 5))
    expect((await collect(drawTables(columns, rows(20, 5)))).join('')).toBe(drawTable(columns, short))
    expect(await collect(drawTables(columns, rows(0, 0)))).toEqual([])
  })

  it('has one head and every row, and only widens', async () => {
    const pieces = await collect(drawTables(columns, rows(1_200, 700)))
    expect(pieces.length).toBe(3)
    const lines = pieces.join('').trimEnd().split('\n')
    expect(lines).toHaveLength(1_202)
    expect(lines.filter((line) => line.includes('─'))).toHaveLength(1)
    expect(lines[2]).toBe('x    0')
    expect(lines[702]).toBe('宽宽宽  700')
    expect(lines.at(-1)).toBe('x       1199')
  })
})
