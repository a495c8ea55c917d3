/**
 * Numbers as formats of spreadsheets show them: takes a format and a number, gives the text. The library knows neither the tags of
 * languages, which it takes for currencies, nor figures that are not Arabic ones.
 */
import { SSF } from '@e965/xlsx'
import { withUnread } from './unread.ts'

/** What Chinese programs call the general format, in files too. */
const general = /G\/通用格式/gi
/** A language or calendar without a currency: `[$-804]`. */
const language = /\[\$-[^\]]*\]/g
/** Figures as Chinese words, and as wide digits, which with words for tens and hundreds are such too. */
const words = /\[DBNum[1-9]\]/i
const wideDigits = /^(?:\[[^\]]*\])*\[DBNum3\](?:\[[^\]]*\])*[0#?,.]+(?:[;_].*)?$/i

/** The general format with words around it, which the library leaves out. */
const withWords = /^((?:"[^"]*"|\\.)*)General((?:"[^"]*"|\\.)*)$/

function unquoted(words: string): string {
  return words.replace(/"([^"]*)"|\\(.)/g, '$1$2')
}

/**
 * The number in this format. `stored`: how the library shows it, which is right for most formats; null where it did not. A number in
 * Chinese words is one that is not read.
 */
export function shownNumber(format: string | number | undefined, value: number, stored: string | null): string {
  const code = typeof format === 'string' ? format : ''
  const plain = code.replace(language, '').replace(general, 'General')
  const inWords = words.test(plain) && !wideDigits.test(plain)
  if (stored !== null && plain === code && !inWords) return stored
  const known = typeof format === 'number' ? format : plain.replace(words, '') || 'General'
  const [, before = '', behind = ''] = (typeof known === 'string' ? withWords.exec(known) : null) ?? []
  const shown =
    before + behind === ''
      ? (SSF.format(known, value) as string)
      : `${unquoted(before)}${String(SSF.format('General', value))}${unquoted(behind)}`
  return inWords ? withUnread(shown, 'text') : shown
}
