/**
 * Reports, their revisions and readings: what was due, what was published, what we understood. Everything is added, and
 * only the pointers to the current revision and reading move; the same bytes read by the same reader change nothing.
 */
import { createHash } from 'node:crypto'
import type { Registry } from '../forms/registry.ts'
import type { Fact, Finding, Notice, Reading, ReadingNoticeCode, Reason, Severity, TableMatch } from '../model.ts'
import { bandsOf } from '../rules/likeness.ts'
import { type Download, downloadsOf } from './downloads.ts'
import { carryBeyond, insertFindings } from './findings.ts'
import type { Store } from './open.ts'
import { type PackedTable, packFacts, unpackFacts } from './pack.ts'
import { requestAround } from './rechecks.ts'
import { json, type Sql, storable } from './sql.ts'
import { pagesOfReports, type ReportFilter, type StoredReport } from './stored-report.ts'

export type { StoredReport } from './stored-report.ts'

export type SaveInput = {
  readonly sha256: string
  readonly bytes: number
  /** Where the bytes came from. */
  readonly path: string
  /** SHA-256 of the archive that they lie in, where they do. */
  readonly archive?: string | null
  readonly reader: string
  readonly reading: Reading
  readonly seenAt: Date
  /** When the document was handed in, where that is known: of two it says which is the newer, whichever is read first. */
  readonly handedIn?: HandedIn
}

/** `at` as PostgreSQL takes it. Of what was handed in at one time, that with the higher number came later. */
export type HandedIn = { readonly at: string; readonly queued: number | null }

export type SaveResult = {
  readonly outcome: 'stored' | 'duplicate'
  readonly reading: number
  readonly revision: number
}

export type KnownOutcome = {
  readonly outcome: 'stored' | 'failed' | 'not_a_report'
  readonly reason: Reason | null
  readonly reading: number | null
  /** Something was left unread for want of an engine. */
  readonly wanting: boolean
}

/** In SQL, of a reading `d`: whether one of its notices says that an engine was wanted. */
export const isWanting = `(d.notices @> '[{"data": {"wants": "ocr"}}]'::jsonb)`

/**
 * Saves what one reader understood of some bytes, in one transaction. A reading that failed or is no report is kept as
 * an attempt: the result then has reading and revision 0.
 */
export async function saveReading(store: Store, registry: Registry, input: SaveInput): Promise<SaveResult> {
  return store.sql.transaction((sql) => saveReadingWithin(sql, store, registry, input))
}

/** The same within a transaction that is open. */
export async function saveReadingWithin(
  sql: Sql,
  store: Store,
  registry: Registry,
  input: SaveInput,
): Promise<SaveResult> {
  const { status } = input.reading
  if (status === 'failed' || status === 'not_a_report') {
    await saveAttempt(sql, input)
    return { outcome: 'stored', reading: 0, revision: 0 }
  }
  const { id: report, isNew } = await findReport(sql, input)
  // Asked for after the report is held: what another process made current meanwhile is seen.
  const before = isNew ? null : await currentReading(sql, report)
  const revision = await findRevision(sql, report, input)
  if (revision.reading !== null) return { outcome: 'duplicate', reading: revision.reading, revision: revision.id }
  const reading = await insertReading(sql, revision.id, input)
  await insertTables(sql, layoutsOf(store), reading, packFacts(registry, input.reading.tables, input.reading.facts))
  await insertFindings(sql, reading, input.reading.findings)
  const isCurrent = await pointToNewest(sql, report, revision.id, reading)
  if (before !== null && isCurrent) await carryBeyond(sql, before, reading)
  for (const changed of [report, revision.formerReport])
    if (changed !== null) await requestAround(sql, changed, reading)
  return { outcome: 'stored', reading, revision: revision.id }
}

/** The number of a layout in the store, and what the store's own is held against. */
type Layout = { readonly id: number; readonly hash: string }
/**
 * Ids of layouts by form, table and codes: they never change, so each store learns them once. A server that was restored from
 * a backup, or whose standby took over, may have given a number anew: so each is checked where it is used.
 */
type Layouts = Map<string, Layout>
const knownLayouts = new WeakMap<Store, Layouts>()

function layoutsOf(store: Store): Layouts {
  const known = knownLayouts.get(store) ?? new Map<string, Layout>()
  knownLayouts.set(store, known)
  return known
}

