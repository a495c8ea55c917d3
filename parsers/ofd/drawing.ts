/**
 * Draws the layers of one page (clauses 7.7 to 13) into its model: every text, path, picture and drawing made of them,
 * through the maps of all that holds it, clipped by its boundary, in points. What is not seen is not drawn: invisible
 * objects, what is transparent or in the colour of what it stands on, cut away, or under what was painted later.
 */
import type { Box, Notice, ParserNoticeCode } from '../document.ts'
import { ParseFailure } from '../failure.ts'
import { coreOf, difference, mixedColour, paper as paperColour, sightOf } from '../layout/contrast.ts'
import { leanOf, turnedNotice } from '../layout/lean.ts'
import { boxOfRule, type Glyph, type Page, pageAnchor, type Rule } from '../layout/page.ts'
import { enforceLimit } from '../limits.ts'
import { type Clip, clipsOf } from './clips.ts'
import { black, type Color, colorOf, lineWidthOf, opacityOf, type Style, styleOf } from './colors.ts'
import {
  boundaryOf,
  boxThrough,
  chain,
  type Matrix,
  objectMatrix,
  overlap,
  type Point,
  rotation,
  scaleOf,
} from './geometry.ts'
import { type Resources, readPackage, type Seal, type SourcePage } from './package.ts'
import { fillOutline, type Region, readOutline, regionOf, strokeOutline, thinRule } from './paths.ts'
import { noteShape, type Shapes } from './shapes.ts'
import { layText, textOf } from './text.ts'
import { childOf, childrenOf, type Element, flagOf, numbersOf } from './xml.ts'

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

/** What was painted, for what stands on it; `colour` as of Color, null where it is seen through or of several colours. */
type Ground = Region & { readonly colour: number | null }

type Drawing = {
  /** Of the layer that is drawn. */
  resources: Resources
  readonly paper: Box
  readonly marks: Marks
  /** In the order of painting. */
  readonly grounds: Ground[]
  readonly shown: (ShownPicture | ShownArea)[]
  readonly spent: Spent
  readonly shapes: Shapes
  readonly look: Look
  /** Radians clockwise by which each character is turned. */
  readonly angles: number[]
  /** Drawings that the page shows and the file does not hold, by ID. */
  readonly missing: Set<string>
  /** Text that is not drawn, for the notice. */
  leftOut: string
}

/** Where an object lies: its space on the page, what it inherits, how many drawings it is inside. */
type Place = {
  readonly matrix: Matrix
  readonly style: Style
  readonly depth: number
  readonly opacity: number
  /** What the drawings that it is in show of it; null where that is nothing. */
  readonly clip: Box | null
  /** Printed, in an annotation over what is printed, or in a seal that shows nothing of the page and may hide some. */
  readonly part: 'page' | 'annotation' | 'seal'
}

const noResources: Resources = {
  drawParams: new Map(),
  composites: new Map(),
  colorSpaces: new Map(),
  media: new Map(),
  fonts: new Map(),
  defaultColorSpace: null,
}
const pointsPerMillimetre = 72 / 25.4
/** From here on nothing is seen through it. */
const opaque = 0.95
/** An area smaller than this hides no character. */
const coverSizeMin = 4
/** Part of a page that a photograph of it covers at least. */
const pagePart = 0.5
/** So near to the side of an area, in points, something is on its edge. */
const edge = 0.5
/** Outlines of more points are pictures, and hide nothing for sure. */
const coverPointsMax = 1_000
const leftOutCharactersMax = 200
/** Slanted text up to this high, in points, may be that of a cell. */
const slantedMax = 24

/** How pictures look, which only their bytes tell. */
export type Look = {
  /** Whether nothing is seen through a picture. */
  isOpaque(bytes: Uint8Array): boolean
  /** The same of the one at the first of these places where there is one. */
  isOpaqueFile(places: readonly string[]): boolean
}

/**
 * The page as a reader sees it, straightened where all of its text leans. `spent` and `shapes` go on from page to page.
 * @throws LimitError, ParseFailure `damaged`
 */
