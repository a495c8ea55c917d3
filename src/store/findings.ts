/**
 * Findings and what becomes of them. A finding is the same for as long as its report, rule and place are; what people
 * decide about it is kept for good and stands until its figures change. Findings that need other reports are judged
 * anew when these change; those that then hold no more are marked as gone, not deleted.
 */
import { isDeepStrictEqual } from 'node:util'
import { UserError } from '../errors.ts'
import type { Finding, Localisation, Severity, Term } from '../model.ts'
import { repeatsOfOthers } from '../rules/repeats.ts'
import { type Download, downloadsOf } from './downloads.ts'
import type { Store } from './open.ts'
import { json, type Row, type Sql } from './sql.ts'
import { pagesOfReports, type ReportFilter, type StoredReport, timeText, toReport } from './stored-report.ts'

/**
 * `open` until somebody decides; `fixed` by a later publication; `withdrawn` since the same bytes are read otherwise;
 * `unchecked` where the present reading lacks what it is about, or was not compared with other reports yet.
 */
export const findingStates = ['open', 'confirmed', 'dismissed', 'returned', 'fixed', 'withdrawn', 'unchecked'] as const
export type FindingState = (typeof findingStates)[number]

/** True for findings that do not stand now. */
export function isPast(state: FindingState): boolean {
  return state === 'fixed' || state === 'withdrawn' || state === 'unchecked'
}

/** What people may do: `returned` is sent back to the agency. */
export type DecisionAction = 'confirmed' | 'dismissed' | 'returned' | 'reopened'

export type Decision = {
  readonly action: DecisionAction
  readonly reason: string | null
  readonly by: string
  /** ISO 8601. */
  readonly at: string
}

/** A decision with what it was taken on: the document, who read it, and the figures of the finding at the time. */
export type PastDecision = Decision &
  Pick<FindingSource, 'sha256' | 'origin' | 'reader'> & {
    readonly expected: number | null
    readonly actual: number | null
  }

/** Whose report a finding is of, and the document and reading that show it: of one that is past, not the present ones. */
export type FindingSource = Pick<
  StoredReport,
  | 'id'
  | 'agency'
  | 'year'
  | 'form'
  | 'status'
  | 'sha256'
  | 'origin'
  | 'archive'
  | 'revision'
  | 'reader'
  | 'readAt'
  | 'title'
>

export type StoredFinding = Finding & {
  /** 16 hexadecimal digits: the same in every store that holds the report. */
  readonly id: string
  readonly state: FindingState
  /** True where a decision no longer stands because the figures have changed since. */
  readonly outdated: boolean
  /** The last one; null where nobody decided. */
  readonly decision: Decision | null
  /** Needs other reports or facts of the agency. */
  readonly beyond: boolean
  /** The reading that shows it. */
  readonly reading: number
  /** When it was last judged: ISO 8601. */
  readonly judgedAt: string
  readonly report: FindingSource
}

/** Which findings; a part that is left out does not matter. */
export type FindingFilter = ReportFilter & {
  readonly state?: readonly FindingState[]
  readonly severity?: readonly Severity[]
  readonly fault?: readonly string[]
  /** Rule ids; one that ends in `*` stands for all that begin so. */
  readonly rule?: string
}

/** States that hold now, what was dismissed left out. */
export const standingStates = ['open', 'confirmed', 'returned'] as const satisfies readonly FindingState[]

const columns = `f.*,
  (SELECT CASE WHEN f.beyond THEN coalesce(g.rechecked_at, g.read_at) ELSE g.read_at END
    FROM gouji.readings g WHERE g.id = f.reading) AS judged_at,
  CASE WHEN f.decided_by IS NOT NULL THEN (SELECT d.action FROM gouji.decisions d
    WHERE d.report = f.report AND d.key = f.key ORDER BY d.id DESC LIMIT 1) END AS decision_action`

/**
 * Reports, those without findings too, with the findings that are asked for by severity and place; the past where it is
 * asked for. Holds a page of reports at a time.
 */
