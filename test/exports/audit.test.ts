/** The audit report of real samples: what it shows of findings and of what was not read, and that its styles do not mix. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditPage } from '../../src/exports/audit/page.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readerVersion, readReport } from '../../src/pipeline/read.ts'
import { openStore } from '../../src/store/open.ts'
import { saveReading } from '../../src/store/reports.ts'

const registry = loadRegistry()
const folder = mkdtempSync(path.join(tmpdir(), 'gouji-audit-'))
const css = readFileSync(new URL('../../src/exports/audit/report.css', import.meta.url), 'utf8')
let html = ''

beforeAll(async () => {
  const store = await openStore(path.join(folder, 'store'))
  for (const [index, file] of ['hongze-2023.html', 'pingtan-2018.html', 'rundong-2021.txt'].entries()) {
    const bytes = readFileSync(new URL(`../../samples/${file}`, import.meta.url))
    const reading = await readReport(bytes, { fileName: file }, registry)
    const sha256 = String(index).repeat(64)
    const seenAt = new Date(2026, 0, 2)
    await saveReading(store, registry, {
      sha256,
      bytes: bytes.length,
      path: `<b>${file}`,
      reader: readerVersion(registry),
      reading,
      seenAt,
    })
  }
  for await (const piece of auditPage(store, registry, { lang: 'en', version: '1' })) html += piece
  await store.close()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the audit report', () => {
  it('shows the formula with its figures, the difference, and the cell in question', () => {
    const page = load(html)
    const finding = page('.finding.error').first()
    expect(
      finding
        .find('.operand b')
        .map((_, one) => page(one).text())
        .get(),
    ).toEqual(['10', '1', '0', '0', '0'])
    expect(finding.find('.difference b').text()).toBe('−11')
    const marked = page('.sheet td.printed.error').first()
    expect(marked.attr('title')).toMatch(/^t4\.cases\.review_total — table\[/)
    expect(marked.clone().children('sup').remove().end().text()).toBe('0')
  })

  it('calls a report clean only where all of it was read, and says why another was read in part', () => {
    const page = load(html)
    expect(page('.card, .cards li').eq(1).find('b').text()).toBe('1')
    const partial = page('details.report').filter((_, one) => page(one).find('.notices').length > 0)
    expect(partial.length).toBe(1)
    expect(partial.find('.inside > p').text()).toMatch(/form/)
    expect(partial.find('.notices li').length).toBeGreaterThan(0)
  })

  it('shows names as text, whatever they hold', () => {
    expect(html).not.toContain('<b>hongze')
    expect(html).toContain('&lt;b&gt;hongze')
  })

  it('gives the classes of states and roles a look inside tables and formulas only', () => {
    for (const name of ['number', 'blank', 'mark', 'absent', 'unreadable', 'printed', 'term']) {
      expect(css).not.toMatch(new RegExp(`^\\.${name}\\b`, 'm'))
    }
  })
})