export function drawPage(source: SourcePage, number: number, spent: Spent, shapes: Shapes, look: Look): OfdPage {
  const before = { ...spent }
  const { angles, ...page } = drawTurned(source, number, spent, shapes, look, 0)
  const lean = leanOf(angles)
  if (lean === 0) return page
  Object.assign(spent, before)
  const { angles: _, ...straight } = drawTurned(source, number, spent, shapes, look, lean)
  // Text may lean where its lines do not.
  if (lengthOf(straight.rules) < lengthOf(page.rules)) return page
  return { ...straight, notices: [turnedNotice(lean, number), ...straight.notices] }
}

function lengthOf(rules: readonly Rule[]): number {
  return rules.reduce((sum, { from, to }) => sum + to - from, 0)
}

/** The page turned back by so many radians around its middle. */
function drawTurned(
  source: SourcePage,
  number: number,
  spent: Spent,
  shapes: Shapes,
  look: Look,
  lean: number,
): OfdPage & Pick<Drawing, 'angles'> {
  const width = source.width * pointsPerMillimetre
  const height = source.height * pointsPerMillimetre
  const drawing: Drawing = {
    resources: noResources,
    paper: { x: 0, y: 0, width, height },
    marks: { glyphs: [], rules: [], fills: [], patches: [], pictures: [] },
    grounds: [],
    shown: [],
    spent,
    shapes,
    look,
    angles: [],
    missing: new Set(),
    leftOut: '',
  }
  const scale: Matrix = [pointsPerMillimetre, 0, 0, pointsPerMillimetre, 0, 0]
  const matrix = lean === 0 ? scale : chain(rotation(-lean, [width / 2, height / 2]), scale)
  const onPaper: Place = { matrix, style: [], depth: 0, opacity: 1, clip: drawing.paper, part: 'page' }
  for (const layer of source.layers) drawLayer(layer, onPaper, drawing)
  for (const { element, resources } of source.annotations) {
    drawing.resources = resources
    drawAnnotation(element, onPaper, drawing)
  }
  for (const seal of source.seals) drawSeal(seal, onPaper, drawing)
  const notices = noticesOf(drawing, number)
  return { number, width, height, ...drawing.marks, shown: drawing.shown, notices, angles: drawing.angles }
}

function drawLayer({ element, resources }: SourcePage['layers'][number], place: Place, drawing: Drawing): void {
  if (!flagOf(element, 'Visible', true)) return
  drawing.resources = resources
  drawObjects(element, { ...place, style: styleOf(element, [], resources), opacity: opacityOf(element) }, drawing)
}

function noticesOf({ leftOut, missing }: Drawing, page: number): Notice<ParserNoticeCode>[] {
  const anchor = pageAnchor(page)
  const notices: Notice<ParserNoticeCode>[] = []
  if (leftOut !== '') notices.push({ code: 'text_left_out', anchor, data: { text: leftOut } })
  if (missing.size > 0)
    notices.push({ code: 'markup_repaired', anchor, data: { what: `drawing ${[...missing].join(', ')}` } })
  return notices
}

/** What annotations show (clause 15.2); stamps and watermarks are no text of the page, and are told. */
function drawAnnotation(annotation: Element, onPaper: Place, drawing: Drawing): void {
  const { Type = '' } = annotation.attributes
  if (Type === 'Link') return
  const isStamp = Type === 'Stamp' || Type === 'Watermark'
  if (isStamp) leaveOut(textInside(annotation), drawing)
  // What is highlighted is seen through its colour, whatever that says.
  const opacity = Type === 'Highlight' ? 0.5 : 1
  for (const look of childrenOf(annotation, 'Appearance')) {
    const matrix = objectMatrix(look, onPaper.matrix)
    drawObjects(look, { ...onPaper, matrix, opacity, part: isStamp ? 'seal' : 'annotation' }, drawing)
  }
}