export async function* listByReport(store: Store, filter: FindingFilter = {}): AsyncGenerator<ReportFindings> {
  yield* byReport(store, filter, 'true')
}

type ReportFindings = {
  readonly report: StoredReport
  /** The answer of the server that its document came from; null where it came from no URL. */
  readonly download: Download | null
  readonly findings: readonly StoredFinding[]
}

async function* byReport(store: Store, filter: FindingFilter, which: string): AsyncGenerator<ReportFindings> {
  for await (const reports of pagesOfReports(store.sql, filter, which)) {
    const { where, parameters } = conditionsOf(filter)
    const rows = await store.sql.query(
      `SELECT ${columns} FROM ${sourceOf(filter)} f WHERE true${where}
       ORDER BY f.report, array_position(ARRAY['error', 'warning', 'info'], f.severity), f.place, f.key`,
      [reports.map(({ id }) => id).join(), ...parameters],
    )
    const downloads = await downloadsOf(store, reports)
    const page = new Map(
      reports.map((report, place) => [
        report.id,
        { report, download: downloads[place]!, findings: [] as StoredFinding[] },
      ]),
    )
    const current = new Set(reports.map(({ reading }) => reading))
    const former = await formerSources(
      store.sql,
      rows.map((row) => Number(row.reading)).filter((reading) => !current.has(reading)),
    )
    for (const row of rows) {
      const { report, findings } = page.get(Number(row.report))!
      findings.push(toStored(row, report, former))
    }
    yield* page.values()
  }
}

/** Findings with their report, by agency, year, then severity and place. */
export async function* listFindings(store: Store, filter: FindingFilter = {}): AsyncGenerator<StoredFinding> {
  for await (const { findings } of byReport(store, filter, mayHave(filter))) yield* findings
}

/** In SQL, which reports may have a finding in one of some states: few have, and the others are not looked at. */
function mayHave({ state }: FindingFilter): string {
  if (state === undefined || state.includes('open')) return 'true'
  const decided = 'p.report_id IN (SELECT report FROM gouji.decisions)'
  // Whatever is not of the current reading, or stands there no more.
  const past = `EXISTS (SELECT 1 FROM gouji.findings f WHERE f.report = p.report_id
    AND (f.reading <> p.reading_id OR f.gone_at IS NOT NULL OR f.carried))`
  if (!state.some(isPast)) return decided
  return state.every(isPast) ? past : `(${decided} OR ${past})`
}

/** The findings of one reading, current or former, that hold. */
export async function findingsOfReading(store: Store, reading: number): Promise<Finding[]> {
  const rows = await store.sql.query(
    'SELECT * FROM gouji.findings WHERE reading = $1 AND gone_at IS NULL AND NOT carried ORDER BY place',
    [reading],
  )
  return rows.map(toFinding)
}

const allFindings = '(SELECT * FROM gouji.standing_findings UNION ALL SELECT * FROM gouji.past_findings)'

/** Of the reports of the first parameter, so that an index leads to each. */
const standingOf = `SELECT f.* FROM unnest(string_to_array($1, ',')::integer[]) AS p (id)
  JOIN gouji.reports r ON r.id = p.id JOIN gouji.revisions v ON v.id = r.current_revision
  JOIN gouji.decided_findings f ON f.reading = v.current_reading AND f.gone_at IS NULL AND NOT f.carried`
const pastOf = "SELECT * FROM gouji.past_findings WHERE report = ANY (string_to_array($1, ',')::integer[])"

function sourceOf({ state }: FindingFilter): string {
  if (state?.some(isPast) !== true) return `(${standingOf})`
  return state.every(isPast) ? `(${pastOf})` : `(${standingOf} UNION ALL ${pastOf})`
}

