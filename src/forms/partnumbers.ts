/**
 * The numbered parts of a report: takes its blocks, gives the number that each begins a part with, so that it can be told
 * whether the report goes on or another begins.
 */
import type { Block, Grid } from '../../parsers/document.ts'
import { chineseNumber } from './numerals.ts'

/** The number of a part, and the way in which it is printed: 二、 or 2. */
export type PartNumber = { readonly style: 'words' | 'digits'; readonly value: number }

const partCharactersMax = 40
const inWords = /^\s*第?([一二三四五六七八九十]{1,3})(?:[、.．]|部分|章)/
const inDigits = /^\s*(\d{1,2})(?:[、．]|\.(?!\d))/

/** For each block the number of the part that it heads; null where it heads none. */
export function partNumbers(blocks: readonly Block[], isChapter: (text: string) => boolean): (PartNumber | null)[] {
  return blocks.map((block) => {
    return block.kind === 'grid' ? null : partNumber(block.text, block.heading !== null, isChapter)
  })
}

/** The part that a grid goes on to, as text without rules does, behind figures above its heading, and the row of that. */
export function partWithin(
  { cells }: Grid,
  isChapter: (text: string) => boolean,
): { readonly part: PartNumber; readonly row: number } | null {
  let hasFigures = false
  for (const { text, row } of cells) {
    const part = hasFigures && isChapter(text) ? partNumber(text, false, isChapter) : null
    if (part !== null) return { part, row }
    hasFigures ||= /^\s*\d/.test(text)
  }
  return null
}

function partNumber(text: string, isHeading: boolean, isChapter: (text: string) => boolean): PartNumber | null {
  const head = text.split('\n', 1)[0]!
  if (head.length > partCharactersMax || /[,，。;；]/.test(head)) return null
  const words = inWords.exec(head)
  const value = words === null ? null : chineseNumber(words[1]!)
  if (value !== null) return { style: 'words', value }
  // Items of any list are numbered in digits.
  const digits = isHeading || isChapter(head) ? inDigits.exec(head) : null
  return digits === null ? null : { style: 'digits', value: Number(digits[1]) }
}
