/**
 * Marks within a line of Markdown: takes the text of a cell or paragraph as written, gives what it says. A backslash before
 * a sign says that the sign is no mark, `^` raises, `**` and `__` only make bold. What `~~` strikes out stays as it is: many who
 * write it drop raised marks without a trace, so that the figure beside it may have swallowed one.
 */
import { isFootnoteMark } from './marks.ts'

/** Longer texts between two marks are not looked for. A raised mark has something before it. */
const raised = /(?<=\S)(?<!\\)\^([^\s^]{1,12})\^/g
const bold = /(?<![\\*])(\*\*|__)(?![\s*_])([^*_\n]{1,400})(?<![\s\\])\1/g
const slanted = /^([*_])(?![\s*_])([^*_\n]{1,400})(?<![\s\\])\1$/
/** A line break kept within a line, or written as the sign for one. */
const innerBreaks = /[ \t]*(?:\u1680|\\n(?![a-z]))[ \t\u1680]*/gi
const escaped = /\\([!-/:-@[-`{-~])/g

/** True for a text in which some line may have such marks. */
export function hasInlineMarks(text: string): boolean {
  return /[\\^*_\u1680]/.test(text)
}

/** What a cell or paragraph says, without its marks. A footnote's mark does not count, unless there is nothing else. */
export function withoutInlineMarks(text: string): string {
  if (!hasInlineMarks(text)) return text
  let shown = text
  if (text.includes('^')) {
    shown = shown.replace(raised, (all: string, inside: string) => (isFootnoteMark(unescaped(inside)) ? '' : all))
  }
  shown = shown.replace(bold, '$2').trim().replace(slanted, '$2')
  return unescaped(shown.replace(innerBreaks, '\n')).trim()
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(escaped, '$1') : text
}