/** What the seal of a signature hides (clause 18.2.3). One whose picture cannot be read may hide all that is under it. */
function drawSeal({ stamp, picture }: Seal, onPaper: Place, drawing: Drawing): void {
  const boundary = boundaryOf(stamp)
  if (boundary === null || isEmpty(boundary)) return
  const matrix = chain(onPaper.matrix, [1, 0, 0, 1, boundary.x, boundary.y])
  const [x, y, width, height] = numbersOf(stamp.attributes.Clip, 4) ?? [0, 0, boundary.width, boundary.height]
  const cut = boxThrough(matrix, { x: x!, y: y!, width: width!, height: height! })
  const clip = overlap(cut, boxThrough(onPaper.matrix, boundary))
  if (clip === null) return
  const look = picture?.kind === 'ofd' ? sealPage(picture.bytes) : null
  if (look !== null) {
    const scaled = chain(matrix, [boundary.width / look.width, 0, 0, boundary.height / look.height, 0, 0])
    const place: Place = { ...onPaper, matrix: scaled, clip, part: 'seal' }
    for (const layer of look.layers) drawLayer(layer, place, drawing)
  } else if (picture === null || picture.kind === 'ofd' || drawing.look.isOpaque(picture.bytes)) {
    coverWith(boxRegion(clip), drawing, 'faint')
  }
}

/** The page of a seal that is an OFD itself; null where it cannot be read. */
function sealPage(bytes: Uint8Array): SourcePage | null {
  try {
    const [page] = readPackage(bytes).pages
    return page ?? null
  } catch (error) {
    if (error instanceof ParseFailure) return null
    throw error
  }
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
  const opacity = place.opacity * opacityOf(object)
  const boundary = boundaryOf(object)
  const around = boundary === null ? null : boxThrough(place.matrix, boundary)
  // Writers leave the boundaries of drawings without a size.
  const bounded = around === null || isEmpty(around) ? place.clip : shared(place.clip, around)
  const clip = shared(bounded, cutOf(object, place, drawing)?.box ?? null)
  drawObjects(content, { ...place, matrix, style, depth: place.depth + 1, opacity, clip }, drawing)
}

function cutOf(object: Element, place: Place, { spent }: Drawing): Clip | null {
  return clipsOf(object, place.matrix, countPoints(spent))
}

function countPoints(spent: Spent): () => void {
  return () => enforceLimit('pathPointsMax', ++spent.points)
}

function isEmpty({ width, height }: Box): boolean {
  return width <= 0 || height <= 0
}

/** What both show; `cut` null is no cut. */
function shared(clip: Box | null, cut: Box | null): Box | null {
  return clip === null || cut === null ? clip : overlap(clip, cut)
}

function drawText(object: Element, place: Place, drawing: Drawing): void {
  if (place.part === 'seal') return
  const { paper } = drawing
  const boundary = boundaryOf(object)
  const clip = boundary === null ? null : boxThrough(place.matrix, boundary)
  const { glyphs, shapes, slanted, angle, measured } = layText(object, objectMatrix(object, place.matrix), clip)
  for (let count = 0; count < glyphs.length; count++) drawing.angles.push(angle)
  const onPage = glyphs.filter((glyph) => overlap(glyph, paper) !== null)
  // A boundary that cuts a text is too small for the font in use; only one that holds nothing of it hides it.
  const isOutside = (bounds: Box | null): boolean =>
    bounds === null || !onPage.some((one) => overlap(one, bounds) !== null)
  const bounds = clip === null || isEmpty(clip) ? null : clip
  if (isOutside(place.clip) || (bounds !== null && isOutside(bounds))) {
    leaveOut(textOf(object), drawing)
    return
  }
  if (slanted) leaveOut(textOf(object), drawing)
  const inks = inksOf(object, place, drawing)
  const cut = cutOf(object, place, drawing)
  const font = drawing.resources.fonts.get(object.attributes.Font ?? '')
  let unseen = ''
  for (const [index, glyph] of glyphs.entries()) {
    if (overlap(glyph, paper) === null) continue
    const cutAway = cut !== null && (cut.box === null || overlap(coreOf(glyph), cut.box) === null)
    const sight = cutAway ? 'unseen' : sightAt(glyph, inks, drawing)
    if (sight !== 'shown') unseen += glyph.text
    if (sight === 'unseen') continue
    // Large slanted text is a watermark; small one may be what a cell says.
    if (slanted && (sight === 'faint' || glyph.height > slantedMax)) continue
    const faint = sight === 'faint' || slanted
    const added = place.part === 'annotation'
    // Writers make boundaries too small, and viewers differ in whether they cut there.
    const isCut = measured && bounds !== null && overlap(glyph, bounds) === null
    const placed = slanted || isCut ? { ...glyph, confidence: 0 } : glyph
    const mark = faint || added ? { ...placed, faint, added } : placed
    addMark(drawing, 'glyphs', mark)
    const shape = shapes[index] ?? null
    if (font !== undefined && shape !== null) noteShape(drawing.shapes, font, shape, mark)
  }
  leaveOut(unseen, drawing)
}

