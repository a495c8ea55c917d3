/**
 * The style sheets that came with a page and stand in files of their own, as in pages that a browser saved as one file: takes
 * the page's markup and what finds those files, gives the markup with the sheets in the place of the links to them.
 */
import { decodeText } from './encoding.ts'
import { LimitError } from './limits.ts'
import { sheetCharactersMax } from './pagesheets.ts'
import { unescapeXml } from './xmltree.ts'

/** Finds the bytes of a file that came with a page, by its address as the page writes it. */
export type Brought = (source: string) => Uint8Array | null

const linked = /<link\b[^<>]{0,2000}>/gi
const imported = /@import\s+(?:url\(\s*)?["']?([^"'()\s;]{1,1000})["']?\s*\)?([^;]{0,200});/gi
const importsMax = 4
/** All sheets of a page together, those that import others counted each time: a page that links more is not made for reading. */
const allCharactersMax = 20 * sheetCharactersMax
const sheetsMax = 100

/** How much more sheets a page may bring. */
type Left = { characters: number; sheets: number }

/** The markup with what its links to sheets stand for; a link to a sheet that did not come along stays as it is. */
export function withLinkedSheets(markup: string, brought: Brought): string {
  const left: Left = { characters: allCharactersMax, sheets: sheetsMax }
  return markup.replace(linked, (link) => {
    if (!/\bstylesheet\b/i.test(attributeIn(link, 'rel') ?? '')) return link
    if (/\balternate\b|\sdisabled[\s=/>]/i.test(link)) return link
    const sheet = sheetAt(unescapeXml(attributeIn(link, 'href') ?? ''), brought, left, 0)
    if (sheet === null) return link
    const media = attributeIn(link, 'media')
    return `<style${media === null ? '' : ` media="${media}"`}>${sheet.replaceAll('</', '<\\/')}</style>`
  })
}

/** The sheet at an address with what it imports in place; null where it did not come along or is too long to matter. */
function sheetAt(address: string, brought: Brought, left: Left, depth: number): string | null {
  const bytes = address === '' || depth > importsMax || left.sheets <= 0 ? null : brought(address)
  if (bytes === null || bytes.length > Math.min(sheetCharactersMax * 4, left.characters)) return null
  left.sheets--
  left.characters -= bytes.length
  const text = textOf(bytes)
  if (text === null) return null
  const whole = text.replace(imported, (rule, source: string, media: string) => {
    const inner = sheetAt(source, brought, left, depth + 1)
    if (inner === null) return rule
    return media.trim() === '' ? inner : `@media ${media.trim()} {${inner}}`
  })
  return whole.length > sheetCharactersMax ? null : whole
}

/** No sheet is worth the page that it dresses. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return decodeText(bytes, []).text
  } catch (error) {
    if (error instanceof LimitError) throw error
    return null
  }
}

function attributeIn(tag: string, name: string): string | null {
  const [, quoted, single, bare] =
    new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(tag) ?? []
  return quoted ?? single ?? bare ?? null
}
