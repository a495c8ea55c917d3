/**
 * Reports whose text repeats another's: takes a report's signature and figures and those of others, gives findings with
 * the rate. Templates are common, so that only text that is repeated almost whole is told, and never as an error.
 */
import type { Finding, Signature } from '../model.ts'
import { likenessOf } from './likeness.ts'

/** A report as it is compared. */
export type Told = {
  readonly agency: string
  readonly year: number
  readonly signature: Signature
  /** The same for reports that state the same figures; null where none is other than 0. */
  readonly figures: string | null
}

/** From here on text is told to repeat another's, and from here on as a warning. */
const rateMin = 0.8
const rateWarning = 0.9
/** Two publications of which this much and every figure is the same are one. */
const rateSame = 0.95
/** So many others are named; all are counted. */
const namedMax = 5

/** What the same agency's report on the year before repeats. `prefix` begins the ids of the form's rules. */
export function findOwnRepeat(prefix: string, own: Told, previous: Told): Finding[] {
  const rate = likenessOf(own.signature, previous.signature)
  const data = { rate: percent(rate), agency: previous.agency, year: previous.year }
  return rate < rateMin ? [] : [made(`${prefix}${ownRepeat}`, rate, data)]
}

/** How the id of a finding ends that a look at the agency's own report on the year before gives. */
export const ownRepeat = '.text_repeats_previous'
/** How the ids of findings end that only a look at all other agencies' reports gives. */
export const repeatsOfOthers = ['.same_publication', '.text_repeats_others'] as const

/** What repeats reports of others; `all` is false where there are more than were looked up. */
export function findRepeats(prefix: string, own: Told, others: readonly Told[], all: boolean): Finding[] {
  const alike = others
    .map((one) => ({ one, rate: likenessOf(own.signature, one.signature) }))
    .filter(({ rate }) => rate >= rateMin)
    .sort((a, b) => b.rate - a.rate || (nameOf(a.one) < nameOf(b.one) ? -1 : 1))
  const same = alike.filter(({ one, rate }) => rate >= rateSame && own.figures !== null && own.figures === one.figures)
  const groups = [same, alike.filter((each) => !same.includes(each))]
  return repeatsOfOthers.flatMap((ending, index) => {
    const group = groups[index]!
    const [first] = group
    if (first === undefined) return []
    const named = group.slice(0, namedMax).map(({ one, rate }) => `${nameOf(one)} ${percent(rate)}%`)
    const count = all ? group.length : `${group.length}+`
    return [made(`${prefix}${ending}`, first.rate, { rate: percent(first.rate), count, others: named })]
  })
}

function nameOf({ agency, year }: Told): string {
  return `${agency}@${year}`
}

function percent(rate: number): number {
  return Math.round(rate * 100)
}

/** Whose the text is cannot be told from the text: nobody is blamed. */
function made(rule: string, rate: number, data: Finding['data']): Finding {
  const severity = rate >= rateWarning ? 'warning' : 'info'
  const nothing = { codes: [], expected: null, actual: null, difference: null, terms: [], quotes: [], meant: null }
  return { key: rule, rule, severity, fault: 'undecided', ...nothing, data }
}
