/**
 * The style sheets that a page brings along: takes its markup, gives their rules as they hold on a wide screen, and which
 * elements of its tree each of some rules is about, the last word of each last.
 */
import type { Node, Select } from './pagetree.ts'

/** What styles say of an element, by property. */
export type Declarations = ReadonlyMap<string, string>

/** Some selectors, and what is said of the elements that they select. */
export type Rule = { readonly selectors: readonly string[]; readonly declarations: string }

/** Longer sheets are a site's own, made for more than a report's tables. */
export const sheetCharactersMax = 200_000

/** The rules of the page's style sheets that matter: all of each sheet in which something matches `what`. */
export function* rulesIn(markup: string, what: RegExp): Generator<Rule> {
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
    const [, media] = /\bmedia\s*=\s*["']?([^"'>]*)/i.exec(open[0]) ?? []
    if (media === undefined || isWideScreen(media)) yield markup.slice(start.lastIndex, close?.index)
    if (close === null) return
    start.lastIndex = end.lastIndex
  }
}

/** A text without the comments of style sheets, and without the signs that hide a sheet from what knows none. */
function withoutComments(sheet: string): string {
  let kept = ''
  let from = 0
  for (let at = sheet.indexOf('/*'); at >= 0; at = sheet.indexOf('/*', from)) {
    kept += sheet.slice(from, at)
    const end = sheet.indexOf('*/', at + 2)
    from = end < 0 ? sheet.length : end + 2
  }
  return (kept + sheet.slice(from)).replace(/<!--|-->/g, '')
}

