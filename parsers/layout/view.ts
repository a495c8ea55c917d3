/**
 * The stages of finding tables on a page, for eyes: takes a drawn page and the cells that were found on it, gives an SVG
 * in which glyphs, rules as drawn, rules as joined, filled areas, pictures and cells are groups that can be hidden.
 */
import type { Box } from '../document.ts'
import type { Page } from './page.ts'
import { joinRules } from './ruled.ts'

/** A cell on the page and what to say of it. */
export type ViewedCell = { readonly box: Box; readonly name: string; readonly doubtful: boolean }

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** The page as SVG, in points. */
export function pageAsSvg(page: Page, cells: readonly ViewedCell[]): string {
  const { width, height, glyphs, rules, fills, pictures } = page
  const groups = [
    group('fills', 'fill="#f4e3b5"', fills.map(rectangle)),
    group('pictures', 'fill="#cfe0f4"', pictures.map(rectangle)),
    group('cells', 'fill="#2b8a3e" fill-opacity="0.08" stroke="#2b8a3e" stroke-width="0.8"', cells.map(drawCell)),
    group('glyph-boxes', 'fill="none" stroke="#bbbbbb" stroke-width="0.2"', glyphs.map(rectangle)),
    group(
      'glyphs',
      'fill="#222222" font-family="sans-serif"',
      glyphs.map(({ text, x, y, width: wide, height: high, turn }) => {
        const size = turn % 2 === 0 ? high : wide
        const at = `x="${places(x)}" y="${places(y + high * 0.85)}" font-size="${places(size * 0.85)}"`
        return `<text ${at}>${escaped(text)}</text>`
      }),
    ),
    group(
      'rules',
      'stroke="#e03131" stroke-opacity="0.5"',
      rules.map((rule) => drawLine(rule, rule.thickness)),
    ),
    group(
      'lines',
      'stroke="#1971c2"',
      joinRules(rules).map((line) => drawLine(line, 0.4)),
    ),
  ]
  const size = `width="${places(width)}pt" height="${places(height)}pt" viewBox="0 0 ${places(width)} ${places(height)}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n${groups.join('\n')}\n</svg>\n`
}

function group(name: string, look: string, shapes: readonly string[]): string {
  return `<g id="${name}" ${look}>\n${shapes.join('\n')}\n</g>`
}

function rectangle({ x, y, width, height }: Box): string {
  return `<rect x="${places(x)}" y="${places(y)}" width="${places(width)}" height="${places(height)}"/>`
}

function drawCell({ box, name, doubtful }: ViewedCell): string {
  const look = doubtful ? ' stroke="#e8590c" fill="#e8590c"' : ''
  return `<g${look}><title>${escaped(name)}</title>${rectangle(box)}</g>`
}

type Drawn = { readonly horizontal: boolean; readonly at: number; readonly from: number; readonly to: number }

function drawLine({ horizontal, at, from, to }: Drawn, thickness: number): string {
  const [x1, y1, x2, y2] = horizontal ? [from, at, to, at] : [at, from, at, to]
  const ends = `x1="${places(x1)}" y1="${places(y1)}" x2="${places(x2)}" y2="${places(y2)}"`
  return `<line ${ends} stroke-width="${places(Math.max(thickness, 0.2))}"/>`
}

function places(value: number): string {
  return String(Math.round(value * 100) / 100)
}

/** Also without what XML cannot hold. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\ufffe\uffff]/gu, ' ').replace(/[&<>"]/g, (one) => escapes[one]!)
}
