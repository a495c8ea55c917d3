/**
 * Columns without names: takes small tables, gives the cells of a table of the form whose columns can only be told by the form's
 * order. That is inferred, since no label says so, and taken only where the sums across the rows hold.
 *
 * - Rows beneath `数据1`, `数据2`, …: each is one of the form's, in its order, with a cell for each column. A header between them that
 *   names rows is not believed where the rows go on as before.
 * - A line of figures, one for each column, beneath the table's caption and scraps of its labels.
 */
import type { Cell } from '../../parsers/document.ts'
import type { ZeroSum } from './decode.ts'
import { addsUp, tableSums } from './equations.ts'
import { type LabelIndex, labelCharactersMax } from './labels.ts'
import { begins, type Found, goesOn, isHeading, type Knowledge, type Piece } from './pieces.ts'
import type { Told } from './reshaped.ts'
import type { TableScope } from './scope.ts'
import { type CellValue, isFigure } from './values.ts'

/** Tables of fewer columns say too little by a sum. */
const columnsMin = 3
/** A header that came apart into scraps of its labels has a few lines, and at least so many of them. */
const [scrapRowsMax, scrapsMin] = [6, 4]
/** Share of a form's rows that must be there where their columns have no names. */
const rowsShareMin = 0.8
/** So many sums of figures must hold, and for each that does not, so many more: it may be the report's own mistake. */
const witnessesMin = 2
const witnessesFactor = 2

/** A line of a piece: words over the columns, or a row with a cell for each column. */
type Strip =
  | { readonly kind: 'header'; readonly texts: readonly string[] }
  | {
      readonly kind: 'row'
      readonly label: string
      readonly cells: readonly Cell[]
      readonly values: readonly CellValue[]
    }

/**
 * Rows of pieces whose columns have no names; null unless they are the form's rows in its order, their sums hold, and no other
 * pieces look the same.
 */
export function rowsByOrder(runs: readonly (readonly Piece[])[], scope: TableScope, known: Knowledge): Found | null {
  if (scope.valueColumns.length < columnsMin) return null
  const parts: { piece: Piece; strips: readonly Strip[] }[][] = []
  for (const run of runs) {
    let open = false
    for (const piece of run) {
      const strips = stripsOf(piece, scope.valueColumns.length, known)
      if (strips?.some((strip) => strip.kind === 'row' && isRowOf(strip.label, scope, known))) {
        if (!open || !goesOn(piece, scope, known.find)) parts.push([])
        parts.at(-1)!.push({ piece, strips })
        open = true
      } else if (piece.grid.cells.some(({ text }) => isFigure(known.stated(text)))) open = false
    }
  }
  const [part, ...others] = parts
  if (part === undefined || others.length > 0) return null
  const pieces = part.map(({ piece }) => piece)
  const names = scope.valueColumns.map((column) => scope.table.columns[column]!.labels)
  if (!begins(pieces[0]!, scope, known)) return null
  if (pieces.some(({ before, after }) => [...before, after].some(({ text }) => isInOtherOrder(text, names))))
    return null
  const told = tellByOrder(
    part.flatMap(({ strips }) => strips),
    scope,
    known,
  )
  return told === null ? null : { pieces, told }
}

function isRowOf(label: string, { id }: TableScope, { find }: Knowledge): boolean {
  return label.length <= labelCharactersMax && find(label).rows.has(id)
}

/** True for a text that has names of lines in another order than the form's. */
function isInOtherOrder(text: string, names: readonly (readonly string[])[]): boolean {
  const places = names
    .map((labels) => Math.min(...labels.map((label) => text.indexOf(label)).map((at) => (at < 0 ? Infinity : at))))
    .filter((at) => at < Infinity)
  return places.some((at, index) => index > 0 && at < places[index - 1]!)
}

/** The lines of a piece; null where it is no table of a label and so many cells a row. */
function stripsOf({ rows, grid }: Piece, columns: number, { stated }: Knowledge): Strip[] | null {
  if (grid.columnCount !== columns + 1) return null
  const strips: Strip[] = []
  for (const row of rows) {
    const [label, ...cells] = row
    // A heading in a line of its own.
    if (label !== undefined && cells.every(({ filler }) => filler)) continue
    if (cells.length !== columns || row.some(({ rowSpan, columnSpan }) => rowSpan > 1 || columnSpan > 1)) return null
    const values = cells.map(({ filler, text }) => (filler ? null : stated(text)))
    if (values.every((value) => value !== null)) strips.push({ kind: 'row', label: label!.text, cells, values })
    else if (values.some(isFigure)) return null
    else strips.push({ kind: 'header', texts: cells.map(({ text }) => text.trim()) })
  }
  return strips.some(({ kind }) => kind === 'row') ? strips : null
}

