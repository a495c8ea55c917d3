/**
 * A page as it is drawn, before anything on it is understood: glyphs with their boxes, ruling lines, pictures. What PDF,
 * OFD and the picture of a scan have in common, so that one way of finding tables serves all of them.
 */
import type { Anchor, Box, Notice, ParserNoticeCode } from '../document.ts'
import { limits } from '../limits.ts'

/**
 * One character where it stands, in points, origin at the top left of the page as a reader sees it (a page's own rotation
 * is undone). `text` is empty where the source draws a shape that it gives no character for. The box is the one that the
 * font reserves for the character where the format tells it, else the ink's.
 */
export type Glyph = {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** The height of what is drawn, at its middle, where the box tells another: fonts reserve room as they like. */
  readonly inkMiddle?: number | undefined
  /** Quarter turns clockwise of the text on the page: 0 is upright. */
  readonly turn: 0 | 1 | 2 | 3
  /** Where it is known less surely than by the source's own text: 0 to 1, as a reader of pictures gives it. */
  readonly confidence: number | null
  /** Hardly to be seen where it stands, as watermarks are: it counts for nothing beside other glyphs. */
  readonly faint?: boolean
  /** Crossed by a line that may strike it out. */
  readonly crossed?: boolean
  /** Filled into a field or typed on the page, over what is printed. */
  readonly added?: boolean
  /** Behind a space that the source writes. */
  readonly spaced?: boolean
}

/**
 * A visible straight line along an axis, in points: `at` is its middle across (the y of a horizontal one), `from` < `to`
 * along it. Thin filled rectangles are rules too; edges of filled areas are not unless something is drawn along them.
 */
export type Rule = {
  readonly horizontal: boolean
  readonly at: number
  readonly from: number
  readonly to: number
  readonly thickness: number
}

/** A line drawn aslant or as part of a curve. */
export type Slant = { readonly from: Place; readonly to: Place }
type Place = { readonly x: number; readonly y: number }

/** Where a picture is shown, and how many of its pixels stand to the inch there, where that is known. */
export type Picture = Box & { readonly dpi?: number }

/** One page. */
export type Page = {
  /** Counted from 1. */
  readonly number: number
  /** In points, as a reader sees the page. */
  readonly width: number
  readonly height: number
  /** In the order of the source, which need not be the order of reading. */
  readonly glyphs: readonly Glyph[]
  readonly rules: readonly Rule[]
  /** Areas filled with a colour that is not the paper's: backgrounds of cells. */
  readonly fills: readonly Box[]
  /** Areas filled with the paper's colour on top of another one: cells on a coloured ground. */
  readonly patches: readonly Box[]
  /** Where pictures are shown. */
  readonly pictures: readonly Picture[]
  /** Small outlines that are no lines and no areas: characters that are drawn, where no glyph stands for them. */
  readonly shapes?: readonly Box[]
  /** Where something was put on the page that is no part of it and may be a figure: written by hand, stamped. */
  readonly remarks?: readonly Box[]
  /** Lines that are no rules. */
  readonly slants?: readonly Slant[]
  readonly notices: readonly Notice<ParserNoticeCode>[]
}

/** The page with this number as a whole. */
export function pageAnchor(number: number): Anchor {
  return { path: `page[${number}]`, page: number, box: null }
}

/** What to tell of a page that draws more than may be read. */
export function drawingCutNotice(number: number): Notice<ParserNoticeCode> {
  const data = { limit: 'pageSegmentsMax', max: limits.pageSegmentsMax }
  return { code: 'content_truncated', anchor: pageAnchor(number), data }
}

/** The area that a line takes. */
export function boxOfRule({ horizontal, at, from, to, thickness }: Rule): Box {
  const across = at - thickness / 2
  return horizontal
    ? { x: from, y: across, width: to - from, height: thickness }
    : { x: across, y: from, width: thickness, height: to - from }
}
