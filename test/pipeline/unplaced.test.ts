/** No figure of a report is dropped in silence, and one that belongs elsewhere spoils none that was read. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { unknownTables } from '../../src/forms/unknown.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const sample = (name: string): string => readFileSync(new URL(`../../samples/${name}`, import.meta.url), 'utf8')
const read = (text: string) => readReport(Buffer.from(text), { fileName: null }, registry)

describe('figures that went to no cell', () => {
  it('a row that lost its table is told, and the table keeps its figures', async () => {
    const page = sample('shanghai-office-2019.html')
    const whole = await read(page)
    const more = await read(`${page}<p>三、本年度办理结果 （一）予以公开 3 4 5</p>`)
    expect(whole.status).toBe('ok')
    expect(more.reason).toEqual({ code: 'unplaced_figures', data: { count: 3 } })
    expect(more.notices.find(({ code }) => code === 'unplaced_figure')?.data.text).toBe('3 4 5')
    expect(more.facts).toEqual(whole.facts)
  })

  it('a row of another table that shares a label spoils no figure', async () => {
    const page = sample('shanghai-office-2019.html')
    const other = '<table><tr><td>（一）予以公开</td><td>23</td></tr><tr><td>（七）总计</td><td>9</td></tr></table>'
    const [whole, more] = [await read(page), await read(page + other)]
    expect(more.status).toBe('partial')
    expect(more.facts).toEqual(whole.facts)
  })

  it('a label such as 3.其他 alone on its line does not end a table of spaces', async () => {
    const row = (label: string, figures: string): string => label + figures
    const text = [
      '贾汪区水务局2022年政府信息公开工作年度报告',
      '                    自然人  商业企业  科研机构  社会公益组织  法律服务机构  其他  总计',
      row('一、本年新收政府信息公开申请数量', '   1   2   3   4   5   6   21'),
      row('二、上年结转政府信息公开申请数量', '   1   2   3   4   5   6   21'),
      '（六）其他处理   1.申请人无正当理由逾期不补正',
      '                 3.其他',
      row('（七）总计      ', '                  1   2   3   4   5   6   21'),
      row('四、结转下年度继续办理', '             1   2   3   4   5   6   21'),
    ].join('\n')
    const { facts, notices } = await read(text)
    const values = facts.filter(({ code }) => code.startsWith('t3.total_processed.')).map(({ value }) => value)
    expect(values).toEqual([1, 2, 3, 4, 5, 6, 21])
    expect(notices.some(({ code }) => code === 'unplaced_figure')).toBe(false)
  })

  it.each([
    ['marks under it', '—'],
    ['nothing under it', ''],
  ])('a column that nobody knows may be one that seems to be missing: %s', async (_, text) => {
    const fees = (label: string): string =>
      `<table><tr><td>信息内容</td><td>${label}</td><td>本年增/减</td></tr><tr><td>行政事业性收费</td><td>${text}</td><td>0</td></tr></table>`
    const page = (label: string): string =>
      sample('shanghai-office-2019.html').replace(
        /<table(?:(?!<\/table>)[\s\S])*第二十条第（八）项[\s\S]*?<\/table>/,
        fees(label),
      )
    const { status, reason, facts, findings } = await read(page('年初项目数'))
    const [first] = facts.filter(({ code }) => code.startsWith('t2_art20_8.'))
    expect(first?.state).toBe('absent')
    expect([status, reason?.code]).toEqual(['partial', 'unreadable_cells'])
    const missing = findings.filter(({ rule }) => rule.endsWith('t2_art20_8_missing_cells'))
    expect(missing.map(({ fault }) => fault)).toEqual(['undecided'])
  })

  it('a page that gouji wrote is no report', async () => {
    const { status, reason } = await read(
      '<html><head><meta name="generator" content="gouji"></head><body><p>2023年政府信息公开工作年度报告</p></body></html>',
    )
    expect([status, reason?.code]).toEqual(['not_a_report', 'audit_report'])
  })
})

describe('a table that stands there as something else than text', () => {
  const page = sample('shanghai-office-2019.html')
  const tables = page.match(/<table[\s\S]*?<\/table>/g)!
  const third = tables.find((table) => table.includes('结转下年度继续办理'))!
  const faultsOf = async (text: string) => {
    const { status, reason, findings, notices } = await read(text)
    const missing = findings.filter(({ rule }) => rule === 'ogi2019.tables_complete').map(({ fault }) => fault)
    return {
      status,
      reason: reason?.code,
      missing,
      embedded: notices.flatMap(({ code, data }) => (code === 'table_embedded' ? [data.table] : [])),
    }
  }

  const shown = {
    picture: '<p><img src="/files/1.png" width="700"></p>',
    frame: '<iframe src="table.html"></iframe>',
    script: `<div id="t"></div><script>draw(${JSON.stringify(third)})</script>`,
  }
  for (const [what, markup] of Object.entries(shown)) {
    it(`is not missing where its section shows a ${what}`, async () => {
      expect(await faultsOf(page.replace(third, markup))).toEqual({
        status: 'partial',
        reason: 'tables_not_read',
        missing: ['reading'],
        embedded: ['t3'],
      })
    })
  }

  it('is read as far as sums tell where its rows stand as lines with figures and nothing between them', async () => {
    const lines = third
      .match(/<tr[\s\S]*?<\/tr>/g)!
      .map((row) => `<p>${row.replace(/<[^>]+>|\s|&nbsp;/g, '')}</p>`)
      .join('')
    expect(await faultsOf(page.replace(third, lines))).toMatchObject({
      status: 'partial',
      reason: 'unreadable_cells',
      missing: [],
    })
  })

  it('is kept as printed where its section shows a few figures in another table', async () => {
    const cells = [
      ['申请人情况', '自然人', '法人或其他组织'],
      ['本年新收政府信息公开申请数量', '12', '1'],
    ]
    const other = `<table>${cells.map((row) => `<tr><td>${row.join('</td><td>')}</td></tr>`).join('')}</table>`
    const text = page.replace(third, other)
    expect(await faultsOf(text)).toMatchObject({
      status: 'partial',
      reason: 'unplaced_figures',
      missing: ['undecided'],
    })
    const { notices } = await read(text)
    expect(unknownTables(notices).map(({ rows }) => rows)).toEqual([cells])
    const counter = page.replace(third, '') + other.replace('本年新收政府信息公开申请数量', '访问人数')
    expect((await faultsOf(counter)).missing).toEqual(['report'])
  })

  it('is missing where pictures stand only elsewhere', async () => {
    const logo = `<p><img src="/logo.png"></p>${page.replace(third, '')}<p><script>share("微信")</script></p>`
    expect(await faultsOf(logo)).toEqual({ status: 'ok', reason: undefined, missing: ['report'], embedded: [] })
  })
})