function tellByOrder(strips: readonly Strip[], scope: TableScope, { find, equationsOf }: Knowledge): Told[] | null {
  const { id, table, valueRows, valueColumns } = scope
  const { across } = tableSums(scope, equationsOf)
  const told: Told[] = []
  let last = -1
  let nameless = false
  let mustFollow = false
  const proof: Row[] = []
  for (const strip of strips) {
    if (strip.kind === 'header') {
      const kind = headerKind(strip.texts, scope, find)
      if (kind === 'others' || (kind === 'rows' && (!nameless || proof.length === 0))) return null
      nameless ||= kind === 'nameless'
      mustFollow = kind === 'rows'
      continue
    }
    const match = strip.label.length > labelCharactersMax ? null : find(strip.label)
    const named = match?.rows.get(id)
    if (strip.values.every(({ state }) => state === 'blank')) {
      // A header of blanks, and the heading of a group as it is written where all rows have as many cells.
      if (named === undefined && proof.length === 0) {
        nameless = true
        continue
      }
      if (named?.every((row) => table.rows[row]!.abstract)) continue
    }
    const line = named?.find((row) => row > last && valueRows.includes(row))
    if (line === undefined) return null
    // Beneath a header that is not believed, and with a label that is only like the row's, it must be the next row.
    const follows = valueRows.indexOf(line) === valueRows.indexOf(last) + 1
    if ((mustFollow || !match!.exact) && !follows) return null
    mustFollow = false
    last = line
    proof.push({ sums: across(line), values: strip.values })
    for (const [place, cell] of strip.cells.entries()) told.push({ cell, row: line, column: valueColumns[place]! })
  }
  return nameless && addUp(proof, witnessesMin) && proof.length >= valueRows.length * rowsShareMin ? told : null
}

/** A row's values, one for each column, and the sums that the form has across it. */
type Row = { readonly sums: readonly ZeroSum[]; readonly values: readonly CellValue[] }

/**
 * Whether figures stand in the form's order of columns: at least `least` of their sums hold, and enough for those that do not. Where
 * all cells say the same it does not matter which column is which.
 */
function addUp(rows: readonly Row[], least: number): boolean {
  if (new Set(rows.flatMap(({ values }) => values.map(({ state, value }) => `${state} ${value}`))).size === 1)
    return true
  let [witnesses, broken] = [0, 0]
  for (const { sums, values } of rows) {
    for (const sum of sums) {
      const summands = sum.map(([place]) => values[place]!)
      if (summands.some(({ state }) => state === 'unreadable') || summands.every(({ value }) => !value)) continue
      if (addsUp(sum, (place) => values[place]!.value ?? 0)) witnesses++
      // A total may be left blank.
      else if (summands.every(({ state }) => state !== 'blank')) broken++
    }
  }
  return witnesses >= Math.max(least, broken * witnessesFactor)
}

/** A line of figures beneath a caption of the table and scraps of its labels in their order; null unless its sums hold. */
export function figuresByOrder(
  runs: readonly (readonly Piece[])[],
  scope: TableScope,
  { find, stated, equationsOf }: Knowledge,
): Found | null {
  const { id, table, valueColumns, unlabelledRow } = scope
  if (valueColumns.length < columnsMin) return null
  const isFilled = (row: readonly Cell[]): boolean => row.some(({ text }) => isFigure(stated(text)))
  for (const piece of runs.flat()) {
    if (piece.rows.length > scrapRowsMax) continue
    const caption = piece.before.findLastIndex((one) => isHeading(one) && find(one.text).captions.has(id))
    if (caption < 0) continue
    // What else is said there may be whose figures they are.
    const words = piece.before.slice(caption + 1).map(({ text }) => text.replace(/\s/g, ''))
    const groups = table.columns.filter(({ abstract }) => abstract).map(({ labels }) => labels)
    if (words.some((text) => !isOfScraps(text, scope)) || isInOtherOrder(words.join(' '), groups)) continue
    const [cells = [], ...others] = piece.rows.filter(isFilled).map((row) => row.filter(({ filler }) => !filler))
    const values = cells.flatMap(({ text, rowSpan, columnSpan }) =>
      rowSpan === 1 && columnSpan === 1 ? (stated(text) ?? []) : [],
    )
    if (others.length > 0 || cells.length !== valueColumns.length || values.length !== cells.length) continue
    const header = piece.rows
      .filter((row) => !isFilled(row))
      .map((row) => row.map(({ text }) => text.replace(/\s/g, '')).filter((text) => text !== ''))
    if (header.flat().length < scrapsMin || !header.every((scraps) => areInOrder(scraps, scope))) continue
    if (header.some((scraps) => isInOtherOrder(scraps.join(''), groups))) continue
    if (header.flat().filter((text) => namesColumn(text, scope, find)).length * 2 >= valueColumns.length) continue
    // Its labels, though in scraps, speak for it beside its sums.
    if (!addUp([{ sums: tableSums(scope, equationsOf).across(unlabelledRow), values }], 1)) continue
    const told = cells.map((cell, place): Told => ({ cell, row: unlabelledRow, column: valueColumns[place]! }))
    return { pieces: [piece], told }
  }
  return null
}