async function saveAttempt(
  sql: Sql,
  { sha256, bytes, path, archive, reader, reading, seenAt }: SaveInput,
): Promise<void> {
  const values = [
    sha256,
    reader,
    reading.status,
    json(reading.reason),
    reading.mediaType,
    bytes,
    path,
    seenAt.toISOString(),
    archive ?? null,
  ]
  await sql.query(
    `INSERT INTO gouji.attempts (sha256, reader, status, reason, media_type, bytes, origin, tried_at, archive)
     VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8::timestamptz, $9)
     ON CONFLICT (sha256, reader) DO UPDATE SET status = excluded.status, reason = excluded.reason, tried_at = excluded.tried_at`,
    values,
  )
}

/**
 * The revision of these bytes, made where they are new, under the report that this reading says they are; with its
 * reading by the same reader, if it has one, and the report that a former reader took them for, where that is another.
 */
async function findRevision(
  sql: Sql,
  report: number,
  input: SaveInput,
): Promise<{ id: number; reading: number | null; formerReport: number | null }> {
  const [known] = await sql.query(
    `SELECT v.id, v.report, d.id AS reading FROM gouji.revisions v
     LEFT JOIN gouji.readings d ON d.revision = v.id AND d.reader = $2 WHERE v.sha256 = $1`,
    [input.sha256, input.reader],
  )
  const next = '(SELECT coalesce(max(number), 0) + 1 FROM gouji.revisions WHERE report = $1)'
  const { at, queued } = input.handedIn ?? { at: input.seenAt.toISOString(), queued: null }
  if (known === undefined) {
    const [made] = await sql.query(
      `INSERT INTO gouji.revisions (report, sha256, bytes, number, seen_at, origin, archive, queued)
       VALUES ($1, $2, $3, ${next}, $4::timestamptz, $5, $6, $7::bigint) RETURNING id`,
      [report, input.sha256, input.bytes, at, input.path, input.archive ?? null, queued],
    )
    return { id: Number(made!.id), reading: null, formerReport: null }
  }
  const id = Number(known.id)
  if (known.reading !== null) return { id, reading: Number(known.reading), formerReport: null }
  const formerReport = Number(known.report) === report ? null : Number(known.report)
  if (formerReport !== null) {
    // A newer reader finds another agency or year in the same bytes: they are that report's now; what the former reader
    // thought stands in its reading's identity.
    await sql.query(`UPDATE gouji.revisions SET report = $1, number = ${next} WHERE id = $2`, [report, id])
    await sql.query(`UPDATE gouji.reports SET current_revision = ${newestOf} WHERE id = $1`, [formerReport])
  }
  return { id, reading: null, formerReport }
}

const newestOf = `(SELECT id FROM gouji.revisions WHERE report = $1
  ORDER BY seen_at DESC, coalesce(queued, 0) DESC, number DESC LIMIT 1)`

/** Gives whether the reading is now the report's current one. */
async function pointToNewest(sql: Sql, report: number, revision: number, reading: number): Promise<boolean> {
  const [row] = await sql.query(
    `WITH pointed AS (UPDATE gouji.revisions SET current_reading = $3 WHERE id = $2)
     UPDATE gouji.reports SET current_revision = ${newestOf} WHERE id = $1 RETURNING current_revision = $2 AS newest`,
    [report, revision, reading],
  )
  return row?.newest === true
}

async function currentReading(sql: Sql, report: number): Promise<number | null> {
  const [row] = await sql.query(
    `SELECT v.current_reading AS reading FROM gouji.reports r JOIN gouji.revisions v ON v.id = r.current_revision
     WHERE r.id = $1`,
    [report],
  )
  return row?.reading == null ? null : Number(row.reading)
}

async function findReport(sql: Sql, { sha256, reading }: SaveInput): Promise<{ id: number; isNew: boolean }> {
  const { agency, year } = reading.identity
  const alone = agency === null || year === null ? sha256 : null
  // Held until the end: revisions of one report that come at the same time are numbered one after another.
  const known = `SELECT id FROM gouji.reports
    WHERE ${alone === null ? 'agency = $1::text AND year = $2::integer AND alone IS NULL' : 'alone = $3::text'} FOR UPDATE`
  const make = `WITH known AS (${known}), made AS (
      INSERT INTO gouji.reports (agency, year, alone) SELECT $1::text, $2::integer, $3::text
      WHERE NOT EXISTS (SELECT 1 FROM known) ON CONFLICT DO NOTHING RETURNING id)
    SELECT id, false AS made FROM known UNION ALL SELECT id, true FROM made`
  const [found] = await sql.query(make, [agency, year, alone])
  // None: made by another process meanwhile.
  const [row = found] = found === undefined ? await sql.query(make, [agency, year, alone]) : []
  return { id: Number(row!.id), isNew: row!.made === true }
}