/** A sheet without the rules that hold for some media only, such as print or narrow screens. */
function withoutConditions(sheet: string): string {
  let kept = ''
  let from = 0
  for (let at = sheet.indexOf('@', from); at >= 0; at = sheet.indexOf('@', from)) {
    const end = endOfAtRule(sheet, at)
    kept += sheet.slice(from, at)
    const open = sheet.indexOf('{', at)
    const [, media] = /^@media\s([^{]{0,200})$/i.exec(sheet.slice(at, open < 0 ? at : open)) ?? []
    if (media !== undefined && open < end && isWideScreen(media)) kept += sheet.slice(open + 1, end - 1)
    from = end
  }
  return kept + sheet.slice(from)
}

/** CSS pixels: what needs a wider screen than this may not hold on all of them. */
const screenWidthMin = 1200

/** Whether a condition on media holds on a screen of usual width. */
function isWideScreen(media: string): boolean {
  return media.split(',').some((one) => {
    const parts = one
      .trim()
      .toLowerCase()
      .split(/\s+and\s+/)
    return parts.every((part) => {
      const [, width] = /^\(\s*min-width\s*:\s*(\d{1,5})px\s*\)$/.exec(part) ?? []
      return width === undefined ? /^(?:only\s+)?(?:all|screen)?$/.test(part) : Number(width) <= screenWidthMin
    })
  })
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

type Stated = { readonly value: string; readonly important: boolean }

/** What some text declares, by property: of two declarations the later holds, unless only the earlier is important. */
function statedIn(text: string): Map<string, Stated> {
  const found = new Map<string, Stated>()
  for (const part of (text.includes('/*') ? withoutComments(text) : text).split(';')) {
    const colon = part.indexOf(':')
    if (colon < 0) continue
    const name = part.slice(0, colon).trim().toLowerCase()
    const written = part
      .slice(colon + 1)
      .trim()
      .toLowerCase()
    const important = written.endsWith('important')
    if (!important && found.get(name)?.important === true) continue
    found.set(name, { value: important ? written.replace(/\s*!\s*important$/, '') : written, important })
  }
  return found
}

type Weighted = { readonly weight: number; readonly stated: ReadonlyMap<string, Stated> }

/** What rules say of each element that they are about. */
export type RuledElements = ReadonlyMap<Node, readonly Weighted[]>

const nobody: RuledElements = new Map()
const selectorCharactersMax = 200
/** States that nobody is in as long as nothing is done to the page, and parts that are no elements. */
const passing = /::|:(?:before|after|hover|active|focus|visited|link|target|checked|first-l|-|selection|placeholder)/i
/** So often at most an element is held against a selector, for all of a page. */
const comparisonsMax = 2_000_000

/** The elements of a tree that rules are about which declare one of the properties, each with what those say. */
export function elementsOf(
  rules: readonly Rule[],
  properties: ReadonlySet<string>,
  root: Node,
  select: Select,
): RuledElements {
  const wanted = new Map<string, { selector: string; weighted: Weighted }[]>()
  let order = 0
  for (const { selectors, declarations } of rules) {
    order++
    const stated = statedIn(declarations)
    for (const name of stated.keys()) if (!properties.has(name)) stated.delete(name)
    if (stated.size === 0) continue
    for (const selector of selectors) {
      if (selector.length > selectorCharactersMax || passing.test(selector)) continue
      const key = keyOf(selector)
      const own = wanted.get(key) ?? []
      own.push({ selector, weighted: { weight: specificity(selector) + order / 100_000, stated } })
      wanted.set(key, own)
    }
  }
  return wanted.size === 0 ? nobody : selected(wanted, root, select)
}

/** The class, mark or name that whatever a selector selects must have. */
function keyOf(selector: string): string {
  const last =
    selector
      .replace(/\([^()]*\)|\[[^\]]*\]/g, '')
      .split(/[\s>+~]+/)
      .pop() ?? ''
  const [key = /^[a-z][\w-]*/i.exec(last)?.[0].toLowerCase() ?? '*'] = /[.#][^.#:\\]+/.exec(last) ?? []
  return selector.includes('\\') ? '*' : key
}

function selected(
  wanted: ReadonlyMap<string, { selector: string; weighted: Weighted }[]>,
  root: Node,
  select: Select,
): RuledElements {
  const found = new Map<Node, Weighted[]>()
  let left = comparisonsMax
  for (const [key, elements] of elementsByKey(wanted, root)) {
    for (const { selector, weighted } of wanted.get(key)!) {
      left -= elements.length
      if (left < 0) return found
      for (const element of isKey(selector) ? elements : selectSafely(select, elements, selector)) {
        const own = found.get(element)
        if (own === undefined) found.set(element, [weighted])
        else own.push(weighted)
      }
    }
  }
  for (const own of found.values()) own.sort((a, b) => a.weight - b.weight)
  return found
}

/** Whether a selector says no more than the class, the name or the mark by which elements were looked up. */
function isKey(selector: string): boolean {
  return /^(?:[.#]?[\w-]+|\*)$/.test(selector)
}

/** A selector that is none selects nothing, as in a browser. */
function selectSafely(select: Select, elements: readonly Node[], selector: string): readonly Node[] {
  try {
    return select(elements, selector)
  } catch {
    return []
  }
}

function elementsByKey(wanted: ReadonlyMap<string, unknown>, root: Node): Map<string, Node[]> {
  const found = new Map<string, Node[]>()
  const add = (key: string, element: Node): void => {
    if (!wanted.has(key)) return
    const own = found.get(key)
    if (own === undefined) found.set(key, [element])
    else own.push(element)
  }
  const stack: Node[] = [root]
  while (stack.length > 0) {
    const element = stack.pop()!
    for (const child of element.children ?? []) if (child.children !== undefined) stack.push(child)
    const { name, attribs } = element
    if (name === undefined || attribs === undefined) continue
    add('*', element)
    add(name, element)
    if (attribs.id !== undefined) add(`#${attribs.id}`, element)
    if (attribs.class !== undefined) for (const one of new Set(attribs.class.split(/\s+/))) add(`.${one}`, element)
  }
  return found
}

/** Selectors 4, 17: marks before classes, attributes and states, those before names. */
function specificity(selector: string): number {
  const marks = selector.match(/#[\w-]/g)?.length ?? 0
  const classes = selector.match(/\.[a-z_-]|\[|:(?!:|not|is|where)/gi)?.length ?? 0
  const names = selector.match(/(?:^|[\s>+~])[a-z]/gi)?.length ?? 0
  return marks * 10_000 + classes * 100 + names
}

/** What holds for an element: what its rules say, and over that what it says itself. */
export function declaredOf({ attribs }: Node, ruled: readonly Weighted[]): Declarations {
  const found = new Map<string, Stated>()
  const own = attribs?.style === undefined ? [] : [statedIn(attribs.style)]
  for (const stated of [...ruled.map((one) => one.stated), ...own]) {
    for (const [name, one] of stated) if (one.important || found.get(name)?.important !== true) found.set(name, one)
  }
  return new Map([...found].map(([name, { value }]) => [name, value]))
}
