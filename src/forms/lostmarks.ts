/**
 * Figures beside which marks were lost: takes the facts of a document, tells where characters that were struck out or raised
 * run together with what their cells say. What shows it are cells that say a figure and that there is none (12无, 无1). The
 * same way of saving ran others together that still look like a figure, so that none of the document is believed.
 */
import type { Fact, Notice, ReadingNoticeCode } from '../model.ts'
import { unbelieved } from './unbelieved.ts'

const glued = /^\d+(?:无|没有|不涉及)|^(?:无|没有|不涉及)(?:\d+|[[［【]\d+[\]］】]|注\d*)$/
/** One may be a slip. */
const gluedMin = 2

/** The facts with figures as unreadable where marks were lost, by table; the notice goes into `notices`. */
export function doubtLostMarks(
  facts: ReadonlyMap<string, Fact[]>,
  notices: Notice<ReadingNoticeCode>[],
): ReadonlyMap<string, Fact[]> {
  const shown: Fact[] = []
  for (const own of facts.values()) {
    for (const fact of own)
      if (fact.state === 'unreadable' && glued.test(fact.text.replace(/\s+/g, ''))) shown.push(fact)
  }
  const [first] = shown
  if (first === undefined || shown.length < gluedMin) return facts
  notices.push({
    code: 'marks_lost',
    anchor: first.anchor,
    data: { count: shown.length, text: first.text.slice(0, 40) },
  })
  return new Map(
    [...facts].map(([table, own]) => [table, own.map((fact) => (fact.state === 'number' ? unbelieved(fact) : fact))]),
  )
}
