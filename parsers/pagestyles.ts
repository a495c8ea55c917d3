/**
 * How styles make the elements of a page look: takes markup and its elements, says which are hidden, out of sight, struck out,
 * raised, white, shown from their end or written into. Of style sheets only those count that the page brings along.
 */
import { type Declarations, declaredOf, elementsOf, type RuledElements, rulesIn } from './pagesheets.ts'
import type { Node, Select } from './pagetree.ts'

/** What of a page's styles must be asked of its elements: most pages hide nothing, and have thousands of styles. */
export type PageStyles = {
  /** What an element's own style must have for it to tell anything here; null where no style of the page has it. */
  readonly telling: RegExp | null
  /** Whether any shows characters the other way round. */
  readonly turns: boolean
  /** Whether sheets that the page does not bring along may paint it. */
  readonly paintedElsewhere: boolean
  /** What its style sheets say of elements. */
  readonly ruled: RuledElements
  /** Looks that were asked for. */
  readonly looks: Map<Node, Look>
  /** Rules of its style sheets that write into elements. */
  readonly writes: readonly Writing[]
}

/** What a style sheet writes before or behind the text of some elements: a figure, or what one of their attributes says. */
type Writing = {
  readonly name: string | null
  readonly classes: readonly string[]
  /** An attribute that they must have. */
  readonly having: string | null
  /** Null for a figure that the rule itself states. */
  readonly from: string | null
}

/** How an element looks, as far as that says whether its text counts; null where it says nothing itself. */
export type Look = {
  /** It is not there, nor is what stands in it. */
  readonly gone: boolean
  /** It stands where nobody sees it. */
  readonly away: boolean
  /** It is there and not to be seen; `unsure` where it may be. */
  readonly concealed: 'surely' | 'unsure' | null
  readonly visible: boolean | null
  /** Whether its letters have a size, whatever stands around it. */
  readonly sized: boolean | null
  readonly white: boolean | null
  readonly struck: boolean
  /** Raised as marks are, or shifted up by hand. */
  readonly raised: 'marked' | 'shifted' | null
  /** Size of its letters: in CSS pixels, or a part of those around it. */
  readonly size: { readonly pixels: number } | { readonly share: number } | null
}

/** What hides the text within some elements until one of them says otherwise. */
export type Veil = {
  readonly invisible: boolean
  readonly sizeless: boolean
  /** Its letters have the colour of what they stand on; `unsure` where that may be painted elsewhere. */
  readonly white: 'surely' | 'unsure' | null
}

/** Nothing hides anything. */
export const unveiled: Veil = { invisible: false, sizeless: false, white: null }

const plain: Look = {
  gone: false,
  away: false,
  concealed: null,
  visible: null,
  sized: null,
  white: null,
  struck: false,
  raised: null,
  size: null,
}
const hiddenItself: Look = { ...plain, gone: true }

const hiding = 'display\\s*:\\s*none|mso-hide\\s*:\\s*all|visibility\\s*:\\s*(?:hidden|collapse)'
const shrinking = 'font-size\\s*:\\s*(?:0|1(?:\\.\\d+)?\\s*p)'
const concealing =
  'opacity\\s*:\\s*0?\\.?0*\\s*(?:[;!"\'}]|$)|(?<![-\\w])(?:text-indent|left|top|right)\\s*:\\s*-|clip|scale|(?<![-\\w])(?:max-)?(?:width|height)\\s*:\\s*[01](?:p[xt])?\\s*(?:[;!"\'}]|$)'
const colouring = 'color\\s*[:=]\\s*["\']?(?:#fff|white|transparent|rgba|rgb\\(\\s*255)'
const raising =
  'vertical-align\\s*:\\s*(?:super|top|text-top|\\d|\\.\\d)|mso-text-raise|(?<![-\\w])(?:bottom\\s*:\\s*\\d|top\\s*:\\s*-)'
