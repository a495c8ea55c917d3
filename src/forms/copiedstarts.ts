/**
 * Lines whose values may begin at several places, since copying moved them: takes lines of one build, gives a start to each
 * that the others or its own sums prove.
 */
import { type Examined, startsOf } from './besidelines.ts'
import type { LineCell } from './lines.ts'
import type { Columns, OpenLine } from './openline.ts'
import type { PlacedSum } from './scope.ts'
import { isContiguous } from './underlabels.ts'

/** Where the values of a line begin, if that is known; `bySums`: only sums, or lines read by them, told. */
export type Settled = { readonly start: number | null; readonly bySums: boolean }

/**
 * A start for each line that leaves several. Copying has three consistent ways: values begin at one field in all lines;
 * they follow each label at once; they follow as many blanks as the label's merged cell covered. Of these only the ways
 * that no line contradicts are believed, and only where they agree: real copies mix them from row to row. Where no way
 * is proved for a line, its own sums may still leave only one reading, and lines read so are proof for the rest.
 */
export function settleStarts(examined: readonly Examined[], header: Columns): readonly Settled[] {
  const settled = examined.map(({ direct, starts }): Settled => {
    return { start: direct || starts.length > 1 ? null : (starts[0] ?? null), bySums: false }
  })
  const open = examined.flatMap(({ direct, starts }, index) => (direct || starts.length < 2 ? [] : [index]))
  if (open.length === 0) return settled
  const certain = examined.filter((one) => startsOf(one).length > 0)
  // Nothing but a line of the same level whose own start is certain proves a way for it.
  const copied = copiedStart(certain, header.headerField)
  const sums = header.sums()
  const filled = totalsAreFilled(examined, header.columns.length, sums)
  // Where each label of the header stands in a field of its own, no label column is there to move an unlabelled line.
  const unmoved = isContiguous(header.columns)
  for (const index of open) {
    const { line, starts } = examined[index]!
    const start = copied(
      line,
      (levels) =>
        levels.has(line.coveredColumns) ||
        (unmoved && line.offset === 0) ||
        header.provedBeside().has(line.coveredColumns),
    )
    if (start !== null) settled[index] = { start, bySums: false }
    else if (filled) {
      const adding = starts.filter((one) => addsUp(line.rest, one, sums))
      if (adding.length === 1) settled[index] = { start: adding[0]!, bySums: true }
    }
  }
  const settledToo = examined.map((one, index) => {
    const { start } = settled[index]!
    return start === null ? one : { ...one, starts: [start] }
  })
  const copiedToo = copiedStart(
    settledToo.filter((one) => startsOf(one).length > 0),
    header.headerField,
  )
  for (const index of open) {
    if (settled[index]!.start !== null) continue
    const { line } = examined[index]!
    const start = copiedToo(line, (levels) => levels.has(line.coveredColumns) || levels.size > 1)
    if (start !== null) settled[index] = { start, bySums: true }
  }
  return settled
}

/** Where copying can have put the values of a line: a start relative to `rest`; null for lines it says nothing of. */
type CopyModel = (line: OpenLine) => number | null

/** The start that the ways of copying which no line contradicts agree on, where `proved` accepts the levels that show it. */
function copiedStart(
  lines: readonly Examined[],
  headerField: number | null,
): (line: OpenLine, proved: (levels: ReadonlySet<number>) => boolean) => number | null {
  const believed = copyModels(headerField).filter((model) =>
    lines.every((one) => model(one.line) === null || startsOf(one).includes(model(one.line)!)),
  )
  const shows = ({ line }: Examined): boolean => believed.some((model) => model(line) !== null)
  const levels = new Set(
    lines.flatMap((one) => (startsOf(one).length === 1 && shows(one) ? [one.line.coveredColumns] : [])),
  )
  return (line, proved) => {
    const [start, ...others] = new Set(believed.map((model) => model(line)))
    return start === undefined || others.length > 0 || !proved(levels) ? null : start
  }
}

function copyModels(headerField: number | null): CopyModel[] {
  // The header was copied the same way: each way says where its first label stands.
  const models: CopyModel[] = []
  if (headerField === null || headerField <= 1) models.push(() => 0)
  if (headerField === null || headerField === 0) models.push((line) => line.coveredColumns)
  if (headerField !== null && headerField > 0) {
    // A label that does not stand in its own label column was moved, and its figures perhaps with it.
    models.push((line) => (line.offset === headerField - line.coveredColumns ? line.coveredColumns : null))
  }
  return models
}

/** False where a line that is certain leaves a total blank beside figures: then the last figure need not be the total. */
function totalsAreFilled(examined: readonly Examined[], columnCount: number, sums: readonly PlacedSum[]): boolean {
  return examined.every((one) => {
    const [start, ...others] = startsOf(one)
    if (start === undefined || others.length > 0 || start + columnCount > one.line.rest.length) return true
    return sums.every(({ total, parts }) => {
      const cellOf = (column: number): LineCell => one.line.rest[start + column]!
      return cellOf(total).value?.state === 'number' || parts.every((part) => !amountOf(cellOf(part)))
    })
  })
}

/** True where all totals of a window are the sums of their parts, and at least one of them is not nothing. */
function addsUp(rest: readonly LineCell[], start: number, sums: readonly PlacedSum[]): boolean {
  let something = false
  for (const { total, parts } of sums) {
    const stated = amountOf(rest[start + total]!)
    const amounts = parts.map((part) => amountOf(rest[start + part]!))
    if (stated === null || amounts.includes(null)) return false
    if (stated !== amounts.reduce((sum: number, amount) => sum + amount!, 0)) return false
    something ||= stated !== 0
  }
  return something
}

/** What a cell adds to a sum: nothing where it is blank or a mark; null where it cannot be read. */
function amountOf(cell: LineCell): number | null {
  const state = cell.value?.state
  if (state === 'number') return cell.value!.value
  return state === 'blank' || state === 'mark' ? 0 : null
}
