/**
 * Whether the originals of a server's store lie where this process looks for them. A share that is not mounted, or a folder or
 * bucket of one's own, looks like a place where nothing was kept yet: documents would fail as if their originals were lost,
 * and new ones be kept where nobody else finds them. So the first who keeps originals leaves a mark among them, which the store
 * remembers and everybody looks for.
 */
import { createHash, randomUUID } from 'node:crypto'
import { UserError } from '../errors.ts'
import { type BlobStore, keepBlob } from './blobs.ts'
import type { Sql } from './sql.ts'

/** A store without a mark is known by its latest originals; so many of them may be lost. */
const latestMax = 20

/** A place for originals that nothing is put in, or said to be gone from, before the mark was seen there. */
export function markedBlobs(blobs: BlobStore, sql: Sql): BlobStore {
  let mark: string | null = null
  let looking: Promise<void> | null = null
  const look = async (): Promise<void> => {
    mark ??= await findMark(blobs, sql)
    if ((await blobs.sizeOf(mark)) === null) throw elsewhere(blobs, mark)
  }
  // One at a time: a share that hangs holds whoever asks.
  const check = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = null
    })
    return looking
  }
  return {
    place: blobs.place,
    sizeOf: blobs.sizeOf,
    check,
    put: async (sha256, bytes) => {
      await check()
      await blobs.put(sha256, bytes)
    },
    get: async (sha256) => {
      const bytes = await blobs.get(sha256)
      if (bytes === null) await check()
      return bytes
    },
  }
}

/** The mark of the store, which is made where there is none and the place is the right one as far as can be told. */
async function findMark(blobs: BlobStore, sql: Sql): Promise<string> {
  const known = await readMark(sql)
  if (known !== null) return known
  const latest = await sql.query(`SELECT sha256 FROM gouji.revisions ORDER BY id DESC LIMIT ${latestMax}`)
  let found = latest.length === 0
  for (const { sha256 } of latest) found ||= (await blobs.sizeOf(String(sha256))) !== null
  if (!found) throw elsewhere(blobs, String(latest[0]!.sha256))
  const text = `gouji originals ${randomUUID()}`
  await keepBlob(blobs, Buffer.from(text))
  await sql.query('INSERT INTO gouji.originals (mark) VALUES ($1) ON CONFLICT DO NOTHING', [text])
  return (await readMark(sql))!
}

/** The mark is kept as text in the store too, so that it can be put back by hand. */
async function readMark(sql: Sql): Promise<string | null> {
  const [row] = await sql.query('SELECT mark FROM gouji.originals')
  return row === undefined ? null : createHash('sha256').update(String(row.mark)).digest('hex')
}

function elsewhere(blobs: BlobStore, sha256: string): UserError {
  return new UserError('originals_elsewhere', { path: blobs.place(sha256) }, true)
}
