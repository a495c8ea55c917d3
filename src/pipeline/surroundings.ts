/**
 * What a document says beside its tables, as the rules look at it: when it was published and by when it was due.
 */
import type { Document } from '../../parsers/document.ts'
import type { Form } from '../forms/registry.ts'
import type { Surroundings } from '../rules/surroundings.ts'

/** What a document itself tells. */
export function surroundingsOf(document: Document, form: Form | undefined, year: number | null): Partial<Surroundings> {
  return { publishedOn: publishedOn(document), dueOn: dueOn(form, year) }
}

/** Names under which pages of authorities and of publishing systems give the day of publication. */
const dateNames = /^(?:pubdate|publishdate|publishtime|dc\.date\.issued|article:published_time|datepublished)$/i

/** The day that a page's metadata gives as its publication: `2024-01-31`; null where they give none, or several. */
export function publishedOn({ metadata }: Document): string | null {
  const days = new Set(
    metadata.flatMap(({ name, value }) => {
      const parts = dateNames.test(name) ? /^\s*(20\d\d)\D(\d{1,2})\D(\d{1,2})(?!\d)/.exec(value) : null
      return parts === null ? [] : [[parts[1]!, parts[2]!.padStart(2, '0'), parts[3]!.padStart(2, '0')].join('-')]
    }),
  )
  return days.size === 1 ? [...days][0]! : null
}

/** The last day for a report on `year`, which is in the year after it. */
export function dueOn(form: Form | undefined, year: number | null): string | null {
  const due = form?.definition.due ?? null
  return due === null || year === null ? null : `${year + 1}-${due}`
}
