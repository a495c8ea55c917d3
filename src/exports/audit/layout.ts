/**
 * The layout of one table of a form with what a report prints in it: groups as spanning labels, columns under their
 * heads, each cell with its fact. Pages, workbooks and letters draw from this one layout.
 */
import type { Form } from '../../forms/registry.ts'
import { words } from '../../messages/interface.ts'
import type { Fact, Label, Line, TableDefinition } from '../../model.ts'

export type SheetCell = { readonly rowSpan: number; readonly columnSpan: number } & (
  | { readonly kind: 'head'; readonly scope: 'row' | 'rowgroup' | 'col' | 'colgroup'; readonly label: Label }
  | { readonly kind: 'corner'; readonly label: Label | null }
  | { readonly kind: 'value'; readonly code: string; readonly fact: Fact | undefined }
  /** The form has no such cell. */
  | { readonly kind: 'void' }
)

export type SheetLayout = {
  readonly title: Label
  readonly unit: string | null
  /** The first so many rows are heads. */
  readonly headRows: number
  /** Cells in the order in which HTML has them: what a span covers is not there. */
  readonly rows: readonly (readonly SheetCell[])[]
}

/** The table as the form prints it. */
export function layOutSheet(form: Form, table: TableDefinition, facts: ReadonlyMap<string, Fact>): SheetLayout {
  const columns = table.columns.filter((column) => !column.abstract)
  const rows = leafRows(table, facts)
  const labelled = table.rows.some((row) => row.labels.length > 0)
  const labelDepth = labelled ? Math.max(...rows.map((row) => row.path.length)) : 0
  const head = headRows(table, columns, labelDepth)
  const body = rows.map((row, index) => {
    const cells = columns.map((column): SheetCell => {
      const code = `${table.code}.${row.line.code}.${column.code}`
      const one = { rowSpan: 1, columnSpan: 1 }
      return form.indexByCode.has(code)
        ? { kind: 'value', code, fact: facts.get(code), ...one }
        : { kind: 'void', ...one }
    })
    return [...(labelled ? rowHeads(rows, index, labelDepth) : []), ...cells]
  })
  return { title: table.title, unit: table.unit, headRows: head.length, rows: [...head, ...body] }
}

/** A place of the grid: the cell that covers it, and whether this is its top left place. */
export type SheetPlace = { readonly cell: SheetCell; readonly first: boolean }

/** Every row with every place, spans resolved. */
export function placesOf(layout: SheetLayout): (readonly SheetPlace[])[] {
  const grid: SheetPlace[][] = layout.rows.map(() => [])
  for (const [top, cells] of layout.rows.entries()) {
    let left = 0
    for (const cell of cells) {
      while (grid[top]![left] !== undefined) left++
      for (let row = top; row < Math.min(top + cell.rowSpan, grid.length); row++)
        for (let column = left; column < left + cell.columnSpan; column++)
          grid[row]![column] = { cell, first: row === top && column === left }
      left += cell.columnSpan
    }
  }
  return grid
}

/** What a cell prints; nothing where it is blank or not there. */
export function printedText(fact: Fact | undefined): string {
  if (fact === undefined || fact.state === 'absent' || fact.state === 'blank') return ''
  return fact.text.trim() || (fact.value === null ? '' : String(fact.value))
}

/** A row with cells: its line and the labels that stand left of them, outermost first. */
type LeafRow = { readonly line: Line; readonly path: readonly { readonly key: string; readonly label: Label }[] }

function leafRows(table: TableDefinition, facts: ReadonlyMap<string, Fact>): LeafRow[] {
  const byCode = new Map(table.rows.map((row) => [row.code, row]))
  const rows: LeafRow[] = []
  for (const line of table.rows) {
    const path = ancestors(line, byCode).map((each) => ({ key: each.code, label: labelOf(each) }))
    if (!line.abstract) rows.push({ line, path })
    // A heading gets a row of its own only where this report prints subtotals in it.
    else if (line.optionalSubtotal && hasFigures(table, line, facts)) {
      const label = { zh: words.zh.subtotal, en: words.en.subtotal }
      rows.push({ line, path: [...path, { key: `${line.code}/subtotal`, label }] })
    }
  }
  return rows
}

function hasFigures(table: TableDefinition, line: Line, facts: ReadonlyMap<string, Fact>): boolean {
  return table.columns.some((column) => {
    const state = facts.get(`${table.code}.${line.code}.${column.code}`)?.state
    return state !== undefined && state !== 'absent' && state !== 'blank'
  })
}

function ancestors(line: Line, byCode: ReadonlyMap<string, Line>): Line[] {
  const parent = line.parent === null ? undefined : byCode.get(line.parent)
  return parent ? [...ancestors(parent, byCode), line] : [line]
}

function rowHeads(rows: readonly LeafRow[], index: number, labelDepth: number): SheetCell[] {
  const { path } = rows[index]!
  const heads: SheetCell[] = []
  for (const [depth, { key, label }] of path.entries()) {
    const last = depth === path.length - 1
    if (!last && rows[index - 1]?.path[depth]?.key === key) continue
    let rowSpan = 1
    if (!last) while (rows[index + rowSpan]?.path[depth]?.key === key) rowSpan++
    const columnSpan = last ? labelDepth - depth : 1
    heads.push({ kind: 'head', scope: last ? 'row' : 'rowgroup', label, rowSpan, columnSpan })
  }
  return heads
}

function headRows(table: TableDefinition, columns: readonly Line[], labelDepth: number): SheetCell[][] {
  const byCode = new Map(table.columns.map((column) => [column.code, column]))
  const paths = columns.map((column) => ancestors(column, byCode))
  const headDepth = Math.max(...paths.map((path) => path.length))
  const rows: SheetCell[][] = []
  for (let depth = 0; depth < headDepth; depth++) {
    const row: SheetCell[] = []
    if (depth === 0 && labelDepth > 0) {
      const corner = table.corners[0]
      const label = corner === undefined ? null : { zh: corner, en: corner }
      row.push({ kind: 'corner', label, rowSpan: headDepth, columnSpan: labelDepth })
    }
    for (let index = 0; index < paths.length; ) {
      const line = paths[index]![depth]
      let columnSpan = 1
      while (index + columnSpan < paths.length && line && paths[index + columnSpan]![depth] === line) columnSpan++
      if (line) {
        const last = depth === paths[index]!.length - 1
        const rowSpan = last ? headDepth - depth : 1
        row.push({ kind: 'head', scope: last ? 'col' : 'colgroup', label: labelOf(line), rowSpan, columnSpan })
      }
      index += columnSpan
    }
    rows.push(row)
  }
  return rows
}

/** As the form prints it in Chinese; translated in English. */
function labelOf(line: Line): Label {
  return { zh: line.labels[0] ?? line.title.zh, en: line.title.en }
}
