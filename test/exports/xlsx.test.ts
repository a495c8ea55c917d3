/** The workbook of real samples, read back by another library: figures exact, text as text, heads frozen, nothing cut. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { read, type WorkBook } from '@e965/xlsx'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { workbookReportsMax, xlsx } from '../../src/exports/audit/xlsx.ts'
import type { Finding, Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { listFindings } from '../../src/store/findings.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { listReports, loadFacts, saveReading } from '../../src/store/reports.ts'
import { auditedStore, registry, requestOf, wholeOf } from './audited.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'gouji-xlsx-'))
let store: Store

beforeAll(async () => {
  store = await auditedStore(path.join(folder, 'store'))
})

afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

function cellsOf(workbook: WorkBook): { sheet: string; at: string; v: unknown; t: string; f?: string }[] {
  return workbook.SheetNames.flatMap((sheet) =>
    Object.entries(workbook.Sheets[sheet]!).flatMap(([at, cell]) =>
      at.startsWith('!') ? [] : [{ sheet, at, ...cell }],
    ),
  )
}

function rowsOf(workbook: WorkBook, index: number): unknown[][] {
  const rows: unknown[][] = []
  for (const { at, v, sheet } of cellsOf(workbook)) {
    if (sheet !== workbook.SheetNames[index]) continue
    const [, letters = '', row = ''] = /^([A-Z]+)(\d+)$/.exec(at)!
    const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
    const line = rows[Number(row) - 1] ?? []
    line[column] = v
    rows[Number(row) - 1] = line
  }
  return rows
}

describe('the workbook', () => {
  it('lists every finding with its figures exactly', async () => {
    const workbook = read(await wholeOf(xlsx, requestOf(store)))
    const [heads = [], ...rows] = rowsOf(workbook, 1)
    const found = []
    for await (const finding of listFindings(store)) found.push(finding)
    expect(rows.map((row) => row[0])).toEqual(found.map(({ id }) => id))
    for (const [name, key] of [
      ['printed', 'actual'],
      ['computed', 'expected'],
      ['Difference', 'difference'],
    ] as const) {
      const column = heads.indexOf(name)
      expect(rows.map((row) => row[column] ?? null)).toEqual(found.map((finding) => finding[key]))
    }
    expect(found.map(({ difference }) => difference)).toEqual(expect.arrayContaining([-11, -5]))
  })

  it('prints the tables concerned with every figure of theirs, and the cell in question coloured', async () => {
    const bytes = await wholeOf(xlsx, requestOf(store))
    const workbook = read(bytes, { cellStyles: true })
    const name = workbook.SheetNames.find((each) => each.includes('洪泽'))!
    const own = cellsOf(workbook).filter(({ sheet }) => sheet === name)
    for await (const report of listReports(store, { agency: '洪泽' })) {
      const facts = (await loadFacts(store, report.reading)).filter(({ code }) => code.startsWith('t4.'))
      const numbers = own.filter(({ t }) => t === 'n').map(({ v }) => v)
      expect(numbers).toEqual(facts.map(({ value }) => value))
    }
    const coloured = Object.entries(workbook.Sheets[name]!).filter(([, cell]) => cell.s?.fgColor?.rgb === 'FBD5D2')
    expect(coloured.map(([, cell]) => cell.v)).toEqual([0, 0])
  })

  it('freezes the heads', async () => {
    const files = unzipSync(new Uint8Array(await wholeOf(xlsx, requestOf(store))))
    for (const number of [1, 2, 3]) {
      const sheet = new TextDecoder().decode(files[`xl/worksheets/sheet${number}.xml`])
      expect(sheet).toMatch(/<pane [^>]*ySplit="1"[^>]*state="frozen"/)
    }
  })

  it('refuses what one workbook cannot hold, says what to do, and splits it without losing a report', async () => {
    const many = await openStore(path.join(folder, 'many'))
    const [base] = await Promise.all([readReport(new TextEncoder().encode(''), { fileName: 'a.txt' }, registry)])
    const finding: Finding = {
      ...{
        key: 'k',
        rule: 'none.of_these',
        severity: 'info',
        fault: 'report',
        codes: [],
        expected: null,
        actual: null,
      },
      ...{ difference: null, terms: [], quotes: [], meant: null, data: {} },
    }
    const count = workbookReportsMax + 5
    for (let index = 0; index < count; index++) {
      const identity: Reading['identity'] = { agency: `A${index}`, year: 2023, title: null, evidence: [] }
      const reading: Reading = { ...base!, status: 'ok', reason: null, identity, findings: [finding] }
      const sha256 = String(index).padStart(64, '0')
      await saveReading(many, registry, {
        sha256,
        bytes: 1,
        path: `${index}.html`,
        reader: 'r',
        reading,
        seenAt: new Date(0),
      })
    }
    await expect(wholeOf(xlsx, requestOf(many))).rejects.toMatchObject({
      code: 'workbook_too_large',
      data: { reports: count, max: workbookReportsMax },
    })
    const agencies: unknown[] = []
    let files = 0
    for await (const { pieces } of xlsx.split!(requestOf(many))) {
      files++
      for await (const piece of pieces) {
        const workbook = read(piece)
        agencies.push(
          ...rowsOf(workbook, 0)
            .slice(1)
            .map(([agency]) => agency),
        )
        expect(workbook.SheetNames.length).toBe(rowsOf(workbook, 1).length + 1)
      }
    }
    await many.close()
    expect(files).toBe(2)
    expect(new Set(agencies)).toEqual(new Set(Array.from({ length: count }, (_, index) => `A${index}`)))
    expect(agencies).toHaveLength(count)
  })
})
