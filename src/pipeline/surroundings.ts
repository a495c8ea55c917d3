/**
 * What a document says beside its tables, as the rules look at it: what its prose states, its sections, when it was
 * published and by when it was due.
 */
import type { Document } from '../../parsers/document.ts'
import type { Form } from '../forms/registry.ts'
import { proseOf, readSections, type Section } from '../forms/sections.ts'
import { readStatements } from '../forms/statements.ts'
import type { Identity, Signature, Statement, TableMatch } from '../model.ts'
import { signatureOf } from '../rules/likeness.ts'
import type { PrintedSection, Surroundings } from '../rules/surroundings.ts'

/** A document's prose as far as rules and comparisons look at it. */
export type Narrative = {
  readonly statements: readonly Statement[]
  readonly sections: readonly Section[]
  readonly signature: Signature | null
}

/** Nothing is known of the prose. */
export const noNarrative: Narrative = { statements: [], sections: [], signature: null }

/** What a document's prose says, by the form that its tables follow. */
export function readNarrative(document: Document, form: Form, identity: Identity): Narrative {
  const prose = proseOf(document, form)
  const sentences = prose.passages.flatMap((passage) => (passage.kind === 'prose' ? [passage.source] : []))
  return {
    statements: readStatements(document, form, identity, prose),
    sections: readSections(document, form, prose),
    signature: signatureOf(sentences, identity.agency === null ? [] : [identity.agency]),
  }
}

/** So many headings show that the document is parted by them: a missing one is then missing. */
const headingsMin = 2
/** Characters that say something. */
const contentMin = 10

/** What a document itself tells; `published`: the day that it states, see publishedOn. */
export function surroundingsOf(
  published: string | null,
  form: Form | undefined,
  year: number | null,
  { statements, sections }: Narrative,
  tables: readonly TableMatch[],
): Partial<Surroundings> {
  return {
    publishedOn: published,
    dueOn: dueOn(form, year),
    stated: statements.map((one) => ({
      field: one.field,
      value: one.value,
      comparable: one.scope === 'own' && !one.approximate && (one.kind === 'flag' || one.value !== null),
      section: one.section,
      quote: { text: one.text, sentence: one.sentence, anchor: one.anchor },
    })),
    sections: sections.length < headingsMin ? null : printedSections(sections, form, tables),
  }
}

/** A section whose table was found is there, however its heading is printed. */
function printedSections(
  sections: readonly Section[],
  form: Form | undefined,
  tables: readonly TableMatch[],
): ReadonlyMap<number, PrintedSection> {
  const printed = new Map<number, PrintedSection>()
  for (const { table } of tables) {
    const number = form?.tables.get(table)?.section
    if (number != null) printed.set(number, { filled: true, omitted: false, template: null })
  }
  for (const { number, length, nothing, omitted, hasTable, templateText } of sections) {
    const filled = printed.has(number) || hasTable || omitted || (length >= contentMin && !nothing)
    printed.set(number, { filled, omitted, template: templateText })
  }
  return printed
}

/** Names under which pages of authorities and of publishing systems give the day of publication. */
const dateNames = /^(?:pubdate|publishdate|publishtime|dc\.date\.issued|article:published_time|datepublished)$/i

const isoDate = /^\s*(20\d\d)\D(\d{1,2})\D(\d{1,2})(?!\d)/

/** How pages print it over or under the title. */
const printedDate = /(?:发布|公开|公布)(?:时间|日期)\s*[:：]\s*(20\d\d)\D(\d{1,2})\D(\d{1,2})(?!\d)/

/** So near to the title such a line stands. */
const linesLookedAt = 40

/** The day of publication that a page's metadata and its lines about itself give; null where there is none, or several. */
export function publishedOn({ metadata, blocks }: Document): string | null {
  const lines = blocks.slice(0, linesLookedAt).flatMap((block) => (block.kind === 'paragraph' ? [block.text] : []))
  const found = [
    ...metadata.flatMap(({ name, value }) => (dateNames.test(name) ? [isoDate.exec(value)] : [])),
    ...lines.map((line) => printedDate.exec(line)),
  ]
  const days = new Set(
    found.flatMap((parts) =>
      parts === null ? [] : [[parts[1]!, parts[2]!.padStart(2, '0'), parts[3]!.padStart(2, '0')].join('-')],
    ),
  )
  const [day] = days
  return days.size === 1 && isDay(day!) ? day! : null
}

/** False for the 31st of February. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

/** The last day for a report on `year`, which is in the year after it. */
export function dueOn(form: Form | undefined, year: number | null): string | null {
  const due = form?.definition.due ?? null
  return due === null || year === null ? null : `${year + 1}-${due}`
}
