/**
 * How the text of a DOCX looks by its styles and lists: takes the parts of styles and of numbering, says whether a run is
 * hidden, struck out, raised or white, whether a table is shaded, and whether a paragraph begins with a number of a list.
 */
import { attributeOf, childOf, outermost, readXmlTree, type XmlElement } from './xmltree.ts'

/** How a run looks. `struck` covers text struck out twice. */
export type RunLook = {
  readonly hidden: boolean
  readonly struck: boolean
  readonly raised: boolean
  readonly white: boolean
}

export type DocxLooks = {
  /** `rPr` undefined where a run has none; the style of its paragraph, null for the default. */
  run(rPr: XmlElement | undefined, paragraphStyle: string | null): RunLook
  /** Whether the style of a table may give it dark cells. */
  shadesTables(style: string | null): boolean
  /** Whether a number of a list stands before the paragraph. */
  numbers(pPr: XmlElement | undefined): boolean
  /** Names of the styles with which text is not what its runs alone say. */
  readonly telling: ReadonlySet<string>
}

/** What one style says; undefined where it says nothing. */
type Style = {
  readonly parent: string | null
  readonly hidden: boolean | undefined
  readonly struck: boolean | undefined
  readonly struckTwice: boolean | undefined
  readonly raised: boolean | undefined
  readonly white: boolean | undefined
  readonly shaded: boolean
  readonly list: Place | undefined
}
/** The place of a paragraph in a list: the list's number and a level, null where it is not said. */
type Place = { readonly list: string | null; readonly level: string | null }

const styleParentsMax = 20

const tellingStyle =
  /<w:(?:vanish|d?strike|numPr)[\s/>]|<w:vertAlign\s[^<>]*superscript|<w:color\s[^<>]*w:val="[fF]{6}"/

/** Whether the part of styles may hold one with which text is not what its runs alone say. */
export function mayTell(stylesXml: string): boolean {
  return tellingStyle.test(stylesXml)
}

/** The looks that the parts of styles and numbering give; either may be missing. */
export function readDocxLooks(stylesXml: string, numberingXml: string): DocxLooks {
  const styles = new Map<string, Style>()
  let paragraphDefault: string | null = null
  for (const style of outermost(readXmlTree(stylesXml) ?? [], 'w:style')) {
    const id = attributeOf(style, 'w:styleId')
    if (id === null) continue
    styles.set(id, readStyle(style))
    const isDefault = /^(?:1|true|on)$/.test(attributeOf(style, 'w:default') ?? '')
    if (isDefault && attributeOf(style, 'w:type') === 'paragraph') paragraphDefault = id
  }
  const lists = readLists(numberingXml)

  /** The first that a style or one of those it is based on says. */
  const saidBy = <Value>(id: string | null, what: (style: Style) => Value | undefined): Value | undefined => {
    let style = id === null ? undefined : styles.get(id)
    for (let steps = 0; style !== undefined && steps < styleParentsMax; steps++) {
      const said = what(style)
      if (said !== undefined) return said
      style = style.parent === null ? undefined : styles.get(style.parent)
    }
    return undefined
  }

  const telling = new Set<string>()
  for (const [id] of styles) {
    const tells = saidBy(id, (style) => tellsOfRuns(style) || undefined)
    if (tells || saidBy(id, ({ list }) => list) !== undefined) telling.add(id)
  }

  return {
    telling,
    run: (rPr, paragraphStyle) => {
      const own = rPr === undefined ? plain : readRun(rPr)
      const style = statedIn(rPr, 'w:rStyle')
      const ofParagraph = paragraphStyle ?? paragraphDefault
      // A toggle that both styles turn on is off (ECMA-376, Part 1, 17.7.3).
      const toggled = (what: (one: Style) => boolean | undefined): boolean =>
        (saidBy(style, what) ?? false) !== (saidBy(ofParagraph, what) ?? false)
      const plainly = (what: (one: Style) => boolean | undefined): boolean =>
        saidBy(style, what) ?? saidBy(ofParagraph, what) ?? false
      return {
        hidden: own.hidden ?? toggled((one) => one.hidden),
        struck: (own.struck ?? toggled((one) => one.struck)) || (own.struckTwice ?? plainly((one) => one.struckTwice)),
        raised: own.raised ?? plainly((one) => one.raised),
        white: own.white ?? plainly((one) => one.white),
      }
    },
    shadesTables: (style) => saidBy(style, ({ shaded }) => shaded || undefined) ?? false,
    numbers: (pPr) => {
      const own = placeIn(pPr)
      const styled = saidBy(statedIn(pPr, 'w:pStyle') ?? paragraphDefault, ({ list }) => list)
      const list = own?.list ?? styled?.list
      if (list === undefined || list === null) return false
      return lists.get(list)?.has(own?.level ?? styled?.level ?? '0') ?? false
    },
  }
}