/** What a finding must be beside one of some reports, which are the first parameter. */
function conditionsOf({ state, severity, fault, rule }: FindingFilter): { where: string; parameters: unknown[] } {
  const parameters: unknown[] = []
  const conditions: string[] = []
  const add = (condition: (place: string) => string, value: unknown): void => {
    if (value === undefined) return
    parameters.push(value)
    conditions.push(` AND ${condition(`$${parameters.length + 1}`)}`)
  }
  const among = (column: string) => (place: string) => `${column} = ANY (string_to_array(${place}, ','))`
  add(among('f.state'), state?.join())
  add(among('f.severity'), severity?.join())
  add(among('f.fault'), fault?.join())
  if (rule?.endsWith('*')) add((place) => `starts_with(f.rule, ${place})`, rule.slice(0, -1))
  else add((place) => `f.rule = ${place}`, rule)
  return { where: conditions.join(''), parameters }
}

/**
 * The finding of an id, or of the first digits of one, past ones too.
 * @throws UserError `finding_not_found`, `finding_ambiguous`
 */
export async function findFinding(store: Store, id: string): Promise<StoredFinding> {
  // Ids are hexadecimal digits in the order of their bytes: whatever begins so stands before the next letter.
  const ids = await store.sql.query(
    "SELECT DISTINCT f.id FROM gouji.findings f WHERE f.id >= $1 AND f.id < $1 || 'g' ORDER BY f.id LIMIT 3",
    [id.toLowerCase()],
  )
  if (ids.length === 0) throw new UserError('finding_not_found', { id })
  if (ids.length > 1) throw new UserError('finding_ambiguous', { id, ids: ids.map((row) => String(row.id)) })
  const [known] = await store.sql.query(
    'SELECT report, key, max(reading) AS reading FROM gouji.findings WHERE id = $1 GROUP BY report, key',
    [ids[0]!.id],
  )
  const [row] = await store.sql.query(`SELECT ${columns} FROM ${allFindings} f WHERE f.report = $1 AND f.key = $2`, [
    known!.report,
    known!.key,
  ])
  const report = await loadReportOf(store, known!)
  return toStored(row!, report, await formerSources(store.sql, [Number(row!.reading)]))
}

/** What a document said, whatever was published or read since. */
type Former = Omit<FindingSource, 'id' | 'agency' | 'year'>

/** The documents of readings, by reading. */
async function formerSources(sql: Sql, readings: readonly number[]): Promise<ReadonlyMap<number, Former>> {
  if (readings.length === 0) return new Map()
  const rows = await sql.query(
    `SELECT d.id, d.form, d.status, d.title, d.reader, d.read_at, v.sha256, v.origin, v.archive, v.number
     FROM gouji.readings d JOIN gouji.revisions v ON v.id = d.revision
     WHERE d.id = ANY (string_to_array($1, ',')::integer[])`,
    [[...new Set(readings)].join()],
  )
  const toFormer = (row: Row): Former => ({
    form: row.form as string | null,
    status: row.status as Former['status'],
    sha256: String(row.sha256),
    origin: String(row.origin),
    archive: row.archive as string | null,
    revision: Number(row.number),
    reader: String(row.reader),
    readAt: timeText(row.read_at),
    title: row.title as string | null,
  })
  return new Map(rows.map((row) => [Number(row.id), toFormer(row)]))
}

/** The report of a finding, by its last reading that has it where it has no document any more. */
async function loadReportOf({ sql }: Store, { report, reading }: Row): Promise<StoredReport> {
  const [current] = await sql.query('SELECT * FROM public.reports WHERE report_id = $1', [report])
  if (current !== undefined) return toReport(current)
  const [former] = await sql.query(
    `SELECT r.id AS report_id, r.agency, r.year, d.form, d.status, v.sha256, v.origin, v.archive, v.number AS revision, v.seen_at,
       d.id AS reading_id, d.reader, d.title, d.fact_count AS facts, d.errors, d.warnings, d.infos,
       d.holds AS rules_held, d.broken AS rules_broken, d.not_assessable AS rules_not_assessable
     FROM gouji.reports r, gouji.readings d JOIN gouji.revisions v ON v.id = d.revision WHERE r.id = $1 AND d.id = $2`,
    [report, reading],
  )
  return toReport(former!)
}

