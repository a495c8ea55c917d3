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
  return days.size === 1 ? [...days][0]! : null
}

/** The last day for a report on `year`, which is in the year after it. */
export function dueOn(form: Form | undefined, year: number | null): string | null {
  const due = form?.definition.due ?? null
  return due === null || year === null ? null : `${year + 1}-${due}`
}