function tellsOfRuns({ hidden, struck, struckTwice, raised, white }: Style): boolean {
  return [hidden, struck, struckTwice, raised, white].includes(true)
}

type RunStyle = Pick<Style, 'hidden' | 'struck' | 'struckTwice' | 'raised' | 'white'>
const plain: RunStyle = {
  hidden: undefined,
  struck: undefined,
  struckTwice: undefined,
  raised: undefined,
  white: undefined,
}

function readStyle(style: XmlElement): Style {
  const rPr = childOf(style, 'w:rPr')
  return {
    parent: statedIn(style, 'w:basedOn'),
    ...(rPr === undefined ? plain : readRun(rPr)),
    shaded: outermost(style.children, 'w:shd').some(isDark),
    list: placeIn(childOf(style, 'w:pPr')),
  }
}

function readRun(rPr: XmlElement): RunStyle {
  const raised = statedIn(rPr, 'w:vertAlign')
  const colour = childOf(rPr, 'w:color')
  return {
    hidden: toggleOf(rPr, 'w:vanish'),
    struck: toggleOf(rPr, 'w:strike'),
    struckTwice: toggleOf(rPr, 'w:dstrike'),
    raised: raised === null ? undefined : raised === 'superscript',
    white: colour === undefined ? undefined : /^f{6}$/i.test(attributeOf(colour, 'w:val') ?? ''),
  }
}

function toggleOf(rPr: XmlElement, name: string): boolean | undefined {
  const element = childOf(rPr, name)
  return element === undefined ? undefined : !/^(?:0|false|off)$/.test(attributeOf(element, 'w:val') ?? '')
}

/** True for what is painted behind text in a colour other than white. */
export function isDark(shading: XmlElement): boolean {
  const fill = attributeOf(shading, 'w:fill') ?? attributeOf(shading, 'w:val') ?? ''
  const themed = attributeOf(shading, 'w:themeFill')
  const pattern = /^(?:clear|nil|none)?$/.test(attributeOf(shading, 'w:val') ?? '')
  return !/^(?:auto|f{6}|clear|nil|none|)$/i.test(fill) || themed !== null || !pattern
}

/** The value of a child. */
export function statedIn(element: XmlElement | undefined, name: string): string | null {
  const child = element === undefined ? undefined : childOf(element, name)
  return child === undefined ? null : attributeOf(child, 'w:val')
}

function placeIn(pPr: XmlElement | undefined): Place | undefined {
  const numbering = pPr === undefined ? undefined : childOf(pPr, 'w:numPr')
  if (numbering === undefined) return undefined
  return { list: statedIn(numbering, 'w:numId'), level: statedIn(numbering, 'w:ilvl') }
}

/** For each list the levels that show a number, not a bullet or nothing. */
function readLists(xml: string): Map<string, ReadonlySet<string>> {
  const tree = readXmlTree(xml) ?? []
  const kinds = new Map<string | null, ReadonlySet<string>>()
  for (const kind of outermost(tree, 'w:abstractNum')) kinds.set(attributeOf(kind, 'w:abstractNumId'), levelsOf(kind))
  const lists = new Map<string, ReadonlySet<string>>()
  for (const list of outermost(tree, 'w:num')) {
    const id = attributeOf(list, 'w:numId')
    const levels = new Set([...(kinds.get(statedIn(list, 'w:abstractNumId')) ?? []), ...levelsOf(list)])
    if (id !== null && id !== '0') lists.set(id, levels)
  }
  return lists
}

function levelsOf(element: XmlElement): Set<string> {
  const levels = new Set<string>()
  for (const level of outermost(element.children, 'w:lvl')) {
    const isNumber = !/^(?:bullet|none)$/.test(statedIn(level, 'w:numFmt') ?? 'decimal')
    const shows = (statedIn(level, 'w:lvlText') ?? '').includes('%')
    if (isNumber && shows) levels.add(attributeOf(level, 'w:ilvl') ?? '0')
  }
  return levels
}
