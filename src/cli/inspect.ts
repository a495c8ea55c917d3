/** `gouji inspect`: every stage of one document's reading, for whoever finds that a report reads wrong. */
import { detectKind } from '../../parsers/detect.ts'
import type { Block, Grid } from '../../parsers/document.ts'
import { drawnPage } from '../../parsers/drawn.ts'
import { cellsByRow } from '../../parsers/grid.ts'
import { pageAsSvg } from '../../parsers/layout/view.ts'
import { UserError } from '../errors.ts'
import type { Match } from '../forms/facts.ts'
import type { Registry } from '../forms/registry.ts'
import { readSections } from '../forms/sections.ts'
import { readStatements } from '../forms/statements.ts'
import { printable } from '../messages/printable.ts'
import { renderFinding, renderNotice, renderReason } from '../messages/render.ts'
import type { Outcome } from '../model.ts'
import { openArchives } from '../pipeline/archives.ts'
import { fileNameOf, readInput } from '../pipeline/inputs.ts'
import { type ReadStages, readStages } from '../pipeline/read.ts'
import { tesseractFinder } from '../pipeline/tesseract.ts'
import { cutTo, displayWidth, drawTable, padTo } from './print.ts'
import { exit, openRegistry, type Shell } from './shell.ts'

const cellWidthMax = 18
/** Of the documents of an archive, so many are named. */
const documentsNamedMax = 5

type Options = { readonly format: 'text' | 'json' | 'svg'; readonly page?: number }

/** Prints how one document is understood. Exit code 3 where it could not be read. */
export async function inspect(shell: Shell, file: string, options: Options): Promise<number> {
  const registry = openRegistry(shell)
  const input = { path: file }
  const content = await readInput(input)
  if (!content.ok) {
    const { code, data } = content.reason
    const detail = code === 'unreadable_file' ? String(data.detail) : renderReason(content.reason, shell.config.lang)
    throw new UserError('path_not_readable', { path: file, detail })
  }
  if (detectKind(content.bytes) === 'zip') await nameDocuments(file, content.bytes)
  const means = { ocr: tesseractFinder(), pdf: shell.config.pdfEngine }
  const stages = await readStages(content.bytes, { fileName: fileNameOf(input) }, registry, true, means)
  if (options.format === 'svg') await shell.write(await drawPage(shell, file, content.bytes, options.page ?? 1, stages))
  else if (options.format === 'json') await shell.write(`${JSON.stringify(stages, null, 2)}\n`)
  else for (const part of drawStages(stages, registry, shell)) if (!(await shell.write(part))) break
  return stages.reading.status === 'failed' ? exit.failedDocuments : exit.fine
}

/** A page with its lines and the cells that were found. @throws UserError `document_not_drawn`, `page_not_drawn` */
async function drawPage(
  shell: Shell,
  path: string,
  bytes: Uint8Array,
  number: number,
  { document, reading }: ReadStages,
): Promise<string> {
  if (document === null) {
    const detail = reading.reason === null ? '' : renderReason(reading.reason, shell.config.lang)
    throw new UserError('document_not_drawn', { path, detail })
  }
  const page = await drawnPage(bytes, number)
  if (page === null) throw new UserError('page_not_drawn', { path, page: number })
  const cells = document.blocks.flatMap((block) => (block.kind === 'grid' ? block.cells : []))
  return pageAsSvg(
    page,
    cells.flatMap(({ anchor, text, doubt }) =>
      anchor.page === number && anchor.box !== null
        ? [{ box: anchor.box, name: `${anchor.path}: ${text}`, doubtful: doubt !== null }]
        : [],
    ),
  )
}

/** An archive has several documents to look into: the user is told how to name one. @throws UserError `archive_given` */
async function nameDocuments(file: string, bytes: Uint8Array): Promise<void> {
  const names: string[] = []
  const known = { path: file, read: async () => ({ ok: true as const, bytes }) }
  for await (const { path } of openArchives([known])) {
    if (path === file) return
    names.push(path)
    if (names.length === documentsNamedMax) break
  }
  throw new UserError('archive_given', { path: file, names })
}

