/**
 * Findings as a workbook: an overview of agencies and years, all findings, and for every report with findings a sheet
 * with its tables as the form prints them, cells in question coloured. Text is written as text: nothing from a document
 * is ever a formula. Figures are numbers, exact. A store with more reports than a workbook can well hold is written as
 * several workbooks into a folder; never is anything cut silently.
 */
import type { CellObject, Row, Sheet } from 'write-excel-file/node'
import { UserError } from '../../errors.ts'
import { words } from '../../messages/interface.ts'
import { renderMeant } from '../../messages/meant.ts'
import { renderFinding, renderFormula } from '../../messages/render.ts'
import { timeSaid } from '../../messages/time.ts'
import type { Severity } from '../../model.ts'
import type { StoredFinding } from '../../store/findings.ts'
import { loadFacts } from '../../store/reports.ts'
import { layOutSheet, placesOf, printedText, type SheetCell, type SheetLayout, type SheetPlace } from './layout.ts'
import { type CellMark, concernedTables, markCells } from './marks.ts'
import { type AuditedReport, auditedReports } from './reports.ts'
import type { AuditFile, AuditFormat, AuditRequest } from './request.ts'

/** For spreadsheets. */
export const xlsx: AuditFormat = {
  name: 'xlsx',
  extensions: ['xlsx'],
  binary: true,
  withoutDismissed: false,
  encode: encodeWorkbook,
  split: splitWorkbooks,
}

/** Reports with findings that one workbook holds: each has a sheet of its own, and programs become slow beyond. */
export const workbookReportsMax = 200
/** Reports that one workbook holds in all, far below the rows that a sheet may have. */
const workbookRowsMax = 50_000
/** Characters that a cell of a workbook may hold. */
const cellTextMax = 32_767

type Words = (typeof words)['en']
const fills: Readonly<Record<Severity, string>> = { error: '#FBD5D2', warning: '#FDE9B8', info: '#D9E8F7' }
const termFill = '#EEF4FB'
const headFill = '#EEF2F5'
const border = { borderStyle: 'thin', borderColor: '#C3CCD5' } as const

/** @throws UserError `workbook_too_large` */
async function* encodeWorkbook(request: AuditRequest): AsyncGenerator<Uint8Array> {
  const reports: AuditedReport[] = []
  let concerned = 0
  for await (const audited of auditedReports(request)) {
    if (audited.findings.length > 0) concerned++
    // Counted to the end, so that the error can say how many there are.
    if (concerned <= workbookReportsMax && reports.length <= workbookRowsMax) reports.push(audited)
  }
  if (concerned > workbookReportsMax || reports.length > workbookRowsMax)
    throw new UserError('workbook_too_large', { reports: concerned, max: workbookReportsMax })
  yield await workbookOf(request, reports)
}

/** Workbooks of neighbouring reports, each report in one of them. */
async function* splitWorkbooks(request: AuditRequest): AsyncGenerator<AuditFile> {
  let reports: AuditedReport[] = []
  let concerned = 0
  let number = 0
  const file = (own: readonly AuditedReport[]): AuditFile => ({
    name: `audit-${String(++number).padStart(3, '0')}.xlsx`,
    pieces: once(() => workbookOf(request, own)),
  })
  for await (const audited of auditedReports(request)) {
    const more = audited.findings.length > 0 ? 1 : 0
    if (concerned + more > workbookReportsMax || reports.length >= workbookRowsMax) {
      yield file(reports)
      reports = []
      concerned = 0
    }
    concerned += more
    reports.push(audited)
  }
  if (reports.length > 0 || number === 0) yield file(reports)
}

async function* once(make: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield await make()
}

async function workbookOf(request: AuditRequest, reports: readonly AuditedReport[]): Promise<Uint8Array> {
  const w = words[request.lang]
  const concerned = reports.filter(({ findings }) => findings.length > 0)
  const names = sheetNames(concerned, w)
  const sheets: Sheet<Buffer>[] = [overviewSheet(w, reports), findingsSheet(request, concerned, names)]
  for (const [index, audited] of concerned.entries()) sheets.push(await tablesSheet(request, audited, names[index]!))
  // Loaded when it is needed: every command would wait for it.
  const { default: writeXlsxFile } = await import('write-excel-file/node')
  return writeXlsxFile(sheets).toBuffer()
}

