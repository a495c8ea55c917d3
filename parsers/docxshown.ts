/**
 * The text of a DOCX as Word shows it, in the few elements that mammoth reads: takes the XML of the text with its
 * styles and lists, gives XML in which hidden text is gone and the rest stands where it is seen. What cannot be given as text
 * (a small picture, an equation, a number that a list counts) becomes a sign in a cell that holds nothing else but a figure,
 * so that no such cell reads as blank or as a part of what it shows.
 */
import { type DocxLooks, isDark, mayTell, readDocxLooks, statedIn } from './docxlooks.ts'
import { enforceLimit } from './limits.ts'
import { emu, isLetterSized, isTableSized, type Unread, unreadSign, withUnread } from './unread.ts'
import type { XmlElement, XmlNode } from './xmltree.ts'
import { attributeOf, childOf, escapeXml, outermost, readXmlTree, textIn, unescapeXml, writeXml } from './xmltree.ts'

/** Stands alone in a cell that the row does not have: ECMA-376, Part 1, 17.4.14 (gridBefore). */
export const noCell = '\u{f0001}'
/** Stands around the relation of a file whose content belongs in this place: ECMA-376, Part 1, 17.17.2.1 (altChunk). */
export const chunkSign = '\u{f0002}'

/** The shown text, and what was left out since it is hidden. */
export type ShownText = { readonly xml: string; readonly hidden: string }

/** The cell that is open: what it shows so far, and places to fill where that is no label. */
type OpenCell = { text: string; readonly places: { readonly what: Unread; readonly children: XmlNode[] }[] }
/** A field of which the end was not met. `shows`: whether its result has shown anything. */
type OpenField = { instruction: string; choice: string | null; inResult: boolean; shows: boolean }

type Walk = {
  readonly looks: DocxLooks
  readonly hidden: string[]
  readonly fields: OpenField[]
  cell: OpenCell | null
  paragraphStyle: string | null
  /** How many shaded things the text stands in. */
  dark: number
  /** Whether the text asks for something to be filled in. */
  asks: boolean
}

const triggers =
  /<(?:mc:AlternateContent|m:oMath|w:(?:vanish|dstrike|fldChar|fldSimple|sym|ruby|object|pict|drawing|altChunk|gridBefore|hMerge|hidden|customXml|showingPlcHdr|dir|bdo|numPr|contentPart)[\s/>])|w:customMarkFollows|<w:color\s+w:val="[fF]{6}"/
const mergedText = /<w:vMerge(?:\s+w:val="continue")?\s*\/>|<\/w:tc>|<w:t[\s>]/g

/**
 * The text with what it hides taken away, by the parts of its styles and of its numbering. Text that needs none of this stays
 * as it is written.
 */
export function showText(written: string, styles: string, numbering: string): ShownText {
  const xml = withUsualPrefix(written)
  const telling = triggers.test(xml) || hasTextUnderMerged(xml)
  if (!telling && !mayTell(styles)) return { xml, hidden: '' }
  const looks = readDocxLooks(styles, numbering)
  if (!telling && !usesTelling(xml, looks)) return { xml, hidden: '' }
  const tree = readXmlTree(xml)
  // The reader of the archive says what is wrong with it.
  if (tree === null) return { xml, hidden: '' }
  const walk: Walk = {
    looks,
    hidden: [],
    fields: [],
    cell: null,
    paragraphStyle: null,
    dark: xml.includes('<w:background') ? 1 : 0,
    asks: false,
  }
  const shown = showAll(tree, walk)
  return { xml: writeXml(shown), hidden: walk.hidden.join(' ').trim() }
}

function hasTextUnderMerged(xml: string): boolean {
  let under = false
  for (const [tag] of xml.matchAll(mergedText)) {
    if (under && tag.startsWith('<w:t')) return true
    under = tag.startsWith('<w:v')
  }
  return false
}

function usesTelling(xml: string, { telling }: DocxLooks): boolean {
  if (telling.size === 0) return false
  for (const [, id] of xml.matchAll(/<w:[pr]Style\s+w:val="([^"]*)"/g)) if (telling.has(id!)) return true
  return false
}

