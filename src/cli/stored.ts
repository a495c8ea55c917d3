/** Commands that only look at the store: `reports`, `export`, `query`. */
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { detailOf, UserError } from '../errors.ts'
import { csvLine } from '../exports/csv.ts'
import type { Field } from '../exports/format.ts'
import { encodeFacts, exportFormats, writeExport } from '../exports/index.ts'
import { openStore, type Store } from '../store/open.ts'
import { queryStore } from '../store/query.ts'
import { listFetched, listForms } from '../store/reports.ts'
import { drawTable, type TableColumn } from './print.ts'
import { exit, openRegistry, type Shell } from './shell.ts'

/** Rows that `query` prints unless told otherwise: enough for people, and a script can ask for more. */
const queryRowsDefault = 10_000

/** `gouji reports`. */
export async function reports(shell: Shell, options: { readonly format: 'table' | 'json' }): Promise<number> {
  return withStore(shell, async (store) => {
    const { words: w } = shell
    const rows: string[][] = []
    let first = true
    for await (const { report, download } of listFetched(store)) {
      const { agency, year, form, status, sha256, origin, findings, revision, revisions, reader, facts } = report
      if (options.format === 'json') {
        const read = { findings, facts, revision, revisions, reader }
        const object = { agency, year, form, status, sha256, origin, download, ...read }
        await shell.write(`${first ? '[\n' : ',\n'}${JSON.stringify(object)}`)
      } else {
        const counts = [findings.error, findings.warning, findings.info].map(String)
        rows.push([
          agency ?? w.unknown,
          String(year ?? w.unknown),
          form ?? w.none,
          w[status],
          ...counts,
          sha256.slice(0, 12),
          origin,
        ])
      }
      first = false
    }
    if (options.format === 'json') await shell.write(first ? '[]\n' : '\n]\n')
    else await shell.write(drawTable(reportColumns(shell), rows, shell.color))
    return exit.fine
  })
}

function reportColumns({ words: w }: Shell): TableColumn[] {
  const counts = [w.errors, w.warnings, w.infos].map((title) => ({ title, align: 'right' as const }))
  const named = [{ title: w.agency, widthMax: 40 }, { title: w.year }, { title: w.form }, { title: w.status }]
  return [...named, ...counts, { title: 'SHA-256' }, { title: w.origin, widthMax: 60 }]
}

/** `gouji export`. */
export async function exportCommand(
  shell: Shell,
  options: { readonly format: string; readonly out?: string; readonly bom?: boolean },
): Promise<number> {
  return withStore(shell, async (store) => {
    const registry = openRegistry(shell)
    const format = exportFormats.find((each) => each.name === options.format)!
    const encoding = { byteOrderMark: options.bom === true }
    if (options.out === undefined) {
      for await (const piece of encodeFacts(store, registry, format, encoding)) if (!(await shell.write(piece))) break
    } else {
      const files = await writeExport(store, registry, format, options.out, encoding)
      await shell.write(files.map((file) => `${file}\n`).join(''))
    }
    return exit.fine
  })
}

/** `gouji query`. */
export async function query(
  shell: Shell,
  sql: string,
  options: { readonly format: 'table' | 'json' | 'csv'; readonly limit?: number },
): Promise<number> {
  const task = { target: shell.config.store, sql, limit: options.limit ?? queryRowsDefault }
  const { columns, rows } = await queryStore(task)
  if (options.format === 'json') {
    const objects = rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])))
    await shell.write(`${JSON.stringify(objects, null, 2)}\n`)
  } else if (options.format === 'csv') {
    await shell.write(csvLine(columns) + rows.map((row) => csvLine(row.map(fieldOf))).join(''))
  } else {
    const numeric = columns.map((_, index) => rows.length > 0 && rows.every((row) => typeof row[index] === 'number'))
    const heads = columns.map((title, index) => ({
      title,
      align: numeric[index] ? ('right' as const) : ('left' as const),
    }))
    const cells = rows.map((row) => row.map((value) => String(fieldOf(value) ?? '')))
    await shell.write(drawTable(heads, cells, shell.color))
  }
  return exit.fine
}

function fieldOf(value: unknown): Field {
  if (value === null || value === undefined) return null
  if (typeof value === 'number' || typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Opens the store for one command that adds to what is there. */
export async function withWritableStore(shell: Shell, work: (store: Store) => Promise<number>): Promise<number> {
  const store = await openStore(shell.config.store)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Opens the store for one command that only looks. */
export async function withStore(shell: Shell, work: (store: Store) => Promise<number>): Promise<number> {
  const store = await openStore(shell.config.store, { readOnly: true })
  try {
    await tellMissingForms(shell, store)
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Stored readings made by forms that are not loaded are shown by their codes: that is said, once. */
async function tellMissingForms(shell: Shell, store: Store): Promise<void> {
  const { byId } = openRegistry(shell)
  const missing = (await listForms(store)).filter((id) => !byId.has(id))
  if (missing.length === 0) return
  const text = shell.words.formsMissing.replace('{forms}', missing.join(', '))
  shell.log('forms_missing', text, { forms: missing })
}

/** Writes to a temporary name first: whoever looks at the file sees the old one or the new one, whole. */
export async function writeWhole(file: string, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    await mkdir(path.dirname(file), { recursive: true })
    await pipeline(Readable.from(pieces), createWriteStream(temporary))
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    if (!(error instanceof Error) || !('syscall' in error)) throw error
    throw new UserError('path_not_writable', { path: file, detail: detailOf(error) })
  }
}