/** Names of the reports' sheets: whose and of which year, numbered so that no two are the same. */
function sheetNames(reports: readonly AuditedReport[], w: Words): string[] {
  return reports.map(({ report }, index) => {
    const tail = ` ${report.year ?? ''}`.trimEnd()
    const number = `${index + 1} `
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones meant
    const plain = (report.agency ?? w.unknownAgency).replace(/[[\]/\\:*?'\u0000-\u001F\uD800-\uDFFF]/g, ' ')
    return `${number}${plain.slice(0, 31 - number.length - tail.length).trim()}${tail}`
  })
}

function overviewSheet(w: Words, reports: readonly AuditedReport[]): Sheet<Buffer> {
  const states = ['open', 'confirmed', 'returned', 'dismissed', 'fixed', 'withdrawn', 'unchecked'] as const
  const severities = [w.errors, w.warnings, w.infos]
  const heads = [w.agency, w.year, w.status, ...severities, ...states.map((state) => w[state]), w.hiddenFindings]
  const rows = reports.map(({ report, findings, counts, hidden }): Row => {
    const status = report.status === 'partial' ? w.partial : w.ok
    const byState = states.map((state) => findings.filter((finding) => finding.state === state).length)
    const whose = [text(report.agency ?? w.unknownAgency), report.year ?? text(w.unknownYear), text(status)]
    const counted = (['error', 'warning', 'info'] as const).map((severity) => ({
      value: counts[severity],
      ...(counts[severity] > 0 && { backgroundColor: fills[severity] }),
    }))
    return [
      ...whose,
      ...counted,
      ...byState,
      hidden,
      text(report.form ?? w.none),
      text(report.origin),
      text(report.sha256),
    ]
  })
  const counts = heads.slice(3).map((head) => Math.max(8, widthOf(head) + 3))
  const columns = [36, 8, 12, ...counts, 30, 50, 68].map((width) => ({ width }))
  return {
    sheet: w.overview,
    stickyRowsCount: 1,
    columns,
    data: [headRow([...heads, w.form, w.origin, w.fingerprint]), ...rows],
  }
}

const findingWidths = [18, 26, 6, 30, 8, 8, 12, 12, 32, 60, 12, 12, 12, 50, 50, 40, 40, 30, 14, 24, 50, 68]
/** In points; a row may not be higher. */
const rowHeightMax = 400

/** The row as high as its wrapped texts need: not every program finds that out when it opens a file. */
function withHeight(row: Row, widths: readonly number[]): Row {
  const lines = row.map((cell, index) => {
    if (typeof cell !== 'object' || cell === null || !('wrap' in cell) || typeof cell.value !== 'string') return 1
    return cell.value.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / widths[index]!)), 0)
  })
  const [first, ...rest] = row
  const height = Math.min(rowHeightMax, 16 * Math.max(...lines))
  return [{ ...(first as CellObject), height }, ...rest]
}

function findingsSheet(
  { registry, lang }: AuditRequest,
  reports: readonly AuditedReport[],
  names: readonly string[],
): Sheet<Buffer> {
  const w = words[lang]
  const row = (finding: StoredFinding, number: number, name: string): Row => {
    const { id, state, outdated, severity, fault, rule, report, decision, quotes } = finding
    const told = outdated ? `${w[state]} (${w.outdated})` : w[state]
    const figures = [finding.actual, finding.expected, finding.difference]
    const action = decision === null ? '' : w[`did_${decision.action}`]
    const reason = [action, decision?.reason ?? ''].filter((part) => part !== '').join(lang === 'zh' ? '：' : ': ')
    const decided = [reason, decision?.by, decision === null ? null : timeSaid(decision.at)]
    return [
      ...[text(id), text(name), number, text(report.agency ?? w.unknownAgency), report.year ?? text(w.unknownYear)],
      { ...text(w[severity]), backgroundColor: fills[severity] },
      ...[text(told), text(w[`fault_${fault}` as keyof Words]), text(rule)],
      wrapped(renderFinding(finding, registry, lang), w),
      ...figures,
      wrapped(renderFormula(finding, registry, lang), w),
      wrapped(renderMeant(finding.meant, registry, lang).join('\n'), w),
      wrapped(quotes.map(({ sentence }) => sentence).join('\n'), w),
      text(clip(finding.codes.join(' '), w)),
      ...decided.map((said) => wrapped(said ?? '', w)),
      ...[text(report.origin), text(report.sha256)],
    ]
  }
  const data = reports.flatMap(({ findings }, index) =>
    findings.map((finding, place) => withHeight(row(finding, place + 1, names[index]!), findingWidths)),
  )
  const heads = [
    ...['ID', w.sheet, w.number_of, w.agency, w.year, w.severity, w.state_of, w.fault, w.rule, w.message, w.printed],
    ...[w.computed, w.difference, w.formula, w.suggestions, w.quotes, w.codes, w.decision, w.decidedBy, w.decidedAt],
    ...[w.origin, w.fingerprint],
  ]
  const columns = findingWidths.map((width) => ({ width }))
  return { sheet: w.findings, stickyRowsCount: 1, stickyColumnsCount: 1, columns, data: [headRow(heads), ...data] }
}