const striking = 'line-through'
const backgrounds = ['background', 'background-color', 'background-image']
/** Signs of a look that counts, each with the properties that then matter in the sheets of a page. */
const signs: readonly (readonly [string, string])[] = [
  [hiding, 'display visibility mso-hide'],
  [shrinking, 'font-size font'],
  [
    concealing,
    'opacity position display left top right text-indent width height max-height overflow overflow-x overflow-y clip clip-path transform float',
  ],
  [colouring, `color ${backgrounds.join(' ')}`],
  [raising, 'vertical-align mso-text-raise position top bottom font-size font'],
  [striking, 'text-decoration text-decoration-line'],
]
const known = signs.map(([sign, properties]) => ({
  sign,
  test: new RegExp(sign, 'i'),
  properties: properties.split(' '),
}))
const turning = /unicode-bidi\s*:\s*(?:bidi|isolate)-override/i
const anything = /\{/

/** The styles of a page; `select` takes elements of its tree. */
export function stylesOf(markup: string, root: Node, select: Select): PageStyles {
  const met = known.filter(({ test }) => test.test(markup))
  const asked = new Set(met.flatMap(({ properties }) => properties))
  return {
    telling: met.length === 0 ? null : new RegExp(met.map(({ sign }) => sign).join('|'), 'i'),
    turns: turning.test(markup),
    paintedElsewhere: /<link\b[^<>]{0,400}stylesheet|@import/i.test(markup),
    ruled: elementsOf(asked.size === 0 ? [] : [...rulesIn(markup, anything)], asked, root, select),
    looks: new Map(),
    writes: writingsIn(markup),
  }
}

/** How an element looks by what it and the page's sheets say of it; `within`: what it stands in. */
export function lookOf(element: Node, styles: PageStyles, within: Veil): Look {
  const { name, attribs } = element
  if (attribs === undefined) return plain
  const ruled = styles.ruled.get(element)
  if (ruled === undefined) {
    const { style } = attribs
    const { telling } = styles
    const asks =
      telling !== null &&
      ((style !== undefined && (within !== unveiled || telling.test(style))) ||
        (name === 'font' && (attribs.color !== undefined || within !== unveiled)))
    if (!asks) return attribs.hidden === undefined ? plain : hiddenItself
  }
  const known = styles.looks.get(element)
  if (known !== undefined) return known
  const look = lookBy(declaredOf(element, ruled ?? []), element)
  styles.looks.set(element, look)
  return look
}

function lookBy(said: Declarations, { name, attribs }: Node): Look {
  const display = said.get('display')
  const visibility = said.get('visibility')
  const size = sizeBy(said)
  const white = said.get('color') ?? (name === 'font' ? attribs?.color?.toLowerCase() : undefined)
  return {
    gone:
      (display === undefined ? attribs?.hidden !== undefined : display === 'none') ||
      said.get('mso-hide') === 'all' ||
      (visibility === 'collapse' && (name === 'tr' || name === 'tbody')),
    away: isAway(said),
    concealed: concealedBy(said, name ?? '', attribs?.style ?? ''),
    visible: visibility === 'visible' ? true : /^(?:hidden|collapse)$/.test(visibility ?? '') ? false : null,
    sized:
      size === null
        ? name === 'font' && attribs?.size !== undefined
          ? true
          : null
        : 'pixels' in size
          ? size.pixels >= seenSizeMin
          : size.share > 0
            ? null
            : false,
    white: white === undefined || /^(?:inherit|currentcolor|unset)$/.test(white) ? null : isWhite(white),
    struck: /line-through/.test(`${said.get('text-decoration')} ${said.get('text-decoration-line')}`),
    raised: raisedBy(said, size !== null),
    size,
  }
}

/** CSS pixels: nobody reads what is smaller. */
const seenSizeMin = 2
const pixelsOf: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  pt: 4 / 3,
  pc: 16,
  in: 96,
  cm: 37.8,
  mm: 3.78,
  rem: 16,
}
const sharesOf: Readonly<Record<string, number>> = { em: 1, '%': 0.01, ex: 0.5, ch: 0.5 }
const sizeWords: Readonly<Record<string, number>> = {
  'xx-small': 9,
  'x-small': 10,
  small: 13,
  medium: 16,
  large: 18,
  'x-large': 24,
  'xx-large': 32,
}
const length = /^([+-]?(?:\d{1,9}(?:\.\d*)?|\.\d+))\s*(px|pt|pc|in|cm|mm|rem|em|%|ex|ch)?$/

function sizeBy(said: Declarations): Look['size'] {
  const written =
    said.get('font-size') ?? /\S+(?=\/)|(?:^|\s)[\d.]+(?:px|pt|em|rem|%)/.exec(said.get('font') ?? '')?.[0].trim()
  if (written === undefined) return null
  const named = sizeWords[written]
  if (named !== undefined) return { pixels: named }
  if (written === 'smaller' || written === 'larger') return { share: written === 'smaller' ? 0.83 : 1.2 }
  const [whole, number, unit = ''] = length.exec(written) ?? []
  if (whole === undefined) return null
  const [pixels, share] = [pixelsOf[unit], sharesOf[unit]]
  return pixels !== undefined ? { pixels: Number(number) * pixels } : { share: Number(number) * share! }
}

/** The number of a length, whatever its unit; null where it is none. */
function numberOf(written: string | undefined): number | null {
  const [, number] = length.exec(written ?? '') ?? []
  return number === undefined ? null : Number(number)
}

/** So far to the left or above there is no screen. */
const awayMax = -999
/** So far there may be none. */
const maybeAwayMax = -100

function farthest(said: Declarations): number {
  const sides = /^(?:absolute|fixed|relative)$/.test(said.get('position') ?? '') ? ['left', 'top', 'right'] : []
  return Math.min(0, ...[...sides, 'text-indent'].map((side) => numberOf(said.get(side)) ?? 0))
}

