/**
 * The styles of OpenDocument files: takes the tree of a file that states them, gives how text of each style looks, as far as it
 * says whether the text counts, and which levels of lists show numbers.
 */
import type { Node } from './pagetree.ts'

/** How a style makes text look, as far as it says whether the text counts; null where it says nothing. */
export type Look = {
  readonly struck: boolean | null
  readonly raised: boolean | null
  readonly lowered: boolean | null
  /** In hundredths of the text's size in points. */
  readonly shift: { readonly up: number; readonly size: number } | null
  readonly points: number | null
  readonly hidden: boolean | null
  /** Whether its letters are white. */
  readonly white: boolean | null
}

/** A style that takes the place of another one where a condition holds. */
type Conditional = { readonly condition: string; readonly style: string }

export type Style = Look & {
  readonly parent: string | null
  readonly shown: boolean
  readonly bordered: boolean
  /** Whether it paints what is behind its letters; null where it says nothing. */
  readonly painted: boolean | null
  readonly conditionals: readonly Conditional[]
}

/** The styles of text by family and name, and the levels of lists that show numbers by the list's style. */
export type Styles = { readonly looks: Map<string, Style>; readonly lists: Map<string, ReadonlySet<number>> }

const styleParentsMax = 20

/** No style has this name: what holds where none says otherwise. */
export const defaultStyle = ''

/** Takes the styles of a tree into those that are known. */
export function readStyles(root: Node, { looks, lists }: Styles): void {
  const stack: Node[] = [root]
  while (stack.length > 0) {
    const node = stack.pop()!
    if (node.name === 'office:body') continue
    for (const child of node.children ?? []) stack.push(child)
    if (node.name === 'text:list-style') lists.set(node.attribs?.['style:name'] ?? '', numberedLevels(node))
    const { 'style:name': name = defaultStyle, 'style:family': family } = node.attribs ?? {}
    if (!/^style:(?:default-)?style$/.test(node.name ?? '') || family === undefined) continue
    // Of what holds where no style is named, only that of text says anything here.
    if (name === defaultStyle && family !== 'paragraph') continue
    let look = noLook
    let shown = true
    let bordered = false
    let painted: boolean | null = null
    const conditionals: Conditional[] = []
    for (const { name: kind, attribs = {} } of node.children ?? []) {
      if (kind === 'style:text-properties') look = lookOf(attribs)
      else if (kind === 'style:table-cell-properties') {
        bordered = hasBorder(attribs)
        const ground = attribs['fo:background-color']
        painted = ground === undefined ? null : ground !== 'transparent' && isWhite(ground) === false
      } else if (kind === 'style:map') {
        const style = `${family} ${attribs['style:apply-style-name'] ?? ''}`
        conditionals.push({ condition: attribs['style:condition'] ?? '', style })
      } else if (kind === 'style:table-properties') shown = attribs['table:display'] !== 'false'
      else if (kind === 'style:section-properties' && attribs['text:display'] === 'none')
        look = { ...look, hidden: true }
    }
    const isDefault = name === defaultStyle
    const parent = node.attribs?.['style:parent-style-name'] ?? (isDefault ? null : defaultStyle)
    looks.set(`${family} ${name}`, {
      ...look,
      shown,
      bordered,
      painted: painted ?? null,
      conditionals,
      parent: parent === null ? null : `${family} ${parent}`,
    })
  }
}

/** The levels of a list that show numbers, not bullets or nothing. */
function numberedLevels(style: Node): ReadonlySet<number> {
  const levels = new Set<number>()
  for (const { name, attribs = {} } of style.children ?? []) {
    const counts = name === 'text:list-level-style-number' && (attribs['style:num-format'] ?? '') !== ''
    if (counts) levels.add(Number(attribs['text:level']))
  }
  return levels
}

function isWhite(colour: string | undefined): boolean | null {
  return colour === undefined ? null : /^#f{6}$/i.test(colour)
}