/** Everything that was decided about a finding, the oldest first. */
export async function decisionsOf(store: Store, finding: StoredFinding): Promise<PastDecision[]> {
  const rows = await store.sql.query(
    `SELECT d.action AS decision_action, d.reason AS decision_reason, d.decided_by, d.decided_at, d.figures,
       v.sha256, v.origin, g.reader
     FROM gouji.decisions d JOIN gouji.readings g ON g.id = d.reading JOIN gouji.revisions v ON v.id = g.revision
     WHERE d.report = $1 AND d.key = $2 ORDER BY d.id`,
    [finding.report.id, finding.key],
  )
  return rows.map((row) => {
    const { expected, actual } = row.figures as Pick<PastDecision, 'expected' | 'actual'>
    const source = { sha256: String(row.sha256), origin: String(row.origin), reader: String(row.reader) }
    return { ...toDecision(row), ...source, expected, actual }
  })
}

function toDecision(row: Row): Decision {
  return {
    action: row.decision_action as DecisionAction,
    reason: row.decision_reason as string | null,
    by: String(row.decided_by),
    at: timeText(row.decided_at),
  }
}

/**
 * Adds a decision about a finding of a current reading.
 * @throws UserError `finding_gone` where the finding holds no more
 */
export async function decide(
  store: Store,
  finding: StoredFinding,
  decision: Omit<Decision, 'at'> & { readonly at: Date },
): Promise<void> {
  const rows = await store.sql.query(
    `INSERT INTO gouji.decisions (report, key, action, reason, decided_by, decided_at, reading, figures)
     SELECT s.report, s.key, $3, $4, $5, $6::timestamptz, s.reading, gouji.finding_figures(f)
     FROM gouji.standing_findings s JOIN gouji.findings f ON f.reading = s.reading AND f.place = s.place
     WHERE s.report = $1 AND s.key = $2 RETURNING id`,
    [finding.report.id, finding.key, decision.action, decision.reason, decision.by, decision.at.toISOString()],
  )
  if (rows.length === 0) throw new UserError('finding_gone', { id: finding.id, state: finding.state })
}

/** Adds findings to a reading, in their order from `place` on, with what was decided about the same of its document. */
export async function insertFindings(
  sql: Sql,
  reading: number,
  findings: readonly Finding[],
  { place = 0, beyond = false } = {},
): Promise<void> {
  if (findings.length === 0) return
  await sql.query(
    `INSERT INTO gouji.findings (reading, place, key, rule, severity, fault, codes, expected, actual, difference, terms,
       quotes, meant, data, beyond, report, id)
     SELECT $1, $3::integer + n, f ->> 'key', f ->> 'rule', f ->> 'severity', f ->> 'fault',
       ARRAY(SELECT jsonb_array_elements_text(f -> 'codes')), (f ->> 'expected')::float8, (f ->> 'actual')::float8,
       (f ->> 'difference')::float8, f -> 'terms', f -> 'quotes', nullif(f -> 'meant', 'null'::jsonb), f -> 'data', $4,
       r.id, gouji.finding_id(r.agency, r.year, r.alone, f ->> 'key')
     FROM gouji.readings g JOIN gouji.revisions v ON v.id = g.revision JOIN gouji.reports r ON r.id = v.report
     CROSS JOIN jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (f, n) WHERE g.id = $1`,
    [reading, json(findings), place, beyond],
  )
  await bringDecisions(sql, reading)
}

/**
 * What was decided about a document while it was taken for another report's goes with it, where rule, place and figures are
 * the same. The other report keeps it too.
 */
