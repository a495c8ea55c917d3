/**
 * Figures with others in their cells: takes the facts, the prose and the report's year, and leaves unreadable those whose
 * bracket names that year, or holds the report's figure as a note says (括号内为2023年数据), and those such as 59 233 where
 * other cells print two figures side by side.
 */
import type { Block, Notice } from '../../parsers/document.ts'
import type { Fact, ReadingNoticeCode } from '../model.ts'
import type { Whose } from './captiontext.ts'
import type { Match } from './facts.ts'
import { unreadableNotice } from './unbelieved.ts'

const note = /括号[内里中][^,，。;；]{0,8}?[为是系][^,，。;；]{1,16}/g
const year = /20\d{2}(?=年)/
const other = /上年|去年|往年|同期|其中/
const ownWords = /本年|今年|当年|全[省市区县州盟旗镇乡]|合计|总计|更正|正确|实际/
const bracket = /[(（]\s*(20\d{2})年度?\s*[:：]?\s*(\d+(?:\.\d+)?)[^()（）]*[)）]\s*$/
const sideBySide = /^\s*\d[\d,]*(?:\.\d+)?\s+\d[\d,]*(?:\.\d+)?\s*$/
/** One figure whose digits stand in groups, or two. */
const grouped = /^\s*\d{1,3}(?:\s\d{3})+(?:\.\d+)?\s*$/
const bareBracket = /\d\s*[(（]\s*(\d+(?:\.\d+)?)\s*[)）]\s*$/

/** The match without the figures that brackets make doubtful. */
export function doubtRemarks(match: Match, blocks: readonly Block[], whoseYear: (year: number) => Whose): Match {
  const notices: Notice<ReadingNoticeCode>[] = []
  let isOwn: boolean | null = null
  const hasPairs = match.facts.some(({ state, text }) => state === 'unreadable' && sideBySide.test(text))
  const doubt = (fact: Fact, candidates: readonly number[]): Fact => {
    const doubted = { ...fact, state: 'unreadable', value: null, candidates } as const
    notices.push(unreadableNotice(doubted))
    return doubted
  }
  const facts = match.facts.map((fact): Fact => {
    if (fact.state !== 'number') return fact
    if (hasPairs && grouped.test(fact.text)) return doubt(fact, [fact.value])
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
