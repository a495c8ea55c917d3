/**
 * What two readers of one PDF make of its tables, compared cell by cell: takes both matches, gives the first with the
 * cells in doubt on which they disagree. Neither reader is believed more than the other, since both see the same page: a
 * figure on which they disagree is unreadable, with what each of them says.
 */
import type { Document, PdfEngine } from '../../parsers/document.ts'
import type { Damage } from '../../parsers/pdf/damage.ts'
import type { Match } from '../forms/facts.ts'
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
  const facts = match.facts.map((fact): Fact => {
    if (fact.state === 'absent' || fact.state === 'unreadable') return fact
    if (others === 0 && fact.state !== 'blank') return fact
    const candidates = fact.value === null ? [] : [fact.value]
    return { ...fact, state: 'unreadable', value: null, candidates }
  })
  return { ...match, facts, notices: [...match.notices, { code: 'damaged_parts', anchor: null, data: { count } }] }
}

/** The first match as the second one bears it out. */
export function compareReadings(first: Match, second: Match, engine: PdfEngine): Match {
  const notices: Notice<ReadingNoticeCode>[] = []
  const others = new Map(second.facts.map((fact) => [fact.code, fact]))
  const count = { agreed: 0, differing: 0, unconfirmed: 0 }
  const facts = first.facts.map((fact): Fact => {
    const other = others.get(fact.code)
    if (!isKnown(other) || (!isKnown(fact) && fact.state !== 'absent')) {
      if (isKnown(fact)) count.unconfirmed++
      return fact
    }
    if (fact.state === other.state && fact.value === other.value) {
      count.agreed++
      return fact
    }
    count.differing++
    const data = { code: fact.code, engine, first: fact.text, second: other.text }
    notices.push({ code: 'readings_differ', anchor: fact.anchor ?? other.anchor, data })
    return inDoubt(fact, other)
  })
  const tables: TableMatch[] = [...first.tables]
  for (const table of second.tables) {
    if (first.tables.some((one) => one.table === table.table)) continue
    tables.push(table)
    const found = second.facts.filter(({ code }) => code.startsWith(`${table.table}.`))
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

function isKnown(fact: Fact | undefined): fact is KnownFact {
  return fact !== undefined && fact.state !== 'absent' && fact.state !== 'unreadable'
}

function inDoubt(fact: Fact, other: Fact): Fact {
  const candidates = [fact.value, other.value].filter((value) => value !== null)
  const { code, unit, text, from, inferred, anchor } = fact.state === 'absent' ? other : fact
  return { code, unit, text, from, inferred, anchor, state: 'unreadable', value: null, candidates }
}
