/**
 * What goes to the terminal: results to stdout, all else to stderr. Tables align by display width, since a Chinese
 * character takes two columns. A reader that goes away (`| head`) ends us quietly: nobody is left to be told.
 */
import { stripVTControlCharacters } from 'node:util'
import { detailOf, UserError } from '../errors.ts'
import { printable } from '../messages/printable.ts'

/** Wide and full-width characters by Unicode's East Asian Width, and emoji, which terminals draw as wide. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u
const invisible = /[\p{Mn}\p{Me}\p{Cf}]/u

/** Columns that a text takes in a terminal, colours not counted. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of stripVTControlCharacters(text)) {
    if (invisible.test(character)) continue
    width += wide.test(character) ? 2 : 1
  }
  return width
}

/** Text filled up with spaces to a display width. */
export function padTo(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return align === 'left' ? text + space : space + text
}

/** Text cut to a display width, with an ellipsis where something was lost. Control characters become spaces. */
export function cutTo(text: string, width: number): string {
  const plain = printable(text)
  if (displayWidth(plain) <= width) return plain
  let cut = ''
  let used = 0
  for (const character of plain) {
    const own = displayWidth(character)
    if (used + own > width - 1) break
    cut += character
    used += own
  }
  return `${cut}…`
}

export type TableColumn = { readonly title: string; readonly align?: 'left' | 'right'; readonly widthMax?: number }

/** A table as lines of text, columns two spaces apart. */
export function drawTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  color = false,
): string {
  const { head, lines } = draw(columns, rows, [], color)
  return head + lines
}

/** So many rows are held at once and measured together. */
const pageRows = 500

/**
 * The same piece by piece, for more rows than are to be held; nothing where there are none. Columns are as wide as the rows
 * so far ask for.
 */
export async function* drawTables(
  columns: readonly TableColumn[],
  rows: AsyncIterable<readonly string[]>,
  color = false,
): AsyncGenerator<string> {
  let widths: readonly number[] = []
  let page: (readonly string[])[] = []
  const next = (): string => {
    const drawn = draw(columns, page, widths, color)
    const text = (widths.length === 0 ? drawn.head : '') + drawn.lines
    widths = drawn.widths
    page = []
    return text
  }
  for await (const row of rows) {
    page.push(row)
    if (page.length === pageRows) yield next()
  }
  if (page.length > 0) yield next()
}

function draw(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  widthsMin: readonly number[],
  color: boolean,
): { head: string; lines: string; widths: readonly number[] } {
  const cells = rows.map((row) => row.map((text, index) => cutTo(text, columns[index]?.widthMax ?? 200)))
  const widths = columns.map((column, index) =>
    cells.reduce(
      (max, row) => Math.max(max, displayWidth(row[index] ?? '')),
      Math.max(widthsMin[index] ?? 0, displayWidth(column.title)),
    ),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((text, index) => padTo(text, widths[index]!, columns[index]!.align))
      .join('  ')
      .trimEnd()
  const title = line(columns.map((column) => column.title))
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  const head = `${color ? `\u001B[1m${title}\u001B[22m` : title}\n${rule}\n`
  return { head, lines: cells.map((row) => `${line(row)}\n`).join(''), widths }
}

/** Writes to stdout and waits where the reader is slow. Resolves to false once nothing more can be written. */
export type Write = (text: string | Uint8Array) => Promise<boolean>

/**
 * The one writer of results, for all of the process. `end` waits for what was written and rejects where it was lost.
 * Also watches stderr, of which nobody could be told but by the exit code.
 */
export function openOutput(): { readonly write: Write; end(): Promise<void> } {
  let open = true
  let failure: NodeJS.ErrnoException | null = null
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= error
  })
  const lose = (error: NodeJS.ErrnoException): void => {
    open = false
    failure ??= error
  }
  process.stdout.on('error', lose)
  const write: Write = async (text) => {
    if (!open || text === '') return open
    await new Promise<void>((resolve) => {
      process.stdout.write(text, (error) => {
        if (error) lose(error)
        resolve()
      })
    })
    return open
  }
  const end = async (): Promise<void> => {
    for (const stream of [process.stdout, process.stderr]) {
      await new Promise<void>((resolve) => stream.write('', () => setImmediate(resolve)))
    }
    if (failure !== null && failure.code !== 'EPIPE') throw new UserError('output_lost', { detail: detailOf(failure) })
  }
  return { write, end }
}
