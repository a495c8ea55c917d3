/**
 * What stands in a page where a table may be and is none of its text: takes an element, says whether it shows something that
 * the page does not hold as text, or holds markup of a table that only a script makes one of.
 */
import type { Node } from './pagetree.ts'

/** Frames, films and drawings, and the rows and cells of tables that are not those of HTML (CALS). */
const frames: ReadonlySet<string> = new Set('iframe object embed svg canvas video tgroup entry'.split(' '))
/** Elements that show a picture; `img` is another's matter. */
const pictures: ReadonlySet<string> = new Set(['amp-img', 'v:imagedata', 'image'])
/** A script with so many Chinese characters brings a text or a table along. */
const scriptCharactersMin = 40
const writtenInScript = /[\u3400-\u9fff]|\\u[4-9][0-9a-f]{3}/gi
const file = /\.(?:pdf|docx?|wps|xlsx?|ofd)(?:[?#].*)?$/i
/** What a script says that shows a file in the page. */
const viewer = /PDFObject|pdf\.?js|\.(?:pdf|docx?|wps|xlsx?|ofd)["'?#]/i
const rowOrCell = /(?:<|&lt;)t[dr][\s>&]/i
/** Shorter values hold no table. */
const markupCharactersMin = 30
/** Elements whose content is no part of the page as it stands. */
const keepers: ReadonlySet<string> = new Set(['noscript', 'template', 'textarea', 'xmp'])

/** True for an element that holds rows of a table as markup, in its text or in one of its attributes. */
export function holdsMarkup({ name = '', attribs = {}, children = [] }: Node): boolean {
  for (const key in attribs) {
    const value = attribs[key]!
    if (value.length >= markupCharactersMin && rowOrCell.test(value)) return true
  }
  return keepers.has(name) && (hasRow(children) || rowOrCell.test(textIn(children)))
}

function hasRow(elements: readonly Node[]): boolean {
  const stack = [...elements]
  while (stack.length > 0) {
    const { name, children = [] } = stack.pop()!
    if (name === 'tr' || name === 'td') return true
    for (const child of children) stack.push(child)
  }
  return false
}

/** The text directly in some elements. */
function textIn(elements: readonly Node[]): string {
  return elements.map(({ data }) => data ?? '').join('')
}

/** True for a frame, a film, a drawing, a script that writes a table or shows a file, and for what such a script fills. */
export function showsElsewhere({ name = '', attribs = {}, children = [] }: Node): boolean {
  if (name === 'script') {
    const source = textIn(children)
    return viewer.test(source) || (source.match(writtenInScript)?.length ?? 0) >= scriptCharactersMin
  }
  if (frames.has(name)) return true
  if (name === 'a' || name === 'img') return false
  for (const key in attribs) if (key.startsWith('data-') && file.test(attribs[key]!)) return true
  return false
}

/** True for an element other than `img` that is a picture, or has nothing but one as its ground. */
export function isPicture(element: Node): boolean {
  const { name = '', attribs = {} } = element
  if (pictures.has(name) || (name === 'input' && attribs.type?.toLowerCase() === 'image')) return true
  return /background(?:-image)?\s*:[^;]*url\(/i.test(attribs.style ?? '') && !hasText(element)
}

function hasText(element: Node): boolean {
  const stack = [element]
  while (stack.length > 0) {
    const { data, children = [] } = stack.pop()!
    if (data !== undefined && data.trim() !== '') return true
    for (const child of children) stack.push(child)
  }
  return false
}

/** True for a picture that is no more than a sign of what a script puts in its place. */
export function isPlaceholder({ attribs = {} }: Node): boolean {
  for (const key in attribs) if (/^(?:data-|lazy|_|real|original).*(?:src|original|url|lazy)/i.test(key)) return true
  return attribs['data-original'] !== undefined
}

/** Longer texts of links are titles of other documents. */
const linkCharactersMax = 40

/** True for a link that may lead to a table: to a file, or to what is to be seen by a click. */
export function leadsToTable({ name, attribs = {}, children = [] }: Node): boolean {
  const { href = '' } = attribs
  if (name !== 'a' || href === '' || href.startsWith('#')) return false
  if (file.test(href)) return true
  let text = ''
  const stack = [...children]
  while (stack.length > 0 && text.length <= linkCharactersMax) {
    const { data = '', children: inner = [] } = stack.pop()!
    text = data + text
    for (const child of inner) stack.push(child)
  }
  return text.length <= linkCharactersMax && /表|附件|点击|查看|下载/.test(text)
}
