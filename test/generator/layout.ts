/**
 * A printed table as a grid with spans, made from the definition and the printed figures alone: header trees above,
 * label trees at the left, the official layout. What agencies do to it (cut it, pad it, stack it) are functions from
 * layout to layout, so that every renderer can use them.
 */
import type { Line, TableDefinition } from '../../src/model.ts'
import type { PrintedCell } from './figures.ts'
import type { Labeler } from './labels.ts'
import type { Random } from './random.ts'

export type LayoutCell = {
  readonly row: number
  readonly column: number
  readonly rowSpan: number
  readonly columnSpan: number
  readonly text: string
  readonly role: 'heading' | 'corner' | 'column' | 'row' | 'value' | 'empty' | 'local'
  /** The form's address of a value cell. */
  readonly code: string | null
}

export type Layout = {
  /** Code of the first table in it. */
  readonly table: string
  readonly rowCount: number
  readonly columnCount: number
  /** Rows at the top that are header. */
  readonly headerRows: number
  /** Columns at the left that are labels. */
  readonly labelColumns: number
  readonly cells: readonly LayoutCell[]
}

type Tree = { readonly line: Line; readonly children: readonly Tree[] }

/** The official layout of one table. */
export function layoutTable(table: TableDefinition, cells: ReadonlyMap<string, PrintedCell>, label: Labeler): Layout {
  const columnTrees = treesOf(table.columns)
  const rowTrees = treesOf(table.rows)
  const unlabelled = table.rows.every((row) => row.labels.length === 0)
  const headerRows = depthOf(columnTrees)
  const labelColumns = unlabelled ? 0 : depthOf(rowTrees)
  const made: LayoutCell[] = []
  if (labelColumns > 0) {
    made.push({
      row: 0,
      column: 0,
      rowSpan: headerRows,
      columnSpan: labelColumns,
      text: table.corners[0] ?? '',
      role: 'corner',
      code: null,
    })
  }
  let column = labelColumns
  const leaves: Line[] = []
  for (const tree of columnTrees) column = placeColumns(tree, 0, column, headerRows, label, made, leaves)
  let row = headerRows
  for (const tree of rowTrees)
    row = placeRows(tree, 0, row, labelColumns, label, made, (line, at) => {
      for (const [index, leaf] of leaves.entries()) {
        const code = `${table.code}.${line.code}.${leaf.code}`
        made.push({
          row: at,
          column: labelColumns + index,
          rowSpan: 1,
          columnSpan: 1,
          text: cells.get(code)?.text ?? '',
          role: 'value',
          code,
        })
      }
    })
  return finish({ table: table.code, rowCount: row, columnCount: column, headerRows, labelColumns, cells: made })
}

/** Cells sorted by row, then column; every other function keeps this. */
export function finish(layout: Layout): Layout {
  return { ...layout, cells: [...layout.cells].sort((a, b) => a.row - b.row || a.column - b.column) }
}

/** For every row and column the cell that covers it; null where none does. */
export function gridOf(layout: Layout): (LayoutCell | null)[][] {
  const grid = Array.from({ length: layout.rowCount }, () =>
    new Array<LayoutCell | null>(layout.columnCount).fill(null),
  )
  for (const cell of layout.cells) {
    for (let row = cell.row; row < cell.row + cell.rowSpan; row++) {
      for (let column = cell.column; column < cell.column + cell.columnSpan; column++) grid[row]![column] = cell
    }
  }
  return grid
}

/** The cells that begin in each row, left to right. */
export function rowsOf(layout: Layout): LayoutCell[][] {
  const rows: LayoutCell[][] = Array.from({ length: layout.rowCount }, () => [])
  for (const cell of layout.cells) rows[cell.row]!.push(cell)
  return rows
}

function treesOf(lines: readonly Line[], parent: string | null = null): Tree[] {
  return lines.filter((line) => line.parent === parent).map((line) => ({ line, children: treesOf(lines, line.code) }))
}

