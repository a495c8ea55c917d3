/**
 * Documents that were cut off: takes a document with what was matched in it, says whether it ends before its report does, and
 * doubts the row that it ends in. Markup shows by itself that it was cut off (parsers/cutoff.ts). Text has no end of its own:
 * it was cut off where it ends in a table whose rows go on, behind a table where others are missing, or in the middle of a
 * sentence. What a document lacks then is no fault of the report.
 */
import type { Document, Notice } from '../../parsers/document.ts'
import type { Fact, ReadingNoticeCode } from '../model.ts'
import { rowOf } from './codes.ts'
import { addsUp, amountOf, type EquationsOf, tableSums } from './equations.ts'
import type { Match, MatchedRow } from './facts.ts'
import type { Form } from './registry.ts'
import type { TableScope } from './scope.ts'
import type { Section } from './sections.ts'
import { unbelieved } from './unbelieved.ts'

/** A sentence, or two: a report goes on there, which headers and pieces of labels do not show. */
const prose = /[。！？]/
/** Shorter lines at the end of a text are no sentences: who signed it, when. */
const sentenceCharactersMin = 20
const lastCharacter = /[。！？；.!?;…）)】\]”"’》日号]$/

type CutOff = { readonly match: Match; readonly told: Notice<ReadingNoticeCode> }

/** The match without what it may owe to the cut, and the notice of it; null where nothing shows that the document was cut off. */
export function doubtCutOff(
  document: Document,
  match: Match,
  scopes: readonly TableScope[],
  equationsOf: EquationsOf,
): CutOff | null {
  const marked = document.notices.find(({ code }) => code === 'document_cut_off') as CutOff['told'] | undefined
  if (marked === undefined && document.format !== 'text') return null
  const last = lastRow(match)
  const scope = last && scopeOf(last, match, scopes)
  if (last === null || scope == null) return marked === undefined ? null : { match, told: marked }
  const isInside = lacksRows(match, scope, last)
  const lacks = isInside || lacksTables(match, scope)
  if (marked === undefined && !lacks) return null
  const code = `${last.table}.${last.line}`
  const own = match.facts.filter((fact) => fact.anchor !== null && rowOf(fact.code) === code)
  const { characters, prose: goesOn } = behindRow(
    document,
    new Set([last.anchor, ...own.map(({ anchor }) => anchor!)].map(({ path }) => path)),
  )
  if (marked === undefined && goesOn) return null
  // HTML lets authors leave some elements open: that says something only where something is missing.
  if (marked?.data.inside === 'page' && !lacks) return null
  const data = isInside && !goesOn ? { table: last.table } : {}
  const told = { code: 'document_cut_off' as const, anchor: last.anchor, data: { ...marked?.data, ...data } }
  const isWhole = isWholeLine(document, own) || isBorneOut(own, scope, equationsOf)
  return { match: characters > 0 || goesOn || isWhole ? match : doubtRow(match, own), told }
}

function lastRow({ rows }: Match): MatchedRow | null {
  let last: MatchedRow | null = null
  for (const row of rows)
    if (last === null || row.grid > last.grid || (row.grid === last.grid && row.row > last.row)) last = row
  return last
}

function scopeOf({ table }: MatchedRow, { tables }: Match, scopes: readonly TableScope[]): TableScope | null {
  const form = tables.find((one) => one.table === table)?.form
  return scopes.find((one) => one.table.code === table && one.form.definition.id === form) ?? null
}

/** True where rows of the last row's table that the form has behind it are missing. */
function lacksRows({ rows }: Match, { table, valueRows }: TableScope, last: MatchedRow): boolean {
  const found = new Set(rows.flatMap((row) => (row.table === table.code ? [row.line] : [])))
  const at = table.rows.findIndex(({ code }) => code === last.line)
  return valueRows.some((line) => line > at && !found.has(table.rows[line]!.code))
}

/** True where tables that the form has behind this one are missing. */
function lacksTables({ tables }: Match, { table, form }: TableScope): boolean {
  const all = form.definition.tables
  return all.slice(all.indexOf(table) + 1).some(({ code }) => !tables.some((one) => one.table === code))
}

/** What stands behind the last of some places: how many characters, and whether any of it is prose. */
function behindRow(
  { blocks }: Document,
  paths: ReadonlySet<string>,
): { readonly characters: number; readonly prose: boolean } {
  let characters = 0
  for (const block of blocks.toReversed()) {
    const texts = block.kind === 'paragraph' ? [block] : block.cells
    for (let at = texts.length - 1; at >= 0; at--) {
      if (paths.has(texts[at]!.anchor.path)) return { characters, prose: false }
      const text = texts[at]!.text.trim()
      if (prose.test(text)) return { characters, prose: true }
      characters += text.length
    }
  }
  return { characters, prose: false }
}

/** True for a row of fields in one line that ends as lines do. */
function isWholeLine({ endsInLine }: Document, row: readonly Fact[]): boolean {
  const lines = new Set(row.map(({ anchor }) => /^line\[\d+\]/.exec(anchor?.path ?? '')?.[0]))
  return endsInLine === true && lines.size === 1 && !lines.has(undefined)
}

