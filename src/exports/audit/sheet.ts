/**
 * Draws one table of a report again in the layout of its official form: groups as spanning labels, columns under their
 * heads, each cell's text as printed. Cells that findings speak of are marked and point to them; a blank, a mark, an
 * absent and an unreadable cell look different, since they are different facts.
 */
import type { Form } from '../../forms/registry.ts'
import { words } from '../../messages/interface.ts'
import type { Fact, Line, TableDefinition } from '../../model.ts'
import { both, escapeText, figure } from './markup.ts'

/** How findings concern a cell: `printed` is in question, `term` only enters the formula. */
export type CellMark = {
  readonly role: 'printed' | 'term'
  readonly severity: string
  readonly findings: readonly number[]
}

/** The table as HTML. `idOf` gives the element id of a finding by its number. */
export function drawSheet(
  form: Form,
  table: TableDefinition,
  facts: ReadonlyMap<string, Fact>,
  marks: ReadonlyMap<string, CellMark>,
  idOf: (finding: number) => string,
): string {
  const columns = table.columns.filter((column) => !column.abstract)
  const rows = leafRows(table, facts)
  const labelled = table.rows.some((row) => row.labels.length > 0)
  const labelDepth = labelled ? Math.max(...rows.map((row) => row.path.length)) : 0
  const head = drawHead(table, columns, labelDepth)
  const body = rows.map((row, index) => {
    const labels = labelled ? drawLabels(rows, index, labelDepth) : ''
    const cells = columns.map((column) => {
      const code = `${table.code}.${row.line.code}.${column.code}`
      return form.indexByCode.has(code)
        ? drawCell(code, facts.get(code), marks.get(code), idOf)
        : '<td class="void"></td>'
    })
    return `<tr>${labels}${cells.join('')}</tr>`
  })
  const unit = table.unit === null ? '' : ` <small>${escapeText(table.unit)}</small>`
  const caption = `<caption>${both(table.title)}${unit}</caption>`
  return `<div class="scroll"><table class="sheet">${caption}<thead>${head}</thead><tbody>${body.join('')}</tbody></table></div>`
}

/** A row with cells: its line and the labels that stand left of them, outermost first. */
type LeafRow = { readonly line: Line; readonly path: readonly { readonly key: string; readonly html: string }[] }

function leafRows(table: TableDefinition, facts: ReadonlyMap<string, Fact>): LeafRow[] {
  const byCode = new Map(table.rows.map((row) => [row.code, row]))
  const rows: LeafRow[] = []
  for (const line of table.rows) {
    const path = ancestors(line, byCode).map((each) => ({ key: each.code, html: both(labelOf(each)) }))
    if (!line.abstract) rows.push({ line, path })
    // A heading gets a row of its own only where this report prints subtotals in it.
    else if (line.optionalSubtotal && hasFigures(table, line, facts)) {
      const html = both({ zh: words.zh.subtotal, en: words.en.subtotal })
      rows.push({ line, path: [...path, { key: `${line.code}/subtotal`, html }] })
    }
  }
  return rows
}

function hasFigures(table: TableDefinition, line: Line, facts: ReadonlyMap<string, Fact>): boolean {
  return table.columns.some((column) => {
    const state = facts.get(`${table.code}.${line.code}.${column.code}`)?.state
    return state !== undefined && state !== 'absent' && state !== 'blank'
  })
}

function ancestors(line: Line, byCode: ReadonlyMap<string, Line>): Line[] {
  const parent = line.parent === null ? undefined : byCode.get(line.parent)
  return parent ? [...ancestors(parent, byCode), line] : [line]
}

function drawLabels(rows: readonly LeafRow[], index: number, labelDepth: number): string {
  const { path } = rows[index]!
  let html = ''
  for (const [depth, label] of path.entries()) {
    const last = depth === path.length - 1
    if (!last && rows[index - 1]?.path[depth]?.key === label.key) continue
    let rowSpan = 1
    if (!last) while (rows[index + rowSpan]?.path[depth]?.key === label.key) rowSpan++
    html += headCell(label.html, rowSpan, last ? labelDepth - depth : 1, last ? 'row' : 'rowgroup')
  }
  return html
}

function drawHead(table: TableDefinition, columns: readonly Line[], labelDepth: number): string {
  const byCode = new Map(table.columns.map((column) => [column.code, column]))
  const paths = columns.map((column) => ancestors(column, byCode))
  const headDepth = Math.max(...paths.map((path) => path.length))
  const lines: string[] = []
  for (let depth = 0; depth < headDepth; depth++) {
    let html = ''
    if (depth === 0 && labelDepth > 0) {
      const corner = table.corners[0]
      html += headCell(corner === undefined ? '' : escapeText(corner), headDepth, labelDepth, 'corner')
    }
    for (let index = 0; index < paths.length; ) {
      const line = paths[index]![depth]
      let columnSpan = 1
      while (index + columnSpan < paths.length && line && paths[index + columnSpan]![depth] === line) columnSpan++
      if (line) {
        const last = depth === paths[index]!.length - 1
        html += headCell(both(labelOf(line)), last ? headDepth - depth : 1, columnSpan, last ? 'col' : 'colgroup')
      }
      index += columnSpan
    }
    lines.push(`<tr>${html}</tr>`)
  }
  return lines.join('')
}

function headCell(html: string, rowSpan: number, columnSpan: number, scope: string): string {
  const spans = `${rowSpan > 1 ? ` rowspan="${rowSpan}"` : ''}${columnSpan > 1 ? ` colspan="${columnSpan}"` : ''}`
  if (scope === 'corner') return `<td class="corner"${spans}>${html}</td>`
  return `<th scope="${scope}"${spans}>${html}</th>`
}

/** As the form prints it in Chinese; translated in English. */
function labelOf(line: Line): { zh: string; en: string } {
  return { zh: line.labels[0] ?? line.title.zh, en: line.title.en }
}

function drawCell(
  code: string,
  fact: Fact | undefined,
  mark: CellMark | undefined,
  idOf: (finding: number) => string,
): string {
  const state = fact?.state ?? 'absent'
  const classes = [state, ...(mark ? [mark.role, mark.severity] : [])]
  const place = fact?.anchor
    ? ` — ${fact.anchor.page === null ? '' : `p. ${fact.anchor.page}, `}${fact.anchor.path}`
    : ''
  const links = (mark?.findings ?? []).map((n) => `<a href="#${idOf(n)}">${n}</a>`).join('')
  const notes = links === '' ? '' : `<sup>${links}</sup>`
  return `<td class="${classes.join(' ')}" title="${escapeText(code + place)}">${cellText(fact)}${notes}</td>`
}

function cellText(fact: Fact | undefined): string {
  if (fact === undefined || fact.state === 'absent' || fact.state === 'blank') return ''
  const text = fact.text.trim()
  if (text !== '') return escapeText(text.length > 40 ? `${text.slice(0, 39)}…` : text)
  return fact.value === null ? '' : figure(fact.value)
}
