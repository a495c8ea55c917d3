/**
 * Columns of one name that a bracket behind it gives to several years or bodies (本年制发件数（2022年） | 本年制发件数（2023年）):
 * takes a grid and what a text says of whose it is, gives the grid with the report's own columns alone.
 */
import type { Cell, Grid } from '../../parsers/document.ts'
import type { Whose } from './captiontext.ts'
import type { LabelIndex } from './labels.ts'
import { isFigure, readValue } from './values.ts'

/** The grid with the report's own columns alone; `labels`: those of the columns left out. */
export type OwnNamesakesGrid = { readonly grid: Grid; readonly labels: readonly string[] }

/** A label of a column with what its bracket says, nothing where it has none. */
type Namesake = { readonly cell: Cell; readonly name: string; readonly said: string; readonly whose: Whose }

const bracketed = /^(.*\S)\s*[(（【[]([^()（）【】[\]]{1,16})[)）】\]]\s*$/s

/** Null where no bracket behind the label of a column names another. `whose` tells whose a text is. */
export function withOwnNamesakes(
  grid: Grid,
  whose: (text: string) => Whose,
  find: LabelIndex['find'],
): OwnNamesakesGrid | null {
  if (!grid.cells.some(({ text }) => endsInBracket(text))) return null
  const found = grid.cells.flatMap((cell) => namesakeIn(cell, whose, find))
  const ofOthers = found.filter((one) => !isOwn(one, found)).map(({ cell }) => cell)
  if (ofOthers.length === 0) return null
  const own = new Map(found.map(({ cell, name }) => [cell, { ...cell, text: name }]))
  const ends = ofOthers.map((cell) => endBelow(cell, grid, find))
  const cells = grid.cells.map((cell) => {
    const end = cell.column + cell.columnSpan
    const isLeft = ofOthers.some(({ row, column, columnSpan }, at) => {
      return cell.row >= row && cell.row < ends[at]! && cell.column >= column && end <= column + columnSpan
    })
    return isLeft ? { ...cell, text: '' } : (own.get(cell) ?? cell)
  })
  return { grid: { ...grid, cells }, labels: [...new Set(ofOthers.map(({ text }) => text.trim()))] }
}

/** Said before the pattern is tried, which few cells need. */
function endsInBracket(text: string): boolean {
  return ')）】]'.includes(text.trimEnd().at(-1) ?? ' ')
}

/** None for cells that name no column, or several of a form, which their groups tell apart. */
function namesakeIn(cell: Cell, whose: (text: string) => Whose, find: LabelIndex['find']): Namesake[] {
  if (cell.filler || cell.text.trim() === '') return []
  const [, name = cell.text, said = ''] = endsInBracket(cell.text) ? (bracketed.exec(cell.text) ?? []) : []
  const { columns, exact } = find(name)
  if (columns.size === 0 || !exact || [...columns.values()].some((lines) => lines.length > 1)) return []
  // What is in the bracket may be a part of the name, as of 7(A).
  if (said !== '' && [...find(cell.text).columns.keys()].join() !== [...columns.keys()].join()) return []
  return [{ cell, name: name.trim(), said, whose: said === '' ? null : whose(said) }]
}

/**
 * True for the only column of its name that is not another's, or the only one that is said to be the report's own. Two that
 * are its own by different words, as of the whole and its head, leave none to it.
 */
function isOwn({ cell, name, said, whose }: Namesake, all: readonly Namesake[]): boolean {
  if (whose === 'other') return false
  const rivals = all.filter((one) => {
    return one.cell.row === cell.row && one.name === name && one.said !== said && one.whose !== 'other'
  })
  return rivals.length === 0 || (whose === 'own' && rivals.every((one) => one.whose === null && one.said !== ''))
}

/** The row below a label where another header stands; behind the last row where there is none. */
function endBelow(label: Cell, { cells, rowCount }: Grid, find: LabelIndex['find']): number {
  let hasFigures = false
  for (const cell of cells) {
    if (cell.row <= label.row) continue
    const { rows, columns } = find(cell.text)
    if (hasFigures && columns.size > 0 && rows.size === 0) return cell.row
    hasFigures ||= isFigure(readValue(cell.text))
  }
  return rowCount
}
