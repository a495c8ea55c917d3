/**
 * Watermarks of one short text many times over a page, in a colour that is light and still well seen: takes the glyphs that are
 * shown, says which are such tiles. A table's own figures never lie over other text, and some tile always does.
 */
import type { Box } from '../document.ts'
import { coreOf, difference, paper } from '../layout/contrast.ts'
import type { Glyph } from '../layout/page.ts'
import { sharedBox } from '../layout/painted.ts'

/** Of 255: a colour so near to the paper's is light. */
const lightMax = 160
/** Characters of the text of a tile, and how often it stands on a page. */
const [textMin, textMax] = [2, 30]
const tilesMin = 9
/** Columns and rows of tiles, and the part of their places that is taken. */
const lanesMin = 3
const takenPart = 0.5
/** Points by which tiles of a row or column may stand apart. */
const laneMiss = 1

/** Whether glyphs of a colour may be part of a watermark. */
export function isLight(colour: number): boolean {
  return difference(colour, paper) <= lightMax
}

/** A glyph in a light colour, by its index, and which of the things that the page draws it is part of. */
export type LightGlyph = { readonly index: number; readonly order: number; readonly colour: number }

/** The indices of glyphs that are tiles of a watermark. */
export function tiledGlyphs(glyphs: readonly Glyph[], light: readonly LightGlyph[]): number[] {
  if (light.length < textMin * tilesMin) return []
  const alike = new Map<string, number[][]>()
  for (const tile of tilesOf(light)) {
    if (tile.indices.length < textMin || tile.indices.length > textMax) continue
    const { height } = glyphs[tile.indices[0]!]!
    const text = tile.indices.map((index) => glyphs[index]!.text).join('')
    const key = `${text} ${tile.colour} ${Math.round(height)}`
    const others = alike.get(key)
    if (others === undefined) alike.set(key, [tile.indices])
    else others.push(tile.indices)
  }
  return [...alike.values()].flatMap((tiles) => {
    const places = tiles.map(([first]) => glyphs[first!]!)
    if (tiles.length < tilesMin || !areInLanes(places)) return []
    const own = new Set(tiles.flat())
    return isOverText(glyphs, own) ? [...own] : []
  })
}

function tilesOf(light: readonly LightGlyph[]): { readonly indices: number[]; readonly colour: number }[] {
  const tiles: { indices: number[]; order: number; colour: number }[] = []
  for (const { index, order, colour } of light) {
    const last = tiles.at(-1)
    if (last !== undefined && last.order === order && last.colour === colour) last.indices.push(index)
    else tiles.push({ indices: [index], order, colour })
  }
  return tiles
}

function areInLanes(places: readonly Box[]): boolean {
  const [columns, rows] = [lanesOf(places.map(({ x }) => x)), lanesOf(places.map(({ y }) => y))]
  return Math.min(columns, rows) >= lanesMin && places.length >= takenPart * columns * rows
}

function lanesOf(places: readonly number[]): number {
  const sorted = [...places].sort((a, b) => a - b)
  return sorted.filter((place, index) => index === 0 || place - sorted[index - 1]! > laneMiss).length
}

/** Whether one of some glyphs lies over one that is none of them. */
function isOverText(glyphs: readonly Glyph[], own: ReadonlySet<number>): boolean {
  const others = glyphs.filter((_, index) => !own.has(index)).map(coreOf)
  return [...own].some((index) => {
    const core = coreOf(glyphs[index]!)
    return others.some((other) => {
      const { width, height } = sharedBox(core, other)
      return width > 0 && height > 0
    })
  })
}
