/** Bad input: each ends as a failure with a reason or as an ordinary document, within its limits, and never throws. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import type { ParseResult } from '../../parsers/document.ts'
import { parse } from '../../parsers/index.ts'
import { limits } from '../../parsers/limits.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { makeDocx } from '../generator/render/docx.ts'

const registry = loadRegistry()
const samples = new URL('../../samples/', import.meta.url)
const sample = (name: string) => readFileSync(new URL(name, samples))
const read = (bytes: Uint8Array, fileName = 'report.html') => readReport(bytes, { fileName }, registry)
const body = (inner: string) =>
  `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${inner}</w:body></w:document>`

function reasonOf(result: ParseResult): string {
  return result.ok ? 'ok' : `${result.reason} ${result.data.limit ?? result.data.kind ?? ''}`.trim()
}

describe('what is no report', () => {
  it.each([
    ['an empty file', '', 'empty_file'],
    ['white space', ' \n\t ', 'empty_file'],
  ])('%s', async (_, text, reason) => {
    expect(await read(Buffer.from(text))).toMatchObject({ status: 'failed', reason: { code: reason } })
  })

  it('a picture renamed .html is known by its bytes', async () => {
    const jpeg = Buffer.concat([Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'), Buffer.alloc(500, 7)])
    expect(await read(jpeg, 'report.html')).toMatchObject({
      status: 'failed',
      reason: { code: 'picture_without_engine', data: { kind: 'jpeg' } },
    })
  })

  it('binary noise', async () => {
    const noise = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 197 + (index >> 3) * 31) % 256))
    expect((await read(noise, 'report.txt')).reason?.code).toBe('binary_noise')
  })

  it('a login page', async () => {
    const page =
      '<html><title>统一身份认证</title><body><form>用户名<input name=u>密码<input type=password>验证码<button>登录</button></form></body></html>'
    expect(await read(Buffer.from(page))).toMatchObject({ status: 'not_a_report', reason: { code: 'login_page' } })
  })

  it('another kind of report', async () => {
    const page = '<h1>青河市2023年度法治政府建设工作报告</h1><p>一、主要做法</p><p>……</p>'
    expect(await read(Buffer.from(page))).toMatchObject({ status: 'not_a_report', reason: { code: 'other_report' } })
  })

  it('a report without its tables is a report that lacks them', async () => {
    const page = '<h1>青河市水利局2023年政府信息公开工作年度报告</h1><p>一、总体情况</p><p>本年度无有关情况。</p>'
    const reading = await read(Buffer.from(page))
    expect(reading).toMatchObject({ status: 'partial', reason: { code: 'no_tables' } })
    expect(reading.identity).toMatchObject({ agency: '青河市水利局', year: 2023 })
  })

  it('two reports in one file are refused, not mixed', async () => {
    const one = sample('rundong-2021.txt').toString()
    const two = one
      .replaceAll('润东区管委会', '润西区管委会')
      .replace('新收政府信息公开申请数量\t\t0', '新收政府信息公开申请数量\t\t5')
    const reading = await read(Buffer.from(`${one}\n${two}`), 'a.txt')
    expect(reading).toMatchObject({ status: 'failed', reason: { code: 'several_reports' }, facts: [] })
  })

  it('a page of links is no report', async () => {
    const links = Array.from(
      { length: 12 },
      (_, year) => `<li><a href="/${year}">${2010 + year}年度报告</a></li>`,
    ).join('')
    expect((await read(Buffer.from(`<title>政府信息公开年报</title><ul>${links}</ul>`))).status).toBe('not_a_report')
  })
})

describe('limits fire', () => {
  it('a million nested tags', async () => {
    const page = '<div>'.repeat(1_000_000)
    expect(reasonOf(await parse(Buffer.from(page)))).toMatch(/^limit_exceeded markup(Depth|Tags)Max$/)
  })

  it('more tags than any page has', async () => {
    const page = `<p>${'<b></b>'.repeat(limits.markupTagsMax)}`
    expect(reasonOf(await parse(Buffer.from(page)))).toBe('limit_exceeded markupTagsMax')
  })

  it('unclosed tags of ordinary broken pages do not count as depth', async () => {
    const page = `<table>${'<tr><td><p>1<li>2<br>'.repeat(2_000)}</table>`
    expect(reasonOf(await parse(Buffer.from(page)))).toBe('ok')
  })

  it('200 MB of tabs', async () => {
    expect(reasonOf(await parse(Buffer.alloc(200 * 1024 * 1024, '\t')))).toBe('limit_exceeded documentBytesMax')
  })

  it('but not for a hundred thousand rows of text', async () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => `${index},x,5`).join('\n')
    expect((await read(Buffer.from(rows), 'rows.csv')).status).toBe('not_a_report')
  })

  it('a line of more fields than any table has', async () => {
    const line = '1\t'.repeat(limits.lineFieldsMax + 10)
    expect(reasonOf(await parse(Buffer.from(`a\tb\n${line}\n${line}`)))).toBe('limit_exceeded lineFieldsMax')
  })

  it.each(['colspan', 'rowspan'])('%s of a thousand million', async (name) => {
    const page = `<table><tr><td ${name}=1000000000>表</td><td>1</td></tr><tr><td>2</td></tr></table>`.repeat(50)
    const result = await parse(Buffer.from(page))
    if (!result.ok) throw new Error(reasonOf(result))
    for (const block of result.document.blocks) {
      if (block.kind === 'grid') expect(block.rowCount * block.columnCount).toBeLessThan(20)
    }
  })

  it('gridSpan of a thousand million', async () => {
    const cell = '<w:tc><w:tcPr><w:gridSpan w:val="1000000000"/></w:tcPr><w:p><w:r><w:t>表</w:t></w:r></w:p></w:tc>'
    const result = await parse(makeDocx(body(`<w:tbl><w:tr>${cell}<w:tc><w:p/></w:tc></w:tr></w:tbl>`)))
    expect(reasonOf(result)).toBe('ok')
  })

  it('a grid larger than any table', async () => {
    const row = `<tr>${'<td>1</td>'.repeat(700)}</tr>`
    expect(reasonOf(await parse(Buffer.from(`<table>${row.repeat(300)}</table>`)))).toBe('limit_exceeded cellsMax')
  })

  it('a zip bomb in a DOCX', async () => {
    const bomb = zipSync({
      '[Content_Types].xml': strToU8('<Types/>'),
      'word/document.xml': new Uint8Array(limits.archiveEntryBytesMax + 1),
    })
    expect(bomb.length).toBeLessThan(1_000_000)
    expect(reasonOf(await parse(bomb))).toBe('limit_exceeded archiveEntryBytesMax')
  })

  it('an archive that packs better than any document', async () => {
    const bomb = zipSync({ 'word/document.xml': new Uint8Array(limits.archiveRatioFloorBytes + 1) })
    expect(reasonOf(await parse(bomb))).toBe('limit_exceeded archiveRatioMax')
  })

  it('more entries than any document', async () => {
    const names = Array.from({ length: limits.archiveEntriesMax + 1 }, (_, index) => [
      `word/${index}.xml`,
      new Uint8Array(1),
    ])
    const bytes = zipSync({ ...Object.fromEntries(names), 'word/document.xml': strToU8(body('')) })
    expect(reasonOf(await parse(bytes))).toBe('limit_exceeded archiveEntriesMax')
  })

  it('external entities are never expanded', async () => {
    const xml = `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>${body('<w:p><w:r><w:t>&e;</w:t></w:r></w:p>')}`
    expect(reasonOf(await parse(makeDocx(xml)))).toBe('damaged')
  })

  it('a DOCX in which one figure was damaged gives no figure', async () => {
    const bytes = makeDocx(body('<w:p><w:r><w:t>1234567</w:t></w:r></w:p>'))
    const stored = zipSync(unzipSync(bytes), { level: 0 })
    expect(reasonOf(await parse(stored))).toBe('ok')
    stored[Buffer.from(stored).indexOf('1234567')] = 0x39
    expect(reasonOf(await parse(stored))).toBe('damaged')
  })

  it('a truncated DOCX and one whose XML is broken', async () => {
    const bytes = sample('huaian-2024.docx')
    for (const cut of [200, 5_000, bytes.length - 400])
      expect(reasonOf(await parse(bytes.subarray(0, cut)))).not.toBe('ok')
    expect(reasonOf(await parse(makeDocx('<w:document><w:body>')))).toBe('damaged')
  })
})

describe('parse', () => {
  it('survives any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (bytes) => {
        expect(typeof (await parse(bytes)).ok).toBe('boolean')
      }),
      { numRuns: 300 },
    )
  })

  it('survives mutations of real reports, and nothing it reads is made up', async () => {
    const files = ['rundong-2021.txt', 'hongze-2023.html', 'huaian-2024.docx'].map((name) => sample(name))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 30 }),
        async (file, changes) => {
          const bytes = Uint8Array.from(file)
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte
          const reading = await readReport(bytes, { fileName: null }, registry)
          for (const fact of reading.facts) if (fact.state !== 'absent') expect(fact.anchor).not.toBeNull()
        },
      ),
      { numRuns: 60 },
    )
  })

  it('grids tile whatever spans a page claims', async () => {
    const cell = fc.record({
      text: fc.string({ maxLength: 4 }),
      row: fc.integer({ min: 0, max: 5 }),
      column: fc.integer({ min: 0, max: 5 }),
    })
    const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(rows, async (made) => {
        const html = made.map(
          (row) => `<tr>${row.map((one) => `<td rowspan=${one.row} colspan=${one.column}>x</td>`).join('')}</tr>`,
        )
        const result = await parse(Buffer.from(`<table>${html.join('')}</table>`))
        if (!result.ok) throw new Error(reasonOf(result))
        for (const grid of result.document.blocks) {
          if (grid.kind !== 'grid') continue
          const places = new Set<number>()
          let covered = 0
          for (const { row, column, rowSpan, columnSpan } of grid.cells) {
            for (let y = row; y < row + rowSpan; y++) {
              for (let x = column; x < column + columnSpan; x++) {
                places.add(y * grid.columnCount + x)
                covered++
              }
            }
          }
          expect(covered).toBe(grid.rowCount * grid.columnCount)
          expect(places.size).toBe(covered)
        }
      }),
    )
  })
})
