/**
 * Tables as programs write them that turn pages into Markdown: in pieces, each a small table beneath a heading of its own, or
 * with a header that came apart. They are put together in the form's shape:
 *
 * - groups of columns one beneath the other, each under the name of its group: every figure is told by its labels;
 * - rows whose columns have no names (`数据1`, `数据2`, …). They are the form's columns in its order where each row is one of
 *   the form's, in its order, with a cell for each column, and the sums across the rows hold. That is inferred, since no label says so.
 *   A header between them that names none of the form's columns is not believed where the rows go on as before;
 * - a line of figures, one for each column, beneath the table's caption and scraps of its labels: the same.
 *
 * Where anything else is printed, nothing is put together.
 */
import type { Cell, Document, Grid, Notice } from '../../parsers/document.ts'
import { sentenceEnd } from '../../parsers/prose.ts'
import type { ReadingNoticeCode } from '../model.ts'
import type { ZeroSum } from './decode.ts'
import { addsUp, type EquationsOf, tableSums } from './equations.ts'
import { type LabelIndex, labelCharactersMax } from './labels.ts'
import { prepare } from './match.ts'
import type { Registry } from './registry.ts'
import { inFormShape, type Told } from './reshaped.ts'
import type { TableScope } from './scope.ts'
import { type CellValue, formMark, isFigure, markKey, readValue } from './values.ts'

/** A document whose tables are whole, what is to be told of them, and those whose columns were told by their order. */
export type Joined = {
  readonly document: Document
  readonly notices: readonly Notice<ReadingNoticeCode>[]
  readonly inferred: ReadonlySet<string>
}

/** A table among others with nothing but headings between them; `at` is its block, `before` what stands before it. */
type Piece = {
  readonly at: number
  readonly grid: Grid
  readonly rows: readonly (readonly Cell[])[]
  readonly before: readonly Heading[]
}
/** A short text and its block. */
type Heading = { readonly at: number; readonly text: string }
/** What is known of labels, values and sums. */
type Knowledge = {
  readonly find: LabelIndex['find']
  readonly stated: (text: string) => CellValue | null
  readonly equationsOf: EquationsOf
}
/** Cells of a table of a form, and the pieces that they stand in. */
type Found = { readonly pieces: readonly Piece[]; readonly told: readonly Told[] }

/** So many headings may stand between two pieces. */
const headingsMax = 4
/** Larger tables are data sets and no forms. */
const rowsMax = 200
/** Tables of fewer columns say too little by a sum. */
const columnsMin = 3
/** A header that came apart into scraps of its labels has a few lines, and at least so many of them. */
const [scrapRowsMax, scrapsMin] = [6, 4]
/** Share of a form's rows that must be there where their columns have no names. */
const rowsShareMin = 0.5
/** So many sums of figures must hold, and for each that does not, so many more: it may be the report's own mistake. */
const witnessesMin = 2
const witnessesFactor = 2

/** The document with the tables of forms put together that it prints in such pieces; null where there are none. Pure. */
export function joinPieces(document: Document, registry: Registry, equationsOf: EquationsOf): Joined | null {
  const runs = runsOf(document).filter(mayBePieces)
  if (runs.length === 0) return null
  const { scopes, index, marks } = prepare(registry)
  const stated = (text: string): CellValue | null => (marks.has(markKey(text)) ? formMark : readValue(text))
  const known: Knowledge = { find: index.find, stated, equationsOf }
  const blocks: (Document['blocks'][number] | null)[] = [...document.blocks]
  const notices: Notice<ReadingNoticeCode>[] = []
  const inferred = new Set<string>()
  const done = new Set<string>()
  for (const run of runs) {
    for (const scope of scopes) {
      const { code } = scope.table
      if (done.has(code)) continue
      const isLabelled = scope.unlabelledRow < 0
      const byNames = isLabelled ? null : columnGroups(run, scope, known)
      const found = byNames ?? (isLabelled ? rowsByOrder(run, scope, known) : figuresByOrder(run, scope, known))
      const first = found?.pieces[0]
      const grid = found && first ? inFormShape(first.grid, scope, found.told) : null
      if (found === null || first === undefined || grid === null) continue
      for (const { at, before } of found.pieces) {
        blocks[at] = null
        // What names its lines is no caption.
        for (const one of before) if (isHeading(one) && namesLines(one.text, scope, index.find)) blocks[one.at] = null
      }
      blocks[first.at] = grid
      done.add(code)
      if (byNames === null) inferred.add(code)
      const told = byNames === null ? 'columns_by_order' : 'table_reshaped'
      notices.push({ code: told, anchor: grid.anchor, data: { table: code } })
    }
  }
  if (done.size === 0) return null
  return { document: { ...document, blocks: blocks.filter((block) => block !== null) }, notices, inferred }
}

