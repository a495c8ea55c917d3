/**
 * Every reading that the text of a row allows, where the text does not say which figure belongs to which column: takes the
 * row's figures, or digits with nothing between them, gives all ways to have one piece a column, or none where they are
 * more than can be compared. Order is never changed: text runs from left to right.
 */
import { searchBounds } from '../../parsers/limits.ts'

/** How many steps are left for all rows of a table. */
export type StepBudget = { steps: number }

const figure = /^(?:0|[1-9]\d*)$/

/** All ways to put pieces into so many columns in their order, with blanks between; none where there are too many. */
export function placements<One>(pieces: readonly One[], columns: number, blank: One): One[][] {
  const found: One[][] = []
  const place = (next: number, row: One[]): void => {
    const left = columns - row.length
    if (found.length > searchBounds.rowReadingsMax || pieces.length - next > left) return
    if (left === 0) {
      found.push(row)
      return
    }
    if (next < pieces.length) place(next + 1, [...row, pieces[next]!])
    place(next, [...row, blank])
  }
  place(0, [])
  return withinBounds(found)
}

/** More pieces than three are no figure that spaces cut. */
const joinedMax = 3

/** All ways to join so many neighbours of a list of texts into figures, as lists of how many texts make each figure. */
export function joinings(texts: readonly string[], joins: number): number[][] {
  if (joins > texts.length) return []
  const sizesAt = texts.map((_, start) => joinableSizes(texts, start))
  // possible[i]: how many joins the texts from i on allow. Of many texts with few places to join nearly all tries would end nowhere.
  const possible: ReadonlySet<number>[] = [...texts.map(() => new Set<number>()), new Set([0])]
  for (let start = texts.length - 1; start >= 0; start--) {
    const counts = sizesAt[start]!.flatMap((size) => [...possible[start + size]!].map((count) => count + size - 1))
    possible[start] = new Set(counts.filter((count) => count <= joins))
  }
  const found: number[][] = []
  const join = (next: number, left: number, sizes: number[]): void => {
    if (found.length > searchBounds.rowReadingsMax || !possible[next]!.has(left)) return
    if (next === texts.length) {
      found.push(sizes)
      return
    }
    for (const size of sizesAt[next]!) join(next + size, left - size + 1, [...sizes, size])
  }
  join(0, joins, [])
  return withinBounds(found)
}

/** How many texts from one on may be one figure. */
function joinableSizes(texts: readonly string[], start: number): number[] {
  const sizes = [1]
  for (let size = 2; size <= Math.min(joinedMax, texts.length - start); size++) {
    const parts = texts.slice(start, start + size)
    if (!parts.every((part) => /^\d+$/.test(part)) || !figure.test(parts.join(''))) break
    sizes.push(size)
  }
  return sizes
}

/**
 * All ways to cut digits into figures, one a column and none with a leading zero; with `blanks` some columns may have
 * none. They are cut from the end, where totals stand. `fits` is asked of the figures cut so far and how many columns are
 * left before them: where it says no, nothing is tried. Null where they are too many.
 */
export function cuts(
  digits: string,
  columns: number,
  blanks: boolean,
  fits: (row: readonly string[], left: number) => boolean,
  budget: StepBudget,
): string[][] | null {
  // Where single digits alone could stand in too many ways, nothing is tried.
  if (blanks && choose(columns, Math.min(digits.length, columns >> 1)) > searchBounds.rowReadingsMax) return null
  const found: string[][] = []
  const cut = (to: number, left: number, row: readonly string[]): void => {
    if (--budget.steps < 0 || found.length > searchBounds.rowReadingsMax) return
    if (left === 0) {
      if (to === 0) found.push([...row])
      return
    }
    // The columns before need a digit each, or may be blank; the first of all takes what is left.
    const least = left === 1 ? to : blanks ? 0 : 1
    const most = blanks ? to : to - (left - 1)
    for (let length = least; length <= most; length++) {
      if (length > 1 && digits[to - length] === '0') continue
      const next = [digits.slice(to - length, to), ...row]
      if (fits(next, left - 1)) cut(to - length, left - 1, next)
    }
  }
  cut(digits.length, columns, [])
  return budget.steps < 0 || found.length > searchBounds.rowReadingsMax ? null : found
}

/** In how many ways so many of some places can be taken. */
function choose(places: number, taken: number): number {
  let ways = 1
  for (let one = 1; one <= taken; one++) ways = (ways * (places - taken + one)) / one
  return ways
}

function withinBounds<One>(found: One[]): One[] {
  return found.length > searchBounds.rowReadingsMax ? [] : found
}
