/**
 * XLSX and XLS to a Document through SheetJS (@e965/xlsx), which applies number formats: a cell's text is what the sheet
 * shows. Formulas give the value that was stored with them, or what they certainly come to (`sheetformulas.ts`); one of which
 * neither is certain is its own text, never a number, and so is an error. The library bounds nothing itself: an XLSX is unpacked within limits and packed again before it sees it, an
 * XLS is reduced to its cells, and both have their cells counted first.
 */
import { type CellObject, type ParsingOptions, read, SSF, type WorkBook, type WorkSheet } from '@e965/xlsx'
import { rezip, unzip } from './archive.ts'
import { noMarks, onlyCells, readSheetMarks, type SheetMarks } from './biff.ts'
import type { TextPart } from './biffstrings.ts'
import type { Document, Metadatum, Notice } from './document.ts'
import { damaged, ParseFailure } from './failure.ts'
import { tellPictures } from './flow.ts'
import { enforceLimit, limits } from './limits.ts'
import { countingText, type MarkedText } from './marks.ts'
import { type Streams, writeOle } from './ole.ts'
import { shownNumber } from './sheetformats.ts'
import { type Content, columnName, columnOf, type Settled, settleFormulas } from './sheetformulas.ts'
import { looksByRules } from './sheetrules.ts'
import { computesAnew, hasRuns, readRuns, readSheetXml } from './sheetxml.ts'
import { unreadSign, withUnread } from './unread.ts'
import { differenceShown, type Hidden, layOutSheets, notShownMax, type SheetCell, type Worksheet } from './worksheet.ts'

const options: ParsingOptions = {
  type: 'array',
  cellStyles: true,
  sheetStubs: true,
  cellFormula: false,
  cellHTML: false,
}
const noticeCharactersMax = 200

const neededEntry =
  /^(?:\[Content_Types\]\.xml|_rels\/.*|docProps\/core\.xml|xl\/(?:[\w-]+|_rels\/[\w.-]+|worksheets\/[^/]+|chartsheets\/[^/]+|theme\/[^/]+)(?:\.xml|\.rels))$/

/** Read for the places of pictures, and kept from the library. */
const drawingEntry = /^xl\/(?:worksheets\/_rels\/[^/]+\.rels|drawings\/[^/]+\.xml)$/

/**
 * The document of some XLSX bytes.
 * @throws LimitError; ParseFailure `damaged`
 */
export function parseXlsx(bytes: Uint8Array): Document {
  let images = 0
  const entries = unzip(bytes, (name) => {
    if (name.startsWith('xl/media/')) images++
    return neededEntry.test(name) || drawingEntry.test(name)
  })
  const marks = readSheetXml(entries)
  const cellsOnly = Object.fromEntries(Object.entries(entries).filter(([name]) => neededEntry.test(name)))
  const document = documentOf(readBook(rezip(cellsOnly)), marks, computesAnew(entries), {
    format: 'xlsx',
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  })
  const notices = [...document.notices]
  tellPictures(images, document.blocks, notices)
  return { ...document, notices }
}

/**
 * The document of the streams of an XLS.
 * @throws LimitError; ParseFailure `damaged`, `encrypted`, or `unsupported_format` for Excel 5.0 and 95
 */
export function parseXls(streams: Streams): Document {
  const stream = streams('Workbook')
  if (stream === null && streams('Book') !== null) throw new ParseFailure('unsupported_format', { kind: 'xls95' })
  if (stream === null) throw damaged('no stream Workbook')
  const marks = readSheetMarks(stream)
  return documentOf(readBook(writeOle('Workbook', onlyCells(stream))), marks, false, {
    format: 'xls',
    mediaType: 'application/vnd.ms-excel',
  })
}

/** The library keeps number formats of one XLS for the next: what a file does not say itself would be another's. */
const plainFormats: Readonly<Record<string, string>> = { ...SSF.get_table() }

function readBook(bytes: Uint8Array): WorkBook {
  const formats = SSF.get_table() as Record<string, string>
  for (const id of Object.keys(formats)) if (plainFormats[id] === undefined) delete formats[id]
  Object.assign(formats, plainFormats)
  try {
    return read(bytes, options)
  } catch (error) {
    throw damaged(error instanceof Error ? error.message.slice(0, 200) : String(error))
  }
}

