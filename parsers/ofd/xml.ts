/**
 * XML parts of a package to trees of elements, by their names without prefix: takes bytes, gives the root. A tree is
 * built within limits while the part is read, no entity is expanded but those of XML itself, and a part that ends before
 * its root does is damaged, whatever a lenient parser would make of it.
 */
import { Parser } from 'htmlparser2'
import { declaredCharsets, decodeText } from '../encoding.ts'
import { damaged } from '../failure.ts'
import { enforceLimit } from '../limits.ts'

export type Element = {
  /** Without its prefix. */
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  /** Its own text, without that of elements inside it. */
  readonly text: string
}

type Open = { name: string; attributes: Record<string, string>; children: Open[]; text: string }

/** The root of an XML part; `name` is for the failure. @throws ParseFailure `damaged`, LimitError */
export function parseXml(bytes: Uint8Array, name: string): Element {
  const { text } = decodeText(bytes, declaredCharsets(bytes))
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text.slice(0, 4096))) throw damaged(`${name}: document type or entity declaration`)
  const stack: Open[] = []
  let root: Open | null = null
  let tags = 0
  let ended = false
  const parser = new Parser(
    {
      onopentag: (tag, attributes) => {
        enforceLimit('markupTagsMax', ++tags)
        enforceLimit('markupDepthMax', stack.length + 1)
        const element: Open = { name: localName(tag), attributes, children: [], text: '' }
        if (stack.length > 0) stack[stack.length - 1]!.children.push(element)
        else root ??= element
        stack.push(element)
      },
      ontext: (piece) => {
        if (stack.length > 0) stack[stack.length - 1]!.text += piece
      },
      onclosetag: () => {
        if (ended) throw damaged(`${name} ends too early`)
        stack.pop()
      },
    },
    { xmlMode: true },
  )
  parser.write(text)
  ended = true
  parser.end()
  if (root === null) throw damaged(`${name} holds no XML`)
  return root
}

/** The children of that name. */
export function childrenOf(element: Element, name: string): Element[] {
  return element.children.filter((child) => child.name === name)
}

/** The first child of that name. */
export function childOf(element: Element | null | undefined, name: string): Element | undefined {
  return element?.children.find((child) => child.name === name)
}

/** An attribute as a number; null where it is missing or none. */
export function numberOf(element: Element, attribute: string): number | null {
  const text = element.attributes[attribute]
  if (text === undefined || text.trim() === '') return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

/** The numbers of a list such as `0 0 210 297`; null unless there are at least `count`, all of them finite. */
export function numbersOf(text: string | undefined, count: number): number[] | null {
  const parts = text?.trim().split(/[\s,]+/) ?? []
  if (parts.length < count || parts[0] === '') return null
  const values = parts.slice(0, count).map(Number)
  return values.every(Number.isFinite) ? values : null
}

/** True where an attribute says so, in any of the ways of XML; `preset` where it is not there. */
export function flagOf(element: Element, attribute: string, preset: boolean): boolean {
  const text = element.attributes[attribute]?.trim().toLowerCase()
  return text === undefined || text === '' ? preset : text === 'true' || text === '1'
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1)
}
