/**
 * What the library for spreadsheets does not tell of an XLSX: takes the unpacked entries, gives for each sheet which cells
 * are struck out and whether zeros show as blank; finds sheets that are missing or cut off, and counts cells before the
 * library reads them.
 */
import { noMarks, type SheetMarks } from './biff.ts'
import type { TextPart } from './biffstrings.ts'
import { damaged } from './failure.ts'
import { enforceLimit, LimitError, limits } from './limits.ts'
import { isFootnoteMark } from './marks.ts'
import { readRelations } from './relations.ts'
import { columnOf, type Formula, movedFormula } from './sheetformulas.ts'
import { isWhite, noRules, partOf, piecesOf, readRuleStyles, readSheetRules } from './sheetrules.ts'
import { emu, isTableSized } from './unread.ts'
import { unescapeXml } from './xmltree.ts'

const decoder = new TextDecoder()

/**
 * The marks of each sheet, in the workbook's order.
 * @throws LimitError for more cells than any report has; ParseFailure `damaged`
 */
export function readSheetXml(entries: Readonly<Record<string, Uint8Array>>): SheetMarks[] {
  for (const [name, bytes] of Object.entries(entries)) {
    if (/<!(?:DOCTYPE|ENTITY)/i.test(latin1(bytes.subarray(0, 4096)))) {
      throw damaged(`${name}: document type or entity declaration`)
    }
    if (countTags(bytes) > limits.markupTagsMax) throw new LimitError('markupTagsMax')
  }
  const workbook = textOf(entries, 'xl/workbook.xml')
  const targets = readTargets(textOf(entries, 'xl/_rels/workbook.xml.rels'))
  const styles = readCellStyles(entries['xl/styles.xml'])
  const sheets: SheetMarks[] = []
  let columns = 0
  for (const [tag] of workbook.matchAll(/<(?:\w+:)?sheet\b[^>]*>/g)) {
    const id = /\b\w+:id="([^"]*)"/.exec(tag)?.[1] ?? ''
    const target = targets.get(id)
    if (target === undefined) throw damaged('a sheet is missing')
    // Sheets of another kind (charts, macros) have no cells.
    if (!/worksheet/i.test(target)) {
      sheets.push(noMarks)
      continue
    }
    const xml = textOf(entries, target)
    if (!/<\/(?:\w+:)?worksheet>\s*$/.test(xml.slice(-200))) throw damaged(`${target} is cut off`)
    columns += describedColumns(xml)
    enforceLimit('markupNodesMax', columns)
    sheets.push({
      struck: styledCells(xml, styles.struck),
      ...colouredCells(xml, styles),
      zerosShown: !/<(?:\w+:)?sheetView\b[^>]*\bshowZeros="(?:0|false)"/.test(xml),
      formulas: formulasIn(xml),
      rich: richTexts(xml),
      ...drawnOn(entries, target, xml),
    })
    enforceLimit('sheetsMax', sheets.length)
  }
  return sheets
}

function textOf(entries: Readonly<Record<string, Uint8Array>>, name: string): string {
  const bytes = entries[name]
  if (bytes === undefined) throw damaged(`${name} is missing`)
  return decoder.decode(bytes)
}

const anchorBegins = /<(?:\w+:)?(?:twoCell|oneCell)Anchor(?=[\s>])/
const anchorEnds = /<\/(?:\w+:)?(?:twoCell|oneCell)Anchor>/

/**
 * The rows, from 0, at which large pictures of a sheet begin, and the text of the boxes that lie over it. Where a drawing cannot be
 * followed there are none: no cell hangs on it.
 */
