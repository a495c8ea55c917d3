/** What can go wrong around the command: full disks, pipes, paths of every kind, stores that cannot be used. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Options, runGouji, samples } from './process.ts'

let folder: string

const gouji = (args: readonly string[], options?: Options) => runGouji(folder, args, options)
const sh = (line: string) => runGouji(folder, [line], { shell: true })
const rundong = join(samples, 'rundong-2021.txt')

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-edges-'))
  expect((await gouji(['ingest', rundong, '--store', 'one'])).code).toBe(0)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('output', () => {
  it.each([
    `extract ${rundong}`,
    `extract ${samples} --format jsonl`,
    'export --store one',
    'audit --format json --store one',
    'audit --format html --store one',
    'forms',
    '--help',
  ])('of %s that is lost is an error', async (line) => {
    const { code, stderr } = await sh(`$gouji ${line} >/dev/full`)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^The output could not be written: .*\n$/)
  })

  it.each(['--help', 'forms show ogi_2021', `extract ${samples}`])('of %s may be cut off', async (line) => {
    for (const reader of ['head -n 1', 'true']) expect((await sh(`$gouji ${line} | ${reader}`)).stderr).toBe('')
  })
})