/** A report's tables, one under the other, each row with the numbers of its findings beside it. */
async function tablesSheet(request: AuditRequest, audited: AuditedReport, sheet: string): Promise<Sheet<Buffer>> {
  const { store, registry, lang } = request
  const { report, findings } = audited
  const w = words[lang]
  const facts = new Map((await loadFacts(store, report.reading)).map((fact) => [fact.code, fact]))
  const marks = markCells(findings, report.reading)
  const layouts = concernedTables(marks, facts, registry, report.form).map(({ form, table }) =>
    layOutSheet(form, table, facts),
  )
  const labels = Math.max(0, ...layouts.map(labelColumns))
  const title = `${report.agency ?? w.unknownAgency} ${report.year ?? w.unknownYear}`
  const data: Row[] = [
    [{ ...text(title), fontWeight: 'bold', fontSize: 14 }],
    [text(report.origin)],
    ...findings.map((finding, index): Row => {
      const said = `${index + 1}. [${w[finding.severity]}] ${renderFinding(finding, registry, lang)}`
      return [{ ...text(clip(said, w)), textColor: finding.state === 'dismissed' ? '#7A7A7A' : '#1D2733' }]
    }),
    ...layouts.flatMap((layout) => [[], ...tableRows(layout, labels, marks, lang)]),
  ]
  const values = Math.max(1, ...layouts.map((layout) => placesOf(layout)[0]!.length - labelColumns(layout)))
  const widths = Array.from({ length: labels }, (_, column) => labelWidth(layouts, column, labels, lang))
  const columns = [...widths, ...Array.from({ length: values }, () => valueWidth), 14].map((width) => ({ width }))
  return { sheet, stickyRowsCount: 1, orientation: 'landscape', columns, data }
}

/** Widths in characters, of which a Chinese one takes two. */
const valueWidth = 12
const labelWidthMax = 60

/** How many columns of labels stand left of the figures. */
function labelColumns(layout: SheetLayout): number {
  const body = placesOf(layout)[layout.headRows] ?? []
  return body.filter(({ cell }) => cell.kind === 'head').length
}

function labelWidth(layouts: readonly SheetLayout[], column: number, labels: number, lang: 'zh' | 'en'): number {
  const lengths = layouts.flatMap((layout) =>
    placesOf(layout).flatMap((places) => {
      const place = places[column - labels + labelColumns(layout)]
      const alone = place?.first === true && place.cell.kind === 'head' && place.cell.columnSpan === 1
      return alone && place.cell.kind === 'head' ? [widthOf(place.cell.label[lang])] : []
    }),
  )
  return Math.min(labelWidthMax, Math.max(8, ...lengths) + 2)
}

function widthOf(said: string): number {
  return [...said].reduce((width, character) => width + (character > '\u02FF' ? 2 : 1), 0)
}