/** What a text is painted with, inside and along its outlines. */
function inksOf(object: Element, place: Place, { resources }: Drawing): Color[] {
  const style = styleOf(object, place.style, resources)
  const fill = flagOf(object, 'Fill', true) ? colorOf(object, 'FillColor', style, black, resources) : null
  const pen = flagOf(object, 'Stroke', false) ? colorOf(object, 'StrokeColor', style, null, resources) : null
  const through = place.opacity * opacityOf(object)
  return [fill, pen].flatMap((ink) => (ink === null ? [] : [{ ...ink, opacity: ink.opacity * through }]))
}

/** How well a glyph is seen on what was painted before it. */
function sightAt(glyph: Glyph, inks: readonly Color[], drawing: Drawing): ReturnType<typeof sightOf> {
  const contrasts = inks.map(({ rgb, opacity }) => {
    if (rgb === null) return 255 * opacity
    // Dark ink on paper needs no look at what is under it.
    if (drawing.grounds.length === 0) return difference(mixedColour(rgb, opacity, paperColour), paperColour)
    const under = colourUnder(glyph, drawing)
    return under === null ? 255 * opacity : difference(mixedColour(rgb, opacity, under), under)
  })
  return sightOf(Math.max(0, ...contrasts))
}

function colourUnder({ x, y, width, height }: Glyph, { grounds, spent }: Drawing): number | null {
  const middle: Point = [x + width / 2, y + height / 2]
  compare(spent, grounds.length)
  for (let index = grounds.length - 1; index >= 0; index--) {
    const ground = grounds[index]!
    if (isIn(middle, ground.box) && holds(ground, middle, spent)) return ground.colour
  }
  return paperColour
}

function isIn([x, y]: Point, box: Box): boolean {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height
}

function holds(region: Region, point: Point, spent: Spent): boolean {
  compare(spent, region.pointCount)
  return region.holds(point)
}

