/**
 * Errors that have nothing to do with each other, told apart: takes all lightest sets of a part, gives groups of smaller
 * sets where every set is one of each group. Two errors with three explanations each are then two findings with three, and
 * not one with nine.
 */
import type { MinimalSet } from './search.ts'
import type { Row, Tableau } from './tableau.ts'

/** What mends some of the broken equations, whatever is done about the others. */
export type Group = { readonly rows: readonly Row[]; readonly sets: readonly MinimalSet[] }

/**
 * The groups, in the order of their rows; one group of all where they cannot be told apart. Cells belong together that
 * share a row, and sets are told apart only where all combinations of the pieces are there.
 */
export function independentGroups(sets: readonly MinimalSet[], tableau: Tableau, weights: readonly number[]): Group[] {
  const { equations, inequalities } = tableau
  const broken = equations.filter(({ rest }) => rest !== 0)
  const whole = [{ rows: broken, sets }]
  // Where figures are not known, what they must be hangs on all pieces together.
  if (tableau.defined.length > 0 || tableau.loose.length > 0 || broken.length < 2) return whole
  const rows = [...equations, ...inequalities]
  const groups = new Map<string, { rows: readonly Row[]; sets: Map<string, MinimalSet> }>()
  for (const set of sets) {
    const pieces = piecesOf(set.cells, rows)
    for (const cells of pieces) {
      const mended = broken.filter((row) => row.cells.some((cell) => cells.includes(cell)))
      const key = mended.map((row) => broken.indexOf(row)).join()
      const group = groups.get(key) ?? { rows: mended, sets: new Map() }
      groups.set(key, group)
      const weight = cells.reduce((sum, cell) => sum + weights[cell]!, 0)
      if (!group.sets.has(cells.join())) group.sets.set(cells.join(), { cells, weight, tableau: set.tableau })
    }
    if (pieces.length < 2) return whole
  }
  const found = [...groups.values()]
  const combinations = found.reduce((product, group) => product * group.sets.size, 1)
  const apart =
    new Set(found.flatMap((group) => group.rows)).size === found.reduce((sum, group) => sum + group.rows.length, 0)
  if (!apart || combinations !== sets.length || found.some((group) => group.rows.length === 0)) return whole
  return found
    .map((group) => ({ rows: group.rows, sets: [...group.sets.values()] }))
    .sort((one, other) => broken.indexOf(one.rows[0]!) - broken.indexOf(other.rows[0]!))
}

/** The cells of a set, those together that share a row. */
function piecesOf(cells: readonly number[], rows: readonly Row[]): number[][] {
  let pieces = cells.map((cell) => [cell])
  for (const row of rows) {
    const [touched, others] = [
      pieces.filter((piece) => piece.some((cell) => row.cells.includes(cell))),
      pieces.filter((piece) => !piece.some((cell) => row.cells.includes(cell))),
    ]
    if (touched.length > 1) pieces = [...others, touched.flat()]
  }
  return pieces.map((piece) => piece.sort((one, other) => one - other))
}
