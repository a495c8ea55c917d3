/** Characters that take no room: copied text is full of them, and they say nothing. */

/**
 * For a class of a regular expression: controls but for those that part lines and fields, soft hyphens, what has no width,
 * marks of direction, joiners, selectors of a character's variants, the mark of byte order.
 */
export const unseen =
  '\\u0000-\\u0008\\u000E-\\u001F\\u007F\\u00AD\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u2069\\uFE00-\\uFE0F\\uFEFF'

const unseenCharacters = new RegExp(`[${unseen}]+`, 'g')

/** The text without them. */
export function withoutUnseen(text: string): string {
  return text.replace(unseenCharacters, '')
}
