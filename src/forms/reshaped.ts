/**
 * Tables in another shape than the form's: its columns printed as rows and its rows as columns, or the groups of its columns
 * beside the rows instead of over the columns. Takes grids that no form knows, gives them in the form's shape, where the
 * labels beside and over each figure together name one cell of the form and no two figures the same. Nothing is told by
 * place, count or sums, and the cells stay those that are printed.
 */
import type { Cell, Document, Grid, Notice } from '../../parsers/document.ts'
import { makePlacedGrid, type PlacedCell } from '../../parsers/grid.ts'
import type { Line, ReadingNoticeCode } from '../model.ts'
import type { Match } from './facts.ts'
import { type LabelMatch, labelCharactersMax } from './labels.ts'
import { prepare } from './match.ts'
import type { Registry } from './registry.ts'
import { groupsOf, type TableScope } from './scope.ts'
import { isFigure, readValue } from './values.ts'

/** A document with tables in the form's shape, and what is to be told of them. */
export type Reshaped = { readonly document: Document; readonly notices: readonly Notice<ReadingNoticeCode>[] }

/** Larger tables are data sets and no forms. */
const placesMax = 2_000
/** So much of a table must be printed: a few labels say little of a form. */
const shareMin = 1 / 3

/** The document with its unknown tables in the shape of those that the match lacks; null where none of them is one. */
export function reshapeUnknown(document: Document, registry: Registry, match: Match): Reshaped | null {
  const unknown = new Set(match.notices.flatMap(({ code, anchor }) => (code === 'unknown_table' ? [anchor] : [])))
  if (unknown.size === 0) return null
  const { scopes, index } = prepare(registry)
  const read = new Set(match.tables.map(({ table }) => table))
  const forms = new Set(match.tables.map(({ form }) => form))
  const missing = scopes.filter(({ form: { definition }, table, cells }) => {
    if (read.has(table.code) || (forms.size > 0 && !forms.has(definition.id))) return false
    // Whose unit a label of another axis tells is not known here.
    return cells.every(({ kind }) => kind !== 'money')
  })
  const found = new Set<string>()
  const notices: Notice<ReadingNoticeCode>[] = []
  const blocks = document.blocks.map((block) => {
    if (block.kind !== 'grid' || !unknown.has(block.anchor)) return block
    for (const scope of missing) {
      const { code } = scope.table
      const grid = found.has(code) ? null : reshape(block, scope, index.find)
      if (grid === null) continue
      found.add(code)
      notices.push({ code: 'table_reshaped', anchor: block.anchor, data: { table: code } })
      return grid
    }
    return block
  })
  return found.size === 0 ? null : { document: { ...document, blocks }, notices }
}

type Axis = 'rows' | 'columns'
/** Which lines of the form the labels beside the figures name, and which those over them; the form's own way is left out. */
const shapes: readonly { readonly beside: Axis; readonly over: Axis }[] = [
  { beside: 'columns', over: 'rows' },
  { beside: 'columns', over: 'columns' },
  { beside: 'rows', over: 'rows' },
]

/** A figure, mark or blank, and the place of its cell in the form. */
export type Told = { readonly cell: Cell; readonly row: number; readonly column: number }

/** The grid in the form's shape; null where its labels do not name each figure's cell in exactly one way. */
function reshape(grid: Grid, scope: TableScope, find: (label: string) => LabelMatch): Grid | null {
  if (grid.rowCount * grid.columnCount > placesMax || !isAligned(grid)) return null
  const area = figureArea(grid)
  if (area === null) return null
  const readings = shapes.flatMap((shape) => tellAll(grid, area, scope, shape, find))
  const [first] = readings
  const placesOf = (told: readonly Told[]): string => told.map(({ row, column }) => `${row} ${column}`).join()
  if (first === undefined || readings.some((other) => placesOf(other) !== placesOf(first))) return null
  return inFormShape(grid, scope, first)
}

/** True for a grid, and for copied lines all of which have as many fields: none of them lost one. */
function isAligned({ columns, cells, rowCount, columnCount }: Grid): boolean {
  return columns === 'aligned' || (columnCount > 1 && cells.length === rowCount * columnCount)
}

/** Where the figures stand: from their first row and column to the end of the grid. */
type Area = { readonly top: number; readonly left: number; readonly cells: readonly Cell[] }

