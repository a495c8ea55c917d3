/** Facts that are printed and not believed: takes a fact, gives it as unreadable, and the notice that tells of its cell. */
import type { Notice } from '../../parsers/document.ts'
import type { Fact, ReadingNoticeCode } from '../model.ts'

/** A fact that says something and is not believed: unreadable, and its figure is what it may say. */
export function unbelieved(fact: Fact): Fact {
  return { ...fact, state: 'unreadable', value: null, candidates: fact.value === null ? [] : [fact.value] }
}

/** Longest text of a cell that a notice quotes. */
const quotedMax = 200

/** Tells of a cell that is printed and cannot be read for sure. */
export function unreadableNotice({
  code,
  text,
  anchor,
}: Pick<Fact, 'code' | 'text' | 'anchor'>): Notice<ReadingNoticeCode> {
  return { code: 'value_unreadable', anchor, data: { code, text: text.slice(0, quotedMax) } }
}
