/**
 * Draws the layers of one page (clauses 7.7 to 13) into its model: every text, path, picture and drawing made of them,
 * through the maps of all that holds it, clipped by its boundary, in points. What is not seen is not drawn: invisible
 * objects, colours that are transparent or those of paper, what lies under an opaque area that was painted later.
 */
import type { Box, Notice, ParserNoticeCode } from '../document.ts'
import type { Glyph, Page, Rule } from '../layout/page.ts'
import { enforceLimit } from '../limits.ts'
import { black, type Color, colorOf, lineWidthOf, type Style, styleOf } from './colors.ts'
import { boundaryOf, boxThrough, type Matrix, objectMatrix, overlap, scaleOf } from './geometry.ts'
import type { Resources, SourcePage } from './package.ts'
import { fillOutline, readOutline, strokeOutline, thinRule } from './paths.ts'
import { layText, textOf } from './text.ts'
import { childOf, childrenOf, type Element, flagOf } from './xml.ts'

/** A picture on a page: where its file may be, the map from a square of 1 by 1 to the page, in points, and what is seen. */
export type ShownPicture = {
  readonly places: readonly string[]
  readonly matrix: Matrix
  readonly clip: Box
  /** Nothing of it is masked, cut out or seen through. */
  readonly whole: boolean
}

/** An area that is painted over pictures. */
export type ShownArea = { readonly area: Box; readonly white: boolean }

/** A page with what its pictures show, in the order of drawing. */
export type OfdPage = Page & { readonly shown: readonly (ShownPicture | ShownArea)[] }

/** What the pages of one document have used of the limits. */
export type Spent = { objects: number; marks: number; points: number; compared: number }

type Marks = { glyphs: Glyph[]; rules: Rule[]; fills: Box[]; patches: Box[]; pictures: Box[] }

type Drawing = {
  readonly resources: Resources
  readonly paper: Box
  readonly marks: Marks
  readonly shown: (ShownPicture | ShownArea)[]
  readonly spent: Spent
  readonly isOpaqueFile: IsOpaque
  /** Drawings that the page shows and the file does not hold, by ID. */
  readonly missing: Set<string>
  /** Text that is not drawn, for the notice. */
  leftOut: string
}

/** Where an object lies: its space on the page, what it inherits, how many drawings it is inside. */
type Place = { readonly matrix: Matrix; readonly style: Style; readonly depth: number }

const pointsPerMillimetre = 72 / 25.4
/** Text as faint as this is a watermark. */
const faintOpacity = 0.3
/** From here on nothing is seen through it. */
const opaque = 0.95
/** An area smaller than this hides no character. */
const coverSizeMin = 4
const leftOutCharactersMax = 200

/** Whether nothing is seen through the picture at the first of these places where there is one. */
export type IsOpaque = (places: readonly string[]) => boolean

/** The page as a reader sees it. `spent` goes on from page to page. @throws LimitError, ParseFailure `damaged` */
export function drawPage(source: SourcePage, number: number, spent: Spent, isOpaqueFile: IsOpaque): OfdPage {
  const width = source.width * pointsPerMillimetre
  const height = source.height * pointsPerMillimetre
  const drawing: Drawing = {
    resources: source.resources,
    paper: { x: 0, y: 0, width, height },
    marks: { glyphs: [], rules: [], fills: [], patches: [], pictures: [] },
    shown: [],
    spent,
    isOpaqueFile,
    missing: new Set(),
    leftOut: '',
  }
  const matrix: Matrix = [pointsPerMillimetre, 0, 0, pointsPerMillimetre, 0, 0]
  for (const layer of source.layers) {
    drawObjects(layer, { matrix, style: styleOf(layer, [], source.resources), depth: 0 }, drawing)
  }
  for (const annotation of source.annotations) leaveOut(textInside(annotation), drawing)
  return { number, width, height, ...drawing.marks, shown: drawing.shown, notices: noticesOf(drawing, number) }
}