const wordNamespace =
  /\sxmlns(?::([\w.-]+))?\s*=\s*["']http:\/\/(?:schemas\.openxmlformats\.org\/wordprocessingml\/2006\/main|purl\.oclc\.org\/ooxml\/wordprocessingml\/main)["']/

/** Some writers give the namespace of text another prefix than all others do. */
function withUsualPrefix(xml: string): string {
  const match = wordNamespace.exec(xml.slice(0, 16_384))
  const prefix = match?.[1]
  if (match === null || prefix === undefined || prefix === 'w' || /\sxmlns:w\s*=/.test(xml.slice(0, 16_384))) return xml
  const named = new RegExp(`(<\\/?|\\s)${prefix.replace(/[.-]/g, '\\$&')}:(?=\\w)`, 'g')
  return xml.replace(/<[^<>]*>/g, (tag) => tag.replace(`xmlns:${prefix}`, 'xmlns:w').replace(named, '$1w:'))
}

function showAll(nodes: readonly XmlNode[], walk: Walk): XmlNode[] {
  const shown: XmlNode[] = []
  for (const node of nodes) {
    if (typeof node === 'string') shown.push(node)
    else for (const one of show(node, walk)) shown.push(one)
  }
  return shown
}

function show(element: XmlElement, walk: Walk): readonly XmlNode[] {
  switch (element.name) {
    case 'w:pPr':
    case 'w:tblPr':
    case 'w:tblGrid':
    case 'w:sectPr':
    case 'w:del':
    case 'w:moveFrom':
      return [element]
    case 'mc:AlternateContent':
      return showAll(chosen(element), walk)
    case 'w:customXml':
    case 'w:dir':
    case 'w:bdo':
      return showAll(element.children, walk)
    case 'w:sdt':
      return [showControl(element, walk)]
    case 'w:fldSimple':
      return showSimpleField(element, walk)
    case 'w:altChunk':
      if (walk.cell !== null) return [elementOf('w:p', placeFor(walk))]
      return [paragraphOf(`${chunkSign}${attributeOf(element, 'r:id') ?? ''}${chunkSign}`)]
    case 'w:tbl':
      return [showTable(element, walk)]
    case 'w:tr':
      return showRow(element, walk)
    case 'w:tc':
      return [showCell(element, walk)]
    case 'w:p':
      return [showParagraph(element, walk)]
    case 'w:r':
      return showRun(element, walk)
    case 'm:oMath':
      return showEquation(element, walk)
    case 'm:oMathPara':
      return showAll(element.children, walk)
    default:
      return [{ ...element, children: showAll(element.children, walk) }]
  }
}

/** A sentence that asks for text; a figure or a mark in its place is what the document shows. */
const asking = /点击|单击|输入|填写|选择|\b(?:click|tap|enter|choose|select)\b/i

/** A control for content; what stands in one that nobody filled in is no content. */
function showControl(control: XmlElement, walk: Walk): XmlElement {
  const outer = walk.asks
  const properties = childOf(control, 'w:sdtPr')
  const isEmpty = properties !== undefined && isOn(properties, 'w:showingPlcHdr')
  const text = isEmpty ? unescapeXml(textIn(childOf(control, 'w:sdtContent')?.children ?? [], 'w:t')) : ''
  walk.asks ||= asking.test(text) && !/\p{N}/u.test(text)
  const shown = { ...control, children: showAll(control.children, walk) }
  walk.asks = outer
  return shown
}

/** What a reader of today shows of two versions; the older one where both hold the same text, since it is the simpler one. */
function chosen(element: XmlElement): readonly XmlNode[] {
  const choice = childOf(element, 'mc:Choice')?.children ?? []
  const fallback = childOf(element, 'mc:Fallback')?.children ?? []
  return textIn(choice, 'w:t') === textIn(fallback, 'w:t') && fallback.length > 0 ? fallback : choice
}

function showTable(table: XmlElement, walk: Walk): XmlElement {
  const properties = childOf(table, 'w:tblPr')
  const shaded =
    (properties !== undefined && outermost(properties.children, 'w:shd').some(isDark)) ||
    walk.looks.shadesTables(statedIn(properties, 'w:tblStyle'))
  if (shaded) walk.dark++
  const shown = { ...table, children: showAll(table.children, walk) }
  if (shaded) walk.dark--
  return shown
}

function showRow(row: XmlElement, walk: Walk): readonly XmlNode[] {
  const properties = childOf(row, 'w:trPr')
  if (properties !== undefined && childOf(properties, 'w:del') !== undefined) return [row]
  if (properties !== undefined && isOn(properties, 'w:hidden')) {
    leaveOut(unescapeXml(textIn(row.children, 'w:t')), walk)
    return []
  }
  const cells = withMerged(showAll(row.children, walk))
  const before = Number(statedIn(properties, 'w:gridBefore') ?? 0)
  if (!(before >= 1)) return [{ ...row, children: cells }]
  const span: XmlElement = { name: 'w:gridSpan', attributes: { 'w:val': `${Math.floor(before)}` }, children: [] }
  const filler = elementOf('w:tc', [elementOf('w:tcPr', [span]), paragraphOf(noCell)])
  const first = cells.findIndex((node) => typeof node !== 'string' && !/^w:(?:tblPrEx|trPr)$/.test(node.name))
  return [{ ...row, children: cells.toSpliced(first < 0 ? cells.length : first, 0, filler) }]
}

/** Cells merged from left to right one by one, as older writers do it, as one cell over several columns. */
function withMerged(nodes: readonly XmlNode[]): XmlNode[] {
  const merged: XmlNode[] = []
  let first = -1
  for (const node of nodes) {
    if (typeof node === 'string' || node.name !== 'w:tc') {
      merged.push(node)
      continue
    }
    const properties = childOf(node, 'w:tcPr')
    const mark = properties === undefined ? undefined : childOf(properties, 'w:hMerge')
    const goesOn = mark !== undefined && attributeOf(mark, 'w:val') !== 'restart'
    if (goesOn && first >= 0) merged[first] = widened(merged[first] as XmlElement, spanOf(node))
    else {
      first = mark === undefined ? -1 : merged.length
      merged.push(node)
    }
  }
  return merged
}

function spanOf(cell: XmlElement): number {
  return Math.max(1, Math.floor(Number(statedIn(childOf(cell, 'w:tcPr'), 'w:gridSpan') ?? 1)) || 1)
}

function widened(cell: XmlElement, by: number): XmlElement {
  const span: XmlElement = { name: 'w:gridSpan', attributes: { 'w:val': `${spanOf(cell) + by}` }, children: [] }
  const children = cell.children.map((child) => {
    if (typeof child === 'string' || child.name !== 'w:tcPr') return child
    const rest = child.children.filter((one) => typeof one === 'string' || one.name !== 'w:gridSpan')
    return { ...child, children: [span, ...rest] }
  })
  return { ...cell, children }
}

function showCell(cell: XmlElement, walk: Walk): XmlElement {
  const properties = childOf(cell, 'w:tcPr')
  const outer = walk.cell
  const own: OpenCell = { text: '', places: [] }
  const shaded = properties !== undefined && outermost(properties.children, 'w:shd').some(isDark)
  walk.cell = own
  if (shaded) walk.dark++
  const children = cell.children.flatMap((child): readonly XmlNode[] =>
    typeof child === 'string' || child.name === 'w:tcPr' ? [child] : show(child, walk),
  )
  if (shaded) walk.dark--
  walk.cell = outer
  for (const { what, children: place } of own.places) {
    const sign = withUnread(own.text, what).slice(own.text.length)
    if (sign !== '') place.push(sign)
  }
  if (outer !== null) {
    outer.text += own.text
    if (own.places.some(({ children: filled }) => filled.length > 0)) outer.text += unreadSign
  }
  const merge = properties === undefined ? undefined : childOf(properties, 'w:vMerge')
  if (merge !== undefined && attributeOf(merge, 'w:val') !== 'restart') leaveOut(own.text, walk)
  return { ...cell, children }
}

function showParagraph(paragraph: XmlElement, walk: Walk): XmlElement {
  const properties = childOf(paragraph, 'w:pPr')
  const outer = walk.paragraphStyle
  walk.paragraphStyle = statedIn(properties, 'w:pStyle')
  const shading = properties === undefined ? undefined : childOf(properties, 'w:shd')
  const shaded = shading !== undefined && isDark(shading)
  if (shaded) walk.dark++
  const children: XmlNode[] = []
  let listed = walk.cell !== null && walk.looks.numbers(properties)
  for (const child of paragraph.children) {
    if (typeof child !== 'string' && child.name !== 'w:pPr' && listed) {
      children.push(...placeFor(walk))
      listed = false
    }
    if (typeof child === 'string') children.push(child)
    else children.push(...show(child, walk))
  }
  if (listed) children.push(...placeFor(walk))
  if (shaded) walk.dark--
  walk.paragraphStyle = outer
  return { ...paragraph, children }
}

/** A run for the sign of what is not read, where it stands in a cell. */
function placeFor(walk: Walk): readonly XmlNode[] {
  const text = signText('text', walk)
  return text === null ? [] : [elementOf('w:r', [text])]
}

function signText(what: Unread, walk: Walk): XmlElement | null {
  if (walk.cell === null) return null
  const children: XmlNode[] = []
  walk.cell.places.push({ what, children })
  return { name: 'w:t', attributes: {}, children }
}

function showRun(run: XmlElement, walk: Walk): readonly XmlNode[] {
  const properties = childOf(run, 'w:rPr')
  const look = walk.looks.run(properties, walk.paragraphStyle)
  const painted = properties !== undefined && isPainted(properties)
  if (look.hidden || walk.asks || (look.white && walk.dark === 0 && !painted)) return hideRun(run, walk)
  // The mark of a footnote that its author typed.
  const isMark = run.children.some(
    (child) =>
      typeof child !== 'string' &&
      /^w:(?:foot|end)noteReference$/.test(child.name) &&
      /^(?:1|true|on)$/.test(attributeOf(child, 'w:customMarkFollows') ?? ''),
  )
  const before = walk.cell?.text
  const children: XmlNode[] = []
  const after: XmlNode[] = []
  for (const child of run.children) {
    if (typeof child === 'string' || child.name === 'w:rPr') continue
    children.push(...showInRun(child, walk, after))
  }
  // What does not count as the cell's text makes it no figure and no label.
  if (walk.cell !== null && before !== undefined && (look.struck || look.raised || isMark)) walk.cell.text = before
  const added: XmlNode[] = []
  if (look.struck) added.push({ name: 'w:strike', attributes: {}, children: [] })
  if (look.raised || isMark) {
    added.push({ name: 'w:vertAlign', attributes: { 'w:val': 'superscript' }, children: [] })
  }
  const rest = (properties?.children ?? []).filter(
    (child) => added.length === 0 || typeof child === 'string' || !/^w:(?:strike|vertAlign)$/.test(child.name),
  )
  const kept = look.raised || isMark ? rest : (properties?.children ?? [])
  const rPr = elementOf('w:rPr', added.length === 0 ? kept : [...added, ...rest])
  return [{ ...run, children: rPr.children.length > 0 ? [rPr, ...children] : children }, ...after]
}

/** Shading or a marker behind a run. */
function isPainted(properties: XmlElement): boolean {
  const shading = childOf(properties, 'w:shd')
  const marker = statedIn(properties, 'w:highlight')
  return (shading !== undefined && isDark(shading)) || !(marker === null || marker === 'none' || marker === 'white')
}

/** Fields may begin and end in hidden runs. */
function hideRun(run: XmlElement, walk: Walk): readonly XmlNode[] {
  const after: XmlNode[] = []
  const kept = run.children.flatMap((child) => {
    if (typeof child === 'string') return []
    if (child.name === 'w:fldChar' || child.name === 'w:instrText') return showInRun(child, walk, after)
    return []
  })
  leaveOut(unescapeXml(textIn(run.children, 'w:t')), walk)
  return kept.length === 0 ? [] : [{ ...run, children: kept }]
}

function leaveOut(text: string, walk: Walk): void {
  const plain = text.trim()
  if (plain !== '' && walk.hidden.length < hiddenTextsMax) walk.hidden.push(plain)
}

const hiddenTextsMax = 100

/** What stands in a run. `after`: what has to follow the run. */
function showInRun(child: XmlElement, walk: Walk, after: XmlNode[]): readonly XmlNode[] {
  const field = walk.fields.at(-1)
  // The result of a field may be part of another one's instruction.
  const inInstruction = walk.fields.some(({ inResult }) => !inResult)
  switch (child.name) {
    case 'w:fldChar':
      return showFieldMark(child, walk)
    case 'w:instrText':
      if (field !== undefined && !field.inResult) field.instruction += textIn([child], 'w:instrText')
      return [child]
    case 'w:t':
      return inInstruction ? [] : [shownText(child, walk)]
    default:
  }
  if (inInstruction) return []
  switch (child.name) {
    case 'w:drawing':
      return showDrawing(child, walk)
    case 'w:pict':
      return showOldDrawing(child, walk)
    case 'w:object':
    case 'w:contentPart':
      return withSign([child], 'picture', walk)
    case 'w:sym':
      return showSymbol(child, walk)
    case 'w:ruby':
      return showAll(childOf(child, 'w:rubyBase')?.children ?? [], walk)
    case 'mc:AlternateContent':
      return chosen(child).flatMap((one) => (typeof one === 'string' ? [] : showInRun(one, walk, after)))
    case 'w:r':
      return showRun(child, walk)
    default:
      return [child]
  }
}

function shownText(text: XmlElement, walk: Walk): XmlElement {
  const field = walk.fields.at(-1)
  if (field !== undefined) field.shows = true
  if (walk.cell !== null) walk.cell.text += unescapeXml(textIn([text], 'w:t'))
  return text
}

/** The same with the sign of what is not read behind it, where that may be a figure. */
function withSign(nodes: readonly XmlNode[], what: Unread, walk: Walk): readonly XmlNode[] {
  const field = walk.fields.at(-1)
  if (field !== undefined) field.shows = true
  const sign = signText(what, walk)
  return sign === null ? nodes : [...nodes, sign]
}

function showFieldMark(mark: XmlElement, walk: Walk): readonly XmlNode[] {
  const type = attributeOf(mark, 'w:fldCharType')
  if (type === 'begin') {
    walk.fields.push({ instruction: '', choice: choiceOf(mark), inResult: false, shows: false })
    enforceLimit('markupDepthMax', walk.fields.length)
    return [mark]
  }
  const field = walk.fields.at(-1)
  if (type === 'separate' && field !== undefined) field.inResult = true
  if (type !== 'end' || field === undefined) return [mark]
  walk.fields.pop()
  const outer = walk.fields.at(-1)
  if (field.shows && outer !== undefined) outer.shows = true
  if (field.shows || walk.fields.some(({ inResult }) => !inResult)) return [mark]
  return [mark, ...withoutResult(field.instruction, field.choice, walk)]
}

function showSimpleField(field: XmlElement, walk: Walk): readonly XmlNode[] {
  const before = walk.cell?.text
  const shown = showAll(field.children, walk)
  if (textIn(shown, 'w:t') !== '' || before === undefined) return shown
  return [...shown, elementOf('w:r', withoutResult(attributeOf(field, 'w:instr') ?? '', null, walk))]
}

/** Fields that show nothing of their own, and those that mammoth draws. */
const silentField =
  /^\s*(?:XE|TC|TA|RD|SET|ASK|ADVANCE|PRIVATE|COMMENTS?|NOTEREF|FORMCHECKBOX|FORMTEXT|HYPERLINK|MACROBUTTON|NEXT(?:IF)?|SKIPIF|BIBLIOGRAPHY|INDEX|TOC)\b|^\s*$/i

/** What a field shows for which the file holds no result. */
function withoutResult(instruction: string, choice: string | null, walk: Walk): readonly XmlNode[] {
  if (choice !== null) {
    return [shownText({ name: 'w:t', attributes: { 'xml:space': 'preserve' }, children: [choice] }, walk)]
  }
  return silentField.test(instruction) ? [] : withSign([], 'text', walk)
}

/** What is chosen of a list to choose from: its field has no result. */
function choiceOf(mark: XmlElement): string | null {
  const data = childOf(mark, 'w:ffData')
  const list = data === undefined ? undefined : childOf(data, 'w:ddList')
  if (list === undefined) return null
  const chosenEntry = statedIn(list, 'w:result') ?? statedIn(list, 'w:default') ?? '0'
  const entries = outermost(list.children, 'w:listEntry')
  const entry = entries[Number(chosenEntry)]
  return entry === undefined ? null : attributeOf(entry, 'w:val')
}

/** Fonts of signs whose characters mammoth knows. */
const signFont = /^(?:Symbol|Webdings|Wingdings(?: [23])?)$/

/** A character that is named by its code: of a font of text it is itself. */
function showSymbol(symbol: XmlElement, walk: Walk): readonly XmlNode[] {
  const code = Number.parseInt(attributeOf(symbol, 'w:char') ?? '', 16)
  if (signFont.test(attributeOf(symbol, 'w:font') ?? '')) {
    // Those of Symbol are figures and letters, all others are signs.
    return (code & 0xff) >= 0x20 ? [symbol] : withSign([], 'text', walk)
  }
  if (!(code >= 0x20 && code < 0xe000)) return withSign([], 'text', walk)
  const text = escapeXml(String.fromCharCode(code))
  return [shownText({ name: 'w:t', attributes: { 'xml:space': 'preserve' }, children: [text] }, walk)]
}

function showDrawing(drawing: XmlElement, walk: Walk): readonly XmlNode[] {
  const boxes = outermost(drawing.children, 'w:txbxContent')
  const inline = childOf(drawing, 'wp:inline') !== undefined
  if (boxes.length > 0) {
    const shown = showBoxes(boxes, !inline, walk)
    return outermost(drawing.children, 'pic:pic').length > 0 ? [drawing, ...shown] : shown
  }
  const [extent] = outermost(drawing.children, 'wp:extent')
  const [width, height] = ['cx', 'cy'].map((name) => Number((extent && attributeOf(extent, name)) ?? 0) / emu)
  const isPicture = outermost(drawing.children, 'pic:pic').length > 0
  if (isPicture && (extent === undefined || isTableSized({ width: width!, height: height! }))) return [drawing]
  // A seal or a line floats over the text; what is set like a letter is part of it.
  const like = inline && isLetterSized({ width: width!, height: height! })
  const kept = isPicture ? [] : [drawing]
  return like ? withSign(kept, 'picture', walk) : kept
}

/** Texts of boxes. One that floats is seen where it lies, which is not always the cell that holds it. */
function showBoxes(boxes: readonly XmlElement[], floats: boolean, walk: Walk): readonly XmlNode[] {
  const dark = walk.dark
  walk.dark++
  const shown = elementOf(
    'w:pict',
    boxes.map((box) => ({ ...box, children: showAll(box.children, walk) })),
  )
  walk.dark = dark
  return floats ? withSign([shown], 'text', walk) : [shown]
}

/** Drawings of the older kind: mammoth takes the text of some shapes only. */
function showOldDrawing(drawing: XmlElement, walk: Walk): readonly XmlNode[] {
  const boxes = outermost(drawing.children, 'w:txbxContent')
  const floats = drawing.children.some(
    (child) => typeof child !== 'string' && /position\s*:\s*absolute/i.test(attributeOf(child, 'style') ?? ''),
  )
  const holdsPicture = outermost(drawing.children, 'v:imagedata').length > 0
  if (boxes.length > 0) {
    const shown = showBoxes(boxes, floats, walk)
    return holdsPicture ? [drawing, ...shown] : shown
  }
  const words = outermost(drawing.children, 'v:textpath').some((path) => (attributeOf(path, 'string') ?? '') !== '')
  return (words || holdsPicture) && !floats ? withSign([drawing], 'picture', walk) : [drawing]
}

/** An equation of nothing but text is that text. */
function showEquation(equation: XmlElement, walk: Walk): readonly XmlNode[] {
  const plain = equation.children.every((child) => typeof child === 'string' || child.name === 'm:r')
  if (!plain) return placeFor(walk)
  const text = textIn(equation.children, 'm:t')
  if (text === '') return []
  const run: XmlElement = { name: 'w:t', attributes: { 'xml:space': 'preserve' }, children: [text] }
  return [elementOf('w:r', [shownText(run, walk)])]
}

function isOn(properties: XmlElement, name: string): boolean {
  const element = childOf(properties, name)
  return element !== undefined && !/^(?:0|false|off)$/.test(attributeOf(element, 'w:val') ?? '')
}

function elementOf(name: string, children: readonly XmlNode[]): XmlElement {
  return { name, attributes: {}, children }
}

function paragraphOf(text: string): XmlElement {
  return elementOf('w:p', [elementOf('w:r', [elementOf('w:t', [text])])])
}
