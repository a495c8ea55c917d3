/**
 * The unit that is printed beside a figure: in a cell of its own, in the row's label or in the column's. Takes a row and a
 * cell of it, gives the figure in that unit where it is not the form's.
 */
import type { HeaderColumn } from './headercolumn.ts'
import { isWords, type LineCell } from './lines.ts'
import type { FormCell } from './registry.ts'
import type { RowHit } from './rowhits.ts'
import { isUnitIn, type TableScope } from './scope.ts'
import { type CellValue, isUnit } from './values.ts'

/** The cells but for those that are a unit. */
export function withoutUnits(cells: readonly LineCell[], scope: TableScope): readonly LineCell[] {
  return scope.table.asides.units.length === 0 ? cells : cells.filter((cell) => !isUnitCell(cell, scope))
}

/** What a cell states, in the unit that its row or column prints. */
export function valueInUnit(
  scope: TableScope,
  hit: RowHit,
  place: number,
  cell: LineCell,
  column: HeaderColumn,
): CellValue | null {
  const own = scope.cells[place]!
  const money = own.kind === 'money' ? moneyUnitIn(hit.label?.text ?? '', column.label) : null
  return inUnit(unitOfLine(hit, scope) ?? money, own, cell.value)
}

function isUnitCell(cell: LineCell, scope: TableScope): boolean {
  return isWords(cell) && isUnitIn(scope, cell.text)
}

/** The unit that a line prints in a cell of its own; null where it prints none. */
function unitOfLine({ source, label }: RowHit, scope: TableScope): string | null {
  if (scope.table.asides.units.length === 0) return null
  const cell = source.cells.findLast((one) => isUnitCell(one, scope) && one !== label)
  return cell === undefined ? null : cell.text.replace(/\s+/g, isUnit(cell.text) ? '' : ' ').trim()
}

/** A figure in the unit that is printed beside it, where that is not the form's: only of money can the label tell it. */
function inUnit(unit: string | null, cell: FormCell, value: CellValue | null): CellValue | null {
  if (unit === null || value === null || value.state !== 'number' || value.unit !== null) return value
  if (cell.unit === unit || (cell.kind === 'money') !== isMoneyUnit(unit)) return value
  return { ...value, unit }
}

/** The unit of money that the labels of a row and its column print. */
function moneyUnitIn(row: string, column: string): string | null {
  return ownUnit.exec(row)?.[1] ?? moneyUnit.exec(column)?.[1] ?? null
}

/** A row's label may speak of sums (50万元以上) without telling the unit of its figures. */
const ownUnit = /[(（](?:[^()（）]*单位[:：]?\s*)?([亿万千百]?元)(?:[,，;；、][^()（）]*)?[)）]/

function isMoneyUnit(unit: string): boolean {
  return /元$/.test(unit)
}

const moneyUnit = /[(（][^()（）]*?([亿万千百]?元)[^()（）]*[)）]/
