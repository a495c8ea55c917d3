/**
 * Small tables beneath headings, of which some together may be one table of a form: takes a document, gives them in runs, and says
 * what the texts around one tell: which lines of the form they name, and whether it goes on with the table before or begins one.
 */
import type { Cell, Document, Grid } from '../../parsers/document.ts'
import { sentenceEnd } from '../../parsers/prose.ts'
import type { Line } from '../model.ts'
import type { EquationsOf } from './equations.ts'
import { type LabelIndex, labelCharactersMax, labelKey } from './labels.ts'
import type { Told } from './reshaped.ts'
import type { TableScope } from './scope.ts'
import type { CellValue } from './values.ts'

/** A table among others with nothing but headings between them; `at` is its block, `before` and `after` what stands around it. */
export type Piece = {
  readonly at: number
  readonly grid: Grid
  readonly rows: readonly (readonly Cell[])[]
  readonly before: readonly Heading[]
  readonly after: Heading
}
/** A short text and its block. */
export type Heading = { readonly at: number; readonly text: string }
/** What is known of labels, values and sums. */
export type Knowledge = {
  readonly find: LabelIndex['find']
  readonly stated: (text: string) => CellValue | null
  /** True for the heading of a part of some form. */
  readonly isChapter: (text: string) => boolean
  readonly equationsOf: EquationsOf
}
/** Cells of a table of a form, and the pieces that they stand in. */
export type Found = { readonly pieces: readonly Piece[]; readonly told: readonly Told[] }

/** So many headings may stand between two pieces. */
const headingsMax = 4
/** Larger tables are data sets and no forms. */
const rowsMax = 200

/** The small tables of a document, those in one run that have nothing between them but headings. */
export function runsOf({ blocks }: Document): Piece[][] {
  const runs: Piece[][] = [[]]
  let between: Heading[] = []
  for (const [at, block] of blocks.entries()) {
    if (block.kind === 'grid') {
      if (between.length > headingsMax || between.some((one) => !isHeading(one))) runs.push([])
      runs.at(-1)!.push({ at, grid: block, rows: rowsOf(block), before: between, after: textAt(blocks, at + 1) })
      between = []
    } else if (block.text.trim() !== '') between.push({ at, text: block.text })
  }
  return runs
}

function textAt(blocks: Document['blocks'], at: number): Heading {
  const block = blocks[at]
  return { at, text: block?.kind === 'paragraph' ? block.text : '' }
}

/** True for a text as short as a heading, and no sentence. */
export function isHeading({ text }: Heading): boolean {
  return text.length <= labelCharactersMax && !sentenceEnd.test(text)
}

/** Rows or columns of a table that a text names, and nothing else, not in its brackets either: 行政诉讼（复议后起诉）. */
export function linesNamed(
  text: string,
  { id, table }: TableScope,
  find: LabelIndex['find'],
): { readonly rows: readonly number[]; readonly columns: readonly number[] } | null {
  const { rows, columns } = find(text)
  const named = { rows: [...(rows.get(id) ?? [])], columns: [...(columns.get(id) ?? [])] }
  for (const [, content = ''] of text.matchAll(/[（(]([^（）()]+)[）)]/g)) {
    const inside = find(content)
    named.rows.push(...(inside.rows.get(id) ?? []))
    named.columns.push(...(inside.columns.get(id) ?? []))
    const isKnown = inside.rows.has(id) || inside.columns.has(id) || /^[一二三四五六七八九十\d\s]{1,4}$/.test(content)
    const isPart = ({ labels }: Line): boolean => labels.some((label) => labelKey(label).includes(labelKey(content)))
    if (!isKnown && ![...table.rows, ...table.columns].some(isPart)) return null
  }
  return named.rows.length + named.columns.length === 0 ? null : named
}

/** True for a heading of nothing but names of a table's lines. */
export function namesLines(heading: Heading, scope: TableScope, find: LabelIndex['find']): boolean {
  return isHeading(heading) && linesNamed(heading.text, scope, find) !== null
}

/** True where nothing but names of a table's lines stands before a piece: it goes on with the table before. */
export function goesOn({ before }: Piece, scope: TableScope, find: LabelIndex['find']): boolean {
  return before.every((one) => namesLines(one, scope, find))
}

/**
 * True where nothing says whose figures stand in a first piece: between it and the caption of its table, if there is one, are names of
 * lines, and sentences that name neither a number nor a body.
 */
export function begins({ before }: Piece, scope: TableScope, { find, isChapter }: Knowledge): boolean {
  const caption = before.findLastIndex((one) => isHeading(one) && isChapter(one.text))
  const isNeutral = ({ text }: Heading): boolean =>
    sentenceEnd.test(text) && !/[\d局镇乡厅]|街道|[所下]属|部门|各/.test(text)
  return before.slice(caption + 1).every((one) => isNeutral(one) || namesLines(one, scope, find))
}

/** The cells of each row that begin in it, in order. */
function rowsOf({ cells, rowCount }: Grid): Cell[][] {
  if (rowCount > rowsMax) return []
  const rows = Array.from({ length: rowCount }, (): Cell[] => [])
  for (const cell of cells) rows[cell.row]!.push(cell)
  return rows
}
