/**
 * CSV by RFC 4180: CRLF, quotes where needed. Text from documents is not trusted: a spreadsheet takes a cell that begins
 * with `=`, `+`, `-`, `@` (also full-width), a tab or a carriage return for a formula, so such text gets an apostrophe
 * in front. Numbers are ours and stay numbers, -3 included.
 */
import type { ExportFormat, Field } from './format.ts'

/** The format for spreadsheets and statistics programs. */
export const csv: ExportFormat = { name: 'csv', extension: 'csv', mediaType: 'text/csv; charset=utf-8', encode }

async function* encode(
  columns: readonly string[],
  rows: AsyncIterable<readonly Field[]>,
  options: { readonly byteOrderMark?: boolean } = {},
): AsyncGenerator<string> {
  yield `${options.byteOrderMark ? '\uFEFF' : ''}${csvLine(columns)}`
  for await (const row of rows) yield csvLine(row)
}

/** One record with its line end. */
export function csvLine(fields: readonly Field[]): string {
  return `${fields.map(csvField).join(',')}\r\n`
}

function csvField(field: Field): string {
  if (field === null) return ''
  if (typeof field === 'number') return String(field)
  if (typeof field === 'boolean') return field ? 'yes' : 'no'
  const text = /^[=+\-@\t\r＝＋－＠]/.test(field) ? `'${field}` : field
  // Some readers end a line at other control characters than CR and LF.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones meant
  return /[",\u0000-\u001F\u007F-\u009F\u2028\u2029]/.test(text) || text !== text.trim()
    ? `"${text.replaceAll('"', '""')}"`
    : text
}
