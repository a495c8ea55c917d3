/**
 * Which reading somebody means: an agency and year, a revision of it, a version of the reader, or the bytes themselves.
 * Takes the words of a command line, gives the reading.
 */
import { UserError } from '../errors.ts'
import type { Store } from './open.ts'
import type { Row } from './sql.ts'

/** A reading, current or former, with what tells it from others. */
export type NamedReading = {
  readonly reading: number
  readonly agency: string | null
  readonly year: number | null
  readonly revision: number
  readonly reader: string
  readonly sha256: string
  readonly seenAt: string
}

const select = `SELECT d.id AS reading, r.agency, r.year, v.number AS revision, d.reader, v.sha256, v.seen_at
  FROM gouji.readings d JOIN gouji.revisions v ON v.id = d.revision JOIN gouji.reports r ON r.id = v.report`

/**
 * The reading that `text` names: `AGENCY@YEAR` the current one; `AGENCY@YEAR#2` the second revision; either with `~1` the
 * reading before; or the first digits of a SHA-256. The agency may be a part of its name, where that is clear.
 * @throws UserError `reading_not_found`, `reading_ambiguous`
 */
export async function findReading(store: Store, text: string): Promise<NamedReading> {
  const { name, back } = splitBack(text)
  const parts = /^(.+)@(\d{4})(?:#(\d{1,9}))?$/.exec(name)
  const rows = parts === null ? await byHash(store, name) : await byIdentity(store, parts)
  const reports = new Set(rows.map((row) => `${row.agency}@${row.year}`))
  if (reports.size > 1) throw new UserError('reading_ambiguous', { text, choices: [...reports] })
  const row = rows[back]
  if (row === undefined) throw new UserError('reading_not_found', { text })
  return {
    reading: Number(row.reading),
    agency: row.agency as string | null,
    year: row.year as number | null,
    revision: Number(row.revision),
    reader: String(row.reader),
    sha256: String(row.sha256),
    seenAt: row.seen_at instanceof Date ? row.seen_at.toISOString() : String(row.seen_at),
  }
}

function splitBack(text: string): { name: string; back: number } {
  const parts = /^(.*)~(\d{1,9})$/.exec(text)
  return parts === null ? { name: text, back: 0 } : { name: parts[1]!, back: Number(parts[2]) }
}

/** Readings of the same bytes, the current one first, then the latest. */
const latestFirst = 'ORDER BY (d.id = v.current_reading) DESC, d.id DESC'

async function byHash(store: Store, start: string): Promise<Row[]> {
  if (!/^[0-9a-f]{6,64}$/i.test(start)) return []
  return store.sql.query(`${select} WHERE starts_with(v.sha256, $1) ${latestFirst}`, [start.toLowerCase()])
}

async function byIdentity(store: Store, [, agency, year, revision]: RegExpExecArray): Promise<Row[]> {
  const whole = await store.sql.query('SELECT 1 FROM gouji.reports WHERE agency = $1 AND year = $2', [agency, year])
  const named = whole.length > 0 ? 'r.agency = $1' : 'position($1 IN r.agency) > 0'
  const which = revision === undefined ? 'v.id = r.current_revision' : 'v.number = $3::integer'
  const parameters = [agency, Number(year), ...(revision === undefined ? [] : [Number(revision)])]
  return store.sql.query(`${select} WHERE ${named} AND r.year = $2 AND ${which} ${latestFirst}`, parameters)
}