function isAway(said: Declarations): boolean {
  return /^(?:absolute|fixed)$/.test(said.get('position') ?? '') && farthest(said) <= awayMax
}

const blocks: ReadonlySet<string> = new Set('div p section article ul ol li dl h1 h2 h3 h4 h5 h6'.split(' '))
const noRectangle = /^(?:rect\(\s*[01](?:px)?(?:[\s,]+[01](?:px)?){3}\s*\)|inset\(\s*(?:50|100)%.*|circle\(\s*0.*)$/

function concealedBy(said: Declarations, name: string, style: string): Look['concealed'] {
  const far = farthest(said)
  if (far <= awayMax || isTransparent(said.get('color') ?? '')) return 'surely'
  if (noRectangle.test(said.get('clip') ?? '') || noRectangle.test(said.get('clip-path') ?? '')) return 'surely'
  if (/^scale\(\s*0\s*\)/.test(said.get('transform') ?? '')) return 'surely'
  const placed = /^(?:absolute|fixed)$/.test(said.get('position') ?? '') || /left|right/.test(said.get('float') ?? '')
  const boxed = placed || /block|flex|grid/.test(said.get('display') ?? '') || blocks.has(name)
  const cuts = ['overflow', 'overflow-x', 'overflow-y'].some((one) => /hidden|clip/.test(said.get(one) ?? ''))
  const sides = ['width', 'height', 'max-height'].map((side) => numberOf(said.get(side)))
  if (boxed && cuts && sides.some((side) => side !== null && side <= 1)) return 'surely'
  // Sheets let what they make transparent appear by and by.
  if (numberOf(said.get('opacity')) === 0) return /opacity/i.test(style) ? 'surely' : 'unsure'
  return far <= maybeAwayMax ? 'unsure' : null
}

function isTransparent(colour: string): boolean {
  return colour === 'transparent' || /^rgba\(.*[,\s/]0?\.?0*\s*\)$/.test(colour)
}

function isWhite(colour: string): boolean {
  return /^(?:#f{3}|#f{6}|white|rgba?\(\s*255\s*,\s*255\s*,\s*255\s*(?:,\s*1\s*)?\))$/i.test(colour)
}

function raisedBy(said: Declarations, hasSize: boolean): Look['raised'] {
  const aligned = said.get('vertical-align') ?? ''
  if (aligned === 'super') return 'marked'
  if ((numberOf(aligned) ?? 0) > 0 || (hasSize && /^(?:text-)?top$/.test(aligned))) return 'shifted'
  const up = numberOf(said.get('mso-text-raise')) ?? 0
  if (up > 0) return 'shifted'
  if (said.get('position') !== 'relative') return null
  const top = numberOf(said.get('top')) ?? 0
  return (top < 0 && top > maybeAwayMax) || (numberOf(said.get('bottom')) ?? 0) > 0 ? 'shifted' : null
}

/** What hides the text in an element that looks so, by what hides the text around it. */
export function veiledBy(look: Look, element: Node, within: Veil, styles: PageStyles): Veil {
  if (look === plain && within.white === null) return within
  const invisible = look.visible === null ? within.invisible : !look.visible
  const sizeless = look.sized === null ? within.sizeless : !look.sized
  let { white } = within
  if (look.white !== null) white = look.white ? whiteOn(element, styles) : null
  else if (white !== null && groundOf(element, styles) === 'dark') white = null
  if (invisible === within.invisible && sizeless === within.sizeless && white === within.white) return within
  return invisible || sizeless || white !== null ? { invisible, sizeless, white } : unveiled
}

/** Whether white text stands on white there. */
function whiteOn(element: Node, styles: PageStyles): Veil['white'] {
  let named = false
  for (let at: Node | null | undefined = element; at != null; at = at.parent) {
    const ground = groundOf(at, styles)
    if (ground !== null) return ground === 'dark' ? null : 'surely'
    named ||= at.attribs?.class !== undefined || at.attribs?.id !== undefined
  }
  return named && styles.paintedElsewhere ? 'unsure' : 'surely'
}

/** What an element paints behind its text; pictures are as good as dark. */
function groundOf(element: Node, styles: PageStyles): 'dark' | 'light' | null {
  const { attribs } = element
  const ruled = styles.ruled.get(element) ?? []
  if (attribs === undefined) return null
  const painted = attribs.bgcolor ?? attribs.background
  if (ruled.length === 0 && painted === undefined && !/background/i.test(attribs.style ?? '')) return null
  const said = declaredOf(element, ruled)
  const written =
    backgrounds
      .map((one) => said.get(one) ?? '')
      .join(' ')
      .trim() ||
    (painted ?? '')
  if (/url\(|gradient/.test(written) || attribs.background !== undefined) return 'dark'
  if (written === '' || isTransparent(written) || /^(?:none|inherit|initial|unset|0(?: 0)?)$/.test(written)) return null
  return /^(?:#f{3}|#(?:f[\da-f]){3}|white|white(?:smoke)?|snow|ivory|rgb\((?:\s*2[45]\d\s*,?){3}\))(?![\w-])/i.test(
    written,
  )
    ? 'light'
    : 'dark'
}

/** A mark is at most so large beside its figure. */
const markShareMax = 0.8

/** Whether the letters of an element are certainly as small beside those around it as a footnote's mark is. */
export function isMarkSized(element: Node, { size }: Look, styles: PageStyles): boolean {
  if (size === null) return false
  if ('share' in size) return size.share <= markShareMax
  const siblings = element.parent?.children ?? []
  const beside = siblings.slice(0, siblings.indexOf(element)).reverse()
  const before = beside.find(({ type, data }) => type !== 'text' || (data ?? '').trim() !== '')
  for (let at = before ?? element.parent; at != null; at = at.parent) {
    const around = sizeBy(declaredOf(at, styles.ruled.get(at) ?? []))
    if (around !== null && 'pixels' in around) return size.pixels <= around.pixels * markShareMax
  }
  return false
}

/** Whether what stands in an element that hides its text shows itself again. */
export function showsAgain(element: Node, veil: Veil, styles: PageStyles): boolean {
  const stack: { readonly node: Node; readonly veil: Veil }[] = [{ node: element, veil }]
  while (stack.length > 0) {
    const { node, veil: within } = stack.pop()!
    for (const child of node.children ?? []) {
      if (child.attribs === undefined) continue
      const look = lookOf(child, styles, within)
      if (look.gone || look.away) continue
      const own = veiledBy(look, child, within, styles)
      if (!own.invisible && !own.sizeless) return true
      stack.push({ node: child, veil: own })
    }
  }
  return false
}

/** Whether a style sheet writes a figure into an element, which then shows more than its text. */
export function showsWritten({ name, attribs }: Node, { writes }: PageStyles): boolean {
  if (writes.length === 0) return false
  const own = attribs?.class?.split(/\s+/) ?? []
  return writes.some(
    (one) =>
      (one.name === null || one.name === name) &&
      one.classes.every((needed) => own.includes(needed)) &&
      (one.having === null || attribs?.[one.having] !== undefined) &&
      (one.from === null || onlyFigure.test(attribs?.[one.from] ?? '')),
  )
}

/** Whether an element strikes its text out. */
export function isStruck({ name }: Node, { struck }: Look): boolean {
  return struck || name === 's' || name === 'strike'
}

/** Word processors raise a footnote's mark by a style of its span, or only link it to the note. */
export function isRaised({ name, attribs }: Node, { raised }: Look): boolean {
  if (name === 'sup' || raised === 'marked') return true
  return (
    name === 'a' &&
    attribs?.href !== undefined &&
    /#_?(?:ftn|edn|footnote|endnote|fn)(?!ref)[-_:]?\d/i.test(attribs.href)
  )
}

/** Whether characters are shown from the last to the first. */
export function isTurned({ name, attribs }: Node, { turns }: PageStyles): boolean {
  if (name === 'bdo') return attribs?.dir?.toLowerCase() === 'rtl'
  return turns && attribs?.style !== undefined && turning.test(attribs.style)
}

const beside = /::?(?:before|after)/i
const onlyFigure = /^\s*\d[\d.,]*\s*$/
const writing = /(?:^|[;{\s])content\s*:\s*(?:attr\(\s*([\w-]+)\s*\)|"([^"]*)"|'([^']*)')/i
/** The last part of a selector, whatever the element must stand in. */
const writtenInto = /(?:^|[\s>+~])([a-z][\w-]*)?\*?((?:\.[\w-]+)*)(?:\[\s*([\w-]+)[^\]]*\])?::?(?:before|after)$/i

/** The rules that write figures into elements: labels for narrow screens and icons change no figure. */
function writingsIn(markup: string): Writing[] {
  if (!beside.test(markup)) return []
  const found: Writing[] = []
  for (const { selectors, declarations } of rulesIn(markup, beside)) {
    const [rule, from = null, quoted, single] = writing.exec(declarations) ?? []
    if (rule === undefined || (from === null && !onlyFigure.test(quoted ?? single ?? ''))) continue
    for (const selector of selectors) {
      const [whole, name = null, classes = '', having = null] = writtenInto.exec(selector) ?? []
      if (whole === undefined) continue
      found.push({
        name: name?.toLowerCase() ?? null,
        classes: classes.split('.').filter((one) => one !== ''),
        having: having?.toLowerCase() ?? null,
        from: from?.toLowerCase() ?? null,
      })
    }
  }
  return found
}
