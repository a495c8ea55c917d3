/**
 * Reports whose text repeats another's: takes a report's signature and figures and those of others, gives findings with
 * the rate. Templates are common, so that only text that is repeated almost whole is told, and never as an error.
 */
import type { Fact, Finding, Signature } from '../model.ts'
import { likenessOf } from './likeness.ts'

/** A report as it is compared. */
export type Told = {
  readonly agency: string
  readonly year: number
  readonly signature: Signature
  /** Null where they were not looked up, since the text differs too much. */
  readonly facts: readonly Fact[] | null
}

/** From here on text is told to repeat another's, and from here on as a warning. */
const rateMin = 0.8
const rateWarning = 0.9
/** Two publications of which this much and every figure is the same are one. */
export const rateSame = 0.95
/** So many others are named; all are counted. */
const namedMax = 5

/**
 * What repeats: the report of the same agency on the year before, and reports of others. `prefix` begins the ids of the
 * form's rules; `all` is false where there are more others than were looked up.
 */
export function findRepeats(
  prefix: string,
  own: Told,
  previous: Told | null,
  others: readonly Told[],
  all = true,
): Finding[] {
  const findings: Finding[] = []
  if (previous !== null) {
    const rate = likenessOf(own.signature, previous.signature)
    const data = { rate: percent(rate), agency: previous.agency, year: previous.year }
    if (rate >= rateMin) findings.push(made(`${prefix}.text_repeats_previous`, rate, data))
  }
  const alike = others
    .map((one) => ({ one, rate: likenessOf(own.signature, one.signature) }))
    .filter(({ rate }) => rate >= rateMin)
    .sort((a, b) => b.rate - a.rate || (nameOf(a.one) < nameOf(b.one) ? -1 : 1))
  const same = alike.filter(({ one, rate }) => rate >= rateSame && sameFigures(own.facts ?? [], one.facts ?? []))
  const copied = alike.filter((each) => !same.includes(each))
  for (const [rule, group] of [
    ['same_publication', same],
    ['text_repeats_others', copied],
  ] as const) {
    const [first] = group
    if (first === undefined) continue
    const named = group.slice(0, namedMax).map(({ one, rate }) => `${nameOf(one)} ${percent(rate)}%`)
    findings.push(
      made(`${prefix}.${rule}`, first.rate, {
        rate: percent(first.rate),
        count: all ? group.length : `${group.length}+`,
        others: named,
      }),
    )
  }
  return findings
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

/** Every number is the same, and some are not 0: two bodies with nothing to report state the same without being one. */
function sameFigures(one: readonly Fact[], other: readonly Fact[]): boolean {
  const figures = (facts: readonly Fact[]): Map<string, number> =>
    new Map(facts.flatMap(({ code, state, value }) => (state === 'number' ? [[code, value]] : [])))
  const own = figures(one)
  const theirs = figures(other)
  if (own.size !== theirs.size || ![...own.values()].some((value) => value !== 0)) return false
  return [...own].every(([code, value]) => theirs.get(code) === value)
}
