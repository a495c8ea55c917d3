/** What stands before or behind every line of a text, and in place of what has no content: none of it is the report's. */
import { readFileSync } from 'node:fs'
import iconv from 'iconv-lite'
import { describe, expect, it } from 'vitest'
import { parse } from '../../parsers/index.ts'
import { withoutMargins } from '../../parsers/margins.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const text = readFileSync(new URL('../../samples/rundong-2021.txt', import.meta.url), 'utf8')
const lines = text.split('\n')
const read = (bytes: Uint8Array | string) => readReport(Buffer.from(bytes), { fileName: null }, registry)

describe('a text with something before or behind each line', () => {
  it.each<[string, (line: string, index: number) => string]>([
    ['quoted in a mail', (line) => `> ${line}`],
    ['quoted twice', (line) => `> > ${line}`],
    ['numbered by a pager', (line, index) => `${String(index + 1).padStart(6)}\t${line}`],
    ['numbered with a mark', (line, index) => `${index + 1}: ${line}`],
    ['indented by a tab', (line) => `\t${line}`],
    ['added to a file', (line) => `+${line}`],
    ['a tab at the end', (line) => `${line}\t`],
    ['characters without width', (line) => `\ufeff${line.replace(/(\p{Script=Han})/gu, '$1\u200b')}\u200c`],
  ])('%s', async (_, change) => {
    const reading = await read(lines.map(change).join('\n'))
    expect(reading.identity).toMatchObject({ agency: '润东区管委会', year: 2021 })
    expect(reading.facts.filter(({ state }) => state === 'number')).toHaveLength(200)
    expect(reading.status).toBe('ok')
  })

  it.each(['\r\r\n', '\u0085', '\v', '\u2028'])('lines that end in %j', async (end) => {
    const reading = await read(lines.join(end))
    expect(reading.facts.filter(({ state }) => state === 'number')).toHaveLength(200)
  })

  it('leaves lines alone of which one does without', () => {
    for (const all of [
      ['标题', ...Array.from({ length: 12 }, (_, index) => `> ${index}`)],
      Array.from({ length: 12 }, (_, index) => `| ${index} | 5 |`),
      Array.from({ length: 12 }, (_, index) => `${index * 2}\t规章`),
    ]) {
      expect(withoutMargins(all)).toEqual(all)
    }
  })
})

describe('text that was saved in a wrong encoding', () => {
  const utf8 = Buffer.from(text)
  it.each([
    ['UTF-8 taken for Latin-1', Buffer.from(utf8.toString('latin1')), 'utf-8'],
    ['GBK taken for Latin-1', Buffer.from(Buffer.from(iconv.encode(text, 'gbk')).toString('latin1')), 'gb18030'],
  ])('%s is turned back, and told', async (_, bytes, used) => {
    const reading = await read(bytes)
    expect(reading.facts.filter(({ state }) => state === 'number')).toHaveLength(200)
    expect(reading.notices.find(({ code }) => code === 'encoding_mended')?.data.used).toBe(used)
  })

  it('UTF-8 taken for GBK has lost characters: no figure is given to another cell, and it is told', async () => {
    const reading = await read(new TextDecoder('gbk').decode(utf8))
    expect(reading.notices.map(({ code }) => code)).toContain('undecodable_characters')
    for (const { state, value } of reading.facts) if (state === 'number') expect(value).toBe(0)
  })

  it('characters that nobody writes one after another are no text', async () => {
    const result = await parse(Buffer.from(new TextDecoder('big5').decode(iconv.encode(text, 'gbk'))))
    expect(result).toMatchObject({ ok: false, reason: 'binary_noise' })
  })

  it.each(['utf-32le', 'utf-32be'])('%s is told by where its zeros stand', async (encoding) => {
    const reading = await read(iconv.encode(text, encoding, { addBOM: false }))
    expect(reading.facts.filter(({ state }) => state === 'number')).toHaveLength(200)
  })

  it('a page in UTF-16 without a mark, most of it markup', async () => {
    const page = `<html><head><title>x</title></head><body>${'<div class="wide"></div>'.repeat(80)}<h1>润东区管委会2021年政府信息公开工作年度报告</h1></body></html>`
    const result = await parse(iconv.encode(page, 'utf-16le', { addBOM: false }))
    expect(result.ok && result.document.encoding).toBe('utf-16le')
  })
})

describe('cells without content', () => {
  const rows = lines.map((line) => line.split('\t'))
  it.each(['nan', 'None', 'NULL'])('%s in the place of each', async (word) => {
    const width = Math.max(...rows.map(({ length }) => length))
    const filled = rows.map((row) => Array.from({ length: width }, (_, index) => row[index]?.trim() || word).join('\t'))
    const reading = await read(filled.join('\n'))
    expect(reading.facts.filter(({ state }) => state === 'number')).toHaveLength(200)
  })
})

describe('a header with a label that nobody knows', () => {
  /** The label of the first column, in a line of its own over those of the others. */
  const withLabel = (label: string, figures: (row: string) => string) =>
    text.replaceAll('自然人', label).replace(/^(.*?)((?:\t0){7})\t*$/gm, (_, row: string) => row + figures(row))

  it('that is like the one missing is read where the sums bear it out', async () => {
    const reading = await read(withLabel('自然\ufffd', () => '\t3\t2\t0\t0\t0\t1\t6'))
    const fact = reading.facts.find(({ code }) => code === 't3.new_received.commercial_enterprise')
    expect(fact).toMatchObject({ value: 2, inferred: true })
  })

  it('that is like none leaves no figure to a column', async () => {
    const reading = await read(withLabel('某某某某', () => '\t3\t2\t0\t0\t0\t1\t6'))
    const fact = reading.facts.find(({ code }) => code === 't3.new_received.commercial_enterprise')
    expect(fact?.state).not.toBe('number')
    expect(reading.status).toBe('partial')
  })
})
