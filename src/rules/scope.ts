/** What a rule looks at, told from its formula: takes a definition, gives the widest thing that it compares. */
import type { RuleDefinition } from '../model.ts'

export type RuleScope = 'cell' | 'row' | 'column' | 'table' | 'report' | 'years' | 'agencies'

/** The scope of a rule. */
export function ruleScope({ formula, foreach }: Pick<RuleDefinition, 'formula' | 'foreach'>): RuleScope {
  if (/\bsum_over_children\(/.test(formula)) return 'agencies'
  if (/\b(?:prev|usual|same_values_as_prev)\(/.test(formula)) return 'years'
  if (/\b(?:narr|mentioned|meta|has_sections|has_table|all_zero)\(/.test(formula)) return 'report'
  const tables = new Set([...formula.matchAll(/(?<![.\w$])(\$?[a-z]\w*)\.[\w${]/g)].map((match) => match[1]))
  if (tables.size > 1) return 'report'
  const inRow = formula.includes('.$r.')
  const inColumn = /\.\$c\b/.test(formula)
  if (inRow && inColumn) return 'cell'
  if (inRow || inColumn) return inRow ? 'row' : 'column'
  return Object.keys(foreach).length === 0 ? 'table' : 'row'
}
