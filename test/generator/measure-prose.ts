/**
 * How well prose is read, measured: reports of sentences from templates are read back, and what they state of the
 * report itself is counted by field. Gives rights, wrongs and misses of the templates that were tuned on and of those
 * held back; `npx tsx test/generator/measure-prose.ts [reports]` prints them as a table.
 */
import { pathToFileURL } from 'node:url'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readStatements } from '../../src/forms/statements.ts'
import { makeProse } from './prose.ts'
import { makeRandom, seedFor } from './random.ts'

export type FieldScore = { right: number; wrong: number; missed: number }

export type ProseScore = {
  readonly fields: ReadonlyMap<string, FieldScore>
  /** Sentences with what was read of them and should not have been, and with what was not read. */
  readonly wrong: readonly string[]
  readonly missed: readonly string[]
}

/** What is read of `reports` reports, the first made from `seed`. */
export function measureProse(reports: number, seed: number, lot: number, heldOut: boolean): ProseScore {
  const form = loadRegistry().byId.get('ogi_2021')!
  const fields = new Map<string, FieldScore>()
  const wrong: string[] = []
  const missed: string[] = []
  const scoreOf = (field: string): FieldScore => {
    const score = fields.get(field) ?? { right: 0, wrong: 0, missed: 0 }
    fields.set(field, score)
    return score
  }
  for (let report = 0; report < reports; report++) {
    const { agency, year, document, stated } = makeProse(makeRandom(seedFor('prose', seed + report)), lot, heldOut)
    // Fees are asked for by whether they are mentioned at all, whosoever they are.
    const read = readStatements(document, form, { agency, year }).filter(
      ({ scope, field }) => scope === 'own' || field === 'info_fee',
    )
    const left = [...stated]
    for (const one of read) {
      const at = left.findIndex(({ field, value }) => field === one.field && value === one.value)
      if (at >= 0) {
        left.splice(at, 1)
        scoreOf(one.field).right++
      } else {
        scoreOf(one.field).wrong++
        wrong.push(`${one.field} ${one.value}: ${one.sentence} [${agency} ${year}]`)
      }
    }
    for (const one of left) {
      scoreOf(one.field).missed++
      missed.push(`${one.field} ${one.value}: ${one.sentence} [${agency} ${year}]`)
    }
  }
  return { fields, wrong, missed }
}

/** Precision and recall of a score, or of several together. */
export function shares(scores: Iterable<FieldScore>): { precision: number; recall: number; stated: number } {
  let right = 0
  let wrong = 0
  let missed = 0
  for (const score of scores) {
    right += score.right
    wrong += score.wrong
    missed += score.missed
  }
  const precision = right + wrong === 0 ? 1 : right / (right + wrong)
  return { precision, recall: right + missed === 0 ? 1 : right / (right + missed), stated: right + missed }
}

function print(reports: number): void {
  for (const [lot, heldOut] of [
    [0, false],
    [0, true],
    [1, false],
    [1, true],
  ] as const) {
    const { fields, wrong, missed } = measureProse(reports, 1, lot, heldOut)
    const lines = [...fields].sort().map(([field, score]) => ({ field, ...shares([score]) }))
    lines.push({ field: 'all', ...shares(fields.values()) })
    console.log(`\nlot ${lot + 1}, ${heldOut ? 'held back' : 'tuned'}`)
    for (const { field, precision, recall, stated } of lines) {
      console.log(`${field.padEnd(20)} ${precision.toFixed(4)} ${recall.toFixed(4)} ${stated}`)
    }
    if (heldOut && !process.argv.includes('--all')) continue
    for (const text of new Set([...wrong.slice(0, 60).map((one) => `WRONG ${one}`)])) console.log(text)
    for (const text of new Set([...missed.slice(0, 60).map((one) => `MISSED ${one}`)])) console.log(text)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) print(Number(process.argv[2] ?? 300))
