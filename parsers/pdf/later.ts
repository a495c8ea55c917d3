/**
 * What a page paints over a place after something was drawn there. A page of ruled cells has hundreds of areas and thousands
 * of characters, each of which asks: so areas are kept by the bands of the page that they touch.
 */
import type { Box } from '../document.ts'

/** An area with its place among the things that the page draws. */
export type Painted = Box & { readonly order: number }

/** Whether one of the areas near a box that were painted later than something is such a one. */
export type Later<Area extends Painted> = (
  box: Box,
  order: number,
  isSuch: (area: Area, box: Box) => boolean,
) => boolean

const bandCount = 64

/** The areas, in the order of painting, of a page of this height. */
export function laterOf<Area extends Painted>(areas: readonly Area[], height: number): Later<Area> {
  const last = areas.at(-1)
  if (last === undefined) return () => false
  const bandAt = (y: number): number => Math.max(0, Math.min(bandCount - 1, Math.floor((y / height) * bandCount) || 0))
  const bands = Array.from({ length: bandCount }, (): Area[] => [])
  for (const area of areas) {
    for (let band = bandAt(area.y); band <= bandAt(area.y + area.height); band++) bands[band]!.push(area)
  }
  return (box, order, isSuch) => {
    if (last.order <= order) return false
    for (let band = bandAt(box.y); band <= bandAt(box.y + box.height); band++) {
      const near = bands[band]!
      for (let index = near.length - 1; index >= 0 && near[index]!.order > order; index--) {
        if (isSuch(near[index]!, box)) return true
      }
    }
    return false
  }
}
