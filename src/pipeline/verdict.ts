/**
 * What a document is, and how much of it could be read: takes the document with what was found in it, gives the status of the
 * reading with its reason.
 */
import type { Document, Notice } from '../../parsers/document.ts'
import { otherReportTitle, reportTitles } from '../agencies/identify.ts'
import { isAboutReports, type TitleReader } from '../agencies/title.ts'
import { tableOf } from '../forms/codes.ts'
import type { Match } from '../forms/facts.ts'
import type { Identity, ReadingNoticeCode, ReadingStatus, Reason } from '../model.ts'
import { namedTables, unnamedTables } from './doubts.ts'

const loginCharactersMax = 1_500
/** A page without tables that names so many reports lists them. */
const listedTitlesMin = 3

/** Tables that are printed and could not be read. */
function countUnreadTables(notices: readonly Notice<ReadingNoticeCode>[]): number {
  const named = namedTables(notices.filter(({ code }) => code === 'table_not_read' || code === 'table_embedded')).size
  return named > 0 ? named : notices.filter(({ code }) => code === 'unruled_table').length
}

/** Figures that went to no cell. */
function countUnplaced(notices: readonly Notice<ReadingNoticeCode>[]): number {
  let count = 0
  for (const { code, data } of notices) {
    if (code === 'unplaced_figure') count += String(data.text).trim().split(/\s+/).length
    if (code === 'unknown_table') count += Number(data.figures)
  }
  return count
}

/** A status, with its reason where it is not `ok`. */
export type Verdict = { readonly status: ReadingStatus; readonly reason: Reason | null }

function verdict(status: ReadingStatus, code: Reason['code'], data: Reason['data'] = {}): Verdict {
  return { status, reason: { code, data } }
}

/** The status of a reading. */
export function statusOf(
  document: Document,
  match: Match,
  identity: Identity,
  notices: readonly Notice<ReadingNoticeCode>[],
  titles: TitleReader,
): Verdict {
  const attached = document.notices.flatMap(({ code, data }) =>
    code === 'files_attached' ? (data.names as readonly string[]) : [],
  )
  if (attached.length > 0 && match.tables.length === 0) {
    const titled = identity.title !== null && identity.year !== null
    return verdict(titled ? 'partial' : 'failed', 'attachments_not_read', { names: attached })
  }
  if (document.blocks.length === 0) return verdict('failed', 'no_text')
  if (document.metadata.some(({ name, value }) => name === 'generator' && value === 'gouji'))
    return verdict('not_a_report', 'audit_report')
  const named = match.repeatedTables.length > 0 ? reportTitles(document, titles) : []
  // One report may stand twice in a page, for large screens and small ones, or print a table for whole and part.
  if (named.length > 1) {
    return verdict('failed', 'several_reports', { titles: named, tables: [...match.repeatedTables] })
  }
  if (match.tables.length === 0) return withoutTables(document, identity, notices, titles)
  const filled = match.facts.some(({ state }) => state !== 'blank' && state !== 'absent')
  if (!filled && identity.agency === null) return verdict('not_a_report', 'blank_form')
  const tables = countUnreadTables(notices)
  if (tables > 0) return verdict('partial', 'tables_not_read', { count: tables })
  const scans = notices.find(({ code }) => code === 'scans_not_read')
  if (scans !== undefined) return verdict('partial', 'pages_not_read', { pages: scans.data.pages! })
  const missing = notices.find(({ code }) => code === 'pages_missing')
  if (missing !== undefined) return verdict('partial', 'pages_missing', { count: missing.data.count! })
  const cut = notices.find(({ code }) => code === 'document_cut_off')
  if (cut !== undefined) return verdict('partial', 'document_cut_off', cut.data)
  const figures = countUnplaced(notices)
  if (figures > 0) return verdict('partial', 'unplaced_figures', { count: figures })
  const unreadable = match.facts.filter(({ state }) => state === 'unreadable').length
  if (unreadable > 0) return verdict('partial', 'unreadable_cells', { count: unreadable })
  // Where characters or fields were lost, a cell that is not there, or its label, may be among them; or it has another label.
  const lost = notices.some(({ code }) => losing.has(code))
  const unnamed = unnamedTables(notices, match.facts)
  const absent = match.facts.filter(({ state, code }) => {
    return state === 'absent' && (lost || unnamed.has(tableOf(code)))
  }).length
  if (absent > 0) return verdict('partial', 'unreadable_cells', { count: absent })
  return { status: 'ok', reason: null }
}

const losing: ReadonlySet<ReadingNoticeCode> = new Set<ReadingNoticeCode>([
  'undecodable_characters',
  'cells_cut_off',
  'fields_cut_off',
  'lines_cut_off',
])

/** A document in which no known table was found: what it is instead, or why the tables of a report are not there. */
function withoutTables(
  document: Document,
  identity: Identity,
  notices: readonly Notice<ReadingNoticeCode>[],
  titles: TitleReader,
): Verdict {
  const tables = countUnreadTables(notices)
  if (tables > 0) return verdict('partial', 'tables_not_read', { count: tables })
  if (identity.agency === null) {
    const listed = reportTitles(document, titles)
    if (listed.length >= listedTitlesMin) return verdict('not_a_report', 'list_of_reports', { titles: listed })
    if (document.title !== null && isAboutReports(document.title)) return verdict('not_a_report', 'other_content')
  }
  const titled = identity.title !== null && identity.year !== null
  if (titled && notices.some(({ code }) => code === 'unknown_table')) {
    return verdict('partial', 'unknown_form', { title: identity.title! })
  }
  const scans = notices.find(({ code }) => code === 'scans_not_read')
  if (titled && scans !== undefined) return verdict('partial', 'pages_not_read', { pages: scans.data.pages! })
  const missing = notices.find(({ code }) => code === 'pages_missing')
  if (titled && missing !== undefined) return verdict('partial', 'pages_missing', { count: missing.data.count! })
  if (titled && notices.some(({ code }) => code === 'document_cut_off')) return verdict('partial', 'document_cut_off')
  if (titled) return verdict('partial', 'no_tables')
  if (isLoginPage(document)) return verdict('not_a_report', 'login_page')
  const other = otherReportTitle(document)
  return other === null
    ? verdict('not_a_report', 'other_content')
    : verdict('not_a_report', 'other_report', { title: other })
}

function isLoginPage(document: Document): boolean {
  let text = document.title ?? ''
  for (const block of document.blocks) {
    text += block.kind === 'paragraph' ? block.text : block.cells.map((cell) => cell.text).join(' ')
    if (text.length > loginCharactersMax) return false
  }
  return /(?:密\s*码|口令|验证码|password)/i.test(text) && /(?:登\s*[录陆]|用户名|账\s*号|sign in|log ?in)/i.test(text)
}
