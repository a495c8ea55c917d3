/**
 * Tables drawn with plus signs, dashes and bars around their cells, as Pandoc and reStructuredText have them: takes the lines
 * of a run, gives its cells with their spans. Walls decide, not the number of bars in a line: merged cells have none inside.
 * Lines that do not end where the box does, and walls with holes, are no such table.
 */
import { limits } from './limits.ts'
import { type DrawnCell, type DrawnTable, type Measure, measures } from './ruled.ts'

type BoxedCell = DrawnCell & { readonly column: number }

const border = /^\s*\+(?:[-=:]+\+)+\s*$/
const edge = /^\s*[+|]/
/** No table of a form has as many, however wide its cells are drawn. */
const charactersMax = 400_000
const wallsMax = 80

/** The boxes among some lines by the index of their first line. */
export function boxedTables(lines: readonly string[]): ReadonlyMap<number, DrawnTable> {
  const tables = new Map<number, DrawnTable>()
  for (let start = 0; start < lines.length; start++) {
    if (!border.test(lines[start]!)) continue
    let end = start + 1
    let characters = lines[start]!.length
    while (end < lines.length && edge.test(lines[end]!)) characters += lines[end++]!.length
    while (end > start + 1 && !border.test(lines[end - 1]!)) end--
    const rows = end - start < 3 || characters > charactersMax ? null : boxedRows(lines.slice(start, end))
    if (rows !== null)
      tables.set(start, {
        rows: rows.map((row) => row.map((cell) => ({ ...cell, line: start + cell.line }))),
        end,
        columns: 'aligned',
      })
    start = end - 1
  }
  return tables
}

/** The rows of a box; null where its lines do not make one, or make two by the width of some characters. */
function boxedRows(lines: readonly string[]): BoxedCell[][] | null {
  const found = measures.flatMap((measure) => readBox(lines, measure) ?? [])
  const [first] = found
  if (first === undefined) return null
  const key = JSON.stringify(first)
  return found.every((one) => JSON.stringify(one) === key) ? first.rows : null
}

type Box = { readonly rows: BoxedCell[][] }
type Canvas = readonly (readonly string[])[]

function readBox(lines: readonly string[], measure: Measure): Box | null {
  const canvas = lines.map((line) => charactersByPlace(line, measure))
  const width = canvas[0]!.length
  if (canvas.some((row) => row.length !== width || !/[+|]/.test(row[width - 1]!))) return null
  const walls = wallsOf(canvas, lines)
  if (walls === null) return null
  const { xs, ys } = walls
  const slots = (xs.length - 1) * (ys.length - 1)
  if (xs.length > wallsMax || slots > limits.gridPlacesMax) return null
  const merged = mergeSlots(canvas, xs, ys)
  return merged && cellsOf(canvas, xs, ys, merged)
}

/** The characters of a line by their place on the screen; nothing stands at the second place of a wide one. */
function charactersByPlace(line: string, measure: Measure): string[] {
  const places: string[] = []
  let before = 0
  for (const character of line.trimEnd()) {
    const width = measure(character, before)
    if (width === 0 && places.length > 0) places[places.length - 1] += character
    else places.push(character, ...Array.from({ length: width - 1 }, () => ''))
    before = width
  }
  return places
}

/** The places of walls: columns in which lines cross, and lines in which something is ruled off. */
function wallsOf(canvas: Canvas, lines: readonly string[]): { xs: number[]; ys: number[] } | null {
  const xs = new Set<number>()
  const ys: number[] = []
  for (const [y, line] of lines.entries()) {
    if (!/\+[-=:]{2,}/.test(line)) continue
    ys.push(y)
    const row = canvas[y]!
    for (let x = 0; x < row.length; x++) {
      if (row[x] === '+' && (isRule(row[x - 1]) || isRule(row[x + 1]))) xs.add(x)
    }
  }
  const places = [...xs].sort((a, b) => a - b)
  if (places.length < 2 || places.at(-1) !== canvas[0]!.length - 1) return null
  return { xs: places, ys }
}

function isRule(character: string | undefined): boolean {
  return character === '-' || character === '=' || character === ':'
}

/** For each slot the one that its cell begins with; null where a wall has holes. */
function mergeSlots(canvas: Canvas, xs: readonly number[], ys: readonly number[]): number[] | null {
  const columns = xs.length - 1
  const owner = Array.from({ length: columns * (ys.length - 1) }, (_, slot) => slot)
  const find = (slot: number): number => {
    let root = slot
    while (owner[root] !== root) root = owner[root]!
    for (let at = slot; at !== root; ) [at, owner[at]] = [owner[at]!, root]
    return root
  }
  const unite = (one: number, other: number): void => {
    const [a, b] = [find(one), find(other)]
    owner[Math.max(a, b)] = Math.min(a, b)
  }
  for (let row = 0; row + 1 < ys.length; row++) {
    const [top, bottom] = [ys[row]!, ys[row + 1]!]
    if (bottom - top < 2) return null
    for (let column = 0; column < columns; column++) {
      const slot = row * columns + column
      if (column + 1 < columns) {
        const bars = countBars(canvas, xs[column + 1]!, top, bottom)
        if (bars === 0) unite(slot, slot + 1)
        else if (bars < bottom - top - 1) return null
      }
      if (row + 2 < ys.length && !isRuledOff(canvas[bottom]!, xs[column]!, xs[column + 1]!)) unite(slot, slot + columns)
    }
  }
  return owner.map((_, slot) => find(slot))
}

function countBars(canvas: Canvas, x: number, top: number, bottom: number): number {
  let bars = 0
  for (let y = top + 1; y < bottom; y++) if (canvas[y]![x] === '|') bars++
  return bars
}

function isRuledOff(row: readonly string[], left: number, right: number): boolean {
  for (let x = left + 1; x < right; x++) if (!isRule(row[x])) return false
  return true
}

/** The cells of merged slots; null where one is no rectangle. */
function cellsOf(canvas: Canvas, xs: readonly number[], ys: readonly number[], merged: readonly number[]): Box | null {
  const columns = xs.length - 1
  const areas = new Map<number, { right: number; bottom: number; slots: number }>()
  for (const [slot, first] of merged.entries()) {
    const [column, row] = [slot % columns, Math.floor(slot / columns)]
    if (column < first % columns) return null
    const area = areas.get(first) ?? { right: column, bottom: row, slots: 0 }
    areas.set(first, {
      right: Math.max(area.right, column),
      bottom: Math.max(area.bottom, row),
      slots: area.slots + 1,
    })
  }
  const rows: BoxedCell[][] = Array.from({ length: ys.length - 1 }, () => [])
  for (const [first, { right, bottom, slots }] of areas) {
    const [column, row] = [first % columns, Math.floor(first / columns)]
    const columnSpan = right - column + 1
    const rowSpan = bottom - row + 1
    if (slots !== columnSpan * rowSpan) return null
    const texts: string[] = []
    for (let y = ys[row]! + 1; y < ys[bottom + 1]!; y++) {
      texts.push(
        canvas[y]!.slice(xs[column]! + 1, xs[right + 1]!)
          .join('')
          .trim(),
      )
    }
    const text = texts.filter((line) => line !== '').join('\n')
    rows[row]!.push({ text, line: ys[row]! + 1, column, rowSpan, columnSpan })
  }
  for (const row of rows) row.sort((a, b) => a.column - b.column)
  return { rows }
}