function noticesOf({ leftOut, missing }: Drawing, page: number): Notice<ParserNoticeCode>[] {
  const anchor = { path: `page[${page}]`, page, box: null }
  const notices: Notice<ParserNoticeCode>[] = []
  if (leftOut !== '') notices.push({ code: 'text_left_out', anchor, data: { text: leftOut } })
  if (missing.size > 0)
    notices.push({ code: 'markup_repaired', anchor, data: { what: `drawing ${[...missing].join(', ')}` } })
  return notices
}

function drawObjects(holder: Element, place: Place, drawing: Drawing): void {
  enforceLimit('drawingDepthMax', place.depth)
  for (const object of holder.children) {
    if (!flagOf(object, 'Visible', true)) continue
    enforceLimit('drawnObjectsMax', ++drawing.spent.objects)
    if (object.name === 'TextObject') drawText(object, place, drawing)
    else if (object.name === 'PathObject') drawPath(object, place, drawing)
    else if (object.name === 'ImageObject') drawPicture(object, place, drawing)
    else if (object.name === 'CompositeObject') drawComposite(object, place, drawing)
    else if (object.name === 'PageBlock') {
      drawObjects(object, { ...place, matrix: objectMatrix(object, place.matrix), depth: place.depth + 1 }, drawing)
    }
  }
}

function drawComposite(object: Element, place: Place, drawing: Drawing): void {
  const unit = drawing.resources.composites.get(object.attributes.ResourceID ?? '')
  const content = childOf(unit, 'Content')
  if (unit === undefined) drawing.missing.add(object.attributes.ResourceID ?? '')
  if (content === undefined) return
  const matrix = objectMatrix(object, place.matrix)
  const style = styleOf(object, place.style, drawing.resources)
  drawObjects(content, { matrix, style, depth: place.depth + 1 }, drawing)
}

function drawText(object: Element, place: Place, drawing: Drawing): void {
  const { resources, paper } = drawing
  const style = styleOf(object, place.style, resources)
  const filled = flagOf(object, 'Fill', true) ? colorOf(object, 'FillColor', style, black, resources) : null
  const stroked = flagOf(object, 'Stroke', false) ? colorOf(object, 'StrokeColor', style, null, resources) : null
  const ink = filled ?? stroked
  const boundary = boundaryOf(object)
  const clip = boundary === null ? null : boxThrough(place.matrix, boundary)
  const { glyphs, slanted } = layText(object, objectMatrix(object, place.matrix), clip)
  const shown = glyphs.filter((glyph) => overlap(glyph, paper) !== null)
  // A boundary that cuts a text is too small for the font in use; only one that holds nothing of it hides it.
  const outside =
    clip !== null && clip.width > 0 && clip.height > 0 && !shown.some((one) => overlap(one, clip) !== null)
  const unseen =
    ink === null || ink.opacity < faintOpacity || outside || shown.length === 0 || onPaper(ink, shown, drawing)
  if (slanted !== null || unseen) leaveOut(slanted ?? textOf(object), drawing)
  else for (const glyph of shown) addMark(drawing, 'glyphs', glyph)
}

/** White text is seen only on something darker. */
function onPaper(ink: Color, glyphs: readonly Glyph[], { marks, spent }: Drawing): boolean {
  if (!ink.white || glyphs.length === 0) return false
  const { x, y, width, height } = glyphs[Math.floor(glyphs.length / 2)]!
  const middle: Box = { x: x + width / 2, y: y + height / 2, width: 0, height: 0 }
  compare(spent, marks.fills.length + marks.pictures.length)
  return ![...marks.fills, ...marks.pictures].some((under) => overlap(under, middle) !== null)
}

