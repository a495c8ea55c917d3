/**
 * Numbers as formats of spreadsheets show them: takes a format and a number, gives the text. The library knows neither the tags of
 * languages, which it takes for currencies, nor figures that are not Arabic ones.
 */
import { SSF } from '@e965/xlsx'
import { withUnread } from './unread.ts'

/** A language or calendar without a currency: `[$-804]`. */
const language = /\[\$-[^\]]*\]/g
/** Figures as Chinese words, and as wide digits, which with words for tens and hundreds are such too. */
const words = /\[DBNum[1-9]\]/i
const wideDigits = /^(?:\[[^\]]*\])*\[DBNum3\](?:\[[^\]]*\])*[0#?,.]+(?:[;_].*)?$/i

/**
 * The number in this format. `stored`: how the library shows it, which is right for most formats; null where it did not. A number in
 * Chinese words is one that is not read.
 */
export function shownNumber(format: string | number | undefined, value: number, stored: string | null): string {
  const code = typeof format === 'string' ? format : ''
  const plain = code.replace(language, '')
  const inWords = words.test(plain) && !wideDigits.test(plain)
  if (stored !== null && plain === code && !inWords) return stored
  const known = typeof format === 'number' ? format : plain.replace(words, '') || 'General'
  const shown = SSF.format(known, value) as string
  return inWords ? withUnread(shown, 'text') : shown
}
