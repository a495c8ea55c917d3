/** Archives of documents: each file an input of its own, whatever is wrong with the others. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import iconv from 'iconv-lite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { detectKind } from '../../parsers/detect.ts'
import { parse } from '../../parsers/index.ts'
import { limits } from '../../parsers/limits.ts'
import { type LeftOut, openArchives } from '../../src/pipeline/archives.ts'
import { type Input, readInput } from '../../src/pipeline/inputs.ts'
import { makeZip, type ZipEntry } from './fixtures/zip.ts'

const samples = new URL('../../samples/', import.meta.url)
const docx = readFileSync(new URL('huaian-2024.docx', samples))
const text = readFileSync(new URL('rundong-2021.txt', samples))
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-archives-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Opened = { readonly inputs: Input[]; readonly results: Record<string, string>; readonly leftOut: LeftOut[] }

/** What comes of a file with these bytes: a word for each input, its length or why it has none. */
async function openFile(bytes: Uint8Array, isExcluded?: (path: string) => boolean): Promise<Opened> {
  const path = join(folder, 'a.zip')
  writeFileSync(path, bytes)
  const leftOut: LeftOut[] = []
  const inputs: Input[] = []
  const results: Record<string, string> = {}
  const options = { onLeftOut: (one: LeftOut) => leftOut.push(one), ...(isExcluded && { isExcluded }) }
  for await (const input of openArchives([{ path }], options)) {
    inputs.push(input)
    const content = await readInput(input)
    results[input.path.slice(path.length)] = content.ok
      ? String(content.bytes.length)
      : `${content.reason.code} ${content.reason.data.limit ?? ''}`.trim()
  }
  return { inputs, results, leftOut }
}

const open = (entries: readonly ZipEntry[]) => openFile(makeZip(entries))

describe('an archive', () => {
  it('is its files, with their own bytes, and each knows where it came from', async () => {
    const bytes = makeZip([
      { name: '2023/' },
      { name: '2023/a.docx', content: docx, method: 0 },
      { name: 'b.txt', content: text },
    ])
    const { inputs, results } = await openFile(bytes)
    expect(results).toEqual({ '!/2023/a.docx': String(docx.length), '!/b.txt': String(text.length) })
    for (const input of inputs) expect(input.archive).toBe(hashOf(bytes))
    const content = await readInput(inputs[0]!)
    expect(content.ok && hashOf(content.bytes)).toBe(hashOf(docx))
  })

  it('is read by a path into it, also one inside another', async () => {
    const inner = makeZip([{ name: 'x/b.txt', content: text }])
    writeFileSync(join(folder, 'outer.zip'), makeZip([{ name: '内.zip', content: inner, utf8: true }]))
    const at = (path: string) => readInput({ path: `${folder}/outer.zip!/${path}` })
    expect(await at('内.zip!/x/b.txt')).toMatchObject({ ok: true, bytes: { length: text.length } })
    for (const missing of ['内.zip!/c.txt', 'other.zip!/x/b.txt', '内.zip!/x/b.txt!/c'])
      expect(await at(missing)).toMatchObject({ ok: false, reason: { code: 'unreadable_file' } })
  })

  it('is told from a document by what is in it, also where documents are stored in it as they are', async () => {
    const stored = makeZip([{ name: 'a.docx', content: docx, method: 0 }])
    expect(detectKind(stored)).toBe('zip')
    expect(detectKind(docx)).toBe('docx')
    expect((await openFile(docx)).results).toEqual({ '': String(docx.length) })
    expect((await openFile(stored)).results).toEqual({ '!/a.docx': String(docx.length) })
    expect((await openFile(text)).results).toEqual({ '': String(text.length) })
  })

  it('has names in UTF-8 or as Chinese Windows writes them, and none that steers a terminal', async () => {
    const { results } = await open([
      { name: iconv.encode('年报/润东区2021年.txt', 'gb18030'), content: '1' },
      { name: '年报/洪泽区.txt', content: '22' },
      { name: '年报/淮安区.txt', content: '333', utf8: true },
      { name: Buffer.from([0xff, 0xfe, 0x2e, 0x74]), content: '4444' },
      { name: 'back\\slash.txt', content: '55555' },
      { name: 'red\u001b[31m.txt', content: '666666' },
    ])
    expect(results).toEqual({
      '!/年报/润东区2021年.txt': '1',
      '!/年报/洪泽区.txt': '2',
      '!/年报/淮安区.txt': '3',
      '!/\\xFF\\xFE.t': '4',
      '!/back/slash.txt': '5',
      '!/red\\x1B[31m.txt': '6',
    })
  })

  it('leaves out what systems and editors put into it, and tells', async () => {
    const junk = ['__MACOSX/._a.txt', 'x/.DS_Store', 'Thumbs.db', 'desktop.ini', '~$a.docx', '.git/config']
    const { results, leftOut } = await open([...junk.map((name) => ({ name })), { name: 'a.txt', content: '1' }])
    expect(results).toEqual({ '!/a.txt': '1' })
    expect(leftOut).toMatchObject([{ why: 'system', names: junk }])
  })

  it('leaves out the pictures and styles that its pages show, and no others', async () => {
    const page = `<link rel="stylesheet" href="a_files/main.css?v=2"><img src='a_files/1.png'><img src=a_files/%E5%9B%BE.jpg><img src="http://other/2.png"><a href="scan.jpg">扫描件</a><a href="a.docx">附件</a>`
    const { results, leftOut } = await open([
      { name: 'w/a.html', content: page },
      { name: 'w/a_files/main.css', content: 'body { background: url("../bg/back.gif") }' },
      { name: 'w/bg/back.gif', content: 'x' },
      { name: 'w/a_files/1.png', content: 'x' },
      { name: 'w/a_files/图.jpg', content: 'x', utf8: true },
      { name: 'w/scan.jpg', content: 'xx' },
      { name: 'w/2.png', content: 'xx' },
      { name: 'w/a.docx', content: 'xx' },
    ])
    expect(Object.keys(results)).toEqual(['!/w/a.html', '!/w/scan.jpg', '!/w/2.png', '!/w/a.docx'])
    expect(leftOut).toHaveLength(1)
    expect(leftOut[0]!.why).toBe('page')
    expect([...leftOut[0]!.names].sort()).toEqual(
      ['w/a_files/1.png', 'w/a_files/main.css', 'w/a_files/图.jpg', 'w/bg/back.gif'].sort(),
    )
    expect((await open([{ name: '1.png', content: 'x' }])).results).toEqual({ '!/1.png': '1' })
  })

  it('leaves out what the user excludes', async () => {
    const bytes = makeZip([
      { name: 'a.txt', content: '1' },
      { name: 'old/b.txt', content: '2' },
    ])
    expect((await openFile(bytes, (path) => path.includes('/old/'))).results).toEqual({ '!/a.txt': '1' })
  })
})

