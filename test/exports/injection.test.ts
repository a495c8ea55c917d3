/**
 * Text of documents in every format of the audit report: whatever an agency's name, a quotation or a path says, it is
 * never a formula, markup or HTML.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { read } from '@e965/xlsx'
import { load } from 'cheerio'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { html } from '../../src/exports/audit/page.ts'
import { csvAudit } from '../../src/exports/audit/rows.ts'
import { sarif } from '../../src/exports/audit/sarif.ts'
import { xlsx } from '../../src/exports/audit/xlsx.ts'
import { letter } from '../../src/exports/letter/index.ts'
import type { Finding, Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { openStore } from '../../src/store/open.ts'
import { saveReading } from '../../src/store/reports.ts'
import { registry, requestOf, wholeOf } from './audited.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'gouji-injection-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const dangerous = [
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '_x0041_',
  '=HYPERLINK("http://x","y")',
  "'=1",
  '<f>1</f>',
  '\r\n',
]
const markup = [
  ...['valueOf', '__proto__', 'constructor'],
  ']]>',
  '<script>alert(1)</script>',
  '" onload="x',
  '](javascript:x)',
  '![x](y)',
  '# x',
  '1. x',
  '- x',
  '| x |',
  '`x`',
  '&lt;b&gt;',
]
const text = fc.oneof(
  fc.constantFrom(...dangerous, ...markup),
  fc
    .tuple(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '<', '|', ''), fc.string({ unit: 'binary', maxLength: 40 }))
    .map((parts) => parts.join('')),
)
/** The database holds no NUL and no half of a character. */
const storable = text.map((one) => one.replace(/\0|\p{Surrogate}/gu, '') || 'x')
type Hostile = { readonly agency: string; readonly quote: string; readonly origin: string }
const hostile = fc.uniqueArray(fc.record({ agency: storable, quote: storable, origin: storable }), {
  minLength: 25,
  maxLength: 40,
  selector: ({ agency }) => agency,
})

function findingOf(quote: string): Finding {
  return {
    ...{ key: 'k', rule: 'none.of_these', severity: 'error', fault: 'report', codes: ['t4.cases.review_total'] },
    ...{ expected: 0.1, actual: 0.30000000000000004, difference: 0.2, terms: [], meant: null, data: {} },
    quotes: [{ text: quote, sentence: quote, anchor: null }],
  }
}

async function reportsOf(given: readonly Hostile[], place: string) {
  const store = await openStore(place)
  const empty = await readReport(new TextEncoder().encode(''), { fileName: 'a.txt' }, registry)
  for (const [index, { agency, quote, origin }] of given.entries()) {
    const identity: Reading['identity'] = { agency, year: 2023, title: quote, evidence: [] }
    const reading: Reading = { ...empty, status: 'ok', reason: null, identity, findings: [findingOf(quote)] }
    const sha256 = String(index).padStart(64, '0')
    await saveReading(store, registry, { sha256, bytes: 1, path: origin, reader: 'r', reading, seenAt: new Date(0) })
  }
  const request = requestOf(store)
  const made = {
    xlsx: await wholeOf(xlsx, request),
    csv: (await wholeOf(csvAudit, request)).toString(),
    html: (await wholeOf(html, request)).toString(),
    sarif: (await wholeOf(sarif, request)).toString(),
    letters: [] as string[],
  }
  for await (const { pieces } of letter.split!({ ...request, extension: 'md' }))
    for await (const piece of pieces) made.letters.push(String(piece))
  await store.close()
  return made
}

/** A text as the reader of workbooks hands it out: it takes the two characters of a line break for one, escaped or not. */
function lineBreaksRead(said: string): string {
  return said.replaceAll('\r\n', '\n')
}

/** What a format that joins lines or drops what HTML forbids leaves of a text. */
function visible(said: string): string {
  return said.replace(/[\p{Cc}\u2028\u2029\s]+/gu, '')
}

describe('text of documents in the audit report', () => {
  it('is text in workbooks, CSV, pages, letters and SARIF', async () => {
    let number = 0
    await fc.assert(
      fc.asyncProperty(hostile, async (given) => {
        const made = await reportsOf(given, path.join(folder, `store-${number++}`))
        const all = given.flatMap(({ agency, quote, origin }) => [agency, quote, origin])

        const cells = Object.values(read(made.xlsx).Sheets).flatMap((sheet) =>
          Object.entries(sheet).flatMap(([at, cell]) => (at.startsWith('!') ? [] : [cell])),
        )
        expect(cells.filter(({ f }) => f !== undefined)).toEqual([])
        const texts = new Set(cells.filter(({ t }) => t === 's').map(({ v }) => v))
        expect(all.filter((one) => !texts.has(lineBreaksRead(one)))).toEqual([])
        const figures = new Set(cells.filter(({ t }) => t === 'n').map(({ v }) => v))
        expect([0.1, 0.30000000000000004, 0.2].filter((one) => !figures.has(one))).toEqual([])

        const rows: string[][] = parse(made.csv)
        expect(rows).toHaveLength(given.length + 1)
        expect(
          rows.flat().filter((field) => /^[=+\-@\t\r＝＋－＠]/.test(field) && !Number.isFinite(Number(field))),
        ).toEqual([])

        const page = load(made.html)
        expect(page('script, f, img, [onload]').length).toBe(0)
        expect(page('article.finding').length).toBe(given.length)
        const quotes = page('blockquote')
          .map((_, one) => visible(page(one).text()))
          .get()
        expect([...quotes].sort()).toEqual(given.map(({ quote }) => visible(quote)).sort())

        expect(made.letters).toHaveLength(given.length)
        for (const one of made.letters) {
          expect(one).not.toMatch(/<[a-z/!?]/i)
          expect(one.match(/^#{1,6} .*$/gm)).toHaveLength(4)
          expect(one).not.toMatch(/(?<!\\)(?:\]\(|!\[)/)
        }

        const { results } = JSON.parse(made.sarif).runs[0]
        expect(new Set(results.map(({ properties }: { properties: { agency: string } }) => properties.agency))).toEqual(
          new Set(given.map(({ agency }) => agency)),
        )
      }),
      { numRuns: 3, endOnFailure: true },
    )
  })
})
