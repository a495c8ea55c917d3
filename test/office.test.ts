/**
 * The reader against what LibreOffice makes of the generated Word documents: the same reports as DOC, RTF and ODT must
 * give the same cells, and so must workbooks as XLS and ODS. OFFICE_DOCUMENTS sets how many documents are read of each
 * format, OFFICE_SEED where the seeds begin, OFFICE_MUTATIONS how many damaged files are tried.
 */
import { utils, write } from '@e965/xlsx'
import fc from 'fast-check'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import type { ParseResult } from '../parsers/document.ts'
import { parse } from '../parsers/index.ts'
import { loadRegistry } from '../src/forms/registry.ts'
import { readReport } from '../src/pipeline/read.ts'
import { describeFailure, differences } from './generator/compare.ts'
import { makeSample, type Sample, shapes } from './generator/index.ts'
import { convertWithOffice } from './setup/office.ts'

const registry = loadRegistry()
const documents = Number(process.env.OFFICE_DOCUMENTS ?? 48)
const firstSeed = Number(process.env.OFFICE_SEED ?? 1)
const mutations = Number(process.env.OFFICE_MUTATIONS ?? 150)

/** What LibreOffice does not carry over from DOCX: there is no truth to compare with. */
const lost = new Set([
  'docx deleted rows', // written as rows that are there
  'docx content controls around cells', // their text comes several times
  'docx header labels over two rows', // leaves something open in DOCX as well
  'docx trailing blanks', // rows of different length get other edges
])
const carried = shapes.filter(({ format, name }) => format === 'docx' && !lost.has(name))
const sheets = shapes.filter(({ format }) => format === 'xlsx')

function differencesIn(
  samples: readonly Sample[],
  converted: readonly Uint8Array[],
  format: string,
): Promise<string[]> {
  return Promise.all(
    samples.map(async (sample, index) => {
      const fileName = sample.rendering.name.replace(/[a-z]+$/, format)
      const found = differences(sample, await readReport(converted[index]!, { fileName }, registry))
      return found.length === 0 ? '' : describeFailure(sample, found)
    }),
  ).then((failures) => failures.filter((failure) => failure !== ''))
}

/** Blank cells without a border of their own are not in the workbook that LibreOffice writes. */
function losesTable4({ rendering }: Sample): boolean {
  const cells = [...rendering.expected].filter(([code]) => code.startsWith('t4.'))
  return cells.every(([, { state }]) => state === 'blank')
}

describe('reports as LibreOffice writes them', () => {
  const count = Math.max(carried.length, documents)
  const texts = Array.from({ length: count }, (_, index) =>
    makeSample(carried[index % carried.length]!, firstSeed + index),
  )
  const workbooks = Array.from({ length: count }, (_, index) =>
    makeSample(sheets[index % sheets.length]!, firstSeed + index),
  ).filter((sample) => !losesTable4(sample))

  it.each(['doc', 'rtf', 'odt', 'fodt'])('%s: every cell as printed, every error found', async (format) => {
    const converted = await convertWithOffice(
      texts.map(({ rendering }) => ({ bytes: rendering.bytes, extension: 'docx' })),
      format,
    )
    const failures = await differencesIn(texts, converted, format)
    expect(failures.length, `${failures.length} of ${count}\n${failures.slice(0, 3).join('\n')}\n`).toBe(0)
  })

  it.each(['xlsx', 'xls', 'ods', 'fods'])('%s: every cell as printed, every error found', async (format) => {
    const converted = await convertWithOffice(
      workbooks.map(({ rendering }) => ({ bytes: rendering.bytes, extension: 'xlsx' })),
      format,
    )
    const failures = await differencesIn(workbooks, converted, format)
    expect(failures.length, `${failures.length} of ${count}\n${failures.slice(0, 3).join('\n')}\n`).toBe(0)
  })
})

