/**
 * ODT and ODS to a Document, as archives and flat, in one XML file: cheerio builds the tree of the content and one walk
 * over it gives the text as it flows, or the cells of the sheets. Both hold the text that was shown when the file was saved, so no number format has to
 * be applied. Content that was deleted in tracked changes stands apart and is left out.
 */
import { load } from 'cheerio'
import { unzip } from './archive.ts'
import type { Document, Metadatum, Notice } from './document.ts'
import { declaredCharsets, decodeText } from './encoding.ts'
import { damaged, ParseFailure } from './failure.ts'
import { type Flowed, layOut, tellPictures } from './flow.ts'
import { enforceLimit } from './limits.ts'
import { worksheetOf } from './opensheet.ts'
import { readStyles, type Styles } from './openstyles.ts'
import { flowOf, plainText, type Walk } from './opentext.ts'
import type { Node } from './pagetree.ts'
import { layOutSheets } from './worksheet.ts'

const neededEntry = /^(?:content\.xml|styles\.xml|meta\.xml|settings\.xml|META-INF\/manifest\.xml)$/

const mediaTypes = {
  odt: 'application/vnd.oasis.opendocument.text',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  fodt: 'application/vnd.oasis.opendocument.text-flat-xml',
  fods: 'application/vnd.oasis.opendocument.spreadsheet-flat-xml',
} as const

/** How the body of a format is read, and what its element is called. */
type Reader = { readonly body: string; readonly read: (body: Node, walk: Walk) => Flowed }

const texts: Reader = {
  body: 'office:text',
  read: (body, walk) => layOut(flowOf(body, walk, 0), walk.images, walk.notices),
}

const sheets: Reader = {
  body: 'office:spreadsheet',
  read: (body, walk) => {
    const tables = (body.children ?? []).filter(({ name }) => name === 'table:table')
    enforceLimit('sheetsMax', tables.length)
    const flowed = layOutSheets(
      tables.map((table) => worksheetOf(table, walk)),
      walk.notices,
    )
    tellPictures(countPictures(body), flowed.blocks, walk.notices)
    return flowed
  },
}

/**
 * The document of some ODT bytes.
 * @throws LimitError; ParseFailure `damaged`, `encrypted`
 */
export function parseOdt(bytes: Uint8Array): Document {
  return readArchive(bytes, 'odt', texts)
}

/**
 * The document of some ODS bytes.
 * @throws LimitError; ParseFailure `damaged`, `encrypted`
 */
export function parseOds(bytes: Uint8Array): Document {
  return readArchive(bytes, 'ods', sheets)
}

/**
 * The document of the bytes of a flat ODT.
 * @throws LimitError; ParseFailure `damaged`
 */
export function parseFlatOdt(bytes: Uint8Array): Document {
  return readFlat(bytes, 'fodt', texts)
}

/**
 * The document of the bytes of a flat ODS.
 * @throws LimitError; ParseFailure `damaged`
 */
export function parseFlatOds(bytes: Uint8Array): Document {
  return readFlat(bytes, 'fods', sheets)
}

function readArchive(bytes: Uint8Array, format: 'odt' | 'ods', reader: Reader): Document {
  const entries = unzip(bytes, (name) => neededEntry.test(name))
  const manifest = xmlOf(entries, 'META-INF/manifest.xml')
  if (manifest !== null && /<manifest:encryption-data\b/.test(manifest)) throw new ParseFailure('encrypted')
  const content = xmlOf(entries, 'content.xml')
  if (content === null || !/<\/office:document-content>\s*$/.test(content.slice(-200))) throw damaged('content.xml')
  const styles: Styles = { looks: new Map(), lists: new Map() }
  const common = xmlOf(entries, 'styles.xml')
  // cheerio keeps long what hangs on its root: each tree is let go once it is read.
  if (common !== null) withTree(common, (root) => readStyles(root, styles))
  const beside = { meta: xmlOf(entries, 'meta.xml') ?? '', settings: xmlOf(entries, 'settings.xml') ?? '' }
  return documentOf(content, beside, styles, format, reader, common ?? '')
}

/** One file that holds what the entries of an archive do. */
function readFlat(bytes: Uint8Array, format: 'fodt' | 'fods', reader: Reader): Document {
  const xml = decodeText(bytes, declaredCharsets(bytes)).text
  checkXml(xml, format)
  if (!/<\/office:document>\s*$/.test(xml.slice(-200))) throw damaged('office:document')
  const head = xml.slice(0, headCharacters)
  return documentOf(xml, { meta: head, settings: head }, { looks: new Map(), lists: new Map() }, format, reader)
}