function drawPath(object: Element, place: Place, drawing: Drawing): void {
  const { resources, spent } = drawing
  const style = styleOf(object, place.style, resources)
  const matrix = objectMatrix(object, place.matrix)
  const data = childrenOf(object, 'AbbreviatedData')
    .map(({ text }) => text)
    .join(' ')
  const outline = readOutline(data, matrix, () => enforceLimit('pathPointsMax', ++spent.points))
  const boundary = boundaryOf(object)
  const clip = boundary === null ? drawing.paper : boxThrough(place.matrix, boundary)
  const fill = flagOf(object, 'Fill', false) ? colorOf(object, 'FillColor', style, null, resources) : null
  if (fill !== null && fill.opacity > 0) {
    const { rules, areas, shapes } = fillOutline(outline)
    for (const area of areas) paintArea(area, fill, clip, drawing)
    if (!fill.white) for (const rule of rules) drawRule(rule, clip, drawing)
    if (!fill.white) for (const shape of shapes) drawShape(shape, clip, drawing)
  }
  const pen = flagOf(object, 'Stroke', true) ? colorOf(object, 'StrokeColor', style, black, resources) : null
  if (pen === null || pen.white || pen.opacity === 0) return
  const { rules, areas, shapes } = strokeOutline(outline, lineWidthOf(object, style) * scaleOf(matrix))
  for (const rule of rules) drawRule(rule, clip, drawing)
  for (const area of areas) paintArea(area, pen, clip, drawing)
  if (fill === null) for (const shape of shapes) drawShape(shape, clip, drawing)
}

/** A line is cut to its boundary along it; across it a boundary is often exactly as thin as the line or thinner. */
function drawRule(rule: Rule, clip: Box, drawing: Drawing): void {
  const { horizontal, at, thickness } = rule
  const [start, end] = horizontal ? [clip.x, clip.x + clip.width] : [clip.y, clip.y + clip.height]
  const [low, high] = horizontal ? [clip.y, clip.y + clip.height] : [clip.x, clip.x + clip.width]
  const { paper } = drawing
  const [paperEnd, paperHigh] = horizontal ? [paper.width, paper.height] : [paper.height, paper.width]
  const slack = thickness / 2 + 1
  if (at < Math.max(low, 0) - slack || at > Math.min(high, paperHigh) + slack) return
  const from = Math.max(rule.from, start - slack, 0)
  const to = Math.min(rule.to, end + slack, paperEnd)
  if (to > from) addMark(drawing, 'rules', { ...rule, from, to })
}

/** An outline that is no rectangle may be a character that the source draws without naming it. */
function drawShape(shape: Box, clip: Box, drawing: Drawing): void {
  const seen = overlap(shape, clip)
  if (seen !== null && overlap(seen, drawing.paper) !== null)
    addMark(drawing, 'glyphs', { text: '', ...shape, turn: 0, confidence: null })
}

function paintArea(area: Box, color: Color, clip: Box, drawing: Drawing): void {
  const inside = overlap(area, clip)
  const seen = inside === null ? null : overlap(inside, drawing.paper)
  if (seen === null) return
  // An area that is seen through a slit is a line.
  const rule = thinRule(seen)
  if (rule !== null) {
    if (!color.white) addMark(drawing, 'rules', rule)
    return
  }
  if (color.opacity >= opaque && Math.min(seen.width, seen.height) >= coverSizeMin) coverWith(seen, drawing)
  if (drawing.shown.length > 0) {
    enforceLimit('drawnMarksMax', ++drawing.spent.marks)
    drawing.shown.push({ area: seen, white: color.white })
  }
  if (!color.white) addMark(drawing, 'fills', seen)
  else if (isOnColour(seen, drawing)) addMark(drawing, 'patches', seen)
}

function isOnColour({ x, y, width, height }: Box, { marks, spent }: Drawing): boolean {
  const middle: Box = { x: x + width / 2, y: y + height / 2, width: 0, height: 0 }
  compare(spent, marks.fills.length)
  return marks.fills.some((under) => overlap(under, middle) !== null)
}