async function bringDecisions(sql: Sql, reading: number): Promise<void> {
  await sql.query(
    `INSERT INTO gouji.decisions (report, key, action, reason, decided_by, decided_at, reading, figures)
     SELECT f.report, d.key, d.action, d.reason, d.decided_by, d.decided_at, d.reading, d.figures
     FROM gouji.readings g JOIN gouji.readings o ON o.revision = g.revision
     JOIN gouji.decisions d ON d.reading = o.id
     JOIN gouji.findings f ON f.reading = g.id AND f.key = d.key AND f.report <> d.report
     WHERE g.id = $1 AND NOT f.carried
       AND gouji.finding_figures(f) = (
         SELECT l.figures FROM gouji.decisions l JOIN gouji.readings lo ON lo.id = l.reading
         WHERE lo.revision = g.revision AND l.key = f.key AND l.report <> f.report ORDER BY l.id DESC LIMIT 1)
       AND NOT EXISTS (
         SELECT 1 FROM gouji.decisions k WHERE k.report = f.report AND k.key = d.key AND k.action = d.action
           AND k.decided_by = d.decided_by AND k.decided_at = d.decided_at AND k.reading = d.reading)
     GROUP BY f.report, d.key, d.action, d.reason, d.decided_by, d.decided_at, d.reading, d.figures ORDER BY min(d.id)`,
    [reading],
  )
}

/**
 * Takes over from the reading that was current before what other reports showed of it: until the new one is judged it is
 * not known whether that is still so. What rests on the text and figures alone stands where these are the same.
 */
export async function carryBeyond(sql: Sql, former: number, reading: number): Promise<void> {
  const rows = await sql.query(
    `INSERT INTO gouji.findings (reading, place, key, rule, severity, fault, codes, expected, actual, difference, terms,
       quotes, meant, data, beyond, report, id, carried)
     SELECT n.id, (SELECT coalesce(max(place), 0) FROM gouji.findings WHERE reading = n.id)
         + row_number() OVER (ORDER BY f.place),
       f.key, f.rule, f.severity, f.fault, f.codes, f.expected, f.actual, f.difference, f.terms, f.quotes, f.meant, f.data,
       true, f.report, f.id,
       f.carried OR coalesce(substring(f.rule FROM '[.][^.]*$'), '') <> ALL (string_to_array($3, ','))
         OR (n.text_pieces, n.text_minima, n.figures) IS DISTINCT FROM (o.text_pieces, o.text_minima, o.figures)
     FROM gouji.readings o JOIN gouji.findings f ON f.reading = o.id AND f.beyond AND f.gone_at IS NULL
     JOIN gouji.readings n ON n.id = $2
     WHERE o.id = $1 AND NOT EXISTS (SELECT 1 FROM gouji.findings k WHERE k.reading = n.id AND k.key = f.key)
     RETURNING carried`,
    [former, reading, repeatsOfOthers.join()],
  )
  if (rows.some(({ carried }) => carried === false)) await countFindings(sql, reading)
}

/**
 * Puts what other reports show of a reading in place of what they showed before, and keeps what no longer holds as gone.
 * To be called in the transaction that holds the reading: see holdingReport.
 * `goneAs`: what a finding has become that is not among `findings`; null where it could not be judged, and stays. Gives true
 * where anything changed.
 */
export async function replaceBeyond(
  store: Store,
  reading: number,
  findings: readonly Finding[],
  { at, goneAs }: { readonly at: Date; readonly goneAs: (key: string, rule: string) => 'fixed' | 'withdrawn' | null },
): Promise<boolean> {
  const { sql } = store
  const standing = await sql.query(
    `SELECT key, rule, severity, fault, codes, expected, actual, difference, terms, quotes, meant, data, carried
     FROM gouji.findings WHERE reading = $1 AND beyond AND gone_at IS NULL ORDER BY place`,
    [reading],
  )
  if (isSame(standing, findings)) return false
  const keys = findings.map(({ key }) => key)
  const gone = standing.flatMap(({ key, rule, carried }) => {
    const as = keys.includes(String(key)) ? null : goneAs(String(key), String(rule))
    return as === null ? [] : [{ key: String(key), as, carried: carried === true }]
  })
  const ended = gone.filter(({ as, carried }) => !carried || as === 'withdrawn')
  if (ended.length > 0)
    await sql.query(
      `UPDATE gouji.findings f SET gone_at = $3::timestamptz, gone_as = g ->> 'as', carried = false
       FROM jsonb_array_elements($2::jsonb) AS g
       WHERE f.reading = $1 AND f.beyond AND f.gone_at IS NULL AND f.key = g ->> 'key'`,
      [reading, json(ended), at.toISOString()],
    )
  // What was only taken over, and does not hold of this reading, was never its own: the former reading tells the rest.
  const never = gone.flatMap(({ key, as, carried }) => (carried && as === 'fixed' ? [key] : []))
  // Those that are gone too: what comes back is no longer so.
  const [last] = await sql.query(
    `WITH replaced AS (
       DELETE FROM gouji.findings
       WHERE reading = $1 AND beyond AND key IN (SELECT jsonb_array_elements_text($2::jsonb)))
     SELECT coalesce(max(place), 0) AS place FROM gouji.findings WHERE reading = $1`,
    [reading, json([...keys, ...never])],
  )
  await insertFindings(sql, reading, findings, { place: Number(last!.place), beyond: true })
  return gone.length > 0 || keys.some((key) => !standing.some((one) => one.key === key && one.carried !== true))
}

