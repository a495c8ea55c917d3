/**
 * What a PDF holds that its readers pass over: pages that its tree has and does not count, and contents whose parts are
 * torn in the middle of a token. Takes bytes, gives numbers; both readers follow the count and say nothing of the rest.
 */
import { limits } from '../limits.ts'
import { objectsOf, type PdfObjects } from './objects.ts'

/** What is amiss around the pages of a file. */
export type Structure = {
  /** Pages that stand in the tree of pages; null where that is not found or not read to its end. */
  readonly pages: number | null
  /** Pages whose contents are torn. */
  readonly torn: number
}

const treeDepthMax = 50
/** Of a file revised more often the last ones are asked. */
const trailersMax = 50

/** Looks at the tree of pages and at what each page is drawn with. */
export function readStructure(bytes: Uint8Array): Structure {
  const objects = objectsOf(bytes)
  const walk: Walk = { objects, seen: new Set(), pages: 0, torn: 0, whole: true }
  const root = rootOf(bytes)
  const catalog = root === null ? null : objects.dictionary(root)
  const tree = catalog === null ? undefined : /\/Pages\s+(\d+)\s+\d+\s+R/.exec(catalog)?.[1]
  if (tree === undefined) return { pages: null, torn: 0 }
  walkNode(walk, Number(tree), 0)
  return { pages: walk.whole ? walk.pages : null, torn: walk.torn }
}

type Walk = {
  readonly objects: PdfObjects
  readonly seen: Set<number>
  pages: number
  torn: number
  /** Whether all of the tree could be walked. */
  whole: boolean
}

/** The number of the catalog, as the last trailer names it. */
function rootOf(bytes: Uint8Array): number | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = file.lastIndexOf('/Root')
  for (let tries = 0; at > 0 && tries < trailersMax; tries++, at = file.lastIndexOf('/Root', at - 1)) {
    const found = /^\/Root\s+(\d+)\s+\d+\s+R/.exec(file.toString('latin1', at, at + 40))
    if (found !== null) return Number(found[1])
  }
  return null
}

function walkNode(walk: Walk, number: number, depth: number): void {
  const { objects, seen } = walk
  if (seen.has(number) || depth > treeDepthMax || walk.pages > limits.pagesMax) {
    walk.whole = false
    return
  }
  seen.add(number)
  const dictionary = objects.dictionary(number)
  // A page that is not there is told by whoever is to read it.
  if (dictionary === null || !dictionary.includes('<<')) return
  const kids = listOf(objects, dictionary, 'Kids')
  if (kids !== null) for (const kid of kids) walkNode(walk, kid, depth + 1)
  else if (dictionary.includes('/Kids')) walk.whole = false
  else {
    walk.pages++
    if (areTorn(objects, listOf(objects, dictionary, 'Contents') ?? [])) walk.torn++
  }
}

/** The objects of a list, which may stand in an object of its own; null where there is no such list. */
function listOf(objects: PdfObjects, dictionary: string, key: 'Kids' | 'Contents'): number[] | null {
  const entry = dictionary.indexOf(`/${key}`)
  if (entry < 0) return null
  const value = dictionary.slice(entry + key.length + 1)
  const named = /^\s+(\d+)\s+\d+\s+R/.exec(value)?.[1]
  const list = (named === undefined ? value : (objects.dictionary(Number(named)) ?? '')).trimStart()
  const end = list.indexOf(']')
  if (!list.startsWith('[') || end < 0) return null
  return [...list.slice(0, end).matchAll(/(\d+)\s+\d+\s+R/g)].map(([, number]) => Number(number))
}

/**
 * Whether contents are parted elsewhere than between tokens, as they have to be (ISO 32000-1, 7.8.2): one reader takes the
 * parts for one token, another for two, so that a figure may be another one or stand elsewhere.
 */
function areTorn(objects: PdfObjects, parts: readonly number[]): boolean {
  if (parts.length < 2) return false
  const scan: Scan = { string: 0, comment: false }
  let before: Buffer | null = null
  for (const number of parts) {
    const part = objects.stream(number)
    if (part === null) return false
    if (before !== null && part.length > 0 && isTorn(scan, before, part)) return true
    scanStrings(scan, part)
    if (part.length > 0) before = part
  }
  return false
}

/** How deep in brackets of a string contents are, as far as they were scanned. */
type Scan = { string: number; comment: boolean }

const [opening, closing, backslash, percent] = [0x28, 0x29, 0x5c, 0x25]

function scanStrings(scan: Scan, part: Buffer): void {
  for (let at = 0; at < part.length; at++) {
    const byte = part[at]!
    if (scan.string > 0) {
      if (byte === backslash) at++
      else if (byte === opening) scan.string++
      else if (byte === closing) scan.string--
    } else if (scan.comment) scan.comment = byte !== 0x0a && byte !== 0x0d
    else if (byte === opening) scan.string++
    else if (byte === percent) scan.comment = true
    else if (byte === 0x49 && isPicture(part, at)) at = pictureEnd(part, at)
  }
  scan.comment = false
}

/** Whether the data of a picture begin here, which are no tokens. */
function isPicture(part: Buffer, at: number): boolean {
  return part[at + 1] === 0x44 && isSpace(part[at - 1]) && isSpace(part[at + 2])
}

function pictureEnd(part: Buffer, at: number): number {
  for (let end = part.indexOf('EI', at + 3); end >= 0; end = part.indexOf('EI', end + 1)) {
    if (isSpace(part[end - 1]) && (end + 2 >= part.length || isSpace(part[end + 2]))) return end + 1
  }
  return part.length
}

function isSpace(byte: number | undefined): boolean {
  return byte !== undefined && (byte <= 0x20 || byte === 0x2f)
}

/** Longer tokens are none. */
const tokenMax = 40
/** Characters of which tokens are made, a name's first one included. */
const lastToken = /\/[^\s\0()<>[\]{}/%]*$|[^\s\0()<>[\]{}/%]+$/
const firstToken = /^[^\s\0()<>[\]{}/%]+/
const numeral = /^[+-]?(?:\d+\.?\d*|\.\d+)$/

function isTorn({ string }: Scan, before: Buffer, after: Buffer): boolean {
  if (string > 0) return true
  const last = lastToken.exec(before.toString('latin1', Math.max(0, before.length - tokenMax)))?.[0]
  const first = firstToken.exec(after.toString('latin1', 0, tokenMax))?.[0]
  if (last === undefined || first === undefined) return false
  // Nobody parts operands from their operator, nor one operator from another where together they are a third.
  return !operators.has(last) || !(operators.has(first) || numeral.test(first)) || operators.has(last + first)
}

/** ISO 32000-1, annex A. */
const operators: ReadonlySet<string> = new Set(
  [
    'b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP n q Q re RG',
    'rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y',
  ].flatMap((line) => line.split(' ')),
)
