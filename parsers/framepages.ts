/**
 * The pages of a page that is nothing but frames, as spreadsheets save a workbook: takes its text and the pages that are there, says
 * which of them are shown in which order, and the names of sheets among them.
 */
import { unescapeXml } from './xmltree.ts'

/** A page by its address, with its text. */
export type FramePage = { readonly address: string; readonly text: string }

/** A page among frames; `name` is its sheet's. One that is not shown has a tab that its workbook hides. */
export type FramedPage = { readonly address: string; readonly name: string | null; readonly shown: boolean }

/** True for a page that is nothing but frames. */
export function isFrameset(text: string): boolean {
  return /<frameset[\s>]/i.test(text) && /<frame\s[^>]*\bsrc\s*=/i.test(text)
}

/**
 * The pages that frames show: the sheets that the workbook lists, or else what its frames name and what pages of nothing but links
 * lead to, or else all that are there. `pages` are all but the frames' own, in the file's order.
 */
export function framedPages(frameset: FramePage, pages: readonly FramePage[]): readonly FramedPage[] {
  const byAddress = new Map(pages.map((page) => [page.address, page]))
  const listed = sheetsListed(frameset).filter(({ address }) => byAddress.has(address))
  const menus = pages.filter(({ text }) => isMenu(text))
  const linked = menus.flatMap(linksOf).filter(({ address }) => byAddress.has(address))
  const named = new Map(linked.map((link) => [link.address, link.name]))
  if (listed.length > 0)
    return listed.map((sheet) => ({ ...sheet, name: sheet.name ?? named.get(sheet.address) ?? null }))
  const content = pages.filter((page) => !menus.includes(page))
  const order = [...linked.map(({ address }) => address), ...content.map(({ address }) => address)]
  const framed = new Set([...linked.map(({ address }) => address), ...framesOf(frameset)])
  return [...new Set(order)].map((address) => {
    return { address, name: named.get(address) ?? null, shown: linked.length === 0 || framed.has(address) }
  })
}

function framesOf({ address, text }: FramePage): string[] {
  return [...text.matchAll(/<frame\s[^>]*\bsrc\s*=\s*["']?([^"'\s>]+)/gi)].map(([, source]) =>
    resolved(source!, address),
  )
}

/** The sheets that a workbook lists for itself in a comment. */
function sheetsListed({ address, text }: FramePage): FramedPage[] {
  return text
    .split(/<x:ExcelWorksheet>/i)
    .slice(1)
    .flatMap((sheet) => {
      const source = /<x:WorksheetSource\s+HRef="([^"]*)"/i.exec(sheet)?.[1]
      if (source === undefined) return []
      const name = /<x:Name>([^<]*)</i.exec(sheet)?.[1]
      const shown = !/<x:Visible>\s*Sheet(?:Very)?Hidden/i.test(sheet.split(/<\/x:ExcelWorksheet>/i, 1)[0]!)
      return [{ address: resolved(source, address), name: name === undefined ? null : unescapeXml(name), shown }]
    })
}

const link = /<a\s[^>]*\bhref\s*=\s*["']?([^"'\s>]+)[^>]*>([\s\S]*?)<\/a>/gi

/** No list of sheets is longer, and what looks for links in it takes long where none of them ends. */
const menuCharactersMax = 60_000

/** True for a page that holds nothing but links. */
function isMenu(text: string): boolean {
  if (text.length > menuCharactersMax) return false
  const bare = text.replace(/<!--[\s\S]*?-->|<(script|style|head|noscript)\b[\s\S]*?<\/\1>/gi, '')
  return /<a\s/i.test(bare) && plain(bare.replace(link, '')) === ''
}

function linksOf({ address, text }: FramePage): { address: string; name: string }[] {
  return [...text.matchAll(link)].map(([, source, inside]) => ({
    address: resolved(unescapeXml(source!), address),
    name: plain(inside!),
  }))
}

function plain(markup: string): string {
  return unescapeXml(markup.replace(/<[^>]*>/g, '').replaceAll('&nbsp;', ' ')).trim()
}

/** An address as it is meant where another one stands. */
export function resolved(address: string, base: string): string {
  return URL.canParse(address, base) ? new URL(address, base).href : address
}
