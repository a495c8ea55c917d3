/**
 * Boxes of lines that lie over a table and are none of it, such as those of a stamp or drawn around some of its figures: takes
 * the rules of a page, gives those boxes and the rules that are left. In a table lines end at others: a box whose corners
 * touch nothing while lines run in through its sides is laid over them.
 */
import type { Box } from '../document.ts'
import type { Rule } from './page.ts'
import { boxOfSides, joinRules, type Line } from './ruled.ts'

/** How near rules are that touch, beside half of what they are thick, in points. */
const touch = 0.4
/** So far, in points, a line must run on both sides of another one to cross it. */
const crossMin = 5
/** Pages with more such boxes draw their cells so. */
const boxesMax = 40

/** A box whose four sides are the rules from `first` on. */
type Found = { readonly first: number; readonly box: Box }

/** The boxes that are laid over other lines, and the rules without their sides and what is drawn from side to side of them. */
export function takeLaidOver(rules: readonly Rule[]): {
  readonly boxes: readonly Box[]
  readonly rules: readonly Rule[]
} {
  const found = boxesApart(rules)
  if (found.length === 0 || found.length > boxesMax) return { boxes: [], rules }
  const boxes: Box[] = []
  const taken = new Set<Rule>()
  // A frame with a stamp at its edge is crossed as the stamp is: the smaller one is laid over the other.
  for (const { first, box } of found.sort((a, b) => a.box.width * a.box.height - b.box.width * b.box.height)) {
    const own = new Set(rules.slice(first, first + 4))
    const lines = joinRules(rules.filter((rule) => !taken.has(rule) && !own.has(rule) && !divides(rule, box)))
    if (!lines.some((line) => isCrossed(box, line))) continue
    boxes.push(box)
    for (const rule of rules) if (own.has(rule) || divides(rule, box)) taken.add(rule)
  }
  return taken.size === 0 ? { boxes, rules } : { boxes, rules: rules.filter((rule) => !taken.has(rule)) }
}

/** Boxes drawn side after side at whose corners no other rule ends, and that touch none with two of them at least. */
function boxesApart(rules: readonly Rule[]): Found[] {
  const found: Found[] = []
  for (let first = 0; first + 4 <= rules.length && found.length <= boxesMax; first++) {
    const box = boxOfSides(rules, first)
    if (box === null) continue
    const others = (rule: Rule, index: number): boolean => (index < first || index > first + 3) && comesNear(rule, box)
    if (isApart(box, rules.filter(others))) found.push({ first, box })
    first += 3
  }
  return found
}

function isApart({ x, y, width, height }: Box, near: readonly Rule[]): boolean {
  let touched = 0
  for (const atX of [x, x + width]) {
    for (const atY of [y, y + height]) {
      const met = near.filter((rule) => passes(rule, atX, atY))
      if (met.some((rule) => endsAt(rule, rule.horizontal ? atX : atY))) return false
      if (met.length > 0) touched++
    }
  }
  return touched <= touchedMax
}

/** Corners of a box that may happen to lie on lines of the table over which it lies. */
const touchedMax = 2

function comesNear({ horizontal, at, from, to, thickness }: Rule, { x, y, width, height }: Box): boolean {
  const [across, along, wide, long] = horizontal ? [y, x, height, width] : [x, y, width, height]
  const miss = touch + thickness / 2
  if (Math.abs(at - across) > miss && Math.abs(at - across - wide) > miss) return false
  return from <= along + long + miss && to >= along - miss
}

function passes({ horizontal, at, from, to, thickness }: Rule, x: number, y: number): boolean {
  const [across, along] = horizontal ? [y, x] : [x, y]
  const miss = touch + thickness / 2
  return Math.abs(at - across) <= miss && along >= from - miss && along <= to + miss
}

function endsAt({ from, to, thickness }: Rule, along: number): boolean {
  return Math.min(Math.abs(along - from), Math.abs(along - to)) <= touch + thickness / 2
}

/** Whether a line runs into a box through one of its sides. */
function isCrossed({ x, y, width, height }: Box, { horizontal, at, from, to }: Line): boolean {
  const [across, along, wide, long] = horizontal ? [y, x, height, width] : [x, y, width, height]
  if (at <= across + touch || at >= across + wide - touch) return false
  return [along, along + long].some((side) => from < side - crossMin && to > side + crossMin)
}

/** Whether a rule runs from side to side of a box. */
function divides({ horizontal, at, from, to, thickness }: Rule, { x, y, width, height }: Box): boolean {
  const [across, along, wide, long] = horizontal ? [y, x, height, width] : [x, y, width, height]
  const miss = touch + thickness
  return at > across && at < across + wide && Math.abs(from - along) <= miss && Math.abs(to - along - long) <= miss
}
