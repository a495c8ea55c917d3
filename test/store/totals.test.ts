/** Totals against the facts that they are the sums of, on both carriers: after new reports, revisions and moved reports. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { saveReading } from '../../src/store/reports.ts'
import { refreshTotals } from '../../src/store/totals.ts'
import { makeDatabase } from '../setup/database.ts'

const registry = loadRegistry()
const names = ['rundong-2021.txt', 'hongze-2023.html', 'shanghai-office-2019.html', 'huaian-2024.docx']
const at = new Date('2024-03-01T00:00:00Z')

const fromFacts = `SELECT year, form, code, coalesce(unit, '') AS unit, count(*) AS reports,
    count(*) FILTER (WHERE state = 'number') AS numbers, count(*) FILTER (WHERE state = 'blank') AS blanks,
    count(*) FILTER (WHERE state = 'mark') AS marks, count(*) FILTER (WHERE state = 'absent') AS absent,
    count(*) FILTER (WHERE state = 'unreadable') AS unreadable, sum(value::numeric) AS sum
  FROM facts WHERE agency IS NOT NULL AND year IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`
const fromTotals = `SELECT year, form, code, unit, reports, numbers, blanks, marks, absent, unreadable, sum FROM totals
  ORDER BY year, form, code, unit`

describe.each(['embedded', 'server'] as const)('totals, %s', (carrier) => {
  let store: Store
  let folder: string
  let saved = 0

  const save = async (name: string, change: (reading: Reading) => Reading, sha256 = `${++saved}`.padStart(64, '0')) => {
    const bytes = readFileSync(new URL(`../../samples/${name}`, import.meta.url))
    const reading = change(await readReport(bytes, { fileName: name }, registry))
    const input = {
      sha256,
      bytes: bytes.length,
      path: name,
      reader: `r${++saved}`,
      reading,
      seenAt: new Date(at.getTime() + saved),
    }
    await saveReading(store, registry, input)
    return sha256
  }
  const moved = (agency: string, year: number) => (reading: Reading) => ({
    ...reading,
    identity: { ...reading.identity, agency, year },
  })
  const ask = async (text: string) => {
    await store.sql.run('SET search_path = public')
    const rows = await store.sql.query(text)
    return rows.map((row) => ({ ...row, sum: row.sum === null ? null : Number(row.sum) }))
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gouji-totals-'))
    const target = carrier === 'embedded' ? join(folder, 'data') : await makeDatabase()
    store = await openStore(target, { blobs: join(folder, 'blobs'), connections: 1 })
  })
  afterAll(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('are the sums of the facts, whatever came, was revised and moved', async () => {
    for (const name of names) {
      await save(name, moved(`甲-${name}`, 2021))
      await save(name, moved(`乙-${name}`, 2022))
    }
    expect((await refreshTotals(store, at)).sort()).toEqual(expect.arrayContaining([2021, 2022]))
    expect(await ask(fromTotals)).toEqual(await ask(fromFacts))

    // A revision with other bytes, and a document that a newer reader finds to be on another year.
    await save('hongze-2023.html', moved('甲-rundong-2021.txt', 2021))
    const bytes = await save('huaian-2024.docx', moved('丙', 2021))
    await save('huaian-2024.docx', moved('丙', 2020), bytes)
    const outdated = await ask('SELECT DISTINCT year, outdated, NULL AS sum FROM totals ORDER BY year')
    expect(outdated).toEqual([
      { year: 2021, outdated: true, sum: null },
      { year: 2022, outdated: false, sum: null },
    ])
    await refreshTotals(store, at)
    expect(await ask(fromTotals)).toEqual(await ask(fromFacts))
    expect(await refreshTotals(store, at)).toEqual([])
  })

  it('of one year at a time where so much is asked for', async () => {
    await save('rundong-2021.txt', moved('丁', 2018))
    await save('rundong-2021.txt', moved('丁', 2017))
    expect(await refreshTotals(store, at, 1)).toEqual([2018])
    expect(await refreshTotals(store, at, 1)).toEqual([2017])
  })
})