function documentOf(
  book: WorkBook,
  marks: readonly SheetMarks[],
  anew: boolean,
  kind: Pick<Document, 'format' | 'mediaType'>,
): Document {
  const notices: Notice[] = []
  const read = book.SheetNames.map((name, index) => {
    const sheet = book.Sheets[name]
    if (sheet === undefined) throw damaged(`sheet ${name} is missing`)
    return { name, sheet, marks: marks[index] ?? noMarks }
  })
  const settled = settleFormulas(
    read.map(({ name, sheet, marks: { formulas } }) => ({ name, formulas, contentOf: contentsOf(sheet) })),
    anew,
  )
  const sheets = read.map(({ name, sheet, marks: own }, index): Worksheet => {
    const shown = (book.Workbook?.Sheets?.[index]?.Hidden ?? 0) === 0
    if (shown && own.boxes.length > 0) {
      const text = own.boxes.join(' ').slice(0, noticeCharactersMax)
      notices.push({ code: 'text_left_out', anchor: { path: name, page: null, box: null }, data: { text } })
    }
    return worksheetOf(name, shown, sheet, own, settled[index]!, notices)
  })
  const flowed = layOutSheets(sheets, notices)
  const title = book.Props?.Title?.trim() || null
  const metadata: Metadatum[] =
    title === null ? [] : [{ name: 'title', value: title, anchor: { path: 'properties/title', page: null, box: null } }]
  return { ...kind, engine: '@e965/xlsx', encoding: null, title, metadata, ...flowed, notices }
}

/** What the cells of a sheet hold, for formulas. */
function contentsOf(sheet: WorkSheet): (key: string) => Content {
  return (key) => {
    const [row, column] = key.split(' ').map(Number)
    const cell = sheet[`${columnName(column!)}${row! + 1}`] as CellObject | undefined
    if (cell === undefined || cell.v === undefined || cell.t === 'z') return 'blank'
    if (cell.t === 'e') return 'error'
    return cell.t === 'n' && typeof cell.v === 'number' ? cell.v : 'other'
  }
}

function worksheetOf(
  name: string,
  shown: boolean,
  sheet: WorkSheet,
  marks: SheetMarks,
  settled: ReadonlyMap<string, Settled>,
  notices: Notice[],
): Worksheet {
  const notShown: string[] = []
  const merges = new Map<string, { rowSpan: number; columnSpan: number }>()
  for (const { s, e } of sheet['!merges'] ?? []) {
    enforceLimit('cellsMax', merges.size)
    merges.set(`${s.r} ${s.c}`, { rowSpan: e.r - s.r + 1, columnSpan: e.c - s.c + 1 })
  }
  const covered = coveredPlaces(sheet)
  const contentOf = contentsOf(sheet)
  const cells: SheetCell[] = []
  const blanks: SheetCell[] = []
  const single = { rowSpan: 1, columnSpan: 1 }
  const steps = { count: 0 }
  let [bottom, right] = [-1, -1]
  for (const [place, value] of Object.entries(sheet)) {
    const at = placeOf(place)
    if (at === null) continue
    const key = `${at.row} ${at.column}`
    const beneath = covered.has(key)
    const before = notShown.length
    const cell = { value: value as CellObject, settled: settled.get(key), key, ...at, contentOf }
    let { text, hidden } = shownIn(cell, marks, steps, notices, (held) => {
      if (notShown.length < notShownMax) notShown.push(`${place} ${held}`)
    })
    if (beneath || marks.white.has(key)) [text, hidden] = ['', text]
    if (hidden !== '' && before < notShownMax) notShown.push(`${place} ${hidden}`)
    if (beneath) continue
    const span = merges.get(key)
    merges.delete(key)
    if (text === '' && span === undefined) blanks.push({ ...at, ...single, text })
    else cells.push({ ...at, ...(span ?? single), text })
    if (text !== '') [bottom, right] = [Math.max(bottom, at.row), Math.max(right, at.column)]
  }
  for (const [key, span] of merges) {
    const [row, column] = key.split(' ').map(Number)
    cells.push({ row: row!, column: column!, ...span, text: '' })
  }
  // Blank cells are kept as far as there is text: formats reach beyond it, often to the end of the sheet.
  cells.push(...blanks.filter(({ row, column }) => row <= bottom + 1 && column <= right))
  return {
    name,
    shown,
    cells,
    hiddenRows: hiddenOf(sheet['!rows'], (row) => row?.hidden === true || row?.hpx === 0),
    notShown,
    hiddenColumns: hiddenOf(sheet['!cols'], (column) => column?.hidden === true || column?.width === 0),
    pictures: marks.pictures,
  }
}