function figureArea({ cells }: Grid): Area | null {
  const figures = cells.filter(({ text }) => isFigure(readValue(text)))
  if (figures.length === 0) return null
  let top = Math.min(...figures.map(({ row }) => row))
  let left = Math.min(...figures.map(({ column }) => column))
  const words = cells.filter(({ text }) => readValue(text) === null)
  // Labelled rows and columns before them may be all blanks and marks.
  const isEmpty = (row: (cell: Cell) => boolean, column: (cell: Cell) => boolean): boolean =>
    !words.some((cell) => row(cell) && column(cell))
  const isLabelled = (row: (cell: Cell) => boolean, column: (cell: Cell) => boolean): boolean => !isEmpty(row, column)
  const atRow = (at: number) => (cell: Cell) => cell.row <= at && cell.row + cell.rowSpan > at
  const atColumn = (at: number) => (cell: Cell) => cell.column <= at && cell.column + cell.columnSpan > at
  const behind = (cell: Cell): boolean => cell.column + cell.columnSpan > left
  const below = (cell: Cell): boolean => cell.row + cell.rowSpan > top
  while (top > 0 && isEmpty(atRow(top - 1), behind) && isLabelled(atRow(top - 1), (cell) => !behind(cell))) top--
  while (left > 0 && isEmpty(below, atColumn(left - 1)) && isLabelled((cell) => !below(cell), atColumn(left - 1)))
    left--
  const inside = cells.filter((cell) => below(cell) && behind(cell))
  // Each figure, mark or blank has a row and a column of its own.
  const plain = inside.every(({ text, filler, row, column, rowSpan, columnSpan }) => {
    return row >= top && column >= left && rowSpan === 1 && columnSpan === 1 && !filler && readValue(text) !== null
  })
  return plain ? { top, left, cells: inside } : null
}

/** The cells of the area with their places; nothing where some label is unknown, or some figure has no place or another's. */
function tellAll(
  { cells, rowCount, columnCount, columns: build }: Grid,
  area: Area,
  scope: TableScope,
  { beside, over }: (typeof shapes)[number],
  find: (label: string) => LabelMatch,
): Told[][] {
  if (area.cells.length < scope.cells.length * shareMin) return []
  const all = allLines(scope)
  const rows = new Array<Lines>(rowCount).fill(all)
  const columns = new Array<Lines>(columnCount).fill(all)
  const last = new Map<number, string>()
  for (const cell of cells) {
    const { row, column, rowSpan, columnSpan } = cell
    const isBeside = row + rowSpan > area.top
    const isOver = column + columnSpan > area.left
    if (isBeside && isOver) continue
    const above = last.get(column)
    const isUnder = isBeside && above !== undefined && cell.text.trim() === ''
    const text = isUnder && namesGroup(above, beside, scope, find) ? above : cell.text
    if (isBeside) last.set(column, text)
    if (text.trim() === '') continue
    // The corner says what stands below and beside it; nobody's figure is told by it. In copied lines it may be the first of
    // the labels over figures each line of which has lost one.
    if (!isBeside && !isOver) {
      if (build !== 'aligned' && namedLines(text, over, scope, find) !== null) return []
      continue
    }
    const axis = isBeside ? beside : over
    const named = namedLines(text, axis, scope, find)
    // What stands over all of the figures is a title.
    if (named === null && isOver && column <= area.left && column + columnSpan === columnCount) continue
    if (named === null) return []
    const [lines, from, to] = isBeside ? [rows, row, row + rowSpan] : [columns, column, column + columnSpan]
    for (let line = from; line < to; line++) lines[line] = narrow(lines[line]!, axis, named)
  }
  const taken = new Set<string>()
  const told: Told[] = []
  for (const cell of area.cells) {
    const place = onePlace(scope, rows[cell.row]!, columns[cell.column]!)
    if (place === null || taken.has(`${place.row} ${place.column}`)) return []
    taken.add(`${place.row} ${place.column}`)
    told.push({ cell, ...place })
  }
  return [told]
}

/** Lines of the form that labels leave. */
type Lines = { readonly [axis in Axis]: ReadonlySet<number> }

function allLines({ valueRows, valueColumns }: TableScope): Lines {
  return { rows: new Set(valueRows), columns: new Set(valueColumns) }
}

function narrow(lines: Lines, axis: Axis, named: ReadonlySet<number>): Lines {
  return { ...lines, [axis]: new Set([...lines[axis]].filter((line) => named.has(line))) }
}

/** A group with one of its own in brackets: 行政诉讼（复议后起诉）. */
const nested = /^(.*\S)\s*[(（]([^()（）]+)[)）]\s*$/s

