/**
 * Draws one table of a report again in the layout of its official form, each cell's text as printed. Cells that findings
 * speak of are marked and point to them; a blank, a mark, an absent and an unreadable cell look different, since they are
 * different facts.
 */
import { printedText, type SheetCell, type SheetLayout } from './layout.ts'
import type { CellMark } from './marks.ts'
import { both, escapeText } from './markup.ts'

/** The table as HTML. `idOf` gives the element id of a finding by its number. */
export function drawSheet(
  layout: SheetLayout,
  marks: ReadonlyMap<string, CellMark>,
  idOf: (finding: number) => string,
): string {
  const rows = layout.rows.map((row) => `<tr>${row.map((cell) => drawCell(cell, marks, idOf)).join('')}</tr>`)
  const unit = layout.unit === null ? '' : ` <small>${escapeText(layout.unit)}</small>`
  const caption = `<caption>${both(layout.title)}${unit}</caption>`
  const head = rows.slice(0, layout.headRows).join('')
  const body = rows.slice(layout.headRows).join('')
  return `<div class="scroll"><table class="sheet">${caption}<thead>${head}</thead><tbody>${body}</tbody></table></div>`
}

function drawCell(cell: SheetCell, marks: ReadonlyMap<string, CellMark>, idOf: (finding: number) => string): string {
  const { rowSpan, columnSpan } = cell
  const spans = `${rowSpan > 1 ? ` rowspan="${rowSpan}"` : ''}${columnSpan > 1 ? ` colspan="${columnSpan}"` : ''}`
  if (cell.kind === 'void') return '<td class="void"></td>'
  if (cell.kind === 'corner') return `<td class="corner"${spans}>${cell.label === null ? '' : both(cell.label)}</td>`
  if (cell.kind === 'head') return `<th scope="${cell.scope}"${spans}>${both(cell.label)}</th>`
  return drawValue(cell, marks.get(cell.code), idOf)
}

/** Longer texts of a cell are cut, with an ellipsis, and whole in its title. */
const textShownMax = 60

function drawValue(
  { code, fact }: Extract<SheetCell, { kind: 'value' }>,
  mark: CellMark | undefined,
  idOf: (finding: number) => string,
): string {
  const classes = [fact?.state ?? 'absent', ...(mark ? [mark.role, mark.severity] : [])]
  const text = printedText(fact)
  const long = text.length > textShownMax
  const place = fact?.anchor
    ? ` — ${fact.anchor.page === null ? '' : `p. ${fact.anchor.page}, `}${fact.anchor.path}`
    : ''
  const links = (mark?.findings ?? []).map((n) => `<a href="#${idOf(n)}">${n}</a>`).join('')
  const notes = links === '' ? '' : `<sup>${links}</sup>`
  const shown = long ? `${[...text].slice(0, textShownMax).join('')}…` : text.replace(/^-(?=\d)/, '−')
  const title = escapeText(code + place + (long ? ` — ${text}` : ''))
  return `<td class="${classes.join(' ')}" title="${title}">${escapeText(shown)}${notes}</td>`
}
