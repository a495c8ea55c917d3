/**
 * Tesseract as the engine that reads pictures: finds the program, gives it small pictures in a temporary folder, reads the
 * words it prints. One process reads a whole list of pictures, since its models take longer to load than a cell to read;
 * it runs on one processor, with a time limit, and its folder goes with it.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { EngineFailure, type EngineWord, type OcrEngine, type ReadingMode } from '../../parsers/scan/engine.ts'
import type { Bitmap } from '../../parsers/scan/bitmap.ts'
import { detailOf } from '../errors.ts'

const secondsMax = 120
const outputBytesMax = 64 * 1024 * 1024

/** The digits alone in a model trained on Latin print; words in one trained on Chinese. */
const modes: Readonly<Record<ReadingMode, readonly string[]>> = {
  figure: ['-l', 'eng', '--psm', '7', '-c', 'tessedit_char_whitelist=0123456789./-+,'],
  words: ['-l', 'chi_sim', '--psm', '6'],
  line: ['-l', 'chi_sim', '--psm', '7'],
  page: ['-l', 'chi_sim', '--psm', '4'],
}

/** The program with what it needs to read reports. @throws Error saying what is missing */
export async function findTesseract(program = 'tesseract'): Promise<OcrEngine> {
  const version = /tesseract v?(\S+)/.exec(await run(program, ['--version']))?.[1]
  const languages = (await run(program, ['--list-langs'])).split(/\s+/)
  const missing = ['eng', 'chi_sim'].filter((language) => !languages.includes(language))
  if (version === undefined || missing.length > 0) throw new Error(`${program} ${version ?? '?'}: ${missing.join(', ')}`)
  return { name: `tesseract ${version}`, read: (pictures, mode) => readAll(program, pictures, mode) }
}

async function readAll(program: string, pictures: readonly Bitmap[], mode: ReadingMode): Promise<EngineWord[][]> {
  if (pictures.length === 0) return []
  const folder = await mkdtemp(path.join(tmpdir(), 'gouji-pictures-'))
  try {
    const files = pictures.map((_, index) => path.join(folder, `${index}.pgm`))
    for (const [index, { width, height, data }] of pictures.entries()) {
      await writeFile(files[index]!, Buffer.concat([Buffer.from(`P5 ${width} ${height} 255\n`), data]))
    }
    const list = path.join(folder, 'list.txt')
    await writeFile(list, `${files.join('\n')}\n`)
    return readWords(await run(program, [list, 'stdout', ...modes[mode], '--dpi', '300', 'tsv']), pictures.length)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

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
    words.push({ text, confidence: Math.max(0, confidence!) / 100, box, line: (block! * 1_000 + paragraph!) * 1_000 + line! })
  }
  return pictures
}

function run(program: string, parameters: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout: secondsMax * 1000,
      killSignal: 'SIGKILL' as const,
      maxBuffer: outputBytesMax,
      env: { ...process.env, OMP_THREAD_LIMIT: '1' },
    }
    execFile(program, [...parameters], options, (error, stdout) => {
      if (error) reject(new EngineFailure(detailOf(error)))
      else resolve(stdout)
    })
  })
}