function depthOf(trees: readonly Tree[]): number {
  return trees.length === 0 ? 0 : 1 + Math.max(...trees.map((tree) => depthOf(tree.children)))
}

function placeColumns(
  tree: Tree,
  depth: number,
  column: number,
  depthAll: number,
  label: Labeler,
  made: LayoutCell[],
  leaves: Line[],
): number {
  const leaf = tree.children.length === 0
  let end = column + (leaf ? 1 : 0)
  if (leaf) leaves.push(tree.line)
  for (const child of tree.children) end = placeColumns(child, depth + 1, end, depthAll, label, made, leaves)
  made.push({
    row: depth,
    column,
    rowSpan: leaf ? depthAll - depth : 1,
    columnSpan: end - column,
    text: label(tree.line),
    role: 'column',
    code: null,
  })
  return end
}

function placeRows(
  tree: Tree,
  depth: number,
  row: number,
  depthAll: number,
  label: Labeler,
  made: LayoutCell[],
  values: (line: Line, row: number) => void,
): number {
  const leaf = tree.children.length === 0
  let end = row + (leaf ? 1 : 0)
  for (const child of tree.children) end = placeRows(child, depth + 1, end, depthAll, label, made, values)
  if (depthAll > 0) {
    made.push({
      row,
      column: depth,
      rowSpan: end - row,
      columnSpan: leaf ? depthAll - depth : 1,
      text: label(tree.line),
      role: 'row',
      code: null,
    })
  }
  if (leaf) values(tree.line, row)
  return end
}

/** The layout stretched to a width: surplus columns go to the value cells, from the last or (`uneven`) at random per row. */
export function widen(layout: Layout, columnCount: number, uneven: Random | null): Layout {
  const parts = layout.columnCount - layout.labelColumns
  const surplus = columnCount - layout.columnCount
  if (surplus <= 0) return layout
  const cells: LayoutCell[] = []
  const share = (): number[] => {
    const widths = new Array<number>(parts).fill(1)
    for (let extra = 0; extra < surplus; extra++) {
      const at = uneven === null ? (parts === 1 ? 0 : parts - 1 - (extra % parts)) : uneven.integer(0, parts - 1)
      widths[at] = widths[at]! + 1
    }
    return widths
  }
  for (const row of rowsOf(layout)) {
    let column = layout.labelColumns
    const widths = share()
    for (const cell of row) {
      if (cell.column < layout.labelColumns) cells.push(cell)
      else {
        const columnSpan = widths
          .slice(cell.column - layout.labelColumns, cell.column - layout.labelColumns + cell.columnSpan)
          .reduce((a, b) => a + b, 0)
        cells.push({ ...cell, column, columnSpan })
        column += columnSpan
      }
    }
  }
  return finish({ ...layout, columnCount, cells })
}

/** A heading line over the full width, then the layout. */
export function withHeading(layout: Layout, text: string): Layout {
  const heading: LayoutCell = {
    row: 0,
    column: 0,
    rowSpan: 1,
    columnSpan: layout.columnCount,
    text,
    role: 'heading',
    code: null,
  }
  const cells = layout.cells.map((cell) => ({ ...cell, row: cell.row + 1 }))
  return { ...layout, rowCount: layout.rowCount + 1, headerRows: layout.headerRows + 1, cells: [heading, ...cells] }
}

/** Layouts of one width under each other in one grid. */
export function stack(layouts: readonly Layout[]): Layout {
  const cells: LayoutCell[] = []
  let rowCount = 0
  for (const layout of layouts) {
    for (const cell of layout.cells) cells.push({ ...cell, row: cell.row + rowCount })
    rowCount += layout.rowCount
  }
  return { ...layouts[0]!, rowCount, cells }
}

/**
 * The layout cut before `row`: a page break. A label cell that the cut goes through is printed again in the second part
 * or leaves an empty cell there; with `header` the second part begins with the header rows again.
 */
