/**
 * What is exported: the reports, facts and findings of a store as tidy tables, the dictionary of codes that explains them,
 * the series that forms have in common, and the tables that no form knows, as printed. Rows come one by one from the store, in its fixed order, so that the same data give the same bytes and a large
 * store needs no large memory.
 */
import { tableOf } from '../forms/codes.ts'
import type { Registry } from '../forms/registry.ts'
import { unknownTables } from '../forms/unknown.ts'
import { renderFindingBoth } from '../messages/render.ts'
import type { Fact } from '../model.ts'
import { listFindings } from '../store/findings.ts'
import type { Store } from '../store/open.ts'
import { listFetched, listReports, loadFacts, loadNotices, loadTables } from '../store/reports.ts'
import type { Field } from './format.ts'

/** One table of an export. */
export type ExportTable = {
  readonly name: keyof typeof columnNames
  readonly columns: readonly string[]
  rows(): AsyncGenerator<readonly Field[]>
}

/** Column names by table, one string each so that an order can be read at a glance. */
const columnNames = {
  reports:
    'report agency year form status sha256 origin revision reader facts errors warnings infos title final_url fetched_at http_status content_type etag last_modified',
  facts:
    'report agency year form table row column code value state unit text inferred confidence page anchor sha256 reader',
  findings:
    'report agency year key rule severity fault codes expected actual difference message_zh message_en sha256 origin id state',
  dictionary: 'form code table_zh table_en row_zh row_en column_zh column_en kind unit required',
  crosswalk: 'series title_zh title_en unit comparability reason_zh reason_en form code',
  series: 'report agency year form series value state unit comparability codes inferred',
  unknown_tables: 'report agency year table row column text cut page anchor sha256',
} as const

type TableName = keyof typeof columnNames

/** The tables, in the order they are written. */
export function exportTables(store: Store, registry: Registry): readonly ExportTable[] {
  const rows: Readonly<Record<TableName, () => AsyncGenerator<readonly Field[]>>> = {
    reports: () => reportRows(store),
    facts: () => factRows(store),
    findings: () => findingRows(store, registry),
    dictionary: () => dictionaryRows(registry),
    crosswalk: () => crosswalkRows(registry),
    series: () => seriesRows(store, registry),
    unknown_tables: () => unknownRows(store),
  }
  return (Object.keys(rows) as TableName[]).map((name) => ({
    name,
    columns: columnNames[name].split(' '),
    rows: rows[name],
  }))
}

const notFetched = {
  finalUrl: null,
  fetchedAt: null,
  status: null,
  contentType: null,
  etag: null,
  lastModified: null,
} as const

async function* reportRows(store: Store): AsyncGenerator<readonly Field[]> {
  for await (const { report, download } of listFetched(store)) {
    const { id, agency, year, form, status, sha256, origin, revision, reader, facts, findings, title } = report
    const counts = [facts, findings.error, findings.warning, findings.info]
    const { finalUrl, fetchedAt, status: answered, contentType, etag, lastModified } = download ?? notFetched
    const fetched = [finalUrl, fetchedAt, answered, contentType, etag, lastModified]
    yield [id, agency, year, form, status, sha256, origin, revision, reader, ...counts, title, ...fetched]
  }
}

async function* factRows(store: Store): AsyncGenerator<readonly Field[]> {
  for await (const report of listReports(store)) {
    for (const fact of await loadFacts(store, report.reading)) {
      const [table = '', row = '', column = ''] = fact.code.split('.')
      const address: Field[] = [report.id, report.agency, report.year, report.form, table, row, column, fact.code]
      const sureness: Field[] = [fact.inferred, fact.confidence ?? null]
      const place: Field[] = [fact.anchor?.page ?? null, fact.anchor?.path ?? null]
      yield [
        ...address,
        fact.value,
        fact.state,
        fact.unit,
        fact.text,
        ...sureness,
        ...place,
        report.sha256,
        report.reader,
      ]
    }
  }
}

async function* findingRows(store: Store, registry: Registry): AsyncGenerator<readonly Field[]> {
  for await (const finding of listFindings(store)) {
    const { report, key, rule, severity, fault, codes, expected, actual, difference } = finding
    const message = renderFindingBoth(finding, registry)
    const judged: Field[] = [key, rule, severity, fault, codes.join(' '), expected, actual, difference]
    const whose: Field[] = [report.id, report.agency, report.year]
    yield [...whose, ...judged, message.zh, message.en, report.sha256, report.origin, finding.id, finding.state]
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

async function* crosswalkRows(registry: Registry): AsyncGenerator<readonly Field[]> {
  for (const { code, title, unit, comparability, reason, forms } of registry.crosswalk) {
    for (const [form, codes] of Object.entries(forms)) {
      for (const cell of codes) yield [code, title.zh, title.en, unit, comparability, reason.zh, reason.en, form, cell]
    }
  }
}

/** What is one series over all forms; what is not comparable is none and left to the crosswalk. */
async function* seriesRows(store: Store, registry: Registry): AsyncGenerator<readonly Field[]> {
  for await (const report of listReports(store)) {
    const facts = new Map((await loadFacts(store, report.reading)).map((fact) => [fact.code, fact]))
    // Real reports mix forms: the table's form counts, not the report's.
    const formOf = new Map((await loadTables(store, report.reading)).map(({ table, form }) => [table, form]))
    for (const { code, unit, comparability, forms } of registry.crosswalk) {
      if (comparability === 'not_comparable') continue
      for (const [form, codes] of Object.entries(forms)) {
        if (!codes.every((cell) => formOf.get(tableOf(cell)) === form)) continue
        const { value, state, inferred } = added(codes.map((cell) => facts.get(cell)))
        const address: Field[] = [report.id, report.agency, report.year, form, code]
        yield [...address, value, state, unit, comparability, codes.join(' '), inferred]
      }
    }
  }
}

/** The sum of cells, all of which must be numbers: a blank is no 0 here either. */
function added(facts: readonly (Fact | undefined)[]): { value: number | null; state: string; inferred: boolean } {
  const states = new Set(facts.map((fact) => fact?.state ?? 'absent'))
  const inferred = facts.some((fact) => fact?.inferred === true)
  if (states.size > 1) return { value: null, state: 'incomplete', inferred }
  const [state] = states
  if (state !== 'number') return { value: null, state: state!, inferred }
  return { value: facts.reduce((sum, fact) => sum + (fact?.value ?? 0), 0), state, inferred }
}

async function* unknownRows(store: Store): AsyncGenerator<readonly Field[]> {
  for await (const report of listReports(store)) {
    const tables = unknownTables(await loadNotices(store, report.reading))
    for (const [index, { anchor, rows, cut }] of tables.entries()) {
      const whose: Field[] = [report.id, report.agency, report.year, index + 1]
      for (const [row, texts] of rows.entries()) {
        for (const [column, text] of texts.entries())
          if (text !== '')
            yield [...whose, row + 1, column + 1, text, cut, anchor?.page ?? null, anchor?.path ?? null, report.sha256]
      }
    }
  }
}
