/**
 * How an object is painted (clauses 8.2 and 8.3): its own attributes, then those of the drawing parameters that it, then
 * its layer refer to, then the standard's defaults; and what of a colour matters here: whether it can be seen on paper.
 */
import type { Resources } from './package.ts'
import { childOf, childrenOf, type Element, numberOf } from './xml.ts'

/** `white` cannot be told from paper; `opacity` from 0 to 1. */
export type Color = { readonly white: boolean; readonly opacity: number }

/** Where to look for what an object does not say itself, nearest first. */
export type Style = readonly Element[]

/** The default line of the standard, in millimetres. */
const lineWidthPreset = 0.353
/** Black, where nothing says otherwise. */
export const black: Color = { white: false, opacity: 1 }
const whiteShare = 0.98

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

function readColor(color: Element, resources: Resources): Color {
  const alpha = numberOf(color, 'Alpha') ?? 255
  const opacity = Math.min(255, Math.max(0, alpha)) / 255
  // Shadings and patterns: something is seen of them, but not everywhere.
  if (color.children.length > 0)
    return { white: false, opacity: opacity * (color.children[0]!.name === 'Pattern' ? 0.5 : 1) }
  const space = resources.colorSpaces.get(color.attributes.ColorSpace ?? resources.defaultColorSpace ?? '')
  const channels = channelsOf(color, space)
  if (channels === null) return { white: false, opacity }
  const highest = 2 ** (space === undefined ? 8 : (numberOf(space, 'BitsPerComponent') ?? 8)) - 1
  // Ink takes light away, lamps add it.
  const inks = channels.length === 4
  return { white: channels.every((one) => (inks ? 1 - one / highest : one / highest) >= whiteShare), opacity }
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
