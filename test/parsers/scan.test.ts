/**
 * Reports as pictures, read by the real engine: whatever was done to the picture, no cell may be read as something else
 * than what was drawn, and of pictures that people can read nearly all cells must be read.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it, vi } from 'vitest'
import { parse } from '../../parsers/index.ts'
import { limits } from '../../parsers/limits.ts'
import { confirmed } from '../../parsers/scan/around.ts'
import { inkOf, turned } from '../../parsers/scan/bitmap.ts'
import { EngineFailure } from '../../parsers/scan/engine.ts'
import { makeMemory } from '../../parsers/scan/likes.ts'
import { readPage } from '../../parsers/scan/page.ts'
import { levelingAngle } from '../../parsers/scan/skew.ts'
import { extractDocument, extractSchema } from '../../src/exports/extract.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { findTesseract, tesseractFinder } from '../../src/pipeline/tesseract.ts'
import { packFacts, unpackFacts } from '../../src/store/pack.ts'
import { runGouji } from '../cli/process.ts'
import { type Degraded, degrade, type Level, wearOut } from '../generator/degrade.ts'
import { compareDrawn, drawSeed, measureOcr } from '../generator/measure-ocr.ts'
import { drawPages } from '../generator/pdf-pages.ts'

// Reading pictures takes long on a machine that does other things too.
vi.setConfig({ testTimeout: 400_000 })

const registry = loadRegistry()
const find = tesseractFinder()
/** How many reports are drawn at each level and resolution. */
const reports = Number(process.env.SCAN_REPORTS ?? 2)
const firstSeed = Number(process.env.SCAN_SEED ?? 1)
const samples = new URL('../../samples/', import.meta.url)

const read = (picture: Degraded): Promise<Reading> =>
  readReport(picture.bytes, { fileName: picture.name }, registry, { ocr: find })

const levels: readonly { readonly level: Level; readonly dpi: number; readonly share: number }[] = [
  { level: 'clean', dpi: 150, share: 0.95 },
  { level: 'clean', dpi: 200, share: 0.97 },
  { level: 'clean', dpi: 300, share: 0.97 },
  { level: 'light', dpi: 150, share: 0.8 },
  { level: 'light', dpi: 200, share: 0.97 },
  { level: 'bad', dpi: 200, share: 0.5 },
  { level: 'bad', dpi: 300, share: 0.7 },
  { level: 'fax', dpi: 200, share: 0 },
]