function drawPath(object: Element, place: Place, drawing: Drawing): void {
  const { resources, spent } = drawing
  const style = styleOf(object, place.style, resources)
  const matrix = objectMatrix(object, place.matrix)
  const data = childrenOf(object, 'AbbreviatedData')
    .map(({ text }) => text)
    .join(' ')
  const outline = readOutline(data, matrix, countPoints(spent))
  const boundary = boundaryOf(object)
  const cut = cutOf(object, place, drawing)
  const bounds = boundary === null ? drawing.paper : boxThrough(place.matrix, boundary)
  const clip = place.clip === null || cut?.box === null ? null : shared(bounds, cut?.box ?? null)
  if (clip === null) return
  const through = place.opacity * opacityOf(object)
  const fill = flagOf(object, 'Fill', false) ? colorOf(object, 'FillColor', style, null, resources) : null
  const fillOpacity = (fill?.opacity ?? 0) * through
  if (fill !== null && fillOpacity > 0) {
    const { rules, areas, shapes } = fillOutline(outline)
    const region = regionOf(outline, object.attributes.Rule?.trim() === 'Even-Odd')
    layGround(region, { ...fill, opacity: fillOpacity }, clip, cut?.whole ?? true, place, drawing)
    // Frames and colours of annotations are no part of a table.
    if (place.part !== 'page') return
    for (const area of areas) paintArea(area, fill, clip, drawing)
    if (!fill.white) for (const rule of rules) drawRule(rule, clip, drawing)
    if (!fill.white) for (const shape of shapes) drawShape(shape, clip, drawing)
  }
  const pen = flagOf(object, 'Stroke', true) ? colorOf(object, 'StrokeColor', style, black, resources) : null
  const penOpacity = (pen?.opacity ?? 0) * through
  if (pen === null || penOpacity === 0 || place.part !== 'page') return
  const { rules, areas, shapes } = strokeOutline(outline, lineWidthOf(object, style) * scaleOf(matrix))
  for (const area of areas) {
    layGround(boxRegion(area), { ...pen, opacity: penOpacity }, clip, cut?.whole ?? true, place, drawing)
    paintArea(area, pen, clip, drawing)
  }
  for (const rule of rules) if (!pen.white || isOnColour(boxOfRule(rule), drawing)) drawRule(rule, clip, drawing)
  if (fill === null && !pen.white) for (const shape of shapes) drawShape(shape, clip, drawing)
}

/** Takes away what is painted over, and keeps what it is for what comes after; `whole` where all of `clip` is painted. */
function layGround(region: Region, color: Color, clip: Box, whole: boolean, { part }: Place, drawing: Drawing): void {
  const seen = overlap(region.box, clip)
  const box = seen === null ? null : overlap(seen, drawing.paper)
  if (box === null || Math.min(box.width, box.height) < coverSizeMin || region.pointCount > coverPointsMax) return
  const shown: Region = { ...region, box }
  const covers = color.opacity >= opaque && whole
  // What a seal covers was printed.
  if (covers) coverWith(shown, drawing, part === 'seal' ? 'faint' : 'gone')
  enforceLimit('drawnMarksMax', ++drawing.spent.marks)
  drawing.grounds.push({ ...shown, colour: covers ? color.rgb : null })
}

function boxRegion(box: Box): Region {
  return { box, pointCount: 1, holds: (point) => isIn(point, box) }
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
  if (drawing.shown.length > 0) {
    enforceLimit('drawnMarksMax', ++drawing.spent.marks)
    drawing.shown.push({ area: seen, white: color.white })
  }
  if (!color.white) addMark(drawing, 'fills', seen)
  else if (isOnColour(seen, drawing)) addMark(drawing, 'patches', seen)
}

/** Whether the middle of a box lies well inside a coloured area: on the edge of one it is its border. */
function isOnColour({ x, y, width, height }: Box, { marks, spent }: Drawing): boolean {
  const [middleX, middleY] = [x + width / 2, y + height / 2]
  compare(spent, marks.fills.length)
  return marks.fills.some((fill) => {
    const [right, bottom] = [fill.x + fill.width, fill.y + fill.height]
    return middleX > fill.x + edge && middleX < right - edge && middleY > fill.y + edge && middleY < bottom - edge
  })
}