/** Whether what was found is what stands: most of what is judged anew says the same again. */
function isSame(standing: readonly Row[], findings: readonly Finding[]): boolean {
  const stored = standing.map(toFinding)
  return (
    standing.every(({ carried }) => carried !== true) && isDeepStrictEqual(stored, JSON.parse(JSON.stringify(findings)))
  )
}

/** Remembers that a reading was judged in the light of what stands around it, and counts what it shows. */
export async function markJudged({ sql }: Pick<Store, 'sql'>, reading: number, at: Date): Promise<void> {
  await countFindings(sql, reading, at)
}

async function countFindings(sql: Sql, reading: number, judgedAt: Date | null = null): Promise<void> {
  await sql.query(
    `UPDATE gouji.readings SET rechecked_at = coalesce($2::timestamptz, rechecked_at), (errors, warnings, infos) = (
       SELECT count(*) FILTER (WHERE severity = 'error'), count(*) FILTER (WHERE severity = 'warning'),
         count(*) FILTER (WHERE severity = 'info')
       FROM gouji.findings WHERE reading = $1 AND gone_at IS NULL AND NOT carried) WHERE id = $1`,
    [reading, judgedAt?.toISOString() ?? null],
  )
}

/** Puts what is known better in the light of other reports in place of how a reading's own findings could be mended. */
export async function setMeaning(store: Store, reading: number, parts: readonly Localisation[]): Promise<void> {
  const known = parts.flatMap((part) => part.broken.map((key) => ({ key, meant: part })))
  if (known.length === 0) return
  await store.sql.query(
    `UPDATE gouji.findings f SET meant = m -> 'meant' FROM jsonb_array_elements($2::jsonb) AS m
     WHERE f.reading = $1 AND NOT f.beyond AND f.key = m ->> 'key'`,
    [reading, json(known)],
  )
}

function toStored(row: Row, report: StoredReport, former: ReadonlyMap<number, Former>): StoredFinding {
  const { id, agency, year } = report
  const { form, status, sha256, origin, archive, revision, reader, readAt, title } =
    former.get(Number(row.reading)) ?? report
  return {
    id: String(row.id),
    state: row.state as FindingState,
    outdated: row.outdated === true,
    decision: row.decided_by == null ? null : toDecision(row),
    beyond: row.beyond === true,
    reading: Number(row.reading),
    judgedAt: timeText(row.judged_at),
    ...toFinding(row),
    report: { id, agency, year, form, status, sha256, origin, archive, revision, reader, readAt, title },
  }
}

function toFinding(row: Row): Finding {
  return {
    key: String(row.key),
    rule: String(row.rule),
    severity: row.severity as Severity,
    fault: row.fault as Finding['fault'],
    codes: row.codes as string[],
    expected: row.expected as number | null,
    actual: row.actual as number | null,
    difference: row.difference as number | null,
    terms: row.terms as Term[],
    quotes: row.quotes as Finding['quotes'],
    meant: (row.meant ?? null) as Localisation | null,
    data: row.data as Finding['data'],
  }
}
