/** Which cells of a report its findings speak of, and the tables that hold them. */
import { tableOf } from '../../forms/codes.ts'
import type { Form, Registry } from '../../forms/registry.ts'
import type { Fact, Severity, TableDefinition } from '../../model.ts'
import { isPast, type StoredFinding } from '../../store/findings.ts'

/** How findings concern a cell: `printed` is in question, `term` only enters the formula. */
export type CellMark = {
  readonly role: 'printed' | 'term'
  readonly severity: Severity
  /** Numbers of the findings, from 1. */
  readonly findings: readonly number[]
}

/**
 * Which cells the findings of one reading concern. What is in question in one finding stays so, even if it also enters
 * another. Findings of earlier readings mark nothing: their figures are not those that stand there now.
 */
export function markCells(findings: readonly StoredFinding[], reading: number): Map<string, CellMark> {
  const marks = new Map<string, CellMark>()
  const mark = (code: string, role: CellMark['role'], severity: Severity, number: number): void => {
    const earlier = marks.get(code)
    const numbers = [...new Set([...(earlier?.findings ?? []), number])]
    if (earlier && (earlier.role === 'printed' || role === 'term')) marks.set(code, { ...earlier, findings: numbers })
    else marks.set(code, { role, severity, findings: numbers })
  }
  for (const [index, finding] of findings.entries()) {
    if (finding.reading !== reading || isPast(finding.state)) continue
    const questioned = inQuestion(finding)
    const own = finding.terms.filter(({ of }) => of === undefined).map(({ code }) => code)
    for (const code of [...finding.codes, ...own])
      mark(code, questioned.has(code) ? 'printed' : 'term', finding.severity, index + 1)
  }
  return marks
}

/**
 * Which of its cells a finding is about. Its first one is the total where the formula has one: a total that stands alone
 * on its side is in question, the cells it adds up only enter the formula. Otherwise any of them may be the wrong one.
 */
export function inQuestion(finding: StoredFinding): ReadonlySet<string> {
  const first = finding.terms.find((term) => term.code === finding.codes[0] && term.of === undefined)
  const beside = finding.terms.filter((term) => term.side === first?.side)
  return new Set(first && beside.length === 1 ? [first.code] : finding.codes)
}

/** The tables with marked cells, each by the form that has most of what the report prints in it. */
export function concernedTables(
  marks: ReadonlyMap<string, CellMark>,
  facts: ReadonlyMap<string, Fact>,
  registry: Registry,
  preferred: string | null,
): { form: Form; table: TableDefinition }[] {
  const codes = [...new Set([...marks.keys()].map(tableOf))].sort()
  const present = [...facts.values()].filter((fact) => fact.state !== 'absent').map((fact) => fact.code)
  return codes.flatMap((code) => {
    const own = present.filter((fact) => fact.startsWith(`${code}.`))
    const fitness = (form: Form): number =>
      own.filter((fact) => form.indexByCode.has(fact)).length * 2 + (form.definition.id === preferred ? 1 : 0)
    const fitting = registry.forms.filter((form) => form.tables.has(code)).sort((a, b) => fitness(b) - fitness(a))
    return fitting.slice(0, 1).map((form) => ({ form, table: form.tables.get(code)! }))
  })
}
