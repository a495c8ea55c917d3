/**
 * How well something painted is seen on what is under it: takes colours as 0xrrggbb, null where one is not known, which is
 * taken to be seen.
 */
import type { Box } from '../document.ts'

/** White. */
export const paper = 0xffffff
/** Of 255: no part of a colour differs more from the one under it where nobody sees it, and where it is hard to see. */
const unseenMax = 5
const faintMax = 60
/** Part of the width of a character's box, around its middle, that is covered where nothing of it can be read. */
const coreWidth = 0.6
/** The same of its height. */
const coreHeight = 0.4

/** The part of a character's box without which nothing of it can be read. */
export function coreOf({ x, y, width, height }: Box): Box {
  const [aside, above] = [(width * (1 - coreWidth)) / 2, (height * (1 - coreHeight)) / 2]
  return { x: x + aside, y: y + above, width: width * coreWidth, height: height * coreHeight }
}

/** A colour as it is seen through on another; `opacity` from 0 to 1. */
export function mixedColour(colour: number, opacity: number, under: number): number {
  if (opacity === 1) return colour
  const part = (shift: number): number => {
    const below = (under >> shift) & 0xff
    return Math.round(below - (below - ((colour >> shift) & 0xff)) * opacity) << shift
  }
  return part(16) | part(8) | part(0)
}

/** By how much two colours differ in one of their parts. */
export function difference(one: number, other: number | null): number {
  if (other === null) return 255
  const red = Math.abs(((one >> 16) & 0xff) - ((other >> 16) & 0xff))
  const green = Math.abs(((one >> 8) & 0xff) - ((other >> 8) & 0xff))
  return Math.max(red, green, Math.abs((one & 0xff) - (other & 0xff)))
}

/** What a difference comes to for who looks at it. */
export function sightOf(contrast: number): 'shown' | 'faint' | 'unseen' {
  if (contrast <= unseenMax) return 'unseen'
  return contrast <= faintMax ? 'faint' : 'shown'
}