/** True for a row that is whole: it has all its cells, and its sums hold, though not of nothing. */
function isBorneOut(row: readonly Fact[], scope: TableScope, equationsOf: EquationsOf): boolean {
  const { table, places, cells, valueColumns } = scope
  const line = table.rows.findIndex(
    ({ code }) => row[0] !== undefined && rowOf(row[0].code) === `${table.code}.${code}`,
  )
  if (line < 0) return false
  const facts = valueColumns.map((column) => row.find(({ code }) => code === cells[places[line]![column]!]?.code))
  const sums = tableSums(scope, equationsOf).across(line)
  const last = facts.at(-1)
  return (
    sums.length > 0 &&
    last?.state === 'number' &&
    last.value !== 0 &&
    sums.every((sum) => addsUp(sum, (place) => amountOf(facts[place])) === true)
  )
}

function doubtRow(match: Match, row: readonly Fact[]): Match {
  const own = new Set(row)
  const facts = match.facts.map((fact) => {
    return !own.has(fact) || fact.state === 'absent' || fact.state === 'unreadable' ? fact : unbelieved(fact)
  })
  return { ...match, facts }
}

/**
 * The notice of a document that ends before the form's last sections: where its markup is left open, or its text ends in the
 * middle of a sentence; null for any other.
 */
export function cutOffInSentence(
  { format, blocks, notices }: Document,
  { definition }: Form,
  sections: readonly Section[],
): Notice<ReadingNoticeCode> | null {
  const last = blocks.at(-1)
  const marked = notices.some(({ code }) => code === 'document_cut_off')
  if (!marked && (format !== 'text' || last?.kind !== 'paragraph' || !isBrokenOff(last.text.trim()))) return null
  const reached = Math.max(0, ...sections.map(({ number }) => number))
  if (reached === 0 || definition.sections.every(({ number }) => number <= reached)) return null
  return { code: 'document_cut_off', anchor: last?.anchor ?? null, data: {} }
}

function isBrokenOff(text: string): boolean {
  return !lastCharacter.test(text) && (text.length >= sentenceCharactersMin || /[：，、；（《“]/.test(text))
}

/** So many figures that lack their last digits show that lines were cut; one may be a slip of the pen. */
const shortenedMin = 2

/**
 * The match of a text whose lines were cut at a width: where sums show that figures at the ends of lines lack their last
 * digits, those of their column are not believed, and where a table lacks the form's last columns, that is told. Null for
 * any other document.
 */
export function doubtCutLines(
  { format }: Document,
  match: Match,
  scopes: readonly TableScope[],
  equationsOf: EquationsOf,
): { readonly match: Match; readonly told: readonly Notice<ReadingNoticeCode>[] } | null {
  if (format !== 'text') return null
  const own = scopes.filter(({ table, form }) =>
    match.tables.some((one) => one.table === table.code && one.form === form.definition.id),
  )
  const byCode = new Map<string, Fact>()
  for (const fact of match.facts) byCode.set(fact.code, fact)
  const ends = own.map((scope) => shortenedIn(scope, byCode, equationsOf))
  const isCut = ends.reduce((count, { shortened, lost }) => count + (shortened > 0 ? shortened + lost : 0), 0)
  const doubtful = new Set(
    ends.flatMap(({ codes, shortened }) => (isCut >= shortenedMin && shortened > 0 ? codes : [])),
  )
  const tables = own.filter((scope, index) => {
    return ends[index]!.codes.some((code) => doubtful.has(code)) || lacksLastColumns(scope, byCode)
  })
  if (tables.length === 0) return null
  const told = tables.map(({ table }): Notice<ReadingNoticeCode> => {
    const { anchor } = match.tables.find((one) => one.table === table.code)!
    return { code: 'lines_cut_off', anchor, data: { table: table.code } }
  })
  return {
    match: doubtRow(
      match,
      match.facts.filter(({ code }) => doubtful.has(code)),
    ),
    told,
  }
}

type Facts = ReadonlyMap<string, Fact>

/** Of the last column: its cells, how many of them say the first digits of their sum alone, and how many nothing where there is one. */
function shortenedIn(
  scope: TableScope,
  facts: Facts,
  equationsOf: EquationsOf,
): { readonly codes: readonly string[]; readonly shortened: number; readonly lost: number } {
  const { places, cells, valueColumns, valueRows } = scope
  const last = valueColumns.length - 1
  const codes: string[] = []
  let [shortened, lost] = [0, 0]
  for (const line of valueRows) {
    const factAt = (place: number): Fact | undefined =>
      facts.get(cells[places[line]![valueColumns[place]!]!]?.code ?? '')
    const own = factAt(last)
    if (own === undefined) continue
    codes.push(own.code)
    for (const sum of tableSums(scope, equationsOf).across(line)) {
      const sign = sum.find(([place]) => place === last)?.[1]
      if (sign === undefined) continue
      const amounts = sum.map(([place, one]) => (place === last ? 0 : one * (amountOf(factAt(place)) ?? Number.NaN)))
      const expected = -sign * amounts.reduce((total, amount) => total + amount, 0)
      if (!(expected > 0)) continue
      if (own.state === 'blank') lost++
      else if (own.state === 'number' && own.value !== expected && String(expected).startsWith(String(own.value)))
        shortened++
    }
  }
  return { codes, shortened, lost }
}

/** True where none of the form's last columns is there, and the others are. */
function lacksLastColumns({ places, cells, valueColumns, valueRows }: TableScope, facts: Facts): boolean {
  const isThere = valueColumns.map((column) =>
    valueRows.some((line) => (facts.get(cells[places[line]![column]!]?.code ?? '')?.state ?? 'absent') !== 'absent'),
  )
  const end = isThere.lastIndexOf(true) + 1
  return end > 1 && end < isThere.length && isThere.slice(0, end).every((one) => one)
}
