/**
 * The ruling lines of a level page: takes where ink is, gives straight lines along the axes, and the ink that belongs to
 * them. A line is found from runs of ink with small gaps, row by row, so that it may be thin, broken, a little askew or
 * fuzzy at its edges; print makes no runs that long.
 */
import type { Mask } from './bitmap.ts'

/** A line in pixels: `at` its middle across, `from` < `to` along it. */
export type PixelRule = {
  readonly horizontal: boolean
  readonly at: number
  readonly from: number
  readonly to: number
  readonly thickness: number
}

/** What was found. The masks hold the ink of lines in either direction. */
export type Ruling = { readonly rules: readonly PixelRule[]; readonly across: Mask; readonly down: Mask }

/** Inches. */
const runMin = 0.16
const gapMax = 0.016
const bridgeMax = 0.12
/** Only what is longer than a stroke of any print is continued over a gap. */
const bridgedMin = 0.4
const lineMin = 0.22
const thicknessMax = 0.06
const besideMax = 0.02
/** Lines that end so near one another meet. */
export const touchMax = 0.05
const densityMin = 0.75

/** A line with the runs of ink it was found from. */
type Found = PixelRule & { readonly runs: readonly Run[] }

/** The lines of a page whose pixels are `dpi` to the inch, those of print left out: a line of a table meets two others. */
export function findRules(ink: Mask, dpi: number): Ruling {
  let kept = [...findAlong(ink, dpi, true), ...findAlong(ink, dpi, false)]
  for (;;) {
    const held = kept.filter((rule) => kept.filter((other) => meets(rule, other, touchMax * dpi)).length > 1)
    if (held.length === kept.length) break
    kept = held
  }
  const rules = kept.map(({ horizontal, at, from, to, thickness }) => ({ horizontal, at, from, to, thickness }))
  return { rules, across: inkOfRules(ink, kept, true), down: inkOfRules(ink, kept, false) }
}

/** True where a lying and a standing line touch or cross, or miss each other by `reach` at most. */
export function meets(a: PixelRule, b: PixelRule, reach: number): boolean {
  if (a.horizontal === b.horizontal) return false
  return a.at >= b.from - reach && a.at <= b.to + reach && b.at >= a.from - reach && b.at <= a.to + reach
}

type Run = { readonly line: number; readonly from: number; readonly to: number }

function findAlong(ink: Mask, dpi: number, horizontal: boolean): Found[] {
  const lines = horizontal ? ink.height : ink.width
  const pieces = groupRuns(collectRuns(ink, horizontal, dpi), lines)
    .map((runs) => ruleOf(runs, horizontal))
    .filter(({ thickness }) => thickness <= thicknessMax * dpi)
  return joinPieces(pieces, dpi).filter(({ from, to }) => to - from >= lineMin * dpi)
}

function inkOfRules(ink: Mask, rules: readonly Found[], horizontal: boolean): Mask {
  const { width, height, data } = ink
  const lines = horizontal ? height : width
  const [lineStep, step] = horizontal ? [width, 1] : [1, width]
  const mask = new Uint8Array(data.length)
  for (const { runs } of rules.filter((rule) => rule.horizontal === horizontal)) {
    for (const { line, from, to } of runs) {
      for (const one of [line, line + 1]) {
        if (one >= lines) continue
        for (let place = from, at = one * lineStep + from * step; place < to; place++, at += step) {
          if (data[at] === 1) mask[at] = 1
        }
      }
    }
  }
  return { width, height, data: mask }
}

/** Runs of ink along each pair of neighbouring lines of pixels: a line a little askew leaves one for the next. */
function collectRuns(ink: Mask, horizontal: boolean, dpi: number): Run[] {
  const { width, height, data } = ink
  const [lines, length] = horizontal ? [height, width] : [width, height]
  const [lineStep, step] = horizontal ? [width, 1] : [1, width]
  const shortest = Math.round(runMin * dpi)
  const gap = Math.max(2, Math.round(gapMax * dpi))
  const runs: Run[] = []
  for (let line = 0; line < lines; line++) {
    const beside = line + 1 < lines ? lineStep : 0
    let from = -1
    let last = -1
    let inked = 0
    const end = (): void => {
      if (from >= 0 && last + 1 - from >= shortest && inked >= (last + 1 - from) * densityMin) {
        runs.push({ line, from, to: last + 1 })
      }
      from = -1
      inked = 0
    }
    for (let place = 0, at = line * lineStep; place < length; place++, at += step) {
      if (data[at] === 0 && data[at + beside] === 0) {
        if (from >= 0 && place - last > gap) end()
        continue
      }
      if (from < 0) from = place
      last = place
      inked++
    }
    end()
  }
  return runs
}

/** Runs that touch from one line of pixels to the next. */
function groupRuns(runs: Run[], lines: number): Run[][] {
  const parent = runs.map((_, index) => index)
  const root = (index: number): number => {
    let at = index
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!
      at = parent[at]!
    }
    return at
  }
  let before: number[] = []
  let next = 0
  for (let line = 0; line < lines && next < runs.length; line++) {
    const here: number[] = []
    while (next < runs.length && runs[next]!.line === line) here.push(next++)
    let low = 0
    for (const index of here) {
      const { from, to } = runs[index]!
      while (low < before.length && runs[before[low]!]!.to < from) low++
      for (let other = low; other < before.length && runs[before[other]!]!.from <= to; other++) {
        parent[root(index)] = root(before[other]!)
      }
    }
    before = here
  }
  const groups = new Map<number, Run[]>()
  for (let index = 0; index < runs.length; index++) {
    const group = groups.get(root(index))
    if (group) group.push(runs[index]!)
    else groups.set(root(index), [runs[index]!])
  }
  return [...groups.values()]
}

function ruleOf(runs: readonly Run[], horizontal: boolean): Found {
  let from = Number.POSITIVE_INFINITY
  let to = 0
  let weight = 0
  let weighted = 0
  for (const run of runs) {
    from = Math.min(from, run.from)
    to = Math.max(to, run.to)
    weight += run.to - run.from
    weighted += (run.line + 0.5) * (run.to - run.from)
  }
  return { horizontal, at: weighted / weight + 0.5, from, to, thickness: Math.max(1, weight / (to - from) - 1), runs }
}

/** Pieces of one line that print, dust or a bad copy parted. */
function joinPieces(pieces: readonly Found[], dpi: number): Found[] {
  const open = [...pieces].sort((a, b) => a.from - b.from)
  const joined: Found[] = []
  for (const piece of open) {
    const near = joined.findIndex(
      (rule) =>
        Math.abs(rule.at - piece.at) <= besideMax * dpi &&
        piece.from - rule.to <= bridgeMax * dpi &&
        Math.max(piece.to - piece.from, rule.to - rule.from) >= bridgedMin * dpi,
    )
    if (near < 0) {
      joined.push(piece)
      continue
    }
    const rule = joined[near]!
    const [a, b] = [rule.to - rule.from, piece.to - piece.from]
    joined[near] = {
      ...rule,
      at: (rule.at * a + piece.at * b) / (a + b),
      to: Math.max(rule.to, piece.to),
      thickness: Math.max(rule.thickness, piece.thickness),
      runs: [...rule.runs, ...piece.runs],
    }
  }
  return joined
}
