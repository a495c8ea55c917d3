/**
 * A second set of tables that differs from the first, as of another year or body: takes the facts of a document and where
 * tables were printed again and say other things, and believes nothing that only the second set states.
 */
import type { Anchor, Block } from '../../parsers/document.ts'
import type { Fact, Notice, ReadingNoticeCode } from '../model.ts'
import { rowOf } from './codes.ts'
import type { Match } from './facts.ts'
import { labelKey } from './labels.ts'
import { partNumbers } from './partnumbers.ts'
import type { UnlikePrint } from './repeats.ts'
import { unbelieved, unreadableNotice } from './unbelieved.ts'

type Region = { readonly start: number; readonly end: number }

/** Rows of one block are counted within this. */
const rowsMax = 1_000_000

/** The match with the facts unreadable that only a second set of tables states. `isOfTable`: for the headings of tables. */
export function doubtSecondSets(match: Match, blocks: readonly Block[], isOfTable: (text: string) => boolean): Match {
  if (match.unlikePrints.length === 0) return match
  const places = placesOf(blocks)
  const headings = headingsOf(blocks, isOfTable)
  const regions = match.unlikePrints.flatMap((print) => regionOf(print, places, headings) ?? [])
  const rows = new Set<string>()
  for (const { table, line, anchor } of match.rows) {
    const place = places.get(anchor)
    if (place !== undefined && regions.some(({ start, end }) => place >= start && place < end)) {
      rows.add(`${table}.${line}`)
    }
  }
  const notices: Notice<ReadingNoticeCode>[] = [...match.notices]
  const facts = match.facts.map((fact): Fact => {
    if (!rows.has(rowOf(fact.code)) || fact.state === 'absent' || fact.state === 'unreadable') return fact
    notices.push(unreadableNotice(fact))
    return unbelieved(fact)
  })
  return { ...match, facts, notices }
}

/** A number for each anchor that grows from the beginning of the document to its end, by block and row. */
function placesOf(blocks: readonly Block[]): ReadonlyMap<Anchor, number> {
  const places = new Map<Anchor, number>()
  for (const [index, block] of blocks.entries()) {
    if (block.kind === 'paragraph') places.set(block.anchor, index * rowsMax)
    else for (const { anchor, row } of block.cells) places.set(anchor, index * rowsMax + row)
  }
  return places
}

/** Headings of parts and of tables: what each says, and its number. */
type Headings = readonly { readonly place: number; readonly key: string; readonly number: number | null }[]

function headingsOf(blocks: readonly Block[], isOfTable: (text: string) => boolean): Headings {
  const parts = partNumbers(blocks, isOfTable)
  return blocks.flatMap((block, index) => {
    if (block.kind === 'grid') return []
    const part = parts[index]!
    if (part === null && !isOfTable(block.text)) return []
    return [{ place: index * rowsMax, key: labelKey(block.text), number: part?.value ?? null }]
  })
}

/**
 * From the second print of a table to where the report goes on with a part that it did not have yet, or to the end: behind a
 * heading that was there before, none is the report's.
 */
function regionOf(
  { first, again }: UnlikePrint,
  places: ReadonlyMap<Anchor, number>,
  headings: Headings,
): Region | null {
  const [from, start] = [places.get(first), places.get(again)]
  if (from === undefined || start === undefined) return null
  const seen = new Set<string>()
  let last = 0
  for (const { place, key, number } of headings) {
    if (place > from && (seen.has(key) || (number !== null && number <= last))) break
    if (place > start) return { start, end: place }
    seen.add(key)
    last = number ?? last
  }
  return { start, end: Number.POSITIVE_INFINITY }
}
