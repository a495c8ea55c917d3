/** The converter that other tests rely on: each format it gives is what its name says, in the order asked for. */
import { strFromU8, unzipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { makeSample } from '../generator/index.ts'
import { docxShapes } from '../generator/render/docx.ts'
import { htmlShapes } from '../generator/render/html.ts'
import { convertWithOffice } from './office.ts'

const documents = [1, 2].map((seed) => makeSample(docxShapes[0]!, seed))
const pages = [1, 2].map((seed) => makeSample(htmlShapes[0]!, seed))
const files = documents.map(({ rendering }) => ({ bytes: rendering.bytes, extension: 'docx' }))
const webFiles = pages.map(({ rendering }) => ({ bytes: rendering.bytes, extension: 'html' }))
const startOf = (bytes: Uint8Array, length: number): string => Buffer.from(bytes.slice(0, length)).toString('latin1')

describe('conversion by LibreOffice', () => {
  it('gives old Word, rich text and PDF', async () => {
    for (const [to, start] of [
      ['doc', '\xd0\xcf\x11\xe0'],
      ['rtf', '{\\rtf'],
      ['pdf', '%PDF-'],
    ] as const) {
      const converted = await convertWithOffice(files, to)
      expect(converted.map((bytes) => startOf(bytes, start.length))).toEqual([start, start])
    }
  })

  it('gives OpenDocument text of each file in its order', async () => {
    const converted = await convertWithOffice(files, 'odt')
    for (const [index, bytes] of converted.entries()) {
      const text = strFromU8(unzipSync(bytes)['content.xml']!).replace(/<[^>]*>/g, '')
      expect(text).toContain(documents[index]!.truth.agency)
    }
  })

  it('gives spreadsheets of pages', async () => {
    const [first] = await convertWithOffice(webFiles, 'xlsx')
    const strings = strFromU8(unzipSync(first!)['xl/sharedStrings.xml']!).replace(/<[^>]*>/g, '')
    expect(strings).toContain(pages[0]!.truth.agency)
    const [old] = await convertWithOffice(webFiles, 'xls')
    expect(startOf(old!, 4)).toBe('\xd0\xcf\x11\xe0')
  })
})