function hasBorder(properties: Readonly<Record<string, string>>): boolean {
  return Object.entries(properties).some(([name, value]) => name.startsWith('fo:border') && value !== 'none')
}

function lookOf(properties: Readonly<Record<string, string>>): Look {
  const line = properties['style:text-line-through-style'] ?? properties['style:text-line-through-type']
  const position = properties['style:text-position']
  const display = properties['text:display']
  return {
    struck: line === undefined ? null : line !== 'none',
    raised: position === undefined ? null : position.startsWith('super'),
    lowered: position === undefined ? null : position.startsWith('sub'),
    shift: position === undefined ? null : shiftOf(position),
    points: lengthOf(properties['fo:font-size']) || null,
    hidden: display === undefined ? null : display === 'none',
    white: isWhite(properties['style:use-window-font-color'] === 'true' ? 'auto' : properties['fo:color']),
  }
}

/** How far up text stands and how large, where that is stated in numbers; without a size programs make it smaller. */
function shiftOf(position: string): NonNullable<Look['shift']> {
  const [, up, size] = /^(-?\d{1,3})(?:\.\d+)?%(?:\s+(\d{1,3})(?:\.\d+)?%)?/.exec(position) ?? []
  return { up: Number(up ?? 0), size: size === undefined && Number(up ?? 0) > 0 ? 0 : Number(size ?? 100) }
}

/** Says nothing. */
export const noLook: Look = {
  struck: null,
  raised: null,
  lowered: null,
  shift: null,
  points: null,
  hidden: null,
  white: null,
}

/** Who looks styles up. */
type KnownStyles = { readonly styles: ReadonlyMap<string, Style> }

/** The look that a style and the styles it comes from give, over the look around it. */
export function styled(around: Look, family: string, name: string | undefined, { styles }: KnownStyles): Look {
  if (name === undefined) return around
  let { struck, raised, lowered, shift, points, hidden, white } = noLook
  let style = styles.get(`${family} ${name}`)
  for (let steps = 0; style !== undefined && steps < styleParentsMax; steps++) {
    struck ??= style.struck
    raised ??= style.raised
    lowered ??= style.lowered
    shift ??= style.shift
    points ??= style.points
    hidden ??= style.hidden
    white ??= style.white
    style = style.parent === null ? undefined : styles.get(style.parent)
  }
  return {
    struck: struck ?? around.struck,
    raised: raised ?? around.raised,
    lowered: lowered ?? around.lowered,
    shift: shift ?? around.shift,
    points: points ?? around.points,
    hidden: hidden ?? around.hidden,
    white: white ?? around.white,
  }
}

/** The style of a name with what the styles say that it comes from, as far as it is about colours. */
export function colours(
  name: string,
  { styles }: KnownStyles,
): Pick<Style, 'white' | 'painted'> & { readonly conditionals: Style['conditionals'] } {
  let [white, painted]: (boolean | null)[] = [null, null]
  let conditionals: Style['conditionals'] = []
  let style = styles.get(name)
  for (let steps = 0; style !== undefined && steps < styleParentsMax; steps++) {
    white ??= style.white
    painted ??= style.painted
    if (conditionals.length === 0) conditionals = style.conditionals
    style = style.parent === null ? undefined : styles.get(style.parent)
  }
  return { white: white ?? null, painted: painted ?? null, conditionals }
}

/** Points of each unit of length. */
const units: ReadonlyMap<string, number> = new Map([
  ['cm', 72 / 2.54],
  ['mm', 72 / 25.4],
  ['in', 72],
  ['pt', 1],
  ['pc', 12],
  ['px', 0.75],
])

/** A length in points; 0 where it is not one. */
export function lengthOf(length = ''): number {
  const [, number, unit] = /^([\d.]{1,12})([a-z]{2})$/.exec(length) ?? []
  return Number(number ?? 0) * (units.get(unit ?? '') ?? 0)
}
