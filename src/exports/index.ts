/**
 * The export formats, one list, and the writing of a whole export: one file a table in a folder, or the facts alone on a
 * stream.
 */
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { detailOf, UserError } from '../errors.ts'
import type { Registry } from '../forms/registry.ts'
import type { Store } from '../store/open.ts'
import { csv } from './csv.ts'
import type { ExportFormat } from './format.ts'
import { jsonl } from './jsonl.ts'
import { exportTables } from './tables.ts'

/** All formats: the command line and its help read this list. */
export const exportFormats: readonly ExportFormat[] = [csv, jsonl]

/**
 * Writes every table into `folder`, which is made where it is missing, and gives the paths of the files.
 * @throws UserError `path_not_writable`
 */
export async function writeExport(
  store: Store,
  registry: Registry,
  format: ExportFormat,
  folder: string,
  options: { readonly byteOrderMark?: boolean } = {},
): Promise<string[]> {
  const files: string[] = []
  try {
    await mkdir(folder, { recursive: true })
    for (const table of exportTables(store, registry)) {
      const file = path.join(folder, `${table.name}.${format.extension}`)
      await pipeline(Readable.from(format.encode(table.columns, table.rows(), options)), createWriteStream(file))
      files.push(file)
    }
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error
    throw new UserError('path_not_writable', { path: folder, detail: detailOf(error) })
  }
  return files
}

/** The facts alone, in pieces of text. */
export function encodeFacts(
  store: Store,
  registry: Registry,
  format: ExportFormat,
  options: { readonly byteOrderMark?: boolean } = {},
): AsyncIterable<string> {
  const facts = exportTables(store, registry).find((table) => table.name === 'facts')!
  return format.encode(facts.columns, facts.rows(), options)
}
