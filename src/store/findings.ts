/**
 * Findings and what becomes of them. A finding is the same for as long as its report, rule and place are; what people
 * decide about it is kept for good and stands until its figures change. Findings that need other reports are judged
 * anew when these change; those that then hold no more are marked as gone, not deleted.
 */
import { UserError } from '../errors.ts'
import type { Finding, Localisation, Severity, Term } from '../model.ts'
import type { Store } from './open.ts'
import { json, type Row, type Sql } from './sql.ts'
import { type StoredReport, timeText, toReport } from './stored-report.ts'

/**
 * `open` until somebody decides; `fixed` by a later publication; `withdrawn` since the same bytes are read otherwise;
 * `unchecked` where the present reading lacks what it is about.
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

export type StoredFinding = Finding & {
  /** 16 hexadecimal digits: the same in every store that holds the report. */
  readonly id: string
  readonly state: FindingState
  /** True where a decision no longer stands because the figures have changed since. */
  readonly outdated: boolean
  readonly decision: Omit<Decision, 'action'> | null
  /** Needs other reports or facts of the agency. */
  readonly beyond: boolean
  /** The reading that shows it. */
  readonly reading: number
  /** When it was last judged: ISO 8601. */
  readonly judgedAt: string
  readonly report: Pick<StoredReport, 'id' | 'agency' | 'year' | 'form' | 'status' | 'sha256' | 'origin' | 'title'>
}

/** Which findings; a part that is left out does not matter. */
export type FindingFilter = {
  readonly states?: readonly FindingState[]
  readonly severities?: readonly Severity[]
  readonly faults?: readonly string[]
  /** Rule ids; one that ends in `*` stands for all that begin so. */
  readonly rule?: string
  /** Part of the agency's name. */
  readonly agency?: string
  readonly year?: number
}

/** States that hold now, what was dismissed left out. */
export const standingStates = ['open', 'confirmed', 'returned'] as const satisfies readonly FindingState[]

const pageRows = 500
const columns = `p.*, f.id AS finding_id, f.state, f.outdated, f.decision_reason, f.decided_by, f.decided_at, f.beyond,
  f.reading AS finding_reading,
  (SELECT CASE WHEN f.beyond THEN coalesce(g.rechecked_at, g.read_at) ELSE g.read_at END
    FROM gouji.readings g WHERE g.id = f.reading) AS judged_at,
  f.key, f.rule, f.severity, f.fault, f.codes, f.expected, f.actual, f.difference, f.terms, f.quotes, f.meant, f.data`
const order = `p.agency NULLS LAST, p.year NULLS LAST, p.report_id,
  array_position(ARRAY['error', 'warning', 'info'], f.severity), f.place, f.key`

/** Findings of current readings with their report, by agency, year, then severity and place; the past where it is asked for. */
export async function* listFindings(store: Store, filter: FindingFilter = {}): AsyncGenerator<StoredFinding> {
  const { where, parameters } = conditionsOf(filter)
  for (let offset = 0; ; offset += pageRows) {
    const rows = await store.sql.query(
      `SELECT ${columns} FROM public.reports p JOIN ${sourceOf(filter)} f ON f.report_id = p.report_id
       ${where} ORDER BY ${order} LIMIT ${pageRows} OFFSET ${offset}`,
      parameters,
    )
    yield* rows.map(toStored)
    if (rows.length < pageRows) return
  }
}

/** The findings of one reading, current or former, that hold. */
export async function findingsOfReading(store: Store, reading: number): Promise<Finding[]> {
  const rows = await store.sql.query(
    'SELECT * FROM gouji.findings WHERE reading = $1 AND gone_at IS NULL ORDER BY place',
    [reading],
  )
  return rows.map(toFinding)
}

const allFindings = '(SELECT * FROM gouji.standing_findings UNION ALL SELECT * FROM gouji.past_findings)'

function sourceOf({ states }: FindingFilter): string {
  const past = states?.some(isPast) === true
  return past ? allFindings : 'gouji.standing_findings'
}

function conditionsOf(filter: FindingFilter): { where: string; parameters: unknown[] } {
  const { states, severities, faults, rule, agency, year } = filter
  const parameters: unknown[] = []
  const conditions: string[] = []
  const add = (condition: (place: string) => string, value: unknown): void => {
    if (value === undefined) return
    parameters.push(value)
    conditions.push(condition(`$${parameters.length}`))
  }
  const among = (column: string) => (place: string) => `${column} = ANY (string_to_array(${place}, ','))`
  add(among('f.state'), states?.join())
  add(among('f.severity'), severities?.join())
  add(among('f.fault'), faults?.join())
  if (rule?.endsWith('*')) add((place) => `starts_with(f.rule, ${place})`, rule.slice(0, -1))
  else add((place) => `f.rule = ${place}`, rule)
  add((place) => `position(${place} IN p.agency) > 0`, agency)
  add((place) => `p.year = ${place}::integer`, year)
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, parameters }
}

/**
 * The finding of an id, or of the first digits of one, past ones too.
 * @throws UserError `finding_not_found`, `finding_ambiguous`
 */
