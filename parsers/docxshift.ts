/**
 * Text that a DOCX shifts up by hand (`w:position`), which mammoth does not tell: takes the XML of the text and of the
 * styles, gives the text in which footnotes' marks among it are raised, as mammoth tells them, and what may be one is apart
 * from the figure before it.
 */
import { type Shift, shiftedLook, withUnsure } from './marks.ts'
import { unreadSign } from './unread.ts'

/** What a style says of the size of text, in half points, and the style it comes from. */
type Style = { readonly size: number | null; readonly parent: string | null }
type Styles = { readonly byId: ReadonlyMap<string, Style>; readonly paragraph: string | null; readonly size: number }

const styleParentsMax = 20
/** Half points of text where nothing states them: ECMA-376 17.3.2.38. */
const sizeUnstated = 20
const step =
  /<w:p(?:\s[^>]*)?>|<\/w:p>|<w:pStyle\s[^>]*?w:val="([^"]*)"[^>]*>|<w:r(?:\s[^>]*)?>((?:(?!<\/w:r>)[\s\S])*)<\/w:r>/g

/** The XML of the text with its shifted runs told apart. */
export function tellShiftedRuns(xml: string, stylesXml: string): string {
  if (!xml.includes('<w:position ')) return xml
  const styles = readStyles(stylesXml)
  let paragraphStyle: string | null = null
  let first: Shift | null = null
  let shown = ''
  return xml.replace(step, (whole, named: string | undefined, run: string | undefined) => {
    if (named !== undefined) paragraphStyle = named
    else if (run === undefined) {
      paragraphStyle = null
      first = null
      shown = ''
    } else {
      const text = [...run.matchAll(/<w:t(?:\s[^>]*)?>([^<]*)</g)].map((match) => match[1]).join('')
      const own = shiftOf(run, paragraphStyle, styles)
      const look = shiftedLook(text, own, first)
      if (text.trim() !== '') first ??= own
      const apart = look === 'unsure' && withUnsure(shown, text) !== shown + text
      shown += text
      if (look === 'raised') return raise(whole)
      if (apart) return setApart(whole)
    }
    return whole
  })
}

/** As `withUnsure` sets text apart. */
function setApart(run: string): string {
  const behind = run.lastIndexOf('</w:t>')
  return `${run.slice(0, behind)}${unreadSign}${run.slice(behind)}`.replace(
    /<w:t(?=[\s>])/,
    '<w:t xml:space="preserve"> </w:t>$&',
  )
}

function raise(run: string): string {
  return run.replace(/<w:vertAlign\b[^>]*>/g, '').replace('<w:rPr>', '<w:rPr><w:vertAlign w:val="superscript"/>')
}

const formerLook = /<w:rPrChange\b(?:(?!<\/w:rPrChange>)[\s\S])*<\/w:rPrChange>/g

function shiftOf(written: string, paragraphStyle: string | null, styles: Styles): Shift {
  const run = written.replace(formerLook, '')
  const up = Number(/<w:position\s+w:val="(-?\d{1,4})"/.exec(run)?.[1] ?? 0)
  const character = /<w:rStyle\s+w:val="([^"]*)"/.exec(run)?.[1] ?? null
  const own = sizeIn(run)
  const styled = (id: string | null): number | null => sizeOfStyle(id, styles)
  return { up, size: own ?? styled(character) ?? styled(paragraphStyle ?? styles.paragraph) ?? styles.size }
}

function sizeIn(xml: string): number | null {
  const size = /<w:sz\s+w:val="(\d{1,4})(?:\.\d+)?"/.exec(xml)?.[1]
  return size === undefined ? null : Number(size)
}

function sizeOfStyle(id: string | null, { byId }: Styles): number | null {
  let style = id === null ? undefined : byId.get(id)
  for (let steps = 0; style !== undefined && steps < styleParentsMax; steps++) {
    if (style.size !== null) return style.size
    style = style.parent === null ? undefined : byId.get(style.parent)
  }
  return null
}

function readStyles(xml: string): Styles {
  const byId = new Map<string, Style>()
  let paragraph: string | null = null
  for (const [whole, attributes] of xml.matchAll(/<w:style\s([^>]*)>(?:(?!<\/w:style>)[\s\S])*<\/w:style>/g)) {
    const id = /w:styleId="([^"]*)"/.exec(attributes!)?.[1]
    if (id === undefined) continue
    byId.set(id, { size: sizeIn(whole), parent: /<w:basedOn\s+w:val="([^"]*)"/.exec(whole)?.[1] ?? null })
    if (/w:type="paragraph"/.test(attributes!) && /w:default="(?:1|true|on)"/.test(attributes!)) paragraph = id
  }
  const defaults = /<w:rPrDefault>(?:(?!<\/w:rPrDefault>)[\s\S])*<\/w:rPrDefault>/.exec(xml)?.[0] ?? ''
  return { byId, paragraph, size: sizeIn(defaults) ?? sizeUnstated }
}