/** The figures of all tables of a sheet begin in the same column, behind `labels` columns. */
function tableRows(
  layout: SheetLayout,
  labels: number,
  marks: ReadonlyMap<string, CellMark>,
  lang: 'zh' | 'en',
): Row[] {
  const w = words[lang]
  const unit = layout.unit === null ? '' : ` (${layout.unit})`
  const caption: Row = [{ ...text(layout.title[lang] + unit), fontWeight: 'bold' }]
  const before = Array.from({ length: labels - labelColumns(layout) }, () => null)
  const rows = placesOf(layout).map((places, index): Row => {
    const numbers = new Set<number>()
    const cells = places.map(({ cell, first }) => {
      if (!first) return null
      if (cell.kind === 'value') for (const number of marks.get(cell.code)?.findings ?? []) numbers.add(number)
      return tableCell(cell, marks, w, lang)
    })
    const note = [...numbers].sort((one, other) => one - other).join(', ')
    const height = index < layout.headRows ? { height: headHeight(places, lang) } : {}
    return [...before, ...cells, { ...(index === 0 ? head(w.notesColumn) : text(note)), ...height }]
  })
  return [caption, ...rows]
}

/** Lines that the heads of a row need, in points: programs do not find that out for themselves beside spans. */
function headHeight(places: readonly SheetPlace[], lang: 'zh' | 'en'): number {
  const lines = places.map(({ cell, first }) => {
    if (!first || cell.kind !== 'head' || cell.rowSpan > 1) return 1
    return Math.ceil(widthOf(cell.label[lang]) / (cell.columnSpan * (valueWidth - 1)))
  })
  return 16 * Math.max(1, ...lines)
}

function tableCell(cell: SheetCell, marks: ReadonlyMap<string, CellMark>, w: Words, lang: 'zh' | 'en'): CellObject {
  const spans = {
    ...(cell.rowSpan > 1 && { rowSpan: cell.rowSpan }),
    ...(cell.columnSpan > 1 && { columnSpan: cell.columnSpan }),
  }
  if (cell.kind === 'void') return { ...text(''), ...border, backgroundColor: headFill }
  const beside = cell.kind === 'head' && cell.scope.startsWith('row')
  if (cell.kind !== 'value') return { ...head(cell.label?.[lang] ?? ''), ...spans, ...(beside && { wrap: false }) }
  const { fact, code } = cell
  const mark = marks.get(code)
  const colour = mark === undefined ? undefined : mark.role === 'printed' ? fills[mark.severity] : termFill
  const look = {
    ...border,
    ...(colour !== undefined && { backgroundColor: colour }),
    ...(mark?.role === 'printed' && { fontWeight: 'bold' as const }),
  }
  const state = fact?.state ?? 'absent'
  if (state === 'absent') return { ...text(w.absent), ...look, textColor: '#9AA5B0', fontStyle: 'italic' }
  const printed = printedText(fact)
  // A figure is a number where the cell prints nothing else.
  if (fact?.state === 'number' && printed.replaceAll(',', '') === String(fact.value))
    return { value: fact.value, type: Number, ...look }
  const doubtful = state === 'unreadable' ? { textColor: '#8A5A00', fontStyle: 'italic' as const } : {}
  return { ...text(clip(printed, w)), align: 'right', ...look, ...doubtful }
}

function headRow(titles: readonly string[]): Row {
  return titles.map(head)
}

function head(title: string): CellObject {
  return {
    ...text(title),
    ...border,
    fontWeight: 'bold',
    backgroundColor: headFill,
    wrap: true,
    alignVertical: 'center',
  }
}

function wrapped(said: string, w: Words): CellObject {
  return { ...text(clip(said, w)), wrap: true, alignVertical: 'top' }
}

/** What XML cannot hold or its writer would drop; the format has an escape for it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones meant
const unprintable = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\p{Noncharacter_Code_Point}\uFFFD]/gu

/** A text as a text, whatever it begins with. What looks like the format's own escapes is escaped, so that it stays as it is. */
function text(said: string): CellObject {
  const escaped = said
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .replace(unprintable, (c) => c.split('').map(escapeUnit).join(''))
  // The writer looks texts up in an object, which has names of its own: `constructor`, `valueOf`.
  const value = escaped in Object.prototype ? escapeUnit(escaped) + escaped.slice(1) : escaped
  return { value, type: String }
}

function escapeUnit(unit: string): string {
  return `_x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`
}

/** What a cell can hold; where that is less than all it says so. */
function clip(said: string, w: Words): string {
  if (said.length <= cellTextMax / 2) return said
  return `${said.slice(0, 12_000)} … ${w.textCut.replace('{length}', String(said.length))}`
}
