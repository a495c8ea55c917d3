/** Text of Word documents that was shifted up by hand: footnotes' marks, figures that only stand higher, and what may be either. */
import { describe, expect, it } from 'vitest'
import { parse } from '../../parsers/index.ts'
import { makeDocx } from '../generator/render/docx.ts'
import { convertWithOffice } from '../setup/office.ts'
import { makeDoc, rowDefinition, type WordRun } from './wordwriter.ts'

/** A run: its text, how far it is shifted and how large it is, in half points. */
type Part = readonly [text: string, up: number, size: number]

const cells: readonly (readonly Part[])[] = [
  [
    ['17', 0, 21],
    ['1', 6, 12],
  ],
  [['17', 6, 12]],
  [
    ['17', 0, 21],
    ['1', 6, 21],
  ],
  [
    ['17', 0, 21],
    ['1', 6, 19],
  ],
  [
    ['17', 6, 14],
    ['1', 6, 14],
  ],
  [
    ['17', 0, 21],
    ['[2]', 8, 14],
  ],
  [
    ['1', 0, 21],
    ['7', -4, 12],
  ],
]
const read = ['17', '17', '17 1\ufffc', '17 1\ufffc', '171', '17', '17']

async function textsOf(bytes: Uint8Array): Promise<string[]> {
  const result = await parse(bytes)
  if (!result.ok) throw new Error(result.reason)
  return result.document.blocks.flatMap((block) => (block.kind === 'grid' ? block.cells.map(({ text }) => text) : []))
}

function docxOf(runs: readonly string[]): Uint8Array {
  const space = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
  const row = runs.map((one) => `<w:tc><w:tcPr><w:tcW w:w="900" w:type="dxa"/></w:tcPr><w:p>${one}</w:p></w:tc>`)
  const grid = runs.map(() => '<w:gridCol w:w="900"/>').join('')
  const table = `<w:tbl><w:tblPr/><w:tblGrid>${grid}</w:tblGrid><w:tr>${row.join('')}</w:tr></w:tbl><w:p/>`
  return makeDocx(`<w:document xmlns:w="${space}"><w:body>${table}</w:body></w:document>`)
}

const run = (text: string, looks: string): string => `<w:r><w:rPr>${looks}</w:rPr><w:t>${text}</w:t></w:r>`
const partRun = ([text, up, size]: Part): string =>
  run(text, `${up === 0 ? '' : `<w:position w:val="${up}"/>`}<w:sz w:val="${size}"/>`)
const docx = docxOf(cells.map((parts) => parts.map(partRun).join('')))

describe('text that is shifted up', () => {
  it('is a mark in DOCX where it is smaller than the figure before it, and may be one where it is as large', async () => {
    expect(await textsOf(docx)).toEqual(read)
  })

  it('is so by the sizes that nothing states, and not by those it had before', async () => {
    const changed = run('1', '<w:sz w:val="20"/><w:rPrChange><w:rPr><w:position w:val="6"/></w:rPr></w:rPrChange>')
    const marked = [`${run('17', '')}${run('1', '<w:position w:val="6"/><w:sz w:val="12"/>')}`]
    expect(await textsOf(docxOf([...marked, `${run('17', '<w:position w:val="0"/>')}${changed}`]))).toEqual([
      '17',
      '171',
    ])
  })

  it('is so in DOC', async () => {
    const hex = (value: number): string => Buffer.from(new Int16Array([value]).buffer).toString('hex')
    const runs = cells.flatMap((parts): WordRun[] => [
      ...parts.map(([text, up, size]) => ({ text, looks: `4548${hex(up)}434a${hex(size)}` })),
      { text: '\x07', ends: '162401' },
    ])
    const edges = Array.from({ length: cells.length + 1 }, (_, index) => index * 900)
    const end: WordRun = { text: '\x07', ends: `162401172401${rowDefinition(edges)}` }
    expect(await textsOf(makeDoc([...runs, end, { text: '\r', ends: '' }]))).toEqual(read)
  })

  it('is so in RTF', async () => {
    const word = (up: number): string => (up === 0 ? '' : up > 0 ? `\\up${up}` : `\\dn${-up}`)
    const row = cells.map(
      (parts) => `${parts.map(([text, up, size]) => `{${word(up)}\\fs${size} ${text}}`).join('')}\\cell`,
    )
    const edges = cells.map((_, index) => `\\cellx${(index + 1) * 900}`).join('')
    const rtf = `{\\rtf1\\ansi\\trowd${edges}\\pard\\intbl ${row.join(' ')}\\row \\pard\\par}`
    expect(await textsOf(Buffer.from(rtf, 'latin1'))).toEqual(read)
  })

  it.each(['doc', 'rtf', 'odt', 'docx'])(
    'is so in %s as LibreOffice writes it',
    async (format) => {
      const [bytes] = await convertWithOffice([{ bytes: docx, extension: 'docx' }], format)
      // LibreOffice makes of sizes and shifts what its own formats can say; no figure is made with a mark.
      const texts = await textsOf(bytes!)
      expect([texts[0], texts[1], texts[4], texts[5], texts[6]]).toEqual(['17', '17', '171', '17', '17'])
      expect(['17', '17 1\ufffc']).toContain(texts[2])
      expect(['171', '17 1\ufffc']).toContain(texts[3])
    },
    60_000,
  )
})
