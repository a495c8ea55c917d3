/** Pictures of a page: how large it shows them. */
import { isPlaceholder } from './elsewhere.ts'
import type { Node } from './pagetree.ts'
import { isTableSized } from './unread.ts'

/** CSS pixels of a point. */
const pixels = 96 / 72

/** Whether the page says of a picture that it is shown too small for a table; one side is enough. */
export function isSmall(picture: Node): boolean {
  const { width, height } = sizeOf(picture)
  const any = Number.POSITIVE_INFINITY
  return !isTableSized({ width: width || any, height: height || any })
}

const styledSides = {
  width: /(?:^|[;\s])width\s*:\s*([\d.]{1,9})px/i,
  height: /(?:^|[;\s])height\s*:\s*([\d.]{1,9})px/i,
}

/** The size that a page gives a picture, in points; 0 for a side that it leaves to the picture. */
export function sizeOf(node: Node): { width: number; height: number } {
  if (isPlaceholder(node)) return { width: 0, height: 0 }
  const { attribs = {} } = node
  const side = (name: 'width' | 'height'): number => {
    const styled = styledSides[name].exec(attribs.style ?? '')?.[1]
    const stated = /^\s*([\d.]{1,9})(?:px)?\s*$/i.exec(attribs[name] ?? '')?.[1]
    const length = Number(styled ?? stated ?? 0)
    return Number.isNaN(length) ? 0 : length / pixels
  }
  return { width: side('width'), height: side('height') }
}
