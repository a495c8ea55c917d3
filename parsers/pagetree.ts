/**
 * The tree of a page: cheerio builds it as a browser would, once its markup is known to be of a size that pages have. What
 * nodes hold as text, and white space as HTML shows it.
 */
import { load } from 'cheerio'
import { LimitError, limits } from './limits.ts'

/** A node of the tree, as far as it is used. */
export type Node = {
  readonly type: string
  readonly name?: string
  readonly data?: string
  readonly attribs?: Readonly<Record<string, string>>
  readonly children?: readonly Node[]
  readonly parent?: Node | null
  readonly sourceCodeLocation?: { readonly startLine: number } | null
}

/** Those of some elements that a selector selects. */
export type Select = (elements: readonly Node[], selector: string) => readonly Node[]

/** A node whose children can be replaced. */
export type Mutable = Node & { children: Node[] }

const blockNames =
  'address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul'
const skippedNames =
  'script style noscript template iframe object embed svg math select option textarea head del tgroup entry rt rp progress meter canvas audio video datalist'
type NameKind = 'block' | 'skipped'
/** Elements that break lines, and those whose content is no text of the page. */
export const kindsOfNames: ReadonlyMap<string, NameKind> = new Map([
  ...blockNames.split(' ').map((name) => [name, 'block'] as const),
  ...skippedNames.split(' ').map((name) => [name, 'skipped'] as const),
])

/** Elements that a parser closes by itself, or that hold nothing: an open one does not mean nesting. */
const selfClosing = new Set(
  'p li td th tr dt dd option optgroup thead tbody tfoot colgroup br hr img input meta link base area col embed source track wbr param body html head'.split(
    ' ',
  ),
)

/** The tree of a page, and how its elements are selected. */
export function treeOf(text: string, running: boolean): { root: Mutable; select: Select } {
  const page = load(text, { sourceCodeLocationInfo: running })
  const select: Select = (elements, selector) =>
    page(elements as never)
      .filter(selector)
      .toArray() as unknown as Node[]
  return { root: page.root()[0] as unknown as Mutable, select }
}

/**
 * Counts tags and nesting before a tree is built of them, since building it is what a hostile page makes dear.
 * @throws LimitError for more than any page has
 */
export function checkMarkup(text: string): void {
  let tags = 0
  let depth = 0
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    const closing = text.charCodeAt(at + 1) === 0x2f
    const start = closing ? at + 2 : at + 1
    let end = start
    let capitals = false
    for (let code = text.charCodeAt(end); isNameCharacter(code); code = text.charCodeAt(++end))
      capitals ||= code <= 0x5a
    if (end === start) continue
    if (++tags > limits.markupTagsMax) throw new LimitError('markupTagsMax')
    const name = text.slice(start, end)
    if (selfClosing.has(capitals ? name.toLowerCase() : name)) continue
    depth += closing ? -1 : 1
    if (depth < 0) depth = 0
    if (depth > limits.markupDepthMax) throw new LimitError('markupDepthMax')
  }
}

function isNameCharacter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x3a)
}

/** Puts the children of a node on a stack, the first on top. */
export function pushChildren({ children }: Node, stack: Node[]): void {
  if (children === undefined) return
  for (let index = children.length - 1; index >= 0; index--) stack.push(children[index]!)
}

/** All text below a node, as it is written. */
export function textBelow(node: Node): string {
  let text = ''
  const stack: Node[] = [node]
  while (stack.length > 0) {
    const one = stack.pop()!
    if (one.type === 'text') text += one.data ?? ''
    else if (kindsOfNames.get(one.name ?? '') !== 'skipped') pushChildren(one, stack)
  }
  return text
}

/** White space as HTML shows it. */
export function collapse(text: string): string {
  return /[\t\n\r\f]| {2}/.test(text) ? text.replace(/[ \t\n\r\f]+/g, ' ') : text
}

/** The text without spaces and line breaks around it. */
export function trimSpaces(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a
}
