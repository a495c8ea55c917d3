/**
 * Rows whose label a page break cut in two, half in the last row of one table and half in the first of the next, so that the
 * figures stand beside one half and blank cells beside the other: takes what was found of a table, gives its rows anew.
 */
import type { Header } from './header.ts'
import type { LabelIndex } from './labels.ts'
import { lastWords, type SourceLine } from './lines.ts'
import type { RowHit } from './rowhits.ts'
import type { TableScope } from './scope.ts'
import type { PrintedHeader } from './tables.ts'

/**
 * The rows with those put together that a break between tables cut. A row that was taken for blank by half of its label
 * beside figures that are no row's is none.
 */
export function withCutRows(
  rows: readonly RowHit[],
  headers: readonly PrintedHeader[],
  lines: readonly SourceLine[],
  scope: TableScope,
  find: LabelIndex['find'],
): RowHit[] {
  const found = [...rows]
  const heading = new Set(headers.flatMap((one) => one.lines))
  for (let index = 0; index + 1 < lines.length; index++) {
    const above = lines[index]!
    let next = index + 1
    if (lines[next]!.grid === above.grid) continue
    while (next + 1 < lines.length && heading.has(lines[next]!) && lines[next + 1]!.grid === lines[next]!.grid) next++
    const below = lines[next]!
    if (!above.aligned || !below.aligned || above.filled === below.filled) continue
    const [full, blank] = above.filled ? [above, below] : [below, above]
    const label = lastWords(full)
    const header = headerOver(full, headers)
    if (label === null || header === null || full.numbering || found.some(({ source }) => source === full)) continue
    const taken = found.find(({ source }) => source === blank)
    if (taken?.exact) continue
    const line = rowCut(above, below, scope, find)
    if (line !== null && found.every((hit) => hit === taken || hit.line !== line)) {
      found.push({ source: full, line, label, exact: false, header })
    } else if (taken === undefined) continue
    if (taken !== undefined) found.splice(found.indexOf(taken), 1)
  }
  return found
}

function headerOver(line: SourceLine, headers: readonly PrintedHeader[]): Header | null {
  return headers.findLast((one) => one.lines[0]!.index < line.index)?.header ?? null
}

/** The row of the form that the labels of two lines name together; null where they name none, or several. */
function rowCut(above: SourceLine, below: SourceLine, { id }: TableScope, find: LabelIndex['find']): number | null {
  const [start, end] = [lastWords(above), lastWords(below)]
  if (start === null || end === null) return null
  const { exact, rows } = find(start.text + end.text)
  const [line, ...others] = exact ? (rows.get(id) ?? []) : []
  return line === undefined || others.length > 0 ? null : line
}
