/**
 * What a page's own style sheets hide by a class: takes markup, gives the classes. Only what is plain is said: rules of one
 * class for all media, of classes that no other rule shows.
 */

const hides = /(?:^|[;{\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))/i
const decides = /(?:^|[;{\s])(?:display|visibility)\s*:/i
const oneClass = /^(?:[a-z][\w-]*)?\.([\w-]+)$/i
/** Longer sheets are a site's own, made for more than a report's tables. */
const sheetCharactersMax = 200_000

/** The classes whose elements nobody sees, as far as the page itself says so. */
export function hiddenClasses(markup: string): ReadonlySet<string> {
  const hidden = new Set<string>()
  const shown = new Set<string>()
  for (const sheet of sheetsIn(markup)) {
    if (sheet.length > sheetCharactersMax || !hides.test(sheet)) continue
    for (const part of withoutConditions(withoutComments(sheet)).split('}')) {
      const open = part.lastIndexOf('{')
      const declarations = part.slice(open + 1)
      if (open < 0 || !decides.test(declarations)) continue
      for (const selector of part.slice(0, open).split(',')) {
        const [, name] = oneClass.exec(selector.trim()) ?? []
        if (name !== undefined && hides.test(declarations)) hidden.add(name)
        // Where it is hidden only within something, or shown by something, nobody knows without a script.
        else for (const [, other] of selector.matchAll(/\.([\w-]+)/g)) shown.add(other!)
      }
    }
  }
  for (const name of shown) hidden.delete(name)
  return hidden
}

function* sheetsIn(markup: string): Generator<string> {
  const [start, end] = [/<style\b[^<>]*>/gi, /<\/style/gi]
  for (let open = start.exec(markup); open !== null; open = start.exec(markup)) {
    end.lastIndex = start.lastIndex
    const close = end.exec(markup)
    yield markup.slice(start.lastIndex, close?.index)
    if (close === null) return
    start.lastIndex = end.lastIndex
  }
}

function withoutComments(sheet: string): string {
  let kept = ''
  let from = 0
  for (let at = sheet.indexOf('/*'); at >= 0; at = sheet.indexOf('/*', from)) {
    kept += sheet.slice(from, at)
    const end = sheet.indexOf('*/', at + 2)
    from = end < 0 ? sheet.length : end + 2
  }
  return kept + sheet.slice(from)
}

/** A sheet without the rules that hold for some media only, such as print or narrow screens. */
function withoutConditions(sheet: string): string {
  let kept = ''
  let from = 0
  for (let at = sheet.indexOf('@'); at >= 0; at = sheet.indexOf('@', from)) {
    const end = endOfAtRule(sheet, at)
    kept += sheet.slice(from, at)
    from = end
  }
  return kept + sheet.slice(from)
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