/** Tables with nothing between them but headings. */
function runsOf({ blocks }: Document): Piece[][] {
  const runs: Piece[][] = [[]]
  let between: Heading[] = []
  for (const [at, block] of blocks.entries()) {
    if (block.kind === 'grid') {
      if (between.length > headingsMax || between.some((one) => !isHeading(one))) runs.push([])
      runs.at(-1)!.push({ at, grid: block, rows: rowsOf(block), before: between })
      between = []
    } else if (block.text.trim() !== '') between.push({ at, text: block.text })
  }
  return runs
}

function isHeading({ text }: Heading): boolean {
  return text.length <= labelCharactersMax && !sentenceEnd.test(text)
}

function namesLines(text: string, { id }: TableScope, find: LabelIndex['find']): boolean {
  const { rows, columns } = find(text)
  return rows.has(id) || columns.has(id)
}

/** The cells of each row that begin in it, in order. */
function rowsOf({ cells, rowCount }: Grid): Cell[][] {
  if (rowCount > rowsMax) return []
  const rows = Array.from({ length: rowCount }, (): Cell[] => [])
  for (const cell of cells) rows[cell.row]!.push(cell)
  return rows
}

/** A look at the headers alone, since few documents have anything of the kind. */
function mayBePieces(run: readonly Piece[]): boolean {
  const headerOf = ({ rows }: Piece): string => (rows[0] ?? []).map(({ text }) => text).join('|')
  return run.some((piece, index) => {
    const texts = (piece.rows[0] ?? []).slice(1).map(({ text }) => text)
    if (texts.length >= columnsMin && numbered(texts) > 1) return true
    if (index > 0 && texts.length >= columnsMin && headerOf(piece) === headerOf(run[index - 1]!)) return true
    return piece.rows.length <= scrapRowsMax && isFigure(readValue(piece.rows.at(-1)?.[0]?.text ?? ''))
  })
}

/** Groups of columns, each a piece of labels with a line of figures below; null unless each figure has a cell of its own. */
function columnGroups(run: readonly Piece[], scope: TableScope, { find, stated }: Knowledge): Found | null {
  const { table, id, valueColumns, columnGroups: groupsOver, unlabelledRow } = scope
  const named = (text: string): readonly number[] =>
    text.length > labelCharactersMax ? [] : (find(text).columns.get(id) ?? [])
  const innermost = [...new Set(valueColumns.map((column) => groupsOver[column]![0] ?? -1))]
  const isStrip = ({ rows: [labels, figures, ...others] }: Piece): boolean =>
    labels !== undefined &&
    others.length === 0 &&
    figures?.length === labels.length &&
    [...labels, ...figures].every(({ rowSpan, columnSpan, filler }) => rowSpan === 1 && columnSpan === 1 && !filler) &&
    labels.every(({ text }) => named(text).length > 0) &&
    figures.every(({ text }) => stated(text) !== null)
  const pieces = run.filter(isStrip)
  if (pieces.length < 2) return null
  const told: Told[] = []
  for (const [at, { before, rows }] of pieces.entries()) {
    const groups = groupsNamed(before.at(-1)?.text ?? '', named)
    // Where all groups are there, one whose own name is damaged is told by its place and the name of what it belongs to.
    const expected = pieces.length === innermost.length ? innermost[at]! : -1
    const isExpected = expected >= 0 && groups.some((one) => groupsOver[expected]!.includes(one))
    const group = groups.find((one) => innermost.includes(one)) ?? (isExpected ? expected : undefined)
    if (group === undefined) return null
    for (const [index, label] of rows[0]!.entries()) {
      const inGroup = named(label.text).filter((column) => groupsOver[column]![0] === group)
      const [column] = inGroup
      if (column === undefined || inGroup.length > 1 || table.columns[column]!.abstract) return null
      if (told.some((one) => one.column === column)) return null
      told.push({ cell: rows[1]![index]!, row: unlabelledRow, column })
    }
  }
  return { pieces, told }
}

