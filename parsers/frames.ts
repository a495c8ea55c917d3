/**
 * Tables drawn with characters, as text browsers and converters draw them: takes lines of text, gives the grid that their
 * frames enclose, or null where they are no whole frames. What counts are the enclosed areas, as on a page: each is a
 * rectangle and one cell, so that merged cells and cells of several lines are what they look like.
 */
import { isValueLine } from './cellrun.ts'
import { isDrawnRule, isRowOfDashes, plainPipes, splitByPipes } from './delimited.ts'
import type { Anchor, Grid } from './document.ts'
import { makePlacedGrid, type PlacedCell } from './grid.ts'
import { enforceLimit } from './limits.ts'
import { type Measure, measures } from './screen.ts'

/** A line of the drawing. */
export type DrawnLine = { readonly number: number; readonly text: string }

/** In a frame rules have crossings. */
function isRule(text: string): boolean {
  return isDrawnRule(text) && !isRowOfDashes(text)
}

const cellsMin = 3
/** Rules that reach from one line to another beside text: the shortest may be a mark in a cell, but not in one row with longer ones. */
const drawnRuns = /(?<=[|+])[-=]+(?:\+[-=]+)*(?=[|+])/g
const longRun = /[-=]{3}/
const box = /[\u2500-\u257f]/

/** The grid of each frame under one another, as one; null where frames do not close, or enclose what is no rectangle. */
export function framedGrid(lines: readonly DrawnLine[], at: (path: string) => Anchor): Grid | null {
  if (!isRuledBetweenRows(lines, isRule)) return null
  for (const measure of measures) {
    const areas = areasOf(lines.map(({ text }) => placesOf(text, measure)))
    if (areas !== null && areas.length >= cellsMin) return gridOf(areas, lines, at)
  }
  return null
}

/**
 * True where rules are drawn between the rows of some frame, so that an area is a cell: there is one for every few lines, or
 * no fewer than there are lines with figures, however long the remarks are that stand in the table. A rule right behind
 * another begins the next frame.
 */
export function isRuledBetweenRows(lines: readonly DrawnLine[], isRuleOf: (text: string) => boolean): boolean {
  let rules = 0
  let start = 0
  for (let index = 0; index <= lines.length; index++) {
    const rule = index < lines.length && isRuleOf(lines[index]!.text)
    const ends = index === lines.length || (rule && index > start && isRuleOf(lines[index - 1]!.text))
    if (ends) {
      if (rules >= rulesMin && isCutByRules(lines.slice(start, index), rules)) return true
      start = index
      rules = 0
    }
    if (rule) rules++
  }
  return false
}

function isCutByRules(lines: readonly DrawnLine[], rules: number): boolean {
  if (rules * linesPerRuleMax >= lines.length) return true
  let figured = 0
  for (const { text } of lines) if (/\d/.test(text) && splitByPipes(plainPipes(text), true).some(isValueLine)) figured++
  return figured <= rules
}

const rulesMin = 4
const linesPerRuleMax = 8

/** The characters of a line by screen column, empty behind a wide one; null for what draws. */
type Places = readonly (string | null)[]

function placesOf(text: string, measure: Measure): Places {
  const places: (string | null)[] = []
  const plain = isRule(text)
    ? text.replace(/[-=+|:]/g, '\u2500')
    : text
        .replace(drawnRuns, (run) => (longRun.test(run) ? '\u2500'.repeat(run.length) : run))
        .replace(/\+(?=\u2500)|(?<=\u2500)\+|\|/g, '\u2500')
  let before = 1
  for (const one of plain) {
    // What draws takes one place, whatever the font says.
    const width = box.test(one) ? 1 : measure(one, before)
    places.push(box.test(one) ? null : one)
    if (width === 2) places.push('')
    before = width
  }
  return places
}

/** An enclosed area: rows and columns of characters, end exclusive, and its text. */
type Area = {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
  readonly text: string
}

/** The enclosed areas; null where one is no rectangle, or text stands between lines that enclose nothing. */
function areasOf(rows: readonly Places[]): Area[] | null {
  const seen = rows.map((row) => new Uint8Array(row.length))
  const areas: Area[] = []
  for (const [top, row] of rows.entries()) {
    for (let left = 0; left < row.length; left++) {
      if (row[left] === null || seen[top]![left] === 1) continue
      const found = fill(rows, seen, top, left)
      if (found.open) {
        if (found.between) return null
        continue
      }
      const { bottom, right, count } = found
      if (count !== (bottom - top) * (right - left) || found.left !== left) return null
      const text = rows
        .slice(top, bottom)
        .map((one) => one.slice(left, right).join('').trim())
        .filter((line) => line !== '')
        .join('\n')
      areas.push({ top, bottom, left, right, text })
    }
  }
  return areas
}

type Filled = {
  readonly left: number
  readonly right: number
  readonly bottom: number
  readonly count: number
  /** It reaches the outside. */
  readonly open: boolean
  /** Some of its text stands between two lines of the drawing. */
  readonly between: boolean
}

/** All that is reached from a place without crossing a line. */
function fill(rows: readonly Places[], seen: readonly Uint8Array[], top: number, start: number): Filled {
  let [left, right, bottom, count] = [start, start + 1, top + 1, 0]
  let open = false
  let between = false
  const stack: [number, number][] = [[top, start]]
  seen[top]![start] = 1
  const reach = (y: number, x: number): void => {
    const row = rows[y]
    if (row === undefined || x < 0 || x >= row.length) open = true
    else if (row[x] !== null && seen[y]![x] === 0) {
      seen[y]![x] = 1
      stack.push([y, x])
    }
  }
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [y, x] = next
    count++
    left = Math.min(left, x)
    right = Math.max(right, x + 1)
    bottom = Math.max(bottom, y + 1)
    if (!between && rows[y]![x]!.trim() !== '') between = isBetween(rows[y]!, x)
    reach(y, x - 1)
    reach(y, x + 1)
    reach(y - 1, x)
    reach(y + 1, x)
  }
  return { left, right, bottom, count, open, between }
}

function isBetween(row: Places, x: number): boolean {
  return row.indexOf(null) >= 0 && row.indexOf(null) < x && row.lastIndexOf(null) > x
}

function gridOf(areas: readonly Area[], lines: readonly DrawnLine[], at: (path: string) => Anchor): Grid {
  const tops = [...new Set(areas.map(({ top }) => top))].sort((a, b) => a - b)
  const lefts = [...new Set(areas.map(({ left }) => left))].sort((a, b) => a - b)
  const rowOf = new Map(tops.map((top, row) => [top, row]))
  const columnOf = new Map(lefts.map((left, column) => [left, column]))
  const within = (edges: readonly number[], from: number, to: number): number =>
    edges.filter((edge) => edge >= from && edge < to).length
  const fields = new Map<number, number>()
  const cells = areas.map(({ top, bottom, left, right, text }): PlacedCell => {
    enforceLimit('cellCharactersMax', text.length)
    const field = (fields.get(top) ?? 0) + 1
    fields.set(top, field)
    return {
      text,
      row: rowOf.get(top)!,
      column: columnOf.get(left)!,
      rowSpan: within(tops, top, bottom),
      columnSpan: within(lefts, left, right),
      anchor: at(`line[${lines[top]!.number}]/field[${field}]`),
    }
  })
  return makePlacedGrid(cells, tops.length, at(`line[${lines[0]!.number}]`), [])
}
