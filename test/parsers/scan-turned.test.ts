/**
 * Pages that were laid on the scanner on their side or upside down, read by the real engine: they give what the upright page
 * gives, cell by cell, and say that they were turned.
 */
import { readFileSync } from 'node:fs'
import { degrees, PDFDocument } from '@cantoo/pdf-lib'
import sharp from 'sharp'
import { describe, expect, it, vi } from 'vitest'
import { parse } from '../../parsers/index.ts'
import { type QuarterTurns, quarterTurned } from '../../parsers/scan/bitmap.ts'
import type { OcrEngine } from '../../parsers/scan/engine.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { tesseractFinder } from '../../src/pipeline/tesseract.ts'
import { degrade, type Level } from '../generator/degrade.ts'
import { compareDrawn, drawSeed } from '../generator/measure-ocr.ts'
import { drawPages } from '../generator/pdf-pages.ts'

// Reading pictures takes long on a machine that does other things too.
vi.setConfig({ testTimeout: 400_000 })

const registry = loadRegistry()
const find = tesseractFinder()
const read = (bytes: Uint8Array, fileName: string): Promise<Reading> =>
  readReport(bytes, { fileName }, registry, { ocr: find })

/** A drawn report whose picture was turned by so many degrees clockwise. */
async function turnedReport(seed: number, level: Level, turned: number) {
  const drawing = drawSeed(seed)
  const { bytes, name } = await degrade(drawing.svg, 200, level, seed)
  const picture = sharp(bytes).rotate(turned).withMetadata({ density: 200 })
  const out = name.endsWith('png') ? await picture.png().toBuffer() : await picture.jpeg({ quality: 85 }).toBuffer()
  return { drawing, bytes: out, name }
}

const turnsOf = ({ notices }: Reading): unknown[] =>
  notices.filter(({ code }) => code === 'page_turned').map(({ data }) => data.degrees)

describe('a picture that was turned', () => {
  it('is turned back pixel by pixel', async () => {
    const data = Uint8Array.from({ length: 12 }, (_, index) => index)
    for (const turns of [0, 1, 2, 3] as QuarterTurns[]) {
      const { data: turned, info } = await sharp(data, { raw: { width: 4, height: 3, channels: 1 } })
        .rotate(turns * 90)
        .greyscale()
        .raw()
        .toBuffer({ resolveWithObject: true })
      const own = quarterTurned({ width: 4, height: 3, data }, turns)
      expect(own).toEqual({ width: info.width, height: info.height, data: new Uint8Array(turned) })
    }
  })

  for (const [turned, level, share] of [
    [90, 'clean', 0.95],
    [180, 'bad', 0.5],
    [270, 'light', 0.95],
  ] as const) {
    it(`${level}, by ${turned} degrees: nothing is read wrong, and enough is read`, async () => {
      const { drawing, bytes, name } = await turnedReport(32, level, turned)
      const found = await read(bytes, name)
      const { right, wrong } = compareDrawn(drawing, found)
      expect(wrong).toEqual([])
      expect(right / drawing.expected.size).toBeGreaterThan(share)
      expect(turnsOf(found)).toEqual([360 - turned])
    })
  }
})

describe('a photograph that states how the camera was held', () => {
  it('is read at its own size', async () => {
    const page = sharp({ create: { width: 3000, height: 2000, channels: 3, background: 'white' } })
    const dot = await sharp({ create: { width: 60, height: 60, channels: 3, background: 'black' } })
      .png()
      .toBuffer()
    const photograph = await page
      .composite([{ input: dot, left: 500, top: 500 }])
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    const seen: number[][] = []
    const engine: OcrEngine = {
      name: 'seeing',
      read: async (pictures, mode) => {
        if (mode === 'page') seen.push(...pictures.map(({ width, height }) => [width, height]))
        return pictures.map(() => [])
      },
    }
    expect(await parse(photograph, { ocr: async () => engine })).toMatchObject({ ok: true })
    expect(seen[0]).toEqual([2000, 3000])
  })
})

/** A PDF of scanned pages, each turned by so many degrees clockwise and shown as its `/Rotate` says. */
async function scannedPdf(
  sample: string,
  ways: readonly { readonly turned: number; readonly rotate: number }[],
): Promise<Uint8Array> {
  const made = await PDFDocument.create()
  const pages = await drawPages(readFileSync(new URL(`../../samples/${sample}.pdf`, import.meta.url)))
  for (const [index, { bitmap, dpi }] of pages.entries()) {
    const { turned, rotate } = ways[index % ways.length]!
    const { data, width, height } = bitmap
    const png = await sharp(data, { raw: { width, height, channels: 1 } })
      .rotate(turned)
      .png()
      .toBuffer()
    const picture = await made.embedPng(png)
    const size = { width: (picture.width * 72) / dpi, height: (picture.height * 72) / dpi }
    const page = made.addPage([size.width, size.height])
    page.drawImage(picture, { x: 0, y: 0, ...size })
    page.setRotation(degrees(rotate))
  }
  return made.save()
}

describe('scanned pages of a PDF that were turned', () => {
  const values = ({ facts }: Reading) => facts.map(({ code, state, value, text }) => ({ code, state, value, text }))

  it('some on their side, some upside down, with and without /Rotate: one report, its tables running on', async () => {
    const ways = [
      { turned: 90, rotate: 0 },
      { turned: 90, rotate: 270 },
      { turned: 180, rotate: 0 },
      { turned: 270, rotate: 0 },
      { turned: 0, rotate: 90 },
    ]
    const upright = await read(await scannedPdf('hongze-2023', [{ turned: 0, rotate: 0 }]), 'scan.pdf')
    const found = await read(await scannedPdf('hongze-2023', ways), 'scan.pdf')
    const numbers = upright.facts.filter(({ state }) => state === 'number')
    expect(numbers.length).toBeGreaterThan(100)
    expect(values(found)).toEqual(values(upright))
    expect(found.identity).toMatchObject({ agency: '淮安市洪泽区人民政府', year: 2023 })
    const told = found.notices.filter(({ code }) => code === 'page_turned')
    expect(told.map(({ anchor, data }) => [anchor?.page, data.degrees])).toEqual([
      [1, 270],
      [3, 180],
      [4, 90],
      [5, 270],
    ])
  })
})
