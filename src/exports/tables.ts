/**
 * What is exported: the reports, facts and findings of a store as tidy tables, and the dictionary of codes that explains
 * them. Rows come one by one from the store, in its fixed order, so that the same data give the same bytes and a large
 * store needs no large memory.
 */
import type { Registry } from '../forms/registry.ts'
import { renderFindingBoth } from '../messages/render.ts'
import type { Store } from '../store/open.ts'
import { listFindings, listReports, loadFacts } from '../store/reports.ts'
import type { Field } from './format.ts'

/** One table of an export. */
export type ExportTable = {
  readonly name: 'reports' | 'facts' | 'findings' | 'dictionary'
  readonly columns: readonly string[]
  rows(): AsyncGenerator<readonly Field[]>
}

/** Column names by table, one string each so that an order can be read at a glance. */
const columnNames = {
  reports: 'report agency year form status sha256 origin revision reader facts errors warnings infos title',
  facts: 'report agency year form table row column code value state unit text inferred page anchor sha256 reader',
  findings:
    'report agency year key rule severity fault codes expected actual difference message_zh message_en sha256 origin',
  dictionary: 'form code table_zh table_en row_zh row_en column_zh column_en kind unit required',
} as const

/** The tables, in the order they are written. */
export function exportTables(store: Store, registry: Registry): readonly ExportTable[] {
  const columns = {
    reports: columnNames.reports.split(' '),
    facts: columnNames.facts.split(' '),
    findings: columnNames.findings.split(' '),
    dictionary: columnNames.dictionary.split(' '),
  }
  return [
    {
      name: 'reports',
      columns: columns.reports,
      rows: () => reportRows(store),
    },
    {
      name: 'facts',
      columns: columns.facts,
      rows: () => factRows(store, registry),
    },
    {
      name: 'findings',
      columns: columns.findings,
      rows: () => findingRows(store, registry),
    },
    {
      name: 'dictionary',
      columns: columns.dictionary,
      rows: () => dictionaryRows(registry),
    },
  ]
}

async function* reportRows(store: Store): AsyncGenerator<readonly Field[]> {
  for await (const report of listReports(store)) {
    const { id, agency, year, form, status, sha256, origin, revision, reader, facts, findings, title } = report
    const counts = [facts, findings.error, findings.warning, findings.info]
    yield [id, agency, year, form, status, sha256, origin, revision, reader, ...counts, title]
  }
}

async function* factRows(store: Store, registry: Registry): AsyncGenerator<readonly Field[]> {
  for await (const report of listReports(store)) {
    for (const fact of await loadFacts(store, registry, report.reading)) {
      const [table = '', row = '', column = ''] = fact.code.split('.')
      const address: Field[] = [report.id, report.agency, report.year, report.form, table, row, column, fact.code]
      const place: Field[] = [fact.inferred, fact.anchor?.page ?? null, fact.anchor?.path ?? null]
      yield [...address, fact.value, fact.state, fact.unit, fact.text, ...place, report.sha256, report.reader]
    }
  }
}

async function* findingRows(store: Store, registry: Registry): AsyncGenerator<readonly Field[]> {
  for await (const finding of listFindings(store)) {
    const { report, key, rule, severity, fault, codes, expected, actual, difference } = finding
    const message = renderFindingBoth(finding, registry)
    const judged: Field[] = [key, rule, severity, fault, codes.join(' '), expected, actual, difference]
    yield [report.id, report.agency, report.year, ...judged, message.zh, message.en, report.sha256, report.origin]
  }
}

async function* dictionaryRows(registry: Registry): AsyncGenerator<readonly Field[]> {
  for (const form of registry.forms) {
    for (const { code, table, row, column, kind, unit, required } of form.cells) {
      const titles = [table.title, row.title, column.title].flatMap((title) => [title.zh, title.en])
      yield [form.definition.id, code, ...titles, kind, unit, required]
    }
  }
}
