/** The statements by which docs/operations.md bounds what grows: they take off only what was said again since. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lastDownload } from '../../src/store/downloads.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { inputsToRetry, type RunItem, recordItems, startRun } from '../../src/store/runs.ts'
import { makeDatabase } from '../setup/database.ts'

let store: Store
beforeAll(async () => {
  store = await openStore(await makeDatabase())
})
afterAll(() => store.close())

const statementsOf = (name: string): string[] =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8').match(/^ {4}DELETE FROM [^;]*;$/gm) ?? []

const item = (path: string, outcome: RunItem['outcome']): RunItem => {
  const nothing = { sha256: null, bytes: null, kind: null, reason: null, reading: null, milliseconds: 0 }
  return { path, outcome, reader: 'r', ...nothing }
}

it('what is old and was said again goes; the latest of each stays', async () => {
  const statements = statementsOf('operations.md')
  expect(statements).toHaveLength(2)
  expect(statementsOf('operations.zh.md')).toEqual(statements)
  const run = async (outcomes: Record<string, RunItem['outcome']>, years: number): Promise<void> => {
    const id = await startRun(store, { reader: 'r', arguments: [], startedAt: new Date() })
    const items = Object.entries(outcomes).map(([path, outcome]) => item(path, outcome))
    await recordItems(store, id, items)
    await store.sql.query(
      "UPDATE gouji.runs SET status = 'finished', finished_at = now() - $2 * interval '1 year' WHERE id = $1",
      [id, years],
    )
    for (const url of Object.keys(outcomes))
      await store.sql.query(
        `INSERT INTO gouji.downloads (url, final_url, status, fetched_at, sha256)
         VALUES ($1, $1, 200, now() - $2 * interval '1 year', $3)`,
        [url, years, url === 'changed' ? String(years) : 'same'],
      )
  }
  await run({ only: 'failed', again: 'failed', changed: 'stored' }, 3)
  await run({ again: 'stored', changed: 'failed' }, 2)
  await run({ again: 'failed' }, 0)
  const failed = async (): Promise<string[]> => {
    const paths: string[] = []
    for await (const { path } of inputsToRetry(store, { wanting: true })) paths.push(path)
    return paths.sort()
  }
  const latest = () => Promise.all(['only', 'again', 'changed'].map((url) => lastDownload(store, url)))
  const before = [await failed(), await latest()]
  for (const statement of statements) await store.sql.run(statement)
  expect([await failed(), await latest()]).toEqual(before)
  expect(before[0]).toEqual(['again', 'changed', 'only'])
  const left = (table: string, column: string) =>
    store.sql.query(`SELECT ${column} AS what, count(*) AS left FROM gouji.${table} GROUP BY 1 ORDER BY 1`)
  expect(await left('run_items', 'path')).toEqual(['again', 'changed', 'only'].map((what) => ({ what, left: 1 })))
  expect(await left('downloads', 'url')).toEqual([
    { what: 'again', left: 1 },
    // Of other bytes.
    { what: 'changed', left: 2 },
    { what: 'only', left: 1 },
  ])
})
