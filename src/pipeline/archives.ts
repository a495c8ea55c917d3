/**
 * Archives of documents become their documents: takes inputs, gives the same with each zip replaced by the files in it,
 * and by those of zips inside, as long as limits of depth, count and size allow. What an archive itself is, is told by its
 * bytes. Files that nobody publishes (of the system, of an open editor) and those that only dress a page (pictures, style
 * sheets that a page of the same archive shows) are left out and told; all others are inputs, and one that fails touches
 * no other. One entry is unpacked at a time.
 */
import path from 'node:path'
import type { ArchiveEntry } from '../../parsers/archive.ts'
import { declaredCharsets, decodeText } from '../../parsers/encoding.ts'
import { explainFailure } from '../../parsers/failure.ts'
import { enforceLimit } from '../../parsers/limits.ts'
import type { Reason } from '../model.ts'
import { fileSource, insideMark, listDocuments, memorySource, readEntry, type Source } from './archive-file.ts'
import { type Input, type InputBytes, readInput } from './inputs.ts'

/** Files of an archive that are no inputs: `system`, or parts of its pages. */
export type LeftOut = { readonly archive: string; readonly why: 'system' | 'page'; readonly names: readonly string[] }

export type ArchiveOptions = {
  /** Whether the user does not want a path. */
  readonly isExcluded?: (path: string) => boolean
  readonly onLeftOut?: (leftOut: LeftOut) => void
  /** Told of each archive, with the number of its files. */
  readonly onOpen?: (archive: string, files: number) => void
}

/** An archive that is being opened. */
type Archive = {
  readonly path: string
  readonly source: Source
  readonly entries: readonly ArchiveEntry[]
  /** Of the outermost archive. */
  readonly sha256: string
  readonly depth: number
  /** Of the outermost archive and all inside. */
  readonly taken: { entries: number; bytes: number }
}

const systemFile = /^(?:thumbs\.db|desktop\.ini|~\$.*|\..*)$/i
const pageName = /\.(?:x?html?|shtml)$/i
const sheetName = /\.css$/i
const pagePartName = /\.(?:png|jpe?g|gif|bmp|webp|svg|ico|css|js|mjs|json|map|woff2?|ttf|otf|eot|swf|mp[34])$/i

/** The inputs, with archives replaced by what is in them. */
export async function* openArchives<T extends Input>(
  inputs: AsyncIterable<T> | Iterable<T>,
  options: ArchiveOptions = {},
): AsyncGenerator<T | Input> {
  for await (const input of inputs) {
    const { known, source } = await look(input)
    try {
      const entries = source === null ? null : await listDocuments(source)
      if (entries === null) yield known
      else {
        const opened = { path: input.path, source: source!, entries, sha256: await source!.sha256() }
        yield* openOne({ ...opened, depth: 1, taken: { entries: 0, bytes: 0 } }, options)
      }
    } catch (error) {
      yield await refusal(known, error)
    }
  }
}

/** Where the bytes of an input are. What is no file, or can be read once only, is read here and kept. */
async function look<T extends Input>(input: T): Promise<{ known: T | Input; source: Source | null }> {
  const inMemory = input.path === '-' || input.read !== undefined
  const file = inMemory ? null : await fileSource(input.file ?? input.path)
  if (file !== null || !(inMemory || input.path.includes(insideMark))) return { known: input, source: file }
  const content = await readInput(input)
  const known = { ...input, read: async () => content }
  return { known, source: content.ok ? memorySource(content.bytes) : null }
}

/** An archive that cannot be opened is an input that fails; a broken document is left to its own parser. */
async function refusal(known: Input, error: unknown): Promise<Input> {
  const failure = failed(explainFailure(error), null)
  const content = await readInput(known)
  if (content.ok && failure.reason.code === 'damaged') return { ...known, read: async () => content }
  return { ...known, read: async () => ({ ...failure, size: content.ok ? content.bytes.length : content.size }) }
}

function failed(
  { reason, data }: ReturnType<typeof explainFailure> | { reason: Reason['code']; data: Reason['data'] },
  size: number | null,
): InputBytes & { ok: false } {
  return { ok: false, reason: { code: reason, data }, size }
}

