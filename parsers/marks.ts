/**
 * What a cell's text is beside its footnotes and what was struck out in it: takes the pieces as the source marks them,
 * gives the text that counts.
 */
import type { Notice } from './document.ts'

/** The text of a cell or paragraph, by how it is marked. */
export type MarkedText = { readonly shown: string; readonly raised: string; readonly struck: string }

const noticeCharactersMax = 200

/** True for what stands raised behind a figure or a label and belongs to neither: `1`, `注2`, `[3]`, `①`, `*`. */
export function isFootnoteMark(raised: string): boolean {
  return /^[\s[【(（]*(?:注?\d{1,2}|[①-⑳*※†‡]+)[\s\]】)）]*$/.test(raised)
}

/** Struck out text does not count, nor does a footnote's mark, unless there is nothing else; a notice tells what was struck. */
export function countingText({ shown, raised, struck }: MarkedText, notices: Notice[]): string {
  if (struck !== '') {
    notices.push({ code: 'struck_out_text', anchor: null, data: { text: struck.slice(0, noticeCharactersMax) } })
  }
  if (shown !== '') return shown
  return raised !== '' ? raised : struck !== '' ? `~~${struck}~~` : ''
}
