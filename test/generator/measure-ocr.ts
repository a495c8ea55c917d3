/**
 * How well pictures are read, measured: reports made at random are drawn, worn at several levels and resolutions, and read
 * back by the real engine. Gives one row for each level and resolution; `npx tsx test/generator/measure-ocr.ts` prints
 * them as the table of docs/ocr.md. A whole measurement takes minutes, so tests run a small part of it.
 */
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import type { FindEngine } from '../../parsers/scan/engine.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { tesseractFinder } from '../../src/pipeline/tesseract.ts'
import { degrade, type Level } from './degrade.ts'
import { truths } from './figures.ts'
import { type Drawing, drawReport } from './render/scan.ts'

/** What is measured. */
export type MeasureOptions = {
  /** Reports for each row. */
  readonly reports: number
  /** The first report's seed; the others follow it. */
  readonly seed: number
  readonly levels: readonly Level[]
  readonly dpis: readonly number[]
}

/** Cells of one level and resolution: those read as drawn, those in doubt, and those asserted to be something else. */
export type MeasuredRow = {
  readonly level: Level
  readonly dpi: number
  readonly cells: number
  readonly right: number
  readonly doubt: number
  readonly wrong: readonly string[]
  /** Codes of the cells in doubt, with what was drawn and what was read. */
  readonly doubtful: readonly string[]
  /** Of a report on one page as long as it is: about as much as two pages of A4. */
  readonly secondsEach: number
}

/** Cells that were read as drawn, those in doubt, and those asserted to be something else. */
export type Comparison = {
  readonly right: number
  readonly wrong: readonly string[]
  readonly doubtful: readonly string[]
}

/** The report that a seed stands for, drawn. */
export function drawSeed(seed: number): Drawing {
  const [truth] = fc.sample(truths(), { seed, numRuns: 1 })
  return drawReport(truth!, seed)
}

/** What was read against what was drawn. */
export function compareDrawn({ expected, note }: Drawing, reading: Reading): Comparison {
  let right = 0
  const wrong: string[] = []
  const doubtful: string[] = []
  const left = new Map(expected)
  for (const { code, state, value, text } of reading.facts) {
    const drawn = expected.get(code)
    const said = `${code}: ${drawn?.state} ${drawn?.value}, read ${state} ${value} "${text}" (${note})`
    if (state === 'absent' || state === 'unreadable') continue
    left.delete(code)
    if (drawn?.state === state && drawn.value === value) right++
    else wrong.push(said)
  }
  for (const [code, drawn] of left) {
    const fact = reading.facts.find((one) => one.code === code)
    const candidates = fact?.state === 'unreadable' ? fact.candidates.join(' ') : ''
    doubtful.push(`${code}: ${drawn.state} ${drawn.value}, read "${fact?.text}" [${candidates}] (${note})`)
  }
  return { right, wrong, doubtful }
}

/** Measures by the engine that `find` gives. @throws Error where there is none */
export async function measureOcr(
  options: MeasureOptions,
  find: FindEngine = tesseractFinder(),
): Promise<MeasuredRow[]> {
  if ((await find()) === null) throw new Error('no engine that reads pictures')
  const registry = loadRegistry()
  const rows: MeasuredRow[] = []
  for (const level of options.levels) {
    for (const dpi of options.dpis) {
      let [cells, right, seconds] = [0, 0, 0]
      const wrong: string[] = []
      const doubtful: string[] = []
      for (let seed = options.seed; seed < options.seed + options.reports; seed++) {
        const drawing = drawSeed(seed)
        const { bytes, name } = await degrade(drawing.svg, dpi, level, seed)
        const started = performance.now()
        const found = compareDrawn(drawing, await readReport(bytes, { fileName: name }, registry, { ocr: find }))
        seconds += (performance.now() - started) / 1000
        cells += drawing.expected.size
        right += found.right
        wrong.push(...found.wrong.map((one) => `seed ${seed}: ${one}`))
        doubtful.push(...found.doubtful.map((one) => `seed ${seed}: ${one}`))
      }
      const doubt = cells - right - wrong.length
      rows.push({ level, dpi, cells, right, doubt, wrong, doubtful, secondsEach: seconds / options.reports })
    }
  }
  return rows
}

/** Rows as a table in Markdown. */
export function ocrTable(rows: readonly MeasuredRow[]): string {
  const part = (count: number, all: number): string => `${((count / all) * 100).toFixed(2)} %`
  const lines = rows.map(
    ({ level, dpi, cells, right, doubt, wrong, secondsEach }) =>
      `| ${level}, ${dpi} | ${part(right, cells)} | ${part(doubt, cells)} | ${wrong.length} | ${secondsEach.toFixed(1)} |`,
  )
  return ['| picture | right | in doubt | wrong | seconds |', '| --- | --- | --- | --- | --- |', ...lines].join('\n')
}

/** `measure-ocr.ts [reports] [seed] [levels] [dpis] [all]`; `all` lists the cells in doubt too. */
async function main([reports = '2', seed = '1', levels = 'clean,light,bad', dpis = '150,200,300', all]: string[]) {
  const measured: MeasuredRow[] = []
  for (const level of levels.split(',') as Level[]) {
    for (const dpi of dpis.split(',').map(Number)) {
      const options = { reports: Number(reports), seed: Number(seed), levels: [level], dpis: [dpi] }
      const rows = await measureOcr(options)
      measured.push(...rows)
      for (const { wrong, doubtful } of rows) {
        for (const one of wrong) console.log(`wrong, ${level}, ${dpi}: ${one}`)
        if (all !== undefined) for (const one of doubtful) console.log(`in doubt, ${level}, ${dpi}: ${one}`)
      }
    }
  }
  console.log(ocrTable(measured))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2))
