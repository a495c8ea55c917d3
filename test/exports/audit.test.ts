/** The audit report of real samples: what it shows of findings and of what was not read, and that its styles do not mix. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { load } from 'cheerio'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browser as browserProgram, needProgram } from '../../scripts/packages.mjs'
import { html as format } from '../../src/exports/audit/page.ts'
import { timeSaid } from '../../src/messages/time.ts'
import type { Finding, Localisation } from '../../src/model.ts'
import { decide, listFindings, standingStates } from '../../src/store/findings.ts'
import type { Store } from '../../src/store/open.ts'
import { auditedStore, requestOf, wholeOf } from './audited.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'gouji-audit-'))
const css = readFileSync(new URL('../../src/exports/audit/report.css', import.meta.url), 'utf8')
const cause = { code: 'total_not_updated' as const, cells: [], power: null }
const meant: Localisation = {
  broken: ['ogi2021.t4_review_total'],
  explanations: [
    {
      changes: [{ code: 't4.cases.review_total', printed: 0, implied: 11, range: [11, 11], cause }],
      fills: [],
      weight: 2,
      cause,
    },
    {
      changes: [{ code: 't4.cases.review_other', printed: 0, implied: null, range: [1, null], cause: null }],
      fills: [],
      weight: 2,
      cause: null,
    },
  ],
  complete: false,
}
let store: Store
let html = ''

beforeAll(async () => {
  const files = ['hongze-2023.html', 'pingtan-2018.html', 'rundong-2021.txt', 'shanghai-office-2019.html']
  const lost = '<p>三、本年度办理结果 （一）予以公开 3 4 5</p>'
  const change = (finding: Finding): Finding =>
    finding.rule === 'ogi2021.t4_review_total' ? { ...finding, meant } : finding
  store = await auditedStore(path.join(folder, 'store'), files, change, { 'shanghai-office-2019.html': lost })
  html = (await wholeOf(format, requestOf(store))).toString()
})

afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

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
    expect(partial.find('.inside > p').text()).toMatch(/form/)
    expect(partial.find('.notices li').length).toBeGreaterThan(0)
  })

  it('lists in each report the figures of its source that went to no cell', () => {
    const page = load(html)
    const lists = page('details.report:has(.finding):has(h4)')
    expect(lists.find('.notices .en').text()).toContain('“3 4 5”')
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

  it('says what may have been meant, that there are several ways, and that there may be more', () => {
    const page = load(html)
    const said = page('.finding .meant li .en')
      .map((_, one) => page(one).text())
      .get()
    expect(said.slice(0, 4)).toEqual([
      'There are 2 simple ways to make the figures add up; which one is right cannot be told:',
      'The figures would add up if Table 4, Review: total were 11 (printed: 0) (total not updated).',
      'The figures would add up if Table 4, Review: other result were 1 or more (printed: 0).',
      'There may be other ways.',
    ])
    expect(page('.finding .meant').length).toBe(2)
  })

  it('shows states and fault, has an anchor for each agency, and leads to it', () => {
    const page = load(html)
    expect(page('.finding.error .state .en').first().text()).toBe('open')
    expect(page('.finding.error .fault').first().text()).toContain('the report')
    const link = page('.matrix th a').first().attr('href')!
    expect(page(`h3${link}`).text()).toBe(page('.matrix th a').first().text())
  })

  it('leaves out what was dismissed and says so, calls nothing clean for it, and shows it where it is asked for', async () => {
    const { value: first } = await listFindings(store, { severity: ['error'] }).next()
    await decide(store, first!, { action: 'dismissed', reason: '<i>checked', by: 'me', at: new Date(0) })
    const usual = load(await wholeOf(format, requestOf(store, { filter: { state: standingStates } })))
    expect(usual(`article:contains(${first!.id})`).length).toBe(0)
    expect(usual('.asked').text()).toContain('Dismissed findings are left out.')
    expect(usual('.report .asked .zh').text()).toContain('未列出的问题')
    expect(usual('.report .asked').text()).toContain(': 1')
    const errors = { severity: ['error'] as const, state: ['open'] as const }
    const some = load(await wholeOf(format, requestOf(store, { filter: { ...errors, rule: 'none.such' } })))
    expect(some('.finding').length).toBe(0)
    const titles = some('h2 .en')
      .map((_, one) => some(one).text())
      .get()
    expect(titles).toContain('Reports whose findings are not shown here')
    const all = load(await wholeOf(format, requestOf(store)))
    const shown = all(`article:contains(${first!.id})`)
    expect(shown.find('.state .en').text()).toBe('dismissed')
    expect(shown.find('.decision').text()).toContain(
      `dismissed: me, ${timeSaid(new Date(0).toISOString())} — <i>checked`,
    )
  })

  it('prints every finding on paper, those of closed reports too', async () => {
    const browser: Browser = await chromium.launch({ executablePath: needProgram(browserProgram) })
    try {
      const page = await browser.newPage()
      await page.setContent(html.replaceAll('<details class="report panel" open', '<details class="report panel"'))
      await page.emulateMedia({ media: 'print' })
      const heights = await page
        .locator('article.finding')
        .evaluateAll((all) => all.map((one) => (one as unknown as { offsetHeight: number }).offsetHeight))
      expect(heights.length).toBe(load(html)('article.finding').length)
      expect(heights.every((height) => height > 20)).toBe(true)
      // A4 upright, less the margins: no table may be wider, since paper does not scroll.
      await page.setViewportSize({ width: 700, height: 1030 })
      for (const lang of ['zh', 'en']) {
        await page
          .locator(`label[for="lang-${lang}"]`)
          .evaluate((label) => (label as unknown as { click(): void }).click())
        await page.locator('details').evaluateAll((all) => {
          for (const one of all) one.setAttribute('open', '')
        })
        const wide = await page
          .locator('.scroll')
          .evaluateAll((all) =>
            all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent?.slice(0, 80)),
          )
        expect(wide).toEqual([])
      }
    } finally {
      await browser.close()
    }
  })
})
