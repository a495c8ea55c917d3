/**
 * How the lines of rows are built: what of a line stands open behind its label, which lines are built alike, and where the
 * lines of a grid prove that their cells stand as those of its headers do.
 */

import { provedLevels } from './besidelines.ts'
import type { Header } from './header.ts'
import { isWords, type LineCell } from './lines.ts'
import type { OpenLine } from './openline.ts'
import { hasLostBlanks } from './openrows.ts'
import { withoutUnits } from './printedunits.ts'
import type { RowHit } from './rowhits.ts'
import type { TableScope } from './scope.ts'
import type { TableReading } from './tables.ts'

/** What stands open of a row. `headerGrid` is the grid of the row's header: column numbers of another grid say nothing about this one's. */
export function openLine(hit: RowHit, scope: TableScope, headerGrid: number | undefined): OpenLine {
  const { cells, grid, trimmed, shorter } = hit.source
  const aligned = hit.source.aligned && grid === headerGrid
  // Words under the header stand for a figure.
  const first = aligned ? hit.header.columns[0]!.start : null
  // Labels may stand behind all figures.
  const isFirst = hit.label !== null && cells.find(isWords) === hit.label
  const last = aligned && isFirst ? (hit.header.columns.findLast(({ line }) => line !== null)?.end ?? null) : null
  const isBefore = last !== null && last <= hit.label!.start
  const offset = isBefore ? 0 : hit.label === null ? leadingWords(cells, first) : cells.indexOf(hit.label) + 1
  const own = isBefore ? cells.filter((cell) => cell.start < last) : cells.slice(offset)
  const coveredColumns = scope.labelColumnsBehind[hit.line]!
  return {
    rest: withoutUnits(own, scope),
    aligned,
    ragged: !hit.source.aligned,
    stream: hit.source.stream,
    trimmed,
    shorter,
    offset,
    coveredColumns,
  }
}

function leadingWords(cells: readonly LineCell[], before: number | null): number {
  let count = 0
  while (count < cells.length && isWords(cells[count]!) && cells[count]!.start < (before ?? Number.POSITIVE_INFINITY))
    count++
  return count
}

/** Rows of one header whose lines are built alike; a header printed again on the next page is the same header. */
export function groupByBuild(hits: readonly RowHit[], headerGrid: ReadonlyMap<Header, number>): RowHit[][] {
  const groups: RowHit[][] = []
  const byHeader = new Map<string, Map<string, RowHit[]>>()
  for (const hit of hits) {
    const builds = byHeader.get(hit.header.key) ?? new Map<string, RowHit[]>()
    const build = buildOf(hit, headerGrid)
    const group = builds.get(build) ?? []
    if (group.length === 0) {
      groups.push(group)
      byHeader.set(hit.header.key, builds.set(build, group))
    }
    group.push(hit)
  }
  return groups
}

function buildOf({ source, header }: RowHit, headerGrid: ReadonlyMap<Header, number>): string {
  const { aligned, stream, cells, grid } = source
  // Columns that only line up are another matter in each grid.
  const own = cells.some((cell) => cell.doubtful) ? grid : ''
  return aligned ? `${headerGrid.get(header)} ${own} ${stream}` : stream ? 'stream' : 'ragged'
}

/** True where a line of the table has lost blanks. */
export function hasLostRows({ scope, rows }: TableReading): boolean {
  return rows.some((hit) => {
    const line = openLine(hit, scope, hit.source.grid)
    return !hit.source.aligned && hasLostBlanks(line, hit.header.columns.length)
  })
}

/** For each grid the levels of rows that lines of any of its tables prove to stand as their headers do; worked out once. */
export function provedLevelsOf(readings: readonly TableReading[]): (grid: number) => ReadonlySet<number> {
  const known = new Map<number, ReadonlySet<number>>()
  return (grid) => {
    let proved = known.get(grid)
    if (proved === undefined) {
      proved = new Set(readings.flatMap((reading) => levelsProvedBy(reading, grid)))
      known.set(grid, proved)
    }
    return proved
  }
}

function levelsProvedBy({ scope, rows, headers }: TableReading, grid: number): number[] {
  return headers.flatMap(({ lines, header }) => {
    const first = header.columns[0]!.start
    if (first === null || lines[0]!.grid !== grid || lines[0]!.stream) return []
    const open = rows.filter((hit) => hit.header === header && hit.source.grid === grid)
    return provedLevels(
      open.map((hit) => openLine(hit, scope, grid)),
      header.columns,
      first,
    )
  })
}
