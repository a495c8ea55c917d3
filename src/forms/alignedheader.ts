/**
 * The header of a grid to its columns, each by the labels that stand over it from top to bottom.
 */
import { columnsNamed, type HeaderColumn, isCaption, isNumbers } from './headercolumn.ts'
import type { LabelIndex } from './labels.ts'
import { isWords, type LineCell, type SourceLine } from './lines.ts'
import type { TableScope } from './scope.ts'

const none: readonly number[] = []

/**
 * In aligned grids each grid column carries its labels from top to bottom; the lowest is its own. `beside`: it may be that of a
 * group that stands beside it, where all those of the group over it have labels of their own.
 */
export function alignedColumns(
  lines: readonly SourceLine[],
  scope: TableScope,
  find: LabelIndex['find'],
  beside: boolean,
): HeaderColumn[] {
  const width = Math.max(...lines.flatMap((line) => line.cells.map((cell) => cell.end)))
  const paths: LineCell[][] = Array.from({ length: width }, () => [])
  for (const line of lines) {
    for (const cell of line.cells) {
      if (!isWords(cell)) continue
      for (let column = cell.start; column < cell.end; column++) {
        const path = paths[column]!
        if (path.at(-1)?.anchor !== cell.anchor) path.push(cell)
      }
    }
  }
  const spans: { readonly path: readonly LineCell[]; readonly start: number; readonly end: number }[] = []
  for (let start = 0, end = 1; start < width; start = end, end++) {
    const path = paths[start]!
    while (end < width && paths[end]!.at(-1)?.anchor === path.at(-1)?.anchor) end++
    if (path.length > 0) spans.push({ path, start, end })
  }
  const columns: HeaderColumn[] = []
  const used = new Set<number>()
  const lost = lostClaims(spans.map(({ path }) => claimsOf(path, scope, beside)))
  for (const [index, { path, start, end }] of spans.entries()) {
    const taken = lost[index]!
    const column = columnOf(
      path,
      scope,
      taken.length === 0 ? used : new Set([...used, ...taken]),
      beside ? taken : none,
      find,
    )
    const previous = columns.at(-1)
    if (column?.line === null && column.named && previous?.label === column.label && previous.end === start) {
      // A converter repeated the text of a merged cell in each of its places.
      columns[columns.length - 1] = { ...previous, end, copies: (previous.copies ?? 1) + 1 }
    } else if (column !== null) {
      if (column.line !== null) used.add(column.line)
      columns.push({ ...column, start, end })
    }
  }
  return columns
}

/**
 * For each label the lines to which one behind it has a better claim: 合计 under 法人或其他组织 is not the 总计 that stands
 * beside that group.
 */
function lostClaims(claims: readonly ReadonlyMap<number, number>[]): readonly (readonly number[])[] {
  const least = new Map<number, number>()
  const lost: (readonly number[])[] = []
  for (const claim of [...claims].reverse()) {
    lost.push([...claim].flatMap(([line, distance]) => ((least.get(line) ?? distance) < distance ? [line] : [])))
    for (const [line, distance] of claim) least.set(line, Math.min(distance, least.get(line) ?? distance))
  }
  return lost.reverse()
}

/**
 * The columns that the lowest label of a path names, with how far it is from being theirs: groups printed over it that are
 * not theirs, and a misprint; `beside`, those of theirs too that are not printed over it.
 */
function claimsOf(path: readonly LineCell[], scope: TableScope, beside: boolean): ReadonlyMap<number, number> {
  const own = path.at(-1)!
  const named = columnsNamed(own, scope)
  if (named.length === 0) return noClaims
  const { columns } = scope.table
  const groups = new Set<number>()
  for (let above = 0; above < path.length - 1; above++)
    for (const line of columnsNamed(path[above]!, scope)) if (columns[line]!.abstract) groups.add(line)
  return new Map(
    named
      .filter((line) => !columns[line]!.abstract)
      .map((line) => {
        let strange = 0
        for (const group of groups) if (!scope.columnGroups[line]!.includes(group)) strange++
        const lacking = beside ? lackingGroups(scope.columnGroups[line]!, groups) : 0
        return [line, strange * 2 + lacking * 2 + (own.label!.exact ? 0 : 1)]
      }),
  )
}