/** Takes away what an opaque area hides. */
function coverWith(area: Box, drawing: Drawing): void {
  const { marks, spent } = drawing
  compare(spent, marks.glyphs.length + marks.rules.length + marks.fills.length)
  const hidden = (box: Box): boolean => {
    const shared = overlap(box, area)
    return shared !== null && shared.width * shared.height >= 0.8 * box.width * box.height
  }
  if (marks.glyphs.some(hidden)) {
    leaveOut(
      marks.glyphs
        .filter(hidden)
        .map(({ text }) => text)
        .join(''),
      drawing,
    )
    marks.glyphs = marks.glyphs.filter((glyph) => !hidden(glyph))
  }
  if (marks.fills.some(hidden)) marks.fills = marks.fills.filter((fill) => !hidden(fill))
  const under = (rule: Rule): boolean => {
    const [low, high] = rule.horizontal ? [area.y, area.y + area.height] : [area.x, area.x + area.width]
    const [start, end] = rule.horizontal ? [area.x, area.x + area.width] : [area.y, area.y + area.height]
    // A line on the edge of an area is seen at least by half.
    return rule.at > low + 1 && rule.at < high - 1 && rule.from > start - 1 && rule.to < end + 1
  }
  if (marks.rules.some(under)) marks.rules = marks.rules.filter((rule) => !under(rule))
}

function drawPicture(object: Element, place: Place, drawing: Drawing): void {
  const boundary = boundaryOf(object)
  const clip = boundary === null ? null : boxThrough(place.matrix, boundary)
  // A picture is a square of 1 by 1 until its CTM gives it a size.
  const { ResourceID = '', Alpha, ImageMask } = object.attributes
  const matrix = object.attributes.CTM === undefined ? null : objectMatrix(object, place.matrix)
  const drawn = matrix === null ? clip : boxThrough(matrix, { x: 0, y: 0, width: 1, height: 1 })
  const seen = drawn === null ? null : overlap(drawn, drawing.paper)
  if (seen === null || seen.width === 0 || seen.height === 0) return
  if (isOpaque(object, drawing)) coverWith(seen, drawing)
  addMark(drawing, 'pictures', seen)
  drawing.shown.push({
    places: drawing.resources.media.get(ResourceID)?.places ?? [],
    matrix: matrix ?? [seen.width, 0, 0, seen.height, seen.x, seen.y],
    clip: (clip === null ? seen : overlap(seen, clip)) ?? seen,
    whole: Alpha === undefined && ImageMask === undefined && childOf(object, 'Clips') === undefined,
  })
}

/** A photograph of a page hides the text that was recognised from it; other pictures may be seen through, as seals are. */
function isOpaque(object: Element, { resources: { media }, isOpaqueFile }: Drawing): boolean {
  const { ResourceID = '', ImageMask, Alpha } = object.attributes
  const medium = media.get(ResourceID)
  if (medium === undefined || ImageMask !== undefined || Alpha !== undefined) return false
  const format = medium.element.attributes.Format ?? childOf(medium.element, 'MediaFile')?.text.trim() ?? ''
  return /jpe?g$/i.test(format) || isOpaqueFile(medium.places)
}

function addMark<Kind extends keyof Marks>(drawing: Drawing, kind: Kind, mark: Marks[Kind][number]): void {
  enforceLimit('drawnMarksMax', ++drawing.spent.marks)
  const list: Marks[Kind][number][] = drawing.marks[kind]
  list.push(mark)
}

function compare(spent: Spent, count: number): void {
  spent.compared += count
  enforceLimit('coveringMax', spent.compared)
}

function leaveOut(text: string, drawing: Drawing): void {
  if (text.trim() === '' || drawing.leftOut.length >= leftOutCharactersMax) return
  const joined = drawing.leftOut === '' ? text : `${drawing.leftOut} ${text}`
  drawing.leftOut = joined.slice(0, leftOutCharactersMax)
}

/** All text of an element, however deep; links say nothing of their own. */
function textInside(element: Element): string {
  if (element.attributes.Type === 'Link') return ''
  const own = element.name === 'TextObject' ? textOf(element) : ''
  return [own, ...element.children.map(textInside)].filter((text) => text !== '').join(' ')
}
