/**
 * Pages that lean by a degree or two, as they were fed or placed: by how much the text of one does, and what to tell of one
 * that was straightened.
 */
import type { Notice, ParserNoticeCode } from '../document.ts'
import { pageAnchor } from './page.ts'

/** The part of a page's characters that must agree how it leans. */
const leanShare = 0.9
/** Radians: less is no lean, more is no page that was fed askew; by how much characters of one page may differ. */
const leanMin = 0.001
const leanMax = 0.05
const leanMiss = 0.0005

/** Radians clockwise by which text of these angles leans, beside quarter turns; 0 where it does not or not all of it. */
export function leanOf(angles: readonly number[]): number {
  const leans = angles.map((angle) => angle - Math.round(angle / (Math.PI / 2)) * (Math.PI / 2))
  // Most pages do not lean at all.
  if (leans.every((lean) => Math.abs(lean) < leanMin)) return 0
  const middle = leans.sort((a, b) => a - b)[Math.floor(leans.length / 2)] ?? 0
  if (Math.abs(middle) < leanMin || Math.abs(middle) > leanMax) return 0
  const agreeing = leans.filter((one) => Math.abs(one - middle) <= leanMiss)
  return agreeing.length >= leanShare * leans.length ? middle : 0
}

/** What to tell of a page that was straightened. */
export function turnedNotice(lean: number, page: number): Notice<ParserNoticeCode> {
  return {
    code: 'page_turned',
    anchor: pageAnchor(page),
    data: { degrees: -Math.round((lean * 18_000) / Math.PI) / 100 },
  }
}
