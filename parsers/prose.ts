/**
 * Prose in the tables of marked up documents: takes the cells of rows, says which rows are prose and whether a table only
 * lays out a page. Whole reports are typed into tables, and tables of data hold long remarks.
 */
import type { SourceCell } from './grid.ts'

/** Cells with more text than any label are prose. */
const cellProseCharactersMin = 600
/** So many rows of several short cells are a table of data, whatever else it holds. */
const dataRowsMin = 2
const dataCellsMin = 4

/** What a sentence ends with, and a cell does not. */
export const sentenceEnd = /[。；;！？!?]\s*$/

/** What the heading of a chapter begins with. */
export const chapter = /^\s*[一二三四五六七八九十]{1,3}、/

/** True for a row with a cell of prose: in a table of data it is paragraphs between grids. */
export function isProse(row: readonly SourceCell[]): boolean {
  return row.some((cell) => cell.text.length > cellProseCharactersMin)
}

/** True for a table that only lays out prose, so that it is to be unwrapped. */
export function laysOutProse(rows: readonly (readonly SourceCell[])[]): boolean {
  const isData = (row: readonly SourceCell[]): boolean => row.length >= dataCellsMin && !isProse(row)
  return rows.some(isProse) && rows.filter(isData).length < dataRowsMin
}
