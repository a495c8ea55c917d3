/** What forms have in common, and what no form knows, as researchers get it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Field } from '../../src/exports/format.ts'
import { exportTables } from '../../src/exports/tables.ts'
import { readCrosswalk } from '../../src/forms/crosswalk.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { listForms, saveReading } from '../../src/store/reports.ts'

const registry = loadRegistry()
const files = ['shanghai-office-2019.html', 'hongze-2023.html', 'huaian-2024.docx', 'pingtan-2018.html']

type Row = Readonly<Record<string, Field>>

let folder = ''
let store: Store

async function rowsOf(name: string): Promise<Row[]> {
  const table = exportTables(store, registry).find((one) => one.name === name)!
  const rows: Row[] = []
  for await (const row of table.rows())
    rows.push(Object.fromEntries(table.columns.map((column, index) => [column, row[index] ?? null])))
  return rows
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-series-'))
  store = await openStore(join(folder, 'store'))
  const [table] = registry.byId.get('ogi_2014')!.definition.tables
  const lines = table!.rows.map((row, index) => [row.labels[0], row.unit ?? '', row.abstract ? '' : index])
  const annex = `宿迁市商务局2017年政府信息公开工作年度报告\n\n${[['统计指标', '单位', '统计数'], ...lines].map((line) => line.join('\t')).join('\n')}\n`
  const texts = new Map<string, Uint8Array>([['annex.txt', new TextEncoder().encode(annex)]])
  for (const name of files) texts.set(name, readFileSync(new URL(`../../samples/${name}`, import.meta.url)))
  for (const [name, bytes] of texts) {
    const reading = await readReport(bytes, { fileName: name }, registry)
    const sha256 = Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64)
    await saveReading(store, registry, {
      sha256,
      bytes: bytes.length,
      path: name,
      reader: 'test',
      reading,
      seenAt: new Date(Date.UTC(2026, 0, 1)),
    })
  }
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the crosswalk', () => {
  it('names cells of every form it speaks of, and says why', async () => {
    const rows = await rowsOf('crosswalk')
    for (const { form, code } of rows) expect(registry.byId.get(String(form))?.indexByCode.has(String(code))).toBe(true)
    expect(new Set(rows.map(({ form }) => form))).toEqual(new Set(['ogi_2014', 'ogi_2019', 'ogi_2021']))
    for (const { reason_zh, reason_en } of rows) {
      expect(reason_zh).toMatch(/[\u4e00-\u9fff]/)
      expect(String(reason_en).length).toBeGreaterThan(10)
    }
  })

  it('refuses a cell that is none', () => {
    const json = JSON.stringify({
      series: [{ code: 'x', forms: { ogi_2021: ['t3.nobody.total'], ogi_1999: ['a.b.c'] } }],
    })
    expect(() => readCrosswalk('crosswalk.json', json, registry.byId)).toThrow(/form_invalid.*ogi_2021\/0.*ogi_1999\/0/)
  })
})

describe('series', () => {
  it('join the forms; tables count by their own form; blanks give no figure', async () => {
    const rows = await rowsOf('series')
    const get = (year: number, series: string) => rows.filter((row) => row.year === year && row.series === series)
    const annexRow = (code: string): number =>
      registry.byId.get('ogi_2014')!.definition.tables[0]!.rows.findIndex((row) => row.code === code)
    expect(get(2017, 'granted')).toMatchObject([
      { form: 'ogi_2014', value: annexRow('answered_already_public') + annexRow('answered_granted'), state: 'number' },
    ])
    expect(get(2019, 'requests_received')).toMatchObject([{ form: 'ogi_2019', value: 859 }])
    // Its total column is blank where the agency left it blank: nothing is made up.
    expect(get(2019, 'partially_granted')).toMatchObject([{ form: 'ogi_2019', value: null, state: 'blank' }])
    // A report on the form of 2021 whose table 3 is that of 2019: one row for other handling, not three.
    expect(get(2023, 'other_handling')).toMatchObject([{ form: 'ogi_2019', codes: 't3.other.total' }])
    expect(get(2023, 'licence_decisions')).toMatchObject([{ form: 'ogi_2021' }])
    expect(get(2024, 'other_handling')).toMatchObject([{ form: 'ogi_2021', state: 'number' }])
    const incomparable = registry.crosswalk.filter(({ comparability }) => comparability === 'not_comparable')
    for (const { code } of incomparable) expect(rows.filter(({ series }) => series === code)).toEqual([])
    const facts = new Map((await rowsOf('facts')).map((fact) => [`${fact.report} ${fact.code}`, fact.value]))
    for (const { report, value, codes } of rows.filter(({ state }) => state === 'number')) {
      const sum = String(codes)
        .split(' ')
        .reduce((total, code) => total + Number(facts.get(`${report} ${code}`)), 0)
      expect(value).toBe(sum)
    }
  })
})

describe('tables of no known form', () => {
  it('are exported as printed, cell by cell', async () => {
    const rows = (await rowsOf('unknown_tables')).filter(({ year }) => year === 2018)
    expect(rows.length).toBe(64)
    expect(rows.slice(4, 8).map(({ row, column, text }) => [row, column, text])).toEqual([
      [2, 1, '主动公开文件数'],
      [2, 2, '条'],
      [2, 3, '2069'],
      [2, 4, '12106'],
    ])
    expect(await listForms(store)).toEqual(['ogi_2014', 'ogi_2019', 'ogi_2021'])
  })
})