describe('struck out figures', () => {
  const long = '字'.repeat(9_000)
  const sheet = utils.aoa_to_sheet([
    ['a', 'b', 'c'],
    [1, '2', 3],
    [4, 'x', long],
  ])
  const book = utils.book_new()
  utils.book_append_sheet(book, sheet, '表1')
  const entries = unzipSync(write(book, { type: 'buffer', bookType: 'xlsx', bookSST: true }) as Buffer)
  const edit = (name: string, change: (xml: string) => string): void => {
    entries[name] = strToU8(change(strFromU8(entries[name]!)))
  }
  const fonts =
    '<fonts count="2"><font><sz val="12"/><name val="Calibri"/></font><font><strike/><sz val="12"/><name val="Calibri"/></font></fonts>'
  edit('xl/styles.xml', (xml) =>
    xml
      .replace(/<fonts[\s\S]*<\/fonts>/, fonts)
      .replace(/<cellXfs[\s\S]*<\/cellXfs>/, '<cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs>'),
  )
  edit('xl/worksheets/sheet1.xml', (xml) => xml.replace('<c r="A2"', '<c r="A2" s="1"'))
  edit('xl/sharedStrings.xml', (xml) =>
    xml
      .replace(/<si><t[^>]*>2<\/t><\/si>/, '<si><r><rPr><strike/><sz val="12"/></rPr><t>7</t></r><r><t>8</t></r></si>')
      .replace(
        /<si><t[^>]*>x<\/t><\/si>/,
        `<si><r><t>5</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r></si>`,
      ),
  )

  it.each(['xlsx', 'xls', 'ods'])('in the cells and in parts of texts of %s do not count', async (format) => {
    const [bytes] = await convertWithOffice([{ bytes: zipSync(entries), extension: 'xlsx' }], format)
    const result = await parse(bytes!)
    if (!result.ok) throw new Error(result.reason)
    const texts = result.document.blocks.flatMap((block) =>
      block.kind === 'grid' ? block.cells.map(({ text }) => text) : [],
    )
    expect(texts.slice(0, 6)).toEqual(['a', 'b', 'c', '~~1~~', '8', '3'])
    const paragraphs = result.document.blocks.flatMap((block) => (block.kind === 'paragraph' ? [block.text] : []))
    expect(paragraphs).toEqual(['4', '5', long])
  })
})

/** Each format's bytes of a few small documents of known content. */
async function fewDocuments(): Promise<Map<string, Uint8Array>> {
  const plain = shapes.find(({ name }) => name === 'docx official layout')!
  const book = shapes.find(({ name }) => name === 'xlsx tables stacked')!
  const made = new Map<string, Uint8Array>()
  for (const format of ['doc', 'rtf', 'odt']) {
    const [bytes] = await convertWithOffice(
      [{ bytes: makeSample(plain, 1).rendering.bytes, extension: 'docx' }],
      format,
    )
    made.set(format, bytes!)
  }
  for (const format of ['xlsx', 'xls', 'ods']) {
    const [bytes] = await convertWithOffice([{ bytes: makeSample(book, 1).rendering.bytes, extension: 'xlsx' }], format)
    made.set(format, bytes!)
  }
  return made
}

const files = await fewDocuments()

describe('damage', () => {
  it.each([...files.keys()])('%s cut off anywhere is never a smaller document', async (format) => {
    const bytes = files.get(format)!
    const whole = await parse(bytes)
    if (!whole.ok) throw new Error(whole.reason)
    for (let part = 1; part < 40; part++) {
      const result = await parse(bytes.subarray(0, Math.floor((bytes.length * part) / 40)))
      if (result.ok) expect(result.document.blocks, `${part} of 40`).toEqual(whole.document.blocks)
      else expect(result.reason).toMatch(/^(?:damaged|unsupported_format)$/)
    }
  })

  it('mutations of any of them end as a document or a reason, and nothing read is made up', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files.keys()),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 40 }),
        async (format, changes) => {
          const bytes = Uint8Array.from(files.get(format)!)
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte
          const reading = await readReport(bytes, { fileName: null }, registry)
          for (const fact of reading.facts) if (fact.state !== 'absent') expect(fact.anchor).not.toBeNull()
        },
      ),
      { numRuns: mutations },
    )
  })

  it('says what a DOC is that it cannot read', async () => {
    const bytes = files.get('doc')!
    const start = Buffer.from(bytes).indexOf(Buffer.from('eca5', 'hex'))
    const changed = async (at: number, value: number): Promise<ParseResult> => {
      const copy = Buffer.from(bytes)
      copy.writeUInt16LE(value, start + at)
      return parse(copy)
    }
    const flags = Buffer.from(bytes).readUInt16LE(start + 0x0a)
    expect(await changed(0x0a, flags | 0x0100)).toMatchObject({ ok: false, reason: 'encrypted' })
    expect(await changed(0, 0xa5dc)).toMatchObject({ reason: 'unsupported_format', data: { kind: 'doc95' } })
    expect(await changed(2, 0x65)).toMatchObject({ reason: 'unsupported_format', data: { kind: 'doc95' } })
    // Without the properties of its paragraphs, blank cells and ends of rows look alike.
    expect(await changed(0x106, 0)).toMatchObject({ ok: false, reason: 'damaged' })
  })
})
