/** A query ends in time on both carriers, and leaves a store behind that still answers. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import { makeDatabase } from '../setup/database.ts'

// The built one: a thread is started from a file.
const built = new URL('../../dist/src/store/query.js', import.meta.url).href
const { queryStore } = (await import(built)) as typeof import('../../src/store/query.ts')

describe.each(['embedded', 'server'] as const)('a query, %s', (carrier) => {
  let folder: string
  let target: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gouji-query-'))
    target = carrier === 'embedded' ? join(folder, 'data') : await makeDatabase()
    await (await openStore(target, { blobs: folder })).close()
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const ask = (sql: string, seconds?: number) => queryStore({ target, sql, limit: 10 }, seconds)

  it.each([
    'SELECT count(*) FROM generate_series(1, 100000000000)',
    'WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t',
  ])('that would run for hours is stopped: %s', async (sql) => {
    await expect(ask(sql, 5)).rejects.toThrow(expect.objectContaining({ code: 'query_timeout', data: { seconds: 5 } }))
    expect(existsSync(join(folder, 'data/gouji.lock'))).toBe(false)
    expect(await ask('SELECT count(*) AS n FROM reports')).toMatchObject({ columns: ['n'] })
  })

  it('that fails says why', async () => {
    await expect(ask('SELECT nothing')).rejects.toThrow('query_failed {"detail":"column \\"nothing\\" does not exist')
    await expect(ask('DROP TABLE reports')).rejects.toThrow('query_not_read_only')
  })
})
