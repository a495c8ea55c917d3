/**
 * What a document shows and no parser reads as text: which of its pictures may be a table of a form, and where among the
 * blocks they stand. In each format the same, so that a seal is no table in any of them.
 */
import type { Block } from './document.ts'

/** Points: a table of a form is larger, a seal or a letterhead is not so wide or not so high. */
const tableWidthMin = 200
const tableHeightMin = 60

/** English metric units of a point (ECMA-376, Part 1, 20.1.2.1). */
export const emu = 12_700

/** Whether what is shown with this size, in points, may be a table. */
export function isTableSized({ width, height }: { readonly width: number; readonly height: number }): boolean {
  return width >= tableWidthMin && height >= tableHeightMin
}

/** A place on a page: how far from its top, in points. */
export type PagePlace = { readonly page: number; readonly top: number }

/** For each place how many blocks begin before it. */
export function blocksBefore(blocks: readonly Block[], places: readonly PagePlace[]): number[] {
  return places.map(({ page, top }) => {
    const last = blocks.findLastIndex(({ anchor }) => {
      if (anchor.page === null) return false
      return anchor.page < page || (anchor.page === page && anchor.box !== null && anchor.box.y <= top)
    })
    return last + 1
  })
}

/** Stands for what a cell shows and the file does not hold as text: the replacement character of an object. */
export const unreadSign = '\ufffc'

/**
 * What is shown and not read: a small picture, which may be a figure where there is no other, or text, which is a part of
 * whatever stands with it.
 */
export type Unread = 'picture' | 'text'

/** Both together. */
export function moreUnread(one: Unread | null, other: Unread | null): Unread | null {
  return one === 'text' || other === null ? one : other
}

/** The text of a cell that shows something else as well. */
export function withUnread(text: string, unread: Unread | null): string {
  if (unread === null || isLabel(text) || (unread === 'picture' && /\p{N}/u.test(text))) return text
  return `${text}${unreadSign}`
}

/** Points: what is smaller is a line or a mark that nobody reads. */
const letterSizeMin = 5

/** Whether what is shown with this size, in points, may be a figure in a cell. A size that is not stated may be any. */
export function isLetterSized({ width, height }: { readonly width: number; readonly height: number }): boolean {
  return (
    !isTableSized({ width, height }) &&
    (width === 0 || width >= letterSizeMin) &&
    (height === 0 || height >= letterSizeMin)
  )
}

/** Whether some text is a label: what stands beside words is no part of a figure. */
export function isLabel(text: string): boolean {
  return /\p{L}\P{L}*\p{L}/u.test(text)
}
