/**
 * Slips that put several figures of a table wrong at once: takes a sheet and cells that are in question, gives what would
 * have to stand in the table for each slip that touches one of them: neighbouring cells or rows swapped, a row shifted by
 * one. Whether the figures then add up is for others to see.
 */
import type { SlipCode, TableDefinition } from '../../model.ts'
import { isBlank } from '../judge.ts'
import { absent, blank, number, type Sheet } from '../sheet.ts'

/** A slip, and the figures without it. */
export type Slip = {
  readonly code: SlipCode
  readonly values: ReadonlyMap<number, number>
  /** Cells whose figures fell off the table, or that are blank without the slip: only the sums can tell them. */
  readonly unknown: readonly number[]
}

/** A table's cells by line: rows, or columns. */
type Lines = readonly (readonly number[])[]
export type Geometry = {
  readonly rows: Lines
  readonly columns: Lines
  /** Blank totals that other figures show not to be 0. */
  readonly blankTotals: readonly number[]
}

/** The cells of a table as printed: optional lines only where the report has them. */
export function geometryOf(sheet: Sheet, table: TableDefinition): Geometry {
  const { indexByCode } = sheet.form
  const rows: number[][] = []
  for (const row of table.rows) {
    const cells = table.columns.flatMap((column) => indexByCode.get(`${table.code}.${row.code}.${column.code}`) ?? [])
    if (cells.length === 0 || (row.abstract && cells.every((cell) => sheet.states[cell] === absent))) continue
    rows.push(cells)
  }
  const columns = (rows[0] ?? []).map((_, place) => rows.map((row) => row[place]!))
  const blankTotals = rows.flat().filter((cell) => Number.isNaN(sheet.zeroed[cell]!) && isBlank(sheet, cell))
  return { rows, columns, blankTotals }
}

/** The cells beside, above and below one. */
export function neighboursOf({ rows, columns }: Geometry, cell: number): number[] {
  return [rows, columns].flatMap((lines) => {
    const line = lines.find((one) => one.includes(cell)) ?? []
    const at = line.indexOf(cell)
    return [line[at - 1], line[at + 1]].filter((other) => other !== undefined)
  })
}

/**
 * What stands in a cell: a slip moves blanks like zeros, be it that other figures show that one should not be blank. NaN
 * where that is not known.
 */
export function standing(sheet: Sheet, cell: number): number {
  return isBlank(sheet, cell) ? 0 : sheet.values[cell]!
}

/** The sheet with figures in their places; where there are none, blanks. */
export function undone(sheet: Sheet, implied: ReadonlyMap<number, number>): Sheet {
  const states = sheet.states.slice()
  const values = sheet.values.slice()
  const zeroed = sheet.zeroed.slice()
  for (const [cell, value] of implied) {
    states[cell] = value === 0 ? blank : number
    values[cell] = value === 0 ? Number.NaN : value
    zeroed[cell] = value
  }
  return { ...sheet, states, values, zeroed }
}

/** Every slip that changes one of the cells. */
export function slipsAt(sheet: Sheet, geometry: Geometry, cells: readonly number[]): Slip[] {
  const asked = new Set(cells)
  const isAsked = (line: readonly number[]): boolean => line.some((cell) => asked.has(cell))
  const { rows, columns } = geometry
  const slips: Slip[] = []
  for (const [lines, beside] of [
    [rows, 'in_neighbour_column'],
    [columns, 'in_neighbour_row'],
  ] as const) {
    for (const line of lines.filter(isAsked)) {
      for (let place = 0; place + 1 < line.length; place++) {
        const [one, other] = [line[place]!, line[place + 1]!]
        if (asked.has(one) || asked.has(other)) slips.push(...swapCells(sheet, geometry, beside, one, other))
      }
    }
  }
  for (const [index, row] of rows.entries()) {
    const next = rows[index + 1]
    if (next !== undefined && row.length > 1 && (isAsked(row) || isAsked(next)))
      slips.push(...swapRows(sheet, geometry, row, next))
    if (isAsked(row)) slips.push(...shiftRow(sheet, geometry, row))
  }
  return slips
}

function swapCells(sheet: Sheet, geometry: Geometry, beside: SlipCode, one: number, other: number): Slip[] {
  const [a, b] = [standing(sheet, one), standing(sheet, other)]
  const from = new Map([
    [one, other],
    [other, one],
  ])
  return a === b ? [] : undoings(sheet, geometry, a === 0 || b === 0 ? beside : 'cells_swapped', from, null)
}

function swapRows(sheet: Sheet, geometry: Geometry, row: readonly number[], next: readonly number[]): Slip[] {
  const from = new Map(row.flatMap((cell, place) => [[cell, next[place]!] as const, [next[place]!, cell] as const]))
  return undoings(sheet, geometry, 'rows_swapped', from, null)
}

/** Both directions, with the last cell of the row, which is often its total, or without it. */
function shiftRow(sheet: Sheet, geometry: Geometry, row: readonly number[]): Slip[] {
  return [row, row.slice(0, -1)].flatMap((part) =>
    [part, [...part].reverse()].flatMap((cells) => {
      // Where a row was pushed on, nothing stands in its first cell, and what was in its last is lost.
      if (cells.length < 3 || standing(sheet, cells[0]!) !== 0) return []
      const from = new Map(cells.slice(0, -1).map((cell, place) => [cell, cells[place + 1]!]))
      return undoings(sheet, geometry, 'row_shifted', from, cells.at(-1)!)
    }),
  )
}

/** What was in each cell, by where it stands now; and the same with totals unknown that were blank. */
function undoings(
  sheet: Sheet,
  { blankTotals }: Geometry,
  code: SlipCode,
  from: ReadonlyMap<number, number>,
  lost: number | null,
): Slip[] {
  const values = new Map<number, number>()
  const blanks: number[] = []
  for (const [cell, source] of from) {
    const [now, value] = [standing(sheet, cell), standing(sheet, source)]
    // An unknown figure may be anything: no slip can be seen in it.
    if (Number.isNaN(now) || Number.isNaN(value)) return []
    if (isBlank(sheet, source) && isTotal(sheet, cell)) blanks.push(cell)
    if (now !== value) values.set(cell, value)
  }
  if (lost !== null && Number.isNaN(standing(sheet, lost))) return []
  if (values.size < 2) return []
  const unknown = lost === null ? [] : [lost]
  // A sheet that leaves no total blank would have filled these.
  if (blanks.length === 0 || blankTotals.length === 0) return [{ code, values, unknown }]
  const known = new Map([...values].filter(([cell]) => !blanks.includes(cell)))
  return [
    { code, values, unknown },
    { code, values: known, unknown: [...unknown, ...blanks] },
  ]
}

function isTotal(sheet: Sheet, cell: number): boolean {
  const { row, column } = sheet.form.cells[cell]!
  return row.totalOf !== null || column.totalOf !== null
}