const headCharacters = 64 * 1024

function documentOf(
  content: string,
  { meta, settings }: { readonly meta: string; readonly settings: string },
  styles: Styles,
  format: keyof typeof mediaTypes,
  { body: name, read }: Reader,
  common = '',
): Document {
  const notices: Notice[] = []
  const unseen: string[] = []
  const flowed = withTree(content, (root) => {
    readStyles(root, styles)
    const body = findNode(root, name)
    if (body === null) throw damaged(`no ${name}`)
    return read(body, {
      styles: styles.looks,
      lists: styles.lists,
      notices,
      zerosShown: !/\bconfig:name="ShowZeroValues"[^<>]*>\s*false\s*</.test(settings),
      deletions: deletionsOf(content),
      deletion: null,
      onPaper: name === texts.body && !paintsGround(content) && !paintsGround(common),
      unseen,
      cells: 0,
      images: 0,
    })
  })
  const hidden = unseen.join(' ').trim()
  if (hidden !== '') {
    notices.push({ code: 'hidden_content', anchor: null, data: { text: hidden.slice(0, noticeCharactersMax) } })
  }
  const title = /<dc:title>([^<]*)</.exec(meta)?.[1]
  const text = title === undefined ? '' : withTree(`<t>${title}</t>`, plainText).trim()
  const metadata: Metadatum[] =
    text === '' ? [] : [{ name: 'title', value: text, anchor: { path: 'meta.xml/title', page: null, box: null } }]
  return {
    format,
    mediaType: mediaTypes[format],
    engine: 'cheerio',
    encoding: null,
    title: text || null,
    metadata,
    ...flowed,
    notices,
  }
}

/** Whether styles paint anything behind text in a colour other than white. */
function paintsGround(xml: string): boolean {
  return (
    /\b(?:fo|style):background-color="(?!transparent"|#f{6}")/i.test(xml) ||
    /<style:background-image\s[^<>]*xlink:href/.test(xml)
  )
}

const noticeCharactersMax = 200

function deletionsOf(content: string): ReadonlySet<string> {
  const found = new Set<string>()
  if (!content.includes('<text:deletion')) return found
  for (const [, id] of content.matchAll(
    /<text:changed-region\b[^>]{0,400}?\btext:id="([^"]{1,100})"[^>]{0,400}>\s*<text:deletion\b/g,
  ))
    found.add(id!)
  return found
}

function xmlOf(entries: Readonly<Record<string, Uint8Array>>, name: string): string | null {
  const bytes = entries[name]
  if (bytes === undefined) return null
  const xml = new TextDecoder().decode(bytes)
  checkXml(xml, name)
  return xml
}

function checkXml(xml: string, name: string): void {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml.slice(0, 4096))) throw damaged(`${name}: document type or entity declaration`)
  checkMarkup(xml)
}

/** Counts tags and nesting before a tree is built of them. */
function checkMarkup(xml: string): void {
  let tags = 0
  let depth = 0
  for (let at = xml.indexOf('<'); at >= 0; at = xml.indexOf('<', at + 1)) {
    const next = xml.charCodeAt(at + 1)
    if (next === 0x2f) depth--
    else if (next !== 0x3f && next !== 0x21) {
      enforceLimit('markupTagsMax', ++tags)
      const end = xml.indexOf('>', at)
      if (end < 0 || xml.charCodeAt(end - 1) !== 0x2f) depth++
      enforceLimit('markupDepthMax', depth)
    }
  }
}

function withTree<Result>(xml: string, use: (root: Node) => Result): Result {
  const root = load(xml, { xml: true }).root()[0] as unknown as Node & { children: Node[] }
  try {
    return use(root)
  } finally {
    root.children = []
  }
}

function findNode(root: Node, name: string): Node | null {
  const stack: Node[] = [root]
  while (stack.length > 0) {
    const node = stack.pop()!
    if (node.name === name) return node
    for (const child of node.children ?? []) stack.push(child)
  }
  return null
}

function countPictures(root: Node): number {
  let count = 0
  const stack: Node[] = [root]
  while (stack.length > 0) {
    const node = stack.pop()!
    if (node.name === 'draw:image') count++
    for (const child of node.children ?? []) stack.push(child)
  }
  return count
}
