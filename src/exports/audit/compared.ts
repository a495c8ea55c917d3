/** What the two figures of a finding are: a sum and what is printed, or what the text says and what stands in the table. */
import type { Finding } from '../../model.ts'

/** What `expected` and `actual` are, in this order. */
export type Compared =
  | readonly ['computed', 'printed']
  | readonly ['inText', 'inTable']
  | readonly ['inTable', 'inText']

/** Of text and table neither is computed. */
export function comparedIn({ terms, expected }: Pick<Finding, 'terms' | 'expected'>): Compared {
  const stated = terms.filter((term) => term.of === 'text')
  if (stated.length === 0 || stated.length === terms.length) return ['computed', 'printed']
  const total = stated.reduce((sum, { sign, value }) => sum + sign * (value ?? 0), 0)
  return total === expected ? ['inText', 'inTable'] : ['inTable', 'inText']
}
