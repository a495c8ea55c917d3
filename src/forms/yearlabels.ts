/**
 * Labels that name the report's year, or the one before it, in other words than the form (2023年制发件数 for 本年制发件数): takes a
 * grid and the report's year, gives the grid with the form's words.
 */
import type { Cell, Grid } from '../../parsers/document.ts'
import type { LabelIndex } from './labels.ts'

/** Longer texts are no labels. */
const labelCharactersMax = 30
const yearNamed =
  /^(\s*(?:[一二三四五六七八九十]{1,3}、|\d{1,2}[.、]|\([一二三四五六七八九十\d]{1,2}\))?\s*)(?:(20\d{2})\s*年度?|(今年|当年|本年度)|(去年|上一?年度))(?=\s*\S)/
/** What forms call the report's year and the one before. */
const ownWords = ['本年']
const previousWords = ['上一年', '上年']

/** The grid itself where no label is one of a form only in other words. */
export function withFormsYears(grid: Grid, year: number, find: LabelIndex['find']): Grid {
  let changed = false
  const cells = grid.cells.map((cell): Cell => {
    if (cell.text.length > labelCharactersMax || !cell.text.includes('年')) return cell
    const text = inFormsWords(cell.text, year, find)
    if (text === null) return cell
    changed = true
    return { ...cell, text }
  })
  return changed ? { ...grid, cells } : grid
}

/** Null where a form knows the label as it is, or knows it in no other words either. */
function inFormsWords(label: string, year: number, find: LabelIndex['find']): string | null {
  const [all, before, number, own, previous] = yearNamed.exec(label.normalize('NFKC')) ?? []
  if (all === undefined) return null
  const isOwn = own !== undefined || Number(number) === year
  if (!isOwn && previous === undefined && Number(number) !== year - 1) return null
  const printed = find(label)
  if (printed.exact && printed.scopes.length > 0) return null
  const rest = label.normalize('NFKC').slice(all.length)
  const texts = (isOwn ? ownWords : previousWords).map((words) => before + words + rest)
  return texts.find((text) => find(text).exact && find(text).scopes.length > 0) ?? null
}
