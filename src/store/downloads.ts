/**
 * What servers answered when documents were fetched from URLs: kept with the bytes, so that where a figure comes from can
 * be shown, and so that the same URL is asked later only whether it has changed.
 */
import type { Store } from './open.ts'
import { json, type Row } from './sql.ts'
import { timeText } from './stored-report.ts'

/** An answer from which a document was taken. */
export type Answer = {
  /** After redirects. */
  readonly finalUrl: string
  /** 304: the bytes are those of an earlier answer. */
  readonly status: number
  readonly contentType: string | null
  readonly etag: string | null
  readonly lastModified: string | null
  /** ISO 8601. */
  readonly fetchedAt: string
}

/** An answer with the URL that was asked for and the SHA-256 of its bytes. */
export type Download = Answer & { readonly url: string; readonly sha256: string }

const columns = 'url, final_url, status, content_type, etag, last_modified, fetched_at, sha256'

/** Remembers an answer. */
export async function recordDownload({ sql }: Store, download: Download): Promise<void> {
  const { url, finalUrl, status, contentType, etag, lastModified, fetchedAt, sha256 } = download
  await sql.query(
    `INSERT INTO gouji.downloads (${columns})
     VALUES ($1, $2, $3, $4, $5, $6, $7::timestamptz, $8)`,
    [url, finalUrl, status, contentType, etag, lastModified, fetchedAt, sha256],
  )
}

/** The latest answer of a URL; null where it was not asked. */
export async function lastDownload({ sql }: Store, url: string): Promise<Download | null> {
  const [row] = await sql.query(`SELECT ${columns} FROM gouji.downloads WHERE url = $1 ORDER BY id DESC LIMIT 1`, [url])
  return row === undefined ? null : toDownload(row)
}

/** A document as far as it says where it came from. */
type Fetched = { readonly origin: string; readonly sha256: string; readonly archive: string | null }

/**
 * The latest answer that gave each of some documents, or the archive it lies in, in their order; null where it came from
 * no URL.
 */
export async function downloadsOf(
  { sql }: Pick<Store, 'sql'>,
  documents: readonly Fetched[],
): Promise<(Download | null)[]> {
  const asked = documents.flatMap(({ origin, sha256, archive }, place) =>
    /^https?:/i.test(origin) ? [{ place, origin, sha256: archive ?? sha256 }] : [],
  )
  const answers = new Array<Download | null>(documents.length).fill(null)
  if (asked.length === 0) return answers
  const rows = await sql.query(
    `SELECT a.place, d.* FROM jsonb_to_recordset($1::jsonb) AS a (place integer, origin text, sha256 text)
     CROSS JOIN LATERAL (
       SELECT ${columns} FROM gouji.downloads d
       WHERE d.sha256 = a.sha256 AND (a.origin = d.url OR starts_with(a.origin, d.url || '!/'))
       ORDER BY d.id DESC LIMIT 1) d`,
    [json(asked)],
  )
  for (const row of rows) answers[Number(row.place)] = toDownload(row)
  return answers
}

function toDownload(row: Row): Download {
  return {
    url: String(row.url),
    finalUrl: String(row.final_url),
    status: Number(row.status),
    contentType: row.content_type as string | null,
    etag: row.etag as string | null,
    lastModified: row.last_modified as string | null,
    fetchedAt: timeText(row.fetched_at),
    sha256: String(row.sha256),
  }
}