function* drawStages(
  { reading, document, match, outcomes }: ReadStages,
  registry: Registry,
  shell: Shell,
): Generator<string> {
  const { words: w } = shell
  const { lang } = shell.config
  const reason = reading.reason === null ? '' : ` — ${renderReason(reading.reason, lang)}`
  yield `${w.status}: ${w[reading.status]}${reason}\n${reading.mediaType} · ${reading.encoding ?? '-'} · ${document?.engine ?? '-'}\n`
  yield `${w.agency}: ${printable(reading.identity.agency ?? w.unknown)} · ${w.year}: ${reading.identity.year ?? w.unknown} · ${w.form}: ${reading.form ?? w.none}\n`
  for (const { about, value, from, text } of reading.identity.evidence)
    yield `  ${about} ${printable(String(value))} (${from}: ${cutTo(text, 60)})\n`
  if (document === null || match === null) return
  let grids = 0
  yield '\n== blocks\n'
  for (const block of document.blocks)
    yield block.kind === 'grid' ? drawGrid(block, grids++, match) : drawParagraph(block)
  yield '\n== tables\n'
  for (const { table, form, rowsFound, rowsExpected, columnsFound, columnsExpected, anchor } of match.tables) {
    yield `${table}  ${form}  ${rowsFound}/${rowsExpected} × ${columnsFound}/${columnsExpected}  ${anchor.path}\n`
  }
  yield `\n== facts (${reading.facts.length})\n`
  const columns = [
    { title: w.code },
    { title: w.value, align: 'right' as const },
    { title: w.state },
    { title: w.text, widthMax: 30 },
    { title: w.anchor },
  ]
  yield drawTable(
    columns,
    reading.facts.map((f) => [
      f.code,
      f.value === null ? '' : String(f.value),
      w[f.state],
      f.text,
      f.anchor?.path ?? '',
    ]),
    shell.color,
  )
  yield* drawProse({ reading, document, match, outcomes }, registry)
  yield `\n== rules (${outcomes.length})\n`
  for (const outcome of outcomes) yield drawOutcome(outcome)
  yield `\n== findings (${reading.findings.length})\n`
  for (const finding of reading.findings)
    yield `${w[finding.severity]}  ${finding.key}: ${renderFinding(finding, registry, lang)}\n`
  yield `\n== notices (${reading.notices.length})\n`
  for (const notice of reading.notices)
    yield `${notice.code}  ${notice.anchor?.path ?? ''}: ${renderNotice(notice, lang, registry)}\n`
}

/** The chapters of the form that were found, and what the prose states. */
function* drawProse({ reading, document }: ReadStages, registry: Registry): Generator<string> {
  const form = registry.byId.get(reading.form ?? '')
  if (document === null || form === undefined) return
  yield '\n== sections\n'
  for (const { number, title, length, hasTable, anchor } of readSections(document, form))
    yield `${number}  ${cutTo(title, 60)}  ${length}${hasTable ? ' ▦' : ''}  [${anchor.path}]\n`
  const statements = readStatements(document, form, reading.identity)
  yield `\n== statements (${statements.length})\n`
  for (const { field, value, scope, why, text, anchor } of statements)
    yield `${scope === 'own' ? '=' : `? ${why}`}  ${field} ${value ?? ''}  ${cutTo(text, 60)}  [${anchor.path}]\n`
}

function drawParagraph(block: Exclude<Block, Grid>): string {
  const level = block.heading === null ? '¶ ' : `h${block.heading}`
  return `${level} ${cutTo(block.text, 90)}  [${block.anchor.path}]\n`
}

/** A grid with its spans, and at its right the row that each line was taken for. */
function drawGrid(grid: Grid, number: number, match: Match): string {
  const widths = Array.from({ length: grid.columnCount }, () => 1)
  for (const cell of grid.cells) {
    if (cell.columnSpan > 1) continue
    widths[cell.column] = Math.max(
      widths[cell.column]!,
      Math.min(cellWidthMax, displayWidth(cutTo(cell.text, cellWidthMax))),
    )
  }
  const taken = new Map(
    match.rows.filter((row) => row.grid === number).map((row) => [row.row, `${row.table}.${row.line}`]),
  )
  const lines = cellsByRow(grid).map((cells, row) => {
    const drawn = cells.map((cell) => {
      const width = widths
        .slice(cell.column, cell.column + cell.columnSpan)
        .reduce((sum, one) => sum + one, 3 * (cell.columnSpan - 1))
      const text = cell.filler ? '×' : cell.row < row ? '"' : cell.text
      return padTo(cutTo(text, width), width)
    })
    return `  │ ${drawn.join(' │ ')} │ ${taken.get(row) ?? ''}`
  })
  return `▦ ${grid.rowCount} × ${grid.columnCount} ${grid.columns}  [${grid.anchor.path}]\n${lines.join('\n')}\n`
}

function drawOutcome({ rule, at, status, left, right, blankAsZero }: Outcome): string {
  const mark = status === 'holds' ? '=' : status === 'broken' ? '≠' : '?'
  const place = Object.entries(at)
    .map(([name, code]) => `${name}=${code}`)
    .join(' ')
  const figures = left === null && right === null ? '' : `${left ?? '·'} ${mark} ${right ?? '·'}`
  return `${mark} ${rule} ${place} ${figures}${blankAsZero ? ' (blank = 0)' : ''}\n`
}
