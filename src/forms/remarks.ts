/**
 * Figures with others in their cells: takes the facts, the prose and the report's year, and leaves unreadable those whose
 * bracket names that year, or holds the report's figure as a note says (括号内为2023年数据), and those such as 59 233 where
 * other cells print two figures side by side.
 */
import type { Block, Notice } from '../../parsers/document.ts'
import type { Fact, ReadingNoticeCode } from '../model.ts'
import type { Whose } from './captiontext.ts'
import { tableOf } from './codes.ts'
import type { Match } from './facts.ts'
import { unreadableNotice } from './unbelieved.ts'

const note = /括号[内里中][^,，。;；]{0,8}?[为是系][^,，。;；]{1,16}/g
const year = /20\d{2}(?=年)/
const other = /上年|去年|往年|同期|其中/
const ownWords = /本年|今年|当年|全[省市区县州盟旗镇乡]|合计|总计|更正|正确|实际/
const bracket = /[(（]\s*(20\d{2})年度?\s*[:：]?\s*(\d+(?:\.\d+)?)[^()（）]*[)）]\s*$/
/** Two figures on one line of a cell, or one whose digits stand in groups, with a unit behind or none. */
const sideBySide = /^(\d[\d,]*(?:\.\d+)?) +(\d[\d,]*(?:\.\d+)?)\s*[^\d\s]{0,3}$/
const grouped = /^\d{1,3} \d{3}(?:\.\d+)?\s*[^\d\s]{0,3}$/
const bareBracket = /\d\s*[(（]\s*(\d+(?:\.\d+)?)\s*[)）]\s*$/

/** The match without the figures that what stands beside them in their cells makes doubtful. */
export function doubtRemarks(match: Match, blocks: readonly Block[], whoseYear: (year: number) => Whose): Match {
  const notices: Notice<ReadingNoticeCode>[] = []
  let isOwn: boolean | null = null
  const paired = new Set(match.facts.flatMap((fact) => (isPair(fact) ? [tableOf(fact.code)] : [])))
  const doubt = (fact: Fact, candidates: readonly number[]): Fact => {
    const doubted = { ...fact, state: 'unreadable', value: null, candidates } as const
    notices.push(unreadableNotice(doubted))
    return doubted
  }
  const facts = match.facts.map((fact): Fact => {
    if (fact.state !== 'number') return fact
    const halves = paired.has(tableOf(fact.code)) ? halvesOf(fact.text) : null
    if (halves !== null) return doubt(fact, [fact.value, ...halves])
    if (!/[)）]\s*$/.test(fact.text)) return fact
    const text = fact.text.normalize('NFKC')
    const named = bracket.exec(text)
    const rival = named === null ? bareBracket.exec(text)?.[1] : named[2]
    if (rival === undefined) return fact
    isOwn ??= holdsOwn(blocks, whoseYear)
    if (named === null ? !isOwn : whoseYear(Number(named[1])) === 'other') return fact
    return doubt(fact, [fact.value, Number(rival)])
  })
  return notices.length === 0 ? match : { ...match, facts, notices: [...match.notices, ...notices] }
}

/** True for a cell that prints two figures, which cannot be one whose digits stand in groups. */
function isPair({ state, text }: Fact): boolean {
  if (state !== 'unreadable') return false
  const printed = lineOf(text)
  return sideBySide.test(printed) && !grouped.test(printed)
}

/** The two figures that a number in groups of digits may be; null for all other texts. */
function halvesOf(text: string): readonly number[] | null {
  const printed = lineOf(text)
  if (!grouped.test(printed)) return null
  const [, left, right] = sideBySide.exec(printed)!
  return [left, right].map(Number)
}

/** The text with its spaces made one kind. A line of its own is none: what stands there was never taken for a group of digits. */
function lineOf(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[^\S\n\r]+/g, ' ')
    .trim()
}

/** True where a note says that brackets hold what the report counts. */
function holdsOwn(blocks: readonly Block[], whoseYear: (year: number) => Whose): boolean {
  for (const block of blocks) {
    const texts = block.kind === 'paragraph' ? [block.text] : block.cells.map(({ text }) => text)
    for (const [said] of texts.join('\n').matchAll(note)) {
      const named = year.exec(said)?.[0]
      if (named !== undefined ? whoseYear(Number(named)) === 'own' : ownWords.test(said) && !other.test(said))
        return true
    }
  }
  return false
}