async function* openOne(archive: Archive, options: ArchiveOptions): AsyncGenerator<Input> {
  const at = { path: archive.path, archive: archive.sha256 }
  const files = archive.entries.filter(({ name }) => !name.endsWith('/'))
  const { taken } = archive
  try {
    enforceLimit('bundleDepthMax', archive.depth)
    const bytes = files.reduce((sum, { size }) => sum + size, taken.bytes)
    enforceLimit('bundleEntriesMax', taken.entries + files.length)
    enforceLimit('bundleBytesMax', bytes)
    // Only what is opened counts: an archive that is refused takes nothing from the ones behind it.
    taken.entries += files.length
    taken.bytes = bytes
  } catch (error) {
    const refused = failed(explainFailure(error), archive.source.size)
    return yield { ...at, read: async () => refused }
  }
  const system = files.filter(({ name }) => isSystemFile(name))
  const others = files.filter((entry) => !system.includes(entry))
  const parts = await pageParts(others, archive.source)
  const documents = others.filter(({ name }) => !parts.has(name))
  tell(
    archive.path,
    'system',
    system.map(({ name }) => name),
    options,
  )
  tell(archive.path, 'page', [...parts], options)
  options.onOpen?.(archive.path, documents.length)
  if (documents.length === 0) {
    const empty = failed({ reason: 'archive_empty', data: {} }, archive.source.size)
    return yield { ...at, read: async () => empty }
  }
  for (const entry of documents) yield* takeEntry(entry, archive, options)
}

function tell(archive: string, why: LeftOut['why'], names: readonly string[], options: ArchiveOptions): void {
  if (names.length > 0) options.onLeftOut?.({ archive, why, names })
}

/** Hidden files and folders, as when a folder is read, and what systems and editors leave beside documents. */
function isSystemFile(name: string): boolean {
  const segments = name.split('/')
  return segments.some((segment) => segment === '__MACOSX' || systemFile.test(segment))
}

async function* takeEntry(entry: ArchiveEntry, archive: Archive, options: ArchiveOptions): AsyncGenerator<Input> {
  const inner = `${archive.path}${insideMark}${entry.name}`
  if (options.isExcluded?.(inner)) return
  const content = await readEntry(archive.source, entry)
  const input: Input = { path: inner, archive: archive.sha256, read: async () => content }
  const source = content.ok ? memorySource(content.bytes) : null
  let entries: ArchiveEntry[] | null
  try {
    entries = source === null ? null : await listDocuments(source)
  } catch (error) {
    return yield await refusal(input, error)
  }
  if (entries === null) yield input
  else yield* openOne({ ...archive, path: inner, source: source!, entries, depth: archive.depth + 1 }, options)
}

/** Names of the files that pages of the archive show as parts of themselves, straight or through their style sheets. */
async function pageParts(entries: readonly ArchiveEntry[], source: Source): Promise<ReadonlySet<string>> {
  const candidates = new Set(entries.map(({ name }) => name).filter((name) => pagePartName.test(name)))
  const found = new Set<string>()
  const waiting = candidates.size === 0 ? [] : entries.filter(({ name }) => pageName.test(name))
  const byName = new Map(entries.map((entry) => [entry.name, entry]))
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    const content = await readEntry(source, entry)
    if (!content.ok) continue
    for (const name of referencesOf(content.bytes, entry.name)) {
      if (!candidates.has(name) || found.has(name)) continue
      found.add(name)
      if (sheetName.test(name)) waiting.push(byName.get(name)!)
    }
  }
  return found
}

const reference =
  /\b(?:src|background|poster|data-src|data-original)\s*=\s*["']?([^"'\s>]{1,2000})|<link\b[^>]{0,2000}?\bhref\s*=\s*["']?([^"'\s>]{1,2000})|\burl\(\s*["']?([^"')]{1,2000})/gi

/** What a page or style sheet shows of other files, as paths in the archive. Links to documents are none of it. */
function referencesOf(bytes: Uint8Array, from: string): string[] {
  let text: string
  try {
    text = decodeText(bytes, declaredCharsets(bytes)).text
  } catch {
    return []
  }
  return [...text.matchAll(reference)].flatMap(([, one, two, three]) => {
    const written = (one ?? two ?? three ?? '').replace(/[?#].*$/s, '')
    return written === '' || /^[a-z][a-z0-9+.-]*:/i.test(written)
      ? []
      : [path.posix.join(path.posix.dirname(from), decodePath(written))]
  })
}

function decodePath(written: string): string {
  try {
    return decodeURIComponent(written)
  } catch {
    return written
  }
}
