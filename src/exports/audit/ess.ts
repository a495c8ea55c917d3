/**
 * Findings as a validation report by the standard structure of the European Statistical System (M. van der Loo and O. ten
 * Bosch, Design of a generic machine-readable validation report structure, 1.0.0; JSON schema 1.0.1). A validation's
 * value is 1 where its rule is true and 0 where it is false, so every finding is a 0. Instances that hold or cannot be
 * assessed are not stored one by one: their numbers are aggregations, three for each report. A datum has the four keys
 * of the handbook on validation: population (the form), event (the report year), unit (the agency), attribute (the cell).
 */

import { renderFinding } from '../../messages/render.ts'
import { type DescribedRule, describeRules, unknownRule } from '../../messages/rules.ts'
import type { OutcomeStatus, Severity, Term } from '../../model.ts'
import type { StoredFinding } from '../../store/findings.ts'
import type { StoredReport } from '../../store/reports.ts'
import { auditedReports } from './reports.ts'
import type { AuditFormat, AuditRequest } from './request.ts'

/** For statistical offices. */
export const ess: AuditFormat = {
  name: 'ess',
  extensions: ['json'],
  binary: false,
  withoutDismissed: false,
  encode: encodeEss,
}

const severities = { error: 'error', warning: 'warning', info: 'information' } as const satisfies Record<
  Severity,
  string
>
const order: readonly Severity[] = ['info', 'warning', 'error']
const values = { holds: '1', broken: '0', not_assessable: 'NA' } as const satisfies Record<OutcomeStatus, string>

/** Name of the language in which forms write their formulas. */
const language = 'gouji'

async function* encodeEss(request: AuditRequest): AsyncGenerator<string> {
  const rules = describeRules(request.registry)
  let lead = '[\n'
  for await (const { report, findings } of auditedReports(request)) {
    const validations = findings.map((finding) => {
      const rule = rules.get(finding.rule) ?? { ...unknownRule(finding.rule), severity: finding.severity }
      return validation(request, report, finding, rule)
    })
    for (const entry of [...validations, ...aggregations(request, report)]) {
      yield `${lead}${JSON.stringify(entry)}`
      lead = ',\n'
    }
  }
  yield lead === '[\n' ? '[]\n' : '\n]\n'
}

function validation(
  { registry, lang, version }: AuditRequest,
  report: StoredReport,
  finding: StoredFinding,
  rule: DescribedRule,
): object {
  const { id, severity, fault, state, decision, codes, terms, judgedAt } = finding
  // A report may follow another form than the rule's table does.
  const form = rule.form ?? report.form
  // What is past was judged in the document that was published then.
  const judged = finding.report
  const lowered = order.indexOf(severity) < order.indexOf(rule.severity)
  const changed = severity === rule.severity ? {} : { change: lowered ? 'down' : 'up' }
  const status =
    severity === rule.severity ? {} : { status: `${lowered ? 'Lowered' : 'Raised'} from ${severities[rule.severity]}.` }
  const source =
    terms.length === 0
      ? codes.map((code) => keysOf(report, form, { code }))
      : terms.map((term) => keysOf(report, form, term))
  return {
    id,
    type: 'validation',
    event: { time: judgedAt, actor: `gouji ${version}`, agent: judged.reader, state, ...(decision && { decision }) },
    rule: {
      language,
      expression: rule.formula ?? finding.rule,
      severity: severities[severity],
      description: rule.title[lang],
      id: finding.rule,
      ...changed,
      ...status,
    },
    data: {
      source,
      target: codes.map((code) => keysOf(report, form, { code })),
      description: renderFinding(finding, registry, lang),
      fault,
      sha256: judged.sha256,
      origin: judged.origin,
    },
    value: '0',
  }
}

/** Population, event, unit, attribute. */
function keysOf(report: StoredReport, form: string | null, { code, of }: Pick<Term, 'code' | 'of'>): string[] {
  const year = report.year !== null && of === 'previous' ? report.year - 1 : report.year
  const unit = report.agency ?? report.sha256
  const event = year === null ? 'unknown' : String(year)
  return [form ?? 'unknown', event, of === 'children' ? `${unit}/*` : unit, code]
}

function aggregations({ version }: AuditRequest, report: StoredReport): object[] {
  return (Object.keys(values) as OutcomeStatus[]).map((status) => ({
    id: `${report.sha256}.${status}`,
    type: 'aggregation',
    event: { time: report.readAt, actor: `gouji ${version}`, agent: report.reader },
    aggregate: {
      language,
      expression: `count(value = ${values[status]})`,
      description:
        'instances of all rules of the form on this report as it was read, whatever findings are listed here',
    },
    data: {
      source: [keysOf(report, report.form, { code: '*' })],
      target: [keysOf(report, report.form, { code: '*' })],
      description: report.origin,
    },
    value: String(report.outcomes[status]),
  }))
}