/** The lines that a label names, those within them included; null where it names none. */
function namedLines(
  text: string,
  axis: Axis,
  scope: TableScope,
  find: (label: string) => LabelMatch,
): ReadonlySet<number> | null {
  if (text.length > labelCharactersMax) return null
  const [, group, inner] = nested.exec(text) ?? []
  const within = group === undefined ? null : linesNamed(inner!, axis, scope, find)
  if (within !== null) {
    const around = linesNamed(group!, axis, scope, find)
    if (around !== null && [...within].every((line) => around.has(line))) return within
  }
  return linesNamed(text, axis, scope, find)
}

/** True for the label of a group, which may stand over the blank cells below it without being merged with them. */
function namesGroup(text: string, axis: Axis, scope: TableScope, find: (label: string) => LabelMatch): boolean {
  return [...(namedLines(text, axis, scope, find) ?? [])].some((line) => scope.table[axis][line]!.abstract)
}

function linesNamed(
  text: string,
  axis: Axis,
  { id, table }: TableScope,
  find: (label: string) => LabelMatch,
): ReadonlySet<number> | null {
  const match = find(text)
  const named = match[axis].get(id)
  if (named === undefined || !match.exact) return null
  const lines = table[axis]
  return new Set(
    [...lines.keys()].filter((line) => [line, ...groupsOf(lines, line)].some((one) => named.includes(one))),
  )
}

/** The only place that the labels of a row and of a column of the print leave. */
function onePlace({ places }: TableScope, one: Lines, other: Lines): { row: number; column: number } | null {
  const rows = [...one.rows].filter((row) => other.rows.has(row))
  const columns = [...one.columns].filter((column) => other.columns.has(column))
  const left = rows.flatMap((row) => columns.flatMap((column) => (places[row]![column]! < 0 ? [] : [{ row, column }])))
  return left.length === 1 ? left[0]! : null
}

/** The cells under the form's own labels, each row with its groups before it and each column with its groups over it. */
export function inFormShape({ anchor }: Grid, scope: TableScope, told: readonly Told[]): Grid | null {
  const { table, columnGroups } = scope
  const rows = [...new Set(told.map(({ row }) => row))].sort((a, b) => a - b)
  const columns = [...new Set(told.map(({ column }) => column))].sort((a, b) => a - b)
  // A place without a figure between others would be one that nothing is known of.
  if (told.length !== rows.length * columns.length) return null
  const height = Math.max(...columns.map((column) => columnGroups[column]!.length)) + 1
  const rowGroups = rows.map((row) => groupsOf(table.rows, row))
  const labelled = rows.some((row) => table.rows[row]!.labels.length > 0)
  const width = labelled ? Math.max(...rowGroups.map((groups) => groups.length)) + 1 : 0
  const cells: PlacedCell[] = []
  const label = (lines: readonly Line[], line: number, place: Omit<PlacedCell, 'text' | 'anchor'>): void => {
    // One of its own for each, since anchors tell cells apart.
    cells.push({ ...place, text: lines[line]!.labels[0] ?? '', anchor: { ...anchor } })
  }
  addLabels(
    columns,
    (column) => columnGroups[column]!,
    height,
    (line, level, from, count, levels) => {
      label(table.columns, line, { row: level, column: width + from, rowSpan: levels, columnSpan: count })
    },
  )
  if (labelled) {
    addLabels(
      rows,
      (row) => groupsOf(table.rows, row),
      width,
      (line, level, from, count, levels) => {
        label(table.rows, line, { row: height + from, column: level, rowSpan: count, columnSpan: levels })
      },
    )
  }
  for (const { cell, row, column } of told) {
    cells.push({ ...cell, row: height + rows.indexOf(row), column: width + columns.indexOf(column) })
  }
  cells.sort((a, b) => a.row - b.row || a.column - b.column)
  return makePlacedGrid(cells, height + rows.length, anchor, [])
}

/** Calls `add` for each label of some lines and once for each group over neighbours, with the levels that it takes. */
function addLabels(
  lines: readonly number[],
  groupsOver: (line: number) => readonly number[],
  depth: number,
  add: (line: number, level: number, from: number, count: number, levels: number) => void,
): void {
  const open: (number | undefined)[] = []
  for (const [index, line] of lines.entries()) {
    const path = [...groupsOver(line)].reverse()
    for (const [level, group] of path.entries()) {
      if (open[level] === group) continue
      open.length = level
      open[level] = group
      const next = lines.findIndex((other, at) => at > index && [...groupsOver(other)].reverse()[level] !== group)
      add(group, level, index, (next < 0 ? lines.length : next) - index, 1)
    }
    open.length = path.length
    add(line, path.length, index, 1, depth - path.length)
  }
}