/** The groups that a heading names, as a whole or in its brackets: 行政诉讼（复议后起诉）. */
function groupsNamed(heading: string, named: (text: string) => readonly number[]): number[] {
  const inBrackets = [...heading.matchAll(/[（(]([^（）()]+)[）)]/g)].map((part) => part[1]!)
  return [heading, ...inBrackets].flatMap(named)
}

/** A line of a piece: words over the columns, or a row with a cell for each column. */
type Strip =
  | { readonly kind: 'header'; readonly texts: readonly string[] }
  | {
      readonly kind: 'row'
      readonly label: string
      readonly cells: readonly Cell[]
      readonly values: readonly CellValue[]
    }

/** Rows of pieces whose columns have no names; null unless they are the form's rows in its order and their sums hold. */
function rowsByOrder(run: readonly Piece[], scope: TableScope, known: Knowledge): Found | null {
  if (scope.valueColumns.length < columnsMin) return null
  const parts: { piece: Piece; strips: readonly Strip[] }[][] = [[]]
  for (const piece of run) {
    const strips = stripsOf(piece, scope.valueColumns.length, known)
    if (strips !== null) parts.at(-1)!.push({ piece, strips })
    else if (piece.grid.cells.some(({ text }) => isFigure(known.stated(text)))) parts.push([])
  }
  for (const part of parts) {
    const told = tellByOrder(
      part.flatMap(({ strips }) => strips),
      scope,
      known,
    )
    if (told !== null) return { pieces: part.map(({ piece }) => piece), told }
  }
  return null
}

/** The lines of a piece; null where it is no table of a label and so many cells a row. */
function stripsOf({ rows, grid }: Piece, columns: number, { stated }: Knowledge): Strip[] | null {
  if (grid.columnCount !== columns + 1) return null
  const strips: Strip[] = []
  for (const row of rows) {
    const [label, ...cells] = row
    const printed = cells.filter(({ filler, text }) => !filler && text.trim() !== '')
    // A heading in a line of its own.
    if (printed.length === 0 && label !== undefined && cells.every(({ filler }) => filler || row.length === 1)) continue
    if (cells.length !== columns || row.some(({ rowSpan, columnSpan }) => rowSpan > 1 || columnSpan > 1)) return null
    const values = cells.map(({ filler, text }) => (filler ? null : stated(text)))
    if (values.every((value) => value !== null)) strips.push({ kind: 'row', label: label!.text, cells, values })
    else if (values.some(isFigure)) return null
    else strips.push({ kind: 'header', texts: cells.map(({ text }) => text.trim()) })
  }
  return strips.some(({ kind }) => kind === 'row') ? strips : null
}

function tellByOrder(strips: readonly Strip[], scope: TableScope, { find, equationsOf }: Knowledge): Told[] | null {
  const { id, valueRows, valueColumns } = scope
  const { across } = tableSums(scope, equationsOf)
  const told: Told[] = []
  let rows = 0
  let last = -1
  let nameless = false
  let mustFollow = false
  const proof = makeProof()
  for (const strip of strips) {
    if (strip.kind === 'header') {
      const kind = headerKind(strip.texts, scope, find)
      if (kind === 'named' || (kind === 'strange' && !nameless)) return null
      nameless = true
      mustFollow = kind === 'strange'
      continue
    }
    const match = strip.label.length > labelCharactersMax ? null : find(strip.label)
    const line = match?.rows.get(id)?.find((row) => row > last && valueRows.includes(row))
    if (!nameless || line === undefined) return null
    // Beneath a header that is not believed, and with a label that is only like the row's, it must be the next row.
    const follows = valueRows.indexOf(line) === valueRows.indexOf(last) + 1
    if ((mustFollow || !match!.exact) && !follows) return null
    mustFollow = false
    last = line
    rows++
    proof.add(across(line), strip.values)
    for (const [place, cell] of strip.cells.entries()) told.push({ cell, row: line, column: valueColumns[place]! })
  }
  return proof.holds(witnessesMin) && rows >= valueRows.length * rowsShareMin ? told : null
}

/** Whether figures stand in the columns of the form by their order: gathers rows, a value for each column. */
function makeProof() {
  let [witnesses, broken] = [0, 0]
  const printed = new Set<string>()
  return {
    add(sums: readonly ZeroSum[], values: readonly CellValue[]): void {
      for (const { state, value } of values) printed.add(`${state} ${value}`)
      for (const sum of sums) {
        const summands = sum.map(([place]) => values[place]!)
        if (summands.some(({ state }) => state === 'unreadable') || summands.every(({ value }) => !value)) continue
        const holds = addsUp(sum, (place) => values[place]!.value ?? 0)
        if (holds) witnesses++
        // A total may be left blank.
        else if (summands.every(({ state }) => state !== 'blank')) broken++
      }
    },
    /** Where all cells say the same it does not matter which column is which. */
    holds: (least: number): boolean => printed.size === 1 || witnesses >= Math.max(least, broken * witnessesFactor),
  }
}