function drawnOn(
  entries: Readonly<Record<string, Uint8Array>>,
  sheet: string,
  xml: string,
): Pick<SheetMarks, 'pictures' | 'boxes'> {
  const pictures: number[] = []
  const boxes: string[] = []
  const id = /<(?:\w+:)?drawing\b[^>]*\b\w+:id="([^"]*)"/.exec(xml)?.[1]
  const relations = entries[sheet.replace(/[^/]+$/, '_rels/$&.rels')]
  if (id === undefined || relations === undefined) return { pictures, boxes }
  const target = readTargets(decoder.decode(relations)).get(id)
  const drawing = target === undefined ? undefined : entries[target.replace(/^xl\/\.\.\//, 'xl/')]
  if (drawing === undefined) return { pictures, boxes }
  for (const part of decoder.decode(drawing).split(anchorBegins).slice(1)) {
    const shape = part.split(anchorEnds, 1)[0]!
    const text = [...shape.matchAll(/<a:t>([^<]*)</g)].map(([, inside]) => unescapeXml(inside!)).join('')
    if (text.trim() !== '') boxes.push(text.trim())
    const from = shape.search(/<(?:\w+:)?from>/)
    const row = from < 0 ? undefined : /<(?:\w+:)?row>(\d{1,7})</.exec(shape.slice(from))?.[1]
    const size = /<(?:\w+:)?ext\s+cx="(\d{1,12})"\s+cy="(\d{1,12})"/.exec(shape)
    if (row === undefined || size === null || !/<(?:\w+:)?blip\b/.test(shape)) continue
    if (isTableSized({ width: Number(size[1]) / emu, height: Number(size[2]) / emu })) pictures.push(Number(row))
  }
  return { pictures, boxes }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

function countTags(bytes: Uint8Array): number {
  let tags = 0
  for (let at = bytes.indexOf(0x3c); at >= 0; at = bytes.indexOf(0x3c, at + 1)) if (bytes[at + 1] !== 0x2f) tags++
  return tags
}

/** The entries that the workbook's parts stand in, by their number. */
function readTargets(relations: string): Map<string, string> {
  return new Map(
    readRelations(relations).map(({ id, target }) => {
      return [id, target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`]
    }),
  )
}

/** The styles of cells by their numbers: whose font is struck out, whose letters are white, which paint; and those of rules. */
type CellStyles = {
  readonly struck: ReadonlySet<number>
  readonly white: ReadonlySet<number>
  readonly painted: ReadonlySet<number>
  readonly ruled: ReturnType<typeof readRuleStyles>
}

function readCellStyles(styles: Uint8Array | undefined): CellStyles {
  const found = { struck: new Set<number>(), white: new Set<number>(), painted: new Set<number>() }
  if (styles === undefined) return { ...found, ruled: [] }
  const xml = decoder.decode(styles)
  const fonts = piecesOf(partOf(xml, 'fonts'), 'font')
  const strikes = fonts.map(isStruck)
  const whites = fonts.map((font) => isWhite(/<(?:\w+:)?color\b[^<>]*>/.exec(font)?.[0]))
  const paints = piecesOf(partOf(xml, 'fills'), 'fill').map(isPainted)
  for (const [index, [tag]] of [...partOf(xml, 'cellXfs').matchAll(/<(?:\w+:)?xf\b[^>]*>/g)].entries()) {
    const font = Number(/\bfontId="(\d+)"/.exec(tag)?.[1] ?? -1)
    const fill = Number(/\bfillId="(\d+)"/.exec(tag)?.[1] ?? 0)
    if (strikes[font] === true) found.struck.add(index)
    if (whites[font] === true) found.white.add(index)
    if (paints[fill] === true) found.painted.add(index)
  }
  return { ...found, ruled: readRuleStyles(xml) }
}

/** The cells whose letters are white on nothing, and what rules make of that. */
function colouredCells(xml: string, { white, painted, ruled }: CellStyles): Pick<SheetMarks, 'white' | 'rules'> {
  // A table or a picture paints behind cells.
  const bare = !/<(?:\w+:)?(?:tablePart|picture)\b/.test(xml)
  const letters = bare ? styledCells(xml, white) : new Set<string>()
  if (/<(?:\w+:)?conditionalFormatting\b/.test(xml)) {
    const rules = readSheetRules(xml, ruled, { white: letters, painted: styledCells(xml, painted), bare })
    if (rules !== noRules) return { white: new Set(), rules }
  }
  if (letters.size > 0) for (const key of styledCells(xml, painted)) letters.delete(key)
  return { white: letters, rules: noRules }
}

function isPainted(fill: string): boolean {
  if (fill.includes('gradientFill')) return true
  const pattern = /\bpatternType="(\w+)"/.exec(fill)?.[1] ?? 'none'
  if (pattern === 'none') return false
  return pattern !== 'solid' || !isWhite(/<(?:\w+:)?fgColor\b[^>]*>/.exec(fill)?.[0])
}

/** True for properties of a font that strike its text out. */
function isStruck(properties: string): boolean {
  return /<(?:\w+:)?(?:strike|dstrike)(?:\s+val="(?:1|true|on)")?\s*\/>/.test(properties)
}

/** The places of the cells that have one of some styles. */
function styledCells(xml: string, styles: ReadonlySet<number>): Set<string> {
  const found = new Set<string>()
  if (styles.size === 0) return found
  for (const { key, attributes } of cellsIn(xml)) {
    const style = /\bs="(\d+)"/.exec(attributes)?.[1]
    if (style !== undefined && styles.has(Number(style))) found.add(key)
  }
  return found
}

type WrittenCell = {
  readonly row: number
  readonly column: number
  readonly key: string
  readonly attributes: string
  /** Where it begins and the next one does. */
  readonly from: number
  to: number
  /** Its formula with the attributes of that, if it has one. */
  formula: { readonly attributes: string; readonly text: string } | null
  stored: boolean
}

const piece = /<(?:\w+:)?(row|c|f|v|is)(?=[\s/>])([^<>]*)>([^<]*)/g

/** The cells of a sheet as they are written; one that does not say where it stands follows the one before. */
function* cellsIn(xml: string): Generator<WrittenCell> {
  let row = -1
  let column = -1
  let cell: WrittenCell | null = null
  for (const match of xml.matchAll(piece)) {
    const [, name, attributes, text] = match
    if (name === 'f' || name === 'v' || name === 'is') {
      if (cell === null) continue
      if (name === 'f') cell.formula = { attributes: attributes!, text: attributes!.endsWith('/') ? '' : text! }
      else if (name === 'is' || text !== '') cell.stored = true
      continue
    }
    const from = match.index
    if (cell !== null) {
      cell.to = from
      yield cell
    }
    cell = null
    const place = /(?:^|\s)r="([A-Z]{0,3})(\d{1,7})"/.exec(attributes!)
    if (name === 'row') {
      row = place === null ? row + 1 : Number(place[2]) - 1
      column = -1
      continue
    }
    column = place === null ? column + 1 : columnOf(place[1]!)
    if (place !== null) row = Number(place[2]) - 1
    const key = `${row} ${column}`
    cell = { row, column, key, attributes: attributes!, from, to: xml.length, formula: null, stored: false }
  }
  if (cell !== null) yield cell
}

/** How many columns a sheet describes: the library makes something of each. */
function describedColumns(xml: string): number {
  let columns = 0
  for (const [tag] of xml.matchAll(/<(?:\w+:)?col\s[^>]*>/g)) {
    const [min, max] = ['min', 'max'].map((name) => Number(new RegExp(`\\b${name}="(\\d{1,9})"`).exec(tag)?.[1] ?? 1))
    columns += Math.max(1, max! - min! + 1)
  }
  return columns
}

/** Texts that stand in the sheet itself and are marked in parts: the library gives them without their marks. */
function richTexts(xml: string): Map<string, readonly TextPart[]> {
  const texts = new Map<string, readonly TextPart[]>()
  if (!/<(?:\w+:)?is>/.test(xml)) return texts
  for (const { key, attributes, from, to } of cellsIn(xml)) {
    if (!/\bt="inlineStr"/.test(attributes)) continue
    const inside = xml.slice(from, to)
    if (hasRuns(inside)) texts.set(key, readRuns(inside))
  }
  return texts
}

/** True for a text of several runs. */
export function hasRuns(xml: string): boolean {
  return /<(?:\w+:)?rPr\b/.test(xml)
}

/** A text of several runs, as the file writes them; a run without properties looks as its cell does. */
export function readRuns(xml: string): TextPart[] {
  return [...xml.matchAll(/<(?:\w+:)?r(?:\s[^>]*)?>[\s\S]*?<\/(?:\w+:)?r>/g)].map(([run]) => {
    const text = unescapeXml([...run.matchAll(/<(?:\w+:)?t\b[^>]*>([^<]*)</g)].map(([, inside]) => inside).join(''))
    if (!/<(?:\w+:)?rPr\b/.test(run)) return { text, look: 'cell' }
    if (isStruck(run)) return { text, look: 'struck' }
    const raised = /<(?:\w+:)?vertAlign\s+val="superscript"/.test(run) && isFootnoteMark(text)
    return { text, look: raised ? 'raised' : 'shown' }
  })
}

/** The formulas of a sheet; those that cells share as each of them reads it. */
function formulasIn(xml: string): Map<string, Formula> {
  const formulas = new Map<string, Formula>()
  if (!/<(?:\w+:)?f[\s/>]/.test(xml)) return formulas
  const shared = new Map<string, { readonly row: number; readonly column: number; readonly text: string }>()
  for (const { key, row, column, formula, stored: hasValue, attributes: ofCell } of cellsIn(xml)) {
    if (formula === null) continue
    const { attributes } = formula
    // A text may be empty.
    const stored = hasValue || /\bt="str"/.test(ofCell)
    const text = unescapeXml(formula.text)
    const group = /\bt="shared"/.test(attributes) ? (/\bsi="(\d+)"/.exec(attributes)?.[1] ?? '') : null
    if (/\bt="(?:array|dataTable)"/.test(attributes)) formulas.set(key, { text: null, stored })
    else if (group !== null && text === '') {
      const first = shared.get(group)
      formulas.set(key, {
        // Made when it is asked for: a long one that all cells of a sheet share would fill the memory.
        get text() {
          return first === undefined ? null : movedFormula(first.text, row - first.row, column - first.column)
        },
        stored,
      })
    } else {
      if (group !== null) shared.set(group, { row, column, text })
      formulas.set(key, { text, stored })
    }
  }
  return formulas
}

/** Whether the workbook asks whoever opens it to compute all formulas anew: the values in it are never seen. */
export function computesAnew(entries: Readonly<Record<string, Uint8Array>>): boolean {
  return /<(?:\w+:)?calcPr\b[^>]*\bfullCalcOnLoad="(?:1|true)"/.test(textOf(entries, 'xl/workbook.xml'))
}
