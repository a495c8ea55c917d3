/**
 * What a run does when the store says no: to one document, or to everything for a while, or for good. The refusals are
 * triggers of the test's in a real store; the server that stops is one of its own.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startPostgres } from '../../scripts/postgres.mjs'
import { loadRegistry } from '../../src/forms/registry.ts'
import { type IngestSummary, ingest } from '../../src/pipeline/ingest.ts'
import { readReport } from '../../src/pipeline/read.ts'
import type { Readers } from '../../src/pipeline/threads.ts'
import { saveAgencies } from '../../src/store/agencies.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { findKnown, listReports } from '../../src/store/reports.ts'
import { loadRunItems, type RunItem } from '../../src/store/runs.ts'
import { makeDatabase } from '../setup/database.ts'

const registry = loadRegistry()
const template = readFileSync(new URL('../../samples/rundong-2021.txt', import.meta.url), 'utf8')
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The reader itself, in this process. */
const readers: Readers = {
  threads: 2,
  read: (bytes, hints) => readReport(bytes, hints, registry),
  count: () => ({ busy: 0, replaced: { timeout: 0, out_of_memory: 0, crashed: 0 } }),
  close: async () => {},
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

function textOf(agency: string): string {
  return template.replaceAll('润东区管委会', agency).replaceAll('润东区', agency)
}

/** Files with a report each of so many bodies whose names begin the same. */
function writeReports(folder: string, begin: string, count: number): { path: string; agency: string; text: string }[] {
  return Array.from({ length: count }, (_, index) => {
    const agency = `${begin}${'甲乙丙丁戊己庚辛壬癸'[index]}县人民政府`
    const path = join(folder, `${agency}.txt`)
    const text = textOf(agency)
    writeFileSync(path, text)
    return { path, agency, text }
  })
}

type More = { readonly retry?: boolean; readonly onItem?: (item: RunItem) => void }

function run(store: Store, inputs: readonly { readonly path: string }[], more: More = {}): Promise<IngestSummary> {
  const rest = { retry: false, reader: 'r1+test', arguments: [], now: () => new Date(), ...more }
  return ingest(
    inputs.map(({ path }) => ({ path })),
    { store, registry, readers, ...rest },
  )
}

describe.each(['embedded', 'server'] as const)('a document that the store refuses, %s', (carrier) => {
  let store: Store
  let folder: string
  let count = 0
  let begin = ''

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gouji-ingest-'))
    const target = carrier === 'embedded' ? join(folder, 'data') : await makeDatabase()
    store = await openStore(target, { blobs: join(folder, 'blobs') })
    await store.sql.run(`CREATE TABLE public.test_refused (name text);
      CREATE FUNCTION public.test_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF EXISTS (SELECT 1 FROM public.test_refused WHERE to_jsonb(new)::text LIKE '%' || name || '%') THEN
          RAISE EXCEPTION 'refused by the test';
        END IF;
        RETURN new;
      END $$;
      CREATE TRIGGER test_revisions BEFORE INSERT ON gouji.revisions FOR EACH ROW EXECUTE FUNCTION public.test_refuse();
      CREATE TRIGGER test_findings BEFORE INSERT ON gouji.findings FOR EACH ROW WHEN (new.beyond)
        EXECUTE FUNCTION public.test_refuse();`)
  })
  afterAll(async () => {
    await store.sql.run(`DROP TRIGGER test_revisions ON gouji.revisions;
      DROP TRIGGER test_findings ON gouji.findings; DROP FUNCTION public.test_refuse; DROP TABLE public.test_refused;`)
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(() => {
    begin = `试${'天地玄黄'[count++]}`
  })
  const refuse = (name: string) => store.sql.query('INSERT INTO public.test_refused VALUES ($1)', [name])
  const allow = () => store.sql.run('DELETE FROM public.test_refused')

  it('has failed with the reason, and the others are stored', async () => {
    const reports = writeReports(folder, begin, 5)
    await refuse(hashOf(reports[2]!.text))
    const summary = await run(store, reports)
    expect(summary).toMatchObject({ status: 'finished', inputs: 5, outcomes: { stored: 4, failed: 1 } })
    const items = await collect(loadRunItems(store, summary.run))
    expect(items).toHaveLength(5)
    const reason = { code: 'not_stored', data: { detail: 'refused by the test' } }
    expect(items.filter(({ outcome }) => outcome === 'failed')).toMatchObject([{ path: reports[2]!.path, reason }])
    // Nothing is known of it, so that it is tried again once the store takes it.
    expect(await findKnown(store, hashOf(reports[2]!.text), ['r1+test'])).toBeNull()
    await allow()
    expect(await run(store, reports)).toMatchObject({ outcomes: { duplicate: 4, stored: 1 } })
    expect(await collect(listReports(store, { agency: begin }))).toHaveLength(5)
  })

  it('has failed where a value is larger than the store takes', async () => {
    const [large, fine] = writeReports(folder, begin, 2)
    const huge = {
      ...readers,
      read: async (bytes: Uint8Array, hints: { readonly fileName: string | null }) => {
        const reading = await readReport(bytes, hints, registry)
        return reading.identity.agency !== large!.agency
          ? reading
          : { ...reading, outcomeCounts: { ...reading.outcomeCounts, holds: 3_000_000_000 } }
      },
    }
    const context = { store, registry, readers: huge, retry: false, reader: 'r2+test', arguments: [] }
    const inputs = [large!, fine!].map(({ path }) => ({ path }))
    const { outcomes } = await ingest(inputs, { ...context, now: () => new Date() })
    expect(outcomes).toMatchObject({ stored: 1, failed: 1 })
  })

  it('is stored and told where only the comparison with others is refused, and compared by the next run', async () => {
    const [body, parent] = writeReports(folder, begin, 2)
    const about = { mayMakeRegulations: null, level: null, since: null, until: null }
    const missing = `${begin}无此局`
    await saveAgencies(store, [{ name: missing, parent: parent!.agency, countedInParent: true, ...about }])
    await refuse('bodies_missing')
    const first = await run(store, [body!, parent!])
    expect(first).toMatchObject({ outcomes: { stored: 2 }, unjudged: [{ agency: parent!.agency, year: 2021 }] })
    expect(await run(store, [])).toMatchObject({ unjudged: [{ agency: parent!.agency, year: 2021 }] })
    await allow()
    expect(await run(store, [])).toMatchObject({ unjudged: [] })
    const rows = await store.sql.query('SELECT rule FROM public.findings WHERE agency = $1 AND beyond', [
      parent!.agency,
    ])
    expect(rows).toEqual([{ rule: 'ogi2021.parent_total.bodies_missing' }])
  })
})

describe('a server that stops', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>
  let store: Store
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gouji-stopped-'))
    server = await startPostgres()
    store = await openStore(server.url, { blobs: join(folder, 'blobs') })
  })
  afterAll(async () => {
    await store.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('and comes back is waited for: every document has its one outcome', async () => {
    const reports = writeReports(folder, '停', 10)
    let seen = 0
    let restarted: Promise<void> | undefined
    const onItem = (): void => {
      if (++seen === 2) restarted = server.kill().then(server.start)
    }
    const summary = await run(store, reports, { onItem })
    await restarted
    expect(summary).toMatchObject({ status: 'finished', inputs: 10, outcomes: { stored: 10 } })
    expect((await collect(loadRunItems(store, summary.run))).map(({ path }) => path).sort()).toEqual(
      reports.map(({ path }) => path).sort(),
    )
    expect(await collect(listReports(store, { agency: '停' }))).toHaveLength(10)
  })

  it('and stays away ends the run; what was stored stays, and the rest is taken up by the next', async () => {
    const reports = writeReports(folder, '止', 10)
    let seen = 0
    let stopped: Promise<void> | undefined
    const onItem = (): void => {
      if (++seen === 2) stopped = server.kill()
    }
    await expect(run(store, reports, { onItem })).rejects.toMatchObject({ code: 'store_unreachable', retry: true })
    await stopped
    await server.start()
    const before = await collect(listReports(store, { agency: '止' }))
    expect(before.length).toBeGreaterThanOrEqual(2)
    expect(before.length).toBeLessThan(10)
    const { outcomes } = await run(store, reports)
    expect(outcomes).toMatchObject({ duplicate: before.length, stored: 10 - before.length, failed: 0 })
    expect(await collect(listReports(store, { agency: '止' }))).toHaveLength(10)
  })
})