export function cut(
  layout: Layout,
  row: number,
  options: { readonly repeat: boolean; readonly header: boolean },
): [Layout, Layout] {
  const above: LayoutCell[] = []
  const below: LayoutCell[] = options.header ? layout.cells.filter((cell) => cell.row < layout.headerRows) : []
  const offset = options.header ? row - layout.headerRows : row
  for (const cell of layout.cells) {
    const end = cell.row + cell.rowSpan
    if (cell.row < row) above.push({ ...cell, rowSpan: Math.min(end, row) - cell.row })
    if (cell.row >= row) below.push({ ...cell, row: cell.row - offset })
    else if (end > row)
      below.push({ ...cell, row: row - offset, rowSpan: end - row, text: options.repeat ? cell.text : '' })
  }
  return [
    finish({ ...layout, rowCount: row, cells: above }),
    finish({
      ...layout,
      rowCount: layout.rowCount - offset,
      headerRows: options.header ? layout.headerRows : 0,
      cells: below,
    }),
  ]
}

/** Row spans of header cells replaced by empty cells below (or, for `above`, by empty cells above the text). */
export function padHeader(layout: Layout, where: 'below' | 'above'): Layout {
  const cells = layout.cells.flatMap((cell): LayoutCell[] => {
    if (cell.role !== 'column' || cell.rowSpan === 1) return [cell]
    return Array.from({ length: cell.rowSpan }, (_, index): LayoutCell => {
      const printed = where === 'below' ? index === 0 : index === cell.rowSpan - 1
      return {
        ...cell,
        row: cell.row + index,
        rowSpan: 1,
        text: printed ? cell.text : '',
        role: printed ? 'column' : 'empty',
      }
    })
  })
  return finish({ ...layout, cells })
}

/** The last column printed beside the label over all of them, as tall as the header, and no longer under it. */
export function raiseLastColumn(layout: Layout): Layout {
  const last = layout.columnCount - 1
  const cells = layout.cells.map((cell): LayoutCell => {
    if (cell.role !== 'column' || cell.column + cell.columnSpan <= last) return cell
    return cell.column === last
      ? { ...cell, row: 0, rowSpan: layout.headerRows }
      : { ...cell, columnSpan: cell.columnSpan - 1 }
  })
  return finish({ ...layout, cells })
}

/** The lowest header row printed as two rows of cells, each long label's last two characters below the rest: 商业 over 企业. */
export function splitHeader(layout: Layout): Layout {
  const row = layout.headerRows - 1
  const cells = layout.cells.flatMap((cell): LayoutCell[] => {
    if (cell.row > row) return [{ ...cell, row: cell.row + 1 }]
    if (cell.row + cell.rowSpan <= row) return [cell]
    const characters = [...cell.text]
    if (cell.row < row || characters.length < 4) return [{ ...cell, rowSpan: cell.rowSpan + 1 }]
    const half = characters.length - 2
    const halves = [characters.slice(0, half), characters.slice(half)]
    return halves.map((part, index) => ({ ...cell, row: row + index, rowSpan: 1, text: part.join('') }))
  })
  return finish({ ...layout, rowCount: layout.rowCount + 1, headerRows: layout.headerRows + 1, cells })
}

/** A column in front that numbers the rows from 1, under a label of its own where the header begins. */
export function addRowNumbers(layout: Layout, label: string): Layout {
  const header = Math.max(1, layout.headerRows)
  const cells = layout.cells.map((cell): LayoutCell => ({ ...cell, column: cell.column + 1 }))
  const number = (row: number, rowSpan: number, text: string): LayoutCell => {
    return { row, column: 0, rowSpan, columnSpan: 1, text, role: 'local', code: null }
  }
  cells.push(number(0, header, label))
  for (let row = header; row < layout.rowCount; row++) cells.push(number(row, 1, String(row - header + 1)))
  return finish({ ...layout, columnCount: layout.columnCount + 1, labelColumns: layout.labelColumns + 1, cells })
}

