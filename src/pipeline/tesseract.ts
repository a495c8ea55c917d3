/**
 * Tesseract as the engine that reads pictures: finds the program, hands it small pictures as the pages of one TIFF, reads
 * the words it prints. One process reads many pictures, since its models take longer to load than a cell to read; it runs
 * on one processor, with a time limit, and nothing touches the disk.
 */
import { execFile } from 'node:child_process'
import type { Bitmap } from '../../parsers/scan/bitmap.ts'
import {
  EngineFailure,
  type EngineWord,
  type FindEngine,
  type OcrEngine,
  type ReadingMode,
} from '../../parsers/scan/engine.ts'
import { detailOf } from '../errors.ts'

const secondsMax = 120
const outputBytesMax = 64 * 1024 * 1024
/** Pictures that one process reads. */
const batchMax = 250

/** The digits alone in a model trained on Latin print; words in one trained on Chinese. */
const modes: Readonly<Record<ReadingMode, readonly string[]>> = {
  figure: ['-l', 'eng', '--psm', '7', '-c', 'tessedit_char_whitelist=0123456789./-+,'],
  'other figure': ['-l', 'chi_sim', '--psm', '7', '-c', 'tessedit_char_whitelist=0123456789./-+,'],
  words: ['-l', 'chi_sim', '--psm', '6'],
  line: ['-l', 'chi_sim', '--psm', '7'],
  page: ['-l', 'chi_sim', '--psm', '4'],
}

/** Tesseract, looked for once and when it is first asked for; null where it or its data are missing. */
export function tesseractFinder(): FindEngine {
  let found: Promise<OcrEngine | null> | null = null
  return () => {
    found ??= findTesseract().catch(() => null)
    return found
  }
}

/** The program with what it needs to read reports. @throws Error saying what is missing */
export async function findTesseract(program = 'tesseract'): Promise<OcrEngine> {
  const version = /tesseract v?(\S+)/.exec(await run(program, ['--version']))?.[1]
  const languages = (await run(program, ['--list-langs'])).split(/\s+/)
  const missing = ['eng', 'chi_sim'].filter((language) => !languages.includes(language))
  if (version === undefined || missing.length > 0)
    throw new Error(`${program} ${version ?? '?'}: ${missing.join(', ')}`)
  return { name: `tesseract ${version}`, read: (pictures, mode) => readAll(program, pictures, mode) }
}

async function readAll(program: string, pictures: readonly Bitmap[], mode: ReadingMode): Promise<EngineWord[][]> {
  const read: EngineWord[][] = []
  for (let from = 0; from < pictures.length; from += batchMax) {
    const batch = pictures.slice(from, from + batchMax)
    const parameters = ['stdin', 'stdout', ...modes[mode], '--dpi', '300', 'tsv']
    read.push(...readWords(await run(program, parameters, makeTiff(batch)), batch.length))
  }
  return read
}

/** Pictures as the pages of one TIFF: grey, not compressed, a strip each. */
function makeTiff(pictures: readonly Bitmap[]): Buffer {
  const parts: Buffer[] = [Buffer.from('49492a0008000000', 'hex')]
  let offset = 8
  for (const [index, { width, height, data }] of pictures.entries()) {
    const strip = offset + 2 + tiffTags * 12 + 4
    const padded = data.length + (data.length % 2)
    const next = index + 1 < pictures.length ? strip + padded : 0
    const directory = Buffer.alloc(2 + tiffTags * 12 + 4)
    const tags = [
      [256, width],
      [257, height],
      [258, 8],
      [259, 1],
      [262, 1],
      [273, strip],
      [277, 1],
      [278, height],
      [279, data.length],
    ] as const
    directory.writeUInt16LE(tags.length, 0)
    for (const [place, [tag, value]] of tags.entries()) {
      directory.writeUInt16LE(tag, 2 + place * 12)
      // Type 4: a whole number of 32 bits.
      directory.writeUInt16LE(4, 4 + place * 12)
      directory.writeUInt32LE(1, 6 + place * 12)
      directory.writeUInt32LE(value, 10 + place * 12)
    }
    directory.writeUInt32LE(next, 2 + tiffTags * 12)
    parts.push(directory, Buffer.from(data.buffer, data.byteOffset, data.length), Buffer.alloc(padded - data.length))
    offset = strip + padded
  }
  return Buffer.concat(parts)
}

const tiffTags = 9

/** Tesseract's table of words: its pages are the pictures of the list. */
function readWords(table: string, count: number): EngineWord[][] {
  const pictures: EngineWord[][] = Array.from({ length: count }, () => [])
  for (const row of table.split('\n')) {
    const fields = row.split('\t')
    if (fields[0] !== '5' || fields.length < 12) continue
    const [, page, block, paragraph, line, , left, top, width, height, confidence] = fields.map(Number)
    const text = fields[11]!.trim()
    const words = pictures[page! - 1]
    if (words === undefined || text === '') continue
    const box = { left: left!, top: top!, right: left! + width!, bottom: top! + height! }
    words.push({
      text,
      confidence: Math.max(0, confidence!) / 100,
      box,
      line: (block! * 1_000 + paragraph!) * 1_000 + line!,
    })
  }
  return pictures
}

function run(program: string, parameters: readonly string[], input: Buffer | null = null): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout: secondsMax * 1000,
      killSignal: 'SIGKILL' as const,
      maxBuffer: outputBytesMax,
      env: { ...process.env, OMP_THREAD_LIMIT: '1' },
    }
    const child = execFile(program, [...parameters], options, (error, stdout) => {
      if (error) reject(new EngineFailure(detailOf(error)))
      else resolve(stdout)
    })
    // A program that ends early closes its input; its exit code says why.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input ?? '')
  })
}