export async function findFinding(store: Store, id: string): Promise<StoredFinding> {
  const rows = await store.sql.query(
    `SELECT ${columns} FROM public.reports p JOIN ${allFindings} f ON f.report_id = p.report_id
     WHERE starts_with(f.id, $1) ORDER BY f.id LIMIT 3`,
    [id.toLowerCase()],
  )
  if (rows.length === 0) throw new UserError('finding_not_found', { id })
  const exact = rows.find((row) => row.finding_id === id) ?? rows[0]!
  if (rows.some((row) => row.finding_id !== exact.finding_id) && exact.finding_id !== id)
    throw new UserError('finding_ambiguous', { id, ids: rows.map((row) => String(row.finding_id)) })
  return toStored(exact)
}

/** Everything that was decided about a finding, the oldest first. */
export async function decisionsOf(store: Store, finding: StoredFinding): Promise<Decision[]> {
  const rows = await store.sql.query(
    'SELECT action, reason, decided_by, decided_at FROM gouji.decisions WHERE report = $1 AND key = $2 ORDER BY id',
    [finding.report.id, finding.key],
  )
  return rows.map((row) => ({
    action: row.action as DecisionAction,
    reason: row.reason as string | null,
    by: String(row.decided_by),
    at: timeText(row.decided_at),
  }))
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
     SELECT s.report_id, s.key, $3, $4, $5, $6::timestamptz, s.reading, gouji.finding_figures(f)
     FROM gouji.standing_findings s JOIN gouji.findings f ON f.reading = s.reading AND f.place = s.place
     WHERE s.report_id = $1 AND s.key = $2 RETURNING id`,
    [finding.report.id, finding.key, decision.action, decision.reason, decision.by, decision.at.toISOString()],
  )
  if (rows.length === 0) throw new UserError('finding_gone', { id: finding.id, state: finding.state })
}

/** Adds findings to a reading, in their order from `place` on. */
export async function insertFindings(
  sql: Sql,
  reading: number,
  findings: readonly Finding[],
  { place = 0, beyond = false } = {},
): Promise<void> {
  if (findings.length === 0) return
  await sql.query(
    `INSERT INTO gouji.findings (reading, place, key, rule, severity, fault, codes, expected, actual, difference, terms,
       quotes, meant, data, beyond)
     SELECT $1, $3::integer + n, f ->> 'key', f ->> 'rule', f ->> 'severity', f ->> 'fault',
       ARRAY(SELECT jsonb_array_elements_text(f -> 'codes')), (f ->> 'expected')::float8, (f ->> 'actual')::float8,
       (f ->> 'difference')::float8, f -> 'terms', f -> 'quotes', nullif(f -> 'meant', 'null'::jsonb), f -> 'data', $4
     FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (f, n)`,
    [reading, json(findings), place, beyond],
  )
}

/**
 * Puts what other reports show of a reading in place of what they showed before, and keeps what no longer holds as gone.
 * To be called in the transaction that holds the reading: see holdingReport.
 * `holds`: whether the rule was judged there and holds; a finding that could not be judged stays. Gives true where anything
 * changed.
 */
export async function replaceBeyond(
  store: Store,
  reading: number,
  findings: readonly Finding[],
  { at, holds }: { readonly at: Date; readonly holds: (key: string, rule: string) => boolean },
): Promise<boolean> {
  const { sql } = store
  const standing = await sql.query(
    'SELECT key, rule FROM gouji.findings WHERE reading = $1 AND beyond AND gone_at IS NULL',
    [reading],
  )
  if (standing.length === 0 && findings.length === 0) return false
  const keys = findings.map(({ key }) => key)
  const gone = standing.flatMap(({ key, rule }) =>
    !keys.includes(String(key)) && holds(String(key), String(rule)) ? [String(key)] : [],
  )
  if (gone.length > 0)
    await sql.query(
      `UPDATE gouji.findings SET gone_at = $3::timestamptz WHERE reading = $1 AND beyond AND gone_at IS NULL
       AND key IN (SELECT jsonb_array_elements_text($2::jsonb))`,
      [reading, json(gone), at.toISOString()],
    )
  await sql.query(
    'DELETE FROM gouji.findings WHERE reading = $1 AND beyond AND key IN (SELECT jsonb_array_elements_text($2::jsonb))',
    [reading, json(keys)],
  )
  const [last] = await sql.query('SELECT coalesce(max(place), 0) AS place FROM gouji.findings WHERE reading = $1', [
    reading,
  ])
  await insertFindings(sql, reading, findings, { place: Number(last!.place), beyond: true })
  await sql.query(
    `UPDATE gouji.readings SET (errors, warnings, infos) = (
       SELECT count(*) FILTER (WHERE severity = 'error'), count(*) FILTER (WHERE severity = 'warning'),
         count(*) FILTER (WHERE severity = 'info')
       FROM gouji.findings WHERE reading = $1 AND gone_at IS NULL) WHERE id = $1`,
    [reading],
  )
  return gone.length > 0 || keys.some((key) => !standing.some((one) => one.key === key))
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

function toStored(row: Row): StoredFinding {
  const { id, agency, year, form, status, sha256, origin, title } = toReport(row)
  const decided = row.decided_by === null || row.decided_by === undefined
  return {
    id: String(row.finding_id),
    state: row.state as FindingState,
    outdated: row.outdated === true,
    decision: decided
      ? null
      : {
          reason: row.decision_reason as string | null,
          by: String(row.decided_by),
          at: timeText(row.decided_at),
        },
    beyond: row.beyond === true,
    reading: Number(row.finding_reading),
    judgedAt: timeText(row.judged_at),
    ...toFinding(row),
    report: { id, agency, year, form, status, sha256, origin, title },
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