describe('reports as pictures', () => {
  for (const { level, dpi, share } of levels) {
    it(`${level} at ${dpi} dots to the inch: nothing is read wrong, and enough is read`, async () => {
      const [row] = await measureOcr({ reports, seed: firstSeed, levels: [level], dpis: [dpi] }, find)
      const { cells, right, wrong } = row!
      expect(wrong).toEqual([])
      expect(right / cells).toBeGreaterThanOrEqual(share)
    })
  }

  it('says of every figure how sure it is, to the last export and through the store', async () => {
    const drawing = drawSeed(firstSeed)
    const picture = await degrade(drawing.svg, 200, 'clean', firstSeed)
    const reading = await read(picture)
    const printed = reading.facts.filter(({ state }) => state !== 'absent')
    expect(printed.length).toBeGreaterThan(100)
    for (const { confidence, anchor } of printed) {
      expect(confidence).toBeGreaterThanOrEqual(0)
      expect(confidence).toBeLessThanOrEqual(1)
      expect(anchor?.box).not.toBeNull()
    }
    expect(reading.notices.map(({ code }) => code)).toContain('read_from_picture')
    for (const { fault } of reading.findings) expect(fault).not.toBe('report')
    const extracted = JSON.parse(
      JSON.stringify(
        extractDocument({ path: 'scan.png', sha256: '0'.repeat(64), bytes: picture.bytes.length }, reading, registry),
      ),
    )
    expect(extracted.facts.filter((fact: { confidence?: number }) => fact.confidence !== undefined).length).toBe(
      printed.length,
    )
    expect(new Ajv2020({ strict: false }).validate(JSON.parse(extractSchema()), extracted)).toBe(true)
    const unpacked = packFacts(registry, reading.tables, reading.facts).flatMap(unpackFacts)
    const byCode = new Map(unpacked.map((fact) => [fact.code, fact.confidence]))
    for (const { code, confidence } of printed) expect(byCode.get(code)).toBe(confidence)
  })

  it('the tables of a page that shows them as a picture of its own are read', async () => {
    const drawing = drawSeed(firstSeed + 1)
    const { bytes } = await degrade(drawing.svg, 200, 'clean', firstSeed + 1)
    const source = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`
    const title = `${drawing.truth.agency}${drawing.truth.year}年政府信息公开工作年度报告`
    const page = Buffer.from(`<html><meta charset="utf-8"><body><h1>${title}</h1><img src="${source}"></body></html>`)
    const reading = await readReport(page, { fileName: 'report.html' }, registry, { ocr: find })
    const { right, wrong } = compareDrawn(drawing, reading)
    expect(wrong).toEqual([])
    expect(right / drawing.expected.size).toBeGreaterThan(0.95)
    expect(reading.identity).toMatchObject({ agency: drawing.truth.agency, year: drawing.truth.year })
    expect(reading.facts.find(({ state }) => state === 'number')?.anchor?.path).toMatch(/^img\[1\]\/table\[\d+\]\/row/)
    const without = await readReport(page, { fileName: 'report.html' }, registry)
    expect(without.facts).toEqual([])
    expect(without.notices.map(({ code }) => code)).toContain('image_in_place_of_text')
  })

  it('the command reads a picture in its threads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gouji-scan-'))
    try {
      const drawing = drawSeed(firstSeed)
      writeFileSync(join(folder, 'scan.png'), (await degrade(drawing.svg, 150, 'clean', firstSeed)).bytes)
      const { stdout } = await runGouji(folder, ['extract', 'scan.png', '--format', 'jsonl'])
      const { facts } = JSON.parse(stdout) as { facts: { state: string; confidence?: number }[] }
      expect(
        facts.filter(({ state, confidence }) => state !== 'absent' && confidence !== undefined).length,
      ).toBeGreaterThan(100)
      const { stdout: checks } = await runGouji(folder, ['doctor', '--format', 'json'])
      const engine = await findTesseract()
      const check = (JSON.parse(checks) as { ok: boolean; detail: string; optional?: boolean }[]).find(
        ({ optional }) => optional,
      )
      expect(check).toMatchObject({ ok: true, detail: engine.name })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('real reports, their pages drawn as pictures', () => {
  for (const name of ['hongze-2023', 'huaian-2024']) {
    for (const [level, share] of [
      ['clean', 0.95],
      ['bad', 0.75],
    ] as const) {
      it(`${name}, ${level}: every figure that is believed is printed there`, async () => {
        const truth = JSON.parse(readFileSync(new URL(`${name}.truth.json`, samples), 'utf8')) as {
          facts: Record<string, number | null>
        }
        const printed = Object.values(truth.facts).filter((value) => value !== null)
        const left = [...printed]
        const wrong: string[] = []
        const engine = await findTesseract()
        const memory = makeMemory()
        for (const [index, page] of (await drawPages(readFileSync(new URL(`${name}.pdf`, samples)))).entries()) {
          const worn = await sharp((await wearOut({ ...page.bitmap }, page.dpi, level, index + 1)).bytes)
            .greyscale()
            .raw()
            .toBuffer({ resolveWithObject: true })
          const { width, height } = worn.info
          const place = { path: 'page', page: index + 1, x: 0, y: 0 }
          const { finish } = await readPage({ width, height, data: worn.data }, page.dpi, place, memory, engine)
          const { tables } = finish([])
          for (const { text, doubt } of tables.flatMap(({ cells }) => cells)) {
            if (doubt === 'reading_uncertain' || !/^\d[\d.]*$/.test(text)) continue
            const place = left.indexOf(Number(text))
            if (place < 0) wrong.push(`page ${index + 1}: ${text}`)
            else left.splice(place, 1)
          }
        }
        expect(wrong).toEqual([])
        expect(1 - left.length / printed.length).toBeGreaterThan(share)
      })
    }
  }
})

describe('pictures that are no report, or none at all', () => {
  const reasonOf = async (bytes: Uint8Array): Promise<string> => {
    const result = await parse(bytes, { ocr: find })
    return result.ok ? 'ok' : `${result.reason} ${result.data.limit ?? ''}`.trim()
  }

  it('without an engine a picture fails and says what is missing', async () => {
    const { bytes } = await degrade(drawSeed(1).svg, 72, 'clean', 1)
    const reading = await readReport(bytes, { fileName: 'scan.png' }, registry)
    expect(reading.reason).toEqual({ code: 'picture_without_engine', data: { kind: 'png' } })
    const missing = await readReport(bytes, { fileName: 'scan.png' }, registry, { ocr: async () => null })
    expect(missing.reason?.code).toBe('picture_without_engine')
    await expect(findTesseract('no-such-program')).rejects.toThrow()
  })

  it('an engine that fails is a reason, not an empty reading', async () => {
    const { bytes } = await degrade(drawSeed(1).svg, 100, 'clean', 1)
    const broken = { name: 'broken', read: () => Promise.reject(new EngineFailure('killed')) }
    const result = await parse(bytes, { ocr: async () => broken })
    expect(result).toMatchObject({ ok: false, reason: 'engine_failed', data: { detail: 'killed' } })
  })

  it('a picture that states a monstrous size is refused before it is decoded', async () => {
    const small = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'white' } })
      .png()
      .toBuffer()
    for (const [width, height, limit] of [
      [60_000, 60_000, 'pictureSideMax'],
      [2, 4_000_000, 'pictureSideMax'],
      [39_000, 39_000, 'picturePixelsMax'],
    ] as const) {
      const bomb = Buffer.from(small)
      bomb.writeUInt32BE(width, 16)
      bomb.writeUInt32BE(height, 20)
      // The checksum of the header: sharp refuses a wrong one before it looks at sizes.
      bomb.writeUInt32BE(crc(bomb.subarray(12, 29)), 29)
      expect(await reasonOf(bomb)).toBe(`limit_exceeded ${limit}`)
    }
  })

  it('cut off, empty, black, white and noisy pictures give no figure', async () => {
    const { bytes } = await degrade(drawSeed(1).svg, 100, 'light', 1)
    expect(await reasonOf(bytes.subarray(0, 3_000))).toBe('damaged')
    const noise = Buffer.from(Array.from({ length: 300 * 300 }, (_, index) => (index * index * 7919) % 256))
    const raw = { width: 300, height: 300, channels: 1 as const }
    for (const data of [Buffer.alloc(300 * 300), Buffer.alloc(300 * 300, 255), noise]) {
      const png = await sharp(data, { raw }).png().toBuffer()
      const reading = await readReport(png, { fileName: 'x.png' }, registry, { ocr: find })
      expect(reading.facts).toEqual([])
    }
    const dot = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'black' } })
      .png()
      .toBuffer()
    expect(await reasonOf(dot)).toBe('ok')
  })

  it('whatever follows the mark of a picture, reading it ends with a result', async () => {
    const marks = ['89504e470d0a1a0a', 'ffd8ffe0', '47494638', '49492a00']
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...marks), fc.uint8Array({ maxLength: 400 }), async (mark, rest) => {
        const result = await parse(Buffer.concat([Buffer.from(mark, 'hex'), rest]), { ocr: find })
        expect(result.ok).toBe(false)
      }),
      { numRuns: 60 },
    )
    expect(limits.picturePixelsMax).toBeGreaterThan(limits.pictureReadPixelsMax)
  })
})

describe('parts of the reader of pictures', () => {
  it('finds by how much a page lies askew', async () => {
    const { bitmap } = await drawnPage(drawSeed(3).svg)
    for (const skew of [-3, -1.2, -0.3, 0, 0.5, 1.7, 2.9]) {
      const angle = levelingAngle(inkOf(turned(bitmap, skew), 140))
      expect(Math.abs(angle + skew)).toBeLessThan(0.08)
    }
  })

  it('keeps of two readings of a line what both say', () => {
    expect(confirmed('清陵市白陵乡2023年', '清陵市日陵乡2023年')).toBe('清陵市\ufffd陵乡2023年')
    expect(confirmed('2023年度报告', '2028年度报告')).toBe('202\ufffd年度报告')
    expect(confirmed('年度报告', '')).toBe('\ufffd\ufffd\ufffd\ufffd')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 30 }), fc.string({ maxLength: 30 }), (one, other) => {
        const text = confirmed(one, other)
        expect([...text].length).toBe([...one].length)
        expect(confirmed(one, one)).toBe(one)
        for (const [index, character] of [...text].entries()) {
          if (character !== '\ufffd') expect(character).toBe([...one][index])
        }
      }),
    )
  })
})

async function drawnPage(svg: string) {
  const { data, info } = await sharp(Buffer.from(svg), { density: 100 })
    .flatten({ background: 'white' })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { bitmap: { width: info.width, height: info.height, data: new Uint8Array(data) } }
}

/** The checksum of a PNG's part. */
function crc(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0)
  }
  return (value ^ 0xffffffff) >>> 0
}