/** Takes away what an opaque area hides; `left` is what becomes of glyphs. */
function coverWith(region: Region, drawing: Drawing, left: 'gone' | 'faint'): void {
  const { marks, spent } = drawing
  const area = region.box
  compare(spent, marks.glyphs.length + marks.rules.length + marks.fills.length)
  const isCovered = ({ x, y, width, height }: Box): boolean => {
    const corners: Point[] = [
      [x, y],
      [x + width, y],
      [x, y + height],
      [x + width, y + height],
    ]
    return corners.every((corner) => isIn(corner, area) && holds(region, corner, spent))
  }
  const hidden = (glyph: Glyph): boolean => isCovered(coreOf(glyph))
  const isUnder = (box: Box): boolean => {
    const common = overlap(box, area)
    if (common === null || common.width * common.height < 0.8 * box.width * box.height) return false
    return holds(region, [box.x + box.width / 2, box.y + box.height / 2], spent)
  }
  if (marks.glyphs.some(hidden)) {
    leaveOut(
      marks.glyphs
        .filter(hidden)
        .map(({ text }) => text)
        .join(''),
      drawing,
    )
    marks.glyphs =
      left === 'gone'
        ? marks.glyphs.filter((glyph) => !hidden(glyph))
        : marks.glyphs.map((glyph) => (hidden(glyph) ? { ...glyph, faint: true, confidence: 0 } : glyph))
  }
  if (marks.fills.some(isUnder)) marks.fills = marks.fills.filter((fill) => !isUnder(fill))
  const under = (rule: Rule): boolean => {
    const [low, high] = rule.horizontal ? [area.y, area.y + area.height] : [area.x, area.x + area.width]
    const [start, end] = rule.horizontal ? [area.x, area.x + area.width] : [area.y, area.y + area.height]
    // A line on the edge of an area is seen at least by half.
    if (rule.at <= low + 1 || rule.at >= high - 1 || rule.from <= start - 1 || rule.to >= end + 1) return false
    const { x, y, width, height } = boxOfRule(rule)
    return holds(region, [x + width / 2, y + height / 2], spent)
  }
  if (marks.rules.some(under)) marks.rules = marks.rules.filter((rule) => !under(rule))
}

function drawPicture(object: Element, place: Place, drawing: Drawing): void {
  const boundary = boundaryOf(object)
  const clip = boundary === null ? null : boxThrough(place.matrix, boundary)
  // A picture is a square of 1 by 1 until its CTM gives it a size.
  const { ResourceID = '', ImageMask } = object.attributes
  const matrix = object.attributes.CTM === undefined ? null : objectMatrix(object, place.matrix)
  const drawn = matrix === null ? clip : boxThrough(matrix, { x: 0, y: 0, width: 1, height: 1 })
  const cut = cutOf(object, place, drawing)
  if (drawn === null || place.clip === null || cut?.box === null) return
  const onPage = overlap(drawn, drawing.paper)
  const seen = shared(shared(onPage, clip), cut?.box ?? null)
  if (seen === null || seen.width === 0 || seen.height === 0) return
  const whole = place.opacity * opacityOf(object) >= opaque && ImageMask === undefined
  const straight = matrix === null || Math.min(Math.abs(matrix[0]), Math.abs(matrix[1])) < 0.01
  if (whole && straight && (cut?.whole ?? true) && isOpaque(object, drawing)) {
    // What was recognised in the photograph of a page is under it, and what a smaller picture covers was printed.
    const isPage = seen.width * seen.height > pagePart * drawing.paper.width * drawing.paper.height
    coverWith(boxRegion(seen), drawing, isPage && place.part !== 'seal' ? 'gone' : 'faint')
  }
  if (place.part === 'seal') return
  addMark(drawing, 'pictures', seen)
  drawing.grounds.push({ ...boxRegion(seen), colour: null })
  if (place.part === 'page')
    drawing.shown.push({
      places: drawing.resources.media.get(ResourceID)?.places ?? [],
      matrix: matrix ?? [seen.width, 0, 0, seen.height, seen.x, seen.y],
      clip: seen,
      whole: whole && childOf(object, 'Clips') === undefined,
    })
}

/** A photograph of a page hides the text that was recognised from it; other pictures may be seen through, as seals are. */
function isOpaque(object: Element, { resources: { media }, look }: Drawing): boolean {
  const medium = media.get(object.attributes.ResourceID ?? '')
  if (medium === undefined) return false
  const format = medium.element.attributes.Format ?? childOf(medium.element, 'MediaFile')?.text.trim() ?? ''
  return /jpe?g$/i.test(format) || look.isOpaqueFile(medium.places)
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

/** All text of an element, however deep. */
function textInside(element: Element): string {
  const own = element.name === 'TextObject' ? textOf(element) : ''
  return [own, ...element.children.map(textInside)].filter((text) => text !== '').join(' ')
}
