/** Charsets: what was published in any of them is read back, whatever the page says about itself. */
import { readFileSync } from 'node:fs'
import iconv from 'iconv-lite'
import { describe, expect, it } from 'vitest'
import { parse } from '../../parsers/index.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const text = readFileSync(new URL('../../samples/rundong-2021.txt', import.meta.url), 'utf8')
const page = (charset: string | null) =>
  `<html><head>${charset === null ? '' : `<meta charset="${charset}">`}<title>年报</title></head><body><h1>润东区管委会2021年政府信息公开工作年度报告</h1><p>认真贯彻落实《中华人民共和国政府信息公开条例》，全面推进重点领域信息公开，切实加强政策宣传。</p></body></html>`

async function encodingOf(bytes: Uint8Array): Promise<string | null> {
  const result = await parse(bytes)
  if (!result.ok) throw new Error(result.reason)
  return result.document.encoding
}

describe('encodings of text', () => {
  it.each(['utf-8', 'gb18030', 'gbk', 'utf-16le', 'utf-16be'])('%s without any declaration', async (encoding) => {
    const reading = await readReport(iconv.encode(text, encoding), { fileName: null }, registry)
    expect(reading.identity.agency).toBe('润东区管委会')
    expect(reading.facts.filter(({ state }) => state === 'number')).toHaveLength(200)
  })

  it.each(['utf-8', 'utf-16le', 'utf-16be'])('%s with a byte order mark', async (encoding) => {
    const reading = await readReport(iconv.encode(text, encoding, { addBOM: true }), { fileName: null }, registry)
    expect(reading.facts).toHaveLength(200)
    expect(reading.encoding).toBe(encoding)
  })

  it('Big5 for text in traditional characters', async () => {
    const traditional = '政府資訊公開工作年度報告\n一、總體情況\n本機關依法主動公開政府資訊，辦理申請，沒有行政復議。\n'
    expect(await encodingOf(iconv.encode(traditional, 'big5'))).toMatch(/^big5/)
  })
})

describe('pages that declare a charset', () => {
  it.each([
    ['gb2312', 'gb18030', 'gb18030'],
    ['utf-8', 'utf-8', 'utf-8'],
    ['gb2312', 'utf-8', 'utf-8'],
    ['utf-8', 'gb18030', 'gb18030'],
    ['iso-8859-1', 'gb18030', 'gb18030'],
    [null, 'gb18030', 'gb18030'],
  ])('%s, really %s', async (declared, real, found) => {
    const bytes = iconv.encode(page(declared), real)
    const result = await parse(bytes)
    if (!result.ok) throw new Error(result.reason)
    expect(result.document.encoding).toBe(found)
    expect(result.document.blocks[0]).toMatchObject({ text: '润东区管委会2021年政府信息公开工作年度报告', heading: 1 })
    const differs = result.document.notices.some(({ code }) => code === 'encoding_differs_from_declared')
    expect(differs).toBe(declared !== null && declared !== 'gb2312' ? declared !== real : real === 'utf-8')
  })
})

describe('pages that begin with much ASCII', () => {
  const style = `<style>${'.a { color: red } '.repeat(2_000)}</style>`
  const read = async (bytes: Uint8Array) => {
    const result = await parse(bytes)
    if (!result.ok) throw new Error(result.reason)
    const [block] = result.document.blocks
    return block?.kind === 'paragraph' ? block.text : null
  }

  it.each(['gb18030', 'utf-8', 'big5'])('are read as what they say behind it: %s', async (encoding) => {
    const said = encoding === 'big5' ? '政府資訊公開工作年度報告' : '政府信息公开工作年度报告'
    expect(await read(iconv.encode(`<html><head>${style}</head><body><p>${said}</p></body></html>`, encoding))).toBe(
      said,
    )
  })

  it('keep their few characters, however rare', async () => {
    expect(await read(Buffer.from(`<html><head>${style}</head><body><p>甲乙</p></body></html>`))).toBe('甲乙')
  })

  it.each(['utf-8', 'windows-1252'])('keep their few accents, in no other letters: %s', async (encoding) => {
    const said = 'Résumés of requests for the façade: 12 received'
    const markup = `<html><head><meta charset="${encoding}">${style}</head><body><p>${said}</p></body></html>`
    expect(await read(iconv.encode(markup, encoding))).toBe(said)
  })
})
