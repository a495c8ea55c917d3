/**
 * Columns of several years side by side, where a form has one (统计数 | 2017年 | 2016年): takes a grid and what a label says of
 * its year, gives the grid with the report's own year called 本年数, as forms may call it, and without the figures of others.
 */
import type { Cell, Grid } from '../../parsers/document.ts'
import type { Whose } from './captiontext.ts'
import type { LabelIndex } from './labels.ts'
import { areWhole, endOfTable, type OwnGrid, rowsOf } from './owngrid.ts'

/** Longer texts name no year and nothing else. */
const labelCharactersMax = 20
const [ownLabel, otherLabel] = ['本年数', '上年数']
const counted = '(?:统计数|数据|数量|数值|数)?'
const ownYear = new RegExp(`^(?:本年度?|今年|当年|本期)${counted}$`)
const otherYear = new RegExp(`^(?:上一?年度?|去年|前年|上一?年同期|去年同期|同期|上期)${counted}$`)
const change =
  /^(?:(?:较|比)?(?:上年|去年|上年同期)?|同比)(?:增减|增长|增幅|变化|变动|差额|增加|减少)(?:数|率|量|幅度|情况|比例)?(?:[(].{1,6}[)])?$/
const yearIn = new RegExp(`^${counted}[(]?(20\\d{2})年?度?[)]?${counted}$`)
/** What each of the labels above has in it, before forms of one character are made one. */
const mayTell = /[年期增减变差\uf98e]|[2２][\s\u3000]*[0０]/

function mayName({ text }: Cell): boolean {
  return text.length <= labelCharactersMax && mayTell.test(text)
}

/** Null where no line of the grid heads columns of other years. `whoseYear` tells a year that a label states. */
export function withOwnYear(grid: Grid, whoseYear: (year: number) => Whose, find: LabelIndex['find']): OwnGrid | null {
  if (!grid.cells.some((cell) => mayName(cell) && whoseColumn(keyOf(cell), whoseYear) === 'other')) return null
  const rows = rowsOf(grid)
  const headers: YearHeader[] = []
  let order = ''
  for (const [at, cells] of rows.entries()) {
    const whose = cells.map((cell) => (mayName(cell) ? whoseColumn(keyOf(cell), whoseYear) : null))
    const others = cells.filter((_, index) => whose[index] === 'other')
    const isForm = others.some(({ text }) => find(text).exact && find(text).columns.size > 0 && !/20\d{2}/.test(text))
    if (others.length === 0 || isForm || cells.some((cell, index) => whose[index] === null && isFigure(cell))) continue
    // 2016 behind the label of a row is a count like others, and so it is where no column is the report's own.
    const areYears =
      !others.every(isFigure) || (whose.includes('own') && cells.every(({ text }) => find(text).rows.size === 0))
    if (!areYears) continue
    const isHeader = whose.includes('own') || cells.some(({ text }) => find(text).columns.size > 0)
    if (!isHeader || (grid.columns === 'ragged' && !areWhole(rows, cells, isFigure))) continue
    const own = cells.map(({ column }, index) => `${column} ${whose[index]}`).join()
    // A header that is printed again with its years in another order leaves no column to one of them.
    if (order !== '' && own !== order) return null
    order = own
    headers.push({ cells, whose, end: endOfTable(rows, at, find, isFigure) })
  }
  const [first] = headers
  if (first === undefined) return null
  const labels = first.cells.filter((_, index) => first.whose[index] === 'other').map(({ text }) => text)
  return { grid: { ...grid, cells: relabelled(grid.cells, headers) }, labels }
}

/** A line that heads columns of years, whose each of them is, and before which row its table ends. */
type YearHeader = {
  readonly cells: readonly Cell[]
  readonly whose: readonly (Whose | 'change')[]
  readonly end: number
}

function relabelled(all: readonly Cell[], headers: readonly YearHeader[]): Cell[] {
  return all.map((cell) => {
    const over = headers.findLast(({ cells, end }) => cells[0]!.row <= cell.row && cell.row < end)
    if (over === undefined) return cell
    const { cells, whose } = over
    const says = whose[cells.indexOf(cell)] ?? null
    if (says === 'own') return { ...cell, text: ownLabel }
    if (says === 'other') return { ...cell, text: otherLabel }
    if (says !== null || cell.row <= cells[0]!.row) return cell
    const last = cell.column + cell.columnSpan
    const isLeft = cells.some(({ column, columnSpan }, index) => {
      const isOther = whose[index] === 'other' || whose[index] === 'change'
      return isOther && cell.column >= column && last <= column + columnSpan
    })
    return isLeft ? { ...cell, text: '' } : cell
  })
}

function whoseColumn(label: string, whoseYear: (year: number) => Whose): Whose | 'change' {
  if (ownYear.test(label)) return 'own'
  if (otherYear.test(label)) return 'other'
  if (change.test(label)) return 'change'
  const year = yearIn.exec(label)?.[1]
  return year === undefined ? null : whoseYear(Number(year))
}

function keyOf({ text }: Cell): string {
  return text.normalize('NFKC').replace(/\s+/g, '')
}

function isFigure(cell: Cell): boolean {
  return /^[\d.,]+$/.test(keyOf(cell))
}