/** Places under merged cells but for the first of each: what stands there is not shown. Bounded, since few are real. */
function coveredPlaces(sheet: WorkSheet): Set<string> {
  const covered = new Set<string>()
  const cells = Object.keys(sheet).length
  for (const { s, e } of sheet['!merges'] ?? []) {
    const places = (e.r - s.r + 1) * (e.c - s.c + 1)
    if (places > limits.gridPlacesMax || places > 20 * cells + 1_000) continue
    enforceLimit('gridPlacesMax', covered.size + places)
    for (let row = s.r; row <= e.r; row++) {
      for (let column = s.c; column <= e.c; column++) if (row > s.r || column > s.c) covered.add(`${row} ${column}`)
    }
  }
  return covered
}

function placeOf(place: string): { row: number; column: number } | null {
  const match = /^([A-Z]{1,3})(\d{1,7})$/.exec(place)
  return match === null ? null : { row: Number(match[2]) - 1, column: columnOf(match[1]!) }
}

/** A cell of the library with its place and what its formula comes to. */
type ReadCell = {
  readonly value: CellObject
  readonly settled: Settled | undefined
  readonly key: string
  readonly row: number
  readonly column: number
  readonly contentOf: (key: string) => Content
}

type Tell = (held: string) => void

/**
 * What the sheet shows in a cell, and what its rules hide of it; `tell` is told what it holds where that is another number. Where it
 * is open what the rules make of it, nobody can read it.
 */
function shownIn(
  cell: ReadCell,
  marks: SheetMarks,
  steps: { count: number },
  notices: Notice[],
  tell: Tell,
): { text: string; hidden: string } {
  const own = (format: string | null, to: Notice[] = notices, telling: Tell = tell): string =>
    textOf(cell, marks, format, to, telling)
  if (marks.rules.rules.length === 0 || cell.settled === 'unknown') return { text: own(null), hidden: '' }
  const content = typeof cell.settled === 'number' ? cell.settled : cell.contentOf(cell.key)
  if (content === 'blank') return { text: own(null), hidden: '' }
  const looks = looksByRules(marks.rules, { ...cell, content }, steps)
  const texts = new Set(
    looks.map(({ hidden, drawn, format }) => (hidden ? '' : drawn ? unreadSign : own(format, [], () => {}))),
  )
  if (texts.size > 1) return { text: withUnread(own(null), 'text'), hidden: '' }
  const [look] = looks
  const text = own(look?.format ?? null)
  if (look?.hidden === true) return { text: '', hidden: text }
  return look?.drawn === true ? { text: unreadSign, hidden: text } : { text, hidden: '' }
}

/** `format`: the one that a rule puts in the place of the cell's own. */
function textOf(
  { value: cell, settled, key }: ReadCell,
  marks: SheetMarks,
  format: string | null,
  notices: Notice[],
  tell: Tell,
): string {
  if (settled === 'unknown') return `=${marks.formulas.get(key)?.text ?? ''}`
  const computed = typeof settled === 'number'
  const type = computed ? 'n' : cell.t
  const value = computed ? settled : cell.v
  if (value === undefined || type === 'z') return ''
  if (type === 'n' && value === 0 && !marks.zerosShown) return ''
  const number = type === 'n' && typeof value === 'number' ? value : null
  const stored = computed || format !== null ? null : (cell.w ?? String(value))
  const written = number === null ? (cell.w ?? String(value)) : shownNumber(format ?? cell.z, number, stored)
  const shown = written.replace(/\r\n?/g, '\n')
  const held = number === null ? null : differenceShown(shown, number)
  if (held !== null) tell(held)
  const inParts = typeof cell.r === 'string' && hasRuns(cell.r) ? readRuns(cell.r) : null
  const parts = marks.rich.get(key) ?? inParts ?? [{ text: shown, look: 'cell' }]
  return countingText(textOfParts(parts, marks.struck.has(key)), notices)
}

function textOfParts(parts: readonly TextPart[], cellStruck: boolean): MarkedText {
  const text = { shown: '', raised: '', struck: '' }
  for (const part of parts) text[part.look === 'cell' ? (cellStruck ? 'struck' : 'shown') : part.look] += part.text
  return { ...text, shown: text.shown.trim(), struck: text.struck.trim() }
}

/** The numbers of what is hidden, as ranges. The library leaves holes in its lists: only what is there is looked at. */
function hiddenOf<One>(list: readonly One[] | undefined, isHidden: (one: One) => boolean): Hidden {
  const hidden: { from: number; to: number }[] = []
  for (const key of Object.keys(list ?? [])) {
    const index = Number(key)
    if (!isHidden(list![index]!)) continue
    const last = hidden.at(-1)
    if (last !== undefined && last.to === index - 1) last.to = index
    else hidden.push({ from: index, to: index })
  }
  return hidden
}