/** True where scraps of a table's labels follow one another as its columns do, the first one a scrap of the first column's. */
function areInOrder(scraps: readonly string[], { table, valueColumns, columnGroups: groupsOver }: TableScope): boolean {
  const labelsOf = (place: number): readonly string[] => {
    const column = valueColumns[place]!
    return [column, ...groupsOver[column]!].flatMap((one) => table.columns[one]!.labels)
  }
  let at = 0
  for (const [index, scrap] of scraps.entries()) {
    const from = at
    while (at < valueColumns.length && !labelsOf(at).some((label) => label.includes(scrap))) at++
    if (at === valueColumns.length || (index === 0 && at > from)) return false
  }
  return true
}

/** True for a text of nothing but labels of columns and scraps of them, one behind another. */
function isOfScraps(text: string, { table }: TableScope): boolean {
  const letters = new Set(table.columns.flatMap(({ labels }) => labels.flatMap((label) => [...label])))
  return [...text].every((letter) => letters.has(letter))
}

/**
 * What a header says of its columns: `nameless` where it only counts them, `own` where it has their names in the form's order,
 * `rows` where it names rows of the table in their place, so that it cannot be believed, else `others`.
 */
function headerKind(
  texts: readonly string[],
  scope: TableScope,
  find: LabelIndex['find'],
): 'nameless' | 'own' | 'rows' | 'others' {
  const { id, valueColumns } = scope
  const isOwn = texts.map((text, place) => find(text).columns.get(id)?.includes(valueColumns[place]!) ?? false)
  const rest = texts.map((text, place) => (isOwn[place] ? '' : text))
  const strange = rest.filter((text) => text !== '')
  if (strange.length === 0) return 'own'
  if (strange.some((text) => namesColumn(text, scope, find) || /(?:19|20)\d\d/.test(text))) return 'others'
  if (numbered(rest) === strange.length) return 'nameless'
  const rows = strange.filter((text) => find(text).rows.has(id)).length
  return rows >= rowsNamedMin && rows * 3 >= strange.length ? 'rows' : 'others'
}

/** True for a text that names a column with figures. */
function namesColumn(text: string, { id, valueColumns }: TableScope, find: LabelIndex['find']): boolean {
  const columns = find(text).columns.get(id) ?? []
  return columns.some((column) => valueColumns.includes(column))
}

/** A header that names so many rows is none of columns. */
const rowsNamedMin = 2

/** Words that say of a column that it is one. What counts bodies or years (单位1, 镇1) is none. */
const columnWords =
  /^(?:第|列|栏|栏目|数据|数值|数字|数量|值|字段|data|value|column|col|field|unnamed|var)?[\s_:：.-]*$/i

/** 3 for `3`, `三` and `C`. */
function ordinalOf(number: string): number {
  const numeral = '一二三四五六七八九十'.indexOf(number)
  if (numeral >= 0) return numeral + 1
  return /^\d/.test(number) ? Number(number) : number.toUpperCase().charCodeAt(0) - 0x40
}

/** How many texts are one word for a column with the number of its place, counted from 0, 1 or 2: 数据1, 数据2, …; else 0. */
function numbered(texts: readonly string[]): number {
  let count = 0
  let first: string | null = null
  for (const [place, text] of texts.entries()) {
    const parts = /^(\D{0,20}?)(\d{1,2}|[一二三四五六七八九十]|[A-Z])(列|栏)?$/i.exec(text.normalize('NFKC').trim())
    if (parts === null) continue
    const [, word = '', number = '', unit = ''] = parts
    const offset = ordinalOf(number) - place
    const key = `${word} ${offset} ${unit}`
    const isBare = /^\d/.test(text.trim()) && unit === ''
    if (offset < 0 || offset > 2 || isBare || !columnWords.test(word)) return 0
    if (first !== null && first !== key) return 0
    first = key
    count++
  }
  return count
}
