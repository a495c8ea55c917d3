/**
 * What a cell's text is beside its footnotes and what was struck out in it: takes the pieces as the source marks them,
 * gives the text that counts.
 */
import type { Notice } from './document.ts'
import { unreadSign } from './unread.ts'

/** The text of a cell or paragraph, by how it is marked. */
export type MarkedText = { readonly shown: string; readonly raised: string; readonly struck: string }

const noticeCharactersMax = 200

/** True for what stands raised behind a figure or a label and belongs to neither: `1`, `注2`, `[3]`, `①`, `*`. */
export function isFootnoteMark(raised: string): boolean {
  return /^[\s[【(（]*(?:注?\d{1,2}|[①-⑳*※†‡]+)[\s\]】)）]*$/.test(raised)
}

/** How far some text is shifted up and how large it is, in one unit; the size is null where nothing states it. */
export type Shift = { readonly up: number; readonly size: number | null }

/** A mark is at most so large beside its figure; what is larger may be either. */
const markSizeMax = 0.8

/**
 * How text counts that was shifted by hand, not marked as raised: a footnote's mark is raised over what stands before it, and
 * mostly smaller. `before`: the text that it follows; null where it follows none, as in a cell that is shifted as a whole.
 */
export function shiftedLook(text: string, own: Shift, before: Shift | null): 'shown' | 'raised' | 'unsure' {
  if (before === null || own.up <= before.up || !isFootnoteMark(text)) return 'shown'
  if (own.size === null || before.size === null) return 'unsure'
  // Some raise a mark and leave it as large as it was.
  return own.size <= before.size * markSizeMax ? 'raised' : 'unsure'
}

/**
 * Shown text with more behind it that may be a footnote's mark or its last digits: kept apart and signed as not read, so that no
 * figure is made of both, not even one with which sums hold.
 */
export function withUnsure(shown: string, text: string): string {
  return /[\d０-９]\s*$/.test(shown) ? `${shown} ${text}${unreadSign}` : shown + text
}

/** The text of a paragraph by its looks, and how what is shown of it first stands. */
export type OpenText = { shown: string; raised: string; struck: string; shift: Shift | null }

/** Adds text that stands so: to what is shown, or to what does not count. */
export function addMarked(
  into: OpenText,
  text: string,
  look: { readonly struck: boolean; readonly raised: boolean; readonly lowered?: boolean },
  own: Shift,
): void {
  if (look.struck) into.struck += text
  else if (look.raised && isFootnoteMark(text)) into.raised += text
  else if (look.lowered === true && isFootnoteMark(text)) into.shown = withUnsure(into.shown, text)
  else {
    const shift = shiftedLook(text, own, into.shift)
    if (shift === 'raised') into.raised += text
    else into.shown = shift === 'unsure' ? withUnsure(into.shown, text) : into.shown + text
    if (text.trim() !== '') into.shift ??= { up: own.up, size: own.size }
  }
}

/** Struck out text does not count, nor does a footnote's mark, unless there is nothing else; a notice tells what was struck. */
export function countingText({ shown, raised, struck }: MarkedText, notices: Notice[]): string {
  if (struck !== '') {
    notices.push({ code: 'struck_out_text', anchor: null, data: { text: struck.slice(0, noticeCharactersMax) } })
  }
  if (shown !== '') return shown
  return raised !== '' ? raised : struck !== '' ? `~~${struck}~~` : ''
}