async function insertReading(sql: Sql, revision: number, { reader, reading, seenAt }: SaveInput): Promise<number> {
  const counts = countFindings(reading.findings)
  const { holds, broken, not_assessable } = reading.outcomeCounts
  const facts = reading.facts.filter((fact) => fact.state !== 'absent').length
  const title = reading.identity.title ?? reading.title
  const [made] = await sql.query(
    `INSERT INTO gouji.readings (revision, reader, status, form, title, media_type, encoding, reason, identity, tables,
       notices, fact_count, errors, warnings, infos, holds, broken, not_assessable, read_at, text_pieces, text_minima,
       text_bands, figures, stated, published_on)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::jsonb, $10::jsonb, $11::jsonb, $12, $13, $14, $15, $16, $17, $18,
       $19::timestamptz, $20, string_to_array($21, ',')::integer[], string_to_array($22, ',')::integer[], $23,
       $24::jsonb, $25::date) RETURNING id`,
    [
      revision,
      reader,
      reading.status,
      reading.form,
      title === null ? null : storable(title),
      reading.mediaType,
      reading.encoding,
      json(reading.reason),
      json(reading.identity),
      json(reading.tables),
      json(reading.notices),
      facts,
      counts.error,
      counts.warning,
      counts.info,
      holds,
      broken,
      not_assessable,
      seenAt.toISOString(),
      reading.signature?.pieces ?? null,
      reading.signature?.minima.join() ?? null,
      reading.signature === null ? null : bandsOf(reading.signature).join(),
      hashFigures(reading.facts),
      json(reading.statements),
      reading.publishedOn,
    ],
  )
  return Number(made!.id)
}

function countFindings(findings: readonly Finding[]): Record<Severity, number> {
  const counts = { error: 0, warning: 0, info: 0 }
  for (const { severity } of findings) counts[severity]++
  return counts
}

/** Two bodies with nothing to report state the same without being one: all zeros have no hash. */
function hashFigures(facts: readonly Fact[]): string | null {
  const figures = facts.flatMap(({ code, state, value }) => (state === 'number' ? [`${code}=${value}`] : []))
  if (figures.every((figure) => figure.endsWith('=0'))) return null
  return createHash('sha256').update(figures.sort().join()).digest('hex').slice(0, 16)
}

async function insertTables(
  sql: Sql,
  layouts: Layouts,
  reading: number,
  tables: readonly PackedTable[],
): Promise<void> {
  if (tables.length === 0) return
  if ((await addTables(sql, layouts, reading, tables)) === tables.length) return
  layouts.clear()
  await sql.query('DELETE FROM gouji.reading_tables WHERE reading = $1', [reading])
  if ((await addTables(sql, layouts, reading, tables)) < tables.length)
    throw new Error('layouts are not those that were looked up')
}

/** Gives how many were added: not those whose layout turns out to be another than the one that was learnt. */
async function addTables(sql: Sql, layouts: Layouts, reading: number, tables: readonly PackedTable[]): Promise<number> {
  const packed: object[] = []
  for (const { form, table, codes, values, states, extras, anchors } of tables) {
    const { id, hash } = await findLayout(sql, layouts, form, table, codes)
    packed.push({ layout: id, hash, values, states, extras, anchors })
  }
  const added = await sql.query(
    `INSERT INTO gouji.reading_tables (reading, layout, "values", states, extras, anchors)
     SELECT $1, l.id,
       ARRAY(SELECT v::float8 FROM jsonb_array_elements_text(t -> 'values') WITH ORDINALITY AS e (v, n) ORDER BY n),
       t ->> 'states', nullif(t -> 'extras', 'null'::jsonb), t ->> 'anchors'
     FROM jsonb_array_elements($2::jsonb) AS t JOIN gouji.layouts l ON l.id = (t ->> 'layout')::integer
     WHERE encode(sha256(convert_to(l.form || ' ' || l.table_code || ' ' || array_to_string(l.codes, ' '), 'UTF8')), 'hex')
       = t ->> 'hash' RETURNING layout`,
    [reading, json(packed)],
  )
  return added.length
}

