/**
 * Figures whose one point or comma may part thousands or decimals: takes the facts of a document, leaves unreadable those
 * that its other figures, or what their cells count, do not let be taken for sure. Much of the world writes 1.234,5.
 */
import type { Fact, Notice, ReadingNoticeCode, ValueKind } from '../model.ts'
import { unreadableNotice } from './unbelieved.ts'

/** One separator with three digits behind it. */
const eitherWay = /^[+-]?([1-9]\d{0,2})([.,])(\d{3})$/
/** 1.234,5 and 1.234.567: points part thousands. */
const pointsGroup = /^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+|\.\d{3})$/
/** 17,5 */
const decimalComma = /^[+-]?\d+,\d{1,2}$/

/** The facts, by table, without those whose separator may mean either; `kindOf` says what the cell of a code counts. */
export function doubtGroupings(
  facts: ReadonlyMap<string, Fact[]>,
  kindOf: (code: string) => ValueKind | undefined,
  notices: Notice<ReadingNoticeCode>[],
): ReadonlyMap<string, Fact[]> {
  const isWhole = ({ code }: Fact): boolean => /count$/.test(kindOf(code) ?? '')
  const isFraction = (fact: Fact): boolean => isWhole(fact) && partsOf(fact)?.[2] === '.'
  let isForeign = false
  for (const own of facts.values()) isForeign ||= own.some((fact) => isFraction(fact) || isOfOthers(fact, isWhole))
  if (!isForeign) return facts
  const doubted = (fact: Fact): Fact => {
    const parts = partsOf(fact)
    // A count has no decimals: there a comma parts thousands wherever the report is from.
    if (parts === null || (isWhole(fact) && parts[2] === ',')) return fact
    const sign = fact.text.trim().startsWith('-') ? -1 : 1
    const candidates = ['', '.'].map((point) => sign * Number(`${parts[1]}${point}${parts[3]}`))
    notices.push(unreadableNotice(fact))
    return { ...fact, state: 'unreadable', value: null, candidates }
  }
  return new Map([...facts].map(([table, own]) => [table, own.map(doubted)]))
}

function partsOf(fact: Fact): RegExpExecArray | null {
  return fact.state === 'number' ? eitherWay.exec(plain(fact)) : null
}

/** Whether a figure can only be written as where points part thousands, or commas decimals. */
function isOfOthers(fact: Fact, isWhole: (fact: Fact) => boolean): boolean {
  if (fact.state !== 'unreadable') return false
  const text = plain(fact)
  return pointsGroup.test(text) || (decimalComma.test(text) && !isWhole(fact))
}

function plain({ text }: Fact): string {
  return text.normalize('NFKC').trim()
}
