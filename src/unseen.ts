/** Characters that take no room: copied text is full of them, and they say nothing. */

/** For a class of a regular expression: without width, marks of direction, joiners, the mark of byte order. */
export const unseen = '\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u2069\\uFEFF'