/** How much of a column's groups is not printed over it; the nearest one counts twice. */
function lackingGroups(own: readonly number[], printed: ReadonlySet<number>): number {
  return own.reduce((sum, group, at) => sum + (printed.has(group) ? 0 : at === 0 ? 2 : 1), 0)
}

const noClaims: ReadonlyMap<number, number> = new Map()

/** The column that a path of labels names; null for corners and headings, which name none. */
function columnOf(
  path: readonly LineCell[],
  scope: TableScope,
  used: ReadonlySet<number>,
  lost: readonly number[],
  find: LabelIndex['find'],
): HeaderColumn | null {
  const own = path.at(-1)!
  if (isCaption(own, scope)) return null
  if (isNumbers(own, scope)) {
    return { ...bareColumn, label: own.text, numbers: true, start: null, end: null }
  }
  // Under a group's label alone there is no column: its span was stated too wide.
  const lines = columnsNamed(own, scope)
  if (lines.length > 0 && lines.every((line) => scope.table.columns[line]!.abstract)) return null
  const groups = new Set(path.slice(0, -1).flatMap((cell) => columnsNamed(cell, scope)))
  const joined = joinBroken(path, scope, find)
  const { exact, columns } = own.label!
  const free = (joined?.columns ?? columnsNamed(own, scope)).filter((one) => !lost.includes(one))
  const line = chooseColumn(free, scope, used, groups)
  const named = joined !== null || columns.size > 0
  return {
    line,
    label: joined?.label ?? own.text,
    exact: joined?.exact ?? exact,
    named,
    numbers: false,
    twin: line === null ? chooseColumn(free, scope, unused, groups) : null,
    start: null,
    end: null,
  }
}

const unused: ReadonlySet<number> = new Set()

type Joined = { readonly label: string; readonly exact: boolean; readonly columns: readonly number[] }

/** A label broken over rows of the table: 商业 above 企业. Null where no cells above one another make one. */
function joinBroken(path: readonly LineCell[], scope: TableScope, find: LabelIndex['find']): Joined | null {
  const own = path.at(-1)!
  let label = own.text
  let near: Joined | null = null
  for (const above of path.slice(0, -1).reverse()) {
    if (above.label!.exact && columnsNamed(above, scope).length > 0) break
    label = above.text + label
    const { exact, columns } = find(label)
    const joined = { label, exact, columns: columns.get(scope.id) ?? none }
    if (joined.columns.length === 0) continue
    if (exact) return joined
    if (columnsNamed(own, scope).length === 0) near ??= joined
  }
  return near
}

/**
 * Of the columns a label can stand for: one that has most of its groups printed over it, since those of two columns may
 * share the upper one; of several such the first not yet taken.
 */
function chooseColumn(
  named: readonly number[],
  { table, columnGroups }: TableScope,
  used: ReadonlySet<number>,
  groups: ReadonlySet<number>,
): number | null {
  const leaves = named.filter((line) => !table.columns[line]!.abstract)
  const printed = (line: number): number => columnGroups[line]!.filter((group) => groups.has(group)).length
  const most = Math.max(...leaves.map(printed))
  return leaves.find((line) => printed(line) === most && !used.has(line)) ?? null
}

/** The strange labels of `all` that stand before the first of a header's columns, and the places there without any label. */
export function columnsBefore(
  all: readonly HeaderColumn[],
  { columns }: { readonly columns: readonly HeaderColumn[] },
  lines: readonly SourceLine[],
): readonly HeaderColumn[] {
  const first = columns[0]!.start!
  const strange = all.filter(({ line, named, start }) => line === null && !named && start! < first)
  const isLabelled = (place: number): boolean =>
    lines.some(({ cells }) => cells.some((cell) => isWords(cell) && place >= cell.start && place < cell.end))
  const places = Array.from({ length: first }, (_, place) => place).filter((place) => !isLabelled(place))
  const bare = places.map((start) => ({ ...bareColumn, start, end: start + 1 }))
  return [...strange, ...bare].sort((a, b) => a.start! - b.start!).map((column) => ({ ...column, before: true }))
}

const bareColumn = { line: null, label: '', exact: true, named: false, numbers: false, twin: null } as const
