/**
 * The structure keeps itself: the layers of ARCHITECTURE.md against every import, and what no tool checks: docstrings,
 * dead files, banned names and words, long functions, large blobs, machine paths.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)))
const code = tracked.filter((path) => /^(parsers|src|workers)\/.*\.ts$/.test(path))
const source = new Map(code.map((path) => [path, readFileSync(join(root, path), 'utf8')]))

/** Rows of the layer table: prefixes of paths, lowest layer first. */
function layers(): string[][] {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  const rows = [...text.matchAll(/^\| *(\d+) *\| *([^|]+) *\|/gm)]
  return rows.map((row) => [...row[2]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!))
}

function layerOf(path: string, table: readonly string[][]): { layer: number; part: string } | null {
  for (const [layer, parts] of table.entries()) {
    const part = parts.find((one) => path === one || path.startsWith(`${one}/`))
    if (part !== undefined) return { layer, part }
  }
  return null
}

function importsOf(path: string): string[] {
  const found = source.get(path)!.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)
  return [...found].map((match) => normalize(join(dirname(path), match[1]!)))
}

/** Lines of each function declaration: from its head to the closing brace at the same indentation. */
function functionLengths(text: string): { name: string; lines: number }[] {
  const lines = text.split('\n')
  const found: { name: string; lines: number }[] = []
  for (const [index, line] of lines.entries()) {
    const head = /^(\s*)(?:export )?(?:default )?(?:async )?function\*? (\w+)/.exec(line)
    if (!head) continue
    const end = lines.findIndex((other, at) => at > index && other.startsWith(`${head[1]}}`))
    if (end > 0) found.push({ name: head[2]!, lines: end - index + 1 })
  }
  return found
}

describe('tidiness', () => {
  it('every import goes up the layers of ARCHITECTURE.md', () => {
    const table = layers()
    expect(table.length).toBeGreaterThan(5)
    const wrong: string[] = []
    for (const path of code) {
      const from = layerOf(path, table)
      if (from === null) {
        wrong.push(`${path} is in no layer`)
        continue
      }
      for (const target of importsOf(path)) {
        const to = layerOf(target, table)
        if (to === null) wrong.push(`${path} imports ${target}, which is in no layer`)
        else if (to.layer > from.layer || (to.layer === from.layer && to.part !== from.part && from.layer > 1)) {
          wrong.push(`${path} imports ${target}`)
        }
      }
    }
    expect(wrong).toEqual([])
  })

  it('every file is used', () => {
    const used = new Set(code.flatMap(importsOf))
    const entries = [
      'src/cli/main.ts',
      'src/pipeline/thread.ts',
      'src/pipeline/reader-process.ts',
      'src/store/query-thread.ts',
    ]
    expect(code.filter((path) => !used.has(path) && !entries.includes(path))).toEqual([])
  })

  it('every export has a docstring and every file says what it is for', () => {
    const bare: string[] = []
    for (const [path, text] of source) {
      const lines = text.split('\n')
      if (!/^(#!.*\n)?\/\*\*/.test(text)) bare.push(`${path}: no opening paragraph`)
      for (const [index, line] of lines.entries()) {
        const match = /^export (?:async )?(?:function\*?|class|const) (\w+)/.exec(line)
        if (match && !/\*\/\s*$/.test(lines[index - 1] ?? '')) bare.push(`${path}: ${match[1]}`)
      }
    }
    expect(bare).toEqual([])
  })

  it('names say what a file is, and nothing is called utils', () => {
    const banned = /(^|\/)(utils?|helpers?|common|types|misc|manager|services?|shared)(\.|\/|$)/
    expect(code.filter((path) => banned.test(path))).toEqual([])
  })

  it('no function is longer than 60 lines', () => {
    const long: string[] = []
    for (const [path, text] of source) {
      for (const { name, lines } of functionLengths(text)) if (lines > 60) long.push(`${path} ${name}: ${lines}`)
    }
    expect(long).toEqual([])
  })

  it('no any, no ignored errors, no promises to do it later, no skipped tests', () => {
    const wrong: string[] = []
    for (const path of tracked.filter((one) => /\.(ts|mts|mjs)$/.test(one) && one !== 'test/tidy.test.ts')) {
      const text = readFileSync(join(root, path), 'utf8')
      for (const [index, line] of text.split('\n').entries()) {
        if (/: any\b|\bas any\b|<any>|@ts-ignore|@ts-expect-error|\bTODO\b|\bFIXME\b/.test(line))
          wrong.push(`${path}:${index + 1}`)
        if (/\b(?:it|test|describe)\.(?:only|skip|todo)\b/.test(line)) wrong.push(`${path}:${index + 1}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('layers up to the messages see no clock, environment, network or disk', () => {
    const impure =
      /\bprocess\.env\b|Date\.now\(|new Date\(\)|Math\.random\(|from 'node:(?:fs|net|http|https|child_process|os)/
    const pure = /^(parsers|src\/(model|errors|forms|agencies|rules|messages))/
    // The registry reads its own definitions, once, at start.
    // What they read belongs to the program: its forms, its WebAssembly module.
    const allowed = new Set(['src/forms/registry.ts', 'parsers/pdf/engine.ts'])
    const wrong = code.filter((path) => pure.test(path) && !allowed.has(path) && impure.test(source.get(path)!))
    expect(wrong).toEqual([])
  })

  it('SQL stands in the store only', () => {
    const sql = /\b(?:SELECT\s+[\w*,\s]+\s+FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b/
    const wrong = code.filter(
      (path) => !path.startsWith('src/store/') && !/doctor|help/.test(path) && sql.test(source.get(path)!),
    )
    expect(wrong.filter((path) => !path.startsWith('src/cli/'))).toEqual([])
  })

  it('no large blobs, no machine paths, no registry hosts', () => {
    const large = tracked.filter((path) => statSync(join(root, path)).size > 600_000)
    expect(large).toEqual([])
    const marks = new RegExp(
      ['regi' + 'stry\\.npmjs', 'npm' + 'mirror', 'deb\\.deb' + 'ian\\.org', '/ro' + 'ot/', '/wo' + 'rk/'].join('|'),
    )
    const wrong = tracked.filter(
      (path) =>
        /\.(ts|mjs|json|md|yml|sh|sql|html|css)$/.test(path) &&
        !path.startsWith('samples/') &&
        marks.test(readFileSync(join(root, path), 'utf8')),
    )
    expect(wrong).toEqual([])
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved"')
  })
})