/** A line under the header that numbers the columns: 1, 2, 3 and so on under the figures. */
export function addColumnNumbers(layout: Layout): Layout {
  const row = layout.headerRows
  const cells = layout.cells.map((cell): LayoutCell => (cell.row < row ? cell : { ...cell, row: cell.row + 1 }))
  for (let column = 0; column < layout.columnCount; column++) {
    const text = column < layout.labelColumns ? (column === 0 ? '栏次' : '') : String(column - layout.labelColumns + 1)
    cells.push({ row, column, rowSpan: 1, columnSpan: 1, text, role: 'local', code: null })
  }
  return finish({ ...layout, rowCount: layout.rowCount + 1, cells })
}

/** The layout cut before a column into two beside one another, each with the label columns. */
export function cutColumns(layout: Layout, at: number): [Layout, Layout] {
  const clip = (from: number, to: number): LayoutCell[] =>
    layout.cells.flatMap((cell): LayoutCell[] => {
      if (cell.column < layout.labelColumns) return [cell]
      const start = Math.max(cell.column, from)
      const end = Math.min(cell.column + cell.columnSpan, to)
      return start >= end ? [] : [{ ...cell, column: start - from + layout.labelColumns, columnSpan: end - start }]
    })
  const [first, last] = [layout.labelColumns, layout.columnCount]
  return [
    finish({ ...layout, columnCount: at, cells: clip(first, at) }),
    finish({ ...layout, columnCount: first + last - at, cells: clip(at, last) }),
  ]
}

/** Empty cells after the last column, another number in each row. */
export function addTrailing(layout: Layout, countOf: (row: number) => number): Layout {
  const cells = [...layout.cells]
  let widest = 0
  for (let row = 0; row < layout.rowCount; row++) {
    const count = countOf(row)
    widest = Math.max(widest, count)
    for (let extra = 0; extra < count; extra++) {
      cells.push({
        row,
        column: layout.columnCount + extra,
        rowSpan: 1,
        columnSpan: 1,
        text: '',
        role: 'empty',
        code: null,
      })
    }
  }
  return finish({ ...layout, columnCount: layout.columnCount + widest, cells })
}

/** A row of a local kind before `row`: a label and figures that no cell of the form takes. */
export function addLocalRow(layout: Layout, row: number, label: string, figures: readonly string[]): Layout {
  const grid = gridOf(layout)
  const columns = grid[row - 1]!
  const cells = layout.cells.map((cell): LayoutCell => {
    if (cell.row >= row) return { ...cell, row: cell.row + 1 }
    return cell.row + cell.rowSpan > row ? { ...cell, rowSpan: cell.rowSpan + 1 } : cell
  })
  const free = [...new Set(columns)].filter((cell) => cell !== null && cell.row + cell.rowSpan <= row)
  let figure = 0
  for (const model of free) {
    if (model === null) continue
    const text = model.role === 'value' ? figures[figure++ % figures.length]! : label
    cells.push({ ...model, row, rowSpan: 1, text, role: 'local', code: null })
  }
  return finish({ ...layout, rowCount: layout.rowCount + 1, cells })
}

/** A column of a local kind after the last one. */
export function addLocalColumn(layout: Layout, label: string, figureOf: (row: number) => string): Layout {
  const header: LayoutCell = {
    row: 0,
    column: layout.columnCount,
    rowSpan: layout.headerRows,
    columnSpan: 1,
    text: label,
    role: 'local',
    code: null,
  }
  const cells = [...layout.cells, header]
  for (let row = layout.headerRows; row < layout.rowCount; row++) {
    cells.push({
      row,
      column: layout.columnCount,
      rowSpan: 1,
      columnSpan: 1,
      text: figureOf(row),
      role: 'local',
      code: null,
    })
  }
  return finish({ ...layout, columnCount: layout.columnCount + 1, cells })
}
