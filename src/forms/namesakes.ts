/**
 * Columns of one name that a bracket behind it gives to several years or bodies (本年制发件数（2022年） | 本年制发件数（2023年）):
 * takes a grid and what a text says of whose it is, gives the grid with the report's own columns alone.
 */
import type { Cell, Grid } from '../../parsers/document.ts'
import type { Whose } from './captiontext.ts'
import type { LabelIndex } from './labels.ts'
import { areWhole, endOfTable, type OwnGrid, rowsOf } from './owngrid.ts'
import { isFigure, isUnit, readValue } from './values.ts'

/** A label of a column with what its bracket says, nothing where it has none or names a unit. */
type Namesake = { readonly cell: Cell; readonly name: string; readonly said: string; readonly whose: Whose }

const bracketed = /^(.*\S)\s*[(（【[]([^()（）【】[\]]{1,16})[)）】\]]\s*$/s
/** What names a part of a count, or its change, and never the count. */
const part = /^(?:其中|[较比]|同比|环比|增|减|占比)/
const correction = /更正|改正|订正|修正|正确|实际|应[为是]|合计|总计|[含包]/

/** Null where no bracket behind the label of a column names another. `whose` tells whose a text is. */
export function withOwnNamesakes(grid: Grid, whose: (text: string) => Whose, find: LabelIndex['find']): OwnGrid | null {
  if (!grid.cells.some(({ text }) => endsInBracket(text))) return null
  const rows = rowsOf(grid)
  const namesakesIn = (cells: readonly Cell[]): Namesake[] => cells.flatMap((cell) => namesakeIn(cell, whose, find))
  const headers = rows.map((cells) => (isHeader(cells, find) ? namesakesIn(cells) : []))
  const own = new Map<Cell, Cell>()
  const left: { readonly cell: Cell; readonly end: number }[] = []
  for (const [row, header] of headers.entries()) {
    if (header.length === 0 || (grid.columns === 'ragged' && !areWhole(rows, rows[row]!, holdsFigure))) continue
    for (const one of header) {
      const rivals = header.filter(({ name }) => name === one.name)
      if (!isOwn(one, rivals)) left.push({ cell: one.cell, end: endOfTable(rows, row, find, holdsFigure) })
      else if (one.said !== '' && (rivals.length > 1 || one.whose !== null))
        own.set(one.cell, { ...one.cell, text: one.name })
    }
  }
  if (left.length === 0) return null
  const cells = grid.cells.map((cell) => {
    const cellEnd = cell.column + cell.columnSpan
    const isLeft = left.some(({ cell: { row, column, columnSpan }, end }) => {
      return cell.row >= row && cell.row < end && cell.column >= column && cellEnd <= column + columnSpan
    })
    return isLeft ? { ...cell, text: '' } : (own.get(cell) ?? cell)
  })
  return { grid: { ...grid, cells }, labels: [...new Set(left.map(({ cell }) => cell.text.trim()))] }
}

function holdsFigure({ text }: Cell): boolean {
  return isFigure(readValue(text))
}

/** True for a row without figures in which a bracket ends a cell, and whose first label is not that of a row. */
function isHeader(cells: readonly Cell[], find: LabelIndex['find']): boolean {
  if (!cells.some(({ text }) => endsInBracket(text)) || cells.some(holdsFigure)) return false
  const first = cells.map(({ text }) => find(text)).find(({ rows, columns }) => rows.size > 0 || columns.size > 0)
  return first !== undefined && first.rows.size === 0
}

/** Said before the pattern is tried, which few cells need. */
function endsInBracket(text: string): boolean {
  let last = text.length - 1
  while (last > 0 && text.charCodeAt(last) <= space) last--
  return last > 0 && ')）】]'.includes(text[last]!)
}

const space = 0x20

/** None for cells that name no column, or several of a form, which their groups tell apart. */
function namesakeIn(cell: Cell, whose: (text: string) => Whose, find: LabelIndex['find']): Namesake[] {
  if (cell.text.trim() === '') return []
  const [, bare = cell.text, inBracket = ''] = endsInBracket(cell.text) ? (bracketed.exec(cell.text) ?? []) : []
  const said = isUnit(inBracket.replace(/^单位\s*[:：]?/, '')) ? '' : inBracket
  const { columns, exact } = find(bare)
  if (columns.size === 0 || !exact || [...columns.values()].some((lines) => lines.length > 1)) return []
  // What is in the bracket may be a part of the name, as of 7(A).
  if (said !== '' && [...find(cell.text).columns].join() !== [...columns].join()) return []
  return [{ cell, name: bare.trim(), said, whose: said === '' ? null : whose(said) }]
}

/**
 * True for the only column of its name, for the one that is said to be the report's own where no other may be, and for the one
 * without a bracket where the others are known to be another's, parts, or changes. Two that are its own by different words, as of
 * the whole and its head, leave none to it, and a bracket that nobody knows (累计) is no more believed beside last year's.
 */
function isOwn({ said, whose }: Namesake, rivals: readonly Namesake[]): boolean {
  if (whose === 'other') return false
  const others = rivals.filter((one) => one.said !== said)
  if (others.length === 0) return true
  if ((whose === null && said !== '') || part.test(said)) return false
  return others.every((one) => {
    if (one.whose === 'other' || part.test(one.said)) return true
    return whose === 'own' && one.whose === null && one.said !== '' && !correction.test(one.said)
  })
}
