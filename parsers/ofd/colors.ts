/**
 * How an object is painted (clauses 8.2 and 8.3): its own attributes, then those of the drawing parameters that it, then
 * its layer refer to, then the standard's defaults; and what of a colour matters here: how it is seen on what is under it.
 */
import { isPaper } from '../layout/painted.ts'
import type { Resources } from './package.ts'
import { childOf, childrenOf, type Element, numberOf } from './xml.ts'

/** As 0xrrggbb, null where it cannot be told or is not one; `white` cannot be told from paper; `opacity` from 0 to 1. */
export type Color = { readonly rgb: number | null; readonly white: boolean; readonly opacity: number }

/** Where to look for what an object does not say itself, nearest first. */
export type Style = readonly Element[]

/** The default line of the standard, in millimetres. */
const lineWidthPreset = 0.353
/** Black, where nothing says otherwise. */
export const black: Color = { rgb: 0, white: false, opacity: 1 }

/** What an element refers to for its drawing parameters, with all that those build on, before what is around it. */
export function styleOf(element: Element, around: Style, resources: Resources): Style {
  const found: Element[] = []
  let id = element.attributes.DrawParam
  while (id !== undefined) {
    const param = resources.drawParams.get(id)
    if (param === undefined || found.includes(param)) break
    found.push(param)
    id = param.attributes.Relative
  }
  return found.length === 0 ? around : [...found, ...around]
}

/** Width of an object's lines, in its own space. */
export function lineWidthOf(element: Element, style: Style): number {
  for (const one of [element, ...style]) {
    const width = numberOf(one, 'LineWidth')
    if (width !== null && width >= 0) return width
  }
  return lineWidthPreset
}

/** The colour under that name; `preset` where nothing states one. */
export function colorOf(
  element: Element,
  name: 'FillColor' | 'StrokeColor',
  style: Style,
  preset: Color | null,
  resources: Resources,
): Color | null {
  for (const one of [element, ...style]) {
    const color = childOf(one, name)
    if (color !== undefined) return readColor(color, resources)
  }
  return preset
}

/** How little is seen through an element, by its own Alpha alone: 0 to 1. */
export function opacityOf(element: Element): number {
  return Math.min(255, Math.max(0, numberOf(element, 'Alpha') ?? 255)) / 255
}

function readColor(color: Element, resources: Resources): Color {
  const opacity = opacityOf(color)
  // Shadings and patterns: something is seen of them, but not everywhere.
  if (color.children.length > 0)
    return { rgb: null, white: false, opacity: opacity * (color.children[0]!.name === 'Pattern' ? 0.5 : 1) }
  const space = resources.colorSpaces.get(color.attributes.ColorSpace ?? resources.defaultColorSpace ?? '')
  const channels = channelsOf(color, space)
  const unknown: Color = { rgb: null, white: false, opacity }
  if (channels === null) return unknown
  const highest = 2 ** (space === undefined ? 8 : (numberOf(space, 'BitsPerComponent') ?? 8)) - 1
  const parts = channels.map((one) => Math.min(1, Math.max(0, one / highest)))
  const lights = lightsOf(parts)
  if (lights === null) return unknown
  const [red, green, blue] = lights.map((one) => Math.round(255 * one)) as [number, number, number]
  return { rgb: (red << 16) | (green << 8) | blue, white: isPaper(red, green, blue), opacity }
}

/** Red, green and blue of one to four channels: ink takes light away, lamps add it. */
function lightsOf(parts: readonly number[]): number[] | null {
  const [first, second, third, ink] = parts
  if (parts.length === 1) return [first!, first!, first!]
  if (parts.length === 3) return [first!, second!, third!]
  return parts.length === 4 ? [first!, second!, third!].map((one) => (1 - one) * (1 - ink!)) : null
}

/** Values of a colour's channels, its own or from the palette; null where they cannot be told. */
function channelsOf(color: Element, space: Element | undefined): number[] | null {
  const palette = space === undefined ? [] : childrenOf(childOf(space, 'Palette') ?? space, 'CV')
  const text = color.attributes.Value ?? palette[numberOf(color, 'Index') ?? -1]?.text
  if (text === undefined) return null
  const values = text
    .trim()
    .split(/[\s,]+/)
    .map((part) => (part.startsWith('#') ? Number.parseInt(part.slice(1), 16) : Number(part)))
  return values.every(Number.isFinite) ? values : null
}
