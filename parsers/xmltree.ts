/**
 * XML as a tree of what is written, and back: names with their prefixes, values and text as they stand. For parsers that
 * change what another reader is given; nothing is decoded or checked beyond the nesting of tags.
 */
import { Parser } from 'htmlparser2'
import { enforceLimit } from './limits.ts'

/** An element with its attributes, their values as they are written. */
export type XmlElement = {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlNode[]
}

/** An element, or text with its references. */
export type XmlNode = XmlElement | string

type Open = XmlElement & { readonly children: XmlNode[] }

/**
 * What some XML holds, its declaration and comments left out; null where its tags do not nest.
 * @throws LimitError for more tags or deeper ones than any document has
 */
export function readXmlTree(xml: string): readonly XmlNode[] | null {
  const root: XmlNode[] = []
  const open: Open[] = []
  let tags = 0
  let nests = true
  let section = false
  const into = (): XmlNode[] => open.at(-1)?.children ?? root
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        enforceLimit('markupTagsMax', ++tags)
        const element: Open = { name, attributes, children: [] }
        into().push(element)
        open.push(element)
        enforceLimit('markupDepthMax', open.length)
      },
      onclosetag(_name, implied) {
        if (implied) nests &&= isEmptyTag(xml, parser.endIndex)
        open.pop()
      },
      ontext(text) {
        into().push(section ? escapeXml(text) : text)
      },
      oncdatastart() {
        section = true
      },
      oncdataend() {
        section = false
      },
    },
    { xmlMode: true, decodeEntities: false },
  )
  parser.end(xml)
  return nests ? root : null
}

/** Whether a tag closes itself: what the parser closes otherwise was left open. */
function isEmptyTag(xml: string, end: number): boolean {
  return xml.charCodeAt(end) === 0x3e && xml.charCodeAt(end - 1) === 0x2f
}

/** The XML of some nodes. */
export function writeXml(nodes: readonly XmlNode[]): string {
  const parts: string[] = []
  const write = (node: XmlNode): void => {
    if (typeof node === 'string') {
      parts.push(node)
      return
    }
    parts.push('<', node.name)
    for (const [name, value] of Object.entries(node.attributes))
      parts.push(' ', name, '="', value.replaceAll('"', '&quot;'), '"')
    if (node.children.length === 0) parts.push('/>')
    else {
      parts.push('>')
      for (const child of node.children) write(child)
      parts.push('</', node.name, '>')
    }
  }
  for (const node of nodes) write(node)
  return parts.join('')
}

/** The first child of this name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  for (const child of element.children) if (typeof child !== 'string' && child.name === name) return child
  return undefined
}

/** The value of an attribute as it is written, null where there is none. */
export function attributeOf({ attributes }: XmlElement, name: string): string | null {
  return attributes[name] ?? null
}

/** All elements of this name, none of them inside another. */
export function outermost(nodes: readonly XmlNode[], name: string, found: XmlElement[] = []): XmlElement[] {
  for (const node of nodes) {
    if (typeof node === 'string') continue
    if (node.name === name) found.push(node)
    else outermost(node.children, name, found)
  }
  return found
}

/** The text of some nodes, with its references, from elements of one name. */
export function textIn(nodes: readonly XmlNode[], name: string): string {
  return outermost(nodes, name)
    .map(({ children }) => children.filter((child) => typeof child === 'string').join(''))
    .join('')
}

/** Text as XML writes it. */
export function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

/** Text as it is written in XML, with what its references stand for. */
export function unescapeXml(text: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return text.replace(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g, (all, decimal, hex, name) => {
    if (name !== undefined) return names[name as string]!
    const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : (all as string)
  })
}
