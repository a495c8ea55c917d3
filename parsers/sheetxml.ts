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
import { emu, isTableSized } from './unread.ts'

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
  const struckStyles = readStruckStyles(entries['xl/styles.xml'])
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
      struck: struckCells(xml, struckStyles),
      zerosShown: !/<(?:\w+:)?sheetView\b[^>]*\bshowZeros="(?:0|false)"/.test(xml),
      formulas: openFormulas(xml),
      rich: richTexts(xml),
      pictures: picturesOf(entries, target, xml),
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

const anchored = /<(?:\w+:)?(?:twoCell|oneCell)Anchor\b[\s\S]*?<\/(?:\w+:)?(?:twoCell|oneCell)Anchor>/g

/** The rows, from 0, at which large pictures of a sheet begin. Where a drawing cannot be followed there are none: no cell hangs on it. */
function picturesOf(entries: Readonly<Record<string, Uint8Array>>, sheet: string, xml: string): number[] {
  const id = /<(?:\w+:)?drawing\b[^>]*\b\w+:id="([^"]*)"/.exec(xml)?.[1]
  const relations = entries[sheet.replace(/[^/]+$/, '_rels/$&.rels')]
  if (id === undefined || relations === undefined) return []
  const target = readTargets(decoder.decode(relations)).get(id)
  const drawing = target === undefined ? undefined : entries[target.replace(/^xl\/\.\.\//, 'xl/')]
  if (drawing === undefined) return []
  const rows: number[] = []
  for (const [shape] of decoder.decode(drawing).matchAll(anchored)) {
    const row = /<(?:\w+:)?from>[\s\S]*?<(?:\w+:)?row>(\d{1,7})</.exec(shape)?.[1]
    const size = /<(?:\w+:)?ext\s+cx="(\d{1,12})"\s+cy="(\d{1,12})"/.exec(shape)
    if (row === undefined || size === null || !/<(?:\w+:)?blip\b/.test(shape)) continue
    if (isTableSized({ width: Number(size[1]) / emu, height: Number(size[2]) / emu })) rows.push(Number(row))
  }
  return rows
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
  const targets = new Map<string, string>()
  for (const [tag] of relations.matchAll(/<(?:\w+:)?Relationship\b[^>]*>/g)) {
    const id = /\bId="([^"]*)"/.exec(tag)?.[1]
    const target = /\bTarget="([^"]*)"/.exec(tag)?.[1]
    if (id === undefined || target === undefined) continue
    targets.set(id, target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`)
  }
  return targets
}

/** The numbers of the styles whose font is struck out. */
function readStruckStyles(styles: Uint8Array | undefined): Set<number> {
  const struck = new Set<number>()
  if (styles === undefined) return struck
  const xml = decoder.decode(styles)
  const fonts = [...partOf(xml, 'fonts').matchAll(/<(?:\w+:)?font\b[^>]*?(?:\/>|>([\s\S]*?)<\/(?:\w+:)?font>)/g)]
  const strikes = fonts.map(([, inside]) => isStruck(inside ?? ''))
  if (!strikes.includes(true)) return struck
  for (const [index, [tag]] of [...partOf(xml, 'cellXfs').matchAll(/<(?:\w+:)?xf\b[^>]*>/g)].entries()) {
    const font = /\bfontId="(\d+)"/.exec(tag)?.[1]
    if (font !== undefined && strikes[Number(font)] === true) struck.add(index)
  }
  return struck
}

function partOf(xml: string, name: string): string {
  const start = xml.search(new RegExp(`<(?:\\w+:)?${name}\\b`))
  const end = xml.search(new RegExp(`</(?:\\w+:)?${name}>`))
  return start < 0 || end < start ? '' : xml.slice(start, end)
}

/** True for properties of a font that strike its text out. */
function isStruck(properties: string): boolean {
  return /<(?:\w+:)?(?:strike|dstrike)(?:\s+val="(?:1|true|on)")?\s*\/>/.test(properties)
}

function struckCells(xml: string, styles: ReadonlySet<number>): Set<string> {
  const struck = new Set<string>()
  if (styles.size === 0) return struck
  for (const [tag] of xml.matchAll(/<(?:\w+:)?c\s[^>]*>/g)) {
    const style = /\bs="(\d+)"/.exec(tag)?.[1]
    if (style === undefined || !styles.has(Number(style))) continue
    const place = /\br="([A-Z]{1,3})(\d{1,7})"/.exec(tag)
    if (place !== null) struck.add(`${Number(place[2]) - 1} ${columnOf(place[1]!)}`)
  }
  return struck
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

const formulaAlone =
  /<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f\b[^>]*(?:\/>|>([^<]*)<\/(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*\/>|<(?:\w+:)?v><\/(?:\w+:)?v>)?\s*<\/(?:\w+:)?c>/g

/** Texts that stand in the sheet itself and are marked in parts: the library gives them without their marks. */
function richTexts(xml: string): Map<string, readonly TextPart[]> {
  const texts = new Map<string, readonly TextPart[]>()
  if (!/<(?:\w+:)?is>/.test(xml)) return texts
  for (const [cell] of xml.matchAll(/<(?:\w+:)?c\s[^>]*\bt="inlineStr"[^>]*>[\s\S]*?<\/(?:\w+:)?c>/g)) {
    const place = /\br="([A-Z]{1,3})(\d{1,7})"/.exec(cell)
    if (place !== null && hasRuns(cell)) texts.set(`${Number(place[2]) - 1} ${columnOf(place[1]!)}`, readRuns(cell))
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

function unescapeXml(text: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return text.replace(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g, (all, decimal, hex, name) => {
    if (name !== undefined) return names[name as string]!
    const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : (all as string)
  })
}

/** Formulas whose writer stored no value: what they show is not known. */
function openFormulas(xml: string): Map<string, string> {
  const formulas = new Map<string, string>()
  for (const [, attributes, formula] of xml.matchAll(formulaAlone)) {
    // A text may be empty.
    if (/\bt="str"/.test(attributes!)) continue
    const place = /\br="([A-Z]{1,3})(\d{1,7})"/.exec(attributes!)
    if (place !== null) formulas.set(`${Number(place[2]) - 1} ${columnOf(place[1]!)}`, formula ?? '')
  }
  return formulas
}

function columnOf(name: string): number {
  let column = 0
  for (const letter of name) column = column * 26 + letter.charCodeAt(0) - 64
  return column - 1
}
