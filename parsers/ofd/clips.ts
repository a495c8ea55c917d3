/**
 * What the Clips of an object leave of it (clause 8.4): takes the object and the map of the space it lies in, gives the
 * upright box on the page outside of which nothing is seen.
 */
import type { Box } from '../document.ts'
import { boxAround, type Matrix, objectMatrix, overlap } from './geometry.ts'
import { readOutline, rectangleOf } from './paths.ts'
import { childrenOf, type Element } from './xml.ts'

/** `box` is null where nothing is seen; `whole` where all of it is. */
export type Clip = { readonly box: Box | null; readonly whole: boolean }

/**
 * The cut of an object that lies in the space `outer` leads from; null where it has none, or one of letters. `count` is
 * told of each point, and may throw.
 */
export function clipsOf(object: Element, outer: Matrix, count: () => void): Clip | null {
  const space = objectMatrix(object, outer)
  let clip: Clip | null = null
  for (const one of childrenOf(object, 'Clips').flatMap((clips) => childrenOf(clips, 'Clip'))) {
    const cut = cutOf(one, space, count)
    if (cut === null) continue
    if (clip === null) clip = cut
    else clip = { box: clip.box === null || cut.box === null ? null : overlap(clip.box, cut.box), whole: false }
  }
  return clip
}

/** All areas of one clip together. */
function cutOf(clip: Element, space: Matrix, count: () => void): Clip | null {
  const areas = childrenOf(clip, 'Area')
  const cuts = areas.flatMap((area) => areaCuts(area, objectMatrix(area, space), count) ?? [null])
  if (cuts.length === 0 || cuts.some((cut) => cut === null)) return null
  const boxes = cuts.flatMap((cut) => cut?.box ?? [])
  const corners = boxes.flatMap(({ x, y, width, height }) => [[x, y] as const, [x + width, y + height] as const])
  return { box: boxes.length === 0 ? null : boxAround(corners), whole: cuts.length === 1 && cuts[0]!.whole }
}

/** Null where letters cut: what they leave is not known. */
function areaCuts(area: Element, space: Matrix, count: () => void): Clip[] | null {
  if (childrenOf(area, 'Text').length > 0) return null
  return childrenOf(area, 'Path').map((path) => {
    const data = childrenOf(path, 'AbbreviatedData').map(({ text }) => text)
    const outline = readOutline(data.join(' '), objectMatrix(path, space), count)
    if (outline.length === 0) return { box: null, whole: false }
    const box = boxAround(outline.flatMap(({ points, hull }) => [...points, ...hull]))
    return { box, whole: outline.length === 1 && rectangleOf(outline[0]!) !== null }
  })
}