describe('a bad entry', () => {
  it('fails alone, with its reason', async () => {
    const { results } = await open([
      { name: 'locked.docx', content: docx, locked: true },
      { name: 'strange.txt', content: '1', method: 93 },
      { name: 'changed.txt', content: '12', checksum: 1 },
      { name: 'short.txt', content: '123', size: 2 },
      { name: 'long.txt', content: '123', size: 9 },
      { name: 'huge.txt', content: '1', size: limits.archiveEntryBytesMax + 1 },
      { name: 'empty.txt' },
      { name: 'good.txt', content: text },
    ])
    expect(results).toEqual({
      '!/locked.docx': 'encrypted',
      '!/strange.txt': 'archive_unsupported',
      '!/changed.txt': 'damaged',
      '!/short.txt': 'damaged',
      '!/long.txt': 'damaged',
      '!/huge.txt': 'limit_exceeded archiveEntryBytesMax',
      '!/empty.txt': '0',
      '!/good.txt': String(text.length),
    })
  })

  it('may be an archive that is nested too deep, holds too much, nothing, or is broken', async () => {
    const nest = (levels: number): Buffer =>
      levels === 0
        ? makeZip([{ name: 'a.txt', content: '1' }])
        : makeZip([{ name: 'n.zip', content: nest(levels - 1) }])
    const many = makeZip(
      Array.from({ length: limits.bundleEntriesMax + 1 }, (_, index) => ({ name: `${index}`, method: 0 })),
    )
    const large = makeZip(Array.from({ length: 70 }, (_, index) => ({ name: `${index}`, size: 66_000_000, method: 0 })))
    const { results } = await open([
      { name: 'two.zip', content: nest(1) },
      { name: 'three.zip', content: nest(2) },
      { name: 'many.zip', content: many },
      { name: 'large.zip', content: large },
      { name: 'nothing.zip', content: makeZip([{ name: '.DS_Store' }]) },
      { name: 'cut.zip', content: nest(0).subarray(0, 60) },
      { name: 'a.rar', content: Buffer.from('526172211a0700cf9073', 'hex') },
      { name: 'good.txt', content: text },
    ])
    expect(results).toEqual({
      '!/two.zip!/n.zip!/a.txt': '1',
      '!/three.zip!/n.zip!/n.zip': 'limit_exceeded bundleDepthMax',
      '!/many.zip': 'limit_exceeded bundleEntriesMax',
      '!/large.zip': 'limit_exceeded bundleBytesMax',
      '!/nothing.zip': 'archive_empty',
      '!/cut.zip': '60',
      '!/a.rar': '10',
      '!/good.txt': String(text.length),
    })
  })

  it.each([
    ['52617221 1a0700cf9073', 'archive_unsupported rar'],
    ['377abcaf271c00040000', 'archive_unsupported 7z'],
    ['1f8b0800000000000003', 'archive_unsupported gzip'],
    ['504b0304140000000800', 'damaged '],
  ])('that begins with %s is refused as what it is', async (hex, reason) => {
    const result = await parse(Buffer.from(hex.replace(' ', ''), 'hex'))
    expect(result.ok ? 'ok' : `${result.reason} ${result.data.kind ?? ''}`).toBe(reason)
  })
})

describe('any archive', () => {
  it('cut or changed anywhere gives inputs that have the bytes of an entry or a reason, and never throws', async () => {
    const entries = [
      { name: 'a.txt', content: text },
      { name: 'n.zip', content: makeZip([{ name: 'b.txt', content: 'inner' }]) },
      { name: 'c.html', content: '<img src="d.png">' },
      { name: 'd.png', content: 'x'.repeat(50) },
    ]
    const bytes = makeZip(entries, 'a comment')
    const known = new Set([...entries.map(({ content }) => hashOf(Buffer.from(content))), hashOf(Buffer.from('inner'))])
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 4 }), fc.nat({ max: bytes.length }), async (changes, cut) => {
        const changed = Buffer.from(bytes)
        for (const [at, byte] of changes) changed[at] = byte
        const whole = changes.length > 0 ? changed : changed.subarray(0, cut)
        for (const input of (await openFile(whole)).inputs) {
          const content = await readInput(input)
          if (content.ok && input.path.includes('!/')) expect(known.has(hashOf(content.bytes))).toBe(true)
          else if (!content.ok) expect(content.reason.code).not.toBe('crashed')
        }
      }),
      { numRuns: 150 },
    )
  })
})
