/**
 * What two readers of one PDF make of its tables, compared cell by cell: takes both matches, gives the first with the
 * cells in doubt on which they disagree. Neither reader is believed more than the other, since both see the same page: a
 * figure on which they disagree is unreadable, with what each of them says.
 */
import type { Document, PdfEngine } from '../../parsers/document.ts'
import type { Damage } from '../../parsers/pdf/damage.ts'
import { tableOf } from '../forms/codes.ts'
import type { Match } from '../forms/facts.ts'
import { unbelieved, unreadableNotice } from '../forms/unbelieved.ts'
import type { Fact, Finding, Notice, PdfChoice, ReadingNoticeCode, TableMatch } from '../model.ts'

/** The reader that reads first. */
export function firstEngine(choice: PdfChoice): PdfEngine {
  return choice === 'pdf-parse' ? 'pdf-parse' : 'pdfium'
}

/** The reader that may read again; null where the choice leaves one alone. */
export function secondEngine(choice: PdfChoice): PdfEngine | null {
  return choice === 'auto' || choice === 'both' ? 'pdf-parse' : null
}

/**
 * Whether a first reading calls for a second one: tables of its form are missing, figures are in doubt or do not add up.
 * Pictures are out of the second reader's reach; what was too much for the first is not given to it.
 */
export function needsSecondReading(
  document: Document,
  match: Match,
  findings: readonly Finding[],
  tablesExpected: number,
): boolean {
  if (match.facts.some(({ confidence }) => confidence !== undefined)) return false
  if (document.notices.some(({ code }) => code === 'read_from_picture' || code === 'content_truncated')) return false
  const broken = findings.some(({ severity, difference }) => severity !== 'info' && difference !== null)
  const doubtful = match.facts.some(({ state }) => state === 'unreadable')
  return broken || doubtful || match.tables.length < tablesExpected
}

type KnownFact = Extract<Fact, { state: 'number' | 'blank' | 'mark' }>

/**
 * The match of a damaged file: where fonts alone are broken characters may be missing, so that a blank cell need not be
 * one; elsewhere anything may be missing or cut off, so that every cell is in doubt.
 */
export function doubtDamaged(match: Match, { fonts, others }: Damage): Match {
  const count = fonts + others
  const facts = match.facts.map((fact) => {
    if (fact.state === 'absent' || fact.state === 'unreadable') return fact
    return others === 0 && fact.state !== 'blank' ? fact : unbelieved(fact)
  })
  return { ...match, facts, notices: [...match.notices, { code: 'damaged_parts', anchor: null, data: { count } }] }
}

/** Pages of which a reader tells something that bears on what the other one makes of them. */
export type ToldPages = {
  /** The first reader saw text there that people do not. */
  readonly hidden: ReadonlySet<number>
  /** The second reader saw digits there of which the file does not say what they are. */
  readonly ambiguous: ReadonlySet<number>
}

/**
 * The first match as the second one bears it out, cell by cell:
 *
 * - Two statements, each of a figure, a mark or a blank: where they are the same the cell stands, else neither is believed.
 * - Where the second tells that the file gives different characters of a font as the same digit, it saw what the first has no
 *   eye for, and the cell is in doubt.
 * - A cell that the first could not read stays so: it saw something that the second has no eye for.
 * - Where the second says nothing of a cell, the first stands as it is, unconfirmed.
 * - An absence says that no row or column of that name was found, not what is printed there: it contradicts nothing. What the
 *   second reads there is taken where both agree on all else that both read of the table, since both go through the same
 *   layout: a reader that saw other lines there, or other text, would have put other cells elsewhere too. Where they do not
 *   agree, or the first saw something on the page of which people see nothing, the cell is in doubt.
 */
export function compareReadings(
  first: Match,
  second: Match,
  engine: PdfEngine,
  { hidden, ambiguous }: ToldPages = { hidden: new Set(), ambiguous: new Set() },
): Match {
  const notices: Notice<ReadingNoticeCode>[] = []
  const others = new Map(second.facts.map((fact) => [fact.code, fact]))
  const count = { agreed: 0, differing: 0, unconfirmed: 0 }
  const contradicted = new Set(
    first.facts.flatMap((fact) => (contradicts(fact, others.get(fact.code)) ? [tableOf(fact.code)] : [])),
  )
  const added = new Map<string, number>()
  const facts = first.facts.map((fact): Fact => {
    const other = others.get(fact.code)
    if (other === undefined || other.state === 'absent' || fact.state === 'unreadable') {
      if (isKnown(fact)) count.unconfirmed++
      return fact
    }
    if (fact.state === 'absent') {
      added.set(tableOf(fact.code), (added.get(tableOf(fact.code)) ?? 0) + 1)
      const open = contradicted.has(tableOf(fact.code)) || isOn(other, hidden)
      return open && other.state !== 'unreadable' ? inDoubt(fact, other) : other
    }
    if (!isKnown(other)) {
      count.unconfirmed++
      if (!isOn(fact, ambiguous)) return fact
      notices.push(unreadableNotice(fact))
      return inDoubt(fact, other)
    }
    if (!contradicts(fact, other)) {
      count.agreed++
      return fact
    }
    count.differing++
    const data = { code: fact.code, engine, first: fact.text, second: other.text }
    notices.push({ code: 'readings_differ', anchor: fact.anchor ?? other.anchor, data })
    return inDoubt(fact, other)
  })
  for (const [table, cells] of added) {
    const anchor = second.tables.find((one) => one.table === table)?.anchor ?? null
    notices.push({ code: 'cells_from_second_reading', anchor, data: { table, engine, count: cells } })
  }
  const tables: TableMatch[] = [...first.tables]
  for (const table of second.tables) {
    if (first.tables.some((one) => one.table === table.table)) continue
    tables.push(table)
    const found = second.facts.filter((fact) => tableOf(fact.code) === table.table)
    facts.push(...found)
    notices.push({
      code: 'table_from_second_reading',
      anchor: table.anchor,
      data: { table: table.table, engine },
    })
  }
  tables.sort((a, b) => (a.table < b.table ? -1 : 1))
  notices.push({ code: 'second_reading', anchor: null, data: { engine, ...count } })
  return { ...first, tables, facts, notices: [...first.notices, ...notices] }
}

function isOn({ anchor }: Fact, pages: ReadonlySet<number>): boolean {
  return anchor?.page != null && pages.has(anchor.page)
}

/** Whether both know a cell and say different things of it. */
function contradicts(fact: Fact, other: Fact | undefined): boolean {
  return isKnown(fact) && isKnown(other) && (fact.state !== other.state || fact.value !== other.value)
}

function isKnown(fact: Fact | undefined): fact is KnownFact {
  return fact !== undefined && fact.state !== 'absent' && fact.state !== 'unreadable'
}

function inDoubt(fact: Fact, other: Fact): Fact {
  const candidates = [fact.value, other.value].filter((value) => value !== null)
  const { code, unit, text, from, inferred, anchor } = fact.state === 'absent' ? other : fact
  return { code, unit, text, from, inferred, anchor, state: 'unreadable', value: null, candidates }
}