/** A line of figures beneath a caption of the table and scraps of its labels; null unless its sums hold. */
function figuresByOrder(
  run: readonly Piece[],
  scope: TableScope,
  { find, stated, equationsOf }: Knowledge,
): Found | null {
  const { id, table, valueColumns, unlabelledRow } = scope
  if (valueColumns.length < columnsMin) return null
  for (const piece of run) {
    if (
      piece.rows.length > scrapRowsMax ||
      !piece.before.some((one) => isHeading(one) && find(one.text).captions.has(id))
    ) {
      continue
    }
    const isFilled = (row: readonly Cell[]): boolean => row.some(({ text }) => isFigure(stated(text)))
    const [cells = [], ...others] = piece.rows.filter(isFilled).map((row) => row.filter(({ filler }) => !filler))
    const values = cells.flatMap(({ text, rowSpan, columnSpan }) =>
      rowSpan === 1 && columnSpan === 1 ? (stated(text) ?? []) : [],
    )
    if (others.length > 0 || cells.length !== valueColumns.length || values.length !== cells.length) continue
    const header = piece.rows.filter((row) => !isFilled(row)).flat()
    const scraps = header.map(({ text }) => text.replace(/\s/g, '')).filter((text) => text !== '')
    const named = scraps.filter((text) =>
      find(text)
        .columns.get(id)
        ?.some((column) => valueColumns.includes(column)),
    )
    const isScrap = (text: string): boolean =>
      table.columns.some(({ labels }) => labels.some((one) => one.includes(text)))
    if (named.length * 2 >= valueColumns.length || scraps.length < scrapsMin || !scraps.every(isScrap)) continue
    const proof = makeProof()
    proof.add(tableSums(scope, equationsOf).across(unlabelledRow), values)
    // Its labels, though in scraps, speak for it beside its sums.
    if (!proof.holds(1)) continue
    const told = cells.map((cell, place): Told => ({ cell, row: unlabelledRow, column: valueColumns[place]! }))
    return { pieces: [piece], told }
  }
  return null
}

/**
 * What a header says of its columns: `nameless` where it only counts them or is blank, `named` where most have their own
 * names, or one has that of another column of the form or of a year, else `strange`.
 */
function headerKind(
  texts: readonly string[],
  { id, table, valueColumns }: TableScope,
  find: LabelIndex['find'],
): 'nameless' | 'named' | 'strange' {
  const rest: string[] = []
  let own = 0
  for (const [place, text] of texts.entries()) {
    const named = text.length > labelCharactersMax ? undefined : find(text).columns.get(id)
    const columns = named?.filter((column) => !table.columns[column]!.abstract) ?? []
    const isOwn = columns.includes(valueColumns[place]!)
    if (!isOwn && (columns.length > 0 || /(?:19|20)\d\d/.test(text))) return 'named'
    if (isOwn) own++
    rest.push(isOwn ? '' : text)
  }
  if (own * 2 > texts.length) return 'named'
  return rest.every((text) => text === '') || numbered(rest) === rest.filter((text) => text !== '').length
    ? 'nameless'
    : 'strange'
}

/** Words that say of a column that it is one. What counts bodies or years (单位1, 镇1) is none. */
const columnWords =
  /^(?:第|列|栏|栏目|数据|数值|数字|数量|值|字段|指标|项|项目|类别|类型|分类|data|value|column|col|field|unnamed|var|[a-z])?[\s_:：.-]*$/i

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
    const parts = /^(\D{0,20}?)(\d{1,2}|[一二三四五六七八九十]|[A-Z])(列|栏|项)?$/i.exec(text.normalize('NFKC').trim())
    if (parts === null) continue
    const [, word = '', number = '', unit = ''] = parts
    const offset = ordinalOf(number) - place
    const key = `${word} ${offset} ${unit}`
    const isFigure = /^\d/.test(text.trim()) && unit === ''
    if (offset < 0 || offset > 2 || isFigure || !columnWords.test(word)) return 0
    if (first !== null && first !== key) return 0
    first = key
    count++
  }
  return count
}
