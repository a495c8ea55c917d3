/**
 * How styles make the elements of a page look: takes markup and its elements, says which are hidden, out of sight, struck out,
 * raised, shown from their end or written into. Of style sheets only what is plain is taken: rules of one class for all media, of classes
 * that no other rule shows.
 */

/** What of a page's styles must be asked of its elements: most pages hide nothing, and have thousands of styles. */
export type PageStyles = {
  /** Whether any style hides what has it. */
  readonly hides: boolean
  /** Whether any puts what has it out of sight. */
  readonly conceals: boolean
  /** Whether any shows characters the other way round. */
  readonly turns: boolean
  /** Classes that the page's style sheets hide. */
  readonly hiddenClasses: ReadonlySet<string>
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

type Element = { readonly name?: string; readonly attribs?: Readonly<Record<string, string>> }

const none: ReadonlySet<string> = new Set()
const hiding =
  /display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:[;!"']|$)/i
/** What a style puts out of sight where it stands. */
const concealing =
  /(?:^|[;"'\s])(?:opacity\s*:\s*0(?:\.0*)?\s*(?:[;!"']|$)|color\s*:\s*transparent|(?:text-indent|left|top)\s*:\s*-\d{3,})/i

const turning = /unicode-bidi\s*:\s*(?:bidi|isolate)-override/i

/** The styles of a page. */
export function stylesOf(markup: string): PageStyles {
  const hides = hiding.test(markup)
  const [conceals, turns] = [concealing.test(markup), turning.test(markup)]
  return { hides, conceals, turns, hiddenClasses: hides ? hiddenClasses(markup) : none, writes: writingsIn(markup) }
}

/** Whether a style sheet writes a figure into an element, which then shows more than its text. */
export function showsWritten({ name, attribs }: Element, { writes }: PageStyles): boolean {
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

/** Whether an element says of itself that it is not shown. */
export function isHidden({ attribs }: Element, { hides }: PageStyles): boolean {
  if (attribs === undefined) return false
  return attribs.hidden !== undefined || (hides && attribs.style !== undefined && hiding.test(attribs.style))
}

/** Whether nobody sees what stands in a cell as long as no script shows it. */
export function isConcealed({ attribs }: Element, { conceals, hiddenClasses: hidden }: PageStyles): boolean {
  if (attribs === undefined) return false
  if (conceals && attribs.style !== undefined && concealing.test(attribs.style)) return true
  return hidden.size > 0 && attribs.class?.split(/\s+/).some((name) => hidden.has(name)) === true
}

/** Whether an element strikes its text out. */
export function isStruck({ name, attribs }: Element): boolean {
  if (name === 's' || name === 'strike') return true
  return attribs?.style !== undefined && /text-decoration[^;]*line-through/i.test(attribs.style)
}

/** Word processors raise a footnote's mark by a style of its span. */
export function isRaised({ name, attribs }: Element): boolean {
  if (name === 'sup') return true
  return attribs?.style !== undefined && /vertical-align\s*:\s*super/i.test(attribs.style)
}

/** Whether characters are shown from the last to the first. */
export function isTurned({ name, attribs }: Element, { turns }: PageStyles): boolean {
  if (name === 'bdo') return attribs?.dir?.toLowerCase() === 'rtl'
  return turns && attribs?.style !== undefined && turning.test(attribs.style)
}

const hidesAll = /(?:^|[;{\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))/i
const decides = /(?:^|[;{\s])(?:display|visibility)\s*:/i
const oneClass = /^(?:[a-z][\w-]*)?\.([\w-]+)$/i
/** Longer sheets are a site's own, made for more than a report's tables. */
const sheetCharactersMax = 200_000

/** The classes whose elements nobody sees, as far as the page itself says so. */
function hiddenClasses(markup: string): ReadonlySet<string> {
  const hidden = new Set<string>()
  const shown = new Set<string>()
  for (const { selectors, declarations } of rulesIn(markup, hidesAll)) {
    if (!decides.test(declarations)) continue
    for (const selector of selectors) {
      const [, name] = oneClass.exec(selector) ?? []
      if (name !== undefined && hidesAll.test(declarations)) hidden.add(name)
      // Where it is hidden only within something, or shown by something, nobody knows without a script.
      else for (const [, other] of selector.matchAll(/\.([\w-]+)/g)) shown.add(other!)
    }
  }
  for (const name of shown) hidden.delete(name)
  return hidden
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

/** The plain rules of the page's style sheets that matter: all of each sheet in which something matches `what`. */
function* rulesIn(markup: string, what: RegExp): Generator<{ selectors: string[]; declarations: string }> {
  for (const sheet of sheetsIn(markup)) {
    if (sheet.length > sheetCharactersMax || !what.test(sheet)) continue
    for (const part of withoutConditions(withoutComments(sheet)).split('}')) {
      const open = part.lastIndexOf('{')
      if (open < 0) continue
      const selectors = part.slice(0, open).split(',')
      yield { selectors: selectors.map((one) => one.trim()), declarations: part.slice(open + 1) }
    }
  }
}

function* sheetsIn(markup: string): Generator<string> {
  const [start, end] = [/<style\b[^<>]*>/gi, /<\/style/gi]
  for (let open = start.exec(markup); open !== null; open = start.exec(markup)) {
    end.lastIndex = start.lastIndex
    const close = end.exec(markup)
    yield markup.slice(start.lastIndex, close?.index)
    if (close === null) return
    start.lastIndex = end.lastIndex
  }
}

function withoutComments(sheet: string): string {
  let kept = ''
  let from = 0
  for (let at = sheet.indexOf('/*'); at >= 0; at = sheet.indexOf('/*', from)) {
    kept += sheet.slice(from, at)
    const end = sheet.indexOf('*/', at + 2)
    from = end < 0 ? sheet.length : end + 2
  }
  return kept + sheet.slice(from)
}

/** A sheet without the rules that hold for some media only, such as print or narrow screens. */
function withoutConditions(sheet: string): string {
  let kept = ''
  let from = 0
  for (let at = sheet.indexOf('@'); at >= 0; at = sheet.indexOf('@', from)) {
    const end = endOfAtRule(sheet, at)
    kept += sheet.slice(from, at)
    from = end
  }
  return kept + sheet.slice(from)
}

function endOfAtRule(sheet: string, at: number): number {
  let depth = 0
  for (let index = at; index < sheet.length; index++) {
    const character = sheet[index]
    if (character === ';' && depth === 0) return index + 1
    if (character === '{') depth++
    if (character === '}' && --depth <= 0) return index + 1
  }
  return sheet.length
}
