/**
 * What servers answered when documents were fetched from URLs: kept with the bytes, so that where a figure comes from can
 * be shown, and so that the same URL is asked later only whether it has changed.
 */
import type { Store } from './open.ts'
import type { Row } from './sql.ts'
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

/** The latest answer that gave a document, or the archive it lies in; null where it came from no URL. */
export async function downloadOf(
  { sql }: Store,
  { origin, sha256, archive }: { readonly origin: string; readonly sha256: string; readonly archive: string | null },
): Promise<Download | null> {
  if (!/^https?:/i.test(origin)) return null
  const [row] = await sql.query(
    `SELECT ${columns} FROM gouji.downloads WHERE sha256 = $1 AND ($2 = url OR starts_with($2, url || '!/'))
     ORDER BY id DESC LIMIT 1`,
    [archive ?? sha256, origin],
  )
  return row === undefined ? null : toDownload(row)
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