async function findLayout(
  sql: Sql,
  layouts: Layouts,
  form: string,
  table: string,
  codes: readonly string[],
): Promise<Layout> {
  const key = `${form} ${table} ${codes.join(' ')}`
  const learnt = layouts.get(key)
  if (learnt !== undefined) return learnt
  const hash = createHash('sha256').update(key).digest('hex')
  const parameters = [form, table, json(codes)]
  const asArray = 'ARRAY(SELECT jsonb_array_elements_text($3::jsonb))'
  const find = `SELECT id FROM gouji.layouts WHERE form = $1 AND table_code = $2 AND codes = ${asArray}`
  const [known] = await sql.query(find, parameters)
  // Only what was there before this transaction is remembered: it may yet be rolled back.
  if (known !== undefined) {
    const layout = { id: Number(known.id), hash }
    layouts.set(key, layout)
    return layout
  }
  await sql.query(
    `INSERT INTO gouji.layouts (form, table_code, codes) VALUES ($1, $2, ${asArray}) ON CONFLICT DO NOTHING`,
    parameters,
  )
  const [made] = await sql.query(find, parameters)
  return { id: Number(made!.id), hash }
}

/** The latest of what is known of some bytes from these readers, or null where none of them has seen them. */
export async function findKnown(
  store: Store,
  sha256: string,
  readers: readonly string[],
): Promise<KnownOutcome | null> {
  const [row] = await store.sql.query(
    `WITH readers AS (SELECT jsonb_array_elements_text($2::jsonb) AS reader)
     SELECT 'stored' AS outcome, d.reason, d.id AS reading, ${isWanting} AS wanting FROM gouji.readings d
       JOIN gouji.revisions v ON v.id = d.revision JOIN readers USING (reader) WHERE v.sha256 = $1
     UNION ALL SELECT status, reason, NULL, false FROM gouji.attempts JOIN readers USING (reader) WHERE sha256 = $1
     ORDER BY reading DESC NULLS LAST`,
    [sha256, json(readers)],
  )
  if (row === undefined) return null
  const reading = row.reading === null ? null : Number(row.reading)
  const outcome = row.outcome as KnownOutcome['outcome']
  return { outcome, reason: row.reason as Reason | null, reading, wanting: row.wanting === true }
}

/** All reports, or those asked for, with their current reading, by agency, then year. */
export async function* listReports(store: Store, filter: ReportFilter = {}): AsyncGenerator<StoredReport> {
  for await (const page of pagesOfReports(store.sql, filter)) yield* page
}

/** The same, each with the answer of the server that its document came from. */
export async function* listFetched(
  store: Store,
): AsyncGenerator<{ readonly report: StoredReport; readonly download: Download | null }> {
  for await (const page of pagesOfReports(store.sql)) {
    const downloads = await downloadsOf(store, page)
    for (const [place, report] of page.entries()) yield { report, download: downloads[place]! }
  }
}

/** What was not read for sure in a reading. */
export async function loadNotices(store: Store, reading: number): Promise<Notice<ReadingNoticeCode>[]> {
  const [row] = await store.sql.query('SELECT notices FROM gouji.readings WHERE id = $1', [reading])
  return (row?.notices ?? []) as Notice<ReadingNoticeCode>[]
}

/** The tables of a reading, each with the form it was read by. */
export async function loadTables(store: Store, reading: number): Promise<TableMatch[]> {
  const [row] = await store.sql.query('SELECT tables FROM gouji.readings WHERE id = $1', [reading])
  return (row?.tables ?? []) as TableMatch[]
}

/** The forms by which anything in the store was read, by id. */
export async function listForms(store: Store): Promise<string[]> {
  const rows = await store.sql.query('SELECT DISTINCT form FROM gouji.layouts ORDER BY form')
  return rows.map((row) => String(row.form))
}

/** The facts of a reading as they were read, in the order of the tables' layouts. */
export async function loadFacts(store: Store, reading: number): Promise<Fact[]> {
  return (await loadFactsOf(store, [reading])).get(reading) ?? []
}

/** The same of several readings at once, by reading. */
export async function loadFactsOf(store: Store, readings: readonly number[]): Promise<Map<number, Fact[]>> {
  const facts = new Map<number, Fact[]>()
  if (readings.length === 0) return facts
  const rows = await store.sql.query(
    `SELECT t.reading, l.form, l.table_code, l.codes, t."values", t.states, t.extras, t.anchors
     FROM gouji.reading_tables t JOIN gouji.layouts l ON l.id = t.layout
     WHERE t.reading = ANY (string_to_array($1, ',')::integer[]) ORDER BY t.reading, l.table_code`,
    [readings.join()],
  )
  for (const row of rows) {
    const own = unpackFacts({
      form: String(row.form),
      table: String(row.table_code),
      codes: row.codes as string[],
      values: row.values as (number | null)[],
      states: String(row.states),
      extras: row.extras as PackedTable['extras'],
      anchors: String(row.anchors),
    })
    const known = facts.get(Number(row.reading))
    if (known === undefined) facts.set(Number(row.reading), own)
    else for (const fact of own) known.push(fact)
  }
  return facts
}
